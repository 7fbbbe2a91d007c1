/* What the parts of the layout share: the graph of one scope (layout.c), its order and rows
 * (layout_order.c), its lines (layout_route.c). */
#ifndef WHARF_WORKFLOW_LAYOUT_INT_H
#define WHARF_WORKFLOW_LAYOUT_INT_H

#include "bpmn_int.h"
#include "workflow/layout.h"

/* A vertex of the layered graph: a node with all that hangs on it, or a place where a long edge passes. */
struct vertex {
	int node;              /* of the definition; WF_NO for a dummy */
	enum layout_what what;
	int hidden;
	bool forward;          /* of LAYOUT_MORE */
	int box_w, box_h;      /* the node itself */
	int w;                 /* with what hangs on it */
	int above, below;      /* rows above and below the row of its line */
	int exits;             /* boundary events with flows */
	int handler;           /* node under it, or WF_NO */
	int rank, lane, order; /* order: position within its rank */
	int64_t seed;
	int x, y;              /* left column; row of the line, first within its lane, later of the drawing */
	const struct layout *inside; /* of an open sub-process */
	bool start;
};

struct wire {
	enum layout_edge_kind kind;
	int flow, from, to;    /* as in struct layout_edge */
	int u, v;              /* vertices */
	int exit;              /* which boundary event of u it leaves by, or WF_NO */
	bool back;
	int *chain;            /* vertices from u to v, dummies between */
	int links;             /* of the chain: vertices - 1 */
	int *track;            /* x of the vertical piece per link; WF_NO: straight. Back edges have two */
	int back_row;
};

struct graph {
	struct arena *a;
	const struct wf_def *def;
	const struct layout_options *o;
	int scope;
	VEC(struct vertex) vs;
	VEC(struct wire) ws;
	int *vertex_of;        /* per node of the definition, WF_NO when not drawn in this scope */
	int ranks, lanes;
	int **rank;            /* vertices of each rank in order */
	int *rank_count;
	const int *lane_ids;   /* of the definition, top to bottom */
	int *lane_y, *lane_h;  /* first row of the contents; rows of the contents */
	bool rules;            /* lanes have a rule */
	int back_y, back_rows; /* rows of the back edges */
	int width, height;
};

struct links {
	int *at;
	int count;
};

/* Row by which a wire leaves its source. */
int layout_exit_row(const struct graph *g, const struct wire *w);

void layout_rank(struct graph *g);      /* back edges, ranks, dummies */
void layout_order(struct graph *g);     /* order within ranks */
void layout_rows(struct graph *g);      /* y within lanes */
void layout_stack(struct graph *g);     /* lanes on top of each other: lane_y, lane_h, back_y */
int layout_row(const struct graph *g, const struct vertex *v); /* of the drawing */
void layout_route(struct graph *g);     /* tracks, x, width, height */

/* A layout of the nodes of one scope; lanes only at the top. */
const struct layout *layout_scope(struct arena *a, const struct wf_def *def, const struct layout_options *o, int scope);
const struct layout *layout_as_list(struct arena *a, const struct wf_def *def, const struct layout_options *o);

/* Which edges run back: depth first from the nodes that `root` rates LAYOUT_ROOT_START, then from those it rates
 * LAYOUT_ROOT that were not reached; an edge to a node on the path runs back. Nodes are 0 to count - 1, `out` lists the
 * edges that leave each, `to` the node each edge leads to. Gives a flag per edge; on the arena. */
enum layout_root { LAYOUT_ROOT_NOT, LAYOUT_ROOT, LAYOUT_ROOT_START };
const bool *layout_back_edges(struct arena *a, int count, const struct links *out, const int *to, int edges,
	const uint8_t *root);

/* Polyline to cells: points[0] and the last point are cells of the two nodes and left out. */
const struct layout_cell *layout_cells(struct arena *a, const struct wf_point *points, int count, int *cells);

int layout_name_width(struct str name, int max);
/* Which nodes are drawn with the focus of the options: 1 or 0 per node. */
const uint8_t *layout_visible(struct arena *a, const struct wf_def *def, const struct layout_options *o);
/* The node that stands for n in a drawing of `scope`: n, the sub-process around it, or WF_NO when n is not in there. */
int layout_shown(const struct wf_def *def, int n, int scope);
int layout_lane_of(const struct graph *g, int node);

#endif
