/* A screen as a file. What must remain true: HTML text is escaped, every span is closed in its row,
 * and an existing file is never overwritten. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <utf8proc.h>

#include "ui/shot.h"

enum shot_format shot_format_of(const char *path)
{
	struct str s = str_of(path);
	if (str_ends(s, ".ans") || str_ends(s, ".ansi"))
		return SHOT_ANSI;
	return str_ends(s, ".html") || str_ends(s, ".htm") ? SHOT_HTML : SHOT_TEXT;
}

static enum theme_depth depth_of(const struct theme *t)
{
	static const enum theme_depth depths[] = { THEME_DEPTH_TRUE, THEME_DEPTH_NONE, THEME_DEPTH_16 };
	return depths[t->kind];
}

static bool same_look(struct theme_look a, struct theme_look b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static void add_colour(struct buf *out, const struct theme *t, int32_t colour, int base)
{
	if (colour < 0)
		return;
	if (t->kind == THEME_COLOUR)
		buf_printf(out, ";%d;2;%d;%d;%d", base + 8, colour >> 16 & 0xff, colour >> 8 & 0xff, colour & 0xff);
	else
		buf_printf(out, ";%d", (colour < 8 ? base : base + 52) + colour);
}

static void add_sgr(struct buf *out, const struct theme *t, struct theme_look look)
{
	buf_text(out, "\033[0");
	if (look.attrs & THEME_BOLD)
		buf_text(out, ";1");
	if (look.attrs & THEME_UNDERLINE)
		buf_text(out, ";4");
	if (look.attrs & THEME_REVERSE)
		buf_text(out, ";7");
	add_colour(out, t, look.fg, 30);
	add_colour(out, t, look.bg, 40);
	buf_char(out, 'm');
}

static unsigned rgb_of(const struct theme *t, int32_t colour, unsigned own)
{
	if (colour < 0)
		return own;
	return t->kind == THEME_COLOUR ? (unsigned)colour : theme_index_rgb(colour);
}

enum { OWN_INK = 0xd8dee9, OWN_GROUND = 0x101216 };

static void add_span(struct buf *out, const struct theme *t, struct theme_look look)
{
	unsigned fg = rgb_of(t, look.fg, OWN_INK), bg = rgb_of(t, look.bg, OWN_GROUND);
	bool turned = look.attrs & THEME_REVERSE;
	buf_printf(out, "<span style=\"color:#%06x;background:#%06x%s%s\">", turned ? bg : fg, turned ? fg : bg,
		look.attrs & THEME_BOLD ? ";font-weight:bold" : "",
		look.attrs & THEME_UNDERLINE ? ";text-decoration:underline" : "");
}

static void add_glyph(struct buf *out, uint32_t glyph, bool ascii, bool html)
{
	utf8proc_uint8_t bytes[4];
	uint32_t shown = ascii ? (uint32_t)ui_glyph_ascii(glyph) : glyph;
	if (html && (shown == '<' || shown == '>' || shown == '&')) {
		buf_text(out, shown == '<' ? "&lt;" : shown == '>' ? "&gt;" : "&amp;");
		return;
	}
	buf_add(out, bytes, (size_t)utf8proc_encode_char((utf8proc_int32_t)shown, bytes));
}

static void add_row(const struct canvas *c, const struct theme *t, int y, bool html, struct buf *out)
{
	struct theme_look last = { 0 };
	for (int x = 0; x < c->width; x++) {
		const struct ui_cell *cell = canvas_at(c, x, y);
		struct theme_look look = theme_resolve(t, depth_of(t), theme_sign_role(t, depth_of(t), (enum ui_role)cell->role, cell->glyph), cell->flags);
		if (x == 0 || !same_look(look, last)) {
			if (html && x > 0)
				buf_text(out, "</span>");
			if (html)
				add_span(out, t, look);
			else
				add_sgr(out, t, look);
		}
		last = look;
		add_glyph(out, cell->glyph, c->ascii, html);
	}
	buf_text(out, html ? "</span>\n" : "\033[0m\n");
}

void shot_add(const struct canvas *c, const struct theme *t, enum shot_format format, struct buf *out)
{
	if (format == SHOT_TEXT) {
		canvas_to_text(c, out);
		return;
	}
	bool html = format == SHOT_HTML;
	if (html)
		buf_printf(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Wharf</title></head>\n"
				"<body style=\"background:#%06x\"><pre style=\"line-height:1.2\">\n",
			t->kind == THEME_COLOUR ? t->background.rgb : (unsigned)OWN_GROUND);
	for (int y = 0; y < c->height; y++)
		add_row(c, t, y, html, out);
	if (html)
		buf_text(out, "</pre></body></html>\n");
}

enum err shot_write(const struct canvas *c, const struct theme *t, const char *path, struct fault *fault)
{
	struct buf out = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(fault, errno == EEXIST || errno == EACCES ? ERR_DENIED : ERR_IO, 0, 0, "%s: %s%s", path,
			strerror(errno), errno == EEXIST ? "; choose another name" : "");
	shot_add(c, t, shot_format_of(path), &out);
	size_t at = 0;
	ssize_t n = 0;
	while (at < out.len && ((n = write(fd, out.ptr + at, out.len - at)) > 0 || errno == EINTR))
		at += n > 0 ? (size_t)n : 0;
	int why = at < out.len ? errno : 0;
	if (close(fd) != 0 && !why)
		why = errno;
	buf_free(&out);
	if (!why)
		return ERR_OK;
	return fault_set(fault, err_of_errno(why), 0, 0, "%s: %s", path, strerror(why));
}
