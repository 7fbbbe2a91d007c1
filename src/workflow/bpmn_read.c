/* The XML tree to a definition: the table of elements, references, wharf: attributes, diagram.
 *
 * Everything in the BPMN namespace is either read, known to mean nothing for the run (passive), or
 * refused with element, id, line and remedy; nothing is passed over in silence. All faults are
 * collected. Numbers are given in document order. */
#include "bpmn_int.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"

#define EV(e) (1u << (e))
#define NO_EVENT EV(WF_NONE)

static const struct element elements[] = {
	{ "startEvent", WF_START, EV(WF_NONE) | EV(WF_MESSAGE) | EV(WF_TIMER), 0, 0, 1, ANY, NULL },
	{ "endEvent", WF_END,
		EV(WF_NONE) | EV(WF_MESSAGE) | EV(WF_ERROR) | EV(WF_TERMINATE) | EV(WF_COMPENSATE), 1, ANY, 0, 0, NULL },
	{ "intermediateCatchEvent", WF_CATCH, EV(WF_MESSAGE) | EV(WF_TIMER), 1, ANY, 1, ANY, NULL },
	{ "intermediateThrowEvent", WF_THROW, EV(WF_NONE) | EV(WF_MESSAGE) | EV(WF_COMPENSATE), 1, ANY, 1, ANY, NULL },
	{ "boundaryEvent", WF_BOUNDARY, EV(WF_TIMER) | EV(WF_MESSAGE) | EV(WF_ERROR) | EV(WF_COMPENSATE), 0, 0, 1, ANY,
		NULL },
	{ "task", WF_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "userTask", WF_USER_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "serviceTask", WF_SERVICE_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "sendTask", WF_SEND_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "receiveTask", WF_RECEIVE_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "businessRuleTask", WF_RULE_TASK, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "exclusiveGateway", WF_EXCLUSIVE, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "parallelGateway", WF_PARALLEL, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "subProcess", WF_SUBPROCESS, NO_EVENT, 1, ANY, 1, ANY, NULL },
	{ "scriptTask", WF_OTHER, 0, 0, ANY, 0, ANY, "Put the code into a contract and call it from a serviceTask." },
	{ "manualTask", WF_OTHER, 0, 0, ANY, 0, ANY, "Use a userTask: somebody has to say that it is done." },
	{ "callActivity", WF_OTHER, 0, 0, ANY, 0, ANY, "Use an embedded subProcess." },
	{ "transaction", WF_OTHER, 0, 0, ANY, 0, ANY,
		"Use a subProcess with compensation handlers and an error boundary event." },
	{ "adHocSubProcess", WF_OTHER, 0, 0, ANY, 0, ANY, "Use a subProcess with a parallelGateway." },
	{ "inclusiveGateway", WF_OTHER, 0, 0, ANY, 0, ANY, "Use exclusiveGateways and a parallelGateway." },
	{ "complexGateway", WF_OTHER, 0, 0, ANY, 0, ANY, "Use exclusiveGateways and a parallelGateway." },
	{ "eventBasedGateway", WF_OTHER, 0, 0, ANY, 0, ANY,
		"Use a receiveTask with interrupting boundary events for the other cases." },
	{ "implicitThrowEvent", WF_OTHER, 0, 0, ANY, 0, ANY, "Use an intermediateThrowEvent." },
	{ "choreographyTask", WF_OTHER, 0, 0, ANY, 0, ANY, "Only processes are run; model the choreography elsewhere." },
	{ "callChoreography", WF_OTHER, 0, 0, ANY, 0, ANY, "Only processes are run; model the choreography elsewhere." },
	{ "subChoreography", WF_OTHER, 0, 0, ANY, 0, ANY, "Only processes are run; model the choreography elsewhere." },
};

static const struct {
	const char *name;
	enum wf_event event;
	const char *remedy;
} definitions[] = {
	{ "messageEventDefinition", WF_MESSAGE, NULL },
	{ "timerEventDefinition", WF_TIMER, NULL },
	{ "errorEventDefinition", WF_ERROR, NULL },
	{ "terminateEventDefinition", WF_TERMINATE, NULL },
	{ "compensateEventDefinition", WF_COMPENSATE, NULL },
	{ "signalEventDefinition", WF_EVENT_OTHER, "Use a message: it names its receiver." },
	{ "escalationEventDefinition", WF_EVENT_OTHER, "Use an error or a message." },
	{ "conditionalEventDefinition", WF_EVENT_OTHER, "Use a message that is sent when the condition comes true." },
	{ "linkEventDefinition", WF_EVENT_OTHER, "Draw the sequenceFlow." },
	{ "cancelEventDefinition", WF_EVENT_OTHER, "Use an error end event and compensation." },
};

/* Elements that carry no meaning for the run, wherever the schema allows them. */
static const char *const passive[] = {
	"documentation", "extensionElements", "incoming", "outgoing", "textAnnotation", "group", "association", "text",
	"property", "auditing", "monitoring", "category", "categoryValue", "categoryValueRef", "itemDefinition", "import",
	"interface", "operationRef", "operation", "dataStore", "dataState", "signal", "escalation", "partnerRole",
	"partnerEntity", "endPoint", "relationship", "supports", "supportedInterfaceRef", "correlationProperty",
	"rendering", "participantMultiplicity", "sourceRef", "targetRef", "correlationKey", "participantAssociation",
	"messageFlowAssociation", "conversation", "conversationLink", "conversationNode", "interfaceRef",
	"participantRef", "script",
};

/* Elements that would change what happens, if we passed over them. */
static const struct {
	const char *name, *remedy;
} refused[] = {
	{ "multiInstanceLoopCharacteristics", "Draw the repetition with gateways, or one activity per case." },
	{ "standardLoopCharacteristics", "Draw the loop with an exclusiveGateway." },
	{ "ioSpecification", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "ioBinding", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "dataInput", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "dataOutput", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "inputSet", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "outputSet", "Remove it: conditions and contracts read the facts of the deal by name." },
	{ "resourceRole", "Name the role with wharf:role." },
	{ "performer", "Name the role with wharf:role." },
	{ "humanPerformer", "Name the role with wharf:role." },
	{ "potentialOwner", "Name the role with wharf:role." },
	{ "resource", "Name the resource with wharf:resource." },
	{ "eventDefinitionRef", "Put the event definition itself into the event." },
	{ "correlationSubscription", "Messages are correlated by the deal, or by wharf:correlation." },
	{ "choreography", "Only processes are run; model the choreography elsewhere." },
	{ "globalChoreographyTask", "Only processes are run; model the choreography elsewhere." },
	{ "conversationAssociation", "Only processes are run; remove it." },
	{ "globalConversation", "Only processes are run; remove it." },
	{ "callConversation", "Only processes are run; remove it." },
	{ "subConversation", "Only processes are run; remove it." },
	{ "globalTask", "Use the task where it is needed." },
	{ "globalUserTask", "Use a userTask where it is needed." },
	{ "globalManualTask", "Use a userTask where it is needed." },
	{ "globalScriptTask", "Put the code into a contract and call it from a serviceTask." },
	{ "globalBusinessRuleTask", "Use a businessRuleTask where it is needed." },
};

#define COUNT(t) (sizeof(t) / sizeof *(t))

const struct element *bpmn_element(struct str name)
{
	for (size_t i = 0; i < COUNT(elements); i++)
		if (str_is(name, elements[i].name))
			return &elements[i];
	return NULL;
}

static bool is_passive(struct str name)
{
	for (size_t i = 0; i < COUNT(passive); i++)
		if (str_is(name, passive[i]))
			return true;
	return false;
}

void *vec_room(struct arena *a, void *items, int count, int *cap, size_t size)
{
	if (count < *cap)
		return items;
	int more = *cap ? *cap * 2 : 16;
	void *to = arena_zero(a, (size_t)more * size);
	if (count)
		memcpy(to, items, (size_t)count * size);
	*cap = more;
	return to;
}

void wf_faults_add(struct wf_faults *f, const struct fault *fault)
{
	if (f->count < WF_FAULTS_MAX)
		f->list[f->count++] = *fault;
	f->total++;
}

void bpmn_fault(struct reader *r, const struct xml_node *x, enum err code, const char *format, ...)
{
	char what[FAULT_TEXT_MAX];
	va_list ap;
	va_start(ap, format);
	vsnprintf(what, sizeof what, format, ap);
	va_end(ap);
	struct fault f;
	if (x->id.len)
		fault_set(&f, code, x->line, 0, "%s '" STR_FMT "' at line %d: %s", x->name.ptr, STR_ARG(x->id), x->line, what);
	else
		fault_set(&f, code, x->line, 0, "%s at line %d: %s", x->name.ptr, x->line, what);
	wf_faults_add(r->faults, &f);
}

/* --- ids ------------------------------------------------------------------------------------------ */

static bool id_valid(struct str id)
{
	for (size_t i = 0; i < id.len; i++) {
		unsigned char c = (unsigned char)id.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
		bool later = (c >= '0' && c <= '9') || c == '-' || c == '.';
		if (!letter && !(i && later))
			return false;
	}
	return id.len > 0;
}

static int by_id(const void *a, const void *b)
{
	const struct xml_node *x = *(struct xml_node *const *)a, *y = *(struct xml_node *const *)b;
	int c = str_cmp(x->id, y->id);
	return c ? c : (x->line > y->line) - (x->line < y->line);
}

static void collect_ids(struct reader *r, struct xml_node *x)
{
	if (x->ns == XML_NS_OTHER || xml_is(x, "extensionElements"))
		return; /* other people's ids */
	if (xml_attr_get(x, "id")) {
		if (!id_valid(x->id))
			bpmn_fault(r, x, ERR_SYNTAX, "the id is not an XML name. Begin with a letter, then letters, digits, '_', '-', '.'.");
		*VEC_PUSH(&r->tmp, &r->ids) = x;
	}
	for (struct xml_node *c = x->child; c; c = c->next)
		collect_ids(r, c);
}

static void check_ids(struct reader *r)
{
	collect_ids(r, r->root);
	if (r->ids.count)
		qsort(r->ids.at, (size_t)r->ids.count, sizeof *r->ids.at, by_id);
	for (int i = 1; i < r->ids.count; i++)
		if (str_eq(r->ids.at[i]->id, r->ids.at[i - 1]->id))
			bpmn_fault(r, r->ids.at[i], ERR_SYNTAX, "the id is used at line %d already. Give it another.",
				r->ids.at[i - 1]->line);
}

static struct xml_node *find_exact(const struct reader *r, struct str id)
{
	int lo = 0, hi = r->ids.count;
	while (lo < hi) {
		int mid = (lo + hi) / 2;
		if (str_cmp(r->ids.at[mid]->id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->ids.count && str_eq(r->ids.at[lo]->id, id) ? r->ids.at[lo] : NULL;
}

struct xml_node *bpmn_find(const struct reader *r, struct str id)
{
	struct xml_node *x = find_exact(r, id);
	struct str rest = id;
	str_cut(&rest, ':');
	return x || !rest.len ? x : find_exact(r, rest);
}

/* The element of a reference attribute or element text; notes a fault when it is missing or not of the sort. */
static struct xml_node *refer(struct reader *r, const struct xml_node *x, const char *what, struct str id,
	const char *sort)
{
	struct xml_node *to = id.len ? bpmn_find(r, id) : NULL;
	if (!id.len)
		bpmn_fault(r, x, ERR_SYNTAX, "%s is missing. Name the id of the %s.", what, sort ? sort : "element");
	else if (!to)
		bpmn_fault(r, x, ERR_SYNTAX, "%s names '" STR_FMT "', which does not exist. Correct the reference.", what,
			STR_ARG(id));
	else if (sort && !xml_is(to, sort)) {
		bpmn_fault(r, x, ERR_SYNTAX, "%s names '" STR_FMT "', which is a %s, not a %s. Correct the reference.", what,
			STR_ARG(id), to->name.ptr, sort);
		to = NULL;
	}
	return to;
}

/* --- wharf: attributes ---------------------------------------------------------------------------- */

enum attr_sort { ATTR_TEXT, ATTR_DURATION, ATTR_PRIORITY, ATTR_REVERSIBLE };

static const struct {
	const char *name;
	size_t offset;
	enum attr_sort sort;
} work_attrs[] = {
#define ROW(n, s) { #n, offsetof(struct wf_work, n), s }
	ROW(step, ATTR_TEXT), ROW(role, ATTR_TEXT), ROW(contract, ATTR_TEXT), ROW(call, ATTR_TEXT),
	ROW(effect, ATTR_TEXT), ROW(party, ATTR_TEXT), ROW(message, ATTR_TEXT), ROW(correlation, ATTR_TEXT),
	ROW(duration, ATTR_DURATION), ROW(deadline, ATTR_DURATION), ROW(calendar, ATTR_TEXT), ROW(form, ATTR_TEXT),
	ROW(resource, ATTR_TEXT), ROW(priority, ATTR_PRIORITY), ROW(reversible, ATTR_REVERSIBLE),
#undef ROW
};

static bool duration_valid(struct str s)
{
	int64_t end;
	return s.len && s.ptr[0] == 'P' && instant_add_duration(0, s, &end) && end >= 0;
}

static const char *const reversible_words[] = { "", "before", "pivot", "after" };

static void read_work_attr(struct reader *r, const struct xml_node *x, struct wf_work *w, const struct xml_attr *at)
{
	size_t i = 0;
	while (i < COUNT(work_attrs) && !str_is(at->name, work_attrs[i].name))
		i++;
	if (i == COUNT(work_attrs))
		return; /* kept as a pair */
	int64_t n;
	switch (work_attrs[i].sort) {
	case ATTR_DURATION:
		if (!duration_valid(at->value))
			bpmn_fault(r, x, ERR_SYNTAX, "wharf:%s is \"" STR_FMT "\", not an ISO 8601 duration. Write for example PT4H.",
				at->name.ptr, STR_ARG(at->value));
		/* fall through */
	case ATTR_TEXT:
		*(struct str *)(void *)((char *)w + work_attrs[i].offset) = at->value;
		break;
	case ATTR_PRIORITY:
		if (str_to_i64(at->value, &n) && n >= 0 && n <= 1000)
			w->priority = (int)n;
		else
			bpmn_fault(r, x, ERR_SYNTAX, "wharf:priority is \"" STR_FMT "\". Write an integer from 0 to 1000.",
				STR_ARG(at->value));
		break;
	case ATTR_REVERSIBLE:
		for (int k = WF_BEFORE_PIVOT; k <= WF_AFTER_PIVOT; k++)
			if (str_is(at->value, reversible_words[k]))
				w->reversible = (enum wf_reversible)k;
		if (w->reversible == WF_REVERSIBLE_UNSAID)
			bpmn_fault(r, x, ERR_SYNTAX, "wharf:reversible is \"" STR_FMT "\". Write before, pivot or after.",
				STR_ARG(at->value));
		break;
	}
}

/* Every wharf: attribute as a pair. */
static const struct wf_attr *read_attrs(struct reader *r, const struct xml_node *x, int *count)
{
	int n = 0;
	for (const struct xml_attr *at = x->attrs; at; at = at->next)
		n += at->ns == XML_NS_WHARF;
	*count = n;
	struct wf_attr *out = n ? arena_zero(r->a, (size_t)n * sizeof *out) : NULL;
	n = 0;
	for (const struct xml_attr *at = x->attrs; at; at = at->next)
		if (at->ns == XML_NS_WHARF)
			out[n++] = (struct wf_attr){ at->name, at->value };
	return out;
}

static struct wf_work work_empty(void)
{
	struct wf_work w = { .priority = 0 };
	for (size_t i = 0; i < COUNT(work_attrs); i++)
		if (work_attrs[i].sort == ATTR_TEXT || work_attrs[i].sort == ATTR_DURATION)
			*(struct str *)(void *)((char *)&w + work_attrs[i].offset) = STR("");
	return w;
}

/* --- events --------------------------------------------------------------------------------------- */

static const struct feel *compile(struct reader *r, const struct xml_node *x, struct str text, const char *what)
{
	const struct feel *f = NULL;
	struct fault fault;
	if (feel_compile(r->a, text, &f, &fault) != ERR_OK)
		bpmn_fault(r, x, ERR_SYNTAX, "%s: %s", what, fault.text);
	return f;
}

static void read_timer(struct reader *r, const struct xml_node *x, const struct xml_node *def, struct wf_node *n)
{
	int given = 0;
	for (const struct xml_node *c = def->child; c; c = c->next) {
		bool date = xml_is(c, "timeDate"), duration = xml_is(c, "timeDuration");
		if (xml_is(c, "timeCycle")) {
			given++;
			bpmn_fault(r, x, ERR_UNSUPPORTED,
				"a timeCycle repeats, which is not run. Use timeDuration or timeDate and draw the loop.");
		}
		if (!date && !duration)
			continue;
		given++;
		n->timer = date ? WF_TIMER_DATE : WF_TIMER_DURATION;
		n->timer_text = c->text;
		int64_t at;
		if (str_starts(c->text, "="))
			n->timer_expr = compile(r, x, c->text, "the timer");
		else if (date && !instant_parse(c->text, &at))
			bpmn_fault(r, x, ERR_SYNTAX,
				"timeDate is \"" STR_FMT "\". Write a time with its zone, 2026-03-16T16:00:00Z, or =expression.",
				STR_ARG(c->text));
		else if (duration && !duration_valid(c->text))
			bpmn_fault(r, x, ERR_SYNTAX,
				"timeDuration is \"" STR_FMT "\". Write an ISO 8601 duration, PT4H or P3D, or =expression.",
				STR_ARG(c->text));
	}
	if (given != 1)
		bpmn_fault(r, x, ERR_SYNTAX, "a timer needs exactly one of timeDate and timeDuration, and has %d.", given);
}

static void read_message_ref(struct reader *r, const struct xml_node *x, struct str ref, struct wf_node *n)
{
	if (!ref.len)
		return;
	struct xml_node *m = refer(r, x, "messageRef", ref, "message");
	if (!m || m->ref == WF_NO)
		return;
	n->message = m->ref;
	if (!n->work.message.len)
		n->work.message = r->messages.at[m->ref].name;
}

static void read_error_ref(struct reader *r, const struct xml_node *x, struct str ref, struct wf_node *n)
{
	if (!ref.len) {
		if (n->kind == WF_END)
			bpmn_fault(r, x, ERR_SYNTAX, "an error end event must say which error. Add errorRef.");
		return;
	}
	struct xml_node *e = refer(r, x, "errorRef", ref, "error");
	if (!e || e->ref == WF_NO)
		return;
	n->error = e->ref;
	n->error_code = r->errors.at[e->ref].code;
	if (!n->error_code.len)
		bpmn_fault(r, x, ERR_SYNTAX, "the error '" STR_FMT "' has no errorCode. Give it one.", STR_ARG(e->id));
}

static void read_event_definition(struct reader *r, const struct xml_node *x, const struct xml_node *def,
	struct wf_node *n)
{
	switch (n->event) {
	case WF_MESSAGE:
		read_message_ref(r, x, xml_attr(def, "messageRef"), n);
		break;
	case WF_TIMER:
		read_timer(r, x, def, n);
		break;
	case WF_ERROR:
		read_error_ref(r, x, xml_attr(def, "errorRef"), n);
		break;
	case WF_COMPENSATE: {
		struct str ref = xml_attr(def, "activityRef");
		if (str_is(xml_attr(def, "waitForCompletion"), "false"))
			bpmn_fault(r, x, ERR_UNSUPPORTED, "waitForCompletion=\"false\" is not run. Compensation is always waited for.");
		struct xml_node *to = ref.len ? refer(r, x, "activityRef", ref, NULL) : NULL;
		if (to && to->ref != WF_NO && bpmn_element(to->name))
			n->compensates = to->ref;
		break;
	}
	default:
		break;
	}
}

/* Event definitions among the children of an event. Messages and errors are numbered already; other nodes
 * may not be, so this runs after all nodes are. */
static void read_event(struct reader *r, const struct xml_node *x, struct wf_node *n)
{
	int count = 0;
	const struct element *row = bpmn_element(x->name);
	for (const struct xml_node *c = x->child; c; c = c->next)
		for (size_t i = 0; c->ns == XML_NS_BPMN && i < COUNT(definitions); i++) {
			if (!str_is(c->name, definitions[i].name))
				continue;
			if (++count > 1)
				continue;
			n->event = definitions[i].event;
			if (definitions[i].remedy)
				bpmn_fault(r, x, ERR_UNSUPPORTED, "%s is not run. %s", definitions[i].name, definitions[i].remedy);
			else if (!(row->events & EV(n->event)))
				bpmn_fault(r, x, ERR_UNSUPPORTED, "a %s cannot have a %s here. Use another event.", row->name,
					definitions[i].name);
			else
				read_event_definition(r, x, c, n);
		}
	if (count > 1)
		bpmn_fault(r, x, ERR_UNSUPPORTED, "it has %d event definitions; one is the most. Use one event for each.", count);
	if (!count && !(row->events & NO_EVENT))
		bpmn_fault(r, x, ERR_SYNTAX, "it has no event definition. Say what it waits for.");
}

/* --- nodes ---------------------------------------------------------------------------------------- */

static const struct {
	const char *attr, *value, *what, *remedy;
} switches[] = {
	{ "triggeredByEvent", "true", "an event sub-process", "Use a boundary event on a subProcess." },
	{ "cancelActivity", "false", "a non-interrupting boundary event", "Only interrupting ones are run; fork before the activity." },
	{ "isInterrupting", "false", "a non-interrupting start event", "Only interrupting ones are run." },
	{ "parallelMultiple", "true", "a parallel multiple event", "Use one event for each." },
	{ "instantiate", "true", "a receiveTask that starts the process", "Use a message startEvent." },
};

static void check_switches(struct reader *r, const struct xml_node *x)
{
	for (size_t i = 0; i < COUNT(switches); i++) {
		struct str v = xml_attr(x, switches[i].attr);
		bool one = v.len == 1 && v.ptr[0] == (switches[i].value[0] == 't' ? '1' : '0');
		if (str_is(v, switches[i].value) || one)
			bpmn_fault(r, x, ERR_UNSUPPORTED, "%s (%s) is not run. %s", switches[i].what, switches[i].attr,
				switches[i].remedy);
	}
	static const char *const quantities[] = { "startQuantity", "completionQuantity" };
	for (size_t i = 0; i < COUNT(quantities); i++) {
		const struct xml_attr *at = xml_attr_get(x, quantities[i]);
		if (at && !str_is(at->value, "1"))
			bpmn_fault(r, x, ERR_UNSUPPORTED, "%s is \"" STR_FMT "\"; only 1 is run. Remove it.", quantities[i],
				STR_ARG(at->value));
	}
}

/* A child that is neither a node, nor a flow, nor read elsewhere: passive or refused. */
static void check_child(struct reader *r, const struct xml_node *x)
{
	if (x->ns != XML_NS_BPMN) {
		bpmn_fault(r, x, ERR_UNSUPPORTED, "an element of another namespace. Put it into extensionElements.");
		return;
	}
	for (size_t i = 0; i < COUNT(refused); i++)
		if (str_is(x->name, refused[i].name)) {
			const struct xml_node *of = x->parent && x->parent->id.len ? x->parent : x;
			bpmn_fault(r, of, ERR_UNSUPPORTED, "%s (line %d) is not run. %s", x->name.ptr, x->line, refused[i].remedy);
			return;
		}
	if (xml_is(x, "dataInputAssociation") || xml_is(x, "dataOutputAssociation")) {
		for (const struct xml_node *c = x->child; c; c = c->next)
			if (xml_is(c, "assignment") || xml_is(c, "transformation"))
				bpmn_fault(r, x, ERR_UNSUPPORTED, "%s is not run. Let a contract move the data.", c->name.ptr);
		return;
	}
	if (!is_passive(x->name))
		bpmn_fault(r, x, ERR_UNSUPPORTED, "this element is not known here. Remove it.");
}

static void read_node_children(struct reader *r, const struct xml_node *x, struct wf_node *n)
{
	for (struct xml_node *c = x->child; c; c = c->next) {
		if (xml_is(c, "documentation") && !n->documentation.len)
			n->documentation = c->text;
		bool definition = false;
		for (size_t i = 0; i < COUNT(definitions); i++)
			definition = definition || xml_is(c, definitions[i].name);
		if (!definition && n->kind != WF_SUBPROCESS && n->kind != WF_OTHER)
			check_child(r, c);
	}
}

static void read_scope(struct reader *r, struct xml_node *x, int process, int scope);

static void read_node(struct reader *r, struct xml_node *x, const struct element *row, int process, int scope)
{
	if (r->nodes.count >= WF_NODES_MAX) {
		if (r->nodes.count == WF_NODES_MAX && r->faults->total < WF_FAULTS_MAX)
			bpmn_fault(r, x, ERR_LIMIT, "more than %d nodes. Split the process.", WF_NODES_MAX);
		return;
	}
	int index = x->ref = r->nodes.count;
	*VEC_PUSH(&r->tmp, &r->node_xml) = x;
	struct wf_node *n = VEC_PUSH(&r->tmp, &r->nodes);
	*n = (struct wf_node){ .index = index, .kind = row->kind, .process = process, .scope = scope, .after = index + 1,
		.lane = WF_NO, .line = x->line, .id = x->id, .name = xml_attr(x, "name"), .documentation = STR(""),
		.element = row->name, .default_flow = WF_NO, .attached_to = WF_NO, .handler = WF_NO, .host = WF_NO,
		.compensates = WF_NO, .start = WF_NO, .message = WF_NO, .error = WF_NO, .error_code = STR(""),
		.timer_text = STR(""), .work = work_empty() };
	if (!x->id.len)
		bpmn_fault(r, x, ERR_SYNTAX, "it has no id. Give it one: screens and the ledger name it by that.");
	if (row->remedy)
		bpmn_fault(r, x, ERR_UNSUPPORTED, "this element is not run. %s", row->remedy);
	check_switches(r, x);
	struct str comp = xml_attr(x, "isForCompensation");
	n->for_compensation = str_is(comp, "true") || str_is(comp, "1");
	n->attrs = read_attrs(r, x, &n->attr_count);
	for (const struct xml_attr *at = x->attrs; at; at = at->next)
		if (at->ns == XML_NS_WHARF)
			read_work_attr(r, x, &n->work, at);
	read_node_children(r, x, n);
	if (row->kind == WF_SUBPROCESS || (row->kind == WF_OTHER && x->child))
		read_scope(r, x, process, index);
	r->nodes.at[index].after = r->nodes.count; /* n may have moved */
}

static void read_flow(struct reader *r, struct xml_node *x, int process, int scope)
{
	x->ref = r->flows.count;
	*VEC_PUSH(&r->tmp, &r->flow_xml) = x;
	struct wf_flow *f = VEC_PUSH(&r->tmp, &r->flows);
	*f = (struct wf_flow){ .index = x->ref, .process = process, .scope = scope, .line = x->line, .id = x->id,
		.name = xml_attr(x, "name"), .source = WF_NO, .target = WF_NO };
	if (!x->id.len)
		bpmn_fault(r, x, ERR_SYNTAX, "it has no id. Give it one.");
}

static void read_lanes(struct reader *r, struct xml_node *set, int process, int parent)
{
	for (struct xml_node *x = set->child; x; x = x->next) {
		if (!xml_is(x, "lane"))
			continue;
		x->ref = r->lanes.count;
		struct wf_lane *l = VEC_PUSH(&r->tmp, &r->lanes);
		*l = (struct wf_lane){ .index = x->ref, .process = process, .parent = parent, .line = x->line, .id = x->id,
			.name = xml_attr(x, "name") };
		l->party = l->name;
		for (const struct xml_attr *at = x->attrs; at; at = at->next)
			if (at->ns == XML_NS_WHARF && str_is(at->name, "party"))
				l->party = at->value;
		int self = x->ref;
		for (struct xml_node *c = x->child; c; c = c->next)
			if (xml_is(c, "childLaneSet"))
				read_lanes(r, c, process, self);
	}
}

/* The children of a process or sub-process. */
static void read_scope(struct reader *r, struct xml_node *x, int process, int scope)
{
	for (struct xml_node *c = x->child; c; c = c->next) {
		const struct element *row = c->ns == XML_NS_BPMN ? bpmn_element(c->name) : NULL;
		if (row)
			read_node(r, c, row, process, scope);
		else if (xml_is(c, "sequenceFlow"))
			read_flow(r, c, process, scope);
		else if (xml_is(c, "laneSet"))
			read_lanes(r, c, process, WF_NO);
		else if (xml_is(c, "dataObject") || xml_is(c, "dataStoreReference"))
			*VEC_PUSH(&r->tmp, &r->data) = (struct wf_data){ c->id, xml_attr(c, "name"), process, scope, c->line,
				xml_is(c, "dataStoreReference") };
		else if (xml_is(c, "dataObjectReference"))
			refer(r, c, "dataObjectRef", xml_attr(c, "dataObjectRef"), "dataObject");
		else if (xml_is(c, "association"))
			*VEC_PUSH(&r->tmp, &r->assocs) = (struct assoc){ .xml = c };
		else
			check_child(r, c);
	}
}

/* --- the whole file ------------------------------------------------------------------------------- */

static void read_process(struct reader *r, struct xml_node *x)
{
	x->ref = r->processes.count;
	struct wf_process *p = VEC_PUSH(&r->tmp, &r->processes);
	*p = (struct wf_process){ .index = x->ref, .line = x->line, .id = x->id, .name = xml_attr(x, "name"),
		.party = STR(""), .first_node = r->nodes.count, .start_none = WF_NO };
	p->attrs = read_attrs(r, x, &p->attr_count);
	if (!x->id.len)
		bpmn_fault(r, x, ERR_SYNTAX, "it has no id. Give it one.");
	struct str exec = xml_attr(x, "isExecutable");
	if (str_is(exec, "false") || str_is(exec, "0"))
		bpmn_fault(r, x, ERR_UNSUPPORTED, "isExecutable is false. Set it to true when the process is to be run.");
	int index = x->ref;
	read_scope(r, x, index, WF_NO);
	r->processes.at[index].after = r->nodes.count;
}

static void read_collaboration(struct reader *r, struct xml_node *x)
{
	for (struct xml_node *c = x->child; c; c = c->next) {
		if (xml_is(c, "participant")) {
			struct str ref = xml_attr(c, "processRef");
			struct xml_node *p = ref.len ? refer(r, c, "processRef", ref, "process") : NULL;
			if (p && p->ref != WF_NO)
				r->processes.at[p->ref].party = xml_attr(c, "name");
		} else if (xml_is(c, "association")) {
			*VEC_PUSH(&r->tmp, &r->assocs) = (struct assoc){ .xml = c };
		} else if (!xml_is(c, "messageFlow")) {
			check_child(r, c);
		}
	}
}

/* The process that an end of a message flow is in, or WF_NO for a black box. */
int bpmn_process_of(const struct reader *r, const struct xml_node *x)
{
	if (xml_is(x, "participant")) {
		const struct xml_node *p = bpmn_find(r, xml_attr(x, "processRef"));
		return xml_is(p, "process") ? p->ref : WF_NO;
	}
	return x->ref != WF_NO && bpmn_element(x->name) ? r->nodes.at[x->ref].process : WF_NO;
}

/* A message leaves from what throws and arrives at what catches (BPMN 2.0.2, 10.5.1). */
static bool wrong_way(const struct reader *r, const struct xml_node *x, bool source)
{
	if (!x || x->ref == WF_NO || !bpmn_element(x->name))
		return false;
	enum wf_kind k = r->nodes.at[x->ref].kind;
	bool catches = k == WF_START || k == WF_CATCH || k == WF_BOUNDARY || k == WF_RECEIVE_TASK;
	bool throws = k == WF_END || k == WF_THROW || k == WF_SEND_TASK;
	return source ? catches : throws;
}

static void check_message_flows(struct reader *r, const struct xml_node *collab)
{
	for (const struct xml_node *c = collab->child; c; c = c->next) {
		if (!xml_is(c, "messageFlow"))
			continue;
		const struct xml_node *from = refer(r, c, "sourceRef", xml_attr(c, "sourceRef"), NULL);
		const struct xml_node *to = refer(r, c, "targetRef", xml_attr(c, "targetRef"), NULL);
		int a = from ? bpmn_process_of(r, from) : WF_NO, b = to ? bpmn_process_of(r, to) : WF_NO;
		if (a != WF_NO && a == b)
			bpmn_fault(r, c, ERR_SYNTAX, "a message flow within one pool. Draw a sequenceFlow.");
		if (wrong_way(r, from, true))
			bpmn_fault(r, c, ERR_SYNTAX, "sourceRef names a %s, which sends nothing. Turn the message flow round.", from->name.ptr);
		if (wrong_way(r, to, false))
			bpmn_fault(r, c, ERR_SYNTAX, "targetRef names a %s, which receives nothing. Turn the message flow round.", to->name.ptr);
	}
}

static void read_root_element(struct reader *r, struct xml_node *x)
{
	if (xml_is(x, "message")) {
		x->ref = r->messages.count;
		struct str name = xml_attr(x, "name");
		*VEC_PUSH(&r->tmp, &r->messages) = (struct wf_message){ x->id, name.len ? name : x->id, x->line };
	} else if (xml_is(x, "error")) {
		x->ref = r->errors.count;
		*VEC_PUSH(&r->tmp, &r->errors) = (struct wf_error){ x->id, xml_attr(x, "name"), xml_attr(x, "errorCode"), x->line };
	} else if (xml_is(x, "extension")) {
		if (str_is(xml_attr(x, "mustUnderstand"), "true"))
			bpmn_fault(r, x, ERR_UNSUPPORTED, "an extension that must be understood is not. Remove it.");
	} else if (x->ns == XML_NS_BPMN && !xml_is(x, "process") && !xml_is(x, "collaboration")) {
		for (size_t i = 0; i < COUNT(definitions); i++)
			if (str_is(x->name, definitions[i].name))
				return; /* means something only when referred to, and that is refused */
		check_child(r, x);
	}
}

static void read_definitions(struct reader *r)
{
	for (struct xml_node *x = r->root->child; x; x = x->next)
		read_root_element(r, x);
	for (struct xml_node *x = r->root->child; x; x = x->next)
		if (xml_is(x, "process"))
			read_process(r, x);
	for (struct xml_node *x = r->root->child; x; x = x->next)
		if (xml_is(x, "collaboration"))
			read_collaboration(r, x);
	for (struct xml_node *x = r->root->child; x; x = x->next)
		if (xml_is(x, "collaboration"))
			check_message_flows(r, x);
	if (!r->processes.count)
		bpmn_fault(r, r->root, ERR_SYNTAX, "the file has no process. Add one.");
}

/* --- second pass: what refers to nodes ------------------------------------------------------------ */

int bpmn_node_ref(const struct xml_node *x)
{
	return x && x->ns == XML_NS_BPMN && bpmn_element(x->name) ? x->ref : WF_NO;
}

static int flow_end(struct reader *r, const struct xml_node *x, const char *what)
{
	struct xml_node *to = refer(r, x, what, xml_attr(x, what), NULL);
	int node = bpmn_node_ref(to);
	if (to && node == WF_NO)
		bpmn_fault(r, x, ERR_SYNTAX, "%s names a %s, which no sequence flow can reach. Connect nodes of the process.", what,
			to->name.ptr);
	return node;
}

static void connect_flows(struct reader *r)
{
	for (int i = 0; i < r->flows.count; i++) {
		struct wf_flow *f = &r->flows.at[i];
		const struct xml_node *x = r->flow_xml.at[i];
		f->source = flow_end(r, x, "sourceRef");
		f->target = flow_end(r, x, "targetRef");
		for (const struct xml_node *c = x->child; c; c = c->next) {
			if (!xml_is(c, "conditionExpression")) {
				check_child(r, c);
				continue;
			}
			struct str lang = xml_attr(c, "language");
			if (lang.len && !str_is(lang, "feel") && !str_is(lang, "FEEL") && !str_starts(lang, "https://www.omg.org/spec/DMN/") &&
				!str_starts(lang, "http://www.omg.org/spec/DMN/"))
				bpmn_fault(r, x, ERR_UNSUPPORTED, "the condition is written in \"" STR_FMT "\". Write it in FEEL.", STR_ARG(lang));
			else
				f->condition = compile(r, x, c->text, "the condition");
		}
	}
}

static void set_lane(struct reader *r, const struct xml_node *lane, const struct xml_node *ref)
{
	struct xml_node *to = refer(r, lane, "flowNodeRef", ref->text, NULL);
	int node = bpmn_node_ref(to);
	if (to && node == WF_NO)
		bpmn_fault(r, lane, ERR_SYNTAX, "flowNodeRef names a %s, which is not a node. Remove it.", to->name.ptr);
	if (node == WF_NO)
		return;
	int old = r->nodes.at[node].lane, up = r->lanes.at[lane->ref].parent;
	while (up != WF_NO && up != old)
		up = r->lanes.at[up].parent;
	if (old != WF_NO && up == WF_NO)
		bpmn_fault(r, lane, ERR_SYNTAX, "'" STR_FMT "' is in the lane '" STR_FMT "' already. Name it in one lane.",
			STR_ARG(ref->text), STR_ARG(r->lanes.at[old].id));
	if (r->nodes.at[node].process != r->lanes.at[lane->ref].process)
		bpmn_fault(r, lane, ERR_SYNTAX, "'" STR_FMT "' belongs to another process. Remove it.", STR_ARG(ref->text));
	r->nodes.at[node].lane = lane->ref;
}

static void fill_lanes(struct reader *r, const struct xml_node *x)
{
	for (const struct xml_node *c = x->child; c; c = c->next) {
		if (xml_is(c, "lane"))
			for (const struct xml_node *f = c->child; f; f = f->next)
				if (xml_is(f, "flowNodeRef"))
					set_lane(r, c, f);
		if (xml_is(c, "laneSet") || xml_is(c, "lane") || xml_is(c, "childLaneSet") || xml_is(c, "process"))
			fill_lanes(r, c);
	}
}

static void finish_nodes(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		struct wf_node *n = &r->nodes.at[i];
		const struct xml_node *x = r->node_xml.at[i];
		if (wf_is_event(n->kind))
			read_event(r, x, n);
		else
			read_message_ref(r, x, xml_attr(x, "messageRef"), n);
		if (n->kind == WF_BOUNDARY)
			n->attached_to = bpmn_node_ref(refer(r, x, "attachedToRef", xml_attr(x, "attachedToRef"), NULL));
		struct str def = xml_attr(x, "default");
		struct xml_node *flow = def.len ? refer(r, x, "default", def, "sequenceFlow") : NULL;
		if (flow)
			n->default_flow = flow->ref;
		if (n->lane == WF_NO && n->scope != WF_NO)
			n->lane = r->nodes.at[n->scope].lane;
	}
}

static void resolve_assocs(struct reader *r)
{
	for (int i = 0; i < r->assocs.count; i++) {
		struct assoc *as = &r->assocs.at[i];
		as->source = refer(r, as->xml, "sourceRef", xml_attr(as->xml, "sourceRef"), NULL);
		as->target = refer(r, as->xml, "targetRef", xml_attr(as->xml, "targetRef"), NULL);
	}
}

/* incoming and outgoing must say what the flows say. */
static void check_listed_flows(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++)
		for (const struct xml_node *c = r->node_xml.at[i]->child; c; c = c->next) {
			bool in = xml_is(c, "incoming");
			if (!in && !xml_is(c, "outgoing"))
				continue;
			const struct xml_node *x = r->node_xml.at[i];
			struct xml_node *f = refer(r, x, in ? "incoming" : "outgoing", c->text, "sequenceFlow");
			if (f && f->ref != WF_NO && (in ? r->flows.at[f->ref].target : r->flows.at[f->ref].source) != i)
				bpmn_fault(r, x, ERR_SYNTAX, "%s names the flow '" STR_FMT "', which is not connected that way. Correct one of the two.",
					c->name.ptr, STR_ARG(c->text));
		}
}

/* --- the outside ---------------------------------------------------------------------------------- */

static int by_line(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;
	return x->line != y->line ? (x->line > y->line) - (x->line < y->line) : strcmp(x->text, y->text);
}

/* A boundary event or handler that no lane names stands in the lane of its activity. */
static void inherit_lanes(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		struct wf_node *n = &r->nodes.at[i];
		int of = n->attached_to != WF_NO ? n->attached_to : n->host;
		if (of == WF_NO)
			continue;
		int old = n->lane, lane = r->nodes.at[of].lane;
		for (int k = i; lane != old && k < n->after; k++) /* what is inside a handler, too */
			if (r->nodes.at[k].lane == old && old == WF_NO)
				r->nodes.at[k].lane = lane;
	}
}

static void read_all(struct reader *r, bool view)
{
	check_ids(r);
	read_definitions(r);
	connect_flows(r);
	fill_lanes(r, r->root);
	finish_nodes(r);
	resolve_assocs(r);
	check_listed_flows(r);
	bpmn_read_diagram(r, r->root);
	if (view)
		bpmn_drop_loose_flows(r);
	bpmn_link_nodes(r);
	bpmn_link_starts(r);
	bpmn_rules(r);
	inherit_lanes(r);
}

static enum err parse(struct str bytes, bool view, struct wf_def **out, struct wf_faults *faults)
{
	*out = NULL;
	faults->count = faults->total = 0;
	struct arena a = { 0 };
	struct reader r = { .a = &a, .faults = faults };
	struct fault fault;
	bool readable = false;
	if (xml_read(&a, bytes, &r.root, &fault) != ERR_OK) {
		wf_faults_add(faults, &fault);
	} else if (!xml_is(r.root, "definitions")) {
		bpmn_fault(&r, r.root, ERR_SYNTAX, "this is not a BPMN 2.0 file: the outermost element is not definitions.");
	} else {
		readable = true;
		read_all(&r, view);
	}
	if (faults->count)
		qsort(faults->list, (size_t)faults->count, sizeof *faults->list, by_line);
	if (readable && (view || !faults->total)) {
		struct wf_def *d = bpmn_assemble(&r);
		d->arena = a;
		*out = d;
	} else {
		arena_free(&a);
	}
	arena_free(&r.tmp);
	return faults->count ? faults->list[0].code : ERR_OK;
}

enum err wf_def_parse(struct str bytes, struct wf_def **out, struct wf_faults *faults)
{
	return parse(bytes, false, out, faults);
}

enum err wf_def_view(struct str bytes, struct wf_def **out, struct wf_faults *faults)
{
	return parse(bytes, true, out, faults);
}

void wf_def_free(struct wf_def *def)
{
	if (!def)
		return;
	struct arena a = def->arena; /* the structure lives in it */
	arena_free(&a);
}
