/* Money for a deal that the bank tells by a message and again by a statement or notification.
 *
 * What was told stands in records statement "paid/DEAL/ENTRY/N" until the other way tells it too: same amount and currency, and the
 * same reference within some days, or, where one of them has none, the same day. Who tells first moves money; the second confirms.
 *
 * Must remain true: each telling confirms one telling of the other way at most, so two payments of the same amount stay two. */
#include "engine_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/json.h"
#include "base/money.h"
#include "contract/totals.h"

#define PREFIX "paid/"

/* In a record: closing is the amount, account the reference, entries 1 by a message and 2 by a statement, matched 1 once confirmed. */
enum { BY_MESSAGE = 1, BY_STATEMENT = 2 };

/* Told with no deal: it is of one that this payer owes. */
static bool of_payer(const struct tabs *s, const struct statement *st, const char *payer)
{
	char deal[ID_MAX];
	struct str rest = str_of(st->id + strlen(PREFIX));
	const struct deal *d = str_copy(deal, sizeof(deal), str_cut(&rest, '/')) ? tab_get(s, &DEAL_REC, deal) : NULL;
	return d && payer[0] && strcmp(d->kind == DEAL_RECEIVABLES ? d->obligor : d->party, payer) == 0;
}

static bool same_receipt(const struct tabs *s, const struct statement *st, const struct receipt_told *r)
{
	bool references = st->account[0] && r->reference[0];
	bool named = references && strcmp(st->account, r->reference) == 0;
	int64_t apart = llabs(st->closing_day - r->day);
	if (st->matched || st->entries == (r->statement ? BY_STATEMENT : BY_MESSAGE) || st->closing != r->amount
		|| strcmp(st->currency, r->currency) != 0)
		return false;
	if (named)
		return apart <= policy_int(s, "bank.match_days", 5);
	/* the text of a statement often names the deal or the invoice where the message has a reference of its own */
	return apart == 0 && (r->deal[0] ? !references || r->statement || st->entries == BY_STATEMENT : of_payer(s, st, r->payer));
}

bool receipt_told_before(struct turn *t, const struct receipt_told *r)
{
	const struct statement *found = NULL;
	char prefix[48];
	snprintf(prefix, sizeof(prefix), r->deal[0] ? PREFIX "%.31s/" : PREFIX, r->deal);
	TAB_FOR(statement, st, t->tabs, &STATEMENT_REC, prefix)
		if (!found && same_receipt(t->tabs, st, r))
			found = st;
	if (!found)
		return false;
	struct statement st = *found;
	char text[MONEY_TEXT_MAX];
	st.matched = 1;
	tab_put(t->tabs, &STATEMENT_REC, &st);
	turn_news(t, NEWS_NOTE, "", r->deal, "the bank confirms %s %s, which entry %lld took in", money_format(r->amount, r->currency, ',', text),
		r->currency, (long long)st.entry);
	return true;
}

void receipt_tell(struct turn *t, const struct receipt_told *r)
{
	struct statement st;
	int n = 0;
	memset(&st, 0, sizeof(st));
	do
		snprintf(st.id, sizeof(st.id), PREFIX "%.31s/%010llu/%d", r->deal, (unsigned long long)t->number, n++);
	while (tab_get(t->tabs, &STATEMENT_REC, st.id));
	str_copy(st.account, sizeof(st.account), str_of(r->reference));
	str_copy(st.currency, sizeof(st.currency), str_of(r->currency));
	st.closing = r->amount;
	st.closing_day = r->day;
	st.entry = (int64_t)t->number;
	st.at = t->stamp;
	st.entries = r->statement ? BY_STATEMENT : BY_MESSAGE;
	tab_put(t->tabs, &STATEMENT_REC, &st);
}

static const char *said(struct turn *t, const struct json *root, const char *name)
{
	const struct json *m = json_get(root, name);
	return m && (m->kind == JSON_STRING || m->kind == JSON_NUMBER) ? str_dup(t->scratch, m->text) : "";
}

bool receipt_message_again(struct turn *t, const struct event_in *in)
{
	const struct ev_data *b = in->body;
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, in->envelope->deal);
	const struct json *root;
	struct fault fault;
	if ((strcmp(b->name, "obligor.paid") != 0 && strcmp(b->name, "borrower.paid") != 0) || !d
		|| turn_json(t, blob_str(b->data), &root, &fault) != ERR_OK)
		return false;
	struct receipt_told r = { .deal = d->id, .payer = said(t, root, "payer"), .reference = said(t, root, "reference"),
		.currency = d->currency, .day = instant_day(t->stamp) };
	if (!money_parse(str_of(said(t, root, "amount")), d->currency, &r.amount))
		return false;
	if (receipt_told_before(t, &r))
		return true;
	receipt_tell(t, &r);
	return false;
}
