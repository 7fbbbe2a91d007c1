/* The pool's turn: validation, the plan, and decisions on record. See schedule/pool.h.
 *
 * Must remain true: whether a new plan is made depends on the state and the signals of the turn alone;
 * a turn without changed tasks and without a signal that tasks depend on costs one look-up; every plan
 * that is written has its snapshot in the evidence store and its digest on the ledger. */
#include "schedule_int.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/instant.h"

enum { STEP_DIGEST = 4 };
#define START_MOVES (15 * INSTANT_MINUTE) /* a planned start is written anew when it moved this far */

/* --- decisions ------------------------------------------------------------------------------------ */

static void decision_put(struct turn *t, struct decision *d, const char *trigger, struct str snapshot,
	const struct hash *result)
{
	turn_id(t, "DC", d->id);
	d->at = t->stamp;
	d->entry = (int64_t)t->number;
	str_copy(d->trigger, sizeof(d->trigger), str_of(trigger));
	d->snapshot = turn_evidence(t, "decision", snapshot);
	d->result = *result;
	tab_put(t->tabs, &DECISION_REC, d);
}

void decision_record_id(struct turn *t, enum decision_kind kind, const char *trigger, const char *deal,
	const char *chosen, struct str inputs, struct str result, char *id_out)
{
	struct decision d;
	struct buf snapshot = { 0 };
	memset(&d, 0, sizeof(d));
	d.kind = kind;
	str_copy(d.deal, sizeof(d.deal), str_of(deal));
	str_copy(d.chosen, sizeof(d.chosen), str_of(chosen));
	const struct param *any = tab_get(t->tabs, &PARAM_REC, "schedule.weight.risk");
	d.policy = any ? any->policy : 0;
	d.candidates = 1;
	put_raw(&snapshot, "WDG1", 4);
	put_str(&snapshot, inputs);
	put_str(&snapshot, result);
	struct hash outcome = hash_of(result.ptr, result.len);
	decision_put(t, &d, trigger, buf_view(&snapshot), &outcome);
	buf_free(&snapshot);
	if (id_out)
		memcpy(id_out, d.id, ID_MAX);
}

void decision_record(struct turn *t, enum decision_kind kind, const char *trigger, const char *deal,
	const char *chosen, struct str inputs, struct str result)
{
	decision_record_id(t, kind, trigger, deal, chosen, inputs, result, NULL);
}

static bool replay_general(struct str snapshot, const struct decision *recorded, char out[240])
{
	struct reader r = reader_of(snapshot.ptr + 4, snapshot.len - 4);
	struct str inputs = get_bytes(&r), result = get_bytes(&r);
	struct hash outcome = hash_of(result.ptr, result.len), whole = hash_of(snapshot.ptr, snapshot.len);
	if (!reader_done(&r)) {
		snprintf(out, 240, "the stored snapshot does not decode");
		return false;
	}
	if (!hash_eq(&outcome, &recorded->result)) {
		snprintf(out, 240, "step 2 of 2: the outcome, %zu bytes, is not the recorded one", result.len);
		return false;
	}
	if (!hash_eq(&whole, &recorded->snapshot)) {
		snprintf(out, 240, "step 1 of 2: the inputs, %zu bytes, are not the recorded ones", inputs.len);
		return false;
	}
	return true;
}

/* Where a replayed plan parts from the stored one: the first step whose digest differs. */
static void replay_difference(struct arena *a, const struct plan_snapshot *stored, const struct plan *again, char out[240])
{
	size_t n = 0;
	struct plan_step *steps = plan_steps(a, stored->problem, again, &n);
	for (size_t i = 0; i < n || i < stored->steps; i++) {
		if (i >= n || i >= stored->steps) {
			snprintf(out, 240, "%zu steps recorded, %zu replayed", stored->steps, n);
			return;
		}
		const uint8_t *was = stored->digests + i * STEP_DIGEST;
		if (memcmp(steps[i].digest, was, STEP_DIGEST) == 0)
			continue;
		char hex_was[2 * STEP_DIGEST + 1], hex_now[2 * STEP_DIGEST + 1];
		snprintf(out, 240, "step %zu of %zu, %.64s: recorded %s, replayed %s: %.90s", i + 1, n, steps[i].what,
			hex_of(was, STEP_DIGEST, hex_was), hex_of(steps[i].digest, STEP_DIGEST, hex_now), steps[i].value);
		return;
	}
	size_t stored_n = 0;
	struct plan_step *was = plan_steps(a, stored->problem, stored->plan, &stored_n);
	for (size_t i = 0; i < n && i < stored_n; i++)
		if (memcmp(was[i].digest, steps[i].digest, STEP_DIGEST) != 0) {
			snprintf(out, 240, "step %zu of %zu, %.48s: the stored plan says %.48s, replayed %.48s", i + 1, n, steps[i].what,
				was[i].value, steps[i].value);
			return;
		}
	snprintf(out, 240, "all %zu steps are equal, yet the stored copy is not the one on the ledger", n);
}

static bool replay_plan(struct str snapshot, const struct decision *recorded, char out[240])
{
	struct arena a = { 0 };
	struct plan_snapshot stored;
	struct buf bytes = { 0 };
	bool equal = false;
	if (!plan_snapshot_decode(snapshot, &a, &stored)) {
		snprintf(out, 240, "the stored snapshot does not decode");
	} else {
		struct plan *again = schedule_decide(&a, stored.problem);
		plan_encode(again, &bytes);
		struct hash result = hash_of(bytes.ptr, bytes.len), whole = hash_of(snapshot.ptr, snapshot.len);
		equal = hash_eq(&result, &recorded->result) && hash_eq(&whole, &recorded->snapshot);
		if (!equal)
			replay_difference(&a, &stored, again, out);
	}
	buf_free(&bytes);
	arena_free(&a);
	return equal;
}

bool decision_replay(struct str snapshot, const struct decision *recorded, char first_difference[240])
{
	first_difference[0] = 0;
	if (snapshot.len < 4) {
		snprintf(first_difference, 240, "there is no stored snapshot");
		return false;
	}
	if (recorded->kind == DECISION_PLAN)
		return replay_plan(snapshot, recorded, first_difference);
	if (memcmp(snapshot.ptr, "WDG1", 4) != 0) {
		snprintf(first_difference, 240, "the stored snapshot does not decode");
		return false;
	}
	return replay_general(snapshot, recorded, first_difference);
}

/* --- decisions that other parts took in this turn ------------------------------------------------- */

/* The record that a signal's decision looked at, as evidence. */
static void signal_inputs(const struct turn *t, const struct signal *s, struct buf *out)
{
	const struct rec_type *words[] = { &DEAL_REC, tabs_type_named(t->tabs, STR("value")) };
	const char *keys[] = { s->deal, s->subject };
	for (size_t i = 0; i < 2; i++) {
		const void *rec = words[i] && keys[i][0] ? tab_get(t->tabs, words[i], keys[i]) : NULL;
		if (rec)
			rec_encode(words[i], rec, out);
	}
	put_i64(out, s->a);
	put_i64(out, s->b);
}

static void signal_record(struct turn *t, const struct signal *s, enum decision_kind kind, const char *chosen)
{
	struct buf inputs = { 0 }, result = { 0 };
	signal_inputs(t, s, &inputs);
	put_str(&result, str_of(chosen));
	decision_record(t, kind, t->kind, s->deal, chosen, buf_view(&inputs), buf_view(&result));
	buf_free(&inputs);
	buf_free(&result);
}

static void signal_decision(struct turn *t, const struct signal *s)
{
	char chosen[80];
	if (s->kind == SIGNAL_ZONE) {
		snprintf(chosen, sizeof(chosen), "zone %s", s->code);
		signal_record(t, s, DECISION_ZONE, chosen);
	} else if (s->kind == SIGNAL_LEVEL && s->b >= 3 && s->b > s->a) {
		snprintf(chosen, sizeof(chosen), "%s L%lld, was L%lld", s->b >= 4 ? "freeze" : "suspend", (long long)s->b,
			(long long)s->a);
		signal_record(t, s, DECISION_SUSPEND, chosen);
	} else if (s->kind == SIGNAL_PRICE && !s->b) {
		snprintf(chosen, sizeof(chosen), "price of %.24s: %.20s", s->subject, s->code);
		signal_record(t, s, DECISION_QUORUM, chosen);
	} else if (s->kind == SIGNAL_REFUSED) {
		snprintf(chosen, sizeof(chosen), "refused %.60s", s->code);
		signal_record(t, s, DECISION_REFUSED, chosen);
	} else if (s->kind == SIGNAL_STATE && s->b == DEAL_SCORED) {
		signal_record(t, s, DECISION_SCORE, "scored");
	} else if (s->kind == SIGNAL_STATE && s->b == DEAL_MATCHED) {
		signal_record(t, s, DECISION_MATCH, "matched with a funder");
	}
}

/* --- validation again ----------------------------------------------------------------------------- */

/* What of this turn tasks depend on. */
struct news_of_turn {
	bool everything;       /* prices, gateways: any task may have changed */
	bool deals;            /* some deal moved or changed its level or zone */
	const struct signal *first; /* for the trigger's words */
};

static struct news_of_turn turn_look(struct turn *t)
{
	struct news_of_turn n = { 0 };
	size_t count = t->signal_count; /* recording decisions queues nothing */
	for (size_t i = 0; i < count; i++) {
		const struct signal *s = &t->signals[i];
		bool deal = s->kind == SIGNAL_STATE || s->kind == SIGNAL_LEVEL || s->kind == SIGNAL_ZONE;
		bool wide = s->kind == SIGNAL_PRICE || s->kind == SIGNAL_SILENT || s->kind == SIGNAL_GAP;
		n.deals = n.deals || deal;
		n.everything = n.everything || wide;
		if ((deal || wide) && (!n.first || (s->kind != SIGNAL_STATE && n.first->kind == SIGNAL_STATE)))
			n.first = s;
	}
	return n;
}

struct checking_pool {
	struct turn *t;
	bool all, changed;
	char (*ids)[ID_MAX];
	size_t count;
};

static bool touched_by_signal(const struct turn *t, const struct task *task)
{
	for (size_t i = 0; i < t->signal_count; i++) {
		const struct signal *s = &t->signals[i];
		if (s->kind != SIGNAL_STATE && s->kind != SIGNAL_LEVEL && s->kind != SIGNAL_ZONE)
			continue;
		if ((task->deal[0] && strcmp(s->deal, task->deal) == 0) || strcmp(s->subject, task->id) == 0)
			return true;
	}
	return false;
}

static void pool_collect(void *ctx, const struct task *task)
{
	struct checking_pool *c = ctx;
	if (c->all || touched_by_signal(c->t, task))
		memcpy(c->ids[c->count++], task->id, ID_MAX);
}

/* A hold on the task itself comes as a signal that names it. */
static void task_hold_signals(const struct turn *t, struct task *task)
{
	for (size_t i = 0; i < t->signal_count; i++) {
		const struct signal *s = &t->signals[i];
		if (s->kind != SIGNAL_LEVEL || strcmp(s->subject, task->id) != 0)
			continue;
		memset(task->failing, 0, sizeof(task->failing));
		if (s->b >= 2)
			snprintf(task->failing, sizeof(task->failing), "held: by %.24s", t->actor);
	}
}

static void task_revalidate(struct checking_pool *c, const char *id)
{
	const struct task *found = tab_get(c->t->tabs, &TASK_REC, id);
	struct task task = *found;
	char failing[64];
	task_hold_signals(c->t, &task);
	const struct deal *d = task.deal[0] ? tab_get(c->t->tabs, &DEAL_REC, task.deal) : NULL;
	task.state = task_state_now(c->t, &task, failing);
	memcpy(task.failing, failing, sizeof(task.failing));
	bool signs = form_of(task.form)->flags & FORM_OUTFLOW;
	if (d && d->version != task.deal_version) {
		task.deal_version = d->version;
		task.version += signs; /* who was about to sign must read again (SOD-4) */
	}
	if (task.state == TASK_WAITING || task.state == TASK_HELD)
		task.rank = 0;
	if (memcmp(&task, found, sizeof(task)) == 0)
		return;
	c->changed = c->changed || task.state != found->state;
	if (task.state == TASK_HELD && found->state != TASK_HELD)
		turn_news(c->t, NEWS_HELD, "engine", task.deal, "held %s %s: %s", task.step, task.title, task.failing);
	tab_put(c->t->tabs, &TASK_REC, &task);
}

/* --- the plan ------------------------------------------------------------------------------------- */

static void trigger_words(const struct turn *t, const char *kind, const struct signal *s, char out[80])
{
	if (s && s->kind == SIGNAL_ZONE)
		snprintf(out, 80, "zone %.20s of %s", s->code, id_tail(s->deal));
	else if (s && s->kind == SIGNAL_LEVEL)
		snprintf(out, 80, "level L%lld on %.30s", (long long)s->b, id_tail(s->subject));
	else if (s && s->kind == SIGNAL_PRICE)
		snprintf(out, 80, "price of %.24s", s->subject);
	else
		snprintf(out, 80, "%.24s by %.32s", kind, t->actor);
}

/* Writes what the plan says into the tasks that it changes. */
static void plan_write(struct turn *t, const struct plan_problem *p, const struct plan *plan, const char *decision)
{
	for (size_t i = 0; i < plan->place_count; i++) {
		const struct plan_place *at = &plan->places[i];
		const struct task *found = tab_get(t->tabs, &TASK_REC, p->tasks[at->task].id);
		const char *person = at->seat >= 0 ? p->seats[at->seat].id : "";
		int64_t moved = at->start > found->start ? at->start - found->start : found->start - at->start;
		if (found->rank == (int64_t)i + 1 && strcmp(found->assigned, person) == 0 && moved < START_MOVES)
			continue;
		struct task task = *found;
		task.rank = (int64_t)i + 1;
		task.score = at->score;
		task.start = at->start;
		memset(task.assigned, 0, sizeof(task.assigned));
		str_copy(task.assigned, sizeof(task.assigned), str_of(person));
		memcpy(task.decision, decision, sizeof(task.decision));
		tab_put(t->tabs, &TASK_REC, &task);
	}
}

static void seats_write(struct turn *t, const struct plan_problem *p, const struct plan *plan)
{
	char id[24] = "";
	const struct seat *s = tab_first(t->tabs, &SEAT_REC, "");
	for (; s; s = tab_next(t->tabs, &SEAT_REC, id)) {
		int64_t open = 0;
		memcpy(id, s->id, sizeof(id));
		for (size_t i = 0; i < plan->place_count; i++)
			open += plan->places[i].seat >= 0 && strcmp(p->seats[plan->places[i].seat].id, id) == 0;
		if (open == s->open_tasks)
			continue;
		struct seat seat = *s;
		seat.open_tasks = open;
		tab_put(t->tabs, &SEAT_REC, &seat);
	}
}

/* The inputs without what the last plan wrote and without the time: unchanged, the plan stands. */
static struct hash problem_digest(const struct turn *t, const struct plan_problem *p)
{
	struct plan_problem q = *p;
	struct buf bytes = { 0 };
	q.tasks = arena_copy(t->scratch, p->tasks, (p->task_count + 1) * sizeof(*p->tasks));
	q.now = q.number = 0;
	for (size_t i = 0; i < q.task_count; i++) {
		q.tasks[i].rank = q.tasks[i].cutoff = 0;
		memset(q.tasks[i].previous, 0, sizeof(q.tasks[i].previous));
	}
	plan_problem_encode(&q, &bytes);
	struct hash h = hash_of(bytes.ptr, bytes.len);
	buf_free(&bytes);
	return h;
}

static void plan_record(struct turn *t, struct pool *pool, const struct plan_problem *p, const struct plan *plan,
	const char *trigger)
{
	struct decision d;
	struct buf snapshot = { 0 }, bytes = { 0 };
	const struct task *first = tab_get(t->tabs, &TASK_REC, p->tasks[plan->places[0].task].id);
	memset(&d, 0, sizeof(d));
	d.kind = DECISION_PLAN;
	d.number = ++pool->plans;
	d.candidates = (int64_t)plan->candidate_count;
	d.excluded = plan->excluded;
	d.moved = plan->moved;
	d.policy = p->policy;
	memcpy(d.deal, first->deal, sizeof(d.deal));
	snprintf(d.chosen, sizeof(d.chosen), "%.32s first: %.36s", first->title,
		plan->candidates[plan->chosen].name);
	plan_snapshot_encode(t->scratch, p, plan, &snapshot);
	plan_encode(plan, &bytes);
	struct hash result = hash_of(bytes.ptr, bytes.len);
	decision_put(t, &d, trigger, buf_view(&snapshot), &result);
	buf_free(&snapshot);
	buf_free(&bytes);
	memcpy(pool->decision, d.id, sizeof(pool->decision));
	if (plan->moved)
		turn_news(t, NEWS_NOTE, "scheduler", d.deal, "plan %lld: %s first, %lld moved", (long long)d.number, first->title,
			(long long)plan->moved);
}

static void plan_make(struct turn *t, struct pool *pool, const char *kind, const struct signal *cause)
{
	char trigger[80];
	struct plan_problem *p = problem_build(t, pool);
	struct hash inputs = problem_digest(t, p);
	if (hash_eq(&inputs, &pool->inputs))
		return;
	pool->inputs = inputs;
	struct plan *plan = schedule_decide(t->scratch, p);
	if (plan->place_count) {
		trigger_words(t, kind, cause, trigger);
		plan_record(t, pool, p, plan, trigger);
		plan_write(t, p, plan, pool->decision);
	}
	seats_write(t, p, plan);
}

void schedule_turn(struct turn *t, const char *trigger)
{
	struct news_of_turn seen = turn_look(t);
	for (size_t i = 0, n = t->signal_count; i < n; i++)
		signal_decision(t, &t->signals[i]);
	const struct pool *found = tab_get(t->tabs, &POOL_REC, "pool");
	if (!found || (!found->stale && (!found->open || (!seen.everything && !seen.deals))))
		return;
	struct pool pool = *found;
	struct checking_pool c = { .t = t, .all = pool.stale || seen.everything };
	c.ids = arena_alloc(t->scratch, ((size_t)pool.open + 1) * sizeof(*c.ids));
	pool_each(t->tabs, &pool, pool_collect, &c);
	for (size_t i = 0; i < c.count; i++)
		task_revalidate(&c, c.ids[i]);
	bool weights = seen.deals && c.count; /* level and zone weigh in the plan */
	if (!pool.stale && !c.changed && !weights)
		return;
	plan_make(t, &pool, trigger, seen.first);
	pool.stale = 0;
	if (memcmp(&pool, found, sizeof(pool)) != 0)
		tab_put(t->tabs, &POOL_REC, &pool);
}
