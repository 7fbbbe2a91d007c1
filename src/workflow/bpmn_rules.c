/* The rules that a definition must keep beyond being readable: flows, gateways, events, compensation,
 * what a task must say, reachability.
 *
 * Each rule is one function that looks at the whole and notes every breach. They run over files that
 * are wrong in any way, so nothing here may rely on another rule having passed. */
#include "bpmn_int.h"

#include <string.h>

static const struct wf_node *node(const struct reader *r, int i)
{
	return i == WF_NO ? NULL : &r->nodes.at[i];
}

static void node_fault(struct reader *r, int i, const char *what)
{
	bpmn_fault(r, r->node_xml.at[i], ERR_SYNTAX, "%s", what);
}

/* --- flows into and out of nodes ------------------------------------------------------------------ */

static void rule_ends(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i];
		const struct element *row = bpmn_element(r->node_xml.at[i]->name);
		bool undo = n->kind == WF_BOUNDARY && n->event == WF_COMPENSATE;
		if (n->for_compensation || undo) {
			if (n->in_count || n->out_count)
				node_fault(r, i, "it belongs to compensation and is outside the flow. Remove its sequence flows.");
			continue;
		}
		if (n->in_count > row->in_max)
			node_fault(r, i, "no sequence flow may lead into it. Remove the flow.");
		if (n->out_count > row->out_max)
			node_fault(r, i, "no sequence flow may lead out of it. Remove the flow.");
		if (n->in_count < row->in_min)
			node_fault(r, i, "no sequence flow leads into it. Connect it.");
		if (n->out_count < row->out_min)
			node_fault(r, i, "no sequence flow leads out of it. Connect it, or end with an endEvent.");
	}
}

static void rule_flow_scope(struct reader *r)
{
	for (int i = 0; i < r->flows.count; i++) {
		const struct wf_flow *f = &r->flows.at[i];
		const struct wf_node *a = node(r, f->source), *b = node(r, f->target);
		if (!a || !b)
			continue;
		if (a->process != b->process)
			bpmn_fault(r, r->flow_xml.at[f->index], ERR_SYNTAX, "it leads into another process. Use a message.");
		else if (a->scope != b->scope)
			bpmn_fault(r, r->flow_xml.at[f->index], ERR_SYNTAX,
				"it crosses the border of a sub-process. Connect the sub-process itself, or a boundary event.");
		else if (a->scope != f->scope || a->process != f->process)
			bpmn_fault(r, r->flow_xml.at[f->index], ERR_SYNTAX,
				"it is written in another scope than the nodes that it connects. Move it beside them.");
	}
}

static void rule_starts(struct reader *r)
{
	for (int p = 0; p < r->processes.count; p++) {
		const struct wf_process *pr = &r->processes.at[p];
		const struct xml_node *x = bpmn_find(r, pr->id);
		if (!x)
			continue;
		int none = 0;
		for (int s = 0; s < pr->start_count; s++)
			none += r->nodes.at[pr->starts[s]].event == WF_NONE;
		if (!pr->start_count)
			bpmn_fault(r, x, ERR_SYNTAX, "it has no startEvent. Add one.");
		if (none > 1)
			bpmn_fault(r, x, ERR_SYNTAX, "it has %d start events without a trigger; one is the most. Give the others a message or timer.",
				none);
	}
	for (int i = 0; i < r->nodes.count; i++) {
		if (r->nodes.at[i].kind != WF_SUBPROCESS)
			continue;
		int starts = 0, none = 0;
		for (int k = i + 1; k < r->nodes.at[i].after; k++)
			if (r->nodes.at[k].scope == i && r->nodes.at[k].kind == WF_START) {
				starts++;
				none += r->nodes.at[k].event == WF_NONE;
			}
		if (starts != 1 || none != 1)
			node_fault(r, i, "a sub-process needs exactly one startEvent, without a trigger.");
	}
}

/* --- gateways and conditions ---------------------------------------------------------------------- */

static const struct {
	const char *word;
	bool many_in, many_out; /* has more than one */
} directions[] = {
	{ "Converging", true, false },
	{ "Diverging", false, true },
	{ "Mixed", true, true },
};

static void rule_gateway_direction(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i];
		struct str said = xml_attr(r->node_xml.at[i], "gatewayDirection");
		if (!wf_is_gateway(n->kind))
			continue;
		for (size_t k = 0; k < sizeof directions / sizeof *directions; k++)
			if (str_is(said, directions[k].word) &&
				((n->in_count > 1) != directions[k].many_in || (n->out_count > 1) != directions[k].many_out))
				bpmn_fault(r, r->node_xml.at[i], ERR_SYNTAX,
					"gatewayDirection is %s, but %d flows lead in and %d out. Correct one of the two.", directions[k].word,
					n->in_count, n->out_count);
		if (n->in_count < 2 && n->out_count < 2 && n->in_count && n->out_count)
			node_fault(r, i, "a gateway with one flow in and one out decides nothing. Remove it, or add the other flows.");
	}
}

static void rule_conditions(struct reader *r)
{
	for (int i = 0; i < r->flows.count; i++) {
		const struct wf_flow *f = &r->flows.at[i];
		const struct wf_node *from = node(r, f->source);
		const struct xml_node *x = r->flow_xml.at[f->index];
		bool written = false;
		for (const struct xml_node *c = x->child; c; c = c->next)
			written = written || xml_is(c, "conditionExpression");
		if (!from || from->kind == WF_OTHER)
			continue;
		bool choice = from->kind == WF_EXCLUSIVE && from->out_count > 1;
		if (written && from->kind != WF_EXCLUSIVE)
			bpmn_fault(r, x, ERR_UNSUPPORTED, "a condition out of a %s is not run. Put an exclusiveGateway in between.", from->element);
		else if (written && !choice)
			bpmn_fault(r, x, ERR_SYNTAX, "it is the only way on and must not have a condition. Remove it, or add a second flow.");
		else if (written && f->is_default)
			bpmn_fault(r, x, ERR_SYNTAX, "the default flow must not have a condition. Remove it.");
		else if (!written && choice && !f->is_default)
			bpmn_fault(r, x, ERR_SYNTAX, "a flow out of the exclusiveGateway '" STR_FMT
				"' needs a conditionExpression, or to be its default.", STR_ARG(from->id));
	}
}

static void rule_defaults(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		struct wf_node *n = &r->nodes.at[i];
		if (n->default_flow == WF_NO)
			continue;
		struct wf_flow *f = &r->flows.at[n->default_flow];
		if (n->kind != WF_EXCLUSIVE)
			bpmn_fault(r, r->node_xml.at[i], ERR_UNSUPPORTED, "only an exclusiveGateway has a default flow. Put one behind it.");
		else if (f->source != i)
			bpmn_fault(r, r->node_xml.at[i], ERR_SYNTAX, "the default flow '" STR_FMT "' does not lead out of it. Correct default.",
				STR_ARG(f->id));
		else
			f->is_default = true;
	}
}

/* --- boundary events and compensation ------------------------------------------------------------- */

static void rule_boundary(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i], *host = node(r, n->attached_to);
		if (n->kind != WF_BOUNDARY)
			continue;
		if (!host) {
			if (bpmn_find(r, xml_attr(r->node_xml.at[i], "attachedToRef")))
				node_fault(r, i, "attachedToRef does not name a node. Attach it to an activity.");
			continue;
		}
		if (!wf_is_activity(host->kind) && host->kind != WF_OTHER)
			node_fault(r, i, "it is attached to something that is not an activity. Attach it to a task or sub-process.");
		else if (host->scope != n->scope || host->process != n->process)
			node_fault(r, i, "it is attached to an activity of another scope. Move it beside the activity.");
		else if (host->for_compensation)
			node_fault(r, i, "a compensation handler cannot have boundary events. Put them inside a sub-process.");
		for (int k = 0; k < host->boundary_count; k++) {
			const struct wf_node *other = &r->nodes.at[host->boundary[k]];
			if (other->index >= i || other->event != n->event)
				continue;
			if (n->event == WF_COMPENSATE)
				node_fault(r, i, "the activity has a compensation boundary event already. Remove one.");
			else if (n->event == WF_ERROR && str_eq(n->error_code, other->error_code))
				node_fault(r, i, "the activity catches that error already. Remove one, or name another errorRef.");
			else if (n->event == WF_MESSAGE && str_eq(n->work.message, other->work.message))
				node_fault(r, i, "the activity catches that message already. Remove one, or name another messageRef.");
		}
	}
}

static int assoc_end(const struct xml_node *x)
{
	return x && x->ns == XML_NS_BPMN && bpmn_element(x->name) ? x->ref : WF_NO;
}

/* Ties compensation boundary events to their handlers. */
static void rule_handlers(struct reader *r)
{
	struct wf_node *nodes = r->nodes.at;
	for (int i = 0; i < r->assocs.count; i++) {
		int a = assoc_end(r->assocs.at[i].source), b = assoc_end(r->assocs.at[i].target);
		if (a == WF_NO || b == WF_NO)
			continue; /* of a text or a data object */
		if (nodes[b].kind == WF_BOUNDARY) {
			int swap = a;
			a = b;
			b = swap;
		}
		const struct xml_node *x = r->assocs.at[i].xml;
		if (nodes[a].kind != WF_BOUNDARY || nodes[a].event != WF_COMPENSATE)
			continue;
		if (!nodes[b].for_compensation || !wf_is_activity(nodes[b].kind))
			bpmn_fault(r, x, ERR_SYNTAX, "'" STR_FMT "' is not a compensation handler. Set isForCompensation on it.", STR_ARG(nodes[b].id));
		else if (nodes[a].scope != nodes[b].scope || nodes[a].process != nodes[b].process)
			bpmn_fault(r, x, ERR_SYNTAX, "the handler is in another scope. Move it beside the activity.");
		else if (nodes[a].handler != WF_NO || nodes[b].host != WF_NO)
			bpmn_fault(r, x, ERR_SYNTAX, "event or handler is associated already. One handler undoes one activity.");
		else {
			nodes[a].handler = b;
			nodes[b].host = nodes[a].attached_to;
			if (nodes[a].attached_to != WF_NO)
				nodes[nodes[a].attached_to].handler = b;
		}
	}
	for (int i = 0; i < r->nodes.count; i++) {
		if (nodes[i].for_compensation && !wf_is_activity(nodes[i].kind) && nodes[i].kind != WF_OTHER)
			node_fault(r, i, "only an activity can be a compensation handler. Remove isForCompensation.");
		else if (nodes[i].for_compensation && nodes[i].host == WF_NO)
			node_fault(r, i, "no compensation boundary event is associated with this handler. Add the association.");
		if (nodes[i].kind == WF_BOUNDARY && nodes[i].event == WF_COMPENSATE && nodes[i].handler == WF_NO)
			node_fault(r, i, "it has no handler. Add an association to an activity with isForCompensation.");
	}
}

static bool can_be_undone(const struct reader *r, const struct wf_node *n)
{
	bool any = n->handler != WF_NO;
	for (int k = n->index + 1; k < n->after; k++)
		any = any || r->nodes.at[k].handler != WF_NO;
	return any;
}

/* activityRef: an activity of the same scope or of one around it that has something to undo. */
static void rule_compensates(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i], *to = node(r, n->compensates);
		if (!to)
			continue;
		bool visible = to->process == n->process && to->scope == WF_NO;
		for (int s = n->scope; s != WF_NO; s = r->nodes.at[s].scope)
			visible = visible || to->scope == s;
		if (!wf_is_activity(to->kind) || !visible)
			node_fault(r, i, "activityRef must name an activity of this scope or of one around it.");
		else if (!can_be_undone(r, to))
			node_fault(r, i, "activityRef names an activity that has no compensation handler. Add one.");
	}
}

/* --- what a node must say ------------------------------------------------------------------------- */

static bool says_call(const struct wf_work *w)
{
	return w->contract.len && w->call.len;
}

static bool says_effect(const struct wf_work *w)
{
	return w->effect.len && w->party.len;
}

static void rule_work(struct reader *r)
{
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i];
		const struct wf_work *w = &n->work;
		bool catches = n->event == WF_MESSAGE && (n->kind == WF_START || n->kind == WF_CATCH || n->kind == WF_BOUNDARY);
		bool throws = n->event == WF_MESSAGE && (n->kind == WF_THROW || n->kind == WF_END);
		if (!w->contract.len != !w->call.len)
			node_fault(r, i, "wharf:contract and wharf:call belong together. Add the other one.");
		else if (n->kind == WF_SERVICE_TASK && !says_call(w) && !says_effect(w))
			node_fault(r, i, "it does not say what to do. Add wharf:contract and wharf:call, or wharf:effect and wharf:party.");
		else if (n->kind == WF_RULE_TASK && !says_call(w))
			node_fault(r, i, "it does not say which rule. Add wharf:contract and wharf:call.");
		else if (n->kind == WF_SEND_TASK && !says_effect(w))
			node_fault(r, i, "it does not say what is sent to whom. Add wharf:effect and wharf:party.");
		if ((n->kind == WF_RECEIVE_TASK || catches) && !w->message.len)
			node_fault(r, i, "it does not say which message it waits for. Add messageRef or wharf:message.");
		if (throws && !w->message.len && !w->effect.len)
			node_fault(r, i, "it does not say which message it sends. Add messageRef, wharf:message or wharf:effect.");
	}
}

/* --- reachability --------------------------------------------------------------------------------- */

struct walk {
	uint8_t *seen;
	int *todo;
	int count;
};

static void visit(struct walk *w, int n)
{
	if (n == WF_NO || w->seen[n])
		return;
	w->seen[n] = 1;
	w->todo[w->count++] = n;
}

static void walk_forward(const struct reader *r, struct walk *w)
{
	for (int i = 0; i < r->nodes.count; i++)
		if (r->nodes.at[i].kind == WF_START)
			visit(w, i);
	while (w->count) {
		const struct wf_node *n = &r->nodes.at[w->todo[--w->count]];
		for (int k = 0; k < n->out_count; k++)
			visit(w, r->flows.at[n->out[k]].target);
		for (int k = 0; k < n->boundary_count; k++)
			visit(w, n->boundary[k]);
	}
}

static void walk_backward(const struct reader *r, struct walk *w)
{
	for (int i = 0; i < r->nodes.count; i++)
		if (r->nodes.at[i].kind == WF_END)
			visit(w, i);
	while (w->count) {
		const struct wf_node *n = &r->nodes.at[w->todo[--w->count]];
		for (int k = 0; k < n->in_count; k++)
			visit(w, r->flows.at[n->in[k]].source);
		if (n->attached_to != WF_NO)
			visit(w, n->attached_to);
	}
}

/* Only for files that keep the other rules: else one missing flow would be reported at every node behind it. */
static void rule_reach(struct reader *r)
{
	size_t count = (size_t)r->nodes.count;
	struct walk fwd = { arena_zero(&r->tmp, count + 1), arena_alloc(&r->tmp, (count + 1) * sizeof(int)), 0 };
	struct walk bwd = { arena_zero(&r->tmp, count + 1), fwd.todo, 0 };
	walk_forward(r, &fwd);
	walk_backward(r, &bwd);
	for (int i = 0; i < r->nodes.count; i++) {
		const struct wf_node *n = &r->nodes.at[i];
		if (n->for_compensation || (n->kind == WF_BOUNDARY && n->event == WF_COMPENSATE))
			continue;
		if (!fwd.seen[i])
			node_fault(r, i, "it cannot be reached from a startEvent of its scope. Connect or remove it.");
		else if (!bwd.seen[i])
			node_fault(r, i, "no endEvent of its scope can be reached from it. Give the loop a way out.");
	}
}

void bpmn_rules(struct reader *r)
{
	rule_flow_scope(r);
	rule_starts(r);
	rule_ends(r);
	rule_gateway_direction(r);
	rule_defaults(r);
	rule_conditions(r);
	rule_boundary(r);
	rule_handlers(r);
	rule_compensates(r);
	rule_work(r);
	if (!r->faults->total)
		rule_reach(r);
}
