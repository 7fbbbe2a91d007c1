/* The field editor. What must remain true: text is valid UTF-8, at most chars_max characters, and
 * the cursor stands at the start of a character; wiped bytes are zero. */
#include <string.h>

#include <utf8proc.h>

#include "base/check.h"
#include "ui/field.h"

void field_wipe(struct field *f)
{
	explicit_bzero(f->text, sizeof(f->text));
	f->len = f->cursor = 0;
}

void field_init(struct field *f, enum field_input kind, bool masked, int chars_max)
{
	CHECK(chars_max >= 1 && chars_max < FIELD_TEXT_MAX / 4, "a field holds 1 to 63 characters");
	field_wipe(f);
	f->kind = kind;
	f->masked = masked;
	f->chars_max = chars_max;
}

static bool is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static int chars_in(const char *text, int len)
{
	int n = 0;
	for (int i = 0; i < len; i++)
		n += is_start(text[i]);
	return n;
}

static int step(const struct field *f, int from, int dir)
{
	int at = from + dir;
	while (at > 0 && at < f->len && !is_start(f->text[at]))
		at += dir;
	return at < 0 ? 0 : at > f->len ? f->len : at;
}

static bool allowed(const struct field *f, int key)
{
	static const char *const sets[] = { NULL, "0123456789", "0123456789,.-", NULL };
	if (!ui_key_is_text(key))
		return false;
	return !sets[f->kind] || (key < 0x80 && strchr(sets[f->kind], key));
}

static bool insert(struct field *f, int key)
{
	utf8proc_uint8_t bytes[4];
	if (f->kind == FIELD_UPPER)
		key = utf8proc_toupper(key);
	if (!allowed(f, key) || chars_in(f->text, f->len) >= f->chars_max)
		return false;
	int n = (int)utf8proc_encode_char(key, bytes);
	memmove(f->text + f->cursor + n, f->text + f->cursor, (size_t)(f->len - f->cursor));
	memcpy(f->text + f->cursor, bytes, (size_t)n);
	f->len += n;
	f->cursor += n;
	f->text[f->len] = '\0';
	return true;
}

/* Removes [from, to) and wipes what is left over at the end. */
static void cut(struct field *f, int from, int to)
{
	memmove(f->text + from, f->text + to, (size_t)(f->len - to));
	explicit_bzero(f->text + f->len - (to - from), (size_t)(to - from));
	f->len -= to - from;
	f->cursor = from;
}

static int word_start(const struct field *f)
{
	int at = f->cursor;
	while (at > 0 && f->text[at - 1] == ' ')
		at--;
	while (at > 0 && f->text[at - 1] != ' ')
		at--;
	return at;
}

bool field_key(struct field *f, int key)
{
	switch (key) {
	case UI_KEY_LEFT:
		f->cursor = step(f, f->cursor, -1);
		return true;
	case UI_KEY_RIGHT:
		f->cursor = step(f, f->cursor, 1);
		return true;
	case UI_KEY_HOME:
	case UI_CTRL('A'):
		f->cursor = 0;
		return true;
	case UI_KEY_END:
	case UI_CTRL('E'):
		f->cursor = f->len;
		return true;
	case UI_KEY_BACKSPACE:
		cut(f, step(f, f->cursor, -1), f->cursor);
		return true;
	case UI_KEY_DELETE:
		cut(f, f->cursor, step(f, f->cursor, 1));
		return true;
	case UI_CTRL('U'):
		cut(f, 0, f->cursor);
		return true;
	case UI_CTRL('K'):
		cut(f, f->cursor, f->len);
		return true;
	case UI_CTRL('W'):
		cut(f, word_start(f), f->cursor);
		return true;
	default:
		return insert(f, key);
	}
}

void field_paste(struct field *f, const char *text)
{
	size_t len = strlen(text);
	while (len > 0) {
		utf8proc_int32_t cp;
		utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &cp);
		if (n <= 0) {
			n = 1;
			cp = 0;
		}
		/* A line end at the very end is how clipboards end, not a blank. */
		bool line_end = cp == '\n' || cp == '\r' || cp == '\t';
		if (line_end && len > (size_t)n && f->kind == FIELD_FREE && !f->masked)
			insert(f, ' ');
		else if (cp > 0)
			insert(f, cp);
		text += n;
		len -= (size_t)n;
	}
}

void field_set(struct field *f, const char *text)
{
	field_wipe(f);
	field_paste(f, text);
}

void field_draw(const struct field *f, struct canvas *c, int x, int y, int width, bool focus)
{
	int at = chars_in(f->text, f->cursor), total = chars_in(f->text, f->len);
	int first = width > 0 && at >= width ? at - width + 1 : 0;
	struct ui_rect r = { x, y, width, 1 };
	canvas_fill(c, r, UI_INPUT, ' ');
	canvas_flag(c, r, UI_ON_INPUT);
	if (f->masked) {
		for (int i = first; i < total && i - first < width; i++)
			canvas_put(c, x + i - first, y, UI_INPUT, 0xb7);
	} else {
		int from = 0;
		for (int i = 0; i < first; i++)
			from = step(f, from, 1);
		canvas_str(c, x, y, width, UI_INPUT,
			(struct str){ f->text + from, (size_t)(f->len - from) });
	}
	if (focus && width > 0) {
		c->cursor_x = x + at - first;
		c->cursor_y = y;
	}
}
