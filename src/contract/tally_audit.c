/* Whether the running sums of control totals are those that a full count gives. See contract/totals.h.
 *
 * Must remain true: nothing of this file uses what a running sum says but to compare it; journals that left the state are counted
 * through the sums that they left (ledger/period.h). */
#include "contract/totals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "ledger/period.h"

static bool differs(char why[160], const char *what, int64_t running, int64_t counted)
{
	snprintf(why, 160, "%.60s: running %lld, counted %lld", what, (long long)running, (long long)counted);
	return false;
}

/* --- deals and payments ------------------------------------------------------------------------------------------------ */
static struct tally count_deals(const struct tabs *s, const char *book, const char *currency)
{
	struct tally full;
	memset(&full, 0, sizeof(full));
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		if (strcmp(d->funder, book) != 0 || strcmp(d->currency, currency) != 0)
			continue;
		const struct payment *p = d->payment[0] ? tab_get(s, &PAYMENT_REC, d->payment) : NULL;
		bool funded = deal_state_funded(d->state), executed = p && p->state == PAYMENT_EXECUTED && strcmp(p->deal, d->id) == 0;
		full.principal += d->principal;
		full.ev += d->ev;
		full.funded += funded;
		full.executed += executed;
		full.uneven += funded != executed;
	}
	TAB_FOR(payment, p, s, &PAYMENT_REC, "") {
		const struct deal *d = tab_get(s, &DEAL_REC, p->deal);
		if (p->state == PAYMENT_RELEASED && d && strcmp(d->funder, book) == 0 && strcmp(d->currency, currency) == 0)
			full.released += p->amount;
	}
	return full;
}

static bool deals_hold(const struct tabs *s, const char *key, const char *book, const char *currency, char why[160])
{
	static const struct tally NONE = { .id = "" };
	const struct tally *found = tab_get(s, &TALLY_REC, key), *y = found ? found : &NONE;
	struct tally full = count_deals(s, book, currency);
	const struct {
		const char *what;
		int64_t running, counted;
	} rows[] = { { "principal", y->principal, full.principal }, { "eligible value", y->ev, full.ev }, { "released", y->released, full.released },
		{ "funded", y->funded, full.funded }, { "executed", y->executed, full.executed }, { "funded or executed alone", y->uneven, full.uneven } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].running != rows[i].counted)
			return differs(why, rows[i].what, rows[i].running, rows[i].counted);
	return true;
}

/* --- notes and confirmed debt ------------------------------------------------------------------------------------------- */
struct owing {
	char key[48];
	int64_t notes, debt;
};
struct owings {
	struct owing *list; /* in key order, as the running sums are */
	size_t count;
};

static int owing_order(const void *a, const void *b)
{
	return strcmp(((const struct owing *)a)->key, ((const struct owing *)b)->key);
}

static struct owing *owing_of(const struct owings *o, const char *obligor, const char *currency)
{
	struct owing want;
	snprintf(want.key, sizeof(want.key), "=/%.15s/%.3s", obligor, currency);
	return bsearch(&want, o->list, o->count, sizeof(want), owing_order);
}

/* False when somebody owes whom no running sum knows. */
static bool count_owings(const struct tabs *s, const char *currency, const struct owings *o)
{
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, "") {
		bool live = n->state == NOTE_LIVE || n->state == NOTE_LOCKED || n->state == NOTE_FROZEN;
		if (strcmp(n->currency, currency) != 0 || (!live && n->state != NOTE_REDEEMED) || !n->amount)
			continue;
		struct owing *x = owing_of(o, n->obligor, currency);
		if (!x)
			return false;
		x->notes += live ? n->amount : 0;
		x->debt -= live ? 0 : n->amount;
	}
	TAB_FOR(invoice, i, s, &INVOICE_REC, "") {
		if (strcmp(i->currency, currency) != 0 || i->state < INVOICE_CONFIRMED || i->state > INVOICE_REDEEMED || !i->confirmed)
			continue;
		struct owing *x = owing_of(o, i->debtor, currency);
		if (!x)
			return false;
		x->debt += i->confirmed;
	}
	return true;
}

static bool notes_hold(const struct tabs *s, const char *currency, char why[160])
{
	struct owings o = { NULL, 0 };
	bool holds = true;
	o.list = calloc(tab_count(s, &TALLY_REC) + 1, sizeof(*o.list));
	CHECK(o.list, "memory for the obligors");
	TAB_FOR(tally, y, s, &TALLY_REC, "=/")
		if (strcmp(y->currency, currency) == 0)
			str_copy(o.list[o.count++].key, sizeof(o.list[0].key), str_of(y->id));
	if (!count_owings(s, currency, &o))
		holds = differs(why, "an obligor without a running sum", 0, 1);
	for (size_t i = 0; holds && i < o.count; i++) {
		const struct tally *y = tab_get(s, &TALLY_REC, o.list[i].key);
		if (y->notes != o.list[i].notes)
			holds = differs(why, y->id, y->notes, o.list[i].notes);
		else if (y->debt != o.list[i].debt)
			holds = differs(why, y->id, y->debt, o.list[i].debt);
	}
	free(o.list);
	return holds;
}

/* --- postings --------------------------------------------------------------------------------------------------------------- */
/* CT-1 and CT-7 from the journals, and the bank account's movements by day. */
static bool journals_hold(const struct tabs *s, const char *key, const char *book, const char *currency, char why[160])
{
	struct total out[TOTALS_COUNT];
	char prefix[48];
	int64_t by_day = 0, bank = book_balance(s, book, 1000, currency);
	totals_compute(s, book, currency, out);
	if (!out[0].holds || !out[6].holds) {
		const struct total *t = out[0].holds ? &out[6] : &out[0];
		return differs(why, t->name, t->left, t->right);
	}
	snprintf(prefix, sizeof(prefix), "%.20s/day/", key);
	TAB_FOR(tally, y, s, &TALLY_REC, prefix)
		by_day += y->bank;
	return by_day == bank || differs(why, "movements of the bank account by day", by_day, bank);
}

bool totals_tally_holds(const struct tabs *s, const char *book, const char *currency, char why[160])
{
	char key[48];
	why[0] = '\0';
	snprintf(key, sizeof(key), "%.15s/%.3s", book, currency);
	return deals_hold(s, key, book, currency, why) && notes_hold(s, currency, why) && journals_hold(s, key, book, currency, why);
}
