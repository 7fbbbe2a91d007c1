/* Who hears which signal: the only place where a lower floor's news reaches a higher one.
 *
 * Handlers of one signal run in the order of the rows. Signals queued meanwhile are handled after those
 * queued before them. The queue is bounded (base/turn.h), so one event cannot run for ever. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "risk/watch.h"
#include "schedule/pool.h"

static void hear_call(struct turn *t, struct workflow *w, const struct signal *s)
{
	contract_call(t, w->contracts, s->code, s->deal, str_of(s->text[0] ? s->text : "{}"), NULL);
}

static void hear_message(struct turn *t, struct workflow *w, const struct signal *s)
{
	workflow_message(t, w, s->code, s->deal, str_of(s->text[0] ? s->text : "{}"));
}

static void hear_effect(struct turn *t, struct workflow *w, const struct signal *s)
{
	char id[ID_MAX], party[16];
	(void)w;
	/* a contract may name a kind of party: the first of it is meant */
	str_copy(party, sizeof(party), str_of(s->subject));
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
	for (int k = 0; k < PARTY_KIND_COUNT; k++) {
		const struct party *p = strcmp(PARTY_KIND_NAMES[k], s->subject) != 0 ? NULL
			: k == PARTY_BNK ? bank_of(t->tabs, d ? d->funder : "") : party_first_of(t->tabs, (enum party_kind)k);
		if (p)
			memcpy(party, p->id, sizeof(party));
	}
	effect_send(t, s->code, party, s->deal, s->extra, str_of(s->text[0] ? s->text : "{}"), id);
}

/* A margin call interrupts the wait of the running deal. */
static void hear_zone(struct turn *t, struct workflow *w, const struct signal *s)
{
	if (s->b >= ZONE_CALL && s->a < ZONE_CALL)
		workflow_message(t, w, "margin.called", s->deal, STR("{}"));
}

/* The goods are sold: enforcement has nothing to wait for any more. What is still owed is written off on the book. */
static void hear_sold(struct turn *t, struct workflow *w, const struct signal *s)
{
	if (s->b == DEAL_LIQUIDATED && s->a != DEAL_LIQUIDATED)
		workflow_message(t, w, "enforcement.over", s->deal, STR("{}"));
}

/* A gateway of others says nothing of these goods: its event is kept, but moves no process and freezes nothing. */
static bool goods_heard(const struct turn *t, const struct signal *s)
{
	const struct physical *p = tab_get(t->tabs, &PHYSICAL_REC, s->subject);
	return !s->deal[0] || (p && sender_handles_goods(t->tabs, p->gateway, s->deal));
}

static void watch_physical(struct turn *t, const struct signal *s)
{
	if (goods_heard(t, s))
		risk_on_physical(t, s);
}

/* Business steps of physical events that processes wait for. */
static void hear_physical(struct turn *t, struct workflow *w, const struct signal *s)
{
	static const struct {
		const char *step, *message;
	} MESSAGES[] = { { "departing", "goods.departed" }, { "shipping", "goods.departed" },
		{ "arriving", "goods.arrived" }, { "receiving", "goods.arrived" } };
	if (!s->deal[0] || !goods_heard(t, s))
		return;
	for (size_t i = 0; i < sizeof(MESSAGES) / sizeof(MESSAGES[0]); i++)
		if (strcmp(s->code, MESSAGES[i].step) == 0)
			workflow_message(t, w, MESSAGES[i].message, s->deal, STR("{}"));
}

/* risk may not know tasks: it asks for a case, this opens the task of it. */
static void hear_case(struct turn *t, struct workflow *w, const struct signal *s)
{
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, s->subject);
	(void)w;
	if (!found)
		return;
	struct task task;
	memset(&task, 0, sizeof(task));
	memcpy(task.step, found->code, strlen(found->code) + 1);
	str_copy(task.title, sizeof(task.title), str_of(found->title));
	snprintf(task.form, sizeof(task.form), "case");
	snprintf(task.act, sizeof(task.act), "case");
	task.role = role_named(str_of(s->code));
	memcpy(task.deal, found->deal, sizeof(task.deal));
	memcpy(task.alert, found->id, sizeof(task.alert));
	snprintf(task.resource, sizeof(task.resource), "desk");
	task.duration = 20 * INSTANT_MINUTE;
	task.deadline = found->deadline;
	task.priority = found->level >= 4 ? 9 : found->level >= 3 ? 8 : 4;
	memcpy(task.currency, found->currency, sizeof(task.currency));
	task.amount = found->amount;
	const struct meta *m = tab_get(t->tabs, &META_REC, "state");
	if (m)
		memcpy(task.party, m->book, sizeof(task.party));
	task_open(t, &task);
	struct alert a = *found;
	memcpy(a.task, task.id, sizeof(a.task));
	tab_put(t->tabs, &ALERT_REC, &a);
}

/* An alert ended by itself or by another act: nobody need work on its case any more. */
static void hear_case_close(struct turn *t, struct workflow *w, const struct signal *s)
{
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, s->subject);
	(void)w;
	if (found && found->task[0])
		task_withdraw(t, found->task, s->text);
}

static void hear_compensate(struct turn *t, struct workflow *w, const struct signal *s)
{
	enum refusal r = workflow_compensate(t, w, s->deal, s->text);
	if (r != REFUSED_NOT)
		turn_news(t, NEWS_REFUSED, "engine", s->deal, "no compensation: %s", refusal_sentence(r));
}

/* The undo is complete: the contract closes the deal when the control totals hold. */
static void hear_compensated(struct turn *t, struct workflow *w, const struct signal *s)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
	if (d)
		contract_call(t, w->contracts, d->kind == DEAL_RECEIVABLES ? "receivables.reversed" : "warehouse.reversed",
			s->deal, STR("{}"), NULL);
}

static void hear_incident(struct turn *t, struct workflow *w, const struct signal *s)
{
	(void)w;
	turn_news(t, NEWS_DANGER, "engine", s->deal, "stopped at %s: %s", s->subject, s->text);
}

typedef void (*risk_ear)(struct turn *t, const struct signal *s);
typedef void (*flow_ear)(struct turn *t, struct workflow *w, const struct signal *s);
static const struct {
	enum signal_kind kind;
	risk_ear risk;
	flow_ear flow;
} EARS[] = {
	{ SIGNAL_ANOMALY, risk_on_anomaly, NULL }, { SIGNAL_SILENT, risk_on_silent, NULL },
	{ SIGNAL_GAP, risk_on_gap, NULL }, { SIGNAL_LATE, risk_on_late, NULL },
	{ SIGNAL_PHYSICAL, watch_physical, NULL }, { SIGNAL_PHYSICAL, NULL, hear_physical },
	{ SIGNAL_PRICE, risk_on_price, NULL }, { SIGNAL_STATE, risk_on_state, NULL },
	{ SIGNAL_REFUSED, risk_on_refused, NULL }, { SIGNAL_EVENT, risk_on_event, NULL },
	{ SIGNAL_COUNT, risk_on_count, NULL }, { SIGNAL_CASE_DONE, risk_on_case_done, NULL },
	{ SIGNAL_EVENT, NULL, hear_transfer }, { SIGNAL_EVENT, NULL, hear_suspense }, { SIGNAL_EVENT, NULL, hear_asset },
	{ SIGNAL_MESSAGE, NULL, hear_message }, { SIGNAL_EFFECT, NULL, hear_effect },
	{ SIGNAL_CALL, NULL, hear_call }, { SIGNAL_ZONE, NULL, hear_zone },
	{ SIGNAL_STATE, NULL, hear_sold }, { SIGNAL_LEVEL, NULL, workflow_on_level }, { SIGNAL_CASE, NULL, hear_case },
	{ SIGNAL_CASE_CLOSE, NULL, hear_case_close },
	{ SIGNAL_TASK_DONE, NULL, workflow_on_task_done }, { SIGNAL_COMPENSATE, NULL, hear_compensate },
	{ SIGNAL_COMPENSATED, NULL, hear_compensated }, { SIGNAL_INCIDENT, NULL, hear_incident },
};

enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled)
{
	const struct signal *next;
	while ((next = turn_next_signal(t))) {
		struct signal s = *next; /* the queue may move when a handler adds to it */
		(*handled)++;
		for (size_t i = 0; i < sizeof(EARS) / sizeof(EARS[0]); i++) {
			if (EARS[i].kind != s.kind)
				continue;
			if (EARS[i].risk)
				EARS[i].risk(t, &s);
			else
				EARS[i].flow(t, &e->workflow, &s);
		}
		if (turn_overrun(t))
			return turn_refuse(t, REFUSED_RUNAWAY, "more than %d signals in one event", TURN_SIGNALS_MAX);
	}
	return REFUSED_NOT;
}
