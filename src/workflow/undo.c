/* Compensation: undoing completed activities, strictly newest first, one at a time.
 *
 * undo_mark numbers what will be undone (STEP.undo, newest first, counted on from the steps that an
 * earlier compensation of the instance undid). One handler runs at a time, as a
 * token outside every scope that carries the number; when it is done, however long that takes, the next
 * starts. The order is never changed to make it work: a handler that fails is tried again after 1, 2, 4 and
 * 8 minutes and then waits for a person. Source: domain specification §8.2.
 *
 * What must remain true: of the numbered steps of an instance those that are undone have lower numbers than
 * those that are not; at most one is undoing or failed; a throwing token goes on only when all are undone. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "identity/rights.h"
#include "run_int.h"
#include "schedule/pool.h"

static const char UNDO[] = "undo"; /* what a compensation throw waits for */

/* --- what is undone ------------------------------------------------------------------------------- */

static bool node_within(const struct wf_def *d, const struct wf_node *n, int scope)
{
	return scope == WF_NO || (n->index > scope && n->index < d->nodes[scope].after);
}

/* A completed sub-process with a handler of its own is undone by that, not piece by piece. */
static bool step_covered(const struct wf_def *d, const struct tabs *s, const struct step *step,
	const struct wf_node *n, const char *prefix)
{
	for (int up = n->scope; up != WF_NO; up = d->nodes[up].scope) {
		if (d->nodes[up].handler == WF_NO)
			continue;
		for (const struct step *later = tab_next(s, &STEP_REC, step->id);
		     later && strncmp(later->id, prefix, strlen(prefix)) == 0;
		     later = tab_next(s, &STEP_REC, later->id))
			if (later->state == STEP_DONE && str_is(d->nodes[up].id, later->node))
				return true;
	}
	return false;
}

static bool step_undoable(const struct wf_def *d, const struct tabs *s, const struct step *step,
	int scope, int activity, const char *prefix)
{
	if (step->state != STEP_DONE || !step->handler[0])
		return false;
	const struct wf_node *n = wf_node_named(d, str_of(step->node));
	if (!n || !node_within(d, n, scope))
		return false;
	if (activity != WF_NO && n->index != activity && !node_within(d, n, activity))
		return false;
	return !step_covered(d, s, step, n, prefix);
}

static bool step_is_pivot(const struct wf_def *d, const struct step *step)
{
	const struct wf_node *n = wf_node_named(d, str_of(step->node));
	return step->state == STEP_DONE && n && n->work.reversible == WF_PIVOT;
}

bool undo_past_pivot(const struct run *r)
{
	TAB_FOR(step, x, r->t->tabs, &STEP_REC, r->prefix)
		if (step_is_pivot(r->def, x))
			return true;
	return false;
}

static const struct step *step_last(const struct tabs *s, const char *prefix)
{
	char end[REC_KEY_MAX];
	snprintf(end, sizeof(end), "%s:", prefix);
	const struct step *step = tab_prev(s, &STEP_REC, end);
	return step && strncmp(step->id, prefix, strlen(prefix)) == 0 ? step : NULL;
}

static const struct step *step_before(const struct tabs *s, const char *prefix, const struct step *step)
{
	step = tab_prev(s, &STEP_REC, step->id);
	return step && strncmp(step->id, prefix, strlen(prefix)) == 0 ? step : NULL;
}

enum refusal undo_mark(struct run *r, int scope, int activity, int64_t *count)
{
	const struct tabs *s = r->t->tabs;
	const char *prefix = r->prefix;
	bool pivot = false;
	*count = 0;
	for (const struct step *x = step_last(s, prefix); x; x = step_before(s, prefix, x)) {
		pivot = pivot || step_is_pivot(r->def, x);
		if (pivot && step_undoable(r->def, s, x, scope, activity, prefix))
			return turn_refuse(r->t, REFUSED_PAST_PIVOT, "%s was done before the payment was executed.",
				x->node);
	}
	for (const struct step *x = step_last(s, prefix); x; x = step_before(s, prefix, x)) {
		struct step marked = *x;
		bool undo = step_undoable(r->def, s, x, scope, activity, prefix);
		if (undo || (marked.undo && marked.state == STEP_DONE)) {
			marked.undo = undo ? r->inst.undo_done + ++*count : 0;
			tab_put(r->t->tabs, &STEP_REC, &marked);
			x = tab_get(s, &STEP_REC, marked.id);
		}
	}
	r->inst.undo_total = r->inst.undo_done + *count;
	return REFUSED_NOT;
}

/* --- running handlers ----------------------------------------------------------------------------- */

static bool step_in_undo(const struct step *x)
{
	return x->undo && (x->state == STEP_UNDOING || x->state == STEP_FAILED);
}

bool undo_running(const struct run *r)
{
	TAB_FOR(step, x, r->t->tabs, &STEP_REC, r->prefix)
		if (step_in_undo(x))
			return true;
	return false;
}

static bool undo_step(const struct run *r, struct step *out)
{
	TAB_FOR(step, x, r->t->tabs, &STEP_REC, r->prefix)
		if (step_in_undo(x)) {
			*out = *x;
			return true;
		}
	return false;
}

static const struct step *undo_first_left(const struct run *r)
{
	const struct step *first = NULL;
	TAB_FOR(step, x, r->t->tabs, &STEP_REC, r->prefix)
		if (x->undo && x->state == STEP_DONE && (!first || x->undo < first->undo))
			first = x;
	return first;
}

/* The oldest token that waits at a compensation throw. */
static bool undo_thrower(const struct run *r, struct token *out)
{
	TAB_FOR(token, k, r->t->tabs, &TOKEN_REC, r->prefix)
		if (k->state == TOKEN_JOIN && strcmp(k->waits_for, UNDO) == 0) {
			*out = *k;
			return true;
		}
	return false;
}

static void undo_start(struct run *r, const struct step *x)
{
	struct step undoing = *x;
	const struct wf_node *handler = wf_node_named(r->def, str_of(x->handler));
	struct token k = token_new(r, "");
	undoing.state = STEP_UNDOING;
	tab_put(r->t->tabs, &STEP_REC, &undoing);
	k.undo = x->undo;
	token_enter(r, &k, handler, "");
}

void undo_next(struct run *r)
{
	struct step at;
	struct token k;
	int64_t count = 0;
	while (!undo_step(r, &at)) {
		const struct step *left = undo_first_left(r);
		if (left) {
			undo_start(r, left);
			return;
		}
		/* What was numbered is undone. An ordered compensation undoes whatever is left of the
		 * instance; otherwise the thrower goes on, and the next one has its turn. */
		if (r->inst.ordered) {
			if (undo_mark(r, WF_NO, WF_NO, &count) != REFUSED_NOT || !count)
				return;
		} else if (undo_thrower(r, &k) && k.attempt) {
			const struct wf_node *n = node_of(r, &k);
			k.attempt = 0;
			node_done(r, &k, n, NULL, "");
		} else if (undo_thrower(r, &k)) {
			const struct wf_node *n = node_of(r, &k);
			if (undo_mark(r, n->scope, n->compensates, &count) != REFUSED_NOT) {
				node_incident(r, &k, refusal_name(REFUSED_PAST_PIVOT), r->t->detail);
				continue;
			}
			k.attempt = 1; /* its steps are numbered */
			token_put(r, &k);
		} else {
			return;
		}
	}
}

static const char *undone_label(const struct run *r, const struct step *x)
{
	const struct wf_node *n = wf_node_named(r->def, str_of(x->node));
	return n ? text_of(r, wf_node_label(n)) : x->node;
}

static void undo_finish(struct run *r, const struct token *k, const char *why)
{
	struct step x;
	char id[TOKEN_ID_MAX];
	snprintf(id, sizeof(id), "%s", k->id);
	tab_delete(r->t->tabs, &TOKEN_REC, id);
	if (undo_step(r, &x)) {
		x.state = STEP_UNDONE;
		str_copy(x.why, sizeof(x.why), str_of(why));
		tab_put(r->t->tabs, &STEP_REC, &x);
		r->inst.undo_done++;
		turn_news(r->t, NEWS_UNDONE, "engine", r->inst.deal, "undone %lld of %lld: %s",
			(long long)r->inst.undo_done, (long long)r->inst.undo_total, undone_label(r, &x));
	}
	undo_next(r);
}

void undo_done(struct run *r, const struct token *k)
{
	undo_finish(r, k, "");
}

/* --- failures ------------------------------------------------------------------------------------- */

static void undo_manual(struct run *r, struct token *k, const struct step *x, const char *code)
{
	const struct deal *d = deal_of(r);
	struct task task = { .role = ROLE_OPM, .priority = 8, .duration = 30 * INSTANT_MINUTE,
		.deadline = r->t->stamp + 4 * INSTANT_HOUR };
	str_copy(task.title, sizeof(task.title),
		str_of(arena_printf(r->t->scratch, "Undo by hand: %s", undone_label(r, x))));
	str_copy(task.step, sizeof(task.step), node_of(r, k)->work.step);
	str_copy(task.form, sizeof(task.form), STR("case"));
	str_copy(task.act, sizeof(task.act), str_of(act_name(ACT_CASE)));
	str_copy(task.deal, sizeof(task.deal), str_of(r->inst.deal));
	str_copy(task.instance, sizeof(task.instance), str_of(r->inst.id));
	str_copy(task.node, sizeof(task.node), str_of(k->node));
	str_copy(task.token, sizeof(task.token), str_of(k->id));
	str_copy(task.resource, sizeof(task.resource), STR("desk"));
	if (d) {
		str_copy(task.party, sizeof(task.party), str_of(d->funder));
		str_copy(task.currency, sizeof(task.currency), str_of(d->currency));
		task.amount = d->payout ? d->payout : d->amount;
	}
	task_open(r->t, &task);
	turn_signal(r->t, (struct signal){ .kind = SIGNAL_TASK_OPEN, .subject = task.id,
		.deal = r->inst.deal, .code = code });
	token_wait(r, k, TOKEN_TASK, task.id);
}

void undo_failed(struct run *r, struct token *k, const char *code, const char *detail)
{
	struct step x;
	node_interrupt(r, k);
	if (!undo_step(r, &x))
		return;
	k->attempt++;
	x.state = k->attempt > UNDO_RETRIES ? STEP_FAILED : STEP_UNDOING;
	str_copy(x.why, sizeof(x.why), str_of(code));
	tab_put(r->t->tabs, &STEP_REC, &x);
	if (k->attempt > UNDO_RETRIES) {
		undo_manual(r, k, &x, code);
		turn_news(r->t, NEWS_DANGER, "engine", r->inst.deal, "undo of %s failed, by hand now: %s",
			undone_label(r, &x), detail[0] ? detail : code);
		return;
	}
	int64_t minutes = INT64_C(1) << (k->attempt - 1);
	timer_set(r->t, r->t->stamp + minutes * INSTANT_MINUTE, "retry", k->id, k->node, r->inst.deal);
	token_wait(r, k, TOKEN_TIMER, "retry");
	turn_news(r->t, NEWS_WARN, "engine", r->inst.deal, "undo of %s failed, again in %lld min: %s",
		undone_label(r, &x), (long long)minutes, detail[0] ? detail : code);
}

/* "compensate" tries the handler again, "hold" keeps the task open for later, anything else says that it
 * was undone by hand. */
void undo_by_hand(struct run *r, struct token *k, const char *decision)
{
	struct step x;
	if (!undo_step(r, &x))
		return;
	if (strcmp(decision, "compensate") == 0) {
		x.state = STEP_UNDOING;
		tab_put(r->t->tabs, &STEP_REC, &x);
		k->attempt = 0;
		token_enter(r, k, node_of(r, k), "");
	} else if (strcmp(decision, "hold") == 0) {
		undo_manual(r, k, &x, x.why);
	} else {
		undo_finish(r, k, "undone by hand");
	}
}

/* --- the plan, for screens ------------------------------------------------------------------------ */

static size_t plan_running(const struct tabs *s, const char *prefix, const struct step **steps, size_t cap)
{
	size_t n = 0;
	for (const struct step *x = step_last(s, prefix); x; x = step_before(s, prefix, x))
		if (x->undo && x->state != STEP_UNDONE && n++ < cap)
			steps[n - 1] = x;
	return n;
}

size_t workflow_undo_plan(struct workflow *w, const struct tabs *s, const char *deal,
	const struct step **steps, size_t cap)
{
	const struct token *token = NULL;
	TAB_FOR(token, k, s, &TOKEN_REC, "")
		if (!token && strcmp(k->deal, deal) == 0)
			token = k;
	const struct instance *inst = token ? tab_get(s, &INSTANCE_REC, token->instance) : NULL;
	const struct wf_def *d = inst ? processes_get(w->processes, s, inst->process) : NULL;
	if (!d)
		return 0;
	char prefix[ID_MAX + 1];
	snprintf(prefix, sizeof(prefix), "%s/", inst->id);
	size_t n = plan_running(s, prefix, steps, cap);
	for (const struct step *x = step_last(s, prefix); x && !n; x = step_before(s, prefix, x))
		if (step_is_pivot(d, x))
			return 0;
	if (n)
		return n;
	for (const struct step *x = step_last(s, prefix); x; x = step_before(s, prefix, x))
		if (step_undoable(d, s, x, WF_NO, WF_NO, prefix) && n++ < cap)
			steps[n - 1] = x;
	return n;
}
