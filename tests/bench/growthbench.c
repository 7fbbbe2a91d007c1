/* growthbench: what a ledger costs as it grows.
 *
 *     growthbench [--sizes "10000 100000"] [--no-sync] [--keep] [--resume] [DIR]
 *
 * One ledger grows to each size in turn. Of twenty entries eighteen are a gateway's batches of four devices, two the bank's
 * credits (a contract posts each); timers tick as they fall due. The clock is virtual: 10^6 entries are a year. Entries are
 * committed in groups of 256, durably. Events are admitted without looking at their signature, which is not what is measured
 * here (ledgerbench is for that). At each size: the cost of an entry over the last twentieth, at least the last 5,000; writing and
 * size of a snapshot; then in a process of its own the start from it, memory, and inclusion and consistency proofs of random
 * entries, each twice: the second round ("again") asks the same of the file when the machine has read it, so that the disk shows in
 * the first alone. Bytes on disk by table. One line of JSON a size. DIR is made and must not exist; without it one in /tmp, which is removed. With
 * --resume it exists: a ledger that an earlier run with --keep left, or that was stopped, grows on. */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "app/runtime.h"
#include "base/instant.h"
#include "feed/apply.h"
#include "identity/keys.h"
#include "store/snapshotting.h"

enum { GROUP = 256, PROOFS = 2000, LAST = 5000, YEAR_ENTRIES = 1000000 };
#define STEP (365 * INSTANT_DAY / YEAR_ENTRIES)

#define BENCH_NAME "growthbench"
struct bench {
	struct key_pair admin, node, gateway, bank;
	int64_t now;
	struct arena arena;
	struct journal *journal;
	struct engine *engine;
	uint64_t epoch, batches, credits;
	double step_s, commit_s;
	struct buf bytes[GROUP];
	struct journal_row rows[GROUP];
	struct journal_blob blobs[4 * GROUP];
	size_t count, blob_count;
};

#include "ledger.h"

/* --- the ledger ------------------------------------------------------------------------------------ */

/* Money in suspense is asked for every day until somebody clears it. Nobody does here: it is booked under another name. */
static void unsuspended(char *text)
{
	for (char *at = text; (at = strstr(at, "post(\"suspense\"")) != NULL; at++)
		memcpy(at, "post(\"received\"", strlen("post(\"received\""));
}

static void set_up(struct bench *b, const char *dir)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_CREATE, .clock = bench_clock, .clock_ctx = &b->now };
	struct runtime *r;
	struct fault fault;
	struct ev_genesis g;
	memset(&g, 0, sizeof(g));
	strcpy(g.origin, "bench.example/ledger");
	strcpy(g.currency, "EUR");
	strcpy(g.book, "BENCH");
	g.rules = 1;
	memcpy(g.admin_key.bytes, b->admin.public_key, 32);
	memcpy(g.node_key.bytes, b->node.public_key, 32);
	if (runtime_open(&o, &r, &fault) != ERR_OK)
		fail("open", &fault);
	must_send(b, r, EVENT_GENESIS, &g);
	must_add_party(b, r, "BENCH", PARTY_WHS, NULL);
	must_add_party(b, r, "BANK", PARTY_BNK, &b->bank);
	set_up_gateway(b, r);
	must_deploy(b, r, "settlement", unsuspended);
	runtime_close(r);
}

/* --- events ---------------------------------------------------------------------------------------- */

static struct journal_blob batch_of(struct bench *b, struct envelope *env)
{
	struct feed_window w[4];
	struct ev_batch body;
	struct buf windows = { 0 };
	uint64_t i = b->batches++;
	memset(w, 0, sizeof(w));
	memset(&body, 0, sizeof(body));
	for (int k = 0; k < 4; k++) {
		snprintf(w[k].device, sizeof(w[k].device), "BEN/T%02d", k);
		w[k].from = b->now;
		w[k].count = 10;
		w[k].least = w[k].greatest = w[k].last = -18000 + (int64_t)((i * 7 + (uint64_t)k * 13) % 500);
		w[k].last_at = b->now;
		w[k].first_seq = (int64_t)i * 10 + 1;
		w[k].last_seq = (int64_t)i * 10 + 10;
	}
	feed_windows_encode(w, 4, &windows);
	strcpy(body.gateway, "GW-BENCH");
	body.sequence = (int64_t)i + 1;
	body.from = body.to = b->now;
	body.readings = 40;
	body.windows = blob_in(&b->arena, windows.ptr, windows.len);
	body.digest = hash_of(windows.ptr, windows.len);
	event_envelope(&b->arena, EVENT_BATCH, "BENCH", "", b->now, &body, NULL, env);
	buf_free(&windows);
	return (struct journal_blob){ body.digest, "batch", blob_str(body.windows) };
}

static void credit_of(struct bench *b, struct envelope *env)
{
	struct ev_data body;
	char data[200];
	uint64_t i = b->credits++;
	memset(&body, 0, sizeof(body));
	strcpy(body.name, "bank.credit");
	int n = snprintf(data, sizeof(data), "{\"amount\":\"%llu.%02llu\",\"currency\":\"EUR\",\"payer\":\"P%04llu\","
		"\"reference\":\"R%08llu\",\"book\":\"BENCH\"}", (unsigned long long)(1000 + i % 9000), (unsigned long long)(i % 100),
		(unsigned long long)(i % 977), (unsigned long long)i);
	body.data = blob_in(&b->arena, data, (size_t)n);
	event_envelope(&b->arena, EVENT_MESSAGE, "BANK", "", b->now, &body, NULL, env);
}

/* The right signer with a signature of zeroes: nobody looks at it. */
static void seal(struct envelope *env, const struct key_pair *key, int64_t at, struct buf *out)
{
	struct fault fault;
	env->signature_count = 1;
	memset(&env->signatures[0], 0, sizeof(env->signatures[0]));
	memcpy(env->signatures[0].public_key, key->public_key, 32);
	env->signatures[0].signed_at = at;
	buf_clear(out);
	if (envelope_encode(env, out, &fault) != ERR_OK)
		fail("encoding", &fault);
}

/* --- growing --------------------------------------------------------------------------------------- */

static void commit(struct bench *b)
{
	struct journal_append append = { b->rows, b->count, b->blobs, b->blob_count, engine_tree_mutable(b->engine) };
	struct fault fault;
	double start = seconds();
	if (b->count && journal_commit(b->journal, b->epoch, b->rows[0].entry.number, &append, engine_tabs_mutable(b->engine), &fault) != ERR_OK)
		fail("commit", &fault);
	b->commit_s += seconds() - start;
	b->count = b->blob_count = 0;
	arena_reset(&b->arena);
}

static void step(struct bench *b, struct envelope *env, const struct key_pair *key, const struct journal_blob *raw)
{
	struct engine_out out;
	struct buf *bytes = &b->bytes[b->count];
	env->ledger = engine_ledger(engine_tabs(b->engine));
	seal(env, key, b->now, bytes);
	struct engine_in in = { engine_next_stamp(b->engine, b->now), b->epoch, buf_view(bytes), true };
	double start = seconds();
	engine_step(b->engine, &in, &out);
	b->step_s += seconds() - start;
	if (out.verdict != REFUSED_NOT)
		fail(refusal_name(out.verdict), &(struct fault){ .text = "an event of the mix" });
	if (raw)
		b->blobs[b->blob_count++] = *raw;
	for (struct evidence *e = out.evidence; e && b->blob_count < 4 * GROUP; e = e->next)
		b->blobs[b->blob_count++] = (struct journal_blob){ e->digest, "decision", { arena_copy(&b->arena, e->bytes.ptr, e->bytes.len), e->bytes.len } };
	b->rows[b->count++] = (struct journal_row){ out.entry, out.digests };
	if (b->count == GROUP)
		commit(b);
}

static void grow(struct bench *b, uint64_t to)
{
	while (engine_link(b->engine)->next < to) {
		struct envelope env;
		b->now += STEP;
		while (engine_tick(b->engine, b->now, &b->arena, &env) && engine_link(b->engine)->next < to)
			step(b, &env, &b->node, NULL);
		if ((b->batches + b->credits) % 10 == 9) {
			credit_of(b, &env);
			step(b, &env, &b->bank, NULL);
		} else {
			struct journal_blob raw = batch_of(b, &env);
			step(b, &env, &b->gateway, &raw);
		}
	}
	commit(b);
}

/* --- measuring ------------------------------------------------------------------------------------- */

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double at_share(double *v, size_t n, double share)
{
	qsort(v, n, sizeof(*v), by_size);
	return v[(size_t)((double)(n - 1) * share)] * 1e6;
}

static uint64_t dice(uint64_t *state, uint64_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*state >> 20) % below;
}

static long resident_kb(void)
{
	long pages = 0, ignored;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%ld %ld", &ignored, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void measure_proofs(const struct merkle *t, const char *round)
{
	static double inclusion[PROOFS], consistency[PROOFS];
	uint64_t size = merkle_size(t), state = 5;
	struct hash root = merkle_root(t);
	for (int i = 0; i < PROOFS; i++) {
		struct merkle_proof p;
		uint64_t index = dice(&state, size), older = 1 + dice(&state, size - 1);
		double start = seconds();
		bool good = merkle_prove_inclusion(t, index, size, &p);
		inclusion[i] = seconds() - start;
		struct hash leaf = merkle_leaf_at(t, index);
		if (!good || !merkle_verify_inclusion(index, size, &leaf, p.hashes, p.count, &root))
			fail("an inclusion proof does not hold", NULL);
		start = seconds();
		good = merkle_prove_consistency(t, older, size, &p);
		consistency[i] = seconds() - start;
		struct hash old = merkle_root_at(t, older);
		if (!good || !merkle_verify_consistency(older, size, &old, &root, p.hashes, p.count))
			fail("a consistency proof does not hold", NULL);
	}
	printf("\"inclusion%s_us_p50\":%.1f,\"inclusion%s_us_p95\":%.1f,", round, at_share(inclusion, PROOFS, 0.5), round,
		at_share(inclusion, PROOFS, 0.95));
	printf("\"consistency%s_us_p50\":%.1f,\"consistency%s_us_p95\":%.1f,", round, at_share(consistency, PROOFS, 0.5), round,
		at_share(consistency, PROOFS, 0.95));
}

/* In a process of its own: memory and caches are those of a start. */
static int start_main(const char *dir)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_READ };
	struct runtime *r;
	struct fault fault;
	double start = seconds(), cpu = cpu_seconds();
	if (runtime_open(&o, &r, &fault) != ERR_OK)
		fail("start", &fault);
	double took = seconds() - start;
	long kb = resident_kb();
	const struct merkle *tree = engine_tree(runtime_engine(r));
	printf("\"start_ms\":%.0f,\"start_cpu_ms\":%.0f,\"resident_mb\":%.1f,", took * 1e3, (cpu_seconds() - cpu) * 1e3, (double)kb / 1024);
	measure_proofs(tree, "");
	measure_proofs(tree, "_again");
	printf("\"tree_kb\":%zu", merkle_bytes(tree) / 1024);
	runtime_close(r);
	fflush(stdout);
	return 0;
}

static void measure_start(const char *self, const char *dir)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		execl(self, self, "--start", dir, (char *)NULL);
		_exit(127);
	}
	int status = 1;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fail("the process that starts", NULL);
}

static void measure_snapshot(struct bench *b)
{
	struct buf bytes = { 0 };
	struct fault fault;
	size_t records = 0;
	double start = seconds();
	engine_snapshot(b->engine, &bytes);
	double made = seconds();
	if (snapshot_put(b->journal, engine_link(b->engine)->next, buf_view(&bytes), &fault) != ERR_OK)
		fail("snapshot", &fault);
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++)
		records += tab_count(engine_tabs(b->engine), STATE_TYPES[i]);
	printf("\"records\":%zu,\"snapshot_mb\":%.1f,\"snapshot_make_ms\":%.0f,\"snapshot_write_ms\":%.0f,", records,
		(double)bytes.len / 1e6, (made - start) * 1e3, (seconds() - made) * 1e3);
	buf_free(&bytes);
}

/* The same as the program does it: a copy works, and the bytes are written piece by piece. The longest piece is what the
 * program's loop stands still for. */
static void measure_stall(struct bench *b)
{
	struct fault fault;
	double start = seconds(), cpu = cpu_seconds(), longest, longest_cpu, begun = start;
	struct snapshotting *s = snapshotting_begin(b->engine);
	if (!s)
		fail("a snapshot beside", NULL);
	double fork_s = longest = seconds() - start;
	longest_cpu = cpu_seconds() - cpu;
	for (bool done = false; !done;) {
		usleep(1000);
		start = seconds();
		cpu = cpu_seconds();
		if (snapshotting_advance(s, b->journal, &done, &fault) != ERR_OK)
			fail("a snapshot beside", &fault);
		longest = seconds() - start > longest ? seconds() - start : longest;
		longest_cpu = cpu_seconds() - cpu > longest_cpu ? cpu_seconds() - cpu : longest_cpu;
	}
	snapshotting_end(s);
	printf("\"beside_begin_ms\":%.1f,\"beside_longest_ms\":%.1f,\"beside_longest_cpu_ms\":%.1f,\"beside_whole_ms\":%.0f,", fork_s * 1e3,
		longest * 1e3, longest_cpu * 1e3, (seconds() - begun) * 1e3);
}

/* Pages of each table, divided by the entries; dbstat counts bytes in 32 bits, pages suffice. */
static void measure_disk(const char *dir, uint64_t entries)
{
	static const char *const OF[][2] = { { "journal", "name = 'journal'" }, { "tiles", "name = 'tile'" },
		{ "models", "name GLOB 'r_*'" }, { "evidence", "name GLOB 'evidence*'" } };
	char path[1100], sql[200];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/wharf.db", dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fail("measuring the file", NULL);
	for (size_t i = 0; i < sizeof(OF) / sizeof(OF[0]); i++) {
		sqlite3_stmt *s = NULL;
		snprintf(sql, sizeof(sql), "SELECT sum(pageno) * (SELECT page_size FROM pragma_page_size) FROM dbstat WHERE %s AND aggregate = 1", OF[i][1]);
		double bytes = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW
			? sqlite3_column_double(s, 0) : 0;
		sqlite3_finalize(s);
		printf(",\"%s_bytes\":%.0f", OF[i][0], bytes / (double)entries);
	}
	sqlite3_close(db);
}

static void measure(struct bench *b, const char *self, const char *dir, uint64_t size)
{
	uint64_t have = engine_link(b->engine)->next, last = size / 20 > LAST ? size / 20 : LAST;
	if (size > have + last)
		grow(b, size - last);
	have = engine_link(b->engine)->next;
	b->step_s = b->commit_s = 0;
	double start = seconds(), cpu = cpu_seconds();
	grow(b, size);
	double took = seconds() - start, n = (double)(size - have) / 1e6;
	printf("{\"bench\":\"growth\",\"entries\":%llu,\"append_us\":%.1f,\"append_cpu_us\":%.1f,\"step_us\":%.1f,\"commit_us\":%.1f,",
		(unsigned long long)size, took / n, (cpu_seconds() - cpu) / n, b->step_s / n, b->commit_s / n);
	measure_snapshot(b);
	measure_stall(b);
	measure_start(self, dir);
	measure_disk(dir, size);
	printf("}\n");
	fflush(stdout);
}

/* Where the mix stood: the gateway's number says it. */
static void take_up(struct bench *b)
{
	const struct gateway *g = tab_get(engine_tabs(b->engine), &GATEWAY_REC, "GW-BENCH");
	b->batches = g ? (uint64_t)g->sequence : 0;
	b->credits = b->batches / 9;
	b->now = engine_link(b->engine)->stamp > b->now ? engine_link(b->engine)->stamp : b->now;
}

static void run(struct bench *b, const char *self, const char *dir, const char *sizes, bool sync, bool resume)
{
	struct fault fault;
	if (!resume)
		set_up(b, dir);
	b->engine = engine_new();
	if (journal_open(dir, JOURNAL_WRITE, &b->journal, &fault) != ERR_OK || journal_acquire(b->journal, false, &b->epoch, &fault) != ERR_OK)
		fail("open", &fault);
	journal_set_node(b->journal, b->node.secret);
	if (journal_load(b->journal, b->engine, false, true, &fault) != ERR_OK || (!sync && journal_set_scratch(b->journal, &fault) != ERR_OK))
		fail("open", &fault);
	take_up(b);
	for (char *end; *sizes; sizes = end) {
		uint64_t size = strtoull(sizes, &end, 10);
		if (end == sizes)
			break;
		measure(b, self, dir, size);
	}
	journal_close(b->journal);
	engine_free(b->engine);
}

int main(int argc, char **argv)
{
	static struct bench b;
	const char *sizes = "10000", *given = NULL;
	char dir[64] = "/tmp/wharf-growth-XXXXXX", path[300], clean[400], self[1000];
	bool keep = false, sync = true, resume = false;
	uint8_t seed[32] = { 1 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--start") == 0 && i + 1 < argc)
			return sodium_init() < 0 ? 1 : start_main(argv[i + 1]);
		if (strcmp(argv[i], "--sizes") == 0 && i + 1 < argc)
			sizes = argv[++i];
		else if (strcmp(argv[i], "--no-sync") == 0)
			sync = false;
		else if (strcmp(argv[i], "--keep") == 0)
			keep = true;
		else if (strcmp(argv[i], "--resume") == 0)
			resume = keep = true;
		else
			given = argv[i];
	}
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (sodium_init() < 0 || n <= 0 || (!given && !mkdtemp(dir)))
		fail("starting", NULL);
	self[n] = '\0';
	snprintf(path, sizeof(path), "%.200s/ledger", given ? given : dir);
	if (resume != (given && access(path, F_OK) == 0) || (given && !resume && mkdir(given, 0700) != 0))
		fail(resume ? "--resume needs the DIR of an earlier run" : "DIR is made and must not exist", NULL);
	key_pair_from_seed(seed, &b.admin);
	seed[0] = 2;
	key_pair_from_seed(seed, &b.gateway);
	seed[0] = 3;
	key_pair_from_seed(seed, &b.bank);
	seed[0] = 4;
	key_pair_from_seed(seed, &b.node);
	b.now = instant_of(2026, 3, 16, 8, 0, 0);
	run(&b, self, path, sizes, sync, resume);
	snprintf(clean, sizeof(clean), "rm -rf '%.300s'", given ? given : dir);
	return keep ? 0 : system(clean) != 0;
}
