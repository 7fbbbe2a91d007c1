/* The workflow's doors: start, message, task, timer, compensation, retry (see workflow/runtime.h).
 *
 * What must remain true: each door opens one run at a time and closes it before the next; what was handed
 * in by pointer is copied before anything is written, for it may lie in a record that changes. */
#include <stdio.h>
#include <string.h>

#include "run_int.h"
#include "schedule/pool.h"

/* --- starting ------------------------------------------------------------------------------------- */

static const struct wf_node *start_of(const struct wf_def *d, const char *name)
{
	const struct wf_process *p = wf_process_named(d, str_of(name));
	for (int i = 0; !p && i < d->process_count; i++)
		if (d->processes[i].start_count)
			p = &d->processes[i];
	if (!p || !p->start_count)
		return NULL;
	return &d->nodes[p->start_none != WF_NO ? p->start_none : p->starts[0]];
}

static bool runs_already(const struct tabs *s, const char *deal, const char *process)
{
	size_t len = strlen(process);
	TAB_FOR(token, k, s, &TOKEN_REC, "") {
		const struct instance *inst = strcmp(k->deal, deal) == 0 ?
			tab_get(s, &INSTANCE_REC, k->instance) : NULL;
		if (inst && strncmp(inst->process, process, len) == 0 && inst->process[len] == '/')
			return true;
	}
	return false;
}

static void instance_begin(struct turn *t, const struct process *p, const char *deal, char id[ID_MAX])
{
	struct instance inst = { .state = INSTANCE_RUNNING, .started_at = t->stamp, .digest = p->digest };
	turn_id(t, "WF", id);
	str_copy(inst.id, sizeof(inst.id), str_of(id));
	str_copy(inst.process, sizeof(inst.process), str_of(p->id));
	str_copy(inst.deal, sizeof(inst.deal), str_of(deal));
	tab_put(t->tabs, &INSTANCE_REC, &inst);
}

enum refusal workflow_start(struct turn *t, struct workflow *w, const char *process,
	const char *deal, struct str variables_json, char instance_out[ID_MAX])
{
	struct run r;
	struct turn_mark before = turn_mark(t);
	const struct process *p = process_newest(t->tabs, process);
	const struct wf_def *d = p ? processes_get(w->processes, t->tabs, p->id) : NULL;
	const struct wf_node *start = d ? start_of(d, process) : NULL;
	if (!start)
		return turn_refuse(t, REFUSED_PROCESS_UNKNOWN, "No process \"%.40s\" is deployed.", process);
	if (runs_already(t->tabs, deal, process))
		return turn_refuse(t, REFUSED_EXISTS, "A process \"%.40s\" of %.31s is running.", process, deal);
	instance_begin(t, p, deal, instance_out);
	bool opened = run_open(&r, t, w, instance_out);
	if (!opened || !vars_merge(&r, variables_json)) {
		turn_rollback(t, before);
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "The application is no JSON object.");
	}
	turn_news(t, NEWS_NOTE, "engine", deal, "process %s begins", process);
	struct token k = token_new(&r, "");
	token_enter(&r, &k, start, "");
	run_go(&r);
	if (r.runaway) {
		turn_rollback(t, before);
		return turn_refuse(t, REFUSED_RUNAWAY, "\"%.40s\" took more than 1,000 steps at once.", process);
	}
	run_close(&r);
	return REFUSED_NOT;
}

/* --- what comes from outside ---------------------------------------------------------------------- */

/* Opens the run of a token's instance and reads the token. */
static bool run_of_token(struct run *r, struct turn *t, struct workflow *w, const char *token,
	struct token *k)
{
	const struct token *found = tab_get(t->tabs, &TOKEN_REC, token);
	if (!found)
		return false;
	*k = *found;
	return run_open(r, t, w, k->instance);
}

static void run_end(struct run *r)
{
	run_go(r);
	run_close(r);
}

void workflow_message(struct turn *t, struct workflow *w, const char *name, const char *deal,
	struct str data_json)
{
	TAB_FOR(token, k, t->tabs, &TOKEN_REC, "") {
		struct run r;
		struct token at = *k;
		if (strcmp(at.deal, deal) != 0 || !run_open(&r, t, w, at.instance) || !node_wants(&r, &at, name))
			continue;
		node_message(&r, &at, name, data_json);
		run_end(&r);
		return;
	}
	inbox_put(t, name, deal, data_json);
}

void workflow_on_task_done(struct turn *t, struct workflow *w, const struct signal *s)
{
	struct run r;
	struct token k;
	const struct task *task = tab_get(t->tabs, &TASK_REC, s->subject);
	if (!task || !task->token[0] || !run_of_token(&r, t, w, task->token, &k) || k.state != TOKEN_TASK)
		return;
	node_task_done(&r, &k, s->subject, s->code, str_of(s->text));
	run_end(&r);
}

static void timer_fires(struct run *r, struct token *k, const struct timer *x)
{
	const struct wf_node *n = wf_node_named(r->def, str_of(x->node));
	if (!n)
		return;
	if (strcmp(x->kind, "boundary") == 0) {
		vars_set_text(r, "error", "timeout");
		vars_set_text(r, "reason", "timeout");
		node_boundary(r, k, n, "timeout");
	} else if (strcmp(x->kind, "catch") == 0 && k->state == TOKEN_TIMER) {
		node_done(r, k, n, NULL, "");
	} else if (strcmp(x->kind, "retry") == 0 && k->state == TOKEN_TIMER) {
		token_enter(r, k, n, "");
	}
}

void workflow_on_timer(struct turn *t, struct workflow *w, const struct timer *timer)
{
	struct timer x = *timer;
	struct run r;
	struct token k;
	if (strcmp(x.kind, "boundary") != 0 && strcmp(x.kind, "catch") != 0 && strcmp(x.kind, "retry") != 0)
		return; /* somebody else's */
	timer_drop(t, x.id);
	if (!run_of_token(&r, t, w, x.owner, &k))
		return;
	timer_fires(&r, &k, &x);
	run_end(&r);
}

enum refusal workflow_retry(struct turn *t, struct workflow *w, const char *token)
{
	struct run r;
	struct token k;
	if (!run_of_token(&r, t, w, token, &k) || k.state != TOKEN_INCIDENT)
		return turn_refuse(t, REFUSED_INSTANCE_UNKNOWN, "No incident waits at %.47s.", token);
	const struct wf_node *n = node_of(&r, &k);
	turn_news(t, NEWS_NOTE, "", r.inst.deal, "tries again: " STR_FMT, STR_ARG(wf_node_label(n)));
	token_enter(&r, &k, n, k.via);
	run_end(&r);
	return REFUSED_NOT;
}

/* --- compensation that a person orders ------------------------------------------------------------ */

enum { INSTANCES_OF_DEAL_MAX = 16 };

static size_t instances_of(const struct tabs *s, const char *deal, char (*out)[ID_MAX])
{
	size_t n = 0;
	TAB_FOR(token, k, s, &TOKEN_REC, "")
		if (strcmp(k->deal, deal) == 0 && n < INSTANCES_OF_DEAL_MAX &&
		    (!n || strcmp(out[n - 1], k->instance) != 0))
			snprintf(out[n++], ID_MAX, "%.31s", k->instance);
	return n;
}

/* Answers that were awaited by what is withdrawn are no longer asked for. */
static void effects_call_off(struct turn *t, const char *deal)
{
	struct effect e = { .id = "" };
	for (const struct effect *found; (found = tab_by(t->tabs, &EFFECT_REC, deal, e.id));) {
		e = *found;
		if (e.state != EFFECT_PENDING || !e.reply[0])
			continue;
		e.state = EFFECT_CANCELLED;
		tab_put(t->tabs, &EFFECT_REC, &e);
	}
}

/* Withdraws everything but the handlers of an undo that is under way. */
static void withdraw_all(struct run *r)
{
	char (*ids)[TOKEN_ID_MAX];
	struct token k;
	size_t n = token_list(r, "", &ids);
	for (size_t i = 0; i < n; i++)
		if (token_read(r, ids[i], &k) && !k.undo)
			token_withdraw(r, &k);
}

static enum refusal compensate_one(struct run *r, const char *reason)
{
	int64_t count = 0;
	bool under_way = undo_running(r);
	if (r->inst.ordered)
		return REFUSED_NOT;
	enum refusal no = under_way ? REFUSED_NOT : undo_mark(r, WF_NO, WF_NO, &count);
	if (no != REFUSED_NOT)
		return no;
	r->inst.ordered = 1;
	str_copy(r->inst.reason, sizeof(r->inst.reason), str_of(reason));
	if (!under_way)
		effects_call_off(r->t, r->inst.deal);
	withdraw_all(r);
	turn_news(r->t, NEWS_UNDONE, "", r->inst.deal, "compensation ordered: %s", reason);
	undo_next(r);
	run_end(r);
	return REFUSED_NOT;
}

enum refusal workflow_compensate(struct turn *t, struct workflow *w, const char *deal,
	const char *reason)
{
	char ids[INSTANCES_OF_DEAL_MAX][ID_MAX];
	struct run r;
	struct turn_mark before = turn_mark(t);
	size_t n = instances_of(t->tabs, deal, ids);
	if (!n)
		return turn_refuse(t, REFUSED_INSTANCE_UNKNOWN, "No process of %.31s is running.", deal);
	for (size_t i = 0; i < n; i++)
		if (run_open(&r, t, w, ids[i]) && undo_past_pivot(&r))
			return turn_refuse(t, REFUSED_PAST_PIVOT, "The payment of %.31s was executed.", deal);
	for (size_t i = 0; i < n; i++) {
		enum refusal no = run_open(&r, t, w, ids[i]) ? compensate_one(&r, reason) : REFUSED_NOT;
		if (no == REFUSED_NOT)
			continue;
		turn_rollback(t, before);
		return no;
	}
	return REFUSED_NOT;
}
