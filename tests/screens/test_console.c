/* The console over the recorded day, in a terminal: signing in, every screen, sizes, signals, the way out. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "screens/harness.h"

static struct harness *start(int width, int height, const char *const env[])
{
	const char *wharf = getenv("WHARF");
	char *argv[] = { (char *)(uintptr_t)(wharf ? wharf : "build/wharf"), "demo", NULL };
	struct harness *h = harness_start(argv, width, height, env);
	harness_guard(h, 300);               /* a hundred days are replayed first */
	assert_true(harness_wait_text(h, "passphrase"));
	return h;
}

/* Signed in as the first person of the list, the recorded clock standing. */
static struct harness *signed_in(int width, int height, const char *const env[])
{
	struct harness *h = start(width, height, env);
	assert_true(harness_wait_idle(h));
	harness_send(h, "demo\r", 5);
	assert_true(harness_wait_text(h, "RSK"));
	harness_send(h, "p", 1);
	assert_true(harness_wait_text(h, "PAUSED"));
	assert_true(harness_wait_idle(h));
	return h;
}

static void leaves(struct harness *h)
{
	int status;
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_false(harness_in_program(h));
	harness_stop(h);
}

static const char *const plain[] = { NULL };

static void a_visit(void **state)
{
	(void)state;
	struct harness *h = signed_in(120, 36, plain);
	assert_true(harness_sees(h, "Needs you now"));
	static const char *const tour[][2] = { { "F3", "Tasks" }, { "F4", "Deals" }, { "F5", "Alerts" }, { "F6", "Sensors" },
		{ "F7", "Ledger" }, { "F8", "Decisions" }, { "F9", "Accounts" }, { "F2", "Needs you now" }, { "?", "Keys of this screen" } };
	for (size_t i = 0; i < sizeof(tour) / sizeof(tour[0]); i++) {
		assert_true(harness_press(h, tour[i][0]));
		assert_true(harness_wait_text(h, tour[i][1]));
	}
	assert_true(harness_press(h, "Esc"));
	assert_true(harness_type(h, ":the"));
	assert_true(harness_sees(h, "theme"));
	assert_true(harness_press(h, "Esc"));
	harness_send(h, "qy", 2);
	leaves(h);
}

static void a_wrong_passphrase_opens_nothing(void **state)
{
	(void)state;
	struct harness *h = start(80, 24, plain);
	harness_send(h, "nonsense\r", 9);
	assert_true(harness_wait_text(h, "×"));
	assert_true(harness_sees(h, "no one is signed in"));
	assert_null(memmem(harness_output(h).ptr, harness_output(h).len, "nonsense", 8));
	harness_send(h, "\021", 1); /* ^Q */
	leaves(h);
}

static void no_colour_is_no_colour(void **state)
{
	(void)state;
	static const char *const none[] = { "NO_COLOR=1", NULL };
	struct harness *h = signed_in(80, 24, none);
	assert_true(harness_press(h, "F3 F5 F2"));
	assert_int_equal(harness_colour_codes(h), 0);
	harness_send(h, "qy", 2);
	leaves(h);
}

static void sizes_and_garbage(void **state)
{
	(void)state;
	static const int sizes[][2] = { { 40, 10 }, { 20, 5 }, { 200, 50 }, { 80, 24 }, { 132, 43 } };
	struct harness *h = signed_in(80, 24, plain);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		harness_resize(h, sizes[i][0], sizes[i][1]);
		assert_true(harness_wait_idle(h));
	}
	static const char garbage[] = "\033[200~\xff\xfe; rm -rf \001\002 DL-\xe2\x80\xae\033]0;x\007\033[201~";
	assert_true(harness_press(h, ":"));
	harness_send(h, garbage, sizeof(garbage) - 1);
	harness_send(h, "\r", 1);
	assert_true(harness_wait_text(h, "×"));
	harness_send(h, "qy", 2);
	leaves(h);
}

static void asked_to_end(void **state)
{
	(void)state;
	struct harness *h = signed_in(80, 24, plain);
	harness_signal(h, SIGTERM);
	leaves(h);
	int status;
	h = signed_in(80, 24, plain);
	harness_hang_up(h);
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status));
	harness_stop(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_visit), cmocka_unit_test(a_wrong_passphrase_opens_nothing),
		cmocka_unit_test(no_colour_is_no_colour), cmocka_unit_test(sizes_and_garbage), cmocka_unit_test(asked_to_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
