/* Ed25519 keys and their names (see identity/keys.h).
 *
 * What must remain true: one key has one did:key text and one text names one key; secrets are
 * wiped with sodium_memzero, which the compiler may not leave out. */
#include "identity/keys.h"

#include <sodium.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"

_Static_assert(KEY_SEED_SIZE == crypto_sign_SEEDBYTES, "Ed25519 seed");
_Static_assert(KEY_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519 public key");
_Static_assert(KEY_SECRET_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519 secret key");
_Static_assert((int)KEY_SEED_SIZE == (int)HASH_SIZE, "a digest serves as a seed");

#define DID_PREFIX "did:key:z"
#define SEED_DOMAIN "wharf/seed/v1"

enum {
	DID_PREFIX_SIZE = sizeof DID_PREFIX - 1,
	CODEC_SIZE = 2,
	NAMED_SIZE = CODEC_SIZE + KEY_PUBLIC_SIZE, /* multicodec and key */
	BASE58_BYTES_MAX = 72, /* larger keys of other kinds are told apart, not read */
	BASE58_TEXT_MAX = 100,
	SHORT_HEAD = 4, /* of "z6Mk…e7Vt" */
	SHORT_TAIL = 4,
};

static const uint8_t CODEC_ED25519[CODEC_SIZE] = { 0xed, 0x01 };
static const char BASE58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

void key_pair_from_seed(const uint8_t seed[KEY_SEED_SIZE], struct key_pair *out)
{
	CHECK(crypto_sign_seed_keypair(out->public_key, out->secret, seed) == 0,
		"an Ed25519 key pair of a seed cannot fail");
}

void key_pair_wipe(struct key_pair *pair)
{
	sodium_memzero(pair, sizeof *pair);
}

bool key_public_valid(const uint8_t public_key[KEY_PUBLIC_SIZE])
{
	return crypto_core_ed25519_is_valid_point(public_key) == 1;
}

void key_derive_seed(const uint8_t seed[KEY_SEED_SIZE], struct str label, uint8_t out[KEY_SEED_SIZE])
{
	struct buf message = { 0 };
	struct hash h;

	buf_text(&message, SEED_DOMAIN);
	buf_str(&message, label);
	h = hash_hmac(seed, KEY_SEED_SIZE, message.ptr, message.len);
	memcpy(out, h.bytes, KEY_SEED_SIZE);
	sodium_memzero(&h, sizeof h);
	buf_free(&message);
}

/* --- base58btc: the number in base 58, most significant digit first, a '1' for each leading zero byte */

static size_t base58_encode(const uint8_t *bytes, size_t len, char out[BASE58_TEXT_MAX])
{
	uint8_t digits[BASE58_TEXT_MAX] = { 0 }; /* least significant first */
	size_t n = 0, zeros = 0;

	CHECK(len <= BASE58_BYTES_MAX, "too long for base58");
	while (zeros < len && bytes[zeros] == 0)
		zeros++;
	for (size_t i = zeros; i < len; i++) {
		unsigned carry = bytes[i];

		for (size_t j = 0; j < n || carry != 0; j++) {
			carry += 256u * digits[j];
			digits[j] = (uint8_t)(carry % 58);
			carry /= 58;
			if (j == n)
				n++;
		}
	}
	memset(out, BASE58[0], zeros);
	for (size_t i = 0; i < n; i++)
		out[zeros + i] = BASE58[digits[n - 1 - i]];
	return zeros + n;
}

/* False on a foreign character or more than BASE58_BYTES_MAX bytes. */
static bool base58_decode(struct str text, uint8_t out[BASE58_BYTES_MAX], size_t *len)
{
	uint8_t bytes[BASE58_BYTES_MAX] = { 0 }; /* least significant first */
	size_t n = 0, zeros = 0;

	while (zeros < text.len && text.ptr[zeros] == BASE58[0])
		zeros++;
	for (size_t i = zeros; i < text.len; i++) {
		const char *at = text.ptr[i] == '\0' ? NULL : strchr(BASE58, text.ptr[i]);
		unsigned carry = at == NULL ? 0 : (unsigned)(at - BASE58);

		if (at == NULL)
			return false;
		for (size_t j = 0; j < n || carry != 0; j++) {
			if (j == BASE58_BYTES_MAX)
				return false;
			carry += 58u * bytes[j];
			bytes[j] = (uint8_t)(carry & 0xff);
			carry >>= 8;
			if (j == n)
				n++;
		}
	}
	if (zeros + n > BASE58_BYTES_MAX)
		return false;
	memset(out, 0, zeros);
	for (size_t i = 0; i < n; i++)
		out[zeros + i] = bytes[n - 1 - i];
	*len = zeros + n;
	return true;
}

/* --- did:key ------------------------------------------------------------------------------------ */

char *key_did_format(const uint8_t public_key[KEY_PUBLIC_SIZE], char out[KEY_DID_MAX])
{
	uint8_t named[NAMED_SIZE];
	char text[BASE58_TEXT_MAX];
	size_t n;

	memcpy(named, CODEC_ED25519, CODEC_SIZE);
	memcpy(named + CODEC_SIZE, public_key, KEY_PUBLIC_SIZE);
	n = base58_encode(named, NAMED_SIZE, text);
	CHECK(DID_PREFIX_SIZE + n < KEY_DID_MAX, "a did:key of an Ed25519 key has 56 characters");
	memset(out, 0, KEY_DID_MAX);
	memcpy(out, DID_PREFIX, DID_PREFIX_SIZE);
	memcpy(out + DID_PREFIX_SIZE, text, n);
	return out;
}

enum err key_did_parse(struct str text, uint8_t public_key[KEY_PUBLIC_SIZE], struct fault *fault)
{
	uint8_t bytes[BASE58_BYTES_MAX];
	struct str digits = text;
	size_t len = 0;

	if (!str_starts(text, DID_PREFIX))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "A key is named did:key:z6Mk…; copy its name again.");
	digits.ptr += DID_PREFIX_SIZE;
	digits.len -= DID_PREFIX_SIZE;
	if (!base58_decode(digits, bytes, &len) || len < CODEC_SIZE)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The name of a key has characters that base58 lacks, or "
			"too many; copy it again.");
	if (memcmp(bytes, CODEC_ED25519, CODEC_SIZE) != 0)
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "The key is not an Ed25519 key; use one whose name "
			"begins with did:key:z6Mk.");
	if (len != NAMED_SIZE)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "The name of an Ed25519 key holds %zu bytes, not %d; copy "
			"it again.", len - CODEC_SIZE, KEY_PUBLIC_SIZE);
	if (!key_public_valid(bytes + CODEC_SIZE))
		return fault_set(fault, ERR_REFUSED, 0, 0, "The named key is not a sound Ed25519 point; its owner "
			"must make another.");
	memcpy(public_key, bytes + CODEC_SIZE, KEY_PUBLIC_SIZE);
	return ERR_OK;
}

char *key_did_short(const uint8_t public_key[KEY_PUBLIC_SIZE], char out[KEY_DID_SHORT_MAX])
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	char did[KEY_DID_MAX];
	struct buf b = { 0 };

	key_did_format(public_key, did);
	buf_add(&b, did, DID_PREFIX_SIZE - 1 + SHORT_HEAD);
	buf_text(&b, ellipsis);
	buf_text(&b, did + strlen(did) - SHORT_TAIL);
	str_copy(out, KEY_DID_SHORT_MAX, buf_view(&b));
	buf_free(&b);
	return out;
}
