/* Acts on the book as people and the bank send them: who may and who must sign besides, what the process learns, limits of balances
 * from the policy, the lift of a stop, and receipts that are told twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "contract/totals.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"
#include "unit/engine/one_desk.h"

static int setup(void **state)
{
	open_desk(state);
	desk_lay(&desk, EVENT_CONTRACT, "recovery");
	return 0;
}

static enum refusal says(const char *labels, const char *deal, const char *name, const char *json)
{
	struct ev_data b = { .data = blob_in(&desk.arena, json, strlen(json)) };
	snprintf(b.name, sizeof(b.name), "%s", name);
	return sends(EVENT_MESSAGE, labels, deal, &b);
}

static const struct tabs *now(void)
{
	return engine_tabs(desk.engine);
}

static int64_t net(int account)
{
	return book_balance(now(), "NOORDZEE", account, "EUR");
}

static void totals_hold(void)
{
	struct total out[TOTALS_COUNT];
	char why[160];
	totals_compute(now(), "NOORDZEE", "EUR", out);
	for (int i = 0; i < TOTALS_COUNT; i++)
		if (!out[i].holds)
			fail_msg("%s is %lld and %lld", out[i].name, (long long)out[i].left, (long long)out[i].right);
	if (!totals_tally_holds(now(), "NOORDZEE", "EUR", why))
		fail_msg("%s", why);
	assert_null(stop_standing(now(), "NOORDZEE"));
}

static void funded(unsigned number, const char *name, char deal[ID_MAX])
{
	desk_deal_id(deal, number);
	is(receivables_request(&desk, deal, name, name), REFUSED_NOT);
	receivables_fund(&desk, deal);
}

static void newest(const char *event, char id[24])
{
	id[0] = '\0';
	TAB_FOR(journal, j, now(), &JOURNAL_REC, "")
		if (strcmp(j->event, event) == 0)
			snprintf(id, 24, "%s", j->id);
	assert_true(id[0]);
}

static bool process_ended(const char *deal)
{
	TAB_FOR(instance, i, now(), &INSTANCE_REC, "")
		if (strcmp(i->deal, deal) == 0)
			return i->state == INSTANCE_DONE;
	return true;
}

/* --- acts ------------------------------------------------------------------------------------------------ */
static void dilution_settles_and_ends_the_process(void **state)
{
	char deal[ID_MAX];
	(void)state;
	funded(1, "4711", deal);
	told(&desk, "BANKNET", deal, "obligor.paid", "{\"amount\":\"980000.00\",\"payer\":\"HALVORSEN\"}");
	is(says("party/DRAHT", deal, "book.dilution", "{\"amount\":\"20000.00\"}"), REFUSED_ROLE);
	is(says("operator/c.mulder", deal, "book.dilution", "{\"amount\":\"20000.00\"}"), REFUSED_ROLE);
	is(says("operator/n.aalbers", deal, "book.dilution", "{\"amount\":\"20000.00\"}"), REFUSED_ROLE);
	is(says("operator/l.haas", deal, "book.dilution", "{\"amount\":\"20000.00\",\"more\":\"1\"}"), REFUSED_VALUE);
	is(says("operator/l.haas", deal, "book.dilution", "{}"), REFUSED_VALUE);
	is(says("operator/l.haas", deal, "book.dilution", "{\"amount\":\"20000.00\",\"reason\":\"returned goods\"}"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_SETTLED);
	assert_int_equal(net(1300), 2000000);
	assert_true(process_ended(deal));
	is(says("party/BANKNET", deal, "book.recourse", "{\"amount\":\"20000.00\",\"payer\":\"DRAHT\"}"), REFUSED_NOT);
	assert_int_equal(net(1300), 0);
	totals_hold();
}

/* A booked entry of a payment: "DBIT", or "CRDT" when it came back. */
static void entry_of(const char *payment, const char *amount, const char *side, char out[1200])
{
	bool back = strcmp(side, "CRDT") == 0;
	snprintf(out, 1200, "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>%c%s</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct><Ntry>"
		"<Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-16</Dt></BookgDt><BkTxCd/><NtryDtls>"
		"<TxDtls><Refs><AcctSvcrRef>B%.20s</AcctSvcrRef><EndToEndId>%s</EndToEndId></Refs>%s</TxDtls></NtryDtls></Ntry></Ntfctn>"
		"</BkToCstmrDbtCdtNtfctn></Document>", side[0], payment, amount, side, payment + 10, payment, back ? "<RtrInf/>" : "");
}

/* What goes out takes two persons, and is gone when the bank says so. */
static void a_refund_takes_two_and_the_bank(void **state)
{
	char deal[ID_MAX], id[40] = "", xml[1200];
	(void)state;
	funded(1, "4711", deal);
	told(&desk, "BANKNET", deal, "obligor.paid", "{\"amount\":\"1000100.00\",\"payer\":\"HALVORSEN\"}");
	assert_int_equal(net(2020), -10000);
	is(says("operator/l.haas", deal, "book.refund", "{\"amount\":\"100.00\"}"), REFUSED_ENDORSEMENTS_FEW);
	is(says("operator/l.haas operator/t.okafor", deal, "book.refund", "{\"amount\":\"100.00\"}"), REFUSED_ENDORSEMENTS_FEW);
	is(says("operator/l.haas operator/m.dahl", deal, "book.refund", "{\"amount\":\"100.01\"}"), REFUSED_VALUE);
	is(says("operator/l.haas operator/m.dahl", deal, "book.refund", "{\"amount\":\"100.00\"}"), REFUSED_NOT);
	assert_int_equal(net(2020), 0);
	assert_int_equal(net(1100), -10000);
	TAB_FOR(payment, p, now(), &PAYMENT_REC, "")
		if (p->state == PAYMENT_RELEASED)
			snprintf(id, sizeof(id), "%s", p->id);
	entry_of(id, "100.00", "DBIT", xml);
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
	assert_int_equal(((const struct payment *)tab_get(now(), &PAYMENT_REC, id))->state, PAYMENT_EXECUTED);
	assert_int_equal(net(1100), 0);
	entry_of(id, "100.00", "CRDT", xml); /* it came back: it is held, and the payment that funds the deal is not what returned */
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
	assert_int_equal(net(1150), -10000);
	assert_int_equal(((const struct payment *)tab_get(now(), &PAYMENT_REC, desk_deal(&desk, deal)->payment))->state, PAYMENT_EXECUTED);
	totals_hold();
}

static void suspense_is_cleared_by_two(void **state)
{
	char deal[ID_MAX], id[24], json[64];
	(void)state;
	funded(1, "4711", deal);
	told(&desk, "BANKNET", deal, "obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSON\"}");
	assert_int_equal(net(1150), -100000000);
	newest("suspense", id);
	snprintf(json, sizeof(json), "{\"journal\":\"%s\"}", id);
	is(says("operator/l.haas", deal, "book.clear", json), REFUSED_ENDORSEMENTS_FEW);
	is(says("operator/l.haas operator/h.prins", deal, "book.clear", "{\"journal\":\"0000000001/00000\"}"), REFUSED_VALUE);
	is(says("operator/l.haas operator/h.prins", deal, "book.clear", json), REFUSED_NOT);
	assert_int_equal(net(1150), 0);
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_SETTLED);
	is(says("operator/l.haas operator/h.prins", deal, "book.clear", json), REFUSED_STATE);
	totals_hold();
}

static void no_other_act_is_known(void **state)
{
	char deal[ID_MAX];
	(void)state;
	funded(1, "4711", deal);
	is(says("operator/l.haas", deal, "book.gift", "{}"), REFUSED_VALUE);
	is(says("operator/l.haas operator/m.dahl", "", "book.refund", "{\"amount\":\"1.00\"}"), REFUSED_DEAL_UNKNOWN);
	is(says("operator/l.haas", deal, "book.recourse", "{\"amount\":\"1.00\"}"), REFUSED_VALUE);
	is(says("party/BANKNET", deal, "book.fee", "{\"amount\":\"1.00\"}"), REFUSED_ROLE);
	is(says("operator/k.bos operator/r.lindt", "", "book.exchange", "{\"paid\":\"1\",\"got\":\"2\"}"), REFUSED_CONDITION); /* of no deal */
}

/* --- limits of balances ------------------------------------------------------------------------------------ */
static enum refusal policy(int version, const char *params)
{
	char text[200];
	snprintf(text, sizeof(text), "{\"version\":%d,\"params\":{%s}}", version, params);
	return desk_source(&desk, EVENT_POLICY, "policy", str_of(text));
}

/* A bank speaks of the money of a book that it keeps, and is asked to pay it. */
static void another_bank_is_not_heard(void **state)
{
	char deal[ID_MAX];
	(void)state;
	funded(1, "4711", deal);
	desk_party(&desk, "ZBANK", PARTY_BNK, "", "");
	is(says("party/ZBANK", deal, "book.recourse", "{\"amount\":\"1.00\",\"payer\":\"DRAHT\"}"), REFUSED_ROLE);
	is(says("party/ZBANK", deal, "obligor.paid", "{\"amount\":\"980000.00\",\"payer\":\"HALVORSEN\"}"), REFUSED_ROLE);
	is(says("party/BANKNET", deal, "obligor.paid", "{\"amount\":\"1000100.00\",\"payer\":\"HALVORSEN\"}"), REFUSED_NOT);
	is(policy((int)engine_meta(desk.engine)->policy + 1, "\"bank.party.NOORDZEE\":\"ZBANK\""), REFUSED_NOT);
	is(says("operator/l.haas operator/m.dahl", deal, "book.refund", "{\"amount\":\"100.00\"}"), REFUSED_NOT);
	assert_string_equal(desk_effect(&desk, deal, "bank.order")->party, "ZBANK"); /* which pays what the book pays from now on */
}

/* The bank may be overdrawn by 1,600,000.00 in all: a second payment that is only pending beside the first does not fit. */
static void a_payment_may_not_overdraw(void **state)
{
	char first[ID_MAX], second[ID_MAX];
	int version = (int)engine_meta(desk.engine)->policy;
	(void)state;
	is(policy(version + 1, "\"account.1000.floor\":-160000000"), REFUSED_NOT);
	is(policy(version + 2, "\"account.1234.floor\":0"), REFUSED_VALUE);
	is(policy(version + 2, "\"account.1000.most\":0"), REFUSED_VALUE);
	desk_deal_id(first, 1);
	is(receivables_request(&desk, first, "4711", "4711"), REFUSED_NOT);
	answer(&desk, first, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, first, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", first, "A11", "approve", "{}");
	act(&desk, "m.dahl", first, "A11b", "approve", "{}");
	answer(&desk, first, "assign.register", "{\"number\":\"77-1184\"}");
	act(&desk, "r.lindt", first, "A13r", "approve", "{}");
	desk_deal_id(second, 2);
	is(desk_price(&desk, "copper", 600000), REFUSED_NOT);
	is(pledge_request(&desk, second, "CSQU3054383"), REFUSED_NOT);
	pledge_goods(&desk, second);
	act(&desk, "t.okafor", second, "B11", "approve", "{}");
	act(&desk, "m.dahl", second, "B11b", "approve", "{}");
	enum refusal r = desk_decide(&desk, "r.lindt", desk_task(&desk, second, "B13r"), "approve", "", "{}");
	const struct payment *p = tab_get(now(), &PAYMENT_REC, desk_deal(&desk, second)->payment);
	assert_int_equal(r, REFUSED_NOT); /* the decision stands; the payment does not go */
	assert_int_equal(p->state, PAYMENT_BUILT);
	assert_int_equal(net(1100), -98400000);
	bool named = false;
	TAB_FOR(news, n, now(), &NEWS_REC, "")
		named = named || strstr(n->text, "NOORDZEE/1000/EUR would fall below its floor of -1,600,000.00 EUR");
	assert_true(named);
}

/* --- the lift of a stop --------------------------------------------------------------------------------------- */
static void stop_outflow(void)
{
	char xml[1400];
	is(policy((int)engine_meta(desk.engine)->policy + 1, "\"bank.account.NOORDZEE/EUR\":\"NOSTRO\""), REFUSED_NOT);
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>ST1</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry>"
		"<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-15</Dt></Dt></Bal></Stmt>"
		"</BkToCstmrStmt></Document>", "NOSTRO");
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
	assert_non_null(stop_standing(now(), "NOORDZEE"));
}

static enum refusal lifts(const char *labels, const char *reason)
{
	struct ev_hold b = { .object = "NOORDZEE/CT-3" };
	snprintf(b.reason, sizeof(b.reason), "%s", reason);
	return sends(EVENT_STOP_LIFT, labels, "", &b);
}

static void the_policy_says_who_lifts(void **state)
{
	(void)state;
	stop_outflow();
	is(lifts("operator/m.dahl", "explained"), REFUSED_ENDORSEMENTS_FEW);
	is(lifts("operator/m.dahl operator/g.rossi", "explained"), REFUSED_ENDORSEMENTS_FEW);
	is(lifts("operator/m.dahl operator/h.prins", ""), REFUSED_REASON_MISSING);
	is(lifts("operator/h.prins operator/m.dahl", "explained"), REFUSED_NOT);
	assert_null(stop_standing(now(), "NOORDZEE"));
	const struct stop *s = tab_get(now(), &STOP_REC, "NOORDZEE/CT-3");
	assert_string_equal(s->lifted_by, "h.prins");
	assert_string_equal(s->second, "m.dahl");
	is(lifts("operator/h.prins operator/m.dahl", "again"), REFUSED_VALUE);
}

static void without_a_policy_nobody_lifts(void **state)
{
	(void)state;
	stop_outflow();
	is(policy((int)engine_meta(desk.engine)->policy + 1, "\"endorse.stop.lift\":\"\""), REFUSED_NOT);
	is(lifts("operator/m.dahl operator/h.prins", "explained"), REFUSED_ENDORSEMENTS_FEW);
	assert_non_null(stop_standing(now(), "NOORDZEE"));
}

/* --- told twice ------------------------------------------------------------------------------------------------- */
static enum refusal credited(const char *reference, const char *amount, const char *text)
{
	char xml[1400];
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>C%s</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct><Ntry>"
		"<Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-16</Dt></BookgDt><ValDt><Dt>2026-03-16"
		"</Dt></ValDt><AcctSvcrRef>%s</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><RltdPties><DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct></RltdPties>"
		"<RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>", reference, amount, reference,
		((const struct party *)tab_get(now(), &PARTY_REC, "KESTREL"))->iban, text);
	return desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml);
}

static void a_receipt_told_twice_counts_once(void **state)
{
	char deal[ID_MAX];
	(void)state;
	desk_deal_id(deal, 1);
	is(desk_price(&desk, "copper", 600000), REFUSED_NOT);
	is(pledge_request(&desk, deal, "CSQU3054383"), REFUSED_NOT);
	pledge_fund(&desk, deal);
	int64_t before = net(1000);
	told(&desk, "BANKNET", deal, "borrower.paid", "{\"amount\":\"400000.00\",\"payer\":\"KESTREL\"}");
	is(credited("R1", "400000.00", deal), REFUSED_NOT); /* the bank's other word on the same money */
	assert_int_equal(net(1000) - before, 40000000);
	is(credited("R2", "400000.00", deal), REFUSED_NOT); /* another payment of the same amount */
	assert_int_equal(net(1000) - before, 80000000);
	told(&desk, "BANKNET", deal, "borrower.paid", "{\"amount\":\"400000.00\",\"payer\":\"KESTREL\"}"); /* told late: confirms R2 */
	assert_int_equal(net(1000) - before, 80000000);
	assert_int_equal(desk_deal(&desk, deal)->principal, 70000000);
	told(&desk, "BANKNET", deal, "borrower.paid", "{\"amount\":\"200000.00\",\"payer\":\"KESTREL\",\"reference\":\"Z-9\"}");
	is(credited("R3", "200000.00", "Z-9"), REFUSED_NOT); /* names no deal; the reference is the message's */
	assert_int_equal(net(1000) - before, 100000000);
	assert_int_equal(net(1150), 0);
	is(credited("R4", "200000.00", "Z-9"), REFUSED_NOT); /* once more is money that nobody has told of */
	assert_int_equal(net(1150), -20000000);
	totals_hold();
}

/* --- suspense has a time ------------------------------------------------------------------------------------------ */
static const struct alert *old_money(const char *journal)
{
	TAB_FOR(alert, a, now(), &ALERT_REC, "")
		if (strcmp(a->asset, journal) == 0 && a->state < 2 /* open or claimed */)
			return a;
	return NULL;
}

/* Monday's money may stay until Wednesday's end; Friday's until Tuesday's. What is cleared ends its alert. */
static void suspense_has_two_business_days(void **state)
{
	char deal[ID_MAX], first[24], second[24], json[64];
	(void)state;
	funded(1, "4711", deal);
	told(&desk, "BANKNET", deal, "obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSON\"}");
	newest("suspense", first);
	desk_pass(&desk, instant_of(2026, 3, 18, 23, 59, 0));
	assert_null(old_money(first));
	desk_pass(&desk, instant_of(2026, 3, 19, 0, 1, 0));
	assert_non_null(old_money(first));
	assert_string_equal(old_money(first)->code, "E14");
	snprintf(json, sizeof(json), "{\"journal\":\"%s\"}", first);
	is(says("operator/l.haas operator/h.prins", deal, "book.clear", json), REFUSED_NOT);
	desk_pass(&desk, instant_of(2026, 3, 20, 8, 0, 0));
	assert_null(old_money(first));
	is(desk_message(&desk, "BANKNET", "", "bank.credit", "{\"amount\":\"7.00\",\"currency\":\"EUR\",\"payer\":\"KESTREL\"}"), REFUSED_NOT);
	newest("suspense", second);
	desk_pass(&desk, instant_of(2026, 3, 24, 23, 0, 0));
	assert_null(old_money(second));
	desk_pass(&desk, instant_of(2026, 3, 25, 1, 0, 0));
	assert_non_null(old_money(second));
	desk_pass(&desk, instant_of(2026, 3, 27, 1, 0, 0));
	assert_int_equal(desk_deal(&desk, deal)->level, 0);
	assert_non_null(old_money(second));
}

/* What banks kept of a return is borne by a correction of its journal; then nothing is in suspense, and nobody is asked any more. */
static void what_a_return_lost_is_borne(void **state)
{
	char deal[ID_MAX], kept[24], cleared[24], json[256], xml[1200];
	(void)state;
	funded(1, "4711", deal);
	entry_of(desk_deal(&desk, deal)->payment, "983990.00", "CRDT", xml);
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_PAY_RETURNED);
	assert_int_equal(net(1150), 1000);
	newest("charge", kept);
	snprintf(json, sizeof(json), "{\"journal\":\"%s\",\"reason\":\"borne\",\"lines\":[{\"account\":5040,\"debit\":\"10.00\"},{\"account\":2020,"
		"\"credit\":\"10.00\"}]}", kept);
	is(says("operator/l.haas operator/t.okafor", deal, "book.correct", json), REFUSED_NOT);
	assert_int_equal(net(1150), 0);
	assert_int_equal(net(2020), -98400000);
	newest("cleared", cleared);
	desk_pass(&desk, instant_of(2026, 3, 27, 1, 0, 0));
	assert_null(old_money(kept));
	assert_null(old_money(cleared));
	totals_hold();
}

/* --- enforcement ends with the sale ----------------------------------------------------------------------------- */
static void enforcing(char deal[ID_MAX])
{
	desk_deal_id(deal, 1);
	is(pledge_request(&desk, deal, "CSQU3054383"), REFUSED_NOT);
	pledge_fund(&desk, deal);
	for (int64_t price = 560000; price >= 360000; price -= 20000) /* slower than a jump */
		is(desk_price(&desk, "copper", price), REFUSED_NOT);
}

static void the_sale_ends_enforcement(void **state)
{
	char deal[ID_MAX];
	(void)state;
	enforcing(deal);
	act(&desk, "i.vermeer", deal, "B14m", "approve", "{}");
	desk_pass(&desk, desk.now + 2 * INSTANT_DAY);
	act(&desk, "m.dahl", deal, "B20", "approve", "{}");
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_ENFORCING);
	assert_false(process_ended(deal));
	told(&desk, "BANKNET", deal, "borrower.paid", "{\"amount\":\"100000.00\",\"payer\":\"KESTREL\"}"); /* pays while it is enforced */
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_ENFORCING);
	assert_false(process_ended(deal));
	is(says("operator/i.vermeer operator/m.dahl", deal, "book.foreclose", "{\"value\":\"1300000.00\"}"), REFUSED_NOT);
	assert_false(process_ended(deal));
	is(says("party/BANKNET", deal, "book.sale", "{\"amount\":\"1250000.00\"}"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_LIQUIDATED);
	assert_true(process_ended(deal));
	is(says("operator/t.okafor operator/m.dahl", deal, "book.write-off", "{}"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_CLOSED);
	totals_hold();
}

/* The borrower who pays all of it while it is enforced gets its goods back. */
static void payment_ends_enforcement(void **state)
{
	char deal[ID_MAX];
	(void)state;
	enforcing(deal);
	act(&desk, "i.vermeer", deal, "B14m", "approve", "{}");
	desk_pass(&desk, desk.now + 2 * INSTANT_DAY);
	act(&desk, "m.dahl", deal, "B20", "approve", "{}");
	told(&desk, "BANKNET", deal, "borrower.paid", "{\"amount\":\"1510000.00\",\"payer\":\"KESTREL\"}");
	assert_int_equal(desk_deal(&desk, deal)->state, DEAL_RELEASING);
	assert_non_null(desk_task(&desk, deal, "B17"));
	totals_hold();
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(dilution_settles_and_ends_the_process), T(a_refund_takes_two_and_the_bank),
		T(suspense_is_cleared_by_two), T(no_other_act_is_known), T(another_bank_is_not_heard), T(a_payment_may_not_overdraw), T(the_policy_says_who_lifts),
		T(without_a_policy_nobody_lifts), T(a_receipt_told_twice_counts_once),
		T(suspense_has_two_business_days), T(what_a_return_lost_is_borne), T(the_sale_ends_enforcement), T(payment_ends_enforcement) };
	return cmocka_run_group_tests_name("acts on the book", tests, NULL, NULL);
}
