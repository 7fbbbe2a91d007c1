/* Stored tiles. See store/tiles.h. */
#include "store/tiles.h"

#include <string.h>

#include "journal_int.h"

static sqlite3_int64 tile_id(int level, uint64_t n)
{
	return (sqlite3_int64)(n * TILE_LEVELS) + level;
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool tiles_read(void *ctx, int level, uint64_t n, struct hash out[TILE_WIDTH])
{
	struct fault ignored;
	return tiles_get(ctx, level, n, out, &ignored) == ERR_OK;
}

void tiles_attach(struct journal *j, struct merkle *t)
{
	merkle_set_source(t, (struct merkle_source){ tiles_read, j });
}

enum err tiles_get(struct journal *j, int level, uint64_t n, struct hash out[TILE_WIDTH], struct fault *fault)
{
	sqlite3_stmt *s = store_statement(j, SLOT_TILE_GET, "SELECT hashes FROM tile WHERE id = ?");
	enum err e = ERR_OK;
	if (!s)
		return store_fault(j, fault, "reading a tile");
	sqlite3_bind_int64(s, 1, tile_id(level, n));
	int rc = sqlite3_step(s);
	if (rc == SQLITE_DONE)
		e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "tile %d/%llu is not stored; `wharf rebuild %s` makes the tiles anew", level,
			(unsigned long long)n, j->dir);
	else if (rc != SQLITE_ROW)
		e = store_fault(j, fault, "reading a tile");
	else if (sqlite3_column_type(s, 0) != SQLITE_BLOB
		|| !tile_read((struct str){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) }, TILE_WIDTH, out))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "tile %d/%llu does not have the form it was written in", level,
			(unsigned long long)n);
	sqlite3_reset(s);
	return e;
}

/* --- writing ------------------------------------------------------------------------------------- */

struct tiles_act {
	struct journal *j;
	struct fault *fault;
	enum err err;
};

static bool tiles_put(void *ctx, int level, uint64_t n, const struct hash hashes[TILE_WIDTH])
{
	struct tiles_act *a = ctx;
	sqlite3_stmt *s = store_statement(a->j, SLOT_TILE_PUT, "INSERT OR REPLACE INTO tile VALUES(?,?)");
	if (s) {
		sqlite3_bind_int64(s, 1, tile_id(level, n));
		sqlite3_bind_blob(s, 2, hashes, TILE_BYTES, SQLITE_STATIC);
	}
	if (!s || sqlite3_step(s) != SQLITE_DONE)
		a->err = store_fault(a->j, a->fault, "writing a tile");
	if (s)
		sqlite3_reset(s);
	return a->err == ERR_OK;
}

enum err tiles_write_one(struct journal *j, int level, uint64_t n, const struct hash hashes[TILE_WIDTH], struct fault *fault)
{
	struct tiles_act a = { j, fault, ERR_OK };
	tiles_put(&a, level, n, hashes);
	return a.err;
}

enum err tiles_write(struct journal *j, const struct merkle *t, struct fault *fault)
{
	struct tiles_act a = { j, fault, ERR_OK };
	merkle_unstored(t, tiles_put, &a);
	return a.err;
}

/* --- comparing ------------------------------------------------------------------------------------ */

static bool tiles_compare(void *ctx, int level, uint64_t n, const struct hash hashes[TILE_WIDTH])
{
	struct tiles_act *a = ctx;
	struct hash have[TILE_WIDTH];
	a->err = tiles_get(a->j, level, n, have, a->fault);
	if (a->err == ERR_OK && memcmp(have, hashes, TILE_BYTES) != 0)
		a->err = fault_set(a->fault, ERR_TAMPERED, 0, 0, "tile %d/%llu is not what the entries give; the ledger holds, "
			"`wharf rebuild %s` makes the tiles anew", level, (unsigned long long)n, a->j->dir);
	return a->err == ERR_OK;
}

enum err tiles_settle(struct journal *j, struct merkle *t, struct fault *fault)
{
	struct tiles_act a = { j, fault, ERR_OK };
	if (!merkle_unstored(t, tiles_compare, &a))
		return a.err;
	tiles_attach(j, t);
	merkle_stored(t);
	return ERR_OK;
}
