/* Work of the console beside its loop. See console_job.h.
 *
 * A job has a thread and a connection of its own that only reads; of the console's state it sees nothing. A check hands the leaves that
 * it computed over in a ring, and the loop compares them with the tree, some in each turn. An export runs on an engine that the
 * thread loads for itself.
 *
 * Must remain true: the loop never waits for a job but for a blink at its beginning; what is said to hold was read from the disk
 * after it was asked; a stopped job says nothing of the ledger. */
#include "console_job.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/check.h"
#include "engine/export.h"
#include "ledger_int.h"
#include "runtime_int.h"
#include "store/prune.h"

enum { RING = 1 << 14, TURN_LEAVES = 2000, SAY_EVERY_MS = 250, ANSWER_MS = 1500, WAKE_MS = 50, SAID_MAX = 240 };
/* A small ledger is answered in the picture of its key. With a held clock, in tests, any one is. */
enum { BLINK_US = 200, BLINKS = 150, BLINKS_HELD = 150000 };

enum job_kind { JOB_CHECK, JOB_EXPORT };

struct leaf {
	uint64_t number;
	struct hash computed; /* zero: the stored entry does not decode, or is not there and was not given up */
};

struct console_job {
	enum job_kind kind;
	pthread_t thread;
	atomic_bool stop, ended;
	bool quiet;                  /* it was stopped: how it ends is nobody's news */
	char dir[CONSOLE_PATH_MAX];
	struct fault fault;          /* of the thread; read after it ended */
	enum err err;
	int64_t said_ms;
	const char *gate;            /* for tests: while this file is there, nothing is read; NULL */
	/* check */
	uint64_t size;
	struct journal *own;
	uint64_t next;               /* the entry that comes now */
	struct leaf *ring;           /* RING of them */
	atomic_uint_fast64_t given, taken, at; /* leaves put in, taken out; the entry that is being read */
	/* export */
	uint64_t number;
	char to[PATH_TEXT_MAX];
	const uint8_t *node;
	struct export_report report;
};

/* --- on the thread ----------------------------------------------------------------------------------- */

static void give(struct console_job *j, uint64_t number, const struct hash *computed)
{
	uint64_t given = atomic_load(&j->given);
	while (given - atomic_load(&j->taken) >= RING && !atomic_load(&j->stop))
		usleep(BLINK_US);
	j->ring[given % RING] = (struct leaf){ number, *computed };
	atomic_store(&j->at, number);
	atomic_store(&j->given, given + 1);
}

/* Entries up to `to` are not there. Those behind genesis and below the base were given up; the first of the others does not hold. */
static void check_gap(struct console_job *j, uint64_t to)
{
	static const struct hash none;
	uint64_t from = j->next, base = from && from < to ? prune_base(j->own) : 0;
	from = from < base ? base : from;
	if (from < to)
		give(j, from, &none);
}

static void wait_at_gate(const struct console_job *j)
{
	while (j->gate && access(j->gate, F_OK) == 0 && !atomic_load(&j->stop))
		usleep(BLINK_US);
}

static bool check_row(void *ctx, const struct journal_row *row)
{
	struct console_job *j = ctx;
	struct entry_digests d;
	wait_at_gate(j);
	check_gap(j, row->entry.number);
	give(j, row->entry.number, entry_digest(&row->entry, NULL, &d, NULL) ? &d.leaf : &(struct hash){ { 0 } });
	j->next = row->entry.number + 1;
	return !atomic_load(&j->stop);
}

static void run_check(struct console_job *j)
{
	j->err = journal_open(j->dir, JOURNAL_READ, &j->own, &j->fault);
	if (j->err != ERR_OK)
		return;
	j->err = journal_tail(j->own, 0, j->size, check_row, j, &j->fault);
	if (j->err == ERR_OK && !atomic_load(&j->stop))
		check_gap(j, j->size);
	journal_close(j->own);
}

static void run_export(struct console_job *j)
{
	struct runtime *own;
	struct runtime_options o = { .dir = j->dir, .mode = JOURNAL_READ, .follow = true, .node_secret = j->node };
	j->err = runtime_open(&o, &own, &j->fault);
	if (j->err != ERR_OK)
		return;
	wait_at_gate(j);
	if (!atomic_load(&j->stop))
		j->err = ledger_export_entry(own, j->number, j->to, &j->report, &j->fault);
	runtime_close(own);
}

static void *job_main(void *arg)
{
	struct console_job *j = arg;
	if (j->kind == JOB_CHECK)
		run_check(j);
	else
		run_export(j);
	atomic_store(&j->ended, true);
	return NULL;
}

/* --- in the loop ------------------------------------------------------------------------------------- */

static void job_free(struct console *c)
{
	pthread_join(c->job->thread, NULL);
	free(c->job->ring);
	free(c->job);
	c->job = NULL;
}

void console_job_end(struct console *c)
{
	if (!c->job)
		return;
	atomic_store(&c->job->stop, true);
	job_free(c);
}

static struct console_job *job_new(const struct console *c, enum job_kind kind)
{
	struct console_job *j = calloc(1, sizeof(*j));
	CHECK(j, "out of memory");
	j->kind = kind;
	snprintf(j->dir, sizeof(j->dir), "%.1100s", journal_dir(runtime_journal(c->runtime)));
	j->gate = getenv("WHARF_TEST_FD") ? getenv("WHARF_TEST_JOB") : NULL;
	return j;
}

static void check_found(struct console *c, const struct leaf *l, const struct hash *leaf)
{
	char number[UI_TEXT_MAX], said[SAID_MAX];
	c->broken = true;
	c->checked = atomic_load(&c->job->taken);
	c->break_at = (struct view_broken){ .number = l->number, .leaf = *leaf, .computed = l->computed };
	c->checks++;
	snprintf(said, sizeof(said), hash_is_zero(&l->computed) ? "entry %.20s is missing or unreadable, and was not given up; X writes what is there"
		: "entry %.20s does not hash to what was signed; X writes its bytes and both digests", ui_count((int64_t)l->number, number));
	desk_say(c->desk, UI_STATUS_DANGER, said);
}

static void check_over(struct console *c, const struct console_job *j)
{
	char n[UI_TEXT_MAX], all[UI_TEXT_MAX], said[SAID_MAX];
	uint64_t read = atomic_load(&j->taken);
	ui_count((int64_t)read, n);
	ui_count((int64_t)j->size, all);
	c->broken = false;
	c->checked = read;
	c->checks++;
	if (read < j->size)
		snprintf(said, sizeof(said), "%.20s of %.20s entries were read again and hash to their leaves; the others are not kept here", n, all);
	else
		snprintf(said, sizeof(said), "all %.20s entries were read again, each hashes to its leaf", all);
	desk_say(c->desk, read < j->size ? UI_STATUS_WAIT : UI_STATUS_VERIFIED, said);
}

/* Compares some of what was read. False when an entry does not hold. */
static bool check_take(struct console *c, struct console_job *j)
{
	const struct merkle *tree = engine_tree(runtime_engine(c->runtime));
	uint64_t taken = atomic_load(&j->taken), given = atomic_load(&j->given);
	for (int i = 0; i < TURN_LEAVES && taken < given; i++) {
		const struct leaf *l = &j->ring[taken % RING];
		struct hash leaf = merkle_leaf_at(tree, l->number);
		if (!hash_eq(&leaf, &l->computed)) {
			check_found(c, l, &leaf);
			return false;
		}
		atomic_store(&j->taken, ++taken);
	}
	return true;
}

static void export_over(struct console *c, const struct console_job *j)
{
	char number[UI_TEXT_MAX], said[SAID_MAX];
	snprintf(said, sizeof(said), "entry %.20s: proof and %zu certificates in %.120s, checked. `wharf ledger verify` checks it anywhere",
		ui_count((int64_t)j->number, number), j->report.certificates, j->to);
	desk_say(c->desk, UI_STATUS_VERIFIED, said);
}

static void say_progress(struct console *c, struct console_job *j)
{
	char n[UI_TEXT_MAX], all[UI_TEXT_MAX], said[SAID_MAX];
	if (clock_steady_ms() - j->said_ms < SAY_EVERY_MS && j->said_ms)
		return;
	j->said_ms = clock_steady_ms();
	if (j->kind == JOB_CHECK)
		snprintf(said, sizeof(said), "reading the ledger again: entry %.20s of %.20s; V again stops it", ui_count((int64_t)atomic_load(&j->at), n),
			ui_count((int64_t)j->size, all));
	else
		snprintf(said, sizeof(said), "entry %.20s is being exported to %.140s; X again stops it", ui_count((int64_t)j->number, n), j->to);
	desk_say(c->desk, UI_STATUS_WAIT, said);
	c->dirty = true;
}

void console_job_poll(struct console *c)
{
	struct console_job *j = c->job;
	if (!j)
		return;
	if (j->quiet) {
		if (atomic_load(&j->ended))
			job_free(c);
		return;
	}
	bool ended = atomic_load(&j->ended), held = j->kind != JOB_CHECK || check_take(c, j);
	if (held && (!ended || atomic_load(&j->taken) < atomic_load(&j->given))) {
		say_progress(c, j);
		return;
	}
	atomic_store(&j->stop, true);
	if (held && j->err != ERR_OK)
		desk_say(c->desk, j->kind == JOB_EXPORT ? UI_STATUS_REFUSED : UI_STATUS_DANGER, j->fault.text);
	else if (held && j->kind == JOB_CHECK)
		check_over(c, j);
	else if (held)
		export_over(c, j);
	job_free(c);
	desk_stale(c->desk);
	c->dirty = true;
}

int console_job_wake(const struct console *c)
{
	const struct console_job *j = c->job;
	if (!j)
		return -1;
	return !j->quiet && atomic_load(&j->taken) < atomic_load(&j->given) ? 0 : WAKE_MS;
}

/* Whether the key of a job stopped it: then that was all. */
static bool job_stopped(struct console *c, enum job_kind kind, char said[SAID_MAX], enum ui_status *status)
{
	char n[UI_TEXT_MAX];
	if (!c->job)
		return false;
	*status = UI_STATUS_NOTE;
	if (c->job->quiet)
		snprintf(said, SAID_MAX, "what was stopped is just ending; try again");
	else if (c->job->kind != kind)
		snprintf(said, SAID_MAX, "one thing at a time: %s is under way, %s stops it", c->job->kind == JOB_CHECK ? "a check" : "an export",
			c->job->kind == JOB_CHECK ? "V" : "X");
	else if (kind == JOB_CHECK)
		snprintf(said, SAID_MAX, "stopped at entry %.20s: nothing is said of the whole ledger", ui_count((int64_t)atomic_load(&c->job->at), n));
	else
		snprintf(said, SAID_MAX, "the export was given up; what may be in %.140s was not checked", c->job->to);
	c->job->said_ms = clock_steady_ms() + ANSWER_MS; /* the answer stays for a while: how far it is would stand in its place at once */
	if (c->job->kind == kind) {
		c->job->quiet = true;
		atomic_store(&c->job->stop, true);
	}
	return true;
}

/* Signals are for the thread that the program started itself. */
static void job_begin(struct console *c, struct console_job *j, char said[SAID_MAX], enum ui_status *status)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&j->thread, NULL, job_main, j) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	*status = UI_STATUS_DANGER;
	if (!started) {
		snprintf(said, SAID_MAX, "the system gives no thread for that; try again");
		free(j->ring);
		free(j);
		return;
	}
	c->job = j;
	said[0] = '\0'; /* console_job_poll says it */
	console_job_poll(c);
	for (int i = 0; c->job && i < (console_time_held() ? BLINKS_HELD : BLINKS); i++) {
		usleep(BLINK_US);
		console_job_poll(c);
	}
}

void console_check_word(struct console *c, char said[SAID_MAX], enum ui_status *status)
{
	if (job_stopped(c, JOB_CHECK, said, status))
		return;
	struct console_job *j = job_new(c, JOB_CHECK);
	j->size = merkle_size(engine_tree(runtime_engine(c->runtime)));
	j->ring = calloc(RING, sizeof(*j->ring));
	CHECK(j->ring, "out of memory");
	job_begin(c, j, said, status);
}

void console_export_begin(struct console *c, uint64_t number, const char *dir, char said[SAID_MAX], enum ui_status *status)
{
	if (job_stopped(c, JOB_EXPORT, said, status))
		return;
	struct console_job *j = job_new(c, JOB_EXPORT);
	j->number = number;
	j->node = c->runtime->options.node_secret;
	snprintf(j->to, sizeof(j->to), "%s", dir);
	job_begin(c, j, said, status);
}
