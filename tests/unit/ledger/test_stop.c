/* Outflow stops: who is held, what is counted, how one ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/stop.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &STOP_REC };

struct fixture {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
};

static int setup(void **state)
{
	static struct fixture f;
	struct hash seed = { { 0 } };
	memset(&f, 0, sizeof(f));
	f.tabs = tabs_new(TYPES, 2);
	turn_begin(&f.turn, f.tabs, &f.scratch, 7, 1000, &seed);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	tabs_free(f->tabs);
	arena_free(&f->scratch);
	return 0;
}

static void a_stop_holds_its_funder(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_NOT);
	stop_set(&f->turn, "NOORDZEE", "CT-2", "principal differs by 1", "");
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_OUTFLOW_STOPPED);
	assert_non_null(strstr(f->turn.detail, "NOORDZEE/CT-2 since entry 7: principal differs by 1"));
	assert_int_equal(stop_check(&f->turn, "NOORDZEE2"), REFUSED_NOT);
	assert_int_equal(stop_check(&f->turn, ""), REFUSED_NOT);
	const struct signal *s = turn_next_signal(&f->turn);
	assert_string_equal(s->code, "outflow-stopped");
	assert_string_equal(s->subject, "NOORDZEE/CT-2");
	f->turn.stamp++;
	stop_set(&f->turn, "NOORDZEE", "CT-2", "principal differs by 2", "");
	assert_int_equal(stop_standing(f->tabs, "NOORDZEE")->told_at, f->turn.stamp); /* who signed before looked at less */
	assert_true(stop_standing(f->tabs, "NOORDZEE")->set_at < f->turn.stamp);
	assert_null(turn_next_signal(&f->turn)); /* the cause is known */
	assert_int_equal(stop_standing(f->tabs, "NOORDZEE")->count, 2);
	assert_string_equal(stop_standing(f->tabs, "NOORDZEE")->why, "principal differs by 2"); /* what a lift is of */
}

static void everybody_is_stopped(void **state)
{
	struct fixture *f = *state;
	stop_set(&f->turn, "", "equivocation", "two notes of one size", "");
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_OUTFLOW_STOPPED);
	assert_int_equal(stop_check(&f->turn, ""), REFUSED_OUTFLOW_STOPPED);
	assert_string_equal(stop_standing(f->tabs, "ANY")->id, "*/equivocation");
}

static void every_stop_is_lifted_by_itself(void **state)
{
	struct fixture *f = *state;
	stop_set(&f->turn, "NOORDZEE", "CT-2", "a", "");
	stop_set(&f->turn, "NOORDZEE", "CT-5", "b", "");
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-3", "a", "b", "why"), REFUSED_VALUE);
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-2", "a", "b", ""), REFUSED_REASON_MISSING);
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-2", "m.kuiper", "c.dray", "corrected"), REFUSED_NOT);
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-2", "m.kuiper", "c.dray", "again"), REFUSED_VALUE);
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_OUTFLOW_STOPPED);
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-5", "m.kuiper", "c.dray", "corrected"), REFUSED_NOT);
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_NOT);
	stop_set(&f->turn, "NOORDZEE", "CT-2", "again", "");
	assert_int_equal(stop_check(&f->turn, "NOORDZEE"), REFUSED_OUTFLOW_STOPPED);
	assert_int_equal(stop_standing(f->tabs, "NOORDZEE")->count, 1);
}

/* The last figure of each name is known, standing or lifted; where there is no room the oldest is forgotten, and stops afresh. */
static void figures_are_known_by_name(void **state)
{
	struct fixture *f = *state;
	char figure[40];
	assert_false(stop_knows(f->tabs, "NOORDZEE", "CT-3", "EUR=1"));
	stop_set(&f->turn, "NOORDZEE", "CT-3", "a", "EUR=1");
	stop_set(&f->turn, "NOORDZEE", "CT-3", "b", "USD=7");
	stop_set(&f->turn, "NOORDZEE", "CT-3", "c", "EUR=2");
	assert_int_equal(stop_lift(&f->turn, "NOORDZEE/CT-3", "a", "b", "why"), REFUSED_NOT);
	assert_false(stop_knows(f->tabs, "NOORDZEE", "CT-3", "EUR=1"));
	assert_true(stop_knows(f->tabs, "NOORDZEE", "CT-3", "EUR=2"));
	assert_true(stop_knows(f->tabs, "NOORDZEE", "CT-3", "USD=7"));
	assert_false(stop_knows(f->tabs, "NOORDZEE2", "CT-3", "USD=7"));
	stop_set(&f->turn, "", "CT-4", "a", "=/A/EUR=1");
	stop_set(&f->turn, "", "CT-4", "b", "=/B/EUR=1");
	assert_true(stop_knows(f->tabs, "", "CT-4", "=/A/EUR=1"));
	stop_set(&f->turn, "NOORDZEE", "CT-3", "d", "EUR=3"); /* afresh, and the other's figure stays */
	assert_true(stop_knows(f->tabs, "NOORDZEE", "CT-3", "USD=7"));
	for (int i = 0; i < 20; i++) {
		snprintf(figure, sizeof(figure), "N%d=%d", i, i);
		stop_set(&f->turn, "NOORDZEE", "CT-3", "e", figure);
		assert_true(stop_knows(f->tabs, "NOORDZEE", "CT-3", figure));
	}
	assert_true(stop_knows(f->tabs, "NOORDZEE", "CT-3", "N18=18"));
	assert_false(stop_knows(f->tabs, "NOORDZEE", "CT-3", "USD=7"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_stop_holds_its_funder, setup, teardown),
		cmocka_unit_test_setup_teardown(everybody_is_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(every_stop_is_lifted_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(figures_are_known_by_name, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
