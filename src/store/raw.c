/* Raw batches and their retention. See store/raw.h. */
#include "store/raw.h"

#include <string.h>

#include "base/instant.h"
#include "contract/state.h"
#include "journal_int.h"

bool raw_over(const struct tabs *s, const struct batch *b, int64_t stamp)
{
	int64_t days = policy_int(s, "retention.batch_days", 0);
	return days > 0 && stamp >= b->to + days * INSTANT_DAY;
}

/* The size of a blob, -1 when it is not there. */
static int64_t raw_size(sqlite3_stmt *s, const struct hash *digest)
{
	sqlite3_reset(s);
	sqlite3_bind_blob(s, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
	sqlite3_reset(s);
	return n;
}

static enum err raw_remove(struct journal *j, sqlite3_stmt *s, const struct hash *digest, struct fault *fault)
{
	sqlite3_reset(s);
	sqlite3_bind_blob(s, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	enum err e = sqlite3_step(s) == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "removing raw evidence");
	sqlite3_reset(s);
	return e;
}

enum err raw_prune(struct journal *j, const struct tabs *s, int64_t stamp, int64_t before, struct raw_report *out,
	struct fault *fault)
{
	sqlite3_stmt *look = NULL, *drop = NULL;
	memset(out, 0, sizeof(*out));
	enum err e = store_exec(j, "PRAGMA secure_delete = ON; BEGIN IMMEDIATE", fault, "removing raw evidence");
	if (e != ERR_OK)
		return e;
	if (sqlite3_prepare_v2(j->db, "SELECT length(bytes) FROM evidence WHERE digest = ? AND kind = 'batch'", -1, &look, NULL)
		!= SQLITE_OK || sqlite3_prepare_v2(j->db, "DELETE FROM evidence WHERE digest = ? AND kind = 'batch'", -1, &drop, NULL)
		!= SQLITE_OK)
		e = store_fault(j, fault, "removing raw evidence");
	for (const struct batch *b = tab_first(s, &BATCH_REC, ""); b && e == ERR_OK; b = tab_next(s, &BATCH_REC, b->id)) {
		int64_t size = b->to < before && !hash_is_zero(&b->digest) ? raw_size(look, &b->digest) : -1;
		if (size < 0)
			continue;
		if (!raw_over(s, b, stamp)) {
			out->kept++;
			continue;
		}
		e = raw_remove(j, drop, &b->digest, fault);
		out->removed++;
		out->bytes += (uint64_t)size;
	}
	sqlite3_finalize(look);
	sqlite3_finalize(drop);
	if (e == ERR_OK)
		e = store_exec(j, "COMMIT", fault, "removing raw evidence");
	if (e != ERR_OK)
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}
