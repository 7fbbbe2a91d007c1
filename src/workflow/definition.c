/* Look-ups in a definition and its words for people. */
#include "workflow/definition.h"

#include <stddef.h>

/* One row per kind: what it is called and to which families it belongs. */
static const struct {
	const char *name;
	bool task, activity, event, gateway;
} kinds[WF_KIND_COUNT] = {
	[WF_START] = { "start event", false, false, true, false },
	[WF_END] = { "end event", false, false, true, false },
	[WF_CATCH] = { "catch event", false, false, true, false },
	[WF_THROW] = { "throw event", false, false, true, false },
	[WF_BOUNDARY] = { "boundary event", false, false, true, false },
	[WF_TASK] = { "step", true, true, false, false },
	[WF_USER_TASK] = { "user task", true, true, false, false },
	[WF_SERVICE_TASK] = { "service task", true, true, false, false },
	[WF_SEND_TASK] = { "send task", true, true, false, false },
	[WF_RECEIVE_TASK] = { "receive task", true, true, false, false },
	[WF_RULE_TASK] = { "business rule task", true, true, false, false },
	[WF_EXCLUSIVE] = { "exclusive gateway", false, false, false, true },
	[WF_PARALLEL] = { "parallel gateway", false, false, false, true },
	[WF_SUBPROCESS] = { "sub-process", false, true, false, false },
	[WF_OTHER] = { "element not run here", false, false, false, false },
};

static const char *const events[WF_EVENT_COUNT] = {
	[WF_NONE] = "none", [WF_MESSAGE] = "message", [WF_TIMER] = "timer", [WF_ERROR] = "error",
	[WF_TERMINATE] = "terminate", [WF_COMPENSATE] = "compensation", [WF_EVENT_OTHER] = "other",
};

/* What an event is called, by kind and event; NULL: cannot be. */
static const char *const event_words[WF_BOUNDARY + 1][WF_EVENT_COUNT] = {
	[WF_START] = { [WF_NONE] = "start event", [WF_MESSAGE] = "message start event", [WF_TIMER] = "timer start event" },
	[WF_END] = { [WF_NONE] = "end event", [WF_MESSAGE] = "message end event", [WF_ERROR] = "error end event",
		[WF_TERMINATE] = "terminate end event", [WF_COMPENSATE] = "compensation end event" },
	[WF_CATCH] = { [WF_MESSAGE] = "message catch event", [WF_TIMER] = "timer catch event" },
	[WF_THROW] = { [WF_NONE] = "milestone", [WF_MESSAGE] = "message throw event",
		[WF_COMPENSATE] = "compensation throw event" },
	[WF_BOUNDARY] = { [WF_MESSAGE] = "message boundary event", [WF_TIMER] = "timer boundary event",
		[WF_ERROR] = "error boundary event", [WF_COMPENSATE] = "compensation boundary event" },
};

static bool known(enum wf_kind k)
{
	return (unsigned)k < WF_KIND_COUNT;
}

bool wf_is_task(enum wf_kind k)
{
	return known(k) && kinds[k].task;
}

bool wf_is_activity(enum wf_kind k)
{
	return known(k) && kinds[k].activity;
}

bool wf_is_event(enum wf_kind k)
{
	return known(k) && kinds[k].event;
}

bool wf_is_gateway(enum wf_kind k)
{
	return known(k) && kinds[k].gateway;
}

const char *wf_kind_name(enum wf_kind k)
{
	return known(k) ? kinds[k].name : "?";
}

const char *wf_event_name(enum wf_event e)
{
	return (unsigned)e < WF_EVENT_COUNT ? events[e] : "?";
}

const char *wf_node_what(const struct wf_node *n)
{
	const char *words = n->kind <= WF_BOUNDARY ? event_words[n->kind][n->event] : NULL;
	return words ? words : wf_kind_name(n->kind);
}

const struct wf_node *wf_node_named(const struct wf_def *def, struct str id)
{
	int lo = 0, hi = def->node_count;
	while (lo < hi) {
		int mid = (lo + hi) / 2;
		if (str_cmp(def->nodes[def->by_id[mid]].id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < def->node_count && str_eq(def->nodes[def->by_id[lo]].id, id) ? &def->nodes[def->by_id[lo]] : NULL;
}

const struct wf_process *wf_process_named(const struct wf_def *def, struct str id)
{
	for (int i = 0; i < def->process_count; i++)
		if (str_eq(def->processes[i].id, id))
			return &def->processes[i];
	return NULL;
}

const struct wf_flow *wf_flow_named(const struct wf_def *def, struct str id)
{
	for (int i = 0; i < def->flow_count; i++)
		if (str_eq(def->flows[i].id, id))
			return &def->flows[i];
	return NULL;
}

static struct str attr_named(const struct wf_attr *attrs, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (str_is(attrs[i].name, name))
			return attrs[i].value;
	return STR("");
}

struct str wf_node_attr(const struct wf_node *n, const char *name)
{
	return attr_named(n->attrs, n->attr_count, name);
}

struct str wf_process_attr(const struct wf_process *p, const char *name)
{
	return attr_named(p->attrs, p->attr_count, name);
}

struct str wf_node_label(const struct wf_node *n)
{
	return n->name.len ? n->name : n->id;
}

struct str wf_node_party(const struct wf_def *def, const struct wf_node *n)
{
	return n->lane != WF_NO ? def->lanes[n->lane].party : def->processes[n->process].party;
}
