/* Check digits, canonical ids and the scanner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "feed/gs1.h"

static void good(enum gs1_rule rule, const char *value)
{
	struct gs1_check c = gs1_check(rule, str_of(value));
	if (c.verdict != GS1_PASS)
		print_error("%s %s: expected %s\n", gs1_rule_id(rule), value, c.expected);
	assert_int_equal(c.verdict, GS1_PASS);
	assert_string_equal(c.expected, "");
}

static void bad(enum gs1_rule rule, const char *value, const char *expected)
{
	struct gs1_check c = gs1_check(rule, str_of(value));
	assert_int_equal(c.verdict, GS1_FAIL);
	assert_int_equal(c.rule, rule);
	assert_string_equal(c.expected, expected);
}

static void test_specified_examples(void **state)
{
	(void)state;
	good(GS1_RULE_LEI, "5493001KJTIIGC8Y1R12");
	good(GS1_RULE_LEI, "969500KSV493XWY0PS33");
	bad(GS1_RULE_LEI, "969500KSV493XWY0PS34", "969500KSV493XWY0PS33");
	bad(GS1_RULE_LEI, "5493001KJTIIGC8Y1R11", "5493001KJTIIGC8Y1R12"); /* a remainder of 0 */
	bad(GS1_RULE_LEI, "5493001KJTIIGC8Y1R21", "5493001KJTIIGC8Y1R12");
	good(GS1_RULE_GTIN, "04012345111118");
	good(GS1_RULE_GTIN, "8904000210037");
	good(GS1_RULE_GLN, "4012345000115");
	good(GS1_RULE_SSCC, "340123451111111111");
	good(GS1_RULE_CONTAINER, "CSQU3054383");
	bad(GS1_RULE_CONTAINER, "CSQU3054384", "CSQU3054383");
	good(GS1_RULE_CONTAINER, "HLXU2008419");
	good(GS1_RULE_CONTAINER, "TLVU3000090");
	good(GS1_RULE_CONTAINER, "APZU4812090");
	good(GS1_RULE_IMO, "9074729");
	good(GS1_RULE_ITIP, "040123451111180102");
	bad(GS1_RULE_ITIP, "040123451111190102", "040123451111180102");
	bad(GS1_RULE_IMO, "9074728", "9074729");
	good(GS1_RULE_IBAN, "GB82WEST12345698765432");
	good(GS1_RULE_IBAN, "DE89370400440532013000");
	good(GS1_RULE_IBAN, "FR1420041010050500013M02606");
	good(GS1_RULE_IBAN, "NO9386011117947");
	bad(GS1_RULE_IBAN, "GB82WEST12345698765433", "GB55WEST12345698765433");
}

static void test_expected_values_pass(void **state)
{
	static const struct {
		enum gs1_rule rule;
		const char *wrong;
	} wrong[] = { { GS1_RULE_LEI, "969500KSV493XWY0PS99" }, { GS1_RULE_IBAN, "GB00WEST12345698765432" },
		{ GS1_RULE_IBAN, "DE00370400440532013000" }, { GS1_RULE_SSCC, "340123451111111112" },
		{ GS1_RULE_GRAI, "04012345666660ABC" }, { GS1_RULE_CONTAINER, "MSKU0000000" } };
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gs1_check c = gs1_check(wrong[i].rule, str_of(wrong[i].wrong));
		assert_int_equal(c.verdict, GS1_FAIL);
		good(wrong[i].rule, c.expected);
	}
}

static void test_forms(void **state)
{
	(void)state;
	bad(GS1_RULE_LEI, "5493001kjtiigc8y1r12", "18 capitals or digits, 2 check digits");
	bad(GS1_RULE_LEI, "5493001KJTIIGC8Y1R1", "18 capitals or digits, 2 check digits");
	bad(GS1_RULE_GTIN, "123456789", "8, 12, 13 or 14 digits");
	bad(GS1_RULE_SSCC, "34012345111111111", "18 digits");
	bad(GS1_RULE_SSCC, "3401234511111111112", "18 digits");
	bad(GS1_RULE_ITIP, "04012345111118010", "14 digits, 2 of piece, 2 of total");
	bad(GS1_RULE_ITIP, "0401234511111801AB", "14 digits, 2 of piece, 2 of total");
	bad(GS1_RULE_GRAI, "14012345666663", "0, 13 digits, up to 16 characters");
	good(GS1_RULE_GCN, "4012345999990123456789012345678901234567890123456"); /* 13 digits, thrice 12 */
	bad(GS1_RULE_GCN, "40123459999901234567890123456789012345678901234567", "13 digits, up to 12 digits");
	bad(GS1_RULE_IBAN, "DE8937040044053201300", "22 characters for DE");
	bad(GS1_RULE_IBAN, "ZZ89370400440532013000", "a country of the IBAN registry");
	bad(GS1_RULE_IBAN, "GB82 WEST 1234", "country, 2 check digits, account");
	bad(GS1_RULE_IBAN, "D189370400440532013000", "country, 2 check digits, account");
	bad(GS1_RULE_IBAN, "DEA9370400440532013000", "country, 2 check digits, account");
	bad(GS1_RULE_CONTAINER, "CSQX3054383", "3 letters, U, J or Z, 7 digits");
	bad(GS1_RULE_IMO, "IMO9074729", "7 digits");
	assert_int_equal(gs1_check(GS1_RULE_LEI, STR("")).verdict, GS1_NOT_APPLICABLE);
	assert_string_equal(gs1_rule_id(GS1_RULE_CONTAINER), "container");
	assert_string_equal(gs1_rule_id(GS1_RULE_COUNT), "");
	assert_string_equal(gs1_rule_what(GS1_RULE_COUNT), "");
}

static void test_bic(void **state)
{
	(void)state;
	good(GS1_RULE_BIC, "DEUTDEFF");
	good(GS1_RULE_BIC, "DEUTDEFF500");
	bad(GS1_RULE_BIC, "DEUTZZFF", "a country of ISO 3166 at 5 and 6");
	bad(GS1_RULE_BIC, "DEUTDEF", "8 or 11 characters, country at 5 and 6");
	bad(GS1_RULE_BIC, "DEUT12FF", "8 or 11 characters, country at 5 and 6");
	struct str iban = STR("DE89370400440532013000");
	assert_int_equal(gs1_check_bic_iban(STR("DEUTDEFF"), iban).verdict, GS1_PASS);
	assert_int_equal(gs1_check_bic_iban(STR("BNPAFRPP"), iban).verdict, GS1_FAIL);
	assert_int_equal(gs1_check_bic_iban(STR(""), iban).verdict, GS1_NOT_APPLICABLE);
}

static void canon(const char *uri, const char *expected)
{
	struct gs1_id id = gs1_canonical(str_of(uri), false);
	if (strcmp(id.text, expected) != 0)
		print_error("%s -> %s, expected %s\n", uri, id.text, expected);
	assert_string_equal(id.text, expected);
	assert_int_equal(id.form, expected[0] ? GS1_KEY : GS1_NOT_A_KEY);
}

static void test_urns(void **state)
{
	(void)state;
	canon("urn:epc:id:sgtin:4012345.011111.9876", "https://id.gs1.org/01/04012345111118/21/9876");
	canon("urn:epc:id:sgtin:0614141.812345.6789%2f%26%25%22!%3F()",
		"https://id.gs1.org/01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29");
	canon("urn:epc:id:sgtin:415056789012.0.987654", "https://id.gs1.org/01/04150567890128/21/987654");
	canon("urn:epc:id:sscc:4012345.3111111111", "https://id.gs1.org/00/340123451111111111");
	canon("urn:epc:id:sscc:401234.31234567890", "https://id.gs1.org/00/340123412345678900");
	canon("urn:epc:id:sgln:4012345.00005.0", "https://id.gs1.org/414/4012345000054");
	canon("urn:epc:id:sgln:4012345.00005.122", "https://id.gs1.org/414/4012345000054/254/122");
	canon("urn:epc:id:pgln:999999999999.", "https://id.gs1.org/417/9999999999994");
	canon("urn:epc:id:grai:4012345.00022.334455", "https://id.gs1.org/8003/04012345000221334455");
	canon("urn:epc:id:giai:4012345.ABC345", "https://id.gs1.org/8004/4012345ABC345");
	canon("urn:epc:id:gsrn:4012345.0000006765", "https://id.gs1.org/8018/401234500000067657");
	canon("urn:epc:id:gsrnp:4012345.0000000007", "https://id.gs1.org/8017/401234500000000074");
	canon("urn:epc:id:gdti:4012345.00009.PO-4711", "https://id.gs1.org/253/4012345000092PO-4711");
	canon("urn:epc:id:gdti:987659999999..9", "https://id.gs1.org/253/98765999999929");
	canon("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234",
		"https://id.gs1.org/8010/061414111111111111111-A%23%2F/8011/1234");
	canon("urn:epc:id:sgcn:4012345.99999.44", "https://id.gs1.org/255/401234599999044");
	canon("urn:epc:id:ginc:0614141.xyz47%2F11", "https://id.gs1.org/401/0614141xyz47%2F11");
	canon("urn:epc:id:gsin:4012345.222333444", "https://id.gs1.org/402/40123452223334442");
	canon("urn:epc:id:itip:4012345.011111.01.02.987", "https://id.gs1.org/8006/040123451111180102/21/987");
	canon("urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB",
		"https://id.gs1.org/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB");
	canon("urn:epc:class:lgtin:4012345.012345.Lot987", "https://id.gs1.org/01/04012345123456/10/Lot987");
	canon("urn:epc:idpat:sgtin:4012345.066666.*", "https://id.gs1.org/01/04012345666663");
	canon("urn:epc:idpat:grai:4012345.66666.*", "https://id.gs1.org/8003/04012345666663");
	canon("urn:epc:idpat:itip:4012345.012345.01.02.*", "https://id.gs1.org/8006/040123451234560102");
	canon("urn:epc:idpat:cpi:4012345.ABC.*", "https://id.gs1.org/8010/4012345ABC");
}

static void test_urns_that_are_no_keys(void **state)
{
	static const char *const texts[] = { "urn:epc:id:sgtin:4012345.01111.9876",
		"urn:epc:id:sgtin:4012345.0111111.9876", "urn:epc:id:sgtin:4012345.011111.", "urn:epc:id:sgtin:4012345.01111", "urn:epc:id:sgtin:4012345.01a111.9",
		"urn:epc:id:sgtin:4012345.011111", "urn:epc:id:sgtin:40123.01111111.1",
		"urn:epc:id:sgtin:4012345.011111.123456789012345678901", "urn:epc:idpat:sgtin:4012345.*.*",
		"urn:epc:id:sscc:4012345.31111111111", "urn:epc:id:gid:1.2.3", "urn:epc:", "",
		"urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "urn:epc:id:sgtin:4012345.011111.a b",
		"urn:epc:id:sscc:40123.312345678901", "urn:epc:id:itip:4012345.011111.01-02.987", "urn:epc:id:itip:4012345.011111-01.02.987",
		"urn:epc:id:itip:4012345.011111.0A.02.987", "urn:epc:id:itip:4012345.011111.01.0", "urn:epc:id:cpi:0614141.ABC",
		"urn:epc:id:cpi:0614141ABC", "urn:epc:id:sgtin:4012345.011111.a?b", "urn:epc:id:sgtin:4012345.011111.a%2" };
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		canon(texts[i], "");
}

static void test_links(void **state)
{
	(void)state;
	canon("https://id.gs1.de/01/04012345999990/21/XYZ-1234",
		"https://id.gs1.org/01/04012345999990/21/XYZ-1234");
	canon("https://example.com/some/path/gtin/9780345418913/lot/A/ser/765tz?abc=211121#x",
		"https://id.gs1.org/01/09780345418913/21/765tz");
	canon("http://id.gs1.org/01/04012345111118/22/2A/10/LOT/", "https://id.gs1.org/01/04012345111118/10/LOT");
	canon("https://example.com/gtin/04012345111118/22/2A", "https://id.gs1.org/01/04012345111118");
	canon("https://id.gs1.org/414/4012345000245/254/1", "https://id.gs1.org/414/4012345000245/254/1");
	canon("https://id.gs1.org/414/4012345000245/254/0", "https://id.gs1.org/414/4012345000245");
	canon("https://id.example.com/8003/040123450007718765", "https://id.gs1.org/8003/040123450007718765");
	canon("https://x.example/01/04012345111118/21/a(1)", "https://id.gs1.org/01/04012345111118/21/a%281%29");
	canon("https://example.com/01/1234", "");
	canon("https://example.com/01/04012345111118/foo", "");
	canon("https://example.com/01/04012345111118/21/12345678901234567890", "https://id.gs1.org/01/04012345111118/21/12345678901234567890");
	canon("https://example.com/01/04012345111118/21/123456789012345678901", "");
	canon("https://example.com/8004/4012A", "https://id.gs1.org/8004/4012A");
	canon("https://example.com/8004/4012", "");
	canon("https://example.com/", "");
	canon("https://", "");
	canon("http://transaction.acme.com/po/12345678", "");
	canon("geo:47.506694,11.104301", "");
}

static void test_one_object_one_name(void **state)
{
	(void)state;
	struct gs1_id a = gs1_canonical(STR("urn:epc:id:sscc:4012345.3111111111"), false);
	struct gs1_id b = gs1_canonical(STR("http://my.site/x/sscc/340123451111111111?4=5"), false);
	assert_string_equal(a.text, b.text);
	assert_true(a.instance);
	assert_string_equal(a.ai, "00");
	assert_false(gs1_canonical(STR("urn:epc:class:lgtin:4012345.012345.L"), false).instance);
	assert_string_equal(gs1_canonical(STR("https://x.io/01/04012345111118/21/(1)"), true).text,
		"https://id.gs1.org/01/04012345111118/21/(1)");
}

static void test_wrong_digit_in_link(void **state)
{
	(void)state;
	struct gs1_id id = gs1_canonical(STR("https://id.gs1.org/01/04012345111119/21/9"), false);
	assert_int_equal(id.form, GS1_KEY_WRONG);
	assert_int_equal(id.check.rule, GS1_RULE_GTIN);
	assert_string_equal(id.check.seen, "04012345111119");
	assert_string_equal(id.check.expected, "04012345111118");
	assert_int_equal(gs1_check_other_epc(STR("urn:epc:id:bic:CSQU3054384")).verdict, GS1_FAIL);
	assert_int_equal(gs1_check_other_epc(STR("urn:epc:id:imovn:9074729")).verdict, GS1_PASS);
	assert_int_equal(gs1_check_other_epc(STR("urn:uuid:1")).verdict, GS1_NOT_APPLICABLE);
}

/* --- scanner ------------------------------------------------------------------------------------ */

static struct gs1_scan scan(const char *typed)
{
	struct gs1_scan s;
	struct fault f = { 0 };
	enum err e = gs1_scan_parse(str_of(typed), &s, &f);
	if (e)
		print_error("%s: %s\n", typed, f.text);
	assert_int_equal(e, ERR_OK);
	return s;
}

static void refused(const char *typed, const char *word)
{
	struct gs1_scan s;
	struct fault f = { 0 };
	assert_int_equal(gs1_scan_parse(str_of(typed), &s, &f), ERR_SYNTAX);
	if (!strstr(f.text, word))
		print_error("%s: %s lacks %s\n", typed, f.text, word);
	assert_non_null(strstr(f.text, word));
}

static void test_scan_sscc(void **state)
{
	static const char *const typed[] = { "(00)340123451111111111", "00340123451111111111",
		"]C100340123451111111111", "\x1d" "00340123451111111111", "340123451111111111",
		"https://id.gs1.org/00/340123451111111111", "urn:epc:id:sscc:4012345.3111111111",
		" (00) 340123451111111111 \r\n" };
	(void)state;
	for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		struct gs1_scan s;
		struct fault f = { 0 };
		assert_int_equal(gs1_scan_parse(str_of(typed[i]), &s, &f), ERR_OK);
		assert_int_equal(s.count, 1);
		assert_string_equal(s.elements[0].value, "340123451111111111");
	}
}

static void test_scan_elements(void **state)
{
	struct gs1_scan s;
	struct fault f;
	(void)state;
	assert_int_equal(gs1_scan_parse(STR("]C1010401234511111810LOT-7\x1d" "3748\x1d" "3103001250"), &s, &f),
		ERR_OK);
	assert_string_equal(s.gtin, "04012345111118");
	assert_string_equal(s.batch, "LOT-7");
	assert_true(s.has_quantity);
	assert_int_equal(s.quantity, 48);
	assert_true(s.has_weight);
	assert_int_equal(s.net_weight_micro, 1250000); /* 1.250 kg */
	assert_int_equal(gs1_scan_parse(STR("(01)04012345111118(21)A(1)b(3100)000025"), &s, &f), ERR_OK);
	assert_string_equal(s.serial, "A(1)b"); /* one digit in brackets is no AI */
	assert_int_equal(s.net_weight_micro, 25000000);
	assert_int_equal(gs1_scan_parse(STR("https://x.com/01/04012345111118/10/AB%2F1/21/7?37=5&linkType=x"), &s,
		&f), ERR_OK);
	assert_string_equal(s.serial, "7");
	assert_string_equal(s.batch, "AB/1");
	assert_int_equal(s.quantity, 5);
	assert_null(s.sscc);
	assert_string_equal(gs1_ai_name("3103"), "net weight in kilograms");
	assert_string_equal(gs1_ai_name("99999"), "");
	assert_string_equal(gs1_ai_name("012"), "");
}

static void test_scan_retail(void **state)
{
	(void)state;
	assert_string_equal(scan("8904000210037").elements[0].value, "08904000210037");
	assert_string_equal(scan("]E08904000210037").elements[0].value, "08904000210037");
	assert_string_equal(scan("04012345111118").elements[0].ai, "01");
	assert_string_equal(scan("40170725").elements[0].value, "00000040170725");
	assert_string_equal(scan("(10)!~").elements[0].value, "!~");
}

static void test_scan_refusals(void **state)
{
	(void)state;
	refused("(00)340123451111111112", "expected 340123451111111111");
	refused("00340123451111111112", "serial shipping container code");
	refused("8904000210038", "expected 08904000210037");
	refused("(00)34012345111111111", "18 to 18 digits");
	refused("hello", "application identifier");
	refused("(99999)1", "application identifier");
	refused("(01)04012345111118(01)08904000210037", "twice");
	refused("", "empty");
	refused("https://example.com/about", "GS1 key");
	refused("(3109)000001", "decimals");
	assert_int_equal(scan("(3105)000001").net_weight_micro, 10);
	refused("]C110123456789012345678901", "1 to 20"); /* and not two elements */
	refused("(10)a b", "form");
	refused("(00", "application identifier");
	refused("https://id.gs1.org/01/04012345111119", "expected 04012345111118");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specified_examples), cmocka_unit_test(test_expected_values_pass),
		cmocka_unit_test(test_forms), cmocka_unit_test(test_bic), cmocka_unit_test(test_urns),
		cmocka_unit_test(test_urns_that_are_no_keys), cmocka_unit_test(test_links),
		cmocka_unit_test(test_one_object_one_name), cmocka_unit_test(test_wrong_digit_in_link),
		cmocka_unit_test(test_scan_sscc), cmocka_unit_test(test_scan_elements),
		cmocka_unit_test(test_scan_retail), cmocka_unit_test(test_scan_refusals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
