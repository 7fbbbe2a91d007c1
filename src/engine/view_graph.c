/* From a process of a hundred nodes to a graph that can be read.
 *
 *   1. every node of the scope belongs to a group: activities of one template step in one lane that follow each
 *      other directly; gateways and intermediate events belong to the group that they follow;
 *   2. the spine is the shortest way from the start to the pivot and on to an end; groups off the spine are kept
 *      only when something happened in them;
 *   3. with more groups than boxes, those far from every token become folds: one box for each stretch;
 *   4. what is left becomes a definition of its own, with handlers under what is to be undone.
 *
 * Must remain true: a group with a token, a failure or a step to be undone is never folded; a fold says how many nodes
 * of the process it stands for; an edge is taken only when a flow between its ends was. */
#include "view_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP_NONE = -1, NAME_WIDTH_MAX = 24, FAR = 1 << 20 };
/* Cells as workflow/layout.h takes them, for the estimate of what fits. */
enum { BOX_WIDTH = 11, CHANNEL_WIDTH = 4, EVENT_WIDTH = 5, TOKEN_WIDTH = 18 };

struct group {
	int first;        /* node that names it */
	int token;        /* node with the token, or the last that something happened to; -1 */
	int nodes;
	int place;        /* order along the spine */
	bool spine, event, kept, lit; /* lit: something happened */
	int score;
	int item;         /* index of the reduced node */
};

struct graph {
	struct arena *a;
	const struct graph_in *in;
	const struct wf_def *d;
	struct view_deal *v;
	int *group;       /* of each node; GROUP_NONE outside the scope */
	struct group *groups;
	int group_count;
	bool small;       /* folds are one cell */
	int *order;       /* kept groups along the spine */
	int order_count;
	/* reduced definition */
	struct wf_node *nodes;
	struct wf_flow *flows;
	struct wf_lane *lanes;
	struct view_node *facts;
	bool *taken;
	int node_count, flow_count, lane_count, lane_of[64];
};

/* --- groups --------------------------------------------------------------------------------------- */

static bool in_scope(const struct graph *g, const struct wf_node *n)
{
	return n->process == g->in->process && n->scope == g->in->scope && !n->for_compensation;
}

static bool is_event_group(const struct wf_node *n)
{
	return n->kind == WF_START || n->kind == WF_END;
}

static bool same_group(const struct wf_node *a, const struct wf_node *b)
{
	if (!wf_is_task(a->kind) || !wf_is_task(b->kind) || !a->work.step.len)
		return false;
	return str_eq(a->work.step, b->work.step) && a->lane == b->lane &&
		(a->work.reversible == WF_PIVOT) == (b->work.reversible == WF_PIVOT);
}

/* The group of a node that it follows, by way of gateways and boundary events; GROUP_NONE. */
static int group_before(const struct graph *g, const struct wf_node *n, bool any)
{
	for (int i = 0; i < n->in_count; i++) {
		const struct wf_node *from = &g->d->nodes[g->d->flows[n->in[i]].source];
		if (from->kind == WF_BOUNDARY && from->attached_to != WF_NO)
			from = &g->d->nodes[from->attached_to];
		int k = g->group[from->index];
		if (k != GROUP_NONE && (any || same_group(&g->d->nodes[g->groups[k].first], n)))
			return k;
	}
	return GROUP_NONE;
}

static void group_add(struct graph *g, const struct wf_node *n)
{
	bool passes = !wf_is_activity(n->kind) && !is_event_group(n);
	int k = passes ? group_before(g, n, true) : g->in->want->single ? GROUP_NONE : group_before(g, n, false);
	if (k == GROUP_NONE) {
		k = g->group_count++;
		g->groups[k] = (struct group){ .first = n->index, .token = -1, .place = FAR, .event = is_event_group(n) };
	}
	g->group[n->index] = k;
	g->groups[k].nodes += n->after - n->index;
}

/* What happened in a group: the node with a token says it, else the last one that was left. */
static void group_light(struct graph *g, int n)
{
	const struct graph_fact *f = &g->in->facts[n];
	struct group *k = &g->groups[g->group[n]];
	if (f->mark == MARK_OPEN)
		return;
	k->lit = true;
	bool token = f->mark == MARK_TOKEN || f->mark == MARK_HELD;
	const struct graph_fact *old = k->token >= 0 ? &g->in->facts[k->token] : NULL;
	bool old_token = old && (old->mark == MARK_TOKEN || old->mark == MARK_HELD);
	if (wf_is_gateway(g->d->nodes[n].kind) && old)
		return;
	if (!old || token || (!old_token && f->at >= old->at))
		k->token = n;
}

static void groups_make(struct graph *g)
{
	for (int n = 0; n < g->d->node_count; n++)
		g->group[n] = GROUP_NONE;
	for (int n = 0; n < g->d->node_count; n++)
		if (in_scope(g, &g->d->nodes[n]) && g->d->nodes[n].kind != WF_BOUNDARY)
			group_add(g, &g->d->nodes[n]);
	/* A boundary event belongs to its activity, whatever comes first in the file. */
	for (int n = 0; n < g->d->node_count; n++) {
		const struct wf_node *b = &g->d->nodes[n];
		if (b->kind == WF_BOUNDARY && in_scope(g, b) && b->attached_to != WF_NO)
			g->group[n] = g->group[b->attached_to];
	}
	for (int n = 0; n < g->d->node_count; n++)
		if (g->group[n] != GROUP_NONE)
			group_light(g, n);
}

/* --- the spine ------------------------------------------------------------------------------------ */

/* Shortest way over flows (boundary events left out) from a node to the first that `goal` likes; nodes into path. */
static int way(struct graph *g, int from, bool (*goal)(const struct wf_node *n), int *path)
{
	int count = g->d->node_count, head = 0, tail = 0, length = 0, found = WF_NO;
	int *before = arena_alloc(g->a, (size_t)count * sizeof(int)), *queue = arena_alloc(g->a, (size_t)count * sizeof(int));
	for (int i = 0; i < count; i++)
		before[i] = -2;
	before[from] = WF_NO;
	queue[tail++] = from;
	while (head < tail && found == WF_NO) {
		const struct wf_node *n = &g->d->nodes[queue[head++]];
		if (n->index != from && goal(n))
			found = n->index;
		for (int i = 0; i < n->out_count && found == WF_NO; i++) {
			int to = g->d->flows[n->out[i]].target;
			if (before[to] == -2) {
				before[to] = n->index;
				queue[tail++] = to;
			}
		}
	}
	for (int n = found; n != WF_NO; n = before[n])
		path[length++] = n;
	for (int i = 0; i < length / 2; i++) {
		int swap = path[i];
		path[i] = path[length - 1 - i];
		path[length - 1 - i] = swap;
	}
	return length;
}

static bool is_pivot(const struct wf_node *n)
{
	return n->work.reversible == WF_PIVOT;
}

static bool is_end(const struct wf_node *n)
{
	return n->kind == WF_END;
}

static int start_of(const struct graph *g)
{
	for (int n = 0; n < g->d->node_count; n++)
		if (in_scope(g, &g->d->nodes[n]) && g->d->nodes[n].kind == WF_START)
			return n;
	return WF_NO;
}

static void spine_mark(struct graph *g, const int *path, int length, int *place)
{
	for (int i = 0; i < length; i++) {
		int k = g->group[path[i]];
		if (k == GROUP_NONE || g->groups[k].spine)
			continue;
		g->groups[k].spine = true;
		g->groups[k].place = (*place)++ * 16;
	}
}

/* Groups off the spine stand just behind the one that they follow. */
static void spine_sides(struct graph *g)
{
	for (bool moved = true; moved;) {
		moved = false;
		for (int f = 0; f < g->d->flow_count; f++) {
			const struct wf_node *from = &g->d->nodes[g->d->flows[f].source];
			int x = g->group[from->index], y = g->group[g->d->flows[f].target];
			if (x == GROUP_NONE || y == GROUP_NONE || g->groups[x].place == FAR || g->groups[y].place <= g->groups[x].place + 1)
				continue;
			if (g->groups[y].spine)
				continue;
			g->groups[y].place = g->groups[x].place + 1;
			moved = true;
		}
	}
}

static void spine_make(struct graph *g)
{
	int *path = arena_alloc(g->a, (size_t)(g->d->node_count + 1) * sizeof(int)), place = 0;
	int start = start_of(g), turn = start, length = 0;
	if (start == WF_NO)
		return;
	length = way(g, start, is_pivot, path);
	spine_mark(g, path, length, &place);
	if (length)
		turn = path[length - 1];
	length = way(g, turn, is_end, path);
	spine_mark(g, path, length, &place);
	spine_sides(g);
}

/* --- what is shown -------------------------------------------------------------------------------- */

static bool group_must(const struct graph *g, const struct group *k)
{
	if (k->token < 0)
		return false;
	enum view_mark m = g->in->facts[k->token].mark;
	return m == MARK_TOKEN || m == MARK_HELD || m == MARK_FAILED || (g->in->undoing && m == MARK_WITHDRAWN);
}

static bool group_undoes(const struct graph *g, int k)
{
	for (int n = 0; n < g->d->node_count && g->in->undoing; n++)
		if (g->group[n] == k && g->in->facts[n].undo)
			return true;
	return false;
}

static int by_place(const void *x, const void *y)
{
	const struct group *const *a = x, *const *b = y;
	return (*a)->place != (*b)->place ? (*a)->place - (*b)->place : (*a)->first - (*b)->first;
}

/* The groups that are in the picture at all, in their order. */
static void order_make(struct graph *g)
{
	struct group **sorted = arena_alloc(g->a, (size_t)(g->group_count + 1) * sizeof(*sorted));
	int n = 0;
	for (int k = 0; k < g->group_count; k++) {
		bool ahead = g->groups[k].spine && !g->in->ended;
		if (g->groups[k].lit || ahead)
			sorted[n++] = &g->groups[k];
	}
	qsort(sorted, (size_t)n, sizeof(*sorted), by_place);
	g->order = arena_alloc(g->a, (size_t)(n + 1) * sizeof(int));
	for (int i = 0; i < n; i++)
		g->order[i] = (int)(sorted[i] - g->groups);
	g->order_count = n;
}

/* How much a group is wanted: tokens and what is undone before all, then what is near, then the pivot. */
static void order_score(struct graph *g)
{
	for (int i = 0; i < g->order_count; i++) {
		struct group *k = &g->groups[g->order[i]];
		int near = FAR;
		for (int j = 0; j < g->order_count; j++)
			if (group_must(g, &g->groups[g->order[j]]) && abs(j - i) < near)
				near = abs(j - i);
		if (near == FAR) /* nobody waits: the last that happened is what the eye wants */
			for (int j = 0; j < g->order_count; j++)
				if (g->groups[g->order[j]].lit)
					near = abs(j - i);
		k->score = 500 - 20 * (near > 20 ? 20 : near);
		if (g->d->nodes[k->first].work.reversible == WF_PIVOT)
			k->score = k->score > 430 ? k->score : 430;
		if (group_undoes(g, g->order[i]))
			k->score = 800;
		if (group_must(g, k))
			k->score = 1000;
		if (k->event)
			k->score = i == 0 ? 130 : 110;
	}
}

static int width_of(struct str s)
{
	int w = 0;
	for (size_t i = 0; i < s.len; i++)
		w += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return w;
}

/* Cells that a group will take: its box, or its handler under it, and the channel behind. */
static int group_width(const struct graph *g, int k)
{
	int w = width_of(wf_node_label(&g->d->nodes[g->groups[k].first])) + 4;
	if (g->groups[k].event)
		return EVENT_WIDTH;
	if (group_must(g, &g->groups[k]))
		w = w > TOKEN_WIDTH ? w : TOKEN_WIDTH;
	for (int n = 0; n < g->d->node_count && g->in->undoing; n++)
		if (g->group[n] == k && g->in->facts[n].undo && g->d->nodes[n].handler != WF_NO) {
			int under = width_of(wf_node_label(&g->d->nodes[g->d->nodes[n].handler])) + 4 + 3;
			w = w > under ? w : under;
		}
	return (w > BOX_WIDTH ? w : BOX_WIDTH) + CHANNEL_WIDTH;
}

static int order_width(const struct graph *g)
{
	int width = 1, fold = g->small ? EVENT_WIDTH : BOX_WIDTH + CHANNEL_WIDTH;
	bool folding = false;
	for (int i = 0; i < g->order_count; i++) {
		const struct group *k = &g->groups[g->order[i]];
		if (k->kept)
			width += group_width(g, g->order[i]);
		else if (!folding)
			width += fold;
		folding = !k->kept;
	}
	/* a fold at the end is one cell with its count */
	return width - (folding && !g->small ? fold - EVENT_WIDTH : 0);
}

/* Takes the least wanted group out; false when all that are left must stay. */
static bool order_drop(struct graph *g)
{
	int least = -1;
	for (int i = 0; i < g->order_count; i++) {
		const struct group *k = &g->groups[g->order[i]];
		if (k->kept && k->score < 800 && (least < 0 || k->score < g->groups[g->order[least]].score))
			least = i;
	}
	if (least >= 0)
		g->groups[g->order[least]].kept = false;
	return least >= 0;
}

/* Keeps groups from the most wanted on, as long as they fit; then folds become small, if that is not enough. */
static void order_keep(struct graph *g)
{
	int columns = g->in->want->columns;
	for (int i = 0; i < g->order_count; i++)
		g->groups[g->order[i]].kept = true;
	while (columns != VIEW_UNFOLDED && order_width(g) > columns && order_drop(g))
		;
	g->small = columns != VIEW_UNFOLDED && order_width(g) > columns;
	/* A fold of one box saves nothing, when it is a box itself; a fold of one event never does. */
	for (int i = 0; i < g->order_count; i++) {
		struct group *k = &g->groups[g->order[i]];
		bool before = i > 0 && !g->groups[g->order[i - 1]].kept;
		bool after = i + 1 < g->order_count && !g->groups[g->order[i + 1]].kept;
		if (!k->kept && !before && !after && (k->event || (!g->small && i + 1 < g->order_count)))
			k->kept = true;
	}
}

/* --- the reduced definition ------------------------------------------------------------------------ */

/* A name as wide as the widest text of the box needs: layout looks at the width only. */
static struct str name_for(struct graph *g, const struct view_node *f, bool timed)
{
	int top = width_of(str_of(f->top)) - 1, foot = width_of(str_of(f->foot));
	int w = width_of(str_of(f->label));
	foot += f->due ? 9 : timed && !foot ? 4 : 0;
	w = w > top ? w : top;
	w = w > foot ? w : foot;
	w = w > NAME_WIDTH_MAX ? NAME_WIDTH_MAX : w < 1 ? 1 : w;
	char *name = arena_alloc(g->a, (size_t)w + 1);
	memset(name, 'x', (size_t)w);
	name[w] = 0;
	return str_of(name);
}

static int lane_for(struct graph *g, int lane)
{
	if (lane == WF_NO)
		return WF_NO;
	for (int i = 0; i < g->lane_count; i++)
		if (g->lane_of[i] == lane)
			return i;
	return WF_NO;
}

static struct wf_node *node_new(struct graph *g, enum wf_kind kind, int lane, const struct view_node *fact)
{
	struct wf_node *n = &g->nodes[g->node_count];
	*n = (struct wf_node){ .index = g->node_count, .kind = kind, .scope = WF_NO, .after = g->node_count + 1,
		.lane = lane_for(g, lane), .default_flow = WF_NO, .attached_to = WF_NO, .handler = WF_NO, .host = WF_NO,
		.compensates = WF_NO, .start = WF_NO, .message = WF_NO, .error = WF_NO };
	n->id = str_of(arena_printf(g->a, "n%d", g->node_count));
	g->facts[g->node_count++] = *fact;
	n->name = name_for(g, fact, fact->at != 0);
	return n;
}

/* Lanes that something shown stands in, in the order of the file. */
static void lanes_make(struct graph *g)
{
	for (int l = 0; l < g->d->lane_count && g->lane_count < 64; l++) {
		bool used = false;
		for (int i = 0; i < g->order_count; i++)
			used = used || g->d->nodes[g->groups[g->order[i]].first].lane == l;
		if (!used || g->d->lanes[l].process != g->in->process)
			continue;
		struct wf_lane *lane = &g->lanes[g->lane_count];
		*lane = (struct wf_lane){ .index = g->lane_count, .parent = WF_NO, .id = g->d->lanes[l].id,
			.name = str_of(g->in->lane_titles[l]), .party = g->d->lanes[l].party };
		g->lane_of[g->lane_count++] = l;
	}
}

static const char *text_of(struct graph *g, struct str s)
{
	return s.len ? str_dup(g->a, s) : "";
}

static struct view_node fact_of_group(struct graph *g, const struct group *k)
{
	const struct wf_node *first = &g->d->nodes[k->first];
	const struct wf_node *n = &g->d->nodes[k->token >= 0 ? k->token : k->first];
	const struct graph_fact *f = &g->in->facts[n->index];
	struct view_node v = { .mark = f->mark, .id = text_of(g, n->id), .top = text_of(g, first->work.step),
		.label = text_of(g, wf_node_label(wf_is_activity(n->kind) ? n : first)), .foot = "", .badge = "", .why = "",
		.at = f->at, .visits = f->visits, .who = f->who ? f->who : "", .says = "" };
	v.why = f->why ? f->why : "";
	v.pivot = first->work.reversible == WF_PIVOT;
	v.subprocess = first->kind == WF_SUBPROCESS;
	v.folded = v.subprocess ? first->after - first->index - 1 : 0;
	if (f->mark == MARK_TOKEN || f->mark == MARK_HELD) {
		v.foot = v.who;
		v.due = f->due;
		v.at = 0;
	}
	v.says = arena_printf(g->a, "%s%s%s", wf_node_what(n), n->work.role.len ? ", " : "", text_of(g, n->work.role));
	if (f->why && k->nodes > 1) /* a gateway of the group knows why it went on */
		return v;
	for (int i = 0; i < g->d->node_count && !v.why[0]; i++)
		if (g->d->nodes[i].kind == WF_EXCLUSIVE && g->group[i] == (int)(k - g->groups) && g->in->facts[i].why)
			v.why = g->in->facts[i].why;
	return v;
}

/* The handler under a box: its place in the order, and how far it is. */
static void handler_add(struct graph *g, int host_item, const struct view_node *fact, int lane)
{
	static const int none[1] = { 0 };
	int *boundary = arena_alloc(g->a, sizeof(int));
	struct wf_node *host = &g->nodes[host_item];
	if (host->handler != WF_NO || !wf_is_activity(host->kind))
		return;
	struct view_node port = { .mark = fact->mark, .id = "", .top = "", .label = "", .foot = "", .badge = "", .who = "",
		.why = "", .says = "" };
	struct wf_node *b = node_new(g, WF_BOUNDARY, lane, &port);
	struct wf_node *h = node_new(g, WF_USER_TASK, lane, fact);
	b->event = WF_COMPENSATE;
	b->attached_to = host_item;
	b->handler = h->index;
	h->for_compensation = true;
	h->host = host_item;
	host->handler = h->index;
	*boundary = b->index;
	host->boundary = boundary;
	host->boundary_count = 1;
	b->in = b->out = h->in = h->out = none;
}

static void handlers_of_group(struct graph *g, int k, int item)
{
	int chosen = WF_NO;
	for (int n = 0; n < g->d->node_count && g->in->undoing; n++) {
		const struct graph_fact *f = &g->in->facts[n];
		/* of several in one box the one that comes next speaks */
		if (g->group[n] == k && f->undo && g->d->nodes[n].handler != WF_NO &&
			(chosen == WF_NO || (g->in->facts[chosen].undo_mark == MARK_UNDONE && f->undo_mark != MARK_UNDONE)))
			chosen = n;
	}
	if (chosen != WF_NO) {
		const struct graph_fact *f = &g->in->facts[chosen];
		const struct wf_node *h = &g->d->nodes[g->d->nodes[chosen].handler];
		const struct graph_fact *run = &g->in->facts[h->index];
		struct view_node v = { .mark = f->undo_mark, .id = text_of(g, h->id), .top = arena_printf(g->a, "◄ %d", f->undo),
			.label = text_of(g, wf_node_label(h)), .foot = "", .badge = "", .why = "", .who = "", .says = "compensation" };
		bool running = f->undo_mark == MARK_UNDOING || f->undo_mark == MARK_TOKEN || f->undo_mark == MARK_HELD;
		if (f->undo_mark == MARK_UNDONE)
			v.at = run->at ? run->at : f->undo_at;
		else if (running)
			v.foot = run->who ? run->who : "engine";
		else
			v.foot = f->undo == g->in->undo_total ? "last" : f->undo > 1 ? arena_printf(g->a, "after %d", f->undo - 1) : "next";
		v.due = running ? run->due : 0;
		v.who = running && run->who ? run->who : "engine";
		handler_add(g, item, &v, g->d->nodes[g->groups[k].first].lane);
	}
	if (g->in->case_node != WF_NO && g->group[g->in->case_node] == k) {
		struct view_node v = { .mark = MARK_TOKEN, .id = "", .top = g->in->case_top, .label = g->in->case_label,
			.foot = g->in->case_who, .due = g->in->case_due, .badge = "", .why = "", .who = g->in->case_who, .says = "case" };
		g->facts[item].badge = g->in->case_top;
		handler_add(g, item, &v, g->d->nodes[g->groups[k].first].lane);
	}
}

static const char *fold_steps(struct graph *g, int from, int to)
{
	const char *first = "", *last = "";
	for (int i = from; i <= to; i++) {
		const char *step = text_of(g, g->d->nodes[g->groups[g->order[i]].first].work.step);
		if (step[0] && !first[0])
			first = step;
		if (step[0])
			last = step;
	}
	if (!strcmp(first, last))
		return first;
	return arena_printf(g->a, "%s-%s", first, last[0] == first[0] ? last + 1 : last);
}

/* One fold for order[from..to]. At the end of the drawing it is a single cell with its count behind. */
static int fold_add(struct graph *g, int from, int to)
{
	struct view_node v = { .id = "", .label = "", .foot = "", .badge = "", .who = "", .why = "", .says = "folded" };
	int done = 0;
	for (int i = from; i <= to; i++) {
		const struct group *k = &g->groups[g->order[i]];
		v.folded += k->nodes;
		done += k->lit;
		v.pivot = v.pivot || (g->d->nodes[k->first].work.reversible == WF_PIVOT && !k->lit);
		if (k->token >= 0 && g->in->facts[k->token].at > v.at)
			v.at = g->in->facts[k->token].at;
	}
	bool tail = to == g->order_count - 1 && from > 0;
	v.tail = tail;
	v.small = tail || g->small;
	v.mark = done == to - from + 1 ? MARK_DONE : MARK_OPEN;
	v.top = fold_steps(g, from, to);
	v.label = arena_printf(g->a, "%d %s", v.folded, v.mark == MARK_DONE ? "done" : "more");
	const struct wf_node *near = &g->d->nodes[g->groups[g->order[tail ? from - 1 : from]].first];
	struct wf_node *n = node_new(g, tail ? WF_END : v.small ? WF_CATCH : WF_TASK, near->lane, &v);
	g->v->folds++;
	return n->index;
}

static void items_make(struct graph *g)
{
	for (int i = 0; i < g->order_count; i++) {
		struct group *k = &g->groups[g->order[i]];
		const struct wf_node *first = &g->d->nodes[k->first];
		if (!k->kept) {
			int to = i;
			while (to + 1 < g->order_count && !g->groups[g->order[to + 1]].kept)
				to++;
			int item = fold_add(g, i, to);
			for (; i < to; i++)
				g->groups[g->order[i]].item = item;
			g->groups[g->order[to]].item = item;
			continue;
		}
		struct view_node v = fact_of_group(g, k);
		enum wf_kind kind = k->event ? first->kind : k->nodes > 1 && first->kind == WF_SUBPROCESS ? WF_SUBPROCESS : WF_USER_TASK;
		k->item = node_new(g, kind, first->lane, &v)->index;
	}
	for (int i = 0; i < g->order_count; i++)
		if (g->groups[g->order[i]].kept)
			handlers_of_group(g, g->order[i], g->groups[g->order[i]].item);
}

static void edge_add(struct graph *g, int from, int to, bool taken)
{
	for (int i = 0; i < g->flow_count; i++)
		if (g->flows[i].source == from && g->flows[i].target == to) {
			g->taken[i] = g->taken[i] || taken;
			return;
		}
	g->flows[g->flow_count] = (struct wf_flow){ .index = g->flow_count, .scope = WF_NO, .source = from, .target = to,
		.id = str_of(arena_printf(g->a, "f%d", g->flow_count)) };
	g->taken[g->flow_count++] = taken;
}

static void edges_make(struct graph *g)
{
	bool *shown = arena_zero(g->a, (size_t)g->group_count + 1);
	for (int i = 0; i < g->order_count; i++)
		shown[g->order[i]] = true;
	for (int f = 0; f < g->d->flow_count; f++) {
		int x = g->group[g->d->flows[f].source], y = g->group[g->d->flows[f].target];
		if (x == GROUP_NONE || y == GROUP_NONE || x == y || !shown[x] || !shown[y])
			continue;
		bool next = g->groups[x].spine && g->groups[y].spine && g->groups[y].place == g->groups[x].place + 16;
		if (g->groups[x].item != g->groups[y].item && (g->in->flow_taken[f] || next))
			edge_add(g, g->groups[x].item, g->groups[y].item, g->in->flow_taken[f]);
	}
	/* Off the spine nothing may hang in the air. */
	for (int i = 1; i < g->order_count; i++) {
		int item = g->groups[g->order[i]].item, in = 0;
		for (int f = 0; f < g->flow_count; f++)
			in += g->flows[f].target == item;
		if (!in && item != g->groups[g->order[i - 1]].item)
			edge_add(g, g->groups[g->order[i - 1]].item, item, g->groups[g->order[i]].lit);
	}
}

/* in and out of every node, and the one process. */
static const struct wf_def *def_finish(struct graph *g)
{
	struct wf_def *d = arena_zero(g->a, sizeof(*d));
	struct wf_process *p = arena_zero(g->a, sizeof(*p));
	for (int n = 0; n < g->node_count; n++) {
		int *in = arena_alloc(g->a, (size_t)(g->flow_count + 1) * sizeof(int));
		int *out = arena_alloc(g->a, (size_t)(g->flow_count + 1) * sizeof(int));
		g->nodes[n].in_count = g->nodes[n].out_count = 0;
		for (int f = 0; f < g->flow_count; f++) {
			if (g->flows[f].target == n)
				in[g->nodes[n].in_count++] = f;
			if (g->flows[f].source == n)
				out[g->nodes[n].out_count++] = f;
		}
		g->nodes[n].in = in;
		g->nodes[n].out = out;
	}
	int *starts = arena_alloc(g->a, sizeof(int));
	starts[0] = 0;
	*p = (struct wf_process){ .id = STR("p"), .after = g->node_count, .starts = starts,
		.start_count = g->node_count && g->nodes[0].kind == WF_START, .start_none = WF_NO };
	*d = (struct wf_def){ .processes = p, .process_count = 1, .nodes = g->nodes, .node_count = g->node_count,
		.flows = g->flows, .flow_count = g->flow_count, .lanes = g->lanes, .lane_count = g->lane_count };
	return d;
}

static int focus_of(const struct graph *g)
{
	static const enum view_mark wanted[] = { MARK_TOKEN, MARK_HELD, MARK_UNDOING, MARK_FAILED, MARK_WITHDRAWN };
	for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
		for (int n = 0; n < g->node_count; n++)
			if (g->facts[n].mark == wanted[w] && g->nodes[n].kind != WF_BOUNDARY)
				return n;
	int last = -1;
	for (int n = 0; n < g->node_count; n++)
		if (g->facts[n].at && (last < 0 || g->facts[n].at >= g->facts[last].at))
			last = n;
	return last;
}

void view_graph_build(struct arena *a, const struct graph_in *in, struct view_deal *v)
{
	struct graph *g = arena_zero(a, sizeof(*g));
	size_t nodes = (size_t)in->full->node_count, flows = (size_t)in->full->flow_count;
	g->a = a;
	g->in = in;
	g->d = in->full;
	g->v = v;
	g->group = arena_alloc(a, (nodes + 1) * sizeof(*g->group));
	g->groups = arena_zero(a, (nodes + 1) * sizeof(*g->groups));
	g->nodes = arena_zero(a, (3 * nodes + 8) * sizeof(*g->nodes));
	g->facts = arena_zero(a, (3 * nodes + 8) * sizeof(*g->facts));
	g->flows = arena_zero(a, (flows + nodes + 1) * sizeof(*g->flows));
	g->taken = arena_zero(a, flows + nodes + 1);
	g->lanes = arena_zero(a, ((size_t)in->full->lane_count + 1) * sizeof(*g->lanes));
	groups_make(g);
	spine_make(g);
	order_make(g);
	order_score(g);
	order_keep(g);
	lanes_make(g);
	items_make(g);
	edges_make(g);
	v->def = def_finish(g);
	v->nodes = g->facts;
	v->taken = g->taken;
	v->focus = focus_of(g);
}
