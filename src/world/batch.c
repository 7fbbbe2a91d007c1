/* What a gateway makes of its readings and EPCIS events before it signs them: windows and mapped events.
 *
 * Must remain true: readings that cannot be believed are counted apart and never move a window; the root is over all
 * readings as they came; what the gateway knows of a device's past is what the ledger knows (the series). */
#include "recording_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "feed/apply.h"
#include "feed/batch.h"
#include "feed/epcis.h"
#include "feed/watch.h"

/* --- readings ------------------------------------------------------------------------------------ */

struct stream {
	char device[RAW_DEVICE_MAX];
	struct watch_rule rule;
	struct watch_state state;
};

static struct stream *stream_of(const struct tabs *s, struct stream *streams, size_t *count, const struct raw_reading *r)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(streams[i].device, r->device) == 0)
			return &streams[i];
	struct stream *new = &streams[(*count)++];
	const struct device *d = tab_get(s, &DEVICE_REC, r->device);
	const struct series *known = tab_get(s, &SERIES_REC, r->device);
	snprintf(new->device, sizeof(new->device), "%s", r->device);
	new->rule = watch_rule_default(r->quantity);
	new->state = watch_begin();
	if (d && d->jump) {
		new->rule.jump = d->jump;
		new->rule.jump_us = d->period ? d->period : INSTANT_MINUTE;
	}
	if (known && known->last_at && known->last_at < r->time && known->sequence < r->seq) {
		new->state.readings = known->readings;
		new->state.last = known->last;
		new->state.last_at = known->last_at;
		new->state.last_seq = known->sequence;
		new->state.equal_run = known->equal_run;
	}
	return new;
}

static struct feed_window *window_of(struct feed_window *windows, size_t *count, const struct raw_reading *r)
{
	int64_t from = r->time - r->time % RAW_WINDOW_DEFAULT;
	for (size_t i = 0; i < *count; i++)
		if (windows[i].from == from && strcmp(windows[i].device, r->device) == 0)
			return &windows[i];
	struct feed_window *w = &windows[(*count)++];
	memset(w, 0, sizeof(*w));
	snprintf(w->device, sizeof(w->device), "%s", r->device);
	w->from = from;
	w->first_seq = r->seq;
	return w;
}

static void window_take(struct feed_window *w, const struct raw_reading *r, unsigned found)
{
	w->last_seq = r->seq;
	w->last_at = r->time;
	if (found & WATCH_UNBELIEVABLE) {
		w->bad++;
		w->bad_value = r->value;
		snprintf(w->anomaly, sizeof(w->anomaly), "%s", watch_code(watch_worst(found)));
		return;
	}
	if (!w->count || r->value < w->least)
		w->least = r->value;
	if (!w->count || r->value > w->greatest)
		w->greatest = r->value;
	w->last = r->value;
	w->count++;
}

static void take_readings(const struct tabs *s, const struct raw_batch *raw, struct arena *a, struct ev_batch *out)
{
	size_t streams = 0, windows = 0, most = (size_t)raw->count + 1;
	struct stream *stream = arena_zero(a, most * sizeof(*stream));
	struct feed_window *window = arena_zero(a, most * sizeof(*window));
	struct buf bytes = { 0 };
	for (int i = 0; i < raw->count; i++) {
		const struct raw_reading *r = &raw->readings[i];
		struct stream *of = stream_of(s, stream, &streams, r);
		unsigned found = watch_step(&of->state, &of->rule, r->seq, r->value, r->time, r->time);
		window_take(window_of(window, &windows, r), r, found);
	}
	feed_windows_encode(window, windows, &bytes);
	out->windows = blob_in(a, bytes.ptr, bytes.len);
	buf_free(&bytes);
}

/* --- EPCIS --------------------------------------------------------------------------------------- */

static const char *site_of(const struct tabs *s, struct str location)
{
	TAB_FOR(site, each, s, &SITE_REC, "")
		if (each->gln[0] && str_ends(location, each->gln))
			return each->id;
	return "";
}

/* A deal is named by a business transaction that ends with its id. */
static void deal_of(const struct epcis_event *e, char out[32])
{
	for (int i = 0; i < e->transaction_count; i++) {
		struct str id = e->transactions[i].text.len ? e->transactions[i].text : e->transactions[i].id;
		struct str tail = id.len > 29 ? (struct str){ id.ptr + id.len - 29, 29 } : id;
		if (id_valid(tail, "DL"))
			str_copy(out, 32, tail);
	}
}

static void map_event(const struct tabs *s, const struct epcis_event *e, struct feed_physical *p)
{
	memset(p, 0, sizeof(*p));
	p->hash = e->hash;
	str_copy(p->type, sizeof(p->type), e->type_text);
	snprintf(p->action, sizeof(p->action), "%s", epcis_action_name(e->action));
	str_copy(p->step, sizeof(p->step), e->biz_step);
	str_copy(p->disposition, sizeof(p->disposition), e->disposition);
	snprintf(p->site, sizeof(p->site), "%s", site_of(s, e->biz_location));
	str_copy(p->subject, sizeof(p->subject), e->parent.len ? e->parent : e->epc_count ? e->epcs[0].id : STR(""));
	deal_of(e, p->deal);
	p->at = e->event_time;
	p->items = e->epc_count;
	p->voids = e->error.present;
}

static enum err take_events(const struct tabs *s, struct str epcis, struct arena *a, struct ev_batch *out, struct fault *fault)
{
	struct epcis_document *doc;
	struct epcis_options options = { EPCIS_CBV20, INSTANT_NONE };
	struct buf bytes = { 0 };
	if (!epcis.len)
		return ERR_OK;
	enum err e = epcis_parse(a, epcis, &options, &doc, fault);
	if (e != ERR_OK)
		return e;
	struct feed_physical *list = arena_zero(a, (size_t)(doc->count + 1) * sizeof(*list));
	size_t count = 0;
	for (int i = 0; i < doc->count; i++) {
		if (doc->items[i].no)
			return fault_set(fault, ERR_REFUSED, 0, 0, "recording: event %d: %s at " STR_FMT, i,
				epcis_rule_sentence(doc->items[i].no->rule), STR_ARG(doc->items[i].no->path));
		map_event(s, &doc->items[i].event, &list[count++]);
	}
	feed_physical_encode(list, count, &bytes);
	out->physical = blob_in(a, bytes.ptr, bytes.len);
	out->events = (int64_t)count;
	buf_free(&bytes);
	return ERR_OK;
}

enum err recording_batch(const struct tabs *s, struct str batch, struct str epcis, struct arena *a, struct ev_batch *out,
	struct fault *fault)
{
	struct raw_batch *raw;
	enum err e = raw_batch_parse(a, batch, &raw, fault);
	if (e != ERR_OK)
		return e;
	memset(out, 0, sizeof(*out));
	memcpy(out->gateway, raw->gateway, sizeof(out->gateway));
	out->sequence = raw->sequence;
	out->from = raw->from;
	out->to = raw->to;
	out->readings = raw->count;
	out->digest = raw->digest;
	out->root = raw_thin(a, raw, RAW_WINDOW_DEFAULT)->root;
	take_readings(s, raw, a, out);
	return take_events(s, epcis, a, out, fault);
}
