/* Text as pointer and length, UTF-8, and the growing buffer.
 *
 * Invariant of a buffer: ptr is NULL with cap 0, or len < cap and ptr[len] is NUL. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

int str_cmp(struct str a, struct str b)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int c = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && (n == 0 || memcmp(s.ptr, prefix, n) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && (n == 0 || memcmp(s.ptr + (s.len - n), suffix, n) == 0);
}

static bool str_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.len && str_is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && str_is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char sep)
{
	const char *at = rest->len ? memchr(rest->ptr, sep, rest->len) : NULL;
	struct str head = *rest;

	if (!at) {
		if (rest->len) /* an empty text may point nowhere */
			rest->ptr += rest->len;
		rest->len = 0;
		return head;
	}
	head.len = (size_t)(at - rest->ptr);
	rest->ptr = at + 1;
	rest->len -= head.len + 1;
	return head;
}

char *str_dup(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}

size_t str_digits(char out[STR_DIGITS_MAX], int64_t number, int width)
{
	char digits[STR_DIGITS_MAX];
	size_t n = sizeof digits, least = width > 0 ? (size_t)width : 0, len = 0;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	CHECK(least <= 20, "a number has room for its digits");
	if (number < 0) {
		out[len++] = '-';
		least -= least > 0;
	}
	do
		digits[--n] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	while (sizeof digits - n < least)
		digits[--n] = '0';
	memcpy(out + len, digits + n, sizeof digits - n);
	len += sizeof digits - n;
	out[len] = '\0';
	return len;
}

char *str_path(char *dst, size_t cap, const char *part, const char *more)
{
	size_t len = strlen(part), rest = strlen(more);

	if (cap == 0)
		return dst;
	len = len < cap - 1 ? len : cap - 1;
	memmove(dst, part, len);
	if (len < cap - 1)
		dst[len++] = '/';
	rest = rest < cap - 1 - len ? rest : cap - 1 - len;
	memcpy(dst + len, more, rest);
	dst[len + rest] = '\0';
	return dst;
}

char *str_key(char *dst, size_t cap, const char *part, int64_t number, int width)
{
	char digits[STR_DIGITS_MAX];

	str_digits(digits, number, width);
	return str_path(dst, cap, part, digits);
}

bool str_to_i64(struct str s, int64_t *out)
{
	bool negative = s.len && s.ptr[0] == '-';
	size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
	int64_t n = 0;

	if (i == s.len)
		return false;
	for (; i < s.len; i++) {
		int digit = s.ptr[i] - '0';

		/* counted downwards: the negative side reaches one further */
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
			__builtin_sub_overflow(n, digit, &n))
			return false;
	}
	if (!negative && n == INT64_MIN)
		return false;
	*out = negative ? n : -n;
	return true;
}

/* Length of the well-formed sequence at p (RFC 3629, section 4), or 0. */
static size_t utf8_step(const uint8_t *p, size_t left)
{
	size_t n;
	uint8_t low = 0x80, high = 0xBF; /* bounds of the second byte */

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (left < n)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0; /* shorter forms exist below */
	else if (p[0] == 0xED)
		high = 0x9F; /* surrogates above */
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F; /* beyond U+10FFFF above */
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return n;
}

size_t str_utf8_prefix(struct str s)
{
	const uint64_t not_ascii = UINT64_C(0x8080808080808080);
	const uint8_t *p = (const uint8_t *)s.ptr;
	uint64_t eight = not_ascii;
	size_t i = 0;

	while (i < s.len) {
		if (s.len - i >= sizeof eight)
			memcpy(&eight, p + i, sizeof eight);
		size_t n = s.len - i >= sizeof eight && !(eight & not_ascii) ? sizeof eight : utf8_step(p + i, s.len - i);

		if (!n)
			break;
		i += n;
	}
	return i;
}

size_t str_control(struct str s, size_t at)
{
	unsigned char c = (unsigned char)s.ptr[at], next = at + 1 < s.len ? (unsigned char)s.ptr[at + 1] : 0;

	return c < 0x20 || c == 0x7f ? 1 : c == 0xc2 && next >= 0x80 && next < 0xa0 ? 2 : 0;
}

bool str_utf8_valid(struct str s)
{
	return str_utf8_prefix(s) == s.len;
}

bool str_copy(char *dst, size_t cap, struct str s)
{
	size_t n = s.len;
	bool whole = n < cap;

	CHECK(cap > 0, "a text field has room for its NUL");
	if (!whole)
		for (n = cap - 1; n > 0 && ((uint8_t)s.ptr[n] & 0xC0) == 0x80;)
			n--;
	if (n)
		memcpy(dst, s.ptr, n);
	memset(dst + n, 0, cap - n);
	return whole;
}

/* Makes room for more bytes and their NUL. */
void buf_grow(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1, cap = b->cap ? b->cap : 64;

	CHECK(more < SIZE_MAX / 4 && b->len < SIZE_MAX / 4, "a buffer fits the address space");
	while (cap < need)
		cap *= 2;
	b->ptr = realloc(b->ptr, cap);
	CHECK(b->ptr, "memory has run out");
	b->cap = cap;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	buf_room(b, len);
	if (len)
		memcpy(b->ptr + b->len, bytes, len);
	b->len += len;
	b->ptr[b->len] = '\0';
}

void buf_str(struct buf *b, struct str s)
{
	buf_add(b, s.ptr, s.len);
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	CHECK(len >= 0, "a format can be printed");
	buf_room(b, (size_t)len);
	vsnprintf(b->ptr + b->len, (size_t)len + 1, format, again);
	va_end(again);
	b->len += (size_t)len;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->ptr)
		b->ptr[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf){ 0 };
}

struct str buf_view(const struct buf *b)
{
	return (struct str){ b->ptr ? b->ptr : "", b->len };
}
