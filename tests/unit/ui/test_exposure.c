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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_frame),
		cmocka_unit_test(keeps_change_ltv_and_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
