/* Requests: what a key or the `:` line asks for, the dialog between, and the answer.
 *
 * What must remain true: nothing is sent without a dialog's Yes unless the host says that the act needs none;
 * a passphrase goes from its field to the host and nowhere else; a dialog whose object has changed cannot
 * say Yes. */
#include "desk_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

/* --- sending ---------------------------------------------------------------------------------------- */

static void request_send(struct desk *d, const char *line, const char *reason, const char *passphrase)
{
	char said[240] = "";
	struct fault fault = { 0 };
	enum err e = d->host.act(d->host.ctx, line, reason, passphrase, said, &fault);
	d->stale = true;
	if (e == ERR_OK)
		desk_say(d, UI_STATUS_DONE, said);
	else
		desk_say(d, UI_STATUS_REFUSED, fault.text);
}

static void dialog_end(struct desk *d)
{
	dialog_close(&d->dialog);
	d->mode = MODE_SCREEN;
	d->stale = true;
	d->leaving = false;
	desk_marks_end(d);
}

void desk_ask_leave(struct desk *d)
{
	static const struct dialog_line lines[] = {
		{ .part = { { UI_TEXT, 0, false, "The ledger holds everything that was done; nothing is lost." } } },
		{ .part = { { UI_DIM, 0, false, "Your key is closed and its memory overwritten." } } },
	};
	struct dialog_view view = { .title = "Leave Wharf", .lines = lines, .line_count = 2, .request = "quit",
		.object = "", .yes = "leave" };
	dialog_open(&d->dialog, &view);
	d->mode = MODE_DIALOG;
	d->leaving = true;
}

static void dialog_yes(struct desk *d)
{
	char request[SCREEN_LINE_MAX], reason[FIELD_TEXT_MAX];
	if (d->leaving) {
		dialog_end(d);
		d->wish = DESK_WISH_QUIT;
		return;
	}
	snprintf(request, sizeof(request), "%s", d->dialog.view.request);
	snprintf(reason, sizeof(reason), "%s", d->dialog.reason.text);
	char said[240] = "";
	struct fault fault = { 0 };
	const char *why = reason[0] ? reason : NULL, *passphrase = d->dialog.view.needs_passphrase ? d->dialog.pass.text : NULL;
	bool many = d->batch_count > 0;
	enum err e = many ? desk_marks_send(d, why, passphrase) : d->host.act(d->host.ctx, request, why, passphrase, said, &fault);
	if (e == ERR_DENIED && passphrase) {
		field_wipe(&d->dialog.pass);
		d->dialog.focus = d->dialog.fields - 1;
		if (!many)
			desk_say(d, UI_STATUS_REFUSED, fault.text);
		return;
	}
	dialog_end(d);
	if (many)
		return;
	if (e == ERR_OK && desk_state(d)->screen->closes)
		desk_up(d);
	desk_say(d, e == ERR_OK ? UI_STATUS_DONE : UI_STATUS_REFUSED, e == ERR_OK ? said : fault.text);
}

void desk_dialog_check(struct desk *d)
{
	if (d->dialog.view.object[0] && !d->leaving
		&& d->host.version(d->host.ctx, d->dialog.view.object) != d->dialog.view.version)
		dialog_changed(&d->dialog, d->viewer.now);
	if (desk_marks_stale(d))
		dialog_changed(&d->dialog, d->viewer.now);
}

void desk_dialog_key(struct desk *d, int key, const char *paste)
{
	desk_dialog_check(d);
	switch (dialog_key(&d->dialog, key, paste)) {
	case DIALOG_NO:
		dialog_end(d);
		desk_say(d, UI_STATUS_NOTE, "nothing was sent");
		break;
	case DIALOG_YES:
		dialog_yes(d);
		break;
	case DIALOG_OPEN:
		break;
	}
}

/* --- requests --------------------------------------------------------------------------------------- */

static bool goes(struct desk *d, struct str name, struct str rest)
{
	char screen[24], argument[SCREEN_ARGUMENT_MAX];
	const struct screen *s = screen_named(name);
	if (!s)
		return false;
	str_copy(screen, sizeof(screen), str_of(s->name));
	str_copy(argument, sizeof(argument), str_trim(rest));
	if (s->needs_object && !argument[0]) {
		char object[SCREEN_ARGUMENT_MAX] = "";
		struct screen_state *state = desk_state(d);
		if (state->screen->object)
			state->screen->object(state, d->view, object);
		snprintf(argument, sizeof(argument), "%s", object);
	}
	if (s->needs_object && !argument[0])
		desk_say(d, UI_STATUS_NOTE, "say which one: the end of its identity is enough");
	else
		desk_goto(d, screen, argument);
	return true;
}

/* A command of one word that wants an object is given the one under the cursor. */
static void with_object(struct desk *d, const char *line, char out[SCREEN_LINE_MAX])
{
	struct desk_command all[COMMANDS_SHOWN];
	size_t count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	struct screen_state *s = desk_state(d);
	char object[SCREEN_ARGUMENT_MAX] = "";
	snprintf(out, SCREEN_LINE_MAX, "%s", line);
	if (strchr(line, ' ') || !s || !s->screen->object)
		return;
	s->screen->object(s, d->view, object);
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, line) == 0 && all[i].usage[0] && object[0])
			snprintf(out, SCREEN_LINE_MAX, "%s %s", line, object);
}

static void request_prepare(struct desk *d, const char *line)
{
	struct dialog_view view = { 0 };
	struct fault fault = { 0 };
	char full[SCREEN_LINE_MAX];
	with_object(d, line, full);
	if (!desk_may_act(d, full)) {
		desk_say(d, UI_STATUS_REFUSED, desk_acts_off(d));
		return;
	}
	arena_reset(&d->dialog_arena);
	if (desk_marks_apply(d, full)) {
		desk_marks_prepare(d, full);
		return;
	}
	enum err e = d->host.prepare(d->host.ctx, full, &d->dialog_arena, &view, &fault);
	d->stale = true; /* a preview runs the event and takes it back */
	if (e != ERR_OK) {
		desk_say(d, UI_STATUS_REFUSED, fault.text);
		return;
	}
	if (!view.title) {
		request_send(d, full, NULL, NULL);
		return;
	}
	if (!view.request)
		view.request = arena_printf(&d->dialog_arena, "%s", full);
	if (desk_state(d)->list && list_mark_count(desk_state(d)->list))
		view.message = "for this one alone: the marked rows stay as they are";
	dialog_open(&d->dialog, &view);
	d->mode = MODE_DIALOG;
	d->said[0] = 0;
}

static bool word_of_desk(struct desk *d, struct str name, struct str rest)
{
	if (str_is(name, "goto")) {
		struct str screen = str_cut(&rest, ' ');
		if (!goes(d, screen, rest))
			desk_say(d, UI_STATUS_REFUSED, "there is no such screen; ? lists them");
		return true;
	}
	if (str_is(name, "quit") || str_is(name, "q")) {
		desk_ask_leave(d);
		return true;
	}
	if (str_is(name, "lock")) {
		desk_lock(d);
		return true;
	}
	if (str_is(name, "help")) {
		d->mode = MODE_HELP;
		d->help_scroll = 0;
		str_copy(d->help_word, sizeof(d->help_word), str_trim(rest));
		return true;
	}
	if (str_is(name, "pause")) {
		desk_key(d, 'p', NULL);
		return true;
	}
	return false;
}

void desk_request(struct desk *d, const char *line)
{
	char said[240] = "";
	enum ui_status status = UI_STATUS_NOTE;
	struct str rest = str_trim(str_of(line)), name = str_cut(&rest, ' ');
	if (!name.len)
		return;
	d->mode = MODE_SCREEN;
	if (word_of_desk(d, name, rest))
		return;
	if (d->host.word && d->host.word(d->host.ctx, line, d, said, &status)) {
		if (said[0])
			desk_say(d, status, said);
		d->stale = true;
		return;
	}
	struct desk_command all[COMMANDS_SHOWN];
	size_t count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	for (size_t i = 0; i < count; i++)
		if (str_is(name, all[i].name)) {
			request_prepare(d, line);
			return;
		}
	if (!goes(d, name, rest))
		request_prepare(d, line);
}

/* --- the line --------------------------------------------------------------------------------------- */

static int choice_add(struct line_choice *out, int n, int max, const char *text, const char *help)
{
	if (n >= max)
		return n;
	snprintf(out[n].text, sizeof(out[n].text), "%.63s", text);
	snprintf(out[n].help, sizeof(out[n].help), "%.119s", help);
	return n + 1;
}

static int complete(void *ctx, const char *text, int cursor, int *from, struct line_choice *choices, int max)
{
	struct desk *d = ctx;
	struct desk_command all[COMMANDS_SHOWN];
	int n = 0;
	const char *blank = memchr(text, ' ', (size_t)cursor);
	if (blank)
		return d->host.complete ? d->host.complete(d->host.ctx, text, cursor, from, choices, max) : 0;
	*from = 0;
	size_t len = (size_t)cursor, count = d->host.commands ? d->host.commands(d->host.ctx, all, COMMANDS_SHOWN) : 0;
	for (size_t i = 0; SCREENS[i]; i++)
		if (!SCREENS[i]->needs_object && strncmp(SCREENS[i]->name, text, len) == 0)
			n = choice_add(choices, n, max, SCREENS[i]->name, SCREENS[i]->help);
	for (size_t i = 0; i < count; i++)
		if (strncmp(all[i].name, text, len) == 0)
			n = choice_add(choices, n, max, all[i].name, all[i].help);
	return n;
}

void desk_line_open(struct desk *d, enum line_kind kind, const char *start)
{
	struct screen_state *s = desk_state(d);
	d->under = d->mode;
	d->mode = MODE_LINE;
	d->line = kind;
	snprintf(d->filter_before, sizeof(d->filter_before), "%s", s ? s->filter : "");
	line_begin(kind, kind == LINE_FILTER ? "/" : ":", start, kind == LINE_FILTER ? NULL : complete, d);
}

static void filter_set(struct desk *d, const char *text)
{
	struct screen_state *s = desk_state(d);
	snprintf(s->filter, sizeof(s->filter), "%.*s", SCREEN_FILTER_MAX - 1, text);
	d->stale = true;
	d->view = NULL; /* asked for: not held back */
	if (s->list)
		list_refilter(s->list);
}

void desk_line_key(struct desk *d, int key, const char *paste)
{
	if (key == UI_KEY_PASTE) {
		line_paste(paste ? paste : "");
		return;
	}
	enum line_outcome outcome = line_feed_key(key);
	if (outcome == LINE_EDITING) {
		if (d->line == LINE_FILTER)
			filter_set(d, line_view().text);
		return;
	}
	d->mode = d->under == MODE_HELP ? MODE_SCREEN : d->under;
	if (outcome == LINE_CANCELLED) {
		if (d->line == LINE_FILTER)
			filter_set(d, "");
		line_end();
		return;
	}
	char text[SCREEN_LINE_MAX];
	str_copy(text, sizeof(text), str_trim(str_of(line_result())));
	line_end();
	if (d->line == LINE_FILTER)
		filter_set(d, text);
	else
		desk_request(d, text);
}
