/* What is over leaves the state: the same story is lived by a desk that keeps everything and by one that keeps days. Verdicts
 * are the same, totals hold, journals and their sums are together what was posted; the state is the same for any replay and
 * from a snapshot at any point; what left is reported once, as it was last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/retention.h"
#include "engine/witnessed.h"
#include "ledger/period.h"
#include "ledger/transfer.h"
#include "unit/engine/scenario.h"

static struct desk keeps, drops;

static void stopped(const char *what)
{
	fail_msg("%s", what);
}

static void look(void *ctx, const struct engine_out *out)
{
	char why[300];
	if (!desk_holds(ctx, why))
		fail_msg("after entry %llu: %s", (unsigned long long)out->entry.number, why);
}

/* Batches and the like would do as well: entries, so that sweeps come round. */
static void entries(struct desk *d, int count)
{
	while (count-- > 0) {
		d->now += INSTANT_MINUTE;
		desk_price(d, "copper", 600000 + count % 7);
	}
}

static void live(struct desk *d, const char *policy)
{
	char id[ID_MAX];
	desk_open(d);
	d->broken = stopped;
	d->ordered = look;
	d->ctx = d;
	assert_int_equal(desk_source(d, EVENT_POLICY, "policy", str_of(policy)), REFUSED_NOT);
	assert_int_equal(desk_message(d, "BANKNET", "", "bank.credit", "{\"amount\":\"7.00\",\"currency\":\"EUR\",\"payer\":\"KESTREL\"}"), REFUSED_NOT);
	receivables_run(d, desk_deal_id(id, 1), "1001");
	pledge_run(d, desk_deal_id(id, 2), "CSQU3054383");
	for (int week = 0; week < 6; week++) {
		desk_pass(d, d->now + 7 * INSTANT_DAY);
		entries(d, 40);
		receivables_request(d, desk_deal_id(id, 3), "1001", "1001"); /* financed once already */
	}
	receivables_request(d, desk_deal_id(id, 5), "1005", "1005");
	pledge_request(d, desk_deal_id(id, 6), "CSQU3054383");
	desk_pass(d, d->now + 20 * INSTANT_DAY);
	entries(d, 400);
}

static int open_both(void **state)
{
	(void)state;
	live(&keeps, "{\"version\":900,\"params\":{\"retention.deal_days\":4000,\"retention.book_days\":4000,\"retention.news\":1000000}}");
	live(&drops, "{\"version\":900,\"params\":{\"retention.deal_days\":5,\"retention.book_days\":10,\"retention.news\":60}}");
	return 0;
}

static int close_both(void **state)
{
	(void)state;
	desk_close(&keeps);
	desk_close(&drops);
	return 0;
}

static size_t count(const struct desk *d, const struct rec_type *t)
{
	return tab_count(engine_tabs(d->engine), t);
}

static void verdicts_are_those_of_who_keeps_everything(void **state)
{
	(void)state;
	assert_int_equal(keeps.count, drops.count);
	for (size_t i = 0; i < keeps.count; i++)
		if (keeps.log[i].verdict != drops.log[i].verdict)
			fail_msg("entry %zu: %s, kept: %s", i, refusal_name(drops.log[i].verdict), refusal_name(keeps.log[i].verdict));
}

static void what_is_over_left(void **state)
{
	(void)state;
	assert_int_equal(count(&keeps, &PERIOD_REC), 0);
	assert_true(count(&drops, &PERIOD_REC) > 0);
	assert_true(count(&drops, &NEWS_REC) <= 60 && count(&keeps, &NEWS_REC) > 60);
	assert_true(count(&drops, &INSTANCE_REC) < count(&keeps, &INSTANCE_REC));
	assert_true(count(&drops, &STEP_REC) < count(&keeps, &STEP_REC));
	assert_true(count(&drops, &VARIABLE_REC) < count(&keeps, &VARIABLE_REC));
	assert_true(count(&drops, &TASK_REC) < count(&keeps, &TASK_REC));
	assert_true(count(&drops, &EFFECT_REC) < count(&keeps, &EFFECT_REC));
	assert_true(count(&drops, &JOURNAL_REC) < count(&keeps, &JOURNAL_REC));
	assert_true(count(&drops, &POSTING_REC) < count(&keeps, &POSTING_REC));
	assert_true(count(&drops, &TRANSFER_REC) < count(&keeps, &TRANSFER_REC));
	assert_int_equal(count(&drops, &PAYMENT_REC), count(&keeps, &PAYMENT_REC));
	assert_int_equal(count(&drops, &DEAL_REC), count(&keeps, &DEAL_REC));
	assert_int_equal(count(&drops, &CLAIM_REC), count(&keeps, &CLAIM_REC));
	char id[ID_MAX];
	const struct act *a = act_first(engine_tabs(drops.engine), desk_deal_id(id, 1));
	assert_true(a && !act_next(engine_tabs(drops.engine), a, id)); /* the newest act of a deal stays */
	assert_true(count(&drops, &SEEN_REC) < drops.count / 2); /* behind the window they are dropped in both */
}

/* It is asked for until it is cleared, so it stays at hand, however old. */
static void money_in_suspense_stays(void **state)
{
	const struct journal *held = NULL;
	(void)state;
	TAB_FOR(journal, j, engine_tabs(drops.engine), &JOURNAL_REC, "")
		held = strcmp(j->event, "suspense") == 0 ? j : held;
	assert_true(held && held->total == 700);
}

/* Net of an account over journals and the sums of those that left. */
static int64_t rebuilt(const struct desk *d, int number)
{
	int64_t net = 0;
	TAB_FOR(posting, p, engine_tabs(d->engine), &POSTING_REC, "")
		net += p->number == number ? p->debit - p->credit : 0;
	TAB_FOR(period, s, engine_tabs(d->engine), &PERIOD_REC, "")
		net += s->number == number ? s->debit - s->credit : 0;
	return net;
}

static void journals_and_sums_are_all_that_was_posted(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHART_COUNT; i++)
		assert_int_equal(rebuilt(&drops, CHART[i].number), rebuilt(&keeps, CHART[i].number));
	char why[160];
	if (!totals_tally_holds(engine_tabs(drops.engine), "NOORDZEE", "EUR", why))
		fail_msg("%s", why);
}

struct left {
	size_t news, instances, others, twice;
	char last[96];
};

static void note(void *ctx, const struct rec_type *t, const void *rec)
{
	struct left *l = ctx;
	l->news += t == &NEWS_REC;
	l->instances += t == &INSTANCE_REC;
	l->others++;
	if (t == &NEWS_REC) { /* oldest first, each once */
		l->twice += strcmp(rec_key(t, rec), l->last) <= 0;
		snprintf(l->last, sizeof(l->last), "%s", rec_key(t, rec));
	}
}

static void what_left_is_told_once(void **state)
{
	struct engine *e = engine_new();
	struct left l = { .last = "" };
	size_t differs = 0;
	(void)state;
	tabs_on_archive(engine_tabs_mutable(e), note, &l);
	assert_true(desk_replay(&drops, e, &differs));
	assert_int_equal(l.news, count(&keeps, &NEWS_REC) - count(&drops, &NEWS_REC));
	assert_int_equal(l.instances, count(&keeps, &INSTANCE_REC) - count(&drops, &INSTANCE_REC));
	assert_int_equal(l.twice, 0);
	engine_free(e);
}

static void run_on(struct engine *e, size_t from)
{
	for (size_t i = from; i < drops.count; i++) {
		struct engine_in in = { drops.log[i].stamp, 1, buf_view(&drops.log[i].envelope) };
		struct engine_out out;
		engine_step(e, &in, &out);
		assert_memory_equal(out.digests.chain.bytes, drops.log[i].chain.bytes, HASH_SIZE);
	}
}

/* What a caller says of an entry besides its content saves work and changes nothing: what is said wrong is computed again. */
static void what_is_said_of_an_entry_is_not_believed(void **state)
{
	struct engine *e = engine_new();
	struct entry said;
	(void)state;
	for (size_t i = 0; i < drops.count && i < 400; i++) {
		struct entry_digests digests;
		struct envelope env;
		struct engine_out out;
		struct engine_in in = { drops.log[i].stamp, 1, buf_view(&drops.log[i].envelope), true };
		if (i && envelope_decode_again_content(in.envelope, &env, &digests.content)) {
			/* the entry before with this number and stamp, and one thing wrong in turn */
			said.number = engine_link(e)->next + (i % 7 == 0);
			said.stamp = in.stamp + (i % 7 == 1);
			said.prev = i % 7 == 2 ? (struct hash){ { 9 } } : engine_link(e)->chain;
			said.seed = i % 7 == 3 ? (struct hash){ { 9 } } : digests.content;
			said.envelope = in.envelope;
			str_copy(said.verdict, sizeof(said.verdict), i % 7 == 4 ? STR("nonsense") : STR("done"));
			assert_true(entry_digest(&said, &digests.content, &digests, NULL));
			in.said = &said;
			in.digests = &digests;
		}
		engine_step(e, &in, &out);
		said = out.entry;
		assert_memory_equal(out.digests.chain.bytes, drops.log[i].chain.bytes, HASH_SIZE);
	}
	engine_free(e);
}

static void a_snapshot_at_any_point_goes_on_the_same(void **state)
{
	struct hash want = engine_digest(drops.engine), have;
	struct engine *walk = engine_new();
	(void)state;
	for (size_t at = 0; at < drops.count; at++) {
		struct engine_in in = { drops.log[at].stamp, 1, buf_view(&drops.log[at].envelope) };
		struct engine_out out;
		struct buf bytes = { 0 };
		engine_step(walk, &in, &out);
		if (at % 97 != 31)
			continue;
		struct engine *e = engine_new();
		engine_snapshot(walk, &bytes);
		assert_true(engine_restore(e, buf_view(&bytes), at + 1));
		run_on(e, at + 1);
		have = engine_digest(e);
		assert_memory_equal(have.bytes, want.bytes, HASH_SIZE);
		engine_free(e);
		buf_free(&bytes);
	}
	engine_free(walk);
}

/* --- giving up entries ------------------------------------------------------------------------------- */

static enum refusal prune(struct desk *d, int64_t before, bool unwitnessed)
{
	struct ev_prune body = { .before = before, .unwitnessed = unwitnessed };
	body.root = merkle_root_at(engine_tree(d->engine), (uint64_t)before);
	return desk_send(d, EVENT_PRUNE, "node", "", &body);
}

static void witnessed(struct desk *d, const char *party, int64_t size)
{
	struct witnessed w = { .size = size };
	snprintf(w.id, sizeof(w.id), "%s", party);
	tab_put(engine_tabs_mutable(d->engine), &WITNESSED_REC, &w);
	tab_commit(engine_tabs_mutable(d->engine));
}

/* From here on the state is not what the log gives any more. */
static void entries_go_behind_what_witnesses_saw(void **state)
{
	struct desk *d = &keeps;
	(void)state;
	assert_true(d->count > 512);
	assert_int_equal(prune(d, 256, false), REFUSED_UNWITNESSED);
	witnessed(d, "REG", 300);
	assert_int_equal(prune(d, 512, false), REFUSED_UNWITNESSED);
	assert_int_equal(prune(d, 512, true), REFUSED_UNWITNESSED); /* who has witnesses does not go without */
	assert_int_equal(prune(d, 100, false), REFUSED_VALUE);
	assert_int_equal(prune(d, 0, false), REFUSED_VALUE);
	assert_int_equal(retention_kept(engine_tabs(d->engine)), 0);
	assert_int_equal(prune(d, 256, false), REFUSED_NOT);
	assert_int_equal(retention_kept(engine_tabs(d->engine)), 256);
	assert_int_equal(prune(d, 256, false), REFUSED_VALUE);
	witnessed(d, "REG", 600);
	assert_int_equal(prune(d, 512, false), REFUSED_NOT);
	struct ev_prune body = { .before = 512 };
	assert_int_equal(desk_send(d, EVENT_PRUNE, "party/KESTREL", "", &body), REFUSED_SIGNER_UNKNOWN);
}

/* Money on its way and events of what goes on stay, whatever else of a deal left. */
static void what_goes_on_stays(void **state)
{
	char over[ID_MAX], open[ID_MAX];
	struct tabs *s = engine_tabs_mutable(drops.engine);
	struct transfer f = { .id = "PY-LATE", .state = TRANSFER_PENDING }, done = { .id = "PY-DONE", .state = TRANSFER_POSTED };
	struct physical p = { .id = "PH-OPEN" }, q = { .id = "PH-OVER" };
	(void)state;
	assert_int_equal(receivables_request(&drops, desk_deal_id(open, 7), "1007", "1007"), REFUSED_NOT);
	desk_deal_id(over, 1);
	memcpy(f.deal, over, sizeof(f.deal));
	memcpy(done.deal, over, sizeof(done.deal));
	memcpy(p.deal, open, sizeof(p.deal));
	memcpy(q.deal, over, sizeof(q.deal));
	tab_put(s, &TRANSFER_REC, &f);
	tab_put(s, &TRANSFER_REC, &done);
	tab_put(s, &PHYSICAL_REC, &p);
	tab_put(s, &PHYSICAL_REC, &q);
	tab_commit(s);
	drops.ordered = NULL; /* there is no money behind it */
	entries(&drops, 400);
	assert_non_null(tab_get(s, &TRANSFER_REC, f.id));
	assert_null(tab_get(s, &TRANSFER_REC, done.id));
	assert_non_null(tab_get(s, &PHYSICAL_REC, p.id));
	assert_null(tab_get(s, &PHYSICAL_REC, q.id));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(verdicts_are_those_of_who_keeps_everything),
		cmocka_unit_test(what_is_over_left), cmocka_unit_test(money_in_suspense_stays),
		cmocka_unit_test(journals_and_sums_are_all_that_was_posted),
		cmocka_unit_test(what_left_is_told_once), cmocka_unit_test(what_is_said_of_an_entry_is_not_believed),
		cmocka_unit_test(a_snapshot_at_any_point_goes_on_the_same),
		cmocka_unit_test(entries_go_behind_what_witnesses_saw), cmocka_unit_test(what_goes_on_stays) };
	return cmocka_run_group_tests_name("retention", tests, open_both, close_both);
}
