/* Exposure: loan to value of one pledge over the price, what a price would do, cures, the book by zone.
 *
 * What must remain true: the row `now` is the deal as it stands; the zone's word stands beside its colour; nothing
 * here changes anything: a price is only tried. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "base/num.h"
#include "engine/view_exposure.h"
#include "feed/state.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_CURVE = 1, PANE_NOW, PANE_SCENARIOS, PANE_CURES, PANE_BOOK };
enum { AXIS_W = 7, TRY_STEP = 50, TRY_MOST = 5000 };

struct exposure_own {
	char deal[ID_MAX];
	struct view_try asked;
	char typed[16];      /* a price being typed, after `=` */
	bool over;           /* `t`: over time in place of over the price */
	int span;
};
/* What the picture over time covers, closest first. */
static const struct {
	int64_t span;
	const char *words;
} SPANS[] = { { INSTANT_DAY, "24 h" }, { 7 * INSTANT_DAY, "7 days" }, { 30 * INSTANT_DAY, "30 days" }, { 90 * INSTANT_DAY, "90 days" } };
enum { SPAN_COUNT = sizeof(SPANS) / sizeof(SPANS[0]), SPAN_FIRST = 1 };

static void *exposure_open(struct screen_state *s)
{
	struct exposure_own *own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	snprintf(own->deal, sizeof(own->deal), "%.31s", s->argument);
	own->span = SPAN_FIRST;
	return own;
}

static void exposure_close(struct screen_state *s)
{
	free(s->own);
}

static const void *exposure_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct exposure_own *own = s->own;
	struct view_exposure *v = view_exposure_build(a, src, own->deal, own->asked);
	snprintf(own->deal, sizeof(own->deal), "%s", v->id);
	if (own->over && v->id[0])
		v->history = view_history_build(a, src, v->id, SPANS[own->span].span);
	return v;
}

static const struct {
	enum ui_status status;
	const char *word;
} ZONES[VIEW_ZONES] = { { UI_STATUS_OK, "normal" }, { UI_STATUS_WARN, "warning" }, { UI_STATUS_DANGER, "call" },
	{ UI_STATUS_DANGER, "liquidate" } };

static const char *percent(int64_t bp, char out[UI_TEXT_MAX])
{
	ui_ratio(bp, out);
	char *blank = strchr(out, ' ');
	if (blank)
		*blank = 0;
	return out;
}

/* --- the curve ------------------------------------------------------------------------------------ */

/* Too low for a curve: its end and its height in words. */
static void low_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	char ltv[UI_TEXT_MAX];
	struct ui_pen pen = panes_fact(p, r, 0, 0, "");
	panes_status(&pen, ZONES[v->zone].status, ZONES[v->zone].word);
	pen_printf(&pen, UI_MONEY, " %s", ui_ratio(v->ltv, ltv));
	if (v->history && v->history->worst != INT64_MIN)
		pen_printf(&pen, UI_DIM, ", highest %s", ui_ratio(v->history->worst, ltv));
}

static void curve_marks(const struct screen_paint *p, struct ui_rect r, const struct ui_band *band, const struct view_exposure *v)
{
	char text[2 * UI_TEXT_MAX], ltv[UI_TEXT_MAX];
	int x, y;
	for (size_t i = 0; i < v->scenario_count; i++) {
		const struct view_scenario *sc = &v->scenarios[i];
		int at = (int)((sc->change + VIEW_CURVE_BP) * (VIEW_CURVE - 1) / (2 * VIEW_CURVE_BP));
		if (!(sc->now || sc->asked) || at < 0 || at >= VIEW_CURVE || !canvas_band_place(r, band, at, &x, &y))
			continue;
		enum ui_status status = ZONES[sc->zone].status;
		canvas_put(p->canvas, x, y, ui_status_role(status), ui_status_glyph(status));
		snprintf(text, sizeof(text), " %s %s ", percent(sc->ltv, ltv), sc->asked ? "tried" : "now");
		if (x + 2 + canvas_width(p->canvas, str_of(text)) < r.x + r.w)
			canvas_text(p->canvas, x + 1, y, 20, ui_status_role(status), text);
	}
}

static void curve_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	char figures[4][UI_TEXT_MAX];
	const int64_t limits[] = { v->draw, v->warning, v->call, v->liquidation };
	static const char *const words[] = { "draw", "warning", "call", "liquidate" };
	struct ui_bound bounds[4];
	if (r.h < 6 || r.w < 30) {
		low_draw(p, r, v);
		return;
	}
	for (int i = 0; i < 4; i++) {
		snprintf(figures[i], UI_TEXT_MAX, "%lld", (long long)(limits[i] / 100));
		bounds[i] = (struct ui_bound){ limits[i], false, figures[i], words[i] };
	}
	struct ui_rect plot = { r.x, r.y, r.w - 2, r.h - 3 };
	struct ui_band band = { .values = v->curve, .count = VIEW_CURVE, .bounds = bounds, .bound_count = 4, .lo = v->draw - 500,
		.hi = v->liquidation + 500, .now = (VIEW_CURVE - 1) / 2, .axis_width = AXIS_W };
	canvas_band(p->canvas, plot, &band);
	curve_marks(p, plot, &band, v);
	static const struct ui_tick ticks[] = { { -2000, "-20 %" }, { -1000, "-10 %" }, { 1000, "+10 %" }, { 2000, "+20 %" } };
	struct ui_axis axis = { .lo = -VIEW_CURVE_BP, .hi = VIEW_CURVE_BP, .now = 0, .now_label = "now", .ticks = ticks, .count = 4 };
	canvas_axis(p->canvas, plot.x + AXIS_W - 1, plot.y + plot.h, plot.w - AXIS_W + 1, &axis);
}

/* --- over time ------------------------------------------------------------------------------------ */

/* Midnights of some days, or every sixth hour of one; how many. */
static int history_ticks(const struct screen_paint *p, const struct view_history *h, struct ui_tick ticks[3], char words[3][UI_TEXT_MAX])
{
	int64_t span = h->to - h->from, step = span > INSTANT_DAY ? span / INSTANT_DAY / 3 * INSTANT_DAY : 6 * INSTANT_HOUR;
	int64_t last = span > INSTANT_DAY ? h->to - h->to % INSTANT_DAY : h->to - h->to % step;
	int n = 0;
	for (int i = 2; i >= 0; i--) {
		int64_t at = last - i * step;
		if (at <= h->from || h->to - at < span / 12)
			continue;
		if (span > INSTANT_DAY)
			ui_past(at, p->now + INSTANT_DAY, words[n]); /* today has a date, too */
		else
			ui_clock_short(at, words[n]);
		ticks[n] = (struct ui_tick){ at, words[n] };
		n++;
	}
	return n;
}

static void history_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	const struct view_history *h = v->history;
	enum { LABEL_W = 10 };
	char figures[4][UI_TEXT_MAX], days[3][UI_TEXT_MAX], text[2 * UI_TEXT_MAX], ltv[UI_TEXT_MAX];
	const int64_t limits[] = { v->draw, v->warning, v->call, v->liquidation };
	static const char *const words[] = { "draw", "warning", "call", "liquidate" };
	struct ui_bound bounds[4];
	struct ui_tick ticks[3];
	int x, y, w = r.w - 2 - AXIS_W;
	if (r.h < 6 || w < 2 * LABEL_W) {
		low_draw(p, r, v);
		return;
	}
	for (int i = 0; i < 4; i++) {
		snprintf(figures[i], UI_TEXT_MAX, "%lld", (long long)(limits[i] / 100));
		bounds[i] = (struct ui_bound){ limits[i], false, figures[i], words[i] };
	}
	struct ui_rect plot = { r.x, r.y, r.w - 2, r.h - 3 };
	/* the names of the limits stand behind now */
	struct ui_band band = { .values = h->ltv, .count = VIEW_HISTORY, .slots = VIEW_HISTORY * w / (w - LABEL_W), .bounds = bounds,
		.bound_count = 4, .lo = v->draw - 500, .hi = v->liquidation + 500, .now = VIEW_HISTORY - 1, .axis_width = AXIS_W };
	canvas_band(p->canvas, plot, &band);
	enum ui_status status = ZONES[v->zone].status;
	bool placed = canvas_band_place(plot, &band, VIEW_HISTORY - 1, &x, &y);
	if (placed) {
		canvas_put(p->canvas, x, y, ui_status_role(status), ui_status_glyph(status));
		snprintf(text, sizeof(text), " %s %s ", percent(v->ltv, ltv), ZONES[v->zone].word);
		canvas_right(p->canvas, plot.x + AXIS_W, y, x - plot.x - AXIS_W, ui_status_role(status), text);
	}
	/* the axis has now in the cell in which the band has it */
	int64_t span = h->to - h->from;
	int left = plot.x + AXIS_W - 1, width = plot.w - AXIS_W + 1;
	struct ui_axis axis = { .lo = h->from, .hi = h->from + (placed ? span * width / (x - left) : span * band.slots / VIEW_HISTORY),
		.now = h->to, .now_label = "now", .ticks = ticks, .count = history_ticks(p, h, ticks, days) };
	canvas_axis(p->canvas, left, plot.y + plot.h, width, &axis);
}

/* As many values as there is room for, the last of each stretch. */
static void trend_line(const struct screen_paint *p, int x, int y, int width, const struct view_trend *t)
{
	int64_t values[VIEW_HISTORY];
	int count = width < VIEW_HISTORY ? width : VIEW_HISTORY;
	for (int i = 0; i < count; i++)
		values[i] = t->values[(i + 1) * VIEW_HISTORY / count - 1];
	canvas_spark(p->canvas, x, y, count, UI_CHART_LINE, values, count, t->least, t->most > t->least ? t->most : t->least + 1);
}

static void trends_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	enum { NAME_AT = 1, LINE_AT = 18, FIGURE_W = 14 };
	char text[UI_TEXT_MAX];
	bool two = r.w >= 62;
	int room = r.w - LINE_AT - 1 - (two ? 2 : 1) * FIGURE_W;
	if (r.h < 1)
		return;
	canvas_text(p->canvas, r.x + LINE_AT, r.y, room, UI_DIM, room >= 36 ? "each from its lowest to its highest" : room >= 20 ? "lowest to highest" : "");
	if (two)
		canvas_right(p->canvas, r.x, r.y, r.w - 1 - FIGURE_W, UI_DIM, "highest");
	canvas_right(p->canvas, r.x, r.y, r.w - 1, UI_DIM, v->currency);
	for (int i = 0; i < VIEW_TRENDS && i + 1 < r.h; i++) {
		const struct view_trend *t = &v->history->trends[i];
		int y = r.y + 1 + i;
		canvas_words(p->canvas, r.x + NAME_AT, y, LINE_AT - 2, UI_TEXT, t->name);
		trend_line(p, r.x + LINE_AT, y, room, t);
		if (two)
			canvas_right(p->canvas, r.x, y, r.w - 1 - FIGURE_W, UI_DIM, ui_money(t->most, v->currency, text));
		canvas_right(p->canvas, r.x, y, r.w - 1, UI_MONEY, ui_money(t->now, v->currency, text));
	}
}

/* --- figures -------------------------------------------------------------------------------------- */

static void money_row(const struct screen_paint *p, struct ui_rect r, int row, const char *label, int64_t amount,
	const char *currency)
{
	char text[UI_TEXT_MAX];
	if (row >= r.h)
		return;
	canvas_text(p->canvas, r.x + 1, r.y + row, r.w - 18, UI_DIM, label);
	canvas_right(p->canvas, r.x, r.y + row, r.w - 1, UI_MONEY, ui_money(amount, currency, text));
}

static void sum_line(const struct screen_paint *p, struct ui_rect r, int row)
{
	if (row < r.h)
		canvas_right(p->canvas, r.x, r.y + row, r.w - 1, UI_RULE, "──────────────");
}

static void now_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	char label[96], price[UI_TEXT_MAX], quantity[NUM_TEXT_MAX], ltv[UI_TEXT_MAX];
	money_row(p, r, 0, "principal", v->principal, v->currency);
	money_row(p, r, 1, "accrued", v->accrued, v->currency);
	money_row(p, r, 2, "cash margin held", -v->margin_held, v->currency);
	sum_line(p, r, 3);
	money_row(p, r, 4, "exposure E", v->exposure, v->currency);
	snprintf(label, sizeof(label), "%s %s × %s", num_format_scaled(v->quantity, 3, 1, ',', quantity), v->unit,
		ui_money(v->price, v->currency, price));
	money_row(p, r, 6, label, v->value, v->currency);
	money_row(p, r, 7, "haircut, quality, liens", v->ev - v->value, v->currency);
	sum_line(p, r, 8);
	money_row(p, r, 9, "eligible value EV", v->ev, v->currency);
	if (r.h <= 11)
		return;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + 11, r.w - 2);
	pen_put(&pen, UI_DIM, "LTV = E ÷ EV   ");
	panes_status(&pen, ZONES[v->zone].status, ZONES[v->zone].word);
	canvas_right(p->canvas, r.x, r.y + 11, r.w - 1, UI_MONEY, ui_ratio(v->ltv, ltv));
	if (r.h > 12) {
		const int64_t limits[] = { v->draw, v->warning, v->call, v->liquidation };
		canvas_gauge(p->canvas, r.x + 1, r.y + 12, r.w - 2, 4000, 10000, v->ltv, ZONES[v->zone].status, limits, 4);
	}
}

/* Right edges of the columns; narrow, goods, cash, then price and value go. */
struct columns {
	int price, ev, ltv, zone, cash, goods; /* 0: not there */
};
static struct columns scenario_columns(int w)
{
	struct columns c = { .price = 16, .ev = 29, .ltv = 36, .cash = 60, .goods = 72 };
	if (w < 76)
		c = (struct columns){ .price = 14, .ev = 27, .ltv = 34, .cash = 57, .goods = 69 };
	if (w < 46)
		c = (struct columns){ .ltv = 14, .cash = 36 };
	c.zone = c.ltv + 2;
	c.cash = w > c.cash + 2 ? c.cash : 0;
	c.goods = w > c.goods + 2 ? c.goods : 0;
	return c;
}

static void scenario_row(const struct screen_paint *p, struct ui_rect r, int y, const struct columns *c,
	const struct view_exposure *v, const struct view_scenario *x)
{
	char text[UI_TEXT_MAX], number[NUM_TEXT_MAX];
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	if (x->now)
		pen_put(&pen, UI_TITLE, "now");
	else /* narrow, a tenth of a percent is enough of a label */
		pen_printf(&pen, x->asked ? UI_MARK : UI_TEXT, "%s%s %%", x->change > 0 ? "+" : "", c->price == 14
			? num_format_scaled((x->change + (x->change < 0 ? -5 : 5)) / 10, 1, 0, 0, number) : num_format_scaled(x->change, 2, 0, 0, number));
	if (c->price) {
		pen_right(&pen, c->price, UI_MONEY, ui_money(x->price, v->currency, text));
		pen_right(&pen, c->ev, UI_MONEY, ui_money(x->ev, v->currency, text));
	}
	pen_right(&pen, c->ltv, UI_MONEY, percent(x->ltv, text));
	pen_to(&pen, c->zone);
	panes_status(&pen, ZONES[x->zone].status, ZONES[x->zone].word);
	if (c->cash)
		pen_right(&pen, c->cash, UI_MONEY, ui_money(x->cash, v->currency, text));
	if (c->goods)
		pen_right(&pen, c->goods, UI_MONEY, ui_money(x->goods, v->currency, text));
}

static void scenarios_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	char head[UI_TEXT_MAX];
	struct columns c = scenario_columns(r.w);
	if (r.h < 1)
		return;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	if (c.price) {
		snprintf(head, sizeof(head), "%s/%s", v->currency, v->unit);
		pen_right(&pen, c.price, UI_DIM, head);
		pen_right(&pen, c.ev, UI_DIM, "elig. value");
	}
	pen_right(&pen, c.ltv, UI_DIM, "LTV");
	pen_to(&pen, c.zone + 2);
	pen_put(&pen, UI_DIM, "zone");
	if (c.cash)
		pen_right(&pen, c.cash, UI_DIM, "cash cure");
	if (c.goods)
		pen_right(&pen, c.goods, UI_DIM, "or goods");
	for (size_t i = 0; i < v->scenario_count && (int)i + 1 < r.h; i++) {
		scenario_row(p, r, r.y + 1 + (int)i, &c, v, &v->scenarios[i]);
		struct list_line line = { .focus = v->scenarios[i].asked || (i == 0 && !v->scenarios[1].asked) };
		screen_cursor(p, r.x, r.y + 1 + (int)i, r.w, &line, line.focus);
	}
}

static void cures_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	static const char *const states[VALUE_STATE_COUNT] = { [VALUE_NONE] = "no price", [VALUE_OK] = "quorum holds",
		[VALUE_NO_QUORUM] = "no quorum", [VALUE_SPREAD] = "sources apart", [VALUE_STALE] = "stale", [VALUE_JUMP] = "jumped" };
	char text[UI_TEXT_MAX], when[UI_TEXT_MAX];
	struct ui_pen pen = panes_fact(p, r, 0, 11, "asked now");
	if (v->margin_due) {
		pen_put(&pen, UI_DANGER, ui_money(v->margin_due, v->currency, text));
		pen_printf(&pen, UI_TEXT, ", %s", ui_span(v->margin_until - p->now, when));
	} else {
		pen_printf(&pen, UI_TEXT, v->zone >= ZONE_CALL ? "not yet: %s" : "nothing: %s, not a call", ZONES[v->zone].word);
	}
	pen = panes_fact(p, r, 1, 11, "cash");
	pen_put(&pen, UI_MONEY, ui_money(v->scenarios[0].cash, v->currency, text));
	pen = panes_fact(p, r, 2, 11, "or goods");
	pen_put(&pen, UI_MONEY, ui_money(v->scenarios[0].goods, v->currency, text));
	pen = panes_fact(p, r, 3, 11, "price");
	pen_put(&pen, v->price_state == VALUE_OK ? UI_OK : UI_WARN, states[v->price_state]);
	for (size_t i = 0; i < v->source_count; i++) {
		pen = panes_fact(p, r, 4 + (int)i, 11, i ? "" : "sources");
		pen_put(&pen, UI_TEXT, v->sources[i].name);
		pen_to(&pen, 22);
		pen_printf(&pen, UI_MONEY, "%s ", ui_money(v->sources[i].amount, v->currency, text));
		if (v->sources[i].off)
			pen_printf(&pen, UI_DIM, "%s%s", v->sources[i].off > 0 ? "+" : "", ui_ratio(v->sources[i].off, when));
		else
			pen_put(&pen, UI_DIM, "◄ median");
	}
}

static void book_draw(const struct screen_paint *p, struct ui_rect r, const struct view_exposure *v)
{
	char text[UI_TEXT_MAX];
	static const char *const names[VIEW_ZONES] = { "normal", "warning", "margin call", "liquidation" };
	for (int z = 0; z < VIEW_ZONES && z < r.h; z++) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + z, r.w - 2);
		if (v->zones[z].deals) {
			panes_status(&pen, ZONES[z].status, names[z]);
		} else { /* an empty zone is no news */
			pen_glyph(&pen, UI_DIM, ui_status_glyph(ZONES[z].status));
			pen_printf(&pen, UI_DIM, " %s", names[z]);
		}
		pen_right(&pen, 17, UI_MONEY, ui_count((int64_t)v->zones[z].deals, text));
		pen_right(&pen, 32, UI_MONEY, ui_money(v->zones[z].amount, v->currency, text));
		if (r.w > 44)
			canvas_limit(p->canvas, r.x + 35, r.y + z, r.w - 37, v->zones[z].amount, 0, v->drawn ? v->drawn : 1);
	}
	if (r.h > VIEW_ZONES && v->group[0]) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + VIEW_ZONES, r.w - 2);
		pen_printf(&pen, UI_DIM, "top group %s, %s of its limit", v->group, ui_ratio(v->group_use, text));
	}
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void exposure_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_exposure *v = view;
	char drawn[96], money[UI_TEXT_MAX];
	s->panes = PANE_BOOK;
	if (!v->id[0]) {
		screen_empty(p, p->body, "No pledge is drawn: the first one appears here with its payment.");
		return;
	}
	snprintf(drawn, sizeof(drawn), "%zu deals, %s drawn", v->deals, ui_money(v->drawn, v->currency, money));
	const struct exposure_own *own = s->own;
	const struct view_history *h = v->history;
	char worst[96] = "", ltv[UI_TEXT_MAX], when[UI_TEXT_MAX], over[64];
	if (h && h->worst != INT64_MIN)
		snprintf(worst, sizeof(worst), "highest %.20s, %.20s", ui_ratio(h->worst, ltv), ui_past(h->worst_at, p->now, when));
	snprintf(over, sizeof(over), "Exposure, last %s", SPANS[own->span].words);
	struct pane curve = { PANE_CURVE, h ? "Loan to value over time" : "Loan to value by price", NULL, h ? worst : "lower is better", 14, true,
		{ 0 } };
	struct pane now = { PANE_NOW, "Now", NULL, NULL, 15, false, { 0 } };
	struct pane scenarios = { PANE_SCENARIOS, h ? over : "If the price moves", NULL, h ? "t back to prices, z Z span" : "= or h l try a price",
		(h ? VIEW_TRENDS : (int)v->scenario_count) + 2, false, { 0 } };
	struct pane cures = { PANE_CURES, "Cures to the target, and the price", NULL, NULL, 10, true, { 0 } };
	struct pane book = { PANE_BOOK, "The book by zone", NULL, drawn, VIEW_ZONES + 2, false, { 0 } };
	if (p->body.w >= PANES_WIDE) {
		struct screen_split split = screen_split_at(p->body, 60, PANES_WIDE);
		struct pane left[] = { curve, scenarios, book }, right[] = { now, cures };
		panes_stack(p, s, p->body, split.left, left, 3);
		panes_stack(p, s, p->body, split.right, right, 2);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
		curve = left[0], scenarios = left[1], book = left[2], now = right[0], cures = right[1];
	} else {
		struct pane all[] = { scenarios, curve, now, cures, book };
		all[1].want = 9;
		for (int i = 2; i < 5; i++)
			all[i].want = all[i].digit == s->pane ? all[i].want : p->body.h >= 36 ? all[i].want : 1;
		panes_stack(p, s, p->body, p->body, all, 5);
		scenarios = all[0], curve = all[1], now = all[2], cures = all[3], book = all[4];
	}
	if (h)
		history_draw(p, curve.in, v);
	else
		curve_draw(p, curve.in, v);
	if (now.in.h > 0)
		now_draw(p, now.in, v);
	if (h)
		trends_draw(p, scenarios.in, v);
	else
		scenarios_draw(p, scenarios.in, v);
	cures_draw(p, cures.in, v);
	book_draw(p, book.in, v);
}

static void exposure_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_exposure *v = view;
	char id[UI_TEXT_MAX], quantity[NUM_TEXT_MAX];
	(void)s;
	if (!v->id[0])
		return;
	snprintf(out->part, sizeof(out->part), "Exposure · %.20s %.30s", ui_id(str_of(v->id), p->full_ids ? 40 : 12, 4, id), v->party);
	snprintf(out->right, sizeof(out->right), "target %lld %% · %s %s %s · %s · %zu of %zu by LTV", (long long)(v->target / 100),
		num_format_scaled(v->quantity, 3, 1, ',', quantity), v->unit, v->commodity, v->currency, v->place + 1, v->deals);
}

/* A price is typed: digits until Enter, Esc leaves all as it was; nothing but Enter is the price as it is. */
static void price_key(struct screen_state *s, int key, const struct view_exposure *v, struct screen_out *out)
{
	struct exposure_own *own = s->own;
	size_t len = strlen(own->typed);
	int64_t price = 0;
	s->chord = '=';
	if (key == UI_KEY_ENTER || key == UI_KEY_ESC)
		s->chord = 0;
	else if ((key == UI_KEY_BACKSPACE || key == UI_CTRL('H')) && len)
		own->typed[len - 1] = '\0';
	else if (((key >= '0' && key <= '9') || (key == '.' && !strchr(own->typed, '.'))) && len + 1 < sizeof(own->typed))
		snprintf(own->typed + len, sizeof(own->typed) - len, "%c", key);
	if (s->chord) {
		snprintf(out->message, sizeof(out->message), "price %s/%s %s▏  · Enter tries it, without a figure the price as it is", v->currency, v->unit,
			own->typed);
		return;
	}
	if (key == UI_KEY_ESC)
		return;
	if (own->typed[0] && (!money_parse(str_of(own->typed), v->currency, &price) || price <= 0)) {
		out->status = UI_STATUS_REFUSED;
		snprintf(out->message, sizeof(out->message), "%s is no price in %s", own->typed, v->currency);
		return;
	}
	if (v->price > 0 && price / 10 > v->price) {
		out->status = UI_STATUS_REFUSED;
		snprintf(out->message, sizeof(out->message), "%s is more than ten times the price; try less", own->typed);
		return;
	}
	own->asked = (struct view_try){ .price = price };
	own->over = false;
}

/* The next half percent from what is tried; a typed price gives way to the nearest. */
static void price_step(struct exposure_own *own, const struct view_exposure *v, int64_t by)
{
	int64_t from = own->asked.change;
	if (own->asked.price && v->scenario_count > 1)
		from = v->scenarios[1].change / TRY_STEP * TRY_STEP;
	from += by;
	own->asked = (struct view_try){ .change = from < -TRY_MOST ? -TRY_MOST : from > TRY_MOST ? TRY_MOST : from };
	own->over = false;
}

static void exposure_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	struct exposure_own *own = s->own;
	const struct view_exposure *v = view;
	out->used = true;
	out->status = UI_STATUS_NOTE;
	if (s->chord) {
		price_key(s, key, v, out);
		return;
	}
	switch (key) {
	case 'h': case UI_KEY_LEFT: price_step(own, v, -TRY_STEP); break;
	case 'l': case UI_KEY_RIGHT: price_step(own, v, TRY_STEP); break;
	case '=':
		own->typed[0] = '\0';
		if (v->id[0])
			price_key(s, 0, v, out);
		break;
	case 't': own->over = !own->over; break;
	case 'z': own->span -= own->span > 0; break;
	case 'Z': own->span += own->span + 1 < SPAN_COUNT; break;
	case 'j': case UI_KEY_DOWN: snprintf(own->deal, sizeof(own->deal), "%.31s", v->after[0] ? v->after : v->id); break;
	case 'k': case UI_KEY_UP: snprintf(own->deal, sizeof(own->deal), "%.31s", v->before[0] ? v->before : v->id); break;
	case UI_KEY_ENTER: case 'd':
		if (v->id[0])
			snprintf(out->line, sizeof(out->line), "goto deal %s", v->id);
		break;
	case 's':
		if (v->id[0])
			snprintf(out->line, sizeof(out->line), "suspend %s", v->id);
		break;
	default: out->used = false;
	}
}

static void exposure_object(const struct screen_state *s, const void *view, char out[SCREEN_ARGUMENT_MAX])
{
	const struct view_exposure *v = view;
	(void)s;
	snprintf(out, SCREEN_ARGUMENT_MAX, "%s", v->id);
}

static const struct screen_key EXPOSURE_KEYS[] = {
	{ "Enter", "deal", "its deal", NULL, false },
	{ "=", "try a price", "type one; none: now", NULL, false },
	{ "t", "over time", "by price, by time", NULL, false },
	{ "h l", "half a percent", "half a percent", NULL, false },
	{ "z Z", NULL, "over time: span", NULL, false },
	{ "j k", "pledge", "another, by LTV", NULL, false },
	{ "Down Up", NULL, "another, by LTV", NULL, false },
	{ "Left Right", NULL, "half a percent", NULL, false },
	{ "s", "suspend", "stop every outflow", "suspend", false },
};

const struct screen SCREEN_EXPOSURE = {
	.name = "exposure", .title = "Exposure", .help = "loan to value, prices tried, cures", .keys = EXPOSURE_KEYS,
	.key_count = sizeof(EXPOSURE_KEYS) / sizeof(EXPOSURE_KEYS[0]), .open = exposure_open, .close = exposure_close,
	.view = exposure_view, .update = exposure_update, .draw = exposure_draw, .head = exposure_head, .object = exposure_object,
};
