/* Keys: whose key counts, until when, and which do not any more; the one under the cursor in full.
 *
 * What must remain true: glyph and word of a key's state stand at any width; a key that ends within a month is marked. */
#include <stdio.h>
#include <string.h>

#include "engine/view_keys.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_LIST = 1, PANE_KEY };
enum { FACT_AT = 12 };

static const enum ui_status STATE_STATUS[VIEW_KEY_STATES] = { [VIEW_KEY_ENDS] = UI_STATUS_WARN, [VIEW_KEY_VALID] = UI_STATUS_OK,
	[VIEW_KEY_PENDING] = UI_STATUS_WAIT, [VIEW_KEY_RETIRED] = UI_STATUS_DONE, [VIEW_KEY_EXPIRED] = UI_STATUS_DONE,
	[VIEW_KEY_REVOKED] = UI_STATUS_REFUSED, [VIEW_KEY_COMPROMISED] = UI_STATUS_DANGER };

/* --- view ----------------------------------------------------------------------------------------- */

struct keys_like {
	const struct screen_state *s;
	const struct view_keys *v;
};

static bool keys_shows(void *ctx, size_t row)
{
	const struct keys_like *like = ctx;
	const struct view_key *k = &like->v->keys[row];
	const char *texts[] = { k->name, k->holder, k->party, k->kind, k->role, k->did, k->device, VIEW_KEY_WORDS[k->state], NULL };
	return screen_filter_likes(like->s->filter, texts);
}

/* The first half of a key singles it out, and a list's key is no longer than that. */
static const char *key_of_row(struct arena *a, const struct view_key *k)
{
	return arena_printf(a, "%.48s", k->id);
}

static const void *keys_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct view_keys *v = view_keys_build(a, src->tabs, src->viewer->now);
	struct list_row *rows = arena_zero(a, (v->count + 1) * sizeof(*rows));
	struct keys_like like = { s, v };
	struct list_rules rules = { keys_shows, NULL, &like };
	for (size_t i = 0; i < v->count; i++)
		rows[i] = (struct list_row){ key_of_row(a, &v->keys[i]), (uint64_t)v->keys[i].state };
	s->list_total = v->count;
	list_refresh(s->list, rows, v->count, &rules);
	return v;
}

static const struct view_key *keys_focus(const struct screen_state *s, const struct view_keys *v)
{
	struct list_line at;
	return list_target(s->list, &at) && at.row < v->count ? &v->keys[at.row] : NULL;
}

/* --- the list ------------------------------------------------------------------------------------- */

/* Columns from the left; 0: gone. The key goes first when narrow, then role, then until. */
struct columns {
	int name_w, role, until, state, did;
};
static struct columns keys_columns(int w)
{
	struct columns c = { 0 };
	int right = w - 1;
	c.did = w >= 74 ? right - 11 : 0;
	right = c.did ? c.did - 2 : right;
	c.until = w >= 50 ? right - 10 : 0;
	right = c.until ? c.until - 2 : right;
	c.state = right - 9;
	c.role = w >= 60 ? c.state - 6 : 0;
	c.name_w = (c.role ? c.role : c.state) - 5;
	return c;
}

/* A day without its year, or with it when it is another. */
static const char *day_of(int64_t at, char out[UI_TEXT_MAX])
{
	char text[INSTANT_TEXT_MAX];
	snprintf(out, UI_TEXT_MAX, "%.10s", at ? instant_format(at, 0, text) : "–");
	return at ? out : "–";
}

static void key_row(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c, const struct view_key *k,
	const struct list_line *line, bool active)
{
	char day[UI_TEXT_MAX];
	struct canvas *t = p->canvas;
	enum ui_status status = STATE_STATUS[k->state];
	canvas_put(t, r.x + 1, y, ui_status_role(status), ui_status_glyph(status));
	canvas_free_text(t, r.x + 4, y, c->name_w, k->current ? UI_TEXT : UI_DIM, k->name);
	if (c->role)
		canvas_text(t, r.x + c->role, y, 5, UI_DIM, k->role[0] ? k->role : k->kind);
	canvas_text(t, r.x + c->state, y, 9, ui_status_role(status), VIEW_KEY_WORDS[k->state]);
	if (c->until)
		canvas_text(t, r.x + c->until, y, 10, k->until ? UI_TIME : UI_DIM, day_of(k->until, day));
	if (c->did)
		canvas_text(t, r.x + c->did, y, 11, UI_ID, strncmp(k->did, "did:key:", 8) ? k->did : k->did + 8);
	screen_cursor(p, r.x, y, r.w, line, active);
}

static void keys_rows(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_keys *v)
{
	struct columns c = keys_columns(r.w);
	struct list_line line;
	if (r.h < 1)
		return;
	list_set_height(s->list, r.h > 1 ? r.h - 1 : 1);
	canvas_text(p->canvas, r.x + 4, r.y, c.name_w, UI_DIM, "whose");
	if (c.role)
		canvas_text(p->canvas, r.x + c.role, r.y, 5, UI_DIM, "role");
	canvas_text(p->canvas, r.x + c.state, r.y, 9, UI_DIM, "now");
	if (c.until)
		canvas_text(p->canvas, r.x + c.until, r.y, 10, UI_DIM, "until");
	if (c.did)
		canvas_text(p->canvas, r.x + c.did, r.y, 11, UI_DIM, "key");
	for (int i = 0; i + 1 < r.h && list_line_at(s->list, i, &line); i++) {
		if (line.row < v->count)
			key_row(p, r, r.y + 1 + i, &c, &v->keys[line.row], &line, s->pane == PANE_LIST);
		else
			panes_gone(p, s, r.x, r.y + 1 + i, r.w);
	}
	if (!list_count(s->list))
		panes_empty(p, r, 1, s->filter[0] ? "No key matches the filter; Esc clears it." : "No key yet: genesis brings the first two.");
}

/* --- one key -------------------------------------------------------------------------------------- */

static int key_fact(const struct screen_paint *p, struct ui_rect r, int y, const char *label, enum ui_role role, const char *text)
{
	if (!text[0])
		return y;
	struct ui_pen pen = panes_fact(p, r, y, FACT_AT, label);
	pen_put(&pen, role, text);
	return y + 1;
}

static void key_draw(const struct screen_paint *p, struct ui_rect r, const struct view_key *k)
{
	char text[UI_TEXT_MAX], day[UI_TEXT_MAX];
	int y = key_fact(p, r, 0, "whose", UI_TEXT, k->name);
	y = key_fact(p, r, y, "party", UI_TEXT, k->party);
	y = key_fact(p, r, y, "key", UI_ID, k->did);
	struct ui_pen pen = panes_fact(p, r, y++, FACT_AT, "now");
	panes_status(&pen, STATE_STATUS[k->state], VIEW_KEY_WORDS[k->state]);
	if (k->current && k->state <= VIEW_KEY_VALID)
		pen_put(&pen, UI_DIM, ", the present key");
	snprintf(text, sizeof(text), "%s", day_of(k->from, day));
	pen = panes_fact(p, r, y++, FACT_AT, "counts");
	pen_printf(&pen, UI_TIME, "%s", k->from ? text : "from the beginning");
	pen_printf(&pen, UI_DIM, " to ");
	pen_put(&pen, UI_TIME, k->until ? day_of(k->until, day) : "no end");
	y = key_fact(p, r, y, "role", UI_TEXT, k->role);
	if (k->ceiling) {
		pen = panes_fact(p, r, y++, FACT_AT, "up to");
		pen_put(&pen, UI_MONEY, ui_money(k->ceiling, "EUR", text));
	}
	y = key_fact(p, r, y, "signs", UI_TEXT, k->scope[0] ? k->scope : "whatever its role may");
	y = key_fact(p, r, y, "device", UI_TEXT, k->device);
	pen = panes_fact(p, r, y, FACT_AT, "certified");
	pen_printf(&pen, UI_TEXT, "entry %s", ui_count(k->entry, text));
	if (k->by[0])
		pen_printf(&pen, UI_DIM, " by %s", k->by);
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void keys_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_keys *v = view;
	const struct view_key *k = keys_focus(s, v);
	char count[32];
	snprintf(count, sizeof(count), "%zu", v->count);
	struct pane list = { PANE_LIST, "Keys", count, NULL, 8, true, { 0 } };
	struct pane one = { PANE_KEY, "The key", NULL, NULL, 12, false, { 0 } };
	s->panes = PANE_KEY;
	if (p->body.w >= PANES_WIDE) {
		struct screen_split split = screen_split_at(p->body, 62, PANES_WIDE);
		one.grows = true;
		panes_stack(p, s, p->body, split.left, &list, 1);
		panes_stack(p, s, p->body, split.right, &one, 1);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
	} else {
		struct pane all[] = { list, one };
		panes_stack(p, s, p->body, p->body, all, 2);
		list = all[0], one = all[1];
	}
	keys_rows(s, p, list.in, v);
	if (k && one.in.h > 0)
		key_draw(p, one.in, k);
}

static void keys_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_keys *v = view;
	(void)s;
	(void)p;
	snprintf(out->right, sizeof(out->right), "%zu valid · %zu end within 30 days · %zu count no more", v->valid, v->ends, v->gone);
}

static void keys_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_key *k = keys_focus(s, view);
	out->used = true;
	if (key == UI_KEY_ENTER)
		s->pane = s->pane == PANE_KEY ? PANE_LIST : PANE_KEY;
	else if (key == 'e' && k)
		snprintf(out->line, sizeof(out->line), "goto ledger %lld", (long long)k->entry);
	else
		out->used = false;
}

static const struct screen_key KEYS_KEYS[] = {
	{ "Enter", "key", "the key in full", NULL, false },
	{ "e", "entry", "what certified it", NULL, false },
	{ "j k", NULL, "another key", NULL, true },
	{ "/", "filter", "name, party, state", NULL, true },
};

const struct screen SCREEN_KEYS = {
	.name = "keys", .title = "Keys", .help = "whose key counts, until when, and which do not any more", .keys = KEYS_KEYS,
	.key_count = sizeof(KEYS_KEYS) / sizeof(KEYS_KEYS[0]), .has_list = true, .list_pane = PANE_LIST, .view = keys_view,
	.update = keys_update, .draw = keys_draw, .head = keys_head,
};
