/* Requests for pieces: one spelling, and a signature that belongs to this path, time and key alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/piece.h"

#define M "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_path_has_one_spelling(void **state)
{
	static const char *const GOOD[] = { "/evidence/" M, "/evidence/" M "/" M, "/evidence/" M "/box" };
	static const char *const BAD[] = { "", "/", "/evidence/", "/evidence/" M "/", "/evidence/" M "/Box", "/evidence/" M "/../" M, "/evidence/" M "//" M,
		"/evidence/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "/evidence/../wharf.db", "/evidence/" M "/" M "/", "evidence/" M,
		"//evidence/" M, "/evidence/" M "?x", "/evidence/" M "x" M, "/evidence/" M "/" M M };
	struct piece p;
	char again[PIECE_PATH_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_true(piece_path_parse(str_of(GOOD[i]), &p));
		assert_int_equal((int)p.kind, (int)i);
		piece_path(&p, again);
		assert_string_equal(again, GOOD[i]);
	}
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_false(piece_path_parse(str_of(BAD[i]), &p));
	for (size_t len = 0; len < strlen(GOOD[0]); len++) { /* nothing is read behind its end */
		char *cut = memcpy(malloc(len ? len : 1), GOOD[0], len);
		assert_false(piece_path_parse((struct str){ cut, len }, &p));
		free(cut);
	}
}

static void a_signature_is_for_this_request(void **state)
{
	uint8_t pub[32], sec[64], seed[32] = { 9 };
	char word[PIECE_WORD_MAX], other[PIECE_WORD_MAX];
	struct hash key;
	int64_t at;
	(void)state;
	assert_true(sodium_init() >= 0);
	crypto_sign_seed_keypair(pub, sec, seed);
	piece_word("/evidence/" M, 1700000000, sec, word);
	assert_true(piece_word_verify(str_of(word), "/evidence/" M, &key, &at));
	assert_memory_equal(key.bytes, pub, 32);
	assert_int_equal(at, 1700000000);
	assert_false(piece_word_verify(str_of(word), "/evidence/" M "/box", &key, &at));
	for (size_t i = 0; i < strlen(word); i++) /* every character */
		for (int bit = 0; bit < 8; bit++) {
			memcpy(other, word, sizeof(other));
			other[i] = (char)(other[i] ^ (1 << bit));
			assert_false(piece_word_verify(str_of(other), "/evidence/" M, &key, &at));
		}
	snprintf(other, sizeof(other), "Wharf-Ed25519 " M " 01700000000 %.30s", word + 90);
	assert_false(piece_word_verify(str_of(other), "/evidence/" M, &key, &at));
	assert_false(piece_word_verify(STR(""), "/evidence/" M, &key, &at));
	piece_word("/evidence/" M, -1, sec, other); /* signed as it should be, but no time */
	assert_false(piece_word_verify(str_of(other), "/evidence/" M, &key, &at));
	/* A key of small order signs nothing. */
	memcpy(other, word, sizeof(other));
	memset(other + 14, '0', 64);
	assert_false(piece_word_verify(str_of(other), "/evidence/" M, &key, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_path_has_one_spelling), cmocka_unit_test(a_signature_is_for_this_request) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
