/* What is acknowledged is never lost, whatever dies and when; nothing is done twice.
 *
 * Writers are processes of their own that submit signed events and note, in memory shared with this one, what
 * was acknowledged. They are killed at each point of a commit and at random; a leader with a second console
 * attached is killed and is stopped, and wakes up again. Afterwards everything is re-executed. */
#include "crash_room.h"
#include "hold.h"

static void judge(struct room *r, const char *what, int in_flight)
{
	char found[600], words[700];
	bool good = crash_judge(r, in_flight, found);
	snprintf(words, sizeof(words), "%s: %s", what, found);
	hold(good, words);
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

enum { PATIENCE_MS = 60000 };

static bool wait_for(volatile int *what, int least)
{
	for (int ms = 0; ms < PATIENCE_MS && *what < least; ms++)
		nap_us(1000);
	return *what >= least;
}

enum { BUSY = 4000, IDLE = 0, SHORT = 12 };

static void two_begin(struct room *r, pid_t pids[WRITERS], struct fuse fuse, int first_most, int second_most)
{
	room_new(r);
	pids[0] = writer_start(r, 0, fuse, first_most);
	hold(wait_for(&shared->leads[0], 1), "the first console leads");
	hold(wait_for(&shared->count[0], 10), "the leader's events are acknowledged");
	pids[1] = writer_start(r, 1, (struct fuse){ NULL, 0, 0 }, second_most);
	if (fuse.point)
		return;
	if (second_most)
		hold(wait_for(&shared->count[1], 10), "the follower's events are acknowledged by the leader");
	else
		nap_us(300000);
	hold(!shared->leads[1], "the second console follows");
}

static void goes_on(int w, const char *what)
{
	int before = shared->count[w];
	hold(wait_for(&shared->count[w], before + 20), what);
}

static void leader_killed(int second_most)
{
	struct room r;
	pid_t pids[WRITERS];
	two_begin(&r, pids, (struct fuse){ NULL, 0, 0 }, BUSY, second_most);
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	hold(wait_for(&shared->leads[1], 1), "a killed leader: the follower leads");
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
	hold(wait_for(&shared->leads[1], 1), "a stopped leader: the follower leads");
	if (second_most)
		goes_on(1, "a stopped leader: the follower goes on");
	ended = waitpid(pids[0], NULL, WNOHANG) == pids[0];
	if (!ended)
		kill(pids[0], SIGCONT);
	for (int ms = 0; ms < PATIENCE_MS && !ended && shared->leads[0]; ms++)
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
	hold(wait_for(&shared->leads[1], 1), "stopped inside a commit: the follower leads");
	goes_on(1, "stopped inside a commit: the follower goes on");
	hold(waitpid(pids[0], &status, WNOHANG) == pids[0] && WIFSIGNALED(status), "stopped inside a commit: it was ended");
	shared->stop = 1;
	waitpid(pids[1], NULL, 0);
	judge(&r, "leader stopped inside a commit", 8);
	room_end(&r);
}

/* The same for one that is not stopped but never comes out of its commit: after a while it is ended. One that is merely slow is
 * left alone. */
static void leader_hangs_inside(void)
{
	struct room r;
	pid_t pids[WRITERS];
	int status = 0;
	two_begin(&r, pids, (struct fuse){ "models", 40, 0 }, BUSY, BUSY);
	nap_us(6000000);
	hold(!shared->leads[1] && waitpid(pids[0], &status, WNOHANG) == 0, "slow inside a commit: it is left alone");
	shared->stop = 1;
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	waitpid(pids[1], NULL, 0);
	room_end(&r);
	two_begin(&r, pids, (struct fuse){ "models", 40, 0 }, BUSY, BUSY);
	shared->patience_ms = 1000;
	kill(pids[1], SIGKILL);
	waitpid(pids[1], NULL, 0);
	pids[1] = writer_start(&r, 1, (struct fuse){ NULL, 0, 0 }, BUSY);
	hold(wait_for(&shared->leads[1], 1), "hangs inside a commit: the follower leads");
	goes_on(1, "hangs inside a commit: the follower goes on");
	hold(waitpid(pids[0], &status, WNOHANG) == pids[0] && WIFSIGNALED(status), "hangs inside a commit: it was ended");
	shared->stop = 1;
	waitpid(pids[1], NULL, 0);
	judge(&r, "leader hangs inside a commit", 16);
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
	crash_shared();
	fenced_write();
	crash_at_points();
	crash_at_random();
	leader_killed(BUSY);
	leader_killed(IDLE);
	leader_stopped(BUSY);
	leader_stopped(IDLE);
	leader_stopped_inside();
	leader_hangs_inside();
	return hold_end();
}
