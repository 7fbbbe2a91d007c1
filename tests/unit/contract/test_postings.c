/* Postings by event (domain §4.2), each row to the last unit, through the calls of data/contracts on a small state.
 *
 * A row is a deal, calls that lead there, the calls that are looked at, and what these moved on each account of the chart; every
 * account that a row does not name must not have moved. After each row the control totals hold. */
#include <stdlib.h>

#include "contract_test.h"

#define A "DL-01K8AAAAAAAAAAAAAAAAAAAAAA"
#define B "DL-01K8BBBBBBBBBBBBBBBBBBBBBB"
#define BOOK "NOORDZEE"

static const char *const FILES[] = { "disbursement", "settlement", "margin", "recovery", "pledge" };
enum { START = 20468 }; /* 2026-01-15, example B's first day */
static int64_t today_is;

static void deploy(struct bench *b, const char *name)
{
	char path[512];
	const char *source = getenv("WHARF_SOURCE");
	snprintf(path, sizeof(path), "%s/data/contracts/%s.lua", source ? source : ".", name);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot read %s", path);
	char *bytes = arena_alloc(&b->scratch, 1 << 17);
	size_t n = fread(bytes, 1, (1 << 17) - 1, f);
	fclose(f);
	bytes[n] = 0;
	bench_deploy(b, name, bytes);
}

static void party(struct bench *b, const char *id, int64_t kind)
{
	struct party p = { .kind = kind };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.name, sizeof(p.name), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", id);
	snprintf(p.iban, sizeof(p.iban), "IBAN-%s", id);
	tab_put(b->tabs, &PARTY_REC, &p);
}

static void param(struct bench *b, const char *id, int64_t value, const char *text)
{
	struct param p = { .value = value };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.text, sizeof(p.text), "%s", text);
	tab_put(b->tabs, &PARAM_REC, &p);
}

static void payment(struct bench *b, const char *id, const char *deal, int64_t amount, int64_t state)
{
	struct payment p = { .currency = "EUR", .amount = amount, .state = state, .built_by = "i.vermeer" };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.deal, sizeof(p.deal), "%s", deal);
	tab_put(b->tabs, &PAYMENT_REC, &p);
}

/* The limit is used by the deal already. */
static void limit_used(struct bench *b, const char *group, const char *deal, int64_t amount)
{
	struct limit l = { .funder = BOOK, .currency = "EUR", .amount = 200000000, .used = amount };
	struct claim c = { .state = CLAIM_FINANCED, .amount = amount };
	snprintf(l.id, sizeof(l.id), BOOK "/%s", group);
	snprintf(c.id, sizeof(c.id), "limit/%s", deal);
	snprintf(c.deal, sizeof(c.deal), "%s", deal);
	snprintf(c.party, sizeof(c.party), "%s", group);
	tab_put(b->tabs, &LIMIT_REC, &l);
	tab_put(b->tabs, &CLAIM_REC, &c);
}

static void journal(struct bench *b, const char *deal, const struct book_line *lines, size_t count)
{
	assert_int_equal(book_post(&b->turn, BOOK, deal, "EUR", START, "start", "", lines, count), REFUSED_NOT);
}

static void lay_purchase(struct bench *b, int64_t state, int64_t paid)
{
	struct deal d = { .id = A, .kind = DEAL_RECEIVABLES, .state = state, .funder = BOOK, .party = "DRAHT", .obligor = "HALVORSEN",
		.currency = "EUR", .amount = 100000000, .discount = 1500000, .fee = 100000, .payout = 98400000, .rate = 60000,
		.start_day = START, .due_day = START + 90, .days = 90, .accrued_to = START, .invoice = "RV-A", .payment = "PY-A" };
	struct invoice i = { .id = "RV-A", .deal = A, .state = INVOICE_FINANCED, .debtor = "HALVORSEN", .seller = "DRAHT",
		.currency = "EUR", .amount = 100000000, .confirmed = 100000000, .number = "R-0077", .financed = 100000000 };
	struct token_note n = { .id = "TN-01K8AAAAAAAAAAAAAAAAAAAAAA", .root = "TN-01K8AAAAAAAAAAAAAAAAAAAAAA", .deal = A, .tier = 1,
		.state = NOTE_LOCKED, .obligor = "HALVORSEN", .holder = BOOK, .currency = "EUR", .amount = 100000000 };
	struct document doc = { .kind = DOCUMENT_INV, .deal = A, .object = A, .seller = "DRAHT", .debtor = "HALVORSEN",
		.number = "R77", .currency = "EUR", .amount = 100000000, .day = START, .until = INT64_MAX };
	char hit[80];
	d.principal = paid == PAYMENT_EXECUTED ? d.amount : 0;
	tab_put(b->tabs, &DEAL_REC, &d);
	tab_put(b->tabs, &INVOICE_REC, &i);
	assert_int_equal(document_reserve(&b->turn, &doc, hit), REFUSED_NOT);
	tab_put(b->tabs, &TOKEN_NOTE_REC, &n);
	payment(b, "PY-A", A, d.payout, paid);
}

static void approved(struct bench *b)
{
	lay_purchase(b, DEAL_DISBURSING, PAYMENT_BUILT);
}

static void funded_purchase(struct bench *b)
{
	static const struct book_line LINES[] = { { 1210, 100000000, 0 }, { 1215, 0, 1500000 }, { 1216, 0, 100000 }, { 1000, 0, 98400000 } };
	lay_purchase(b, DEAL_COLLECTING, PAYMENT_EXECUTED);
	limit_used(b, "HALVORSEN", A, 100000000);
	journal(b, A, LINES, 4);
}

static void lay_loan(struct bench *b, int64_t state, int64_t paid)
{
	struct deal d = { .id = B, .kind = DEAL_PLEDGE, .state = state, .funder = BOOK, .party = "KESTREL", .obligor = "KESTREL",
		.currency = "EUR", .amount = 150000000, .payout = 150000000, .rate = 72000, .start_day = START, .due_day = START + 90,
		.days = 90, .accrued_to = START, .payment = "PY-B", .pledge = "PL-B", .receipt = "WR-B", .lot = "LT-B" };
	struct pledge p = { .id = "PL-B", .deal = B, .state = PLEDGE_PERFECTED, .receipt = "WR-B", .lot = "LT-B", .pledgee = BOOK };
	struct lot l = { .id = "LT-B", .deal = B, .owner = "KESTREL", .counted = 500000, .unit = "TNE" };
	struct receipt r = { .id = "WR-B", .deal = B, .lot = "LT-B", .state = RECEIPT_PLEDGED, .quantity = 500000, .controller = BOOK };
	d.principal = paid == PAYMENT_EXECUTED ? d.amount : 0;
	tab_put(b->tabs, &DEAL_REC, &d);
	tab_put(b->tabs, &PLEDGE_REC, &p);
	tab_put(b->tabs, &LOT_REC, &l);
	tab_put(b->tabs, &RECEIPT_REC, &r);
	payment(b, "PY-B", B, d.payout, paid);
}

static void loan_built(struct bench *b)
{
	lay_loan(b, DEAL_DISBURSING, PAYMENT_BUILT);
}

static void loan(struct bench *b)
{
	static const struct book_line LINES[] = { { 1200, 150000000, 0 }, { 1000, 0, 150000000 } };
	lay_loan(b, DEAL_FUNDED, PAYMENT_EXECUTED);
	limit_used(b, "KESTREL", B, 150000000);
	journal(b, B, LINES, 2);
}

static void loan_margin(struct bench *b)
{
	static const struct book_line LINES[] = { { 1000, 26500000, 0 }, { 2010, 0, 26500000 } };
	loan(b);
	journal(b, B, LINES, 2);
	struct deal d = *bench_deal(b, B);
	d.margin_held = 26500000;
	tab_put(b->tabs, &DEAL_REC, &d);
}

static void set_state(struct bench *b, const char *deal, int64_t state)
{
	struct deal d = *bench_deal(b, deal);
	d.state = state;
	tab_put(b->tabs, &DEAL_REC, &d);
}

static void loan_called(struct bench *b)
{
	loan(b);
	set_state(b, B, DEAL_MARGIN_CALL);
	struct deal d = *bench_deal(b, B);
	d.margin_due = 26500000;
	tab_put(b->tabs, &DEAL_REC, &d);
}

static void enforcing(struct bench *b)
{
	loan_margin(b);
	set_state(b, B, DEAL_ENFORCING);
}

static void overdue_purchase(struct bench *b)
{
	funded_purchase(b);
	set_state(b, A, DEAL_OVERDUE);
}

/* The debtor's part came; what is open is 20,000.00. */
static void short_paid(struct bench *b)
{
	static const struct book_line LINES[] = { { 1000, 98000000, 0 }, { 1210, 0, 98000000 } };
	funded_purchase(b);
	journal(b, A, LINES, 2);
	struct deal d = *bench_deal(b, A);
	d.principal = 2000000;
	d.state = DEAL_PART_COLLECTED;
	tab_put(b->tabs, &DEAL_REC, &d);
}

/* 90 % advanced, the charges to come out of what is held back. */
static void holdback(struct bench *b)
{
	approved(b);
	struct deal d = *bench_deal(b, A);
	d.payout = 90000000;
	tab_put(b->tabs, &DEAL_REC, &d);
	payment(b, "PY-A", A, d.payout, PAYMENT_BUILT);
}

static void holdback_funded(struct bench *b)
{
	static const struct book_line LINES[] = { { 1210, 100000000, 0 }, { 2000, 0, 10000000 }, { 1000, 0, 90000000 } };
	lay_purchase(b, DEAL_COLLECTING, PAYMENT_EXECUTED);
	struct deal d = *bench_deal(b, A);
	d.payout = 90000000;
	tab_put(b->tabs, &DEAL_REC, &d);
	payment(b, "PY-A", A, d.payout, PAYMENT_EXECUTED);
	journal(b, A, LINES, 3);
}

static void refunding(struct bench *b)
{
	funded_purchase(b);
	param(b, "early.refund_discount", 1, "");
}

static void breaking(struct bench *b)
{
	loan(b);
	param(b, "early.break_bp", 50, "");
}

static void receipt_waits(struct bench *b)
{
	static const struct book_line LINES[] = { { 1000, 100000000, 0 }, { 1150, 0, 100000000 } };
	funded_purchase(b);
	assert_int_equal(book_post(&b->turn, BOOK, "", "EUR", START, "suspense", "", LINES, 2), REFUSED_NOT);
}

/* A step: on which day after the start, who says it ('f' the funder, 'b' the bank), what. */
struct step {
	int day;
	char who;
	const char *call, *args;
};
struct moved {
	int account;
	int64_t net; /* debit less credit, minor units */
};
struct row {
	const char *name;
	void (*start)(struct bench *b);
	const char *deal;
	struct step before[4], steps[4];
	struct moved moved[10];
};

#define ALL "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}"
static const struct row ROWS[] = {
	{ "A: purchase booked when released", approved, A, { { 0 } }, { { 0, 'f', "disbursement.release", "{}" } },
		{ { 1210, 100000000 }, { 1215, -1500000 }, { 1216, -100000 }, { 1100, -98400000 } } },
	{ "bank confirms the debit", approved, A, { { 0, 'f', "disbursement.release", "{}" } }, { { 0, 'b', "disbursement.fund", "{}" } },
		{ { 1100, 98400000 }, { 1000, -98400000 } } },
	{ "payment rejected before the debit", approved, A, { { 0, 'f', "disbursement.release", "{}" } },
		{ { 0, 'b', "disbursement.rejected", "{\"code\":\"AC01\"}" } },
		{ { 1210, -100000000 }, { 1215, 1500000 }, { 1216, 100000 }, { 1100, 98400000 }, { 9000, 98400000 }, { 9001, -98400000 } } },
	{ "payment returned later", funded_purchase, A, { { 0 } }, { { 4, 'b', "disbursement.returned", "{\"code\":\"AC04\"}" } },
		{ { 1000, 98400000 }, { 2020, -98400000 } } },
	{ "returned, sent again", funded_purchase, A, { { 4, 'b', "disbursement.returned", "{}" } }, { { 4, 'f', "disbursement.resend", "{}" } },
		{ { 2020, 98400000 }, { 1100, -98400000 } } },
	{ "A: earning of the first day", funded_purchase, A, { { 0 } }, { { 1, 'f', "settlement.accrue", "{}" } },
		{ { 1215, 16667 }, { 4010, -16667 }, { 1216, 1111 }, { 4020, -1111 } } },
	{ "A: earning of the second day", funded_purchase, A, { { 1, 'f', "settlement.accrue", "{}" } }, { { 2, 'f', "settlement.accrue", "{}" } },
		{ { 1215, 16666 }, { 4010, -16666 }, { 1216, 1111 }, { 4020, -1111 } } },
	{ "A: collection at maturity", funded_purchase, A, { { 90, 'f', "settlement.accrue", "{}" } }, { { 90, 'b', "settlement.settle", ALL } },
		{ { 1000, 100000000 }, { 1210, -100000000 } } },
	{ "A: short payment with dilution", funded_purchase, A, { { 90, 'f', "settlement.accrue", "{}" } },
		{ { 90, 'b', "settlement.settle", "{\"amount\":\"980000.00\",\"payer\":\"HALVORSEN\"}" },
			{ 91, 'f', "settlement.dilute", "{\"amount\":\"20000.00\",\"reason\":\"goods returned\"}" } },
		{ { 1000, 98000000 }, { 1300, 2000000 }, { 1210, -100000000 } } },
	{ "recourse receipt", short_paid, A, { { 90, 'f', "settlement.dilute", "{\"amount\":\"20000.00\"}" } },
		{ { 95, 'b', "recovery.recourse", "{\"amount\":\"20000.00\"}" } }, { { 1000, 2000000 }, { 1300, -2000000 } } },
	{ "advance and holdback, released", holdback, A, { { 0 } }, { { 0, 'f', "disbursement.release", "{}" } },
		{ { 1210, 100000000 }, { 1100, -90000000 }, { 2000, -10000000 } } },
	{ "holdback: collection takes the charges", holdback_funded, A, { { 0 } }, { { 90, 'b', "settlement.settle", ALL } },
		{ { 1000, 100000000 }, { 1210, -100000000 }, { 2000, 1600000 }, { 4010, -1500000 }, { 4020, -100000 } } },
	{ "holdback: the rest to the seller", holdback_funded, A, { { 90, 'b', "settlement.settle", ALL } },
		{ { 91, 'f', "recovery.holdback", "{}" } }, { { 2000, 8400000 }, { 1100, -8400000 } } },
	{ "B: loan disbursed", loan_built, B, { { 0 } }, { { 0, 'f', "disbursement.release", "{}" } }, { { 1200, 150000000 }, { 1100, -150000000 } } },
	{ "B: fee charged", loan, B, { { 0 } }, { { 1, 'f', "recovery.fee", "{\"amount\":\"750.00\"}" } }, { { 1225, 75000 }, { 4020, -75000 } } },
	{ "B: accrual of a day", loan, B, { { 0 } }, { { 1, 'f', "settlement.accrue", "{}" } }, { { 1220, 30000 }, { 4000, -30000 } } },
	{ "B: accrual of 90 days", loan, B, { { 0 } }, { { 90, 'f', "settlement.accrue", "{}" } }, { { 1220, 2700000 }, { 4000, -2700000 } } },
	{ "B: waterfall: cost, late, interest, principal", loan, B, { { 90, 'f', "settlement.accrue", "{}" },
			{ 95, 'f', "recovery.cost", "{\"amount\":\"1000.00\"}" }, { 102, 'f', "settlement.accrue", "{}" } },
		{ { 102, 'b', "settlement.repay", "{\"amount\":\"500000.00\",\"payer\":\"KESTREL\"}" } },
		{ { 1000, 50000000 }, { 1225, -100000 }, { 1220, -3240000 }, { 1200, -46660000 } } },
	{ "early repayment with break fee", breaking, B, { { 0 } }, { { 30, 'b', "settlement.repay", "{\"amount\":\"1516500.00\",\"payer\":\"KESTREL\"}" } },
		{ { 1000, 151650000 }, { 1200, -150000000 }, { 4000, -900000 }, { 4020, -750000 } } },
	{ "early collection, discount given back", refunding, A, { { 45, 'f', "settlement.accrue", "{}" } }, { { 45, 'b', "settlement.settle", ALL } },
		{ { 1000, 100000000 }, { 1210, -100000000 }, { 1215, 750000 }, { 1216, 50000 }, { 4020, -50000 }, { 2020, -750000 } } },
	{ "early collection, discount kept", funded_purchase, A, { { 45, 'f', "settlement.accrue", "{}" } }, { { 45, 'b', "settlement.settle", ALL } },
		{ { 1000, 100000000 }, { 1210, -100000000 }, { 1215, 750000 }, { 4010, -750000 }, { 1216, 50000 }, { 4020, -50000 } } },
	{ "margin call met in cash", loan_called, B, { { 0 } }, { { 10, 'b', "margin.cure", "{\"amount\":\"265000.00\"}" } },
		{ { 1000, 26500000 }, { 2010, -26500000 } } },
	{ "margin applied", loan_margin, B, { { 0 } }, { { 10, 'f', "recovery.margin_apply", "{\"amount\":\"265000.00\"}" } },
		{ { 2010, 26500000 }, { 1200, -26500000 } } },
	{ "margin returned", loan_margin, B, { { 0 } }, { { 10, 'f', "recovery.margin_return", "{\"amount\":\"265000.00\"}" } },
		{ { 2010, 26500000 }, { 1100, -26500000 } } },
	{ "overdue day of a loan", loan, B, { { 90, 'f', "settlement.accrue", "{}" } }, { { 91, 'f', "settlement.accrue", "{}" } },
		{ { 1220, 45000 }, { 4030, -45000 } } },
	{ "overdue days of a purchase", overdue_purchase, A, { { 0 } }, { { 102, 'f', "settlement.accrue", "{}" } },
		{ { 1220, 300000 }, { 4030, -300000 } } }, /* 9 % on the face for 12 days */
	{ "day 90 past due: income ends and is taken back", loan, B, { { 90, 'f', "settlement.accrue", "{}" }, { 179, 'f', "settlement.accrue", "{}" } },
		{ { 180, 'f', "settlement.accrue", "{}" } },
		{ { 4000, 2700000 }, { 4030, 4005000 }, { 1220, -6705000 }, { 9200, 6750000 }, { 9201, -6750000 } } },
	{ "a day after it: memo only", loan, B, { { 180, 'f', "settlement.accrue", "{}" } }, { { 181, 'f', "settlement.accrue", "{}" } },
		{ { 9200, 45000 }, { 9201, -45000 } } },
	{ "interest in the memo is paid after all", loan, B, { { 180, 'f', "settlement.accrue", "{}" } },
		{ { 180, 'b', "settlement.repay", "{\"amount\":\"67500.00\",\"payer\":\"KESTREL\"}" } },
		{ { 1000, 6750000 }, { 4000, -6750000 }, { 9200, -6750000 }, { 9201, 6750000 } } },
	{ "expected loss", loan, B, { { 0 } }, { { 5, 'f', "recovery.provide", "{\"amount\":\"15000.00\",\"stage\":\"1\"}" } },
		{ { 5010, 1500000 }, { 1290, -1500000 } } },
	{ "expected loss, less", loan, B, { { 5, 'f', "recovery.provide", "{\"amount\":\"15000.00\"}" } },
		{ { 6, 'f', "recovery.provide", "{\"amount\":\"5000.00\"}" } }, { { 5010, -1000000 }, { 1290, 1000000 } } },
	{ "insurance claim accepted", overdue_purchase, A, { { 0 } }, { { 120, 'f', "recovery.claim", "{\"amount\":\"900000.00\"}" } },
		{ { 1310, 90000000 }, { 1210, -90000000 } } },
	{ "insurance pays", overdue_purchase, A, { { 120, 'f', "recovery.claim", "{\"amount\":\"900000.00\"}" } },
		{ { 150, 'b', "recovery.claim_paid", "{\"amount\":\"900000.00\"}" } }, { { 1000, 90000000 }, { 1310, -90000000 } } },
	{ "foreclosure, value below the debt", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" } },
		{ { 95, 'f', "recovery.foreclose", "{\"value\":\"1400000.00\"}" } }, { { 1400, 140000000 }, { 1220, -2700000 }, { 1200, -137300000 } } },
	{ "foreclosure, value above the debt", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" } },
		{ { 95, 'f', "recovery.foreclose", "{\"value\":\"1900000.00\"}" } }, { { 1400, 152700000 }, { 1220, -2700000 }, { 1200, -150000000 } } },
	{ "liquidation sale with surplus", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" },
			{ 95, 'f', "recovery.foreclose", "{\"value\":\"1900000.00\"}" } },
		{ { 99, 'b', "recovery.sell", "{\"amount\":\"1600000.00\"}" } }, { { 1000, 160000000 }, { 1400, -152700000 }, { 2020, -7300000 } } },
	{ "liquidation sale at a loss", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" },
			{ 95, 'f', "recovery.foreclose", "{\"value\":\"1400000.00\"}" } },
		{ { 99, 'b', "recovery.sell", "{\"amount\":\"1350000.00\"}" } }, { { 1000, 135000000 }, { 5020, 5000000 }, { 1400, -140000000 } } },
	{ "liquidation sale above the value taken, debt left", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" },
			{ 95, 'f', "recovery.foreclose", "{\"value\":\"1400000.00\"}" } },
		{ { 99, 'b', "recovery.sell", "{\"amount\":\"1450000.00\"}" } }, { { 1000, 145000000 }, { 1400, -140000000 }, { 1200, -5000000 } } },
	{ "write-off", enforcing, B, { { 90, 'f', "settlement.accrue", "{}" }, { 95, 'f', "recovery.foreclose", "{\"value\":\"1400000.00\"}" },
			{ 99, 'b', "recovery.sell", "{\"amount\":\"1350000.00\"}" }, { 100, 'f', "recovery.provide", "{\"amount\":\"127000.00\"}" } },
		{ { 101, 'f', "recovery.write_off", "{}" } }, { { 1290, 12700000 }, { 1200, -12700000 } } },
	{ "write-off of a purchase beyond its allowance", overdue_purchase, A, { { 121, 'f', "recovery.default", "{}" } },
		{ { 200, 'f', "recovery.write_off", "{}" } }, { { 5010, 100000000 }, { 1210, -100000000 } } },
	{ "recovery after write-off", overdue_purchase, A, { { 121, 'f', "recovery.default", "{}" }, { 200, 'f', "recovery.write_off", "{}" } },
		{ { 300, 'b', "recovery.recovered", "{\"amount\":\"40000.00\"}" } }, { { 1000, 4000000 }, { 4040, -4000000 } } },
	{ "unidentified receipt", funded_purchase, A, { { 0 } },
		{ { 3, 'b', "settlement.receipt", "{\"amount\":\"123.45\",\"payer\":\"X\",\"book\":\"NOORDZEE\"}" } }, { { 1000, 12345 }, { 1150, -12345 } } },
	{ "payer is not the debtor", funded_purchase, A, { { 0 } },
		{ { 90, 'b', "settlement.settle", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSON\"}" } }, { { 1000, 100000000 }, { 1150, -100000000 } } },
};

static enum refusal try(struct bench *b, const char *deal, const struct step *s)
{
	bench_next(b);
	today_is = START + s->day;
	b->turn.stamp = today_is * INSTANT_DAY + 9 * INSTANT_HOUR + (int64_t)b->number * INSTANT_SECOND;
	if (s->who == 'b') {
		str_copy(b->turn.actor, sizeof(b->turn.actor), STR("party/BANKNET"));
		str_copy(b->turn.actor_party, sizeof(b->turn.actor_party), STR("BANKNET"));
	}
	return contract_call(&b->turn, b->contracts, s->call, deal, str_of(s->args), &b->result);
}

static void enter(struct bench *b, const char *deal, const struct step *s)
{
	enum refusal r = try(b, strcmp(s->call, "settlement.receipt") == 0 ? "" : deal, s);
	if (r)
		fail_msg("%s: %s: %s", s->call, refusal_name(r), b->turn.detail);
}

static void compare(const struct bench *b, const struct row *row, const int64_t *before)
{
	for (size_t i = 0; i < CHART_COUNT; i++) {
		int64_t want = 0, got = book_balance(b->tabs, BOOK, CHART[i].number, "EUR") - before[i];
		for (const struct moved *m = row->moved; m->account; m++)
			want += m->account == CHART[i].number ? m->net : 0;
		if (got != want)
			fail_msg("%s: %d moved by %lld, not %lld", row->name, CHART[i].number, (long long)got, (long long)want);
	}
}

static void totals_hold(const struct bench *b, const char *name)
{
	struct total out[TOTALS_COUNT];
	totals_compute(b->tabs, BOOK, "EUR", out);
	for (int i = 0; i < TOTALS_COUNT; i++)
		if (!out[i].holds)
			fail_msg("%s: %s is %lld and %lld", name, out[i].name, (long long)out[i].left, (long long)out[i].right);
}

static void begin(struct bench *b)
{
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++)
		deploy(b, FILES[i]);
	party(b, BOOK, PARTY_FND);
	party(b, "DRAHT", PARTY_SUP);
	party(b, "HALVORSEN", PARTY_CORE);
	party(b, "KESTREL", PARTY_BOR);
	party(b, "BANKNET", PARTY_BNK);
}

static void rows_are_to_the_last_unit(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof(ROWS) / sizeof(ROWS[0]); k++) {
		const struct row *row = &ROWS[k];
		int64_t before[64];
		struct bench *b;
		bench_setup((void **)&b);
		begin(b);
		row->start(b);
		for (const struct step *s = row->before; s < row->before + 4 && s->call; s++)
			enter(b, row->deal, s);
		for (size_t i = 0; i < CHART_COUNT; i++)
			before[i] = book_balance(b->tabs, BOOK, CHART[i].number, "EUR");
		for (const struct step *s = row->steps; s < row->steps + 4 && s->call; s++)
			enter(b, row->deal, s);
		compare(b, row, before);
		totals_hold(b, row->name);
		bench_teardown((void **)&b);
	}
}

/* --- what a row cannot say ------------------------------------------------------------------------------- */
static int setup(void **state)
{
	bench_setup(state);
	begin(*state);
	return 0;
}

static int64_t net(const struct bench *b, int account)
{
	return book_balance(b->tabs, BOOK, account, "EUR");
}

static void newest(const struct bench *b, const char *event, char id[24])
{
	id[0] = '\0';
	TAB_FOR(journal, j, b->tabs, &JOURNAL_REC, "")
		if (strcmp(j->event, event) == 0)
			snprintf(id, 24, "%s", j->id);
	assert_true(id[0]);
}

static void says(struct bench *b, const char *deal, int day, char who, const char *call, const char *format, const char *word)
{
	char args[256];
	snprintf(args, sizeof(args), format, word);
	enter(b, deal, &(struct step){ day, who, call, args });
}

static void must_refuse(struct bench *b, const char *deal, struct step s, const char *want)
{
	enum refusal r = try(b, deal, &s);
	if (strcmp(refusal_name(r), want) != 0)
		print_error("%s: %s\n", s.call, b->turn.detail);
	assert_string_equal(refusal_name(r), want);
}

/* A receipt in suspense is applied once, whole, and to its debtor's deal only. */
static void suspense_is_cleared(void **state)
{
	struct bench *b = *state;
	char id[24];
	receipt_waits(b);
	newest(b, "suspense", id);
	must_refuse(b, A, (struct step){ 90, 'f', "settlement.settle", "{\"amount\":\"1000000.01\",\"journal\":\"0000000001/00001\"}" },
		"condition-not-met");
	says(b, A, 90, 'f', "settlement.settle", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\",\"journal\":\"%s\"}", id);
	assert_int_equal(net(b, 1150), 0);
	assert_int_equal(net(b, 1000), 100000000 - 98400000);
	assert_int_equal(net(b, 1210), 0);
	assert_string_equal(DEAL_STATE_NAMES[bench_deal(b, A)->state], "SETTLED");
	char args[64];
	snprintf(args, sizeof(args), "{\"journal\":\"%s\",\"account\":\"X\"}", id);
	must_refuse(b, "", (struct step){ 91, 'f', "recovery.return_receipt", args }, "condition-not-met");
	totals_hold(b, "cleared");
}

/* The process remembers the journal of the part before; the next part is the bank's money all the same. */
static void a_journal_is_used_once(void **state)
{
	static const struct book_line LINES[] = { { 1000, 40000000, 0 }, { 1150, 0, 40000000 } };
	struct bench *b = *state;
	char id[24];
	funded_purchase(b);
	assert_int_equal(book_post(&b->turn, BOOK, "", "EUR", START, "suspense", "", LINES, 2), REFUSED_NOT);
	newest(b, "suspense", id);
	says(b, A, 90, 'f', "settlement.settle", "{\"amount\":\"400000.00\",\"payer\":\"HALVORSEN\",\"journal\":\"%s\"}", id);
	assert_int_equal(net(b, 1150), 0);
	says(b, A, 91, 'b', "settlement.settle", "{\"amount\":\"600000.00\",\"payer\":\"HALVORSEN\",\"journal\":\"%s\"}", id);
	assert_int_equal(net(b, 1150), 0);
	assert_int_equal(net(b, 1000), 100000000 - 98400000);
}

static void suspense_is_returned(void **state)
{
	struct bench *b = *state;
	char id[24], args[64];
	receipt_waits(b);
	newest(b, "suspense", id);
	says(b, "", 2, 'f', "recovery.return_receipt", "{\"journal\":\"%s\",\"account\":\"NL91ABNA0417164300\"}", id);
	assert_int_equal(net(b, 1150), 0);
	assert_int_equal(net(b, 1000), -98400000);
	snprintf(args, sizeof(args), "{\"journal\":\"%s\",\"account\":\"X\"}", id);
	must_refuse(b, "", (struct step){ 2, 'f', "recovery.return_receipt", args }, "condition-not-met");
	totals_hold(b, "returned");
}

/* A correction is the mirror and a new journal, both of the wrong one's value date, and linked. */
static void errors_are_corrected(void **state)
{
	struct bench *b = *state;
	char id[24], args[256];
	loan(b);
	says(b, B, 1, 'f', "recovery.fee", "{\"amount\":\"%s\"}", "750.00");
	newest(b, "fee", id);
	says(b, B, 2, 'f', "recovery.fee", "{\"amount\":\"%s\"}", "10.00");
	snprintf(args, sizeof(args), "{\"journal\":\"%s\",\"reason\":\"570 was meant\",\"lines\":[{\"account\":1225,\"debit\":\"570.00\"},"
		"{\"account\":4020,\"credit\":\"570.00\"}]}", id);
	enter(b, B, &(struct step){ 9, 'f', "recovery.correct", args });
	assert_int_equal(net(b, 1225), 57000 + 1000);
	const struct journal *wrong = tab_get(b->tabs, &JOURNAL_REC, id), *mirror = tab_get(b->tabs, &JOURNAL_REC, wrong->mirrored);
	assert_string_equal(mirror->mirror_of, id);
	assert_int_equal(mirror->value_day, START + 1);
	const struct journal *anew = tab_prev(b->tabs, &JOURNAL_REC, NULL);
	assert_int_equal(anew->value_day, START + 1);
	assert_non_null(strstr(anew->memo, id));
	must_refuse(b, B, (struct step){ 9, 'f', "recovery.correct", args }, "value-not-allowed"); /* mirrored already */
	totals_hold(b, "corrected");
}

/* Margin back: pending until the bank's word; a rejection puts it back where it was. */
static void payouts_wait_for_the_bank(void **state)
{
	struct bench *b = *state;
	char id[40] = "";
	loan_margin(b);
	for (int round = 0; round < 2; round++) {
		says(b, B, 10, 'f', "recovery.margin_return", "{\"amount\":\"%s\"}", "265000.00");
		TAB_FOR(payment, p, b->tabs, &PAYMENT_REC, "")
			if (p->state == PAYMENT_RELEASED)
				snprintf(id, sizeof(id), "%s", p->id);
		totals_hold(b, "pending");
		says(b, B, 11, 'b', round ? "recovery.paid" : "recovery.unpaid", "{\"payment\":\"%s\",\"code\":\"AC04\"}", id);
		says(b, B, 11, 'b', round ? "recovery.paid" : "recovery.unpaid", "{\"payment\":\"%s\"}", id);
		assert_int_equal(net(b, 2010), round ? 0 : -26500000);
		assert_int_equal(bench_deal(b, B)->margin_held, round ? 0 : 26500000);
		assert_int_equal(net(b, 1100), 0);
		totals_hold(b, "answered");
	}
	assert_int_equal(net(b, 1000), -150000000);
}

static void what_is_not_so_is_refused(void **state)
{
	struct bench *b = *state;
	loan_margin(b);
	funded_purchase(b);
	must_refuse(b, B, (struct step){ 1, 'f', "recovery.margin_return", "{\"amount\":\"265000.01\"}" }, "value-not-allowed");
	must_refuse(b, B, (struct step){ 1, 'f', "recovery.refund", "{\"amount\":\"0.01\"}" }, "value-not-allowed");
	must_refuse(b, B, (struct step){ 1, 'f', "recovery.write_off", "{}" }, "state-not-allowed");
	must_refuse(b, B, (struct step){ 1, 'f', "recovery.foreclose", "{\"value\":\"1.00\"}" }, "state-not-allowed");
	must_refuse(b, A, (struct step){ 1, 'f', "recovery.claim", "{\"amount\":\"1.00\"}" }, "state-not-allowed");
	must_refuse(b, A, (struct step){ 1, 'f', "settlement.dilute", "{\"amount\":\"1000000.01\"}" }, "value-not-allowed");
	set_state(b, A, DEAL_OVERDUE);
	must_refuse(b, A, (struct step){ 119, 'f', "recovery.default", "{}" }, "condition-not-met"); /* 29 days */
	enter(b, A, &(struct step){ 120, 'f', "recovery.default", "{}" });
	enter(b, A, &(struct step){ 120, 'f', "recovery.write_off", "{}" });
	/* a person cannot say that the bank has the money */
	must_refuse(b, A, (struct step){ 121, 'f', "recovery.recovered", "{\"amount\":\"1.00\"}" }, "condition-not-met");
	must_refuse(b, A, (struct step){ 121, 'b', "recovery.recovered", "{\"amount\":\"1000000.01\"}" }, "value-not-allowed");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows_are_to_the_last_unit), T(suspense_is_cleared), T(a_journal_is_used_once), T(suspense_is_returned),
		T(errors_are_corrected), T(payouts_wait_for_the_bank), T(what_is_not_so_is_refused) };
	return cmocka_run_group_tests_name("postings by event", tests, NULL, NULL);
}
