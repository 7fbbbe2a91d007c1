/* Suspension: what a deal's response level 3 holds, and what goes on (see workflow/runtime.h).
 *
 * Held are the tasks that lead money or goods out: releases always, approvals and clearances while a pivot
 * lies ahead. Paused are the timers of waits from which a pivot can still be reached: after the pivot the
 * clocks of cures and collections run on. Evidence, counts, cures, inflow and undoing are never held.
 * Source: domain specification §8.1. */
#include <stdio.h>
#include <string.h>

#include "risk/watch.h"
#include "run_int.h"
#include "schedule/pool.h"

enum { TASK_HOLD_LEVEL = 2 }; /* of a hold on the task itself */

static bool task_leads_outward(const struct run *r, const struct token *k, const struct wf_node *n)
{
	enum act_kind act = act_named(wf_node_attr(n, "act"));
	if (k->undo)
		return false;
	if (act == ACT_RELEASE_PAYMENT || act == ACT_RELEASE_GOODS)
		return true;
	return (act == ACT_APPROVE || act == ACT_CLEAR) && node_leads_outward(r, n);
}

static void task_set_state(struct run *r, const char *id, bool hold)
{
	const struct task *found = tab_get(r->t->tabs, &TASK_REC, id);
	if (!found)
		return;
	struct task task = *found;
	bool open = task.state == TASK_WAITING || task.state == TASK_POOLED || task.state == TASK_CLAIMED;
	if (hold ? !open : task.state != TASK_HELD || hold_level(r->t->tabs, id) >= TASK_HOLD_LEVEL)
		return;
	/* validated afresh when it comes back: much may have changed */
	task.state = hold ? TASK_HELD : TASK_WAITING;
	task.version++;
	tab_put(r->t->tabs, &TASK_REC, &task);
}

static bool timer_pausable(const struct timer *x)
{
	return strcmp(x->kind, "boundary") == 0 || strcmp(x->kind, "catch") == 0;
}

/* Pauses or resumes the timers of a token. */
static void timers_set_paused(struct run *r, const char *owner, bool pause)
{
	const struct tabs *s = r->t->tabs;
	size_t n = 0, cap = 0;
	for (const struct timer *x = tab_by(s, &TIMER_REC, owner, ""); x; x = tab_by(s, &TIMER_REC, owner, x->id))
		cap++;
	char (*ids)[REC_KEY_MAX] = arena_alloc(r->t->scratch, (cap + 1) * sizeof(*ids));
	for (const struct timer *x = tab_by(s, &TIMER_REC, owner, ""); x; x = tab_by(s, &TIMER_REC, owner, x->id))
		if (timer_pausable(x) && (x->paused != 0) != pause)
			snprintf(ids[n++], REC_KEY_MAX, "%s", x->id);
	for (size_t i = 0; i < n; i++) {
		if (pause)
			timer_pause(r->t, ids[i]);
		else
			timer_resume(r->t, ids[i]);
	}
}

void hold_new_task(struct run *r, const struct token *k, const struct wf_node *n)
{
	if (run_suspended(r) && task_leads_outward(r, k, n))
		task_set_state(r, k->waits_for, true);
}

void hold_new_timers(struct run *r, const struct token *k, const struct wf_node *n)
{
	if (run_suspended(r) && !k->undo && node_leads_outward(r, n))
		timers_set_paused(r, k->id, true);
}

static void token_apply_level(struct run *r, const struct token *k, bool hold)
{
	const struct wf_node *n = node_of(r, k);
	if (k->undo)
		return;
	if (k->state == TOKEN_TASK && (!hold || task_leads_outward(r, k, n)))
		task_set_state(r, k->waits_for, hold);
	if (!hold || node_leads_outward(r, n))
		timers_set_paused(r, k->id, hold);
}

void workflow_on_level(struct turn *t, struct workflow *w, const struct signal *s)
{
	struct run r;
	char last[ID_MAX] = "";
	TAB_FOR(token, first, t->tabs, &TOKEN_REC, "") {
		if (strcmp(first->deal, s->deal) != 0 || strcmp(first->instance, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", first->instance);
		if (!run_open(&r, t, w, last))
			continue;
		char (*ids)[TOKEN_ID_MAX];
		struct token k;
		size_t n = token_list(&r, NULL, &ids);
		bool hold = run_suspended(&r);
		for (size_t i = 0; i < n; i++)
			if (token_read(&r, ids[i], &k))
				token_apply_level(&r, &k, hold);
		run_close(&r);
		first = tab_get(t->tabs, &TOKEN_REC, ids[n - 1]);
	}
}

/* --- invariants, for simulations ------------------------------------------------------------------ */

static bool breach(char why[240], const char *what, const char *id)
{
	snprintf(why, 240, "%s: %s", what, id);
	return false;
}

static bool instance_live(const struct instance *x)
{
	return x->state != INSTANCE_DONE && x->state != INSTANCE_CANCELLED;
}

static bool scope_has_tokens(const struct tabs *s, const struct token *scope)
{
	char prefix[ID_MAX + 1];
	snprintf(prefix, sizeof(prefix), "%.31s/", scope->instance);
	TAB_FOR(token, k, s, &TOKEN_REC, prefix)
		if (strcmp(k->scope, scope->id) == 0)
			return true;
	return false;
}

static bool task_open_for(const struct tabs *s, const struct token *k)
{
	const struct task *task = tab_get(s, &TASK_REC, k->waits_for);
	return task && task->state != TASK_DONE && task->state != TASK_WITHDRAWN &&
		strcmp(task->token, k->id) == 0;
}

static bool token_holds(const struct tabs *s, const struct token *k, char why[240])
{
	const struct instance *inst = tab_get(s, &INSTANCE_REC, k->instance);
	const struct token *scope = k->scope[0] ? tab_get(s, &TOKEN_REC, k->scope) : NULL;
	if (!inst || !instance_live(inst))
		return breach(why, "a token without a live instance", k->id);
	if (!k->node[0])
		return breach(why, "a token on no node", k->id);
	if (k->scope[0] && (!scope || scope->state != TOKEN_SCOPE))
		return breach(why, "a token in a scope that is gone", k->id);
	switch (k->state) {
	case TOKEN_READY: return breach(why, "a token that was left ready", k->id);
	case TOKEN_TASK: return task_open_for(s, k) || breach(why, "a token without its task", k->id);
	case TOKEN_TIMER: return tab_by(s, &TIMER_REC, k->id, "") || breach(why, "a token without its timer", k->id);
	case TOKEN_SCOPE: return scope_has_tokens(s, k) || breach(why, "a scope without tokens", k->id);
	case TOKEN_MESSAGE: return k->waits_for[0] || breach(why, "a token that waits for nothing", k->id);
	default: return true;
	}
}

static bool instance_holds(const struct tabs *s, const struct instance *inst, char why[240])
{
	char prefix[ID_MAX + 1];
	int busy = 0, tokens = 0;
	int64_t undone = 0, left = INT64_MAX;
	snprintf(prefix, sizeof(prefix), "%s/", inst->id);
	TAB_FOR(token, k, s, &TOKEN_REC, prefix)
		tokens++;
	TAB_FOR(step, x, s, &STEP_REC, prefix) {
		busy += x->state == STEP_UNDOING || (x->undo && x->state == STEP_FAILED);
		if (x->state == STEP_UNDONE && x->undo > undone)
			undone = x->undo;
		if (x->undo && x->state != STEP_UNDONE) { /* oldest first here, so the numbers fall */
			if (x->undo >= left)
				return breach(why, "to be undone in another order than newest first", x->id);
			left = x->undo;
		}
	}
	if (instance_live(inst) != (tokens > 0))
		return breach(why, tokens ? "an ended instance with tokens" : "an instance without tokens", inst->id);
	if (busy > 1)
		return breach(why, "two undo steps at once", inst->id);
	if (undone >= left)
		return breach(why, "undone out of order", inst->id);
	if (inst->undo_done > inst->undo_total)
		return breach(why, "more undone than there was", inst->id);
	return true;
}

static bool timer_holds(const struct tabs *s, const struct timer *x, char why[240])
{
	bool ours = timer_pausable(x) || strcmp(x->kind, "retry") == 0;
	return !ours || tab_get(s, &TOKEN_REC, x->owner) || breach(why, "a timer without its token", x->id);
}

static bool task_holds(const struct tabs *s, const struct task *task, char why[240])
{
	const struct token *k = task->token[0] ? tab_get(s, &TOKEN_REC, task->token) : NULL;
	bool open = task->state != TASK_DONE && task->state != TASK_WITHDRAWN;
	return !open || !task->token[0] || (k && strcmp(k->waits_for, task->id) == 0) ||
		breach(why, "an open task that no token waits for", task->id);
}

bool workflow_holds(const struct tabs *s, char why[240])
{
	bool holds = true;
	TAB_FOR(token, k, s, &TOKEN_REC, "")
		holds = holds && token_holds(s, k, why);
	TAB_FOR(instance, x, s, &INSTANCE_REC, "")
		holds = holds && instance_holds(s, x, why);
	TAB_FOR(timer, x, s, &TIMER_REC, "")
		holds = holds && timer_holds(s, x, why);
	TAB_FOR(task, x, s, &TASK_REC, "")
		holds = holds && task_holds(s, x, why);
	return holds;
}
