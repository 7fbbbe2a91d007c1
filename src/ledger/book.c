/* Double entry: chart, journals, balances. See ledger/book.h.
 *
 * Must remain true: a journal is written whole or not at all; the balance records of accounts and
 * deals are the sums of the postings that exist, so they can be rebuilt from them (CT-7); amounts
 * leave the 64-bit range nowhere, because a posting that would is refused. */
#include "ledger/book.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"

/* Chart of domain specification §4.1, ascending. */
const struct chart_row CHART[] = {
	{ 1000, "Settlement bank (nostro)", "Bank", ACCOUNT_ASSET, 0 },
	{ 1100, "Payments in transit", "In transit", ACCOUNT_ASSET, 0 },
	{ 1150, "Suspense, unidentified receipts", "Suspense", ACCOUNT_ASSET, 0 },
	{ 1200, "Loan principal", "Principal", ACCOUNT_ASSET, 0 },
	{ 1210, "Purchased receivables, face", "Receivables", ACCOUNT_ASSET, 0 },
	{ 1215, "Unearned discount", "Unearned", ACCOUNT_CONTRA_ASSET, 0 },
	{ 1216, "Deferred fees", "Deferred fees", ACCOUNT_CONTRA_ASSET, 0 },
	{ 1220, "Accrued interest receivable", "Accrued", ACCOUNT_ASSET, 0 },
	{ 1225, "Fees receivable", "Fees due", ACCOUNT_ASSET, 0 },
	{ 1290, "Loss allowance", "Allowance", ACCOUNT_CONTRA_ASSET, 0 },
	{ 1300, "Recourse or dilution claim on seller", "Recourse", ACCOUNT_ASSET, 0 },
	{ 1310, "Insurance claim", "Insurance", ACCOUNT_ASSET, 0 },
	{ 1400, "Repossessed collateral", "Repossessed", ACCOUNT_ASSET, 0 },
	{ 1900, "Currency position", "FX position", ACCOUNT_ASSET, 0 },
	{ 1901, "Currency position, counter-value", "FX counter", ACCOUNT_LIABILITY, 0 },
	{ 2000, "Holdback, reserve due to seller", "Holdback", ACCOUNT_LIABILITY, 0 },
	{ 2010, "Cash margin held", "Margin", ACCOUNT_LIABILITY, 0 },
	{ 2020, "Refunds payable", "Refunds", ACCOUNT_LIABILITY, 0 },
	{ 2030, "Collections held for others", "Held for others", ACCOUNT_LIABILITY, 0 },
	{ 2040, "Taxes payable", "Taxes", ACCOUNT_LIABILITY, 0 },
	{ 3000, "Funding pool", "Funding", ACCOUNT_EQUITY, 0 },
	{ 4000, "Interest income", "Interest", ACCOUNT_INCOME, 0 },
	{ 4010, "Discount income", "Discount", ACCOUNT_INCOME, 0 },
	{ 4020, "Fee income", "Fees", ACCOUNT_INCOME, 0 },
	{ 4030, "Late-payment income", "Late interest", ACCOUNT_INCOME, 0 },
	{ 4040, "Recovery and liquidation gain", "Recovery", ACCOUNT_INCOME, 0 },
	{ 5000, "Funding cost", "Funding cost", ACCOUNT_EXPENSE, 0 },
	{ 5010, "Credit loss", "Credit loss", ACCOUNT_EXPENSE, 0 },
	{ 5020, "Liquidation loss", "Liquidation", ACCOUNT_EXPENSE, 0 },
	{ 5030, "Operational loss", "Operational", ACCOUNT_EXPENSE, 0 },
	{ 5040, "Storage and enforcement cost", "Enforcement", ACCOUNT_EXPENSE, 0 },
	{ 9000, "Undrawn commitment", "Commitment", ACCOUNT_MEMO, 9001 },
	{ 9001, "Undrawn commitment, counterpart", "Commitment ctr", ACCOUNT_MEMO, 9000 },
	{ 9100, "Collateral at market value", "Collateral", ACCOUNT_MEMO, 9101 },
	{ 9101, "Collateral, counterpart", "Collateral ctr", ACCOUNT_MEMO, 9100 },
	{ 9200, "Interest in suspense", "Suspended int", ACCOUNT_MEMO, 9201 },
	{ 9201, "Interest in suspense, counterpart", "Suspended ctr", ACCOUNT_MEMO, 9200 },
};
const size_t CHART_COUNT = sizeof(CHART) / sizeof(CHART[0]);

#define REC_SELF struct account
REC_TYPE(ACCOUNT_REC, 8, "account", ACCOUNT_FIELDS)
#undef REC_SELF
#define REC_SELF struct dealbal
REC_TYPE(DEALBAL_REC, 9, "dealbal", DEALBAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct journal
REC_TYPE(JOURNAL_REC, 10, "journal", JOURNAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct posting
REC_TYPE(POSTING_REC, 11, "posting", POSTING_FIELDS)
#undef REC_SELF

const struct chart_row *chart_find(int number)
{
	for (size_t i = 0; i < CHART_COUNT; i++)
		if (CHART[i].number == number)
			return &CHART[i];
	return NULL;
}

/* Keys of the accounts that carry the limits of a number; '=' sorts apart from every book. */
#define ACCOUNT_PATTERN "=/"

/* Place n of journals within the entry follows the last one that exists: keys of one entry sort by
 * it, and '0' is the byte after '/'. */
static void book_next_id(struct turn *t, char id[24])
{
	char prefix[STR_DIGITS_MAX], after[STR_DIGITS_MAX];
	int64_t n = 0;
	str_digits(prefix, (int64_t)(t->number % 10000000000ULL), 10);
	memcpy(after, prefix, 10);
	memcpy(after + 10, "0", 2); /* sorts behind the slash */
	memcpy(prefix + 10, "/", 2);
	const struct journal *last = tab_prev(t->tabs, &JOURNAL_REC, after);
	if (last && !strncmp(last->id, prefix, 11)) {
		int64_t at = 0;
		CHECK(str_to_i64(str_of(last->id + 11), &at), "journals are numbered within their entry");
		n = at + 1;
	}
	memcpy(after + 10, "", 1);
	str_key(id, 24, after, n % 100000, 5);
}

static enum refusal book_check_lines(struct turn *t, const struct book_line *lines, size_t count,
	int64_t *total)
{
	int64_t debit = 0, credit = 0;
	if (count < 2 || count > BOOK_LINES_MAX)
		return turn_refuse(t, REFUSED_UNBALANCED, "A journal has 2 to %d lines, this one %zu.",
			BOOK_LINES_MAX, count);
	for (size_t i = 0; i < count; i++) {
		const struct book_line *l = &lines[i];
		if (!chart_find(l->number))
			return turn_refuse(t, REFUSED_ACCOUNT_UNKNOWN, "Account %d is not in the chart.", l->number);
		if (l->debit < 0 || l->credit < 0 || (l->debit > 0) == (l->credit > 0))
			return turn_refuse(t, REFUSED_UNBALANCED,
				"Line %zu (account %d) must have a debit or a credit above zero, and not both.",
				i + 1, l->number);
		if (!num_add(debit, l->debit, &debit) || !num_add(credit, l->credit, &credit))
			return turn_refuse(t, REFUSED_OVERFLOW, "The sum of the journal leaves 64 bits.");
	}
	if (debit != credit)
		return turn_refuse(t, REFUSED_UNBALANCED, "Debits are %lld, credits %lld minor units.",
			(long long)debit, (long long)credit);
	*total = debit;
	return REFUSED_NOT;
}

/* The account as it stands, or a new one with the limits of its number. */
static struct account account_of(const struct tabs *s, const char *book, int number, const char *currency)
{
	struct account a;
	char id[40];
	str_path(id, sizeof(id), str_key(id, sizeof(id), book, number, 1), currency);
	const struct account *old = tab_get(s, &ACCOUNT_REC, id);
	if (old)
		return *old;
	memset(&a, 0, sizeof(a));
	str_copy(a.id, sizeof(a.id), str_of(id));
	str_copy(a.book, sizeof(a.book), str_of(book));
	str_copy(a.currency, sizeof(a.currency), str_of(currency));
	a.number = number;
	snprintf(id, sizeof(id), ACCOUNT_PATTERN "%d", number);
	const struct account *pattern = tab_get(s, &ACCOUNT_REC, id);
	if (pattern) {
		a.bounded = pattern->bounded;
		a.floor = pattern->floor;
		a.ceiling = pattern->ceiling;
	}
	return a;
}

/* What is left above the floor and below the ceiling; sums of two balances within 64 bits fit in 128. */
static __int128 account_lowest(const struct account *a) { return (__int128)a->debit - a->credit - a->credit_pending; }
static __int128 account_highest(const struct account *a) { return (__int128)a->debit + a->debit_pending - a->credit; }

/* A limit is asked only in the direction of the movement. */
static enum refusal account_bounds(struct turn *t, const struct account *was, const struct account *now)
{
	char text[MONEY_TEXT_MAX];
	if (now->bounded & BOUND_FLOOR && account_lowest(now) < now->floor && account_lowest(now) < account_lowest(was))
		return turn_refuse(t, REFUSED_BALANCE_LIMIT, "%s would fall below its floor of %s %s.", now->id,
			money_format(now->floor, now->currency, ',', text), now->currency);
	if (now->bounded & BOUND_CEILING && account_highest(now) > now->ceiling && account_highest(now) > account_highest(was))
		return turn_refuse(t, REFUSED_BALANCE_LIMIT, "%s would rise above its ceiling of %s %s.", now->id,
			money_format(now->ceiling, now->currency, ',', text), now->currency);
	return REFUSED_NOT;
}

/* The account that stood as `was` before the journal, as its lines before this one left it. */
static struct account account_now(const struct tabs *s, const struct account *was)
{
	const struct account *now = tab_get(s, &ACCOUNT_REC, was->id);
	return now ? *now : *was;
}

static enum refusal book_add_account(struct turn *t, const struct journal *j,
	const struct book_line *l, const struct account *was)
{
	struct account a = account_now(t->tabs, was);
	const char *id = a.id;
	int64_t net = l->debit - l->credit, balance;
	if (!num_add(a.debit, l->debit, &a.debit) || !num_add(a.credit, l->credit, &a.credit)
		|| !num_sub(a.debit, a.credit, &balance))
		return turn_refuse(t, REFUSED_OVERFLOW, "The balance of %s leaves 64 bits.", id);
	a.journals++;
	if (j->value_day > a.today_day) {
		a.today_day = j->value_day;
		a.today = 0;
	}
	if (j->value_day == a.today_day && !num_add(a.today, net, &a.today))
		return turn_refuse(t, REFUSED_OVERFLOW, "The day's movement of %s leaves 64 bits.", id);
	tab_put(t->tabs, &ACCOUNT_REC, &a);
	return REFUSED_NOT;
}

static enum refusal book_add_deal(struct turn *t, const struct journal *j, const struct book_line *l)
{
	struct dealbal b;
	char id[48];
	if (!j->deal[0])
		return REFUSED_NOT;
	str_key(id, sizeof(id), j->deal, l->number, 1);
	const struct dealbal *old = tab_get(t->tabs, &DEALBAL_REC, id);
	if (old) {
		b = *old;
		if (strcmp(b.currency, j->currency))
			return turn_refuse(t, REFUSED_VALUE, "%s is kept in %s, not %s.", id, b.currency, j->currency);
	} else {
		memset(&b, 0, sizeof(b));
		str_copy(b.id, sizeof(b.id), str_of(id));
		str_copy(b.deal, sizeof(b.deal), str_of(j->deal));
		str_copy(b.currency, sizeof(b.currency), str_of(j->currency));
		b.number = l->number;
	}
	if (!num_add(b.net, l->debit - l->credit, &b.net))
		return turn_refuse(t, REFUSED_OVERFLOW, "The balance of %s leaves 64 bits.", id);
	tab_put(t->tabs, &DEALBAL_REC, &b);
	return REFUSED_NOT;
}

/* Writes a checked journal with its lines; a refusal is taken back by the caller. Limits are asked of the journal as a whole:
 * two lines of one account may cross. */
static enum refusal book_write(struct turn *t, const struct journal *j, const struct book_line *lines,
	size_t count, bool bounds)
{
	struct account *was = arena_alloc(t->scratch, count * sizeof(*was));
	for (size_t i = 0; i < count; i++)
		was[i] = account_of(t->tabs, j->book, lines[i].number, j->currency);
	tab_put(t->tabs, &JOURNAL_REC, j);
	for (size_t i = 0; i < count; i++) {
		struct posting p;
		memset(&p, 0, sizeof(p));
		str_key(p.id, sizeof(p.id), j->id, (int64_t)(i % 100), 2);
		str_copy(p.currency, sizeof(p.currency), str_of(j->currency));
		p.number = lines[i].number;
		p.debit = lines[i].debit;
		p.credit = lines[i].credit;
		tab_put(t->tabs, &POSTING_REC, &p);
		enum refusal r = book_add_account(t, j, &lines[i], &was[i]);
		if (!r)
			r = book_add_deal(t, j, &lines[i]);
		if (r)
			return r;
	}
	for (size_t i = 0; bounds && i < count; i++) {
		if (!was[i].bounded)
			continue;
		struct account now = account_now(t->tabs, &was[i]);
		enum refusal r = account_bounds(t, &was[i], &now);
		if (r)
			return r;
	}
	return REFUSED_NOT;
}

static enum refusal book_enter(struct turn *t, struct journal *j, const struct book_line *lines,
	size_t count, bool bounds)
{
	enum refusal r = book_check_lines(t, lines, count, &j->total);
	if (r)
		return r;
	size_t mark = tab_mark(t->tabs);
	book_next_id(t, j->id);
	j->lines = (int64_t)count;
	j->at = t->stamp;
	r = book_write(t, j, lines, count, bounds);
	if (r)
		tab_rollback(t->tabs, mark);
	return r;
}

static enum refusal book_post_as(struct turn *t, const char *book, const char *deal, const char *currency,
	int64_t value_day, const char *event, const char *memo, const struct book_line *lines,
	size_t count, bool bounds)
{
	struct journal j;
	memset(&j, 0, sizeof(j));
	if (!*book || !str_copy(j.book, sizeof(j.book), str_of(book)))
		return turn_refuse(t, REFUSED_VALUE, "A journal needs a book; '%s' is none.", book);
	if (!str_copy(j.currency, sizeof(j.currency), str_of(currency)) || money_decimals(currency) < 0)
		return turn_refuse(t, REFUSED_VALUE, "'%s' is not a currency that settles.", currency);
	if (!str_copy(j.deal, sizeof(j.deal), str_of(deal)))
		return turn_refuse(t, REFUSED_VALUE, "'%s' is not a deal.", deal);
	if (!str_copy(j.event, sizeof(j.event), str_of(event)))
		return turn_refuse(t, REFUSED_VALUE, "'%s' is too long for the event of a journal.", event);
	str_copy(j.memo, sizeof(j.memo), str_of(memo));
	j.value_day = value_day;
	return book_enter(t, &j, lines, count, bounds);
}

enum refusal book_post(struct turn *t, const char *book, const char *deal, const char *currency,
	int64_t value_day, const char *event, const char *memo, const struct book_line *lines,
	size_t count)
{
	return book_post_as(t, book, deal, currency, value_day, event, memo, lines, count, true);
}

enum refusal book_post_held(struct turn *t, const char *book, const char *deal, const char *currency,
	int64_t value_day, const char *event, const char *memo, const struct book_line *lines, size_t count)
{
	return book_post_as(t, book, deal, currency, value_day, event, memo, lines, count, false);
}

bool book_bound(struct turn *t, int number, int64_t bounded, int64_t floor, int64_t ceiling)
{
	struct account a;
	if (!chart_find(number))
		return false;
	memset(&a, 0, sizeof(a));
	snprintf(a.id, sizeof(a.id), ACCOUNT_PATTERN "%d", number);
	a.number = number;
	a.bounded = bounded;
	a.floor = floor;
	a.ceiling = ceiling;
	tab_put(t->tabs, &ACCOUNT_REC, &a);
	TAB_FOR(account, found, t->tabs, &ACCOUNT_REC, "") {
		if (found->number != number || !found->book[0])
			continue;
		a = *found;
		a.bounded = bounded;
		a.floor = floor;
		a.ceiling = ceiling;
		tab_put(t->tabs, &ACCOUNT_REC, &a);
	}
	return true;
}

enum refusal book_hold(struct turn *t, const char *book, const char *currency, int debit, int credit, int64_t amount)
{
	size_t mark = tab_mark(t->tabs);
	for (int side = 0; side < 2; side++) {
		int number = side ? credit : debit;
		if (!chart_find(number)) {
			tab_rollback(t->tabs, mark);
			return turn_refuse(t, REFUSED_ACCOUNT_UNKNOWN, "Account %d is not in the chart.", number);
		}
		struct account was = account_of(t->tabs, book, number, currency), now = was;
		int64_t *sum = side ? &now.credit_pending : &now.debit_pending, room;
		enum refusal r = REFUSED_NOT;
		if (!num_add(*sum, amount, sum) || *sum < 0 || !num_add(side ? now.credit : now.debit, *sum, &room))
			r = turn_refuse(t, REFUSED_OVERFLOW, "What is pending on %s leaves its range.", now.id);
		else if (amount > 0)
			r = account_bounds(t, &was, &now);
		if (r) {
			tab_rollback(t->tabs, mark);
			return r;
		}
		tab_put(t->tabs, &ACCOUNT_REC, &now);
	}
	return REFUSED_NOT;
}

enum refusal book_mirror(struct turn *t, const char *journal_id, const char *memo)
{
	struct book_line lines[BOOK_LINES_MAX];
	size_t count = 0;
	char prefix[28];
	const struct journal *found = tab_get(t->tabs, &JOURNAL_REC, journal_id);
	if (!found)
		return turn_refuse(t, REFUSED_VALUE, "There is no journal %s.", journal_id);
	if (found->mirrored[0] || found->mirror_of[0])
		return turn_refuse(t, REFUSED_VALUE, "Journal %s is %s %s.", journal_id,
			found->mirrored[0] ? "mirrored already by" : "itself the mirror of",
			found->mirrored[0] ? found->mirrored : found->mirror_of);
	struct journal old = *found, j = *found;
	snprintf(prefix, sizeof(prefix), "%s/", old.id);
	TAB_FOR(posting, p, t->tabs, &POSTING_REC, prefix) {
		CHECK(count < BOOK_LINES_MAX, "a journal has no more lines than may be posted");
		lines[count++] = (struct book_line){ (int)p->number, p->credit, p->debit };
	}
	str_copy(j.mirror_of, sizeof(j.mirror_of), str_of(old.id));
	str_copy(j.memo, sizeof(j.memo), str_of(memo));
	enum refusal r = book_enter(t, &j, lines, count, true);
	if (r)
		return r;
	str_copy(old.mirrored, sizeof(old.mirrored), str_of(j.id));
	tab_put(t->tabs, &JOURNAL_REC, &old);
	return REFUSED_NOT;
}

const struct journal *book_journal_of(const struct tabs *s, const char *deal, const char *event)
{
	const struct journal *j = tab_prev(s, &JOURNAL_REC, NULL);
	while (j && (j->mirrored[0] || j->mirror_of[0] || strcmp(j->deal, deal) || strcmp(j->event, event)))
		j = tab_prev(s, &JOURNAL_REC, j->id);
	return j;
}

int64_t book_balance(const struct tabs *s, const char *book, int number, const char *currency)
{
	char id[40];
	str_path(id, sizeof(id), str_key(id, sizeof(id), book, number, 1), currency);
	const struct account *a = tab_get(s, &ACCOUNT_REC, id);
	return a ? a->debit - a->credit : 0;
}

int64_t book_deal_balance(const struct tabs *s, const char *deal, int number)
{
	char id[48];
	str_key(id, sizeof(id), deal, number, 1);
	const struct dealbal *b = tab_get(s, &DEALBAL_REC, id);
	return b ? b->net : 0;
}
