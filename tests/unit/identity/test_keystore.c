/* The key file: opens with its passphrase and with nothing else; every altered byte is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec.h"
#include "base/hash.h"
#include "identity/keystore.h"

static const uint8_t SEED[KEY_SEED_SIZE] = "a secret seed of thirty-two byte";
#define PASS STR("correct horse battery staple")

static struct keystore_info sample_info(void)
{
	struct keystore_info i = { .name = "Ines Vermeer", .role = "RSK", .party = "noordzee",
		.ops = crypto_pwhash_OPSLIMIT_MIN, .mem_bytes = crypto_pwhash_MEMLIMIT_MIN };

	memset(i.salt, 1, sizeof i.salt);
	memset(i.nonce, 2, sizeof i.nonce);
	return i;
}

static struct buf sample_file(void)
{
	struct keystore_info i = sample_info();
	struct buf b = { 0 };

	assert_int_equal(keystore_seal(SEED, PASS, &i, &b, NULL), ERR_OK);
	return b;
}

/* The file with the first `from` replaced by `to`. */
static struct buf with(const char *from, const char *to)
{
	struct buf file = sample_file(), out = { 0 };
	char *at = strstr(file.ptr, from);

	assert_non_null(at);
	buf_add(&out, file.ptr, (size_t)(at - file.ptr));
	buf_text(&out, to);
	buf_text(&out, at + strlen(from));
	buf_free(&file);
	return out;
}

static enum err open_with(const char *from, const char *to, struct fault *fault)
{
	struct buf b = with(from, to);
	uint8_t seed[KEY_SEED_SIZE];
	enum err e = keystore_open(buf_view(&b), PASS, NULL, seed, fault);

	buf_free(&b);
	return e;
}

static void opens_with_its_passphrase(void **state)
{
	struct buf b = sample_file();
	struct keystore_info info;
	uint8_t *seed = sodium_malloc(KEY_SEED_SIZE);
	struct key_pair pair;
	char did[KEY_DID_MAX];

	(void)state;
	assert_non_null(seed);
	assert_int_equal(keystore_open(buf_view(&b), PASS, &info, seed, NULL), ERR_OK);
	assert_memory_equal(seed, SEED, KEY_SEED_SIZE);
	assert_string_equal(info.name, "Ines Vermeer");
	assert_string_equal(info.role, "RSK");
	assert_string_equal(info.party, "noordzee");
	key_pair_from_seed(SEED, &pair);
	assert_string_equal(info.did, key_did_format(pair.public_key, did));
	memset(&info, 0, sizeof info);
	assert_int_equal(keystore_read(buf_view(&b), &info, NULL), ERR_OK);
	assert_string_equal(info.did, did);
	assert_true(info.ops == crypto_pwhash_OPSLIMIT_MIN);
	sodium_free(seed);
	buf_free(&b);
}

static void the_same_input_gives_the_same_file(void **state)
{
	struct buf a = sample_file(), b = sample_file();

	(void)state;
	assert_true(str_eq(buf_view(&a), buf_view(&b)));
	assert_null(strstr(a.ptr, "a secret seed"));
	assert_int_equal(a.ptr[a.len - 1], '\n');
	buf_free(&a);
	buf_free(&b);
}

static void a_wrong_passphrase_is_denied(void **state)
{
	struct buf b = sample_file();
	uint8_t seed[KEY_SEED_SIZE] = { 0 };
	struct fault fault;

	(void)state;
	assert_int_equal(keystore_open(buf_view(&b), STR("correct horse battery stapl"), NULL, seed, &fault),
		ERR_DENIED);
	assert_non_null(strstr(fault.text, "passphrase"));
	assert_true(sodium_is_zero(seed, sizeof seed));
	assert_int_equal(keystore_open(buf_view(&b), STR(""), NULL, seed, &fault), ERR_USAGE);
	buf_free(&b);
}

static void faults_are_told_apart(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(open_with("\"version\": 1", "\"version\": 2", &fault), ERR_VERSION);
	assert_int_equal(open_with("wharf-key", "other-key", &fault), ERR_SYNTAX);
	assert_int_equal(open_with("Ines", "Inez", &fault), ERR_TAMPERED);
	assert_int_equal(open_with("\"RSK\"", "\"ADM\"", &fault), ERR_TAMPERED);
	assert_int_equal(open_with("AQEB", "AQEC", &fault), ERR_TAMPERED);
	assert_int_equal(open_with("\"ops\": 1", "\"ops\": 33", &fault), ERR_LIMIT);
	assert_int_equal(open_with("\"ops\": 1", "\"ops\": 0", &fault), ERR_LIMIT);
	assert_int_equal(open_with("\"ops\": 1", "\"ops\": -1", &fault), ERR_SYNTAX);
	assert_int_equal(open_with("8192", "9999999999999", &fault), ERR_LIMIT);
	assert_int_equal(open_with("\"party\"", "\"partly\"", &fault), ERR_SYNTAX);
	assert_non_null(strstr(fault.text, "party"));
	assert_int_equal(open_with("{", "{ \"more\": 1,", &fault), ERR_SYNTAX);
	assert_int_equal(open_with("noordzee", "noord\\u0000zee", &fault), ERR_SYNTAX);
	assert_int_equal(open_with("{", "[", &fault), ERR_SYNTAX);
	assert_int_equal(keystore_read(STR(""), &(struct keystore_info){ 0 }, &fault), ERR_SYNTAX);
	assert_int_equal(keystore_read(STR("[]"), &(struct keystore_info){ 0 }, &fault), ERR_SYNTAX);
	assert_int_equal(keystore_read(STR("null"), &(struct keystore_info){ 0 }, &fault), ERR_SYNTAX);
}

static void every_altered_byte_is_found(void **state)
{
	struct buf b = sample_file();
	uint8_t seed[KEY_SEED_SIZE];

	(void)state;
	for (size_t i = 0; i < b.len; i++) {
		char was = b.ptr[i];

		if (isspace((unsigned char)was))
			continue;
		b.ptr[i] = (char)(was ^ 1);
		assert_int_not_equal(keystore_open(buf_view(&b), PASS, NULL, seed, NULL), ERR_OK);
		b.ptr[i] = was;
	}
	buf_free(&b);
}

/* Somebody who alters the role and mends the sum still cannot make the file open. */
static void a_mended_sum_does_not_help(void **state)
{
	struct buf b = with("\"RSK\"", "\"ADM\""), all = { 0 }, sealed = { 0 };
	struct keystore_info i = sample_info();
	uint8_t seed[KEY_SEED_SIZE];
	struct key_pair pair;
	struct fault fault;
	char did[KEY_DID_MAX], hex[HASH_HEX_MAX];
	struct hash sum;
	char *at = strstr(b.ptr, "\"sealed\": \"") + 11;

	(void)state;
	assert_true(base64_parse((struct str){ at, 64 }, &sealed));
	assert_int_equal(sealed.len, KEYSTORE_SEALED_SIZE);
	key_pair_from_seed(SEED, &pair);
	buf_text(&all, "wharf/keystore/v1");
	put_u64(&all, 1);
	put_str(&all, str_of(key_did_format(pair.public_key, did)));
	put_str(&all, STR("Ines Vermeer"));
	put_str(&all, STR("ADM"));
	put_str(&all, STR("noordzee"));
	put_u64(&all, i.ops);
	put_u64(&all, i.mem_bytes);
	put_raw(&all, i.salt, sizeof i.salt);
	put_raw(&all, i.nonce, sizeof i.nonce);
	put_raw(&all, sealed.ptr, sealed.len);
	sum = hash_of(all.ptr, all.len);
	memcpy(strstr(b.ptr, "\"sum\": \"") + 8, hex_of(sum.bytes, HASH_SIZE, hex), 64);
	assert_int_equal(keystore_read(buf_view(&b), &i, &fault), ERR_OK); /* the sum was mended well */
	assert_int_equal(keystore_open(buf_view(&b), PASS, NULL, seed, &fault), ERR_DENIED);
	buf_free(&b);
	buf_free(&all);
	buf_free(&sealed);
}

static void refuses_to_seal_badly(void **state)
{
	struct keystore_info i = sample_info();
	struct buf b = { 0 };
	static char longest[KEYSTORE_PASSPHRASE_MAX + 1];

	(void)state;
	assert_int_equal(keystore_seal(SEED, STR(""), &i, &b, NULL), ERR_USAGE);
	assert_int_equal(keystore_seal(SEED, (struct str){ longest, sizeof longest }, &i, &b, NULL), ERR_USAGE);
	i.mem_bytes = KEYSTORE_MEM_MAX + 1;
	assert_int_equal(keystore_seal(SEED, PASS, &i, &b, NULL), ERR_LIMIT);
	i = sample_info();
	memset(i.name, 'x', sizeof i.name);
	assert_int_equal(keystore_seal(SEED, PASS, &i, &b, NULL), ERR_SYNTAX);
	i = sample_info();
	strcpy(i.role, "R\nK");
	assert_int_equal(keystore_seal(SEED, PASS, &i, &b, NULL), ERR_SYNTAX);
	assert_int_equal(b.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_with_its_passphrase),
		cmocka_unit_test(the_same_input_gives_the_same_file),
		cmocka_unit_test(a_wrong_passphrase_is_denied),
		cmocka_unit_test(faults_are_told_apart),
		cmocka_unit_test(every_altered_byte_is_found),
		cmocka_unit_test(a_mended_sum_does_not_help),
		cmocka_unit_test(refuses_to_seal_badly),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("keystore", tests, NULL, NULL);
}
