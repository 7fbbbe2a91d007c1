/* What others saw, on the ledger: cosigned checkpoints that count and those that do not; contradictions of the node stop outflow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/stop.h"
#include "unit/engine/notes.h"

static uint64_t size_now(void) { return merkle_size(engine_tree(desk.engine)); }

static void what_was_seen(void **state)
{
	struct buf note = { 0 };
	uint64_t size = size_now();
	(void)state;
	assert_int_equal(witnessed_size(engine_tabs(desk.engine)), 0);
	note_put(size, false, "node", "party/PORTASSAY", &note);
	is(witnessed_by("party/DRAHT", desk_pair(&desk, "party/PORTASSAY"), &note), REFUSED_NOT); /* whoever sends it */
	assert_int_equal(witnessed_size(engine_tabs(desk.engine)), size);
	/* an older one does not take it back */
	note_put(size - 5, false, "node", "party/PORTASSAY", &note);
	is(witnessed_by("party/PORTASSAY", desk_pair(&desk, "party/PORTASSAY"), &note), REFUSED_NOT);
	assert_int_equal(witnessed_size(engine_tabs(desk.engine)), size);
	const struct witnessed *w = tab_get(engine_tabs(desk.engine), &WITNESSED_REC, "PORTASSAY");
	assert_int_equal(w->count, 2);
	assert_int_equal(w->size, size);
	buf_free(&note);
}

static void what_does_not_count(void **state)
{
	struct buf note = { 0 };
	(void)state;
	note_put(size_now(), false, "node", "party/NOORDZEE", &note);
	is(witnessed_by("party/DRAHT", desk_pair(&desk, "party/NOORDZEE"), &note), REFUSED_ROLE); /* it keeps the book */
	note_put(size_now(), false, "node", NULL, &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_SIGNATURE);   /* no cosignature */
	note_put(size_now(), false, "node", "party/DRAHT", &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_SIGNATURE);   /* somebody else's */
	note_put(size_now(), false, "party/LEK", "party/LEK", &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_SIGNATURE);   /* not the node's checkpoint */
	note_put(size_now() + 9, false, "node", "party/LEK", &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_VALUE);       /* of entries to come */
	note_put(size_now(), true, "node", "party/LEK", &note);
	is(witnessed_by("party/LEK", desk_pair(&desk, "party/LEK"), &note), REFUSED_VALUE);       /* another root: accuse the node */
	assert_non_null(strstr(desk.detail, "ledger.equivocation"));
	assert_null(tab_get(engine_tabs(desk.engine), &WITNESSED_REC, "LEK"));
	buf_free(&note);
}

static void contradictions(void **state)
{
	struct buf a = { 0 }, b = { 0 };
	(void)state;
	note_put(7, false, "node", NULL, &a);
	note_put(9, false, "node", NULL, &b);
	is(accuse("party/LEK", &a, &b), REFUSED_VALUE);              /* both true */
	is(accuse("party/LEK", &a, NULL), REFUSED_VALUE);
	note_put(9, true, "party/DRAHT", NULL, &b);
	is(accuse("party/LEK", &a, &b), REFUSED_SIGNATURE);          /* not the node's word */
	note_put(size_now() + 50, true, "node", NULL, &b);
	is(accuse("party/LEK", &a, &b), REFUSED_VALUE);              /* nobody can tell yet */
	assert_null(stop_standing(engine_tabs(desk.engine), "NOORDZEE"));
	note_put(7, true, "node", NULL, &b);
	is(accuse("party/LEK", &a, &b), REFUSED_NOT);                /* two roots of one size */
	const struct stop *s = stop_standing(engine_tabs(desk.engine), "NOORDZEE");
	assert_non_null(s);
	assert_string_equal(s->cause, "equivocation");
	is(accuse("party/DRAHT", &b, &a), REFUSED_EXISTS);           /* the same two, by somebody else */
	note_put(12, true, "node", NULL, &b);
	is(accuse("party/DRAHT", &b, NULL), REFUSED_NOT);            /* this ledger itself says otherwise */
	assert_int_equal(tab_count(engine_tabs(desk.engine), &EQUIVOCATION_REC), 2);
	buf_free(&a);
	buf_free(&b);
}

/* Two contradictions whose digests begin alike, which who has the node's key can look for, are two: the one that was found first does not
 * hide the other. */
static void contradictions_that_look_alike(void **state)
{
	enum { ALIKE = 16 };
	struct buf a = { 0 }, b = { 0 };
	(void)state;
	note_put(7, false, "node", NULL, &a);
	note_put(7, true, "node", NULL, &b);
	is(accuse("party/LEK", &a, &b), REFUSED_NOT);
	struct tabs *t = engine_tabs_mutable(desk.engine);
	struct equivocation found = *(const struct equivocation *)tab_first(t, &EQUIVOCATION_REC, ""), other = found;
	assert_int_equal(strlen(found.id), 2 * HASH_SIZE); /* the whole digest */
	tab_delete(t, &EQUIVOCATION_REC, found.id);
	memset(other.id, 0, sizeof(other.id));
	memcpy(other.id, found.id, ALIKE);
	tab_put(t, &EQUIVOCATION_REC, &other);
	tab_commit(t);
	is(accuse("party/DRAHT", &a, &b), REFUSED_NOT);
	assert_int_equal(tab_count(t, &EQUIVOCATION_REC), 2);
	assert_non_null(strstr(stop_standing(t, "NOORDZEE")->why, "see equivocation "));
	buf_free(&a);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_seen, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_does_not_count, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(contradictions, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(contradictions_that_look_alike, open_desk, close_edited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
