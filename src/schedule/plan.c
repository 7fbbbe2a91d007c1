/* Problems and plans as bytes, and step by step. See schedule/plan.h.
 *
 * Must remain true: one value has one encoding; a decoder takes nothing that would index outside. */
#include "schedule/plan.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/money.h"

enum { PLAN_FORMAT = 1, STEP_DIGEST = 4 };

/* Both ways through one list of fields: an encoder when out is set, a decoder when in is. */
struct pass {
	struct buf *out;
	struct reader *in;
};

static void pass_i64(struct pass *s, int64_t *n)
{
	if (s->out)
		put_i64(s->out, *n);
	else
		*n = get_i64(s->in);
}

static void pass_text(struct pass *s, char *text, size_t cap)
{
	if (s->out) {
		put_str(s->out, str_of(text));
		return;
	}
	struct str got = get_bytes(s->in);
	if (s->in->bad || memchr(got.ptr, 0, got.len) || got.len >= cap || !str_copy(text, cap, got))
		s->in->bad = true;
}
#define PASS_TEXT(s, field) pass_text((s), (field), sizeof(field))

/* A count of things of which each takes at least `element` bytes. */
static void pass_count(struct pass *s, size_t *n, size_t most, size_t element)
{
	if (s->out) {
		put_u64(s->out, *n);
		return;
	}
	uint64_t got = get_u64(s->in);
	if (got > most || got > (uint64_t)(s->in->end - s->in->at) / element)
		s->in->bad = true;
	*n = s->in->bad ? 0 : (size_t)got;
}

static bool pass_bad(const struct pass *s)
{
	return s->in && s->in->bad;
}

static void pass_calendar(struct pass *s, struct calendar *c)
{
	size_t n = (size_t)c->holiday_count;
	PASS_TEXT(s, c->name);
	pass_i64(s, &c->open_minute);
	pass_i64(s, &c->close_minute);
	pass_count(s, &n, sizeof(c->holidays) / sizeof(c->holidays[0]), 1);
	c->holiday_count = (int)n;
	for (size_t i = 0; i < n; i++)
		pass_i64(s, &c->holidays[i]);
	if (s->in && (c->open_minute < 0 || c->close_minute < 0 || c->open_minute > 24 * 60 || c->close_minute > 24 * 60))
		s->in->bad = true;
}

static void pass_task(struct pass *s, struct plan_task *k)
{
	PASS_TEXT(s, k->id);
	PASS_TEXT(s, k->step);
	PASS_TEXT(s, k->deal);
	PASS_TEXT(s, k->party);
	PASS_TEXT(s, k->resource);
	PASS_TEXT(s, k->fixed);
	PASS_TEXT(s, k->previous);
	int64_t *const numbers[] = { &k->role, &k->duration, &k->deadline, &k->opened_at, &k->cutoff, &k->priority, &k->amount,
		&k->decay, &k->weight_bp, &k->reversible, &k->rank };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		pass_i64(s, numbers[i]);
	if (s->in && (k->duration < 0 || k->duration > 365 * INSTANT_DAY))
		s->in->bad = true;
}

static void pass_seat(struct pass *s, struct plan_seat *seat)
{
	PASS_TEXT(s, seat->id);
	PASS_TEXT(s, seat->party);
	pass_i64(s, &seat->role);
	pass_i64(s, &seat->most);
	pass_i64(s, &seat->busy_until);
}

static void pass_ban(struct pass *s, struct plan_ban *b, const struct plan_problem *p)
{
	pass_i64(s, &b->task);
	pass_i64(s, &b->seat);
	PASS_TEXT(s, b->why);
	if (s->in && (b->task < 0 || b->task >= (int64_t)p->task_count || b->seat < 0 || b->seat >= (int64_t)p->seat_count))
		s->in->bad = true;
}

static void pass_problem_head(struct pass *s, struct plan_problem *p)
{
	int64_t format = PLAN_FORMAT;
	pass_i64(s, &format);
	int64_t *const numbers[] = { &p->now, &p->policy, &p->number, &p->weight_risk, &p->weight_cost, &p->weight_time,
		&p->miss_cost };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		pass_i64(s, numbers[i]);
	for (size_t i = 0; i < PLAN_CALENDARS; i++)
		pass_calendar(s, &p->calendars[i]);
	bool sane = p->now >= 0 && p->now < INT64_C(1) << 62;
	if (s->in && (format != PLAN_FORMAT || !sane))
		s->in->bad = true;
}

void plan_problem_encode(const struct plan_problem *p, struct buf *out)
{
	struct pass s = { .out = out };
	struct plan_problem q = *p;
	pass_problem_head(&s, &q);
	pass_count(&s, &q.task_count, PLAN_TASKS_MAX, 1);
	for (size_t i = 0; i < q.task_count; i++)
		pass_task(&s, &q.tasks[i]);
	pass_count(&s, &q.seat_count, PLAN_SEATS_MAX, 1);
	for (size_t i = 0; i < q.seat_count; i++)
		pass_seat(&s, &q.seats[i]);
	pass_count(&s, &q.ban_count, (size_t)PLAN_TASKS_MAX * PLAN_SEATS_MAX, 1);
	for (size_t i = 0; i < q.ban_count; i++)
		pass_ban(&s, &q.bans[i], &q);
}

bool plan_problem_decode(struct str bytes, struct arena *a, struct plan_problem **out)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	struct pass s = { .in = &r };
	struct plan_problem *p = arena_zero(a, sizeof(*p));
	*out = p;
	pass_problem_head(&s, p);
	pass_count(&s, &p->task_count, PLAN_TASKS_MAX, 18);
	p->tasks = arena_zero(a, (p->task_count + 1) * sizeof(*p->tasks));
	for (size_t i = 0; i < p->task_count && !pass_bad(&s); i++)
		pass_task(&s, &p->tasks[i]);
	pass_count(&s, &p->seat_count, PLAN_SEATS_MAX, 5);
	p->seats = arena_zero(a, (p->seat_count + 1) * sizeof(*p->seats));
	for (size_t i = 0; i < p->seat_count && !pass_bad(&s); i++)
		pass_seat(&s, &p->seats[i]);
	pass_count(&s, &p->ban_count, (size_t)PLAN_TASKS_MAX * PLAN_SEATS_MAX, 3);
	p->bans = arena_zero(a, (p->ban_count + 1) * sizeof(*p->bans));
	for (size_t i = 0; i < p->ban_count && !pass_bad(&s); i++)
		pass_ban(&s, &p->bans[i], p);
	return reader_done(&r);
}

static void pass_candidate(struct pass *s, struct plan_candidate *c)
{
	PASS_TEXT(s, c->name);
	PASS_TEXT(s, c->reason);
	int64_t *const numbers[] = { &c->excluded, &c->risk, &c->cost, &c->time, &c->score };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		pass_i64(s, numbers[i]);
}

static void pass_place(struct pass *s, struct plan_place *at)
{
	int64_t *const numbers[] = { &at->task, &at->seat, &at->start, &at->end, &at->score };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		pass_i64(s, numbers[i]);
}

static void pass_plan(struct pass *s, struct plan *p)
{
	pass_i64(s, &p->chosen);
	pass_i64(s, &p->moved);
	pass_i64(s, &p->excluded);
	pass_count(s, &p->candidate_count, PLAN_CANDIDATES_MAX, 7);
	for (size_t i = 0; i < p->candidate_count && !pass_bad(s); i++)
		pass_candidate(s, &p->candidates[i]);
}

void plan_encode(const struct plan *plan, struct buf *out)
{
	struct pass s = { .out = out };
	struct plan p = *plan;
	pass_plan(&s, &p);
	pass_count(&s, &p.place_count, PLAN_TASKS_MAX, 1);
	for (size_t i = 0; i < p.place_count; i++)
		pass_place(&s, &p.places[i]);
}

bool plan_decode(struct str bytes, struct arena *a, struct plan **out)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	struct pass s = { .in = &r };
	struct plan *p = arena_zero(a, sizeof(*p));
	*out = p;
	pass_plan(&s, p);
	pass_count(&s, &p->place_count, PLAN_TASKS_MAX, 5);
	p->places = arena_zero(a, (p->place_count + 1) * sizeof(*p->places));
	for (size_t i = 0; i < p->place_count && !pass_bad(&s); i++)
		pass_place(&s, &p->places[i]);
	return reader_done(&r) && p->chosen >= 0 && (p->chosen < (int64_t)p->candidate_count || !p->candidate_count);
}

/* --- step by step --------------------------------------------------------------------------------- */

static const char *tail_of(const char *id)
{
	return strlen(id) > 4 ? id + strlen(id) - 4 : id;
}

/* Steps being written: each takes the bytes that were put into `bytes` since the one before. */
struct stepping {
	struct plan_step *steps;
	size_t count;
	struct buf bytes;
	struct pass pass;
};

static struct plan_step *step_next(struct stepping *w)
{
	struct plan_step *out = &w->steps[w->count++];
	struct hash h = hash_of(w->bytes.ptr ? w->bytes.ptr : "", w->bytes.len);
	memcpy(out->digest, h.bytes, sizeof(out->digest));
	buf_clear(&w->bytes);
	return out;
}

static void step_task(struct stepping *w, const struct plan_task *task)
{
	struct plan_task k = *task;
	char amount[MONEY_TEXT_MAX];
	pass_task(&w->pass, &k);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "task %s %s", tail_of(k.id), k.step);
	snprintf(out->value, sizeof(out->value), "%s at risk x %lld, class %lld, due %lld, cut-off %lld, takes %lld s, decay %lld",
		money_format(k.amount, "EUR", ',', amount), (long long)k.weight_bp, (long long)k.priority,
		(long long)(k.deadline / INSTANT_SECOND), (long long)(k.cutoff / INSTANT_SECOND),
		(long long)(k.duration / INSTANT_SECOND), (long long)k.decay);
}

static void step_head(struct stepping *w, const struct plan_problem *p)
{
	char at[INSTANT_TEXT_MAX];
	int64_t weights[] = { p->policy, p->number, p->weight_risk, p->weight_cost, p->weight_time, p->miss_cost };
	put_i64(&w->bytes, p->now);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "moment");
	snprintf(out->value, sizeof(out->value), "%s", instant_format(p->now, 6, at));
	for (size_t i = 0; i < sizeof(weights) / sizeof(weights[0]); i++)
		put_i64(&w->bytes, weights[i]);
	out = step_next(w);
	snprintf(out->what, sizeof(out->what), "policy %lld", (long long)p->policy);
	snprintf(out->value, sizeof(out->value), "weights risk %lld cost %lld time %lld, a miss costs %lld, plan %lld",
		(long long)p->weight_risk, (long long)p->weight_cost, (long long)p->weight_time, (long long)p->miss_cost,
		(long long)p->number);
	for (size_t i = 0; i < PLAN_CALENDARS; i++) {
		struct calendar c = p->calendars[i];
		pass_calendar(&w->pass, &c);
		out = step_next(w);
		snprintf(out->what, sizeof(out->what), "hours of the %s", c.name);
		snprintf(out->value, sizeof(out->value), "%lld to %lld, %d holidays", (long long)c.open_minute,
			(long long)c.close_minute, c.holiday_count);
	}
}

static void step_seat(struct stepping *w, const struct plan_seat *seat)
{
	struct plan_seat s = *seat;
	pass_seat(&w->pass, &s);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "seat %s", s.id);
	snprintf(out->value, sizeof(out->value), "%s role %lld, at most %lld, busy until %lld", s.party, (long long)s.role,
		(long long)s.most, (long long)s.busy_until);
}

static void step_ban(struct stepping *w, const struct plan_problem *p, const struct plan_ban *ban)
{
	struct plan_ban b = *ban;
	pass_ban(&w->pass, &b, p);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "%s may not do %s", p->seats[b.seat].id, tail_of(p->tasks[b.task].id));
	snprintf(out->value, sizeof(out->value), "%s", b.why);
}

static void step_candidate(struct stepping *w, const struct plan_candidate *candidate)
{
	struct plan_candidate c = *candidate;
	pass_candidate(&w->pass, &c);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "candidate %s", c.name);
	snprintf(out->value, sizeof(out->value), "risk %lld cost %lld time %lld score %lld: %s", (long long)c.risk,
		(long long)c.cost, (long long)c.time, (long long)c.score, c.reason);
}

static void step_place(struct stepping *w, const struct plan_problem *p, const struct plan_place *place, size_t rank)
{
	struct plan_place at = *place;
	bool task = at.task >= 0 && at.task < (int64_t)p->task_count, seat = at.seat >= 0 && at.seat < (int64_t)p->seat_count;
	pass_place(&w->pass, &at);
	struct plan_step *out = step_next(w);
	snprintf(out->what, sizeof(out->what), "place %zu", rank);
	snprintf(out->value, sizeof(out->value), "%s with %s, %lld to %lld, score %lld", task ? p->tasks[at.task].id : "-",
		seat ? p->seats[at.seat].id : "nobody", (long long)at.start, (long long)at.end, (long long)at.score);
}

struct plan_step *plan_steps(struct arena *a, const struct plan_problem *p, const struct plan *plan, size_t *count)
{
	size_t most = 3 + PLAN_CALENDARS + p->task_count + p->seat_count + p->ban_count + plan->candidate_count
		+ plan->place_count;
	struct stepping w = { .steps = arena_zero(a, most * sizeof(struct plan_step)) };
	w.pass.out = &w.bytes;
	step_head(&w, p);
	for (size_t i = 0; i < p->seat_count; i++)
		step_seat(&w, &p->seats[i]);
	for (size_t i = 0; i < p->task_count; i++)
		step_task(&w, &p->tasks[i]);
	for (size_t i = 0; i < p->ban_count; i++)
		step_ban(&w, p, &p->bans[i]);
	for (size_t i = 0; i < plan->candidate_count; i++)
		step_candidate(&w, &plan->candidates[i]);
	for (size_t i = 0; i < plan->place_count; i++)
		step_place(&w, p, &plan->places[i], i + 1);
	const int64_t ends[] = { plan->chosen, plan->moved, plan->excluded };
	for (size_t i = 0; i < 3; i++)
		put_i64(&w.bytes, ends[i]);
	struct plan_step *out = step_next(&w);
	snprintf(out->what, sizeof(out->what), "chosen");
	snprintf(out->value, sizeof(out->value), "candidate %lld, %lld moved, %lld ruled out", (long long)plan->chosen,
		(long long)plan->moved, (long long)plan->excluded);
	buf_free(&w.bytes);
	*count = w.count;
	return w.steps;
}

void plan_snapshot_encode(struct arena *a, const struct plan_problem *p, const struct plan *plan, struct buf *out)
{
	struct buf part = { 0 };
	size_t n = 0;
	put_raw(out, "WPL1", 4);
	plan_problem_encode(p, &part);
	put_str(out, buf_view(&part));
	buf_clear(&part);
	plan_encode(plan, &part);
	put_str(out, buf_view(&part));
	buf_free(&part);
	struct plan_step *steps = plan_steps(a, p, plan, &n);
	put_u64(out, n);
	for (size_t i = 0; i < n; i++)
		put_raw(out, steps[i].digest, STEP_DIGEST);
}

/* Places name tasks and seats of the problem. */
static bool places_stand(const struct plan_problem *p, const struct plan *plan)
{
	for (size_t i = 0; i < plan->place_count; i++) {
		const struct plan_place *at = &plan->places[i];
		if (at->task < 0 || at->task >= (int64_t)p->task_count || at->seat < -1 || at->seat >= (int64_t)p->seat_count)
			return false;
	}
	return true;
}

bool plan_snapshot_decode(struct str bytes, struct arena *a, struct plan_snapshot *out)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	const uint8_t *magic = get_raw(&r, 4);
	if (!magic || memcmp(magic, "WPL1", 4) != 0)
		return false;
	struct str problem = get_bytes(&r), plan = get_bytes(&r);
	uint64_t n = get_u64(&r);
	if (r.bad || n > (uint64_t)(r.end - r.at) / STEP_DIGEST)
		return false;
	out->steps = (size_t)n;
	out->digests = get_raw(&r, out->steps * STEP_DIGEST);
	return reader_done(&r) && plan_problem_decode(problem, a, &out->problem) && plan_decode(plan, a, &out->plan)
		&& places_stand(out->problem, out->plan);
}
