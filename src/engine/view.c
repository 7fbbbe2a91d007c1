/* What several views need. See engine/view.h. */
#include "engine/view.h"

#include <stdio.h>
#include <string.h>

#include "contract/assets.h"
#include "ledger/sealed.h"
#include "schedule/task.h"
#include "workflow/state.h"

const char *view_party_name(const struct tabs *s, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return p && p->name[0] ? p->name : party;
}

const char *view_party_short(const struct tabs *s, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return p && p->short_name[0] ? p->short_name : p && p->name[0] ? p->name : party;
}

const char *view_person(const struct tabs *s, const char *operator_id)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	return o && o->name[0] ? o->name : operator_id;
}

char *view_person_short(const struct tabs *s, const char *who, char out[40])
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, who);
	const char *last = o ? strrchr(o->name, ' ') : NULL;
	if (!last || (unsigned char)o->name[0] >= 0x80)
		snprintf(out, 40, "%s", o && o->name[0] ? o->name : who);
	else
		snprintf(out, 40, "%c. %s", o->name[0], last + 1);
	return out;
}

bool view_viewer(const struct tabs *s, const char *operator_id, int64_t now, struct viewer *out)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	memset(out, 0, sizeof(*out));
	out->now = now;
	if (!o)
		return false;
	memcpy(out->id, o->id, sizeof(out->id));
	memcpy(out->name, o->name, sizeof(out->name));
	memcpy(out->party, o->party, sizeof(out->party));
	snprintf(out->party_name, sizeof(out->party_name), "%s", view_party_name(s, o->party));
	out->role = (enum role)o->role;
	out->readonly = out->role == ROLE_AUD;
	return true;
}

static bool deal_names(const struct deal *d, const char *party)
{
	return !strcmp(d->funder, party) || !strcmp(d->party, party) || !strcmp(d->obligor, party) || !strcmp(d->warehouse, party);
}

/* Papers and tokens on their way: who has a part in the trade sees it; the other tiers of the token do not. */
static const char *paper_deal(const struct tabs *s, const char *object, const char *named[2])
{
	const struct document *doc = tab_get(s, &DOCUMENT_REC, object);
	const struct handover *way = tab_get(s, &HANDOVER_REC, object);
	const struct bill *bill = tab_get(s, &BILL_REC, object);
	if (doc) {
		named[0] = doc->seller;
		named[1] = doc->debtor;
		return strcmp(doc->object, doc->deal) == 0 ? doc->deal : "";
	}
	if (way) {
		named[0] = way->from;
		named[1] = way->to;
		return "";
	}
	if (!bill)
		return NULL;
	named[0] = bill->holder;
	named[1] = bill->pledgee;
	return bill->deal;
}

/* Parties that an object names itself: a holder of a note sees that note, not the others of its tree. */
static const char *object_deal(const struct tabs *s, const char *object, const char *named[2])
{
	const struct invoice *invoice = tab_get(s, &INVOICE_REC, object);
	const struct token_note *note = tab_get(s, &TOKEN_NOTE_REC, object);
	const struct lot *lot = tab_get(s, &LOT_REC, object);
	const struct task *task = tab_get(s, &TASK_REC, object);
	const struct item *item = tab_get(s, &ITEM_REC, object);
	const char *paper = paper_deal(s, object, named);
	if (paper)
		return paper;
	named[0] = invoice ? invoice->seller : note ? note->holder : lot ? lot->owner : item ? item->owner : "";
	named[1] = invoice ? invoice->debtor : note ? note->obligor : lot ? lot->warehouse : "";
	return note ? "" : invoice ? invoice->deal : lot ? lot->deal : task ? task->deal : item ? item->deal : object;
}

bool view_may_see(const struct tabs *s, const char *operator_id, const char *object)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	const struct party *p = o ? tab_get(s, &PARTY_REC, o->party) : NULL;
	const struct meta *m = tab_get(s, &META_REC, "state");
	const char *named[2];
	if (!operator_id[0])
		return true;
	if (!o)
		return false;
	if (o->role == ROLE_AUD || !p || p->kind == PARTY_REG || p->kind == PARTY_PLT || (m && !strcmp(m->book, p->id)))
		return true;
	const struct deal *d = tab_get(s, &DEAL_REC, object_deal(s, object, named));
	return !strcmp(named[0], p->id) || !strcmp(named[1], p->id) || (d && deal_names(d, p->id));
}

bool view_may_see_amounts(const struct tabs *s, const char *operator_id, const char *object)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	return (!o || o->role != ROLE_ADM) && view_may_see(s, operator_id, object);
}

/* --- how much of a record ---------------------------------------------------------------------------- */

static bool is_thing(const struct rec_type *t)
{
	return t == &DEAL_REC || t == &INVOICE_REC || t == &TOKEN_NOTE_REC || t == &LOT_REC || t == &ITEM_REC || t == &TASK_REC
		|| t == &DOCUMENT_REC || t == &HANDOVER_REC || t == &BILL_REC;
}

/* What a record is of; "" nothing that has a deal. */
static void object_of(const struct tabs *s, const struct rec_type *t, const void *rec, char out[REC_KEY_MAX])
{
	static const char *const FIELDS[] = { "deal", "object", "item", "instance" };
	const struct cert *c = t == &CERT_REC ? rec : NULL;
	out[0] = '\0';
	if (c && tab_get(s, &LOT_REC, c->subject)) /* of goods; those of a party are everybody's register */
		str_copy(out, REC_KEY_MAX, str_of(c->subject));
	if (is_thing(t))
		str_copy(out, REC_KEY_MAX, str_of(rec_key(t, rec)));
	for (size_t i = 0; !out[0] && i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		const struct rec_field *f = rec_field_find(t, str_of(FIELDS[i]));
		if (f && f->kind == FIELD_TEXT)
			str_copy(out, REC_KEY_MAX, rec_text(t, rec, f));
	}
	struct str first = str_of(out[0] || t != &VARIABLE_REC ? out : rec_key(t, rec));
	if (t == &VARIABLE_REC)
		str_copy(out, REC_KEY_MAX, str_cut(&first, '/'));
	const struct instance *i = tab_get(s, &INSTANCE_REC, out);
	if (i)
		str_copy(out, REC_KEY_MAX, str_of(i->deal));
}

static bool has_money(const struct rec_type *t)
{
	for (size_t i = 0; i < t->field_count; i++)
		if (t->fields[i].unit == UNIT_MONEY)
			return true;
	return false;
}

enum view_sight view_sight(const struct tabs *s, const char *operator_id, const struct rec_type *t, const void *rec)
{
	char object[REC_KEY_MAX];
	object_of(s, t, rec, object);
	bool money = has_money(t) && (t != &CERT_REC || object[0]);
	/* People have a ceiling, which is no figure of a deal. */
	if (!operator_id[0] || t == &OPERATOR_REC || (!object[0] && !money && t != &DECISION_REC))
		return VIEW_SIGHT_ALL;
	if (!view_may_see(s, operator_id, object))
		return VIEW_SIGHT_NONE;
	return !money || view_may_see_amounts(s, operator_id, object) ? VIEW_SIGHT_ALL : VIEW_SIGHT_MASKED;
}

void view_mask(const struct rec_type *t, void *copy)
{
	const int64_t masked = VIEW_MASKED;
	for (size_t i = 0; i < t->field_count; i++)
		if (t->fields[i].unit == UNIT_MONEY && t->fields[i].kind == FIELD_INT)
			memcpy((char *)copy + t->fields[i].offset, &masked, sizeof(masked));
}

int64_t view_tree_rest(const struct tabs *s, const char *operator_id, const char *root, size_t *count)
{
	int64_t sum = 0;
	*count = 0;
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, "") {
		bool lives = n->state == NOTE_LIVE || n->state == NOTE_LOCKED || n->state == NOTE_FROZEN;
		if (!lives || strcmp(n->root, root) || view_sight(s, operator_id, &TOKEN_NOTE_REC, n) != VIEW_SIGHT_NONE)
			continue;
		sum += n->amount;
		++*count;
	}
	return sum;
}

const void **view_all(const struct tabs *s, const struct rec_type *t, struct arena *a, size_t *count)
{
	size_t cap = tab_count(s, t), n = 0;
	const void **all = arena_alloc(a, (cap ? cap : 1) * sizeof(*all));
	for (const void *rec = tab_first(s, t, ""); rec && n < cap; rec = tab_next(s, t, rec_key(t, rec)))
		all[n++] = rec;
	*count = n;
	return all;
}
