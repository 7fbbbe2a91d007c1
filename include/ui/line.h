/* The `:` and `/` line: readline edits, the program draws.
 *
 * One line is open at a time (readline is global). Keys are fed one by one; readline never reads
 * or writes the terminal, catches no signal and changes no environment. Completions come from the
 * caller and are computed after every key, so the screen can show them before Tab is pressed.
 * Passphrases never come here: ui/field.h takes them.
 *
 * Source: GNU Readline 8.2 Library, "Alternate Interface"; history of each kind is apart. */
#ifndef WHARF_UI_LINE_H
#define WHARF_UI_LINE_H

#include <stdbool.h>

#include "base/err.h"

enum line_kind { LINE_COMMAND, LINE_FILTER, LINE_KINDS }; /* each has its own history */
enum line_outcome { LINE_EDITING, LINE_DONE, LINE_CANCELLED };

enum { LINE_TEXT_MAX = 1024, LINE_CHOICE_MAX = 64 };

struct line_choice {
	char text[64];  /* what takes the place of the word */
	char help[120]; /* shown beside it */
};

/* Fills at most max choices for the text at cursor (bytes) and sets *from to the byte where the
 * word begins that a choice replaces; returns their number. */
typedef int line_complete_fn(void *ctx, const char *text, int cursor, int *from,
	struct line_choice *choices, int max);

struct line_view {
	const char *prompt;  /* ":" or, while history is searched, readline's own words */
	const char *text;    /* UTF-8 */
	int cursor;          /* bytes */
	const struct line_choice *choices;
	int count, chosen;   /* chosen: -1 when there is none */
	const char *ghost;   /* rest of the chosen word, behind the cursor; "" when none */
};

/* Opens a line. complete may be NULL. start is put into it ("" for none). */
void line_begin(enum line_kind kind, const char *prompt, const char *start, line_complete_fn *complete,
	void *ctx);
bool line_is_open(void);
/* Esc, ^C, ^G and Backspace on an empty line cancel; Enter is done; Tab takes the chosen completion;
 * ^N and ^P choose one; Up, Down and ^R walk the history. */
enum line_outcome line_feed_key(int key);
/* Pasted text, as text: line ends become blanks. */
void line_paste(const char *text);
/* What to draw; valid until the next key. */
struct line_view line_view(void);
/* The text of the last line that was done; valid until line_begin. */
const char *line_result(void);
void line_end(void); /* closes without outcome; harmless when none is open */

/* History on disk, one line each; a file that is not there is no failure. At most 500 are kept. */
enum err line_history_load(enum line_kind kind, const char *path, struct fault *fault);
enum err line_history_save(enum line_kind kind, const char *path, struct fault *fault);
/* For tests and for `--no-history`. */
void line_history_clear(enum line_kind kind);

#endif
