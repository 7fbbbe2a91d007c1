/* What the bank says: an ISO 20022 message becomes what it means for payments, deals and the book.
 *
 * A payment is found by its EndToEndId or UETR; its process hears the bank's word as it would hear an answered effect. A receipt is
 * found by the deal, invoice or payer that it names. What nobody can place goes to suspense (1150) and becomes a case.
 *
 * Must remain true: a bank is heard of the accounts that it keeps and of payments that it was asked for; one message, one statement
 * under its number, and one entry of it, counts once; money that moved at the bank is on the book, in suspense if nobody can place it;
 * money whose payer is not the debtor never reaches the deal (the contract sees to that); the closing balance of the last statement is
 * what CT-3 is held against. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/json.h"
#include "base/money.h"
#include "contract/totals.h"
#include "engine/bank_order.h"
#include "feed/iso20022.h"

struct posting_of {
	struct turn *t;
	struct engine *e;
	const struct iso_message *m;
	int64_t matched, suspense;
	bool *known; /* of each statement: told before */
	bool *fresh; /* of each entry: not told before */
};

static const struct party *party_by_account(const struct tabs *s, const char *account)
{
	TAB_FOR(party, p, s, &PARTY_REC, "")
		if (account[0] && strcmp(p->iban, account) == 0)
			return p;
	return NULL;
}

/* Whose account of a bank it is: the policy's "bank.account.BOOK/CUR", or the one that a funder is registered with. "" nobody's. */
static void book_by_account(const struct tabs *s, const char *account, char book[16])
{
	const struct party *p = party_by_account(s, account);
	str_copy(book, 16, str_of(p && p->kind == PARTY_FND ? p->id : ""));
	TAB_FOR(param, q, s, &PARAM_REC, "bank.account.") {
		struct str rest = str_of(q->id + strlen("bank.account."));
		if (account[0] && strcmp(q->text, account) == 0)
			str_copy(book, 16, str_cut(&rest, '/'));
	}
}

/* The book that a statement is of; the ledger's own for an account that nobody registered. */
static const char *book_of(const struct posting_of *x, const struct iso_entry *i)
{
	char book[16] = "";
	if (i->statement >= 0)
		book_by_account(x->t->tabs, x->m->statements[i->statement].account, book);
	return book[0] ? str_dup(x->t->scratch, str_of(book)) : engine_meta(x->e)->book;
}

/* A statement or notification is of an account that this bank keeps: of the book that is registered with it, else of the ledger's own. */
static enum refusal accounts_kept(struct posting_of *x)
{
	for (size_t i = 0; i < x->m->statement_count; i++) {
		char book[16];
		const char *account = x->m->statements[i].account;
		book_by_account(x->t->tabs, account, book);
		const char *of = book[0] ? book : engine_meta(x->e)->book;
		const struct party *bank = bank_of(x->t->tabs, of);
		if (!bank || strcmp(bank->id, x->t->actor_party) != 0)
			return turn_refuse(x->t, REFUSED_ROLE, "%s keeps no account of %s, %s does: what it says of \"%.34s\" counts nothing",
				x->t->actor_party, of, bank ? bank->id : "nobody", account);
	}
	return REFUSED_NOT;
}

static const struct payment *payment_of(const struct tabs *s, const struct iso_entry *i)
{
	const struct payment *p = i->end_to_end[0] ? tab_get(s, &PAYMENT_REC, i->end_to_end) : NULL;
	if (p || !i->uetr[0])
		return p;
	for (const struct transfer *f = tab_prev(s, &TRANSFER_REC, NULL); f; f = tab_prev(s, &TRANSFER_REC, f->id))
		if (strcmp(f->uetr, i->uetr) == 0)
			return tab_get(s, &PAYMENT_REC, f->id);
	return NULL;
}

/* The newest effect of a kind that the deal sent, or that it still waits for an answer to. */
static const struct effect *effect_newest(const struct tabs *s, const char *deal, const char *kind, bool open)
{
	const struct effect *newest = NULL;
	for (const struct effect *e = tab_by(s, &EFFECT_REC, deal, ""); e; e = tab_by(s, &EFFECT_REC, deal, e->id))
		if (strcmp(e->kind, kind) == 0 && !(open && (e->state == EFFECT_ANSWERED || e->state == EFFECT_FAILED)))
			newest = e;
	return newest;
}

/* {"amount":"1.00","payer":…}: members that are "" are left out. */
struct said {
	const char *name, *value;
};

static struct str data_of(struct turn *t, const struct said *said, size_t count, bool executed)
{
	struct buf out = { 0 };
	struct json_writer *w = json_write_begin(&out, false);
	json_write_open(w, '{');
	if (executed) {
		json_write_key(w, STR("executed"));
		json_write_bool(w, true);
	}
	for (size_t i = 0; i < count; i++) {
		if (!said[i].value[0])
			continue;
		json_write_key(w, str_of(said[i].name));
		json_write_str(w, str_of(said[i].value));
	}
	json_write_close(w, '}');
	json_write_end(w);
	const char *kept = str_dup(t->scratch, buf_view(&out));
	buf_free(&out);
	return str_of(kept);
}

static void answer_payment(struct posting_of *x, const struct payment *p, const struct iso_entry *i, bool executed)
{
	const struct effect *e = effect_newest(x->t->tabs, p->deal, "bank.pay", true);
	const char *code = i->code[0] ? i->code : "RJCT";
	struct said words[] = { { "payment", p->id }, { "code", executed ? "" : code } };
	struct str data = data_of(x->t, words, 2, executed);
	char id[ID_MAX];
	if (!e)
		return;
	memcpy(id, e->id, sizeof(id));
	x->matched += effect_reply(x->t, &x->e->workflow, id, executed ? "ok" : "payment-rejected", data) == REFUSED_NOT;
}

/* A payment besides the one that funds its deal: margin back, a refund, the rest of a holdback (recovery.lua). */
static bool beside(const struct tabs *s, const struct payment *p)
{
	const struct deal *d = tab_get(s, &DEAL_REC, p->deal);
	return d && strcmp(d->payment, p->id) != 0;
}

/* Another bank than the one that was asked to pay says nothing of the payment. */
static bool another_bank(const struct turn *t, const struct payment *p)
{
	const struct effect *e = effect_newest(t->tabs, p->deal, beside(t->tabs, p) ? "bank.order" : "bank.pay", false);
	if (e)
		return e->party[0] && strcmp(e->party, t->actor_party) != 0;
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, p->deal);
	const struct party *bank = bank_of(t->tabs, d ? d->funder : "");
	return !bank || strcmp(bank->id, t->actor_party) != 0;
}

static void to_suspense(struct posting_of *x, const struct iso_entry *i, const char *payer);

/* What the bank says moved is not what we ordered: it is on the book, and somebody has to look. */
static void differs(struct posting_of *x, const struct iso_entry *i, const char *id, const char *deal, const char *code)
{
	char text[MONEY_TEXT_MAX];
	turn_news(x->t, NEWS_DANGER, "", deal, "the bank says %s %s for payment %s, which is not its amount or not the first time",
		money_format(i->amount, i->currency, ',', text), i->currency, id);
	turn_signal(x->t, (struct signal){ .kind = SIGNAL_EVENT, .subject = id, .deal = deal, .code = code });
	if (i->statement >= 0)
		to_suspense(x, i, i->payer_account);
}

/* The bank's reference under which a payment was debited; another one later is a second debit. */
static bool debited_twice(struct turn *t, const struct payment *p, const struct iso_entry *i)
{
	struct statement st;
	if (i->what != ISO_DEBIT || i->statement < 0 || !i->ref[0])
		return false;
	memset(&st, 0, sizeof(st));
	snprintf(st.id, sizeof(st.id), "debit/%.40s", p->id);
	const struct statement *found = tab_get(t->tabs, &STATEMENT_REC, st.id);
	if (found)
		return strcmp(found->account, i->ref) != 0;
	memcpy(st.account, i->ref, sizeof(st.account));
	memcpy(st.currency, i->currency, sizeof(st.currency));
	st.entry = (int64_t)t->number;
	st.at = t->stamp;
	tab_put(t->tabs, &STATEMENT_REC, &st);
	return false;
}

static bool amount_fits(const struct payment *p, const struct iso_entry *i)
{
	bool status = i->what == ISO_EXECUTED || i->what == ISO_REJECTED;
	return status || (i->amount - i->charges == p->amount && strcmp(i->currency, p->currency) == 0);
}

/* What the bank took beside a payment, or off a credit. */
static void hear_charges(struct posting_of *x, const struct iso_entry *i)
{
	struct iso_entry charge = *i;
	charge.amount = i->charges;
	charge.what = ISO_DEBIT;
	snprintf(charge.text, sizeof(charge.text), "charges of %.36s", i->end_to_end);
	to_suspense(x, &charge, "");
}

/* --- returns ---------------------------------------------------------------------------------------------------------- */
/* A return is told by a message of the bank (pacs.004) and by the credit of a statement or notification, by each once; what was told
 * stands in record statement "return/PAYMENT": entries who told it, closing what came. */
enum { BY_MESSAGE = 1, BY_STATEMENT = 2 };

static void return_record(struct turn *t, const struct payment *p, const struct iso_entry *i, const struct statement *found, int by)
{
	struct statement st;
	memset(&st, 0, sizeof(st));
	if (found)
		st = *found;
	else
		snprintf(st.id, sizeof(st.id), "return/%.40s", p->id);
	st.entries |= by;
	st.closing = found ? st.closing : i->amount;
	memcpy(st.currency, i->currency, sizeof(st.currency));
	st.entry = (int64_t)t->number;
	st.at = t->stamp;
	tab_put(t->tabs, &STATEMENT_REC, &st);
}

/* Told before, in another way: the statement's word is what moved, so what it says more or less is on the book too. */
static void confirm_return(struct posting_of *x, const struct payment *p, const struct iso_entry *i, const struct statement *found, int by)
{
	struct iso_entry rest = *i;
	int64_t told = found ? found->closing : p->amount;
	char id[sizeof(p->id)];
	memcpy(id, p->id, sizeof(id));
	return_record(x->t, p, i, found, by);
	x->matched++;
	if (i->amount == told)
		return;
	rest.statement = -1;
	differs(x, &rest, id, "", "bank-differs"); /* a case of its own beside that of the return */
	rest.statement = i->statement;
	rest.what = i->amount < told ? ISO_DEBIT : ISO_CREDIT;
	rest.amount = i->amount < told ? told - i->amount : i->amount - told;
	snprintf(rest.text, sizeof(rest.text), "return of %.36s told otherwise", id);
	to_suspense(x, &rest, "");
}

/* Names what did not come back; the contract books it. */
static void came_short(struct posting_of *x, const struct payment *p, const struct iso_entry *i)
{
	char paid[MONEY_TEXT_MAX], kept[MONEY_TEXT_MAX], said[MONEY_TEXT_MAX], why[176];
	snprintf(why, sizeof(why), "%s %.3s of %s did not come back; the bank names %s as charges. Ask it back or bear it",
		money_format(p->amount - i->amount, i->currency, ',', kept), i->currency, money_format(p->amount, i->currency, ',', paid),
		money_format(i->charges, i->currency, ',', said));
	turn_signal(x->t, (struct signal){ .kind = SIGNAL_EVENT, .subject = p->id, .code = "return-short", .text = why });
}

/* Money of a payment that came back, whole or less what agents on its way kept: the deal hears what came; the contract books the rest.
 * More than was paid, a payment that is not out, or a second return is nobody's: it is held. */
static void hear_return(struct posting_of *x, const struct payment *p, const struct iso_entry *i)
{
	int by = i->statement >= 0 ? BY_STATEMENT : BY_MESSAGE;
	char name[64], came[MONEY_TEXT_MAX];
	snprintf(name, sizeof(name), "return/%.40s", p->id);
	const struct statement *found = tab_get(x->t->tabs, &STATEMENT_REC, name);
	bool out = p->state == PAYMENT_EXECUTED || p->state == PAYMENT_RETURNED, fits = strcmp(i->currency, p->currency) == 0;
	if (!out || !fits || i->amount <= 0 || i->amount > p->amount || (found && (found->entries & by)) || beside(x->t->tabs, p)) {
		char id[sizeof(p->id)], deal[sizeof(p->deal)];
		memcpy(id, p->id, sizeof(id));
		memcpy(deal, p->deal, sizeof(deal));
		differs(x, i, id, deal, "bank-differs");
		return;
	}
	if (found || p->state == PAYMENT_RETURNED) {
		confirm_return(x, p, i, found, by);
		return;
	}
	struct said words[] = { { "payment", p->id }, { "code", i->code[0] ? i->code : "MS03" }, /* ISO 20022: the agent gives no reason */
		{ "came", money_format(i->amount, i->currency, 0, came) } };
	struct str data = data_of(x->t, words, sizeof(words) / sizeof(words[0]), false);
	char deal[sizeof(p->deal)];
	memcpy(deal, p->deal, sizeof(deal));
	if (i->amount < p->amount)
		came_short(x, p, i);
	return_record(x->t, p, i, NULL, by);
	x->matched++;
	workflow_message(x->t, &x->e->workflow, "payment.returned", deal, data);
}

/* A debit, a status or a return of a payment that we made. What is known already is done with. False: another bank was asked for it,
 * so this one says nothing of it; money that it booked is held. */
static bool hear_payment(struct posting_of *x, const struct payment *p, const struct iso_entry *i)
{
	struct said words[] = { { "payment", p->id }, { "code", i->code[0] ? i->code : "MS03" } };
	char deal[sizeof(p->deal)], id[sizeof(p->id)];
	memcpy(deal, p->deal, sizeof(deal));
	memcpy(id, p->id, sizeof(id));
	if (another_bank(x->t, p)) {
		turn_news(x->t, NEWS_DANGER, "", deal, "%s speaks of payment %s, which another bank was asked for", x->t->actor_party, id);
		if (i->statement >= 0)
			to_suspense(x, i, i->payer_account);
		return false;
	}
	if (i->what == ISO_RETURN) {
		hear_return(x, p, i);
		return true;
	}
	if (!amount_fits(p, i)) {
		differs(x, i, id, deal, "bank-differs");
		return true;
	}
	if (debited_twice(x->t, p, i)) {
		differs(x, i, id, deal, "paid-twice");
		return true;
	}
	if (p->state == PAYMENT_RELEASED && beside(x->t->tabs, p)) {
		bool paid = i->what == ISO_DEBIT || i->what == ISO_EXECUTED;
		x->matched += contract_call(x->t, x->e->contracts, paid ? "recovery.paid" : "recovery.unpaid", deal, data_of(x->t, words, 2, false), NULL)
			== REFUSED_NOT;
	} else if (p->state == PAYMENT_RELEASED) {
		answer_payment(x, p, i, i->what == ISO_DEBIT || i->what == ISO_EXECUTED);
	} else {
		x->matched++;
	}
	if (i->what == ISO_REJECTED)
		export_freed(x->t, id);
	if (i->charges)
		hear_charges(x, i);
	return true;
}

/* A transaction's own status goes before that of its order or batch. */
static bool has_own_status(const struct posting_of *x, const char *payment)
{
	const struct transfer *f = tab_get(x->t->tabs, &TRANSFER_REC, payment);
	for (size_t k = 0; x->m->kind == ISO_PAIN_002 && k < x->m->count; k++) {
		const struct iso_entry *e = &x->m->entries[k];
		if (!e->whole && (strcmp(e->end_to_end, payment) == 0 || (f && f->uetr[0] && strcmp(e->uetr, f->uetr) == 0)))
			return true;
	}
	return false;
}

/* What the bank says of an order, or of a batch that it booked in one sum: it says it of each payment in it. */
static void hear_order(struct posting_of *x, const struct bank_order *o, const struct iso_entry *i)
{
	bool status = i->what == ISO_EXECUTED || i->what == ISO_REJECTED;
	struct str rest = str_of(str_dup(x->t->scratch, blob_str(o->payments)));
	bool heard = false, moved = i->what == ISO_DEBIT || i->what == ISO_RETURN;
	int64_t sum = i->what == ISO_DEBIT ? i->amount - i->charges : i->amount;
	if (!status && (!moved || sum != o->sum || strcmp(i->currency, o->currency) != 0)) {
		differs(x, i, o->id, "", "bank-differs");
		return;
	}
	while (rest.len) {
		struct iso_entry one = *i;
		str_copy(one.end_to_end, sizeof(one.end_to_end), str_cut(&rest, '\n'));
		const struct payment *p = tab_get(x->t->tabs, &PAYMENT_REC, one.end_to_end);
		if (status && has_own_status(x, one.end_to_end))
			continue;
		one.amount = p ? p->amount : 0;
		one.charges = 0;
		heard = (p && hear_payment(x, p, &one)) || heard;
	}
	if (i->what == ISO_REJECTED && heard)
		export_rejected(x->t, o->id, i->code);
	if (i->what == ISO_DEBIT && i->charges)
		hear_charges(x, i);
}

/* The deal that a receipt names: by its id, its invoice's number or id, or as the only open one of that payer and amount. */
static const struct deal *deal_of(const struct posting_of *x, const struct iso_entry *i, const char *payer)
{
	const struct tabs *s = x->t->tabs;
	const char *names[] = { i->text, i->end_to_end };
	const struct deal *only = NULL;
	for (int k = 0; k < 2; k++) {
		const struct deal *d = names[k][0] && strlen(names[k]) < ID_MAX ? tab_get(s, &DEAL_REC, names[k]) : NULL;
		if (d)
			return d;
		TAB_FOR(invoice, v, s, &INVOICE_REC, "")
			if (names[k][0] && (strcmp(v->id, names[k]) == 0 || strcmp(v->number, names[k]) == 0) && tab_get(s, &DEAL_REC, v->deal))
				return tab_get(s, &DEAL_REC, v->deal);
	}
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		const char *debtor = d->kind == DEAL_RECEIVABLES ? d->obligor : d->party;
		if (!payer[0] || strcmp(debtor, payer) != 0 || !deal_state_paid(d->state) || d->principal + d->accrued != i->amount)
			continue;
		if (only)
			return NULL;
		only = d;
	}
	return only;
}

/* Of money that a message tells beside the statements (pacs.004) only the case: the statement books it. Money that the book cannot take
 * is a case too; entries of nothing are none. */
static void to_suspense(struct posting_of *x, const struct iso_entry *i, const char *payer)
{
	char text[MONEY_TEXT_MAX], why[TURN_DETAIL_MAX];
	struct said words[] = { { "amount", money_format(i->amount, i->currency, 0, text) }, { "currency", i->currency },
		{ "payer", payer }, { "reference", i->text }, { "book", book_of(x, i) } };
	const char *call = i->what == ISO_DEBIT ? "settlement.charge" : "settlement.receipt";
	bool tells = i->statement >= 0;
	if (tells && i->amount <= 0)
		return;
	bool booked = tells && contract_call(x->t, x->e->contracts, call, "", data_of(x->t, words, 5, false), NULL) == REFUSED_NOT;
	x->suspense += booked;
	if (tells && !booked)
		snprintf(why, sizeof(why), "not booked: %.200s", x->t->detail);
	turn_signal(x->t, (struct signal){ .kind = SIGNAL_EVENT, .subject = i->ref[0] ? i->ref : x->m->id, .code = "receipt-unidentified",
		.text = booked ? "the bank's entry names no payment and no deal: it stays in suspense"
			: tells ? why : "the bank's message names no payment: the statement with its money books it" });
}

static void hear_receipt(struct posting_of *x, const struct iso_entry *i)
{
	const struct party *p = party_by_account(x->t->tabs, i->payer_account);
	char text[MONEY_TEXT_MAX], who[40];
	snprintf(who, sizeof(who), "%.39s", p ? p->id : i->payer_account[0] ? i->payer_account : "unknown");
	const struct deal *d = deal_of(x, i, p ? p->id : "");
	struct receipt_told told = { .deal = d ? d->id : "", .payer = p ? p->id : "", .reference = i->text[0] ? i->text : i->end_to_end,
		.currency = i->currency, .amount = i->amount, .day = i->value_day, .statement = true };
	if (receipt_told_before(x->t, &told)) {
		x->matched++;
		return;
	}
	if (!d || !deal_state_paid(d->state) || strcmp(d->currency, i->currency) != 0) {
		to_suspense(x, i, who);
		return;
	}
	struct said words[] = { { "amount", money_format(i->amount, i->currency, 0, text) }, { "payer", who }, { "reference", i->text } };
	struct str data = data_of(x->t, words, 3, false);
	const struct effect *margin = d->state == DEAL_MARGIN_CALL ? effect_newest(x->t->tabs, d->id, "margin.demand", true) : NULL;
	char id[ID_MAX], deal[ID_MAX];
	memcpy(deal, d->id, sizeof(deal));
	x->matched++;
	if (!margin)
		receipt_tell(x->t, &told);
	if (margin) {
		memcpy(id, margin->id, sizeof(id));
		effect_reply(x->t, &x->e->workflow, id, "ok", data);
	} else {
		workflow_message(x->t, &x->e->workflow, d->kind == DEAL_RECEIVABLES ? "obligor.paid" : "borrower.paid", deal, data);
	}
}

/* Statements repeat what notifications said: an entry is known by the bank's reference, or by what it is and its place among its like.
 * What a message tells beside them (pacs.004) is known apart: its statement may bear the same reference and books it. */
static bool entry_is_new(struct posting_of *x, const struct iso_entry *i, size_t at)
{
	struct statement st;
	const struct iso_entry *all = x->m->entries;
	const char *kind = i->statement >= 0 ? "ref" : "rtr";
	int like = 0;
	memset(&st, 0, sizeof(st));
	if (i->ref[0]) {
		snprintf(st.id, sizeof(st.id), "%s/%.15s/%.35s/%d", kind, x->t->actor_party, i->ref, i->what == ISO_DEBIT);
	} else {
		struct buf b = { 0 };
		char hex[HASH_HEX_MAX];
		for (size_t k = 0; k < at; k++)
			like += all[k].what == i->what && all[k].amount == i->amount && all[k].value_day == i->value_day
				&& strcmp(all[k].end_to_end, i->end_to_end) == 0 && strcmp(all[k].payer_account, i->payer_account) == 0;
		buf_printf(&b, "%d/%lld/%lld/%s/%s", i->what, (long long)i->amount, (long long)i->value_day, i->end_to_end, i->payer_account);
		struct hash h = hash_of(b.ptr, b.len);
		buf_free(&b);
		snprintf(st.id, sizeof(st.id), "%s/%.15s/=%.32s/%d", kind, x->t->actor_party, hex_of(h.bytes, HASH_SIZE, hex), like);
	}
	if (tab_get(x->t->tabs, &STATEMENT_REC, st.id))
		return false;
	memcpy(st.currency, i->currency, sizeof(st.currency));
	st.entry = (int64_t)x->t->number;
	st.at = x->t->stamp;
	tab_put(x->t->tabs, &STATEMENT_REC, &st);
	return true;
}

/* Details of an entry that share a reference are new or known with the first of them. */
static bool told_first(struct posting_of *x, size_t at)
{
	size_t part = x->m->entries[at].part;
	x->fresh[at] = part ? x->fresh[at - part] : entry_is_new(x, &x->m->entries[at], at);
	return x->fresh[at];
}

static void hear_entry(struct posting_of *x, size_t at)
{
	const struct iso_entry *i = &x->m->entries[at];
	bool money = i->what == ISO_DEBIT || i->what == ISO_CREDIT || i->what == ISO_RETURN;
	bool taken_back = i->reversal && i->what == ISO_DEBIT; /* a credit of before: no debit of ours, whatever it names */
	const struct payment *p = taken_back ? NULL : payment_of(x->t->tabs, i);
	const struct bank_order *o = i->whole ? tab_get(x->t->tabs, &BANK_ORDER_REC, i->end_to_end) : NULL;
	if (i->what == ISO_WAITS || (i->statement >= 0 && x->known[i->statement]) || (money && !told_first(x, at)))
		return;
	if (o)
		hear_order(x, o, i);
	else if (p && i->what != ISO_CREDIT)
		hear_payment(x, p, i);
	else if (i->what == ISO_CREDIT)
		hear_receipt(x, i);
	else if (money)
		to_suspense(x, i, i->payer_account);
	if (i->charges && i->statement >= 0 && (i->what == ISO_CREDIT || i->what == ISO_RETURN))
		hear_charges(x, i);
}

/* --- statements: one number, one content, no gaps ---------------------------------------------------------------------- */
/* Statements of one account follow each other: a number left out, or an opening balance that is not the closing one before, is a case. */
static void statement_follows(struct turn *t, const struct iso_statement *s)
{
	struct statement st;
	char why[112];
	memset(&st, 0, sizeof(st));
	snprintf(st.id, sizeof(st.id), "seq/%.15s/%.35s/%.3s", t->actor_party, s->account, s->currency);
	const struct statement *last = tab_get(t->tabs, &STATEMENT_REC, st.id);
	if (!s->sequence || !s->last)
		return;
	bool year = last && instant_civil_of_day(last->closing_day).year == instant_civil_of_day(s->closing_day).year; /* numbers begin anew */
	if (last && year && s->sequence > last->entries + 1)
		snprintf(why, sizeof(why), "statement %lld of %.35s came after %lld", (long long)s->sequence, s->account, (long long)last->entries);
	else if (last && s->sequence == last->entries + 1 && s->opens && s->page == 1 && s->opening != last->closing)
		snprintf(why, sizeof(why), "statement %lld of %.35s does not open with what %lld closed with", (long long)s->sequence, s->account,
			(long long)last->entries);
	else
		why[0] = '\0';
	if (why[0])
		turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = s->id, .code = "statement-gap", .text = why });
	if (!s->closes || (last && s->closing_day < last->closing_day))
		return;
	memcpy(st.currency, s->currency, sizeof(st.currency));
	st.closing = s->closing;
	st.closing_day = s->closing_day;
	st.entries = s->sequence;
	st.entry = (int64_t)t->number;
	st.at = t->stamp;
	tab_put(t->tabs, &STATEMENT_REC, &st);
}

/* The same statement again, in whatever message, says nothing new; another one under its number is refused. */
static enum refusal statement_new(struct posting_of *x, const struct iso_statement *s, bool *known)
{
	struct turn *t = x->t;
	struct statement st;
	char name[120], hex[HASH_HEX_MAX];
	memset(&st, 0, sizeof(st));
	snprintf(name, sizeof(name), "%s\n%s\n%lld", s->account, s->id, (long long)s->page);
	struct hash h = hash_of(name, strlen(name));
	snprintf(st.id, sizeof(st.id), "stmt/%.15s/%.32s", t->actor_party, hex_of(h.bytes, HASH_SIZE, hex));
	const struct statement *found = tab_get(t->tabs, &STATEMENT_REC, st.id);
	*known = found != NULL;
	if (found)
		return hash_eq(&found->digest, &s->digest) ? REFUSED_NOT : turn_refuse(t, REFUSED_IDEMPOTENCY_CONFLICT,
			"statement %s of %s came with entry %lld and says something else there", s->id, s->account, (long long)found->entry);
	st.digest = s->digest;
	st.entry = (int64_t)t->number;
	st.at = t->stamp;
	memcpy(st.account, s->account, sizeof(st.account));
	tab_put(t->tabs, &STATEMENT_REC, &st);
	statement_follows(t, s);
	return REFUSED_NOT;
}

/* An account that nobody registered is taken for the ledger's own book only as long as that has no account of its own. */
static bool account_of_nobody(const struct posting_of *x, const struct iso_statement *s)
{
	char book[16], name[48];
	const char *own = engine_meta(x->e)->book;
	const struct party *p = tab_get(x->t->tabs, &PARTY_REC, own);
	book_by_account(x->t->tabs, s->account, book);
	snprintf(name, sizeof(name), "bank.account.%.15s/", own);
	bool has = p && p->iban[0];
	TAB_FOR(param, q, x->t->tabs, &PARAM_REC, name)
		has = has || q->text[0];
	return !book[0] && has;
}

static enum refusal statements_check(struct posting_of *x)
{
	x->known = arena_zero(x->t->scratch, x->m->statement_count + 1);
	for (size_t i = 0; i < x->m->statement_count; i++) {
		const struct iso_statement *s = &x->m->statements[i];
		if (account_of_nobody(x, s))
			return turn_refuse(x->t, REFUSED_VALUE, "account %s is nobody's here: register it or set the policy's bank.account.BOOK/CUR", s->account);
		enum refusal r = x->m->kind == ISO_CAMT_053 ? statement_new(x, s, &x->known[i]) : REFUSED_NOT;
		if (r != REFUSED_NOT)
			return r;
	}
	return REFUSED_NOT;
}

/* The closing balance is what CT-3 is held against, when it is not older than the one before. */
static void hear_closing(struct posting_of *x, const struct iso_statement *s)
{
	char book[16];
	struct statement st;
	book_by_account(x->t->tabs, s->account, book);
	if (!s->closes || !book[0])
		return;
	const struct statement *last = statement_last(x->t->tabs, book, s->currency);
	if (last && last->closing_day > s->closing_day)
		return;
	memset(&st, 0, sizeof(st));
	snprintf(st.id, sizeof(st.id), "last/%.15s/%.3s", book, s->currency);
	memcpy(st.account, s->account, sizeof(st.account));
	memcpy(st.currency, s->currency, sizeof(st.currency));
	st.closing = s->closing;
	st.closing_day = s->closing_day;
	st.entry = (int64_t)x->t->number;
	st.at = x->t->stamp;
	tab_put(x->t->tabs, &STATEMENT_REC, &st);
}

/* The same MsgId of the same bank: the first one counts. */
static enum refusal message_new(struct turn *t, const struct iso_message *m, struct str xml, struct statement *st)
{
	memset(st, 0, sizeof(*st));
	snprintf(st->id, sizeof(st->id), "msg/%.15s/%.35s", t->actor_party, m->id);
	st->digest = hash_of(xml.ptr, xml.len);
	st->entry = (int64_t)t->number;
	st->at = t->stamp;
	st->entries = (int64_t)m->count;
	const struct statement *found = tab_get(t->tabs, &STATEMENT_REC, st->id);
	if (!found)
		return REFUSED_NOT;
	return turn_refuse(t, hash_eq(&found->digest, &st->digest) ? REFUSED_DUPLICATE : REFUSED_IDEMPOTENCY_CONFLICT,
		"message %s of %s is entry %lld", m->id, t->actor_party, (long long)found->entry);
}

enum refusal on_bank_message(struct turn *t, const struct event_in *in)
{
	const struct ev_source *b = in->body;
	const struct party *bank = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	struct posting_of x = { .t = t, .e = in->engine };
	struct iso_message *m;
	struct statement st;
	struct fault fault;
	if (!bank || bank->kind != PARTY_BNK)
		return turn_refuse(t, REFUSED_ROLE, "%s is no bank", t->actor_party);
	if (iso20022_read(t->scratch, blob_str(b->source), &m, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "%.200s", fault.text);
	enum refusal r = message_new(t, m, blob_str(b->source), &st);
	if (r != REFUSED_NOT)
		return r;
	x.m = m;
	r = accounts_kept(&x);
	r = r ? r : statements_check(&x);
	if (r != REFUSED_NOT)
		return r;
	x.fresh = arena_zero(t->scratch, m->count + 1);
	for (size_t i = 0; i < m->count; i++)
		hear_entry(&x, i);
	for (size_t i = 0; i < m->statement_count; i++)
		if (!x.known[i])
			hear_closing(&x, &m->statements[i]);
	st.matched = x.matched;
	st.suspense = x.suspense;
	tab_put(t->tabs, &STATEMENT_REC, &st);
	turn_news(t, NEWS_NOTE, "", "", "%s %s: %zu entries, %lld matched, %lld to suspense", ISO_KIND_NAMES[m->kind], m->id, m->count,
		(long long)x.matched, (long long)x.suspense);
	return REFUSED_NOT;
}
