/* Accounts drawn from a literal view: the frame of the specification at 120x36, and what narrower ones keep. */
#include "picture.h"

#include "engine/view_accounts.h"

static const struct view_account rows[] = {
	{ 1000, "Settlement bank", "Bank", false, 801487515, 0, false, 58865000, 40 },
	{ 1100, "Payments in transit", "In transit", false, 0, 41000000, true, -41000000, 12 },
	{ 1150, "Suspense, unidentified", "Suspense", false, 0, 4275000, true, -4275000, 1 },
	{ 1200, "Loan principal", "Principal", false, 586600000, 0, false, 64500000, 18 },
	{ 1210, "Purchased receivables", "Receivables", false, 744820000, 0, false, -47586000, 60 },
	{ 1215, "Unearned discount", "Unearned", false, 0, 7431042, true, -483767, 60 },
	{ 1216, "Deferred fees", "Deferred fees", false, 0, 622055, true, -40000, 60 },
	{ 1220, "Accrued interest", "Accrued", false, 4128000, 0, false, 117320, 90 },
	{ 1225, "Fees receivable", "Fees due", false, 215000, 0, false, 25000, 9 },
	{ 1290, "Loss allowance", "Allowance", false, 0, 6150000, true, 0, 4 },
	{ 1300, "Recourse claim on seller", "Recourse", false, 2000000, 0, false, 2000000, 1 },
	{ 2000, "Holdback due to seller", "Holdback", false, 0, 37240000, true, 0, 31 },
	{ 2010, "Cash margin held", "Margin", false, 0, 0, false, 0, 2 },
	{ 2020, "Refunds payable", "Refunds", false, 0, 31840000, true, -31840000, 1 },
	{ 3000, "Funding pool", "Funding", false, 0, 2000000000, true, 0, 1 },
	{ 4000, "Interest income", "Interest", false, 0, 11844000, true, -117320, 90 },
	{ 4010, "Discount income", "Discount", false, 0, 9620418, true, -140233, 60 },
	{ 4020, "Fee income", "Fees", false, 0, 1790000, true, -25000, 60 },
	{ 5000, "Funding cost", "Funding cost", false, 6412000, 0, false, 0, 3 },
	{ 5010, "Credit loss", "Credit loss", false, 6150000, 0, false, 0, 1 },
};

static const struct total totals[TOTALS_COUNT] = {
	{ "CT-1", "all journals sum to zero", "debits", "credits", 2151812515, 2151812515, true },
	{ "CT-2", "principal and face are those of the deals", "1200 + 1210", "deals", 1331420000, 1331420000, true },
	{ "CT-3", "the bank's statement agrees", "1000", "statement", 801487515, 801487515, true },
	{ "CT-4", "notes", "live notes", "debt", 912040000, 912040000, true },
	{ "CT-5", "collateral", "9100", "pledged", 921450000, 921450000, true },
	{ "CT-6", "funded", "funded", "confirmed", 31, 31, true },
	{ "CT-7", "rebuilt", "rebuilt", "stored", 2151812515, 2151812515, true },
};

static struct view_journal journals[] = {
	{ "0000006207/00001", 6207, 0, "purchase booked", "", "DL-01K9AAAAAAAAAAAAAAAAAAK7D3", false, false, 1, 3,
		{ { 1210, 41664000 } }, { { 1100, 41000000 }, { 1215, 624000 }, { 1216, 40000 } } },
	{ "0000005877/00001", 5877, 0, "collected at maturity", "", "DL-01K9AAAAAAAAAAAAAAAAAAF4SE", false, false, 1, 1,
		{ { 1000, 28000000 } }, { { 1210, 28000000 } } },
	{ "0000005412/00001", 5412, 0, "short payment", "", "DL-01K9AAAAAAAAAAAAAAAAAAB8HN", false, false, 2, 1,
		{ { 1000, 48000000 }, { 1300, 2000000 } }, { { 1210, 50000000 } } },
};

static struct view_accounts literal(void)
{
	struct view_accounts v = { .book = "NOORDZEE", .book_name = "Noordzee Bank", .currency = "EUR", .day = 20528,
		.entries = 6214, .rows = (struct view_account *)rows, .count = 20, .chart = 34, .journals_today = 1204,
		.debit = 2151812515, .credit = 2151812515, .holding = 7, .focus = 1210, .journals = journals, .journal_count = 3 };
	memcpy(v.totals, totals, sizeof(totals));
	for (size_t i = 0; i < TOTALS_COUNT; i++) {
		v.money[i] = i != 5;
	}
	journals[0].at = instant_of(2026, 3, 16, 14, 29, 30);
	journals[1].at = instant_of(2026, 3, 16, 13, 40, 2);
	journals[2].at = instant_of(2026, 3, 16, 11, 52, 45);
	return v;
}

static void fill(struct screen_state *s, const struct view_accounts *v)
{
	static char keys[40][8];
	struct list_row list[40];
	for (size_t i = 0; i < v->count; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", v->rows[i].number);
		list[i] = (struct list_row){ keys[i], 1 };
	}
	list_refresh(s->list, list, v->count, NULL);
	list_focus(s->list, "1210");
}

static void draws_the_frame(void **state)
{
	struct view_accounts v = literal();
	struct picture pic = picture_of(&SCREEN_ACCOUNTS, 120, 36);
	(void)state;
	fill(pic.state, &v);
	picture_draw(&pic, &v);
	picture_row_is(&pic, 2, "━━ 1 Balances ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 20 of 34 accounts in use ━┭── 2 Control totals ────── after entry 6,213 ─");
	picture_row_is(&pic, 3, " no.   account                         debit         credit        today │ ● CT-1 debit = credit                     ok");
	picture_row_is(&pic, 8, "▌1210  Purchased receivables    7,448,200.00                 -475,860.00 │           8,014,875.15 =   8,014,875.15");
	picture_row_is(&pic, 25, "       total                   21,518,125.15  21,518,125.15      ● equal │");
	picture_free(&pic);
}

static void says_what_differs(void **state)
{
	struct view_accounts v = literal();
	struct picture pic = picture_of(&SCREEN_ACCOUNTS, 120, 36);
	(void)state;
	v.totals[1].right -= 50000;
	v.totals[1].holds = false;
	v.holding = 6;
	fill(pic.state, &v);
	picture_draw(&pic, &v);
	picture_holds(&pic, "■ CT-2 differs by 500.00");
	picture_free(&pic);
}

static void keeps_number_and_amount_when_narrow(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 200, 50 }, { 40, 36 }, { 120, 10 } };
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_accounts v = literal();
		struct picture pic = picture_of(&SCREEN_ACCOUNTS, sizes[i][0], sizes[i][1]);
		fill(pic.state, &v);
		picture_draw(&pic, &v);
		picture_holds(&pic, "1210");
		picture_holds(&pic, "7,448,200.00");
		picture_free(&pic);
	}
}

/* What is pending moves no balance: it is marked, and stands before the journals. */
static void pending_is_marked(void **state)
{
	struct view_accounts v = literal();
	struct view_account mine[20];
	struct view_journal with[2] = { { .id = "e2e-1", .event = "pending", .deal = "DL-01K9AAAAAAAAAAAAAAAAAAK7D3", .pending = true, .debits = 1,
		.credits = 1, .debit = { { 1210, 123400 } }, .credit = { { 1100, 123400 } } }, journals[0] };
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 } };
	(void)state;
	with[0].at = instant_of(2026, 3, 16, 14, 30, 0);
	memcpy(mine, rows, sizeof(mine));
	mine[4].waits = true;
	mine[4].pending = 123400;
	mine[4].today = -12694867500;
	v.rows = mine;
	v.journals = with;
	v.journal_count = 2;
	for (size_t i = 0; i < 2; i++) {
		struct picture pic = picture_of(&SCREEN_ACCOUNTS, sizes[i][0], sizes[i][1]);
		fill(pic.state, &v);
		picture_draw(&pic, &v);
		picture_holds(&pic, "▌1210○ ");
		picture_holds(&pic, "pending 1,234.00 ─");
		picture_holds(&pic, " ○      14:30:00  pending");
		picture_holds(&pic, " -126,948,675.00");
		picture_free(&pic);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pending_is_marked),
		cmocka_unit_test(draws_the_frame),
		cmocka_unit_test(says_what_differs),
		cmocka_unit_test(keeps_number_and_amount_when_narrow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
