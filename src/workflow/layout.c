/* The drawing of a process: which nodes, how large, what hangs on them; and the result for the screens.
 *
 * A scope is drawn as a graph of its own; an open sub-process is a vertex as large as the drawing in it.
 * Boundary events sit on the lower border of their activity, the compensation handler stands under it. */
#include "layout_int.h"

#include <utf8proc.h>

enum { NAME_MAX_DEFAULT = 18, BOX_MIN = 11, BOX_ROWS = 3, HANDLER_PORT = 4 };
#define SIZE_MAX_PICTURE 1000000

struct layout_options layout_whole(int process, enum layout_detail detail)
{
	return (struct layout_options){ .process = process, .detail = detail, .focus = WF_NO };
}

int layout_name_width(struct str name, int max)
{
	int width = 0;
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)name.ptr;
	for (utf8proc_ssize_t left = (utf8proc_ssize_t)name.len; left > 0;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
		width += n > 0 ? utf8proc_charwidth(c) : 1;
		at += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
	}
	return width < max ? width : max;
}

/* --- which nodes ---------------------------------------------------------------------------------- */

/* Is it drawn with its host and not as a vertex of its own? */
static bool hangs(const struct wf_node *n)
{
	return (n->kind == WF_BOUNDARY && n->attached_to != WF_NO) || (n->for_compensation && n->host != WF_NO);
}

int layout_shown(const struct wf_def *def, int n, int scope)
{
	while (n != WF_NO && def->nodes[n].scope != scope)
		n = def->nodes[n].scope;
	return n;
}

/* The vertex that a node of the top scope is part of. */
static int carrier(const struct wf_def *def, int n)
{
	const struct wf_node *node = &def->nodes[n];
	if (node->kind == WF_BOUNDARY && node->attached_to != WF_NO)
		return node->attached_to;
	return node->for_compensation && node->host != WF_NO ? node->host : n;
}

const uint8_t *layout_visible(struct arena *a, const struct wf_def *def, const struct layout_options *o)
{
	size_t count = (size_t)def->node_count;
	uint8_t *seen = arena_zero(a, count + 1);
	int focus = o->focus == WF_NO ? WF_NO : layout_shown(def, o->focus, WF_NO);
	for (size_t i = 0; focus == WF_NO && i < count; i++)
		seen[i] = 1;
	if (focus == WF_NO)
		return seen;
	seen[carrier(def, focus)] = 1;
	for (int hop = 0; hop < o->hops; hop++) {
		uint8_t *next = arena_copy(a, seen, count + 1);
		for (int i = 0; i < def->flow_count; i++) {
			const struct wf_flow *f = &def->flows[i];
			if (f->scope != WF_NO)
				continue;
			int u = carrier(def, f->source), v = carrier(def, f->target);
			if (seen[u] || seen[v])
				next[u] = next[v] = 1;
		}
		seen = next;
	}
	return seen;
}

/* Nodes that are hidden behind (or before) one that is drawn. */
static int hidden_beyond(struct graph *g, int from, bool forward, const uint8_t *visible)
{
	uint8_t *seen = arena_zero(g->a, (size_t)g->def->node_count + 1);
	int *todo = arena_alloc(g->a, (size_t)(g->def->node_count + 1) * sizeof *todo), count = 0, found = 0;
	todo[count++] = from;
	seen[from] = 1;
	while (count) {
		int at = todo[--count];
		for (int i = 0; i < g->def->flow_count; i++) {
			const struct wf_flow *f = &g->def->flows[i];
			if (f->scope != WF_NO || carrier(g->def, forward ? f->source : f->target) != at)
				continue;
			int to = carrier(g->def, forward ? f->target : f->source);
			if (visible[to] || seen[to])
				continue;
			seen[to] = 1;
			found++;
			todo[count++] = to;
		}
	}
	return found;
}

/* --- vertices ------------------------------------------------------------------------------------- */

static int name_max(const struct layout_options *o)
{
	return o->name_max > 0 ? o->name_max : NAME_MAX_DEFAULT;
}

static bool is_open(const struct graph *g, const struct wf_node *n)
{
	return n->kind == WF_SUBPROCESS && g->o->open && g->o->open[n->index] && n->after > n->index + 1;
}

static int box_width(const struct graph *g, const struct wf_node *n)
{
	int w = layout_name_width(wf_node_label(n), name_max(g->o)) + (g->o->detail == LAYOUT_BOXES ? 4 : 2);
	return g->o->detail == LAYOUT_BOXES && w < BOX_MIN ? BOX_MIN : w;
}

static bool is_small(const struct wf_node *n)
{
	return wf_is_event(n->kind) || wf_is_gateway(n->kind);
}

/* Which exit a boundary event is of its activity, in document order from the left. */
static int exit_of(const struct wf_def *def, const struct wf_node *host, int boundary)
{
	int k = 0;
	for (int i = 0; i < host->boundary_count; i++) {
		const struct wf_node *b = &def->nodes[host->boundary[i]];
		if (b->index == boundary)
			return k;
		k += b->out_count > 0;
	}
	return WF_NO;
}

static void size_vertex(struct graph *g, struct vertex *v, const struct wf_node *n)
{
	bool boxes = g->o->detail == LAYOUT_BOXES;
	if (is_open(g, n)) {
		v->what = LAYOUT_FRAME;
		v->inside = layout_scope(g->a, g->def, g->o, n->index);
		v->box_w = v->inside->width + 4;
		v->box_h = v->inside->height + 2;
		v->above = 1;
		for (int i = 0; i < v->inside->node_count; i++)
			if (v->inside->nodes[i].node == n->start)
				v->above = 1 + v->inside->nodes[i].line_y;
	} else {
		v->what = n->kind == WF_SUBPROCESS ? LAYOUT_FOLDED : LAYOUT_NODE;
		v->hidden = n->after - n->index - 1;
		v->box_w = is_small(n) ? 1 : box_width(g, n);
		v->box_h = boxes && !is_small(n) ? BOX_ROWS : 1;
		v->above = v->box_h / 2;
	}
	for (int i = 0; i < n->boundary_count; i++)
		v->exits += g->def->nodes[n->boundary[i]].out_count > 0;
	v->handler = n->handler;
	int least = boxes || v->inside ? 3 + 2 * v->exits + (v->handler != WF_NO ? 4 : 0) : 3; /* room for the ports */
	if (v->exits && v->box_w < least)
		v->box_w = least;
	v->w = v->box_w;
	v->below = v->box_h - 1 - v->above + v->exits;
	if (v->handler != WF_NO) {
		int w = box_width(g, &g->def->nodes[v->handler]) + (boxes ? 0 : 2);
		v->w = w > v->w ? w : v->w;
		v->below += boxes ? BOX_ROWS + !v->exits : 1;
	}
}

/* Where the eye knows the node to be: the earlier drawing, else the diagram, else the document. */
static int64_t seed_of(const struct graph *g, const struct wf_node *n)
{
	const struct layout *old = g->o->previous;
	for (int i = 0; old && i < old->node_count; i++)
		if (old->nodes[i].node == n->index && old->nodes[i].what != LAYOUT_MORE)
			return ((int64_t)old->nodes[i].line_y << 32) + n->index;
	int64_t y = n->box.known && g->def->has_diagram ? n->box.y + n->box.h / 2 : 0;
	return (y << 32) + n->index;
}

static int add_vertex(struct graph *g, const struct wf_node *n)
{
	int i = g->vs.count;
	struct vertex v = { .node = n->index, .handler = WF_NO, .start = n->kind == WF_START, .seed = seed_of(g, n),
		.lane = layout_lane_of(g, n->index) };
	size_vertex(g, &v, n);
	*VEC_PUSH(g->a, &g->vs) = v;
	return i;
}

static int add_more(struct graph *g, int at, bool forward, int hidden)
{
	const struct vertex *of = &g->vs.at[at];
	struct vertex v = { .node = of->node, .what = LAYOUT_MORE, .forward = forward, .hidden = hidden, .handler = WF_NO,
		.box_w = hidden < 10 ? 2 : hidden < 100 ? 3 : 5, .box_h = 1, .lane = of->lane, .seed = of->seed };
	v.w = v.box_w;
	*VEC_PUSH(g->a, &g->vs) = v;
	return g->vs.count - 1;
}

static void add_wire(struct graph *g, enum layout_edge_kind kind, int flow, int from, int to, int u, int v, int exit)
{
	*VEC_PUSH(g->a, &g->ws) = (struct wire){ .kind = kind, .flow = flow, .from = from, .to = to, .u = u, .v = v, .exit = exit };
}

static void add_wires(struct graph *g)
{
	for (int i = 0; i < g->def->flow_count; i++) {
		const struct wf_flow *f = &g->def->flows[i];
		if (f->process != g->o->process || f->scope != g->scope)
			continue;
		int s = carrier(g->def, f->source), t = carrier(g->def, f->target);
		int u = g->vertex_of[s], v = g->vertex_of[t];
		if (u != WF_NO && v != WF_NO)
			add_wire(g, LAYOUT_FLOW, i, f->source, f->target, u, v,
				s != f->source ? exit_of(g->def, &g->def->nodes[s], f->source) : WF_NO);
	}
}

static void add_stubs(struct graph *g, const uint8_t *visible)
{
	int drawn = g->vs.count;
	for (int i = 0; i < drawn; i++) {
		int node = g->vs.at[i].node;
		int after = hidden_beyond(g, node, true, visible), ahead = hidden_beyond(g, node, false, visible);
		if (after)
			add_wire(g, LAYOUT_STUB, WF_NO, node, node, i, add_more(g, i, true, after), WF_NO);
		if (ahead)
			add_wire(g, LAYOUT_STUB, WF_NO, node, node, add_more(g, i, false, ahead), i, WF_NO);
	}
}

/* --- lanes ---------------------------------------------------------------------------------------- */

static bool lane_used(const struct graph *g, int lane)
{
	for (int i = 0; i < g->def->node_count; i++)
		if (g->def->nodes[i].process == g->o->process && g->def->nodes[i].scope == WF_NO && !hangs(&g->def->nodes[i]) &&
			g->def->nodes[i].lane == lane)
			return true;
	return false;
}

/* Rows of lanes, top to bottom: those of the process that hold nodes, then one for nodes without a lane. */
static int lane_rows(const struct graph *g, int *lanes)
{
	int n = 0;
	for (int i = 0; i < g->def->lane_count; i++)
		if (g->def->lanes[i].process == g->o->process && lane_used(g, i)) {
			int k = n++;
			for (; k > 0 && g->def->lanes[i].box.known && g->def->lanes[lanes[k - 1]].box.known &&
				g->def->lanes[lanes[k - 1]].box.y > g->def->lanes[i].box.y; k--)
				lanes[k] = lanes[k - 1];
			lanes[k] = i;
		}
	if (n && lane_used(g, WF_NO))
		lanes[n++] = WF_NO;
	return n;
}

int layout_lane_of(const struct graph *g, int node)
{
	for (int i = 0; g->rules && i < g->lanes; i++)
		if (g->lane_ids[i] == g->def->nodes[node].lane)
			return i;
	return 0;
}

/* --- the result ----------------------------------------------------------------------------------- */

struct result {
	VEC(struct layout_node) nodes;
	VEC(struct layout_edge) edges;
};

static struct layout_node *emit_node(struct graph *g, struct result *r, const struct vertex *v, int node, enum layout_what what,
	struct wf_rect at, int line)
{
	struct layout_node *n = VEC_PUSH(g->a, &r->nodes);
	*n = (struct layout_node){ .node = node, .what = what, .x = at.x, .y = at.y, .w = at.w, .h = at.h, .line_y = line,
		.rank = v->rank, .lane = g->rules ? v->lane : WF_NO };
	return n;
}

static void emit_edge(struct graph *g, struct result *r, struct layout_edge e, const struct wf_point *points, int count)
{
	e.cells = layout_cells(g->a, points, count, &e.count);
	*VEC_PUSH(g->a, &r->edges) = e;
}

/* Where a boundary event with flows sits. */
static struct wf_point port_at(const struct graph *g, const struct vertex *v, int exit)
{
	int k = v->exits - 1 - exit, bottom = layout_row(g, v) - v->above + v->box_h - 1;
	if (g->o->detail == LAYOUT_BOXES || v->inside)
		return (struct wf_point){ v->x + v->box_w - 3 - 2 * k, bottom };
	return (struct wf_point){ v->x + 2, bottom + 1 + k };
}

static void emit_handler(struct graph *g, struct result *r, const struct vertex *v, int boundary)
{
	bool boxes = g->o->detail == LAYOUT_BOXES;
	int bottom = layout_row(g, v) - v->above + v->box_h - 1, w = box_width(g, &g->def->nodes[v->handler]);
	int y = bottom + 1 + v->exits + (boxes && !v->exits), x = boxes ? v->x : v->x + 2;
	struct layout_edge e = { .kind = LAYOUT_UNDO, .flow = WF_NO, .from = boundary, .to = v->handler };
	if (boxes) {
		struct wf_point p[2] = { { v->x + HANDLER_PORT, bottom }, { v->x + HANDLER_PORT, y } };
		emit_node(g, r, v, boundary, LAYOUT_PORT, (struct wf_rect){ p[0].x, bottom, 1, 1, true }, bottom);
		emit_edge(g, r, e, p, 2);
	} else {
		struct wf_point p[3] = { { v->x, bottom }, { v->x, y }, { x, y } };
		emit_edge(g, r, e, p, 3);
	}
	emit_node(g, r, v, v->handler, LAYOUT_HANDLER, (struct wf_rect){ x, y, w, boxes ? BOX_ROWS : 1, true }, boxes ? y + 1 : y);
}

/* The drawing inside an open sub-process, moved to its place. */
static void emit_inside(struct graph *g, struct result *r, const struct vertex *v, int dx, int dy)
{
	const struct layout *in = v->inside;
	for (int i = 0; i < in->node_count; i++) {
		struct layout_node n = in->nodes[i];
		n.x += dx;
		n.y += dy;
		n.line_y += dy;
		n.lane = g->rules ? v->lane : WF_NO;
		*VEC_PUSH(g->a, &r->nodes) = n;
	}
	for (int i = 0; i < in->edge_count; i++) {
		struct layout_edge e = in->edges[i];
		struct layout_cell *cells = arena_copy(g->a, e.cells, (size_t)e.count * sizeof *cells + 1);
		for (int k = 0; k < e.count; k++) {
			cells[k].x = (int16_t)(cells[k].x + dx);
			cells[k].y = (int16_t)(cells[k].y + dy);
		}
		e.cells = cells;
		*VEC_PUSH(g->a, &r->edges) = e;
	}
}

static void emit_vertex(struct graph *g, struct result *r, const struct vertex *v)
{
	int line = layout_row(g, v), top = line - v->above;
	struct layout_node *n = emit_node(g, r, v, v->node, v->what, (struct wf_rect){ v->x, top, v->box_w, v->box_h, true }, line);
	n->hidden = v->hidden;
	n->forward = v->forward;
	if (v->what == LAYOUT_MORE)
		return;
	const struct wf_node *node = &g->def->nodes[v->node];
	for (int i = 0; i < node->boundary_count; i++) {
		const struct wf_node *b = &g->def->nodes[node->boundary[i]];
		if (b->out_count) {
			struct wf_point p = port_at(g, v, exit_of(g->def, node, b->index));
			emit_node(g, r, v, b->index, LAYOUT_PORT, (struct wf_rect){ p.x, p.y, 1, 1, true }, p.y);
		} else if (b->handler != WF_NO) {
			emit_handler(g, r, v, b->index);
		}
	}
	if (v->inside)
		emit_inside(g, r, v, v->x + 2, top + 1);
}

static void emit_wire(struct graph *g, struct result *r, const struct wire *w)
{
	const struct vertex *u = &g->vs.at[w->u], *v = &g->vs.at[w->v];
	struct wf_point *p = arena_alloc(g->a, (size_t)(2 * w->links + 6) * sizeof *p);
	int n = 0, y = layout_exit_row(g, w);
	if (w->exit == WF_NO)
		p[n++] = (struct wf_point){ u->x + u->box_w - 1, y };
	else {
		p[n++] = port_at(g, u, w->exit);
		p[n++] = (struct wf_point){ p[0].x, y };
	}
	for (int k = 0; k < w->links; k++) {
		int to = w->back && k == 0 ? g->back_y + w->back_row : layout_row(g, &g->vs.at[w->chain[k + 1]]);
		if (w->track[k] == WF_NO)
			continue;
		p[n++] = (struct wf_point){ w->track[k], y };
		p[n++] = (struct wf_point){ w->track[k], to };
		y = to;
	}
	p[n++] = (struct wf_point){ v->x, y };
	emit_edge(g, r, (struct layout_edge){ .kind = w->kind, .flow = w->flow, .from = w->from, .to = w->to, .back = w->back }, p, n);
}

static void emit_lanes(struct graph *g, struct layout *l)
{
	struct layout_lane *out = arena_zero(g->a, (size_t)(g->lanes + 1) * sizeof *out);
	for (int i = 0; i < g->lanes; i++) {
		out[i] = (struct layout_lane){ .lane = g->lane_ids[i], .y = g->lane_y[i] - 1, .h = g->lane_h[i] + 1, .title_max = l->width,
			.title = g->lane_ids[i] == WF_NO ? STR("") : g->def->lanes[g->lane_ids[i]].name };
		for (int e = 0; e < l->edge_count; e++)
			for (int c = 0; c < l->edges[e].count; c++)
				if (l->edges[e].cells[c].y == out[i].y && l->edges[e].cells[c].x < out[i].title_max)
					out[i].title_max = l->edges[e].cells[c].x;
	}
	l->lanes = out;
	l->lane_count = g->lanes;
}

static const struct layout *result_of(struct graph *g)
{
	struct result r = { 0 };
	struct layout *l = arena_zero(g->a, sizeof *l);
	for (int k = 0; k < g->ranks; k++)
		for (int i = 0; i < g->rank_count[k]; i++)
			if (g->vs.at[g->rank[k][i]].node != WF_NO)
				emit_vertex(g, &r, &g->vs.at[g->rank[k][i]]);
	for (int i = 0; i < g->ws.count; i++)
		emit_wire(g, &r, &g->ws.at[i]);
	*l = (struct layout){ .detail = g->o->detail, .process = g->o->process, .width = g->width, .height = g->height,
		.nodes = r.nodes.at, .node_count = r.nodes.count, .edges = r.edges.at, .edge_count = r.edges.count };
	if (g->rules)
		emit_lanes(g, l);
	return l;
}

const struct layout *layout_scope(struct arena *a, const struct wf_def *def, const struct layout_options *o, int scope)
{
	struct graph g = { .a = a, .def = def, .o = o, .scope = scope, .lanes = 1 };
	int *lanes = arena_alloc(a, (size_t)(def->lane_count + 2) * sizeof *lanes), rows = scope == WF_NO ? lane_rows(&g, lanes) : 0;
	g.rules = rows > 0;
	g.lanes = rows ? rows : 1;
	g.lane_ids = lanes;
	g.lane_y = arena_zero(a, (size_t)g.lanes * sizeof(int));
	g.lane_h = arena_zero(a, (size_t)g.lanes * sizeof(int));
	g.vertex_of = arena_alloc(a, (size_t)(def->node_count + 1) * sizeof(int));
	const uint8_t *visible = layout_visible(a, def, o);
	for (int i = 0; i < def->node_count; i++) {
		const struct wf_node *n = &def->nodes[i];
		g.vertex_of[i] = WF_NO;
		if (n->process == o->process && n->scope == scope && !hangs(n) && (scope != WF_NO || visible[i]))
			g.vertex_of[i] = add_vertex(&g, n);
	}
	add_wires(&g);
	if (scope == WF_NO && o->focus != WF_NO)
		add_stubs(&g, visible);
	layout_rank(&g);
	layout_order(&g);
	layout_rows(&g);
	layout_route(&g);
	return result_of(&g);
}

const struct layout *layout_build(struct arena *a, const struct wf_def *def, const struct layout_options *options)
{
	int64_t size = (int64_t)def->node_count * (def->flow_count + 1);
	if (options->detail == LAYOUT_LIST || size > SIZE_MAX_PICTURE)
		return layout_as_list(a, def, options);
	return layout_scope(a, def, options, WF_NO);
}

const struct layout *layout_fit(struct arena *a, const struct wf_def *def, const struct layout_options *options, int columns,
	int rows)
{
	struct layout_options o = *options;
	for (o.detail = LAYOUT_BOXES; o.detail < LAYOUT_LIST; o.detail++) {
		const struct layout *l = layout_build(a, def, &o);
		if (l->width <= columns && l->height <= rows)
			return l;
	}
	o.detail = LAYOUT_LIST;
	return layout_build(a, def, &o);
}

const struct layout_node *layout_find(const struct layout *l, const struct wf_def *def, int node)
{
	for (int n = node; n != WF_NO; n = def->nodes[n].scope)
		for (int i = 0; i < l->node_count; i++)
			if (l->nodes[i].node == n && l->nodes[i].what != LAYOUT_MORE)
				return &l->nodes[i];
	return NULL;
}
