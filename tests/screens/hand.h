/* A hand at the keys of the program: presses, types, looks, runs verbs beside it. What fails shows the screen.
 *
 * Must remain true: nothing here sleeps; each wait ends by a report of the program or by the harness's guard. */
#ifndef WHARF_TESTS_SCREENS_HAND_H
#define WHARF_TESTS_SCREENS_HAND_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "screens/harness.h"

enum { PATH_SIZE = 300, PATIENCE = 300 /* seconds, for a history that is played on a busy machine */ };

#define HAND __attribute__((unused)) static

static char share_env[PATH_SIZE]; /* WHARF_SHARE=… of the sources */

HAND const char *wharf(void)
{
	const char *given = getenv("WHARF");
	return given ? given : "build/wharf";
}

HAND void share_begin(void)
{
	const char *source = getenv("WHARF_SOURCE");
	char *here = realpath(source ? source : ".", NULL);
	snprintf(share_env, sizeof(share_env), "WHARF_SHARE=%.200s", here ? here : ".");
	free(here);
}

HAND void show(const struct harness *h)
{
	struct buf all = { 0 };
	harness_text(h, &all);
	for (struct str rest = buf_view(&all); rest.len;) { /* row by row: cmocka cuts what is long */
		struct str row = str_cut(&rest, '\n');
		print_message(STR_FMT "\n", STR_ARG(row));
	}
	buf_free(&all);
}

HAND void press(struct harness *h, const char *keys)
{
	if (harness_press(h, keys))
		return;
	show(h);
	fail_msg("no answer to %s", keys);
}

HAND void type(struct harness *h, const char *text)
{
	if (harness_type(h, text))
		return;
	show(h);
	fail_msg("no answer while typing %s", text);
}

HAND void line(struct harness *h, const char *text)
{
	press(h, ":");
	type(h, text);
	press(h, "Enter");
}

HAND void resize(struct harness *h, int width, int height)
{
	harness_resize(h, width, height);
	assert_true(harness_wait_idle(h));
}

HAND void sees(const struct harness *h, const char *text)
{
	if (harness_sees(h, text))
		return;
	show(h);
	fail_msg("nothing like \"%s\" on the screen", text);
}

HAND void sees_no(const struct harness *h, const char *text)
{
	if (!harness_sees(h, text))
		return;
	show(h);
	fail_msg("\"%s\" is on the screen", text);
}

HAND void waits_for(struct harness *h, const char *text)
{
	if (harness_wait_text(h, text))
		return;
	show(h);
	fail_msg("\"%s\" does not come", text);
}

HAND void leave(struct harness *h)
{
	int status;
	harness_send(h, "\030\021", 2); /* ^X locks, ^Q leaves */
	assert_true(harness_wait_exit(h, &status));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_false(harness_in_program(h));
	harness_stop(h);
}

/* Back to the desk of who is signed in, whatever is open. */
HAND void home(struct harness *h)
{
	press(h, "Esc Esc Esc F2");
}

/* The number of entries in row 1. */
HAND long entries(const struct harness *h)
{
	struct buf all = { 0 };
	long n = 0;
	harness_text(h, &all);
	const char *at = strstr(all.ptr, "▣ ");
	assert_non_null(at);
	for (at += strlen("▣ "); (*at >= '0' && *at <= '9') || *at == ','; at++)
		n = *at == ',' ? n : n * 10 + (*at - '0');
	buf_free(&all);
	return n;
}

/* Runs a verb and gives what it prints; its exit status must be 0. */
HAND void run(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
HAND void run(struct buf *out, const char *format, ...)
{
	char words[1200], command[2400], block[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command), "%s %s %s </dev/null 2>&1", share_env, wharf(), words);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	buf_clear(out);
	for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;)
		buf_add(out, block, n);
	if (pclose(f) != 0)
		fail_msg("%s failed:\n%.*s", words, (int)out->len, out->ptr ? out->ptr : "");
}

#endif
