/* Evaluation of compiled conditions.
 *
 * Total: every tree has a value for every facts. What cannot be computed is null, with the first
 * reason kept. Work is counted in steps, so no expression and no list can hold the engine up. Depth is
 * bounded by the parser; lists from outside are followed FEEL_DEPTH_MAX deep. */
#include "feel_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"

static const char *const kind_words[FEEL_KIND_COUNT] = { "null", "true or false", "a number", "a text", "a list", "a date",
	"a date and time", "a duration" };

const char *feel_kind_word(enum feel_kind k)
{
	return kind_words[k];
}

struct feel_value feel_null(void)
{
	return (struct feel_value){ .kind = FEEL_NULL, .str = STR("") };
}

struct feel_value feel_bool(bool b)
{
	return (struct feel_value){ .kind = FEEL_BOOL, .boolean = b, .str = STR("") };
}

struct feel_value feel_dec(struct dec d)
{
	return (struct feel_value){ .kind = FEEL_DEC, .dec = d, .str = STR("") };
}

struct feel_value feel_i64(int64_t n)
{
	return feel_dec(dec_of_i64(n));
}

struct feel_value feel_str(struct str s)
{
	return (struct feel_value){ .kind = FEEL_STR, .str = s };
}

static struct feel_value timed(enum feel_kind kind, int64_t time)
{
	return (struct feel_value){ .kind = kind, .time = time, .str = STR("") };
}

struct feel_value feel_date(int64_t day)
{
	return timed(FEEL_DATE, day);
}

struct feel_value feel_instant(int64_t instant)
{
	return timed(FEEL_INSTANT, instant);
}

struct feel_value feel_duration(int64_t span)
{
	return timed(FEEL_DURATION, span);
}

struct feel_value feel_why(struct feel_run *run, const char *format, ...)
{
	if (run->why && !run->why->text[0]) {
		va_list ap;
		va_start(ap, format);
		vsnprintf(run->why->text, sizeof run->why->text, format, ap);
		va_end(ap);
		run->why->code = ERR_REFUSED;
	}
	return feel_null();
}

bool feel_spend(struct feel_run *run, int steps)
{
	run->steps += steps;
	if (run->steps > FEEL_STEPS_MAX)
		run->exhausted = true;
	return !run->exhausted;
}

/* --- equality and order --------------------------------------------------------------------------- */

static bool equal_to(const struct feel_value *a, const struct feel_value *b, int depth)
{
	if (a->kind != b->kind || depth > FEEL_DEPTH_MAX)
		return false;
	switch (a->kind) {
	case FEEL_NULL:
		return true;
	case FEEL_BOOL:
		return a->boolean == b->boolean;
	case FEEL_DEC:
		return dec_cmp(a->dec, b->dec) == 0;
	case FEEL_STR:
		return str_eq(a->str, b->str);
	case FEEL_LIST:
		if (a->count != b->count)
			return false;
		for (int i = 0; i < a->count; i++)
			if (!equal_to(&a->items[i], &b->items[i], depth + 1))
				return false;
		return true;
	default:
		return a->time == b->time;
	}
}

bool feel_equal(const struct feel_value *a, const struct feel_value *b)
{
	return equal_to(a, b, 0);
}

bool feel_order(const struct feel_value *a, const struct feel_value *b, int *out)
{
	if (a->kind != b->kind || a->kind == FEEL_NULL || a->kind == FEEL_BOOL || a->kind == FEEL_LIST)
		return false;
	if (a->kind == FEEL_DEC)
		*out = dec_cmp(a->dec, b->dec);
	else if (a->kind == FEEL_STR)
		*out = str_cmp(a->str, b->str);
	else
		*out = (a->time > b->time) - (a->time < b->time);
	return true;
}

static struct feel_value compare(struct feel_run *run, enum feel_symbol s, const struct feel_value *a,
	const struct feel_value *b)
{
	int c;
	if (s == SYM_EQ || s == SYM_NE) {
		if (a->kind != b->kind && a->kind != FEEL_NULL && b->kind != FEEL_NULL)
			return feel_why(run, "%s cannot be compared with %s", kind_words[a->kind], kind_words[b->kind]);
		return feel_bool(feel_equal(a, b) == (s == SYM_EQ));
	}
	if (!feel_order(a, b, &c))
		return feel_why(run, "%s cannot be ordered against %s", kind_words[a->kind], kind_words[b->kind]);
	return feel_bool(s == SYM_LT ? c < 0 : s == SYM_LE ? c <= 0 : s == SYM_GT ? c > 0 : c >= 0);
}

/* --- arithmetic ----------------------------------------------------------------------------------- */

static struct feel_value number(struct feel_run *run, struct dec d)
{
	return dec_is_nan(d) ? feel_why(run, "a number is too large") : feel_dec(d);
}

static struct feel_value arith_dec(struct feel_run *run, enum feel_symbol s, struct dec a, struct dec b)
{
	struct dec q;
	switch (s) {
	case SYM_ADD:
		return number(run, dec_add(a, b));
	case SYM_SUB:
		return number(run, dec_sub(a, b));
	case SYM_MUL:
		return number(run, dec_mul(a, b));
	default:
		return dec_div(a, b, &q) ? number(run, q) : feel_why(run, "a division by zero");
	}
}

static bool is_time(const struct feel_value *v)
{
	return v->kind == FEEL_DATE || v->kind == FEEL_INSTANT;
}

static bool micros(const struct feel_value *v, int64_t *out)
{
	return v->kind != FEEL_DATE ? (*out = v->time, true) : num_mul(v->time, INSTANT_DAY, out);
}

static struct feel_value arith_time(struct feel_run *run, enum feel_symbol s, const struct feel_value *a,
	const struct feel_value *b)
{
	int64_t x, y, sum;
	bool add = s == SYM_ADD;
	bool possible = (a->kind == FEEL_DURATION && b->kind == FEEL_DURATION) || (is_time(a) && b->kind == FEEL_DURATION) ||
		(add && a->kind == FEEL_DURATION && is_time(b)) || (!add && is_time(a) && is_time(b));
	if (!possible)
		return feel_why(run, "%s %s %s has no meaning", kind_words[a->kind], feel_symbols[s], kind_words[b->kind]);
	if (!micros(a, &x) || !micros(b, &y) || !(add ? num_add(x, y, &sum) : num_sub(x, y, &sum)))
		return feel_why(run, "a time is out of range");
	if (is_time(a) == is_time(b))
		return feel_duration(sum);
	bool whole = (a->kind == FEEL_DATE || b->kind == FEEL_DATE) && sum % INSTANT_DAY == 0;
	return whole ? feel_date(sum / INSTANT_DAY) : feel_instant(sum);
}

static struct feel_value arithmetic(struct feel_run *run, enum feel_symbol s, const struct feel_value *a,
	const struct feel_value *b)
{
	if (a->kind == FEEL_DEC && b->kind == FEEL_DEC)
		return arith_dec(run, s, a->dec, b->dec);
	if (a->kind >= FEEL_DATE && b->kind >= FEEL_DATE && (s == SYM_ADD || s == SYM_SUB))
		return arith_time(run, s, a, b);
	if (a->kind == FEEL_STR && b->kind == FEEL_STR && s == SYM_ADD) {
		size_t len = a->str.len + b->str.len;
		if (!feel_spend(run, (int)(len / 64)))
			return feel_null();
		char *text = arena_alloc(run->scratch, len + 1);
		memcpy(text, a->str.ptr, a->str.len);
		memcpy(text + a->str.len, b->str.ptr, b->str.len);
		text[len] = 0;
		return feel_str((struct str){ text, len });
	}
	return feel_why(run, "%s %s %s has no meaning", kind_words[a->kind], feel_symbols[s], kind_words[b->kind]);
}

/* --- logic, tests --------------------------------------------------------------------------------- */

/* DMN 1.3 table 50: null is "unknown"; one false decides an and, one true an or. */
static struct feel_value logic(struct feel_run *run, const struct feel_node *n)
{
	bool deciding = n->op == OP_OR, unknown = false;
	for (int i = 0; i < n->count; i++) {
		struct feel_value v = feel_run_node(run, n->items[i]);
		if (run->exhausted)
			return feel_null();
		if (v.kind == FEEL_BOOL && v.boolean == deciding)
			return feel_bool(deciding);
		if (v.kind != FEEL_BOOL) {
			unknown = true;
			feel_why(run, "'" STR_FMT "' is %s, not true or false", STR_ARG(n->items[i]->text), kind_words[v.kind]);
		}
	}
	return unknown ? feel_null() : feel_bool(!deciding);
}

static struct feel_value negation(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_run_node(run, n->items[0]);
	if (v.kind == FEEL_BOOL)
		return feel_bool(!v.boolean);
	return feel_why(run, "not(…) of %s", kind_words[v.kind]);
}

static struct feel_value in_range(struct feel_run *run, const struct feel_value *v, const struct feel_value *low,
	const struct feel_value *high, bool open_low, bool open_high)
{
	int a, b;
	if (!feel_order(v, low, &a) || !feel_order(v, high, &b))
		return feel_why(run, "%s cannot lie between %s and %s", kind_words[v->kind], kind_words[low->kind],
			kind_words[high->kind]);
	return feel_bool((open_low ? a > 0 : a >= 0) && (open_high ? b < 0 : b <= 0));
}

static struct feel_value between(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_run_node(run, n->items[0]);
	struct feel_value low = feel_run_node(run, n->items[1]);
	struct feel_value high = feel_run_node(run, n->items[2]);
	return in_range(run, &v, &low, &high, false, false);
}

static struct feel_value in_list(struct feel_run *run, const struct feel_value *v, const struct feel_value *list)
{
	if (!feel_spend(run, list->count))
		return feel_null();
	for (int i = 0; i < list->count; i++)
		if (feel_equal(v, &list->items[i]))
			return feel_bool(true);
	return feel_bool(false);
}

static struct feel_value one_test(struct feel_run *run, const struct feel_value *v, const struct feel_node *test)
{
	if (test->op == OP_RANGE) {
		struct feel_value low = feel_run_node(run, test->items[0]);
		struct feel_value high = feel_run_node(run, test->items[1]);
		return in_range(run, v, &low, &high, test->open_low, test->open_high);
	}
	struct feel_value with = feel_run_node(run, test->op == OP_UNARY ? test->items[0] : test);
	if (test->op == OP_UNARY)
		return compare(run, test->symbol, v, &with);
	if (with.kind == FEEL_LIST && v->kind != FEEL_LIST)
		return in_list(run, v, &with);
	return compare(run, SYM_EQ, v, &with);
}

static struct feel_value membership(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_run_node(run, n->items[0]);
	bool unknown = false;
	for (int i = 1; i < n->count; i++) {
		struct feel_value t = one_test(run, &v, n->items[i]);
		if (t.kind == FEEL_BOOL && t.boolean)
			return t;
		unknown = unknown || t.kind != FEEL_BOOL;
	}
	return unknown ? feel_null() : feel_bool(false);
}

/* --- the tree ------------------------------------------------------------------------------------- */

static struct feel_value path(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_null();
	if (!run->resolve || !run->resolve(run->ctx, n->text, &v))
		return feel_why(run, STR_FMT " is not known", STR_ARG(n->text));
	if (v.kind == FEEL_DEC && dec_is_nan(v.dec))
		return feel_why(run, STR_FMT " is not a number", STR_ARG(n->text));
	return v;
}

static struct feel_value *all_items(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value *v = arena_alloc(run->scratch, (size_t)(n->count + 1) * sizeof *v);
	for (int i = 0; i < n->count; i++)
		v[i] = feel_run_node(run, n->items[i]);
	return v;
}

static struct feel_value literal(struct feel_run *run, const struct feel_node *n)
{
	(void)run;
	return n->value;
}

static struct feel_value list(struct feel_run *run, const struct feel_node *n)
{
	return (struct feel_value){ .kind = FEEL_LIST, .str = STR(""), .items = all_items(run, n), .count = n->count };
}

static struct feel_value choice(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_run_node(run, n->items[0]);
	return feel_run_node(run, n->items[v.kind == FEEL_BOOL && v.boolean ? 1 : 2]);
}

static struct feel_value comparison(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value a = feel_run_node(run, n->items[0]), b = feel_run_node(run, n->items[1]);
	return compare(run, n->symbol, &a, &b);
}

static struct feel_value arith(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value a = feel_run_node(run, n->items[0]), b = feel_run_node(run, n->items[1]);
	return arithmetic(run, n->symbol, &a, &b);
}

static struct feel_value minus(struct feel_run *run, const struct feel_node *n)
{
	struct feel_value v = feel_run_node(run, n->items[0]);
	if (v.kind == FEEL_DEC)
		return feel_dec(dec_neg(v.dec));
	if (v.kind == FEEL_DURATION && v.time != INT64_MIN)
		return feel_duration(-v.time);
	return feel_why(run, "minus %s has no meaning", kind_words[v.kind]);
}

static struct feel_value call(struct feel_run *run, const struct feel_node *n)
{
	return feel_functions[n->function].fn(run, all_items(run, n), n->count);
}

static struct feel_value (*const runners[OP_COUNT])(struct feel_run *run, const struct feel_node *n) = {
	[OP_LITERAL] = literal, [OP_PATH] = path, [OP_LIST] = list, [OP_RANGE] = list, [OP_UNARY] = list, [OP_AND] = logic,
	[OP_OR] = logic, [OP_NOT] = negation, [OP_IF] = choice, [OP_COMPARE] = comparison, [OP_BETWEEN] = between,
	[OP_IN] = membership, [OP_ARITH] = arith, [OP_NEGATE] = minus, [OP_CALL] = call,
};

struct feel_value feel_run_node(struct feel_run *run, const struct feel_node *n)
{
	if (!feel_spend(run, 1))
		return feel_null();
	return runners[n->op](run, n);
}

enum err feel_eval(const struct feel *f, feel_resolve_fn *resolve, void *ctx, struct arena *scratch,
	struct feel_value *out, struct fault *why)
{
	if (why)
		fault_set(why, ERR_OK, 0, 0, "%s", "");
	struct feel_run run = { .resolve = resolve, .ctx = ctx, .scratch = scratch, .why = why };
	*out = feel_run_node(&run, f->root);
	if (run.exhausted) {
		*out = feel_null();
		return fault_set(why, ERR_LIMIT, 0, 0, "the expression takes more than %d steps. Let a contract compute it.",
			FEEL_STEPS_MAX);
	}
	if (why && out->kind != FEEL_NULL)
		fault_set(why, ERR_OK, 0, 0, "%s", "");
	return ERR_OK;
}

/* --- values as text ------------------------------------------------------------------------------- */

static void format_str(struct str s, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '"' || c == '\\')
			buf_char(out, '\\'), buf_char(out, c);
		else if (c == '\n')
			buf_text(out, "\\n");
		else if ((unsigned char)c < 0x20 || c == 0x7f)
			buf_printf(out, "\\u%04x", (unsigned)(unsigned char)c);
		else
			buf_char(out, c);
	}
	buf_char(out, '"');
}

static void format_duration(int64_t span, struct buf *out)
{
	uint64_t left = span < 0 ? 0 - (uint64_t)span : (uint64_t)span;
	uint64_t days = left / (uint64_t)INSTANT_DAY, micro = left % (uint64_t)INSTANT_SECOND;
	unsigned s = (unsigned)(left % (uint64_t)INSTANT_DAY / (uint64_t)INSTANT_SECOND);
	buf_printf(out, "duration(\"%sP", span < 0 ? "-" : "");
	if (days)
		buf_printf(out, "%lluD", (unsigned long long)days);
	if (s || micro || !days) {
		buf_char(out, 'T');
		if (s / 3600)
			buf_printf(out, "%uH", s / 3600);
		if (s / 60 % 60)
			buf_printf(out, "%uM", s / 60 % 60);
		if (micro)
			buf_printf(out, "%u.%06uS", s % 60, (unsigned)micro);
		else if (s % 60 || s == 0)
			buf_printf(out, "%uS", s % 60);
	}
	buf_text(out, "\")");
}

static void format(const struct feel_value *v, struct buf *out, int depth)
{
	char text[(int)DEC_TEXT_MAX + (int)INSTANT_TEXT_MAX]; /* room for either */
	switch (v->kind) {
	case FEEL_BOOL:
		buf_text(out, v->boolean ? "true" : "false");
		break;
	case FEEL_DEC:
		buf_text(out, dec_format(v->dec, text));
		break;
	case FEEL_STR:
		format_str(v->str, out);
		break;
	case FEEL_LIST:
		buf_char(out, '[');
		for (int i = 0; i < v->count && depth < FEEL_DEPTH_MAX; i++) {
			if (i)
				buf_text(out, ", ");
			format(&v->items[i], out, depth + 1);
		}
		buf_char(out, ']');
		break;
	case FEEL_DATE:
		buf_printf(out, "date(\"%s\")", instant_format_date(v->time, text));
		break;
	case FEEL_INSTANT:
		buf_printf(out, "date and time(\"%s\")", instant_format(v->time, v->time % INSTANT_SECOND ? 6 : 0, text));
		break;
	case FEEL_DURATION:
		format_duration(v->time, out);
		break;
	default:
		buf_text(out, "null");
	}
}

void feel_format(const struct feel_value *v, struct buf *out)
{
	format(v, out, 0);
}
