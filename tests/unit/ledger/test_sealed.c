/* Evidence on the ledger: the digest is an HMAC, boxes are libsodium's and bind item and reader, manifests and grants
 * have one spelling, and no name of a file does anything to a screen or a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/sealed.h"

struct reader_pair {
	uint8_t public_key[32], secret[64];
};

static struct reader_pair pair_of(uint8_t n)
{
	struct reader_pair p;
	uint8_t seed[32] = { n };
	assert_int_equal(sodium_init() < 0, 0);
	crypto_sign_seed_keypair(p.public_key, p.secret, seed);
	return p;
}

static struct sealed_key key_of(uint8_t n)
{
	struct sealed_key k;
	memset(&k, n, sizeof(k));
	return k;
}

static void the_digest_is_an_hmac_over_any_pieces(void **state)
{
	(void)state;
	uint8_t salt[32] = { 9 };
	static const char text[] = "wharf/evidence/v1goods receipt 4711";
	struct hash want = hash_hmac(salt, sizeof(salt), text, sizeof(text) - 1), got = sealed_digest(salt, STR("goods receipt 4711"));
	assert_true(hash_eq(&want, &got));
	struct sealed_stream *s = sealed_begin(salt);
	for (const char *c = "goods receipt 4711"; *c; c++)
		sealed_add(s, c, 1);
	got = sealed_end(s);
	assert_true(hash_eq(&want, &got));
	salt[31] = 1;
	got = sealed_digest(salt, STR("goods receipt 4711"));
	assert_false(hash_eq(&want, &got));
}

static void a_box_opens_for_its_reader_and_item_only(void **state)
{
	(void)state;
	struct reader_pair a = pair_of(1), b = pair_of(2);
	struct sealed_key k = key_of(7), out;
	struct fault fault;
	uint8_t seed[32] = { 3 }, box[SEALED_BOX_SIZE];
	assert_true(sealed_box(&k, a.public_key, seed, box));
	struct str bytes = { (char *)box, sizeof(box) };
	assert_int_equal(sealed_box_open(bytes, a.secret, &k.manifest, &out, &fault), ERR_OK);
	assert_memory_equal(&out, &k, sizeof(k));
	assert_int_equal(sealed_box_open(bytes, b.secret, &k.manifest, &out, &fault), ERR_DENIED);
	struct hash other = { { 1 } };
	assert_int_equal(sealed_box_open(bytes, a.secret, &other, &out, &fault), ERR_TAMPERED);
	assert_true(strstr(fault.text, "another item") != NULL);
	for (size_t i = 0; i < sizeof(box); i++) {
		box[i] ^= 4;
		assert_int_not_equal(sealed_box_open(bytes, a.secret, &k.manifest, &out, &fault), ERR_OK);
		box[i] ^= 4;
	}
	bytes.len--;
	assert_int_equal(sealed_box_open(bytes, a.secret, &k.manifest, &out, &fault), ERR_DENIED);
}

static void a_box_is_what_libsodium_opens(void **state)
{
	(void)state;
	struct reader_pair a = pair_of(1);
	struct sealed_key k = key_of(7);
	uint8_t seed[32] = { 3 }, box[SEALED_BOX_SIZE], pub[32], sec[32], text[SEALED_BOX_SIZE];
	assert_true(sealed_box(&k, a.public_key, seed, box));
	assert_int_equal(crypto_sign_ed25519_pk_to_curve25519(pub, a.public_key), 0);
	assert_int_equal(crypto_sign_ed25519_sk_to_curve25519(sec, a.secret), 0);
	assert_int_equal(crypto_box_seal_open(text, box, sizeof(box), pub, sec), 0);
	assert_memory_equal(text, "wharf/grant/v1", 14);
	assert_memory_equal(text + 14, k.key, 32);
	uint8_t zero[32] = { 0 };
	assert_false(sealed_box(&k, zero, seed, box)); /* a point of small order */
}

static struct sealed_manifest manifest_of(uint64_t size, uint8_t *chunks)
{
	struct sealed_manifest m = { .size = size, .count = (size_t)((size + SEALED_CHUNK - 1) / SEALED_CHUNK), .chunks = chunks };
	memset(m.header, 5, sizeof(m.header));
	return m;
}

static void a_manifest_has_one_spelling(void **state)
{
	(void)state;
	uint8_t chunks[3 * 32];
	struct buf b = { 0 };
	struct sealed_manifest m, in = manifest_of(2 * SEALED_CHUNK + 1, chunks);
	struct fault fault;
	for (size_t i = 0; i < sizeof(chunks); i++)
		chunks[i] = (uint8_t)i;
	sealed_manifest_encode(&in, &b);
	assert_int_equal(b.len, sealed_manifest_bytes(in.size));
	assert_int_equal(sealed_manifest_decode(buf_view(&b), &m, &fault), ERR_OK);
	assert_int_equal(m.size, in.size);
	assert_int_equal(m.count, 3);
	assert_int_equal(sealed_chunk_size(&m, 0), SEALED_CHUNK);
	assert_int_equal(sealed_chunk_size(&m, 2), 1);
	assert_memory_equal(m.chunks, chunks, sizeof(chunks));
	for (size_t n = 0; n < b.len; n++)
		assert_int_not_equal(sealed_manifest_decode((struct str){ b.ptr, n }, &m, &fault), ERR_OK);
	buf_char(&b, 0);
	assert_int_equal(sealed_manifest_decode(buf_view(&b), &m, &fault), ERR_SYNTAX);
	buf_clear(&b);
	in.size = 2 * SEALED_CHUNK; /* would be two chunks */
	sealed_manifest_encode(&in, &b);
	assert_int_equal(sealed_manifest_decode(buf_view(&b), &m, &fault), ERR_SYNTAX);
	buf_free(&b);
}

static void readers_are_named_once(void **state)
{
	(void)state;
	struct sealed_grant g[3] = { { "NOORDZEE", { { 1 } }, { { 2 } } }, { "i.vermeer", { { 3 } }, { { 4 } } } }, out[SEALED_GRANTS_MAX];
	struct buf b = { 0 };
	size_t n;
	sealed_grants_encode(g, 2, &b);
	assert_true(sealed_grants_decode(buf_view(&b), out, &n));
	assert_int_equal(n, 2);
	assert_string_equal(out[1].reader, "i.vermeer");
	assert_false(sealed_grants_decode((struct str){ b.ptr, b.len - 1 }, out, &n));
	buf_clear(&b);
	g[2] = g[0];
	g[2].key.bytes[0] = 9;
	sealed_grants_encode(g, 3, &b); /* the same reader */
	assert_false(sealed_grants_decode(buf_view(&b), out, &n));
	buf_clear(&b);
	snprintf(g[2].reader, sizeof(g[2].reader), "other");
	g[2].key = g[0].key;
	sealed_grants_encode(g, 3, &b); /* the same key */
	assert_false(sealed_grants_decode(buf_view(&b), out, &n));
	buf_clear(&b);
	sealed_grants_encode(g, 0, &b);
	assert_false(sealed_grants_decode(buf_view(&b), out, &n));
	buf_free(&b);
}

static void names_do_nothing(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{ "photo.jpg", "photo.jpg" }, { "../../etc/passwd", "passwd" }, { "/", "_" }, { "..", "_." }, { ".", "_" }, { "", "_" },
		{ ".hidden", "_hidden" }, { "-rf", "_rf" }, { "a/b/c.pdf", "c.pdf" }, { "dir/", "dir_" },
		{ "\x1b[2Jgone.txt", "_[2Jgone.txt" }, { "a\nb\r\tc", "a_b__c" }, { "inv\xe2\x80\xae" "fdp.exe", "inv_fdp.exe" },
		{ "\xff\xfe.bin", "__.bin" }, { "Rechnung M\xc3\xbc" "ller.pdf", "Rechnung M\xc3\xbc" "ller.pdf" },
		{ "a\xc2\x9b" "31m", "a_31m" }, { "zero\xe2\x80\x8bwidth", "zero_width" }, { "cut\xe2\x82", "cut__" },
		{ "c:\\temp\\x", "c:_temp_x" }, { "  blank  ", "blank" },
	};
	char out[SEALED_NAME_MAX], again[SEALED_NAME_MAX], longer[400];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		sealed_name(str_of(names[i][0]), out);
		assert_string_equal(out, names[i][1]);
		assert_true(sealed_name_valid(str_of(out)));
	}
	srand(4);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand() % sizeof(longer);
		for (size_t j = 0; j < n; j++)
			longer[j] = (char)(rand() % 3 ? rand() : "/. _\xe2\x80\xae"[rand() % 7]);
		sealed_name((struct str){ longer, n }, out);
		sealed_name(str_of(out), again);
		assert_string_equal(out, again);
		assert_true(str_utf8_valid(str_of(out)) && out[0] && !strpbrk(out, "/\n\x1b") && out[0] != '.');
	}
	assert_true(sealed_word_valid(STR("image/svg+xml")));
	assert_false(sealed_word_valid(STR("")) || sealed_word_valid(STR("Photo")) || sealed_word_valid(STR("9a"))
		|| sealed_word_valid(STR("a b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_digest_is_an_hmac_over_any_pieces), cmocka_unit_test(a_box_opens_for_its_reader_and_item_only),
		cmocka_unit_test(a_box_is_what_libsodium_opens), cmocka_unit_test(a_manifest_has_one_spelling),
		cmocka_unit_test(readers_are_named_once), cmocka_unit_test(names_do_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
