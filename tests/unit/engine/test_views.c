/* Views out of a state made of records: what a deal waits for, curves with silence and quarantine, balances, proofs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "engine/engine.h"
#include "engine/view_accounts.h"
#include "engine/view_alerts.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"
#include "engine/view_deals.h"
#include "engine/view_decisions.h"
#include "engine/view_exposure.h"
#include "engine/view_ledger.h"
#include "engine/view_sensors.h"
#include "ledger/envelope.h"
#include "schedule/task.h"

static struct tabs *s;
static struct viewer viewer;
static struct view_source source;
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	s = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	memset(&viewer, 0, sizeof(viewer));
	viewer.now = instant_of(2026, 3, 16, 14, 30, 0);
	strcpy(viewer.party, "NOORDZEE");
	source = (struct view_source){ .tabs = s, .viewer = &viewer };
	struct meta meta = { .id = "state", .currency = "EUR", .book = "NOORDZEE" };
	struct party bank = { .id = "NOORDZEE", .kind = PARTY_FND, .name = "Noordzee Bank" };
	tab_put(s, &META_REC, &meta);
	tab_put(s, &PARTY_REC, &bank);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tabs_free(s);
	arena_free(&arena);
	memset(&arena, 0, sizeof(arena));
	return 0;
}

/* --- deals ---------------------------------------------------------------------------------------- */

static void deal_put(const char *id, int64_t kind, int64_t state, int64_t principal, int64_t level)
{
	struct deal d = { .kind = kind, .state = state, .principal = principal, .amount = 100, .level = level };
	strcpy(d.id, id);
	strcpy(d.funder, "NOORDZEE");
	strcpy(d.party, "KESTREL");
	strcpy(d.currency, "EUR");
	tab_put(s, &DEAL_REC, &d);
}

static void deals_stand_as_state_and_level_say(void **state)
{
	(void)state;
	deal_put("DL-1", DEAL_PLEDGE, DEAL_FUNDED, 500, 0);
	deal_put("DL-2", DEAL_PLEDGE, DEAL_FUNDED, 900, 3);
	deal_put("DL-3", DEAL_RECEIVABLES, DEAL_REVERSED, 0, 3);
	deal_put("DL-4", DEAL_RECEIVABLES, DEAL_CONFIRM_WAIT, 0, 0);
	struct view_deals *v = view_deals_build(&arena, &source, "DL-2");
	assert_int_equal(v->count, 4);
	assert_int_equal(v->running, 3);
	assert_int_equal(v->outstanding, 1400);
	assert_string_equal(v->rows[0].id, "DL-2"); /* running ones by amount, then the ended */
	assert_int_equal(v->rows[0].standing, STANDING_HELD);
	assert_string_equal(v->rows[0].word, "suspended L3");
	assert_string_equal(v->rows[3].id, "DL-3");
	assert_int_equal(v->rows[3].standing, STANDING_UNDONE);
	assert_int_equal(v->rows[1].ltv, INT64_MIN); /* no collateral valued: unknown, never 0 */
	assert_non_null(v->detail);
}

static void a_deal_of_others_is_not_shown(void **state)
{
	(void)state;
	deal_put("DL-1", DEAL_PLEDGE, DEAL_FUNDED, 500, 0);
	strcpy(viewer.party, "ELBE");
	struct party other = { .id = "ELBE", .kind = PARTY_WHS };
	tab_put(s, &PARTY_REC, &other);
	assert_int_equal(view_deals_build(&arena, &source, "")->count, 0);
	other.kind = PARTY_REG; /* a supervisor sees all */
	tab_put(s, &PARTY_REC, &other);
	assert_int_equal(view_deals_build(&arena, &source, "")->count, 1);
}

/* --- alerts --------------------------------------------------------------------------------------- */

/* A yen has no hundredths. */
static void facts_are_in_the_currency_of_the_deal(void **state)
{
	struct deal d = { .id = "DL-1", .kind = DEAL_PLEDGE, .state = DEAL_FUNDED, .margin_due = 265000, .currency = "JPY", .funder = "NOORDZEE" };
	struct alert al = { .id = "AL-1", .code = "E09", .deal = "DL-1", .level = 2 };
	(void)state;
	tab_put(s, &DEAL_REC, &d);
	tab_put(s, &ALERT_REC, &al);
	const struct view_case *c = view_alerts_build(&arena, &source, false, "AL-1")->detail;
	assert_non_null(c);
	int i = 0;
	while (i < c->fact_count && strcmp(c->facts[i].label, "margin called"))
		i++;
	assert_true(i < c->fact_count);
	assert_string_equal(c->facts[i].ours, "265,000 JPY");
}

/* --- sensors -------------------------------------------------------------------------------------- */

static void window_put(int64_t at, int64_t value, int64_t bad_value)
{
	struct window w = { .from = at, .count = bad_value ? 0 : 1, .least = value, .greatest = value, .last = value, .bad = bad_value != 0,
		.bad_value = bad_value };
	snprintf(w.id, sizeof(w.id), "RTM/T1/%012lld", (long long)(at / INSTANT_SECOND));
	tab_put(s, &WINDOW_REC, &w);
}

static void curves_keep_silence_and_quarantine(void **state)
{
	struct site site = { .id = "RTM", .name = "Rotterdam" };
	struct device d = { .id = "RTM/T1", .site = "RTM", .kind = DEVICE_TEMPERATURE, .banded = 1, .low = -22000, .high = -15000 };
	struct series x = { .id = "RTM/T1", .site = "RTM", .status = SERIES_OK, .last = -18000, .last_at = viewer.now };
	(void)state;
	tab_put(s, &SITE_REC, &site);
	tab_put(s, &DEVICE_REC, &d);
	tab_put(s, &SERIES_REC, &x);
	for (int i = 1; i <= 100; i++) /* newest first; steps 40 to 49 say nothing, step 60 is quarantined */
		if (i < 40 || i >= 50)
			window_put(viewer.now - i * VIEW_SENSOR_STEP, -18000, i == 60 ? -3100 : 0);
	struct view_sensors *v = view_sensors_build(&arena, &source, VIEW_WORST_SITE, "", 24 * INSTANT_HOUR, 0);
	assert_string_equal(v->site, "RTM");
	assert_non_null(v->detail);
	int silent = 0, bad = 0;
	for (int i = v->detail->slots - 100; i < v->detail->count; i++) {
		silent += v->detail->points[i] == VIEW_SILENCE;
		bad += v->detail->bad[i];
	}
	assert_int_equal(silent, 10);
	assert_int_equal(bad, 1);
	assert_int_equal(v->detail->worst.value, -3100);
	assert_int_equal(v->detail->points[v->detail->slots - 1], -18000);
}

/* --- accounts ------------------------------------------------------------------------------------- */

static void balances_add_up(void **state)
{
	struct account bank = { .book = "NOORDZEE", .number = 1000, .currency = "EUR", .debit = 900, .credit = 300, .journals = 2 };
	struct account pool = { .book = "NOORDZEE", .number = 3000, .currency = "EUR", .credit = 600, .journals = 1 };
	struct account memo = { .book = "NOORDZEE", .number = 9100, .currency = "EUR", .debit = 77, .journals = 1 };
	(void)state;
	strcpy(bank.id, "NOORDZEE/1000/EUR");
	strcpy(pool.id, "NOORDZEE/3000/EUR");
	strcpy(memo.id, "NOORDZEE/9100/EUR");
	tab_put(s, &ACCOUNT_REC, &bank);
	tab_put(s, &ACCOUNT_REC, &pool);
	tab_put(s, &ACCOUNT_REC, &memo);
	struct view_accounts *v = view_accounts_build(&arena, &source, "", "", 0, NULL);
	assert_string_equal(v->book_name, "Noordzee Bank");
	assert_int_equal(v->count, 3);
	assert_int_equal(v->debit, 600);
	assert_int_equal(v->credit, 600);
	assert_true(v->rows[2].memo);
	/* what is pending stands before the journals, of the account that it will move */
	struct transfer wait = { .id = "e2e-1", .state = TRANSFER_PENDING, .book = "NOORDZEE", .currency = "EUR", .debit = 1200, .credit = 1000,
		.amount = 40 };
	struct transfer over = { .id = "e2e-2", .state = TRANSFER_VOIDED, .book = "NOORDZEE", .currency = "EUR", .debit = 1200, .credit = 1000,
		.amount = 50 };
	bank.credit_pending = 40;
	tab_put(s, &ACCOUNT_REC, &bank);
	tab_put(s, &TRANSFER_REC, &wait);
	tab_put(s, &TRANSFER_REC, &over);
	v = view_accounts_build(&arena, &source, "", "", 1000, NULL);
	assert_true(v->rows[0].waits && !v->rows[1].waits);
	assert_int_equal(v->rows[0].pending, -40);
	assert_int_equal(v->journal_count, 1);
	assert_true(v->journals[0].pending);
	assert_int_equal(v->journals[0].credit[0].amount, 40);
	assert_int_equal(view_accounts_build(&arena, &source, "", "", 3000, NULL)->journal_count, 0);
	const struct stop stops[] = { { .id = "A", .funder = "NOORDZEE" }, { .id = "B", .funder = STOP_EVERYBODY }, { .id = "C", .funder = "OTHER" },
		{ .id = "D", .funder = "NOORDZEE", .lifted_at = 1 } };
	for (size_t i = 0; i < 4; i++)
		tab_put(s, &STOP_REC, &stops[i]);
	v = view_accounts_build(&arena, &source, "", "", 0, NULL);
	assert_int_equal(v->stop_count, 2);
	assert_true(!v->stops[0].everybody && v->stops[1].everybody);
}

/* --- exposure ------------------------------------------------------------------------------------- */

static void the_scenario_of_now_is_the_deal(void **state)
{
	struct deal d = { .id = "DL-1", .kind = DEAL_PLEDGE, .state = DEAL_FUNDED, .principal = 150000000, .ev = 195000000, .ltv = 7692,
		.zone = ZONE_WARNING, .currency = "EUR", .funder = "NOORDZEE", .commodity = "copper", .quantity = 240000 };
	struct value copper = { .id = "copper", .state = VALUE_OK, .amount = 812500 };
	(void)state;
	tab_put(s, &DEAL_REC, &d);
	tab_put(s, &VALUE_REC, &copper);
	struct view_exposure *v = view_exposure_build(&arena, &source, "", (struct view_try){ .change = -260 });
	assert_int_equal(v->scenarios[0].ltv, 7692);
	assert_int_equal(v->value, 195000000);
	assert_true(v->scenarios[1].asked);
	assert_true(v->scenarios[1].ltv > 7692);
	assert_int_equal(v->scenarios[0].cash, 23250000); /* worked example of the specification */
	assert_int_equal(v->scenarios[0].goods, 35769231);
	assert_true(v->curve[0] > v->curve[VIEW_CURVE - 1]);
}

static void journal_put(const char *id, const char *deal, int64_t at, int64_t account, int64_t net)
{
	struct journal j = { .book = "NOORDZEE", .currency = "EUR", .at = at, .value_day = instant_day(at) };
	struct posting p = { .number = account, .currency = "EUR", .debit = net > 0 ? net : 0, .credit = net < 0 ? -net : 0 };
	strcpy(j.id, id);
	strcpy(j.deal, deal);
	snprintf(p.id, sizeof(p.id), "%s/00", id);
	tab_put(s, &JOURNAL_REC, &j);
	tab_put(s, &POSTING_REC, &p);
}

/* Drawn two hours ago, goods written down one hour ago; another deal of the group is paid back in between. What the group draws in
 * another book is no part of it, and need not be seen. */
static void the_past_is_what_the_journals_undo(void **state)
{
	struct deal d = { .id = "DL-1", .kind = DEAL_PLEDGE, .state = DEAL_FUNDED, .principal = 150000, .ev = 190000, .ltv = 7895,
		.currency = "EUR", .funder = "NOORDZEE", .party = "KESTREL" };
	struct operator me = { .id = "i.vermeer", .role = ROLE_RSK, .party = "NOORDZEE" };
	int64_t now = viewer.now, hour = INSTANT_HOUR;
	(void)state;
	strcpy(viewer.id, me.id);
	tab_put(s, &OPERATOR_REC, &me);
	tab_put(s, &DEAL_REC, &d);
	deal_put("DL-2", DEAL_RECEIVABLES, DEAL_SETTLED, 0, 0);
	struct deal elsewhere = { .id = "DL-3", .state = DEAL_FUNDED, .principal = 70000, .currency = "EUR", .funder = "ELBE", .party = "KESTREL" };
	tab_put(s, &DEAL_REC, &elsewhere);
	journal_put("0000000001/00000", "DL-1", now - 3 * hour, 9100, 200000);
	journal_put("0000000002/00000", "DL-1", now - 2 * hour, 1200, 150000);
	journal_put("0000000003/00000", "DL-2", now - 90 * INSTANT_MINUTE, 1210, -40000);
	journal_put("0000000004/00000", "DL-1", now - hour, 9100, -10000);
	struct view_history *h = view_history_build(&arena, &source, "DL-1", 4 * hour);
	assert_non_null(h);
	enum { LAST = VIEW_HISTORY - 1 };
	assert_int_equal(h->ltv[LAST], 7895);              /* 1,500 of 1,900 */
	assert_int_equal(h->ltv[LAST * 5 / 8], 7500);      /* of 2,000 */
	assert_true(h->ltv[LAST * 3 / 8] == INT64_MIN);    /* pledged, not drawn */
	assert_int_equal(h->trends[VIEW_TREND_VALUE].values[LAST * 3 / 8], 200000);
	assert_int_equal(h->trends[VIEW_TREND_VALUE].values[0], 0);
	assert_int_equal(h->trends[VIEW_TREND_GROUP].values[0], 40000);
	assert_int_equal(h->trends[VIEW_TREND_BOOK].values[LAST * 9 / 16], 190000);
	assert_int_equal(h->trends[VIEW_TREND_BOOK].now, 150000);
	assert_int_equal(h->trends[VIEW_TREND_BOOK].most, 190000);
	assert_int_equal(h->worst, 7895);
	struct meta another = { .id = "state", .currency = "EUR", .book = "ELBE" }; /* who keeps it sees all */
	tab_put(s, &META_REC, &another);
	h = view_history_build(&arena, &source, "DL-1", 4 * hour);
	assert_int_equal(h->trends[VIEW_TREND_GROUP].values[0], 40000);
	assert_true(h->trends[VIEW_TREND_BOOK].values[0] == INT64_MIN);
	strcpy(viewer.id, "nobody");
	assert_null(view_history_build(&arena, &source, "DL-1", 4 * hour));
}

/* --- ledger --------------------------------------------------------------------------------------- */

enum { ENTRIES = 40 };
static struct {
	struct buf envelope;
	struct entry entry;
} stored[ENTRIES];
static struct merkle *tree;

static bool read_entry(void *ctx, uint64_t number, struct arena *a, struct view_entry *out)
{
	(void)ctx;
	(void)a;
	if (number >= ENTRIES)
		return false;
	out->entry = stored[number].entry;
	return true;
}

static void ledger_make(void)
{
	tree = merkle_new();
	for (uint64_t n = 0; n < ENTRIES; n++) {
		struct envelope e = { .kind = EVENT_RULES, .sender = "NOORDZEE" };
		struct ev_rules body = { .note = "x", .rules = (int64_t)n };
		struct buf bytes = { 0 };
		struct entry_digests d;
		struct fault fault;
		rec_encode(&EV_RULES_REC, &body, &bytes);
		envelope_set_body(&e, buf_view(&bytes));
		assert_int_equal(envelope_encode(&e, &stored[n].envelope, &fault), ERR_OK);
		stored[n].entry = (struct entry){ .number = n, .stamp = (int64_t)n + 1, .envelope = buf_view(&stored[n].envelope),
			.verdict = "done" };
		assert_true(entry_digest(&stored[n].entry, NULL, &d, &fault));
		merkle_append(tree, &d.leaf);
		buf_free(&bytes);
	}
	source.tree = tree;
	source.entry = read_entry;
}

static bool other_root;

static bool give_checkpoint(void *ctx, struct arena *a, struct view_checkpoint *out)
{
	(void)ctx;
	(void)a;
	static struct tlog_policy policy = { .witness_count = 3, .group_count = 1, .groups = { { "two", 2, 7 } }, .quorum = TLOG_WITNESSES_MAX };
	*out = (struct view_checkpoint){ .origin = "o", .size = 30, .root = merkle_root_at(tree, 30), .at = 1, .policy = &policy,
		.signer_count = 4, .signers = {
			{ .name = "log", .verified = true, .witness = -1, .log = true, .size = 30, .root = merkle_root_at(tree, 30) },
			{ .name = "a", .verified = true, .witness = 0, .size = 28, .root = merkle_root_at(tree, 28) },
			{ .name = "b", .verified = true, .witness = 1, .size = 8, .root = merkle_root_at(tree, 8) },
			{ .name = "c", .witness = 2 } } };
	out->signers[1].root.bytes[0] ^= other_root;
	return true;
}

static struct view_broken told;
static int tellings;

static void hear_broken(void *ctx, const struct view_broken *b)
{
	(void)ctx;
	tellings++;
	told = *b;
}

/* Who has seen an entry is asked of the entry in focus; a tree that is not ours is a contradiction whatever its size. */
static void witnesses_count_for_the_entry_in_focus(void **state)
{
	struct view_ledger_cache *cache = view_ledger_cache_new();
	struct view_ledger_want want = { "", 0, 20, 7 };
	(void)state;
	ledger_make();
	source.checkpoint = give_checkpoint;
	struct view_ledger *v = view_ledger_build(&arena, &source, cache, &want);
	assert_int_equal(v->witnesses, 3);
	assert_int_equal(v->saw, 2);
	assert_true(v->quorum && v->consistent);
	assert_int_equal(v->seen[3], VIEW_SEEN_NOTHING);
	want.focus = 8;
	v = view_ledger_build(&arena, &source, cache, &want);
	assert_int_equal(v->seen[1], VIEW_SEEN_IT);
	assert_int_equal(v->seen[2], VIEW_SEEN_LESS);
	assert_false(v->quorum);
	/* one that signed another beginning than ours */
	other_root = true;
	v = view_ledger_build(&arena, &source, cache, &want);
	other_root = false;
	assert_int_equal(v->seen[1], VIEW_SEEN_OTHER);
	assert_false(v->consistent || v->quorum);
	view_ledger_cache_free(cache);
	merkle_free(tree);
	for (int n = 0; n < ENTRIES; n++) {
		buf_free(&stored[n].envelope);
		memset(&stored[n], 0, sizeof(stored[n]));
	}
}

static void proofs_are_computed_and_breaks_are_found(void **state)
{
	struct view_ledger_cache *cache = view_ledger_cache_new();
	struct view_ledger_want want = { "", 0, 20, 7 };
	(void)state;
	ledger_make();
	source.checkpoint = give_checkpoint;
	struct view_ledger *v = view_ledger_build(&arena, &source, cache, &want);
	assert_int_equal(v->rows[0].number, ENTRIES - 1);
	assert_int_equal(v->proof[0], VIEW_UNSIGNED); /* newer than the checkpoint */
	assert_int_equal(v->proof[15], VIEW_VERIFIED);
	assert_true(v->detail->root_equal && v->detail->checkpoint_equal);
	assert_int_equal(v->detail->proof, VIEW_VERIFIED);
	/* one byte of a stored entry is another one: a fresh console finds it */
	stored[12].entry.stamp++;
	view_ledger_cache_free(cache);
	cache = view_ledger_cache_new();
	want = (struct view_ledger_want){ "", 0, 20, 12 };
	source.broken = hear_broken;
	v = view_ledger_build(&arena, &source, cache, &want);
	assert_true(v->broken);
	assert_int_equal(v->broken_at, 12);
	assert_int_equal(v->detail->proof, VIEW_BROKEN);
	assert_int_equal(told.number, 12);
	assert_memory_equal(&told.computed, &v->detail->computed, sizeof(struct hash));
	assert_memory_not_equal(&told.computed, &told.leaf, sizeof(struct hash));
	/* put right, it is well again only when it is read again */
	stored[12].entry.stamp--;
	assert_true(view_ledger_build(&arena, &source, cache, &want)->broken);
	view_ledger_cache_free(cache);
	cache = view_ledger_cache_new();
	source.checked = ENTRIES; /* by a check beside */
	v = view_ledger_build(&arena, &source, cache, &want);
	assert_false(v->broken);
	assert_int_equal(v->checked, ENTRIES);
	source.checked = 0;
	assert_int_equal(told.number, 12);
	assert_int_equal(tellings, 2);
	/* a filter shows and counts what matches only */
	want = (struct view_ledger_want){ "kind=rules 1", 0, 20, UINT64_MAX };
	v = view_ledger_build(&arena, &source, cache, &want);
	assert_int_equal(v->matching, 13); /* 1, 10 to 19, 21, 31 */
	assert_int_equal(view_ledger_step(&source, cache, want.filter, 19, 1), 18);
	assert_int_equal(view_ledger_place(&source, cache, want.filter, 19), 2);
	view_ledger_cache_free(cache);
	merkle_free(tree);
	for (int n = 0; n < ENTRIES; n++) {
		buf_free(&stored[n].envelope);
		memset(&stored[n], 0, sizeof(stored[n]));
	}
}

/* --- decisions ------------------------------------------------------------------------------------ */

static struct {
	struct hash digest;
	struct str bytes;
} shots[2];

static bool shot_of(void *ctx, const struct hash *digest, struct arena *a, struct str *out)
{
	(void)ctx, (void)a;
	for (int k = 0; k < 2; k++)
		if (hash_eq(&shots[k].digest, digest))
			*out = shots[k].bytes;
	return out->len > 0;
}

/* Plan k puts the one task with the one or with the other of two who are called alike, a millisecond apart. */
static void plan_put(const char *id, int k)
{
	struct plan_task task = { .id = "TK-1", .step = "B11", .deal = "DL-9", .amount = 26500, .deadline = INSTANT_HOUR };
	struct plan_seat seats[] = { { .id = "i.vermeer" }, { .id = "j.vermeer" } };
	struct plan_place place = { .seat = k };
	struct plan_problem problem = { .tasks = &task, .task_count = 1, .seats = seats, .seat_count = 2 };
	struct plan plan = { .places = &place, .place_count = 1, .candidate_count = 1, .candidates = { { .name = "rank order", .reason = "chosen" } } };
	struct decision d = { .kind = DECISION_PLAN, .number = k + 1, .at = viewer.now + k, .chosen = "rank order", .deal = "DL-01K9AAAAAAAAAAAAAAAA0R2VD" };
	struct buf b = { 0 };
	plan_snapshot_encode(&arena, &problem, &plan, &b);
	shots[k].bytes = (struct str){ arena_copy(&arena, b.ptr, b.len), b.len };
	shots[k].digest = hash_of(b.ptr, b.len);
	buf_free(&b);
	strcpy(d.id, id);
	d.snapshot = shots[k].digest;
	tab_put(s, &DECISION_REC, &d);
	struct operator o = { .party = "NOORDZEE" };
	strcpy(o.id, seats[k].id);
	strcpy(o.name, k ? "Ina Vermeer" : "Ida Vermeer");
	tab_put(s, &OPERATOR_REC, &o);
}

static const struct view_pair *pair_of(const struct view_compared *c, const char *what)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->pairs[i].what, what))
			return &c->pairs[i];
	fail_msg("%s is not compared", what);
	return NULL;
}

/* Two decisions side by side: what is shown alike because it is shown short is not called the same. */
static void what_is_called_the_same_is(void **state)
{
	(void)state;
	struct deal yen = { .id = "DL-9", .currency = "JPY" };
	tab_put(s, &DEAL_REC, &yen);
	plan_put("DC-1", 0);
	plan_put("DC-2", 1);
	source.evidence = shot_of;
	struct view_decisions *v = view_decisions_build(&arena, &source, "DC-1", false);
	assert_int_equal(v->detail->change_count, 1); /* it was in no place and nobody's */
	assert_true(v->detail->changes[0].rank == 1 && v->detail->changes[0].was == 0);
	struct view_compared *c = view_decisions_compare(&arena, &source, v, "DC-2");
	assert_non_null(c);
	const char *const differ[] = { "at", "inputs", "place 1" }, *const same[] = { "decided", "deal", "problem", "rank order" };
	for (size_t i = 0; i < 3; i++) {
		const struct view_pair *p = pair_of(c, differ[i]);
		assert_false(p->same);
		assert_string_not_equal(p->here, p->there);
	}
	for (size_t i = 0; i < 4; i++)
		assert_true(pair_of(c, same[i])->same);
	assert_non_null(strstr(pair_of(c, "task B11 DL-9")->here, "26,500 at risk, 0 a day"));
	assert_string_equal(c->there, "plan 2");
	assert_int_equal(c->count - c->same, 3);
	for (size_t i = 0; i < c->count; i++)
		assert_int_equal(c->pairs[i].same, i >= 3); /* what differs comes first */
	char deal[16];
	snprintf(deal, sizeof(deal), "%s", pair_of(c, "deal")->here);
	struct decision *record = (struct decision *)(uintptr_t)tab_get(s, &DECISION_REC, "DC-1");
	memset(record->deal, 'x', sizeof(record->deal) - 1); /* a picture outlives the records */
	assert_string_equal(pair_of(c, "deal")->here, deal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deals_stand_as_state_and_level_say, setup, teardown),
		cmocka_unit_test_setup_teardown(a_deal_of_others_is_not_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(facts_are_in_the_currency_of_the_deal, setup, teardown),
		cmocka_unit_test_setup_teardown(curves_keep_silence_and_quarantine, setup, teardown),
		cmocka_unit_test_setup_teardown(balances_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(the_scenario_of_now_is_the_deal, setup, teardown),
		cmocka_unit_test_setup_teardown(the_past_is_what_the_journals_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(proofs_are_computed_and_breaks_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_called_the_same_is, setup, teardown),
		cmocka_unit_test_setup_teardown(witnesses_count_for_the_entry_in_focus, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
