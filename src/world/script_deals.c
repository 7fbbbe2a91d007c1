/* Applications of the recording and what comes from outside for each: arrivals, certificates, credits.
 *
 * Must remain true: a deal's own figures are consistent (order, receipt and invoice match unless the story wants
 * otherwise, goods are worth what is lent on them at the prices of that day); named deals carry the figures that the
 * screens show. Days are counted from the recorded Monday, minutes from midnight. */
#include "script_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/num.h"

#define HM(hour, minute) ((hour) * 60 + (minute))
enum { NEVER = 9999 };

/* Invoices that are sold. paid: day and minute of the debtor's credit, NEVER when it is not due yet. */
static const struct sale {
	const char *tail, *seller, *debtor;
	int64_t amount, day, minute, due, paid, paid_minute;
	enum { SALE_PLAIN, SALE_NO_GRN, SALE_LATE_GRN, SALE_TWIN } fate;
	const char *twin; /* the deal whose invoice it presents again */
	int issued_before;
} SALES[] = {
	{ "B8HN", "SUND", "HALVORSEN", 48000000, -97, HM(8, 40), -7, -7, HM(10, 15), SALE_PLAIN, "", 4 },
	{ "C7AA", "BEXLEY", "MERIDIAN", 11250000, -96, HM(9, 5), -10, -10, HM(11, 5), SALE_PLAIN, "", 3 },
	{ "F4SE", "VEGA", "OSTERBERG", 28000000, -95, HM(8, 20), 0, 0, HM(9, 40), SALE_PLAIN, "", 4 },
	{ "D2KM", "ORME", "OSTERBERG", 35600000, -91, HM(9, 30), -20, -20, HM(9, 50), SALE_PLAIN, "", 5 },
	{ "X9PT", "BRANDT", "HALVORSEN", 24000000, -90, HM(10, 10), -28, -28, HM(10, 40), SALE_PLAIN, "", 4 },
	{ "A6JR", "SUND", "MERIDIAN", 15840000, -84, HM(8, 55), -6, -6, HM(13, 20), SALE_PLAIN, "", 3 },
	{ "Q3WV", "VEGA", "HALVORSEN", 31000000, -77, HM(9, 15), 4, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "Z8CD", "BEXLEY", "TIDEWAY", 9200000, -76, HM(10, 20), -13, -13, HM(9, 25), SALE_PLAIN, "", 3 },
	{ "G5NB", "BEXLEY", "MERIDIAN", 6490000, -75, HM(8, 35), -4, 0, HM(10, 5), SALE_PLAIN, "", 4 },
	{ "S5GH", "ORME", "TIDEWAY", 20560000, -70, HM(9, 45), 10, NEVER, 0, SALE_PLAIN, "", 5 },
	{ "Y2BN", "HJORT", "OSTERBERG", 64000000, -63, HM(8, 25), 20, NEVER, 0, SALE_PLAIN, "", 6 },
	{ "N7KX", "BRANDT", "OSTERBERG", 51500000, -56, HM(9, 10), 15, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "E9ZA", "SUND", "OSTERBERG", 12600000, -49, HM(10, 30), 30, NEVER, 0, SALE_PLAIN, "", 3 },
	{ "W4TJ", "VEGA", "MERIDIAN", 23330000, -42, HM(8, 50), 40, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "P6QB", "HJORT", "TIDEWAY", 17425000, -35, HM(9, 20), 25, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "R5VE", "SUND", "TIDEWAY", 14300000, -33, HM(10, 0), 27, NEVER, 0, SALE_LATE_GRN, "", 3 },
	{ "Q8ZN", "ZEPHYR", "GALT", 8850000, -20, HM(9, 40), 50, NEVER, 0, SALE_PLAIN, "", 3 },
	{ "2GRS", "BEXLEY", "HALVORSEN", 9600000, -5, HM(9, 0), 60, NEVER, 0, SALE_PLAIN, "", 3 },
	{ "T9FA", "ORME", "HALVORSEN", 32357724, -4, HM(8, 30), 86, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "J2MR", "HJORT", "OSTERBERG", 21200000, -4, HM(9, 50), 70, NEVER, 0, SALE_PLAIN, "", 5 },
	{ "H7XB", "ORME", "TIDEWAY", 27540000, -2, HM(12, 5), 75, NEVER, 0, SALE_NO_GRN, "", 3 },
	{ "C5NP", "BRANDT", "HALVORSEN", 100000000, 0, HM(8, 52), 90, NEVER, 0, SALE_PLAIN, "", 4 },
	{ "K7D3", "VEGA", "OSTERBERG", 41664000, 0, HM(8, 5), 89, NEVER, 0, SALE_PLAIN, "", 3 },
	{ "V6DM", "SUND", "MERIDIAN", 19150000, 0, HM(9, 35), 80, NEVER, 0, SALE_PLAIN, "", 3 },
	{ "J2MS", "HJORT", "OSTERBERG", 21230000, 0, HM(10, 40), 72, NEVER, 0, SALE_PLAIN, "", 7 },
	{ "N8QC", "HJORT", "TIDEWAY", 17425000, 0, HM(11, 5), 25, NEVER, 0, SALE_TWIN, "P6QB", 4 },
};

/* Goods that are pledged. ltv: basis points at the price of the arrival, gives the quantity when that is 0. arrives
 * NEVER: lost on the way. repaid NEVER: still out. */
static const struct loan {
	const char *tail, *party, *site, *place, *commodity;
	int64_t amount, ltv, quantity, packages, day, minute, arrives, arrive_minute, certified, certified_minute, repaid,
		repaid_minute;
	const char *inspector, *heap, *lot_tail;
} LOANS[] = {
	{ "E4YW", "LINDHOLM", "GDN", "bay G-11", "steel", 14200000, 5200, 0, 18, -97, HM(9, 0), -96, HM(8, 40), -96, HM(13, 10), -41, HM(10, 0), "", "", "0102" },
	{ "6FDE", "MARLOW", "ANR", "bay A-07", "aluminium", 26000000, 5400, 0, 22, -91, HM(9, 10), -90, HM(9, 5), -90, HM(14, 0), -35, HM(9, 30), "", "", "0117" },
	{ "7TQK", "OSTRAVA", "GDN", "bay G-04", "copper", 38000000, 5000, 0, 16, -84, HM(8, 45), -83, HM(8, 30), -83, HM(13, 40), -27, HM(11, 0), "", "", "0133" },
	{ "3HZC", "CITROVA", "RTM", "cell C1", "juice", 21000000, 5100, 0, 420, -77, HM(9, 25), -76, HM(10, 5), -76, HM(15, 0), -21, HM(10, 20), "", "", "0150" },
	{ "1VSZ", "QUAYSIDE", "ANR", "bay A-02", "aluminium", 18500000, 5800, 0, 14, -34, HM(9, 0), NEVER, 0, NEVER, 0, NEVER, 0, "", "", "0261" },
	{ "2WBX", "CARSO", "TRS", "silo 3", "coffee", 42000000, 5600, 0, 640, -28, HM(8, 50), -27, HM(8, 25), -27, HM(13, 0), NEVER, 0, "", "", "0274" },
	{ "4QM7", "KESTREL", "RTM", "bay B-01", "copper", 150000000, 0, 240000, 96, -27, HM(9, 0), -25, HM(8, 35), -25, HM(12, 30), NEVER, 0, "", "", "0366" },
	{ "9XNS", "OSTRAVA", "GDN", "bay G-09", "steel", 31000000, 5500, 0, 40, -27, HM(10, 0), -26, HM(9, 15), -26, HM(14, 15), NEVER, 0, "", "", "0369" },
	{ "K1TE", "LINDHOLM", "HAM", "H-hall", "steel", 93000000, 0, 2100000, 88, -26, HM(8, 40), -25, HM(8, 50), -25, HM(13, 45), NEVER, 0, "", "", "0374" },
	{ "8HWT", "CITROVA", "RTM", "C2", "juice", 64000000, 0, 320000, 1600, -25, HM(9, 30), -24, HM(9, 20), -24, HM(14, 10), NEVER, 0, "", "", "0388" },
	{ "5PXA", "TESSEL", "ANR", "bay A-05", "aluminium", 30000000, 0, 194640, 24, -24, HM(8, 55), -21, HM(8, 45), -21, HM(13, 30), 0, HM(10, 0), "", "", "0390" },
	{ "6CKP", "CARSO", "TRS", "silo 5", "coffee", 35500000, 5700, 0, 540, -21, HM(9, 5), -20, HM(8, 30), -20, HM(13, 20), NEVER, 0, "", "", "0396" },
	{ "0VNG", "MARLOW", "HAM", "bay H-04", "aluminium", 45000000, 5000, 0, 34, -20, HM(9, 15), -19, HM(9, 0), -19, HM(14, 0), NEVER, 0, "", "", "0399" },
	{ "4RJG", "LINDHOLM", "GDN", "bay G-02", "steel", 22000000, 5900, 0, 26, -19, HM(10, 10), -18, HM(9, 30), -18, HM(14, 20), NEVER, 0, "", "", "0403" },
	{ "2NFC", "QUAYSIDE", "ANR", "bay A-03", "aluminium", 40000000, 8200, 0, 20, -14, HM(9, 0), -13, HM(9, 20), -13, HM(13, 50), NEVER, 0, "", "", "0405" },
	{ "7DVA", "POLDER", "RTM", "bay B-05", "tin", 28000000, 6000, 0, 9, -14, HM(9, 40), -13, HM(10, 0), -13, HM(15, 10), NEVER, 0, "", "", "0408" },
	{ "3MEF", "CARSO", "TRS", "silo 1", "coffee", 18200000, 6100, 0, 280, -13, HM(8, 45), -12, HM(8, 40), -12, HM(13, 5), NEVER, 0, "", "", "0410" },
	{ "5HTW", "OSTRAVA", "GDN", "bay G-06", "aluminium", 26500000, 5800, 0, 21, -12, HM(9, 20), -11, HM(9, 10), -11, HM(13, 30), NEVER, 0, "", "", "0412" },
	{ "8KQB", "KESTREL", "HAM", "bay H-07", "copper", 24000000, 5200, 0, 20, -11, HM(9, 50), -10, HM(9, 35), -10, HM(14, 30), NEVER, 0, "", "", "0414" },
	{ "9RB2", "OSTRAVA", "GDN", "bay G-08", "copper", 23500000, 5800, 0, 4, -3, HM(10, 15), 0, HM(13, 46), 0, HM(14, 27), NEVER, 0, "", "", "0421" },
	{ "M3ZK", "POLDER", "RTM", "dock 2-in", "tin", 61250000, 0, 24917, 10, -3, HM(11, 20), 0, HM(10, 22), 0, HM(14, 10), NEVER, 0, "", "CSQU3054383", "0432" },
	{ "W6JN", "TESSEL", "ANR", "bay A-09", "aluminium", 27500000, 5700, 0, 23, -3, HM(9, 35), 0, HM(9, 25), 0, HM(12, 40), NEVER, 0, "TESSURVEY", "", "0418" },
	{ "R2VD", "HALCYON", "RTM", "bay B-02", "copper", 82000000, 0, 168000, 67, 0, HM(8, 14), 0, HM(8, 31), 0, HM(9, 12), NEVER, 0, "",
		"HEAP-RTM-B02-0417", "0417" },
	{ "8ZZ1", "QUAYSIDE", "RTM", "bay B-02", "copper", 79000000, 0, 168000, 67, 0, HM(14, 3), NEVER, 0, NEVER, 0, NEVER, 0,
		"", "HEAP-RTM-B02-0417", "0417" },
};

static const struct {
	const char *id, *warehouse;
} BAILEES[] = { { "RTM", "WAALHAVEN" }, { "ANR", "SCHELDE" }, { "HAM", "ELBE" }, { "GDN", "WISLA" }, { "TRS", "ADRIA" } };

static void deal_id(const struct script *s, const char *tail, int64_t at, char out[ID_MAX])
{
	made_id("DL", at, s->cast->seed, tail, out);
}

static void put_date(struct buf *b, const char *name, int64_t day)
{
	char text[INSTANT_TEXT_MAX];
	buf_printf(b, ",\"%s\":\"%s\"", name, instant_format_date(day, text));
}

static const char *milli(int64_t n, char out[NUM_TEXT_MAX])
{
	return num_format_scaled(n, 3, 0, 0, out);
}

static void credit(struct script *s, int64_t at, const char *name, const char *deal, const char *amount, const char *payer)
{
	char data[160];
	snprintf(data, sizeof(data), "{\"amount\":\"%s\",\"payer\":\"%s\",\"reference\":\"%s\"}", amount, payer, id_tail(deal));
	script_message(s, at, name, deal, "BANKNET", data);
}

/* --- invoices ------------------------------------------------------------------------------------ */

static const struct sale *sale_of(const char *tail)
{
	for (size_t i = 0; i < sizeof(SALES) / sizeof(SALES[0]); i++)
		if (strcmp(SALES[i].tail, tail) == 0)
			return &SALES[i];
	CHECK(false, "a twin names a sale of the table");
	return NULL;
}

static void put_invoice(struct script *s, struct buf *b, const struct sale *sale)
{
	const struct sale *paper = sale->fate == SALE_TWIN ? sale_of(sale->twin) : sale;
	char money[MONEY_TEXT_MAX], quantity[NUM_TEXT_MAX];
	int64_t today = instant_day(s->monday), issue = today + paper->day - paper->issued_before;
	int64_t serial = dice_fixed(s->cast->seed, "invoice", paper->tail, 10000, 99999);
	/* a unit price of about a four hundredth of the amount, in whole euros */
	int64_t price = (paper->amount / 400 / 100 + 1) * 100, count = 0;
	CHECK(num_muldiv(paper->amount, 1000, price, ROUND_HALF_AWAY, &count), "a quantity");
	buf_printf(b, "\"invoice\":{\"number\":\"%.2s-%lld\"", paper->seller, (long long)serial);
	put_date(b, "issue", issue);
	put_date(b, "due", today + paper->due);
	buf_printf(b, ",\"order\":\"PO-%lld\"", (long long)serial - 4711);
	if (sale->fate != SALE_NO_GRN && sale->fate != SALE_LATE_GRN) {
		buf_printf(b, ",\"grn\":\"GR-%lld\"", (long long)serial + 1203);
		put_date(b, "grn_day", issue - 1);
		buf_printf(b, ",\"grn_quantity\":\"%s\"", milli(count, quantity));
	}
	buf_printf(b, ",\"order_quantity\":\"%s\",\"invoice_quantity\":\"%s\"", milli(count, quantity), quantity);
	buf_printf(b, ",\"order_price\":\"%s\",\"invoice_price\":\"%s\"}", money_format(price, "EUR", 0, money), money);
	if (sale->fate == SALE_LATE_GRN) {
		char deal[ID_MAX], data[160], date[INSTANT_TEXT_MAX];
		int64_t at = script_at(s, sale->day, sale->minute);
		deal_id(s, sale->tail, at, deal);
		snprintf(data, sizeof(data), "{\"number\":\"GR-%lld\",\"day\":\"%s\",\"quantity\":\"%s\"}", (long long)serial + 1203,
			instant_format_date(issue - 1, date), quantity);
		script_message(s, at + 21 * INSTANT_HOUR, "evidence.grn", deal, sale->debtor, data);
	}
}

static void put_sale(struct script *s, const struct sale *sale)
{
	struct buf b = { 0 };
	char deal[ID_MAX], money[MONEY_TEXT_MAX];
	int64_t at = script_at(s, sale->day, sale->minute);
	deal_id(s, sale->tail, at, deal);
	money_format(sale->amount, "EUR", 0, money);
	buf_printf(&b, "\"kind\":\"request\",\"process\":\"receivables\",\"deal\":\"%s\",\"by\":\"%s\",\"data\":{\"deal\":\"%s\",\"party\":\"%s\","
		"\"obligor\":\"%s\",\"currency\":\"EUR\",\"amount\":\"%s\",\"maker\":\"%s\",", deal, sale->seller, deal, sale->seller, sale->debtor,
		money, dice_range(&s->dice, 0, 1) ? "l.haas" : "p.smit");
	put_invoice(s, &b, sale);
	buf_char(&b, '}');
	script_line(s, at, &b);
	if (sale->paid != NEVER)
		credit(s, script_at(s, sale->paid, sale->paid_minute), "obligor.paid", deal, money, sale->debtor);
}

/* --- goods --------------------------------------------------------------------------------------- */

static const char *bailee_of(const char *site)
{
	for (size_t i = 0; i < sizeof(BAILEES) / sizeof(BAILEES[0]); i++)
		if (strcmp(BAILEES[i].id, site) == 0)
			return BAILEES[i].warehouse;
	CHECK(false, "a site with a bailee");
	return "";
}

/* Tonnes in tenths so that the loan is at its LTV at the price of the arrival. */
static int64_t quantity_of(const struct loan *l)
{
	int64_t tenths;
	if (l->quantity)
		return l->quantity;
	int64_t price = script_price(l->commodity, l->arrives == NEVER ? l->day : l->arrives);
	CHECK(num_muldiv3(l->amount, 10000, 10, price * l->ltv, ROUND_HALF_AWAY, &tenths), "a quantity");
	return tenths * 100;
}

static uint64_t serial_of(const struct script *s, const struct loan *l)
{
	return (uint64_t)dice_fixed(s->cast->seed, "sscc", l->heap[0] ? l->heap : l->tail, 1, 990000) * 1000;
}

static void put_labels(struct buf *b, const struct script *s, const struct loan *l)
{
	/* of many drums only the pallets carry a label */
	int64_t count = l->packages > 100 ? 20 : l->packages;
	buf_text(b, ",\"labels\":[");
	for (int64_t i = 0; i < count; i++) {
		char sscc[20];
		made_sscc(serial_of(s, l) + (uint64_t)i, sscc);
		buf_printf(b, "%s\"%s\"", i ? "," : "", sscc);
	}
	buf_char(b, ']');
}

static void put_loan_request(struct script *s, const struct loan *l, const char *deal, int64_t at)
{
	struct buf b = { 0 };
	char money[MONEY_TEXT_MAX], quantity[NUM_TEXT_MAX], heap[40], lot[ID_MAX];
	made_id("LT", at, s->cast->seed, l->lot_tail, lot);
	snprintf(heap, sizeof(heap), "%s", l->heap);
	if (!heap[0])
		snprintf(heap, sizeof(heap), "HEAP-%s-%s", l->site, l->lot_tail);
	buf_printf(&b, "\"kind\":\"request\",\"process\":\"inventory-pledge\",\"deal\":\"%s\",\"by\":\"%s\",\"data\":{\"deal\":\"%s\","
		"\"party\":\"%s\",\"warehouse\":\"%s\",\"site\":\"%s\",\"place\":\"%s\",\"currency\":\"EUR\",\"amount\":\"%s\",\"commodity\":\"%s\","
		"\"unit\":\"TNE\",\"quantity\":\"%s\",\"packages\":%lld,\"asset_key\":\"%s\",\"lot\":\"%s\",\"maker\":\"%s\"", deal, l->party, deal,
		l->party, bailee_of(l->site), l->site, l->place, money_format(l->amount, "EUR", 0, money), l->commodity,
		milli(quantity_of(l), quantity), (long long)l->packages, heap, lot, dice_range(&s->dice, 0, 1) ? "l.haas" : "p.smit");
	put_labels(&b, s, l);
	buf_char(&b, '}');
	script_line(s, at, &b);
}

static void put_certificate(struct script *s, const struct loan *l, const char *deal)
{
	char data[160];
	const char *inspector = l->inspector[0] ? l->inspector : "PORTASSAY";
	snprintf(data, sizeof(data), "{\"grade\":\"A\",\"number\":\"PA-%lld\",\"inspector\":\"%s\"}",
		(long long)dice_fixed(s->cast->seed, "certificate", l->tail, 20000, 99999), inspector);
	script_message(s, script_at(s, l->certified, l->certified_minute), "certificate", deal, inspector, data);
}

static void put_loan(struct script *s, const struct loan *l)
{
	char deal[ID_MAX], data[96];
	int64_t at = script_at(s, l->day, l->minute);
	deal_id(s, l->tail, at, deal);
	put_loan_request(s, l, deal, at);
	if (l->arrives == NEVER)
		return;
	struct seen_event e = { .site = l->site, .at = script_at(s, l->arrives, l->arrive_minute), .step = "arriving",
		.disposition = "in_progress", .packages = (int)(l->packages > 100 ? 20 : l->packages), .serial = serial_of(s, l) };
	memcpy(e.deal, deal, sizeof(e.deal));
	/* the carrier says when it left: the evening before, or at once when it is near */
	int64_t left = l->arrives == l->day ? at + 8 * INSTANT_MINUTE : script_at(s, l->arrives - 1, HM(16, 30));
	snprintf(data, sizeof(data), "{\"carrier\":\"LEK\",\"plate\":\"12-BKR-%lld\"}", (long long)dice_range(&s->dice, 1, 9));
	script_message(s, left > at ? left : at + INSTANT_HOUR, "goods.departed", deal, "LEK", data);
	script_seen(s, &e);
	put_certificate(s, l, deal);
	if (l->repaid != NEVER)
		credit(s, script_at(s, l->repaid, l->repaid_minute), "borrower.paid", deal, "due", l->party);
}

/* --- what happens to named deals on the day ------------------------------------------------------ */

static void put_named(struct script *s)
{
	/* the funder's own money, and a credit that nobody can place */
	script_message(s, script_at(s, -98, HM(7, 0)), "bank.credit", "", "BANKNET",
		"{\"amount\":\"20000000.00\",\"currency\":\"EUR\",\"payer\":\"NOORDZEE\",\"purpose\":\"pool\"}");
	script_message(s, script_at(s, 0, HM(12, 18)), "bank.credit", "", "BANKNET",
		"{\"amount\":\"42750.00\",\"currency\":\"EUR\",\"payer\":\"Quay Holdings\",\"reference\":\"inv 4417\"}");
	char deal[ID_MAX];
	const struct sale *back = sale_of("T9FA");
	deal_id(s, back->tail, script_at(s, back->day, back->minute), deal);
	script_message(s, script_at(s, 0, HM(14, 30)) + 54 * INSTANT_SECOND, "payment.returned", deal, "BANKNET",
		"{\"code\":\"AC04\",\"reason\":\"closed account\"}");
	for (size_t i = 0; i < sizeof(LOANS) / sizeof(LOANS[0]); i++) {
		const struct loan *l = &LOANS[i];
		deal_id(s, l->tail, script_at(s, l->day, l->minute), deal);
		if (strcmp(l->tail, "4QM7") == 0) /* interest to date, so that what is out is the round sum */
			for (int64_t day = -3; day <= 0; day += 3)
				credit(s, script_at(s, day, HM(8, 25)), "borrower.paid", deal, "interest", l->party);
		if (strcmp(l->tail, "0VNG") == 0) { /* a count during the outage: its batch comes late */
			struct seen_event e = { .site = "HAM", .at = script_at(s, 0, HM(11, 22)), .step = "cycle_counting",
				.disposition = "in_progress", .packages = 34, .serial = serial_of(s, l) };
			memcpy(e.deal, deal, sizeof(e.deal));
			script_seen(s, &e);
		}
	}
}

void script_deals(struct script *s)
{
	for (size_t i = 0; i < sizeof(SALES) / sizeof(SALES[0]); i++)
		put_sale(s, &SALES[i]);
	for (size_t i = 0; i < sizeof(LOANS) / sizeof(LOANS[0]); i++)
		put_loan(s, &LOANS[i]);
	put_named(s);
}
