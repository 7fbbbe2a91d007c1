/* Series: the live state of a device, made of the windows its gateway sends.
 *
 * Detectors here look at windows only; the gateway looked at single readings before and says in the
 * window what it found. Must remain true: a window that comes late changes its own record, never the
 * live value; every anomaly is signalled once per window; news appear when a status changes, not for
 * every window. Source: domain specification §8.3 E02. */
#include "apply_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { NEAR_PERCENT = 2, SILENT_PERIODS = 3, TRUST_FULL = 10000, TRUST_STEP = 500 };

/* What the codes of feed/watch.h and of this file mean for the live status. */
static const struct {
	const char *code;
	enum series_status status;
} CODES[] = { { "over", SERIES_OVER }, { "under", SERIES_UNDER }, { "stuck", SERIES_STUCK }, { "gap", SERIES_SILENT },
	{ "missing", SERIES_SILENT }, { "silent", SERIES_SILENT }, { "ok", SERIES_OK }, { "near", SERIES_NEAR } };

static enum series_status series_status_of(const char *code)
{
	for (size_t i = 0; i < sizeof(CODES) / sizeof(CODES[0]); i++)
		if (strcmp(CODES[i].code, code) == 0)
			return CODES[i].status;
	return SERIES_JUMP; /* jump, clock-skew, duplicate, disorder: the reading itself is doubtful */
}

static bool series_is_anomaly(int64_t status)
{
	return status != SERIES_OK && status != SERIES_NEAR;
}

/* Doors rest, and so may shocks: only quantities that always move a little can be stuck. */
static bool series_moves(const struct device *d)
{
	return d->kind == DEVICE_TEMPERATURE || d->kind == DEVICE_HUMIDITY || d->kind == DEVICE_WEIGHT;
}

static bool series_jumped(const struct device *d, const struct series *s, const struct feed_window *w)
{
	if (!d->jump || !s->last_at)
		return false;
	int64_t away = s->last > w->greatest ? s->last - w->greatest : s->last < w->least ? w->least - s->last : 0;
	bool follows = !d->period || w->from - s->last_at <= 4 * d->period;
	return follows && away > d->jump;
}

/* The worst that the window itself shows. The band comes first: goods at risk matter more than a
 * doubtful sensor. */
static enum series_status series_judge(const struct device *d, const struct series *s, const struct feed_window *w,
	int64_t stuck_run)
{
	if (d->banded && w->count && w->greatest > d->high)
		return SERIES_OVER;
	if (d->banded && w->count && w->least < d->low)
		return SERIES_UNDER;
	if (w->anomaly[0] && series_is_anomaly(series_status_of(w->anomaly)))
		return series_status_of(w->anomaly);
	if (w->count && series_jumped(d, s, w))
		return SERIES_JUMP;
	if (series_moves(d) && s->equal_run >= stuck_run)
		return SERIES_STUCK;
	int64_t margin = (d->high - d->low) * NEAR_PERCENT / 100;
	if (d->banded && w->count && (w->last > d->high - margin || w->last < d->low + margin))
		return SERIES_NEAR;
	return SERIES_OK;
}

/* The gateway's word when it saw the same: it is the more exact one. */
static const char *series_code(const struct series *s, const struct feed_window *w)
{
	bool same = w->anomaly[0] && (int64_t)series_status_of(w->anomaly) == s->status;
	return same ? w->anomaly : SERIES_STATUS_NAMES[s->status];
}

static int64_t series_value(const struct feed_window *w, enum series_status status)
{
	if (status == SERIES_OVER)
		return w->greatest;
	if (status == SERIES_UNDER)
		return w->least;
	return w->bad ? w->bad_value : w->last;
}

/* Anomalies within one hour from the first of them. */
static void series_count_anomaly(struct series *s, int64_t at)
{
	if (!s->over_since || at - s->over_since > INSTANT_HOUR || at < s->over_since) {
		s->over_since = at;
		s->over_hour = 0;
	}
	s->over_hour++;
	s->faults++;
	s->trust = s->trust > TRUST_STEP ? s->trust - TRUST_STEP : 0;
}

static void series_news(struct turn *t, const struct device *d, const struct series *s, int64_t value)
{
	static const char *const UNITS[] = { "°C", "%RH", "g", "", "m", "kg", "" };
	static const char *const ORDER[] = { "", ", second in one hour", ", third in one hour" };
	char number[NUM_TEXT_MAX], limit[NUM_TEXT_MAX];
	const char *unit = d->kind >= 0 && d->kind < DEVICE_KIND_COUNT ? UNITS[d->kind] : "";
	const char *order = s->over_hour >= 1 && s->over_hour <= 3 ? ORDER[s->over_hour - 1] : "";
	num_format_scaled(value, 3, 1, ',', number);
	num_format_scaled(s->status == SERIES_UNDER ? d->low : d->high, 3, 1, ',', limit);
	if (s->status == SERIES_OVER || s->status == SERIES_UNDER)
		turn_news(t, NEWS_WARN, "", "", "%s %s %s %s %s%s", d->id, number, unit,
			s->status == SERIES_OVER ? "above" : "below", limit, order);
	else if (s->status == SERIES_STUCK)
		turn_news(t, NEWS_WARN, "", "", "%s repeats %s %s, %lld equal readings", d->id, number, unit,
			(long long)s->equal_run);
	else if (s->status == SERIES_JUMP)
		turn_news(t, NEWS_WARN, "", "", "%s says %s %s, set aside as not to be believed%s", d->id, number, unit, order);
}

/* Windows of one device and time merge: a gateway may close one early and send the rest later. */
static void series_put_window(struct turn *t, const struct feed_window *w, int64_t batch)
{
	struct window rec;
	memset(&rec, 0, sizeof(rec));
	str_key(rec.id, sizeof(rec.id), w->device, w->from / INSTANT_SECOND, 12);
	const struct window *before = tab_get(t->tabs, &WINDOW_REC, rec.id);
	rec.from = w->from;
	rec.count = w->count;
	rec.least = w->least;
	rec.greatest = w->greatest;
	rec.last = w->last;
	rec.bad = w->bad;
	rec.bad_value = w->bad_value;
	rec.batch = batch;
	if (before) {
		rec.count += before->count;
		rec.bad += before->bad;
		if (before->count && (!w->count || before->least < rec.least))
			rec.least = before->least;
		if (before->count && (!w->count || before->greatest > rec.greatest))
			rec.greatest = before->greatest;
		rec.last = before->batch > batch || !w->count ? before->last : rec.last;
		rec.bad_value = w->bad ? rec.bad_value : before->bad_value;
		rec.batch = before->batch > batch ? before->batch : batch;
	}
	tab_put(t->tabs, &WINDOW_REC, &rec);
}

static struct series series_of(struct turn *t, const struct device *d)
{
	struct series s;
	const struct series *found = tab_get(t->tabs, &SERIES_REC, d->id);
	if (found)
		return *found;
	memset(&s, 0, sizeof(s));
	memcpy(s.id, d->id, sizeof(s.id));
	memcpy(s.site, d->site, sizeof(s.site));
	s.trust = TRUST_FULL;
	return s;
}

void series_apply(struct turn *t, const struct device *d, const struct feed_window *w, int64_t batch,
	int64_t stuck_run)
{
	struct series s = series_of(t, d);
	bool first = !s.heard_at, late = s.last_at && w->last_at <= s.last_at;
	int64_t before = s.status;
	series_put_window(t, w, batch);
	s.heard_at = t->stamp;
	s.readings += w->count + w->bad;
	if (!first && w->first_seq > s.sequence + 1)
		s.gaps++;
	s.sequence = w->last_seq > s.sequence ? w->last_seq : s.sequence;
	if (late) {
		tab_put(t->tabs, &SERIES_REC, &s);
		return;
	}
	if (w->count) {
		bool flat = w->least == w->greatest;
		s.equal_run = flat && (first || w->last == s.last) ? s.equal_run + w->count : flat ? w->count : 1;
	}
	s.status = series_judge(d, &s, w, stuck_run);
	int64_t value = series_value(w, (enum series_status)s.status);
	if (series_is_anomaly(s.status)) {
		series_count_anomaly(&s, w->last_at);
		turn_signal(t, (struct signal){ .kind = SIGNAL_ANOMALY, .subject = d->id,
			.code = series_code(&s, w), .a = value, .b = w->last_at });
		if (s.status != before || (s.over_hour > 1 && s.over_hour <= 3))
			series_news(t, d, &s, value);
	} else if (s.trust < TRUST_FULL) {
		s.trust = s.trust + 100 > TRUST_FULL ? TRUST_FULL : s.trust + 100;
	}
	if (w->count)
		s.last = w->last;
	s.last_at = w->last_at;
	tab_put(t->tabs, &SERIES_REC, &s);
}

void series_silence(struct turn *t, const struct gateway *g, int64_t to)
{
	char prefix[16];
	str_path(prefix, sizeof(prefix), g->site, "");
	TAB_FOR(device, d, t->tabs, &DEVICE_REC, prefix) {
		bool watched = d->period && strcmp(d->gateway, g->id) == 0;
		const struct series *found = watched ? tab_get(t->tabs, &SERIES_REC, d->id) : NULL;
		if (!found || found->status == SERIES_SILENT)
			continue;
		if (to - found->last_at <= SILENT_PERIODS * d->period)
			continue;
		struct series s = *found;
		s.status = SERIES_SILENT;
		series_count_anomaly(&s, to);
		tab_put(t->tabs, &SERIES_REC, &s);
		turn_signal(t, (struct signal){ .kind = SIGNAL_ANOMALY, .subject = d->id, .code = "silent",
			.a = s.last, .b = to });
		turn_news(t, NEWS_WARN, "", "", "%s is silent, its period passed %lld times", d->id,
			(long long)((to - s.last_at) / d->period));
	}
}
