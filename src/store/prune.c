/* Giving up old entries. See store/prune.h. */
#include "store/prune.h"

#include "journal_int.h"

uint64_t prune_base(struct journal *j)
{
	sqlite3_stmt *s = NULL;
	uint64_t n = 0;
	if (sqlite3_prepare_v2(j->db, "SELECT count FROM base", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* --- the entry of an instant ---------------------------------------------------------------------- */

static bool row_stamp(void *ctx, const struct journal_row *row)
{
	int64_t *stamp = ctx;
	*stamp = row->entry.stamp;
	return false;
}

enum err prune_entry_at(struct journal *j, int64_t stamp, uint64_t *entry, struct fault *fault)
{
	uint64_t low = prune_base(j), high;
	enum err e = journal_head(j, &high, fault);
	while (e == ERR_OK && low < high) {
		uint64_t middle = low + (high - low) / 2;
		int64_t at = 0;
		e = journal_tail(j, middle, middle + 1, row_stamp, &at, fault);
		if (at < stamp)
			low = middle + 1;
		else
			high = middle;
	}
	*entry = low;
	return e;
}

/* --- the state ------------------------------------------------------------------------------------- */

enum err prune_state(struct journal *j, uint64_t before, struct buf *snapshot, struct fault *fault)
{
	struct engine *e = engine_new();
	enum err err = load_until(j, e, before, fault);
	if (err == ERR_OK && engine_link(e)->next != before)
		err = fault_set(fault, ERR_LIMIT, 0, 0, "the journal ends at entry %llu, before %llu", (unsigned long long)engine_link(e)->next,
			(unsigned long long)before);
	if (err == ERR_OK)
		engine_snapshot(e, snapshot);
	engine_free(e);
	return err;
}

/* --- the rows -------------------------------------------------------------------------------------- */

static enum err prune_inside(struct journal *j, uint64_t epoch, uint64_t before, struct str snapshot, uint64_t *removed,
	struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	if (journal_epoch(j) != epoch)
		return fault_set(fault, ERR_FENCED, 0, 0, "another console took the lead; nothing was removed");
	enum err e = base_put(j, before, snapshot, fault);
	/* One that stands in the middle of what goes has no entry after it. */
	if (e == ERR_OK && sqlite3_prepare_v2(j->db, "DELETE FROM snapshot WHERE count < ?", -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_int64(s, 1, (sqlite3_int64)before);
	if (e == ERR_OK && (!s || sqlite3_step(s) != SQLITE_DONE))
		e = store_fault(j, fault, "removing entries");
	sqlite3_finalize(s);
	s = NULL;
	if (e == ERR_OK)
		e = store_exec(j, "DELETE FROM snapshot_part WHERE count NOT IN (SELECT count FROM snapshot)", fault, "removing entries");
	if (e != ERR_OK)
		return e;
	e = certificates_keep(j, before, fault);
	if (e != ERR_OK)
		return e;
	if (sqlite3_prepare_v2(j->db, "DELETE FROM journal WHERE number > 0 AND number < ?", -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_int64(s, 1, (sqlite3_int64)before);
	if (!s || sqlite3_step(s) != SQLITE_DONE)
		e = store_fault(j, fault, "removing entries");
	sqlite3_finalize(s);
	*removed = (uint64_t)sqlite3_changes64(j->db);
	return e;
}

enum err prune_rows(struct journal *j, uint64_t epoch, uint64_t before, struct str snapshot, uint64_t *removed, struct fault *fault)
{
	enum err e = store_exec(j, "BEGIN IMMEDIATE", fault, "removing entries");
	*removed = 0;
	if (e != ERR_OK)
		return e;
	e = prune_inside(j, epoch, before, snapshot, removed, fault);
	if (e == ERR_OK)
		e = store_exec(j, "COMMIT", fault, "removing entries");
	if (e != ERR_OK) {
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
		return e;
	}
	/* Without room for a copy the file stays as large as it was; what was freed in it is used again. */
	sqlite3_exec(j->db, "VACUUM", NULL, NULL, NULL);
	return ERR_OK;
}
