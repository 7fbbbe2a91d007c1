/* Check digits and forms: one row per rule.
 *
 * What must remain true: a check never guesses; a failing check says what would have passed where
 * that can be computed, otherwise the form. Sources are named at each rule. */
#include "feed/gs1.h"

#include <stdio.h>
#include <string.h>

#include "feed_int.h"

char gs1_check_digit(struct str digits)
{
	/* General Specifications 7.9.1: weights 3, 1, 3, … from the right; the check digit fills up
	 * to the next ten. */
	int sum = 0;
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.ptr[digits.len - 1 - i];
		if (!feed_digit(c))
			return 0;
		sum += (c - '0') * (i % 2 ? 1 : 3);
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

static void expect(struct gs1_check *c, const char *form)
{
	c->verdict = GS1_FAIL;
	snprintf(c->expected, sizeof(c->expected), "%s", form);
}

/* The value with other characters at `at`. */
static void expect_value(struct gs1_check *c, struct str value, size_t at, struct str right)
{
	c->verdict = GS1_FAIL;
	snprintf(c->expected, sizeof(c->expected), STR_FMT STR_FMT STR_FMT, (int)at, value.ptr,
		STR_ARG(right), (int)(value.len - at - right.len), value.ptr + at + right.len);
}

/* --- GS1 keys: leading digits with the check digit last, at most `more` characters behind -------- */

static const struct {
	enum gs1_rule rule;
	int digits, more;
	const char *form;
} keys[] = {
	{ GS1_RULE_GLN, 13, 0, "13 digits" },
	{ GS1_RULE_SSCC, 18, 0, "18 digits" },
	{ GS1_RULE_GSIN, 17, 0, "17 digits" },
	{ GS1_RULE_GSRN, 18, 0, "18 digits" },
	{ GS1_RULE_GRAI, 14, 16, "0, 13 digits, up to 16 characters" },
	{ GS1_RULE_GDTI, 13, 17, "13 digits, up to 17 characters" },
	{ GS1_RULE_GCN, 13, 12, "13 digits, up to 12 digits" },
};

static void check_digits(struct gs1_check *c, struct str value, size_t digits)
{
	char right = gs1_check_digit(feed_head(value, digits - 1));
	if (right != value.ptr[digits - 1])
		expect_value(c, value, digits - 1, (struct str){ &right, 1 });
}

static void check_key(struct gs1_check *c, struct str value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].rule != c->rule)
			continue;
		size_t n = (size_t)keys[i].digits;
		/* a character of a serial may be spelled with three (%2F) */
		if (value.len < n || value.len > n + 3 * (size_t)keys[i].more ||
			!feed_digits(feed_head(value, n)) || (c->rule == GS1_RULE_GRAI && value.ptr[0] != '0'))
			expect(c, keys[i].form);
		else
			check_digits(c, value, n);
	}
}

static void check_gtin(struct gs1_check *c, struct str value)
{
	if (!feed_digits(value) ||
		(value.len != 8 && value.len != 12 && value.len != 13 && value.len != 14))
		expect(c, "8, 12, 13 or 14 digits");
	else
		check_digits(c, value, value.len);
}

static void check_itip(struct gs1_check *c, struct str value)
{
	if (value.len != 18 || !feed_digits(value))
		expect(c, "14 digits, 2 of piece, 2 of total");
	else
		check_digits(c, value, 14);
}

/* --- ISO 7064 MOD 97-10 ---------------------------------------------------------------------------- */

/* The text as a number, letters A=10 … Z=35, modulo 97; -1 on another character. */
static int mod97(int so_far, struct str s)
{
	int n = so_far;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (feed_digit(c))
			n = (n * 10 + (c - '0')) % 97;
		else if (feed_upper(c))
			n = (n * 100 + (c - 'A' + 10)) % 97;
		else
			return -1;
	}
	return n;
}

static void two_digits(int n, char out[3])
{
	out[0] = (char)('0' + n / 10 % 10);
	out[1] = (char)('0' + n % 10);
	out[2] = '\0';
}

static void check_lei(struct gs1_check *c, struct str value)
{
	if (value.len != 20 || mod97(0, value) < 0 || !feed_digits(feed_from(value, 18))) {
		expect(c, "18 capitals or digits, 2 check digits");
		return;
	}
	if (mod97(0, value) == 1)
		return;
	char right[3];
	two_digits(98 - mod97(mod97(0, feed_head(value, 18)), STR("00")), right);
	expect_value(c, value, 18, (struct str){ right, 2 });
}

/* Country and length of an account number, SWIFT IBAN registry. Four characters a row. */
static const char iban_lengths[] =
	"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29"
	"ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20"
	"LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29"
	"PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20"
	"YE30";

static int iban_length(struct str value)
{
	for (const char *row = iban_lengths; *row; row += 4)
		if (row[0] == value.ptr[0] && row[1] == value.ptr[1])
			return (row[2] - '0') * 10 + (row[3] - '0');
	return 0;
}

static void check_iban(struct gs1_check *c, struct str value)
{
	if (value.len < 5 || mod97(0, value) < 0 || !feed_upper(value.ptr[0]) ||
		!feed_upper(value.ptr[1]) || !feed_digits((struct str){ value.ptr + 2, 2 })) {
		expect(c, "country, 2 check digits, account");
		return;
	}
	int want = iban_length(value);
	if (!want) {
		expect(c, "a country of the IBAN registry");
		return;
	}
	if (value.len != (size_t)want) {
		c->verdict = GS1_FAIL;
		snprintf(c->expected, sizeof(c->expected), "%d characters for %.2s", want, value.ptr);
		return;
	}
	int body = mod97(0, feed_from(value, 4));
	if (mod97(body, feed_head(value, 4)) == 1)
		return;
	char right[3];
	two_digits(98 - mod97(mod97(body, feed_head(value, 2)), STR("00")), right);
	expect_value(c, value, 2, (struct str){ right, 2 });
}

/* --- BIC -------------------------------------------------------------------------------------------- */

/* ISO 3166-1 alpha-2 and XK, which SWIFT uses. */
static const char countries[] =
	"ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM"
	"CNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY"
	"HKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMF"
	"MGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE"
	"RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZ"
	"VAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

static bool country_known(const char *code)
{
	for (const char *row = countries; *row; row += 2)
		if (row[0] == code[0] && row[1] == code[1])
			return true;
	return false;
}

static bool bic_form(struct str value)
{
	if (value.len != 8 && value.len != 11)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		bool letter_only = i == 4 || i == 5;
		if (!feed_upper(c) && (letter_only || !feed_digit(c)))
			return false;
	}
	return true;
}

static void check_bic(struct gs1_check *c, struct str value)
{
	if (!bic_form(value))
		expect(c, "8 or 11 characters, country at 5 and 6");
	else if (!country_known(value.ptr + 4))
		expect(c, "a country of ISO 3166 at 5 and 6");
}

/* --- containers and vessels -------------------------------------------------------------------------- */

/* ISO 6346: letters count from 10 and leave out multiples of 11; sum of value * 2^position. */
static int container_digit(struct str value)
{
	int sum = 0;
	for (size_t i = 0; i < 10; i++) {
		char c = value.ptr[i];
		int n = c - '0';
		if (i < 4) {
			n = 10 + (c - 'A');
			n += (n > 10) + (n > 20) + (n > 30);
		}
		sum += n << i;
	}
	return sum % 11 % 10;
}

static void check_container(struct gs1_check *c, struct str value)
{
	bool form = value.len == 11 && feed_digits(feed_from(value, 4)) &&
		(value.ptr[3] == 'U' || value.ptr[3] == 'J' || value.ptr[3] == 'Z');
	for (size_t i = 0; form && i < 4; i++)
		form = feed_upper(value.ptr[i]);
	if (!form) {
		expect(c, "3 letters, U, J or Z, 7 digits");
		return;
	}
	char right = (char)('0' + container_digit(value));
	if (right != value.ptr[10])
		expect_value(c, value, 10, (struct str){ &right, 1 });
}

static void check_imo(struct gs1_check *c, struct str value)
{
	if (value.len != 7 || !feed_digits(value)) {
		expect(c, "7 digits");
		return;
	}
	int sum = 0;
	for (int i = 0; i < 6; i++)
		sum += (value.ptr[i] - '0') * (7 - i);
	char right = (char)('0' + sum % 10);
	if (right != value.ptr[6])
		expect_value(c, value, 6, (struct str){ &right, 1 });
}

/* --- the table ------------------------------------------------------------------------------------------ */

static const struct {
	const char *id, *what;
} names[GS1_RULE_COUNT] = {
#define X(c, id, what) [c] = { id, what },
	GS1_RULE_LIST(X)
#undef X
};

static void (*const rules[GS1_RULE_COUNT])(struct gs1_check *c, struct str value) = {
	[GS1_RULE_GTIN] = check_gtin,  [GS1_RULE_GLN] = check_key,   [GS1_RULE_SSCC] = check_key,
	[GS1_RULE_GSIN] = check_key,   [GS1_RULE_GSRN] = check_key,  [GS1_RULE_GRAI] = check_key,
	[GS1_RULE_GDTI] = check_key,   [GS1_RULE_GCN] = check_key,   [GS1_RULE_ITIP] = check_itip,
	[GS1_RULE_LEI] = check_lei,    [GS1_RULE_IBAN] = check_iban, [GS1_RULE_BIC] = check_bic,
	[GS1_RULE_IMO] = check_imo,    [GS1_RULE_CONTAINER] = check_container,
};

const char *gs1_rule_id(enum gs1_rule rule)
{
	return rule < GS1_RULE_COUNT ? names[rule].id : "";
}

const char *gs1_rule_what(enum gs1_rule rule)
{
	return rule < GS1_RULE_COUNT ? names[rule].what : "";
}

struct gs1_check gs1_check(enum gs1_rule rule, struct str value)
{
	struct gs1_check c = { .rule = rule, .verdict = GS1_PASS };
	if (value.len == 0 || rule >= GS1_RULE_COUNT) {
		c.verdict = GS1_NOT_APPLICABLE;
		return c;
	}
	str_copy(c.seen, sizeof(c.seen), value);
	rules[rule](&c, value);
	return c;
}

struct gs1_check gs1_check_bic_iban(struct str bic, struct str iban)
{
	struct gs1_check c = { .rule = GS1_RULE_BIC, .verdict = GS1_NOT_APPLICABLE };
	if (gs1_check(GS1_RULE_BIC, bic).verdict != GS1_PASS ||
		gs1_check(GS1_RULE_IBAN, iban).verdict != GS1_PASS)
		return c;
	str_copy(c.seen, sizeof(c.seen), bic);
	c.verdict = GS1_PASS;
	if (memcmp(bic.ptr + 4, iban.ptr, 2) != 0) {
		c.verdict = GS1_FAIL;
		snprintf(c.expected, sizeof(c.expected), "country %.2s, as the account", iban.ptr);
	}
	return c;
}
