/* Currencies (ISO 4217 minor units), money as text, interest.
 *
 * Sources: ISO 4217 list of minor units; interest and day counts as domain rules:
 * interest = round(principal * rate_ppm * days / (base * 1 000 000)), half away from
 * zero; day k of n of a cumulative amount is round(total*k/n) - round(total*(k-1)/n). */
#ifndef WHARF_BASE_MONEY_H
#define WHARF_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { MONEY_TEXT_MAX = 40 };

/* Digits after the point of a currency: 0, 2, 3 or 4; -1 for metals and unknown codes,
 * which cannot settle. */
int money_decimals(const char *currency);

/* "1500000.00" or "1,500,000.00", optional sign, at most the currency's decimals (more are
 * refused, not rounded). False on anything else. */
bool money_parse(struct str text, const char *currency, int64_t *minor);

/* Thousands by `separator` (',' or ' ' or 0 for none), all decimals, sign in front; a
 * currency without a minor unit is shown as the bare count. Returns out. */
char *money_format(int64_t minor, const char *currency, char separator, char out[MONEY_TEXT_MAX]);

enum day_count { DAYS_ACT_360, DAYS_ACT_365F, DAYS_30E_360 };

/* Days between two dates (days since 1970-01-01) as the convention counts them;
 * the first day counts, the last does not. */
int64_t money_days(enum day_count how, int64_t from_day, int64_t to_day);
int64_t money_day_base(enum day_count how); /* 360 or 365 */

/* Interest of a principal over days; false on overflow. */
bool money_interest(int64_t principal, int64_t rate_ppm, int64_t days, enum day_count how,
	int64_t *out);

/* The part of total that falls on step k of n (1 <= k <= n); the parts sum to total. */
int64_t money_step(int64_t total, int64_t k, int64_t n);

#endif
