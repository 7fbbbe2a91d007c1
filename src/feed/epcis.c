/* EPCIS documents: the outer form, and the walk over their events.
 *
 * What must remain true: the document is judged before any event; each event is judged, read and
 * hashed alone, with the namespaces of the document and its own. */
#include "epcis_int.h"

#include <string.h>

static const struct {
	const char *name, *sentence;
} rules[EPCIS_RULE_COUNT] = {
#define X(c, name, sentence) [c] = { name, sentence },
	EPCIS_RULE_LIST(X)
#undef X
};

const char *epcis_rule_name(enum epcis_rule rule)
{
	return rule < EPCIS_RULE_COUNT ? rules[rule].name : "";
}

const char *epcis_rule_sentence(enum epcis_rule rule)
{
	return rule < EPCIS_RULE_COUNT ? rules[rule].sentence : "";
}

enum epcis_rule epcis_fault_rule(const struct fault *fault)
{
	struct str rest = str_of(fault->text), name = str_cut(&rest, ':');
	for (int i = 0; i < EPCIS_RULE_COUNT; i++)
		if (str_is(name, rules[i].name))
			return (enum epcis_rule)i;
	return EPCIS_RULE_JSON;
}

static enum err refuse(struct fault *fault, enum epcis_rule rule, const char *path)
{
	return fault_set(fault, ERR_SYNTAX, 0, 0, "%s: %s: %s", rules[rule].name, path,
		rules[rule].sentence);
}

/* "2.0" or "2.0.x" */
static bool version_ok(struct str s)
{
	if (!str_starts(s, "2.0"))
		return false;
	struct str rest = feed_from(s, 3);
	return !rest.len || (rest.len > 1 && rest.ptr[0] == '.' && feed_digits(feed_from(rest, 1)));
}

/* Where the events of a document stand. */
struct body {
	const struct json *events; /* a list, or one event when single */
	bool single;
	struct at path[5];
	const struct at *at; /* of the list, or of the single event; NULL is the root */
};

static const struct json *step(struct body *b, int *depth, const struct json *object, const char *key)
{
	const struct json *v = json_get(object, key);
	b->path[*depth] = (struct at){ *depth ? &b->path[*depth - 1] : NULL, str_of(key), 0 };
	b->at = &b->path[(*depth)++];
	return v;
}

static enum err find_body(const struct json *root, enum epcis_kind kind, struct body *b,
	struct fault *fault)
{
	int depth = 0;
	const struct json *body = step(b, &depth, root, "epcisBody");
	if (kind == EPCIS_QUERY) {
		const struct json *results = step(b, &depth, body, "queryResults");
		body = step(b, &depth, results, "resultsBody");
	}
	const struct json *one = json_get(body, "event");
	if (one && !json_get(body, "eventList")) {
		b->events = step(b, &depth, body, "event");
		b->single = true;
		return ERR_OK;
	}
	b->events = step(b, &depth, body, "eventList");
	if (!b->events || b->events->kind != JSON_ARRAY)
		return refuse(fault, EPCIS_RULE_BODY, kind == EPCIS_QUERY ?
			"$.epcisBody.queryResults.resultsBody.eventList" : "$.epcisBody.eventList");
	return ERR_OK;
}

/* Kind, version and events of a parsed text. */
static enum err find_events(const struct json *root, struct epcis_document *d, struct body *b,
	struct fault *fault)
{
	struct str type = json_str(root, "type");
	enum epcis_type event_type;
	const struct json *context = json_get(root, "@context");
	if (root->kind != JSON_OBJECT || !type.len)
		return refuse(fault, EPCIS_RULE_DOCUMENT, "$.type");
	bool document = str_is(type, "EPCISDocument"), query = str_is(type, "EPCISQueryDocument");
	if (!document && !query && !epcis_type_of(type, &event_type))
		return refuse(fault, EPCIS_RULE_DOCUMENT, "$.type");
	if (!context || context->kind == JSON_NULL)
		return refuse(fault, EPCIS_RULE_CONTEXT, "$.@context");
	if (!document && !query) {
		d->kind = EPCIS_BARE;
		*b = (struct body){ .events = root, .single = true };
		return ERR_OK;
	}
	d->kind = document ? EPCIS_DOCUMENT : EPCIS_QUERY;
	d->schema_version = json_str(root, "schemaVersion");
	if (!version_ok(d->schema_version))
		return refuse(fault, EPCIS_RULE_VERSION, "$.schemaVersion");
	return find_body(root, d->kind, b, fault);
}

/* A document may list, under any prefix, fields that are not part of an event's identity. */
static void find_ignored(struct arena *a, const struct json *root, struct epcis_names *names)
{
	for (const struct json *m = root->child; m; m = m->next) {
		if (m->kind != JSON_ARRAY || !str_ends(m->key, ":ignoreFields"))
			continue;
		for (const struct json *k = m->child; k; k = k->next)
			if (k->kind == JSON_STRING)
				feed_list_add(a, &names->ignored, k->text);
	}
}

static void take_event(struct arena *a, const struct json *event, const struct at *at,
	const struct epcis_options *options, const struct epcis_names *outer, struct epcis_item *item)
{
	struct epcis_names names = epcis_names_copy(outer);
	epcis_names_add(a, &names, json_get(event, "@context"));
	epcis_judge(a, event, at, options, &names, item);
	if (item->no)
		return;
	epcis_read(a, event, &names, &item->event);
	epcis_hash(a, event, &names, options->profile, &item->event);
}

enum err epcis_parse(struct arena *a, struct str text, const struct epcis_options *options,
	struct epcis_document **out, struct fault *fault)
{
	static const struct epcis_options defaults = { EPCIS_CBV20, INSTANT_NONE };
	struct fault inner;
	struct json *root;
	struct body b = { 0 };
	*out = NULL;
	if (!options)
		options = &defaults;
	/* one of the standard's own examples gives eventID twice; it is not part of the identity */
	enum err e = json_parse_twice(a, text, "eventID", &root, &inner);
	if (e)
		return fault_set(fault, e, inner.line, inner.column, "%s: %s",
			rules[EPCIS_RULE_JSON].name, inner.text);
	struct epcis_document *d = arena_zero(a, sizeof(*d));
	e = find_events(root, d, &b, fault);
	if (e)
		return e;
	struct epcis_names names;
	epcis_names_begin(a, &names);
	epcis_names_add(a, &names, json_get(root, "@context"));
	find_ignored(a, root, &names);
	d->count = b.single ? 1 : b.events->count;
	d->items = arena_zero(a, (size_t)d->count * sizeof(*d->items));
	const struct json *event = b.single ? b.events : b.events->child;
	for (int i = 0; i < d->count; i++, event = event->next) {
		struct at at = { b.at, { "", 0 }, i };
		d->items[i].index = i;
		take_event(a, event, b.single ? b.at : &at, options, &names, &d->items[i]);
		d->accepted += !d->items[i].no;
	}
	*out = d;
	return ERR_OK;
}
