/* The driver of the screens: places, keys, refresh. See ui/desk.h. */
#include "desk_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "panes_int.h"
#include "screens_int.h"

/* --- places --------------------------------------------------------------------------------------- */

struct screen_state *desk_state(const struct desk *d)
{
	return d->places[d->at].state;
}

static void place_free(struct place *p)
{
	struct screen_state *s = p->state;
	if (!s)
		return;
	if (s->screen->close)
		s->screen->close(s);
	list_free(s->list);
	free(s);
	p->state = NULL;
}

/* Whether a place is on the way up from the one shown. */
static bool place_on_path(const struct desk *d, int place)
{
	for (int i = d->at; i >= 0; i = d->places[i].up)
		if (i == place)
			return true;
	return false;
}

/* Forgets a place everywhere, so that its number can be given again. */
static void place_forget(struct desk *d, int place)
{
	int kept = 0;
	place_free(&d->places[place]);
	for (int i = 0; i < d->visit_count; i++) {
		if (d->visits[i] == place) {
			if (i <= d->visit && d->visit > 0)
				d->visit--;
			continue;
		}
		d->visits[kept++] = d->visits[i];
	}
	d->visit_count = kept;
	for (int i = 0; i < PLACES_MAX; i++)
		if (d->places[i].state && d->places[i].up == place)
			d->places[i].up = 0;
}

static int place_free_one(struct desk *d)
{
	int oldest = -1;
	for (int i = 0; i < PLACES_MAX; i++) {
		if (!d->places[i].state)
			return i;
		if (i && !place_on_path(d, i) && (oldest < 0 || d->places[i].used < d->places[oldest].used))
			oldest = i;
	}
	CHECK(oldest > 0, "a path is shorter than the places there are");
	place_forget(d, oldest);
	return oldest;
}

static int place_open(struct desk *d, const struct screen *screen, const char *argument, int up)
{
	for (int i = 0; i < PLACES_MAX; i++) {
		struct screen_state *s = d->places[i].state;
		if (s && s->screen == screen && strcmp(s->argument, argument) == 0) {
			if (!place_on_path(d, i))
				d->places[i].up = up;
			return i;
		}
	}
	int i = place_free_one(d);
	struct screen_state *s = calloc(1, sizeof(*s));
	CHECK(s, "out of memory");
	s->screen = screen;
	s->pane = 1;
	s->panes = SCREEN_PANES_MAX; /* the first picture says how many; who types ahead of it is not refused */
	snprintf(s->argument, sizeof(s->argument), "%s", argument);
	if (screen->has_list)
		s->list = list_new();
	d->places[i] = (struct place){ s, up, 0 };
	if (screen->open)
		s->own = screen->open(s);
	return i;
}

static void place_show(struct desk *d, int place)
{
	if (d->places[place].state && place == d->at && d->view)
		return;
	if (d->said_status == UI_STATUS_NOTE)
		d->said[0] = 0; /* a hint of the screen that is left */
	d->at = place;
	d->places[place].used = ++d->uses;
	d->view = NULL;
	d->stale = true;
}

static void visit_add(struct desk *d, int place)
{
	if (d->visit_count && d->visits[d->visit] == place)
		return;
	if (d->visit_count)
		d->visit_count = d->visit + 1;
	if (d->visit_count == VISITS_MAX) {
		memmove(d->visits, d->visits + 1, (VISITS_MAX - 1) * sizeof(d->visits[0]));
		d->visit_count--;
	}
	d->visits[d->visit_count] = place;
	d->visit = d->visit_count++;
}

/* Where a new place hangs: below the one shown, but no path is longer than PATH_MOST, so that there is always
 * a place that may be given up. */
static int place_above(const struct desk *d, const struct screen *screen, bool drill)
{
	int depth = 0, up = d->at;
	if (screen == &SCREEN_DESK)
		return -1;
	if (!drill)
		return 0;
	for (int i = up; i >= 0; i = d->places[i].up)
		depth++;
	for (; depth >= PATH_MOST && d->places[up].up >= 0; depth--)
		up = d->places[up].up;
	return up;
}

static void go(struct desk *d, const struct screen *screen, const char *argument, bool drill)
{
	int place = place_open(d, screen, argument, place_above(d, screen, drill));
	visit_add(d, place);
	place_show(d, place);
}

bool desk_goto(struct desk *d, const char *name, const char *argument)
{
	const struct screen *screen = screen_named(str_of(name));
	if (!screen)
		return false;
	go(d, screen, argument ? argument : "", argument && argument[0]);
	return true;
}

static void visit_walk(struct desk *d, int by)
{
	int to = d->visit + by;
	if (to < 0 || to >= d->visit_count) {
		desk_say(d, UI_STATUS_NOTE, by < 0 ? "this is the first view" : "this is the newest view");
		return;
	}
	d->visit = to;
	place_show(d, d->visits[to]);
}

void desk_up(struct desk *d)
{
	struct screen_state *s = desk_state(d);
	if (s->full)
		s->full = false;
	else if (s->filter[0]) {
		s->filter[0] = 0;
		if (s->list)
			list_refilter(s->list);
	} else if (d->places[d->at].up >= 0) {
		int up = d->places[d->at].up;
		visit_add(d, up);
		place_show(d, up);
	}
	d->stale = true;
}

/* --- life ----------------------------------------------------------------------------------------- */

struct desk *desk_new(const struct desk_host *host)
{
	struct desk *d = calloc(1, sizeof(*d));
	CHECK(d, "out of memory");
	d->host = *host;
	d->said_status = UI_STATUS_NOTE;
	field_init(&d->pass, FIELD_FREE, true, 60);
	return d;
}

static void forget_places(struct desk *d)
{
	for (int i = 0; i < PLACES_MAX; i++)
		place_free(&d->places[i]);
	d->visit = d->visit_count = 0;
	d->at = 0;
	d->view = NULL;
}

void desk_free(struct desk *d)
{
	if (!d)
		return;
	forget_places(d);
	dialog_close(&d->dialog);
	field_wipe(&d->pass);
	line_end();
	arena_free(&d->arenas[0]);
	arena_free(&d->arenas[1]);
	arena_free(&d->dialog_arena);
	free(d);
}

/* The unlock frame, with the cursor on who was here last. */
static void show_people(struct desk *d)
{
	d->mode = MODE_SIGN_IN;
	d->stale = true;
	d->paused = false;
	d->people_count = d->host.people(d->host.ctx, d->people, PEOPLE_MAX);
	for (size_t i = 0; i < d->people_count; i++)
		if (d->draft.who[0] && strcmp(d->people[i].id, d->draft.who) == 0)
			d->who = (int)i;
	if (d->who >= (int)d->people_count)
		d->who = 0;
}

void desk_start(struct desk *d, bool signed_in)
{
	forget_places(d);
	line_end();
	memset(&d->draft, 0, sizeof(d->draft));
	if (!signed_in) {
		show_people(d);
		return;
	}
	d->mode = MODE_SCREEN;
	d->stale = true;
	d->paused = false;
	d->at = place_open(d, &SCREEN_DESK, "", -1);
	visit_add(d, d->at);
}

/* Remembers who was here and what they were typing, secrets excepted. */
static void draft_keep(struct desk *d)
{
	struct desk_draft *k = &d->draft;
	memset(k, 0, sizeof(*k));
	snprintf(k->who, sizeof(k->who), "%s", d->viewer.id);
	k->typing = d->mode == MODE_LINE;
	k->kind = d->line;
	if (k->typing)
		snprintf(k->line, sizeof(k->line), "%s", line_view().text);
	if (d->mode == MODE_DIALOG && !d->leaving) {
		snprintf(k->request, sizeof(k->request), "%s", d->dialog.view.request);
		snprintf(k->reason, sizeof(k->reason), "%s", d->dialog.reason.text);
	}
}

void desk_lock(struct desk *d)
{
	if (d->mode != MODE_SIGN_IN)
		draft_keep(d);
	line_end();
	dialog_close(&d->dialog);
	desk_marks_end(d);
	field_wipe(&d->pass);
	d->leaving = false;
	d->said[0] = 0; /* what was said may name money */
	d->view = NULL;
	if (d->host.sign_out)
		d->host.sign_out(d->host.ctx);
	show_people(d);
}

bool desk_paused(const struct desk *d) { return d->paused; }
bool desk_busy(const struct desk *d) { return d->busy; }

void desk_stale(struct desk *d)
{
	d->stale = true;
}

void desk_rest(struct desk *d)
{
	d->busy = false;
	d->stale = true;
}

int64_t desk_changes_at(const struct desk *d, int64_t now)
{
	(void)d;
	return now - now % INSTANT_MINUTE + INSTANT_MINUTE;
}

void desk_say(struct desk *d, enum ui_status status, const char *text)
{
	d->said_status = status;
	d->said_at = d->viewer.now;
	snprintf(d->said, sizeof(d->said), "%s", text);
	d->said_now = true;
}

/* --- the view of the place shown -------------------------------------------------------------------- */

/* Of whom every look is an entry, a list too: until it is one the list is built for somebody who may see nothing. */
static void look_first(struct desk *d, const struct screen *screen)
{
	char object[ID_MAX];
	snprintf(object, sizeof(object), "list/%.20s", screen->name);
	if (!d->source.looks || screen->needs_object || d->source.looks(d->source.ctx, object))
		return;
	d->blind = *d->source.viewer;
	snprintf(d->blind.id, sizeof(d->blind.id), "-");
	snprintf(d->blind.party, sizeof(d->blind.party), "-");
	d->source.viewer = &d->blind;
}

static void refresh_now(struct desk *d)
{
	struct screen_state *s = desk_state(d);
	d->host.source(d->host.ctx, &d->source);
	d->viewer = *d->source.viewer;
	d->stale = false;
	if (!s)
		return;
	if (s->list) {
		bool following = list_following(s->list);
		list_hold(s->list, (d->busy || d->mode == MODE_DIALOG) && !following && d->view);
	}
	d->arena = !d->arena;
	struct arena *a = &d->arenas[d->arena];
	arena_reset(a);
	look_first(d, s->screen);
	d->view = s->screen->view(s, a, &d->source);
}

/* --- trouble ---------------------------------------------------------------------------------------- */

const struct desk_trouble *desk_trouble(const struct desk *d)
{
	return d->info.trouble_count ? &d->info.troubles[d->trouble % d->info.trouble_count] : NULL;
}

const struct desk_trouble *desk_fixed(const struct desk *d)
{
	for (int i = 0; i < d->info.trouble_count; i++)
		if (d->info.troubles[i].row[0])
			return &d->info.troubles[i];
	return NULL;
}

const char *desk_acts_off(const struct desk *d)
{
	for (int i = 0; i < d->info.trouble_count; i++)
		if (d->info.troubles[i].acts_off)
			return d->info.troubles[i].says;
	return "";
}

static bool trouble_there(const struct desk *d, const char *badge)
{
	for (int i = 0; i < d->info.trouble_count; i++)
		if (strcmp(d->info.troubles[i].badge, badge) == 0)
			return true;
	return false;
}

static bool trouble_known(const struct desk *d, const char *badge)
{
	for (int i = 0; i < d->had_count; i++)
		if (strcmp(d->had[i].badge, badge) == 0)
			return true;
	return false;
}

/* What has come is said at once, in place of an older outcome; what is over, with how long it lasted. */
static void troubles_seen(struct desk *d)
{
	char said[240], lasted[UI_TEXT_MAX];
	int64_t now = d->viewer.now;
	int kept = 0;
	for (int i = 0; i < d->had_count; i++) {
		if (trouble_there(d, d->had[i].badge)) {
			d->had[kept] = d->had[i];
			d->had[kept].since = d->had[kept].since ? d->had[kept].since : now; /* the first picture knows no time yet */
			kept++;
		} else if (!d->had[i].quiet) {
			snprintf(said, sizeof(said), "%s is over, it lasted %s", d->had[i].badge, ui_span(now - d->had[i].since, lasted));
			desk_say(d, UI_STATUS_DONE, said);
		}
	}
	d->had_count = kept;
	for (int i = 0; i < d->info.trouble_count; i++) {
		const struct desk_trouble *t = &d->info.troubles[i];
		if (trouble_known(d, t->badge) || d->had_count == DESK_TROUBLES_MAX)
			continue;
		snprintf(d->had[d->had_count].badge, sizeof(d->had[0].badge), "%s", t->badge);
		d->had[d->had_count].since = now;
		d->had[d->had_count++].quiet = t->quiet;
		if (!t->quiet)
			d->said[0] = 0;
		d->trouble = t->quiet ? d->trouble : i;
	}
}

/* `n`: the sentence of the next trouble. False when there is none. */
static bool trouble_next(struct desk *d)
{
	if (!d->info.trouble_count)
		return false;
	d->trouble = d->said[0] ? 0 : (d->trouble + 1) % d->info.trouble_count;
	d->said[0] = 0;
	return true;
}

/* What row 1 says: of a paused picture the ledger as it was, and how many events wait. */
static void ask_info(struct desk *d)
{
	bool followed = d->info.follows;
	d->host.info(d->host.ctx, &d->info);
	d->entries = d->info.entries;
	troubles_seen(d);
	if (followed && !d->info.follows)
		desk_say(d, UI_STATUS_DONE, "this console leads now; the one that led is gone, nothing is lost");
	if (!d->paused)
		return;
	d->info.waiting = d->entries - d->paused_info.entries;
	d->info.entries = d->paused_info.entries;
	d->info.root = d->paused_info.root;
	d->info.clock = d->paused_info.clock;
}

void desk_refresh(struct desk *d)
{
	if (d->mode == MODE_SIGN_IN) {
		d->host.source(d->host.ctx, &d->source);
		d->viewer = *d->source.viewer;
		return;
	}
	/* A paused picture stays as it is once the state has moved on, save where the person goes to another
	 * screen; until then reading keys work as always. */
	if (d->view && (!d->stale || (d->paused && d->entries != d->paused_info.entries)))
		return;
	refresh_now(d);
}

void desk_resume(struct desk *d)
{
	struct desk_draft k = d->draft;
	memset(&d->draft, 0, sizeof(d->draft));
	d->mode = MODE_SCREEN;
	d->stale = true;
	d->view = NULL;
	ask_info(d);
	desk_refresh(d);
	if (k.typing)
		desk_line_open(d, k.kind, k.line);
	else if (k.request[0])
		desk_request(d, k.request);
	if (d->mode == MODE_DIALOG && d->dialog.view.needs_reason)
		field_set(&d->dialog.reason, k.reason);
}

/* --- keys ----------------------------------------------------------------------------------------- */

static void list_all(struct desk *d, struct screen_state *s, int key)
{
	struct list *l = s->list;
	switch (key) {
	case 'j': case UI_KEY_DOWN: list_move(l, 1); break;
	case 'k': case UI_KEY_UP: list_move(l, -1); break;
	case 'g': case UI_KEY_HOME: list_home(l); break;
	case 'G': case UI_KEY_END: list_end(l); break;
	case UI_CTRL('D'): list_half(l, 1); break;
	case UI_CTRL('U'): list_half(l, -1); break;
	case UI_KEY_PAGE_DOWN: list_page(l, 1); break;
	case UI_KEY_PAGE_UP: list_page(l, -1); break;
	case ' ': list_mark(l); list_move(l, 1); break;
	case '*': list_mark_all(l); break;
	case 'F': list_follow(l, !list_following(l)); break;
	default: return;
	}
	d->stale = true;
}

static bool is_list_key(int key)
{
	static const int keys[] = { 'j', 'k', 'g', 'G', ' ', '*', 'F', UI_KEY_DOWN, UI_KEY_UP, UI_KEY_HOME, UI_KEY_END,
		UI_CTRL('D'), UI_CTRL('U'), UI_KEY_PAGE_DOWN, UI_KEY_PAGE_UP };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i] == key)
			return true;
	return false;
}

static void go_pane(struct desk *d, struct screen_state *s, int pane)
{
	if (pane > s->panes) {
		desk_say(d, UI_STATUS_NOTE, "this screen has no pane of that number");
		return;
	}
	s->full = s->pane == pane ? !s->full : s->full;
	s->pane = pane;
}

static void sort_next(struct desk *d, struct screen_state *s, bool reverse)
{
	int count = 0;
	while (s->screen->sorts && s->screen->sorts[count])
		count++;
	if (!count) {
		desk_say(d, UI_STATUS_NOTE, "this list has one order only");
		return;
	}
	if (reverse)
		s->reverse = !s->reverse;
	else
		s->sort = (s->sort + 1) % count;
	d->view = NULL; /* the person asked for the order: not held back */
}

static void toggle_pause(struct desk *d)
{
	char said[240] = "";
	d->paused = !d->paused;
	d->paused_info = d->info;
	if (d->host.world_key)
		d->host.world_key(d->host.ctx, 'p', said);
	desk_say(d, UI_STATUS_NOTE, d->paused ? "the picture stands; p goes on" : "the picture is live again");
	d->stale = true;
}

static void world_key(struct desk *d, int key)
{
	char said[240] = "";
	if (!d->host.world_key || !d->host.world_key(d->host.ctx, key, said))
		desk_say(d, UI_STATUS_NOTE, "there is no recorded day here: time is the wall clock's");
	else if (said[0])
		desk_say(d, UI_STATUS_NOTE, said);
	d->stale = true;
}

static void open_help(struct desk *d)
{
	d->mode = MODE_HELP;
	d->help_scroll = 0;
	d->help_word[0] = 0;
}

static void take_updates(struct desk *d)
{
	d->busy = false;
	d->view = NULL;
	d->stale = true;
	if (d->paused)
		toggle_pause(d);
}

/* Keys that mean the same everywhere. */
static bool key_everywhere(struct desk *d, int key)
{
	struct screen_state *s = desk_state(d);
	if (key >= '1' && key <= '9') {
		go_pane(d, s, key - '0');
		return true;
	}
	switch (key) {
	case UI_KEY_TAB: s->pane = s->pane % s->panes + 1; return true;
	case UI_KEY_BACKTAB: s->pane = s->pane > 1 ? s->pane - 1 : s->panes; return true;
	case UI_KEY_ESC: desk_up(d); return true;
	case '-': case '[': visit_walk(d, -1); return true;
	case ']': visit_walk(d, 1); return true;
	case ':': desk_line_open(d, LINE_COMMAND, ""); return true;
	case '/': desk_line_open(d, LINE_FILTER, s->filter); return true;
	case '?': case UI_KEY_F1: open_help(d); return true;
	case 'p': toggle_pause(d); return true;
	case 'u': take_updates(d); return true;
	case '@': d->absolute = !d->absolute; return true;
	case '#': d->full_ids = !d->full_ids; return true;
	case 'o': sort_next(d, s, false); return true;
	case 'O': sort_next(d, s, true); return true;
	case 'q': desk_ask_leave(d); return true;
	case 'n': return trouble_next(d);
	case 'C': d->cue = d->cue == CUE_HIDDEN ? CUE_WHOLE : CUE_HIDDEN; return true;
	case '.': case '<': case '>': case '+': world_key(d, key); return true;
	case UI_CTRL('L'): d->wish = DESK_WISH_REPAINT; return true;
	case UI_CTRL('Z'): d->wish = DESK_WISH_SUSPEND; return true;
	case UI_CTRL('X'): desk_lock(d); return true;
	case UI_CTRL('S'): desk_line_open(d, LINE_COMMAND, "write-screen "); return true;
	default: break;
	}
	for (size_t i = 0; SCREENS[i]; i++)
		if (SCREENS[i]->function_key && SCREENS[i]->function_key == key) {
			go(d, SCREENS[i], "", false);
			return true;
		}
	return false;
}

/* The row of a screen's keymap for a key, if the screen takes it itself. */
static const struct screen_key *own_key(const struct screen *screen, int key)
{
	for (size_t i = 0; i < screen->key_count; i++)
		if (!screen->keys[i].moves && screen_key_is(&screen->keys[i], key))
			return &screen->keys[i];
	return NULL;
}

bool desk_may_act(const struct desk *d, const char *command)
{
	return !desk_acts_off(d)[0] || strncmp(command, "verify", 6) == 0;
}

/* A key that is not to be had says why. */
static bool key_allowed(struct desk *d, struct screen_state *s, const struct screen_key *k)
{
	char why[160] = "", object[SCREEN_ARGUMENT_MAX] = "";
	if (s->screen->allows && !s->screen->allows(s, d->view, k, why)) {
		desk_say(d, UI_STATUS_REFUSED, why);
		return false;
	}
	if (!k->command)
		return true;
	if (s->screen->object)
		s->screen->object(s, d->view, object);
	if (!desk_may_act(d, k->command))
		snprintf(why, sizeof(why), "%s", desk_acts_off(d));
	else if (!d->host.may || d->host.may(d->host.ctx, k->command, object, why))
		return true;
	desk_say(d, UI_STATUS_REFUSED, why);
	return false;
}

static void screen_key_pressed(struct desk *d, struct screen_state *s, int key)
{
	struct screen_out out = { .status = UI_STATUS_NOTE };
	s->screen->update(s, key, d->view, &out);
	d->stale = true;
	if (out.message[0])
		desk_say(d, out.status, out.message);
	if (out.back)
		desk_up(d);
	else if (str_ends(str_of(out.line), " "))
		desk_line_open(d, LINE_COMMAND, out.line);
	else
		desk_request(d, out.line);
}

static void screen_mode_key(struct desk *d, int key)
{
	struct screen_state *s = desk_state(d);
	if (s->chord) {
		screen_key_pressed(d, s, key);
		return;
	}
	const struct screen_key *k = own_key(s->screen, key);
	if (k) {
		if (key_allowed(d, s, k))
			screen_key_pressed(d, s, key);
		return;
	}
	if (s->list && s->pane == s->screen->list_pane && is_list_key(key)) {
		list_all(d, s, key);
		return;
	}
	if (key_everywhere(d, key))
		return;
	screen_key_pressed(d, s, key);
}

static void help_key(struct desk *d, int key)
{
	if (key == UI_KEY_ESC || key == '?' || key == 'q' || key == UI_KEY_F1)
		d->mode = MODE_SCREEN;
	else if (key == ':')
		desk_line_open(d, LINE_COMMAND, "");
	else if (key == 'j' || key == UI_KEY_DOWN || key == UI_KEY_PAGE_DOWN)
		d->help_scroll += key == UI_KEY_PAGE_DOWN ? 10 : 1;
	else if (key == 'k' || key == UI_KEY_UP || key == UI_KEY_PAGE_UP)
		d->help_scroll -= key == UI_KEY_PAGE_UP ? 10 : 1;
	if (d->help_scroll < 0)
		d->help_scroll = 0;
}

enum desk_wish desk_key(struct desk *d, int key, const char *paste)
{
	d->wish = DESK_WISH_NONE;
	d->said_now = false;
	ask_info(d);
	if (d->mode != MODE_SIGN_IN) {
		d->busy = true;
		desk_refresh(d);
	}
	switch (d->mode) {
	case MODE_SIGN_IN: desk_login_key(d, key, paste); break;
	case MODE_LINE: desk_line_key(d, key, paste); break;
	case MODE_HELP: help_key(d, key); break;
	case MODE_DIALOG: desk_dialog_key(d, key, paste); break;
	case MODE_SCREEN:
		if (key != UI_KEY_PASTE)
			screen_mode_key(d, key);
		else if (desk_state(d)->screen->paste)
			desk_state(d)->screen->paste(desk_state(d), paste ? paste : "", d->view);
		break;
	}
	return d->wish;
}

/* --- picture ---------------------------------------------------------------------------------------- */

/* What rows 1, 2, H-1 and H, a fixed row and the cue card leave. */
static struct ui_rect body_of(const struct desk *d, const struct canvas *c)
{
	int foot = c->height >= 8 ? 2 : 1, head = 2 + (desk_fixed(d) && c->height >= 8);
	return (struct ui_rect){ 0, head, c->width, c->height - head - foot - desk_cue_rows(d, c) };
}

/* A picture of another size is another view. */
static void body_seen(struct desk *d, const struct canvas *c)
{
	struct ui_rect body = body_of(d, c), was = panes_body();
	d->stale = d->stale || body.w != was.w || body.h != was.h;
	panes_body_is(body);
}

static void draw_screen(struct desk *d, struct canvas *c)
{
	struct screen_state *s = desk_state(d);
	struct screen_paint p = { c, body_of(d, c), &d->viewer, d->viewer.now, d->absolute, d->full_ids };
	s->panes = 1;
	s->screen->draw(s, d->view, &p);
	if (s->pane > s->panes)
		s->pane = 1;
	desk_draw_path(d, c);
	desk_draw_fixed(d, c);
	if (desk_cue_rows(d, c))
		desk_draw_cue(d, c);
}

void desk_draw(struct desk *d, struct canvas *c)
{
	canvas_clear(c);
	ask_info(d);
	body_seen(d, c);
	bool stale = d->stale;
	desk_refresh(d);
	if (stale) /* building it may have found something */
		ask_info(d);
	if (c->width < 40 || c->height < 6) {
		canvas_text(c, 0, 0, c->width, UI_TEXT, d->info.environment);
		canvas_text(c, (int)strlen(d->info.environment) + 1, 0, c->width, UI_TEXT, "40x10 is the least");
		return;
	}
	if (d->mode == MODE_SIGN_IN) {
		desk_draw_login(d, c);
		desk_draw_bar(d, c);
		desk_draw_message(d, c);
		desk_draw_keys(d, c);
		return;
	}
	draw_screen(d, c);
	if (d->mode == MODE_HELP || (d->mode == MODE_LINE && d->under == MODE_HELP))
		desk_draw_help(d, c);
	desk_draw_bar(d, c);
	desk_draw_message(d, c);
	desk_draw_keys(d, c);
	if (d->mode == MODE_DIALOG) {
		desk_dialog_check(d);
		dialog_draw(&d->dialog, c);
		desk_draw_message(d, c);
		desk_draw_keys(d, c);
	}
	if (d->mode == MODE_LINE)
		desk_draw_line(d, c);
}
