/* Evidence on the ledger: formats and names. See ledger/sealed.h.
 *
 * What must remain true: nothing here throws dice; what decodes encodes to the same bytes; a box opens for one
 * item and one reader only. */
#include "ledger/sealed.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"

#define REC_SELF struct item
REC_TYPE(ITEM_REC, 56, "item", ITEM_FIELDS)
#undef REC_SELF
#define REC_SELF struct grant
REC_TYPE(GRANT_REC, 57, "grant", GRANT_FIELDS)
#undef REC_SELF
#define REC_SELF struct item_place
REC_TYPE(ITEM_PLACE_REC, 65, "item_place", ITEM_PLACE_FIELDS)
#undef REC_SELF
#define REC_SELF struct sealed
REC_TYPE(SEALED_REC, 88, "sealed", SEALED_FIELDS)
#undef REC_SELF

#define DIGEST_DOMAIN "wharf/evidence/v1"
#define GRANT_DOMAIN "wharf/grant/v1"
#define MANIFEST_MAGIC "wharf/manifest/1\n"

enum {
	GRANT_DOMAIN_SIZE = sizeof GRANT_DOMAIN - 1,
	MANIFEST_MAGIC_SIZE = sizeof MANIFEST_MAGIC - 1,
	GRANT_SIZE = GRANT_DOMAIN_SIZE + SEALED_KEY_SIZE + SEALED_SALT_SIZE + 2 * HASH_SIZE,
	HMAC_BLOCK = 64,
};
_Static_assert(SEALED_BOX_SIZE == crypto_box_SEALBYTES + GRANT_SIZE, "size of a box");
_Static_assert(SEALED_HEADER_SIZE == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header of a stream");
_Static_assert(SEALED_CHUNK_EXTRA == crypto_secretstream_xchacha20poly1305_ABYTES, "growth of a chunk");

const struct item *item_by_manifest(const struct tabs *s, const struct hash *manifest)
{
	char hex[HASH_HEX_MAX], key[REC_KEY_MAX];
	snprintf(key, sizeof(key), PLACE_MANIFEST "%s", hex_of(manifest->bytes, HASH_SIZE, hex));
	const struct item_place *p = tab_get(s, &ITEM_PLACE_REC, key);
	return p ? tab_get(s, &ITEM_REC, p->item) : NULL;
}

const struct grant *grant_of_key(const struct tabs *s, const char *item, const struct hash *key)
{
	char prefix[40];
	snprintf(prefix, sizeof(prefix), "%s/", item);
	TAB_FOR(grant, g, s, &GRANT_REC, prefix)
		if (hash_eq(&g->key, key))
			return g;
	return NULL;
}

/* --- digest: HMAC of RFC 2104 over a stream ---------------------------------------------------------- */

struct sealed_stream {
	struct hash_stream *inner;
	uint8_t outer[HMAC_BLOCK];
};

struct sealed_stream *sealed_begin(const uint8_t salt[SEALED_SALT_SIZE])
{
	struct sealed_stream *s = malloc(sizeof(*s));
	uint8_t pad[HMAC_BLOCK];
	CHECK(s, "memory has run out");
	memset(pad, 0x36, sizeof(pad));
	memset(s->outer, 0x5c, sizeof(s->outer));
	for (size_t i = 0; i < SEALED_SALT_SIZE; i++) {
		pad[i] ^= salt[i];
		s->outer[i] ^= salt[i];
	}
	s->inner = hash_begin();
	hash_add(s->inner, pad, sizeof(pad));
	hash_add(s->inner, DIGEST_DOMAIN, sizeof(DIGEST_DOMAIN) - 1);
	sodium_memzero(pad, sizeof(pad));
	return s;
}

void sealed_add(struct sealed_stream *s, const void *bytes, size_t len)
{
	hash_add(s->inner, bytes, len);
}

struct hash sealed_end(struct sealed_stream *s)
{
	struct hash inner = hash_end(s->inner);
	struct part parts[] = { { s->outer, sizeof(s->outer) }, { inner.bytes, HASH_SIZE } };
	struct hash h = hash_parts(parts, 2);
	s->inner = NULL;
	sealed_drop(s);
	return h;
}

void sealed_drop(struct sealed_stream *s)
{
	if (!s)
		return;
	hash_drop(s->inner);
	sodium_memzero(s, sizeof(*s));
	free(s);
}

struct hash sealed_digest(const uint8_t salt[SEALED_SALT_SIZE], struct str bytes)
{
	struct sealed_stream *s = sealed_begin(salt);
	sealed_add(s, bytes.ptr, bytes.len);
	return sealed_end(s);
}

/* --- boxes ----------------------------------------------------------------------------------------- */

void sealed_key_wipe(struct sealed_key *k)
{
	sodium_memzero(k, sizeof(*k));
}

/* The nonce of crypto_box_seal: BLAKE2b of both public keys. */
static void box_nonce(const uint8_t *ephemeral, const uint8_t *reader, uint8_t nonce[crypto_box_NONCEBYTES])
{
	crypto_generichash_state st;
	crypto_generichash_init(&st, NULL, 0, crypto_box_NONCEBYTES);
	crypto_generichash_update(&st, ephemeral, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_update(&st, reader, crypto_box_PUBLICKEYBYTES);
	crypto_generichash_final(&st, nonce, crypto_box_NONCEBYTES);
}

/* crypto_box_seal with the ephemeral pair from a given seed: what comes out opens with crypto_box_seal_open. */
bool sealed_box(const struct sealed_key *k, const uint8_t reader[32], const uint8_t seed[SEALED_SEED_SIZE],
	uint8_t box[SEALED_BOX_SIZE])
{
	uint8_t to[crypto_box_PUBLICKEYBYTES], from[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
	uint8_t nonce[crypto_box_NONCEBYTES], text[GRANT_SIZE], *at = text;
	if (crypto_sign_ed25519_pk_to_curve25519(to, reader) != 0)
		return false;
	const struct part parts[] = { { GRANT_DOMAIN, GRANT_DOMAIN_SIZE }, { k->key, SEALED_KEY_SIZE },
		{ k->salt, SEALED_SALT_SIZE }, { k->manifest.bytes, HASH_SIZE }, { reader, HASH_SIZE } };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		memcpy(at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	crypto_box_seed_keypair(from, secret, seed);
	box_nonce(from, to, nonce);
	memcpy(box, from, sizeof(from));
	bool good = crypto_box_easy(box + sizeof(from), text, sizeof(text), nonce, to, secret) == 0;
	sodium_memzero(text, sizeof(text));
	sodium_memzero(secret, sizeof(secret));
	return good;
}

enum err sealed_box_open(struct str box, const uint8_t secret[64], const struct hash *manifest,
	struct sealed_key *out, struct fault *fault)
{
	uint8_t pub[crypto_box_PUBLICKEYBYTES], sec[crypto_box_SECRETKEYBYTES], text[GRANT_SIZE];
	const uint8_t *mine = secret + 32; /* libsodium keeps the public half there */
	bool opens = box.len == SEALED_BOX_SIZE && crypto_sign_ed25519_pk_to_curve25519(pub, mine) == 0
		&& crypto_sign_ed25519_sk_to_curve25519(sec, secret) == 0
		&& crypto_box_seal_open(text, (const uint8_t *)box.ptr, box.len, pub, sec) == 0
		&& memcmp(text, GRANT_DOMAIN, GRANT_DOMAIN_SIZE) == 0;
	sodium_memzero(sec, sizeof(sec));
	if (!opens)
		return fault_set(fault, ERR_DENIED, 0, 0, "the sealed key does not open with this key: it is sealed to another "
			"reader, or was altered; ask who put the evidence for a grant");
	const uint8_t *at = text + GRANT_DOMAIN_SIZE;
	memcpy(out->key, at, SEALED_KEY_SIZE);
	memcpy(out->salt, at + SEALED_KEY_SIZE, SEALED_SALT_SIZE);
	memcpy(out->manifest.bytes, at + SEALED_KEY_SIZE + SEALED_SALT_SIZE, HASH_SIZE);
	bool item = hash_eq(&out->manifest, manifest);
	bool reader = memcmp(at + SEALED_KEY_SIZE + SEALED_SALT_SIZE + HASH_SIZE, mine, HASH_SIZE) == 0;
	sodium_memzero(text, sizeof(text));
	if (item && reader)
		return ERR_OK;
	sealed_key_wipe(out);
	return fault_set(fault, ERR_TAMPERED, 0, 0, "the sealed key belongs to another %s: boxes were swapped; the ledger "
		"holds, get the right box from another copy", item ? "reader" : "item");
}

/* --- grants ---------------------------------------------------------------------------------------- */

void sealed_grants_encode(const struct sealed_grant *g, size_t count, struct buf *out)
{
	put_u64(out, count);
	for (size_t i = 0; i < count; i++) {
		put_str(out, str_of(g[i].reader));
		put_raw(out, g[i].key.bytes, HASH_SIZE);
		put_raw(out, g[i].box.bytes, HASH_SIZE);
	}
}

static bool grant_repeats(const struct sealed_grant *g, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(g[j].reader, g[i].reader) || hash_eq(&g[j].key, &g[i].key))
			return true;
	return false;
}

bool sealed_grants_decode(struct str bytes, struct sealed_grant out[SEALED_GRANTS_MAX], size_t *count)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	uint64_t n = get_u64(&r);
	*count = 0;
	if (r.bad || n < 1 || n > SEALED_GRANTS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct str name = get_bytes(&r);
		const uint8_t *key = get_raw(&r, HASH_SIZE), *box = get_raw(&r, HASH_SIZE);
		if (r.bad || !name.len || memchr(name.ptr, '/', name.len) || memchr(name.ptr, '\0', name.len)
			|| !str_utf8_valid(name) || !str_copy(out[i].reader, sizeof(out[i].reader), name))
			return false;
		memcpy(out[i].key.bytes, key, HASH_SIZE);
		memcpy(out[i].box.bytes, box, HASH_SIZE);
		if (grant_repeats(out, i))
			return false;
	}
	*count = n;
	return reader_done(&r);
}

/* --- manifests ------------------------------------------------------------------------------------- */

size_t sealed_chunk_size(const struct sealed_manifest *m, size_t i)
{
	return i + 1 < m->count ? SEALED_CHUNK : (size_t)(m->size - (uint64_t)i * SEALED_CHUNK);
}

/* All but the digests of the chunks. */
static void manifest_head(const struct sealed_manifest *m, struct buf *out)
{
	put_raw(out, MANIFEST_MAGIC, MANIFEST_MAGIC_SIZE);
	put_u64(out, SEALED_CHUNK);
	put_u64(out, m->size);
	put_raw(out, m->header, SEALED_HEADER_SIZE);
	put_u64(out, m->count);
}

void sealed_manifest_encode(const struct sealed_manifest *m, struct buf *out)
{
	manifest_head(m, out);
	put_raw(out, m->chunks, m->count * HASH_SIZE);
}

size_t sealed_manifest_bytes(uint64_t size)
{
	struct sealed_manifest m = { .size = size, .count = (size_t)((size + SEALED_CHUNK - 1) / SEALED_CHUNK) };
	struct buf head = { 0 };
	manifest_head(&m, &head);
	size_t len = head.len + m.count * HASH_SIZE;
	buf_free(&head);
	return len;
}

enum err sealed_manifest_decode(struct str bytes, struct sealed_manifest *out, struct fault *fault)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	const uint8_t *magic = get_raw(&r, MANIFEST_MAGIC_SIZE);
	uint64_t chunk = get_u64(&r);
	memset(out, 0, sizeof(*out));
	out->size = get_u64(&r);
	const uint8_t *header = get_raw(&r, SEALED_HEADER_SIZE);
	uint64_t count = get_u64(&r);
	if (r.bad || memcmp(magic, MANIFEST_MAGIC, MANIFEST_MAGIC_SIZE) != 0 || chunk != SEALED_CHUNK)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "this is no manifest of evidence that this program knows");
	if (count > SEALED_CHUNKS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the manifest lists %llu chunks, at most %d are read",
			(unsigned long long)count, SEALED_CHUNKS_MAX);
	if (!out->size || out->size > (uint64_t)SEALED_CHUNKS_MAX * SEALED_CHUNK
		|| count != (out->size + SEALED_CHUNK - 1) / SEALED_CHUNK)
		return fault_set(fault, ERR_SYNTAX, 0, 0, "the manifest lists %llu chunks for %llu bytes",
			(unsigned long long)count, (unsigned long long)out->size);
	memcpy(out->header, header, SEALED_HEADER_SIZE);
	out->count = (size_t)count;
	out->chunks = get_raw(&r, out->count * HASH_SIZE);
	if (!reader_done(&r))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "the manifest does not end after its %llu chunks", (unsigned long long)count);
	return ERR_OK;
}

/* --- names ----------------------------------------------------------------------------------------- */

/* Ranges of characters that change what is around them, or are not seen. */
static const struct {
	uint32_t from, to;
} HIDDEN[] = {
	{ 0x00, 0x1f }, { 0x2f, 0x2f }, { 0x5c, 0x5c }, { 0x7f, 0xa0 }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f },
	{ 0x205f, 0x206f }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

static bool hidden(uint32_t c)
{
	for (size_t i = 0; i < sizeof(HIDDEN) / sizeof(HIDDEN[0]); i++)
		if (c >= HIDDEN[i].from && c <= HIDDEN[i].to)
			return true;
	return false;
}

/* One character of valid text. */
static uint32_t character(const uint8_t *p, size_t *len)
{
	static const uint8_t masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	*len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = p[0] & masks[*len];
	for (size_t i = 1; i < *len; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

void sealed_name(struct str raw, char out[SEALED_NAME_MAX])
{
	struct buf clean = { 0 };
	struct str rest = raw;
	for (size_t i = 0; i < raw.len; i++)
		if (raw.ptr[i] == '/' && i + 1 < raw.len)
			rest = (struct str){ raw.ptr + i + 1, raw.len - i - 1 };
	size_t valid = str_utf8_prefix(rest);
	for (size_t i = 0, len; i < rest.len && clean.len < SEALED_NAME_MAX; i += len) {
		if (i >= valid) { /* one byte that is no text, then look again */
			len = 1;
			valid = i + 1 + str_utf8_prefix((struct str){ rest.ptr + i + 1, rest.len - i - 1 });
			buf_char(&clean, '_');
		} else if (hidden(character((const uint8_t *)rest.ptr + i, &len))) {
			buf_char(&clean, '_');
		} else {
			buf_add(&clean, rest.ptr + i, len);
		}
	}
	struct str name = str_trim(buf_view(&clean));
	str_copy(out, SEALED_NAME_MAX, name);
	for (size_t n = strlen(out); n && out[n - 1] == ' '; n--) /* the cut may have bared a blank */
		out[n - 1] = '\0';
	if (!out[0])
		str_copy(out, SEALED_NAME_MAX, STR("_"));
	if (out[0] == '.' || out[0] == '-')
		out[0] = '_';
	buf_free(&clean);
}

bool sealed_name_valid(struct str name)
{
	char again[SEALED_NAME_MAX];
	sealed_name(name, again);
	return str_is(name, again);
}

bool sealed_word_valid(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!((word.ptr[i] >= 'a' && word.ptr[i] <= 'z') || (i && word.ptr[i] && strchr("0123456789.-+/", word.ptr[i]))))
			return false;
	return word.len > 0;
}
