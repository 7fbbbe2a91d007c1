/* SHA-256 and HMAC by libcrypto, hexadecimal and base64 by libsodium.
 *
 * The algorithms are fetched once per process and the contexts of one-shot hashing are kept per
 * thread: fetching costs more than hashing a record. Both live as long as the process. */
#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct hash_stream {
	EVP_MD_CTX *ctx;
};

static EVP_MD *hash_sha256;
static EVP_MAC *hash_mac;
static pthread_key_t hash_thread_key;
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;
static _Thread_local EVP_MD_CTX *hash_ctx;

static void hash_thread_end(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void hash_setup(void)
{
	hash_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	hash_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	CHECK(hash_sha256 && hash_mac, "libcrypto has SHA-256 and HMAC");
	CHECK(pthread_key_create(&hash_thread_key, hash_thread_end) == 0, "a thread key is left");
}

static EVP_MD_CTX *hash_ctx_new(void)
{
	EVP_MD_CTX *ctx;

	pthread_once(&hash_once, hash_setup);
	ctx = EVP_MD_CTX_new();
	CHECK(ctx, "memory has run out");
	return ctx;
}

static EVP_MD_CTX *hash_ctx_mine(void)
{
	if (!hash_ctx) {
		hash_ctx = hash_ctx_new();
		pthread_setspecific(hash_thread_key, hash_ctx);
	}
	return hash_ctx;
}

struct hash hash_parts(const struct part *parts, size_t count)
{
	EVP_MD_CTX *ctx = hash_ctx_mine();
	struct hash h;
	int ok = EVP_DigestInit_ex2(ctx, hash_sha256, NULL);

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len);
	ok = ok && EVP_DigestFinal_ex(ctx, h.bytes, NULL);
	CHECK(ok, "SHA-256 takes any bytes");
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
	s->ctx = hash_ctx_new();
	CHECK(EVP_DigestInit_ex2(s->ctx, hash_sha256, NULL), "SHA-256 starts");
	return s;
}

void hash_add(struct hash_stream *s, const void *bytes, size_t len)
{
	CHECK(EVP_DigestUpdate(s->ctx, bytes, len), "SHA-256 takes any bytes");
}

struct hash hash_end(struct hash_stream *s)
{
	struct hash h;

	CHECK(EVP_DigestFinal_ex(s->ctx, h.bytes, NULL), "SHA-256 ends");
	hash_drop(s);
	return h;
}

void hash_drop(struct hash_stream *s)
{
	if (!s)
		return;
	EVP_MD_CTX_free(s->ctx);
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
