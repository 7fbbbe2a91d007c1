/* Exact numbers as text, and lists of texts.
 *
 * What must remain true: no float, no locale; a number that cannot be spelled exactly is refused,
 * never approximated (feed_scaled says when it rounded). */
#include "feed_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

bool feed_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!feed_digit(s.ptr[i]))
			return false;
	return s.len > 0;
}

/* A number taken apart: value = ±digits * 10^exponent, digits without leading or trailing zeros;
 * zero has no digits. */
struct parts {
	bool negative;
	char digits[FEED_NUMBER_MAX];
	int count;
	int exponent;
};

static bool take_digits(struct str *s, struct parts *p, bool fraction, int *seen)
{
	while (s->len && feed_digit(s->ptr[0])) {
		char c = s->ptr[0];
		*s = feed_from(*s, 1);
		++*seen;
		if (fraction)
			p->exponent--;
		if (c == '0' && p->count == 0)
			continue;
		if (p->count == FEED_NUMBER_MAX)
			return false;
		p->digits[p->count++] = c;
	}
	return true;
}

static bool take_exponent(struct str *s, struct parts *p)
{
	if (!s->len)
		return true;
	if (s->ptr[0] != 'e' && s->ptr[0] != 'E')
		return false;
	*s = feed_from(*s, 1);
	bool negative = s->len && s->ptr[0] == '-';
	if (s->len && (s->ptr[0] == '-' || s->ptr[0] == '+'))
		*s = feed_from(*s, 1);
	if (!feed_digits(*s))
		return false;
	int e = 0;
	for (size_t i = 0; i < s->len; i++) {
		if (e > 9999)
			return false;
		e = e * 10 + (s->ptr[i] - '0');
	}
	p->exponent += negative ? -e : e;
	return true;
}

static bool parts_parse(struct str s, struct parts *p)
{
	*p = (struct parts){ 0 };
	int whole = 0, fraction = 0;
	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
		p->negative = s.ptr[0] == '-';
		s = feed_from(s, 1);
	}
	if (!take_digits(&s, p, false, &whole))
		return false;
	if (s.len && s.ptr[0] == '.') {
		s = feed_from(s, 1);
		if (!take_digits(&s, p, true, &fraction))
			return false;
	}
	if (whole + fraction == 0 || !take_exponent(&s, p))
		return false;
	while (p->count > 0 && p->digits[p->count - 1] == '0') {
		p->count--;
		p->exponent++;
	}
	return true;
}

bool feed_number(struct arena *a, struct str text, struct str *out)
{
	struct parts p;
	if (!parts_parse(text, &p))
		return false;
	if (p.count == 0) {
		*out = STR("0");
		return true;
	}
	int point = p.count + p.exponent; /* digits before the point; may be negative */
	int len = p.exponent >= 0 ? point : point > 0 ? p.count + 1 : 2 - point + p.count;
	if (len > FEED_NUMBER_MAX)
		return false;
	char *t = arena_alloc(a, (size_t)len + 2), *w = t;
	if (p.negative)
		*w++ = '-';
	if (point <= 0) {
		*w++ = '0';
		*w++ = '.';
		for (int i = point; i < 0; i++)
			*w++ = '0';
	}
	for (int i = 0; i < p.count; i++) {
		if (i == point && point > 0)
			*w++ = '.';
		*w++ = p.digits[i];
	}
	for (int i = p.count; i < point; i++)
		*w++ = '0';
	*out = (struct str){ t, (size_t)(w - t) };
	return true;
}

bool feed_scaled(struct str text, int places, int64_t *out, bool *exact)
{
	struct parts p;
	if (!parts_parse(text, &p))
		return false;
	int drop = -(p.exponent + places); /* digits behind the scale */
	int64_t n = 0;
	int keep = drop > 0 ? p.count - drop : p.count;
	for (int i = 0; i < keep; i++)
		if (!num_mul(n, 10, &n) || !num_add(n, p.digits[i] - '0', &n))
			return false;
	for (int i = drop; i < 0 && n != 0; i++)
		if (!num_mul(n, 10, &n))
			return false;
	*exact = drop <= 0 || p.count == 0;
	if (drop > 0 && keep >= 0 && keep < p.count && p.digits[keep] >= '5' && !num_add(n, 1, &n))
		return false;
	*out = p.negative ? -n : n;
	return true;
}

struct str feed_cat(struct arena *a, const struct str *parts, int count)
{
	size_t len = 0;
	for (int i = 0; i < count; i++)
		len += parts[i].len;
	char *text = arena_alloc(a, len + 1), *w = text;
	for (int i = 0; i < count; i++) {
		if (parts[i].len)
			memcpy(w, parts[i].ptr, parts[i].len);
		w += parts[i].len;
	}
	*w = '\0';
	return (struct str){ text, len };
}

void feed_list_add(struct arena *a, struct feed_list *l, struct str s)
{
	if (l->count == l->room) {
		int room = l->room ? l->room * 2 : 8;
		struct str *items = arena_alloc(a, (size_t)room * sizeof(*items));
		if (l->count)
			memcpy(items, l->items, (size_t)l->count * sizeof(*items));
		l->items = items;
		l->room = room;
	}
	l->items[l->count++] = s;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void feed_list_sort(struct feed_list *l)
{
	/* equal texts are the same bytes, so the sort need not be stable */
	if (l->count > 1)
		qsort(l->items, (size_t)l->count, sizeof(*l->items), by_bytes);
}
