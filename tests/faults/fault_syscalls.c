/* Every call of three workflows that changes a file: the process dies in its place, it fails with EIO, with ENOSPC.
 *
 * write, pwrite, fsync, fdatasync, ftruncate, open, openat, unlink, unlinkat, rename, in the order in which they come
 * (workflows.h, shim.h). After each trial the directory is opened without a fault and judged. */
#include "faults.h"
#include "workflows.h"

static void trial(struct faults *f, const struct flow *w, enum shim_mode mode, uint64_t at)
{
	struct room room;
	int status = workflow_child(w, &room, mode, at);
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && mode == SHIM_KILL;
	if (!killed && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		acks_broken("it ended by signal %d, status %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0, WEXITSTATUS(status));
	bool good = workflow_judge(w, &room);
	faults_check(f, good, "%s, call %llu %s %s: %s", w->name, (unsigned long long)at, SHIM_NAMES[mode], acks->what, acks->why);
	room_end(&room);
}

/* Every call with the whole count; with fewer as many by dice. The count of calls is that of a run without a fault. */
static void workflow_trials(struct faults *f, const struct flow *w)
{
	struct room room;
	int status = workflow_child(w, &room, SHIM_COUNT, 0);
	uint64_t calls = acks->calls;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		acks_broken("without a fault it ended with status %d", status);
	bool good = workflow_judge(w, &room);
	room_end(&room);
	if (!good) {
		faults_check(f, false, "%s without a fault: %s", w->name, acks->why);
		return;
	}
	printf("  %s: %llu calls change files\n", w->name, (unsigned long long)calls);
	uint64_t all = calls * 3, count = f->count == UINT64_MAX ? all : f->count;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n = f->count == UINT64_MAX ? i : faults_below(f, all);
		trial(f, w, (enum shim_mode)(SHIM_KILL + n % 3), 1 + n / 3);
	}
	f->count = count;
}

/* A read that fails is no empty answer: it is said, and the next try works. */
static void reads_fail(struct faults *f)
{
	uint64_t reads[FLOW_COUNT];
	for (int i = 0; i < FLOW_COUNT; i++) {
		struct room room;
		workflow_child(&FLOWS[i], &room, SHIM_COUNT, 0);
		reads[i] = acks->reads;
		room_end(&room);
	}
	for (uint64_t i = 0; i < f->count; i++)
		trial(f, &FLOWS[i % FLOW_COUNT], SHIM_READ, 1 + faults_below(f, reads[i % FLOW_COUNT]));
}

static void calls_found(struct faults *f) { workflow_trials(f, &FLOWS[0]); }
static void calls_edge(struct faults *f) { workflow_trials(f, &FLOWS[1]); }
static void calls_follow(struct faults *f) { workflow_trials(f, &FLOWS[2]); }

static const struct fault_case CASES[] = {
	{ "calls-found", "every change of a file while a ledger is made and a deal is financed: KILL, EIO, ENOSPC", 150, UINT64_MAX, calls_found },
	{ "calls-edge", "the same with a gateway's spool, evidence, snapshots, checkpoint", 150, UINT64_MAX, calls_edge },
	{ "calls-follow", "the same for a follower that takes the lead", 90, UINT64_MAX, calls_follow },
	{ "reads-fail", "one read of the three workflows fails with EIO", 60, 600, reads_fail },
};

int main(int argc, char **argv)
{
	CHECK(sodium_init() >= 0, "libsodium starts");
	signal(SIGPIPE, SIG_IGN);
	workflows_begin();
	workflows_prepare();
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	room_end(&began);
	desk_close(&source);
	return status;
}
