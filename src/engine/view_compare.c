/* Two decisions side by side. See engine/view_decisions.h.
 *
 * Must remain true: words are the same only when the values are; a snapshot is read only when it has the digest that the ledger
 * gives. */
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/turn.h"
#include "engine/view_decisions.h"
#include "view_keep.h"

/* One side: the record, and of a plan its snapshot. */
struct side {
	const struct decision *d;
	struct plan_snapshot shot;
	bool decoded;
};

static struct side side_read(struct arena *a, const struct view_source *src, const char *id)
{
	struct side x = { .d = tab_get(src->tabs, &DECISION_REC, id) };
	struct str bytes = { 0 };
	if (!x.d || !view_may_see_amounts(src->tabs, src->viewer->id, x.d->deal))
		return (struct side){ 0 };
	if (x.d->kind != DECISION_PLAN || !src->evidence || !src->evidence(src->ctx, &x.d->snapshot, a, &bytes))
		return x;
	struct hash digest = hash_of(bytes.ptr, bytes.len);
	x.decoded = hash_eq(&digest, &x.d->snapshot) && plan_snapshot_decode(bytes, a, &x.shot);
	return x;
}

static void pair(struct view_compared *v, const char *what, const char *here, const char *there)
{
	v->pairs[v->count++] = (struct view_pair){ what, here, there, !strcmp(here, there) };
}

/* Values that are shown short, or in full where two of them look alike. */
struct shown {
	const char *words, *full;
};

static void pair_short(struct view_compared *v, const char *what, struct shown here, struct shown there)
{
	bool alike = strcmp(here.full, there.full) && !strcmp(here.words, there.words);
	pair(v, what, alike ? here.full : here.words, alike ? there.full : there.words);
}

static struct shown stamp_shown(struct arena *a, int64_t at)
{
	char text[INSTANT_TEXT_MAX], micros[INSTANT_TEXT_MAX];
	return (struct shown){ keep(a, instant_format(at, 0, text)), keep(a, instant_format(at, 6, micros)) };
}

static struct shown digest_shown(struct arena *a, const struct hash *h)
{
	char hex[HASH_HEX_MAX];
	const char *full = keep(a, hex_of(h->bytes, HASH_SIZE, hex));
	return (struct shown){ arena_printf(a, "%.8s…%.8s", full, full + strlen(full) - 8), full };
}

static struct shown id_shown(struct arena *a, const char *id)
{
	const char *full = id[0] ? keep(a, id) : "–";
	return (struct shown){ id[0] ? id_tail(full) : full, full };
}

/* What the ledger says of every decision. */
static void records(struct view_compared *v, struct arena *a, const struct decision *x, const struct decision *y)
{
	pair(v, "kind", DECISION_KIND_NAMES[x->kind], DECISION_KIND_NAMES[y->kind]);
	pair(v, "decided", keep(a, x->chosen), keep(a, y->chosen));
	pair_short(v, "at", stamp_shown(a, x->at), stamp_shown(a, y->at));
	pair_short(v, "deal", id_shown(a, x->deal), id_shown(a, y->deal));
	pair(v, "trigger", x->trigger[0] ? keep(a, x->trigger) : "–", y->trigger[0] ? keep(a, y->trigger) : "–");
	pair(v, "policy", arena_printf(a, "version %lld", (long long)x->policy), arena_printf(a, "version %lld", (long long)y->policy));
	pair_short(v, "inputs", digest_shown(a, &x->snapshot), digest_shown(a, &y->snapshot));
	pair_short(v, "outcome", digest_shown(a, &x->result), digest_shown(a, &y->result));
}

/* --- plans: candidates, places, tasks; every figure in full, so that equal words are equal values -------- */

static const char *thousandths(struct arena *a, int64_t value)
{
	return arena_printf(a, "%lld.%03lld", (long long)(value / 1000), (long long)(value % 1000));
}

static const char *candidate_words(struct arena *a, const struct side *x, const char *name)
{
	for (size_t i = 0; x->decoded && i < x->shot.plan->candidate_count; i++) {
		const struct plan_candidate *c = &x->shot.plan->candidates[i];
		if (strcmp(c->name, name))
			continue;
		if (c->excluded)
			return arena_printf(a, "excluded: %s", c->reason);
		return arena_printf(a, "%s%s: risk %s, cost %s, time %s", thousandths(a, c->score), (int64_t)i == x->shot.plan->chosen ? ", chosen" : "",
			thousandths(a, c->risk), thousandths(a, c->cost), thousandths(a, c->time));
	}
	return "–";
}

static struct shown place_shown(struct arena *a, const struct tabs *s, const struct side *x, size_t place)
{
	if (!x->decoded || place >= x->shot.plan->place_count)
		return (struct shown){ "–", "–" };
	const struct plan_place *p = &x->shot.plan->places[place];
	const struct plan_task *t = &x->shot.problem->tasks[p->task];
	const char *seat = p->seat >= 0 ? x->shot.problem->seats[p->seat].id : "";
	return (struct shown){ arena_printf(a, "%s %s, %s", t->step, id_shown(a, t->deal).words, seat[0] ? keep_person(a, s, seat) : "nobody free"),
		arena_printf(a, "%s %s, %s", t->step, t->id, seat[0] ? seat : "nobody free") };
}

static const struct plan_task *task_of(const struct side *x, const char *id)
{
	for (size_t i = 0; x->decoded && i < x->shot.problem->task_count; i++)
		if (!strcmp(x->shot.problem->tasks[i].id, id))
			return &x->shot.problem->tasks[i];
	return NULL;
}

/* A plan has figures alone: they are in the money of the task's deal, else of the book. */
static const char *money_of(const struct tabs *s, const struct plan_task *t)
{
	const struct deal *d = tab_get(s, &DEAL_REC, t->deal);
	const struct meta *m = tab_get(s, &META_REC, "state");
	return d ? d->currency : m ? m->currency : "";
}

static const char *task_words(struct arena *a, const struct tabs *s, const struct plan_task *t, int digits)
{
	const char *currency = money_of(s, t);
	char money[MONEY_TEXT_MAX], decay[MONEY_TEXT_MAX], due[INSTANT_TEXT_MAX];
	return arena_printf(a, "%s at risk, %s a day, class %lld, due %s%s%s", money_format(t->amount, currency, ',', money),
		money_format(t->decay, currency, ',', decay), (long long)t->priority, t->deadline ? instant_format(t->deadline, digits, due) : "never",
		t->fixed[0] ? ", claimed by " : "", t->fixed);
}

static struct shown task_shown(struct arena *a, const struct tabs *s, const struct plan_task *t)
{
	return t ? (struct shown){ task_words(a, s, t, 0), task_words(a, s, t, 6) } : (struct shown){ "–", "–" };
}

static void plan_candidates(struct view_compared *v, struct arena *a, const struct side *x, const struct side *y)
{
	const struct side *sides[] = { x, y };
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; sides[k]->decoded && i < sides[k]->shot.plan->candidate_count; i++) {
			const char *name = keep(a, sides[k]->shot.plan->candidates[i].name);
			if (k && strcmp(candidate_words(a, x, name), "–"))
				continue; /* it stands there already */
			pair(v, name, candidate_words(a, x, name), candidate_words(a, y, name));
		}
}

static void plan_tasks(struct view_compared *v, struct arena *a, const struct tabs *s, const struct side *x, const struct side *y)
{
	const struct side *sides[] = { x, y };
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; sides[k]->decoded && i < sides[k]->shot.problem->task_count; i++) {
			const struct plan_task *t = &sides[k]->shot.problem->tasks[i], *here = task_of(x, t->id), *there = task_of(y, t->id);
			if (!k || !here)
				pair_short(v, arena_printf(a, "task %s %s", t->step, id_tail(t->deal[0] ? t->deal : t->id)), task_shown(a, s, here),
					task_shown(a, s, there));
		}
}

static const char *sizes_words(struct arena *a, const struct side *x)
{
	if (!x->decoded)
		return "–";
	const struct plan_problem *p = x->shot.problem;
	return arena_printf(a, "%zu tasks, %zu seats, weights risk %lld cost %lld time %lld", p->task_count, p->seat_count, (long long)p->weight_risk,
		(long long)p->weight_cost, (long long)p->weight_time);
}

static void plans(struct view_compared *v, struct arena *a, const struct tabs *s, const struct side *x, const struct side *y)
{
	size_t places = x->decoded ? x->shot.plan->place_count : 0, others = y->decoded ? y->shot.plan->place_count : 0;
	pair(v, "problem", sizes_words(a, x), sizes_words(a, y));
	plan_candidates(v, a, x, y);
	for (size_t i = 0; i < places || i < others; i++)
		pair_short(v, arena_printf(a, "place %zu", i + 1), place_shown(a, s, x, i), place_shown(a, s, y, i));
	plan_tasks(v, a, s, x, y);
}

static size_t rows_of(const struct side *x)
{
	return x->decoded ? x->shot.plan->candidate_count + x->shot.plan->place_count + x->shot.problem->task_count : 0;
}

/* What differs comes first; otherwise the order stays. */
static void differing_first(struct view_compared *v, struct arena *a)
{
	struct view_pair *sorted = arena_zero(a, (v->count + 1) * sizeof(*sorted));
	size_t n = 0;
	for (int same = 0; same < 2; same++)
		for (size_t i = 0; i < v->count; i++)
			if (v->pairs[i].same == (same != 0))
				sorted[n++] = v->pairs[i];
	v->pairs = sorted;
	for (size_t i = 0; i < v->count; i++)
		v->same += sorted[i].same;
}

struct view_compared *view_decisions_compare(struct arena *a, const struct view_source *src, const struct view_decisions *v, const char *other)
{
	struct side x = v->detail ? side_read(a, src, v->detail->row.id) : (struct side){ 0 }, y = side_read(a, src, other);
	if (!x.d || !y.d)
		return NULL;
	struct view_compared *c = arena_zero(a, sizeof(*c));
	c->other = keep(a, y.d->id);
	c->there = y.d->kind == DECISION_PLAN ? arena_printf(a, "plan %lld", (long long)y.d->number) : DECISION_KIND_NAMES[y.d->kind];
	c->pairs = arena_zero(a, (9 + rows_of(&x) + rows_of(&y)) * sizeof(*c->pairs));
	records(c, a, x.d, y.d);
	if (x.decoded || y.decoded)
		plans(c, a, src->tabs, &x, &y);
	differing_first(c, a);
	return c;
}
