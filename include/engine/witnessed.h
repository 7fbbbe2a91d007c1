/* What others saw of this ledger, as the ledger itself knows it: cosigned checkpoints, and contradictions of its own node.
 *
 * `ledger.witnessed` puts a checkpoint with a witness's cosignature on the ledger. Every replica checks it: signed by the
 * node, cosigned by a registered key of a party that does not keep this book, and the root of its own tree. So the state knows how
 * much of it others have seen, which is what pruning may rest on.
 *
 * `ledger.equivocation` puts two notes of the node on the ledger that cannot both be true, or one that is not true of this very
 * ledger. Anybody who is registered may send it; it stops outflow for every funder until two persons lift the stop.
 * Sources: C2SP tlog-cosignature, tlog-witness. */
#ifndef WHARF_ENGINE_WITNESSED_H
#define WHARF_ENGINE_WITNESSED_H

#include "base/turn.h"
#include "ledger/note.h"

/* The largest tree that a party's keys cosigned. Key: the party. */
#define WITNESSED_FIELDS(F) \
	F(TEXT, id, 16, NONE)          /* party of the witness */ \
	F(INT, size, 0, COUNT)         /* entries of the tree */ \
	F(HASH, root, 0, NONE) \
	F(INT, at, 0, TIME)            /* by the witness's clock */ \
	F(HASH, key, 0, KEY)           /* that cosigned */ \
	F(INT, entry, 0, COUNT)        /* where the note is */ \
	F(INT, count, 0, COUNT)        /* cosigned checkpoints of this party on the ledger */
REC_STRUCT(witnessed, WITNESSED_FIELDS);
extern const struct rec_type WITNESSED_REC; /* tag 60 */

/* Two notes that cannot both be true. Key: the first 16 hex digits of SHA-256(smaller note || larger note). */
#define EQUIVOCATION_FIELDS(F) \
	F(TEXT, id, 68, ID)            /* the whole digest of sizes and roots: 64 hex digits */ \
	F(INT, first_size, 0, COUNT) \
	F(HASH, first_root, 0, NONE) \
	F(INT, second_size, 0, COUNT)  /* the size of the first when the ledger itself contradicts it */ \
	F(HASH, second_root, 0, NONE) \
	F(INT, itself, 0, BOOL)        /* the second is what this ledger says */ \
	F(TEXT, by, 32, NONE) \
	F(INT, at, 0, TIME) \
	F(INT, entry, 0, COUNT)        /* where the notes are */
REC_STRUCT(equivocation, EQUIVOCATION_FIELDS);
extern const struct rec_type EQUIVOCATION_REC; /* tag 63 */

enum { WITNESSED_NODE_KEYS_MAX = 32 };
/* The keys that checkpoints of this ledger may be signed with, the present one first: those that its node ever had. Returns
 * how many; 0 before genesis. */
size_t witnessed_node_keys(const struct tabs *s, struct note_key out[WITNESSED_NODE_KEYS_MAX]);

/* The largest size that `ledger.witnesses.least` (policy, [1]) parties have cosigned at least; 0 when too few did. Entries
 * below it cannot be denied any more. */
uint64_t witnessed_size(const struct tabs *s);

#endif
