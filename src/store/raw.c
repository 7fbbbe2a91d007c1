/* Raw batches and their retention. See store/raw.h. */
#include "store/raw.h"

#include <string.h>

#include "engine/retention.h"
#include "journal_int.h"

bool raw_given_up(const struct tabs *s, int64_t ended)
{
	return ended < retention_raw_given(s, "batch");
}

static enum err raw_remove(struct journal *j, sqlite3_stmt *s, sqlite3_int64 id, struct fault *fault)
{
	sqlite3_reset(s);
	sqlite3_bind_int64(s, 1, id);
	enum err e = sqlite3_step(s) == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "removing raw evidence");
	sqlite3_reset(s);
	return e;
}

/* Batches that left the state are in the read model all the same. */
static const char RAW_OLD[] = "SELECT e.id, length(e.bytes), b.\"to\" FROM r_batch b CROSS JOIN evidence e"
	" WHERE e." BLOB_NEAR("b.entry") " AND e.digest = b.digest AND e.kind = 'batch' AND b.\"to\" < ?";

static enum err raw_each(struct journal *j, const struct tabs *s, int64_t before, struct raw_report *out, struct fault *fault)
{
	sqlite3_stmt *look = NULL, *drop = NULL;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(j->db, RAW_OLD, -1, &look, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(j->db, "DELETE FROM evidence WHERE id = ?", -1, &drop, NULL);
	if (rc != SQLITE_OK)
		e = store_fault(j, fault, "removing raw evidence");
	if (e == ERR_OK)
		sqlite3_bind_int64(look, 1, before);
	while (e == ERR_OK && (rc = sqlite3_step(look)) == SQLITE_ROW) {
		if (!raw_given_up(s, sqlite3_column_int64(look, 2))) {
			out->kept++;
			continue;
		}
		out->removed++;
		out->bytes += (uint64_t)sqlite3_column_int64(look, 1);
		e = raw_remove(j, drop, sqlite3_column_int64(look, 0), fault);
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(j, fault, "removing raw evidence");
	sqlite3_finalize(look);
	sqlite3_finalize(drop);
	return e;
}

enum err raw_prune(struct journal *j, const struct tabs *s, int64_t before, struct raw_report *out, struct fault *fault)
{
	memset(out, 0, sizeof(*out));
	enum err e = store_exec(j, "PRAGMA secure_delete = ON; BEGIN IMMEDIATE", fault, "removing raw evidence");
	if (e != ERR_OK)
		return e;
	e = raw_each(j, s, before, out, fault);
	if (e == ERR_OK)
		e = store_exec(j, "COMMIT", fault, "removing raw evidence");
	if (e != ERR_OK)
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}
