/* From what came to what the ledger keeps: windows of readings, the meaning of EPCIS events.
 *
 * Must remain true: only counts, extremes and digests go on; a reading that is not to be believed never moves
 * an extreme; the order of readings of one device is the order in which they came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "contract/state.h"
#include "feed/apply.h"
#include "feed/batch.h"
#include "feed/epcis.h"
#include "feed/watch.h"
#include "gateway_int.h"

void thinned_free(struct thinned *t)
{
	buf_free(&t->windows);
	buf_free(&t->physical);
}

/* --- readings ------------------------------------------------------------------------------------- */

static enum err reading_judge(const struct thin_in *in, const struct raw_batch *b, int i, struct fault *fault)
{
	const struct raw_reading *r = &b->readings[i];
	const struct device *d = tab_get(in->tabs, &DEVICE_REC, r->device);
	if (!d || strcmp(d->gateway, in->gateway) != 0) {
		char detail[160], text[REFUSAL_TEXT_MAX];
		snprintf(detail, sizeof(detail), "%.64s is not a device of %.64s", r->device, in->gateway);
		return fault_set(fault, ERR_REFUSED, 0, 0, "readings[%d].device: %s", i, refusal_text(REFUSED_DEVICE_UNKNOWN, detail, text));
	}
	if (strcmp(DEVICE_KIND_NAMES[d->kind], raw_quantity_name(r->quantity)) != 0)
		return fault_set(fault, ERR_REFUSED, 0, 0, "readings[%d].quantity: %s measures %s, not %s", i, r->device,
			DEVICE_KIND_NAMES[d->kind], raw_quantity_name(r->quantity));
	return ERR_OK;
}

/* Where a device's stream stood when the ledger heard of it last. */
static struct watch_state stream_begin(const struct thin_in *in, const char *device)
{
	struct watch_state s = watch_begin();
	const struct series *known = in->tabs ? tab_get(in->tabs, &SERIES_REC, device) : NULL;
	if (known && known->last_at) {
		s.readings = known->readings;
		s.last = known->last;
		s.last_at = known->last_at;
		s.last_seq = known->sequence;
		s.equal_run = known->equal_run;
	}
	return s;
}

static struct watch_rule stream_rule(const struct thin_in *in, const struct raw_reading *r)
{
	struct watch_rule rule = watch_rule_default(r->quantity);
	const struct device *d = in->tabs ? tab_get(in->tabs, &DEVICE_REC, r->device) : NULL;
	if (!d)
		return rule;
	if (d->banded) {
		rule.has_low = rule.has_high = true;
		rule.low = d->low;
		rule.high = d->high;
	}
	if (d->jump)
		rule.jump = d->jump;
	if (d->period)
		rule.gap_us = 3 * d->period;
	return rule;
}

static int by_device(const void *a, const void *b)
{
	const struct raw_reading *x = *(const struct raw_reading *const *)a, *y = *(const struct raw_reading *const *)b;
	int order = strcmp(x->device, y->device);
	return order ? order : x < y ? -1 : x > y;
}

struct windows {
	struct feed_window *list;
	size_t count, first; /* first of the device at hand */
};

static struct feed_window *window_of(struct windows *w, const struct raw_reading *r)
{
	int64_t from = r->time - r->time % RAW_WINDOW_DEFAULT;
	for (size_t i = w->count; i-- > w->first;)
		if (w->list[i].from == from)
			return &w->list[i];
	struct feed_window *win = &w->list[w->count++];
	memset(win, 0, sizeof(*win));
	memcpy(win->device, r->device, sizeof(win->device));
	win->from = from;
	win->last_at = r->time;
	win->first_seq = win->last_seq = r->seq;
	return win;
}

/* The worst finding of a window stays; watch_worst says which of two is. */
static void window_find(struct feed_window *win, unsigned *worst, unsigned found)
{
	*worst |= found;
	snprintf(win->anomaly, sizeof(win->anomaly), "%s", watch_code(watch_worst(*worst)));
}

static void window_add(struct feed_window *win, const struct raw_reading *r, unsigned found, unsigned *worst)
{
	window_find(win, worst, found);
	if (r->seq < win->first_seq)
		win->first_seq = r->seq;
	if (r->seq > win->last_seq)
		win->last_seq = r->seq;
	if (r->time > win->last_at)
		win->last_at = r->time;
	if (found & WATCH_UNBELIEVABLE) {
		win->bad++;
		win->bad_value = r->value;
		return;
	}
	if (!win->count || r->value < win->least)
		win->least = r->value;
	if (!win->count || r->value > win->greatest)
		win->greatest = r->value;
	win->last = r->value;
	win->count++;
}

static void thin_windows(const struct thin_in *in, struct arena *a, const struct raw_batch *b, struct buf *out,
	uint64_t *accepted)
{
	const struct raw_reading **sorted = arena_alloc(a, (size_t)(b->count + 1) * sizeof(*sorted));
	unsigned *worst = arena_zero(a, (size_t)(b->count + 1) * sizeof(*worst));
	struct windows w = { .list = arena_alloc(a, (size_t)(b->count + 1) * sizeof(*w.list)) };
	struct watch_state state = watch_begin();
	struct watch_rule rule = { 0 };
	for (int i = 0; i < b->count; i++)
		sorted[i] = &b->readings[i];
	qsort(sorted, (size_t)b->count, sizeof(*sorted), by_device);
	for (int i = 0; i < b->count; i++) {
		const struct raw_reading *r = sorted[i];
		if (i == 0 || strcmp(sorted[i - 1]->device, r->device) != 0) {
			w.first = w.count;
			state = stream_begin(in, r->device);
			rule = stream_rule(in, r);
		}
		unsigned found = watch_step(&state, &rule, r->seq, r->value, r->time, in->now);
		if (found & WATCH_DUPLICATE)
			continue;
		struct feed_window *win = window_of(&w, r);
		window_add(win, r, found, &worst[win - w.list]);
		++*accepted;
	}
	feed_windows_encode(w.list, w.count, out);
}

enum err thin_readings(const struct thin_in *in, struct arena *a, struct str text, struct thinned *out,
	struct gateway_report *report, struct fault *fault)
{
	struct raw_batch *b;
	char future[REFUSAL_TEXT_MAX];
	enum err e = raw_batch_parse(a, text, &b, fault);
	if (e != ERR_OK)
		return e;
	if (strcmp(b->gateway, in->gateway) != 0)
		return fault_set(fault, ERR_REFUSED, 0, 0, "gateway: the batch is of %s, this is %s", b->gateway, in->gateway);
	if (b->to > in->now + 5 * INSTANT_MINUTE)
		return fault_set(fault, ERR_REFUSED, 0, 0, "to: %s", refusal_text(REFUSED_EVENT_FUTURE, "", future));
	for (int i = 0; i < b->count && in->tabs; i++)
		if ((e = reading_judge(in, b, i, fault)) != ERR_OK)
			return e;
	memset(out, 0, sizeof(*out));
	out->from = b->from;
	out->to = b->to;
	out->readings = b->count;
	struct hash *leaves = arena_alloc(a, (size_t)(b->count + 1) * sizeof(*leaves));
	for (int i = 0; i < b->count; i++)
		leaves[i] = raw_leaf(&b->readings[i]);
	out->root = raw_root(leaves, b->count);
	thin_windows(in, a, b, &out->windows, &report->accepted);
	return ERR_OK;
}

/* --- events --------------------------------------------------------------------------------------- */

/* "…/414/4012345000009" and the like: the site whose GLN stands last. */
static void event_site(const struct thin_in *in, struct str place, char out[8])
{
	if (!in->tabs || !place.len)
		return;
	TAB_FOR(site, s, in->tabs, &SITE_REC, "")
		if (s->gln[0] && place.len >= strlen(s->gln)
			&& memcmp(place.ptr + place.len - strlen(s->gln), s->gln, strlen(s->gln)) == 0)
			memcpy(out, s->id, sizeof(s->id));
}

/* A deal's id at the end of a business transaction ("urn:…:DL-01…", ".../DL-01…"). */
static bool text_deal(struct str text, char out[32])
{
	enum { DEAL_LEN = 29 };
	if (text.len < DEAL_LEN)
		return false;
	struct str tail = { text.ptr + text.len - DEAL_LEN, DEAL_LEN };
	return id_valid(tail, "DL") && str_copy(out, 32, tail);
}

static bool lot_has(const struct lot *l, struct str id)
{
	struct str labels = blob_str(l->labels);
	size_t slash = id.len;
	while (slash > 0 && id.ptr[slash - 1] != '/')
		slash--;
	struct str bare = { id.ptr + slash, id.len - slash };
	if (str_is(id, l->asset_key) || (bare.len && str_is(bare, l->asset_key)))
		return true;
	while (labels.len) {
		struct str label = str_trim(str_cut(&labels, '\n'));
		if (label.len && (str_eq(label, id) || str_eq(label, bare)))
			return true;
	}
	return false;
}

/* Which deal an event concerns: what its transactions say, else whose goods they are. */
static void event_deal(const struct thin_in *in, const struct epcis_event *e, struct str subject, char out[32])
{
	for (int i = 0; i < e->transaction_count; i++)
		if (text_deal(e->transactions[i].text, out) || text_deal(e->transactions[i].id, out))
			return;
	if (!in->tabs || !subject.len)
		return;
	TAB_FOR(lot, l, in->tabs, &LOT_REC, "")
		if (l->deal[0] && lot_has(l, subject)) {
			memcpy(out, l->deal, sizeof(l->deal));
			return;
		}
}

static struct feed_physical event_thin(const struct thin_in *in, const struct epcis_event *e)
{
	static const char *const TYPES[] = { [EPCIS_OBJECT] = "ObjectEvent", [EPCIS_AGGREGATION] = "AggregationEvent",
		[EPCIS_TRANSACTION] = "TransactionEvent", [EPCIS_TRANSFORMATION] = "TransformationEvent",
		[EPCIS_ASSOCIATION] = "AssociationEvent" };
	struct feed_physical p;
	struct str subject = e->parent.len ? e->parent : e->epc_count ? e->epcs[0].id
		: e->quantity_count ? e->quantities[0].id : STR("");
	memset(&p, 0, sizeof(p));
	p.hash = e->hash;
	str_copy(p.type, sizeof(p.type), e->type == EPCIS_EXTENDED ? e->type_text : str_of(TYPES[e->type]));
	str_copy(p.action, sizeof(p.action), str_of(epcis_action_name(e->action)));
	str_copy(p.step, sizeof(p.step), e->biz_step);
	str_copy(p.disposition, sizeof(p.disposition), e->disposition);
	event_site(in, e->read_point, p.site);
	event_site(in, e->biz_location, p.site);
	str_copy(p.subject, sizeof(p.subject), subject);
	event_deal(in, e, subject, p.deal);
	p.at = e->event_time;
	p.items = e->epc_count + e->quantity_count;
	p.voids = e->error.present;
	return p;
}

static void event_report(struct gateway_report *report, const char *name, const struct epcis_item *item)
{
	for (const struct epcis_no *no = item->no; no; no = no->next) {
		buf_printf(&report->lines, "%s: event %d: %.*s: %s: %s", name, item->index, STR_ARG(no->path),
			epcis_rule_name(no->rule), epcis_rule_sentence(no->rule));
		if (no->seen.len)
			buf_printf(&report->lines, " Seen: %.*s.", (int)(no->seen.len > 80 ? 80 : no->seen.len), no->seen.ptr);
		if (no->want.len)
			buf_printf(&report->lines, " Expected: %.*s.", (int)(no->want.len > 80 ? 80 : no->want.len), no->want.ptr);
		buf_char(&report->lines, '\n');
	}
}

static void thin_part(struct arena *a, const struct feed_physical *list, size_t count, struct thinned *out)
{
	struct hash *leaves = arena_alloc(a, (count + 1) * sizeof(*leaves));
	memset(out, 0, sizeof(*out));
	out->from = out->to = list[0].at;
	out->events = (int64_t)count;
	for (size_t i = 0; i < count; i++) {
		static const char zero = 0;
		struct part parts[] = { { &zero, 1 }, { list[i].hash.bytes, HASH_SIZE } };
		leaves[i] = hash_parts(parts, 2);
		out->from = list[i].at < out->from ? list[i].at : out->from;
		out->to = list[i].at > out->to ? list[i].at : out->to;
	}
	out->root = raw_root(leaves, (int)count);
	feed_physical_encode(list, count, &out->physical);
}

enum err thin_events(const struct thin_in *in, struct arena *a, struct str text, struct thinned *out, size_t *parts,
	struct gateway_report *report, struct fault *fault)
{
	struct epcis_options options = { EPCIS_CBV20, in->now };
	struct epcis_document *doc;
	size_t good = 0;
	*parts = 0;
	enum err e = epcis_parse(a, text, &options, &doc, fault);
	if (e != ERR_OK)
		return e;
	if (doc->accepted > THIN_PARTS_MAX * THIN_EVENTS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "%d events in one document; at most %d are taken, split it", doc->accepted,
			THIN_PARTS_MAX * THIN_EVENTS_MAX);
	struct feed_physical *list = arena_alloc(a, (size_t)(doc->accepted + 1) * sizeof(*list));
	for (int i = 0; i < doc->count; i++) {
		if (doc->items[i].no) {
			report->refused++;
			event_report(report, in->name, &doc->items[i]);
		} else {
			list[good++] = event_thin(in, &doc->items[i].event);
		}
	}
	report->accepted += good;
	for (size_t at = 0; at < good; at += THIN_EVENTS_MAX)
		thin_part(a, list + at, good - at < THIN_EVENTS_MAX ? good - at : THIN_EVENTS_MAX, &out[(*parts)++]);
	return ERR_OK;
}
