/* From the journal to an engine: newest good snapshot, then replay, comparing every digest.
 *
 * The replay runs the same function as the live program; an entry whose stored number, links, digests,
 * verdict or outcome differ from what the function gives is named. */
#include "journal_int.h"

#include <stdio.h>
#include <string.h>

#include "store/tiles.h"

struct load {
	struct engine *engine;
	struct fault *fault;
	bool check_signatures;
	enum err err;
	uint64_t applied;
	struct journal *journal;
	bool unsettled; /* tiles are not all stored: the tree keeps them until the next commit */
	bool rebuild;   /* read models and tiles are written anew */
};

static bool load_tampered(struct load *l, const struct journal_row *row, const char *what)
{
	l->err = fault_set(l->fault, ERR_TAMPERED, 0, 0,
		"entry %llu: %s; what is stored is not what was written. Compare with a saved checkpoint and restore a copy",
		(unsigned long long)row->entry.number, what);
	return false;
}

/* What the commits of these entries wrote beside them. */
static bool load_write(struct load *l)
{
	struct tabs *tabs = engine_tabs_mutable(l->engine);
	struct merkle *tree = engine_tree_mutable(l->engine);
	l->err = models_write(l->journal, tabs, l->fault);
	if (l->err == ERR_OK)
		l->err = tiles_write(l->journal, tree, l->fault);
	if (l->err != ERR_OK)
		return false;
	tabs_dirty_clear(tabs);
	merkle_stored(tree);
	return true;
}

/* A tile is full: it is stored, and memory need not keep it. */
static bool load_settle(struct load *l)
{
	if (l->rebuild)
		return load_write(l);
	enum err e = l->unsettled ? ERR_NOT_FOUND : tiles_settle(l->journal, engine_tree_mutable(l->engine), l->fault);
	/* Read models were written with the rows. */
	tabs_dirty_clear(engine_tabs_mutable(l->engine));
	l->unsettled = e == ERR_NOT_FOUND;
	l->err = l->unsettled ? ERR_OK : e;
	return l->err == ERR_OK;
}

static bool load_row(void *ctx, const struct journal_row *row)
{
	struct load *l = ctx;
	struct entry_link after;
	struct entry_digests digests;
	struct fault fault;
	char why[TURN_DETAIL_MAX];
	enum entry_break broken = entry_check_link(engine_link(l->engine), &row->entry, &row->digests, &after,
		&digests, &fault);
	if (broken != ENTRY_HOLDS) {
		l->err = fault_set(l->fault, ERR_TAMPERED, 0, 0, "%s", fault.text);
		return false;
	}
	if (!hash_eq(&digests.envelope, &row->digests.envelope))
		return load_tampered(l, row, "its envelope does not hash to the stored digest");
	if (l->check_signatures && engine_admit(NULL, row->entry.envelope, why) != REFUSED_NOT) {
		char what[TURN_DETAIL_MAX + 40];
		snprintf(what, sizeof(what), "it would not be admitted: %s", why);
		return load_tampered(l, row, what);
	}
	struct engine_in in = { row->entry.stamp, row->entry.epoch, row->entry.envelope, true, &row->entry, &digests };
	struct engine_out out;
	engine_step(l->engine, &in, &out);
	l->applied++;
	if (strcmp(out.entry.verdict, row->entry.verdict) != 0)
		return load_tampered(l, row, "replay gives another verdict");
	if (!hash_eq(&out.entry.outcome, &row->entry.outcome))
		return load_tampered(l, row, "replay gives another outcome");
	if (!hash_eq(&out.digests.chain, &row->digests.chain))
		return load_tampered(l, row, "replay gives another chain hash");
	return (row->entry.number + 1) % TILE_WIDTH != 0 || load_settle(l);
}

enum err journal_catch_up(struct journal *j, struct engine *e, uint64_t *applied, struct fault *fault)
{
	struct load l = { e, fault, false, ERR_OK, 0, j, false };
	enum err err = journal_tail(j, engine_link(e)->next, UINT64_MAX, load_row, &l, fault);
	if (applied)
		*applied = l.applied;
	return err != ERR_OK ? err : l.err;
}

/* A state that a key signed (zeroes: a scratch copy's own); false, and the engine is empty, when its keyring does not have that key
 * as the node's at that length. */
static bool restore_signed(struct engine *e, struct str bytes, uint64_t count, const struct hash *signer)
{
	struct hash then;
	if (!engine_restore(e, bytes, count))
		return false;
	if (hash_is_zero(signer) || (count && engine_node_key_at(e, count - 1, &then) && hash_eq(&then, signer)))
		return true;
	engine_clear(e);
	return false;
}

static bool load_snapshot(struct journal *j, struct engine *e)
{
	struct buf bytes = { 0 };
	struct hash signer;
	uint64_t count = 0, head = 0;
	struct fault ignored;
	bool good = journal_head(j, &head, &ignored) == ERR_OK
		&& snapshot_get(j, head, &count, &signer, &bytes, &ignored) == ERR_OK
		&& restore_signed(e, buf_view(&bytes), count, &signer);
	buf_free(&bytes);
	return good;
}

/* Entries that were given up: the state behind them. */
static void load_base(struct journal *j, struct engine *e)
{
	struct buf bytes = { 0 };
	struct fault ignored;
	uint64_t count = 0;
	if (base_get(j, false, &count, &bytes, &ignored) == ERR_OK)
		(void)engine_restore(e, buf_view(&bytes), count); /* else the rows that are missing are named */
	buf_free(&bytes);
}

enum err load_until(struct journal *j, struct engine *e, uint64_t to, struct fault *fault)
{
	struct load l = { e, fault, true, ERR_OK, 0, j, false };
	tiles_attach(j, engine_tree_mutable(e));
	load_base(j, e);
	enum err err = journal_tail(j, engine_link(e)->next, to, load_row, &l, fault);
	return err != ERR_OK ? err : l.err;
}

enum err journal_load(struct journal *j, struct engine *e, bool check_signatures, bool use_snapshot,
	struct fault *fault)
{
	struct load l = { e, fault, check_signatures, ERR_OK, 0, j, false };
	tiles_attach(j, engine_tree_mutable(e));
	if (!use_snapshot || !load_snapshot(j, e))
		load_base(j, e);
	enum err err = journal_tail(j, engine_link(e)->next, UINT64_MAX, load_row, &l, fault);
	tabs_dirty_clear(engine_tabs_mutable(e));
	return err != ERR_OK ? err : l.err;
}

static enum err rebuild_inside(struct journal *j, struct engine *e, struct fault *fault)
{
	struct load l = { e, fault, false, ERR_OK, 0, j, false, true };
	tiles_attach(j, engine_tree_mutable(e));
	load_base(j, e);
	/* Behind a base nothing gives older tiles, and rows of records that had left before it, again: these stay. */
	bool whole = engine_link(e)->next == 0;
	enum err err = whole ? models_drop(j, fault) : ERR_OK;
	if (err == ERR_OK)
		err = models_create(j, fault);
	if (err == ERR_OK)
		err = whole ? store_exec(j, "DELETE FROM tile", fault, "rebuilding the tiles") : models_write_all(j, engine_tabs(e), fault);
	if (err == ERR_OK)
		err = journal_tail(j, engine_link(e)->next, UINT64_MAX, load_row, &l, fault);
	if (err == ERR_OK && l.err == ERR_OK)
		load_write(&l);
	return err != ERR_OK ? err : l.err;
}

enum err journal_rebuild(struct journal *j, struct engine *e, struct fault *fault)
{
	enum err err = store_exec(j, "BEGIN IMMEDIATE", fault, "rebuilding the read models");
	if (err != ERR_OK)
		return err;
	err = rebuild_inside(j, e, fault);
	if (err == ERR_OK)
		err = store_exec(j, "COMMIT", fault, "rebuilding the read models");
	if (err != ERR_OK) {
		models_close(j);
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return err;
}
