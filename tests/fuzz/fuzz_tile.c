/* Fuzzer of paths of tiles and of bundles of entries: what is read back encodes to the same bytes. The first byte of
 * the input is the width that a bundle is read with. */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "ledger/tile.h"

static void try_path(struct str bytes)
{
	char path[TILE_PATH_MAX];
	struct tile t;

	if (tile_path_read(bytes, &t))
		CHECK(str_eq(bytes, (struct str){ path, tile_path(&t, path) }), "a path has one spelling");
}

static void try_bundle(struct str bytes, unsigned width)
{
	struct str entries[TILE_WIDTH];
	struct buf again = { 0 };

	if (!tile_bundle_read(bytes, width, entries))
		return;
	for (unsigned i = 0; i < width; i++)
		CHECK(tile_bundle_add(&again, entries[i]), "what was read fits");
	CHECK(str_eq(buf_view(&again), bytes), "a bundle has one spelling");
	buf_free(&again);
}

static void try_hashes(struct str bytes, unsigned width)
{
	struct hash hashes[TILE_WIDTH];

	if (tile_read(bytes, width, hashes))
		tile_root(hashes, width);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	try_path(bytes);
	if (size == 0)
		return 0;
	bytes = (struct str){ bytes.ptr + 1, bytes.len - 1 };
	try_bundle(bytes, data[0] + 1u);
	try_hashes(bytes, data[0] + 1u);
	return 0;
}
