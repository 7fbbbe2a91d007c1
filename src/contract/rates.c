/* Foreign exchange by the oracle's values: see contract/rates.h.
 *
 * Must remain true: one rounding, to the side that is adverse; no rate that its sources do not agree on. */
#include "contract/rates.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "feed/state.h"

enum { RATE_UNITS = 1000000 };

static const struct value *pair(const struct tabs *s, const char *first, const char *second, bool ask)
{
	char id[24];
	snprintf(id, sizeof(id), "%.3s/%.3s.%s", first, second, ask ? "ask" : "bid");
	return tab_get(s, &VALUE_REC, id);
}

static int64_t power(int decimals)
{
	int64_t n = 1;
	while (decimals-- > 0)
		n *= 10;
	return n;
}

enum refusal fx_convert(struct turn *t, int64_t amount, const char *from, const char *to, enum fx_side side, int64_t *out)
{
	int of_from = money_decimals(from), of_to = money_decimals(to);
	enum rounding way = side == FX_OWE ? ROUND_UP : ROUND_DOWN;
	if (of_from < 0 || of_to < 0 || amount < 0)
		return turn_refuse(t, REFUSED_VALUE, "%.8s to %.8s is no conversion of an amount", from, to);
	*out = amount;
	if (strcmp(from, to) == 0)
		return REFUSED_NOT;
	const struct value *direct = pair(t->tabs, from, to, side == FX_OWE), *v = direct;
	if (!v)
		v = pair(t->tabs, to, from, side == FX_HAVE);
	int64_t most = policy_int(t->tabs, "fx.minutes", 1440) * INSTANT_MINUTE;
	if (!v || v->state != VALUE_OK || v->amount <= 0 || t->stamp - v->at > most)
		return turn_refuse(t, REFUSED_PRICE_STALE, "no fresh rate with a quorum for %s/%s", from, to);
	bool fits = direct ? num_muldiv(amount, v->amount, RATE_UNITS * power(of_from), way, out)
		: num_muldiv(amount, RATE_UNITS * power(of_to), v->amount, way, out);
	return fits ? REFUSED_NOT : turn_refuse(t, REFUSED_OVERFLOW, "the conversion to %s leaves 64 bits", to);
}
