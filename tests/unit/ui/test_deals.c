/* Deals drawn from a literal view: the list of the specification, its narrow forms, its sorting. */
#include "picture.h"

#include "engine/view_deals.h"

#define ROW(tail, kind_, standing_, word_, party_, amount_, ltv_, zone_, waits_) \
	{ .id = "DL-01K9AAAAAAAAAAAAAAAAAA" tail, .version = 1, .kind = kind_, .state = DEAL_FUNDED, .zone = zone_, \
	  .standing = standing_, .word = word_, .short_word = word_, .party = party_, .currency = "EUR", .amount = amount_, .ltv = ltv_, .waits = waits_ }

static struct view_deal_row rows[] = {
	ROW("4QM7", DEAL_PLEDGE, STANDING_WATCH, "watch", "Kestrel Metals", 150000000, 7692, ZONE_WARNING, "haircut"),
	ROW("C5NP", DEAL_RECEIVABLES, STANDING_MOVES, "approved 1/2", "Brandt Draht", 98400000, INT64_MIN, 0, "signature 2"),
	ROW("K1TE", DEAL_PLEDGE, STANDING_NORMAL, "normal", "Lindholm Steel", 93000000, 7120, 0, "scale check"),
	ROW("R2VD", DEAL_PLEDGE, STANDING_HELD, "suspended L3", "Halcyon Metals", 82000000, INT64_MIN, 0, "two claims"),
	ROW("2GRS", DEAL_RECEIVABLES, STANDING_UNDONE, "reversed", "Bexley Foods", 9600000, INT64_MIN, 0, ""),
};

static struct view_deal_detail detail = { .id = "DL-01K9AAAAAAAAAAAAAAAAAA4QM7", .currency = "EUR",
	.facts = { { "asked for", "", FACT_MONEY, 150000000 }, { "loan to value", "warning", FACT_RATIO, 7692 },
		{ "goods", "t copper cathode", FACT_QUANTITY, 240000 }, { "rate", "", FACT_RATE, 60000 } },
	.fact_count = 4, .cases = { { "E09", "price fall, review haircut", 2, 0 } }, .case_count = 1,
	.news = { { 0, NEWS_WARN, 6204, "engine", "LTV 76.92 %, warning stays until under 70 %" } }, .news_count = 1 };

static struct view_deals literal(void)
{
	detail.cases[0].deadline = instant_of(2026, 3, 16, 15, 59, 0);
	detail.news[0].at = instant_of(2026, 3, 16, 14, 28, 19);
	return (struct view_deals){ .rows = rows, .count = 5, .running = 4, .funded = 2, .outstanding = 586600000,
		.currency = "EUR", .detail = &detail };
}

static void fill(struct screen_state *s)
{
	struct list_row list[5];
	for (size_t i = 0; i < 5; i++)
		list[i] = (struct list_row){ rows[i].id, 1 };
	list_refresh(s->list, list, 5, NULL);
}

static void draws_the_list(void **state)
{
	struct view_deals v = literal();
	struct picture pic = picture_of(&SCREEN_DEALS, 80, 24);
	(void)state;
	fill(pic.state);
	picture_draw(&pic, &v);
	picture_holds(&pic, "kind deal      party           state                 EUR    LTV  waits for");
	picture_holds(&pic, "▌▲  B  DL-…4QM7  Kestrel Metals  watch        1,500,000.00  76.92  haircut");
	picture_holds(&pic, " ║  B  DL-…R2VD  Halcyon Metals  suspended L3   820,000.00      –  two claims");
	picture_holds(&pic, " ◄  A  DL-…2GRS  Bexley Foods    reversed        96,000.00      –  –");
	picture_free(&pic);
}

static void says_what_matters_of_one(void **state)
{
	struct view_deals v = literal();
	struct picture pic = picture_of(&SCREEN_DEALS, 120, 36);
	(void)state;
	fill(pic.state);
	picture_draw(&pic, &v);
	picture_holds(&pic, "1,500,000.00");
	picture_holds(&pic, "76.92 % warning");
	picture_holds(&pic, "6.00 %");
	picture_holds(&pic, "240.0 t copper cathode");
	picture_holds(&pic, "▲ E09 price fall, review haircut 1h26");
	picture_free(&pic);
}

static void keeps_glyph_tail_and_amount(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 50, 20 }, { 60, 24 }, { 70, 24 }, { 200, 50 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_deals v = literal();
		struct picture pic = picture_of(&SCREEN_DEALS, sizes[i][0], sizes[i][1]);
		fill(pic.state);
		picture_draw(&pic, &v);
		picture_holds(&pic, "4QM7");
		picture_holds(&pic, "1,500,000.00");
		picture_free(&pic);
	}
}

/* A state of as many cells as its column has stands whole beside its amount, however narrow the others are. */
static void columns_leave_each_other_room(void **state)
{
	(void)state;
	for (int w = 60; w <= 130; w++) {
		struct view_deals v = literal();
		struct picture pic = picture_of(&SCREEN_DEALS, w, 24);
		fill(pic.state);
		picture_draw(&pic, &v);
		picture_holds(&pic, "approved 1/2 ");
		picture_holds(&pic, "suspended L3 ");
		picture_holds(&pic, " 1,500,000.00");
		picture_free(&pic);
	}
}

static void asks_for_the_deal_under_the_cursor(void **state)
{
	struct view_deals v = literal();
	struct picture pic = picture_of(&SCREEN_DEALS, 80, 24);
	struct screen_out out = { 0 };
	(void)state;
	fill(pic.state);
	list_focus(pic.state->list, rows[3].id);
	SCREEN_DEALS.update(pic.state, 's', &v, &out);
	assert_true(out.used);
	assert_string_equal(out.line, "suspend DL-01K9AAAAAAAAAAAAAAAAAAR2VD");
	picture_free(&pic);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_list),
		cmocka_unit_test(says_what_matters_of_one),
		cmocka_unit_test(keeps_glyph_tail_and_amount),
		cmocka_unit_test(columns_leave_each_other_room),
		cmocka_unit_test(asks_for_the_deal_under_the_cursor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
