/* What a bank says, read with expat into a small tree and from there into entries. See feed/iso20022.h.
 *
 * Must remain true: nothing outside the bytes is read (without a DOCTYPE there are no entities but the five); every text that is
 * kept fits its field, or the message is refused. */
#include "feed/iso20022.h"

#include <expat.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"

const char *const ISO_KIND_NAMES[] = { "pain.002", "camt.053", "camt.054", "pacs.004", NULL };

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

static void on_start(void *ctx, const XML_Char *full, const XML_Char **attributes)
{
	struct loading *l = ctx;
	const char *blank = strrchr(full, ' ');
	if (++l->depth > ISO_DEPTH_MAX || ++l->elements > ISO_ELEMENTS_MAX) {
		stop(l, ERR_LIMIT, l->depth > ISO_DEPTH_MAX ? "elements are nested too deep" : "too many elements");
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

static enum err load(struct loading *l, struct str xml)
{
	if (xml.len > ISO_BYTES_MAX) {
		fault_set(l->fault, ERR_LIMIT, 0, 0, "a bank message has at most %d bytes", ISO_BYTES_MAX);
		return ERR_LIMIT;
	}
	l->parser = XML_ParserCreateNS(NULL, ' ');
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
		if ((unsigned char)text.ptr[i] < 0x20)
			wrong(r, ERR_SYNTAX, "a control character in", str_of(path));
	if (!str_copy(out, cap, text))
		wrong(r, ERR_LIMIT, path, text);
}

static void take_free(const struct node *n, const char *path, char *out, size_t cap) /* for people: may be cut */
{
	const struct node *found = at(n, path);
	str_copy(out, cap, found ? found->text : STR(""));
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < 0x20)
			*c = ' ';
}

/* Digits and one point: the schema's decimal, without sign or grouping; by the decimals of its currency. */
static bool take_amount(struct reading *r, const struct node *n, int64_t *amount, char currency[4])
{
	if (!n || n->currency.len != 3)
		return wrong(r, ERR_SYNTAX, "an amount without its currency", n ? n->text : STR(""));
	str_copy(currency, 4, n->currency);
	for (size_t i = 0; i < n->text.len; i++)
		if (n->text.ptr[i] != '.' && (n->text.ptr[i] < '0' || n->text.ptr[i] > '9'))
			return wrong(r, ERR_SYNTAX, "no amount", n->text);
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

static void read_detail(struct reading *r, const struct node *entry, const struct node *d, int64_t whole, const char *currency, bool booked)
{
	struct iso_entry *e = entry_add(r);
	bool credit = is_credit(r, d, is_credit(r, entry, false));
	const struct node *amount = child(d, "Amt"), *reversal = child(entry, "RvslInd");
	e->amount = whole;
	memcpy(e->currency, currency, 4);
	if (amount)
		take_amount(r, amount, &e->amount, e->currency);
	e->value_day = take_day(r, child(entry, "ValDt"));
	if (!e->value_day)
		e->value_day = take_day(r, child(entry, "BookgDt"));
	take(r, d, "Refs/AcctSvcrRef", e->ref, sizeof(e->ref));
	if (!e->ref[0])
		take(r, entry, "AcctSvcrRef", e->ref, sizeof(e->ref));
	take(r, d, "Refs/EndToEndId", e->end_to_end, sizeof(e->end_to_end));
	take(r, d, "Refs/UETR", e->uetr, sizeof(e->uetr));
	take(r, d, "RtrInf/Rsn/Cd", e->code, sizeof(e->code));
	take_free(d, at(d, "RltdPties/Dbtr/Pty") ? "RltdPties/Dbtr/Pty/Nm" : "RltdPties/Dbtr/Nm", e->payer, sizeof(e->payer));
	take(r, d, at(d, "RltdPties/DbtrAcct/Id/IBAN") ? "RltdPties/DbtrAcct/Id/IBAN" : "RltdPties/DbtrAcct/Id/Othr/Id", e->payer_account,
		sizeof(e->payer_account));
	take_free(d, at(d, "RmtInf/Strd/CdtrRefInf/Ref") ? "RmtInf/Strd/CdtrRefInf/Ref" : "RmtInf/Ustrd", e->text, sizeof(e->text));
	bool back = child(d, "RtrInf") || (reversal && (str_is(reversal->text, "true") || str_is(reversal->text, "1")));
	e->what = !booked ? ISO_WAITS : credit && back ? ISO_RETURN : credit ? ISO_CREDIT : ISO_DEBIT;
	e->statement = (int)r->m->statement_count - 1;
}

static void read_entry(struct reading *r, const struct node *n)
{
	int64_t whole = 0, sum = 0;
	char currency[4] = "";
	const struct node *status = at(n, "Sts/Cd"), *d = at(n, "NtryDtls/TxDtls");
	size_t first = r->m->count;
	bool booked = status && str_is(status->text, "BOOK");
	if (!status)
		wrong(r, ERR_SYNTAX, "an entry without its status", STR(""));
	if (!take_amount(r, child(n, "Amt"), &whole, currency))
		return;
	if (!child(n, "CdtDbtInd"))
		wrong(r, ERR_SYNTAX, "an entry that is neither credit nor debit", STR(""));
	if (!d) {
		read_detail(r, n, n, whole, currency, booked);
		return;
	}
	for (const struct node *details = child(n, "NtryDtls"); details; details = after(details))
		for (d = child(details, "TxDtls"); d && r->code == ERR_OK; d = after(d))
			read_detail(r, n, d, whole, currency, booked);
	bool credit = is_credit(r, n, false);
	for (size_t i = first; i < r->m->count && r->code == ERR_OK; i++) {
		const struct iso_entry *e = &r->m->entries[i];
		bool same = !booked || (e->what != ISO_DEBIT) == credit;
		if (strcmp(e->currency, currency) != 0)
			return; /* details in the currency of the payer: they do not add up to the account's */
		if (!(same ? num_add(sum, e->amount, &sum) : num_sub(sum, e->amount, &sum)))
			wrong(r, ERR_LIMIT, "details leave 64 bits", STR(""));
	}
	if (sum != whole)
		wrong(r, ERR_SYNTAX, "details do not add up to their entry", child(n, "Amt")->text);
}

static void read_balance(struct reading *r, struct iso_statement *s, const struct node *b)
{
	const struct node *code = at(b, "Tp/CdOrPrtry/Cd");
	char currency[4] = "";
	if (!code || !str_is(code->text, "CLBD") || s->closes)
		return;
	if (!take_amount(r, child(b, "Amt"), &s->closing, currency))
		return;
	if (s->currency[0] && strcmp(s->currency, currency) != 0)
		wrong(r, ERR_SYNTAX, "the closing balance is not in the currency of its account", child(b, "Amt")->text);
	memcpy(s->currency, currency, 4);
	if (!is_credit(r, b, true))
		s->closing = -s->closing;
	s->closing_day = take_day(r, child(b, "Dt"));
	if (!s->closing_day)
		wrong(r, ERR_SYNTAX, "a closing balance without its date", STR(""));
	s->closes = true;
}

static void read_statements(struct reading *r, const struct node *top, const char *name)
{
	size_t n = 0;
	for (const struct node *s = child(top, name); s; s = after(s))
		n++;
	r->m->statements = arena_zero(r->a, (n + 1) * sizeof(*r->m->statements));
	for (const struct node *s = child(top, name); s && r->code == ERR_OK; s = after(s)) {
		struct iso_statement *st = &r->m->statements[r->m->statement_count++];
		take(r, s, "Id", st->id, sizeof(st->id));
		take(r, s, at(s, "Acct/Id/IBAN") ? "Acct/Id/IBAN" : "Acct/Id/Othr/Id", st->account, sizeof(st->account));
		take(r, s, "Acct/Ccy", st->currency, sizeof(st->currency));
		if (!st->account[0])
			wrong(r, ERR_SYNTAX, "a statement without its account", STR(""));
		for (const struct node *b = child(s, "Bal"); b; b = after(b))
			read_balance(r, st, b);
		for (const struct node *e = child(s, "Ntry"); e && r->code == ERR_OK; e = after(e))
			read_entry(r, e);
	}
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

static void read_status(struct reading *r, const struct node *n, const char *id_path, const char *status_name)
{
	const struct node *status = child(n, status_name);
	if (!status)
		return;
	struct iso_entry *e = entry_add(r);
	e->what = status_of(status->text);
	take(r, n, id_path, e->end_to_end, sizeof(e->end_to_end));
	take(r, n, "OrgnlUETR", e->uetr, sizeof(e->uetr));
	take(r, n, "StsRsnInf/Rsn/Cd", e->code, sizeof(e->code));
}

static void read_pain(struct reading *r, const struct node *top)
{
	const struct node *group = child(top, "OrgnlGrpInfAndSts");
	bool told = false;
	for (const struct node *p = child(top, "OrgnlPmtInfAndSts"); p; p = after(p)) {
		const struct node *t = child(p, "TxInfAndSts");
		told = true;
		if (!t)
			read_status(r, p, "OrgnlPmtInfId", "PmtInfSts");
		for (; t && r->code == ERR_OK; t = after(t))
			read_status(r, t, "OrgnlEndToEndId", "TxSts");
	}
	if (!group)
		wrong(r, ERR_SYNTAX, "there is no", STR("OrgnlGrpInfAndSts"));
	else if (!told)
		read_status(r, group, "OrgnlMsgId", "GrpSts");
}

/* --- pacs.004 ---------------------------------------------------------------------------------------------------------- */
static void read_pacs(struct reading *r, const struct node *top)
{
	int64_t day = take_day(r, at(top, "GrpHdr/IntrBkSttlmDt"));
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
	struct fault unused;
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
