/* The memory of a witness (see store/witness.h).
 *
 * What must remain true
 *  - reading what was seen, judging and writing happen under one write lock, and the cosignature is made after the commit was
 *    synced: two requests cannot both be judged against the same memory, and nothing that was said is forgotten;
 *  - a tree in `seen` never shrinks. */
#include "store/witness.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/num.h"

#define WITNESS_SCHEMA 1

static const char SCHEMA[] =
	"CREATE TABLE IF NOT EXISTS seen(origin TEXT PRIMARY KEY, size TEXT NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL);"
	"CREATE TABLE IF NOT EXISTS cosigned(origin TEXT NOT NULL, size TEXT NOT NULL, root BLOB NOT NULL, note BLOB NOT NULL,"
	" PRIMARY KEY(origin, size));"
	"CREATE TABLE IF NOT EXISTS kept(origin TEXT NOT NULL, size TEXT NOT NULL, root BLOB NOT NULL, proven INTEGER NOT NULL,"
	" refused BLOB NOT NULL, cosigned BLOB NOT NULL, PRIMARY KEY(origin, size, root));"
	"PRAGMA user_version = 1;";

struct witness_store {
	char path[1100];
	sqlite3 *db;
	void (*probe)(void *ctx, const char *point);
	void *probe_ctx;
};

void witness_store_set_probe(struct witness_store *w, void (*probe)(void *ctx, const char *point), void *ctx)
{
	w->probe = probe;
	w->probe_ctx = ctx;
}

static void at(struct witness_store *w, const char *point)
{
	if (w->probe)
		w->probe(w->probe_ctx, point);
}

static enum err failed(struct witness_store *w, struct fault *fault, const char *doing)
{
	static const struct {
		int rc;
		enum err err;
		const char *remedy;
	} ROWS[] = {
		{ SQLITE_FULL, ERR_FULL, "the disk is full; free some space, nothing was said" },
		{ SQLITE_BUSY, ERR_BUSY, "another process is writing; try again" },
		{ SQLITE_READONLY, ERR_DENIED, "it may not be written; check its owner and permissions" },
		{ SQLITE_CANTOPEN, ERR_DENIED, "it may not be opened; check its owner and permissions" },
		{ SQLITE_CORRUPT, ERR_TAMPERED, "it is damaged; restore a copy that is not older than what was cosigned last" },
		{ SQLITE_NOTADB, ERR_TAMPERED, "it is no memory of a witness; name another directory" },
	};
	int low = sqlite3_errcode(w->db) & 0xff;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (ROWS[i].rc == low)
			return fault_set(fault, ROWS[i].err, 0, 0, "%s: %s: %s", doing, w->path, ROWS[i].remedy);
	return fault_set(fault, ERR_IO, 0, 0, "%s: %s: %s", doing, w->path, sqlite3_errmsg(w->db));
}

static enum err run(struct witness_store *w, const char *sql, struct fault *fault, const char *doing)
{
	return sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : failed(w, fault, doing);
}

/* --- opening ------------------------------------------------------------------------------------- */

static bool version_row(sqlite3 *db, int *version)
{
	sqlite3_stmt *s = NULL;
	bool good = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	if (good)
		*version = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return good;
}

static enum err prepare(struct witness_store *w, bool write, struct fault *fault)
{
	int version = 0;
	sqlite3_busy_timeout(w->db, 5000);
	/* A rollback journal with EXTRA syncs the directory too: the commit outlives a power cut. */
	if (write && run(w, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA", fault, "opening") != ERR_OK)
		return fault ? fault->code : ERR_IO;
	if (!version_row(w->db, &version))
		return failed(w, fault, "opening");
	if (version > WITNESS_SCHEMA)
		return fault_set(fault, ERR_VERSION, 0, 0, "%s was written by a newer program; use that one", w->path);
	if (version == 0 && !write)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s remembers nothing yet", w->path);
	return version == 0 ? run(w, SCHEMA, fault, "making") : ERR_OK;
}

enum err witness_store_open(const char *dir, bool write, struct witness_store **out, struct fault *fault)
{
	struct witness_store *w;
	*out = NULL;
	if (strlen(dir) > 1000)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the path of the witness is too long");
	if (write && mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fault_set(fault, err_of_errno(errno), 0, 0, "%s cannot be made: %s", dir, strerror(errno));
	w = calloc(1, sizeof(*w));
	CHECK(w, "out of memory");
	snprintf(w->path, sizeof(w->path), "%s/witness.db", dir);
	struct stat st;
	if (!write && stat(w->path, &st) != 0) {
		enum err e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s is not there: no checkpoint was ever cosigned in %s", w->path, dir);
		free(w);
		return e;
	}
	int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	enum err e = sqlite3_open_v2(w->path, &w->db, flags, NULL) == SQLITE_OK ? prepare(w, write, fault) : failed(w, fault, "opening");
	if (e != ERR_OK) {
		witness_store_close(w);
		return e;
	}
	*out = w;
	return ERR_OK;
}

void witness_store_close(struct witness_store *w)
{
	if (!w)
		return;
	sqlite3_close(w->db);
	free(w);
}

/* --- rows ---------------------------------------------------------------------------------------- */

/* Sizes are text: they go up to 2^64 - 1, which SQLite's integers do not. */
static void bind_size(sqlite3_stmt *s, int i, uint64_t size)
{
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, size);
	sqlite3_bind_text(s, i, text, -1, SQLITE_TRANSIENT);
}

static void bind_str(sqlite3_stmt *s, int i, struct str v)
{
	sqlite3_bind_blob64(s, i, v.ptr, v.len, SQLITE_STATIC);
}

static struct str column_str(sqlite3_stmt *s, int i)
{
	return (struct str){ sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i) };
}

static bool column_tree(sqlite3_stmt *s, struct witness_seen *out)
{
	struct str size = { (const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0) };
	struct str root = column_str(s, 1);
	if (root.len != HASH_SIZE || !num_parse_count(size, &out->size))
		return false;
	memcpy(out->root.bytes, root.ptr, HASH_SIZE);
	return true;
}

/* The tree of a row, and its note when `note` is not NULL; *there is false when there is no row. size NULL: of `seen`. */
static enum err tree_row(struct witness_store *w, const char *origin, const uint64_t *size, struct witness_seen *out, struct buf *note,
	bool *there, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	const char *sql = size ? "SELECT size, root, note FROM cosigned WHERE origin = ? AND size = ?"
		: "SELECT size, root, note FROM seen WHERE origin = ?";
	memset(out, 0, sizeof(*out));
	*there = false;
	if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL) != SQLITE_OK)
		return failed(w, fault, "reading");
	sqlite3_bind_text(s, 1, origin, -1, SQLITE_STATIC);
	if (size)
		bind_size(s, 2, *size);
	int rc = sqlite3_step(s);
	enum err e = rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK : failed(w, fault, "reading");
	if (rc == SQLITE_ROW && !column_tree(s, out))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "%s: a size or root is damaged; restore a copy that is not older", w->path);
	*there = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW && e == ERR_OK && note)
		buf_str(note, column_str(s, 2));
	sqlite3_finalize(s);
	return e;
}

enum err witness_store_seen(struct witness_store *w, const char *origin, struct witness_seen *out, struct fault *fault)
{
	bool there;
	return tree_row(w, origin, NULL, out, NULL, &there, fault);
}

enum err witness_store_note(struct witness_store *w, const char *origin, struct witness_seen *out, struct buf *note, struct fault *fault)
{
	bool there;
	return tree_row(w, origin, NULL, out, note, &there, fault);
}

static enum err put(struct witness_store *w, const char *sql, const struct checkpoint *c, struct str note, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(w->db, sql, -1, &s, NULL) != SQLITE_OK)
		return failed(w, fault, "remembering");
	sqlite3_bind_text(s, 1, c->origin, -1, SQLITE_STATIC);
	bind_size(s, 2, c->size);
	sqlite3_bind_blob(s, 3, c->root.bytes, HASH_SIZE, SQLITE_STATIC);
	bind_str(s, 4, note);
	enum err e = sqlite3_step(s) == SQLITE_DONE ? ERR_OK : failed(w, fault, "remembering");
	sqlite3_finalize(s);
	return e;
}

static enum err remember(struct witness_store *w, const struct checkpoint *c, struct str note, struct fault *fault)
{
	enum err e = put(w, "INSERT OR REPLACE INTO seen VALUES(?,?,?,?)", c, note, fault);
	return e == ERR_OK ? put(w, "INSERT OR IGNORE INTO cosigned VALUES(?,?,?,?)", c, note, fault) : e;
}

/* --- what does not fit --------------------------------------------------------------------------- */

static enum err keep_row(struct witness_store *w, const struct checkpoint *c, struct str refused, struct str cosigned, bool proven,
	struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(w->db, "INSERT OR IGNORE INTO kept SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?4 OR"
		" (SELECT count(*) FROM kept WHERE origin = ?1 AND NOT proven) < ?7", -1, &s, NULL) != SQLITE_OK)
		return failed(w, fault, "keeping");
	sqlite3_bind_text(s, 1, c->origin, -1, SQLITE_STATIC);
	bind_size(s, 2, c->size);
	sqlite3_bind_blob(s, 3, c->root.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int(s, 4, proven);
	bind_str(s, 5, refused);
	bind_str(s, 6, cosigned);
	sqlite3_bind_int(s, 7, WITNESS_DOUBTS_MAX);
	enum err e = sqlite3_step(s) == SQLITE_DONE ? ERR_OK : failed(w, fault, "keeping");
	sqlite3_finalize(s);
	return e;
}

/* A note that the log signed and that was not cosigned: kept when it contradicts what was, or when it may. A later tree under
 * a wrong old size is neither: so a client asks for the size that he has to prove from. */
static enum err keep(struct witness_store *w, const struct witness_request *r, const struct checkpoint *c,
	const struct witness_seen *seen, enum witness_status status, struct fault *fault)
{
	struct witness_seen same;
	struct buf note = { 0 };
	bool there;
	enum err e = tree_row(w, c->origin, &c->size, &same, &note, &there, fault);
	bool proven = there && !hash_eq(&same.root, &c->root);
	if (e == ERR_OK && !there && (status == WITNESS_UNPROVEN || c->size < seen->size))
		e = tree_row(w, c->origin, NULL, &same, &note, &there, fault);
	else if (e == ERR_OK && !proven)
		there = false;
	if (e == ERR_OK && there)
		e = keep_row(w, c, r->checkpoint, buf_view(&note), proven, fault);
	buf_free(&note);
	return e;
}

enum err witness_store_kept(struct witness_store *w, bool (*fn)(void *ctx, const struct witness_kept *k), void *ctx,
	struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	int rc;
	if (sqlite3_prepare_v2(w->db, "SELECT origin, size, proven, refused, cosigned FROM kept ORDER BY NOT proven, origin, length(size), size, root",
		-1, &s, NULL) != SQLITE_OK)
		return failed(w, fault, "reading");
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct witness_kept k = { .proven = sqlite3_column_int(s, 2) != 0, .refused = column_str(s, 3), .cosigned = column_str(s, 4) };
		struct str size = { (const char *)sqlite3_column_text(s, 1), (size_t)sqlite3_column_bytes(s, 1) };
		str_copy(k.origin, sizeof(k.origin), str_of((const char *)sqlite3_column_text(s, 0)));
		if (!num_parse_count(size, &k.size) || !fn(ctx, &k))
			break;
	}
	enum err e = rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK : failed(w, fault, "reading");
	sqlite3_finalize(s);
	return e;
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* What is remembered carries the cosignature, so that whoever reads the file believes it as what the witness would show. It is not
 * said before it is durable. */
static enum err remember_signed(struct witness_store *w, const struct checkpoint *c, struct str checkpoint, const struct witness_keys *keys,
	uint64_t time_s, struct fault *fault)
{
	struct buf whole = { 0 };
	struct note note;
	buf_str(&whole, checkpoint);
	if (note_parse(checkpoint, &note, NULL) == ERR_OK)
		note_sign(note.text, keys->key, keys->secret, time_s, &whole);
	bool fits = whole.len <= NOTE_BYTES_MAX && note_parse(buf_view(&whole), &note, NULL) == ERR_OK;
	enum err e = remember(w, c, fits ? buf_view(&whole) : checkpoint, fault);
	buf_free(&whole);
	return e;
}

static enum err judge(struct witness_store *w, const struct witness_request *r, const struct checkpoint *c, const struct witness_keys *keys,
	uint64_t time_s, struct witness_seen *seen, enum witness_status *status, struct fault *fault)
{
	enum err e = witness_store_seen(w, c->origin, seen, fault);
	if (e != ERR_OK)
		return e;
	*status = witness_judge(r, c, seen);
	at(w, "judged");
	return *status == WITNESS_SIGNED ? remember_signed(w, c, r->checkpoint, keys, time_s, fault) : keep(w, r, c, seen, *status, fault);
}

static enum err judge_durably(struct witness_store *w, const struct witness_request *r, const struct checkpoint *c,
	const struct witness_keys *keys, uint64_t time_s, struct witness_seen *seen, enum witness_status *status, struct fault *fault)
{
	enum err e = run(w, "BEGIN IMMEDIATE", fault, "remembering");
	if (e != ERR_OK)
		return e;
	at(w, "begin");
	e = judge(w, r, c, keys, time_s, seen, status, fault);
	at(w, "written");
	if (e == ERR_OK)
		e = run(w, "COMMIT", fault, "remembering");
	if (e != ERR_OK)
		sqlite3_exec(w->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

static void say(enum witness_status status, const struct fault *why, const struct witness_seen *seen, struct buf *out)
{
	if (status == WITNESS_CONFLICT)
		buf_printf(out, "%" PRIu64 "\n", seen->size);
	else
		buf_printf(out, "%s\n", why->text[0] ? why->text : witness_status_words(status));
}

enum err witness_store_answer(struct witness_store *w, struct str request, const struct witness_keys *keys, uint64_t time_s,
	enum witness_status *status, struct buf *out, struct fault *fault)
{
	struct witness_request r;
	struct checkpoint c;
	struct witness_seen seen = { 0 };
	struct note note;
	struct fault why = { 0 };
	*status = WITNESS_MALFORMED;
	if (witness_request_parse(request, &r, &why) == ERR_OK)
		*status = witness_open(&r, keys->logs, keys->log_count, &c, &why);
	if (*status != WITNESS_SIGNED) {
		say(*status, &why, &seen, out);
		return ERR_OK;
	}
	enum err e = judge_durably(w, &r, &c, keys, time_s, &seen, status, fault);
	if (e != ERR_OK)
		return e;
	at(w, "durable");
	if (*status != WITNESS_SIGNED)
		say(*status, &why, &seen, out);
	else if (note_parse(r.checkpoint, &note, NULL) == ERR_OK)
		note_sign(note.text, keys->key, keys->secret, time_s, out);
	return ERR_OK;
}

/* What is remembered was judged and is durable, so cosigning it once more says nothing new. */
enum err witness_store_latest(struct witness_store *w, const char *origin, const struct witness_keys *keys, uint64_t time_s,
	struct buf *out, struct fault *fault)
{
	struct witness_seen seen;
	struct buf bytes = { 0 };
	struct note note;
	bool there = false;
	enum err e = tree_row(w, origin, NULL, &seen, &bytes, &there, fault);
	if (e == ERR_OK && !there)
		e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "nothing of %.60s was cosigned", origin);
	if (e == ERR_OK)
		e = note_parse(buf_view(&bytes), &note, fault);
	if (e == ERR_OK) {
		buf_str(out, buf_view(&bytes));
		if (note_verify(&note, keys->key, 1, NULL, NULL) != ERR_OK)
			note_sign(note.text, keys->key, keys->secret, time_s, out);
	}
	buf_free(&bytes);
	return e;
}
