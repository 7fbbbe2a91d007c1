/* Builds the desk. See engine/view_desk.h. */
#include "engine/view_tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "feed/state.h"
#include "schedule/pool.h"
#include "view_keep.h"
#include "workflow/state.h"

enum { NEWS_SHOWN = 200, GAUGES_MOST = 400 };

bool view_task_is_open(const struct task *t)
{
	return t->state != TASK_DONE && t->state != TASK_WITHDRAWN;
}

int view_offered(const struct task *t, const char *out[VIEW_OFFERED_MAX + 1])
{
	static const char *const without_undo[] = { "E02", "E03", "E05", "E09", "E13", "E16", "E17" };
	const char *const *all = task_decisions(t->form);
	bool undo = t->deal[0] != 0;
	int n = 0;
	for (size_t i = 0; i < sizeof(without_undo) / sizeof(without_undo[0]); i++)
		undo = undo && strcmp(without_undo[i], t->step) != 0;
	for (int i = 0; all && all[i] && n < VIEW_OFFERED_MAX; i++)
		if (undo || strcmp(all[i], "compensate") != 0)
			out[n++] = all[i];
	out[n] = NULL;
	return n;
}

bool view_task_is_mine(const struct viewer *v, const struct task *t)
{
	return view_task_is_open(t) && t->role == (int64_t)v->role && (!t->party[0] || strcmp(t->party, v->party) == 0);
}

enum view_grave view_task_grave(const struct task *t, const struct alert *alert, int64_t now)
{
	if (t->state == TASK_HELD)
		return VIEW_HELD;
	if (alert && alert->level >= 3)
		return VIEW_DANGER;
	if (t->deadline && t->deadline < now)
		return VIEW_DANGER;
	if (alert && alert->level == 2)
		return VIEW_WARN;
	return t->deadline && t->deadline - now < 2 * INSTANT_HOUR ? VIEW_WARN : VIEW_WAITS;
}

int view_need_order(const void *x, const void *y)
{
	const struct view_need *a = x, *b = y;
	bool held_a = a->grave == VIEW_HELD, held_b = b->grave == VIEW_HELD;
	int64_t due_a = a->task->deadline ? a->task->deadline : INT64_MAX;
	int64_t due_b = b->task->deadline ? b->task->deadline : INT64_MAX;
	if (held_a != held_b)
		return held_a ? 1 : -1;
	if (a->task->rank && b->task->rank && a->task->rank != b->task->rank)
		return a->task->rank < b->task->rank ? -1 : 1;
	if (due_a != due_b)
		return due_a < due_b ? -1 : 1;
	return strcmp(a->task->id, b->task->id);
}

void view_need_fill(struct arena *a, const struct view_source *src, const struct task *t, struct view_need *n)
{
	const struct tabs *s = src->tabs;
	n->task = t = keep_seen(a, src, &TASK_REC, t);
	n->deal = keep_seen(a, src, &DEAL_REC, tab_get(s, &DEAL_REC, t->deal));
	n->alert = t->alert[0] ? keep_seen(a, src, &ALERT_REC, tab_get(s, &ALERT_REC, t->alert)) : NULL;
	bool masked = t->amount == VIEW_MASKED; /* words of an alert may name amounts */
	n->lot = n->deal && n->deal->lot[0] ? keep_get(a, s, &LOT_REC, n->deal->lot) : NULL;
	n->grave = view_task_grave(t, n->alert, src->viewer->now);
	n->party = n->deal ? keep(a, view_party_name(s, n->deal->party)) : "";
	n->party_short = n->deal ? keep(a, view_party_short(s, n->deal->party)) : "";
	const struct alert_class *class = n->alert ? alert_class_of(n->alert->code) : NULL;
	snprintf(n->few, sizeof(n->few), "%.31s", class ? class->words : t->title);
	if (class && masked)
		snprintf(n->what, sizeof(n->what), "%.4s %s", n->alert->code, class->words);
	else if (class && strncmp(n->alert->title, class->words, strlen(class->words)) != 0)
		snprintf(n->what, sizeof(n->what), "%.4s %s, %.48s", n->alert->code, class->words, n->alert->title);
	else
		snprintf(n->what, sizeof(n->what), "%s %.60s", t->step, n->alert && n->alert->title[0] ? n->alert->title : t->title);
}

static void build_needs(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	size_t cap = tab_count(src->tabs, &TASK_REC);
	d->needs = arena_alloc(a, (cap ? cap : 1) * sizeof(*d->needs));
	for (const struct task *t = tab_first(src->tabs, &TASK_REC, ""); t; t = tab_next(src->tabs, &TASK_REC, t->id)) {
		if (!view_task_is_open(t) || view_sight(src->tabs, src->viewer->id, &TASK_REC, t) == VIEW_SIGHT_NONE)
			continue;
		if (t->deadline && (!d->next_deadline || t->deadline < d->next_deadline)) {
			d->next_deadline = t->deadline;
			d->next_title = keep(a, t->title);
		}
		int64_t slot = t->start ? (t->start - d->day_from) / (6 * INSTANT_MINUTE) : -1;
		if (slot >= 0 && slot < VIEW_SLOTS)
			d->planned[slot]++;
		if (!view_task_is_mine(src->viewer, t))
			continue;
		view_need_fill(a, src, t, &d->needs[d->need_count]);
		d->at_risk += d->needs[d->need_count].task->amount == VIEW_MASKED ? 0 : t->amount;
		d->need_count++;
	}
	qsort(d->needs, d->need_count, sizeof(*d->needs), view_need_order);
}

static int gauge_order(const void *x, const void *y)
{
	const struct deal *a = ((const struct view_gauge *)x)->deal, *b = ((const struct view_gauge *)y)->deal;
	return a->ltv != b->ltv ? (a->ltv > b->ltv ? -1 : 1) : strcmp(a->id, b->id);
}

static void build_gauges(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	const struct tabs *s = src->tabs;
	const struct deal *seen;
	d->gauges = arena_alloc(a, GAUGES_MOST * sizeof(*d->gauges));
	for (const struct deal *deal = tab_first(s, &DEAL_REC, ""); deal; deal = tab_next(s, &DEAL_REC, deal->id))
		if (deal->kind == DEAL_PLEDGE && deal_state_paid(deal->state) && deal->ltv > 0 && d->gauge_count < GAUGES_MOST
			&& (seen = keep_seen(a, src, &DEAL_REC, deal)))
			d->gauges[d->gauge_count++] = (struct view_gauge){ seen, keep(a, view_party_short(s, deal->party)) };
	qsort(d->gauges, d->gauge_count, sizeof(*d->gauges), gauge_order);
	d->zones[0] = policy_int(s, "ltv.draw_bp", 6500);
	d->zones[1] = policy_int(s, "ltv.warning_bp", 7200);
	d->zones[2] = policy_int(s, "ltv.call_bp", 7800);
	d->zones[3] = policy_int(s, "ltv.liquidation_bp", 8500);
}

static int exposure_order(const void *x, const void *y)
{
	const struct limit *a = ((const struct view_group_use *)x)->limit, *b = ((const struct view_group_use *)y)->limit;
	int64_t sum_a = a->used + a->reserved, sum_b = b->used + b->reserved;
	return sum_a != sum_b ? (sum_a > sum_b ? -1 : 1) : strcmp(a->id, b->id);
}

static void build_exposures(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	size_t cap = tab_count(src->tabs, &LIMIT_REC);
	const struct party *own = tab_get(src->tabs, &PARTY_REC, src->viewer->party);
	bool every = own && own->kind == PARTY_REG; /* a supervisor looks at every book */
	d->exposures = arena_alloc(a, (cap ? cap : 1) * sizeof(*d->exposures));
	for (const struct limit *l = tab_first(src->tabs, &LIMIT_REC, ""); l; l = tab_next(src->tabs, &LIMIT_REC, l->id))
		if ((every || strcmp(l->funder, src->viewer->party) == 0) && l->used + l->reserved > 0
			&& view_sight(src->tabs, src->viewer->id, &LIMIT_REC, l) == VIEW_SIGHT_ALL)
			d->exposures[d->exposure_count++] = (struct view_group_use){ keep_rec(a, &LIMIT_REC, l),
				keep(a, view_party_short(src->tabs, l->group)) };
	qsort(d->exposures, d->exposure_count, sizeof(*d->exposures), exposure_order);
}

/* Newest news; and, further back, how many lines each slot of the day has. */
static void build_news(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	const struct news *n = tab_prev(src->tabs, &NEWS_REC, NULL);
	d->news = arena_alloc(a, NEWS_SHOWN * sizeof(struct news *));
	d->who = arena_alloc(a, NEWS_SHOWN * sizeof(*d->who));
	for (; n && (d->news_count < NEWS_SHOWN || n->at >= d->day_from); n = tab_prev(src->tabs, &NEWS_REC, n->id)) {
		if (d->news_count < NEWS_SHOWN && (!n->deal[0] || view_may_see_amounts(src->tabs, src->viewer->id, n->deal))) {
			view_person_short(src->tabs, n->who, d->who[d->news_count]);
			d->news[d->news_count++] = keep_rec(a, &NEWS_REC, n);
		}
		if (n->at > src->viewer->now - INSTANT_MINUTE)
			d->events_a_minute++;
		int64_t slot = (n->at - d->day_from) / (6 * INSTANT_MINUTE);
		if (n->at >= d->day_from && slot < VIEW_SLOTS && n->status == NEWS_DONE)
			d->done[slot]++;
	}
}

static void site_spark(const struct tabs *s, const char *gateway, int64_t spark[VIEW_SITE_SPARK])
{
	char end[40];
	snprintf(end, sizeof(end), "%s/~", gateway);
	const struct batch *b = tab_prev(s, &BATCH_REC, end);
	for (int i = VIEW_SITE_SPARK - 1; i >= 0; i--) {
		spark[i] = b && strcmp(b->gateway, gateway) == 0 ? b->readings : INT64_MIN;
		b = spark[i] == INT64_MIN ? NULL : tab_prev(s, &BATCH_REC, b->id);
	}
}

static void build_sites(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	const struct tabs *s = src->tabs;
	size_t cap = tab_count(s, &SITE_REC);
	d->sites = arena_zero(a, (cap ? cap : 1) * sizeof(*d->sites));
	for (const struct site *site = tab_first(s, &SITE_REC, ""); site; site = tab_next(s, &SITE_REC, site->id)) {
		struct view_site *v = &d->sites[d->site_count++];
		v->site = keep_rec(a, &SITE_REC, site);
		for (int i = 0; i < VIEW_SITE_SPARK; i++)
			v->spark[i] = INT64_MIN;
		for (const struct gateway *g = tab_first(s, &GATEWAY_REC, ""); g; g = tab_next(s, &GATEWAY_REC, g->id)) {
			if (strcmp(g->site, site->id) != 0)
				continue;
			site_spark(s, g->id, v->spark);
			v->cut = v->cut || g->cut;
			v->heard_at = g->last_at > v->heard_at ? g->last_at : v->heard_at;
		}
		TAB_FOR(device, dev, s, &DEVICE_REC, site->id) {
			const struct series *series = tab_get(s, &SERIES_REC, dev->id);
			if (strcmp(dev->site, site->id) != 0)
				continue;
			v->devices++;
			v->good += series && series->status <= SERIES_NEAR;
		}
	}
}

static void build_prices(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	size_t cap = tab_count(src->tabs, &VALUE_REC);
	d->prices = arena_alloc(a, (cap ? cap : 1) * sizeof(*d->prices));
	for (const struct value *v = tab_first(src->tabs, &VALUE_REC, ""); v; v = tab_next(src->tabs, &VALUE_REC, v->id))
		if (v->sources > 0)
			d->prices[d->price_count++] = (struct view_price){ keep_rec(a, &VALUE_REC, v), v->state == VALUE_OK };
	snprintf(d->channels[0].name, sizeof(d->channels[0].name), "%s", "registry");
	snprintf(d->channels[1].name, sizeof(d->channels[1].name), "%s", "bank");
	for (const struct effect *e = tab_first(src->tabs, &EFFECT_REC, ""); e; e = tab_next(src->tabs, &EFFECT_REC, e->id)) {
		bool bank = strncmp(e->kind, "bank.", 5) == 0, registry = strncmp(e->kind, "registry.", 9) == 0;
		struct view_channel *c = &d->channels[bank];
		if (!bank && !registry)
			continue;
		c->pending += e->state == EFFECT_PENDING;
		if (e->answered_at > c->at) {
			c->at = e->answered_at;
			c->took = e->answered_at - e->at;
		}
	}
}

static void build_alerts(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	size_t cap = tab_count(src->tabs, &ALERT_REC);
	const struct alert *seen;
	d->alerts = arena_alloc(a, (cap ? cap : 1) * sizeof(struct alert *));
	for (const struct alert *al = tab_first(src->tabs, &ALERT_REC, ""); al; al = tab_next(src->tabs, &ALERT_REC, al->id))
		if (al->raised_at >= d->day_from && al->raised_at < d->day_to && (seen = keep_seen(a, src, &ALERT_REC, al)))
			d->alerts[d->alert_count++] = seen;
}

/* --- a warehouse's desk: docks, devices, what is in custody; never an amount ------------------------ */

static void dock_add(struct view_desk *d, const struct lot *lot, int64_t from, int64_t to, bool done)
{
	for (size_t i = 0; i < 4; i++) {
		struct view_dock *dock = &d->docks[i];
		if (dock->name[0] && strncmp(dock->name, lot->place, sizeof(dock->name) - 1) != 0)
			continue;
		if (dock->count < 8) {
			snprintf(dock->name, sizeof(dock->name), "%.15s", lot->place);
			dock->from[dock->count] = from;
			dock->to[dock->count] = to;
			dock->done[dock->count] = done;
			snprintf(dock->deal[dock->count++], sizeof(dock->deal[0]), "%s", id_tail(lot->deal));
		}
		return;
	}
}

static void build_docks(struct view_desk *d, const struct view_source *src)
{
	for (const struct lot *l = tab_first(src->tabs, &LOT_REC, ""); l; l = tab_next(src->tabs, &LOT_REC, l->id))
		if (strcmp(l->warehouse, src->viewer->party) == 0 && l->place[0] && l->counted_at >= d->day_from)
			dock_add(d, l, l->counted_at - 40 * INSTANT_MINUTE, l->counted_at, true);
	for (size_t i = 0; i < d->need_count; i++) {
		const struct view_need *n = &d->needs[i];
		const struct lot *l = n->deal ? tab_get(src->tabs, &LOT_REC, n->deal->lot) : NULL;
		if (l && l->place[0] && n->task->start)
			dock_add(d, l, n->task->start, n->task->start + n->task->duration, false);
	}
}

static void device_spark(const struct tabs *s, const char *device, int64_t spark[VIEW_SITE_SPARK])
{
	char end[64];
	snprintf(end, sizeof(end), "%s/~", device);
	size_t len = strlen(device);
	const struct window *w = tab_prev(s, &WINDOW_REC, end);
	for (int i = VIEW_SITE_SPARK - 1; i >= 0; i--) {
		spark[i] = w && strncmp(w->id, device, len) == 0 && w->id[len] == '/' ? w->last : INT64_MIN;
		w = spark[i] == INT64_MIN ? NULL : tab_prev(s, &WINDOW_REC, w->id);
	}
}

static int device_order(const void *x, const void *y)
{
	const struct view_device *a = x, *b = y;
	int64_t bad_a = a->series ? a->series->status : SERIES_SILENT, bad_b = b->series ? b->series->status : SERIES_SILENT;
	return bad_a != bad_b ? (bad_a > bad_b ? -1 : 1) : strcmp(a->device->id, b->device->id);
}

static void build_devices(struct view_desk *d, struct arena *a, const struct view_source *src)
{
	size_t cap = tab_count(src->tabs, &DEVICE_REC);
	d->devices = arena_zero(a, (cap ? cap : 1) * sizeof(*d->devices));
	for (const struct device *dev = tab_first(src->tabs, &DEVICE_REC, ""); dev;
	     dev = tab_next(src->tabs, &DEVICE_REC, dev->id)) {
		if (strcmp(dev->party, src->viewer->party) != 0)
			continue;
		struct view_device *v = &d->devices[d->device_count++];
		v->device = keep_rec(a, &DEVICE_REC, dev);
		v->series = keep_get(a, src->tabs, &SERIES_REC, dev->id);
		device_spark(src->tabs, dev->id, v->spark);
		view_sensor_row(a, src->tabs, dev, &v->now);
		if (!d->site)
			d->site = keep_get(a, src->tabs, &SITE_REC, dev->site);
	}
	qsort(d->devices, d->device_count, sizeof(*d->devices), device_order);
}

static void build_custody(struct view_desk *d, const struct view_source *src)
{
	static const char *const words[5] = { "free", "pledged", "on hold", "to count", "leaving" };
	for (int i = 0; i < 5; i++)
		d->custody[i] = (struct view_custody){ words[i], 0, i == 2 };
	for (const struct lot *l = tab_first(src->tabs, &LOT_REC, ""); l; l = tab_next(src->tabs, &LOT_REC, l->id)) {
		const struct deal *deal = tab_get(src->tabs, &DEAL_REC, l->deal);
		if (strcmp(l->warehouse, src->viewer->party) != 0 || !deal)
			continue;
		int64_t packages = l->packages_counted ? l->packages_counted : l->packages;
		int where = l->level >= 2 ? 2 : !l->counted_at ? 3 : deal->state == DEAL_RELEASING ? 4
			: deal->pledge[0] && !deal_state_final(deal->state) ? 1 : 0;
		d->custody[where].packages += packages;
	}
}

struct view_desk *view_desk_build(struct arena *a, const struct view_source *src)
{
	struct view_desk *d = arena_zero(a, sizeof(*d));
	const struct viewer *v = src->viewer;
	const struct meta *m = tab_get(src->tabs, &META_REC, "state");
	const struct party *mine = tab_get(src->tabs, &PARTY_REC, v->party);
	d->currency = m && m->currency[0] ? keep(a, m->currency) : "EUR";
	d->next_title = "";
	d->day_from = v->day_from ? v->day_from - v->day_from % INSTANT_HOUR
		: instant_day(v->now) * INSTANT_DAY + 8 * INSTANT_HOUR;
	d->day_from += v->day_from % INSTANT_HOUR > 30 * INSTANT_MINUTE ? INSTANT_HOUR : 0;
	d->day_to = d->day_from + VIEW_SLOTS * 6 * INSTANT_MINUTE;
	d->warehouse = mine && mine->kind == PARTY_WHS;
	build_needs(d, a, src);
	build_alerts(d, a, src);
	build_news(d, a, src);
	if (d->warehouse) {
		build_devices(d, a, src);
		build_docks(d, src);
		build_custody(d, src);
		return d;
	}
	build_gauges(d, a, src);
	build_exposures(d, a, src);
	build_sites(d, a, src);
	build_prices(d, a, src);
	return d;
}
