/* Balances, control totals and journals of one book. See engine/view_accounts.h.
 *
 * Must remain true: the net of every account is what the postings say, memo accounts never enter the sums,
 * and the two sums are added here from the rows shown, not taken from a stored total. */
#include "engine/view_accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "contract/totals.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"
#include "view_keep.h"

enum { JOURNALS_LOOKED_AT = 6000 };

uint64_t view_accounts_version(const struct tabs *s)
{
	static const struct rec_type *const read[] = { &ACCOUNT_REC, &JOURNAL_REC, &DEAL_REC, &PAYMENT_REC,
		&TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC, &INVOICE_REC, &PARAM_REC, &TRANSFER_REC, &STATEMENT_REC, &STOP_REC };
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		sum += tabs_version(s, read[i]);
	return sum;
}

static void accounts_row(struct view_accounts *v, const struct chart_row *chart, const struct account *acc)
{
	struct view_account *row = &v->rows[v->count++];
	int64_t net = acc->debit - acc->credit;
	*row = (struct view_account){ .number = chart->number, .name = chart->name, .short_name = chart->short_name,
		.memo = chart->type == ACCOUNT_MEMO, .journals = acc->journals };
	row->debit = net > 0 ? net : 0;
	row->credit = net < 0 ? -net : 0;
	row->credit_side = net < 0 || (net == 0 && (chart->type == ACCOUNT_CONTRA_ASSET || chart->type == ACCOUNT_LIABILITY ||
		chart->type == ACCOUNT_EQUITY || chart->type == ACCOUNT_INCOME));
	row->pending = acc->debit_pending - acc->credit_pending;
	row->waits = acc->debit_pending || acc->credit_pending;
	row->today = acc->today_day == v->day ? acc->today : 0;
	if (!row->memo) {
		v->debit += row->debit;
		v->credit += row->credit;
	}
}

static void accounts_rows(struct view_accounts *v, struct arena *a, const struct tabs *s)
{
	v->rows = arena_zero(a, CHART_COUNT * sizeof(*v->rows));
	v->chart = CHART_COUNT;
	for (size_t i = 0; i < CHART_COUNT; i++) {
		const char *key = arena_printf(a, "%s/%d/%s", v->book, CHART[i].number, v->currency);
		const struct account *acc = tab_get(s, &ACCOUNT_REC, key);
		if (acc && (acc->debit || acc->credit || acc->journals || acc->debit_pending || acc->credit_pending))
			accounts_row(v, &CHART[i], acc);
	}
}

static void journal_lines(const struct tabs *s, const struct journal *j, struct view_journal *out)
{
	char prefix[32];
	snprintf(prefix, sizeof(prefix), "%.30s/", j->id);
	TAB_FOR(posting, p, s, &POSTING_REC, prefix) {
		if (p->debit && out->debits++ < VIEW_ACCOUNT_LINES)
			out->debit[out->debits - 1] = (struct view_journal_line){ (int)p->number, p->debit };
		if (p->credit && out->credits++ < VIEW_ACCOUNT_LINES)
			out->credit[out->credits - 1] = (struct view_journal_line){ (int)p->number, p->credit };
	}
}

static bool journal_touches(const struct view_journal *j, int number)
{
	for (size_t i = 0; i < j->debits && i < VIEW_ACCOUNT_LINES; i++)
		if (j->debit[i].number == number)
			return true;
	for (size_t i = 0; i < j->credits && i < VIEW_ACCOUNT_LINES; i++)
		if (j->credit[i].number == number)
			return true;
	return false;
}

/* Transfers of the account in focus that wait; only when its record says that there are some. */
static void accounts_pending(struct view_accounts *v, struct arena *a, const struct tabs *s)
{
	const char *before = NULL;
	size_t looked = 0;
	for (size_t i = 0; i < v->count; i++)
		if (v->rows[i].number == v->focus && !v->rows[i].waits)
			return;
	while (v->focus && looked++ < JOURNALS_LOOKED_AT && v->journal_count < VIEW_ACCOUNT_JOURNALS / 2) {
		const struct transfer *t = tab_prev(s, &TRANSFER_REC, before);
		if (!t)
			return;
		before = t->id;
		if (t->state != TRANSFER_PENDING || strcmp(t->book, v->book) || strcmp(t->currency, v->currency)
			|| (t->debit != v->focus && t->credit != v->focus))
			continue;
		struct view_journal *j = &v->journals[v->journal_count++];
		*j = (struct view_journal){ .id = keep(a, t->id), .at = t->at, .event = "pending", .memo = keep(a, t->memo), .deal = keep(a, t->deal),
			.pending = true, .debits = 1, .credits = 1 };
		j->debit[0] = (struct view_journal_line){ (int)t->debit, t->amount };
		j->credit[0] = (struct view_journal_line){ (int)t->credit, t->amount };
	}
}

static void accounts_journals(struct view_accounts *v, struct arena *a, const struct tabs *s)
{
	size_t looked = 0;
	const char *before = NULL;
	v->journals = arena_zero(a, VIEW_ACCOUNT_JOURNALS * sizeof(*v->journals));
	accounts_pending(v, a, s);
	while (looked++ < JOURNALS_LOOKED_AT) {
		const struct journal *j = tab_prev(s, &JOURNAL_REC, before);
		if (!j)
			return;
		before = j->id;
		if (strcmp(j->book, v->book) || strcmp(j->currency, v->currency))
			continue;
		bool today = j->value_day == v->day;
		v->journals_today += today;
		if (!today && (!v->focus || v->journal_count == VIEW_ACCOUNT_JOURNALS))
			return;
		if (!v->focus || v->journal_count == VIEW_ACCOUNT_JOURNALS)
			continue;
		struct view_journal row = { .entry = strtoull(j->id, NULL, 10), .at = j->at,
			.mirror = j->mirror_of[0] != '\0', .mirrored = j->mirrored[0] != '\0' };
		journal_lines(s, j, &row);
		if (!journal_touches(&row, v->focus))
			continue;
		row.id = keep(a, j->id);
		row.event = keep(a, j->event);
		row.memo = keep(a, j->memo);
		row.deal = keep(a, j->deal);
		v->journals[v->journal_count++] = row;
	}
}

static void accounts_stops(struct view_accounts *v, struct arena *a, const struct tabs *s)
{
	TAB_FOR(stop, x, s, &STOP_REC, "") {
		bool everybody = strcmp(x->funder, STOP_EVERYBODY) == 0;
		if (x->lifted_at || (!everybody && strcmp(x->funder, v->book) != 0) || v->stop_count++ >= VIEW_ACCOUNT_STOPS)
			continue;
		v->stops[v->stop_count - 1] = (struct view_stop){ keep(a, x->id), keep(a, x->cause), keep(a, x->why), (uint64_t)x->entry, everybody };
	}
}

static bool accounts_open(const struct tabs *s, const char *operator_id, const char *book)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	const struct party *p = o ? tab_get(s, &PARTY_REC, o->party) : NULL;
	return !p || o->role == ROLE_AUD || p->kind == PARTY_REG || (!strcmp(p->id, book) && o->role != ROLE_ADM);
}

struct view_accounts *view_accounts_build(struct arena *a, const struct view_source *src, const char *book,
	const char *currency, int number, const struct total *known)
{
	struct view_accounts *v = arena_zero(a, sizeof(*v));
	const struct tabs *s = src->tabs;
	const struct meta *meta = tab_get(s, &META_REC, "state");
	v->book = keep(a, book[0] || !meta ? book : meta->book);
	v->currency = keep(a, currency[0] || !meta ? currency : meta->currency);
	if (!v->currency[0])
		v->currency = "EUR";
	v->book_name = keep(a, view_party_name(s, v->book));
	v->day = instant_day(src->viewer->now);
	v->entries = src->link ? src->link->next : 0;
	v->focus = number;
	/* The book is its funder's: others see whether it holds, and no figure of it. */
	if (!accounts_open(s, src->viewer->id, v->book)) {
		totals_compute(s, v->book, v->currency, v->totals);
		for (size_t i = 0; i < TOTALS_COUNT; i++) {
			v->holding += v->totals[i].holds;
			v->totals[i].left = v->totals[i].right = 0;
		}
		return v;
	}
	accounts_rows(v, a, s);
	accounts_stops(v, a, s);
	if (known)
		memcpy(v->totals, known, sizeof(v->totals));
	else
		totals_compute(s, v->book, v->currency, v->totals);
	for (size_t i = 0; i < TOTALS_COUNT; i++) {
		v->holding += v->totals[i].holds;
		v->money[i] = i != 5; /* CT-6 counts deals */
	}
	accounts_journals(v, a, s);
	return v;
}
