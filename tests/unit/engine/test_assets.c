/* Assets as signed events: who may act on tokens, bills and documents, what stands on the ledger of an attempt, certificates and what
 * rests on them, and what ends by a timer of the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "contract/assets.h"
#include "engine/view.h"
#include "unit/engine/scenario.h"

static struct desk desk;
static char deal[ID_MAX];

static const struct tabs *now(void) { return engine_tabs(desk.engine); }

static void is_at(int line, enum refusal got, const char *want)
{
	if (strcmp(refusal_name(got), want))
		fail_msg("line %d: %s, not %s: %s", line, refusal_name(got), want, desk.detail);
}
#define is(got, want) is_at(__LINE__, got, want)

static enum refusal acts(const char *label, const char *name, const char *json) { return desk_data(&desk, EVENT_ASSET, label, deal, name, json); }

static void supplier(const char *id)
{
	struct party p = { .kind = PARTY_SUP, .status = STATUS_APPROVED, .status_until = desk.now + 300 * INSTANT_DAY };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.short_name, sizeof(p.short_name), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", id);
	snprintf(p.name, sizeof(p.name), "%s", id);
	p.key = desk_public(&desk, "party", id);
	desk_must(&desk, EVENT_PARTY, "admin", &p);
}

static void other(const char *id, enum party_kind kind)
{
	struct party p = { .kind = kind };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", id);
	snprintf(p.name, sizeof(p.name), "%s", id);
	p.key = desk_public(&desk, "party", id);
	desk_must(&desk, EVENT_PARTY, "admin", &p);
}

static int begin(void **state)
{
	static const char *const FILES[] = { "tokens", "documents", "bills", "lots" };
	(void)state;
	desk_open(&desk);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		char path[48];
		snprintf(path, sizeof(path), "contracts/%s.lua", FILES[i]);
		if (desk_source(&desk, EVENT_CONTRACT, FILES[i], desk_file(&desk, path)) != REFUSED_NOT)
			desk_broken(&desk, path);
	}
	supplier("BRASS");
	supplier("COPPER");
	other("STATE", PARTY_REG);
	other("COVER", PARTY_IGU);
	desk_deal_id(deal, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	desk_close(&desk);
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
	is(receivables_request(&desk, deal, "1001", "1001"), "done");
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
	is(propose("party/BRASS", id, "COPPER", "T1"), "asset-unknown");
	is(propose("operator/o.draht", id, "BRASS", "T1"), "done");
	is(takes("party/COPPER"), "role-not-allowed");
	is(takes("operator/o.draht"), "role-not-allowed");
	is(takes("party/BRASS"), "done");
	snprintf(made, sizeof(made), "%s", last_handover()->made);
	assert_string_equal(((const struct token_note *)tab_get(now(), &TOKEN_NOTE_REC, made))->holder, "BRASS");
	is(takes("party/BRASS"), "done"); /* told twice: once */
	/* a circle is refused, and stands as a case */
	is(propose("party/BRASS", made, "DRAHT", "T2"), "done");
	assert_int_equal(((const struct token_note *)tab_get(now(), &TOKEN_NOTE_REC, made))->state, NOTE_LIVE);
	assert_non_null(alert_of("E20"));
	assert_true(desk_deal(&desk, deal)->level >= 3);
	is(propose("party/BRASS", made, "COPPER", "T3"), "suspended"); /* risk looks first */
}

/* Amounts of other tiers are for nobody outside them but the book's people and auditors. */
static void other_tiers_are_masked(void **state)
{
	char id[40], made[40];
	(void)state;
	desk_person(&desk, "b.brass", "BRASS", ROLE_SUA, 0);
	desk_person(&desk, "c.copper", "COPPER", ROLE_SUA, 0);
	confirmed(id);
	is(propose("party/DRAHT", id, "BRASS", "T1"), "done");
	is(takes("party/BRASS"), "done");
	snprintf(made, sizeof(made), "%s", last_handover()->made);
	is(propose("party/BRASS", made, "COPPER", "T2"), "done");
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
	is(propose("party/DRAHT", id, "BRASS", "T1"), "done");
	is(takes("party/BRASS"), "done");
	snprintf(rest, sizeof(rest), "%s/0002", id);
	is(propose("party/DRAHT", rest, "BRASS", "t-1"), "done"); /* the attempt stands, nothing of it does */
	assert_int_equal(tab_count(now(), &HANDOVER_REC), 1);
	assert_non_null(alert_of("E06"));
}

static void who_may_not(void **state)
{
	char id[40], json[120];
	(void)state;
	confirmed(id);
	is(acts("party/DRAHT", "token.collect", "{\"amount\":\"1.00\"}"), "role-not-allowed");
	is(acts("operator/l.haas", "token.accept", "{\"handover\":\"x\"}"), "role-not-allowed");
	is(acts("party/BANKNET", "token.split", "{\"note\":\"x\",\"amounts\":[]}"), "role-not-allowed");
	is(acts("party/DRAHT", "token.steal", "{}"), "value-not-allowed");
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\"}"), "value-not-allowed");
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\",\"amounts\":[],\"holder\":\"y\"}"), "value-not-allowed");
	is(acts("party/DRAHT", "token.split", "[]"), "body-malformed");
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"reason\":\"seen\"}", id);
	is(acts("operator/t.okafor", "token.freeze", json), "role-not-allowed");
	is(acts("operator/i.vermeer", "token.freeze", json), "done");
	char kept[ID_MAX];
	memcpy(kept, deal, sizeof(kept));
	desk_deal_id(deal, 77);
	is(acts("party/DRAHT", "token.split", "{\"note\":\"x\",\"amounts\":[]}"), "deal-unknown");
	memcpy(deal, kept, sizeof(kept));
}

static void nobody_accepts(void **state)
{
	char id[40];
	(void)state;
	confirmed(id);
	is(propose("party/DRAHT", id, "BRASS", "T1"), "done");
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
		"\"amount\":\"70.00\",\"day\":\"2026-03-12\",\"goods\":\"SSCC-340123451111111111\"}"), "done");
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
	is(desk_price(&desk, "copper", 600000), "done");
	is(pledge_request(&desk, deal, "CSQU3054383"), "done");
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
	is(desk_send(&desk, EVENT_CERT, "party/KESTREL", "", &c), "role-not-allowed"); /* in another's name */
	is(desk_send(&desk, EVENT_CERT, "operator/j.kuiper", "", &c), "role-not-allowed");
	is(desk_send(&desk, EVENT_CERT, "operator/c.mulder", "", &c), "done");
	assert_int_equal(desk_deal(&desk, deal)->ev, INT64_C(300000000));
	is(withdraw("party/KESTREL", id, "x"), "role-not-allowed");
	is(withdraw("party/PORTASSAY", id, ""), "reason-missing");
	is(withdraw("party/STATE", id, "forged"), "done"); /* a regulator may, anybody's */
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
	is(desk_send(&desk, EVENT_CERT, "party/COVER", "", &c), "done");
	desk_pass(&desk, c.until + INSTANT_SECOND);
	assert_non_null(alert_of("E01"));
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	/* a renewal brings it back */
	struct cert next = certificate(CERT_INSURANCE, without.id, "P-2", "COVER");
	snprintf(next.renews, sizeof(next.renews), "P-1");
	is(desk_send(&desk, EVENT_CERT, "party/COVER", "", &next), "done");
	assert_true(desk_deal(&desk, deal)->ev > 0);
}

static void an_inspector_is_delisted(void **state)
{
	(void)state;
	const struct lot *l = pledged();
	struct cert c = certificate(CERT_QUALITY, l->id, "C-9", "PORTASSAY");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), "done");
	struct ev_cert b = { .certificate = "accreditation/PORTASSAY/A-1", .from = desk.now - INSTANT_DAY, .reason = "conflict of interest" };
	is(desk_send(&desk, EVENT_CERT_WITHDRAW, "party/STATE", "", &b), "done");
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	assert_non_null(alert_of("E18"));
	snprintf(c.number, sizeof(c.number), "C-10");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), "certificate");
}

/* What the inspector only said by its message falls too, though no certificate of it is in the register; a new one mends it. */
static void what_was_told_falls_too(void **state)
{
	char id[ID_MAX], key[64];
	(void)state;
	snprintf(id, sizeof(id), "%s", pledged()->id);
	struct ev_cert b = { .certificate = "accreditation/PORTASSAY/A-1", .from = desk.now - INSTANT_DAY, .reason = "delisted" };
	is(desk_send(&desk, EVENT_CERT_WITHDRAW, "party/SUPERVISOR", "", &b), "done");
	assert_int_equal(desk_deal(&desk, deal)->ev, 0);
	assert_string_equal(((const struct lot *)tab_get(now(), &LOT_REC, id))->certificate, "");
	snprintf(key, sizeof(key), "%s/certificate", deal);
	assert_int_equal(((const struct proof *)tab_get(now(), &PROOF_REC, key))->state, PROOF_EXPIRED);
	assert_non_null(alert_of("E18"));
	struct cert a = certificate(CERT_ACCREDITATION, "PORTASSAY", "A-2", "STATE"), c = certificate(CERT_QUALITY, id, "C-11", "PORTASSAY");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), "certificate");
	is(desk_send(&desk, EVENT_CERT, "party/STATE", "", &a), "done");
	is(desk_send(&desk, EVENT_CERT, "party/PORTASSAY", "", &c), "done");
	assert_int_equal(desk_deal(&desk, deal)->ev, INT64_C(300000000));
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_token_is_handed_on_by_two_signatures), T(other_tiers_are_masked),
		T(the_same_paper_behind_two_transfers), T(who_may_not),
		T(nobody_accepts), T(a_reservation_lapses_by_its_timer), T(a_certificate_that_falls_takes_the_value_along), T(insurance_ends_by_a_timer),
		T(an_inspector_is_delisted), T(what_was_told_falls_too) };
	return cmocka_run_group_tests_name("assets", tests, NULL, NULL);
}
