/* Panes one above the other, as the list and detail screens have them. */
#ifndef WHARF_UI_PANES_INT_H
#define WHARF_UI_PANES_INT_H

#include "ui/screen.h"

/* One pane of a stack. The rule takes the first of its rows. */
struct pane {
	int digit;               /* 0: part of the pane above, no focus of its own */
	const char *title, *count, *fact;
	int want;                /* rows with the rule; 0: not there */
	bool grows;              /* takes what is left */
	struct ui_rect in;       /* out: under the rule; h = 0 when folded into it */
};

/* Gives each pane its rows in the area and draws the rules. Too low, panes fold from the last to the first into
 * their rule; the one in focus keeps three rows. With s->full only the pane in focus is drawn, all over
 * `body`, and only by the stack that holds it. */
void panes_stack(const struct screen_paint *p, const struct screen_state *s, struct ui_rect body, struct ui_rect area,
	struct pane *panes, int count);
/* The body that the next picture has: what a view is built for before it is drawn. The desk says it. */
void panes_body_is(struct ui_rect body);
struct ui_rect panes_body(void);
/* One column: a list of `rows` rows with its rule and heads, and under it what is left of its area for what is under the cursor: h = 0
 * with s->full, and where that would be too low to say something; then the list keeps all. */
struct ui_rect panes_below(const struct screen_state *s, struct ui_rect *list, int rows);
/* The rule between two columns, unless one pane is shown in full. Draw it after the pane rules. */
void panes_between(const struct screen_paint *p, const struct screen_state *s, int x, int y0, int y1);
/* Columns side by side only from this width on; below it they are one stack. */
enum { PANES_WIDE = 100 };

/* A label in `dim` and behind it a value, at column `at` of the area: one row of a table of facts. Returns the pen
 * behind the label. */
struct ui_pen panes_fact(const struct screen_paint *p, struct ui_rect r, int row, int at, const char *label);
/* Rows that a pane shows: scrolls so that `place` of `count` is among `height`; *top is kept by the screen. */
void panes_scroll(int *top, int place, int count, int height);
/* Text with a glyph of a status in front, as pieces of one pen. */
void panes_status(struct ui_pen *pen, enum ui_status status, const char *word);

/* Why a list is empty, under its first rows; nothing when there is no room. */
void panes_empty(const struct screen_paint *p, struct ui_rect r, int rows, const char *why);
/* A row under the cursor that is no more in the list. */
void panes_gone(const struct screen_paint *p, const struct screen_state *s, int x, int y, int w);
/* Glyph and role of a deal's standing (enum view_standing). In screen_deals.c. */
enum ui_status deal_status(int standing);

#endif
