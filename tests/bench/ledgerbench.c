/* ledgerbench: how fast signed events become durable entries, and how fast a ledger is verified and replayed.
 *
 *     ledgerbench [--kind postings|batches] [--events N] [--repeat R] [--threads T] [--only] DIR
 *     ledgerbench --bytes DIR
 *
 * postings: a bank reports N receipts (message bank.credit); each runs the shipped contract settlement.lua, which posts one
 * journal of two lines. batches: a gateway signs N batches of four windows, whose raw bytes go to the evidence store.
 *
 * Every ratio is taken inside one run. Peers measured here: libsodium's Ed25519 verification of the same envelopes, on one core
 * and on every core at once (one pinned thread a core); a bare SQLite transaction of the same rows into the same tables and indexes
 * under the same pragmas, turn by turn with one event alone: half of them while the logs of both databases grow, as in the first
 * minutes of a process (each sync also records the new size of the file), half while both write over a log that is there, as ever
 * after. Measured: the whole way of an event (signature, application, chain, tree, commit of journal, evidence and read models) in
 * commits of 256; one event alone; `wharf verify`, whole and with --ledger; replay without signatures, in memory and from the disk.
 * durable_cpu_us is the processor time of all threads, for when others use the machine too. One line of JSON a run;
 * DIR.0, DIR.1, … are made and must not exist. With --only nothing but the order path is run. */
#include <pthread.h>
#include <sched.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/runtime.h"
#include "base/instant.h"
#include "feed/apply.h"
#include "identity/keys.h"
#include "store/verify.h"

enum { GROUP = RUNTIME_GROUP_MAX, SUBMIT = 16 * GROUP, CORES_MAX = 64, ALONE = 400 };

enum kind { POSTINGS, BATCHES };
static const char *const KIND_NAMES[] = { "postings", "batches" };

#define BENCH_NAME "ledgerbench"
struct bench {
	struct key_pair admin, gateway, bank;
	struct hash ledger;
	enum kind kind;
	int64_t now;
	struct arena arena;
	struct buf *events;
	struct journal_blob *raw; /* the readings that each batch names, for the evidence store */
	size_t count, threads, cores;
	bool only;
};

#include "ledger.h"

/* Of this thread alone. */
static double thread_seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- the ledger and its events -------------------------------------------------------------------- */

static void set_up(struct bench *b, struct runtime *r)
{
	struct ev_genesis g;
	memset(&g, 0, sizeof(g));
	strcpy(g.origin, "bench.example/ledger");
	strcpy(g.currency, "EUR");
	strcpy(g.book, "BENCH");
	g.rules = 1;
	memcpy(g.admin_key.bytes, b->admin.public_key, 32);
	must_send(b, r, EVENT_GENESIS, &g);
	must_add_party(b, r, "BENCH", PARTY_WHS, NULL);
	must_add_party(b, r, "BANK", PARTY_BNK, &b->bank);
	set_up_gateway(b, r);
	must_deploy(b, r, "settlement", NULL);
}

static void seal(struct bench *b, struct envelope *env, const struct key_pair *key, struct buf *out)
{
	struct fault fault;
	env->ledger = b->ledger;
	if (envelope_sign(env, key->secret, env->event_time, &fault) != ERR_OK || envelope_encode(env, out, &fault) != ERR_OK)
		fail("signing", &fault);
}

static void make_batch(struct bench *b, size_t i, int64_t at, struct envelope *env)
{
	struct feed_window w[4];
	struct ev_batch body;
	struct buf windows = { 0 };
	memset(w, 0, sizeof(w));
	memset(&body, 0, sizeof(body));
	for (int k = 0; k < 4; k++) {
		snprintf(w[k].device, sizeof(w[k].device), "BEN/T%02d", k);
		w[k].from = at;
		w[k].count = 10;
		w[k].least = w[k].greatest = w[k].last = -18000 + (int64_t)((i * 7 + (size_t)k * 13) % 500);
		w[k].last_at = at;
		w[k].first_seq = (int64_t)i * 10 + 1;
		w[k].last_seq = (int64_t)i * 10 + 10;
	}
	feed_windows_encode(w, 4, &windows);
	strcpy(body.gateway, "GW-BENCH");
	body.sequence = (int64_t)i + 1;
	body.from = body.to = at;
	body.readings = 40;
	body.windows = blob_in(&b->arena, windows.ptr, windows.len);
	b->raw[i] = (struct journal_blob){ hash_of(windows.ptr, windows.len), "batch", blob_str(body.windows) };
	body.digest = b->raw[i].digest;
	event_envelope(&b->arena, EVENT_BATCH, "BENCH", "", at, &body, NULL, env);
	buf_free(&windows);
}

static void make_posting(struct bench *b, size_t i, int64_t at, struct envelope *env)
{
	struct ev_data body;
	char data[200];
	memset(&body, 0, sizeof(body));
	strcpy(body.name, "bank.credit");
	int n = snprintf(data, sizeof(data), "{\"amount\":\"%zu.%02zu\",\"currency\":\"EUR\",\"payer\":\"P%04zu\",\"reference\":\"R%08zu\","
		"\"book\":\"BENCH\"}", 1000 + i % 9000, i % 100, i % 977, i);
	body.data = blob_in(&b->arena, data, (size_t)n);
	event_envelope(&b->arena, EVENT_MESSAGE, "BANK", "", at, &body, NULL, env);
}

static void make_events(struct bench *b)
{
	b->events = calloc(b->count + ALONE, sizeof(*b->events));
	b->raw = calloc(b->count + ALONE, sizeof(*b->raw));
	for (size_t i = 0; i < b->count + ALONE; i++) {
		struct envelope env;
		int64_t at = b->now + (int64_t)i * 1000;
		(b->kind == BATCHES ? make_batch : make_posting)(b, i, at, &env);
		seal(b, &env, b->kind == BATCHES ? &b->gateway : &b->bank, &b->events[i]);
	}
}

static void drop_events(struct bench *b)
{
	for (size_t i = 0; i < b->count + ALONE; i++)
		buf_free(&b->events[i]);
	free(b->events);
	free(b->raw);
	arena_free(&b->arena);
}

/* --- the peer: verification alone ----------------------------------------------------------------- */

struct verifier {
	pthread_t thread;
	const struct bench *b;
	size_t core, from, to;
	atomic_int *go;
};

static void verify_some(const struct bench *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct envelope env;
		size_t bad;
		if (envelope_decode(buf_view(&b->events[i]), &env, NULL) != ERR_OK
			|| envelope_verify_signatures(&env, &bad) != REFUSED_NOT)
			fail("verification", NULL);
	}
}

static void *verifier_main(void *arg)
{
	struct verifier *v = arg;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(v->core, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (!atomic_load(v->go))
		sched_yield();
	verify_some(v->b, v->from, v->to);
	return NULL;
}

/* Signatures a second over `cores` pinned threads that run at the same time. */
static double measure_verify(struct bench *b, size_t cores)
{
	struct verifier v[CORES_MAX];
	size_t n = b->count < 20000 ? b->count : 20000;
	atomic_int go = 0;
	for (size_t i = 0; i < cores; i++) {
		v[i] = (struct verifier){ .b = b, .core = i, .from = n * i / cores, .to = n * (i + 1) / cores, .go = &go };
		if (pthread_create(&v[i].thread, NULL, verifier_main, &v[i]) != 0)
			fail("a thread", NULL);
	}
	double start = seconds();
	atomic_store(&go, 1);
	for (size_t i = 0; i < cores; i++)
		pthread_join(v[i].thread, NULL);
	return (double)n / (seconds() - start);
}

/* --- the whole way -------------------------------------------------------------------------------- */

static double measure_submit(struct bench *b, struct runtime *r, double *cpu_us)
{
	struct runtime_item *items = calloc(SUBMIT, sizeof(*items));
	struct fault fault;
	double start = seconds(), cpu = cpu_seconds();
	for (size_t i = 0; i < b->count; i += SUBMIT) {
		size_t n = b->count - i < SUBMIT ? b->count - i : SUBMIT;
		memset(items, 0, SUBMIT * sizeof(*items));
		for (size_t k = 0; k < n; k++) {
			items[k].envelope = buf_view(&b->events[i + k]);
			items[k].blobs = &b->raw[i + k];
			items[k].blob_count = b->kind == BATCHES;
		}
		if (runtime_submit(r, items, n, &fault) != ERR_OK)
			fail("submit", &fault);
		for (size_t k = 0; k < n; k++)
			if (items[k].verdict != REFUSED_NOT)
				fail(refusal_name(items[k].verdict), NULL);
	}
	double rate = (double)b->count / (seconds() - start);
	*cpu_us = (cpu_seconds() - cpu) * 1e6 / (double)b->count;
	free(items);
	return rate;
}

/* --- one event alone ------------------------------------------------------------------------------ */

/* The rows that one entry writes, by table: ?1 is its number, ?2 the number as ids begin with it. */
struct copied {
	const char *table, *rows;
};
static const struct copied COPIED[][7] = {
	[POSTINGS] = { { "journal", "number = ?1" }, { "r_news", "id >= ?2 AND id < ?2 || '~'" }, { "r_journal", "id >= ?2 AND id < ?2 || '~'" },
		{ "r_posting", "id >= ?2 AND id < ?2 || '~'" }, { "r_account", "?1 AND ?2 = ?2" } },
	[BATCHES] = { { "journal", "number = ?1" }, { "evidence", "id = (SELECT max(id) FROM evidence)" },
		{ "r_batch", "id = (SELECT max(id) FROM r_batch)" }, { "r_series", "?1" }, { "r_gateway", "?1" },
		{ "r_window", "batch = (SELECT max(sequence) FROM r_batch)" } },
};
enum { COPIED_MAX = 7, BARE_VALUES = 400 };

/* A database with the tables and indexes of those rows, and one transaction for each entry that was measured. */
struct bare {
	sqlite3 *db, *from;
	sqlite3_stmt *get[COPIED_MAX], *put[COPIED_MAX], *begin, *commit;
	int columns[COPIED_MAX];
	size_t tables, rows;
	size_t table_of[64];
	sqlite3_value *values[BARE_VALUES];
};

static void bare_must(struct bare *x, bool good)
{
	if (!good) {
		fprintf(stderr, "ledgerbench: the bare database: %s; %s\n", sqlite3_errmsg(x->db), sqlite3_errmsg(x->from));
		exit(1);
	}
}

/* The table as the ledger describes it, with its index, and the statements that read and write its rows. */
static void bare_table(struct bare *x, size_t t, const struct copied *c)
{
	sqlite3_stmt *s;
	char sql[600];
	size_t n;
	snprintf(sql, sizeof(sql), "SELECT sql FROM sqlite_master WHERE tbl_name = '%s' AND sql IS NOT NULL ORDER BY type DESC", c->table);
	bare_must(x, sqlite3_prepare_v2(x->from, sql, -1, &s, NULL) == SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW)
		bare_must(x, sqlite3_exec(x->db, (const char *)sqlite3_column_text(s, 0), NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_finalize(s);
	snprintf(sql, sizeof(sql), "SELECT * FROM %s WHERE %s", c->table, c->rows);
	bare_must(x, sqlite3_prepare_v2(x->from, sql, -1, &x->get[t], NULL) == SQLITE_OK);
	x->columns[t] = sqlite3_column_count(x->get[t]);
	n = (size_t)snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO %s VALUES(?", c->table);
	for (int i = 1; i < x->columns[t]; i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, ",?");
	snprintf(sql + n, sizeof(sql) - n, ")");
	bare_must(x, sqlite3_prepare_v2(x->db, sql, -1, &x->put[t], NULL) == SQLITE_OK);
}

static void bare_open(struct bare *x, const struct bench *b, const char *dir)
{
	char path[1100];
	memset(x, 0, sizeof(*x));
	snprintf(path, sizeof(path), "%s/wharf.db", dir);
	bare_must(x, sqlite3_open_v2(path, &x->from, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	snprintf(path, sizeof(path), "%s/bare.db", dir);
	bare_must(x, sqlite3_open(path, &x->db) == SQLITE_OK
		&& sqlite3_exec(x->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
			" PRAGMA wal_autocheckpoint = 4000", NULL, NULL, NULL) == SQLITE_OK
		&& sqlite3_prepare_v2(x->db, "BEGIN IMMEDIATE", -1, &x->begin, NULL) == SQLITE_OK
		&& sqlite3_prepare_v2(x->db, "COMMIT", -1, &x->commit, NULL) == SQLITE_OK);
	while (x->tables < COPIED_MAX && COPIED[b->kind][x->tables].table) {
		bare_table(x, x->tables, &COPIED[b->kind][x->tables]);
		x->tables++;
	}
}

/* Takes what the entry wrote out of the ledger. */
static void bare_take(struct bare *x, uint64_t number)
{
	char text[24];
	size_t v = 0;
	snprintf(text, sizeof(text), "%010llu", (unsigned long long)number);
	x->rows = 0;
	for (size_t t = 0; t < x->tables; t++) {
		sqlite3_bind_int64(x->get[t], 1, (sqlite3_int64)number);
		sqlite3_bind_text(x->get[t], 2, text, -1, SQLITE_STATIC);
		while (sqlite3_step(x->get[t]) == SQLITE_ROW && v + (size_t)x->columns[t] <= BARE_VALUES) {
			for (int i = 0; i < x->columns[t]; i++)
				x->values[v++] = sqlite3_value_dup(sqlite3_column_value(x->get[t], i));
			x->table_of[x->rows++] = t;
		}
		sqlite3_reset(x->get[t]);
	}
}

/* One bare transaction with these rows; its time in microseconds. */
static double bare_commit(struct bare *x)
{
	size_t v = 0;
	double start = seconds();
	bare_must(x, sqlite3_step(x->begin) == SQLITE_DONE);
	sqlite3_reset(x->begin);
	for (size_t r = 0; r < x->rows; r++) {
		size_t t = x->table_of[r];
		for (int i = 0; i < x->columns[t]; i++)
			sqlite3_bind_value(x->put[t], i + 1, x->values[v++]);
		bare_must(x, sqlite3_step(x->put[t]) == SQLITE_DONE);
		sqlite3_reset(x->put[t]);
	}
	bare_must(x, sqlite3_step(x->commit) == SQLITE_DONE);
	sqlite3_reset(x->commit);
	double us = (seconds() - start) * 1e6;
	while (v)
		sqlite3_value_free(x->values[--v]);
	return us;
}

static void bare_close(struct bare *x)
{
	for (size_t t = 0; t < x->tables; t++) {
		sqlite3_finalize(x->get[t]);
		sqlite3_finalize(x->put[t]);
	}
	sqlite3_finalize(x->begin);
	sqlite3_finalize(x->commit);
	sqlite3_close(x->db);
	sqlite3_close(x->from);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* What one event alone costs, and the bare transaction of the same rows: microseconds, medians; processor time of the thread. */
struct alone {
	double us, cpu_us, bare_us, bare_cpu_us;
};

/* Moves both logs into their databases: with `cut` they grow anew from nothing, else they are written over from the beginning. */
static void logs_begin(struct bare *x, const char *dir, bool cut)
{
	const char *sql = cut ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)";
	char path[1100];
	sqlite3 *ours;
	snprintf(path, sizeof(path), "%s/wharf.db", dir);
	bare_must(x, sqlite3_exec(x->db, sql, NULL, NULL, NULL) == SQLITE_OK);
	bare_must(x, sqlite3_open_v2(path, &ours, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
		&& sqlite3_exec(ours, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(ours);
}

static double median(double *x, size_t n)
{
	qsort(x, n, sizeof(x[0]), by_size);
	return x[n / 2];
}

/* Turn by turn. */
static struct alone measure_alone(struct bench *b, struct runtime *r, struct bare *other, size_t from, size_t count)
{
	static double us[ALONE], cpu[ALONE], bare[ALONE], bare_cpu[ALONE];
	struct fault fault;
	for (size_t i = 0; i < count; i++) {
		size_t k = b->count + from + i;
		struct runtime_item item = { .envelope = buf_view(&b->events[k]), .blobs = &b->raw[k], .blob_count = b->kind == BATCHES };
		double start = seconds(), begun = thread_seconds();
		if (runtime_submit(r, &item, 1, &fault) != ERR_OK || item.verdict != REFUSED_NOT)
			fail("one event alone", &fault);
		us[i] = (seconds() - start) * 1e6;
		cpu[i] = (thread_seconds() - begun) * 1e6;
		bare_take(other, item.number);
		begun = thread_seconds();
		bare[i] = bare_commit(other);
		bare_cpu[i] = (thread_seconds() - begun) * 1e6;
	}
	return (struct alone){ median(us, count), median(cpu, count), median(bare, count), median(bare_cpu, count) };
}

/* --- sizes ---------------------------------------------------------------------------------------- */

struct sizes {
	uint64_t from, entries, bytes;
};

static bool size_row(void *ctx, const struct journal_row *row)
{
	struct sizes *z = ctx;
	struct buf bytes = { 0 };
	if (entry_encode(&row->entry, &bytes, NULL) == ERR_OK) {
		z->entries++;
		z->bytes += bytes.len;
	}
	buf_free(&bytes);
	return true;
}

/* Bytes of an entry as it is encoded, and of the data directory for each. */
static void measure_sizes(struct bench *b, struct runtime *r, const char *dir, double *entry, double *disk)
{
	struct sizes z = { 0 };
	struct fault fault;
	struct stat st;
	char path[1100];
	uint64_t size = engine_link(runtime_engine(r))->next;
	double bytes = 0;
	if (journal_tail(runtime_journal(r), size - b->count, UINT64_MAX, size_row, &z, &fault) != ERR_OK)
		fail("reading", &fault);
	/* the file, or the log when nothing of it was taken into the file yet */
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/wharf.db%s", dir, i ? "-wal" : "");
		bytes = stat(path, &st) == 0 && (double)st.st_size > bytes ? (double)st.st_size : bytes;
	}
	*entry = (double)z.bytes / (double)z.entries;
	*disk = bytes / (double)size;
}

/* --- bytes of what the ledger is about -------------------------------------------------------------- */

enum { DEALS_MAX = 4096 };

struct about {
	char deals[DEALS_MAX][ENVELOPE_TEXT_MAX];
	uint64_t deal_count, deal_entries, deal_bytes, readings, batch_entries, batch_bytes, entries, bytes;
};

static void about_deal(struct about *a, const char *deal, size_t bytes)
{
	size_t i = 0;
	while (i < a->deal_count && strcmp(a->deals[i], deal) != 0)
		i++;
	if (i == a->deal_count && i < DEALS_MAX)
		snprintf(a->deals[a->deal_count++], ENVELOPE_TEXT_MAX, "%s", deal);
	a->deal_entries++;
	a->deal_bytes += bytes;
}

static bool about_row(void *ctx, const struct journal_row *row)
{
	struct about *a = ctx;
	struct buf bytes = { 0 };
	struct arena scratch = { 0 };
	struct envelope env;
	struct ev_batch batch;
	if (entry_encode(&row->entry, &bytes, NULL) != ERR_OK || !envelope_decode_again(row->entry.envelope, &env))
		fail("an entry", NULL);
	a->entries++;
	a->bytes += bytes.len;
	if (env.deal[0])
		about_deal(a, env.deal, bytes.len);
	if (env.kind == EVENT_BATCH && rec_decode(&EV_BATCH_REC, env.body, &batch, &scratch)) {
		a->readings += (uint64_t)batch.readings;
		a->batch_entries++;
		a->batch_bytes += bytes.len;
	}
	arena_free(&scratch);
	buf_free(&bytes);
	return true;
}

/* Of a ledger that is there: entries as they are encoded, of those that name a deal for each deal, of batches for each 1,000 readings. */
static int print_bytes(const char *dir)
{
	struct about *a = calloc(1, sizeof(*a));
	struct journal *j;
	struct fault fault;
	if (journal_open(dir, JOURNAL_READ, &j, &fault) != ERR_OK || journal_tail(j, 0, UINT64_MAX, about_row, a, &fault) != ERR_OK)
		fail("reading", &fault);
	journal_close(j);
	printf("{\"entries\":%llu,\"bytes\":%llu,\"deals\":%llu,"
		"\"deal_entries\":%llu,\"bytes_per_deal\":%.0f,\"all_per_deal\":%.0f,\"batches\":%llu,\"readings\":%llu,"
		"\"bytes_per_1000_readings\":%.0f}\n", (unsigned long long)a->entries, (unsigned long long)a->bytes, (unsigned long long)a->deal_count,
		(unsigned long long)a->deal_entries, a->deal_count ? (double)a->deal_bytes / (double)a->deal_count : 0,
		a->deal_count ? (double)(a->bytes - a->batch_bytes) / (double)a->deal_count : 0,
		(unsigned long long)a->batch_entries, (unsigned long long)a->readings,
		a->readings ? 1000.0 * (double)a->batch_bytes / (double)a->readings : 0);
	free(a);
	return 0;
}

/* `wharf verify`: everything again, signatures included; or with --ledger, with signatures or without. */
static double measure_whole(const char *dir, const struct verify_options *o, const struct hash *want)
{
	struct journal *j;
	struct verify_report report;
	struct fault fault;
	struct engine *e = engine_new();
	double start = seconds();
	if (journal_open(dir, JOURNAL_READ, &j, &fault) != ERR_OK || journal_verify_with(j, e, o, &report, &fault) != ERR_OK)
		fail("verifying", &fault);
	double rate = (double)report.entries / (seconds() - start);
	struct hash digest = engine_digest(e);
	if (!o->ledger && !hash_eq(&digest, want))
		fail("the verified state differs", NULL);
	journal_close(j);
	engine_free(e);
	return rate;
}

/* --- replay --------------------------------------------------------------------------------------- */

struct replay {
	struct engine *engine;
	struct buf *rows;
	struct engine_in *in;
	size_t count;
};

static bool collect(void *ctx, const struct journal_row *row)
{
	struct replay *p = ctx;
	buf_str(&p->rows[p->count], row->entry.envelope);
	p->in[p->count] = (struct engine_in){ row->entry.stamp, row->entry.epoch, { 0 }, true };
	p->count++;
	return true;
}

static double measure_replay(struct runtime *r, struct hash *digest)
{
	size_t total = (size_t)engine_link(runtime_engine(r))->next;
	struct replay p = { engine_new(), calloc(total, sizeof(struct buf)), calloc(total, sizeof(struct engine_in)), 0 };
	struct fault fault;
	if (journal_tail(runtime_journal(r), 0, UINT64_MAX, collect, &p, &fault) != ERR_OK)
		fail("reading", &fault);
	double start = seconds();
	for (size_t i = 0; i < p.count; i++) {
		struct engine_out out;
		p.in[i].envelope = buf_view(&p.rows[i]);
		engine_step(p.engine, &p.in[i], &out);
	}
	double rate = (double)p.count / (seconds() - start);
	*digest = engine_digest(p.engine);
	engine_free(p.engine);
	for (size_t i = 0; i < total; i++)
		buf_free(&p.rows[i]);
	free(p.rows);
	free(p.in);
	return rate;
}

/* The whole way back from the disk: rows read, links, digests, verdicts and outcomes compared. */
static double measure_load(struct runtime *r, const struct hash *want)
{
	struct engine *e = engine_new();
	struct fault fault;
	double start = seconds();
	if (journal_load(runtime_journal(r), e, false, false, &fault) != ERR_OK)
		fail("loading", &fault);
	double rate = (double)engine_link(e)->next / (seconds() - start);
	struct hash digest = engine_digest(e);
	if (!hash_eq(&digest, want))
		fail("the loaded state differs", NULL);
	engine_free(e);
	return rate;
}

/* --- one run -------------------------------------------------------------------------------------- */

static void run(struct bench *b, const char *path)
{
	struct runtime *r;
	struct fault fault;
	struct hash digest, live;
	struct runtime_options o = { .dir = path, .mode = JOURNAL_CREATE, .clock = bench_clock, .clock_ctx = &b->now,
		.threads = b->threads };
	if (runtime_open(&o, &r, &fault) != ERR_OK)
		fail("open", &fault);
	set_up(b, r);
	b->ledger = engine_ledger(engine_tabs(runtime_engine(r)));
	make_events(b);
	double cpu_us, one = measure_verify(b, 1), all = measure_verify(b, b->cores), submit = measure_submit(b, r, &cpu_us);
	if (b->only) {
		printf("{\"durable_per_s\":%.0f,\"cpu_us\":%.1f,\"verify_all_per_s\":%.0f}\n", submit, cpu_us, all);
		return;
	}
	double entry, disk;
	struct bare bare;
	bare_open(&bare, b, path);
	logs_begin(&bare, path, true);
	struct alone grows = measure_alone(b, r, &bare, 0, ALONE / 2);
	logs_begin(&bare, path, false);
	struct alone over = measure_alone(b, r, &bare, ALONE / 2, ALONE / 2);
	bare_close(&bare);
	double replay = measure_replay(r, &digest);
	live = engine_digest(runtime_engine(r));
	double load = measure_load(r, &live), whole = measure_whole(path, &(struct verify_options){ .threads = b->threads }, &live);
	double ledger = measure_whole(path, &(struct verify_options){ .threads = b->threads, .ledger = true }, &live);
	double plain = measure_whole(path, &(struct verify_options){ .threads = b->threads, .ledger = true, .no_signatures = true }, &live);
	measure_sizes(b, r, path, &entry, &disk);
	printf("{\"bench\":\"ledger\",\"kind\":\"%s\",\"events\":%zu,\"threads\":%zu,\"verify_core_per_s\":%.0f,\"verify_all_per_s\":%.0f,"
		"\"durable_per_s\":%.0f,\"durable_cpu_us\":%.1f,\"share\":%.3f,\"alone_us\":%.0f,\"alone_cpu_us\":%.1f,\"bare_us\":%.0f,"
		"\"bare_cpu_us\":%.1f,\"alone_ratio\":%.3f,\"growing_us\":%.0f,\"growing_bare_us\":%.0f,\"growing_ratio\":%.3f,"
		"\"replay_per_s\":%.0f,"
		"\"load_per_s\":%.0f,\"whole_per_s\":%.0f,\"whole_share\":%.3f,\"ledger_per_s\":%.0f,\"ledger_share\":%.3f,\"plain_per_s\":%.0f,\"entry_bytes\":%.0f,"
		"\"disk_bytes\":%.0f,\"digest_equal\":%s}\n",
		KIND_NAMES[b->kind], b->count, b->threads, one, all, submit, cpu_us, submit / all, over.us, over.cpu_us, over.bare_us,
		over.bare_cpu_us, over.us / over.bare_us, grows.us, grows.bare_us, grows.us / grows.bare_us, replay,
		load, whole, whole / all, ledger, ledger / all, plain, entry, disk, hash_eq(&digest, &live) ? "true" : "false");
	fflush(stdout);
	runtime_close(r);
	drop_events(b);
	b->now += INSTANT_DAY;
}

int main(int argc, char **argv)
{
	struct bench b = { .count = 20000, .cores = (size_t)sysconf(_SC_NPROCESSORS_ONLN) };
	uint8_t seed[32] = { 1 };
	int repeat = 1;
	const char *dir = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--events") == 0 && i + 1 < argc)
			b.count = (size_t)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--repeat") == 0 && i + 1 < argc)
			repeat = (int)strtol(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
			b.threads = (size_t)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--only") == 0)
			b.only = true;
		else if (strcmp(argv[i], "--bytes") == 0 && i + 1 < argc)
			return print_bytes(argv[i + 1]);
		else if (strcmp(argv[i], "--kind") == 0 && i + 1 < argc)
			b.kind = strcmp(argv[++i], "batches") == 0 ? BATCHES : POSTINGS;
		else
			dir = argv[i];
	}
	if (!dir || !b.count || sodium_init() < 0) {
		fprintf(stderr, "usage: ledgerbench [--kind postings|batches] [--events N] [--repeat R] [--threads T] [--only] DIR\n");
		return 2;
	}
	b.cores = b.cores > CORES_MAX ? CORES_MAX : b.cores;
	key_pair_from_seed(seed, &b.admin);
	seed[0] = 2;
	key_pair_from_seed(seed, &b.gateway);
	seed[0] = 3;
	key_pair_from_seed(seed, &b.bank);
	b.now = instant_of(2026, 3, 16, 8, 0, 0);
	for (int k = 0; k < repeat; k++) {
		char path[1000];
		snprintf(path, sizeof(path), "%s.%d", dir, k);
		run(&b, path);
	}
	return 0;
}
