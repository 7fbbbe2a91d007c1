/* What an accepted event means: its objects, places, documents and readings.
 *
 * What must remain true: only events that passed epcis_check.c come here, so a member that is present
 * has its form; identifiers leave in canonical spelling; numbers leave exact, or say that they were
 * rounded. */
#include "epcis_int.h"

#include <stdlib.h>
#include <string.h>

struct read {
	struct arena *a;
	const struct epcis_names *names;
};

static struct str canonical(const struct read *r, struct str text)
{
	struct gs1_id id = gs1_canonical(text, false);
	return id.form == GS1_NOT_A_KEY ? text : str_of(str_dup(r->a, str_of(id.text)));
}

static struct str term(const struct read *r, const struct json *object, const char *key,
	enum vocabulary v)
{
	struct str text = json_str(object, key);
	return text.len ? vocabulary_bare(r->a, r->names, v, text) : text;
}

static struct epcis_number number(const struct read *r, const struct json *object, const char *key)
{
	struct epcis_number n = { 0 };
	const struct json *v = json_get(object, key);
	if (v && v->kind == JSON_NUMBER && feed_number(r->a, v->text, &n.text)) {
		n.present = true;
		n.in_range = feed_scaled(n.text, 3, &n.milli, &n.exact);
	}
	return n;
}

static int64_t time_of(const struct json *object, const char *key)
{
	int64_t t = INSTANT_NONE;
	struct str text = json_str(object, key);
	if (text.len)
		instant_parse(text, &t);
	return t;
}

struct str epcis_last(const struct json *object, const char *key)
{
	struct str text = STR("");
	for (const struct json *m = object->child; m; m = m->next)
		if (str_is(m->key, key) && m->kind == JSON_STRING)
			text = m->text;
	return text;
}

static int count_of(const struct json *event, const char *const *lists)
{
	int n = 0;
	for (; *lists; lists++) {
		const struct json *list = json_get(event, *lists);
		n += list ? list->count : 0;
	}
	return n;
}

/* An identifier and where it stood in its list. */
struct placed {
	struct str id;
	int at;
};

static int by_id(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int c = str_cmp(x->id, y->id);
	return c ? c : x->at - y->at;
}

/* Adds the objects of one list, each once however it is spelled, in the order of the list. */
static void read_epcs(const struct read *r, const struct json *list, enum epcis_role role,
	struct epcis_event *out)
{
	if (!list || !list->count)
		return;
	struct placed *sorted = arena_alloc(r->a, (size_t)list->count * sizeof(*sorted));
	struct str *ids = arena_alloc(r->a, (size_t)list->count * sizeof(*ids));
	bool *again = arena_zero(r->a, (size_t)list->count);
	int n = 0;
	for (const struct json *m = list->child; m; m = m->next, n++) {
		ids[n] = canonical(r, m->text);
		sorted[n] = (struct placed){ ids[n], n };
	}
	qsort(sorted, (size_t)n, sizeof(*sorted), by_id);
	for (int i = 1; i < n; i++)
		again[sorted[i].at] = str_eq(sorted[i - 1].id, sorted[i].id);
	n = 0;
	for (const struct json *m = list->child; m; m = m->next, n++)
		if (!again[n])
			out->epcs[out->epc_count++] = (struct epcis_epc){ role, ids[n], m->text };
}

static void read_quantities(const struct read *r, const struct json *list, enum epcis_role role,
	struct epcis_event *out)
{
	for (const struct json *m = list ? list->child : NULL; m; m = m->next) {
		struct str text = json_str(m, "epcClass");
		out->quantities[out->quantity_count++] = (struct epcis_quantity){ role, canonical(r, text),
			text, number(r, m, "quantity"), json_str(m, "uom") };
	}
}

static void read_objects(const struct read *r, const struct json *event, struct epcis_event *out)
{
	static const char *const epc_lists[] = { "epcList", "childEPCs", "inputEPCList", "outputEPCList",
		NULL };
	static const char *const quantity_lists[] = { "quantityList", "childQuantityList",
		"inputQuantityList", "outputQuantityList", NULL };
	out->epcs = arena_alloc(r->a, (size_t)count_of(event, epc_lists) * sizeof(*out->epcs));
	out->quantities = arena_alloc(r->a,
		(size_t)count_of(event, quantity_lists) * sizeof(*out->quantities));
	for (int role = EPCIS_ITEM; role <= EPCIS_OUTPUT; role++) {
		read_epcs(r, json_get(event, epc_lists[role]), (enum epcis_role)role, out);
		read_quantities(r, json_get(event, quantity_lists[role]), (enum epcis_role)role, out);
	}
	out->parent_text = json_str(event, "parentID");
	out->parent = canonical(r, out->parent_text);
	out->transformation = canonical(r, json_str(event, "transformationID"));
}

static struct epcis_link *read_links(const struct read *r, const struct json *list, const char *key,
	enum vocabulary v, int *count)
{
	if (!list || !list->count)
		return NULL;
	struct epcis_link *links = arena_alloc(r->a, (size_t)list->count * sizeof(*links));
	for (const struct json *m = list->child; m; m = m->next) {
		struct str text = json_str(m, key);
		links[(*count)++] = (struct epcis_link){ term(r, m, "type", v), canonical(r, text), text };
	}
	return links;
}

static struct str *read_terms(const struct read *r, const struct json *list, int *count)
{
	if (!list || !list->count)
		return NULL;
	struct str *terms = arena_alloc(r->a, (size_t)list->count * sizeof(*terms));
	for (const struct json *m = list->child; m; m = m->next)
		terms[(*count)++] = vocabulary_bare(r->a, r->names, VOCABULARY_DISPOSITION, m->text);
	return terms;
}

static struct epcis_reading read_report(const struct read *r, const struct json *metadata,
	const struct json *report)
{
	const struct json *boolean = json_get(report, "booleanValue");
	struct str device = json_str(report, "deviceID");
	if (!device.len)
		device = json_str(metadata, "deviceID");
	int64_t time = time_of(report, "time");
	return (struct epcis_reading){
		.type = term(r, report, "type", VOCABULARY_MEASUREMENT),
		.exception = term(r, report, "exception", VOCABULARY_EXCEPTION),
		.device = canonical(r, device), .device_text = device,
		.component = term(r, report, "component", VOCABULARY_COMPONENT),
		.uom = json_str(report, "uom"),
		.value = number(r, report, "value"), .min = number(r, report, "minValue"),
		.max = number(r, report, "maxValue"), .mean = number(r, report, "meanValue"),
		.s_dev = number(r, report, "sDev"), .perc_rank = number(r, report, "percRank"),
		.perc_value = number(r, report, "percValue"),
		.string_value = json_str(report, "stringValue"),
		.hex_value = json_str(report, "hexBinaryValue"), .uri_value = json_str(report, "uriValue"),
		.has_boolean = boolean != NULL, .boolean = boolean && boolean->boolean,
		.chemical = json_str(report, "chemicalSubstance"),
		.microorganism = json_str(report, "microorganism"),
		.reference_system = json_str(report, "coordinateReferenceSystem"),
		.time = time != INSTANT_NONE ? time : time_of(metadata, "time"),
		.start = time_of(metadata, "startTime"), .end = time_of(metadata, "endTime"),
	};
}

static void read_sensors(const struct read *r, const struct json *list, struct epcis_event *out)
{
	int n = 0;
	for (const struct json *e = list ? list->child : NULL; e; e = e->next)
		n += json_get(e, "sensorReport")->count;
	if (!n)
		return;
	out->readings = arena_alloc(r->a, (size_t)n * sizeof(*out->readings));
	for (const struct json *e = list->child; e; e = e->next)
		for (const struct json *m = json_get(e, "sensorReport")->child; m; m = m->next)
			out->readings[out->reading_count++] = read_report(r, json_get(e, "sensorMetadata"), m);
}

static void read_error(const struct read *r, const struct json *error, struct epcis_error *out)
{
	if (!error)
		return;
	out->present = true;
	out->declared_at = time_of(error, "declarationTime");
	out->reason = term(r, error, "reason", VOCABULARY_REASON);
	const struct json *ids = json_get(error, "correctiveEventIDs");
	if (!ids)
		return;
	bool list = ids->kind == JSON_ARRAY;
	out->corrective_ids = arena_alloc(r->a, (size_t)(list ? ids->count : 1) * sizeof(struct str));
	for (const struct json *m = list ? ids->child : ids; m; m = list ? m->next : NULL)
		out->corrective_ids[out->corrective_count++] = m->text;
}

void epcis_read(struct arena *a, const struct json *event, const struct epcis_names *names,
	struct epcis_event *out)
{
	struct read r = { a, names };
	const struct json *persistent = json_get(event, "persistentDisposition");
	out->record_time = time_of(event, "recordTime");
	out->event_id = epcis_last(event, "eventID");
	out->biz_step = term(&r, event, "bizStep", VOCABULARY_STEP);
	out->disposition = term(&r, event, "disposition", VOCABULARY_DISPOSITION);
	out->disposition_set = read_terms(&r, json_get(persistent, "set"), &out->disposition_set_count);
	out->disposition_unset = read_terms(&r, json_get(persistent, "unset"),
		&out->disposition_unset_count);
	out->read_point = canonical(&r, json_str(json_get(event, "readPoint"), "id"));
	out->biz_location = canonical(&r, json_str(json_get(event, "bizLocation"), "id"));
	read_objects(&r, event, out);
	out->transactions = read_links(&r, json_get(event, "bizTransactionList"), "bizTransaction",
		VOCABULARY_TRANSACTION, &out->transaction_count);
	out->sources = read_links(&r, json_get(event, "sourceList"), "source", VOCABULARY_PARTY,
		&out->source_count);
	out->destinations = read_links(&r, json_get(event, "destinationList"), "destination",
		VOCABULARY_PARTY, &out->destination_count);
	read_sensors(&r, json_get(event, "sensorElementList"), out);
	read_error(&r, json_get(event, "errorDeclaration"), &out->error);
}

const struct epcis_link *epcis_transaction(const struct epcis_event *e, const char *type)
{
	for (int i = 0; i < e->transaction_count; i++)
		if (str_is(e->transactions[i].type, type))
			return &e->transactions[i];
	return NULL;
}
