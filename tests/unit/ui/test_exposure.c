/* Exposure drawn from a literal view: the figures of the specification's frame. */
#include "picture.h"

#include "engine/view_exposure.h"

static struct view_exposure literal(void)
{
	struct view_exposure v = { .id = "DL-01K8AAAAAAAAAAAAAAAAAA4QM7", .party = "Kestrel Metals", .currency = "EUR",
		.commodity = "copper", .unit = "t", .principal = 150000000, .exposure = 150000000, .quantity = 240000, .price = 812500,
		.value = 195000000, .ev = 195000000, .ltv = 7692, .zone = ZONE_WARNING, .draw = 6500, .warning = 7200, .leave = 7000,
		.call = 7800, .liquidation = 8500, .target = 6500, .price_state = 1, .scenario_count = 3,
		.scenarios = { { true, false, 0, 812500, 195000000, 7692, ZONE_WARNING, 23250000, 35769231 },
			{ false, false, -260, 791667, 190000000, 7895, ZONE_CALL, 26500000, 40769231 },
			{ false, false, 1000, 893750, 214500000, 6993, ZONE_NORMAL, 10575000, 16269231 } },
		.source_count = 2, .sources = { { "alpha", 813100, 7, 0 }, { "bravo", 812500, 0, 0 } }, .deals = 18, .drawn = 586600000,
		.zones = { { 17, 436600000 }, { 1, 150000000 } }, .group = "OSTERBERG", .group_use = 6200, .before = "", .after = "" };
	for (int i = 0; i < VIEW_CURVE; i++)
		v.curve[i] = 7692 * 10000 / (10000 - 2500 + 50 * i);
	return v;
}

static void draws_the_frame(void **state)
{
	struct view_exposure v = literal();
	struct picture pic = picture_of(&SCREEN_EXPOSURE, 120, 36);
	(void)state;
	picture_draw(&pic, &v);
	picture_holds(&pic, "           EUR/t  elig. value    LTV   zone       cash cure    or goods");
	picture_holds(&pic, "▌now    8,125.00 1,950,000.00  76.92 ▲ warning   232,500.00  357,692.31");
	picture_holds(&pic, " -2.6 % 7,916.67 1,900,000.00  78.95 ■ call      265,000.00  407,692.31");
	picture_holds(&pic, " +10 %  8,937.50 2,145,000.00  69.93 ● normal    105,750.00  162,692.31");
	picture_holds(&pic, "exposure E                       1,500,000.00");
	picture_holds(&pic, "240.0 t × 8,125.00               1,950,000.00");
	picture_holds(&pic, "● normal        17   4,366,000.00 ━");
	picture_holds(&pic, "▲ 76.92 now");
	picture_free(&pic);
}

static void keeps_change_ltv_and_zone(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 200, 50 }, { 60, 20 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_exposure v = literal();
		struct picture pic = picture_of(&SCREEN_EXPOSURE, sizes[i][0], sizes[i][1]);
		picture_draw(&pic, &v);
		pic.state->pane = 3;
		picture_draw(&pic, &v);
		picture_holds(&pic, "76.92 ▲ warning");
		picture_free(&pic);
	}
}

/* Where there is no room for a curve its end stands in words, by price and by time. */
static void says_what_it_cannot_draw(void **state)
{
	struct view_exposure v = literal();
	struct picture pic = picture_of(&SCREEN_EXPOSURE, 40, 10);
	(void)state;
	picture_draw(&pic, &v);
	picture_holds(&pic, "▲ warning 76.92 %");
	picture_free(&pic);
}

/* A loan drawn when a quarter of the week was over, whose goods lose value to its end. */
static void draws_the_time_behind_it(void **state)
{
	static struct view_history h;
	static const char *const names[] = { "this pledge", "eligible value", "group Kestrel", "book" };
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };
	(void)state;
	h = (struct view_history){ .to = instant_of(2026, 3, 16, 14, 32, 7), .worst = 7692, .worst_at = instant_of(2026, 3, 16, 14, 28, 19) };
	h.from = h.to - 7 * INSTANT_DAY;
	for (int i = 0; i < VIEW_HISTORY; i++) {
		h.ltv[i] = i < 30 ? INT64_MIN : 6500 + (i - 30) * 1192 / 89;
		for (int t = 0; t < VIEW_TRENDS; t++)
			h.trends[t].values[i] = i < 30 ? 100000000 * t : 150000000 + 1000000 * t * i;
	}
	for (int t = 0; t < VIEW_TRENDS; t++) {
		struct view_trend *x = &h.trends[t];
		x->name = names[t];
		x->now = x->most = x->values[VIEW_HISTORY - 1];
		x->least = x->values[0];
	}
	for (size_t i = 0; i < 3; i++) {
		struct view_exposure v = literal();
		struct picture pic = picture_of(&SCREEN_EXPOSURE, sizes[i][0], sizes[i][1]);
		struct screen_out out = { 0 };
		SCREEN_EXPOSURE.update(pic.state, 't', &v, &out);
		v.history = &h;
		picture_draw(&pic, &v);
		picture_holds(&pic, "Loan to value over time");
		picture_golden(&pic, "exposure_time");
		picture_free(&pic);
	}
}

static void takes_a_price_by_its_figures(void **state)
{
	struct view_exposure v = literal();
	struct picture pic = picture_of(&SCREEN_EXPOSURE, 80, 24);
	struct screen_out out = { 0 };
	(void)state;
	for (const char *k = "=79x1..6"; *k; k++)
		SCREEN_EXPOSURE.update(pic.state, *k, &v, &out);
	assert_int_equal(pic.state->chord, '=');
	assert_non_null(strstr(out.message, "price EUR/t 791.6▏  · ")); /* neither letters nor a second point, and short of 36 cells */
	SCREEN_EXPOSURE.update(pic.state, UI_KEY_BACKSPACE, &v, &out);
	SCREEN_EXPOSURE.update(pic.state, UI_KEY_ENTER, &v, &out);
	assert_int_equal(pic.state->chord, 0);
	SCREEN_EXPOSURE.update(pic.state, '=', &v, &out);
	SCREEN_EXPOSURE.update(pic.state, '.', &v, &out);
	out = (struct screen_out){ 0 };
	SCREEN_EXPOSURE.update(pic.state, UI_KEY_ENTER, &v, &out);
	assert_int_equal(out.status, UI_STATUS_REFUSED);
	/* its columns are wide enough for ten times the price */
	for (const char *k = "=81251"; *k; k++)
		SCREEN_EXPOSURE.update(pic.state, *k, &v, &out);
	out = (struct screen_out){ 0 };
	SCREEN_EXPOSURE.update(pic.state, UI_KEY_ENTER, &v, &out);
	assert_int_equal(out.status, UI_STATUS_REFUSED);
	assert_non_null(strstr(out.message, "ten times"));
	picture_free(&pic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_frame),
		cmocka_unit_test(keeps_change_ltv_and_zone),
		cmocka_unit_test(says_what_it_cannot_draw),
		cmocka_unit_test(draws_the_time_behind_it),
		cmocka_unit_test(takes_a_price_by_its_figures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
