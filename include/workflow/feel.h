/* Conditions: a small, documented subset of FEEL (DMN 1.3, clause 10.3) on exact decimals.
 *
 * What a person may write stands in docs/feel.md. An expression is compiled once into an
 * immutable tree in an arena and evaluated as often as asked; evaluation reads nothing but the
 * tree and what the resolver gives, so the same facts always give the same answer.
 *
 * As FEEL asks, evaluation does not fail on bad operands: the value is null, and null is not true.
 * The first reason why something became null can be had as a sentence. */
#ifndef WHARF_WORKFLOW_FEEL_H
#define WHARF_WORKFLOW_FEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/dec.h"
#include "base/err.h"
#include "base/str.h"

enum {
	FEEL_BYTES_MAX = 4096, /* length of an expression */
	FEEL_DEPTH_MAX = 64,   /* nesting of an expression, and of the lists it meets */
	FEEL_STEPS_MAX = 20000 /* nodes visited by one evaluation, list elements included */
};

enum feel_kind {
	FEEL_NULL,
	FEEL_BOOL,
	FEEL_DEC,
	FEEL_STR,
	FEEL_LIST,
	FEEL_DATE,     /* a day */
	FEEL_INSTANT,  /* date and time, UTC */
	FEEL_DURATION, /* days and time; no months or years */
	FEEL_KIND_COUNT
};

/* A value never owns what it points to: text and items live in the expression, in the scratch
 * arena of the evaluation, or where the resolver has them. */
struct feel_value {
	enum feel_kind kind;
	bool boolean;
	struct dec dec;
	struct str str;
	int64_t time; /* FEEL_DATE: days since 1970-01-01; FEEL_INSTANT, FEEL_DURATION: microseconds */
	const struct feel_value *items;
	int count;
};

struct feel_value feel_null(void);
struct feel_value feel_bool(bool b);
struct feel_value feel_i64(int64_t n);
struct feel_value feel_dec(struct dec d);
struct feel_value feel_str(struct str s);
struct feel_value feel_date(int64_t day);
struct feel_value feel_instant(int64_t instant);
struct feel_value feel_duration(int64_t span);

/* Gives the value of a dotted path ("deal.face") and true, or false when there is no such name;
 * the value is then null. The text and items given must live until the evaluation is over. */
typedef bool feel_resolve_fn(void *ctx, struct str path, struct feel_value *out);

struct feel; /* a compiled expression */

/* Compiles text; the tree, with a copy of the text, lives in the arena. One leading '=' is
 * skipped. ERR_SYNTAX, ERR_UNSUPPORTED or ERR_LIMIT: the fault names column and remedy
 * (line is always 1). */
enum err feel_compile(struct arena *a, struct str text, const struct feel **out,
	struct fault *fault);

struct str feel_text(const struct feel *f); /* as written, trimmed */

/* Calls visit once for each path that the expression reads, in order of appearance; a path read
 * twice comes twice. */
void feel_paths(const struct feel *f, void (*visit)(void *ctx, struct str path), void *ctx);

/* Evaluates. Always ERR_OK, with the value in *out, unless FEEL_STEPS_MAX is exceeded: ERR_LIMIT
 * and null. why (may be NULL): when *out is null, its text is the first reason
 * ("deal.face is not known"), else "". */
enum err feel_eval(const struct feel *f, feel_resolve_fn *resolve, void *ctx,
	struct arena *scratch, struct feel_value *out, struct fault *why);

/* One sub-condition of an explanation. */
struct feel_reason {
	struct str text;   /* as written: "deal.face <= 250000.00" */
	struct str values; /* with the values put in: "984000 <= 250000"; "" for a bare literal */
	enum feel_kind kind; /* FEEL_BOOL, or what else came out */
	bool holds;        /* came out true */
	bool decided;      /* was looked at: false where and/or/if never needed it */
	int depth;         /* nesting of and/or/not/if around it, from 0 */
};

/* The sub-conditions in order of appearance: the leaves under and, or, not and if. Returns how many
 * there are (at most max are filled). Text lives in the expression and in scratch. */
int feel_explain(const struct feel *f, feel_resolve_fn *resolve, void *ctx,
	struct arena *scratch, struct feel_reason *out, int max);

/* The same as text, one line each: "deal.face <= 250000.00: 984000 <= 250000 is false". */
void feel_explain_text(const struct feel *f, feel_resolve_fn *resolve, void *ctx,
	struct arena *scratch, struct buf *out);

/* A value as FEEL would write it: 12.5, "text", [1, 2], null, date("2026-03-16"). What is read back is the same value, but for numbers
 * that take an exponent (4.5E-50), which FEEL has not. */
void feel_format(const struct feel_value *v, struct buf *out);
/* Equal as FEEL's '=' has it: same kind and same value; null equals only null. */
bool feel_equal(const struct feel_value *a, const struct feel_value *b);

#endif
