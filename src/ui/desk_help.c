/* The help frame: printed from the keymap of the screen and from the command table, never written by hand. */
#include "desk_int.h"

#include <stdio.h>
#include <string.h>

static const struct screen_key MOVES[] = {
	{ "j k", NULL, "down, up", NULL, true }, { "g G", NULL, "first, last", NULL, true },
	{ "^D ^U", NULL, "half a page", NULL, true }, { "1-9", NULL, "pane; twice: full", NULL, true },
	{ "Tab", NULL, "next pane", NULL, true }, { "Enter", NULL, "open", NULL, true },
	{ "Esc", NULL, "close, back", NULL, true }, { "-", NULL, "last view", NULL, true },
	{ "[ ]", NULL, "walk the history", NULL, true }, { "/", NULL, "filter, live", NULL, true },
	{ "o O", NULL, "sort, reverse", NULL, true }, { "Space", NULL, "mark   * all", NULL, true },
	{ "u", NULL, "take in updates", NULL, true },
};
static const struct screen_key EVERYWHERE[] = {
	{ ":", NULL, "go to, command", NULL, true }, { "?", NULL, "these keys", NULL, true },
	{ "p", NULL, "pause the screen", NULL, true }, { "F", NULL, "follow newest", NULL, true },
	{ "@", NULL, "absolute times", NULL, true }, { "#", NULL, "ids in full", NULL, true },
	{ "^L", NULL, "repaint", NULL, true }, { "^S", NULL, "screen to a file", NULL, true },
	{ "^Z", NULL, "to the shell", NULL, true }, { "^X", NULL, "lock now", NULL, true },
	{ "n", NULL, "next trouble", NULL, true }, { "q", NULL, "quit, asks", NULL, true },
	{ ".", NULL, "demo: one step", NULL, true }, { "< >", NULL, "demo: speed", NULL, true },
	{ "C +", NULL, "demo: cue, next", NULL, true },
};
enum { MOVE_COUNT = sizeof(MOVES) / sizeof(MOVES[0]), ALL_COUNT = sizeof(EVERYWHERE) / sizeof(EVERYWHERE[0]) };

/* Whether a key can be had now; the reason when not. */
static bool key_on(struct desk *d, const struct screen_key *k, char why[160])
{
	struct screen_state *s = desk_state(d);
	char object[SCREEN_ARGUMENT_MAX] = "";
	why[0] = 0;
	if (s->screen->allows && !s->screen->allows(s, d->view, k, why))
		return false;
	if (!k->command || !d->host.may)
		return true;
	if (s->screen->object)
		s->screen->object(s, d->view, object);
	return d->host.may(d->host.ctx, k->command, object, why);
}

static void draw_column(struct desk *d, struct canvas *c, struct ui_rect r, const struct screen_key *keys, size_t count,
	bool here)
{
	int y = r.y;
	char why[160];
	for (size_t i = 0; i < count && y < r.y + r.h; i++) {
		const struct screen_key *k = &keys[i];
		if (here && k->moves)
			continue;
		bool on = !here || key_on(d, k, why);
		int name = canvas_text(c, r.x + 2, y, r.w - 3, on ? UI_HOT : UI_OFF, k->key);
		int from = name < 6 ? 8 : name + 3; /* a long name pushes its words, it is not cut */
		int x = r.x + from + canvas_text(c, r.x + from, y, r.w - from - 1, on ? UI_TEXT : UI_OFF, k->help);
		if (!on && x + 3 < r.x + r.w)
			canvas_put(c, x + 1, y, UI_DANGER, 0xd7);
		y++;
	}
}

static int draw_off(struct desk *d, struct canvas *c, int y, int last)
{
	const struct screen *s = desk_state(d)->screen;
	char why[160];
	for (size_t i = 0; i < s->key_count && y <= last; i++) {
		if (s->keys[i].moves || key_on(d, &s->keys[i], why))
			continue;
		struct ui_pen p = canvas_pen(c, 2, y++, c->width - 3);
		pen_put(&p, UI_OFF, s->keys[i].key);
		pen_put(&p, UI_OFF, " ");
		pen_put(&p, UI_OFF, s->keys[i].help);
		pen_put(&p, UI_TEXT, "  ");
		pen_put(&p, UI_TEXT, why);
	}
	return y;
}

static int draw_screens(struct canvas *c, int y, int last)
{
	int x = 2;
	for (size_t i = 0; SCREENS[i] && y <= last; i++) {
		if (SCREENS[i]->needs_object)
			continue;
		int wide = (int)strlen(SCREENS[i]->name) + 2;
		if (x + wide > c->width - 2) {
			x = 2;
			y++;
		}
		canvas_text(c, x, y, 1, UI_HOT, ":");
		canvas_text(c, x + 1, y, wide, UI_HOT, SCREENS[i]->name);
		x += wide;
	}
	return y + 1;
}

static void draw_commands(struct desk *d, struct canvas *c, int y, int last)
{
	struct desk_command all[COMMANDS_SHOWN];
	size_t count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	char why[160];
	for (size_t i = (size_t)d->help_scroll; i < count && y <= last; i++) {
		bool on = !d->host.may || d->host.may(d->host.ctx, all[i].name, "", why);
		if (d->help_word[0] && strncmp(all[i].name, d->help_word, strlen(d->help_word)) != 0)
			continue;
		struct ui_pen p = canvas_pen(c, 2, y++, c->width - 3);
		pen_put(&p, on ? UI_HOT : UI_OFF, all[i].name);
		pen_skip(&p, 1);
		pen_put(&p, UI_DIM, all[i].usage);
		pen_to(&p, c->width > 90 ? 48 : 38);
		pen_put(&p, on ? UI_TEXT : UI_OFF, all[i].help);
	}
}

void desk_draw_help(struct desk *d, struct canvas *c)
{
	const struct screen *s = desk_state(d)->screen;
	int last = c->height - 3, third = c->width / 3;
	canvas_fill(c, (struct ui_rect){ 0, 1, c->width, c->height - 3 }, UI_TEXT, ' ');
	struct ui_pen p = canvas_pen(c, 1, 1, c->width - 1);
	pen_put(&p, UI_TEXT, s->title);
	pen_put(&p, UI_DIM, " › ");
	pen_put(&p, UI_TITLE, "Keys of this screen");
	static const char *const facts[] = { "all of this is printed from the command table · Esc closes", "Esc closes" };
	for (size_t i = 0; i < 2; i++)
		if (canvas_width(c, str_of(facts[i])) + p.x + 3 <= c->width) {
			canvas_right(c, 0, 1, c->width - 1, UI_DIM, facts[i]);
			break;
		}
	int rows = MOVE_COUNT > ALL_COUNT ? MOVE_COUNT : ALL_COUNT, off = 4 + rows;
	if (d->help_word[0])
		off = 2;
	if (off > last)
		off = last;
	if (!d->help_word[0] && c->width >= 78) {
		canvas_pane(c, 0, 2, third, &(struct ui_pane){ 0, "Move", NULL, NULL, true });
		canvas_pane(c, third + 1, 2, third, &(struct ui_pane){ 0, s->title, NULL, NULL, false });
		canvas_pane(c, 2 * third + 2, 2, c->width - 2 * third - 2, &(struct ui_pane){ 0, "Everywhere", NULL, NULL, false });
		draw_column(d, c, (struct ui_rect){ 0, 3, third, off - 4 }, MOVES, MOVE_COUNT, false);
		draw_column(d, c, (struct ui_rect){ third + 1, 3, third, off - 4 }, s->keys, s->key_count, true);
		draw_column(d, c, (struct ui_rect){ 2 * third + 2, 3, c->width - 2 * third - 2, off - 4 }, EVERYWHERE, ALL_COUNT, false);
		off--;
	} else if (!d->help_word[0]) {
		canvas_pane(c, 0, 2, c->width, &(struct ui_pane){ 0, s->title, NULL, NULL, true });
		draw_column(d, c, (struct ui_rect){ 0, 3, c->width, last - 3 }, s->keys, s->key_count, true);
		return;
	}
	if (!d->help_word[0]) {
		canvas_pane(c, 0, off, c->width, &(struct ui_pane){ 0, "Why a key is off", NULL, NULL, false });
		canvas_vrule(c, third, 2, off);
		canvas_vrule(c, 2 * third + 1, 2, off);
		off = draw_off(d, c, off + 1, last);
		if (off >= last)
			return;
		canvas_pane(c, 0, off, c->width, &(struct ui_pane){ 0, "Go to", NULL, NULL, false });
		off = draw_screens(c, off + 1, last);
	}
	if (off >= last)
		return;
	canvas_pane(c, 0, off, c->width, &(struct ui_pane){ 0, "Commands", NULL, "j k scroll", false });
	draw_commands(d, c, off + 1, last);
}
