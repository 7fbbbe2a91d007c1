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

/* Running sums of a book and currency (key "BOOK/CUR"), of a day on its bank account ("BOOK/CUR/day/020528") and of an obligor's
 * notes and debt ("=/OBLIGOR/CUR"): what the equations need, kept up with each event. */
#define TALLY_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, principal, 0, MONEY)    /* of the deals, CT-2 */ \
	F(INT, ev, 0, MONEY)           /* of the deals, CT-5 */ \
	F(INT, released, 0, MONEY)     /* payments released and not executed, CT-3 */ \
	F(INT, bank, 0, MONEY)         /* of a day: net movement on 1000 */ \
	F(INT, funded, 0, COUNT)       /* deals, CT-6 */ \
	F(INT, executed, 0, COUNT)     /* disbursements */ \
	F(INT, uneven, 0, COUNT)       /* deals that are one and not the other */ \
	F(INT, notes, 0, MONEY)        /* of an obligor: live notes, CT-4 */ \
	F(INT, debt, 0, MONEY)         /* confirmed, unredeemed */ \
	F(INT, broken, 0, NONE)        /* bit n: CT-(n+1) did not hold when it was last looked at */
REC_STRUCT(tally, TALLY_FIELDS);
extern const struct rec_type TALLY_REC; /* tag 64 */

/* The last statement of a bank account, and what banks told before; keys
 *   "last/BOOK/CUR"         the closing balance that CT-3 is held against
 *   "msg/BANK/MsgId"        a message, by its bytes
 *   "stmt/BANK/<32 hex>"    a statement under its number, by what it says; of account, id and page
 *   "seq/BANK/ACCOUNT/CUR"  the number (in `entries`) and the closing balance of the newest statement
 *   "ref/BANK/reference/…"  an entry; where the bank gives no reference, "=<32 hex>" of what it is
 *   "rtr/BANK/reference/…"  the same of what a message tells beside the statements (pacs.004)
 *   "debit/PAYMENT"         the reference (in `account`) under which a payment was debited
 *   "return/PAYMENT"        who told that it came back (in `entries`: 1 a message, 2 a statement), and how much (`closing`) */
#define STATEMENT_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, account, 36, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, closing, 0, MONEY) \
	F(INT, closing_day, 0, DATE) \
	F(INT, entry, 0, COUNT) \
	F(INT, at, 0, TIME) \
	F(INT, entries, 0, COUNT)      /* of a message */ \
	F(INT, matched, 0, COUNT) \
	F(INT, suspense, 0, COUNT) \
	F(HASH, digest, 0, NONE)       /* of a message's bytes, or of what a statement says */
REC_STRUCT(statement, STATEMENT_FIELDS);
extern const struct rec_type STATEMENT_REC; /* tag 58 */
/* The last statement of a book's account, or NULL. */
const struct statement *statement_last(const struct tabs *s, const char *book, const char *currency);

/* After an event: keeps the running sums up with what it changed and asks the seven equations of each book that it touched, in time
 * bounded by the changes. One that no longer holds stops the outflow of the book (ledger/stop.h), cause "CT-n". Answers how many. */
int totals_turn(struct turn *t);
/* Whether the running sums of a book are those that a full count gives; on false `why` (160 bytes) says which. O(records). */
bool totals_tally_holds(const struct tabs *s, const char *book, const char *currency, char why[160]);

#endif
