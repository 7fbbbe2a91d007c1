/* What each kind of node does: one row a kind (see run_int.h).
 *
 * What must remain true: after node_enter the token is gone, on another node, or waiting for something
 * that a message, a timer, a task or another token will bring. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "contract/call.h"
#include "run_int.h"
#include "schedule/pool.h"

/* --- timers of a node ----------------------------------------------------------------------------- */

static bool due_of_text(int64_t from, enum wf_timer_kind kind, struct str text, int64_t *due)
{
	return kind == WF_TIMER_DATE ? instant_parse(text, due) : instant_add_duration(from, text, due);
}

static bool timer_due(struct run *r, const struct wf_node *n, int64_t *due)
{
	struct feel_value v;
	struct fault why;
	if (!n->timer_expr)
		return due_of_text(r->t->stamp, n->timer, n->timer_text, due);
	if (feel_eval(n->timer_expr, vars_resolve, r, r->t->scratch, &v, &why) != ERR_OK)
		return false;
	switch (v.kind) {
	case FEEL_DURATION: return !__builtin_add_overflow(r->t->stamp, v.time, due);
	case FEEL_INSTANT: *due = v.time; return true;
	case FEEL_DATE: return !__builtin_mul_overflow(v.time, INSTANT_DAY, due);
	case FEEL_STR: return due_of_text(r->t->stamp, n->timer, v.str, due);
	default: return false;
	}
}

/* Sets the boundary timers of an activity that begins to wait. False: the token became an incident. */
static bool arm_timers(struct run *r, struct token *k, const struct wf_node *n)
{
	for (int i = 0; i < n->boundary_count; i++) {
		const struct wf_node *b = &r->def->nodes[n->boundary[i]];
		int64_t due;
		if (b->event != WF_TIMER)
			continue;
		if (!timer_due(r, b, &due)) {
			node_incident(r, k, refusal_name(REFUSED_EXPRESSION), "its timer has no value");
			return false;
		}
		timer_set(r->t, due, "boundary", k->id, text_of(r, b->id), r->inst.deal);
	}
	hold_new_timers(r, k, n);
	return true;
}

static void news_wait(struct run *r, const struct token *k, const struct wf_node *n, const char *whom)
{
	int64_t first = INT64_MAX;
	char span[INSTANT_TEXT_MAX];
	for (int i = 0; i < n->boundary_count; i++) {
		int64_t due;
		const struct wf_node *b = &r->def->nodes[n->boundary[i]];
		if (b->event == WF_TIMER && timer_due(r, b, &due) && due < first)
			first = due;
	}
	bool limited = first != INT64_MAX;
	turn_news(r->t, NEWS_WAIT, "engine", k->deal, "waits for %s" STR_FMT "%s%s", whom,
		STR_ARG(wf_node_label(n)), limited ? ", " : "",
		limited ? instant_format_span(first - r->t->stamp, span) : "");
}

/* --- messages ------------------------------------------------------------------------------------- */

static const struct wf_node *message_boundary(const struct run *r, const struct wf_node *n, const char *name)
{
	for (int i = 0; i < n->boundary_count; i++) {
		const struct wf_node *b = &r->def->nodes[n->boundary[i]];
		if (b->event == WF_MESSAGE && str_is(b->work.message, name))
			return b;
	}
	return NULL;
}

/* A boundary message that came early fires before the activity begins. */
static bool boundary_came(struct run *r, struct token *k, const struct wf_node *n)
{
	struct str data;
	for (int i = 0; i < n->boundary_count; i++) {
		const struct wf_node *b = &r->def->nodes[n->boundary[i]];
		if (b->event != WF_MESSAGE ||
		    !inbox_take(r->t, text_of(r, b->work.message), r->inst.deal, &data))
			continue;
		vars_merge(r, data);
		node_boundary(r, k, b, text_of(r, b->work.message));
		return true;
	}
	return false;
}

static void message_arrived(struct run *r, struct token *k, const struct wf_node *n, struct str data)
{
	const char *error = data_text(r, data, "error");
	if (!vars_merge(r, data))
		node_error(r, k, refusal_name(REFUSED_BODY_MALFORMED), "the message's data is no JSON object");
	else if (*error)
		node_error(r, k, error, "the answer says so");
	else
		node_done(r, k, n, NULL, "");
}

bool node_wants(const struct run *r, const struct token *k, const char *name)
{
	if (k->state == TOKEN_MESSAGE && strcmp(k->waits_for, name) == 0)
		return true;
	bool active = k->state == TOKEN_TASK || k->state == TOKEN_MESSAGE || k->state == TOKEN_SCOPE;
	return active && message_boundary(r, node_of(r, k), name);
}

void node_message(struct run *r, struct token *k, const char *name, struct str data)
{
	const struct wf_node *n = node_of(r, k);
	if (k->state == TOKEN_MESSAGE && strcmp(k->waits_for, name) == 0) {
		message_arrived(r, k, n, data);
		return;
	}
	vars_merge(r, data);
	node_boundary(r, k, message_boundary(r, n, name), name);
}

static void wait_message(struct run *r, struct token *k, const struct wf_node *n)
{
	struct str data;
	const char *name = text_of(r, n->work.message);
	if (inbox_take(r->t, name, r->inst.deal, &data)) {
		message_arrived(r, k, n, data);
		return;
	}
	if (boundary_came(r, k, n) || !arm_timers(r, k, n))
		return;
	token_wait(r, k, TOKEN_MESSAGE, name);
	news_wait(r, k, n, "");
}

/* --- calls and effects ---------------------------------------------------------------------------- */

static bool run_call(struct run *r, struct token *k, const struct wf_node *n)
{
	struct str result = STR("");
	const char *call = arena_printf(r->t->scratch, STR_FMT "." STR_FMT, STR_ARG(n->work.contract),
		STR_ARG(n->work.call));
	r->t->detail[0] = '\0';
	enum refusal no = contract_call(r->t, r->w->contracts, call, r->inst.deal, vars_json(r), &result);
	if (no == REFUSED_NOT && vars_merge(r, result))
		return true;
	if (no == REFUSED_NOT)
		no = turn_refuse(r->t, REFUSED_CONTRACT_RESULT, "%s gave no JSON object", call);
	node_error(r, k, refusal_name(no), r->t->detail[0] ? r->t->detail : refusal_sentence(no));
	return false;
}

static bool run_effect(struct run *r, struct token *k, const struct wf_node *n)
{
	char id[ID_MAX];
	const char *kind = text_of(r, n->work.effect), *party = party_of_word(r, n->work.party);
	if (!*party) {
		node_error(r, k, refusal_name(REFUSED_PARTY_UNKNOWN), text_of(r, n->work.party));
		return false;
	}
	effect_send(r->t, kind, party, r->inst.deal, text_of(r, n->work.message),
		effect_data(r, kind, wf_node_attr(n, "data")), id);
	return true;
}

/* A handler that names a message is done only when that came: the registry has discharged, the debtor
 * has acknowledged. In the flow, the receive task behind a send task waits. */
static void after_work(struct run *r, struct token *k, const struct wf_node *n)
{
	if (n->for_compensation && n->work.message.len)
		wait_message(r, k, n);
	else
		node_done(r, k, n, NULL, "");
}

static void enter_service(struct run *r, struct token *k, const struct wf_node *n)
{
	if (n->work.call.len && !run_call(r, k, n))
		return;
	if (n->work.effect.len && !run_effect(r, k, n))
		return;
	after_work(r, k, n);
}

/* --- user tasks ----------------------------------------------------------------------------------- */

/* Whose people: the party that the task names, else the lane's if it is one, else by role: goods at the
 * warehouse, trade data at the supplier, debts at the obligor, the rest at the funder's desk. "" when the
 * deal does not say yet. */
static const char *task_party(const struct run *r, const struct wf_node *n, enum role role)
{
	static const struct { enum role role; const char *word; } DESKS[] = {
		{ ROLE_WHK, "warehouse" }, { ROLE_WHM, "warehouse" }, { ROLE_SUM, "supplier" },
		{ ROLE_SUA, "supplier" }, { ROLE_COM, "obligor" }, { ROLE_COA, "obligor" },
		{ ROLE_INP, "INS" }, { ROLE_DSP, "CAR" }, { ROLE_NONE, "funder" },
	};
	const char *said = party_of_word(r, n->work.party.len ? n->work.party : wf_node_party(r->def, n));
	size_t i = 0;
	if (*said)
		return said;
	while (DESKS[i].role != role && DESKS[i].role != ROLE_NONE)
		i++;
	return party_of_word(r, str_of(DESKS[i].word));
}

static int64_t span_of(struct str duration)
{
	int64_t span;
	return duration.len && instant_add_duration(0, duration, &span) ? span : 0;
}

static void task_money(const struct run *r, struct task *task)
{
	const struct deal *d = deal_of(r);
	if (!d)
		return;
	str_copy(task->currency, sizeof(task->currency), str_of(d->currency));
	task->amount = d->payout ? d->payout : d->amount;
	if (!money_interest(task->amount, d->rate, 1, DAYS_ACT_360, &task->decay))
		task->decay = 0;
}

static void task_fill(struct run *r, const struct token *k, const struct wf_node *n, struct task *task)
{
	static const int64_t REVERSIBLE[] = { [WF_BEFORE_PIVOT] = 0, [WF_PIVOT] = 1, [WF_AFTER_PIVOT] = 2 };
	const struct wf_work *w = &n->work;
	struct str title = wf_node_attr(n, "title"); /* longer than what fits in the box of a graph */
	int64_t deadline = span_of(w->deadline);
	task->role = role_named(w->role);
	str_copy(task->title, sizeof(task->title), title.len ? title : wf_node_label(n));
	str_copy(task->step, sizeof(task->step), w->step);
	str_copy(task->form, sizeof(task->form), w->form);
	str_copy(task->act, sizeof(task->act), wf_node_attr(n, "act"));
	str_copy(task->party, sizeof(task->party), str_of(task_party(r, n, (enum role)task->role)));
	str_copy(task->deal, sizeof(task->deal), str_of(r->inst.deal));
	str_copy(task->instance, sizeof(task->instance), str_of(r->inst.id));
	str_copy(task->node, sizeof(task->node), n->id);
	str_copy(task->token, sizeof(task->token), str_of(k->id));
	str_copy(task->resource, sizeof(task->resource), w->resource);
	task->duration = span_of(w->duration);
	task->deadline = deadline ? r->t->stamp + deadline : 0;
	task->priority = w->priority / 100 > 9 ? 9 : w->priority / 100; /* files say thousandths */
	task->reversible = w->reversible != WF_REVERSIBLE_UNSAID ? REVERSIBLE[w->reversible] :
		undo_past_pivot(r) ? 2 : 0;
	task_money(r, task);
}

static void enter_user(struct run *r, struct token *k, const struct wf_node *n)
{
	struct task task = { 0 };
	const struct deal *d = deal_of(r);
	if (boundary_came(r, k, n) || !arm_timers(r, k, n))
		return;
	if (d) { /* whom the deal concerns may not check it */
		act_concern(r->t, r->inst.deal, d->party);
		act_concern(r->t, r->inst.deal, d->obligor);
	}
	task_fill(r, k, n, &task);
	task_open(r->t, &task);
	token_wait(r, k, TOKEN_TASK, task.id);
	hold_new_task(r, k, n);
	turn_signal(r->t, (struct signal){ .kind = SIGNAL_TASK_OPEN, .subject = task.id,
		.deal = r->inst.deal, .code = task.step });
	news_wait(r, k, n, arena_printf(r->t->scratch, "%s: ", ROLE_NAMES[task.role]));
}

static bool decision_primary(const struct wf_node *n, const char *form, const char *decision)
{
	const char *const *offered = n->work.form.len ? task_decisions(form) : NULL;
	return !offered || !offered[0] || strcmp(offered[0], decision) == 0;
}

void node_task_done(struct run *r, struct token *k, const char *task, const char *decision, struct str data)
{
	const struct wf_node *n = node_of(r, k);
	if (strcmp(k->waits_for, task) != 0)
		return;
	if (n->for_compensation && k->attempt > UNDO_RETRIES) {
		undo_by_hand(r, k, decision);
		return;
	}
	if (!vars_merge(r, data))
		turn_news(r->t, NEWS_WARN, "engine", r->inst.deal, "the task's data is no JSON object");
	vars_set_text(r, "decision", decision);
	if (strcmp(decision, "reject") == 0 && !*data_text(r, data, "reason"))
		vars_set_text(r, "reason", "rejected");
	if (n->work.call.len && decision_primary(n, text_of(r, n->work.form), decision) && !run_call(r, k, n))
		return;
	if (n->for_compensation && n->work.message.len)
		wait_message(r, k, n);
	else
		node_done(r, k, n, NULL, decision);
}

/* --- gateways ------------------------------------------------------------------------------------- */

static void enter_exclusive(struct run *r, struct token *k, const struct wf_node *n)
{
	char why[96] = "";
	const struct wf_flow *otherwise = NULL, *only = n->out_count == 1 ? &r->def->flows[n->out[0]] : NULL;
	for (int i = 0; i < n->out_count && !only; i++) {
		const struct wf_flow *f = &r->def->flows[n->out[i]];
		struct feel_value v;
		struct fault fault;
		if (f->is_default)
			otherwise = f;
		if (!f->condition)
			continue;
		if (feel_eval(f->condition, vars_resolve, r, r->t->scratch, &v, &fault) != ERR_OK) {
			node_incident(r, k, refusal_name(REFUSED_EXPRESSION), fault.text);
			return;
		}
		if (v.kind == FEEL_BOOL && v.boolean) {
			vars_explain(r, f->condition, "", why);
			only = f;
		} else if (!why[0]) {
			vars_explain(r, f->condition, "else: ", why);
		}
	}
	if (only || otherwise)
		node_done(r, k, n, only ? only : otherwise, why);
	else
		node_incident(r, k, refusal_name(REFUSED_EXPRESSION), "no condition holds and no flow is the default");
}

/* One token that waits here for each incoming flow; false while one lacks. */
static bool join_complete(struct run *r, const struct token *k, const struct wf_node *n,
	struct token *const chosen)
{
	for (int i = 0; i < n->in_count; i++) {
		chosen[i].id[0] = '\0';
		TAB_FOR(token, at, r->t->tabs, &TOKEN_REC, r->prefix)
			if (!chosen[i].id[0] && at->state == TOKEN_JOIN && strcmp(at->node, k->node) == 0 &&
			    strcmp(at->scope, k->scope) == 0 && str_is(r->def->flows[n->in[i]].id, at->via))
				chosen[i] = *at;
		if (!chosen[i].id[0])
			return false;
	}
	return true;
}

static void enter_parallel(struct run *r, struct token *k, const struct wf_node *n)
{
	if (n->in_count < 2) {
		node_done(r, k, n, NULL, "");
		return;
	}
	struct token *chosen = arena_alloc(r->t->scratch, (size_t)n->in_count * sizeof(*chosen));
	token_wait(r, k, TOKEN_JOIN, "all flows");
	if (!join_complete(r, k, n, chosen))
		return;
	for (int i = 1; i < n->in_count; i++)
		tab_delete(r->t->tabs, &TOKEN_REC, chosen[i].id);
	node_done(r, &chosen[0], n, NULL, "");
}

/* --- events and the rest -------------------------------------------------------------------------- */

static void enter_pass(struct run *r, struct token *k, const struct wf_node *n)
{
	node_done(r, k, n, NULL, "");
}

static void enter_subprocess(struct run *r, struct token *k, const struct wf_node *n)
{
	if (boundary_came(r, k, n) || !arm_timers(r, k, n))
		return;
	token_wait(r, k, TOKEN_SCOPE, "");
	struct token inner = token_new(r, k->id);
	inner.undo = k->undo;
	token_enter(r, &inner, &r->def->nodes[n->start], "");
}

static void enter_catch(struct run *r, struct token *k, const struct wf_node *n)
{
	int64_t due;
	if (n->event == WF_MESSAGE) {
		wait_message(r, k, n);
		return;
	}
	if (!timer_due(r, n, &due)) {
		node_incident(r, k, refusal_name(REFUSED_EXPRESSION), "its timer has no value");
		return;
	}
	timer_set(r->t, due, "catch", k->id, k->node, r->inst.deal);
	token_wait(r, k, TOKEN_TIMER, text_of(r, n->timer_text));
	hold_new_timers(r, k, n);
}

/* A thrown message is an effect when it says to whom, else it goes to the deal itself. */
static void enter_throw_message(struct run *r, struct token *k, const struct wf_node *n)
{
	if (n->work.effect.len) {
		if (!run_effect(r, k, n))
			return;
	} else {
		turn_signal(r->t, (struct signal){ .kind = SIGNAL_MESSAGE, .deal = r->inst.deal,
			.code = text_of(r, n->work.message), .text = text_of(r, vars_json(r)),
			.a = (int64_t)r->t->number });
	}
	node_done(r, k, n, NULL, "");
}

static void enter_compensate(struct run *r, struct token *k, const struct wf_node *n)
{
	(void)n;
	k->attempt = 0;
	token_wait(r, k, TOKEN_JOIN, "undo");
	undo_next(r);
}

static void enter_terminate(struct run *r, struct token *k, const struct wf_node *n)
{
	char (*ids)[TOKEN_ID_MAX];
	struct token other;
	size_t count = token_list(r, k->scope, &ids);
	step_record(r, k, n, (struct step_note){ STEP_DONE, NULL, "" });
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], k->id) != 0 && token_read(r, ids[i], &other) && (k->undo || !other.undo))
			token_withdraw(r, &other);
	token_consume(r, k);
}

static void enter_event(struct run *r, struct token *k, const struct wf_node *n)
{
	switch (n->event) {
	case WF_MESSAGE: enter_throw_message(r, k, n); break;
	case WF_COMPENSATE: enter_compensate(r, k, n); break;
	case WF_TERMINATE: enter_terminate(r, k, n); break;
	case WF_ERROR: node_error(r, k, text_of(r, n->error_code), ""); break;
	default: node_done(r, k, n, NULL, ""); break;
	}
}

static const struct {
	void (*enter)(struct run *r, struct token *k, const struct wf_node *n);
} NODE_ROWS[WF_KIND_COUNT] = {
	[WF_START] = { enter_pass },
	[WF_END] = { enter_event },
	[WF_CATCH] = { enter_catch },
	[WF_THROW] = { enter_event },
	[WF_BOUNDARY] = { enter_pass },
	[WF_TASK] = { enter_pass },
	[WF_USER_TASK] = { enter_user },
	[WF_SERVICE_TASK] = { enter_service },
	[WF_SEND_TASK] = { enter_service },
	[WF_RECEIVE_TASK] = { wait_message },
	[WF_RULE_TASK] = { enter_service },
	[WF_EXCLUSIVE] = { enter_exclusive },
	[WF_PARALLEL] = { enter_parallel },
	[WF_SUBPROCESS] = { enter_subprocess },
	[WF_OTHER] = { enter_pass }, /* never in a definition that runs */
};

void node_enter(struct run *r, struct token *k, const struct wf_node *n)
{
	NODE_ROWS[n->kind].enter(r, k, n);
}
