/* Keys: published vectors of RFC 8032 and did:key, one spelling of a name, derived seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "identity/keys.h"

/* did:key test vector: the key of a seed of 32 zero bytes. */
#define ZERO_DID "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"

static struct key_pair pair_of(const char *seed_hex)
{
	uint8_t seed[KEY_SEED_SIZE];
	struct key_pair pair;

	assert_true(hex_parse(str_of(seed_hex), seed, sizeof seed));
	key_pair_from_seed(seed, &pair);
	return pair;
}

/* RFC 8032 7.1, test 1. */
static void rfc8032_key(void **state)
{
	struct key_pair pair = pair_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
	char hex[HASH_HEX_MAX];

	(void)state;
	assert_string_equal(hex_of(pair.public_key, KEY_PUBLIC_SIZE, hex),
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	assert_memory_equal(pair.secret + 32, pair.public_key, KEY_PUBLIC_SIZE);
	key_pair_wipe(&pair);
	assert_true(sodium_is_zero((const uint8_t *)&pair, sizeof pair));
}

static void published_name(void **state)
{
	struct key_pair pair = pair_of("0000000000000000000000000000000000000000000000000000000000000000");
	uint8_t back[KEY_PUBLIC_SIZE];
	char text[KEY_DID_MAX];

	(void)state;
	assert_string_equal(key_did_format(pair.public_key, text), ZERO_DID);
	assert_int_equal(key_did_parse(STR(ZERO_DID), back, NULL), ERR_OK);
	assert_memory_equal(back, pair.public_key, KEY_PUBLIC_SIZE);
	assert_string_equal(key_did_short(pair.public_key, text), "did:key:z6Mk…ooWp");
}

static void every_name_reads_back(void **state)
{
	uint8_t seed[KEY_SEED_SIZE] = { 0 };

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct key_pair pair;
		uint8_t back[KEY_PUBLIC_SIZE];
		char text[KEY_DID_MAX];

		seed[0] = (uint8_t)i;
		seed[1] = (uint8_t)(i >> 8);
		key_pair_from_seed(seed, &pair);
		key_did_format(pair.public_key, text);
		assert_int_equal(strlen(text), 56);
		assert_true(str_starts(str_of(text), "did:key:z6Mk"));
		assert_int_equal(key_did_parse(str_of(text), back, NULL), ERR_OK);
		assert_memory_equal(back, pair.public_key, KEY_PUBLIC_SIZE);
	}
}

static void refuses_other_names(void **state)
{
	static const struct {
		const char *text;
		enum err want;
	} bad[] = {
		{ "", ERR_SYNTAX },
		{ "did:key:", ERR_SYNTAX },
		{ "did:key:z", ERR_SYNTAX },
		{ "did:key:z1", ERR_SYNTAX },
		{ "did:web:example.com", ERR_SYNTAX },
		{ "DID:KEY:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", ERR_SYNTAX },
		{ "did:key:f6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", ERR_SYNTAX },
		{ " " ZERO_DID, ERR_SYNTAX },
		{ ZERO_DID " ", ERR_SYNTAX },
		{ "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDo0Wp", ERR_SYNTAX }, /* 0 is no digit */
		{ "did:key:z16MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", ERR_UNSUPPORTED }, /* zero byte */
		{ "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW", ERR_UNSUPPORTED },   /* one digit less */
		{ "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc", ERR_UNSUPPORTED },  /* X25519 */
		{ "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", ERR_UNSUPPORTED }, /* secp256k1 */
	};
	uint8_t out[KEY_PUBLIC_SIZE], longest[3 + 300];
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (key_did_parse(str_of(bad[i].text), out, &fault) != bad[i].want)
			fail_msg("%s: %s", bad[i].text, err_name(fault.code));
	memcpy(longest, "did:key:z", 9);
	memset(longest + 9, 'z', sizeof longest - 9);
	assert_int_equal(key_did_parse((struct str){ (char *)longest, sizeof longest }, out, NULL), ERR_SYNTAX);
	assert_int_equal(key_did_parse((struct str){ ZERO_DID "\0", sizeof ZERO_DID }, out, NULL), ERR_SYNTAX);
}

static void unsound_points(void **state)
{
	uint8_t point[KEY_PUBLIC_SIZE] = { 0 }, out[KEY_PUBLIC_SIZE];
	char text[KEY_DID_MAX];

	(void)state;
	assert_false(key_public_valid(point)); /* order 4 */
	point[0] = 1;
	assert_false(key_public_valid(point)); /* the identity */
	assert_int_equal(key_did_parse(str_of(key_did_format(point, text)), out, NULL), ERR_REFUSED);
	point[0] = 2;
	assert_false(key_public_valid(point)); /* not on the curve */
	memset(point, 0xff, sizeof point);
	assert_false(key_public_valid(point)); /* not reduced */
}

static void derived_seeds(void **state)
{
	uint8_t root[KEY_SEED_SIZE] = { 1 }, other[KEY_SEED_SIZE] = { 2 };
	uint8_t a[KEY_SEED_SIZE], b[KEY_SEED_SIZE];
	struct hash want;

	(void)state;
	key_derive_seed(root, STR("party/noordzee"), a);
	want = hash_hmac(root, sizeof root, "wharf/seed/v1party/noordzee", 27);
	assert_memory_equal(a, want.bytes, KEY_SEED_SIZE);
	key_derive_seed(root, STR("party/noordzee"), b);
	assert_memory_equal(a, b, KEY_SEED_SIZE);
	key_derive_seed(root, STR("party/halvorsen"), b);
	assert_memory_not_equal(a, b, KEY_SEED_SIZE);
	key_derive_seed(other, STR("party/noordzee"), b);
	assert_memory_not_equal(a, b, KEY_SEED_SIZE);
	key_derive_seed(root, STR(""), b);
	assert_memory_not_equal(a, b, KEY_SEED_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8032_key),
		cmocka_unit_test(published_name),
		cmocka_unit_test(every_name_reads_back),
		cmocka_unit_test(refuses_other_names),
		cmocka_unit_test(unsound_points),
		cmocka_unit_test(derived_seeds),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
