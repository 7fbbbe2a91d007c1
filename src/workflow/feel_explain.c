/* Why a condition came out as it did: its sub-conditions, each with the values that were put in.
 *
 * and, or, not and if are the frame; what they join are the reasons. A reason that the evaluation
 * never looked at (because an earlier one decided) says so. */
#include "feel_int.h"

#include <stdlib.h>

struct explaining {
	struct feel_run run;
	struct feel_reason *out;
	int max, count;
};

enum truth { FALSE, TRUE, UNKNOWN };

static struct str taken(struct explaining *e, struct buf *b)
{
	struct str s = buf_view(b);
	char *copy = str_dup(e->run.scratch, s);
	buf_free(b);
	return (struct str){ copy, s.len };
}

static void put_value(struct explaining *e, const struct feel_node *n, struct buf *b)
{
	struct feel_value v = feel_run_node(&e->run, n);
	feel_format(&v, b);
}

static void put_test(struct explaining *e, const struct feel_node *n, struct buf *b)
{
	if (n->op == OP_RANGE) {
		buf_char(b, n->open_low ? '(' : '[');
		put_value(e, n->items[0], b);
		buf_text(b, "..");
		put_value(e, n->items[1], b);
		buf_char(b, n->open_high ? ')' : ']');
	} else if (n->op == OP_UNARY) {
		buf_printf(b, "%s ", feel_symbols[n->symbol]);
		put_value(e, n->items[0], b);
	} else {
		put_value(e, n, b);
	}
}

/* The sub-condition with its operands as values. */
static struct str values_of(struct explaining *e, const struct feel_node *n)
{
	struct buf b = { 0 };
	if (n->op == OP_LITERAL)
		return STR("");
	if (n->op == OP_COMPARE) {
		put_value(e, n->items[0], &b);
		buf_printf(&b, " %s ", feel_symbols[n->symbol]);
		put_value(e, n->items[1], &b);
	} else if (n->op == OP_BETWEEN) {
		put_value(e, n->items[0], &b);
		buf_text(&b, " between ");
		put_value(e, n->items[1], &b);
		buf_text(&b, " and ");
		put_value(e, n->items[2], &b);
	} else if (n->op == OP_IN) {
		put_value(e, n->items[0], &b);
		buf_text(&b, n->count > 2 ? " in (" : " in ");
		for (int i = 1; i < n->count; i++) {
			if (i > 1)
				buf_text(&b, ", ");
			put_test(e, n->items[i], &b);
		}
		if (n->count > 2)
			buf_char(&b, ')');
	} else if (n->op == OP_CALL) {
		buf_printf(&b, "%s(", feel_functions[n->function].name);
		for (int i = 0; i < n->count; i++) {
			if (i)
				buf_text(&b, ", ");
			put_value(e, n->items[i], &b);
		}
		buf_char(&b, ')');
	} else {
		put_value(e, n, &b);
	}
	return taken(e, &b);
}

static enum truth leaf(struct explaining *e, const struct feel_node *n, int depth, bool live)
{
	struct feel_value v = feel_null();
	e->run.steps = 0; /* each reason has the budget of an evaluation */
	e->run.exhausted = false;
	if (live)
		v = feel_run_node(&e->run, n);
	if (e->count < e->max) {
		struct feel_reason *r = &e->out[e->count];
		*r = (struct feel_reason){ .text = n->text, .values = live ? values_of(e, n) : STR(""), .kind = v.kind,
			.holds = v.kind == FEEL_BOOL && v.boolean, .decided = live, .depth = depth };
	}
	e->count++;
	return v.kind != FEEL_BOOL ? UNKNOWN : v.boolean ? TRUE : FALSE;
}

static enum truth walk(struct explaining *e, const struct feel_node *n, int depth, bool live)
{
	if (n->op == OP_AND || n->op == OP_OR) {
		enum truth deciding = n->op == OP_OR ? TRUE : FALSE, all = deciding == TRUE ? FALSE : TRUE;
		for (int i = 0; i < n->count; i++) {
			enum truth t = walk(e, n->items[i], depth + 1, live && all != deciding);
			if (all != deciding && t != (deciding == TRUE ? FALSE : TRUE))
				all = t;
		}
		return all;
	}
	if (n->op == OP_NOT) {
		enum truth t = walk(e, n->items[0], depth + 1, live);
		return t == UNKNOWN ? t : t == TRUE ? FALSE : TRUE;
	}
	if (n->op == OP_IF) {
		enum truth t = walk(e, n->items[0], depth + 1, live);
		enum truth yes = walk(e, n->items[1], depth + 1, live && t == TRUE);
		enum truth no = walk(e, n->items[2], depth + 1, live && t != TRUE);
		return t == TRUE ? yes : no;
	}
	return leaf(e, n, depth, live);
}

int feel_explain(const struct feel *f, feel_resolve_fn *resolve, void *ctx, struct arena *scratch,
	struct feel_reason *out, int max)
{
	struct explaining e = { .run = { .resolve = resolve, .ctx = ctx, .scratch = scratch }, .out = out, .max = max };
	walk(&e, f->root, 0, true);
	return e.count;
}

enum { REASONS_MAX = 64 };

void feel_explain_text(const struct feel *f, feel_resolve_fn *resolve, void *ctx, struct arena *scratch,
	struct buf *out)
{
	struct feel_reason *r = arena_alloc(scratch, REASONS_MAX * sizeof *r);
	int total = feel_explain(f, resolve, ctx, scratch, r, REASONS_MAX);
	for (int i = 0; i < total && i < REASONS_MAX; i++) {
		buf_printf(out, "%*s" STR_FMT ": ", 2 * r[i].depth, "", STR_ARG(r[i].text));
		if (!r[i].decided) {
			buf_text(out, "not needed\n");
			continue;
		}
		if (r[i].values.len)
			buf_printf(out, STR_FMT " is ", STR_ARG(r[i].values));
		buf_text(out, r[i].kind != FEEL_BOOL ? (r[i].kind == FEEL_NULL ? "unknown\n" : "neither true nor false\n")
		              : r[i].holds ? "true\n" : "false\n");
	}
	if (total > REASONS_MAX)
		buf_printf(out, "and %d more\n", total - REASONS_MAX);
}
