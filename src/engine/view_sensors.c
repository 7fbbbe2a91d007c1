/* Devices, their curves and what hangs on them. See engine/view_sensors.h.
 *
 * Must remain true: silence stays silence; a quarantined value never becomes a point of the line; the order
 * of the rows depends on status and label only, so it does not jump with every reading. */
#include "engine/view_sensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "contract/state.h"
#include "risk/state.h"
#include "view_keep.h"

enum { SECONDS_OF_STEP = 600, LATE_STEPS = 3 };

static const char *const UNITS[DEVICE_KIND_COUNT] = { "°C", "%RH", "g", "", "m", "kg", "plates" };

/* Worst first. */
static int status_rank(int64_t status)
{
	static const int rank[SERIES_STATUS_COUNT] = { [SERIES_OVER] = 0, [SERIES_UNDER] = 0, [SERIES_SILENT] = 1,
		[SERIES_JUMP] = 2, [SERIES_STUCK] = 3, [SERIES_NEAR] = 4, [SERIES_OK] = 5 };
	return status >= 0 && status < SERIES_STATUS_COUNT ? rank[status] : 6;
}

/* --- curves --------------------------------------------------------------------------------------- */

/* What a window stands for: the value furthest out of the band, else the last one. */
static int64_t window_value(const struct window *w, const struct device *d)
{
	if (!w->count)
		return VIEW_SILENCE;
	if (d->banded && w->greatest > d->high)
		return w->greatest;
	if (d->banded && w->least < d->low)
		return w->least;
	return w->last;
}

struct curve {
	int64_t *points;
	uint8_t *bad; /* may be NULL */
	int64_t *bad_values;
	int count;
	int64_t from, step;
};

static void curve_fill(const struct tabs *s, const struct device *d, const struct curve *c)
{
	char key[REC_KEY_MAX], prefix[40];
	struct buf b = { 0 };
	for (int i = 0; i < c->count; i++)
		c->points[i] = VIEW_SILENCE;
	buf_printf(&b, "%s/", d->id);
	str_copy(prefix, sizeof(prefix), buf_view(&b));
	buf_printf(&b, "%012lld", (long long)(c->from / INSTANT_SECOND - SECONDS_OF_STEP));
	str_copy(key, sizeof(key), buf_view(&b));
	buf_free(&b);
	const struct window *w = tab_first(s, &WINDOW_REC, key);
	for (; w && str_starts(str_of(w->id), prefix); w = tab_next(s, &WINDOW_REC, w->id)) {
		int64_t at = w->from < c->from ? -1 : (w->from - c->from) / c->step;
		if (at < 0 || at >= c->count)
			continue;
		int64_t value = window_value(w, d);
		if (value != VIEW_SILENCE)
			c->points[at] = value;
		if (c->bad && w->bad) {
			c->bad[at] = 1;
			c->bad_values[at] = w->bad_value;
		}
	}
	/* Windows begin when a batch does: a single empty step between two full ones is no silence. */
	for (int i = 1; i + 1 < c->count; i++)
		if (c->points[i] == VIEW_SILENCE && c->points[i - 1] != VIEW_SILENCE && c->points[i + 1] != VIEW_SILENCE)
			c->points[i] = c->points[i - 1];
}

/* --- rows ----------------------------------------------------------------------------------------- */

static void sensor_spark(struct view_sensor *v, const struct tabs *s, const struct device *d, int64_t now)
{
	int64_t step = INSTANT_DAY / VIEW_SENSOR_SPARK;
	struct curve c = { v->spark, NULL, NULL, VIEW_SENSOR_SPARK, now - INSTANT_DAY, step };
	curve_fill(s, d, &c);
	v->spark_lo = INT64_MAX;
	v->spark_hi = INT64_MIN;
	for (int i = 0; i < VIEW_SENSOR_SPARK; i++) {
		if (v->spark[i] == VIEW_SILENCE)
			continue;
		v->spark_lo = v->spark[i] < v->spark_lo ? v->spark[i] : v->spark_lo;
		v->spark_hi = v->spark[i] > v->spark_hi ? v->spark[i] : v->spark_hi;
	}
}

void view_sensor_row(struct arena *a, const struct tabs *s, const struct device *d, struct view_sensor *v)
{
	const struct series *x = tab_get(s, &SERIES_REC, d->id);
	const char *slash = strchr(d->id, '/');
	*v = (struct view_sensor){ .id = keep(a, d->id), .site = keep(a, d->site), .kind = d->kind, .banded = d->banded != 0,
		.low = d->low, .high = d->high, .status = SERIES_SILENT };
	v->label = slash ? v->id + (slash + 1 - d->id) : v->id;
	v->unit = d->kind >= 0 && d->kind < DEVICE_KIND_COUNT ? UNITS[d->kind] : "";
	if (!x)
		return;
	v->status = x->last_at ? x->status : SERIES_SILENT;
	v->last = x->last;
	v->last_at = x->last_at;
	v->open_since = d->kind == DEVICE_DOOR && d->period ? x->last_at - (x->equal_run - 1) * d->period : 0;
	v->version = (uint64_t)x->readings * 16 + (uint64_t)x->status;
}

static int by_status(const void *x, const void *y)
{
	const struct view_sensor *a = x, *b = y;
	int d = status_rank(a->status) - status_rank(b->status);
	if (!d)
		d = (a->kind > b->kind) - (a->kind < b->kind);
	return d ? d : strcmp(a->id, b->id);
}

static void sites_of(struct view_sensors *v, struct arena *a, const struct tabs *s)
{
	v->sites = arena_zero(a, (tab_count(s, &SITE_REC) + 1) * sizeof(*v->sites));
	TAB_FOR(site, t, s, &SITE_REC, "") {
		bool used = false;
		TAB_FOR(device, d, s, &DEVICE_REC, "")
			used = used || !strcmp(d->site, t->id);
		if (used)
			v->sites[v->site_count++] = keep(a, t->id);
	}
}

/* --- one device ----------------------------------------------------------------------------------- */

static void detail_curve(struct view_sensor_detail *v, const struct tabs *s, const struct device *d)
{
	int64_t values[VIEW_SENSOR_POINTS] = { 0 };
	struct curve c = { v->points, v->bad, values, v->count, v->from, VIEW_SENSOR_STEP };
	int run = 0, longest = 1; /* one empty step is no gap */
	curve_fill(s, d, &c);
	v->slots = v->count;
	/* The batch of the last minutes is on its way: no silence yet. */
	while (v->count > v->slots - LATE_STEPS && v->count > 1 && v->points[v->count - 1] == VIEW_SILENCE && !v->bad[v->count - 1])
		v->count--;
	v->worst.index = v->gap_from = v->gap_to = -1;
	for (int i = 0; i < v->count; i++) {
		if (v->bad[i]) {
			int64_t middle = d->banded ? (d->low + d->high) / 2 : v->device.last;
			int64_t off = values[i] > middle ? values[i] - middle : middle - values[i];
			int64_t worst = v->worst.value > middle ? v->worst.value - middle : middle - v->worst.value;
			if (v->worst.index < 0 || off > worst)
				v->worst = (struct view_sensor_bad){ i, v->from + i * VIEW_SENSOR_STEP, values[i] };
			v->points[i] = values[i];
		}
		bool silent = v->points[i] == VIEW_SILENCE;
		run = silent ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			v->gap_from = i - run + 1;
			v->gap_to = i;
		}
	}
}

static void detail_near(struct view_sensor_detail *v, struct arena *a, const struct tabs *s, const struct device *d)
{
	TAB_FOR(device, o, s, &DEVICE_REC, "") {
		if (v->near_count == VIEW_SENSOR_NEAR || !strcmp(o->id, d->id) || strcmp(o->site, d->site) || o->kind != d->kind)
			continue;
		view_sensor_row(a, s, o, &v->near[v->near_count++]);
	}
}

static bool lot_hangs(const struct lot *l, const struct device *d)
{
	if (strcmp(l->site, d->site))
		return false;
	return !d->place[0] || !l->place[0] || strstr(l->place, d->place) || strstr(d->place, l->place);
}

static void detail_lots(struct view_sensor_detail *v, struct arena *a, const struct view_source *src, const struct device *d)
{
	const struct tabs *s = src->tabs;
	TAB_FOR(lot, l, s, &LOT_REC, "") {
		if (v->lot_count == VIEW_SENSOR_LOTS || !lot_hangs(l, d) || view_sight(s, src->viewer->id, &LOT_REC, l) == VIEW_SIGHT_NONE)
			continue;
		const struct deal *k = l->deal[0] ? keep_seen(a, src, &DEAL_REC, tab_get(s, &DEAL_REC, l->deal)) : NULL;
		if (k && deal_state_final(k->state))
			continue;
		struct view_sensor_lot *row = &v->lots[v->lot_count++];
		*row = (struct view_sensor_lot){ .id = keep(a, l->id), .goods = keep(a, l->commodity), .level = l->level,
			.cut = l->cut, .deal = k ? keep(a, k->id) : "", .currency = k ? keep(a, k->currency) : "EUR",
			.ltv = INT64_MIN };
		if (!k)
			continue;
		row->amount = k->principal ? k->principal : k->amount;
		row->ltv = k->ev > 0 && k->principal > 0 ? k->ltv : INT64_MIN;
		row->zone = k->zone;
	}
}

static void detail_alert(struct view_sensor_detail *v, struct arena *a, const struct tabs *s, const char *who, const char *id)
{
	v->alert = v->alert_code = v->alert_title = "";
	TAB_FOR(alert, al, s, &ALERT_REC, "") {
		if (al->closed_at || strcmp(al->asset, id) || view_sight(s, who, &ALERT_REC, al) == VIEW_SIGHT_NONE)
			continue;
		v->alert = keep(a, al->id);
		v->alert_code = keep(a, al->code);
		v->alert_title = keep(a, al->title);
		v->alert_level = al->level;
	}
}

static void detail_gateway(struct view_sensor_detail *v, struct arena *a, const struct tabs *s, const struct device *d)
{
	const struct gateway *g = tab_get(s, &GATEWAY_REC, d->gateway);
	const char *prefix = arena_printf(a, "%s/", d->gateway);
	char hex[HASH_HEX_MAX];
	v->gateway = keep(a, d->gateway);
	v->key = "";
	if (!g)
		return;
	v->key = keep(a, hex_of(g->key.bytes, HASH_SIZE, hex));
	v->cut_off = g->cut != 0;
	v->missing = g->missing;
	const struct batch *b = tab_prev(s, &BATCH_REC, arena_printf(a, "%s/~", d->gateway));
	if (b && str_starts(str_of(b->id), prefix)) {
		v->batch = b->sequence;
		v->batch_entry = (uint64_t)b->entry;
	}
}

static struct view_sensor_detail *sensor_detail(struct arena *a, const struct view_source *src, const char *id, int64_t span,
	int64_t to)
{
	const struct tabs *s = src->tabs;
	const struct device *d = tab_get(s, &DEVICE_REC, id);
	const struct series *x = tab_get(s, &SERIES_REC, id);
	if (!d)
		return NULL;
	struct view_sensor_detail *v = arena_zero(a, sizeof(*v));
	view_sensor_row(a, s, d, &v->device);
	sensor_spark(&v->device, s, d, to);
	v->place = keep(a, d->place);
	v->since = d->since;
	v->period = d->period;
	v->count = (int)(span / VIEW_SENSOR_STEP) + 1;
	if (v->count > VIEW_SENSOR_POINTS)
		v->count = VIEW_SENSOR_POINTS;
	v->to = to;
	v->from = to - (int64_t)v->count * VIEW_SENSOR_STEP; /* the last step ends now */
	if (x) {
		v->heard_at = x->heard_at;
		v->readings = x->readings;
		v->sequence = x->sequence;
		v->gaps = x->gaps;
		v->faults = x->faults;
		v->trust = x->trust;
		v->equal_run = x->equal_run;
		v->over_hour = x->over_hour;
	}
	detail_curve(v, s, d);
	detail_near(v, a, s, d);
	detail_lots(v, a, src, d);
	detail_alert(v, a, s, src->viewer->id, id);
	detail_gateway(v, a, s, d);
	return v;
}

/* The site with the worst device; of equal ones that with the most devices. */
static const char *worst_site(const struct tabs *s)
{
	const char *best = "";
	int worst = 100, most = 0;
	TAB_FOR(site, t, s, &SITE_REC, "") {
		int rank = 100, count = 0;
		TAB_FOR(device, d, s, &DEVICE_REC, "") {
			const struct series *x = strcmp(d->site, t->id) ? NULL : tab_get(s, &SERIES_REC, d->id);
			if (!x)
				continue;
			count++;
			rank = status_rank(x->status) < rank ? status_rank(x->status) : rank;
		}
		if (rank < worst || (rank == worst && count > most)) {
			best = t->id;
			worst = rank;
			most = count;
		}
	}
	return best;
}

struct view_sensors *view_sensors_build(struct arena *a, const struct view_source *src, const char *site,
	const char *device, int64_t span, int64_t back)
{
	struct view_sensors *v = arena_zero(a, sizeof(*v));
	const struct tabs *s = src->tabs;
	if (!strcmp(site, VIEW_WORST_SITE))
		site = worst_site(s);
	const struct site *at = tab_get(s, &SITE_REC, site);
	v->site = keep(a, site);
	v->site_name = at ? keep(a, at->name) : "";
	v->rows = arena_zero(a, (tab_count(s, &DEVICE_REC) + 1) * sizeof(*v->rows));
	TAB_FOR(device, d, s, &DEVICE_REC, "") {
		if (site[0] && strcmp(d->site, site))
			continue;
		view_sensor_row(a, s, d, &v->rows[v->count]);
		sensor_spark(&v->rows[v->count], s, d, src->viewer->now);
		v->troubled += v->rows[v->count++].status != SERIES_OK;
	}
	qsort(v->rows, v->count, sizeof(*v->rows), by_status);
	sites_of(v, a, s);
	if (!device[0] && v->count)
		device = v->rows[0].id;
	v->detail = sensor_detail(a, src, device, span, src->viewer->now - back);
	return v;
}
