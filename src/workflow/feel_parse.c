/* Text to tree: a lexer and a recursive-descent parser for the subset of FEEL in docs/feel.md.
 *
 * Depth and length are limited, so recursion is bounded here and in the evaluation. What other FEEL
 * engines take and we do not is refused by name with what to write instead. */
#include "feel_int.h"

#include <string.h>

const char *const feel_symbols[SYM_COUNT] = { "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/" };

enum token { TOK_END, TOK_NUMBER, TOK_STRING, TOK_NAME, TOK_PUNCT, TOK_BAD };

struct parser {
	struct arena *a;
	struct str src;
	size_t base;      /* bytes cut off before src, for columns */
	size_t at;        /* after the current token */
	enum token tok;
	struct str word;  /* the current token */
	size_t last_end;  /* end of the token before */
	int depth;
	struct fault *fault;
	bool failed;
};

static const struct feel_node *parse_expr(struct parser *p);
static const struct feel_node *parse_sum(struct parser *p);

static int column_of(const struct parser *p, const char *at)
{
	return (int)(p->base + (size_t)(at - p->src.ptr)) + 1;
}

static const struct feel_node *refuse(struct parser *p, enum err code, struct str at, const char *what)
{
	if (!p->failed) {
		int column = column_of(p, at.ptr);
		fault_set(p->fault, code, 1, column, "column %d: %s", column, what);
	}
	p->failed = true;
	p->tok = TOK_END;
	return NULL;
}

/* --- lexer ---------------------------------------------------------------------------------------- */

static bool name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static char peek(const struct parser *p, size_t at)
{
	return at < p->src.len ? p->src.ptr[at] : 0;
}

static size_t skip_blanks(const struct parser *p, size_t at)
{
	while (at < p->src.len && strchr(" \t\r\n", p->src.ptr[at]))
		at++;
	return at;
}

static size_t lex_number(const struct parser *p, size_t at)
{
	while (digit(peek(p, at)))
		at++;
	if (peek(p, at) == '.' && digit(peek(p, at + 1)))
		for (at++; digit(peek(p, at));)
			at++;
	return at;
}

static size_t lex_string(const struct parser *p, size_t at)
{
	for (at++; at < p->src.len && p->src.ptr[at] != '"'; at++)
		if (p->src.ptr[at] == '\\')
			at++;
	return at < p->src.len ? at + 1 : 0;
}

static void next(struct parser *p)
{
	if (p->failed)
		return;
	p->last_end = p->at;
	size_t from = skip_blanks(p, p->at), to = from;
	char c = peek(p, from);
	p->word = (struct str){ p->src.ptr + from, 0 };
	if (from >= p->src.len) {
		p->tok = TOK_END;
	} else if (digit(c) || (c == '.' && digit(peek(p, from + 1)))) {
		p->tok = TOK_NUMBER;
		to = lex_number(p, from);
	} else if (name_start(c)) {
		p->tok = TOK_NAME;
		while (name_start(peek(p, to)) || digit(peek(p, to)) ||
			(peek(p, to) == '.' && name_start(peek(p, to + 1))))
			to++;
	} else if (c == '"') {
		p->tok = TOK_STRING;
		to = lex_string(p, from);
		if (!to) {
			refuse(p, ERR_SYNTAX, p->word, "the text has no end. Close it with a quotation mark.");
			return;
		}
	} else {
		p->tok = TOK_PUNCT;
		static const char *const pairs[] = { "<=", ">=", "!=", "..", "**", "==", "&&", "||", "//", "/*", "->" };
		to = from + 1;
		for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
			if (c == pairs[i][0] && peek(p, from + 1) == pairs[i][1])
				to = from + 2;
		if (c && strchr("'`;:{}@#$%^?&|\\~", c))
			p->tok = TOK_BAD;
	}
	p->word.len = to - from;
	p->at = to;
}

static bool is(const struct parser *p, const char *punct)
{
	return p->tok == TOK_PUNCT && *p->word.ptr == *punct && str_is(p->word, punct); /* asked a dozen times of each */
}

static bool is_word(const struct parser *p, const char *word)
{
	return p->tok == TOK_NAME && str_is(p->word, word);
}

static bool accept(struct parser *p, const char *punct)
{
	if (!is(p, punct))
		return false;
	next(p);
	return true;
}

static bool accept_word(struct parser *p, const char *word)
{
	if (!is_word(p, word))
		return false;
	next(p);
	return true;
}

/* What people write from habit, and what to write instead. */
static const struct {
	const char *word, *remedy;
} habits[] = {
	{ "==", "'==' is not FEEL. Write '='." },
	{ "&&", "'&&' is not FEEL. Write 'and'." },
	{ "||", "'||' is not FEEL. Write 'or'." },
	{ "!", "'!' is not FEEL. Write not(…)." },
	{ "**", "powers are not supported. Multiply." },
	{ "//", "comments are not supported. Remove it." },
	{ "/*", "comments are not supported. Remove it." },
	{ "'", "text stands in double quotation marks. Write \"…\"." },
	{ "{", "contexts and ${…} are not supported. Write the expression alone." },
	{ "$", "${…} is another language. Write the expression alone." },
	{ "?", "'?' is not supported. Write if … then … else." },
	{ "%", "'%' is not supported. Write the ratio as a decimal." },
	{ "for", "'for' is not supported. Let a contract compute it." },
	{ "some", "'some' is not supported. Use list contains(…), or let a contract compute it." },
	{ "every", "'every' is not supported. Let a contract compute it." },
	{ "function", "functions cannot be defined here. Let a contract compute it." },
	{ "instance", "'instance of' is not supported. Compare with null instead." },
};

static const struct feel_node *unexpected(struct parser *p, const char *wanted)
{
	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (str_is(p->word, habits[i].word))
			return refuse(p, ERR_UNSUPPORTED, p->word, habits[i].remedy);
	if (p->tok == TOK_END)
		return refuse(p, ERR_SYNTAX, p->word, arena_printf(p->a, "the expression ends where %s is expected.", wanted));
	return refuse(p, ERR_SYNTAX, p->word,
		arena_printf(p->a, "'" STR_FMT "' stands where %s is expected.", STR_ARG(p->word), wanted));
}

/* --- building ------------------------------------------------------------------------------------- */

/* A node over the source from `from` to the end of the last token read. */
static struct feel_node *make(struct parser *p, enum feel_op op, const char *from, const struct feel_node *const *items,
	int count)
{
	struct feel_node *n = arena_zero(p->a, sizeof *n);
	n->op = op;
	n->text = str_trim((struct str){ from, (size_t)(p->src.ptr + p->last_end - from) });
	n->value.str = STR("");
	n->count = count;
	n->depth = 1;
	if (count)
		n->items = arena_copy(p->a, items, (size_t)count * sizeof *items);
	for (int i = 0; i < count; i++)
		if (items[i]->depth >= n->depth)
			n->depth = items[i]->depth + 1;
	if (n->depth > FEEL_DEPTH_MAX)
		refuse(p, ERR_LIMIT, n->text, "the expression is nested more than 64 deep. Split the decision.");
	return n;
}

static bool deeper(struct parser *p)
{
	if (++p->depth <= FEEL_DEPTH_MAX)
		return true;
	refuse(p, ERR_LIMIT, p->word, "the expression is nested more than 64 deep. Split the decision.");
	return false;
}

enum { ITEMS_MAX = 256 };

/* expression {, expression} close; `count` of the ITEMS_MAX places hold those before it. Returns how many it is in all. */
static int parse_items(struct parser *p, const struct feel_node *items[ITEMS_MAX], int count, const char *close,
	const struct feel_node *(*one)(struct parser *p))
{
	if (!count && accept(p, close))
		return 0;
	do {
		if (count == ITEMS_MAX) {
			refuse(p, ERR_LIMIT, p->word, "more than 256 items. Let a contract compute it.");
			return 0;
		}
		items[count] = one(p);
		if (p->failed)
			return 0;
		count++;
	} while (accept(p, ","));
	if (!accept(p, close))
		unexpected(p, close[0] == ')' ? "',' or ')'" : "',' or ']'");
	return count;
}

static int hex_digits(const char *at, int count)
{
	int v = 0;
	for (int i = 0; i < count; i++) {
		char c = at[i];
		int d = digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

static char *put_utf8(char *to, int c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

/* Decodes the escapes of a text token. */
static struct str decode(struct parser *p, struct str token)
{
	static const char from[] = "nrt\"\\/", to_char[] = "\n\r\t\"\\/";
	char *text = arena_alloc(p->a, token.len + 1), *to = text;
	for (size_t i = 1; i + 1 < token.len; i++) {
		char c = token.ptr[i];
		if (c != '\\') {
			*to++ = c;
			continue;
		}
		c = token.ptr[++i];
		const char *row = strchr(from, c);
		int point = c == 'u' && i + 5 < token.len ? hex_digits(token.ptr + i + 1, 4) : -1;
		if (c && row) {
			*to++ = to_char[row - from];
		} else if (point > 0 && (point < 0xd800 || point > 0xdfff)) {
			to = put_utf8(to, point);
			i += 4;
		} else {
			refuse(p, ERR_SYNTAX, (struct str){ token.ptr + i, 1 },
				"unknown escape. Allowed are \\\" \\\\ \\/ \\n \\r \\t \\uXXXX.");
			break;
		}
	}
	*to = 0;
	return (struct str){ text, (size_t)(to - text) };
}

/* --- primary expressions -------------------------------------------------------------------------- */

static const struct feel_node *literal(struct parser *p, struct feel_value v)
{
	const char *from = p->word.ptr;
	next(p);
	struct feel_node *n = make(p, OP_LITERAL, from, NULL, 0);
	n->value = v;
	return n;
}

/* Does a function's name, which may have blanks in it, stand here with a '(' behind it? Gives where the '('
 * is, or 0. */
static size_t match_function(const struct parser *p, const char *name)
{
	size_t at = (size_t)(p->word.ptr - p->src.ptr);
	for (; *name; name++) {
		if (*name == ' ') {
			size_t after = skip_blanks(p, at);
			if (after == at)
				return 0;
			at = after;
		} else if (peek(p, at++) != *name) {
			return 0;
		}
	}
	at = skip_blanks(p, at);
	return peek(p, at) == '(' ? at : 0;
}

static const struct feel_node *parse_call(struct parser *p, int row, size_t paren)
{
	const struct feel_function *f = &feel_functions[row];
	const char *from = p->word.ptr;
	struct str at = p->word;
	const struct feel_node *items[ITEMS_MAX];
	p->at = paren;
	next(p);
	next(p);
	int count = parse_items(p, items, 0, ")", parse_expr);
	if (p->failed)
		return NULL;
	if (count < f->min || count > f->max)
		return refuse(p, ERR_SYNTAX, at, f->min == f->max
			? arena_printf(p->a, "%s takes %d, not %d values.", f->name, f->min, count)
			: arena_printf(p->a, "%s does not take %d values.", f->name, count));
	struct feel_node *n = make(p, OP_CALL, from, items, count);
	n->function = row;
	return n;
}

static const struct feel_node *parse_not(struct parser *p)
{
	const char *from = p->word.ptr;
	next(p);
	if (!accept(p, "("))
		return unexpected(p, "'(' after not");
	const struct feel_node *item = parse_expr(p);
	if (!p->failed && !accept(p, ")"))
		return unexpected(p, "')'");
	return p->failed ? NULL : make(p, OP_NOT, from, &item, 1);
}

static const char *const keywords[] = { "and", "or", "then", "else", "between", "in", "if", "for", "some", "every",
	"function", "instance" };

static const struct feel_node *parse_name(struct parser *p)
{
	if (is_word(p, "true") || is_word(p, "false"))
		return literal(p, feel_bool(is_word(p, "true")));
	if (is_word(p, "null"))
		return literal(p, feel_null());
	if (is_word(p, "not"))
		return parse_not(p);
	for (int i = 0; i < feel_function_count; i++) {
		size_t paren = match_function(p, feel_functions[i].name);
		if (paren)
			return parse_call(p, i, paren);
	}
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (is_word(p, keywords[i]))
			return unexpected(p, "a value");
	struct str name = p->word;
	next(p);
	if (is(p, "("))
		return refuse(p, ERR_UNSUPPORTED, name,
			arena_printf(p->a, "there is no function '" STR_FMT "'. docs/feel.md lists them.", STR_ARG(name)));
	struct feel_node *n = make(p, OP_PATH, name.ptr, NULL, 0);
	n->text = name;
	return n;
}

static const struct feel_node *parse_primary(struct parser *p)
{
	struct feel_value v = feel_null();
	const char *from = p->word.ptr;
	if (p->tok == TOK_NUMBER) {
		if (name_start(peek(p, p->at)))
			return refuse(p, ERR_SYNTAX, p->word, "a name or exponent is joined to a number. Write plain decimals.");
		struct dec d;
		if (!dec_parse(p->word, &d))
			return refuse(p, ERR_SYNTAX, p->word, "this is not a decimal number.");
		return literal(p, feel_dec(d));
	}
	if (p->tok == TOK_STRING) {
		v = feel_str(decode(p, p->word));
		return p->failed ? NULL : literal(p, v);
	}
	if (p->tok == TOK_NAME)
		return parse_name(p);
	if (accept(p, "(")) {
		const struct feel_node *inner = parse_expr(p);
		if (!p->failed && !accept(p, ")"))
			return unexpected(p, "')'");
		return inner;
	}
	if (accept(p, "[")) {
		const struct feel_node *items[ITEMS_MAX];
		int count = parse_items(p, items, 0, "]", parse_expr);
		return p->failed ? NULL : make(p, OP_LIST, from, items, count);
	}
	return unexpected(p, "a value");
}

static const struct feel_node *parse_unary(struct parser *p)
{
	const char *from = p->word.ptr;
	if (!is(p, "-"))
		return parse_primary(p);
	if (!deeper(p))
		return NULL;
	next(p);
	const struct feel_node *item = parse_unary(p);
	p->depth--;
	return p->failed ? NULL : make(p, OP_NEGATE, from, &item, 1);
}

/* --- operators, loosest last ---------------------------------------------------------------------- */

/* left {symbol right}, symbols from first to last of the table */
static const struct feel_node *parse_chain(struct parser *p, enum feel_symbol first, enum feel_symbol last,
	const struct feel_node *(*operand)(struct parser *p))
{
	const char *from = p->word.ptr;
	const struct feel_node *left = operand(p);
	while (!p->failed) {
		enum feel_symbol s = first;
		while (s <= last && !is(p, feel_symbols[s]))
			s++;
		if (s > last)
			break;
		next(p);
		const struct feel_node *items[2] = { left, operand(p) };
		if (p->failed)
			break;
		struct feel_node *n = make(p, OP_ARITH, from, items, 2);
		n->symbol = s;
		left = n;
	}
	return left;
}

static const struct feel_node *parse_product(struct parser *p)
{
	return parse_chain(p, SYM_MUL, SYM_DIV, parse_unary);
}

static const struct feel_node *parse_sum(struct parser *p)
{
	return parse_chain(p, SYM_ADD, SYM_SUB, parse_product);
}

static bool comparison(const struct parser *p, enum feel_symbol *out)
{
	for (enum feel_symbol s = SYM_EQ; s <= SYM_GE; s++)
		if (is(p, feel_symbols[s])) {
			*out = s;
			return true;
		}
	return false;
}

/* low .. high close, after the bracket and low were read */
static const struct feel_node *parse_range(struct parser *p, const char *from, bool open_low,
	const struct feel_node *low)
{
	next(p);
	const struct feel_node *items[2] = { low, parse_sum(p) };
	if (p->failed)
		return NULL;
	bool open_high = is(p, ")") || is(p, "[");
	if (!open_high && !is(p, "]"))
		return unexpected(p, "']' or ')' at the end of the range");
	next(p);
	struct feel_node *n = make(p, OP_RANGE, from, items, 2);
	n->open_low = open_low;
	n->open_high = open_high;
	return n;
}

/* One test behind `in`: a range, a comparison without left side, or a value. */
static const struct feel_node *parse_test(struct parser *p)
{
	const char *from = p->word.ptr;
	enum feel_symbol s;
	if (comparison(p, &s)) {
		next(p);
		const struct feel_node *item = parse_sum(p);
		if (p->failed)
			return NULL;
		struct feel_node *n = make(p, OP_UNARY, from, &item, 1);
		n->symbol = s;
		return n;
	}
	if (accept(p, "]")) {
		const struct feel_node *low = parse_sum(p);
		if (!p->failed && !is(p, ".."))
			return unexpected(p, "'..'");
		return p->failed ? NULL : parse_range(p, from, true, low);
	}
	if (accept(p, "[")) {
		const struct feel_node *items[ITEMS_MAX];
		if (accept(p, "]"))
			return make(p, OP_LIST, from, items, 0);
		items[0] = parse_sum(p);
		if (p->failed)
			return NULL;
		if (is(p, ".."))
			return parse_range(p, from, false, items[0]);
		int count = 1;
		if (accept(p, ",")) {
			count = parse_items(p, items, count, "]", parse_sum);
		} else if (!accept(p, "]")) {
			return unexpected(p, "'..', ',' or ']'");
		}
		return p->failed ? NULL : make(p, OP_LIST, from, items, count);
	}
	return parse_sum(p);
}

static const struct feel_node *parse_in(struct parser *p, const char *from, const struct feel_node *value)
{
	const struct feel_node *items[ITEMS_MAX + 1] = { value };
	int count = 1; /* tests */
	const char *open = p->word.ptr;
	if (accept(p, "(")) {
		items[1] = parse_test(p);
		if (p->failed)
			return NULL;
		if (is(p, ".."))
			items[1] = parse_range(p, open, true, items[1]);
		else if (accept(p, ","))
			count = parse_items(p, items + 1, count, ")", parse_test);
		else if (!accept(p, ")"))
			return unexpected(p, "'..', ',' or ')'");
	} else {
		items[1] = parse_test(p);
	}
	return p->failed ? NULL : make(p, OP_IN, from, items, count + 1);
}

static const struct feel_node *parse_comparison(struct parser *p)
{
	const char *from = p->word.ptr;
	const struct feel_node *items[3] = { parse_sum(p) };
	enum feel_symbol s;
	if (p->failed)
		return NULL;
	if (comparison(p, &s)) {
		next(p);
		items[1] = parse_sum(p);
		if (p->failed)
			return NULL;
		enum feel_symbol again;
		if (comparison(p, &again))
			return refuse(p, ERR_SYNTAX, p->word, "comparisons cannot be chained. Write a < b and b < c.");
		struct feel_node *n = make(p, OP_COMPARE, from, items, 2);
		n->symbol = s;
		return n;
	}
	if (accept_word(p, "between")) {
		items[1] = parse_sum(p);
		if (!p->failed && !accept_word(p, "and"))
			return unexpected(p, "'and' of between");
		items[2] = p->failed ? NULL : parse_sum(p);
		return p->failed ? NULL : make(p, OP_BETWEEN, from, items, 3);
	}
	if (accept_word(p, "in"))
		return parse_in(p, from, items[0]);
	return items[0];
}

static const struct feel_node *parse_logic(struct parser *p, const char *word, enum feel_op op,
	const struct feel_node *(*operand)(struct parser *p))
{
	const char *from = p->word.ptr;
	const struct feel_node *items[ITEMS_MAX];
	int count = 0;
	do {
		if (count == ITEMS_MAX)
			return refuse(p, ERR_LIMIT, p->word, "more than 256 conditions. Split the decision.");
		items[count++] = operand(p);
		if (p->failed)
			return NULL;
	} while (accept_word(p, word));
	return count == 1 ? items[0] : make(p, op, from, items, count);
}

static const struct feel_node *parse_and(struct parser *p)
{
	return parse_logic(p, "and", OP_AND, parse_comparison);
}

static const struct feel_node *parse_if(struct parser *p)
{
	static const char *const words[3] = { "if", "then", "else" };
	const char *from = p->word.ptr;
	const struct feel_node *items[3];
	for (int i = 0; i < 3; i++) {
		if (!accept_word(p, words[i]))
			return unexpected(p, i == 1 ? "then" : "else");
		items[i] = parse_expr(p);
		if (p->failed)
			return NULL;
	}
	return make(p, OP_IF, from, items, 3);
}

static const struct feel_node *parse_expr(struct parser *p)
{
	if (p->failed || !deeper(p))
		return NULL;
	const struct feel_node *n = is_word(p, "if") ? parse_if(p) : parse_logic(p, "or", OP_OR, parse_and);
	p->depth--;
	return n;
}

static const struct feel_node *parse_whole(struct parser *p)
{
	next(p);
	const struct feel_node *root = parse_expr(p);
	if (p->failed || p->tok == TOK_END)
		return root;
	if (p->tok == TOK_NAME && root->op == OP_PATH)
		return refuse(p, ERR_UNSUPPORTED, p->word, "names with blanks are not supported. Join the words with '_', or put an operator between.");
	return unexpected(p, "an operator or the end");
}

enum err feel_compile(struct arena *a, struct str text, const struct feel **out, struct fault *fault)
{
	struct fault local;
	struct parser p = { .a = a, .fault = fault ? fault : &local };
	*out = NULL;
	if (text.len > FEEL_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 1, 0, "the expression has %zu bytes; %d are the most. Split the decision.", text.len,
			FEEL_BYTES_MAX);
	struct str body = str_trim(text);
	if (str_starts(body, "="))
		body = str_trim((struct str){ body.ptr + 1, body.len - 1 });
	if (!body.len)
		return fault_set(fault, ERR_SYNTAX, 1, 1, "column 1: the expression is empty. Write a condition, or true.");
	if (!str_utf8_valid(body) || memchr(body.ptr, 0, body.len))
		return fault_set(fault, ERR_SYNTAX, 1, 1, "column 1: the expression is not valid UTF-8 text. Write it again.");
	p.base = (size_t)(body.ptr - text.ptr);
	p.src = (struct str){ str_dup(a, body), body.len };
	const struct feel_node *root = parse_whole(&p);
	if (p.failed)
		return p.fault->code;
	struct feel *f = arena_zero(a, sizeof *f);
	f->text = p.src;
	f->root = root;
	*out = f;
	return ERR_OK;
}

struct str feel_text(const struct feel *f)
{
	return f->text;
}

static void paths(const struct feel_node *n, void (*visit)(void *ctx, struct str path), void *ctx)
{
	if (n->op == OP_PATH)
		visit(ctx, n->text);
	for (int i = 0; i < n->count; i++)
		paths(n->items[i], visit, ctx);
}

void feel_paths(const struct feel *f, void (*visit)(void *ctx, struct str path), void *ctx)
{
	paths(f->root, visit, ctx);
}
