/* The Merkle tree of the ledger: RFC 6962 hashing, proofs and their verification.
 *
 * A leaf hashes as SHA-256(0x00 || leaf bytes), a node as SHA-256(0x01 || left || right), the
 * empty tree as SHA-256(""). A tree of n > 1 leaves splits at the largest power of two below n
 * (RFC 6962 2.1, RFC 9162 2.1). Proofs list hashes from the leaf upwards.
 *
 * struct merkle keeps the hash of every complete subtree, so that any proof at any older size
 * costs a logarithm: 64 bytes a leaf in all. */
#ifndef WHARF_LEDGER_MERKLE_H
#define WHARF_LEDGER_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum {
	MERKLE_PROOF_MAX = 64,                      /* hashes of any proof below size 2^63 */
	MERKLE_ROWS_MAX = 2 * MERKLE_PROOF_MAX + 1, /* rows of the drawing of one path */
};

struct hash merkle_empty(void);                         /* root of the empty tree */
struct hash merkle_leaf(const void *bytes, size_t len); /* hash of one leaf */
struct hash merkle_node(const struct hash *left, const struct hash *right);

/* --- the growing tree ----------------------------------------------------------------------- */
struct merkle;

struct merkle *merkle_new(void);     /* empty; owned by the caller */
void merkle_free(struct merkle *t);  /* NULL is fine */

/* Appends one leaf by its leaf hash (merkle_leaf), and returns its index. Two hashes amortised. */
uint64_t merkle_append(struct merkle *t, const struct hash *leaf);
/* Forgets the leaves from `size` on: for appends whose commit failed. CHECKs size <= the present one. */
void merkle_truncate(struct merkle *t, uint64_t size);

uint64_t merkle_size(const struct merkle *t);
size_t merkle_bytes(const struct merkle *t); /* memory held, for the figures */
struct hash merkle_root(const struct merkle *t);
/* Root as it was at an older size; CHECKs size <= the present one. */
struct hash merkle_root_at(const struct merkle *t, uint64_t size);
/* Leaf hash of an index; CHECKs index < size. */
struct hash merkle_leaf_at(const struct merkle *t, uint64_t index);

struct merkle_proof {
	size_t count;
	struct hash hashes[MERKLE_PROOF_MAX];
};

/* Inclusion proof of the leaf `index` in the tree of the first `size` leaves (RFC 6962 2.1.1).
 * False, and nothing written, unless index < size <= merkle_size. */
bool merkle_prove_inclusion(const struct merkle *t, uint64_t index, uint64_t size,
	struct merkle_proof *out);
/* Consistency proof between the first m and the first n leaves (RFC 6962 2.1.2). Empty for
 * m == 0 and m == n. False unless m <= n <= merkle_size. */
bool merkle_prove_consistency(const struct merkle *t, uint64_t m, uint64_t n,
	struct merkle_proof *out);

/* --- verification: needs no tree -------------------------------------------------------------- */

/* The root that leaf and proof lead to (RFC 9162 2.1.3.2). False when the proof's length does not
 * fit index and size, or index >= size. */
bool merkle_inclusion_root(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t count, struct hash *root);
/* True when they lead to this root. */
bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t count, const struct hash *root);

/* True when the proof shows that the tree of size n with root2 extends the tree of size m with
 * root1 (RFC 9162 2.1.4.2). Roots are byte strings as two notes state them: equal sizes merely
 * compare them (equal sizes with different roots are an equivocation: keep both notes); wherever a
 * hash is computed, only 32 bytes can be right. m == 0 holds for the empty root and an empty proof. */
bool merkle_check_consistency(uint64_t m, uint64_t n, struct str root1, struct str root2,
	const struct hash *proof, size_t count);
/* The same with roots as hashes. */
bool merkle_verify_consistency(uint64_t m, uint64_t n, const struct hash *root1,
	const struct hash *root2, const struct hash *proof, size_t count);

/* --- the drawing of one path -------------------------------------------------------------------- */
enum merkle_part {
	MERKLE_COMPUTED, /* from the leaf and the hashes below */
	MERKLE_GIVEN,    /* by the proof */
	MERKLE_THE_LEAF  /* the leaf that is proven */
};

/* One subtree, in the order in which the tree is drawn: a node, its left part, its right part. */
struct merkle_row {
	uint64_t from, to;     /* first and last leaf of the subtree; equal for a single leaf */
	struct hash hash;
	uint64_t rails;        /* bit d, 0 < d < depth: draw a rail there, a lower branch is to come */
	uint8_t depth;         /* 0 for the root; below 64 */
	bool is_last;          /* the lower branch of its node, or the root: └─ and not ├─ */
	enum merkle_part part;
};

/* Rows of the path from root to leaf with the siblings that the proof gives; at most
 * MERKLE_ROWS_MAX. Returns how many; 0 when the proof's length does not fit. rows[0] is the root
 * as computed: compare it with the signed one before saying anything about the leaf. */
size_t merkle_path_view(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct merkle_proof *proof, struct merkle_row rows[MERKLE_ROWS_MAX]);

#endif
