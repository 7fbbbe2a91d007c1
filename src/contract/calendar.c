/* Business days by the policy's calendars: see contract/calendar.h.
 *
 * Must remain true: the answer depends on day and policy alone. */
#include "contract/calendar.h"

#include <string.h>

#include "base/instant.h"

const char *const ROLL_NAMES[] = { "none", "following", "modified", "preceding", NULL };

enum { ROLL_MOST = 366 };

/* The days of a list of the policy; "" when there is none. */
static const char *list_of(const struct tabs *s, const char *name)
{
	const struct param *p = tab_get(s, &PARAM_REC, name);
	return p ? p->text : "";
}

static bool listed(const char *list, const char *day)
{
	struct str rest = str_of(list);
	while (rest.len)
		if (str_is(str_trim(str_cut(&rest, ',')), day))
			return true;
	return false;
}

static bool closed_in(const struct tabs *s, const char *key, struct civil c)
{
	static const char HEAD[] = "calendar.";
	char name[64], day[STR_DIGITS_MAX];
	if (!key[0])
		return false;
	size_t n = strlen(HEAD), len = strnlen(key, 20);
	memcpy(name, HEAD, n);
	memcpy(name + n, key, len);
	name[n + len] = '.';
	str_digits(name + n + len + 1, c.year % 10000, 4);
	const char *list = list_of(s, name);
	if (!list[0])
		return false;
	str_digits(day, c.month * 100 + c.day, 4);
	return listed(list, day);
}

bool calendar_is_open(const struct tabs *s, const char *key, const char *other, int64_t day)
{
	char text[INSTANT_TEXT_MAX];
	int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday: 0 is Monday */
	if (weekday >= 5)
		return false;
	const char *holidays = list_of(s, "calendar.holidays");
	if (holidays[0] && listed(holidays, instant_format_date(day, text)))
		return false;
	struct civil c = instant_civil_of_day(day);
	return !closed_in(s, key, c) && !closed_in(s, other, c);
}

static int64_t walk(const struct tabs *s, const char *key, const char *other, int64_t day, int64_t step)
{
	for (int64_t k = 0; k <= ROLL_MOST; k++)
		if (calendar_is_open(s, key, other, day + k * step))
			return day + k * step;
	return day;
}

int64_t calendar_roll(const struct tabs *s, const char *key, const char *other, int64_t day, enum roll how)
{
	if (how == ROLL_NONE)
		return day;
	int64_t to = walk(s, key, other, day, how == ROLL_PRECEDING ? -1 : 1);
	if (how == ROLL_MODIFIED && instant_civil_of_day(to).month != instant_civil_of_day(day).month)
		to = walk(s, key, other, day, -1);
	return to;
}
