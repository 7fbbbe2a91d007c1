/* The register: look-ups by key, life of a key, the numbered memory of acts and what voids them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "identity/keyring.h"
#include "identity/rights.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC, &PARTY_REC, &OPERATOR_REC, &DEVICE_REC,
	&GATEWAY_REC, &SITE_REC, &ACT_REC };

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
};

static int open_room(void **state)
{
	static struct room room;
	memset(&room, 0, sizeof(room));
	room.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	struct hash seed = hash_of("seed", 4);
	turn_begin(&room.turn, room.tabs, &room.scratch, 7, 1000, &seed);
	strcpy(room.turn.actor, "i.vermeer");
	strcpy(room.turn.actor_party, "NOORDZEE");
	room.turn.actor_role = ROLE_OPC;
	*state = &room;
	return 0;
}

static int close_room(void **state)
{
	struct room *room = *state;
	tabs_free(room->tabs);
	arena_free(&room->scratch);
	return 0;
}

static void names_and_titles(void **state)
{
	(void)state;
	assert_int_equal(role_named(STR("WHM")), ROLE_WHM);
	assert_int_equal(role_named(STR("-")), ROLE_NONE);
	assert_int_equal(role_named(STR("whm")), ROLE_NONE);
	assert_string_equal(role_title(ROLE_TRR), "treasury releaser");
	assert_string_equal(ROLE_NAMES[ROLE_SVC], "SVC");
	assert_null(ROLE_NAMES[ROLE_COUNT]);
	assert_null(PARTY_KIND_NAMES[PARTY_KIND_COUNT]);
	assert_null(DEVICE_KIND_NAMES[DEVICE_KIND_COUNT]);
	assert_int_equal(act_named(STR("release-goods")), ACT_RELEASE_GOODS);
	assert_int_equal(act_named(STR("party")), ACT_KIND_COUNT);
	assert_string_equal(act_name(ACT_KIND_COUNT), "");
}

static void parties_and_groups(void **state)
{
	struct room *room = *state;
	struct party p = { .id = "BOREALIS", .kind = PARTY_BNK, .key = hash_of("p", 1) };
	tab_put(room->tabs, &PARTY_REC, &p);
	assert_string_equal(party_first_of(room->tabs, PARTY_BNK)->id, "BOREALIS");
	assert_null(party_first_of(room->tabs, PARTY_RGY));
	assert_string_equal(party_group(room->tabs, "BOREALIS"), "BOREALIS");
	assert_string_equal(party_group(room->tabs, "NOBODY"), "NOBODY");
}

static void life_of_a_key(void **state)
{
	(void)state;
	struct operator o = { .valid_from = 10, .valid_until = 20 };
	assert_false(operator_live_at(&o, 9));
	assert_true(operator_live_at(&o, 10));
	assert_true(operator_live_at(&o, 19));
	assert_false(operator_live_at(&o, 20));
	o.revoked_at = 15;
	assert_true(operator_live_at(&o, 14));
	assert_false(operator_live_at(&o, 15));
	o = (struct operator){ .valid_from = 10 };
	assert_true(operator_live_at(&o, INT64_MAX));
	assert_false(operator_live_at(NULL, 10));
}

static int count_acts(const struct tabs *s, const char *object)
{
	int n = 0;
	ACT_FOR(a, s, object)
		n++;
	return n;
}

/* Objects whose names are prefixes of each other keep their acts and numbers apart. */
static void acts_are_numbered(void **state)
{
	struct room *room = *state;
	act_record(&room->turn, "limit", "limit", "");
	act_record(&room->turn, "limit/HALVORSEN", "limit", "1,000.00");
	act_record(&room->turn, "limit/HALVORSEN", "approve", "");
	act_record(&room->turn, "limit", "approve", "");
	assert_int_equal(count_acts(room->tabs, "limit"), 2);
	assert_int_equal(count_acts(room->tabs, "limit/HALVORSEN"), 2);
	assert_int_equal(count_acts(room->tabs, "limit/HALV"), 0);
	const struct act *a = tab_get(room->tabs, &ACT_REC, "limit/HALVORSEN/000001");
	assert_non_null(a);
	assert_string_equal(a->operator, "i.vermeer");
	assert_string_equal(a->party, "NOORDZEE");
	assert_int_equal(a->role, ROLE_OPC);
	assert_int_equal(a->at, 1000);
	assert_int_equal(a->entry, 7);
	assert_non_null(tab_get(room->tabs, &ACT_REC, "limit/000001"));
	assert_true(act_done_by(room->tabs, "limit", "i.vermeer", "approve"));
	assert_true(act_done_by(room->tabs, "limit", "i.vermeer", NULL));
	assert_false(act_done_by(room->tabs, "limit", "j.smit", NULL));
	assert_false(act_done_by(room->tabs, "limits", "i.vermeer", NULL));
}

static void change_voids_approvals(void **state)
{
	struct room *room = *state;
	act_record(&room->turn, "DL-1", "open", "");
	act_record(&room->turn, "DL-1", "approve", "");
	act_record(&room->turn, "DL-1", "approve", "");
	act_record(&room->turn, "DL-10", "approve", "");
	act_void_approvals(&room->turn, "DL-1");
	assert_false(act_done_by(room->tabs, "DL-1", "i.vermeer", "approve"));
	assert_true(act_done_by(room->tabs, "DL-1", "i.vermeer", "open"));
	assert_true(act_done_by(room->tabs, "DL-10", "i.vermeer", "approve"));
	act_record(&room->turn, "DL-1", "approve", "");
	assert_true(act_done_by(room->tabs, "DL-1", "i.vermeer", "approve"));
}

static void concerns_are_noted_once(void **state)
{
	struct room *room = *state;
	act_concern(&room->turn, "DL-1", "HALVORSEN");
	act_concern(&room->turn, "DL-1", "KORALL");
	act_concern(&room->turn, "DL-1", "HALVORSEN");
	act_concern(&room->turn, "DL-1", "");
	assert_int_equal(count_acts(room->tabs, "DL-1"), 2);
	assert_false(act_done_by(room->tabs, "DL-1", "", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_titles),
		cmocka_unit_test_setup_teardown(parties_and_groups, open_room, close_room),
		cmocka_unit_test(life_of_a_key),
		cmocka_unit_test_setup_teardown(acts_are_numbered, open_room, close_room),
		cmocka_unit_test_setup_teardown(change_voids_approvals, open_room, close_room),
		cmocka_unit_test_setup_teardown(concerns_are_noted_once, open_room, close_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
