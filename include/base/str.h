/* Text as pointer and length, and a growing buffer of bytes.
 *
 * A struct str never owns its bytes. Text of the core is UTF-8 (str_utf8_valid says). */
#ifndef WHARF_BASE_STR_H
#define WHARF_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct str {
	const char *ptr;
	size_t len;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr

static inline struct str str_of(const char *text) /* of a NUL-terminated text; NULL gives "" */
{
	return (struct str){ text ? text : "", text ? strlen(text) : 0 };
}
/* Whether two NUL-terminated texts are one: as strcmp, and quicker where a list is searched, whose texts mostly begin otherwise. */
static inline bool text_eq(const char *a, const char *b)
{
	return *a == *b && strcmp(a, b) == 0;
}
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *text);
int str_cmp(struct str a, struct str b); /* bytewise, shorter first: <0, 0, >0 */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
struct str str_trim(struct str s);                 /* ASCII blanks off both ends */
/* Cuts the part before the first sep off *rest and returns it; when sep is absent, all of it. */
struct str str_cut(struct str *rest, char sep);
char *str_dup(struct arena *a, struct str s);      /* NUL-terminated copy */
/* Whole of s as a decimal integer with optional sign; false on anything else or overflow. */
bool str_to_i64(struct str s, int64_t *out);
size_t str_utf8_prefix(struct str s);              /* bytes of s up to the first that is not UTF-8 */
bool str_utf8_valid(struct str s);                 /* no surrogates, no overlong forms */
/* Bytes of the control character that begins at s.ptr[at], which a terminal obeys: 1 of C0 and DEL, 2 of C1 in UTF-8; 0: none. */
size_t str_control(struct str s, size_t at);
/* Copies at most cap - 1 bytes, cut at a character boundary, NUL-pads the rest up to cap.
 * Returns false if it had to cut. */
bool str_copy(char *dst, size_t cap, struct str s);

/* A growing buffer; all zeroes is empty. The caller frees it. */
struct buf {
	char *ptr; /* always followed by a NUL when not NULL */
	size_t len, cap;
};

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_str(struct buf *b, struct str s);
void buf_text(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A number in digits, as snprintf "%0*lld" and quicker; width 0 to 20. Gives the length without the NUL. */
enum { STR_DIGITS_MAX = 24 };
size_t str_digits(char out[STR_DIGITS_MAX], int64_t number, int width);
/* A key of two parts, "GW-RTM/0000000249": as snprintf "%s/%0*lld", cut to fit, and quicker; width up to 19. */
char *str_key(char *dst, size_t cap, const char *part, int64_t number, int width);
/* A key of two texts, "BANK/EUR": as snprintf "%s/%s", cut to fit, and quicker; dst may be part. */
char *str_path(char *dst, size_t cap, const char *part, const char *more);
/* Room for `more` bytes behind the last one, for a caller that writes them itself and then says where he
 * stopped; until then the buffer is as it was. */
void buf_grow(struct buf *b, size_t more); /* for buf_room alone */
static inline char *buf_room(struct buf *b, size_t more)
{
	if (more >= b->cap - b->len) /* also when there is nothing yet: 0 - 0 */
		buf_grow(b, more);
	return b->ptr + b->len;
}
static inline void buf_end(struct buf *b, const char *end)
{
	b->len = (size_t)(end - b->ptr);
	b->ptr[b->len] = '\0';
}
void buf_clear(struct buf *b); /* keeps the memory */
void buf_free(struct buf *b);
struct str buf_view(const struct buf *b);

#endif
