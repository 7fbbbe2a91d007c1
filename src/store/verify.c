/* Re-execution of a journal and comparison of everything kept beside it. See store/verify.h.
 *
 * Must remain true: no stored value is used before it was compared with a computed one, and a value of
 * another type or length than was written is a difference. */
#include "store/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/retention.h"
#include "store/raw.h"
#include "store/tiles.h"
#include "store/vault.h"
#include "verify_int.h"
#include "work/pool.h"

/* Rows that are checked ahead of the engine together, and the bytes after which a block is full whatever it counts; fewer
 * rows than the least are not worth a worker. */
enum { BLOCK_ROWS = 512, BLOCK_BYTES = 4 << 20, AHEAD_LEAST = 16 };

struct verify {
	struct journal *j;
	struct engine *engine;
	const struct verify_options *options;
	struct verify_report *report;
	struct fault *fault;
	int64_t raw_to;     /* the newest raw batch that is not there ended then, */
	int64_t raw_entry;  /* and this is its entry */
	/* Records that left the state: their row stays as they were last. */
	sqlite3_stmt *archived[REC_TAG_MAX];
	uint64_t archived_count[REC_TAG_MAX];
	enum err archive_err;
};

/* Rows as they were read, and whether there are more behind them. */
struct block {
	struct verify_row *rows;
	size_t count;
	struct arena bytes;
	bool last;
	enum err err;
	struct fault fault;
};

static enum err tampered(struct verify *v, uint64_t entry, const char *what)
{
	return verify_tampered(v->fault, entry, what);
}

static struct str column_bytes(sqlite3_stmt *s, int i)
{
	const char *p = sqlite3_column_type(s, i) == SQLITE_TEXT ? (const char *)sqlite3_column_text(s, i)
		: sqlite3_column_blob(s, i);
	return (struct str){ p ? p : "", (size_t)sqlite3_column_bytes(s, i) };
}

static bool column_is(sqlite3_stmt *s, int i, const void *bytes, size_t len)
{
	struct str have = column_bytes(s, i);
	return have.len == len && memcmp(have.ptr, bytes, len) == 0;
}

/* A text that became a blob has the same bytes and is found by no key. Nothing at all is written as NULL. */
static bool typed_is(sqlite3_stmt *s, int i, int type, const void *bytes, size_t len)
{
	/* One look-up of the column for all that is asked of it; the connection is this thread's alone. */
	sqlite3_value *v = sqlite3_column_value(s, i);
	int have = sqlite3_value_type(v);
	if (have != type)
		return have == SQLITE_NULL && !len;
	const void *p = type == SQLITE_TEXT ? (const void *)sqlite3_value_text(v) : sqlite3_value_blob(v);
	return (size_t)sqlite3_value_bytes(v) == len && (!len || (p && memcmp(p, bytes, len) == 0));
}

/* The genesis entry is followed by entry `next`: those between were given up. The state behind them is what an entry names,
 * and what is left of them, the tiles, must lead to the root in it. */
enum err verify_base(struct journal *j, struct engine *e, uint64_t next, struct fault *fault)
{
	struct hash genesis = merkle_leaf_at(engine_tree(e), 0), tile[TILE_WIDTH];
	struct buf bytes = { 0 };
	uint64_t count = 0;
	bool good = base_get(j, true, &count, &bytes, fault) == ERR_OK && count == next && engine_restore(e, buf_view(&bytes), count);
	buf_free(&bytes);
	if (!good)
		return verify_tampered(fault, 1, "it is missing, and no base that the node signed and an entry names stands for it");
	struct merkle *tree = engine_tree_mutable(e);
	tiles_attach(j, tree);
	for (int l = 0; l < TILE_LEVELS; l++)
		for (uint64_t n = 0; n < tile_full(l, count); n++)
			if (merkle_tile(tree, l, n, count, tile) != TILE_WIDTH)
				return fault_set(fault, ERR_TAMPERED, 0, 0, "tile %d/%llu does not lead to the root of the entries that were given up. "
					"Keep this copy as evidence, restore a good one", l, (unsigned long long)n);
	struct hash first = merkle_leaf_at(tree, 0);
	if (!hash_eq(&first, &genesis))
		return verify_tampered(fault, 0, "the tiles have another one");
	return ERR_OK;
}

/* An entry must say what is not there any more. */
static enum err verify_given_up(struct verify *v)
{
	uint64_t kept = retention_kept(engine_tabs(v->engine));
	return v->report->given_up <= kept ? ERR_OK : tampered(v, 1, "it is missing, and no entry says that it was given up");
}

/* Where the row stands: behind the one before it. */
static enum err verify_place(struct verify *v, const struct verify_row *r, uint64_t number)
{
	const struct entry_link *link = engine_link(v->engine);
	char what[96];
	if (r->number != number) {
		snprintf(what, sizeof(what), "it is missing, the next one stored is %llu", (unsigned long long)r->number);
		return tampered(v, number, what);
	}
	if (number && r->stamp <= link->stamp)
		return tampered(v, number, "its stamp is not later than the one before");
	if (r->epoch < link->epoch)
		return tampered(v, number, "its epoch is lower than the one before");
	if (r->bad)
		return tampered(v, number, r->why);
	if (memcmp(r->cell[C_PREV].ptr, link->chain.bytes, HASH_SIZE) != 0)
		return tampered(v, number, "column prev is not the chain hash of the entry before");
	return ERR_OK;
}

/* The row holds by itself: only then is it worth executing, and what it says was done is compared with what is done now. */
static enum err verify_row(struct verify *v, const struct verify_row *r)
{
	uint64_t number = engine_link(v->engine)->next;
	struct engine_out out;
	enum err e = r->malformed ? tampered(v, number, r->why) : ERR_OK;
	if (e == ERR_OK && number == 1 && r->number > number) {
		e = verify_base(v->j, v->engine, r->number, v->fault);
		v->report->given_up = number = r->number;
	}
	if (e == ERR_OK)
		e = verify_place(v, r, number);
	if (e != ERR_OK)
		return e;
	struct engine_in in = { r->stamp, r->epoch, r->cell[C_ENVELOPE], true, &r->entry, &r->digests };
	engine_step(v->engine, &in, &out);
	if (v->archive_err != ERR_OK)
		return v->archive_err;
	v->report->entries++;
	v->report->refused += out.verdict != REFUSED_NOT;
	v->report->signatures += r->signatures;
	if (!str_eq(r->cell[C_VERDICT], str_of(out.entry.verdict)))
		return tampered(v, number, "column verdict is not what re-execution gives");
	if (memcmp(r->cell[C_OUTCOME].ptr, out.entry.outcome.bytes, HASH_SIZE) != 0)
		return tampered(v, number, "column outcome is not what re-execution gives");
	return hash_eq(&out.digests.chain, &r->digests.chain) && hash_eq(&out.digests.leaf, &r->digests.leaf) ? ERR_OK
		: tampered(v, number, "its digests are not what re-execution gives");
}

/* Tiles became full: they are stored as the entries give them, and memory need not keep them. */
static enum err verify_tiles(struct verify *v)
{
	tabs_dirty_clear(engine_tabs_mutable(v->engine));
	enum err e = tiles_settle(v->j, engine_tree_mutable(v->engine), v->fault);
	return e == ERR_NOT_FOUND ? fault_set(v->fault, ERR_TAMPERED, 0, 0, "a tile below entry %llu is missing; the ledger holds, "
		"`wharf rebuild %s` makes the tiles anew", (unsigned long long)engine_link(v->engine)->next, v->j->dir) : e;
}

/* None but those of this size. */
enum err verify_tile_count(struct journal *j, uint64_t size, uint64_t *tiles, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	uint64_t want = 0, have = UINT64_MAX;
	for (int l = 0; l < TILE_LEVELS; l++)
		want += tile_full(l, size);
	if (sqlite3_prepare_v2(j->db, "SELECT count(*) FROM tile", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		have = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	if (have == UINT64_MAX)
		return store_fault(j, fault, "reading the tiles");
	*tiles = have;
	return have == want ? ERR_OK : fault_set(fault, ERR_TAMPERED, 0, 0, "%llu tiles are stored, %llu entries give %llu; the ledger "
		"holds, `wharf rebuild %s` makes the tiles anew", (unsigned long long)have, (unsigned long long)size,
		(unsigned long long)want, j->dir);
}

/* Up to a block of rows from a statement that stands before the next one. What goes wrong is told when the rows before it
 * were judged. */
static void block_fill(struct verify *v, sqlite3_stmt *s, struct block *b)
{
	int rc = SQLITE_ROW;
	b->count = 0;
	arena_reset(&b->bytes);
	while (b->count < BLOCK_ROWS && b->bytes.total < BLOCK_BYTES && (rc = sqlite3_step(s)) == SQLITE_ROW)
		verify_row_read(s, &b->rows[b->count++], &b->bytes);
	b->last = rc != SQLITE_ROW;
	b->err = rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK : store_fault(v->j, &b->fault, "reading the journal");
}

static void block_check(void *ctx, size_t i)
{
	verify_row_check(&((struct block *)ctx)->rows[i], VERIFY_ADMITTED);
}

static enum err verify_block(struct verify *v, const struct block *b, struct pool_run *run)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < b->count && e == ERR_OK; i++) {
		pool_wait(run, i);
		e = verify_row(v, &b->rows[i]);
		if (e == ERR_OK && engine_link(v->engine)->next % TILE_WIDTH == 0)
			e = verify_tiles(v);
		if (v->options->progress && v->report->entries % 256 == 0)
			v->options->progress(v->options->ctx, v->report->entries);
	}
	return e;
}

/* While the workers check a block, the next one is read and then the rows are executed, in order, as they are done. */
static enum err verify_blocks(struct verify *v, sqlite3_stmt *s, struct block b[2])
{
	struct pool *pool = NULL;
	enum err e = ERR_OK;
	block_fill(v, s, &b[0]);
	pool = pool_new(b[0].count < AHEAD_LEAST ? 1 : v->options->threads);
	for (size_t i = 0; e == ERR_OK && b[i].count; i ^= 1) {
		struct pool_run *run = pool_begin(pool, block_check, &b[i], b[i].count);
		b[i ^ 1].count = 0;
		if (!b[i].last)
			block_fill(v, s, &b[i ^ 1]);
		e = verify_block(v, &b[i], run);
		pool_end(run);
	}
	for (size_t i = 0; e == ERR_OK && i < 2; i++)
		if (b[i].err != ERR_OK) {
			*v->fault = b[i].fault;
			e = b[i].err;
		}
	pool_free(pool);
	return e;
}

static enum err verify_rows(struct verify *v)
{
	struct block b[2] = { { .count = 0 }, { .count = 0 } };
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(v->j->db, VERIFY_SELECT " ORDER BY number", -1, &s, NULL) != SQLITE_OK)
		return store_fault(v->j, v->fault, "reading the journal");
	for (size_t i = 0; i < 2; i++) {
		b[i].rows = calloc(BLOCK_ROWS, sizeof(*b[i].rows));
		CHECK(b[i].rows, "memory for a block of rows");
	}
	enum err e = verify_blocks(v, s, b);
	for (size_t i = 0; i < 2; i++) {
		free(b[i].rows);
		arena_free(&b[i].bytes);
	}
	sqlite3_finalize(s);
	return e;
}

/* --- evidence ------------------------------------------------------------------------------------- */

/* A name that leads to another row, or nowhere, hides bytes that are there. */
static enum err verify_name(struct verify *v, sqlite3_stmt *row, sqlite3_stmt *name, const struct hash *digest)
{
	char shown[16];
	sqlite3_reset(name);
	sqlite3_bind_int64(name, 1, sqlite3_column_int64(row, 3));
	sqlite3_bind_blob(name, 2, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	if (sqlite3_step(name) == SQLITE_ROW && sqlite3_column_int64(name, 0) == sqlite3_column_int64(row, 4))
		return ERR_OK;
	return fault_set(v->fault, ERR_TAMPERED, 0, 0, "evidence: %s is stored and cannot be found by its name; the ledger itself holds, "
		"restore a copy", hash_short(digest, shown));
}

static enum err verify_blob(struct verify *v, sqlite3_stmt *s, sqlite3_stmt *name)
{
	struct str bytes = column_bytes(s, 1);
	struct hash have = hash_of(bytes.ptr, bytes.len);
	char shown[16];
	v->report->blobs++;
	v->report->blob_bytes += bytes.len;
	if (!typed_is(s, 0, SQLITE_BLOB, have.bytes, HASH_SIZE) || !typed_is(s, 1, SQLITE_BLOB, bytes.ptr, bytes.len)
		|| sqlite3_column_type(s, 2) != SQLITE_TEXT || sqlite3_column_type(s, 3) != SQLITE_INTEGER)
		return fault_set(v->fault, ERR_TAMPERED, 0, 0, "evidence: a stored blob of %zu bytes hashes to %s, not to its name; "
			"the ledger itself holds", bytes.len, hash_short(&have, shown));
	return verify_name(v, s, name, &have);
}

static enum err verify_blobs(struct verify *v)
{
	sqlite3_stmt *s = NULL, *name = NULL;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(v->j->db, "SELECT id FROM evidence INDEXED BY evidence_name WHERE span = ? AND digest = ?", -1, &name, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(v->j->db, "SELECT digest, bytes, kind, span, id FROM evidence NOT INDEXED", -1, &s, NULL);
	while (rc == SQLITE_OK && e == ERR_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		rc = SQLITE_OK;
		e = verify_blob(v, s, name);
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(v->j, v->fault, "reading the evidence");
	sqlite3_finalize(s);
	sqlite3_finalize(name);
	return e;
}

static enum err verify_named(struct verify *v, const struct hash *digest, int64_t entry, const char *what)
{
	char text[64], shown[16];
	if (hash_is_zero(digest) || evidence_beside(v->j, digest, (uint64_t)entry))
		return ERR_OK;
	snprintf(text, sizeof(text), "%s %s is not in the evidence store", what, hash_short(digest, shown));
	return tampered(v, (uint64_t)entry, text);
}

/* Whether its bytes might go is asked at the end: by the policy and the time of the whole ledger. */
static enum err verify_raw(struct verify *v, const struct batch *b)
{
	if (hash_is_zero(&b->digest) || evidence_beside(v->j, &b->digest, (uint64_t)b->entry))
		return ERR_OK;
	v->report->pruned++;
	if (!v->raw_entry || b->to > v->raw_to) {
		v->raw_to = b->to;
		v->raw_entry = b->entry;
	}
	return ERR_OK;
}

static enum err verify_kept(struct verify *v)
{
	const struct tabs *s = engine_tabs(v->engine);
	if (v->report->pruned && !raw_given_up(s, v->raw_to))
		return tampered(v, (uint64_t)v->raw_entry, "the raw batch is not in the evidence store, and no entry says that it was given up");
	return vault_verify(journal_dir(v->j), s, &v->report->items, &v->report->items_absent, v->fault);
}

/* What a record names in the evidence store. */
static enum err verify_evidence_of(struct verify *v, const struct rec_type *t, const void *rec)
{
	const struct decision *d = rec;
	const struct batch *b = rec;
	if (t == &DECISION_REC)
		return verify_named(v, &d->snapshot, d->entry, "the snapshot of its decision");
	return t == &BATCH_REC ? verify_raw(v, b) : ERR_OK;
}

/* Who leads next gets a higher epoch: below the last entry's it would let two leaders write under one number. */
enum err verify_lead(struct journal *j, uint64_t epoch, struct fault *fault)
{
	if (journal_epoch(j) >= epoch)
		return ERR_OK;
	return fault_set(fault, ERR_TAMPERED, 0, 0, "the epoch of the lead is lower than that of the last entry; the ledger holds, "
		"keep this copy and restore a good one");
}

static enum err verify_evidence(struct verify *v)
{
	const struct tabs *tabs = engine_tabs(v->engine);
	enum err e = verify_blobs(v);
	for (const struct decision *d = tab_first(tabs, &DECISION_REC, ""); d && e == ERR_OK;
		d = tab_next(tabs, &DECISION_REC, d->id))
		e = verify_evidence_of(v, &DECISION_REC, d);
	for (const struct batch *b = tab_first(tabs, &BATCH_REC, ""); b && e == ERR_OK; b = tab_next(tabs, &BATCH_REC, b->id))
		e = verify_evidence_of(v, &BATCH_REC, b);
	return e;
}

/* --- read models ---------------------------------------------------------------------------------- */

static bool model_equal(sqlite3_stmt *s, int i, const struct rec_field *f, const void *rec)
{
	const char *at = (const char *)rec + f->offset;
	struct str blob;
	switch (f->kind) {
	case FIELD_TEXT:
		return typed_is(s, i, SQLITE_TEXT, at, strlen(at));
	case FIELD_INT:
		return sqlite3_column_type(s, i) == SQLITE_INTEGER && sqlite3_column_int64(s, i) == rec_int(rec, f);
	case FIELD_ENUM:
		return typed_is(s, i, SQLITE_TEXT, f->names[rec_int(rec, f)], strlen(f->names[rec_int(rec, f)]));
	case FIELD_HASH:
		return typed_is(s, i, SQLITE_BLOB, at, HASH_SIZE);
	case FIELD_BLOB:
		blob = blob_str(*(const struct blob *const *)(const void *)at);
		return typed_is(s, i, SQLITE_BLOB, blob.ptr, blob.len);
	}
	return false;
}

static enum err model_differs(struct verify *v, const struct rec_type *t, const char *key)
{
	return fault_set(v->fault, ERR_TAMPERED, 0, 0, "read model r_%s: row \"%.60s\" is not what the journal gives; "
		"the ledger holds, `wharf rebuild %s` makes the read models anew", t->name, key, v->j->dir);
}

static enum err model_row(struct verify *v, sqlite3_stmt *s, const struct rec_type *t, const void *rec)
{
	v->report->models++;
	for (size_t i = 0; i < t->field_count; i++)
		if (!model_equal(s, (int)i, &t->fields[i], rec))
			return model_differs(v, t, rec_key(t, rec));
	return ERR_OK;
}

static sqlite3_stmt *model_select(struct verify *v, const struct rec_type *t, const char *which)
{
	struct buf sql = { 0 };
	sqlite3_stmt *s = NULL;
	for (size_t i = 0; i < t->field_count; i++)
		buf_printf(&sql, "%s\"%s\"", i ? ", " : "SELECT ", t->fields[i].name);
	buf_printf(&sql, " FROM r_%s %s", t->name, which);
	sqlite3_prepare_v2(v->j->db, sql.ptr, -1, &s, NULL);
	buf_free(&sql);
	return s;
}

/* A record leaves the state in this entry: its row is the one it had then, and nothing writes it later. */
static void verify_archived(void *ctx, const struct rec_type *t, const void *rec)
{
	struct verify *v = ctx;
	sqlite3_stmt **s = &v->archived[t->tag];
	if (v->archive_err != ERR_OK)
		return;
	if (!*s)
		*s = model_select(v, t, "WHERE \"id\" = ?");
	if (!*s) {
		v->archive_err = store_fault(v->j, v->fault, "reading the read models");
		return;
	}
	v->archived_count[t->tag]++;
	sqlite3_bind_text(*s, 1, rec_key(t, rec), -1, SQLITE_STATIC);
	v->archive_err = sqlite3_step(*s) == SQLITE_ROW ? model_row(v, *s, t, rec) : model_differs(v, t, rec_key(t, rec));
	sqlite3_reset(*s);
	if (v->archive_err == ERR_OK)
		v->archive_err = verify_evidence_of(v, t, rec);
}

/* Rows of the state, and between them those of records that left it, which were compared when they did: these are counted. */
static enum err verify_model(struct verify *v, const struct rec_type *t)
{
	const struct tabs *tabs = engine_tabs(v->engine);
	sqlite3_stmt *s = model_select(v, t, "ORDER BY 1");
	uint64_t archived = 0;
	enum err e = ERR_OK;
	int rc = SQLITE_ERROR;
	const void *rec = tab_first(tabs, t, "");
	while (s && e == ERR_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		if (!rec || !column_is(s, 0, rec_key(t, rec), strlen(rec_key(t, rec)))) {
			/* Of those that left before the base nothing tells any more. */
			if (++archived > v->archived_count[t->tag] && !v->report->given_up)
				e = model_differs(v, t, column_bytes(s, 0).ptr);
			continue;
		}
		e = model_row(v, s, t, rec);
		rec = tab_prefix_after(tabs, t, "", rec);
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(v->j, v->fault, "reading the read models");
	if (e == ERR_OK && (rec || archived < v->archived_count[t->tag]))
		e = model_differs(v, t, rec ? rec_key(t, rec) : "of a record that left the state");
	sqlite3_finalize(s);
	return e;
}

/* All of it, inside one transaction. */
static enum err verify_whole(struct verify *v)
{
	struct journal *j = v->j;
	tabs_on_archive(engine_tabs_mutable(v->engine), verify_archived, v);
	enum err err = verify_rows(v);
	tabs_on_archive(engine_tabs_mutable(v->engine), NULL, NULL);
	const struct entry_link *link = engine_link(v->engine);
	if (err == ERR_OK)
		err = verify_tile_count(j, link->next, &v->report->tiles, v->fault);
	if (err == ERR_OK)
		err = verify_given_up(v);
	if (err == ERR_OK)
		err = verify_lead(j, link->epoch, v->fault);
	if (err == ERR_OK)
		err = verify_evidence(v);
	if (err == ERR_OK)
		err = verify_kept(v);
	for (size_t i = 0; i < STATE_TYPE_COUNT && err == ERR_OK; i++)
		if (readmodel_kept(STATE_TYPES[i]))
			err = verify_model(v, STATE_TYPES[i]);
	for (size_t i = 0; i < REC_TAG_MAX; i++)
		sqlite3_finalize(v->archived[i]);
	return err;
}

enum err journal_verify_with(struct journal *j, struct engine *e, const struct verify_options *o, struct verify_report *out,
	struct fault *fault)
{
	struct verify v = { .j = j, .engine = e, .options = o, .report = out, .fault = fault };
	memset(out, 0, sizeof(*out));
	CHECK(engine_link(e)->next == 0, "verification begins with an empty engine");
	/* One transaction: another console may go on writing, this sees one state of the file. */
	enum err err = store_exec(j, "BEGIN", fault, "reading the journal");
	if (err != ERR_OK)
		return err;
	err = o->ledger ? verify_ledger(j, e, o, out, fault) : verify_whole(&v);
	if (err == ERR_OK)
		err = certificates_verify(j, engine_tree(e), out->given_up, !o->no_signatures, fault);
	if (err == ERR_OK)
		err = schema_check(j, fault);
	sqlite3_exec(j->db, "COMMIT", NULL, NULL, NULL);
	return err;
}

enum err journal_verify(struct journal *j, struct engine *e, struct verify_report *out,
	void (*progress)(void *ctx, uint64_t entries), void *ctx, struct fault *fault)
{
	return journal_verify_with(j, e, &(struct verify_options){ .progress = progress, .ctx = ctx }, out, fault);
}
