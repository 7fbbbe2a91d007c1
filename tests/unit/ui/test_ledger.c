/* The ledger drawn from a literal view around a real tree: leaf n is the text `entry n`, as in the frame of the
 * specification, so heads and path are its figures. */
#include "picture.h"

#include "engine/view_ledger.h"

static struct merkle *tree_of(uint64_t size)
{
	struct merkle *t = merkle_new();
	for (uint64_t n = 0; n < size; n++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "entry %llu", (unsigned long long)n);
		struct hash leaf = merkle_leaf(text, (size_t)len);
		merkle_append(t, &leaf);
	}
	return t;
}

static const struct tlog_policy policy = { .quorum = TLOG_WITNESSES_MAX };
static struct view_ledger_detail detail;
static struct view_ledger view;

static struct view_ledger *literal(void)
{
	static const struct {
		uint64_t number;
		const char *kind, *who, *deal;
		bool refused;
	} entries[] = {
		{ 6213, "reading.anomaly", "gateway RTM", "DL-01K9AAAAAAAAAAAAAAAAAA8HWT", false },
		{ 6212, "task.approve", "T. Okafor", "DL-01K9AAAAAAAAAAAAAAAAAAC5NP", false },
		{ 6205, "plan.decide", "scheduler", "", false },
		{ 6191, "sod-2", "S. Brink", "DL-01K9AAAAAAAAAAAAAAAAAAP9DA", true },
		{ 6187, "limit.reserve", "engine", "DL-01K9AAAAAAAAAAAAAAAAAAC5NP", false },
	};
	struct merkle *t = tree_of(6214);
	struct merkle_proof proof;
	memset(&view, 0, sizeof(view));
	view = (struct view_ledger){ .entries = 6214, .root = merkle_root(t), .checked = 6214, .matching = 6214, .count = 5,
		.has_checkpoint = true, .checkpoint_holds = true, .detail = &detail };
	view.checkpoint = (struct view_checkpoint){ .origin = "noordzee.example/desk", .size = 6213, .root = merkle_root_at(t, 6213),
		.at = instant_of(2026, 3, 16, 14, 32, 4), .policy = &policy,
		.signer_count = 5, .signers = {
			{ .name = "Noordzee Bank", .verified = true, .witness = -1, .log = true, .size = 6213 },
			{ .name = "Waalhaven Storage", .verified = true, .witness = 0, .size = 6212, .at = instant_of(2026, 3, 16, 14, 31, 26) },
			{ .name = "Halvorsen Cable", .verified = true, .witness = 1, .size = 6212, .at = instant_of(2026, 3, 16, 14, 31, 23) },
			{ .name = "Port Assay", .verified = true, .witness = 2, .size = 6102, .at = instant_of(2026, 3, 16, 14, 20, 7) },
			{ .name = "supervisor", .witness = 3 } } };
	view.seen[0] = view.seen[1] = view.seen[2] = VIEW_SEEN_IT;
	view.seen[3] = VIEW_SEEN_LESS;
	view.witnesses = 4;
	view.saw = 2;
	view.quorum = view.consistent = true;
	for (size_t i = 0; i < 5; i++) {
		view.rows[i] = (struct view_ledger_row){ entries[i].number, instant_of(2026, 3, 16, 14, 32, 5), entries[i].kind,
			entries[i].who, entries[i].deal, entries[i].refused, true, true };
		view.proof[i] = i ? VIEW_VERIFIED : VIEW_UNSIGNED;
	}
	detail = (struct view_ledger_detail){ .number = 6187, .kind = "limit.reserve", .words = "a limit is set",
		.says = "group HALVORSEN  amount 1000000.00", .who = "engine", .verdict = "done", .envelope_bytes = 412,
		.stamp = instant_of(2026, 3, 16, 14, 25, 9), .proof = VIEW_VERIFIED, .size = 6214, .root_equal = true,
		.checkpoint_equal = true, .leaf = merkle_leaf_at(t, 6187), .computed = merkle_leaf_at(t, 6187) };
	merkle_prove_inclusion(t, 6187, 6214, &proof);
	detail.hashes = proof.count;
	detail.path_count = merkle_path_view(6187, 6214, &detail.computed, &proof, detail.path);
	merkle_free(t);
	return &view;
}

static void draws_the_path_of_the_frame(void **state)
{
	struct view_ledger *v = literal();
	struct picture pic = picture_of(&SCREEN_LEDGER, 120, 36);
	(void)state;
	picture_draw(&pic, v);
	picture_holds(&pic, "━━ 1 Entries ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ newest first ━┭── 2 Proof of entry 6,187 ────────────────────");
	picture_holds(&pic, "│ ▣ root                                        6d69…7888");
	picture_holds(&pic, "│ ├─□ 0–4,095                                   076d…c49e");
	picture_holds(&pic, "└─◆ 6,187 this entry          4436…4986");
	picture_holds(&pic, " ○  6,213  14:32:05  reading.anomaly    gateway RTM   8HWT");
	picture_holds(&pic, " ▣  6,191  14:32:05  × sod-2            S. Brink      P9DA");
	picture_holds(&pic, "▣ equal  noordzee.example/desk · 6,213");
	picture_free(&pic);
}

static void says_who_has_seen_it(void **state)
{
	struct view_ledger *v = literal();
	struct picture pic = picture_of(&SCREEN_LEDGER, 120, 36);
	(void)state;
	picture_draw(&pic, v);
	picture_holds(&pic, "│ ▣ Noordzee Bank      log key 3s ago");
	picture_holds(&pic, "│ ▣ Waalhaven Storage  witness, 6,212, 41s ago");
	picture_holds(&pic, "│ ○ Port Assay         witness, 6,102, 12m ago");
	picture_holds(&pic, "│ ○ supervisor         witness, nothing signed yet");
	picture_holds(&pic, "│ ▣ quorum 2 of 4   consistent with every older one");
	view.quorum = false;
	picture_draw(&pic, v);
	picture_holds(&pic, "│ ○ quorum 2 of 4   no quorum has seen this entry yet");
	view.seen[2] = VIEW_SEEN_OTHER;
	view.consistent = false;
	picture_draw(&pic, v);
	picture_holds(&pic, "│ ■ Halvorsen Cable    6,212, another tree: keep both");
	picture_holds(&pic, "│ ■ quorum 2 of 4   contradicted");
	picture_free(&pic);
}

static void says_who_signed_and_what_evidence_there_is(void **state)
{
	struct view_ledger *v = literal();
	struct picture pic = picture_of(&SCREEN_LEDGER, 120, 36);
	(void)state;
	detail.signers[0] = (struct view_signer){ "engine", "", "Noordzee Bank", "did:key:z6Mk…e7Vt", "", 0 };
	detail.signers[1] = (struct view_signer){ "T. Okafor", "", "Noordzee Bank", "did:key:z6Mk…9dQp", "revoked since 2026-03-12", 0 };
	detail.signer_count = detail.signer_total = 2;
	detail.digests = (struct view_digests){ .named = 5, .stored = 2, .sealed = 1, .readers = 3, .destroyed = 1 };
	picture_draw(&pic, v);
	picture_holds(&pic, "signed    engine of Noordzee Bank, did:key:z6Mk…e7Vt");
	picture_holds(&pic, "endorsed  T. Okafor × revoked since 2026-03-12, z6Mk…9dQp");
	picture_holds(&pic, "evidence  5 digests, 2 in the store, 1 sealed for 3");
	detail.digests = (struct view_digests){ .named = 4, .stored = 4 };
	picture_draw(&pic, v);
	picture_holds(&pic, "evidence  4 digests, all in the store");
	detail.computed.bytes[0] ^= 1;
	picture_draw(&pic, v);
	picture_holds(&pic, "■ the tree has 4436…4986");
	picture_free(&pic);
}

static void asks_for_exports_and_comparisons(void **state)
{
	struct view_ledger *v = literal();
	struct picture pic = picture_of(&SCREEN_LEDGER, 80, 24);
	struct screen_out out = { 0 };
	(void)state;
	snprintf(pic.state->argument, sizeof(pic.state->argument), "6187");
	SCREEN_LEDGER.close(pic.state);
	pic.state->own = SCREEN_LEDGER.open(pic.state);
	SCREEN_LEDGER.update(pic.state, 'X', v, &out);
	assert_string_equal(out.line, "export 6187");
	out = (struct screen_out){ 0 };
	SCREEN_LEDGER.update(pic.state, 'D', v, &out);
	assert_string_equal(out.line, "");
	assert_non_null(strstr(out.message, "D on another entry"));
	SCREEN_LEDGER.update(pic.state, 'D', v, &out);
	assert_string_equal(out.line, "compare 6188 6188");
	picture_free(&pic);
}

static void says_what_is_kept(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct view_ledger *v = literal();
		struct picture pic = picture_of(&SCREEN_LEDGER, sizes[i][0], sizes[i][1]);
		v->kept = (struct view_kept){ .first = 4096, .seen = 6102, .witnessed = true, .raw_given = instant_of(2026, 1, 12, 0, 0, 0),
			.raw_due = instant_of(2026, 2, 1, 0, 0, 0), .closed_until = instant_day(instant_of(2026, 2, 28, 0, 0, 0)), .postings = 1204,
			.accounts = 12, .last_day = instant_day(instant_of(2025, 1, 31, 0, 0, 0)), .journals = 2939 };
		pic.state->pane = 5;
		picture_draw(&pic, v);
		picture_holds(&pic, "from entry 4,096 · closed to 28 Feb");
		picture_holds(&pic, "1 to 4,095 were given up; their tiles stay");
		picture_golden(&pic, "ledger_kept");
		v->kept = (struct view_kept){ .first = 1, .raw_given = INT64_MIN, .raw_due = INT64_MIN, .closed_until = INT64_MIN, .masked = true };
		picture_draw(&pic, v);
		picture_holds(&pic, "every entry · books open");
		picture_holds(&pic, "all 6,214 since the genesis are here");
		picture_holds(&pic, "nothing: no witness's note is on the ledger");
		picture_free(&pic);
	}
}

static void says_when_no_checkpoint_covers_it(void **state)
{
	struct view_ledger *v = literal();
	struct picture pic = picture_of(&SCREEN_LEDGER, 120, 36);
	struct screen_out out = { 0 };
	(void)state;
	detail.checkpoint_equal = false;
	SCREEN_LEDGER.update(pic.state, 'v', v, &out);
	assert_true(out.used && out.status == UI_STATUS_WAIT);
	assert_non_null(strstr(out.message, "no checkpoint signs entry 6,187 yet"));
	detail.proof = VIEW_BROKEN;
	SCREEN_LEDGER.update(pic.state, 'v', v, &out);
	assert_int_equal(out.status, UI_STATUS_DANGER);
	picture_free(&pic);
}

static void keeps_root_and_leaf_when_low(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 120, 20 }, { 200, 50 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_ledger *v = literal();
		struct picture pic = picture_of(&SCREEN_LEDGER, sizes[i][0], sizes[i][1]);
		picture_draw(&pic, v);
		picture_holds(&pic, "6,213");
		picture_free(&pic);
		pic = picture_of(&SCREEN_LEDGER, sizes[i][0], sizes[i][1]);
		pic.state->pane = 2;
		picture_draw(&pic, v);
		picture_holds(&pic, "root");
		picture_holds(&pic, "6,187 this entry");
		picture_free(&pic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_path_of_the_frame),
		cmocka_unit_test(says_who_has_seen_it),
		cmocka_unit_test(says_who_signed_and_what_evidence_there_is),
		cmocka_unit_test(asks_for_exports_and_comparisons),
		cmocka_unit_test(says_when_no_checkpoint_covers_it),
		cmocka_unit_test(says_what_is_kept),
		cmocka_unit_test(keeps_root_and_leaf_when_low),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
