/* Panes one above the other. See panes_int.h.
 *
 * What must remain true: no pane draws outside its area; every pane that folds keeps its rule with title and
 * fact as long as there is a row for it. */
#include "panes_int.h"

enum { FOCUS_ROWS = 4, PANES_MAX = 9 };

static bool has_focus(const struct screen_state *s, const struct pane *pane)
{
	return pane->digit > 0 && pane->digit == s->pane;
}

/* Rows of each pane: its rule for all, then what the focus needs, then wants from the first on, then the rest. */
static void heights(const struct screen_state *s, const struct pane *panes, int count, int room, int *out)
{
	int grows = -1, rules = 0;
	for (int i = 0; i < count; i++)
		rules += panes[i].want > 0;
	/* Too low for every rule and three rows of the focus: rules go from the last to the first. */
	int gone = rules + FOCUS_ROWS - 1 - room;
	for (int i = count - 1; i >= 0; i--) {
		bool keep = i == 0 || has_focus(s, &panes[i]) || gone <= 0;
		out[i] = panes[i].want > 0 && keep;
		gone -= panes[i].want > 0 && !keep;
	}
	for (int i = 0; i < count; i++) {
		out[i] = out[i] && room > 0;
		room -= out[i];
		if (panes[i].grows && grows < 0)
			grows = i;
	}
	for (int i = 0; i < count; i++)
		if (out[i] && has_focus(s, &panes[i])) {
			int least = panes[i].want < FOCUS_ROWS ? panes[i].want : FOCUS_ROWS;
			int more = least - 1 < room ? least - 1 : room;
			out[i] += more;
			room -= more;
		}
	for (int i = 0; i < count && room > 0; i++) {
		int more = out[i] ? panes[i].want - out[i] : 0;
		more = more < 0 ? 0 : more < room ? more : room;
		/* a rule and one row say less than a rule with its fact */
		if (out[i] == 1 && more == 1 && panes[i].want > 2)
			more = 0;
		out[i] += more;
		room -= more;
	}
	if (grows < 0)
		grows = 0;
	if (count && out[grows])
		out[grows] += room;
}

static void draw_rule(const struct screen_paint *p, const struct screen_state *s, struct ui_rect r, const struct pane *pane)
{
	struct ui_pane rule = { pane->digit, pane->title, pane->count, pane->fact, has_focus(s, pane) };
	canvas_pane(p->canvas, r.x, r.y, r.w, &rule);
}

static struct ui_rect the_body = { 0, 0, 120, 32 };

void panes_body_is(struct ui_rect body)
{
	the_body = body;
}

struct ui_rect panes_body(void)
{
	return the_body;
}

void panes_stack(const struct screen_paint *p, const struct screen_state *s, struct ui_rect body, struct ui_rect area,
	struct pane *panes, int count)
{
	int rows[PANES_MAX] = { 0 };
	if (count > PANES_MAX)
		count = PANES_MAX;
	for (int i = 0; i < count; i++)
		panes[i].in = (struct ui_rect){ area.x, area.y, 0, 0 };
	for (int i = 0; i < count && s->full; i++)
		if (has_focus(s, &panes[i])) {
			draw_rule(p, s, body, &panes[i]);
			panes[i].in = (struct ui_rect){ body.x, body.y + 1, body.w, body.h - 1 };
		}
	if (s->full || area.w <= 0)
		return;
	heights(s, panes, count, area.h, rows);
	int y = area.y;
	for (int i = 0; i < count; i++) {
		if (!rows[i])
			continue;
		draw_rule(p, s, (struct ui_rect){ area.x, y, area.w, 1 }, &panes[i]);
		panes[i].in = (struct ui_rect){ area.x, y + 1, area.w, rows[i] - 1 };
		y += rows[i];
	}
}

struct ui_rect panes_below(const struct screen_state *s, struct ui_rect *list, int rows)
{
	enum { BELOW_LEAST = 8 };
	struct ui_rect below = *list;
	if (!s->full && rows < list->h - BELOW_LEAST)
		list->h = rows;
	below.y += list->h;
	below.h -= list->h;
	return below;
}

void panes_between(const struct screen_paint *p, const struct screen_state *s, int x, int y0, int y1)
{
	if (!s->full && x >= 0)
		canvas_vrule(p->canvas, x, y0, y1);
}

struct ui_pen panes_fact(const struct screen_paint *p, struct ui_rect r, int row, int at, const char *label)
{
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + row, r.w - 2);
	if (row < 0 || row >= r.h)
		pen.right = pen.left;
	pen_put(&pen, UI_DIM, label);
	pen_to(&pen, at);
	return pen;
}

void panes_scroll(int *top, int place, int count, int height)
{
	if (height < 1)
		height = 1;
	if (place < *top)
		*top = place;
	if (place >= *top + height)
		*top = place - height + 1;
	if (*top > count - height)
		*top = count - height;
	if (*top < 0)
		*top = 0;
}

void panes_status(struct ui_pen *pen, enum ui_status status, const char *word)
{
	pen_status(pen, status);
	pen_skip(pen, 1);
	pen_put(pen, ui_status_role(status), word);
}

void panes_gone(const struct screen_paint *p, const struct screen_state *s, int x, int y, int w)
{
	canvas_text(p->canvas, x, y, w, UI_OFF, s->filter[0] ? "hidden by the filter" : "no longer here");
}

void panes_empty(const struct screen_paint *p, struct ui_rect r, int rows, const char *why)
{
	if (r.h > rows)
		screen_empty(p, (struct ui_rect){ r.x, r.y + rows, r.w, r.h - rows }, why);
}
