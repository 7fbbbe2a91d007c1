/* The second half of reading: the diagram's coordinates, the lists that link nodes, and the definition made
 * of it all. Nothing is judged here; what does not resolve is left as WF_NO. */
#include "bpmn_int.h"

#include <stdlib.h>

#include "base/dec.h"

/* --- diagram -------------------------------------------------------------------------------------- */

/* A coordinate, rounded; 0 for what is not a number. */
static int coordinate(struct str text)
{
	struct dec d;
	int64_t n;
	if (!dec_parse(str_trim(text), &d) || !dec_to_scaled(d, 0, &n) || n < -1000000 || n > 1000000)
		return 0;
	return (int)n;
}

static void read_shape(struct reader *r, const struct xml_node *x)
{
	const struct xml_node *of = bpmn_find(r, xml_attr(x, "bpmnElement"));
	struct wf_rect box = { .known = false };
	for (const struct xml_node *c = x->child; c; c = c->next)
		if (c->ns == XML_NS_DC && str_is(c->name, "Bounds"))
			box = (struct wf_rect){ coordinate(xml_attr(c, "x")), coordinate(xml_attr(c, "y")), coordinate(xml_attr(c, "width")),
				coordinate(xml_attr(c, "height")), true };
	if (!of || !box.known)
		return;
	int node = bpmn_node_ref(of);
	if (node != WF_NO && !r->nodes.at[node].box.known) {
		r->nodes.at[node].box = box;
		r->nodes.at[node].expanded = str_is(xml_attr(x, "isExpanded"), "true");
	} else if (xml_is(of, "lane") && of->ref != WF_NO) {
		r->lanes.at[of->ref].box = box;
	} else if (xml_is(of, "participant")) {
		int p = bpmn_process_of(r, of);
		if (p != WF_NO)
			r->processes.at[p].box = box;
	}
}

static void read_edge(struct reader *r, const struct xml_node *x)
{
	const struct xml_node *of = bpmn_find(r, xml_attr(x, "bpmnElement"));
	if (!xml_is(of, "sequenceFlow") || of->ref == WF_NO || r->flows.at[of->ref].point_count)
		return;
	int count = 0;
	for (const struct xml_node *c = x->child; c; c = c->next)
		count += c->ns == XML_NS_DI && str_is(c->name, "waypoint");
	struct wf_point *points = count ? arena_alloc(r->a, (size_t)count * sizeof *points) : NULL;
	count = 0;
	for (const struct xml_node *c = x->child; c; c = c->next)
		if (c->ns == XML_NS_DI && str_is(c->name, "waypoint"))
			points[count++] = (struct wf_point){ coordinate(xml_attr(c, "x")), coordinate(xml_attr(c, "y")) };
	r->flows.at[of->ref].points = points;
	r->flows.at[of->ref].point_count = count;
}

void bpmn_read_diagram(struct reader *r, const struct xml_node *x)
{
	for (const struct xml_node *c = x->child; c; c = c->next) {
		if (c->ns != XML_NS_BPMNDI)
			continue;
		if (str_is(c->name, "BPMNShape"))
			read_shape(r, c);
		else if (str_is(c->name, "BPMNEdge"))
			read_edge(r, c);
		else
			bpmn_read_diagram(r, c);
	}
}

/* --- assembling ----------------------------------------------------------------------------------- */

/* In a definition for drawing, flows without two ends are left out. */
void bpmn_drop_loose_flows(struct reader *r)
{
	int kept = 0;
	for (int i = 0; i < r->flows.count; i++) {
		struct wf_flow f = r->flows.at[i];
		if (f.source == WF_NO || f.target == WF_NO)
			continue;
		f.index = kept;
		r->flow_xml.at[kept] = r->flow_xml.at[i];
		r->flows.at[kept++] = f;
	}
	r->flows.count = kept;
	for (int i = 0; i < r->nodes.count; i++)
		r->nodes.at[i].default_flow = WF_NO;
}

/* Flows in and out of each node and boundary events of each activity, each list in document order. */
void bpmn_link_nodes(struct reader *r)
{
	struct wf_node *n = r->nodes.at;
	for (int i = 0; i < r->flows.count; i++) {
		const struct wf_flow *f = &r->flows.at[i];
		if (f->source != WF_NO)
			n[f->source].out_count++;
		if (f->target != WF_NO)
			n[f->target].in_count++;
	}
	for (int i = 0; i < r->nodes.count; i++)
		if (n[i].attached_to != WF_NO)
			n[n[i].attached_to].boundary_count++;
	for (int i = 0; i < r->nodes.count; i++) {
		int *list = arena_alloc(r->a, (size_t)(n[i].in_count + n[i].out_count + n[i].boundary_count + 1) * sizeof *list);
		n[i].in = list;
		n[i].out = list + n[i].in_count;
		n[i].boundary = list + n[i].in_count + n[i].out_count;
		n[i].in_count = n[i].out_count = n[i].boundary_count = 0;
	}
	for (int i = 0; i < r->flows.count; i++) {
		const struct wf_flow *f = &r->flows.at[i];
		if (f->source != WF_NO)
			((int *)n[f->source].out)[n[f->source].out_count++] = i;
		if (f->target != WF_NO)
			((int *)n[f->target].in)[n[f->target].in_count++] = i;
	}
	for (int pass = 0; pass < 2; pass++) /* compensation last */
		for (int i = 0; i < r->nodes.count; i++)
			if (n[i].attached_to != WF_NO && (n[i].event == WF_COMPENSATE) == (pass == 1)) {
				struct wf_node *host = &n[n[i].attached_to];
				((int *)host->boundary)[host->boundary_count++] = i;
			}
}

void bpmn_link_starts(struct reader *r)
{
	for (int p = 0; p < r->processes.count; p++) {
		struct wf_process *pr = &r->processes.at[p];
		int *list = arena_alloc(r->a, (size_t)(pr->after - pr->first_node + 1) * sizeof *list);
		pr->starts = list;
		for (int i = pr->first_node; i < pr->after; i++) {
			const struct wf_node *n = &r->nodes.at[i];
			if (n->kind != WF_START)
				continue;
			if (n->scope != WF_NO) {
				r->nodes.at[n->scope].start = i;
				continue;
			}
			list[pr->start_count++] = i;
			if (n->event == WF_NONE)
				pr->start_none = i;
		}
	}
}

struct keyed {
	struct str id;
	int index;
};

static int by_node_id(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int c = str_cmp(x->id, y->id);
	return c ? c : x->index - y->index;
}

/* Node numbers in order of id. */
static const int *sort_nodes(struct reader *r)
{
	size_t count = (size_t)r->nodes.count;
	struct keyed *keys = arena_alloc(&r->tmp, (count + 1) * sizeof *keys);
	for (size_t i = 0; i < count; i++)
		keys[i] = (struct keyed){ r->nodes.at[i].id, (int)i };
	qsort(keys, count, sizeof *keys, by_node_id);
	int *order = arena_alloc(r->a, (count + 1) * sizeof *order);
	for (size_t i = 0; i < count; i++)
		order[i] = keys[i].index;
	return order;
}

static void *copy_out(struct reader *r, const void *items, int count, size_t size)
{
	return count ? arena_copy(r->a, items, (size_t)count * size) : NULL;
}

struct wf_def *bpmn_assemble(struct reader *r)
{
	struct wf_def *d = arena_zero(r->a, sizeof *d);
#define TAKE(to, to_count, v) \
	d->to = copy_out(r, r->v.at, r->v.count, sizeof *r->v.at), d->to_count = r->v.count
	TAKE(processes, process_count, processes);
	TAKE(nodes, node_count, nodes);
	TAKE(flows, flow_count, flows);
	TAKE(lanes, lane_count, lanes);
	TAKE(data, data_count, data);
	TAKE(messages, message_count, messages);
	TAKE(errors, error_count, errors);
#undef TAKE
	d->id = r->root->id;
	d->name = xml_attr(r->root, "name");
	d->target_namespace = xml_attr(r->root, "targetNamespace");
	d->has_diagram = d->node_count > 0;
	for (int i = 0; i < d->node_count; i++)
		d->has_diagram = d->has_diagram && d->nodes[i].box.known;
	d->by_id = sort_nodes(r);
	return d;
}
