/* A screen: a row of a table, and what the driver (ui/desk.h) does for it.
 *
 *     view    builds what is shown out of the state       (floor 5 builders; called when the state moved)
 *     update  a key, on the view that the person sees     (changes the screen's own state, may ask for something)
 *     draw    the view into the body of the canvas        (nothing else)
 *
 * A screen never acts: it asks. What it asks for is a line as the `:` line would take it
 * ("approve TK-…", "goto deal DL-…"); the driver resolves it, shows what will follow and asks for Yes.
 *
 * The driver owns: rows 1, 2, H-1 and H; the view stack and breadcrumbs; pane digits, Tab, and the pane in full;
 * `/` `:` `?` Esc - [ ] @ # p F q u ^L ^S ^Z ^X F1-F9; and, when a screen has a `list`, its movement
 * (j k arrows g G Home End PgUp PgDn ^D ^U n N Space *) while the pane in focus is `list_pane`. A key that the
 * screen lists in its keymap without `moves` goes to the screen first. */
#ifndef WHARF_UI_SCREEN_H
#define WHARF_UI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "engine/view.h"
#include "ui/canvas.h"
#include "ui/key.h"
#include "ui/list.h"

enum { SCREEN_LINE_MAX = 512, SCREEN_ARGUMENT_MAX = 96, SCREEN_FILTER_MAX = 128, SCREEN_PANES_MAX = 9,
	SCREEN_COLUMN_MAX = 12 };

struct screen;

/* An open screen: one place on the view stack. The driver makes and keeps it; reopening it from the
 * stack finds cursor, sort, filter, folds and scroll as they were. */
struct screen_state {
	const struct screen *screen;
	char argument[SCREEN_ARGUMENT_MAX]; /* identity that it was opened on: "DL-01K9…", "" */
	int pane;                /* in focus, from 1 */
	bool full;               /* that pane alone, as a screen */
	int panes;               /* how many there are now; draw sets it (1 when it does not) */
	char filter[SCREEN_FILTER_MAX]; /* as typed behind `/`; "" none */
	int sort;                /* column of `sorts`, 0 the screen's own order */
	bool reverse;
	struct list *list;       /* of the screens that say so; rows come from view() by list_refresh */
	size_t list_total;       /* rows before the filter; view() sets it */
	int chord;               /* set by update: the next key comes to the screen whatever it is (`a` then `1`) */
	void *own;               /* what open() gave */
};

/* How a picture is wanted. */
struct screen_paint {
	struct canvas *canvas;
	struct ui_rect body;     /* rows 3 to H-2 */
	const struct viewer *viewer;
	int64_t now;             /* = viewer->now */
	bool absolute;           /* `@`: times with date and zone */
	bool full_ids;           /* `#` */
};

enum screen_group { SCREEN_KEYS_MOVE, SCREEN_KEYS_HERE, SCREEN_KEYS_ALL };
/* One key of a screen, for the bar, the help and the rights. */
struct screen_key {
	const char *key;         /* as ui_key_name says it: "Enter", "a", "^D"; two may be given: "h l" */
	const char *word;        /* on the bar: "approve"; NULL: not on the bar */
	const char *help;        /* in the help frame, at most 20 cells: "the offered acts" */
	const char *command;     /* name of the command whose right it needs; NULL: reading only */
	bool moves;              /* movement that the driver does: listed for the help only */
};

/* What an update wants besides its own state. All zeroes: nothing. */
struct screen_out {
	bool used;               /* the key was the screen's */
	/* A request, as the `:` line takes it; one that ends in a blank has its last words still to be typed. "" none. */
	char line[SCREEN_LINE_MAX];
	enum ui_status status;   /* of message */
	char message[200];       /* said in row H-1; "" none */
	bool back;               /* close this screen */
};

/* Right part of row 2 and the last part of the path. */
struct screen_head {
	char part[64];           /* breadcrumb: "Deal DL-01K9…R2VD"; "" the title */
	char right[200];         /* "12 of 31 · order: scheduler, plan 311" */
};

struct screen {
	const char *name;        /* `:deals` */
	const char *title;       /* "Deals" */
	const char *help;        /* what it shows, one line */
	int function_key;        /* UI_KEY_F5, or 0 */
	bool needs_object;       /* opened on one thing only: not offered by name alone */
	bool closes;             /* an act that was sent from it closes it */
	const struct screen_key *keys;
	size_t key_count;
	const char *const *sorts; /* names of columns for `o` and `O`, NULL-terminated; or NULL */
	bool has_list;
	int list_pane;           /* pane whose movement is the list's */
	/* Own state; NULL functions when there is none. */
	void *(*open)(struct screen_state *s);
	void (*close)(struct screen_state *s);
	/* Builds the view in the arena and refreshes s->list. Called again whenever the state moved, the filter
	 * or the sort changed, or update was run (so that a detail pane can follow the cursor). */
	const void *(*view)(struct screen_state *s, struct arena *a, const struct view_source *src);
	void (*update)(struct screen_state *s, int key, const void *view, struct screen_out *out);
	/* Text that came by paste or from a scanner that pastes; NULL: it is dropped. */
	void (*paste)(struct screen_state *s, const char *text, const void *view);
	void (*draw)(struct screen_state *s, const void *view, const struct screen_paint *p);
	void (*head)(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out);
	/* Whether a key of the keymap can be had now; false with the reason. NULL: the right alone decides. */
	bool (*allows)(const struct screen_state *s, const void *view, const struct screen_key *key, char why[160]);
	/* The word of a key on the bar where it depends on the cursor ("confirm receipt"); NULL: as in the table. */
	const char *(*word)(const struct screen_state *s, const void *view, const struct screen_key *key);
	/* The thing under the cursor, for `w`, `#`, `:` without a name and the dialogs: "DL-…", "TK-…"; "" none. */
	void (*object)(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX]);
};

/* Every screen, in the order of F2 … F9; NULL-terminated (src/ui/screens.c: one line per screen). */
extern const struct screen *const SCREENS[];
const struct screen *screen_named(struct str name); /* exact, or a unique beginning; NULL */

/* --- helpers for screens (src/ui/screen_kit.c) ---------------------------------------------------- */

/* Panes split a body: left gets `percent` of the width, its rule column included in neither. Right is
 * empty (w = 0) under `least` columns in all. */
struct screen_split {
	struct ui_rect left, right;
	int rule;                /* column between, -1 for none */
};
struct screen_split screen_split_at(struct ui_rect body, int percent, int least);
/* True when the words of the filter (blank-separated, letters of either case; `field=word` as typed) all
 * occur in one of the texts (NULL-terminated). An empty filter likes everything. */
bool screen_filter_likes(const char *filter, const char *const *texts);
/* Draws a cursor bar or mark in column x and sets the focus surface over `width` cells when this line has
 * the focus and `active` (the pane is in focus). */
void screen_cursor(const struct screen_paint *p, int x, int y, int width, const struct list_line *line, bool active);
/* A line of an empty list: why, wrapped from column x + 4. */
void screen_empty(const struct screen_paint *p, struct ui_rect r, const char *why);
/* "28m", "-12m" with its role (danger when late, warn under `soon`), or with `@` the time itself. */
enum ui_role screen_left(const struct screen_paint *p, int64_t due, int64_t soon, char out[UI_TEXT_MAX]);
enum ui_status screen_news_status(int64_t news_status); /* of enum news_status */
/* `DL-…4QM7`, or in full with `#`. */
const char *screen_id(const struct screen_paint *p, const char *id, char out[UI_TEXT_MAX]);
/* True when a key (as number) is one of a keymap row. */
bool screen_key_is(const struct screen_key *k, int key);

#endif
