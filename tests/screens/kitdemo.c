/* Every drawing primitive of the ui kit on one screen, and the loop a console has.
 *
 *   kitdemo THEME_DIRS THEME [TERMINFO_SOURCE CACHE_DIR]
 *
 * Keys: j k and the arrows move, Space marks, d opens a dialog, : and / open the line, t the next
 * theme, ^L repaints, ^Z suspends, q leaves, ! breaks a check (to see the terminal restored). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "ui/canvas.h"
#include "ui/field.h"
#include "ui/line.h"
#include "ui/list.h"
#include "ui/term.h"

struct demo {
	struct terminal *term;
	struct canvas canvas;
	struct list *list;
	struct field field;
	bool dialog, quit;
	const char *dirs;
	char theme[32], message[200];
};

static const struct {
	const char *key, *left, *what, *ccy;
	enum ui_status status;
	int64_t eur;
	const char *party;
} cases[] = {
	{ "DL-01K9ZZZZZZZZZZZZZZZZZZR2VD", "28m", "double pledge", "EUR", UI_STATUS_DANGER, 82000000, "Halcyon" },
	{ "DL-01K8ZZZZZZZZZZZZZZZZZZ4QM7", "1h27", "price fall", "EUR", UI_STATUS_WARN, 150000000, "Kestrel" },
	{ "DL-01K9ZZZZZZZZZZZZZZZZZZM3ZK", "2h05", "short count", "EUR", UI_STATUS_DANGER, 61250000, "Polder" },
	{ "DL-01K9ZZZZZZZZZZZZZZZZZZW6JN", "3h28", "inspector", "EUR", UI_STATUS_WAIT, 27500000, "Tessel" },
	{ "DL-01K9ZZZZZZZZZZZZZZZZZZT9FA", "held", "returned AC04", "EUR", UI_STATUS_HELD, 31840000, "Orme" },
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void draw_bars(struct demo *d)
{
	static const char *const keys[][2] = { { "Enter", "open" }, { "a", "act" }, { "Space", "mark" },
		{ ":", "go to" }, { "?", "keys" } };
	struct canvas *c = &d->canvas;
	canvas_bar(c, 0);
	struct ui_pen p = canvas_pen(c, 0, 0, c->width);
	pen_skip(&p, canvas_badge(c, 0, 0, UI_ENV_DEMO, "DEMO"));
	pen_put(&p, UI_BAR, "  Noordzee Bank · Ines Vermeer ");
	pen_put(&p, UI_KEY, "RSK");
	canvas_right(c, 0, 0, c->width - 1, UI_BAR, "▣ 6,214 …7888   14:32:07Z  ×60 ►");
	canvas_text(c, 1, 1, 20, UI_TITLE, "Kit");
	canvas_right(c, 0, 1, c->width - 1, UI_DIM, "every drawing · theme in use");
	canvas_bar(c, c->height - 1);
	p = canvas_pen(c, 1, c->height - 1, c->width - 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		pen_put(&p, UI_KEY, keys[i][0]);
		pen_printf(&p, UI_BAR, " %s  ", keys[i][1]);
	}
	pen_put(&p, UI_OFF, "S lift");
}

static void draw_list(struct demo *d, int y, int width)
{
	struct canvas *c = &d->canvas;
	struct list_line line;
	list_set_height(d->list, CASES);
	canvas_text(c, 4, y, 30, UI_DIM, " left case");
	canvas_right(c, 0, y, width - 1, UI_DIM, "EUR");
	for (int i = 0; list_line_at(d->list, i, &line); i++) {
		char id[UI_TEXT_MAX], money[UI_TEXT_MAX];
		struct ui_pen p = canvas_pen(c, 0, y + 1 + i, width - 1);
		if (line.focus)
			canvas_focus(c, 0, y + 1 + i, width - 1);
		else if (line.marked)
			canvas_put(c, 0, y + 1 + i, UI_MARK, 0xbb);
		pen_to(&p, 1);
		pen_status(&p, cases[line.row].status);
		pen_right(&p, 8, UI_TIME, cases[line.row].left);
		pen_skip(&p, 1);
		pen_put(&p, UI_TEXT, cases[line.row].what);
		pen_to(&p, 26);
		pen_put(&p, UI_ID, ui_id_list(str_of(cases[line.row].key), id));
		pen_right(&p, width - 2, UI_MONEY, ui_money(cases[line.row].eur, cases[line.row].ccy, money));
	}
}

static void draw_gauges(struct canvas *c, int x, int y, int width)
{
	static const struct {
		const char *who, *ltv, *word;
		int64_t value;
		enum ui_status status;
	} rows[] = { { "4QM7", "76.92", "warn", 7692, UI_STATUS_WARN }, { "K1TE", "71.20", "ok", 7120, UI_STATUS_OK },
		{ "0VNG", "50.00", "ok", 5000, UI_STATUS_OK } };
	static const int64_t zones[] = { 6500, 7200, 7800, 8500 };
	for (int i = 0; i < 3; i++) {
		struct ui_pen p = canvas_pen(c, x, y + i, width);
		pen_put(&p, UI_ID, rows[i].who);
		pen_skip(&p, 1);
		pen_put(&p, UI_MONEY, rows[i].ltv);
		pen_skip(&p, 1);
		pen_put(&p, ui_status_role(rows[i].status), rows[i].word);
		canvas_gauge(c, x + 16, y + i, width - 16, 5000, 8900, rows[i].value, rows[i].status, zones, 4);
	}
	canvas_text(c, x, y + 3, 10, UI_TEXT, "Halvorsen");
	canvas_limit(c, x + 10, y + 3, width - 17, 40, 42, 100);
	canvas_right(c, x, y + 3, width - 1, UI_TEXT, "82 %");
	canvas_text(c, x, y + 4, 10, UI_TEXT, "Osterberg");
	canvas_limit(c, x + 10, y + 4, width - 17, 100, 20, 110);
	canvas_right(c, x, y + 4, width - 1, UI_DANGER, "109 %");
}

static const char *const wave = "556677665544332233445566776655443322";

static void draw_chart(struct canvas *c, struct ui_rect r)
{
	static const struct ui_bound bounds[] = { { -220, true, "-22", NULL }, { -150, false, "-15", NULL } };
	static const struct ui_tick ticks[] = { { -180, "-18" } }, hours[] = { { 4, "20:00" }, { 16, "00:00" },
		{ 28, "04:00" } };
	int64_t values[44];
	uint8_t bad[44] = { 0 };
	for (int i = 0; i < 44; i++)
		values[i] = i < 36 ? -210 + (wave[i] - '0') * 6 : -178 + (i - 36) * 5;
	values[14] = values[15] = values[16] = UI_SILENCE;
	values[25] = -31;
	bad[25] = UI_POINT_BAD;
	struct ui_band band = { .values = values, .bad = bad, .count = 44, .bounds = bounds, .bound_count = 2,
		.ticks = ticks, .tick_count = 1, .lo = 1, .hi = 0, .now = -1, .axis_width = 6 };
	canvas_band(c, (struct ui_rect){ r.x, r.y, r.w, r.h - 2 }, &band);
	int x, y;
	if (canvas_band_place((struct ui_rect){ r.x, r.y, r.w, r.h - 2 }, &band, 25, &x, &y))
		canvas_right(c, r.x, y, x - r.x - 1, UI_CHART_BAD, "-3.1 quarantined");
	struct ui_axis axis = { 0, 44, 43, "14:32", hours, 3, false };
	canvas_axis(c, r.x + 5, r.y + r.h - 2, r.w - 5, &axis);
}

static void draw_strips(struct canvas *c, int x, int y, int width)
{
	static const struct ui_piece day[] = { { 0, 65, UI_STRIP_DONE, NULL, false } };
	static const struct ui_piece seat[] = { { 0, 12, UI_STRIP_DONE, "C5NP", false },
		{ 40, 60, UI_STRIP_PLANNED, "V6DM", true }, { 70, 80, UI_STRIP_LATE, NULL, false } };
	static const int64_t score[3] = { 212, 110, 80 }, values[] = { 3, 3, 3, 3, 2, 3, 5, UI_SILENCE, 7, 6, 6, 8 };
	struct ui_strip strip = { day, 1, 0, 100, 65, INT64_MIN, true };
	canvas_text(c, x, y, 6, UI_DIM, "08:00");
	canvas_strip(c, x + 6, y, width - 12, &strip);
	canvas_right(c, x, y, width, UI_DIM, "18:00");
	strip = (struct ui_strip){ seat, 3, 0, 100, 30, 90, false };
	canvas_strip(c, x, y + 1, width, &strip);
	canvas_stack(c, x, y + 2, 20, score, 500);
	canvas_spark(c, x + 23, y + 2, 12, UI_CHART_LINE, values, 12, 1, 8);
}

static void draw_graph(struct canvas *c, int x, int y)
{
	canvas_box(c, (struct ui_rect){ x, y, 11, 3 }, UI_DONE, UI_BOX_ROUND);
	canvas_text(c, x + 1, y, 3, UI_HOT, "B08");
	canvas_put(c, x + 1, y + 1, UI_DONE, 0x25cf);
	canvas_text(c, x + 3, y + 1, 7, UI_TEXT, "Receipt");
	canvas_hline(c, x + 11, x + 12, y + 1, UI_DONE, UI_HEAVY);
	canvas_put(c, x + 13, y + 1, UI_DONE, 0x25ba);
	canvas_box(c, (struct ui_rect){ x + 14, y, 11, 3 }, UI_TOKEN, UI_BOX_HEAVY);
	canvas_put(c, x + 15, y + 1, UI_TOKEN, 0x25c6);
	canvas_text(c, x + 17, y + 1, 7, UI_TOKEN, "Recount");
	canvas_text(c, x + 18, y + 2, 6, UI_TIME, "◷ 3h58");
	canvas_box(c, (struct ui_rect){ x + 27, y, 11, 3 }, UI_WAIT, UI_BOX_DASHED);
	canvas_put(c, x + 28, y + 1, UI_WAIT, 0x25cb);
	canvas_text(c, x + 30, y + 1, 7, UI_TEXT, "Release");
}

static void draw_panes(struct demo *d)
{
	struct canvas *c = &d->canvas;
	int split = c->width * 6 / 10, right = split + 2, bottom = c->height - 2;
	canvas_pane(c, 0, 2, split, &(struct ui_pane){ 1, "Needs you now", "5", "at risk 3,526,000.00 EUR", true });
	canvas_pane(c, split + 1, 2, c->width - split - 1, &(struct ui_pane){ 2, "LTV", "3 of 18", "72 78 85", false });
	draw_list(d, 3, split);
	draw_gauges(c, right, 3, c->width - right);
	canvas_pane(c, 0, 9, c->width, &(struct ui_pane){ 3, "C2-T03 temperature", NULL, "band -22 to -15 °C", false });
	draw_chart(c, (struct ui_rect){ 0, 10, split, bottom - 14 });
	canvas_text(c, right, 10, c->width - right, UI_TEXT, "data: 上海 is two cells, \033[2J\342\200\256 none");
	struct ui_pen p = canvas_pen(c, right, 11, c->width - right);
	for (int i = 0; i < UI_STATUS_COUNT; i++) {
		pen_status(&p, (enum ui_status)i);
		pen_skip(&p, 1);
	}
	canvas_wrap(c, right, 12, c->width - right, 2, UI_DIM,
		"air warms, core holds: look at the door first, not at the compressor, and not at the roof");
	draw_strips(c, right, 14, c->width - right - 1);
	canvas_pane(c, 0, bottom - 4, c->width, &(struct ui_pane){ 4, "Graph", NULL, "1 token", false });
	canvas_vrule(c, split, 2, bottom - 4);
	draw_graph(c, 1, bottom - 3);
	canvas_text(c, 42, bottom - 3, c->width - 42, UI_PROOF, "▣ root 6d69…7888 equal");
	p = canvas_pen(c, 42, bottom - 2, c->width - 42);
	pen_put(&p, UI_DIFF_OLD, "8,125.00");
	pen_put(&p, UI_DIM, " is ");
	pen_put(&p, UI_DIFF_NEW, "7,916.67");
	pen_put(&p, UI_DIM, "  match ");
	pen_put(&p, UI_MATCH, "plegde");
	canvas_badge(c, 42, bottom - 1, UI_ENV_LIVE, "NO WRITES");
	canvas_text(c, 55, bottom - 1, 20, UI_COMPENSATED, "◄ 1 undone");
}

static void draw_dialog(struct demo *d)
{
	struct canvas *c = &d->canvas;
	struct ui_rect r = canvas_dialog(c, (struct ui_rect){ 8, 4, 60, 9 }, "■ Compensate R2VD before the pivot",
		UI_DANGER, true);
	canvas_text(c, r.x + 2, r.y, r.w - 4, UI_TEXT, "Halcyon Metals  820,000.00 EUR reserved, 0.00 paid");
	canvas_pane(c, r.x, r.y + 1, r.w, &(struct ui_pane){ 0, "What follows", NULL, NULL, false });
	canvas_text(c, r.x + 2, r.y + 3, 22, UI_TEXT, "type R2VD to order it");
	field_draw(&d->field, c, r.x + 26, r.y + 3, 6, true);
	canvas_text(c, r.x + 2, r.y + 5, 11, UI_FOCUS, " No, close ");
	canvas_text(c, r.x + 14, r.y + 5, 40, UI_OFF, "Yes, order it y, once it is given");
}

static void draw_message(struct demo *d)
{
	struct canvas *c = &d->canvas;
	int y = c->height - 2;
	if (!line_is_open()) {
		canvas_free_text(c, 1, y, c->width - 2, UI_TEXT, d->message);
		return;
	}
	struct line_view v = line_view();
	for (int i = 0; i < v.count && i < 5; i++) {
		canvas_fill(c, (struct ui_rect){ 0, y - 1 - i, c->width, 1 }, UI_TEXT, ' ');
		canvas_text(c, 3, y - 1 - i, 20, UI_HOT, v.choices[i].text);
		canvas_text(c, 24, y - 1 - i, c->width - 24, UI_DIM, v.choices[i].help);
		if (i == v.chosen)
			canvas_focus(c, 0, y - 1 - i, c->width);
	}
	canvas_fill(c, (struct ui_rect){ 0, y, c->width, 1 }, UI_TEXT, ' ');
	struct ui_pen p = canvas_pen(c, 1, y, c->width - 2);
	pen_put(&p, UI_HOT, v.prompt);
	pen_str(&p, UI_TEXT, (struct str){ v.text, (size_t)v.cursor });
	c->cursor_x = p.x;
	c->cursor_y = y;
	pen_put(&p, UI_TEXT, v.text + v.cursor);
	pen_put(&p, UI_OFF, v.ghost);
}

static void draw(struct demo *d)
{
	int width, height;
	term_size(d->term, &width, &height);
	d->canvas.ascii = term_ascii(d->term);
	if (width != d->canvas.width || height != d->canvas.height)
		canvas_resize(&d->canvas, width, height);
	canvas_clear(&d->canvas);
	draw_bars(d);
	draw_panes(d);
	draw_message(d);
	if (d->dialog)
		draw_dialog(d);
}

static void set_theme(struct demo *d, const char *name)
{
	struct theme theme;
	struct fault fault;
	if (theme_load(&theme, d->dirs, theme_for_depth(name, term_depth(d->term)), &fault)) {
		snprintf(d->message, sizeof(d->message), "× %.180s", fault.text);
		return;
	}
	snprintf(d->theme, sizeof(d->theme), "%s", name);
	term_set_theme(d->term, &theme);
}

static void next_theme(struct demo *d)
{
	char names[16][32];
	int n = theme_list(d->dirs, names, 16), i = 0;
	while (i < n && strcmp(names[i], d->theme) != 0)
		i++;
	if (n > 0)
		set_theme(d, names[(i + 1) % n]);
}

static int complete(void *ctx, const char *text, int cursor, int *from, struct line_choice *choices, int max)
{
	static const char *const words[][2] = { { "alerts", "open cases" }, { "books", "accounts" },
		{ "deals", "all deals" }, { "decisions", "why" }, { "desk", "what needs you" } };
	int n = 0;
	(void)ctx;
	*from = 0;
	for (size_t i = 0; i < 5 && n < max; i++)
		if (strncmp(words[i][0], text, (size_t)cursor) == 0) {
			snprintf(choices[n].text, sizeof(choices[n].text), "%s", words[i][0]);
			snprintf(choices[n].help, sizeof(choices[n].help), "%s", words[i][1]);
			n++;
		}
	return n;
}

static void line_key(struct demo *d, const struct term_key *k)
{
	if (k->key == UI_KEY_PASTE) {
		line_paste(k->text);
		return;
	}
	enum line_outcome outcome = line_feed_key(k->key);
	if (outcome == LINE_DONE)
		snprintf(d->message, sizeof(d->message), "● done: %.150s", line_result());
	else if (outcome == LINE_CANCELLED)
		snprintf(d->message, sizeof(d->message), "◦ cancelled");
}

static void main_key(struct demo *d, int key)
{
	char name[UI_KEY_NAME_MAX];
	snprintf(d->message, sizeof(d->message), "◦ key %s", ui_key_name(key, name));
	switch (key) {
	case 'j':
	case UI_KEY_DOWN:
		list_move(d->list, 1);
		break;
	case 'k':
	case UI_KEY_UP:
		list_move(d->list, -1);
		break;
	case ' ':
		list_mark(d->list);
		break;
	case 'd':
		d->dialog = true;
		break;
	case ':':
		line_begin(LINE_COMMAND, ":", "", complete, NULL);
		break;
	case 't':
		next_theme(d);
		break;
	case UI_CTRL('L'):
		term_repaint(d->term);
		break;
	case UI_CTRL('Z'):
		term_suspend(d->term);
		break;
	case '!':
		CHECK(key == 0, "the demo was asked to break");
		break;
	case 'q':
	case UI_KEY_HANGUP:
	case UI_KEY_STOP:
		d->quit = true;
		break;
	default:
		break;
	}
}

static void key(struct demo *d, const struct term_key *k)
{
	bool event = k->key == UI_KEY_RESIZE || k->key == UI_KEY_RESUME || k->key == UI_KEY_HANGUP ||
		k->key == UI_KEY_STOP;
	if (line_is_open() && !event) {
		line_key(d, k);
	} else if (k->key == UI_KEY_PASTE) {
		snprintf(d->message, sizeof(d->message), "◦ pasted %.150s", k->text);
		if (d->dialog)
			field_paste(&d->field, k->text);
	} else if (d->dialog && !event && k->key != UI_KEY_ESC) {
		field_key(&d->field, k->key);
	} else {
		d->dialog = d->dialog && event;
		main_key(d, k->key);
	}
}

static void loop(struct demo *d)
{
	while (!d->quit) {
		struct pollfd p = { term_fd(d->term), POLLIN, 0 };
		struct term_key k;
		bool owed = true;
		draw(d);
		if (term_present(d->term, &d->canvas))
			owed = false;
		if (!owed)
			term_idle(d->term);
		poll(&p, 1, -1);
		while (!d->quit && term_next_key(d->term, &k))
			key(d, &k);
	}
}

int main(int argc, char **argv)
{
	struct demo d = { .dirs = argc > 1 ? argv[1] : "themes" };
	struct term_setup setup = { argc > 3 ? argv[3] : NULL, argc > 4 ? argv[4] : NULL, false, false };
	struct list_row rows[CASES];
	struct fault fault;
	if (term_open(&d.term, &setup, &fault)) {
		fprintf(stderr, "kitdemo: %s\n", fault.text);
		return err_exit_code(fault.code);
	}
	snprintf(d.message, sizeof(d.message), "● 14:27:02  case AL-…0088 claimed  · entry 6,199, signed by you");
	set_theme(&d, argc > 2 ? argv[2] : "harbour");
	canvas_init(&d.canvas, 80, 24);
	field_init(&d.field, FIELD_UPPER, false, 4);
	d.list = list_new();
	for (size_t i = 0; i < CASES; i++)
		rows[i] = (struct list_row){ cases[i].key, 1 };
	list_refresh(d.list, rows, CASES, NULL);
	loop(&d);
	line_end();
	term_close(d.term);
	list_free(d.list);
	canvas_free(&d.canvas);
	return 0;
}
