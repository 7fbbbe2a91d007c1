/* Sensors: devices worst first, the curve of one with its band, its neighbours, what hangs on it, what may be done.
 *
 * What must remain true: silence is drawn as silence, a quarantined point stands apart with its value, and the
 * scale of the neighbours is the band's, the same for all rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/view_sensors.h"
#include "panes_int.h"
#include "screens_int.h"

enum { PANE_DEVICES = 1, PANE_CURVE, PANE_DEVICE, PANE_NEAR, PANE_LOTS, PANE_ACTS };
enum { AXIS_W = 7, SPANS = 5, LABEL_AT = 11, TRUST_FULL = 10000, BACK_MAX = 20 };

static const int64_t SPAN_HOURS[SPANS] = { 24, 12, 6, 3, 1 };

struct sensors_own {
	char site[8];
	char device[32];     /* of the argument, until the list has it */
	int span;            /* index of SPAN_HOURS */
	int back;            /* tenths of the span that the curve is moved into the past */
	bool why;            /* `w`: why the points are bad stands in place of the legend */
};

static void *sensors_open(struct screen_state *s)
{
	struct sensors_own *own = calloc(1, sizeof(*own));
	if (!own)
		return NULL;
	if (strchr(s->argument, '/'))
		snprintf(own->device, sizeof(own->device), "%.31s", s->argument);
	else
		snprintf(own->site, sizeof(own->site), "%.7s", s->argument[0] ? s->argument : VIEW_WORST_SITE);
	return own;
}

static void sensors_close(struct screen_state *s)
{
	free(s->own);
}

/* --- words ---------------------------------------------------------------------------------------- */

static const struct {
	enum ui_status status;
	const char *word;
} STATES[SERIES_STATUS_COUNT] = {
	[SERIES_OK] = { UI_STATUS_OK, "ok" }, [SERIES_NEAR] = { UI_STATUS_WARN, "near" },
	[SERIES_OVER] = { UI_STATUS_WARN, "over" }, [SERIES_UNDER] = { UI_STATUS_WARN, "under" },
	[SERIES_STUCK] = { UI_STATUS_REFUSED, "stuck" }, [SERIES_JUMP] = { UI_STATUS_REFUSED, "jump" },
	[SERIES_SILENT] = { UI_STATUS_REFUSED, "silent" },
};

/* Decimals by kind: a tenth of a degree, whole kilograms. */
static const int PLACES[DEVICE_KIND_COUNT] = { 1, 1, 1, 0, 0, 0, 0 };

static void sensor_figure(const struct view_sensor *v, int64_t milli, char out[UI_TEXT_MAX])
{
	int64_t scale = PLACES[v->kind] ? 100 : 1000, half = milli < 0 ? -scale / 2 : scale / 2;
	num_format_scaled((milli + half) / scale, PLACES[v->kind], PLACES[v->kind], ',', out);
}

void screen_sensor_value(const struct view_sensor *v, int64_t now, char out[UI_TEXT_MAX])
{
	char figure[UI_TEXT_MAX];
	if (!v->last_at) {
		snprintf(out, UI_TEXT_MAX, "not heard");
		return;
	}
	if (v->status == SERIES_SILENT && v->last_at) {
		snprintf(out, UI_TEXT_MAX, "silent %.40s", ui_span(now - v->last_at, figure));
		return;
	}
	if (v->kind == DEVICE_DOOR) {
		bool open = v->last >= 500;
		ui_span(now - v->open_since, figure);
		snprintf(out, UI_TEXT_MAX, open && v->open_since ? "open %s" : open ? "open" : "closed", figure);
		return;
	}
	sensor_figure(v, v->last, figure);
	snprintf(out, UI_TEXT_MAX, "%.40s %.16s", figure, v->unit);
}

/* --- view ----------------------------------------------------------------------------------------- */

struct sensors_like {
	const struct screen_state *s;
	const struct view_sensors *v;
};

static bool sensors_shows(void *ctx, size_t row)
{
	const struct sensors_like *like = ctx;
	const struct view_sensor *r = &like->v->rows[row];
	const char *texts[] = { r->id, DEVICE_KIND_NAMES[r->kind], STATES[r->status].word, NULL };
	return screen_filter_likes(like->s->filter, texts);
}

static const char *sensors_focus(const struct screen_state *s)
{
	static char none[1];
	struct list_line at;
	const struct sensors_own *own = s->own;
	return list_target(s->list, &at) ? at.key : own ? own->device : none;
}

static struct view_sensors *sensors_build(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct sensors_own *own = s->own;
	int64_t span = SPAN_HOURS[own->span] * INSTANT_HOUR;
	char device[64];
	snprintf(device, sizeof(device), "%s", sensors_focus(s));
	return view_sensors_build(a, src, own->site, device, span, span / 10 * own->back);
}

static const void *sensors_view(struct screen_state *s, struct arena *a, const struct view_source *src)
{
	struct sensors_own *own = s->own;
	char before[64];
	snprintf(before, sizeof(before), "%s", sensors_focus(s));
	struct view_sensors *v = sensors_build(s, a, src);
	if (!strcmp(own->site, VIEW_WORST_SITE)) /* found once; then the person decides */
		snprintf(own->site, sizeof(own->site), "%s", v->site);
	struct list_row *rows = arena_zero(a, (v->count + 1) * sizeof(*rows));
	struct sensors_like like = { s, v };
	struct list_rules rules = { sensors_shows, NULL, &like };
	for (size_t i = 0; i < v->count; i++)
		rows[i] = (struct list_row){ v->rows[i].id, v->rows[i].version };
	s->list_total = v->count;
	list_refresh(s->list, rows, v->count, &rules);
	if (own->device[0] && list_focus(s->list, own->device))
		own->device[0] = 0;
	return strcmp(before, sensors_focus(s)) ? sensors_build(s, a, src) : v;
}

/* --- devices -------------------------------------------------------------------------------------- */

static void device_row(const struct screen_paint *p, struct ui_rect r, int y, const struct view_sensors *v,
	const struct view_sensor *d)
{
	char text[UI_TEXT_MAX];
	enum ui_status status = STATES[d->status].status;
	const char *name = v->site[0] || r.w < 44 ? d->label : d->id;
	bool silent = d->status == SERIES_SILENT;
	const char *state = silent ? "" : STATES[d->status].word;
	int spark = r.w >= 36 ? VIEW_SENSOR_SPARK : 0, word = r.w >= 26 ? 5 : 0;
	int value = r.w - 1 - (spark ? spark + 1 : 1) - word;
	int cells = canvas_width(p->canvas, str_of(state)) < word ? spark : spark - 1;
	canvas_put(p->canvas, r.x + 1, y, ui_status_role(status), ui_status_glyph(status));
	canvas_text(p->canvas, r.x + 3, y, value - 3, UI_ID, name);
	screen_sensor_value(d, p->now, text);
	canvas_right(p->canvas, r.x, y, value, silent ? UI_DANGER : UI_MONEY, text);
	if (word)
		canvas_text(p->canvas, r.x + value + 1, y, word, ui_status_role(status), state);
	if (spark)
		canvas_spark(p->canvas, r.x + r.w - 1 - cells, y, cells, UI_CHART_LINE, d->spark, VIEW_SENSOR_SPARK, d->spark_lo,
			d->spark_hi > d->spark_lo ? d->spark_hi : d->spark_lo + 1);
}

static void devices_draw(struct screen_state *s, const struct screen_paint *p, struct ui_rect r, const struct view_sensors *v)
{
	struct list_line line;
	int n = 0;
	if (r.h < 1)
		return;
	if (!v->count) {
		char why[160];
		snprintf(why, sizeof(why), "No device has reported from %s; one appears with its first signed batch.",
			v->site_name[0] ? v->site_name : "any site");
		screen_empty(p, r, why);
		return;
	}
	list_set_height(s->list, r.h);
	for (; n < r.h && list_line_at(s->list, n, &line); n++) {
		if (line.row == LIST_NO_ROW || line.row >= v->count)
			panes_gone(p, s, r.x + 3, r.y + n, r.w - 4);
		else
			device_row(p, r, r.y + n, v, &v->rows[line.row]);
		screen_cursor(p, r.x, r.y + n, r.w, &line, s->pane == PANE_DEVICES);
	}
	if (!n)
		screen_empty(p, r, "No device matches the filter; Esc clears it.");
}

/* --- the curve ------------------------------------------------------------------------------------ */

static void curve_label(const struct screen_paint *p, struct ui_rect r, int x, int y, enum ui_role role, const char *text)
{
	int w = canvas_width(p->canvas, str_of(text));
	if (x + w > r.x + r.w)
		x = r.x + r.w - w;
	if (x < r.x + AXIS_W)
		x = r.x + AXIS_W;
	for (int i = 0; i < w; i++) {
		const struct ui_cell *c = canvas_at(p->canvas, x + i, y);
		if (!c || c->glyph != ' ')
			return; /* data before words */
	}
	canvas_text(p->canvas, x, y, w, role, text);
}

static void curve_notes(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d,
	const struct ui_band *band)
{
	char text[2 * UI_TEXT_MAX], figure[UI_TEXT_MAX], clock[UI_TEXT_MAX];
	int x, y;
	if (d->worst.index >= 0 && canvas_band_place(r, band, d->worst.index, &x, &y)) {
		sensor_figure(&d->device, d->worst.value, figure);
		snprintf(text, sizeof(text), "%s at %s, quarantined", figure, ui_clock_short(d->worst.at, clock));
		curve_label(p, r, x - canvas_width(p->canvas, str_of(text)) - 1, y, UI_CHART_BAD, text);
	}
	if (d->gap_from > 0) {
		int from = r.x + AXIS_W + (r.w - AXIS_W) * d->gap_from / (d->slots > 1 ? d->slots : 1);
		snprintf(text, sizeof(text), "gap %s", ui_span((int64_t)(d->gap_to - d->gap_from + 1) * VIEW_SENSOR_STEP, figure));
		curve_label(p, r, from, r.y + r.h - 2, UI_DIM, text);
	}
	if (d->over_hour > 1) {
		snprintf(text, sizeof(text), "%d anomalies in 1 h", (int)d->over_hour);
		curve_label(p, r, r.x + r.w - canvas_width(p->canvas, str_of(text)) - 4, r.y, UI_WARN, text);
	}
}

static void curve_axis(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	struct ui_tick ticks[12];
	char labels[12][UI_TEXT_MAX], now[UI_TEXT_MAX];
	int64_t span = d->to - d->from;
	int64_t step = (span > 12 * INSTANT_HOUR ? 4 : span > 6 * INSTANT_HOUR ? 2 : 1) * INSTANT_HOUR;
	if (span <= 2 * INSTANT_HOUR)
		step = 15 * INSTANT_MINUTE;
	int n = 0;
	for (int64_t at = (d->from / step + 1) * step; at < d->to && n < 12; at += step, n++)
		ticks[n] = (struct ui_tick){ at, ui_clock_short(at, labels[n]) };
	struct ui_axis axis = { .lo = d->from, .hi = d->to, .now = d->to, .now_label = ui_clock_short(d->to, now),
		.ticks = ticks, .count = n };
	canvas_axis(p->canvas, r.x + AXIS_W - 1, r.y, r.w - AXIS_W + 1, &axis);
}

/* Limits of the band; a figure above and one below give the scale room. */
static int curve_bounds(const struct view_sensor_detail *d, struct ui_bound bounds[2], char figures[2][UI_TEXT_MAX])
{
	if (!d->device.banded)
		return 0;
	sensor_figure(&d->device, d->device.low, figures[0]);
	sensor_figure(&d->device, d->device.high, figures[1]);
	bounds[0] = (struct ui_bound){ d->device.low, true, figures[0], NULL };
	bounds[1] = (struct ui_bound){ d->device.high, false, figures[1], NULL };
	return 2;
}

/* Without a band the scale is named by what was measured. */
static int curve_extremes(const struct view_sensor_detail *d, struct ui_tick ticks[2], char figures[2][UI_TEXT_MAX])
{
	int64_t least = INT64_MAX, most = INT64_MIN;
	for (int i = 0; i < d->count; i++) {
		if (d->points[i] == UI_SILENCE || d->bad[i])
			continue;
		least = d->points[i] < least ? d->points[i] : least;
		most = d->points[i] > most ? d->points[i] : most;
	}
	if (least > most)
		return 0;
	sensor_figure(&d->device, least, figures[0]);
	sensor_figure(&d->device, most, figures[1]);
	ticks[0] = (struct ui_tick){ least, figures[0] };
	ticks[1] = (struct ui_tick){ most, figures[1] };
	return least == most ? 1 : 2;
}

static bool curve_has_reading(const struct view_sensor_detail *d)
{
	for (int i = 0; i < d->count; i++)
		if (d->points[i] != VIEW_SILENCE)
			return true;
	return false;
}

/* "band -22.0 to -15.0 °C"; "" without one. */
static void band_words(const struct view_sensor_detail *d, char out[96])
{
	char low[UI_TEXT_MAX], high[UI_TEXT_MAX];
	out[0] = 0;
	if (!d || !d->device.banded)
		return;
	sensor_figure(&d->device, d->device.low, low);
	sensor_figure(&d->device, d->device.high, high);
	snprintf(out, 96, "band %.20s to %.20s %.10s", low, high, d->device.unit);
}

/* Too low for a curve: its end and its limits in words. */
static void low_draw(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	char text[UI_TEXT_MAX], band[96];
	bool silent = d->device.status == SERIES_SILENT; /* said with the value */
	struct ui_pen pen = panes_fact(p, r, 0, 0, "");
	panes_status(&pen, STATES[d->device.status].status, silent ? "" : STATES[d->device.status].word);
	pen_skip(&pen, silent ? 0 : 2);
	screen_sensor_value(&d->device, p->now, text);
	pen_put(&pen, UI_MONEY, text);
	band_words(d, band);
	pen = panes_fact(p, r, 1, 2, "");
	pen_put(&pen, UI_DIM, band);
}

static void curve_draw(const struct screen_state *s, const struct screen_paint *p, struct ui_rect r,
	const struct view_sensor_detail *d)
{
	const struct sensors_own *own = s->own;
	struct ui_bound bounds[2];
	char figures[2][UI_TEXT_MAX], text[UI_TEXT_MAX];
	if (r.h < 6 || r.w < 24) {
		low_draw(p, r, d);
		return;
	}
	struct ui_rect plot = { r.x, r.y, r.w - 2, r.h - (r.h > 9 ? 4 : 2) };
	int64_t room = d->device.banded ? (d->device.high - d->device.low) / 3 : 0;
	struct ui_band band = { .values = d->points, .bad = d->bad, .count = d->count, .slots = d->slots, .bounds = bounds,
		.bound_count = curve_bounds(d, bounds, figures), .lo = d->device.low - room, .hi = d->device.high + room, .now = -1,
		.axis_width = AXIS_W };
	struct ui_tick extremes[2];
	if (!d->device.banded) {
		band.lo = 1;
		band.hi = 0;
		band.ticks = extremes;
		band.tick_count = curve_extremes(d, extremes, figures);
	}
	canvas_band(p->canvas, plot, &band);
	curve_notes(p, plot, d, &band);
	curve_axis(p, (struct ui_rect){ r.x, plot.y + plot.h, plot.w, 2 }, d);
	if (!curve_has_reading(d)) {
		char why[128];
		snprintf(why, sizeof(why), "no reading since %s", d->device.last_at ? ui_past(d->device.last_at, p->now, text) : "it was registered");
		canvas_text(p->canvas, plot.x + AXIS_W + 4, plot.y + plot.h / 2, plot.w - AXIS_W - 5, UI_DIM, why);
	}
	if (r.h <= 9)
		return;
	int y = r.y + r.h - 2;
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
	if (own->why) {
		pen_put(&pen, UI_TEXT, d->worst.index >= 0 ? "a bad point changed faster than it can, came twice or with a wrong clock"
			: "no point of this window is quarantined");
		return;
	}
	pen_put(&pen, UI_CHART_LINE, "⠤⠒");
	pen_put(&pen, UI_DIM, " reading   ");
	pen_put(&pen, UI_CHART_BAND, "╌");
	pen_put(&pen, UI_DIM, " band   ");
	pen_put(&pen, UI_CHART_BAD, "×");
	pen_put(&pen, UI_DIM, " bad point, quarantined   ░ silence");
}

/* --- the device and its neighbours ----------------------------------------------------------------- */

static void device_draw(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	char text[UI_TEXT_MAX], more[UI_TEXT_MAX];
	struct ui_pen pen = panes_fact(p, r, 0, LABEL_AT, "watches");
	pen_printf(&pen, UI_TEXT, "%s, %zu lot%s", d->place[0] ? d->place : d->device.site, d->lot_count,
		d->lot_count == 1 ? "" : "s");
	pen = panes_fact(p, r, 1, LABEL_AT, "since");
	pen_put(&pen, UI_TIME, ui_past(d->since, p->now, text));
	if (d->heard_at)
		pen_printf(&pen, UI_TEXT, ", heard %s ago", ui_span(p->now - d->heard_at, more));
	pen = panes_fact(p, r, 2, LABEL_AT, "key");
	pen_put(&pen, UI_ID, ui_digest(str_of(d->key), text));
	pen_printf(&pen, UI_DIM, " %s", d->gateway);
	pen = panes_fact(p, r, 3, LABEL_AT, "sequence");
	pen_printf(&pen, UI_TEXT, "%s, gaps %d", ui_count(d->sequence ? d->sequence : d->batch, text), (int)d->gaps);
	pen = panes_fact(p, r, 4, LABEL_AT, "faults");
	pen_printf(&pen, UI_TEXT, "%d of %s readings", (int)d->faults, ui_count(d->readings, text));
	pen = panes_fact(p, r, 5, LABEL_AT, "trust");
	pen_printf(&pen, d->trust < TRUST_FULL ? UI_WARN : UI_TEXT, "%d.%02d", (int)(d->trust / TRUST_FULL),
		(int)(d->trust % TRUST_FULL / 100));
	if (d->cut_off) {
		pen = panes_fact(p, r, 6, LABEL_AT, "gateway");
		panes_status(&pen, UI_STATUS_REFUSED, "cut off");
		if (d->missing)
			pen_printf(&pen, UI_TEXT, ", owes %d", (int)d->missing);
	}
}

static void near_draw(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	char text[UI_TEXT_MAX];
	int64_t lo = d->device.low, hi = d->device.high + (d->device.high - d->device.low) / 5;
	if (!d->near_count)
		screen_empty(p, r, "No other device here measures the same.");
	for (int i = 0; i < r.h && i < (int)d->near_count; i++) {
		const struct view_sensor *n = &d->near[i];
		enum ui_status status = STATES[n->status].status;
		canvas_text(p->canvas, r.x + 1, r.y + i, 10, UI_ID, n->label);
		screen_sensor_value(n, p->now, text);
		canvas_right(p->canvas, r.x, r.y + i, 20, n->status == SERIES_SILENT ? UI_DANGER : UI_MONEY, text);
		if (d->device.banded && n->last_at && hi > lo && r.w > 30)
			canvas_gauge(p->canvas, r.x + 21, r.y + i, r.w - 23, lo, hi, n->last, status, &d->device.high, 1);
	}
}

/* --- what hangs on it ------------------------------------------------------------------------------ */

static void lots_draw(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	char text[UI_TEXT_MAX];
	if (r.h < 1)
		return;
	if (!d->lot_count) {
		screen_empty(p, r, "No lot stands where this device watches.");
		return;
	}
	struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y, r.w - 2);
	pen_to(&pen, 2);
	pen_put(&pen, UI_DIM, "lot         goods                   now          deal");
	bool money = r.w >= 78;
	if (money) {
		pen_right(&pen, 67, UI_DIM, "EUR");
		pen_right(&pen, 75, UI_DIM, "LTV");
	}
	for (int i = 0; i + 1 < r.h && i < (int)d->lot_count; i++) {
		const struct view_sensor_lot *l = &d->lots[i];
		int y = r.y + 1 + i;
		pen = canvas_pen(p->canvas, r.x + 1, y, r.w - 2);
		pen_status(&pen, l->level >= 4 ? UI_STATUS_HELD : l->cut ? UI_STATUS_WARN : l->deal[0] ? UI_STATUS_OK : UI_STATUS_NOTE);
		pen_to(&pen, 2);
		pen_put(&pen, UI_ID, ui_id_list(str_of(l->id), text));
		canvas_free_text(p->canvas, r.x + 15, y, 23, UI_TEXT, l->goods);
		pen_to(&pen, 38);
		if (l->level >= 4)
			pen_put(&pen, UI_SUSPENDED, "frozen L4");
		else if (l->cut)
			pen_printf(&pen, UI_WARN, "value × 0.%02d", (int)((10000 - l->cut) / 100));
		else
			pen_put(&pen, UI_TEXT, l->deal[0] ? "pledged" : "unpledged");
		pen_to(&pen, 51);
		pen_put(&pen, UI_ID, l->deal[0] ? ui_id_feed(str_of(l->deal), text) : "–");
		if (!money)
			continue;
		pen_right(&pen, 67, UI_MONEY, l->deal[0] ? ui_money(l->amount, l->currency, text) : "–");
		ui_ratio(l->ltv, text);
		text[l->ltv == INT64_MIN ? strlen(text) : strcspn(text, " ")] = 0;
		pen_right(&pen, 75, l->zone >= 2 ? UI_DANGER : l->zone ? UI_WARN : UI_MONEY, text);
	}
}

/* At most three acts, each with its key and the request that it is. */
struct offered {
	char key;
	char words[96], effect[64], line[SCREEN_LINE_MAX];
};
static int sensor_acts(const struct view_sensor_detail *d, struct offered acts[3])
{
	int n = 0;
	const struct view_sensor_lot *lot = NULL;
	for (size_t i = 0; i < d->lot_count && !lot; i++)
		if (d->lots[i].deal[0])
			lot = &d->lots[i];
	if (d->alert[0]) {
		acts[n].key = 'a';
		snprintf(acts[n].words, sizeof(acts[n].words), "open the case %s", d->alert_code);
		snprintf(acts[n].effect, sizeof(acts[n].effect), "its facts and its three acts");
		snprintf(acts[n++].line, SCREEN_LINE_MAX, "goto alerts %s", d->alert);
		acts[n].key = 'x';
		snprintf(acts[n].words, sizeof(acts[n].words), "false alarm, with a reason");
		snprintf(acts[n].effect, sizeof(acts[n].effect), "lowers the level it raised");
		snprintf(acts[n++].line, SCREEN_LINE_MAX, "close %s false", d->alert);
	}
	if (lot) {
		char tail[UI_TEXT_MAX];
		acts[n].key = 's';
		snprintf(acts[n].words, sizeof(acts[n].words), "suspend deal %s", ui_id_feed(str_of(lot->deal), tail));
		snprintf(acts[n].effect, sizeof(acts[n].effect), "no outflow; cures stay allowed");
		snprintf(acts[n++].line, SCREEN_LINE_MAX, "suspend %s", lot->deal);
	}
	return n;
}

static void acts_draw(const struct screen_paint *p, struct ui_rect r, const struct view_sensor_detail *d)
{
	struct offered acts[3];
	int n = sensor_acts(d, acts), y = 0;
	for (; y < n && y < r.h; y++) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y, r.w - 2);
		pen_printf(&pen, UI_HOT, "%c ", acts[y].key);
		pen_printf(&pen, UI_TEXT, " %s", acts[y].words);
		pen_to(&pen, 36);
		pen_put(&pen, UI_DIM, acts[y].effect);
	}
	if (!n)
		canvas_wrap(p->canvas, r.x + 1, r.y, r.w - 2, r.h, UI_DIM,
			"Nothing hangs on it and no alarm is open: nothing to do here.");
	if (y + 1 < r.h && d->alert[0]) {
		struct ui_pen pen = canvas_pen(p->canvas, r.x + 1, r.y + y + 1, r.w - 2);
		pen_status(&pen, UI_STATUS_HELD);
		pen_printf(&pen, UI_SUSPENDED, " L%d", (int)d->alert_level);
		pen_printf(&pen, UI_TEXT, " %s %s", d->alert_code, d->alert_title);
	}
}

/* --- the screen ----------------------------------------------------------------------------------- */

static void sensors_draw(struct screen_state *s, const void *view, const struct screen_paint *p)
{
	const struct view_sensors *v = view;
	const struct view_sensor_detail *d = v->detail;
	const struct sensors_own *own = s->own;
	char count[24], title[128] = "No device", band[96];
	snprintf(count, sizeof(count), "%zu", v->count);
	band_words(d, band);
	if (d)
		snprintf(title, sizeof(title), "%s %s, last %d h", d->device.label, DEVICE_KIND_NAMES[d->device.kind],
			(int)SPAN_HOURS[own->span]);
	struct pane devices = { PANE_DEVICES, "Devices", count, "worst first", 8, true, { 0 } };
	struct pane curve = { PANE_CURVE, title, NULL, band, 10, true, { 0 } };
	struct pane device = { PANE_DEVICE, "This device", NULL, NULL, 8, false, { 0 } };
	struct pane near = { PANE_NEAR, "Neighbours now", NULL, NULL, 5, false, { 0 } };
	struct pane lots = { PANE_LOTS, "What hangs on it", NULL, NULL, 6, false, { 0 } };
	struct pane acts = { PANE_ACTS, "What you can do", NULL, "at most three", 6, false, { 0 } };
	s->panes = PANE_ACTS;
	if (p->body.w >= PANES_WIDE) {
		struct screen_split split = screen_split_at(p->body, 31, PANES_WIDE);
		struct pane left[] = { devices, device, near }, right[] = { curve, lots, acts };
		panes_stack(p, s, p->body, split.left, left, 3);
		panes_stack(p, s, p->body, split.right, right, 3);
		panes_between(p, s, split.rule, p->body.y, p->body.y + p->body.h - 1);
		devices = left[0], device = left[1], near = left[2];
		curve = right[0], lots = right[1], acts = right[2];
	} else {
		struct pane all[] = { devices, curve, device, near, lots, acts };
		all[0].grows = false;
		for (int i = 2; i < 6; i++)
			all[i].want = all[i].digit == s->pane ? all[i].want : p->body.h >= 40 ? all[i].want : 1;
		panes_stack(p, s, p->body, p->body, all, 6);
		devices = all[0], curve = all[1], device = all[2], near = all[3], lots = all[4], acts = all[5];
	}
	devices_draw(s, p, devices.in, v);
	if (!d)
		return;
	curve_draw(s, p, curve.in, d);
	device_draw(p, device.in, d);
	near_draw(p, near.in, d);
	lots_draw(p, lots.in, d);
	acts_draw(p, acts.in, d);
}

static void sensors_head(struct screen_state *s, const void *view, const struct screen_paint *p, struct screen_head *out)
{
	const struct view_sensors *v = view;
	const struct sensors_own *own = s->own;
	(void)p;
	if (v->site[0])
		snprintf(out->part, sizeof(out->part), "Sensors · %s %s", v->site_name, v->site);
	else
		snprintf(out->part, sizeof(out->part), "Sensors · all sites");
	snprintf(out->right, sizeof(out->right), "%zu devices · %zu not ok · window %d h%s%s", v->count, v->troubled,
		(int)SPAN_HOURS[own->span], s->filter[0] ? " · /" : "", s->filter);
}

/* The next site; after the last one all of them. */
static void sensors_next_site(struct sensors_own *own, const struct view_sensors *v, int by)
{
	int n = (int)v->site_count + 1, at = 0;
	for (size_t i = 0; i < v->site_count; i++)
		if (!strcmp(v->sites[i], own->site))
			at = (int)i + 1;
	at = (at + by + n) % n;
	snprintf(own->site, sizeof(own->site), "%s", at ? v->sites[at - 1] : "");
}

static void sensors_act(int key, const struct view_sensors *v, struct screen_out *out)
{
	struct offered acts[3];
	int n = v->detail ? sensor_acts(v->detail, acts) : 0;
	for (int i = 0; i < n; i++)
		if (acts[i].key == key) {
			memcpy(out->line, acts[i].line, SCREEN_LINE_MAX);
			return;
		}
	out->status = UI_STATUS_NOTE;
	snprintf(out->message, sizeof(out->message), "%s", n ? "there is no such act here" : "nothing is offered for this device");
}

static void sensors_update(struct screen_state *s, int key, const void *view, struct screen_out *out)
{
	const struct view_sensors *v = view;
	struct sensors_own *own = s->own;
	out->used = true;
	switch (key) {
	case 'h': case UI_KEY_LEFT: own->back += own->back < BACK_MAX; break;
	case 'l': case UI_KEY_RIGHT: own->back -= own->back > 0; break;
	case 'z': own->span += own->span < SPANS - 1; break;
	case 'Z': own->span -= own->span > 0; break;
	case 'H': sensors_next_site(own, v, -1); break;
	case 'L': sensors_next_site(own, v, 1); break;
	case 'w': own->why = !own->why; break;
	case 'a': case 'x': case 's': sensors_act(key, v, out); break;
	case UI_KEY_ENTER: s->pane = s->pane == PANE_DEVICES ? PANE_CURVE : PANE_DEVICES; break;
	case 'v':
		if (!v->detail || !v->detail->batch)
			break;
		snprintf(out->line, sizeof(out->line), "goto ledger %llu", (unsigned long long)v->detail->batch_entry);
		break;
	default: out->used = false;
	}
}

static const struct screen_key SENSORS_KEYS[] = {
	{ "Enter", "curve", "the curve", NULL, false },
	{ "a", "act", "the case of it", NULL, false },
	{ "h l", "along", "along the curve", NULL, false },
	{ "z Z", "zoom", "closer, wider", NULL, false },
	{ "H L", "site", "another site", NULL, false },
	{ "w", "why a point is bad", "why a point is bad", NULL, false },
	{ "v", "verify batch", "its batch's proof", NULL, false },
	{ "x", NULL, "false alarm", "close", false },
	{ "s", NULL, "suspend the deal", "suspend", false },
	{ "j k", NULL, "another device", NULL, true },
};

const struct screen SCREEN_SENSORS = {
	.name = "sensors", .title = "Sensors", .help = "devices worst first, curves, what hangs on them",
	.function_key = UI_KEY_F6, .keys = SENSORS_KEYS, .key_count = sizeof(SENSORS_KEYS) / sizeof(SENSORS_KEYS[0]),
	.has_list = true, .list_pane = PANE_DEVICES, .open = sensors_open, .close = sensors_close, .view = sensors_view,
	.update = sensors_update, .draw = sensors_draw, .head = sensors_head,
};
