/* readline without a terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/key.h"
#include "ui/line.h"

static int words(void *ctx, const char *text, int cursor, int *from, struct line_choice *choices, int max)
{
	static const char *const all[] = { "deal", "deals", "decisions", "desk", "suspend" };
	int n = 0;
	(void)ctx;
	*from = cursor;
	while (*from > 0 && text[*from - 1] != ' ')
		--*from;
	for (int i = 0; i < 5 && n < max; i++)
		if (strncmp(all[i], text + *from, (size_t)(cursor - *from)) == 0)
			snprintf(choices[n++].text, sizeof(choices[0].text), "%s", all[i]);
	return n;
}

static enum line_outcome type(const char *ascii)
{
	enum line_outcome o = LINE_EDITING;
	for (; *ascii; ascii++)
		o = line_feed_key(*ascii);
	return o;
}

static void begin(void)
{
	line_begin(LINE_COMMAND, ":", "", words, NULL);
}

static void edits_and_is_done(void **state)
{
	(void)state;
	begin();
	type("abd");
	line_feed_key(UI_KEY_LEFT);
	line_feed_key('c');
	line_feed_key(0x4e0a); /* 上 */
	line_feed_key(0xe4);
	struct line_view v = line_view();
	assert_string_equal(v.text, "abc\xe4\xb8\x8a\xc3\xa4" "d");
	assert_int_equal(v.cursor, 8);
	line_feed_key(UI_KEY_BACKSPACE);
	line_feed_key(UI_KEY_BACKSPACE);
	line_feed_key(UI_KEY_HOME);
	line_feed_key(UI_KEY_DELETE);
	line_feed_key(UI_KEY_END);
	assert_string_equal(line_view().text, "bcd");
	assert_int_equal(line_feed_key(UI_KEY_ENTER), LINE_DONE);
	assert_string_equal(line_result(), "bcd");
	assert_false(line_is_open());
	assert_int_equal(line_feed_key('x'), LINE_CANCELLED);
}

static void ways_out(void **state)
{
	(void)state;
	static const int keys[] = { UI_KEY_ESC, UI_CTRL('C'), UI_CTRL('G'), UI_KEY_BACKSPACE };
	for (int i = 0; i < 4; i++) {
		begin();
		assert_int_equal(line_feed_key(keys[i]), LINE_CANCELLED);
		assert_false(line_is_open());
	}
	begin();
	type("x");
	assert_int_equal(line_feed_key(UI_KEY_BACKSPACE), LINE_EDITING);
	/* none of these waits for more or ends the line */
	static const int dead[] = { UI_CTRL('D'), UI_KEY_DELETE, UI_CTRL('V'), UI_CTRL('Q'), UI_CTRL('X'),
		UI_CTRL(']'), UI_KEY_F5, UI_KEY_PAGE_UP, 0 };
	for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
		assert_int_equal(line_feed_key(dead[i]), LINE_EDITING);
	type("ok");
	assert_string_equal(line_view().text, "ok");
	line_feed_key(UI_CTRL('V')); /* quotes nothing: Enter stays Enter */
	assert_int_equal(line_feed_key(UI_KEY_ENTER), LINE_DONE);
	assert_string_equal(line_result(), "ok");
}

static void completion_before_tab(void **state)
{
	(void)state;
	begin();
	assert_int_equal(line_view().count, 5);
	type("de");
	struct line_view v = line_view();
	assert_int_equal(v.count, 4);
	assert_string_equal(v.ghost, "al");
	line_feed_key(UI_CTRL('N'));
	line_feed_key(UI_CTRL('N'));
	assert_string_equal(line_view().choices[line_view().chosen].text, "decisions");
	line_feed_key(UI_CTRL('P'));
	line_feed_key(UI_CTRL('N'));
	type("c"); /* the choice stays while typing narrows */
	assert_string_equal(line_view().ghost, "isions");
	line_feed_key(UI_KEY_TAB);
	assert_string_equal(line_view().text, "decisions ");
	type("su");
	line_feed_key(UI_KEY_TAB);
	assert_string_equal(line_view().text, "decisions suspend ");
	type("zz");
	assert_int_equal(line_view().count, 0);
	line_feed_key(UI_KEY_TAB);
	assert_string_equal(line_view().text, "decisions suspend zz");
	line_end();
}

static void run(enum line_kind kind, const char *text)
{
	line_begin(kind, ":", text, NULL, NULL);
	assert_int_equal(line_feed_key(UI_KEY_ENTER), LINE_DONE);
}

static void history_of_each_kind(void **state)
{
	(void)state;
	line_history_clear(LINE_COMMAND);
	line_history_clear(LINE_FILTER);
	run(LINE_COMMAND, "first");
	run(LINE_COMMAND, "second");
	run(LINE_COMMAND, "second");
	run(LINE_COMMAND, " memo R2VD words for its readers");
	run(LINE_COMMAND, "hand-over 7B3E words for its readers");
	run(LINE_FILTER, "kestrel");
	line_begin(LINE_COMMAND, ":", "", NULL, NULL);
	line_feed_key(UI_KEY_UP);
	assert_string_equal(line_view().text, "second");
	line_feed_key(UI_KEY_UP);
	assert_string_equal(line_view().text, "first");
	line_feed_key(UI_KEY_DOWN);
	assert_string_equal(line_view().text, "second");
	line_end();
	line_begin(LINE_FILTER, "/", "", NULL, NULL);
	line_feed_key(UI_KEY_UP);
	assert_string_equal(line_view().text, "kestrel");
	line_end();
	line_begin(LINE_COMMAND, ":", "", words, NULL);
	line_feed_key(UI_CTRL('R'));
	type("fir");
	assert_string_equal(line_view().text, "first");
	assert_non_null(strstr(line_view().prompt, "reverse-i-search"));
	assert_int_equal(line_feed_key(UI_KEY_ESC), LINE_EDITING); /* leaves the search only */
	assert_string_equal(line_view().prompt, ":");
	assert_int_equal(line_feed_key(UI_KEY_ESC), LINE_CANCELLED);
}

static void history_on_disk(void **state)
{
	(void)state;
	char path[] = "/tmp/wharf-history-XXXXXX";
	struct fault f;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	line_history_clear(LINE_COMMAND);
	run(LINE_COMMAND, "deal 4QM7");
	assert_int_equal(line_history_save(LINE_COMMAND, path, &f), ERR_OK);
	line_history_clear(LINE_COMMAND);
	assert_int_equal(line_history_load(LINE_COMMAND, path, &f), ERR_OK);
	begin();
	line_feed_key(UI_KEY_UP);
	assert_string_equal(line_view().text, "deal 4QM7");
	line_end();
	unlink(path);
	assert_int_equal(line_history_load(LINE_COMMAND, path, &f), ERR_OK);
	assert_int_equal(line_history_save(LINE_COMMAND, "/nonexistent/history", &f), ERR_IO);
}

static void pastes_never_run(void **state)
{
	(void)state;
	begin();
	type("memo ");
	line_paste("rm -rf\n\033[A\x03y\n");
	assert_true(line_is_open());
	assert_string_equal(line_view().text, "memo rm -rf [Ay");
	line_end();
	begin();
	char *huge = malloc(100001);
	memset(huge, 'x', 100000);
	huge[100000] = '\0';
	line_paste(huge);
	assert_true(strlen(line_view().text) < LINE_TEXT_MAX);
	for (int i = 0; i < 100; i++)
		line_feed_key('y');
	assert_true(strlen(line_view().text) < LINE_TEXT_MAX);
	free(huge);
	line_end();
}

static void nothing_is_changed_outside(void **state)
{
	(void)state;
	setenv("INPUTRC", "/some/where", 1);
	begin();
	line_end();
	assert_string_equal(getenv("INPUTRC"), "/some/where");
	assert_null(getenv("LINES"));
	assert_null(getenv("COLUMNS"));
}

/* What a hand falling on the keys does: lines of both kinds opened, walked through their history, edited there and left half-way. */
static void any_keys_in_any_order(void **state)
{
	static const int keys[] = { UI_KEY_UP, UI_KEY_DOWN, UI_KEY_LEFT, UI_KEY_RIGHT, UI_KEY_HOME, UI_KEY_END, UI_KEY_DELETE, UI_KEY_BACKSPACE,
		UI_KEY_TAB, UI_KEY_ENTER, UI_KEY_ESC, UI_CTRL('P'), UI_CTRL('N'), UI_CTRL('R'), UI_CTRL('S'), UI_CTRL('G'), UI_CTRL('K'), UI_CTRL('U'),
		UI_CTRL('W'), UI_CTRL('Y'), UI_CTRL('T'), UI_CTRL('_'), UI_CTRL('O'), UI_CTRL('D'), UI_CTRL('A'), UI_CTRL('E'), UI_CTRL('L'), UI_CTRL('C') };
	uint32_t x = 1;
	(void)state;
	for (int i = 0; i < 200000; i++) {
		x = x * 1664525u + 1013904223u;
		if (!line_is_open())
			line_begin(x >> 24 & 1 ? LINE_COMMAND : LINE_FILTER, ":", x >> 25 & 1 ? "start" : "", NULL, NULL);
		uint32_t which = (x >> 16) % 120;
		if (which == 119)
			line_paste("one two");
		else if (which == 118)
			line_end();
		else
			line_feed_key(which < 80 ? keys[which % (sizeof(keys) / sizeof(keys[0]))] : 'a' + (int)which % 26);
	}
	line_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_changed_outside),
		cmocka_unit_test(edits_and_is_done),
		cmocka_unit_test(ways_out),
		cmocka_unit_test(completion_before_tab),
		cmocka_unit_test(history_of_each_kind),
		cmocka_unit_test(history_on_disk),
		cmocka_unit_test(pastes_never_run),
		cmocka_unit_test(any_keys_in_any_order),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	unsetenv("LINES");
	unsetenv("COLUMNS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
