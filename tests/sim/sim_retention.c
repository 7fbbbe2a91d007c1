/* The dice of sim_engine at a desk that lets go of what is over after days. See engine/retention.h.
 *
 * The same entries are then run by an engine whose parameters keep everything: every verdict is the same, and what the small
 * one still has is what the large one has. And they are run in groups of other sizes: state and rows of read models, those of
 * records that left included, are the same for any. `sim_retention [SEED]`; without a seed 1 to 2. */
#include "actors.h"

#include "engine/retention.h"
#include "ledger/period.h"
#include "ledger/transfer.h"

enum { EVENTS = 2500 };
#define SMALL "{\"version\":900,\"params\":{\"retention.deal_days\":2,\"retention.book_days\":4,\"retention.news\":120}}"

static const struct param KEEPS[] = { { .id = "retention.deal_days", .value = 4000 }, { .id = "retention.book_days", .value = 4000 },
	{ .id = "retention.news", .value = 10000000 } };

static bool step(struct engine *e, size_t i, struct engine_out *out)
{
	const struct desk_entry *x = &desk.log[i];
	struct engine_in in = { x->stamp, 1, buf_view(&x->envelope) };
	engine_step(e, &in, out);
	return out->verdict == x->verdict;
}

/* Goods of a deal are seen somewhere: what gateways tell of them. */
static void some_goods(void)
{
	struct feed_physical p = { .type = "ObjectEvent", .action = "OBSERVE", .at = desk.now, .items = 1 };
	struct ev_batch b = { .sequence = ++sequence, .from = desk.now, .to = desk.now, .events = 1 };
	struct buf bytes = { 0 };
	snprintf(p.step, sizeof(p.step), "%s", chance(50) ? "arriving" : "departing");
	snprintf(p.subject, sizeof(p.subject), "LOT-%llu", (unsigned long long)dice(20));
	snprintf(p.deal, sizeof(p.deal), "%s", deal_count && chance(80) ? deals[dice(deal_count)].id : "");
	p.hash = hash_of(&sequence, sizeof(sequence));
	feed_physical_encode(&p, 1, &bytes);
	snprintf(b.gateway, sizeof(b.gateway), "GW-RTM");
	b.physical = blob_in(&desk.arena, bytes.ptr, bytes.len);
	desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b);
	buf_free(&bytes);
}

/* --- against one that keeps everything ------------------------------------------------------------------- */

/* The parameters lie in the state alone: the entries stay those that were signed. */
static void keep_everything(struct engine *e)
{
	struct tabs *s = engine_tabs_mutable(e);
	for (size_t i = 0; i < sizeof(KEEPS) / sizeof(KEEPS[0]); i++) {
		const struct param *p = tab_get(s, &PARAM_REC, KEEPS[i].id);
		struct param now = KEEPS[i];
		if (!p || p->value == now.value)
			continue;
		now = *p;
		now.value = KEEPS[i].value;
		tab_put(s, &PARAM_REC, &now);
	}
	tab_commit(s);
}

/* Searches and policy are what differs on purpose; journals that left are in the sums of theirs. */
static bool same_by_right(const struct rec_type *t)
{
	return t == &SWEEP_REC || t == &PARAM_REC || t == &PERIOD_REC || t == &MARK_REC;
}

/* Records that left; what is still there is the same in both. */
static size_t compare_states(const struct tabs *small, const struct tabs *large)
{
	static const struct rec_type *const LEAVE[] = { &NEWS_REC, &INSTANCE_REC, &TASK_REC, &ACT_REC, &DECISION_REC, &EFFECT_REC, &ALERT_REC,
		&JOURNAL_REC, &PHYSICAL_REC, &TRANSFER_REC };
	size_t left = 0;
	for (size_t i = 0; i < sizeof(LEAVE) / sizeof(LEAVE[0]); i++)
		if (tab_count(small, LEAVE[i]) >= tab_count(large, LEAVE[i]))
			broken("no record of %s left the state: the run shows nothing", LEAVE[i]->name);
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++) {
		const struct rec_type *t = STATE_TYPES[i];
		if (same_by_right(t))
			continue;
		for (const void *rec = tab_first(small, t, ""); rec; rec = tab_next(small, t, rec_key(t, rec))) {
			const void *kept = tab_get(large, t, rec_key(t, rec));
			if (!kept || !rec_equal(t, rec, kept))
				broken("a record of %s is not what one that keeps everything has", t->name);
		}
		left += tab_count(large, t) - tab_count(small, t);
	}
	return left;
}

static size_t against_who_keeps(void)
{
	struct engine *e = engine_new();
	struct engine_out out;
	char what[40];
	for (size_t i = 0; i < desk.count && !breach[0]; i++) {
		keep_everything(e);
		snprintf(what, sizeof(what), "%zu", i);
		if (!step(e, i, &out))
			broken("entry %s has another verdict where everything is kept", what);
	}
	size_t left = breach[0] ? 0 : compare_states(engine_tabs(desk.engine), engine_tabs(e));
	engine_free(e);
	return left;
}

/* --- groups of commits ----------------------------------------------------------------------------------- */

static void row(void *ctx, const struct rec_type *t, const char *key, const void *rec)
{
	if (rec)
		tab_put(ctx, t, rec);
	else
		tab_delete(ctx, t, key);
}

/* Runs all entries, with the rows written after each `group` of them; 0: sizes by dice. */
static void run_grouped(size_t group, struct hash *state, struct hash *rows)
{
	struct engine *e = engine_new();
	struct tabs *written = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	struct engine_out out;
	for (size_t i = 0, left = group; i < desk.count; i++) {
		step(e, i, &out);
		left = left ? left : 1 + dice(40);
		if (--left && i + 1 < desk.count)
			continue;
		tabs_dirty_each(engine_tabs_mutable(e), row, written);
		tabs_dirty_clear(engine_tabs_mutable(e));
		tab_commit(written);
		left = group;
	}
	*state = engine_digest(e);
	*rows = tabs_digest(written);
	tabs_free(written);
	engine_free(e);
}

static void any_grouping(void)
{
	static const size_t GROUPS[] = { 256, 7, 0, 0 };
	struct hash live = engine_digest(desk.engine), want, state, rows;
	run_grouped(1, &state, &want);
	for (size_t i = 0; i < sizeof(GROUPS) / sizeof(GROUPS[0]); i++) {
		run_grouped(GROUPS[i], &state, &rows);
		if (!hash_eq(&state, &live) || !hash_eq(&rows, &want))
			broken("%s", "state or rows depend on how entries were grouped");
	}
}

/* --- runs ------------------------------------------------------------------------------------------------ */

static bool simulate(uint64_t seed)
{
	actors_begin(seed);
	if (desk_source(&desk, EVENT_POLICY, "policy", str_of(SMALL)) != REFUSED_NOT)
		desk_broken(&desk, "policy");
	desk.ordered = ordered;
	while (events < EVENTS && !breach[0]) {
		one_event();
		if (chance(4))
			some_goods();
		if (chance(2))
			desk_pass(&desk, desk.now + INSTANT_DAY);
	}
	size_t left = breach[0] ? 0 : against_who_keeps();
	if (!breach[0])
		any_grouping();
	printf("seed %llu: %zu entries, %zu records had left\n", (unsigned long long)seed, desk.count, left);
	if (breach[0])
		printf("BROKEN: %s\n", breach);
	desk_close(&desk);
	return !breach[0];
}

int main(int argc, char **argv)
{
	return actors_main(argc, argv, 2, simulate);
}
