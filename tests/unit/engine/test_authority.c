/* What a signer may not do: every hole that was found and closed, each with who tries it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/engine/one_desk.h"

static enum refusal certify(const char *by, const char *id, const char *party, enum role role)
{
	struct operator o = { .role = role };
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "Person %s", id);
	snprintf(o.party, sizeof(o.party), "%s", party);
	o.key = desk_public(&desk, "operator", id);
	return desk_send(&desk, EVENT_OPERATOR, by, "", &o);
}

static void parties_certify_only_the_roles_they_have(void **state)
{
	(void)state;
	is(certify("party/DRAHT", "x.adm", "DRAHT", ROLE_ADM), REFUSED_ROLE);
	is(certify("party/DRAHT", "x.rsk", "DRAHT", ROLE_RSK), REFUSED_ROLE);
	is(certify("party/WAALHAVEN", "x.trr", "WAALHAVEN", ROLE_TRR), REFUSED_ROLE);
	is(certify("party/BANKNET", "x.coa", "BANKNET", ROLE_COA), REFUSED_ROLE);
	is(certify("admin", "x.rsk", "DRAHT", ROLE_RSK), REFUSED_ROLE); /* nobody makes them either */
	is(certify("party/NOORDZEE", "x.adm", "NOORDZEE", ROLE_ADM), REFUSED_ROLE);
	is(certify("operator/w.adams", "y.adm", "NOORDZEE", ROLE_ADM), REFUSED_NOT);
	is(certify("party/WAALHAVEN", "x.whk", "WAALHAVEN", ROLE_WHK), REFUSED_NOT);
	is(certify("party/DRAHT", "x.aud", "DRAHT", ROLE_AUD), REFUSED_NOT);
}

static void an_administrator_sets_no_limit(void **state)
{
	struct limit l = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .group = "KESTREL", .currency = "EUR", .amount = 1 };
	(void)state;
	is(desk_send(&desk, EVENT_LIMIT, "operator/w.adams", "", &l), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l), REFUSED_NOT);
}

static void auditors_write_nothing(void **state)
{
	char id[ID_MAX];
	struct ev_raise raise = { .code = "E16", .title = "x", .why = "y" };
	(void)state;
	is(certify("admin", "b.aud", "BANKNET", ROLE_AUD), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(desk_data(&desk, EVENT_MESSAGE, "operator/b.aud", id, "obligor.paid", "{\"amount\":\"1.00\"}"), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_RAISE, "operator/a.visser", id, &raise), REFUSED_ROLE);
	is(desk_data(&desk, EVENT_REQUEST, "operator/a.visser", desk_deal_id(id, 2), "receivables", "{}"), REFUSED_ROLE);
}

static void people_tell_what_their_role_tells(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(certify("admin", "b.svc", "BANKNET", ROLE_SVC), REFUSED_NOT);
	is(certify("admin", "h.com", "HALVORSEN", ROLE_COM), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(desk_data(&desk, EVENT_MESSAGE, "operator/b.svc", id, "obligor.paid", "{\"amount\":\"1.00\"}"), REFUSED_ROLE);
	is(desk_data(&desk, EVENT_MESSAGE, "operator/h.com", id, "evidence.grn", "{\"number\":\"1\"}"), REFUSED_NOT);
}

/* "certificate/0" in the inbox was taken for a certificate. */
static void a_name_with_a_slash_is_no_other_message(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP-1"), REFUSED_NOT);
	is(desk_message(&desk, "KESTREL", id, "certificate/0", "{\"grade\":\"A\"}"), REFUSED_VALUE);
	is(desk_message(&desk, "KESTREL", id, "", "{}"), REFUSED_VALUE);
	is(desk_message(&desk, "KESTREL", id, "a.name.that.is.much.longer.than.others", "{}"), REFUSED_VALUE);
}

static void another_warehouse_says_nothing_of_these_goods(void **state)
{
	char id[ID_MAX];
	(void)state;
	desk_party(&desk, "OTHERWHS", PARTY_WHS, "", "");
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP-1"), REFUSED_NOT);
	is(desk_message(&desk, "OTHERWHS", id, "goods.arrived", "{}"), REFUSED_ROLE);
	is(desk_message(&desk, "LEK", id, "goods.departed", "{}"), REFUSED_NOT);
	is(desk_message(&desk, "WAALHAVEN", id, "goods.arrived", "{}"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_ARRIVED);
}

/* An EPCIS event in a batch says the same as a message, so it is heard from the same. */
static enum refusal batch(const char *gateway, int64_t sequence, const char *deal, uint8_t mark, bool voids)
{
	char label[32];
	struct feed_physical p = { .hash = { { mark } }, .type = "ObjectEvent", .action = "OBSERVE", .step = "arriving", .disposition = "damaged",
		.subject = "340123451111111111", .at = desk.now, .items = 1, .voids = voids };
	struct ev_batch b = { .sequence = sequence, .from = desk.now, .to = desk.now, .events = 1 };
	struct buf bytes = { 0 };
	snprintf(p.deal, sizeof(p.deal), "%s", deal);
	snprintf(b.gateway, sizeof(b.gateway), "%s", gateway);
	feed_physical_encode(&p, 1, &bytes);
	b.physical = blob_in(&desk.arena, bytes.ptr, bytes.len);
	buf_free(&bytes);
	snprintf(label, sizeof(label), "gateway/%s", gateway);
	return desk_send(&desk, EVENT_BATCH, label, "", &b);
}

static enum refusal arriving(const char *gateway, const char *deal, uint8_t mark)
{
	return batch(gateway, 1, deal, mark, false);
}

static bool voided(uint8_t mark)
{
	struct hash h = { { mark } };
	char id[2 * HASH_SIZE + 1];
	const struct physical *p = tab_get(engine_tabs(desk.engine), &PHYSICAL_REC, hex_of(h.bytes, HASH_SIZE, id));
	assert_non_null(p);
	return p->void_;
}

static void only_who_reported_an_event_voids_it(void **state)
{
	struct gateway g = { .id = "GW-OTHER", .party = "OTHERWHS", .key = desk_public(&desk, "gateway", "GW-OTHER") };
	(void)state;
	desk_party(&desk, "OTHERWHS", PARTY_WHS, "", "");
	is(desk_send(&desk, EVENT_GATEWAY, "party/OTHERWHS", "", &g), REFUSED_NOT);
	is(batch("GW-RTM", 1, "", 9, false), REFUSED_NOT);
	is(batch("GW-OTHER", 1, "", 9, true), REFUSED_NOT);
	assert_false(voided(9));
	is(batch("GW-RTM", 2, "", 9, true), REFUSED_NOT);
	assert_true(voided(9));
}

static void a_gateway_of_others_moves_no_goods(void **state)
{
	char id[ID_MAX];
	struct gateway g = { .id = "GW-OTHER", .party = "OTHERWHS", .key = desk_public(&desk, "gateway", "GW-OTHER") };
	(void)state;
	desk_party(&desk, "OTHERWHS", PARTY_WHS, "", "");
	snprintf(g.site, sizeof(g.site), "RTM");
	is(desk_send(&desk, EVENT_GATEWAY, "party/OTHERWHS", "", &g), REFUSED_VALUE); /* the site of another */
	memset(g.site, 0, sizeof(g.site));
	g.highest = 7;
	is(desk_send(&desk, EVENT_GATEWAY, "party/OTHERWHS", "", &g), REFUSED_VALUE);
	g.highest = 0;
	is(desk_send(&desk, EVENT_GATEWAY, "party/OTHERWHS", "", &g), REFUSED_NOT);
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP-1"), REFUSED_NOT);
	is(desk_message(&desk, "LEK", id, "goods.departed", "{}"), REFUSED_NOT);
	is(arriving("GW-OTHER", id, 1), REFUSED_NOT); /* kept, and no more */
	assert_int_not_equal(desk_deal(&desk, id)->state, DEAL_ARRIVED);
	assert_int_equal(tab_count(engine_tabs(desk.engine), &ALERT_REC), 0);
	is(arriving("GW-RTM", id, 2), REFUSED_NOT);
	assert_int_equal(tab_count(engine_tabs(desk.engine), &ALERT_REC), 1); /* damaged, says who has them */
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_ARRIVED);
}

static void a_device_hangs_on_its_own_gateway(void **state)
{
	struct device d = { .id = "RTM/X", .party = "KESTREL", .site = "RTM", .gateway = "GW-RTM" };
	(void)state;
	is(desk_send(&desk, EVENT_DEVICE, "party/KESTREL", "", &d), REFUSED_VALUE);
	snprintf(d.party, sizeof(d.party), "WAALHAVEN");
	snprintf(d.site, sizeof(d.site), "ANR");
	is(desk_send(&desk, EVENT_DEVICE, "party/WAALHAVEN", "", &d), REFUSED_VALUE);
}

/* Members become variables of the process. */
static void nobody_says_more_than_asked(void **state)
{
	char id[ID_MAX], json[1000];
	(void)state;
	desk_deal_id(id, 1);
	snprintf(json, sizeof(json), "{\"party\":\"KESTREL\",\"proceeds\":\"1.00\"}");
	is(desk_data(&desk, EVENT_REQUEST, "party/KESTREL", id, "inventory-pledge", json), REFUSED_VALUE);
	is(receivables_request(&desk, id, "1001", ""), REFUSED_NOT);
	is(desk_message(&desk, "HALVORSEN", id, "evidence.grn", "{\"number\":\"1\",\"signatures\":1}"), REFUSED_VALUE);
	is(desk_message(&desk, "HALVORSEN", id, "evidence.grn", "{\"number\":\"1\",\"error\":\"x\"}"), REFUSED_VALUE);
	is(desk_message(&desk, "BANKNET", id, "obligor.paid", "{\"payer\":\"HALVORSEN\"}"), REFUSED_VALUE);
	is(desk_message(&desk, "BANKNET", id, "obligor.paid", "[]"), REFUSED_BODY_MALFORMED);
	is(desk_message(&desk, "BANKNET", id, "obligor.paid", ""), REFUSED_VALUE);
}

static void an_answer_says_what_was_asked(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	const struct effect *e = desk_effect(&desk, id, "debt.request");
	is(desk_reply(&desk, e, "ok", "{}"), REFUSED_VALUE);
	is(desk_reply(&desk, e, "ok", "{\"amount\":\"1000000.00\",\"funder\":\"ELSEWHERE\"}"), REFUSED_VALUE);
	is(desk_reply(&desk, e, "debt-refused", "{}"), REFUSED_NOT);
}

/* Any amount needs the second signature that the contract asked for, whatever the first person fills in. */
static void a_form_takes_only_its_own_fields(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11"), "approve", "", "{\"signatures\":1}"), REFUSED_VALUE);
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11"), "approve", "", "[1]"), REFUSED_BODY_MALFORMED);
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11"), "approve", "", "{\"note\":\"seen\"}"), REFUSED_NOT);
	assert_non_null(desk_task(&desk, id, "A11b"));
}

static void people_of_another_funder_touch_no_deal(void **state)
{
	char id[ID_MAX];
	struct ev_hold hold = { .level = 3, .reason = "because" };
	(void)state;
	desk_party(&desk, "RIVAL", PARTY_FND, "", "");
	is(certify("party/RIVAL", "r.rsk", "RIVAL", ROLE_RSK), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	memcpy(hold.object, id, sizeof(id));
	is(desk_send(&desk, EVENT_HOLD, "operator/r.rsk", id, &hold), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/r.rsk", id, &hold), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", id, &hold), REFUSED_NOT);
	is(desk_send(&desk, EVENT_LIFT, "operator/r.rsk", id, &hold), REFUSED_ROLE);
	memset(hold.object, 0, sizeof(hold.object)); /* an empty object once stopped the program */
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", id, &hold), REFUSED_DEAL_UNKNOWN);
}

/* Refused for now, then possible: the old signature does not count again. */
static void a_refused_decision_is_not_kept_for_later(void **state)
{
	char id[ID_MAX];
	struct arena a = { 0 };
	struct envelope old;
	struct ev_hold hold = { .level = 0, .reason = "because" };
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0, 0, 0, 0, 0, 0, 0, 0, 7 };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	memcpy(hold.object, id, sizeof(id));
	event_envelope(&a, EVENT_LIFT, "NOORDZEE", id, desk.now, &hold, key, &old);
	is(desk_sign(&desk, &old, "operator/n.aalbers"), REFUSED_LEVEL);
	hold.level = 3;
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", id, &hold), REFUSED_NOT);
	old.signature_count = 0;
	is(desk_sign(&desk, &old, "operator/n.aalbers"), REFUSED_DUPLICATE);
	assert_int_equal(desk_deal(&desk, id)->level, 3);
	hold.level = 0;
	is(desk_send(&desk, EVENT_LIFT, "operator/n.aalbers", id, &hold), REFUSED_NOT);
	arena_free(&a);
}

/* The bank says what was paid, never the debtor. */
static void no_debtor_reports_his_own_payment(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP-1"), REFUSED_NOT);
	pledge_fund(&desk, id);
	for (int64_t price = 560000; price >= 360000; price -= 20000)
		is(desk_price(&desk, "copper", price), REFUSED_NOT);
	act(&desk, "i.vermeer", id, "B14m", "approve", "{}");
	struct effect e = *desk_effect(&desk, id, "margin.demand");
	assert_string_equal(e.party, "BANKNET");
	snprintf(e.party, sizeof(e.party), "KESTREL");
	is(desk_reply(&desk, &e, "ok", "{\"amount\":\"9000000.00\"}"), REFUSED_ROLE);
	is(desk_message(&desk, "KESTREL", id, "margin.paid", "{\"amount\":\"9000000.00\"}"), REFUSED_ROLE);
	is(desk_message(&desk, "KESTREL", id, "borrower.paid", "{\"amount\":\"9000000.00\"}"), REFUSED_ROLE);
	is(desk_message(&desk, "BANKNET", id, "margin.paid", "{\"amount\":\"-5.00\"}"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->margin_held, 0);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_MARGIN_CALL);
}

/* The lender's terms are not the applicant's to set. */
static void a_borrower_sets_no_terms_of_his_own(void **state)
{
	static const char *const TERMS[] = { "\"rate\":0", "\"rate\":-72000", "\"days\":0", "\"days\":-5", "\"days\":99999",
		"\"rate\":72000,\"days\":90" };
	char id[ID_MAX], json[600];
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		snprintf(json, sizeof(json), "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\",\"currency\":\"EUR\","
			"\"amount\":\"1000.00\",\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"5\",\"asset_key\":\"H%u\",%s}", i,
			TERMS[i]);
		is(desk_data(&desk, EVENT_REQUEST, "party/KESTREL", desk_deal_id(id, i + 1), "inventory-pledge", json),
			i < 5 ? REFUSED_VALUE : REFUSED_NOT);
	}
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_PRE_LIMIT);
}

/* A span near the end of 64 bits overflowed once it was a time. */
static void a_policy_keeps_its_numbers_in_range(void **state)
{
	static const char *const PARAMS[] = { "\"feed.silence_minutes\":9223372036854775807", "\"feed.late_minutes\":-1",
		"\"oracle.age_days\":106751992", "\"authority.one\":-9223372036854775808", "\"feed.silence_minutes\":60" };
	char json[200];
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		int len = snprintf(json, sizeof(json), "{\"version\":99,\"params\":{%s}}", PARAMS[i]);
		is(desk_source(&desk, EVENT_POLICY, "policy", (struct str){ json, (size_t)len }), i < 4 ? REFUSED_VALUE : REFUSED_NOT);
	}
}

static void prices_have_a_time(void **state)
{
	struct ev_answer a = { .value = "copper", .source = "lme-a", .currency = "EUR", .amount = 610000, .at = INT64_MIN };
	(void)state;
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_VALUE);
}

/* A book that is stopped stays so for what comes later. */
static void a_deal_opened_under_a_stop_is_stopped(void **state)
{
	char id[ID_MAX];
	struct ev_hold hold = { .object = "BOOK/NOORDZEE", .level = 5, .reason = "because" };
	(void)state;
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", "", &hold), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->level, 5);
	hold.level = 0;
	is(desk_send(&desk, EVENT_LIFT, "operator/n.aalbers", "", &hold), REFUSED_NOT);
	is(desk_send(&desk, EVENT_LIFT, "operator/h.prins", "", &hold), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->level, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
		T(parties_certify_only_the_roles_they_have), T(an_administrator_sets_no_limit), T(auditors_write_nothing),
		T(people_tell_what_their_role_tells), T(a_name_with_a_slash_is_no_other_message),
		T(another_warehouse_says_nothing_of_these_goods), T(a_gateway_of_others_moves_no_goods),
		T(a_device_hangs_on_its_own_gateway), T(nobody_says_more_than_asked), T(an_answer_says_what_was_asked),
		T(a_form_takes_only_its_own_fields), T(people_of_another_funder_touch_no_deal),
		T(a_refused_decision_is_not_kept_for_later), T(a_deal_opened_under_a_stop_is_stopped),
		T(no_debtor_reports_his_own_payment), T(prices_have_a_time),
		T(a_policy_keeps_its_numbers_in_range), T(a_borrower_sets_no_terms_of_his_own), T(only_who_reported_an_event_voids_it),
#undef T
	};
	return cmocka_run_group_tests_name("authority", tests, NULL, NULL);
}
