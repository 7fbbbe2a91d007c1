/* The Merkle tree of the ledger: RFC 6962 hashing, proofs and their verification.
 *
 * A leaf hashes as SHA-256(0x00 || leaf bytes), a node as SHA-256(0x01 || left || right), the
 * empty tree as SHA-256(""). A tree of n > 1 leaves splits at the largest power of two below n
 * (RFC 6962 2.1, RFC 9162 2.1). Proofs list hashes from the leaf upwards.
 *
 * struct merkle keeps the hash of every complete subtree, so that any proof at any older size
 * costs a logarithm. It is made of tiles (ledger/tile.h). With a source of stored tiles, memory holds only the open
 * tile of each level and a few that were read; without one it holds all of them, 64 bytes a leaf. */
#ifndef WHARF_LEDGER_MERKLE_H
#define WHARF_LEDGER_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "ledger/tile.h"

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
/* Forgets the leaves from `size` on: for appends whose commit failed. CHECKs size <= the present one, and that
 * nothing of it was stored (merkle_stored) since; 0 is always allowed. */
void merkle_truncate(struct merkle *t, uint64_t size);

uint64_t merkle_size(const struct merkle *t);
size_t merkle_bytes(const struct merkle *t); /* memory held, for the figures */
struct hash merkle_root(const struct merkle *t);
/* Root as it was at an older size; CHECKs size <= the present one. All zeroes, which is the root of no tree, when a
 * stored tile that it needs cannot be read or was changed. */
struct hash merkle_root_at(const struct merkle *t, uint64_t size);
/* Leaf hash of an index; CHECKs index < size. All zeroes as above. */
struct hash merkle_leaf_at(const struct merkle *t, uint64_t index);

/* Where full tiles are read from; false when one cannot be had. What it gives is believed only if it hashes to
 * what stands for it one level up. */
struct merkle_source {
	bool (*read)(void *ctx, int level, uint64_t n, struct hash out[TILE_WIDTH]);
	void *ctx;
};
/* Borrowed until merkle_free or until another is set; all zeroes: none. */
void merkle_set_source(struct merkle *t, struct merkle_source source);

/* Full tiles that are held in memory because nobody said that they are stored, in order of level and number. Stops
 * when fn returns false, and returns that. */
typedef bool (*merkle_tile_fn)(void *ctx, int level, uint64_t n, const struct hash hashes[TILE_WIDTH]);
bool merkle_unstored(const struct merkle *t, merkle_tile_fn fn, void *ctx);
/* All of them are with the source now: their memory is given back. CHECKs that there is a source. */
void merkle_stored(struct merkle *t);

/* The hashes of tile n of a level in the tree of the first `size` leaves, for export; returns how many, 0 when there is
 * no such tile, or when it cannot be read or was changed. */
unsigned merkle_tile(const struct merkle *t, int level, uint64_t n, uint64_t size, struct hash out[TILE_WIDTH]);

/* The hashes of the open tiles, from the lowest level up, as raw bytes (at most 8 * 255 * 32): with the source, all that
 * a tree consists of. */
void merkle_edge(const struct merkle *t, struct buf *out);
/* A tree of this size from its edge; what was there is forgotten. False, nothing changed, when the length does not fit the
 * size. The caller compares merkle_root with a root that he believes: that binds every hash of the edge. */
bool merkle_restore(struct merkle *t, uint64_t size, struct str edge);

struct merkle_proof {
	size_t count;
	struct hash hashes[MERKLE_PROOF_MAX];
};

/* Inclusion proof of the leaf `index` in the tree of the first `size` leaves (RFC 6962 2.1.1).
 * False unless index < size <= merkle_size, and when a stored tile cannot be read or was changed. */
bool merkle_prove_inclusion(const struct merkle *t, uint64_t index, uint64_t size,
	struct merkle_proof *out);
/* Consistency proof between the first m and the first n leaves (RFC 6962 2.1.2). Empty for
 * m == 0 and m == n. False unless m <= n <= merkle_size, or as above. */
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
