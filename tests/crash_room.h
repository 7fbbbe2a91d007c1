/* Writers that die: processes that submit signed events and note, in memory shared with the test, what was acknowledged; and
 * the judgement over the directory afterwards. A writer that is started again goes on behind what it was told. */
#ifndef WHARF_TESTS_CRASH_ROOM_H
#define WHARF_TESTS_CRASH_ROOM_H

#include "ledger_room.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "net/local.h"
#include "store/verify.h"

enum { EVENTS_MAX = 20000, WRITERS = 2 };
struct shared {
	volatile unsigned char sent[EVENTS_MAX], acked[EVENTS_MAX];
	volatile int leads[WRITERS]; /* 1 while that writer leads */
	volatile int count[WRITERS]; /* acknowledged by that writer */
	volatile int stop;
	volatile int patience_ms; /* of those who wait for a leader; 0 the usual */
};
static struct shared *shared;

static uint64_t dice_state = 12345;
static uint64_t dice(uint64_t below)
{
	dice_state ^= dice_state << 13;
	dice_state ^= dice_state >> 7;
	dice_state ^= dice_state << 17;
	return dice_state % below;
}

static void nap_us(long us)
{
	struct timespec ts = { us / 1000000, us % 1000000 * 1000 };
	nanosleep(&ts, NULL);
}

static __attribute__((unused)) void crash_shared(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED, "shared memory");
	signal(SIGPIPE, SIG_IGN);
}

static __attribute__((unused)) void room_new(struct room *r)
{
	runtime_close(room_start(r));
	memset(shared, 0, sizeof(*shared));
}

/* --- the writer ----------------------------------------------------------------------------------- */

struct fuse {
	const char *point;
	int left, signal;
};

static void fuse_burn(void *ctx, const char *point)
{
	struct fuse *f = ctx;
	if (!f->point || strcmp(f->point, point) != 0 || --f->left != 0)
		return;
	while (!f->signal) /* it hangs */
		nap_us(100000);
	kill(getpid(), f->signal);
}

/* One submission of `size` events from `first`; true when all are acknowledged. */
static bool writer_group(const struct room *r, struct runtime *rt, int first, int size)
{
	struct runtime_item items[16];
	struct buf bytes[16];
	struct fault fault;
	bool all = true;
	memset(items, 0, sizeof(items));
	memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < size; i++) {
		room_party(r, first + i, &bytes[i]);
		items[i].envelope = buf_view(&bytes[i]);
		shared->sent[first + i] = 1;
	}
	enum err e = runtime_submit(rt, items, (size_t)size, &fault);
	for (int i = 0; i < size; i++) {
		bool there = items[i].ordered && (items[i].verdict == REFUSED_NOT || items[i].verdict == REFUSED_DUPLICATE);
		if (there)
			shared->acked[first + i] = 1;
		all = all && there;
		buf_free(&bytes[i]);
	}
	return e == ERR_OK && all;
}

/* A console: serves, and submits until it is told to stop. Events of writer w are the numbers w, w + 2, … in
 * groups; what was not acknowledged is sent again. */
static void writer_run(const struct room *room, int w, struct fuse fuse, int most)
{
	struct room r = *room;
	struct runtime *rt = NULL;
	struct fault fault;
	while (room_open(&r, JOURNAL_WRITE, &rt, &fault) != ERR_OK)
		nap_us(10000);
	journal_set_probe(runtime_journal(rt), fuse_burn, &fuse);
	if (shared->patience_ms)
		journal_set_patience(runtime_journal(rt), shared->patience_ms);
	for (int next = w * (EVENTS_MAX / WRITERS) + shared->count[w]; !shared->stop && next - w * (EVENTS_MAX / WRITERS) < most;) {
		bool changed;
		int size = 1 + (int)dice(8);
		if (runtime_poll(rt, &changed, &fault) != ERR_OK)
			nap_us(1000);
		shared->leads[w] = runtime_leads(rt);
		if (writer_group(&r, rt, next, size)) {
			next += size;
			shared->count[w] += size;
		} else {
			nap_us(2000);
		}
	}
	while (!shared->stop) {
		bool changed;
		runtime_poll(rt, &changed, &fault);
		shared->leads[w] = runtime_leads(rt);
		nap_us(1000);
	}
	runtime_close(rt);
	_exit(0);
}

static __attribute__((unused)) pid_t writer_start(const struct room *r, int w, struct fuse fuse, int most)
{
	fflush(stdout);
	dice_state += 77;
	pid_t pid = fork();
	if (pid == 0)
		writer_run(r, w, fuse, most);
	return pid;
}

/* --- judging -------------------------------------------------------------------------------------- */

struct tally {
	int done[EVENTS_MAX];
};

static bool tally_row(void *ctx, const struct journal_row *row)
{
	struct tally *t = ctx;
	struct arena a = { 0 };
	struct envelope env;
	struct party p;
	memset(&p, 0, sizeof(p));
	if (envelope_decode(row->entry.envelope, &env, NULL) == ERR_OK && env.kind == EVENT_PARTY
		&& strcmp(row->entry.verdict, "done") == 0 && rec_decode(&PARTY_REC, env.body, &p, &a))
		t->done[atoi(p.id + 1)]++;
	arena_free(&a);
	return true;
}

/* Everything again from the journal alone: signatures, digests, read models; then acknowledged against done. True when nothing
 * acknowledged is lost, nothing is done twice, and at most in_flight events are done beyond; words say what was found. */
static __attribute__((unused)) bool crash_judge(const struct room *r, int in_flight, char words[600])
{
	static struct tally t;
	struct journal *j;
	struct fault fault = { .text = "" };
	struct verify_report report;
	struct engine *e = engine_new();
	int lost = 0, twice = 0, extra = 0, acked = 0;
	memset(&t, 0, sizeof(t));
	enum err err = journal_open(r->dir, JOURNAL_READ, &j, &fault);
	if (err == ERR_OK) {
		err = journal_verify(j, e, &report, NULL, NULL, &fault);
		journal_tail(j, 0, UINT64_MAX, tally_row, &t, &fault);
		journal_close(j);
	}
	engine_free(e);
	for (int i = 0; i < EVENTS_MAX; i++) {
		acked += shared->acked[i];
		lost += shared->acked[i] && !t.done[i];
		twice += t.done[i] > 1;
		extra += t.done[i] && !shared->acked[i];
		if (t.done[i] && !shared->sent[i])
			twice++;
	}
	snprintf(words, 600, "verify says %.300s; %d acknowledged, %d lost, %d twice, %d more than acknowledged (at most %d)",
		err == ERR_OK ? "that all holds" : fault.text, acked, lost, twice, extra, in_flight);
	return err == ERR_OK && lost == 0 && twice == 0 && extra <= in_flight;
}

#endif
