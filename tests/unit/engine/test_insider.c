/* Attacks by insiders over time: a signature kept for later, a stolen key that names its own successor, a word in another party's
 * name, two bodies of one short digest. What was possible once is refused here by name; what was tried and held stays tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/retention.h"
#include "keys_room.h"
#include "ledger/sealed.h"
#include "ledger/stop.h"
#include "ledger/tile.h"
#include "unit/engine/notes.h"

#define H (INSTANT_HOUR)

static const struct tabs *now(void)
{
	return engine_tabs(desk.engine);
}

/* --- stops ------------------------------------------------------------------------------------------------------ */

/* The bank's closing balance is another one each time: the total of cash breaks and the outflow stops. */
static void closing_told(int number, int euros)
{
	char xml[1400];
	if (number == 1) {
		struct ev_source p = policy_of((int)engine_meta(desk.engine)->policy + 1, "\"bank.account.NOORDZEE/EUR\":\"NOSTRO\"");
		is(desk_send(&desk, EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	}
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>ST%d</MsgId>"
		"<CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S%d</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct><Bal><Tp><CdOrPrtry>"
		"<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">%d.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-%d</Dt></Dt></Bal></Stmt>"
		"</BkToCstmrStmt></Document>", number, number, euros, 14 + number);
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
}

static void stop_outflow(int number)
{
	closing_told(number, 998 + number);
	assert_non_null(stop_standing(now(), "NOORDZEE"));
}

static struct str lift(const char *labels, const char *reason)
{
	struct ev_hold b = { .object = "NOORDZEE/CT-3" };
	snprintf(b.reason, sizeof(b.reason), "%s", reason);
	return signed_by(EVENT_STOP_LIFT, labels, "", &b);
}

/* Two officers sign a lift for later: it lifts no stop that they could not have looked at. */
static void a_lift_is_of_the_stop_that_stood(void **state)
{
	(void)state;
	struct str before = lift("operator/m.dahl operator/h.prins", "explained");
	desk_pass(&desk, desk.now + H);
	stop_outflow(1);
	is(desk_order(&desk, before), REFUSED_TASK_VERSION);
	struct str kept = lift("operator/m.dahl operator/h.prins", "explained");
	struct str used = lift("operator/m.dahl operator/h.prins", "explained");
	is(desk_order(&desk, used), REFUSED_NOT);
	assert_null(stop_standing(now(), "NOORDZEE"));
	desk_pass(&desk, desk.now + H);
	closing_told(2, 0);
	stop_outflow(3);
	is(desk_order(&desk, used), REFUSED_DUPLICATE);
	is(desk_order(&desk, kept), REFUSED_TASK_VERSION);
	assert_non_null(stop_standing(now(), "NOORDZEE"));
	is(desk_order(&desk, lift("operator/m.dahl operator/h.prins", "looked at again")), REFUSED_NOT);
}

/* A lift is of the difference that was looked at: a broken total that breaks further stops anew, one that stays as it is does not. */
static void a_lift_covers_no_further_break(void **state)
{
	char id[ID_MAX];
	(void)state;
	stop_outflow(1);
	is(desk_order(&desk, lift("operator/m.dahl operator/h.prins", "the bank booked 999.00 late")), REFUSED_NOT);
	receivables_run(&desk, desk_deal_id(id, 5), "7005"); /* business goes on under it */
	assert_null(stop_standing(now(), "NOORDZEE"));
	struct str before = lift("operator/m.dahl operator/h.prins", "for later");
	stop_outflow(9);
	is(desk_order(&desk, before), REFUSED_TASK_VERSION);
	is(desk_order(&desk, lift("operator/m.dahl operator/h.prins", "that too")), REFUSED_NOT);
	assert_null(stop_standing(now(), "NOORDZEE"));
}

/* One person with two records and two devices is one person; one officer is none. */
static void one_person_lifts_nothing(void **state)
{
	struct operator both = { .id = "m.dahl.cmp", .name = "M", .party = "NOORDZEE", .role = ROLE_CMP, .person = "m.dahl",
		.key = desk_public(&desk, "operator", "m.dahl.cmp"), .device = "token-2" };
	(void)state;
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &both), REFUSED_NOT);
	stop_outflow(1);
	is(desk_order(&desk, lift("operator/m.dahl operator/m.dahl.cmp", "x")), REFUSED_ENDORSER_TWICE);
	is(desk_order(&desk, lift("operator/m.dahl", "x")), REFUSED_ENDORSEMENTS_FEW);
	is(desk_order(&desk, lift("operator/h.prins operator/c.daems", "x")), REFUSED_ENDORSEMENTS_FEW);
	is(desk_order(&desk, lift("operator/w.adams operator/h.prins", "x")), REFUSED_ENDORSEMENTS_FEW);
	assert_non_null(stop_standing(now(), "NOORDZEE"));
}

/* --- stolen keys ------------------------------------------------------------------------------------------------ */

/* The thief names the next key first; when the theft is known it does not take over. */
static void a_stolen_key_names_no_successor(void **state)
{
	struct key_pair next, honest;
	(void)state;
	room_pair("thief", 1, &next);
	room_pair("honest", 1, &honest);
	int64_t theft = desk.now;
	struct ev_rotate r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "operator/i.vermeer", "", &r), REFUSED_NOT);
	struct ev_compromise c = { .holder = "i.vermeer", .key = r.old, .from = theft, .reason = "stolen" };
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/i.vermeer", "", &c), REFUSED_NOT);
	desk_pass(&desk, desk.now + 30 * H);
	is(room_raise(&desk, &next, 0), REFUSED_KEY_COMPROMISED);
	r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &honest);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT); /* and the next one is hers at once */
	is(room_raise(&desk, &honest, 0), REFUSED_NOT);
}

/* What the party gave itself stays. */
static void a_successor_from_before_the_theft_stays(void **state)
{
	struct key_pair next;
	(void)state;
	room_pair("honest", 1, &next);
	struct ev_rotate r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "operator/i.vermeer", "", &r), REFUSED_NOT);
	desk_pass(&desk, desk.now + H);
	struct ev_compromise c = { .holder = "i.vermeer", .key = r.old, .from = desk.now, .reason = "stolen" };
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/i.vermeer", "", &c), REFUSED_NOT);
	desk_pass(&desk, desk.now + 30 * H);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
}

static void a_successor_from_the_party_stays(void **state)
{
	struct key_pair next;
	(void)state;
	room_pair("honest", 2, &next);
	struct ev_rotate r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	struct ev_compromise c = { .holder = "i.vermeer", .key = r.old, .from = desk.now, .reason = "stolen" };
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/i.vermeer", "", &c), REFUSED_NOT);
	desk_pass(&desk, desk.now + 30 * H);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
}

/* Whom a stolen root key certified since, and whose key it replaced, counts no more; those of before stay. */
static void a_stolen_root_certified_nobody(void **state)
{
	struct key_pair puppet, early, next;
	struct operator o = { .id = "early", .name = "E", .party = "NOORDZEE", .role = ROLE_RSK };
	(void)state;
	room_pair("early", 1, &early);
	room_pair("puppet", 1, &puppet);
	room_pair("puppet", 2, &next);
	o.key = room_public(&early);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	desk_pass(&desk, desk.now + H);
	int64_t theft = desk.now;
	snprintf(o.id, sizeof(o.id), "puppet");
	o.key = room_public(&puppet);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	struct ev_rotate r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	is(room_raise(&desk, &puppet, 0), REFUSED_NOT);
	struct ev_compromise c = { .holder = "NOORDZEE", .key = desk_public(&desk, "party", "NOORDZEE"), .from = theft, .reason = "safe opened" };
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	is(room_raise(&desk, &puppet, 0), REFUSED_KEY_COMPROMISED);
	is(room_raise(&desk, &early, 0), REFUSED_NOT);
	desk_pass(&desk, desk.now + 30 * H);
	is(room_raise(&desk, &next, 0), REFUSED_KEY_COMPROMISED);
	is(room_raise(&desk, desk_pair(&desk, "operator/i.vermeer"), 0), REFUSED_NOT);
}

/* Nor does the key that such a person named next, also when he gave the one before it up himself. */
static void puppet_names_next(bool gives_up)
{
	struct key_pair puppet, next;
	struct operator o = { .id = "puppet", .name = "P", .party = "NOORDZEE", .role = ROLE_RSK };
	room_pair("puppet", 1, &puppet);
	room_pair("puppet", 2, &next);
	int64_t theft = desk.now;
	o.key = room_public(&puppet);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	desk_pass(&desk, desk.now + H);
	struct ev_rotate r = room_rotation("puppet", &puppet, &next);
	is(room_send(&desk, EVENT_ROTATE, "NOORDZEE", &r, &(struct room_signer){ &puppet, desk.now }, 1), REFUSED_NOT);
	desk_pass(&desk, desk.now + 30 * H);
	is(room_raise(&desk, &next, 0), REFUSED_NOT);
	struct ev_compromise own = { .holder = "puppet", .key = o.key, .from = desk.now, .reason = "lost" };
	if (gives_up)
		is(room_send(&desk, EVENT_COMPROMISE, "NOORDZEE", &own, &(struct room_signer){ &next, desk.now }, 1), REFUSED_NOT);
	struct ev_compromise c = { .holder = "NOORDZEE", .key = desk_public(&desk, "party", "NOORDZEE"), .from = theft, .reason = "safe opened" };
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	assert_int_equal(room_key(&desk, &puppet)->compromised_from, theft);
	assert_int_equal(room_key(&desk, &next)->compromised_from, theft);
	is(room_raise(&desk, &next, 0), REFUSED_KEY_COMPROMISED);
}

static void a_puppet_names_no_successor(void **state)
{
	(void)state;
	puppet_names_next(false);
}

static void who_gives_a_key_up_covers_nothing(void **state)
{
	(void)state;
	puppet_names_next(true);
}

/* Also long after the root key was replaced, when no line of news tells any more when the puppet was certified. */
/* What its successor certified when its own time was over is not the thief's. */
static void a_stolen_root_that_was_retired_certified_nobody_later(void **state)
{
	struct key_pair root, late, puppet;
	struct operator o = { .id = "late", .name = "L", .party = "NOORDZEE", .role = ROLE_RSK }, held = o;
	(void)state;
	room_pair("root", 1, &root);
	room_pair("late", 1, &late);
	room_pair("puppet", 1, &puppet);
	o.key = room_public(&late);
	snprintf(held.id, sizeof(held.id), "puppet");
	held.key = room_public(&puppet);
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	struct ev_rotate r = room_rotation("NOORDZEE", desk_pair(&desk, "party/NOORDZEE"), &root);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	desk_pass(&desk, desk.now + H);
	struct ev_compromise c = { .holder = "NOORDZEE", .key = r.old, .from = desk.now, .reason = "safe opened" };
	desk_pass(&desk, desk.now + 30 * H);
	struct room_signer old = { desk_pair(&desk, "party/NOORDZEE"), desk.now };
	desk_pass(&desk, desk.now + 30 * H); /* signed while it counted, sent behind its end */
	is(room_send(&desk, EVENT_OPERATOR, "NOORDZEE", &held, &old, 1), REFUSED_NOT);
	desk_pass(&desk, desk.now + 200 * H);
	is(room_send(&desk, EVENT_OPERATOR, "NOORDZEE", &o, &(struct room_signer){ &root, 0 }, 1), REFUSED_NOT);
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	is(room_raise(&desk, &puppet, 0), REFUSED_KEY_COMPROMISED);
	is(room_raise(&desk, &late, 0), REFUSED_NOT);
}

static void a_stolen_root_is_found_out_late(void **state)
{
	struct key_pair puppet, root;
	struct operator o = { .id = "puppet", .name = "P", .party = "NOORDZEE", .role = ROLE_RSK };
	(void)state;
	room_pair("puppet", 1, &puppet);
	room_pair("root", 1, &root);
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	struct ev_rotate r = room_rotation("NOORDZEE", desk_pair(&desk, "party/NOORDZEE"), &root);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT); /* its next one is waiting, and honest */
	desk_pass(&desk, desk.now + H);
	int64_t theft = desk.now;
	o.key = room_public(&puppet);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	struct ev_source p = policy_of((int)engine_meta(desk.engine)->policy + 1, "\"retention.news\":3");
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT);
	desk_pass(&desk, desk.now + 200 * H);
	for (int i = 0; i < 40; i++)
		is(room_raise(&desk, &puppet, 0), REFUSED_NOT);
	assert_true(((const struct news *)tab_first(now(), &NEWS_REC, ""))->at > theft + 199 * H);
	struct ev_compromise c = { .holder = "NOORDZEE", .key = desk_public(&desk, "party", "NOORDZEE"), .from = theft, .reason = "safe opened" };
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	is(room_raise(&desk, &puppet, 0), REFUSED_KEY_COMPROMISED);
}

/* A key that was revoked names no next one, whatever time the signature claims. */
static void a_revoked_key_names_no_successor(void **state)
{
	struct key_pair next;
	(void)state;
	room_pair("thief", 2, &next);
	const struct key_pair *old = desk_pair(&desk, "operator/i.vermeer");
	int64_t before = desk.now;
	struct ev_rotate r = room_rotation("i.vermeer", old, &next);
	struct ev_revoke gone = { .operator = "i.vermeer", .key = r.old, .reason = "lost" };
	desk_pass(&desk, desk.now + H);
	is(desk_send(&desk, EVENT_REVOKE, "party/NOORDZEE", "", &gone), REFUSED_NOT);
	is(room_send(&desk, EVENT_ROTATE, "NOORDZEE", &r, &(struct room_signer){ old, before }, 1), REFUSED_SIGNER_REVOKED);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT); /* her party may */
}

/* Who was revoked and is certified again has a new record and a new key; the old one stays dead, his old acts stay his. */
static void readmitted_the_old_key_stays_dead(void **state)
{
	struct ev_revoke gone = { .operator = "i.vermeer", .reason = "left" };
	struct key_pair next;
	(void)state;
	room_pair("again", 1, &next);
	is(desk_send(&desk, EVENT_REVOKE, "party/NOORDZEE", "", &gone), REFUSED_NOT);
	struct operator o = { .id = "i.vermeer", .name = "I", .party = "NOORDZEE", .role = ROLE_RSK, .key = room_public(&next) };
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_EXISTS);
	snprintf(o.id, sizeof(o.id), "i.vermeer2");
	o.key = desk_public(&desk, "operator", "i.vermeer");
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_EXISTS); /* his old key */
	struct ev_rotate r = room_rotation("i.vermeer", desk_pair(&desk, "operator/i.vermeer"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	desk_pass(&desk, desk.now + 26 * H);
	is(room_raise(&desk, &next, 0), REFUSED_SIGNER_REVOKED); /* the person is revoked, not a key */
	o.key = (struct hash){ { 9 } };
	snprintf(o.person, sizeof(o.person), "i.vermeer");
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	is(room_raise(&desk, desk_pair(&desk, "operator/i.vermeer"), 0), REFUSED_SIGNER_REVOKED);
}

/* --- proposals and rotated keys ----------------------------------------------------------------------------------- */

static enum refusal endorse_with(const struct key_pair *pair)
{
	const struct proposal *p = open_proposal();
	struct ev_endorse b = { .content = p->content };
	memcpy(b.proposal, p->id, sizeof(b.proposal));
	return room_send(&desk, EVENT_ENDORSE, "NOORDZEE", &b, &(struct room_signer){ pair, 0 }, 1);
}

/* In the overlap one administrator has two keys that count: he is one all the same, by a proposal and by what he began. */
static void two_keys_of_one_person_are_one(void **state)
{
	char id[ID_MAX];
	struct key_pair next;
	struct ev_source q = policy_of(13, "\"seat.most\":4");
	struct operator o = { .id = "n.aud", .name = "N", .party = "NOORDZEE", .role = ROLE_AUD };
	(void)state;
	in_service(id);
	room_pair("adams", 2, &next);
	struct ev_rotate r = room_rotation("w.adams", desk_pair(&desk, "operator/w.adams"), &next);
	snprintf(r.device, sizeof(r.device), "another-host");
	is(desk_send(&desk, EVENT_ROTATE, "operator/w.adams", "", &r), REFUSED_NOT);
	struct str wanted = signed_by(EVENT_POLICY, "operator/w.adams", "", &q);
	struct ev_propose b = { .envelope = blob_in(&desk.arena, wanted.ptr, wanted.len) };
	is(desk_send(&desk, EVENT_PROPOSE, "operator/w.adams", "", &b), REFUSED_NOT);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT); /* begun */
	desk_pass(&desk, r.from ? r.from : desk.now + 23 * H + 59 * INSTANT_MINUTE + 30 * INSTANT_SECOND);
	desk_pass(&desk, desk.now + 20 * INSTANT_SECOND);
	if (room_raise(&desk, &next, 0) == REFUSED_KEY_EARLY)
		desk_pass(&desk, desk.now + INSTANT_MINUTE);
	is(endorse_with(&next), REFUSED_ENDORSER_TWICE);
	is(room_send(&desk, EVENT_OPERATOR, "NOORDZEE", &o, &(struct room_signer){ &next, 0 }, 1), REFUSED_NOT); /* the day is over: begun anew */
	assert_null(tab_get(now(), &OPERATOR_REC, "n.aud"));
	is(room_send(&desk, EVENT_OPERATOR, "NOORDZEE", &o, &(struct room_signer){ desk_pair(&desk, "operator/w.adams"), 0 }, 1),
		REFUSED_ENDORSER_TWICE);
	assert_int_equal(engine_meta(desk.engine)->policy, 12);
	/* the author's old key counts for what it signed until the overlap is over; then the proposal has no author */
	desk_pass(&desk, desk.now + 45 * H);
	is(endorse_with(desk_pair(&desk, "operator/z.second")), REFUSED_NOT);
	assert_int_equal(engine_meta(desk.engine)->policy, 13);
}

/* A stolen author's proposal is nobody's. */
/* What left no line that is kept is older than the lines that are. */
static void a_stolen_root_takes_none_of_long_ago(void **state)
{
	struct key_pair early;
	struct operator o = { .id = "early", .name = "E", .party = "NOORDZEE", .role = ROLE_RSK };
	(void)state;
	room_pair("early", 1, &early);
	o.key = room_public(&early);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &o), REFUSED_NOT);
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	struct ev_source p = policy_of((int)engine_meta(desk.engine)->policy + 1, "\"retention.news\":3");
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT);
	for (int i = 0; i < 300; i++)
		is(room_raise(&desk, &early, 0), REFUSED_NOT);
	struct ev_compromise c = { .holder = "NOORDZEE", .key = desk_public(&desk, "party", "NOORDZEE"), .from = desk.now, .reason = "safe opened" };
	assert_null(news_of(now(), room_key(&desk, &early)->entry, NULL));
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	is(room_raise(&desk, &early, 0), REFUSED_NOT);
}

static void a_proposal_of_a_stolen_key_applies_never(void **state)
{
	char id[ID_MAX];
	struct ev_source q = policy_of(13, "\"seat.most\":4");
	(void)state;
	in_service(id);
	struct str wanted = signed_by(EVENT_POLICY, "operator/w.adams", "", &q);
	struct ev_propose b = { .envelope = blob_in(&desk.arena, wanted.ptr, wanted.len) };
	is(desk_send(&desk, EVENT_PROPOSE, "operator/w.adams", "", &b), REFUSED_NOT);
	struct ev_compromise c = { .holder = "w.adams", .key = desk_public(&desk, "operator", "w.adams"), .from = desk.now, .reason = "stolen" };
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/w.adams", "", &c), REFUSED_NOT);
	is(endorse_with(desk_pair(&desk, "operator/z.second")), REFUSED_KEY_COMPROMISED);
	assert_int_equal(engine_meta(desk.engine)->policy, 12);
}

/* --- two persons ------------------------------------------------------------------------------------------------ */

/* What one began another completes over the same body: over the whole of its digest, for 64 bits can be made to meet. */
static void what_was_begun_names_its_whole_digest(void **state)
{
	char id[ID_MAX];
	struct operator o = { .id = "n.aud", .name = "N", .party = "NOORDZEE", .role = ROLE_AUD };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT);
	const struct act *begun = NULL;
	ACT_FOR(a, now(), "grant/n.aud")
		begun = a;
	assert_non_null(begun);
	assert_true(strlen(begun->detail) >= 60);
}

/* --- words of others -------------------------------------------------------------------------------------------- */

/* The node fires timers. It does not confirm a debt, nor that a bank has paid. */
static void the_node_answers_for_nobody(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	const struct effect *e = desk_effect(&desk, id, "debt.request");
	assert_non_null(e);
	struct ev_reply b = { .code = "ok" };
	const char *json = "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}";
	memcpy(b.effect, e->id, sizeof(b.effect));
	b.data = blob_in(&desk.arena, json, strlen(json));
	is(desk_send(&desk, EVENT_REPLY, "node", id, &b), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REPLY, "party/DRAHT", id, &b), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REPLY, "party/HALVORSEN", id, &b), REFUSED_NOT);
}

/* A sender is the party of the author, also when the root of trust or the node is the author: else they use up another's requests. */
static enum refusal says_as(int kind, const char *label, const char *sender, const void *body)
{
	return room_send(&desk, kind, sender, body, &(struct room_signer){ desk_pair(&desk, label), 0 }, 1);
}

static void nobody_sends_as_another(void **state)
{
	struct profile f = { .id = "DRAHT", .relation_months = 3 };
	struct ev_raise raise = { .code = "E11", .title = "seen" };
	(void)state;
	is(says_as(EVENT_PROFILE, "admin", "KESTREL", &f), REFUSED_SIGNER_UNKNOWN);
	is(says_as(EVENT_RAISE, "operator/i.vermeer", "KESTREL", &raise), REFUSED_SIGNER_UNKNOWN);
	is(says_as(EVENT_PROFILE, "party/NOORDZEE", "KESTREL", &f), REFUSED_SIGNER_UNKNOWN);
	is(says_as(EVENT_PROFILE, "operator/w.adams", "KESTREL", &f), REFUSED_SIGNER_UNKNOWN);
	is(says_as(EVENT_PROFILE, "admin", "NOORDZEE", &f), REFUSED_NOT);
}

/* --- emergency access ------------------------------------------------------------------------------------------- */

static void emergency_access_is_of_two_others_for_an_hour(void **state)
{
	char id[ID_MAX];
	struct ev_emergency b = { .operator = "l.haas", .role = ROLE_CRA, .reason = "night" };
	struct operator second = { .id = "w.two", .name = "W", .party = "NOORDZEE", .role = ROLE_RSK, .person = "w.adams",
		.key = desk_public(&desk, "operator", "w.two"), .device = "x" };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &second), REFUSED_NOT);
	struct room_signer who[2] = { { desk_pair(&desk, "operator/w.adams"), 0 }, { desk_pair(&desk, "operator/w.two"), 0 } };
	is(room_send(&desk, EVENT_EMERGENCY, "NOORDZEE", &b, who, 2), REFUSED_ENDORSER_TWICE);
	who[1].pair = desk_pair(&desk, "operator/l.haas");
	is(room_send(&desk, EVENT_EMERGENCY, "NOORDZEE", &b, who, 2), REFUSED_SOD);
	struct ev_emergency self = { .operator = "w.two", .role = ROLE_CMP, .reason = "his other record" };
	who[1].pair = desk_pair(&desk, "operator/h.prins");
	is(room_send(&desk, EVENT_EMERGENCY, "NOORDZEE", &self, who, 2), REFUSED_SOD);
	is(room_send(&desk, EVENT_EMERGENCY, "NOORDZEE", &b, who, 2), REFUSED_NOT);
	struct ev_raise raise = { .code = "E11", .title = "seen" };
	memcpy(raise.asset, id, sizeof(raise.asset) < ID_MAX ? sizeof(raise.asset) - 1 : ID_MAX);
	int64_t inside = desk.now;
	is(desk_send(&desk, EVENT_EMERGENCY, "operator/w.adams", "", &b), REFUSED_NOT); /* begun again, by one: no longer */
	desk_pass(&desk, inside + 61 * INSTANT_MINUTE);
	assert_int_equal(operator_role_at(now(), "l.haas", desk.now), ROLE_OPM);
	struct limit l = *(const struct limit *)tab_get(now(), &LIMIT_REC, "NOORDZEE/KESTREL");
	l.amount = 1;
	is(room_send(&desk, EVENT_LIMIT, "NOORDZEE", &l, &(struct room_signer){ desk_pair(&desk, "operator/l.haas"), inside }, 1), REFUSED_ROLE);
}

/* --- the ledger itself ------------------------------------------------------------------------------------------ */

static struct ev_prune prune_of(int64_t before, int64_t unwitnessed)
{
	return (struct ev_prune){ .before = before, .unwitnessed = unwitnessed, .root = merkle_root_at(engine_tree(desk.engine), (uint64_t)before) };
}

/* Entries that nobody else has seen are given up by two administrators, by no one alone and not by the node. */
static void entries_unseen_go_by_two_administrators(void **state)
{
	char id[ID_MAX];
	(void)state;
	desk_person(&desk, "z.second", "NOORDZEE", ROLE_ADM, 0);
	while (desk.count < TILE_WIDTH + 2)
		is(desk_send(&desk, EVENT_PROFILE, "party/NOORDZEE", "", &(struct profile){ .id = "DRAHT", .relation_months = (int64_t)desk.count }), REFUSED_NOT);
	struct ev_prune p = prune_of(TILE_WIDTH, 1), seen = prune_of(TILE_WIDTH, 0);
	is(sends(EVENT_PRUNE, "admin", "", &p), REFUSED_ENDORSEMENTS_FEW); /* not while a ledger is set up either */
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(sends(EVENT_PRUNE, "node", "", &p), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_PRUNE, "admin", "", &p), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_PRUNE, "operator/w.adams", "", &p), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_PRUNE, "operator/w.adams operator/h.prins", "", &p), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_PRUNE, "party/NOORDZEE", "", &p), REFUSED_SIGNER_UNKNOWN);
	is(sends(EVENT_PRUNE, "node", "", &seen), REFUSED_UNWITNESSED);
	is(sends(EVENT_PRUNE, "operator/w.adams operator/z.second", "", &seen), REFUSED_UNWITNESSED);
	assert_int_equal(retention_kept(now()), 0);
	struct ev_prune other = p;
	other.root.bytes[0] ^= 1;
	is(sends(EVENT_PRUNE, "operator/w.adams operator/z.second", "", &other), REFUSED_VALUE);
	is(sends(EVENT_PRUNE, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT);
	assert_int_equal(retention_kept(now()), TILE_WIDTH);
}

static void rules_are_raised_by_two(void **state)
{
	char id[ID_MAX];
	struct ev_rules b = { .rules = ENGINE_RULES };
	(void)state;
	in_service(id);
	struct meta m = *engine_meta(desk.engine);
	m.rules = ENGINE_RULES - 1;
	tab_put(engine_tabs_mutable(desk.engine), &META_REC, &m);
	tab_commit(engine_tabs_mutable(desk.engine));
	is(sends(EVENT_RULES, "operator/w.adams", "", &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_RULES, "admin", "", &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_RULES, "operator/w.adams operator/t.okafor", "", &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_RULES, "node", "", &b), REFUSED_SIGNER_UNKNOWN);
	is(sends(EVENT_RULES, "operator/w.adams operator/z.second", "", &b), REFUSED_NOT);
	assert_int_equal(engine_meta(desk.engine)->rules, ENGINE_RULES);
	is(sends(EVENT_RULES, "operator/w.adams operator/z.second", "", &b), REFUSED_RULE_VERSION);
}

/* --- witnesses ---------------------------------------------------------------------------------------------------- */

static enum refusal witnessed_with(const struct key_pair *pair)
{
	struct buf note = { 0 };
	note_put(7, false, "node", NULL, &note);
	note_line(pair, "any.name", NOTE_COSIGNATURE, &note);
	enum refusal r = witnessed_by("party/LEK", pair, &note);
	buf_free(&note);
	return r;
}

/* Nobody's other hand is his witness, a forged or old cosignature is none. */
static void witnesses_are_others_with_keys_that_count(void **state)
{
	struct party sister = { .id = "SISTER", .kind = PARTY_FND, .group = "NOORDZEE", .key = desk_public(&desk, "party", "SISTER") };
	struct key_pair next;
	(void)state;
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &sister), REFUSED_NOT);
	is(witnessed_with(desk_pair(&desk, "party/NOORDZEE")), REFUSED_ROLE);
	is(witnessed_with(desk_pair(&desk, "operator/w.adams")), REFUSED_ROLE);
	is(witnessed_with(desk_pair(&desk, "node")), REFUSED_SIGNER_UNKNOWN);
	is(witnessed_with(desk_pair(&desk, "party/SISTER")), REFUSED_ROLE);
	struct operator early = { .id = "early", .name = "E", .party = "LEK", .role = ROLE_DSP, .key = desk_public(&desk, "operator", "early"),
		.valid_from = desk.now + 60 * H };
	is(desk_send(&desk, EVENT_OPERATOR, "party/LEK", "", &early), REFUSED_NOT);
	is(witnessed_with(desk_pair(&desk, "operator/early")), REFUSED_SIGNER_UNKNOWN); /* his key counts from the day after tomorrow */
	struct operator leaver = { .id = "leaver", .name = "L", .party = "LEK", .role = ROLE_DSP, .key = desk_public(&desk, "operator", "leaver") };
	struct ev_revoke leaves = { .operator = "leaver", .from = desk.now + 24 * H, .reason = "a new post" };
	is(desk_send(&desk, EVENT_OPERATOR, "party/LEK", "", &leaver), REFUSED_NOT);
	is(desk_send(&desk, EVENT_REVOKE, "party/LEK", "", &leaves), REFUSED_NOT);
	is(witnessed_with(desk_pair(&desk, "operator/leaver")), REFUSED_NOT); /* until tomorrow */
	room_pair("lek", 2, &next);
	is(witnessed_with(&next), REFUSED_SIGNER_UNKNOWN);
	struct ev_rotate r = room_rotation("LEK", desk_pair(&desk, "party/LEK"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "party/LEK", "", &r), REFUSED_NOT);
	is(witnessed_with(&next), REFUSED_ROLE); /* it waits */
	is(witnessed_with(desk_pair(&desk, "party/LEK")), REFUSED_NOT);
	desk_pass(&desk, desk.now + 60 * H);
	is(room_send(&desk, EVENT_PROFILE, "NOORDZEE", &(struct profile){ .id = "DRAHT" }, &(struct room_signer){ desk_pair(&desk, "party/NOORDZEE"), 0 }, 1),
		REFUSED_NOT);
	for (size_t i = 0; i < desk.key_count; i++) /* the desk signs for LEK with the next key from here on */
		if (strcmp(desk.keys[i].label, "party/LEK") == 0) {
			struct key_pair old = desk.keys[i].pair;
			desk.keys[i].pair = next;
			is(witnessed_with(&old), REFUSED_SIGNER_UNKNOWN);
			is(witnessed_with(desk_pair(&desk, "operator/leaver")), REFUSED_SIGNER_UNKNOWN);
			is(witnessed_with(&next), REFUSED_NOT);
		}
}

/* --- evidence ------------------------------------------------------------------------------------------------------ */

static const char *evidence_of(const char *label, const char *id, const char *deal)
{
	static uint8_t mark = 40;
	struct sealed_grant g = { .key = desk_public(&desk, "party", id), .box = { { ++mark } } };
	struct buf b = { 0 };
	const struct item *last = NULL;
	snprintf(g.reader, sizeof(g.reader), "%s", id);
	sealed_grants_encode(&g, 1, &b);
	struct ev_put put = { .kind = "photo", .name = "seal.jpg", .media = "image/jpeg", .size = 5000, .confidence = 900,
		.grants = blob_in(&desk.arena, b.ptr, b.len), .digest = { { 1 } }, .manifest = { { mark } } };
	buf_free(&b);
	is(desk_send(&desk, EVENT_PUT, label, deal, &put), REFUSED_NOT);
	TAB_FOR(item, i, now(), &ITEM_REC, "")
		if (!last || i->entry > last->entry)
			last = i;
	return str_dup(&desk.arena, str_of(last->id));
}

/* Evidence is destroyed by whose it is, when nothing runs on it, or by compliance of the book; never under a hold. */
static void nobody_destroys_what_is_anothers(void **state)
{
	static const char *const OTHERS[] = { "party/KESTREL", "party/NOORDZEE", "party/HALVORSEN", "operator/w.adams", "operator/l.haas",
		"operator/m.dahl", "operator/i.vermeer" };
	char deal[ID_MAX];
	struct ev_object b = { .reason = "x" };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(deal, 1), "1001", "1001"), REFUSED_NOT);
	const char *id = evidence_of("party/DRAHT", "DRAHT", deal);
	snprintf(b.object, sizeof(b.object), "%s", id);
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		is(sends(EVENT_SHRED, OTHERS[i], "", &b), REFUSED_ROLE);
	is(sends(EVENT_SHRED, "admin", "", &b), REFUSED_SIGNER_UNKNOWN);
	is(sends(EVENT_SHRED, "node", "", &b), REFUSED_SIGNER_UNKNOWN);
	is(sends(EVENT_SHRED, "gateway/GW-RTM", "", &b), REFUSED_SIGNER_UNKNOWN);
	is(sends(EVENT_SHRED, "operator/a.visser", "", &b), REFUSED_ROLE);
	is(sends(EVENT_SHRED, "party/DRAHT", "", &b), REFUSED_RETENTION); /* the deal runs */
	struct ev_hold hold = { .level = 2, .reason = "looked into" };
	str_copy(hold.object, sizeof(hold.object), str_of(deal));
	is(sends(EVENT_HOLD, "operator/i.vermeer", deal, &hold), REFUSED_NOT);
	is(sends(EVENT_SHRED, "operator/h.prins", "", &b), REFUSED_RETENTION); /* nor compliance under a hold */
	struct operator far = { .id = "d.cmp", .name = "D", .party = "DRAHT", .role = ROLE_CMP, .key = desk_public(&desk, "operator", "d.cmp") };
	is(sends(EVENT_OPERATOR, "party/DRAHT", "", &far), REFUSED_ROLE); /* a supplier has no compliance officer */
	assert_int_equal(((const struct item *)tab_get(now(), &ITEM_REC, id))->shredded_at, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_desk, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_lift_is_of_the_stop_that_stood), T(a_lift_covers_no_further_break),
		T(one_person_lifts_nothing), T(a_stolen_key_names_no_successor), T(a_stolen_root_certified_nobody),
		T(a_stolen_root_that_was_retired_certified_nobody_later), T(a_stolen_root_takes_none_of_long_ago),
		T(a_stolen_root_is_found_out_late),
		T(a_puppet_names_no_successor), T(who_gives_a_key_up_covers_nothing),
		T(a_successor_from_before_the_theft_stays), T(a_successor_from_the_party_stays), T(a_revoked_key_names_no_successor), T(readmitted_the_old_key_stays_dead),
		T(two_keys_of_one_person_are_one), T(a_proposal_of_a_stolen_key_applies_never), T(what_was_begun_names_its_whole_digest),
		T(the_node_answers_for_nobody), T(nobody_sends_as_another), T(emergency_access_is_of_two_others_for_an_hour),
		T(entries_unseen_go_by_two_administrators),
		T(witnesses_are_others_with_keys_that_count), T(nobody_destroys_what_is_anothers),
		cmocka_unit_test_setup_teardown(rules_are_raised_by_two, open_desk, close_edited) };
	return cmocka_run_group_tests_name("insider", tests, NULL, NULL);
}
