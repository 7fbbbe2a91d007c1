/* Control totals CT-1 to CT-7 of a book, computed from the state. Source: domain §4.3. */
#ifndef WHARF_CONTRACT_TOTALS_H
#define WHARF_CONTRACT_TOTALS_H

#include "contract/state.h"
#include "ledger/book.h"

/* Fills seven totals for a book and currency; returns true when all hold. O(records). */
bool totals_compute(const struct tabs *s, const char *book, const char *currency,
	struct total out[TOTALS_COUNT]);
/* The cheap part that is checked after every contract call of a deal: this deal's balances against its
 * record (CT-2, CT-5 and CT-6 restricted to it), and the claim sums of its assets (§3 invariants). */
enum refusal totals_check_deal(struct turn *t, const char *deal);
/* Invariants of assets over the whole state (receipts <= count, one live receipt per lot, token sums):
 * for simulations. On false `why` (240 bytes) says which. */
bool assets_hold(const struct tabs *s, char why[240]);

#endif
