/* Attacks by people who hold a valid key: one administrator alone, an endorser who is gone, an affiliate who signs too much, a
 * bank that was not asked, a reader who grants noise, an accuser who repeats himself. Each was possible once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "keys_room.h"
#include "ledger/sealed.h"
#include "ledger/stop.h"
#include "unit/engine/notes.h"

/* --- one administrator alone ------------------------------------------------------------------------------------ */

/* Revoking the others does not make him the only one whom the rule of two asks. */
static void who_revokes_the_others_is_not_two(void **state)
{
	char id[ID_MAX];
	struct ev_revoke r = { .operator = "z.second", .reason = "left" };
	struct operator o = { .id = "puppet", .name = "P", .party = "NOORDZEE", .role = ROLE_CRA, .ceiling = 900000000 };
	struct ev_compromise c = { .holder = "m.dahl", .key = desk_public(&desk, "operator", "m.dahl"), .from = desk.now, .reason = "no" };
	(void)state;
	in_service(id);
	is(desk_send(&desk, EVENT_REVOKE, "operator/w.adams", "", &r), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_REVOKE, "operator/w.adams admin", "", &r), REFUSED_NOT);
	is(desk_send(&desk, EVENT_OPERATOR, "operator/w.adams", "", &o), REFUSED_NOT); /* begun only */
	assert_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "puppet"));
	is(desk_send(&desk, EVENT_COMPROMISE, "operator/w.adams", "", &c), REFUSED_NOT); /* begun only */
	assert_int_equal(room_key(&desk, desk_pair(&desk, "operator/m.dahl"))->compromised_from, 0);
	struct key_pair next;
	room_pair("l.haas", 1, &next);
	struct ev_rotate rotate = room_rotation("l.haas", desk_pair(&desk, "operator/l.haas"), &next);
	is(desk_send(&desk, EVENT_ROTATE, "operator/w.adams", "", &rotate), REFUSED_NOT); /* begun only */
	assert_null(room_key(&desk, &next));
	struct operator third = { .id = "third", .name = "T", .party = "NOORDZEE", .role = ROLE_ADM };
	is(sends(EVENT_OPERATOR, "operator/w.adams party/NOORDZEE", "", &third), REFUSED_NOT); /* and the ledger goes on */
	assert_non_null(tab_get(engine_tabs(desk.engine), &OPERATOR_REC, "third"));
}

static void party_added(const char *id, enum party_status status, enum refusal want)
{
	struct party p = { .kind = PARTY_SUP, .key = desk_public(&desk, "party", id), .status = status };
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", id);
	is(desk_send(&desk, EVENT_PARTY, "operator/w.adams", "", &p), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_PARTY, "operator/w.adams operator/z.second", "", &p), want);
}

static const char *const PUPPETS[] = { "PUP1", "PUP2", "PUP3" };

static void puppets_added(struct room_signer who[3])
{
	for (size_t i = 0; i < 3; i++) {
		char label[24];
		party_added(PUPPETS[i], STATUS_NEW, REFUSED_NOT);
		snprintf(label, sizeof(label), "party/%s", PUPPETS[i]);
		who[i] = (struct room_signer){ desk_pair(&desk, label), 0 };
	}
}

/* A ledger in service whose bank has lost its root key, and names the next one. */
static struct ev_recover root_lost(struct key_pair *next)
{
	char id[ID_MAX];
	in_service(id);
	room_pair("root", 7, next);
	return (struct ev_recover){ .party = "NOORDZEE", .key = room_public(next), .reason = "lost" };
}

/* Parties that he registers himself recover no root key before compliance knows them. */
static void who_registers_parties_has_no_quorum(void **state)
{
	struct key_pair next;
	struct room_signer who[3];
	(void)state;
	struct ev_recover b = root_lost(&next);
	party_added("PUP0", STATUS_APPROVED, REFUSED_VALUE);
	puppets_added(who);
	is(room_send(&desk, EVENT_RECOVER, "PUP1", &b, who, 3), REFUSED_ROLE);
	assert_null(room_key(&desk, &next));
	who[0].pair = desk_pair(&desk, "party/DRAHT");
	is(room_send(&desk, EVENT_RECOVER, "DRAHT", &b, who, 3), REFUSED_ROLE);
	who[1].pair = desk_pair(&desk, "party/LEK");
	who[2].pair = desk_pair(&desk, "party/HALVORSEN");
	is(room_send(&desk, EVENT_RECOVER, "DRAHT", &b, who, 3), REFUSED_NOT);
}

/* Nor do they make the majority larger that the others need. */
static void who_registers_parties_raises_no_majority(void **state)
{
	static const char *const OTHERS[] = { "party/BANKNET", "party/REGISTRY", "party/DRAHT", "party/HALVORSEN", "party/KESTREL", "party/WAALHAVEN",
		"party/LEK" };
	struct key_pair next;
	struct room_signer who[7];
	struct ev_source p = policy_of(13, "\"keys.recover_of\":99");
	(void)state;
	is(desk_send(&desk, EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	struct ev_recover b = root_lost(&next);
	puppets_added(who);
	for (size_t i = 0; i < 7; i++)
		who[i] = (struct room_signer){ desk_pair(&desk, OTHERS[i]), 0 };
	is(room_send(&desk, EVENT_RECOVER, "BANKNET", &b, who, 6), REFUSED_ENDORSEMENTS_FEW);
	is(room_send(&desk, EVENT_RECOVER, "BANKNET", &b, who, 7), REFUSED_NOT);
}

/* Whom compliance approved is known, and stays so while a review is due. */
static void who_was_approved_once_is_known(void **state)
{
	static const enum party_status WAY[] = { STATUS_DOCS, STATUS_SCREENED, STATUS_APPROVED };
	struct key_pair next;
	struct room_signer who[3];
	(void)state;
	struct ev_recover b = root_lost(&next);
	puppets_added(who);
	for (size_t i = 0; i < 9; i++) {
		struct ev_status to = { .status = WAY[i % 3], .until = desk.now + INSTANT_HOUR, .reason = "file" };
		snprintf(to.party, sizeof(to.party), "%s", PUPPETS[i / 3]);
		is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &to), REFUSED_NOT);
	}
	desk_pass(&desk, desk.now + 2 * INSTANT_HOUR);
	assert_int_equal(((const struct party *)tab_get(engine_tabs(desk.engine), &PARTY_REC, "PUP1"))->status, STATUS_REVIEW_DUE);
	is(room_send(&desk, EVENT_RECOVER, "PUP1", &b, who, 3), REFUSED_NOT);
}

/* --- persons ---------------------------------------------------------------------------------------------------- */

/* A supplier that certifies "t.okafor" under another name could open deals that he then may not approve. */
static void nobody_takes_another_partys_person(void **state)
{
	struct operator o = { .id = "o.other", .name = "O", .party = "DRAHT", .role = ROLE_SUM, .person = "t.okafor" };
	(void)state;
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_ROLE);
	snprintf(o.person, sizeof(o.person), "o.draht"); /* its own person may have a second key */
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_NOT);
	struct operator known = { .id = "n.one", .name = "N", .party = "NOORDZEE", .role = ROLE_OPM, .person = "P-100" };
	is(desk_send(&desk, EVENT_OPERATOR, "party/NOORDZEE", "", &known), REFUSED_NOT);
	struct operator takes = { .id = "P-100", .name = "O", .party = "DRAHT", .role = ROLE_SUM };
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &takes), REFUSED_ROLE);
}

/* A person may be called as a party is: his own key is a person's all the same. */
static void a_name_is_no_key(void **state)
{
	struct operator o = { .id = "HALVORSEN", .name = "H", .party = "DRAHT", .role = ROLE_SUM, .key = desk_public(&desk, "operator", "HALVORSEN") };
	struct ev_revoke r = { .operator = "HALVORSEN", .key = desk_public(&desk, "party", "HALVORSEN"), .reason = "mine" };
	(void)state;
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_NOT);
	is(desk_send(&desk, EVENT_REVOKE, "operator/HALVORSEN", "", &r), REFUSED_ROLE);
	r.key = desk_public(&desk, "operator", "HALVORSEN");
	is(desk_send(&desk, EVENT_REVOKE, "operator/HALVORSEN", "", &r), REFUSED_NOT);
}

/* Ids become keys with "/", names of files, and what people read. */
static void ids_are_plain(void **state)
{
	static const char *const BAD[] = { "A/../B", "..", "a b", "\033[31m", "engine", "node", "admin", "root", "-x", "\xc3\xa4" };
	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct party p = { .kind = PARTY_SUP };
		struct operator o = { .name = "N", .party = "DRAHT", .role = ROLE_SUM };
		snprintf(p.id, sizeof(p.id), "%s", BAD[i]);
		snprintf(o.id, sizeof(o.id), "%s", BAD[i]);
		is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_VALUE);
		is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_VALUE);
	}
}

/* --- endorsement ------------------------------------------------------------------------------------------------ */

static enum refusal propose(int kind, const char *label, const char *deal, const void *body)
{
	struct str bytes = signed_by(kind, label, deal, body);
	struct ev_propose b = { .envelope = blob_in(&desk.arena, bytes.ptr, bytes.len) };
	return desk_send(&desk, EVENT_PROPOSE, label, "", &b);
}

static enum refusal endorse(const char *label)
{
	const struct proposal *p = open_proposal();
	struct ev_endorse b = { .content = p->content };
	memcpy(b.proposal, p->id, sizeof(b.proposal));
	return desk_send(&desk, EVENT_ENDORSE, label, "", &b);
}

/* Who endorsed and is gone does not hold up the others. */
static void a_revoked_endorser_is_left_out(void **state)
{
	char id[ID_MAX];
	struct ev_source p = policy_of(13, "\"endorse.policy.set\":\"3 of ADM\""), q = policy_of(14, "\"seat.most\":4");
	struct ev_revoke r = { .operator = "z.second", .from = desk.now, .reason = "left this morning" };
	(void)state;
	in_service(id);
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT);
	struct operator third = { .id = "third", .name = "T", .party = "NOORDZEE", .role = ROLE_ADM, .key = desk_public(&desk, "operator", "third") };
	is(sends(EVENT_OPERATOR, "operator/w.adams operator/z.second", "", &third), REFUSED_NOT);
	is(propose(EVENT_POLICY, "operator/w.adams", "", &q), REFUSED_NOT);
	is(endorse("operator/z.second"), REFUSED_NOT);
	is(sends(EVENT_REVOKE, "operator/w.adams admin", "", &r), REFUSED_NOT);
	is(endorse("operator/third"), REFUSED_NOT);
	assert_int_equal(open_proposal()->state, PROPOSAL_OPEN);
	assert_string_equal(open_proposal()->missing, "1 of ADM"); /* his no longer counts */
	is(endorse("admin"), REFUSED_NOT);
	assert_int_equal(engine_meta(desk.engine)->policy, 14);
}

/* A proposal that is over keeps no bytes, and one party's do not fill the state. */
static void proposals_do_not_fill_the_state(void **state)
{
	char id[ID_MAX];
	struct ev_source q = policy_of(14, "\"seat.most\":4");
	(void)state;
	in_service(id);
	for (int i = 0; i < 200; i++) {
		struct ev_withdraw w = { .reason = "again" };
		is(propose(EVENT_POLICY, "operator/w.adams", "", &q), REFUSED_NOT);
		memcpy(w.proposal, open_proposal()->id, sizeof(w.proposal));
		is(desk_send(&desk, EVENT_WITHDRAW, "operator/w.adams", "", &w), REFUSED_NOT);
	}
	assert_in_range(tab_count(engine_tabs(desk.engine), &PROPOSAL_REC), 1, 128);
	TAB_FOR(proposal, p, engine_tabs(desk.engine), &PROPOSAL_REC, "")
		assert_int_equal(blob_str(p->envelope).len + blob_str(p->endorsed).len, 0);
}

/* --- equivocation ----------------------------------------------------------------------------------------------- */

/* A checkpoint of 7 entries with another root, signed as `label`; `junk` more signature lines of nobody. */
static void lie(const char *label, int junk, struct buf *out)
{
	note_put(7, true, label, NULL, out);
	for (int i = 0; i < junk; i++)
		note_line(desk_pair(&desk, "party/LEK"), "no.body/knows", NOTE_ED25519, out);
}

/* What was said once and lifted is not said again in other bytes. */
static void one_lie_stops_once(void **state)
{
	struct buf a = { 0 }, b = { 0 };
	struct ev_hold lift = { .object = "*/equivocation", .reason = "looked into" };
	(void)state;
	lie("node", 0, &a);
	is(accuse("party/LEK", &a, NULL), REFUSED_NOT);
	const struct stop *s = stop_standing(engine_tabs(desk.engine), "NOORDZEE");
	assert_non_null(s);
	memcpy(lift.object, s->id, sizeof(s->id));
	is(sends(EVENT_STOP_LIFT, "operator/m.dahl operator/h.prins", "", &lift), REFUSED_NOT);
	lie("node", 1, &b);
	is(accuse("party/LEK", &b, NULL), REFUSED_EXISTS); /* a line more */
	is(accuse("party/LEK", &a, &b), REFUSED_EXISTS);   /* with another note */
	assert_null(stop_standing(engine_tabs(desk.engine), "NOORDZEE"));
	buf_free(&a);
	buf_free(&b);
}

/* Whoever holds the node's stolen key cannot stop the book once the theft is known. */
static void a_stolen_key_accuses_nobody(void **state)
{
	char id[ID_MAX];
	struct key_pair next;
	struct buf a = { 0 };
	(void)state;
	in_service(id);
	room_pair("node", 1, &next);
	struct ev_compromise c = { .holder = "node", .key = desk_public(&desk, "node", ""), .from = desk.now, .reason = "stolen" };
	struct ev_rotate r = { .holder = "node", .old = c.key, .key = room_public(&next) };
	is(sends(EVENT_COMPROMISE, "operator/w.adams operator/z.second", "", &c), REFUSED_NOT);
	is(sends(EVENT_ROTATE, "operator/w.adams operator/z.second", "", &r), REFUSED_NOT);
	lie("node", 0, &a);
	is(accuse("party/LEK", &a, NULL), REFUSED_KEY_COMPROMISED);
	assert_null(stop_standing(engine_tabs(desk.engine), "NOORDZEE"));
	buf_free(&a);
}

/* Who registers a party and holds its key has no witness by that, and gives up no entries behind it. */
static void a_puppet_witnesses_nothing(void **state)
{
	char id[ID_MAX];
	struct buf note = { 0 };
	(void)state;
	in_service(id);
	party_added("PUP1", STATUS_NEW, REFUSED_NOT);
	note_put(7, false, "node", "party/PUP1", &note);
	note_line(desk_pair(&desk, "party/LEK"), "any.name", NOTE_COSIGNATURE, &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/PUP1"), &note), REFUSED_ROLE);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_NOT);
	struct ev_status block = { .party = "LEK", .status = STATUS_BLOCKED, .reason = "on a list" };
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &block), REFUSED_NOT);
	is(witnessed_by("node", desk_pair(&desk, "party/LEK"), &note), REFUSED_ROLE);
	buf_free(&note);
}

/* --- replays --- */

/* Requests are remembered for the window; a wider window does not bring back what was forgotten. */
static void a_wider_window_forgets_nothing(void **state)
{
	char id[ID_MAX];
	(void)state;
	in_service(id);
	struct ev_raise raise = { .code = "E07", .title = "seen", .why = "at the gate" };
	memcpy(raise.asset, id, strlen(id) + 1);
	is(desk_send(&desk, EVENT_RAISE, "operator/i.vermeer", "", &raise), REFUSED_NOT);
	struct str bytes = buf_view(&desk.log[desk.count - 1].envelope);
	is(desk_order(&desk, bytes), REFUSED_DUPLICATE);
	for (int day = 0; day < 30; day++) {
		desk_pass(&desk, desk.now + INSTANT_DAY);
		for (int i = 0; i < 40; i++)
			is(desk_send(&desk, EVENT_PROFILE, "party/NOORDZEE", "", &(struct profile){ .id = "DRAHT", .relation_months = 1 + i }), REFUSED_NOT);
	}
	is(desk_order(&desk, bytes), REFUSED_SIGNATURE_STALE);
	struct ev_source wide = policy_of(13, "\"clock.window_days\":90");
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &wide), REFUSED_NOT);
	is(desk_order(&desk, bytes), REFUSED_SIGNATURE_STALE);
}

/* --- the bank --------------------------------------------------------------------------------------------------- */

static void another_bank_confirms_nothing(void **state)
{
	char deal[ID_MAX], xml[1200];
	(void)state;
	struct party other = { .id = "ZBANK", .kind = PARTY_BNK, .group = "ZBANK", .key = desk_public(&desk, "party", "ZBANK") };
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &other), REFUSED_NOT);
	desk_deal_id(deal, 1);
	is(receivables_request(&desk, deal, "4711", "4711"), REFUSED_NOT);
	answer(&desk, deal, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, deal, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", deal, "A11", "approve", "{}");
	act(&desk, "m.dahl", deal, "A11b", "approve", "{}");
	answer(&desk, deal, "assign.register", "{\"number\":\"77-1184\"}");
	act(&desk, "r.lindt", deal, "A13r", "approve", "{}");
	const struct payment *p = tab_get(engine_tabs(desk.engine), &PAYMENT_REC, desk_deal(&desk, deal)->payment);
	char amount[MONEY_TEXT_MAX];
	snprintf(xml, sizeof(xml), "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>X1"
		"</MsgId><CreDtTm>2026-03-16T10:00:00Z</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><Othr><Id>NOSTRO</Id></Othr></Id></Acct>"
		"<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-16</Dt></BookgDt><BkTxCd/>"
		"<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
		money_format(p->amount, "EUR", 0, amount), p->id);
	is(desk_data(&desk, EVENT_BANK, "party/ZBANK", "", "file", xml), REFUSED_ROLE);
	p = tab_get(engine_tabs(desk.engine), &PAYMENT_REC, desk_deal(&desk, deal)->payment);
	assert_int_equal(p->state, PAYMENT_RELEASED);
	is(desk_data(&desk, EVENT_BANK, "party/BANKNET", "", "file", xml), REFUSED_NOT);
	p = tab_get(engine_tabs(desk.engine), &PAYMENT_REC, desk_deal(&desk, deal)->payment);
	assert_int_equal(p->state, PAYMENT_EXECUTED);
}

/* --- evidence --------------------------------------------------------------------------------------------------- */

static const struct blob *reader(const char *kind, const char *id, int noise)
{
	struct sealed_grant g = { .key = desk_public(&desk, kind, id) };
	struct buf b = { 0 };
	snprintf(g.reader, sizeof(g.reader), "%s", id);
	memset(&g.box, noise, sizeof(g.box));
	sealed_grants_encode(&g, 1, &b);
	const struct blob *out = blob_in(&desk.arena, b.ptr, b.len);
	buf_free(&b);
	return out;
}

/* A reader who seals noise to somebody does not keep him out: whose evidence it is grants again. */
static void noise_is_granted_again_by_the_owner(void **state)
{
	char deal[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(deal, 1), "INV-1", "GRN-1"), REFUSED_NOT);
	struct ev_put put = { .kind = "photo", .name = "seal.jpg", .media = "image/jpeg", .size = 5000, .confidence = 900,
		.grants = reader("party", "DRAHT", 1) };
	memset(&put.digest, 5, sizeof(put.digest));
	memset(&put.manifest, 6, sizeof(put.manifest));
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", deal, &put), REFUSED_NOT);
	const struct item *i = tab_first(engine_tabs(desk.engine), &ITEM_REC, "");
	struct ev_grant g = { .grants = reader("operator", "i.vermeer", 2) };
	memcpy(g.item, i->id, sizeof(g.item));
	is(desk_send(&desk, EVENT_GRANT, "party/DRAHT", "", &g), REFUSED_NOT);
	g.grants = reader("operator", "a.visser", 9); /* noise */
	is(desk_send(&desk, EVENT_GRANT, "operator/i.vermeer", "", &g), REFUSED_NOT);
	g.grants = reader("operator", "a.visser", 3);
	is(desk_send(&desk, EVENT_GRANT, "operator/i.vermeer", "", &g), REFUSED_EXISTS);
	is(desk_send(&desk, EVENT_GRANT, "party/DRAHT", "", &g), REFUSED_NOT);
	is(desk_send(&desk, EVENT_GRANT, "party/DRAHT", "", &g), REFUSED_EXISTS); /* the same box again */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_revokes_the_others_is_not_two, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(who_registers_parties_has_no_quorum, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(who_registers_parties_raises_no_majority, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(who_was_approved_once_is_known, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(nobody_takes_another_partys_person, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_name_is_no_key, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(ids_are_plain, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_revoked_endorser_is_left_out, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(proposals_do_not_fill_the_state, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(one_lie_stops_once, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_stolen_key_accuses_nobody, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_puppet_witnesses_nothing, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_wider_window_forgets_nothing, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(another_bank_confirms_nothing, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(noise_is_granted_again_by_the_owner, open_desk, close_desk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
