/* The growing tree, kept as tiles (see ledger/merkle.h).
 *
 * What must remain true
 *  - the node at height h and index i is the root of the leaves [i << h, (i + 1) << h); it lies in the page of tile
 *    i >> (8 - h % 8) of level h / 8, and is there as soon as i < size >> h; nothing else of a page is ever read;
 *  - pages held in memory are those from `first` on: the open one of each level and the full ones that the source does
 *    not have yet; appending touches only these;
 *  - a tile that was read is believed only if it hashes to what stands for it one level up, and so in the end to
 *    the open pages: a stored hash that was changed cannot enter a proof. */
#include "ledger/merkle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum {
	NODES = 2 * TILE_WIDTH - 2, /* of a page: 256 hashes, and those of 2, 4 … 128 of them */
	SLOTS = 256,                /* tiles above the lowest level that were read lately */
};

struct page {
	struct hash nodes[NODES];
};

struct level {
	struct page **pages; /* of the tiles first, first + 1 … */
	size_t count, cap;
	uint64_t first;
};

struct slot {
	struct page *page; /* NULL: empty */
	int level;
	uint64_t n;
};

/* What reading through a const tree may change. Of the lowest level one page is kept: neighbours are read after
 * each other, and of random ones no cache would hold enough. */
struct cache {
	struct slot lowest, slots[SLOTS];
	bool lost; /* a tile could not be read or was not what it should be */
};

struct merkle {
	uint64_t size, stored; /* leaves; leaves when merkle_stored was last called */
	struct level levels[TILE_LEVELS];
	struct merkle_source source;
	struct cache *cache;
};

/* --- pages -------------------------------------------------------------------------------------- */

struct merkle *merkle_new(void)
{
	struct merkle *t = calloc(1, sizeof *t);

	CHECK(t != NULL, "out of memory for a Merkle tree");
	t->cache = calloc(1, sizeof *t->cache);
	CHECK(t->cache != NULL, "out of memory for a Merkle tree");
	return t;
}

static void cache_empty(struct cache *c)
{
	free(c->lowest.page);
	for (size_t i = 0; i < SLOTS; i++)
		free(c->slots[i].page);
	memset(c, 0, sizeof *c);
}

/* Frees the first `drop` pages of a level. */
static void level_drop(struct level *lv, size_t drop)
{
	for (size_t i = 0; i < drop; i++)
		free(lv->pages[i]);
	if (drop > 0)
		memmove(lv->pages, lv->pages + drop, (lv->count - drop) * sizeof(struct page *));
	lv->count -= drop;
	lv->first += drop;
}

void merkle_free(struct merkle *t)
{
	if (t == NULL)
		return;
	for (int l = 0; l < TILE_LEVELS; l++) {
		level_drop(&t->levels[l], t->levels[l].count);
		free(t->levels[l].pages);
	}
	cache_empty(t->cache);
	free(t->cache);
	free(t);
}

static struct page *page_new(void)
{
	struct page *p = malloc(sizeof *p);

	CHECK(p != NULL, "out of memory for a Merkle tree");
	return p;
}

static struct page *level_open(struct level *lv)
{
	if (lv->count == lv->cap) {
		lv->cap = lv->cap ? 2 * lv->cap : 4;
		lv->pages = realloc(lv->pages, lv->cap * sizeof(struct page *));
		CHECK(lv->pages != NULL, "out of memory for a Merkle tree");
	}
	return lv->pages[lv->count++] = page_new();
}

/* Where the node `within` of the height h % 8 lies in its page. */
static size_t node_at(unsigned height, uint64_t within)
{
	return (size_t)(2 * TILE_WIDTH - (2 * TILE_WIDTH >> height)) + (size_t)within;
}

/* The nodes above the 256 hashes of a full page. */
static void page_fill(struct page *p)
{
	for (unsigned h = 1; h < TILE_BITS; h++)
		for (uint64_t i = 0; i < (uint64_t)TILE_WIDTH >> h; i++)
			p->nodes[node_at(h, i)] = merkle_node(&p->nodes[node_at(h - 1, 2 * i)],
				&p->nodes[node_at(h - 1, 2 * i + 1)]);
}

static const struct hash *stored(const struct merkle *t, unsigned height, uint64_t index);

/* A full tile that is not in memory. NULL when it cannot be had. */
static const struct page *page_read(const struct merkle *t, int level, uint64_t n)
{
	struct slot *s = level == 0 ? &t->cache->lowest : &t->cache->slots[(n + 97 * (uint64_t)level) % SLOTS];
	struct hash root, above;

	if (s->page != NULL && s->level == level && s->n == n)
		return s->page;
	/* The tile above may need the same slot: it is asked first. */
	const struct hash *parent = stored(t, TILE_BITS * (unsigned)(level + 1), n);

	if (parent == NULL || t->source.read == NULL)
		return NULL;
	above = *parent;
	if (s->page == NULL)
		s->page = page_new();
	s->level = -1;
	if (!t->source.read(t->source.ctx, level, n, s->page->nodes))
		return NULL;
	page_fill(s->page);
	root = merkle_node(&s->page->nodes[NODES - 2], &s->page->nodes[NODES - 1]);
	if (!hash_eq(&root, &above))
		return NULL;
	s->level = level;
	s->n = n;
	return s->page;
}

/* Valid until the next call; NULL, and the tree is marked, when its tile cannot be had. */
static const struct hash *stored(const struct merkle *t, unsigned height, uint64_t index)
{
	unsigned h = height % TILE_BITS;
	int level = (int)(height / TILE_BITS);
	uint64_t n = index >> (TILE_BITS - h), within = index & (((unsigned)TILE_WIDTH >> h) - 1);
	const struct level *lv = &t->levels[level];
	const struct page *p = n >= lv->first && n - lv->first < lv->count ? lv->pages[n - lv->first] :
		page_read(t, level, n);

	if (p == NULL)
		t->cache->lost = true;
	return p != NULL ? &p->nodes[node_at(h, within)] : NULL;
}

/* --- growing ------------------------------------------------------------------------------------ */

static void store(struct merkle *t, unsigned height, uint64_t index, const struct hash *h)
{
	unsigned part = height % TILE_BITS;
	struct level *lv = &t->levels[height / TILE_BITS];
	uint64_t n = index >> (TILE_BITS - part);
	struct page *p = n - lv->first < lv->count ? lv->pages[n - lv->first] : level_open(lv);

	p->nodes[node_at(part, index & (((unsigned)TILE_WIDTH >> part) - 1))] = *h;
}

uint64_t merkle_append(struct merkle *t, const struct hash *leaf)
{
	uint64_t index = t->size;
	struct hash h = *leaf;
	uint64_t at = index;
	unsigned height = 0;

	CHECK(index < (UINT64_C(1) << 63) - 1, "a Merkle tree of 2^63 leaves");
	store(t, 0, index, &h);
	for (; at & 1; at >>= 1) {
		h = merkle_node(stored(t, height, at - 1), &h); /* in the open page, as its sibling */
		store(t, ++height, at >> 1, &h);
	}
	t->size = index + 1;
	return index;
}

void merkle_truncate(struct merkle *t, uint64_t size)
{
	CHECK(size <= t->size, "a Merkle tree can only be cut to a smaller size");
	CHECK(size >= t->stored || size == 0, "a Merkle tree is not cut below what is stored");
	for (int l = 0; l < TILE_LEVELS; l++) {
		struct level *lv = &t->levels[l];
		uint64_t keep = tile_full(l, size) + (tile_partial(l, size) > 0);

		while (lv->count > 0 && lv->first + lv->count > keep)
			free(lv->pages[--lv->count]);
		if (size == 0)
			lv->first = 0;
	}
	cache_empty(t->cache);
	t->size = size;
	t->stored = size < t->stored ? 0 : t->stored;
}

/* --- tiles -------------------------------------------------------------------------------------- */

void merkle_set_source(struct merkle *t, struct merkle_source source)
{
	t->source = source;
}

bool merkle_unstored(const struct merkle *t, merkle_tile_fn fn, void *ctx)
{
	for (int l = 0; l < TILE_LEVELS; l++) {
		const struct level *lv = &t->levels[l];

		for (uint64_t n = lv->first; n < tile_full(l, t->size); n++)
			if (!fn(ctx, l, n, lv->pages[n - lv->first]->nodes))
				return false;
	}
	return true;
}

void merkle_stored(struct merkle *t)
{
	CHECK(t->source.read != NULL, "stored tiles are read from somewhere");
	for (int l = 0; l < TILE_LEVELS; l++) {
		struct level *lv = &t->levels[l];

		level_drop(lv, (size_t)(tile_full(l, t->size) - lv->first));
	}
	t->stored = t->size;
}

void merkle_edge(const struct merkle *t, struct buf *out)
{
	for (int l = 0; l < TILE_LEVELS; l++) {
		const struct level *lv = &t->levels[l];
		unsigned width = tile_partial(l, t->size);

		if (width > 0)
			buf_add(out, lv->pages[tile_full(l, t->size) - lv->first]->nodes, width * HASH_SIZE);
	}
}

/* The open page of a level from its first hashes, with the nodes above them. */
static void level_restore(struct level *lv, uint64_t first, const char *hashes, unsigned width)
{
	struct page *p = level_open(lv);

	lv->first = first;
	memcpy(p->nodes, hashes, width * sizeof(struct hash));
	for (unsigned h = 1; h < TILE_BITS; h++)
		for (uint64_t i = 0; i < width >> h; i++)
			p->nodes[node_at(h, i)] = merkle_node(&p->nodes[node_at(h - 1, 2 * i)],
				&p->nodes[node_at(h - 1, 2 * i + 1)]);
}

bool merkle_restore(struct merkle *t, uint64_t size, struct str edge)
{
	size_t need = 0;

	for (int l = 0; l < TILE_LEVELS; l++)
		need += (size_t)tile_partial(l, size) * HASH_SIZE;
	if (edge.len != need || size >= UINT64_C(1) << 63)
		return false;
	t->stored = 0;
	merkle_truncate(t, 0);
	for (int l = 0; l < TILE_LEVELS; l++) {
		unsigned width = tile_partial(l, size);

		t->levels[l].first = tile_full(l, size);
		if (width > 0)
			level_restore(&t->levels[l], tile_full(l, size), edge.ptr, width);
		edge.ptr += (size_t)width * HASH_SIZE;
	}
	t->size = t->stored = size;
	return true;
}

unsigned merkle_tile(const struct merkle *t, int level, uint64_t n, uint64_t size, struct hash out[TILE_WIDTH])
{
	unsigned width = tile_width(level, n, size);

	if (size > t->size || level < 0)
		return 0;
	t->cache->lost = false;
	for (unsigned i = 0; i < width; i++) {
		const struct hash *h = stored(t, TILE_BITS * (unsigned)level, n * TILE_WIDTH + i);

		if (h == NULL)
			return 0;
		out[i] = *h;
	}
	return width;
}

uint64_t merkle_size(const struct merkle *t)
{
	return t->size;
}

size_t merkle_bytes(const struct merkle *t)
{
	size_t n = sizeof *t + sizeof *t->cache, pages = t->cache->lowest.page != NULL;

	for (size_t i = 0; i < SLOTS; i++)
		pages += t->cache->slots[i].page != NULL;
	for (int l = 0; l < TILE_LEVELS; l++) {
		pages += t->levels[l].count;
		n += t->levels[l].cap * sizeof(struct page *);
	}
	return n + pages * sizeof(struct page);
}

struct hash merkle_leaf_at(const struct merkle *t, uint64_t index)
{
	CHECK(index < t->size, "no such leaf in the Merkle tree");
	const struct hash *leaf = stored(t, 0, index);

	return leaf != NULL ? *leaf : (struct hash){ 0 };
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
		unsigned height = (unsigned)__builtin_ctzll(n);
		const struct hash *whole = stored(t, height, from >> height);

		return whole != NULL ? *whole : (struct hash){ 0 };
	}
	uint64_t k = split(n);
	struct hash right = range_hash(t, from + k, to), left = range_hash(t, from, from + k);

	return merkle_node(&left, &right);
}

struct hash merkle_root_at(const struct merkle *t, uint64_t size)
{
	CHECK(size <= t->size, "a root of a size that the Merkle tree has not reached");
	t->cache->lost = false;
	struct hash root = size == 0 ? merkle_empty() : range_hash(t, 0, size);

	if (t->cache->lost)
		memset(&root, 0, sizeof(root));
	return root;
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
	t->cache->lost = false;
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
	return !t->cache->lost;
}

bool merkle_prove_consistency(const struct merkle *t, uint64_t m, uint64_t n,
	struct merkle_proof *out)
{
	uint64_t from = 0, to = n;
	bool known = true; /* the verifier has the hash of what is left: it is the old root */

	if (m > n || n > t->size)
		return false;
	out->count = 0;
	t->cache->lost = false;
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
	return !t->cache->lost;
}
