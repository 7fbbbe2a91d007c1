/* SHA-256 and HMAC by libcrypto, hexadecimal and base64 by libsodium.
 *
 * SHA-256 is called below libcrypto's table of algorithms: what an entry hashes is short, and looking the algorithm up, even
 * once fetched, costs as much as hashing it. The context is on the stack, so threads share nothing. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <endian.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct hash_stream {
	SHA256_CTX sha;
};

static EVP_MAC *hash_mac;
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void hash_setup(void)
{
	hash_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	CHECK(hash_mac, "libcrypto has HMAC");
}

enum { BLOCK = SHA256_CBLOCK, SHORT_MAX = 16 * BLOCK };

/* A short message is laid out with its padding (FIPS 180-4, 5.1.1) and compressed in one go: buffering its parts and wiping
 * what was buffered, as the general way does, costs a third of hashing it. */
static struct hash hash_short_parts(const struct part *parts, size_t count, size_t len)
{
	uint8_t message[SHORT_MAX];
	SHA256_CTX sha;
	struct hash h;
	size_t at = 0, padded = (len + 8) / BLOCK * BLOCK + BLOCK;
	uint64_t bits = htobe64(len * 8);
	uint32_t word;

	for (size_t i = 0; i < count; at += parts[i++].len)
		if (parts[i].len)
			memcpy(message + at, parts[i].ptr, parts[i].len);
	message[at++] = 0x80;
	memset(message + at, 0, padded - at);
	memcpy(message + padded - sizeof bits, &bits, sizeof bits);
	SHA256_Init(&sha);
	SHA256_Update(&sha, message, padded);
	for (size_t i = 0; i < HASH_SIZE / sizeof word; i++) {
		word = htobe32(sha.h[i]);
		memcpy(h.bytes + i * sizeof word, &word, sizeof word);
	}
	return h;
}

struct hash hash_parts(const struct part *parts, size_t count)
{
	SHA256_CTX sha;
	struct hash h;
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += parts[i].len < SHORT_MAX ? parts[i].len : SHORT_MAX;
	if (len + 9 <= SHORT_MAX)
		return hash_short_parts(parts, count, len);
	SHA256_Init(&sha);
	for (size_t i = 0; i < count; i++)
		SHA256_Update(&sha, parts[i].ptr, parts[i].len);
	SHA256_Final(h.bytes, &sha);
	return h;
}

struct hash hash_of(const void *bytes, size_t len)
{
	return hash_parts(&(struct part){ bytes, len }, 1);
}

struct hash_stream *hash_begin(void)
{
	struct hash_stream *s = malloc(sizeof *s);

	CHECK(s, "memory has run out");
	SHA256_Init(&s->sha);
	return s;
}

void hash_add(struct hash_stream *s, const void *bytes, size_t len)
{
	SHA256_Update(&s->sha, bytes, len);
}

struct hash hash_end(struct hash_stream *s)
{
	struct hash h;

	SHA256_Final(h.bytes, &s->sha);
	hash_drop(s);
	return h;
}

void hash_drop(struct hash_stream *s)
{
	free(s);
}

struct hash hash_hmac(const void *key, size_t key_len, const void *bytes, size_t len)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx;
	struct hash h;
	size_t out = 0;

	pthread_once(&hash_once, hash_setup);
	ctx = EVP_MAC_CTX_new(hash_mac);
	/* a NULL key would mean "as before" to the library; an empty one is a key too */
	CHECK(ctx && EVP_MAC_init(ctx, key ? key : "", key_len, params) &&
			EVP_MAC_update(ctx, bytes, len) &&
			EVP_MAC_final(ctx, h.bytes, &out, sizeof h.bytes) && out == HASH_SIZE,
		"HMAC-SHA-256 takes any key and bytes");
	EVP_MAC_CTX_free(ctx);
	return h;
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return CRYPTO_memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

bool hash_is_zero(const struct hash *h)
{
	static const struct hash ZERO;

	return memcmp(h->bytes, ZERO.bytes, HASH_SIZE) == 0;
}

char *hex_of(const void *bytes, size_t len, char *out)
{
	return sodium_bin2hex(out, 2 * len + 1, bytes, len);
}

bool hex_parse(struct str text, void *out, size_t len)
{
	size_t got = 0;

	/* the library leaves its output half written when the text is bad: look first */
	if (text.len != 2 * len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return sodium_hex2bin(out, len, text.ptr, text.len, NULL, &got, NULL) == 0 && got == len;
}

char *hash_short(const struct hash *h, char out[12 + 4])
{
	char hex[HASH_HEX_MAX];

	hex_of(h->bytes, HASH_SIZE, hex);
	memcpy(out, hex, 4);
	memcpy(out + 4, "…", sizeof "…" - 1);
	memcpy(out + 4 + sizeof "…" - 1, hex + HASH_HEX_MAX - 1 - 4, 5);
	return out;
}

void base64_add(struct buf *out, const void *bytes, size_t len)
{
	size_t room = sodium_base64_encoded_len(len, sodium_base64_VARIANT_ORIGINAL);
	char small[256], *text = room <= sizeof small ? small : malloc(room);

	CHECK(text, "memory has run out");
	sodium_bin2base64(text, room, bytes, len, sodium_base64_VARIANT_ORIGINAL);
	buf_text(out, text);
	if (text != small)
		free(text);
}

bool base64_parse(struct str text, struct buf *out)
{
	size_t room = text.len / 4 * 3, len = 0;
	unsigned char small[256], *bytes = room <= sizeof small ? small : malloc(room);
	bool ok;

	CHECK(bytes, "memory has run out");
	/* libsodium 1.0.18 takes bytes above 0x7f for digits. */
	ok = text.len % 4 == 0;
	for (size_t i = 0; i < text.len; i++)
		ok = ok && (unsigned char)text.ptr[i] < 0x80;
	ok = ok && sodium_base642bin(bytes, room, text.ptr, text.len, NULL, &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) == 0;
	if (ok)
		buf_add(out, bytes, len);
	if (bytes != small)
		free(bytes);
	return ok;
}
