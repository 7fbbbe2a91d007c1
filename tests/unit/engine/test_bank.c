/* Bank messages against a whole desk: a released payment is held, then posted, rejected or returned by what the bank says; receipts
 * find their deals or suspense; the same message twice is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "contract/totals.h"
#include "engine/bank_order.h"
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

/* `charges`: elements behind the references, "" for none */
static void charged_xml(struct desk *d, const char *deal, const char *msg, const char *amount, const char *charges, char out[1200])
{
	snprintf(out, 1200, CAMT054("%s", "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>"
		"2026-03-16</Dt></BookgDt><BkTxCd/><NtryDtls><TxDtls><Refs><AcctSvcrRef>B-%s</AcctSvcrRef><EndToEndId>%s</EndToEndId></Refs>%s</TxDtls>"
		"</NtryDtls></Ntry>"), msg, amount, msg, payment(d, deal)->id, charges);
}

static void debit_xml(struct desk *d, const char *deal, const char *msg, const char *amount, char out[1200])
{
	charged_xml(d, deal, msg, amount, "", out);
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

/* --- orders ------------------------------------------------------------------------------------------------------ */
static enum refusal plan(struct desk *d, const char *label, struct ev_export *body)
{
	assert_true(bank_order_plan(engine_tabs(d->engine), "NOORDZEE", "EUR", d->now, &d->arena, body));
	return desk_send(d, EVENT_EXPORT, label, "", body);
}

static void status_by(struct desk *d, const char *bank, const char *message, const char *msg, const char *status)
{
	char xml[900];
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>%s</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr>"
		"<OrgnlGrpInfAndSts><OrgnlMsgId>%s</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>%s</GrpSts></OrgnlGrpInfAndSts>"
		"</CstmrPmtStsRpt></Document>", msg, message, status);
	assert_int_equal(desk_data(d, EVENT_BANK, bank, "", "file", xml), REFUSED_NOT);
}

static void status_of(struct desk *d, const char *message, const char *msg, const char *status)
{
	status_by(d, "party/BANKNET", message, msg, status);
}

static void with_policy(struct desk *d, const char *params)
{
	char text[200];
	snprintf(text, sizeof(text), "{\"version\":%d,\"params\":{%s}}", (int)engine_meta(d->engine)->policy + 1, params);
	assert_int_equal(desk_source(d, EVENT_POLICY, "policy", str_of(text)), REFUSED_NOT);
}

static void with_account(struct desk *d)
{
	with_policy(d, "\"bank.account.NOORDZEE/EUR\":\"NL91ABNA0417164300\"");
}

static void second_bank(struct desk *d)
{
	struct party other = { .id = "ZBANK", .kind = PARTY_BNK, .group = "ZBANK", .key = desk_public(d, "party", "ZBANK") };
	assert_int_equal(desk_send(d, EVENT_PARTY, "admin", "", &other), REFUSED_NOT);
}

static void an_order_is_on_the_ledger_first(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX];
	struct ev_export body, again;
	struct fault fault;
	struct buf one = { 0 }, two = { 0 };
	released(d, deal);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_VALUE); /* no account to pay from: no file, no order */
	with_account(d);
	assert_int_equal(plan(d, "operator/t.okafor", &body), REFUSED_ROLE);
	again = body;
	again.digest.bytes[0] ^= 1;
	assert_int_equal(desk_send(d, EVENT_EXPORT, "operator/k.bos", "", &again), REFUSED_VALUE);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	assert_false(bank_order_plan(engine_tabs(d->engine), "NOORDZEE", "EUR", d->now, &d->arena, &again)); /* nothing is left */
	assert_int_equal(desk_send(d, EVENT_EXPORT, "operator/k.bos", "", &body), REFUSED_DUPLICATE);
	again = body;
	snprintf(again.message, sizeof(again.message), "PO-2");
	assert_int_equal(desk_send(d, EVENT_EXPORT, "operator/k.bos", "", &again), REFUSED_PAYMENT_EXPORTED);
	const struct bank_order *o = tab_get(engine_tabs(d->engine), &BANK_ORDER_REC, body.message);
	assert_int_equal(bank_order_write(engine_tabs(d->engine), o, &one, &fault), ERR_OK);
	d->now += 5 * INSTANT_MINUTE;
	assert_int_equal(bank_order_write(engine_tabs(d->engine), o, &two, &fault), ERR_OK);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	struct hash h = hash_of(one.ptr, one.len);
	assert_true(hash_eq(&h, &o->digest));
	buf_free(&one);
	buf_free(&two);
}

static void refused_for(struct desk *d, const struct ev_export *body, enum refusal want, const char *word)
{
	assert_int_equal(desk_send(d, EVENT_EXPORT, "operator/k.bos", "", body), want);
	if (!strstr(d->detail, word))
		fail_msg("\"%s\" does not say \"%s\"", d->detail, word);
}

static void an_order_is_of_its_time_and_payments(void **state)
{
	static const struct { int64_t created, day; } TIMES[] = { { 1, 0 }, { INSTANT_HOUR, 0 }, { -2 * INSTANT_DAY, 0 }, { 0, -1 }, { 0, 32 } };
	struct desk *d = *state;
	char deal[ID_MAX], list[100];
	struct ev_export good, body;
	struct stop stop = { .id = "NOORDZEE/CT-3", .funder = "NOORDZEE", .cause = "CT-3" };
	with_account(d);
	released(d, deal);
	assert_true(bank_order_plan(engine_tabs(d->engine), "NOORDZEE", "EUR", d->now, &d->arena, &good));
	for (size_t i = 0; i < sizeof(TIMES) / sizeof(TIMES[0]); i++) {
		body = good;
		body.created += TIMES[i].created;
		body.day += TIMES[i].day;
		refused_for(d, &body, REFUSED_VALUE, TIMES[i].day ? "day of execution" : "created");
	}
	body = good;
	body.payments = NULL;
	refused_for(d, &body, REFUSED_VALUE, "without a payment");
	int n = snprintf(list, sizeof(list), "%s\nPY-OTHER", payment(d, deal)->id);
	body.payments = blob_in(&d->arena, list, (size_t)n);
	refused_for(d, &body, REFUSED_STATE, "PY-OTHER is not released");
	n = snprintf(list, sizeof(list), "%s\n%s", payment(d, deal)->id, payment(d, deal)->id);
	body.payments = blob_in(&d->arena, list, (size_t)n);
	refused_for(d, &body, REFUSED_VALUE, "ascending");
	struct tabs *s = engine_tabs_mutable(d->engine);
	body = good;
	snprintf(body.book, sizeof(body.book), "KESTREL");
	refused_for(d, &body, REFUSED_ROLE, "orders of KESTREL");
	body = good;
	snprintf(body.currency, sizeof(body.currency), "USD");
	refused_for(d, &body, REFUSED_STATE, "not held");
	struct transfer held = *(const struct transfer *)tab_get(s, &TRANSFER_REC, payment(d, deal)->id), expired = held;
	expired.state = TRANSFER_EXPIRED;
	tab_put(s, &TRANSFER_REC, &expired);
	refused_for(d, &good, REFUSED_STATE, "not held");
	tab_put(s, &TRANSFER_REC, &held);
	struct deal was = *desk_deal(d, deal), suspended = was;
	suspended.level = 3;
	tab_put(s, &DEAL_REC, &suspended);
	refused_for(d, &good, REFUSED_STATE, "suspended");
	tab_put(s, &DEAL_REC, &was);
	tab_put(s, &STOP_REC, &stop);
	refused_for(d, &good, REFUSED_OUTFLOW_STOPPED, "CT-3");
	tab_delete(s, &STOP_REC, stop.id);
	assert_int_equal(desk_send(d, EVENT_EXPORT, "operator/k.bos", "", &good), REFUSED_NOT);
	good.digest.bytes[0] ^= 1;
	refused_for(d, &good, REFUSED_IDEMPOTENCY_CONFLICT, "is entry");
}

static void a_rejected_order_frees_its_payments(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[40];
	struct ev_export body;
	with_account(d);
	released(d, deal);
	snprintf(id, sizeof(id), "%s", payment(d, deal)->id);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	assert_non_null(tab_get(engine_tabs(d->engine), &EXPORTED_REC, id));
	status_of(d, body.message, "S7", "RJCT");
	assert_null(tab_get(engine_tabs(d->engine), &EXPORTED_REC, id));
	assert_int_equal(((const struct bank_order *)tab_get(engine_tabs(d->engine), &BANK_ORDER_REC, body.message))->state, BANK_ORDER_REJECTED);
	assert_int_equal(((const struct payment *)tab_get(engine_tabs(d->engine), &PAYMENT_REC, id))->state, PAYMENT_REJECTED);
	assert_int_equal(desk_deal(d, deal)->state, DEAL_APPROVED);
}

static void another_bank_rejects_no_order(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX];
	struct ev_export body;
	second_bank(d);
	with_account(d);
	released(d, deal);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	for (int k = 0; k < 2; k++) { /* the second time nothing tells any more which bank was asked: it is that of the book */
		struct tabs *s = engine_tabs_mutable(d->engine);
		const struct effect *e = desk_effect(d, deal, "bank.pay");
		assert_true((e != NULL) == (k == 0));
		status_by(d, "party/ZBANK", body.message, k ? "S8" : "S7", "RJCT");
		assert_non_null(tab_get(s, &EXPORTED_REC, payment(d, deal)->id));
		assert_int_equal(((const struct bank_order *)tab_get(s, &BANK_ORDER_REC, body.message))->state, BANK_ORDER_LIVE);
		if (e)
			tab_delete(s, &EFFECT_REC, e->id);
	}
}

static void an_executed_order_executes_its_payments(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX];
	struct ev_export body;
	with_account(d);
	released(d, deal);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	status_of(d, body.message, "S8", "ACSC");
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
}

/* --- what a bank may get wrong -------------------------------------------------------------------------------------- */
static int64_t net(struct desk *d, int account)
{
	return book_balance(engine_tabs(d->engine), "NOORDZEE", account, "EUR");
}

static bool case_named(struct desk *d, const char *title)
{
	TAB_FOR(alert, a, engine_tabs(d->engine), &ALERT_REC, "")
		if (strcmp(a->title, title) == 0)
			return true;
	return false;
}

/* Another amount, and a second debit of the same payment: the money is gone, so it is on the book, in suspense, with a case. */
static void a_wrong_debit_is_in_suspense(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	debit_xml(d, deal, "M1", "1.00", xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 100);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	assert_true(case_named(d, "the bank names another amount"));
	const struct timer *timer = NULL; /* what the bank took has a time, too */
	TAB_FOR(timer, t, engine_tabs(d->engine), &TIMER_REC, "")
		timer = strcmp(t->kind, "suspense") == 0 ? t : timer;
	assert_non_null(timer);
	assert_string_equal(((const struct journal *)tab_get(engine_tabs(d->engine), &JOURNAL_REC, timer->owner))->event, "charge");
	debit_xml(d, deal, "M2", money_format(amount, "EUR", 0, text), xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	debit_xml(d, deal, "M3", money_format(amount, "EUR", 0, text), xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 100 + amount);
	assert_int_equal(net(d, 1000), -100 - 2 * amount);
}

/* Of the words that a deal sent to banks the newest counts, and of those that wait for an answer the newest is answered. */
static void the_bank_that_was_asked_last_is_heard(void **state)
{
	struct desk *d = *state;
	struct tabs *s = engine_tabs_mutable(d->engine);
	struct effect before = { .id = "EF-0", .kind = "bank.pay", .party = "ZBANK", .state = EFFECT_FAILED };
	struct effect after = { .id = "EF-Z", .kind = "bank.pay", .party = "BANKNET", .state = EFFECT_ANSWERED };
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	memcpy(before.deal, deal, sizeof(before.deal));
	memcpy(after.deal, deal, sizeof(after.deal));
	tab_put(s, &EFFECT_REC, &before);
	tab_put(s, &EFFECT_REC, &after);
	tab_commit(s);
	debit_xml(d, deal, "M1", money_format(payment(d, deal)->amount, "EUR", 0, text), xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
}

static void in_currency(char xml[1200], const char *currency)
{
	memcpy(strstr(xml, "Ccy=\"EUR\"") + 5, currency, 3);
}

/* The figure alone does not do, nor does a credit that is taken back though it names a payment of ours. */
static void a_debit_is_of_its_currency_and_kind(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	debit_xml(d, deal, "M1", money_format(amount, "EUR", 0, text), xml);
	in_currency(xml, "USD");
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	assert_true(case_named(d, "the bank names another amount"));
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "USD"), amount);
	snprintf(xml, sizeof(xml), CAMT054("M2", "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd><Sts><Cd>BOOK</Cd>"
		"</Sts><AcctSvcrRef>B-2</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"),
		money_format(amount, "EUR", 0, text), payment(d, deal)->id);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	assert_int_equal(net(d, 1150), amount);
}

/* One debit for a whole order is that of each of its payments, if sum and currency are the order's. */
static void a_batch_is_debited_in_one_sum(void **state)
{
	static const struct { int64_t more; const char *currency, *charges; bool paid; } ROWS[] = { { 1, "EUR", "", false }, { 0, "USD", "", false },
		{ 200, "EUR", "<Chrgs><Rcrd><Amt Ccy=\"EUR\">2.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>", true } };
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	struct ev_export body;
	with_account(d);
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	for (int k = 0; k < 3; k++) {
		snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M%d</MsgId>"
			"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></Acct><Ntry>"
			"<Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>B-%d</AcctSvcrRef><BkTxCd/>%s<NtryDtls><Btch>"
			"<PmtInfId>%s</PmtInfId></Btch></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>", k, money_format(amount + ROWS[k].more, "EUR", 0,
			text), k, ROWS[k].charges, body.message);
		in_currency(xml, ROWS[k].currency);
		assert_int_equal(says(d, xml), REFUSED_NOT);
		assert_int_equal(payment(d, deal)->state, ROWS[k].paid ? PAYMENT_EXECUTED : PAYMENT_RELEASED);
	}
	TAB_FOR(alert, a, engine_tabs(d->engine), &ALERT_REC, "") /* a case of the order, none of its payments */
		assert_true(strcmp(a->title, "the bank names another amount") != 0 || !a->deal[0]);
	assert_int_equal(net(d, 1150), amount + 1 + 200);
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "USD"), amount);
}

/* What a second debit took besides is in suspense with it, once; of the first one the charges are. */
static void charges_are_booked_once(void **state)
{
	static const char CHARGES[] = "<Chrgs><Rcrd><Amt Ccy=\"EUR\">2.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>";
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	charged_xml(d, deal, "M1", money_format(amount + 200, "EUR", 0, text), CHARGES, xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	assert_int_equal(net(d, 1150), 200);
	assert_int_equal(net(d, 1000), -amount - 200);
	charged_xml(d, deal, "M2", money_format(amount + 200, "EUR", 0, text), CHARGES, xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 200 + amount + 200);
	assert_int_equal(net(d, 1000), -2 * (amount + 200));
}

/* --- money that comes back ------------------------------------------------------------------------------------------ */
/* What the bank told of a payment is executed; answers its amount. */
static int64_t executed(struct desk *d, char deal[ID_MAX], char id[ID_MAX])
{
	char xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	debit_xml(d, deal, "M1", money_format(amount, "EUR", 0, text), xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	str_copy(id, ID_MAX, str_of(payment(d, deal)->id));
	d->now += INSTANT_MINUTE;
	return amount;
}

/* pacs.004: an agent on the way kept 10.00 */
static enum refusal returned_by_message(struct desk *d, const char *msg, const char *id, int64_t amount)
{
	char xml[1400], text[MONEY_TEXT_MAX];
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09\"><PmtRtr><GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-03-16T10:00:00Z"
		"</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr><TxInf><RtrId>RT-%s</RtrId><OrgnlEndToEndId>%s"
		"</OrgnlEndToEndId><RtrdIntrBkSttlmAmt Ccy=\"EUR\">%s</RtrdIntrBkSttlmAmt><ChrgsInf><Amt Ccy=\"EUR\">10.00</Amt><Agt><FinInstnId><BICFI>COBADEFF"
		"</BICFI></FinInstnId></Agt></ChrgsInf><RtrRsnInf><Rsn><Cd>AC06</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr></Document>", msg, msg, id,
		money_format(amount, "EUR", 0, text));
	d->now += INSTANT_MINUTE;
	return says(d, xml);
}

/* camt.054: the credit of a return */
static enum refusal returned_by_credit(struct desk *d, const char *msg, const char *id, int64_t amount)
{
	char xml[1400], text[MONEY_TEXT_MAX];
	snprintf(xml, sizeof(xml), CAMT054("%s", "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>RT-%.3s</AcctSvcrRef>"
		"<BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RtrInf><Rsn><Cd>AC06</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"), msg,
		money_format(amount, "EUR", 0, text), msg, id);
	d->now += INSTANT_MINUTE;
	return says(d, xml);
}

/* What came is at the bank, what was kept is in suspense with a case, and the payee is owed all of it; whoever tells it first. */
static void a_return_may_come_short(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX], why[160];
	int64_t amount = executed(d, deal, id);
	assert_int_equal(returned_by_message(d, "RT1", id, amount - 1000), REFUSED_NOT);
	assert_int_equal(desk_deal(d, deal)->state, DEAL_PAY_RETURNED);
	assert_string_equal(((const struct payment *)tab_get(engine_tabs(d->engine), &PAYMENT_REC, id))->code, "AC06");
	assert_int_equal(net(d, 1000), -1000);
	assert_int_equal(net(d, 1150), 1000);
	assert_int_equal(net(d, 2020), -amount);
	assert_true(case_named(d, "payment returned"));
	assert_true(case_named(d, "less came back than was paid"));
	assert_int_equal(returned_by_credit(d, "RT1-credit", id, amount - 1000), REFUSED_NOT); /* the statement confirms it */
	assert_int_equal(net(d, 1000), -1000);
	assert_int_equal(net(d, 1150), 1000);
	assert_false(case_named(d, "the bank names another amount"));
	assert_true(totals_tally_holds(engine_tabs(d->engine), "NOORDZEE", "EUR", why));
}

/* The statement's word is what moved: what it says less or more than the message is on the book, and a second credit too. */
static void a_return_is_what_the_account_says(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX];
	int64_t amount = executed(d, deal, id);
	assert_int_equal(returned_by_message(d, "RT1", id, amount), REFUSED_NOT);
	assert_int_equal(net(d, 1000), 0);
	assert_int_equal(returned_by_credit(d, "RT2", id, amount - 250), REFUSED_NOT);
	assert_int_equal(net(d, 1000), -250);
	assert_int_equal(net(d, 1150), 250);
	assert_true(case_named(d, "the bank names another amount"));
	assert_int_equal(returned_by_credit(d, "RT3", id, 700), REFUSED_NOT);
	assert_int_equal(net(d, 1000), -250 + 700);
	assert_int_equal(net(d, 1150), 250 - 700);
	assert_int_equal(returned_by_message(d, "RT4", id, amount), REFUSED_NOT); /* told again: no money */
	assert_int_equal(net(d, 1000), -250 + 700);
}

/* More than went out, or a payment that nobody knows: the account's credit is held; a message alone moves nothing. */
static void a_return_of_nothing_is_held(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX];
	int64_t amount = executed(d, deal, id);
	assert_int_equal(returned_by_message(d, "RT1", "UNKNOWN", 500), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 0);
	assert_int_equal(returned_by_credit(d, "RT1-credit", "UNKNOWN", 500), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -500);
	assert_int_equal(returned_by_message(d, "RT3", id, amount + 1), REFUSED_NOT);
	assert_int_equal(returned_by_credit(d, "RT4", id, amount + 1), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -500 - amount - 1);
	assert_int_equal(desk_deal(d, deal)->state, DEAL_COLLECTING);
}

/* Money "back" of a payment that never went out is held; so is what comes in another currency. */
static void a_return_is_of_what_went_out(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX], xml[1400];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	str_copy(id, sizeof(id), str_of(payment(d, deal)->id));
	assert_int_equal(returned_by_credit(d, "RT1", id, amount), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -amount);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	debit_xml(d, deal, "M1", "984000.00", xml);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	snprintf(xml, sizeof(xml), CAMT054("RT2", "<Ntry><Amt Ccy=\"USD\">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>RT-2"
		"</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RtrInf/></TxDtls></NtryDtls></Ntry>"), id);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "USD"), -500);
}

/* The message said that less came: the account's credit has the rest. */
static void a_return_may_be_more_than_was_told(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX];
	int64_t amount = executed(d, deal, id);
	assert_int_equal(returned_by_message(d, "RT1", id, amount - 500), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 500);
	assert_int_equal(returned_by_credit(d, "RT2", id, amount), REFUSED_NOT);
	assert_int_equal(net(d, 1150), 0);
	assert_int_equal(net(d, 1000), 0);
}

#define NAMED(msg, ccy, amount, refs) CAMT054(msg, "<Ntry><Amt Ccy=\"" ccy "\">" amount "</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>" \
	"<AcctSvcrRef>" msg "</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs>" refs "</Refs></TxDtls></NtryDtls></Ntry>")

/* A receipt is of a deal that is paid out, in its currency; a payment is known by its UETR as well. */
static void names_find_what_they_may(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1400];
	released(d, deal);
	snprintf(xml, sizeof(xml), NAMED("N1", "EUR", "1.00", "<EndToEndId>%s</EndToEndId>"), "CRDT", deal);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -100);
	const struct transfer *f = tab_get(engine_tabs(d->engine), &TRANSFER_REC, payment(d, deal)->id);
	assert_int_equal(payment(d, deal)->amount, 98400000);
	snprintf(xml, sizeof(xml), NAMED("N2", "EUR", "984000.00", "<UETR>%s</UETR>"), "DBIT", f->uetr);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_EXECUTED);
	snprintf(xml, sizeof(xml), NAMED("N3", "USD", "1.00", "<EndToEndId>%s</EndToEndId>"), "CRDT", deal);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(book_balance(engine_tabs(d->engine), "NOORDZEE", 1150, "USD"), -100);
	assert_int_equal(net(d, 1150), -100);
}

/* Of a payer and an amount alone the only open deal is meant; of two that would fit none is. */
static void a_payer_pays_his_only_deal(void **state)
{
	struct desk *d = *state;
	struct tabs *s = engine_tabs_mutable(d->engine);
	struct party payer = *(const struct party *)tab_get(s, &PARTY_REC, "HALVORSEN");
	char deal[ID_MAX], id[ID_MAX], xml[1400], text[MONEY_TEXT_MAX];
	(void)executed(d, deal, id);
	struct deal twin = *desk_deal(d, deal);
	int64_t due = twin.principal + twin.accrued;
	snprintf(payer.iban, sizeof(payer.iban), "NL91ABNA0417164300");
	snprintf(twin.id, sizeof(twin.id), "DL-TWIN");
	tab_put(s, &PARTY_REC, &payer);
	for (int k = 0; k < 2; k++) {
		twin.state = k ? DEAL_REJECTED : DEAL_COLLECTING;
		tab_put(s, &DEAL_REC, &twin);
		snprintf(xml, sizeof(xml), CAMT054("P%d", "<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>P-%d"
			"</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><RltdPties><DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>"),
			k, money_format(due, "EUR", 0, text), k, payer.iban);
		assert_int_equal(says(d, xml), REFUSED_NOT);
		assert_int_equal(net(d, 1150), -due);
		assert_int_equal(desk_deal(d, deal)->state, k ? DEAL_SETTLED : DEAL_COLLECTING);
	}
}

/* What the process knows of a return already, by another message, the account confirms. */
static void a_return_told_otherwise_is_confirmed(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], id[ID_MAX], json[100];
	int64_t amount = executed(d, deal, id);
	snprintf(json, sizeof(json), "{\"payment\":\"%s\",\"code\":\"AC04\"}", id);
	told(d, "BANKNET", deal, "payment.returned", json);
	assert_int_equal(((const struct payment *)tab_get(engine_tabs(d->engine), &PAYMENT_REC, id))->state, PAYMENT_RETURNED);
	assert_int_equal(returned_by_credit(d, "RT1", id, amount - 250), REFUSED_NOT);
	assert_int_equal(net(d, 1000), -250);
	assert_int_equal(net(d, 1150), 250);
}

/* Without the bank's reference two entries that are alike in one message are two. */
static void what_is_alike_counts_each(void **state)
{
#define PLAIN "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>"
	struct desk *d = *state;
	assert_int_equal(says(d, CAMT054("C1", PLAIN PLAIN)), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -200);
	assert_int_equal(says(d, CAMT054("C2", PLAIN PLAIN PLAIN)), REFUSED_NOT); /* told again, and one more */
	assert_int_equal(net(d, 1150), -300);
#undef PLAIN
}

#define DETAIL(ref, amount) "<TxDtls>" ref "<Amt Ccy=\"EUR\">" amount "</Amt></TxDtls>"
#define REF(ref) "<Refs><AcctSvcrRef>" ref "</AcctSvcrRef></Refs>"

/* Details that share a reference, that of their entry or one of their own, all count; told again with it, none does. */
static void all_details_of_an_entry_count(void **state)
{
	static const char *const DETAILS[] = { DETAIL("", "1.00") DETAIL("", "2.00") DETAIL("", "3.00"),
		DETAIL(REF("R2"), "1.00") DETAIL(REF("R2"), "2.00") DETAIL(REF("R2"), "3.00"),
		DETAIL(REF("B3"), "1.00") DETAIL(REF("B3"), "2.00") DETAIL(REF("B3"), "3.00"),
		DETAIL(REF("B4"), "1.00") DETAIL("", "2.00") DETAIL(REF("B4"), "3.00") };
	struct desk *d = *state;
	char xml[1400];
	for (int k = 0; k < 8; k++) {
		snprintf(xml, sizeof(xml), CAMT054("C%d", "<Ntry><Amt Ccy=\"EUR\">6.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>"
			"R%d</AcctSvcrRef><BkTxCd/><NtryDtls>%s</NtryDtls></Ntry>"), k, k / 2 + 1, DETAILS[k / 2]);
		d->now += INSTANT_MINUTE;
		assert_int_equal(says(d, xml), REFUSED_NOT);
		assert_int_equal(net(d, 1150), -600 * (k / 2 + 1));
		assert_int_equal(net(d, 1000), 600 * (k / 2 + 1));
	}
}

/* What the book cannot take is a case all the same, with what stands in its way. */
static void what_the_book_cannot_take_is_a_case(void **state)
{
	struct desk *d = *state;
	const struct alert *found = NULL;
	char xml[1400];
	for (int k = 0; k < 2; k++) {
		assert_false(case_named(d, "money nobody can place") && k == 0);
		snprintf(xml, sizeof(xml), CAMT054("C%d", "<Ntry><Amt Ccy=\"EUR\">92233720368547758.0</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
			"<AcctSvcrRef>R%d</AcctSvcrRef><BkTxCd/></Ntry>"), k, k);
		assert_int_equal(says(d, xml), REFUSED_NOT);
		assert_int_equal(net(d, 1000), INT64_C(9223372036854775800));
	}
	TAB_FOR(alert, a, engine_tabs(d->engine), &ALERT_REC, "")
		found = strcmp(a->asset, "R1") == 0 ? a : found;
	assert_non_null(found);
	assert_string_equal(found->title, "money nobody can place");
	assert_non_null(strstr(found->why, "64 bits"));
}

/* The bank took its charges off the credit: what came is at the bank, what was paid is the payer's. */
static void charges_off_a_credit_are_in_suspense(void **state)
{
	struct desk *d = *state;
	assert_int_equal(says(d, CAMT054("C1", "<Ntry><Amt Ccy=\"EUR\">97.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><AcctSvcrRef>R1</AcctSvcrRef>"
		"<BkTxCd/><Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">2.50</TtlChrgsAndTaxAmt></Chrgs><NtryDtls><TxDtls><Amt Ccy=\"EUR\">100.00</Amt></TxDtls></NtryDtls>"
		"</Ntry>")), REFUSED_NOT);
	assert_int_equal(net(d, 1000), 9750);
	assert_int_equal(net(d, 1150), -10000 + 250);
}

/* A payment's own status goes before that of the order: executed alone, it is not rejected with the rest. */
static void a_status_of_its_own_goes_first(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1400];
	struct ev_export body;
	with_account(d);
	released(d, deal);
	assert_int_equal(plan(d, "operator/k.bos", &body), REFUSED_NOT);
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr><MsgId>S1</MsgId><CreDtTm>"
		"2026-03-16T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>%s</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>RJCT"
		"</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>%s</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>%s</OrgnlEndToEndId><TxSts>PDNG"
		"</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>", body.message, body.message, payment(d, deal)->id);
	assert_int_equal(says(d, xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	assert_non_null(tab_get(engine_tabs(d->engine), &EXPORTED_REC, payment(d, deal)->id));
}

/* The account went to another bank, which debits what the one before was asked for: it moved, so it is on the book. */
static void a_debit_of_the_next_bank_is_in_suspense(void **state)
{
	struct desk *d = *state;
	char deal[ID_MAX], xml[1200], text[MONEY_TEXT_MAX];
	released(d, deal);
	int64_t amount = payment(d, deal)->amount;
	second_bank(d);
	with_policy(d, "\"bank.party.NOORDZEE\":\"ZBANK\"");
	debit_xml(d, deal, "M1", money_format(amount, "EUR", 0, text), xml);
	assert_int_equal(desk_data(d, EVENT_BANK, "party/ZBANK", "", "file", xml), REFUSED_NOT);
	assert_int_equal(payment(d, deal)->state, PAYMENT_RELEASED);
	assert_int_equal(net(d, 1150), amount);
	assert_int_equal(net(d, 1000), -amount);
}

#define STMT(number, account, day, opening, closing, entries) "<Stmt><Id>S" number "</Id><ElctrncSeqNb>" number "</ElctrncSeqNb><Acct><Id><Othr><Id>" \
	account "</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" opening "</Amt><CdtDbtInd>CRDT</CdtDbtInd>" \
	"<Dt><Dt>" day "</Dt></Dt></Bal><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">" closing "</Amt><CdtDbtInd>CRDT</CdtDbtInd>" \
	"<Dt><Dt>" day "</Dt></Dt></Bal>" entries "</Stmt>"
#define CAMT053(msg, statements) "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>" msg "</MsgId>" \
	"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr>" statements "</BkToCstmrStmt></Document>"

static enum refusal statement_of(struct desk *d, const char *msg, const char *account, const char *number, const char *day, const char *opening,
	const char *closing)
{
	char xml[1400];
	snprintf(xml, sizeof(xml), CAMT053("%s", STMT("%s", "%s", "%s", "%s", "%s", "")), msg, number, number, account, opening, day, closing, day);
	d->now += INSTANT_MINUTE;
	return says(d, xml);
}

static enum refusal statement(struct desk *d, const char *msg, const char *account, const char *number, const char *opening, const char *closing)
{
	return statement_of(d, msg, account, number, "2026-03-15", opening, closing);
}

/* It opens with what the one before closed with; numbers begin anew with the year; one that comes late takes nothing back. */
static void a_gap_is_a_case(void **state)
{
	struct desk *d = *state;
	assert_int_equal(statement_of(d, "A1", "NOSTRO", "3", "2025-12-30", "0.00", "0.00"), REFUSED_NOT);
	assert_int_equal(statement_of(d, "A2", "NOSTRO", "50", "2026-03-13", "0.00", "0.00"), REFUSED_NOT);
	assert_int_equal(statement_of(d, "A3", "NOSTRO", "48", "2026-03-11", "0.00", "0.00"), REFUSED_NOT);
	assert_int_equal(statement_of(d, "A4", "NOSTRO", "51", "2026-03-14", "0.00", "0.00"), REFUSED_NOT);
	assert_false(case_named(d, "a statement is missing"));
	assert_int_equal(statement_of(d, "A5", "NOSTRO", "52", "2026-03-15", "3.00", "3.00"), REFUSED_NOT);
	assert_true(case_named(d, "a statement is missing"));
}

/* What is told again is neither money nor the balance of today, be it twice in one message. */
static void the_same_statement_says_nothing_new(void **state)
{
#define TOLD STMT("5", "NL91ABNA0417164300", "2026-03-15", "0.00", "1.00", "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd>" \
	"</Sts><BkTxCd/></Ntry>")
	struct desk *d = *state;
	const struct tabs *s = engine_tabs(d->engine);
	with_account(d);
	assert_int_equal(says(d, CAMT053("A1", TOLD TOLD)), REFUSED_NOT);
	assert_int_equal(net(d, 1150), -100);
	assert_int_equal(statement(d, "A2", "NL91ABNA0417164300", "6", "7.00", "7.00"), REFUSED_NOT);
	assert_int_equal(says(d, CAMT053("A3", TOLD)), REFUSED_NOT);
	assert_int_equal(statement_last(s, "NOORDZEE", "EUR")->closing, 700);
#undef TOLD
}

static void an_older_balance_is_not_todays(void **state)
{
	struct desk *d = *state;
	const struct tabs *s = engine_tabs(d->engine);
	assert_int_equal(statement(d, "A0", "NOSTRO", "4", "0.00", "0.00"), REFUSED_NOT);
	assert_null(tab_get(s, &STATEMENT_REC, "last//EUR")); /* of an account that nobody registered none is kept */
	with_account(d);
	assert_int_equal(statement_of(d, "A1", "NL91ABNA0417164300", "6", "2026-03-15", "7.00", "7.00"), REFUSED_NOT);
	assert_int_equal(statement_of(d, "A2", "NL91ABNA0417164300", "5", "2026-03-14", "7.00", "7.00"), REFUSED_NOT);
	assert_int_equal(statement_last(s, "NOORDZEE", "EUR")->closing_day, instant_day(instant_of(2026, 3, 15, 0, 0, 0)));
}

/* A book that is registered with an account has no other. */
static void a_registered_account_is_the_only_one(void **state)
{
	struct desk *d = *state;
	struct party p = *(const struct party *)tab_get(engine_tabs(d->engine), &PARTY_REC, "NOORDZEE");
	assert_int_equal(statement(d, "A1", "NOSTRO", "5", "0.00", "0.00"), REFUSED_NOT);
	snprintf(p.iban, sizeof(p.iban), "NL91ABNA0417164300");
	tab_put(engine_tabs_mutable(d->engine), &PARTY_REC, &p);
	assert_int_equal(statement(d, "A2", "NOSTRO", "6", "0.00", "0.00"), REFUSED_VALUE);
	assert_int_equal(statement(d, "A3", "NL91ABNA0417164300", "6", "0.00", "0.00"), REFUSED_NOT);
}

static void statements_follow_each_other(void **state)
{
	struct desk *d = *state;
	assert_int_equal(statement(d, "A1", "NOSTRO", "5", "0.00", "0.00"), REFUSED_NOT);
	assert_int_equal(statement(d, "A2", "NOSTRO", "5", "0.00", "0.00"), REFUSED_NOT); /* the same in another message */
	assert_int_equal(statement(d, "A3", "NOSTRO", "5", "1.00", "1.00"), REFUSED_IDEMPOTENCY_CONFLICT);
	assert_int_equal(statement(d, "A4", "NOSTRO", "6", "0.00", "0.00"), REFUSED_NOT);
	assert_false(case_named(d, "a statement is missing"));
	assert_int_equal(statement(d, "A5", "NOSTRO", "8", "0.00", "0.00"), REFUSED_NOT);
	assert_true(case_named(d, "a statement is missing"));
	assert_int_equal(statement(d, "A6", "NOSTRO", "9", "0.00", "1.00"), REFUSED_BODY_MALFORMED); /* does not add up */
	with_account(d);
	assert_int_equal(statement(d, "A7", "NOSTRO", "9", "0.00", "0.00"), REFUSED_VALUE); /* not ours any more */
	assert_int_equal(statement(d, "A8", "NL91ABNA0417164300", "9", "0.00", "0.00"), REFUSED_NOT);
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
		cmocka_unit_test_setup_teardown(an_order_is_on_the_ledger_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rejected_order_frees_its_payments, setup, teardown),
		cmocka_unit_test_setup_teardown(another_bank_rejects_no_order, setup, teardown),
		cmocka_unit_test_setup_teardown(an_executed_order_executes_its_payments, setup, teardown),
		cmocka_unit_test_setup_teardown(charges_are_booked_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_debit_of_the_next_bank_is_in_suspense, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_debit_is_in_suspense, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_may_come_short, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_is_what_the_account_says, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_of_nothing_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(all_details_of_an_entry_count, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_book_cannot_take_is_a_case, setup, teardown),
		cmocka_unit_test_setup_teardown(charges_off_a_credit_are_in_suspense, setup, teardown),
		cmocka_unit_test_setup_teardown(a_status_of_its_own_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(statements_follow_each_other, setup, teardown),
		cmocka_unit_test_setup_teardown(an_order_is_of_its_time_and_payments, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_is_of_what_went_out, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_may_be_more_than_was_told, setup, teardown),
		cmocka_unit_test_setup_teardown(names_find_what_they_may, setup, teardown),
		cmocka_unit_test_setup_teardown(a_payer_pays_his_only_deal, setup, teardown),
		cmocka_unit_test_setup_teardown(a_return_told_otherwise_is_confirmed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_alike_counts_each, setup, teardown),
		cmocka_unit_test_setup_teardown(an_older_balance_is_not_todays, setup, teardown),
		cmocka_unit_test_setup_teardown(the_bank_that_was_asked_last_is_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(a_debit_is_of_its_currency_and_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(a_batch_is_debited_in_one_sum, setup, teardown),
		cmocka_unit_test_setup_teardown(a_gap_is_a_case, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_statement_says_nothing_new, setup, teardown),
		cmocka_unit_test_setup_teardown(a_registered_account_is_the_only_one, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
