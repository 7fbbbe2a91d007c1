/* Decimals: text both ways, rounding to 34 digits, comparisons, integers. */
#include "unit.h"

#include "base/dec.h"

static struct dec of(const char *text)
{
	struct dec d;

	if (!dec_parse(str_of(text), &d))
		fail_msg("%s", text);
	return d;
}

static void assert_dec(struct dec d, const char *want)
{
	char out[DEC_TEXT_MAX];

	assert_text(dec_format(d, out), want);
}

static void test_text(void **state)
{
	static const char *const ROWS[][2] = {
		{ "12", "12" }, { "-3.40", "-3.4" }, { ".5", "0.5" }, { "1e3", "1000" }, { "1E+3", "1000" }, { "0", "0" },
		{ "-0", "0" }, { "0.000", "0" }, { "100", "100" }, { "26.10", "26.1" }, { "-0.001", "-0.001" }, { "007", "7" },
		{ "1e-7", "0.0000001" }, { "1.5e-43", "0.00000000000000000000000000000000000000000015" },
		{ "1234567890123456789012345678901234", "1234567890123456789012345678901234" },
		{ "12345678901234567890123456789012345", "1.234567890123456789012345678901234E34" }, /* half to even */
		{ "12345678901234567890123456789012355", "1.234567890123456789012345678901236E34" },
		{ "-1.234567890123456789012345678901234e-11", "-0.00000000001234567890123456789012345678901234" },
		{ "-1.234567890123456789012345678901234e-12", "-1.234567890123456789012345678901234E-12" },
		{ "1e33", "1000000000000000000000000000000000" }, { "1e34", "1E34" }, { "1e-45", "1E-45" },
		{ "9.999999999999999999999999999999999e6144", "9.999999999999999999999999999999999E6144" },
		{ "-1.234567890123456789012345678901234e-6140", NULL },
	};
	static const char *const BAD[] = { "", "-", ".", "5.", "+5", "1e", "1e+", "e3", "1 ", "0x1", "1,5", "NaN", "Infinity",
		"1e99999", "1..2", "--1", "1e123456" };
	char out[DEC_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		if (ROWS[i][1])
			assert_dec(of(ROWS[i][0]), ROWS[i][1]);
		else
			assert_true(strlen(dec_format(of(ROWS[i][0]), out)) < DEC_TEXT_MAX);
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct dec d;

		if (dec_parse(str_of(BAD[i]), &d))
			fail_msg("%s", BAD[i]);
	}
}

static void test_arithmetic(void **state)
{
	struct dec d;

	(void)state;
	assert_dec(dec_add(of("0.1"), of("0.2")), "0.3");
	assert_dec(dec_sub(of("1"), of("0.9")), "0.1");
	assert_dec(dec_mul(of("1.10"), of("-3")), "-3.3");
	assert_true(dec_div(of("1"), of("3"), &d));
	assert_dec(d, "0.3333333333333333333333333333333333");
	assert_true(dec_div(of("2"), of("3"), &d));
	assert_dec(d, "0.6666666666666666666666666666666667");
	assert_true(dec_div(of("10"), of("4"), &d));
	assert_dec(d, "2.5");
	assert_false(dec_div(of("1"), of("0"), &d) || dec_div(of("0"), of("-0"), &d));
	assert_dec(dec_neg(of("5")), "-5");
	assert_dec(dec_add(of("1e33"), of("0.5")), "1000000000000000000000000000000000"); /* tie to even */
	assert_dec(dec_add(of("1000000000000000000000000000000001"), of("0.5")), "1000000000000000000000000000000002");
	d = dec_mul(of("1e6000"), of("1e6000"));
	assert_true(dec_is_nan(d) && !dec_is_nan(of("1")));
	assert_dec(d, "NaN");
}

static void test_compare(void **state)
{
	struct dec big = dec_mul(of("1e6000"), of("1e6000")), nan = dec_sub(big, big);

	(void)state;
	assert_true(dec_cmp(of("1"), of("2")) < 0 && dec_cmp(of("2"), of("-3")) > 0);
	assert_int_equal(dec_cmp(of("1.0"), of("1.000")), 0);
	assert_int_equal(dec_cmp(of("-0"), of("0")), 0);
	assert_true(dec_is_nan(nan) && dec_cmp(nan, big) > 0 && dec_cmp(of("1"), nan) < 0);
	assert_int_equal(dec_cmp(nan, nan), 0);
}

static void test_integers(void **state)
{
	int64_t n = 42;

	(void)state;
	assert_dec(dec_of_i64(INT64_MIN), "-9223372036854775808");
	assert_true(dec_to_i64(dec_of_i64(INT64_MAX), &n) && n == INT64_MAX);
	assert_true(dec_to_i64(of("1e3"), &n) && n == 1000);
	assert_true(dec_to_i64(of("7.000"), &n) && n == 7);
	assert_false(dec_to_i64(of("7.5"), &n) || dec_to_i64(of("9223372036854775808"), &n) || dec_to_i64(of("1e40"), &n));
	assert_int_equal(n, 7);
	assert_true(dec_to_scaled(of("2.345"), 2, &n) && n == 235); /* half away from zero */
	assert_true(dec_to_scaled(of("-2.345"), 2, &n) && n == -235);
	assert_true(dec_to_scaled(of("2.3449999"), 2, &n) && n == 234);
	assert_true(dec_to_scaled(of("0.5"), 0, &n) && n == 1);
	assert_true(dec_to_scaled(of("12"), 6, &n) && n == 12000000);
	assert_true(dec_to_scaled(of("1234"), -2, &n) && n == 12);
	assert_false(dec_to_scaled(of("92233720368547758.08"), 2, &n));
	assert_false(dec_to_scaled(dec_mul(of("1e6000"), of("1e6000")), 2, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text), cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_compare),
		cmocka_unit_test(test_integers),
	};

	return RUN_GROUP(tests);
}
