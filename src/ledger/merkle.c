/* Merkle hashing, the verification of proofs and the drawing of a path (see ledger/merkle.h).
 *
 * Must remain true: proofs are verified exactly as RFC 6962 2.1 and RFC 9162 2.1 say, and this half shares only
 * merkle_node with the one that builds them (merkle_tree.c), so that a mistake in one is caught by the other. */
#include "ledger/merkle.h"

#include <string.h>

/* --- hashing ------------------------------------------------------------------------------------ */

struct hash merkle_empty(void)
{
	return hash_of("", 0);
}

struct hash merkle_leaf(const void *bytes, size_t len)
{
	static const uint8_t prefix = 0x00;
	struct part parts[] = { { &prefix, 1 }, { bytes, len } };

	return hash_parts(parts, 2);
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
	uint8_t bytes[1 + 2 * HASH_SIZE];

	bytes[0] = 0x01;
	memcpy(bytes + 1, left->bytes, HASH_SIZE);
	memcpy(bytes + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
	return hash_of(bytes, sizeof bytes);
}

/* --- verification ------------------------------------------------------------------------------- */

/* Climbs over the levels in which the node is a right edge without a sibling (RFC 9162 2.1.3.2). */
static void climb(uint64_t *fn, uint64_t *sn)
{
	while ((*fn & 1) == 0 && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

bool merkle_inclusion_root(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t count, struct hash *root)
{
	if (index >= size)
		return false;
	uint64_t fn = index, sn = size - 1;
	struct hash r = *leaf;

	for (size_t i = 0; i < count; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			r = merkle_node(&proof[i], &r);
			climb(&fn, &sn);
		} else {
			r = merkle_node(&r, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return false;
	*root = r;
	return true;
}

bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct hash *proof, size_t count, const struct hash *root)
{
	struct hash r;

	return merkle_inclusion_root(index, size, leaf, proof, count, &r) && hash_eq(&r, root);
}

/* 0 < m < n and both roots are hashes. */
static bool consistency_holds(uint64_t m, uint64_t n, const struct hash *root1,
	const struct hash *root2, const struct hash *proof, size_t count)
{
	uint64_t fn = m - 1, sn = n - 1;
	struct hash fr, sr;
	size_t i = 0;

	if (count == 0)
		return false;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	fr = sr = fn == 0 ? *root1 : proof[i++];
	for (; i < count; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			fr = merkle_node(&proof[i], &fr);
			sr = merkle_node(&proof[i], &sr);
			climb(&fn, &sn);
		} else {
			sr = merkle_node(&sr, &proof[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&fr, root1) && hash_eq(&sr, root2);
}

bool merkle_verify_consistency(uint64_t m, uint64_t n, const struct hash *root1,
	const struct hash *root2, const struct hash *proof, size_t count)
{
	struct hash empty = merkle_empty();

	if (m > n)
		return false;
	if (m == 0 && !hash_eq(root1, &empty))
		return false;
	if (m == n)
		return count == 0 && hash_eq(root1, root2);
	if (m == 0)
		return count == 0;
	return consistency_holds(m, n, root1, root2, proof, count);
}

bool merkle_check_consistency(uint64_t m, uint64_t n, struct str root1, struct str root2,
	const struct hash *proof, size_t count)
{
	struct hash r1, r2;

	if (m == n && m != 0)
		return count == 0 && str_eq(root1, root2);
	if (root1.len != HASH_SIZE || root2.len != HASH_SIZE)
		return false;
	memcpy(r1.bytes, root1.ptr, HASH_SIZE);
	memcpy(r2.bytes, root2.ptr, HASH_SIZE);
	return merkle_verify_consistency(m, n, &r1, &r2, proof, count);
}

/* --- the drawing of one path ---------------------------------------------------------------------- */

/* Largest power of two below n, for n > 1. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* One node of the path from the root to the leaf, and the sibling beside it. */
struct step {
	uint64_t from, to;         /* the node's leaves, to is one past the last */
	uint64_t other_from, other_to;
	uint64_t rails;            /* of rows at this depth */
	bool left;                 /* the node is the left child: its sibling is drawn below it */
};

/* Fills steps[0 … depth], root first; returns the leaf's depth. */
static size_t path_steps(uint64_t index, uint64_t size, struct step steps[MERKLE_PROOF_MAX + 1])
{
	size_t depth = 0;

	steps[0] = (struct step){ .from = 0, .to = size };
	while (steps[depth].to - steps[depth].from > 1) {
		const struct step *up = &steps[depth];
		uint64_t cut = up->from + split(up->to - up->from);
		struct step *s = &steps[++depth];

		s->left = index < cut;
		s->from = s->left ? up->from : cut;
		s->to = s->left ? cut : up->to;
		s->other_from = s->left ? cut : up->from;
		s->other_to = s->left ? up->to : cut;
		s->rails = up->rails | (depth > 1 && up->left ? UINT64_C(1) << (depth - 1) : 0);
	}
	return depth;
}

static struct merkle_row sibling_row(const struct step *s, size_t depth, const struct hash *h)
{
	return (struct merkle_row){ .from = s->other_from, .to = s->other_to - 1, .hash = *h,
		.rails = s->rails, .depth = (uint8_t)depth, .is_last = s->left, .part = MERKLE_GIVEN };
}

size_t merkle_path_view(uint64_t index, uint64_t size, const struct hash *leaf,
	const struct merkle_proof *proof, struct merkle_row rows[MERKLE_ROWS_MAX])
{
	struct step steps[MERKLE_PROOF_MAX + 1];
	struct hash hashes[MERKLE_PROOF_MAX + 1];
	size_t depth, n = 0;

	if (index >= size || size > UINT64_C(1) << 63)
		return 0;
	depth = path_steps(index, size, steps);
	if (proof->count != depth)
		return 0;
	hashes[depth] = *leaf;
	for (size_t d = depth; d > 0; d--) {
		const struct hash *other = &proof->hashes[depth - d];

		hashes[d - 1] = steps[d].left ? merkle_node(&hashes[d], other) :
			merkle_node(other, &hashes[d]);
	}
	for (size_t d = 0; d <= depth; d++) {
		if (d > 0 && !steps[d].left)
			rows[n++] = sibling_row(&steps[d], d, &proof->hashes[depth - d]);
		rows[n++] = (struct merkle_row){ .from = steps[d].from, .to = steps[d].to - 1,
			.hash = hashes[d], .rails = steps[d].rails, .depth = (uint8_t)d,
			.is_last = !steps[d].left, .part = d == depth ? MERKLE_THE_LEAF : MERKLE_COMPUTED };
	}
	for (size_t d = depth; d > 0; d--)
		if (steps[d].left)
			rows[n++] = sibling_row(&steps[d], d, &proof->hashes[depth - d]);
	return n;
}
