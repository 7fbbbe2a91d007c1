/* The vault: evidence as encrypted chunks beside the journal, in DIR/evidence/.
 *
 *     evidence/ab/<64 hex>       an encrypted chunk, named by its SHA-256 (ab: its first two digits)
 *     evidence/ab/<64 hex>.m     a manifest (ledger/sealed.h), named by its SHA-256
 *     evidence/keys/<64 hex>/    of one manifest: a sealed box for each reader, named by the reader's public key
 *     evidence/tmp/              what is being written
 *
 * Must remain true
 *  - a name stands for its bytes or for nothing: a file is written beside, synced, renamed, its directory synced;
 *    vault_put returns when all of an item is durable, so the entry that names it comes after;
 *  - names are made of hexadecimal digits only; nothing that came from outside is part of a path; a link in the
 *    place of a file or directory is not followed;
 *  - key and salt are in the sealed boxes and nowhere else on disk: when those are overwritten and gone the chunks
 *    are noise and the digest on the ledger cannot be guessed at;
 *  - memory does not grow with the size of an item but for 32 bytes a mebibyte (its manifest). */
#ifndef WHARF_STORE_VAULT_H
#define WHARF_STORE_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/tab.h"
#include "ledger/sealed.h"

struct vault;

/* Opens DIR/evidence. With `make` its directories are made. ERR_NOT_FOUND when it is absent, ERR_DENIED for
 * something else in its place. */
enum err vault_open(const char *dir, bool make, struct vault **out, struct fault *fault);
void vault_close(struct vault *v); /* NULL is fine */

/* Opens a file that is to become evidence: a regular file that is not empty, no link, device, pipe or
 * directory, at most 1 TiB. Never waits. The caller closes *fd. */
enum err vault_source(const char *path, int *fd, uint64_t *size, struct fault *fault);

struct vault_put {
	struct sealed_key key; /* fresh; wipe it when the boxes are made */
	struct hash digest;    /* salted, of the plaintext */
	uint64_t size;
};
/* Encrypts what `fd` holds from its start into chunks and a manifest. Read twice: ERR_REFUSED when the file changed
 * meanwhile. ERR_FULL, ERR_IO, ERR_DENIED; then what was written is taken away again. `name` is for messages. */
enum err vault_put(struct vault *v, int fd, const char *name, struct vault_put *out, struct fault *fault);

/* Sealed boxes. vault_box_put makes it for a reader's Ed25519 key with fresh randomness, keeps it durably and gives
 * its digest. ERR_REFUSED for a key that is no point. */
enum err vault_box_put(struct vault *v, const struct sealed_key *key, const struct hash *reader, struct hash *box,
	struct fault *fault);
/* Reads a box, compares it with the digest on the ledger and opens it. ERR_NOT_FOUND, ERR_TAMPERED, ERR_DENIED. */
enum err vault_box_open(struct vault *v, const struct hash *manifest, const struct hash *box, const uint8_t secret[64],
	struct sealed_key *out, struct fault *fault);

/* Decrypts an item to `fd`, checking every chunk's hash, place and seal, the size, and the salted digest. Whoever calls
 * keeps what was written only when the answer is ERR_OK. ERR_TAMPERED names the chunk. */
enum err vault_get(struct vault *v, const struct sealed_key *key, const struct hash *digest, int fd,
	struct fault *fault);

/* Whether manifest and chunks are there, of the right size; `deep`: with the right bytes. Size of the plaintext to
 * *size (may be NULL). ERR_NOT_FOUND and ERR_TAMPERED name the piece. */
enum err vault_has(struct vault *v, const struct hash *manifest, bool deep, uint64_t *size, struct fault *fault);
/* Whether the box of a reader is there with the bytes of that digest. */
enum err vault_box_has(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box,
	struct fault *fault);

/* Pieces that travel between hosts (ledger/piece.h), encrypted as they lie here.
 * vault_piece_open opens one to be sent; the caller closes *fd. Its bytes are judged by whoever receives them.
 * vault_piece_put keeps what came, durably, and only when it hashes to its name (a manifest must decode, too).
 * ERR_NOT_FOUND, ERR_DENIED for something else in its place, ERR_TAMPERED, ERR_FULL, ERR_IO. */
enum err vault_piece_open(struct vault *v, const struct hash *h, bool manifest, int *fd, uint64_t *size, struct fault *fault);
enum err vault_piece_put(struct vault *v, const struct hash *h, bool manifest, struct str bytes, struct fault *fault);
/* Reads a manifest into bytes (they must outlive *out) and compares it with its name. */
enum err vault_manifest(struct vault *v, const struct hash *h, struct buf *bytes, struct sealed_manifest *out, struct fault *fault);
/* Whether chunk i is there with its bytes: it is read. */
enum err vault_chunk_has(struct vault *v, const struct sealed_manifest *m, size_t i, struct fault *fault);
/* The box of a reader as it lies here, and keeping one that came, when it has the digest of the ledger. */
enum err vault_box_piece(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box,
	uint8_t out[SEALED_BOX_SIZE], struct fault *fault);
enum err vault_box_take(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box, struct str bytes,
	struct fault *fault);

/* Takes a box away again whose grant was refused. */
void vault_box_drop(struct vault *v, const struct hash *manifest, const struct hash *reader);

/* Destroys an item: its boxes are overwritten and removed first, then chunks and manifest. Can be done again after
 * a crash, and again when nothing is left. */
enum err vault_shred(struct vault *v, const struct hash *manifest, struct fault *fault);
/* Whether anything of an item is left. */
bool vault_left(struct vault *v, const struct hash *manifest);

struct vault_report {
	uint64_t chunks, manifests, boxes; /* that belong to items of the ledger */
	uint64_t orphans, orphan_bytes;    /* that belong to none */
	uint64_t removed;
};
/* Walks the vault. `named` says whether the ledger holds an item of that manifest that is not shredded, and, unless
 * `reader` is NULL, whether that key reads it; what belongs to none and was not touched for `grace_s` seconds is an
 * orphan, and removed when asked (boxes are overwritten first). */
typedef bool vault_named(void *ctx, const struct hash *manifest, const struct hash *reader);
enum err vault_sweep(struct vault *v, vault_named *named, void *ctx, int64_t grace_s, bool remove,
	struct vault_report *out, struct fault *fault);

/* For `wharf verify`: every item that is not destroyed has its manifest and chunks here, of the right size, or none of
 * it (this host keeps no copy: counted in *absent). ERR_TAMPERED names the item. */
enum err vault_verify(const char *dir, const struct tabs *s, uint64_t *items, uint64_t *absent, struct fault *fault);

/* For tests of crash promises: called at each step; NULL in production. */
void vault_set_probe(struct vault *v, void (*probe)(void *ctx, const char *point), void *ctx);

#endif
