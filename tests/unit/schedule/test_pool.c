/* The pool: validation, holds, acts and their rules, plans only when something changed, replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "identity/keyring.h"
#include "contract/state.h"
#include "feed/state.h"
#include "schedule/plan.h"
#include "schedule/pool.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC, &PARTY_REC, &OPERATOR_REC, &GATEWAY_REC, &ACT_REC, &VALUE_REC,
	&DEAL_REC, &INVOICE_REC, &LOT_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &PARAM_REC, &TASK_REC, &DECISION_REC,
	&SEAT_REC, &POOL_REC };

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	int64_t now;
	uint64_t number;
};

static void begin(struct room *r, const char *who)
{
	struct hash seed;
	tab_commit(r->tabs);
	arena_reset(&r->scratch);
	r->number++;
	r->now += INSTANT_SECOND;
	seed = hash_of(&r->number, sizeof(r->number));
	turn_begin(&r->turn, r->tabs, &r->scratch, r->number, r->now, &seed);
	const struct operator *o = tab_get(r->tabs, &OPERATOR_REC, who);
	snprintf(r->turn.actor, sizeof(r->turn.actor), "%s", who);
	snprintf(r->turn.actor_party, sizeof(r->turn.actor_party), "%s", o ? o->party : "NOORDZEE");
	r->turn.actor_role = o ? o->role : ROLE_SVC;
	snprintf(r->turn.kind, sizeof(r->turn.kind), "task.complete");
}

static void person(struct room *r, const char *id, enum role role)
{
	struct operator o;
	struct seat s;
	memset(&o, 0, sizeof(o));
	memset(&s, 0, sizeof(s));
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "%s", id);
	snprintf(o.party, sizeof(o.party), "NOORDZEE");
	o.role = role;
	o.ceiling = 100000000;
	o.key = hash_of(id, strlen(id));
	memcpy(s.id, o.id, sizeof(s.id));
	memcpy(s.party, o.party, sizeof(s.party));
	s.role = role;
	s.most = 3;
	tab_put(r->tabs, &OPERATOR_REC, &o);
	tab_put(r->tabs, &SEAT_REC, &s);
}

static void deal(struct room *r, const char *id, int64_t amount)
{
	struct deal d;
	memset(&d, 0, sizeof(d));
	snprintf(d.id, sizeof(d.id), "%s", id);
	d.state = DEAL_ACCEPTED;
	d.amount = d.payout = amount;
	d.version = 1;
	snprintf(d.currency, sizeof(d.currency), "EUR");
	snprintf(d.funder, sizeof(d.funder), "NOORDZEE");
	snprintf(d.maker, sizeof(d.maker), "m.maker");
	tab_put(r->tabs, &DEAL_REC, &d);
}

static int setup(void **state)
{
	static struct room room;
	memset(&room, 0, sizeof(room));
	room.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	room.now = instant_of(2026, 3, 16, 9, 0, 0);
	person(&room, "m.maker", ROLE_OPM);
	person(&room, "o.one", ROLE_OPC);
	person(&room, "o.two", ROLE_OPC);
	person(&room, "r.risk", ROLE_RSK);
	deal(&room, "DL-1", 10000000);
	deal(&room, "DL-2", 90000000);
	begin(&room, "engine");
	*state = &room;
	return 0;
}

static int teardown(void **state)
{
	struct room *r = *state;
	tabs_free(r->tabs);
	arena_free(&r->scratch);
	return 0;
}

static void open(struct room *r, const char *of, const char *form, const char *act, enum role role, char id[ID_MAX])
{
	struct task k;
	memset(&k, 0, sizeof(k));
	snprintf(k.step, sizeof(k.step), "A11");
	snprintf(k.title, sizeof(k.title), "approve %s", of);
	snprintf(k.form, sizeof(k.form), "%s", form);
	snprintf(k.act, sizeof(k.act), "%s", act);
	snprintf(k.deal, sizeof(k.deal), "%s", of);
	snprintf(k.party, sizeof(k.party), "NOORDZEE");
	snprintf(k.resource, sizeof(k.resource), "desk");
	k.role = role;
	k.duration = 20 * INSTANT_MINUTE;
	k.priority = 4;
	const struct deal *d = tab_get(r->tabs, &DEAL_REC, of);
	k.amount = d ? d->amount : 0;
	task_open(&r->turn, &k);
	memcpy(id, k.id, ID_MAX);
}

static const struct task *task(const struct room *r, const char *id) { return tab_get(r->tabs, &TASK_REC, id); }

static enum refusal complete(struct room *r, const char *id, const char *decision)
{
	return task_complete(&r->turn, id, 0, decision, "because", STR("{}"));
}

static void opened_and_planned(void **state)
{
	struct room *r = *state;
	char small[ID_MAX], large[ID_MAX];
	open(r, "DL-1", "approve", "approve", ROLE_OPC, small);
	open(r, "DL-2", "approve", "approve", ROLE_OPC, large);
	assert_int_equal(task(r, small)->state, TASK_WAITING);
	schedule_turn(&r->turn, "request.open");
	assert_int_equal(task(r, small)->state, TASK_POOLED);
	assert_int_equal(task(r, large)->rank, 1); /* more money at risk */
	assert_int_equal(task(r, small)->rank, 2);
	assert_true(task(r, small)->assigned[0] && task(r, large)->assigned[0]);
	assert_string_not_equal(task(r, small)->assigned, task(r, large)->assigned); /* two people, at once */
	assert_int_equal(tab_count(r->tabs, &DECISION_REC), 1);
	assert_non_null(r->turn.evidence);
}

static void nothing_changed_nothing_planned(void **state)
{
	struct room *r = *state;
	char id[ID_MAX];
	open(r, "DL-1", "approve", "approve", ROLE_OPC, id);
	schedule_turn(&r->turn, "x");
	begin(r, "engine");
	size_t before = tab_mark(r->tabs);
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_WINDOW, .subject = "D" });
	schedule_turn(&r->turn, "feed.batch");
	assert_int_equal(tab_mark(r->tabs), before);
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_STATE, .deal = "DL-2", .a = DEAL_DRAFT, .b = DEAL_SUBMITTED });
	schedule_turn(&r->turn, "message"); /* a deal without tasks */
	assert_int_equal(tab_mark(r->tabs), before);
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_PRICE, .subject = "copper", .b = 1 });
	schedule_turn(&r->turn, "oracle.answer"); /* looked at, nothing to write */
	assert_int_equal(tab_count(r->tabs, &DECISION_REC), 1);
	char other[ID_MAX];
	open(r, "DL-2", "approve", "approve", ROLE_OPC, other);
	task_withdraw(&r->turn, other, "went elsewhere");
	schedule_turn(&r->turn, "x");
	assert_int_equal(tab_count(r->tabs, &DECISION_REC), 1); /* the same pool as before */
	assert_int_equal(task(r, other)->state, TASK_WITHDRAWN);
}

static void who_may_complete(void **state)
{
	struct room *r = *state;
	char id[ID_MAX];
	open(r, "DL-1", "approve", "approve", ROLE_OPC, id);
	schedule_turn(&r->turn, "x");
	begin(r, "r.risk");
	assert_int_equal(complete(r, id, "approve"), REFUSED_ROLE);
	begin(r, "o.one");
	assert_int_equal(task_complete(&r->turn, "TK-none", 0, "approve", "", STR("{}")), REFUSED_TASK_UNKNOWN);
	assert_int_equal(task_complete(&r->turn, id, 7, "approve", "", STR("{}")), REFUSED_TASK_VERSION);
	assert_int_equal(complete(r, id, "perhaps"), REFUSED_VALUE);
	assert_int_equal(task_complete(&r->turn, id, 1, "reject", "", STR("{}")), REFUSED_REASON_MISSING);
	assert_int_equal(task_complete(&r->turn, id, 1, "approve", "", STR("{\"a\":1}")), REFUSED_VALUE); /* no such field */
	assert_int_equal(task_complete(&r->turn, id, 1, "approve", "", STR("{\"note\":1}")), REFUSED_NOT);
	assert_int_equal(task(r, id)->state, TASK_DONE);
	const struct signal *s = turn_next_signal(&r->turn);
	assert_int_equal(s->kind, SIGNAL_TASK_DONE);
	assert_string_equal(s->code, "approve");
	assert_string_equal(s->text, "{\"note\":1}");
	assert_true(act_done_by(r->tabs, "DL-1", "o.one", "approve"));
	assert_int_equal(complete(r, id, "approve"), REFUSED_TASK_UNKNOWN);
	begin(r, "engine");
	open(r, "DL-1", "approve", "approve", ROLE_OPC, id); /* a second signature needs a second person */
	schedule_turn(&r->turn, "x");
	assert_string_equal(task(r, id)->assigned, "o.two");
	begin(r, "o.one");
	assert_int_equal(complete(r, id, "approve"), REFUSED_SOD);
	begin(r, "o.two");
	assert_int_equal(complete(r, id, "approve"), REFUSED_NOT);
}

static void set_level(struct room *r, const char *id, int64_t level)
{
	struct deal d = *(const struct deal *)tab_get(r->tabs, &DEAL_REC, id);
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_LEVEL, .subject = id, .deal = id, .a = d.level, .b = level });
	d.level = level;
	tab_put(r->tabs, &DEAL_REC, &d);
}

static void holds(void **state)
{
	struct room *r = *state;
	char approve[ID_MAX], chase[ID_MAX];
	open(r, "DL-1", "approve", "approve", ROLE_OPC, approve);
	open(r, "DL-1", "chase", "case", ROLE_OPM, chase);
	schedule_turn(&r->turn, "x");
	begin(r, "r.risk");
	set_level(r, "DL-1", 3);
	schedule_turn(&r->turn, "hold.set");
	assert_int_equal(task(r, approve)->state, TASK_HELD);
	assert_int_equal(task(r, approve)->rank, 0);
	assert_int_equal(task(r, chase)->state, TASK_POOLED); /* inflow goes on */
	begin(r, "o.one");
	assert_int_equal(complete(r, approve, "approve"), REFUSED_SUSPENDED);
	begin(r, "r.risk");
	set_level(r, "DL-1", 0);
	schedule_turn(&r->turn, "hold.lift");
	assert_int_equal(task(r, approve)->state, TASK_POOLED);
	begin(r, "r.risk");
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_LEVEL, .subject = approve, .a = 0, .b = 2 });
	schedule_turn(&r->turn, "hold.set");
	assert_int_equal(task(r, approve)->state, TASK_HELD);
	begin(r, "engine");
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_PRICE, .subject = "copper" });
	schedule_turn(&r->turn, "oracle.answer");
	assert_int_equal(task(r, approve)->state, TASK_HELD); /* until a person lifts it */
	begin(r, "r.risk");
	turn_signal(&r->turn, (struct signal){ .kind = SIGNAL_LEVEL, .subject = approve, .a = 2, .b = 0 });
	schedule_turn(&r->turn, "hold.lift");
	assert_int_equal(task(r, approve)->state, TASK_POOLED);
}

static void cases(void **state)
{
	struct room *r = *state;
	struct task k;
	memset(&k, 0, sizeof(k));
	snprintf(k.step, sizeof(k.step), "E06");
	snprintf(k.form, sizeof(k.form), "case");
	snprintf(k.act, sizeof(k.act), "case");
	snprintf(k.alert, sizeof(k.alert), "AL-1");
	snprintf(k.deal, sizeof(k.deal), "DL-1");
	k.role = ROLE_RSK;
	k.priority = 9;
	task_open(&r->turn, &k);
	schedule_turn(&r->turn, "x");
	set_level(r, "DL-1", 3);
	schedule_turn(&r->turn, "x");
	assert_int_equal(task(r, k.id)->state, TASK_POOLED); /* a case is never held by what it is about */
	begin(r, "r.risk");
	struct deal d = *(const struct deal *)tab_get(r->tabs, &DEAL_REC, "DL-1");
	d.state = DEAL_FUNDED;
	tab_put(r->tabs, &DEAL_REC, &d);
	assert_int_equal(complete(r, k.id, "compensate"), REFUSED_PAST_PIVOT);
	d.state = DEAL_APPROVED;
	tab_put(r->tabs, &DEAL_REC, &d);
	assert_int_equal(complete(r, k.id, "compensate"), REFUSED_NOT);
	const struct signal *s = turn_next_signal(&r->turn);
	assert_int_equal(s->kind, SIGNAL_CASE_DONE);
	assert_string_equal(s->subject, "AL-1");
	assert_string_equal(s->code, "compensate");
	assert_string_equal(s->extra, "r.risk");
	memset(k.id, 0, sizeof(k.id));
	snprintf(k.step, sizeof(k.step), "E09");
	task_open(&r->turn, &k);
	assert_int_equal(complete(r, k.id, "compensate"), REFUSED_VALUE); /* nothing to undo in a price */
	assert_int_equal(complete(r, k.id, "hold"), REFUSED_NOT);
}

static void layers(void **state)
{
	struct room *r = *state;
	char id[ID_MAX], failing[64];
	struct party p;
	struct deal d = *(const struct deal *)tab_get(r->tabs, &DEAL_REC, "DL-1");
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "BRANDT");
	snprintf(d.party, sizeof(d.party), "BRANDT");
	tab_put(r->tabs, &PARTY_REC, &p);
	tab_put(r->tabs, &DEAL_REC, &d);
	open(r, "DL-1", "approve", "approve", ROLE_OPC, id);
	assert_true(task_validate(&r->turn, task(r, id), failing));
	p.blocked = 1;
	tab_put(r->tabs, &PARTY_REC, &p);
	assert_false(task_validate(&r->turn, task(r, id), failing));
	assert_string_equal(failing, "compliance blocks BRANDT");
	p.blocked = 0;
	tab_put(r->tabs, &PARTY_REC, &p);
	struct proof proof;
	memset(&proof, 0, sizeof(proof));
	snprintf(proof.id, sizeof(proof.id), "DL-1/grn");
	snprintf(proof.item, sizeof(proof.item), "grn");
	proof.state = PROOF_REFUSED;
	tab_put(r->tabs, &PROOF_REC, &proof);
	assert_false(task_validate(&r->turn, task(r, id), failing));
	assert_string_equal(failing, "evidence refused: grn");
	tab_delete(r->tabs, &PROOF_REC, "DL-1/grn");
	d.kind = DEAL_PLEDGE;
	snprintf(d.commodity, sizeof(d.commodity), "copper");
	snprintf(d.site, sizeof(d.site), "RTM");
	tab_put(r->tabs, &DEAL_REC, &d);
	struct value v;
	memset(&v, 0, sizeof(v));
	snprintf(v.id, sizeof(v.id), "copper");
	v.state = VALUE_SPREAD;
	tab_put(r->tabs, &VALUE_REC, &v);
	assert_false(task_validate(&r->turn, task(r, id), failing));
	assert_string_equal(failing, "the price of copper has no quorum");
	schedule_turn(&r->turn, "x");
	assert_int_equal(task(r, id)->state, TASK_WAITING);
	begin(r, "o.one");
	assert_int_equal(complete(r, id, "approve"), REFUSED_NOT_IN_POOL);
	assert_int_equal(complete(r, id, "reject"), REFUSED_NOT); /* to say no is always possible */
	open(r, "DL-1", "release", "release-payment", ROLE_TRR, id);
	assert_false(task_validate(&r->turn, task(r, id), failing));
	assert_string_equal(failing, "nobody holds the role TRR");
}

static void claims(void **state)
{
	struct room *r = *state;
	char ids[4][ID_MAX];
	for (int i = 0; i < 4; i++)
		open(r, i % 2 ? "DL-1" : "DL-2", "clear", "clear", ROLE_OPC, ids[i]);
	schedule_turn(&r->turn, "x");
	begin(r, "o.one");
	assert_int_equal(task_claim(&r->turn, ids[0], false), REFUSED_NOT);
	schedule_turn(&r->turn, "task.claim");
	assert_int_equal(task(r, ids[0])->state, TASK_CLAIMED);
	assert_string_equal(task(r, ids[0])->assigned, "o.one");
	begin(r, "o.two");
	assert_int_equal(task_claim(&r->turn, ids[0], false), REFUSED_TASK_VERSION);
	assert_int_equal(complete(r, ids[0], "approve"), REFUSED_TASK_VERSION);
	assert_int_equal(task_claim(&r->turn, ids[1], true), REFUSED_VALUE);
	begin(r, "o.one");
	assert_int_equal(task_claim(&r->turn, ids[1], false), REFUSED_NOT);
	assert_int_equal(task_claim(&r->turn, ids[2], false), REFUSED_NOT);
	assert_int_equal(task_claim(&r->turn, ids[3], false), REFUSED_VALUE); /* three at most */
	assert_int_equal(task_claim(&r->turn, ids[0], true), REFUSED_NOT);
	schedule_turn(&r->turn, "task.claim");
	assert_int_equal(task(r, ids[0])->state, TASK_POOLED);
}

/* --- replay --------------------------------------------------------------------------------------- */

static const struct decision *plan_of(const struct room *r)
{
	const struct decision *last = NULL;
	TAB_FOR(decision, d, r->tabs, &DECISION_REC, "")
		if (d->kind == DECISION_PLAN)
			last = d;
	return last;
}

static void replays_equal_and_shows_the_first_difference(void **state)
{
	struct room *r = *state;
	char id[ID_MAX], first[240];
	open(r, "DL-1", "approve", "approve", ROLE_OPC, id);
	open(r, "DL-2", "approve", "approve", ROLE_OPC, id);
	schedule_turn(&r->turn, "x");
	const struct decision *d = plan_of(r);
	struct str snapshot = r->turn.evidence->bytes;
	assert_true(hash_eq(&d->snapshot, &r->turn.evidence->digest));
	assert_true(decision_replay(snapshot, d, first));
	assert_string_equal(first, "");
	char *copy = arena_copy(&r->scratch, snapshot.ptr, snapshot.len);
	size_t named = 0;
	for (size_t i = 0; i < snapshot.len; i++) {
		copy[i] ^= 1;
		assert_false(decision_replay((struct str){ copy, snapshot.len }, d, first));
		assert_true(first[0] != 0);
		named += strncmp(first, "step ", 5) == 0;
		copy[i] ^= 1;
	}
	assert_true(named * 2 > snapshot.len); /* most bytes are found at their step */
	/* the amount of the second deal, altered */
	struct plan_snapshot s;
	struct buf b = { 0 };
	assert_true(plan_snapshot_decode(snapshot, &r->scratch, &s));
	struct buf whole = { 0 };
	s.problem->tasks[1].amount = 1;
	plan_problem_encode(s.problem, &b);
	plan_snapshot_encode(&r->scratch, s.problem, s.plan, &whole);
	memcpy(whole.ptr + whole.len - 4 * s.steps, s.digests, 4 * s.steps);
	assert_false(decision_replay(buf_view(&whole), d, first));
	assert_non_null(strstr(first, "0.01 at risk"));
	buf_free(&b);
	buf_free(&whole);
}

static void other_decisions(void **state)
{
	struct room *r = *state;
	char id[ID_MAX], first[240];
	decision_record_id(&r->turn, DECISION_ZONE, "price", "DL-1", "zone warning", STR("inputs"), STR("warning"), id);
	const struct decision *d = tab_get(r->tabs, &DECISION_REC, id);
	struct str snapshot = r->turn.evidence->bytes;
	assert_true(decision_replay(snapshot, d, first));
	char *copy = arena_copy(&r->scratch, snapshot.ptr, snapshot.len);
	for (size_t i = 0; i < snapshot.len; i++) {
		copy[i] ^= 1;
		assert_false(decision_replay((struct str){ copy, snapshot.len }, d, first));
		copy[i] ^= 1;
	}
}

/* The same history gives the same state: nothing outside the tables decides. */
static void same_history_same_state(void **state)
{
	struct hash digests[2];
	(void)state;
	for (int run = 0; run < 2; run++) {
		void *s;
		char id[ID_MAX];
		setup(&s);
		struct room *r = s;
		for (int i = 0; i < 12; i++) {
			open(r, i % 3 ? "DL-1" : "DL-2", i % 2 ? "approve" : "clear", i % 2 ? "approve" : "clear", ROLE_OPC, id);
			schedule_turn(&r->turn, "x");
			begin(r, i % 4 ? "o.one" : "o.two");
			if (i % 5 == 4) {
				complete(r, id, "approve");
				schedule_turn(&r->turn, "task.complete");
				begin(r, "engine");
			}
		}
		digests[run] = tabs_digest(r->tabs);
		teardown(&s);
	}
	assert_true(hash_eq(&digests[0], &digests[1]));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(opened_and_planned), T(nothing_changed_nothing_planned), T(who_may_complete),
		T(holds), T(cases), T(layers), T(claims), T(replays_equal_and_shows_the_first_difference), T(other_decisions),
		cmocka_unit_test(same_history_same_state) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
