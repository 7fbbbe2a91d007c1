/* The problem of a moment, read from the state. See schedule/plan.h.
 *
 * Must remain true: everything the decision may depend on is copied into the problem; nothing else is
 * looked at afterwards. Amounts are taken as they stand: the book has one currency. */
#include "schedule_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"

enum { WEIGHT_FULL = 10000, WEIGHT_LEVEL = 5000, WEIGHT_ZONE = 7500, MISS_COST = 50000 };

static void calendar_fill(const struct tabs *s, const char *name, int64_t open, int64_t close, struct calendar *c)
{
	char key[48];
	memset(c, 0, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(key, sizeof(key), "calendar.%s.open_minute", name);
	c->open_minute = policy_int(s, key, open);
	snprintf(key, sizeof(key), "calendar.%s.close_minute", name);
	c->close_minute = policy_int(s, key, close);
	const struct param *days = tab_get(s, &PARAM_REC, "calendar.holidays");
	struct str rest = str_of(days ? days->text : "");
	while (rest.len && c->holiday_count < (int)(sizeof(c->holidays) / sizeof(c->holidays[0])))
		if (instant_parse_date(str_trim(str_cut(&rest, ',')), &c->holidays[c->holiday_count]))
			c->holiday_count++;
}

static void calendars_fill(const struct tabs *s, struct plan_problem *p)
{
	static const struct {
		const char *name;
		int64_t open, close;
	} HOURS[PLAN_CALENDARS] = { { "desk", 480, 1080 }, { "bank", 480, 960 }, { "registry", 480, 1080 }, { "dock", 360, 1080 } };
	for (int i = 0; i < PLAN_CALENDARS; i++)
		calendar_fill(s, HOURS[i].name, HOURS[i].open, HOURS[i].close, &p->calendars[i]);
}

/* When a channel closes next: work that ends later goes with the next day's file. */
static int64_t cutoff_of(const struct plan_problem *p, const char *resource)
{
	for (int i = 1; i < 3; i++) { /* bank and registry have one */
		const struct calendar *c = &p->calendars[i];
		if (strcmp(c->name, resource) != 0)
			continue;
		int64_t day = calendar_following(c, instant_day(p->now)), close = day * INSTANT_DAY + c->close_minute * INSTANT_MINUTE;
		if (close <= p->now)
			close = calendar_following(c, day + 1) * INSTANT_DAY + c->close_minute * INSTANT_MINUTE;
		return close;
	}
	return 0;
}

struct building {
	const struct turn *t;
	struct plan_problem *p;
};

/* Level and zone of the deal make its money weigh more. */
static int64_t weight_of(const struct tabs *s, const struct deal *d)
{
	if (!d)
		return WEIGHT_FULL;
	return WEIGHT_FULL + d->level * policy_int(s, "schedule.level_bp", WEIGHT_LEVEL)
		+ d->zone * policy_int(s, "schedule.zone_bp", WEIGHT_ZONE);
}

static void build_task(void *ctx, const struct task *task)
{
	struct building *b = ctx;
	if ((task->state != TASK_POOLED && task->state != TASK_CLAIMED) || b->p->task_count >= PLAN_TASKS_MAX)
		return;
	struct plan_task *k = &b->p->tasks[b->p->task_count++];
	memcpy(k->id, task->id, sizeof(k->id));
	memcpy(k->step, task->step, sizeof(k->step));
	memcpy(k->deal, task->deal, sizeof(k->deal));
	memcpy(k->party, task->party, sizeof(k->party));
	memcpy(k->resource, task->resource, sizeof(k->resource));
	memcpy(k->fixed, task->claimed_by, sizeof(k->fixed));
	memcpy(k->previous, task->assigned, sizeof(k->previous));
	k->role = task->role;
	k->duration = task->duration > 0 && task->duration < 30 * INSTANT_DAY ? task->duration : 10 * INSTANT_MINUTE;
	k->deadline = task->deadline;
	k->opened_at = task->opened_at;
	k->cutoff = cutoff_of(b->p, task->resource);
	k->priority = task->priority;
	k->amount = task->amount > 0 ? task->amount : 0;
	k->decay = task->decay > 0 ? task->decay : 0;
	k->weight_bp = weight_of(b->t->tabs, tab_get(b->t->tabs, &DEAL_REC, task->deal));
	k->reversible = task->reversible;
	k->rank = task->rank;
}

static void build_seats(struct building *b)
{
	unsigned roles = 0;
	for (size_t i = 0; i < b->p->task_count; i++)
		roles |= 1u << b->p->tasks[i].role;
	TAB_FOR(seat, s, b->t->tabs, &SEAT_REC, "") {
		const struct operator *o = tab_get(b->t->tabs, &OPERATOR_REC, s->id);
		if (!o || !(roles >> s->role & 1u) || !operator_live_at(o, b->t->stamp) || b->p->seat_count >= PLAN_SEATS_MAX)
			continue;
		struct plan_seat *out = &b->p->seats[b->p->seat_count++];
		memcpy(out->id, s->id, sizeof(out->id));
		memcpy(out->party, s->party, sizeof(out->party));
		out->role = s->role;
		out->most = s->most;
		out->busy_until = s->busy_until;
	}
}

/* Whom separation of duties or authority keeps from a task, in the words of the rule. */
static void build_bans(struct building *b)
{
	struct plan_problem *p = b->p;
	for (size_t i = 0; i < p->task_count; i++) {
		const struct task *task = tab_get(b->t->tabs, &TASK_REC, p->tasks[i].id);
		const struct deal *d = tab_get(b->t->tabs, &DEAL_REC, task->deal);
		const char *object = task->deal[0] ? task->deal : task->alert[0] ? task->alert : task->id;
		enum act_kind act = act_named(str_of(task->act));
		for (size_t k = 0; k < p->seat_count; k++) {
			char why[160];
			bool theirs = p->seats[k].role == p->tasks[i].role && (!task->party[0]
				|| strcmp(task->party, p->seats[k].party) == 0);
			if (!theirs || act == ACT_KIND_COUNT || rights_ask(b->t->tabs, p->seats[k].id, b->t->stamp, act, object,
				task->amount, d ? d->maker : "", why) == REFUSED_NOT)
				continue;
			struct plan_ban *ban = &p->bans[p->ban_count++];
			ban->task = (int64_t)i;
			ban->seat = (int64_t)k;
			str_copy(ban->why, sizeof(ban->why), str_of(why));
		}
	}
}

struct plan_problem *problem_build(const struct turn *t, const struct pool *pool)
{
	struct plan_problem *p = arena_zero(t->scratch, sizeof(*p));
	struct building b = { t, p };
	p->now = t->stamp;
	p->number = pool->plans + 1;
	p->weight_risk = policy_int(t->tabs, "schedule.weight.risk", 600);
	p->weight_cost = policy_int(t->tabs, "schedule.weight.cost", 150);
	p->weight_time = policy_int(t->tabs, "schedule.weight.time", 250);
	p->miss_cost = policy_int(t->tabs, "schedule.miss_cost", MISS_COST);
	const struct param *any = tab_get(t->tabs, &PARAM_REC, "schedule.weight.risk");
	p->policy = any ? any->policy : 0;
	calendars_fill(t->tabs, p);
	p->tasks = arena_zero(t->scratch, ((size_t)pool->open + 1) * sizeof(*p->tasks));
	pool_each(t->tabs, pool, build_task, &b);
	p->seats = arena_zero(t->scratch, (tab_count(t->tabs, &SEAT_REC) + 1) * sizeof(*p->seats));
	build_seats(&b);
	p->bans = arena_zero(t->scratch, (p->task_count * p->seat_count + 1) * sizeof(*p->bans));
	build_bans(&b);
	return p;
}
