/* Tiles of C2SP tlog-tiles: paths, widths, encodings (see ledger/tile.h).
 *
 * Must remain true: tile_path_read accepts exactly what tile_path writes. */
#include "ledger/tile.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "ledger/merkle.h"

/* The largest number of a tile: leaf indexes are below 2^63. */
#define TILE_N_MAX ((UINT64_C(1) << (63 - TILE_BITS)) - 1)

/* Hashes of the level that the tree of this size has: whole subtrees only. */
static uint64_t level_hashes(int level, uint64_t size)
{
	unsigned bits = level > 0 ? TILE_BITS * (unsigned)level : 0;

	return bits < 64 ? size >> bits : 0;
}

uint64_t tile_full(int level, uint64_t size)
{
	return level_hashes(level, size) >> TILE_BITS;
}

unsigned tile_partial(int level, uint64_t size)
{
	return (unsigned)(level_hashes(level, size) & (TILE_WIDTH - 1));
}

unsigned tile_width(int level, uint64_t n, uint64_t size)
{
	uint64_t full = tile_full(level, size);

	return n < full ? (unsigned)TILE_WIDTH : n == full ? tile_partial(level, size) : 0;
}

/* --- paths -------------------------------------------------------------------------------------- */

size_t tile_path(const struct tile *t, char out[TILE_PATH_MAX])
{
	unsigned groups[8];
	int count = 0, len;

	CHECK(t->level >= TILE_ENTRIES && t->level < TILE_LEVELS && t->n <= TILE_N_MAX && t->width >= 1 &&
		t->width <= TILE_WIDTH, "a tile within the ranges of its struct");
	for (uint64_t n = t->n; count == 0 || n > 0; n /= 1000)
		groups[count++] = (unsigned)(n % 1000);
	len = t->level == TILE_ENTRIES ? snprintf(out, TILE_PATH_MAX, "tile/entries") :
		snprintf(out, TILE_PATH_MAX, "tile/%d", t->level);
	while (count-- > 0)
		len += snprintf(out + len, TILE_PATH_MAX - (size_t)len, count ? "/x%03u" : "/%03u", groups[count]);
	if (t->width < TILE_WIDTH)
		len += snprintf(out + len, TILE_PATH_MAX - (size_t)len, ".p/%u", t->width);
	return (size_t)len;
}

static struct str skip(struct str s, size_t n)
{
	return (struct str){ s.ptr + n, s.len - n };
}

static bool take(struct str *s, const char *text)
{
	if (!str_starts(*s, text))
		return false;
	*s = skip(*s, strlen(text));
	return true;
}

/* Three digits. */
static bool take_group(struct str *s, uint64_t *value)
{
	*value = 0;
	if (s->len < 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		*value = *value * 10 + (uint64_t)(s->ptr[i] - '0');
	}
	*s = skip(*s, 3);
	return true;
}

/* Reads leniently; that the path is the only spelling is asked at the end. */
static bool take_number(struct str *s, uint64_t *n)
{
	uint64_t group;

	*n = 0;
	for (int i = 0; i < 6; i++) {
		bool more = take(s, "/x");

		if ((!more && !take(s, "/")) || !take_group(s, &group))
			return false;
		*n = *n * 1000 + group;
		if (!more)
			return *n <= TILE_N_MAX;
	}
	return false;
}

static bool take_width(struct str *s, unsigned *width)
{
	*width = TILE_WIDTH;
	if (s->len == 0)
		return true;
	if (!take(s, ".p/") || s->len == 0 || s->len > 3)
		return false;
	*width = 0;
	for (; s->len > 0; *s = skip(*s, 1)) {
		if (s->ptr[0] < '0' || s->ptr[0] > '9')
			return false;
		*width = *width * 10 + (unsigned)(s->ptr[0] - '0');
	}
	return *width >= 1 && *width < TILE_WIDTH;
}

bool tile_path_read(struct str path, struct tile *out)
{
	char again[TILE_PATH_MAX] = "";
	struct str rest = path;
	struct tile t = { .level = TILE_ENTRIES };

	if (!take(&rest, "tile/"))
		return false;
	if (!take(&rest, "entries")) {
		if (rest.len == 0 || rest.ptr[0] < '0' || rest.ptr[0] >= '0' + TILE_LEVELS)
			return false;
		t.level = rest.ptr[0] - '0';
		rest = skip(rest, 1);
	}
	if (!take_number(&rest, &t.n) || !take_width(&rest, &t.width))
		return false;
	size_t len = tile_path(&t, again);
	if (!str_eq(path, (struct str){ again, len }))
		return false;
	*out = t;
	return true;
}

/* --- contents ----------------------------------------------------------------------------------- */

bool tile_read(struct str bytes, unsigned width, struct hash *out)
{
	if (width < 1 || width > TILE_WIDTH || bytes.len != (size_t)width * HASH_SIZE)
		return false;
	memcpy(out, bytes.ptr, bytes.len);
	return true;
}

struct hash tile_root(const struct hash *hashes, unsigned width)
{
	struct hash row[TILE_WIDTH];

	CHECK(width >= 1 && width <= TILE_WIDTH, "a tile has 1 to 256 hashes");
	memcpy(row, hashes, width * sizeof *row);
	/* An odd last one goes up unchanged: that is the split at the largest power of two, seen from below. */
	for (unsigned n = width; n > 1; n = (n + 1) / 2) {
		for (unsigned i = 0; i < n / 2; i++)
			row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
		if (n & 1)
			row[n / 2] = row[n - 1];
	}
	return row[0];
}

bool tile_bundle_add(struct buf *out, struct str entry)
{
	if (entry.len > TILE_ENTRY_MAX)
		return false;
	buf_char(out, (char)(entry.len >> 8));
	buf_char(out, (char)(entry.len & 0xff));
	buf_str(out, entry);
	return true;
}

bool tile_bundle_read(struct str bytes, unsigned width, struct str *out)
{
	if (width < 1 || width > TILE_WIDTH)
		return false;
	for (unsigned i = 0; i < width; i++) {
		size_t len;

		if (bytes.len < 2)
			return false;
		len = (size_t)(uint8_t)bytes.ptr[0] << 8 | (uint8_t)bytes.ptr[1];
		if (bytes.len - 2 < len)
			return false;
		out[i] = (struct str){ bytes.ptr + 2, len };
		bytes = skip(bytes, 2 + len);
	}
	return bytes.len == 0;
}
