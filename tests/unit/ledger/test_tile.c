/* Tiles: widths, paths and encodings of C2SP tlog-tiles, and their hashes against the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ledger/merkle.h"
#include "ledger/tile.h"

/* The example of the specification: 70,000 entries. */
static void widths_of_the_published_example(void **state)
{
	(void)state;
	assert_int_equal(tile_full(0, 70000), 273);
	assert_int_equal(tile_partial(0, 70000), 112);
	assert_int_equal(tile_full(1, 70000), 1);
	assert_int_equal(tile_partial(1, 70000), 17);
	assert_int_equal(tile_full(2, 70000), 0);
	assert_int_equal(tile_partial(2, 70000), 1);
	assert_int_equal(tile_width(3, 0, 70000), 0);
	assert_int_equal(tile_width(0, 272, 70000), 256);
	assert_int_equal(tile_width(0, 273, 70000), 112);
	assert_int_equal(tile_width(0, 274, 70000), 0);
	assert_int_equal(tile_width(TILE_ENTRIES, 273, 70000), 112);
	assert_int_equal(tile_width(0, 0, 0), 0);
	assert_int_equal(tile_width(0, 0, 256), 256);
	assert_int_equal(tile_width(0, 1, 256), 0); /* no empty tile */
	assert_int_equal(tile_width(1, 0, 256), 1);
	assert_int_equal(tile_width(7, 0, UINT64_C(1) << 62), 64);
}

static const struct {
	struct tile tile;
	const char *path;
} PATHS[] = {
	{ { 0, 0, 256 }, "tile/0/000" },
	{ { 0, 5, 256 }, "tile/0/005" },
	{ { 0, 273, 112 }, "tile/0/273.p/112" },
	{ { 1, 1, 17 }, "tile/1/001.p/17" },
	{ { 0, 1234067, 256 }, "tile/0/x001/x234/067" },
	{ { 0, 1234067, 1 }, "tile/0/x001/x234/067.p/1" },
	{ { 2, 1000, 256 }, "tile/2/x001/000" },
	{ { TILE_ENTRIES, 1234067, 8 }, "tile/entries/x001/x234/067.p/8" },
	{ { TILE_ENTRIES, 0, 256 }, "tile/entries/000" },
	{ { 0, (UINT64_C(1) << 55) - 1, 255 }, "tile/0/x036/x028/x797/x018/x963/967.p/255" },
};

static void paths_there_and_back(void **state)
{
	char path[TILE_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
		struct tile t;

		assert_int_equal(tile_path(&PATHS[i].tile, path), strlen(PATHS[i].path));
		assert_string_equal(path, PATHS[i].path);
		assert_true(tile_path_read(str_of(PATHS[i].path), &t));
		assert_int_equal(t.level, PATHS[i].tile.level);
		assert_int_equal(t.n, PATHS[i].tile.n);
		assert_int_equal(t.width, PATHS[i].tile.width);
	}
}

static void other_spellings_are_refused(void **state)
{
	static const char *const BAD[] = { "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
		"tile/00/000", "tile/8/000", "tile/-1/000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/x001/",
		"tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/01", "tile/0/001.p/", "tile/0/001.p/1x", "tile/0/001/",
		"/tile/0/001", "tile/0/+01", "tile/0/x036/x028/x797/x018/x963/968", "tile/0/x999/x999/x999/x999/x999/999",
		"tile/0/x001/x001/x001/x001/x001/x001/001", "tile/entry/001", "tile/entries", "tile/0/001.p/1 ", "checkpoint" };

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct tile t;

		assert_false(tile_path_read(str_of(BAD[i]), &t));
	}
}

static void roots_of_tiles_are_those_of_trees(void **state)
{
	struct merkle *t = merkle_new();
	struct hash leaves[TILE_WIDTH];

	(void)state;
	for (unsigned i = 0; i < TILE_WIDTH; i++) {
		struct hash root, have;

		leaves[i] = merkle_leaf(&i, sizeof i);
		merkle_append(t, &leaves[i]);
		root = merkle_root(t);
		have = tile_root(leaves, i + 1);
		assert_memory_equal(&root, &have, sizeof root);
	}
	merkle_free(t);
}

static void hashes_need_their_exact_length(void **state)
{
	uint8_t bytes[3 * HASH_SIZE] = { 1, 2, 3 };
	struct hash out[3];

	(void)state;
	assert_true(tile_read((struct str){ (char *)bytes, sizeof bytes }, 3, out));
	assert_memory_equal(out, bytes, sizeof bytes);
	assert_false(tile_read((struct str){ (char *)bytes, sizeof bytes - 1 }, 3, out));
	assert_false(tile_read((struct str){ (char *)bytes, sizeof bytes }, 2, out));
	assert_false(tile_read((struct str){ (char *)bytes, 0 }, 0, out));
}

static void bundles_there_and_back(void **state)
{
	static char large[TILE_ENTRY_MAX + 1];
	struct buf b = { 0 };
	struct str out[3];

	(void)state;
	assert_true(tile_bundle_add(&b, STR("first")));
	assert_true(tile_bundle_add(&b, STR("")));
	assert_true(tile_bundle_add(&b, (struct str){ large, TILE_ENTRY_MAX }));
	assert_false(tile_bundle_add(&b, (struct str){ large, TILE_ENTRY_MAX + 1 }));
	assert_int_equal(b.len, 6 + 5 + TILE_ENTRY_MAX);
	assert_memory_equal(b.ptr, "\0\5first\0\0\xff\xff", 11);
	assert_true(tile_bundle_read(buf_view(&b), 3, out));
	assert_true(str_is(out[0], "first"));
	assert_int_equal(out[1].len, 0);
	assert_int_equal(out[2].len, TILE_ENTRY_MAX);
	assert_false(tile_bundle_read(buf_view(&b), 2, out));
	assert_false(tile_bundle_read((struct str){ b.ptr, b.len - 1 }, 3, out));
	assert_false(tile_bundle_read((struct str){ b.ptr, 8 }, 2, out));
	assert_false(tile_bundle_read((struct str){ b.ptr, 0 }, 0, out));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_of_the_published_example),
		cmocka_unit_test(paths_there_and_back),
		cmocka_unit_test(other_spellings_are_refused),
		cmocka_unit_test(roots_of_tiles_are_those_of_trees),
		cmocka_unit_test(hashes_need_their_exact_length),
		cmocka_unit_test(bundles_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
