/* From plan to state: every check that stands between a contract and the records.
 *
 * Must remain true: what a contract asked for is either applied whole, with every invariant of
 * domain specification §3 that it touches still holding, or refused by name. The caller takes a refused plan back to
 * its mark, so checks may stand next to the writes they guard. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "contract/contract_int.h"
#include "contract/endorsed.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

/* Types a contract may write; kind of fresh ids; fields that are not its business. */
static const struct {
	const struct rec_type *type;
	const char *id_kind;
	const char *const *kept;
} WRITABLE[] = {
	{ &DEAL_REC, NULL, (const char *const[]){ "id", "state", "level", "ltv", "zone", "version",
		"opened_at", "funded_at", "closed_at", NULL } },
	{ &INVOICE_REC, "RV", (const char *const[]){ "id", NULL } },
	{ &CLAIM_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &TOKEN_NOTE_REC, "TN", (const char *const[]){ "id", NULL } },
	{ &LOT_REC, "LT", (const char *const[]){ "id", "level", NULL } },
	{ &RECEIPT_REC, "WR", (const char *const[]){ "id", NULL } },
	{ &PLEDGE_REC, "PL", (const char *const[]){ "id", NULL } },
	{ &LIMIT_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &PROOF_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &PAYMENT_REC, "PY", (const char *const[]){ "id", NULL } },
	{ &OFFER_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &SCORE_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &BILL_REC, NULL, (const char *const[]){ "id", NULL } },
	{ &HANDOVER_REC, "HO", (const char *const[]){ "id", NULL } },
};
enum { WRITABLE_COUNT = sizeof(WRITABLE) / sizeof(WRITABLE[0]) };

static size_t writable_index(const struct rec_type *t)
{
	size_t i = 0;
	while (i < WRITABLE_COUNT && WRITABLE[i].type != t)
		i++;
	return i;
}

bool contract_writes(const struct rec_type *t)
{
	return writable_index(t) < WRITABLE_COUNT;
}

const char *contract_id_kind(const struct rec_type *t)
{
	return WRITABLE[writable_index(t)].id_kind;
}

/* --- set --------------------------------------------------------------------------------------------- */
static enum refusal apply_fields(struct turn *t, const struct plan_step *step, void *rec)
{
	const char *const *kept = WRITABLE[writable_index(step->type)].kept;
	for (const struct plan_value *v = step->values; v; v = v->next) {
		const struct rec_field *f = v->field;
		for (size_t i = 0; kept[i]; i++)
			if (!strcmp(kept[i], f->name))
				return turn_refuse(t, REFUSED_CONTRACT_RESULT, "A contract may not set %s.%s.",
					step->type->name, f->name);
		if (f->kind == FIELD_TEXT)
			CHECK(rec_set_text(rec, f, v->text), "texts were measured when they were taken");
		else if (f->kind == FIELD_BLOB)
			rec_set_blob(rec, f, blob_in(t->scratch, v->text.ptr, v->text.len));
		else if (f->kind == FIELD_HASH)
			memcpy((char *)rec + f->offset, v->text.ptr, HASH_SIZE);
		else
			CHECK(rec_set_int(rec, f, v->number), "enums were looked up when they were taken");
	}
	return REFUSED_NOT;
}

/* Whose the record is: one that names a deal belongs to this call's. A claim is taken over when it no
 * longer encumbers anything. */
static enum refusal apply_owner(struct apply *a, const struct plan_step *step, const void *old, void *rec)
{
	const struct rec_field *f = rec_field_find(step->type, STR("deal"));
	const char *deal = a->h->deal_id;
	if (!f)
		return REFUSED_NOT;
	static const char *const OWN[] = { "near/", "number/", "of/", "exact/" };
	for (size_t i = 0; step->type == &CLAIM_REC && i < sizeof(OWN) / sizeof(OWN[0]); i++)
		if (str_starts(str_of(step->key), OWN[i]))
			return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "%s is an index of the registry: use registry().", step->key);
	if (old && rec_text(step->type, old, f).len && !str_is(rec_text(step->type, old, f), deal)) {
		const struct claim *c = old;
		if (step->type == &TOKEN_NOTE_REC && note_lent(old, deal))
			return REFUSED_NOT;
		if (step->type != &CLAIM_REC)
			return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "%s %s belongs to another deal.", step->type->name,
				step->key);
		if (c->state == CLAIM_RESERVED || c->state == CLAIM_FINANCED) {
			a->h->subject = str_dup(a->t->scratch, str_of(step->key));
			return turn_refuse(a->t, !strncmp(step->key, "asset/", 6) ? REFUSED_DOUBLE_ASSET : REFUSED_DOUBLE_EXACT,
				"%s is %s for %s.", step->key, CLAIM_STATE_NAMES[c->state], c->deal);
		}
		if (str_is(rec_text(step->type, rec, f), c->deal))
			rec_set_text(rec, f, str_of(deal));
	}
	if (rec_text(step->type, rec, f).len == 0)
		CHECK(rec_set_text(rec, f, str_of(deal)), "every deal field holds a deal id");
	if (!str_is(rec_text(step->type, rec, f), deal))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "%s %s may not be given to another deal.",
			step->type->name, step->key);
	return REFUSED_NOT;
}

/* Money or goods may go out: not while the deal is suspended or its goods are frozen. */
static enum refusal apply_outflow(struct apply *a, const char *what)
{
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	const struct lot *lot = d && d->lot[0] ? tab_get(a->t->tabs, &LOT_REC, d->lot) : NULL;
	enum refusal r = stop_check(a->t, d ? d->funder : "");
	if (r)
		return r;
	if (d && d->level >= 3)
		return turn_refuse(a->t, REFUSED_SUSPENDED, "%s at level %lld: %s is stopped.", d->id,
			(long long)d->level, what);
	if (lot && lot_frozen(a->t->tabs, lot)) {
		a->h->subject = str_dup(a->t->scratch, str_of(lot->id));
		return turn_refuse(a->t, REFUSED_FROZEN, "Lot %s is frozen: %s is stopped.", lot->id, what);
	}
	return REFUSED_NOT;
}

static enum refusal check_deal(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct deal *was = old, *d = rec;
	if (strcmp(d->id, a->h->deal_id))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "A contract of %s may not write deal %s.",
			a->h->deal_id, step->key);
	if (was && was->kind != d->kind && (a->h->deal_exists || was->state != DEAL_NONE))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "The kind of %s is settled.", d->id);
	if (was && was->receipt[0] && strcmp(was->receipt, d->receipt)) {
		const struct receipt *r = tab_get(a->t->tabs, &RECEIPT_REC, was->receipt);
		if (r && receipt_state_live(r->state))
			return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Receipt %s is still live.", r->id);
	}
	return REFUSED_NOT;
}

static enum refusal check_limit(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct limit *l = rec, *was = old;
	int64_t sum, before = 0;
	(void)step;
	if (l->used < 0 || l->reserved < 0 || !num_add(l->used, l->reserved, &sum))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Limit %s: used or reserved is out of range.", l->id);
	if (was)
		before = was->used + was->reserved;
	if (sum > before && sum > l->amount) {
		char need[MONEY_TEXT_MAX], have[MONEY_TEXT_MAX];
		return turn_refuse(a->t, REFUSED_LIMIT, "Limit %s: %s would be used of %s %s.", l->id,
			money_format(sum, l->currency, ',', need), money_format(l->amount, l->currency, ',', have),
			l->currency);
	}
	return REFUSED_NOT;
}

static enum refusal check_payment(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	const struct payment *p = rec, *was = old;
	(void)step;
	if (p->amount <= 0)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Payment %s: the amount is not above zero.", p->id);
	if (p->state <= PAYMENT_RELEASED && (!was || was->state != p->state))
		return apply_outflow(a, "the payment");
	return REFUSED_NOT;
}

static enum refusal check_score(struct apply *a, const struct plan_step *step, const void *old, const void *rec)
{
	(void)old;
	(void)rec;
	if (strcmp(step->key, a->h->deal_id))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "A contract of %s may not score %s.", a->h->deal_id, step->key);
	return REFUSED_NOT;
}

static const struct {
	const struct rec_type *type;
	apply_check *check;
} CHECKS[] = {
	{ &DEAL_REC, check_deal }, { &INVOICE_REC, check_invoice }, { &TOKEN_NOTE_REC, check_note },
	{ &LIMIT_REC, check_limit }, { &RECEIPT_REC, check_receipt }, { &PAYMENT_REC, check_payment },
	{ &SCORE_REC, check_score }, { &LOT_REC, check_lot }, { &PLEDGE_REC, check_pledge }, { &BILL_REC, check_bill },
	{ &HANDOVER_REC, check_handover },
};

static enum refusal apply_set(struct apply *a, const struct plan_step *step)
{
	const struct rec_type *type = step->type;
	const void *old = tab_get(a->t->tabs, type, step->key);
	void *rec = old ? arena_copy(a->t->scratch, old, type->size) : arena_zero(a->t->scratch, type->size);
	if (old) /* the record in the table moves when it is put */
		old = arena_copy(a->t->scratch, old, type->size);
	else
		CHECK(rec_set_text(rec, &type->fields[0], str_of(step->key)), "keys were measured when they were taken");
	enum refusal r = apply_fields(a->t, step, rec);
	if (!r)
		r = apply_owner(a, step, old, rec);
	for (size_t i = 0; !r && i < sizeof(CHECKS) / sizeof(CHECKS[0]); i++)
		if (CHECKS[i].type == type)
			r = CHECKS[i].check(a, step, old, rec);
	if (!r)
		tab_put(a->t->tabs, type, rec);
	return r;
}

/* --- the other steps ----------------------------------------------------------------------------------- */
/* Domain §5.8: nothing is posted with a value date in a closed period. */
static enum refusal apply_period(struct turn *t, int64_t day)
{
	int64_t closed = policy_int(t->tabs, "book.closed_until", INT64_MIN);
	char text[INSTANT_TEXT_MAX];
	if (day > closed)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_PERIOD_CLOSED, "The books are closed until %s.", instant_format_date(closed, text));
}

static enum refusal apply_post(struct apply *a, const struct plan_step *step)
{
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	if (d && (step->book[0] || step->currency[0]))
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "A journal of a deal is of its book and currency.");
	enum refusal r = apply_period(a->t, step->day);
	if (r == REFUSED_NOT)
		r = book_post(a->t, d ? d->funder : step->book, d ? d->id : "", d ? d->currency : step->currency, step->day, step->name, step->memo,
			step->lines, step->line_count);
	if (r == REFUSED_NOT && event_suspends(step->name))
		turn_signal(a->t, (struct signal){ .kind = SIGNAL_EVENT, .code = "suspense-open",
			.subject = ((const struct journal *)tab_prev(a->t->tabs, &JOURNAL_REC, NULL))->id });
	return r;
}

/* --- transfers in two phases: of this deal, in its book and currency ----------------------------------- */
static enum refusal apply_pend(struct apply *a, const struct plan_step *step)
{
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	if (!d)
		return turn_refuse(a->t, REFUSED_DEAL_UNKNOWN, "A transfer of a contract is of a deal.");
	struct transfer_ask ask = { step->key, d->funder, d->id, d->currency, step->memo, step->lines[0].number,
		step->lines[1].number, step->from, instant_day(a->t->stamp), step->day };
	enum refusal r = transfer_pend(a->t, &ask);
	if (r == REFUSED_NOT && step->day)
		turn_signal(a->t, (struct signal){ .kind = SIGNAL_EVENT, .subject = step->key, .code = "transfer-pending", .a = step->day });
	return r;
}

static enum refusal apply_pending_end(struct apply *a, const struct plan_step *step)
{
	const struct transfer *f = tab_get(a->t->tabs, &TRANSFER_REC, step->key);
	int64_t today = instant_day(a->t->stamp);
	enum refusal r = REFUSED_NOT;
	if (f && strcmp(f->deal, a->h->deal_id) != 0)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "Transfer %s belongs to another deal.", f->id);
	if (step->kind == PLAN_POST_PENDING)
		r = apply_period(a->t, today);
	if (r == REFUSED_NOT)
		r = step->kind == PLAN_POST_PENDING ? transfer_post(a->t, step->key, step->from, today, step->name, step->memo)
			: transfer_void(a->t, step->key);
	if (r == REFUSED_NOT)
		turn_signal(a->t, (struct signal){ .kind = SIGNAL_EVENT, .subject = step->key, .code = "transfer-ended" });
	return r;
}

static enum refusal apply_mirror(struct apply *a, const struct plan_step *step)
{
	const struct journal *j = step->key[0] ? tab_get(a->t->tabs, &JOURNAL_REC, step->key)
		: book_journal_of(a->t->tabs, a->h->deal_id, step->name);
	if (!j || strcmp(j->deal, a->h->deal_id) != 0)
		return turn_refuse(a->t, REFUSED_CONTRACT_RESULT, "%s has no journal '%s' to mirror.", a->h->deal_id,
			step->name);
	char id[sizeof(j->id)];
	memcpy(id, j->id, sizeof(id));
	enum refusal r = apply_period(a->t, j->value_day);
	return r != REFUSED_NOT ? r : book_mirror(a->t, id, step->memo);
}

static enum refusal apply_move(struct apply *a, const struct plan_step *step)
{
	struct turn *t = a->t;
	struct deal d;
	const struct deal *now = tab_get(t->tabs, &DEAL_REC, a->h->deal_id);
	if (now) {
		d = *now;
	} else {
		memset(&d, 0, sizeof(d));
		str_copy(d.id, sizeof(d.id), str_of(a->h->deal_id));
	}
	const struct transition *row = lifecycle_find(d.kind, step->from, step->to);
	if (d.state != step->from || !row)
		return turn_refuse(t, REFUSED_STATE, "%s is %s: %s > %s is %s.", d.id, DEAL_STATE_NAMES[d.state],
			DEAL_STATE_NAMES[step->from], DEAL_STATE_NAMES[step->to],
			row ? "not its step" : "no transition of its template");
	enum refusal r = row->outflow ? apply_outflow(a, DEAL_STATE_NAMES[step->to]) : REFUSED_NOT;
	if (r)
		return r;
	d.state = step->to;
	if (step->from == DEAL_NONE)
		d.opened_at = t->stamp;
	if (step->to == DEAL_FUNDED && !d.funded_at)
		d.funded_at = t->stamp;
	if (deal_state_final(step->to))
		d.closed_at = t->stamp;
	tab_put(t->tabs, &DEAL_REC, &d);
	a->reversed = a->reversed || step->to == DEAL_REVERSED;
	turn_signal(t, (struct signal){ .kind = SIGNAL_STATE, .deal = d.id, .code = DEAL_STATE_NAMES[step->to],
		.a = step->from, .b = step->to });
	return REFUSED_NOT;
}

static enum refusal apply_signal(struct apply *a, const struct plan_step *step)
{
	struct signal s = { .kind = SIGNAL_EVENT, .deal = a->h->deal_id, .code = step->name, .text = step->text };
	if (step->kind == PLAN_COUNT_EVENT) {
		s.kind = SIGNAL_COUNT;
		s.subject = step->key;
		s.a = step->from;
		s.b = step->to;
	} else if (step->kind == PLAN_EFFECT) {
		s.kind = SIGNAL_EFFECT;
		s.subject = step->who;
		s.extra = step->reply;
		s.a = step->reply[0] != '\0';
	}
	turn_signal(a->t, s);
	return REFUSED_NOT;
}

static enum refusal apply_news(struct apply *a, const struct plan_step *step)
{
	turn_news(a->t, (enum news_status)step->from, "", a->h->deal_id, "%s", step->text);
	return REFUSED_NOT;
}

static enum refusal apply_registry(struct apply *a, const struct plan_step *step)
{
	char hit[80] = "";
	enum refusal r;
	if (step->document) {
		struct document d = *step->document;
		r = document_reserve(a->t, &d, hit);
	} else {
		r = step->to ? lot_claim(a->t, a->h->deal_id, step->key, step->from, hit)
			: documents_move(a->t, a->h->deal_id, step->key, step->from);
	}
	if (r && step->to)
		a->h->subject = str_dup(a->t->scratch, str_of(hit[0] ? hit + 6 : step->key));
	else if (r && step->document)
		a->h->subject = step->who[0] ? step->who : str_dup(a->t->scratch, str_of(hit));
	return r;
}

static enum refusal (*const STEPS[PLAN_KIND_COUNT])(struct apply *a, const struct plan_step *step) = {
	[PLAN_SET] = apply_set, [PLAN_POST] = apply_post, [PLAN_MIRROR] = apply_mirror,
	[PLAN_MOVE] = apply_move, [PLAN_EVENT] = apply_signal, [PLAN_COUNT_EVENT] = apply_signal,
	[PLAN_EFFECT] = apply_signal, [PLAN_NEWS] = apply_news, [PLAN_PEND] = apply_pend,
	[PLAN_REGISTRY] = apply_registry, [PLAN_POST_PENDING] = apply_pending_end, [PLAN_VOID_PENDING] = apply_pending_end,
};

/* --- afterwards ------------------------------------------------------------------------------------------ */
/* A deal that was changed has another version, which voids approvals that name the old one. */
static void apply_version(struct apply *a)
{
	const struct deal *now = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	if (!now || (a->h->deal_exists && rec_equal(&DEAL_REC, now, &a->h->deal)))
		return;
	struct deal d = *now;
	d.version = a->h->deal.version + 1;
	tab_put(a->t->tabs, &DEAL_REC, &d);
	if (a->h->deal_exists)
		deal_terms_changed(a->t, &a->h->deal, &d);
}

/* Another live receipt over the same lot. Those beside the deals' own stand in the index "wr/LOT/". */
static bool receipt_beside(const struct tabs *s, const struct receipt *r)
{
	char prefix[48];
	snprintf(prefix, sizeof(prefix), "wr/%s/", r->lot);
	TAB_FOR(claim, c, s, &CLAIM_REC, prefix) {
		const struct receipt *o = tab_get(s, &RECEIPT_REC, c->id + strlen(prefix));
		if (o && receipt_state_live(o->state) && strcmp(o->id, r->id) != 0)
			return true;
	}
	return false;
}

/* A receipt that this call wrote and that is live is the one of the deal, or stands beside it: over a lot of its own, in its owner's
 * hand. So each lot has one at most. */
static enum refusal apply_receipts(struct apply *a)
{
	const struct tabs *t = a->t->tabs;
	const struct deal *d = tab_get(t, &DEAL_REC, a->h->deal_id);
	for (const struct plan_step *s = a->h->first; s; s = s->next) {
		const struct receipt *r = s->kind == PLAN_SET && s->type == &RECEIPT_REC ? tab_get(t, &RECEIPT_REC, s->key) : NULL;
		const struct lot *l = r ? tab_get(t, &LOT_REC, r->lot) : NULL;
		if (!r || !receipt_state_live(r->state))
			continue;
		char own[80];
		snprintf(own, sizeof(own), "wr/%s/%s", r->lot, r->id);
		bool beside = r->state == RECEIPT_ISSUED && l && !strcmp(r->controller, l->owner) && strcmp(r->lot, d->lot) && r->quantity <= l->counted
			&& tab_get(t, &CLAIM_REC, own);
		if ((strcmp(d->receipt, r->id) && !beside) || receipt_beside(t, r)) {
			a->h->subject = str_dup(a->t->scratch, str_of(r->lot));
			return turn_refuse(a->t, REFUSED_DOUBLE_ASSET, "Receipt %s would be live beside the one of %s.", r->id, d->id);
		}
	}
	return REFUSED_NOT;
}

static enum refusal apply_reversed(struct apply *a)
{
	struct total totals[TOTALS_COUNT];
	const struct deal *d = tab_get(a->t->tabs, &DEAL_REC, a->h->deal_id);
	if (!a->reversed || !d->funder[0] || totals_compute(a->t->tabs, d->funder, d->currency, totals))
		return REFUSED_NOT;
	for (int i = 0; i < TOTALS_COUNT; i++)
		if (!totals[i].holds)
			return turn_refuse(a->t, REFUSED_CONTROL_TOTAL, "%s of %s does not hold: %s %lld, %s %lld.",
				totals[i].name, d->funder, totals[i].left_of, (long long)totals[i].left, totals[i].right_of,
				(long long)totals[i].right);
	return REFUSED_NOT;
}

/* A plan that touches its deal needs one: there already, or opened by a move from NONE. */
static bool apply_deal_known(const struct host *h)
{
	bool opens = false, touches = false;
	for (const struct plan_step *s = h->first; s; s = s->next) {
		opens = opens || (s->kind == PLAN_MOVE && s->from == DEAL_NONE);
		touches = touches || s->kind == PLAN_MOVE || s->kind == PLAN_MIRROR
			|| (s->kind == PLAN_SET && s->type == &DEAL_REC);
	}
	return h->deal_exists || !touches || (opens && h->deal_id[0]);
}

enum refusal contract_apply(struct host *h)
{
	struct apply a = { .h = h, .t = h->t };
	if (!apply_deal_known(h))
		return turn_refuse(h->t, REFUSED_DEAL_UNKNOWN, "There is no deal '%s'.", h->deal_id);
	for (const struct plan_step *s = h->first; s; s = s->next) {
		enum refusal r = STEPS[s->kind](&a, s);
		if (r)
			return r;
	}
	enum refusal r = apply_assets(&a);
	if (r || !h->deal_id[0] || !tab_get(h->t->tabs, &DEAL_REC, h->deal_id))
		return r;
	if (a.notes != a.confirmed)
		return turn_refuse(h->t, REFUSED_CONTROL_TOTAL,
			"CT-4 of %s: notes change by %lld, confirmed debt by %lld.", h->deal_id, (long long)a.notes,
			(long long)a.confirmed);
	apply_version(&a);
	r = apply_receipts(&a);
	if (!r)
		r = totals_check_deal(h->t, h->deal_id);
	return r ? r : apply_reversed(&a);
}

/* --- in words ---------------------------------------------------------------------------------------------- */
static void describe_set(const struct plan_step *s, const char *currency, struct buf *out)
{
	char money[MONEY_TEXT_MAX];
	buf_printf(out, "sets %s %s:", s->type->name, s->key);
	for (const struct plan_value *v = s->values; v; v = v->next) {
		const struct rec_field *f = v->field;
		buf_printf(out, "%s %s ", v == s->values ? "" : ",", f->name);
		if (f->kind == FIELD_INT && f->unit == UNIT_MONEY)
			buf_text(out, money_format(v->number, currency, ',', money));
		else if (f->kind == FIELD_INT)
			buf_printf(out, "%lld", (long long)v->number);
		else if (f->kind == FIELD_HASH)
			buf_text(out, hash_short((const struct hash *)(const void *)v->text.ptr, (char[16]){ 0 }));
		else if (f->kind == FIELD_BLOB)
			buf_printf(out, "%zu bytes", v->text.len);
		else
			buf_str(out, v->text);
	}
	buf_char(out, '\n');
}

static void describe_post(const struct plan_step *s, const char *currency, struct buf *out)
{
	char money[MONEY_TEXT_MAX];
	for (size_t i = 0; i < s->line_count; i++) {
		const struct book_line *l = &s->lines[i];
		bool debit = l->debit > 0;
		buf_printf(out, "posts %d %s %s %s\n", l->number, chart_find(l->number)->short_name,
			debit ? "debit" : "credit", money_format(debit ? l->debit : l->credit, currency, ',', money));
	}
}

static void describe_pending(const struct plan_step *s, const char *currency, struct buf *out)
{
	char money[MONEY_TEXT_MAX];
	if (s->kind == PLAN_PEND)
		buf_printf(out, "pending %d debit, %d credit %s\n", s->lines[0].number, s->lines[1].number,
			money_format(s->from, currency, ',', money));
	else
		buf_printf(out, "%s the pending transfer %s\n", s->kind == PLAN_POST_PENDING ? "posts" : "voids", s->key);
}

void contract_describe(const struct host *h, struct buf *lines)
{
	const struct deal *d = tab_get(h->t->tabs, &DEAL_REC, h->deal_id);
	const char *own = d && d->currency[0] ? d->currency : "EUR";
	for (const struct plan_step *s = h->first; s; s = s->next) {
		if (s->kind == PLAN_SET)
			describe_set(s, own, lines);
		else if (s->kind == PLAN_POST)
			describe_post(s, s->currency[0] ? s->currency : own, lines);
		else if (s->kind == PLAN_MIRROR)
			buf_printf(lines, "mirrors the journal '%s'\n", s->name);
		else if (s->kind == PLAN_MOVE)
			buf_printf(lines, "deal %s > %s\n", DEAL_STATE_NAMES[s->from], DEAL_STATE_NAMES[s->to]);
		else if (s->kind == PLAN_EFFECT)
			buf_printf(lines, "tells %s: %s\n", s->who, s->name);
		else if (s->kind == PLAN_PEND || s->kind == PLAN_POST_PENDING || s->kind == PLAN_VOID_PENDING)
			describe_pending(s, own, lines);
		else if (s->kind == PLAN_REGISTRY)
			buf_printf(lines, "%s %s\n", s->document ? "presents to the registry" : "registry:",
				s->document ? s->document->number : CLAIM_STATE_NAMES[s->from]);
		else if (s->kind != PLAN_NEWS)
			buf_printf(lines, "raises %s\n", s->name);
	}
}
