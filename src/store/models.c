/* Read models: one table r_<record> a record type, made from the description of its fields.
 *
 * They are a convenience for SQL and are written in the transaction of the journal; `wharf rebuild` makes
 * them anew from the state. What only the engine asks for has none, because each table that an entry touches is a page more to
 * write and sync: the keys that were seen, the running sums behind control totals, the places of sweeps. Integers stay integers
 * (minor units, microseconds), enums are written by name, hashes and blobs as bytes. */
#include "journal_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* Of contract/totals.h and engine/retention.h, which know another struct journal, that of the book. */
extern const struct rec_type TALLY_REC, SWEEP_REC;

struct model {
	const struct rec_type *type;
	sqlite3_stmt *put, *drop;
};

bool readmodel_kept(const struct rec_type *t) { return t != &SEEN_REC && t != &TALLY_REC && t != &SWEEP_REC; }

static void model_columns(const struct rec_type *t, struct buf *sql)
{
	static const char *const SQL_TYPES[] = { [FIELD_TEXT] = "TEXT", [FIELD_INT] = "INTEGER",
		[FIELD_ENUM] = "TEXT", [FIELD_HASH] = "BLOB", [FIELD_BLOB] = "BLOB" };
	for (size_t i = 0; i < t->field_count; i++)
		buf_printf(sql, "%s\"%s\" %s%s", i ? ", " : "", t->fields[i].name, SQL_TYPES[t->fields[i].kind],
			i ? "" : " PRIMARY KEY");
}

enum err models_create(struct journal *j, struct fault *fault)
{
	struct buf sql = { 0 };
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++) {
		if (!readmodel_kept(STATE_TYPES[i]))
			continue;
		buf_printf(&sql, "CREATE TABLE IF NOT EXISTS r_%s(", STATE_TYPES[i]->name);
		model_columns(STATE_TYPES[i], &sql);
		buf_text(&sql, ") WITHOUT ROWID;");
	}
	enum err e = store_exec(j, sql.ptr, fault, "making the read models");
	buf_free(&sql);
	return e;
}

static enum err model_prepare(struct journal *j, struct model *m, struct fault *fault)
{
	struct buf sql = { 0 };
	buf_printf(&sql, "INSERT OR REPLACE INTO r_%s VALUES(?", m->type->name);
	for (size_t i = 1; i < m->type->field_count; i++)
		buf_text(&sql, ",?");
	buf_char(&sql, ')');
	int rc = sqlite3_prepare_v3(j->db, sql.ptr, -1, SQLITE_PREPARE_PERSISTENT, &m->put, NULL);
	buf_clear(&sql);
	buf_printf(&sql, "DELETE FROM r_%s WHERE \"%s\" = ?", m->type->name, m->type->fields[0].name);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v3(j->db, sql.ptr, -1, SQLITE_PREPARE_PERSISTENT, &m->drop, NULL);
	buf_free(&sql);
	return rc == SQLITE_OK ? ERR_OK : store_fault(j, fault, "writing the read models");
}

static struct model *model_of(struct journal *j, const struct rec_type *t)
{
	if (!j->models) {
		j->models = calloc(REC_TAG_MAX, sizeof(*j->models));
		CHECK(j->models, "out of memory");
		j->model_count = REC_TAG_MAX;
	}
	struct model *m = &j->models[t->tag];
	m->type = t;
	return m;
}

void models_close(struct journal *j)
{
	for (size_t i = 0; i < j->model_count; i++) {
		sqlite3_finalize(j->models[i].put);
		sqlite3_finalize(j->models[i].drop);
	}
	free(j->models);
	j->models = NULL;
	j->model_count = 0;
}

static void model_bind(sqlite3_stmt *s, const struct rec_type *t, const void *rec)
{
	for (size_t i = 0; i < t->field_count; i++) {
		const struct rec_field *f = &t->fields[i];
		const char *at = (const char *)rec + f->offset;
		int n = (int)i + 1;
		struct str blob;
		switch (f->kind) {
		case FIELD_TEXT:
			sqlite3_bind_text(s, n, at, -1, SQLITE_STATIC);
			break;
		case FIELD_INT:
			sqlite3_bind_int64(s, n, rec_int(rec, f));
			break;
		case FIELD_ENUM:
			sqlite3_bind_text(s, n, f->names[rec_int(rec, f)], -1, SQLITE_STATIC);
			break;
		case FIELD_HASH:
			sqlite3_bind_blob(s, n, at, HASH_SIZE, SQLITE_STATIC);
			break;
		case FIELD_BLOB:
			blob = blob_str(*(const struct blob *const *)(const void *)at);
			sqlite3_bind_blob64(s, n, blob.ptr, blob.len, SQLITE_STATIC);
			break;
		}
	}
}

struct model_write {
	struct journal *j;
	struct fault *fault;
	enum err err;
};

static void model_write_one(void *ctx, const struct rec_type *t, const char *key, const void *rec)
{
	struct model_write *w = ctx;
	struct model *m = model_of(w->j, t);
	if (w->err != ERR_OK || !readmodel_kept(t))
		return;
	if (!m->put && (w->err = model_prepare(w->j, m, w->fault)) != ERR_OK)
		return;
	sqlite3_stmt *s = rec ? m->put : m->drop;
	if (rec)
		model_bind(s, t, rec);
	else
		sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
	int rc = sqlite3_step(s);
	sqlite3_reset(s);
	if (rc != SQLITE_DONE)
		w->err = store_fault(w->j, w->fault, "writing the read models");
}

enum err models_write_one(struct journal *j, const struct rec_type *t, const char *key, const void *rec, struct fault *fault)
{
	struct model_write w = { j, fault, ERR_OK };
	model_write_one(&w, t, key, rec);
	return w.err;
}

enum err models_write(struct journal *j, struct tabs *tabs, struct fault *fault)
{
	struct model_write w = { j, fault, ERR_OK };
	tabs_dirty_each(tabs, model_write_one, &w);
	return w.err;
}

enum err models_write_all(struct journal *j, const struct tabs *tabs, struct fault *fault)
{
	struct model_write w = { j, fault, ERR_OK };
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++)
		for (const void *rec = tab_first(tabs, STATE_TYPES[i], ""); rec;
			rec = tab_next(tabs, STATE_TYPES[i], rec_key(STATE_TYPES[i], rec)))
			model_write_one(&w, STATE_TYPES[i], rec_key(STATE_TYPES[i], rec), rec);
	return w.err;
}

enum err models_drop(struct journal *j, struct fault *fault)
{
	struct buf sql = { 0 };
	models_close(j);
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++)
		buf_printf(&sql, "DROP TABLE IF EXISTS r_%s;", STATE_TYPES[i]->name);
	enum err e = store_exec(j, sql.ptr, fault, "rebuilding the read models");
	buf_free(&sql);
	return e;
}
