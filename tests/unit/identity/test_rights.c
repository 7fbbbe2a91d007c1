/* Rights: the privilege matrix, and a table of situations for each rule of separation of duties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "identity/keyring.h"
#include "identity/rights.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct rec_type *const TYPES[] = { &NEWS_REC, &PARTY_REC, &OPERATOR_REC, &ACT_REC, &KEYREC_REC, &EMERGENCY_REC };

/* The privilege matrix of the sensitive acts (domain §1.2): who may, and everybody else may not. */
static const struct {
	enum act_kind act;
	const char *roles;
} MATRIX[] = {
	{ ACT_OPEN, "OPM SUM SUA" },
	{ ACT_APPROVE, "OPC CRA" },
	{ ACT_CLEAR, "OPC" },
	{ ACT_CONFIRM_DEBT, "COA" },
	{ ACT_RECEIPT, "WHK WHM" },
	{ ACT_COUNT, "WHK WHM INP" },
	{ ACT_CERTIFY, "INP" },
	{ ACT_RELEASE_PAYMENT, "TRR" },
	{ ACT_BUILD_PAYMENT, "TRM SVC" },
	{ ACT_RELEASE_GOODS, "OPC WHM" },
	{ ACT_SUSPEND, "RSK CMP SVC" },
	{ ACT_FREEZE, "RSK CMP SVC" },
	{ ACT_LIFT, "CRA RSK CMP" },
	{ ACT_CALL_MARGIN, "RSK" },
	{ ACT_COMPENSATE, "RSK CMP" },
	{ ACT_ENFORCE, "CRA RSK" },
	{ ACT_LIMIT, "CRO CRA" },
	{ ACT_DEPLOY, "ADM SVC" },
	{ ACT_CERTIFY_KEY, "ADM" },
};

static void matrix(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(MATRIX); i++)
		for (int r = 0; r < ROLE_COUNT; r++)
			if (act_allowed_to(MATRIX[i].act, (enum role)r) !=
			    (r != ROLE_NONE && strstr(MATRIX[i].roles, ROLE_NAMES[r]) != NULL))
				fail_msg("%s for %s", act_name(MATRIX[i].act), ROLE_NAMES[r]);
	for (int a = 0; a < ACT_KIND_COUNT; a++) {
		assert_false(act_allowed_to((enum act_kind)a, ROLE_NONE));
		assert_false(act_allowed_to((enum act_kind)a, ROLE_COUNT));
		if (a != ACT_VERIFY)
			assert_false(act_allowed_to((enum act_kind)a, ROLE_AUD));
	}
}

static const struct {
	const char *id, *name, *party;
	enum role role;
	const char *key;
	int64_t ceiling, from, until, revoked;
} PEOPLE[] = {
	{ "opm", "Ada", "NOORDZEE", ROLE_OPM, "1", 0, 0, 0, 0 },
	{ "opc", "Bo", "NOORDZEE", ROLE_OPC, "2", 100, 0, 0, 0 },
	{ "opc2", "Cem", "NOORDZEE", ROLE_OPC, "3", 100, 0, 0, 0 },
	{ "cra", "Dag", "NOORDZEE", ROLE_CRA, "4", 1000, 0, 0, 0 },
	{ "cra-twin", "Dora", "NOORDZEE", ROLE_OPC, "4", 1000, 0, 0, 0 },   /* the key of cra */
	{ "opm-twin", "Ada", "NOORDZEE", ROLE_OPC, "5", 100, 0, 0, 0 },     /* the human opm */
	{ "ada2", "Ada", "ELSEWHERE", ROLE_OPC, "6", 100, 0, 0, 0 },        /* only a namesake */
	{ "trm", "Eve", "NOORDZEE", ROLE_TRM, "7", 0, 0, 0, 0 },
	{ "trr", "Fay", "NOORDZEE", ROLE_TRR, "8", 0, 0, 0, 0 },
	{ "trm-twin", "Eve", "NOORDZEE", ROLE_TRR, "9", 0, 0, 0, 0 },
	{ "rsk", "Gus", "NOORDZEE", ROLE_RSK, "10", 0, 0, 0, 0 },
	{ "rsk2", "Hal", "NOORDZEE", ROLE_RSK, "11", 0, 0, 0, 0 },
	{ "gone", "Ivo", "NOORDZEE", ROLE_OPC, "12", 100, 0, 0, 400 },
	{ "soon", "Jan", "NOORDZEE", ROLE_OPC, "13", 100, 600, 0, 0 },
	{ "past", "Kim", "NOORDZEE", ROLE_OPC, "14", 100, 0, 500, 0 },
	{ "sister", "Lea", "HALVORSEN2", ROLE_OPC, "15", 100, 0, 0, 0 },    /* a firm of the group */
	{ "whm", "Mo", "WAALHAVEN", ROLE_WHM, "16", 0, 0, 0, 0 },
};

/* What was done on the deal before, then the question (at instant 500) and its answer. done is a list
 * "who act[:detail]"; "!" voids the approvals; "L" before an act means on the group's limit. */
static const struct {
	const char *done, *who;
	enum act_kind act;
	int64_t amount;
	const char *made_by;
	enum refusal answer;
} CASES[] = {
	{ "", "opc", ACT_APPROVE, 100, "opm", REFUSED_NOT },
	{ "", "nobody", ACT_APPROVE, 1, "", REFUSED_SIGNER_UNKNOWN },
	{ "", "opm", ACT_APPROVE, 1, "", REFUSED_ROLE },
	{ "", "rsk", ACT_APPROVE, 1, "", REFUSED_ROLE },
	{ "", "gone", ACT_APPROVE, 1, "", REFUSED_SIGNER_REVOKED },
	{ "", "soon", ACT_APPROVE, 1, "", REFUSED_SIGNER_REVOKED },
	{ "", "past", ACT_APPROVE, 1, "", REFUSED_SIGNER_REVOKED },
	/* ceilings */
	{ "", "opc", ACT_APPROVE, 101, "", REFUSED_NOT },
	{ "", "cra", ACT_APPROVE, 1000, "", REFUSED_NOT },
	{ "", "cra", ACT_APPROVE, 1001, "", REFUSED_AUTHORITY },
	{ "", "trr", ACT_RELEASE_PAYMENT, 1001, "", REFUSED_NOT },
	/* SOD-1 */
	{ "", "opc", ACT_APPROVE, 1, "opc", REFUSED_SOD },
	{ "", "opm-twin", ACT_APPROVE, 1, "opm", REFUSED_SOD },
	{ "", "ada2", ACT_APPROVE, 1, "opm", REFUSED_NOT },
	{ "opm open", "opc", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "opm open", "opm-twin", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "opm open", "ada2", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "opm open", "opm-twin", ACT_RETURN, 1, "opm", REFUSED_NOT },
	{ "opm open", "opm-twin", ACT_REJECT, 1, "opm", REFUSED_SOD },
	{ "trm build-payment", "trr", ACT_RELEASE_PAYMENT, 1, "", REFUSED_NOT },
	{ "trm build-payment", "trm-twin", ACT_RELEASE_PAYMENT, 1, "", REFUSED_SOD },
	{ "trm-twin release-payment", "trm", ACT_BUILD_PAYMENT, 1, "", REFUSED_SOD },
	{ "trr release-payment", "trr", ACT_RELEASE_PAYMENT, 1, "", REFUSED_NOT },
	{ "opc clear", "opc", ACT_APPROVE, 1, "opm", REFUSED_NOT },
	{ "opc approve", "opc", ACT_RELEASE_GOODS, 1, "opm", REFUSED_NOT },
	{ "whm receipt", "whm", ACT_RELEASE_GOODS, 1, "opm", REFUSED_NOT },
	{ "opm open", "opm", ACT_CASE, 1, "opm", REFUSED_NOT },
	/* SOD-9: two signatures are two persons' */
	{ "opc approve", "opc", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "opc approve", "opc2", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "opc approve", "cra", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "cra-twin approve", "cra", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "opc approve,!", "opc", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "opc approve:return", "opc", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "opc return", "opc", ACT_APPROVE, 1, "", REFUSED_NOT },
	/* SOD-2 */
	{ "Lcra limit", "cra", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "Lcra limit", "cra-twin", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "Lcra limit", "opc", ACT_APPROVE, 1, "", REFUSED_NOT },
	{ "Lcra limit", "cra", ACT_REJECT, 1, "", REFUSED_NOT },
	/* SOD-3 */
	{ "", "rsk", ACT_LIFT, 0, "rsk", REFUSED_SOD },
	{ "", "rsk", ACT_LIFT, 0, "engine", REFUSED_NOT },
	{ "rsk suspend", "rsk", ACT_LIFT, 0, "", REFUSED_SOD },
	{ "rsk freeze", "rsk", ACT_LIFT, 0, "", REFUSED_SOD },
	{ "rsk suspend", "rsk2", ACT_LIFT, 0, "rsk", REFUSED_NOT },
	{ "rsk suspend,rsk2 lift", "rsk", ACT_LIFT, 0, "engine", REFUSED_NOT },
	{ "opm open,rsk suspend", "rsk2", ACT_LIFT, 0, "rsk", REFUSED_NOT },
	{ "cra-twin open", "cra", ACT_LIFT, 0, "engine", REFUSED_SOD },
	/* SOD-10 */
	{ "", "sister", ACT_APPROVE, 1, "", REFUSED_SOD },
	{ "", "sister", ACT_CLEAR, 1, "", REFUSED_SOD },
	{ "", "sister", ACT_RETURN, 1, "", REFUSED_NOT },
};

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
};

static void room_open(struct room *room)
{
	memset(room, 0, sizeof(*room));
	room->tabs = tabs_new(TYPES, COUNT(TYPES));
	struct hash seed = hash_of("seed", 4);
	turn_begin(&room->turn, room->tabs, &room->scratch, 1, 500, &seed);
	for (size_t i = 0; i < COUNT(PEOPLE); i++) {
		struct operator o = { .role = PEOPLE[i].role, .ceiling = PEOPLE[i].ceiling,
			.valid_from = PEOPLE[i].from, .valid_until = PEOPLE[i].until,
			.revoked_at = PEOPLE[i].revoked };
		strcpy(o.id, PEOPLE[i].id);
		strcpy(o.name, PEOPLE[i].name);
		strcpy(o.party, PEOPLE[i].party);
		o.key = hash_of(PEOPLE[i].key, strlen(PEOPLE[i].key));
		tab_put(room->tabs, &OPERATOR_REC, &o);
	}
	static const struct party PARTIES[] = {
		{ .id = "NOORDZEE", .kind = PARTY_FND, .group = "NOORDZEE" },
		{ .id = "HALVORSEN", .kind = PARTY_SUP, .group = "HOLDING" },
		{ .id = "HALVORSEN2", .kind = PARTY_SUP, .group = "HOLDING" },
		{ .id = "WAALHAVEN", .kind = PARTY_WHS, .group = "" },
	};
	for (size_t i = 0; i < COUNT(PARTIES); i++)
		tab_put(room->tabs, &PARTY_REC, &PARTIES[i]);
}

static void room_act(struct room *room, const char *who, const char *object, const char *act)
{
	char name[24] = "";
	const char *detail = strchr(act, ':');
	snprintf(name, sizeof(name), "%.*s", detail ? (int)(detail - act) : 20, act);
	snprintf(room->turn.actor, sizeof(room->turn.actor), "%s", who);
	act_record(&room->turn, object, name, detail ? detail + 1 : "");
}

static void room_do(struct room *room, const char *done)
{
	struct str rest = str_of(done);
	while (rest.len) {
		char one[64], *act;
		struct str item = str_cut(&rest, ',');
		snprintf(one, sizeof(one), STR_FMT, STR_ARG(item));
		if (one[0] == '!') {
			act_void_approvals(&room->turn, "DL-1");
			continue;
		}
		bool limit = one[0] == 'L';
		act = strchr(one, ' ');
		*act++ = '\0';
		room_act(room, one + limit, limit ? "limit/HOLDING" : "DL-1", act);
	}
}

static void situations(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(CASES); i++) {
		struct room room;
		char why[160];
		room_open(&room);
		act_concern(&room.turn, "DL-1", "HALVORSEN");
		room_do(&room, CASES[i].done);
		enum refusal asked = rights_ask(room.tabs, CASES[i].who, 500, CASES[i].act, "DL-1",
			CASES[i].amount, CASES[i].made_by, why);
		if (asked != CASES[i].answer)
			fail_msg("case %zu [%s] %s %s: %s (%s)", i, CASES[i].done, CASES[i].who,
				act_name(CASES[i].act), refusal_name(asked), why);
		assert_int_equal(why[0] == '\0', asked == REFUSED_NOT);
		strcpy(room.turn.actor, CASES[i].who);
		assert_int_equal(rights_check(&room.turn, CASES[i].act, "DL-1", CASES[i].amount,
			CASES[i].made_by), asked);
		tabs_free(room.tabs);
		arena_free(&room.scratch);
	}
}

/* The engine may move a deal towards less risk only (SOD-6). */
static void services(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	strcpy(room.turn.actor, "engine");
	room.turn.actor_role = ROLE_SVC;
	assert_int_equal(rights_check(&room.turn, ACT_SUSPEND, "DL-1", 0, ""), REFUSED_NOT);
	assert_int_equal(rights_check(&room.turn, ACT_APPROVE, "DL-1", 1, ""), REFUSED_ROLE);
	assert_int_equal(rights_check(&room.turn, ACT_LIFT, "DL-1", 1, ""), REFUSED_ROLE);
	assert_string_equal(room.turn.detail, "A service may not lift a suspension or freeze.");
	room.turn.actor_role = ROLE_NONE;
	assert_int_equal(rights_check(&room.turn, ACT_SUSPEND, "DL-1", 0, ""), REFUSED_SIGNER_UNKNOWN);
	tabs_free(room.tabs);
	arena_free(&room.scratch);
}

/* --- persons, devices, services, emergency access ---------------------------------------------------------- */

static void room_close(struct room *room)
{
	tabs_free(room->tabs);
	arena_free(&room->scratch);
}

static void device_of(struct room *room, const char *operator_id, const char *device)
{
	struct operator o = *(const struct operator *)tab_get(room->tabs, &OPERATOR_REC, operator_id);
	struct keyrec k = { .kind = KEY_OF_PERSON };
	snprintf(k.holder, sizeof(k.holder), "%s", operator_id);
	snprintf(k.device, sizeof(k.device), "%s", device);
	assert_int_equal(keyring_add(&room->turn, &o.key, &k), REFUSED_NOT);
}

static enum refusal may(struct room *room, const char *who, enum act_kind act)
{
	return rights_ask(room->tabs, who, 500, act, "DL-1", 1, "", NULL);
}

static void act_signed(struct room *room, const char *who, const char *act)
{
	const struct operator *o = tab_get(room->tabs, &OPERATOR_REC, who);
	room->turn.signer = o->key;
	room->turn.actor_role = o->role;
	room_act(room, who, "DL-1", act);
}

static void one_device_is_one_signature(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	device_of(&room, "opc", "desk-7");
	device_of(&room, "opc2", "desk-7");
	device_of(&room, "cra", "desk-8");
	act_signed(&room, "opc", "approve");
	assert_int_equal(may(&room, "opc2", ACT_APPROVE), REFUSED_SOD);
	assert_int_equal(may(&room, "cra", ACT_APPROVE), REFUSED_NOT);
	room_close(&room);
}

static void one_human_under_two_names(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	struct operator o = *(const struct operator *)tab_get(room.tabs, &OPERATOR_REC, "opc2");
	snprintf(o.person, sizeof(o.person), "opm");
	tab_put(room.tabs, &OPERATOR_REC, &o);
	act_signed(&room, "opm", "open");
	assert_int_equal(may(&room, "opc2", ACT_APPROVE), REFUSED_SOD);
	assert_int_equal(may(&room, "opc", ACT_APPROVE), REFUSED_NOT);
	room_close(&room);
}

static void what_fell_binds_for_a_day(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	act_signed(&room, "opc", "approve");
	act_void_approvals(&room.turn, "DL-1");
	assert_int_equal(rights_ask(room.tabs, "opc", 500 + INSTANT_HOUR, ACT_APPROVE, "DL-1", 1, "", NULL), REFUSED_NOT);
	struct operator o = *(const struct operator *)tab_get(room.tabs, &OPERATOR_REC, "opc");
	o.role = ROLE_TRR; /* a switch of role the same day */
	tab_put(room.tabs, &OPERATOR_REC, &o);
	assert_int_equal(rights_ask(room.tabs, "opc", 500 + INSTANT_HOUR, ACT_RELEASE_PAYMENT, "DL-1", 1, "", NULL), REFUSED_SOD);
	assert_int_equal(rights_ask(room.tabs, "opc", 500 + 25 * INSTANT_HOUR, ACT_RELEASE_PAYMENT, "DL-1", 1, "", NULL), REFUSED_NOT);
	room_close(&room);
}

static void services_take_no_human_part(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	room.turn.actor_role = ROLE_SVC;
	snprintf(room.turn.actor, sizeof(room.turn.actor), "engine");
	assert_int_equal(rights_check(&room.turn, ACT_SUSPEND, "DL-1", 0, ""), REFUSED_NOT);
	assert_int_equal(rights_check(&room.turn, ACT_BUILD_PAYMENT, "DL-1", 0, ""), REFUSED_NOT);
	for (int a = 0; a < ACT_KIND_COUNT; a++) /* towards less risk only (SOD-6) */
		if (a == ACT_APPROVE || a == ACT_LIFT || a == ACT_RELEASE_PAYMENT || a == ACT_RELEASE_GOODS || a == ACT_LIMIT)
			assert_int_equal(rights_check(&room.turn, (enum act_kind)a, "DL-1", 0, ""), REFUSED_ROLE);
	room_close(&room);
}

static void emergency_lends_a_role_and_no_person(void **state)
{
	(void)state;
	struct room room;
	room_open(&room);
	struct emergency e = { .id = "opm", .role = ROLE_OPC, .until = 600 };
	tab_put(room.tabs, &EMERGENCY_REC, &e);
	assert_int_equal(rights_ask(room.tabs, "opm", 599, ACT_APPROVE, "DL-1", 1, "", NULL), REFUSED_NOT);
	assert_int_equal(rights_ask(room.tabs, "opm", 600, ACT_APPROVE, "DL-1", 1, "", NULL), REFUSED_ROLE);
	room.turn.actor_role = ROLE_OPC;
	room_act(&room, "opm", "DL-2", "clear");
	assert_int_equal(act_first(room.tabs, "DL-2")->flagged, 1);
	act_signed(&room, "opm", "open");
	assert_int_equal(rights_ask(room.tabs, "opm", 599, ACT_APPROVE, "DL-1", 1, "", NULL), REFUSED_SOD);
	assert_true(role_approves(ROLE_OPC) && role_approves(ROLE_ADM) && !role_approves(ROLE_OPM) && !role_approves(ROLE_AUD));
	room_close(&room);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix),
		cmocka_unit_test(situations),
		cmocka_unit_test(services),
		cmocka_unit_test(one_device_is_one_signature),
		cmocka_unit_test(one_human_under_two_names),
		cmocka_unit_test(what_fell_binds_for_a_day),
		cmocka_unit_test(services_take_no_human_part),
		cmocka_unit_test(emergency_lends_a_role_and_no_person),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
