/* The disk is full: from any call on, and on a real small file system.
 *
 * Must remain true: nothing acknowledged is lost, nothing is damaged, the program says that the disk is full and goes on
 * reading, and it writes again by itself when there is space. */
#include "faults.h"
#include "workflows.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

/* --- no space from the n-th call on, until space is made ---------------------------------------------- */

static void full_trial(struct faults *f, const struct flow *w, uint64_t at)
{
	struct room room;
	int status = workflow_child(w, &room, SHIM_FULL, at);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		acks_broken("it ended by signal %d, status %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0, WEXITSTATUS(status));
	bool good = workflow_judge(w, &room);
	faults_check(f, good, "%s, full from call %llu (%s): %s", w->name, (unsigned long long)at, acks->what, acks->why);
	room_end(&room);
}

static void full_calls(struct faults *f)
{
	uint64_t calls[FLOW_COUNT];
	for (int i = 0; i < FLOW_COUNT; i++) {
		struct room room;
		workflow_child(&FLOWS[i], &room, SHIM_COUNT, 0);
		calls[i] = acks->calls;
		room_end(&room);
	}
	for (uint64_t i = 0; i < f->count; i++)
		full_trial(f, &FLOWS[i % FLOW_COUNT], 1 + faults_below(f, calls[i % FLOW_COUNT]));
}

/* --- a real small file system --------------------------------------------------------------------- */

enum { KIB = 1024 };

/* One party; true when it was acknowledged. */
static bool small_send(struct work *w, int n, struct fault *fault)
{
	struct buf bytes = { 0 };
	fault->text[0] = 0;
	room_party(&w->room, n, &bytes);
	struct runtime_item item = { .envelope = buf_view(&bytes) };
	bool good = work_group(w, &item, 1, fault);
	buf_free(&bytes);
	return good;
}

static bool small_says_full(struct work *w)
{
	const struct fault *trouble = runtime_trouble(w->rt);
	return trouble && trouble->code == ERR_FULL && strstr(trouble->text, "full");
}

/* Full, it is closed and started again: it opens for reading and says why. */
static void small_restart(struct work *w)
{
	struct fault fault = { .text = "" };
	uint64_t head = engine_link(runtime_engine(w->rt))->next;
	runtime_close(w->rt);
	w->rt = NULL;
	if (work_open_once(w, JOURNAL_WRITE, false, &fault) != ERR_OK) {
		acks_broken("full, it does not open even for reading: %s", fault.text);
		return;
	}
	if (engine_link(runtime_engine(w->rt))->next != head)
		acks_broken("full, it shows %llu of %llu entries", (unsigned long long)engine_link(runtime_engine(w->rt))->next,
			(unsigned long long)head);
}

/* In the child: parties until the disk is full; then it says so, reads, is started again perhaps, gets space, and goes on
 * by itself: nobody acts, the trouble ends. */
static void small_work(struct work *w, const char *ballast, bool restart)
{
	struct fault fault;
	bool changed;
	int n = 1;
	if (!work_open(w, JOURNAL_CREATE))
		return;
	room_found(&w->room, w->rt);
	while (n < 900 && small_send(w, n, &fault))
		n++;
	if (n == 900)
		acks_broken("the disk did not get full");
	else if (!strstr(fault.text, "full") || !small_says_full(w))
		acks_broken("it does not say that the disk is full: %s", fault.text);
	work_reads(w);
	if (restart)
		small_restart(w);
	if (!w->rt)
		return;
	unlink(ballast);
	for (int ms = 0; ms < 60000 && (runtime_trouble(w->rt) || !runtime_leads(w->rt)); ms += 50) {
		(void)runtime_poll(w->rt, &changed, &fault);
		usleep(50000);
	}
	if (runtime_trouble(w->rt))
		acks_broken("space was made and it still says: %s", runtime_trouble(w->rt)->text);
	if (!small_send(w, n, &fault) || !small_send(w, n + 1, &fault))
		acks_broken("space was made and it does not go on: %s", fault.text);
	runtime_close(w->rt);
}

static void small_child(const char *mount_point, uint64_t kib, uint64_t held, bool restart)
{
	char options[64], ballast[300], path[300];
	struct work w = { .at = 0 };
	snprintf(options, sizeof(options), "size=%lluk", (unsigned long long)kib);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
		|| mount("tmpfs", mount_point, "tmpfs", 0, options) != 0)
		_exit(77);
	alarm(60);
	snprintf(path, sizeof(path), "%s/d", mount_point);
	snprintf(ballast, sizeof(ballast), "%s/ballast", mount_point);
	FILE *fill = fopen(ballast, "wb");
	for (uint64_t i = 0; i < held * KIB; i++)
		putc('x', fill);
	fclose(fill);
	memset(&w.room, 0, sizeof(w.room));
	snprintf(w.room.dir, sizeof(w.room.dir), "%.200s", path);
	room_keys(&w.room);
	node = w.room.node;
	w.at = source.count;
	small_work(&w, ballast, restart);
	if (!acks->why[0]) {
		static const struct flow PLAIN = { "small", NULL, false };
		acks->count = acks->count > ACKS_MAX ? ACKS_MAX : acks->count;
		acks->in_flight += 1; /* genesis, which room_found sent */
		workflow_judge(&PLAIN, &w.room);
	}
	_exit(0);
}

static void full_small(struct faults *f)
{
	struct room room;
	room_begin(&room);
	for (uint64_t i = 0; i < f->count; i++) {
		int status = 0;
		uint64_t held = 2000 + faults_below(f, 600), kib = held + 800 + faults_below(f, 900);
		memset(acks, 0, sizeof(*acks));
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0)
			small_child(room.dir, kib, held, i % 2);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			printf("  %s: skipped, no right to mount a small file system here\n", f->name);
			f->done = f->count;
			break;
		}
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			acks_broken("it ended by signal %d, status %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0, WEXITSTATUS(status));
		faults_check(f, !acks->why[0], "%llu KiB of which %llu are taken: %s", (unsigned long long)kib, (unsigned long long)held, acks->why);
	}
	room_end(&room);
}

static const struct fault_case CASES[] = {
	{ "full-calls", "no space from a call on, until space is made", 40, 400, full_calls },
	{ "full-small", "a file system of about a mebibyte that gets full, and space is made", 10, 100, full_small },
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
