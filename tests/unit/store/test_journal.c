/* The journal: opening, leading, appending, reading back, evidence, snapshots, loading. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "identity/keys.h"
#include "ledger/envelope.h"
#include "store/journal.h"
#include "identity/keyring.h"
#include "store/snapshotting.h"
#include "store/verify.h"

#define BEGUN INT64_C(1773648000000000)

struct bench {
	char dir[64];
	struct journal *j;
	struct engine *engine;
	struct key_pair root, node;
	uint64_t epoch;
	struct fault fault;
	char points[200];
};

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint8_t seed[KEY_SEED_SIZE] = { 3 };
	assert_true(sodium_init() >= 0);
	key_pair_from_seed(seed, &b->root);
	seed[0] = 4;
	key_pair_from_seed(seed, &b->node);
	snprintf(b->dir, sizeof(b->dir), "/tmp/wharf-journal-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	assert_int_equal(journal_open(b->dir, JOURNAL_CREATE, &b->j, &b->fault), ERR_OK);
	assert_int_equal(journal_acquire(b->j, false, &b->epoch, &b->fault), ERR_OK);
	b->engine = engine_new();
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	char path[400];
	journal_close(b->j);
	engine_free(b->engine);
	chmod(b->dir, 0700);
	DIR *d = opendir(b->dir);
	for (struct dirent *f; d && (f = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", b->dir, f->d_name);
		unlink(path);
	}
	closedir(d);
	assert_int_equal(rmdir(b->dir), 0);
	free(b);
	return 0;
}

/* One signed event, applied; the row borrows the bytes. */
static struct journal_row step(struct bench *b, int kind, const void *body, int64_t at, struct buf *bytes)
{
	struct arena a = { 0 };
	struct envelope env;
	struct engine_out out;
	event_envelope(&a, kind, "BANK", "", at, body, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(b->engine));
	assert_int_equal(envelope_sign(&env, b->root.secret, at, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&env, bytes, NULL), ERR_OK);
	arena_free(&a);
	struct engine_in in = { engine_next_stamp(b->engine, at), b->epoch, buf_view(bytes) };
	engine_step(b->engine, &in, &out);
	assert_int_equal(out.verdict, REFUSED_NOT);
	return (struct journal_row){ out.entry, out.digests };
}

static struct journal_row step_genesis(struct bench *b, struct buf *bytes)
{
	struct ev_genesis g = { .origin = "wharf.test", .currency = "EUR", .book = "BANK", .rules = ENGINE_RULES };
	memcpy(g.admin_key.bytes, b->root.public_key, HASH_SIZE);
	memcpy(g.node_key.bytes, b->node.public_key, HASH_SIZE);
	return step(b, EVENT_GENESIS, &g, BEGUN, bytes);
}

static struct journal_row step_party(struct bench *b, int n, struct buf *bytes)
{
	struct party p = { .kind = PARTY_SUP, .name = "A party" };
	snprintf(p.id, sizeof(p.id), "P%03d", n);
	return step(b, EVENT_PARTY, &p, BEGUN + n * INSTANT_SECOND, bytes);
}

/* Genesis and parties 1..count, each a commit of its own. */
static void fill(struct bench *b, int count)
{
	for (int i = 0; i <= count; i++) {
		struct buf bytes = { 0 };
		struct journal_row row = i ? step_party(b, i, &bytes) : step_genesis(b, &bytes);
		struct journal_append append = { &row, 1, NULL, 0 };
		assert_int_equal(journal_commit(b->j, b->epoch, (uint64_t)i, &append, engine_tabs_mutable(b->engine), &b->fault), ERR_OK);
		buf_free(&bytes);
	}
}

static uint64_t head(struct bench *b)
{
	uint64_t n = 99;
	assert_int_equal(journal_head(b->j, &n, &b->fault), ERR_OK);
	return n;
}

static void loads_what_was_written(void **state)
{
	struct bench *b = *state;
	struct engine *again = engine_new();
	assert_int_equal(head(b), 0);
	fill(b, 5);
	assert_int_equal(head(b), 6);
	assert_int_equal(journal_load(b->j, again, true, true, &b->fault), ERR_OK);
	struct hash x = engine_digest(b->engine), y = engine_digest(again);
	assert_true(hash_eq(&x, &y));
	/* A replica that stands at entry 6 sees the next ones. */
	struct buf bytes = { 0 };
	struct journal_row row = step_party(b, 6, &bytes);
	struct journal_append append = { &row, 1, NULL, 0 };
	uint64_t applied;
	assert_int_equal(journal_commit(b->j, b->epoch, 6, &append, NULL, &b->fault), ERR_OK);
	assert_int_equal(journal_catch_up(b->j, again, &applied, &b->fault), ERR_OK);
	assert_int_equal(applied, 1);
	assert_int_equal(journal_catch_up(b->j, again, &applied, &b->fault), ERR_OK);
	assert_int_equal(applied, 0);
	buf_free(&bytes);
	engine_free(again);
}

static void fences(void **state)
{
	struct bench *b = *state;
	struct journal *other;
	uint64_t epoch;
	struct buf bytes = { 0 };
	fill(b, 1);
	assert_int_equal(journal_open(b->dir, JOURNAL_WRITE, &other, &b->fault), ERR_OK);
	assert_false(journal_vacant(other));
	assert_int_equal(journal_acquire(other, false, &epoch, &b->fault), ERR_BUSY);
	assert_int_equal(journal_acquire(other, true, &epoch, &b->fault), ERR_OK);
	assert_true(epoch > b->epoch);
	struct journal_row row = step_party(b, 2, &bytes);
	struct journal_append append = { &row, 1, NULL, 0 };
	assert_int_equal(journal_commit(b->j, b->epoch, 2, &append, engine_tabs_mutable(b->engine), &b->fault), ERR_FENCED);
	assert_int_equal(head(b), 2);
	/* The new leader takes the lock once the old one gives it up: nobody else slips in between. */
	journal_release(b->j);
	assert_true(journal_vacant(other));
	journal_relock(other);
	assert_false(journal_vacant(b->j));
	journal_close(other);
	assert_true(journal_vacant(b->j));
	buf_free(&bytes);
}

enum { THEFTS = 2000 };
struct thief {
	const char *dir;
	uint64_t epochs[THEFTS];
};

static void *steal(void *ctx)
{
	struct thief *t = ctx;
	struct journal *j;
	struct fault fault;
	for (size_t i = 0; i < THEFTS; i++) {
		if (journal_open(t->dir, JOURNAL_WRITE, &j, &fault) != ERR_OK)
			break;
		if (journal_acquire(j, true, &t->epochs[i], &fault) != ERR_OK)
			t->epochs[i] = 0;
		journal_close(j);
	}
	return NULL;
}

/* While the old leader holds the lock file, two take the lead at the same time. */
static void an_epoch_has_one_leader(void **state)
{
	struct bench *b = *state;
	struct thief a = { b->dir, { 0 } }, c = { b->dir, { 0 } };
	pthread_t thread;
	size_t got = 0;
	assert_int_equal(pthread_create(&thread, NULL, steal, &a), 0);
	steal(&c);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < THEFTS; i++)
		for (size_t k = 0; k < THEFTS; k++)
			assert_false(a.epochs[i] && a.epochs[i] == c.epochs[k]);
	for (size_t i = 0; i < THEFTS; i++)
		got += (a.epochs[i] != 0) + (c.epochs[i] != 0);
	assert_true(got > THEFTS);
}

static void expects_the_head(void **state)
{
	struct bench *b = *state;
	struct buf bytes = { 0 };
	fill(b, 1);
	struct journal_row row = step_party(b, 2, &bytes);
	struct journal_append append = { &row, 1, NULL, 0 };
	assert_int_equal(journal_commit(b->j, b->epoch, 1, &append, NULL, &b->fault), ERR_FENCED);
	assert_int_equal(journal_commit(b->j, b->epoch, 3, &append, NULL, &b->fault), ERR_FENCED);
	assert_int_equal(head(b), 2);
	buf_free(&bytes);
}

static void note_point(void *ctx, const char *point)
{
	struct bench *b = ctx;
	size_t at = strlen(b->points);
	snprintf(b->points + at, sizeof(b->points) - at, "%s ", point);
}

static void one_transaction(void **state)
{
	struct bench *b = *state;
	struct buf out = { 0 }, bytes = { 0 };
	struct hash digest = hash_of("raw", 3), wrong = hash_of("war", 3);
	struct journal_blob blob = { digest, "batch", STR("raw") };
	fill(b, 0);
	journal_set_probe(b->j, note_point, b);
	struct journal_row row = step_party(b, 1, &bytes);
	struct journal_append append = { &row, 1, &blob, 1 };
	assert_int_equal(journal_commit(b->j, b->epoch, 1, &append, engine_tabs_mutable(b->engine), &b->fault), ERR_OK);
	assert_string_equal(b->points, "begin rows models tiles commit committed ");
	assert_int_equal(evidence_get(b->j, &digest, &out, &b->fault), ERR_OK);
	assert_string_equal(out.ptr, "raw");
	assert_int_equal(evidence_get(b->j, &wrong, &out, &b->fault), ERR_NOT_FOUND);
	/* A row that cannot be written takes the whole group back. */
	row.entry.number = 1;
	struct journal_blob more = { wrong, "batch", STR("war") };
	struct journal_append again = { &row, 1, &more, 1 };
	assert_int_not_equal(journal_commit(b->j, b->epoch, 2, &again, NULL, &b->fault), ERR_OK);
	assert_int_equal(evidence_get(b->j, &wrong, &out, &b->fault), ERR_NOT_FOUND);
	assert_int_equal(head(b), 2);
	buf_free(&out);
	buf_free(&bytes);
}

static sqlite3 *raw_open(struct bench *b)
{
	char path[128];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/wharf.db", b->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static int raw_int(struct bench *b, const char *sql)
{
	sqlite3 *db = raw_open(b);
	sqlite3_stmt *s;
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	int n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int(s, 0) : -1;
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static void raw_exec(struct bench *b, const char *sql)
{
	sqlite3 *db = raw_open(b);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void read_models_follow(void **state)
{
	struct bench *b = *state;
	fill(b, 4);
	assert_int_equal(raw_int(b, "SELECT count(*) FROM r_party"), 4);
	assert_int_equal(raw_int(b, "SELECT count(*) FROM r_party WHERE kind = 'SUP' AND name = 'A party'"), 4);
	raw_exec(b, "DELETE FROM r_party; UPDATE r_meta SET currency = 'USD'");
	struct engine *again = engine_new();
	assert_int_equal(journal_rebuild(b->j, again, &b->fault), ERR_OK);
	engine_free(again);
	assert_int_equal(raw_int(b, "SELECT count(*) FROM r_party"), 4);
	assert_int_equal(raw_int(b, "SELECT count(*) FROM r_meta WHERE currency = 'EUR'"), 1);
}

static void snapshots_save_time_only(void **state)
{
	struct bench *b = *state;
	struct buf bytes = { 0 };
	fill(b, 3);
	journal_set_node(b->j, b->node.secret);
	engine_snapshot(b->engine, &bytes);
	assert_int_equal(snapshot_put(b->j, 4, buf_view(&bytes), &b->fault), ERR_OK);
	assert_int_equal(snapshot_newest(b->j), 4);
	struct hash want = engine_digest(b->engine);
	for (int damaged = 0; damaged < 2; damaged++) {
		struct engine *again = engine_new();
		assert_int_equal(journal_load(b->j, again, false, true, &b->fault), ERR_OK);
		struct hash have = engine_digest(again);
		assert_true(hash_eq(&want, &have));
		engine_free(again);
		/* A snapshot whose bytes were changed is passed over, and the journal is replayed. */
		raw_exec(b, "UPDATE snapshot SET bytes = zeroblob(100)");
	}
	buf_free(&bytes);
}

/* The name of the party that a load finds. */
static void loaded_name(struct bench *b, char name[48])
{
	struct engine *again = engine_new();
	assert_int_equal(journal_load(b->j, again, false, true, &b->fault), ERR_OK);
	const struct party *p = tab_get(engine_tabs(again), &PARTY_REC, "P001");
	memcpy(name, p->name, 48);
	engine_free(again);
}

/* A state that the journal does not give, at the right place of the chain: believed when the node signed it, and
 * only then. */
static void a_forged_snapshot_is_not_believed(void **state)
{
	struct bench *b = *state;
	struct buf bytes = { 0 };
	struct key_pair other;
	uint8_t seed[KEY_SEED_SIZE] = { 5 };
	char name[48];
	key_pair_from_seed(seed, &other);
	fill(b, 3);
	struct party p = *(const struct party *)tab_get(engine_tabs(b->engine), &PARTY_REC, "P001");
	snprintf(p.name, sizeof(p.name), "Forged");
	tab_put(engine_tabs_mutable(b->engine), &PARTY_REC, &p);
	tab_commit(engine_tabs_mutable(b->engine));
	engine_snapshot(b->engine, &bytes);
	const struct {
		const uint8_t *writer, *reader;
		const char *name;
	} cases[] = { { NULL, b->node.secret, "A party" }, { other.secret, b->node.secret, "A party" },
		{ NULL, NULL, "A party" }, { other.secret, NULL, "A party" },
		{ b->node.secret, b->node.secret, "Forged" }, { b->node.secret, NULL, "Forged" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		journal_set_node(b->j, cases[i].writer);
		assert_int_equal(snapshot_put(b->j, 4, buf_view(&bytes), &b->fault), ERR_OK);
		journal_set_node(b->j, cases[i].reader);
		loaded_name(b, name);
		assert_string_equal(name, cases[i].name);
	}
	raw_exec(b, "UPDATE snapshot SET count = 3"); /* moved to another place */
	loaded_name(b, name);
	assert_string_equal(name, "A party");
	buf_free(&bytes);
}

/* A state says by itself that the node's key was rotated at entry 2: neither key signs it. Only the ledger says whose key it is. */
static void a_state_names_no_signer(void **state)
{
	struct bench *b = *state;
	struct buf bytes = { 0 };
	struct key_pair next;
	uint8_t seed[KEY_SEED_SIZE] = { 6 };
	char name[48];
	key_pair_from_seed(seed, &next);
	fill(b, 3);
	struct tabs *t = engine_tabs_mutable(b->engine);
	struct party p = *(const struct party *)tab_get(t, &PARTY_REC, "P001");
	struct keyrec old = *keyring_current(t, KEY_OF_NODE, "node", UINT64_MAX), k = old;
	snprintf(p.name, sizeof(p.name), "Forged");
	tab_put(t, &PARTY_REC, &p);
	old.until_entry = 2;
	tab_put(t, &KEYREC_REC, &old);
	k.since_entry = 2;
	hex_of(next.public_key, HASH_SIZE, k.id);
	tab_put(t, &KEYREC_REC, &k);
	tab_commit(t);
	engine_snapshot(b->engine, &bytes);
	const struct {
		const uint8_t *secret;
		const char *name;
	} cases[] = { { b->node.secret, "A party" }, { next.secret, "A party" } };
	for (size_t i = 0; i < 2; i++) {
		journal_set_node(b->j, cases[i].secret);
		assert_int_equal(snapshot_put(b->j, 4, buf_view(&bytes), &b->fault), ERR_OK);
		loaded_name(b, name);
		assert_string_equal(name, cases[i].name);
	}
	buf_free(&bytes);
}

static void changed_rows_are_named(void **state)
{
	struct bench *b = *state;
	struct engine *again = engine_new();
	fill(b, 3);
	raw_exec(b, "UPDATE journal SET verdict = 'refused' WHERE number = 2");
	assert_int_equal(journal_load(b->j, again, false, false, &b->fault), ERR_TAMPERED);
	assert_non_null(strstr(b->fault.text, "2"));
	engine_free(again);
}

static size_t scalar(struct bench *b, const char *sql)
{
	char path[100];
	sqlite3 *db;
	sqlite3_stmt *s;
	snprintf(path, sizeof(path), "%s/wharf.db", b->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	size_t n = (size_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* More than two parts of a snapshot. */
static void fatten(struct bench *b)
{
	for (int i = 0; i < 40000; i++) {
		struct param p = { .value = i };
		snprintf(p.id, sizeof(p.id), "fat.%06d", i);
		snprintf(p.text, sizeof(p.text), "%060d", i);
		tab_put(engine_tabs_mutable(b->engine), &PARAM_REC, &p);
	}
	tab_commit(engine_tabs_mutable(b->engine));
}

static int pieces(struct bench *b, struct snapshotting *s, int at_most)
{
	int n = 0;
	for (bool done = false; !done && n < at_most;) {
		size_t before = snapshotting_size(s);
		assert_int_equal(snapshotting_advance(s, b->j, &done, &b->fault), ERR_OK);
		n += before > 0 || snapshotting_size(s) > 0;
	}
	return n;
}

static void a_snapshot_is_made_while_work_goes_on(void **state)
{
	struct bench *b = *state;
	fill(b, 3);
	journal_set_node(b->j, b->node.secret);
	fatten(b);
	struct hash want = engine_digest(b->engine);
	/* Half of one is none; the next makes room. */
	struct snapshotting *s = snapshotting_begin(b->engine);
	assert_non_null(s);
	assert_int_equal(pieces(b, s, 1), 1);
	snapshotting_end(s);
	assert_int_equal(scalar(b, "SELECT count(*) FROM snapshot"), 0);
	assert_int_equal(scalar(b, "SELECT count(*) FROM snapshot_part"), 1);
	/* What changes meanwhile is not in it; parts that are of no snapshot go. */
	raw_exec(b, "INSERT INTO snapshot_part VALUES(1, 0, x'00'), (1, 1, x'00')");
	s = snapshotting_begin(b->engine);
	struct param late = { .id = "late" };
	tab_put(engine_tabs_mutable(b->engine), &PARAM_REC, &late);
	tab_commit(engine_tabs_mutable(b->engine));
	assert_true(pieces(b, s, 100) > 3);
	assert_true(snapshotting_size(s) > 2 * SNAPSHOT_PART);
	snapshotting_end(s);
	assert_int_equal(snapshot_newest(b->j), 4);
	assert_int_equal(scalar(b, "SELECT count(*) FROM snapshot_part WHERE count = 1"), 0);
	for (int damaged = 0; damaged < 2; damaged++) {
		struct engine *again = engine_new();
		assert_int_equal(journal_load(b->j, again, false, true, &b->fault), ERR_OK);
		struct hash have = engine_digest(again);
		assert_int_equal(hash_eq(&want, &have), !damaged);
		assert_int_equal(engine_link(again)->next, 4);
		engine_free(again);
		raw_exec(b, "DELETE FROM snapshot_part WHERE part = 1");
	}
	/* One in a single piece takes its place, and the parts go. */
	struct buf bytes = { 0 };
	engine_snapshot(b->engine, &bytes);
	assert_int_equal(snapshot_put(b->j, 5, buf_view(&bytes), &b->fault), ERR_OK);
	assert_int_equal(snapshot_put(b->j, 6, buf_view(&bytes), &b->fault), ERR_OK);
	assert_int_equal(scalar(b, "SELECT count(*) FROM snapshot_part"), 0);
	buf_free(&bytes);
}

static void schema_is(struct bench *b, int version)
{
	char sql[64];
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", version);
	raw_exec(b, sql);
}

/* What an older program wrote is left as it is, for that program. */
static void an_older_schema_is_not_touched(void **state)
{
	struct bench *b = *state;
	struct journal *other;
	fill(b, 3);
	journal_close(b->j);
	b->j = NULL;
	for (int version = 1; version < STORE_SCHEMA; version++) {
		schema_is(b, version);
		assert_int_equal(journal_open(b->dir, JOURNAL_READ, &other, &b->fault), ERR_VERSION);
		assert_int_equal(journal_open(b->dir, JOURNAL_WRITE, &other, &b->fault), ERR_VERSION);
		assert_int_equal(journal_open(b->dir, JOURNAL_CREATE, &other, &b->fault), ERR_VERSION);
		assert_non_null(strstr(b->fault.text, "older Wharf"));
	}
	schema_is(b, STORE_SCHEMA);
	assert_int_equal(journal_open(b->dir, JOURNAL_WRITE, &b->j, &b->fault), ERR_OK);
	assert_int_equal(scalar(b, "SELECT count(*) FROM journal"), 4);
}

/* What came with an entry is found at it, and what came long before is not; by digest alone it is found anywhere. */
static void evidence_lies_beside_its_entry(void **state)
{
	struct bench *b = *state;
	struct hash digest;
	fill(b, 3);
	assert_int_equal(evidence_put(b->j, "batch", STR("bytes"), &digest, &b->fault), ERR_OK);
	assert_true(evidence_beside(b->j, &digest, 4));
	assert_true(evidence_beside(b->j, &digest, 2 * 4096 - 1));
	assert_false(evidence_beside(b->j, &digest, 2 * 4096));
	raw_exec(b, "INSERT INTO evidence(span, digest, kind, bytes) VALUES(7, x'00', 'note', x'')");
	assert_true(evidence_has(b->j, &digest));
	assert_int_equal(evidence_put(b->j, "batch", STR("bytes"), &digest, &b->fault), ERR_OK);
	assert_int_equal(scalar(b, "SELECT count(*) FROM evidence"), 2);
}

static void a_newer_schema_is_refused(void **state)
{
	struct bench *b = *state;
	struct journal *other;
	schema_is(b, STORE_SCHEMA + 1);
	assert_int_equal(journal_open(b->dir, JOURNAL_WRITE, &other, &b->fault), ERR_VERSION);
	assert_non_null(strstr(b->fault.text, "newer"));
	assert_int_equal(journal_open(b->dir, JOURNAL_READ, &other, &b->fault), ERR_VERSION);
	schema_is(b, STORE_SCHEMA);
}

static void places_that_are_none(void **state)
{
	struct bench *b = *state;
	struct journal *other;
	char path[100];
	assert_int_equal(journal_open("/tmp/wharf-no-such-place", JOURNAL_WRITE, &other, &b->fault), ERR_NOT_FOUND);
	assert_int_equal(journal_open("/etc/hostname", JOURNAL_CREATE, &other, &b->fault), ERR_USAGE);
	assert_int_equal(journal_open("/proc/nothing/here", JOURNAL_CREATE, &other, &b->fault), ERR_DENIED);
	snprintf(path, sizeof(path), "%s/deep/er", b->dir);
	assert_int_equal(journal_open(path, JOURNAL_READ, &other, &b->fault), ERR_NOT_FOUND);
	assert_null(other);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = { T(loads_what_was_written), T(fences), T(an_epoch_has_one_leader), T(expects_the_head), T(one_transaction),
		T(read_models_follow), T(snapshots_save_time_only),
		T(a_forged_snapshot_is_not_believed),
		T(a_state_names_no_signer), T(changed_rows_are_named), T(a_newer_schema_is_refused),
		T(a_snapshot_is_made_while_work_goes_on), T(an_older_schema_is_not_touched), T(evidence_lies_beside_its_entry),
		T(places_that_are_none) };
	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
