/* Control totals after each event: running sums are those of a full count, a break stops the outflow once, and a statement of the
 * bank is held against what the book says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "contract/totals.h"
#include "ledger/period.h"
#include "ledger/stop.h"

#define BOOK "NOORDZEE"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &DEAL_REC,
	&INVOICE_REC, &TOKEN_NOTE_REC, &PAYMENT_REC, &STATEMENT_REC, &TALLY_REC, &STOP_REC, &PERIOD_REC, &PARAM_REC };

struct fixture {
	struct tabs *tabs;
	struct arena scratch;
	struct turn t;
	uint64_t number;
};

static void next(struct fixture *f)
{
	struct hash seed = hash_of(&f->number, sizeof(f->number));
	tab_commit(f->tabs);
	arena_reset(&f->scratch);
	f->number++;
	turn_begin(&f->t, f->tabs, &f->scratch, f->number, (int64_t)(20500 + f->number) * INSTANT_DAY, &seed);
}

static int setup(void **state)
{
	static struct fixture f;
	memset(&f, 0, sizeof(f));
	f.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	next(&f);
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

static void put_deal(struct fixture *f, const char *id, int64_t state, int64_t principal, const char *payment)
{
	struct deal d = { .state = state, .funder = BOOK, .currency = "EUR", .principal = principal };
	snprintf(d.id, sizeof(d.id), "%s", id);
	snprintf(d.payment, sizeof(d.payment), "%s", payment);
	tab_put(f->tabs, &DEAL_REC, &d);
}

static void put_payment(struct fixture *f, const char *deal, int64_t state, int64_t amount)
{
	struct payment p = { .id = "PY-1", .state = state, .amount = amount, .currency = "EUR" };
	snprintf(p.deal, sizeof(p.deal), "%s", deal);
	tab_put(f->tabs, &PAYMENT_REC, &p);
}

static void post(struct fixture *f, int debit, int credit, int64_t amount, int64_t day)
{
	struct book_line lines[2] = { { debit, amount, 0 }, { credit, 0, amount } };
	assert_int_equal(book_post(&f->t, BOOK, "", "EUR", day, "test", "", lines, 2), REFUSED_NOT);
}

static void sums_hold(struct fixture *f)
{
	char why[160];
	if (!totals_tally_holds(f->tabs, BOOK, "EUR", why))
		fail_msg("%s", why);
}

/* A payment is released, then executed: two events after which everything holds. */
static void pay(struct fixture *f)
{
	put_deal(f, "DL-1", DEAL_DISBURSING, 1000, "PY-1");
	put_payment(f, "DL-1", PAYMENT_RELEASED, 1000);
	post(f, 1200, 1100, 1000, 20501);
	assert_int_equal(totals_turn(&f->t), 0);
	sums_hold(f);
	next(f);
	put_deal(f, "DL-1", DEAL_FUNDED, 1000, "PY-1");
	put_payment(f, "DL-1", PAYMENT_EXECUTED, 1000);
	post(f, 1100, 1000, 1000, 20502);
	assert_int_equal(totals_turn(&f->t), 0);
	sums_hold(f);
	next(f);
}

static void running_sums_follow(void **state)
{
	struct fixture *f = *state;
	pay(f);
	const struct tally *y = tab_get(f->tabs, &TALLY_REC, BOOK "/EUR");
	assert_int_equal(y->principal, 1000);
	assert_int_equal(y->released, 0);
	assert_int_equal(y->funded, 1);
	assert_int_equal(y->executed, 1);
	tab_delete(f->tabs, &DEAL_REC, "DL-1");
	assert_int_equal(totals_turn(&f->t), 1); /* 1200 stands without its deal */
	sums_hold(f);
}

static void each_break_stops_once(void **state)
{
	struct fixture *f = *state;
	pay(f);
	post(f, 1200, 1000, 5, 20503);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_standing(f->tabs, BOOK)->id, BOOK "/CT-2");
	assert_string_equal(stop_standing(f->tabs, BOOK)->why, "differs by 0.05 EUR: 10.05 against 10.00");
	assert_int_equal(stop_check(&f->t, BOOK), REFUSED_OUTFLOW_STOPPED);
	next(f);
	post(f, 1000, 1150, 7, 20503); /* it is known to be broken by that much */
	assert_int_equal(totals_turn(&f->t), 0);
	next(f);
	post(f, 1200, 1000, 5, 20503); /* and breaks further */
	assert_int_equal(totals_turn(&f->t), 1);
	assert_int_equal(stop_standing(f->tabs, BOOK)->count, 2);
	assert_string_equal(stop_standing(f->tabs, BOOK)->why, "differs by 0.10 EUR: 10.10 against 10.00");
	next(f);
	assert_int_equal(stop_lift(&f->t, BOOK "/CT-2", "a", "b", "corrected"), REFUSED_NOT);
	post(f, 1000, 1200, 10, 20503);
	assert_int_equal(totals_turn(&f->t), 0);
	assert_int_equal(stop_check(&f->t, BOOK), REFUSED_NOT);
	next(f);
	post(f, 1200, 1000, 1, 20503);
	assert_int_equal(totals_turn(&f->t), 1);
}

static void the_statement_is_held_against_the_book(void **state)
{
	struct fixture *f = *state;
	struct statement st = { .id = "last/" BOOK "/EUR", .currency = "EUR", .closing = -1000, .closing_day = 20502 };
	pay(f);
	tab_put(f->tabs, &STATEMENT_REC, &st);
	assert_int_equal(totals_turn(&f->t), 0);
	next(f);
	post(f, 1000, 1150, 70, 20503); /* after the day of the statement */
	assert_int_equal(totals_turn(&f->t), 0);
	next(f);
	st.closing = -931;
	st.closing_day = 20503;
	tab_put(f->tabs, &STATEMENT_REC, &st);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_standing(f->tabs, BOOK)->id, BOOK "/CT-3");
	next(f);
	st.closing = -930;
	tab_put(f->tabs, &STATEMENT_REC, &st);
	assert_int_equal(totals_turn(&f->t), 0);
	assert_int_equal(((const struct tally *)tab_get(f->tabs, &TALLY_REC, BOOK "/EUR"))->broken, 0);
}

/* The audit finds each running sum that was touched, and an account or a note that was changed behind its back. */
static void the_audit_finds_what_was_touched(void **state)
{
	struct fixture *f = *state;
	char why[160];
	struct invoice i = { .id = "RV-1", .debtor = "HALVORSEN", .currency = "EUR", .state = INVOICE_CONFIRMED, .confirmed = 500 };
	struct token_note n = { .id = "TN-1", .obligor = "HALVORSEN", .currency = "EUR", .state = NOTE_LIVE, .amount = 500 };
	pay(f);
	tab_put(f->tabs, &INVOICE_REC, &i);
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	totals_turn(&f->t);
	next(f);
	assert_true(totals_tally_holds(f->tabs, BOOK, "EUR", why));
	for (int k = 0; k < 7; k++) {
		size_t mark = tab_mark(f->tabs);
		struct tally y = *(const struct tally *)tab_get(f->tabs, &TALLY_REC, k < 2 ? BOOK "/EUR" : "=/HALVORSEN/EUR");
		struct account a = *(const struct account *)tab_get(f->tabs, &ACCOUNT_REC, BOOK "/1000/EUR");
		y.principal += k == 0;
		y.uneven += k == 1;
		y.debt += k == 2;
		tab_put(f->tabs, &TALLY_REC, &y);
		a.debit += k == 3;
		tab_put(f->tabs, &ACCOUNT_REC, &a);
		struct tally day = *(const struct tally *)tab_get(f->tabs, &TALLY_REC, BOOK "/EUR/day/020502");
		day.bank += k == 5;
		tab_put(f->tabs, &TALLY_REC, &day);
		if (k == 6)
			tab_delete(f->tabs, &TALLY_REC, "=/HALVORSEN/EUR");
		n.amount = k == 4 ? 499 : 500;
		tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
		if (totals_tally_holds(f->tabs, BOOK, "EUR", why))
			fail_msg("touch %d is not found", k);
		tab_rollback(f->tabs, mark);
		assert_true(totals_tally_holds(f->tabs, BOOK, "EUR", why));
	}
	char id[24]; /* what retention rolls up is still counted */
	snprintf(id, sizeof(id), "%s", ((const struct journal *)tab_first(f->tabs, &JOURNAL_REC, ""))->id);
	assert_true(period_roll(&f->t, id));
	if (!totals_tally_holds(f->tabs, BOOK, "EUR", why))
		fail_msg("%s", why);
}

static void notes_are_confirmed_debt(void **state)
{
	struct fixture *f = *state;
	struct invoice i = { .id = "RV-1", .debtor = "HALVORSEN", .currency = "EUR", .state = INVOICE_CONFIRMED, .confirmed = 500 };
	struct token_note n = { .id = "TN-1", .obligor = "HALVORSEN", .currency = "EUR", .amount = 500 };
	tab_put(f->tabs, &INVOICE_REC, &i);
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 0);
	next(f);
	n.state = NOTE_REDEEMED;
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 0);
	next(f);
	n.state = NOTE_LIVE;
	n.amount = 501;
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_int_equal(stop_check(&f->t, "ANYBODY"), REFUSED_OUTFLOW_STOPPED);
}

/* An account that moved without a line: CT-7. */
static void an_account_changed_by_hand_is_found(void **state)
{
	struct fixture *f = *state;
	pay(f);
	struct account a = *(const struct account *)tab_get(f->tabs, &ACCOUNT_REC, BOOK "/1100/EUR");
	a.debit += 3;
	a.credit += 3;
	tab_put(f->tabs, &ACCOUNT_REC, &a);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_standing(f->tabs, BOOK)->id, BOOK "/CT-7");
	assert_string_equal(stop_standing(f->tabs, BOOK)->why, "accounts moved by more than their journals: 1");
}

static const struct stop *stop_of(const struct fixture *f, const char *id)
{
	const struct stop *p = tab_get(f->tabs, &STOP_REC, id);
	return p && !p->lifted_at ? p : NULL;
}

static void put_account(struct fixture *f, int number, int64_t debit)
{
	struct account a = { .book = BOOK, .number = number, .currency = "EUR", .debit = debit };
	snprintf(a.id, sizeof(a.id), BOOK "/%d/EUR", number);
	tab_put(f->tabs, &ACCOUNT_REC, &a);
}

/* Accounts that do not balance, and whose sum leaves 64 bits; collateral in the memo accounts that no deal has. */
static void the_book_is_asked_as_a_whole(void **state)
{
	struct fixture *f = *state;
	post(f, 9100, 9101, 5, 20503);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_of(f, BOOK "/CT-5")->why, "differs by 0.05 EUR: 0.05 against 0.00");
	next(f);
	put_account(f, 2020, 3);
	totals_turn(&f->t);
	assert_string_equal(stop_of(f, BOOK "/CT-1")->why, "differs by 0.03 EUR: 0.03 against 0.00");
	assert_int_equal(stop_of(f, BOOK "/CT-7")->count, 1);
	next(f);
	put_account(f, 2020, 4);
	totals_turn(&f->t);
	assert_int_equal(stop_of(f, BOOK "/CT-7")->count, 2); /* one account again, and another event */
	next(f);
	put_account(f, 2020, INT64_MAX);
	put_account(f, 2040, INT64_MIN);
	totals_turn(&f->t);
	next(f);
	put_account(f, 2040, 0); /* the sum is zero again where it wraps */
	put_account(f, 2000, INT64_MAX);
	put_account(f, 2010, 2);
	totals_turn(&f->t);
	assert_string_equal(stop_of(f, BOOK "/CT-1")->why, "sums leave 64 bits");
}

/* What is wrong one by one and evens out in the sums, and two obligors that differ by the same. */
static void what_evens_out_is_found(void **state)
{
	struct fixture *f = *state;
	put_deal(f, "DL-1", DEAL_FUNDED, 0, "");
	put_deal(f, "DL-2", DEAL_DISBURSING, 0, "PY-1");
	put_payment(f, "DL-2", PAYMENT_EXECUTED, 0);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_of(f, BOOK "/CT-6")->why, "funded deals 1, executed payments 1: 2 without the other");
	next(f);
	assert_int_equal(stop_lift(&f->t, BOOK "/CT-6", "a", "b", "looked at"), REFUSED_NOT);
	put_deal(f, "DL-3", DEAL_FUNDED, 0, "");
	struct payment p = { .id = "PY-4", .state = PAYMENT_EXECUTED, .currency = "EUR", .deal = "DL-4" };
	put_deal(f, "DL-4", DEAL_DISBURSING, 0, "PY-4");
	tab_put(f->tabs, &PAYMENT_REC, &p);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_non_null(stop_of(f, BOOK "/CT-6"));
	next(f);
	struct token_note n = { .id = "TN-1", .obligor = "HALVORSEN", .currency = "EUR", .state = NOTE_LIVE, .amount = 1 };
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 1);
	next(f);
	snprintf(n.id, sizeof(n.id), "TN-2");
	snprintf(n.obligor, sizeof(n.obligor), "OTHER");
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 1);
	assert_int_equal(stop_of(f, STOP_EVERYBODY "/CT-4")->count, 2);
	next(f);
	n.amount = 2; /* of one; the other's figure is known */
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 1);
	next(f);
	n = *(const struct token_note *)tab_get(f->tabs, &TOKEN_NOTE_REC, "TN-1");
	snprintf(n.holder, sizeof(n.holder), "SUP1");
	tab_put(f->tabs, &TOKEN_NOTE_REC, &n);
	assert_int_equal(totals_turn(&f->t), 0);
}

/* A deal that is funded without a payment: deals are counted, not euros. */
static void deals_are_no_amount(void **state)
{
	struct fixture *f = *state;
	put_deal(f, "DL-1", DEAL_FUNDED, 0, "");
	assert_int_equal(totals_turn(&f->t), 1);
	assert_string_equal(stop_standing(f->tabs, BOOK)->id, BOOK "/CT-6");
	assert_string_equal(stop_standing(f->tabs, BOOK)->why, "funded deals 1, executed payments 0: 1 without the other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(running_sums_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(each_break_stops_once, setup, teardown),
		cmocka_unit_test_setup_teardown(the_statement_is_held_against_the_book, setup, teardown),
		cmocka_unit_test_setup_teardown(the_audit_finds_what_was_touched, setup, teardown),
		cmocka_unit_test_setup_teardown(notes_are_confirmed_debt, setup, teardown),
		cmocka_unit_test_setup_teardown(an_account_changed_by_hand_is_found, setup, teardown),
		cmocka_unit_test_setup_teardown(deals_are_no_amount, setup, teardown),
		cmocka_unit_test_setup_teardown(the_book_is_asked_as_a_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(what_evens_out_is_found, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
