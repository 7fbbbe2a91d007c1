/* Lines that know each other, pane rules, boxes, dialogs.
 *
 * A line glyph is four arms (north, east, south, west) of weight 0 none, 1 light, 2 heavy; all 80
 * combinations exist in Unicode's box drawing block (U+2500). What must remain true: joining only
 * ever adds arms; a glyph without a meaning as arms (text, dashes, status) is never changed by a
 * joint. */
#include <string.h>

#include "ui/canvas.h"
#include "ui/ui_int.h"

enum { NORTH, EAST, SOUTH, WEST };

/* Arms as two bits each, north lowest. */
#define ARMS(n, e, s, w) ((n) | (e) << 2 | (s) << 4 | (w) << 6)

static const struct {
	uint16_t glyph;
	uint8_t arms;
} line_glyphs[] = {
	{ 0x2500, ARMS(0, 1, 0, 1) }, { 0x2501, ARMS(0, 2, 0, 2) }, { 0x2502, ARMS(1, 0, 1, 0) },
	{ 0x2503, ARMS(2, 0, 2, 0) }, { 0x250c, ARMS(0, 1, 1, 0) }, { 0x250d, ARMS(0, 2, 1, 0) },
	{ 0x250e, ARMS(0, 1, 2, 0) }, { 0x250f, ARMS(0, 2, 2, 0) }, { 0x2510, ARMS(0, 0, 1, 1) },
	{ 0x2511, ARMS(0, 0, 1, 2) }, { 0x2512, ARMS(0, 0, 2, 1) }, { 0x2513, ARMS(0, 0, 2, 2) },
	{ 0x2514, ARMS(1, 1, 0, 0) }, { 0x2515, ARMS(1, 2, 0, 0) }, { 0x2516, ARMS(2, 1, 0, 0) },
	{ 0x2517, ARMS(2, 2, 0, 0) }, { 0x2518, ARMS(1, 0, 0, 1) }, { 0x2519, ARMS(1, 0, 0, 2) },
	{ 0x251a, ARMS(2, 0, 0, 1) }, { 0x251b, ARMS(2, 0, 0, 2) }, { 0x251c, ARMS(1, 1, 1, 0) },
	{ 0x251d, ARMS(1, 2, 1, 0) }, { 0x251e, ARMS(2, 1, 1, 0) }, { 0x251f, ARMS(1, 1, 2, 0) },
	{ 0x2520, ARMS(2, 1, 2, 0) }, { 0x2521, ARMS(2, 2, 1, 0) }, { 0x2522, ARMS(1, 2, 2, 0) },
	{ 0x2523, ARMS(2, 2, 2, 0) }, { 0x2524, ARMS(1, 0, 1, 1) }, { 0x2525, ARMS(1, 0, 1, 2) },
	{ 0x2526, ARMS(2, 0, 1, 1) }, { 0x2527, ARMS(1, 0, 2, 1) }, { 0x2528, ARMS(2, 0, 2, 1) },
	{ 0x2529, ARMS(2, 0, 1, 2) }, { 0x252a, ARMS(1, 0, 2, 2) }, { 0x252b, ARMS(2, 0, 2, 2) },
	{ 0x252c, ARMS(0, 1, 1, 1) }, { 0x252d, ARMS(0, 1, 1, 2) }, { 0x252e, ARMS(0, 2, 1, 1) },
	{ 0x252f, ARMS(0, 2, 1, 2) }, { 0x2530, ARMS(0, 1, 2, 1) }, { 0x2531, ARMS(0, 1, 2, 2) },
	{ 0x2532, ARMS(0, 2, 2, 1) }, { 0x2533, ARMS(0, 2, 2, 2) }, { 0x2534, ARMS(1, 1, 0, 1) },
	{ 0x2535, ARMS(1, 1, 0, 2) }, { 0x2536, ARMS(1, 2, 0, 1) }, { 0x2537, ARMS(1, 2, 0, 2) },
	{ 0x2538, ARMS(2, 1, 0, 1) }, { 0x2539, ARMS(2, 1, 0, 2) }, { 0x253a, ARMS(2, 2, 0, 1) },
	{ 0x253b, ARMS(2, 2, 0, 2) }, { 0x253c, ARMS(1, 1, 1, 1) }, { 0x253d, ARMS(1, 1, 1, 2) },
	{ 0x253e, ARMS(1, 2, 1, 1) }, { 0x253f, ARMS(1, 2, 1, 2) }, { 0x2540, ARMS(2, 1, 1, 1) },
	{ 0x2541, ARMS(1, 1, 2, 1) }, { 0x2542, ARMS(2, 1, 2, 1) }, { 0x2543, ARMS(2, 1, 1, 2) },
	{ 0x2544, ARMS(2, 2, 1, 1) }, { 0x2545, ARMS(1, 1, 2, 2) }, { 0x2546, ARMS(1, 2, 2, 1) },
	{ 0x2547, ARMS(2, 2, 1, 2) }, { 0x2548, ARMS(1, 2, 2, 2) }, { 0x2549, ARMS(2, 1, 2, 2) },
	{ 0x254a, ARMS(2, 2, 2, 1) }, { 0x254b, ARMS(2, 2, 2, 2) }, { 0x2574, ARMS(0, 0, 0, 1) },
	{ 0x2575, ARMS(1, 0, 0, 0) }, { 0x2576, ARMS(0, 1, 0, 0) }, { 0x2577, ARMS(0, 0, 1, 0) },
	{ 0x2578, ARMS(0, 0, 0, 2) }, { 0x2579, ARMS(2, 0, 0, 0) }, { 0x257a, ARMS(0, 2, 0, 0) },
	{ 0x257b, ARMS(0, 0, 2, 0) }, { 0x257c, ARMS(0, 2, 0, 1) }, { 0x257d, ARMS(1, 0, 2, 0) },
	{ 0x257e, ARMS(0, 1, 0, 2) }, { 0x257f, ARMS(2, 0, 1, 0) },
	/* Round corners join as light ones; they come last so that joints are drawn square. */
	{ 0x256d, ARMS(0, 1, 1, 0) }, { 0x256e, ARMS(0, 0, 1, 1) }, { 0x256f, ARMS(1, 0, 0, 1) },
	{ 0x2570, ARMS(1, 1, 0, 0) },
};
enum { LINE_GLYPHS = sizeof(line_glyphs) / sizeof(line_glyphs[0]) };

/* Arms of a glyph; 0 for all that is no solid line. */
static unsigned arms_of(uint32_t glyph)
{
	for (int i = 0; glyph >= 0x2500 && glyph <= 0x257f && i < LINE_GLYPHS; i++)
		if (line_glyphs[i].glyph == glyph)
			return line_glyphs[i].arms;
	return 0;
}

static uint32_t glyph_of(unsigned arms)
{
	for (int i = 0; i < LINE_GLYPHS; i++)
		if (line_glyphs[i].arms == arms)
			return line_glyphs[i].glyph;
	return ' ';
}

static unsigned arm(unsigned arms, int side)
{
	return arms >> (2 * side) & 3;
}

/* Each arm takes the heavier of both. */
static unsigned merge(unsigned a, unsigned b)
{
	unsigned out = 0;
	for (int side = 0; side < 4; side++) {
		unsigned x = arm(a, side), y = arm(b, side);
		out |= (x > y ? x : y) << (2 * side);
	}
	return out;
}

void canvas_joint(struct canvas *c, int x, int y, enum ui_role role, uint32_t glyph)
{
	struct ui_cell *cell = canvas_at(c, x, y);
	if (!cell)
		return;
	unsigned there = arms_of(cell->glyph), add = arms_of(glyph);
	if (!there || !add) {
		canvas_put(c, x, y, role, glyph);
		return;
	}
	unsigned both = merge(there, add);
	if (both == there)
		return; /* keeps round corners round */
	cell->glyph = glyph_of(both);
	cell->role = (uint8_t)role;
}

static const uint32_t dashes[2][3] = { { 0x2500, 0x2501, 0x254c }, { 0x2502, 0x2503, 0x254e } };

void canvas_hline(struct canvas *c, int x0, int x1, int y, enum ui_role role, enum ui_weight weight)
{
	unsigned w = weight == UI_HEAVY ? 2 : 1;
	for (int x = x0; x <= x1; x++) {
		const struct ui_cell *cell = canvas_at(c, x, y);
		if (!cell)
			continue;
		unsigned there = arms_of(cell->glyph);
		bool upright = arm(there, NORTH) || arm(there, SOUTH);
		if (weight == UI_DASHED) {
			canvas_put(c, x, y, role, dashes[0][UI_DASHED]);
		} else if (upright && x0 < x1 && (x == x0 || x == x1)) {
			canvas_joint(c, x, y, (enum ui_role)cell->role, glyph_of(ARMS(0, x == x0 ? w : 0, 0,
				x == x1 ? w : 0)));
		} else {
			canvas_joint(c, x, y, role, dashes[0][weight]);
		}
	}
}

void canvas_vline(struct canvas *c, int x, int y0, int y1, enum ui_role role, enum ui_weight weight)
{
	unsigned w = weight == UI_HEAVY ? 2 : 1;
	for (int y = y0; y <= y1; y++) {
		const struct ui_cell *cell = canvas_at(c, x, y);
		if (!cell)
			continue;
		unsigned there = arms_of(cell->glyph);
		bool level = arm(there, EAST) || arm(there, WEST);
		if (weight == UI_DASHED)
			canvas_put(c, x, y, role, dashes[1][UI_DASHED]);
		else if (level && y0 < y1 && (y == y0 || y == y1))
			canvas_joint(c, x, y, (enum ui_role)cell->role, glyph_of(ARMS(y == y1 ? w : 0, 0,
				y == y0 ? w : 0, 0)));
		else
			canvas_joint(c, x, y, role, dashes[1][weight]);
	}
}

/* The arm that the neighbour in that direction holds out to this cell. */
static unsigned offered(const struct canvas *c, int x, int y, int from)
{
	const struct ui_cell *cell = canvas_at(c, x, y);
	return cell ? arm(arms_of(cell->glyph), from) : 0;
}

void canvas_vrule(struct canvas *c, int x, int y0, int y1)
{
	for (int y = y0; y <= y1; y++) {
		struct ui_cell *cell = canvas_at(c, x, y);
		if (!cell)
			continue;
		unsigned level = ARMS(0, offered(c, x + 1, y, WEST), 0, offered(c, x - 1, y, EAST));
		unsigned there = merge(arms_of(cell->glyph), level);
		bool rule = arm(there, EAST) || arm(there, WEST);
		unsigned north = y > y0 || !rule, south = y < y1 || !rule;
		if (!arms_of(cell->glyph))
			cell->role = UI_RULE;
		cell->glyph = glyph_of(merge(there, ARMS(north, 0, south, 0)));
	}
}

char ui_line_acs(uint32_t glyph)
{
	/* By which arms there are: bit 0 north, 1 east, 2 south, 3 west. */
	static const char acs[17] = "xxqmxxltqjqvkuwn";
	unsigned arms = arms_of(glyph), bits = 0;
	for (int side = 0; side < 4; side++)
		bits |= (arm(arms, side) ? 1u : 0u) << side;
	return (char)(bits ? acs[bits] : 0);
}

/* --- panes ---------------------------------------------------------------------------------- */

/* An upright line beside the end of a pane rule gets an arm towards it. */
static void touch(struct canvas *c, int x, int y, int side, unsigned weight)
{
	struct ui_cell *cell = canvas_at(c, x, y);
	unsigned arms = cell ? arms_of(cell->glyph) : 0;
	if (arm(arms, NORTH) && arm(arms, SOUTH))
		cell->glyph = glyph_of(merge(arms, weight << (2 * side)));
}

static int width_of(const struct canvas *c, const char *text)
{
	return text ? canvas_width(c, str_of(text)) : 0;
}

void canvas_pane(struct canvas *c, int x, int y, int width, const struct ui_pane *pane)
{
	enum ui_role line = pane->focus ? UI_TITLE : UI_RULE;
	int title = width_of(c, pane->title), count = width_of(c, pane->count);
	int fact = width_of(c, pane->fact);
	int need = 2 + 1 + (pane->digit ? 2 : 0) + title + 1; /* "── 2 Title " */
	bool with_count = count && need + 3 + count <= width;
	if (with_count)
		need += 3 + count;
	bool with_fact = fact && need + 1 + 1 + fact + 2 <= width; /* "─ fact ─" */
	canvas_hline(c, x, x + width - 1, y, line, pane->focus ? UI_HEAVY : UI_LIGHT);
	touch(c, x - 1, y, EAST, pane->focus ? 2 : 1);
	touch(c, x + width, y, WEST, pane->focus ? 2 : 1);
	if (title || pane->digit) {
		struct ui_pen p = canvas_pen(c, x, y, width);
		pen_to(&p, 2);
		pen_put(&p, UI_TEXT, " ");
		if (pane->digit)
			pen_printf(&p, UI_HOT, "%d ", pane->digit);
		pen_put(&p, UI_TITLE, pane->title ? pane->title : "");
		if (with_count) {
			pen_put(&p, UI_TITLE, " · ");
			pen_put(&p, UI_TITLE, pane->count);
		}
		pen_put(&p, UI_TEXT, " ");
	}
	if (with_fact) {
		struct ui_pen p = canvas_pen(c, x + width - fact - 3, y, fact + 2);
		pen_put(&p, UI_DIM, " ");
		pen_put(&p, UI_DIM, pane->fact);
		pen_put(&p, UI_DIM, " ");
	}
}

/* --- boxes ---------------------------------------------------------------------------------- */

/* Top-left, top-right, bottom-left, bottom-right, across, upright. */
static const uint16_t borders[4][6] = {
	[UI_BOX_ROUND] = { 0x256d, 0x256e, 0x2570, 0x256f, 0x2500, 0x2502 },
	[UI_BOX_HEAVY] = { 0x250f, 0x2513, 0x2517, 0x251b, 0x2501, 0x2503 },
	[UI_BOX_DASHED] = { 0x250c, 0x2510, 0x2514, 0x2518, 0x254c, 0x254e },
	[UI_BOX_SQUARE] = { 0x250c, 0x2510, 0x2514, 0x2518, 0x2500, 0x2502 },
};

void canvas_box(struct canvas *c, struct ui_rect r, enum ui_role role, enum ui_box kind)
{
	const uint16_t *b = borders[kind];
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1;
	if (r.w < 2 || r.h < 2)
		return;
	for (int x = r.x + 1; x < right; x++) {
		canvas_put(c, x, r.y, role, b[4]);
		canvas_put(c, x, bottom, role, b[4]);
	}
	for (int y = r.y + 1; y < bottom; y++) {
		canvas_put(c, r.x, y, role, b[5]);
		canvas_put(c, right, y, role, b[5]);
	}
	canvas_put(c, r.x, r.y, role, b[0]);
	canvas_put(c, right, r.y, role, b[1]);
	canvas_put(c, r.x, bottom, role, b[2]);
	canvas_put(c, right, bottom, role, b[3]);
}

struct ui_rect canvas_dialog(struct canvas *c, struct ui_rect r, const char *title, enum ui_role role,
	bool heavy)
{
	canvas_dim(c);
	canvas_fill(c, r, UI_TEXT, ' ');
	canvas_box(c, r, role, heavy ? UI_BOX_HEAVY : UI_BOX_ROUND);
	if (title && r.w > 6) {
		struct ui_pen p = canvas_pen(c, r.x + 2, r.y, r.w - 4);
		pen_put(&p, UI_TEXT, " ");
		pen_put(&p, heavy ? role : UI_TITLE, title);
		pen_put(&p, UI_TEXT, " ");
	}
	return (struct ui_rect){ r.x + 1, r.y + 1, r.w - 2, r.h - 2 };
}
