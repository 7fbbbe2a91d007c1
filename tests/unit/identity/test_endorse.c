/* Endorsement: the language both ways, each refusal by its name, and that the order of signatures changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "identity/endorse.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct rec_type *const TYPES[] = { &NEWS_REC, &PARTY_REC, &OPERATOR_REC, &ACT_REC, &KEYREC_REC, &ENDORSE_REC };

static void spellings(void **state)
{
	static const char *const rows[][2] = {
		{ "1 of OPC", "1 of OPC" },
		{ " 2  of  CRA|OPC @ funder  and 1 of WHM@warehouse ,not affiliated", "2 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated" },
		{ "1 of CHAIR and 2 of MEMBER", "1 of CHAIR and 2 of MEMBER" },
		{ "above authority.two : 3 of FND|PARTY@others, distinct devices", "above authority.two: 3 of FND|PARTY@others, distinct devices" },
		{ "above 5000:1 of OPC@any,by release-goods", "above 5000: 1 of OPC, by release-goods" },
		{ "1 of ADM, distinct devices, not affiliated", "1 of ADM, not affiliated, distinct devices" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endorse_policy p, again;
		struct fault fault = { 0 };
		char out[ENDORSE_TEXT_MAX], twice[ENDORSE_TEXT_MAX];
		if (endorse_parse(str_of(rows[i][0]), &p, &fault) != ERR_OK)
			fail_msg("%s: %s", rows[i][0], fault.text);
		assert_string_equal(endorse_print(&p, out), rows[i][1]);
		assert_int_equal(endorse_parse(str_of(out), &again, &fault), ERR_OK);
		assert_string_equal(endorse_print(&again, twice), out);
	}
}

static void refused_texts(void **state)
{
	static const char *const rows[] = { "", "OPC", "0 of OPC", "-1 of OPC", "17 of OPC", "9 of OPC and 8 of CRA", "1 of", "1 of opc", "1 of NOBODY",
		"1 of -", "1 of OPC|OPC", "1 of OPC|", "1 of OPC@nowhere", "1 of OPC@", "1 of OPC and", "1 of OPC, sober", "1 of OPC, not",
		"1 of OPC, not affiliated, not affiliated", "1 of OPC, by a, by b", "1 of OPC, by", "above : 1 of OPC", "above 5 1 of OPC", "1 of OPC;",
		"1 of OPC and 1 of OPC and 1 of OPC and 1 of OPC and 1 of OPC and 1 of OPC and 1 of OPC", "01 of OPC", "1 of OPC\n" };
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct endorse_policy p;
		struct fault fault = { 0 };
		if (endorse_parse(str_of(rows[i]), &p, &fault) != ERR_SYNTAX)
			fail_msg("taken: %s", rows[i]);
		assert_true(fault.text[0]);
	}
}

/* --- verdicts --------------------------------------------------------------------------------------------- */

static const struct endorse_about DEAL = { "NOORDZEE", "DRAHT", "HALVORSEN", "WAALHAVEN", "DRAHT", false };
static const struct endorse_about AUTHORED = { "NOORDZEE", "DRAHT", "HALVORSEN", "WAALHAVEN", "DRAHT", true };

static struct endorser person(const char *id, const char *party, const char *group, enum role role)
{
	struct endorser e = { .role = role, .kind = PARTY_KIND_COUNT, .known = true, .live = true };
	snprintf(e.person, sizeof(e.person), "%s", id);
	snprintf(e.party, sizeof(e.party), "%s", party);
	snprintf(e.group, sizeof(e.group), "%s", group);
	snprintf(e.device, sizeof(e.device), "host-%.20s", id);
	return e;
}

static struct endorser key_of(const char *party, const char *group, enum party_kind kind)
{
	struct endorser e = person("", party, group, ROLE_NONE);
	e.kind = kind;
	snprintf(e.device, sizeof(e.device), "vault-%.20s", party);
	return e;
}

/* Every order of up to four signatures gives the same. */
static enum refusal judge(const char *text, struct endorser *who, size_t count, char missing[ENDORSE_MISSING_MAX])
{
	struct tabs *tabs = tabs_new(TYPES, COUNT(TYPES));
	struct endorse_policy p;
	struct fault fault;
	char other[ENDORSE_MISSING_MAX];
	assert_int_equal(endorse_parse(str_of(text), &p, &fault), ERR_OK);
	enum refusal r = endorse_judge(tabs, &p, &DEAL, who, count, missing);
	for (size_t turn = 0; turn < count * count; turn++) {
		size_t i = turn % count, k = turn / count;
		struct endorser swap = who[i];
		who[i] = who[k];
		who[k] = swap;
		assert_int_equal(endorse_judge(tabs, &p, &DEAL, who, count, other), r);
	}
	tabs_free(tabs);
	return r;
}

static void is(enum refusal have, enum refusal want)
{
	assert_string_equal(refusal_name(have), refusal_name(want));
}

#define RELEASE "1 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated, distinct devices"

/* Who signs too much takes nothing away from those who suffice without him; only the author cannot be left out. */
static void a_clean_part_suffices(void **state)
{
	char missing[ENDORSE_MISSING_MAX];
	struct endorser opc = person("okafor", "NOORDZEE", "NOORDZEE", ROLE_OPC), whm = person("kuiper", "WAALHAVEN", "WAALHAVEN", ROLE_WHM);
	struct endorser sister = person("sister", "WAALHAVEN", "NOORDZEE", ROLE_WHM), own = person("own", "WAALHAVEN", "DRAHT", ROLE_WHM);
	struct endorser cra = person("dahl", "SECOND", "SECOND", ROLE_CRA), cro = person("meijer", "SECOND", "SECOND", ROLE_CRA);
	struct endorse_policy p;
	struct fault fault;
	struct tabs *tabs = tabs_new(TYPES, COUNT(TYPES));
	(void)state;
	assert_int_equal(endorse_parse(STR(RELEASE), &p, &fault), ERR_OK);
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ opc, sister, whm }, 3, missing), REFUSED_NOT);
	assert_string_equal(missing, "");
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ opc, own, whm, sister }, 4, missing), REFUSED_NOT);
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ opc, own, sister }, 3, missing), REFUSED_ENDORSER_AFFILIATED);
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ own, opc, whm }, 3, missing), REFUSED_ENDORSER_AFFILIATED);
	assert_int_equal(endorse_parse(STR("2 of OPC|CRA, not affiliated"), &p, &fault), ERR_OK);
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ cra, cro }, 2, missing), REFUSED_ENDORSER_AFFILIATED);
	is(endorse_judge(tabs, &p, &AUTHORED, (struct endorser[]){ cra, cro, opc }, 3, missing), REFUSED_NOT);
	/* among acts nobody is the author: whoever is too many is left out, wherever he stands */
	is(endorse_judge(tabs, &p, &DEAL, (struct endorser[]){ cra, cro, opc }, 3, missing), REFUSED_NOT);
	is(endorse_judge(tabs, &p, &DEAL, (struct endorser[]){ opc, cro, cra }, 3, missing), REFUSED_NOT);
	assert_int_equal(endorse_parse(STR(RELEASE), &p, &fault), ERR_OK);
	is(endorse_judge(tabs, &p, &DEAL, (struct endorser[]){ own, opc, whm }, 3, missing), REFUSED_NOT);
	tabs_free(tabs);
}

static void by_name(void **state)
{
	char missing[ENDORSE_MISSING_MAX];
	struct endorser opc = person("okafor", "NOORDZEE", "NOORDZEE", ROLE_OPC), whm = person("kuiper", "WAALHAVEN", "WAALHAVEN", ROLE_WHM);
	(void)state;
	is(judge(RELEASE, (struct endorser[]){ opc, whm }, 2, missing), REFUSED_NOT);
	assert_string_equal(missing, "");
	is(judge(RELEASE, (struct endorser[]){ opc }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	assert_string_equal(missing, "1 of WHM@warehouse");
	is(judge("2 of OPC|CRA", (struct endorser[]){ whm }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	assert_string_equal(missing, "2 of OPC|CRA");
	is(judge(RELEASE, (struct endorser[]){ opc, whm, opc }, 3, missing), REFUSED_ENDORSER_TWICE);
	assert_string_equal(missing, "okafor");
	struct endorser gone = whm, stranger = { .known = false };
	gone.live = false;
	is(judge(RELEASE, (struct endorser[]){ opc, gone }, 2, missing), REFUSED_ENDORSER_REVOKED);
	is(judge(RELEASE, (struct endorser[]){ opc, whm, stranger }, 3, missing), REFUSED_ENDORSER_UNKNOWN);
	struct endorser near = whm;
	memcpy(near.device, opc.device, sizeof(near.device));
	is(judge(RELEASE, (struct endorser[]){ opc, near }, 2, missing), REFUSED_ENDORSER_DEVICE);
	near.device[0] = opc.device[0] = 0; /* unknown devices are not the same */
	is(judge(RELEASE, (struct endorser[]){ opc, near }, 2, missing), REFUSED_NOT);
	struct endorser sister = person("kuiper", "WAALHAVEN", "NOORDZEE", ROLE_WHM);
	is(judge(RELEASE, (struct endorser[]){ opc, sister }, 2, missing), REFUSED_ENDORSER_AFFILIATED);
	struct endorser own = person("kuiper", "WAALHAVEN", "DRAHT", ROLE_WHM); /* the group of the deal's party */
	is(judge(RELEASE, (struct endorser[]){ opc, own }, 2, missing), REFUSED_ENDORSER_AFFILIATED);
}

static void places(void **state)
{
	char missing[ENDORSE_MISSING_MAX];
	struct endorser opc = person("okafor", "NOORDZEE", "NOORDZEE", ROLE_OPC), cra = person("vermeer", "NOORDZEE", "NOORDZEE", ROLE_CRA);
	struct endorser elsewhere = person("smit", "OTHER", "OTHER", ROLE_OPC);
	(void)state;
	/* one who fits both places takes the one that leaves room for the other */
	is(judge("1 of OPC|CRA and 1 of OPC", (struct endorser[]){ opc, cra }, 2, missing), REFUSED_NOT);
	is(judge("1 of OPC|CRA and 1 of OPC", (struct endorser[]){ opc }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	is(judge("1 of OPC@funder", (struct endorser[]){ elsewhere }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	is(judge("1 of OPC", (struct endorser[]){ elsewhere }, 1, missing), REFUSED_NOT);
	struct endorser chair = cra, member = opc;
	chair.offices = ENDORSE_CHAIR;
	member.offices = ENDORSE_MEMBER;
	is(judge("1 of CHAIR and 1 of MEMBER", (struct endorser[]){ chair, member }, 2, missing), REFUSED_NOT);
	is(judge("1 of CHAIR and 1 of MEMBER", (struct endorser[]){ opc, member }, 2, missing), REFUSED_ENDORSEMENTS_FEW);
}

static void parties(void **state)
{
	char missing[ENDORSE_MISSING_MAX];
	struct endorser a = key_of("NOORDZEE", "NOORDZEE", PARTY_FND), b = key_of("WAALHAVEN", "WAALHAVEN", PARTY_WHS);
	struct endorser subject = key_of("DRAHT", "DRAHT", PARTY_SUP), clerk = person("okafor", "NOORDZEE", "NOORDZEE", ROLE_OPC);
	(void)state;
	is(judge("2 of PARTY@others", (struct endorser[]){ a, b }, 2, missing), REFUSED_NOT);
	is(judge("2 of PARTY@others", (struct endorser[]){ a, subject }, 2, missing), REFUSED_ENDORSEMENTS_FEW);
	is(judge("2 of PARTY@others", (struct endorser[]){ a, a }, 2, missing), REFUSED_ENDORSER_TWICE);
	is(judge("2 of PARTY|OPC", (struct endorser[]){ a, clerk }, 2, missing), REFUSED_ENDORSER_TWICE);
	is(judge("1 of FND and 1 of OPC", (struct endorser[]){ a, clerk }, 2, missing), REFUSED_NOT);
	is(judge("1 of WHS", (struct endorser[]){ a }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	/* a person is no key of his party */
	is(judge("1 of PARTY", (struct endorser[]){ clerk }, 1, missing), REFUSED_ENDORSEMENTS_FEW);
	struct endorser signer = person("draht", "DRAHT", "DRAHT", ROLE_SUA); /* the party where it is asked for by name */
	is(judge("1 of SUA@party and 1 of OPC@funder, not affiliated", (struct endorser[]){ signer, clerk }, 2, missing), REFUSED_NOT);
}

static void statements(void **state)
{
	struct tabs *tabs = tabs_new(TYPES, COUNT(TYPES));
	struct arena a = { 0 };
	struct hash seed = { { 1 } };
	struct turn t;
	(void)state;
	turn_begin(&t, tabs, &a, 7, 1000, &seed);
	is(endorse_state(&t, "message/x", "pledge", 1, STR(" 1 of  OPC")), REFUSED_NOT);
	is(endorse_state(&t, "message/x", "release", 1, STR("1 of WHM")), REFUSED_NOT);
	is(endorse_state(&t, "message/xy", "release", 2, STR("1 of WHM")), REFUSED_NOT);
	is(endorse_state(&t, "message/z", "release", 1, STR("1 of")), REFUSED_VALUE);
	const struct endorse *e = endorse_first(tabs, "message/x");
	assert_string_equal(e->text, "1 of OPC");
	e = endorse_next(tabs, "message/x", e);
	assert_string_equal(e->source, "release");
	assert_null(endorse_next(tabs, "message/x", e));
	endorse_forget(&t, "release", 2);
	assert_null(endorse_next(tabs, "message/x", endorse_first(tabs, "message/x")));
	assert_non_null(endorse_first(tabs, "message/xy"));
	is(endorse_state(&t, "message/x", "pledge", 1, STR("")), REFUSED_NOT);
	assert_null(endorse_first(tabs, "message/x"));
	arena_free(&a);
	tabs_free(tabs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings), cmocka_unit_test(refused_texts), cmocka_unit_test(by_name), cmocka_unit_test(places),
		cmocka_unit_test(a_clean_part_suffices),
		cmocka_unit_test(parties), cmocka_unit_test(statements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
