/* Requests for pieces of evidence (see ledger/piece.h).
 *
 * Must remain true: there is one spelling of a path and of an authorization, and nothing but hexadecimal digits of it
 * can become part of a file's name. */
#include "ledger/piece.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define ROOT "/evidence/"
#define SCHEME "Wharf-Ed25519 "

enum { HEX = 2 * HASH_SIZE, SIGNATURE_HEX = 2 * crypto_sign_BYTES };

void piece_path(const struct piece *p, char out[PIECE_PATH_MAX])
{
	char manifest[HASH_HEX_MAX], chunk[HASH_HEX_MAX];
	hex_of(p->manifest.bytes, HASH_SIZE, manifest);
	hex_of(p->chunk.bytes, HASH_SIZE, chunk);
	snprintf(out, PIECE_PATH_MAX, ROOT "%s%s%s", manifest, p->kind == PIECE_MANIFEST ? "" : "/",
		p->kind == PIECE_MANIFEST ? "" : p->kind == PIECE_BOX ? "box" : chunk);
}

bool piece_path_parse(struct str path, struct piece *out)
{
	const size_t root = sizeof(ROOT) - 1;
	char again[PIECE_PATH_MAX];
	memset(out, 0, sizeof(*out));
	if (path.len < root + HEX || !hex_parse((struct str){ path.ptr + root, HEX }, out->manifest.bytes, HASH_SIZE))
		return false;
	struct str rest = { path.ptr + root + HEX, path.len - root - HEX };
	out->kind = !rest.len ? PIECE_MANIFEST : str_is(rest, "/box") ? PIECE_BOX : PIECE_CHUNK;
	if (out->kind == PIECE_CHUNK && !hex_parse((struct str){ rest.ptr + 1, rest.len - 1 }, out->chunk.bytes, HASH_SIZE))
		return false;
	piece_path(out, again);
	return str_is(path, again);
}

static size_t message(const char *path, int64_t seconds, char out[PIECE_PATH_MAX + 48])
{
	return (size_t)snprintf(out, PIECE_PATH_MAX + 48, "wharf/piece/v1\n%.*s\n%lld\n", PIECE_PATH_MAX - 1, path, (long long)seconds);
}

void piece_word(const char *path, int64_t seconds, const uint8_t secret[64], char out[PIECE_WORD_MAX])
{
	char text[PIECE_PATH_MAX + 48], key[HASH_HEX_MAX], hex[SIGNATURE_HEX + 1];
	uint8_t signature[crypto_sign_BYTES];
	crypto_sign_detached(signature, NULL, (const uint8_t *)text, message(path, seconds, text), secret);
	snprintf(out, PIECE_WORD_MAX, SCHEME "%s %lld %s", hex_of(secret + 32, HASH_SIZE, key), (long long)seconds,
		hex_of(signature, sizeof(signature), hex));
}

bool piece_word_verify(struct str word, const char *path, struct hash *key, int64_t *seconds)
{
	const size_t scheme = sizeof(SCHEME) - 1;
	char text[PIECE_PATH_MAX + 48], again[PIECE_WORD_MAX], keyed[HASH_HEX_MAX], signed_hex[SIGNATURE_HEX + 1];
	uint8_t signature[crypto_sign_BYTES];
	if (!str_starts(word, SCHEME))
		return false;
	struct str rest = { word.ptr + scheme, word.len - scheme };
	struct str who = str_cut(&rest, ' '), when = str_cut(&rest, ' ');
	if (!hex_parse(who, key->bytes, HASH_SIZE) || !str_to_i64(when, seconds) || *seconds < 0 || !hex_parse(rest, signature, sizeof(signature)))
		return false;
	snprintf(again, sizeof(again), SCHEME "%s %lld %s", hex_of(key->bytes, HASH_SIZE, keyed), (long long)*seconds,
		hex_of(signature, sizeof(signature), signed_hex));
	return str_is(word, again) && crypto_sign_verify_detached(signature, (const uint8_t *)text, message(path, *seconds, text), key->bytes) == 0;
}
