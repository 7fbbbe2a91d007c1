/* The unlock frame: the wharf, the water, who may sign in. */
#include "desk_int.h"

#include <stdio.h>
#include <string.h>

#include "feed/gs1.h"

static const char *const LOGO[] = {
	"█ █ █  █  █  ▄▀▀▄  █▀▀▄  █▀▀▀",
	"█ █ █  █▄▄█  █▄▄█  █▄▄▀  █▄▄ ",
	"▀▄▀▄▀  █  █  █  █  █  █  █   ",
};
static const char *const QUAY = "━┳━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━┳━";
/* Two rows of water, eighty cells; wider terminals repeat them. */
static const char *const WATER[] = {
	"            ⢀⣀⣀⠤┃⠤⠤⠤⢄⣀⣀⡀  ┃    ⣀⣀⡠⠤⠤┃⠒⠒⠤⠤⠤⢄⣀⡀ ┃         ┃⣀⣀⣀⣀⣀⣀⣀⣀           ⣀⣀⠤⠤",
	"⡉⡒⠖⠖⠦⠤⠦⠒⠒⠒⠋⠉⠁⠁⠁⠂┃⠂⠂⠄⠄⠄⠄⠌⡉⡉┃⡉⡉⡉⠍⠄⠄⠄⠂⠂┃⠂⠂⠁⠁⠁⠁⠂⠊⠋┃⠒⠖⠖⠖⠖⡒⡒⡉⡉┃⡀⠄⠄⠄⠄⠄⠂⠂⠋⠋⠉⠑⠓⠓⠒⠒⠊⠋⠋⠄⠄⠄⠄",
};

static void draw_water(struct canvas *c, int x, int y)
{
	for (int row = 0; row < 2; row++) {
		canvas_text(c, x, y + row, c->width - x, UI_CHART_LINE, WATER[row]);
		for (int side = 1; side <= 2; side++) {
			canvas_text(c, x + 80 * side, y + row, c->width, UI_CHART_LINE, row ? WATER[1] : "");
			canvas_text(c, x - 80 * side, y + row, 80, UI_CHART_LINE, row ? WATER[1] : "");
		}
	}
}

/* Piles and quay stand in front of the water. */
static void draw_quay(struct canvas *c, int x, int y)
{
	for (int i = 0; i < 3; i++)
		canvas_text(c, x + 25, y + i, 30, UI_TITLE, LOGO[i]);
	canvas_text(c, x + 15, y + 3, 44, UI_TITLE, QUAY);
	draw_water(c, x, y + 4);
	for (int i = 0; i < 5; i++)
		for (int row = 0; row < 2; row++)
			canvas_put(c, x + 16 + 10 * i, y + 4 + row, UI_TITLE, 0x2503);
	canvas_text(c, x + 19, y + 7, 50, UI_DIM, "goods, promises and money, kept in one book");
}

static int draw_people(struct desk *d, struct canvas *c, int x, int y, int rows)
{
	int first = d->who >= rows ? d->who - rows + 1 : 0, name = 14;
	for (size_t i = 0; i < d->people_count; i++) {
		int wide = canvas_width(c, str_of(d->people[i].name));
		name = wide > name && wide <= 22 ? wide : name;
	}
	canvas_text(c, x + 2, y, 4, UI_DIM, "who");
	canvas_text(c, x + name + 3, y, 12, UI_DIM, "role  party");
	for (int i = 0; i < rows && first + i < (int)d->people_count; i++) {
		const struct desk_person *p = &d->people[first + i];
		int row = y + 1 + i;
		if (first + i == d->who)
			canvas_focus(c, x, row, 64 < c->width - x ? 64 : c->width - x);
		canvas_text(c, x + 2, row, name, UI_TEXT, p->name);
		canvas_text(c, x + name + 3, row, 4, UI_HOT, p->role);
		canvas_text(c, x + name + 9, row, 18, UI_TEXT, p->party);
		canvas_free_text(c, x + name + 28, row, c->width - x - name - 29, UI_DIM, p->does);
	}
	return y + 1 + rows;
}

void desk_draw_login(struct desk *d, struct canvas *c)
{
	bool small = c->width < 78 || c->height < 22;
	int x = small ? 0 : (c->width - 80) / 2, y = small ? 2 : c->height >= 34 ? 6 : 3;
	x = x < 0 ? 0 : x;
	if (!small) {
		draw_quay(c, x, y);
		y += 9;
	} else {
		canvas_text(c, 2, 1, c->width - 3, UI_TITLE, "WHARF");
	}
	int left = small ? 1 : x + 11, foot = c->height - 2, rows = foot - y - 5;
	if (small)
		rows = foot - y - 3;
	if (rows > (int)d->people_count)
		rows = (int)d->people_count;
	if (rows < 1)
		rows = 1;
	y = draw_people(d, c, left, y, rows) + (small ? 0 : 1);
	if (!d->people_count)
		canvas_wrap(c, left + 2, y - rows, c->width - left - 4, 3, UI_TEXT,
			"This data directory has no key of a person: `wharf key new NAME` makes one, an administrator certifies it.");
	int wide = canvas_text(c, left + 2, y, 12, UI_TEXT, "passphrase");
	field_draw(&d->pass, c, left + 2 + wide + 2, y, 24 < c->width - left - 16 ? 24 : c->width - left - 16, true);
	if (d->info.demo_passphrase[0] && c->width >= left + 68) {
		struct ui_pen p = canvas_pen(c, left + 42, y, c->width - left - 42);
		pen_put(&p, UI_DIM, "demo keys: it is ");
		pen_put(&p, UI_HOT, d->info.demo_passphrase);
	}
	if (y + 1 < foot && d->info.verified[0]) {
		struct ui_pen p = canvas_pen(c, left + 2, y + 1, c->width - left - 3);
		pen_status(&p, UI_STATUS_VERIFIED);
		pen_skip(&p, 1);
		canvas_free_text(c, p.x, p.y, p.right - p.x, UI_PROOF, d->info.verified);
	}
}

/* A label that a scanner read, and no passphrase: five of them would lock the key file of who is at the dock. */
static bool is_label(const char *text)
{
	struct gs1_scan scan;
	struct fault fault;
	return strlen(text) >= 12 && gs1_scan_parse(str_of(text), &scan, &fault) == ERR_OK;
}

static void sign_in(struct desk *d)
{
	struct fault fault = { 0 };
	const char *id = d->people[d->who].id;
	if (is_label(d->pass.text)) {
		field_wipe(&d->pass);
		desk_say(d, UI_STATUS_REFUSED, "that was a label, not a passphrase: nothing was tried; sign in, then scan it again");
		return;
	}
	enum err e = d->host.sign_in(d->host.ctx, id, d->pass.text, &fault);
	field_wipe(&d->pass);
	if (e != ERR_OK) {
		desk_say(d, UI_STATUS_REFUSED, fault.text);
		return;
	}
	d->said[0] = 0;
	if (d->draft.who[0] && strcmp(d->draft.who, id) == 0)
		desk_resume(d);
	else
		desk_start(d, true);
}

void desk_login_key(struct desk *d, int key, const char *paste)
{
	/* Letters belong to the passphrase; j and k move only where everybody knows it. */
	bool idle = !d->pass.len && d->info.demo_passphrase[0];
	if (key == UI_KEY_UP || (idle && key == 'k')) {
		d->who = d->who > 0 ? d->who - 1 : 0;
	} else if (key == UI_KEY_DOWN || (idle && key == 'j')) {
		d->who = d->who + 1 < (int)d->people_count ? d->who + 1 : d->who;
	} else if (key == UI_CTRL('Q') || key == UI_CTRL('C') || (idle && key == 'q')) {
		d->wish = DESK_WISH_QUIT;
	} else if (key == UI_CTRL('L')) {
		d->wish = DESK_WISH_REPAINT;
	} else if (key == UI_CTRL('Z')) {
		d->wish = DESK_WISH_SUSPEND;
	} else if (key == UI_KEY_ESC) {
		field_wipe(&d->pass);
	} else if (key == UI_KEY_PASTE && paste) {
		field_paste(&d->pass, paste);
	} else if (key == UI_KEY_ENTER && d->who < (int)d->people_count) {
		sign_in(d);
	} else {
		field_key(&d->pass, key);
	}
}
