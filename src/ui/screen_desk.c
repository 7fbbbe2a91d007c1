/* The desk: what needs this person first, and what stands around it. Its row 1 is the most urgent thing.
 *
 * Bank people see money, LTV, exposure, feeds and the day; a warehouse's people see goods, docks, devices and
 * custody, and no amount. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "engine/view_desk.h"
#include "feed/state.h"
#include "screens_int.h"
#include "ui/screen.h"

struct desk_own {
	size_t news_top;
};

static void *desk_open(struct screen_state *s)
{
	(void)s;
	return calloc(1, sizeof(struct desk_own));
}

static void desk_close(struct screen_state *s)
{
	free(s->own);
}

/* --- view ------------------------------------------------------------------------------------------- */

static bool need_shows(void *ctx, size_t row)
{
	const void *const *c = ctx;
	const struct view_desk *d = c[0];
	const struct view_need *n = &d->needs[row];
	const char *texts[] = { n->what, n->party, n->task->deal, n->task->step, NULL };
	return screen_filter_likes(c[1], texts);
}

static const void *desk_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct view_desk *d = view_desk_build(a, src);
	struct list_row *rows = arena_alloc(a, (d->need_count + 1) * sizeof(*rows));
	for (size_t i = 0; i < d->need_count; i++)
		rows[i] = (struct list_row){ d->needs[i].task->id, (uint64_t)d->needs[i].task->version };
	const void *ctx[2] = { d, s->filter };
	struct list_rules rules = { need_shows, NULL, ctx };
	list_refresh(s->list, rows, d->need_count, &rules);
	s->list_total = d->need_count;
	return d;
}

static const struct view_need *need_at(const struct screen_state *s, const struct view_desk *d)
{
	struct list_line line;
	if (!list_target(s->list, &line))
		return NULL;
	for (size_t i = 0; i < d->need_count; i++)
		if (strcmp(d->needs[i].task->id, line.key) == 0)
			return &d->needs[i];
	return NULL;
}

static void desk_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	const struct view_need *n = need_at(s, view);
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", n ? n->task->id : "");
}

/* --- keys ------------------------------------------------------------------------------------------- */

static void ask(struct screen_out *out, const char *verb, const char *object)
{
	snprintf(out->line, sizeof(out->line), "%s %s", verb, object);
}

static void offer_acts(const struct view_need *n, struct screen_state *s, struct screen_out *out)
{
	const char *acts[VIEW_OFFERED_MAX + 1];
	view_offered(n->task, acts);
	size_t len = 0;
	s->chord = 'a';
	for (int i = 0; acts[i] && len < sizeof(out->message) - 20; i++)
		len += (size_t)snprintf(out->message + len, sizeof(out->message) - len, "%s%d %s", i ? "   " : "", i + 1, acts[i]);
}

static void act_chosen(const struct view_need *n, struct screen_state *s, int key, struct screen_out *out)
{
	const char *acts[VIEW_OFFERED_MAX + 1];
	int count = view_offered(n->task, acts);
	s->chord = 0;
	if (key < '1' || key >= '1' + count) {
		snprintf(out->message, sizeof(out->message), "no act was chosen");
		return;
	}
	if (strcmp(n->task->form, "receipt") == 0 && key == '1')
		ask(out, "goto receipt", n->task->id);
	else
		snprintf(out->line, sizeof(out->line), "decide %s %s", n->task->id, acts[key - '1']);
}

static void open_object(const struct view_desk *d, const struct view_need *n, struct screen_out *out)
{
	if (strcmp(n->task->form, "receipt") == 0)
		ask(out, "goto receipt", n->task->id);
	else if (n->alert)
		ask(out, "goto alerts", n->alert->id);
	else
		ask(out, "goto tasks", n->task->id);
	(void)d;
}

static void scroll_news(struct desk_own *own, const struct view_desk *d, int key)
{
	size_t step = key == UI_KEY_PAGE_DOWN || key == UI_KEY_PAGE_UP ? 10 : 1;
	if ((key == 'j' || key == UI_KEY_DOWN || key == UI_KEY_PAGE_DOWN) && own->news_top + step < d->news_count)
		own->news_top += step;
	else if (key == 'k' || key == UI_KEY_UP || key == UI_KEY_PAGE_UP)
		own->news_top = own->news_top > step ? own->news_top - step : 0;
	else if (key == 'g')
		own->news_top = 0;
}

static void desk_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_desk *d = view;
	const struct view_need *n = need_at(s, d);
	const char *acts[VIEW_OFFERED_MAX + 1];
	int offered = n ? view_offered(n->task, acts) : 0;
	out->used = true;
	if (s->chord && n) {
		act_chosen(n, s, key, out);
		return;
	}
	s->chord = 0;
	if (s->pane == 4 && key != UI_KEY_ENTER) {
		scroll_news(s->own, d, key);
		return;
	}
	if (!n) {
		snprintf(out->message, sizeof(out->message), "nothing is under the cursor");
		return;
	}
	if (key == UI_KEY_ENTER)
		open_object(d, n, out);
	else if (key == 'a' && strcmp(n->task->form, "receipt") != 0 && offered > 1)
		offer_acts(n, s, out);
	else if (key == 'a')
		act_chosen(n, s, '1', out);
	else if (key == 's')
		ask(out, "suspend", n->task->deal);
	else if (key == 'S')
		ask(out, "lift", n->task->deal);
	else if (key == 'f' && n->deal)
		ask(out, "freeze", n->deal->lot);
	else if (key == 'c')
		ask(out, n->task->claimed_by[0] ? "give-back" : "claim", n->task->id);
	else if (key == 'd')
		ask(out, "goto deal", n->task->deal);
	else if (key == 'w' && n->task->decision[0])
		ask(out, "goto decisions", n->task->decision);
	else
		out->used = false;
}

/* `a` says what it will open. */
static const char *desk_word(const struct screen_state *s, const void *view, const struct screen_key *k)
{
	const struct view_need *n = need_at(s, view);
	if (k->key[0] != 'a' || !n)
		return NULL;
	return strcmp(n->task->form, "receipt") == 0 ? "confirm receipt" : NULL;
}

static bool desk_allows(const struct screen_state *s, const void *view, const struct screen_key *k, char why[160])
{
	const struct view_need *n = view ? need_at(s, view) : NULL;
	if (k->moves || k->key[0] == '/' || k->key[0] == ':')
		return true;
	if (!n) {
		snprintf(why, 160, "nothing is under the cursor");
		return false;
	}
	if (k->key[0] == 'f' && (!n->deal || !n->deal->lot[0])) {
		snprintf(why, 160, "no goods hang on this");
		return false;
	}
	return true;
}

/* --- needs ------------------------------------------------------------------------------------------ */

static void draw_need(const struct screen_paint *p, struct ui_rect r, int y, const struct view_desk *d,
	const struct view_need *n, const struct list_line *line)
{
	char id[UI_TEXT_MAX], money[UI_TEXT_MAX];
	bool narrow = r.w < 60;
	struct ui_pen pen = canvas_pen(p->canvas, r.x, y, r.w - 1);
	screen_need_begin(p, &pen, narrow ? 7 : 8, n);
	pen_skip(&pen, narrow ? 1 : 2);
	int text = narrow ? 9 : 11, money_at = r.w - 2, deal_at = r.w - 5, party_at = 0;
	if (!narrow) {
		deal_at = r.w >= 76 ? 42 : 39;
		party_at = deal_at + 9;
	}
	char what[128];
	if (narrow)
		snprintf(what, sizeof(what), "%.4s %s", n->task->step, n->few);
	else
		snprintf(what, sizeof(what), "%s", n->what);
	canvas_free_text(p->canvas, r.x + text, y, deal_at - text - 1, line->gone ? UI_OFF : UI_TEXT, what);
	if (narrow) {
		canvas_text(p->canvas, r.x + deal_at, y, 4, UI_ID, ui_id_feed(str_of(n->task->deal), id));
		return;
	}
	canvas_text(p->canvas, r.x + deal_at, y, 9, UI_ID, ui_id_list(str_of(n->task->deal), id));
	int room = money_at - party_at + 1;
	if (!d->warehouse && n->task->amount) {
		ui_money(n->task->amount, d->currency, money);
		canvas_right(p->canvas, r.x + party_at, y, room, UI_MONEY, money);
		room -= (int)strlen(money) + 1;
	}
	const char *party = canvas_width(p->canvas, str_of(n->party)) <= room ? n->party : n->party_short;
	if (canvas_width(p->canvas, str_of(party)) <= room)
		canvas_text(p->canvas, r.x + party_at, y, room, UI_TEXT, party);
}

/* A warehouse's row: goods and place in the room of party and money. */
static void draw_goods(const struct screen_paint *p, struct ui_rect r, int y, const struct view_need *n)
{
	char id[UI_TEXT_MAX], goods[64] = "";
	struct ui_pen pen = canvas_pen(p->canvas, r.x, y, r.w - 1);
	screen_need_begin(p, &pen, 7, n);
	canvas_free_text(p->canvas, r.x + 10, y, 30, UI_TEXT, n->alert ? n->what : n->task->title);
	if (n->lot)
		snprintf(goods, sizeof(goods), "%" PRId64 " × %.20s", n->lot->packages, n->lot->commodity);
	canvas_text(p->canvas, r.x + 41, y, 19, UI_TEXT, goods);
	canvas_text(p->canvas, r.x + 61, y, 12, UI_TEXT, n->lot ? n->lot->place : "");
	canvas_text(p->canvas, r.x + 74, y, 4, UI_ID, ui_id_feed(str_of(n->task->deal), id));
}

static void draw_gone(const struct screen_paint *p, struct ui_rect r, int y, const struct list_line *line)
{
	char id[UI_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x, y, r.w - 1);
	pen_to(&pen, 4);
	pen_put(&pen, UI_OFF, screen_id(p, line->key, id));
	pen_put(&pen, UI_OFF, " is no longer here: it was decided or withdrawn");
}

static void draw_row_of(const struct screen_paint *p, struct ui_rect r, int y, const struct view_desk *d,
	const struct view_need *n, const struct list_line *line)
{
	if (d->warehouse && r.w >= 78)
		draw_goods(p, r, y, n);
	else
		draw_need(p, r, y, d, n, line);
}

static void draw_needs_head(const struct screen_paint *p, struct ui_rect r, int y, const struct view_desk *d)
{
	int deal_at = r.w >= 76 ? 42 : 39;
	if (d->warehouse && r.w >= 78) {
		canvas_text(p->canvas, r.x + 4, y, 5, UI_DIM, "left");
		canvas_text(p->canvas, r.x + 10, y, 10, UI_DIM, "what");
		canvas_text(p->canvas, r.x + 41, y, 10, UI_DIM, "goods");
		canvas_text(p->canvas, r.x + 61, y, 10, UI_DIM, "place");
		canvas_text(p->canvas, r.x + 74, y, 5, UI_DIM, "deal");
		return;
	}
	canvas_text(p->canvas, r.x + 5, y, 5, UI_DIM, "left");
	canvas_text(p->canvas, r.x + 11, y, 10, UI_DIM, d->warehouse ? "what" : "case");
	canvas_text(p->canvas, r.x + deal_at, y, 5, UI_DIM, "deal");
	canvas_text(p->canvas, r.x + deal_at + 9, y, 6, UI_DIM, "party");
	if (!d->warehouse)
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_DIM, d->currency);
}

/* Why the row in focus is here, what the engine did, what this person may do. */
static void draw_because(const struct screen_paint *p, struct ui_rect r, const struct view_need *n)
{
	static const char *const labels[] = { "why", "held", "you" };
	char acts[120] = "";
	const char *offered[VIEW_OFFERED_MAX + 1];
	size_t len = 0;
	view_offered(n->task, offered);
	for (int i = 0; offered[i] && len + 20 < sizeof(acts); i++)
		len += (size_t)snprintf(acts + len, sizeof(acts) - len, "%s%s", i ? ", " : "", offered[i]);
	const char *texts[3] = { n->alert ? n->alert->why : n->task->failing[0] ? n->task->failing : n->task->title,
		n->alert ? n->alert->did : "", acts };
	for (int i = 0, y = r.y; i < 3 && y < r.y + r.h; i++) {
		if (!texts[i][0])
			continue;
		canvas_text(p->canvas, r.x + 3, y, 5, UI_DIM, labels[i]);
		int x = r.x + 9;
		if (i == 2) {
			canvas_text(p->canvas, x, y, 2, UI_HOT, "a");
			x += 2;
		}
		canvas_free_text(p->canvas, x, y, r.x + r.w - x - 1, UI_TEXT, texts[i]);
		y++;
	}
}

static void draw_needs(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_desk *d)
{
	char count[UI_TEXT_MAX], fact[96] = "", money[UI_TEXT_MAX];
	snprintf(count, sizeof(count), s->filter[0] ? "%zu of %zu" : "%zu", list_count(s->list), s->list_total);
	if (d->warehouse)
		snprintf(fact, sizeof(fact), "you sign for this site");
	else
		snprintf(fact, sizeof(fact), "at risk %.40s %s", ui_money(d->at_risk, d->currency, money), d->currency);
	bool narrow = r.w < 60;
	int because = r.h >= 12 ? 4 : r.h >= 8 && !narrow ? 2 : 0, head = narrow ? 0 : 1;
	if (!narrow)
		canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 1, "Needs you now", count, fact, s->pane == 1 });
	int y = r.y + (narrow ? 0 : 1), rows = r.h - (narrow ? 0 : 1) - head - because - (narrow && r.h > 5 ? 2 : 0);
	if (!narrow)
		draw_needs_head(p, r, y++, d);
	list_set_height(s->list, rows > 1 ? rows : 1);
	struct list_line line;
	int i = 0;
	for (; i < rows && list_line_at(s->list, i, &line); i++) {
		screen_cursor(p, r.x, y + i, r.w - (narrow ? 0 : 1), &line, s->pane == 1);
		if (line.gone || line.row >= d->need_count)
			draw_gone(p, r, y + i, &line);
		else
			draw_row_of(p, r, y + i, d, &d->needs[line.row], &line);
	}
	if (!i) {
		char why[240], left[UI_TEXT_MAX];
		if (s->filter[0])
			snprintf(why, sizeof(why), "None of %zu match %s; Esc clears it.", s->list_total, s->filter);
		else if (d->next_deadline)
			snprintf(why, sizeof(why), d->next_deadline < p->now ? "Nothing needs you. Late by %2$.20s for others: %1$s." : "Nothing needs you. Next: %1$s, in %2$.20s.",
				d->next_title, ui_span(d->next_deadline < p->now ? p->now - d->next_deadline : d->next_deadline - p->now, left));
		else
			snprintf(why, sizeof(why), "Nothing needs you, and nothing is open for others.");
		screen_empty(p, (struct ui_rect){ r.x, y, r.w, 3 }, why);
	}
	const struct view_need *n = need_at(s, d);
	if (n && because)
		draw_because(p, (struct ui_rect){ r.x, y + (i < rows ? i + 1 : rows + (because > 3)), r.w - 1, 3 }, n);
	if (narrow && r.h > 5 && !d->warehouse) {
		canvas_text(p->canvas, 1, r.y + r.h - 2, r.w - 1, UI_TEXT, fact);
		if (n && n->alert)
			canvas_free_text(p->canvas, 1, r.y + r.h - 1, r.w - 1, UI_TEXT, n->alert->did);
	}
}

/* --- the other panes of the bank's desk ------------------------------------------------------------- */

static void draw_gauges(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	char count[UI_TEXT_MAX], fact[96], text[UI_TEXT_MAX], ltv[32];
	int rows = r.h - 1;
	snprintf(count, sizeof(count), "%d of %zu", rows < (int)d->gauge_count ? rows : (int)d->gauge_count, d->gauge_count);
	snprintf(fact, sizeof(fact), "zones %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, d->zones[0] / 100,
		d->zones[1] / 100, d->zones[2] / 100, d->zones[3] / 100);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, "LTV", count, fact, focus });
	if (!d->gauge_count)
		screen_empty(p, (struct ui_rect){ r.x - 2, r.y + 1, r.w, 2 }, "No loan stands on goods yet.");
	static const char *const words[] = { "ok", "warn", "call", "liq." };
	static const enum ui_status states[] = { UI_STATUS_OK, UI_STATUS_WARN, UI_STATUS_DANGER, UI_STATUS_DANGER };
	for (int i = 0; i < rows && i < (int)d->gauge_count; i++) {
		const struct deal *deal = d->gauges[i].deal;
		int64_t zone = deal->zone < 4 ? deal->zone : 0;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + 1 + i, r.w - 1);
		pen_put(&pen, UI_ID, ui_id_feed(str_of(deal->id), text));
		canvas_text(p->canvas, r.x + 6, r.y + 1 + i, 8, UI_TEXT, d->gauges[i].party);
		snprintf(ltv, sizeof(ltv), "%" PRId64 ".%02" PRId64, deal->ltv / 100, deal->ltv % 100);
		canvas_right(p->canvas, r.x + 14, r.y + 1 + i, 6, UI_MONEY, ltv);
		canvas_text(p->canvas, r.x + 21, r.y + 1 + i, 4, ui_status_role(states[zone]), words[zone]);
		canvas_gauge(p->canvas, r.x + 26, r.y + 1 + i, r.w - 26, 5000, 8900, deal->ltv, states[zone], d->zones, 4);
	}
}

static void draw_exposures(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	char money[UI_TEXT_MAX], percent[24];
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 3, "Group exposure", NULL, "━ used  ╍ reserved", focus });
	if (!d->exposure_count)
		screen_empty(p, (struct ui_rect){ r.x - 2, r.y + 1, r.w, 2 }, "No group has drawn or reserved anything.");
	for (int i = 0; i < r.h - 1 && i < (int)d->exposure_count; i++) {
		const struct limit *l = d->exposures[i].limit;
		int64_t sum = l->used + l->reserved, share = l->amount > 0 ? sum * 100 / l->amount : 0;
		int y = r.y + 1 + i;
		canvas_text(p->canvas, r.x + 1, y, 10, UI_TEXT, d->exposures[i].group);
		canvas_right(p->canvas, r.x + 10, y, 13, UI_MONEY, ui_money(sum, l->currency, money));
		canvas_limit(p->canvas, r.x + 24, y, r.w - 30, l->used, l->reserved, l->amount);
		snprintf(percent, sizeof(percent), "%" PRId64 " %%", share);
		canvas_right(p->canvas, r.x, y, r.w, share > 100 ? UI_DANGER : share > 90 ? UI_WARN : UI_TEXT, percent);
	}
}

/* A name is never cut: its last word goes first. */
static void draw_who(const struct screen_paint *p, int x, int y, const char *who)
{
	char text[40];
	snprintf(text, sizeof(text), "%s", who);
	char *blank = strrchr(text, ' ');
	if (canvas_width(p->canvas, str_of(text)) > 10 && blank)
		*blank = 0;
	canvas_text(p->canvas, x, y, 10, UI_TEXT, text);
}

static void draw_news(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_desk *d)
{
	const struct desk_own *own = s->own;
	char fact[64], time[UI_TEXT_MAX], number[UI_TEXT_MAX], tail[UI_TEXT_MAX];
	snprintf(fact, sizeof(fact), "%" PRId64 " event%s a minute", d->events_a_minute, d->events_a_minute == 1 ? "" : "s");
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 4, "Happening now", NULL, fact, s->pane == 4 });
	for (int i = 0; i < r.h - 1 && own->news_top + (size_t)i < d->news_count; i++) {
		const struct news *n = d->news[own->news_top + (size_t)i];
		int y = r.y + 1 + i, x = r.x + 1;
		canvas_text(p->canvas, x, y, 8, UI_TIME, p->absolute ? ui_clock(n->at, time) : ui_past(n->at, p->now, time));
		x += 10;
		if (r.w >= 70) {
			canvas_text(p->canvas, x, y, 6, UI_DIM, ui_count(strtoll(n->id, NULL, 10), number));
			x += 7;
		}
		if (r.w >= 60) {
			draw_who(p, x, y, d->who[own->news_top + (size_t)i]);
			x += 11;
		}
		enum ui_status status = screen_news_status(n->status);
		canvas_put(p->canvas, x, y, ui_status_role(status), ui_status_glyph(status));
		int room = r.x + r.w - x - 2 - 6;
		canvas_free_text(p->canvas, x + 2, y, room, UI_TEXT, n->text);
		if (n->deal[0])
			canvas_right(p->canvas, r.x, y, r.w - 1, UI_ID, ui_id_feed(str_of(n->deal), tail));
	}
	if (!d->news_count)
		screen_empty(p, (struct ui_rect){ r.x, r.y + 1, r.w, 2 }, "Nothing has happened yet; the first entry appears here.");
}

static void draw_sites(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	int y = r.y + 1, last = r.y + r.h, wide = r.w >= 44 ? 2 : 0; /* room for `price` before a longer name */
	char text[UI_TEXT_MAX];
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 5, "Sites and feeds", NULL, "last", focus });
	for (size_t i = 0; i < d->site_count && y < last; i++, y++) {
		const struct view_site *v = &d->sites[i];
		int64_t most = 1;
		for (int k = 0; k < VIEW_SITE_SPARK; k++)
			most = v->spark[k] > most ? v->spark[k] : most;
		enum ui_status status = v->cut ? UI_STATUS_REFUSED : v->good < v->devices ? UI_STATUS_WARN : UI_STATUS_OK;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 1);
		pen_put(&pen, UI_TEXT, v->site->id);
		pen_skip(&pen, 1);
		canvas_text(p->canvas, r.x + 5, y, 9, UI_TEXT, v->site->short_name);
		pen_to(&pen, 14 + wide);
		pen_status(&pen, status);
		pen_printf(&pen, UI_MONEY, " %d/%d", v->good, v->devices);
		if (r.w >= 39)
			canvas_spark(p->canvas, r.x + 23 + wide, y, VIEW_SITE_SPARK, UI_CHART_LINE, v->spark, VIEW_SITE_SPARK, 0, most + most / 3);
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_TIME, v->heard_at ? ui_span(p->now - v->heard_at, text) : "–");
	}
	y += y < last;
	for (size_t i = 0; i < d->price_count && y < last; i++, y++) {
		const struct value *v = d->prices[i].value;
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 1);
		bool short_name = (int)strlen(v->id) <= 7 + wide;
		pen_put(&pen, UI_DIM, short_name ? "price " : "");
		canvas_text(p->canvas, r.x + (short_name ? 7 : 1), y, 13, UI_TEXT, v->id);
		pen_to(&pen, 14 + wide);
		pen_status(&pen, d->prices[i].good ? UI_STATUS_OK : UI_STATUS_WARN);
		pen_printf(&pen, UI_TEXT, " %" PRId64 " of %" PRId64 " · %" PRId64 ".%" PRId64 " %%", v->fresh, v->sources,
			v->spread / 100, v->spread / 10 % 10);
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_TIME, v->at ? ui_span(p->now - v->at, text) : "–");
	}
	for (int i = 0; i < 2 && y < last; i++, y++) {
		const struct view_channel *c = &d->channels[i];
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 1);
		pen_put(&pen, UI_TEXT, c->name);
		pen_to(&pen, 14 + wide);
		pen_status(&pen, c->at ? UI_STATUS_OK : UI_STATUS_WAIT);
		pen_printf(&pen, UI_TEXT, " %.16s", c->at ? ui_span(c->took, text) : "not asked yet");
		if (c->pending)
			pen_printf(&pen, UI_WAIT, " · %d asked", c->pending);
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_TIME, c->at ? ui_span(p->now - c->at, text) : "–");
	}
}

/* --- the day as a strip: alerts above, work done below, plan to the right of now ---------------------- */

static int day_x(const struct view_desk *d, struct ui_rect r, int64_t at)
{
	return r.x + 11 + (int)((at - d->day_from) * (r.w - 20) / (d->day_to - d->day_from));
}

static void draw_day_alerts(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, int y)
{
	int free_from = r.x + 11;
	for (size_t i = 0; i < d->alert_count; i++) {
		const struct alert *al = d->alerts[i];
		int x = day_x(d, r, al->raised_at);
		enum ui_status status = al->level >= 3 ? UI_STATUS_DANGER : UI_STATUS_WARN;
		if (x < free_from)
			continue;
		canvas_put(p->canvas, x, y, ui_status_role(status), ui_status_glyph(status));
		canvas_text(p->canvas, x + 2, y, 4, UI_TEXT, al->code);
		free_from = x + 6;
	}
}

static void draw_day_due(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, int y)
{
	int free_from = r.x + 11;
	for (size_t i = 0; i < d->need_count; i++) {
		const struct task *t = d->needs[i].task;
		int x = day_x(d, r, t->deadline);
		if (!t->deadline || t->deadline < p->now || t->deadline >= d->day_to || x < free_from)
			continue;
		canvas_put(p->canvas, x, y, UI_TIME, ui_status_glyph(UI_STATUS_TIMER));
		canvas_text(p->canvas, x + 2, y, 4, UI_TEXT, t->step);
		free_from = x + 7;
	}
}

static void draw_day_work(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, int y, int now_x)
{
	int slots = r.w - 20, most = 1;
	int64_t done[400];
	slots = slots > 400 ? 400 : slots;
	for (int i = 0; i < slots; i++) {
		done[i] = 0;
		for (int k = i * VIEW_SLOTS / slots; k < (i + 1) * VIEW_SLOTS / slots || k == i * VIEW_SLOTS / slots; k++)
			done[i] += r.x + 11 + i < now_x ? d->done[k] : d->planned[k];
		if (r.x + 11 + i < now_x && done[i] > most)
			most = (int)done[i];
	}
	for (int i = 0; i < slots; i++) {
		int x = r.x + 11 + i;
		if (x < now_x)
			canvas_spark(p->canvas, x, y, 1, UI_DONE, &done[i], 1, 0, most);
		else if (x > now_x)
			canvas_put(p->canvas, x, y, UI_CHART_BAND, done[i] ? 0x2591 : 0xb7);
	}
}

static void draw_day(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	struct ui_tick ticks[12];
	char labels[12][8], clock[UI_TEXT_MAX];
	int count = 0, now_x = day_x(d, r, p->now < d->day_from ? d->day_from : p->now > d->day_to ? d->day_to : p->now);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 6, "Today", NULL, NULL, focus });
	canvas_text(p->canvas, r.x + 1, r.y + 1, 9, UI_DIM, "due");
	canvas_text(p->canvas, r.x + 1, r.y + 2, 9, UI_DIM, "alerts");
	canvas_text(p->canvas, r.x + 1, r.y + 3, 9, UI_DIM, "done/6min");
	draw_day_due(p, r, d, r.y + 1);
	draw_day_alerts(p, r, d, r.y + 2);
	draw_day_work(p, r, d, r.y + 3, now_x);
	for (int64_t at = d->day_from; at < d->day_to && count < 12; at += INSTANT_HOUR) {
		snprintf(labels[count], sizeof(labels[0]), "%02d", instant_civil(at).hour);
		ticks[count] = (struct ui_tick){ at, labels[count] };
		count++;
	}
	struct ui_axis axis = { d->day_from, d->day_to, INT64_MIN, NULL, ticks, count, true };
	canvas_axis(p->canvas, r.x + 11, r.y + 4, r.w - 20, &axis);
	snprintf(labels[0], sizeof(labels[0]), "%02d", instant_civil(d->day_to).hour);
	canvas_text(p->canvas, r.x + r.w - 8, r.y + 4, 4, UI_DIM, labels[0]);
	for (int y = r.y + 1; y <= r.y + 4; y++)
		canvas_put(p->canvas, now_x, y, UI_CHART_NOW, 0x2503);
	if (now_x > r.x + 16)
		canvas_text(p->canvas, now_x - 6, r.y + 1, 5, UI_CHART_NOW, ui_clock_short(p->now, clock));
}

/* --- the warehouse's panes ---------------------------------------------------------------------------- */

static void draw_docks(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 2, "Docks and bays today", NULL, "done ━  now ┃  planned ╍", focus });
	int y = r.y + 1;
	for (int i = 0; i < 4 && y < r.y + r.h; i++) {
		const struct view_dock *dock = &d->docks[i];
		struct ui_piece pieces[8];
		if (!dock->name[0])
			continue;
		for (int k = 0; k < dock->count; k++)
			pieces[k] = (struct ui_piece){ dock->from[k], dock->to[k], dock->done[k] ? UI_STRIP_DONE : UI_STRIP_PLANNED,
				dock->deal[k], false };
		struct ui_strip strip = { pieces, dock->count, d->day_from, d->day_to, p->now, INT64_MIN, false };
		canvas_text(p->canvas, r.x + 1, y, 9, UI_TEXT, dock->name);
		canvas_strip(p->canvas, r.x + 11, y, r.w - 12, &strip);
		y++;
	}
	if (y == r.y + 1)
		screen_empty(p, (struct ui_rect){ r.x, y, r.w, 2 }, "No goods are on the way here today.");
}

static void draw_devices(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	static const enum ui_status states[SERIES_STATUS_COUNT] = { UI_STATUS_OK, UI_STATUS_WARN, UI_STATUS_WARN, UI_STATUS_WARN,
		UI_STATUS_WARN, UI_STATUS_WARN, UI_STATUS_REFUSED };
	char count[UI_TEXT_MAX], value[UI_TEXT_MAX];
	int good = 0;
	for (size_t i = 0; i < d->device_count; i++)
		good += d->devices[i].series && d->devices[i].series->status <= SERIES_NEAR;
	snprintf(count, sizeof(count), "%d of %zu", good, d->device_count);
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 3, "Devices", count, NULL, focus });
	for (int i = 0; i < r.h - 1 && i < (int)d->device_count; i++) {
		const struct view_device *v = &d->devices[i];
		int64_t lo = INT64_MAX, hi = INT64_MIN + 1;
		for (int k = 0; k < VIEW_SITE_SPARK; k++)
			if (v->spark[k] != INT64_MIN) {
				lo = v->spark[k] < lo ? v->spark[k] : lo;
				hi = v->spark[k] > hi ? v->spark[k] : hi;
			}
		int64_t status = v->series ? v->now.status : SERIES_SILENT;
		canvas_put(p->canvas, r.x + 1, r.y + 1 + i, ui_status_role(states[status]), ui_status_glyph(states[status]));
		canvas_text(p->canvas, r.x + 3, r.y + 1 + i, 8, UI_TEXT, v->now.label);
		screen_sensor_value(&v->now, p->now, value);
		canvas_right(p->canvas, r.x, r.y + 1 + i, 24, v->now.last_at && status != SERIES_SILENT ? UI_TEXT : ui_status_role(states[status]), value);
		if (status != SERIES_SILENT) /* silence is said with the value */
			canvas_text(p->canvas, r.x + 25, r.y + 1 + i, 5, status ? ui_status_role(states[status]) : UI_TEXT, SERIES_STATUS_NAMES[status]);
		if (r.w >= 38 && lo <= hi)
			canvas_spark(p->canvas, r.x + r.w - 10, r.y + 1 + i, 9, UI_CHART_LINE, v->spark + 2, 9, lo, hi > lo ? hi : lo + 1);
	}
}

static void draw_custody(const struct screen_paint *p, struct ui_rect r, const struct view_desk *d, bool focus)
{
	char text[UI_TEXT_MAX];
	int64_t most = 1;
	canvas_pane(p->canvas, r.x, r.y, r.w, &(struct ui_pane){ 4, "In custody, packages", NULL, NULL, focus });
	for (int i = 0; i < 5; i++)
		most = d->custody[i].packages > most ? d->custody[i].packages : most;
	for (int i = 0; i < 5 && i < r.h - 1; i++) {
		int y = r.y + 1 + i;
		bool held = d->custody[i].held && d->custody[i].packages; /* nothing on hold is nothing to look at */
		if (held)
			canvas_put(p->canvas, r.x + 9, y, UI_SUSPENDED, ui_status_glyph(UI_STATUS_HELD));
		canvas_text(p->canvas, r.x + 1, y, 8, held ? UI_SUSPENDED : UI_TEXT, d->custody[i].word);
		canvas_right(p->canvas, r.x + 9, y, 9, UI_MONEY, ui_count(d->custody[i].packages, text));
		if (r.w > 30)
			canvas_limit(p->canvas, r.x + 19, y, r.w - 21, d->custody[i].packages, 0, most);
	}
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static void draw_warehouse(struct screen_state *s, const struct screen_paint *p, const struct view_desk *d)
{
	struct ui_rect b = p->body;
	int docks = b.h >= 18 ? 6 : 0, lower = b.h >= 14 ? 6 + (b.h - 20 > 6 ? (b.h - 20) / 2 : 0) : 0;
	if (s->full || b.w < 78)
		docks = lower = 0;
	s->panes = docks || lower ? 4 : 1;
	draw_needs(s, p, (struct ui_rect){ b.x, b.y, b.w, b.h - docks - lower }, d);
	if (docks)
		draw_docks(p, (struct ui_rect){ b.x, b.y + b.h - docks - lower, b.w, docks }, d, s->pane == 2);
	if (!lower)
		return;
	int y = b.y + b.h - lower, half = b.w / 2 + 1;
	draw_devices(p, (struct ui_rect){ b.x, y, half, lower }, d, s->pane == 3);
	draw_custody(p, (struct ui_rect){ half + 1, y, b.w - half - 1, lower }, d, s->pane == 4);
	canvas_vrule(p->canvas, half, y, b.y + b.h - 1);
}

static void draw_full(struct screen_state *s, const struct screen_paint *p, const struct view_desk *d)
{
	struct ui_rect b = p->body;
	switch (s->pane) {
	case 2: draw_gauges(p, b, d, true); break;
	case 3: draw_exposures(p, b, d, true); break;
	case 4: draw_news(s, p, b, d); break;
	case 5: draw_sites(p, b, d, true); break;
	default: draw_needs(s, p, b, d); break;
	}
}

/* Without room for two columns: what needs me, and the news below. */
static void draw_narrow(struct screen_state *s, const struct screen_paint *p, const struct view_desk *d)
{
	struct ui_rect b = p->body;
	int news = b.h >= 14 ? b.h / 2 - 1 : 0;
	s->panes = news ? 4 : 1;
	draw_needs(s, p, (struct ui_rect){ b.x, b.y, b.w, b.h - news }, d);
	if (news)
		draw_news(s, p, (struct ui_rect){ b.x, b.y + b.h - news, b.w, news }, d);
}

static void desk_draw_screen(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_desk *d = view;
	struct ui_rect b = p->body;
	if (d->warehouse) {
		draw_warehouse(s, p, d);
		return;
	}
	s->panes = 6;
	if (s->full) {
		draw_full(s, p, d);
		return;
	}
	if (b.w < 100 || b.h < 18) {
		draw_narrow(s, p, d);
		return;
	}
	int day = b.h >= 24 ? 5 : 0, upper = b.h - day, right = b.w / 3 + 1;
	struct ui_rect left = { b.x, b.y, b.w - right - 0, upper }, side = { b.x + b.w - right + 1, b.y, right - 1, upper };
	left.w = side.x - 1 - b.x;
	int needs = upper * 14 / 27, sites = (int)(d->site_count + d->price_count) + 4, exposures = 7;
	if (sites > upper / 2)
		sites = upper / 2;
	int gauges = upper - sites - exposures;
	draw_needs(s, p, (struct ui_rect){ left.x, left.y, left.w, needs }, d);
	draw_news(s, p, (struct ui_rect){ left.x, left.y + needs, left.w, upper - needs }, d);
	draw_gauges(p, (struct ui_rect){ side.x, side.y, side.w, gauges }, d, s->pane == 2);
	draw_exposures(p, (struct ui_rect){ side.x, side.y + gauges, side.w, exposures }, d, s->pane == 3);
	draw_sites(p, (struct ui_rect){ side.x, side.y + gauges + exposures, side.w, sites }, d, s->pane == 5);
	if (day)
		draw_day(p, (struct ui_rect){ b.x, b.y + upper, b.w, day }, d, s->pane == 6);
	canvas_vrule(p->canvas, side.x - 1, b.y, day ? b.y + upper : b.y + b.h - 1);
}

static void desk_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_desk *d = view;
	const struct viewer *v = p->viewer;
	if (s->filter[0])
		snprintf(out->right, sizeof(out->right), "%zu of %zu", list_count(s->list), s->list_total);
	else if (d->warehouse && d->site)
		snprintf(out->right, sizeof(out->right), "GLN %s", d->site->gln);
	else if (v->day_from && v->day_to > v->day_from) {
		int64_t share = (p->now - v->day_from) * 100 / (v->day_to - v->day_from);
		share = share < 0 ? 0 : share > 100 ? 100 : share;
		struct buf bar = { 0 };
		for (int i = 0; i < 24; i++)
			buf_text(&bar, i < share * 24 / 100 ? "━" : i == share * 24 / 100 ? "┃" : "─");
		char from[UI_TEXT_MAX], to[UI_TEXT_MAX];
		snprintf(out->right, sizeof(out->right), "recorded day  %.5s %s %.5s  %3d %%", ui_clock_short(v->day_from, from),
			bar.ptr, ui_clock_short(v->day_to, to), (int)share);
		buf_free(&bar);
	} else {
		snprintf(out->right, sizeof(out->right), "%zu need you", d->need_count);
	}
	if (d->warehouse && d->site)
		snprintf(out->part, sizeof(out->part), "Desk · %s %s", d->site->name, d->site->id);
}

static const struct screen_key DESK_KEYS[] = {
	{ "Enter", "open", "open", NULL, false },
	{ "a", "act", "the offered acts", "decide", false },
	{ "s", "suspend", "suspend, L3", "suspend", false },
	{ "f", "freeze", "freeze, L4", "freeze", false },
	{ "S", NULL, "lift", "lift", false },
	{ "c", NULL, "claim", "claim", false },
	{ "d", NULL, "deal graph", NULL, false },
	{ "w", NULL, "why is it here", NULL, false },
	{ "Space", "mark", "mark", NULL, true },
	{ "/", "filter", "filter, live", NULL, true },
	{ ":", "go to", "go to, command", NULL, true },
};

const struct screen SCREEN_DESK = {
	.name = "desk", .title = "Desk", .help = "what needs you now, and what stands around it", .function_key = UI_KEY_F2,
	.keys = DESK_KEYS, .key_count = sizeof(DESK_KEYS) / sizeof(DESK_KEYS[0]), .has_list = true, .list_pane = 1,
	.open = desk_open, .close = desk_close, .view = desk_view, .update = desk_update, .draw = desk_draw_screen,
	.head = desk_head, .allows = desk_allows, .word = desk_word, .object = desk_object,
};
