/* Journals that are long past, rolled into sums per account: what control totals need of them once they left the state.
 *
 * Must remain true: of every book, account and currency, the sums of PERIOD and of the postings that are still in the
 * state are together those of all postings ever made (CT-1, CT-3 and CT-7 ask them together). */
#ifndef WHARF_LEDGER_PERIOD_H
#define WHARF_LEDGER_PERIOD_H

#include "ledger/book.h"

/* Key "BOOK/1200/EUR". */
#define PERIOD_FIELDS(F) \
	F(TEXT, id, 40, NONE) \
	F(TEXT, book, 16, NONE) \
	F(INT, number, 0, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, debit, 0, MONEY) \
	F(INT, credit, 0, MONEY) \
	F(INT, postings, 0, COUNT) \
	F(INT, last_day, 0, DATE)      /* the latest value date among them */
REC_STRUCT(period, PERIOD_FIELDS);
extern const struct rec_type PERIOD_REC; /* tag 59 */

/* Adds a journal and its postings to the sums and archives them. False, nothing changed, for an unknown id, or when a sum
 * would leave 64 bits: then it stays where it is. */
bool period_roll(struct turn *t, const char *journal_id);

#endif
