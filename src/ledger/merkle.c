/* The Merkle tree of the ledger (see ledger/merkle.h).
 *
 * What must remain true
 *  - levels[l] holds, at index i, the hash of leaves [i << l, (i + 1) << l), for every i with
 *    i < size >> l; nothing else of a page is ever read;
 *  - pages never move, so appending copies nothing and the tree takes 64 bytes a leaf;
 *  - proofs are built and verified exactly as RFC 6962 2.1 and RFC 9162 2.1 say: the two halves
 *    share only merkle_node, so that a mistake in one is caught by the other. */
#include "ledger/merkle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum {
	LEVELS = 64,
	PAGE_BITS = 8, /* 256 hashes: as many as a tile of C2SP tlog-tiles */
	PAGE_HASHES = 1 << PAGE_BITS,
};

struct level {
	struct hash **pages;
	size_t count, cap;
};

struct merkle {
	uint64_t size;
	struct level levels[LEVELS];
};

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

/* --- storage ------------------------------------------------------------------------------------ */

struct merkle *merkle_new(void)
{
	struct merkle *t = calloc(1, sizeof *t);

	CHECK(t != NULL, "out of memory for a Merkle tree");
	return t;
}

void merkle_free(struct merkle *t)
{
	if (t == NULL)
		return;
	for (int l = 0; l < LEVELS; l++) {
		for (size_t i = 0; i < t->levels[l].count; i++)
			free(t->levels[l].pages[i]);
		free(t->levels[l].pages);
	}
	free(t);
}

static const struct hash *stored(const struct merkle *t, int level, uint64_t index)
{
	return &t->levels[level].pages[index >> PAGE_BITS][index & (PAGE_HASHES - 1)];
}

static void store(struct merkle *t, int level, uint64_t index, const struct hash *h)
{
	struct level *lv = &t->levels[level];
	size_t page = (size_t)(index >> PAGE_BITS);

	if (page == lv->cap) {
		lv->cap = lv->cap ? 2 * lv->cap : 4;
		lv->pages = realloc(lv->pages, lv->cap * sizeof *lv->pages);
		CHECK(lv->pages != NULL, "out of memory for a Merkle tree");
	}
	if (page == lv->count) {
		lv->pages[page] = malloc(PAGE_HASHES * sizeof *lv->pages[page]);
		CHECK(lv->pages[page] != NULL, "out of memory for a Merkle tree");
		lv->count++;
	}
	lv->pages[page][index & (PAGE_HASHES - 1)] = *h;
}

uint64_t merkle_append(struct merkle *t, const struct hash *leaf)
{
	uint64_t index = t->size;
	struct hash h = *leaf;
	uint64_t at = index;
	int level = 0;

	CHECK(index < UINT64_C(1) << 63, "a Merkle tree of 2^63 leaves");
	store(t, 0, index, &h);
	for (; at & 1; at >>= 1) {
		h = merkle_node(stored(t, level, at - 1), &h);
		store(t, ++level, at >> 1, &h);
	}
	t->size = index + 1;
	return index;
}

void merkle_truncate(struct merkle *t, uint64_t size)
{
	CHECK(size <= t->size, "a Merkle tree can only be cut to a smaller size");
	t->size = size; /* pages stay: they are written again before they are read */
}

uint64_t merkle_size(const struct merkle *t)
{
	return t->size;
}

size_t merkle_bytes(const struct merkle *t)
{
	size_t n = sizeof *t;

	for (int l = 0; l < LEVELS; l++)
		n += t->levels[l].count * PAGE_HASHES * sizeof(struct hash) +
			t->levels[l].cap * sizeof(struct hash *);
	return n;
}

struct hash merkle_leaf_at(const struct merkle *t, uint64_t index)
{
	CHECK(index < t->size, "no such leaf in the Merkle tree");
	return *stored(t, 0, index);
}

/* --- roots and proofs --------------------------------------------------------------------------- */

/* Largest power of two below n, for n > 1. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/* MTH of the leaves [from, to); from is a multiple of the smallest power of two >= to - from, as it
 * is in every range that comes from splitting a tree. */
static struct hash range_hash(const struct merkle *t, uint64_t from, uint64_t to)
{
	uint64_t n = to - from;

	if ((n & (n - 1)) == 0) {
		int level = __builtin_ctzll(n);

		return *stored(t, level, from >> level);
	}
	uint64_t k = split(n);
	struct hash right = range_hash(t, from + k, to);

	return merkle_node(stored(t, __builtin_ctzll(k), from >> __builtin_ctzll(k)), &right);
}

struct hash merkle_root_at(const struct merkle *t, uint64_t size)
{
	CHECK(size <= t->size, "a root of a size that the Merkle tree has not reached");
	return size == 0 ? merkle_empty() : range_hash(t, 0, size);
}

struct hash merkle_root(const struct merkle *t)
{
	return merkle_root_at(t, t->size);
}

/* Proofs are found from the root down and listed from the leaf up. */
static void proof_reverse(struct merkle_proof *p)
{
	for (size_t i = 0, j = p->count; i + 1 < j; i++) {
		struct hash h = p->hashes[i];

		p->hashes[i] = p->hashes[--j];
		p->hashes[j] = h;
	}
}

bool merkle_prove_inclusion(const struct merkle *t, uint64_t index, uint64_t size,
	struct merkle_proof *out)
{
	uint64_t from = 0, to = size;

	if (index >= size || size > t->size)
		return false;
	out->count = 0;
	while (to - from > 1) {
		uint64_t k = split(to - from);

		if (index < from + k) {
			out->hashes[out->count++] = range_hash(t, from + k, to);
			to = from + k;
		} else {
			out->hashes[out->count++] = range_hash(t, from, from + k);
			from += k;
		}
	}
	proof_reverse(out);
	return true;
}

bool merkle_prove_consistency(const struct merkle *t, uint64_t m, uint64_t n,
	struct merkle_proof *out)
{
	uint64_t from = 0, to = n;
	bool known = true; /* the verifier has the hash of what is left: it is the old root */

	if (m > n || n > t->size)
		return false;
	out->count = 0;
	if (m == 0)
		return true;
	while (m != to - from) {
		uint64_t k = split(to - from);

		if (m <= k) {
			out->hashes[out->count++] = range_hash(t, from + k, to);
			to = from + k;
		} else {
			out->hashes[out->count++] = range_hash(t, from, from + k);
			from += k;
			m -= k;
			known = false;
		}
	}
	if (!known)
		out->hashes[out->count++] = range_hash(t, from, to);
	proof_reverse(out);
	return true;
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
