/* Assets of the recorded day, behind everything else that happens on it: a token over three tiers, a bill of lading under a pledge, a
 * certificate that is taken back and another in its place, an inspector who is delisted.
 *
 * Must remain true: nothing here draws the script's dice and all of it comes after the story, so no line and no entry before it moves. */
#include "script_int.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"

#define HM(hour, minute) ((hour) * 60 + (minute))
#define TOKEN_TAIL "T5KN"

static void put_act(struct script *s, int64_t minute, const char *name, const char *deal, const char *by, const char *data)
{
	struct buf b = { 0 };
	buf_printf(&b, "\"kind\":\"asset\",\"name\":\"%s\",\"deal\":\"%s\",\"by\":\"%s\",\"data\":%s", name, deal, by, data);
	script_line(s, script_at(s, 0, minute), &b);
}

static const char *date_of(const struct script *s, int64_t day, char out[INSTANT_TEXT_MAX])
{
	return instant_format_date(instant_day(s->monday) + day, out);
}

/* --- a token ------------------------------------------------------------------------------------------------------------ */
static void put_debt(struct script *s, const char *deal)
{
	struct buf b = { 0 };
	char issue[INSTANT_TEXT_MAX], due[INSTANT_TEXT_MAX], grn[INSTANT_TEXT_MAX];
	buf_printf(&b, "\"kind\":\"request\",\"process\":\"receivables\",\"deal\":\"%s\",\"by\":\"ORME\",\"data\":{\"deal\":\"%s\",\"party\":\"ORME\","
		"\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\",\"amount\":\"300000.00\",\"maker\":\"l.haas\",\"invoice\":{\"number\":\"OR-60317\","
		"\"issue\":\"%s\",\"due\":\"%s\",\"order\":\"PO-55606\",\"grn\":\"GR-61520\",\"grn_day\":\"%s\",\"grn_quantity\":\"400\",\"order_quantity\":\"400\","
		"\"invoice_quantity\":\"400\",\"order_price\":\"750.00\",\"invoice_price\":\"750.00\"}}", deal, deal, date_of(s, -3, issue), date_of(s, 84, due),
		date_of(s, -4, grn));
	script_line(s, script_at(s, 0, HM(16, 44)), &b);
}

static void put_handover(struct script *s, const char *deal, int64_t minute, const char *from, const char *note, const char *to, const char *amount,
	const char *number, int64_t day)
{
	char data[300], date[INSTANT_TEXT_MAX];
	snprintf(data, sizeof(data), "{\"note\":\"TN-%s%s\",\"to\":\"%s\",\"amount\":\"%s\",\"number\":\"%s\",\"day\":\"%s\",\"invoice_amount\":\"%s\"}", deal + 3,
		note, to, amount, number, date_of(s, day, date), amount);
	put_act(s, minute, "token.propose", deal, from, data);
	put_act(s, minute + 7, "token.accept", deal, to, "{\"handover\":\"newest\"}");
}

static void put_token(struct script *s)
{
	char deal[ID_MAX];
	made_id("DL", script_at(s, 0, HM(16, 44)), s->cast->seed, TOKEN_TAIL, deal);
	put_debt(s, deal);
	put_handover(s, deal, HM(17, 2), "ORME", "", "SUND", "120000.00", "SU-11804", -6);
	put_handover(s, deal, HM(17, 15), "SUND", "/0001", "VEGA", "50000.00", "VE-90233", -9);
}

/* --- goods at sea, and what inspectors say ---------------------------------------------------------------------------------- */
static void put_bill(struct script *s)
{
	char deal[ID_MAX], data[300], date[INSTANT_TEXT_MAX];
	made_id("DL", script_at(s, -21, HM(9, 5)), s->cast->seed, "6CKP", deal);
	snprintf(data, sizeof(data), "{\"number\":\"LT-40118\",\"shipper\":\"CARSO\",\"commodity\":\"coffee\",\"quantity\":\"60\",\"unit\":\"TNE\",\"loaded\":\"%s\","
		"\"vessel\":\"Adria Stella\",\"container\":\"TCLU4265189\",\"seal\":\"IT 55102\"}", date_of(s, -2, date));
	put_act(s, HM(16, 47), "bill.issue", deal, "LEK", data);
	put_act(s, HM(16, 56), "bill.pledge", deal, "CARSO", "{\"bill\":\"LEK/LT40118\"}");
}

static void put_certificate(struct script *s, int64_t minute, const char *subject, const char *number, const char *renews)
{
	struct buf b = { 0 };
	buf_printf(&b, "\"kind\":\"certificate\",\"by\":\"PORTASSAY\",\"of\":\"quality\",\"subject\":\"%s\","
		"\"number\":\"%s\",\"renews\":\"%s\",\"grade\":\"A\",\"days\":90",
		subject, number, renews);
	script_line(s, script_at(s, 0, minute), &b);
}

static void put_withdrawal(struct script *s, int64_t minute, const char *by, const char *certificate, const char *reason)
{
	struct buf b = { 0 };
	buf_printf(&b, "\"kind\":\"withdrawal\",\"by\":\"%s\",\"certificate\":\"%s\",\"reason\":\"%s\"", by, certificate, reason);
	script_line(s, script_at(s, 0, minute), &b);
}

void script_assets(struct script *s)
{
	char lot[ID_MAX], id[88];
	put_token(s);
	put_bill(s);
	made_id("LT", script_at(s, -19, HM(10, 10)), s->cast->seed, "0403", lot);
	put_certificate(s, HM(17, 5), lot, "PA-70411", "");
	put_certificate(s, HM(17, 31), lot, "PA-70438", "PA-70411");
	snprintf(id, sizeof(id), "quality/%s/PA-70411", lot);
	put_withdrawal(s, HM(17, 33), "PORTASSAY", id, "the sample was of another lot; taken again");
	put_withdrawal(s, HM(17, 12), "SUPERVISOR", "accreditation/TESSURVEY/ACC-007", "it inspected for its own group");
}
