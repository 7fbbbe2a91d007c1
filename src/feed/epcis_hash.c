/* The event hash: one string per event, whatever the order and spelling of its fields.
 *
 * What must remain true: the order tables below are the whole order; every list is rendered item by
 * item and sorted bytewise; values go through one of the canonical forms and nothing else. The
 * default profile is the order of the published CBV 2.0 vectors, in which business transactions,
 * sources, destinations, ilmd and the extensions of the event stand sorted together at the end. */
#include "epcis_int.h"

#include <string.h>

enum order_kind {
	ORDER_TEXT,    /* name=value, once per value */
	ORDER_TIME,    /* the same, a time */
	ORDER_TERM,    /* the same, a term of a vocabulary */
	ORDER_LIST,    /* name, then child=value sorted */
	ORDER_OBJECTS, /* name, then child and its fields, sorted */
	ORDER_REPEAT,  /* name and fields per object, sorted */
	ORDER_OBJECT,  /* name and fields */
	ORDER_FREE     /* name, then whatever is in it, sorted */
};

struct order {
	const char *name;
	enum order_kind kind;
	const char *child;
	const struct order *fields;
	enum vocabulary vocabulary;
	bool late; /* sorted among the extensions */
};

struct render {
	struct arena *a;
	const struct epcis_names *names;
	enum epcis_profile profile;
};

/* --- order tables ------------------------------------------------------------------------------------ */

static const struct order quantity_order[] = {
	{ "epcClass", ORDER_TEXT }, { "quantity", ORDER_TEXT }, { "uom", ORDER_TEXT }, { 0 }
};
static const struct order disposition_order[] = {
	{ "set", ORDER_TERM, .vocabulary = VOCABULARY_DISPOSITION },
	{ "unset", ORDER_TERM, .vocabulary = VOCABULARY_DISPOSITION }, { 0 }
};
static const struct order place_order[] = { { "id", ORDER_TEXT }, { 0 } };
static const struct order transaction_order[] = {
	{ "type", ORDER_TERM, .vocabulary = VOCABULARY_TRANSACTION }, { "bizTransaction", ORDER_TEXT }, { 0 }
};
static const struct order source_order[] = {
	{ "type", ORDER_TERM, .vocabulary = VOCABULARY_PARTY }, { "source", ORDER_TEXT }, { 0 }
};
static const struct order destination_order[] = {
	{ "type", ORDER_TERM, .vocabulary = VOCABULARY_PARTY }, { "destination", ORDER_TEXT }, { 0 }
};
static const struct order metadata_order[] = {
	{ "time", ORDER_TIME }, { "startTime", ORDER_TIME }, { "endTime", ORDER_TIME },
	{ "deviceID", ORDER_TEXT }, { "deviceMetadata", ORDER_TEXT }, { "rawData", ORDER_TEXT },
	{ "dataProcessingMethod", ORDER_TEXT }, { "bizRules", ORDER_TEXT }, { 0 }
};
static const struct order report_order[] = {
	{ "type", ORDER_TERM, .vocabulary = VOCABULARY_MEASUREMENT },
	{ "exception", ORDER_TERM, .vocabulary = VOCABULARY_EXCEPTION },
	{ "deviceID", ORDER_TEXT }, { "deviceMetadata", ORDER_TEXT }, { "rawData", ORDER_TEXT },
	{ "dataProcessingMethod", ORDER_TEXT }, { "time", ORDER_TIME },
	{ "microorganism", ORDER_TEXT }, { "chemicalSubstance", ORDER_TEXT }, { "value", ORDER_TEXT },
	{ "component", ORDER_TERM, .vocabulary = VOCABULARY_COMPONENT },
	{ "stringValue", ORDER_TEXT }, { "booleanValue", ORDER_TEXT }, { "hexBinaryValue", ORDER_TEXT },
	{ "uriValue", ORDER_TEXT }, { "minValue", ORDER_TEXT }, { "maxValue", ORDER_TEXT },
	{ "meanValue", ORDER_TEXT }, { "sDev", ORDER_TEXT }, { "percRank", ORDER_TEXT },
	{ "percValue", ORDER_TEXT }, { "uom", ORDER_TEXT }, { "coordinateReferenceSystem", ORDER_TEXT },
	{ 0 }
};
static const struct order element_order[] = {
	{ "sensorMetadata", ORDER_OBJECT, .fields = metadata_order },
	{ "sensorReport", ORDER_REPEAT, .fields = report_order }, { 0 }
};

#define ORDER_TIMES { "eventTime", ORDER_TIME }, { "eventTimeZoneOffset", ORDER_TEXT }
#define ORDER_OBJECTS_OF_EVENT \
	{ "inputEPCList", ORDER_LIST, "epc" }, { "childEPCs", ORDER_LIST, "epc" }, \
	{ "quantityList", ORDER_OBJECTS, "quantityElement", quantity_order }, \
	{ "childQuantityList", ORDER_OBJECTS, "quantityElement", quantity_order }, \
	{ "inputQuantityList", ORDER_OBJECTS, "quantityElement", quantity_order }, \
	{ "outputEPCList", ORDER_LIST, "epc" }, \
	{ "outputQuantityList", ORDER_OBJECTS, "quantityElement", quantity_order }, \
	{ "action", ORDER_TEXT }, { "transformationID", ORDER_TEXT }, \
	{ "bizStep", ORDER_TERM, .vocabulary = VOCABULARY_STEP }, \
	{ "disposition", ORDER_TERM, .vocabulary = VOCABULARY_DISPOSITION }, \
	{ "persistentDisposition", ORDER_OBJECT, .fields = disposition_order }, \
	{ "readPoint", ORDER_OBJECT, .fields = place_order }, \
	{ "bizLocation", ORDER_OBJECT, .fields = place_order }
#define ORDER_LINKS(is_late) \
	{ "bizTransactionList", ORDER_OBJECTS, "", transaction_order, .late = is_late }, \
	{ "sourceList", ORDER_OBJECTS, "", source_order, .late = is_late }, \
	{ "destinationList", ORDER_OBJECTS, "", destination_order, .late = is_late }
#define ORDER_SENSORS { "sensorElementList", ORDER_OBJECTS, "sensorElement", element_order }

static const struct order order_vectors[] = {
	ORDER_TIMES, { "certificationInfo", ORDER_TEXT }, { "parentID", ORDER_TEXT },
	{ "epcList", ORDER_LIST, "epc" }, ORDER_OBJECTS_OF_EVENT, ORDER_LINKS(true), ORDER_SENSORS,
	{ "ilmd", ORDER_FREE, .late = true }, { 0 }
};
static const struct order order_table[] = {
	ORDER_TIMES, { "certificationInfo", ORDER_TEXT }, { "parentID", ORDER_TEXT },
	{ "epcList", ORDER_LIST, "epc" }, ORDER_OBJECTS_OF_EVENT, ORDER_LINKS(false), ORDER_SENSORS,
	{ "ilmd", ORDER_FREE }, { 0 }
};
/* CBV 2.1: the parent behind the list; certificationInfo has no place and is left out below. */
static const struct order order_cbv21[] = {
	ORDER_TIMES, { "epcList", ORDER_LIST, "epc" }, { "parentID", ORDER_TEXT },
	ORDER_OBJECTS_OF_EVENT, ORDER_LINKS(false), ORDER_SENSORS, { "ilmd", ORDER_FREE }, { 0 }
};

static const struct {
	const struct order *order;
	const char *version;
} profiles[] = {
	[EPCIS_CBV20] = { order_vectors, "CBV2.0" },
	[EPCIS_CBV20_TABLE] = { order_table, "CBV2.0" },
	[EPCIS_CBV21] = { order_cbv21, "CBV2.1" },
};

/* --- values ------------------------------------------------------------------------------------------- */

/* UTC with milliseconds. The fourth decimal decides the rounding, later ones do not count. */
static struct str time_value(const struct render *r, struct str text)
{
	char shortened[64], out[INSTANT_TEXT_MAX];
	size_t n = 0, decimals = 0;
	bool fraction = false;
	if (text.len >= sizeof(shortened))
		return text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (fraction && feed_digit(c) && ++decimals > 4)
			continue;
		fraction = c == '.' || (fraction && feed_digit(c));
		shortened[n++] = c;
	}
	int64_t at;
	if (!instant_parse((struct str){ shortened, n }, &at))
		return text;
	int64_t second = at % INSTANT_SECOND;
	if (second < 0)
		second += INSTANT_SECOND;
	if (second == INSTANT_SECOND - 1) /* a leap second, the only way to six nines */
		at -= 999;
	else
		at += second % 1000 >= 500 ? 1000 - second % 1000 : -(second % 1000);
	return str_of(str_dup(r->a, str_of(instant_format(at, 3, out))));
}

/* Any other value: an old CBV name, a CURIE of GS1, a number, a key, or itself. */
static struct str plain_value(const struct render *r, struct str text)
{
	struct str out;
	if (feed_number(r->a, text, &out))
		return out;
	if (vocabulary_renew(r->a, text, &out))
		return out;
	text = curie_expand(r->a, r->names, text, r->profile);
	struct gs1_id id = gs1_canonical(text, r->profile == EPCIS_CBV21);
	if (id.form != GS1_NOT_A_KEY)
		return str_of(str_dup(r->a, str_of(id.text)));
	return text;
}

static struct str value_of(const struct render *r, const struct order *f, const struct json *v)
{
	if (v->kind == JSON_BOOL)
		return v->boolean ? STR("true") : STR("false");
	if (v->kind != JSON_STRING && v->kind != JSON_NUMBER)
		return STR("");
	struct str text = str_trim(v->text);
	if (f && f->kind == ORDER_TIME)
		return time_value(r, text);
	if (f && f->kind == ORDER_TERM && vocabulary_has(f->vocabulary, text))
		return vocabulary_uri(r->a, f->vocabulary, text, r->profile);
	return plain_value(r, text);
}

/* --- rendering ------------------------------------------------------------------------------------------ */

static struct str join(const struct render *r, struct str name, struct feed_list *parts)
{
	feed_list_sort(parts);
	struct str body = feed_cat(r->a, parts->items, parts->count);
	return feed_cat(r->a, (struct str[]){ name, body }, 2);
}

static struct str assign(const struct render *r, struct str name, struct str value)
{
	return value.len ? feed_cat(r->a, (struct str[]){ name, STR("="), value }, 3) : name;
}

/* "{https://ns.example.com/}field" of "ex:field"; a key without declared prefix stays. */
static struct str key_of(const struct render *r, struct str key)
{
	struct str local = key, prefix = str_cut(&local, ':');
	const struct str *uri = prefix.len < key.len ? epcis_names_find(r->names, prefix) : NULL;
	if (!uri)
		return key;
	return feed_cat(r->a, (struct str[]){ STR("{"), *uri, STR("}"), local }, 4);
}

static bool is_comment(const struct render *r, struct str key)
{
	struct str local = key, prefix = str_cut(&local, ':');
	if (prefix.len == key.len)
		return str_is(key, "comment");
	const struct str *uri = epcis_names_find(r->names, prefix);
	return str_is(local, "comment") && uri && str_ends(*uri, "rdf-schema#");
}

static bool ignored(const struct render *r, struct str key)
{
	if (str_is(key, "@context") || is_comment(r, key))
		return true;
	for (int i = 0; i < r->names->ignored.count; i++)
		if (str_eq(r->names->ignored.items[i], key))
			return true;
	return false;
}

/* Renders a member by its nature alone: every value of a list, every object with its members. */
static void render_free(const struct render *r, struct str key, const struct json *v,
	struct feed_list *out)
{
	if (v->kind == JSON_NULL)
		return;
	if (v->kind == JSON_ARRAY) {
		for (const struct json *m = v->child; m; m = m->next)
			render_free(r, key, m, out);
		return;
	}
	struct str name = key_of(r, key);
	if (v->kind != JSON_OBJECT) {
		feed_list_add(r->a, out, assign(r, name, value_of(r, NULL, v)));
		return;
	}
	struct feed_list inside = { 0 };
	for (const struct json *m = v->child; m; m = m->next)
		if (!ignored(r, m->key))
			render_free(r, m->key, m, &inside);
	feed_list_add(r->a, out, join(r, name, &inside));
}

static struct str render_fields(const struct render *r, const struct json *object,
	const struct order *order, const char *const *skip);

/* The items of a member that may be a list or a single value. */
static const struct json *first_of(const struct json *v)
{
	return v->kind == JSON_ARRAY ? v->child : v;
}
static const struct json *next_of(const struct json *v, const struct json *item)
{
	return v->kind == JSON_ARRAY ? item->next : NULL;
}

static void render_item(const struct render *r, const struct order *f, const struct json *v,
	struct feed_list *out)
{
	bool nested = f->kind == ORDER_OBJECTS || f->kind == ORDER_REPEAT || f->kind == ORDER_OBJECT;
	if (nested) {
		const char *head = f->kind == ORDER_OBJECTS ? f->child : f->kind == ORDER_REPEAT ? f->name : "";
		struct str fields = render_fields(r, v, f->fields, NULL);
		if (fields.len)
			feed_list_add(r->a, out, feed_cat(r->a, (struct str[]){ str_of(head), fields }, 2));
		return;
	}
	struct str value = value_of(r, f, v);
	if (value.len)
		feed_list_add(r->a, out, assign(r, str_of(f->kind == ORDER_LIST ? f->child : f->name), value));
}

static struct str render_member(const struct render *r, const struct order *f, const struct json *v)
{
	struct feed_list parts = { 0 };
	if (f->kind == ORDER_FREE) {
		for (const struct json *m = v->child; m; m = m->next)
			if (!ignored(r, m->key))
				render_free(r, m->key, m, &parts);
	} else {
		for (const struct json *m = first_of(v); m; m = next_of(v, m))
			render_item(r, f, m, &parts);
	}
	bool named = f->kind == ORDER_LIST || f->kind == ORDER_OBJECTS || f->kind == ORDER_OBJECT ||
		f->kind == ORDER_FREE;
	return parts.count ? join(r, str_of(named ? f->name : ""), &parts) : STR("");
}

static bool listed(const char *const *names, struct str key)
{
	for (; names && *names; names++)
		if (str_is(key, *names))
			return true;
	return false;
}

static bool in_order(const struct order *order, struct str key)
{
	for (; order->name; order++)
		if (str_is(key, order->name))
			return true;
	return false;
}

static struct str render_fields(const struct render *r, const struct json *object,
	const struct order *order, const char *const *skip)
{
	struct feed_list parts = { 0 }, late = { 0 };
	for (const struct order *f = order; f->name; f++) {
		const struct json *v = json_get(object, f->name);
		struct str part = v && !ignored(r, v->key) ? render_member(r, f, v) : STR("");
		if (part.len)
			feed_list_add(r->a, f->late ? &late : &parts, part);
	}
	for (const struct json *m = object->kind == JSON_OBJECT ? object->child : NULL; m; m = m->next)
		if (!in_order(order, m->key) && !listed(skip, m->key) && !ignored(r, m->key))
			render_free(r, m->key, m, &late);
	struct str own = feed_cat(r->a, parts.items, parts.count);
	return join(r, own, &late);
}

void epcis_hash(struct arena *a, const struct json *event, const struct epcis_names *names,
	enum epcis_profile profile, struct epcis_event *out)
{
	/* never part of the identity, see the standard's clause */
	static const char *const skip[] = { "type", "recordTime", "eventID", "errorDeclaration", NULL };
	static const char *const skip21[] = { "type", "recordTime", "eventID", "errorDeclaration",
		"certificationInfo", NULL };
	struct render r = { .a = a, .names = names, .profile = profile };
	struct str fields = render_fields(&r, event, profiles[profile].order,
		profile == EPCIS_CBV21 ? skip21 : skip);
	out->pre_hash = feed_cat(a, (struct str[]){ STR("eventType="), json_str(event, "type"), fields }, 3);
	out->hash = hash_of(out->pre_hash.ptr, out->pre_hash.len);
	char hex[HASH_HEX_MAX];
	out->hash_id = str_of(arena_printf(a, "ni:///sha-256;%s?ver=%s",
		hex_of(out->hash.bytes, HASH_SIZE, hex), profiles[profile].version));
}
