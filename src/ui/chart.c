/* Drawings of figures: gauge, limit bar, sparkline, band chart, time axis, stacked score, strip.
 *
 * What must remain true: the scale is the caller's and never guessed from one row of a pane;
 * silence is never drawn as a value; in a band chart no value shares a row with a limit that it
 * has not crossed; lengths are rounded from running totals, so pieces sum to the whole. */
#include <string.h>

#include "ui/canvas.h"

/* round(value * cells / full) for 0 <= value <= full. */
static int scaled(int64_t value, int64_t full, int cells)
{
	if (full <= 0 || value <= 0)
		return 0;
	if (value >= full)
		return cells;
	return (int)(((__int128)value * cells * 2 + full) / ((__int128)full * 2));
}

/* Position of a value on lo..hi as a cell 0..cells-1. */
static int cell_of(int64_t value, int64_t lo, int64_t hi, int cells)
{
	if (value <= lo || hi <= lo)
		return 0;
	if (value >= hi)
		return cells - 1;
	return (int)((__int128)(value - lo) * (cells - 1) / (hi - lo));
}

/* --- bars ----------------------------------------------------------------------------------- */

void canvas_gauge(struct canvas *c, int x, int y, int width, int64_t lo, int64_t hi, int64_t value,
	enum ui_status status, const int64_t *limits, int limit_count)
{
	if (width < 1)
		return;
	int tip = cell_of(value, lo, hi, width);
	for (int i = 0; i < width; i++)
		canvas_put(c, x + i, y, i < tip ? ui_status_role(status) : UI_RULE, i < tip ? 0x2501 : 0x2500);
	for (int i = 0; i < limit_count; i++) {
		int at = cell_of(limits[i], lo, hi, width);
		if (limits[i] > value && at > tip)
			canvas_put(c, x + at, y, UI_CHART_BAND, 0x250a);
	}
	canvas_put(c, x + tip, y, ui_status_role(status), ui_status_glyph(status));
}

void canvas_limit(struct canvas *c, int x, int y, int width, int64_t used, int64_t reserved,
	int64_t limit)
{
	int64_t total;
	if (__builtin_add_overflow(used, reserved, &total))
		total = INT64_MAX;
	int u = scaled(used, limit, width), t = scaled(total, limit, width);
	/* What exists is seen: one cell at least, as long as there is room. */
	if (used > 0 && u == 0)
		u = 1;
	if (reserved > 0 && t <= u && u < width)
		t = u + 1;
	for (int i = 0; i < width; i++) {
		if (i < u)
			canvas_put(c, x + i, y, UI_CHART_LINE, 0x2501);
		else if (i < t)
			canvas_put(c, x + i, y, UI_WAIT, 0x254d);
		else
			canvas_put(c, x + i, y, UI_RULE, 0x2500);
	}
	if (total > limit)
		canvas_put(c, x + width - 1, y, UI_DANGER, 0x25a0);
}

void canvas_spark(struct canvas *c, int x, int y, int width, enum ui_role role, const int64_t *values,
	int count, int64_t lo, int64_t hi)
{
	int first = count > width ? count - width : 0;
	for (int i = first; i < count; i++)
		if (values[i] != UI_SILENCE)
			canvas_put(c, x + i - first, y, role,
				(uint32_t)(0x2581 + cell_of(values[i], lo, hi, 8)));
}

void canvas_stack(struct canvas *c, int x, int y, int width, const int64_t parts[3], int64_t full)
{
	static const struct {
		uint16_t glyph;
		uint8_t role;
	} look[3] = { { 0x2588, UI_CHART_LINE }, { 0x2593, UI_SUSPENDED }, { 0x2591, UI_DIM } };
	int64_t sum = 0;
	int at = 0;
	for (int i = 0; i < 3; i++) {
		sum += parts[i] > 0 ? parts[i] : 0;
		for (int end = scaled(sum, full, width); at < end; at++)
			canvas_put(c, x + at, y, look[i].role, look[i].glyph);
	}
}

/* --- strips --------------------------------------------------------------------------------- */

static void strip_piece(struct canvas *c, int x, int y, int width, const struct ui_strip *s,
	const struct ui_piece *p)
{
	static const uint8_t role[] = { UI_CHART_LINE, UI_WAIT, UI_CHART_LINE };
	int from = scaled(p->from - s->lo, s->hi - s->lo, width);
	int to = scaled(p->to - s->lo, s->hi - s->lo, width);
	if (to <= from && to < width)
		to = from + 1;
	for (int i = from; i < to; i++)
		canvas_put(c, x + i, y, role[p->kind], p->kind == UI_STRIP_PLANNED ? 0x254d : 0x2501);
	if (p->kind == UI_STRIP_LATE && to > from)
		canvas_put(c, x + to - 1, y, UI_DANGER, 0x25a0);
	if (!p->label)
		return;
	int at = p->inside ? from + 1 : to + 1;
	int room = width - at;
	if (canvas_width(c, str_of(p->label)) <= room)
		canvas_text(c, x + at, y, room, UI_ID, p->label);
}

/* A mark in time: the last cell belongs to hi, and a mark outside is not drawn. */
static int strip_mark(const struct ui_strip *s, int64_t at, int width)
{
	if (at == INT64_MIN || at < s->lo || at > s->hi)
		return -1;
	int cell = scaled(at - s->lo, s->hi - s->lo, width);
	return cell < width ? cell : width - 1;
}

void canvas_strip(struct canvas *c, int x, int y, int width, const struct ui_strip *s)
{
	if (width < 1 || s->hi <= s->lo)
		return;
	for (int i = 0; i < width; i++)
		canvas_put(c, x + i, y, s->line ? UI_RULE : UI_DIM, s->line ? 0x2500 : 0xb7);
	int cut = strip_mark(s, s->cut, width), now = strip_mark(s, s->now, width);
	if (cut >= 0)
		canvas_put(c, x + cut, y, UI_CHART_BAND, 0x250a);
	for (int i = 0; i < s->count; i++)
		strip_piece(c, x, y, width, s, &s->pieces[i]);
	if (now >= 0 && s->line)
		canvas_put(c, x + now, y, UI_CHART_NOW, 0x2503);
	else if (now >= 0)
		canvas_put(c, x + now, y, UI_TOKEN, 0x25c6);
}

void canvas_axis(struct canvas *c, int x, int y, int width, const struct ui_axis *a)
{
	if (width < 1 || a->hi <= a->lo)
		return;
	struct ui_strip scale = { .lo = a->lo, .hi = a->hi };
	for (int i = 0; i < width; i++)
		canvas_put(c, x + i, y, UI_RULE, i ? 0x2500 : 0x2514);
	int now = strip_mark(&scale, a->now, width);
	int now_width = a->now_label ? canvas_width(c, str_of(a->now_label)) : 0;
	int now_from = now - now_width / 2;
	if (now_from + now_width > width)
		now_from = width - now_width;
	for (int i = 0; i < a->count; i++) {
		int at = strip_mark(&scale, a->ticks[i].value, width);
		int cells = canvas_width(c, str_of(a->ticks[i].label));
		if (at < 0)
			continue;
		if (at > 0)
			canvas_put(c, x + at, y, UI_RULE, 0x2534);
		if (a->inside) {
			if (at + 1 + cells <= width)
				canvas_text(c, x + at + 1, y, cells, UI_DIM, a->ticks[i].label);
			continue;
		}
		int from = at - cells / 2;
		/* A figure that would run into the label of now gives way. */
		bool clash = now >= 0 && now_width && from <= now_from + now_width && from + cells >= now_from;
		if (!clash && from + cells <= width)
			canvas_text(c, x + from, y + 1, cells, UI_DIM, a->ticks[i].label);
	}
	if (now < 0)
		return;
	canvas_put(c, x + now, y, UI_CHART_NOW, 0x2503);
	if (a->now_label && !a->inside)
		canvas_text(c, x + now_from, y + 1, now_width, UI_CHART_NOW, a->now_label);
}

/* --- band chart ----------------------------------------------------------------------------- */

/* Dots count from the top; four to a row. Between two anchors the scale is linear. */
struct anchor {
	int64_t value;
	int edge; /* row boundary on which the value lies: 0 top .. h bottom */
};
struct scale {
	struct anchor at[BAND_BOUND_MAX + 2]; /* from the top: value falling, edge rising */
	int count;
	int rows;
};

static bool is_bad(const struct ui_band *b, int i)
{
	return b->bad && b->bad[i] == UI_POINT_BAD;
}

static void value_range(const struct ui_band *b, int64_t *lo, int64_t *hi)
{
	bool any = b->lo <= b->hi;
	*lo = any ? b->lo : 0;
	*hi = any ? b->hi : 0;
	for (int i = 0; i < b->count; i++) {
		if (b->values[i] == UI_SILENCE || is_bad(b, i))
			continue;
		if (!any || b->values[i] < *lo)
			*lo = b->values[i];
		if (!any || b->values[i] > *hi)
			*hi = b->values[i];
		any = true;
	}
	for (int i = 0; i < b->bound_count; i++) {
		if (!any || b->bounds[i].value < *lo)
			*lo = b->bounds[i].value;
		if (!any || b->bounds[i].value > *hi)
			*hi = b->bounds[i].value;
		any = true;
	}
	if (*lo == *hi) {
		*lo -= *lo > INT64_MIN + 1;
		*hi += *hi < INT64_MAX;
	}
}

/* Puts each bound on a row boundary: a ceiling keeps the row above it, a floor the one below. */
static struct scale band_scale(const struct ui_band *b, int rows)
{
	struct scale s = { .rows = rows };
	int64_t lo, hi;
	value_range(b, &lo, &hi);
	s.at[s.count++] = (struct anchor){ hi, 0 };
	int n = b->bound_count < BAND_BOUND_MAX ? b->bound_count : BAND_BOUND_MAX;
	int least = 0;
	for (int i = n - 1; i >= 0; i--) {
		const struct ui_bound *bound = &b->bounds[i];
		int edge = (int)((__int128)((__int128)hi - bound->value) * rows / ((__int128)hi - lo));
		if (edge < least + 1)
			edge = least + 1;
		if (edge > rows - 1)
			edge = rows - 1;
		s.at[s.count++] = (struct anchor){ bound->value, edge };
		least = edge + (bound->floor ? 1 : 0);
	}
	s.at[s.count++] = (struct anchor){ lo, rows };
	return s;
}

static int row_of_bound(const struct scale *s, const struct ui_band *b, int i)
{
	int edge = s->at[b->bound_count - i].edge;
	return b->bounds[i].floor ? edge : edge - 1;
}

/* Dot row 0..4*rows-1 of a value; sticks to the edges. A value equal to a bound has not crossed it. */
static int dot_of(const struct scale *s, int64_t value)
{
	int last = s->rows * 4 - 1;
	if (value >= s->at[0].value)
		return 0;
	for (int i = 1; i < s->count; i++) {
		const struct anchor *up = &s->at[i - 1], *down = &s->at[i];
		if (value < down->value)
			continue;
		__int128 span = (__int128)up->value - down->value;
		int dots = (down->edge - up->edge) * 4;
		int dot = up->edge * 4;
		if (span > 0 && dots > 0)
			dot += (int)((((__int128)up->value - value) * dots) / span);
		/* Exactly on the lower anchor: still this side of it. */
		if (dot >= down->edge * 4 && dots > 0)
			dot = down->edge * 4 - 1;
		return dot > last ? last : dot < 0 ? 0 : dot;
	}
	return last;
}

/* A value on a ceiling has not crossed it: it belongs to the row below. */
static int dot_of_value(const struct scale *s, const struct ui_band *b, int64_t value)
{
	for (int i = 0; i < b->bound_count && i < BAND_BOUND_MAX; i++)
		if (value == b->bounds[i].value && !b->bounds[i].floor) {
			int dot = s->at[b->bound_count - i].edge * 4;
			return dot < s->rows * 4 ? dot : s->rows * 4 - 1;
		}
	return dot_of(s, value);
}

static int slots_of(const struct ui_band *b)
{
	return b->slots > b->count ? b->slots : b->count;
}

static int dot_column(const struct ui_band *b, int index, int dots)
{
	int slots = slots_of(b);
	return slots > 1 ? (int)((int64_t)index * (dots - 1) / (slots - 1)) : dots - 1;
}

static const uint8_t braille_bit[4][2] = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

/* The line wins over blanks and limit rows, and adds dots to its own cells. */
static void dot(struct canvas *c, struct ui_rect plot, int dx, int dy)
{
	struct ui_cell *cell = canvas_at(c, plot.x + dx / 2, plot.y + dy / 4);
	if (!cell || dx < 0 || dy < 0 || dx >= plot.w * 2 || dy >= plot.h * 4)
		return;
	uint32_t glyph = cell->glyph >= 0x2800 && cell->glyph <= 0x28ff ? cell->glyph : 0x2800;
	cell->glyph = glyph | braille_bit[dy & 3][dx & 1];
	cell->role = UI_CHART_LINE;
}

/* Straight stretch between two dots, one dot per step along the longer side. */
static void stretch(struct canvas *c, struct ui_rect plot, int x0, int y0, int x1, int y1)
{
	int dx = x1 - x0, dy = y1 - y0, ay = dy < 0 ? -dy : dy;
	int steps = dx > ay ? dx : ay;
	for (int i = 0; i <= steps; i++)
		dot(c, plot, steps ? x0 + (dx * i * 2 + steps) / (2 * steps) : x0,
			steps ? y0 + (dy * i * 2 + (dy < 0 ? -steps : steps)) / (2 * steps) : y0);
}

static struct ui_rect plot_of(struct ui_rect r, const struct ui_band *b)
{
	return (struct ui_rect){ r.x + b->axis_width, r.y, r.w - b->axis_width, r.h };
}

static void band_axis(struct canvas *c, struct ui_rect r, const struct ui_band *b, const struct scale *s)
{
	int line = r.x + b->axis_width - 1;
	for (int y = 0; y < r.h; y++)
		canvas_put(c, line, r.y + y, UI_RULE, 0x2502);
	for (int i = 0; i < b->tick_count; i++) {
		int y = r.y + dot_of(s, b->ticks[i].value) / 4;
		canvas_put(c, line, y, UI_RULE, 0x2524);
		canvas_right(c, r.x, y, b->axis_width - 1, UI_DIM, b->ticks[i].label);
	}
	for (int i = 0; i < b->bound_count; i++) {
		int y = r.y + row_of_bound(s, b, i);
		canvas_put(c, line, y, UI_RULE, 0x2524);
		if (b->bounds[i].figure)
			canvas_right(c, r.x, y, b->axis_width - 1, UI_DIM, b->bounds[i].figure);
	}
}

static void band_bounds(struct canvas *c, struct ui_rect plot, const struct ui_band *b,
	const struct scale *s)
{
	for (int i = 0; i < b->bound_count; i++) {
		int y = plot.y + row_of_bound(s, b, i);
		int label = b->bounds[i].label ? canvas_width(c, str_of(b->bounds[i].label)) + 1 : 0;
		/* low plots have several limits in a row: the last one's words stand alone */
		for (int x = 0; x < plot.w; x++)
			canvas_put(c, plot.x + x, y, UI_CHART_BAND, x < plot.w - label ? 0x254c : ' ');
		if (label)
			canvas_text(c, plot.x + plot.w - label + 1, y, label - 1, UI_DIM, b->bounds[i].label);
	}
}

/* Silence between two readings lies on the line where it broke off. */
static void band_silence(struct canvas *c, struct ui_rect plot, const struct ui_band *b, int from, int to,
	int row)
{
	int x0 = dot_column(b, from, plot.w * 2) / 2, x1 = dot_column(b, to, plot.w * 2) / 2;
	for (int x = x0; x <= x1; x++) {
		const struct ui_cell *cell = canvas_at(c, plot.x + x, plot.y + row);
		if (cell && (cell->glyph < 0x2800 || cell->glyph > 0x28ff))
			canvas_put(c, plot.x + x, plot.y + row, UI_CHART_BAD, 0x2591);
	}
}

void canvas_band(struct canvas *c, struct ui_rect r, const struct ui_band *b)
{
	struct ui_rect plot = plot_of(r, b);
	if (plot.w < 1 || plot.h < 1)
		return;
	struct scale s = band_scale(b, plot.h);
	int last_x = -1, last_y = -1, silent_from = -1;
	band_bounds(c, plot, b, &s);
	if (b->axis_width > 0)
		band_axis(c, r, b, &s);
	if (b->now >= 0)
		for (int y = 0; y < plot.h; y++)
			canvas_put(c, plot.x + dot_column(b, b->now, plot.w * 2) / 2, plot.y + y, UI_CHART_NOW,
				0x2503);
	for (int i = 0; i < b->count; i++) {
		if (b->values[i] == UI_SILENCE) {
			silent_from = silent_from < 0 ? i : silent_from;
			continue;
		}
		if (is_bad(b, i))
			continue;
		int x = dot_column(b, i, plot.w * 2), y = dot_of_value(&s, b, b->values[i]);
		if (silent_from >= 0 && last_y >= 0)
			band_silence(c, plot, b, silent_from, i - 1, last_y / 4);
		if (silent_from >= 0 || last_y < 0)
			dot(c, plot, x, y);
		else
			stretch(c, plot, last_x, last_y, x, y);
		last_x = x;
		last_y = y;
		silent_from = -1;
	}
	if (silent_from >= 0 && last_y >= 0)
		band_silence(c, plot, b, silent_from, b->count - 1, last_y / 4);
	for (int i = 0; i < b->count; i++)
		if (b->values[i] != UI_SILENCE && is_bad(b, i))
			canvas_put(c, plot.x + dot_column(b, i, plot.w * 2) / 2,
				plot.y + dot_of_value(&s, b, b->values[i]) / 4, UI_CHART_BAD, 0xd7);
}

bool canvas_band_place(struct ui_rect r, const struct ui_band *b, int index, int *x, int *y)
{
	struct ui_rect plot = plot_of(r, b);
	if (plot.w < 1 || plot.h < 1 || index < 0 || index >= slots_of(b))
		return false;
	*x = plot.x + dot_column(b, index, plot.w * 2) / 2;
	*y = plot.y;
	if (index >= b->count || b->values[index] == UI_SILENCE)
		return index >= b->count; /* a future slot has a column only */
	struct scale s = band_scale(b, plot.h);
	*y = plot.y + dot_of_value(&s, b, b->values[index]) / 4;
	return true;
}
