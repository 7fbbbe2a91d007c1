/* Time by arithmetic: the proleptic Gregorian calendar over days since 1970-01-01.
 *
 * Invariant: nothing here asks the machine for a clock, a zone or a locale; the same numbers give
 * the same text everywhere. The conversion between days and dates shifts the year to begin in
 * March, so that the leap day is its last, and counts whole 400-year cycles of 146097 days. */
#include "base/instant.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"

enum { CYCLE_DAYS = 146097, CYCLE_SHIFT = 719468 }; /* days from 0000-03-01 to 1970-01-01 */
enum { YEAR_LEAST = -290000, YEAR_MOST = 290000 };  /* well within 64 bits of microseconds */
enum { DAY_MOST = 107000000 };                      /* beyond any instant; dates stop there */

static int64_t floor_div(int64_t n, int64_t d)
{
	return n / d - (n % d < 0);
}

static bool year_is_leap(int64_t y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int month_days(int64_t year, int month)
{
	static const int8_t DAYS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && year_is_leap(year) ? 29 : DAYS[month - 1];
}

static int64_t day_of_date(int64_t year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t cycle = floor_div(y, 400), of_cycle = y - cycle * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return cycle * CYCLE_DAYS + of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year - CYCLE_SHIFT;
}

static int64_t clamp_day(int64_t day)
{
	return day < -DAY_MOST ? -DAY_MOST : day > DAY_MOST ? DAY_MOST : day;
}

/* The time since midnight: never negative, whatever the sign of the instant. */
static int64_t time_of_day(int64_t instant)
{
	int64_t rest = instant % INSTANT_DAY;

	return rest < 0 ? rest + INSTANT_DAY : rest;
}

static void date_of_day(int64_t day, struct civil *c)
{
	int64_t shifted = day + CYCLE_SHIFT;
	int64_t cycle = floor_div(shifted, CYCLE_DAYS), rest = shifted - cycle * CYCLE_DAYS;
	int64_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int64_t of_year = rest - (365 * year + year / 4 - year / 100);
	int64_t march = (5 * of_year + 2) / 153;

	c->day = (int)(of_year - (153 * march + 2) / 5 + 1);
	c->month = (int)(march < 10 ? march + 3 : march - 9);
	c->year = (int)(cycle * 400 + year + (c->month <= 2));
	c->weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

struct civil instant_civil(int64_t instant)
{
	int64_t rest = time_of_day(instant);
	struct civil c;

	date_of_day(instant_day(instant), &c);
	c.micro = (int)(rest % INSTANT_SECOND);
	c.second = (int)(rest / INSTANT_SECOND % 60);
	c.minute = (int)(rest / INSTANT_MINUTE % 60);
	c.hour = (int)(rest / INSTANT_HOUR);
	return c;
}

struct civil instant_civil_of_day(int64_t day)
{
	struct civil c = { 0 };

	date_of_day(clamp_day(day), &c);
	return c;
}

int64_t instant_of(int year, int month, int day, int hour, int minute, int second)
{
	CHECK(year >= YEAR_LEAST && year <= YEAR_MOST && month >= 1 && month <= 12, "a date is within the calendar");
	return day_of_date(year, month, day) * INSTANT_DAY + hour * INSTANT_HOUR +
		minute * INSTANT_MINUTE + second * INSTANT_SECOND;
}

int64_t instant_day(int64_t instant)
{
	return floor_div(instant, INSTANT_DAY);
}

/* --- RFC 3339 ----------------------------------------------------------------------------------- */

/* Takes exactly n digits off the front. */
static bool take_digits(struct str *s, size_t n, int *out)
{
	int value = 0;

	if (s->len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		value = value * 10 + (s->ptr[i] - '0');
	}
	s->ptr += n;
	s->len -= n;
	*out = value;
	return true;
}

/* Takes one character, either case of a letter. */
static bool take_char(struct str *s, char c)
{
	if (!s->len || (s->ptr[0] != c && !(c >= 'A' && c <= 'Z' && s->ptr[0] == c + ('a' - 'A'))))
		return false;
	s->ptr++;
	s->len--;
	return true;
}

static bool take_date(struct str *s, int64_t *out)
{
	int year, month, day;

	if (!take_digits(s, 4, &year) || !take_char(s, '-') || !take_digits(s, 2, &month) ||
		!take_char(s, '-') || !take_digits(s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month))
		return false;
	*out = day_of_date(year, month, day);
	return true;
}

/* ".123…": microseconds, the seventh digit rounds; *out may be a whole second. */
static bool take_fraction(struct str *s, int64_t *out)
{
	int64_t micro = 0, unit = 100000;
	size_t digits = 0;

	*out = 0;
	if (!take_char(s, '.'))
		return true;
	for (int digit; take_digits(s, 1, &digit); digits++) {
		micro += digits < 6 ? digit * unit : 0;
		micro += digits == 6 && digit >= 5;
		unit /= 10;
	}
	*out = micro;
	return digits > 0;
}

/* "Z" or ±hh:mm as microseconds east of Greenwich, at most 14 hours. */
static bool take_zone(struct str *s, int64_t *out)
{
	int hours, minutes;
	bool west;

	*out = 0;
	if (take_char(s, 'Z'))
		return true;
	west = take_char(s, '-');
	if ((!west && !take_char(s, '+')) || !take_digits(s, 2, &hours) || !take_char(s, ':') ||
		!take_digits(s, 2, &minutes) || minutes > 59 || hours * 60 + minutes > 14 * 60)
		return false;
	*out = (hours * INSTANT_HOUR + minutes * INSTANT_MINUTE) * (west ? -1 : 1);
	return true;
}

bool instant_parse(struct str text, int64_t *out)
{
	int64_t day, micro, zone, of_day;
	int hour, minute, second;
	bool leap;

	if (!take_date(&text, &day) || !take_char(&text, 'T') || !take_digits(&text, 2, &hour) ||
		!take_char(&text, ':') || !take_digits(&text, 2, &minute) || !take_char(&text, ':') ||
		!take_digits(&text, 2, &second) || !take_fraction(&text, &micro) ||
		!take_zone(&text, &zone) || text.len)
		return false;
	leap = second == 60;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (leap) {
		second = 59;
		micro = INSTANT_SECOND - 1;
	}
	of_day = hour * INSTANT_HOUR + minute * INSTANT_MINUTE + second * INSTANT_SECOND - zone;
	/* leap seconds are put in at the end of a day of UTC only */
	if (leap && (of_day + 2 * INSTANT_DAY) % INSTANT_DAY != INSTANT_DAY - INSTANT_SECOND)
		return false;
	*out = day * INSTANT_DAY + of_day + micro;
	return true;
}

char *instant_format(int64_t instant, int digits, char out[INSTANT_TEXT_MAX])
{
	struct civil c = instant_civil(instant);
	int len = snprintf(out, INSTANT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
		c.hour, c.minute, c.second);

	CHECK(digits == 0 || digits == 3 || digits == 6, "a second has 0, 3 or 6 digits");
	if (digits == 3)
		len += snprintf(out + len, INSTANT_TEXT_MAX - (size_t)len, ".%03d", c.micro / 1000);
	if (digits == 6)
		len += snprintf(out + len, INSTANT_TEXT_MAX - (size_t)len, ".%06d", c.micro);
	snprintf(out + len, INSTANT_TEXT_MAX - (size_t)len, "Z");
	return out;
}

bool instant_parse_date(struct str text, int64_t *day)
{
	int64_t parsed;

	if (!take_date(&text, &parsed) || text.len)
		return false;
	*day = parsed;
	return true;
}

char *instant_format_date(int64_t day, char out[INSTANT_TEXT_MAX])
{
	struct civil c = instant_civil_of_day(day);

	size_t n = str_digits(out, c.year, 4);

	out[n++] = '-';
	n += str_digits(out + n, c.month, 2);
	out[n++] = '-';
	str_digits(out + n, c.day, 2);
	return out;
}

/* --- ISO 8601 durations ------------------------------------------------------------------------- */

struct duration {
	int64_t months, micros;
};

/* One designator of a duration: what a number in front of it counts. */
static const struct designator {
	char letter;
	bool of_time; /* stands after the T */
	int64_t months, micros;
} DESIGNATORS[] = {
	{ 'Y', false, 12, 0 },
	{ 'M', false, 1, 0 },
	{ 'W', false, 0, 7 * INSTANT_DAY },
	{ 'D', false, 0, INSTANT_DAY },
	{ 'H', true, 0, INSTANT_HOUR },
	{ 'M', true, 0, INSTANT_MINUTE },
	{ 'S', true, 0, INSTANT_SECOND },
};
enum { DESIGNATOR_COUNT = sizeof DESIGNATORS / sizeof DESIGNATORS[0] };

static bool duration_add(struct duration *d, const struct designator *g, int64_t n, int64_t fraction)
{
	int64_t part;

	return num_mul(n, g->months, &part) && num_add(d->months, part, &d->months) &&
		num_mul(n, g->micros, &part) && num_add(d->micros, part, &d->micros) &&
		num_add(d->micros, fraction, &d->micros);
}

/* Each designator at most once and in order; a fraction only of seconds. */
static bool duration_parse(struct str s, struct duration *d)
{
	bool time = false;
	size_t from = 0;
	int parts = 0;

	*d = (struct duration){ 0 };
	if (!take_char(&s, 'P'))
		return false;
	while (s.len) {
		struct str number = s;
		int64_t n, fraction;
		size_t len = 0, g = from;

		if (!time && take_char(&s, 'T')) {
			time = true;
			if (!s.len)
				return false;
			continue;
		}
		while (len < s.len && s.ptr[len] >= '0' && s.ptr[len] <= '9')
			len++;
		number.len = len;
		if (!str_to_i64(number, &n))
			return false;
		s.ptr += len;
		s.len -= len;
		len = s.len;
		if (!take_fraction(&s, &fraction) || !s.len)
			return false;
		while (g < DESIGNATOR_COUNT && (DESIGNATORS[g].letter != s.ptr[0] || DESIGNATORS[g].of_time != time))
			g++;
		if (g == DESIGNATOR_COUNT || (len != s.len && DESIGNATORS[g].letter != 'S') ||
			!duration_add(d, &DESIGNATORS[g], n, fraction))
			return false;
		take_char(&s, DESIGNATORS[g].letter);
		from = g + 1;
		parts++;
	}
	return parts > 0;
}

/* Adds months by the calendar; the 31st of a shorter month becomes its last day. */
static bool instant_add_months(int64_t instant, int64_t months, int64_t *out)
{
	struct civil c = instant_civil(instant);
	int64_t total, year;
	int month, day;

	if (!num_add((int64_t)c.year * 12 + c.month - 1, months, &total))
		return false;
	year = floor_div(total, 12);
	if (year < YEAR_LEAST || year > YEAR_MOST)
		return false;
	month = (int)(total - year * 12) + 1;
	day = c.day < month_days(year, month) ? c.day : month_days(year, month);
	*out = day_of_date(year, month, day) * INSTANT_DAY + time_of_day(instant);
	return true;
}

bool instant_add_duration(int64_t instant, struct str duration, int64_t *out)
{
	struct duration d;

	return duration_parse(duration, &d) &&
		(d.months == 0 || instant_add_months(instant, d.months, &instant)) &&
		num_add(instant, d.micros, out);
}

bool instant_parse_span(struct str text, int64_t *out)
{
	bool negative = take_char(&text, '-');
	struct duration d;

	if (!duration_parse(text, &d) || d.months)
		return false;
	*out = negative ? -d.micros : d.micros;
	return true;
}

char *instant_format_duration(int64_t span, char out[INSTANT_TEXT_MAX])
{
	uint64_t size = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
	unsigned long long days = size / (uint64_t)INSTANT_DAY, rest = size % (uint64_t)INSTANT_DAY;
	const struct {
		unsigned long long n;
		char letter;
	} times[] = { { rest / INSTANT_HOUR, 'H' }, { rest / INSTANT_MINUTE % 60, 'M' } };
	unsigned long long second = rest / INSTANT_SECOND % 60, micro = rest % INSTANT_SECOND;
	struct str cut = { 0 };
	int at = snprintf(out, INSTANT_TEXT_MAX, "%sP", span < 0 ? "-" : "");

	if (days)
		at += snprintf(out + at, INSTANT_TEXT_MAX - (size_t)at, "%lluD", days);
	if (rest || !days)
		out[at++] = 'T';
	for (size_t i = 0; i < 2; i++)
		if (times[i].n)
			at += snprintf(out + at, INSTANT_TEXT_MAX - (size_t)at, "%llu%c", times[i].n, times[i].letter);
	if (second || micro || size == 0)
		at += snprintf(out + at, INSTANT_TEXT_MAX - (size_t)at, "%llu", second);
	if (micro) {
		char digits[8];

		snprintf(digits, sizeof digits, "%06llu", micro);
		cut = (struct str){ digits, 6 };
		while (cut.ptr[cut.len - 1] == '0')
			cut.len--;
		at += snprintf(out + at, INSTANT_TEXT_MAX - (size_t)at, "." STR_FMT, STR_ARG(cut));
	}
	if (second || micro || size == 0)
		out[at++] = 'S';
	out[at] = '\0';
	return out;
}

char *instant_format_span(int64_t span, char out[INSTANT_TEXT_MAX])
{
	uint64_t size = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
	unsigned long long s = size / (uint64_t)INSTANT_SECOND;
	const char *sign = span < 0 && s ? "-" : "";

	if (s < 60)
		snprintf(out, INSTANT_TEXT_MAX, "%s%llus", sign, s);
	else if (s < 3600)
		snprintf(out, INSTANT_TEXT_MAX, "%s%llum", sign, s / 60);
	else if (s < 86400)
		snprintf(out, INSTANT_TEXT_MAX, "%s%lluh%02llu", sign, s / 3600, s / 60 % 60);
	else
		snprintf(out, INSTANT_TEXT_MAX, "%s%llud%02lluh", sign, s / 86400, s / 3600 % 24);
	return out;
}

/* --- business calendars ------------------------------------------------------------------------- */

bool calendar_is_open_day(const struct calendar *c, int64_t day)
{
	int64_t weekday = ((day + 4) % 7 + 7) % 7;

	if (weekday == 0 || weekday == 6)
		return false;
	for (int i = 0; i < c->holiday_count; i++)
		if (c->holidays[i] == day)
			return false;
	return true;
}

int64_t calendar_following(const struct calendar *c, int64_t day)
{
	while (!calendar_is_open_day(c, day))
		day++;
	return day;
}

int64_t calendar_add_days(const struct calendar *c, int64_t day, int64_t open_days)
{
	int step = open_days < 0 ? -1 : 1;

	if (open_days == 0)
		return calendar_following(c, day);
	while (open_days != 0) {
		day += step;
		if (calendar_is_open_day(c, day))
			open_days -= step;
	}
	return day;
}
