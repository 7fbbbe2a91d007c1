/* Gateways of the recording: batches of readings and EPCIS events, numbered, one cut off for an hour.
 *
 * Must remain true: numbers of a gateway and of each of its devices rise by one; a batch comes right after the time it
 * covers, but for those of the outage, which come later and behind a newer one. Before the sensors were fitted (the
 * Friday before the recorded day) a batch is sent for each event that was read. */
#include "script_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"
#include "feed/batch.h"

enum { DEVICES_MAX = 64, FITTED_DAY = -3, FITTED_MINUTE = 6 * 60, STEP_MINUTES = 10, SLOW_MINUTES = 20 };

struct feed {
	struct script *script;
	const struct site *site;
	const struct gateway *gateway;
	int64_t sequence, device_seq[DEVICES_MAX], last[DEVICES_MAX];
	size_t next_seen;
};

#define HM(hour, minute) ((hour) * 60 + (minute))
/* What devices do on the recorded day, instead of the usual. value: where the reading is pulled to at the end of the
 * span, in a straight line; SILENT and STUCK speak for themselves. */
enum odd_kind { ODD_RAMP, ODD_SILENT, ODD_STUCK, ODD_POINT };
static const struct odd {
	const char *site, *label;
	int64_t from, to;
	enum odd_kind kind;
	int64_t value;
} ODDS[] = {
	{ "RTM", "C2-T03", HM(6, 10), HM(6, 14), ODD_POINT, -3100 },
	{ "RTM", "C2-T03", HM(7, 20), HM(8, 5), ODD_SILENT, 0 },
	{ "RTM", "C2-T03", HM(10, 35), HM(13, 50), ODD_RAMP, -15300 },
	{ "RTM", "C2-T03", HM(13, 50), HM(14, 11), ODD_RAMP, -14900 },
	{ "RTM", "C2-T03", HM(14, 11), HM(14, 35), ODD_RAMP, -14600 },
	{ "RTM", "C2-T03", HM(14, 35), HM(15, 6), ODD_RAMP, -15400 },
	{ "RTM", "C2-T03", HM(15, 6), HM(18, 5), ODD_RAMP, -18300 },
	{ "RTM", "C2-T04", HM(10, 40), HM(14, 30), ODD_RAMP, -15300 },
	{ "RTM", "C2-T04", HM(14, 30), HM(18, 5), ODD_RAMP, -17900 },
	{ "RTM", "C2-T01", HM(10, 50), HM(14, 30), ODD_RAMP, -17100 },
	{ "RTM", "C2-D01", HM(10, 35), HM(15, 2), ODD_STUCK, 1000 },
	{ "RTM", "SC-07", HM(10, 27), HM(15, 40), ODD_SILENT, 0 },
	{ "HAM", "S2", HM(12, 20), HM(15, 5), ODD_STUCK, 24180000 },
};
/* The outage: batches that end within it come after the one that ends at `heals`. */
static const struct {
	const char *gateway;
	int64_t from, heals;
} CUT = { "GW-HAM", HM(11, 0), HM(12, 10) };

static const struct odd *odd_at(const char *site, const char *label, int64_t minute)
{
	for (size_t i = 0; i < sizeof(ODDS) / sizeof(ODDS[0]); i++)
		if (strcmp(ODDS[i].site, site) == 0 && strcmp(ODDS[i].label, label) == 0 && minute >= ODDS[i].from && minute < ODDS[i].to)
			return &ODDS[i];
	return NULL;
}

/* Doors open now and then in working hours. */
static int64_t door_value(struct dice *d, int64_t minute_of_day)
{
	return minute_of_day > HM(6, 30) && minute_of_day < HM(17, 30) && dice_range(d, 0, 7) == 0 ? 1000 : 0;
}

/* The next value of a device; false when it is silent. */
static bool reading(struct feed *f, size_t device, int64_t minute, int64_t *value)
{
	const struct device_row *row = &DEVICE_ROWS[device];
	struct dice *d = &f->script->dice;
	const struct odd *odd = odd_at(row->site, row->label, minute);
	int64_t noise = row->noise ? dice_range(d, -row->noise, row->noise) : 0;
	if (row->kind == DEVICE_DOOR) {
		*value = odd ? odd->value : door_value(d, ((minute % 1440) + 1440) % 1440);
		return true;
	}
	if (odd && odd->kind == ODD_SILENT)
		return false;
	if (odd && odd->kind != ODD_RAMP) {
		*value = odd->value;
		return true;
	}
	if (odd) {
		int64_t left = (odd->to - minute) / STEP_MINUTES + 1;
		*value = f->last[device] + (odd->value - f->last[device]) / left + noise / 12;
	} else {
		*value = row->normal + noise;
	}
	f->last[device] = *value;
	return true;
}

static void put_reading(struct feed *f, struct buf *b, size_t device, int64_t at, int64_t value, bool first)
{
	static const char *const QUANTITIES[] = { "temperature", "humidity", "shock", "door", "position", "weight", "" };
	char time[INSTANT_TEXT_MAX], number[NUM_TEXT_MAX];
	const struct device_row *row = &DEVICE_ROWS[device];
	buf_printf(b, "%s{\"device\":\"%s/%s\",\"seq\":%lld,\"time\":\"%s\",\"quantity\":\"%s\",\"value\":%s}", first ? "" : ",", row->site,
		row->label, (long long)++f->device_seq[device], instant_format(at, 0, time), QUANTITIES[row->kind],
		num_format_scaled(value, 3, 0, 0, number));
}

/* Devices of the site, each at its own second; Rotterdam twice as often on the day itself. */
static int put_readings(struct feed *f, struct buf *b, int64_t from, int64_t to)
{
	int count = 0;
	for (int64_t at = from; at < to; at += STEP_MINUTES / 2 * INSTANT_MINUTE) {
		int64_t minute = (at - f->script->monday) / INSTANT_MINUTE;
		bool half = minute % STEP_MINUTES != 0, dense = minute >= HM(7, 50) && strcmp(f->site->id, "RTM") == 0;
		for (size_t i = 0; i < DEVICE_ROW_COUNT && (!half || dense); i++) {
			int64_t value;
			if (strcmp(DEVICE_ROWS[i].site, f->site->id) == 0 && reading(f, i, minute, &value))
				put_reading(f, b, i, at + (int64_t)(i % 12) * 3 * INSTANT_SECOND, value, count++ == 0);
		}
	}
	return count;
}

/* --- EPCIS --------------------------------------------------------------------------------------- */

static void put_event(struct feed *f, struct buf *b, const struct seen_event *e, bool first)
{
	char time[INSTANT_TEXT_MAX];
	buf_printf(b, "%s{\"type\":\"ObjectEvent\",\"eventTime\":\"%s\",\"eventTimeZoneOffset\":\"+00:00\",\"epcList\":[", first ? "" : ",",
		instant_format(e->at, 0, time));
	for (int i = 0; i < e->packages; i++) {
		char sscc[20];
		made_sscc(e->serial + (uint64_t)i, sscc);
		buf_printf(b, "%s\"https://id.gs1.org/00/%s\"", i ? "," : "", sscc);
	}
	buf_printf(b, "],\"action\":\"OBSERVE\",\"bizStep\":\"%s\",\"disposition\":\"%s\",\"readPoint\":{\"id\":\"https://id.gs1.org/414/%s\"},"
		"\"bizLocation\":{\"id\":\"https://id.gs1.org/414/%s\"}", e->step, e->disposition, f->site->gln, f->site->gln);
	if (e->deal[0])
		buf_printf(b, ",\"bizTransactionList\":[{\"type\":\"desadv\",\"bizTransaction\":\"urn:wharf:deal:%s\"}]", e->deal);
	buf_char(b, '}');
}

static int put_events(struct feed *f, struct buf *b, int64_t to)
{
	struct script *s = f->script;
	char time[INSTANT_TEXT_MAX];
	int count = 0;
	for (; f->next_seen < s->seen_count && s->seen[f->next_seen].at < to; f->next_seen++) {
		const struct seen_event *e = &s->seen[f->next_seen];
		if (strcmp(e->site, f->site->id) != 0)
			continue;
		if (!count)
			buf_printf(b, ",\"epcis\":{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld\"],"
				"\"type\":\"EPCISDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"%s\",\"epcisBody\":{\"eventList\":[",
				instant_format(to, 0, time));
		put_event(f, b, e, count++ == 0);
	}
	if (count)
		buf_text(b, "]}}");
	return count;
}

/* --- batches ------------------------------------------------------------------------------------- */

static int64_t arrival(const struct feed *f, int64_t to)
{
	int64_t minute = (to - f->script->monday) / INSTANT_MINUTE;
	int64_t lag = 2 * INSTANT_SECOND;
	if (strcmp(f->gateway->id, CUT.gateway) == 0 && minute > CUT.from && minute < CUT.heals)
		return f->script->monday + CUT.heals * INSTANT_MINUTE + (40 + minute - CUT.from) * INSTANT_SECOND;
	return to + lag;
}

static void put_batch(struct feed *f, int64_t from, int64_t to, bool readings)
{
	struct buf b = { 0 };
	char a[INSTANT_TEXT_MAX], z[INSTANT_TEXT_MAX];
	buf_printf(&b, "\"kind\":\"batch\",\"batch\":{\"gateway\":\"%s\",\"sequence\":%lld,\"from\":\"%s\",\"to\":\"%s\",\"readings\":[",
		f->gateway->id, (long long)++f->sequence, instant_format(from, 0, a), instant_format(to, 0, z));
	if (readings)
		put_readings(f, &b, from, to);
	buf_text(&b, "]}");
	put_events(f, &b, to);
	script_line(f->script, arrival(f, to), &b);
}

static void put_site(struct script *s, int site)
{
	struct feed f = { .script = s, .site = &s->cast->sites[site], .gateway = &s->cast->gateways[site] };
	int64_t fitted = script_at(s, FITTED_DAY, FITTED_MINUTE), end = s->cast->day_to + STEP_MINUTES * INSTANT_MINUTE;
	CHECK(DEVICE_ROW_COUNT <= DEVICES_MAX, "devices fit");
	for (size_t i = 0; i < DEVICE_ROW_COUNT; i++)
		f.last[i] = DEVICE_ROWS[i].normal;
	for (size_t i = 0; i < s->seen_count && s->seen[i].at < fitted; i++)
		if (strcmp(s->seen[i].site, f.site->id) == 0) {
			f.next_seen = i;
			put_batch(&f, s->seen[i].at, s->seen[i].at + INSTANT_MINUTE, false);
		}
	while (f.next_seen < s->seen_count && s->seen[f.next_seen].at < fitted)
		f.next_seen++;
	for (int64_t from = fitted; from < end;) {
		int64_t step = (from < s->monday ? SLOW_MINUTES : STEP_MINUTES) * INSTANT_MINUTE;
		put_batch(&f, from, from + step, true);
		from += step;
	}
}

static int by_time(const void *a, const void *b)
{
	const struct seen_event *x = a, *y = b;
	return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : strcmp(x->deal, y->deal);
}

void script_feed(struct script *s)
{
	qsort(s->seen, s->seen_count, sizeof(*s->seen), by_time);
	for (int i = 0; i < s->cast->site_count; i++)
		put_site(s, i);
}
