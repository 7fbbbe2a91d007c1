/* Proofs of one entry: one spelling, every malformed one refused, every leaf of small trees proven and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ledger/bundle.h"

static uint8_t secret[NOTE_SECRET_SIZE];
static struct note_key key;
static struct tlog_policy policy;

static int begin(void **state)
{
	uint8_t seed[32] = { 7 }, public_key[NOTE_KEY_SIZE];
	(void)state;
	crypto_sign_seed_keypair(public_key, secret, seed);
	note_key_make(STR("log.example"), NOTE_ED25519, public_key, &key, NULL);
	tlog_policy_of_key(&key, &policy);
	return 0;
}

static void note_of(const struct merkle *t, struct buf *out)
{
	struct checkpoint c = { .size = merkle_size(t), .root = merkle_root(t), .extensions = STR("") };
	struct buf text = { 0 };
	snprintf(c.origin, sizeof c.origin, "log.example");
	checkpoint_format(&c, &text);
	assert_int_equal(note_begin(buf_view(&text), out, NULL), ERR_OK);
	note_sign(buf_view(&text), &key, secret, 0, out);
	buf_free(&text);
}

static struct hash leaf_of(uint64_t i)
{
	return merkle_leaf(&i, sizeof i);
}

static void every_leaf(void **state)
{
	struct fault f;
	(void)state;
	for (uint64_t size = 1; size <= 20; size++) {
		struct merkle *t = merkle_new();
		struct buf note = { 0 }, text = { 0 }, again = { 0 };
		for (uint64_t i = 0; i < size; i++) {
			struct hash h = leaf_of(i);
			merkle_append(t, &h);
		}
		note_of(t, &note);
		for (uint64_t i = 0; i < size; i++) {
			struct bundle b = { .index = i, .checkpoint = buf_view(&note), .has_extra = i % 2, .extra = STR("AAEC") }, read;
			struct hash h = leaf_of(i), other = leaf_of(i + 1);
			assert_true(merkle_prove_inclusion(t, i, size, &b.proof));
			buf_clear(&text);
			buf_clear(&again);
			bundle_format(&b, &text);
			assert_true(bundle_is(buf_view(&text)));
			assert_int_equal(bundle_parse(buf_view(&text), &read, &f), ERR_OK);
			bundle_format(&read, &again);
			assert_true(str_eq(buf_view(&text), buf_view(&again)));
			assert_int_equal(bundle_verify(&read, &h, &policy, NULL, &f), ERR_OK);
			assert_int_equal(bundle_verify(&read, &other, &policy, NULL, &f), ERR_TAMPERED);
			read.index = size;
			assert_int_equal(bundle_verify(&read, &h, &policy, NULL, &f), ERR_TAMPERED);
		}
		merkle_free(t);
		buf_free(&note);
		buf_free(&text);
		buf_free(&again);
	}
}

#define H "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define HEAD "c2sp.org/tlog-proof@v1\n"

static void malformed(void **state)
{
	static const char *const BAD[] = {
		"", "c2sp.org/tlog-proof@v1", HEAD, "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n", HEAD "index 0\n", HEAD "index 0\n\n", HEAD "index\n\nx\n",
		HEAD "index 00\n\nx\n", HEAD "index -1\n\nx\n", HEAD "index 18446744073709551616\n\nx\n", HEAD "index 1 \n\nx\n", HEAD "Index 1\n\nx\n",
		HEAD "index 1\nAAAA\n\nx\n", HEAD "index 1\n" H " \n\nx\n", HEAD "index 1\n" H "\n", HEAD "extra \n\nx\n", HEAD "extra A\nindex 1\n\nx\n",
		HEAD "index 1\nextra AAAA\n\nx\n", HEAD "extra AAAA\nextra AAAA\nindex 1\n\nx\n", HEAD "\nindex 1\n\nx\n", HEAD "index 1\r\n\nx\n",
		HEAD "index 1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n\nx\n", /* a second spelling of the zeroes */
	};
	struct bundle b;
	struct buf many = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		if (bundle_parse(str_of(BAD[i]), &b, NULL) == ERR_OK)
			fail_msg("accepted: %s", BAD[i]);
	buf_text(&many, HEAD "index 1\n");
	for (int i = 0; i <= MERKLE_PROOF_MAX; i++)
		buf_text(&many, H "\n");
	buf_text(&many, "\nx\n");
	assert_int_equal(bundle_parse(buf_view(&many), &b, NULL), ERR_LIMIT);
	buf_free(&many);
	assert_int_equal(bundle_parse(STR(HEAD "extra \nindex 18446744073709551615\n" H "\n\nx\n"), &b, NULL), ERR_OK);
	assert_true(b.has_extra && b.extra.len == 0 && b.index == UINT64_MAX && b.proof.count == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_leaf), cmocka_unit_test(malformed) };
	return cmocka_run_group_tests(tests, begin, NULL);
}
