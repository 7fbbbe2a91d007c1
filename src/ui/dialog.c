/* Dialogs. See ui/dialog.h: focus starts on No, `y` counts only on the buttons, Esc is No. */
#include "ui/dialog.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

enum { DIALOG_WIDTH = 76, DIALOG_SIDE = 3, DIALOG_NARROW = 60 };

static struct field *dialog_field(struct dialog *d, int i)
{
	struct field *all[3];
	int n = 0;
	if (d->view.type_tail[0])
		all[n++] = &d->tail;
	if (d->view.needs_reason)
		all[n++] = &d->reason;
	if (d->view.needs_passphrase)
		all[n++] = &d->pass;
	return i >= 0 && i < n ? all[i] : NULL;
}

void dialog_open(struct dialog *d, const struct dialog_view *view)
{
	memset(d, 0, sizeof(*d));
	d->view = *view;
	d->view.type_tail = view->type_tail ? view->type_tail : "";
	d->view.tail_is = view->tail_is ? view->tail_is : "reference";
	d->view.yes = view->yes ? view->yes : "do it";
	field_init(&d->tail, FIELD_UPPER, false, 12);
	field_init(&d->reason, FIELD_FREE, false, 60);
	field_init(&d->pass, FIELD_FREE, true, 60);
	while (dialog_field(d, d->fields))
		d->fields++;
	d->focus = d->fields ? 0 : d->fields;
}

void dialog_close(struct dialog *d)
{
	field_wipe(&d->tail);
	field_wipe(&d->reason);
	field_wipe(&d->pass);
}

void dialog_changed(struct dialog *d, int64_t now)
{
	char at[UI_TEXT_MAX];
	if (d->stale)
		return;
	d->stale = true;
	snprintf(d->changed, sizeof(d->changed), "changed at %.10s, read again: Esc, then open it anew", ui_clock(now, at));
}

bool dialog_ready(const struct dialog *d, char why[120])
{
	static const char *const numbers[] = { "no", "one character", "two characters", "three characters" };
	size_t want = strlen(d->view.type_tail);
	why[0] = 0;
	if (d->stale)
		snprintf(why, 120, "%s", d->changed);
	else if (want > 3 && strcmp(d->tail.text, d->view.type_tail) != 0 && (size_t)d->tail.len < want
		&& strncmp(d->tail.text, d->view.type_tail, (size_t)d->tail.len) == 0 && want - (size_t)d->tail.len < 4)
		snprintf(why, 120, "%s of the %s %s missing", numbers[want - (size_t)d->tail.len], d->view.tail_is,
			want - (size_t)d->tail.len == 1 ? "is" : "are");
	else if (want && strcmp(d->tail.text, d->view.type_tail) != 0)
		snprintf(why, 120, d->tail.len || strcmp(d->view.tail_is, "reference") != 0 ? "the %s is %s" : "the %s %s is not typed", d->view.tail_is, d->view.type_tail);
	else if (d->view.needs_reason && d->reason.len < 3)
		snprintf(why, 120, "a reason is missing");
	else if (d->view.needs_passphrase && !d->pass.len)
		snprintf(why, 120, "the passphrase is missing");
	return !why[0];
}

enum dialog_outcome dialog_key(struct dialog *d, int key, const char *paste)
{
	char why[120];
	struct field *f = dialog_field(d, d->focus);
	if (key == UI_KEY_ESC)
		return DIALOG_NO;
	if (f && key == UI_KEY_PASTE && paste) {
		field_paste(f, paste);
		return DIALOG_OPEN;
	}
	if (f && key != UI_KEY_ENTER && key != UI_KEY_TAB && field_key(f, key)) {
		/* A complete reference hands on to the next field, so that the fewest keys are needed. */
		if (f == &d->tail && strcmp(f->text, d->view.type_tail) == 0)
			d->focus++;
		return DIALOG_OPEN;
	}
	if (key == UI_KEY_TAB || key == UI_KEY_DOWN || (f && key == UI_KEY_ENTER))
		d->focus = d->focus >= d->fields ? 0 : d->focus + 1;
	else if (key == UI_KEY_BACKTAB || key == UI_KEY_UP)
		d->focus = d->focus ? d->focus - 1 : d->fields;
	else if (!f && key == UI_KEY_ENTER)
		return DIALOG_NO;
	else if (!f && key == 'y')
		return dialog_ready(d, why) ? DIALOG_YES : DIALOG_OPEN;
	else if (key == UI_KEY_PAGE_DOWN || key == 'j')
		d->scroll++;
	else if ((key == UI_KEY_PAGE_UP || key == 'k') && d->scroll)
		d->scroll--;
	return DIALOG_OPEN;
}

/* --- picture ---------------------------------------------------------------------------------------- */

/* Where the last piece of a line begins, and how wide it is; -1: it stands at its right edge. */
static int last_part(const struct canvas *c, const struct dialog_line *l, const struct dialog_part **last)
{
	int x = 0;
	*last = NULL;
	for (int i = 0; i < DIALOG_PARTS && l->part[i].text; i++) {
		const struct dialog_part *part = &l->part[i];
		x += *last && !(*last)->right ? canvas_width(c, str_of((*last)->text)) : 0;
		x = part->right ? part->column + 1 : part->column >= 0 ? part->column : x + 1;
		*last = part;
	}
	return !*last || (*last)->right ? -1 : x;
}

enum { WRAP_MOST = 3 };

/* Rows of a line: what a person signs is not cut, its last piece goes on below itself. */
static int line_rows(const struct canvas *c, const struct dialog_line *l, int width)
{
	const struct dialog_part *last;
	int at = l->rule ? -1 : last_part(c, l, &last), room = width - at;
	if (at < 0 || room < 8)
		return 1;
	struct str rest = str_of(last->text);
	int rows = 1;
	while (rows < WRAP_MOST && canvas_width(c, rest) > room) {
		size_t n = canvas_row_bytes(c, rest, room);
		rest.ptr += n;
		rest.len -= n;
		rest = str_trim(rest);
		rows++;
	}
	return rows;
}

static void draw_line(struct canvas *c, struct ui_rect in, int y, int rows, const struct dialog_line *l)
{
	if (l->rule) {
		canvas_pane(c, in.x, y, in.w, &(struct ui_pane){ 0, l->part[0].text, NULL, NULL, false });
		canvas_joint(c, in.x - 1, y, UI_RULE, 0x251c);
		canvas_joint(c, in.x + in.w, y, UI_RULE, 0x2524);
		return;
	}
	struct ui_pen p = canvas_pen(c, in.x + 2, y, in.w - 3);
	for (int i = 0; i < DIALOG_PARTS && l->part[i].text; i++) {
		const struct dialog_part *part = &l->part[i];
		if (part->right) {
			pen_right(&p, part->column, part->role, part->text);
			continue;
		}
		if (part->column >= 0)
			pen_to(&p, part->column);
		else
			pen_skip(&p, 1);
		if (rows > 1 && (i + 1 == DIALOG_PARTS || !l->part[i + 1].text))
			canvas_wrap(c, p.x, y, p.right - p.x, rows, part->role, part->text);
		else
			pen_put(&p, part->role, part->text);
	}
}

/* The fields in one or two rows, then why Yes is off, then the buttons. */
static void draw_fields(struct dialog *d, struct canvas *c, struct ui_rect in, int y)
{
	char label[64], why[120];
	int x = in.x + 2, half = in.x + 2 + 31;
	bool ready = dialog_ready(d, why);
	for (int i = 0; i < d->fields; i++) {
		struct field *f = dialog_field(d, i);
		if (f == &d->tail)
			snprintf(label, sizeof(label), "type %s to %s", d->view.type_tail, d->view.yes);
		else
			snprintf(label, sizeof(label), "%s", f == &d->reason ? "reason" : "passphrase");
		int at = f == &d->pass && in.w >= DIALOG_NARROW && i > 0 && dialog_field(d, i - 1) == &d->tail ? half : x;
		if (at == half)
			y--;
		int wide = canvas_text(c, at, y, in.x + in.w - at - 2, UI_TEXT, label);
		int room = f == &d->tail ? 6 : f == &d->pass ? 16 : 48;
		field_draw(f, c, at + wide + 2, y, room < in.x + in.w - at - wide - 3 ? room : in.x + in.w - at - wide - 3, d->focus == i);
		y++;
	}
	if (!ready)
		canvas_text(c, x, y, in.w - 3, d->stale ? UI_DIFF_NEW : UI_WARN, d->stale ? d->changed : "Yes is off:");
	if (!ready && !d->stale)
		canvas_text(c, x + 12, y, in.w - 15, UI_TEXT, why);
	y++;
	struct ui_pen p = canvas_pen(c, x, y, in.w - 3);
	if (d->focus == d->fields)
		canvas_flag(c, (struct ui_rect){ x, y, 11, 1 }, UI_ON_FOCUS);
	pen_put(&p, d->focus == d->fields ? UI_FOCUS : UI_TEXT, " No, close ");
	if (in.w >= DIALOG_NARROW)
		pen_put(&p, UI_DIM, " Enter, Esc");
	pen_to(&p, in.w >= DIALOG_NARROW ? 31 : 14);
	pen_printf(&p, ready && d->focus == d->fields ? UI_TEXT : UI_OFF, "Yes, %s ", d->view.yes);
	pen_put(&p, ready && d->focus == d->fields ? UI_HOT : UI_OFF, "y");
	pen_put(&p, UI_DIM, !d->fields ? "" : d->fields == 1 ? ", once it is given" : d->fields == 2 ? ", once both are given"
		: ", once all are given");
}

static int lines_rows(const struct dialog *d, const struct canvas *c, int width, int from)
{
	int rows = 0;
	for (int i = from; i < (int)d->view.line_count; i++)
		rows += line_rows(c, &d->view.lines[i], width);
	return rows;
}

void dialog_draw(struct dialog *d, struct canvas *c)
{
	int most = c->height - 4, w = c->width - 2 * DIALOG_SIDE < DIALOG_WIDTH ? c->width - 2 : DIALOG_WIDTH;
	int rows = d->fields + 2;
	if (d->view.type_tail[0] && d->view.needs_passphrase && !d->view.needs_reason && w - 2 >= DIALOG_NARROW)
		rows--;
	int lines = lines_rows(d, c, w - 5, 0), room = most - 2 - rows;
	if (lines > room)
		lines = room > 1 ? room : 1;
	while (d->scroll > 0 && lines_rows(d, c, w - 5, d->scroll - 1) <= lines)
		d->scroll--;
	int y = 2 + (most - lines - rows - 2) / 3, least = c->height - 2 - (lines + rows + 2);
	/* On the lowest terminals it stands over the path, so that its last row stays clear of the message. */
	struct ui_rect box = { (c->width - w) / 2, y > least && least > 0 ? least : y, w, lines + rows + 2 };
	char title[128];
	snprintf(title, sizeof(title), "%s%s", d->view.final ? "■ " : "", d->view.title);
	struct ui_rect in = canvas_dialog(c, box, title, d->view.final ? UI_DANGER : UI_RULE, d->view.final);
	for (int i = d->scroll, at = 0; i < (int)d->view.line_count && at < lines; i++) {
		int own = line_rows(c, &d->view.lines[i], w - 5);
		draw_line(c, in, in.y + at, own < lines - at ? own : lines - at, &d->view.lines[i]);
		at += own;
	}
	draw_fields(d, c, in, in.y + lines);
	int below = lines_rows(d, c, w - 5, d->scroll) - lines;
	char more[48];
	snprintf(more, sizeof(more), " PgDn: %d more row%s ", below, below == 1 ? "" : "s");
	if (below > 0)
		canvas_right(c, box.x, box.y + box.h - 1, box.w - 3, UI_WARN, more);
}
