/* What nobody does alone: an administrator over others, a colleague with somebody's request, a bank with another's account, a device
 * past its certificate. Each was possible once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "keys_room.h"
#include "ledger/stop.h"
#include "unit/engine/one_desk.h"

static const struct tabs *tabs(void)
{
	return engine_tabs(desk.engine);
}

/* --- one administrator ------------------------------------------------------------------------------------------ */

static void over_others_two_administrators(void **state)
{
	char id[ID_MAX];
	struct party p = { .id = "NEWCO", .kind = PARTY_SUP, .group = "NEWCO", .key = desk_public(&desk, "party", "NEWCO") };
	struct ev_revoke r = { .operator = "s.brink", .reason = "gone" };
	struct ev_revoke key = { .operator = "GW-RTM", .key = desk_public(&desk, "gateway", "GW-RTM"), .reason = "gone" };
	struct site s = { .id = "ANR", .party = "WAALHAVEN" };
	struct gateway g = { .id = "GW-ANR", .party = "WAALHAVEN", .site = "ANR", .key = desk_public(&desk, "gateway", "GW-ANR") };
	struct device d = { .id = "ANR/T1", .party = "WAALHAVEN", .site = "ANR", .gateway = "GW-ANR" };
	struct ev_device_end e = { .device = "ANR/T1", .reason = "broken" };
	struct offer o = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN", .rate = 1 };
	struct profile f = { .id = "DRAHT", .relation_months = 900 };
	const struct { int kind; const void *body; } ACTS[] = { { EVENT_PARTY, &p }, { EVENT_REVOKE, &r }, { EVENT_REVOKE, &key },
		{ EVENT_SITE, &s }, { EVENT_GATEWAY, &g }, { EVENT_DEVICE, &d }, { EVENT_DEVICE_END, &e }, { EVENT_OFFER, &o }, { EVENT_PROFILE, &f } };
	(void)state;
	in_service(id);
	for (size_t i = 0; i < sizeof(ACTS) / sizeof(ACTS[0]); i++) {
		is(sends(ACTS[i].kind, "operator/w.adams", "", ACTS[i].body), REFUSED_ENDORSEMENTS_FEW);
		is(sends(ACTS[i].kind, "admin", "", ACTS[i].body), REFUSED_ENDORSEMENTS_FEW);
		is(sends(ACTS[i].kind, "operator/w.adams operator/t.okafor", "", ACTS[i].body), REFUSED_ENDORSEMENTS_FEW);
		is(sends(ACTS[i].kind, "operator/w.adams operator/z.second", "", ACTS[i].body), REFUSED_NOT);
	}
}

/* Who acts as administrator for an hour needs two others. */
static void so_does_emergency_access(void **state)
{
	char id[ID_MAX];
	struct ev_emergency e = { .operator = "l.haas", .role = ROLE_ADM, .reason = "nobody else there" };
	struct site s = { .id = "ANR", .party = "WAALHAVEN" };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/w.adams", "", &e), REFUSED_NOT);
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/z.second", "", &e), REFUSED_NOT);
	is(sends(EVENT_SITE, "operator/l.haas", "", &s), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_SITE, "operator/l.haas operator/w.adams operator/z.second", "", &s), REFUSED_NOT);
}

static void people_are_certified_by_two(void **state)
{
	char id[ID_MAX];
	struct operator o = { .id = "n.aud", .name = "N", .party = "NOORDZEE", .role = ROLE_AUD };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT); /* begun only */
	assert_null(tab_get(tabs(), &OPERATOR_REC, "n.aud"));
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_ENDORSEMENTS_FEW);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/z.second", "", &o), REFUSED_NOT);
	assert_non_null(tab_get(tabs(), &OPERATOR_REC, "n.aud"));
}

/* What makes nothing worse needs nobody else. */
static void ones_own_key_alone(void **state)
{
	char id[ID_MAX];
	struct ev_raise raise = { .code = "E11", .title = "seen" };
	struct ev_revoke mine = { .operator = "s.brink", .reason = "lost it" }, hers = { .operator = "t.okafor", .reason = "no" };
	struct ev_revoke key = { .operator = "t.okafor", .key = desk_public(&desk, "operator", "t.okafor"), .reason = "no" };
	struct ev_compromise c = { .holder = "m.dahl", .key = desk_public(&desk, "operator", "m.dahl"), .reason = "stolen" };
	(void)state;
	in_service(id);
	c.from = desk.now;
	is(desk_send(&desk, EVENT_REVOKE, "operator/s.brink", "", &hers), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REVOKE, "operator/s.brink", "", &key), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/s.brink", "", &c), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REVOKE, "operator/s.brink", "", &mine), REFUSED_NOT);
	is(desk_send(&desk, EVENT_RAISE, "operator/s.brink", "", &raise), REFUSED_SIGNER_REVOKED);
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/m.dahl", "", &c), REFUSED_NOT);
	assert_true(room_key(&desk, desk_pair(&desk, "operator/m.dahl"))->compromised_from > 0);
	struct ev_revoke adm = { .operator = "z.second", .reason = "leaves" };
	is(desk_send(&desk, EVENT_REVOKE, "operator/z.second", "", &adm), REFUSED_NOT); /* an administrator's own, too */
}

static void an_administrator_judges_no_party(void **state)
{
	char id[ID_MAX];
	struct ev_status block = { .party = "KESTREL", .status = STATUS_BLOCKED, .reason = "x" }, docs = { .party = "KESTREL",
		.status = STATUS_DOCS, .reason = "x" }, screened = { .party = "KESTREL", .status = STATUS_SCREENED, .reason = "x" };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_STATUS, "operator/w.adams", "", &block), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_STATUS, "operator/w.adams", "", &docs), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &screened), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/w.adams", "", &docs), REFUSED_ROLE); /* takes no verdict back */
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &block), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/w.adams", "", &docs), REFUSED_ROLE);
}

static void the_root_of_trust_sets_no_limit_later(void **state)
{
	char id[ID_MAX];
	struct limit l = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .group = "KESTREL", .currency = "EUR", .amount = 1 };
	(void)state;
	is(desk_send(&desk, EVENT_LIMIT, "admin", "", &l), REFUSED_NOT);
	in_service(id);
	is(desk_send(&desk, EVENT_LIMIT, "admin", "", &l), REFUSED_ROLE);
}

/* --- proposals -------------------------------------------------------------------------------------------------- */

static struct str signed_with(int kind, const char *label, const void *body, uint8_t mark)
{
	struct envelope env;
	struct buf bytes = { 0 };
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0xee, mark };
	event_envelope(&desk.arena, kind, desk_party_of(&desk, label), "", desk.now, body, key, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	assert_int_equal(envelope_sign(&env, desk_pair(&desk, label)->secret, desk.now, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&env, &bytes, NULL), ERR_OK);
	struct str out = { arena_copy(&desk.arena, bytes.ptr, bytes.len), bytes.len };
	buf_free(&bytes);
	return out;
}

static enum refusal propose(struct str bytes)
{
	struct ev_propose b = { .envelope = blob_in(&desk.arena, bytes.ptr, bytes.len) };
	return desk_send(&desk, EVENT_PROPOSE, "operator/w.adams", "", &b);
}

/* Whoever reads a proposal knows the key of its request; it is the proposal's until that is over. */
static void a_colleague_uses_up_no_key(void **state)
{
	char id[ID_MAX];
	struct ev_revoke r = { .operator = "s.brink", .reason = "gone" };
	struct ev_raise raise = { .code = "E11", .title = "seen" };
	struct ev_withdraw w = { .reason = "not now" };
	struct ev_endorse e = { .signed_at = 0 };
	enum refusal verdict;
	uint64_t entry;
	(void)state;
	in_service(id);
	struct str wanted = signed_with(EVENT_REVOKE, "operator/w.adams", &r, 1);
	is(propose(wanted), REFUSED_NOT);
	assert_false(engine_repeat(desk.engine, wanted, &entry, &verdict)); /* nothing was answered yet */
	is(desk_order(&desk, signed_with(EVENT_RAISE, "operator/t.okafor", &raise, 1)), REFUSED_IDEMPOTENCY_CONFLICT);
	is(desk_order(&desk, wanted), REFUSED_EXISTS); /* not beside its proposal */
	is(desk_order(&desk, signed_with(EVENT_REVOKE, "operator/z.second", &r, 1)), REFUSED_IDEMPOTENCY_CONFLICT);
	memcpy(w.proposal, open_proposal()->id, sizeof(w.proposal));
	is(desk_send(&desk, EVENT_WITHDRAW, "operator/w.adams", "", &w), REFUSED_NOT);
	is(propose(wanted), REFUSED_NOT); /* withdrawn, it may come again */
	e.content = open_proposal()->content;
	memcpy(e.proposal, open_proposal()->id, sizeof(e.proposal));
	is(desk_send(&desk, EVENT_ENDORSE, "operator/z.second", "", &e), REFUSED_NOT);
	assert_true(((const struct operator *)tab_get(tabs(), &OPERATOR_REC, "s.brink"))->revoked_at > 0);
	assert_true(engine_repeat(desk.engine, wanted, &entry, &verdict) && verdict == REFUSED_NOT);
	is(desk_order(&desk, wanted), REFUSED_DUPLICATE); /* and is done once */
	is(propose(wanted), REFUSED_DUPLICATE);
}

/* --- approvals -------------------------------------------------------------------------------------------------- */

/* An approval and a release say what was read; over other terms, or over nothing, they are none. */
static void what_was_seen_is_signed(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "4711", "4711"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	static const struct { const char *node, *who; } STEPS[] = { { "A11", "t.okafor" }, { "A11b", "m.dahl" }, { "A13r", "r.lindt" } };
	for (size_t i = 0; i < 3; i++) {
		char label[32];
		if (i == 2)
			answer(&desk, id, "assign.register", "{\"number\":\"77-1184\"}");
		const struct task *k = desk_task(&desk, id, STEPS[i].node);
		struct ev_task b = { .decision = "approve", .data = blob_in(&desk.arena, "{}", 2) };
		assert_non_null(k);
		memcpy(b.task, k->id, sizeof(b.task));
		snprintf(label, sizeof(label), "operator/%s", STEPS[i].who);
		is(desk_send(&desk, EVENT_TASK, label, id, &b), REFUSED_TASK_VERSION); /* version 0, nothing seen */
		struct task other = *k;
		other.amount -= 1;
		b.version = k->version;
		b.seen = task_seen(tabs(), &other);
		is(desk_send(&desk, EVENT_TASK, label, id, &b), REFUSED_TASK_VERSION);
		b.seen = task_seen(tabs(), k);
		is(desk_send(&desk, EVENT_TASK, label, id, &b), REFUSED_NOT);
	}
}

/* Who set the limit is no member of the committee that draws on it (SOD-2). */
static void who_set_the_limit_endorses_nothing_under_it(void **state)
{
	char id[ID_MAX];
	const char *text = "{\"version\":13,\"params\":{\"authority.two\":50000000}}";
	struct ev_source p = { .name = "policy", .source = blob_in(&desk.arena, text, strlen(text)) };
	struct limit l = *(const struct limit *)tab_get(tabs(), &LIMIT_REC, "NOORDZEE/HALVORSEN");
	(void)state;
	is(desk_send(&desk, EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	is(desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "4711", "4711"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", id, "A11", "approve", "{}");
	const struct task *k = desk_task(&desk, id, "A11b");
	struct ev_task b = { .decision = "approve", .data = blob_in(&desk.arena, "{}", 2), .version = k->version, .seen = task_seen(tabs(), k) };
	memcpy(b.task, k->id, sizeof(b.task));
	struct room_signer who[3] = { { desk_pair(&desk, "operator/m.dahl"), 0 }, { desk_pair(&desk, "operator/i.vermeer"), 0 },
		{ desk_pair(&desk, "operator/d.meijer"), 0 } };
	is(room_send(&desk, EVENT_TASK, "NOORDZEE", &b, who, 3), REFUSED_SOD);
	who[2].pair = desk_pair(&desk, "operator/n.aalbers");
	is(room_send(&desk, EVENT_TASK, "NOORDZEE", &b, who, 3), REFUSED_NOT);
}

/* --- a second bank ---------------------------------------------------------------------------------------------- */

#define CAMT053(id, account, body) "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>" id \
	"</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>" account "</Id></Othr></Id></Acct>" \
	"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">7.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-16</Dt></Dt>" \
	"</Bal>" body "</Stmt></BkToCstmrStmt></Document>"

static void a_second_bank_stops_nothing(void **state)
{
	char id[ID_MAX], params[160];
	struct party other = { .id = "ABANK", .kind = PARTY_BNK, .group = "ABANK", .key = desk_public(&desk, "party", "ABANK") };
	(void)state;
	int n = snprintf(params, sizeof(params), "{\"version\":13,\"params\":{\"bank.account.NOORDZEE/EUR\":\"NOSTRO\"}}");
	struct ev_source p = { .name = "policy", .source = blob_in(&desk.arena, params, (size_t)n) };
	is(desk_send(&desk, EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &other), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "4711", "4711"), REFUSED_NOT);
	is(desk_data(&desk, EVENT_BANK, "party/ABANK", "", "file", CAMT053("A1", "NOSTRO", "")), REFUSED_ROLE);
	is(desk_data(&desk, EVENT_BANK, "party/ABANK", "", "file", CAMT053("A2", "NOBODYS", "")), REFUSED_ROLE);
	assert_null(stop_standing(tabs(), "NOORDZEE"));
	/* nor does it tell that somebody paid, or is asked to pay because of its name */
	is(desk_message(&desk, "ABANK", id, "obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}"), REFUSED_ROLE);
	is(desk_message(&desk, "ABANK", "", "bank.credit", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}"), REFUSED_ROLE);
	assert_string_equal(bank_of(tabs(), "NOORDZEE")->id, "BANKNET");
	/* an account of nobody has no closing balance that a total is held against */
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", CAMT053("B1", "NOBODYS", "")), REFUSED_VALUE);
	assert_null(stop_standing(tabs(), "NOORDZEE"));
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", CAMT053("B2", "NOSTRO", "")), REFUSED_NOT);
	assert_non_null(stop_standing(tabs(), "NOORDZEE")); /* its own bank's wrong balance does */
}

/* --- devices ---------------------------------------------------------------------------------------------------- */

static enum refusal reading(const char *device, int64_t sequence)
{
	struct feed_window w = { .from = desk.now, .count = 1, .least = -18000, .greatest = -18000, .last = -18000, .last_at = desk.now };
	struct ev_batch b = { .gateway = "GW-ANR", .sequence = sequence, .from = desk.now, .to = desk.now, .readings = 1 };
	struct buf bytes = { 0 };
	snprintf(w.device, sizeof(w.device), "%s", device);
	feed_windows_encode(&w, 1, &bytes);
	b.windows = blob_in(&desk.arena, bytes.ptr, bytes.len);
	buf_clear(&bytes);
	feed_physical_encode(NULL, 0, &bytes);
	b.physical = blob_in(&desk.arena, bytes.ptr, bytes.len);
	buf_free(&bytes);
	return desk_send(&desk, EVENT_BATCH, "gateway/GW-ANR", "", &b);
}

static void a_device_ends_with_its_certificate(void **state)
{
	struct site s = { .id = "ANR", .party = "WAALHAVEN" };
	struct gateway g = { .id = "GW-ANR", .party = "WAALHAVEN", .site = "ANR", .key = desk_public(&desk, "gateway", "GW-ANR") };
	struct device d = { .id = "ANR/T1", .party = "WAALHAVEN", .site = "ANR", .gateway = "GW-ANR", .valid_from = 2, .valid_until = 1 };
	struct ev_device_end renew = { .device = "ANR/T1", .renew = 1, .reason = "calibrated" }, end = { .device = "ANR/T1", .reason = "broken" };
	(void)state;
	is(desk_send(&desk, EVENT_SITE, "party/WAALHAVEN", "", &s), REFUSED_NOT);
	is(desk_send(&desk, EVENT_GATEWAY, "party/WAALHAVEN", "", &g), REFUSED_NOT);
	is(desk_send(&desk, EVENT_DEVICE, "party/WAALHAVEN", "", &d), REFUSED_VALUE);
	d.valid_from = desk.now + INSTANT_HOUR;
	d.valid_until = desk.now + INSTANT_DAY;
	is(desk_send(&desk, EVENT_DEVICE, "party/WAALHAVEN", "", &d), REFUSED_NOT);
	is(reading("ANR/T1", 1), REFUSED_DEVICE_EXPIRED);
	end.until = d.valid_until;
	is(desk_send(&desk, EVENT_DEVICE_END, "party/WAALHAVEN", "", &end), REFUSED_VALUE); /* an end comes nearer */
	end.until = 0;
	desk_pass(&desk, desk.now + 2 * INSTANT_HOUR);
	is(reading("ANR/T1", 1), REFUSED_NOT);
	desk_pass(&desk, desk.now + INSTANT_DAY);
	is(reading("ANR/T1", 2), REFUSED_DEVICE_EXPIRED);
	is(desk_send(&desk, EVENT_DEVICE_END, "party/WAALHAVEN", "", &renew), REFUSED_VALUE); /* until now */
	renew.until = desk.now + INSTANT_DAY;
	is(desk_send(&desk, EVENT_DEVICE_END, "party/KESTREL", "", &renew), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_DEVICE_END, "party/WAALHAVEN", "", &renew), REFUSED_NOT);
	/* what it measured meanwhile stays outside */
	assert_true(((const struct device *)tab_get(tabs(), &DEVICE_REC, "ANR/T1"))->valid_from > d.valid_until);
	desk.now += INSTANT_MINUTE;
	is(reading("ANR/T1", 2), REFUSED_NOT);
	is(desk_send(&desk, EVENT_DEVICE_END, "party/WAALHAVEN", "", &end), REFUSED_NOT);
	desk.now += INSTANT_MINUTE;
	is(reading("ANR/T1", 3), REFUSED_DEVICE_EXPIRED);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_desk, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(over_others_two_administrators), T(so_does_emergency_access), T(people_are_certified_by_two), T(ones_own_key_alone),
		T(an_administrator_judges_no_party), T(the_root_of_trust_sets_no_limit_later), T(a_colleague_uses_up_no_key), T(what_was_seen_is_signed),
		T(who_set_the_limit_endorses_nothing_under_it),
		T(a_second_bank_stops_nothing), T(a_device_ends_with_its_certificate) };
	return cmocka_run_group_tests_name("four_eyes", tests, NULL, NULL);
}
