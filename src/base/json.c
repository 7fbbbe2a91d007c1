/* JSON in by yajl's SAX parser, out by yajl_gen.
 *
 * yajl checks the grammar and keeps number text. What it lets pass is checked here: bytes that
 * are not UTF-8, other control characters than RFC 8259 allows as blanks, lone surrogates in
 * escapes, depth, size, number of values, keys that stand twice.
 *
 * Invariant while parsing: open[depth - 1] is the innermost container, last[depth - 1] its newest
 * child; depth 0 is before or after the document. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>
#include <yajl/yajl_parse.h>

#include "base/check.h"

enum { JSON_KEYS_SCANNED = 16 }; /* objects up to this size are searched for each new key */

struct json_parser {
	struct arena *arena;
	yajl_handle yajl;
	struct str text;
	struct json *root;
	struct json *open[JSON_DEPTH_MAX];
	struct json *last[JSON_DEPTH_MAX];
	int depth;
	uint32_t values;
	struct str key;    /* of the member to come */
	const char *twice; /* the key that may stand twice, or NULL */
	struct fault *fault;
	enum err err;
};

static enum err json_fault_at(const struct json_parser *p, size_t offset, enum err code,
	const char *rule, struct str detail)
{
	int line = 1, column = 1;

	if (offset > p->text.len)
		offset = p->text.len;
	for (size_t i = 0; i < offset; i++) {
		if (p->text.ptr[i] == '\n') {
			line++;
			column = 1;
		} else if (((uint8_t)p->text.ptr[i] & 0xC0) != 0x80) {
			column++;
		}
	}
	return fault_set(p->fault, code, line, column, "%d:%d: %s%s" STR_FMT "%s", line, column, rule,
		detail.len ? ": \"" : "", detail.len > 80 ? 80 : (int)str_utf8_prefix(detail), detail.ptr,
		detail.len ? "\"." : ".");
}

/* Says no from inside a callback, at the last character of the token that is refused. */
static int json_refuse(struct json_parser *p, enum err code, const char *rule, struct str detail)
{
	p->err = json_fault_at(p, yajl_get_bytes_consumed(p->yajl) - 1, code, rule, detail);
	return 0;
}

static struct json *json_add(struct json_parser *p, enum json_kind kind)
{
	struct json *node;

	if (p->values++ >= JSON_VALUES_MAX) {
		json_refuse(p, ERR_LIMIT, "the document has too many values; split it", STR(""));
		return NULL;
	}
	node = arena_zero(p->arena, sizeof *node);
	node->kind = kind;
	if (p->depth == 0) {
		p->root = node;
		return node;
	}
	node->key = p->key;
	p->key = (struct str){ "", 0 };
	if (p->last[p->depth - 1])
		p->last[p->depth - 1]->next = node;
	else
		p->open[p->depth - 1]->child = node;
	p->last[p->depth - 1] = node;
	p->open[p->depth - 1]->count++;
	return node;
}

static struct str json_keep(struct json_parser *p, const char *text, size_t len)
{
	return (struct str){ str_dup(p->arena, (struct str){ text, len }), len };
}

static int json_on_null(void *ctx)
{
	return json_add(ctx, JSON_NULL) != NULL;
}

static int json_on_bool(void *ctx, int value)
{
	struct json *node = json_add(ctx, JSON_BOOL);

	if (node)
		node->boolean = value != 0;
	return node != NULL;
}

static int json_on_number(void *ctx, const char *text, size_t len)
{
	struct json *node = json_add(ctx, JSON_NUMBER);

	if (node)
		node->text = json_keep(ctx, text, len);
	return node != NULL;
}

static int json_on_string(void *ctx, const unsigned char *text, size_t len)
{
	struct json *node = json_add(ctx, JSON_STRING);

	if (node)
		node->text = json_keep(ctx, (const char *)text, len);
	return node != NULL;
}

static int json_open(struct json_parser *p, enum json_kind kind)
{
	struct json *node;

	if (p->depth == JSON_DEPTH_MAX)
		return json_refuse(p, ERR_LIMIT, "the document nests too deep; 64 levels are read", STR(""));
	node = json_add(p, kind);
	if (!node)
		return 0;
	p->last[p->depth] = NULL;
	p->open[p->depth++] = node;
	return 1;
}

static int json_on_open_object(void *ctx)
{
	return json_open(ctx, JSON_OBJECT);
}

static int json_on_open_array(void *ctx)
{
	return json_open(ctx, JSON_ARRAY);
}

static int json_on_close_array(void *ctx)
{
	struct json_parser *p = ctx;

	p->depth--;
	return 1;
}

static int json_on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct json_parser *p = ctx;
	struct json *object = p->open[p->depth - 1];
	struct str key = { (const char *)text, len };

	if (object->count < JSON_KEYS_SCANNED && !(p->twice && str_is(key, p->twice)))
		for (const struct json *m = object->child; m; m = m->next)
			if (str_eq(m->key, key))
				return json_refuse(p, ERR_SYNTAX, "a key stands twice in one object", key);
	p->key = json_keep(p, key.ptr, len);
	return 1;
}

static int json_key_order(const void *a, const void *b)
{
	return str_cmp((*(struct json *const *)a)->key, (*(struct json *const *)b)->key);
}

/* Large objects are checked when they end: sorted, equal keys are neighbours. */
static int json_on_close_object(void *ctx)
{
	struct json_parser *p = ctx;
	struct json *object = p->open[--p->depth];
	const struct json **sorted, *twice = NULL;
	size_t n = 0;

	if (object->count <= JSON_KEYS_SCANNED)
		return 1;
	sorted = calloc((size_t)object->count, sizeof *sorted);
	CHECK(sorted, "memory has run out");
	for (const struct json *m = object->child; m; m = m->next)
		sorted[n++] = m;
	qsort(sorted, n, sizeof *sorted, json_key_order);
	for (size_t i = 1; i < n && !twice; i++)
		if (str_eq(sorted[i - 1]->key, sorted[i]->key) &&
			!(p->twice && str_is(sorted[i]->key, p->twice)))
			twice = sorted[i];
	free(sorted);
	return twice ? json_refuse(p, ERR_SYNTAX, "a key stands twice in the object that ends here",
		twice->key) : 1;
}

static const yajl_callbacks JSON_CALLBACKS = {
	.yajl_null = json_on_null,
	.yajl_boolean = json_on_bool,
	.yajl_number = json_on_number,
	.yajl_string = json_on_string,
	.yajl_start_map = json_on_open_object,
	.yajl_map_key = json_on_key,
	.yajl_end_map = json_on_close_object,
	.yajl_start_array = json_on_open_array,
	.yajl_end_array = json_on_close_array,
};

/* Four hexadecimal digits after "\u" at `at`, or -1: the grammar itself is yajl's affair. */
static long json_escape_at(struct str text, size_t at)
{
	long code = 0;

	if (at + 6 > text.len || text.ptr[at] != '\\' || text.ptr[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		char c = text.ptr[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
			c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;

		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

/* What yajl lets pass: see the head of this file. */
static enum err json_check_text(const struct json_parser *p)
{
	struct str text = p->text;
	size_t valid = str_utf8_prefix(text);

	if (valid < text.len)
		return json_fault_at(p, valid, ERR_SYNTAX, "the text is not UTF-8 from here on", STR(""));
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = (uint8_t)text.ptr[i];
		long code;

		if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
			return json_fault_at(p, i, ERR_SYNTAX, "a control character stands here", STR(""));
		if (c != '\\')
			continue;
		code = json_escape_at(text, i);
		if (code < 0xD800 || code > 0xDFFF) {
			i++; /* an escaped backslash does not begin another escape */
			continue;
		}
		if (code > 0xDBFF || (json_escape_at(text, i + 6) & 0xFC00) != 0xDC00)
			return json_fault_at(p, i, ERR_SYNTAX, "half of a surrogate pair stands alone", STR(""));
		i += 11;
	}
	return ERR_OK;
}

/* The library's words, at the last character of the token it stopped at. */
static enum err json_yajl_fault(struct json_parser *p, bool at_end)
{
	unsigned char *words = yajl_get_error(p->yajl, 0, NULL, 0);
	size_t consumed = yajl_get_bytes_consumed(p->yajl);
	struct str rule = str_trim(str_of((const char *)words));
	char text[160];

	if (str_ends(rule, "."))
		rule.len--;
	str_copy(text, sizeof text, str_ends(rule, "premature EOF") ? STR("the document ends too early") : rule);
	yajl_free_error(p->yajl, words);
	return json_fault_at(p, at_end ? p->text.len : consumed ? consumed - 1 : 0, ERR_SYNTAX, text, STR(""));
}

enum err json_parse(struct arena *a, struct str text, struct json **out, struct fault *fault)
{
	return json_parse_twice(a, text, NULL, out, fault);
}

enum err json_parse_twice(struct arena *a, struct str text, const char *key, struct json **out,
	struct fault *fault)
{
	struct json_parser p = { .arena = a, .text = text, .key = { "", 0 }, .twice = key, .fault = fault };
	enum err err;
	yajl_status status;
	bool at_end = false;

	*out = NULL;
	if (text.len > JSON_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "The JSON text has %zu bytes; at most %u are read.",
			text.len, JSON_BYTES_MAX);
	err = json_check_text(&p);
	if (err)
		return err;
	p.yajl = yajl_alloc(&JSON_CALLBACKS, NULL, &p);
	CHECK(p.yajl, "memory has run out");
	status = yajl_parse(p.yajl, (const unsigned char *)text.ptr, text.len);
	if (status == yajl_status_ok) {
		at_end = true; /* what is wrong from here on is wrong at the end */
		status = yajl_complete_parse(p.yajl);
	}
	if (status != yajl_status_ok)
		err = p.err ? p.err : json_yajl_fault(&p, at_end);
	else
		*out = p.root;
	yajl_free(p.yajl);
	return err;
}

/* --- look-ups ----------------------------------------------------------------------------------- */

const struct json *json_get(const struct json *object, const char *key)
{
	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->child; m; m = m->next)
		if (str_is(m->key, key))
			return m;
	return NULL;
}

const struct json *json_at(const struct json *array, int index)
{
	const struct json *e = array && array->kind == JSON_ARRAY && index >= 0 ? array->child : NULL;

	while (e && index-- > 0)
		e = e->next;
	return e;
}

struct str json_str(const struct json *object, const char *key)
{
	const struct json *m = json_get(object, key);

	return m && m->kind == JSON_STRING ? m->text : (struct str){ "", 0 };
}

bool json_i64(const struct json *object, const char *key, int64_t *out)
{
	const struct json *m = json_get(object, key);

	return m && m->kind == JSON_NUMBER && str_to_i64(m->text, out);
}

/* --- writing ------------------------------------------------------------------------------------ */

struct json_writer {
	yajl_gen gen;
	struct buf *out;
	int depth;
};

static void json_print(void *ctx, const char *text, size_t len)
{
	buf_add(ctx, text, len);
}

struct json_writer *json_write_begin(struct buf *out, bool pretty)
{
	struct json_writer *w = malloc(sizeof *w);

	CHECK(w, "memory has run out");
	w->out = out;
	w->depth = 0;
	w->gen = yajl_gen_alloc(NULL);
	CHECK(w->gen, "memory has run out");
	yajl_gen_config(w->gen, yajl_gen_print_callback, json_print, out);
	yajl_gen_config(w->gen, yajl_gen_beautify, pretty);
	yajl_gen_config(w->gen, yajl_gen_indent_string, "  ");
	return w;
}

static void json_wrote(yajl_gen_status status)
{
	CHECK(status == yajl_gen_status_ok, "JSON is written in the order of its grammar");
}

void json_write_open(struct json_writer *w, char bracket)
{
	CHECK(w->depth++ < JSON_DEPTH_MAX, "JSON is written no deeper than it is read");
	json_wrote(bracket == '{' ? yajl_gen_map_open(w->gen) : yajl_gen_array_open(w->gen));
}

void json_write_close(struct json_writer *w, char bracket)
{
	w->depth--;
	json_wrote(bracket == '}' ? yajl_gen_map_close(w->gen) : yajl_gen_array_close(w->gen));
}

/* Bytes that are not UTF-8 become U+FFFD: what is written can be read again. */
void json_write_str(struct json_writer *w, struct str s)
{
	size_t valid = str_utf8_prefix(s);
	struct buf clean = { 0 };

	if (valid == s.len) {
		json_wrote(yajl_gen_string(w->gen, (const unsigned char *)(s.len ? s.ptr : ""), s.len));
		return;
	}
	while (s.len) {
		buf_add(&clean, s.ptr, valid);
		if (valid == s.len)
			break;
		buf_text(&clean, "\xEF\xBF\xBD");
		s.ptr += valid + 1;
		s.len -= valid + 1;
		valid = str_utf8_prefix(s);
	}
	json_wrote(yajl_gen_string(w->gen, (const unsigned char *)clean.ptr, clean.len));
	buf_free(&clean);
}

void json_write_key(struct json_writer *w, struct str key)
{
	json_write_str(w, key);
}

void json_write_i64(struct json_writer *w, int64_t n)
{
	json_wrote(yajl_gen_integer(w->gen, n));
}

void json_write_number(struct json_writer *w, struct str text)
{
	json_wrote(yajl_gen_number(w->gen, text.ptr, text.len));
}

void json_write_bool(struct json_writer *w, bool b)
{
	json_wrote(yajl_gen_bool(w->gen, b));
}

void json_write_null(struct json_writer *w)
{
	json_wrote(yajl_gen_null(w->gen));
}

void json_write_value(struct json_writer *w, const struct json *value)
{
	switch (value->kind) {
	case JSON_NULL:
		json_write_null(w);
		break;
	case JSON_BOOL:
		json_write_bool(w, value->boolean);
		break;
	case JSON_NUMBER:
		json_write_number(w, value->text);
		break;
	case JSON_STRING:
		json_write_str(w, value->text);
		break;
	case JSON_ARRAY:
		json_write_open(w, '[');
		for (const struct json *e = value->child; e; e = e->next)
			json_write_value(w, e);
		json_write_close(w, ']');
		break;
	case JSON_OBJECT:
		json_write_open(w, '{');
		for (const struct json *m = value->child; m; m = m->next) {
			json_write_key(w, m->key);
			json_write_value(w, m);
		}
		json_write_close(w, '}');
		break;
	}
}

void json_write_end(struct json_writer *w)
{
	CHECK(w->depth == 0, "every bracket that was opened is closed");
	yajl_gen_free(w->gen);
	free(w);
}
