/* The decision itself: a pure function of a problem. See schedule/plan.h.
 *
 * Must remain true: no clock, no state, no floating point; every sort is total, ties end at the index; the
 * search looks at a fixed number of orders, so the same problem gives the same plan on any machine. */
#include "schedule/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"

enum { EVALUATIONS_MAX = 600, EVALUATED_TASKS_MAX = 10000, IDLE_DAYS = 1, LATE_TIMES = 4, FULL = 10000 };
#define SCORE_WORST INT64_C(1000000)
#define MEASURE_MAX INT64_C(4000000000000000000)

/* --- measuring ------------------------------------------------------------------------------------ */

static int64_t saturate_add(int64_t a, int64_t b)
{
	int64_t sum;
	return num_add(a, b, &sum) && sum < MEASURE_MAX ? sum : MEASURE_MAX;
}

static int64_t saturate_muldiv(int64_t a, int64_t b, int64_t c)
{
	int64_t n;
	return num_muldiv(a, b, c, ROUND_DOWN, &n) && n < MEASURE_MAX ? n : MEASURE_MAX;
}

static const struct calendar *calendar_of(const struct plan_problem *p, const char *resource)
{
	for (int i = 0; i < PLAN_CALENDARS; i++)
		if (strcmp(p->calendars[i].name, resource) == 0)
			return &p->calendars[i];
	return &p->calendars[0];
}

/* The first instant at or after `at` when a calendar is open. */
static int64_t open_from(const struct calendar *c, int64_t at)
{
	if (c->close_minute <= c->open_minute)
		return at;
	int64_t day = instant_day(at);
	if (calendar_is_open_day(c, day) && at < day * INSTANT_DAY + c->close_minute * INSTANT_MINUTE) {
		int64_t opens = day * INSTANT_DAY + c->open_minute * INSTANT_MINUTE;
		return at > opens ? at : opens;
	}
	return calendar_following(c, day + 1) * INSTANT_DAY + c->open_minute * INSTANT_MINUTE;
}

/* What does not change from order to order, looked up once: who may work on each task, in which hours. */
struct field {
	const struct plan_problem *p;
	const struct calendar **hours; /* of each task */
	int32_t *fixed, *previous;     /* seat of each task, -1 none */
	int32_t *fits, *fits_from;     /* seats that fit task i: fits[fits_from[i]] up to fits[fits_from[i + 1]] */
	int64_t *free_at, *load;       /* of each seat, while an order is filled in */
};

static int32_t seat_named(const struct plan_problem *p, const char *id)
{
	for (size_t i = 0; id[0] && i < p->seat_count; i++)
		if (strcmp(p->seats[i].id, id) == 0)
			return (int32_t)i;
	return -1;
}

static bool seat_banned(const struct plan_problem *p, size_t task, size_t seat)
{
	for (size_t i = 0; i < p->ban_count; i++)
		if (p->bans[i].task == (int64_t)task && p->bans[i].seat == (int64_t)seat)
			return true;
	return false;
}

static void field_fill(struct arena *a, const struct plan_problem *p, struct field *f)
{
	size_t n = p->task_count, m = p->seat_count;
	int32_t count = 0;
	f->p = p;
	f->hours = arena_alloc(a, (n + 1) * sizeof(*f->hours));
	f->fixed = arena_alloc(a, (n + 1) * sizeof(*f->fixed));
	f->previous = arena_alloc(a, (n + 1) * sizeof(*f->previous));
	f->fits = arena_alloc(a, (n * m + 1) * sizeof(*f->fits));
	f->fits_from = arena_alloc(a, (n + 1) * sizeof(*f->fits_from));
	f->free_at = arena_alloc(a, (m + 1) * sizeof(*f->free_at));
	f->load = arena_alloc(a, (m + 1) * sizeof(*f->load));
	for (size_t i = 0; i < n; i++) {
		const struct plan_task *k = &p->tasks[i];
		f->hours[i] = calendar_of(p, k->resource);
		f->fixed[i] = seat_named(p, k->fixed);
		f->previous[i] = seat_named(p, k->previous);
		f->fits_from[i] = count;
		for (size_t s = 0; s < m; s++)
			if (p->seats[s].role == k->role && (!k->party[0] || strcmp(k->party, p->seats[s].party) == 0)
				&& !seat_banned(p, i, s))
				f->fits[count++] = (int32_t)s;
	}
	f->fits_from[n] = count;
}

/* The person for a task: who claimed it; else who is free first and has room, and among equals who had
 * it in the last plan; -1 when nobody has room. */
static int64_t seat_choose(const struct field *f, int64_t task)
{
	int32_t best = -1;
	if (f->fixed[task] >= 0)
		return f->fixed[task];
	for (int32_t i = f->fits_from[task]; i < f->fits_from[task + 1]; i++) {
		int32_t s = f->fits[i];
		if (f->p->seats[s].most && f->load[s] >= f->p->seats[s].most)
			continue;
		if (best < 0 || f->free_at[s] < f->free_at[best]
			|| (f->free_at[s] == f->free_at[best] && s == f->previous[task]))
			best = s;
	}
	return best;
}

static void measure_add(const struct plan_problem *p, const struct plan_task *k, int64_t end, struct plan_measure *m)
{
	int64_t minutes = (end - p->now) / INSTANT_MINUTE, late = k->deadline && end > k->deadline
		? (end - k->deadline) / INSTANT_MINUTE + 1 : 0;
	int64_t exposed = saturate_muldiv(k->amount / 100, k->weight_bp, FULL);
	m->risk = saturate_add(m->risk, saturate_muldiv(exposed, minutes, 1));
	m->cost = saturate_add(m->cost, saturate_muldiv(k->decay, minutes, 24 * 60));
	if (k->cutoff && end > k->cutoff)
		m->cost = saturate_add(m->cost, p->miss_cost);
	if (late)
		m->cost = saturate_add(m->cost, p->miss_cost);
	m->time = saturate_add(m->time, minutes + LATE_TIMES * late);
}

static struct plan_measure field_evaluate(const struct field *f, const int64_t *order, struct plan_place *places)
{
	const struct plan_problem *p = f->p;
	struct plan_measure m = { 0 };
	for (size_t i = 0; i < p->seat_count; i++) {
		f->free_at[i] = p->seats[i].busy_until > p->now ? p->seats[i].busy_until : p->now;
		f->load[i] = 0;
	}
	for (size_t i = 0; i < p->task_count; i++) {
		const struct plan_task *k = &p->tasks[order[i]];
		struct plan_place *at = &places[i];
		at->task = order[i];
		at->seat = seat_choose(f, order[i]);
		at->start = open_from(f->hours[order[i]], at->seat >= 0 ? f->free_at[at->seat] : p->now + IDLE_DAYS * INSTANT_DAY);
		at->end = at->start + k->duration;
		if (at->seat >= 0) {
			f->free_at[at->seat] = at->end;
			f->load[at->seat]++;
		}
		measure_add(p, k, at->end, &m);
		at->score = 0;
	}
	return m;
}

struct plan_measure plan_evaluate(const struct plan_problem *p, const int64_t *order, struct plan_place *places)
{
	struct arena a = { 0 };
	struct field f;
	field_fill(&a, p, &f);
	struct plan_measure m = field_evaluate(&f, order, places);
	arena_free(&a);
	return m;
}

bool plan_keeps_duties(const struct plan_problem *p, const int64_t *order, size_t *at)
{
	for (size_t i = 1; i < p->task_count; i++)
		if (p->tasks[order[i]].priority > p->tasks[order[i - 1]].priority) {
			*at = i;
			return false;
		}
	return true;
}

/* --- plain orders --------------------------------------------------------------------------------- */

typedef int64_t (*plan_key)(const struct plan_task *k);

static int64_t per_minute(int64_t amount, const struct plan_task *k)
{
	int64_t minutes = k->duration / INSTANT_MINUTE;
	return saturate_muldiv(amount, 1000, minutes > 0 ? minutes : 1);
}

static int64_t key_risk(const struct plan_task *k)
{
	return -per_minute(saturate_muldiv(k->amount / 100, k->weight_bp, FULL), k);
}

static int64_t key_deadline(const struct plan_task *k)
{
	int64_t due = k->cutoff && (!k->deadline || k->cutoff < k->deadline) ? k->cutoff : k->deadline;
	return due ? due : INT64_MAX;
}

static int64_t key_decay(const struct plan_task *k) { return -per_minute(k->decay, k); }
static int64_t key_short(const struct plan_task *k) { return k->duration; }
static int64_t key_arrival(const struct plan_task *k) { return k->opened_at; }
static int64_t key_rank(const struct plan_task *k) { return k->rank ? k->rank : INT64_MAX; }

/* The last two columns: whether the order sorts by duty first, and whether it is a plan that stood. */
static const struct {
	const char *name;
	plan_key key;
	bool duties;
} ORDERS[] = {
	{ "most at risk first", key_risk, true }, { "nearest deadline first", key_deadline, true },
	{ "fastest loss of value first", key_decay, true }, { "shortest first", key_short, true },
	{ "in order of arrival", key_arrival, false }, { "as the plan before", key_rank, false },
};
enum { ORDERS_COUNT = sizeof(ORDERS) / sizeof(ORDERS[0]) };

static bool comes_before(const struct plan_problem *p, size_t which, int64_t a, int64_t b)
{
	const struct plan_task *x = &p->tasks[a], *y = &p->tasks[b];
	if (ORDERS[which].duties && x->priority != y->priority)
		return x->priority > y->priority;
	int64_t kx = ORDERS[which].key(x), ky = ORDERS[which].key(y);
	if (kx != ky)
		return kx < ky;
	if (x->priority != y->priority)
		return x->priority > y->priority;
	return a < b;
}

/* Merge sort: stable, no recursion on the input's shape. */
static void order_sort(struct arena *a, const struct plan_problem *p, size_t which, int64_t *order)
{
	size_t n = p->task_count;
	int64_t *spare = arena_alloc(a, (n + 1) * sizeof(*spare));
	for (size_t i = 0; i < n; i++)
		order[i] = (int64_t)i;
	for (size_t width = 1; width < n; width *= 2)
		for (size_t low = 0; low < n; low += 2 * width) {
			size_t middle = low + width < n ? low + width : n, high = low + 2 * width < n ? low + 2 * width : n;
			size_t i = low, j = middle, k = low;
			while (k < high)
				spare[k++] = j >= high || (i < middle && !comes_before(p, which, order[j], order[i])) ? order[i++]
					: order[j++];
			memcpy(order + low, spare + low, (high - low) * sizeof(*order));
		}
}

/* --- scoring -------------------------------------------------------------------------------------- */

struct scale {
	struct plan_measure worst;
};

static int64_t part_of(int64_t value, int64_t worst)
{
	return worst > 0 ? saturate_muldiv(value, SCORE_WORST, worst) : 0;
}

static int64_t score_of(const struct plan_problem *p, const struct scale *s, const struct plan_measure *m)
{
	int64_t sum = saturate_muldiv(part_of(m->risk, s->worst.risk), p->weight_risk, 1000);
	sum = saturate_add(sum, saturate_muldiv(part_of(m->cost, s->worst.cost), p->weight_cost, 1000));
	return saturate_add(sum, saturate_muldiv(part_of(m->time, s->worst.time), p->weight_time, 1000));
}

static void scale_take(struct scale *s, const struct plan_measure *m)
{
	s->worst.risk = m->risk > s->worst.risk ? m->risk : s->worst.risk;
	s->worst.cost = m->cost > s->worst.cost ? m->cost : s->worst.cost;
	s->worst.time = m->time > s->worst.time ? m->time : s->worst.time;
}

/* --- search --------------------------------------------------------------------------------------- */

struct search {
	const struct field *field;
	struct scale scale;
	struct plan_place *places; /* scratch */
	int64_t *order;            /* the best so far */
	int64_t score;
	int evaluations, budget;
};

/* Moves the task at `from` to `to`, keeps the move when the score falls. */
static bool search_try(struct search *s, size_t from, size_t to)
{
	int64_t moving = s->order[from];
	if (s->evaluations >= s->budget)
		return false;
	s->evaluations++;
	if (from < to)
		memmove(s->order + from, s->order + from + 1, (to - from) * sizeof(*s->order));
	else
		memmove(s->order + to + 1, s->order + to, (from - to) * sizeof(*s->order));
	s->order[to] = moving;
	struct plan_measure m = field_evaluate(s->field, s->order, s->places);
	int64_t score = score_of(s->field->p, &s->scale, &m);
	if (score < s->score) {
		s->score = score;
		return true;
	}
	if (from < to)
		memmove(s->order + from + 1, s->order + from, (to - from) * sizeof(*s->order));
	else
		memmove(s->order + to, s->order + to + 1, (from - to) * sizeof(*s->order));
	s->order[from] = moving;
	return false;
}

/* Insertion moves within each class of duty, near ones first, until none helps or the budget is spent. */
static void search_improve(struct search *s)
{
	const struct plan_problem *p = s->field->p;
	bool better = true;
	while (better && s->evaluations < s->budget) {
		better = false;
		for (size_t step = 1; step < p->task_count; step++)
			for (size_t i = 0; i + step < p->task_count; i++) {
				if (p->tasks[s->order[i]].priority != p->tasks[s->order[i + step]].priority)
					continue;
				better = search_try(s, i + step, i) || better;
				if (step > 1)
					better = search_try(s, i, i + step) || better;
			}
	}
}

/* --- deciding ------------------------------------------------------------------------------------- */

struct deciding {
	const struct plan_problem *p;
	struct field field;
	struct plan *plan;
	int64_t *orders[PLAN_CANDIDATES_MAX];
	struct plan_measure measures[PLAN_CANDIDATES_MAX];
	struct scale scale;
	struct plan_place *places;
};

static void candidate_exclude(struct plan_candidate *c, const struct plan_problem *p, const int64_t *order, size_t at)
{
	const struct plan_task *early = &p->tasks[order[at - 1]], *late = &p->tasks[order[at]];
	const char *id = strlen(late->id) > 4 ? late->id + strlen(late->id) - 4 : late->id;
	char text[160];
	c->excluded = 1;
	snprintf(text, sizeof(text), "order of duties: %s %s, class %lld, waits for %s, class %lld", late->step, id,
		(long long)late->priority, early->step, (long long)early->priority);
	snprintf(c->reason, sizeof(c->reason), "%.*s", (int)sizeof(c->reason) - 1, text);
}

static void decide_orders(struct arena *a, struct deciding *d)
{
	const struct plan_problem *p = d->p;
	bool ranked = false;
	for (size_t i = 0; i < p->task_count; i++)
		ranked = ranked || p->tasks[i].rank;
	for (size_t which = 0; which < ORDERS_COUNT; which++) {
		size_t k = d->plan->candidate_count, at = 0;
		struct plan_candidate *c = &d->plan->candidates[k];
		if (ORDERS[which].key == key_rank && !ranked)
			continue;
		d->plan->candidate_count++;
		d->orders[k] = arena_alloc(a, (p->task_count + 1) * sizeof(int64_t));
		order_sort(a, p, which, d->orders[k]);
		snprintf(c->name, sizeof(c->name), "%s", ORDERS[which].name);
		d->measures[k] = field_evaluate(&d->field, d->orders[k], d->places);
		scale_take(&d->scale, &d->measures[k]);
		if (!plan_keeps_duties(p, d->orders[k], &at))
			candidate_exclude(c, p, d->orders[k], at);
	}
}

static size_t decide_best(const struct deciding *d)
{
	size_t best = 0;
	for (size_t k = 1; k < d->plan->candidate_count; k++) {
		const struct plan_candidate *c = &d->plan->candidates[k], *b = &d->plan->candidates[best];
		if (!c->excluded && (b->excluded || c->score < b->score))
			best = k;
	}
	return best;
}

static void decide_score(struct deciding *d, size_t k)
{
	struct plan_candidate *c = &d->plan->candidates[k];
	c->risk = part_of(d->measures[k].risk, d->scale.worst.risk);
	c->cost = part_of(d->measures[k].cost, d->scale.worst.cost);
	c->time = part_of(d->measures[k].time, d->scale.worst.time);
	c->score = score_of(d->p, &d->scale, &d->measures[k]);
}

/* A full pool is ordered by the plain rules with little search, so that a plan stays a matter of
 * milliseconds. */
static int search_budget(size_t tasks)
{
	size_t budget = EVALUATED_TASKS_MAX / tasks;
	return budget > EVALUATIONS_MAX ? EVALUATIONS_MAX : (int)budget;
}

/* Descends from every order that keeps the duties, the best one first, while the budget lasts: a second
 * start often leads out of where the first one ends. */
static void decide_improve(struct arena *a, struct deciding *d)
{
	size_t best = decide_best(d), k = d->plan->candidate_count, n = d->p->task_count;
	int64_t *found = arena_copy(a, d->orders[best], (n + 1) * sizeof(int64_t)), score = d->plan->candidates[best].score;
	struct search s = { .field = &d->field, .budget = search_budget(n), .scale = d->scale, .places = d->places };
	s.order = arena_alloc(a, (n + 1) * sizeof(int64_t));
	for (size_t i = 0; i < k && s.evaluations < s.budget; i++) {
		size_t start = (best + i) % k;
		if (d->plan->candidates[start].excluded)
			continue;
		memcpy(s.order, d->orders[start], n * sizeof(int64_t));
		s.score = d->plan->candidates[start].score;
		search_improve(&s);
		if (s.score < score) {
			score = s.score;
			memcpy(found, s.order, n * sizeof(int64_t));
		}
	}
	if (score >= d->plan->candidates[best].score)
		return;
	d->plan->candidate_count++;
	d->orders[k] = found;
	d->measures[k] = field_evaluate(&d->field, found, d->places);
	snprintf(d->plan->candidates[k].name, sizeof(d->plan->candidates[k].name), "improved, %d orders tried", s.evaluations);
	decide_score(d, k);
}

/* Against each loser: how much worse it is; ties say so. */
static void decide_reasons(struct deciding *d)
{
	const struct plan_candidate *won = &d->plan->candidates[d->plan->chosen];
	for (size_t k = 0; k < d->plan->candidate_count; k++) {
		struct plan_candidate *c = &d->plan->candidates[k];
		int64_t more = c->score - won->score;
		if (c->excluded)
			continue;
		if (c == won)
			snprintf(c->reason, sizeof(c->reason), "chosen");
		else if (more == 0)
			snprintf(c->reason, sizeof(c->reason), "+0.0, the same to the thousandth: the earlier rule wins");
		else {
			const char *why = c->risk > won->risk ? "more money stays at risk for longer" : c->cost > won->cost
				? "more value is lost or a cut-off missed" : "people wait longer";
			snprintf(c->reason, sizeof(c->reason), "+%lld.%lld %s", (long long)(more / 1000), (long long)(more % 1000 / 100),
				why);
		}
	}
}

/* Tasks that stood in the last plan and stand elsewhere among those now. */
static int64_t decide_moved(const struct plan_problem *p, const int64_t *order)
{
	int64_t moved = 0;
	for (size_t i = 0, known = 0; i < p->task_count; i++) {
		int64_t rank = p->tasks[order[i]].rank;
		size_t before = 0;
		if (!rank)
			continue;
		for (size_t k = 0; k < p->task_count; k++)
			before += p->tasks[k].rank && p->tasks[k].rank < rank;
		moved += before != known;
		known++;
	}
	return moved;
}

/* Each place says what the plan's score was when it had been filled. */
static void decide_places(struct deciding *d)
{
	struct plan_measure m = { 0 };
	field_evaluate(&d->field, d->orders[d->plan->chosen], d->plan->places);
	for (size_t i = 0; i < d->p->task_count; i++) {
		struct plan_place *at = &d->plan->places[i];
		measure_add(d->p, &d->p->tasks[at->task], at->end, &m);
		at->score = score_of(d->p, &d->scale, &m);
	}
}

struct plan *schedule_decide(struct arena *a, const struct plan_problem *p)
{
	struct deciding d = { .p = p, .plan = arena_zero(a, sizeof(struct plan)) };
	CHECK(p->task_count <= PLAN_TASKS_MAX && p->seat_count <= PLAN_SEATS_MAX, "a problem within its bounds");
	if (!p->task_count)
		return d.plan;
	field_fill(a, p, &d.field);
	d.places = arena_zero(a, p->task_count * sizeof(*d.places));
	d.plan->places = arena_zero(a, p->task_count * sizeof(*d.places));
	d.plan->place_count = p->task_count;
	decide_orders(a, &d);
	for (size_t k = 0; k < d.plan->candidate_count; k++)
		decide_score(&d, k);
	decide_improve(a, &d);
	d.plan->chosen = (int64_t)decide_best(&d);
	decide_reasons(&d);
	decide_places(&d);
	d.plan->moved = decide_moved(p, d.orders[d.plan->chosen]);
	d.plan->excluded = (int64_t)p->ban_count;
	for (size_t k = 0; k < d.plan->candidate_count; k++)
		d.plan->excluded += d.plan->candidates[k].excluded;
	return d.plan;
}
