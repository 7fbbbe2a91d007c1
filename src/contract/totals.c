/* Control totals CT-1 to CT-7 of a book, and the invariants of assets. See contract/totals.h.
 *
 * What each equation takes for its other side, where domain specification §4.3 names things outside the state:
 *  CT-3 the closing balance of the last camt.053 is the record statement "last/BOOK/CUR", or where the bank sends none the policy
 *       parameter "bank.closing.BOOK/CUR" with the day "bank.closing_day.BOOK/CUR"; movements of later value days are added. Without a
 *       statement there is nothing to hold 1000 against, so then only the half that the state
 *       knows is tested: payments in transit (1100) = payments released and not yet executed.
 *  CT-4 runs over the deals of the book; partly redeemed debt is debt less redeemed notes.
 *  CT-6 compares, per deal, "funded" with "its last payment is executed".
 *
 * Must remain true: nothing here changes the state; sums are checked, and one that leaves 64 bits does
 * not hold. */
#include "contract/totals.h"
#include "contract/assets.h"
#include "ledger/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/num.h"

/* --- one deal ------------------------------------------------------------------------------------- */
static bool deal_has_payment_executed(const struct tabs *s, const struct deal *d)
{
	const struct payment *p = d->payment[0] ? tab_get(s, &PAYMENT_REC, d->payment) : NULL;
	return p && p->state == PAYMENT_EXECUTED && !strcmp(p->deal, d->id);
}

static enum refusal totals_uneven(struct turn *t, const struct deal *d, const char *what, int64_t left,
	const char *other, int64_t right)
{
	char a[MONEY_TEXT_MAX], b[MONEY_TEXT_MAX];
	const char *currency = money_decimals(d->currency) >= 0 ? d->currency : "EUR";
	return turn_refuse(t, REFUSED_CONTROL_TOTAL, "%s of %s is %s, %s %s.", what, d->id,
		money_format(left, currency, ',', a), other, money_format(right, currency, ',', b));
}

/* A live receipt is the one of its deal, over its deal's lot, and covers what was counted at most. */
static enum refusal totals_check_receipt(struct turn *t, const struct deal *d)
{
	const struct receipt *r = d->receipt[0] ? tab_get(t->tabs, &RECEIPT_REC, d->receipt) : NULL;
	const struct lot *lot;
	if (!r || !receipt_state_live(r->state))
		return REFUSED_NOT;
	lot = tab_get(t->tabs, &LOT_REC, r->lot);
	if (!lot || strcmp(r->lot, d->lot) || strcmp(lot->deal, d->id) || strcmp(r->deal, d->id))
		return turn_refuse(t, REFUSED_DOUBLE_ASSET, "Receipt %s is not over the lot of %s.", r->id, d->id);
	if (r->quantity > lot->counted) {
		char have[NUM_TEXT_MAX], claims[NUM_TEXT_MAX];
		return turn_refuse(t, REFUSED_SUM_RECEIPTS, "Receipt %s covers %s, counted are %s %s.", r->id,
			num_format_scaled(r->quantity, 3, 0, ',', claims), num_format_scaled(lot->counted, 3, 0, ',', have),
			lot->unit);
	}
	return REFUSED_NOT;
}

enum refusal totals_check_deal(struct turn *t, const char *deal)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, deal);
	int64_t debt, collateral = book_deal_balance(t->tabs, deal, 9100);
	if (!d)
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "There is no deal '%s'.", deal);
	if (!num_add(book_deal_balance(t->tabs, deal, 1200), book_deal_balance(t->tabs, deal, 1210), &debt))
		return turn_refuse(t, REFUSED_OVERFLOW, "The debt of %s leaves 64 bits.", deal);
	if (debt != d->principal)
		return totals_uneven(t, d, "CT-2: 1200 + 1210", debt, "the deal's principal", d->principal);
	if (collateral != d->ev)
		return totals_uneven(t, d, "CT-5: 9100", collateral, "the deal's eligible value", d->ev);
	if (deal_has_payment_executed(t->tabs, d) != deal_state_funded(d->state))
		return turn_refuse(t, REFUSED_CONTROL_TOTAL, "CT-6: %s is %s and its payment is %sexecuted.", d->id,
			deal_state_words(d->state), deal_state_funded(d->state) ? "not " : "");
	return totals_check_receipt(t, d);
}

/* --- a book ----------------------------------------------------------------------------------------- */
struct recount {
	const struct tabs *s;
	const char *book, *currency;
	struct total *out;
	bool over;             /* a sum left 64 bits */
	int64_t net[64];       /* rebuilt, in order of the chart */
	int64_t debit, credit; /* of all postings */
	int64_t since;         /* on 1000 after the day of the statement */
	int64_t closing_day;
};

static void tally_add(struct recount *y, int64_t *sum, int64_t n)
{
	if (!num_add(*sum, n, sum))
		y->over = true;
}

static bool tally_has(const struct recount *y, const struct deal *d)
{
	return d && !strcmp(d->funder, y->book) && !strcmp(d->currency, y->currency);
}

static void tally_set(struct recount *y, int i, const char *name, const char *says, const char *left_of,
	int64_t left, const char *right_of, int64_t right)
{
	y->out[i] = (struct total){ name, says, left_of, right_of, left, right, left == right && !y->over };
	y->over = false;
}

static void tally_journals(struct recount *y)
{
	CHECK(CHART_COUNT <= sizeof(y->net) / sizeof(y->net[0]), "the tally holds the chart");
	TAB_FOR(journal, j, y->s, &JOURNAL_REC, "") {
		char prefix[28];
		if (strcmp(j->book, y->book) || strcmp(j->currency, y->currency))
			continue;
		snprintf(prefix, sizeof(prefix), "%s/", j->id);
		TAB_FOR(posting, p, y->s, &POSTING_REC, prefix) {
			const struct chart_row *row = chart_find((int)p->number);
			CHECK(row, "postings are made to accounts of the chart");
			tally_add(y, &y->debit, p->debit);
			tally_add(y, &y->credit, p->credit);
			tally_add(y, &y->net[row - CHART], p->debit - p->credit);
			if (p->number == 1000 && j->value_day > y->closing_day)
				tally_add(y, &y->since, p->debit - p->credit);
		}
	}
	/* What was rolled up when it left the state; whoever sums postings adds these. */
	TAB_FOR(period, p, y->s, &PERIOD_REC, "") {
		const struct chart_row *row = chart_find((int)p->number);
		if (strcmp(p->book, y->book) || strcmp(p->currency, y->currency))
			continue;
		CHECK(row, "postings are made to accounts of the chart");
		tally_add(y, &y->debit, p->debit);
		tally_add(y, &y->credit, p->credit);
		tally_add(y, &y->net[row - CHART], p->debit - p->credit);
		if (p->number == 1000 && p->last_day > y->closing_day)
			tally_add(y, &y->since, p->debit - p->credit);
	}
}

static void tally_ct1(struct recount *y)
{
	tally_journals(y);
	tally_set(y, 0, "CT-1", "all journals sum to zero", "debits", y->debit, "credits", y->credit);
}

static void tally_ct2(struct recount *y)
{
	int64_t left = 0, right = 0;
	tally_add(y, &left, book_balance(y->s, y->book, 1200, y->currency));
	tally_add(y, &left, book_balance(y->s, y->book, 1210, y->currency));
	TAB_FOR(deal, d, y->s, &DEAL_REC, "")
		if (tally_has(y, d))
			tally_add(y, &right, d->principal);
	tally_set(y, 1, "CT-2", "principal and face are those of the deals", "1200 + 1210", left,
		"deals' principal", right);
}

static void tally_ct3(struct recount *y)
{
	char name[48];
	int64_t transit = 0, bank = book_balance(y->s, y->book, 1000, y->currency), left = bank, right = 0;
	snprintf(name, sizeof(name), "bank.closing.%s/%s", y->book, y->currency);
	const struct param *closing = tab_get(y->s, &PARAM_REC, name);
	const struct statement *last = statement_last(y->s, y->book, y->currency);
	TAB_FOR(payment, p, y->s, &PAYMENT_REC, "") {
		const struct deal *d = p->deal[0] ? tab_get(y->s, &DEAL_REC, p->deal) : NULL;
		if (p->state == PAYMENT_RELEASED && tally_has(y, d))
			tally_add(y, &transit, p->amount);
	}
	tally_add(y, &left, book_balance(y->s, y->book, 1100, y->currency));
	bool told = last || closing;
	tally_add(y, &right, last ? last->closing : closing ? closing->value : bank);
	tally_add(y, &right, told ? y->since : 0);
	tally_add(y, &right, -transit);
	tally_set(y, 2, "CT-3", told ? "the bank's statement agrees" : "payments in transit are those released",
		"1000 + 1100", left, told ? "statement, later movements, less released" : "1000 less released", right);
}

/* Notes against confirmed debt, per obligor; both sides are shown as sums. */
struct obligor_sum {
	char id[16];
	int64_t notes, debt;
};

static struct obligor_sum *obligor_of(struct obligor_sum **list, size_t *count, size_t *cap, const char *id)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*list)[i].id, id))
			return &(*list)[i];
	if (*count == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		*list = realloc(*list, *cap * sizeof(**list));
		CHECK(*list, "memory for the obligors");
	}
	struct obligor_sum *made = &(*list)[(*count)++];
	memset(made, 0, sizeof(*made));
	str_copy(made->id, sizeof(made->id), str_of(id));
	return made;
}

static void tally_ct4(struct recount *y)
{
	struct obligor_sum *list = NULL;
	size_t count = 0, cap = 0;
	int64_t left = 0, right = 0;
	bool even = true;
	TAB_FOR(token_note, n, y->s, &TOKEN_NOTE_REC, "") {
		if (!tally_has(y, tab_get(y->s, &DEAL_REC, n->deal)))
			continue;
		struct obligor_sum *o = obligor_of(&list, &count, &cap, n->obligor);
		if (n->state == NOTE_LIVE || n->state == NOTE_LOCKED || n->state == NOTE_FROZEN)
			tally_add(y, &o->notes, n->amount);
		else if (n->state == NOTE_REDEEMED)
			tally_add(y, &o->debt, -n->amount);
	}
	TAB_FOR(invoice, i, y->s, &INVOICE_REC, "")
		if (i->state >= INVOICE_CONFIRMED && i->state <= INVOICE_REDEEMED
			&& tally_has(y, tab_get(y->s, &DEAL_REC, i->deal)))
			tally_add(y, &obligor_of(&list, &count, &cap, i->debtor)->debt, i->confirmed);
	for (size_t i = 0; i < count; i++) {
		even = even && list[i].notes == list[i].debt;
		tally_add(y, &left, list[i].notes);
		tally_add(y, &right, list[i].debt);
	}
	free(list);
	tally_set(y, 3, "CT-4", "live notes of each obligor are its confirmed, unredeemed debt", "live notes", left,
		"confirmed, unredeemed debt", right);
	y->out[3].holds = y->out[3].holds && even;
}

static void tally_ct5(struct recount *y)
{
	int64_t right = 0;
	TAB_FOR(deal, d, y->s, &DEAL_REC, "")
		if (tally_has(y, d))
			tally_add(y, &right, d->ev);
	tally_set(y, 4, "CT-5", "collateral in the memo accounts is that of the pledged lots", "9100",
		book_balance(y->s, y->book, 9100, y->currency), "eligible value of the deals", right);
}

static void tally_ct6(struct recount *y)
{
	int64_t funded = 0, executed = 0;
	bool even = true;
	TAB_FOR(deal, d, y->s, &DEAL_REC, "") {
		if (!tally_has(y, d))
			continue;
		bool is = deal_state_funded(d->state), has = deal_has_payment_executed(y->s, d);
		funded += is;
		executed += has;
		even = even && is == has;
	}
	tally_set(y, 5, "CT-6", "each funded deal has one confirmed disbursement, and each of those a deal",
		"funded deals", funded, "confirmed disbursements", executed);
	y->out[5].holds = y->out[5].holds && even;
}

static void tally_ct7(struct recount *y)
{
	int64_t rebuilt = 0, stored = 0;
	bool even = true;
	for (size_t i = 0; i < CHART_COUNT; i++) {
		int64_t balance = book_balance(y->s, y->book, CHART[i].number, y->currency);
		even = even && balance == y->net[i];
		tally_add(y, &rebuilt, y->net[i] > 0 ? y->net[i] : 0);
		tally_add(y, &stored, balance > 0 ? balance : 0);
	}
	tally_set(y, 6, "CT-7", "balances rebuilt from the journals are those stored", "debit balances, rebuilt",
		rebuilt, "debit balances, stored", stored);
	y->out[6].holds = y->out[6].holds && even;
}

bool totals_compute(const struct tabs *s, const char *book, const char *currency,
	struct total out[TOTALS_COUNT])
{
	char name[48];
	struct recount y = { .s = s, .book = book, .currency = currency, .out = out };
	bool holds = true;
	snprintf(name, sizeof(name), "bank.closing_day.%s/%s", book, currency);
	const struct statement *last = statement_last(s, book, currency);
	y.closing_day = last ? last->closing_day : policy_int(s, name, 0);
	tally_ct1(&y);
	tally_ct2(&y);
	tally_ct3(&y);
	tally_ct4(&y);
	tally_ct5(&y);
	tally_ct6(&y);
	tally_ct7(&y);
	for (int i = 0; i < TOTALS_COUNT; i++)
		holds = holds && out[i].holds;
	return holds;
}

/* --- assets ------------------------------------------------------------------------------------------- */
/* A live receipt is its deal's own, or one beside it in the owner's hand. */
static bool receipt_placed(const struct deal *d, const struct lot *l, const struct receipt *r)
{
	if (!d || !l || strcmp(l->deal, d->id))
		return false;
	return !strcmp(d->receipt, r->id) || (r->state == RECEIPT_ISSUED && !strcmp(r->controller, l->owner) && strcmp(d->lot, l->id));
}

static int text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool assets_receipts_hold(const struct tabs *s, char why[240])
{
	size_t count = 0;
	const char **lots = calloc(tab_count(s, &RECEIPT_REC) + 1, sizeof(*lots));
	bool holds = true;
	CHECK(lots, "memory for the lots");
	TAB_FOR(receipt, r, s, &RECEIPT_REC, "") {
		const struct lot *l = tab_get(s, &LOT_REC, r->lot);
		if (!receipt_state_live(r->state) || !holds)
			continue;
		lots[count++] = r->lot;
		if (!receipt_placed(tab_get(s, &DEAL_REC, r->deal), l, r))
			holds = (snprintf(why, 240, "Receipt %s is live beside the one of its lot.", r->id), false);
		else if (r->quantity > l->counted)
			holds = (snprintf(why, 240, "Receipt %s covers %lld of %lld counted.", r->id, (long long)r->quantity, (long long)l->counted), false);
	}
	qsort(lots, count, sizeof(*lots), text_order);
	for (size_t i = 1; i < count && holds; i++)
		if (!strcmp(lots[i - 1], lots[i]))
			holds = (snprintf(why, 240, "Two live receipts cover lot %s.", lots[i]), false);
	free(lots);
	return holds;
}

/* Goods are claimed by one live claim, and the deal of a live receipt on goods with a key holds it. */
static bool assets_claims_hold(const struct tabs *s, char why[240])
{
	TAB_FOR(receipt, r, s, &RECEIPT_REC, "") {
		char key[80];
		const struct lot *lot = tab_get(s, &LOT_REC, r->lot);
		if (!receipt_state_live(r->state) || !lot || !lot->asset_key[0])
			continue;
		snprintf(key, sizeof(key), "asset/%s", lot->asset_key);
		const struct claim *c = tab_get(s, &CLAIM_REC, key);
		if (c && strcmp(c->deal, r->deal))
			return snprintf(why, 240, "Goods %s back receipt %s and the claim of %s.", lot->asset_key, r->id,
				c->deal), false;
	}
	return true;
}

/* Notes of an invoice's deal sum to what was confirmed: domain §3.3, invariant 1. Notes are summed by deal
 * in key order of the deals, so one pass over notes per call is enough. */
struct note_sum {
	const char *deal;
	int64_t amount;
};

static int note_sum_order(const void *a, const void *b)
{
	return strcmp(((const struct note_sum *)a)->deal, ((const struct note_sum *)b)->deal);
}

static bool assets_notes_hold(const struct tabs *s, char why[240])
{
	size_t count = 0, notes = tab_count(s, &TOKEN_NOTE_REC);
	struct note_sum *sums = calloc(notes + 1, sizeof(*sums));
	bool holds = true;
	CHECK(sums, "memory for the notes");
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, "")
		if (n->state != NOTE_CONSUMED && n->state != NOTE_CANCELLED)
			sums[count++] = (struct note_sum){ n->deal, n->amount };
	qsort(sums, count, sizeof(*sums), note_sum_order);
	size_t merged = 0;
	for (size_t i = 0; i < count; i++) {
		if (merged && !strcmp(sums[merged - 1].deal, sums[i].deal))
			sums[merged - 1].amount += sums[i].amount;
		else
			sums[merged++] = sums[i];
	}
	for (size_t i = 0; holds && i < merged; i++) {
		const struct deal *d = tab_get(s, &DEAL_REC, sums[i].deal);
		const struct invoice *v = d ? tab_get(s, &INVOICE_REC, d->invoice) : NULL;
		holds = v && v->state >= INVOICE_CONFIRMED && v->state <= INVOICE_REDEEMED
			&& v->confirmed == sums[i].amount;
		if (!holds)
			snprintf(why, 240, "Notes of %s sum to %lld, confirmed are %lld.", sums[i].deal,
				(long long)sums[i].amount, (long long)(v ? v->confirmed : 0));
	}
	free(sums);
	return holds;
}

bool assets_hold(const struct tabs *s, char why[240])
{
	why[0] = '\0';
	return assets_receipts_hold(s, why) && assets_claims_hold(s, why) && assets_notes_hold(s, why) && assets_tokens_hold(s, why)
		&& assets_documents_hold(s, why) && assets_lots_hold(s, why);
}
