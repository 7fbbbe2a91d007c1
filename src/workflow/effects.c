/* Effects: instructions to parties, rows of the outbox, and their answers (see workflow/runtime.h).
 *
 * What must remain true: an effect is answered once; its id is the idempotency key under which the world
 * may be asked again; what is sent is a function of the state when it was sent. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "identity/registry.h"
#include "run_int.h"

/* --- to whom -------------------------------------------------------------------------------------- */

static const char *party_of_deal(const struct run *r, struct str word)
{
	static const struct { const char *word, *field; } WORDS[] = {
		{ "obligor", "obligor" }, { "party", "party" }, { "supplier", "party" }, { "borrower", "party" },
		{ "warehouse", "warehouse" }, { "funder", "funder" },
	};
	const struct deal *d = deal_of(r);
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (str_is(word, WORDS[i].word))
			return d ? text_of(r, rec_text(&DEAL_REC, d,
				rec_field_find(&DEAL_REC, str_of(WORDS[i].field)))) : "";
	return NULL;
}

const char *party_of_word(const struct run *r, struct str word)
{
	static const struct { const char *word; enum party_kind kind; } NAMES[] = {
		{ "registry", PARTY_RGY }, { "inspector", PARTY_INS },
		{ "carrier", PARTY_CAR }, { "insurer", PARTY_IGU }, { "platform", PARTY_PLT },
	};
	const struct party *p = NULL;
	const char *of_deal = party_of_deal(r, word);
	if (of_deal)
		return of_deal;
	if (str_is(word, "bank") || str_is(word, PARTY_KIND_NAMES[PARTY_BNK])) {
		const struct deal *d = deal_of(r);
		p = bank_of(r->t->tabs, d ? d->funder : "");
	}
	for (int k = 0; k < PARTY_KIND_COUNT && !p; k++)
		if (str_is(word, PARTY_KIND_NAMES[k]))
			p = party_first_of(r->t->tabs, (enum party_kind)k);
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]) && !p; i++)
		if (str_is(word, NAMES[i].word))
			p = party_first_of(r->t->tabs, NAMES[i].kind);
	if (!p && word.len && word.len < sizeof(p->id))
		p = tab_get(r->t->tabs, &PARTY_REC, text_of(r, word));
	return p ? text_of(r, str_of(p->id)) : "";
}

/* --- what ----------------------------------------------------------------------------------------- */

/* Members sent with each kind: name, and where it comes from: "deal.x" or "payment.x" is a field as people write
 * it, anything else a process variable. A kind without rows is sent every variable. */
static const struct {
	const char *kind, *name, *from;
} MEMBERS[] = {
	{ "debt.request", "invoice", "deal.invoice" },
	{ "debt.request", "amount", "deal.amount" },
	{ "debt.request", "due", "deal.due_day" },
	{ "offer.send", "rate", "deal.rate" },
	{ "offer.send", "discount", "deal.discount" },
	{ "offer.send", "payout", "deal.payout" },
	{ "assign.register", "invoice", "deal.invoice" },
	{ "assign.discharge", "number", "number" },
	{ "pledge.file", "receipt", "deal.receipt" },
	{ "pledge.file", "lot", "deal.lot" },
	{ "pledge.discharge", "number", "number" },
	{ "bank.pay", "payment", "deal.payment" },
	{ "bank.pay", "amount", "payment.amount" },
	{ "bank.pay", "account", "payment.account" },
	{ "margin.demand", "amount", "deal.margin_due" },
	{ "margin.demand", "until", "deal.margin_until" },
};

static const void *member_record(const struct run *r, struct str rec, const struct rec_type **type)
{
	const struct deal *d = deal_of(r);
	*type = &DEAL_REC;
	if (!d || str_is(rec, "deal"))
		return d;
	*type = &PAYMENT_REC;
	return str_is(rec, "payment") && d->payment[0] ? tab_get(r->t->tabs, &PAYMENT_REC, d->payment) : NULL;
}

static void member_write(const struct run *r, struct json_writer *w, const char *from)
{
	struct str rest = str_of(from), rec = str_cut(&rest, '.');
	const struct rec_type *type;
	const void *at = rest.len ? member_record(r, rec, &type) : NULL;
	const struct rec_field *f = at ? rec_field_find(type, rest) : NULL;
	if (!rest.len) {
		vars_write(r, rec, w);
	} else if (!f) {
		json_write_null(w);
	} else if (f->kind == FIELD_INT && (f->unit == UNIT_NONE || f->unit == UNIT_PPM ||
			   f->unit == UNIT_BP || f->unit == UNIT_COUNT)) {
		json_write_i64(w, rec_int(at, f));
	} else {
		struct buf b = { 0 };
		rec_field_print(type, at, f, &b);
		json_write_str(w, buf_view(&b));
		buf_free(&b);
	}
}

static bool known_members(const struct run *r, struct json_writer *w, const char *kind)
{
	bool any = false;
	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++) {
		if (strcmp(MEMBERS[i].kind, kind) != 0)
			continue;
		any = true;
		json_write_key(w, str_of(MEMBERS[i].name));
		member_write(r, w, MEMBERS[i].from);
	}
	return any;
}

struct str effect_data(const struct run *r, const char *kind, struct str names)
{
	struct buf b = { 0 };
	bool any = names.len != 0;
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	while (names.len) {
		struct str name = str_cut(&names, ' ');
		if (!name.len)
			continue;
		json_write_key(w, name);
		vars_write(r, name, w);
	}
	if (!any)
		any = known_members(r, w, kind);
	json_write_close(w, '}');
	json_write_end(w);
	struct str out = any ? (struct str){ arena_copy(r->t->scratch, b.ptr, b.len), b.len } : vars_json(r);
	buf_free(&b);
	return out;
}

/* --- out and back --------------------------------------------------------------------------------- */

void effect_send(struct turn *t, const char *kind, const char *party, const char *deal,
	const char *reply, struct str data_json, char id_out[ID_MAX])
{
	struct effect e = { .state = EFFECT_PENDING, .at = t->stamp };
	turn_id(t, "EF", e.id);
	str_copy(e.kind, sizeof(e.kind), str_of(kind));
	str_copy(e.party, sizeof(e.party), str_of(party));
	str_copy(e.deal, sizeof(e.deal), str_of(deal));
	str_copy(e.reply, sizeof(e.reply), str_of(reply));
	e.data = blob_in(t->scratch, data_json.ptr, data_json.len);
	tab_put(t->tabs, &EFFECT_REC, &e);
	snprintf(id_out, ID_MAX, "%s", e.id);
}

/* The data with member "error" added; what is no object becomes one. */
static struct str data_with_error(struct turn *t, struct str data, const char *code)
{
	const struct json *doc = NULL;
	struct fault fault;
	struct buf b = { 0 };
	if (!data.len || turn_json(t, data, &doc, &fault) != ERR_OK || doc->kind != JSON_OBJECT)
		doc = NULL;
	if (doc && json_get(doc, "error"))
		return data;
	struct json_writer *w = json_write_begin(&b, false);
	json_write_open(w, '{');
	for (const struct json *m = doc ? doc->child : NULL; m; m = m->next) {
		json_write_key(w, m->key);
		json_write_value(w, m);
	}
	json_write_key(w, STR("error"));
	json_write_str(w, str_of(code));
	json_write_close(w, '}');
	json_write_end(w);
	struct str out = { arena_copy(t->scratch, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

enum refusal effect_reply(struct turn *t, struct workflow *w, const char *effect, const char *code,
	struct str data_json)
{
	const struct effect *found = tab_get(t->tabs, &EFFECT_REC, effect);
	if (!found)
		return turn_refuse(t, REFUSED_EFFECT_UNKNOWN, "There is no effect %.31s.", effect);
	if (found->state == EFFECT_ANSWERED || found->state == EFFECT_FAILED)
		return turn_refuse(t, REFUSED_EFFECT_UNKNOWN, "Effect %s was answered before.", found->id);
	struct effect e = *found;
	bool ok = strcmp(code, "ok") == 0 || !*code, late = e.state == EFFECT_CANCELLED;
	e.state = ok ? EFFECT_ANSWERED : EFFECT_FAILED;
	e.answered_at = t->stamp;
	str_copy(e.code, sizeof(e.code), str_of(ok ? "ok" : code));
	tab_put(t->tabs, &EFFECT_REC, &e);
	if (late)
		turn_news(t, NEWS_WARN, "engine", e.deal, "%s answered %s after it was called off", e.party, e.kind);
	if (e.reply[0])
		workflow_message(t, w, e.reply, e.deal, ok ? data_json : data_with_error(t, data_json, code));
	return REFUSED_NOT;
}
