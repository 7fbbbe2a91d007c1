/* Journals and balances: the worked examples A and B of domain specification §4.2 to the last unit,
 * and every way in which a journal is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/money.h"
#include "ledger/book.h"

#define DEAL "DL-A"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC,
	&POSTING_REC };

struct fixture {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	uint64_t number;
};

static int64_t day_of(const char *text)
{
	int64_t day = 0;
	assert_true(instant_parse_date(str_of(text), &day));
	return day;
}

static void next(struct fixture *f, const char *day)
{
	struct hash seed = hash_of(&f->number, sizeof(f->number));
	tab_commit(f->tabs);
	arena_reset(&f->scratch);
	turn_begin(&f->turn, f->tabs, &f->scratch, f->number++, day_of(day) * INSTANT_DAY, &seed);
}

static int setup(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof(f));
	f.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	next(&f, "2026-01-15");
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	tabs_free(f->tabs);
	arena_free(&f->scratch);
	return 0;
}

static enum refusal post(struct fixture *f, const char *event, const struct book_line *lines, size_t n)
{
	return book_post(&f->turn, "NOORDZEE", DEAL, "EUR", instant_day(f->turn.stamp), event, "", lines, n);
}
#define POST(f, event, ...) \
	post(f, event, (struct book_line[]){ __VA_ARGS__ }, \
		sizeof((struct book_line[]){ __VA_ARGS__ }) / sizeof(struct book_line))

static int64_t balance(struct fixture *f, int number)
{
	return book_balance(f->tabs, "NOORDZEE", number, "EUR");
}

/* Example A: purchase of 1 000 000.00, 90 days, 6.00 % ACT/360 in advance, fee 1 000.00 deferred. */
static void example_a(void **state)
{
	struct fixture *f = *state;
	int64_t discount = 0, first[3] = { 0 };
	assert_true(money_interest(100000000, 60000, 90, DAYS_ACT_360, &discount));
	assert_int_equal(discount, 1500000);
	assert_int_equal(POST(f, "pay", { 1210, 100000000, 0 }, { 1215, 0, discount }, { 1216, 0, 100000 },
		{ 1100, 0, 98400000 }), REFUSED_NOT);
	next(f, "2026-01-16");
	assert_int_equal(POST(f, "fund", { 1100, 98400000, 0 }, { 1000, 0, 98400000 }), REFUSED_NOT);
	assert_int_equal(balance(f, 1100), 0);
	assert_int_equal(balance(f, 1000), -98400000);
	for (int k = 1; k <= 90; k++) {
		int64_t part = money_step(discount, k, 90), fee = money_step(100000, k, 90);
		if (k <= 3)
			first[k - 1] = part;
		next(f, "2026-01-17");
		assert_int_equal(POST(f, "accrue", { 1215, part, 0 }, { 4010, 0, part }, { 1216, fee, 0 },
			{ 4020, 0, fee }), REFUSED_NOT);
	}
	assert_int_equal(first[0], 16667);
	assert_int_equal(first[1], 16666);
	assert_int_equal(first[2], 16667);
	assert_int_equal(balance(f, 4010), -1500000);
	assert_int_equal(balance(f, 1215), 0);
	next(f, "2026-04-15");
	assert_int_equal(POST(f, "collect", { 1000, 100000000, 0 }, { 1210, 0, 100000000 }), REFUSED_NOT);
	assert_int_equal(balance(f, 1000), 1600000);
	assert_int_equal(balance(f, 1210), 0);
	assert_int_equal(book_deal_balance(f->tabs, DEAL, 1210), 0);
	assert_int_equal(book_deal_balance(f->tabs, DEAL, 4020), -100000);
	assert_int_equal(tab_count(f->tabs, &JOURNAL_REC), 93);
}

/* Example B: loan 1 500 000.00, 7.20 % ACT/360, 15 Jan to 15 Apr 2026. */
static void example_b(void **state)
{
	struct fixture *f = *state;
	int64_t from = day_of("2026-01-15"), to = day_of("2026-04-15"), interest = 0;
	assert_int_equal(money_days(DAYS_ACT_360, from, to), 90);
	assert_true(money_interest(150000000, 72000, 90, DAYS_ACT_360, &interest));
	assert_int_equal(interest, 2700000);
	assert_int_equal(POST(f, "pay", { 1200, 150000000, 0 }, { 1100, 0, 150000000 }), REFUSED_NOT);
	assert_int_equal(POST(f, "fund", { 1100, 150000000, 0 }, { 1000, 0, 150000000 }), REFUSED_NOT);
	for (int k = 1; k <= 90; k++) {
		int64_t part = money_step(interest, k, 90);
		assert_int_equal(part, 30000);
		assert_int_equal(POST(f, "accrue", { 1220, part, 0 }, { 4000, 0, part }), REFUSED_NOT);
	}
	assert_int_equal(balance(f, 1220), 2700000);
	assert_int_equal(POST(f, "margin", { 1000, 26500000, 0 }, { 2010, 0, 26500000 }), REFUSED_NOT);
	assert_int_equal(POST(f, "repay", { 1000, 152700000, 0 }, { 1220, 0, 2700000 },
		{ 1200, 0, 150000000 }), REFUSED_NOT);
	assert_int_equal(POST(f, "margin-back", { 2010, 26500000, 0 }, { 1000, 0, 26500000 }), REFUSED_NOT);
	assert_int_equal(balance(f, 1000), 2700000);
	assert_int_equal(balance(f, 1200) + balance(f, 1220) + balance(f, 2010), 0);
	const struct account *bank = tab_get(f->tabs, &ACCOUNT_REC, "NOORDZEE/1000/EUR");
	assert_int_equal(bank->today, 2700000);
	assert_int_equal(bank->journals, 4);
}

static void refused(void **state)
{
	struct fixture *f = *state;
	int64_t top = INT64_MAX;
	assert_int_equal(POST(f, "x", { 1000, 5, 0 }), REFUSED_UNBALANCED);
	assert_int_equal(POST(f, "x", { 1000, 5, 0 }, { 1100, 0, 6 }), REFUSED_UNBALANCED);
	assert_int_equal(POST(f, "x", { 1000, -5, 0 }, { 1100, 0, -5 }), REFUSED_UNBALANCED);
	assert_int_equal(POST(f, "x", { 1000, 5, 5 }, { 1100, 5, 5 }), REFUSED_UNBALANCED);
	assert_int_equal(POST(f, "x", { 1000, 0, 0 }, { 1100, 0, 0 }), REFUSED_UNBALANCED);
	assert_int_equal(POST(f, "x", { 1001, 5, 0 }, { 1100, 0, 5 }), REFUSED_ACCOUNT_UNKNOWN);
	assert_int_equal(POST(f, "x", { 1000, top, 0 }, { 1100, 1, 0 }, { 1150, 0, top }, { 1200, 0, 1 }),
		REFUSED_OVERFLOW);
	struct book_line two[] = { { 1000, 5, 0 }, { 1100, 0, 5 } };
	assert_int_equal(book_post(&f->turn, "", DEAL, "EUR", 0, "x", "", two, 2), REFUSED_VALUE);
	assert_int_equal(book_post(&f->turn, "NOORDZEE", DEAL, "XAU", 0, "x", "", two, 2), REFUSED_VALUE);
	assert_int_equal(tab_count(f->tabs, &JOURNAL_REC), 0);

	/* the second one would leave 64 bits in the balance of an account: nothing of it stays */
	assert_int_equal(POST(f, "x", { 1000, top, 0 }, { 1100, 0, top }), REFUSED_NOT);
	struct hash before = tabs_digest(f->tabs);
	assert_int_equal(POST(f, "x", { 1150, 1, 0 }, { 1200, 1, 0 }, { 1100, 0, 2 }), REFUSED_OVERFLOW);
	struct hash after = tabs_digest(f->tabs);
	assert_true(hash_eq(&before, &after));
	assert_non_null(strstr(f->turn.detail, "1100"));
}

static void mirrored(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(POST(f, "pay", { 1210, 1000, 0 }, { 1215, 0, 15 }, { 1100, 0, 985 }), REFUSED_NOT);
	const struct journal *pay = book_journal_of(f->tabs, DEAL, "pay");
	assert_non_null(pay);
	char id[24];
	memcpy(id, pay->id, sizeof(id));
	assert_null(book_journal_of(f->tabs, DEAL, "fund"));
	next(f, "2026-02-01");
	assert_int_equal(book_mirror(&f->turn, "0000000009/00000", ""), REFUSED_VALUE);
	assert_int_equal(book_mirror(&f->turn, id, "rejected: AC04"), REFUSED_NOT);
	assert_int_equal(book_mirror(&f->turn, id, "again"), REFUSED_VALUE);
	const struct journal *old = tab_get(f->tabs, &JOURNAL_REC, id);
	const struct journal *mirror = tab_get(f->tabs, &JOURNAL_REC, old->mirrored);
	assert_string_equal(mirror->mirror_of, id);
	assert_int_equal(mirror->value_day, old->value_day);
	assert_int_equal(mirror->total, 1000);
	assert_int_equal(book_mirror(&f->turn, mirror->id, ""), REFUSED_VALUE);
	assert_null(book_journal_of(f->tabs, DEAL, "pay"));
	for (size_t i = 0; i < CHART_COUNT; i++)
		assert_int_equal(balance(f, CHART[i].number), 0);
}

/* An entry may post thousands of journals; their keys keep their order. */
static void many_in_one_entry(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 1234; i++)
		assert_int_equal(POST(f, "x", { 1000, 1, 0 }, { 3000, 0, 1 }), REFUSED_NOT);
	const struct journal *last = tab_prev(f->tabs, &JOURNAL_REC, NULL);
	assert_string_equal(last->id, "0000000000/01233");
	assert_int_equal(balance(f, 1000), 1234);
}

static void chart(void **state)
{
	(void)state;
	for (size_t i = 0; i < CHART_COUNT; i++) {
		assert_true(!i || CHART[i - 1].number < CHART[i].number);
		const struct chart_row *pair = CHART[i].memo_pair ? chart_find(CHART[i].memo_pair) : NULL;
		assert_int_equal(CHART[i].type == ACCOUNT_MEMO, pair != NULL);
		assert_true(!pair || pair->memo_pair == CHART[i].number);
	}
	assert_null(chart_find(1234));
	assert_string_equal(chart_find(1000)->name, "Settlement bank (nostro)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(example_a, setup, teardown),
		cmocka_unit_test_setup_teardown(example_b, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(mirrored, setup, teardown),
		cmocka_unit_test_setup_teardown(many_in_one_entry, setup, teardown),
		cmocka_unit_test(chart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
