/* The proof of one entry, to be handed out and kept: a .tlog-proof (C2SP tlog-proof).
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>            (optional; not authenticated, never believed)
 *     index <decimal>
 *     <base64 of a hash>…       from the leaf's sibling up to the child of the root
 *
 *     <checkpoint with its cosignatures>
 *
 * It verifies without the ledger: whoever has the entry's leaf bytes and a trust policy needs nothing else. Parsing
 * is strict and writing canonical, so that one proof has one spelling. */
#ifndef WHARF_LEDGER_BUNDLE_H
#define WHARF_LEDGER_BUNDLE_H

#include "ledger/merkle.h"
#include "ledger/policy.h"

enum { BUNDLE_BYTES_MAX = NOTE_BYTES_MAX + (1 << 17), BUNDLE_EXTRA_MAX = 1 << 16 };

struct bundle {
	bool has_extra;
	struct str extra;          /* base64, as written; "" for none; borrowed */
	uint64_t index;
	struct merkle_proof proof;
	struct str checkpoint;     /* the signed note; borrowed */
};

/* Takes it apart without judging proof or signatures; the result points into bytes. ERR_SYNTAX with the line, ERR_LIMIT
 * for more than MERKLE_PROOF_MAX hashes or BUNDLE_BYTES_MAX bytes. */
enum err bundle_parse(struct str bytes, struct bundle *out, struct fault *fault);
/* Appends the text. The checkpoint must be a signed note (CHECK: not empty). */
void bundle_format(const struct bundle *b, struct buf *out);

/* Checks it for a leaf: the checkpoint holds under the policy, and leaf, index and path lead to its root. ERR_SIGNATURE
 * and what tlog_policy_open says of the checkpoint; ERR_TAMPERED when the leaf does not lead there. verdict may be NULL. */
enum err bundle_verify(const struct bundle *b, const struct hash *leaf, const struct tlog_policy *policy,
	struct tlog_verdict *verdict, struct fault *fault);

/* Whether bytes begin as a bundle does. */
bool bundle_is(struct str bytes);

/* Lines of hashes in base64 up to the blank line, as bundles and witness requests have them: cut off *rest together with the
 * blank line. `line` counts lines for the fault. */
enum err bundle_hashes(struct str *rest, int *line, size_t most, struct merkle_proof *out, struct fault *fault);

#endif
