/* What a bank says: the tree of a message (iso20022_tree.c) becomes entries and statements. See feed/iso20022.h.
 *
 * Must remain true: what is read has the shape of its message definition (iso20022_shape.c); an id that is kept is whole or its digest,
 * never cut; sums that a message gives are those of its parts. */
#include "iso20022_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"

const char *const ISO_KIND_NAMES[] = { "pain.002", "camt.053", "camt.054", "pacs.004", NULL };

enum { DIGITS_MOST = 18 }; /* of the schema's amounts */

/* --- values ----------------------------------------------------------------------------------------------------------- */
struct reading {
	struct iso_message *m;
	struct fault *fault;
	enum err code;
	size_t cap;
	struct arena *a;
	int64_t booked;   /* of the statement at hand: credits less debits */
	size_t entries;
};

static bool wrong(struct reading *r, enum err code, const char *what, struct str value)
{
	char shown[ISO_SHOWN_MAX];
	if (r->code == ERR_OK) {
		r->code = code;
		fault_set(r->fault, code, 0, 0, "%s %s: %s \"%s\"", ISO_KIND_NAMES[r->m->kind], r->m->id, what, iso20022_shown(value, shown));
	}
	return false;
}

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (str_control(text, i))
			return false;
	return true;
}

enum { DIGEST_DIGITS = 32 };

/* Copies the text under a path; absent is "". Definitions count characters and allow any: an id that has more bytes than its field, or
 * one that a terminal would obey, is "#" and its digest there; one that looks like such a digest is digested too. */
static void take(struct reading *r, const struct node *n, const char *path, char *out, size_t cap)
{
	const struct node *found = iso_at(n, path);
	struct str text = found ? found->text : STR("");
	bool looks = text.len == 1 + DIGEST_DIGITS && text.ptr[0] == '#';
	char hex[HASH_HEX_MAX];
	if (cap >= ISO_ID_MAX && (text.len >= cap || looks || !is_plain(text))) {
		struct hash h = hash_of(text.ptr, text.len);
		snprintf(out, cap, "#%.*s", DIGEST_DIGITS, hex_of(h.bytes, HASH_SIZE, hex));
	} else if (!is_plain(text)) {
		wrong(r, ERR_SYNTAX, "a control character in", str_of(path));
	} else if (!str_copy(out, cap, text)) {
		wrong(r, ERR_LIMIT, path, text);
	}
}

static void take_free(const struct node *n, const char *path, char *out, size_t cap) /* for people: may be cut */
{
	const struct node *found = iso_at(n, path);
	str_copy(out, cap, found ? found->text : STR(""));
	struct str text = str_of(out);
	for (size_t i = 0; i < text.len; i++)
		memset(out + i, ' ', str_control(text, i));
}

/* An amount of the schema, whose zeros before and sign may be missing or not, by the decimals of its currency (ISO 4217). */
static bool take_amount(struct reading *r, const struct node *n, int64_t *amount, char currency[4])
{
	char digits[DIGITS_MOST + 4] = "0";
	if (!n || n->currency.len != 3)
		return wrong(r, ERR_SYNTAX, "an amount without its currency", n ? n->text : STR(""));
	str_copy(currency, 4, n->currency);
	struct str text = n->text;
	while (text.len && strchr("+-0", text.ptr[0])) /* a minus stands before zero only: iso20022_shape.c */
		text = (struct str){ text.ptr + 1, text.len - 1 };
	if (text.len && text.ptr[text.len - 1] == '.')
		text.len--;
	bool point = text.len && text.ptr[0] == '.';
	if (text.len && !str_copy(digits + point, sizeof(digits) - point, text))
		return wrong(r, ERR_SYNTAX, "an amount of more than 18 digits", n->text);
	if (!money_parse(str_of(digits), currency, amount))
		return wrong(r, ERR_SYNTAX, "no amount of its currency", n->text);
	return true;
}

/* A choice of Dt and DtTm, or a plain date; 0 when absent. The day is the one that is written: the bank's, whatever its zone. */
static int64_t take_day(struct reading *r, const struct node *n)
{
	int64_t day = 0;
	const struct node *date = iso_child(n, "Dt"), *time = iso_child(n, "DtTm");
	struct str text = date ? date->text : time ? time->text : n ? n->text : STR("");
	if (n && !(time ? iso20022_date_time(text, &day) : iso20022_date(text, &day)))
		wrong(r, ERR_SYNTAX, "no date", text);
	return day;
}

/* The code of a reason: the first that is given in any of the repeated elements of that name; NARR (the reason is in words) when they
 * give only a proprietary one, "" when they give none. */
static void take_reason(struct reading *r, const struct node *in, const char *name, char *out, size_t cap)
{
	bool words = false;
	for (const struct node *n = iso_child(in, name); n && !out[0]; n = iso_after(n)) {
		take(r, n, "Rsn/Cd", out, cap);
		words = words || iso_at(n, "Rsn/Prtry");
	}
	if (!out[0] && words)
		str_copy(out, cap, STR("NARR"));
}

static struct iso_entry *entry_add(struct reading *r)
{
	struct iso_message *m = r->m;
	if (m->count == ISO_ENTRIES_MAX) {
		wrong(r, ERR_LIMIT, "too many entries", STR(""));
		return arena_zero(r->a, sizeof(struct iso_entry)); /* what is written there is not read */
	}
	if (m->count == r->cap) {
		size_t cap = r->cap ? r->cap * 2 : 16;
		struct iso_entry *more = arena_zero(r->a, cap * sizeof(*more));
		if (m->count)
			memcpy(more, m->entries, m->count * sizeof(*more));
		m->entries = more;
		r->cap = cap;
	}
	struct iso_entry *e = &m->entries[m->count++];
	e->statement = -1;
	return e;
}

/* --- camt.053, camt.054 ----------------------------------------------------------------------------------------------- */
static bool is_credit(const struct node *n, bool absent)
{
	const struct node *ind = iso_child(n, "CdtDbtInd");
	return ind ? str_is(ind->text, "CRDT") : absent;
}

static bool is_true(const struct node *n)
{
	return n && (str_is(n->text, "true") || str_is(n->text, "1"));
}

/* What an entry says of all its details. */
struct entry_facts {
	const struct node *node;
	int64_t whole, value_day;
	int64_t included, charges; /* what is said to be in the amount; that, or the total when no record says what it is in */
	char currency[4], ref[ISO_ID_MAX];
	bool credit, booked, reversal;
};

/* Charges that the bank took out of an amount, in its currency. */
static int64_t charges_of(struct reading *r, const struct node *n, const char *currency)
{
	int64_t sum = 0;
	for (const struct node *c = iso_at(n, "Chrgs/Rcrd"); c && r->code == ERR_OK; c = iso_after(c)) {
		int64_t amount = 0;
		char of[4] = "";
		if (!is_true(iso_child(c, "ChrgInclInd")) || is_credit(c, false) || !take_amount(r, iso_child(c, "Amt"), &amount, of))
			continue;
		if (strcmp(of, currency) == 0 && !num_add(sum, amount, &sum))
			wrong(r, ERR_LIMIT, "charges leave 64 bits", STR(""));
	}
	return sum;
}

static struct iso_entry *detail_add(struct reading *r, const struct entry_facts *f, bool credit)
{
	struct iso_entry *e = entry_add(r);
	e->amount = f->whole;
	memcpy(e->currency, f->currency, 4);
	memcpy(e->ref, f->ref, sizeof(e->ref));
	e->value_day = f->value_day;
	e->reversal = f->reversal;
	e->statement = (int)r->m->statement_count - 1;
	e->what = !f->booked ? ISO_WAITS : credit && f->reversal ? ISO_RETURN : credit ? ISO_CREDIT : ISO_DEBIT;
	return e;
}

/* What a payer says that he pays: the creditor's reference, else the number of a document, else in words, each wherever it stands first. */
static void take_remittance(const struct node *d, char *out, size_t cap)
{
	static const char *const STRUCTURED[] = { "CdtrRefInf/Ref", "RfrdDocInf/Nb" };
	for (size_t i = 0; i < sizeof(STRUCTURED) / sizeof(STRUCTURED[0]); i++)
		for (const struct node *n = iso_at(d, "RmtInf/Strd"); n && !out[0]; n = iso_after(n))
			take_free(n, STRUCTURED[i], out, cap);
	if (!out[0])
		take_free(d, "RmtInf/Ustrd", out, cap);
}

/* One transaction; d is the entry itself when the bank gives no details. */
static void read_detail(struct reading *r, const struct entry_facts *f, const struct node *d)
{
	bool credit = is_credit(d, f->credit);
	struct iso_entry *e = detail_add(r, f, credit);
	const struct node *amount = iso_child(d, "Amt");
	if (amount)
		take_amount(r, amount, &e->amount, e->currency);
	e->charges = credit ? 0 : charges_of(r, d, e->currency);
	if (iso_at(d, "Refs/AcctSvcrRef"))
		take(r, d, "Refs/AcctSvcrRef", e->ref, sizeof(e->ref));
	take(r, d, "Refs/EndToEndId", e->end_to_end, sizeof(e->end_to_end));
	take(r, d, "Refs/UETR", e->uetr, sizeof(e->uetr));
	take_reason(r, d, "RtrInf", e->code, sizeof(e->code));
	take_free(d, iso_at(d, "RltdPties/Dbtr/Pty") ? "RltdPties/Dbtr/Pty/Nm" : "RltdPties/Dbtr/Agt/FinInstnId/Nm", e->payer, sizeof(e->payer));
	take(r, d, iso_at(d, "RltdPties/DbtrAcct/Id/IBAN") ? "RltdPties/DbtrAcct/Id/IBAN" : "RltdPties/DbtrAcct/Id/Othr/Id", e->payer_account,
		sizeof(e->payer_account));
	take_remittance(d, e->text, sizeof(e->text));
	if (e->what == ISO_CREDIT && iso_child(d, "RtrInf"))
		e->what = ISO_RETURN;
}

/* A batch that the bank booked in one sum, without its transactions: the order that it was, by its id. */
static void read_batch(struct reading *r, const struct entry_facts *f, const struct node *batch)
{
	struct iso_entry *e = detail_add(r, f, is_credit(batch, f->credit));
	if (iso_child(batch, "TtlAmt"))
		take_amount(r, iso_child(batch, "TtlAmt"), &e->amount, e->currency);
	else
		e->charges = e->what == ISO_DEBIT ? f->included : 0;
	take(r, batch, iso_child(batch, "PmtInfId") ? "PmtInfId" : "MsgId", e->end_to_end, sizeof(e->end_to_end));
	e->whole = true;
}

/* NtryDtls: transactions, or a batch in one sum. Answers how many entries it gave. */
static size_t read_details(struct reading *r, const struct entry_facts *f, const struct node *details)
{
	const struct node *batch = iso_child(details, "Btch"), *said = batch ? iso_child(batch, "NbOfTxs") : NULL;
	size_t n = 0;
	int64_t count;
	for (const struct node *d = iso_child(details, "TxDtls"); d && r->code == ERR_OK; d = iso_after(d), n++)
		read_detail(r, f, d);
	if (n && said && (!str_to_i64(said->text, &count) || count != (int64_t)n))
		wrong(r, ERR_SYNTAX, "a batch has another number of transactions than it says", said->text);
	if (!n && batch)
		read_batch(r, f, batch);
	return n + (!n && batch);
}

/* Details in another currency than the account's say what the payer sent. What moved is the entry: its only detail bears it, of several
 * nobody knows which part is whose, so the entry stands for them. */
static bool of_another_currency(struct reading *r, const struct entry_facts *f, size_t first)
{
	size_t i = first;
	while (i < r->m->count && strcmp(r->m->entries[i].currency, f->currency) == 0)
		i++;
	if (i == r->m->count)
		return false;
	if (r->m->count - first == 1) {
		struct iso_entry *e = &r->m->entries[first];
		e->amount = f->whole;
		e->charges = e->what == ISO_DEBIT ? f->included : 0;
		memcpy(e->currency, f->currency, 4);
		return true;
	}
	memset(&r->m->entries[first], 0, (r->m->count - first) * sizeof(r->m->entries[0]));
	r->m->count = first;
	detail_add(r, f, f->credit);
	return true;
}

/* The details of an entry give its amount, with or without the charges that were taken out of it. */
static void check_details(struct reading *r, const struct entry_facts *f, size_t first)
{
	int64_t sum = 0, net;
	if (of_another_currency(r, f, first))
		return;
	for (size_t i = first; i < r->m->count; i++) {
		const struct iso_entry *e = &r->m->entries[i];
		bool same = !f->booked || (e->what != ISO_DEBIT) == f->credit;
		if (!(same ? num_add(sum, e->amount, &sum) : num_sub(sum, e->amount, &sum))) {
			wrong(r, ERR_LIMIT, "details leave 64 bits", STR(""));
			return;
		}
	}
	struct iso_entry *last = &r->m->entries[r->m->count - 1]; /* what is missing is the bank's: the last detail bears it */
	bool fits = f->credit ? num_sub(sum, f->charges, &net) : num_add(sum, f->charges, &net);
	if (sum == f->whole)
		return;
	if (!fits || net != f->whole) {
		wrong(r, ERR_SYNTAX, "details do not add up to their entry", iso_child(f->node, "Amt")->text);
		return;
	}
	if (!num_add(last->charges, f->charges, &last->charges) || (!f->credit && !num_add(last->amount, f->charges, &last->amount)))
		wrong(r, ERR_LIMIT, "a detail and its charges leave 64 bits", STR(""));
}

/* Details bear the reference of their entry, or the bank gives several of them one: that is one entry told in parts. */
static void share_refs(struct reading *r, size_t first)
{
	struct iso_entry *all = r->m->entries;
	for (size_t i = first; i < r->m->count; i++)
		for (size_t k = first; k < i && all[i].ref[0] && !all[i].part; k++)
			if (strcmp(all[k].ref, all[i].ref) == 0)
				all[i].part = i - k;
}

static bool read_facts(struct reading *r, const struct node *n, struct entry_facts *f)
{
	const struct node *status = iso_at(n, "Sts/Cd");
	char of[4];
	*f = (struct entry_facts){ .node = n };
	if (!take_amount(r, iso_child(n, "Amt"), &f->whole, f->currency))
		return false;
	f->credit = is_credit(n, false);
	f->booked = status && str_is(status->text, "BOOK");
	f->reversal = is_true(iso_child(n, "RvslInd"));
	f->included = f->charges = charges_of(r, n, f->currency);
	if (iso_at(n, "Chrgs/TtlChrgsAndTaxAmt") && !iso_at(n, "Chrgs/Rcrd") && take_amount(r, iso_at(n, "Chrgs/TtlChrgsAndTaxAmt"), &f->charges, of)
		&& strcmp(of, f->currency) != 0)
		f->charges = 0;
	f->value_day = take_day(r, iso_child(n, "ValDt"));
	if (!f->value_day)
		f->value_day = take_day(r, iso_child(n, "BookgDt"));
	take(r, n, "AcctSvcrRef", f->ref, sizeof(f->ref));
	return r->code == ERR_OK;
}

static void read_entry(struct reading *r, const struct iso_statement *st, const struct node *n)
{
	struct entry_facts f;
	size_t first = r->m->count, made = 0;
	if (!read_facts(r, n, &f))
		return;
	if (st->currency[0] && strcmp(st->currency, f.currency) != 0)
		wrong(r, ERR_SYNTAX, "an entry in another currency than its account", str_of(f.currency));
	if (f.booked && !(f.credit ? num_add(r->booked, f.whole, &r->booked) : num_sub(r->booked, f.whole, &r->booked)))
		wrong(r, ERR_LIMIT, "entries leave 64 bits", STR(""));
	r->entries++;
	for (const struct node *details = iso_child(n, "NtryDtls"); details && r->code == ERR_OK; details = iso_after(details))
		made += read_details(r, &f, details);
	if (!made)
		read_detail(r, &f, n);
	else if (r->code == ERR_OK)
		check_details(r, &f, first);
	share_refs(r, first);
}

enum balance { NO_BALANCE, OPENING, PREVIOUS, CLOSING };

/* Only a balance with no type below its own is one of all that was booked; interim balances of pages and all others say nothing that
 * is kept. */
static enum balance balance_of(const struct node *b)
{
	static const char *const CODES[] = { [OPENING] = "OPBD", [PREVIOUS] = "PRCD", [CLOSING] = "CLBD" };
	const struct node *code = iso_at(b, "Tp/CdOrPrtry/Cd");
	for (int k = OPENING; code && k <= CLOSING; k++)
		if (str_is(code->text, CODES[k]) && !iso_at(b, "Tp/SubTp"))
			return (enum balance)k;
	return NO_BALANCE;
}

/* OPBD opens, or PRCD when there is none; CLBD closes. Of two that say otherwise every reader could take another. */
static void read_balance(struct reading *r, struct iso_statement *s, const struct node *b, enum balance as)
{
	char currency[4] = "";
	int64_t amount = 0, day;
	if (balance_of(b) != as || !take_amount(r, iso_child(b, "Amt"), &amount, currency))
		return;
	if (s->currency[0] && strcmp(s->currency, currency) != 0)
		wrong(r, ERR_SYNTAX, "a balance is not in the currency of its account", iso_child(b, "Amt")->text);
	memcpy(s->currency, currency, 4);
	amount = is_credit(b, true) ? amount : -amount;
	day = take_day(r, iso_child(b, "Dt"));
	bool *has = as == CLOSING ? &s->closes : &s->opens;
	int64_t *kept = as == CLOSING ? &s->closing : &s->opening;
	if (*has && (*kept != amount || (as == CLOSING && s->closing_day != day)))
		wrong(r, ERR_SYNTAX, "two balances of one kind that differ", iso_child(b, "Amt")->text);
	*has = true;
	*kept = amount;
	if (as == CLOSING)
		s->closing_day = day;
}

static void read_balances(struct reading *r, struct iso_statement *st, const struct node *s)
{
	for (int as = OPENING; as <= CLOSING; as++) {
		bool asked = as == OPENING || (as == PREVIOUS ? !st->opens : st->last);
		for (const struct node *b = iso_child(s, "Bal"); asked && b; b = iso_after(b))
			read_balance(r, st, b, (enum balance)as);
	}
}

/* All that a part says, so that the same statement in another message is known, and another one under its number too. */
static void flatten(const struct node *n, struct buf *out)
{
	buf_str(out, n->name); /* neither names nor texts have a zero byte */
	buf_char(out, '\0');
	buf_str(out, n->text);
	buf_char(out, '\0');
	buf_str(out, n->currency);
	buf_char(out, '(');
	for (const struct node *c = n->child; c; c = c->next)
		if (!str_is(c->name, "CreDtTm") && !str_is(c->name, "CpyDplctInd")) /* of the copy, not of the statement */
			flatten(c, out);
	buf_char(out, ')');
}

static int64_t take_number(struct reading *r, const struct node *n, const char *path, int64_t absent)
{
	const struct node *found = iso_at(n, path);
	int64_t number = absent;
	if (found && (found->text.len > DIGITS_MOST || !str_to_i64(found->text, &number) || number < 0))
		wrong(r, ERR_SYNTAX, path, found->text);
	return number;
}

/* A statement of one page with both balances adds up, and has as many entries as it says. */
static void check_statement(struct reading *r, const struct iso_statement *st, const struct node *s)
{
	int64_t said = take_number(r, s, "TxsSummry/TtlNtries/NbOfNtries", -1), sum;
	if (!st->last || st->page != 1 || r->code != ERR_OK)
		return;
	if (said >= 0 && (size_t)said != r->entries)
		wrong(r, ERR_SYNTAX, "a statement has another number of entries than it says", str_of(st->id));
	if (st->opens && st->closes && (!num_add(st->opening, r->booked, &sum) || sum != st->closing))
		wrong(r, ERR_SYNTAX, "opening balance and entries do not give the closing balance of", str_of(st->id));
}

static void read_statement(struct reading *r, const struct node *top, const struct node *s)
{
	struct iso_statement *st = &r->m->statements[r->m->statement_count++];
	struct buf flat = { 0 };
	take(r, s, "Id", st->id, sizeof(st->id));
	take(r, s, iso_at(s, "Acct/Id/IBAN") ? "Acct/Id/IBAN" : "Acct/Id/Othr/Id", st->account, sizeof(st->account));
	take(r, s, "Acct/Ccy", st->currency, sizeof(st->currency));
	st->sequence = take_number(r, s, iso_at(s, "LglSeqNb") ? "LglSeqNb" : "ElctrncSeqNb", 0);
	const struct node *pages = iso_child(s, r->m->kind == ISO_CAMT_053 ? "StmtPgntn" : "NtfctnPgntn");
	pages = pages ? pages : iso_at(top, "GrpHdr/MsgPgntn"); /* a statement over several messages */
	st->page = take_number(r, pages, "PgNb", 1);
	st->last = !pages || is_true(iso_child(pages, "LastPgInd"));
	flatten(s, &flat);
	st->digest = hash_of(flat.ptr, flat.len);
	buf_free(&flat);
	r->booked = 0;
	r->entries = 0;
	read_balances(r, st, s);
	for (const struct node *e = iso_child(s, "Ntry"); e && r->code == ERR_OK; e = iso_after(e))
		read_entry(r, st, e);
	check_statement(r, st, s);
}

static void read_statements(struct reading *r, const struct node *top, const char *name)
{
	size_t n = 0;
	for (const struct node *s = iso_child(top, name); s; s = iso_after(s))
		n++;
	r->m->statements = arena_zero(r->a, (n + 1) * sizeof(*r->m->statements));
	for (const struct node *s = iso_child(top, name); s && r->code == ERR_OK; s = iso_after(s))
		read_statement(r, top, s);
}

/* --- pain.002 ---------------------------------------------------------------------------------------------------------- */
/* ExternalPaymentTransactionStatus1Code: what each asks of us. */
static const struct {
	const char *code;
	enum iso_what what;
} STATUS[] = { { "RJCT", ISO_REJECTED }, { "CANC", ISO_REJECTED }, { "ACSC", ISO_EXECUTED }, { "ACCC", ISO_EXECUTED } };

static enum iso_what status_of(struct str code)
{
	for (size_t i = 0; i < sizeof(STATUS) / sizeof(STATUS[0]); i++)
		if (str_is(code, STATUS[i].code))
			return STATUS[i].what;
	return ISO_WAITS;
}

static void read_status(struct reading *r, const struct node *n, const char *id_path, const char *status_name, bool whole)
{
	const struct node *status = iso_child(n, status_name);
	if (!status)
		return;
	struct iso_entry *e = entry_add(r);
	e->what = status_of(status->text);
	e->whole = whole;
	take(r, n, id_path, e->end_to_end, sizeof(e->end_to_end));
	take(r, n, "OrgnlUETR", e->uetr, sizeof(e->uetr));
	take_reason(r, n, "StsRsnInf", e->code, sizeof(e->code));
}

/* A status of a transaction goes before one of its batch, and that before one of the whole order: each is of what has none of its own,
 * so it stands behind them. */
static void read_pain(struct reading *r, const struct node *top)
{
	bool batches = false;
	for (const struct node *p = iso_child(top, "OrgnlPmtInfAndSts"); p && r->code == ERR_OK; p = iso_after(p)) {
		for (const struct node *t = iso_child(p, "TxInfAndSts"); t && r->code == ERR_OK; t = iso_after(t))
			read_status(r, t, "OrgnlEndToEndId", "TxSts", false);
		read_status(r, p, "OrgnlPmtInfId", "PmtInfSts", true);
		batches = batches || iso_child(p, "PmtInfSts");
	}
	if (!batches)
		read_status(r, iso_child(top, "OrgnlGrpInfAndSts"), "OrgnlMsgId", "GrpSts", true);
}

/* --- pacs.004 ---------------------------------------------------------------------------------------------------------- */
/* What agents on the way kept of a return, in its currency; it is no part of what came back. */
static int64_t charges_kept(struct reading *r, const struct node *t, const char *currency)
{
	int64_t sum = 0;
	for (const struct node *c = iso_child(t, "ChrgsInf"); c && r->code == ERR_OK; c = iso_after(c)) {
		int64_t amount = 0;
		char of[4] = "";
		if (take_amount(r, iso_child(c, "Amt"), &amount, of) && strcmp(of, currency) == 0 && !num_add(sum, amount, &sum))
			wrong(r, ERR_LIMIT, "charges leave 64 bits", STR(""));
	}
	return sum;
}

static void read_return(struct reading *r, const struct node *top, const struct node *t)
{
	struct iso_entry *e = entry_add(r);
	e->what = ISO_RETURN;
	take_amount(r, iso_child(t, "RtrdIntrBkSttlmAmt"), &e->amount, e->currency);
	e->charges = charges_kept(r, t, e->currency);
	take(r, t, "RtrId", e->ref, sizeof(e->ref));
	take(r, t, "OrgnlEndToEndId", e->end_to_end, sizeof(e->end_to_end));
	take(r, t, "OrgnlUETR", e->uetr, sizeof(e->uetr));
	take_reason(r, t, "RtrRsnInf", e->code, sizeof(e->code));
	if (!e->code[0] && iso_child(top, "OrgnlGrpInf")) /* the reason may stand once, for the whole group */
		take_reason(r, iso_child(top, "OrgnlGrpInf"), "RtrRsnInf", e->code, sizeof(e->code));
	e->value_day = take_day(r, iso_child(t, "IntrBkSttlmDt"));
	if (!e->value_day)
		e->value_day = take_day(r, iso_at(top, "GrpHdr/IntrBkSttlmDt"));
}

/* GrpRtr: all of the group came back, and the message may not say it one by one. */
static void read_group_return(struct reading *r, const struct node *top)
{
	const struct node *total = iso_at(top, "GrpHdr/TtlRtrdIntrBkSttlmAmt"), *group = iso_child(top, "OrgnlGrpInf");
	if (!is_true(iso_at(top, "GrpHdr/GrpRtr")) || !total || !group) {
		wrong(r, ERR_SYNTAX, "there is no", STR("TxInf"));
		return;
	}
	struct iso_entry *e = entry_add(r);
	e->what = ISO_RETURN;
	e->whole = true;
	take_amount(r, total, &e->amount, e->currency);
	take(r, group, "OrgnlMsgId", e->end_to_end, sizeof(e->end_to_end));
	take_reason(r, group, "RtrRsnInf", e->code, sizeof(e->code));
	e->value_day = take_day(r, iso_at(top, "GrpHdr/IntrBkSttlmDt"));
}

/* The count and the total are those of the transactions. */
static void check_returns(struct reading *r, const struct node *top)
{
	int64_t said = take_number(r, top, "GrpHdr/NbOfTxs", -1), total = 0, sum = 0;
	const struct node *given = iso_at(top, "GrpHdr/TtlRtrdIntrBkSttlmAmt");
	char currency[4];
	if ((size_t)said != r->m->count)
		wrong(r, ERR_SYNTAX, "there is another number of transactions than NbOfTxs says:", iso_at(top, "GrpHdr/NbOfTxs")->text);
	if (!given || !take_amount(r, given, &total, currency))
		return;
	for (size_t i = 0; i < r->m->count; i++)
		if (strcmp(r->m->entries[i].currency, currency) != 0 || !num_add(sum, r->m->entries[i].amount, &sum))
			total = -1;
	if (sum != total)
		wrong(r, ERR_SYNTAX, "transactions do not add up to TtlRtrdIntrBkSttlmAmt", given->text);
}

static void read_pacs(struct reading *r, const struct node *top)
{
	for (const struct node *t = iso_child(top, "TxInf"); t && r->code == ERR_OK; t = iso_after(t))
		read_return(r, top, t);
	if (!iso_child(top, "TxInf"))
		read_group_return(r, top);
	else if (r->code == ERR_OK)
		check_returns(r, top);
}

/* --- the message ------------------------------------------------------------------------------------------------------- */
static const struct {
	const char *space, *root, *part;
} KINDS[ISO_KIND_COUNT] = {
	[ISO_PAIN_002] = { "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10", "CstmrPmtStsRpt", "" },
	[ISO_CAMT_053] = { "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "BkToCstmrStmt", "Stmt" },
	[ISO_CAMT_054] = { "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn" },
	[ISO_PACS_004] = { "urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09", "PmtRtr", "" },
};

static enum err read_document(struct reading *r, const struct node *root, struct str space)
{
	struct iso_message *m = r->m;
	int kind = 0;
	while (kind < ISO_KIND_COUNT && !str_is(space, KINDS[kind].space))
		kind++;
	if (kind == ISO_KIND_COUNT || !str_is(root->name, "Document")) {
		fault_set(r->fault, ERR_UNSUPPORTED, 0, 0, "\"%.*s\" is no message that is read here", (int)(space.len < 80 ? space.len : 80),
			space.ptr ? space.ptr : "");
		return ERR_UNSUPPORTED;
	}
	m->kind = (enum iso_kind)kind;
	const struct node *top = root->child;
	if (!top || top->next || !str_is(top->name, KINDS[kind].root)) {
		wrong(r, ERR_SYNTAX, "Document holds one part, which is", str_of(KINDS[kind].root));
		return r->code;
	}
	r->code = iso20022_shape(m->kind, top, r->fault);
	if (r->code != ERR_OK)
		return r->code;
	take(r, top, "GrpHdr/MsgId", m->id, sizeof(m->id));
	if (kind == ISO_PAIN_002)
		read_pain(r, top);
	else if (kind == ISO_PACS_004)
		read_pacs(r, top);
	else
		read_statements(r, top, KINDS[kind].part);
	return r->code;
}

enum err iso20022_read(struct arena *a, struct str xml, struct iso_message **out, struct fault *fault)
{
	struct fault unused = { 0 };
	struct reading r = { .fault = fault ? fault : &unused, .a = a };
	const struct node *root;
	struct str space;
	*out = NULL;
	enum err e = iso20022_tree(a, xml, &root, &space, r.fault);
	if (e != ERR_OK)
		return e;
	r.m = arena_zero(a, sizeof(*r.m));
	e = read_document(&r, root, space);
	if (e == ERR_OK)
		*out = r.m;
	return e;
}
