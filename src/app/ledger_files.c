/* Checking of directories that were handed out. See ledger_files.h. */
#include "ledger_files.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_int.h"
#include "base/check.h"
#include "ledger/tile.h"

/* --- exports -------------------------------------------------------------------------------------- */

struct export_files {
	const char *dir;
	size_t read; /* files of entries/ that the manifest led to */
};

static enum err read_exported(void *ctx, const char *name, size_t most, struct buf *out, struct fault *fault)
{
	struct export_files *f = ctx;
	char path[PATH_TEXT_MAX + EXPORT_NAME_MAX + 8];
	snprintf(path, sizeof(path), "%.1000s/%s", f->dir, name);
	f->read += strncmp(name, "entries/", 8) == 0;
	enum err e = file_read(path, most, out, fault);
	return e == ERR_NOT_FOUND ? fault_set(fault, ERR_TAMPERED, 0, 0, "%.300s is missing. Refuse the export.", path) : e;
}

enum err ledger_check_export(const char *dir, const struct tlog_policy *policy, struct export_report *out, struct fault *fault)
{
	struct export_files f = { .dir = dir };
	char path[PATH_TEXT_MAX + 32];
	size_t there = 0;
	enum err e = export_check(read_exported, &f, policy, out, fault);
	if (e != ERR_OK)
		return e;
	snprintf(path, sizeof(path), "%.1000s/entries", dir);
	DIR *d = opendir(path);
	for (struct dirent *one; d && (one = readdir(d));)
		there += one->d_name[0] != '.';
	if (d)
		closedir(d);
	if (there != f.read)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "%.300s holds %zu files, the manifest names %zu. Refuse the export.", path, there, f.read);
	return ERR_OK;
}

/* --- tiles ---------------------------------------------------------------------------------------- */

struct tiles_check {
	const char *dir;
	uint64_t size;
	struct hash hashes[TILE_LEVELS][TILE_WIDTH]; /* the tile of each level that the walk is in */
	struct tiles_report *out;
	struct fault *fault;
};

static enum err read_tile(struct tiles_check *c, const struct tile *t, struct buf *out)
{
	char path[TILE_PATH_MAX], whole[PATH_TEXT_MAX + TILE_PATH_MAX + 8];
	tile_path(t, path);
	snprintf(whole, sizeof(whole), "%.1000s/%s", c->dir, path);
	return file_read(whole, t->level == TILE_ENTRIES ? (size_t)TILE_WIDTH * (2 + TILE_ENTRY_MAX) : TILE_BYTES, out, c->fault);
}

static enum err bad_tile(struct tiles_check *c, const struct tile *t, const char *what)
{
	char path[TILE_PATH_MAX];
	tile_path(t, path);
	return fault_set(c->fault, ERR_TAMPERED, 0, 0, "%.200s/%s: %s. Refuse the tiles.", c->dir, path, what);
}

/* Every entry of the bundle hashes to its place in the tile of level 0 that was read before. */
static enum err check_bundle(struct tiles_check *c, uint64_t n, unsigned width)
{
	struct tile t = { TILE_ENTRIES, n, width };
	struct buf bytes = { 0 };
	struct str entries[TILE_WIDTH];
	enum err e = read_tile(c, &t, &bytes);
	if (e == ERR_NOT_FOUND && width == TILE_WIDTH) {
		c->out->pruned++;
		buf_free(&bytes);
		return ERR_OK;
	}
	if (e == ERR_OK && !tile_bundle_read(buf_view(&bytes), width, entries))
		e = bad_tile(c, &t, "not as many entries as it should hold");
	for (unsigned i = 0; e == ERR_OK && i < width; i++) {
		struct hash leaf = merkle_leaf(entries[i].ptr, entries[i].len);
		if (!hash_eq(&leaf, &c->hashes[0][i]))
			e = bad_tile(c, &t, "an entry in it does not hash to its leaf");
	}
	c->out->bundles += e == ERR_OK;
	buf_free(&bytes);
	return e;
}

/* Tile n of a level, the tiles under it first; its full root goes to *root. */
static enum err check_tile(struct tiles_check *c, int level, uint64_t n, unsigned width)
{
	struct tile t = { level, n, width };
	struct buf bytes = { 0 };
	struct hash *held = c->hashes[level];
	enum err e = read_tile(c, &t, &bytes);
	if (e == ERR_OK && !tile_read(buf_view(&bytes), width, held))
		e = bad_tile(c, &t, "not as many hashes as it should hold");
	buf_free(&bytes);
	if (e != ERR_OK)
		return e;
	c->out->tiles++;
	if (level == 0)
		return check_bundle(c, n, width);
	for (unsigned i = 0; e == ERR_OK && i < width; i++) {
		e = check_tile(c, level - 1, n * TILE_WIDTH + i, TILE_WIDTH);
		struct hash root = e == ERR_OK ? tile_root(c->hashes[level - 1], TILE_WIDTH) : held[i];
		if (e == ERR_OK && !hash_eq(&root, &held[i]))
			e = bad_tile(c, &t, "a hash in it is not that of the tile below");
	}
	return e;
}

/* The tiles on the right edge, from the lowest level up, fold to the root. */
static enum err check_edge(struct tiles_check *c, struct hash *root)
{
	bool any = false;
	enum err e = ERR_OK;
	*root = merkle_empty();
	for (int level = 0; level < TILE_LEVELS && e == ERR_OK; level++) {
		unsigned width = tile_partial(level, c->size);
		if (!width)
			continue;
		e = check_tile(c, level, tile_full(level, c->size), width);
		for (unsigned left = width; e == ERR_OK && left;) {
			unsigned group = left & -left;
			left -= group;
			struct hash part = tile_root(&c->hashes[level][left], group);
			*root = any ? merkle_node(&part, root) : part;
			any = true;
		}
	}
	return e;
}

enum err ledger_check_tiles(const char *dir, const struct tlog_policy *policy, struct tiles_report *out, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf note = { 0 };
	struct hash root;
	struct tiles_check *c = calloc(1, sizeof(*c));
	CHECK(c, "out of memory");
	*c = (struct tiles_check){ .dir = dir, .out = out, .fault = fault };
	memset(out, 0, sizeof(*out));
	snprintf(path, sizeof(path), "%.1000s/checkpoint", dir);
	enum err e = file_read(path, NOTE_BYTES_MAX, &note, fault);
	if (e == ERR_OK)
		e = tlog_policy_open(policy, buf_view(&note), &out->verdict, fault);
	out->verdict.checkpoint.extensions = STR("");
	c->size = out->verdict.checkpoint.size;
	if (e == ERR_OK)
		e = check_edge(c, &root);
	if (e == ERR_OK && !hash_eq(&root, &out->verdict.checkpoint.root))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "The tiles of %.300s do not lead to the root that is signed. Refuse them.", dir);
	buf_free(&note);
	free(c);
	return e;
}
