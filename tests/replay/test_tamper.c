/* A journal that was changed is refused, and the entry is named; one that was cut short is found by a checkpoint
 * kept elsewhere; the same events in any grouping give the same state. */
#include "hold.h"
#include "ledger_room.h"

#include <sqlite3.h>

#include "app/checkpoint.h"
#include "engine/retention.h"
#include "store/prune.h"
#include "store/verify.h"

enum { ENTRIES = 48, ROUNDS = 900 };

static uint64_t dice_state = 99;
static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % below;
}

/* ENTRIES entries: genesis, parties, every seventh refused; groups of `group`, 0 for sizes by dice. */
static void ledger_fill(struct room *r, size_t group, struct hash *digest, struct hash *root)
{
	struct runtime *rt;
	struct fault fault;
	struct runtime_item items[ENTRIES];
	struct buf bytes[ENTRIES];
	room_begin(r);
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	memset(items, 0, sizeof(items));
	memset(bytes, 0, sizeof(bytes));
	room_genesis(r, &bytes[0]);
	for (int i = 1; i < ENTRIES; i++)
		room_party(r, i % 7 == 6 ? -i : i, &bytes[i]);
	for (int i = 0; i < ENTRIES; i++)
		items[i].envelope = buf_view(&bytes[i]);
	for (size_t at = 0; at < ENTRIES;) {
		size_t n = group ? group : 1 + dice(20);
		n = n > ENTRIES - at ? ENTRIES - at : n;
		runtime_set_group(rt, n);
		CHECK(runtime_submit(rt, items + at, n, &fault) == ERR_OK, fault.text);
		at += n;
	}
	*digest = engine_digest(runtime_engine(rt));
	*root = merkle_root(engine_tree(runtime_engine(rt)));
	for (int i = 0; i < ENTRIES; i++)
		buf_free(&bytes[i]);
	/* Something in the evidence store, as batches and decisions leave it. */
	struct hash ignored;
	CHECK(evidence_put(runtime_journal(rt), "note", STR("raw bytes of a batch"), &ignored, &fault) == ERR_OK, fault.text);
	runtime_close(rt);
}

static enum err verify_as(const struct room *r, const struct verify_options *o, struct hash *root, struct fault *fault)
{
	struct journal *j;
	struct verify_report report;
	struct engine *e = engine_new();
	enum err err = journal_open(r->dir, JOURNAL_READ, &j, fault);
	if (err == ERR_OK) {
		err = journal_verify_with(j, e, o, &report, fault);
		*root = err == ERR_OK ? merkle_root(engine_tree(e)) : merkle_empty();
		journal_close(j);
	}
	engine_free(e);
	return err;
}

/* By re-execution on one thread or on several, in turn: the result may not depend on it. */
static enum err verify(const struct room *r, struct fault *fault)
{
	static size_t turn;
	struct hash root;
	return verify_as(r, &(struct verify_options){ .threads = 1 + turn++ % 3 }, &root, fault);
}

/* The ledger alone. */
static enum err verify_rows(const struct room *r, bool signatures, struct fault *fault)
{
	struct hash root;
	return verify_as(r, &(struct verify_options){ .ledger = true, .no_signatures = !signatures }, &root, fault);
}

static sqlite3 *db_open(const struct room *r)
{
	char path[300];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/wharf.db", r->dir);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK, "the database opens");
	sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);
	return db;
}

static void db_exec(sqlite3 *db, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		printf("FAILED: %s: %s\n", sql, why), failed++;
	sqlite3_free(why);
}

static bool names_entry(const struct fault *f, int entry)
{
	char want[32];
	snprintf(want, sizeof(want), "entry %d:", entry);
	return strstr(f->text, want) != NULL;
}

/* --- one byte of one column ----------------------------------------------------------------------- */

static const char *const COLUMNS[] = { "epoch", "stamp", "kind", "sender", "deal", "verdict", "seed", "prev", "envelope",
	"outcome", "content", "bytes_digest", "leaf", "chain" };
enum { COLUMN_COUNT = sizeof(COLUMNS) / sizeof(COLUMNS[0]) };

static void column_put(sqlite3 *db, const char *column, int row, sqlite3_value *value, const void *bytes, int len, int64_t n)
{
	char sql[120];
	sqlite3_stmt *s;
	snprintf(sql, sizeof(sql), "UPDATE journal SET %s = ? WHERE number = %d", column, row);
	CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK, sqlite3_errmsg(db));
	if (value)
		sqlite3_bind_value(s, 1, value);
	else if (len < 0)
		sqlite3_bind_int64(s, 1, n);
	else if (len == 0)
		sqlite3_bind_text(s, 1, bytes, (int)n, SQLITE_STATIC);
	else
		sqlite3_bind_blob(s, 1, bytes, len, SQLITE_STATIC);
	CHECK(sqlite3_step(s) == SQLITE_DONE, sqlite3_errmsg(db));
	sqlite3_finalize(s);
}

/* Changes one byte (of an integer: one bit), verifies, puts it back. */
static void change_byte(const struct room *r, sqlite3 *db, const char *column, int row)
{
	char sql[120], what[600], bytes[8192];
	sqlite3_stmt *s;
	struct fault fault = { .text = "" };
	snprintf(sql, sizeof(sql), "SELECT %s FROM journal WHERE number = %d", column, row);
	CHECK(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW, "a row is there");
	sqlite3_value *old = sqlite3_value_dup(sqlite3_column_value(s, 0));
	int type = sqlite3_column_type(s, 0), len = sqlite3_column_bytes(s, 0);
	int64_t n = sqlite3_column_int64(s, 0);
	CHECK(len < (int)sizeof(bytes), "a value fits");
	if (len)
		memcpy(bytes, type == SQLITE_TEXT ? (const void *)sqlite3_column_text(s, 0) : sqlite3_column_blob(s, 0), (size_t)len);
	sqlite3_finalize(s);
	size_t at = len ? dice((uint64_t)len) : 0;
	if (type == SQLITE_INTEGER)
		column_put(db, column, row, NULL, NULL, -1, n ^ INT64_C(1) << dice(60));
	else if (len == 0)
		column_put(db, column, row, NULL, "X", 0, 1);
	else {
		bytes[at] = (char)(bytes[at] ^ 1 << dice(type == SQLITE_TEXT ? 5 : 8));
		column_put(db, column, row, NULL, bytes, type == SQLITE_TEXT ? 0 : len, len);
	}
	enum err e = verify(r, &fault);
	snprintf(what, sizeof(what), "%s of entry %d, byte %zu: %s %.300s", column, row, at, err_name(e), fault.text);
	hold(e == ERR_TAMPERED && names_entry(&fault, row), what);
	fault.text[0] = '\0';
	e = verify_rows(r, dice(2), &fault);
	snprintf(what, sizeof(what), "%s of entry %d, without execution: %s %.300s", column, row, err_name(e), fault.text);
	hold(e == ERR_TAMPERED && names_entry(&fault, row), what);
	column_put(db, column, row, old, NULL, 0, 0);
	sqlite3_value_free(old);
}

static void bytes_changed(const struct room *r)
{
	sqlite3 *db = db_open(r);
	struct fault fault;
	for (size_t c = 0; c < COLUMN_COUNT; c++)
		for (int k = 0; k < 4; k++)
			change_byte(r, db, COLUMNS[c], (int)dice(ENTRIES));
	for (int i = 0; i < ROUNDS; i++)
		change_byte(r, db, COLUMNS[dice(COLUMN_COUNT)], (int)dice(ENTRIES));
	hold(verify(r, &fault) == ERR_OK, "put back, it holds");
	sqlite3_close(db);
}

/* --- whole rows, types, other tables ---------------------------------------------------------------- */

static void change(const struct room *r, const char *sql, const char *back, int entry, const char *says)
{
	char what[700];
	struct fault fault = { .text = "" };
	sqlite3 *db = db_open(r);
	db_exec(db, sql);
	enum err e = verify(r, &fault);
	snprintf(what, sizeof(what), "%s: %s %.300s", sql, err_name(e), fault.text);
	hold(e == ERR_TAMPERED && (entry < 0 || names_entry(&fault, entry)) && strstr(fault.text, says), what);
	db_exec(db, back);
	hold(verify(r, &fault) == ERR_OK, "put back, it holds");
	sqlite3_close(db);
}

static void rows_changed(const struct room *r)
{
	change(r, "CREATE TABLE kept AS SELECT * FROM journal WHERE number = 20; DELETE FROM journal WHERE number = 20",
		"INSERT INTO journal SELECT * FROM kept; DROP TABLE kept", 20, "missing");
	change(r, "UPDATE journal SET number = 1000 WHERE number = 12", "UPDATE journal SET number = 12 WHERE number = 1000", 12, "missing");
	change(r, "UPDATE journal SET number = -1 WHERE number = 0", "UPDATE journal SET number = 0 WHERE number = -1", 0, "");
	change(r, "UPDATE journal SET number = 5000 WHERE number = 10; UPDATE journal SET number = 10 WHERE number = 11;"
		"UPDATE journal SET number = 11 WHERE number = 5000",
		"UPDATE journal SET number = 5000 WHERE number = 10; UPDATE journal SET number = 10 WHERE number = 11;"
		"UPDATE journal SET number = 11 WHERE number = 5000", 10, "");
	change(r, "UPDATE journal SET verdict = CAST(verdict AS BLOB) WHERE number = 3",
		"UPDATE journal SET verdict = CAST(verdict AS TEXT) WHERE number = 3", 3, "verdict");
	change(r, "CREATE TABLE kept AS SELECT leaf FROM journal WHERE number = 4; UPDATE journal SET leaf = zeroblob(32) WHERE number = 4",
		"UPDATE journal SET leaf = (SELECT leaf FROM kept) WHERE number = 4; DROP TABLE kept", 4, "leaf");
	change(r, "CREATE TABLE kept AS SELECT chain FROM journal WHERE number = 4; UPDATE journal SET chain = x'' WHERE number = 4",
		"UPDATE journal SET chain = (SELECT chain FROM kept) WHERE number = 4; DROP TABLE kept", 4, "chain");
	change(r, "UPDATE r_party SET name = 'Somebody else' WHERE id = 'P000003'",
		"UPDATE r_party SET name = 'Party number 3' WHERE id = 'P000003'", -1, "r_party");
	change(r, "CREATE TABLE kept AS SELECT * FROM r_party WHERE id = 'P000003'; DELETE FROM r_party WHERE id = 'P000003'",
		"INSERT INTO r_party SELECT * FROM kept; DROP TABLE kept", -1, "r_party");
	change(r, "UPDATE r_party SET id = CAST(id AS BLOB) WHERE id = 'P000003'",
		"UPDATE r_party SET id = CAST(id AS TEXT) WHERE CAST(id AS TEXT) = 'P000003'", -1, "r_party");
	change(r, "UPDATE evidence SET digest = CAST(digest AS TEXT)", "UPDATE evidence SET digest = CAST(digest AS BLOB)", -1, "evidence");
	change(r, "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, '\"id\" TEXT', '\"id\" TEHT') WHERE name = 'r_party'",
		"PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = replace(sql, '\"id\" TEHT', '\"id\" TEXT') WHERE name = 'r_party'",
		-1, "r_party");
	change(r, "CREATE TRIGGER quiet AFTER INSERT ON journal BEGIN DELETE FROM evidence; END", "DROP TRIGGER quiet", -1, "quiet");
	change(r, "UPDATE leader SET epoch = epoch - 1", "UPDATE leader SET epoch = epoch + 1", -1, "epoch");
	change(r, "INSERT INTO r_site(id) VALUES('NEW')", "DELETE FROM r_site WHERE id = 'NEW'", -1, "r_site");
	change(r, "CREATE TABLE kept AS SELECT * FROM evidence; UPDATE evidence SET bytes = x'00'",
		"DELETE FROM evidence; INSERT INTO evidence SELECT * FROM kept; DROP TABLE kept", -1, "evidence");
}

/* --- what the ledger alone cannot see ------------------------------------------------------------------ */

struct forge {
	sqlite3_stmt *put;
	uint64_t from;
	struct hash prev;
};

/* The entry gets another outcome, and it and every later one the digests that go with it: a forger who owns the disk. */
static bool forge_row(void *ctx, const struct journal_row *row)
{
	struct forge *f = ctx;
	struct entry e = row->entry;
	struct entry_digests d;
	struct fault fault;
	if (e.number == f->from)
		e.outcome.bytes[7] ^= 1;
	else
		e.prev = f->prev;
	CHECK(entry_digest(&e, NULL, &d, &fault), fault.text);
	const struct hash *hashes[] = { &e.outcome, &e.prev, &d.leaf, &d.chain };
	for (int i = 0; i < 4; i++)
		sqlite3_bind_blob(f->put, i + 1, hashes[i]->bytes, HASH_SIZE, SQLITE_TRANSIENT);
	sqlite3_bind_int64(f->put, 5, (sqlite3_int64)e.number);
	CHECK(sqlite3_step(f->put) == SQLITE_DONE, "a row is written");
	sqlite3_reset(f->put);
	f->prev = d.chain;
	return true;
}

static void forge_outcome(sqlite3 *db, const struct room *r, uint64_t from)
{
	struct journal *j;
	struct fault fault;
	struct forge f = { .from = from };
	CHECK(sqlite3_prepare_v2(db, "UPDATE journal SET outcome = ?, prev = ?, leaf = ?, chain = ? WHERE number = ?", -1, &f.put, NULL) == SQLITE_OK,
		sqlite3_errmsg(db));
	CHECK(journal_open(r->dir, JOURNAL_READ, &j, &fault) == ERR_OK && journal_tail(j, from, UINT64_MAX, forge_row, &f, &fault) == ERR_OK, fault.text);
	sqlite3_finalize(f.put);
	journal_close(j);
}

static void ledger_alone(const struct room *r, const struct hash *root)
{
	static const struct verify_options LEDGER = { .ledger = true };
	struct fault fault = { .text = "" };
	struct hash have;
	sqlite3 *db = db_open(r);
	hold(verify_as(r, &LEDGER, &have, &fault) == ERR_OK && hash_eq(&have, root), "the ledger alone gives the root");
	db_exec(db, "UPDATE r_party SET name = 'Somebody else' WHERE id = 'P000003'");
	hold(verify_as(r, &LEDGER, &have, &fault) == ERR_OK && verify(r, &fault) == ERR_TAMPERED, "a read model is seen by execution only");
	db_exec(db, "UPDATE r_party SET name = 'Party number 3' WHERE id = 'P000003'");
	db_exec(db, "ATTACH ':memory:' AS m; CREATE TABLE m.kept AS SELECT * FROM journal");
	forge_outcome(db, r, 30);
	hold(verify(r, &fault) == ERR_TAMPERED && names_entry(&fault, 30), "a forged outcome is named by execution");
	hold(verify_as(r, &LEDGER, &have, &fault) == ERR_OK && !hash_eq(&have, root), "without it only the root differs from the one that was seen");
	db_exec(db, "DELETE FROM main.journal; INSERT INTO main.journal SELECT * FROM m.kept");
	/* That byte is at most 0x10 in a signature that holds: this always changes it. */
	db_exec(db, "UPDATE main.journal SET envelope = CAST(substr(envelope, 1, length(envelope) - 1) || CAST(x'7f' AS BLOB) AS BLOB) WHERE number = 9");
	hold(verify_rows(r, true, &fault) == ERR_TAMPERED && names_entry(&fault, 9), "a signature's last byte");
	db_exec(db, "DELETE FROM main.journal; INSERT INTO main.journal SELECT * FROM m.kept");
	hold(verify(r, &fault) == ERR_OK && verify_rows(r, true, &fault) == ERR_OK, "put back, both hold");
	sqlite3_close(db);
}

/* --- a journal cut short ---------------------------------------------------------------------------- */

static enum err compare(const struct room *r, const struct buf *note, struct fault *fault)
{
	struct journal *j;
	struct engine *e = engine_new();
	CHECK(journal_open(r->dir, JOURNAL_READ, &j, fault) == ERR_OK, fault->text);
	CHECK(journal_load(j, e, true, false, fault) == ERR_OK, fault->text);
	enum err err = checkpoint_compare(e, buf_view(note), NULL, fault);
	journal_close(j);
	engine_free(e);
	return err;
}

/* Read models are rebuilt after the cut, as somebody careful would: the shorter journal is perfectly valid. */
static void cut_short(struct room *r)
{
	struct buf note = { 0 };
	struct journal *j;
	struct fault fault;
	struct engine *e = engine_new();
	CHECK(journal_open(r->dir, JOURNAL_WRITE, &j, &fault) == ERR_OK && journal_load(j, e, false, false, &fault) == ERR_OK, fault.text);
	CHECK(checkpoint_make(e, j, r->node.secret, &note, &fault) == ERR_OK, fault.text);
	engine_free(e);
	journal_close(j);
	hold(compare(r, &note, &fault) == ERR_OK, "the whole journal agrees with its checkpoint");
	sqlite3 *db = db_open(r);
	db_exec(db, "DELETE FROM journal WHERE number >= 40; DELETE FROM snapshot");
	sqlite3_close(db);
	e = engine_new();
	CHECK(journal_open(r->dir, JOURNAL_WRITE, &j, &fault) == ERR_OK && journal_rebuild(j, e, &fault) == ERR_OK, fault.text);
	engine_free(e);
	journal_close(j);
	hold(verify(r, &fault) == ERR_OK, "cut short, it is a valid shorter journal");
	hold(compare(r, &note, &fault) == ERR_TAMPERED && strstr(fault.text, "cut short"), "the checkpoint finds it");
	buf_free(&note);
}

/* --- stored tiles ------------------------------------------------------------------------------------ */

enum { TILED = 600 }; /* entries: two full tiles */

static void tiled_fill(struct room *r)
{
	struct runtime *rt;
	struct fault fault;
	room_begin(r);
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	for (int i = 0; i < TILED; i++) {
		struct buf bytes = { 0 };
		if (i == 0)
			room_genesis(r, &bytes);
		else
			room_party(r, i, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK, fault.text);
		buf_free(&bytes);
	}
	runtime_close(rt);
}

/* Whether a console that starts from the snapshot gives a proof of an entry. */
static bool proves(struct room *r, uint64_t entry)
{
	struct runtime *rt;
	struct fault fault;
	struct merkle_proof proof;
	CHECK(room_open(r, JOURNAL_READ, &rt, &fault) == ERR_OK, fault.text);
	const struct merkle *tree = engine_tree(runtime_engine(rt));
	bool good = merkle_prove_inclusion(tree, entry, merkle_size(tree), &proof);
	runtime_close(rt);
	return good;
}

static void tiles_changed(void)
{
	static const char *const CHANGES[] = { "DELETE FROM tile WHERE id = 8", "INSERT INTO tile VALUES(1, zeroblob(8192))",
		"INSERT INTO tile VALUES(16, zeroblob(8192))", "UPDATE tile SET hashes = (SELECT hashes FROM tile WHERE id = 0)",
		"UPDATE tile SET hashes = CAST(hashes AS TEXT) WHERE id = 0", "UPDATE tile SET hashes = substr(hashes, 1, 8191) WHERE id = 8",
		"DELETE FROM tile" };
	struct room r;
	struct fault fault;
	struct engine *e;
	struct journal *j;
	tiled_fill(&r);
	sqlite3 *db = db_open(&r);
	hold(verify(&r, &fault) == ERR_OK && verify_rows(&r, true, &fault) == ERR_OK, "tiles as they were written hold");
	db_exec(db, "CREATE TABLE kept AS SELECT * FROM tile");
	for (int i = 0; i < 60; i++) {
		char sql[200];
		int at = (int)dice(8192), tile = (int)dice(2);
		snprintf(sql, sizeof(sql), "UPDATE tile SET hashes = substr(hashes, 1, %d) || CAST(x'%02x' AS BLOB) || substr(hashes, %d)"
			" WHERE id = %d AND substr(hashes, %d, 1) <> x'%02x'", at, i * 3, at + 2, 8 * tile, at + 1, i * 3);
		db_exec(db, sql);
		if (sqlite3_changes(db) == 0)
			continue;
		db_exec(db, "UPDATE tile SET hashes = CAST(hashes AS BLOB)");
		hold(verify(&r, &fault) == ERR_TAMPERED && strstr(fault.text, "tile"), "a byte of a tile is found");
		hold(!proves(&r, (uint64_t)(256 * tile)), "and gives no proof");
		db_exec(db, "DELETE FROM tile; INSERT INTO tile SELECT * FROM kept");
	}
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		db_exec(db, CHANGES[i]);
		hold(verify(&r, &fault) == ERR_TAMPERED && strstr(fault.text, "tile"), CHANGES[i]);
		hold(verify_rows(&r, false, &fault) == ERR_TAMPERED && strstr(fault.text, "tile"), CHANGES[i]);
		if (i + 1 < sizeof(CHANGES) / sizeof(CHANGES[0]))
			db_exec(db, "DELETE FROM tile; INSERT INTO tile SELECT * FROM kept");
	}
	db_exec(db, "DROP TABLE kept");
	sqlite3_close(db);
	e = engine_new();
	CHECK(journal_open(r.dir, JOURNAL_WRITE, &j, &fault) == ERR_OK && journal_rebuild(j, e, &fault) == ERR_OK, fault.text);
	engine_free(e);
	journal_close(j);
	hold(verify(&r, &fault) == ERR_OK && proves(&r, 0) && proves(&r, 511), "tiles can be made anew");
	room_end(&r);
}

/* --- entries that were given up ---------------------------------------------------------------------- */

static enum refusal say_prune(struct runtime *rt, const struct room *r, uint64_t before, bool unwitnessed, int flip, struct str state)
{
	struct ev_prune body = { .before = (int64_t)before, .unwitnessed = unwitnessed };
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	struct fault fault;
	body.root = merkle_root_at(engine_tree(runtime_engine(rt)), before);
	body.root.bytes[0] ^= (uint8_t)flip;
	if (state.len)
		body.state = hash_of(state.ptr, state.len);
	event_envelope(&a, EVENT_PRUNE, engine_meta(runtime_engine(rt))->book, "", runtime_now(rt), &body, NULL, &env);
	CHECK(runtime_send(rt, &env, r->node.secret, &answer, &fault) == ERR_OK, fault.text);
	arena_free(&a);
	return answer.verdict;
}

/* Who is no node names the state behind what goes: with a base of his own he could begin the ledger as he likes. */
static enum refusal state_by_root(struct runtime *rt, const struct room *r, struct str state)
{
	struct ev_prune body = { .before = 512, .state = hash_of(state.ptr, state.len) };
	struct buf bytes = { 0 };
	struct fault fault;
	body.root = merkle_root_at(engine_tree(runtime_engine(rt)), 512);
	room_event(r, EVENT_PRUNE, &body, runtime_now(rt), &bytes);
	struct runtime_item item = { .envelope = buf_view(&bytes) };
	CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK, fault.text);
	buf_free(&bytes);
	return item.verdict;
}

/* Proof of every kept and given-up entry, and consistency over the cut, from a console that just started. */
static void proofs_hold(struct room *r, uint64_t cut)
{
	struct runtime *rt;
	struct fault fault;
	struct merkle_proof p;
	CHECK(room_open(r, JOURNAL_READ, &rt, &fault) == ERR_OK, fault.text);
	const struct merkle *tree = engine_tree(runtime_engine(rt));
	uint64_t size = merkle_size(tree);
	struct hash root = merkle_root(tree);
	bool good = true;
	for (uint64_t i = 0; i < size; i++) {
		struct hash leaf = merkle_leaf_at(tree, i), old = merkle_root_at(tree, i);
		good = good && merkle_prove_inclusion(tree, i, size, &p) && merkle_verify_inclusion(i, size, &leaf, p.hashes, p.count, &root);
		good = good && merkle_prove_consistency(tree, i, size, &p) && merkle_verify_consistency(i, size, &old, &root, p.hashes, p.count);
	}
	hold(good && size > cut, "every inclusion and consistency proof holds after entries went");
	runtime_close(rt);
}

static void changed_after_prune(struct room *r)
{
	static const char *const CHANGES[][2] = { { "UPDATE base SET bytes = zeroblob(length(bytes))", "base" },
		{ "UPDATE base SET signature = zeroblob(64)", "base" }, { "UPDATE base SET count = 256", "base" }, { "DELETE FROM base", "base" },
		{ "UPDATE tile SET hashes = zeroblob(8192) WHERE id = 0", "tile" }, { "DELETE FROM tile WHERE id = 8", "tile" },
		{ "DELETE FROM journal WHERE number = 512", "entry 1:" }, { "DELETE FROM journal WHERE number = 520", "entry 520:" },
		{ "UPDATE journal SET stamp = stamp + 1 WHERE number = 512", "entry 512:" }, { "DELETE FROM journal WHERE number = 0", "entry 0:" },
		{ "UPDATE certificate SET stamp = stamp + 1 WHERE number = 5", "entry 5:" }, { "UPDATE certificate SET leaf = zeroblob(32) WHERE number = 7",
		"entry 7:" }, { "UPDATE certificate SET number = 6000 WHERE number = 9", "entry 6000:" }, { "INSERT INTO certificate SELECT * FROM journal "
		"WHERE number = 520", "entry 520:" } };
	struct fault fault;
	sqlite3 *db = db_open(r);
	db_exec(db, "CREATE TABLE c AS SELECT * FROM certificate; CREATE TABLE b AS SELECT * FROM base; "
		"CREATE TABLE t AS SELECT * FROM tile; CREATE TABLE j AS SELECT * FROM journal");
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		db_exec(db, CHANGES[i][0]);
		hold(verify(r, &fault) == ERR_TAMPERED && strstr(fault.text, CHANGES[i][1]), CHANGES[i][0]);
		hold(verify_rows(r, false, &fault) == ERR_TAMPERED && strstr(fault.text, CHANGES[i][1]), CHANGES[i][0]);
		db_exec(db, "DELETE FROM base; DELETE FROM tile; DELETE FROM journal; INSERT INTO base SELECT * FROM b; INSERT INTO tile SELECT * FROM t;"
			" INSERT INTO journal SELECT * FROM j; DELETE FROM certificate; INSERT INTO certificate SELECT * FROM c");
	}
	db_exec(db, "DROP TABLE c; DROP TABLE b; DROP TABLE t; DROP TABLE j");
	sqlite3_close(db);
	hold(verify(r, &fault) == ERR_OK, "and put back it holds");
}

static void pruned(void)
{
	struct room r;
	struct runtime *rt;
	struct fault fault = { .text = "" };
	struct buf state = { 0 };
	struct journal *j;
	struct engine *e;
	uint64_t removed = 0;
	struct str none = { "", 0 };
	tiled_fill(&r);
	CHECK(room_open(&r, JOURNAL_WRITE, &rt, &fault) == ERR_OK, fault.text);
	CHECK(prune_state(runtime_journal(rt), 512, &state, &fault) == ERR_OK, fault.text);
	hold(say_prune(rt, &r, 512, false, 0, buf_view(&state)) == REFUSED_UNWITNESSED, "nobody saw it: refused by name");
	hold(say_prune(rt, &r, 512, true, 1, none) == REFUSED_VALUE && say_prune(rt, &r, 511, true, 0, none) == REFUSED_VALUE,
		"another root, half a tile: refused");
	hold(say_prune(rt, &r, 512, true, 0, none) == REFUSED_NOT && retention_kept(engine_tabs(runtime_engine(rt))) == 512, "said on the ledger");
	hold(say_prune(rt, &r, 256, true, 0, none) == REFUSED_VALUE && say_prune(rt, &r, 512, true, 0, none) == REFUSED_VALUE,
		"nothing is given up twice");
	hold(state_by_root(rt, &r, buf_view(&state)) == REFUSED_ROLE, "an administrator names no state");
	hold(say_prune(rt, &r, 512, false, 0, buf_view(&state)) == REFUSED_NOT, "the state of what was given up may be named later, by the node");
	hold(verify(&r, &fault) == ERR_OK, "said and not done yet, it holds");
	CHECK(prune_rows(runtime_journal(rt), journal_epoch(runtime_journal(rt)), 512, buf_view(&state), &removed, &fault) == ERR_OK, fault.text);
	struct hash live = engine_digest(runtime_engine(rt)), again;
	runtime_close(rt);
	hold(removed == 511, "511 rows went");
	hold(verify(&r, &fault) == ERR_OK && verify_rows(&r, true, &fault) == ERR_OK, "given up, it holds");
	proofs_hold(&r, 512);
	e = engine_new();
	CHECK(journal_open(r.dir, JOURNAL_WRITE, &j, &fault) == ERR_OK && journal_load(j, e, true, false, &fault) == ERR_OK, fault.text);
	again = engine_digest(e);
	hold(hash_eq(&live, &again), "run from the base it gives the same state");
	journal_close(j);
	engine_free(e);
	e = engine_new();
	CHECK(journal_open(r.dir, JOURNAL_WRITE, &j, &fault) == ERR_OK && journal_rebuild(j, e, &fault) == ERR_OK, fault.text);
	engine_free(e);
	journal_close(j);
	hold(verify(&r, &fault) == ERR_OK, "read models are made anew from the base");
	changed_after_prune(&r);
	buf_free(&state);
	room_end(&r);
}

/* --- rows of records that left the state ------------------------------------------------------------- */

/* Parties, of each of which the news has a line; the state keeps the newest sixty. */
static void archived_fill(struct room *r)
{
	static const char policy[] = "{\"version\":900,\"params\":{\"retention.news\":60}}";
	struct runtime *rt;
	struct fault fault;
	struct arena a = { 0 };
	struct ev_source body = { .name = "policy", .source = blob_in(&a, policy, strlen(policy)) };
	room_begin(r);
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	for (int i = 0; i < 150; i++) {
		struct buf bytes = { 0 };
		if (i == 0)
			room_genesis(r, &bytes);
		else if (i == 1)
			room_event(r, EVENT_POLICY, &body, ROOM_BEGUN + i, &bytes);
		else
			room_party(r, i % 2 ? i : -i, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK, fault.text);
		buf_free(&bytes);
	}
	hold(tab_count(engine_tabs(runtime_engine(rt)), &NEWS_REC) == 60, "the state has the newest lines of news");
	runtime_close(rt);
	arena_free(&a);
}

static void archived(void)
{
	static const char *const CHANGES[] = { "UPDATE r_news SET text = text || '!' WHERE id = (SELECT min(id) FROM r_news)",
		"DELETE FROM r_news WHERE id = (SELECT min(id) FROM r_news)", "UPDATE r_news SET id = '0' || id WHERE id = (SELECT min(id) FROM r_news)",
		"INSERT INTO r_news SELECT * FROM kept WHERE 0; UPDATE kept SET id = '0'; INSERT INTO r_news SELECT * FROM kept LIMIT 1" };
	struct room r;
	struct fault fault = { .text = "" };
	archived_fill(&r);
	sqlite3 *db = db_open(&r);
	hold(verify(&r, &fault) == ERR_OK, "rows of what left hold");
	for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
		db_exec(db, "CREATE TEMP TABLE kept AS SELECT * FROM r_news; CREATE TEMP TABLE whole AS SELECT * FROM r_news");
		db_exec(db, CHANGES[i]);
		hold(verify(&r, &fault) == ERR_TAMPERED && strstr(fault.text, "news"), CHANGES[i]);
		db_exec(db, "DELETE FROM r_news; INSERT INTO r_news SELECT * FROM whole; DROP TABLE kept; DROP TABLE whole");
	}
	sqlite3_close(db);
	hold(verify(&r, &fault) == ERR_OK, "and put back they hold");
	room_end(&r);
}

/* --- groupings -------------------------------------------------------------------------------------- */

static void groupings(const struct hash *digest, const struct hash *root)
{
	static const size_t GROUPS[] = { 1, 7, 0, 0, 0 };
	for (size_t i = 0; i < sizeof(GROUPS) / sizeof(GROUPS[0]); i++) {
		struct room r;
		struct hash d, t;
		struct fault fault;
		char what[80];
		ledger_fill(&r, GROUPS[i], &d, &t);
		snprintf(what, sizeof(what), "groups of %zu give the same state and root", GROUPS[i]);
		hold(hash_eq(&d, digest) && hash_eq(&t, root), what);
		hold(verify(&r, &fault) == ERR_OK, "and a journal that holds, read models included");
		room_end(&r);
	}
}

int main(void)
{
	struct room r;
	struct hash digest, root;
	struct fault fault;
	ledger_fill(&r, ENTRIES, &digest, &root);
	hold(verify(&r, &fault) == ERR_OK, "untouched, it holds");
	groupings(&digest, &root);
	bytes_changed(&r);
	rows_changed(&r);
	ledger_alone(&r, &root);
	cut_short(&r);
	room_end(&r);
	tiles_changed();
	pruned();
	archived();
	return hold_end();
}
