/* What the files of feed share: exact numbers as text, growing lists in an arena. */
#ifndef WHARF_FEED_INT_H
#define WHARF_FEED_INT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* ASCII only: the locale of the process must not decide what a digit is. */
static inline bool feed_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool feed_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool feed_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool feed_hex(char c)
{
	return feed_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool feed_digits(struct str s); /* at least one, and nothing else */

static inline struct str feed_from(struct str s, size_t at)
{
	return (struct str){ s.ptr + at, s.len - at };
}
static inline struct str feed_head(struct str s, size_t len)
{
	return (struct str){ s.ptr, len };
}

/* The shortest plain spelling of a decimal number: no exponent, no plus, no leading or trailing
 * zeros, "0" for any zero. False (and *out untouched) when the text is not a number or would
 * need more than FEED_NUMBER_MAX characters. The result lives in the arena. */
enum { FEED_NUMBER_MAX = 128 };
bool feed_number(struct arena *a, struct str text, struct str *out);

/* text * 10^places as an integer, rounded half away from zero; *exact says whether nothing was
 * rounded away. False when it is not a number or does not fit. */
bool feed_scaled(struct str text, int places, int64_t *out, bool *exact);

/* The parts one after another. Not by printf: a text of a document may contain a NUL. */
struct str feed_cat(struct arena *a, const struct str *parts, int count);

/* A list of texts in an arena. */
struct feed_list {
	struct str *items;
	int count, room;
};
void feed_list_add(struct arena *a, struct feed_list *l, struct str s);
void feed_list_sort(struct feed_list *l); /* bytewise */

#endif
