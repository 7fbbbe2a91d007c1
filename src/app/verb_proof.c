/* Verbs that prove things: verify, replay, rebuild. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/checkpoint.h"
#include "app/clock.h"
#include "app_int.h"
#include "base/check.h"
#include "ledger/envelope.h"
#include "store/verify.h"

static void print_heads(const struct engine *e)
{
	char hex[HASH_HEX_MAX];
	struct hash root = merkle_root(engine_tree(e)), digest = engine_digest(e);
	printf("entries %llu\n", (unsigned long long)engine_link(e)->next);
	printf("root=%s\n", hex_of(root.bytes, HASH_SIZE, hex));
	printf("digest=%s\n", hex_of(digest.bytes, HASH_SIZE, hex));
}

/* --- verify --------------------------------------------------------------------------------------- */

static void verify_progress(void *ctx, uint64_t entries)
{
	(void)ctx;
	fprintf(stderr, "\r%llu entries", (unsigned long long)entries);
	fflush(stderr);
}

/* Compares with a checkpoint file; says what it is worth. */
static enum err verify_checkpoint(const struct engine *e, const char *path, bool own, struct fault *fault)
{
	struct buf note = { 0 };
	struct checkpoint c;
	enum err err = file_read(path, NOTE_BYTES_MAX, &note, fault);
	if (err == ERR_OK)
		err = checkpoint_compare(e, buf_view(&note), &c, fault);
	buf_free(&note);
	if (err == ERR_OK)
		printf("checkpoint %s: %llu entries, a beginning of this journal%s\n", path, (unsigned long long)c.size,
			own ? " (kept beside it: no proof against somebody who changed both)" : "");
	return err;
}

/* What re-execution compared. */
static void print_whole(const struct engine *engine, const struct verify_report *report)
{
	print_heads(engine);
	printf("signatures %llu, refusals %llu, evidence %llu blobs of %llu bytes, read models %llu rows: all hold\n",
		(unsigned long long)report->signatures, (unsigned long long)report->refused, (unsigned long long)report->blobs,
		(unsigned long long)report->blob_bytes, (unsigned long long)report->models);
	if (report->pruned)
		printf("%llu raw batches pruned under retention\n", (unsigned long long)report->pruned);
	if (report->items)
		printf("%llu items of evidence for its readers, %llu of them not kept on this host\n",
			(unsigned long long)report->items, (unsigned long long)report->items_absent);
}

/* What was compared of the ledger alone, and what was not. */
static void print_ledger(const struct engine *engine, const struct verify_report *report, bool signatures)
{
	char hex[HASH_HEX_MAX];
	struct hash root = merkle_root(engine_tree(engine));
	printf("entries %llu\nroot=%s\n", (unsigned long long)merkle_size(engine_tree(engine)), hex_of(root.bytes, HASH_SIZE, hex));
	if (signatures)
		printf("signatures %llu, refusals %llu, tiles %llu: rows, links, tree and signatures hold\n", (unsigned long long)report->signatures,
			(unsigned long long)report->refused, (unsigned long long)report->tiles);
	else
		printf("refusals %llu, tiles %llu: rows, links and tree hold; signatures were not looked at\n", (unsigned long long)report->refused,
			(unsigned long long)report->tiles);
	printf("not looked at: whether each verdict and outcome is what its event does, evidence, read models; `wharf verify` without --ledger does\n");
}

/* The newest keys are known only to who executed the ledger: here the node's first one is. */
static enum err verify_own(const struct engine *e, const char *path, bool ledger, struct fault *fault)
{
	enum err err = access(path, R_OK) == 0 ? verify_checkpoint(e, path, true, fault) : ERR_OK;
	if (!ledger || err != ERR_SIGNATURE)
		return err;
	printf("checkpoint %s: signed by a key that is newer than the ledger's first entry; not compared\n", path);
	return ERR_OK;
}

static enum err verify_dir(const char *dir, const char *checkpoint, struct verify_options *o, struct fault *fault)
{
	struct journal *j = NULL; /* the tree reads its tiles from it: closed last */
	struct verify_report report = { 0 };
	struct engine *engine = engine_new();
	char own[1100];
	snprintf(own, sizeof(own), "%.1000s/checkpoint", dir);
	enum err e = journal_open(dir, JOURNAL_READ, &j, fault);
	if (e == ERR_OK) {
		o->progress = isatty(STDERR_FILENO) ? verify_progress : NULL;
		e = journal_verify_with(j, engine, o, &report, fault);
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K");
	}
	if (e == ERR_OK && o->ledger)
		print_ledger(engine, &report, !o->no_signatures);
	else if (e == ERR_OK)
		print_whole(engine, &report);
	if (e == ERR_OK && report.given_up)
		printf("entries 1 to %llu were given up: their %llu tiles hold, what they said is the node's word\n",
			(unsigned long long)report.given_up - 1, (unsigned long long)tile_full(0, report.given_up));
	if (e == ERR_OK)
		e = verify_own(engine, own, o->ledger, fault);
	if (e == ERR_OK && checkpoint)
		e = verify_checkpoint(engine, checkpoint, false, fault);
	if (e == ERR_OK && !checkpoint)
		printf("no checkpoint from elsewhere was given: a journal that was cut short together with its own would pass\n");
	engine_free(engine);
	journal_close(j);
	return e;
}

int verb_verify(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	cli_begin(&c, argc, argv);
	const char *checkpoint = cli_value(&c, "--checkpoint"), *given = cli_value(&c, "-d");
	struct verify_options o = { .ledger = cli_flag(&c, "--ledger"), .no_signatures = cli_flag(&c, "--no-signatures") };
	const char *dir = path_data(NULL, given ? given : cli_word(&c));
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	if (o.no_signatures && !o.ledger) {
		fault_set(&fault, ERR_USAGE, 0, 0, "--no-signatures goes with --ledger: what is executed again was signed");
		return cli_fail(&c, &fault);
	}
	return verify_dir(dir, checkpoint, &o, &fault) == ERR_OK ? 0 : cli_fail(&c, &fault);
}

/* --- replay --------------------------------------------------------------------------------------- */

/* The journal of DIR is run again into a scratch ledger: every group is really committed there, with rows,
 * evidence and read models, and the changed records are forgotten after each group. */
struct replay {
	struct journal *scratch;
	struct engine *engine;
	uint64_t epoch, seed;
	bool random;
	size_t size, want; /* entries of a group; of the one that is being built */
	struct journal_row rows[RUNTIME_GROUP_MAX];
	size_t count, groups, restarts;
	struct journal_blob *blobs;
	size_t blob_count, blob_cap;
	struct arena arena; /* of the group */
	enum err err;
	struct fault *fault;
};

/* splitmix64: the sizes of groups come from the seed that was given, so a run can be repeated. */
static uint64_t replay_dice(struct replay *r)
{
	uint64_t z = r->seed += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static size_t replay_group_size(struct replay *r)
{
	return r->random ? 1 + (size_t)(replay_dice(r) % RUNTIME_GROUP_MAX) : r->size;
}

/* As after a crash: what is in memory is thrown away and built anew from the scratch ledger. */
static enum err replay_restart(struct replay *r)
{
	struct buf bytes = { 0 };
	engine_snapshot(r->engine, &bytes);
	enum err e = snapshot_put(r->scratch, engine_link(r->engine)->next, buf_view(&bytes), r->fault);
	buf_free(&bytes);
	engine_free(r->engine);
	r->engine = engine_new();
	r->restarts++;
	return e == ERR_OK ? journal_load(r->scratch, r->engine, false, true, r->fault) : e;
}

static enum err replay_commit(struct replay *r)
{
	if (!r->count)
		return ERR_OK;
	struct journal_append append = { r->rows, r->count, r->blobs, r->blob_count, engine_tree_mutable(r->engine) };
	enum err e = journal_commit(r->scratch, r->epoch, r->rows[0].entry.number, &append,
		engine_tabs_mutable(r->engine), r->fault);
	r->count = r->blob_count = 0;
	arena_reset(&r->arena);
	r->groups++;
	r->want = replay_group_size(r);
	if (e == ERR_OK && r->random && replay_dice(r) % 16 == 0 && r->restarts < 8)
		e = replay_restart(r);
	return e;
}

static void replay_blob(struct replay *r, const struct evidence *ev)
{
	if (r->blob_count == r->blob_cap) {
		r->blob_cap = r->blob_cap ? r->blob_cap * 2 : 64;
		r->blobs = realloc(r->blobs, r->blob_cap * sizeof(*r->blobs));
		CHECK(r->blobs, "out of memory");
	}
	r->blobs[r->blob_count++] = (struct journal_blob){ ev->digest,
		arena_copy(&r->arena, ev->kind, strlen(ev->kind) + 1),
		{ arena_copy(&r->arena, ev->bytes.ptr, ev->bytes.len), ev->bytes.len } };
}

static bool replay_row(void *ctx, const struct journal_row *row)
{
	struct replay *r = ctx;
	struct engine_out out;
	struct str envelope = { arena_copy(&r->arena, row->entry.envelope.ptr, row->entry.envelope.len), row->entry.envelope.len };
	struct engine_in in = { row->entry.stamp, row->entry.epoch, envelope };
	struct envelope decodes;
	if (row->entry.number != engine_link(r->engine)->next || envelope_decode(envelope, &decodes, NULL) != ERR_OK
		|| (row->entry.number && in.stamp <= engine_link(r->engine)->stamp)) {
		r->err = fault_set(r->fault, ERR_TAMPERED, 0, 0, "entry %llu is not what was written; `wharf verify` says more",
			(unsigned long long)engine_link(r->engine)->next);
		return false;
	}
	engine_step(r->engine, &in, &out);
	if (strcmp(out.entry.verdict, row->entry.verdict) != 0 || !hash_eq(&out.digests.chain, &row->digests.chain)) {
		r->err = fault_set(r->fault, ERR_TAMPERED, 0, 0, "entry %llu: the replay gives %s and another chain hash than the "
			"journal, which says %s", (unsigned long long)row->entry.number, out.entry.verdict, row->entry.verdict);
		return false;
	}
	for (const struct evidence *ev = out.evidence; ev; ev = ev->next)
		replay_blob(r, ev);
	r->rows[r->count++] = (struct journal_row){ out.entry, out.digests };
	if (r->count >= r->want)
		r->err = replay_commit(r);
	return r->err == ERR_OK;
}

static void scratch_remove(const char *dir)
{
	char path[PATH_TEXT_MAX + 300];
	DIR *d = opendir(dir);
	for (struct dirent *f; d && (f = readdir(d));) {
		snprintf(path, sizeof(path), "%s/%s", dir, f->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static enum err replay_run(struct replay *r, const char *dir, struct fault *fault)
{
	const char *tmp = getenv("TMPDIR");
	char scratch[PATH_TEXT_MAX];
	struct journal *source;
	int64_t began = clock_wall();
	snprintf(scratch, sizeof(scratch), "%.900s/wharf-replay-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	enum err e = journal_open(dir, JOURNAL_READ, &source, fault);
	if (e != ERR_OK)
		return e;
	if (!mkdtemp(scratch)) {
		journal_close(source);
		return fault_set(fault, ERR_DENIED, 0, 0, "%s cannot be made: %s; set TMPDIR", scratch, strerror(errno));
	}
	e = journal_open(scratch, JOURNAL_CREATE, &r->scratch, fault);
	if (e == ERR_OK)
		e = journal_set_scratch(r->scratch, fault);
	if (e == ERR_OK)
		e = journal_acquire(r->scratch, false, &r->epoch, fault);
	if (e == ERR_OK)
		e = journal_tail(source, 0, UINT64_MAX, replay_row, r, fault);
	if (e == ERR_OK)
		e = r->err;
	if (e == ERR_OK)
		e = replay_commit(r);
	int64_t took = clock_wall() - began;
	if (e == ERR_OK) {
		print_heads(r->engine);
		printf("%zu groups, %zu restarts from a snapshot, %.0f entries/s with commits\n", r->groups, r->restarts,
			took > 0 ? (double)engine_link(r->engine)->next * 1e6 / (double)took : 0.0);
	}
	journal_close(r->scratch);
	journal_close(source);
	scratch_remove(scratch);
	return e;
}

int verb_replay(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	int64_t seed = 1, size = RUNTIME_GROUP_MAX;
	cli_begin(&c, argc, argv);
	cli_number(&c, "--seed", 0, INT64_MAX, &seed);
	const char *group = cli_value(&c, "--group"), *given = cli_value(&c, "-d");
	const char *dir = path_data(NULL, given ? given : cli_word(&c));
	bool random = group && strcmp(group, "random") == 0;
	if (cli_end(&c) == ERR_OK && group && !random
		&& (!str_to_i64(str_of(group), &size) || size < 1 || size > RUNTIME_GROUP_MAX))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "--group takes 1 to %d, or random", RUNTIME_GROUP_MAX);
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	struct replay *r = calloc(1, sizeof(*r));
	CHECK(r, "out of memory");
	*r = (struct replay){ .engine = engine_new(), .seed = (uint64_t)seed, .random = random, .size = (size_t)size, .fault = &fault };
	r->want = replay_group_size(r);
	enum err e = replay_run(r, dir, &fault);
	engine_free(r->engine);
	arena_free(&r->arena);
	free(r->blobs);
	free(r);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}

/* --- rebuild -------------------------------------------------------------------------------------- */

int verb_rebuild(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct journal *j = NULL;
	cli_begin(&c, argc, argv);
	const char *given = cli_value(&c, "-d"), *dir = path_data(NULL, given ? given : cli_word(&c));
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	struct engine *engine = engine_new();
	enum err e = journal_open(dir, JOURNAL_WRITE, &j, &fault);
	if (e == ERR_OK) {
		uint64_t epoch;
		/* Nobody may append meanwhile: the tables would be those of an older state. */
		e = journal_acquire(j, false, &epoch, &fault);
		if (e == ERR_OK)
			e = journal_rebuild(j, engine, &fault);
	}
	if (e == ERR_OK) {
		printf("read models and tiles of %s made anew\n", dir);
		print_heads(engine);
	}
	engine_free(engine);
	journal_close(j);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}
