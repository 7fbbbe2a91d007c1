/* The envelope: what a party says, and who signed it.
 *
 * { header, body or salted digest of a body, signatures[] }. The content hash covers the header
 * only, and the header holds the digest of the body; signatures are outside. So one, two or five
 * parties can sign the same content at different times, and a copy that withholds the body has the
 * same content hash. Decoding accepts only the canonical encoding: what decodes encodes to the
 * same bytes.
 *
 * Encoding (base/codec.h; raw = without length):
 *   header    u64 version (1), raw 32 ledger, u64 kind, u64 sealed (0 or 1), str sender, str deal, str audience,
 *             raw 16 key, i64 event_time, i64 value_date, raw 32 body digest
 *   body      bytes, present exactly when sealed = 0
 *   u64 count, then per signature raw 32 public key, i64 signed_at, raw 64 signature
 * `ledger` is the content hash of the genesis envelope of the ledger that the envelope is for; of zeroes in a genesis envelope
 * itself, which cannot name its own hash. It is in the header, so under the content hash and every signature: what was signed for
 * one ledger says nothing on another, also when the same keys are registered there. (The header got it before any ledger
 * outside of tests existed; that is why the version is still 1.)
 * content hash = SHA-256("wharf/envelope/v1" || header)
 * what is signed = "wharf/sign/v1" || content hash || signed_at as 8 bytes big-endian */
#ifndef WHARF_LEDGER_ENVELOPE_H
#define WHARF_LEDGER_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/refusal.h"
#include "base/str.h"

enum {
	ENVELOPE_VERSION = 1,
	ENVELOPE_BYTES_MAX = 1 << 20, /* encoded: room for a process file; the leaf holds only its digest */
	ENVELOPE_TEXT_MAX = 32,     /* with the NUL */
	ENVELOPE_KEY_SIZE = 16,
	ENVELOPE_SALT_SIZE = 32,
	ENVELOPE_SIGNATURES_MAX = 16,
	ENVELOPE_PUBLIC_SIZE = 32,
	ENVELOPE_SECRET_SIZE = 64,  /* libsodium's secret key: seed and public key */
	ENVELOPE_SIGNATURE_SIZE = 64,
};

struct envelope_signature {
	uint8_t public_key[ENVELOPE_PUBLIC_SIZE];
	int64_t signed_at; /* instant by the signer's clock */
	uint8_t signature[ENVELOPE_SIGNATURE_SIZE];
};

struct envelope {
	struct hash ledger;               /* content hash of its ledger's genesis envelope; zero in that one */
	uint16_t kind;                    /* event kind */
	bool sealed;                      /* the body is not carried; its digest is salted */
	char sender[ENVELOPE_TEXT_MAX];   /* party id, not empty */
	char deal[ENVELOPE_TEXT_MAX];     /* deal id, "" for none */
	char audience[ENVELOPE_TEXT_MAX]; /* who may read the body, "" for everybody */
	uint8_t key[ENVELOPE_KEY_SIZE];   /* idempotency key, the sender's choice */
	int64_t event_time;               /* instant of the physical fact */
	int64_t value_date;               /* days since 1970-01-01, for money */
	struct hash body_digest;
	struct str body;                  /* borrowed: from the encoded bytes or the caller */
	size_t signature_count;           /* in the order of signing: the author first */
	struct envelope_signature signatures[ENVELOPE_SIGNATURES_MAX];
};

/* Ids in headers: printable ASCII without blanks, shorter than ENVELOPE_TEXT_MAX. */
bool envelope_text_valid(struct str text);

/* Gives the envelope its body (borrowed) and the digest of it: SHA-256(body). */
void envelope_set_body(struct envelope *e, struct str body);
/* Gives it the salted digest of a body that travels elsewhere, and marks it sealed. */
void envelope_set_sealed(struct envelope *e, const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body);
/* HMAC-SHA-256(salt, "wharf/body/v1" || body). */
struct hash envelope_salted_digest(const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body);
/* True when this body is the one that a sealed envelope speaks of. */
bool envelope_opens(const struct envelope *e, const uint8_t salt[ENVELOPE_SALT_SIZE], struct str body);

/* Appends the canonical encoding. ERR_SYNTAX when a field is not allowed (named in the fault),
 * ERR_LIMIT above ENVELOPE_BYTES_MAX; then nothing is appended. */
enum err envelope_encode(const struct envelope *e, struct buf *out, struct fault *fault);
/* Decodes one envelope of exactly these bytes; the body points into them. Refuses what is not
 * canonical (ERR_SYNTAX), too large (ERR_LIMIT), of another version (ERR_VERSION), whose body
 * does not have its digest (ERR_TAMPERED), or in which one key signs twice (ERR_SYNTAX).
 * Signatures are not judged here. */
enum err envelope_decode(struct str bytes, struct envelope *out, struct fault *fault);
/* The same, and the content hash of what was decoded (content may be NULL), taken from the bytes themselves: cheaper than
 * envelope_content_hash, which writes the header again. */
enum err envelope_decode_content(struct str bytes, struct envelope *out, struct hash *content, struct fault *fault);

/* The same of bytes that envelope_decode took before, by this program: the digest of the body is not computed
 * again. False for bytes that are no envelope at all. */
bool envelope_decode_again(struct str bytes, struct envelope *out);
bool envelope_decode_again_content(struct str bytes, struct envelope *out, struct hash *content); /* with the content hash */
/* The kind of event that an envelope's bytes say, from the header's beginning alone: most questions about what comes are
 * answered by it. -1 where the bytes are no envelope of this version. */
int envelope_kind(struct str bytes);

struct hash envelope_content_hash(const struct envelope *e);

/* Adds the signature of a key. ERR_LIMIT when there are ENVELOPE_SIGNATURES_MAX, ERR_REFUSED when
 * that key has signed already. Ed25519 is deterministic: no randomness is used. */
enum err envelope_sign(struct envelope *e, const uint8_t secret[ENVELOPE_SECRET_SIZE],
	int64_t signed_at, struct fault *fault);
/* Adds a signature that was made elsewhere over the same content; same failures, and
 * ERR_SIGNATURE when it does not verify. */
enum err envelope_add_signature(struct envelope *e, const struct envelope_signature *s,
	struct fault *fault);

/* Checks every signature: REFUSED_NOT when there is at least one and all hold,
 * REFUSED_SIGNATURE_MISSING for none, REFUSED_SIGNATURE for a bad one, whose index goes to *bad
 * (may be NULL). Says nothing about who the signers are: that is the register's word. Pure, so
 * workers may run it side by side. Small-order and non-canonical keys and points are refused. */
enum refusal envelope_verify_signatures(const struct envelope *e, size_t *bad);
/* The same for who has the content hash of this envelope. */
enum refusal envelope_verify_content(const struct envelope *e, const struct hash *content, size_t *bad);

#endif
