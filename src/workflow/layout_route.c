/* Lines: a track for the vertical piece of each source in each gap between ranks, then cells.
 *
 * In a gap, lines arrive on the rows of the left rank and leave on those of the right one. The pieces of
 * one source share a track (they fork), different sources never do where they overlap. Where a left
 * row equals a right row of another edge, the left one must turn first; where that goes in a circle, the
 * right vertex moves down a row. So two lines without a common end never lie on each other. */
#include "layout_int.h"

#include <stdlib.h>

struct seg {
	int wire, link;
	bool left, right;
	int yl, yr;
	int right_vertex;
	int group;
};

struct group {
	int key;       /* source vertex and exit; WF_NO for what arrives from a back row */
	int yl;        /* WF_NO: none */
	int lo, hi;    /* rows of the vertical piece */
	int track;
	bool placed;
};

struct gap {
	struct seg *segs;
	int count;
	struct group *groups;
	int group_count, tracks;
};

static int bottom_row(const struct graph *g, const struct vertex *v)
{
	return layout_row(g, v) - v->above + v->box_h - 1;
}

int layout_exit_row(const struct graph *g, const struct wire *w)
{
	const struct vertex *u = &g->vs.at[w->u];
	return w->exit == WF_NO ? layout_row(g, u) : bottom_row(g, u) + u->exits - w->exit;
}

/* --- tracks --------------------------------------------------------------------------------------- */

static void add_seg(struct gap *gap, struct seg s, int key)
{
	if (s.left && s.right && s.yl == s.yr)
		return; /* straight */
	int k = gap->group_count;
	for (int i = 0; key != WF_NO && i < gap->group_count; i++)
		if (gap->groups[i].key == key)
			k = i;
	int lo = s.yl < s.yr ? s.yl : s.yr, hi = s.yl < s.yr ? s.yr : s.yl;
	struct group *gr = &gap->groups[k];
	if (k == gap->group_count) {
		*gr = (struct group){ .key = key, .yl = s.left ? s.yl : WF_NO, .lo = lo, .hi = hi };
		gap->group_count++;
	}
	gr->lo = lo < gr->lo ? lo : gr->lo;
	gr->hi = hi > gr->hi ? hi : gr->hi;
	s.group = k;
	gap->segs[gap->count++] = s;
}

static void collect(struct graph *g, struct gap *gap, const int *wires, int count, int at)
{
	gap->count = gap->group_count = gap->tracks = 0;
	for (int i = 0; i < count; i++) {
		const struct wire *w = &g->ws.at[wires[i]];
		int ru = g->vs.at[w->u].rank, back_row = g->back_y + w->back_row;
		int key = w->u * 64 + (w->exit == WF_NO ? 63 : w->exit);
		if (w->back) {
			if (ru + 1 == at)
				add_seg(gap, (struct seg){ wires[i], 0, true, false, layout_exit_row(g, w), back_row, WF_NO, 0 }, key);
			if (g->vs.at[w->v].rank == at)
				add_seg(gap, (struct seg){ wires[i], 1, false, true, back_row, layout_row(g, &g->vs.at[w->v]), w->v, 0 }, WF_NO);
			continue;
		}
		int k = at - 1 - ru;
		int l = w->chain[k], r = w->chain[k + 1];
		int yl = k ? layout_row(g, &g->vs.at[l]) : layout_exit_row(g, w);
		add_seg(gap, (struct seg){ wires[i], k, true, true, yl, layout_row(g, &g->vs.at[r]), r, 0 },
			k ? -2 - l : key);
	}
}

/* Must group a turn before group b? */
static bool before(const struct gap *gap, int a, int b)
{
	if (a == b || gap->groups[a].yl == WF_NO)
		return false;
	for (int i = 0; i < gap->count; i++)
		if (gap->segs[i].group == b && gap->segs[i].right && gap->segs[i].yr == gap->groups[a].yl)
			return true;
	return false;
}

/* Groups that go down turn the earlier the lower they start, those that go up the higher: fewer crossings. */
static int eagerness(const struct group *gr)
{
	int from = gr->yl == WF_NO ? gr->lo : gr->yl;
	return gr->hi > from ? -from : from;
}

static void place_group(struct gap *gap, int k)
{
	struct group *gr = &gap->groups[k];
	int t = 0;
	for (int a = 0; a < gap->group_count; a++)
		if (gap->groups[a].placed && gap->groups[a].track >= t && before(gap, a, k))
			t = gap->groups[a].track + 1;
	for (int a = 0; a < gap->group_count; a++) {
		const struct group *o = &gap->groups[a];
		if (o->placed && o->track == t && o->lo <= gr->hi && gr->lo <= o->hi) {
			t++;
			a = -1;
		}
	}
	gr->track = t;
	gr->placed = true;
	if (t + 1 > gap->tracks)
		gap->tracks = t + 1;
}

/* Places all groups; the vertex to move when they wait for each other in a circle, else WF_NO. */
static int place_groups(struct gap *gap, bool force)
{
	for (int done = 0; done < gap->group_count; done++) {
		int pick = WF_NO;
		for (int k = 0; k < gap->group_count; k++) {
			bool waits = gap->groups[k].placed;
			for (int a = 0; !waits && a < gap->group_count; a++)
				waits = !gap->groups[a].placed && before(gap, a, k);
			if (!waits && (pick == WF_NO || eagerness(&gap->groups[k]) < eagerness(&gap->groups[pick])))
				pick = k;
		}
		for (int i = 0; pick == WF_NO && !force && i < gap->count; i++)
			for (int a = 0; a < gap->group_count; a++)
				if (!gap->groups[gap->segs[i].group].placed && !gap->groups[a].placed && gap->segs[i].right &&
					a != gap->segs[i].group && gap->groups[a].yl == gap->segs[i].yr)
					return gap->segs[i].right_vertex;
		for (int k = 0; pick == WF_NO && k < gap->group_count; k++)
			if (!gap->groups[k].placed)
				pick = k;
		place_group(gap, pick);
	}
	return WF_NO;
}

static void move_down(struct graph *g, int v)
{
	const struct vertex *from = &g->vs.at[v];
	for (int i = from->order; i < g->rank_count[from->rank]; i++) {
		struct vertex *o = &g->vs.at[g->rank[from->rank][i]];
		if (o->lane == g->vs.at[v].lane)
			o->y++;
	}
}

enum { MOVES_MAX = 200 };

static int route_gap(struct graph *g, const int *wires, int count, int at)
{
	size_t room = (size_t)(2 * count + 1);
	struct gap gap = { .segs = arena_alloc(g->a, room * sizeof(struct seg)), .groups = arena_alloc(g->a, room * sizeof(struct group)) };
	for (int move = 0; move <= MOVES_MAX; move++) {
		layout_stack(g);
		collect(g, &gap, wires, count, at);
		int v = place_groups(&gap, move == MOVES_MAX);
		if (v == WF_NO)
			break;
		move_down(g, v);
	}
	for (int i = 0; i < gap.count; i++)
		g->ws.at[gap.segs[i].wire].track[gap.segs[i].link] = gap.groups[gap.segs[i].group].track;
	return gap.tracks;
}

/* Back edges get rows under everything; short ones above, so that they do not cross the long ones. */
static void back_rows(struct graph *g)
{
	int *first = arena_alloc(g->a, (size_t)(g->ws.count + 1) * sizeof *first), *last = arena_alloc(g->a, (size_t)(g->ws.count + 1) * sizeof *last);
	int *row = arena_alloc(g->a, (size_t)(g->ws.count + 1) * sizeof *row), n = 0;
	g->back_rows = 0;
	for (int span = 0; span <= g->ranks; span++)
		for (int i = 0; i < g->ws.count; i++) {
			struct wire *w = &g->ws.at[i];
			int to = g->vs.at[w->v].rank, from = g->vs.at[w->u].rank + 1;
			if (!w->back || from - 1 - to != span)
				continue;
			w->back_row = 0;
			for (int k = 0; k < n; k++)
				if (row[k] == w->back_row && first[k] <= from && to <= last[k]) {
					w->back_row++;
					k = -1;
				}
			first[n] = to;
			last[n] = from;
			row[n++] = w->back_row;
			if (w->back_row + 1 > g->back_rows)
				g->back_rows = w->back_row + 1;
		}
}

/* The wires that have a piece in each gap. */
static struct links *wires_of_gaps(struct graph *g)
{
	struct links *in = arena_zero(g->a, (size_t)(g->ranks + 1) * sizeof *in);
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < g->ws.count; i++) {
			const struct wire *w = &g->ws.at[i];
			int ru = g->vs.at[w->u].rank, rv = g->vs.at[w->v].rank;
			int from = w->back ? rv : ru + 1, to = w->back ? ru + 1 : rv, step = w->back ? ru + 1 - rv : 1;
			for (int at = from; at <= to; at += step ? step : 1) {
				if (pass)
					in[at].at[in[at].count] = i;
				in[at].count++;
			}
		}
		for (int at = 0; pass == 0 && at <= g->ranks; at++) {
			in[at].at = arena_alloc(g->a, (size_t)(in[at].count + 1) * sizeof(int));
			in[at].count = 0;
		}
	}
	return in;
}

void layout_route(struct graph *g)
{
	back_rows(g);
	layout_stack(g);
	const struct links *in = wires_of_gaps(g);
	int x = 0;
	int *origin = arena_alloc(g->a, (size_t)(g->ranks + 1) * sizeof *origin);
	for (int at = 0; at <= g->ranks; at++) {
		int tracks = route_gap(g, in[at].at, in[at].count, at);
		bool outer = at == 0 || at == g->ranks;
		origin[at] = x + (at > 0);
		x += outer ? (tracks ? tracks + 1 : 0) : tracks > 1 ? tracks + 2 : 3;
		int widest = 1;
		for (int i = 0; at < g->ranks && i < g->rank_count[at]; i++) {
			struct vertex *v = &g->vs.at[g->rank[at][i]];
			v->x = x;
			widest = v->w > widest ? v->w : widest;
		}
		x += at < g->ranks ? widest : 0;
	}
	g->width = x;
	layout_stack(g);
	for (int i = 0; i < g->ws.count; i++) {
		struct wire *w = &g->ws.at[i];
		int ru = g->vs.at[w->u].rank;
		for (int k = 0; k < w->links; k++)
			if (w->track[k] != WF_NO)
				w->track[k] += origin[!w->back ? ru + 1 + k : k ? g->vs.at[w->v].rank : ru + 1];
	}
}

/* --- cells ---------------------------------------------------------------------------------------- */

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static uint8_t side(int dx, int dy)
{
	return (uint8_t)(dx > 0 ? LAYOUT_E : dx < 0 ? LAYOUT_W : dy > 0 ? LAYOUT_S : LAYOUT_N);
}

const struct layout_cell *layout_cells(struct arena *a, const struct wf_point *points, int count, int *cells)
{
	int n = 0;
	for (int i = 1; i < count; i++)
		n += abs(points[i].x - points[i - 1].x) + abs(points[i].y - points[i - 1].y);
	struct layout_cell *out = arena_alloc(a, (size_t)(n + 1) * sizeof *out);
	int x = points[0].x, y = points[0].y, dx = 0, dy = 0;
	*cells = 0;
	for (int i = 1; i < count; i++) {
		int steps = abs(points[i].x - x) + abs(points[i].y - y);
		int nx = sign(points[i].x - x), ny = sign(points[i].y - y);
		for (int s = 0; s < steps; s++) {
			if (dx || dy) /* the cell just reached: from where we came, to where we go */
				out[(*cells)++] = (struct layout_cell){ (int16_t)x, (int16_t)y, (uint8_t)(side(-dx, -dy) | side(nx, ny)) };
			x += dx = nx;
			y += dy = ny;
		}
	}
	return out;
}
