/* Double entry: the chart, journals, balances and control totals of a funder's book.
 *
 * Must remain true: every journal has at least two lines and debits equal credits per currency;
 * journals are never changed, only mirrored; a balance is the sum of its lines.
 * Source: domain specification §4.1 chart, §4.2 postings, §4.3 control totals. */
#ifndef WHARF_LEDGER_BOOK_H
#define WHARF_LEDGER_BOOK_H

#include "base/turn.h"

enum account_type { ACCOUNT_ASSET, ACCOUNT_CONTRA_ASSET, ACCOUNT_LIABILITY, ACCOUNT_EQUITY,
	ACCOUNT_INCOME, ACCOUNT_EXPENSE, ACCOUNT_MEMO };
struct chart_row {
	int number;            /* 1000 … 9201 */
	const char *name;      /* "Settlement bank (nostro)" */
	const char *short_name;
	enum account_type type;
	int memo_pair;         /* of a memo account: its counterpart, else 0 */
};
extern const struct chart_row CHART[];
extern const size_t CHART_COUNT;
const struct chart_row *chart_find(int number); /* or NULL */

/* Balance of an account of a book; key "BOOK/1200/EUR". */
#define ACCOUNT_FIELDS(F) \
	F(TEXT, id, 40, NONE) \
	F(TEXT, book, 16, NONE) \
	F(INT, number, 0, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, debit, 0, MONEY) \
	F(INT, credit, 0, MONEY) \
	F(INT, journals, 0, COUNT) \
	F(INT, today, 0, MONEY)        /* net movement of the value date `today_day` */ \
	F(INT, today_day, 0, DATE) \
	F(INT, debit_pending, 0, MONEY) /* of transfers that are neither posted nor ended */ \
	F(INT, credit_pending, 0, MONEY) \
	F(INT, bounded, 0, NONE)       /* bits of enum account_bound */ \
	F(INT, floor, 0, MONEY) \
	F(INT, ceiling, 0, MONEY)
REC_STRUCT(account, ACCOUNT_FIELDS);
/* Which limits a balance may not pass, pending included: debit - credit - credit_pending >= floor (a floor of 0: credits may not
 * exceed debits), debit + debit_pending - credit <= ceiling (0: debits may not exceed credits). The record "=/1000" is the
 * pattern of accounts that are opened later. */
enum account_bound { BOUND_FLOOR = 1, BOUND_CEILING = 2 };
extern const struct rec_type ACCOUNT_REC; /* tag 8 */

/* Net debit balance per deal and account; key "DL-…/1200". Deleted when it returns to zero lines? No:
 * kept, because CT-6 and closing look at it. */
#define DEALBAL_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, deal, 32, ID) \
	F(INT, number, 0, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, net, 0, MONEY)
REC_STRUCT(dealbal, DEALBAL_FIELDS);
extern const struct rec_type DEALBAL_REC; /* tag 9 */

#define JOURNAL_FIELDS(F) \
	F(TEXT, id, 24, NONE)          /* "%010llu/%05u": entry and journal within it */ \
	F(TEXT, book, 16, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, currency, 4, NONE) \
	F(INT, total, 0, MONEY)        /* sum of debits */ \
	F(INT, lines, 0, COUNT) \
	F(INT, value_day, 0, DATE) \
	F(INT, at, 0, TIME) \
	F(TEXT, event, 24, NONE)       /* what caused it: "fund", "accrue" … */ \
	F(TEXT, mirror_of, 24, NONE) \
	F(TEXT, memo, 64, NONE) \
	F(TEXT, mirrored, 24, NONE)    /* its mirror, once there is one: all that is ever written later */
REC_STRUCT(journal, JOURNAL_FIELDS);
extern const struct rec_type JOURNAL_REC; /* tag 10 */

#define POSTING_FIELDS(F) \
	F(TEXT, id, 28, NONE)          /* journal id "/%02u" */ \
	F(INT, number, 0, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, debit, 0, MONEY) \
	F(INT, credit, 0, MONEY)
REC_STRUCT(posting, POSTING_FIELDS);
extern const struct rec_type POSTING_REC; /* tag 11 */

struct book_line {
	int number;
	int64_t debit, credit; /* minor units, exactly one of them > 0 */
};

enum { BOOK_LINES_MAX = 99 };

/* Posts one journal. Refuses, with nothing changed and the reason in t->detail: REFUSED_UNBALANCED for
 * under two (or over BOOK_LINES_MAX) lines, a negative or two-sided line or unequal sums,
 * REFUSED_ACCOUNT_UNKNOWN, REFUSED_OVERFLOW, REFUSED_VALUE for an empty book or an unknown currency, REFUSED_BALANCE_LIMIT
 * for an account that would pass its floor or ceiling.
 * `event` names the cause; memo is cut to fit. deal is "" for none. */
enum refusal book_post(struct turn *t, const char *book, const char *deal, const char *currency,
	int64_t value_day, const char *event, const char *memo, const struct book_line *lines,
	size_t count);
/* Posts the mirror image of a journal, same value date, linked both ways; refuses (REFUSED_VALUE) an
 * unknown id, a mirror, or a journal that has one. */
enum refusal book_mirror(struct turn *t, const char *journal_id, const char *memo);
/* Newest journal of a deal and event that is neither a mirror nor mirrored, or NULL. */
const struct journal *book_journal_of(const struct tabs *s, const char *deal, const char *event);

/* Sets which limits hold for an account number, in every book and currency, now and for accounts opened later; what stands
 * beyond a new limit already may come back, not go further. False for a number that is not in the chart. */
bool book_bound(struct turn *t, int number, int64_t bounded, int64_t floor, int64_t ceiling);
/* Adds to what is pending on two accounts (ledger/transfer.h); amount below zero takes back, unchecked. Refuses
 * REFUSED_BALANCE_LIMIT, REFUSED_OVERFLOW, REFUSED_ACCOUNT_UNKNOWN with nothing changed. */
enum refusal book_hold(struct turn *t, const char *book, const char *currency, int debit, int credit, int64_t amount);
/* book_post of what was pending: the limits were asked when it was held and are not asked again. */
enum refusal book_post_held(struct turn *t, const char *book, const char *deal, const char *currency,
	int64_t value_day, const char *event, const char *memo, const struct book_line *lines, size_t count);

/* Debit minus credit. */
int64_t book_balance(const struct tabs *s, const char *book, int number, const char *currency);
int64_t book_deal_balance(const struct tabs *s, const char *deal, int number);

/* One control total: both sides of the equation and whether it holds. Those that need facts of
 * higher floors (CT-2, CT-4, CT-5, CT-6) get them through `facts`, filled by contract/totals.h. */
enum { TOTALS_COUNT = 7 };
struct total {
	const char *name;     /* "CT-1" */
	const char *says;     /* "all journals sum to zero" */
	const char *left_of, *right_of; /* what each side is */
	int64_t left, right;
	bool holds;
};

#endif
