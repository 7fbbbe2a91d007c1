/* The reduced graph of one process instance. See engine/view_deal.h and view_graph.c. */
#ifndef WHARF_ENGINE_VIEW_GRAPH_H
#define WHARF_ENGINE_VIEW_GRAPH_H

#include "engine/view_deal.h"

/* What is known of one node of the full definition, latest event last. */
struct graph_fact {
	enum view_mark mark;
	int64_t at, due;
	int visits;
	int undo;             /* its place in the reverse order; 0 none */
	enum view_mark undo_mark; /* of its handler */
	int64_t undo_at;
	const char *who, *why, *task_title;
};

/* Fills v->def, nodes, taken, focus, folds. facts by node of full; flow_taken by flow of full. lane_title gives the
 * words of a lane. case_top etc.: the open case that hangs on `case_node` (WF_NO: none). */
struct graph_in {
	const struct wf_def *full;
	int process, scope;
	const struct graph_fact *facts;
	const bool *flow_taken;
	const char *const *lane_titles; /* by lane of full */
	const struct view_deal_want *want;
	bool ended;           /* nothing lies ahead any more */
	bool undoing;         /* handlers are shown */
	int undo_total;
	int case_node;
	const char *case_top, *case_label, *case_who;
	int64_t case_due;
};
void view_graph_build(struct arena *a, const struct graph_in *in, struct view_deal *v);

#endif
