/* JSON in (yajl, SAX, own depth, size and duplicate-key checks) and out (yajl_gen).
 *
 * A parsed document is a tree in an arena; numbers keep their text. Source: RFC 8259,
 * strict: UTF-8 only, no comments, no trailing text, duplicate keys refused. */
#ifndef WHARF_BASE_JSON_H
#define WHARF_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { JSON_DEPTH_MAX = 64 };
#define JSON_BYTES_MAX (16u << 20)
#define JSON_VALUES_MAX (2u << 20) /* values of one document: bounds the tree, some 96 bytes each */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	bool boolean;
	struct str text;     /* of a string (decoded) or a number (as written) */
	struct str key;      /* when this is a member of an object */
	struct json *child;  /* first member or element, in document order */
	struct json *next;   /* next sibling */
	int count;           /* members or elements */
};

/* Parses one document of at most JSON_BYTES_MAX bytes. On failure the fault says line and
 * column and the rule. The tree and its text live in the arena. */
enum err json_parse(struct arena *a, struct str text, struct json **out, struct fault *fault);

/* The same, but `key` may stand more than once in an object, and all its members are kept: for
 * published formats whose own examples do so with a member that means nothing. */
enum err json_parse_twice(struct arena *a, struct str text, const char *key, struct json **out,
	struct fault *fault);

/* NULL-tolerant look-ups: a NULL node or a missing member gives NULL, "" or the default. */
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, int index);
struct str json_str(const struct json *object, const char *key); /* "" unless a string */
bool json_i64(const struct json *object, const char *key, int64_t *out); /* integers only */

/* Writing: values are appended in order; the writer adds commas and quotes. Depth is at most
 * JSON_DEPTH_MAX. `pretty` indents by two and ends with a newline. Bytes that are not UTF-8 are
 * written as U+FFFD. Wrong order or unclosed brackets are contradictions (CHECK). Finish with json_write_end, which frees the writer. */
struct json_writer;
struct json_writer *json_write_begin(struct buf *out, bool pretty);
void json_write_open(struct json_writer *w, char bracket);  /* '{' or '[' */
void json_write_close(struct json_writer *w, char bracket); /* '}' or ']' */
void json_write_key(struct json_writer *w, struct str key);
void json_write_str(struct json_writer *w, struct str s);
void json_write_i64(struct json_writer *w, int64_t n);
void json_write_number(struct json_writer *w, struct str text); /* as written */
void json_write_bool(struct json_writer *w, bool b);
void json_write_null(struct json_writer *w);
void json_write_value(struct json_writer *w, const struct json *value); /* a parsed tree */
void json_write_end(struct json_writer *w);

#endif
