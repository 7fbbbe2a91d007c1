/* Deals: every deal of the book as a row, and what matters of the one under the cursor.
 *
 * What must remain true: state glyph left of the deal, its money right of it, and an amount is never shortened:
 * columns go first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/view_deals.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_LIST = 1, PANE_DETAIL, PANE_NEWS };
enum { FACT_AT = 15 };

/* Glyph of each standing. */
static const enum ui_status STANDING_STATUS[STANDING_COUNT] = {
	[STANDING_CALL] = UI_STATUS_DANGER, [STANDING_HELD] = UI_STATUS_HELD, [STANDING_WATCH] = UI_STATUS_WARN,
	[STANDING_MOVES] = UI_STATUS_TOKEN, [STANDING_WAITS] = UI_STATUS_WAIT, [STANDING_NORMAL] = UI_STATUS_OK,
	[STANDING_UNDONE] = UI_STATUS_UNDONE, [STANDING_ENDED] = UI_STATUS_DONE,
};

enum ui_status deal_status(int standing)
{
	return standing >= 0 && standing < STANDING_COUNT ? STANDING_STATUS[standing] : UI_STATUS_NOTE;
}

/* --- view ----------------------------------------------------------------------------------------- */

static const char *const SORTS[] = { "EUR", "standing", "LTV", "party", "state", "waits", "opened", NULL };
enum { SORT_AMOUNT, SORT_STANDING, SORT_LTV, SORT_PARTY, SORT_STATE, SORT_WAITS, SORT_OPENED };

struct deals_like {
	const struct screen_state *s;
	const struct view_deals *v;
};

static bool deals_shows(void *ctx, size_t row)
{
	const struct deals_like *like = ctx;
	const struct view_deal_row *r = &like->v->rows[row];
	const char *texts[] = { r->id, r->party, r->word, r->waits, DEAL_STATE_NAMES[r->state], DEAL_KIND_NAMES[r->kind], NULL };
	return screen_filter_likes(like->s->filter, texts);
}

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int deals_order(void *ctx, size_t x, size_t y)
{
	const struct deals_like *like = ctx;
	const struct view_deal_row *a = &like->v->rows[x], *b = &like->v->rows[y];
	int by = 0;
	switch (like->s->sort) {
	case SORT_STANDING: by = compare((int64_t)a->standing, (int64_t)b->standing); break;
	case SORT_LTV: by = compare(b->ltv, a->ltv); break;
	case SORT_PARTY: by = strcmp(a->party, b->party); break;
	case SORT_STATE: by = strcmp(a->word, b->word); break;
	case SORT_WAITS: by = compare(a->waits[0] == 0, b->waits[0] == 0); break;
	case SORT_OPENED: by = compare(b->opened_at, a->opened_at); break;
	default: break;
	}
	if (!by)
		by = compare((int64_t)x, (int64_t)y); /* the view's own order */
	return like->s->reverse ? -by : by;
}

static void deals_list(struct screen_state *s, struct arena *a, const struct view_deals *v)
{
	struct list_row *rows = arena_zero(a, (v->count + 1) * sizeof(*rows));
	struct deals_like like = { s, v };
	struct list_rules rules = { deals_shows, s->sort || s->reverse ? deals_order : NULL, &like };
	for (size_t i = 0; i < v->count; i++)
		rows[i] = (struct list_row){ v->rows[i].id, v->rows[i].version };
	s->list_total = v->count;
	list_refresh(s->list, rows, v->count, &rules);
}

static void deals_focus(const struct screen_state *s, char out[SCREEN_ARGUMENT_MAX])
{
	struct list_line at;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", list_target(s->list, &at) ? at.key : "");
}

static const void *deals_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	char before[SCREEN_ARGUMENT_MAX], after[SCREEN_ARGUMENT_MAX];
	deals_focus(s, before);
	struct view_deals *v = view_deals_build(a, src, before);
	deals_list(s, a, v);
	deals_focus(s, after);
	return strcmp(before, after) ? view_deals_build(a, src, after) : v;
}

/* --- the list ------------------------------------------------------------------------------------- */

/* Columns from the left; 0: gone. What a column asks for comes from its rows: words have the room that there is. Waits for gives
 * way first, then LTV, kind, party, state word. */
struct columns {
	int kind, deal, party, party_w, state, state_w, amount, ltv, waits;
};
enum { PARTY_LEAST = 15, STATE_LEAST = 12, WAITS_LEAST = 12, AMOUNT_W = 13 /* a blank and twelve cells */, LTV_W = 7 };

static int widest(const struct canvas *k, const struct view_deals *v, const char *(*text)(const struct view_deal_row *), int least)
{
	for (size_t i = 0; i < v->count; i++) {
		struct str s = str_of(text(&v->rows[i]));
		int wide = (int)s.len > least ? canvas_width(k, s) : 0; /* no cell has less than a byte */
		least = wide > least ? wide : least;
	}
	return least;
}

static const char *row_party(const struct view_deal_row *row) { return row->party; }
static const char *row_word(const struct view_deal_row *row) { return row->word; }
static const char *row_waits(const struct view_deal_row *row) { return row->waits; }

/* Takes of `spare` what a column lacks of what it asks for. */
static void give(int *spare, int *column, int wanted)
{
	int more = wanted - *column < *spare ? wanted - *column : *spare;
	if (more > 0) {
		*column += more;
		*spare -= more;
	}
}

static struct columns deals_columns(const struct canvas *k, const struct view_deals *v, int w)
{
	struct columns c = { 0 };
	c.kind = w >= 56 ? 4 : 0;
	c.deal = c.kind ? 7 : 4;
	c.party = w >= 48 ? c.deal + 10 : 0;
	c.ltv = w >= 64 ? LTV_W : 0; /* its width; places follow below */
	int state_w = w >= 60 ? STATE_LEAST : 0, party_w = c.party ? PARTY_LEAST : 0, waits_w = w >= 76 ? WAITS_LEAST : 0;
	int spare = w - 1 - (c.party ? c.party : c.deal + 10) - (party_w ? party_w + 1 : 0) - state_w - AMOUNT_W - c.ltv - (waits_w ? waits_w + 2 : 0);
	if (spare < 0) { /* another column has just come in */
		party_w += spare;
		spare = 0;
	}
	if (state_w)
		give(&spare, &state_w, widest(k, v, row_word, STATE_LEAST));
	if (party_w)
		give(&spare, &party_w, widest(k, v, row_party, PARTY_LEAST));
	if (waits_w)
		give(&spare, &waits_w, widest(k, v, row_waits, WAITS_LEAST));
	int gap = spare > 2 ? spare / 3 : 0; /* what nobody asked for stands between the columns */
	c.party_w = party_w;
	c.state = state_w ? c.party + party_w + 1 + gap : 0;
	c.state_w = state_w;
	c.waits = waits_w ? w - 1 - waits_w - gap : 0;
	c.amount = (c.waits ? c.waits - 2 : w - 1) - c.ltv;
	c.ltv = c.ltv ? c.amount + LTV_W : 0;
	return c;
}

static void deals_heads(const struct screen_paint *p, struct ui_rect r, const struct columns *c, const char *currency)
{
	struct canvas *k = p->canvas;
	if (c->kind)
		canvas_text(k, r.x + c->kind - 2, r.y, 4, UI_DIM, "kind");
	canvas_text(k, r.x + c->deal, r.y, 4, UI_DIM, "deal");
	if (c->party)
		canvas_text(k, r.x + c->party, r.y, c->party_w, UI_DIM, "party");
	if (c->state)
		canvas_text(k, r.x + c->state, r.y, c->state_w, UI_DIM, "state");
	canvas_right(k, r.x, r.y, c->amount, UI_DIM, currency);
	if (c->ltv)
		canvas_right(k, r.x, r.y, c->ltv, UI_DIM, "LTV");
	if (c->waits)
		canvas_text(k, r.x + c->waits, r.y, r.w - c->waits, UI_DIM, "waits for");
}

static enum ui_role ltv_role(const struct view_deal_row *row)
{
	return row->ltv == INT64_MIN ? UI_DIM : row->zone >= ZONE_CALL ? UI_DANGER : row->zone ? UI_WARN : UI_MONEY;
}

static void ltv_text(int64_t ltv, char out[UI_TEXT_MAX])
{
	ui_ratio(ltv, out);
	char *blank = strchr(out, ' ');
	if (blank)
		*blank = 0;
}

static void deals_row(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_deals *v, const struct view_deal_row *row)
{
	struct canvas *k = p->canvas;
	char text[UI_TEXT_MAX];
	enum ui_status status = deal_status((int)row->standing);
	canvas_put(k, r.x + 1, y, ui_status_role(status), ui_status_glyph(status));
	if (c->kind)
		canvas_text(k, r.x + c->kind, y, 1, UI_DIM, row->kind == DEAL_PLEDGE ? "B" : "A");
	canvas_text(k, r.x + c->deal, y, c->party ? 9 : 12, UI_ID,
		p->full_ids && !c->party ? row->id : ui_id_list(str_of(row->id), text));
	if (c->party)
		canvas_words(k, r.x + c->party, y, c->party_w, UI_TEXT, row->party);
	if (c->state)
		canvas_words(k, r.x + c->state, y, c->state_w, ui_status_role(status),
			canvas_width(k, str_of(row->word)) > c->state_w ? row->short_word : row->word);
	ui_money(row->amount, row->currency, text);
	if (strcmp(row->currency, v->currency))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", row->currency);
	canvas_right(k, r.x, y, c->amount, UI_MONEY, text);
	if (c->ltv) {
		ltv_text(row->ltv, text);
		canvas_right(k, r.x, y, c->ltv, ltv_role(row), text);
	}
	if (c->waits)
		canvas_free_text(k, r.x + c->waits, y, r.w - c->waits - 1, row->waits[0] ? UI_TEXT : UI_DIM,
			row->waits[0] ? row->waits : "–");
}

static void list_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_deals *v)
{
	struct columns c = deals_columns(p->canvas, v, r.w);
	struct list_line line;
	int n = 0;
	if (r.h < 1)
		return;
	if (!v->count) {
		screen_empty(p, r, "No deal yet; the first request appears here, `:import FILE` brings one.");
		return;
	}
	deals_heads(p, r, &c, v->currency);
	list_set_height(s->list, r.h - 1);
	for (; n < r.h - 1 && list_line_at(s->list, n, &line); n++) {
		int y = r.y + 1 + n;
		if (line.row == LIST_NO_ROW || line.row >= v->count)
			panes_gone(p, s, r.x + 4, y, r.w - 5);
		else
			deals_row(p, r, y, &c, v, &v->rows[line.row]);
		screen_cursor(p, r.x, y, r.w, &line, s->pane == PANE_LIST);
	}
	if (!n) {
		char why[SCREEN_FILTER_MAX + 64];
		snprintf(why, sizeof(why), "None of %zu deals match %s; Esc clears it.", v->count, s->filter);
		panes_empty(p, r, 1, why);
	}
}

/* --- one deal ------------------------------------------------------------------------------------- */

static void fact_value(struct ui_pen *pen, const struct view_deal_detail *d, const struct view_fact *f, int last)
{
	char text[UI_TEXT_MAX], number[NUM_TEXT_MAX];
	struct civil day;
	switch (f->kind) {
	case FACT_MONEY: pen_right(pen, last, UI_MONEY, ui_money(f->value, d->currency, text)); break;
	case FACT_RATIO: pen_right(pen, last, UI_MONEY, ui_ratio(f->value, text)); break;
	case FACT_RATE: pen_right(pen, last, UI_MONEY, ui_ratio(f->value / 100, text)); break;
	case FACT_COUNT: pen_put(pen, UI_MONEY, ui_count(f->value, text)); break;
	case FACT_QUANTITY: pen_put(pen, UI_MONEY, num_format_scaled(f->value, 3, 1, ',', number)); break;
	case FACT_DATE:
		day = instant_civil_of_day(f->value);
		ui_past(instant_of(day.year, day.month, day.day, 0, 0, 0), 0, text);
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d", day.year);
		pen_put(pen, UI_TIME, text);
		break;
	case FACT_TEXT: pen_put(pen, UI_TEXT, f->text); return;
	default: return;
	}
	if (f->text[0])
		pen_printf(pen, UI_DIM, " %s", f->text);
}

static int facts_draw(const struct screen_paint *p, struct ui_rect r, const struct view_deal_detail *d)
{
	int y = 0;
	for (size_t i = 0; i < d->case_count && y < r.h; i++, y++) {
		char left[UI_TEXT_MAX];
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		enum ui_role role = screen_left(p, d->cases[i].deadline, INSTANT_HOUR, left);
		pen_status(&pen, d->cases[i].level >= 3 ? UI_STATUS_DANGER : UI_STATUS_WARN);
		pen_printf(&pen, UI_TEXT, " %s ", d->cases[i].code);
		int from = canvas_right(p->canvas, r.x, r.y + y, r.w - 1, role, left);
		canvas_free_text(p->canvas, pen.x, r.y + y, from - pen.x - 1, UI_TEXT, d->cases[i].title);
	}
	y += d->case_count && y < r.h;
	for (size_t i = 0; i < d->fact_count && y < r.h; i++, y++) {
		struct ui_pen pen = panes_fact(p, r, y, FACT_AT, d->facts[i].label);
		fact_value(&pen, d, &d->facts[i], FACT_AT + 12);
	}
	return y;
}

static void news_draw(const struct screen_paint *p, struct ui_rect r, const struct view_deal_detail *d)
{
	char text[UI_TEXT_MAX];
	int who = r.w >= 56 ? 13 : 0, x = r.x + 12 + who, w = r.w - 13 - who, y = 0;
	for (size_t i = 0; y < r.h && i < d->news_count; i++) {
		const struct view_deal_news *n = &d->news[i];
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_put(&pen, UI_TIME, ui_past(n->at, p->now, text));
		pen_to(&pen, 9);
		if (who) {
			pen_put(&pen, UI_DIM, n->who);
			pen_to(&pen, 9 + who);
		}
		pen_status(&pen, screen_news_status(n->status));
		y += canvas_wrap(p->canvas, x, r.y + y, w, r.h - y < 2 ? r.h - y : 2, UI_TEXT, n->text);
	}
	if (!d->news_count)
		screen_empty(p, r, "Nothing has happened to this deal yet.");
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void deals_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_deals *v = view;
	char running[64], outstanding[80], money[UI_TEXT_MAX], title[UI_TEXT_MAX + 16] = "What matters";
	bool wide = p->body.w >= 120;
	snprintf(running, sizeof(running), "%zu", v->count);
	snprintf(outstanding, sizeof(outstanding), "outstanding %s %s", ui_money(v->outstanding, v->currency, money), v->currency);
	if (v->detail)
		snprintf(title, sizeof(title), "%s", ui_id(str_of(v->detail->id), 12, 4, money));
	struct pane list = { PANE_LIST, "Deals", running, outstanding, 10, true, { 0 } };
	struct pane detail = { PANE_DETAIL, title, NULL, NULL, 12, false, { 0 } };
	struct pane news = { PANE_NEWS, "What happened", NULL, NULL, 8, true, { 0 } };
	s->panes = PANE_NEWS;
	if (wide) {
		struct screen_split split = screen_split_at(p->body, p->body.w >= 160 ? 60 : 67, 120);
		struct pane right[] = { detail, news };
		right[0].want = v->detail ? (int)(v->detail->fact_count + v->detail->case_count) + 3 : 8;
		panes_stack(p, s, p->body, split.left, &list, 1);
		panes_stack(p, s, p->body, split.right, right, 2);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
		detail = right[0];
		news = right[1];
	} else {
		struct pane all[] = { list, detail, news };
		bool low = p->body.h < 18;
		all[0].want = low ? p->body.h - 2 : p->body.h - 9;
		all[1].want = s->pane == PANE_DETAIL ? p->body.h / 2 : 6;
		all[2].grows = false;
		all[2].want = s->pane == PANE_NEWS ? p->body.h / 2 : 3;
		panes_stack(p, s, p->body, p->body, all, 3);
		list = all[0];
		detail = all[1];
		news = all[2];
	}
	list_draw(s, p, list.in, v);
	if (v->detail) {
		facts_draw(p, detail.in, v->detail);
		news_draw(p, news.in, v->detail);
	}
}

static void deals_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_deals *v = view;
	size_t shown = list_count(s->list);
	(void)p;
	snprintf(out->right, sizeof(out->right), "%zu of %zu · sort %s %s", shown, v->count, SORTS[s->sort],
		s->reverse ? "▲" : "▼");
}

static void deals_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	struct list_line at;
	(void)view;
	if (!list_target(s->list, &at))
		return;
	out->used = true;
	switch (key) {
	case UI_KEY_ENTER: case 'd': snprintf(out->line, sizeof(out->line), "goto deal %s", at.key); break;
	case 's': snprintf(out->line, sizeof(out->line), "suspend %s", at.key); break;
	case 'S': snprintf(out->line, sizeof(out->line), "lift %s", at.key); break;
	default: out->used = false;
	}
}

static void deals_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	(void)view;
	deals_focus(s, out);
}

static const struct screen_key DEALS_KEYS[] = {
	{ "Enter d", "deal", "its workflow graph", NULL, false },
	{ "s", "suspend", "stop every outflow", "suspend", false },
	{ "S", "lift", "lift a suspension", "lift", false },
	{ "j k", NULL, "another deal", NULL, true },
	{ "o O", "sort", "sort, reverse", NULL, true },
	{ "/", "filter", "party, state, tail", NULL, true },
};

const struct screen SCREEN_DEALS = {
	.name = "deals", .title = "Deals", .help = "every deal and what matters of one", .function_key = UI_KEY_F4,
	.keys = DEALS_KEYS, .key_count = sizeof(DEALS_KEYS) / sizeof(DEALS_KEYS[0]), .sorts = SORTS, .has_list = true,
	.list_pane = PANE_LIST, .view = deals_view, .update = deals_update, .draw = deals_draw, .head = deals_head,
	.object = deals_object,
};
