/* Tiles of the tree and bundles of entries: C2SP tlog-tiles, as pure functions.
 *
 * A tile is 256 neighbouring hashes of one level, level l standing 8 * l levels above the leaves: hash i of tile n
 * is the root of the leaves [(256 n + i) * 256^l, (256 n + i + 1) * 256^l). The last tile of a level may be partial:
 * 1 to 255 hashes, whole subtrees only. An entry bundle holds the entries under a tile of level 0, each as a
 * big-endian 16-bit length and its bytes.
 *
 * Must remain true: a path names one tile and a tile has one path; what is read back encodes to the same bytes;
 * a hash that stands in a tile never changes, so a full tile is the same in every later tree. */
#ifndef WHARF_LEDGER_TILE_H
#define WHARF_LEDGER_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

enum {
	TILE_BITS = 8,
	TILE_WIDTH = 1 << TILE_BITS,
	TILE_BYTES = TILE_WIDTH * HASH_SIZE, /* of a full tile */
	TILE_LEVELS = 8,                     /* 256^8 leaves are more than 2^63 */
	TILE_ENTRIES = -1,                   /* in place of a level: the bundle of entries */
	TILE_ENTRY_MAX = 65535,              /* bytes of one entry of a bundle */
	TILE_PATH_MAX = 64,                  /* bytes of any path with its NUL */
};

struct tile {
	int level;      /* 0 … 7, or TILE_ENTRIES */
	uint64_t n;     /* number within its level, from 0; at most (2^63 - 1) >> 8 */
	unsigned width; /* hashes or entries, 1 … 256; below 256 it is partial */
};

/* How many hashes tile n of a level has in the tree of `size` leaves: 0 (it does not exist) … 256. The bundle
 * n has the width of tile n of level 0 (level TILE_ENTRIES is taken as 0). */
unsigned tile_width(int level, uint64_t n, uint64_t size);
/* Full tiles of a level in the tree of `size` leaves; the partial one after them, if its width is not 0. */
uint64_t tile_full(int level, uint64_t size);
unsigned tile_partial(int level, uint64_t size);

/* "tile/0/x001/x234/067", with ".p/W" when partial; "tile/entries/000" for bundles. The bytes written without the
 * NUL. CHECKs the ranges of struct tile. */
size_t tile_path(const struct tile *t, char out[TILE_PATH_MAX]);
/* The reverse: false, nothing written, for any other spelling (leading zeros, a missing x, width 0 or 256 after
 * ".p/", levels above 7, numbers that no tree reaches). */
bool tile_path_read(struct str path, struct tile *out);

/* Raw hashes as a tile stores them: false unless len is exactly 32 * width. */
bool tile_read(struct str bytes, unsigned width, struct hash *out);
/* Root of the first `width` hashes (1 … 256) as subtrees of equal size: of a full tile, the hash that stands for it
 * one level up. RFC 6962 2.1. */
struct hash tile_root(const struct hash *hashes, unsigned width);

/* Appends one entry to a bundle; false, nothing appended, when it is longer than TILE_ENTRY_MAX. */
bool tile_bundle_add(struct buf *out, struct str entry);
/* Reads a bundle of exactly `width` entries into out, pointing into bytes. False when one is cut short, or when
 * fewer or more are there. */
bool tile_bundle_read(struct str bytes, unsigned width, struct str *out);

#endif
