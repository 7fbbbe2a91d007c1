/* Integers, roundings, scaled decimals, money and interest. */
#include "unit.h"

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"

static void test_overflow(void **state)
{
	int64_t n = 42;

	(void)state;
	assert_false(num_add(INT64_MAX, 1, &n) || num_sub(INT64_MIN, 1, &n) || num_mul(INT64_MIN, -1, &n));
	assert_false(num_muldiv(1, 1, 0, ROUND_DOWN, &n) || num_muldiv(INT64_MAX, 2, 1, ROUND_DOWN, &n));
	assert_false(num_muldiv3(INT64_MIN, INT64_C(1) << 62, 4, -1, ROUND_DOWN, &n));
	assert_int_equal(n, 42);
	assert_true(num_muldiv(INT64_MAX, INT64_MAX, INT64_MAX, ROUND_DOWN, &n) && n == INT64_MAX);
	assert_true(num_muldiv(INT64_MIN, INT64_MIN, INT64_MIN, ROUND_DOWN, &n) && n == INT64_MIN);
	assert_true(num_add(1, 2, &n) && n == 3 && num_sub(1, 2, &n) && n == -1 && num_mul(-3, 4, &n) && n == -12);
}

static void test_roundings(void **state)
{
	static const struct {
		int64_t a, c, away, down, up, floor;
	} ROWS[] = {
		{ 5, 2, 3, 2, 3, 2 }, { -5, 2, -3, -2, -3, -3 }, { 5, -2, -3, -2, -3, -3 }, { -5, -2, 3, 2, 3, 2 },
		{ 7, 3, 2, 2, 3, 2 }, { 8, 3, 3, 2, 3, 2 }, { -7, 3, -2, -2, -3, -3 }, { 6, 3, 2, 2, 2, 2 },
		{ 1, INT64_MIN, 0, 0, -1, -1 }, { 0, -7, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		int64_t n;

		assert_true(num_muldiv(ROWS[i].a, 1, ROWS[i].c, ROUND_HALF_AWAY, &n) && n == ROWS[i].away);
		assert_true(num_muldiv(ROWS[i].a, 1, ROWS[i].c, ROUND_DOWN, &n) && n == ROWS[i].down);
		assert_true(num_muldiv(ROWS[i].a, 1, ROWS[i].c, ROUND_UP, &n) && n == ROWS[i].up);
		assert_true(num_muldiv(ROWS[i].a, 1, ROWS[i].c, ROUND_FLOOR, &n) && n == ROWS[i].floor);
	}
}

static void test_scaled(void **state)
{
	static const struct {
		const char *text;
		int places, least;
		int64_t n;
	} SAME[] = {
		{ "-14.8", 3, 0, -14800 }, { "0", 3, 0, 0 }, { "0.001", 3, 0, 1 }, { "76.92", 2, 2, 7692 },
		{ "6.00", 4, 2, 60000 }, { "5.1234", 4, 2, 51234 }, { "-0.05", 2, 2, -5 }, { "100", 3, 0, 100000 },
		{ "-92233720368547758.08", 2, 2, INT64_MIN }, { "92233720368547758.07", 2, 2, INT64_MAX },
	};
	static const char *const BAD[] = { "", "-", ".5", "5.", "1.2.3", "1,000", "1e3", "0x1", " 1", "1.2345",
		"92233720368547758080", "+-1", "1-" };
	int64_t none;

	(void)state;
	assert_false(num_parse_scaled((struct str){ NULL, 0 }, 3, false, &none));
	for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
		char out[NUM_TEXT_MAX];
		int64_t n;

		assert_true(num_parse_scaled(str_of(SAME[i].text), SAME[i].places, false, &n));
		assert_true(n == SAME[i].n);
		assert_text(num_format_scaled(n, SAME[i].places, SAME[i].least, 0, out), SAME[i].text);
	}
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_false(num_parse_scaled(str_of(BAD[i]), 3, false, &none));
}

static void test_money_text(void **state)
{
	static const char *const BAD[] = { "1,50,000.00", "1500,000", ",500", "1,500,", "1.005", "", "EUR 5", "1 500",
		"1,5000", "12,", "-,100" };
	char out[MONEY_TEXT_MAX];
	int64_t n;

	(void)state;
	assert_true(money_parse(STR("1,500,000.00"), "EUR", &n) && n == 150000000);
	assert_true(money_parse(STR("1500000.00"), "EUR", &n) && n == 150000000);
	assert_true(money_parse(STR("-0.5"), "EUR", &n) && n == -50);
	assert_true(money_parse(STR("1,000"), "JPY", &n) && n == 1000);
	assert_false(money_parse(STR("1.5"), "JPY", &n));
	assert_true(money_parse(STR("1.234"), "KWD", &n) && n == 1234);
	assert_true(money_parse(STR("1.2345"), "CLF", &n) && n == 12345);
	assert_false(money_parse(STR("1"), "XAU", &n) || money_parse(STR("1"), "ABC", &n));
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_false(money_parse(str_of(BAD[i]), "EUR", &n));
	assert_text(money_format(150000000, "EUR", ',', out), "1,500,000.00");
	assert_text(money_format(-99999, "EUR", ' ', out), "-999.99");
	assert_text(money_format(100000, "EUR", ' ', out), "1 000.00");
	assert_text(money_format(5, "EUR", 0, out), "0.05");
	assert_text(money_format(1234567, "JPY", ',', out), "1,234,567");
	assert_text(money_format(1234567, "BHD", ',', out), "1,234.567");
	assert_text(money_format(INT64_MIN, "EUR", ',', out), "-92,233,720,368,547,758.08");
	assert_text(money_format(7, "XAU", ',', out), "7");
}

static void test_currencies(void **state)
{
	(void)state;
	assert_int_equal(money_decimals("EUR"), 2);
	assert_int_equal(money_decimals("ZWG"), 2);
	assert_int_equal(money_decimals("JPY"), 0);
	assert_int_equal(money_decimals("TND"), 3);
	assert_int_equal(money_decimals("UYW"), 4);
	assert_int_equal(money_decimals("XAU"), -1);
	assert_int_equal(money_decimals("XXX"), -1);
	assert_int_equal(money_decimals("eur"), -1);
	assert_int_equal(money_decimals("EU"), -1);
	assert_int_equal(money_decimals("D A"), -1);
	assert_int_equal(money_decimals(""), -1);
	assert_int_equal(money_decimals(NULL), -1);
}

static int64_t day(const char *text)
{
	int64_t d = 0;

	assert_true(instant_parse_date(str_of(text), &d));
	return d;
}

static void test_interest(void **state)
{
	int64_t n, sum = 0;

	(void)state;
	assert_int_equal(money_days(DAYS_ACT_360, day("2026-01-31"), day("2026-03-31")), 59);
	assert_int_equal(money_days(DAYS_30E_360, day("2026-01-31"), day("2026-03-31")), 60);
	assert_int_equal(money_days(DAYS_30E_360, day("2026-02-28"), day("2026-03-31")), 32);
	assert_int_equal(money_days(DAYS_30E_360, day("2025-12-30"), day("2027-01-01")), 361);
	assert_int_equal(money_day_base(DAYS_ACT_360), 360);
	assert_int_equal(money_day_base(DAYS_ACT_365F), 365);
	/* 1,200,000.00 at 6.00 % for 90 days of 360: 18,000.00 */
	assert_true(money_interest(120000000, 60000, 90, DAYS_ACT_360, &n) && n == 1800000);
	assert_true(money_interest(120000000, 60000, 90, DAYS_ACT_365F, &n) && n == 1775342); /* …342.47 */
	assert_true(money_interest(-120000000, 60000, 90, DAYS_ACT_365F, &n) && n == -1775342);
	assert_true(money_interest(100, 1800000, 1, DAYS_ACT_360, &n) && n == 1); /* a half goes away from zero */
	assert_false(money_interest(INT64_MAX, INT64_MAX, INT64_MAX, DAYS_ACT_360, &n));
	assert_false(money_interest(INT64_MAX, 2000000, 3600, DAYS_ACT_360, &n));
	for (int64_t k = 1; k <= 7; k++) {
		int64_t part = money_step(-100, k, 7);

		assert_in_range(-part, 14, 15);
		sum += part;
	}
	assert_int_equal(sum, -100);
	assert_true(money_step(INT64_MAX, 1, 1) == INT64_MAX);
}

static void counts_are_plain_decimals(void **state)
{
	static const struct { const char *text; uint64_t n; } GOOD[] = { { "0", 0 }, { "7", 7 }, { "1024", 1024 }, { "18446744073709551615", UINT64_MAX } };
	static const char *const BAD[] = { "", "00", "01", "-1", "+1", " 1", "1 ", "1a", "18446744073709551616", "99999999999999999999" };
	uint64_t n;
	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++)
		assert_true(num_parse_count(str_of(GOOD[i].text), &n) && n == GOOD[i].n);
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		n = 5;
		assert_false(num_parse_count(str_of(BAD[i]), &n));
		assert_true(n == 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overflow), cmocka_unit_test(test_roundings), cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_money_text), cmocka_unit_test(test_currencies), cmocka_unit_test(test_interest),
		cmocka_unit_test(counts_are_plain_decimals),
	};

	return RUN_GROUP(tests);
}
