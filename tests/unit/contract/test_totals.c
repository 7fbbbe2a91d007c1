/* Control totals: a book in order holds all seven; each broken in its own way breaks its own. */
#include "contract_test.h"

#define D "DL-1"
#define L "DL-2"
#define BOOK "NOORDZEE"

static void go(struct bench *b, const char *deal, const char *body)
{
	assert_done(b, bench_go(b, deal, body));
}

/* A funded purchase (example A) with its note, and a funded loan with collateral. */
static void two_deals(struct bench *b)
{
	go(b, D, "local i = set('invoice', '', { debtor = 'HALVORSEN', amount = 100000000, currency = 'EUR' })"
		" set('deal', id(), { currency = 'EUR', funder = 'NOORDZEE', invoice = i }) move('NONE', 'DRAFT')");
	go(b, D, "set('invoice', deal.invoice, { confirmed = 100000000, state = 'confirmed' })"
		" set('token_note', 'TN-1', { root = 'TN-1', tier = 1, obligor = 'HALVORSEN', amount = 100000000, state = 'live' })");
	go(b, L, "set('deal', id(), { kind = 'inventory-pledge', currency = 'EUR', funder = 'NOORDZEE' }) move('NONE', 'APPLIED')"
		" local l = set('lot', '', { counted = 500000, asset_key = 'K' }) set('deal', id(), { lot = l })"
		" set('claim', 'asset/K', { state = 'reserved' })");
	go(b, L, "local r = set('receipt', '', { lot = deal.lot, quantity = 500000, state = 'pledged' })"
		" set('deal', id(), { receipt = r, ev = 300000000 }) post('value', '', { { 9100, 300000000, 0 }, { 9101, 0, 300000000 } })");
	for (int i = 0; i < 2; i++) {
		struct deal d = *bench_deal(b, i ? L : D);
		d.state = DEAL_DISBURSING;
		tab_put(b->tabs, &DEAL_REC, &d);
	}
	go(b, D, "local p = set('payment', '', { amount = 98400000, currency = 'EUR', state = 'released' })"
		" set('deal', id(), { principal = 100000000, payment = p })"
		" post('pay', '', { { 1210, 100000000, 0 }, { 1215, 0, 1500000 }, { 1216, 0, 100000 }, { 1100, 0, 98400000 } })");
	go(b, L, "local p = set('payment', '', { amount = 150000000, currency = 'EUR', state = 'released' })"
		" set('deal', id(), { principal = 150000000, payment = p })"
		" post('pay', '', { { 1200, 150000000, 0 }, { 1100, 0, 150000000 } })");
}

static void fund(struct bench *b)
{
	go(b, D, "set('payment', deal.payment, { state = 'executed' }) post('fund', '', { { 1100, 98400000, 0 }, { 1000, 0, 98400000 } })"
		" move('DISBURSING', 'FUNDED')");
	go(b, L, "set('payment', deal.payment, { state = 'executed' }) post('fund', '', { { 1100, 150000000, 0 }, { 1000, 0, 150000000 } })"
		" move('DISBURSING', 'FUNDED')");
}

static void holds(struct bench *b, const char *broken)
{
	struct total totals[TOTALS_COUNT];
	char names[64] = "";
	bool all = totals_compute(b->tabs, BOOK, "EUR", totals);
	for (int i = 0; i < TOTALS_COUNT; i++)
		if (!totals[i].holds)
			sprintf(names + strlen(names), "%s ", totals[i].name);
	assert_string_equal(names, broken);
	assert_int_equal(all, !*broken);
}

static void in_order(void **state)
{
	struct bench *b = *state;
	struct total totals[TOTALS_COUNT];
	char why[240];
	holds(b, "");
	two_deals(b);
	holds(b, "");
	fund(b);
	holds(b, "");
	totals_compute(b->tabs, BOOK, "EUR", totals);
	assert_int_equal(totals[1].left, 250000000);
	assert_int_equal(totals[2].left, -248400000);
	assert_int_equal(totals[3].right, 100000000);
	assert_int_equal(totals[4].left, 300000000);
	assert_int_equal(totals[5].left, 2);
	assert_true(totals_compute(b->tabs, "OTHER", "EUR", totals));
	assert_true(assets_hold(b->tabs, why));
	/* redeemed: the note and the debt leave both sides */
	go(b, D, "set('token_note', 'TN-1', { state = 'redeemed' }) set('invoice', deal.invoice, { state = 'redeemed' })"
		" set('deal', id(), { principal = 0 }) post('collect', '', { { 1000, 100000000, 0 }, { 1210, 0, 100000000 } })"
		" move('FUNDED', 'COLLECTING') move('COLLECTING', 'SETTLED')");
	holds(b, "");
	totals_compute(b->tabs, BOOK, "EUR", totals);
	assert_int_equal(totals[3].left, 0);
	assert_int_equal(totals[3].right, 0);
	assert_true(assets_hold(b->tabs, why));
	assert_true(bench_deal(b, D)->funded_at > bench_deal(b, D)->opened_at);
	assert_true(bench_deal(b, D)->closed_at > bench_deal(b, D)->funded_at);
}

/* Changes of records that no event would make. */
static void broken(void **state)
{
	struct bench *b = *state;
	size_t mark;
	two_deals(b);
	fund(b);
	tab_commit(b->tabs);
	mark = tab_mark(b->tabs);

	struct posting p = *(const struct posting *)tab_first(b->tabs, &POSTING_REC, "");
	p.debit += 1;
	tab_put(b->tabs, &POSTING_REC, &p);
	holds(b, "CT-1 CT-7 ");
	tab_rollback(b->tabs, mark);

	struct deal d = *bench_deal(b, D);
	d.principal -= 1;
	tab_put(b->tabs, &DEAL_REC, &d);
	holds(b, "CT-2 ");
	assert_int_equal(totals_check_deal(&b->turn, D), REFUSED_CONTROL_TOTAL);
	assert_non_null(strstr(b->turn.detail, "CT-2"));
	tab_rollback(b->tabs, mark);

	struct payment pay = *(const struct payment *)tab_get(b->tabs, &PAYMENT_REC, bench_deal(b, D)->payment);
	pay.state = PAYMENT_RELEASED;
	tab_put(b->tabs, &PAYMENT_REC, &pay);
	holds(b, "CT-3 CT-6 ");
	tab_rollback(b->tabs, mark);

	struct token_note n = *(const struct token_note *)tab_get(b->tabs, &TOKEN_NOTE_REC, "TN-1");
	str_copy(n.obligor, sizeof(n.obligor), STR("OTHER")); /* the sums agree, the obligors do not */
	tab_put(b->tabs, &TOKEN_NOTE_REC, &n);
	holds(b, "CT-4 ");
	tab_rollback(b->tabs, mark);

	d = *bench_deal(b, L);
	d.ev += 5;
	tab_put(b->tabs, &DEAL_REC, &d);
	holds(b, "CT-5 ");
	tab_rollback(b->tabs, mark);

	struct account a = { .id = BOOK "/3000/EUR", .book = BOOK, .number = 3000, .currency = "EUR", .debit = 7 };
	tab_put(b->tabs, &ACCOUNT_REC, &a);
	holds(b, "CT-7 ");
	tab_rollback(b->tabs, mark);
	holds(b, "");
}

static void statement(void **state)
{
	struct bench *b = *state;
	struct param closing = { .id = "bank.closing.NOORDZEE/EUR", .value = -98400000 };
	struct param day = { .id = "bank.closing_day.NOORDZEE/EUR" };
	two_deals(b);
	fund(b);
	day.value = instant_day(b->turn.stamp) - 1;
	closing.value = 0;
	tab_put(b->tabs, &PARAM_REC, &closing);
	tab_put(b->tabs, &PARAM_REC, &day);
	holds(b, ""); /* all of today's movements are later than the statement */
	day.value++;
	tab_put(b->tabs, &PARAM_REC, &day);
	holds(b, "CT-3 ");
	closing.value = -248400000;
	tab_put(b->tabs, &PARAM_REC, &closing);
	holds(b, "");
}

static void assets(void **state)
{
	struct bench *b = *state;
	char why[240];
	two_deals(b);
	tab_commit(b->tabs);
	struct receipt r = *(const struct receipt *)tab_get(b->tabs, &RECEIPT_REC, bench_deal(b, L)->receipt);
	r.quantity++;
	tab_put(b->tabs, &RECEIPT_REC, &r);
	assert_false(assets_hold(b->tabs, why));
	assert_non_null(strstr(why, "500001"));
	tab_rollback(b->tabs, 0);
	str_copy(r.id, sizeof(r.id), STR("WR-SECOND"));
	tab_put(b->tabs, &RECEIPT_REC, &r);
	assert_false(assets_hold(b->tabs, why));
	assert_non_null(strstr(why, "WR-SECOND"));
	tab_rollback(b->tabs, 0);
	struct claim c = *(const struct claim *)tab_get(b->tabs, &CLAIM_REC, "asset/K");
	str_copy(c.deal, sizeof(c.deal), STR("DL-9"));
	tab_put(b->tabs, &CLAIM_REC, &c);
	assert_false(assets_hold(b->tabs, why));
	tab_rollback(b->tabs, 0);
	struct token_note n = *(const struct token_note *)tab_get(b->tabs, &TOKEN_NOTE_REC, "TN-1");
	n.amount--;
	tab_put(b->tabs, &TOKEN_NOTE_REC, &n);
	assert_false(assets_hold(b->tabs, why));
	tab_rollback(b->tabs, 0);
	assert_true(assets_hold(b->tabs, why));
}

/* REVERSED only while the whole book is in order. */
static void reversed(void **state)
{
	struct bench *b = *state;
	two_deals(b);
	fund(b);
	go(b, "DL-3", "set('deal', id(), { currency = 'EUR', funder = 'NOORDZEE' }) move('NONE', 'DRAFT')");
	struct deal d = *bench_deal(b, D), was = d;
	d.principal -= 1;
	tab_put(b->tabs, &DEAL_REC, &d);
	assert_refused(b, bench_go(b, "DL-3", "move('DRAFT', 'REVERSED')"), REFUSED_CONTROL_TOTAL);
	assert_non_null(strstr(b->turn.detail, "CT-2"));
	tab_put(b->tabs, &DEAL_REC, &was);
	assert_done(b, bench_go(b, "DL-3", "move('DRAFT', 'REVERSED')"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(broken, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(statement, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(assets, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(reversed, bench_setup, bench_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
