/* Business days by the policy's calendars.
 *
 * Source: domain specification §5.4; ISDA 2006 definitions, section 4.12 (Following, Modified Following, Preceding).
 * Closed are Saturday, Sunday, the days of policy `calendar.holidays` (YYYY-MM-DD, by commas: everybody's), and those of
 * `calendar.KEY.YYYY` (MMDD, by commas), where KEY is a currency or a bank. */
#ifndef WHARF_CONTRACT_CALENDAR_H
#define WHARF_CONTRACT_CALENDAR_H

#include "contract/state.h"

enum roll { ROLL_NONE, ROLL_FOLLOWING, ROLL_MODIFIED, ROLL_PRECEDING, ROLL_COUNT };
extern const char *const ROLL_NAMES[]; /* "none" "following" "modified" "preceding", NULL */

/* Whether all of two calendars are open that day (days since 1970-01-01); key or other may be "" for none. */
bool calendar_is_open(const struct tabs *s, const char *key, const char *other, int64_t day);
/* The day itself when it is open, else the next or previous open one; Modified stays in the month. Looks 366 days far at most, and
 * answers the day itself when none is open. */
int64_t calendar_roll(const struct tabs *s, const char *key, const char *other, int64_t day, enum roll how);

#endif
