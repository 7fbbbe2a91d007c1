/* The evidence store: plain bytes that entries name by their digest. See store/journal.h.
 *
 * Rows lie in order of arrival, and their names span by span of entries: a commit writes to the last pages of the table and to
 * those of one span of names, however much is stored. Under the digest alone every blob would touch a page of its own.
 *
 * Must remain true: what a commit writes beside entries is in the span of its first entry, so that of entry n is in the span of n
 * or the one before it (a group is shorter than a span). */
#include "journal_int.h"

#include "base/check.h"

enum err blobs_write(struct journal *j, uint64_t head, const struct journal_append *a, struct fault *fault)
{
	CHECK(a->count <= BLOB_SPAN, "a group reaches into one more span at most");
	for (size_t i = 0; i < a->blob_count; i++) {
		sqlite3_stmt *s = store_statement(j, SLOT_BLOB, "INSERT OR IGNORE INTO evidence(span, digest, kind, bytes) VALUES(?,?,?,?)");
		if (!s)
			return store_fault(j, fault, "writing evidence");
		sqlite3_bind_int64(s, 1, (sqlite3_int64)(head / BLOB_SPAN));
		sqlite3_bind_blob(s, 2, a->blobs[i].digest.bytes, HASH_SIZE, SQLITE_STATIC);
		sqlite3_bind_text(s, 3, a->blobs[i].kind, -1, SQLITE_STATIC);
		sqlite3_bind_blob64(s, 4, a->blobs[i].bytes.ptr, a->blobs[i].bytes.len, SQLITE_STATIC);
		if (sqlite3_step(s) != SQLITE_DONE)
			return store_fault(j, fault, "writing evidence");
	}
	return ERR_OK;
}

enum err evidence_put(struct journal *j, const char *kind, struct str bytes, struct hash *digest,
	struct fault *fault)
{
	uint64_t head;
	*digest = hash_of(bytes.ptr, bytes.len);
	struct journal_blob blob = { *digest, kind, bytes };
	struct journal_append a = { .blobs = &blob, .blob_count = 1 };
	enum err e = journal_head(j, &head, fault);
	return e == ERR_OK ? blobs_write(j, head, &a, fault) : e;
}

bool evidence_beside(struct journal *j, const struct hash *digest, uint64_t entry)
{
	sqlite3_stmt *s = store_statement(j, SLOT_NEAR_BLOB, "SELECT 1 FROM evidence WHERE " BLOB_NEAR("?2") " AND digest = ?1");
	if (!s)
		return false;
	sqlite3_bind_blob(s, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)entry);
	bool there = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_reset(s);
	return there;
}

/* Without its entry a blob is looked for span by span, the newest first. */
static sqlite3_stmt *blobs_find(struct journal *j, const struct hash *digest)
{
	sqlite3_stmt *s = store_statement(j, SLOT_GET_BLOB, "WITH RECURSIVE spans(span) AS (SELECT max(span) FROM evidence UNION ALL"
		" SELECT (SELECT max(e.span) FROM evidence e WHERE e.span < spans.span) FROM spans WHERE span IS NOT NULL)"
		" SELECT bytes FROM spans CROSS JOIN evidence USING(span) WHERE digest = ? LIMIT 1");
	if (s)
		sqlite3_bind_blob(s, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	return s;
}

bool evidence_has(struct journal *j, const struct hash *digest)
{
	sqlite3_stmt *s = blobs_find(j, digest);
	bool there = s && sqlite3_step(s) == SQLITE_ROW;
	if (s)
		sqlite3_reset(s);
	return there;
}

enum err evidence_get(struct journal *j, const struct hash *digest, struct buf *out, struct fault *fault)
{
	char shown[16];
	sqlite3_stmt *s = blobs_find(j, digest);
	int rc = s ? sqlite3_step(s) : SQLITE_ERROR;
	if (rc != SQLITE_ROW) {
		enum err e = rc == SQLITE_DONE ? fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence %s is not in the store", hash_short(digest, shown))
			: store_fault(j, fault, "reading evidence");
		if (s)
			sqlite3_reset(s);
		return e;
	}
	struct hash have = hash_of(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
	bool equal = hash_eq(&have, digest);
	if (equal)
		buf_add(out, sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0));
	sqlite3_reset(s);
	return equal ? ERR_OK : fault_set(fault, ERR_TAMPERED, 0, 0,
		"evidence %s does not hash to its name: the stored copy was changed, the ledger was not",
		hash_short(digest, shown));
}
