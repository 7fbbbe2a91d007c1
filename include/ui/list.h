/* A list whose cursor cannot hit a wrong row.
 *
 * Cursor, marks and targets hold an identity (the key text) and a version, never a row number.
 * A refresh brings the rows anew; what then happens:
 *
 *   nobody's hand on it   the new order is shown at once; the row in focus keeps its line on the
 *                         screen as long as the list reaches so far on both sides; a row in focus
 *                         that is no more keeps its place as `gone` until the cursor leaves it
 *   held (list_hold)      no line moves: rows change in place, vanished ones stay as `gone`, new
 *                         ones and a new order wait and are counted; releasing shows them
 *   following             focus rides on the first row until a movement
 *
 * A gone row is never a target. Pure: no clock, no drawing; the caller says when a hand is on the
 * list (2 s after the last key, a dialog, a decision pane). */
#ifndef WHARF_UI_LIST_H
#define WHARF_UI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIST_KEY_MAX = 64 }; /* with the NUL; longer keys are a contradiction */

struct list_row {
	const char *key;  /* unique in one refresh */
	uint64_t version; /* changes whenever what the row says changes */
};

/* Which of the rows show and in which order; both functions get row numbers of the refresh that is
 * going on, and ctx. NULL shows all and keeps the order given; equal rows keep theirs. */
struct list_rules {
	bool (*shows)(void *ctx, size_t row);
	int (*order)(void *ctx, size_t a, size_t b);
	void *ctx;
};

struct list_line {
	const char *key;
	uint64_t version;
	size_t row;  /* number in the last refresh; LIST_NO_ROW when gone */
	bool gone, focus, marked;
};
#define LIST_NO_ROW SIZE_MAX

struct list;

struct list *list_new(void);
void list_free(struct list *l);

/* New rows, copied. Rules given here hold until the next refresh; NULL: as described above. */
void list_refresh(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules);
/* As list_refresh, but the person asked for it (sort, filter, `u`): shown even while held. */
void list_rearrange(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules);
/* The person has edited the filter: at the next refresh a row in focus that no longer fits gives the focus to the
 * first row that does, instead of keeping its line as `gone`. */
void list_refilter(struct list *l);
/* Holds lines still, or lets waiting changes in. */
void list_hold(struct list *l, bool held);
bool list_held(const struct list *l);
/* New rows that wait, or 1 when only the order has changed; 0 when nothing waits. */
size_t list_waiting(const struct list *l);

void list_set_height(struct list *l, int lines); /* lines on the screen, at least 1 */
size_t list_count(const struct list *l);         /* rows shown, gone ones included */
size_t list_hidden(const struct list *l);        /* rows of the last refresh that the filter hides */
size_t list_top(const struct list *l);           /* place of the first line on the screen */
size_t list_place(const struct list *l);         /* place of the focus, 0.. ; 0 when empty */
/* The line on the screen, 0..height-1; false below the last row. */
bool list_line_at(const struct list *l, int line, struct list_line *out);

/* Movement; each ends following and takes a gone row away once the cursor leaves it. */
void list_move(struct list *l, int rows);
void list_page(struct list *l, int pages);
void list_half(struct list *l, int halves);
void list_home(struct list *l);
void list_end(struct list *l);
/* Puts the cursor on an identity; false (and nothing changes) when it is not shown. */
bool list_focus(struct list *l, const char *key);
/* To the next (dir 1) or previous (-1) row that fn likes, around the end; false when none does. */
bool list_seek(struct list *l, int dir, bool (*fn)(void *ctx, size_t row), void *ctx);
void list_follow(struct list *l, bool on);
bool list_following(const struct list *l);

/* What an action would hit: the identity and version under the cursor as last shown. False when
 * the list is empty or the row is gone. */
bool list_target(const struct list *l, struct list_line *out);
/* The version that an identity has now; false when it is not among the rows of the last refresh
 * (hidden ones count as there). A dialog is stale when this differs from what it was opened with. */
bool list_version(const struct list *l, const char *key, uint64_t *version);

void list_mark(struct list *l);                   /* turns the mark of the row in focus */
void list_mark_all(struct list *l);               /* all shown rows that are not gone; all marked: none */
void list_mark_none(struct list *l);
size_t list_mark_count(const struct list *l);
/* Mark i of list_mark_count in the order they were set. `shown`: in the list now; `there`: among the
 * rows of the last refresh. Both may be NULL. */
const char *list_mark_key(const struct list *l, size_t i, bool *shown, bool *there);

#endif
