/* Evidence on the ledger: what is said of an item, who may read it, and the formats of what lies beside it.
 *
 * An item is a file. Its bytes never touch the ledger: they are encrypted under a key of their own and kept by
 * store/vault.h. The ledger holds a salted digest of the plaintext, the digest of the manifest that lists the
 * encrypted chunks, and one digest for each reader's sealed box. Key and salt are in those boxes and nowhere
 * else; who destroys the boxes leaves digests that say nothing and proofs that all hold.
 *
 * Pure: randomness is handed in by the edge.
 *
 * Formats (base/codec.h; raw = without length)
 *   salted digest   HMAC-SHA-256(salt, "wharf/evidence/v1" || plaintext)
 *   manifest        raw "wharf/manifest/1\n" (17), u64 chunk size (1 MiB), u64 plaintext size, raw 24 header of
 *                   crypto_secretstream_xchacha20poly1305, u64 count, raw 32 SHA-256 of each encrypted chunk
 *   encrypted chunk crypto_secretstream_xchacha20poly1305_push of 1 MiB (the last: what is left), with the
 *                   chunk's place as 8 bytes big-endian for associated data; the last has TAG_FINAL
 *   sealed box      libsodium's crypto_box_seal to the X25519 form of the reader's Ed25519 key of
 *                   "wharf/grant/v1" || key || salt || digest of the manifest || reader's Ed25519 key
 *   grants          u64 count, then per grant str reader, raw 32 reader's key, raw 32 SHA-256 of the box */
#ifndef WHARF_LEDGER_SEALED_H
#define WHARF_LEDGER_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/rec.h"
#include "base/str.h"
#include "base/tab.h"

enum {
	SEALED_KEY_SIZE = 32,
	SEALED_SALT_SIZE = 32,
	SEALED_SEED_SIZE = 32,
	SEALED_HEADER_SIZE = 24,
	SEALED_CHUNK = 1 << 20,         /* plaintext of a chunk, bytes */
	SEALED_CHUNK_EXTRA = 17,        /* an encrypted chunk is that much longer */
	SEALED_CHUNKS_MAX = 1 << 20,    /* an item is at most 1 TiB */
	SEALED_BOX_SIZE = 48 + 14 + 32 * 4,
	SEALED_GRANTS_MAX = 64,         /* of one event */
	SEALED_READER_MAX = 24,         /* with the NUL */
	SEALED_NAME_MAX = 96,           /* with the NUL */
};

/* One item of evidence (domain specification §3.6). */
#define ITEM_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* EV-… */ \
	F(TEXT, deal, 32, ID)          /* "" none */ \
	F(TEXT, kind, 24, NONE)        /* "photo", "invoice", …: its retention is policy retention.<kind>_days */ \
	F(TEXT, name, 96, NONE)        /* of the file, as sealed_name leaves it */ \
	F(TEXT, media, 48, NONE)       /* media type */ \
	F(INT, size, 0, COUNT)         /* bytes of the plaintext */ \
	F(HASH, digest, 0, NONE)       /* salted, of the plaintext */ \
	F(HASH, manifest, 0, NONE)     /* SHA-256 of the manifest */ \
	F(TEXT, owner, 16, NONE)       /* party that put it */ \
	F(TEXT, signer, 24, NONE) \
	F(TEXT, device, 32, NONE)      /* that took it, "" none */ \
	F(TEXT, corroborates, 32, ID)  /* another item, "" none */ \
	F(INT, captured_at, 0, TIME) \
	F(INT, valid_until, 0, TIME)   /* 0: no end */ \
	F(INT, confidence, 0, MILLI)   /* 0 to 1 */ \
	F(INT, at, 0, TIME)            /* stamp of its entry */ \
	F(INT, entry, 0, COUNT) \
	F(INT, reads, 0, COUNT)        /* that were entries */ \
	F(INT, shredded_at, 0, TIME)   /* 0: it is there */ \
	F(TEXT, shredded_by, 24, NONE) \
	F(TEXT, reason, 96, NONE)      /* of the shredding */
REC_STRUCT(item, ITEM_FIELDS);
extern const struct rec_type ITEM_REC; /* tag 56 */

/* One reader of an item; key "item/reader". */
#define GRANT_FIELDS(F) \
	F(TEXT, id, 64, NONE) \
	F(TEXT, item, 32, ID) \
	F(TEXT, reader, 24, NONE)      /* person or party */ \
	F(TEXT, party, 16, NONE)       /* of the reader */ \
	F(HASH, key, 0, KEY)           /* that the box is sealed to */ \
	F(HASH, box, 0, NONE)          /* SHA-256 of the sealed box */ \
	F(TEXT, by, 24, NONE) \
	F(INT, at, 0, TIME) \
	F(INT, entry, 0, COUNT)
REC_STRUCT(grant, GRANT_FIELDS);
extern const struct rec_type GRANT_REC; /* tag 57 */

/* Where things of evidence are found, by keys that begin as follows. */
#define PLACE_MANIFEST "m/"  /* <manifest in hex>: the item */
#define PLACE_DEAL "d/"      /* <deal>/<item>: the item; <deal> is "" of what belongs to none */
#define PLACE_SAID "s/"      /* <item>: a sealed body, once it was said */
#define PLACE_AUDIENCE "a/"  /* <claim>: `item` is the name of the audience before which a document was reserved */
#define PLACE_DESTROYED "x/" /* <entry, 20 digits>: the item that this entry destroyed */
#define PLACE_GIVEN_UP "p/"  /* <kind>: `item` is the instant (µs, decimal) before which raw evidence of the kind was given up */
#define ITEM_PLACE_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, item, 32, ID)
REC_STRUCT(item_place, ITEM_PLACE_FIELDS);
extern const struct rec_type ITEM_PLACE_REC; /* tag 65 */
/* The item that has this manifest, also one that was destroyed; NULL when there is none. */
const struct item *item_by_manifest(const struct tabs *s, const struct hash *manifest);

/* The grant of an item by which a key reads it, or NULL. */
const struct grant *grant_of_key(const struct tabs *s, const char *item, const struct hash *key);

/* A statement whose body only its audience reads: what everybody keeps of it (engine/on_sealed.c). Key: number of its entry, 20
 * digits. The body is an item of kind "sealed-body": raw 32 salt, then the bytes. */
#define SEALED_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(TEXT, audience, 24, NONE) \
	F(TEXT, about, 32, NONE)       /* name of the event that the body is of */ \
	F(TEXT, deal, 32, ID)          /* "" none; need not be known to outsiders */ \
	F(TEXT, party, 16, NONE) \
	F(TEXT, signer, 24, NONE) \
	F(HASH, digest, 0, NONE)       /* HMAC-SHA-256(salt, "wharf/body/v1" || body), as of a sealed envelope */ \
	F(TEXT, item, 32, ID) \
	F(TEXT, claim, 80, NONE)       /* "INV/<64 hex>": fingerprint of a document that it is about; "" none */ \
	F(INT, at, 0, TIME)
#define SEALED_BODY_KIND "sealed-body"
REC_STRUCT(sealed, SEALED_FIELDS);
extern const struct rec_type SEALED_REC; /* tag 88 */

/* --- digest ---------------------------------------------------------------------------------------- */

/* Salted digest of a stream: begin, add…, end. Owned by the caller until sealed_end or sealed_drop. */
struct sealed_stream;
struct sealed_stream *sealed_begin(const uint8_t salt[SEALED_SALT_SIZE]);
void sealed_add(struct sealed_stream *s, const void *bytes, size_t len);
struct hash sealed_end(struct sealed_stream *s);
void sealed_drop(struct sealed_stream *s); /* NULL is fine */
struct hash sealed_digest(const uint8_t salt[SEALED_SALT_SIZE], struct str bytes);

/* --- boxes ----------------------------------------------------------------------------------------- */

/* What opens an item: only ever in memory, and in boxes. */
struct sealed_key {
	uint8_t key[SEALED_KEY_SIZE];
	uint8_t salt[SEALED_SALT_SIZE];
	struct hash manifest; /* of the item that it opens */
};
void sealed_key_wipe(struct sealed_key *k); /* overwritten for certain */

/* Seals it to a reader's Ed25519 public key. `seed` is fresh from the edge for every box. False for a key
 * that is no usable point. */
bool sealed_box(const struct sealed_key *k, const uint8_t reader[32], const uint8_t seed[SEALED_SEED_SIZE],
	uint8_t box[SEALED_BOX_SIZE]);
/* Opens a box with the reader's secret (64 bytes, libsodium) for the item of that manifest. ERR_DENIED when it
 * is not sealed to this key or was altered, ERR_TAMPERED when it belongs to another item or reader. */
enum err sealed_box_open(struct str box, const uint8_t secret[64], const struct hash *manifest,
	struct sealed_key *out, struct fault *fault);

/* --- grants of an event ---------------------------------------------------------------------------- */

struct sealed_grant {
	char reader[SEALED_READER_MAX];
	struct hash key, box;
};
void sealed_grants_encode(const struct sealed_grant *g, size_t count, struct buf *out);
/* At least one, at most SEALED_GRANTS_MAX; no reader and no key twice; canonical. False otherwise. */
bool sealed_grants_decode(struct str bytes, struct sealed_grant out[SEALED_GRANTS_MAX], size_t *count);

/* --- manifests ------------------------------------------------------------------------------------- */

struct sealed_manifest {
	uint64_t size; /* plaintext, bytes, from 1 */
	uint8_t header[SEALED_HEADER_SIZE];
	size_t count;
	const uint8_t *chunks; /* count times 32 bytes; borrowed */
};
/* Plaintext bytes of chunk i. */
size_t sealed_chunk_size(const struct sealed_manifest *m, size_t i);
void sealed_manifest_encode(const struct sealed_manifest *m, struct buf *out);
/* Bytes of the manifest of an item of `size` bytes: it has one length. */
size_t sealed_manifest_bytes(uint64_t size);
/* ERR_SYNTAX for what is not one or not canonical, ERR_LIMIT for too many chunks. Points into the bytes. */
enum err sealed_manifest_decode(struct str bytes, struct sealed_manifest *out, struct fault *fault);

/* --- names ----------------------------------------------------------------------------------------- */

/* The name of a file as it may be shown anywhere: its last part; what is not UTF-8, controls, bidirectional
 * marks, invisible and line-breaking characters become `_`; cut to fit; never empty, never "." or "..". What comes out
 * comes out of itself unchanged. Names never become paths. */
void sealed_name(struct str raw, char out[SEALED_NAME_MAX]);
bool sealed_name_valid(struct str name);
/* Kinds and media types: lower-case letters, digits and `.-+/`, a letter first. */
bool sealed_word_valid(struct str word);

#endif
