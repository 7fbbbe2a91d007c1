/* The tree of a compiled condition, shared by parser, evaluation and explanation. */
#ifndef WHARF_WORKFLOW_FEEL_INT_H
#define WHARF_WORKFLOW_FEEL_INT_H

#include "workflow/feel.h"

enum feel_op {
	OP_LITERAL,
	OP_PATH,
	OP_LIST,    /* items */
	OP_RANGE,   /* items 0, 1; only as a test of OP_IN */
	OP_UNARY,   /* "< 5" as a test of OP_IN: symbol, item 0 */
	OP_AND,     /* two or more items */
	OP_OR,
	OP_NOT,     /* item 0 */
	OP_IF,      /* items: condition, then, else */
	OP_COMPARE, /* symbol, items 0, 1 */
	OP_BETWEEN, /* items: value, low, high */
	OP_IN,      /* items: value, then the tests */
	OP_ARITH,   /* symbol + - * /, items 0, 1 */
	OP_NEGATE,
	OP_CALL,    /* function, items are the arguments */
	OP_COUNT
};

enum feel_symbol { SYM_EQ, SYM_NE, SYM_LT, SYM_LE, SYM_GT, SYM_GE, SYM_ADD, SYM_SUB, SYM_MUL, SYM_DIV, SYM_COUNT };
extern const char *const feel_symbols[SYM_COUNT];

struct feel_node {
	enum feel_op op;
	enum feel_symbol symbol;
	int function;             /* row of feel_functions */
	bool open_low, open_high; /* of a range: the end itself is outside */
	int depth;                /* of the tree below, a leaf has 1 */
	struct str text;          /* as written */
	struct feel_value value;  /* of a literal */
	const struct feel_node **items;
	int count;
};

struct feel {
	struct str text;
	const struct feel_node *root;
};

struct feel_run {
	feel_resolve_fn *resolve;
	void *ctx;
	struct arena *scratch;
	struct fault *why; /* first reason for a null; text "" until there is one */
	int steps;
	bool exhausted;
};

/* One row per function. Arguments are evaluated; a NULL result of fn is impossible: null is a value. */
struct feel_function {
	const char *name;
	int min, max; /* arguments */
	struct feel_value (*fn)(struct feel_run *run, const struct feel_value *args, int count);
};
extern const struct feel_function feel_functions[];
extern const int feel_function_count;

struct feel_value feel_run_node(struct feel_run *run, const struct feel_node *n);
/* Notes why a value is null, if nothing was noted before; gives null. */
struct feel_value feel_why(struct feel_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool feel_spend(struct feel_run *run, int steps); /* false when the steps are used up */
/* <0, 0, >0 in *out; false when the two cannot be ordered. */
bool feel_order(const struct feel_value *a, const struct feel_value *b, int *out);
const char *feel_kind_word(enum feel_kind k);

#endif
