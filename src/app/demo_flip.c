/* `:demo flip`: changes one byte in the stored copy of the newest plan's snapshot, and changes it back the next time.
 *
 * It shows what the digest on the ledger is for: verifying that decision then names the copy that lies. Only the
 * throw-away ledger of a demonstration can be touched like this; the journal itself never is. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "demo_int.h"

static const struct decision *newest_plan(const struct tabs *s)
{
	const struct decision *plan = NULL;
	TAB_FOR(decision, d, s, &DECISION_REC, "")
		if (d->number > 0 && (!plan || d->number > plan->number) && !hash_is_zero(&d->snapshot))
			plan = d;
	return plan;
}

/* Turns one bit of the middle byte of a stored blob; false when there is none or it cannot be written. */
static bool flip_blob(sqlite3 *db, const struct hash *digest)
{
	sqlite3_stmt *get = NULL, *put = NULL;
	struct buf bytes = { 0 };
	bool done = false;
	if (sqlite3_prepare_v2(db, "SELECT bytes FROM evidence WHERE digest = ?", -1, &get, NULL) == SQLITE_OK) {
		sqlite3_bind_blob(get, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
		if (sqlite3_step(get) == SQLITE_ROW)
			buf_add(&bytes, sqlite3_column_blob(get, 0), (size_t)sqlite3_column_bytes(get, 0));
	}
	sqlite3_finalize(get);
	if (bytes.len && sqlite3_prepare_v2(db, "UPDATE evidence SET bytes = ? WHERE digest = ?", -1, &put, NULL) == SQLITE_OK) {
		bytes.ptr[bytes.len / 2] = (char)(bytes.ptr[bytes.len / 2] ^ 1);
		sqlite3_bind_blob(put, 1, bytes.ptr, (int)bytes.len, SQLITE_STATIC);
		sqlite3_bind_blob(put, 2, digest->bytes, HASH_SIZE, SQLITE_STATIC);
		done = sqlite3_step(put) == SQLITE_DONE;
	}
	sqlite3_finalize(put);
	buf_free(&bytes);
	return done;
}

void demo_flip(struct demo *d, char said[240])
{
	const struct tabs *s = engine_tabs(runtime_engine(d->runtime));
	const struct decision *plan = d->flipped[0] ? tab_get(s, &DECISION_REC, d->flipped) : newest_plan(s);
	char path[PATH_TEXT_MAX + 16];
	sqlite3 *db = NULL;
	snprintf(path, sizeof(path), "%s/wharf.db", d->dir);
	bool open = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK;
	sqlite3_busy_timeout(db, 1000);
	if (!plan || !open || !flip_blob(db, &plan->snapshot)) {
		snprintf(said, 240, "no stored snapshot was changed");
	} else if (d->flipped[0]) {
		snprintf(said, 240, "the stored copy of plan %lld is whole again", (long long)plan->number);
		d->flipped[0] = 0;
	} else {
		snprintf(said, 240, "one bit of the stored copy of plan %lld was turned: v on it, in Decisions, says so; `:demo flip` turns it back",
			(long long)plan->number);
		memcpy(d->flipped, plan->id, sizeof(d->flipped));
	}
	sqlite3_close(db);
}
