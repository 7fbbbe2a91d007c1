/* The program itself in a terminal: every screen of the recorded day at four sizes and in three looks, acts through the
 * keyboard that land on the ledger, and what goes wrong in a terminal.
 *
 * Must remain true: time is held (WHARF_TEST_CLOCK), so a picture follows from the recording and the keys alone; nothing
 * here sleeps; no test knows the state of another, each has a copy of a kept directory of its own. */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "screens/hand.h"

/* Kept directories from which tests start, each a moment of the recorded day:
 * morning 07:50, before anything; dock 10:31, ten bundles wait to be counted; noon 14:03, one heap with two receipts. */
static char base[] = "/tmp/wharf-day-XXXXXX";
static char cache_env[PATH_SIZE], tmp_env[PATH_SIZE];
static int copies;

/* --- starting and stopping -------------------------------------------------------------------- */

enum look { HARBOUR, MONO, VT100, LOOKS };
static const char *const look_names[LOOKS] = { "harbour", "mono", "vt100" };
static const char *const look_env[LOOKS][2] = { { "COLORTERM=truecolor", "TERM=xterm-256color" },
	{ "NO_COLOR=1", "COLORTERM=truecolor" }, { "TERM=vt100", "LC_ALL=C" } };

static struct harness *open_demo(const char *keep, enum look look, int width, int height)
{
	char *argv[] = { (char *)(uintptr_t)wharf(), "demo", keep ? "--keep" : NULL, (char *)(uintptr_t)keep, NULL };
	const char *env[] = { "WHARF_TEST_CLOCK=held", cache_env, tmp_env, share_env, look_env[look][0], look_env[look][1], NULL };
	struct harness *h = harness_start(argv, width, height, env);
	harness_guard(h, PATIENCE);
	return h;
}

static void copy_of(const char *moment, char dir[PATH_SIZE])
{
	char command[2 * PATH_SIZE];
	snprintf(dir, PATH_SIZE, "%s/%s-%d", base, moment, copies++);
	snprintf(command, sizeof(command), "cp -r %s/%s %s", base, moment, dir);
	assert_int_equal(system(command), 0);
}

/* A console on a copy of a moment, at the frame that asks who is there. */
static struct harness *console(const char *moment, enum look look, char dir[PATH_SIZE])
{
	copy_of(moment, dir);
	struct harness *h = open_demo(dir, look, 80, 24);
	assert_true(harness_wait_idle(h));
	return h;
}

static void sign_in(struct harness *h, const char *role)
{
	char word[40];
	type(h, "demo");
	press(h, "Enter");
	snprintf(word, sizeof(word), "role %s", role);
	if (role[0])
		line(h, word);
	press(h, "C"); /* the cue's card away */
}

/* --- pictures --------------------------------------------------------------------------------- */

static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 120, 36 }, { 200, 50 } };

struct shot {
	const char *name, *role; /* role NULL: as the shot before */
	const char *keys;        /* from the desk; ":words" is typed and sent, with _ for a blank: a vt100 has four function keys */
};
static const struct shot noon_shots[] = {
	{ "desk-rsk", "", "" },
	{ "tasks", NULL, ":tasks" }, { "deals", NULL, ":deals" }, { "deal-pledge", NULL, ":deal_R2VD" },
	{ "deal-receivables", NULL, ":deal_C5NP" }, { "deal-assets", NULL, ":deal_R2VD A" }, { "alerts", NULL, ":alerts" }, { "alert", NULL, ":alerts Enter" },
	{ "sensors", NULL, ":sensors" }, { "ledger", NULL, ":ledger" }, { "decisions", NULL, ":decisions" }, { "accounts", NULL, ":books" },
	{ "exposure", NULL, ":exposure" }, { "exposure-time", NULL, ":exposure t" }, { "keys", NULL, ":keys" },
	{ "help", NULL, "?" }, { "line", NULL, ": s u" }, { "filter", NULL, ":deals / k e s t" },
	{ "suspend", NULL, "s" }, { "compensate", NULL, "g a 2" }, { "leave", NULL, "q" },
	{ "desk-opc", "opc", "" }, { "approve", NULL, "g a 1" },
	{ "desk-trr", "trr", "" },
	{ "decisions-beside", "rsk", ":decisions / p l a n Enter = j" },
	{ "desk-aud", "aud", "" }, { "decision-verified", NULL, ":decisions v" }, { "ledger-verified", NULL, ":ledger v" },
};
static const struct shot dock_shots[] = {
	{ "desk-whm", "whm", "" }, { "receipt", NULL, "a" }, { "receipt-sign", NULL, "a 9 Enter a" },
};
enum { NOON_SHOTS = sizeof(noon_shots) / sizeof(noon_shots[0]), DOCK_SHOTS = sizeof(dock_shots) / sizeof(dock_shots[0]) };

static void go(struct harness *h, const char *keys)
{
	char copy[120], *rest = copy;
	snprintf(copy, sizeof(copy), "%s", keys);
	for (char *word; (word = strsep(&rest, " "));) {
		if (word[0] != ':' || !word[1]) {
			press(h, word);
			continue;
		}
		for (char *c = word; *c; c++)
			*c = *c == '_' ? ' ' : *c;
		line(h, word + 1);
	}
}

static bool hex4(const char *at)
{
	return strspn(at, "0123456789abcdef") >= 4;
}

/* What an auditor opens is an entry with the moment in which it was opened, so digests behind it are others in every run:
 * their eight digits beside an ellipsis, which a vt100 has as two points, are blotted out. */
static void blot_digests(struct buf *text)
{
	static const char *const marks[] = { "…", ".." };
	buf_char(text, 0);
	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
		for (char *e = text->ptr; (e = strstr(e, marks[m]));) {
			char *after = e + strlen(marks[m]);
			if (e - text->ptr >= 4 && hex4(e - 4))
				memset(e - 4, 'x', 4);
			if (hex4(after))
				memset(after, 'x', 4);
			e = after;
		}
	text->len--;
}

/* The screen at the first `count` sizes, with its looks at 80x24, against one golden file. */
static bool pictures(struct harness *h, enum look look, const char *name, int count, bool read_by_auditor)
{
	struct buf all = { 0 };
	char file[80];
	for (int i = 0; i < count; i++) {
		resize(h, sizes[i][0], sizes[i][1]);
		buf_printf(&all, "== %d x %d\n", sizes[i][0], sizes[i][1]);
		harness_text(h, &all);
		if (sizes[i][0] == 80)
			harness_looks(h, &all);
	}
	if (count > 2)
		resize(h, 80, 24);
	if (read_by_auditor)
		blot_digests(&all);
	snprintf(file, sizeof(file), "day-%s-%s", look_names[look], name);
	bool same = harness_golden_text(file, buf_view(&all));
	buf_free(&all);
	return same;
}

static bool shots(enum look look, const char *moment, const struct shot *list, size_t count)
{
	char dir[PATH_SIZE], word[40];
	struct harness *h = console(moment, look, dir);
	bool good = true, auditor = false;
	int all = look == HARBOUR ? 4 : 2; /* the other looks differ in cells, not in layout */
	if (list == noon_shots)
		good = pictures(h, look, "login", all, false);
	sign_in(h, "");
	for (size_t i = 0; i < count; i++) {
		home(h);
		if (list[i].role && list[i].role[0]) {
			snprintf(word, sizeof(word), "role %s", list[i].role);
			line(h, word);
			auditor = strcmp(list[i].role, "aud") == 0;
		}
		if (list[i].keys[0])
			go(h, list[i].keys);
		good = pictures(h, look, list[i].name, all, auditor) && good;
	}
	if (look == HARBOUR)
		assert_true(harness_colour_codes(h) > 100); /* the count can count */
	else
		assert_int_equal(harness_colour_codes(h), 0);
	home(h);
	leave(h);
	return good;
}

static void harbour_screens(void **state)
{
	(void)state;
	bool noon = shots(HARBOUR, "noon", noon_shots, NOON_SHOTS), dock = shots(HARBOUR, "dock", dock_shots, DOCK_SHOTS);
	assert_true(noon && dock);
}

static void no_colour_screens(void **state)
{
	(void)state;
	assert_true(shots(MONO, "noon", noon_shots, NOON_SHOTS));
}

static void vt100_screens(void **state)
{
	(void)state;
	assert_true(shots(VT100, "noon", noon_shots, NOON_SHOTS));
}

/* --- acts through the keyboard ------------------------------------------------------------------ */

/* Value of a row `"name": "value",` of JSON; false when it is another row. */
static bool json_field(struct str row, const char *name, char out[64])
{
	struct str value = str_trim(row), key = str_cut(&value, ':');
	key = str_trim(key);
	value = str_trim(value);
	if (key.len < 2 || value.len < 2 || !str_is((struct str){ key.ptr + 1, key.len - 2 }, name))
		return false;
	value.len -= value.ptr[value.len - 1] == ',';
	str_copy(out, 64, (struct str){ value.ptr + 1, value.len - 2 });
	return true;
}

/* A field of the newest task of a deal and step that has it, from the kept directory; "" when there is none. */
static void task_field(const char *dir, const char *deal, const char *step, const char *field, char out[64])
{
	struct buf json = { 0 };
	char of[64] = "", at[64] = "", value[64] = "";
	run(&json, "show task -d %s --json", dir);
	struct str rest = buf_view(&json);
	out[0] = 0;
	while (rest.len) {
		struct str row = str_cut(&rest, '\n');
		json_field(row, "deal", of);
		json_field(row, "step", at);
		json_field(row, field, value);
		if (str_starts(str_trim(row), "}") && value[0] && str_ends(str_of(of), deal) && strcmp(at, step) == 0)
			str_copy(out, 64, str_of(value));
	}
	buf_free(&json);
}

static void task_was(const char *dir, const char *deal, const char *step, const char *by, const char *outcome)
{
	char field[64];
	task_field(dir, deal, step, "done_by", field);
	assert_string_equal(field, by);
	task_field(dir, deal, step, "outcome", field);
	assert_string_equal(field, outcome);
}

/* The ledger proves itself, in full. */
static void verified(const char *dir)
{
	struct buf out = { 0 };
	run(&out, "verify %s", dir);
	buf_free(&out);
}

static void approves_with_reference_and_passphrase(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "opc");
	long before = entries(h);
	press(h, "g a 1 Tab Tab y"); /* Yes is off while reference and passphrase are missing */
	sees(h, "the reference C5NP is not typed");
	press(h, "Tab");
	type(h, "c5np"); /* either case */
	type(h, "wrong");
	press(h, "Enter y");
	sees(h, "Approve: A11"); /* still open: the passphrase is not hers */
	assert_int_equal(entries(h), before);
	type(h, "demo");
	press(h, "Enter y");
	sees(h, "approve A11");
	assert_int_equal(entries(h), before + 1);
	leave(h);
	task_was(dir, "C5NP", "A11", "s.brink", "approve");
	verified(dir);
}

static void counts_what_the_scanner_reads(void **state)
{
	/* the other nine in one paste: one read twice, one with a wrong check digit, one of another lot */
	static const char scans[] = "\033[200~00340123454920340017\n(00)340123454920340024\n(00)340123454920340031\n"
		"]C100340123454920340048\n(00)340123454920340055\n(00)340123454920340062\n(00)340123454920340079\n"
		"(00)340123454920340086\n(00)340123454920340093\n(00)340123454920340090\n(00)340123450421280005\n\033[201~";
	char dir[PATH_SIZE], field[64];
	(void)state;
	struct harness *h = console("dock", HARBOUR, dir);
	sign_in(h, "whm");
	long before = entries(h);
	press(h, "a");
	sees(h, "0 of 10");
	type(h, "(00)340123454920340017"); /* a scanner types and ends with Enter */
	press(h, "Enter");
	sees(h, "1 of 10");
	press(h, "a"); /* nine labels are open: not to be signed */
	sees(h, "9 labels not read");
	harness_send(h, scans, sizeof(scans) - 1);
	assert_true(harness_settle(h));
	sees(h, "9 of 10 labels");
	press(h, "x");
	sees(h, "1 package short");
	press(h, "a");
	sees(h, "passphrase");
	type(h, "demo");
	press(h, "Enter y");
	assert_int_equal(entries(h), before + 1);
	leave(h);
	task_was(dir, "M3ZK", "B05", "j.kuiper", "done");
	task_field(dir, "M3ZK", "E07", "role", field); /* the short count is a case now */
	assert_string_equal(field, "RSK");
	verified(dir);
}

/* A note is an entry that changes nothing; handing over is one, and the task is back in the pool. */
static void writes_a_memo_and_hands_over(void **state)
{
	char dir[PATH_SIZE], field[64];
	struct buf out = { 0 };
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	long before = entries(h);
	line(h, "alerts");
	press(h, "m");
	sees(h, "a note on a deal, sealed");
	type(h, "the second receipt is a photocopy of ours");
	press(h, "Enter");
	sees(h, "Memo R2VD");
	sees(h, "a photocopy of ours");
	assert_int_equal(entries(h), before);
	press(h, "y");
	sees(h, "memo on R2VD");
	assert_int_equal(entries(h), before + 1);
	line(h, "deal R2VD");
	press(h, "e");
	sees(h, "memo memo.txt");
	line(h, "tasks");
	press(h, "T");
	sees(h, "in the pool already");
	press(h, "c T");
	sees(h, "Hand over: E06");
	press(h, "y"); /* in the field: without words no hand-over */
	press(h, "Tab y");
	sees(h, "a reason is missing");
	assert_int_equal(entries(h), before + 2);
	press(h, "Tab");
	type(h, "off at three");
	press(h, "Enter y");
	sees(h, "handed over with a memo");
	assert_int_equal(entries(h), before + 4);
	leave(h);
	task_field(dir, "R2VD", "E06", "claimed_by", field);
	assert_string_equal(field, "");
	run(&out, "show item -d %s --csv", dir);
	assert_non_null(strstr(out.ptr, "memo.txt"));
	assert_null(strstr(out.ptr, "photocopy")); /* its words are its readers' */
	buf_free(&out);
	verified(dir);
}

static void suspends_and_compensates(void **state)
{
	char dir[PATH_SIZE];
	struct buf out = { 0 };
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	long before = entries(h);
	line(h, "suspend C5NP");
	sees(h, "Suspend");
	press(h, "Enter y"); /* no reason, no act */
	sees(h, "a reason is missing");
	press(h, "Tab");
	type(h, "debtor says it never ordered");
	press(h, "Enter y");
	assert_int_equal(entries(h), before + 1);
	home(h);
	press(h, "g a 2");
	sees(h, "Compensate");
	sees(h, "◄ 4"); /* pledge, receipt, limit, registry */
	type(h, "R2VDdemo");
	press(h, "Enter y");
	assert_int_equal(entries(h), before + 2);
	leave(h);
	task_was(dir, "R2VD", "E06", "i.vermeer", "compensate");
	run(&out, "show hold -d %s --csv", dir);
	assert_non_null(strstr(out.ptr, "never ordered"));
	buf_free(&out);
	verified(dir);
}

static void releases_money(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("dock", HARBOUR, dir);
	sign_in(h, "trr");
	press(h, "+ +");
	sees(h, "A13 release payment");
	long before = entries(h);
	press(h, "g a 1");
	type(h, "V6DMdemo");
	press(h, "Enter y");
	assert_true(entries(h) > before);
	leave(h);
	task_was(dir, "V6DM", "A13", "r.lindt", "approve");
	verified(dir);
}

/* What he opens is written down as his reading; nothing else of his is. */
static void an_auditor_replays_and_acts_on_nothing(void **state)
{
	char dir[PATH_SIZE], words[2 * PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "aud");
	sees(h, "READ-ONLY");
	resize(h, 120, 36);
	press(h, "F8 v");
	sees(h, "bit for bit");
	long before = entries(h);
	press(h, "s a c f y Esc");
	line(h, "suspend C5NP because");
	line(h, "claim C5NP");
	assert_int_equal(entries(h), before);
	/* that they looked at a deal and at a list is an entry, once each */
	line(h, "deal C5NP");
	line(h, "ledger");
	line(h, "deal C5NP");
	assert_int_equal(entries(h), before + 2);
	/* and what they take out, each time */
	for (int i = 0; i < 2; i++) {
		snprintf(words, sizeof(words), "export 100 %s/read-%d-%d", base, copies, i);
		line(h, words);
		sees(h, "proof and ");
		assert_int_equal(entries(h), before + 3 + i);
	}
	leave(h);
	verified(dir);
}

/* Somebody else decides while a dialog is open: it says so and cannot say Yes. */
static void a_stale_dialog_refuses(void **state)
{
	char dir[PATH_SIZE], id[64], want[40];
	struct buf out = { 0 };
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	task_field(dir, "R2VD", "E06", "id", id);
	press(h, "g a 1");
	sees(h, "Hold:");
	type(h, "wait for the survey");
	long before = entries(h);
	run(&out, "do decide %s hold \"seen first\" --as n.aalbers --passphrase-file %s/pass -d %s", id, base, dir);
	snprintf(want, sizeof(want), "▣ %ld,%03ld", (before + 1) / 1000, (before + 1) % 1000);
	assert_true(harness_wait_text(h, want));
	press(h, "Enter y");
	sees(h, "read again");
	assert_int_equal(entries(h), before + 1);
	press(h, "Esc");
	leave(h);
	task_was(dir, "R2VD", "E06", "n.aalbers", "hold");
	buf_free(&out);
	verified(dir);
}

/* --- what goes wrong in a terminal --------------------------------------------------------------- */

/* Twenty thousand bytes that mean nothing, as one paste. */
static void paste(struct harness *h)
{
	static char garbage[20000];
	uint32_t x = 12345;
	memcpy(garbage, "\033[200~", 6);
	for (size_t i = 6; i < sizeof(garbage) - 6; i++) {
		x = x * 1664525u + 1013904223u;
		garbage[i] = (char)(x >> 24);
		if (garbage[i] == '\033')
			garbage[i] = 'y';
	}
	memcpy(garbage + sizeof(garbage) - 6, "\033[201~", 6);
	harness_send(h, garbage, sizeof(garbage));
	assert_true(harness_settle(h));
}

static void garbage_is_only_garbage(void **state)
{
	static const char *const prompts[] = { "", ":", "/", "g s", "g s Tab", "g a 2", "g a 2 Tab Tab", "?", "F7 /", "F8", "F6" };
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	paste(h); /* the passphrase of the unlock frame */
	press(h, "Enter");
	sees(h, "no one is signed in");
	sign_in(h, "");
	long before = entries(h);
	for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
		if (prompts[i][0])
			press(h, prompts[i]);
		paste(h);
		press(h, "Enter"); /* a line of garbage is sent, a dialog says No or stays */
		paste(h);
		home(h);
		waits_for(h, "Needs you now"); /* behind the last bytes of the paste */
	}
	assert_int_equal(entries(h), before);
	leave(h);
	h = console("dock", HARBOUR, dir);
	sign_in(h, "whm");
	before = entries(h);
	press(h, "a");
	paste(h);
	sees(h, "0 of 10");
	assert_int_equal(entries(h), before);
	press(h, "Esc");
	leave(h);
}

static void any_size_and_many(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	harness_resize(h, 20, 5);
	assert_true(harness_wait_text(h, "40x10"));
	sign_in(h, ""); /* blind, but it works */
	sees(h, "40x10");
	press(h, "F3 F4 Enter F6 F7 F8 ? Esc F2 s Esc");
	resize(h, 1, 1);
	press(h, "F5 Enter Esc F2");
	for (int i = 0; i < 300; i++)
		harness_resize(h, 1 + (i * 37) % 220, 1 + (i * 13) % 60);
	harness_resize(h, 200, 50);
	assert_true(harness_wait_text(h, "Needs you now"));
	harness_resize(h, 80, 24);
	assert_true(harness_wait_text(h, "p pause"));
	press(h, "^L");
	sees(h, "Needs you now");
	leave(h);
}

/* Nothing of the session is left, and nothing in the directory for throw-away places. */
static void clean_end(struct harness *h)
{
	char command[PATH_SIZE], left[PATH_SIZE] = "";
	int status;
	pid_t pid = harness_pid(h);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status));
	assert_true(kill(-pid, 0) != 0 && errno == ESRCH);
	snprintf(command, sizeof(command), "ls -A %s", tmp_env + strlen("TMPDIR="));
	FILE *f = popen(command, "r");
	assert_non_null(f);
	if (fgets(left, sizeof(left), f))
		fail_msg("left behind: %s", left);
	pclose(f);
	harness_stop(h);
}

static struct harness *throw_away(const char *until)
{
	struct harness *h = open_demo(NULL, HARBOUR, 80, 24);
	assert_true(harness_wait_text(h, until));
	return h;
}

static void no_end_leaves_anything(void **state)
{
	(void)state;
	struct harness *h = throw_away("passphrase");
	assert_true(harness_wait_idle(h));
	type(h, "demo");
	press(h, "Enter g s");
	harness_hang_up(h); /* the terminal goes, a dialog is open */
	clean_end(h);
	h = throw_away("passphrase");
	harness_signal(h, SIGTERM);
	clean_end(h);
	h = throw_away("0 %"); /* while the history is played */
	harness_signal(h, SIGHUP);
	clean_end(h);
	h = throw_away("0 %");
	harness_hang_up(h);
	clean_end(h);
}

/* Killed at the keys: what was acknowledged is there, and the day goes on. */
static void a_killed_console_loses_nothing(void **state)
{
	char dir[PATH_SIZE];
	int status;
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	long before = entries(h);
	line(h, "suspend C5NP");
	type(h, "because");
	press(h, "Enter y");
	assert_int_equal(entries(h), before + 1);
	harness_signal(h, SIGKILL);
	assert_true(harness_wait_exit(h, &status));
	harness_stop(h);
	verified(dir);
	h = open_demo(dir, HARBOUR, 80, 24);
	assert_true(harness_wait_idle(h));
	assert_int_equal(entries(h), before + 1);
	sign_in(h, "");
	leave(h);
}

/* --- what the Ledger screen hands out, and what it finds --------------------------------------------- */

static void proofs_are_handed_out(void **state)
{
	char dir[PATH_SIZE], words[2 * PATH_SIZE];
	struct buf out = { 0 };
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	resize(h, 120, 36);
	line(h, "ledger");
	press(h, "V");
	sees(h, "entries were read again, each hashes to its leaf");
	sees(h, "witness, "); /* two of three cosigned what the node signed before */
	snprintf(words, sizeof(words), "export 100 %s/proof-%d", base, copies);
	line(h, words);
	sees(h, "checked");
	/* under the policy of two witnesses that lies beside it, without this directory */
	run(&out, "ledger verify %s/proof-%d --policy %s/proof-%d/policy", base, copies, base, copies);
	line(h, "compare 100");
	sees(h, "extend 100 (");
	press(h, "g D");
	sees(h, "D on another entry compares them");
	press(h, "j j j D");
	sees(h, "leads to both roots");
	snprintf(words, sizeof(words), "compare %s/checkpoint", dir);
	line(h, words);
	sees(h, "▣");
	line(h, "export 99999");
	sees(h, "×");
	leave(h);
	buf_free(&out);
	verified(dir);
}

/* Behind the program's back; one row must have changed. */
static void change_row(const char *dir, const char *sql)
{
	char path[PATH_SIZE + 16];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/wharf.db", dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	sqlite3_close(db);
}

/* Moves the stamp of a stored entry; what was signed of it then says otherwise. */
static void move_stamp(const char *dir, int number, int by)
{
	char sql[120];
	snprintf(sql, sizeof(sql), "UPDATE journal SET stamp = stamp + %d WHERE number = %d", by, number);
	change_row(dir, sql);
}

static void a_broken_entry_stops_outflow(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "opc");
	long before = entries(h);
	line(h, "ledger");
	move_stamp(dir, 100, 1);
	press(h, "V");
	sees(h, " LEDGER BROKEN ");
	sees(h, "■ entry 100: signed ");
	sees(h, "▌■  100"); /* the cursor goes there */
	bool same = pictures(h, HARBOUR, "ledger-broken", 4, true);
	press(h, "F2 g a 1");
	sees(h, "does not hash to what was signed");
	assert_false(harness_sees(h, "Approve: A11"));
	line(h, "ledger");
	move_stamp(dir, 100, -1);
	press(h, "V");
	sees(h, "LEDGER BROKEN is over");
	assert_false(harness_sees(h, "entry 100: signed"));
	assert_int_equal(entries(h), before);
	leave(h);
	verified(dir);
	assert_true(same);
}

/* An entry that was taken away is not one that was given up. */
static void a_removed_entry_is_missed(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	struct harness *h = console("noon", HARBOUR, dir);
	sign_in(h, "");
	line(h, "ledger");
	change_row(dir, "DELETE FROM journal WHERE number = 100");
	press(h, "V");
	sees(h, " LEDGER BROKEN ");
	sees(h, "entry 100: signed ");
	leave(h);
}

/* --- the moments ---------------------------------------------------------------------------------- */

static void moment(const char *from, const char *name, int cues)
{
	char dir[PATH_SIZE], command[3 * PATH_SIZE];
	snprintf(dir, sizeof(dir), "%s/%s", base, name);
	snprintf(command, sizeof(command), "cp -r %s/%s %s", base, from, dir);
	if (from[0])
		assert_int_equal(system(command), 0);
	struct harness *h = open_demo(dir, HARBOUR, 80, 24);
	assert_true(harness_wait_idle(h));
	if (cues) {
		sign_in(h, "");
		line(h, "demo auto");
	}
	for (int i = 0; i < cues; i++)
		press(h, "+");
	leave(h);
}

static int make_moments(void **state)
{
	char path[PATH_SIZE];
	(void)state;
	if (!mkdtemp(base))
		return -1;
	snprintf(cache_env, sizeof(cache_env), "XDG_CACHE_HOME=%s/cache", base);
	snprintf(tmp_env, sizeof(tmp_env), "TMPDIR=%s/tmp", base);
	share_begin();
	mkdir(cache_env + strlen("XDG_CACHE_HOME="), 0700);
	mkdir(tmp_env + strlen("TMPDIR="), 0700);
	snprintf(path, sizeof(path), "%s/pass", base);
	FILE *f = fopen(path, "w");
	if (!f || fputs("demo\n", f) < 0 || fclose(f) != 0)
		return -1;
	moment("", "morning", 0);
	moment("morning", "dock", 2);
	moment("dock", "noon", 3);
	return 0;
}

static int drop_moments(void **state)
{
	char command[PATH_SIZE];
	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", base);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harbour_screens),
		cmocka_unit_test(no_colour_screens),
		cmocka_unit_test(vt100_screens),
		cmocka_unit_test(approves_with_reference_and_passphrase),
		cmocka_unit_test(counts_what_the_scanner_reads),
		cmocka_unit_test(writes_a_memo_and_hands_over),
		cmocka_unit_test(suspends_and_compensates),
		cmocka_unit_test(releases_money),
		cmocka_unit_test(an_auditor_replays_and_acts_on_nothing),
		cmocka_unit_test(a_stale_dialog_refuses),
		cmocka_unit_test(garbage_is_only_garbage),
		cmocka_unit_test(any_size_and_many),
		cmocka_unit_test(no_end_leaves_anything),
		cmocka_unit_test(a_killed_console_loses_nothing),
		cmocka_unit_test(proofs_are_handed_out),
		cmocka_unit_test(a_broken_entry_stops_outflow), cmocka_unit_test(a_removed_entry_is_missed),
	};
	cmocka_set_test_filter(getenv("WHARF_TEST_ONLY"));
	return cmocka_run_group_tests(tests, make_moments, drop_moments);
}
