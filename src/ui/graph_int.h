/* Drawing a reduced process graph (engine/view_deal.h) into cells. */
#ifndef WHARF_UI_GRAPH_INT_H
#define WHARF_UI_GRAPH_INT_H

#include "engine/view_deal.h"
#include "ui/screen.h"
#include "workflow/layout.h"

struct graph_picture {
	const struct view_deal *deal;
	const struct layout *layout;
	int at;                     /* node under the cursor, -1 none */
	bool legend;
	bool active;                /* the cursor is shown as focus */
	int right;                  /* column that the window ends before; graph_draw sets it */
};

/* Glyph and role of a mark. */
enum ui_status graph_status(enum view_mark mark);
enum ui_role graph_role(enum view_mark mark);
/* Scrolls so that node `at` is seen with its neighbours; ox, oy are kept by the screen. */
void graph_scroll(const struct graph_picture *g, struct ui_rect r, int *ox, int *oy);
/* Draws into the area; nothing leaves it. ox -1 leaves a blank column at the left. */
void graph_draw(const struct screen_paint *p, struct ui_rect r, const struct graph_picture *g, int ox, int oy);
/* The node that a step from `at` in a direction ('h' 'j' 'k' 'l') leads to; `at` when there is none. */
int graph_move(const struct graph_picture *g, int key);

#endif
