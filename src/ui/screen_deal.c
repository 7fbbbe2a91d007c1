/* One deal: its workflow graph, where it waits, its timeline.
 *
 * The graph fits the terminal by itself: as boxes with far stretches folded, as chips, or as a list with lanes. What
 * must remain true: cursor and folds hold the id of a node, not its place; in a picture of the past nothing waits and
 * the head says which moment it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/view_deal.h"
#include "graph_int.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_WAITS = 1, PANE_TIMELINE };
enum { LEVEL_AUTO, LEVEL_BOXES, LEVEL_CHIPS, LEVEL_LIST, LEVEL_COUNT };
enum low { LOW_TIMELINE, LOW_EVIDENCE, LOW_ASSETS }; /* what the pane beside the waits shows */
enum { LOW_ROWS = 7, LISTS_WIDE = 150, LIST_WIDTH = 56, LIST_ROWS = 9 };

static const char *const LEVEL_WORDS[] = { "boxes", "boxes", "chips", "list" };

struct deal_own {
	int level, width, height;  /* of the graph when last drawn */
	bool unfolded, no_legend, detail;
	enum low low;
	char scope[48], at[64];    /* sub-process looked into; id of the node under the cursor */
	bool moved;                /* the person moved the cursor: it no longer follows the token */
	int64_t as_of;             /* moment travelled to; 0 now */
	int ox, oy, timeline_top;
	struct arena arena;        /* of the layout of one picture */
};

static void *deal_open(struct screen_state *s)
{
	(void)s;
	return calloc(1, sizeof(struct deal_own));
}

static void deal_close(struct screen_state *s)
{
	struct deal_own *own = s->own;
	if (own)
		arena_free(&own->arena);
	free(own);
}

static int deal_level(const struct deal_own *own)
{
	if (own->level != LEVEL_AUTO)
		return own->level;
	return own->width < LIST_WIDTH || own->height < LIST_ROWS ? LEVEL_LIST : LEVEL_BOXES;
}

/* Rows of the lower panes; the graph gives way to lists. */
static int low_rows(const struct deal_own *own, int rows)
{
	int low = rows >= 26 ? LOW_ROWS : rows >= 18 ? 5 : rows >= 10 ? 3 : 0;
	return low + (own->low && rows >= 18 ? 3 : 0);
}

static const void *deal_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct deal_own *own = s->own;
	own->width = panes_body().w;
	own->height = panes_body().h - 1 - low_rows(own, panes_body().h);
	int level = deal_level(own), columns = level == LEVEL_CHIPS ? own->width * 3 / 2 : own->width - 2;
	bool unfolded = own->unfolded || level == LEVEL_LIST;
	struct view_deal_want want = { s->argument, own->scope, unfolded ? VIEW_UNFOLDED : columns, level >= LEVEL_CHIPS,
		own->as_of };
	return view_deal_build(a, src, &want);
}

/* --- the graph ------------------------------------------------------------------------------------- */

/* Identity of a node of the picture: BPMN id, or the steps that a fold stands for. */
static const char *node_key(const struct graph_picture *g, int node, char out[64])
{
	snprintf(out, 64, "%.63s", g->deal->nodes[node].id[0] ? g->deal->nodes[node].id : g->deal->nodes[node].top);
	return out;
}

static int node_at(const struct graph_picture *g, const char *key)
{
	char text[64];
	for (int i = 0; i < g->layout->node_count && key[0]; i++)
		if (g->layout->nodes[i].what != LAYOUT_PORT && !strcmp(node_key(g, g->layout->nodes[i].node, text), key))
			return g->layout->nodes[i].node;
	return -1;
}

static struct graph_picture picture_make(struct deal_own *own, const struct view_deal *v)
{
	int level = deal_level(own);
	struct graph_picture g = { .deal = v, .legend = !own->no_legend };
	static const enum layout_detail details[] = { LAYOUT_BOXES, LAYOUT_BOXES, LAYOUT_CHIPS, LAYOUT_LIST };
	struct layout_options o = layout_whole(0, details[level]);
	o.name_max = 24;
	arena_reset(&own->arena);
	g.layout = layout_build(&own->arena, v->def, &o);
	g.at = own->moved ? node_at(&g, own->at) : -1;
	if (g.at < 0)
		g.at = v->focus;
	g.active = true;
	return g;
}

static void graph_part(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_deal *v)
{
	struct deal_own *own = s->own;
	if (own->width != r.w || own->height != r.h) {
		own->width = r.w;
		own->height = r.h;
	}
	if (!v->def || !v->def->node_count) {
		panes_empty(p, r, 1,
			v->state < 0 ? "No process runs for this deal." : "Nothing of the process stands in this picture.");
		return;
	}
	struct graph_picture g = picture_make(own, v);
	graph_scroll(&g, r, &own->ox, &own->oy);
	graph_draw(p, r, &g, own->ox ? own->ox : -1, own->oy);
}

/* --- the line above it ----------------------------------------------------------------------------- */

static void summary_right(const struct screen_paint *p, int y, int x0, const struct view_deal *v)
{
	struct canvas *c = p->canvas;
	char words[3][48] = { "", "", "" };
	enum ui_status status[3] = { deal_status((int)v->row.standing), UI_STATUS_UNDONE, UI_STATUS_DANGER };
	snprintf(words[0], sizeof(words[0]), "%.40s", v->row.word);
	if (v->undo_total)
		snprintf(words[1], sizeof(words[1]), "%d of %d undone", (int)v->undo_done, (int)v->undo_total);
	snprintf(words[2], sizeof(words[2]), "%.3s", v->alert);
	int x = p->body.x + p->body.w - 1;
	for (int i = 3; i-- > 0;) {
		int w = canvas_width(c, str_of(words[i])) + 2;
		if (!words[i][0] || x - w < x0)
			continue;
		x -= w;
		canvas_put(c, x, y, ui_status_role(status[i]), ui_status_glyph(status[i]));
		canvas_text(c, x + 2, y, w - 2, ui_status_role(status[i]), words[i]);
		x -= 2;
	}
}

static void summary_draw(const struct screen_paint *p, int y, const struct view_deal *v, bool past)
{
	char money[UI_TEXT_MAX], paid[UI_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, p->body.x + 1, y, p->body.w - 2);
	pen_put(&pen, UI_TEXT, v->row.party);
	pen_skip(&pen, 2);
	if (v->reserved)
		pen_printf(&pen, UI_MONEY, "%s %s", ui_money(v->reserved, v->row.currency, money), v->row.currency);
	else
		pen_printf(&pen, UI_MONEY, "%s %s", ui_money(v->row.amount, v->row.currency, money), v->row.currency);
	if (p->body.w >= 80) {
		if (v->reserved)
			pen_printf(&pen, UI_DIM, " reserved, %s paid", ui_money(v->paid, v->row.currency, paid));
		else
			pen_put(&pen, UI_DIM, v->paid ? " outstanding" : " asked for");
		if (v->goods[0] && p->body.w >= 110)
			pen_printf(&pen, UI_DIM, " · %s", v->goods);
	}
	if (!past) /* how it stands is how it stands now */
		summary_right(p, y, pen.x + 1, v);
}

/* --- where it waits -------------------------------------------------------------------------------- */

/* Columns of the waits: the wide ones while all that follows has room there, else as near as their texts allow. 0: gone. */
struct wait_columns {
	int at_w, who, since, then;
};
static struct wait_columns wait_columns(const struct canvas *k, const struct view_deal *v, int w)
{
	enum { DUE_W = 6 };
	struct wait_columns c = { .at_w = 15, .who = 19, .since = 44, .then = 47 };
	int at = 8, who = 3, then = DUE_W;
	for (size_t i = 0; i < v->wait_count; i++) {
		const struct view_wait *x = &v->waits[i];
		int a = canvas_width(k, str_of(x->at)), b = canvas_width(k, str_of(x->who)), t = canvas_width(k, str_of(x->then)) + (x->due ? DUE_W : 0);
		at = a > at ? a : at;
		who = b > who ? b : who;
		then = t > then ? t : then;
	}
	if (w < 38)
		return (struct wait_columns){ .at_w = w - 12 };
	if (c.then + then <= w)
		return c;
	c.at_w = at < w / 4 ? at : w / 4;
	c.who = 3 + c.at_w + 2;
	c.since = c.who + (who < 22 ? who : 22) + 7;
	c.then = c.since + 3;
	if (c.then + 8 > w) { /* the time left is worth more than the time that has passed */
		c.since = 0;
		c.then = w - 8;
	}
	return c;
}

static void wait_row(const struct screen_paint *p, struct ui_rect r, int y, const struct wait_columns *c, const struct view_wait *w)
{
	char text[UI_TEXT_MAX], due[UI_TEXT_MAX] = "";
	enum ui_role role = w->due ? screen_left(p, w->due, 30 * INSTANT_MINUTE, due) : UI_DIM;
	const char *words = w->due && w->due < p->now ? "late" : w->then;
	int wide = canvas_width(p->canvas, str_of(due)), then = canvas_width(p->canvas, str_of(words));
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 1);
	pen_status(&pen, graph_status(w->mark));
	canvas_free_text(p->canvas, r.x + 3, y, c->at_w, graph_role(w->mark), w->at);
	if (!c->who) {
		canvas_right(p->canvas, r.x, y, r.w, role, due);
		return;
	}
	canvas_words(p->canvas, r.x + c->who, y, (c->since ? c->since - 6 : c->then - 1) - c->who, UI_TEXT, w->who);
	if (c->since && w->since)
		canvas_right(p->canvas, r.x, y, c->since + 1, UI_TIME, ui_span(p->now - w->since, text));
	pen = canvas_pen(p->canvas, r.x + c->then, y, r.w - c->then);
	if (c->since && then + (wide ? wide + 1 : 0) <= r.w - c->then) {
		pen_put(&pen, UI_DIM, words);
		pen_skip(&pen, words[0] != 0);
	} else if (c->since && !wide) {
		canvas_words(p->canvas, r.x + c->then, y, r.w - c->then, UI_DIM, words);
	}
	if (wide && pen.x + wide > pen.right)
		canvas_right(p->canvas, r.x, y, r.w, role, due);
	else
		pen_put(&pen, role, due);
}

static void waits_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_deal *v)
{
	if (r.h < 1)
		return;
	const struct deal_own *own = s->own;
	if (!v->wait_count) {
		screen_empty(p, r, own->as_of ? "The boxes with a token say what was waited for then."
			: v->row.standing >= STANDING_UNDONE ? "It has ended: nobody is waited for." : "Nothing waits in this picture.");
		return;
	}
	struct wait_columns c = wait_columns(p->canvas, v, r.w);
	if (c.who && r.h > (int)v->wait_count) {
		canvas_text(p->canvas, r.x + 3, r.y, 4, UI_DIM, "at");
		canvas_text(p->canvas, r.x + c.who, r.y, 6, UI_DIM, "for");
		if (c.since)
			canvas_right(p->canvas, r.x, r.y, c.since + 1, UI_DIM, "since");
		canvas_text(p->canvas, r.x + c.then, r.y, r.w - c.then, UI_DIM, c.since ? "then" : "left");
		r.y++;
		r.h--;
	}
	for (int i = 0; i < r.h && i < (int)v->wait_count; i++) {
		wait_row(p, r, r.y + i, &c, &v->waits[i]);
		struct list_line line = { .focus = i == 0 };
		screen_cursor(p, r.x, r.y + i, r.w, &line, s->pane == PANE_WAITS);
	}
}

/* --- timeline, or the node in detail ---------------------------------------------------------------- */

static void timeline_draw(struct deal_own *own, const struct screen_paint *p, struct ui_rect r, const struct view_deal *v)
{
	char text[UI_TEXT_MAX];
	int who = r.w >= 50 ? 13 : 0, entry = v->last_entry < 10000 ? 15 : 16;
	panes_scroll(&own->timeline_top, own->timeline_top, (int)v->step_count, r.h);
	for (int i = 0; i < r.h && own->timeline_top + i < (int)v->step_count; i++) {
		const struct view_step *n = &v->steps[own->timeline_top + i];
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + i, r.w - 1);
		pen_put(&pen, UI_TIME, ui_past(n->at, p->now, text));
		pen_to(&pen, 9);
		pen_put(&pen, UI_DIM, ui_count((int64_t)n->entry, text));
		pen_to(&pen, entry);
		if (who) {
			pen_put(&pen, UI_TEXT, n->who);
			pen_to(&pen, entry + who);
		}
		pen_status(&pen, screen_news_status(n->status));
		canvas_free_text(p->canvas, r.x + 1 + entry + who + 2, r.y + i, r.w - entry - who - 3, UI_TEXT, n->text);
	}
	if (!v->step_count)
		screen_empty(p, r, "Nothing has happened to this deal yet.");
}

/* Who put an item and who may read it, or why it is gone. */
static void item_readers_draw(struct ui_pen *pen, const struct view_item *n)
{
	char text[400];
	if (n->gone[0])
		snprintf(text, sizeof(text), "destroyed: %s", n->gone);
	else
		snprintf(text, sizeof(text), "%s; read by %s", n->owner, n->readers);
	canvas_free_text(pen->canvas, pen->x, pen->y, pen->right - pen->x, n->gone[0] ? UI_DIM : UI_TEXT, text);
}

/* Kind, name and size, who put it, who may read it; what was destroyed keeps its line. Where it is narrow, the readers have a line
 * of their own under it. */
static void items_draw(struct deal_own *own, const struct screen_paint *p, struct ui_rect r, const struct view_deal *v)
{
	char text[UI_TEXT_MAX];
	bool wide = r.w >= 64;
	int each = wide || r.h < 2 ? 1 : 2, name = wide ? 26 : r.w - 13;
	panes_scroll(&own->timeline_top, own->timeline_top, (int)v->item_count, r.h / each);
	for (int i = 0; (i + 1) * each <= r.h && own->timeline_top + i < (int)v->item_count; i++) {
		const struct view_item *n = &v->items[own->timeline_top + i];
		int y = r.y + i * each;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, name - 1);
		pen_status(&pen, n->gone[0] ? UI_STATUS_UNDONE : n->mine ? UI_STATUS_OK : UI_STATUS_UNCHECKED);
		pen_printf(&pen, UI_DIM, " %s ", n->kind);
		canvas_free_text(p->canvas, pen.x, y, r.x + name - pen.x, UI_TEXT, n->name);
		canvas_right(p->canvas, r.x, y, name + 12, UI_TEXT, ui_count(n->size, text));
		pen = canvas_pen(p->canvas, r.x + (wide ? name + 14 : 3), y + each - 1, wide ? r.w - name - 15 : r.w - 4);
		if (wide || each > 1)
			item_readers_draw(&pen, n);
	}
	if (!v->item_count)
		screen_empty(p, r, "No evidence was put for this deal; `wharf evidence add FILE --deal` puts some.");
}

/* Amount or quantity of an asset, as far as it is for the viewer's eyes. */
static void asset_figure(const struct screen_paint *p, int x, int y, int right, const struct view_asset *n)
{
	char text[UI_TEXT_MAX], number[NUM_TEXT_MAX];
	if (n->quantity) {
		snprintf(text, sizeof(text), "%s %s", num_format_scaled(n->quantity, 3, 1, ',', number), n->unit);
		canvas_right(p->canvas, x, y, right, UI_TEXT, text);
	} else if (n->amount) {
		ui_money(n->amount, n->currency, text);
		if (n->amount != VIEW_MASKED && strcmp(n->currency, "EUR"))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), " %.3s", n->currency);
		canvas_right(p->canvas, x, y, right, UI_MONEY, text);
	}
}

/* An id that is long is known by its tail; a number that people gave is not cut. */
static const char *asset_id(const struct screen_paint *p, const char *id, char out[UI_TEXT_MAX])
{
	bool ours = strlen(id) > 26 && id[2] == '-';
	if (!ours || p->full_ids)
		return snprintf(out, UI_TEXT_MAX, "%s", id), out;
	return ui_id(str_of(id), 12, 4, out);
}

/* Kind, id and state, figure, whose it is, until when, and what else there is to know. */
static void assets_draw(struct deal_own *own, const struct screen_paint *p, struct ui_rect r, const struct view_deal *v)
{
	char text[UI_TEXT_MAX];
	bool wide = r.w >= 74, widest = r.w >= 104;
	int state = wide ? 28 : r.w - 15, figure = 53, who = figure + 2, until = who + (widest ? 14 : 11), says = until + 11;
	panes_scroll(&own->timeline_top, own->timeline_top, (int)v->asset_count, r.h);
	for (int i = 0; i < r.h && own->timeline_top + i < (int)v->asset_count; i++) {
		const struct view_asset *n = &v->assets[own->timeline_top + i];
		int y = r.y + i;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, state - 1);
		pen_status(&pen, screen_news_status(n->status));
		pen_printf(&pen, UI_DIM, " %s ", n->kind);
		canvas_free_text(p->canvas, pen.x, y, r.x + state - pen.x - 1, UI_TEXT, asset_id(p, n->id, text));
		canvas_free_text(p->canvas, r.x + state, y, 13, ui_status_role(screen_news_status(n->status)), n->state);
		if (!wide)
			continue;
		asset_figure(p, r.x, y, figure, n);
		if (r.w <= says + 4 && (n->status == NEWS_WARN || n->status == NEWS_DANGER)) { /* what is wrong goes before whose it is */
			canvas_free_text(p->canvas, r.x + who, y, r.w - who - 1, ui_status_role(screen_news_status(n->status)), n->says);
			continue;
		}
		canvas_free_text(p->canvas, r.x + who, y, until - who - 1, UI_TEXT, n->who);
		if (n->until)
			canvas_free_text(p->canvas, r.x + until, y, 10, UI_TIME, instant_format_date(instant_day(n->until), text));
		if (r.w > says + 4)
			canvas_free_text(p->canvas, r.x + says, y, r.w - says - 1, UI_DIM, n->says);
	}
	if (!v->asset_count)
		screen_empty(p, r, "Nothing stands behind this deal yet.");
}

static void detail_draw(const struct screen_paint *p, struct ui_rect r, const struct graph_picture *g)
{
	char text[UI_TEXT_MAX];
	struct ui_pen pen;
	if (g->at < 0)
		return;
	const struct view_node *n = &g->deal->nodes[g->at];
	pen = panes_fact(p, r, 0, 10, n->top[0] ? n->top : "node");
	pen_printf(&pen, UI_TEXT, "%s, %s", n->label, n->says);
	pen = panes_fact(p, r, 1, 10, "stands");
	pen_status(&pen, graph_status(n->mark));
	if (n->at)
		pen_printf(&pen, UI_TEXT, " since %s", ui_past(n->at, p->now, text));
	if (n->visits > 1)
		pen_printf(&pen, UI_TEXT, ", done %d times", n->visits);
	pen = panes_fact(p, r, 2, 10, "by");
	pen_put(&pen, UI_TEXT, n->who[0] ? n->who : "–");
	pen = panes_fact(p, r, 3, 10, "because");
	if (r.h > 3)
		canvas_wrap(p->canvas, pen.x, r.y + 3, r.w - 12, r.h - 3, UI_TEXT,
			n->why[0] ? n->why : "the way leads here without a condition");
}

/* --- the screen ------------------------------------------------------------------------------------ */

static void deal_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_deal *v = view;
	struct deal_own *own = s->own;
	char tokens[32] = "", entries[64] = "", from[UI_TEXT_MAX], to[UI_TEXT_MAX];
	if (!v) {
		screen_empty(p, p->body, "There is no such deal, or the tail fits more than one; :deals lists them.");
		return;
	}
	snprintf(tokens, sizeof(tokens), "%zu token%s", v->tokens, v->tokens == 1 ? "" : "s");
	if (v->step_count)
		snprintf(entries, sizeof(entries), "entry %s to %s", ui_count((int64_t)v->first_entry, from),
			ui_count((int64_t)v->last_entry, to));
	int low = low_rows(own, p->body.h);
	struct pane waits = { PANE_WAITS, own->as_of ? "It waited" : "Where it waits", tokens, NULL, low, false, { 0 } };
	size_t of = own->low == LOW_ASSETS ? v->assets_all : v->items_all, shown = own->low == LOW_ASSETS ? v->asset_count : v->item_count;
	char items[64] = "";
	snprintf(items, sizeof(items), shown < of ? "%zu item%s, newest shown · E ledger" : "%zu item%s · E ledger", of, of == 1 ? "" : "s");
	static const char *const LOW_TITLES[] = { "Timeline", "Evidence", "Assets" };
	struct pane line = { PANE_TIMELINE, !own->low && own->detail ? "This step" : LOW_TITLES[own->low], NULL,
		own->low ? items : own->detail ? NULL : entries, low, false, { 0 } };
	struct ui_rect graph = { p->body.x, p->body.y + 1, p->body.w, p->body.h - 1 - low };
	struct ui_rect area = { p->body.x, p->body.y + p->body.h - low, p->body.w, low };
	s->panes = PANE_TIMELINE;
	if (!s->full) {
		summary_draw(p, p->body.y, v, own->as_of != 0);
		graph_part(s, p, graph, v);
	}
	struct screen_split split = screen_split_at(area, own->low ? 42 : 53, own->low ? LISTS_WIDE : 76); /* papers have more columns */
	if (split.rule >= 0) {
		panes_stack(p, s, p->body, split.left, &waits, 1);
		panes_stack(p, s, p->body, split.right, &line, 1);
		panes_between(p, s, split.rule, area.y, area.y + area.h - 1);
	} else {
		struct pane *one = s->pane == PANE_TIMELINE ? &line : &waits;
		panes_stack(p, s, p->body, area, one, 1);
	}
	waits_draw(s, p, waits.in, v);
	if (own->low == LOW_EVIDENCE) {
		items_draw(own, p, line.in, v);
	} else if (own->low == LOW_ASSETS) {
		assets_draw(own, p, line.in, v);
	} else if (own->detail && v->def && !s->full) {
		struct graph_picture g = picture_make(own, v);
		detail_draw(p, line.in, &g);
	} else {
		timeline_draw(own, p, line.in, v);
	}
}

static void deal_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_deal *v = view;
	const struct deal_own *own = s->own;
	char id[UI_TEXT_MAX], digest[UI_TEXT_MAX], stamp[UI_TEXT_MAX], folds[32] = "";
	ui_id(str_of(v ? v->row.id : s->argument), p->full_ids ? 40 : 12, 4, id);
	snprintf(out->part, sizeof(out->part), "Deal %.50s", id);
	if (!v || !v->def)
		return;
	if (v->scope[0])
		snprintf(out->part, sizeof(out->part), "Deal %.24s › %.24s", id, v->scope_name);
	if (v->folds)
		snprintf(folds, sizeof(folds), ", %d fold%s", v->folds, v->folds == 1 ? "" : "s");
	if (own->as_of)
		snprintf(out->right, sizeof(out->right), "as of %s · t further back, T now", ui_past(own->as_of, p->now, stamp));
	else
		snprintf(out->right, sizeof(out->right), "%.40s v%d %s · %s · %d of %d nodes%s", v->process, (int)v->version,
			ui_digest(str_of(v->digest), digest), LEVEL_WORDS[deal_level(own)], v->nodes_done, v->nodes_all, folds);
}

/* --- keys ------------------------------------------------------------------------------------------ */

static void deal_walk(struct deal_own *own, const struct view_deal *v, int key)
{
	static const int arrows[][2] = { { UI_KEY_LEFT, 'h' }, { UI_KEY_DOWN, 'j' }, { UI_KEY_UP, 'k' }, { UI_KEY_RIGHT, 'l' } };
	struct graph_picture g = picture_make(own, v);
	for (size_t i = 0; i < 4; i++)
		if (arrows[i][0] == key)
			key = arrows[i][1];
	int to = graph_move(&g, key);
	if (to >= 0)
		node_key(&g, to, own->at);
	own->moved = true;
}

/* Into a sub-process or out of it; a fold is opened for the whole graph. */
static void deal_fold(struct deal_own *own, const struct view_deal *v, struct screen_out *out)
{
	struct graph_picture g = picture_make(own, v);
	if (g.at >= 0 && v->nodes[g.at].subprocess) {
		snprintf(own->scope, sizeof(own->scope), "%.47s", v->nodes[g.at].id);
		own->moved = false;
		own->ox = own->oy = 0;
		return;
	}
	if (own->scope[0]) {
		own->scope[0] = 0;
		own->moved = false;
		return;
	}
	own->unfolded = !own->unfolded;
	out->status = UI_STATUS_NOTE;
	snprintf(out->message, sizeof(out->message), "%s", own->unfolded ? "every stretch is open; z folds what is far from the tokens"
		: "what is far from the tokens is folded");
}

/* To the moment before the last thing that this picture shows, or back to now. */
static void deal_travel(struct deal_own *own, const struct view_deal *v, bool back)
{
	int64_t to = 0;
	if (back) {
		own->moved = false;
		for (size_t i = 0; i < v->step_count && !to; i++)
			if (!own->as_of || v->steps[i].at < own->as_of)
				to = own->as_of ? v->steps[i].at : v->steps[i].at - 1;
		own->as_of = to ? to : own->as_of;
		return;
	}
	own->as_of = 0;
}

static void deal_why(struct deal_own *own, const struct view_deal *v, struct screen_out *out)
{
	struct graph_picture g = picture_make(own, v);
	if (g.at < 0)
		return;
	const struct view_node *n = &v->nodes[g.at];
	out->status = UI_STATUS_NOTE;
	snprintf(out->message, sizeof(out->message), "%s %s: %s", n->top, n->label,
		n->why[0] ? n->why : "the way leads here without a condition");
}

static void deal_act(const struct view_deal *v, int key, struct screen_out *out)
{
	const char *task = "";
	for (size_t i = 0; i < v->wait_count && !task[0]; i++)
		task = v->waits[i].task;
	if (key == 'a' && task[0])
		snprintf(out->line, sizeof(out->line), "goto tasks %s", task);
	else if (key == 'a') {
		out->status = UI_STATUS_NOTE;
		snprintf(out->message, sizeof(out->message), "no task of this deal waits for a person");
	} else if (key == 's')
		snprintf(out->line, sizeof(out->line), "suspend %s", v->row.id);
	else if (key == 'S')
		snprintf(out->line, sizeof(out->line), "lift %s", v->row.id);
	else if (key == 'c')
		snprintf(out->line, sizeof(out->line), "compensate %s", v->row.id);
	else if (key == 'm')
		snprintf(out->line, sizeof(out->line), "memo %s ", v->row.id);
	else if (key == 'E')
		snprintf(out->line, sizeof(out->line), "goto ledger %llu", (unsigned long long)v->last_entry);
}

/* The first photo from the line on that the evidence pane begins with: the ledger says these of it, the picture itself is its
 * readers' (`wharf evidence get`). */
static void deal_photo(const struct deal_own *own, const struct view_deal *v, struct screen_out *out)
{
	char size[UI_TEXT_MAX], at[INSTANT_TEXT_MAX], digest[UI_TEXT_MAX];
	size_t i = own->low == LOW_EVIDENCE ? (size_t)own->timeline_top : 0;
	while (i < v->item_count && strcmp(v->items[i].kind, "photo") != 0)
		i++;
	out->status = UI_STATUS_NOTE;
	if (i >= v->item_count) {
		snprintf(out->message, sizeof(out->message), "there is no photo among the evidence from here on");
		return;
	}
	const struct view_item *n = &v->items[i];
	snprintf(out->message, sizeof(out->message), "%.60s, %.20s bytes, %.31s, taken %.19s, digest %.20s", n->name, ui_count(n->size, size),
		n->device[0] ? n->device : "no device named", instant_format(n->captured_at, 0, at), ui_digest(str_of(n->digest), digest));
}

/* A list of papers instead of the timeline, in focus because it may be the only pane; the same key takes it away again. */
static void deal_low(struct screen_state *s, enum low low)
{
	struct deal_own *own = s->own;
	own->low = own->low == low ? LOW_TIMELINE : low;
	own->timeline_top = 0;
	s->pane = own->low ? PANE_TIMELINE : PANE_WAITS;
}

static void deal_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	struct deal_own *own = s->own;
	const struct view_deal *v = view;
	if (!v)
		return;
	out->used = true;
	switch (key) {
	case 'a': case 's': case 'S': case 'c': case 'E': case 'm': deal_act(v, key, out); return;
	case 'e': deal_low(s, LOW_EVIDENCE); return;
	case 'A': deal_low(s, LOW_ASSETS); return;
	case 't': deal_travel(own, v, true); return;
	case 'T': deal_travel(own, v, false); return;
	case 'i': deal_photo(own, v, out); return;
	case 'L': own->no_legend = !own->no_legend; return;
	case 'Z': own->level = deal_level(own) % (LEVEL_COUNT - 1) + 1; own->ox = own->oy = 0; own->moved = false; return;
	default: break;
	}
	if (s->pane == PANE_TIMELINE && (key == 'j' || key == UI_KEY_DOWN || key == 'k' || key == UI_KEY_UP)) {
		own->timeline_top += key == 'j' || key == UI_KEY_DOWN ? 1 : own->timeline_top > 0 ? -1 : 0;
		return;
	}
	if (!v->def || !v->def->node_count) {
		out->used = false;
		return;
	}
	switch (key) {
	case 'h': case 'j': case 'k': case 'l': case UI_KEY_LEFT: case UI_KEY_DOWN: case UI_KEY_UP: case UI_KEY_RIGHT:
		deal_walk(own, v, key);
		break;
	case 'z': deal_fold(own, v, out); break;
	case 'w': deal_why(own, v, out); break;
	case UI_KEY_ENTER: own->detail = !own->detail; break;
	default: out->used = false;
	}
}

static void deal_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	const struct view_deal *v = view;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", v ? v->row.id : s->argument);
}

static const struct screen_key DEAL_KEYS[] = {
	{ "Enter", "open", "step in detail", NULL, false },
	{ "A", "assets", "debt, goods, papers", NULL, false },
	{ "a", "act", "its waiting task", NULL, false },
	{ "e", "evidence", "its files, and back", NULL, false },
	{ "w", "why", "its condition", NULL, false },
	{ "z", "fold", "fold, look inside", NULL, false },
	{ "h j k l", "move", "along the edges", NULL, false },
	{ "Left Right", NULL, "along", NULL, false },
	{ "Up Down", NULL, "branch, lane", NULL, false },
	{ "Z", "detail", "box, chip, list", NULL, false },
	{ "t T", "travel in time", "in time: back, now", NULL, false },
	{ "E", NULL, "its last entry", NULL, false },
	{ "i", NULL, "about a photo", NULL, false },
	{ "L", NULL, "legend", NULL, false },
	{ "m", NULL, "a note, sealed", "memo", false },
	{ "s", NULL, "stop outflow", "suspend", false },
	{ "S", NULL, "lift suspension", "lift", false },
	{ "c", NULL, "undo all of it", "compensate", false },
};

const struct screen SCREEN_DEAL = {
	.name = "deal", .title = "Deal", .help = "the workflow graph of one deal", .needs_object = true, .keys = DEAL_KEYS,
	.key_count = sizeof(DEAL_KEYS) / sizeof(DEAL_KEYS[0]), .open = deal_open, .close = deal_close, .view = deal_view,
	.update = deal_update, .draw = deal_draw, .head = deal_head, .object = deal_object,
};
