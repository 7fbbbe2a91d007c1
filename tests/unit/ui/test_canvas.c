/* The canvas: clipping, unsafe text, joints, drawings, values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "ui/canvas.h"

static void row_is(const struct canvas *c, int y, const char *want)
{
	struct buf out = { 0 };
	canvas_to_text(c, &out);
	struct str rest = buf_view(&out), line = { 0 };
	for (int i = 0; i <= y; i++)
		line = str_cut(&rest, '\n');
	char got[4000];
	str_copy(got, sizeof(got), line);
	assert_string_equal(got, want);
	buf_free(&out);
}

static void text_is_clipped_and_safe(void **state)
{
	(void)state;
	struct canvas c;
	canvas_init(&c, 10, 3);
	assert_int_equal(canvas_text(&c, 0, 0, 4, UI_TEXT, "abcdef"), 4);
	row_is(&c, 0, "abcd");
	canvas_text(&c, -2, 1, 20, UI_TEXT, "xyzabcdefghijklmn");
	row_is(&c, 1, "zabcdefghi");
	canvas_text(&c, 0, 5, 4, UI_TEXT, "out"); /* below: nothing, no crash */
	/* ESC, bell, wide, combining, direction mark, private use, emoji, broken UTF-8 */
	canvas_clear(&c);
	canvas_text(&c, 0, 0, 10, UI_TEXT, "a\033[b\a\xe4\xb8\x8a" "e\xcc\x81\xe2\x80\xae");
	row_is(&c, 0, "a?[b??e??");
	canvas_text(&c, 0, 1, 10, UI_TEXT, "\xee\x80\x80\xf0\x9f\x98\x80\xff\xc3z");
	row_is(&c, 1, "????z");
	canvas_text(&c, 0, 2, 10, UI_TEXT, "a\xc2\xad" "b\xc2\xa0" "c"); /* soft hyphen, blank that does not break */
	row_is(&c, 2, "a?b c");
	assert_int_equal(canvas_width(NULL, STR("\xe4\xb8\x8aä…")), 3);
	canvas_free(&c);
}

static void right_and_free_text(void **state)
{
	(void)state;
	struct canvas c;
	canvas_init(&c, 12, 2);
	assert_int_equal(canvas_right(&c, 0, 0, 12, UI_MONEY, "984,000.00"), 2);
	row_is(&c, 0, "  984,000.00");
	canvas_clear(&c);
	canvas_free_text(&c, 0, 0, 8, UI_TEXT, "one two three");
	row_is(&c, 0, "one two…");
	canvas_clear(&c);
	canvas_free_text(&c, 0, 0, 11, UI_TEXT, "by 1,500,000.00 EUR"); /* no other figure */
	row_is(&c, 0, "by…");
	canvas_clear(&c);
	assert_int_equal(canvas_wrap(&c, 0, 0, 7, 2, UI_TEXT, "one two three four"), 2);
	row_is(&c, 0, "one two");
	row_is(&c, 1, "three…");
	canvas_free(&c);
}

static void ascii_spells_the_ellipsis(void **state)
{
	(void)state;
	struct canvas c;
	canvas_init(&c, 20, 2);
	c.ascii = true;
	assert_int_equal(canvas_width(&c, STR("DL-…4QM7")), 9);
	canvas_text(&c, 0, 0, 12, UI_ID, "DL-…4QM7");
	row_is(&c, 0, "DL-..4QM7");
	canvas_clear(&c);
	canvas_text(&c, 0, 0, 8, UI_ID, "DL-…4QM7"); /* no room: the tail stays whole */
	row_is(&c, 0, "DL-.4QM7");
	canvas_text(&c, 0, 1, 20, UI_TEXT, "-15 °C ● ■ ×2 ━┭ ▁█");
	row_is(&c, 1, "-15 C + # x2 =+ _#");
	canvas_free(&c);
}

static void rules_join(void **state)
{
	(void)state;
	struct canvas c;
	canvas_init(&c, 24, 6);
	canvas_pane(&c, 0, 0, 11, &(struct ui_pane){ 1, "Ab", NULL, NULL, true });
	canvas_pane(&c, 12, 0, 12, &(struct ui_pane){ 2, "Cd", NULL, NULL, false });
	canvas_pane(&c, 0, 2, 11, &(struct ui_pane){ 3, "E", NULL, NULL, false });
	canvas_pane(&c, 12, 3, 12, &(struct ui_pane){ 4, "F", NULL, NULL, false });
	canvas_pane(&c, 0, 5, 24, &(struct ui_pane){ 0, NULL, NULL, NULL, false });
	canvas_vrule(&c, 11, 0, 5);
	row_is(&c, 0, "━━ 1 Ab ━━━┭── 2 Cd ────");
	row_is(&c, 1, "           │");
	row_is(&c, 2, "── 3 E ────┤");
	row_is(&c, 3, "           ├── 4 F ─────");
	row_is(&c, 5, "───────────┴────────────");
	canvas_clear(&c);
	canvas_hline(&c, 0, 4, 2, UI_RULE, UI_LIGHT);
	canvas_vline(&c, 2, 0, 4, UI_RULE, UI_HEAVY);
	row_is(&c, 2, "──╂──");
	canvas_text(&c, 0, 5, 5, UI_TEXT, "text");
	canvas_vline(&c, 1, 4, 5, UI_RULE, UI_LIGHT);
	row_is(&c, 4, " │┃");
	canvas_free(&c);
}

static void pane_rules_shed_facts(void **state)
{
	(void)state;
	struct canvas c;
	struct ui_pane p = { 2, "LTV", "6 of 18", "zones 65 72", false };
	canvas_init(&c, 40, 1);
	canvas_pane(&c, 0, 0, 40, &p);
	row_is(&c, 0, "── 2 LTV · 6 of 18 ─────── zones 65 72 ─");
	canvas_clear(&c);
	canvas_pane(&c, 0, 0, 25, &p);
	row_is(&c, 0, "── 2 LTV · 6 of 18 ──────");
	canvas_clear(&c);
	canvas_pane(&c, 0, 0, 12, &p);
	row_is(&c, 0, "── 2 LTV ───");
	canvas_free(&c);
}

static void dialog_joins_its_rules(void **state)
{
	(void)state;
	struct canvas c;
	canvas_init(&c, 20, 5);
	canvas_bar(&c, 0);
	canvas_badge(&c, 0, 0, UI_ENV_DEMO, "DEMO");
	struct ui_rect r = canvas_dialog(&c, (struct ui_rect){ 1, 1, 16, 4 }, "Title", UI_DANGER, true);
	canvas_pane(&c, r.x, 2, r.w, &(struct ui_pane){ 0, "What", NULL, NULL, false });
	row_is(&c, 1, " ┏━ Title ━━━━━━┓");
	row_is(&c, 2, " ┠── What ──────┨");
	assert_true(canvas_at(&c, 19, 2)->flags & UI_DIMMED);
	assert_false(canvas_at(&c, 3, 3)->flags & UI_DIMMED);
	assert_false(canvas_at(&c, 2, 0)->flags & UI_DIMMED); /* the environment never steps back */
	canvas_free(&c);
}

static void bars_and_gauges(void **state)
{
	(void)state;
	static const int64_t zones[] = { 6500, 7200, 7800, 8500 };
	static const int64_t parts[3] = { 50, 30, 20 };
	struct canvas c;
	canvas_init(&c, 20, 1);
	static const struct {
		int64_t value;
		enum ui_status status;
		const char *want;
	} rows[] = { /* the rows of the desk's LTV pane */
		{ 7692, UI_STATUS_WARN, "━━━━━━━━▲┊─┊──" }, { 7120, UI_STATUS_OK, "━━━━━━━●─┊─┊──" },
		{ 6984, UI_STATUS_OK, "━━━━━━●┊─┊─┊──" }, { 6215, UI_STATUS_OK, "━━━━●┊─┊─┊─┊──" },
		{ 5833, UI_STATUS_OK, "━━●──┊─┊─┊─┊──" }, { 5000, UI_STATUS_OK, "●────┊─┊─┊─┊──" },
	};
	for (int i = 0; i < 6; i++) {
		canvas_gauge(&c, 0, 0, 14, 5000, 8900, rows[i].value, rows[i].status, zones, 4);
		row_is(&c, 0, rows[i].want);
	}
	canvas_clear(&c);
	canvas_limit(&c, 0, 0, 10, 40, 42, 100);
	row_is(&c, 0, "━━━━╍╍╍╍──");
	canvas_limit(&c, 0, 0, 10, 1, 1, 1000); /* what exists is seen */
	row_is(&c, 0, "━╍────────");
	canvas_limit(&c, 0, 0, 10, 120, 0, 100);
	row_is(&c, 0, "━━━━━━━━━■");
	canvas_limit(&c, 0, 0, 10, INT64_MAX, INT64_MAX, 100);
	row_is(&c, 0, "━━━━━━━━━■");
	canvas_clear(&c);
	canvas_stack(&c, 0, 0, 10, parts, 100);
	row_is(&c, 0, "█████▓▓▓░░");
	canvas_free(&c);
}

static void sparkline_leaves_gaps(void **state)
{
	(void)state;
	static const int64_t values[] = { 9, 0, 4, UI_SILENCE, 8 };
	struct canvas c;
	canvas_init(&c, 4, 1);
	canvas_spark(&c, 0, 0, 4, UI_CHART_LINE, values, 5, 0, 8);
	row_is(&c, 0, "▁▄ █");
	canvas_free(&c);
}

/* No value may share a row with a limit that it has not crossed. */
static void band_rows_hold_only_crossings(void **state)
{
	(void)state;
	static const struct ui_bound bounds[] = { { -220, true, "-22", NULL }, { -150, false, "-15", NULL } };
	for (int height = 5; height < 20; height++)
		for (int64_t low = -260; low <= -190; low += 7)
			for (int64_t high = -180; high <= -100; high += 7) {
				int64_t values[60];
				for (int i = 0; i < 60; i++)
					values[i] = low + (high - low) * i / 59;
				values[20] = -150;
				values[21] = -220;
				struct ui_band b = { .values = values, .count = 60, .bounds = bounds,
					.bound_count = 2, .lo = 1, .hi = 0, .now = -1 };
				struct ui_rect r = { 0, 0, 30, height };
				struct canvas c;
				canvas_init(&c, 30, height);
				struct ui_band only = b;
				only.count = 0;
				canvas_band(&c, r, &b);
				/* the rows of the limits: from a chart with the same scale and no line */
				only.lo = low < -220 ? low : -220;
				only.hi = high > -150 ? high : -150;
				struct canvas d;
				canvas_init(&d, 30, height);
				canvas_band(&d, r, &only);
				int top = -1, bottom = -1, x, y;
				for (int row = 0; row < height; row++)
					if (canvas_at(&d, 0, row)->glyph == 0x254c) {
						top = top < 0 ? row : top;
						bottom = row;
					}
				assert_true(top >= 0 && bottom > top);
				for (int i = 0; i < 60; i++) {
					assert_true(canvas_band_place(r, &b, i, &x, &y));
					if (values[i] <= -150)
						assert_true(y > top);
					else
						assert_true(y <= top);
					if (values[i] >= -220)
						assert_true(y < bottom);
					else
						assert_true(y >= bottom);
				}
				canvas_free(&c);
				canvas_free(&d);
			}
}

static void band_shows_silence_and_bad_points(void **state)
{
	(void)state;
	static const int64_t values[] = { 5, 5, UI_SILENCE, UI_SILENCE, 5, 99, 5, 5 };
	static const uint8_t bad[] = { 0, 0, 0, 0, 0, UI_POINT_BAD, 0, 0 };
	struct ui_band b = { .values = values, .bad = bad, .count = 8, .lo = 0, .hi = 10, .now = -1 };
	struct canvas c;
	canvas_init(&c, 8, 3);
	canvas_band(&c, (struct ui_rect){ 0, 0, 8, 3 }, &b);
	row_is(&c, 0, "     ×"); /* at the edge, off the line, not on the scale */
	assert_int_equal(canvas_at(&c, 3, 1)->glyph, 0x2591);
	assert_int_equal(canvas_at(&c, 0, 1)->role, UI_CHART_LINE);
	int64_t none[] = { UI_SILENCE, UI_SILENCE };
	struct ui_band empty = { .values = none, .count = 2, .lo = 0, .hi = 10, .now = -1 };
	canvas_clear(&c);
	canvas_band(&c, (struct ui_rect){ 0, 0, 8, 3 }, &empty);
	row_is(&c, 1, ""); /* never a line at zero */
	canvas_free(&c);
}

static void roles_and_flags_are_written_down(void **state)
{
	(void)state;
	struct canvas c;
	struct buf out = { 0 };
	canvas_init(&c, 8, 2);
	canvas_text(&c, 0, 0, 8, UI_ID, "4QM7");
	canvas_text(&c, 5, 0, 8, UI_WARN, "▲");
	canvas_focus(&c, 0, 1, 8);
	canvas_to_roles(&c, &out);
	assert_string_equal(out.ptr, "@@@@.!\nm\n1: 1-7 focus\ncursor off\n");
	buf_free(&out);
	canvas_free(&c);
}

static void values_as_text(void **state)
{
	(void)state;
	char out[UI_TEXT_MAX];
	struct str id = STR("DL-01K8ZZZZZZZZZZZZZZZZZZ4QM7");
	assert_string_equal(ui_id(id, 12, 4, out), "DL-01K8…4QM7");
	assert_string_equal(ui_id_list(id, out), "DL-…4QM7");
	assert_string_equal(ui_id_feed(id, out), "4QM7");
	assert_string_equal(ui_id(id, 3, 4, out), "4QM7"); /* the tail never goes */
	assert_string_equal(ui_id(id, 60, 4, out), id.ptr);
	assert_string_equal(ui_digest(STR("6d69aaaaaaaa7888"), out), "6d69…7888");
	assert_string_equal(ui_money(150000000, "EUR", out), "1,500,000.00");
	ui_set_separator(' ');
	assert_string_equal(ui_money(-150000000, "EUR", out), "-1 500 000.00");
	ui_set_separator(',');
	assert_string_equal(ui_count(6214, out), "6,214");
	assert_string_equal(ui_count(-1000000, out), "-1,000,000");
	assert_string_equal(ui_count(INT64_MIN, out), "-9,223,372,036,854,775,808");
	assert_string_equal(ui_ratio(7692, out), "76.92 %");
	assert_string_equal(ui_ratio(-5, out), "-0.05 %");
	assert_string_equal(ui_ratio(INT64_MIN, out), "–");
	int64_t now = instant_of(2026, 3, 16, 14, 32, 7);
	assert_string_equal(ui_stamp(now, out), "Mon 16 Mar 14:32:07Z");
	assert_string_equal(ui_past(now - INSTANT_HOUR, now, out), "13:32:07");
	assert_string_equal(ui_past(instant_of(2026, 1, 12, 9, 0, 0), now, out), "12 Jan");
	assert_string_equal(ui_span(87 * INSTANT_MINUTE, out), "1h27");
}

static void tables_agree(void **state)
{
	(void)state;
	for (int i = 0; i < UI_ROLE_COUNT; i++) {
		assert_int_equal(ui_role_of(ui_role_name((enum ui_role)i)), i);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(ui_role_letter((enum ui_role)i), ui_role_letter((enum ui_role)j));
	}
	assert_int_equal(ui_role_of("nonsense"), UI_ROLE_COUNT);
	static const char ascii[] = {
#define X(c, g, r, a, w) a,
		UI_STATUS_LIST(X)
#undef X
	};
	for (int i = 0; i < UI_STATUS_COUNT; i++) {
		struct canvas c;
		canvas_init(&c, 1, 1);
		canvas_text(&c, 0, 0, 1, UI_TEXT, ui_status_text((enum ui_status)i));
		assert_int_equal(c.cells[0].glyph, ui_status_glyph((enum ui_status)i));
		assert_int_equal(ui_glyph_ascii(c.cells[0].glyph), ascii[i]);
		canvas_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_and_safe),
		cmocka_unit_test(right_and_free_text),
		cmocka_unit_test(ascii_spells_the_ellipsis),
		cmocka_unit_test(rules_join),
		cmocka_unit_test(pane_rules_shed_facts),
		cmocka_unit_test(dialog_joins_its_rules),
		cmocka_unit_test(bars_and_gauges),
		cmocka_unit_test(sparkline_leaves_gaps),
		cmocka_unit_test(band_rows_hold_only_crossings),
		cmocka_unit_test(band_shows_silence_and_bad_points),
		cmocka_unit_test(roles_and_flags_are_written_down),
		cmocka_unit_test(values_as_text),
		cmocka_unit_test(tables_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
