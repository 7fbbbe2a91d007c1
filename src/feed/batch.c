/* Device batches: parsing, thinning, Merkle proofs of single readings.
 *
 * What must remain true: a reading that gets in is whole and in range; thinning depends on the
 * readings only, not on their order except where the header says "last" or "disordered"; the root
 * covers the readings as given, so each can be proved. */
#include "feed/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/json.h"
#include "feed_int.h"

static const struct {
	const char *name, *unit;
} quantities[RAW_QUANTITY_COUNT] = {
#define X(c, name, unit) [c] = { name, unit },
	RAW_QUANTITY_LIST(X)
#undef X
};

const char *raw_quantity_name(enum raw_quantity q)
{
	return q < RAW_QUANTITY_COUNT ? quantities[q].name : "";
}

const char *raw_quantity_unit(enum raw_quantity q)
{
	return q < RAW_QUANTITY_COUNT ? quantities[q].unit : "";
}

enum raw_quantity raw_quantity_named(struct str name)
{
	int q = 0;
	while (q < RAW_QUANTITY_COUNT && !str_is(name, quantities[q].name))
		q++;
	return (enum raw_quantity)q;
}

/* --- parsing ------------------------------------------------------------------------------------------ */

struct parse {
	struct fault *fault;
	int index; /* of the reading, -1 in the batch itself */
};

/* "readings[3]." or "" */
struct place {
	char text[32];
};

static struct place place_of(const struct parse *p)
{
	struct place place = { "" };
	if (p->index >= 0)
		snprintf(place.text, sizeof(place.text), "readings[%d].", p->index);
	return place;
}

static enum err refuse(const struct parse *p, const char *field, const char *want, const struct json *v)
{
	struct str seen = v && (v->kind == JSON_STRING || v->kind == JSON_NUMBER) ? v->text :
		v ? STR("something else") : STR("nothing");
	return fault_set(p->fault, ERR_SYNTAX, 0, 0,
		"%s%s must be %s, not %.*s; the gateway has to send the batch again.", place_of(p).text, field,
		want, seen.len > 60 ? 60 : (int)seen.len, seen.ptr);
}

static enum err refuse_unknown(const struct parse *p, struct str key)
{
	return fault_set(p->fault, ERR_SYNTAX, 0, 0, "%s%.*s is no field of a batch; leave it out.",
		place_of(p).text, key.len > 60 ? 60 : (int)key.len, key.ptr);
}

/* A device is named by its site and its label, "RTM/C2-T03", or by a label alone; a gateway by one word. */
static bool name_ok(struct str s, int slashes)
{
	for (size_t i = 0; i < s.len; i++) {
		slashes -= s.ptr[i] == '/';
		if ((unsigned char)s.ptr[i] <= ' ' || (unsigned char)s.ptr[i] > 0x7e || slashes < 0)
			return false;
	}
	return s.len > 0 && s.ptr[0] != '/' && s.ptr[s.len - 1] != '/';
}

static enum err take_name(const struct parse *p, const struct json *o, const char *key, int slashes,
	char *out, size_t cap)
{
	const struct json *v = json_get(o, key);
	if (!v || v->kind != JSON_STRING || v->text.len >= cap || !name_ok(v->text, slashes))
		return refuse(p, key, slashes ? "SITE/LABEL or a short name, without blanks"
			: "a short name without blanks or slashes", v);
	str_copy(out, cap, v->text);
	return ERR_OK;
}

static enum err take_count(const struct parse *p, const struct json *o, const char *key, int64_t *out)
{
	if (!json_i64(o, key, out) || *out < 1)
		return refuse(p, key, "a whole number from 1", json_get(o, key));
	return ERR_OK;
}

static enum err take_time(const struct parse *p, const struct json *o, const char *key, int64_t *out)
{
	const struct json *v = json_get(o, key);
	if (!v || v->kind != JSON_STRING || !instant_parse(v->text, out))
		return refuse(p, key, "a date-time with zone", v);
	return ERR_OK;
}

/* A number times 10^places within ±limit. */
static enum err take_scaled(const struct parse *p, const struct json *o, const char *key, int places,
	int64_t limit, int64_t *out)
{
	const struct json *v = json_get(o, key);
	bool exact;
	if (!v || v->kind != JSON_NUMBER || !feed_scaled(v->text, places, out, &exact) || *out > limit ||
		*out < -limit)
		return refuse(p, key, "a number in range", v);
	return ERR_OK;
}

static enum err take_door(const struct parse *p, const struct json *o, int64_t *out)
{
	const struct json *v = json_get(o, "value");
	if (v && v->kind == JSON_BOOL) {
		*out = v->boolean ? 1000 : 0;
		return ERR_OK;
	}
	enum err e = take_scaled(p, o, "value", 3, 1000, out);
	if (!e && *out != 0 && *out != 1000)
		return refuse(p, "value", "0 (closed) or 1 (open)", v);
	return e;
}

static enum err known_members(const struct parse *p, const struct json *o, const char *const *names)
{
	for (const struct json *m = o->child; m; m = m->next) {
		const char *const *n = names;
		while (*n && !str_is(m->key, *n))
			n++;
		if (!*n)
			return refuse_unknown(p, m->key);
	}
	return ERR_OK;
}

static enum err take_reading(struct parse *p, const struct json *v, struct raw_reading *r)
{
	static const char *const scalar[] = { "device", "seq", "time", "quantity", "value", NULL };
	static const char *const position[] = { "device", "seq", "time", "quantity", "lat", "lon", NULL };
	if (v->kind != JSON_OBJECT)
		return refuse(p, "(all)", "an object", v);
	enum err e = take_name(p, v, "device", 1, r->device, sizeof(r->device));
	if (!e)
		e = take_count(p, v, "seq", &r->seq);
	if (!e)
		e = take_time(p, v, "time", &r->time);
	if (e)
		return e;
	r->quantity = raw_quantity_named(json_str(v, "quantity"));
	if (r->quantity == RAW_QUANTITY_COUNT)
		return refuse(p, "quantity", "temperature, humidity, shock, door, position or weight",
			json_get(v, "quantity"));
	e = known_members(p, v, r->quantity == RAW_POSITION ? position : scalar);
	if (e || r->quantity == RAW_DOOR)
		return e ? e : take_door(p, v, &r->value);
	if (r->quantity != RAW_POSITION)
		return take_scaled(p, v, "value", 3, RAW_VALUE_MAX, &r->value);
	e = take_scaled(p, v, "lat", 7, INT64_C(900000000), &r->lat);
	return e ? e : take_scaled(p, v, "lon", 7, INT64_C(1800000000), &r->lon);
}

static enum err take_readings(struct arena *a, const struct json *list, struct raw_batch *b,
	struct fault *fault)
{
	struct parse p = { fault, -1 };
	if (!list || list->kind != JSON_ARRAY)
		return refuse(&p, "readings", "a list", list);
	if (list->count > RAW_READINGS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0,
			"readings has %d items; a batch carries at most %d: send several.", list->count,
			RAW_READINGS_MAX);
	b->readings = arena_zero(a, (size_t)list->count * sizeof(*b->readings));
	for (const struct json *m = list->child; m; m = m->next) {
		p.index = b->count;
		enum err e = take_reading(&p, m, &b->readings[b->count]);
		if (e)
			return e;
		b->count++;
	}
	return ERR_OK;
}

enum err raw_batch_parse(struct arena *a, struct str text, struct raw_batch **out, struct fault *fault)
{
	static const char *const members[] = { "gateway", "sequence", "from", "to", "readings", NULL };
	struct parse p = { fault, -1 };
	struct json *root;
	*out = NULL;
	enum err e = json_parse(a, text, &root, fault);
	if (e)
		return e;
	if (root->kind != JSON_OBJECT)
		return refuse(&p, "the batch", "an object", root);
	struct raw_batch *b = arena_zero(a, sizeof(*b));
	e = known_members(&p, root, members);
	if (!e)
		e = take_name(&p, root, "gateway", 0, b->gateway, sizeof(b->gateway));
	if (!e)
		e = take_count(&p, root, "sequence", &b->sequence);
	if (!e)
		e = take_time(&p, root, "from", &b->from);
	if (!e)
		e = take_time(&p, root, "to", &b->to);
	if (!e && b->from > b->to)
		e = refuse(&p, "to", "not before from", json_get(root, "to"));
	if (!e)
		e = take_readings(a, json_get(root, "readings"), b, fault);
	if (e)
		return e;
	b->digest = hash_of(text.ptr, text.len);
	*out = b;
	return ERR_OK;
}

/* --- thinning ------------------------------------------------------------------------------------------- */

/* A reading and its place in the batch, for sorting. */
struct ranked {
	const struct raw_reading *r;
	int at;
};

static int by_seq(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = strcmp(x->r->device, y->r->device);
	if (!c)
		c = (x->r->seq > y->r->seq) - (x->r->seq < y->r->seq);
	return c ? c : x->at - y->at;
}

static int64_t window_of(const struct raw_reading *r, int64_t window_us)
{
	int64_t rest = r->time % window_us;
	return r->time - (rest < 0 ? rest + window_us : rest);
}

static int by_window(const struct raw_reading *x, const struct raw_reading *y, int64_t window_us)
{
	int c = strcmp(x->device, y->device);
	if (!c)
		c = (int)x->quantity - (int)y->quantity;
	if (!c) {
		int64_t a = window_of(x, window_us), b = window_of(y, window_us);
		c = (a > b) - (a < b);
	}
	return c;
}

/* Within a window by time, then sequence: the last reading is the newest, not the last to come. */
static int by_time(const void *a, const void *b)
{
	const struct raw_reading *x = ((const struct ranked *)a)->r, *y = ((const struct ranked *)b)->r;
	int c = strcmp(x->device, y->device);
	if (!c)
		c = (int)x->quantity - (int)y->quantity;
	if (!c)
		c = (x->time > y->time) - (x->time < y->time);
	if (!c)
		c = (x->seq > y->seq) - (x->seq < y->seq);
	return c ? c : ((const struct ranked *)a)->at - ((const struct ranked *)b)->at;
}

/* Fills the devices from readings sorted by device and number, and moves the readings that count to
 * the front; returns how many they are. */
static int thin_devices(struct ranked *sorted, int count, struct raw_thin *t)
{
	int kept = 0;
	for (int i = 0; i < count; i++) {
		const struct raw_reading *r = sorted[i].r;
		bool first = i == 0 || strcmp(sorted[i - 1].r->device, r->device) != 0;
		struct raw_device *d;
		if (first) {
			d = &t->devices[t->device_count++];
			memcpy(d->device, r->device, sizeof(d->device));
			d->first_seq = r->seq;
		}
		d = &t->devices[t->device_count - 1];
		if (!first && kept > 0 && sorted[kept - 1].r->seq == r->seq) {
			d->duplicates++;
			continue;
		}
		if (!first)
			d->missing += r->seq - d->last_seq - 1;
		d->last_seq = r->seq;
		d->readings++;
		sorted[kept++] = sorted[i];
	}
	return kept;
}

static struct raw_device *device_named(struct raw_thin *t, const char *name)
{
	int low = 0, high = t->device_count;
	while (low < high) {
		int mid = (low + high) / 2;
		if (strcmp(t->devices[mid].device, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return &t->devices[low];
}

/* Readings that came after one of a higher number, in the order given. */
static void thin_disorder(struct arena *a, const struct raw_batch *b, struct raw_thin *t)
{
	int64_t *highest = arena_zero(a, (size_t)t->device_count * sizeof(*highest));
	for (int i = 0; i < b->count; i++) {
		struct raw_device *d = device_named(t, b->readings[i].device);
		int64_t *h = &highest[d - t->devices];
		d->disordered += b->readings[i].seq < *h;
		if (b->readings[i].seq > *h)
			*h = b->readings[i].seq;
	}
}

static void thin_windows(struct ranked *sorted, int count, int64_t window_us, struct raw_thin *t)
{
	qsort(sorted, (size_t)count, sizeof(*sorted), by_time);
	for (int i = 0; i < count; i++) {
		const struct raw_reading *r = sorted[i].r;
		struct raw_window *w;
		if (i == 0 || by_window(sorted[i - 1].r, r, window_us) != 0) {
			w = &t->windows[t->window_count++];
			*w = (struct raw_window){ .quantity = r->quantity, .from = window_of(r, window_us),
				.least = r->value, .greatest = r->value, .first_at = r->time, .first_seq = r->seq,
				.last_seq = r->seq };
			memcpy(w->device, r->device, sizeof(w->device));
		}
		w = &t->windows[t->window_count - 1];
		w->count++;
		w->least = r->value < w->least ? r->value : w->least;
		w->greatest = r->value > w->greatest ? r->value : w->greatest;
		w->last = r->value;
		w->lat = r->lat;
		w->lon = r->lon;
		w->last_at = r->time;
		w->first_seq = r->seq < w->first_seq ? r->seq : w->first_seq;
		w->last_seq = r->seq > w->last_seq ? r->seq : w->last_seq;
	}
}

struct raw_thin *raw_thin(struct arena *a, const struct raw_batch *b, int64_t window_us)
{
	CHECK(window_us > 0, "a window has a length");
	size_t n = (size_t)b->count;
	struct raw_thin *t = arena_zero(a, sizeof(*t));
	struct ranked *sorted = arena_alloc(a, n * sizeof(*sorted));
	struct hash *leaves = arena_alloc(a, n * sizeof(*leaves));
	for (int i = 0; i < b->count; i++) {
		sorted[i] = (struct ranked){ &b->readings[i], i };
		leaves[i] = raw_leaf(&b->readings[i]);
	}
	if (n)
		qsort(sorted, n, sizeof(*sorted), by_seq);
	t->devices = arena_zero(a, n * sizeof(*t->devices));
	t->windows = arena_zero(a, n * sizeof(*t->windows));
	int kept = thin_devices(sorted, b->count, t);
	thin_disorder(a, b, t);
	thin_windows(sorted, kept, window_us, t);
	t->digest = b->digest;
	t->root = raw_root(leaves, b->count);
	return t;
}

/* --- proofs --------------------------------------------------------------------------------------------- */

struct hash raw_leaf(const struct raw_reading *r)
{
	struct buf b = { 0 };
	const char leaf = 0;
	put_raw(&b, &leaf, 1);
	put_str(&b, str_of(r->device));
	put_i64(&b, r->seq);
	put_i64(&b, r->time);
	put_str(&b, str_of(raw_quantity_name(r->quantity)));
	put_i64(&b, r->value);
	put_i64(&b, r->lat);
	put_i64(&b, r->lon);
	struct hash h = hash_of(b.ptr, b.len);
	buf_free(&b);
	return h;
}

static struct hash node(const struct hash *left, const struct hash *right)
{
	const char inner = 1;
	const struct part parts[] = { { &inner, 1 }, { left, sizeof(*left) }, { right, sizeof(*right) } };
	return hash_parts(parts, 3);
}

/* The largest power of two below n > 1. */
static int split_of(int n)
{
	int k = 1;
	while (k < n - k)
		k *= 2;
	return k;
}

struct hash raw_root(const struct hash *leaves, int count)
{
	if (count == 0)
		return hash_of("", 0);
	if (count == 1)
		return leaves[0];
	int k = split_of(count);
	struct hash left = raw_root(leaves, k), right = raw_root(leaves + k, count - k);
	return node(&left, &right);
}

int raw_path(const struct hash *leaves, int count, int index, struct hash path[RAW_PATH_MAX])
{
	CHECK(index >= 0 && index < count, "a path is asked for a leaf of the tree");
	if (count == 1)
		return 0;
	int k = split_of(count), length;
	if (index < k) {
		length = raw_path(leaves, k, index, path);
		path[length] = raw_root(leaves + k, count - k);
	} else {
		length = raw_path(leaves + k, count - k, index - k, path);
		path[length] = raw_root(leaves, k);
	}
	return length + 1;
}

bool raw_path_holds(const struct hash *leaf, int index, int count, const struct hash *path, int length,
	const struct hash *root)
{
	/* RFC 9162 2.1.3.2: walk up, last is the index of the tree's last node of the level */
	if (index < 0 || index >= count)
		return false;
	struct hash h = *leaf;
	int at = index, last = count - 1;
	for (int i = 0; i < length; i++) {
		if (last == 0)
			return false;
		if (at % 2 == 1 || at == last) {
			h = node(&path[i], &h);
			while (at % 2 == 0 && at != 0) {
				at /= 2;
				last /= 2;
			}
		} else {
			h = node(&h, &path[i]);
		}
		at /= 2;
		last /= 2;
	}
	return last == 0 && hash_eq(&h, root);
}
