/* What a bank says, read with expat into a small tree and from there into entries. See feed/iso20022.h.
 *
 * Must remain true: nothing outside the bytes is read (without a DOCTYPE there are no entities but the five); every text that is
 * kept fits its field, or the message is refused. */
#include "feed/iso20022.h"

#include <expat.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"

const char *const ISO_KIND_NAMES[] = { "pain.002", "camt.053", "camt.054", "pacs.004", NULL };

enum { DIGITS_MOST = 18 }; /* of the schema's amounts */

/* --- tree ------------------------------------------------------------------------------------------------------------- */
struct node {
	struct str name, text, currency; /* local name; text of a leaf, trimmed; attribute Ccy */
	struct node *parent, *child, *last, *next;
};

struct loading {
	XML_Parser parser;
	struct arena *a;
	struct node *root, *open;
	struct str space; /* namespace of the root */
	struct buf text;
	struct fault *fault;
	enum err code;
	int depth, elements;
};

static struct str keep(struct arena *a, struct str s)
{
	return (struct str){ str_dup(a, s), s.len };
}

static void stop(struct loading *l, enum err code, const char *what)
{
	if (l->code != ERR_OK)
		return;
	l->code = code;
	int line = (int)XML_GetCurrentLineNumber(l->parser);
	fault_set(l->fault, code, line, (int)XML_GetCurrentColumnNumber(l->parser) + 1, "line %d: %s", line, what);
	XML_StopParser(l->parser, XML_FALSE);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	stop(ctx, ERR_UNSUPPORTED, "a bank message has no DOCTYPE");
}

static int by_name(const void *name, const void *row)
{
	return str_cmp(*(const struct str *)name, str_of(*(const char *const *)row));
}

/* What decides over money, and what it is of, stands once in its element (maxOccurs 1 in the schemas): of two, every reader could take
 * another. Whatever is read below by its first occurrence alone, and is no list there, is named here, in order: every element asks. */
static bool twice(const struct node *in, struct str name)
{
	static const char *const ONCE[] = { "Acct", "AcctSvcrRef", "Amt", "BookgDt", "Btch", "Ccy", "Cd", "CdOrPrtry", "CdtDbtInd", "ChrgInclInd",
		"Chrgs", "Dt", "DtTm", "ElctrncSeqNb", "EndToEndId", "GrpHdr", "GrpSts", "IBAN", "Id", "IntrBkSttlmDt", "LastPgInd", "LglSeqNb", "MsgId",
		"NbOfNtries", "NbOfTxs", "OrgnlEndToEndId", "OrgnlGrpInf", "OrgnlGrpInfAndSts", "OrgnlMsgId", "OrgnlPmtInfId", "OrgnlUETR", "PgNb",
		"PmtInfId", "PmtInfSts", "Refs", "RtrId", "RtrInf", "RtrdIntrBkSttlmAmt", "RvslInd", "StmtPgntn", "Sts", "Tp", "TtlAmt", "TtlNtries",
		"TxSts", "TxsSummry", "UETR", "ValDt" };
	bool once = in && bsearch(&name, ONCE, sizeof(ONCE) / sizeof(ONCE[0]), sizeof(ONCE[0]), by_name);
	for (const struct node *c = once ? in->child : NULL; c; c = c->next)
		if (str_eq(c->name, name))
			return true;
	return false;
}

static void on_start(void *ctx, const XML_Char *full, const XML_Char **attributes)
{
	struct loading *l = ctx;
	const char *blank = strrchr(full, ' ');
	if (++l->depth > ISO_DEPTH_MAX || ++l->elements > ISO_ELEMENTS_MAX) {
		stop(l, ERR_LIMIT, l->depth > ISO_DEPTH_MAX ? "elements are nested too deep" : "too many elements");
		return;
	}
	if (twice(l->open, str_of(blank ? blank + 1 : full))) {
		stop(l, ERR_SYNTAX, "an element stands twice that may stand once");
		return;
	}
	struct node *n = arena_zero(l->a, sizeof(*n));
	n->name = keep(l->a, str_of(blank ? blank + 1 : full));
	n->parent = l->open;
	for (; *attributes; attributes += 2)
		if (strcmp(attributes[0], "Ccy") == 0)
			n->currency = keep(l->a, str_of(attributes[1]));
	if (!l->open) {
		l->root = n;
		if (blank)
			l->space = keep(l->a, (struct str){ full, (size_t)(blank - full) });
	} else if (l->open->last) {
		l->open->last = l->open->last->next = n;
	} else {
		l->open->child = l->open->last = n;
	}
	l->open = n;
	buf_clear(&l->text);
}

static void on_text(void *ctx, const XML_Char *s, int len)
{
	struct loading *l = ctx;
	if (l->text.len + (size_t)len > 4096)
		stop(l, ERR_LIMIT, "a text is too long");
	else
		buf_str(&l->text, (struct str){ s, (size_t)len });
}

static void on_end(void *ctx, const XML_Char *full)
{
	struct loading *l = ctx;
	(void)full;
	if (!l->open)
		return;
	if (!l->open->child)
		l->open->text = keep(l->a, str_trim(buf_view(&l->text)));
	buf_clear(&l->text);
	l->open = l->open->parent;
	l->depth--;
}

/* The parser's memory is the arena's: it is gone with what was read, and reading costs no allocation of its own. Its functions get no
 * context, so the arena of the thread's reading stands here while it lasts. */
static _Thread_local struct arena *parser_arena;
union piece {
	size_t size;
	max_align_t aligned;
};

static void *piece_new(size_t size)
{
	union piece *p = arena_alloc(parser_arena, sizeof(*p) + size);
	p->size = size;
	return p + 1;
}

static void *piece_grow(void *old, size_t size)
{
	size_t had = old ? ((union piece *)old - 1)->size : 0;
	if (had >= size && old)
		return old;
	void *more = piece_new(size);
	if (had)
		memcpy(more, old, had);
	return more;
}

static void piece_free(void *p)
{
	(void)p;
}

static const XML_Memory_Handling_Suite PIECES = { piece_new, piece_grow, piece_free };

static enum err load(struct loading *l, struct str xml)
{
	if (xml.len > ISO_BYTES_MAX) {
		fault_set(l->fault, ERR_LIMIT, 0, 0, "a bank message has at most %d bytes", ISO_BYTES_MAX);
		return ERR_LIMIT;
	}
	parser_arena = l->a;
	l->parser = XML_ParserCreate_MM(NULL, &PIECES, " ");
	if (!l->parser) {
		fault_set(l->fault, ERR_LIMIT, 0, 0, "there is no memory for the parser");
		return ERR_LIMIT;
	}
	XML_SetHashSalt(l->parser, 1);
	XML_SetUserData(l->parser, l);
	XML_SetElementHandler(l->parser, on_start, on_end);
	XML_SetCharacterDataHandler(l->parser, on_text);
	XML_SetStartDoctypeDeclHandler(l->parser, on_doctype);
	if (XML_Parse(l->parser, xml.ptr ? xml.ptr : "", (int)xml.len, 1) != XML_STATUS_OK)
		stop(l, ERR_SYNTAX, XML_ErrorString(XML_GetErrorCode(l->parser)));
	XML_ParserFree(l->parser);
	parser_arena = NULL;
	buf_free(&l->text);
	return l->code;
}

/* --- looking around --------------------------------------------------------------------------------------------------- */
static const struct node *child(const struct node *n, const char *name)
{
	for (const struct node *c = n ? n->child : NULL; c; c = c->next)
		if (str_is(c->name, name))
			return c;
	return NULL;
}

static const struct node *after(const struct node *n)
{
	for (const struct node *c = n->next; c; c = c->next)
		if (str_eq(c->name, n->name))
			return c;
	return NULL;
}

/* The first node under a path "A/B/C", or NULL. */
static const struct node *at(const struct node *n, const char *path)
{
	struct str rest = str_of(path);
	while (n && rest.len) {
		struct str part = str_cut(&rest, '/');
		const struct node *found = NULL;
		for (const struct node *c = n->child; c && !found; c = c->next)
			if (str_eq(c->name, part))
				found = c;
		n = found;
	}
	return n;
}

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
	if (r->code == ERR_OK) {
		r->code = code;
		fault_set(r->fault, code, 0, 0, "%s %s: %s \"%.*s\"", ISO_KIND_NAMES[r->m->kind], r->m->id, what,
			(int)(value.len < 60 ? value.len : 60), value.ptr ? value.ptr : "");
	}
	return false;
}

/* Copies the text under a path; absent is "". A text that does not fit is refused, never cut. */
static void take(struct reading *r, const struct node *n, const char *path, char *out, size_t cap)
{
	const struct node *found = at(n, path);
	struct str text = found ? found->text : STR("");
	for (size_t i = 0; i < text.len; i++)
		if (str_control(text, i))
			wrong(r, ERR_SYNTAX, "a control character in", str_of(path));
	if (!str_copy(out, cap, text))
		wrong(r, ERR_LIMIT, path, text);
}

static void take_free(const struct node *n, const char *path, char *out, size_t cap) /* for people: may be cut */
{
	const struct node *found = at(n, path);
	str_copy(out, cap, found ? found->text : STR(""));
	struct str text = str_of(out);
	for (size_t i = 0; i < text.len; i++)
		memset(out + i, ' ', str_control(text, i));
}

/* Digits and one point: the schema's decimal, without sign or grouping; by the decimals of its currency. */
static bool take_amount(struct reading *r, const struct node *n, int64_t *amount, char currency[4])
{
	if (!n || n->currency.len != 3)
		return wrong(r, ERR_SYNTAX, "an amount without its currency", n ? n->text : STR(""));
	str_copy(currency, 4, n->currency);
	size_t digits = 0;
	for (size_t i = 0; i < n->text.len; i++) {
		if (n->text.ptr[i] != '.' && (n->text.ptr[i] < '0' || n->text.ptr[i] > '9'))
			return wrong(r, ERR_SYNTAX, "no amount", n->text);
		digits += n->text.ptr[i] != '.';
	}
	if (digits > DIGITS_MOST)
		return wrong(r, ERR_SYNTAX, "an amount of more than 18 digits", n->text);
	if (!money_parse(n->text, currency, amount))
		return wrong(r, ERR_SYNTAX, "no amount of its currency", n->text);
	return true;
}

/* DateAndDateTime2Choice, or a plain date; 0 when absent. */
static int64_t take_day(struct reading *r, const struct node *n)
{
	int64_t day = 0, instant = 0;
	const struct node *date = child(n, "Dt"), *time = child(n, "DtTm");
	struct str text = date ? date->text : time ? time->text : n && !n->child ? n->text : STR("");
	if (!text.len)
		return 0;
	if (instant_parse_date(text, &day))
		return day;
	if (instant_parse(text, &instant))
		return instant_day(instant);
	if (time && text.len > 10 && instant_parse_date((struct str){ text.ptr, 10 }, &day))
		return day; /* a local time: its date is the bank's */
	wrong(r, ERR_SYNTAX, "no date", text);
	return 0;
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
static bool is_credit(struct reading *r, const struct node *n, bool absent)
{
	const struct node *ind = child(n, "CdtDbtInd");
	if (!ind)
		return absent;
	if (!str_is(ind->text, "CRDT") && !str_is(ind->text, "DBIT"))
		wrong(r, ERR_SYNTAX, "CdtDbtInd", ind->text);
	return str_is(ind->text, "CRDT");
}

static bool is_true(const struct node *n)
{
	return n && (str_is(n->text, "true") || str_is(n->text, "1"));
}

/* What an entry says of all its details. */
struct entry_facts {
	const struct node *node;
	int64_t whole, charges, value_day;
	char currency[4], ref[ISO_ID_MAX];
	bool credit, booked, reversal;
};

/* Charges that the bank took out of an amount, in its currency. */
static int64_t charges_of(struct reading *r, const struct node *n, const char *currency)
{
	int64_t sum = 0;
	for (const struct node *c = at(n, "Chrgs/Rcrd"); c && r->code == ERR_OK; c = after(c)) {
		int64_t amount = 0;
		char of[4] = "";
		if (!is_true(child(c, "ChrgInclInd")) || is_credit(r, c, false) || !take_amount(r, child(c, "Amt"), &amount, of))
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

/* One transaction; d is the entry itself when the bank gives no details. */
static void read_detail(struct reading *r, const struct entry_facts *f, const struct node *d)
{
	bool credit = is_credit(r, d, f->credit);
	struct iso_entry *e = detail_add(r, f, credit);
	const struct node *amount = child(d, "Amt"), *ref = at(d, "Refs/AcctSvcrRef");
	if (amount)
		take_amount(r, amount, &e->amount, e->currency);
	e->charges = credit ? 0 : charges_of(r, d, e->currency);
	if (ref)
		take(r, d, "Refs/AcctSvcrRef", e->ref, sizeof(e->ref));
	take(r, d, "Refs/EndToEndId", e->end_to_end, sizeof(e->end_to_end));
	take(r, d, "Refs/UETR", e->uetr, sizeof(e->uetr));
	take(r, d, "RtrInf/Rsn/Cd", e->code, sizeof(e->code));
	take_free(d, at(d, "RltdPties/Dbtr/Pty") ? "RltdPties/Dbtr/Pty/Nm" : "RltdPties/Dbtr/Nm", e->payer, sizeof(e->payer));
	take(r, d, at(d, "RltdPties/DbtrAcct/Id/IBAN") ? "RltdPties/DbtrAcct/Id/IBAN" : "RltdPties/DbtrAcct/Id/Othr/Id", e->payer_account,
		sizeof(e->payer_account));
	take_free(d, at(d, "RmtInf/Strd/CdtrRefInf/Ref") ? "RmtInf/Strd/CdtrRefInf/Ref" : "RmtInf/Ustrd", e->text, sizeof(e->text));
	if (e->what == ISO_CREDIT && child(d, "RtrInf"))
		e->what = ISO_RETURN;
}

/* A batch that the bank booked in one sum, without its transactions: the order that it was, by its id. */
static void read_batch(struct reading *r, const struct entry_facts *f, const struct node *batch)
{
	struct iso_entry *e = detail_add(r, f, is_credit(r, batch, f->credit));
	if (child(batch, "TtlAmt"))
		take_amount(r, child(batch, "TtlAmt"), &e->amount, e->currency);
	take(r, batch, child(batch, "PmtInfId") ? "PmtInfId" : "MsgId", e->end_to_end, sizeof(e->end_to_end));
	e->whole = true;
}

/* NtryDtls: transactions, or a batch in one sum. Answers how many entries it gave. */
static size_t read_details(struct reading *r, const struct entry_facts *f, const struct node *details)
{
	const struct node *batch = child(details, "Btch"), *said = batch ? child(batch, "NbOfTxs") : NULL;
	size_t n = 0;
	int64_t count;
	for (const struct node *d = child(details, "TxDtls"); d && r->code == ERR_OK; d = after(d), n++)
		read_detail(r, f, d);
	if (n && said && (!str_to_i64(said->text, &count) || count != (int64_t)n))
		wrong(r, ERR_SYNTAX, "a batch has another number of transactions than it says", said->text);
	if (!n && batch)
		read_batch(r, f, batch);
	return n + (!n && batch);
}

/* The details of an entry give its amount, with or without the charges that were taken out of it. */
static void check_details(struct reading *r, const struct entry_facts *f, size_t first)
{
	int64_t sum = 0, net;
	for (size_t i = first; i < r->m->count; i++) {
		const struct iso_entry *e = &r->m->entries[i];
		bool same = !f->booked || (e->what != ISO_DEBIT) == f->credit;
		if (strcmp(e->currency, f->currency) != 0)
			return; /* details in the currency of the payer: they do not add up to the account's */
		if (!(same ? num_add(sum, e->amount, &sum) : num_sub(sum, e->amount, &sum))) {
			wrong(r, ERR_LIMIT, "details leave 64 bits", STR(""));
			return;
		}
	}
	bool fits = f->credit ? num_sub(sum, f->charges, &net) : num_add(sum, f->charges, &net);
	if (sum != f->whole && !(fits && net == f->whole))
		wrong(r, ERR_SYNTAX, "details do not add up to their entry", child(f->node, "Amt")->text);
	else if (sum != f->whole && !f->credit) { /* what is missing is the bank's: the last detail bears it */
		r->m->entries[r->m->count - 1].amount += f->charges;
		r->m->entries[r->m->count - 1].charges += f->charges;
	}
}

static bool read_facts(struct reading *r, const struct node *n, struct entry_facts *f)
{
	const struct node *status = at(n, "Sts/Cd");
	*f = (struct entry_facts){ .node = n };
	if (!status && !at(n, "Sts/Prtry"))
		return wrong(r, ERR_SYNTAX, "an entry without its status", STR(""));
	if (!take_amount(r, child(n, "Amt"), &f->whole, f->currency))
		return false;
	if (!child(n, "CdtDbtInd"))
		return wrong(r, ERR_SYNTAX, "an entry that is neither credit nor debit", STR(""));
	f->credit = is_credit(r, n, false);
	f->booked = status && str_is(status->text, "BOOK");
	f->reversal = is_true(child(n, "RvslInd"));
	f->charges = charges_of(r, n, f->currency);
	f->value_day = take_day(r, child(n, "ValDt"));
	if (!f->value_day)
		f->value_day = take_day(r, child(n, "BookgDt"));
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
	for (const struct node *details = child(n, "NtryDtls"); details && r->code == ERR_OK; details = after(details))
		made += read_details(r, &f, details);
	if (!made)
		read_detail(r, &f, n);
	else if (r->code == ERR_OK)
		check_details(r, &f, first);
}

/* OPBD (or PRCD in its place) opens, CLBD closes; interim balances of pages and all others say nothing that is kept. */
static void read_balance(struct reading *r, struct iso_statement *s, const struct node *b)
{
	const struct node *code = at(b, "Tp/CdOrPrtry/Cd");
	bool opens = code && (str_is(code->text, "OPBD") || str_is(code->text, "PRCD")), closes = code && str_is(code->text, "CLBD");
	char currency[4] = "";
	int64_t amount = 0, day;
	if ((!opens || s->opens) && (!closes || s->closes || !s->last))
		return;
	if (!take_amount(r, child(b, "Amt"), &amount, currency))
		return;
	if (s->currency[0] && strcmp(s->currency, currency) != 0)
		wrong(r, ERR_SYNTAX, "a balance is not in the currency of its account", child(b, "Amt")->text);
	memcpy(s->currency, currency, 4);
	amount = is_credit(r, b, true) ? amount : -amount;
	day = take_day(r, child(b, "Dt"));
	if (!day)
		wrong(r, ERR_SYNTAX, "a balance without its date", STR(""));
	if (opens) {
		s->opens = true;
		s->opening = amount;
	} else {
		s->closes = true;
		s->closing = amount;
		s->closing_day = day;
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
	const struct node *found = at(n, path);
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

static void read_statement(struct reading *r, const struct node *s)
{
	struct iso_statement *st = &r->m->statements[r->m->statement_count++];
	struct buf flat = { 0 };
	take(r, s, "Id", st->id, sizeof(st->id));
	take(r, s, at(s, "Acct/Id/IBAN") ? "Acct/Id/IBAN" : "Acct/Id/Othr/Id", st->account, sizeof(st->account));
	take(r, s, "Acct/Ccy", st->currency, sizeof(st->currency));
	if (!st->account[0])
		wrong(r, ERR_SYNTAX, "a statement without its account", STR(""));
	if (!st->id[0])
		wrong(r, ERR_SYNTAX, "a statement without its number", STR(""));
	st->sequence = take_number(r, s, at(s, "LglSeqNb") ? "LglSeqNb" : "ElctrncSeqNb", 0);
	st->page = take_number(r, s, "StmtPgntn/PgNb", 1);
	st->last = !at(s, "StmtPgntn") || is_true(at(s, "StmtPgntn/LastPgInd"));
	flatten(s, &flat);
	st->digest = hash_of(flat.ptr, flat.len);
	buf_free(&flat);
	r->booked = 0;
	r->entries = 0;
	for (const struct node *b = child(s, "Bal"); b; b = after(b))
		read_balance(r, st, b);
	for (const struct node *e = child(s, "Ntry"); e && r->code == ERR_OK; e = after(e))
		read_entry(r, st, e);
	check_statement(r, st, s);
}

static void read_statements(struct reading *r, const struct node *top, const char *name)
{
	size_t n = 0;
	for (const struct node *s = child(top, name); s; s = after(s))
		n++;
	r->m->statements = arena_zero(r->a, (n + 1) * sizeof(*r->m->statements));
	for (const struct node *s = child(top, name); s && r->code == ERR_OK; s = after(s))
		read_statement(r, s);
	if (!n)
		wrong(r, ERR_SYNTAX, "there is no", str_of(name));
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
	const struct node *status = child(n, status_name);
	if (!status)
		return;
	struct iso_entry *e = entry_add(r);
	e->what = status_of(status->text);
	e->whole = whole;
	take(r, n, id_path, e->end_to_end, sizeof(e->end_to_end));
	take(r, n, "OrgnlUETR", e->uetr, sizeof(e->uetr));
	take(r, n, "StsRsnInf/Rsn/Cd", e->code, sizeof(e->code));
}

/* A status of a transaction goes before one of its batch, and that before one of the whole order. */
static void read_pain(struct reading *r, const struct node *top)
{
	const struct node *group = child(top, "OrgnlGrpInfAndSts");
	for (const struct node *p = child(top, "OrgnlPmtInfAndSts"); p && r->code == ERR_OK; p = after(p)) {
		const struct node *t = child(p, "TxInfAndSts");
		if (!t)
			read_status(r, p, "OrgnlPmtInfId", "PmtInfSts", true);
		for (; t && r->code == ERR_OK; t = after(t))
			read_status(r, t, "OrgnlEndToEndId", "TxSts", false);
	}
	if (!group)
		wrong(r, ERR_SYNTAX, "there is no", STR("OrgnlGrpInfAndSts"));
	else if (!r->m->count)
		read_status(r, group, "OrgnlMsgId", "GrpSts", true);
}

/* --- pacs.004 ---------------------------------------------------------------------------------------------------------- */
static void read_pacs(struct reading *r, const struct node *top)
{
	int64_t day = take_day(r, at(top, "GrpHdr/IntrBkSttlmDt")), said = take_number(r, top, "GrpHdr/NbOfTxs", -1);
	if (!child(top, "TxInf"))
		wrong(r, ERR_SYNTAX, "there is no", STR("TxInf"));
	for (const struct node *t = child(top, "TxInf"); t && r->code == ERR_OK; t = after(t)) {
		struct iso_entry *e = entry_add(r);
		e->what = ISO_RETURN;
		take_amount(r, child(t, "RtrdIntrBkSttlmAmt"), &e->amount, e->currency);
		take(r, t, "RtrId", e->ref, sizeof(e->ref));
		take(r, t, "OrgnlEndToEndId", e->end_to_end, sizeof(e->end_to_end));
		take(r, t, "OrgnlUETR", e->uetr, sizeof(e->uetr));
		take(r, t, "RtrRsnInf/Rsn/Cd", e->code, sizeof(e->code));
		if (!e->code[0]) /* the reason may stand once, for the whole group */
			take(r, top, "OrgnlGrpInf/RtrRsnInf/Rsn/Cd", e->code, sizeof(e->code));
		e->value_day = take_day(r, child(t, "IntrBkSttlmDt"));
		if (!e->value_day)
			e->value_day = day;
	}
	if (said >= 0 && (size_t)said != r->m->count)
		wrong(r, ERR_SYNTAX, "there is another number of transactions than NbOfTxs says:", at(top, "GrpHdr/NbOfTxs")->text);
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

static enum err read_document(struct reading *r, const struct loading *l)
{
	struct iso_message *m = r->m;
	int kind = 0;
	while (kind < ISO_KIND_COUNT && !str_is(l->space, KINDS[kind].space))
		kind++;
	if (kind == ISO_KIND_COUNT || !str_is(l->root->name, "Document")) {
		fault_set(r->fault, ERR_UNSUPPORTED, 0, 0, "\"%.*s\" is no message that is read here", (int)(l->space.len < 80 ? l->space.len : 80),
			l->space.ptr ? l->space.ptr : "");
		return ERR_UNSUPPORTED;
	}
	m->kind = (enum iso_kind)kind;
	const struct node *top = child(l->root, KINDS[kind].root);
	take(r, top, "GrpHdr/MsgId", m->id, sizeof(m->id));
	if (!top || !m->id[0])
		wrong(r, ERR_SYNTAX, "there is no", STR("MsgId"));
	else if (kind == ISO_PAIN_002)
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
	struct loading l = { .a = a, .fault = fault ? fault : &unused };
	struct reading r = { .fault = l.fault, .a = a };
	*out = NULL;
	enum err e = load(&l, xml);
	if (e != ERR_OK)
		return e;
	r.m = arena_zero(a, sizeof(*r.m));
	e = read_document(&r, &l);
	if (e == ERR_OK)
		*out = r.m;
	return e;
}
