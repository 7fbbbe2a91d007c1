/* The terminal. src/ui/term.c is the one file that knows ncurses.
 *
 * The terminal is asked nothing; a frame is written without ever waiting for a slow terminal: what
 * it has not taken yet is kept, and the next frame is made only when it has. One terminal is open
 * at a time. Signals taken: WINCH, TSTP, CONT, HUP, TERM, INT, and the fatal ones, after which the
 * terminal is as it was found. */
#ifndef WHARF_UI_TERM_H
#define WHARF_UI_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/theme.h"

struct terminal;

struct term_setup {
	const char *terminfo_source; /* path of wharf.ti; NULL: no direct colour */
	const char *cache_dir;       /* compiled terminfo goes to cache_dir/terminfo; NULL as above */
	bool ascii;                  /* plain characters even where UTF-8 would do */
	bool no_colour;              /* as NO_COLOR */
};

/* Opens standard input and output as the console. Reads the environment: TERM, COLORTERM, NO_COLOR
 * (any value but the empty one), LC_ALL/LC_CTYPE/LANG for characters only, WHARF_TEST_FD.
 * ERR_UNSUPPORTED when there is no terminal or one that cannot place its cursor. */
enum err term_open(struct terminal **out, const struct term_setup *setup, struct fault *fault);
/* Gives the terminal back as it was. NULL is harmless. */
void term_close(struct terminal *t);

enum theme_depth term_depth(const struct terminal *t);
bool term_ascii(const struct terminal *t);  /* set canvas->ascii to this */
void term_size(const struct terminal *t, int *width, int *height);
void term_set_theme(struct terminal *t, const struct theme *theme); /* copied; the next frame is painted anew */

/* Sends the difference to what is shown. False when the terminal has not taken the last frame yet:
 * term_fd becomes readable when it has, call again then. */
bool term_present(struct terminal *t, const struct canvas *c);
/* The next frame paints every cell (^L). */
void term_repaint(struct terminal *t);

/* Poll this for reading: keys, signals, and room for the next frame. */
int term_fd(const struct terminal *t);

struct term_key {
	int key;          /* enum ui_key or a character; UI_KEY_NONE */
	const char *text; /* of UI_KEY_PASTE: what was pasted, UTF-8, at most 64 KiB; valid until the next call */
};
/* Next key or event; false when there is none now. Waits only for what may follow an Esc, 25 ms. */
bool term_next_key(struct terminal *t, struct term_key *out);

/* To the shell and back (^Z): returns after the process was continued. */
void term_suspend(struct terminal *t);

uint64_t term_frames(const struct terminal *t); /* frames sent */
uint64_t term_bytes(const struct terminal *t);  /* bytes written to the terminal since it was opened */
/* For tests: with WHARF_TEST_FD=n set, "frame N BYTES\n" is written there when frame N has reached
 * the terminal (BYTES in total so far), and "idle N BYTES TAKEN WIDTHxHEIGHT\n" by this call, which the
 * loop makes when it is about to wait and owes no frame: what it shows answers the keys and events
 * that were TAKEN from the terminal so far (an escape sequence and a character of a paste are one each). */
void term_idle(struct terminal *t);

#endif
