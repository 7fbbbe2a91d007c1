/* Keys over time: whose signature counts when, rotation, revocation, compromise, recovery, states of parties, emergency
 * access; each on a desk with real signatures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "keys_room.h"
#include "unit/engine/one_desk.h"

#define H INSTANT_HOUR

static int open_room(void **state)
{
	(void)state;
	room_desk(&desk);
	return 0;
}

static const struct key_pair *pair(const char *label) { return desk_pair(&desk, label); }

static void every_key_is_a_record(void **state)
{
	(void)state;
	struct hash node = desk_public(&desk, "node", "");
	const struct tabs *s = engine_tabs(desk.engine);
	assert_string_equal(keyring_find(s, &node)->holder, "node");
	assert_int_equal(room_key(&desk, pair("admin"))->kind, KEY_OF_ADMIN);
	assert_int_equal(room_key(&desk, pair("party/DRAHT"))->kind, KEY_OF_PARTY);
	assert_int_equal(room_key(&desk, pair("operator/l.haas"))->kind, KEY_OF_PERSON);
	assert_string_equal(room_key(&desk, pair("gateway/GW-RTM"))->device, "GW-RTM");
	assert_ptr_equal(keyring_current(s, KEY_OF_NODE, "node", 0), keyring_find(s, &node));
	struct operator o = { .id = "thief", .name = "T", .party = "NOORDZEE", .role = ROLE_OPM, .key = node };
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_EXISTS);
}

static void a_signature_counts_as_of_its_time(void **state)
{
	(void)state;
	struct key_pair p;
	room_pair("timed", 1, &p);
	int64_t from = desk.now + 10 * H, until = desk.now + 40 * H;
	room_person(&desk, "timed", ROLE_RSK, &p, "", from, until);
	is(room_raise(&desk, &p, desk.now), REFUSED_KEY_EARLY);
	desk_pass(&desk, from + H);
	is(room_raise(&desk, &p, from - 1), REFUSED_KEY_EARLY);
	is(room_raise(&desk, &p, from), REFUSED_NOT);
	desk_pass(&desk, until + H);
	is(room_raise(&desk, &p, until - 1), REFUSED_NOT); /* late, within the overlap */
	is(room_raise(&desk, &p, until), REFUSED_KEY_EXPIRED);
	desk_pass(&desk, until + 25 * H);
	is(room_raise(&desk, &p, until - 1), REFUSED_KEY_EXPIRED);
	struct operator as = *(const struct operator *)tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "timed");
	assert_int_equal(as.valid_until, until);
}

static void clocks_may_differ_so_far(void **state)
{
	(void)state;
	const struct key_pair *p = pair("operator/i.vermeer");
	int64_t minute = INSTANT_MINUTE, day = INSTANT_DAY;
	desk_pass(&desk, desk.now + 20 * day);
	is(room_raise(&desk, p, desk.now + 5 * minute), REFUSED_NOT);
	is(room_raise(&desk, p, desk.now + 6 * minute), REFUSED_CLOCK_SKEW);
	is(room_raise(&desk, p, INT64_MAX), REFUSED_CLOCK_SKEW);
	is(room_raise(&desk, p, desk.now - 14 * day + minute), REFUSED_NOT);
	is(room_raise(&desk, p, desk.now - 14 * day - minute), REFUSED_SIGNATURE_STALE);
	is(room_raise(&desk, p, INT64_MIN), REFUSED_SIGNATURE_STALE);
}

static void event_times_are_bounded_too(void **state)
{
	(void)state;
	int64_t now = desk.now;
	struct ev_raise body = { .code = "E01", .title = "x" };
	struct room_signer who = { pair("operator/i.vermeer"), now };
	desk.now = now + 10 * INSTANT_MINUTE; /* what the header says; the stamp follows the desk, so it is put back */
	struct arena a = { 0 };
	struct envelope env;
	struct buf bytes = { 0 };
	event_envelope(&a, EVENT_RAISE, "NOORDZEE", "", desk.now, &body, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	assert_int_equal(envelope_sign(&env, who.pair->secret, now, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&env, &bytes, NULL), ERR_OK);
	desk.now = now;
	is(desk_order(&desk, buf_view(&bytes)), REFUSED_EVENT_FUTURE);
	buf_free(&bytes);
	arena_free(&a);
}

static void scopes_are_kept(void **state)
{
	(void)state;
	struct key_pair p;
	room_pair("scoped", 1, &p);
	room_person(&desk, "scoped", ROLE_RSK, &p, "task hold.set", 0, 0);
	is(room_raise(&desk, &p, 0), REFUSED_KEY_SCOPE);
	assert_true(keyring_in_scope("task hold.set", "task.complete"));
	assert_true(keyring_in_scope("task hold.set", "hold.set"));
	assert_false(keyring_in_scope("task hold.set", "hold.lift"));
	assert_false(keyring_in_scope("tas", "task.complete"));
	assert_true(keyring_in_scope("", "anything"));
}

static void a_rotation_waits_overlaps_and_retires(void **state)
{
	(void)state;
	const struct key_pair *old = pair("operator/i.vermeer");
	struct key_pair next, other;
	room_pair("next", 1, &next);
	room_pair("next", 2, &other);
	struct ev_rotate b = room_rotation("i.vermeer", old, &next);
	is(sends(EVENT_ROTATE, "operator/l.haas", "", &b), REFUSED_ROLE);
	is(sends(EVENT_ROTATE, "party/DRAHT", "", &b), REFUSED_ROLE);
	is(sends(EVENT_ROTATE, "operator/i.vermeer", "", &b), REFUSED_NOT);
	int64_t told = desk.now;
	struct ev_rotate second = room_rotation("i.vermeer", old, &other);
	is(sends(EVENT_ROTATE, "operator/i.vermeer", "", &second), REFUSED_EXISTS); /* one waits */
	is(room_raise(&desk, &next, 0), REFUSED_KEY_EARLY);
	desk_pass(&desk, told + 25 * H);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
	is(room_raise(&desk, old, 0), REFUSED_NOT); /* overlap */
	desk_pass(&desk, told + 50 * H);
	is(room_raise(&desk, old, 0), REFUSED_KEY_RETIRED);
	is(room_raise(&desk, old, told), REFUSED_NOT);
	desk_pass(&desk, told + 80 * H);
	is(room_raise(&desk, old, told), REFUSED_KEY_RETIRED);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
	const struct operator *o = tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "i.vermeer");
	struct hash key = room_public(&next);
	assert_true(hash_eq(&o->key, &key));
}

static void the_node_rotates_and_both_keys_are_known(void **state)
{
	(void)state;
	struct key_pair next;
	room_pair("node", 2, &next);
	struct ev_rotate b = room_rotation("node", pair("node"), &next);
	is(sends(EVENT_ROTATE, "operator/w.adams", "", &b), REFUSED_NOT); /* begun */
	assert_null(room_key(&desk, &next));
	is(sends(EVENT_ROTATE, "operator/x.adams", "", &b), REFUSED_NOT);
	uint64_t before = desk.count;
	desk_pass(&desk, desk.now + 25 * H);
	struct hash now = room_public(&next), was = desk_public(&desk, "node", ""), got;
	assert_true(hash_eq(&engine_meta(desk.engine)->node_key, &now));
	assert_true(engine_node_key_at(desk.engine, before, &got));
	assert_true(hash_eq(&got, &was));
	assert_true(engine_node_key_at(desk.engine, UINT64_MAX, &got));
	assert_true(hash_eq(&got, &now));
}

static void a_pending_key_may_be_taken_back(void **state)
{
	(void)state;
	struct key_pair next;
	room_pair("taken", 1, &next);
	struct ev_rotate b = room_rotation("i.vermeer", pair("operator/i.vermeer"), &next);
	is(sends(EVENT_ROTATE, "operator/i.vermeer", "", &b), REFUSED_NOT);
	struct ev_revoke r = { .operator = "i.vermeer", .key = b.key, .reason = "not hers" };
	is(sends(EVENT_REVOKE, "party/DRAHT", "", &r), REFUSED_ROLE);
	is(sends(EVENT_REVOKE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	desk_pass(&desk, desk.now + 60 * H);
	is(room_raise(&desk, &next, 0), REFUSED_SIGNER_REVOKED);
	is(room_raise(&desk, pair("operator/i.vermeer"), 0), REFUSED_NOT);
}

static void a_revocation_holds_from_a_time_on(void **state)
{
	(void)state;
	int64_t from = desk.now + 5 * H;
	struct ev_revoke r = { .operator = "i.vermeer", .from = from, .reason = "leaves" };
	is(sends(EVENT_REVOKE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	is(room_raise(&desk, pair("operator/i.vermeer"), 0), REFUSED_NOT);
	desk_pass(&desk, from + 4 * INSTANT_MINUTE); /* it was on its way; clocks differ by five minutes */
	is(room_raise(&desk, pair("operator/i.vermeer"), from), REFUSED_SIGNER_REVOKED);
	is(room_raise(&desk, pair("operator/i.vermeer"), from - 1), REFUSED_NOT);
	desk_pass(&desk, from + 6 * INSTANT_MINUTE); /* whatever time it says */
	is(room_raise(&desk, pair("operator/i.vermeer"), from - 1), REFUSED_SIGNER_REVOKED);
	is(room_raise(&desk, pair("operator/i.vermeer"), from - 4 * H), REFUSED_SIGNER_REVOKED);
	r.from = from + 100 * H; /* an end only comes nearer */
	is(sends(EVENT_REVOKE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	is(room_raise(&desk, pair("operator/i.vermeer"), 0), REFUSED_SIGNER_REVOKED);
	desk_pass(&desk, from + 30 * H);
	is(room_raise(&desk, pair("operator/i.vermeer"), from - 1), REFUSED_SIGNER_REVOKED);
}

/* Replaced and then revoked: the overlap of the rotation is no room to sign in. */
static void a_replaced_key_that_is_revoked_has_no_overlap(void **state)
{
	(void)state;
	struct key_pair next;
	room_pair("after", 1, &next);
	const struct key_pair *old = pair("operator/i.vermeer");
	struct ev_rotate b = room_rotation("i.vermeer", old, &next);
	is(sends(EVENT_ROTATE, "operator/i.vermeer", "", &b), REFUSED_NOT);
	desk_pass(&desk, desk.now + 25 * H);
	int64_t before = desk.now;
	is(room_raise(&desk, old, 0), REFUSED_NOT);
	desk_pass(&desk, desk.now + 24 * H); /* retired; what it signed before is taken */
	is(room_raise(&desk, old, before), REFUSED_NOT);
	struct ev_revoke r = { .operator = "i.vermeer", .key = b.old, .reason = "left in a train" };
	is(sends(EVENT_REVOKE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	desk_pass(&desk, desk.now + INSTANT_MINUTE * 6);
	is(room_raise(&desk, old, before), REFUSED_SIGNER_REVOKED);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
}

static void open_deal(const char *id)
{
	struct deal d = { .kind = DEAL_RECEIVABLES, .state = DEAL_OFFERED, .party = "DRAHT", .obligor = "HALVORSEN", .funder = "NOORDZEE",
		.currency = "EUR" };
	snprintf(d.id, sizeof(d.id), "%s", id);
	struct act a = { .object = "", .operator = "t.okafor", .party = "NOORDZEE", .role = ROLE_OPC, .act = "approve", .at = desk.now,
		.entry = 12, .key = desk_public(&desk, "operator", "t.okafor") };
	snprintf(a.id, sizeof(a.id), "%s/000000", id);
	snprintf(a.object, sizeof(a.object), "%s", id);
	tab_put(engine_tabs_mutable(desk.engine), &DEAL_REC, &d);
	tab_put(engine_tabs_mutable(desk.engine), &ACT_REC, &a);
	tab_commit(engine_tabs_mutable(desk.engine));
}

static void a_compromise_voids_what_the_key_did(void **state)
{
	(void)state;
	char deal[ID_MAX];
	open_deal(desk_deal_id(deal, 77));
	const struct tabs *s = engine_tabs(desk.engine);
	struct ev_compromise b = { .holder = "t.okafor", .key = desk_public(&desk, "operator", "t.okafor"),
		.from = desk.now - H, .reason = "laptop stolen" };
	is(sends(EVENT_COMPROMISE, "operator/w.adams", "", &b), REFUSED_NOT); /* one begins */
	assert_int_equal(keyring_find(s, &b.key)->compromised_from, 0);
	is(sends(EVENT_COMPROMISE, "operator/w.adams", "", &b), REFUSED_ENDORSEMENTS_FEW); /* not twice the same */
	is(sends(EVENT_COMPROMISE, "operator/x.adams", "", &b), REFUSED_NOT);
	assert_int_equal(keyring_find(s, &b.key)->compromised_from, b.from);
	assert_false(act_done_by(s, deal, "t.okafor", "approve"));
	assert_int_equal(desk_deal(&desk, deal)->level, 3);
	bool listed = false;
	TAB_FOR(alert, a, s, &ALERT_REC, "")
		listed = listed || (strcmp(a->code, "E17") == 0 && strcmp(a->deal, deal) == 0 && strstr(a->why, "entries 12"));
	assert_true(listed);
	struct ev_raise raise = { .code = "E01", .title = "x" };
	is(desk_send(&desk, EVENT_RAISE, "operator/t.okafor", "", &raise), REFUSED_KEY_COMPROMISED);
	is(sends(EVENT_COMPROMISE, "operator/x.adams operator/w.adams", "", &b), REFUSED_KEY_COMPROMISED); /* known */
	/* the next key counts at once */
	struct key_pair next;
	room_pair("fresh", 1, &next);
	struct ev_rotate r = room_rotation("t.okafor", pair("operator/t.okafor"), &next);
	is(sends(EVENT_ROTATE, "operator/t.okafor", "", &r), REFUSED_KEY_COMPROMISED);
	is(sends(EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
}

static void a_root_and_an_administrator_say_it_too(void **state)
{
	(void)state;
	struct ev_compromise b = { .holder = "GW-RTM", .key = desk_public(&desk, "gateway", "GW-RTM"), .from = desk.now - H,
		.reason = "seal broken" };
	is(sends(EVENT_COMPROMISE, "party/DRAHT operator/w.adams", "", &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_COMPROMISE, "party/WAALHAVEN operator/w.adams", "", &b), REFUSED_NOT);
	assert_int_equal(room_key(&desk, pair("gateway/GW-RTM"))->compromised_from, b.from);
	b.from = desk.now + H;
	is(sends(EVENT_COMPROMISE, "operator/x.adams operator/w.adams", "", &b), REFUSED_VALUE);
}

static void the_others_recover_a_root_key(void **state)
{
	(void)state;
	struct key_pair next;
	struct party sister = { .id = "SISTER", .kind = PARTY_SUP, .group = "HALVORSEN", .key = desk_public(&desk, "party", "SISTER") };
	room_pair("root", 1, &next);
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &sister), REFUSED_NOT);
	struct ev_recover b = { .party = "DRAHT", .key = room_public(&next), .reason = "token lost" };
	is(sends(EVENT_RECOVER, "operator/w.adams", "", &b), REFUSED_SIGNER_UNKNOWN);
	struct room_signer who[4] = { { pair("party/HALVORSEN"), 0 }, { pair("party/SISTER"), 0 }, { pair("party/LEK"), 0 },
		{ pair("party/KESTREL"), 0 } };
	is(room_send(&desk, EVENT_RECOVER, "HALVORSEN", &b, who, 3), REFUSED_ENDORSER_AFFILIATED);
	who[1] = who[3];
	is(room_send(&desk, EVENT_RECOVER, "HALVORSEN", &b, who, 2), REFUSED_ENDORSEMENTS_FEW);
	is(room_send(&desk, EVENT_RECOVER, "HALVORSEN", &b, who, 3), REFUSED_NOT);
	assert_int_equal(room_key(&desk, &next)->since_entry, KEYREC_PENDING);
	desk_pass(&desk, desk.now + 25 * H);
	assert_true(room_key(&desk, &next)->since_entry > 0);
	struct operator o = { .id = "n.new", .name = "N", .party = "DRAHT", .role = ROLE_SUM };
	is(room_send(&desk, EVENT_OPERATOR, "DRAHT", &o, &(struct room_signer){ &next, 0 }, 1), REFUSED_NOT);
}

static void blocked_parties_do_not_count_and_two_lift(void **state)
{
	(void)state;
	struct ev_status b = { .party = "DRAHT", .status = STATUS_BLOCKED, .reason = "on a list" };
	struct ev_status up = { .party = "DRAHT", .status = STATUS_REVIEW_DUE, .reason = "delisted" };
	is(desk_send(&desk, EVENT_STATUS, "operator/l.haas", "", &b), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &b), REFUSED_NOT);
	struct operator o = { .id = "n.new", .name = "N", .party = "DRAHT", .role = ROLE_SUM };
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_PARTY_BLOCKED);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/o.draht", "", &o), REFUSED_PARTY_BLOCKED);
	is(desk_send(&desk, EVENT_STATUS, "operator/w.adams", "", &up), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &up), REFUSED_NOT); /* begun */
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_PARTY_BLOCKED);
	is(desk_send(&desk, EVENT_STATUS, "operator/c.daems", "", &up), REFUSED_NOT);
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &b), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &up), REFUSED_NOT); /* begins anew: the pair was used */
	assert_true(((const struct party *)tab_get(engine_tabs(desk.engine), &PARTY_REC, "DRAHT"))->blocked);
}

static void approvals_of_parties_run_out(void **state)
{
	(void)state;
	static const enum party_status WAY[] = { STATUS_DOCS, STATUS_SCREENED, STATUS_APPROVED };
	struct ev_status b = { .party = "DRAHT", .status = STATUS_APPROVED, .reason = "file 7", .until = desk.now + 100 * H };
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &b), REFUSED_VALUE); /* not from NEW */
	for (size_t i = 0; i < 3; i++) {
		b.status = WAY[i];
		is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &b), REFUSED_NOT);
	}
	desk_pass(&desk, b.until + H);
	const struct party *p = tab_get(engine_tabs(desk.engine), &PARTY_REC, "DRAHT");
	assert_int_equal(p->status, STATUS_REVIEW_DUE);
	struct ev_status own = { .party = "NOORDZEE", .status = STATUS_DOCS, .reason = "own" };
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &own), REFUSED_SOD);
}

static void roles_that_approve_take_two_administrators(void **state)
{
	(void)state;
	struct operator o = { .id = "n.new", .name = "N New", .party = "NOORDZEE", .role = ROLE_OPC };
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT);
	assert_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "n.new"));
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_ENDORSEMENTS_FEW);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/x.adams", "", &o), REFUSED_NOT);
	assert_non_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "n.new"));
	snprintf(o.id, sizeof(o.id), "n.third");
	is(desk_send(&desk, EVENT_OPERATOR, "admin", "", &o), REFUSED_NOT); /* nor does the root of trust, before the first deal */
	assert_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "n.third"));
	snprintf(o.id, sizeof(o.id), "n.maker");
	o.role = ROLE_OPM; /* approves nothing, and is made by two all the same */
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT);
	assert_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "n.maker"));
	is(desk_send(&desk, EVENT_OPERATOR, "operator/x.adams", "", &o), REFUSED_NOT);
	assert_non_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "n.maker"));
}

static void emergency_access_ends_and_is_flagged(void **state)
{
	(void)state;
	const struct tabs *s = engine_tabs(desk.engine);
	struct ev_emergency b = { .operator = "l.haas", .role = ROLE_RSK, .reason = "night, nobody else there" };
	is(room_raise(&desk, pair("operator/l.haas"), 0), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/l.haas", "", &b), REFUSED_SOD);
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/w.adams", "", &b), REFUSED_NOT);
	is(room_raise(&desk, pair("operator/l.haas"), 0), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/h.prins", "", &b), REFUSED_NOT);
	assert_int_equal(operator_role_at(s, "l.haas", desk.now), ROLE_RSK);
	struct ev_status block = { .party = "KESTREL", .status = STATUS_BLOCKED, .reason = "x" };
	is(desk_send(&desk, EVENT_STATUS, "operator/l.haas", "", &block), REFUSED_ROLE); /* RSK, not CMP */
	is(room_raise(&desk, pair("operator/l.haas"), 0), REFUSED_NOT);
	bool reviewed = false;
	TAB_FOR(alert, a, s, &ALERT_REC, "")
		reviewed = reviewed || (strcmp(a->code, "E19") == 0 && a->task[0] && a->deadline > desk.now);
	assert_true(reviewed);
	desk_pass(&desk, desk.now + 61 * INSTANT_MINUTE);
	is(room_raise(&desk, pair("operator/l.haas"), 0), REFUSED_ROLE);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_room, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(every_key_is_a_record), T(a_signature_counts_as_of_its_time), T(clocks_may_differ_so_far),
		T(event_times_are_bounded_too), T(scopes_are_kept), T(a_rotation_waits_overlaps_and_retires),
		T(the_node_rotates_and_both_keys_are_known), T(a_pending_key_may_be_taken_back), T(a_revocation_holds_from_a_time_on),
		T(a_replaced_key_that_is_revoked_has_no_overlap),
		cmocka_unit_test_setup_teardown(a_compromise_voids_what_the_key_did, open_room, close_edited),
		T(a_root_and_an_administrator_say_it_too), T(the_others_recover_a_root_key), T(blocked_parties_do_not_count_and_two_lift),
		T(approvals_of_parties_run_out), T(roles_that_approve_take_two_administrators), T(emergency_access_ends_and_is_flagged) };
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
