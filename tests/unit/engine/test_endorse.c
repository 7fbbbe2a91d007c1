/* Endorsement through the engine with real signatures: statements of policy and contracts, envelopes that several signed,
 * proposals from their opening to every end, and approvals that fall with what they approved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/proposal.h"
#include "engine/view_tasks.h"
#include "identity/endorse.h"
#include "ledger/sealed.h"
#include "unit/engine/one_desk.h"

static const struct proposal *last_proposal(void)
{
	const struct proposal *found = NULL;
	TAB_FOR(proposal, p, engine_tabs(desk.engine), &PROPOSAL_REC, "")
		if (!found || p->opened_at > found->opened_at)
			found = p;
	assert_non_null(found);
	return found;
}

static enum refusal propose(int kind, const char *labels, const char *by, const char *deal, const void *body)
{
	struct str bytes = signed_by(kind, labels, deal, body);
	struct ev_propose b = { .envelope = blob_in(&desk.arena, bytes.ptr, bytes.len) };
	return desk_send(&desk, EVENT_PROPOSE, by, "", &b);
}

static enum refusal endorse(const char *by)
{
	const struct proposal *p = last_proposal();
	struct ev_endorse b = { .content = p->content };
	memcpy(b.proposal, p->id, sizeof(b.proposal));
	return desk_send(&desk, EVENT_ENDORSE, by, "", &b);
}

static int64_t policy_now(void)
{
	return engine_meta(desk.engine)->policy;
}

/* --- off the ledger --------------------------------------------------------------------------------------------- */

static void every_signature_is_judged(void **state)
{
	char id[ID_MAX];
	struct ev_revoke revoke = { .operator = "s.brink" };
	struct ev_data grn = { .name = "evidence.grn", .data = blob_in(&desk.arena, "{\"number\":\"1\"}", 14) };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(sends(EVENT_MESSAGE, "party/DRAHT operator/nobody", id, &grn), REFUSED_ENDORSER_UNKNOWN);
	is(desk_send(&desk, EVENT_REVOKE, "admin", "", &revoke), REFUSED_NOT);
	is(sends(EVENT_MESSAGE, "party/DRAHT operator/s.brink", id, &grn), REFUSED_ENDORSER_REVOKED);
	is(sends(EVENT_MESSAGE, "party/DRAHT operator/t.okafor", id, &grn), REFUSED_NOT);
}

static void two_administrators(void **state)
{
	char id[ID_MAX];
	struct ev_source p13 = policy_of(13, "\"seat.most\":4"), p14 = policy_of(14, "\"seat.most\":5"), p15 = policy_of(15, "\"seat.most\":6");
	(void)state;
	is(sends(EVENT_POLICY, "admin", "", &p13), REFUSED_NOT); /* set-up: the root of trust alone */
	in_service(id);
	is(sends(EVENT_POLICY, "admin", "", &p14), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_POLICY, "operator/w.adams", "", &p14), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_POLICY, "operator/w.adams operator/t.okafor", "", &p14), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p14), REFUSED_NOT);
	is(sends(EVENT_POLICY, "operator/z.second admin", "", &p15), REFUSED_NOT); /* the root of trust is one of two */
	/* an unanswered statement leaves with its parameter */
	struct ev_source off = policy_of(16, "\"endorse.policy.set\":\"\""), bad = policy_of(17, "\"endorse.policy.set\":\"2 of\"");
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &off), REFUSED_NOT);
	is(sends(EVENT_POLICY, "operator/w.adams", "", &bad), REFUSED_VALUE);
}

static void same_device_for_both(void **state)
{
	char id[ID_MAX];
	struct operator o = { .role = ROLE_ADM, .id = "z.second", .name = "Second", .party = "NOORDZEE", .device = "laptop-7" };
	struct operator other = { .role = ROLE_ADM, .id = "y.third", .name = "Third", .party = "NOORDZEE", .device = "laptop-7" };
	struct ev_source p = policy_of(13, "\"seat.most\":4");
	(void)state;
	o.key = desk_public(&desk, "operator", "z.second");
	other.key = desk_public(&desk, "operator", "y.third");
	desk_must(&desk, EVENT_OPERATOR, "admin", &o);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(sends(EVENT_OPERATOR, "admin operator/w.adams", "", &other), REFUSED_NOT);
	is(sends(EVENT_POLICY, "operator/z.second operator/y.third", "", &p), REFUSED_ENDORSER_DEVICE);
	is(sends(EVENT_POLICY, "operator/z.second operator/w.adams", "", &p), REFUSED_NOT);
}

/* Of two who are affiliated one may be left out, but not the author: it is his event. */
static void the_author_is_not_left_out(void **state)
{
	struct ev_raise raise = { .code = "E11", .title = "seen" };
	struct ev_source p = policy_of(13, "\"endorse.alert.raise\":\"1 of RSK and 1 of OPC, not affiliated\"");
	(void)state;
	desk_party(&desk, "WESTBANK", PARTY_FND, "", "");
	desk_person(&desk, "f.west", "WESTBANK", ROLE_RSK, 0);
	desk_person(&desk, "g.west", "WESTBANK", ROLE_OPC, 0);
	is(sends(EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	is(sends(EVENT_RAISE, "operator/i.vermeer operator/t.okafor operator/f.west", "", &raise), REFUSED_ENDORSER_AFFILIATED);
	is(sends(EVENT_RAISE, "operator/i.vermeer operator/t.okafor operator/g.west", "", &raise), REFUSED_NOT);
}

static void contracts_state_who_signs(void **state)
{
	char id[ID_MAX];
	struct ev_data arrived = { .name = "goods.arrived", .data = blob_in(&desk.arena, "{}", 2) };
	(void)state;
	is(desk_source(&desk, EVENT_CONTRACT, "extra", STR("call = {}\nendorse(\"message/goods.arrived\", \"1 of WHM|WHK@warehouse\")\n")),
		REFUSED_NOT);
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP-1"), REFUSED_NOT);
	told(&desk, "LEK", id, "goods.departed", "{}");
	is(sends(EVENT_MESSAGE, "party/LEK", id, &arrived), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_MESSAGE, "party/LEK operator/t.okafor", id, &arrived), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_MESSAGE, "party/LEK operator/j.kuiper", id, &arrived), REFUSED_NOT);
	/* a contract speaks of its own affairs, in a language that is read when it is deployed, and only then */
	is(desk_source(&desk, EVENT_CONTRACT, "bad", STR("call = {}\nendorse(\"policy.set\", \"1 of OPC\")\n")), REFUSED_CONTRACT_GATE);
	is(desk_source(&desk, EVENT_CONTRACT, "bad", STR("call = {}\nendorse(\"call/release.close\", \"1 of OPC\")\n")), REFUSED_CONTRACT_GATE);
	is(desk_source(&desk, EVENT_CONTRACT, "bad", STR("call = {}\nendorse(\"message/x\", \"one of OPC\")\n")), REFUSED_CONTRACT_GATE);
	/* the next version takes back what it does not repeat */
	assert_non_null(endorse_first(engine_tabs(desk.engine), "message/goods.arrived"));
	is(desk_source(&desk, EVENT_CONTRACT, "extra", STR("call = {}\n")), REFUSED_NOT);
	assert_null(endorse_first(engine_tabs(desk.engine), "message/goods.arrived"));
}

/* --- on the ledger ---------------------------------------------------------------------------------------------- */

static void proposed_and_endorsed(void **state)
{
	char id[ID_MAX];
	struct ev_source p = policy_of(13, "\"seat.most\":4");
	(void)state;
	in_service(id);
	is(propose(EVENT_POLICY, "operator/w.adams operator/z.second", "operator/w.adams", "", &p), REFUSED_VALUE); /* lacks nobody */
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &p), REFUSED_NOT);
	assert_string_equal(last_proposal()->missing, "1 of ADM");
	assert_string_equal(last_proposal()->signers, "w.adams");
	assert_true(proposal_waits_for(engine_tabs(desk.engine), last_proposal(), "z.second"));
	assert_false(proposal_waits_for(engine_tabs(desk.engine), last_proposal(), "w.adams"));
	assert_false(proposal_waits_for(engine_tabs(desk.engine), last_proposal(), "t.okafor"));
	is(endorse("operator/w.adams"), REFUSED_ENDORSER_TWICE);
	is(endorse("operator/t.okafor"), REFUSED_ROLE);
	assert_int_equal(policy_now(), 12);
	is(endorse("operator/z.second"), REFUSED_NOT);
	assert_int_equal(policy_now(), 13);
	assert_int_equal(last_proposal()->state, PROPOSAL_APPLIED);
	is(endorse("admin"), REFUSED_PROPOSAL_OVER);
	/* who endorsed approved the policy as it then was: the next one voids that */
	struct ev_source q = policy_of(14, "\"seat.most\":5");
	assert_true(act_done_by(engine_tabs(desk.engine), "policy", "z.second", "approve"));
	is(sends(EVENT_POLICY, "operator/z.second operator/w.adams", "", &q), REFUSED_NOT);
	assert_false(act_done_by(engine_tabs(desk.engine), "policy", "z.second", "approve"));
	assert_true(act_done_by(engine_tabs(desk.engine), "policy", "w.adams", "approve"));
}

/* What two have to agree to destroy is there until the second one has; then the entry of his word is the one that destroys. */
static void evidence_is_destroyed_by_a_proposal(void **state)
{
	char id[ID_MAX], place[REC_KEY_MAX];
	struct sealed_grant g = { .reader = "DRAHT", .key = desk_public(&desk, "party", "DRAHT"), .box = { { 1 } } };
	struct ev_put put = { .kind = "photo", .name = "seal.jpg", .media = "image/jpeg", .size = 9, .digest = { { 1 } }, .manifest = { { 2 } } };
	struct ev_object shred = { .reason = "personal data" };
	struct ev_source p = policy_of(13, "\"endorse.evidence.shred\":\"1 of CMP\"");
	struct buf grants = { 0 };
	const struct tabs *s = engine_tabs(desk.engine);
	(void)state;
	in_service(id);
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT);
	sealed_grants_encode(&g, 1, &grants);
	put.grants = blob_in(&desk.arena, grants.ptr, grants.len);
	buf_free(&grants);
	is(desk_send(&desk, EVENT_PUT, "party/DRAHT", "", &put), REFUSED_NOT);
	const struct item *i = tab_first(s, &ITEM_REC, "");
	memcpy(shred.object, i->id, sizeof(i->id));
	is(sends(EVENT_SHRED, "party/DRAHT", "", &shred), REFUSED_ENDORSEMENTS_FEW);
	is(propose(EVENT_SHRED, "party/KESTREL", "party/KESTREL", "", &shred), REFUSED_NOT);
	is(endorse("operator/h.prins"), REFUSED_ROLE); /* somebody else's, whoever agrees */
	is(propose(EVENT_SHRED, "party/DRAHT", "party/DRAHT", "", &shred), REFUSED_NOT);
	assert_true(!i->shredded_at && tab_count(s, &GRANT_REC) == 1);
	is(endorse("operator/t.okafor"), REFUSED_ROLE);
	is(endorse("operator/h.prins"), REFUSED_NOT);
	i = tab_first(s, &ITEM_REC, "");
	assert_true(i->shredded_at && tab_count(s, &GRANT_REC) == 0);
	assert_string_equal(i->shredded_by, "DRAHT");
	snprintf(place, sizeof(place), PLACE_DESTROYED "%020llu", (unsigned long long)engine_link(desk.engine)->next - 1);
	assert_non_null(tab_get(s, &ITEM_PLACE_REC, place)); /* by which every vault forgets it */
}

static void shown_to_whom_it_waits_for(void **state)
{
	char id[ID_MAX];
	struct arena a = { 0 };
	struct ev_source p = policy_of(13, "\"seat.most\":4"), own = policy_of(14, "\"seat.most\":5");
	struct viewer viewer = { .id = "z.second", .party = "NOORDZEE", .role = ROLE_ADM, .now = desk.now };
	struct view_source source = { .tabs = engine_tabs(desk.engine), .viewer = &viewer };
	(void)state;
	in_service(id);
	is(propose(EVENT_POLICY, "operator/z.second", "operator/z.second", "", &own), REFUSED_NOT);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &p), REFUSED_NOT);
	const struct view_tasks *v = view_tasks_build(&a, &source, false, "");
	assert_int_equal(v->endorse_count, 1);
	assert_int_equal(v->proposal_count, 2);
	assert_string_equal(v->endorse[0].signers, "w.adams"); /* what waits for her first, though it waits longer */
	assert_string_equal(v->endorse[0].missing, "1 of ADM");
	assert_string_equal(v->endorse[0].words, "the policy changes: policy");
	snprintf(viewer.id, sizeof(viewer.id), "w.adams");
	assert_string_equal(view_tasks_build(&a, &source, false, "")->endorse[0].signers, "z.second");
	snprintf(viewer.id, sizeof(viewer.id), "o.draht");
	snprintf(viewer.party, sizeof(viewer.party), "DRAHT");
	assert_int_equal(view_tasks_build(&a, &source, false, "")->proposal_count, 0);
	snprintf(viewer.party, sizeof(viewer.party), "NOORDZEE");
	is(endorse("operator/z.second"), REFUSED_NOT);
	snprintf(viewer.id, sizeof(viewer.id), "z.second");
	assert_int_equal(view_tasks_build(&a, &source, false, "")->endorse_count, 0);
	arena_free(&a);
}

static void over_its_own_content_only(void **state)
{
	char id[ID_MAX];
	struct ev_source p = policy_of(13, "\"seat.most\":4"), q = policy_of(13, "\"seat.most\":9");
	struct envelope other;
	struct ev_endorse b = { { 0 } };
	(void)state;
	in_service(id);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &p), REFUSED_NOT);
	memcpy(b.proposal, last_proposal()->id, sizeof(b.proposal));
	b.content = hash_of("other", 5);
	is(desk_send(&desk, EVENT_ENDORSE, "operator/z.second", "", &b), REFUSED_SIGNATURE);
	/* a signature handed in, first over something else, then over this */
	struct str bytes = signed_by(EVENT_POLICY, "operator/z.second", "", &q);
	assert_true(envelope_decode_again(bytes, &other));
	b.content = last_proposal()->content;
	memcpy(b.key.bytes, other.signatures[0].public_key, HASH_SIZE);
	b.signed_at = other.signatures[0].signed_at;
	b.signature = blob_in(&desk.arena, other.signatures[0].signature, ENVELOPE_SIGNATURE_SIZE);
	is(desk_send(&desk, EVENT_ENDORSE, "operator/t.okafor", "", &b), REFUSED_SIGNATURE);
	struct envelope mine;
	struct fault fault;
	assert_true(envelope_decode_again(blob_str(last_proposal()->envelope), &mine));
	assert_int_equal(envelope_sign(&mine, desk_pair(&desk, "operator/z.second")->secret, desk.now, &fault), ERR_OK);
	b.signed_at = mine.signatures[1].signed_at;
	b.signature = blob_in(&desk.arena, mine.signatures[1].signature, ENVELOPE_SIGNATURE_SIZE);
	is(desk_send(&desk, EVENT_ENDORSE, "operator/t.okafor", "", &b), REFUSED_NOT);
	assert_int_equal(policy_now(), 13);
}

static void falls_expires_is_withdrawn(void **state)
{
	char id[ID_MAX];
	struct ev_source p = policy_of(13, "\"seat.most\":4"), q = policy_of(14, "\"seat.most\":5");
	struct ev_withdraw w = { .reason = "thought better of it" };
	(void)state;
	in_service(id);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &q), REFUSED_NOT);
	is(sends(EVENT_POLICY, "operator/w.adams operator/z.second", "", &p), REFUSED_NOT); /* the policy changes under it */
	assert_int_equal(last_proposal()->state, PROPOSAL_FALLEN);
	is(endorse("operator/z.second"), REFUSED_TASK_VERSION);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &q), REFUSED_NOT);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &q), REFUSED_NOT); /* another key: another request */
	memcpy(w.proposal, last_proposal()->id, sizeof(w.proposal));
	is(desk_send(&desk, EVENT_WITHDRAW, "operator/j.kuiper", "", &w), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_WITHDRAW, "operator/z.second", "", &w), REFUSED_NOT);
	is(endorse("operator/z.second"), REFUSED_PROPOSAL_OVER);
	desk_pass(&desk, desk.now + 73 * INSTANT_HOUR);
	TAB_FOR(proposal, k, engine_tabs(desk.engine), &PROPOSAL_REC, "")
		assert_int_not_equal(k->state, PROPOSAL_OPEN);
	is(endorse("operator/z.second"), REFUSED_PROPOSAL_OVER);
	desk_pass(&desk, desk.now + 31 * INSTANT_DAY);
	assert_null(tab_first(engine_tabs(desk.engine), &PROPOSAL_REC, "")); /* closed ones leave the state */
}

static void refused_within_leaves_all_as_it_was(void **state)
{
	char id[ID_MAX];
	struct ev_source bad = policy_of(1, "\"seat.most\":4"); /* an older version: refused by its handler */
	(void)state;
	in_service(id);
	is(propose(EVENT_POLICY, "operator/w.adams", "operator/w.adams", "", &bad), REFUSED_NOT);
	is(endorse("operator/z.second"), REFUSED_VALUE);
	assert_int_equal(last_proposal()->state, PROPOSAL_OPEN);
	assert_string_equal(last_proposal()->signers, "w.adams");
}

/* --- authority -------------------------------------------------------------------------------------------------- */

static void to_committee(char id[ID_MAX], const char *params)
{
	struct ev_source p = policy_of(13, params);
	is(sends(EVENT_POLICY, "admin", "", &p), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", id, "A11", "approve", "{}");
}

static struct ev_task approval(const char *id)
{
	struct ev_task b = { .decision = "approve" };
	const struct task *task = desk_task(&desk, id, "A11b");
	assert_non_null(task);
	memcpy(b.task, task->id, sizeof(b.task));
	b.version = task->version;
	b.seen = task_seen(engine_tabs(desk.engine), task);
	return b;
}

static void committee_above_the_second_step(void **state)
{
	char id[ID_MAX];
	(void)state;
	to_committee(id, "\"authority.two\":50000000");
	struct ev_task b = approval(id);
	is(sends(EVENT_TASK, "operator/m.dahl", id, &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_TASK, "operator/m.dahl operator/i.vermeer", id, &b), REFUSED_ENDORSEMENTS_FEW);
	is(sends(EVENT_TASK, "operator/g.rossi operator/i.vermeer operator/d.meijer", id, &b), REFUSED_ENDORSEMENTS_FEW); /* no chair */
	is(sends(EVENT_TASK, "operator/m.dahl operator/i.vermeer operator/h.prins", id, &b), REFUSED_ENDORSEMENTS_FEW);
	is(propose(EVENT_TASK, "operator/m.dahl", "operator/m.dahl", id, &b), REFUSED_NOT);
	is(endorse("operator/i.vermeer"), REFUSED_NOT);
	assert_string_equal(last_proposal()->missing, "1 of MEMBER");
	is(endorse("operator/h.prins"), REFUSED_ROLE);
	is(endorse("operator/d.meijer"), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_APPROVED);
	assert_true(act_done_by(engine_tabs(desk.engine), id, "i.vermeer", "approve"));
}

/* What the deal holds of the limit is its own amount; what it gave back and another holds now is exposure beside it. */
static void what_was_given_back_is_others(void **state)
{
	char id[ID_MAX];
	(void)state;
	to_committee(id, "\"authority.two\":150000000");
	struct ev_task b = approval(id);
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct limit l = *(const struct limit *)tab_get(s, &LIMIT_REC, "NOORDZEE/HALVORSEN");
	struct claim own = { .state = CLAIM_WITHDRAWN, .amount = desk_deal(&desk, id)->amount };
	l.reserved = own.amount;
	snprintf(own.id, sizeof(own.id), "limit/%s", id);
	tab_put(s, &LIMIT_REC, &l);
	tab_put(s, &CLAIM_REC, &own);
	is(sends(EVENT_TASK, "operator/m.dahl", id, &b), REFUSED_ENDORSEMENTS_FEW);
	own.state = CLAIM_RESERVED;
	tab_put(s, &CLAIM_REC, &own);
	is(sends(EVENT_TASK, "operator/m.dahl", id, &b), REFUSED_NOT);
}

static void rejecting_needs_nobody_else(void **state)
{
	char id[ID_MAX];
	(void)state;
	to_committee(id, "\"authority.two\":50000000");
	is(desk_decide(&desk, "m.dahl", desk_task(&desk, id, "A11b"), "reject", "too large", "{}"), REFUSED_NOT);
}

static void small_approver(void)
{
	struct operator o = { .role = ROLE_CRA, .id = "e.small", .name = "Small", .party = "NOORDZEE", .ceiling = 30000000 };
	o.key = desk_public(&desk, "operator", "e.small");
	desk_must(&desk, EVENT_OPERATOR, "admin", &o);
}

static void a_ceiling_yields_to_the_committee(void **state)
{
	char id[ID_MAX];
	(void)state;
	small_approver();
	to_committee(id, "\"authority.two\":50000000");
	struct ev_task b = approval(id);
	is(sends(EVENT_TASK, "operator/e.small operator/m.dahl operator/i.vermeer operator/d.meijer", id, &b), REFUSED_NOT);
}

static void below_the_second_step_a_ceiling_counts(void **state)
{
	char id[ID_MAX];
	(void)state;
	small_approver();
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", id, "A11", "approve", "{}");
	struct ev_task b = approval(id);
	is(sends(EVENT_TASK, "operator/e.small", id, &b), REFUSED_AUTHORITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_desk, close_desk)
		T(every_signature_is_judged), T(two_administrators), T(same_device_for_both), T(the_author_is_not_left_out), T(contracts_state_who_signs),
		T(proposed_and_endorsed), T(evidence_is_destroyed_by_a_proposal),
		T(shown_to_whom_it_waits_for), T(over_its_own_content_only), T(falls_expires_is_withdrawn), T(refused_within_leaves_all_as_it_was),
		T(committee_above_the_second_step), T(rejecting_needs_nobody_else), T(a_ceiling_yields_to_the_committee),
		T(below_the_second_step_a_ceiling_counts),
		cmocka_unit_test_setup_teardown(what_was_given_back_is_others, open_desk, close_edited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
