/* The help frame: printed from the keymap of the screen and from the command table, never written by hand.
 *
 * It is one page as high as it needs, and the terminal a window on it: whatever the size, all of it can be scrolled to. */
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
enum { MOVE_COUNT = sizeof(MOVES) / sizeof(MOVES[0]), ALL_COUNT = sizeof(EVERYWHERE) / sizeof(EVERYWHERE[0]), COLUMNS_LEAST = 78,
	COMMAND_ROWS = 4 /* at most */ };

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

/* Keys one under the other, and how many: of a screen without its movement. */
static int draw_column(struct desk *d, struct canvas *c, int x, int y, int w, const struct screen_key *keys, size_t count)
{
	bool here = keys != MOVES && keys != EVERYWHERE;
	int from_y = y;
	char why[160];
	for (size_t i = 0; i < count; i++) {
		const struct screen_key *k = &keys[i];
		if (here && k->moves)
			continue;
		bool on = !here || key_on(d, k, why);
		int name = canvas_text(c, x + 2, y, w - 3, on ? UI_HOT : UI_OFF, k->key);
		int from = name < 6 ? 8 : name + 3; /* a long name pushes its words, it is not cut */
		int end = x + from + canvas_words(c, x + from, y, w - from - 1, on ? UI_TEXT : UI_OFF, k->help);
		if (!on && end + 3 < x + w)
			canvas_put(c, end + 1, y, UI_DANGER, 0xd7);
		y++;
	}
	return y - from_y;
}

static int draw_off(struct desk *d, struct canvas *c, int y)
{
	const struct screen *s = desk_state(d)->screen;
	char why[160];
	for (size_t i = 0; i < s->key_count; i++) {
		if (s->keys[i].moves || key_on(d, &s->keys[i], why))
			continue;
		struct ui_pen p = canvas_pen(c, 2, y++, c->width - 3);
		pen_put(&p, UI_OFF, s->keys[i].key);
		pen_put(&p, UI_OFF, " ");
		pen_put(&p, UI_OFF, s->keys[i].help);
		pen_put(&p, UI_TEXT, "  ");
		canvas_free_text(c, p.x, p.y, p.right - p.x, UI_TEXT, why);
	}
	return y;
}

static int draw_screens(struct canvas *c, int y)
{
	int x = 2;
	for (size_t i = 0; SCREENS[i]; i++) {
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

static int draw_commands(struct desk *d, struct canvas *c, int y)
{
	struct desk_command all[COMMANDS_SHOWN];
	size_t count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	char why[160];
	int help = c->width > 90 ? 50 : c->width >= COLUMNS_LEAST ? 40 : 4; /* the column of the words */
	for (size_t i = 0; i < count; i++) {
		bool on = !d->host.may || d->host.may(d->host.ctx, all[i].name, "", why);
		if (d->help_word[0] && strncmp(all[i].name, d->help_word, strlen(d->help_word)) != 0)
			continue;
		struct ui_pen p = canvas_pen(c, 2, y, c->width - 3);
		pen_put(&p, on ? UI_HOT : UI_OFF, all[i].name);
		pen_skip(&p, 1);
		p.x += canvas_free_text(c, p.x, y, p.right - p.x, UI_DIM, all[i].usage);
		y += p.x >= help; /* no room beside it: under it */
		y += canvas_wrap(c, help, y, c->width - help - 1, COMMAND_ROWS - 1, on ? UI_TEXT : UI_OFF, all[i].help);
	}
	return y;
}

/* --- the page --------------------------------------------------------------------------------------- */

static int section(struct canvas *c, int y, const char *title, bool focus)
{
	canvas_pane(c, 0, y, c->width, &(struct ui_pane){ 0, title, NULL, NULL, focus });
	return y + 1;
}

/* Three columns, or one section under the other. */
static int draw_keys(struct desk *d, struct canvas *c)
{
	const struct screen *s = desk_state(d)->screen;
	int third = c->width / 3, right = 2 * third + 2, y = 0;
	if (c->width < COLUMNS_LEAST) {
		y = section(c, y, s->title, true);
		y += draw_column(d, c, 0, y, c->width, s->keys, s->key_count);
		y = section(c, y, "Move", false);
		y += draw_column(d, c, 0, y, c->width, MOVES, MOVE_COUNT);
		y = section(c, y, "Everywhere", false);
		return y + draw_column(d, c, 0, y, c->width, EVERYWHERE, ALL_COUNT);
	}
	canvas_pane(c, 0, 0, third, &(struct ui_pane){ 0, "Move", NULL, NULL, true });
	canvas_pane(c, third + 1, 0, third, &(struct ui_pane){ 0, s->title, NULL, NULL, false });
	canvas_pane(c, right, 0, c->width - right, &(struct ui_pane){ 0, "Everywhere", NULL, NULL, false });
	const int rows[] = { draw_column(d, c, 0, 1, third, MOVES, MOVE_COUNT), draw_column(d, c, third + 1, 1, third, s->keys, s->key_count),
		draw_column(d, c, right, 1, c->width - right, EVERYWHERE, ALL_COUNT) };
	for (int i = 0; i < 3; i++)
		y = rows[i] + 1 > y ? rows[i] + 1 : y;
	return y;
}

/* All of it; the rows that it takes. */
static int draw_page(struct desk *d, struct canvas *c)
{
	int y = 0;
	if (!d->help_word[0]) {
		int rule = draw_keys(d, c), third = c->width / 3;
		y = section(c, rule, "Why a key is off", false);
		if (c->width >= COLUMNS_LEAST) {
			canvas_vrule(c, third, 0, rule);
			canvas_vrule(c, 2 * third + 1, 0, rule);
		}
		y = draw_off(d, c, y);
		y = draw_screens(c, section(c, y, "Go to", false));
	}
	canvas_pane(c, 0, y, c->width, &(struct ui_pane){ 0, "Commands", NULL, "j k scroll", false });
	return draw_commands(d, c, y + 1);
}

static void draw_title(const struct desk *d, struct canvas *c, int below)
{
	char more[64] = "Esc closes";
	struct ui_pen p = canvas_pen(c, 1, 1, c->width - 1);
	pen_put(&p, UI_TEXT, desk_state(d)->screen->title);
	pen_put(&p, UI_DIM, " › ");
	pen_put(&p, UI_TITLE, "Keys of this screen");
	if (below > 0)
		snprintf(more, sizeof(more), "%d more · Esc closes", below);
	const char *const facts[] = { "all of this is printed from the command table · Esc closes", more, "Esc closes" };
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (canvas_width(c, str_of(facts[i])) + p.x + 3 <= c->width) {
			canvas_right(c, 0, 1, c->width - 1, UI_DIM, facts[i]);
			break;
		}
}

void desk_draw_help(struct desk *d, struct canvas *c)
{
	enum { TOP = 2, RULES = 32 };
	struct canvas page;
	int room = c->height - TOP - 2;
	canvas_init(&page, c->width, 2 * (int)desk_state(d)->screen->key_count + MOVE_COUNT + ALL_COUNT + COMMAND_ROWS * COMMANDS_SHOWN + RULES);
	page.ascii = c->ascii;
	int rows = draw_page(d, &page), most = rows > room ? rows - room : 0;
	d->help_scroll = d->help_scroll < most ? d->help_scroll : most;
	canvas_fill(c, (struct ui_rect){ 0, 1, c->width, c->height - 3 }, UI_TEXT, ' ');
	draw_title(d, c, most - d->help_scroll);
	for (int y = 0; y < room; y++)
		for (int x = 0; x < c->width; x++)
			*canvas_at(c, x, TOP + y) = *canvas_at(&page, x, d->help_scroll + y);
	canvas_free(&page);
}
