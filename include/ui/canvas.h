/* A canvas: the screen as a grid in memory. Screens draw here; ui/term.h sends it.
 *
 * Each cell holds at most one width-1 character of the Basic Multilingual Plane, a role and
 * flags. Nothing here knows a colour or a terminal, so a screen is tested by its text and its
 * role grid. Columns and rows count from 0; anything outside the canvas or the given width is
 * clipped, never an error. Texts are UTF-8; characters that are wide, combining, control or
 * not of the BMP are replaced by one safe cell (`?` for what has no width-1 form), so data can
 * neither move the picture nor talk to the terminal.
 *
 * Lines know each other: a rule drawn over a vertical (or the other way round) leaves the right
 * joint (┼ ├ ┭ …), arm by arm and weight by weight; text is never changed into a joint.
 *
 * In an ASCII canvas `…` becomes `..` when the room allows and `.` otherwise, and `°` nothing;
 * all other fallbacks happen one cell to one cell when the canvas is shown
 * (ui_glyph_ascii). */
#ifndef WHARF_UI_CANVAS_H
#define WHARF_UI_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "ui/role.h"

enum ui_flag {
	UI_BOLD = 1,     /* bold besides what the role says */
	UI_DIMMED = 2,   /* behind a dialog: drawn in `off`, no emphasis */
	UI_ON_FOCUS = 4, /* on the focus row: background of `focus`, role kept if readable there */
	UI_ON_BAR = 8,   /* on a bar: background of `bar`, role kept if readable there */
	UI_ON_INPUT = 16 /* in a field: background of `input`, role kept if readable there */
};

struct ui_cell {
	uint32_t glyph; /* code point; ' ' when empty */
	uint8_t role;   /* enum ui_role */
	uint8_t flags;  /* enum ui_flag */
};

enum { CANVAS_SIDE_MAX = 1000 };

struct canvas {
	int width, height;
	int cursor_x, cursor_y; /* where the terminal's cursor goes; -1 hides it */
	bool ascii;             /* see above; set by the caller before drawing */
	struct ui_cell *cells;  /* height * width, row by row; read by term and tests */
};

/* Blank canvas in role text; sides are clamped to 1..CANVAS_SIDE_MAX. canvas_free gives the memory back. */
void canvas_init(struct canvas *c, int width, int height);
/* New size, blank; keeps `ascii`. */
void canvas_resize(struct canvas *c, int width, int height);
void canvas_clear(struct canvas *c); /* all blank, text, cursor hidden */
void canvas_free(struct canvas *c);
/* The cell, or NULL outside. */
struct ui_cell *canvas_at(const struct canvas *c, int x, int y);

/* --- text ---------------------------------------------------------------------------------- */

/* Cells that a text takes (in an ASCII canvas with `..` for `…`). c may be NULL: UTF-8. */
int canvas_width(const struct canvas *c, struct str text);
/* One glyph. A line-drawing glyph replaces what is there; canvas_joint joins. */
void canvas_put(struct canvas *c, int x, int y, enum ui_role role, uint32_t glyph);
/* Text cut at `width` cells (nothing marks the cut); returns the cells written. */
int canvas_text(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text);
int canvas_str(struct canvas *c, int x, int y, int width, enum ui_role role, struct str text);
/* Text whose last cell is x + width - 1; cut at the left when too long. Returns the first column. */
int canvas_right(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text);
/* Free text only: too long ends in `…`, behind a whole word where that leaves more than half, and never inside of a figure
 * that is not the first word. Names, figures and reasons must not be cut so. */
int canvas_free_text(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text);
/* Names and states: too long, words go from the right until the rest fits; the first is cut only where it does not fit alone. */
int canvas_words(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text);
/* Bytes of the next row of a text that is wrapped: as many whole words as fit into width cells. */
size_t canvas_row_bytes(const struct canvas *c, struct str text, int width);
/* Wraps at blanks into at most `height` rows of `width`; returns the rows used. */
int canvas_wrap(struct canvas *c, int x, int y, int width, int height, enum ui_role role,
	const char *text);

/* A pen writes pieces of different roles one after the other in one row. In an ASCII canvas it spells
 * `…` with one `.`, so that columns stay where they are. */
struct ui_pen {
	struct canvas *canvas;
	int x, y;
	int left, right;      /* clip: left <= x < right */
	uint8_t flags;        /* set on every cell written */
};
struct ui_pen canvas_pen(struct canvas *c, int x, int y, int width);
void pen_put(struct ui_pen *p, enum ui_role role, const char *text);
void pen_str(struct ui_pen *p, enum ui_role role, struct str text);
void pen_printf(struct ui_pen *p, enum ui_role role, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void pen_glyph(struct ui_pen *p, enum ui_role role, uint32_t glyph);
void pen_status(struct ui_pen *p, enum ui_status status); /* glyph in its role */
void pen_skip(struct ui_pen *p, int cells);
void pen_to(struct ui_pen *p, int column); /* column counted from the pen's left edge */
/* Right-aligned so that its last cell is column `last` (from the left edge); moves behind it. */
void pen_right(struct ui_pen *p, int last, enum ui_role role, const char *text);

/* --- areas --------------------------------------------------------------------------------- */

struct ui_rect {
	int x, y, w, h;
};

void canvas_fill(struct canvas *c, struct ui_rect r, enum ui_role role, uint32_t glyph);
/* Sets flags on all cells of the area (roles and glyphs stay). */
void canvas_flag(struct canvas *c, struct ui_rect r, unsigned flags);
/* Focus row: sets UI_ON_FOCUS on `width` cells. The cursor bar ▌ stands in the first cell. */
void canvas_focus(struct canvas *c, int x, int y, int width);
/* Everything already drawn, bars excepted, steps back behind a dialog. */
void canvas_dim(struct canvas *c);
/* Whole row as a bar: role bar, flag UI_ON_BAR; draw on it afterwards with canvas_bar_text or a pen. */
void canvas_bar(struct canvas *c, int y);
/* A badge " TEXT " on a bar or in the body, role env.demo, env.live or match; returns its width. */
int canvas_badge(struct canvas *c, int x, int y, enum ui_role role, const char *text);

/* --- lines and boxes ------------------------------------------------------------------------ */

enum ui_weight { UI_LIGHT, UI_HEAVY, UI_DASHED };
enum ui_box { UI_BOX_ROUND, UI_BOX_HEAVY, UI_BOX_DASHED, UI_BOX_SQUARE };

/* Lines between two cells, both included. They join with lines already there: crossings become
 * crossings, and an end cell that holds the other direction becomes a tee (├ ┤ ┬ ┴). What lies beyond
 * the ends is left alone. Dashed lines neither give nor take arms. */
void canvas_hline(struct canvas *c, int x0, int x1, int y, enum ui_role role, enum ui_weight weight);
void canvas_vline(struct canvas *c, int x, int y0, int y1, enum ui_role role, enum ui_weight weight);
/* Rule between panes, from the row of the upper pane rule to that of the lower one (or the last row
 * of the body): light, role rule. Draw the pane rules first. */
void canvas_vrule(struct canvas *c, int x, int y0, int y1);
/* Joins a single line glyph with what is there; other glyphs are put. */
void canvas_joint(struct canvas *c, int x, int y, enum ui_role role, uint32_t glyph);

/* A pane rule: `── 2 Title · count ───── fact ─`, or `━━` and a bold title with focus.
 * digit 0 for none; count and fact may be NULL. When narrow the fact goes first, then the count.
 * Its ends are tees where they meet an upright line, in the end cell or beside it. */
struct ui_pane {
	int digit;
	const char *title;
	const char *count;
	const char *fact;
	bool focus;
};
void canvas_pane(struct canvas *c, int x, int y, int width, const struct ui_pane *pane);
/* Border only; clears nothing inside. Boxes do not join what is there. */
void canvas_box(struct canvas *c, struct ui_rect r, enum ui_role role, enum ui_box kind);
/* A dialog: dims everything, clears the area, draws the box (heavy when it cannot be undone) with
 * a title in its top border. Returns the inside (without border); a canvas_pane over the whole inside
 * width joins the border (┠ ┨). */
struct ui_rect canvas_dialog(struct canvas *c, struct ui_rect r, const char *title, enum ui_role role,
	bool heavy);

/* --- drawings (values are the caller's integers; one scale for all rows of a pane) ---------- */

/* Gauge: ━ to the value, the status glyph at the tip, ─ beyond, ┊ limits. Limits as values on the
 * same scale lo..hi; a limit under the filled part or the tip is not drawn (the status says which side
 * it is). Values outside stick to the ends. */
void canvas_gauge(struct canvas *c, int x, int y, int width, int64_t lo, int64_t hi, int64_t value,
	enum ui_status status, const int64_t *limits, int limit_count);
/* Limit bar: ━ used, ╍ reserved, ─ free; the full width is the limit; over it the end is ■. */
void canvas_limit(struct canvas *c, int x, int y, int width, int64_t used, int64_t reserved,
	int64_t limit);

#define UI_SILENCE INT64_MIN /* no reading: a gap, never a zero */
/* Sparkline ▁…█ of count values, the newest right; lo..hi is the scale. Values beyond the width drop
 * at the left. */
void canvas_spark(struct canvas *c, int x, int y, int width, enum ui_role role, const int64_t *values,
	int count, int64_t lo, int64_t hi);

/* Band chart (braille, two dots across and four down a cell). */
enum ui_point { UI_POINT_GOOD, UI_POINT_BAD };

/* A limit has its own row of ╌. A ceiling's row begins above its value, a floor's below it, so no
 * value shares a row with a limit that it has not crossed; between limits the scale is linear. */
struct ui_bound {
	int64_t value;
	bool floor;         /* crossed when below; else a ceiling, crossed when above */
	const char *figure; /* at the axis, left: "-15" */
	const char *label;  /* at the right end of the row, on the line: "call"; or NULL */
};
/* A figure of the axis that is no limit. */
struct ui_tick {
	int64_t value;
	const char *label;
};
struct ui_band {
	const int64_t *values; /* evenly spaced in time, oldest first; UI_SILENCE for none */
	const uint8_t *bad;    /* enum ui_point per value, or NULL; bad points are ×, off the line */
	int count;
	int slots;             /* values for the whole width when more than count (future is blank); or 0 */
	const struct ui_bound *bounds; /* ascending by value */
	int bound_count;       /* at most BAND_BOUND_MAX */
	const struct ui_tick *ticks;
	int tick_count;
	int64_t lo, hi;        /* least range of the scale; lo > hi: from the values alone */
	int now;               /* index with a ┃ in the full height; -1 for none */
	int axis_width;        /* cells for figures and the axis line at the left; 0 for no axis */
};
enum { BAND_BOUND_MAX = 8 };
/* Draws into the area. Values off the scale (only bad points can be) sit at the edge. Without any
 * reading the axis and the limits stand and the caller says why. */
void canvas_band(struct canvas *c, struct ui_rect r, const struct ui_band *band);
/* Cell of a value of that chart, for labels beside it: false when it has no place. */
bool canvas_band_place(struct ui_rect r, const struct ui_band *band, int index, int *x, int *y);

/* Axis of time in row y: `└────┴────┃`, figures centred below in row y + 1, or behind the tick in
 * the line itself (`└08───┴09──`) when inside. now: INT64_MIN for none; its label may be NULL. */
struct ui_axis {
	int64_t lo, hi, now;
	const char *now_label;
	const struct ui_tick *ticks;
	int count;
	bool inside;
};
void canvas_axis(struct canvas *c, int x, int y, int width, const struct ui_axis *axis);

/* Stacked score bar: █ risk, ▓ cost, ░ time, in units of `full` for the whole width; rounded so that
 * the total length is right. */
void canvas_stack(struct canvas *c, int x, int y, int width, const int64_t parts[3], int64_t full);

/* Strip of a day or a seat plan: each piece covers [from, to) on the scale lo..hi. */
enum ui_strip_kind { UI_STRIP_DONE, UI_STRIP_PLANNED, UI_STRIP_LATE };
struct ui_piece {
	int64_t from, to;
	enum ui_strip_kind kind;
	const char *label; /* or NULL */
	bool inside;       /* label after the first cell of the piece instead of behind it */
};
struct ui_strip {
	const struct ui_piece *pieces;
	int count;
	int64_t lo, hi;
	int64_t now, cut;   /* ◆ or ┃, and ┊; INT64_MIN for none */
	bool line;          /* free is ─ and now is ┃, as in row 2 of the desk; else · and ◆ */
};
void canvas_strip(struct canvas *c, int x, int y, int width, const struct ui_strip *strip);

/* --- out ----------------------------------------------------------------------------------- */

/* The ASCII cell of a glyph (itself when it is ASCII, '?' when unknown). */
char ui_glyph_ascii(uint32_t glyph);
/* The picture as lines of UTF-8 (or ASCII in an ASCII canvas), trailing blanks cut, '\n' after each row. */
void canvas_to_text(const struct canvas *c, struct buf *out);
/* One letter of ui_role_letter per cell, '\n' after each row; then `flags` rows "y: x0-x1 focus" for
 * areas with flags and "cursor x,y" or "cursor off". */
void canvas_to_roles(const struct canvas *c, struct buf *out);

/* --- values as text ------------------------------------------------------------------------ */

enum { UI_TEXT_MAX = 64 };

/* "DL-01K8…4QM7" cut in the middle to at most `width` cells, keeping the kind and at least `tail`
 * last characters (4 at least). Short texts stay whole. */
char *ui_id(struct str id, int width, int tail, char out[UI_TEXT_MAX]);
char *ui_id_list(struct str id, char out[UI_TEXT_MAX]);   /* "DL-…4QM7" */
char *ui_id_feed(struct str id, char out[UI_TEXT_MAX]);   /* "4QM7" */
char *ui_digest(struct str hex, char out[UI_TEXT_MAX]);   /* "6d69…7888" */
char *ui_money(int64_t minor, const char *currency, char out[UI_TEXT_MAX]); /* separator of ui_set_separator */
void ui_set_separator(char separator);                    /* ',' or ' ' */
char *ui_count(int64_t number, char out[UI_TEXT_MAX]);    /* "6,214" */
char *ui_ratio(int64_t basis_points, char out[UI_TEXT_MAX]); /* "76.92 %"; INT64_MIN is "–" */
char *ui_clock(int64_t instant, char out[UI_TEXT_MAX]);   /* "14:32:05" */
char *ui_clock_short(int64_t instant, char out[UI_TEXT_MAX]); /* "14:32" */
char *ui_stamp(int64_t instant, char out[UI_TEXT_MAX]);   /* "Mon 16 Mar 14:32:07Z" */
/* A past time: "14:32:05" on the day of now, "12 Jan" on another. */
char *ui_past(int64_t instant, int64_t now, char out[UI_TEXT_MAX]);
char *ui_span(int64_t span, char out[UI_TEXT_MAX]);       /* instant_format_span: "28m", "1h27", "-12m" */

#endif
