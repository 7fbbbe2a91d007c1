/* An entry: an envelope that was given its place, time and verdict.
 *
 * Entries are numbered from 0 without a gap, stamps rise strictly, epochs never fall, each names
 * the chain hash of the one before it, and each is a leaf of the Merkle tree (ledger/merkle.h).
 *
 * Encoding of an entry: u64 version (1), u64 number, u64 epoch, i64 stamp, raw 32 seed, raw 32 prev,
 *   bytes envelope, str verdict, raw 32 outcome
 * leaf bytes: u64 version (1), u64 number, u64 epoch, i64 stamp, raw 32 seed, raw 32 content hash,
 *   raw 32 SHA-256(envelope bytes), str verdict, raw 32 outcome, raw 32 prev
 * chain hash = SHA-256("wharf/chain/v1" || prev || leaf bytes)
 * leaf hash  = SHA-256(0x00 || leaf bytes) */
#ifndef WHARF_LEDGER_ENTRY_H
#define WHARF_LEDGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "ledger/envelope.h"

enum { ENTRY_VERSION = 1, ENTRY_VERDICT_MAX = 32, ENTRY_BYTES_MAX = ENVELOPE_BYTES_MAX + 4096 };

struct entry {
	uint64_t number;  /* from 0 */
	uint64_t epoch;   /* of the leader that ordered it */
	int64_t stamp;    /* instant of ordering */
	struct hash seed; /* all the dice that this event may throw */
	struct hash prev; /* chain hash of the entry before; zeroes for entry 0 */
	struct str envelope;             /* encoded; borrowed */
	char verdict[ENTRY_VERDICT_MAX]; /* "done" or the name of a refusal */
	struct hash outcome;             /* digest of what it changed; zeroes for nothing */
};

/* Verdicts are lower-case letters, digits and '-', not empty, shorter than ENTRY_VERDICT_MAX. */
bool entry_verdict_valid(struct str verdict);

/* Appends the encoding. ERR_SYNTAX for a bad verdict, ERR_LIMIT when too large. */
enum err entry_encode(const struct entry *e, struct buf *out, struct fault *fault);
/* Decodes exactly these bytes, canonical form only; the envelope points into them and is not
 * looked into. ERR_SYNTAX, ERR_LIMIT, ERR_VERSION. */
enum err entry_decode(struct str bytes, struct entry *out, struct fault *fault);

struct entry_digests {
	struct hash content;  /* of the envelope, without its signatures */
	struct hash envelope; /* SHA-256 of its bytes, signatures included */
	struct hash leaf;     /* for the Merkle tree */
	struct hash chain;    /* the next entry's prev */
};

/* Computes all digests. content is the envelope's content hash when the caller has it, or NULL to
 * have the envelope decoded here; then false when it does not decode (why goes to fault). */
bool entry_digest(const struct entry *e, const struct hash *content, struct entry_digests *out,
	struct fault *fault);
/* Leaf and chain of an entry whose content and envelope are in the digests already. */
void entry_digest_place(const struct entry *e, struct entry_digests *out);
/* Appends the leaf bytes, whose hash is digests.leaf: what a proof bundle shows. Needs content
 * and envelope of the digests. */
void entry_leaf_bytes(const struct entry *e, const struct entry_digests *d, struct buf *out);

/* Where the chain stands between two entries. */
struct entry_link {
	uint64_t next;     /* number of the next entry */
	uint64_t epoch;    /* of the last one */
	int64_t stamp;     /* of the last one; INT64_MIN before the first */
	struct hash chain; /* chain hash of the last one; zeroes before the first */
};
struct entry_link entry_link_start(void);

/* Which thing does not hold, in the order in which they are checked. */
enum entry_break {
	ENTRY_HOLDS,
	ENTRY_BREAK_NUMBER,   /* a gap or a repetition */
	ENTRY_BREAK_PREV,     /* prev is not the chain hash of the entry before */
	ENTRY_BREAK_STAMP,    /* not later than the one before */
	ENTRY_BREAK_EPOCH,    /* lower than the one before */
	ENTRY_BREAK_ENVELOPE, /* the envelope does not decode, or its body is not what it says */
	ENTRY_BREAK_CONTENT,  /* stored content hash differs */
	ENTRY_BREAK_LEAF,     /* stored leaf hash differs */
	ENTRY_BREAK_CHAIN,    /* stored chain hash differs */
	ENTRY_BREAK_COUNT
};
const char *entry_break_name(enum entry_break b); /* "holds", "number", "prev", … */

/* Checks an entry against the chain before it and, where the journal stores digests beside it,
 * against those (stored may be NULL; all-zero digests in it are not compared). On ENTRY_HOLDS
 * *after (may be NULL, may be before) and *digests (may be NULL) are filled. Otherwise the fault
 * (ERR_TAMPERED) names the entry number, what was stored and what was computed. */
enum entry_break entry_check_link(const struct entry_link *before, const struct entry *e,
	const struct entry_digests *stored, struct entry_link *after, struct entry_digests *digests,
	struct fault *fault);

#endif
