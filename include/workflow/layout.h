/* Graph layout: a definition as rectangles and lines of character cells, for the deal screen.
 *
 * Pure and deterministic: the same definition and options give the same cells. Knows nothing of
 * terminals, glyphs, tokens or states: a screen draws from the result and adds them. Layered drawing
 * after Sugiyama, Tagawa, Toda (1981): back edges reversed by depth-first search, longest-path ranks,
 * dummy vertices for long edges, median sweeps with adjacent exchange inside each lane, a track of its
 * own for the vertical piece of each source, back edges in rows below everything.
 *
 * A process too large to be a picture (nodes times flows above a million) is always a list.
 *
 * Promises: no two rectangles overlap (but a sub-process and what is in it); no line runs through a
 * rectangle; two edges share a cell only where they cross, or when they have the same source or the same
 * target. Masks are per edge, so that a crossing need never look like a join. */
#ifndef WHARF_WORKFLOW_LAYOUT_H
#define WHARF_WORKFLOW_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "workflow/definition.h"

enum layout_detail {
	LAYOUT_BOXES, /* activities are boxes of three rows, events and gateways one cell */
	LAYOUT_CHIPS, /* activities have one row: glyph, blank, name; events and gateways one cell */
	LAYOUT_LIST   /* a row per node with the edges left of it, as `git log --graph` has it */
};

enum { LAYOUT_N = 1, LAYOUT_E = 2, LAYOUT_S = 4, LAYOUT_W = 8 };

enum layout_what {
	LAYOUT_NODE,
	LAYOUT_FOLDED,   /* a sub-process drawn as one node */
	LAYOUT_FRAME,    /* a sub-process drawn open: children stand inside */
	LAYOUT_HANDLER,  /* a compensation handler under its task */
	LAYOUT_PORT,     /* a boundary event: one cell of its activity's lower border (in a list: a row) */
	LAYOUT_MORE      /* `hidden` nodes outside the focus; node is the one that they hang on */
};

struct layout_node {
	int node;               /* index in the definition */
	enum layout_what what;
	int x, y, w, h;         /* cells, borders included */
	int line_y;             /* row in which edges arrive and leave */
	int rank;               /* column of the drawing, from 0; in an open sub-process counted anew */
	int lane;               /* index into the layout's lanes, or WF_NO */
	int hidden;             /* LAYOUT_FOLDED: nodes inside; LAYOUT_MORE: nodes behind */
	bool forward;           /* LAYOUT_MORE: what follows is hidden, else what comes before */
};

enum layout_edge_kind {
	LAYOUT_FLOW,
	LAYOUT_UNDO,   /* from a compensation boundary event to its handler */
	LAYOUT_ATTACH, /* list: from an activity to its boundary event */
	LAYOUT_STUB    /* to or from LAYOUT_MORE */
};

struct layout_cell {
	int16_t x, y;
	uint8_t mask; /* LAYOUT_N … of this edge */
};

struct layout_edge {
	enum layout_edge_kind kind;
	int flow;                         /* of LAYOUT_FLOW; else WF_NO */
	int from, to;                     /* nodes of the definition as drawn; the source may be a boundary event */
	bool back;                        /* runs against the reading direction: draw it dashed; in a list it has
	                                     no cells: say "back to …" behind the name */
	const struct layout_cell *cells;  /* in order from source to target; the arrow stands in the last */
	int count;
};

struct layout_lane {
	int lane;      /* index in the definition, or WF_NO for nodes without one */
	int y;         /* its rule, the row of the title */
	int h;         /* rows with the rule */
	int title_max; /* columns before the first line crosses the rule; the width when none does */
	struct str title;
};

struct layout {
	enum layout_detail detail;
	int process;
	int width, height;                /* cells */
	const struct layout_node *nodes;  /* reading order: rank, then row */
	int node_count;
	const struct layout_edge *edges;
	int edge_count;
	const struct layout_lane *lanes;  /* top to bottom; none when the process has no lanes */
	int lane_count;
	int text_x;                       /* list: column where the words may begin; else 0 */
};

struct layout_options {
	int process;
	enum layout_detail detail;
	const uint8_t *open;           /* per node of the definition: draw this sub-process open; NULL: all folded */
	const struct layout *previous; /* order of an earlier drawing that the eye knows, or NULL */
	int focus;                     /* node: only what is within hops of it is drawn; WF_NO: all */
	int hops;
	int name_max;                  /* columns of a name in a box or chip; 0: 18 */
};

/* Options for the whole of a process with everything folded. */
struct layout_options layout_whole(int process, enum layout_detail detail);

/* Lays out into the arena, which also holds the work space. Never fails. */
const struct layout *layout_build(struct arena *a, const struct wf_def *def,
	const struct layout_options *options);

/* The first of boxes, chips and list that fits into so many cells; the list when none does.
 * options->detail is ignored. */
const struct layout *layout_fit(struct arena *a, const struct wf_def *def,
	const struct layout_options *options, int columns, int rows);

/* The drawn node for a node of the definition: itself, or the folded sub-process that it is in;
 * NULL when it is outside the focus. */
const struct layout_node *layout_find(const struct layout *l, const struct wf_def *def, int node);

#endif
