/* The console on ledgers that no recording drives: what is wrong with leader, clock, disk, money or log is provoked for real, seen as a
 * badge with what to do, and goes with its cause; and the screen that locks itself.
 *
 * Must remain true: time moves only where a test moves it (app/clock.h); nothing here sleeps; each test has a copy of its own. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "screens/hand.h"

static char base[] = "/tmp/wharf-live-XXXXXX";
static char gate_env[PATH_SIZE]; /* WHARF_TEST_JOB=…: while that file is there, work beside the loop stands still */
static int copies;

enum { MINUTE_MS = 60000, SECOND_US = 1000000 };

/* --- clocks, copies, consoles ----------------------------------------------------------------------- */

/* What one console's clocks are ahead of this host's: a file that it maps. */
struct shift {
	char env[PATH_SIZE];
	int fd;
};

static void shift_to(const struct shift *s, int64_t wall_us, int64_t steady_ms)
{
	const int64_t both[2] = { wall_us, steady_ms };
	assert_int_equal(pwrite(s->fd, both, sizeof(both), 0), (ssize_t)sizeof(both));
}

static void shift_new(struct shift *s)
{
	snprintf(s->env, sizeof(s->env), "WHARF_TEST_CLOCK=%s/clock-%d", base, copies++);
	s->fd = open(s->env + strlen("WHARF_TEST_CLOCK="), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(s->fd >= 0);
	shift_to(s, 0, 0);
}

/* A copy of "live" or "day"; in `where` when it is given. */
static void copy_of(const char *name, const char *where, char dir[PATH_SIZE])
{
	char command[3 * PATH_SIZE];
	snprintf(dir, PATH_SIZE, "%.200s/%s-%d", where ? where : base, name, copies++);
	snprintf(command, sizeof(command), "cp -r %s/%s %s", base, name, dir);
	assert_int_equal(system(command), 0);
}

/* A console of a person, at the frame that asks for the passphrase. */
static struct harness *console(const char *dir, const char *who, struct shift *s)
{
	char *argv[] = { (char *)(uintptr_t)wharf(), "-d", (char *)(uintptr_t)dir, "--as", (char *)(uintptr_t)who, NULL };
	char cache[PATH_SIZE];
	shift_new(s);
	snprintf(cache, sizeof(cache), "XDG_CACHE_HOME=%s/cache", base);
	const char *env[] = { s->env, cache, share_env, gate_env, "COLORTERM=truecolor", NULL };
	struct harness *h = harness_start(argv, 120, 36, env);
	harness_guard(h, PATIENCE);
	assert_true(harness_wait_idle(h));
	return h;
}

static struct harness *signed_in(const char *dir, const char *who, struct shift *s)
{
	struct harness *h = console(dir, who, s);
	type(h, "demo");
	press(h, "Enter");
	sees_no(h, "passphrase");
	return h;
}

static void done(struct harness *h, const struct shift *s)
{
	leave(h);
	close(s->fd);
}

/* Somebody else signs something beside the console: an alert. */
static void one_entry(const char *dir)
{
	struct buf out = { 0 };
	run(&out, "send alert.raise code=E01 title=paper asset=X%d --as i.vermeer --passphrase-file %s/pass -d %s", copies++, base, dir);
	buf_free(&out);
}

/* Entries beside it, until a console says that. From one that it sees late, on a busy machine, it learns nothing of clocks. */
static void entries_until(struct harness *h, const char *dir, const char *text)
{
	for (int i = 0; i < 20 && !harness_sees(h, text); i++) {
		long before = entries(h);
		one_entry(dir);
		while (entries(h) == before)
			assert_true(harness_wait_idle(h));
	}
	sees(h, text);
}

/* --- the leader -------------------------------------------------------------------------------------- */

static void a_leader_that_stands_still(void **state)
{
	char dir[PATH_SIZE];
	struct shift s, t;
	int status;
	(void)state;
	copy_of("live", NULL, dir);
	struct harness *first = signed_in(dir, "i.vermeer", &s), *second = signed_in(dir, "h.prins", &t);
	sees(second, "○"); /* it follows */
	harness_signal(first, SIGSTOP);
	waits_for(second, " LEADER LOST ");
	sees(second, "leader silent for");
	sees(second, "nothing is lost");
	waits_for(second, "this console leads now");
	sees_no(second, " LEADER LOST ");
	harness_signal(first, SIGCONT);
	waits_for(first, "○"); /* superseded: it follows now */
	one_entry(dir);
	/* killed: the other takes over at once, and writes */
	harness_signal(second, SIGKILL);
	assert_true(harness_wait_exit(second, &status));
	harness_stop(second);
	waits_for(first, "this console leads now");
	sees_no(first, " LEADER LOST ");
	one_entry(dir);
	done(first, &s);
	close(t.fd);
}

/* --- the clock --------------------------------------------------------------------------------------- */

/* The one console's clock is off by so much: it says so, nothing is signed and the reason is said, and once it is set all is as before. */
static void off_until_it_is_set(int64_t by_us, const char *sentence, const char *reason)
{
	char dir[PATH_SIZE];
	struct shift s;
	copy_of("live", NULL, dir);
	struct harness *h = signed_in(dir, "c.mulder", &s);
	one_entry(dir);
	sees_no(h, "CLOCK OFF");
	shift_to(&s, by_us, 0);
	press(h, "^L");
	waits_for(h, " CLOCK OFF ");
	waits_for(h, sentence);
	line(h, "limit NORD 5");
	sees(h, reason);
	sees_no(h, "Set NORD");
	shift_to(&s, 0, 0);
	press(h, "^L");
	waits_for(h, "CLOCK OFF is over");
	sees_no(h, " CLOCK OFF  ");
	line(h, "limit NORD 5");
	sees(h, "Set NORD");
	press(h, "Esc");
	done(h, &s);
}

static void a_clock_that_is_behind(void **state)
{
	(void)state;
	off_until_it_is_set((int64_t)-3600 * SECOND_US, "behind the ledger; set the clock, nothing is lost", "set the clock");
}

/* No timer rings and nothing is ordered, and it says how a person ends that. */
static void a_clock_years_ahead(void **state)
{
	(void)state;
	off_until_it_is_set((int64_t)1095 * 86400 * SECOND_US, "set it, or if right start with WHARF_TODAY=", "set it");
}

static void a_clock_that_is_ahead(void **state)
{
	char dir[PATH_SIZE];
	struct shift s, t;
	(void)state;
	copy_of("live", NULL, dir);
	struct harness *leads = signed_in(dir, "i.vermeer", &s), *h = signed_in(dir, "h.prins", &t);
	shift_to(&t, (int64_t)10 * SECOND_US, 0);
	entries_until(h, dir, " CLOCK OFF ");
	sees(h, "ahead of the ledger");
	sees(h, "  +1"); /* row 1 says how much: ten seconds, and what it was late */
	sees_no(leads, "CLOCK OFF");
	shift_to(&t, 0, 0);
	entries_until(h, dir, "CLOCK OFF is over");
	done(h, &t);
	done(leads, &s);
}

/* --- the disk ---------------------------------------------------------------------------------------- */

/* Four MiB of memory as a disk, where this host lets a test have one. */
static bool small_disk(char at[PATH_SIZE])
{
	char map[64];
	uid_t user = getuid();
	snprintf(at, PATH_SIZE, "%s/disk", base);
	mkdir(at, 0700);
	if (mount("wharf-test", at, "tmpfs", 0, "size=4m") == 0)
		return true;
	if (unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0)
		return false;
	int fd = open("/proc/self/uid_map", O_WRONLY);
	snprintf(map, sizeof(map), "0 %u 1", (unsigned)user);
	bool good = fd >= 0 && write(fd, map, strlen(map)) == (ssize_t)strlen(map);
	if (fd >= 0)
		close(fd);
	return good && mount("wharf-test", at, "tmpfs", 0, "size=4m") == 0;
}

/* Takes all room but what a page needs. */
static void fill(const char *path)
{
	static char block[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

static void a_full_disk(void **state)
{
	char disk[PATH_SIZE], dir[PATH_SIZE], ballast[PATH_SIZE + 16];
	struct shift s;
	struct buf out = { 0 };
	(void)state;
	if (!small_disk(disk)) {
		print_message("this host lets no test have a disk of its own\n");
		skip();
	}
	copy_of("live", disk, dir);
	snprintf(ballast, sizeof(ballast), "%s/ballast", disk);
	struct harness *h = signed_in(dir, "c.mulder", &s);
	one_entry(dir);
	fill(ballast);
	for (int i = 0; i < 60 && !harness_sees(h, " NO WRITES "); i++) { /* the log may have had room for a few */
		press(h, "Esc");
		line(h, "limit NORD 5");
		type(h, "demo");
		press(h, "Enter y");
	}
	sees(h, " NO WRITES ");
	press(h, "Esc n");
	sees(h, "disk full since");
	sees(h, "free 64 MiB and Wharf goes on by itself");
	long before = entries(h);
	line(h, "limit NORD 5");
	sees(h, "disk full");
	sees_no(h, "Set NORD");
	press(h, "F7 F3 ?"); /* reading goes on */
	sees(h, "Keys of this screen");
	press(h, "Esc");
	assert_int_equal(unlink(ballast), 0);
	waits_for(h, "NO WRITES is over");
	line(h, "limit NORD 5");
	sees(h, "Set NORD");
	type(h, "demo");
	press(h, "Enter y");
	sees(h, "signed by you");
	assert_int_equal(entries(h), before + 1);
	done(h, &s);
	run(&out, "verify %s", dir);
	buf_free(&out);
	assert_int_equal(umount(disk), 0);
}

/* --- money ------------------------------------------------------------------------------------------- */

/* A statement that the bank signed and that is not true: it closes at 999.00. */
static void hostile_statement(const char *dir)
{
	char path[PATH_SIZE];
	struct buf out = { 0 };
	snprintf(path, sizeof(path), "%s/statement.xml", base);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>ST1</MsgId><CreDtTm>2026-03-16T17:00:00Z"
		"</CreDtTm></GrpHdr><Stmt><Id>S1</Id><Acct><Id><IBAN>NL85NRDZ0532030399</IBAN></Id></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry>"
		"</Tp><Amt Ccy=\"EUR\">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-16</Dt></Dt></Bal></Stmt></BkToCstmrStmt></Document>", f);
	fclose(f);
	run(&out, "bank in %s --as BANKNET --passphrase-file %s/pass -d %s", path, base, dir);
	buf_free(&out);
}

/* Two of different duty lift a stop, by file. */
static void lift(const char *dir, const char *object)
{
	struct buf out = { 0 };
	char held[PATH_SIZE];
	snprintf(held, sizeof(held), "%s/lift-%d", base, copies++);
	run(&out, "send stop.lift 'object=%s' reason=explained --as g.rossi --hold %s --passphrase-file %s/pass -d %s", object, held, base, dir);
	run(&out, "sign %s --as h.prins --passphrase-file %s/pass -d %s", held, base, dir);
	run(&out, "submit %s -d %s", held, dir);
	buf_free(&out);
}

static void a_statement_that_breaks_a_total(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "t.okafor", &s);
	sees_no(h, "TOTALS BROKEN");
	hostile_statement(dir);
	waits_for(h, " TOTALS BROKEN ");
	waits_for(h, "CT-3 differs by");
	waits_for(h, "outflow off until two lift it");
	press(h, "F9"); /* where it is to be looked at */
	sees(h, "CT-3");
	sees(h, "999.00");
	press(h, "F2");
	lift(dir, "NOORDZEE/CT-3");
	waits_for(h, "TOTALS BROKEN is over");
	sees_no(h, " TOTALS BROKEN  ");
	done(h, &s);
}

/* A copy of the directory goes its own way under the node's key: two signed roots of one size. */
static void two_histories(const char *dir)
{
	char fork[PATH_SIZE + 8], command[3 * PATH_SIZE];
	struct buf out = { 0 };
	snprintf(fork, sizeof(fork), "%s-fork", dir);
	snprintf(command, sizeof(command), "cp -r %s %s", dir, fork);
	assert_int_equal(system(command), 0);
	one_entry(dir);
	one_entry(fork);
	run(&out, "ledger checkpoint -d %s -o %s-true", dir, dir);
	run(&out, "ledger checkpoint -d %s -o %s-forged", fork, dir);
	buf_free(&out);
}

static void two_notes_stop_outflow(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	struct buf out = { 0 };
	(void)state;
	copy_of("day", NULL, dir);
	two_histories(dir);
	struct harness *h = signed_in(dir, "t.okafor", &s);
	sees_no(h, "OUTFLOW STOPPED");
	run(&out, "ledger accuse %s-true %s-forged --as SUPERVISOR --passphrase-file %s/pass -d %s", dir, dir, base, dir);
	buf_free(&out);
	waits_for(h, " OUTFLOW STOPPED ");
	waits_for(h, "equivocation, entry");
	waits_for(h, "the node signed two roots of");
	press(h, "^X"); /* who is not signed in is told that, and not why */
	sees(h, " OUTFLOW STOPPED ");
	sees_no(h, "two roots");
	type(h, "demo");
	press(h, "Enter");
	lift(dir, "*/equivocation");
	waits_for(h, "OUTFLOW STOPPED is over");
	done(h, &s);
}

/* --- one act for many ------------------------------------------------------------------------------- */

static void two_deals_by_one_dialog(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	struct buf out = { 0 };
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	press(h, "F4 g Space Space");
	sees(h, "2 marked");
	long before = entries(h);
	press(h, "s");
	sees(h, "of 2 marked rows");
	int good = harness_sees(h, "Suspend: 2 of 2") ? 2 : 1;
	press(h, good == 2 ? "2" : "1");
	type(h, "papers are copies");
	press(h, "Tab");
	type(h, "demo");
	press(h, "Enter y");
	sees(h, good == 2 ? "2 rows signed by you" : "1 row signed by you");
	assert_int_equal(entries(h), before + good);
	sees_no(h, "marked ·");
	done(h, &s);
	run(&out, "show hold -d %s --csv", dir);
	assert_non_null(strstr(out.ptr, "papers are copies"));
	buf_free(&out);
}

/* --- the locked screen ------------------------------------------------------------------------------- */

/* Nobody touches anything for longer than the policy says; the window wakes the loop, and is no hand. */
static void nobody_is_here(struct harness *h, const struct shift *s, int minutes)
{
	shift_to(s, 0, (int64_t)minutes * MINUTE_MS);
	harness_resize(h, 121, 36);
	waits_for(h, "nobody was here");
}

static void what_was_typed_is_kept_for_its_owner(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	press(h, "F4");
	press(h, ":");
	type(h, "suspend 4QM7 half a tho");
	nobody_is_here(h, &s, 11);
	sees_no(h, "half a tho");
	sees_no(h, "4QM7");
	sees(h, "no one is signed in");
	type(h, "demo");
	press(h, "Enter");
	sees(h, "suspend 4QM7 half a tho"); /* the line is open again */
	sees(h, "Deals");
	press(h, "Esc");
	line(h, "suspend 4QM7");
	type(h, "debtor says it never ordered");
	press(h, "Tab");
	type(h, "dem"); /* half of the passphrase */
	nobody_is_here(h, &s, 22);
	sees_no(h, "debtor");
	type(h, "demo");
	press(h, "Enter");
	sees(h, "debtor says it never ordered");
	press(h, "Tab Tab y");
	sees(h, "the passphrase is missing"); /* of a secret nothing is kept */
	press(h, "Esc");
	done(h, &s);
}

static void another_person_finds_nothing(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	line(h, "suspend 4QM7");
	type(h, "debtor says it never ordered");
	nobody_is_here(h, &s, 11);
	press(h, "Down");
	type(h, "demo");
	press(h, "Enter");
	sees_no(h, "i.vermeer");
	sees_no(h, "Vermeer RSK");
	sees_no(h, "debtor says");
	sees_no(h, "Suspend");
	press(h, "^X Up");
	type(h, "demo");
	press(h, "Enter");
	sees_no(h, "debtor says"); /* it went with the other's sign-in */
	done(h, &s);
}

static void five_wrong_ones_lock_the_key(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	nobody_is_here(h, &s, 11);
	for (int i = 0; i < 5; i++) {
		type(h, "not it");
		press(h, "Enter");
		sees(h, "×");
		sees(h, "no one is signed in");
	}
	type(h, "demo"); /* the right one, too late */
	press(h, "Enter");
	sees(h, "locked until");
	sees(h, "no one is signed in");
	shift_to(&s, (int64_t)16 * 60 * SECOND_US, (int64_t)27 * MINUTE_MS);
	type(h, "demo");
	press(h, "Enter");
	sees(h, "Vermeer RSK");
	assert_null(memmem(harness_output(h).ptr, harness_output(h).len, "not it", 6));
	done(h, &s);
}

static void any_size_while_locked(void **state)
{
	static const int sizes[][2] = { { 200, 50 }, { 20, 5 }, { 1, 1 }, { 40, 10 }, { 80, 24 }, { 200, 50 } };
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	line(h, "deal 4QM7");
	sees(h, "4QM7");
	nobody_is_here(h, &s, 11);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		resize(h, sizes[i][0], sizes[i][1]);
		sees_no(h, "4QM7");
		press(h, "Down Up F3 Tab Esc"); /* the cursor is where it was */
		sees_no(h, "4QM7");
	}
	type(h, "de");
	resize(h, 80, 24);
	type(h, "mo"); /* a size changes nothing of what is typed */
	press(h, "Enter");
	sees(h, "Vermeer RSK");
	sees(h, "4QM7");
	done(h, &s);
}

static void a_scanner_types_into_the_locked_screen(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "j.kuiper", &s);
	nobody_is_here(h, &s, 11);
	for (int i = 0; i < 7; i++) { /* a pallet's worth */
		type(h, i % 2 ? "(00)340123454920340017" : "]C100340123454920340024");
		press(h, "Enter");
		sees(h, "that was a label");
	}
	type(h, "demo");
	press(h, "Enter");
	sees(h, "Kuiper");
	done(h, &s);
}

/* In the background of a shell nobody is at the keys either. */
static void stopped_for_long_is_locked(void **state)
{
	char dir[PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("day", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	harness_signal(h, SIGSTOP); /* as ^Z does under a shell; this program leads its session, so the kernel lets no SIGTSTP stop it */
	assert_true(harness_wait_stopped(h));
	shift_to(&s, 0, (int64_t)11 * MINUTE_MS);
	harness_signal(h, SIGCONT);
	waits_for(h, "nobody was here");
	/* and the first key of somebody else opens nothing */
	press(h, "g");
	sees(h, "no one is signed in");
	press(h, "Esc");
	done(h, &s);
}

/* --- the ledgers --------------------------------------------------------------------------------------- */

static void person(const char *id, const char *role)
{
	struct buf out = { 0 };
	run(&out, "key new %s --party NORD --role %s --passphrase-file %s/pass -d %s/live", id, role, base, base);
	run(&out, "send operator.certify id=%s name=%s party=NORD role=%s key=@%s --as NORD --passphrase-file %s/pass -d %s/live", id, id, role, id, base, base);
	buf_free(&out);
}

/* --- work beside the loop ----------------------------------------------------------------------------- */

static void gate(bool shut)
{
	const char *path = strchr(gate_env, '=') + 1;
	if (shut)
		assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
	else
		assert_int_equal(unlink(path), 0);
}

/* While the ledger is read again, or an entry exported, keys and screens answer; the same key stops it. */
static void work_beside_leaves_the_console_live(void **state)
{
	char dir[PATH_SIZE], words[2 * PATH_SIZE];
	struct shift s;
	(void)state;
	copy_of("live", NULL, dir);
	struct harness *h = signed_in(dir, "i.vermeer", &s);
	gate(true);
	line(h, "ledger");
	press(h, "V");
	sees(h, "reading the ledger again: entry");
	press(h, "j j");
	line(h, "alerts");
	one_entry(dir); /* and what comes meanwhile is shown */
	waits_for(h, "E01");
	line(h, "ledger");
	sees_no(h, "each hashes to its leaf");
	press(h, "X");
	sees(h, "one thing at a time");
	press(h, "V");
	sees(h, "stopped at entry");
	do
		press(h, "V");
	while (!harness_sees(h, "reading the ledger again"));
	gate(false);
	waits_for(h, "entries were read again, each hashes to its leaf");
	gate(true);
	snprintf(words, sizeof(words), "export 2 %s/beside-%d", base, copies);
	line(h, words);
	sees(h, "is being exported");
	press(h, "j j");
	gate(false);
	waits_for(h, "proof and ");
	gate(true);
	snprintf(words, sizeof(words), "export 2 %s/given-up-%d", base, copies);
	line(h, words);
	press(h, "X");
	sees(h, "the export was given up");
	gate(false);
	done(h, &s);
}

static int make_ledgers(void **state)
{
	char path[PATH_SIZE];
	struct buf out = { 0 };
	(void)state;
	if (!mkdtemp(base))
		return -1;
	share_begin();
	snprintf(gate_env, sizeof(gate_env), "WHARF_TEST_JOB=%s/gate", base);
	snprintf(path, sizeof(path), "%s/pass", base);
	FILE *f = fopen(path, "w");
	if (!f || fputs("demo\n", f) < 0 || fclose(f) != 0)
		return -1;
	run(&out, "init %s/live --party NORD --name 'Nord Bank' --passphrase-file %s/pass", base, base);
	person("i.vermeer", "RSK");
	person("h.prins", "CMP");
	person("c.mulder", "CRO");
	run(&out, "demo --plain --keep %s/day", base);
	buf_free(&out);
	return 0;
}

static int drop_ledgers(void **state)
{
	char command[PATH_SIZE];
	(void)state;
	snprintf(command, sizeof(command), "umount -l %s/disk 2>/dev/null; rm -r %s", base, base);
	return system(command) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leader_that_stands_still), cmocka_unit_test(a_clock_that_is_behind),
		cmocka_unit_test(a_clock_that_is_ahead), cmocka_unit_test(a_clock_years_ahead), cmocka_unit_test(a_statement_that_breaks_a_total),
		cmocka_unit_test(two_notes_stop_outflow), cmocka_unit_test(two_deals_by_one_dialog),
		cmocka_unit_test(what_was_typed_is_kept_for_its_owner),
		cmocka_unit_test(another_person_finds_nothing), cmocka_unit_test(five_wrong_ones_lock_the_key),
		cmocka_unit_test(any_size_while_locked), cmocka_unit_test(a_scanner_types_into_the_locked_screen),
		cmocka_unit_test(stopped_for_long_is_locked), cmocka_unit_test(work_beside_leaves_the_console_live), cmocka_unit_test(a_full_disk),
	};
	cmocka_set_test_filter(getenv("WHARF_TEST_ONLY"));
	return cmocka_run_group_tests(tests, make_ledgers, drop_ledgers);
}
