/* Transfers in one phase and in two. See ledger/transfer.h.
 *
 * Must remain true: a record leaves TRANSFER_PENDING exactly when its amount leaves the pending sums of both accounts. */
#include "ledger/transfer.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"

const char *const TRANSFER_STATE_NAMES[] = { "pending", "posted", "voided", "expired", "single", NULL };

#define REC_SELF struct transfer
REC_TYPE(TRANSFER_REC, 53, "transfer", TRANSFER_FIELDS)
#undef REC_SELF

void transfer_uetr(const struct hash *seed, const char *id, char out[40])
{
	struct hash h = hash_hmac(seed->bytes, HASH_SIZE, id, strlen(id));
	uint8_t *b = h.bytes;
	char hex[33];
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	hex_of(b, 16, hex);
	snprintf(out, 40, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static bool transfer_same(const struct transfer *f, const struct transfer_ask *ask, bool single)
{
	return strcmp(f->book, ask->book) == 0 && strcmp(f->deal, ask->deal) == 0 && strcmp(f->currency, ask->currency) == 0
		&& f->debit == ask->debit && f->credit == ask->credit && f->amount == ask->amount
		&& (f->state == TRANSFER_SINGLE) == single && f->until == (single ? 0 : ask->until);
}

/* All that can be known from the question alone, and whether the id is new; fills the record. */
static enum refusal transfer_check(struct turn *t, const struct transfer_ask *ask, bool single, struct transfer *f)
{
	memset(f, 0, sizeof(*f));
	if (!ask->id[0] || !str_copy(f->id, sizeof(f->id), str_of(ask->id)))
		return turn_refuse(t, REFUSED_VALUE, "'%s' is no id of a transfer.", ask->id);
	const struct transfer *found = tab_get(t->tabs, &TRANSFER_REC, ask->id);
	if (found)
		return turn_refuse(t, transfer_same(found, ask, single) ? REFUSED_TRANSFER_EXISTS : REFUSED_TRANSFER_DIFFERS,
			"transfer %s is %s", found->id, TRANSFER_STATE_NAMES[found->state]);
	if (ask->amount <= 0)
		return turn_refuse(t, REFUSED_TRANSFER_ZERO, "transfer %s of %lld", ask->id, (long long)ask->amount);
	if (ask->debit == ask->credit)
		return turn_refuse(t, REFUSED_TRANSFER_ACCOUNTS, "transfer %s: both are %d", ask->id, ask->debit);
	if (money_decimals(ask->currency) < 0)
		return turn_refuse(t, REFUSED_TRANSFER_CURRENCY, "'%s' is not a currency that settles", ask->currency);
	const struct dealbal *b = NULL;
	if (ask->deal[0]) {
		char prefix[40];
		snprintf(prefix, sizeof(prefix), "%.31s/", ask->deal);
		b = tab_prefix_first(t->tabs, &DEALBAL_REC, prefix);
	}
	if (b && strcmp(b->currency, ask->currency) != 0)
		return turn_refuse(t, REFUSED_TRANSFER_CURRENCY, "%s is kept in %s, not %s", ask->deal, b->currency, ask->currency);
	if (!ask->book[0] || !str_copy(f->book, sizeof(f->book), str_of(ask->book))
		|| !str_copy(f->deal, sizeof(f->deal), str_of(ask->deal)))
		return turn_refuse(t, REFUSED_VALUE, "book '%s' or deal '%s' of transfer %s", ask->book, ask->deal, ask->id);
	str_copy(f->currency, sizeof(f->currency), str_of(ask->currency));
	str_copy(f->memo, sizeof(f->memo), str_of(ask->memo));
	f->debit = ask->debit;
	f->credit = ask->credit;
	f->amount = ask->amount;
	f->at = t->stamp;
	transfer_uetr(&t->seed, f->id, f->uetr);
	return REFUSED_NOT;
}

enum refusal transfer_make(struct turn *t, const struct transfer_ask *ask)
{
	struct transfer f;
	enum refusal r = transfer_check(t, ask, true, &f);
	struct book_line lines[2] = { { ask->debit, ask->amount, 0 }, { ask->credit, 0, ask->amount } };
	if (r == REFUSED_NOT)
		r = book_post(t, f.book, f.deal, f.currency, ask->value_day, "transfer", ask->memo, lines, 2);
	if (r != REFUSED_NOT)
		return r;
	f.state = TRANSFER_SINGLE;
	f.posted = f.amount;
	f.ended_at = t->stamp;
	tab_put(t->tabs, &TRANSFER_REC, &f);
	return REFUSED_NOT;
}

enum refusal transfer_pend(struct turn *t, const struct transfer_ask *ask)
{
	struct transfer f;
	enum refusal r = transfer_check(t, ask, false, &f);
	if (r == REFUSED_NOT && ask->until && ask->until <= t->stamp)
		r = turn_refuse(t, REFUSED_VALUE, "transfer %s would expire before it begins", ask->id);
	if (r == REFUSED_NOT)
		r = book_hold(t, f.book, f.currency, ask->debit, ask->credit, f.amount);
	if (r != REFUSED_NOT)
		return r;
	f.state = TRANSFER_PENDING;
	f.until = ask->until;
	tab_put(t->tabs, &TRANSFER_REC, &f);
	return REFUSED_NOT;
}

/* The pending transfer of an id, or why it is none. `due`: only one whose time is past, else only one whose time is not. */
static enum refusal transfer_pending(struct turn *t, const char *id, bool due, struct transfer *f)
{
	static const enum refusal ENDED[TRANSFER_STATE_COUNT] = { [TRANSFER_POSTED] = REFUSED_TRANSFER_POSTED,
		[TRANSFER_VOIDED] = REFUSED_TRANSFER_VOIDED, [TRANSFER_EXPIRED] = REFUSED_TRANSFER_EXPIRED,
		[TRANSFER_SINGLE] = REFUSED_TRANSFER_SINGLE };
	const struct transfer *found = tab_get(t->tabs, &TRANSFER_REC, id);
	if (!found)
		return turn_refuse(t, REFUSED_TRANSFER_UNKNOWN, "'%s'", id);
	if (found->state != TRANSFER_PENDING)
		return turn_refuse(t, ENDED[found->state], "transfer %s", id);
	*f = *found;
	bool past = f->until && f->until <= t->stamp;
	if (!due && past)
		return turn_refuse(t, REFUSED_TRANSFER_EXPIRED, "transfer %s", id);
	return due && !past ? turn_refuse(t, REFUSED_VALUE, "the time of transfer %s is not past", id) : REFUSED_NOT;
}

static enum refusal transfer_end(struct turn *t, struct transfer *f, enum transfer_state state)
{
	enum refusal r = book_hold(t, f->book, f->currency, (int)f->debit, (int)f->credit, -f->amount);
	if (r != REFUSED_NOT)
		return r;
	f->state = state;
	f->ended_at = t->stamp;
	tab_put(t->tabs, &TRANSFER_REC, f);
	return REFUSED_NOT;
}

enum refusal transfer_post(struct turn *t, const char *id, int64_t amount, int64_t value_day, const char *event, const char *memo)
{
	struct transfer f;
	enum refusal r = transfer_pending(t, id, false, &f);
	if (r != REFUSED_NOT)
		return r;
	if (amount < 0)
		return turn_refuse(t, REFUSED_TRANSFER_ZERO, "%lld of transfer %s", (long long)amount, id);
	if (amount > f.amount)
		return turn_refuse(t, REFUSED_TRANSFER_EXCEEDS, "%lld of transfer %s, pending are %lld", (long long)amount, id,
			(long long)f.amount);
	f.posted = amount ? amount : f.amount;
	struct book_line lines[2] = { { (int)f.debit, f.posted, 0 }, { (int)f.credit, 0, f.posted } };
	size_t mark = tab_mark(t->tabs);
	r = transfer_end(t, &f, TRANSFER_POSTED);
	if (r == REFUSED_NOT)
		r = book_post_held(t, f.book, f.deal, f.currency, value_day, event, memo, lines, 2);
	if (r != REFUSED_NOT)
		tab_rollback(t->tabs, mark);
	return r;
}

enum refusal transfer_void(struct turn *t, const char *id)
{
	struct transfer f;
	enum refusal r = transfer_pending(t, id, false, &f);
	return r != REFUSED_NOT ? r : transfer_end(t, &f, TRANSFER_VOIDED);
}

enum refusal transfer_expire(struct turn *t, const char *id)
{
	struct transfer f;
	enum refusal r = transfer_pending(t, id, true, &f);
	return r != REFUSED_NOT ? r : transfer_end(t, &f, TRANSFER_EXPIRED);
}
