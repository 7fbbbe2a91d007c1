/* The key file: a secret seed sealed under a passphrase, as text.
 *
 * Only bytes here: reading and writing the file, salt and nonce come from the edge. The seed is
 * encrypted with XChaCha20-Poly1305 under a key that Argon2id v1.3 (RFC 9106) makes of the
 * passphrase; every other field is authenticated with it, and a plain SHA-256 over all fields
 * tells a damaged file from a wrong passphrase. The file is JSON (RFC 8259):
 *   { "format": "wharf-key", "version": 1, "did", "name", "role", "party", "kdf": "argon2id",
 *     "ops", "mem_bytes", "salt", "nonce", "sealed", "sum" }
 * with salt, nonce and sealed in base64, sum in hex. */
#ifndef WHARF_IDENTITY_KEYSTORE_H
#define WHARF_IDENTITY_KEYSTORE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "identity/keys.h"

enum {
	KEYSTORE_VERSION = 1,
	KEYSTORE_SALT_SIZE = 16,
	KEYSTORE_NONCE_SIZE = 24,
	KEYSTORE_SEALED_SIZE = KEY_SEED_SIZE + 16, /* with the Poly1305 tag */
	KEYSTORE_BYTES_MAX = 8192,
	KEYSTORE_NAME_MAX = 64,
	KEYSTORE_ROLE_MAX = 32,
	KEYSTORE_PARTY_MAX = 32,
	KEYSTORE_PASSPHRASE_MAX = 1024, /* bytes */
};
/* Limits that a file may ask for: more is refused, so that a planted file cannot eat the host. */
#define KEYSTORE_OPS_MAX UINT64_C(32)
#define KEYSTORE_MEM_MAX (UINT64_C(1) << 30) /* bytes */
/* Asked for in new files: libsodium's "interactive" limits. */
#define KEYSTORE_OPS_USUAL UINT64_C(2)
#define KEYSTORE_MEM_USUAL (UINT64_C(64) << 20)

/* What is in a key file besides the secret. */
struct keystore_info {
	char did[KEY_DID_MAX]; /* made from the seed when sealing */
	char name[KEYSTORE_NAME_MAX];   /* of the person or device, as screens say it */
	char role[KEYSTORE_ROLE_MAX];   /* a hint for the log-in screen: the ledger decides */
	char party[KEYSTORE_PARTY_MAX]; /* party id */
	uint64_t ops;       /* Argon2id passes, from 1 */
	uint64_t mem_bytes; /* Argon2id memory, from 8192 */
	uint8_t salt[KEYSTORE_SALT_SIZE];   /* fresh from the edge for every file */
	uint8_t nonce[KEYSTORE_NONCE_SIZE]; /* fresh from the edge for every file */
};

/* Appends the text of a key file. `info` gives names, limits, salt and nonce; its did is set from
 * the seed. ERR_USAGE for an empty or overlong passphrase, ERR_SYNTAX for a name that is not plain UTF-8
 * text, ERR_LIMIT for limits out of range, ERR_MEMORY when Argon2 gets no memory. */
enum err keystore_seal(const uint8_t seed[KEY_SEED_SIZE], struct str passphrase,
	struct keystore_info *info, struct buf *out, struct fault *fault);

/* Reads what a key file says without its passphrase: for the list of the log-in screen. ERR_SYNTAX
 * for what is not a key file, ERR_VERSION for a newer one, ERR_TAMPERED when the sum is wrong,
 * ERR_LIMIT for limits out of range. */
enum err keystore_read(struct str text, struct keystore_info *out, struct fault *fault);

/* Opens it. The seed is written to the caller's memory (sodium_malloc'ed, so that it is locked and
 * guarded) and only on success; out may be NULL. Failures of keystore_read, and: ERR_DENIED for a
 * wrong passphrase (or sealed bytes altered together with the sum), ERR_TAMPERED when the opened key is not
 * the one that the file names, ERR_MEMORY. */
enum err keystore_open(struct str text, struct str passphrase, struct keystore_info *out,
	uint8_t seed[KEY_SEED_SIZE], struct fault *fault);

#endif
