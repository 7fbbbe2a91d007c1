/* Control totals after each event, from running sums. See contract/totals.h.
 *
 * Must remain true: a running sum is what a full count over the records would give (totals_tally_holds asks that); what one event
 * changed decides alone what is looked at, so how events are grouped into commits is invisible. */
#include "contract/totals.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/num.h"
#include "ledger/stop.h"

#define REC_SELF struct tally
REC_TYPE(TALLY_REC, 64, "tally", TALLY_FIELDS)
#undef REC_SELF
#define REC_SELF struct statement
REC_TYPE(STATEMENT_REC, 58, "statement", STATEMENT_FIELDS)
#undef REC_SELF

static const struct rec_type *const WATCHED[] = { &ACCOUNT_REC, &POSTING_REC, &DEAL_REC, &INVOICE_REC, &TOKEN_NOTE_REC, &PAYMENT_REC,
	&STATEMENT_REC };

struct counting {
	struct turn *t;
	const struct tab_change *changes;
	size_t count;
	const char **touched; /* keys of tallies, each once */
	size_t touched_count, touched_cap;
	bool over;            /* a sum left 64 bits */
};

static void count_add(struct counting *c, int64_t *sum, int64_t n)
{
	if (!num_add(*sum, n, sum))
		c->over = true;
}

/* False: it was touched before. */
static bool touch(struct counting *c, const char *key)
{
	for (size_t i = c->touched_count; i-- > 0;)
		if (strcmp(c->touched[i], key) == 0)
			return false;
	if (c->touched_count == c->touched_cap) {
		size_t cap = c->touched_cap ? c->touched_cap * 2 : 16;
		const char **more = arena_alloc(c->t->scratch, cap * sizeof(*more));
		if (c->touched_count)
			memcpy(more, c->touched, c->touched_count * sizeof(*more));
		c->touched = more;
		c->touched_cap = cap;
	}
	c->touched[c->touched_count++] = str_dup(c->t->scratch, str_of(key));
	return true;
}

/* The tally of a key to be changed; tally_end writes it. */
static struct tally tally_begin(struct counting *c, const char *key, const char *currency)
{
	struct tally y;
	const struct tally *found = tab_get(c->t->tabs, &TALLY_REC, key);
	touch(c, key);
	if (found)
		return *found;
	memset(&y, 0, sizeof(y));
	str_copy(y.id, sizeof(y.id), str_of(key));
	str_copy(y.currency, sizeof(y.currency), str_of(currency));
	return y;
}

static void tally_end(struct counting *c, const struct tally *y)
{
	const struct tally *found = tab_get(c->t->tabs, &TALLY_REC, y->id);
	if (!found || !rec_equal(&TALLY_REC, found, y))
		tab_put(c->t->tabs, &TALLY_REC, y);
}

/* The tally of a key is judged, and made when there is none. */
static void tally_look(struct counting *c, const char *key, const char *currency)
{
	struct tally y;
	if (!touch(c, key) || tab_get(c->t->tabs, &TALLY_REC, key))
		return;
	y = tally_begin(c, key, currency);
	tally_end(c, &y);
}

static void book_key(char out[48], const char *book, const char *currency)
{
	str_path(out, 48, book, currency);
}

/* What a record was before the event: in the changes, which are sorted by type and key, or as it is. */
static const void *before(const struct counting *c, const struct rec_type *type, const char *key)
{
	size_t low = 0, high = c->count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct tab_change *x = &c->changes[mid];
		int order = x->type->tag != type->tag ? (x->type->tag < type->tag ? -1 : 1)
			: strcmp(rec_key(x->type, x->was ? x->was : x->now), key);
		if (order == 0)
			return x->was;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return tab_get(c->t->tabs, type, key);
}

/* --- deals and payments ---------------------------------------------------------------------------------------------- */
static void deal_counts(struct counting *c, const struct deal *d, const struct payment *p, int64_t sign)
{
	char key[48];
	if (!d || !d->funder[0] || !d->currency[0])
		return;
	book_key(key, d->funder, d->currency);
	struct tally y = tally_begin(c, key, d->currency);
	bool funded = deal_state_funded(d->state), executed = p && p->state == PAYMENT_EXECUTED && strcmp(p->deal, d->id) == 0;
	count_add(c, &y.principal, sign * d->principal);
	count_add(c, &y.ev, sign * d->ev);
	y.funded += sign * funded;
	y.executed += sign * executed;
	y.uneven += sign * (funded != executed);
	tally_end(c, &y);
}

static void deal_recount(struct counting *c, const struct deal *was, const struct deal *now)
{
	deal_counts(c, was, was && was->payment[0] ? before(c, &PAYMENT_REC, was->payment) : NULL, -1);
	deal_counts(c, now, now && now->payment[0] ? tab_get(c->t->tabs, &PAYMENT_REC, now->payment) : NULL, 1);
}

static void payment_counts(struct counting *c, const struct payment *p, const struct deal *d, int64_t sign)
{
	char key[48];
	if (!p || p->state != PAYMENT_RELEASED || !d || !d->funder[0])
		return;
	book_key(key, d->funder, d->currency);
	struct tally y = tally_begin(c, key, d->currency);
	count_add(c, &y.released, sign * p->amount);
	tally_end(c, &y);
}

/* A deal that did not change itself is counted anew when its last payment did. */
static void payment_changed(struct counting *c, const struct tab_change *x)
{
	const struct payment *was = x->was, *now = x->now;
	const char *id = now ? now->deal : was->deal;
	const struct deal *d = id[0] ? tab_get(c->t->tabs, &DEAL_REC, id) : NULL, *d_was = id[0] ? before(c, &DEAL_REC, id) : NULL;
	payment_counts(c, was, d_was, -1);
	payment_counts(c, now, d, 1);
	if (d && d == d_was && strcmp(d->payment, now ? now->id : was->id) == 0)
		deal_recount(c, d, d);
}

/* --- notes and debt of an obligor ------------------------------------------------------------------------------------- */
static void obligor_counts(struct counting *c, const char *obligor, const char *currency, int64_t notes, int64_t debt)
{
	char key[48];
	if (!notes && !debt)
		return;
	snprintf(key, sizeof(key), "=/%.15s/%.3s", obligor, currency);
	struct tally y = tally_begin(c, key, currency);
	count_add(c, &y.notes, notes);
	count_add(c, &y.debt, debt);
	tally_end(c, &y);
}

static void note_counts_of(struct counting *c, const struct token_note *n, int64_t sign)
{
	if (!n)
		return;
	bool live = n->state == NOTE_LIVE || n->state == NOTE_LOCKED || n->state == NOTE_FROZEN;
	obligor_counts(c, n->obligor, n->currency, live ? sign * n->amount : 0, n->state == NOTE_REDEEMED ? -sign * n->amount : 0);
}

static void invoice_counts_of(struct counting *c, const struct invoice *i, int64_t sign)
{
	if (i && i->state >= INVOICE_CONFIRMED && i->state <= INVOICE_REDEEMED)
		obligor_counts(c, i->debtor, i->currency, 0, sign * i->confirmed);
}

/* --- postings --------------------------------------------------------------------------------------------------------- */
static const struct journal *journal_of(const struct tabs *s, const struct posting *p)
{
	char id[sizeof(p->id)];
	memcpy(id, p->id, sizeof(id));
	char *cut = strrchr(id, '/');
	CHECK(cut, "a posting is a line of a journal");
	*cut = '\0';
	return tab_get(s, &JOURNAL_REC, id);
}

static void posting_changed(struct counting *c, const struct tab_change *x)
{
	const struct posting *p = x->now;
	char days[48], key[48];
	if (!p || x->was || p->number != 1000)
		return; /* lines are written once; what retention takes away was counted */
	const struct journal *j = journal_of(c->t->tabs, p);
	if (!j)
		return;
	book_key(days, j->book, j->currency);
	str_key(key, sizeof(key), str_path(days, sizeof(days), days, "day"), j->value_day, 6);
	struct tally y = tally_begin(c, key, j->currency);
	count_add(c, &y.bank, p->debit - p->credit);
	tally_end(c, &y);
}

/* CT-7 of an event: each account moved by the lines written to it, and by nothing else. */
static bool account_moved_right(const struct counting *c, const struct account *was, const struct account *now)
{
	__int128 debit = (__int128)now->debit - (was ? was->debit : 0), credit = (__int128)now->credit - (was ? was->credit : 0);
	for (size_t i = 0; i < c->count; i++) {
		const struct posting *p = c->changes[i].type == &POSTING_REC && !c->changes[i].was ? c->changes[i].now : NULL;
		if (!p || p->number != now->number)
			continue;
		const struct journal *j = journal_of(c->t->tabs, p);
		if (j && strcmp(j->book, now->book) == 0 && strcmp(j->currency, now->currency) == 0) {
			debit -= p->debit;
			credit -= p->credit;
		}
	}
	return debit == 0 && credit == 0;
}

/* --- the equations ------------------------------------------------------------------------------------------------------ */
struct equation {
	int64_t left, right;
	bool holds;
	int64_t uneven; /* what is wrong one by one and may cancel out in the sums */
};

const struct statement *statement_last(const struct tabs *s, const char *book, const char *currency)
{
	char id[48];
	str_path(id, sizeof(id), str_path(id, sizeof(id), "last", book), currency);
	return tab_get(s, &STATEMENT_REC, id);
}

/* Movements on the bank account after the day of its last statement. */
static int64_t bank_since(struct counting *c, const char *key, int64_t closing_day)
{
	char from[48], prefix[48];
	int64_t sum = 0;
	snprintf(prefix, sizeof(prefix), "%.20s/day/", key);
	snprintf(from, sizeof(from), "%.20s/day/%06lld", key, (long long)closing_day + 1);
	for (const struct tally *y = tab_first(c->t->tabs, &TALLY_REC, from); y && strncmp(y->id, prefix, strlen(prefix)) == 0;
	     y = tab_next(c->t->tabs, &TALLY_REC, y->id))
		count_add(c, &sum, y->bank);
	return sum;
}

static struct equation equal(int64_t left, int64_t right)
{
	return (struct equation){ left, right, left == right, 0 };
}

/* What the accounts of a book stand at, from one walk over those that there are: far fewer than the chart has. */
struct standing {
	int64_t all, bank, transit, debt, face, collateral;
	bool over;
};

static struct standing standing_of(const struct tabs *s, const char *book, const char *currency)
{
	struct standing b = { 0 };
	char accounts[20];
	str_path(accounts, sizeof(accounts), book, "");
	TAB_FOR(account, a, s, &ACCOUNT_REC, accounts) {
		if (strcmp(a->currency, currency) != 0)
			continue;
		int64_t net = a->debit - a->credit;
		b.over = !num_add(b.all, net, &b.all) || b.over;
		switch (a->number) {
		case 1000: b.bank = net; break;
		case 1100: b.transit = net; break;
		case 1200: b.debt = net; break;
		case 1210: b.face = net; break;
		case 9100: b.collateral = net; break;
		default: break;
		}
	}
	return b;
}

static struct equation ask(struct counting *c, int n, const struct tally *y, const char *book, const struct standing *b)
{
	const struct tabs *s = c->t->tabs;
	const struct statement *last;
	int64_t left = 0, right = 0;
	switch (n) {
	case 1:
		c->over = b->over;
		return equal(b->all, 0);
	case 2:
		count_add(c, &left, b->debt);
		count_add(c, &left, b->face);
		return equal(left, y->principal);
	case 3:
		last = statement_last(s, book, y->currency);
		left = b->bank;
		count_add(c, &left, b->transit);
		right = last ? last->closing : b->bank;
		count_add(c, &right, last ? bank_since(c, y->id, last->closing_day) : 0);
		count_add(c, &right, -y->released);
		return equal(left, right);
	case 5: return equal(b->collateral, y->ev);
	case 6: return (struct equation){ y->funded, y->executed, y->uneven == 0, y->uneven };
	default: return equal(0, 0);
	}
}

/* What is wrong, for people: CT-6 counts deals, CT-7 accounts, the others are amounts. */
static void break_words(int n, struct equation e, bool over, const char *currency, char why[112])
{
	char left[MONEY_TEXT_MAX], right[MONEY_TEXT_MAX], by[MONEY_TEXT_MAX];
	int64_t difference;
	if (n == 6)
		snprintf(why, 112, "funded deals %lld, executed payments %lld: %lld without the other", (long long)e.left, (long long)e.right,
			(long long)e.uneven);
	else if (n == 7)
		snprintf(why, 112, "accounts moved by more than their journals: %lld", (long long)e.left);
	else if (over || !num_sub(e.left, e.right, &difference) || difference == INT64_MIN)
		snprintf(why, 112, "sums leave 64 bits");
	else
		snprintf(why, 112, "differs by %s %.3s: %s against %s", money_format(difference < 0 ? -difference : difference, currency, ',', by), currency,
			money_format(e.left, currency, ',', left), money_format(e.right, currency, ',', right));
}

/* Tells the stop when a total breaks, and when one that is broken has other figures than it was told: a lift is of the difference that
 * was looked at, not of what comes to it. */
static int break_out(struct counting *c, const char *funder, int n, const struct tally *y, struct equation e)
{
	char cause[8], why[112], figure[64];
	snprintf(cause, sizeof(cause), "CT-%d", n);
	snprintf(figure, sizeof(figure), "%.30s=%llx.%llx", y->id, (unsigned long long)e.left - (unsigned long long)e.right,
		(unsigned long long)e.uneven);
	if (y->broken & INT64_C(1) << (n - 1) && stop_knows(c->t->tabs, funder, cause, figure))
		return 0;
	break_words(n, e, c->over, y->currency, why);
	stop_set(c->t, funder, cause, why, figure);
	return 1;
}

static int tally_judge(struct counting *c, const char *key, int64_t wrong)
{
	static const int OF_BOOK[] = { 1, 2, 3, 5, 6 };
	const struct tally *found = tab_get(c->t->tabs, &TALLY_REC, key);
	int64_t broken = wrong ? 1 << 6 : 0;
	int breaks = 0;
	if (!found || strstr(key, "/day/"))
		return 0;
	struct tally y = *found;
	if (strncmp(key, "=/", 2) == 0) {
		struct equation e = equal(y.notes, y.debt);
		broken = e.holds ? 0 : 1 << 3;
		if (broken)
			breaks = break_out(c, "", 4, &y, e);
	} else {
		char book[16] = "";
		str_copy(book, sizeof(book), (struct str){ key, (size_t)(strchr(key, '/') - key) });
		if (wrong)
			breaks += break_out(c, book, 7, &y, (struct equation){ wrong, 0, false, (int64_t)c->t->number });
		struct standing b = standing_of(c->t->tabs, book, y.currency);
		for (size_t i = 0; i < sizeof(OF_BOOK) / sizeof(OF_BOOK[0]); i++) {
			c->over = false;
			struct equation e = ask(c, OF_BOOK[i], &y, book, &b);
			int64_t bit = e.holds && !c->over ? 0 : INT64_C(1) << (OF_BOOK[i] - 1);
			if (bit)
				breaks += break_out(c, book, OF_BOOK[i], &y, e);
			broken |= bit;
		}
	}
	if (y.broken != broken) {
		y.broken = broken;
		tab_put(c->t->tabs, &TALLY_REC, &y);
	}
	return breaks;
}

static void change_count(struct counting *c, const struct tab_change *x)
{
	if (x->type == &DEAL_REC) {
		deal_recount(c, x->was, x->now);
	} else if (x->type == &PAYMENT_REC) {
		payment_changed(c, x);
	} else if (x->type == &TOKEN_NOTE_REC) {
		note_counts_of(c, x->was, -1);
		note_counts_of(c, x->now, 1);
	} else if (x->type == &INVOICE_REC) {
		invoice_counts_of(c, x->was, -1);
		invoice_counts_of(c, x->now, 1);
	} else if (x->type == &POSTING_REC) {
		posting_changed(c, x);
	}
}

int totals_turn(struct turn *t)
{
	struct tab_change *changes;
	struct counting c = { .t = t };
	int64_t wrong = 0;
	int breaks = 0;
	c.count = tab_changes(t->tabs, WATCHED, sizeof(WATCHED) / sizeof(WATCHED[0]), t->scratch, &changes);
	c.changes = changes;
	for (size_t i = 0; i < c.count; i++) {
		const struct tab_change *x = &changes[i];
		change_count(&c, x);
		const struct account *a = x->type == &ACCOUNT_REC ? x->now : NULL;
		const struct statement *st = x->type == &STATEMENT_REC ? x->now : NULL;
		char key[48];
		if (a && a->book[0]) {
			book_key(key, a->book, a->currency);
			tally_look(&c, key, a->currency);
			wrong += !account_moved_right(&c, x->was, a);
		} else if (st && strncmp(st->id, "last/", 5) == 0) {
			str_copy(key, sizeof(key), str_of(st->id + 5));
			tally_look(&c, key, st->currency);
		}
	}
	for (size_t i = 0; i < c.touched_count; i++)
		breaks += tally_judge(&c, c.touched[i], wrong);
	return breaks;
}
