/* What a witness says to a checkpoint that it is asked to cosign (C2SP tlog-witness): a pure decision.
 *
 * A witness remembers, for each log, the largest tree that it cosigned. It cosigns a checkpoint only when a
 * proof shows that the tree of the checkpoint extends the one it remembers; so a log that tells two parties two
 * histories finds no quorum for both. Remembering is store/witness.h's, HTTP is net/witness.h's.
 *
 * A request, as a file or as the body of POST <prefix>/add-checkpoint:
 *     old <size>
 *     <base64 of a hash>…       consistency proof, at most 63
 *
 *     <checkpoint> */
#ifndef WHARF_LEDGER_WITNESS_H
#define WHARF_LEDGER_WITNESS_H

#include "ledger/bundle.h"

enum { WITNESS_HASHES_MAX = 63, WITNESS_BYTES_MAX = NOTE_BYTES_MAX + 8192 };

/* The status of the answer, which is also that of HTTP. */
enum witness_status {
	WITNESS_SIGNED = 200,
	WITNESS_MALFORMED = 400,  /* no request, or the old size is above that of the checkpoint */
	WITNESS_FORBIDDEN = 403,  /* no signature of a log that is trusted, or one that fails */
	WITNESS_UNKNOWN = 404,    /* the origin is none that this witness knows */
	WITNESS_CONFLICT = 409,   /* the old size is not the one last cosigned: the answer says which is */
	WITNESS_UNPROVEN = 422,   /* the proof does not hold, or the same size has another root */
};
const char *witness_status_words(enum witness_status s); /* one sentence without its full stop */

struct witness_request {
	uint64_t old;
	struct merkle_proof proof;
	struct str checkpoint; /* the note; borrowed */
};
/* Takes a request apart; ERR_SYNTAX with the line, ERR_LIMIT. */
enum err witness_request_parse(struct str bytes, struct witness_request *out, struct fault *fault);
void witness_request_format(const struct witness_request *r, struct buf *out);

/* The first half of the decision, which needs no memory: whose checkpoint is it? WITNESS_SIGNED when the log is
 * trusted and signed it; then *out holds what it says. Else MALFORMED, UNKNOWN or FORBIDDEN, and the fault says why. */
enum witness_status witness_open(const struct witness_request *r, const struct note_key *logs, size_t count,
	struct checkpoint *out, struct fault *fault);

/* What a witness remembers of a log: the largest tree that it cosigned; size 0 when it never did. */
struct witness_seen {
	uint64_t size;
	struct hash root;
};
/* The second half: may a tree be cosigned after what was seen? WITNESS_SIGNED, MALFORMED, CONFLICT or UNPROVEN. */
enum witness_status witness_judge(const struct witness_request *r, const struct checkpoint *c,
	const struct witness_seen *seen);

/* Two notes of one log that cannot both be true. */
enum witness_clash {
	WITNESS_NO_CLASH,  /* one may be a beginning of the other, as far as one can see */
	WITNESS_SAME_SIZE, /* same size, other root: the log said both, which proves it by itself */
};
/* Compares two checkpoints that one log signed. Of trees of different sizes only a proof or the leaves can tell. */
enum witness_clash witness_compare(const struct checkpoint *a, const struct checkpoint *b);

#endif
