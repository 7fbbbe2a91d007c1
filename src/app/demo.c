/* `wharf demo`: a recorded business day in a throw-away directory, and `wharf demo-record`, which writes the recording.
 *
 * Must remain true: nothing is left behind unless --keep says so; what is printed at the end comes from the ledger that
 * was written, and the engine that was a step ahead of it ended in the same state. */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/instant.h"
#include "demo_int.h"

/* --- ordering ------------------------------------------------------------------------------------ */

static int64_t demo_stamp(void *ctx)
{
	struct demo *d = ctx;
	/* while a group is handed over, its own stamps; else the world's clock */
	if (d->stamped < d->count)
		return d->stamps[d->stamped++];
	return d->world ? world_now(d->world) : d->cast->begins;
}

static const struct engine *demo_engine(void *ctx)
{
	const struct demo *d = ctx;
	return d->shadow ? d->shadow : runtime_engine(d->runtime);
}

/* Commits the group. The stamps are asked for by the runtime, one for each item. */
static bool demo_flush(struct demo *d)
{
	if (!d->count || d->fault.code != ERR_OK)
		return d->fault.code == ERR_OK;
	d->stamped = 0;
	enum err e = runtime_submit(d->runtime, d->items, d->count, &d->fault);
	d->stamped = d->count = 0;
	arena_reset(&d->group);
	if (e != ERR_OK)
		d->fault.code = e;
	return e == ERR_OK;
}

static void demo_keep_item(struct demo *d, struct str envelope, const struct world_blob *blobs, size_t blob_count, int64_t stamp)
{
	struct runtime_item *item = &d->items[d->count];
	struct journal_blob *kept = arena_zero(&d->group, (blob_count + 1) * sizeof(*kept));
	memset(item, 0, sizeof(*item));
	item->envelope = (struct str){ arena_copy(&d->group, envelope.ptr, envelope.len), envelope.len };
	for (size_t i = 0; i < blob_count; i++) {
		kept[i].digest = blobs[i].digest;
		kept[i].kind = blobs[i].kind;
		kept[i].bytes = (struct str){ arena_copy(&d->group, blobs[i].bytes.ptr, blobs[i].bytes.len), blobs[i].bytes.len };
	}
	item->blobs = kept;
	item->blob_count = blob_count;
	d->stamps[d->count++] = stamp;
}

static bool demo_order(struct demo *d, int64_t at, struct str envelope, const struct world_blob *blobs, size_t blob_count,
	enum refusal *verdict, char detail[TURN_DETAIL_MAX])
{
	if (!d->shadow) {
		demo_keep_item(d, envelope, blobs, blob_count, engine_next_stamp(runtime_engine(d->runtime), at));
		struct runtime_item *item = &d->items[0];
		bool ok = demo_flush(d) && item->ordered;
		*verdict = item->verdict;
		memcpy(detail, item->detail, TURN_DETAIL_MAX);
		if (!ok && d->fault.code == ERR_OK)
			fault_set(&d->fault, ERR_REFUSED, 0, 0, "%s: %s", refusal_name(item->verdict), item->detail);
		return ok;
	}
	struct engine_in in = { engine_next_stamp(d->shadow, at), 1, envelope };
	struct engine_out out;
	*verdict = engine_admit(d->shadow, envelope, detail);
	if (*verdict != REFUSED_NOT) {
		fault_set(&d->fault, ERR_REFUSED, 0, 0, "%s: %s", refusal_name(*verdict), detail);
		return false;
	}
	engine_step(d->shadow, &in, &out);
	tabs_dirty_clear(engine_tabs_mutable(d->shadow));
	*verdict = out.verdict;
	memcpy(detail, out.detail, TURN_DETAIL_MAX);
	demo_keep_item(d, envelope, blobs, blob_count, in.stamp);
	return d->count < RUNTIME_GROUP_MAX || demo_flush(d);
}

static bool demo_submit(void *ctx, struct str envelope, const struct world_blob *blobs, size_t blob_count,
	enum refusal *verdict, char detail[TURN_DETAIL_MAX])
{
	struct demo *d = ctx;
	return demo_order(d, world_now(d->world), envelope, blobs, blob_count, verdict, detail);
}

static bool demo_lay(void *ctx, int64_t at, struct str envelope)
{
	struct demo *d = ctx;
	enum refusal verdict;
	char detail[TURN_DETAIL_MAX];
	if (!demo_order(d, at, envelope, NULL, 0, &verdict, detail))
		return false;
	if (verdict != REFUSED_NOT)
		fault_set(&d->fault, ERR_REFUSED, 0, 0, "a first entry was refused, %s: %s", refusal_name(verdict), detail);
	return verdict == REFUSED_NOT;
}

/* --- opening ------------------------------------------------------------------------------------- */

static enum err demo_fresh(struct demo *d, struct fault *fault)
{
	struct setup_files files = { buf_view(&d->files.policy), d->files.contracts, d->files.processes, d->files.contract_count,
		d->files.process_count };
	d->shadow = engine_new();
	enum err e = demo_keys(d, fault);
	if (e == ERR_OK)
		e = world_setup(d->cast, &files, demo_lay, d, fault);
	if (e == ERR_REFUSED && d->fault.code != ERR_OK)
		*fault = d->fault;
	return e;
}

enum err demo_open(struct demo *d, const char *dir, struct fault *fault)
{
	enum err e = demo_files_read(&d->files, fault);
	snprintf(d->dir, sizeof(d->dir), "%s", dir);
	if (e == ERR_OK)
		e = cast_read(&d->memory, buf_view(&d->files.cast), &d->cast, fault);
	if (e != ERR_OK)
		return e;
	world_key(d->cast->seed, "node", "", &d->node);
	struct runtime_options o = { .dir = d->dir, .mode = JOURNAL_CREATE, .clock = demo_stamp, .clock_ctx = d,
		.node_secret = d->node.secret };
	e = runtime_open(&o, &d->runtime, fault);
	if (e != ERR_OK)
		return e;
	const struct meta *m = engine_meta(runtime_engine(d->runtime));
	if (m && (!m->demo || memcmp(m->node_key.bytes, d->node.public_key, HASH_SIZE) != 0))
		return fault_set(fault, ERR_DENIED, 0, 0, "%s is %s; choose an empty directory", dir,
			m->demo ? "a demonstration of another recording" : "a ledger that is no demonstration");
	if (!runtime_leads(d->runtime))
		return fault_set(fault, ERR_BUSY, 0, 0, "%s is led by another process; open it with `wharf -d %s`", dir, dir);
	if (!m && (e = demo_fresh(d, fault)) != ERR_OK)
		return e;
	struct world_files files = { buf_view(&d->files.history), buf_view(&d->files.day), buf_view(&d->files.cues),
		buf_view(&d->files.cast) };
	return world_open(&files, demo_engine, demo_submit, d, &d->world, fault);
}

void demo_close(struct demo *d)
{
	world_close(d->world);
	engine_free(d->shadow);
	runtime_close(d->runtime);
	key_pair_wipe(&d->node);
	arena_free(&d->group);
	arena_free(&d->memory);
	demo_files_free(&d->files);
}

/* --- stopping ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t demo_stop;

static void on_stop(int signal_) { demo_stop = signal_; }

/* An interrupt ends a demo in order: the throw-away directory goes. Taken to the very end: a terminal that is closed
 * says so twice, once by the kernel and once by the shell, and the second must not kill what cleans up. */
static void demo_signals(bool on)
{
	static const int SIGNALS[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act;
	memset(&act, 0, sizeof(act));
	act.sa_handler = on ? on_stop : SIG_DFL;
	for (size_t i = 0; i < sizeof(SIGNALS) / sizeof(SIGNALS[0]); i++)
		sigaction(SIGNALS[i], &act, NULL);
}

/* --- playing ------------------------------------------------------------------------------------- */

/* The shadow has done its work: the ledger must stand where it stands. */
static enum err demo_land(struct demo *d, struct fault *fault)
{
	if (!d->shadow)
		return ERR_OK;
	struct hash ahead = engine_digest(d->shadow), kept = engine_digest(runtime_engine(d->runtime));
	engine_free(d->shadow);
	d->shadow = NULL;
	if (!hash_eq(&ahead, &kept))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "the ledger and the engine ahead of it differ; this is a defect of Wharf");
	return ERR_OK;
}

enum err demo_play(struct demo *d, int64_t until, void (*line)(const struct demo *d, int thousandths), struct fault *fault)
{
	enum world_event e = WORLD_LINE;
	int told = -1;
	while (e != WORLD_IDLE && e != WORLD_OVER && e != WORLD_WAITS && e != WORLD_STOPPED && !demo_stop) {
		int at = world_progress(d->world);
		if (line && at / 10 != told)
			line(d, at);
		told = at / 10;
		e = world_step(d->world, until);
	}
	if (e == WORLD_STOPPED || !demo_flush(d)) {
		const char *detail;
		world_last(d->world, NULL, &detail);
		if (d->fault.code == ERR_OK)
			fault_set(&d->fault, ERR_SYNTAX, 0, 0, "%s", detail);
		*fault = d->fault;
		return fault->code;
	}
	if (line)
		line(d, world_progress(d->world));
	enum err landed = demo_land(d, fault);
	return landed == ERR_OK && demo_stop ? fault_set(fault, ERR_BUSY, 0, 0, "stopped by signal %d", (int)demo_stop) : landed;
}

/* --- the verb ------------------------------------------------------------------------------------ */

static void progress_line(const struct demo *d, int thousandths)
{
	char at[INSTANT_TEXT_MAX];
	static int before = -1;
	bool screen = isatty(STDERR_FILENO);
	if (!screen && thousandths / 100 == before)
		return;
	before = thousandths / 100;
	instant_format(world_now(d->world), 0, at);
	fprintf(stderr, screen ? "\r\033[K%s  %3d.%d %%  %llu entries%s" : "%s  %3d.%d %%  %llu entries%s", at, thousandths / 10,
		thousandths % 10, (unsigned long long)engine_link(demo_engine((void *)(uintptr_t)d))->next, screen ? "" : "\n");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static enum err demo_print(const struct demo *d, struct fault *fault)
{
	struct buf out = { 0 };
	char at[INSTANT_TEXT_MAX];
	buf_printf(&out, "the day ended  %s\n", instant_format(world_now(d->world), 0, at));
	world_summary(runtime_engine(d->runtime), &out);
	enum err e = print_out(buf_view(&out), fault);
	buf_free(&out);
	return e;
}

static enum err demo_run(struct demo *d, const char *dir, bool screen, struct fault *fault)
{
	demo_signals(true);
	enum err e = demo_open(d, dir, fault);
	if (e == ERR_OK)
		e = demo_play(d, screen ? d->cast->day_from : INT64_MAX, progress_line, fault);
	if (isatty(STDERR_FILENO)) /* the progress line goes */
		fputs("\r\033[K", stderr);
	if (e == ERR_OK && screen && !world_over(d->world))
		e = demo_console(d, fault);
	return e == ERR_OK && (!screen || world_over(d->world)) ? demo_print(d, fault) : e;
}

int verb_demo(int argc, char **argv)
{
	struct cli c;
	struct fault fault = { .code = ERR_OK };
	char own[PATH_TEXT_MAX];
	const char *tmp = getenv("TMPDIR");
	cli_begin(&c, argc, argv);
	const char *keep = cli_value(&c, "--keep");
	bool plain = cli_flag(&c, "--plain");
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	snprintf(own, sizeof(own), "%.900s/wharf-demo-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	if (!keep && !mkdtemp(own)) {
		fault_set(&fault, ERR_IO, 0, 0, "%s: %s", own, strerror(errno));
		return cli_fail(&c, &fault);
	}
	struct demo *d = calloc(1, sizeof(*d));
	CHECK(d, "out of memory");
	bool screen = !plain && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	enum err e = demo_run(d, keep ? keep : own, screen, &fault);
	demo_close(d);
	free(d);
	if (!keep)
		nftw(own, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	demo_signals(false);
	if (e != ERR_OK) {
		fault.code = e;
		return cli_fail(&c, &fault);
	}
	return 0;
}

/* --- writing the recording ----------------------------------------------------------------------- */

struct recorder {
	const char *dir;
	struct fault *fault;
};

static bool record_file(void *ctx, const char *name, struct str bytes)
{
	const struct recorder *r = ctx;
	char path[PATH_TEXT_MAX];
	snprintf(path, sizeof(path), "%.900s/%.60s", r->dir, name);
	return file_write(path, bytes, 0644, r->fault) == ERR_OK;
}

int verb_demo_record(int argc, char **argv)
{
	struct cli c;
	struct fault fault = { .code = ERR_OK };
	int64_t seed = 0;
	cli_begin(&c, argc, argv);
	const char *word = cli_need(&c, "SEED"), *dir = cli_need(&c, "DIR");
	if (cli_end(&c) != ERR_OK)
		return cli_fail_own(&c);
	if (!str_to_i64(str_of(word), &seed) || seed < 0) {
		fault_set(&fault, ERR_USAGE, 0, 0, "a seed is a number from 0, not \"%.40s\"", word);
		return cli_fail(&c, &fault);
	}
	char path[PATH_TEXT_MAX + 32];
	struct buf policy = { 0 };
	snprintf(path, sizeof(path), "%s/data/policy/policy.json", path_share());
	struct recorder r = { dir, &fault };
	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		fault_set(&fault, ERR_IO, 0, 0, "%s: %s", dir, strerror(errno));
	else if (file_read(path, 1 << 20, &policy, &fault) == ERR_OK)
		world_generate((uint64_t)seed, setup_policy_version(buf_view(&policy)), record_file, &r);
	buf_free(&policy);
	return fault.code == ERR_OK ? 0 : cli_fail(&c, &fault);
}
