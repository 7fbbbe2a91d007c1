/* The workflow graph in cells. See graph_int.h.
 *
 * Drawn on a canvas of its own, as large as the layout, and copied through the window: so joints and boxes need not
 * know where the window ends. What must remain true: heavy lines are the path taken and nothing else; a crossing
 * never looks like a join, because every edge brings its own arms; a box says in glyph, word and time what its colour
 * says. */
#include "graph_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"

static const struct {
	enum ui_status status;
	enum ui_role role;
	enum ui_box box;
} MARKS[MARK_COUNT] = {
	[MARK_OPEN] = { UI_STATUS_WAIT, UI_DIM, UI_BOX_ROUND },
	[MARK_DONE] = { UI_STATUS_DONE, UI_DONE, UI_BOX_ROUND },
	[MARK_TOKEN] = { UI_STATUS_TOKEN, UI_TOKEN, UI_BOX_HEAVY },
	[MARK_HELD] = { UI_STATUS_HELD, UI_SUSPENDED, UI_BOX_HEAVY },
	[MARK_NEXT] = { UI_STATUS_WAIT, UI_WAIT, UI_BOX_DASHED },
	[MARK_UNDOING] = { UI_STATUS_TOKEN, UI_TOKEN, UI_BOX_HEAVY },
	[MARK_UNDONE] = { UI_STATUS_UNDONE, UI_COMPENSATED, UI_BOX_DASHED },
	[MARK_WITHDRAWN] = { UI_STATUS_REFUSED, UI_OFF, UI_BOX_ROUND },
	[MARK_FAILED] = { UI_STATUS_REFUSED, UI_DANGER, UI_BOX_HEAVY },
};

enum ui_status graph_status(enum view_mark mark)
{
	return MARKS[mark].status;
}

enum ui_role graph_role(enum view_mark mark)
{
	return MARKS[mark].role;
}

static enum view_mark mark_of(const struct graph_picture *g, int node)
{
	return g->deal->nodes[node].mark;
}

/* --- lines ---------------------------------------------------------------------------------------- */

/* By mask of N=1 E=2 S=4 W=8. */
static const uint16_t LIGHT[16] = { ' ', 0x2575, 0x2576, 0x2514, 0x2577, 0x2502, 0x250c, 0x251c, 0x2574, 0x2518, 0x2500,
	0x2534, 0x2510, 0x2524, 0x252c, 0x253c };
static const uint16_t HEAVY[16] = { ' ', 0x2579, 0x257a, 0x2517, 0x257b, 0x2503, 0x250f, 0x2523, 0x2578, 0x251b, 0x2501,
	0x253b, 0x2513, 0x252b, 0x2533, 0x254b };

static void draw_undo(struct canvas *c, const struct graph_picture *g, const struct layout_edge *e)
{
	bool is_case = g->deal->nodes[e->to].top[0] == 'E'; /* "E06 case", not "◄ 2" */
	enum ui_role role = is_case ? UI_DANGER : graph_role(mark_of(g, e->to));
	for (int i = 0; i < e->count; i++)
		canvas_put(c, e->cells[i].x, e->cells[i].y, role, is_case ? 0x2506 : 0x254e);
}

static bool edge_taken(const struct graph_picture *g, const struct layout_edge *e)
{
	return e->flow != WF_NO && g->deal->taken[e->flow];
}

static void draw_edge(struct canvas *c, const struct graph_picture *g, const struct layout_edge *e)
{
	bool taken = edge_taken(g, e), list = g->layout->detail == LAYOUT_LIST;
	enum ui_role role = taken ? UI_DONE : UI_DIM;
	if (e->kind == LAYOUT_UNDO && !list) {
		draw_undo(c, g, e);
		return;
	}
	for (int i = 0; i < e->count; i++) {
		const struct layout_cell *cell = &e->cells[i];
		bool straight = cell->mask == (LAYOUT_E | LAYOUT_W) || cell->mask == (LAYOUT_N | LAYOUT_S);
		if (i == e->count - 1 && !list)
			canvas_put(c, cell->x, cell->y, role, 0x25ba);
		else if (e->back && !taken && straight && canvas_at(c, cell->x, cell->y) && canvas_at(c, cell->x, cell->y)->glyph == ' ')
			canvas_put(c, cell->x, cell->y, role, cell->mask & LAYOUT_E ? 0x254c : 0x254e);
		else
			canvas_joint(c, cell->x, cell->y, role, taken ? HEAVY[cell->mask & 15] : LIGHT[cell->mask & 15]);
	}
}

/* --- boxes ---------------------------------------------------------------------------------------- */

static void foot_text(const struct screen_paint *p, const struct view_node *n, bool handler, char out[2 * UI_TEXT_MAX])
{
	char clock[UI_TEXT_MAX], left[UI_TEXT_MAX];
	out[0] = 0;
	if (n->foot[0])
		snprintf(out, 2 * UI_TEXT_MAX, "%.60s", n->foot);
	if (n->due)
		snprintf(out + strlen(out), 2 * UI_TEXT_MAX - strlen(out), "%s◷ %.20s", out[0] ? " " : "", ui_span(n->due - p->now, left));
	if (!out[0] && n->at) {
		bool today = instant_day(n->at) == instant_day(p->now);
		snprintf(out, 2 * UI_TEXT_MAX, "%s%.40s", handler && n->mark == MARK_UNDONE ? "done " : "",
			today ? ui_clock_short(n->at, clock) : ui_past(n->at, p->now, clock));
	}
}

static void draw_foot(struct canvas *c, const struct screen_paint *p, const struct layout_node *l, const struct view_node *n)
{
	char text[2 * UI_TEXT_MAX];
	int y = l->y + l->h - 1, last = l->x + l->w - 1;
	foot_text(p, n, l->what == LAYOUT_HANDLER, text);
	if (n->badge[0] && n->mark != MARK_TOKEN) {
		char badge[16];
		snprintf(badge, sizeof(badge), "■ %.3s", n->badge);
		canvas_text(c, l->x + l->w / 2 - 1, y, l->w / 2, UI_DANGER, badge);
		return;
	}
	int w = canvas_width(c, str_of(text));
	if (w > l->w - 3) { /* the person gives way to the time left */
		if (n->due)
			snprintf(text, sizeof(text), "◷ %.20s", ui_span(n->due - p->now, (char[UI_TEXT_MAX]){ 0 }));
		w = canvas_width(c, str_of(text));
	}
	if (w <= l->w - 3)
		canvas_text(c, last - w, y, w, MARKS[n->mark].role, text);
}

static void draw_label(struct canvas *c, int x, int y, int w, const struct view_node *n)
{
	struct ui_pen pen = canvas_pen(c, x, y, w);
	enum ui_role role = MARKS[n->mark].role;
	if (!n->id[0] && n->folded)
		pen_status(&pen, UI_STATUS_FOLDED);
	else if (n->mark == MARK_OPEN)
		pen_skip(&pen, 1);
	else
		pen_glyph(&pen, role == UI_OFF ? UI_OFF : ui_status_role(MARKS[n->mark].status), ui_status_glyph(MARKS[n->mark].status));
	if (n->subprocess)
		pen_status(&pen, UI_STATUS_FOLDED);
	else
		pen_skip(&pen, 1);
	pen_put(&pen, role, n->label);
}

static void draw_box(struct canvas *c, const struct screen_paint *p, const struct graph_picture *g, const struct layout_node *l)
{
	const struct view_node *n = &g->deal->nodes[l->node];
	enum ui_role role = MARKS[n->mark].role;
	struct ui_rect r = { l->x, l->y, l->w, l->h };
	canvas_box(c, r, role, MARKS[n->mark].box);
	canvas_text(c, l->x + 1, l->y, l->w - 2, role, n->top);
	draw_label(c, l->x + 1, l->line_y, l->w - 2, n);
	draw_foot(c, p, l, n);
	if (l->node == g->at && g->active)
		canvas_flag(c, (struct ui_rect){ l->x + 1, l->line_y, l->w - 2, 1 }, UI_ON_FOCUS);
}

/* Events and folds of one cell. */
static void draw_dot(struct canvas *c, const struct graph_picture *g, const struct layout_node *l)
{
	enum view_mark mark = mark_of(g, l->node);
	const struct view_node *n = &g->deal->nodes[l->node];
	if (l->what == LAYOUT_PORT) {
		const struct wf_node *port = &g->deal->def->nodes[l->node];
		mark = port->handler != WF_NO ? mark_of(g, port->handler) : MARK_OPEN;
		const struct ui_cell *under = canvas_at(c, l->x, l->y);
		if (under && under->glyph >= 0x2500 && under->glyph <= 0x257f) /* never over words */
			canvas_put(c, l->x, l->y, MARKS[mark].role, 0x252c);
		return;
	}
	if (n->folded && !n->subprocess) {
		char count[16];
		snprintf(count, sizeof(count), "%d", n->folded);
		canvas_put(c, l->x, l->y, UI_TEXT, ui_status_glyph(UI_STATUS_FOLDED));
		bool behind = n->tail && l->x + 1 + (int)strlen(count) <= g->right; /* else above it */
		canvas_text(c, l->x + behind, l->y - !behind, 6, UI_TEXT, count);
		if (l->node == g->at && g->active)
			canvas_flag(c, (struct ui_rect){ l->x, l->y, 1, 1 }, UI_ON_FOCUS);
		return;
	}
	canvas_put(c, l->x, l->y, MARKS[mark].role, ui_status_glyph(MARKS[mark].status));
}

static void draw_chip(struct canvas *c, const struct graph_picture *g, const struct layout_node *l)
{
	const struct view_node *n = &g->deal->nodes[l->node];
	draw_label(c, l->x, l->y, l->w, n);
	if (l->node == g->at && g->active)
		canvas_flag(c, (struct ui_rect){ l->x, l->y, l->w, 1 }, UI_ON_FOCUS);
}

/* A row of the list: glyph, step, name, time or time left, lane. */
static void draw_list_row(struct canvas *c, const struct screen_paint *p, const struct graph_picture *g, int width,
	const struct layout_node *l)
{
	const struct view_node *n = &g->deal->nodes[l->node];
	const struct wf_node *node = &g->deal->def->nodes[l->node];
	char foot[2 * UI_TEXT_MAX];
	enum ui_role role = MARKS[n->mark].role;
	int x = g->layout->text_x;
	if (l->what == LAYOUT_PORT)
		return;
	bool fold = n->folded && !n->subprocess;
	canvas_put(c, l->x, l->y, role, ui_status_glyph(fold ? UI_STATUS_FOLDED : MARKS[n->mark].status));
	struct ui_pen pen = canvas_pen(c, x, l->y, width - x);
	pen_str(&pen, UI_DIM, (struct str){ n->top, strlen(n->top) < 7 ? strlen(n->top) : 3 }); /* "E06" of "E06 case" */
	pen_to(&pen, 7);
	pen_put(&pen, role, n->label[0] ? n->label : "start or end");
	foot_text(p, n, l->what == LAYOUT_HANDLER, foot);
	int last = x + 7 + 24 < width - 14 ? x + 7 + 24 + 13 : width - 2;
	if (pen.x + canvas_width(c, str_of(foot)) + 1 < last)
		canvas_right(c, 0, l->y, last, n->due ? UI_TIME : role, foot);
	if (node->lane != WF_NO && last + 22 < width)
		canvas_str(c, last + 2, l->y, 20, UI_DIM, g->deal->def->lanes[node->lane].name);
	if (l->node == g->at && g->active)
		canvas_flag(c, (struct ui_rect){ x, l->y, last - x, 1 }, UI_ON_FOCUS);
}

/* --- lanes, pivot, legend -------------------------------------------------------------------------- */

static void draw_pivot(struct canvas *c, const struct graph_picture *g)
{
	for (int i = 0; i < g->layout->node_count && g->layout->lane_count; i++) {
		const struct layout_node *l = &g->layout->nodes[i];
		if (l->what == LAYOUT_HANDLER || !g->deal->nodes[l->node].pivot || l->lane == WF_NO)
			continue;
		const struct layout_lane *lane = &g->layout->lanes[l->lane];
		int x = l->x - (l->h >= 3 ? 2 : 3); /* of a fold: before its arrow */
		for (int y = lane->y + 1; y < lane->y + lane->h; y++)
			if (canvas_at(c, x, y) && canvas_at(c, x, y)->glyph == ' ')
				canvas_put(c, x, y, UI_WARN, 0x250a);
		canvas_text(c, x - 3, lane->y, 7, UI_WARN, " pivot ");
	}
}

/* A lane's title stands at the left of the window, behind the first lines that cross its rule if need be. */
static void draw_titles(struct canvas *c, const struct graph_picture *g, int ox, int width)
{
	for (int i = 0; i < g->layout->lane_count; i++) {
		const struct layout_lane *lane = &g->layout->lanes[i];
		int w = canvas_width(c, lane->title) + 2, x = ox + 2, run = 0;
		if (!lane->title.len)
			continue;
		for (; x + w <= ox + width && run < w; x += run < w) {
			run = 0;
			while (run < w && canvas_at(c, x + run, lane->y) && canvas_at(c, x + run, lane->y)->glyph == 0x2500)
				run++;
		}
		if (run < w)
			continue;
		canvas_put(c, x, lane->y, UI_RULE, ' ');
		canvas_str(c, x + 1, lane->y, w - 2, UI_TITLE, lane->title);
		canvas_put(c, x + w - 1, lane->y, UI_RULE, ' ');
	}
}

static const struct {
	enum ui_status status;
	uint16_t glyph; /* instead of a status, or 0 */
	enum ui_role role;
	const char *words;
} LEGEND[] = {
	{ UI_STATUS_DONE, 0, UI_DONE, "done, with its time" }, { 0, 0x2501, UI_DONE, "path taken" },
	{ UI_STATUS_TOKEN, 0, UI_TOKEN, "a token waits here" }, { 0, 0x2500, UI_DIM, "path not taken" },
	{ UI_STATUS_WAIT, 0, UI_WAIT, "next to be undone" }, { UI_STATUS_TIMER, 0, UI_TIME, "timer, time left" },
	{ UI_STATUS_REFUSED, 0, UI_OFF, "withdrawn" }, { UI_STATUS_FOLDED, 0, UI_TEXT, "folded, z opens" },
	{ UI_STATUS_UNDONE, 0, UI_COMPENSATED, "undone, with its order" }, { UI_STATUS_PIVOT, 0, UI_WARN, "pivot, no undo after" },
};
enum { LEGEND_W = 50, LEGEND_H = 5, LEGEND_RIGHT = 26 };

/* The free rectangle furthest up and right, with a margin. */
static bool legend_place(const struct canvas *c, struct ui_rect r, int *x, int *y)
{
	int need_w = LEGEND_W + 4, need_h = LEGEND_H + 2;
	for (*y = r.y; *y + need_h <= r.y + r.h; ++*y)
		for (*x = r.x + r.w - need_w; *x >= r.x; --*x) {
			bool free = true;
			for (int k = 0; k < need_h * need_w && free; k++) {
				const struct ui_cell *cell = canvas_at(c, *x + k % need_w, *y + k / need_w);
				free = cell && cell->glyph == ' ';
			}
			if (free)
				return true;
		}
	return false;
}

static void draw_legend(struct canvas *c, struct ui_rect r)
{
	int x, y;
	if (!legend_place(c, r, &x, &y))
		return;
	for (size_t i = 0; i < sizeof(LEGEND) / sizeof(LEGEND[0]); i++) {
		struct ui_pen pen = canvas_pen(c, x + 2 + (i % 2 ? LEGEND_RIGHT : 0), y + 1 + (int)i / 2, LEGEND_W);
		pen_glyph(&pen, LEGEND[i].role, LEGEND[i].glyph ? LEGEND[i].glyph : ui_status_glyph(LEGEND[i].status));
		pen_printf(&pen, UI_DIM, " %s", LEGEND[i].words);
	}
}

/* --- all ------------------------------------------------------------------------------------------ */

static void draw_nodes(struct canvas *c, const struct screen_paint *p, const struct graph_picture *g, int width)
{
	for (int pass = 0; pass < 2; pass++) /* ports stand on the borders of boxes */
		for (int i = 0; i < g->layout->node_count; i++) {
			const struct layout_node *l = &g->layout->nodes[i];
			if ((l->what == LAYOUT_PORT) != (pass == 1))
				continue;
			if (g->layout->detail == LAYOUT_LIST)
				draw_list_row(c, p, g, width, l);
			else if (l->w > 2 && l->h >= 3)
				draw_box(c, p, g, l);
			else if (l->w > 2)
				draw_chip(c, g, l);
			else
				draw_dot(c, g, l);
		}
}

/* Copies the window; lines at its sides say that the drawing goes on. */
static void copy_window(const struct canvas *from, struct canvas *to, struct ui_rect r, int ox, int oy)
{
	for (int y = 0; y < r.h; y++)
		for (int x = 0; x < r.w; x++) {
			const struct ui_cell *cell = canvas_at(from, x + ox, y + oy);
			struct ui_cell *at = canvas_at(to, r.x + x, r.y + y);
			if (cell && at)
				*at = *cell;
		}
}

void graph_draw(const struct screen_paint *p, struct ui_rect r, const struct graph_picture *graph, int ox, int oy)
{
	struct graph_picture shown = *graph, *g = &shown;
	struct canvas big;
	shown.right = ox + r.w;
	int width = g->layout->width + 8 > ox + r.w ? g->layout->width + 8 : ox + r.w;
	int height = g->layout->height > oy + r.h ? g->layout->height : oy + r.h;
	canvas_init(&big, width, height);
	big.ascii = p->canvas->ascii;
	bool list = g->layout->detail == LAYOUT_LIST;
	for (int i = 0; i < g->layout->lane_count && !list; i++)
		for (int x = 0; x < width; x++)
			canvas_put(&big, x, g->layout->lanes[i].y, UI_RULE, 0x2500);
	for (int i = 0; i < g->layout->edge_count; i++)
		if (!edge_taken(g, &g->layout->edges[i]))
			draw_edge(&big, g, &g->layout->edges[i]);
	for (int i = 0; i < g->layout->edge_count; i++)
		if (edge_taken(g, &g->layout->edges[i]))
			draw_edge(&big, g, &g->layout->edges[i]);
	draw_nodes(&big, p, g, r.w);
	if (!list) {
		draw_pivot(&big, g);
		draw_titles(&big, g, ox, r.w);
	}
	if (g->legend && !list)
		draw_legend(&big, (struct ui_rect){ ox, oy, r.w, r.h });
	copy_window(&big, p->canvas, r, ox, oy);
	for (int i = 0; i < g->layout->lane_count && ox < 0 && !list; i++)
		if (g->layout->lanes[i].y >= oy && g->layout->lanes[i].y < oy + r.h)
			canvas_put(p->canvas, r.x, r.y + g->layout->lanes[i].y - oy, UI_RULE, 0x2500);
	canvas_free(&big);
}

/* --- moving --------------------------------------------------------------------------------------- */

static const struct layout_node *placed(const struct graph_picture *g, int node)
{
	for (int i = 0; i < g->layout->node_count; i++)
		if (g->layout->nodes[i].node == node)
			return &g->layout->nodes[i];
	return NULL;
}

static int along(int from, int size, int window, int length, int now)
{
	int margin = 3;
	if (length <= window)
		return 0;
	if (from - margin < now)
		now = from - margin;
	if (from + size + margin > now + window)
		now = from + size + margin - window;
	if (now > length - window)
		now = length - window;
	return now < 0 ? 0 : now;
}

void graph_scroll(const struct graph_picture *g, struct ui_rect r, int *ox, int *oy)
{
	const struct layout_node *l = g->at >= 0 ? placed(g, g->at) : NULL;
	int x = l ? l->x : 0, y = l ? l->y : 0, w = l ? l->w : 1, h = l ? l->h : 1;
	*ox = along(x, w, r.w, g->layout->width + 2, *ox);
	/* whole lanes are better than half ones: below, only what is needed */
	if (g->layout->height <= r.h) {
		*oy = 0;
		return;
	}
	if (y - 2 < *oy)
		*oy = y - 2;
	if (y + h + 4 > *oy + r.h)
		*oy = y + h + 4 - r.h;
	if (*oy > g->layout->height - r.h)
		*oy = g->layout->height - r.h;
	if (*oy < 0)
		*oy = 0;
}

static bool walkable(const struct graph_picture *g, const struct layout_node *l)
{
	return l->what != LAYOUT_PORT && (g->deal->nodes[l->node].label[0] || g->deal->nodes[l->node].folded);
}

int graph_move(const struct graph_picture *g, int key)
{
	const struct layout_node *from = g->at >= 0 ? placed(g, g->at) : NULL, *best = NULL;
	int least = 1 << 30;
	if (!from)
		return g->layout->node_count ? g->layout->nodes[0].node : g->at;
	for (int i = 0; i < g->layout->node_count; i++) {
		const struct layout_node *l = &g->layout->nodes[i];
		int dx = l->x + l->w / 2 - from->x - from->w / 2, dy = l->line_y - from->line_y;
		bool side = key == 'h' ? l->x + l->w <= from->x : key == 'l' ? l->x >= from->x + from->w
			: key == 'k' ? dy < 0 : dy > 0;
		/* along the reading direction rows cost more, across it columns do */
		int cost = key == 'h' || key == 'l' ? abs(dx) + 2 * abs(dy) : abs(dy) + abs(dx) / 2;
		if (l != from && walkable(g, l) && side && cost < least) {
			least = cost;
			best = l;
		}
	}
	return best ? best->node : g->at;
}
