/* Payment orders: what goes to the bank is said on the ledger first. See engine/bank_order.h.
 *
 * Must remain true: the digest that the ledger holds is that of the bytes which bank_order_write gives; no payment is in two orders
 * that live. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/bank_order.h"
#include "feed/iso20022.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

const char *const BANK_ORDER_STATE_NAMES[] = { "live", "rejected", NULL };
#define REC_SELF struct bank_order
REC_TYPE(BANK_ORDER_REC, 80, "bank_order", BANK_ORDER_FIELDS)
#undef REC_SELF
#define REC_SELF struct exported
REC_TYPE(EXPORTED_REC, 81, "exported", EXPORTED_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_export
REC_TYPE(EV_EXPORT_REC, 0, "export", EV_EXPORT_FIELDS)
#undef REC_SELF

/* --- the file ------------------------------------------------------------------------------------------------------------ */
static size_t lines_of(struct str text)
{
	size_t n = text.len > 0;
	for (size_t i = 0; i + 1 < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

enum err bank_order_write(const struct tabs *s, const struct bank_order *o, struct buf *out, struct fault *fault)
{
	struct arena a = { 0 };
	struct str rest = blob_str(o->payments);
	struct iso_payment *list = arena_zero(&a, (lines_of(rest) + 1) * sizeof(*list));
	size_t n = 0;
	enum err e = ERR_OK;
	while (rest.len && e == ERR_OK) {
		char id[ID_MAX + 8];
		const struct payment *p = str_copy(id, sizeof(id), str_cut(&rest, '\n')) ? tab_get(s, &PAYMENT_REC, id) : NULL;
		const struct transfer *f = p ? tab_get(s, &TRANSFER_REC, p->id) : NULL;
		if (!f)
			e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "payment %s of order %s is no longer in the state", id, o->id);
		else
			list[n++] = (struct iso_payment){ p->id, f->uetr, p->payee, p->account, "", p->deal, p->amount };
	}
	struct iso_order order = { o->id, o->created, o->day, o->debtor, o->account, o->bic, o->currency, list, n };
	if (e == ERR_OK)
		e = iso20022_order(&order, out, fault);
	arena_free(&a);
	return e;
}

/* Name, account and bank of a book as they are now. */
static void order_debtor(const struct tabs *s, struct bank_order *o)
{
	char name[48];
	const struct party *p = tab_get(s, &PARTY_REC, o->book);
	snprintf(name, sizeof(name), "bank.account.%.15s/%.3s", o->book, o->currency);
	const struct param *q = tab_get(s, &PARAM_REC, name);
	str_copy(o->debtor, sizeof(o->debtor), str_of(p ? p->name : o->book));
	str_copy(o->account, sizeof(o->account), str_of(q && q->text[0] ? q->text : p ? p->iban : ""));
	str_copy(o->bic, sizeof(o->bic), str_of(p ? p->bic : ""));
}

/* --- which payments ------------------------------------------------------------------------------------------------------ */
/* Why a payment may not go out in an order of that book and currency now; NULL when it may. */
static const char *payment_stays(const struct tabs *s, const struct payment *p, const char *book, const char *currency)
{
	const struct transfer *f = p ? tab_get(s, &TRANSFER_REC, p->id) : NULL;
	const struct deal *d = p && p->deal[0] ? tab_get(s, &DEAL_REC, p->deal) : NULL;
	if (!p || p->state != PAYMENT_RELEASED)
		return "is not released";
	if (!f || f->state != TRANSFER_PENDING || strcmp(f->book, book) != 0 || strcmp(f->currency, currency) != 0)
		return "is not held in that book and currency";
	return d && d->level >= 3 ? "is of a suspended deal" : NULL;
}

bool bank_order_plan(const struct tabs *s, const char *book, const char *currency, int64_t now, struct arena *a, struct ev_export *out)
{
	struct buf ids = { 0 }, file = { 0 };
	struct fault fault;
	size_t n = 0;
	char hex[HASH_HEX_MAX];
	memset(out, 0, sizeof(*out));
	TAB_FOR(payment, p, s, &PAYMENT_REC, "")
		if (n < BANK_ORDER_PAYMENTS_MAX && !payment_stays(s, p, book, currency) && !tab_get(s, &EXPORTED_REC, p->id)) {
			buf_printf(&ids, "%s%s", n ? "\n" : "", p->id);
			n++;
		}
	str_copy(out->book, sizeof(out->book), str_of(book));
	str_copy(out->currency, sizeof(out->currency), str_of(currency));
	out->created = now - now % INSTANT_SECOND;
	out->day = instant_day(now);
	out->payments = n ? blob_in(a, ids.ptr, ids.len) : NULL;
	buf_printf(&ids, "/%lld/%s/%s", (long long)out->created, book, currency);
	struct hash h = hash_of(ids.ptr, ids.len);
	snprintf(out->message, sizeof(out->message), "PO-%.24s", hex_of(h.bytes, HASH_SIZE, hex));
	struct bank_order o = { .created = out->created, .day = out->day, .payments = out->payments };
	memcpy(o.id, out->message, sizeof(o.id));
	memcpy(o.book, out->book, sizeof(o.book));
	memcpy(o.currency, out->currency, sizeof(o.currency));
	order_debtor(s, &o);
	if (n && bank_order_write(s, &o, &file, &fault) == ERR_OK) /* else the ledger says by name why it refuses */
		out->digest = hash_of(file.ptr, file.len);
	buf_free(&ids);
	buf_free(&file);
	return n > 0;
}

/* --- the event ----------------------------------------------------------------------------------------------------------- */
static enum refusal export_may(struct turn *t, const struct ev_export *b)
{
	static const unsigned MAY_EXPORT = MAY(TRM) | MAY(TRR) | MAY(OPM);
	int64_t ahead = policy_int(t->tabs, "clock.ahead_minutes", 5) * INSTANT_MINUTE;
	if (strcmp(t->actor_party, b->book) != 0 || !(MAY_EXPORT >> t->actor_role & 1u))
		return turn_refuse(t, REFUSED_ROLE, "orders of %s are sent by its treasury and operations", b->book);
	if (b->created % INSTANT_SECOND || b->created > t->stamp + ahead || b->created < t->stamp - INSTANT_DAY)
		return turn_refuse(t, REFUSED_VALUE, "created is not within the last day, in whole seconds");
	if (b->day < instant_day(b->created) || b->day > instant_day(b->created) + 31)
		return turn_refuse(t, REFUSED_VALUE, "the day of execution is not within 31 days");
	return stop_check(t, b->book);
}

/* Each payment of the list may go, once. */
static enum refusal export_payments(struct turn *t, const struct ev_export *b, struct bank_order *o)
{
	struct str rest = blob_str(b->payments);
	char last[ID_MAX + 8] = "";
	while (rest.len) {
		char id[sizeof(last)];
		const struct payment *p = str_copy(id, sizeof(id), str_cut(&rest, '\n')) ? tab_get(t->tabs, &PAYMENT_REC, id) : NULL;
		const char *stays = payment_stays(t->tabs, p, b->book, b->currency);
		const struct exported *x = p ? tab_get(t->tabs, &EXPORTED_REC, p->id) : NULL;
		if (strcmp(id, last) <= 0)
			return turn_refuse(t, REFUSED_VALUE, "payments are not in ascending order, each once: %s", id);
		if (stays)
			return turn_refuse(t, REFUSED_STATE, "payment %s %s", id, stays);
		if (x)
			return turn_refuse(t, REFUSED_PAYMENT_EXPORTED, "payment %s is in order %s", id, x->message);
		if (++o->count > BANK_ORDER_PAYMENTS_MAX || !num_add(o->sum, p->amount, &o->sum))
			return turn_refuse(t, REFUSED_VALUE, "an order has at most %d payments", BANK_ORDER_PAYMENTS_MAX);
		memcpy(last, id, sizeof(last));
	}
	return o->count ? REFUSED_NOT : turn_refuse(t, REFUSED_VALUE, "an order without a payment");
}

static enum refusal export_file(struct turn *t, const struct ev_export *b, const struct bank_order *o)
{
	struct buf file = { 0 };
	struct fault fault;
	enum err e = bank_order_write(t->tabs, o, &file, &fault);
	struct hash h = hash_of(file.ptr, file.len);
	buf_free(&file);
	if (e != ERR_OK)
		return turn_refuse(t, REFUSED_VALUE, "%.200s", fault.text);
	return hash_eq(&h, &b->digest) ? REFUSED_NOT : turn_refuse(t, REFUSED_VALUE, "the digest is not that of the file of these payments");
}

enum refusal on_bank_export(struct turn *t, const struct event_in *in)
{
	const struct ev_export *b = in->body;
	const struct bank_order *found = tab_get(t->tabs, &BANK_ORDER_REC, b->message);
	struct bank_order o = { .created = b->created, .day = b->day, .digest = b->digest, .entry = (int64_t)t->number, .payments = b->payments };
	if (found)
		return turn_refuse(t, hash_eq(&found->digest, &b->digest) ? REFUSED_DUPLICATE : REFUSED_IDEMPOTENCY_CONFLICT, "order %s is entry %lld",
			b->message, (long long)found->entry);
	memcpy(o.id, b->message, sizeof(o.id));
	memcpy(o.book, b->book, sizeof(o.book));
	memcpy(o.currency, b->currency, sizeof(o.currency));
	str_copy(o.by, sizeof(o.by), str_of(t->actor));
	order_debtor(t->tabs, &o);
	enum refusal r = export_may(t, b);
	r = r ? r : export_payments(t, b, &o);
	r = r ? r : export_file(t, b, &o);
	if (r)
		return r;
	tab_put(t->tabs, &BANK_ORDER_REC, &o);
	for (struct str rest = blob_str(b->payments); rest.len;) {
		struct exported x = { .at = t->stamp };
		str_copy(x.id, sizeof(x.id), str_cut(&rest, '\n'));
		memcpy(x.message, o.id, sizeof(x.message));
		tab_put(t->tabs, &EXPORTED_REC, &x);
	}
	turn_news(t, NEWS_NOTE, "", "", "order %s of %lld payments goes to the bank", o.id, (long long)o.count);
	return REFUSED_NOT;
}

/* --- what the bank makes of it ------------------------------------------------------------------------------------------- */
void export_freed(struct turn *t, const char *payment)
{
	if (tab_get(t->tabs, &EXPORTED_REC, payment))
		tab_delete(t->tabs, &EXPORTED_REC, payment);
}

void export_rejected(struct turn *t, const char *message, const char *code)
{
	const struct bank_order *found = tab_get(t->tabs, &BANK_ORDER_REC, message);
	if (!found)
		return;
	struct bank_order o = *found;
	o.state = BANK_ORDER_REJECTED;
	str_copy(o.code, sizeof(o.code), str_of(code[0] ? code : "RJCT"));
	tab_put(t->tabs, &BANK_ORDER_REC, &o);
}
