/* Decisions and their snapshots. See engine/view_decisions.h.
 *
 * Must remain true: a snapshot is decoded only after its bytes were found to have the digest on the ledger;
 * "equal" is said only by decision_replay. */
#include "engine/view_decisions.h"

#include <string.h>

#include "base/instant.h"
#include "schedule/pool.h"
#include "view_keep.h"

/* "approve: approve draw" says it once. */
static const char *chosen_words(struct arena *a, const char *chosen)
{
	const char *colon = strstr(chosen, ": ");
	size_t verb = colon ? (size_t)(colon - chosen) : 0;
	return keep(a, verb && !strncmp(colon + 2, chosen, verb) ? colon + 2 : chosen);
}

static void decision_row(struct arena *a, const struct decision *d, struct view_decision *out)
{
	*out = (struct view_decision){ .id = keep(a, d->id), .deal = keep(a, d->deal), .kind = d->kind, .at = d->at,
		.verified = d->verified, .differs = d->differs };
	out->what = d->kind == DECISION_PLAN ? arena_printf(a, "plan %lld", (long long)d->number)
		: d->chosen[0] ? chosen_words(a, d->chosen) : DECISION_KIND_NAMES[d->kind];
	out->version = (uint64_t)d->verified * 2 + (uint64_t)d->differs + 1;
}

/* Snapshots weigh amounts: who may not see those of the deal, or of the book, does not see the decision. */
static bool seen(const struct view_source *src, const struct decision *d)
{
	return view_may_see_amounts(src->tabs, src->viewer->id, d->deal);
}

static void decisions_rows(struct view_decisions *v, struct arena *a, const struct view_source *src)
{
	int64_t today = instant_day(src->viewer->now);
	bool book = view_may_see_amounts(src->tabs, src->viewer->id, "");
	const struct decision *d = tab_prev(src->tabs, &DECISION_REC, NULL);
	v->in_all = book ? tab_count(src->tabs, &DECISION_REC) : 0;
	v->rows = arena_zero(a, (VIEW_DECISIONS_MAX + 1) * sizeof(*v->rows));
	for (; d; d = tab_prev(src->tabs, &DECISION_REC, d->id)) {
		bool is_today = instant_day(d->at) == today;
		if (!seen(src, d))
			continue;
		v->in_all += !book;
		if (is_today) {
			v->today++;
			v->today_verified += d->verified > 0 && !d->differs;
			v->today_differs += d->differs > 0;
			v->today_of[d->kind]++;
		}
		if (v->count < VIEW_DECISIONS_MAX)
			decision_row(a, d, &v->rows[v->count++]);
		else if (!is_today)
			return;
	}
}

/* --- the snapshot --------------------------------------------------------------------------------- */

/* round(weight * measure / 1000), both as integers; the three parts sum to the score but for rounding. */
static int64_t weighted(int64_t weight, int64_t measure)
{
	return (weight * measure + 500) / 1000;
}

static void detail_candidates(struct view_decision_detail *v, struct arena *a, const struct plan_snapshot *shot)
{
	const struct plan *plan = shot->plan;
	for (size_t i = 0; i < plan->candidate_count && i < PLAN_CANDIDATES_MAX; i++) {
		const struct plan_candidate *c = &plan->candidates[i];
		struct view_candidate *out = &v->candidates[v->candidate_count++];
		*out = (struct view_candidate){ keep(a, c->name), keep(a, c->reason), (int64_t)i == plan->chosen, c->excluded != 0,
			c->risk, c->cost, c->time, c->score,
			{ weighted(v->weight_risk, c->risk), weighted(v->weight_cost, c->cost), weighted(v->weight_time, c->time) } };
	}
	/* The chosen one first, then the rest from low to high, the excluded last. */
	for (size_t i = 1; i < v->candidate_count; i++)
		for (size_t k = i; k > 0; k--) {
			struct view_candidate *x = &v->candidates[k - 1], *y = &v->candidates[k], swap;
			int64_t kx = x->excluded ? INT64_MAX : x->chosen ? INT64_MIN : x->score;
			int64_t ky = y->excluded ? INT64_MAX : y->chosen ? INT64_MIN : y->score;
			if (kx <= ky)
				break;
			swap = *x;
			*x = *y;
			*y = swap;
		}
}

static void detail_bans(struct view_decision_detail *v, struct arena *a, const struct tabs *s,
	const struct plan_problem *p)
{
	v->bans_in_all = p->ban_count;
	for (size_t i = 0; i < p->ban_count && v->ban_count < 8; i++) {
		const struct plan_ban *b = &p->bans[i];
		if (b->task < 0 || b->task >= (int64_t)p->task_count || b->seat < 0 || b->seat >= (int64_t)p->seat_count)
			continue;
		v->bans[v->ban_count++] = (struct view_ban){ keep_person(a, s, p->seats[b->seat].id),
			arena_printf(a, "%s %s", p->tasks[b->task].step, id_tail(p->tasks[b->task].deal)), keep(a, b->why) };
	}
}

/* The snapshot knows place and person of each task in the plan before: what is compared is what was decided on. */
static void detail_changes(struct view_decision_detail *v, struct arena *a, const struct tabs *s, const struct plan_snapshot *shot)
{
	const struct plan *plan = shot->plan;
	v->changes = arena_zero(a, (plan->place_count + 1) * sizeof(*v->changes));
	for (size_t i = 0; i < plan->place_count; i++) {
		const struct plan_place *place = &plan->places[i];
		const struct plan_task *t = &shot->problem->tasks[place->task];
		const char *seat = place->seat >= 0 ? shot->problem->seats[place->seat].id : "";
		bool other = strcmp(seat, t->previous) != 0;
		if (t->rank == (int64_t)i + 1 && !other) {
			v->unchanged++;
			continue;
		}
		const struct task *now = tab_get(s, &TASK_REC, t->id);
		struct view_change *out = &v->changes[v->change_count++];
		*out = (struct view_change){ now ? arena_printf(a, "%s %s", t->step, now->title) : keep(a, t->step), keep(a, t->deal),
			seat[0] ? keep_person(a, s, seat) : "nobody free", other && t->previous[0] ? keep_person(a, s, t->previous) : "",
			(int64_t)i + 1, t->rank };
	}
}

static void detail_plan(struct view_decision_detail *v, struct arena *a, const struct tabs *s, struct str bytes)
{
	struct plan_snapshot shot;
	if (v->row.kind != DECISION_PLAN || !plan_snapshot_decode(bytes, a, &shot))
		return;
	v->decoded = true;
	v->weight_risk = shot.problem->weight_risk;
	v->weight_cost = shot.problem->weight_cost;
	v->weight_time = shot.problem->weight_time;
	v->tasks = shot.problem->task_count;
	v->seats = shot.problem->seat_count;
	detail_candidates(v, a, &shot);
	detail_bans(v, a, s, shot.problem);
	detail_changes(v, a, s, &shot);
	v->inputs = plan_steps(a, shot.problem, shot.plan, &v->input_count);
	v->steps = v->input_count;
	if (!shot.plan->place_count)
		return;
	const struct plan_place *place = &shot.plan->places[0];
	const struct plan_task *first = &shot.problem->tasks[place->task];
	const struct task *now = tab_get(s, &TASK_REC, first->id);
	v->first_task = now ? arena_printf(a, "%s %s", first->step, now->title) : keep(a, first->step);
	v->first_deal = keep(a, first->deal);
	v->first_who = place->seat >= 0 ? keep_person(a, s, shot.problem->seats[place->seat].id) : "nobody free";
}

static void detail_previous(struct view_decision_detail *v, struct arena *a, const struct tabs *s, const struct decision *d)
{
	v->previous = "";
	if (d->kind != DECISION_PLAN)
		return;
	const struct decision *p = tab_prev(s, &DECISION_REC, d->id);
	while (p && p->kind != DECISION_PLAN)
		p = tab_prev(s, &DECISION_REC, p->id);
	if (p) {
		v->previous = keep(a, p->chosen);
		v->previous_number = p->number;
	}
}

static struct view_decision_detail *decision_detail(struct arena *a, const struct view_source *src, const char *id,
	bool replay)
{
	const struct decision *d = tab_get(src->tabs, &DECISION_REC, id);
	struct view_decision_detail *v = arena_zero(a, sizeof(*v));
	struct str bytes = { 0 };
	char hex[HASH_HEX_MAX], difference[240];
	if (!d || !seen(src, d))
		return NULL;
	decision_row(a, d, &v->row);
	v->trigger = keep(a, d->trigger);
	v->chosen = keep(a, d->chosen);
	v->snapshot = keep(a, hex_of(d->snapshot.bytes, HASH_SIZE, hex));
	v->result = keep(a, hex_of(d->result.bytes, HASH_SIZE, hex));
	v->number = d->number;
	v->entry = d->entry;
	v->policy = d->policy;
	v->candidates_said = d->candidates;
	v->excluded = d->excluded;
	v->moved = d->moved;
	v->first_task = v->first_deal = v->first_who = v->difference = "";
	detail_previous(v, a, src->tabs, d);
	if (src->evidence && src->evidence(src->ctx, &d->snapshot, a, &bytes)) {
		struct hash digest = hash_of(bytes.ptr, bytes.len);
		v->stored = hash_eq(&digest, &d->snapshot);
		v->bytes = bytes.len;
	}
	if (v->stored)
		detail_plan(v, a, src->tabs, bytes);
	if (replay) {
		v->replayed = true;
		v->equal = decision_replay(bytes, d, difference);
		v->difference = keep(a, v->equal ? "" : difference);
	}
	return v;
}

struct view_decisions *view_decisions_build(struct arena *a, const struct view_source *src, const char *decision,
	bool replay)
{
	struct view_decisions *v = arena_zero(a, sizeof(*v));
	decisions_rows(v, a, src);
	if (decision[0])
		v->detail = decision_detail(a, src, decision, replay);
	return v;
}
