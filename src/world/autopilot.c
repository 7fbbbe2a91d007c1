/* The autopilot. See world/autopilot.h.
 *
 * Must remain true: a decision is a function of the state, the cast and what was refused before; nobody signs who may
 * not (rights_ask), so a refusal is an exception, not a way of finding out. */
#include "world/autopilot.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/events.h"
#include "schedule/pool.h"
#include "world_int.h"

enum { OPENS = 6 * 60, CLOSES = 20 * 60 /* minutes of the day in which people work */ };

/* How long each form takes, in minutes, from when it is open. */
static const struct {
	const char *form;
	int64_t least, most;
} THINKING[] = {
	{ "approve", 5, 32 }, { "clear", 8, 40 }, { "correct", 10, 45 }, { "evidence", 15, 60 }, { "chase", 20, 90 },
	{ "account", 12, 40 }, { "release", 4, 22 }, { "receipt", 12, 38 }, { "count", 35, 110 }, { "cancel", 8, 25 },
	{ "goods-out", 25, 80 }, { "release-goods", 5, 25 }, { "margin", 4, 14 }, { "enforce", 15, 45 }, { "case", 22, 95 },
	{ "", 10, 40 },
};

static const struct hand *hand_of(const struct cast *c, const struct task *t)
{
	for (int i = 0; i < c->hand_count; i++) {
		const struct hand *h = &c->hands[i];
		if ((!h->deal[0] || strcmp(h->deal, id_tail(t->deal)) == 0) && strcmp(h->step, t->step) == 0
			&& (!h->form[0] || strcmp(h->form, t->form) == 0))
			return h;
	}
	return NULL;
}

int64_t autopilot_recorded(const struct autopilot *p, const struct task *t)
{
	const struct hand *h = hand_of(p->cast, t);
	return h && h->at > 0 ? h->at : INSTANT_NONE;
}

bool autopilot_is_visitors(const struct autopilot *p, const struct task *t)
{
	const struct operator *o = p->visitor[0] ? cast_operator(p->cast, p->visitor) : NULL;
	return o && o->role == t->role && (!t->party[0] || strcmp(o->party, t->party) == 0)
		&& strcmp(p->handed, t->id) != 0;
}

static int64_t tried_times(const struct autopilot *p, const char *task)
{
	for (size_t i = 0; i < p->tried_count; i++)
		if (strcmp(p->tried[i].task, task) == 0)
			return p->tried[i].times;
	return 0;
}

void autopilot_refused(struct autopilot *p, const char *task)
{
	for (size_t i = 0; i < p->tried_count; i++)
		if (strcmp(p->tried[i].task, task) == 0) {
			p->tried[i].times++;
			return;
		}
	if (p->tried_count < AUTOPILOT_TRIED_MAX) {
		snprintf(p->tried[p->tried_count].task, ID_MAX, "%s", task);
		p->tried[p->tried_count++].times = 1;
	}
}

/* Nobody works at night: the act moves to the next morning. */
static int64_t in_hours(int64_t at, uint64_t seed, const char *id)
{
	int64_t midnight = instant_day(at) * INSTANT_DAY, minute = (at - midnight) / INSTANT_MINUTE;
	int64_t first = (OPENS + dice_fixed(seed, "morning", id, 5, 75)) * INSTANT_MINUTE;
	if (minute < OPENS)
		return midnight + first;
	return minute >= CLOSES ? midnight + INSTANT_DAY + first : at;
}

static int64_t act_time(const struct autopilot *p, const struct task *t, const struct hand *hand)
{
	const char *id = t->id;
	size_t i = 0;
	while (THINKING[i].form[0] && strcmp(THINKING[i].form, t->form) != 0)
		i++;
	if (strcmp(p->handed, id) == 0)
		return t->opened_at;
	int64_t at = t->opened_at + dice_fixed(p->cast->seed, "think", id, THINKING[i].least * 60, THINKING[i].most * 60) * INSTANT_SECOND;
	at = hand && hand->at > 0 ? (hand->at > t->opened_at ? hand->at : t->opened_at + INSTANT_MINUTE) : in_hours(at, p->cast->seed, id);
	/* half a second past, so that no act meets a line of the recording */
	at = at - at % INSTANT_SECOND + INSTANT_SECOND / 2;
	return at + tried_times(p, id) * 20 * INSTANT_MINUTE;
}

/* --- who ----------------------------------------------------------------------------------------- */

/* The first person who may, starting after as many as were refused; never the visitor, unless nobody else is there. */
static const char *person_for(const struct autopilot *p, const struct tabs *s, const struct task *t, const struct hand *hand,
	int64_t at)
{
	const char *object = t->deal[0] ? t->deal : t->alert[0] ? t->alert : t->id;
	const struct deal *d = t->deal[0] ? tab_get(s, &DEAL_REC, t->deal) : NULL;
	enum act_kind act = act_named(str_of(t->act));
	const char *found[16];
	size_t count = 0;
	for (int i = 0; i < p->cast->operator_count && count < sizeof(found) / sizeof(found[0]); i++) {
		const struct operator *o = &p->cast->operators[i];
		if (o->role != t->role || (t->party[0] && strcmp(t->party, o->party) != 0))
			continue;
		if (strcmp(o->id, p->visitor) == 0 && strcmp(p->handed, t->id) != 0)
			continue;
		if (hand && strcmp(hand->by, o->id) == 0 && !tried_times(p, t->id)
			&& rights_ask(s, o->id, at, act, object, t->amount, d ? d->maker : "", NULL) == REFUSED_NOT)
			return o->id;
		if (rights_ask(s, o->id, at, act, object, t->amount, d ? d->maker : "", NULL) == REFUSED_NOT)
			found[count++] = o->id;
	}
	if (!count)
		return NULL;
	/* who is not busiest: spread by the task's id */
	size_t first = (size_t)dice_fixed(p->cast->seed, "person", t->id, 0, (int64_t)count - 1);
	return found[(first + (size_t)tried_times(p, t->id)) % count];
}

/* --- what ---------------------------------------------------------------------------------------- */

static struct str text_in(struct arena *a, const char *text)
{
	return (struct str){ str_dup(a, str_of(text)), strlen(text) };
}

static struct str receipt_data(struct arena *a, const struct tabs *s, const struct task *t, bool recount)
{
	char text[160], quantity[NUM_TEXT_MAX];
	const struct deal *d = tab_get(s, &DEAL_REC, t->deal);
	const struct lot *l = d && d->lot[0] ? tab_get(s, &LOT_REC, d->lot) : NULL;
	if (!l)
		return STR("{}");
	num_format_scaled(recount ? l->counted : l->advised, 3, 0, 0, quantity);
	snprintf(text, sizeof(text), recount ? "{\"packages\":%lld,\"quantity\":\"%s\",\"method\":\"weighbridge\"}"
		: "{\"packages\":%lld,\"quantity\":\"%s\",\"damaged\":\"\"}", (long long)(recount ? l->packages_counted : l->packages), quantity);
	return text_in(a, text);
}

static struct str out_data(struct arena *a, const struct tabs *s, const struct task *t)
{
	char text[80], quantity[NUM_TEXT_MAX];
	const struct deal *d = tab_get(s, &DEAL_REC, t->deal);
	const struct receipt *r = d && d->receipt[0] ? tab_get(s, &RECEIPT_REC, d->receipt) : NULL;
	if (!r)
		return STR("{}");
	snprintf(text, sizeof(text), "{\"quantity\":\"%s\"}", num_format_scaled(r->quantity, 3, 0, 0, quantity));
	return text_in(a, text);
}

static struct str data_for(struct arena *a, const struct tabs *s, const struct task *t)
{
	if (strcmp(t->form, "receipt") == 0)
		return receipt_data(a, s, t, false);
	if (strcmp(t->form, "count") == 0)
		return receipt_data(a, s, t, true);
	if (strcmp(t->form, "goods-out") == 0 || strcmp(t->form, "cancel") == 0)
		return out_data(a, s, t);
	if (strcmp(t->form, "account") == 0)
		return STR("{\"account_checked\":true,\"note\":\"called back\"}");
	if (strcmp(t->form, "correct") == 0 || strcmp(t->form, "evidence") == 0 || strcmp(t->form, "chase") == 0)
		return STR("{\"note\":\"checked again\"}");
	return STR("{}");
}

/* What to do about a case of each class when no hand says it. */
static const struct {
	const char *code, *decision, *reason;
} CASES[] = {
	{ "E01", "close", "asked for again; the process waits by itself" }, { "E02", "close", "looked at on site, reading explained" },
	{ "E03", "close", "line checked with the provider" }, { "E04", "close", "what came late changes nothing" },
	{ "E05", "close", "sources compared by hand" }, { "E06", "close", "papers compared, the second claim is refused" },
	{ "E07", "close", "recounted, valued by the count" }, { "E08", "close", "goods inspected, the cut stays" },
	{ "E09", "hold", "watched until the ratio is back" }, { "E13", "close", "debtor called, day of payment given" },
	{ "E14", "close", "account confirmed by call-back" }, { "", "close", "checked and settled" },
};

static void decide(const struct task *t, const struct hand *hand, struct autopilot_act *act)
{
	size_t i = 0;
	bool is_case = strcmp(t->form, "case") == 0;
	while (CASES[i].code[0] && strcmp(CASES[i].code, t->step) != 0)
		i++;
	snprintf(act->decision, sizeof(act->decision), "%s", is_case ? CASES[i].decision : task_decisions(t->form)[0]);
	snprintf(act->reason, sizeof(act->reason), "%s", is_case ? CASES[i].reason : "");
	if (hand && hand->decision[0])
		memcpy(act->decision, hand->decision, sizeof(act->decision));
	if (hand && hand->reason[0])
		memcpy(act->reason, hand->reason, sizeof(act->reason));
}

/* Held tasks wait for the lift, waiting ones for their check; work that mends what holds the deal goes on. */
static bool is_ripe(const struct task *t)
{
	return t->state == TASK_POOLED || t->state == TASK_CLAIMED;
}

void autopilot_next(const struct autopilot *p, const struct tabs *s, int64_t now, struct arena *a, struct autopilot_act *out)
{
	const struct task *best = NULL;
	const struct hand *best_hand = NULL;
	const char *best_person = NULL;
	memset(out, 0, sizeof(*out));
	out->at = INSTANT_NONE;
	TAB_FOR(task, t, s, &TASK_REC, "") {
		if (!is_ripe(t) || autopilot_is_visitors(p, t))
			continue;
		const struct hand *hand = hand_of(p->cast, t);
		int64_t at = act_time(p, t, hand);
		if (at < now)
			at = now;
		if (best && (at > out->at || (at == out->at && t->rank >= best->rank)))
			continue;
		const char *person = t->claimed_by[0] && strcmp(t->claimed_by, p->visitor) != 0 ? t->claimed_by : person_for(p, s, t, hand, at);
		if (!person)
			continue;
		best = t;
		best_hand = hand;
		best_person = person;
		out->at = at;
	}
	if (!best)
		return;
	snprintf(out->task, sizeof(out->task), "%s", best->id);
	snprintf(out->operator_id, sizeof(out->operator_id), "%s", best_person);
	decide(best, best_hand, out);
	out->data = best_hand && best_hand->data ? text_in(a, blob_str(best_hand->data).ptr) : data_for(a, s, best);
	snprintf(out->says, sizeof(out->says), "%.7s %.15s %.15s %s", best->step, best->title, out->decision, id_tail(best->deal));
}

void autopilot_event(const struct tabs *s, const struct autopilot_act *act, struct arena *a, struct envelope *out)
{
	struct ev_task body;
	const struct task *t = tab_get(s, &TASK_REC, act->task);
	const struct operator *o = tab_get(s, &OPERATOR_REC, act->operator_id);
	memset(&body, 0, sizeof(body));
	memcpy(body.task, act->task, sizeof(body.task));
	body.version = t ? t->version : 0;
	if (t)
		body.seen = task_seen(s, t);
	memcpy(body.decision, act->decision, sizeof(body.decision));
	memcpy(body.reason, act->reason, sizeof(body.reason));
	body.data = blob_in(a, act->data.ptr, act->data.len);
	event_envelope(a, EVENT_TASK, o ? o->party : "", t ? t->deal : "", act->at, &body, NULL, out);
}
