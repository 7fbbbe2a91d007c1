/* The drawing of processes: the promises of layout.h, held over our own models, generated ones and (with
 * WHARF_DATA) published ones. WHARF_SHOW prints what is drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "workflow/layout.h"

#define HEAD "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:wharf=\"https://wharf.example/bpmn\" id=\"d\">"
#define FLOW(id, a, b) "<sequenceFlow id=\"" id "\" sourceRef=\"" a "\" targetRef=\"" b "\"/>"
#define IF(id, a, b) "<sequenceFlow id=\"" id "\" sourceRef=\"" a "\" targetRef=\"" b "\"><conditionExpression>x</conditionExpression></sequenceFlow>"

static const char pledge[] = HEAD "<error id=\"E\" name=\"x\" errorCode=\"x\"/><process id=\"P\"><laneSet>"
	"<lane id=\"l1\" name=\"Halcyon BOR\"><flowNodeRef>s</flowNodeRef><flowNodeRef>apply</flowNodeRef></lane>"
	"<lane id=\"l2\" name=\"Waalhaven WHS\"><flowNodeRef>inbound</flowNodeRef><flowNodeRef>receipt</flowNodeRef></lane>"
	"<lane id=\"l3\" name=\"Noordzee FND\"><flowNodeRef>limit</flowNodeRef><flowNodeRef>pledge</flowNodeRef><flowNodeRef>value</flowNodeRef>"
	"<flowNodeRef>gate</flowNodeRef><flowNodeRef>pay</flowNodeRef><flowNodeRef>e</flowNodeRef><flowNodeRef>no</flowNodeRef></lane></laneSet>"
	"<startEvent id=\"s\"/><userTask id=\"apply\" name=\"Apply\"/><userTask id=\"limit\" name=\"Limit\"/>"
	"<boundaryEvent id=\"b1\" attachedToRef=\"limit\"><compensateEventDefinition/></boundaryEvent>"
	"<userTask id=\"h1\" name=\"limit.release\" isForCompensation=\"true\"/><association id=\"a1\" sourceRef=\"b1\" targetRef=\"h1\"/>"
	"<subProcess id=\"inbound\" name=\"Inbound\"><startEvent id=\"is\"/><userTask id=\"arrive\" name=\"Arrive\"/><userTask id=\"count\" name=\"Count\"/>"
	"<endEvent id=\"ie\"/>" FLOW("i1", "is", "arrive") FLOW("i2", "arrive", "count") FLOW("i3", "count", "ie") "</subProcess>"
	"<boundaryEvent id=\"late\" attachedToRef=\"inbound\"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>"
	"<userTask id=\"receipt\" name=\"Receipt\"/>"
	"<boundaryEvent id=\"b2\" attachedToRef=\"receipt\"><compensateEventDefinition/></boundaryEvent>"
	"<userTask id=\"h2\" name=\"ewr.cancel\" isForCompensation=\"true\"/><association id=\"a2\" sourceRef=\"b2\" targetRef=\"h2\"/>"
	"<userTask id=\"pledge\" name=\"Pledge\"/><userTask id=\"value\" name=\"Value\"/>"
	"<boundaryEvent id=\"stale\" attachedToRef=\"value\"><errorEventDefinition/></boundaryEvent>"
	"<exclusiveGateway id=\"gate\" default=\"f9\"/><userTask id=\"pay\" name=\"Pay out\" wharf:reversible=\"pivot\"/><endEvent id=\"e\"/><endEvent id=\"no\"/>"
	FLOW("f1", "s", "apply") FLOW("f2", "apply", "limit") FLOW("f3", "limit", "inbound") FLOW("f4", "inbound", "receipt")
	FLOW("f5", "receipt", "pledge") FLOW("f6", "pledge", "value") FLOW("f7", "value", "gate") IF("f8", "gate", "pay")
	FLOW("f9", "gate", "no") IF("f10", "gate", "limit") FLOW("f11", "pay", "e") FLOW("f12", "late", "no") FLOW("f13", "stale", "no")
	"</process></definitions>";

static struct wf_def *read_model(struct str text)
{
	struct wf_faults *f = calloc(1, sizeof *f);
	struct wf_def *d;
	wf_def_view(text, &d, f);
	if (!d)
		fail_msg("%s", f->list[0].text);
	free(f);
	return d;
}

/* --- the promises --------------------------------------------------------------------------------- */


static bool inside(const struct layout_node *out, const struct layout_node *in)
{
	return out->what == LAYOUT_FRAME && in->x > out->x && in->y > out->y && in->x + in->w < out->x + out->w &&
		in->y + in->h < out->y + out->h;
}

static void check_boxes(const struct layout *l)
{
	for (int i = 0; i < l->node_count; i++) {
		const struct layout_node *a = &l->nodes[i];
		assert_true(a->x >= 0 && a->y >= 0 && a->x + a->w <= l->width && a->y + a->h <= l->height);
		assert_true(a->line_y >= a->y && a->line_y < a->y + a->h);
		for (int k = i + 1; k < l->node_count; k++) {
			const struct layout_node *b = &l->nodes[k];
			bool apart = a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y || b->y + b->h <= a->y;
			if (!apart && a->what != LAYOUT_PORT && b->what != LAYOUT_PORT && !inside(a, b) && !inside(b, a))
				fail_msg("nodes %d and %d overlap", a->node, b->node);
		}
	}
}

static bool covers(const struct layout_node *n, int x, int y)
{
	if (n->what == LAYOUT_FRAME) /* its border */
		return x >= n->x && x < n->x + n->w && y >= n->y && y < n->y + n->h &&
			(x == n->x || y == n->y || x == n->x + n->w - 1 || y == n->y + n->h - 1);
	return x >= n->x && x < n->x + n->w && y >= n->y && y < n->y + n->h;
}

/* Two edges in one cell: a crossing (straight across each other), or one source, or one target. */
static bool may_share(const struct layout_edge *a, const struct layout_cell *ca, const struct layout_edge *b,
	const struct layout_cell *cb)
{
	if (a->from == b->from || a->to == b->to)
		return true;
	bool flat_a = ca->mask == (LAYOUT_E | LAYOUT_W), flat_b = cb->mask == (LAYOUT_E | LAYOUT_W);
	bool tall_a = ca->mask == (LAYOUT_N | LAYOUT_S), tall_b = cb->mask == (LAYOUT_N | LAYOUT_S);
	return (flat_a && tall_b) || (tall_a && flat_b);
}

static int check_lines(const struct layout *l)
{
	int bad = 0;
	struct {
		int edge, cell;
	} *at = calloc((size_t)(l->width + 1) * (size_t)(l->height + 1), sizeof *at);
	for (int e = 0; e < l->edge_count; e++)
		for (int c = 0; c < l->edges[e].count; c++) {
			const struct layout_cell *cell = &l->edges[e].cells[c];
			assert_true(cell->x >= 0 && cell->y >= 0 && cell->x < l->width && cell->y < l->height);
			assert_true(cell->mask && cell->mask < 16);
			for (int i = 0; i < l->node_count; i++)
				if (covers(&l->nodes[i], cell->x, cell->y))
					fail_msg("edge %d to %d runs through node %d at %d,%d", l->edges[e].from, l->edges[e].to, l->nodes[i].node, cell->x, cell->y);
			size_t k = (size_t)cell->y * (size_t)l->width + (size_t)cell->x;
			if (at[k].edge && !may_share(&l->edges[at[k].edge - 1], &l->edges[at[k].edge - 1].cells[at[k].cell], &l->edges[e], cell))
				bad++;
			at[k].edge = e + 1;
			at[k].cell = c;
		}
	free(at);
	return bad;
}

/* Cells of an edge hang together and fit each other. */
static void check_connected(const struct layout *l)
{
	for (int e = 0; e < l->edge_count; e++)
		for (int c = 1; c < l->edges[e].count; c++) {
			const struct layout_cell *p = &l->edges[e].cells[c - 1], *q = p + 1;
			int dx = q->x - p->x, dy = q->y - p->y;
			assert_int_equal(abs(dx) + abs(dy), 1);
			assert_true(p->mask & (dx > 0 ? LAYOUT_E : dx < 0 ? LAYOUT_W : dy > 0 ? LAYOUT_S : LAYOUT_N));
			assert_true(q->mask & (dx > 0 ? LAYOUT_W : dx < 0 ? LAYOUT_E : dy > 0 ? LAYOUT_N : LAYOUT_S));
		}
}

static void show(const struct layout *l, const struct wf_def *d)
{
	static const char *const glyphs[16] = { " ", "╵", "╶", "└", "╷", "│", "┌", "├", "╴", "┘", "─", "┴", "┐", "┤", "┬", "┼" };
	if (!getenv("WHARF_SHOW"))
		return;
	size_t n = (size_t)l->width * (size_t)l->height;
	uint8_t *mask = calloc(n + 1, 1);
	int *text = calloc(n + 1, sizeof *text);
	for (int i = 0; i < l->lane_count; i++)
		for (int x = 0; x < l->width; x++)
			mask[l->lanes[i].y * l->width + x] = LAYOUT_E | LAYOUT_W;
	for (int e = 0; e < l->edge_count; e++)
		for (int c = 0; c < l->edges[e].count; c++)
			mask[l->edges[e].cells[c].y * l->width + l->edges[e].cells[c].x] |= l->edges[e].cells[c].mask;
	for (int i = 0; i < l->node_count; i++) {
		const struct layout_node *v = &l->nodes[i];
		struct str name = wf_node_label(&d->nodes[v->node]);
		for (int x = 0; x < v->w; x++)
			for (int y = 0; y < v->h; y++)
				if (v->what != LAYOUT_FRAME || covers(v, v->x + x, v->y + y))
					text[(v->y + y) * l->width + v->x + x] = v->what == LAYOUT_HANDLER ? ':' : v->h > 1 ? '#' : 'o';
		for (int x = 0; v->w > 2 && v->what != LAYOUT_FRAME && x < (int)name.len && x + 2 < v->w; x++)
			text[v->line_y * l->width + v->x + 2 + x] = name.ptr[x];
		if (v->what == LAYOUT_PORT)
			text[v->y * l->width + v->x] = 'T';
		for (int x = 0; l->detail == LAYOUT_LIST && x < (int)name.len; x++)
			text[v->y * l->width + l->text_x + x] = name.ptr[x];
	}
	for (int y = 0; y < l->height; y++) {
		for (int x = 0; x < l->width; x++)
			text[y * l->width + x] ? (void)putchar(text[y * l->width + x]) : (void)fputs(glyphs[mask[y * l->width + x]], stdout);
		putchar('\n');
	}
	free(mask);
	free(text);
}

static int check_all(const struct wf_def *d, struct layout_options o)
{
	struct arena a = { 0 };
	int bad = 0;
	for (o.detail = LAYOUT_BOXES; o.detail <= LAYOUT_LIST; o.detail++) {
		const struct layout *l = layout_build(&a, d, &o);
		show(l, d);
		check_boxes(l);
		check_connected(l);
		bad += check_lines(l);
	}
	arena_free(&a);
	return bad;
}

/* --- tests ---------------------------------------------------------------------------------------- */

static void draws_the_pledge(void **state)
{
	struct wf_def *d = read_model(str_of(pledge));
	struct arena a = { 0 };
	struct layout_options o = layout_whole(0, LAYOUT_BOXES);
	const struct layout *l = layout_build(&a, d, &o);
	const struct layout_node *limit = layout_find(l, d, wf_node_named(d, STR("limit"))->index);
	const struct layout_node *undo = layout_find(l, d, wf_node_named(d, STR("h1"))->index);
	const struct layout_node *fold = layout_find(l, d, wf_node_named(d, STR("count"))->index);
	(void)state;
	assert_int_equal(l->lane_count, 3);
	assert_true(str_is(l->lanes[2].title, "Noordzee FND"));
	assert_int_equal(limit->lane, 2);
	assert_int_equal(limit->h, 3);
	assert_int_equal(undo->what, LAYOUT_HANDLER);
	assert_true(undo->y > limit->y + 2 && undo->x == limit->x);
	assert_int_equal(fold->what, LAYOUT_FOLDED);
	assert_int_equal(fold->hidden, 4);
	int back = 0;
	for (int i = 0; i < l->edge_count; i++)
		back += l->edges[i].back;
	assert_int_equal(back, 1);
	assert_true(l->lanes[1].title_max < l->width); /* the line from Apply to Limit */
	assert_int_equal(check_all(d, o), 0);
	arena_free(&a);
	wf_def_free(d);
}

static void opens_sub_processes(void **state)
{
	struct wf_def *d = read_model(str_of(pledge));
	struct arena a = { 0 };
	uint8_t *open = calloc((size_t)d->node_count, 1);
	struct layout_options o = layout_whole(0, LAYOUT_BOXES);
	(void)state;
	open[wf_node_named(d, STR("inbound"))->index] = 1;
	o.open = open;
	const struct layout *l = layout_build(&a, d, &o);
	const struct layout_node *frame = layout_find(l, d, wf_node_named(d, STR("inbound"))->index);
	const struct layout_node *count = layout_find(l, d, wf_node_named(d, STR("count"))->index);
	assert_int_equal(frame->what, LAYOUT_FRAME);
	assert_true(inside(frame, count));
	assert_int_equal(check_all(d, o), 0);
	free(open);
	arena_free(&a);
	wf_def_free(d);
}

static void focuses(void **state)
{
	struct wf_def *d = read_model(str_of(pledge));
	struct arena a = { 0 };
	struct layout_options o = layout_whole(0, LAYOUT_CHIPS);
	int more = 0;
	(void)state;
	o.focus = wf_node_named(d, STR("receipt"))->index;
	o.hops = 1;
	const struct layout *l = layout_build(&a, d, &o);
	assert_null(layout_find(l, d, wf_node_named(d, STR("apply"))->index));
	assert_non_null(layout_find(l, d, wf_node_named(d, STR("pledge"))->index));
	for (int i = 0; i < l->node_count; i++)
		more += l->nodes[i].what == LAYOUT_MORE;
	assert_true(more >= 2);
	assert_int_equal(check_all(d, o), 0);
	arena_free(&a);
	wf_def_free(d);
}

static void fits_the_window(void **state)
{
	struct wf_def *d = read_model(str_of(pledge));
	struct arena a = { 0 };
	struct layout_options o = layout_whole(0, LAYOUT_BOXES);
	(void)state;
	assert_int_equal(layout_fit(&a, d, &o, 250, 70)->detail, LAYOUT_BOXES);
	assert_int_equal(layout_fit(&a, d, &o, 130, 20)->detail, LAYOUT_CHIPS);
	assert_int_equal(layout_fit(&a, d, &o, 40, 10)->detail, LAYOUT_LIST);
	arena_free(&a);
	wf_def_free(d);
}

static void keeps_the_order_it_had(void **state)
{
	struct wf_def *d = read_model(str_of(pledge));
	struct arena a = { 0 };
	struct layout_options o = layout_whole(0, LAYOUT_BOXES);
	const struct layout *first = layout_build(&a, d, &o);
	(void)state;
	o.previous = first;
	const struct layout *again = layout_build(&a, d, &o);
	assert_int_equal(first->node_count, again->node_count);
	for (int i = 0; i < first->node_count; i++) {
		assert_int_equal(first->nodes[i].x, again->nodes[i].x);
		assert_int_equal(first->nodes[i].y, again->nodes[i].y);
	}
	arena_free(&a);
	wf_def_free(d);
}

/* A process of n tasks in a random mesh, with loops; the generator is a plain congruence, so always the same. */
static struct wf_def *mesh(int n, unsigned seed, int lanes)
{
	struct buf b = { 0 };
	buf_text(&b, HEAD "<process id=\"P\"><laneSet>");
	for (int l = 0; l < lanes; l++) {
		buf_printf(&b, "<lane id=\"l%d\" name=\"Lane %d\">", l, l);
		for (int i = 0; i < n; i++)
			if ((i / 3) % lanes == l)
				buf_printf(&b, "<flowNodeRef>t%d</flowNodeRef>", i);
		buf_text(&b, "</lane>");
	}
	buf_text(&b, "</laneSet><startEvent id=\"s\"/><endEvent id=\"e\"/>" FLOW("fs", "s", "t0"));
	for (int i = 0; i < n; i++) {
		buf_printf(&b, "<task id=\"t%d\" name=\"Task number %d\"/>", i, i);
		for (int k = 0; k < 1 + (i % 4 == 0); k++) {
			seed = seed * 1103515245 + 12345;
			unsigned dice = seed >> 16;
			int to = dice % 11 == 0 ? (int)(dice / 11 % (unsigned)(i + 1)) : i + 1 + (int)(dice % 4);
			if (to < n)
				buf_printf(&b, "<sequenceFlow id=\"f%d_%d\" sourceRef=\"t%d\" targetRef=\"t%d\"/>", i, k, i, to);
			else
				buf_printf(&b, "<sequenceFlow id=\"f%d_%d\" sourceRef=\"t%d\" targetRef=\"e\"/>", i, k, i);
		}
		if (i % 5 == 2)
			buf_printf(&b, "<boundaryEvent id=\"b%d\" attachedToRef=\"t%d\"><errorEventDefinition/></boundaryEvent>"
				"<sequenceFlow id=\"fb%d\" sourceRef=\"b%d\" targetRef=\"t%d\"/>", i, i, i, i, i + 4 < n ? i + 4 : 0);
		if (i % 7 == 3)
			buf_printf(&b, "<boundaryEvent id=\"c%d\" attachedToRef=\"t%d\"><compensateEventDefinition/></boundaryEvent>"
				"<task id=\"h%d\" isForCompensation=\"true\"/><association id=\"a%d\" sourceRef=\"c%d\" targetRef=\"h%d\"/>", i, i, i, i, i, i);
	}
	buf_text(&b, "</process></definitions>");
	struct wf_def *d = read_model(buf_view(&b));
	buf_free(&b);
	return d;
}

static void keeps_its_promises_over_meshes(void **state)
{
	int bad = 0;
	char *shown = getenv("WHARF_SHOW") ? strdup(getenv("WHARF_SHOW")) : NULL;
	(void)state;
	unsetenv("WHARF_SHOW");
	for (unsigned seed = 1; seed <= 60; seed++) {
		struct wf_def *d = mesh(5 + (int)seed % 40, seed, 1 + (int)seed % 4);
		bad += check_all(d, layout_whole(0, LAYOUT_BOXES));
		wf_def_free(d);
	}
	if (shown)
		setenv("WHARF_SHOW", shown, 1);
	free(shown);
	assert_int_equal(bad, 0);
}

static void is_fast(void **state)
{
	struct wf_def *d = mesh(200, 7, 4);
	struct arena a = { 0 };
	struct timespec from, to;
	(void)state;
	for (enum layout_detail k = LAYOUT_BOXES; k <= LAYOUT_LIST; k++) {
		struct layout_options o = layout_whole(0, k);
		const struct layout *l = layout_build(&a, d, &o); /* warm */
		arena_reset(&a);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		l = layout_build(&a, d, &o);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		long us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
		print_message("detail %d: %d nodes, %d edges in %d x %d cells, %ld us\n", (int)k, l->node_count, l->edge_count, l->width,
			l->height, us);
		assert_in_range(us, 0, 500000); /* some 4,000 of processor time: room for sanitizers, none for a search that grows with paths */
		arena_reset(&a);
	}
	arena_free(&a);
	wf_def_free(d);
}

static void draws_published_models(void **state)
{
	const char *data = getenv("WHARF_DATA");
	static const char *const sets[] = { "miwg", "camunda7", "spiff" };
	char *bytes = calloc(1, 4 << 20);
	int files = 0, bad = 0;
	(void)state;
	for (size_t s = 0; data && s < sizeof sets / sizeof *sets; s++) {
		char dir[1000], path[1400];
		snprintf(dir, sizeof dir, "%s/bpmn/%s", data, sets[s]);
		DIR *folder = opendir(dir);
		assert_non_null(folder);
		for (struct dirent *e; (e = readdir(folder));) {
			if (!strstr(e->d_name, ".bpmn"))
				continue;
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			FILE *in = fopen(path, "rb");
			size_t len = fread(bytes, 1, 4 << 20, in);
			fclose(in);
			struct wf_def *d = read_model((struct str){ bytes, len });
			uint8_t *open = calloc((size_t)d->node_count + 1, 1);
			memset(open, 1, (size_t)d->node_count);
			for (int p = 0; p < d->process_count; p++) {
				struct layout_options o = layout_whole(p, LAYOUT_BOXES);
				bad += check_all(d, o);
				o.open = open;
				bad += check_all(d, o);
			}
			files++;
			free(open);
			wf_def_free(d);
		}
		closedir(folder);
	}
	free(bytes);
	if (!data) {
		print_message("WHARF_DATA is not set: published models are not drawn\n");
		skip();
	}
	print_message("%d published files drawn\n", files);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(draws_the_pledge), cmocka_unit_test(opens_sub_processes),
		cmocka_unit_test(focuses), cmocka_unit_test(fits_the_window), cmocka_unit_test(keeps_the_order_it_had),
		cmocka_unit_test(keeps_its_promises_over_meshes), cmocka_unit_test(is_fast), cmocka_unit_test(draws_published_models) };
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
