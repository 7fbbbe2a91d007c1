/* Bank messages against a whole desk: a released payment is held, then posted, rejected or returned by what the bank says; receipts
 * find their deals or suspense; the same message twice is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "contract/totals.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"
#include "unit/engine/scenario.h"

static int setup(void **state)
{
	static struct desk d;
	memset(&d, 0, sizeof(d));
	desk_open(&d);
	*state = &d;
	return 0;
}

static int teardown(void **state)
{
	desk_close(*state);
	return 0;
}

/* A receivables deal whose payment is released and whose bank has not answered. */
static void released(struct desk *d, char deal[ID_MAX])
{
	desk_deal_id(deal, 1);
	assert_int_equal(receivables_request(d, deal, "4711", "4711"), REFUSED_NOT);
	answer(d, deal, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(d, deal, "offer.send", "{\"accepted\":true}");
	act(d, "t.okafor", deal, "A11", "approve", "{}");
	act(d, "m.dahl", deal, "A11b", "approve", "{}");
	answer(d, deal, "assign.register", "{\"number\":\"77-1184\"}");
	act(d, "r.lindt", deal, "A13r", "approve", "{}");
}

static enum refusal says(struct desk *d, const char *xml)
{
	return desk_data(d, EVENT_BANK, "party/BANKNET", "", "file", xml);
}

static const struct payment *payment(struct desk *d, const char *deal)
{
	return tab_get(engine_tabs(d->engine), &PAYMENT_REC, desk_deal(d, deal)->payment);
}

static int64_t pending(struct desk *d)
{
	const struct account *a = tab_get(engine_tabs(d->engine), &ACCOUNT_REC, "NOORDZEE/1000/EUR");
	return a ? a->credit_pending : 0;
}

#define CAMT054(id, body) "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>" id \
	"</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct>" body \
	"</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"

static void debit_xml(struct desk *d, const char *deal, const char *msg, const char *amount, char out[1200])
{
	snprintf(out, 1200, CAMT054("%s", "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>"
		"2026-03-16</Dt></BookgDt><BkTxCd/><NtryDtls><TxDtls><Refs><AcctSvcrRef>B-%s</AcctSvcrRef><EndToEndId>%s</EndToEndId></Refs></TxDtls>"
		"</NtryDtls></Ntry>"), msg, amount, msg, payment(d, deal)->id);
}

static void the_debit_posts_what_was_held(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], why[160];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	char text[MONEY_TEXT_MAX];
	assert_int_equal(pending(d), amount);
	debit_xml(d, deal, "M1", money_format(amount, "EUR", 0, text), xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	assert_int_equal(desk_deal(d, deal)->state, DEAL_COLLECTING);
	assert_int_equal(pending(d), 0);
	assert_int_equal(((const struct transfer *)tab_get(engine_tabs(d->engine), &TRANSFER_REC, payment(d, deal)->id))->state, TRANSFER_POSTED);
	assert_true(totals_tally_holds(engine_tabs(d->engine), "NOORDZEE", "EUR", why));
	d->now += INSTANT_MINUTE;
	assert_int_equal(says(d, xml), REFUSED_DUPLICATE);
	debit_xml(d, deal, "M1", "1.00", xml);
	assert_int_equal(says(d, xml), REFUSED_IDEMPOTENCY_CONFLICT);
}

static void a_rejection_voids_it(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[900];
	released(d, deal);
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>%s</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>"
		"</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>%s</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>%s</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
		"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>", payment(d, deal)->id,
		payment(d, deal)->id, payment(d, deal)->id);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_REJECTED);
	assert_string_equal(payment(d, deal)->code, "AC04");
	assert_int_equal(desk_deal(d, deal)->state, DEAL_APPROVED);
	assert_int_equal(pending(d), 0);
}

static void what_nobody_answers_expires(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	desk_pass(d, d->now + 73 * INSTANT_HOUR);
	assert_int_equal(((const struct transfer *)tab_get(engine_tabs(d->engine), &TRANSFER_REC, payment(d, deal)->id))->state, TRANSFER_EXPIRED);
	assert_int_equal(pending(d), 0);
	debit_xml(d, deal, "M9", money_format(amount, "EUR", 0, text), xml); /* late, but the bank's fact */
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
}

static void what_nobody_can_place_is_held(void **state)
{
	struct desk *d = *state;
	assert_int_equal(says(d, CAMT054("C1", "<Ntry><Amt Ccy=\"EUR\">12.34</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>"
		"R1</AcctSvcrRef><BkTxCd/></Ntry>")), REFUSED_NOT);
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "EUR"), -1234);
	d->now += INSTANT_MINUTE; /* told again by another message: the entry is known */
	assert_int_equal(says(d, CAMT054("C2", "<Ntry><Amt Ccy=\"EUR\">12.34</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>"
		"R1</AcctSvcrRef><BkTxCd/></Ntry>")), REFUSED_NOT);
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "EUR"), -1234);
}

static void only_a_bank_is_heard(void **state)
{
	struct desk *d = *state;
	assert_int_equal(desk_data(d, EVENT_BANK, "party/DRAHT", "", "file", CAMT054("X", "")), REFUSED_ROLE);
	assert_int_equal(says(d, "<Document/>"), REFUSED_BODY_MALFORMED);
	assert_int_equal(says(d, "<!DOCTYPE d><Document/>"), REFUSED_BODY_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_debit_posts_what_was_held, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rejection_voids_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nobody_answers_expires, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nobody_can_place_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(only_a_bank_is_heard, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
