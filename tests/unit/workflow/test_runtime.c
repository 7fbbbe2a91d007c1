/* The runtime: one inline model for each construct, run event by event (see workflow_room.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workflow_room.h"

static struct room room;

static int enter(void **state)
{
	(void)state;
	room_open(&room);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	bool whole = !room.broken[0];
	if (!whole)
		printf("invariant: %s\n", room.broken);
	room_close(&room);
	return whole ? 0 : -1;
}

static void run_with(const char *model, const char *json)
{
	assert_int_equal(room_deploy(&room, model), REFUSED_NOT);
	assert_int_equal(room_start(&room, json), REFUSED_NOT);
}

static void run(const char *model)
{
	run_with(model, "{}");
}

#define STATE(name) assert_string_equal(room_state(&room), name)
#define LOG(text) assert_string_equal(fake.log, text)
#define AT(node) assert_non_null(room_token(&room, node))
#define NOT_AT(node) assert_null(room_token(&room, node))

/* --- sequence and data ---------------------------------------------------------------------------- */

static void calls_in_order(void **state)
{
	(void)state;
	fake_result("c.one", "{\"grade\":3,\"list\":[1,\"x\"],\"flag\":true,\"none\":null}");
	run_with(MODEL(START FLOW("f1", "start", "a") SVC("a", "one") FLOW("f2", "a", "b")
		"<task id='b'/>" FLOW("f3", "b", "c") SVC("c", "two") FLOW("f4", "c", "end") END("end")),
		"{\"amount\":\"12.50\",\"invoice\":{\"id\":\"RV-9\"}}");
	LOG("one two");
	STATE("done");
	assert_string_equal(fake.args, "{\"amount\":\"12.50\",\"flag\":true,\"grade\":3,"
		"\"invoice\":{\"id\":\"RV-9\"},\"list\":[1,\"x\"],\"none\":null}");
	assert_string_equal(room_step(&room, "a")->flow, "f2");
	assert_int_equal(tab_count(room.tabs, &TOKEN_REC), 0);
}

static void long_text_is_kept_whole(void **state)
{
	(void)state;
	char json[400], text[301];
	memset(text, 'x', 300);
	text[300] = '\0';
	snprintf(json, sizeof(json), "{\"note\":\"%s\"}", text);
	run_with(MODEL(START FLOW("f1", "start", "a") SVC("a", "one") FLOW("f2", "a", "end") END("end")), json);
	assert_string_equal(fake.args, json);
}

static void task_carries_all(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a")
		"<userTask id='a' name='Approve' wharf:title='Approve purchase' wharf:step='A11' wharf:role='OPC' wharf:act='approve' "
		"wharf:form='approve' wharf:duration='PT15M' wharf:deadline='PT24H' wharf:priority='450' "
		"wharf:resource='desk' wharf:reversible='before'/>"
		FLOW("f2", "a", "end") END("end")));
	const struct task *t = room_task(&room, "a");
	assert_non_null(t);
	assert_string_equal(t->title, "Approve purchase");
	assert_string_equal(t->step, "A11");
	assert_int_equal(t->role, ROLE_OPC);
	assert_string_equal(t->act, "approve");
	assert_string_equal(t->form, "approve");
	assert_string_equal(t->party, "FUND");
	assert_string_equal(t->deal, ROOM_DEAL);
	assert_string_equal(t->instance, room.instance);
	assert_string_equal(t->resource, "desk");
	assert_int_equal(t->duration, 15 * INSTANT_MINUTE);
	assert_int_equal(t->deadline, t->opened_at + 24 * INSTANT_HOUR);
	assert_int_equal(t->priority, 4);
	assert_int_equal(t->reversible, 0);
	assert_int_equal(t->amount, 98400000);
	assert_int_equal(t->decay, 9840); /* 984,000.00 at 3.6 % a year over 360 days */
	assert_string_equal(t->currency, "EUR");
	assert_true(act_done_by(room.tabs, ROOM_DEAL, "", ACT_CONCERN));
	assert_true(room_complete(&room, "a", "approve", "{\"note\":\"seen\"}"));
	assert_string_equal(room_variable(&room, "decision"), "approve");
	assert_string_equal(room_variable(&room, "note"), "seen");
	STATE("done");
}

static void task_goes_to_whose_people(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a") USER("a", "WHM", "receipt", "receipt") FLOW("f2", "a", "end") END("end")));
	assert_string_equal(room_task(&room, "a")->party, "HALL");
}

static void task_calls_on_its_primary_decision(void **state)
{
	(void)state;
	const char *model = MODEL(START FLOW("f1", "start", "a")
		"<userTask id='a' wharf:role='WHM' wharf:act='receipt' wharf:form='receipt'" CALL("count") "/>"
		ON_ERROR("b", "a", "e-limit") FLOW("fb", "b", "end2") FLOW("f2", "a", "end") END("end") END("end2"));
	run(model);
	room_complete(&room, "a", "done", "{\"packages\":39}");
	LOG("count");
	assert_string_equal(fake.args, "{\"decision\":\"done\",\"packages\":39}");
	room_start(&room, "{}");
	room_complete(&room, "a", "reject", "{}");
	LOG("count");
	STATE("done");
	fake_refuse("c.count", REFUSED_LIMIT, 1);
	room_start(&room, "{}");
	room_complete(&room, "a", "done", "{}");
	assert_non_null(room_step(&room, "end2"));
	STATE("done");
}

/* --- gateways ------------------------------------------------------------------------------------- */

#define CHOICE MODEL(START FLOW("f1", "start", "g") XOR("g", "no") \
	WHEN("big", "g", "a", "=decision = \"approve\" and deal.payout &gt; 250000") \
	WHEN("small", "g", "b", "=decision = \"approve\" and amount &lt;= 250000.00") FLOW("no", "g", "c") \
	SVC("a", "big") SVC("b", "small") SVC("c", "none") FLOW("f2", "a", "j") FLOW("f3", "b", "j") FLOW("f4", "c", "j") \
	XOR_JOIN("j") FLOW("f5", "j", "end") END("end"))

static void chooses_and_says_why(void **state)
{
	(void)state;
	run_with(CHOICE, "{\"decision\":\"approve\",\"amount\":\"984000.00\"}");
	LOG("big");
	assert_string_equal(room_step(&room, "g")->flow, "big");
	assert_non_null(strstr(room_step(&room, "g")->why, "984000 > 250000"));
	struct deal d = *(const struct deal *)tab_get(room.tabs, &DEAL_REC, ROOM_DEAL);
	d.payout = 25000000;
	tab_put(room.tabs, &DEAL_REC, &d);
	room_start(&room, "{\"decision\":\"approve\",\"amount\":\"250000.00\"}");
	LOG("big small");
	room_start(&room, "{\"decision\":\"reject\"}");
	LOG("big small none");
	assert_string_equal(room_step(&room, "g")->flow, "no");
	assert_non_null(strstr(room_step(&room, "g")->why, "else: "));
}

static void no_way_out_is_an_incident(void **state)
{
	(void)state;
	run_with(MODEL(START FLOW("f1", "start", "g") XOR_JOIN("g") WHEN("x", "g", "a", "=n = 1") WHEN("y", "g", "b", "=n = 2")
		SVC("a", "one") SVC("b", "two") FLOW("f2", "a", "end") FLOW("f3", "b", "end2") END("end") END("end2")),
		"{\"n\":3}");
	STATE("incident");
	assert_string_equal(room.incident, "expression");
	AT("g");
}

static void forks_and_joins(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f0", "start", "g") AND("g") FLOW("f1", "g", "a") FLOW("f2", "g", "b") FLOW("f3", "g", "c")
		RECV("a", "m.a") RECV("b", "m.b") SVC("c", "mid") FLOW("f4", "a", "j") FLOW("f5", "b", "j") FLOW("f6", "c", "j")
		AND("j") FLOW("f7", "j", "d") SVC("d", "last") FLOW("f8", "d", "end") END("end")));
	LOG("mid");
	room_message(&room, "m.b", "{}");
	STATE("running");
	room_message(&room, "m.a", "{}");
	LOG("mid last");
	STATE("done");
}

/* Two tokens by the same flow do not make up for the other one. */
static void a_join_that_cannot_be_is_an_incident(void **state)
{
	(void)state;
	run_with(MODEL(START FLOW("f0", "start", "g") XOR("g", "f2") WHEN("f1", "g", "a", "=n = 1") FLOW("f2", "g", "b")
		SVC("a", "one") SVC("b", "two") FLOW("f4", "a", "j") FLOW("f5", "b", "j") AND("j") FLOW("f7", "j", "end")
		END("end")), "{\"n\":1}");
	STATE("incident");
	assert_string_equal(room.incident, "process-invalid");
}

/* --- messages ------------------------------------------------------------------------------------- */

#define ASKS MODEL(START FLOW("f1", "start", "s") \
	"<sendTask id='s' wharf:effect='debt.request' wharf:party='obligor' wharf:message='debt.confirmed'/>" \
	FLOW("f2", "s", "a") RECV("a", "debt.confirmed") ON_TIMER("late", "a", "PT72H") ON_ERROR("bad", "a", "e-own") \
	FLOW("f3", "a", "b") SVC("b", "confirm") FLOW("f4", "b", "end") END("end") FLOW("f5", "late", "r") \
	FLOW("f6", "bad", "r") SVC("r", "reject") FLOW("f7", "r", "end2") END("end2"))

static const struct effect *the_effect(void)
{
	return tab_first(room.tabs, &EFFECT_REC, "");
}

static enum refusal reply(const char *code, const char *json)
{
	char id[ID_MAX];
	snprintf(id, sizeof(id), "%s", the_effect()->id);
	room_begin(&room);
	enum refusal r = effect_reply(&room.turn, &room.w, id, code, str_of(json));
	room_end(&room);
	return r;
}

static void asks_and_is_answered(void **state)
{
	(void)state;
	run(ASKS);
	assert_string_equal(the_effect()->party, "BUYER");
	assert_string_equal(the_effect()->reply, "debt.confirmed");
	assert_string_equal((const char *)the_effect()->data->bytes,
		"{\"invoice\":\"RV-1\",\"amount\":\"1000000.00\",\"due\":\"2026-03-18\"}");
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 1);
	assert_int_equal(reply("ok", "{\"amount\":\"1000000.00\"}"), REFUSED_NOT);
	LOG("confirm");
	STATE("done");
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 0);
	assert_int_equal(the_effect()->state, EFFECT_ANSWERED);
	assert_int_equal(reply("ok", "{}"), REFUSED_EFFECT_UNKNOWN);
}

static void an_answer_may_be_an_error(void **state)
{
	(void)state;
	run(ASKS);
	assert_int_equal(reply("own-code", "{\"by\":\"x\"}"), REFUSED_NOT);
	LOG("reject");
	assert_int_equal(the_effect()->state, EFFECT_FAILED);
	assert_string_equal(room_variable(&room, "reason"), "own-code");
	room_start(&room, "{}");
	room_message(&room, "debt.confirmed", "{\"error\":\"own-code\"}");
	LOG("reject reject");
	room_start(&room, "{}");
	room_message(&room, "debt.confirmed", "{\"error\":\"debt-refused\"}");
	STATE("incident");
	assert_string_equal(room.incident, "debt-refused");
}

static void a_wait_times_out(void **state)
{
	(void)state;
	run(ASKS);
	int64_t began = room.now;
	assert_true(room_tick(&room));
	assert_true(room.now >= began + 72 * INSTANT_HOUR);
	LOG("reject");
	assert_string_equal(room_variable(&room, "reason"), "timeout");
	assert_int_equal(room_step(&room, "a")->state, STEP_WITHDRAWN);
	STATE("done");
}

static void an_early_message_waits_in_the_inbox(void **state)
{
	(void)state;
	room_message(&room, "debt.confirmed", "{\"amount\":\"7.00\"}");
	room_message(&room, "debt.confirmed", "{\"amount\":\"8.00\"}");
	run(ASKS);
	LOG("confirm");
	assert_string_equal(room_variable(&room, "amount"), "7.00");
	assert_int_equal(tab_count(room.tabs, &INBOX_REC), 1);
	room.now += 15 * INSTANT_DAY; /* the second is too old by now */
	room_start(&room, "{}");
	AT("a");
	room_message(&room, "other", "{}");
	assert_int_equal(tab_count(room.tabs, &INBOX_REC), 1);
}

static void an_unknown_party_stops_the_send(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "s") "<sendTask id='s' wharf:effect='x' wharf:party='INS'/>"
		FLOW("f2", "s", "end") END("end")));
	STATE("incident");
	assert_string_equal(room.incident, "party-unknown");
	assert_int_equal(tab_count(room.tabs, &EFFECT_REC), 0);
}

static void sends_what_it_names(void **state)
{
	(void)state;
	run_with(MODEL(START FLOW("f1", "start", "s") "<sendTask id='s' wharf:effect='bank.pay' wharf:party='party' "
		"wharf:data='amount labels  none'/>" FLOW("f2", "s", "end") END("end")), "{\"amount\":\"1.00\",\"labels\":[\"a\",\"b\"],\"x\":1}");
	assert_string_equal(the_effect()->party, "SELLER");
	assert_string_equal((const char *)the_effect()->data->bytes,
		"{\"amount\":\"1.00\",\"labels\":[\"a\",\"b\"],\"none\":null}");
}

static void pays_what_the_payment_says(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "s") "<sendTask id='s' wharf:effect='bank.pay' wharf:party='BNK'/>"
		FLOW("f2", "s", "end") END("end")));
	assert_string_equal(the_effect()->party, "BANK");
	assert_string_equal((const char *)the_effect()->data->bytes,
		"{\"payment\":\"PY-1\",\"amount\":\"984000.00\",\"account\":\"NL00BANK0123456789\"}");
}

/* --- boundary events and timers ------------------------------------------------------------------- */

#define GUARDED MODEL(START FLOW("f1", "start", "a") USER("a", "OPM", "case", "correct") \
	ON_MESSAGE("m", "a", "stop") ON_TIMER("t", "a", "PT24H") FLOW("f2", "a", "end") END("end") \
	FLOW("f3", "m", "b") FLOW("f4", "t", "c") SVC("b", "stopped") SVC("c", "late") FLOW("f5", "b", "end2") \
	FLOW("f6", "c", "end3") END("end2") END("end3"))

static void a_message_interrupts(void **state)
{
	(void)state;
	run(GUARDED);
	room_message(&room, "stop", "{}");
	LOG("stopped");
	assert_null(room_task(&room, "a"));
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 0);
	room_message(&room, "stop", "{}"); /* came before the next one waits */
	room_start(&room, "{}");
	LOG("stopped stopped");
	room_start(&room, "{}");
	room_tick(&room);
	LOG("stopped stopped late");
	STATE("done");
}

static void an_intermediate_timer_waits(void **state)
{
	(void)state;
	run_with(MODEL(START FLOW("f1", "start", "a")
		"<intermediateCatchEvent id='a'><timerEventDefinition><timeDuration>=pause</timeDuration></timerEventDefinition>"
		"</intermediateCatchEvent>" FLOW("f2", "a", "end") END("end")), "{\"pause\":\"PT1H\"}");
	int64_t began = room.now;
	assert_true(room_tick(&room));
	assert_in_range(room.now, began + INSTANT_HOUR, began + INSTANT_HOUR + 10);
	STATE("done");
	room_start(&room, "{\"pause\":\"soon\"}");
	STATE("incident");
}

/* --- errors --------------------------------------------------------------------------------------- */

static void a_refusal_is_an_error(void **state)
{
	(void)state;
	fake_refuse("c.one", REFUSED_LIMIT, 1);
	run(MODEL(START FLOW("f1", "start", "a") SVC("a", "one") ON_ANY_ERROR("any", "a") ON_ERROR("lim", "a", "e-limit")
		FLOW("f2", "a", "end") END("end") FLOW("f3", "lim", "b") FLOW("f4", "any", "c") SVC("b", "limit")
		SVC("c", "other") FLOW("f5", "b", "end2") FLOW("f6", "c", "end3") END("end2") END("end3")));
	LOG("limit");
	assert_string_equal(room_variable(&room, "error"), "limit-exceeded");
	assert_int_equal(room_step(&room, "a")->state, STEP_FAILED);
	fake_refuse("c.one", REFUSED_MATCH, 1);
	room_start(&room, "{}");
	LOG("limit other");
}

static void uncaught_is_an_incident_and_may_be_retried(void **state)
{
	(void)state;
	fake_refuse("c.one", REFUSED_LIMIT, 2);
	run(MODEL(START FLOW("f1", "start", "a") SVC("a", "one") ON_ERROR("b", "a", "e-match") FLOW("f2", "a", "end")
		FLOW("f3", "b", "end2") END("end") END("end2")));
	STATE("incident");
	assert_string_equal(room.incident, "limit-exceeded");
	assert_string_equal(room_step(&room, "a")->why, "limit-exceeded: c.one says no");
	char id[48];
	snprintf(id, sizeof(id), "%s", room_token(&room, "a")->id);
	room_begin(&room);
	assert_int_equal(workflow_retry(&room.turn, &room.w, id), REFUSED_NOT);
	room_end(&room);
	STATE("incident");
	room_begin(&room);
	assert_int_equal(workflow_retry(&room.turn, &room.w, id), REFUSED_NOT);
	room_end(&room);
	STATE("done");
	room_begin(&room);
	assert_int_equal(workflow_retry(&room.turn, &room.w, id), REFUSED_INSTANCE_UNKNOWN);
	room_end(&room);
}

/* --- sub-processes -------------------------------------------------------------------------------- */

#define TRANSIT MODEL(START FLOW("f1", "start", "s") SUB("s", "<startEvent id='s0'/>" FLOW("g1", "s0", "w1") \
	RECV("w1", "goods.departed") FLOW("g2", "w1", "w2") RECV("w2", "goods.arrived") FLOW("g3", "w2", "w3") \
	SVC("w3", "arrive") FLOW("g4", "w3", "s9") "<endEvent id='s9'/>") ON_TIMER("late", "s", "P5D") \
	ON_ERROR("bad", "s", "e-limit") FLOW("f2", "s", "a") SVC("a", "after") FLOW("f3", "a", "end") END("end") \
	FLOW("f4", "late", "b") SVC("b", "gone") FLOW("f5", "b", "end2") END("end2") FLOW("f6", "bad", "c") SVC("c", "caught") \
	FLOW("f7", "c", "end3") END("end3"))

static void a_scope_runs_and_ends(void **state)
{
	(void)state;
	run(TRANSIT);
	AT("s");
	room_message(&room, "goods.departed", "{}");
	room_message(&room, "goods.arrived", "{}");
	LOG("arrive after");
	STATE("done");
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 0);
}

static void a_scope_is_interrupted(void **state)
{
	(void)state;
	run(TRANSIT);
	room_message(&room, "goods.departed", "{}");
	room_tick(&room);
	LOG("gone");
	STATE("done");
	assert_int_equal(room_step(&room, "w2")->state, STEP_WITHDRAWN);
}

static void an_error_leaves_its_scope(void **state)
{
	(void)state;
	run(TRANSIT);
	fake_refuse("c.arrive", REFUSED_LIMIT, 1);
	room_message(&room, "goods.departed", "{}");
	room_message(&room, "goods.arrived", "{}");
	LOG("caught");
	STATE("done");
}

static void an_error_end_and_a_terminate_end(void **state)
{
	(void)state;
	run_with(MODEL(START FLOW("f0", "start", "s") SUB("s", "<startEvent id='s0'/>" FLOW("g0", "s0", "g") AND("g")
		FLOW("g1", "g", "w") FLOW("g2", "g", "x") RECV("w", "never") FLOW("g3", "w", "s8") "<endEvent id='s8'/>"
		XOR("x", "g5") WHEN("g4", "x", "s9", "=n = 1") FLOW("g5", "x", "s7")
		"<endEvent id='s9'><errorEventDefinition errorRef='e-own'/></endEvent>"
		"<endEvent id='s7'><terminateEventDefinition/></endEvent>") ON_ERROR("b", "s", "e-own")
		FLOW("f1", "s", "a") FLOW("f2", "b", "c") SVC("a", "fine") SVC("c", "caught") FLOW("f3", "a", "end")
		FLOW("f4", "c", "end2") END("end") END("end2")), "{\"n\":1}");
	LOG("caught");
	STATE("done");
	room_start(&room, "{\"n\":2}");
	LOG("caught fine");
	STATE("done");
}

/* --- compensation --------------------------------------------------------------------------------- */

#define LADDER(last) MODEL(START FLOW("f1", "start", "a") UNDOABLE("a", "one") FLOW("f2", "a", "b") \
	SVC("b", "two") UNDONE_BY("b", "bu") UNDO_USER("bu", "WHM", "receipt", "cancel", "un-two") FLOW("f3", "b", "c") \
	SVC("c", "three") UNDONE_BY("c", "cu") UNDO_SVC_WAITS("cu", "un-three", "discharged") FLOW("f4", "c", "d") last)
#define THROWS RECV("d", "go") FLOW("f5", "d", "t") THROW_UNDO("t") FLOW("f6", "t", "e") SVC("e", "after") \
	FLOW("f7", "e", "end") END("end")
#define WAITS RECV("d", "go") ON_TIMER("dt", "d", "P9D") FLOW("f5", "d", "p") PIVOT("p", "pay") FLOW("f6", "p", "w") \
	RECV("w", "paid") FLOW("f7", "w", "end") END("end") FLOW("f8", "dt", "end2") END("end2")

static void thrown_inside_it_undoes_newest_first(void **state)
{
	(void)state;
	run(LADDER(THROWS));
	room_message(&room, "go", "{}");
	STATE("compensating");
	LOG("one two three un-three"); /* and waits for the registry */
	AT("t");
	assert_int_equal(room_step(&room, "c")->state, STEP_UNDOING);
	room_message(&room, "discharged", "{}");
	assert_int_equal(room_step(&room, "c")->state, STEP_UNDONE);
	assert_non_null(room_task(&room, "bu"));
	LOG("one two three un-three");
	room_complete(&room, "bu", "done", "{\"quantity\":\"5\"}");
	LOG("one two three un-three un-two un-one after");
	STATE("done");
	assert_int_equal(room.compensated, 0);
	assert_int_equal(room_step(&room, "a")->undo, 3);
	const struct instance *i = tab_get(room.tabs, &INSTANCE_REC, room.instance);
	assert_int_equal(i->undo_total, 3);
	assert_int_equal(i->undo_done, 3);
}

static void ordered_it_withdraws_and_cancels(void **state)
{
	(void)state;
	const struct step *plan[8];
	run(LADDER(WAITS));
	assert_int_equal(workflow_undo_plan(&room.w, room.tabs, ROOM_DEAL, plan, 8), 3);
	assert_string_equal(plan[0]->node, "c");
	assert_string_equal(plan[2]->node, "a");
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	STATE("compensating");
	NOT_AT("d");
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 0);
	room_message(&room, "discharged", "{}");
	assert_int_equal(workflow_undo_plan(&room.w, room.tabs, ROOM_DEAL, plan, 8), 2);
	assert_int_equal(room.compensated, 0);
	room_complete(&room, "bu", "done", "{}");
	LOG("one two three un-three un-two un-one");
	STATE("cancelled");
	assert_int_equal(room.compensated, 1);
	assert_int_equal(room_compensate(&room), REFUSED_INSTANCE_UNKNOWN);
}

static void ordered_while_thrown_takes_it_over(void **state)
{
	(void)state;
	run(LADDER(THROWS));
	room_message(&room, "go", "{}");
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	NOT_AT("t");
	room_message(&room, "discharged", "{}");
	room_complete(&room, "bu", "done", "{}");
	LOG("one two three un-three un-two un-one");
	STATE("cancelled");
	assert_int_equal(room.compensated, 1);
}

static void past_the_pivot_it_is_refused(void **state)
{
	(void)state;
	const struct step *plan[8];
	run(LADDER(WAITS));
	room_message(&room, "go", "{}");
	LOG("one two three pay");
	assert_int_equal(room_compensate(&room), REFUSED_PAST_PIVOT);
	AT("w");
	STATE("running");
	assert_int_equal(workflow_undo_plan(&room.w, room.tabs, ROOM_DEAL, plan, 8), 0);
	LOG("one two three pay");
}

/* Thrown after the pivot: what was done before it stays done, and a person decides. */
static void thrown_past_the_pivot_is_an_incident(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a") UNDOABLE("a", "one") FLOW("f2", "a", "p") PIVOT("p", "pay") FLOW("f3", "p", "b")
		UNDOABLE("b", "two") FLOW("f4", "b", "t") "<intermediateThrowEvent id='t'><compensateEventDefinition activityRef='b'/>"
		"</intermediateThrowEvent>" FLOW("f5", "t", "t2") THROW_UNDO("t2") FLOW("f6", "t2", "end") END("end")));
	LOG("one pay two un-two"); /* after the pivot undoing goes back to it, no further */
	STATE("incident");
	assert_string_equal(room.incident, "past-the-pivot");
}

#define ONE_UNDO MODEL(START FLOW("f1", "start", "a") UNDOABLE("a", "one") FLOW("f2", "a", "d") RECV("d", "go") \
	FLOW("f5", "d", "end") END("end"))

static void a_failed_undo_is_tried_again_then_by_hand(void **state)
{
	(void)state;
	static const int MINUTES[] = { 1, 2, 4, 8 };
	fake_refuse("c.un-one", REFUSED_STATE, 99);
	run(ONE_UNDO);
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	for (int i = 0; i < 4; i++) {
		int64_t before = room.now;
		STATE("compensating");
		assert_null(room_task(&room, "au"));
		assert_true(room_tick(&room));
		assert_in_range(room.now, before + MINUTES[i] * INSTANT_MINUTE,
			before + MINUTES[i] * INSTANT_MINUTE + 10);
	}
	const struct task *t = room_task(&room, "au");
	assert_non_null(t);
	assert_string_equal(t->form, "case");
	assert_int_equal(t->role, ROLE_OPM);
	assert_int_equal(room_step(&room, "a")->state, STEP_FAILED);
	room_complete(&room, "au", "hold", "{}");
	assert_non_null(room_task(&room, "au"));
	room_complete(&room, "au", "compensate", "{}"); /* fails again: back to a minute */
	assert_null(room_task(&room, "au"));
	fake_refuse("c.un-one", REFUSED_NOT, 0);
	room_tick(&room);
	LOG("one un-one");
	STATE("cancelled");
	assert_int_equal(room.compensated, 1);
}

static void undone_by_hand_counts(void **state)
{
	(void)state;
	fake_refuse("c.un-one", REFUSED_STATE, 99);
	run(ONE_UNDO);
	room_compensate(&room);
	for (int i = 0; i < 4; i++)
		room_tick(&room);
	room_complete(&room, "au", "close", "{}");
	STATE("cancelled");
	assert_int_equal(room_step(&room, "a")->state, STEP_UNDONE);
	assert_string_equal(room_step(&room, "a")->why, "undone by hand");
}

static void nothing_to_undo_ends_at_once(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a") RECV("a", "go") FLOW("f2", "a", "end") END("end")));
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	STATE("cancelled");
	assert_int_equal(room.compensated, 1);
}

/* A sub-process is undone by its own handler if it has one, else by those inside. */
static void scopes_are_undone(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "s") SUB("s", "<startEvent id='s0'/>" FLOW("g1", "s0", "a") UNDOABLE("a", "one")
		FLOW("g2", "a", "s9") "<endEvent id='s9'/>") FLOW("f2", "s", "z") SUB("z", "<startEvent id='z0'/>"
		FLOW("h1", "z0", "b") UNDOABLE("b", "two") FLOW("h2", "b", "z9") "<endEvent id='z9'/>") UNDONE_BY("z", "zu")
		"<subProcess id='zu' isForCompensation='true'><startEvent id='y0'/>" FLOW("i1", "y0", "y1") SVC("y1", "un-z1")
		FLOW("i2", "y1", "y2") RECV("y2", "ack") FLOW("i3", "y2", "y3") SVC("y3", "un-z2") FLOW("i4", "y3", "y9")
		"<endEvent id='y9'/></subProcess>"
		FLOW("f3", "z", "t") THROW_UNDO("t") FLOW("f4", "t", "end") END("end")));
	LOG("one two un-z1");
	room_message(&room, "ack", "{}");
	LOG("one two un-z1 un-z2 un-one");
	STATE("done");
}

static void a_throw_may_name_its_activity(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a") UNDOABLE("a", "one") FLOW("f2", "a", "b") UNDOABLE("b", "two")
		FLOW("f3", "b", "end") "<endEvent id='end'><compensateEventDefinition activityRef='a'/></endEvent>"));
	LOG("one two un-one");
	STATE("done");
	assert_int_equal(room_step(&room, "b")->state, STEP_DONE);
}

/* --- suspension ----------------------------------------------------------------------------------- */

#define SUSPENDED MODEL(START FLOW("f1", "start", "g") AND("g") FLOW("f2", "g", "a") FLOW("f3", "g", "b") \
	FLOW("f4", "g", "w") USER("a", "OPC", "approve", "approve") ON_TIMER("at", "a", "PT24H") USER("b", "INP", "count", "count") \
	RECV("w", "cure") FLOW("f5", "a", "j") FLOW("f6", "b", "j") FLOW("f7", "w", "j") AND("j") FLOW("f8", "j", "p") \
	PIVOT("p", "pay") FLOW("f9", "p", "x") RECV("x", "end") ON_TIMER("xt", "x", "PT5H") FLOW("f10", "x", "end") END("end") \
	FLOW("f11", "at", "end2") END("end2") FLOW("f12", "xt", "end3") END("end3"))

static void suspension_holds_what_leads_outward(void **state)
{
	(void)state;
	run(SUSPENDED);
	int64_t due = timer_next(room.tabs)->due;
	room.now += INSTANT_HOUR;
	room_level(&room, 3);
	STATE("suspended");
	assert_int_equal(room_task(&room, "a")->state, TASK_HELD);
	assert_int_equal(room_task(&room, "b")->state, TASK_POOLED);
	assert_null(timer_next(room.tabs));
	room_message(&room, "cure", "{}"); /* passes */
	assert_null(room_token(&room, "w"));
	room.now += 100 * INSTANT_HOUR;
	room_level(&room, 4); /* higher still: nothing changes */
	room_level(&room, 0);
	STATE("running");
	assert_int_equal(room_task(&room, "a")->state, TASK_WAITING);
	assert_in_range(timer_next(room.tabs)->due, due + 100 * INSTANT_HOUR, due + 100 * INSTANT_HOUR + 10);
	room_complete(&room, "a", "approve", "{}");
	room_complete(&room, "b", "done", "{}");
	LOG("pay");
	room_level(&room, 3); /* after the pivot the clocks run on */
	assert_non_null(timer_next(room.tabs));
	room_tick(&room);
	STATE("done");
}

static void what_begins_while_suspended_is_held(void **state)
{
	(void)state;
	assert_int_equal(room_deploy(&room, SUSPENDED), REFUSED_NOT);
	room_level(&room, 3);
	room_start(&room, "{}");
	assert_int_equal(room_task(&room, "a")->state, TASK_HELD);
	assert_int_equal(room_task(&room, "b")->state, TASK_POOLED);
	assert_null(timer_next(room.tabs));
	fake.task_level = 2; /* the task itself is held too */
	room_level(&room, 0);
	assert_int_equal(room_task(&room, "a")->state, TASK_HELD);
	assert_non_null(timer_next(room.tabs));
}

/* --- limits and versions -------------------------------------------------------------------------- */

static void a_loop_without_a_wait_is_stopped(void **state)
{
	(void)state;
	const char *body = MODEL(START FLOW("f0", "start", "w") RECV("w", "go") FLOW("f1", "w", "a") XOR_JOIN("a")
		FLOW("f2", "a", "b") SVC("b", "again") FLOW("f3", "b", "g") XOR("g", "f4") FLOW("f4", "g", "a")
		WHEN("f5", "g", "end", "=n = 1") END("end"));
	run(body);
	room_message(&room, "go", "{}");
	STATE("incident");
	assert_string_equal(room.incident, "runaway");
	room_compensate(&room);
	STATE("cancelled");
	room_message(&room, "go", "{}");
	size_t instances = tab_count(room.tabs, &INSTANCE_REC);
	assert_int_equal(room_start(&room, "{}"), REFUSED_RUNAWAY);
	assert_int_equal(tab_count(room.tabs, &INSTANCE_REC), instances);
	assert_int_equal(tab_count(room.tabs, &INBOX_REC), 1); /* not taken either */
}

static void an_instance_keeps_its_version(void **state)
{
	(void)state;
	run(MODEL(START FLOW("f1", "start", "a") RECV("a", "go") FLOW("f2", "a", "b") SVC("b", "old") FLOW("f3", "b", "end") END("end")));
	const char *next = MODEL(START FLOW("f1", "start", "a") RECV("a", "go") FLOW("f2", "a", "b") SVC("b", "new")
		FLOW("f3", "b", "end") END("end"));
	assert_int_equal(room_deploy(&room, next), REFUSED_NOT);
	assert_int_equal(room_deploy(&room, next), REFUSED_EXISTS);
	assert_int_equal(room_start(&room, "{}"), REFUSED_EXISTS);
	room_message(&room, "go", "{}");
	LOG("old");
	room_start(&room, "{}");
	room_message(&room, "go", "{}");
	LOG("old new");
	assert_non_null(tab_get(room.tabs, &PROCESS_REC, "p/0002"));
}

static void bad_files_are_refused(void **state)
{
	(void)state;
	struct fault faults[4];
	size_t count;
	assert_int_equal(room_deploy(&room, "<nonsense/>"), REFUSED_PROCESS_INVALID);
	const char *model = MODEL(START FLOW("f1", "start", "a") USER("a", "OPM", "approve", "approve") FLOW("f2", "a", "b")
		USER("b", "XYZ", "wish", "approve") FLOW("f3", "b", "end") END("end"));
	assert_int_equal(process_check(str_of(model), faults, 4, &count), ERR_UNSUPPORTED);
	assert_int_equal(count, 3);
	assert_non_null(strstr(faults[0].text, "'a'"));
	assert_int_equal(room_deploy(&room, model), REFUSED_PROCESS_INVALID);
	assert_int_equal(room_start(&room, "{}"), REFUSED_PROCESS_UNKNOWN);
	assert_int_equal(room_deploy(&room, CHOICE), REFUSED_NOT);
	assert_int_equal(room_start(&room, "[1]"), REFUSED_BODY_MALFORMED);
	assert_int_equal(tab_count(room.tabs, &INSTANCE_REC), 0);
}

static void timers_stay_in_order(void **state)
{
	(void)state;
	room_begin(&room);
	timer_set(&room.turn, room.now + 20, "silence", "GW-1", "", "");
	timer_set(&room.turn, room.now + 10, "accrual", "accrual", "", "");
	assert_string_equal(timer_next(room.tabs)->owner, "accrual");
	timer_pause(&room.turn, timer_next(room.tabs)->id);
	assert_string_equal(timer_next(room.tabs)->owner, "GW-1");
	timer_set(&room.turn, room.now + 30, "silence", "GW-1", "", "");
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 2);
	timer_resume(&room.turn, "paused/accrual");
	assert_int_equal(timer_next(room.tabs)->due, room.now + 10);
	timer_set(&room.turn, room.now + 5, "boundary", "WF-gone/000001", "x", ""); /* its token is gone */
	workflow_on_timer(&room.turn, &room.w, timer_next(room.tabs));
	assert_string_equal(timer_next(room.tabs)->owner, "accrual");
	workflow_on_timer(&room.turn, &room.w, timer_next(room.tabs)); /* not the workflow's */
	assert_string_equal(timer_next(room.tabs)->owner, "accrual");
	timer_clear(&room.turn, "accrual", NULL);
	timer_clear(&room.turn, "GW-1", "");
	assert_null(timer_next(room.tabs));
	room_end(&room);
}

static const struct timer *timer_by(const char *owner)
{
	return tab_by(room.tabs, &TIMER_REC, owner, "");
}

/* Setting and clearing one timer leaves all others as they are, paused ones, those of other nodes and of longer names too. */
static void one_timer_among_many(void **state)
{
	enum { MANY = 2000 };
	char owner[16];
	(void)state;
	room_begin(&room);
	for (int i = 0; i < MANY; i++) {
		snprintf(owner, sizeof(owner), "TR-%d", i);
		timer_set(&room.turn, room.now + i, "transfer", owner, "", "");
	}
	timer_set(&room.turn, room.now + 7, "boundary", "TR-1", "late", "");
	timer_pause(&room.turn, timer_by("TR-3")->id);
	timer_set(&room.turn, room.now + 5000, "transfer", "TR-1", "", "");
	timer_set(&room.turn, room.now + 5000, "transfer", "TR-3", "", ""); /* a paused one is moved like another */
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), MANY + 1);
	assert_int_equal(timer_by("TR-3")->due, room.now + 5000);
	timer_clear(&room.turn, "TR-1", "late");
	assert_string_equal(timer_by("TR-1")->node, "");
	timer_clear(&room.turn, "TR-1", NULL);
	assert_null(timer_by("TR-1"));
	timer_clear(&room.turn, "TR-", NULL);
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), MANY - 1);
	for (const struct timer *x; (x = timer_next(room.tabs));) /* owner of the record that goes */
		timer_clear(&room.turn, x->owner, NULL);
	assert_int_equal(tab_count(room.tabs, &TIMER_REC), 0);
	room_end(&room);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(calls_in_order), TEST(long_text_is_kept_whole), TEST(task_carries_all), TEST(task_goes_to_whose_people),
		TEST(task_calls_on_its_primary_decision), TEST(chooses_and_says_why), TEST(no_way_out_is_an_incident),
		TEST(forks_and_joins), TEST(a_join_that_cannot_be_is_an_incident), TEST(asks_and_is_answered),
		TEST(an_answer_may_be_an_error), TEST(a_wait_times_out), TEST(an_early_message_waits_in_the_inbox),
		TEST(an_unknown_party_stops_the_send), TEST(sends_what_it_names), TEST(pays_what_the_payment_says), TEST(a_message_interrupts),
		TEST(an_intermediate_timer_waits), TEST(a_refusal_is_an_error), TEST(uncaught_is_an_incident_and_may_be_retried),
		TEST(a_scope_runs_and_ends), TEST(a_scope_is_interrupted), TEST(an_error_leaves_its_scope),
		TEST(an_error_end_and_a_terminate_end), TEST(thrown_inside_it_undoes_newest_first),
		TEST(ordered_it_withdraws_and_cancels), TEST(ordered_while_thrown_takes_it_over),
		TEST(past_the_pivot_it_is_refused), TEST(thrown_past_the_pivot_is_an_incident), TEST(a_failed_undo_is_tried_again_then_by_hand),
		TEST(undone_by_hand_counts), TEST(nothing_to_undo_ends_at_once), TEST(scopes_are_undone),
		TEST(a_throw_may_name_its_activity), TEST(suspension_holds_what_leads_outward),
		TEST(what_begins_while_suspended_is_held), TEST(a_loop_without_a_wait_is_stopped),
		TEST(an_instance_keeps_its_version), TEST(bad_files_are_refused), TEST(timers_stay_in_order),
		TEST(one_timer_among_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
