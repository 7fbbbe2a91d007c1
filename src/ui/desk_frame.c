/* Rows 1, 2, H-1 and H, the `:` line with its completions, and the cue card.
 *
 * What must remain true: environment, party, initials, role and ledger size stand in row 1 at any width; a
 * filter is always named; a key that is not to be had stands in `off`. */
#include "desk_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"

/* --- row 1 ------------------------------------------------------------------------------------------ */

/* What row 1 still shows; the order in which it goes when narrow. */
enum bar_level { BAR_ALL, BAR_NO_DATE, BAR_SHORT_HEAD, BAR_SHORT_PARTY, BAR_NO_FIRST, BAR_NO_TAIL, BAR_NO_SPEED,
	BAR_NO_SECONDS, BAR_INITIALS, BAR_LEVELS };

static void bar_who(const struct desk *d, int level, char *out, size_t cap)
{
	const struct viewer *v = &d->viewer;
	char party[48], name[40];
	if (d->mode == MODE_SIGN_IN || !v->id[0]) {
		snprintf(out, cap, "no one is signed in");
		return;
	}
	snprintf(party, sizeof(party), "%s", v->party_name);
	char *blank = strchr(party, ' ');
	if (level >= BAR_SHORT_PARTY && blank)
		*blank = 0;
	snprintf(name, sizeof(name), "%s", v->name);
	const char *last = strrchr(v->name, ' ');
	if (level >= BAR_INITIALS && last)
		snprintf(name, sizeof(name), "%c.%c.", v->name[0], last[1]);
	else if (level >= BAR_NO_FIRST && last)
		snprintf(name, sizeof(name), "%s", last + 1);
	snprintf(out, cap, level >= BAR_INITIALS ? "%s %s %s" : "%s · %s %s", party, name, ROLE_NAMES[v->role]);
}

static void bar_right(const struct desk *d, int level, char *out, size_t cap)
{
	char size[UI_TEXT_MAX], hex[2 * HASH_SIZE + 1], digest[UI_TEXT_MAX], clock[UI_TEXT_MAX], head[UI_TEXT_MAX] = "";
	const struct desk_info *i = &d->info;
	int64_t at = i->clock ? i->clock : d->viewer.now;
	hex_of(i->broken ? i->broken_leaf.bytes : i->root.bytes, HASH_SIZE, hex);
	ui_digest(str_of(hex), digest);
	if (level < BAR_SHORT_HEAD)
		snprintf(head, sizeof(head), " %.40s", digest);
	else if (level < BAR_NO_TAIL)
		snprintf(head, sizeof(head), " …%s", hex + strlen(hex) - 4);
	if (level < BAR_NO_DATE)
		ui_stamp(at, clock);
	else if (level < BAR_NO_SECONDS)
		snprintf(clock + (size_t)strlen(ui_clock(at, clock)), 2, "Z");
	else
		ui_clock_short(at, clock);
	char speed[48] = "";
	const char *state = d->paused || i->stopped ? "║" : "►";
	if (i->waits[0])
		/* at the narrowest who acts comes first; that the clock waits stands in row H-1 */
		snprintf(speed, sizeof(speed), "%s", level >= BAR_INITIALS ? "" : "  ║ waits");
	else if (i->speed && level < BAR_NO_SPEED)
		snprintf(speed, sizeof(speed), "  ×%d %s", i->speed, state);
	else if (!i->speed && level < BAR_NO_SPEED)
		snprintf(speed, sizeof(speed), "  %s", d->paused ? "║" : i->follows ? "○" : "●");
	char waiting[48] = "";
	if (d->paused && i->waiting) {
		char n[UI_TEXT_MAX];
		snprintf(waiting, sizeof(waiting), "  %.20s wait", ui_count((int64_t)i->waiting, n));
	} else if (i->skew) {
		snprintf(waiting, sizeof(waiting), "  %+lld.%lld s", (long long)(i->skew / INSTANT_SECOND),
			(long long)(llabs((long long)i->skew) % INSTANT_SECOND / (INSTANT_SECOND / 10)));
	}
	ui_count((int64_t)(i->broken ? i->broken_at : i->entries), size);
	snprintf(out, cap, "%s %.20s%.40s%s%s%.40s%s", i->broken ? "■" : "▣", size, head, waiting, level >= BAR_NO_SECONDS ? " " : "   ",
		clock, speed);
}

void desk_draw_bar(struct desk *d, struct canvas *c)
{
	char who[128], right[256];
	const struct desk_trouble *gravest = d->info.trouble_count ? &d->info.troubles[0] : NULL;
	char trouble[24] = "";
	if (gravest && d->info.trouble_count > 1)
		snprintf(trouble, sizeof(trouble), "%s +%d", gravest->badge, d->info.trouble_count - 1);
	else
		snprintf(trouble, sizeof(trouble), "%s", gravest ? gravest->badge : d->paused ? "PAUSED" : "");
	int badges = (int)strlen(d->info.environment) + 2 + (trouble[0] ? canvas_width(c, str_of(trouble)) + 3 : 0);
	int level = 0;
	for (; level < BAR_LEVELS; level++) {
		bar_who(d, level, who, sizeof(who));
		bar_right(d, level, right, sizeof(right));
		if (badges + 2 + canvas_width(c, str_of(who)) + 2 + canvas_width(c, str_of(right)) + 1 <= c->width)
			break;
	}
	canvas_bar(c, 0);
	int x = canvas_badge(c, 0, 0, d->info.live ? UI_ENV_LIVE : UI_ENV_DEMO, d->info.environment);
	if (trouble[0]) {
		x += 1 + canvas_badge(c, x + 1, 0, gravest && gravest->grave ? UI_ENV_LIVE : UI_MATCH, trouble);
	}
	canvas_text(c, x + 2, 0, c->width - x - 2, UI_BAR, who);
	canvas_right(c, x + 2, 0, c->width - x - 2 - (level < BAR_LEVELS), UI_BAR, right);
}

/* --- row 2 ------------------------------------------------------------------------------------------ */

static void head_of(struct desk *d, int place, struct screen_head *h)
{
	struct screen_state *s = d->places[place].state;
	struct screen_paint p = { .viewer = &d->viewer, .now = d->viewer.now, .absolute = d->absolute,
		.full_ids = d->full_ids };
	memset(h, 0, sizeof(*h));
	if (s->screen->head && place == d->at)
		s->screen->head(s, d->view, &p, h);
	if (!h->part[0])
		snprintf(h->part, sizeof(h->part), "%s", s->screen->title);
}

/* Takes the part behind the last " · " away; false when there is none. */
static bool cut_last(char *text)
{
	char *last = NULL;
	for (char *at = strstr(text, " · "); at; at = strstr(at + 1, " · "))
		last = at;
	if (last)
		*last = 0;
	return last != NULL;
}

void desk_draw_path(struct desk *d, struct canvas *c)
{
	int chain[PLACES_MAX], count = 0;
	struct screen_head head, own;
	for (int i = d->at; i >= 0 && count < PLACES_MAX; i = d->places[i].up)
		chain[count++] = i;
	struct screen_state *s = desk_state(d);
	head_of(d, d->at, &own);
	char right[400];
	size_t marks = s->list ? list_mark_count(s->list) : 0;
	char marked[40] = "";
	if (marks)
		snprintf(marked, sizeof(marked), "%zu marked · ", marks);
	snprintf(right, sizeof(right), "%s%s%s%s%s", marked, own.right, s->filter[0] ? " · /" : "", s->filter,
		d->info.trouble_count && d->stale ? " · as of earlier" : "");
	struct ui_pen p = canvas_pen(c, 1, 1, c->width - 1);
	bool fold = c->width < 80 && count > 2;
	for (int i = count - 1; i > 0; i--) {
		if (fold && i != count - 1) {
			if (i == 1)
				pen_put(&p, UI_DIM, "… › ");
			continue;
		}
		head_of(d, chain[i], &head);
		pen_put(&p, UI_TEXT, d->places[chain[i]].state->screen->title);
		pen_put(&p, UI_DIM, " › ");
	}
	pen_put(&p, UI_TITLE, own.part);
	int room = c->width - p.x - 3, wide = canvas_width(c, str_of(right));
	while (wide > room && cut_last(right))
		wide = canvas_width(c, str_of(right));
	if (wide <= room)
		canvas_right(c, 0, 1, c->width - 1, UI_DIM, right);
}

/* --- row H-1 ---------------------------------------------------------------------------------------- */

/* Too long for the row: as many whole parts of the sentence as fit, else whole words of its first. */
static const char *fit_part(struct canvas *c, const char *says, int room, char out[SAID_MAX])
{
	static const char *const ends[][4] = { { "  · " }, { "; ", ": ", ", " }, { " " } };
	snprintf(out, SAID_MAX, "%s", says);
	for (size_t i = 0; canvas_width(c, str_of(out)) > room && i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *last = out;
		for (int e = 0; ends[i][e]; e++)
			for (char *at = out; (at = strstr(at, ends[i][e])) && canvas_width(c, (struct str){ out, (size_t)(at - out) }) <= room; at++)
				last = at > last ? at : last;
		if (last > out)
			*last = 0;
	}
	return out;
}

/* What the recorded clock waits for, in as many words as there is room for. */
static void draw_waits(const struct desk *d, struct ui_pen *p)
{
	static const char *const says[] = { "the recording waits for %s; + lets the recorded hand do it", "the recording waits for %s; + plays it",
		"%s waits; + plays it", "%s waits" };
	char text[200], part[SAID_MAX];
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		snprintf(text, sizeof(text), says[i], d->info.waits);
		if (canvas_width(p->canvas, str_of(text)) <= p->right - p->x)
			break;
	}
	pen_put(p, UI_TEXT, fit_part(p->canvas, text, p->right - p->x, part));
}

void desk_draw_message(struct desk *d, struct canvas *c)
{
	char part[SAID_MAX];
	int y = c->height - (c->height >= 8 ? 2 : 1);
	canvas_fill(c, (struct ui_rect){ 0, y, c->width, 1 }, UI_TEXT, ' ');
	struct ui_pen p = canvas_pen(c, 1, y, c->width - 2);
	const char *dialog = d->mode == MODE_DIALOG ? d->dialog.view.message : NULL;
	const struct desk_trouble *t = desk_trouble(d);
	if (t && !d->said[0]) {
		pen_status(&p, t->quiet ? UI_STATUS_NOTE : t->grave ? UI_STATUS_DANGER : UI_STATUS_WARN);
		pen_skip(&p, 1);
		pen_put(&p, UI_TEXT, fit_part(c, t->says, p.right - p.x, part));
		return;
	}
	if (dialog && dialog[0] && d->said_status != UI_STATUS_REFUSED) {
		pen_status(&p, UI_STATUS_NOTE);
		pen_skip(&p, 1);
		pen_put(&p, UI_TEXT, dialog);
		return;
	}
	bool old = !d->said[0] || (d->said_status == UI_STATUS_NOTE && !d->said_now); /* a hint that answers the last key is read first */
	if (d->info.waits[0] && d->mode == MODE_SCREEN && !desk_state(d)->chord && old) {
		pen_status(&p, UI_STATUS_HELD);
		pen_skip(&p, 1);
		draw_waits(d, &p);
		return;
	}
	if (!d->said[0])
		return;
	char clock[UI_TEXT_MAX];
	pen_status(&p, d->said_status);
	pen_skip(&p, 1);
	if (d->said_at && d->said_status != UI_STATUS_NOTE && c->width >= 60) {
		pen_put(&p, UI_TIME, ui_clock(d->said_at, clock));
		pen_skip(&p, 2);
	}
	/* Too long for the row: whole sentences only, else whole parts of the first. */
	char text[SAID_MAX];
	snprintf(text, sizeof(text), "%s", d->said);
	char *end = text + strlen(text);
	while (canvas_width(c, str_of(text)) > p.right - p.x && end > text) {
		while (end > text && !(end[0] == ' ' && end[-1] == '.'))
			end--;
		if (end > text)
			*end = 0;
	}
	pen_put(&p, UI_TEXT, fit_part(c, text, p.right - p.x, part));
}

/* --- row 3, while there is something that nobody may overlook ------------------------------------------ */

void desk_draw_fixed(struct desk *d, struct canvas *c)
{
	const struct desk_trouble *t = desk_fixed(d);
	if (!t || c->height < 8)
		return;
	canvas_fill(c, (struct ui_rect){ 0, 2, c->width, 1 }, UI_TEXT, ' ');
	struct ui_pen p = canvas_pen(c, 1, 2, c->width - 2);
	pen_status(&p, UI_STATUS_DANGER);
	pen_skip(&p, 1);
	char part[SAID_MAX];
	pen_put(&p, UI_TEXT, fit_part(c, t->row, p.right - p.x, part));
}

/* --- row H ------------------------------------------------------------------------------------------ */

struct bar_key {
	const char *key, *word;
	bool off;
};

static int keys_of_screen(struct desk *d, struct bar_key *out, int cap)
{
	struct screen_state *s = desk_state(d);
	int n = 0;
	char object[SCREEN_ARGUMENT_MAX] = "";
	if (s->screen->object)
		s->screen->object(s, d->view, object);
	for (size_t i = 0; i < s->screen->key_count && n < cap; i++) {
		const struct screen_key *k = &s->screen->keys[i];
		char why[160];
		/* What this role can never do is not offered; what it cannot do now stands in `off`. */
		if (!k->word || (k->command && d->host.may && !d->host.may(d->host.ctx, k->command, "", why)))
			continue;
		const char *word = s->screen->word ? s->screen->word(s, d->view, k) : NULL;
		bool off = s->screen->allows && !s->screen->allows(s, d->view, k, why);
		if (!off && k->command)
			off = !desk_may_act(d, k->command) || (d->host.may && !d->host.may(d->host.ctx, k->command, object, why));
		out[n++] = (struct bar_key){ k->key, word ? word : k->word, off };
	}
	return n;
}

static int keys_of_mode(struct desk *d, struct bar_key *out, int cap)
{
	static const struct bar_key line[] = { { "Tab", "take", false }, { "^P ^N", "choose", false },
		{ "Enter", "run, asks", false }, { "^R", "history", false }, { "Esc", "leave", false } };
	static const struct bar_key filter[] = { { "Enter", "keep", false }, { "Esc", "clear", false } };
	static const struct bar_key help[] = { { "j k", "scroll", false }, { ":", "command", false },
		{ "Esc", "close", false } };
	static const struct bar_key dialog[] = { { "Tab", "next field", false }, { "Esc", "no", false } };
	static const struct bar_key login[] = { { "j k", "who", false }, { "Enter", "sign in", false },
		{ "Esc", "clear", false }, { "^Q", "quit", false } };
	static const struct {
		const struct bar_key *keys;
		int count;
	} of[] = { [MODE_SIGN_IN] = { login, 4 }, [MODE_LINE] = { line, 5 }, [MODE_HELP] = { help, 3 },
		[MODE_DIALOG] = { dialog, 2 }, [MODE_SCREEN] = { NULL, 0 } };
	if (d->mode == MODE_SCREEN)
		return keys_of_screen(d, out, cap);
	bool is_filter = d->mode == MODE_LINE && d->line == LINE_FILTER;
	int n = 0;
	char why[120];
	if (d->mode == MODE_DIALOG)
		out[n++] = (struct bar_key){ "y", d->dialog.view.yes, !dialog_ready(&d->dialog, why) };
	const struct bar_key *keys = is_filter ? filter : of[d->mode].keys;
	for (int i = 0; i < (is_filter ? 2 : of[d->mode].count) && n < cap; i++)
		out[n++] = keys[i];
	return n;
}

static int key_width(const struct canvas *c, const struct bar_key *k)
{
	return canvas_width(c, str_of(k->key)) + 1 + canvas_width(c, str_of(k->word));
}

/* The act of what is under the cursor is the last to go: where the keys before it leave no room it stands first. */
static void act_leads(const struct canvas *c, struct bar_key *keys, int n, int room)
{
	int used = 0;
	for (int i = 0; i < n; i++) {
		if (strcmp(keys[i].key, "a") == 0 && used + key_width(c, &keys[i]) > room) {
			struct bar_key act = keys[i];
			memmove(keys + 1, keys, (size_t)i * sizeof(*keys));
			keys[0] = act;
			return;
		}
		used += key_width(c, &keys[i]) + 2;
	}
}

void desk_draw_keys(struct desk *d, struct canvas *c)
{
	struct bar_key keys[16];
	int y = c->height - 1, n = keys_of_mode(d, keys, 15);
	if (c->height < 8 && d->said[0])
		return;
	canvas_bar(c, y);
	if (d->mode == MODE_SCREEN)
		keys[n++] = (struct bar_key){ "?", "keys", false };
	bool day = d->info.speed > 0 && c->width >= 110;
	struct bar_key right[3] = { { "p", "pause", false }, { ".", "step", false }, { "< >", "speed", false } };
	int rights = d->mode == MODE_SIGN_IN ? 0 : day ? 3 : 1, right_width = 0;
	for (int i = 0; i < rights; i++)
		right_width += (int)strlen(right[i].key) + 1 + (int)strlen(right[i].word) + (i ? 2 : 0);
	int room = c->width - 2 - (right_width ? right_width + 3 : 0), used = 0;
	/* `? keys` goes last: others give way from the right. */
	int last = d->mode == MODE_SCREEN ? 8 : 0;
	act_leads(c, keys, n, room - last);
	struct ui_pen p = canvas_pen(c, 1, y, c->width - 1);
	p.flags = UI_ON_BAR;
	for (int i = 0; i < n; i++) {
		int wide = key_width(c, &keys[i]);
		bool is_help = d->mode == MODE_SCREEN && i == n - 1;
		if (used + wide + (is_help ? 0 : last) > room)
			continue;
		pen_put(&p, keys[i].off ? UI_OFF : UI_KEY, keys[i].key);
		pen_put(&p, keys[i].off ? UI_OFF : UI_BAR, " ");
		pen_put(&p, keys[i].off ? UI_OFF : UI_BAR, keys[i].word);
		pen_put(&p, UI_BAR, "  ");
		used += wide + 2;
	}
	if (!rights || used + right_width > c->width - 2)
		return;
	p = canvas_pen(c, c->width - 1 - right_width, y, right_width);
	p.flags = UI_ON_BAR;
	for (int i = 0; i < rights; i++) {
		pen_printf(&p, UI_KEY, "%s%s", i ? "  " : "", right[i].key);
		pen_printf(&p, UI_BAR, " %s", right[i].word);
	}
}

/* --- the line --------------------------------------------------------------------------------------- */

enum { CHOICES_SHOWN = 10 };

static const struct desk_command *command_of(const struct desk_command *all, size_t count, const char *text)
{
	size_t len = strcspn(text, " ");
	for (size_t i = 0; i < count; i++)
		if (strlen(all[i].name) == len && strncmp(all[i].name, text, len) == 0)
			return &all[i];
	return NULL;
}

/* Usage rule, choices, what it does; grown upward from the line. */
static void draw_choices(struct desk *d, struct canvas *c, const struct line_view *v, int y)
{
	struct desk_command all[COMMANDS_SHOWN];
	size_t count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	const struct desk_command *cmd = command_of(all, count, v->text);
	int shown = v->count < CHOICES_SHOWN ? v->count : CHOICES_SHOWN;
	if (shown > c->height - 8)
		shown = c->height > 8 ? c->height - 8 : 0;
	int first = v->chosen >= shown ? v->chosen - shown + 1 : 0;
	int rows = shown + (cmd ? 2 : 1);
	canvas_fill(c, (struct ui_rect){ 0, y - rows, c->width, rows }, UI_TEXT, ' ');
	char usage[160];
	snprintf(usage, sizeof(usage), "%s %s", cmd ? cmd->name : "go to or do", cmd ? cmd->usage : "");
	canvas_pane(c, 0, y - rows, c->width, &(struct ui_pane){ 0, usage, NULL, NULL, true });
	for (int i = 0; i < shown; i++) {
		const struct line_choice *choice = &v->choices[first + i];
		int row = y - rows + 1 + i;
		if (first + i == v->chosen)
			canvas_focus(c, 0, row, c->width);
		canvas_text(c, 4, row, 28, UI_HOT, choice->text);
		canvas_free_text(c, 30, row, c->width - 31, UI_TEXT, choice->help);
	}
	if (cmd) {
		struct ui_pen p = canvas_pen(c, 2, y - 1, c->width - 3);
		pen_put(&p, UI_DIM, "does: ");
		pen_put(&p, UI_TEXT, cmd->help);
	}
}

void desk_draw_line(struct desk *d, struct canvas *c)
{
	int y = c->height - (c->height >= 8 ? 2 : 1);
	struct line_view v = line_view();
	if (d->line == LINE_COMMAND)
		draw_choices(d, c, &v, y);
	canvas_fill(c, (struct ui_rect){ 0, y, c->width, 1 }, UI_TEXT, ' ');
	canvas_flag(c, (struct ui_rect){ 0, y, c->width, 1 }, UI_ON_INPUT);
	struct ui_pen p = canvas_pen(c, 1, y, c->width - 2);
	p.flags = UI_ON_INPUT;
	pen_put(&p, UI_HOT, v.prompt);
	int at = p.x + canvas_width(c, (struct str){ v.text, (size_t)v.cursor });
	/* A long line is shown from where its cursor is in sight. */
	int over = at - (c->width - 4);
	const char *text = v.text;
	for (; over > 0 && *text; over--, at--) {
		text++;
		while (((unsigned char)*text & 0xc0) == 0x80)
			text++;
	}
	pen_put(&p, UI_INPUT, text);
	if (v.ghost && v.ghost[0])
		pen_put(&p, UI_DIM, v.ghost);
	c->cursor_x = at;
	c->cursor_y = y;
}

/* --- the cue card ----------------------------------------------------------------------------------- */

enum { CUE_LEAST = 16, CUE_ALL_LEAST = 20, CUE_ROOMY = 30, CUE_FOLDED = 2 };

/* Six rows, seven where its two sentences need three lines; two on a low screen, until `C C` asks for all of it; 0 when there is
 * none. */
int desk_cue_rows(const struct desk *d, const struct canvas *c)
{
	if (!d->info.cue || d->cue == CUE_HIDDEN || c->height < CUE_LEAST)
		return 0;
	if (c->height < CUE_ALL_LEAST || (c->height < CUE_ROOMY && d->cue != CUE_WHOLE))
		return CUE_FOLDED;
	int text = canvas_width(c, str_of(d->info.cue_text[0])) + canvas_width(c, str_of(d->info.cue_text[1]));
	return text > 2 * (c->width - 8) ? 7 : 6;
}

/* What to try, or what came of it. */
static void cue_try(struct ui_pen *p, const struct desk_info *i)
{
	if (i->cue_done) {
		pen_status(p, UI_STATUS_DONE);
		pen_printf(p, UI_DONE, " done  %s", i->cue_says);
	} else {
		pen_put(p, UI_TOKEN, "► try  ");
		pen_put(p, UI_TEXT, i->cue_try);
	}
}

/* A rule with the title, and under it what to try: the panes keep their rows. */
static void cue_folded(struct desk *d, struct canvas *c, int y, const char *title)
{
	const struct desk_info *i = &d->info;
	char next[48], part[SAID_MAX];
	canvas_fill(c, (struct ui_rect){ 0, y, c->width, CUE_FOLDED }, UI_TEXT, ' ');
	canvas_pane(c, 0, y, c->width, &(struct ui_pane){ 0, title, NULL, "C hides it, C C reads on", false });
	snprintf(next, sizeof(next), i->waits[0] ? "+ plays it" : "+ next cue");
	int from = canvas_right(c, 0, y + 1, c->width - 1, UI_DIM, next);
	canvas_put(c, from, y + 1, UI_HOT, '+');
	struct ui_pen p = canvas_pen(c, 1, y + 1, from - 2);
	struct desk_info shown = *i;
	snprintf(shown.cue_try, sizeof(shown.cue_try), "%s", fit_part(c, i->cue_try, from - 10, part));
	cue_try(&p, &shown);
}

void desk_draw_cue(struct desk *d, struct canvas *c)
{
	const struct desk_info *i = &d->info;
	int rows = desk_cue_rows(d, c), y = c->height - 2 - rows, w = c->width < 100 ? c->width : 100;
	struct ui_rect r = { 0, y, w, rows };
	char title[128], text[200];
	snprintf(title, sizeof(title), "cue %d of %d · %s · %s", i->cue, i->cues, i->cue_when, i->cue_title);
	if (rows == CUE_FOLDED) {
		cue_folded(d, c, y, title);
		return;
	}
	canvas_box(c, r, UI_TITLE, UI_BOX_ROUND);
	struct ui_pen p = canvas_pen(c, 1, y, w - 2);
	pen_put(&p, UI_TITLE, "─ ");
	pen_put(&p, UI_TITLE, title);
	pen_put(&p, UI_TEXT, " ");
	canvas_right(c, 1, y, w - 4, UI_DIM, " C hides it ");
	snprintf(text, sizeof(text), "%s %s", i->cue_text[0], i->cue_text[1]);
	canvas_wrap(c, 2, y + 1, w - 4, rows - 4, UI_TEXT, text);
	p = canvas_pen(c, 2, y + rows - 3, w - 4);
	cue_try(&p, i);
	p = canvas_pen(c, 4, y + rows - 2, w - 6);
	pen_put(&p, UI_DIM, i->cue_role);
	if (i->waits[0])
		pen_put(&p, UI_DIM, " · the recording waits for you here");
	pen_put(&p, UI_HOT, " · +");
	pen_put(&p, UI_DIM, !i->waits[0] ? " next cue" : w < 100 ? " plays it" : " lets the recorded hand do it");
}
