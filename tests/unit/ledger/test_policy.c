/* Trust policies: what parses, what is refused by line, and which sets of witnesses are a quorum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ledger/merkle.h"
#include "ledger/policy.h"

enum { KEYS = 8 };
static uint8_t secrets[KEYS][NOTE_SECRET_SIZE];
static struct note_key keys[KEYS]; /* 0: the log; others witnesses */
static char vkeys[KEYS][200];

static int begin(void **state)
{
	(void)state;
	for (int i = 0; i < KEYS; i++) {
		uint8_t seed[32], public_key[NOTE_KEY_SIZE];
		char name[16];
		struct buf text = { 0 };
		memset(seed, i + 1, sizeof seed);
		crypto_sign_seed_keypair(public_key, secrets[i], seed);
		snprintf(name, sizeof name, "%s%d", i ? "w" : "log", i);
		assert_int_equal(note_key_make(str_of(name), i ? NOTE_COSIGNATURE : NOTE_ED25519, public_key, &keys[i], NULL), ERR_OK);
		note_key_format(&keys[i], &text);
		snprintf(vkeys[i], sizeof vkeys[i], "%s", text.ptr);
		buf_free(&text);
	}
	return 0;
}

/* $0 … $7 in a policy stand for the keys. */
static enum err parse(const char *text, struct tlog_policy *p, struct fault *fault)
{
	struct buf out = { 0 };
	for (; *text; text++) {
		if (*text == '$')
			buf_text(&out, vkeys[*++text - '0']);
		else
			buf_char(&out, *text);
	}
	enum err e = tlog_policy_parse(buf_view(&out), p, fault);
	buf_free(&out);
	return e;
}

#define WITNESSES "witness a $1\nwitness b $2\nwitness c $3\nwitness d $4\n"

static void quorums(void **state)
{
	static const struct {
		const char *text;
		uint64_t yes[4], no[4];
	} ROWS[] = {
		{ "log $0\nquorum none\n", { 0, 1, 15 }, { 0 } },
		{ WITNESSES "quorum b\n", { 2, 3, 15 }, { 1, 4, 13 } },
		{ WITNESSES "group g any a b\nquorum g\n", { 1, 2, 3, 15 }, { 4, 8, 12 } },
		{ WITNESSES "group g all a b c\nquorum g\n", { 7, 15 }, { 1, 3, 6, 11 } },
		{ WITNESSES "group g 2 a b c\nquorum g\n", { 3, 5, 6, 7 }, { 1, 2, 4, 8 } },
		{ WITNESSES "group x 2 a b c\ngroup y all x d\nquorum y\n", { 11, 13, 14, 15 }, { 7, 3, 9, 8 } },
		{ "# a comment\n\n \t\n" WITNESSES "\tgroup  x   any\ta b \ngroup y any c d\ngroup z all x y\n quorum z\n", { 5, 6, 9, 10 }, { 1, 3, 12, 8 } },
	};
	struct tlog_policy p;
	struct fault f;
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		assert_int_equal(parse(ROWS[i].text, &p, &f), ERR_OK);
		for (int k = 0; k < 4; k++) {
			if (k == 0 || ROWS[i].yes[k])
				assert_true(tlog_policy_quorum(&p, ROWS[i].yes[k]));
			if (ROWS[i].no[k])
				assert_false(tlog_policy_quorum(&p, ROWS[i].no[k]));
		}
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		int line;
	} ROWS[] = {
		{ "", 0 }, { "log $0\n", 1 }, { "quorum none", 0 }, { "quorum none\nquorum none\n", 2 }, { "quorum\n", 1 }, { "quorum none none\n", 1 },
		{ "quorum nobody\n", 1 }, { "log $1\nquorum none\n", 1 }, { "witness a $0\nquorum a\n", 1 }, { "log $0\nlog $0\nquorum none\n", 2 },
		{ "witness a $1\nwitness a $2\nquorum a\n", 2 }, { "witness a $1\nwitness b $1\nquorum a\n", 2 }, { "witness none $1\nquorum none\n", 1 },
		{ "witness a\nquorum none\n", 1 }, { "witness a $1 url more\nquorum none\n", 1 }, { "log $0 url more\nquorum none\n", 1 },
		{ WITNESSES "group g 0 a\nquorum g\n", 5 }, { WITNESSES "group g 3 a b\nquorum g\n", 5 }, { WITNESSES "group g 01 a b\nquorum g\n", 5 },
		{ WITNESSES "group g some a b\nquorum g\n", 5 }, { WITNESSES "group g any\nquorum g\n", 5 }, { WITNESSES "group g any a a\nquorum g\n", 5 },
		{ WITNESSES "group g any a\ngroup h any a\nquorum g\n", 6 }, { WITNESSES "group g any h\ngroup h any a\nquorum g\n", 5 },
		{ WITNESSES "group g any g\nquorum g\n", 5 }, { WITNESSES "group a any b\nquorum a\n", 5 }, { WITNESSES "quorum g\ngroup g any a\n", 5 },
		{ WITNESSES "group g any none\nquorum g\n", 5 }, { "logs $0\nquorum none\n", 1 }, { "log $0\r\nquorum none\n", 1 }, { "log $0\nquorum\001none\n", 2 },
		{ "log log0+00000000+AAAA\nquorum none\n", 1 }, { "log $0x\nquorum none\n", 1 },
	};
	struct tlog_policy p;
	struct fault f;
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		enum err e = parse(ROWS[i].text, &p, &f);
		if (e == ERR_OK || (ROWS[i].line && f.line != ROWS[i].line))
			fail_msg("row %zu: %s (line %d): %s", i, err_name(e), f.line, f.text);
	}
}

static void signed_note(uint64_t size, const int *who, size_t count, struct buf *out)
{
	struct checkpoint c = { .size = size, .extensions = STR("") };
	struct buf text = { 0 };
	snprintf(c.origin, sizeof c.origin, "log0");
	c.root = merkle_empty();
	checkpoint_format(&c, &text);
	assert_int_equal(note_begin(buf_view(&text), out, NULL), ERR_OK);
	for (size_t i = 0; i < count; i++)
		note_sign(buf_view(&text), &keys[who[i]], secrets[who[i]], 1000 + (uint64_t)who[i], out);
	buf_free(&text);
}

static void opens_checkpoints(void **state)
{
	struct tlog_policy p;
	struct tlog_verdict v;
	struct fault f;
	struct buf note = { 0 };
	(void)state;
	assert_int_equal(parse("log $0\n" WITNESSES "group g 2 a b c\nquorum g\n", &p, &f), ERR_OK);
	signed_note(7, (int[]){ 0, 3, 1, 5 }, 4, &note); /* 5 is nobody's witness here */
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_OK);
	assert_int_equal(v.checkpoint.size, 7);
	assert_int_equal(v.cosignatures, 2);
	assert_int_equal(v.witnesses, 5);
	assert_int_equal(v.oldest_s, 1001);
	buf_clear(&note);
	signed_note(7, (int[]){ 0, 3, 4 }, 3, &note);
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_SIGNATURE);
	buf_clear(&note);
	signed_note(7, (int[]){ 0, 3, 3, 3 }, 4, &note); /* one witness thrice is one */
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_SIGNATURE);
	buf_clear(&note);
	signed_note(7, (int[]){ 1, 2, 3 }, 3, &note); /* witnesses alone are no log */
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_SIGNATURE);
	buf_clear(&note);
	signed_note(7, (int[]){ 0, 1, 2 }, 3, &note);
	note.ptr[5] = '8'; /* the size */
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_SIGNATURE);
	buf_free(&note);
}

/* A line of type 0x06 (2,420 bytes of ML-DSA) is kept and not counted. */
static void other_types_are_passed_over(void **state)
{
	struct tlog_policy p;
	struct tlog_verdict v;
	struct fault f;
	struct buf note = { 0 };
	uint8_t line[4 + 2420];
	(void)state;
	assert_int_equal(parse("log $0\n" WITNESSES "quorum a\n", &p, &f), ERR_OK);
	signed_note(7, (int[]){ 0, 1 }, 2, &note);
	memset(line, 6, sizeof line);
	buf_text(&note, "\xe2\x80\x94 pq.example ");
	base64_add(&note, line, sizeof line);
	buf_char(&note, '\n');
	assert_int_equal(tlog_policy_open(&p, buf_view(&note), &v, &f), ERR_OK);
	assert_int_equal(v.cosignatures, 1);
	buf_free(&note);
}

static void limits(void **state)
{
	struct tlog_policy p;
	struct fault f;
	struct buf text = { 0 };
	(void)state;
	buf_printf(&text, "witness g0 %s\n", vkeys[1]);
	for (int i = 1; i <= TLOG_GROUPS_MAX; i++)
		buf_printf(&text, "group g%d any g%d\n", i, i - 1);
	buf_printf(&text, "quorum g%d\n", TLOG_GROUPS_MAX);
	assert_int_equal(tlog_policy_parse(buf_view(&text), &p, &f), ERR_OK);
	assert_true(tlog_policy_quorum(&p, 1));
	assert_false(tlog_policy_quorum(&p, 2));
	buf_printf(&text, "group more any g%d\n", TLOG_GROUPS_MAX);
	assert_int_equal(tlog_policy_parse(buf_view(&text), &p, &f), ERR_LIMIT);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quorums), cmocka_unit_test(refused), cmocka_unit_test(opens_checkpoints),
		cmocka_unit_test(other_types_are_passed_over), cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, begin, NULL);
}
