/* Batches: what gateways sent, in any order. See feed/apply.h.
 *
 * A batch is checked as a whole before anything is changed. Must remain true: `sequence` of a gateway
 * is the highest number without a gap below it, and every number above it that came has a BATCH
 * record, so gaps need no list of their own; an EPCIS event counts once, whoever sends it. */
#include "apply_int.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"

enum { SEQUENCE_AHEAD_MAX = 100000, STUCK_RUN = 12 };

struct str feed_policy_text(const struct tabs *s, const char *name)
{
	const struct rec_type *type = tabs_type_named(s, STR("param"));
	const void *rec = type ? tab_get(s, type, name) : NULL;
	const struct rec_field *f = rec ? rec_field_find(type, STR("text")) : NULL;
	return f ? rec_text(type, rec, f) : STR("");
}

int64_t feed_policy_int(const struct tabs *s, const char *name, int64_t absent)
{
	const struct rec_type *type = tabs_type_named(s, STR("param"));
	const void *rec = type ? tab_get(s, type, name) : NULL;
	const struct rec_field *f = rec ? rec_field_find(type, STR("value")) : NULL;
	return f ? rec_int(rec, f) : absent;
}

/* --- what a batch carries, as bytes ------------------------------------------------------------- */

void feed_windows_encode(const struct feed_window *w, size_t count, struct buf *out)
{
	put_u64(out, count);
	for (size_t i = 0; i < count; i++, w++) {
		put_str(out, str_of(w->device));
		const int64_t numbers[] = { w->from, w->count, w->least, w->greatest, w->last, w->last_at,
			w->first_seq, w->last_seq, w->bad, w->bad_value };
		for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
			put_i64(out, numbers[k]);
		put_str(out, str_of(w->anomaly));
	}
}

static void read_text(struct reader *r, char *out, size_t cap)
{
	struct str s = get_bytes(r);
	if (!r->bad && (!str_utf8_valid(s) || memchr(s.ptr, 0, s.len) || !str_copy(out, cap, s)))
		r->bad = true;
}

/* The count of a list: each element takes some bytes, so a lie about it is found at once. */
static size_t read_count(struct reader *r, size_t element)
{
	uint64_t n = get_u64(r);
	if (n > FEED_LIST_MAX || n > (uint64_t)(r->end - r->at) / element)
		r->bad = true;
	return r->bad ? 0 : (size_t)n;
}

bool feed_windows_decode(struct str bytes, struct arena *a, struct feed_window **out, size_t *count)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	*count = 0;
	*out = NULL;
	if (!bytes.len)
		return true;
	size_t n = read_count(&r, 12);
	struct feed_window *w = arena_zero(a, (n + 1) * sizeof(*w));
	*out = w;
	for (size_t i = 0; i < n && !r.bad; i++, w++) {
		read_text(&r, w->device, sizeof(w->device));
		int64_t *const numbers[] = { &w->from, &w->count, &w->least, &w->greatest, &w->last, &w->last_at,
			&w->first_seq, &w->last_seq, &w->bad, &w->bad_value };
		for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
			*numbers[k] = get_i64(&r);
		read_text(&r, w->anomaly, sizeof(w->anomaly));
		if (w->count < 0 || w->bad < 0 || w->from < 0 || w->last_at < w->from || (w->count && w->least > w->greatest))
			r.bad = true;
	}
	*count = n;
	return reader_done(&r);
}

void feed_physical_encode(const struct feed_physical *p, size_t count, struct buf *out)
{
	put_u64(out, count);
	for (size_t i = 0; i < count; i++, p++) {
		put_raw(out, p->hash.bytes, HASH_SIZE);
		const char *const texts[] = { p->type, p->action, p->step, p->disposition, p->site, p->subject, p->deal };
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			put_str(out, str_of(texts[k]));
		put_i64(out, p->at);
		put_i64(out, p->items);
		put_u64(out, p->voids);
	}
}

bool feed_physical_decode(struct str bytes, struct arena *a, struct feed_physical **out, size_t *count)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	*count = 0;
	*out = NULL;
	if (!bytes.len)
		return true;
	size_t n = read_count(&r, HASH_SIZE + 10);
	struct feed_physical *p = arena_zero(a, (n + 1) * sizeof(*p));
	*out = p;
	for (size_t i = 0; i < n && !r.bad; i++, p++) {
		const uint8_t *hash = get_raw(&r, HASH_SIZE);
		if (hash)
			memcpy(p->hash.bytes, hash, HASH_SIZE);
		struct {
			char *to;
			size_t cap;
		} const texts[] = { { p->type, sizeof(p->type) }, { p->action, sizeof(p->action) },
			{ p->step, sizeof(p->step) }, { p->disposition, sizeof(p->disposition) },
			{ p->site, sizeof(p->site) }, { p->subject, sizeof(p->subject) }, { p->deal, sizeof(p->deal) } };
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			read_text(&r, texts[k].to, texts[k].cap);
		p->at = get_i64(&r);
		p->items = get_i64(&r);
		uint64_t voids = get_u64(&r);
		p->voids = voids == 1;
		if (voids > 1 || p->items < 0)
			r.bad = true;
	}
	*count = n;
	return reader_done(&r);
}

/* --- checks, before anything changes ------------------------------------------------------------ */

struct applying {
	const struct feed_batch *batch;
	struct feed_window *windows;
	struct feed_physical *physical;
	const struct device **devices; /* of the windows */
	size_t window_count, physical_count;
	int64_t late_at;  /* event time of what is late; 0 nothing */
	char late_deal[32];
};

static bool batch_came(const struct tabs *s, const char *gateway, int64_t sequence)
{
	char id[REC_KEY_MAX];
	str_key(id, sizeof(id), gateway, sequence, 10);
	return tab_get(s, &BATCH_REC, id) != NULL;
}

static enum refusal check_sequence(struct turn *t, const struct gateway *g, const struct feed_batch *b)
{
	if (b->sequence < 1 || b->from > b->to || b->readings < 0 || b->events < 0)
		return turn_refuse(t, REFUSED_VALUE, "batch %lld of %s: numbers or times", (long long)b->sequence, g->id);
	if (b->sequence <= g->sequence || (b->sequence <= g->highest && batch_came(t->tabs, g->id, b->sequence)))
		return turn_refuse(t, REFUSED_SEQUENCE_OLD, "batch %lld of %s", (long long)b->sequence, g->id);
	if (b->sequence - g->highest > SEQUENCE_AHEAD_MAX)
		return turn_refuse(t, REFUSED_VALUE, "batch %lld of %s is %lld ahead of the last one",
			(long long)b->sequence, g->id, (long long)(b->sequence - g->highest));
	return REFUSED_NOT;
}

static enum refusal check_contents(struct turn *t, struct applying *a)
{
	a->devices = arena_alloc(t->scratch, (a->window_count + 1) * sizeof(*a->devices));
	int64_t latest = t->stamp + FEED_FUTURE_MAX;
	if (a->batch->to > latest)
		return turn_refuse(t, REFUSED_EVENT_FUTURE, "batch %lld of %s", (long long)a->batch->sequence, a->batch->gateway);
	for (size_t i = 0; i < a->window_count; i++) {
		const struct feed_window *w = &a->windows[i];
		const struct device *d = tab_get(t->tabs, &DEVICE_REC, w->device);
		if (!d || strcmp(d->gateway, a->batch->gateway) != 0)
			return turn_refuse(t, REFUSED_DEVICE_UNKNOWN, "%s of %s", w->device, a->batch->gateway);
		a->devices[i] = d;
		if (w->last_at < d->valid_from || (d->valid_until && w->last_at >= d->valid_until))
			return turn_refuse(t, REFUSED_DEVICE_EXPIRED, "%s: its certificate %s at that time", w->device,
				w->last_at < d->valid_from ? "had not begun" : "had ended");
		if (w->last_at > latest)
			return turn_refuse(t, REFUSED_EVENT_FUTURE, "a reading of %s", w->device);
	}
	for (size_t i = 0; i < a->physical_count; i++)
		if (a->physical[i].at > latest)
			return turn_refuse(t, REFUSED_EVENT_FUTURE, "%s of %s", a->physical[i].step, a->physical[i].subject);
	return REFUSED_NOT;
}

/* --- changes ------------------------------------------------------------------------------------ */

/* Moves the gateway's numbers on; tells of gaps when they open and when the last one closes. */
static void apply_sequence(struct turn *t, struct gateway *g, const struct applying *a)
{
	int64_t sequence = a->batch->sequence, next = g->highest + 1, missing = g->missing;
	if (sequence > next) {
		turn_signal(t, (struct signal){ .kind = SIGNAL_GAP, .subject = g->id, .a = next, .b = sequence - next });
		turn_news(t, NEWS_WARN, "", "", "%s: %lld batch%s missing before number %lld", g->id,
			(long long)(sequence - next), sequence - next == 1 ? "" : "es", (long long)sequence);
	}
	if (sequence > g->highest)
		g->highest = sequence;
	while (g->sequence < g->highest && (g->sequence + 1 == sequence || batch_came(t->tabs, g->id, g->sequence + 1)))
		g->sequence++;
	g->missing = sequence > next ? missing + sequence - next : sequence < next ? missing - 1 : missing;
	bool healed = missing && !g->missing;
	if (healed || (g->cut && !g->missing)) {
		turn_signal(t, (struct signal){ .kind = SIGNAL_GAP, .subject = g->id, .a = sequence, .b = 0 });
		turn_news(t, NEWS_OK, "", "", healed ? "%s: every batch up to number %lld is here" : "%s is heard again, at number %lld",
			g->id, (long long)g->highest);
	}
}

static void apply_batch_record(struct turn *t, const struct applying *a)
{
	struct batch rec;
	const struct feed_batch *b = a->batch;
	memset(&rec, 0, sizeof(rec));
	str_key(rec.id, sizeof(rec.id), b->gateway, b->sequence, 10);
	str_copy(rec.gateway, sizeof(rec.gateway), str_of(b->gateway));
	rec.sequence = b->sequence;
	rec.from = b->from;
	rec.to = b->to;
	rec.readings = b->readings;
	rec.events = b->events;
	rec.late = a->late_at != 0;
	rec.digest = b->digest;
	rec.root = b->root;
	rec.entry = (int64_t)t->number;
	tab_put(t->tabs, &BATCH_REC, &rec);
}

static void physical_signal(struct turn *t, const struct physical *p)
{
	turn_signal(t, (struct signal){ .kind = SIGNAL_PHYSICAL, .subject = p->id, .deal = p->deal, .code = p->step,
		.text = p->subject, .extra = p->disposition, .a = p->at, .b = p->items });
	turn_news(t, NEWS_NOTE, "", p->deal, "%s %s%s%s, %lld item%s", p->step[0] ? p->step : p->type, p->subject,
		p->site[0] ? " at " : "", p->site, (long long)p->items, p->items == 1 ? "" : "s");
}

/* An error declaration of who reported the event: what used it must be looked at again (E04). */
static void physical_void(struct turn *t, const struct physical *found, const char *gateway)
{
	struct physical p = *found;
	const struct gateway *was = tab_get(t->tabs, &GATEWAY_REC, p.gateway), *now = tab_get(t->tabs, &GATEWAY_REC, gateway);
	if (p.void_)
		return;
	if (was && now && strcmp(was->party, now->party) != 0) {
		turn_news(t, NEWS_WARN, "", p.deal, "%s declares an error of %s that it did not report: ignored", gateway, p.subject);
		return;
	}
	p.void_ = 1;
	tab_put(t->tabs, &PHYSICAL_REC, &p);
	turn_signal(t, (struct signal){ .kind = SIGNAL_LATE, .subject = p.id, .deal = p.deal, .code = "void", .a = p.at });
	turn_news(t, NEWS_WARN, "", p.deal, "%s of %s declared an error, it no longer counts", p.step, p.subject);
}

/* An event that old may have been told before, and its record have left (engine/retention.h): one that names its deal is for
 * that deal to judge, another would be bound to whatever deal its goods are of today. */
static bool told_late(const struct turn *t, const struct physical *p)
{
	return !p->deal[0] && p->at < t->stamp - feed_policy_int(t->tabs, "retention.deal_days", FEED_TOLD_DAYS) * INSTANT_DAY;
}

static void apply_physical(struct turn *t, struct applying *a, const struct feed_physical *in)
{
	struct physical p;
	memset(&p, 0, sizeof(p));
	hex_of(in->hash.bytes, HASH_SIZE, p.id);
	const struct physical *found = tab_get(t->tabs, &PHYSICAL_REC, p.id);
	if (found) {
		if (in->voids)
			physical_void(t, found, a->batch->gateway);
		return;
	}
	memcpy(p.type, in->type, sizeof(p.type));
	memcpy(p.action, in->action, sizeof(p.action));
	memcpy(p.step, in->step, sizeof(p.step));
	memcpy(p.disposition, in->disposition, sizeof(p.disposition));
	memcpy(p.site, in->site, sizeof(p.site));
	memcpy(p.subject, in->subject, sizeof(p.subject));
	memcpy(p.deal, in->deal, sizeof(p.deal));
	snprintf(p.gateway, sizeof(p.gateway), "%s", a->batch->gateway);
	p.at = in->at;
	p.items = in->items;
	p.late = in->at < t->stamp - FEED_LATE_AFTER;
	p.void_ = in->voids;
	p.entry = (int64_t)t->number;
	tab_put(t->tabs, &PHYSICAL_REC, &p);
	if (p.void_ || told_late(t, &p))
		return;
	if (p.late && (!a->late_at || (!a->late_deal[0] && p.deal[0]))) {
		a->late_at = p.at;
		memcpy(a->late_deal, p.deal, sizeof(a->late_deal));
	}
	physical_signal(t, &p);
}

/* Late: a whole batch that is old, or one that comes after a later one. */
static void judge_late(struct turn *t, struct applying *a, const struct gateway *g)
{
	const struct feed_batch *b = a->batch;
	bool old = b->to < t->stamp - feed_policy_int(t->tabs, "feed.late_minutes", FEED_LATE_AFTER / INSTANT_MINUTE)
		* INSTANT_MINUTE;
	if (old || b->sequence < g->highest)
		a->late_at = b->from ? b->from : 1;
}

enum refusal feed_apply_batch(struct turn *t, const struct feed_batch *b)
{
	struct applying a = { .batch = b };
	const struct gateway *found = tab_get(t->tabs, &GATEWAY_REC, b->gateway);
	if (!found)
		return turn_refuse(t, REFUSED_DEVICE_UNKNOWN, "gateway %s", b->gateway);
	if (!feed_windows_decode(b->windows, t->scratch, &a.windows, &a.window_count)
		|| !feed_physical_decode(b->physical, t->scratch, &a.physical, &a.physical_count))
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "batch %lld of %s", (long long)b->sequence, b->gateway);
	enum refusal r = check_sequence(t, found, b);
	if (r == REFUSED_NOT)
		r = check_contents(t, &a);
	if (r != REFUSED_NOT)
		return r;
	struct gateway g = *found;
	int64_t stuck_run = feed_policy_int(t->tabs, "sensor.stuck_run", STUCK_RUN);
	judge_late(t, &a, &g);
	for (size_t i = 0; i < a.window_count; i++)
		series_apply(t, a.devices[i], &a.windows[i], b->sequence, stuck_run);
	for (size_t i = 0; i < a.physical_count; i++)
		apply_physical(t, &a, &a.physical[i]);
	apply_batch_record(t, &a);
	apply_sequence(t, &g, &a);
	series_silence(t, &g, b->to);
	g.cut = 0;
	g.last_at = t->stamp;
	g.last_event = b->to > g.last_event ? b->to : g.last_event;
	g.batches++;
	if (a.late_at) {
		g.late++;
		turn_signal(t, (struct signal){ .kind = SIGNAL_LATE, .subject = g.id, .deal = a.late_deal, .code = "late",
			.a = a.late_at });
	}
	tab_put(t->tabs, &GATEWAY_REC, &g);
	return REFUSED_NOT;
}

void feed_on_silence(struct turn *t, const char *gateway)
{
	const struct gateway *found = tab_get(t->tabs, &GATEWAY_REC, gateway);
	if (!found || found->cut)
		return;
	struct gateway g = *found;
	g.cut = 1;
	tab_put(t->tabs, &GATEWAY_REC, &g);
	turn_signal(t, (struct signal){ .kind = SIGNAL_SILENT, .subject = g.id, .a = g.last_at });
	turn_news(t, NEWS_WARN, "engine", "", "%s is silent since %lld min, after batch %lld", g.id,
		(long long)((t->stamp - g.last_at) / INSTANT_MINUTE), (long long)g.highest);
}

/* --- once a day --------------------------------------------------------------------------------- */

/* Of one device they lie in order of time: looked at are those that go, and one more. */
static void drop_windows(struct turn *t)
{
	char prefix[REC_KEY_MAX];
	TAB_FOR(device, d, t->tabs, &DEVICE_REC, "") {
		const struct window *w, *next;
		snprintf(prefix, sizeof(prefix), "%s/", d->id);
		for (w = tab_prefix_first(t->tabs, &WINDOW_REC, prefix); w && w->from < t->stamp - FEED_WINDOWS_KEPT; w = next) {
			next = tab_prefix_after(t->tabs, &WINDOW_REC, prefix, w);
			tab_delete(t->tabs, &WINDOW_REC, w->id);
		}
	}
}

/* Batches below the gateway's gap-free number are known by it. Their rows stay: they say which raw bytes must be there. */
static void drop_batches(struct turn *t)
{
	char prefix[REC_KEY_MAX];
	TAB_FOR(gateway, g, t->tabs, &GATEWAY_REC, "") {
		const struct batch *b, *next;
		int64_t before = t->stamp - FEED_BATCHES_KEPT;
		snprintf(prefix, sizeof(prefix), "%s/", g->id);
		for (b = tab_prefix_first(t->tabs, &BATCH_REC, prefix); b && b->to < before && b->sequence <= g->sequence; b = next) {
			next = tab_prefix_after(t->tabs, &BATCH_REC, prefix, b);
			tab_archive(t->tabs, &BATCH_REC, b->id);
		}
	}
}

void feed_daily(struct turn *t)
{
	drop_windows(t);
	drop_batches(t);
	price_daily(t);
}
