/* Layers: which edges run back, the rank of each vertex, the order within a rank, the rows.
 *
 * Order never leaves its lane. The seeds (an earlier drawing, the diagram of the file, or the order of the
 * document) give the first order; a sweep is kept only when it has fewer crossings, so that a
 * drawing that is good stays as it is. */
#include "layout_int.h"

#include <stdlib.h>
#include <string.h>

/* --- ranks ---------------------------------------------------------------------------------------- */

static struct links *outgoing(struct graph *g)
{
	struct links *out = arena_zero(g->a, (size_t)(g->vs.count + 1) * sizeof *out);
	for (int i = 0; i < g->ws.count; i++)
		out[g->ws.at[i].u].count++;
	for (int i = 0; i < g->vs.count; i++) {
		out[i].at = arena_alloc(g->a, (size_t)(out[i].count + 1) * sizeof(int));
		out[i].count = 0;
	}
	for (int i = 0; i < g->ws.count; i++)
		out[g->ws.at[i].u].at[out[g->ws.at[i].u].count++] = i;
	return out;
}

const bool *layout_back_edges(struct arena *a, int count, const struct links *out, const int *to, int edges,
	const uint8_t *root)
{
	bool *back = arena_zero(a, (size_t)edges + 1);
	uint8_t *state = arena_zero(a, (size_t)count + 1); /* 1 on the path, 2 done */
	int *stack = arena_alloc(a, (size_t)(count + 1) * sizeof *stack), *next = arena_zero(a, (size_t)(count + 1) * sizeof *next);
	for (int rated = LAYOUT_ROOT_START; rated > LAYOUT_ROOT_NOT; rated--)
		for (int i = 0; i < count; i++) {
			if (state[i] || root[i] < rated)
				continue;
			int depth = 0;
			stack[depth++] = i;
			state[i] = 1;
			while (depth) {
				int u = stack[depth - 1];
				if (next[u] == out[u].count) {
					state[u] = 2;
					depth--;
					continue;
				}
				int edge = out[u].at[next[u]++], v = to[edge];
				back[edge] = state[v] == 1;
				if (!state[v])
					state[stack[depth++] = v] = 1;
			}
		}
	return back;
}

static void mark_back(struct graph *g, const struct links *out)
{
	int *to = arena_alloc(g->a, (size_t)(g->ws.count + 1) * sizeof *to);
	uint8_t *root = arena_zero(g->a, (size_t)g->vs.count + 1);
	for (int i = 0; i < g->vs.count; i++)
		root[i] = g->vs.at[i].start ? LAYOUT_ROOT_START : LAYOUT_ROOT;
	for (int i = 0; i < g->ws.count; i++)
		to[i] = g->ws.at[i].v;
	const bool *back = layout_back_edges(g->a, g->vs.count, out, to, g->ws.count, root);
	for (int i = 0; i < g->ws.count; i++)
		g->ws.at[i].back = back[i];
}

static void longest_paths(struct graph *g, const struct links *out)
{
	int n = g->vs.count, head = 0, tail = 0;
	int *waiting = arena_zero(g->a, (size_t)(n + 1) * sizeof *waiting), *queue = arena_alloc(g->a, (size_t)(n + 1) * sizeof *queue);
	bool *fed = arena_zero(g->a, (size_t)n + 1);
	for (int i = 0; i < g->ws.count; i++)
		if (!g->ws.at[i].back) {
			waiting[g->ws.at[i].v]++;
			fed[g->ws.at[i].v] = true;
		}
	for (int i = 0; i < n; i++)
		if (!waiting[i])
			queue[tail++] = i;
	while (head < tail) {
		int u = queue[head++];
		for (int k = 0; k < out[u].count; k++) {
			const struct wire *w = &g->ws.at[out[u].at[k]];
			if (w->back)
				continue;
			if (g->vs.at[w->v].rank <= g->vs.at[u].rank)
				g->vs.at[w->v].rank = g->vs.at[u].rank + 1;
			if (!--waiting[w->v])
				queue[tail++] = w->v;
		}
	}
	for (int u = 0; u < n; u++) { /* what has nothing before it stands just left of what follows */
		int least = -1;
		for (int k = 0; !fed[u] && !g->vs.at[u].start && k < out[u].count; k++) {
			const struct wire *w = &g->ws.at[out[u].at[k]];
			if (!w->back && (least < 0 || g->vs.at[w->v].rank < least))
				least = g->vs.at[w->v].rank;
		}
		if (least > 0)
			g->vs.at[u].rank = least - 1;
	}
}

static void add_dummies(struct graph *g)
{
	for (int i = 0; i < g->ws.count; i++) {
		struct wire *w = &g->ws.at[i];
		int from = g->vs.at[w->u].rank, to = g->vs.at[w->v].rank;
		w->links = w->back ? 2 : to - from;
		w->chain = arena_alloc(g->a, (size_t)(w->links + 1) * sizeof(int));
		w->track = arena_alloc(g->a, (size_t)w->links * sizeof(int));
		for (int k = 0; k < w->links; k++)
			w->track[k] = WF_NO;
		w->chain[0] = w->u;
		w->chain[w->links] = w->v;
		for (int k = 1; !w->back && k < w->links; k++) {
			w->chain[k] = g->vs.count;
			struct vertex *d = VEC_PUSH(g->a, &g->vs);
			*d = (struct vertex){ .node = WF_NO, .handler = WF_NO, .rank = from + k, .w = 1, .lane = g->vs.at[w->v].lane,
				.seed = g->vs.at[w->v].seed };
		}
	}
}

static void fill_ranks(struct graph *g)
{
	g->ranks = 1;
	for (int i = 0; i < g->vs.count; i++)
		if (g->vs.at[i].rank >= g->ranks)
			g->ranks = g->vs.at[i].rank + 1;
	g->rank = arena_zero(g->a, (size_t)g->ranks * sizeof *g->rank);
	g->rank_count = arena_zero(g->a, (size_t)g->ranks * sizeof *g->rank_count);
	for (int i = 0; i < g->vs.count; i++)
		g->rank_count[g->vs.at[i].rank]++;
	for (int r = 0; r < g->ranks; r++) {
		g->rank[r] = arena_alloc(g->a, (size_t)(g->rank_count[r] + 1) * sizeof(int));
		g->rank_count[r] = 0;
	}
	for (int i = 0; i < g->vs.count; i++) {
		int r = g->vs.at[i].rank;
		g->rank[r][g->rank_count[r]++] = i;
	}
}

void layout_rank(struct graph *g)
{
	const struct links *out = outgoing(g);
	mark_back(g, out);
	longest_paths(g, out);
	add_dummies(g);
	fill_ranks(g);
}

/* --- order ---------------------------------------------------------------------------------------- */

struct neighbours {
	struct links *before, *after; /* vertices in the rank before and after, per vertex */
};

static struct neighbours find_neighbours(struct graph *g)
{
	size_t n = (size_t)g->vs.count + 1;
	struct neighbours nb = { arena_zero(g->a, n * sizeof(struct links)), arena_zero(g->a, n * sizeof(struct links)) };
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < g->ws.count; i++) {
			const struct wire *w = &g->ws.at[i];
			for (int k = 0; !w->back && k < w->links; k++) {
				struct links *b = &nb.before[w->chain[k + 1]], *f = &nb.after[w->chain[k]];
				if (pass) {
					b->at[b->count] = w->chain[k];
					f->at[f->count] = w->chain[k + 1];
				}
				b->count++;
				f->count++;
			}
		}
		for (int i = 0; pass == 0 && i < g->vs.count; i++) {
			nb.before[i].at = arena_alloc(g->a, (size_t)(nb.before[i].count + 1) * sizeof(int));
			nb.after[i].at = arena_alloc(g->a, (size_t)(nb.after[i].count + 1) * sizeof(int));
			nb.before[i].count = nb.after[i].count = 0;
		}
	}
	return nb;
}

struct sorting {
	int64_t key;
	int lane, place, vertex;
};

static int by_key(const void *a, const void *b)
{
	const struct sorting *x = a, *y = b;
	if (x->lane != y->lane)
		return x->lane - y->lane;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->place - y->place;
}

static void renumber(struct graph *g, int r)
{
	for (int i = 0; i < g->rank_count[r]; i++)
		g->vs.at[g->rank[r][i]].order = i;
}

static void sort_rank(struct graph *g, int r, const int64_t *keys)
{
	int n = g->rank_count[r];
	struct sorting *s = arena_alloc(g->a, (size_t)(n + 1) * sizeof *s);
	for (int i = 0; i < n; i++) {
		int v = g->rank[r][i];
		s[i] = (struct sorting){ keys[v], g->vs.at[v].lane, i, v };
	}
	qsort(s, (size_t)n, sizeof *s, by_key);
	for (int i = 0; i < n; i++)
		g->rank[r][i] = s[i].vertex;
	renumber(g, r);
}

static int by_int(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Twice the median position of the neighbours; its own place when it has none. */
static int64_t median(const struct graph *g, const struct links *l, int self)
{
	int places[64], n = l->count < 64 ? l->count : 64;
	if (!n)
		return 2 * (int64_t)g->vs.at[self].order;
	for (int i = 0; i < n; i++)
		places[i] = g->vs.at[l->at[i]].order;
	qsort(places, (size_t)n, sizeof *places, by_int);
	return places[(n - 1) / 2] + places[n / 2];
}

/* Crossings between the edges of two vertices, with a above b. */
static int crossings(const struct graph *g, const struct links *a, const struct links *b)
{
	int n = 0;
	for (int i = 0; i < a->count; i++)
		for (int k = 0; k < b->count; k++)
			n += g->vs.at[a->at[i]].order > g->vs.at[b->at[k]].order;
	return n;
}

static int all_crossings(const struct graph *g, const struct neighbours *nb)
{
	int n = 0;
	for (int r = 0; r < g->ranks; r++)
		for (int i = 0; i < g->rank_count[r]; i++)
			for (int k = i + 1; k < g->rank_count[r]; k++)
				n += crossings(g, &nb->after[g->rank[r][i]], &nb->after[g->rank[r][k]]);
	return n;
}

static void exchange(struct graph *g, const struct neighbours *nb)
{
	for (int r = 0; r < g->ranks; r++)
		for (int i = 0; i + 1 < g->rank_count[r]; i++) {
			int a = g->rank[r][i], b = g->rank[r][i + 1];
			if (g->vs.at[a].lane != g->vs.at[b].lane)
				continue;
			int now = crossings(g, &nb->before[a], &nb->before[b]) + crossings(g, &nb->after[a], &nb->after[b]);
			int then = crossings(g, &nb->before[b], &nb->before[a]) + crossings(g, &nb->after[b], &nb->after[a]);
			if (then < now) {
				g->rank[r][i] = b;
				g->rank[r][i + 1] = a;
				renumber(g, r);
			}
		}
}

static void sweep(struct graph *g, const struct neighbours *nb, bool down, int64_t *keys)
{
	for (int k = 1; k < g->ranks; k++) {
		int r = down ? k : g->ranks - 1 - k;
		for (int i = 0; i < g->rank_count[r]; i++) {
			int v = g->rank[r][i];
			keys[v] = median(g, down ? &nb->before[v] : &nb->after[v], v);
		}
		sort_rank(g, r, keys);
	}
}

static void copy_order(struct graph *g, int *to, bool restore)
{
	for (int r = 0; r < g->ranks; r++) {
		size_t bytes = (size_t)g->rank_count[r] * sizeof(int);
		if (restore)
			memcpy(g->rank[r], to, bytes);
		else
			memcpy(to, g->rank[r], bytes);
		to += g->rank_count[r];
		renumber(g, r);
	}
}

enum { SWEEPS = 4 };

void layout_order(struct graph *g)
{
	int64_t *keys = arena_alloc(g->a, (size_t)(g->vs.count + 1) * sizeof *keys);
	int *best = arena_alloc(g->a, (size_t)(g->vs.count + 1) * sizeof *best);
	struct neighbours nb = find_neighbours(g);
	for (int i = 0; i < g->vs.count; i++)
		keys[i] = g->vs.at[i].seed;
	for (int r = 0; r < g->ranks; r++)
		sort_rank(g, r, keys);
	copy_order(g, best, false);
	int least = all_crossings(g, &nb);
	for (int s = 0; s < SWEEPS && least; s++) {
		sweep(g, &nb, s % 2 == 0, keys);
		exchange(g, &nb);
		int n = all_crossings(g, &nb);
		if (n < least) {
			least = n;
			copy_order(g, best, false);
		}
	}
	copy_order(g, best, true);
	exchange(g, &nb);
}

/* --- rows ----------------------------------------------------------------------------------------- */

/* Rows from the line of a to the line of b right under it. */
static int apart(const struct graph *g, const struct vertex *a, const struct vertex *b)
{
	bool air = g->o->detail == LAYOUT_BOXES && a->node != WF_NO && b->node != WF_NO;
	return a->below + b->above + 1 + air;
}

struct block {
	int64_t sum, weight; /* of the wishes, less the offset */
	int count;
};

/* Places vertices first … first + n - 1 of a rank, all of one lane, as near to their wishes as their order and
 * sizes allow: pool adjacent violators on the wishes less the offsets. */
static void place(struct graph *g, const int *vertices, int n, const int64_t *wish, const int64_t *weight)
{
	struct block *b = arena_alloc(g->a, (size_t)(n + 1) * sizeof *b);
	int blocks = 0;
	int64_t offset = 0;
	for (int i = 0; i < n; i++) {
		if (i)
			offset += apart(g, &g->vs.at[vertices[i - 1]], &g->vs.at[vertices[i]]);
		b[blocks++] = (struct block){ (wish[i] - offset) * weight[i], weight[i], 1 };
		while (blocks > 1 && b[blocks - 2].sum * b[blocks - 1].weight > b[blocks - 1].sum * b[blocks - 2].weight) {
			b[blocks - 2].sum += b[blocks - 1].sum;
			b[blocks - 2].weight += b[blocks - 1].weight;
			b[blocks - 2].count += b[blocks - 1].count;
			blocks--;
		}
	}
	int i = 0;
	offset = 0;
	for (int k = 0; k < blocks; k++) {
		int64_t at = b[k].sum / b[k].weight - (b[k].sum % b[k].weight < 0);
		for (int m = 0; m < b[k].count; m++, i++) {
			if (i)
				offset += apart(g, &g->vs.at[vertices[i - 1]], &g->vs.at[vertices[i]]);
			g->vs.at[vertices[i]].y = (int)(at + offset);
		}
	}
}

/* Where a vertex would like to be: level with its neighbours on one side, long edges most of all. */
static void wish_of(const struct graph *g, const struct links *l, int self, int64_t *wish, int64_t *weight)
{
	int64_t sum = 0, total = 0;
	const struct vertex *v = &g->vs.at[self];
	for (int i = 0; i < l->count; i++) {
		const struct vertex *o = &g->vs.at[l->at[i]];
		if (o->lane != v->lane)
			continue;
		int64_t w = o->node == WF_NO && v->node == WF_NO ? 16 : 2;
		sum += w * o->y;
		total += w;
	}
	*wish = total ? (sum + total / 2) / total : v->y;
	*weight = total ? total : 1;
}

static void level(struct graph *g, int r, const struct links *side)
{
	int n = g->rank_count[r];
	int64_t *wish = arena_alloc(g->a, (size_t)(2 * n + 2) * sizeof *wish), *weight = wish + n + 1;
	for (int i = 0; i < n; i++)
		wish_of(g, &side[g->rank[r][i]], g->rank[r][i], &wish[i], &weight[i]);
	for (int i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && g->vs.at[g->rank[r][k]].lane == g->vs.at[g->rank[r][i]].lane; k++)
			;
		place(g, g->rank[r] + i, k - i, wish + i, weight + i);
	}
}

void layout_rows(struct graph *g)
{
	struct neighbours nb = find_neighbours(g);
	for (int r = 0; r < g->ranks; r++)
		for (int i = 0; i < g->rank_count[r]; i++) {
			struct vertex *v = &g->vs.at[g->rank[r][i]], *up = i ? &g->vs.at[g->rank[r][i - 1]] : NULL;
			v->y = up && up->lane == v->lane ? up->y + apart(g, up, v) : v->above;
		}
	for (int pass = 0; pass < SWEEPS; pass++)
		for (int k = 0; k < g->ranks; k++)
			level(g, pass % 2 ? g->ranks - 1 - k : k, pass % 2 ? nb.after : nb.before);
	int *top = arena_alloc(g->a, (size_t)(g->lanes + 1) * sizeof *top);
	for (int l = 0; l < g->lanes; l++)
		top[l] = 1 << 28;
	for (int i = 0; i < g->vs.count; i++) {
		const struct vertex *v = &g->vs.at[i];
		if (v->y - v->above < top[v->lane])
			top[v->lane] = v->y - v->above;
	}
	for (int i = 0; i < g->vs.count; i++)
		g->vs.at[i].y -= top[g->vs.at[i].lane];
}

void layout_stack(struct graph *g)
{
	for (int l = 0; l < g->lanes; l++)
		g->lane_h[l] = 1;
	for (int i = 0; i < g->vs.count; i++) {
		const struct vertex *v = &g->vs.at[i];
		if (v->y + v->below + 1 > g->lane_h[v->lane])
			g->lane_h[v->lane] = v->y + v->below + 1;
	}
	int y = 0;
	for (int l = 0; l < g->lanes; l++) {
		y += g->rules;
		g->lane_y[l] = y;
		y += g->lane_h[l];
	}
	g->back_y = y;
	g->height = y + g->back_rows;
}

int layout_row(const struct graph *g, const struct vertex *v)
{
	return g->lane_y[v->lane] + v->y;
}
