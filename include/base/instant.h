/* Points in time, dates and durations; nothing here reads a clock.
 *
 * An instant is microseconds since 1970-01-01T00:00:00Z in the proleptic Gregorian
 * calendar without leap seconds (a leap second parses as :59.999999). A day is days
 * since 1970-01-01. Sources: RFC 3339, ISO 8601 durations (P[nY][nM][nW][nD][T[nH][nM][nS]]). */
#ifndef WHARF_BASE_INSTANT_H
#define WHARF_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define INSTANT_SECOND INT64_C(1000000)
#define INSTANT_MINUTE (60 * INSTANT_SECOND)
#define INSTANT_HOUR (60 * INSTANT_MINUTE)
#define INSTANT_DAY (24 * INSTANT_HOUR)
#define INSTANT_NONE INT64_MIN
enum { INSTANT_TEXT_MAX = 40 };

struct civil {
	int year, month, day, hour, minute, second, micro; /* month and day from 1 */
	int weekday;                                       /* 0 Sunday … 6 Saturday */
};

struct civil instant_civil(int64_t instant);
struct civil instant_civil_of_day(int64_t day); /* at midnight; beyond 290 000 years the last day */
int64_t instant_of(int year, int month, int day, int hour, int minute, int second);
int64_t instant_day(int64_t instant);  /* floor to days since 1970-01-01 */

/* RFC 3339 date-time with zone (Z or ±hh:mm up to 14:00); fractions beyond microseconds
 * round half up. Local times without a zone are refused. */
bool instant_parse(struct str text, int64_t *out);
/* "2026-03-16T14:32:07.123Z"; digits = 0, 3 or 6 after the second. Returns out. */
char *instant_format(int64_t instant, int digits, char out[INSTANT_TEXT_MAX]);
bool instant_parse_date(struct str text, int64_t *day); /* YYYY-MM-DD */
char *instant_format_date(int64_t day, char out[INSTANT_TEXT_MAX]);

/* Adds an ISO 8601 duration to an instant (months and years by calendar, clamped to the
 * month's end). False on malformed text or overflow. */
bool instant_add_duration(int64_t instant, struct str duration, int64_t *out);

/* "P1DT3H", "-PT12M", "PT0.5S": a span as an ISO 8601 duration with an optional sign, in days and
 * smaller only, and back (false on years and months, malformed text or overflow). */
char *instant_format_duration(int64_t span, char out[INSTANT_TEXT_MAX]);
bool instant_parse_span(struct str text, int64_t *out);

/* "40s", "28m", "1h27", "1d03h", "-12m": how long until or since, as screens show it. */
char *instant_format_span(int64_t span, char out[INSTANT_TEXT_MAX]);

/* Business calendar: Saturdays and Sundays and the listed days are closed. */
struct calendar {
	char name[24];
	int64_t open_minute, close_minute; /* of the day, UTC */
	int64_t holidays[64];              /* days, ascending */
	int holiday_count;
};
bool calendar_is_open_day(const struct calendar *c, int64_t day);
int64_t calendar_following(const struct calendar *c, int64_t day); /* this day or the next open one */
/* The n-th open day after (n < 0: before) the day; n = 0 is calendar_following. */
int64_t calendar_add_days(const struct calendar *c, int64_t day, int64_t open_days);

#endif
