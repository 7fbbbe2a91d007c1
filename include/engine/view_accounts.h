/* What the Accounts screen shows: balances of a book, its control totals with both sides, and the journals
 * of one account. Source: domain specification §4.1 (chart), §4.3 (control totals). */
#ifndef WHARF_ENGINE_VIEW_ACCOUNTS_H
#define WHARF_ENGINE_VIEW_ACCOUNTS_H

#include "engine/view.h"
#include "ledger/book.h"

enum { VIEW_ACCOUNT_JOURNALS = 40, VIEW_ACCOUNT_LINES = 6, VIEW_ACCOUNT_STOPS = 4 };

struct view_account {
	int number;
	const char *name, *short_name; /* of the chart */
	bool memo;              /* outside the balance */
	int64_t debit, credit;  /* the net balance, on one side; both 0 when nothing is left */
	bool credit_side;       /* which column a balance of nothing stands in */
	int64_t today;          /* net movement of the value date */
	int64_t journals;
	int64_t pending;        /* of transfers that are neither posted nor ended: debits less credits … */
	bool waits;             /* … and whether there are any */
};

struct view_journal_line {
	int number;
	int64_t amount;
};
struct view_journal {
	const char *id;
	uint64_t entry;
	int64_t at;
	const char *event, *memo, *deal;
	bool mirror;            /* takes another one back */
	bool mirrored;          /* was taken back */
	size_t debits, credits; /* of the lines below; more than VIEW_ACCOUNT_LINES are not listed */
	struct view_journal_line debit[VIEW_ACCOUNT_LINES], credit[VIEW_ACCOUNT_LINES];
	bool pending;           /* no journal yet: a transfer that waits for its other half; entry 0 */
};

/* What holds the outflow of the book. */
struct view_stop {
	const char *id, *cause, *why; /* id: what stop.lift names */
	uint64_t entry;               /* whose effect set it */
	bool everybody;               /* it holds every funder */
};

struct view_accounts {
	const char *book, *book_name, *currency;
	int64_t day;            /* value date: days since 1970-01-01 */
	uint64_t entries;       /* of the ledger, so the totals stand after entry entries - 1 */
	struct view_account *rows;
	size_t count;           /* accounts in use, memo accounts last */
	size_t chart;           /* accounts there are */
	size_t journals_today;
	int64_t debit, credit;  /* sums of the balances, memo accounts left out */
	struct total totals[TOTALS_COUNT];
	size_t holding;         /* of them */
	bool money[TOTALS_COUNT]; /* the sides are amounts, else counts */
	struct view_stop stops[VIEW_ACCOUNT_STOPS];
	size_t stop_count;      /* standing; more than VIEW_ACCOUNT_STOPS are counted, not listed */
	int focus;              /* account whose journals these are; 0 none */
	struct view_journal *journals; /* pending transfers, then journals, newest first */
	size_t journal_count;
};

/* Grows whenever a control total may have changed. */
uint64_t view_accounts_version(const struct tabs *s);
/* Balances of a book in a currency ("" for those of the ledger's genesis) and the newest journals of account
 * `number` (0: none). `known`: totals of the same view_accounts_version, or NULL to compute them. */
struct view_accounts *view_accounts_build(struct arena *a, const struct view_source *src, const char *book,
	const char *currency, int number, const struct total *known);

#endif
