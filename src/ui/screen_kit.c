/* What screens share. See ui/screen.h. */
#include "ui/screen.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/turn.h"
#include "engine/view_desk.h"
#include "screens_int.h"

struct screen_split screen_split_at(struct ui_rect body, int percent, int least)
{
	struct screen_split s = { body, { body.x + body.w, body.y, 0, body.h }, -1 };
	if (body.w < least)
		return s;
	s.left.w = body.w * percent / 100;
	s.rule = body.x + s.left.w;
	s.right = (struct ui_rect){ s.rule + 1, body.y, body.w - s.left.w - 1, body.h };
	return s;
}

/* Word w of len bytes somewhere in text, letters of either case (ASCII; others must be equal). */
static bool holds_word(const char *text, const char *w, size_t len)
{
	for (; *text; text++) {
		size_t i = 0;
		while (i < len && text[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)w[i]))
			i++;
		if (i == len)
			return true;
	}
	return len == 0;
}

bool screen_filter_likes(const char *filter, const char *const *texts)
{
	struct str rest = str_trim(str_of(filter));
	while (rest.len) {
		struct str word = str_cut(&rest, ' '), value = word;
		bool found = false;
		str_cut(&value, '=');
		if (value.len && value.len < word.len)
			word = value;
		for (size_t i = 0; texts[i] && !found; i++)
			found = holds_word(texts[i], word.ptr, word.len);
		if (!found)
			return false;
		rest = str_trim(rest);
	}
	return true;
}

void screen_cursor(const struct screen_paint *p, int x, int y, int width, const struct list_line *line, bool active)
{
	if (line->focus) {
		if (active)
			canvas_focus(p->canvas, x, y, width);
		canvas_put(p->canvas, x, y, UI_MARK, 0x258c);
	} else if (line->marked) {
		canvas_put(p->canvas, x, y, UI_MARK, 0xbb);
	}
}

void screen_empty(const struct screen_paint *p, struct ui_rect r, const char *why)
{
	canvas_wrap(p->canvas, r.x + 4, r.y, r.w - 5, r.h, UI_DIM, why);
}

enum ui_role screen_left(const struct screen_paint *p, int64_t due, int64_t soon, char out[UI_TEXT_MAX])
{
	if (!due) {
		snprintf(out, UI_TEXT_MAX, "–");
		return UI_DIM;
	}
	if (p->absolute)
		ui_stamp(due, out);
	else
		ui_span(due - p->now, out);
	return due < p->now ? UI_DANGER : due - p->now < soon ? UI_WARN : UI_TIME;
}

void screen_need_begin(const struct screen_paint *p, struct ui_pen *pen, int end, const struct view_need *n)
{
	static const enum ui_status of[] = { UI_STATUS_WAIT, UI_STATUS_WARN, UI_STATUS_DANGER, UI_STATUS_HELD };
	char left[UI_TEXT_MAX];
	bool held = n->grave == VIEW_HELD;
	enum ui_role role = screen_left(p, n->task->deadline, 30 * INSTANT_MINUTE, left);
	pen_to(pen, 1);
	pen_status(pen, of[n->grave]);
	pen_right(pen, end, held ? UI_SUSPENDED : role, held ? "held" : left);
}

void screen_focus_key(const struct screen_state *s, const char *asked, char out[LIST_KEY_MAX])
{
	struct list_line line;
	bool target = !asked[0] && list_target(s->list, &line);
	snprintf(out, LIST_KEY_MAX, "%.63s", target ? line.key : asked);
}

void screen_focus_asked(struct screen_state *s, char *asked)
{
	if (asked[0] && list_focus(s->list, asked))
		asked[0] = '\0';
}

enum ui_status screen_news_status(int64_t news_status)
{
	static const enum ui_status of[NEWS_STATUS_COUNT] = { [NEWS_NOTE] = UI_STATUS_NOTE, [NEWS_OK] = UI_STATUS_OK,
		[NEWS_DONE] = UI_STATUS_DONE, [NEWS_WARN] = UI_STATUS_WARN, [NEWS_DANGER] = UI_STATUS_DANGER,
		[NEWS_REFUSED] = UI_STATUS_REFUSED, [NEWS_HELD] = UI_STATUS_HELD, [NEWS_UNDONE] = UI_STATUS_UNDONE,
		[NEWS_PROOF] = UI_STATUS_VERIFIED, [NEWS_WAIT] = UI_STATUS_WAIT };
	return news_status >= 0 && news_status < NEWS_STATUS_COUNT ? of[news_status] : UI_STATUS_NOTE;
}

const char *screen_id(const struct screen_paint *p, const char *id, char out[UI_TEXT_MAX])
{
	if (!p->full_ids)
		return ui_id_list(str_of(id), out);
	snprintf(out, UI_TEXT_MAX, "%.63s", id);
	return out;
}

bool screen_key_is(const struct screen_key *k, int key)
{
	struct str rest = str_of(k->key);
	while (rest.len) {
		char name[UI_KEY_NAME_MAX];
		struct str one = str_cut(&rest, ' ');
		if (one.len && one.len < sizeof(name)) {
			str_copy(name, sizeof(name), one);
			if (ui_key_of(name) == key)
				return true;
		}
	}
	return false;
}
