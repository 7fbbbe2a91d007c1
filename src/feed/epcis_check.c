/* Judging one event by the rules of EPCIS 2.0 and our own.
 *
 * What must remain true: every member of every object is looked up in the table of its place, so a
 * field that no row knows is refused by name; a refusal carries the path; judging changes nothing
 * but the item. All rules of an event are tried, up to EPCIS_REASONS_MAX reasons. */
#include "epcis_int.h"

#include <stdlib.h>
#include <string.h>

enum { FUTURE_MINUTES = 5, SEEN_MAX = 200 };

/* Events as bits, for the column of the table that says where a field may stand. */
enum {
	ON_OBJECT = 1 << EPCIS_OBJECT, ON_AGGREGATION = 1 << EPCIS_AGGREGATION,
	ON_TRANSACTION = 1 << EPCIS_TRANSACTION, ON_TRANSFORMATION = 1 << EPCIS_TRANSFORMATION,
	ON_ASSOCIATION = 1 << EPCIS_ASSOCIATION, ON_EXTENDED = 1 << EPCIS_EXTENDED,
	ON_ALL = (1 << (EPCIS_EXTENDED + 1)) - 1,
	ON_PARENTS = ON_AGGREGATION | ON_ASSOCIATION | ON_EXTENDED,
	ON_ITEMS = ON_OBJECT | ON_TRANSACTION | ON_EXTENDED,
	ON_INOUT = ON_TRANSFORMATION | ON_EXTENDED,
	ON_ACTIONS = ON_ALL & ~ON_TRANSFORMATION
};

struct judge {
	struct arena *a;
	const struct epcis_names *names;
	struct epcis_item *item;
	struct epcis_no **tail;
	int reasons;
};

struct property {
	const char *name;
	int events; /* where it may stand (of top-level fields) */
	void (*check)(struct judge *j, const struct at *at, const struct json *v, int argument);
	int argument; /* vocabulary, or which list */
};

struct str at_text(struct arena *a, const struct at *at)
{
	if (!at)
		return STR("$");
	struct str up = at_text(a, at->up);
	if (at->key.len)
		return feed_cat(a, (struct str[]){ up, STR("."), at->key }, 3);
	return feed_cat(a, (struct str[]){ up, str_of(arena_printf(a, "[%d]", at->index)) }, 2);
}

static void refuse(struct judge *j, enum epcis_rule rule, const struct at *at, struct str seen,
	struct str want)
{
	if (j->reasons++ >= EPCIS_REASONS_MAX)
		return;
	struct epcis_no *no = arena_zero(j->a, sizeof(*no));
	no->rule = rule;
	no->path = at_text(j->a, at);
	no->seen = seen.len > SEEN_MAX ? feed_head(seen, SEEN_MAX) : seen;
	no->want = want;
	*j->tail = no;
	j->tail = &no->next;
}

static struct str seen_of(const struct json *v)
{
	static const char *const kinds[] = { "null", "", "", "", "a list", "an object" };
	if (!v)
		return STR("");
	if (v->kind == JSON_STRING || v->kind == JSON_NUMBER)
		return v->text;
	return v->kind == JSON_BOOL ? str_of(v->boolean ? "true" : "false") : str_of(kinds[v->kind]);
}

static void refuse_member(struct judge *j, enum epcis_rule rule, const struct at *up, const char *name,
	const struct json *v)
{
	struct at at = { up, str_of(name), 0 };
	refuse(j, rule, &at, seen_of(v), STR(""));
}

/* --- forms ------------------------------------------------------------------------------------------- */

/* RFC 3986: scheme, colon, something, and no blank or control character. */
static bool is_uri(struct str s)
{
	size_t colon = 0;
	while (colon < s.len && s.ptr[colon] != ':')
		colon++;
	if (colon == 0 || colon + 1 >= s.len || !(feed_upper(s.ptr[0]) || feed_lower(s.ptr[0])))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool scheme = feed_digit(c) || feed_upper(c) || feed_lower(c) || (c && strchr("+-._", c));
		if ((i < colon && !scheme) || (unsigned char)c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_kind(struct judge *j, const struct at *at, const struct json *v, enum json_kind kind)
{
	static const char *const kinds[] = { "null", "true or false", "a number", "a text", "a list",
		"an object" };
	if (v->kind == kind)
		return true;
	refuse(j, kind == JSON_NUMBER ? EPCIS_RULE_NUMBER : EPCIS_RULE_FORM, at, seen_of(v),
		str_of(kinds[kind]));
	return false;
}

static void check_any(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)j, (void)at, (void)v, (void)unused;
}

static void check_text(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	is_kind(j, at, v, JSON_STRING);
}

static void check_number(struct judge *j, const struct at *at, const struct json *v, int no_negative)
{
	struct str plain;
	if (!is_kind(j, at, v, JSON_NUMBER))
		return;
	if (!feed_number(j->a, v->text, &plain))
		refuse(j, EPCIS_RULE_NUMBER, at, v->text, STR("at most 128 characters when written out"));
	else if (no_negative && plain.ptr[0] == '-')
		refuse(j, EPCIS_RULE_NEGATIVE, at, v->text, STR(""));
}

static void check_bool(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	is_kind(j, at, v, JSON_BOOL);
}

static void check_hex(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (!is_kind(j, at, v, JSON_STRING))
		return;
	for (size_t i = 0; i < v->text.len; i++)
		if (!feed_hex(v->text.ptr[i])) {
			refuse(j, EPCIS_RULE_FORM, at, v->text, STR("hexadecimal digits"));
			return;
		}
}

static void check_time(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	int64_t t;
	(void)unused;
	if (v->kind != JSON_STRING || !instant_parse(v->text, &t))
		refuse(j, EPCIS_RULE_TIME, at, seen_of(v), STR("a date-time with zone"));
}

static void check_uri(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (is_kind(j, at, v, JSON_STRING) && !is_uri(v->text))
		refuse(j, EPCIS_RULE_FORM, at, v->text, STR("a URI"));
}

static void check_uris(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	if (v->kind != JSON_ARRAY) {
		check_uri(j, at, v, unused);
		return;
	}
	int i = 0;
	for (const struct json *m = v->child; m; m = m->next, i++)
		check_uri(j, &(struct at){ at, { "", 0 }, i }, m, unused);
}

/* An identifier of an object, place, party or device: a URI whose check digit holds. */
static void check_id(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (!is_kind(j, at, v, JSON_STRING))
		return;
	if (!is_uri(v->text)) {
		refuse(j, EPCIS_RULE_FORM, at, v->text, STR("a URI"));
		return;
	}
	struct gs1_check c = gs1_canonical(v->text, false).check;
	if (c.verdict != GS1_FAIL)
		c = gs1_check_other_epc(v->text);
	if (c.verdict == GS1_FAIL)
		refuse(j, EPCIS_RULE_CHECK_DIGIT, at, v->text, str_of(str_dup(j->a, str_of(c.expected))));
}

static void check_term(struct judge *j, const struct at *at, const struct json *v, int vocabulary)
{
	if (!is_kind(j, at, v, JSON_STRING))
		return;
	if (!vocabulary_has((enum vocabulary)vocabulary, v->text) && !is_uri(v->text))
		refuse(j, EPCIS_RULE_VOCABULARY, at, v->text, STR("a CBV term or a URI"));
}

static void check_action(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (v->kind != JSON_STRING || epcis_action_of(v->text) == EPCIS_NO_ACTION)
		refuse(j, EPCIS_RULE_ACTION, at, seen_of(v), STR("OBSERVE, ADD or DELETE"));
}

/* --- objects by table ---------------------------------------------------------------------------------- */

static bool has_prefix(struct str key)
{
	const char *colon = memchr(key.ptr, ':', key.len);
	return colon && colon > key.ptr && colon + 1 < key.ptr + key.len;
}

/* Every member: by its row, or an extension with a prefix, or refused. */
static void check_members(struct judge *j, const struct at *at, const struct json *object,
	const struct property *table, int events)
{
	for (const struct json *m = object->child; m; m = m->next) {
		struct at here = { at, m->key, 0 };
		const struct property *p = table;
		while (p->name && !str_is(m->key, p->name))
			p++;
		if (p->name && (p->events & events))
			p->check(j, &here, m, p->argument);
		else if (p->name || !has_prefix(m->key))
			refuse(j, EPCIS_RULE_FIELD, &here, m->key, STR(""));
	}
}

/* A list of objects, each checked by a table. */
static bool check_list(struct judge *j, const struct at *at, const struct json *v,
	const struct property *table, const char *must, enum epcis_rule missing)
{
	if (!is_kind(j, at, v, JSON_ARRAY))
		return false;
	int i = 0;
	for (const struct json *m = v->child; m; m = m->next, i++) {
		struct at here = { at, { "", 0 }, i };
		if (!is_kind(j, &here, m, JSON_OBJECT))
			continue;
		if (!json_get(m, must))
			refuse_member(j, missing, &here, must, NULL);
		check_members(j, &here, m, table, ON_ALL);
	}
	return true;
}

static const struct property quantity_table[] = {
	{ "epcClass", ON_ALL, check_id }, { "quantity", ON_ALL, check_number, 1 },
	{ "uom", ON_ALL, check_text }, { 0 }
};
static const struct property transaction_table[] = {
	{ "type", ON_ALL, check_term, VOCABULARY_TRANSACTION }, { "bizTransaction", ON_ALL, check_id }, { 0 }
};
static const struct property source_table[] = {
	{ "type", ON_ALL, check_term, VOCABULARY_PARTY }, { "source", ON_ALL, check_id }, { 0 }
};
static const struct property destination_table[] = {
	{ "type", ON_ALL, check_term, VOCABULARY_PARTY }, { "destination", ON_ALL, check_id }, { 0 }
};
static const struct property place_table[] = { { "id", ON_ALL, check_id }, { 0 } };

static const struct property metadata_table[] = {
	{ "time", ON_ALL, check_time }, { "startTime", ON_ALL, check_time },
	{ "endTime", ON_ALL, check_time }, { "deviceID", ON_ALL, check_id },
	{ "deviceMetadata", ON_ALL, check_uri }, { "rawData", ON_ALL, check_uri },
	{ "dataProcessingMethod", ON_ALL, check_uri }, { "bizRules", ON_ALL, check_uri }, { 0 }
};
static const struct property report_table[] = {
	{ "type", ON_ALL, check_term, VOCABULARY_MEASUREMENT },
	{ "exception", ON_ALL, check_term, VOCABULARY_EXCEPTION },
	{ "deviceID", ON_ALL, check_id }, { "deviceMetadata", ON_ALL, check_uri },
	{ "rawData", ON_ALL, check_uri }, { "dataProcessingMethod", ON_ALL, check_uri },
	{ "bizRules", ON_ALL, check_uri }, /* in the published examples, though not in the schema */
	{ "time", ON_ALL, check_time }, { "microorganism", ON_ALL, check_uri },
	{ "chemicalSubstance", ON_ALL, check_uri }, { "value", ON_ALL, check_number },
	{ "component", ON_ALL, check_term, VOCABULARY_COMPONENT }, { "stringValue", ON_ALL, check_text },
	{ "booleanValue", ON_ALL, check_bool }, { "hexBinaryValue", ON_ALL, check_hex },
	{ "uriValue", ON_ALL, check_uri }, { "minValue", ON_ALL, check_number },
	{ "maxValue", ON_ALL, check_number }, { "meanValue", ON_ALL, check_number },
	{ "sDev", ON_ALL, check_number }, { "percRank", ON_ALL, check_number },
	{ "percValue", ON_ALL, check_number }, { "uom", ON_ALL, check_text },
	{ "coordinateReferenceSystem", ON_ALL, check_uri }, { 0 }
};

static void check_place(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (!is_kind(j, at, v, JSON_OBJECT))
		return;
	if (!json_get(v, "id"))
		refuse_member(j, EPCIS_RULE_FORM, at, "id", NULL);
	check_members(j, at, v, place_table, ON_ALL);
}

static void check_quantities(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	check_list(j, at, v, quantity_table, "epcClass", EPCIS_RULE_FORM);
}

static void check_transactions(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	check_list(j, at, v, transaction_table, "bizTransaction", EPCIS_RULE_FORM);
}

static void check_sources(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	check_list(j, at, v, source_table, "source", EPCIS_RULE_FORM);
}

static void check_destinations(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	check_list(j, at, v, destination_table, "destination", EPCIS_RULE_FORM);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp((*(const struct json *const *)a)->text, (*(const struct json *const *)b)->text);
}

/* A list of identifiers; the same text twice is refused (the schema's uniqueItems). Two spellings
 * of one object are let through, as the published vectors do; they count as one object. */
static void check_epcs(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	if (!is_kind(j, at, v, JSON_ARRAY) || !v->child)
		return;
	const struct json **sorted = arena_alloc(j->a, (size_t)v->count * sizeof(*sorted));
	size_t texts = 0;
	int i = 0;
	for (const struct json *m = v->child; m; m = m->next, i++) {
		check_id(j, &(struct at){ at, { "", 0 }, i }, m, unused);
		if (m->kind == JSON_STRING)
			sorted[texts++] = m;
	}
	qsort(sorted, texts, sizeof(*sorted), by_text);
	for (size_t k = 1; k < texts; k++)
		if (str_eq(sorted[k - 1]->text, sorted[k]->text) &&
			(k == 1 || !str_eq(sorted[k - 2]->text, sorted[k]->text)))
			refuse(j, EPCIS_RULE_DUPLICATE, at, sorted[k]->text, STR(""));
}

static void check_terms(struct judge *j, const struct at *at, const struct json *v, int vocabulary)
{
	if (!is_kind(j, at, v, JSON_ARRAY))
		return;
	int i = 0;
	for (const struct json *m = v->child; m; m = m->next, i++)
		check_term(j, &(struct at){ at, { "", 0 }, i }, m, vocabulary);
}

static const struct property persistent_table[] = {
	{ "set", ON_ALL, check_terms, VOCABULARY_DISPOSITION },
	{ "unset", ON_ALL, check_terms, VOCABULARY_DISPOSITION }, { 0 }
};

static void check_persistent(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (is_kind(j, at, v, JSON_OBJECT))
		check_members(j, at, v, persistent_table, ON_ALL);
}

static void check_metadata(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (is_kind(j, at, v, JSON_OBJECT))
		check_members(j, at, v, metadata_table, ON_ALL);
}

static void check_reports(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (!is_kind(j, at, v, JSON_ARRAY))
		return;
	if (!v->child)
		refuse(j, EPCIS_RULE_REPORT, at, STR("an empty list"), STR(""));
	int i = 0;
	for (const struct json *m = v->child; m; m = m->next, i++) {
		struct at here = { at, { "", 0 }, i };
		if (!is_kind(j, &here, m, JSON_OBJECT))
			continue;
		if (!json_get(m, "type") && !json_get(m, "exception"))
			refuse_member(j, EPCIS_RULE_FORM, &here, "type", NULL);
		check_members(j, &here, m, report_table, ON_ALL);
	}
}

static const struct property element_table[] = {
	{ "sensorMetadata", ON_ALL, check_metadata }, { "sensorReport", ON_ALL, check_reports }, { 0 }
};

static void check_sensors(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	check_list(j, at, v, element_table, "sensorReport", EPCIS_RULE_REPORT);
}

static const struct property nothing_table[] = { { 0 } };

static void check_ilmd(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (is_kind(j, at, v, JSON_OBJECT))
		check_members(j, at, v, nothing_table, ON_ALL);
}

static const struct property error_table[] = {
	{ "declarationTime", ON_ALL, check_time }, { "reason", ON_ALL, check_term, VOCABULARY_REASON },
	{ "correctiveEventIDs", ON_ALL, check_uris }, { 0 }
};

static void check_error(struct judge *j, const struct at *at, const struct json *v, int unused)
{
	(void)unused;
	if (!is_kind(j, at, v, JSON_OBJECT))
		return;
	if (!json_get(v, "declarationTime"))
		refuse_member(j, EPCIS_RULE_TIME, at, "declarationTime", NULL);
	check_members(j, at, v, error_table, ON_ALL);
}

/* --- the event ----------------------------------------------------------------------------------------- */

/* type, eventTime and eventTimeZoneOffset are judged by hand, see judge_frame. */
static const struct property event_table[] = {
	{ "@context", ON_ALL, check_any }, { "type", ON_ALL, check_any },
	{ "eventTime", ON_ALL, check_any }, { "eventTimeZoneOffset", ON_ALL, check_any },
	{ "recordTime", ON_ALL, check_time }, { "eventID", ON_ALL, check_text },
	{ "errorDeclaration", ON_ALL, check_error }, { "certificationInfo", ON_ALL, check_uris },
	{ "epcList", ON_ITEMS, check_epcs }, { "quantityList", ON_ITEMS, check_quantities },
	{ "parentID", ON_PARENTS | ON_TRANSACTION, check_id }, { "childEPCs", ON_PARENTS, check_epcs },
	{ "childQuantityList", ON_PARENTS, check_quantities },
	{ "inputEPCList", ON_INOUT, check_epcs }, { "inputQuantityList", ON_INOUT, check_quantities },
	{ "outputEPCList", ON_INOUT, check_epcs }, { "outputQuantityList", ON_INOUT, check_quantities },
	{ "transformationID", ON_INOUT, check_id }, { "action", ON_ACTIONS, check_action },
	{ "bizStep", ON_ALL, check_term, VOCABULARY_STEP },
	{ "disposition", ON_ALL, check_term, VOCABULARY_DISPOSITION },
	{ "persistentDisposition", ON_ALL, check_persistent },
	{ "readPoint", ON_ALL, check_place }, { "bizLocation", ON_ALL, check_place },
	{ "bizTransactionList", ON_ALL, check_transactions }, { "sourceList", ON_ALL, check_sources },
	{ "destinationList", ON_ALL, check_destinations }, { "sensorElementList", ON_ALL, check_sensors },
	{ "ilmd", ON_OBJECT | ON_INOUT, check_ilmd }, { 0 }
};

bool epcis_type_of(struct str text, enum epcis_type *out)
{
	static const char *const names[] = { "ObjectEvent", "AggregationEvent", "TransactionEvent",
		"TransformationEvent", "AssociationEvent" };
	for (int i = 0; i < EPCIS_EXTENDED; i++)
		if (str_is(text, names[i])) {
			*out = (enum epcis_type)i;
			return true;
		}
	*out = EPCIS_EXTENDED;
	return is_uri(text);
}

static const char *const action_names[] = { "", "OBSERVE", "ADD", "DELETE" };

const char *epcis_action_name(enum epcis_action action)
{
	return action_names[action];
}

enum epcis_action epcis_action_of(struct str text)
{
	for (int i = EPCIS_OBSERVE; i <= EPCIS_DELETE; i++)
		if (str_is(text, action_names[i]))
			return (enum epcis_action)i;
	return EPCIS_NO_ACTION;
}

/* "+hh:mm", at most 14:00. */
static bool offset_of(struct str s, int *minutes)
{
	if (s.len != 6 || (s.ptr[0] != '+' && s.ptr[0] != '-') || s.ptr[3] != ':' ||
		!feed_digits((struct str){ s.ptr + 1, 2 }) || !feed_digits((struct str){ s.ptr + 4, 2 }))
		return false;
	int h = (s.ptr[1] - '0') * 10 + (s.ptr[2] - '0'), m = (s.ptr[4] - '0') * 10 + (s.ptr[5] - '0');
	if (m > 59 || h * 60 + m > 14 * 60)
		return false;
	*minutes = (h * 60 + m) * (s.ptr[0] == '-' ? -1 : 1);
	return true;
}

static void judge_frame(struct judge *j, const struct json *event, const struct at *at, int64_t now)
{
	struct epcis_event *e = &j->item->event;
	const struct json *type = json_get(event, "type"), *time = json_get(event, "eventTime");
	const struct json *offset = json_get(event, "eventTimeZoneOffset");
	if (!type || type->kind != JSON_STRING || !epcis_type_of(type->text, &e->type))
		refuse_member(j, EPCIS_RULE_EVENT_TYPE, at, "type", type);
	e->type_text = json_str(event, "type");
	e->event_time = INSTANT_NONE;
	if (!time || time->kind != JSON_STRING || !instant_parse(time->text, &e->event_time))
		refuse_member(j, EPCIS_RULE_EVENT_TIME, at, "eventTime", time);
	else if (now != INSTANT_NONE && e->event_time - FUTURE_MINUTES * INSTANT_MINUTE > now)
		refuse_member(j, EPCIS_RULE_FUTURE, at, "eventTime", time);
	if (!offset || offset->kind != JSON_STRING || !offset_of(offset->text, &e->offset_minutes))
		refuse_member(j, EPCIS_RULE_OFFSET, at, "eventTimeZoneOffset", offset);
	e->action = epcis_action_of(json_str(event, "action"));
}

static bool any_of(const struct json *event, const char *const *names)
{
	for (; *names; names++)
		if (json_get(event, *names))
			return true;
	return false;
}

/* What an event of its type must name. */
static void judge_subject(struct judge *j, const struct json *event, const struct at *at)
{
	static const char *const objects[] = { "epcList", "quantityList", "sensorElementList", NULL };
	static const char *const children[] = { "childEPCs", "childQuantityList", NULL };
	static const char *const items[] = { "epcList", "quantityList", "parentID", NULL };
	static const char *const inouts[] = { "inputEPCList", "inputQuantityList", "outputEPCList",
		"outputQuantityList", NULL };
	static const char *const *const needed[] = { objects, children, items, inouts, children };
	const struct epcis_event *e = &j->item->event;
	if (e->type == EPCIS_EXTENDED)
		return;
	if (e->type != EPCIS_TRANSFORMATION && !json_get(event, "action"))
		refuse_member(j, EPCIS_RULE_ACTION, at, "action", NULL);
	bool parents = e->type == EPCIS_AGGREGATION || e->type == EPCIS_ASSOCIATION;
	/* taking everything off a parent, and a reading of a parent, name no child */
	bool excused = e->action == EPCIS_DELETE && (parents || e->type == EPCIS_TRANSACTION);
	excused |= parents && e->action == EPCIS_OBSERVE && json_get(event, "parentID") &&
		json_get(event, "sensorElementList");
	if (!any_of(event, needed[e->type]) && !excused)
		refuse_member(j, EPCIS_RULE_IDENTIFIERS, at, needed[e->type][0], NULL);
	bool moves = e->action == EPCIS_ADD || e->action == EPCIS_DELETE;
	if (!json_get(event, "parentID") && (e->type == EPCIS_ASSOCIATION || (parents && moves)))
		refuse_member(j, EPCIS_RULE_PARENT, at, "parentID", NULL);
	const struct json *transactions = json_get(event, "bizTransactionList");
	if (e->type == EPCIS_TRANSACTION && (!transactions || transactions->count == 0))
		refuse_member(j, EPCIS_RULE_TRANSACTION, at, "bizTransactionList", transactions);
}

void epcis_judge(struct arena *a, const struct json *event, const struct at *at,
	const struct epcis_options *options, const struct epcis_names *names, struct epcis_item *item)
{
	struct judge j = { .a = a, .names = names, .item = item, .tail = &item->no };
	if (event->kind != JSON_OBJECT) {
		refuse(&j, EPCIS_RULE_EVENT, at, seen_of(event), STR("an object"));
		return;
	}
	judge_frame(&j, event, at, options->now);
	judge_subject(&j, event, at);
	check_members(&j, at, event, event_table, 1 << item->event.type);
}
