/* Foreign exchange by the oracle's values.
 *
 * A pair is two values joined by quorum (feed/state.h): "EUR/USD.bid" and "EUR/USD.ask", each in minor units of the second currency
 * for 1,000,000 units of the first. Who converts gives up the first at the bid and buys it at the ask, so the adverse side is the
 * bid for what one has and the ask for what one owes. The pair the other way round serves as well, with its sides changed.
 * Source: domain specification §5.7. */
#ifndef WHARF_CONTRACT_RATES_H
#define WHARF_CONTRACT_RATES_H

#include "contract/state.h"

enum fx_side { FX_HAVE, FX_OWE }; /* a claim or collateral is worth less, rounded down; a debt or use of a limit more, rounded up */

/* An amount in minor units of another currency. Refused, with the reason in t->detail: REFUSED_PRICE_STALE when the pair is not
 * known, not agreed on by its sources or older than policy `fx.minutes` (1440); REFUSED_OVERFLOW; REFUSED_VALUE for what is no
 * currency or a negative amount. */
enum refusal fx_convert(struct turn *t, int64_t amount, const char *from, const char *to, enum fx_side side, int64_t *out);

#endif
