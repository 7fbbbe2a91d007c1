/* Ed25519 keys: pairs from seeds, did:key names, derived seeds.
 *
 * Nothing here throws dice: seeds come from the edge (fresh keys) or from a recording (demo keys).
 * Sources: RFC 8032; W3C did:key method (multicodec 0xed 0x01, multibase 'z' = base58btc).
 * libsodium's sodium_init is called once by the program before. */
#ifndef WHARF_IDENTITY_KEYS_H
#define WHARF_IDENTITY_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
	KEY_SEED_SIZE = 32,
	KEY_PUBLIC_SIZE = 32,
	KEY_SECRET_SIZE = 64, /* libsodium: seed || public key */
	KEY_DID_MAX = 64,     /* 56 characters and the NUL, with room */
	KEY_DID_SHORT_MAX = 32,
};

struct key_pair {
	uint8_t public_key[KEY_PUBLIC_SIZE];
	uint8_t secret[KEY_SECRET_SIZE];
};

void key_pair_from_seed(const uint8_t seed[KEY_SEED_SIZE], struct key_pair *out);
void key_pair_wipe(struct key_pair *pair); /* overwrites it, and the compiler cannot skip that */

/* True for a canonical point of the prime-order group: not small order, not off the curve. */
bool key_public_valid(const uint8_t public_key[KEY_PUBLIC_SIZE]);

/* Seed of a child: HMAC-SHA-256(seed, "wharf/seed/v1" || label). Different labels give
 * independent seeds; the same always the same. */
void key_derive_seed(const uint8_t seed[KEY_SEED_SIZE], struct str label,
	uint8_t out[KEY_SEED_SIZE]);

/* "did:key:z6Mk…" in full. Returns out. */
char *key_did_format(const uint8_t public_key[KEY_PUBLIC_SIZE], char out[KEY_DID_MAX]);
/* ERR_SYNTAX when it is not a did:key of 'z' form or not the canonical spelling,
 * ERR_UNSUPPORTED for another kind of key, ERR_REFUSED for a point that key_public_valid refuses. */
enum err key_did_parse(struct str text, uint8_t public_key[KEY_PUBLIC_SIZE], struct fault *fault);
/* "did:key:z6Mk…e7Vt" as screens show it. Returns out. */
char *key_did_short(const uint8_t public_key[KEY_PUBLIC_SIZE], char out[KEY_DID_SHORT_MAX]);

#endif
