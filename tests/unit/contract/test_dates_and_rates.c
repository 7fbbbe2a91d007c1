/* Business days by calendars, day counts by currency, currencies at the adverse side, exchange through the position pair (domain §5). */
#include <stdlib.h>

#include "contract_test.h"
#include "base/money.h"
#include "contract/calendar.h"
#include "contract/rates.h"
#include "feed/state.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &ENDORSE_REC, &ACT_REC, &PARTY_REC, &OPERATOR_REC, &STOP_REC, &TRANSFER_REC,
	&STATEMENT_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &PERIOD_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC,
	&TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC, &CODE_REC, &PARAM_REC,
	&SCORE_REC, &PROFILE_REC, &DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC, &VALUE_REC };

static int setup(void **state)
{
	static struct bench b;
	memset(&b, 0, sizeof(b));
	b.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	b.contracts = contracts_new();
	bench_next(&b);
	*state = &b;
	return 0;
}

static void param(struct bench *b, const char *id, const char *text)
{
	struct param p = { .value = 0 };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.text, sizeof(p.text), "%s", text);
	tab_put(b->tabs, &PARAM_REC, &p);
}

static int64_t day(const char *text)
{
	int64_t d;
	assert_true(instant_parse_date(str_of(text), &d));
	return d;
}

static void days_roll(void **state)
{
	static const struct {
		const char *from, *key, *other;
		enum roll how;
		const char *to;
	} ROWS[] = {
		{ "2026-04-15", "EUR", "", ROLL_FOLLOWING, "2026-04-15" },  /* Wednesday */
		{ "2026-06-14", "EUR", "", ROLL_NONE, "2026-06-14" },       /* Sunday */
		{ "2026-06-14", "EUR", "", ROLL_FOLLOWING, "2026-06-15" },
		{ "2026-06-14", "EUR", "", ROLL_PRECEDING, "2026-06-12" },
		{ "2026-04-03", "EUR", "", ROLL_FOLLOWING, "2026-04-07" },  /* Good Friday, Easter Monday */
		{ "2026-05-31", "EUR", "", ROLL_FOLLOWING, "2026-06-01" },  /* Sunday, end of the month */
		{ "2026-05-31", "EUR", "", ROLL_MODIFIED, "2026-05-29" },
		{ "2026-05-30", "EUR", "", ROLL_MODIFIED, "2026-05-29" },
		{ "2026-08-31", "EUR", "", ROLL_MODIFIED, "2026-08-31" },   /* Monday */
		{ "2026-08-31", "GBP", "", ROLL_MODIFIED, "2026-08-28" },   /* summer bank holiday */
		{ "2026-08-31", "GBP", "", ROLL_FOLLOWING, "2026-09-01" },
		{ "2026-08-31", "EUR", "GBP", ROLL_FOLLOWING, "2026-09-01" },
		{ "2026-11-27", "EUR", "BANKNET", ROLL_FOLLOWING, "2026-11-30" }, /* the bank alone is closed */
		{ "2026-12-25", "EUR", "", ROLL_FOLLOWING, "2026-12-28" },
		{ "2027-08-30", "GBP", "", ROLL_FOLLOWING, "2027-08-30" },  /* no calendar of that year: weekends only */
	};
	struct bench *b = *state;
	param(b, "calendar.holidays", "2026-01-01,2026-04-03,2026-04-06,2026-05-01,2026-12-25");
	param(b, "calendar.GBP.2026", "0504,0525,0831,1228");
	param(b, "calendar.BANKNET.2026", "1127");
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char text[INSTANT_TEXT_MAX];
		int64_t got = calendar_roll(b->tabs, ROWS[i].key, ROWS[i].other, day(ROWS[i].from), ROWS[i].how);
		assert_string_equal(instant_format_date(got, text), ROWS[i].to);
	}
	assert_done(b, bench_go(b, "", "if business_day(day('2026-05-31'), 'modified', 'EUR') ~= day('2026-05-29') then refuse('value-not-allowed') end"));
	assert_refused(b, bench_go(b, "", "business_day(day('2026-05-31'), 'sideways', 'EUR')"), REFUSED_CONTRACT_FAULT);
}

/* 1,000,000.00 at 6 % from 31 January to 30 April 2026, as each currency counts. */
static void currencies_count_their_days(void **state)
{
	static const struct {
		enum day_count how;
		int64_t days, want;
	} ROWS[] = { { DAYS_ACT_360, 89, 1483333 }, { DAYS_ACT_365F, 89, 1463014 }, { DAYS_30E_360, 90, 1500000 } };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int64_t out;
		assert_int_equal(money_days(ROWS[i].how, day("2026-01-31"), day("2026-04-30")), ROWS[i].days);
		assert_true(money_interest(100000000, 60000, ROWS[i].days, ROWS[i].how, &out));
		assert_int_equal(out, ROWS[i].want);
	}
}

static void rate(struct bench *b, const char *id, int64_t amount, int64_t state)
{
	struct value v = { .unit = "MIO", .currency = "USD", .state = state, .amount = amount, .fresh = 3, .sources = 3, .at = b->turn.stamp };
	snprintf(v.id, sizeof(v.id), "%s", id);
	tab_put(b->tabs, &VALUE_REC, &v);
}

static void the_adverse_side_counts(void **state)
{
	static const struct {
		int64_t amount;
		const char *from, *to;
		enum fx_side side;
		int64_t want;
	} ROWS[] = {
		{ 100000000, "EUR", "USD", FX_HAVE, 108500000 }, { 100000000, "EUR", "USD", FX_OWE, 108600000 },
		{ 108600000, "USD", "EUR", FX_HAVE, 100000000 }, { 108500000, "USD", "EUR", FX_OWE, 100000000 },
		{ 1, "EUR", "USD", FX_HAVE, 1 }, { 1, "EUR", "USD", FX_OWE, 2 }, { 1, "USD", "EUR", FX_HAVE, 0 }, { 1, "USD", "EUR", FX_OWE, 1 },
		{ 100000000, "EUR", "JPY", FX_HAVE, 162000000 }, { 162000000, "JPY", "EUR", FX_OWE, 100000000 },
		{ 5, "EUR", "EUR", FX_OWE, 5 },
	};
	struct bench *b = *state;
	int64_t out;
	rate(b, "EUR/USD.bid", 108500000, VALUE_OK);
	rate(b, "EUR/USD.ask", 108600000, VALUE_OK);
	rate(b, "EUR/JPY.bid", 162000000, VALUE_OK);
	rate(b, "EUR/JPY.ask", 162500000, VALUE_OK);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_int_equal(fx_convert(&b->turn, ROWS[i].amount, ROWS[i].from, ROWS[i].to, ROWS[i].side, &out), REFUSED_NOT);
		assert_int_equal(out, ROWS[i].want);
	}
	assert_int_equal(fx_convert(&b->turn, 1, "EUR", "GBP", FX_HAVE, &out), REFUSED_PRICE_STALE);
	assert_int_equal(fx_convert(&b->turn, -1, "EUR", "USD", FX_HAVE, &out), REFUSED_VALUE);
	assert_int_equal(fx_convert(&b->turn, 1, "EUR", "XAU", FX_HAVE, &out), REFUSED_VALUE);
	assert_int_equal(fx_convert(&b->turn, INT64_MAX, "EUR", "USD", FX_HAVE, &out), REFUSED_OVERFLOW);
	rate(b, "EUR/USD.bid", 108500000, VALUE_SPREAD);
	assert_int_equal(fx_convert(&b->turn, 1, "EUR", "USD", FX_HAVE, &out), REFUSED_PRICE_STALE);
	b->turn.stamp += 1441 * INSTANT_MINUTE;
	assert_int_equal(fx_convert(&b->turn, 1, "EUR", "USD", FX_OWE, &out), REFUSED_PRICE_STALE);
}

static void deploy_recovery(struct bench *b)
{
	const char *source = getenv("WHARF_SOURCE");
	char path[512], *bytes = arena_alloc(&b->scratch, 1 << 16);
	snprintf(path, sizeof(path), "%s/data/contracts/recovery.lua", source ? source : ".");
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	bytes[fread(bytes, 1, (1 << 16) - 1, f)] = 0;
	fclose(f);
	bench_deploy(b, "recovery", bytes);
}

/* 1,000,000.00 EUR became 1,084,000.00 USD: two journals, one currency each, through 1900 and 1901. */
static void no_journal_mixes_currencies(void **state)
{
	static const struct book_line OUT[] = { { 1150, 100000000, 0 }, { 1000, 0, 100000000 } }, IN[] = { { 1000, 108400000, 0 },
		{ 1150, 0, 108400000 } };
	struct bench *b = *state;
	char args[96], paid[24], got[24];
	deploy_recovery(b);
	bench_next(b);
	assert_int_equal(book_post(&b->turn, "NOORDZEE", "", "EUR", 20528, "charge", "", OUT, 2), REFUSED_NOT);
	snprintf(paid, sizeof(paid), "%s", ((const struct journal *)tab_prev(b->tabs, &JOURNAL_REC, NULL))->id);
	assert_int_equal(book_post(&b->turn, "NOORDZEE", "", "USD", 20528, "suspense", "", IN, 2), REFUSED_NOT);
	snprintf(got, sizeof(got), "%s", ((const struct journal *)tab_prev(b->tabs, &JOURNAL_REC, NULL))->id);
	snprintf(args, sizeof(args), "{\"paid\":\"%s\",\"got\":\"%s\"}", paid, got);
	assert_refused(b, bench_call(b, "recovery.exchange", "", args), REFUSED_PRICE_STALE);
	rate(b, "EUR/USD.bid", 110000000, VALUE_OK);
	assert_refused(b, bench_call(b, "recovery.exchange", "", args), REFUSED_VALUE); /* more than 1 % below the oracle */
	rate(b, "EUR/USD.bid", 108500000, VALUE_OK);
	assert_done(b, bench_call(b, "recovery.exchange", "", args));
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1900, "EUR"), 100000000);
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1150, "EUR"), 0);
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1901, "USD"), -108400000);
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1150, "USD"), 0);
	assert_refused(b, bench_call(b, "recovery.exchange", "", args), REFUSED_CONDITION);
}

/* §5.6: 7.20 % a year on 1,000,000.00 paid 30 days early: 6,000.00 less. */
static void a_buyer_offers_a_discount(void **state)
{
	struct bench *b = *state;
	struct deal d = { .id = "DL-01K8AAAAAAAAAAAAAAAAAAAAAA", .currency = "EUR", .funder = "NOORDZEE", .state = DEAL_CONFIRMED,
		.due_day = instant_day(b->turn.stamp) + 40 };
	char args[200], pay[INSTANT_TEXT_MAX];
	deploy_recovery(b);
	tab_put(b->tabs, &DEAL_REC, &d);
	snprintf(args, sizeof(args), "{\"amount\":\"1000000.00\",\"rate\":72000,\"pay_day\":\"%s\",\"cut_off\":\"2026-03-17T12:00:00Z\"}",
		instant_format_date(d.due_day - 30, pay));
	assert_done(b, bench_call(b, "recovery.discount_offer", d.id, args));
	assert_non_null(strstr(b->result.ptr, "\"discount\":\"6000.00\""));
	assert_non_null(strstr(b->result.ptr, "\"pay\":\"994000.00\""));
	assert_int_equal(tab_count(b->tabs, &JOURNAL_REC), 0);
	snprintf(args, sizeof(args), "{\"amount\":\"1000000.00\",\"rate\":72000,\"pay_day\":\"%s\",\"cut_off\":\"2026-03-16T08:00:00Z\"}", pay);
	assert_refused(b, bench_call(b, "recovery.discount_offer", d.id, args), REFUSED_CONDITION);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(days_roll), T(currencies_count_their_days), T(the_adverse_side_counts),
		T(no_journal_mixes_currencies), T(a_buyer_offers_a_discount) };
	return cmocka_run_group_tests_name("dates and rates", tests, NULL, NULL);
}
