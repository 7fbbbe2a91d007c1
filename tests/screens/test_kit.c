/* The ui kit in a terminal: pictures, keys, sizes, signals, a terminal that is slow or goes away. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "screens/harness.h"

static char cache[] = "/tmp/wharf-kit-XXXXXX";

static struct harness *start(const char *theme, int width, int height, const char *const env[])
{
	const char *build = getenv("WHARF_BUILD");
	char program[600];
	snprintf(program, sizeof(program), "%s/tests/screens/kitdemo", build ? build : "build");
	char *argv[] = { program, "themes",
		(char *)(uintptr_t)theme, "data/terminfo/wharf.ti", cache, NULL };
	return harness_start(argv, width, height, env);
}

static struct harness *ready(const char *theme, int width, int height, const char *const env[])
{
	struct harness *h = start(theme, width, height, env);
	assert_true(harness_wait_idle(h));
	return h;
}

static void leave(struct harness *h)
{
	int status;
	harness_send(h, "q", 1);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(harness_in_program(h));
	harness_stop(h);
}

static const char *const truecolor[] = { "COLORTERM=truecolor", NULL };
static const char *const none[] = { "NO_COLOR=1", NULL };

static void golden_screens(void **state)
{
	(void)state;
	static const char *const c_locale[] = { "LC_ALL=C", "NO_COLOR=1", NULL };
	static const char *const vt100[] = { "TERM=vt100", NULL };
	static const char *const plain[] = { NULL };
	static const struct {
		const char *name, *theme;
		const char *const *env;
	} screens[] = {
		{ "kit-harbour", "harbour", truecolor }, { "kit-daylight-256", "daylight", plain },
		{ "kit-mono", "harbour", none }, { "kit-ascii", "harbour", c_locale }, { "kit-vt100", "harbour", vt100 },
	};
	bool good = true;
	for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
		struct harness *h = ready(screens[i].theme, 80, 24, screens[i].env);
		good = harness_golden(h, screens[i].name) && good;
		leave(h);
	}
	assert_true(good);
	struct harness *h = ready("harbour", 80, 24, truecolor);
	assert_true(harness_press(h, "j j d r 2"));
	assert_true(harness_golden(h, "kit-dialog"));
	assert_true(harness_press(h, "Esc : d e ^N"));
	assert_true(harness_golden(h, "kit-line"));
	assert_true(harness_press(h, "Esc"));
	leave(h);
}

static void no_colour_sends_none(void **state)
{
	(void)state;
	static const char *const both[] = { "NO_COLOR=1", "COLORTERM=truecolor", NULL };
	struct harness *h = ready("harbour", 80, 24, both);
	assert_true(harness_press(h, "j k t d Esc ^L"));
	assert_int_equal(harness_colour_codes(h), 0);
	leave(h);
	h = ready("harbour", 80, 24, truecolor);
	assert_true(harness_colour_codes(h) > 20); /* the count can count */
	leave(h);
}

static void matrix_opens_everywhere(void **state)
{
	(void)state;
	static const int sizes[][2] = { { 40, 10 }, { 80, 24 }, { 132, 43 }, { 250, 70 } };
	static const char *const terms[] = { "TERM=xterm-256color", "TERM=tmux-256color", "TERM=linux", "TERM=vt100" };
	static const char *const colours[] = { "COLORTERM=truecolor", "NO_COLOR=1" };
	static const char *const locales[] = { "LC_ALL=C.UTF-8", "LC_ALL=C" };
	for (int i = 0; i < 64; i++) {
		const int *size = sizes[i & 3];
		const char *env[] = { terms[i >> 2 & 3], colours[i >> 4 & 1], locales[i >> 5 & 1], NULL };
		struct harness *h = ready("harbour", size[0], size[1], env);
		if (!harness_sees(h, "DEMO"))
			fail_msg("nothing on a terminal with %s %s %s at %dx%d", env[0], env[1], env[2], size[0], size[1]);
		assert_true(harness_press(h, "j t ^L d Esc"));
		if (i >> 4 & 1)
			assert_int_equal(harness_colour_codes(h), 0);
		leave(h);
	}
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static int64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void keys_cost_little(void **state)
{
	(void)state;
	enum { KEYS = 200 };
	int64_t us[KEYS];
	struct harness *h = ready("harbour", 250, 70, truecolor);
	uint64_t most = 0;
	for (int i = 0; i < KEYS; i++) {
		uint64_t before = harness_bytes(h);
		int64_t from = now_us();
		assert_true(harness_press(h, i & 4 ? "k" : "j"));
		us[i] = now_us() - from;
		uint64_t cost = harness_bytes(h) - before;
		most = cost > most ? cost : most;
	}
	qsort(us, KEYS, sizeof(us[0]), compare);
	print_message("key to last byte at 250x70: p50 %lld us, p95 %lld us, at most %llu bytes\n",
		(long long)us[KEYS / 2], (long long)us[KEYS * 95 / 100], (unsigned long long)most);
	assert_true(most <= 1024);
	uint64_t before = harness_bytes(h);
	assert_true(harness_press(h, "x")); /* the message names the key ... */
	uint64_t said = harness_bytes(h);
	assert_true(said > before);
	assert_true(harness_press(h, "x")); /* ... and saying it again costs nothing */
	assert_int_equal(harness_bytes(h), said);
	leave(h);
}

static void all_keys_arrive(void **state)
{
	(void)state;
	static const char *const keys[] = { "Up", "Down", "Left", "Right", "Home", "End", "PgUp", "PgDn", "Delete",
		"S-Tab", "Tab", "Enter", "Backspace", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "^C", "^D",
		"^S", "^Q", "^X", "Space", "Esc", "@", "#" };
	struct harness *h = ready("harbour", 80, 24, truecolor);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char want[40];
		snprintf(want, sizeof(want), "key %s", keys[i]);
		assert_true(harness_press(h, keys[i]));
		if (!harness_sees(h, want))
			fail_msg("no %s", want);
	}
	leave(h);
}

static void pastes_are_never_keys(void **state)
{
	(void)state;
	static const char garbage[] = "\033[200~q!d\r\033OP\003y:quit\r\033[201~";
	struct harness *h = ready("harbour", 80, 24, truecolor);
	harness_send(h, garbage, sizeof(garbage) - 1);
	assert_true(harness_wait_idle(h));
	while (!harness_sees(h, "pasted q!d"))
		assert_true(harness_wait_idle(h));
	assert_false(harness_sees(h, "Compensate"));
	assert_true(harness_press(h, "d")); /* keys work again */
	harness_send(h, "\033[200~r2\033[201~", 14);
	assert_true(harness_wait_idle(h));
	while (!harness_sees(h, "R2"))
		assert_true(harness_wait_idle(h));
	assert_true(harness_press(h, "Esc"));
	leave(h);
}

static void sizes_are_never_lost(void **state)
{
	(void)state;
	struct harness *h = ready("harbour", 80, 24, truecolor);
	for (int i = 0; i < 200; i++)
		harness_resize(h, 40 + (i * 37) % 200, 8 + (i * 13) % 60);
	harness_resize(h, 100, 30);
	while (!harness_sees(h, "key resize"))
		assert_true(harness_wait_idle(h));
	assert_true(harness_press(h, "^L"));
	struct buf text = { 0 };
	harness_text(h, &text);
	struct str rest = buf_view(&text), row = { 0 };
	for (int i = 0; i < 30; i++)
		row = str_cut(&rest, '\n');
	assert_true(str_starts(row, " Enter open")); /* keys in row 30 of 30 */
	buf_free(&text);
	leave(h);
}

static void suspends_and_comes_back(void **state)
{
	(void)state;
	struct harness *h = ready("harbour", 80, 24, truecolor);
	/* The program leads its session here, so the kernel lets no SIGTSTP stop it: it must go on. */
	for (int i = 0; i < 20; i++) {
		harness_signal(h, SIGTSTP);
		assert_true(harness_wait_idle(h));
		assert_true(harness_in_program(h));
	}
	harness_signal(h, SIGSTOP);
	assert_true(harness_wait_stopped(h));
	harness_signal(h, SIGCONT);
	assert_true(harness_wait_idle(h));
	assert_true(harness_sees(h, "key resume"));
	assert_true(harness_press(h, "j"));
	leave(h);
}

static void ends_on_signals_and_hangup(void **state)
{
	(void)state;
	int status;
	static const int numbers[] = { SIGTERM, SIGHUP, SIGINT };
	for (int i = 0; i < 3; i++) {
		struct harness *h = ready("harbour", 80, 24, truecolor);
		harness_signal(h, numbers[i]);
		assert_true(harness_wait_exit(h, &status));
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_false(harness_in_program(h));
		harness_stop(h);
	}
	struct harness *h = ready("harbour", 80, 24, truecolor);
	harness_hang_up(h);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status));
	harness_stop(h);
}

static void crashes_leave_the_terminal_whole(void **state)
{
	(void)state;
	int status;
	struct harness *h = ready("harbour", 80, 24, truecolor);
	harness_send(h, "!", 1);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_false(harness_in_program(h));
	assert_true(harness_sees(h, "the demo was asked to break"));
	harness_stop(h);
	h = ready("harbour", 80, 24, truecolor);
	harness_signal(h, SIGSEGV);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	assert_false(harness_in_program(h));
	harness_stop(h);
}

/* Nobody reads the terminal: the program must still answer the world. */
static void slow_terminal_holds_up_nothing(void **state)
{
	(void)state;
	int status;
	struct harness *h = ready("harbour", 250, 70, truecolor);
	for (int i = 0; i < 60; i++)
		harness_send(h, "\f", 1); /* ^L: a full screen each */
	harness_signal(h, SIGTERM);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	harness_stop(h);
}

static void says_what_it_cannot_do(void **state)
{
	(void)state;
	int status;
	static const char *const dumb[] = { "TERM=dumb", NULL }, *const unset[] = { "TERM", NULL },
		*const odd[] = { "TERM=no-such-terminal", NULL };
	static const char *const *const envs[] = { dumb, unset, odd };
	for (int i = 0; i < 3; i++) {
		struct harness *h = start("harbour", 80, 24, envs[i]);
		assert_true(harness_wait_exit(h, &status));
		assert_int_equal(WEXITSTATUS(status), 3);
		assert_true(harness_sees(h, "TERM"));
		assert_false(harness_in_program(h));
		harness_stop(h);
	}
}

static int make_cache(void **state)
{
	(void)state;
	return mkdtemp(cache) ? 0 : -1;
}

static int drop_cache(void **state)
{
	char command[80];
	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", cache);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_screens),
		cmocka_unit_test(no_colour_sends_none),
		cmocka_unit_test(matrix_opens_everywhere),
		cmocka_unit_test(keys_cost_little),
		cmocka_unit_test(all_keys_arrive),
		cmocka_unit_test(pastes_are_never_keys),
		cmocka_unit_test(sizes_are_never_lost),
		cmocka_unit_test(suspends_and_comes_back),
		cmocka_unit_test(ends_on_signals_and_hangup),
		cmocka_unit_test(crashes_leave_the_terminal_whole),
		cmocka_unit_test(slow_terminal_holds_up_nothing),
		cmocka_unit_test(says_what_it_cannot_do),
	};
	return cmocka_run_group_tests(tests, make_cache, drop_cache);
}
