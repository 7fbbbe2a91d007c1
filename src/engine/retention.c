/* What leaves the state, a bounded share of it with every entry. See engine/retention.h.
 *
 * Tables that grow in order of time are cut at their beginning. Others are searched in rounds: every SWEEP_EVERY entries
 * the next SWEEP_LOOK records of each type are asked whether they are over, so a table of n records is gone through
 * in n / 2 entries. What belongs to an instance goes with it. */
#include "engine/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "engine_int.h"
#include "feed/apply.h"
#include "ledger/period.h"
#include "ledger/transfer.h"
#include "risk/state.h"
#include "schedule/task.h"
#include "workflow/state.h"

enum { SWEEP_EVERY = 32, SWEEP_LOOK = 64, SWEEP_LEAVE = 16, NEWS_LEAVE = 64, NEWS_KEPT = 20000, BOOK_DAYS = 400, DEAL_DAYS = FEED_TOLD_DAYS,
	WINDOW_DAYS = 14, WINDOW_SLACK_DAYS = 2, INBOX_DAYS = 14 };

#define REC_SELF struct sweep
REC_TYPE(SWEEP_REC, 66, "sweep", SWEEP_FIELDS)
#undef REC_SELF
#define REC_SELF struct mark
REC_TYPE(MARK_REC, 67, "mark", MARK_FIELDS)
#undef REC_SELF

/* What the questions below need, looked up once a sweep. */
struct limits {
	int64_t book, deal, inbox; /* instants: what is older may go */
	int64_t seen;              /* entries below this one may go */
};

/* --- days and entries ------------------------------------------------------------------------------- */

static void mark_day(struct turn *t)
{
	struct mark d = { .entry = (int64_t)t->number };
	str_key(d.id, sizeof(d.id), "day", t->stamp / INSTANT_DAY, 8);
	if (!tab_get(t->tabs, &MARK_REC, d.id))
		tab_put(t->tabs, &MARK_REC, &d);
}

/* The first entry of which it is not sure that it is older than the window; marks of older days go. */
static int64_t entries_before(struct turn *t, int64_t window_days)
{
	char from[24];
	int64_t day = t->stamp / INSTANT_DAY - window_days - WINDOW_SLACK_DAYS;
	str_key(from, sizeof(from), "day", day > 0 ? day : 0, 8);
	const struct mark *first = tab_first(t->tabs, &MARK_REC, from);
	int64_t entry = first ? first->entry : 0;
	struct mark forgot = { .id = MARK_FORGOT, .entry = day };
	const struct mark *before = tab_get(t->tabs, &MARK_REC, MARK_FORGOT), *d = tab_first(t->tabs, &MARK_REC, "");
	if (d && strcmp(d->id, from) < 0 && (!before || before->entry < day))
		tab_put(t->tabs, &MARK_REC, &forgot);
	while ((d = tab_first(t->tabs, &MARK_REC, "")) && strcmp(d->id, from) < 0) /* the other marks sort behind */
		tab_delete(t->tabs, &MARK_REC, d->id);
	return entry;
}

int64_t retention_remembers(const struct tabs *s)
{
	const struct mark *m = tab_get(s, &MARK_REC, MARK_FORGOT);
	return m ? (m->entry + 1) * INSTANT_DAY : INT64_MIN; /* a day later: clocks may run ahead of the stamp */
}

static struct limits limits_of(struct turn *t)
{
	const struct tabs *s = t->tabs;
	return (struct limits){ .book = t->stamp - policy_int(s, "retention.book_days", BOOK_DAYS) * INSTANT_DAY,
		.deal = t->stamp - policy_int(s, "retention.deal_days", DEAL_DAYS) * INSTANT_DAY,
		.inbox = t->stamp - INBOX_DAYS * INSTANT_DAY,
		.seen = entries_before(t, policy_int(s, "clock.window_days", WINDOW_DAYS)) };
}

/* --- what is over ------------------------------------------------------------------------------------ */

/* No deal, or one that is final since before the instant. */
static bool deal_over(const struct tabs *s, const char *deal, int64_t before)
{
	const struct deal *d = deal[0] ? tab_get(s, &DEAL_REC, deal) : NULL;
	return !d || (deal_state_final(d->state) && d->closed_at && d->closed_at < before);
}

static bool seen_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct seen *s = rec;
	return s->entry < l->seen && tab_delete(t->tabs, &SEEN_REC, s->id);
}

static bool inbox_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct inbox *m = rec;
	return m->at < l->inbox && tab_delete(t->tabs, &INBOX_REC, m->id);
}

/* Money in suspense is asked for until it is cleared, however old it is. */
static bool suspended(const struct tabs *s, const struct journal *j)
{
	return event_suspends(j->event) && !suspense_cleared(s, j);
}

/* A journal may be mirrored as long as its deal goes on; what is after the day of the bank's statement is asked one by one. */
static bool journal_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct journal *j = rec;
	char name[48];
	if (j->at >= l->book || !deal_over(t->tabs, j->deal, l->deal) || suspended(t->tabs, j))
		return false;
	snprintf(name, sizeof(name), "bank.closing_day.%s/%s", j->book, j->currency);
	int64_t closing = policy_int(t->tabs, name, 0);
	return (!closing || j->value_day <= closing) && period_roll(t, j->id);
}

static bool task_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct task *k = rec;
	bool ended = k->state == TASK_DONE || k->state == TASK_WITHDRAWN;
	return ended && k->opened_at < l->deal && k->done_at < l->deal && deal_over(t->tabs, k->deal, l->deal)
		&& tab_archive(t->tabs, &TASK_REC, k->id);
}

static bool effect_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct effect *e = rec;
	return e->state != EFFECT_PENDING && e->at < l->deal && e->answered_at < l->deal && deal_over(t->tabs, e->deal, l->deal)
		&& tab_archive(t->tabs, &EFFECT_REC, e->id);
}

static bool alert_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct alert *a = rec;
	return a->closed_at && a->closed_at < l->deal && deal_over(t->tabs, a->deal, l->deal)
		&& tab_archive(t->tabs, &ALERT_REC, a->id);
}

static bool decision_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct decision *d = rec;
	return d->at < l->deal && deal_over(t->tabs, d->deal, l->deal) && tab_archive(t->tabs, &DECISION_REC, d->id);
}

/* Acts on deals, and on tasks and alerts that left; those on limits, people and parties are asked for as long as they stand.
 * The newest act of a deal stays: acts are numbered behind it, and one that took the number of an archived one would take its row. */
static bool act_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct act *a = rec;
	bool deal = tab_get(t->tabs, &DEAL_REC, a->object) && act_next(t->tabs, a, a->object);
	bool gone = (strncmp(a->object, "TK-", 3) == 0 && !tab_get(t->tabs, &TASK_REC, a->object))
		|| (strncmp(a->object, "AL-", 3) == 0 && !tab_get(t->tabs, &ALERT_REC, a->object));
	return a->at < l->deal && (gone || (deal && deal_over(t->tabs, a->object, l->deal))) && tab_archive(t->tabs, &ACT_REC, a->id);
}

/* Its payment stays and refuses a second one of that name; only the deal itself could ask for the transfer again. */
static bool transfer_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct transfer *f = rec;
	return f->state != TRANSFER_PENDING && f->deal[0] && f->ended_at < l->book && deal_over(t->tabs, f->deal, l->deal)
		&& tab_archive(t->tabs, &TRANSFER_REC, f->id);
}

/* What is told again later than that moves nothing (feed/apply.c). */
static bool physical_over(struct turn *t, const void *rec, const struct limits *l)
{
	const struct physical *p = rec;
	return p->at < l->deal && deal_over(t->tabs, p->deal, l->deal) && tab_archive(t->tabs, &PHYSICAL_REC, p->id);
}

static void archive_below(struct turn *t, const struct rec_type *type, const char *id)
{
	char prefix[REC_KEY_MAX], key[REC_KEY_MAX];
	snprintf(prefix, sizeof(prefix), "%s/", id);
	for (const void *rec; (rec = tab_prefix_first(t->tabs, type, prefix));) {
		snprintf(key, sizeof(key), "%s", rec_key(type, rec));
		tab_archive(t->tabs, type, key);
	}
}

static bool instance_over(struct turn *t, const void *rec, const struct limits *l)
{
	struct instance i = *(const struct instance *)rec;
	bool ended = i.state == INSTANCE_DONE || i.state == INSTANCE_CANCELLED;
	if (!ended || !i.ended_at || i.ended_at >= l->deal || !deal_over(t->tabs, i.deal, l->deal))
		return false;
	archive_below(t, &STEP_REC, i.id);
	archive_below(t, &VARIABLE_REC, i.id);
	return tab_archive(t->tabs, &INSTANCE_REC, i.id);
}

/* --- searching in rounds ------------------------------------------------------------------------------ */

static const struct {
	const struct rec_type *type;
	bool (*over)(struct turn *t, const void *rec, const struct limits *l); /* true: it left */
} SWEEPS[] = {
	{ &SEEN_REC, seen_over }, { &INBOX_REC, inbox_over }, { &JOURNAL_REC, journal_over }, { &INSTANCE_REC, instance_over },
	{ &TASK_REC, task_over }, { &EFFECT_REC, effect_over }, { &ALERT_REC, alert_over }, { &DECISION_REC, decision_over },
	{ &ACT_REC, act_over }, { &TRANSFER_REC, transfer_over }, { &PHYSICAL_REC, physical_over },
};

static void sweep_type(struct turn *t, size_t which, const struct limits *l)
{
	const struct rec_type *type = SWEEPS[which].type;
	struct sweep s = { .id = "" };
	int looked = 0, left = 0;
	if (!tab_count(t->tabs, type))
		return;
	str_copy(s.id, sizeof(s.id), str_of(type->name));
	const struct sweep *before = tab_get(t->tabs, &SWEEP_REC, s.id);
	if (before)
		s = *before;
	const void *rec = s.at[0] ? tab_next(t->tabs, type, s.at) : tab_first(t->tabs, type, ""), *last = NULL;
	for (; rec && looked < SWEEP_LOOK && left < SWEEP_LEAVE * 2; looked++) {
		last = rec;
		left += SWEEPS[which].over(t, rec, l);
		rec = tab_prefix_after(t->tabs, type, "", rec);
	}
	s.rounds += rec == NULL;
	s.left += left;
	str_copy(s.at, sizeof(s.at), str_of(rec ? rec_key(type, last) : "")); /* also one that left lies there until the commit */
	if (!before || strcmp(before->at, s.at) != 0 || left)
		tab_put(t->tabs, &SWEEP_REC, &s);
}

/* Lines are numbered in order of time. */
static void cut_news(struct turn *t)
{
	size_t kept = (size_t)policy_int(t->tabs, "retention.news", NEWS_KEPT);
	char key[REC_KEY_MAX];
	for (int i = 0; i < NEWS_LEAVE && tab_count(t->tabs, &NEWS_REC) > kept; i++) {
		const struct news *first = tab_first(t->tabs, &NEWS_REC, "");
		snprintf(key, sizeof(key), "%s", first->id);
		tab_archive(t->tabs, &NEWS_REC, key);
	}
}

void retention_turn(struct turn *t)
{
	cut_news(t);
	mark_day(t);
	if (t->number % SWEEP_EVERY != SWEEP_EVERY - 1)
		return;
	struct limits limits = limits_of(t);
	for (size_t i = 0; i < sizeof(SWEEPS) / sizeof(SWEEPS[0]); i++)
		sweep_type(t, i, &limits);
}
