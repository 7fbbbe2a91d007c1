/* Assets as signed events: who may act on tokens, bills and documents, what stands on the ledger of an attempt, certificates and what
 * rests on them, and what ends by a timer of the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "contract/assets.h"
#include "engine/view.h"
#include "unit/engine/one_desk.h"

static char deal[ID_MAX];

static const struct tabs *now(void) { return engine_tabs(desk.engine); }

static enum refusal acts(const char *label, const char *name, const char *json) { return desk_data(&desk, EVENT_ASSET, label, deal, name, json); }

static int begin(void **state)
{
	static const char *const CONTRACTS[] = { "tokens", "documents", "bills", "lots" };
	open_desk(state);
	desk_lay_contracts(&desk, CONTRACTS, sizeof(CONTRACTS) / sizeof(CONTRACTS[0]));
	desk_supplier(&desk, "BRASS", 300);
	desk_supplier(&desk, "COPPER", 300);
	desk_party(&desk, "STATE", PARTY_REG, "", "");
	desk_party(&desk, "COVER", PARTY_IGU, "", "");
	desk_deal_id(deal, 1);
	return 0;
}

static const struct alert *alert_of(const char *code)
{
	TAB_FOR(alert, a, now(), &ALERT_REC, "")
		if (!strcmp(a->code, code) && !a->closed_at)
			return a;
	return NULL;
}

/* A confirmed receivable of DRAHT, whose root is in `id`. */
static void confirmed(char id[40])
{
	is(receivables_request(&desk, deal, "1001", "1001"), REFUSED_NOT);
	answer(&desk, deal, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	snprintf(id, 40, "TN-%s", deal + 3);
	assert_non_null(tab_get(now(), &TOKEN_NOTE_REC, id));
}

static enum refusal propose(const char *from, const char *note, const char *to, const char *number)
{
	char json[400];
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"400000.00\",\"number\":\"%s\",\"day\":\"2026-03-12\","
		"\"invoice_amount\":\"400000.00\"}", note, to, number);
	return acts(from, "token.propose", json);
}

static const struct handover *last_handover(void)
{
	const struct handover *found = NULL;
	TAB_FOR(handover, h, now(), &HANDOVER_REC, "")
		if (!found || h->at > found->at)
			found = h;
	return found;
}

static enum refusal takes(const char *label)
{
	char json[80];
	snprintf(json, sizeof(json), "{\"handover\":\"%s\"}", last_handover()->id);
	return acts(label, "token.accept", json);
}

static void a_token_is_handed_on_by_two_signatures(void **state)
{
	char id[40], made[40];
	(void)state;
	confirmed(id);
	is(propose("party/BRASS", id, "COPPER", "T1"), REFUSED_ASSET_UNKNOWN);
	is(propose("operator/o.draht", id, "BRASS", "T1"), REFUSED_NOT);
	is(takes("party/COPPER"), REFUSED_ROLE);
	is(takes("operator/o.draht"), REFUSED_ROLE);
	is(takes("party/BRASS"), REFUSED_NOT);
	snprintf(made, sizeof(made), "%s", last_handover()->made);
	assert_string_equal(((const struct token_note *)tab_get(now(), &TOKEN_NOTE_REC, made))->holder, "BRASS");
	is(takes("party/BRASS"), REFUSED_NOT); /* told twice: once */
	/* a circle is refused, and stands as a case */
	is(propose("party/BRASS", made, "DRAHT", "T2"), REFUSED_NOT);
	assert_int_equal(((const struct token_note *)tab_get(now(), &TOKEN_NOTE_REC, made))->state, NOTE_LIVE);
	assert_non_null(alert_of("E20"));
	assert_true(desk_deal(&desk, deal)->level >= 3);
	is(propose("party/BRASS", made, "COPPER", "T3"), REFUSED_SUSPENDED); /* risk looks first */
}

/* Amounts of other tiers are for nobody outside them but the book's people and auditors. */
static void other_tiers_are_masked(void **state)
{
	char id[40], made[40];
	(void)state;
	desk_person(&desk, "b.brass", "BRASS", ROLE_SUA, 0);
	desk_person(&desk, "c.copper", "COPPER", ROLE_SUA, 0);
	confirmed(id);
	is(propose("party/DRAHT", id, "BRASS", "T1"), REFUSED_NOT);
	is(takes("party/BRASS"), REFUSED_NOT);
	snprintf(made, sizeof(made), "%s", last_handover()->made);
	is(propose("party/BRASS", made, "COPPER", "T2"), REFUSED_NOT);
	const char *way = last_handover()->id, *paper = last_handover()->backing;
	static const struct { const char *who; bool note, way; } ROWS[] = { { "b.brass", true, true }, { "c.copper", false, true },
		{ "o.draht", false, false }, { "t.okafor", true, true }, { "a.visser", true, true }, { "w.adams", false, false } };
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_int_equal(view_may_see_amounts(now(), ROWS[i].who, made), ROWS[i].note);
		assert_int_equal(view_may_see_amounts(now(), ROWS[i].who, way), ROWS[i].way);
		assert_int_equal(view_may_see_amounts(now(), ROWS[i].who, paper), ROWS[i].way);
		assert_int_equal(view_sight(now(), ROWS[i].who, &HANDOVER_REC, last_handover()) == VIEW_SIGHT_ALL, ROWS[i].way);
	}
}

static void the_same_paper_behind_two_transfers(void **state)
{
	char id[40], rest[48];
	(void)state;
	confirmed(id);
	is(propose("party/DRAHT", id, "BRASS", "T1"), REFUSED_NOT);
	is(takes("party/BRASS"), REFUSED_NOT);
	snprintf(rest, sizeof(rest), "%s/0002", id);
	is(propose("party/DRAHT", rest, "BRASS", "t-1"), REFUSED_NOT); /* the attempt stands, nothing of it does */
	assert_int_equal(tab_count(now(), &HANDOVER_REC), 1);
	assert_non_null(alert_of("E06"));
}

static void who_may_not(void **state)
{
	char id[40], json[120];
	(void)state;
	confirmed(id);
	is(acts("party/DRAHT", "token.collect", "{\"amount\":\"1.00\"}"), REFUSED_ROLE);
	is(acts("operator/l.haas", "token.accept", "{\"handover\":\"x\"}"), REFUSED_ROLE);
	is(acts("party/BANKNET", "token.split", "{\"note\":\"x\",\"amounts\":[]}"), REFUSED_ROLE);
	is(acts("party/DRAHT", "token.steal", "{}"), REFUSED_VALUE);
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\"}"), REFUSED_VALUE);
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\",\"amounts\":[],\"holder\":\"y\"}"), REFUSED_VALUE);
	is(acts("party/DRAHT", "token.split", "[]"), REFUSED_BODY_MALFORMED);
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"reason\":\"seen\"}", id);
	is(acts("operator/t.okafor", "token.freeze", json), REFUSED_ROLE);
	is(acts("operator/i.vermeer", "token.freeze", json), REFUSED_NOT);
	char kept[ID_MAX];
	memcpy(kept, deal, sizeof(kept));
	desk_deal_id(deal, 77);
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\",\"amounts\":[]}"), REFUSED_DEAL_UNKNOWN);
	memcpy(deal, kept, sizeof(kept));
}

static void nobody_accepts(void **state)
{
	char id[40];
	(void)state;
	confirmed(id);
	is(propose("party/DRAHT", id, "BRASS", "T1"), REFUSED_NOT);
	desk_pass(&desk, desk.now + 73 * INSTANT_HOUR);
	assert_int_equal(last_handover()->state, HANDOVER_LAPSED);
	const struct document *d = tab_get(now(), &DOCUMENT_REC, last_handover()->backing);
	assert_int_equal(d->state, CLAIM_WITHDRAWN);
}

static void a_reservation_lapses_by_its_timer(void **state)
{
	char id[40];
	(void)state;
	confirmed(id);
	answer(&desk, deal, "offer.send", "{\"accepted\":true}");
	is(acts("operator/l.haas", "document.present", "{\"kind\":\"AWB\",\"seller\":\"LEK\",\"debtor\":\"DRAHT\",\"number\":\"057-1\",\"currency\":\"EUR\","
		"\"amount\":\"70.00\",\"day\":\"2026-03-12\",\"goods\":\"SSCC-340123451111111111\"}"), REFUSED_NOT);
	const struct document *d = tab_first(now(), &DOCUMENT_REC, "AWB/");
	int64_t until = d->until;
	char key[80];
	memcpy(key, d->id, sizeof(key));
	size_t timers = 0;
	TAB_FOR(timer, x, now(), &TIMER_REC, "")
		timers += !strcmp(x->kind, "document") && x->due == until;
	assert_int_equal(timers, 1);
}

/* --- certificates ------------------------------------------------------------------------------------------------------------- */
static const struct lot *pledged(void)
{
	is(desk_price(&desk, "copper", 600000), REFUSED_NOT);
	is(pledge_request(&desk, deal, "CSQU3054383"), REFUSED_NOT);
	pledge_fund(&desk, deal);
	assert_int_equal(desk_deal(&desk, deal)->ev, INT64_C(300000000));
	return tab_get(now(), &LOT_REC, desk_deal(&desk, deal)->lot);
}

static struct cert certificate(enum cert_kind kind, const char *subject, const char *number, const char *issuer)
{
	struct cert c = { .kind = kind, .from = desk.now - INSTANT_DAY, .until = desk.now + 30 * INSTANT_DAY };
	snprintf(c.subject, sizeof(c.subject), "%s", subject);
	snprintf(c.number, sizeof(c.number), "%s", number);
	snprintf(c.issuer, sizeof(c.issuer), "%s", issuer);
	snprintf(c.grade, sizeof(c.grade), "A");
	return c;
}

static enum refusal withdraw(const char *label, const char *id, const char *reason)
{
	struct ev_cert b;
	memset(&b, 0, sizeof(b));
	snprintf(b.certificate, sizeof(b.certificate), "%s", id);
	snprintf(b.reason, sizeof(b.reason), "%s", reason);
	return desk_send(&desk, EVENT_CERT_WITHDRAW, label, "", &b);
}

static void a_certificate_that_falls_takes_the_value_along(void **state)
{
	char id[88];
	(void)state;
	const struct lot *l = pledged();
	struct cert c = certificate(CERT_QUALITY, l->id, "C-9", "PORTASSAY");
	snprintf(id, sizeof(id), "quality/%s/C-9", l->id);
	is(desk_send(&desk, EVENT_CERT, "party/KESTREL", "", &c), REFUSED_ROLE); /* in another's name */
	is(desk_send(&desk, EVENT_CERT, "operator/j.kuiper", "", &c), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_CERT, "operator/c.mulder", "", &c), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->ev, INT64_C(300000000));
	is(withdraw("party/KESTREL", id, "x"), REFUSED_ROLE);
	is(withdraw("party/PORTASSAY", id, ""), REFUSED_REASON_MISSING);
	is(withdraw("party/STATE", id, "forged"), REFUSED_NOT); /* a regulator may, anybody's */
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	assert_int_equal(desk_deal(&desk, deal)->zone, ZONE_LIQUIDATION);
	assert_non_null(alert_of("E18"));
}

static void insurance_ends_by_a_timer(void **state)
{
	(void)state;
	const struct lot *l = pledged();
	struct lot without = *l;
	struct cert c = certificate(CERT_INSURANCE, without.id, "P-1", "COVER");
	is(desk_send(&desk, EVENT_CERT, "party/COVER", "", &c), REFUSED_NOT);
	desk_pass(&desk, c.until + INSTANT_SECOND);
	assert_non_null(alert_of("E01"));
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	/* a renewal brings it back */
	struct cert next = certificate(CERT_INSURANCE, without.id, "P-2", "COVER");
	snprintf(next.renews, sizeof(next.renews), "P-1");
	is(desk_send(&desk, EVENT_CERT, "party/COVER", "", &next), REFUSED_NOT);
	assert_true(desk_deal(&desk, deal)->ev > 0);
}

static void an_inspector_is_delisted(void **state)
{
	(void)state;
	const struct lot *l = pledged();
	struct cert c = certificate(CERT_QUALITY, l->id, "C-9", "PORTASSAY");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), REFUSED_NOT);
	struct ev_cert b = { .certificate = "accreditation/PORTASSAY/A-1", .from = desk.now - INSTANT_DAY, .reason = "conflict of interest" };
	is(desk_send(&desk, EVENT_CERT_WITHDRAW, "party/STATE", "", &b), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	assert_non_null(alert_of("E18"));
	snprintf(c.number, sizeof(c.number), "C-10");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), REFUSED_CERTIFICATE);
}

/* What the inspector only said by its message falls too, though no certificate of it is in the register; a new one mends it. */
static void what_was_told_falls_too(void **state)
{
	char id[ID_MAX], key[64];
	(void)state;
	snprintf(id, sizeof(id), "%s", pledged()->id);
	struct ev_cert b = { .certificate = "accreditation/PORTASSAY/A-1", .from = desk.now - INSTANT_DAY, .reason = "delisted" };
	is(desk_send(&desk, EVENT_CERT_WITHDRAW, "party/SUPERVISOR", "", &b), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	assert_string_equal(((const struct lot *)tab_get(now(), &LOT_REC, id))->certificate, "");
	snprintf(key, sizeof(key), "%s/certificate", deal);
	assert_int_equal(((const struct proof *)tab_get(now(), &PROOF_REC, key))->state, PROOF_EXPIRED);
	assert_non_null(alert_of("E18"));
	struct cert a = certificate(CERT_ACCREDITATION, "PORTASSAY", "A-2", "STATE"), c = certificate(CERT_QUALITY, id, "C-11", "PORTASSAY");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), REFUSED_CERTIFICATE);
	is(desk_send(&desk, EVENT_CERT, "party/STATE", "", &a), REFUSED_NOT);
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, deal)->ev, INT64_C(300000000));
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_token_is_handed_on_by_two_signatures), T(other_tiers_are_masked),
		T(the_same_paper_behind_two_transfers), T(who_may_not),
		T(nobody_accepts), T(a_reservation_lapses_by_its_timer), T(a_certificate_that_falls_takes_the_value_along), T(insurance_ends_by_a_timer),
		T(an_inspector_is_delisted), T(what_was_told_falls_too) };
	return cmocka_run_group_tests_name("assets", tests, NULL, NULL);
}
