/* Lists without a terminal. See app/show.h.
 *
 * Everything is read from the descriptions of records, so a new field shows up without a line here. */
#include "app/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_int.h"
#include "base/check.h"
#include "base/instant.h"
#include "base/money.h"
#include "contract/assets.h"
#include "contract/totals.h"
#include "engine/view_keys.h"
#include "ledger/sealed.h"
#include "ledger/envelope.h"

/* What each record type holds, for `wharf show`; those without a row are internal but can be shown too. */
static const struct {
	const char *name, *words;
} VIEWS[] = {
	{ "deal", "financings of both kinds" }, { "task", "work and who may do it" }, { "alert", "cases" },
	{ "decision", "what was decided, with snapshots" }, { "account", "balances of the book" },
	{ "journal", "journals" }, { "posting", "lines of journals" }, { "limit", "limits, used and reserved" },
	{ "lot", "goods" }, { "receipt", "warehouse receipts" }, { "pledge", "pledges" },
	{ "invoice", "receivables" }, { "token_note", "payable tokens" }, { "payment", "payments" },
	{ "bill", "bills of lading" }, { "cert", "certificates with their validity" }, { "handover", "tokens on their way to another holder" },
	{ "claim", "double-financing registry" }, { "document", "documents in it, by fingerprint" },
	{ "proof", "conditions and evidence" }, { "score", "scores with reasons" },
	{ "series", "devices and their last reading" }, { "window", "readings of the last 48 h, thinned" },
	{ "batch", "gateway batches" }, { "physical", "EPCIS events" }, { "value", "prices by quorum" },
	{ "quote", "answers of price sources" }, { "gateway", "gateways, gaps and outages" }, { "device", "devices" },
	{ "site", "sites" }, { "party", "parties" }, { "operator", "people" }, { "keyrec", "keys over time" }, { "emergency", "emergency access" },
	{ "act", "who did what" },
	{ "hold", "suspensions and freezes" }, { "stop", "outflow stops" }, { "witnessed", "what witnesses have seen" },
	{ "equivocation", "contradictions of the node" }, { "transfer", "transfers, pending and ended" },
	{ "bank_order", "payment orders to the bank" }, { "effect", "outbox: instructions to parties" },
	{ "instance", "running processes" }, { "token", "where processes wait" }, { "step", "what processes did" },
	{ "timer", "what is due" }, { "variable", "process variables" }, { "process", "deployed processes" },
	{ "code", "deployed contracts" }, { "param", "policy in force" }, { "news", "what happened, in words" },
	{ "seat", "people's open work" }, { "profile", "facts for scores" }, { "offer", "funders' quotes" },
	{ "endorse", "who must sign what" }, { "proposal", "events that wait for signatures" },
	{ "item", "evidence for its readers" }, { "grant", "who may read it" }, { "sealed", "what was said to an audience alone" },
	{ "meta", "the ledger itself" },
};

void show_names(struct buf *out)
{
	buf_text(out, "  ledger       entries of the journal\n  totals       control totals CT-1 to CT-7\n"
		"  keys         whose key counts, until when, and which do not any more\n");
	for (size_t i = 0; i < sizeof(VIEWS) / sizeof(VIEWS[0]); i++)
		buf_printf(out, "  %-12s %s\n", VIEWS[i].name, VIEWS[i].words);
}

/* --- rows of any kind: collected as cells, then printed ------------------------------------------- */

struct sheet {
	struct buf cells;      /* NUL-terminated texts, row by row */
	size_t columns, rows;
	const char *heads[64];
	bool right[64];
};

static void sheet_cell(struct sheet *s, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_char(&s->cells, char_shown(text, i));
	buf_char(&s->cells, '\0');
}

static void csv_field(struct buf *out, const char *text)
{
	if (!strpbrk(text, ",\"\n\r")) {
		buf_text(out, text);
		return;
	}
	buf_char(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_char(out, '"');
		buf_char(out, *text);
	}
	buf_char(out, '"');
}

static int text_width(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void sheet_table(const struct sheet *s, size_t from, struct buf *out)
{
	int width[64];
	for (size_t c = 0; c < s->columns; c++)
		width[c] = text_width(s->heads[c]);
	const char *cell = s->cells.ptr ? s->cells.ptr : "";
	for (size_t i = 0; i < s->rows * s->columns; i++, cell += strlen(cell) + 1)
		if (i / s->columns >= from && text_width(cell) > width[i % s->columns])
			width[i % s->columns] = text_width(cell);
	for (size_t c = 0; c < s->columns; c++)
		buf_printf(out, "%s%*s%s%*s", c ? "  " : "", s->right[c] ? width[c] - text_width(s->heads[c]) : 0, "",
			s->heads[c], s->right[c] || c + 1 == s->columns ? 0 : width[c] - text_width(s->heads[c]), "");
	buf_char(out, '\n');
	cell = s->cells.ptr ? s->cells.ptr : "";
	for (size_t i = 0; i < s->rows * s->columns; i++, cell += strlen(cell) + 1) {
		size_t c = i % s->columns;
		if (i / s->columns < from)
			continue;
		int pad = width[c] - text_width(cell);
		buf_printf(out, "%s%*s%s%*s", c ? "  " : "", s->right[c] ? pad : 0, "", cell,
			s->right[c] || c + 1 == s->columns ? 0 : pad, "");
		if (c + 1 == s->columns)
			buf_char(out, '\n');
	}
}

static void sheet_csv(const struct sheet *s, size_t from, struct buf *out)
{
	for (size_t c = 0; c < s->columns; c++) {
		buf_text(out, c ? "," : "");
		csv_field(out, s->heads[c]);
	}
	buf_text(out, "\r\n");
	const char *cell = s->cells.ptr ? s->cells.ptr : "";
	for (size_t i = 0; i < s->rows * s->columns; i++, cell += strlen(cell) + 1) {
		if (i / s->columns < from)
			continue;
		buf_text(out, i % s->columns ? "," : "");
		csv_field(out, cell);
		buf_text(out, i % s->columns + 1 == s->columns ? "\r\n" : "");
	}
}

static void sheet_json(const struct sheet *s, size_t from, struct buf *out)
{
	struct json_writer *w = json_write_begin(out, true);
	const char *cell = s->cells.ptr ? s->cells.ptr : "";
	json_write_open(w, '[');
	for (size_t i = 0; i < s->rows * s->columns; i++, cell += strlen(cell) + 1) {
		size_t c = i % s->columns;
		if (i / s->columns < from)
			continue;
		if (c == 0)
			json_write_open(w, '{');
		json_write_key(w, str_of(s->heads[c]));
		json_write_str(w, str_of(cell));
		if (c + 1 == s->columns)
			json_write_close(w, '}');
	}
	json_write_close(w, ']');
	json_write_end(w);
	buf_char(out, '\n');
}

static void sheet_print(const struct sheet *s, const struct show_options *o, struct buf *out)
{
	static void (*const PRINT[])(const struct sheet *, size_t, struct buf *) = { [SHOW_TABLE] = sheet_table,
		[SHOW_JSON] = sheet_json, [SHOW_CSV] = sheet_csv };
	PRINT[o->format](s, o->last && s->rows > o->last ? s->rows - o->last : 0, out);
}

/* --- record types --------------------------------------------------------------------------------- */

static const struct rec_type *show_type(const struct tabs *tabs, struct str view)
{
	const struct rec_type *t = tabs_type_named(tabs, view);
	if (!t && view.len > 1 && view.ptr[view.len - 1] == 's')
		t = tabs_type_named(tabs, (struct str){ view.ptr, view.len - 1 });
	if (!t && str_ends(view, "es"))
		t = tabs_type_named(tabs, (struct str){ view.ptr, view.len - 2 });
	if (!t && str_is(view, "series"))
		t = &SERIES_REC;
	if (!t && (str_is(view, "note") || str_is(view, "notes")))
		t = &TOKEN_NOTE_REC;
	if (!t && (str_is(view, "certificate") || str_is(view, "certificates")))
		t = &CERT_REC;
	return t;
}

/* A row of which the person may not see the amounts is left out as a whole. */
static bool show_seen(const struct tabs *s, const struct rec_type *t, const void *rec, const char *viewer)
{
	return !viewer || view_sight(s, viewer, t, rec) == VIEW_SIGHT_ALL;
}

/* In tables a long byte string would drown the rest. */
static bool show_column(const struct rec_field *f, enum show_format format)
{
	return format == SHOW_JSON || (f->kind != FIELD_BLOB && (format == SHOW_CSV || f->kind != FIELD_HASH));
}

static bool show_matches(const struct rec_type *t, const void *rec, const struct rec_field *f, struct str want)
{
	struct buf text = { 0 };
	if (!f)
		return true;
	rec_field_print(t, rec, f, &text);
	struct str have = buf_view(&text);
	bool matches = str_eq(have, want) || (f->unit == UNIT_ID && want.len >= 4 && have.len >= want.len
		&& memcmp(have.ptr + have.len - want.len, want.ptr, want.len) == 0);
	buf_free(&text);
	return matches;
}

static void show_json_records(const struct tabs *tabs, const struct rec_type *t, const struct rec_field *filter,
	const struct show_options *o, struct buf *out)
{
	size_t total = 0, skip;
	for (const void *r = tab_first(tabs, t, ""); r; r = tab_next(tabs, t, rec_key(t, r)))
		total += show_seen(tabs, t, r, o->viewer) && show_matches(t, r, filter, o->where_value);
	skip = o->last && total > o->last ? total - o->last : 0;
	struct json_writer *w = json_write_begin(out, true);
	json_write_open(w, '[');
	for (const void *r = tab_first(tabs, t, ""); r; r = tab_next(tabs, t, rec_key(t, r))) {
		if (!show_seen(tabs, t, r, o->viewer) || !show_matches(t, r, filter, o->where_value))
			continue;
		if (skip)
			skip--;
		else
			rec_to_json(t, r, w);
	}
	json_write_close(w, ']');
	json_write_end(w);
	buf_char(out, '\n');
}

/* One row for a tree of notes of which the person holds some: what lives of it in other hands, as one sum. */
static void show_rest(const struct tabs *tabs, const struct token_note *n, const char *viewer, struct token_note *out)
{
	size_t count;
	*out = (struct token_note){ .state = NOTE_LIVE, .maturity = n->maturity };
	out->amount = view_tree_rest(tabs, viewer, n->root, &count);
	snprintf(out->id, sizeof(out->id), "%s/others", n->root);
	memcpy(out->root, n->root, sizeof(out->root));
	memcpy(out->obligor, n->obligor, sizeof(out->obligor));
	memcpy(out->currency, n->currency, sizeof(out->currency));
	snprintf(out->holder, sizeof(out->holder), "%zu others", count);
}

/* Whether no note of the tree before this one is seen. */
static bool show_first(const struct tabs *tabs, const struct token_note *n, const char *viewer)
{
	TAB_FOR(token_note, x, tabs, &TOKEN_NOTE_REC, "") {
		if (x == n)
			return true;
		if (!strcmp(x->root, n->root) && view_sight(tabs, viewer, &TOKEN_NOTE_REC, x) == VIEW_SIGHT_ALL)
			return false;
	}
	return true;
}

static void sheet_record(struct sheet *s, const struct rec_type *t, const void *rec, enum show_format format)
{
	struct buf text = { 0 };
	for (size_t i = 0; i < t->field_count; i++) {
		if (!show_column(&t->fields[i], format))
			continue;
		buf_clear(&text);
		rec_field_print(t, rec, &t->fields[i], &text);
		sheet_cell(s, buf_view(&text));
	}
	s->rows++;
	buf_free(&text);
}

static void show_records(const struct tabs *tabs, const struct rec_type *t, const struct rec_field *filter,
	const struct show_options *o, struct buf *out)
{
	struct sheet s = { 0 };
	struct token_note rest;
	for (size_t i = 0; i < t->field_count && s.columns < 64; i++)
		if (show_column(&t->fields[i], o->format)) {
			s.right[s.columns] = t->fields[i].kind == FIELD_INT && t->fields[i].unit != UNIT_TIME
				&& t->fields[i].unit != UNIT_DATE;
			s.heads[s.columns++] = t->fields[i].name;
		}
	for (const void *r = tab_first(tabs, t, ""); r; r = tab_next(tabs, t, rec_key(t, r))) {
		if (!show_seen(tabs, t, r, o->viewer) || !show_matches(t, r, filter, o->where_value))
			continue;
		sheet_record(&s, t, r, o->format);
		if (!o->viewer || t != &TOKEN_NOTE_REC || !show_first(tabs, r, o->viewer))
			continue;
		show_rest(tabs, r, o->viewer, &rest);
		if (rest.amount)
			sheet_record(&s, t, &rest, o->format);
	}
	sheet_print(&s, o, out);
	buf_free(&s.cells);
}

/* --- computed views ------------------------------------------------------------------------------- */

static enum err show_totals(struct runtime *r, const struct show_options *o, struct buf *out, struct fault *fault)
{
	static const char *const HEADS[] = { "total", "says", "left", "right", "holds" };
	const struct meta *m = engine_meta(runtime_engine(r));
	struct total totals[TOTALS_COUNT];
	struct sheet s = { .columns = 5 };
	(void)fault;
	memcpy(s.heads, HEADS, sizeof(HEADS));
	s.right[2] = s.right[3] = true;
	if (m)
		totals_compute(engine_tabs(runtime_engine(r)), m->book, m->currency, totals);
	for (size_t i = 0; m && i < TOTALS_COUNT; i++) {
		char amount[MONEY_TEXT_MAX];
		sheet_cell(&s, str_of(totals[i].name));
		sheet_cell(&s, str_of(totals[i].says));
		sheet_cell(&s, str_of(money_format(totals[i].left, m->currency, 0, amount)));
		sheet_cell(&s, str_of(money_format(totals[i].right, m->currency, 0, amount)));
		sheet_cell(&s, str_of(totals[i].holds ? "yes" : "no"));
		s.rows++;
	}
	sheet_print(&s, o, out);
	buf_free(&s.cells);
	return ERR_OK;
}

static enum err show_keys(struct runtime *r, const struct show_options *o, struct buf *out, struct fault *fault)
{
	static const char *const HEADS[] = { "holder", "name", "kind", "role", "party", "state", "current", "from", "until", "device", "key", "entry" };
	struct sheet s = { .columns = sizeof(HEADS) / sizeof(HEADS[0]) };
	struct arena a = { 0 };
	char from[INSTANT_TEXT_MAX], until[INSTANT_TEXT_MAX], entry[24];
	(void)fault;
	memcpy(s.heads, HEADS, sizeof(HEADS));
	s.right[s.columns - 1] = true;
	const struct view_keys *v = view_keys_build(&a, engine_tabs(runtime_engine(r)), runtime_now(r));
	for (size_t i = 0; i < v->count; i++) {
		const struct view_key *k = &v->keys[i];
		snprintf(entry, sizeof(entry), "%lld", (long long)k->entry);
		const char *cells[] = { k->holder, k->name, k->kind, k->role, k->party, VIEW_KEY_WORDS[k->state], k->current ? "yes" : "no",
			k->from ? instant_format(k->from, 0, from) : "", k->until ? instant_format(k->until, 0, until) : "", k->device,
			o->format == SHOW_TABLE ? k->did : k->id, entry };
		for (size_t c = 0; c < s.columns; c++)
			sheet_cell(&s, str_of(cells[c]));
		s.rows++;
	}
	sheet_print(&s, o, out);
	buf_free(&s.cells);
	arena_free(&a);
	return ERR_OK;
}

struct entries {
	struct sheet sheet;
	const struct tabs *tabs;
	const char *viewer;
};

static bool show_entry(void *ctx, const struct journal_row *row)
{
	struct entries *x = ctx;
	struct sheet *s = &x->sheet;
	struct envelope env;
	char text[INSTANT_TEXT_MAX], number[24], hex[HASH_HEX_MAX];
	if (envelope_decode(row->entry.envelope, &env, NULL) != ERR_OK)
		memset(&env, 0, sizeof(env));
	const struct event_kind *kind = event_kind_of(env.kind);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)row->entry.number);
	sheet_cell(s, str_of(number));
	sheet_cell(s, str_of(instant_format(row->entry.stamp, 6, text)));
	sheet_cell(s, str_of(kind ? kind->name : "?"));
	sheet_cell(s, str_of(env.sender));
	bool hidden = x->viewer && env.deal[0] && !view_may_see(x->tabs, x->viewer, env.deal);
	sheet_cell(s, str_of(hidden ? "hidden" : env.deal));
	sheet_cell(s, str_of(row->entry.verdict));
	sheet_cell(s, str_of(hex_of(row->digests.leaf.bytes, HASH_SIZE, hex)));
	s->rows++;
	return true;
}

static enum err show_ledger(struct runtime *r, const struct show_options *o, struct buf *out, struct fault *fault)
{
	static const char *const HEADS[] = { "entry", "stamp", "kind", "sender", "deal", "verdict", "leaf" };
	uint64_t head = engine_link(runtime_engine(r))->next;
	struct entries x = { .sheet = { .columns = 7 }, .tabs = engine_tabs(runtime_engine(r)), .viewer = o->viewer };
	memcpy(x.sheet.heads, HEADS, sizeof(HEADS));
	x.sheet.right[0] = true;
	enum err e = journal_tail(runtime_journal(r), o->last && head > o->last ? head - o->last : 0, head, show_entry,
		&x, fault);
	if (e == ERR_OK)
		sheet_print(&x.sheet, o, out);
	buf_free(&x.sheet.cells);
	return e;
}

enum err show_view(struct runtime *r, struct str view, const struct show_options *o, struct buf *out,
	struct fault *fault)
{
	if (o->where_field.len && (str_is(view, "ledger") || str_is(view, "totals") || str_is(view, "keys")))
		return fault_set(fault, ERR_USAGE, 0, 0, "%.*s is computed and has no fields for --where; filter its --csv or --json",
			(int)view.len, view.ptr);
	if (o->viewer && !tab_get(engine_tabs(runtime_engine(r)), &OPERATOR_REC, o->viewer))
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no person %.40s; `wharf show operator` lists people", o->viewer);
	if (o->viewer && str_is(view, "totals") && !view_may_see_amounts(engine_tabs(runtime_engine(r)), o->viewer, ""))
		return fault_set(fault, ERR_DENIED, 0, 0, "%.40s sees no figures of the book", o->viewer);
	if (str_is(view, "ledger"))
		return show_ledger(r, o, out, fault);
	if (str_is(view, "totals"))
		return show_totals(r, o, out, fault);
	if (str_is(view, "keys"))
		return show_keys(r, o, out, fault);
	const struct tabs *tabs = engine_tabs(runtime_engine(r));
	const struct rec_type *t = show_type(tabs, view);
	const struct rec_field *filter = NULL;
	if (!t)
		return fault_set(fault, ERR_USAGE, 0, 0, "there is no view \"%.*s\"; `wharf show` lists them",
			(int)(view.len > 60 ? 60 : view.len), view.ptr);
	if (o->where_field.len && !(filter = rec_field_find(t, o->where_field)))
		return fault_set(fault, ERR_USAGE, 0, 0, "%s has no field \"%.*s\"", t->name,
			(int)(o->where_field.len > 60 ? 60 : o->where_field.len), o->where_field.ptr);
	if (o->format == SHOW_JSON)
		show_json_records(tabs, t, filter, o, out);
	else
		show_records(tabs, t, filter, o, out);
	return ERR_OK;
}
