/* A tired operator: keys mashed on every screen, sizes from 200x50 to 20x5 and back under every dialog, a hundred thousand bytes pasted, a
 * scanner in every field, stops and hang-ups anywhere. Whatever comes, the console answers, signs nothing that was not asked for, and
 * leaves the terminal as it found it.
 *
 * Must remain true: keys come from a seed (WHARF_TEST_SEED, else 1), which is printed; nothing here sleeps. */
#include <signal.h>
#include <unistd.h>

#include "screens/hand.h"

static char base[] = "/tmp/wharf-tired-XXXXXX";
static int copies;
static uint64_t random_state;

static uint32_t chance(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static void dir_copy(char dir[PATH_SIZE])
{
	char command[3 * PATH_SIZE];
	snprintf(dir, PATH_SIZE, "%s/day-%d", base, copies++);
	snprintf(command, sizeof(command), "cp -r %s/day %s", base, dir);
	assert_int_equal(system(command), 0);
}

static struct harness *signed_in(const char *dir, const char *who)
{
	char *argv[] = { (char *)(uintptr_t)wharf(), "-d", (char *)(uintptr_t)dir, "--as", (char *)(uintptr_t)who, NULL };
	char cache[PATH_SIZE];
	snprintf(cache, sizeof(cache), "XDG_CACHE_HOME=%s/cache", base);
	const char *env[] = { cache, share_env, "COLORTERM=truecolor", NULL };
	struct harness *h = harness_start(argv, 80, 24, env);
	harness_guard(h, PATIENCE);
	assert_true(harness_wait_idle(h));
	type(h, "demo");
	press(h, "Enter");
	sees_no(h, "passphrase");
	return h;
}

/* Everything that was sent has been taken and answered. */
static void settles(struct harness *h, const char *what)
{
	if (harness_settle(h))
		return;
	show(h);
	fail_msg("no answer behind %s", what);
}

/* Back to the desk whatever is open, a chord or a full pane too. */
static void back(struct harness *h)
{
	resize(h, 120, 36);
	press(h, "Esc Esc Esc Esc Esc Esc F2");
	waits_for(h, "Needs you now");
}

static const char *const PLACES[] = { "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F4 Enter", "F5 Enter", "F3 Enter", "F7 Enter", "?" };
enum { PLACE_COUNT = sizeof(PLACES) / sizeof(PLACES[0]) };

/* --- keys ---------------------------------------------------------------------------------------------- */

/* All but those that leave, lock, take a task or record a replay: each of these is one press by its name. */
static void mash(struct harness *h, int count)
{
	static const char letters[] = "abdefghijklmnoprstuwxyzABCDEFGHIJKLMNOPQRSTUWXYZ0123456789 -[]/:?@#*.<>+=!%&(){}'\"\\|~^_,;\t\r";
	static const char *const keys[] = { "\033[A", "\033[B", "\033[C", "\033[D", "\033[H", "\033[F", "\033[5~", "\033[6~", "\033[Z", "\033[3~", "\x7f",
		"\x04", "\x15", "\x0c", "\x01", "\x05", "\x0b", "\x17", "\x12", "\x0e", "\x10", "\xc3\xa9", "\xe2\x82\xac", "\xff", "\033[200~x\033[201~" };
	char all[4000];
	size_t len = 0;
	for (int i = 0; i < count && len + 16 < sizeof(all); i++) {
		if (chance(3)) {
			all[len++] = letters[chance(sizeof(letters) - 1)];
			continue;
		}
		const char *key = keys[chance(sizeof(keys) / sizeof(keys[0]))];
		memcpy(all + len, key, strlen(key));
		len += strlen(key);
	}
	harness_send(h, all, len);
	settles(h, "mashed keys");
}

static void keys_mashed_on_every_screen(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 20, 5 }, { 200, 50 }, { 40, 10 }, { 120, 36 } };
	char dir[PATH_SIZE];
	(void)state;
	dir_copy(dir);
	struct harness *h = signed_in(dir, "i.vermeer");
	long before = entries(h);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < PLACE_COUNT; i++) {
			press(h, PLACES[i]);
			for (int burst = 0; burst < 4; burst++) {
				mash(h, 60);
				const int *size = sizes[chance(5)];
				harness_resize(h, size[0], size[1]);
				settles(h, "a size");
			}
			back(h);
		}
	assert_int_equal(entries(h), before); /* nobody typed a passphrase */
	leave(h);
}

/* --- dialogs ------------------------------------------------------------------------------------------- */

static const char *const DIALOGS[] = { "g s", "g f", "g a 1", "F3 g a 1", "F3 g x", "F4 g s", "F4 * s", "F5 g a 2", "q", ":", "/", "?" };
enum { DIALOG_COUNT = sizeof(DIALOGS) / sizeof(DIALOGS[0]) };

/* Something played under each dialog or place, which puts nothing on the ledger. */
static void under_each(struct harness *h, const char *const *places, size_t count, void (*plays)(struct harness *h))
{
	long before = entries(h);
	for (size_t i = 0; i < count; i++) {
		press(h, places[i]);
		plays(h);
		back(h);
	}
	assert_int_equal(entries(h), before);
}

static void sizes(struct harness *h)
{
	type(h, "ab");
	for (int step = 0; step <= 30; step++) { /* down from 200x50 to 20x5, and up again */
		int by = step <= 15 ? step : 30 - step;
		harness_resize(h, 200 - by * 12, 50 - by * 3);
	}
	settles(h, "sizes");
	press(h, "Tab c");
}

static void sizes_under_every_dialog(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	dir_copy(dir);
	struct harness *h = signed_in(dir, "i.vermeer");
	under_each(h, DIALOGS, DIALOG_COUNT, sizes);
	leave(h);
}

/* --- pastes and scanners --------------------------------------------------------------------------------- */

static void paste_of(struct harness *h, size_t size)
{
	char *text = malloc(size + 12);
	assert_non_null(text);
	memcpy(text, "\033[200~", 6);
	for (size_t i = 0; i < size; i++)
		text[6 + i] = (char)(chance(40) ? 32 + chance(95) : '\n');
	memcpy(text + 6 + size, "\033[201~", 6);
	harness_send(h, text, size + 12);
	free(text);
	settles(h, "a paste");
}

static void pastes(struct harness *h)
{
	paste_of(h, 100000);
	press(h, "Tab");
	paste_of(h, 1000);
}

static void a_hundred_thousand_bytes_anywhere(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	dir_copy(dir);
	struct harness *h = signed_in(dir, "i.vermeer");
	long before = entries(h);
	under_each(h, DIALOGS, DIALOG_COUNT, pastes);
	paste_of(h, 100000); /* on a screen that takes none */
	sees(h, "Needs you now");
	assert_int_equal(entries(h), before);
	press(h, "^X");
	paste_of(h, 100000); /* the passphrase */
	press(h, "Enter");
	sees(h, "no one is signed in");
	press(h, "Esc");
	leave(h);
}

/* A scanner types fast, ends with Enter and looks at nothing. */
static void scans(struct harness *h)
{
	static const char scan[] = "(00)340123454920340017\r]C100340123454920340024\r00340123454920340031\r";
	for (int n = 0; n < 3; n++) {
		harness_send(h, scan, sizeof(scan) - 1);
		settles(h, "scans");
		press(h, "Tab");
	}
}

static void a_scanner_in_every_field(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	dir_copy(dir);
	struct harness *h = signed_in(dir, "i.vermeer");
	under_each(h, PLACES, PLACE_COUNT, scans);
	under_each(h, DIALOGS, DIALOG_COUNT, scans);
	leave(h);
}

/* --- signals --------------------------------------------------------------------------------------------- */

static void stops_in_every_dialog(void **state)
{
	char dir[PATH_SIZE];
	(void)state;
	dir_copy(dir);
	struct harness *h = signed_in(dir, "i.vermeer");
	for (size_t i = 0; i < DIALOG_COUNT; i++) {
		press(h, DIALOGS[i]);
		type(h, "ab");
		harness_signal(h, SIGTSTP); /* leads its session: goes on at once */
		assert_true(harness_wait_idle(h));
		harness_signal(h, SIGSTOP);
		assert_true(harness_wait_stopped(h));
		harness_resize(h, 60 + (int)i, 20);
		harness_signal(h, SIGCONT);
		assert_true(harness_wait_idle(h));
		assert_true(harness_in_program(h));
		back(h);
	}
	leave(h);
}

/* However it ends, the terminal is not in the program any more, cooks its lines and echoes. */
static void ends_from_every_dialog(void **state)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, 0 };
	char dir[PATH_SIZE];
	(void)state;
	for (size_t i = 0; i < DIALOG_COUNT; i += 3)
		for (size_t n = 0; n < sizeof(signals) / sizeof(signals[0]); n++) {
			int status;
			dir_copy(dir);
			struct harness *h = signed_in(dir, "i.vermeer");
			press(h, DIALOGS[i]);
			type(h, "ab");
			if (signals[n])
				harness_signal(h, signals[n]);
			else
				harness_hang_up(h);
			assert_true(harness_wait_exit(h, &status));
			assert_true(WIFEXITED(status));
			if (signals[n]) {
				assert_false(harness_in_program(h));
				assert_true(harness_cooked(h));
			}
			harness_stop(h);
			char command[2 * PATH_SIZE];
			snprintf(command, sizeof(command), "rm -r %s", dir);
			assert_int_equal(system(command), 0);
		}
}

/* --- the day --------------------------------------------------------------------------------------------- */

static int make_day(void **state)
{
	const char *seed = getenv("WHARF_TEST_SEED");
	struct buf out = { 0 };
	(void)state;
	random_state = seed ? strtoull(seed, NULL, 10) : 1;
	print_message("seed %llu\n", (unsigned long long)random_state);
	if (!mkdtemp(base))
		return -1;
	share_begin();
	/* Keys that fall anywhere also write proofs and screens to files, where the program stands: in the throw-away place. */
	char *program = realpath(wharf(), NULL);
	if (!program || setenv("WHARF", program, 1) != 0 || chdir(base) != 0)
		return -1;
	free(program);
	run(&out, "demo --plain --keep %s/day", base);
	buf_free(&out);
	return 0;
}

static int drop_day(void **state)
{
	char command[PATH_SIZE];
	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", base);
	return system(command) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_mashed_on_every_screen), cmocka_unit_test(sizes_under_every_dialog),
		cmocka_unit_test(a_hundred_thousand_bytes_anywhere), cmocka_unit_test(a_scanner_in_every_field),
		cmocka_unit_test(stops_in_every_dialog), cmocka_unit_test(ends_from_every_dialog),
	};
	cmocka_set_test_filter(getenv("WHARF_TEST_ONLY"));
	return cmocka_run_group_tests(tests, make_day, drop_day);
}
