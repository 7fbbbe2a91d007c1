/* The run of one instance: tokens, moving on, errors, ends (see run_int.h).
 *
 * What must remain true after run_close: no token is ready; every token belongs to a live instance; a scope
 * token has tokens inside, and a live instance has tokens; an ended instance has none, no timers, no open tasks.
 * Tokens that nothing outside could ever move are incidents, never silent. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "run_int.h"
#include "schedule/pool.h"

/* --- small readers -------------------------------------------------------------------------------- */

const char *text_of(const struct run *r, struct str s)
{
	return str_dup(r->t->scratch, s);
}

const struct wf_node *node_of(const struct run *r, const struct token *k)
{
	const struct wf_node *n = wf_node_named(r->def, str_of(k->node));
	CHECK(n, "a token stands on a node of its pinned definition");
	return n;
}

const struct deal *deal_of(const struct run *r)
{
	return r->inst.deal[0] ? tab_get(r->t->tabs, &DEAL_REC, r->inst.deal) : NULL;
}

bool run_suspended(const struct run *r)
{
	const struct deal *d = deal_of(r);
	return d && d->level >= UNDO_SUSPEND_LEVEL;
}

void numbered_id(const struct run *r, int64_t n, char out[TOKEN_ID_MAX])
{
	snprintf(out, TOKEN_ID_MAX, "%.31s/%06u", r->inst.id, (unsigned)n);
}

/* --- opening and closing -------------------------------------------------------------------------- */

bool run_open(struct run *r, struct turn *t, struct workflow *w, const char *instance)
{
	memset(r, 0, sizeof(*r));
	const struct instance *inst = tab_get(t->tabs, &INSTANCE_REC, instance);
	if (!inst)
		return false;
	r->t = t;
	r->w = w;
	r->inst = *inst;
	snprintf(r->prefix, sizeof(r->prefix), "%s/", inst->id);
	r->def = processes_get(w->processes, t->tabs, inst->process);
	return r->def != NULL;
}

static void enqueue(struct run *r, const char *token)
{
	if (r->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		char (*grown)[TOKEN_ID_MAX] = arena_alloc(r->t->scratch, cap * TOKEN_ID_MAX);
		if (r->count)
			memcpy(grown, r->queue, r->count * TOKEN_ID_MAX);
		r->queue = grown;
		r->cap = cap;
	}
	snprintf(r->queue[r->count++], TOKEN_ID_MAX, "%s", token);
}

void run_go(struct run *r)
{
	while (r->next < r->count) {
		struct token k;
		if (!token_read(r, r->queue[r->next++], &k) || k.state != TOKEN_READY)
			continue;
		if (++r->steps > RUN_STEPS_MAX) {
			r->runaway = true;
			node_incident(r, &k, refusal_name(REFUSED_RUNAWAY),
				"more than 1,000 steps in one turn: look for a loop without a wait");
			continue;
		}
		node_enter(r, &k, node_of(r, &k));
	}
}

/* Joins that wait for tokens which can no longer come: nobody outside could ever move them. */
static void settle_deadlock(struct run *r)
{
	const struct token *stuck = NULL;
	TAB_FOR(token, k, r->t->tabs, &TOKEN_REC, r->prefix) {
		if (k->state != TOKEN_JOIN && k->state != TOKEN_SCOPE)
			return;
		if (k->state == TOKEN_JOIN && !stuck)
			stuck = k;
	}
	if (stuck) {
		struct token k = *stuck;
		node_incident(r, &k, refusal_name(REFUSED_PROCESS_INVALID),
			"the gateway waits for a flow that nothing can come by any more");
	}
}

static int64_t settled_state(const struct run *r, size_t *tokens)
{
	bool incident = false;
	*tokens = 0;
	TAB_FOR(token, k, r->t->tabs, &TOKEN_REC, r->prefix) {
		++*tokens;
		incident = incident || k->state == TOKEN_INCIDENT;
	}
	if (!*tokens)
		return r->inst.ordered ? INSTANCE_CANCELLED : INSTANCE_DONE;
	if (undo_running(r))
		return INSTANCE_COMPENSATING;
	if (incident)
		return INSTANCE_INCIDENT;
	return run_suspended(r) ? INSTANCE_SUSPENDED : INSTANCE_RUNNING;
}

void run_close(struct run *r)
{
	size_t tokens;
	settle_deadlock(r);
	r->inst.state = settled_state(r, &tokens);
	if (!tokens && !r->inst.ended_at) {
		r->inst.ended_at = r->t->stamp;
		if (r->inst.ordered)
			turn_signal(r->t, (struct signal){ .kind = SIGNAL_COMPENSATED, .deal = r->inst.deal,
				.subject = r->inst.id, .text = r->inst.reason });
		turn_news(r->t, r->inst.ordered ? NEWS_UNDONE : NEWS_DONE, "engine", r->inst.deal, "%s",
			r->inst.ordered ? "the process is undone" : "the process has ended");
	}
	tab_put(r->t->tabs, &INSTANCE_REC, &r->inst);
}

/* --- tokens --------------------------------------------------------------------------------------- */

struct token token_new(struct run *r, const char *scope)
{
	struct token k = { .state = TOKEN_READY };
	numbered_id(r, ++r->inst.next_token, k.id);
	str_copy(k.instance, sizeof(k.instance), str_of(r->inst.id));
	str_copy(k.deal, sizeof(k.deal), str_of(r->inst.deal));
	str_copy(k.scope, sizeof(k.scope), str_of(scope));
	return k;
}

void token_put(struct run *r, struct token *k)
{
	tab_put(r->t->tabs, &TOKEN_REC, k);
}

bool token_read(const struct run *r, const char *id, struct token *out)
{
	const struct token *k = tab_get(r->t->tabs, &TOKEN_REC, id);
	if (k)
		*out = *k;
	return k != NULL;
}

void token_wait(struct run *r, struct token *k, enum token_state state, const char *for_what)
{
	k->state = state;
	str_copy(k->waits_for, sizeof(k->waits_for), str_of(for_what));
	token_put(r, k);
}

/* Puts the token on a node, ready; the queue will call node_enter. */
void token_enter(struct run *r, struct token *k, const struct wf_node *n, const char *via)
{
	str_copy(k->node, sizeof(k->node), n->id);
	str_copy(k->via, sizeof(k->via), str_of(via));
	k->since = r->t->stamp;
	token_wait(r, k, TOKEN_READY, "");
	enqueue(r, k->id);
}

size_t token_list(const struct run *r, const char *scope, char (**out)[TOKEN_ID_MAX])
{
	size_t n = 0;
	TAB_FOR(token, k, r->t->tabs, &TOKEN_REC, r->prefix)
		n++;
	char (*ids)[TOKEN_ID_MAX] = arena_alloc(r->t->scratch, (n + 1) * TOKEN_ID_MAX);
	n = 0;
	TAB_FOR(token, k, r->t->tabs, &TOKEN_REC, r->prefix)
		if (!scope || strcmp(k->scope, scope) == 0)
			snprintf(ids[n++], TOKEN_ID_MAX, "%s", k->id);
	*out = ids;
	return n;
}

void scope_ended(struct run *r, const char *scope)
{
	char (*ids)[TOKEN_ID_MAX];
	struct token around;
	if (!*scope || token_list(r, scope, &ids) || !token_read(r, scope, &around))
		return;
	node_done(r, &around, node_of(r, &around), NULL, "");
}

void token_consume(struct run *r, const struct token *k)
{
	char scope[TOKEN_ID_MAX];
	snprintf(scope, sizeof(scope), "%s", k->scope);
	tab_delete(r->t->tabs, &TOKEN_REC, k->id);
	scope_ended(r, scope);
}

/* --- steps: the path that was taken --------------------------------------------------------------- */

void step_record(struct run *r, const struct token *k, const struct wf_node *n, struct step_note note)
{
	struct step s = { .state = note.state, .began_at = k->since, .at = r->t->stamp,
		.entry = (int64_t)r->t->number };
	numbered_id(r, ++r->inst.next_done, s.id);
	str_copy(s.instance, sizeof(s.instance), str_of(r->inst.id));
	str_copy(s.deal, sizeof(s.deal), str_of(r->inst.deal));
	str_copy(s.node, sizeof(s.node), n->id);
	str_copy(s.scope, sizeof(s.scope), str_of(k->scope));
	/* what an undo does is not undone again */
	if (note.state == STEP_DONE && n->handler != WF_NO && wf_is_activity(n->kind) && !k->undo)
		str_copy(s.handler, sizeof(s.handler), r->def->nodes[n->handler].id);
	if (note.flow)
		str_copy(s.flow, sizeof(s.flow), note.flow->id);
	if (note.state == STEP_DONE && n->kind != WF_EXCLUSIVE && n->out_count == 1)
		str_copy(s.flow, sizeof(s.flow), r->def->flows[n->out[0]].id);
	str_copy(s.by, sizeof(s.by), str_of(r->t->actor));
	str_copy(s.why, sizeof(s.why), str_of(note.why ? note.why : ""));
	tab_put(r->t->tabs, &STEP_REC, &s);
}

static bool node_sets_timers(const struct run *r, const struct wf_node *n)
{
	bool any = n->event == WF_TIMER;
	for (int i = 0; i < n->boundary_count; i++)
		any = any || r->def->nodes[n->boundary[i]].event == WF_TIMER;
	return any;
}

static void node_leave(struct run *r, struct token *k, const struct wf_node *n, const struct wf_flow *flow)
{
	if (n->for_compensation) {
		undo_done(r, k);
		return;
	}
	if (!n->out_count) {
		token_consume(r, k);
		return;
	}
	struct token first = *k;
	for (int i = 0; i < n->out_count; i++) {
		const struct wf_flow *f = flow ? flow : &r->def->flows[n->out[i]];
		struct token on = first;
		if (i) {
			on = token_new(r, first.scope);
			on.undo = first.undo;
		}
		on.attempt = 0;
		token_enter(r, &on, &r->def->nodes[f->target], text_of(r, f->id));
		if (flow)
			return;
	}
}

void node_done(struct run *r, struct token *k, const struct wf_node *n, const struct wf_flow *flow,
	const char *why)
{
	if (node_sets_timers(r, n))
		timer_clear(r->t, k->id, NULL);
	step_record(r, k, n, (struct step_note){ STEP_DONE, flow, why });
	node_leave(r, k, n, flow);
}

/* --- interruption --------------------------------------------------------------------------------- */

void token_withdraw(struct run *r, const struct token *k)
{
	node_interrupt(r, k);
	if (k->state != TOKEN_READY)
		step_record(r, k, node_of(r, k), (struct step_note){ STEP_WITHDRAWN, NULL, "" });
	tab_delete(r->t->tabs, &TOKEN_REC, k->id);
}

void node_interrupt(struct run *r, const struct token *k)
{
	char (*ids)[TOKEN_ID_MAX];
	struct token inner;
	timer_clear(r->t, k->id, NULL);
	if (k->state == TOKEN_TASK)
		task_withdraw(r->t, k->waits_for, "the process went another way");
	size_t n = token_list(r, k->id, &ids);
	for (size_t i = 0; i < n; i++)
		if (token_read(r, ids[i], &inner))
			token_withdraw(r, &inner);
}

void node_boundary(struct run *r, struct token *k, const struct wf_node *boundary, const char *why)
{
	const struct wf_node *host = node_of(r, k);
	enum step_state left = boundary->event == WF_ERROR ? STEP_FAILED : STEP_WITHDRAWN;
	node_interrupt(r, k);
	step_record(r, k, host, (struct step_note){ left, NULL, why });
	k->attempt = 0;
	token_enter(r, k, boundary, "");
}

/* --- errors --------------------------------------------------------------------------------------- */

static const struct wf_node *error_boundary(const struct run *r, const struct wf_node *n, const char *code)
{
	const struct wf_node *any = NULL;
	for (int i = 0; i < n->boundary_count; i++) {
		const struct wf_node *b = &r->def->nodes[n->boundary[i]];
		if (b->event == WF_ERROR && str_is(b->error_code, code))
			return b;
		if (b->event == WF_ERROR && !b->error_code.len && !any)
			any = b;
	}
	return any;
}

void node_error(struct run *r, const struct token *k, const char *code, const char *detail)
{
	struct token at = *k;
	for (;;) {
		const struct wf_node *n = node_of(r, &at), *b = error_boundary(r, n, code);
		if (b) {
			if (strcmp(at.id, k->id) != 0 && k->state == TOKEN_READY)
				step_record(r, k, node_of(r, k), (struct step_note){ STEP_FAILED, NULL, code });
			vars_set_text(r, "error", code);
			vars_set_text(r, "reason", code);
			node_boundary(r, &at, b, code);
			return;
		}
		if (n->for_compensation) {
			undo_failed(r, &at, code, detail);
			return;
		}
		if (!at.scope[0] || !token_read(r, at.scope, &at))
			break;
	}
	node_incident(r, k, code, detail);
}

void node_incident(struct run *r, const struct token *k, const char *code, const char *detail)
{
	struct token at = *k;
	const struct wf_node *n = node_of(r, &at);
	const char *why = arena_printf(r->t->scratch, "%s: %s", code, detail);
	node_interrupt(r, &at);
	step_record(r, &at, n, (struct step_note){ STEP_FAILED, NULL, why });
	token_wait(r, &at, TOKEN_INCIDENT, code);
	turn_signal(r->t, (struct signal){ .kind = SIGNAL_INCIDENT, .deal = r->inst.deal,
		.subject = at.node, .code = code, .text = detail, .extra = at.id });
	turn_news(r->t, NEWS_DANGER, "engine", r->inst.deal, STR_FMT " stopped: %s",
		STR_ARG(wf_node_label(n)), detail[0] ? detail : code);
}

/* --- what lies ahead ------------------------------------------------------------------------------ */

struct ahead {
	int *todo, count;
	unsigned char *seen;
};

static void ahead_add(struct ahead *a, int n)
{
	if (n != WF_NO && !a->seen[n]) {
		a->seen[n] = 1;
		a->todo[a->count++] = n;
	}
}

bool node_leads_outward(const struct run *r, const struct wf_node *n)
{
	const struct wf_def *d = r->def;
	size_t count = (size_t)d->node_count;
	struct ahead a = { arena_alloc(r->t->scratch, count * sizeof(int)), 0,
		arena_zero(r->t->scratch, count) };
	if (undo_past_pivot(r))
		return false; /* a loop may lead back to it, but the money is out */
	ahead_add(&a, n->index);
	while (a.count) {
		const struct wf_node *x = &d->nodes[a.todo[--a.count]];
		if (x->work.reversible == WF_PIVOT)
			return true;
		for (int i = 0; i < x->out_count; i++)
			ahead_add(&a, d->flows[x->out[i]].target);
		for (int i = 0; i < x->boundary_count; i++)
			ahead_add(&a, x->boundary[i]);
		if (x->kind == WF_SUBPROCESS)
			ahead_add(&a, x->start);
		if (x->kind == WF_END)
			ahead_add(&a, x->scope);
	}
	return false;
}
