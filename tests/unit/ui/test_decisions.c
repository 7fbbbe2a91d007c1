/* Decisions drawn from a literal view: the candidates of the specification's frame, replayed equal and different. */
#include "picture.h"

#include "engine/view_decisions.h"

static struct view_decision rows[] = {
	{ "DC-01K9AAAAAAAAAAAAAAAAAA0001", "approved 1 of 2", "DL-01K9AAAAAAAAAAAAAAAAAAC5NP", 1, DECISION_APPROVAL, 0, 1, 0 },
	{ "DC-01K9AAAAAAAAAAAAAAAAAA5TQ8", "plan 311", "DL-01K9AAAAAAAAAAAAAAAAAA4QM7", 1, DECISION_PLAN, 0, 1, 0 },
	{ "DC-01K9AAAAAAAAAAAAAAAAAA0003", "refused SOD-2", "DL-01K9AAAAAAAAAAAAAAAAAAP9DA", 1, DECISION_REFUSED, 0, 0, 0 },
};
static struct view_decision_detail detail;

#define CANDIDATE(name_, reason_, chosen_, excluded_, r, c, t, s) \
	{ .name = name_, .reason = reason_, .chosen = chosen_, .excluded = excluded_, .risk = r, .cost = c, .time = t, .score = s, \
	  .parts = { 6 * (r) / 10, 15 * (c) / 100, 25 * (t) / 100 } }

static struct view_decisions literal(void)
{
	static const struct view_candidate candidates[] = {
		CANDIDATE("haircut review first", "chosen", true, false, 212000, 310000, 180000, 218700),
		CANDIDATE("approve C5NP first", "+29.9 review of 4QM7 ends 40 min later", false, false, 301000, 120000, 200000, 248600),
		CANDIDATE("as plan 310", "+95.3 1,500,000.00 EUR stays unwatched", false, false, 455000, 90000, 1000000, 1000000),
		CANDIDATE("S. Brink approves 4QM7", "SOD-2: she set its limit on 12 Jan", false, true, 0, 0, 0, 0),
	};
	for (size_t i = 0; i < 3; i++)
		rows[i].at = instant_of(2026, 3, 16, 14, 28, 20);
	detail = (struct view_decision_detail){ .row = rows[1], .trigger = "copper 8,125.00 EUR/t", .chosen = "haircut review first",
		.snapshot = "5c0f000000000000e812", .result = "5c0f000000000000e812", .number = 311, .entry = 6205, .policy = 12, .stored = true,
		.decoded = true, .weight_risk = 600, .weight_cost = 150, .weight_time = 250, .candidate_count = 4, .tasks = 31, .seats = 14,
		.steps = 112, .first_task = "E09 review haircut", .first_deal = rows[1].deal, .first_who = "I. Vermeer", .difference = "",
		.previous = "" };
	memcpy(detail.candidates, candidates, sizeof(candidates));
	return (struct view_decisions){ .rows = rows, .count = 3, .in_all = 311, .today = 311, .today_verified = 308,
		.today_of = { 84, 96, 41 }, .detail = &detail };
}

static void fill(struct screen_state *s)
{
	struct list_row list[3];
	for (size_t i = 0; i < 3; i++)
		list[i] = (struct list_row){ rows[i].id, 1 };
	list_refresh(s->list, list, 3, NULL);
	list_focus(s->list, rows[1].id);
}

static void draws_the_candidates(void **state)
{
	struct view_decisions v = literal();
	struct picture pic = picture_of(&SCREEN_DECISIONS, 120, 36);
	(void)state;
	fill(pic.state);
	picture_draw(&pic, &v);
	picture_holds(&pic, "━━ 1 Decisions ━━━━━━━━━ newest first ━┭── 2 Plan 311: what next, and why not the others ──────────── by the scheduler ─");
	picture_holds(&pic, " ▣ 14:28:20  approved 1 of 2   C5NP    │");
	picture_holds(&pic, "│ asked      which of 4 plans for 31 tasks and 14 seats");
	picture_holds(&pic, "● haircut review first");
	picture_holds(&pic, "212  310  180  218.7  █");
	picture_holds(&pic, "455   90 1000 1000.0  █"); /* the greatest that there are */
	picture_holds(&pic, "× S. Brink approves 4QM7       SOD-2: she set its limit on 12 Jan");
	picture_holds(&pic, "▣ 308 of 311");
	picture_holds(&pic, "ni:///sha-256;5c0f…e812");
	picture_free(&pic);
}

static void says_equal_only_after_a_replay(void **state)
{
	struct view_decisions v = literal();
	struct picture pic = picture_of(&SCREEN_DECISIONS, 120, 36);
	struct screen_out out = { 0 };
	(void)state;
	fill(pic.state);
	picture_draw(&pic, &v);
	struct buf text = { 0 };
	canvas_to_text(&pic.canvas, &text);
	assert_null(strstr(text.ptr, "same digest"));
	buf_free(&text);
	SCREEN_DECISIONS.update(pic.state, 'v', &v, &out);
	assert_string_equal(out.line, "verify DC-01K9AAAAAAAAAAAAAAAAAA5TQ8");
	detail.replayed = detail.equal = true;
	picture_draw(&pic, &v);
	picture_holds(&pic, "▣ same digest   decided again from the snapshot: 112 steps");
	detail.equal = false;
	detail.difference = "step 7 of 112, candidate as plan 310: recorded 01020304, replayed 05060708";
	picture_draw(&pic, &v);
	picture_holds(&pic, "■ differs");
	picture_holds(&pic, "step 7 of 112");
	picture_free(&pic);
}

static void keeps_what_and_score(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 200, 50 }, { 100, 12 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_decisions v = literal();
		struct picture pic = picture_of(&SCREEN_DECISIONS, sizes[i][0], sizes[i][1]);
		fill(pic.state);
		picture_draw(&pic, &v);
		picture_holds(&pic, "plan 311");
		pic.state->pane = 2;
		picture_draw(&pic, &v);
		picture_free(&pic);
	}
}

static void shows_what_the_plan_changed(void **state)
{
	static struct view_change changes[] = {
		{ "E09 review haircut", "DL-01K9AAAAAAAAAAAAAAAAAA4QM7", "I. Vermeer", "", 1, 4 },
		{ "A11 approve purchase", "DL-01K9AAAAAAAAAAAAAAAAAAC5NP", "S. Brink", "T. Okafor", 2, 2 },
		{ "B05 count and scan the delivery", "DL-01K9AAAAAAAAAAAAAAAAAAM3ZK", "J. Kuiper", "", 3, 0 },
		{ "A13 release payment", "DL-01K9AAAAAAAAAAAAAAAAAAV6DM", "nobody free", "R. Lindt", 14, 9 },
	};
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct view_decisions v = literal();
		struct picture pic = picture_of(&SCREEN_DECISIONS, sizes[i][0], sizes[i][1]);
		struct screen_out out = { 0 };
		detail.changes = changes;
		detail.change_count = 4;
		detail.unchanged = 27;
		fill(pic.state);
		SCREEN_DECISIONS.update(pic.state, 'D', &v, &out);
		pic.state->pane = 2;
		picture_draw(&pic, &v);
		picture_holds(&pic, "Other than in the plan before");
		picture_golden(&pic, "decision_changes");
		SCREEN_DECISIONS.update(pic.state, 'D', &v, &out); /* and back */
		picture_draw(&pic, &v);
		picture_holds(&pic, "Candidates");
		SCREEN_DECISIONS.update(pic.state, 'D', &v, &out);
		detail.change_count = 0;
		picture_draw(&pic, &v);
		picture_holds(&pic, "Nothing moved: all 27 tasks");
		picture_free(&pic);
	}
}

static void stands_beside_another(void **state)
{
	static struct view_pair pairs[] = {
		{ "decided", "haircut review first", "as plan 310", false },
		{ "inputs", "5c0f0000…0000e812", "77ab0000…00001234", false },
		{ "haircut review first", "218.700, chosen: risk 212.000, cost 310.000, time 180.000", "–", false },
		{ "task B11 R2VD", "820,000.00 at risk, 164.00 a day, class 5, due 2026-03-16T15:40:00Z, claimed by t.okafor",
			"820,000.00 at risk, 164.00 a day, class 5, due 2026-03-16T15:40:00Z, claimed by s.brink", false },
		{ "place 1", "E09 4QM7, I. Vermeer", "E09 4QM7, I. Vermeer", true },
	};
	static struct view_compared compared = { "DC-01K9AAAAAAAAAAAAAAAAAA0000", "plan 310", pairs, 5, 1 };
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct view_decisions v = literal();
		struct picture pic = picture_of(&SCREEN_DECISIONS, sizes[i][0], sizes[i][1]);
		struct screen_out out = { 0 };
		fill(pic.state);
		SCREEN_DECISIONS.update(pic.state, '=', &v, &out);
		assert_non_null(strstr(out.message, "plan 311 is one"));
		v.compared = &compared;
		picture_draw(&pic, &v);
		picture_holds(&pic, "This is the one");
		list_focus(pic.state->list, rows[0].id);
		detail.row = rows[0];
		pic.state->pane = 2;
		picture_draw(&pic, &v);
		picture_holds(&pic, "Beside plan 310");
		picture_holds(&pic, "s.brink");
		picture_holds(&pic, "4 differ (this, then plan 310), 1 are the same");
		picture_golden(&pic, "decision_beside");
		SCREEN_DECISIONS.update(pic.state, '=', &v, &out); /* and back */
		assert_non_null(strstr(out.message, "nothing stands beside it"));
		v.compared = NULL;
		detail.row = rows[1];
		picture_draw(&pic, &v);
		picture_holds(&pic, "Candidates");
		picture_free(&pic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_candidates),
		cmocka_unit_test(says_equal_only_after_a_replay),
		cmocka_unit_test(keeps_what_and_score),
		cmocka_unit_test(shows_what_the_plan_changed),
		cmocka_unit_test(stands_beside_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
