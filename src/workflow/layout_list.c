/* The list: a row per node, the edges in columns on the left, as `git log --graph` has it.
 *
 * Rows follow the flow: a node stands below all that leads to it (back edges aside), its boundary events
 * and handler right under it. A node that both gathers and forks gets a free row above for the gathering,
 * so that what comes in and what goes out never lie on each other. */
#include "layout_int.h"

#include <stdlib.h>

struct line {
	int from, to; /* nodes */
	int flow;
	enum layout_edge_kind kind;
	bool back;
	int column, from_y, to_y, from_column, to_column, join_y;
};

struct listing {
	struct arena *a;
	const struct wf_def *def;
	const struct layout_options *o;
	VEC(struct line) lines;
	VEC(int) order;      /* nodes, top to bottom */
	uint8_t *drawn;      /* per node */
	struct links *out, *in; /* lines of each node */
	int *column, *row;   /* per node */
	VEC(int) busy;       /* per column: lines that hold it now */
	int width;
};

static bool is_drawn(const struct listing *l, int i, const uint8_t *visible)
{
	const struct wf_node *n = &l->def->nodes[i];
	if (n->process != l->o->process)
		return false;
	int top = i;
	for (int s = n->scope; s != WF_NO; s = l->def->nodes[s].scope) {
		if (!l->o->open || !l->o->open[s])
			return false;
		top = s;
	}
	const struct wf_node *t = &l->def->nodes[top];
	int seen = t->kind == WF_BOUNDARY && t->attached_to != WF_NO ? t->attached_to
	         : t->for_compensation && t->host != WF_NO ? t->host : top;
	return visible[seen];
}

static void add_line(struct listing *l, int from, int to, int flow, enum layout_edge_kind kind)
{
	if (from != WF_NO && to != WF_NO && l->drawn[from] && l->drawn[to])
		*VEC_PUSH(l->a, &l->lines) = (struct line){ .from = from, .to = to, .flow = flow, .kind = kind };
}

static void collect_lines(struct listing *l)
{
	for (int i = 0; i < l->def->node_count; i++) {
		const struct wf_node *n = &l->def->nodes[i];
		if (n->kind == WF_BOUNDARY)
			add_line(l, n->attached_to, i, WF_NO, LAYOUT_ATTACH);
		if (n->kind == WF_BOUNDARY && n->handler != WF_NO)
			add_line(l, i, n->handler, WF_NO, LAYOUT_UNDO);
		if (n->kind == WF_SUBPROCESS && n->start != WF_NO)
			add_line(l, i, n->start, WF_NO, LAYOUT_ATTACH);
	}
	for (int i = 0; i < l->def->flow_count; i++)
		add_line(l, l->def->flows[i].source, l->def->flows[i].target, i, LAYOUT_FLOW);
	size_t n = (size_t)l->def->node_count + 1;
	l->out = arena_zero(l->a, n * sizeof(struct links));
	l->in = arena_zero(l->a, n * sizeof(struct links));
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < l->lines.count; i++) {
			struct links *o = &l->out[l->lines.at[i].from], *in = &l->in[l->lines.at[i].to];
			if (pass) {
				o->at[o->count] = i;
				in->at[in->count] = i;
			}
			o->count++;
			in->count++;
		}
		for (size_t i = 0; pass == 0 && i < n; i++) {
			l->out[i].at = arena_alloc(l->a, (size_t)(l->out[i].count + 1) * sizeof(int));
			l->in[i].at = arena_alloc(l->a, (size_t)(l->in[i].count + 1) * sizeof(int));
			l->out[i].count = l->in[i].count = 0;
		}
	}
}

static void mark_back(struct listing *l)
{
	int n = l->def->node_count, *to = arena_alloc(l->a, (size_t)(l->lines.count + 1) * sizeof *to);
	uint8_t *root = arena_zero(l->a, (size_t)n + 1);
	for (int i = 0; i < n; i++)
		root[i] = !l->drawn[i] ? LAYOUT_ROOT_NOT : l->in[i].count ? LAYOUT_ROOT : LAYOUT_ROOT_START;
	for (int i = 0; i < l->lines.count; i++)
		to[i] = l->lines.at[i].to;
	const bool *back = layout_back_edges(l->a, n, l->out, to, l->lines.count, root);
	for (int i = 0; i < l->lines.count; i++)
		l->lines.at[i].back = back[i];
}

/* Topological order that goes on with what has just been opened; what is attached comes at once. */
static void sort_rows(struct listing *l)
{
	int n = l->def->node_count, ready = 0;
	int *waiting = arena_zero(l->a, (size_t)(n + 1) * sizeof *waiting);
	int *stack = arena_alloc(l->a, (size_t)(n + 1) * sizeof *stack);
	for (int i = 0; i < l->lines.count; i++)
		waiting[l->lines.at[i].to] += !l->lines.at[i].back;
	for (int i = n - 1; i >= 0; i--)
		if (l->drawn[i] && !waiting[i])
			stack[ready++] = i;
	while (ready) {
		int u = stack[--ready];
		*VEC_PUSH(l->a, &l->order) = u;
		for (int attached = 0; attached < 2; attached++)
			for (int k = l->out[u].count - 1; k >= 0; k--) {
				const struct line *e = &l->lines.at[l->out[u].at[k]];
				if ((e->kind != LAYOUT_FLOW) == attached && !e->back && !--waiting[e->to])
					stack[ready++] = e->to;
			}
	}
}

static int free_column(struct listing *l, int from)
{
	int c = from;
	while (c < l->busy.count && l->busy.at[c])
		c++;
	while (l->busy.count <= c)
		*VEC_PUSH(l->a, &l->busy) = 0;
	return c;
}

/* Columns of one node and the lines that begin at it; gives the row after it. */
static int place_row(struct listing *l, int u, int y)
{
	int column = WF_NO, ins = 0, outs = 0;
	for (int k = 0; k < l->in[u].count; k++) {
		const struct line *e = &l->lines.at[l->in[u].at[k]];
		if (e->back)
			continue;
		ins++;
		column = column == WF_NO || e->column < column ? e->column : column;
	}
	for (int k = 0; k < l->out[u].count; k++)
		outs += !l->lines.at[l->out[u].at[k]].back;
	int join = y;
	if (ins > 1 && outs > 1)
		y++;
	for (int k = 0; k < l->in[u].count; k++) {
		struct line *e = &l->lines.at[l->in[u].at[k]];
		if (e->back)
			continue;
		l->busy.at[e->column]--;
		e->to_y = y;
		e->join_y = join;
	}
	l->column[u] = column = column == WF_NO ? free_column(l, 0) : column;
	for (int k = 0; k < l->in[u].count; k++)
		l->lines.at[l->in[u].at[k]].to_column = column;
	l->row[u] = y;
	bool first = true;
	for (int k = 0; k < l->out[u].count; k++) {
		struct line *e = &l->lines.at[l->out[u].at[k]];
		if (e->back)
			continue;
		e->column = first && !l->busy.at[column] ? column : free_column(l, column + 1);
		first = false;
		l->busy.at[e->column]++;
		e->from_y = y;
		e->from_column = column;
	}
	l->width = l->busy.count > l->width ? l->busy.count : l->width;
	return y + 1;
}

static struct layout_edge line_edge(struct listing *l, const struct line *e)
{
	struct layout_edge out = { .kind = e->kind, .flow = e->flow, .from = e->from, .to = e->to, .back = e->back };
	struct wf_point p[5];
	int n = 0;
	if (e->back)
		return out;
	p[n++] = (struct wf_point){ 2 * e->from_column, e->from_y };
	if (e->column != e->from_column)
		p[n++] = (struct wf_point){ 2 * e->column, e->from_y };
	if (e->column != e->to_column) {
		p[n++] = (struct wf_point){ 2 * e->column, e->join_y };
		p[n++] = (struct wf_point){ 2 * e->to_column, e->join_y };
	}
	p[n++] = (struct wf_point){ 2 * e->to_column, e->to_y };
	out.cells = layout_cells(l->a, p, n, &out.count);
	return out;
}

static enum layout_what what_of(const struct listing *l, const struct wf_node *n)
{
	if (n->kind == WF_BOUNDARY)
		return LAYOUT_PORT;
	if (n->for_compensation && n->host != WF_NO)
		return LAYOUT_HANDLER;
	if (n->kind != WF_SUBPROCESS)
		return LAYOUT_NODE;
	return l->o->open && l->o->open[n->index] && n->after > n->index + 1 ? LAYOUT_FRAME : LAYOUT_FOLDED;
}

const struct layout *layout_as_list(struct arena *a, const struct wf_def *def, const struct layout_options *o)
{
	struct listing l = { .a = a, .def = def, .o = o };
	size_t count = (size_t)def->node_count + 1;
	const uint8_t *visible = layout_visible(a, def, o);
	l.drawn = arena_zero(a, count);
	l.column = arena_zero(a, count * sizeof(int));
	l.row = arena_zero(a, count * sizeof(int));
	for (int i = 0; i < def->node_count; i++)
		l.drawn[i] = is_drawn(&l, i, visible);
	collect_lines(&l);
	mark_back(&l);
	sort_rows(&l);
	int y = 0, widest = 0;
	for (int i = 0; i < l.order.count; i++)
		y = place_row(&l, l.order.at[i], y);
	struct layout *out = arena_zero(a, sizeof *out);
	struct layout_node *nodes = arena_zero(a, (size_t)(l.order.count + 1) * sizeof *nodes);
	struct layout_edge *edges = arena_zero(a, (size_t)(l.lines.count + 1) * sizeof *edges);
	for (int i = 0; i < l.order.count; i++) {
		const struct wf_node *n = &def->nodes[l.order.at[i]];
		int w = layout_name_width(wf_node_label(n), 1000);
		widest = w > widest ? w : widest;
		nodes[i] = (struct layout_node){ .node = n->index, .what = what_of(&l, n), .x = 2 * l.column[n->index], .y = l.row[n->index],
			.w = 1, .h = 1, .line_y = l.row[n->index], .rank = i, .lane = WF_NO, .hidden = n->after - n->index - 1 };
	}
	for (int i = 0; i < l.lines.count; i++)
		edges[i] = line_edge(&l, &l.lines.at[i]);
	*out = (struct layout){ .detail = LAYOUT_LIST, .process = o->process, .width = 2 * l.width + 1 + widest, .height = y,
		.nodes = nodes, .node_count = l.order.count, .edges = edges, .edge_count = l.lines.count, .text_x = 2 * l.width + 1 };
	return out;
}
