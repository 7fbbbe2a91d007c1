/* The grid, its text and its areas.
 *
 * What must remain true: every cell holds one printable width-1 character of the BMP; nothing is
 * written outside the clip; how wide a text is and how wide it is drawn is decided by one
 * function (next_cell), so measuring and drawing cannot disagree. Lines and boxes are in lines.c,
 * drawings in chart.c, values as text in value.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/check.h"
#include "ui/canvas.h"

/* --- the grid ------------------------------------------------------------------------------ */

static int clamp_side(int side)
{
	return side < 1 ? 1 : side > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : side;
}

void canvas_init(struct canvas *c, int width, int height)
{
	*c = (struct canvas){ 0 };
	canvas_resize(c, width, height);
}

void canvas_resize(struct canvas *c, int width, int height)
{
	c->width = clamp_side(width);
	c->height = clamp_side(height);
	size_t count = (size_t)c->width * (size_t)c->height;
	c->cells = realloc(c->cells, count * sizeof(struct ui_cell));
	CHECK(c->cells, "memory for the canvas");
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	size_t count = (size_t)c->width * (size_t)c->height;
	for (size_t i = 0; i < count; i++)
		c->cells[i] = (struct ui_cell){ ' ', UI_TEXT, 0 };
	c->cursor_x = c->cursor_y = -1;
}

void canvas_free(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){ 0 };
}

struct ui_cell *canvas_at(const struct canvas *c, int x, int y)
{
	if (x < 0 || y < 0 || x >= c->width || y >= c->height)
		return NULL;
	return &c->cells[(size_t)y * (size_t)c->width + (size_t)x];
}

/* --- from text to cells --------------------------------------------------------------------- */

/* What a code point of outside text becomes: itself when it is one safe cell. */
static uint32_t safe_glyph(int32_t cp)
{
	if (cp >= 0x20 && cp < 0x7f)
		return (uint32_t)cp;
	if (cp == '\t' || cp == '\n' || cp == '\r')
		return ' ';
	if (cp < 0xa0 || cp > 0xffff || utf8proc_charwidth(cp) != 1)
		return '?';
	switch (utf8proc_category(cp)) {
	case UTF8PROC_CATEGORY_CN: /* unassigned */
	case UTF8PROC_CATEGORY_CC: /* controls */
	case UTF8PROC_CATEGORY_CF: /* invisible: direction marks, joiners, soft hyphen */
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO: /* private use: every font differs */
	case UTF8PROC_CATEGORY_MN: /* combining */
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return '?';
	case UTF8PROC_CATEGORY_ZS:
		return ' ';
	default:
		return (uint32_t)cp;
	}
}

struct reader {
	struct str rest;
	bool ascii, roomy; /* roomy: the ellipsis may take two cells */
	int pending;       /* '.' still to give */
};

/* The next cell of a text; false at its end. */
static bool next_cell(struct reader *r, uint32_t *glyph)
{
	if (r->pending) {
		r->pending = 0;
		*glyph = '.';
		return true;
	}
	while (r->rest.len > 0) {
		utf8proc_int32_t cp;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)r->rest.ptr,
			(utf8proc_ssize_t)r->rest.len, &cp);
		if (n <= 0) {
			cp = '?';
			n = 1;
		}
		r->rest.ptr += n;
		r->rest.len -= (size_t)n;
		if (r->ascii && cp == 0xb0)
			continue;
		if (r->ascii && cp == 0x2026) {
			r->pending = r->roomy;
			cp = '.';
		}
		*glyph = safe_glyph(cp);
		return true;
	}
	return false;
}

static int count_cells(bool ascii, bool roomy, struct str text)
{
	struct reader r = { text, ascii, roomy, 0 };
	uint32_t glyph;
	int n = 0;
	while (next_cell(&r, &glyph))
		n++;
	return n;
}

int canvas_width(const struct canvas *c, struct str text)
{
	return count_cells(c && c->ascii, true, text);
}

/* A reader that spells the ellipsis `..` when the whole text then fits into width. */
static struct reader reader_for(const struct canvas *c, struct str text, int width)
{
	bool roomy = c->ascii && count_cells(true, true, text) <= width;
	return (struct reader){ text, c->ascii, roomy, 0 };
}

/* --- text ----------------------------------------------------------------------------------- */

static void set_cell(struct canvas *c, int x, int y, enum ui_role role, uint32_t glyph, unsigned flags)
{
	struct ui_cell *cell = canvas_at(c, x, y);
	if (!cell)
		return;
	cell->glyph = glyph;
	cell->role = (uint8_t)role;
	/* A surface (bar, field, focus row) stays under what is written on it. */
	cell->flags = (uint8_t)((cell->flags & (UI_ON_BAR | UI_ON_FOCUS | UI_ON_INPUT)) | flags);
}

void canvas_put(struct canvas *c, int x, int y, enum ui_role role, uint32_t glyph)
{
	set_cell(c, x, y, role, safe_glyph((int32_t)glyph), 0);
}

int canvas_str(struct canvas *c, int x, int y, int width, enum ui_role role, struct str text)
{
	struct reader r = reader_for(c, text, width);
	uint32_t glyph;
	int n = 0;
	for (; n < width && next_cell(&r, &glyph); n++)
		set_cell(c, x + n, y, role, glyph, 0);
	return n;
}

int canvas_text(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text)
{
	return canvas_str(c, x, y, width, role, str_of(text));
}

int canvas_right(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text)
{
	struct str s = str_of(text);
	struct reader r = reader_for(c, s, width);
	int cells = count_cells(c->ascii, r.roomy, s), skip = cells > width ? cells - width : 0;
	int first = x + width - (cells - skip);
	uint32_t glyph;
	for (int i = 0; next_cell(&r, &glyph); i++)
		if (i >= skip)
			set_cell(c, first + i - skip, y, role, glyph, 0);
	return first;
}

static bool word_ends(const struct canvas *c, int x, int y)
{
	const struct ui_cell *end = canvas_at(c, x, y), *next = canvas_at(c, x + 1, y);
	return end && (end->glyph == ' ' || (next && next->glyph == ' ' && (end->glyph == ',' || end->glyph == ';' || end->glyph == ':')));
}

/* Where a text that is too long ends: behind a whole word, when more than half of the room stays in use or the word that is
 * cut is a figure, for what is left of one reads as another. */
static int last_word(const struct canvas *c, int x, int y, int cells)
{
	int n = cells;
	while (n > 0 && !word_ends(c, x + n, y))
		n--;
	int cut = x + n;
	while (cut < x + cells && word_ends(c, cut, y))
		cut++;
	bool figure = n > 0 && canvas_at(c, cut, y)->glyph >= '0' && canvas_at(c, cut, y)->glyph <= '9';
	return n > cells / 2 || figure ? n : cells;
}

int canvas_free_text(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text)
{
	if (width <= 0)
		return 0;
	int cells = canvas_width(c, str_of(text));
	if (cells <= width)
		return canvas_text(c, x, y, width, role, text);
	int mark = c->ascii && width > 2 ? 2 : 1;
	int n = canvas_text(c, x, y, width, role, text);
	if (n > mark && x >= 0 && canvas_at(c, x + n - 1, y)) {
		int whole = last_word(c, x, y, n - mark);
		for (int i = whole; i < n; i++)
			canvas_put(c, x + i, y, role, ' ');
		n = whole;
	}
	while (n > 0 && canvas_at(c, x + n - 1, y) && (canvas_at(c, x + n - 1, y)->glyph == ' ' || canvas_at(c, x + n - 1, y)->glyph == 0x2026))
		n--; /* no blank before the ellipsis, and not two of them */
	return n + canvas_text(c, x + n, y, mark, role, "…");
}

int canvas_words(struct canvas *c, int x, int y, int width, enum ui_role role, const char *text)
{
	struct str s = str_of(text);
	for (size_t n = s.len; n > 0 && canvas_width(c, s) > width; n--)
		if (s.ptr[n] == ' ')
			s.len = n;
	while (s.len && s.len < strlen(text) && strchr(" ,;:", s.ptr[s.len - 1]))
		s.len--;
	return canvas_str(c, x, y, width, role, s);
}

size_t canvas_row_bytes(const struct canvas *c, struct str text, int width)
{
	size_t fits = 0;
	for (size_t i = 1; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] != ' ' && text.ptr[i] != '\n')
			continue;
		if (canvas_width(c, (struct str){ text.ptr, i }) > width)
			break;
		fits = i;
		if (i < text.len && text.ptr[i] == '\n')
			break;
	}
	if (fits > 0)
		return fits;
	/* One word is longer than the row: break it at a character. */
	while (fits < text.len && canvas_width(c, (struct str){ text.ptr, fits }) <= width)
		do
			fits++;
		while (fits < text.len && ((unsigned char)text.ptr[fits] & 0xc0) == 0x80);
	while (fits > 1 && canvas_width(c, (struct str){ text.ptr, fits }) > width)
		do
			fits--;
		while (fits > 1 && ((unsigned char)text.ptr[fits] & 0xc0) == 0x80);
	return fits;
}

int canvas_wrap(struct canvas *c, int x, int y, int width, int height, enum ui_role role,
	const char *text)
{
	struct str rest = str_of(text);
	int row = 0;
	while (rest.len > 0 && row < height && width > 0) {
		size_t n = canvas_row_bytes(c, rest, width);
		if (row == height - 1 && n < rest.len)
			canvas_free_text(c, x, y + row, width, role, rest.ptr);
		else
			canvas_str(c, x, y + row, width, role, (struct str){ rest.ptr, n });
		if (n < rest.len && (rest.ptr[n] == ' ' || rest.ptr[n] == '\n'))
			n++;
		rest.ptr += n;
		rest.len -= n;
		row++;
	}
	return row;
}

/* --- the pen -------------------------------------------------------------------------------- */

struct ui_pen canvas_pen(struct canvas *c, int x, int y, int width)
{
	return (struct ui_pen){ c, x, y, x, x + width, 0 };
}

static void pen_cells(struct ui_pen *p, enum ui_role role, struct reader *r)
{
	uint32_t glyph;
	while (p->x < p->right && next_cell(r, &glyph)) {
		if (p->x >= p->left)
			set_cell(p->canvas, p->x, p->y, role, glyph, p->flags);
		p->x++;
	}
}

void pen_str(struct ui_pen *p, enum ui_role role, struct str text)
{
	/* In a row of columns the next piece has its place: `…` stays one cell. */
	struct reader r = { text, p->canvas->ascii, false, 0 };
	pen_cells(p, role, &r);
}

void pen_put(struct ui_pen *p, enum ui_role role, const char *text)
{
	pen_str(p, role, str_of(text));
}

void pen_printf(struct ui_pen *p, enum ui_role role, const char *format, ...)
{
	char text[CANVAS_SIDE_MAX * 3];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pen_put(p, role, text);
}

void pen_glyph(struct ui_pen *p, enum ui_role role, uint32_t glyph)
{
	if (p->x >= p->left && p->x < p->right)
		set_cell(p->canvas, p->x, p->y, role, safe_glyph((int32_t)glyph), p->flags);
	p->x++;
}

void pen_status(struct ui_pen *p, enum ui_status status)
{
	pen_glyph(p, ui_status_role(status), ui_status_glyph(status));
}

void pen_skip(struct ui_pen *p, int cells)
{
	p->x += cells;
}

void pen_to(struct ui_pen *p, int column)
{
	p->x = p->left + column;
}

void pen_right(struct ui_pen *p, int last, enum ui_role role, const char *text)
{
	struct str s = str_of(text);
	int end = p->left + last + 1;
	int cells = count_cells(p->canvas->ascii, false, s);
	p->x = end - cells < p->left ? p->left : end - cells;
	int right = p->right;
	p->right = end < right ? end : right;
	pen_str(p, role, s);
	p->right = right;
	p->x = end;
}

/* --- areas ---------------------------------------------------------------------------------- */

void canvas_fill(struct canvas *c, struct ui_rect r, enum ui_role role, uint32_t glyph)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++) {
			struct ui_cell *cell = canvas_at(c, x, y);
			if (cell)
				*cell = (struct ui_cell){ safe_glyph((int32_t)glyph), (uint8_t)role, 0 };
		}
}

void canvas_flag(struct canvas *c, struct ui_rect r, unsigned flags)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++) {
			struct ui_cell *cell = canvas_at(c, x, y);
			if (cell)
				cell->flags = (uint8_t)(cell->flags | flags);
		}
}

void canvas_focus(struct canvas *c, int x, int y, int width)
{
	canvas_flag(c, (struct ui_rect){ x + 1, y, width - 1, 1 }, UI_ON_FOCUS);
	canvas_put(c, x, y, UI_MARK, 0x258c);
}

void canvas_dim(struct canvas *c)
{
	size_t count = (size_t)c->width * (size_t)c->height;
	for (size_t i = 0; i < count; i++)
		if (!(c->cells[i].flags & UI_ON_BAR))
			c->cells[i].flags |= UI_DIMMED;
}

void canvas_bar(struct canvas *c, int y)
{
	struct ui_rect row = { 0, y, c->width, 1 };
	canvas_fill(c, row, UI_BAR, ' ');
	canvas_flag(c, row, UI_ON_BAR);
}

int canvas_badge(struct canvas *c, int x, int y, enum ui_role role, const char *text)
{
	int width = canvas_width(c, str_of(text)) + 2;
	for (int i = 0; i < width; i++)
		set_cell(c, x + i, y, role, ' ', 0);
	canvas_text(c, x + 1, y, width - 2, role, text);
	return width;
}

/* --- out ------------------------------------------------------------------------------------ */

static void add_glyph(struct buf *out, uint32_t glyph, bool ascii)
{
	utf8proc_uint8_t bytes[4];
	if (ascii) {
		buf_char(out, ui_glyph_ascii(glyph));
		return;
	}
	utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)glyph, bytes);
	buf_add(out, bytes, (size_t)n);
}

void canvas_to_text(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->height; y++) {
		const struct ui_cell *row = canvas_at(c, 0, y);
		int end = c->width;
		while (end > 0 && row[end - 1].glyph == ' ')
			end--;
		for (int x = 0; x < end; x++)
			add_glyph(out, row[x].glyph, c->ascii);
		buf_char(out, '\n');
	}
}

static const struct {
	unsigned flag;
	const char *name;
} flag_names[] = {
	{ UI_BOLD, "bold" }, { UI_DIMMED, "dimmed" }, { UI_ON_FOCUS, "focus" }, { UI_ON_BAR, "bar" },
	{ UI_ON_INPUT, "input" },
};

/* The runs of one flag in one row: "12: 4-77 focus". */
static void add_flag_runs(const struct canvas *c, int y, unsigned flag, const char *name, struct buf *out)
{
	const struct ui_cell *row = canvas_at(c, 0, y);
	for (int x = 0; x < c->width; x++) {
		int from = x;
		while (x < c->width && (row[x].flags & flag))
			x++;
		if (x > from)
			buf_printf(out, "%d: %d-%d %s\n", y, from, x - 1, name);
	}
}

void canvas_to_roles(const struct canvas *c, struct buf *out)
{
	for (int y = 0; y < c->height; y++) {
		const struct ui_cell *row = canvas_at(c, 0, y);
		int end = c->width;
		while (end > 0 && row[end - 1].role == UI_TEXT)
			end--;
		for (int x = 0; x < end; x++)
			buf_char(out, row[x].role == UI_TEXT ? '.' : ui_role_letter((enum ui_role)row[x].role));
		buf_char(out, '\n');
	}
	for (int y = 0; y < c->height; y++)
		for (size_t f = 0; f < sizeof(flag_names) / sizeof(flag_names[0]); f++)
			add_flag_runs(c, y, flag_names[f].flag, flag_names[f].name, out);
	if (c->cursor_x < 0 || c->cursor_y < 0)
		buf_text(out, "cursor off\n");
	else
		buf_printf(out, "cursor %d,%d\n", c->cursor_x, c->cursor_y);
}
