/* Signed notes and checkpoints: the published examples, and every way a note can be malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "ledger/merkle.h"
#include "ledger/note.h"

/* C2SP signed-note.md. */
#define EXAMPLE_KEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define EXAMPLE_NOTE "This is an example message.\n\n— example.com/foo " \
	"Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
/* golang.org/x/mod/sumdb/note: a key, its seed, and the signature that Ed25519 must give. */
#define NEUMANN_KEY "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define NEUMANN_SEED "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz" /* with the type byte */
#define NEUMANN_TEXT "If you think cryptography is the answer to your problem,\n" \
	"then you don't know what your problem is.\n"
#define NEUMANN_LINE "— PeterNeumann " \
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

static struct note_key key_of(const char *vkey)
{
	struct note_key key;
	struct fault fault;

	assert_int_equal(note_key_parse(str_of(vkey), &key, &fault), ERR_OK);
	return key;
}

static void neumann_secret(uint8_t secret[NOTE_SECRET_SIZE])
{
	uint8_t public_key[NOTE_KEY_SIZE];
	struct buf raw = { 0 };

	assert_true(base64_parse(str_of(NEUMANN_SEED), &raw));
	crypto_sign_seed_keypair(public_key, secret, (const uint8_t *)raw.ptr + 1);
	buf_free(&raw);
}

/* Parses and verifies in one. */
static enum err open_note(struct str bytes, const struct note_key *known, size_t count)
{
	struct note note;
	struct fault fault;
	enum err e = note_parse(bytes, &note, &fault);

	return e != ERR_OK ? e : note_verify(&note, known, count, NULL, &fault);
}

static void published_examples(void **state)
{
	struct note_key known[2] = { key_of(EXAMPLE_KEY), key_of(NEUMANN_KEY) };
	struct note note;
	struct note_verdict v;

	(void)state;
	assert_int_equal(note_parse(str_of(EXAMPLE_NOTE), &note, NULL), ERR_OK);
	assert_true(str_is(note.text, "This is an example message.\n"));
	assert_int_equal(note_verify(&note, known, 2, &v, NULL), ERR_OK);
	assert_int_equal(v.verified, 1);
	assert_int_equal(v.key_index[0], 0);
	assert_int_equal(note_parse(str_of(NEUMANN_TEXT "\n" NEUMANN_LINE), &note, NULL), ERR_OK);
	assert_int_equal(note_verify(&note, known, 2, &v, NULL), ERR_OK);
	assert_int_equal(v.key_index[0], 1);
}

static void signs_as_published(void **state)
{
	struct note_key key = key_of(NEUMANN_KEY);
	uint8_t secret[NOTE_SECRET_SIZE];
	struct buf out = { 0 };

	(void)state;
	neumann_secret(secret);
	assert_int_equal(note_begin(str_of(NEUMANN_TEXT), &out, NULL), ERR_OK);
	note_sign(str_of(NEUMANN_TEXT), &key, secret, 0, &out);
	assert_string_equal(out.ptr, NEUMANN_TEXT "\n" NEUMANN_LINE);
	buf_free(&out);
}

static void keys_have_one_spelling(void **state)
{
	static const char *const bad[] = {
		"", "+", "++", "example.com/foo", "example.com/foo+530d903a",
		"example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", /* upper case */
		"example.com/foo+530d903+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", /* other id */
		"example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", /* other name */
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k=",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
		"example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k+",
		"example.com foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
		"+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
	};
	struct note_key key;
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (note_key_parse(str_of(bad[i]), &key, NULL) == ERR_OK)
			fail_msg("accepted: %s", bad[i]);
	key = key_of(EXAMPLE_KEY);
	note_key_format(&key, &out);
	assert_string_equal(out.ptr, EXAMPLE_KEY);
	assert_int_equal(note_key_parse(STR("a+00000000+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"), &key, NULL),
		ERR_UNSUPPORTED);
	buf_free(&out);
}

static void names_without_spaces(void **state)
{
	(void)state;
	assert_true(note_name_valid(STR("noordzee.example/desk")));
	assert_true(note_name_valid(STR("läge-1")));
	assert_false(note_name_valid(STR("")));
	assert_false(note_name_valid(STR("a b")));
	assert_false(note_name_valid(STR("a+b")));
	assert_false(note_name_valid(STR("a\tb")));
	assert_false(note_name_valid(STR("a\xc2\xa0" "b")));     /* U+00A0 */
	assert_false(note_name_valid(STR("a\xc2\x85" "b")));     /* U+0085 */
	assert_false(note_name_valid(STR("a\xe2\x80\xa8" "b"))); /* U+2028 */
	assert_false(note_name_valid(STR("a\xe3\x80\x80" "b"))); /* U+3000 */
	assert_false(note_name_valid(STR("a\xff" "b")));
}

static void malformed_notes(void **state)
{
	static const char *const bad[] = {
		"", "\n", "\n\n", "text\n", "text\n\n", "text",
		"text\n" NEUMANN_LINE,                        /* no blank line */
		"text\n\nmore\n" NEUMANN_LINE,                /* a line that is no signature */
		"text\n\n" NEUMANN_LINE "\n",                 /* a blank line at the end */
		"text\n\n" NEUMANN_LINE "\xff\n",
		"te\rxt\n\n" NEUMANN_LINE,
		"te\txt\n\n" NEUMANN_LINE,
		"te\xc0\x80xt\n\n" NEUMANN_LINE,
		"text\n\n- PeterNeumann x08goAAA\n",          /* a hyphen for the dash */
		"text\n\n—PeterNeumann x08goAAA\n",
		"text\n\n— PeterNeumann  x08goAAA\n",         /* two spaces */
		"text\n\n— PeterNeumann x08goAAA \n",
		"text\n\n— PeterNeumann x08goAAA",            /* no newline */
		"text\n\n— PeterNeumann \n",
		"text\n\n— PeterNeumann\n",
		"text\n\n—  x08goAAA\n",
		"text\n\n— Peter+Neumann x08goAAA\n",
		"text\n\n— PeterNeumann x08gow==\n",          /* a key id and nothing more */
		"text\n\n— PeterNeumann x08goAA\n",           /* no padding */
		"text\n\n— PeterNeumann x08goAB=\n",          /* bits after the end */
		"text\n\n— PeterNeumann x08go_AA\n",          /* the other alphabet */
		"text\n\n— PeterNeumann x08go\xe2\x80\x94\n",  /* found by the fuzzer: valid UTF-8, no digits */
	};
	struct note note;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (note_parse(str_of(bad[i]), &note, &fault) != ERR_SYNTAX)
			fail_msg("not refused: %s", bad[i]);
	assert_int_equal(note_parse(STR("a\nb\n\n— x x08goAAA\nwhat\n"), &note, &fault), ERR_SYNTAX);
	assert_int_equal(fault.line, 5);
	assert_int_equal(note_parse((struct str){ "te\0xt\n\n— x x08goAAA\n", 22 }, &note, &fault), ERR_SYNTAX);
}

/* One 68-byte signature has four spellings in a lax base64: only the canonical one is taken. */
static void refuses_other_spellings(void **state)
{
	struct note_key key = key_of(NEUMANN_KEY);
	char text[] = NEUMANN_TEXT "\n" NEUMANN_LINE;
	char *last = text + sizeof text - 4; /* the digit before "=\n" */

	(void)state;
	assert_int_equal(open_note(str_of(text), &key, 1), ERR_OK);
	assert_int_equal(*last, 'M');
	for (char c = 'N'; c <= 'P'; c++) {
		*last = c;
		assert_int_equal(open_note(str_of(text), &key, 1), ERR_SYNTAX);
	}
}

static void splits_at_the_last_blank_line(void **state)
{
	struct note note;

	(void)state;
	assert_int_equal(note_parse(STR("a\n\n— no x08goAAA\n\n— x x08goAAA\n"), &note, NULL), ERR_OK);
	assert_true(str_is(note.text, "a\n\n— no x08goAAA\n"));
	assert_int_equal(note.count, 1);
}

static void a_known_key_that_fails_refuses_all(void **state)
{
	struct note_key known[2] = { key_of(NEUMANN_KEY), key_of(EXAMPLE_KEY) };
	struct note_key other = known[0];
	struct note note;
	struct fault fault;

	(void)state;
	/* unknown keys are passed over */
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n— who x08goAAA\n" NEUMANN_LINE), known, 2), ERR_OK);
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n— PeterNeumann AAAAAAAA\n" NEUMANN_LINE), known, 2), ERR_OK);
	/* nobody known */
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n" NEUMANN_LINE), known + 1, 1), ERR_SIGNATURE);
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n" NEUMANN_LINE), NULL, 0), ERR_SIGNATURE);
	/* a good signature does not heal a bad one, in either order, nor another text */
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n— PeterNeumann x08gowAA\n" NEUMANN_LINE), known, 2),
		ERR_SIGNATURE);
	assert_int_equal(open_note(STR(NEUMANN_TEXT "\n" NEUMANN_LINE "— PeterNeumann x08gowAA\n"), known, 2),
		ERR_SIGNATURE);
	assert_int_equal(open_note(STR("Another text\n\n" NEUMANN_LINE), known, 2), ERR_SIGNATURE);
	/* two keys under one name and id */
	other.public_key[0] ^= 1;
	known[1] = other;
	assert_int_equal(note_parse(STR(NEUMANN_TEXT "\n" NEUMANN_LINE), &note, NULL), ERR_OK);
	assert_int_equal(note_verify(&note, known, 2, NULL, &fault), ERR_SIGNATURE);
	assert_non_null(strstr(fault.text, "share"));
}

static void counts_signers_once_and_many(void **state)
{
	struct note_key key = key_of(NEUMANN_KEY);
	struct buf b = { 0 };
	struct note note;
	struct note_verdict v;

	(void)state;
	buf_text(&b, NEUMANN_TEXT "\n");
	for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
		buf_text(&b, NEUMANN_LINE);
	assert_int_equal(note_parse(buf_view(&b), &note, NULL), ERR_OK);
	assert_int_equal(note_verify(&note, &key, 1, &v, NULL), ERR_OK);
	assert_int_equal(v.verified, 1);
	buf_text(&b, NEUMANN_LINE);
	assert_int_equal(note_parse(buf_view(&b), &note, NULL), ERR_LIMIT);
	buf_free(&b);
}

/* --- checkpoints and cosignatures ------------------------------------------------------------------- */

static void log_key(const char *name, enum note_type type, struct note_key *key,
	uint8_t secret[NOTE_SECRET_SIZE])
{
	uint8_t seed[crypto_sign_SEEDBYTES] = { (uint8_t)name[0], (uint8_t)type }, public_key[NOTE_KEY_SIZE];

	crypto_sign_seed_keypair(public_key, secret, seed);
	assert_int_equal(note_key_make(str_of(name), type, public_key, key, NULL), ERR_OK);
}

static void checkpoint_round_trip(void **state)
{
	struct checkpoint c = { .origin = "noordzee.example/desk", .size = 6214, .extensions = STR("") }, back;
	struct note_key known[2];
	uint8_t secret[2][NOTE_SECRET_SIZE];
	struct buf text = { 0 }, note = { 0 };
	struct note_verdict v;
	struct fault fault = { 0 };

	(void)state;
	c.root = merkle_leaf("x", 1);
	log_key("noordzee.example/desk", NOTE_ED25519, &known[0], secret[0]);
	log_key("witness.example/w1", NOTE_COSIGNATURE, &known[1], secret[1]);
	checkpoint_format(&c, &text);
	assert_int_equal(note_begin(buf_view(&text), &note, NULL), ERR_OK);
	note_sign(buf_view(&text), &known[0], secret[0], 0, &note);
	note_sign(buf_view(&text), &known[1], secret[1], 1773671527, &note);
	assert_int_equal(checkpoint_open(buf_view(&note), known, 2, &back, &v, &fault), ERR_OK);
	assert_string_equal(back.origin, c.origin);
	assert_true(back.size == 6214 && hash_eq(&back.root, &c.root));
	assert_int_equal(v.verified, 2);
	assert_true(v.time_s[1] == 1773671527);
	/* the witness alone does not make it the log's word */
	assert_int_equal(checkpoint_open(buf_view(&note), known + 1, 1, &back, NULL, &fault), ERR_SIGNATURE);
	/* every changed byte is refused, or at the most hides the witness */
	for (size_t i = 0; i < note.len; i++) {
		note.ptr[i] = (char)(note.ptr[i] ^ 1);
		if (checkpoint_open(buf_view(&note), known, 2, &back, &v, &fault) == ERR_OK) {
			assert_int_equal(v.verified, 1);
			assert_true(i > text.len + 1 + strlen(known[0].name) + 100 && back.size == 6214);
		}
		note.ptr[i] = (char)(note.ptr[i] ^ 1);
	}
	buf_free(&text);
	buf_free(&note);
}

#define ROOT "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"

static void malformed_checkpoints(void **state)
{
	static const struct {
		const char *text;
		int line;
	} bad[] = {
		{ "", 1 }, { "\n0\n" ROOT, 1 }, { "o\n", 2 }, { "o\n\n" ROOT, 2 }, { "o\n01\n" ROOT, 2 },
		{ "o\n-1\n" ROOT, 2 }, { "o\n+1\n" ROOT, 2 }, { "o\n1 \n" ROOT, 2 },
		{ "o\n18446744073709551616\n" ROOT, 2 }, { "o\n1\n", 3 }, { "o\n1\n\n", 3 },
		{ "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n", 3 }, { "o\n1\nAAAA\n", 3 },
		{ "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS\xc3\xa9U=\n", 3 },
		{ "o\n1\n" ROOT "\n", 4 }, { "o\n1\n" ROOT "a\n\nb\n", 5 },
	};
	struct checkpoint c;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (checkpoint_parse(str_of(bad[i].text), &c, &fault) != ERR_SYNTAX)
			fail_msg("accepted: %s", bad[i].text);
		assert_int_equal(fault.line, bad[i].line);
	}
	assert_int_equal(checkpoint_parse(STR("o\n18446744073709551615\n" ROOT "more\n"), &c, &fault), ERR_OK);
	assert_true(c.size == UINT64_MAX && str_is(c.extensions, "more\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_examples),
		cmocka_unit_test(signs_as_published),
		cmocka_unit_test(keys_have_one_spelling),
		cmocka_unit_test(names_without_spaces),
		cmocka_unit_test(malformed_notes),
		cmocka_unit_test(refuses_other_spellings),
		cmocka_unit_test(splits_at_the_last_blank_line),
		cmocka_unit_test(a_known_key_that_fails_refuses_all),
		cmocka_unit_test(counts_signers_once_and_many),
		cmocka_unit_test(checkpoint_round_trip),
		cmocka_unit_test(malformed_checkpoints),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("note", tests, NULL, NULL);
}
