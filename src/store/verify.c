/* Re-execution of a journal and comparison of everything kept beside it. See store/verify.h.
 *
 * Must remain true: no stored value is used before it was compared with a computed one, and a value of
 * another type or length than was written is a difference. */
#include "store/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "engine/retention.h"
#include "journal_int.h"
#include "store/raw.h"
#include "store/vault.h"
#include "store/tiles.h"

struct verify {
	struct journal *j;
	struct engine *engine;
	struct verify_report *report;
	struct fault *fault;
	int64_t raw_to;     /* the newest raw batch that is not there ended then, */
	int64_t raw_entry;  /* and this is its entry */
	/* Records that left the state: their row stays as they were last. */
	sqlite3_stmt *archived[REC_TAG_MAX];
	uint64_t archived_count[REC_TAG_MAX];
	enum err archive_err;
};

/* The columns in the order in which they are selected. */
enum column { C_NUMBER, C_EPOCH, C_STAMP, C_KIND, C_SENDER, C_DEAL, C_VERDICT, C_SEED, C_PREV, C_ENVELOPE,
	C_OUTCOME, C_CONTENT, C_BYTES, C_LEAF, C_CHAIN, C_COUNT };
static const struct {
	const char *name;
	int type, size; /* size of a hash; 0 any */
} COLUMNS[C_COUNT] = {
	{ "number", SQLITE_INTEGER, 0 }, { "epoch", SQLITE_INTEGER, 0 }, { "stamp", SQLITE_INTEGER, 0 },
	{ "kind", SQLITE_INTEGER, 0 }, { "sender", SQLITE_TEXT, 0 }, { "deal", SQLITE_TEXT, 0 },
	{ "verdict", SQLITE_TEXT, 0 }, { "seed", SQLITE_BLOB, HASH_SIZE }, { "prev", SQLITE_BLOB, HASH_SIZE },
	{ "envelope", SQLITE_BLOB, 0 }, { "outcome", SQLITE_BLOB, HASH_SIZE }, { "content", SQLITE_BLOB, HASH_SIZE },
	{ "bytes_digest", SQLITE_BLOB, HASH_SIZE }, { "leaf", SQLITE_BLOB, HASH_SIZE }, { "chain", SQLITE_BLOB, HASH_SIZE },
};
#define SELECT_ROWS "SELECT number, epoch, stamp, kind, sender, deal, verdict, seed, prev, envelope, outcome, content," \
	" bytes_digest, leaf, chain FROM journal ORDER BY number"

static enum err tampered(struct verify *v, uint64_t entry, const char *what)
{
	return fault_set(v->fault, ERR_TAMPERED, 0, 0, "entry %llu: %s. What is stored is not what was written: "
		"keep this copy as evidence, restore a good one", (unsigned long long)entry, what);
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
	int have = sqlite3_column_type(s, i);
	return (have == type || (have == SQLITE_NULL && !len)) && column_is(s, i, bytes, len);
}

/* One value for one column, computed; compared with the stored one. */
static enum err verify_columns(struct verify *v, sqlite3_stmt *s, uint64_t number, const struct envelope *env,
	const struct engine_out *out)
{
	const struct {
		enum column column;
		const void *bytes;
		size_t len;
	} same[] = {
		{ C_SENDER, env->sender, strlen(env->sender) }, { C_DEAL, env->deal, strlen(env->deal) },
		{ C_VERDICT, out->entry.verdict, strlen(out->entry.verdict) },
		{ C_SEED, out->entry.seed.bytes, HASH_SIZE }, { C_PREV, out->entry.prev.bytes, HASH_SIZE },
		{ C_OUTCOME, out->entry.outcome.bytes, HASH_SIZE }, { C_CONTENT, out->digests.content.bytes, HASH_SIZE },
		{ C_BYTES, out->digests.envelope.bytes, HASH_SIZE }, { C_LEAF, out->digests.leaf.bytes, HASH_SIZE },
		{ C_CHAIN, out->digests.chain.bytes, HASH_SIZE },
	};
	char what[96];
	enum column differs = C_COUNT;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]) && differs == C_COUNT; i++)
		if (!column_is(s, (int)same[i].column, same[i].bytes, same[i].len))
			differs = same[i].column;
	if (differs == C_COUNT && sqlite3_column_int64(s, C_KIND) != env->kind)
		differs = C_KIND;
	if (differs == C_COUNT)
		return ERR_OK;
	snprintf(what, sizeof(what), "column %s is not what re-execution gives", COLUMNS[differs].name);
	return tampered(v, number, what);
}

/* The genesis entry is followed by entry `next`: those between were given up. The state behind them is the node's, and what
 * is left of them, the tiles, must lead to the root that it signed. */
static enum err verify_base(struct verify *v, uint64_t next)
{
	struct hash node = engine_meta(v->engine)->node_key, genesis = merkle_leaf_at(engine_tree(v->engine), 0), tile[TILE_WIDTH];
	struct buf bytes = { 0 };
	uint64_t count = 0;
	bool good = base_get(v->j, &node, &count, &bytes, v->fault) == ERR_OK && count == next
		&& engine_restore(v->engine, buf_view(&bytes), count);
	buf_free(&bytes);
	if (!good)
		return tampered(v, 1, "it is missing, and no base that the node signed stands for it");
	struct merkle *tree = engine_tree_mutable(v->engine);
	tiles_attach(v->j, tree);
	for (int l = 0; l < TILE_LEVELS; l++)
		for (uint64_t n = 0; n < tile_full(l, count); n++)
			if (merkle_tile(tree, l, n, count, tile) != TILE_WIDTH)
				return fault_set(v->fault, ERR_TAMPERED, 0, 0, "tile %d/%llu does not lead to the root of the entries that were given up. "
					"Keep this copy as evidence, restore a good one", l, (unsigned long long)n);
	struct hash first = merkle_leaf_at(tree, 0);
	if (!hash_eq(&first, &genesis))
		return tampered(v, 0, "the tiles have another one");
	v->report->given_up = next;
	return ERR_OK;
}

/* An entry must say what is not there any more. */
static enum err verify_given_up(struct verify *v)
{
	uint64_t kept = retention_kept(engine_tabs(v->engine));
	return v->report->given_up <= kept ? ERR_OK : tampered(v, 1, "it is missing, and no entry says that it was given up");
}

static enum err verify_row(struct verify *v, sqlite3_stmt *s)
{
	uint64_t number = engine_link(v->engine)->next;
	char what[TURN_DETAIL_MAX + 64], why[TURN_DETAIL_MAX];
	struct envelope env;
	struct engine_out out;
	for (int i = 0; i < C_COUNT; i++)
		if (sqlite3_column_type(s, i) != COLUMNS[i].type
			|| (COLUMNS[i].size && sqlite3_column_bytes(s, i) != COLUMNS[i].size)) {
			snprintf(what, sizeof(what), "column %s does not have the form it was written in", COLUMNS[i].name);
			return tampered(v, number, what);
		}
	uint64_t stored = (uint64_t)sqlite3_column_int64(s, C_NUMBER);
	if (number == 1 && stored > number) {
		enum err e = verify_base(v, stored);
		if (e != ERR_OK)
			return e;
		number = stored;
	}
	if (stored != number) {
		snprintf(what, sizeof(what), "it is missing, the next one stored is %llu", (unsigned long long)stored);
		return tampered(v, number, what);
	}
	struct engine_in in = { sqlite3_column_int64(s, C_STAMP), (uint64_t)sqlite3_column_int64(s, C_EPOCH),
		column_bytes(s, C_ENVELOPE) };
	if (number && in.stamp <= engine_link(v->engine)->stamp)
		return tampered(v, number, "its stamp is not later than the one before");
	if (in.epoch < engine_link(v->engine)->epoch)
		return tampered(v, number, "its epoch is lower than the one before");
	if (engine_admit(v->engine, in.envelope, why) != REFUSED_NOT || envelope_decode(in.envelope, &env, NULL) != ERR_OK) {
		snprintf(what, sizeof(what), "its envelope would not be admitted: %s", why);
		return tampered(v, number, what);
	}
	/* The digests say whether the row is what was written; only then is it worth executing. */
	struct entry entry = { .number = number, .epoch = in.epoch, .stamp = in.stamp, .envelope = in.envelope };
	struct hash content = envelope_content_hash(&env);
	struct entry_digests digests;
	memcpy(entry.prev.bytes, engine_link(v->engine)->chain.bytes, HASH_SIZE);
	entry.seed = content;
	memcpy(entry.outcome.bytes, column_bytes(s, C_OUTCOME).ptr, HASH_SIZE);
	struct str verdict = column_bytes(s, C_VERDICT);
	if (!entry_verdict_valid(verdict) || !str_copy(entry.verdict, sizeof(entry.verdict), verdict)
		|| !entry_digest(&entry, &content, &digests, NULL) || !column_is(s, C_LEAF, digests.leaf.bytes, HASH_SIZE))
		return tampered(v, number, "its leaf hash does not hold");
	engine_step(v->engine, &in, &out);
	if (v->archive_err != ERR_OK)
		return v->archive_err;
	v->report->entries++;
	v->report->refused += out.verdict != REFUSED_NOT;
	v->report->signatures += env.signature_count;
	return verify_columns(v, s, number, &env, &out);
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
static enum err verify_tile_count(struct verify *v)
{
	sqlite3_stmt *s = NULL;
	uint64_t size = engine_link(v->engine)->next, want = 0, have = UINT64_MAX;
	for (int l = 0; l < TILE_LEVELS; l++)
		want += tile_full(l, size);
	if (sqlite3_prepare_v2(v->j->db, "SELECT count(*) FROM tile", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		have = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	if (have == UINT64_MAX)
		return store_fault(v->j, v->fault, "reading the tiles");
	v->report->tiles = have;
	return have == want ? ERR_OK : fault_set(v->fault, ERR_TAMPERED, 0, 0, "%llu tiles are stored, %llu entries give %llu; the ledger "
		"holds, `wharf rebuild %s` makes the tiles anew", (unsigned long long)have, (unsigned long long)size,
		(unsigned long long)want, v->j->dir);
}

static enum err verify_rows(struct verify *v, void (*progress)(void *ctx, uint64_t entries), void *ctx)
{
	sqlite3_stmt *s = NULL;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(v->j->db, SELECT_ROWS, -1, &s, NULL);
	if (rc != SQLITE_OK)
		return store_fault(v->j, v->fault, "reading the journal");
	while (e == ERR_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		e = verify_row(v, s);
		if (e == ERR_OK && engine_link(v->engine)->next % TILE_WIDTH == 0)
			e = verify_tiles(v);
		if (progress && v->report->entries % 256 == 0)
			progress(ctx, v->report->entries);
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(v->j, v->fault, "reading the journal");
	sqlite3_finalize(s);
	return e;
}

/* --- evidence ------------------------------------------------------------------------------------- */

static enum err verify_blobs(struct verify *v)
{
	sqlite3_stmt *s = NULL;
	enum err e = ERR_OK;
	int rc = sqlite3_prepare_v2(v->j->db, "SELECT digest, bytes, kind FROM evidence", -1, &s, NULL);
	while (rc == SQLITE_OK && e == ERR_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct str bytes = column_bytes(s, 1);
		struct hash have = hash_of(bytes.ptr, bytes.len);
		char shown[16];
		rc = SQLITE_OK;
		v->report->blobs++;
		v->report->blob_bytes += bytes.len;
		if (!typed_is(s, 0, SQLITE_BLOB, have.bytes, HASH_SIZE) || !typed_is(s, 1, SQLITE_BLOB, bytes.ptr, bytes.len)
			|| sqlite3_column_type(s, 2) != SQLITE_TEXT)
			e = fault_set(v->fault, ERR_TAMPERED, 0, 0, "evidence: a stored blob of %zu bytes hashes to %s, not to its name; "
				"the ledger itself holds", bytes.len, hash_short(&have, shown));
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(v->j, v->fault, "reading the evidence");
	sqlite3_finalize(s);
	return e;
}

static enum err verify_named(struct verify *v, const struct hash *digest, int64_t entry, const char *what)
{
	sqlite3_stmt *s = store_statement(v->j, SLOT_HAS_BLOB, "SELECT 1 FROM evidence WHERE digest = ?");
	char text[64], shown[16];
	if (hash_is_zero(digest))
		return ERR_OK;
	if (!s)
		return store_fault(v->j, v->fault, "reading the evidence");
	sqlite3_bind_blob(s, 1, digest->bytes, HASH_SIZE, SQLITE_STATIC);
	bool there = sqlite3_step(s) == SQLITE_ROW;
	sqlite3_reset(s);
	if (there)
		return ERR_OK;
	snprintf(text, sizeof(text), "%s %s is not in the evidence store", what, hash_short(digest, shown));
	return tampered(v, (uint64_t)entry, text);
}

/* Whether its bytes might go is asked at the end: by the policy and the time of the whole ledger. */
static enum err verify_raw(struct verify *v, const struct batch *b)
{
	if (hash_is_zero(&b->digest) || evidence_has(v->j, &b->digest))
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
	if (v->report->pruned && !raw_over(s, v->raw_to, engine_link(v->engine)->stamp))
		return tampered(v, (uint64_t)v->raw_entry, "the raw batch is not in the evidence store, and retention does not let it go yet");
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
static enum err verify_lead(struct verify *v)
{
	if (journal_epoch(v->j) >= engine_link(v->engine)->epoch)
		return ERR_OK;
	return fault_set(v->fault, ERR_TAMPERED, 0, 0, "the epoch of the lead is lower than that of the last entry; the ledger holds, "
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
		rec = tab_next(tabs, t, rec_key(t, rec));
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(v->j, v->fault, "reading the read models");
	if (e == ERR_OK && (rec || archived < v->archived_count[t->tag]))
		e = model_differs(v, t, rec ? rec_key(t, rec) : "of a record that left the state");
	sqlite3_finalize(s);
	return e;
}

enum err journal_verify(struct journal *j, struct engine *e, struct verify_report *out,
	void (*progress)(void *ctx, uint64_t entries), void *ctx, struct fault *fault)
{
	struct verify v = { .j = j, .engine = e, .report = out, .fault = fault };
	memset(out, 0, sizeof(*out));
	CHECK(engine_link(e)->next == 0, "verification begins with an empty engine");
	/* One transaction: another console may go on writing, this sees one state of the file. */
	enum err err = store_exec(j, "BEGIN", fault, "reading the journal");
	if (err != ERR_OK)
		return err;
	tabs_on_archive(engine_tabs_mutable(e), verify_archived, &v);
	err = verify_rows(&v, progress, ctx);
	tabs_on_archive(engine_tabs_mutable(e), NULL, NULL);
	if (err == ERR_OK)
		err = verify_tile_count(&v);
	if (err == ERR_OK)
		err = verify_given_up(&v);
	if (err == ERR_OK)
		err = verify_lead(&v);
	if (err == ERR_OK)
		err = verify_evidence(&v);
	if (err == ERR_OK)
		err = verify_kept(&v);
	for (size_t i = 0; i < STATE_TYPE_COUNT && err == ERR_OK; i++)
		if (readmodel_kept(STATE_TYPES[i]))
			err = verify_model(&v, STATE_TYPES[i]);
	for (size_t i = 0; i < REC_TAG_MAX; i++)
		sqlite3_finalize(v.archived[i]);
	if (err == ERR_OK)
		err = schema_check(j, fault);
	sqlite3_exec(j->db, "COMMIT", NULL, NULL, NULL);
	return err;
}
