/* Time: the calendar against an independent walk, RFC 3339, durations, business days. */
#include "unit.h"

#include "base/instant.h"

/* Walks day by day from 1600 with nothing but the rule of leap years. */
static void test_calendar_walk(void **state)
{
	static const int DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t day = instant_of(1600, 1, 1, 0, 0, 0) / INSTANT_DAY;
	int weekday = 6; /* a Saturday */

	(void)state;
	for (int y = 1600; y < 2400; y++)
		for (int m = 1; m <= 12; m++) {
			int days = DAYS[m - 1] + (m == 2 && (y % 400 == 0 || (y % 4 == 0 && y % 100 != 0)));

			for (int d = 1; d <= days; d++, day++, weekday = (weekday + 1) % 7) {
				struct civil c = instant_civil(day * INSTANT_DAY + INSTANT_DAY - 1);

				assert_true(c.year == y && c.month == m && c.day == d && c.weekday == weekday);
				assert_true(c.hour == 23 && c.minute == 59 && c.second == 59 && c.micro == 999999);
				assert_true(instant_of(y, m, d, 0, 0, 0) == day * INSTANT_DAY);
			}
		}
	assert_true(instant_of(1970, 1, 1, 0, 0, 0) == 0);
	assert_true(instant_of(2026, 3, 16, 14, 32, 7) == INT64_C(1773671527) * INSTANT_SECOND);
	assert_true(instant_day(-1) == -1 && instant_day(0) == 0 && instant_day(INSTANT_DAY) == 1);
	instant_civil(INSTANT_NONE); /* the ends of the range do not overflow */
	instant_civil(INT64_MAX);
	assert_int_equal(instant_civil_of_day(INT64_MAX).year, instant_civil_of_day(INT64_MAX - 1).year);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text, *same; /* as formatted with six digits; NULL: refused */
	} ROWS[] = {
		{ "2026-03-16T14:32:07Z", "2026-03-16T14:32:07.000000Z" },
		{ "2026-03-16t14:32:07.123z", "2026-03-16T14:32:07.123000Z" },
		{ "2026-03-16T14:32:07.1234565Z", "2026-03-16T14:32:07.123457Z" },
		{ "2026-03-16T14:32:07.1234564999Z", "2026-03-16T14:32:07.123456Z" },
		{ "2026-12-31T23:59:59.9999999Z", "2027-01-01T00:00:00.000000Z" },
		{ "2026-03-16T00:30:00+01:00", "2026-03-15T23:30:00.000000Z" },
		{ "2026-03-16T23:30:00-09:30", "2026-03-17T09:00:00.000000Z" },
		{ "2026-03-16T00:00:00+14:00", "2026-03-15T10:00:00.000000Z" },
		{ "2026-03-16T00:00:00-00:00", "2026-03-16T00:00:00.000000Z" },
		{ "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z" },
		{ "2017-01-01T00:59:60.5+01:00", "2016-12-31T23:59:59.999999Z" },
		{ "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z" },
		{ "0000-02-29T00:00:00Z", "0000-02-29T00:00:00.000000Z" },
		{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z" },
		{ "2026-02-29T00:00:00Z", NULL }, { "2026-03-16T14:32:07", NULL }, { "2026-03-16T14:32Z", NULL },
		{ "2026-03-16 14:32:07Z", NULL }, { "2026-03-16T24:00:00Z", NULL }, { "2026-03-16T14:60:00Z", NULL },
		{ "2026-03-16T14:32:61Z", NULL }, { "2026-03-16T14:32:60Z", NULL }, { "2026-03-16T14:32:07.Z", NULL },
		{ "2026-03-16T14:32:07+14:01", NULL }, { "2026-03-16T14:32:07+01:60", NULL },
		{ "2026-03-16T14:32:07+0100", NULL }, { "2026-03-16T14:32:07Z ", NULL }, { "26-03-16T14:32:07Z", NULL },
		{ "2026-13-01T00:00:00Z", NULL }, { "2026-00-01T00:00:00Z", NULL }, { "2026-01-00T00:00:00Z", NULL },
		{ "2026-03-16", NULL }, { "", NULL }, { "2026-03-16T14:32:07,5Z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		char out[INSTANT_TEXT_MAX];
		int64_t n;

		if (instant_parse(str_of(ROWS[i].text), &n) != (ROWS[i].same != NULL))
			fail_msg("%s", ROWS[i].text);
		if (ROWS[i].same)
			assert_text(instant_format(n, 6, out), ROWS[i].same);
	}
}

static void test_format(void **state)
{
	char out[INSTANT_TEXT_MAX];
	int64_t day;

	(void)state;
	assert_text(instant_format(-1, 3, out), "1969-12-31T23:59:59.999Z");
	assert_text(instant_format(999999, 0, out), "1970-01-01T00:00:00Z");
	assert_true(instant_parse_date(STR("2026-03-16"), &day) && day == 20528);
	assert_text(instant_format_date(day, out), "2026-03-16");
	assert_false(instant_parse_date(STR("2026-3-16"), &day) || instant_parse_date(STR("2026-02-30"), &day) ||
		instant_parse_date(STR("2026-03-16T"), &day));
	assert_text(instant_format_span(40 * INSTANT_SECOND, out), "40s");
	assert_text(instant_format_span(28 * INSTANT_MINUTE + 59 * INSTANT_SECOND, out), "28m");
	assert_text(instant_format_span(INSTANT_HOUR + 27 * INSTANT_MINUTE, out), "1h27");
	assert_text(instant_format_span(27 * INSTANT_HOUR, out), "1d03h");
	assert_text(instant_format_span(-12 * INSTANT_MINUTE, out), "-12m");
	assert_text(instant_format_span(-1, out), "0s");
	instant_format_span(INT64_MIN, out);
}

static void test_durations(void **state)
{
	static const struct {
		const char *from, *add, *to; /* NULL: refused */
	} ROWS[] = {
		{ "2026-01-31T10:00:00Z", "P1M", "2026-02-28T10:00:00Z" },
		{ "2024-02-29T10:00:00Z", "P1Y", "2025-02-28T10:00:00Z" },
		{ "2026-11-30T00:00:00Z", "P1Y3M", "2028-02-29T00:00:00Z" },
		{ "2026-01-01T00:00:00Z", "P1W", "2026-01-08T00:00:00Z" },
		{ "2026-01-01T00:00:00Z", "P1DT1H1M1S", "2026-01-02T01:01:01Z" },
		{ "2026-01-01T00:00:00Z", "PT36H", "2026-01-02T12:00:00Z" },
		{ "2026-01-01T00:00:00Z", "P0D", "2026-01-01T00:00:00Z" },
		{ "2026-01-01T00:00:00Z", "PT1.9999996S", "2026-01-01T00:00:02Z" },
		{ "2026-01-01T00:00:00Z", "P", NULL }, { "2026-01-01T00:00:00Z", "PT", NULL },
		{ "2026-01-01T00:00:00Z", "P1DT", NULL }, { "2026-01-01T00:00:00Z", "P1H", NULL },
		{ "2026-01-01T00:00:00Z", "PT1D", NULL }, { "2026-01-01T00:00:00Z", "P1D1M", NULL },
		{ "2026-01-01T00:00:00Z", "P1D1D", NULL }, { "2026-01-01T00:00:00Z", "PT1.5H", NULL },
		{ "2026-01-01T00:00:00Z", "P-1D", NULL }, { "2026-01-01T00:00:00Z", "1D", NULL },
		{ "2026-01-01T00:00:00Z", "P1", NULL }, { "2026-01-01T00:00:00Z", "-P1D", NULL },
		{ "2026-01-01T00:00:00Z", "P999999999Y", NULL }, { "2026-01-01T00:00:00Z", "P9223372036854775807D", NULL },
		{ "2026-01-01T00:00:00Z", "", NULL }, { "2026-01-01T00:00:00Z", "PTT1S", NULL },
	};
	static const char *const SPANS[] = { "PT0S", "PT1S", "P1DT3H", "-PT12M", "PT0.5S", "P2D", "PT1H0.000001S" };
	char out[INSTANT_TEXT_MAX];
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		assert_true(instant_parse(str_of(ROWS[i].from), &n));
		if (instant_add_duration(n, str_of(ROWS[i].add), &n) != (ROWS[i].to != NULL))
			fail_msg("%s", ROWS[i].add);
		if (ROWS[i].to)
			assert_text(instant_format(n, 0, out), ROWS[i].to);
	}
	for (size_t i = 0; i < sizeof SPANS / sizeof SPANS[0]; i++) {
		assert_true(instant_parse_span(str_of(SPANS[i]), &n));
		assert_text(instant_format_duration(n, out), SPANS[i]);
	}
	assert_false(instant_parse_span(STR("P1M"), &n) || instant_parse_span(STR("--PT1S"), &n));
	assert_text(instant_format_duration(INT64_MIN, out), "-P106751991DT4H54.775808S");
	assert_text(instant_format_duration(INT64_MAX, out), "P106751991DT4H54.775807S");
}

static void test_business_days(void **state)
{
	struct calendar c = { .name = "TARGET", .holiday_count = 2 };
	int64_t friday, monday;

	(void)state;
	assert_true(instant_parse_date(STR("2026-04-03"), &friday) && instant_parse_date(STR("2026-04-06"), &monday));
	c.holidays[0] = friday; /* Good Friday, Easter Monday */
	c.holidays[1] = monday;
	assert_false(calendar_is_open_day(&c, friday) || calendar_is_open_day(&c, friday + 1) ||
		calendar_is_open_day(&c, friday + 2) || calendar_is_open_day(&c, monday));
	assert_true(calendar_following(&c, friday) == monday + 1 && calendar_following(&c, monday + 1) == monday + 1);
	assert_true(calendar_add_days(&c, friday - 1, 1) == monday + 1);
	assert_true(calendar_add_days(&c, friday, 1) == monday + 1);
	assert_true(calendar_add_days(&c, monday + 1, -1) == friday - 1);
	assert_true(calendar_add_days(&c, friday, 0) == monday + 1);
	assert_true(calendar_add_days(&c, monday + 1, 5) == monday + 8);
	assert_true(calendar_is_open_day(&c, -3) && !calendar_is_open_day(&c, -4)); /* before 1970: Monday, Sunday */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar_walk), cmocka_unit_test(test_parse), cmocka_unit_test(test_format),
		cmocka_unit_test(test_durations), cmocka_unit_test(test_business_days),
	};

	return RUN_GROUP(tests);
}
