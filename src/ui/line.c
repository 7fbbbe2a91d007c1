/* readline without a terminal.
 *
 * What must remain true: readline reads only from the queue and only while it holds bytes (it is
 * called once per queued byte or character); nothing it prints goes anywhere; a custom redisplay
 * function is set before rl_initialize, which keeps it from looking up the terminal and so from
 * touching the state of ncurses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>
#include <utf8proc.h>

#include "base/check.h"
#include "ui/key.h"
#include "ui/line.h"

enum { QUEUE_MAX = 64, HISTORY_MAX = 500 };

static struct {
	bool ready, open, done;
	enum line_kind kind;
	char prompt[16];
	line_complete_fn *complete;
	void *ctx;
	unsigned char queue[QUEUE_MAX];
	int head, tail;
	char result[LINE_TEXT_MAX];
	struct line_choice choices[LINE_CHOICE_MAX];
	int count, chosen, from;
	HISTORY_STATE *histories[LINE_KINDS];
	FILE *null;
} line;

/* --- what readline calls -------------------------------------------------------------------- */

static int queue_getc(FILE *stream)
{
	(void)stream;
	return line.head < line.tail ? line.queue[line.head++] : EOF;
}

static int queue_filled(void)
{
	return line.head < line.tail;
}

static void draw_nothing(void)
{
}

static void show_no_matches(char **matches, int count, int longest)
{
	(void)matches;
	(void)count;
	(void)longest;
}

static void take_line(char *text)
{
	rl_callback_handler_remove();
	line.done = text != NULL;
	line.open = false;
	snprintf(line.result, sizeof(line.result), "%s", text ? text : "");
	free(text);
}

static void prepare(void)
{
	/* A personal inputrc may switch to vi mode, where Esc is no way out. */
	const char *was = getenv("INPUTRC");
	char *keep = was ? strdup(was) : NULL;
	line.null = fopen("/dev/null", "r+e");
	CHECK(line.null, "/dev/null can be opened");
	setenv("INPUTRC", "/dev/null", 1);
	rl_catch_signals = rl_catch_sigwinch = rl_change_environment = 0;
	rl_prep_term_function = NULL;
	rl_deprep_term_function = NULL;
	rl_instream = rl_outstream = line.null;
	rl_getc_function = queue_getc;
	rl_input_available_hook = queue_filled;
	rl_redisplay_function = draw_nothing;
	rl_completion_display_matches_hook = show_no_matches;
	rl_readline_name = "wharf";
	rl_initialize();
	rl_variable_bind("bell-style", "none");
	rl_variable_bind("editing-mode", "emacs");
	rl_variable_bind("revert-all-at-newline", "on"); /* what was edited in the history and not sent is as it was */
	if (keep)
		setenv("INPUTRC", keep, 1);
	else
		unsetenv("INPUTRC");
	free(keep);
	line.ready = true;
}

/* --- history of each kind ------------------------------------------------------------------- */

static void swap_in(enum line_kind kind)
{
	HISTORY_STATE empty = { 0 };
	history_set_history_state(line.histories[kind] ? line.histories[kind] : &empty);
	stifle_history(HISTORY_MAX);
	using_history();
}

static void swap_out(enum line_kind kind)
{
	free(line.histories[kind]);
	line.histories[kind] = history_get_history_state();
}

/* Words that are sealed for their readers are not to lie in a file of lines. */
static bool is_private(const char *text)
{
	static const char *const commands[] = { "memo ", "hand-over " };
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strncmp(text, commands[i], strlen(commands[i])) == 0)
			return true;
	return false;
}

static void remember(enum line_kind kind, const char *text)
{
	if (kind == LINE_COMMAND && is_private(text + strspn(text, " ")))
		return;
	swap_in(kind);
	const HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
	if (text[0] && (!last || strcmp(last->line, text) != 0))
		add_history(text);
	swap_out(kind);
}

enum err line_history_load(enum line_kind kind, const char *path, struct fault *fault)
{
	swap_in(kind);
	int why = read_history(path);
	swap_out(kind);
	if (why && why != ENOENT)
		return fault_set(fault, ERR_IO, 0, 0, "%s: %s", path, strerror(why));
	return ERR_OK;
}

enum err line_history_save(enum line_kind kind, const char *path, struct fault *fault)
{
	swap_in(kind);
	int why = write_history(path);
	swap_out(kind);
	return why ? fault_set(fault, ERR_IO, 0, 0, "%s: %s", path, strerror(why)) : ERR_OK;
}

void line_history_clear(enum line_kind kind)
{
	swap_in(kind);
	clear_history();
	swap_out(kind);
}

/* --- completion ----------------------------------------------------------------------------- */

static void complete(void)
{
	char was[sizeof(line.choices[0].text)] = "";
	if (line.chosen >= 0 && line.chosen < line.count)
		memcpy(was, line.choices[line.chosen].text, sizeof(was));
	line.count = 0;
	line.from = rl_point;
	if (line.open && line.complete && !RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
		line.count = line.complete(line.ctx, rl_line_buffer, rl_point, &line.from, line.choices,
			LINE_CHOICE_MAX);
	line.chosen = line.count > 0 ? 0 : -1;
	/* A choice stays chosen while typing narrows the list. */
	for (int i = 0; was[0] && i < line.count; i++)
		if (strcmp(line.choices[i].text, was) == 0)
			line.chosen = i;
}

static void take_choice(void)
{
	if (line.chosen < 0 || line.from < 0 || line.from > rl_point)
		return;
	rl_begin_undo_group();
	rl_delete_text(line.from, rl_point);
	rl_point = line.from;
	rl_insert_text(line.choices[line.chosen].text);
	if (rl_point == rl_end)
		rl_insert_text(" ");
	rl_end_undo_group();
}

/* --- keys ----------------------------------------------------------------------------------- */

static const struct {
	int key;
	const char *bytes; /* what emacs mode of readline has for it */
} key_bytes[] = {
	{ UI_KEY_UP, "\x10" }, { UI_KEY_DOWN, "\x0e" }, { UI_KEY_LEFT, "\x02" }, { UI_KEY_RIGHT, "\x06" },
	{ UI_KEY_HOME, "\x01" }, { UI_KEY_END, "\x05" }, { UI_KEY_DELETE, "\x04" },
	{ UI_KEY_BACKSPACE, "\x7f" },
};

static void feed(const void *bytes, size_t len)
{
	CHECK(len < QUEUE_MAX, "one key is a few bytes");
	memcpy(line.queue, bytes, len);
	line.head = 0;
	line.tail = (int)len;
	while (line.open && queue_filled())
		rl_callback_read_char();
	line.head = line.tail = 0;
}

static enum line_outcome cancel(void)
{
	line_end();
	return LINE_CANCELLED;
}

/* Keys that are ours; true when used. */
static bool own_key(int key)
{
	if (key == UI_KEY_TAB) {
		take_choice();
		return true;
	}
	if ((key == UI_CTRL('N') || key == UI_CTRL('P')) && line.count > 0) {
		int dir = key == UI_CTRL('N') ? 1 : line.count - 1;
		line.chosen = (line.chosen + dir) % line.count;
		return true;
	}
	return false;
}

enum line_outcome line_feed_key(int key)
{
	utf8proc_uint8_t bytes[4];
	bool search = RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);
	if (!line.open)
		return LINE_CANCELLED;
	if (search && (key == UI_KEY_ESC || key == UI_CTRL('C')))
		key = UI_CTRL('G'); /* leaves the search, not the line */
	else if (!search && (key == UI_KEY_ESC || key == UI_CTRL('C') || key == UI_CTRL('G') ||
		(key == UI_KEY_BACKSPACE && rl_end == 0)))
		return cancel();
	if (!search && own_key(key)) {
		if (key == UI_KEY_TAB)
			complete();
		return LINE_EDITING;
	}
	/* ^D on an empty line and quoted insert would end the line or wait for a byte. */
	bool dead = (key == UI_CTRL('D') && rl_end == 0) || (key == UI_KEY_DELETE && rl_end == 0) ||
		key == UI_CTRL('V') || key == UI_CTRL('Q') || key == UI_CTRL('Z') || key == UI_CTRL('X') ||
		key == UI_CTRL('[') || key == UI_CTRL(']');
	size_t i = 0, known = sizeof(key_bytes) / sizeof(key_bytes[0]);
	while (i < known && key_bytes[i].key != key)
		i++;
	if (dead)
		return LINE_EDITING;
	if (i < known)
		feed(key_bytes[i].bytes, strlen(key_bytes[i].bytes));
	else if (key > 0 && key < UI_KEY_FIRST && (key < 0x20 || ui_key_is_text(key)) &&
		rl_end < LINE_TEXT_MAX - 8)
		feed(bytes, (size_t)utf8proc_encode_char(key, bytes));
	if (line.done) {
		line.done = false;
		remember(line.kind, line.result);
		return LINE_DONE;
	}
	if (!line.open)
		return LINE_CANCELLED;
	complete();
	return LINE_EDITING;
}

void line_paste(const char *text)
{
	char clean[LINE_TEXT_MAX];
	size_t len = strlen(text), out = 0;
	while (line.open && len > 0) {
		utf8proc_int32_t cp;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &cp);
		bool blank = n > 0 && (cp == '\n' || cp == '\r' || cp == '\t');
		if (n > 0 && out + 8 < sizeof(clean) - (size_t)rl_end && (blank || ui_key_is_text(cp)))
			out += (size_t)utf8proc_encode_char(blank ? ' ' : cp, (utf8proc_uint8_t *)clean + out);
		text += n > 0 ? n : 1;
		len -= n > 0 ? (size_t)n : 1;
	}
	while (out > 0 && clean[out - 1] == ' ')
		out--;
	clean[out] = '\0';
	if (line.open) {
		rl_insert_text(clean);
		complete();
	}
}

/* --- the line ------------------------------------------------------------------------------- */

void line_begin(enum line_kind kind, const char *prompt, const char *start, line_complete_fn *fn, void *ctx)
{
	if (!line.ready)
		prepare();
	line_end();
	line.kind = kind;
	line.complete = fn;
	line.ctx = ctx;
	line.result[0] = '\0';
	line.chosen = -1;
	line.count = 0;
	snprintf(line.prompt, sizeof(line.prompt), "%s", prompt);
	swap_in(kind);
	rl_callback_handler_install(line.prompt, take_line);
	line.open = true;
	rl_insert_text(start);
	complete();
}

bool line_is_open(void)
{
	return line.open;
}

struct line_view line_view(void)
{
	struct line_view v = { line.prompt, "", 0, line.choices, line.count, line.chosen, "" };
	if (!line.open)
		return v;
	v.text = rl_line_buffer;
	v.cursor = rl_point;
	if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) && rl_display_prompt)
		v.prompt = rl_display_prompt;
	if (line.chosen >= 0 && line.from >= 0 && line.from <= rl_point && rl_point == rl_end) {
		const char *word = line.choices[line.chosen].text;
		size_t typed = (size_t)(rl_point - line.from);
		if (strncmp(word, rl_line_buffer + line.from, typed) == 0)
			v.ghost = word + typed;
	}
	return v;
}

const char *line_result(void)
{
	return line.result;
}

void line_end(void)
{
	if (!line.open)
		return;
	if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
		feed("\x07", 1);
	/* By readline's own way out, from its newest line: entries of the history that were edited share their undo with the line, and only
	 * there each is given back once. */
	feed("\033>", 2);
	feed("\r", 1);
	CHECK(!line.open, "Enter ends a line");
	line.done = false;
	line.result[0] = '\0';
	line.count = 0;
	line.chosen = -1;
}
