/* kill -9 at any time, with several processes on one directory.
 *
 * Two writers (whoever leads orders, the other hands over its events or takes the lead) and one reader that verifies all
 * the while. One of them, sometimes two, is killed after a time of the dice and started again. Must remain true, judged with
 * everything stopped after each round: nothing acknowledged is lost, nothing is done twice, what was on its way is there
 * whole or not at all, one chain under rising epochs; and the reader never saw anything that does not verify, nor another
 * entry where it had seen one. */
#include "faults.h"
#include "crash_room.h"

enum { KILLS_A_ROUND = 25, READER = WRITERS, PROCESSES };

static struct seen_by_reader {
	volatile int bad;
	volatile uint64_t rounds;
	volatile int at; /* which of the two is whole: the reader may die while it writes the other */
	struct {
		uint64_t number;
		struct hash chain; /* of entry number - 1 */
	} heads[2];
	char why[400];
} *read_by;

struct reader_look {
	struct hash chain;
	bool found;
};

static bool reader_row(void *ctx, const struct journal_row *row)
{
	struct reader_look *l = ctx;
	l->chain = row->digests.chain;
	l->found = true;
	return false;
}

/* Verifies whatever is there, again and again. A directory that is being made, or a database in the middle of its recovery by
 * another process, may say that it is busy. */
static void reader_look(const struct room *r)
{
	struct journal *j = NULL;
	struct fault fault = { .text = "" };
	struct verify_report report;
	struct engine *e = engine_new();
	struct reader_look before = { .found = false };
	enum err err = journal_open(r->dir, JOURNAL_READ, &j, &fault);
	if (err == ERR_OK)
		err = journal_verify(j, e, &report, NULL, NULL, &fault);
	uint64_t number = read_by->heads[read_by->at].number;
	if (err == ERR_OK && number) {
		err = journal_tail(j, number - 1, number, reader_row, &before, &fault);
		if (err == ERR_OK && (!before.found || !hash_eq(&before.chain, &read_by->heads[read_by->at].chain)))
			err = fault_set(&fault, ERR_TAMPERED, 0, 0, "entry %llu is another than the one that was read before",
				(unsigned long long)number - 1);
	}
	if (err == ERR_OK) {
		int other = !read_by->at;
		read_by->heads[other].chain = engine_link(e)->chain;
		read_by->heads[other].number = engine_link(e)->next;
		read_by->at = other;
		read_by->rounds++;
	} else if (err != ERR_BUSY) {
		snprintf(read_by->why, sizeof(read_by->why), "%s", fault.text);
		read_by->bad++;
	}
	journal_close(j);
	engine_free(e);
}

static pid_t reader_start(const struct room *r)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		while (!shared->stop) {
			reader_look(r);
			nap_us(3000);
		}
		_exit(0);
	}
	return pid;
}

static pid_t process_start(const struct room *r, int which)
{
	return which == READER ? reader_start(r) : writer_start(r, which, (struct fuse){ NULL, 0, 0 }, EVENTS_MAX / WRITERS - 20);
}

static void kill_one(struct faults *f, const struct room *r, pid_t pids[PROCESSES])
{
	/* The reader is killed least: it has the least to lose. */
	int which = faults_below(f, 8) == 0 ? READER : (int)faults_below(f, WRITERS);
	bool both = faults_below(f, 10) == 0;
	nap_us(500 + (long)faults_below(f, 45000));
	for (int i = 0; i < PROCESSES; i++) {
		if (i != which && !(both && i < WRITERS))
			continue;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		pids[i] = process_start(r, i);
	}
}

static uint64_t written, verified; /* of all rounds */

static void kills_round(struct faults *f, uint64_t kills)
{
	struct room r;
	pid_t pids[PROCESSES];
	char found[600];
	room_new(&r);
	memset(read_by, 0, sizeof(*read_by));
	dice_state = faults_dice(f) | 1;
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = process_start(&r, i);
	for (uint64_t i = 0; i < kills; i++) {
		kill_one(f, &r, pids);
		f->done++;
	}
	/* Whoever is left goes on: neither the kills nor the restarts stopped the writing. */
	int before = shared->count[0] + shared->count[1];
	for (int ms = 0; ms < 20000 && shared->count[0] + shared->count[1] < before + 20; ms++)
		nap_us(1000);
	bool goes_on = shared->count[0] + shared->count[1] >= before + 20;
	shared->stop = 1;
	for (int i = 0; i < PROCESSES; i++)
		waitpid(pids[i], NULL, 0);
	bool good = crash_judge(&r, 8 * WRITERS, found);
	written += (uint64_t)(shared->count[0] + shared->count[1]);
	verified += read_by->rounds;
	f->done--;
	faults_check(f, good && goes_on && !read_by->bad, "after %llu kills: %s%s; the reader: %llu times well, %d badly %s",
		(unsigned long long)kills, found, goes_on ? "" : "; it does not go on", (unsigned long long)read_by->rounds, read_by->bad,
		read_by->why);
	room_end(&r);
}

static void kills(struct faults *f)
{
	while (f->done < f->count)
		kills_round(f, f->count - f->done < KILLS_A_ROUND ? f->count - f->done : KILLS_A_ROUND);
	printf("  %s: %llu events acknowledged, %llu verifications while they were written\n", f->name, (unsigned long long)written,
		(unsigned long long)verified);
}

static const struct fault_case CASES[] = {
	{ "kills", "kill -9 among two writers and a reader, each started again", 150, 1000, kills },
};

int main(int argc, char **argv)
{
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0); /* a killed process takes nothing from the disk with it */
	crash_shared();
	read_by = mmap(NULL, sizeof(*read_by), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(read_by != MAP_FAILED, "shared memory");
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
