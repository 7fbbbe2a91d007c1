/* wharf ledger tiles: the tree as static files (C2SP tlog-tiles), for monitors and for anybody's web server.
 *
 *     DIR/checkpoint                 written last: what it speaks of is there
 *     DIR/tile/<L>/<N>[.p/<W>]       hashes
 *     DIR/tile/entries/<N>[.p/<W>]   leaf bytes
 *
 * Tiles are made of the leaf hashes of the tree and checked against the signed root before the checkpoint is
 * written. Full tiles never change, so one that is there with the right length is left alone. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "ledger/tile.h"
#include "ledger_int.h"

struct tiles {
	const char *dir;
	struct runtime *runtime;
	uint64_t size;
	struct hash open[TILE_LEVELS][TILE_WIDTH]; /* the tile of each level that is being filled */
	unsigned width[TILE_LEVELS];
	uint64_t number[TILE_LEVELS];
	struct buf bundle;         /* of entries */
	uint64_t next;             /* entry that comes next */
	bool given_up;             /* an entry of this bundle is no longer kept: it is not written */
	size_t missing;            /* bundles that were not written */
	size_t written, there;
	enum err err;
	struct fault *fault;
};

/* Makes the directories of a path below `dir`. */
static enum err make_folders(const char *dir, const char *path, struct fault *fault)
{
	char whole[PATH_TEXT_MAX + TILE_PATH_MAX + 8];
	snprintf(whole, sizeof(whole), "%.1000s/%s", dir, path);
	for (char *slash = whole + strlen(dir); slash && *slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(whole, 0755) != 0 && errno != EEXIST)
			return fault_set(fault, err_of_errno(errno), 0, 0, "%.300s cannot be made: %s", whole, strerror(errno));
		*slash = '/';
	}
	return ERR_OK;
}

static enum err put_tile(struct tiles *t, const struct tile *tile, struct str bytes)
{
	char path[TILE_PATH_MAX], whole[PATH_TEXT_MAX + TILE_PATH_MAX + 8];
	struct stat st;
	tile_path(tile, path);
	snprintf(whole, sizeof(whole), "%.1000s/%s", t->dir, path);
	if (tile->width == TILE_WIDTH && stat(whole, &st) == 0 && st.st_size == (off_t)bytes.len) {
		t->there++;
		return ERR_OK;
	}
	enum err e = make_folders(t->dir, path, t->fault);
	if (e == ERR_OK)
		e = file_write(whole, bytes, 0644, t->fault);
	t->written += e == ERR_OK;
	return e;
}

static enum err put_hashes(struct tiles *t, int level)
{
	struct tile tile = { level, t->number[level], t->width[level] };
	return put_tile(t, &tile, (struct str){ (const char *)t->open[level][0].bytes, t->width[level] * (size_t)HASH_SIZE });
}

/* A hash joins its level; a tile that became full is written and stands for one hash a level up. */
static enum err push_hash(struct tiles *t, int level, const struct hash *h)
{
	struct hash up = *h;
	for (; level < TILE_LEVELS; level++) {
		t->open[level][t->width[level]++] = up;
		if (t->width[level] < TILE_WIDTH)
			return ERR_OK;
		enum err e = put_hashes(t, level);
		if (e != ERR_OK)
			return e;
		up = tile_root(t->open[level], TILE_WIDTH);
		t->width[level] = 0;
		t->number[level]++;
	}
	return ERR_OK;
}

static enum err put_bundle(struct tiles *t, uint64_t n, unsigned width)
{
	struct tile tile = { TILE_ENTRIES, n, width };
	enum err e = t->given_up ? ERR_OK : put_tile(t, &tile, buf_view(&t->bundle));
	t->missing += t->given_up;
	t->given_up = false;
	buf_clear(&t->bundle);
	return e;
}

/* One more leaf; the bundle of its tile is written with the last of them. */
static enum err tiles_leaf(struct tiles *t, const struct hash *leaf)
{
	uint64_t n = t->next++;
	enum err e = push_hash(t, 0, leaf);
	return e == ERR_OK && (n + 1) % TILE_WIDTH == 0 ? put_bundle(t, n / TILE_WIDTH, TILE_WIDTH) : e;
}

/* Entries that were given up stand in the tree by their leaves alone. */
static enum err tiles_gap(struct tiles *t, uint64_t to)
{
	enum err e = ERR_OK;
	while (t->next < to && e == ERR_OK) {
		struct hash leaf = merkle_leaf_at(engine_tree(runtime_engine(t->runtime)), t->next);
		t->given_up = true;
		e = tiles_leaf(t, &leaf);
	}
	return e;
}

static bool tiles_row(void *ctx, const struct journal_row *row)
{
	struct tiles *t = ctx;
	struct entry_digests d;
	struct buf leaf = { 0 };
	uint64_t n = row->entry.number;
	if ((t->err = tiles_gap(t, n)) != ERR_OK)
		return false;
	struct hash in_tree = merkle_leaf_at(engine_tree(runtime_engine(t->runtime)), n);
	if (!entry_digest(&row->entry, NULL, &d, NULL) || !hash_eq(&d.leaf, &in_tree)) {
		t->err = fault_set(t->fault, ERR_TAMPERED, 0, 0, "entry %" PRIu64 " as stored is not a leaf of the tree; `wharf verify` says more", n);
		return false;
	}
	entry_leaf_bytes(&row->entry, &d, &leaf);
	CHECK(tile_bundle_add(&t->bundle, buf_view(&leaf)), "a leaf fits a bundle");
	buf_free(&leaf);
	t->err = tiles_leaf(t, &d.leaf);
	return t->err == ERR_OK;
}

/* The tiles that are not full, and the root that all of them lead to. */
static enum err finish(struct tiles *t, struct hash *root)
{
	enum err e = t->bundle.len ? put_bundle(t, t->size / TILE_WIDTH, (unsigned)(t->size % TILE_WIDTH)) : ERR_OK;
	bool any = false;
	*root = merkle_empty();
	for (int level = 0; level < TILE_LEVELS && e == ERR_OK; level++) {
		if (!t->width[level])
			continue;
		/* A tree splits at powers of two: the hashes of a level join from the right in groups of such sizes. */
		for (unsigned left = t->width[level]; left;) {
			unsigned group = left & -left;
			left -= group;
			struct hash part = tile_root(&t->open[level][left], group);
			*root = any ? merkle_node(&part, root) : part;
			any = true;
		}
		e = put_hashes(t, level);
	}
	return e;
}

static enum err tiles_write(struct tiles *t, struct str note, const struct checkpoint *says)
{
	char path[PATH_TEXT_MAX + 32];
	struct hash root;
	enum err e = make_folders(t->dir, "tile/", t->fault);
	if (e == ERR_OK)
		e = journal_tail(runtime_journal(t->runtime), 0, says->size, tiles_row, t, t->fault);
	if (e == ERR_OK)
		e = t->err;
	if (e == ERR_OK)
		e = tiles_gap(t, says->size);
	if (e == ERR_OK)
		e = finish(t, &root);
	if (e == ERR_OK && !hash_eq(&root, &says->root))
		e = fault_set(t->fault, ERR_TAMPERED, 0, 0, "the tiles do not lead to the signed root; `wharf verify` says what was changed");
	snprintf(path, sizeof(path), "%.1000s/checkpoint", t->dir);
	return e == ERR_OK ? file_write(path, note, 0644, t->fault) : e;
}

enum err ledger_tiles(struct cli *c, struct fault *fault)
{
	struct buf note = { 0 };
	struct checkpoint says;
	bool cosigned = cli_flag(c, "--cosigned");
	const char *dir = path_data(c, NULL), *to = cli_need(c, "DIR");
	if (cli_end(c) != ERR_OK)
		return ERR_USAGE;
	struct tiles *t = calloc(1, sizeof(*t));
	CHECK(t, "out of memory");
	t->dir = to;
	t->fault = fault;
	enum err e = open_read(dir, &t->runtime, fault);
	if (e == ERR_OK && (e = ledger_note(t->runtime, cosigned, &note, &says, fault)) == ERR_OK) {
		t->size = says.size;
		e = tiles_write(t, buf_view(&note), &says);
	}
	if (e == ERR_OK)
		printf("%s: %" PRIu64 " entries, %zu tiles written, %zu were there, %zu bundles of entries that were given up\n", to, says.size, t->written,
			t->there, t->missing);
	runtime_close(t->runtime);
	buf_free(&note);
	buf_free(&t->bundle);
	free(t);
	return e;
}
