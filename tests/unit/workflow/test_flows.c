/* The two financings as they are deployed (data/processes, run from the project's root): the order of calls
 * that docs/flows.md agrees, undoing before the pivot, and that no refusal leaves a process in limbo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workflow_room.h"

static struct room room;
static char source[1 << 20];

#define FACTS "{\"grade_max\":6,\"grade\":3,\"signatures\":2,\"settled\":true,\"short\":false,\"repaid\":true,\"cured\":true}"

static void open_with(const char *file)
{
	FILE *f = fopen(file, "rb");
	if (!f)
		fail_msg("cannot open %s: run from the project's root", file);
	size_t n = fread(source, 1, sizeof(source) - 1, f);
	fclose(f);
	source[n] = '\0';
	room_open(&room);
	assert_int_equal(room_deploy(&room, source), REFUSED_NOT);
}

static void close_room(void)
{
	char broken[240];
	snprintf(broken, sizeof(broken), "%s", room.broken);
	room_close(&room);
	assert_string_equal(broken, "");
}

/* The decision that lets things go on (docs/flows.md, forms). */
static const char *consent(const char *form)
{
	static const char *const APPROVED[] = { "approve", "clear", "release", "release-goods", "margin", "enforce" };
	for (size_t i = 0; i < sizeof(APPROVED) / sizeof(APPROVED[0]); i++)
		if (strcmp(form, APPROVED[i]) == 0)
			return "approve";
	return strcmp(form, "case") == 0 ? "close" : "done";
}

/* One thing that a willing world would do next; false when nothing is left. */
static bool world_acts(const char *until)
{
	char name[48] = "";
	if (*until && room_token(&room, until))
		return false;
	TAB_FOR(task, k, room.tabs, &TASK_REC, "")
		if (k->state == TASK_POOLED || k->state == TASK_WAITING) {
			snprintf(name, sizeof(name), "%s", k->node);
			return room_complete(&room, name, consent(k->form), "{}");
		}
	TAB_FOR(token, k, room.tabs, &TOKEN_REC, "")
		if (k->state == TOKEN_MESSAGE)
			snprintf(name, sizeof(name), "%s", k->waits_for);
	if (name[0]) {
		room_message(&room, name, "{}");
		return true;
	}
	return room_tick(&room);
}

static void world_acts_until(const char *node)
{
	for (int i = 0; i < 200 && world_acts(node); i++)
		;
}

#define BEGIN(file) do { open_with(file); assert_int_equal(room_start(&room, FACTS), REFUSED_NOT); } while (0)
#define A "data/processes/receivables.bpmn"
#define B "data/processes/inventory-pledge.bpmn"
#define A_TO_MATCH "open docs reserve ask confirm score match accept"
#define A_TO_BANK A_TO_MATCH " approve assign seal release"
#define B_TO_BANK "open prelimit arrive count certify issue perfect value approve seal release"

static void a_receivable_settles(void **state)
{
	(void)state;
	BEGIN(A);
	world_acts_until("");
	assert_string_equal(fake.log, A_TO_BANK " fund settle");
	assert_string_equal(room_state(&room), "done");
	assert_non_null(room_step(&room, "A11b")); /* above one signature */
	assert_int_equal(tab_count(room.tabs, &EFFECT_REC), 4);
	assert_int_equal(room.incidents, 0);
	close_room();
}

static void a_rejection_undoes_what_was_done(void **state)
{
	(void)state;
	BEGIN(A);
	world_acts_until("A11");
	assert_true(room_complete(&room, "A11", "reject", "{}"));
	world_acts_until("");
	assert_string_equal(fake.log, A_TO_MATCH " reject void cancel_token release withdraw");
	assert_string_equal(room_variable(&room, "reason"), "rejected");
	assert_string_equal(room_state(&room), "done");
	close_room();
	BEGIN(A);
	world_acts_until("A11");
	assert_true(room_complete(&room, "A11", "reject", "{\"reason\":\"too late\"}"));
	assert_string_equal(room_variable(&room, "reason"), "too late");
	close_room();
}

static void an_order_undoes_up_to_the_bank(void **state)
{
	(void)state;
	const struct step *plan[16];
	BEGIN(A);
	world_acts_until("A14w");
	assert_int_equal(workflow_undo_plan(&room.w, room.tabs, ROOM_DEAL, plan, 16), 7);
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	world_acts_until("");
	assert_string_equal(fake.log, A_TO_BANK " cancel_payment discharge release_limit void cancel_token release withdraw");
	assert_string_equal(room_state(&room), "cancelled");
	assert_int_equal(room.compensated, 1);
	close_room();
	BEGIN(A);
	world_acts_until("A15");
	assert_int_equal(room_compensate(&room), REFUSED_PAST_PIVOT);
	room_message(&room, "payment.returned", "{\"code\":\"AC04\"}");
	world_acts_until("");
	assert_string_equal(fake.log, A_TO_BANK " fund returned resend refund settle");
	close_room();
}

static void a_pledge_is_repaid(void **state)
{
	(void)state;
	BEGIN(B);
	world_acts_until("");
	assert_string_equal(fake.log, B_TO_BANK " fund repay close");
	assert_string_equal(room_state(&room), "done");
	assert_int_equal(room.incidents, 0);
	close_room();
}

static void a_pledge_is_undone_with_the_warehouse(void **state)
{
	(void)state;
	BEGIN(B);
	world_acts_until("B13w");
	assert_int_equal(room_compensate(&room), REFUSED_NOT);
	world_acts_until("B08u");
	assert_string_equal(room_task(&room, "B08u")->party, "HALL");
	assert_string_equal(room_state(&room), "compensating");
	world_acts_until("");
	assert_string_equal(fake.log, B_TO_BANK " cancel_payment discharge cancel release_limit unreserve");
	assert_string_equal(room_state(&room), "cancelled");
	close_room();
}

static void a_margin_call_is_cured(void **state)
{
	(void)state;
	BEGIN(B);
	world_acts_until("B14");
	room_message(&room, "margin.called", "{}");
	world_acts_until("B14w");
	room_level(&room, 3); /* the clock of the cure runs on, and the cure passes */
	assert_non_null(timer_next(room.tabs));
	room_message(&room, "margin.paid", "{\"amount\":\"5.00\"}");
	assert_non_null(room_token(&room, "B14"));
	assert_string_equal(fake.log, B_TO_BANK " fund call cure");
	close_room();
}

/* Whatever call refuses, once, for whatever of these reasons: the process ends, or stands at an
 * incident that a retry resolves. */
static void no_refusal_leaves_limbo(void **state)
{
	static const char *const FILES[] = { A, B };
	static const char *const CALLS[][24] = {
		{ "receivables.open", "receivables.docs", "receivables.reserve", "receivables.confirm", "scoring.score",
		  "matching.match", "matching.accept", "disbursement.approve", "disbursement.assign", "disbursement.seal",
		  "disbursement.release", "disbursement.fund", "settlement.settle", NULL },
		{ "warehouse.open", "warehouse.prelimit", "warehouse.arrive", "warehouse.count", "warehouse.certify", "warehouse.issue",
		  "pledge.perfect", "pledge.value", "disbursement.approve", "disbursement.seal", "disbursement.fund",
		  "settlement.repay", "release.close", NULL },
	};
	static const enum refusal WHY[] = { REFUSED_LIMIT, REFUSED_SUSPENDED, REFUSED_NO_DELIVERY, REFUSED_DOUBLE_NEAR,
		REFUSED_DOUBLE_ASSET, REFUSED_CONDITION, REFUSED_PRICE_STALE, REFUSED_CONTROL_TOTAL };
	(void)state;
	for (int f = 0; f < 2; f++)
		for (int c = 0; CALLS[f][c]; c++)
			for (size_t w = 0; w < sizeof(WHY) / sizeof(WHY[0]); w++) {
				open_with(FILES[f]);
				fake_refuse(CALLS[f][c], WHY[w], 1);
				assert_int_equal(room_start(&room, FACTS), REFUSED_NOT);
				world_acts_until("");
				TAB_FOR(token, k, room.tabs, &TOKEN_REC, "")
					if (k->state == TOKEN_INCIDENT) {
						char id[48];
						snprintf(id, sizeof(id), "%s", k->id);
						room_begin(&room);
						workflow_retry(&room.turn, &room.w, id);
						room_end(&room);
						break;
					}
				world_acts_until("");
				if (strcmp(room_state(&room), "done") != 0)
					fail_msg("%s %s: %s", CALLS[f][c], refusal_name(WHY[w]), room_state(&room));
				close_room();
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_receivable_settles),
		cmocka_unit_test(a_rejection_undoes_what_was_done),
		cmocka_unit_test(an_order_undoes_up_to_the_bank),
		cmocka_unit_test(a_pledge_is_repaid),
		cmocka_unit_test(a_pledge_is_undone_with_the_warehouse),
		cmocka_unit_test(a_margin_call_is_cured),
		cmocka_unit_test(no_refusal_leaves_limbo),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
