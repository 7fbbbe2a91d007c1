/* The tree over stored tiles against the tree that keeps everything: same roots, leaves and proofs at every size,
 * through storing, cutting back and starting again from an edge; and what a changed or missing tile does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ledger/merkle.h"

enum { TILES = 300 };

/* Tiles by level and number, as a table would keep them. */
struct shelf {
	struct hash (*tiles[TILE_LEVELS][TILES])[TILE_WIDTH];
	size_t count, reads;
};

static bool shelf_read(void *ctx, int level, uint64_t n, struct hash out[TILE_WIDTH])
{
	struct shelf *s = ctx;

	s->reads++;
	if (n >= TILES || s->tiles[level][n] == NULL)
		return false;
	memcpy(out, *s->tiles[level][n], TILE_BYTES);
	return true;
}

static bool shelf_put(void *ctx, int level, uint64_t n, const struct hash hashes[TILE_WIDTH])
{
	struct shelf *s = ctx;

	assert_true(n < TILES && s->tiles[level][n] == NULL);
	s->tiles[level][n] = malloc(TILE_BYTES);
	memcpy(*s->tiles[level][n], hashes, TILE_BYTES);
	s->count++;
	return true;
}

static void shelf_free(struct shelf *s)
{
	for (int l = 0; l < TILE_LEVELS; l++)
		for (int n = 0; n < TILES; n++)
			free(s->tiles[l][n]);
}

static struct merkle *tree_over(struct shelf *s)
{
	struct merkle *t = merkle_new();

	merkle_set_source(t, (struct merkle_source){ shelf_read, s });
	return t;
}

static struct hash leaf_of(uint64_t i)
{
	return merkle_leaf(&i, sizeof i);
}

static void settle(struct merkle *t, struct shelf *s)
{
	assert_true(merkle_unstored(t, shelf_put, s));
	merkle_stored(t);
}

static uint64_t dice;

static uint64_t below(uint64_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (dice >> 33) % n;
}

static void assert_same_root(const struct merkle *a, const struct merkle *b, uint64_t size)
{
	struct hash x = merkle_root_at(a, size), y = merkle_root_at(b, size);

	assert_memory_equal(&x, &y, sizeof x);
}

static void assert_same_proofs(const struct merkle *a, const struct merkle *b, uint64_t m, uint64_t n)
{
	struct merkle_proof x, y;

	assert_true(merkle_prove_inclusion(a, m, n, &x) && merkle_prove_inclusion(b, m, n, &y));
	assert_int_equal(x.count, y.count);
	assert_memory_equal(x.hashes, y.hashes, x.count * sizeof x.hashes[0]);
	assert_true(merkle_prove_consistency(a, m, n, &x) && merkle_prove_consistency(b, m, n, &y));
	assert_int_equal(x.count, y.count);
	assert_memory_equal(x.hashes, y.hashes, x.count * sizeof x.hashes[0]);
}

static void same_at_every_size(void **state)
{
	struct shelf s = { 0 };
	struct merkle *whole = merkle_new(), *tiled = tree_over(&s);

	(void)state;
	dice = 1;
	for (uint64_t n = 0; n <= 2000; n++) {
		struct hash leaf = leaf_of(n);

		assert_same_root(whole, tiled, n);
		for (int k = 0; k < 4 && n > 0; k++)
			assert_same_proofs(whole, tiled, below(n), n);
		if (n > 0) {
			struct hash x = merkle_leaf_at(whole, n / 2), y = merkle_leaf_at(tiled, n / 2);

			assert_memory_equal(&x, &y, sizeof x);
		}
		merkle_append(whole, &leaf);
		merkle_append(tiled, &leaf);
		if (below(5) == 0)
			settle(tiled, &s);
	}
	settle(tiled, &s);
	assert_int_equal(s.count, 2000 / 256);
	merkle_free(whole);
	merkle_free(tiled);
	shelf_free(&s);
}

/* Starts the tree again from its edge. */
static struct merkle *again(struct merkle *t, struct shelf *s)
{
	struct merkle *fresh = tree_over(s);
	struct buf edge = { 0 };
	uint64_t size = merkle_size(t);
	struct hash root = merkle_root(t), have;

	merkle_edge(t, &edge);
	assert_true(edge.len <= TILE_LEVELS * 255 * HASH_SIZE);
	assert_true(merkle_restore(fresh, size, buf_view(&edge)));
	have = merkle_root(fresh);
	assert_memory_equal(&root, &have, sizeof root);
	assert_false(merkle_restore(t, size, (struct str){ "", 1 }));
	assert_false(merkle_restore(t, size + 1, buf_view(&edge)));
	buf_free(&edge);
	merkle_free(t);
	return fresh;
}

/* Random appending, committing, failing to commit and starting again, over the boundary of a tile of level 1. */
static void same_through_random_acts(void **state)
{
	struct shelf s = { 0 };
	struct merkle *whole = merkle_new(), *tiled = tree_over(&s);
	uint64_t settled = 0;

	(void)state;
	dice = 7;
	while (merkle_size(whole) < 70000) {
		for (uint64_t k = below(700); k > 0; k--) {
			struct hash leaf = leaf_of(merkle_size(whole) + settled);

			merkle_append(whole, &leaf);
			merkle_append(tiled, &leaf);
		}
		if (below(4) == 0) {
			merkle_truncate(whole, settled);
			merkle_truncate(tiled, settled);
		} else {
			settled = merkle_size(whole);
			settle(tiled, &s);
		}
		if (below(8) == 0)
			tiled = again(tiled, &s);
		assert_same_root(whole, tiled, settled);
		if (settled > 1) {
			assert_same_proofs(whole, tiled, below(settled), settled);
			uint64_t older = 1 + below(settled - 1);

			assert_same_root(whole, tiled, older);
			assert_same_proofs(whole, tiled, below(older), older);
		}
	}
	assert_int_equal(s.count, tile_full(0, settled) + tile_full(1, settled));
	assert_true(merkle_bytes(tiled) < 2 << 20); /* not 64 bytes a leaf */
	merkle_free(whole);
	merkle_free(tiled);
	shelf_free(&s);
}

static struct merkle *tree_of(struct shelf *s, uint64_t size)
{
	struct merkle *t = tree_over(s);

	for (uint64_t i = 0; i < size; i++) {
		struct hash leaf = leaf_of(i);

		merkle_append(t, &leaf);
	}
	settle(t, s);
	return t;
}

/* The published example: 70,000 leaves, and a smaller size of the same tree. */
static void tiles_for_export(void **state)
{
	struct shelf s = { 0 };
	struct merkle *t = tree_of(&s, 70000);
	struct hash out[TILE_WIDTH], root, above[TILE_WIDTH];

	(void)state;
	assert_int_equal(merkle_tile(t, 0, 273, 70000, out), 112);
	assert_int_equal(merkle_tile(t, 1, 1, 70000, out), 17);
	assert_int_equal(merkle_tile(t, 2, 0, 70000, above), 1);
	assert_int_equal(merkle_tile(t, 1, 0, 70000, out), 256);
	root = tile_root(out, 256);
	assert_memory_equal(&root, &above[0], sizeof root);
	assert_int_equal(merkle_tile(t, 0, 273, 69900, out), 12);
	assert_int_equal(merkle_tile(t, 0, 274, 70000, out), 0);
	assert_int_equal(merkle_tile(t, 3, 0, 70000, out), 0);
	assert_int_equal(merkle_tile(t, 0, 0, 70001, out), 0);
	merkle_free(t);
	shelf_free(&s);
}

/* One bit of any stored hash: nothing of its tile enters a proof, a leaf or an older root. */
static void a_changed_tile_is_not_believed(void **state)
{
	struct shelf s = { 0 };
	struct merkle *t = tree_of(&s, 66000);
	struct merkle_proof p;
	struct hash root = merkle_root(t), leaf, old;

	(void)state;
	dice = 3;
	for (int k = 0; k < 200; k++) {
		uint64_t n = below(257);
		struct hash *tile = n < 256 ? *s.tiles[0][n] : *s.tiles[1][0];
		uint64_t index = n < 256 ? n * 256 + below(256) : 65535;
		uint8_t *byte = &((uint8_t *)tile)[below(TILE_BYTES)];

		*byte ^= (uint8_t)(1 << k % 8);
		t = again(t, &s); /* the cache may hold the good one */
		assert_false(merkle_prove_inclusion(t, index, 66000, &p));
		leaf = merkle_leaf_at(t, index);
		assert_true(hash_is_zero(&leaf));
		old = merkle_root_at(t, index | 1);
		assert_true(hash_is_zero(&old));
		*byte ^= (uint8_t)(1 << k % 8);
		leaf = leaf_of(index);
		assert_true(merkle_prove_inclusion(t, index, 66000, &p));
		assert_true(merkle_verify_inclusion(index, 66000, &leaf, p.hashes, p.count, &root));
	}
	merkle_free(t);
	shelf_free(&s);
}

static void a_missing_tile_gives_no_proof(void **state)
{
	struct shelf s = { 0 };
	struct merkle *t = tree_of(&s, 2000);
	struct merkle_proof p;

	(void)state;
	free(s.tiles[0][3]);
	s.tiles[0][3] = NULL;
	assert_false(merkle_prove_inclusion(t, 800, 2000, &p));
	assert_false(merkle_prove_consistency(t, 800, 2000, &p));
	assert_true(merkle_prove_inclusion(t, 200, 2000, &p));
	assert_true(merkle_prove_consistency(t, 1024, 2000, &p));
	merkle_free(t);
	shelf_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_at_every_size),
		cmocka_unit_test(same_through_random_acts),
		cmocka_unit_test(tiles_for_export),
		cmocka_unit_test(a_changed_tile_is_not_believed),
		cmocka_unit_test(a_missing_tile_gives_no_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
