/* Verbs that are killed: `wharf init`, `evidence add`, `evidence shred`, `evidence prune`, `bank out`, `key rotate node`, `prune`, and the
 * start that takes over the node's next key: each at every call that changes a file, as a person would run it, and then run again.
 *
 * Must remain true: the same command finishes what was cut short, or says plainly what is there and what to do; what was
 * acknowledged stands; nothing is there twice, and the ledger verifies. */
#include "faults.h"
#include "ledger_room.h"
#include "shim.h"

#include <limits.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "../../src/app/app_int.h"

/* What the shim does not have, and the verbs use. */
int renameat(int from, const char *a, int to, const char *b)
{
	return shim_fd(to) && shim_fails("renameat", true) ? -1 : (int)syscall(SYS_renameat, from, a, to, b);
}
int renameat2(int from, const char *a, int to, const char *b, unsigned flags)
{
	return (shim_path(b) || shim_fd(to)) && shim_fails("renameat2", true) ? -1 : (int)syscall(SYS_renameat2, from, a, to, b, flags);
}
int mkdir(const char *path, mode_t mode) { return shim_path(path) && shim_fails("mkdir", true) ? -1 : (int)syscall(SYS_mkdir, path, mode); }
int mkdirat(int dir, const char *path, mode_t mode)
{
	return shim_fd(dir) && shim_fails("mkdirat", true) ? -1 : (int)syscall(SYS_mkdirat, dir, path, mode);
}
int link(const char *from, const char *to)
{
	return shim_path(to) && shim_fails("link", true) ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int rmdir(const char *path) { return shim_path(path) && shim_fails("rmdir", false) ? -1 : (int)syscall(SYS_rmdir, path); }

enum { WORDS_MAX = 24, SAID_MAX = 65536 };
static char base[200]; /* a directory of this run, in memory where that is possible */
static char out[SAID_MAX], err[SAID_MAX]; /* what the last verb said */
static struct told {
	uint64_t calls;
	char what[80];
} *told;

static const char *at(const char *name)
{
	static char path[8][400];
	static int turn;
	turn = (turn + 1) % 8;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

static void said(const char *name, char text[SAID_MAX])
{
	FILE *f = fopen(at(name), "rb");
	size_t n = f ? fread(text, 1, SAID_MAX - 1, f) : 0;
	text[n] = '\0';
	if (f)
		fclose(f);
}

/* --- a verb in a process of its own ---------------------------------------------------------------------- */

static _Noreturn void child(const char *line, enum shim_mode mode, uint64_t call)
{
	static char words[1000];
	char *argv[WORDS_MAX + 1], *save = NULL;
	struct fault fault;
	int argc = 0;
	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w && argc < WORDS_MAX; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	CHECK(freopen("/dev/null", "r", stdin) && freopen(at("out"), "w", stdout) && freopen(at("err"), "w", stderr), "places for what is said");
	umask(077);
	CHECK(keys_start(&fault) == ERR_OK, fault.text);
	if (mode != SHIM_READ) /* none */
		shim_arm(at("w/"), mode, call);
	setvbuf(stdout, NULL, _IONBF, 0); /* what was acknowledged before a kill is read */
	int status = verb_find(argv[0])->run(argc, argv);
	told->calls = shim.calls;
	fflush(NULL);
	_exit(status);
}

/* Runs a line; its exit status, or -1 when it was killed. SHIM_READ: without a fault. */
static int runs(const char *line, enum shim_mode mode, uint64_t call)
{
	int status = 0;
	fflush(NULL);
	pid_t pid = fork();
	CHECK(pid >= 0, "a process");
	if (pid == 0)
		child(line, mode, call);
	CHECK(waitpid(pid, &status, 0) == pid, "a process ends");
	said("out", out);
	said("err", err);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int plain(const char *line) { return runs(line, SHIM_READ, 0); }

static void must(const char *line)
{
	int status = plain(line);
	if (status != 0)
		fprintf(stderr, "%s: status %d\n%s%s", line, status, out, err);
	CHECK(status == 0, line);
}

static void shell(const char *format, ...)
{
	char command[1200];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	CHECK(system(command) == 0, command);
}

static const char *line_of(const char *format, ...)
{
	static char line[4][1000];
	static int turn;
	va_list args;
	turn = (turn + 1) % 4;
	va_start(args, format);
	vsnprintf(line[turn], sizeof(line[turn]), format, args);
	va_end(args);
	return line[turn];
}

/* The word after `mark` in what was said. */
static bool word_after(const char *text, const char *mark, char word[64])
{
	const char *p = strstr(text, mark);
	return p && sscanf(p + strlen(mark), "%63s", word) == 1;
}

static int64_t scalar(const char *query)
{
	sqlite3 *db;
	sqlite3_stmt *s = NULL;
	int64_t n = -1;
	if (sqlite3_open_v2(at("w/d/wharf.db"), &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
		&& sqlite3_prepare_v2(db, query, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static bool same(const char *a, const char *b)
{
	char command[900];
	snprintf(command, sizeof(command), "cmp -s %.400s %.400s", a, b);
	return system(command) == 0;
}

static bool verifies(void) { return plain(line_of("verify %s", at("w/d"))) == 0; }

/* --- what is done -------------------------------------------------------------------------------------------- */

struct deed {
	const char *from;                /* the directory that is copied to w/d; NULL: none */
	char line[600];
	const char *(*judge)(bool done); /* what is wrong after the kill, or NULL; done: it ended before */
};
static char item[64];  /* the evidence of "one" */
static char treasurer[64];

static size_t pieces(void)
{
	char text[64];
	FILE *f = popen(line_of("find %s -type f 2>/dev/null | wc -l", at("w/d/evidence")), "r");
	CHECK(f && fgets(text, sizeof(text), f), "files are counted");
	pclose(f);
	return (size_t)strtoul(text, NULL, 10);
}

static const char *add_judge(bool done)
{
	char id[64] = "", one[64];
	bool told_id = word_after(out, ": evidence ", id);
	(void)done;
	if (plain(line_of("evidence add %s --as NB", at("bill"))) != 0)
		return "the same command does not go on";
	if (plain("evidence check --grace 0") != 0 || !strstr(out, " 0 not here, 0 broken"))
		return "something is broken";
	if (plain("evidence check --grace 0 --keep") != 0 || !strstr(out, "orphans    0 of 0"))
		return "something is left";
	if (plain("evidence list") != 0 || (told_id && !strstr(out, id)))
		return "what was acknowledged is not there";
	static char list[SAID_MAX];
	memcpy(list, out, sizeof(list));
	for (const char *p = list; (p = strstr(p, "EV-")); p += 3) {
		if (sscanf(p, "%63s", one) != 1 || strstr(p + 3, one))
			continue;
		unlink(at("copy"));
		if (plain(line_of("evidence get %s -o %s --as NB", one, at("copy"))) != 0 || !same(at("copy"), at("bill")))
			return "an item that is listed does not open";
	}
	return verifies() ? NULL : "it does not verify";
}

static const char *shred_judge(bool done)
{
	int status = plain(line_of("evidence shred %s --reason again --as NB", item));
	(void)done;
	if (status != 0 && !strstr(err, "destroyed"))
		return "the same command does not go on";
	if (pieces())
		return "pieces of what was destroyed are left";
	if (plain(line_of("evidence get %s -o %s --as NB", item, at("gone"))) == 0)
		return "what was destroyed opens";
	if (plain("evidence check --grace 0") != 0 || !strstr(out, "1 destroyed, 0 of them finished now"))
		return "the destruction was not finished";
	return verifies() ? NULL : "it does not verify";
}

static char before[40];

static const char *prune_judge(bool done)
{
	(void)done;
	if (plain(line_of("evidence prune --before %s", before)) != 0)
		return "the same command does not go on";
	if (scalar("SELECT count(*) FROM evidence WHERE kind = 'batch'") != 1)
		return "not all that was given up went, or more did";
	if (plain(line_of("evidence prune --before %s", before)) != 0 || !strstr(out, "\n0 raw batches removed"))
		return "the next run finds something to do";
	return verifies() && strstr(out, "pruned under retention") ? NULL : "it does not verify";
}

static const char *bank_judge(bool done)
{
	char order[300], text[64];
	(void)done;
	if (plain(line_of("bank out %s --as %s", at("w/out"), treasurer)) != 0)
		return "the same command does not go on";
	if (scalar("SELECT count(*) FROM r_bank_order") != 1)
		return "not one order";
	FILE *f = popen(line_of("ls %s/*.xml", at("w/out")), "r");
	bool one = f && fgets(order, sizeof(order), f) && !fgets(text, sizeof(text), f);
	if (f)
		pclose(f);
	if (!one)
		return "not one file";
	shell("rm -rf %s", at("w/again"));
	if (plain(line_of("bank out %s", at("w/again"))) != 0)
		return "it is not written anew";
	order[strcspn(order, "\n")] = '\0';
	return same(order, line_of("%s%s", at("w/again"), strrchr(order, '/'))) ? NULL : "the file is not what the order says";
}

static const char *init_judge(bool done)
{
	static const char *const MADE = "--party NB --name NB";
	int64_t entries = scalar("SELECT count(*) FROM journal");
	int status = plain(line_of("show party -d %s", at("w/d")));
	bool whole = entries > 1;
	if (done && !whole)
		return "it was acknowledged and is not there";
	if (whole && (status != 0 || !verifies()))
		return "a whole ledger does not open";
	if (!whole && (status == 0 || (access(at("w/d"), F_OK) == 0 && !strstr(err, "wharf init"))))
		return "what is no ledger is not said";
	status = plain(line_of("init %s %s", at("w/d"), MADE));
	if (whole)
		return status == 2 && strstr(err, "holds a ledger") ? NULL : "init does not say that a ledger is there";
	if (status == 0)
		return verifies() ? NULL : "the second try does not verify";
	if (status != 2 || !strstr(err, "that was stopped") || !strstr(err, "rm -r"))
		return "init does not say what is there and what to do";
	shell("rm -r %s", at("w/d"));
	return plain(line_of("init %s %s", at("w/d"), MADE)) == 0 ? NULL : "init does not work after what it told to do";
}

/* The key in node.key is the one that the ledger says, and no next one is left over. */
static const char *node_settled(void)
{
	char hex[HASH_HEX_MAX], query[200];
	struct key node;
	struct fault fault;
	if (plain(line_of("send party.add id=P%d kind=SUP name=P key=%064x --as root", (int)told->calls, (unsigned)told->calls + 1)) != 0)
		return "the ledger takes nothing";
	if (access(at("w/d/keys/node.next.key"), F_OK) == 0)
		return "the next key was not taken";
	if (keys_node_open(at("w/d"), &node, &fault) != ERR_OK)
		return "the node has no key";
	struct hash key = key_public(&node);
	snprintf(query, sizeof(query), "SELECT until_entry = 0 AND since_entry >= 0 FROM r_keyrec WHERE id = '%s'", hex_of(key.bytes, HASH_SIZE, hex));
	key_close(&node);
	if (scalar(query) != 1)
		return "the key of the node is not the one that the ledger names";
	return verifies() ? NULL : "it does not verify";
}

static const char *rotate_judge(bool done)
{
	(void)done;
	if (plain("key rotate node") != 0)
		return "the same command does not go on";
	return node_settled();
}

static const char *settle_judge(bool done)
{
	(void)done;
	told->calls += 100000; /* another party than the one that was sent */
	return node_settled();
}

static const char *given_up_judge(bool done)
{
	(void)done;
	if (plain(line_of("prune %s --before 512 --unwitnessed", at("w/d"))) != 0)
		return "the same command does not go on";
	if (scalar("SELECT count(*) FROM journal WHERE number BETWEEN 1 AND 511") != 0 || scalar("SELECT count FROM base") != 512)
		return "entries are left, or nothing stands for them";
	return verifies() && strstr(out, "entries 1 to 511 were given up") ? NULL : "it does not verify";
}

/* --- trials ---------------------------------------------------------------------------------------------- */

static int begin_and_kill(const struct deed *a, enum shim_mode mode, uint64_t call)
{
	shell("rm -rf %s && mkdir %s", at("w"), at("w"));
	if (a->from)
		shell("cp -r %s %s", at(a->from), at("w/d"));
	memset(told, 0, sizeof(*told));
	return runs(a->line, mode, call);
}

static void deed_killed(struct faults *f, const struct deed *a)
{
	int status = begin_and_kill(a, SHIM_COUNT, 0);
	uint64_t calls = told->calls;
	const char *bad = status == 0 ? a->judge(true) : "it fails without a fault";
	faults_check(f, !bad, "%s, unharmed: %s (%s%s)", a->line, bad ? bad : "", out, err);
	if (bad)
		return;
	uint64_t count = f->count == UINT64_MAX ? calls : f->count;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n = 1 + (f->count == UINT64_MAX ? i : faults_below(f, calls));
		status = begin_and_kill(a, SHIM_KILL, n);
		bad = a->judge(status == 0);
		faults_check(f, !bad, "%.20s killed at call %llu of %llu: %s (%s%s)", a->line, (unsigned long long)n, (unsigned long long)calls,
			bad ? bad : "", out, err);
	}
	printf("  %.20s: %llu calls change files\n", a->line, (unsigned long long)calls);
	f->count = count;
}

/* --- what they begin with -------------------------------------------------------------------------------- */

static const char *day(int ago, char text[40])
{
	time_t t = time(NULL) - (time_t)ago * 86400;
	struct tm tm;
	strftime(text, 40, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return text;
}

static void batch(int sequence, int ago)
{
	char then[40];
	FILE *f = fopen(at("batch"), "w");
	day(ago, then);
	CHECK(f && fprintf(f, "{\"gateway\":\"GW-RTM\",\"sequence\":%d,\"from\":\"%s\",\"to\":\"%s\",\"readings\":[{\"device\":\"RTM/T1\",\"seq\":%d,"
		"\"time\":\"%s\",\"quantity\":\"temperature\",\"value\":4500}]}", sequence, then, then, sequence, then) > 0 && fclose(f) == 0, "a batch");
	must(line_of("ingest --gateway GW-RTM %s", at("batch")));
}

/* A ledger; with an item of evidence; with batches of which two may go. */
static void ready_small(void)
{
	shell("mkdir %s && head -c 3000 /dev/urandom >%s", at("w"), at("bill"));
	must(line_of("init %s --party NB --name NB", at("w/d")));
	shell("cp -r %s %s", at("w/d"), at("small"));
	must(line_of("evidence add %s --as NB", at("bill")));
	CHECK(word_after(out, ": evidence ", item), "an item");
	shell("mv %s %s && cp -r %s %s", at("w/d"), at("one"), at("small"), at("w/d"));
	must("key new GW-RTM --party NB --role gateway");
	must("send site.add id=RTM name=Rotterdam party=NB --as root");
	must("send gateway.certify id=GW-RTM party=NB site=RTM key=@GW-RTM --as root");
	must("send device.certify id=RTM/T1 kind=temperature party=NB site=RTM gateway=GW-RTM --as root");
	batch(1, 60);
	batch(2, 40);
	batch(3, 1);
	shell("sed 's/\"version\": *[0-9]*/\"version\": 99/; s/\"retention.batch_days\": *[0-9]*/\"retention.batch_days\": 30/' "
		"%s/data/policy/policy.json >%s", getenv("WHARF_SHARE"), at("policy.json"));
	must(line_of("deploy policy %s --as root", at("policy.json")));
	shell("mv %s %s", at("w/d"), at("batches"));
	day(0, before);
	shell("cp -r %s %s && sed 's/\"version\": *[0-9]*/\"version\": 99/; s/\"keys.delay_hours\": *[0-9]*/\"keys.delay_hours\": 0/' "
		"%s/data/policy/policy.json >%s", at("small"), at("w/d"), getenv("WHARF_SHARE"), at("policy.json"));
	must(line_of("deploy policy %s --as root", at("policy.json")));
	shell("cp -r %s %s", at("w/d"), at("at-once"));
	must("key rotate node");
	shell("mv %s %s", at("w/d"), at("rotated"));
}

/* The value in a column of the first row that has a text. */
static void find(const char *view, const char *pattern, const char *column, char word[64])
{
	must(line_of("show %s --csv", view));
	const char *row = strstr(out, pattern), *cell = out;
	size_t skip = 0;
	CHECK(row, pattern);
	while (row > out && row[-1] != '\n')
		row--;
	for (size_t len = strlen(column); strncmp(cell, column, len) != 0 || !strchr(",\n", cell[len]); skip++)
		cell += strcspn(cell, ",") + 1;
	for (; skip; skip--)
		row += strcspn(row, ",") + 1;
	snprintf(word, 64, "%.*s", (int)strcspn(row, ",\n"), row);
}

/* The recorded day, where a debtor paid 100.00 too much, and the refund that two persons signed waits for the bank. */
static void ready_day(void)
{
	char deal[64], debtor[64], owed[64];
	shell("rm -rf %s && mkdir %s", at("w"), at("w"));
	must(line_of("demo --plain --keep %s", at("w/d")));
	find("deal --where state=COLLECTING", ",receivables,COLLECTING,", "id", deal);
	find("deal --where state=COLLECTING", ",receivables,COLLECTING,", "obligor", debtor);
	find("deal --where state=COLLECTING", ",receivables,COLLECTING,", "principal", owed);
	find("operator", ",NOORDZEE,TRM,", "id", treasurer);
	must(line_of("send message --deal %s name=obligor.paid data={\"amount\":\"%lld.00\",\"payer\":\"%s\",\"reference\":\"E2E-1\"} --as BANKNET",
		deal, atoll(owed) + 101, debtor));
	must(line_of("send message --deal %s name=book.refund data={\"amount\":\"100.00\"} --as l.haas --hold %s", deal, at("held")));
	must(line_of("sign %s --as m.dahl", at("held")));
	must(line_of("submit %s", at("held")));
	shell("mv %s %s", at("w/d"), at("day"));
}

static void deed(struct faults *f, const char *from, const char *line, const char *(*judge)(bool done))
{
	struct deed a = { .from = from, .judge = judge };
	snprintf(a.line, sizeof(a.line), "%s", line);
	deed_killed(f, &a);
}

static void run_add(struct faults *f)
{
	deed(f, "small", line_of("evidence add %s --as NB", at("bill")), add_judge);
}
static void run_shred(struct faults *f)
{
	deed(f, "one", line_of("evidence shred %s --reason personal --as NB", item), shred_judge);
}
static void run_prune(struct faults *f)
{
	deed(f, "batches", line_of("evidence prune --before %s", before), prune_judge);
}
static void run_bank(struct faults *f)
{
	deed(f, "day", line_of("bank out %s --as %s", at("w/out"), treasurer), bank_judge);
}
static void run_init(struct faults *f)
{
	deed(f, NULL, line_of("init %s --party NB --name NB", at("w/d")), init_judge);
}

static void run_rotate(struct faults *f) { deed(f, "at-once", "key rotate node", rotate_judge); }
static void run_settle(struct faults *f)
{
	deed(f, "rotated", "send party.add id=FIRST kind=SUP name=P --as root", settle_judge);
}
static void run_given_up(struct faults *f)
{
	deed(f, "day", line_of("prune %s --before 512 --unwitnessed", at("w/d")), given_up_judge);
}

static const struct fault_case CASES[] = {
	{ "killed-add", "`wharf evidence add` killed at a call that changes files, then run again", 8, UINT64_MAX, run_add },
	{ "killed-shred", "the same of `wharf evidence shred`", 8, UINT64_MAX, run_shred },
	{ "killed-prune", "the same of `wharf evidence prune`", 8, UINT64_MAX, run_prune },
	{ "killed-bank-out", "the same of `wharf bank out --as KEY`", 5, UINT64_MAX, run_bank },
	{ "killed-rotate", "the same of `wharf key rotate node`", 6, UINT64_MAX, run_rotate },
	{ "killed-settle", "the same of the start that takes the node's next key", 8, UINT64_MAX, run_settle },
	{ "killed-given-up", "the same of `wharf prune`", 2, 300, run_given_up },
	{ "killed-init", "the same of `wharf init`, which then says what is there and what to do", 6, UINT64_MAX, run_init },
};

int main(int argc, char **argv)
{
	char here[PATH_MAX];
	snprintf(base, sizeof(base), "%s/wharf-verbs-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(sodium_init() >= 0 && mkdtemp(base), "a directory for the test");
	told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(told != MAP_FAILED && realpath(".", here), "shared memory");
	setenv("WHARF_SHARE", here, 0);
	shell("echo demo >%s", at("pass"));
	setenv("WHARF_PASSPHRASE_FILE", at("pass"), 1);
	setenv("WHARF_DIR", at("w/d"), 1);
	ready_small();
	ready_day();
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	room_remove(base);
	return status;
}
