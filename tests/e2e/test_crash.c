/* What is acknowledged is never lost, whatever dies and when; nothing is done twice.
 *
 * Writers are processes of their own that submit signed events and note, in memory shared with this one, what
 * was acknowledged. They are killed at each point of a commit and at random; a leader with a second console
 * attached is killed and is stopped, and wakes up again. Afterwards everything is re-executed. */
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
};
static struct shared *shared;
static int passed, failed;

static void hold(bool good, const char *what)
{
	passed += good;
	failed += !good;
	if (!good)
		printf("FAILED: %s\n", what);
}

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

static void room_new(struct room *r)
{
	struct runtime *rt;
	struct fault fault;
	room_begin(r);
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	room_found(r, rt);
	runtime_close(rt);
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
	if (f->point && strcmp(f->point, point) == 0 && --f->left == 0)
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
	for (int next = w * (EVENTS_MAX / WRITERS); !shared->stop && next - w * (EVENTS_MAX / WRITERS) < most;) {
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

static pid_t writer_start(const struct room *r, int w, struct fuse fuse, int most)
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

/* Everything again from the journal alone: signatures, digests, read models; then acknowledged against done. */
static void judge(struct room *r, const char *what, int in_flight)
{
	static struct tally t;
	struct journal *j;
	struct fault fault = { .text = "" };
	struct verify_report report;
	struct engine *e = engine_new();
	char words[600];
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
	snprintf(words, sizeof(words), "%s: verify says %s", what, fault.text);
	hold(err == ERR_OK, words);
	snprintf(words, sizeof(words), "%s: %d acknowledged, %d lost, %d twice, %d more than acknowledged (at most %d)", what,
		acked, lost, twice, extra, in_flight);
	hold(lost == 0 && twice == 0 && extra <= in_flight, words);
}

/* --- one console ---------------------------------------------------------------------------------- */

static void crash_at_points(void)
{
	static const char *const POINTS[] = { "begin", "rows", "models", "commit", "committed" };
	struct room r;
	room_new(&r);
	for (size_t i = 0; i < sizeof(POINTS) / sizeof(POINTS[0]); i++)
		for (int n = 1; n <= 5; n += 2) {
			char what[80];
			int status;
			memset(shared, 0, sizeof(*shared));
			room_end(&r);
			room_new(&r);
			waitpid(writer_start(&r, 0, (struct fuse){ POINTS[i], n, SIGKILL }, 2000), &status, 0);
			snprintf(what, sizeof(what), "killed at %s, time %d", POINTS[i], n);
			hold(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, what);
			judge(&r, what, 8);
		}
	room_end(&r);
}

/* The same ledger is killed again and again: every start recovers from what the one before left. */
static void crash_at_random(void)
{
	struct room r;
	room_new(&r);
	for (int round = 0; round < 25; round++) {
		char what[80];
		/* Each round continues behind what was sent; the counts of all rounds are judged together. */
		pid_t pid = fork();
		if (pid == 0) {
			struct runtime *rt;
			struct fault fault;
			dice_state += (uint64_t)round * 991;
			while (room_open(&r, JOURNAL_WRITE, &rt, &fault) != ERR_OK)
				nap_us(1000);
			for (int next = round * 400; next < round * 400 + 390;) {
				int size = 1 + (int)dice(8);
				next += writer_group(&r, rt, next, size) ? size : 0;
			}
			for (;;)
				pause();
		}
		nap_us(1000 + (long)dice(60000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		snprintf(what, sizeof(what), "killed at random, round %d", round);
		if (round % 5 == 4)
			judge(&r, what, 8 * (round + 1));
	}
	room_end(&r);
}

/* --- two consoles --------------------------------------------------------------------------------- */

static bool wait_for(volatile int *what, int least, int ms)
{
	while (ms-- > 0 && *what < least)
		nap_us(1000);
	return *what >= least;
}

enum { BUSY = 4000, IDLE = 0, SHORT = 12 };

static void two_begin(struct room *r, pid_t pids[WRITERS], struct fuse fuse, int first_most, int second_most)
{
	room_new(r);
	pids[0] = writer_start(r, 0, fuse, first_most);
	hold(wait_for(&shared->leads[0], 1, 5000), "the first console leads");
	hold(wait_for(&shared->count[0], 10, 5000), "the leader's events are acknowledged");
	pids[1] = writer_start(r, 1, (struct fuse){ NULL, 0, 0 }, second_most);
	if (fuse.point)
		return;
	if (second_most)
		hold(wait_for(&shared->count[1], 10, 8000), "the follower's events are acknowledged by the leader");
	else
		nap_us(300000);
	hold(!shared->leads[1], "the second console follows");
}

static void goes_on(int w, const char *what)
{
	int before = shared->count[w];
	hold(wait_for(&shared->count[w], before + 20, 12000), what);
}

static void leader_killed(int second_most)
{
	struct room r;
	pid_t pids[WRITERS];
	two_begin(&r, pids, (struct fuse){ NULL, 0, 0 }, BUSY, second_most);
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	hold(wait_for(&shared->leads[1], 1, 8000), "a killed leader: the follower leads");
	if (second_most)
		goes_on(1, "a killed leader: the follower goes on");
	shared->stop = 1;
	waitpid(pids[1], NULL, 0);
	judge(&r, "leader killed", 8);
	room_end(&r);
}

/* Stopped while it waits: it is fenced, and when it wakes up it follows. The signal may also meet it inside a commit for
 * the other console: then it is ended, as in leader_stopped_inside, and there is nobody to wake. */
static void leader_stopped(int second_most)
{
	struct room r;
	pid_t pids[WRITERS];
	bool ended;
	two_begin(&r, pids, (struct fuse){ NULL, 0, 0 }, SHORT, second_most);
	nap_us(100000);
	kill(pids[0], SIGSTOP);
	hold(wait_for(&shared->leads[1], 1, 12000), "a stopped leader: the follower leads");
	if (second_most)
		goes_on(1, "a stopped leader: the follower goes on");
	ended = waitpid(pids[0], NULL, WNOHANG) == pids[0];
	if (!ended)
		kill(pids[0], SIGCONT);
	for (int ms = 0; ms < 15000 && !ended && shared->leads[0]; ms++)
		nap_us(1000);
	hold((ended || !shared->leads[0]) && shared->leads[1], "it wakes up, follows, and does not take the lead back");
	if (second_most && !ended)
		goes_on(1, "after it woke up the new leader goes on");
	shared->stop = 1;
	if (!ended)
		waitpid(pids[0], NULL, 0);
	waitpid(pids[1], NULL, 0);
	judge(&r, "leader stopped", 0);
	room_end(&r);
}

/* Stopped inside a commit, with the database locked: nothing but its end frees the others. */
static void leader_stopped_inside(void)
{
	struct room r;
	pid_t pids[WRITERS];
	int status = 0;
	two_begin(&r, pids, (struct fuse){ "models", 40, SIGSTOP }, BUSY, BUSY);
	hold(wait_for(&shared->leads[1], 1, 15000), "stopped inside a commit: the follower leads");
	goes_on(1, "stopped inside a commit: the follower goes on");
	hold(waitpid(pids[0], &status, WNOHANG) == pids[0] && WIFSIGNALED(status), "stopped inside a commit: it was ended");
	shared->stop = 1;
	waitpid(pids[1], NULL, 0);
	judge(&r, "leader stopped inside a commit", 8);
	room_end(&r);
}

/* The old leader's write after the lead was taken: refused by epoch, whatever it believes. */
static void fenced_write(void)
{
	struct room r;
	struct journal *old = NULL, *new = NULL;
	struct fault fault;
	uint64_t old_epoch, new_epoch, head = 0, after = 0;
	struct journal_append nothing = { NULL, 0, NULL, 0 };
	room_new(&r);
	hold(journal_open(r.dir, JOURNAL_WRITE, &old, &fault) == ERR_OK && journal_open(r.dir, JOURNAL_WRITE, &new, &fault) == ERR_OK,
		"two journals open");
	hold(journal_acquire(old, false, &old_epoch, &fault) == ERR_OK, "the first leads");
	hold(journal_acquire(new, false, &new_epoch, &fault) == ERR_BUSY, "the second may not");
	hold(journal_acquire(new, true, &new_epoch, &fault) == ERR_OK && new_epoch > old_epoch, "but may take the lead");
	journal_head(old, &head, &fault);
	hold(journal_commit(old, old_epoch, head, &nothing, NULL, &fault) == ERR_FENCED, "the old one's write is refused");
	hold(journal_commit(new, new_epoch, head, &nothing, NULL, &fault) == ERR_OK, "the new one's is not");
	journal_head(new, &after, &fault);
	hold(head == after, "nothing was written");
	journal_close(old);
	journal_close(new);
	room_end(&r);
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED, "shared memory");
	signal(SIGPIPE, SIG_IGN);
	fenced_write();
	crash_at_points();
	crash_at_random();
	leader_killed(BUSY);
	leader_killed(IDLE);
	leader_stopped(BUSY);
	leader_stopped(IDLE);
	leader_stopped_inside();
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
