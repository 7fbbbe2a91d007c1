/* The functions of the FEEL subset: one row each. Names and meaning are those of DMN 1.3, clause 10.3.4;
 * wrong arguments give null. Nothing here depends on locale, time or place. */
#include "feel_int.h"

#include <string.h>
#include <utf8proc.h>

#include "base/instant.h"

typedef const struct feel_value *args;

static struct feel_value wrong(struct feel_run *run, const char *name, enum feel_kind got, const char *wanted)
{
	return feel_why(run, "%s got %s instead of %s", name, feel_kind_word(got), wanted);
}

/* Functions over a list take one list or the items themselves. */
static args items_of(args a, int *count)
{
	if (*count == 1 && a[0].kind == FEEL_LIST) {
		*count = a[0].count;
		return a[0].items;
	}
	return a;
}

static struct feel_value extreme(struct feel_run *run, args a, int count, const char *name, int sign)
{
	a = items_of(a, &count);
	if (!count || !feel_spend(run, count))
		return feel_why(run, "%s of nothing", name);
	struct feel_value best = a[0];
	int c;
	for (int i = 0; i < count; i++) {
		if (!feel_order(&a[i], &best, &c))
			return wrong(run, name, a[i].kind, "values that can be ordered");
		if (c * sign > 0)
			best = a[i];
	}
	return best;
}

static struct feel_value fn_min(struct feel_run *run, args a, int count)
{
	return extreme(run, a, count, "min", -1);
}

static struct feel_value fn_max(struct feel_run *run, args a, int count)
{
	return extreme(run, a, count, "max", 1);
}

static struct feel_value fn_sum(struct feel_run *run, args a, int count)
{
	a = items_of(a, &count);
	if (!feel_spend(run, count))
		return feel_null();
	if (!count)
		return feel_why(run, "sum of nothing");
	struct dec total = dec_of_i64(0);
	for (int i = 0; i < count; i++) {
		if (a[i].kind != FEEL_DEC)
			return wrong(run, "sum", a[i].kind, "numbers");
		total = dec_add(total, a[i].dec);
	}
	return dec_is_nan(total) ? feel_why(run, "a number is too large") : feel_dec(total);
}

static struct feel_value fn_count(struct feel_run *run, args a, int count)
{
	(void)count;
	return a->kind == FEEL_LIST ? feel_i64(a->count) : wrong(run, "count", a->kind, "a list");
}

static struct feel_value fn_abs(struct feel_run *run, args a, int count)
{
	(void)count;
	if (a->kind == FEEL_DURATION && a->time != INT64_MIN)
		return feel_duration(a->time < 0 ? -a->time : a->time);
	if (a->kind != FEEL_DEC)
		return wrong(run, "abs", a->kind, "a number");
	return feel_dec(dec_cmp(a->dec, dec_of_i64(0)) < 0 ? dec_neg(a->dec) : a->dec);
}

/* The integer next to a number, towards minus (-1) or plus (1) infinity. */
static struct feel_value whole(struct feel_run *run, args a, const char *name, int direction)
{
	int64_t n;
	if (a->kind != FEEL_DEC)
		return wrong(run, name, a->kind, "a number");
	if (!dec_to_scaled(a->dec, 0, &n))
		return feel_why(run, "%s of a number beyond 64 bits", name);
	struct dec rounded = dec_of_i64(n);
	if (dec_cmp(rounded, a->dec) * direction < 0)
		rounded = dec_add(rounded, dec_of_i64(direction));
	return feel_dec(rounded);
}

static struct feel_value fn_floor(struct feel_run *run, args a, int count)
{
	(void)count;
	return whole(run, a, "floor", -1);
}

static struct feel_value fn_ceiling(struct feel_run *run, args a, int count)
{
	(void)count;
	return whole(run, a, "ceiling", 1);
}

/* DMN 1.3 table 73: n to `scale` decimals, half away from zero. */
static struct feel_value fn_round(struct feel_run *run, args a, int count)
{
	int64_t places, n;
	(void)count;
	if (a[0].kind != FEEL_DEC || a[1].kind != FEEL_DEC)
		return wrong(run, "round half up", a[a[0].kind == FEEL_DEC].kind, "a number");
	if (!dec_to_i64(a[1].dec, &places) || places < 0 || places > 12)
		return feel_why(run, "round half up takes 0 to 12 decimals");
	if (!dec_to_scaled(a[0].dec, (int)places, &n))
		return feel_why(run, "round half up of a number beyond 64 bits");
	struct dec ten = dec_of_i64(1), q;
	for (int64_t i = 0; i < places; i++)
		ten = dec_mul(ten, dec_of_i64(10));
	return dec_div(dec_of_i64(n), ten, &q) ? feel_dec(q) : feel_null();
}

static struct feel_value fn_string_length(struct feel_run *run, args a, int count)
{
	(void)count;
	if (a->kind != FEEL_STR)
		return wrong(run, "string length", a->kind, "a text");
	int64_t n = 0;
	for (size_t i = 0; i < a->str.len; i++)
		n += ((unsigned char)a->str.ptr[i] & 0xc0) != 0x80;
	return feel_i64(n);
}

static bool two_texts(args a)
{
	return a[0].kind == FEEL_STR && a[1].kind == FEEL_STR;
}

static struct feel_value fn_contains(struct feel_run *run, args a, int count)
{
	(void)count;
	if (!two_texts(a))
		return wrong(run, "contains", a[a[0].kind == FEEL_STR].kind, "a text");
	if (!feel_spend(run, (int)(a[0].str.len / 64)))
		return feel_null();
	return feel_bool(!a[1].str.len || memmem(a[0].str.ptr, a[0].str.len, a[1].str.ptr, a[1].str.len));
}

static struct feel_value fn_starts_with(struct feel_run *run, args a, int count)
{
	(void)count;
	if (!two_texts(a))
		return wrong(run, "starts with", a[a[0].kind == FEEL_STR].kind, "a text");
	return feel_bool(a[0].str.len >= a[1].str.len && !memcmp(a[0].str.ptr, a[1].str.ptr, a[1].str.len));
}

static struct feel_value fn_ends_with(struct feel_run *run, args a, int count)
{
	(void)count;
	if (!two_texts(a))
		return wrong(run, "ends with", a[a[0].kind == FEEL_STR].kind, "a text");
	size_t n = a[1].str.len;
	return feel_bool(a[0].str.len >= n && !memcmp(a[0].str.ptr + a[0].str.len - n, a[1].str.ptr, n));
}

/* Simple case mapping of Unicode, one code point to one; what is not UTF-8 gives null. */
static struct feel_value map_case(struct feel_run *run, args a, const char *name,
	utf8proc_int32_t (*map)(utf8proc_int32_t))
{
	if (a->kind != FEEL_STR)
		return wrong(run, name, a->kind, "a text");
	if (!feel_spend(run, (int)(a->str.len / 16)))
		return feel_null();
	char *text = arena_alloc(run->scratch, a->str.len * 3 + 5), *to = text;
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)a->str.ptr;
	for (utf8proc_ssize_t left = (utf8proc_ssize_t)a->str.len; left > 0;) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate(at, left, &c);
		if (n <= 0)
			return feel_why(run, "%s of a text that is not UTF-8", name);
		to += utf8proc_encode_char(map(c), (utf8proc_uint8_t *)to);
		at += n;
		left -= n;
	}
	*to = 0;
	return feel_str((struct str){ text, (size_t)(to - text) });
}

static struct feel_value fn_upper(struct feel_run *run, args a, int count)
{
	(void)count;
	return map_case(run, a, "upper case", utf8proc_toupper);
}

static struct feel_value fn_lower(struct feel_run *run, args a, int count)
{
	(void)count;
	return map_case(run, a, "lower case", utf8proc_tolower);
}

static struct feel_value fn_list_contains(struct feel_run *run, args a, int count)
{
	(void)count;
	if (a[0].kind != FEEL_LIST)
		return wrong(run, "list contains", a[0].kind, "a list");
	if (!feel_spend(run, a[0].count))
		return feel_null();
	for (int i = 0; i < a[0].count; i++)
		if (feel_equal(&a[0].items[i], &a[1]))
			return feel_bool(true);
	return feel_bool(false);
}

static struct feel_value fn_date(struct feel_run *run, args a, int count)
{
	int64_t t;
	(void)count;
	if (a->kind == FEEL_DATE)
		return *a;
	if (a->kind == FEEL_INSTANT)
		return feel_date(instant_day(a->time));
	if (a->kind == FEEL_STR && instant_parse_date(a->str, &t))
		return feel_date(t);
	if (a->kind == FEEL_STR && instant_parse(a->str, &t))
		return feel_date(instant_day(t));
	return a->kind == FEEL_STR ? feel_why(run, "\"" STR_FMT "\" is not a date", STR_ARG(a->str))
	                           : wrong(run, "date", a->kind, "a text");
}

static struct feel_value fn_date_time(struct feel_run *run, args a, int count)
{
	int64_t t;
	(void)count;
	if (a->kind == FEEL_INSTANT)
		return *a;
	if (a->kind == FEEL_DATE && a->time < INT64_MAX / INSTANT_DAY && a->time > INT64_MIN / INSTANT_DAY)
		return feel_instant(a->time * INSTANT_DAY);
	if (a->kind == FEEL_STR && instant_parse(a->str, &t))
		return feel_instant(t);
	return a->kind == FEEL_STR ? feel_why(run, "\"" STR_FMT "\" is not a date and time with a zone", STR_ARG(a->str))
	                           : wrong(run, "date and time", a->kind, "a text");
}

static struct feel_value fn_duration(struct feel_run *run, args a, int count)
{
	(void)count;
	if (a->kind == FEEL_DURATION)
		return *a;
	if (a->kind != FEEL_STR)
		return wrong(run, "duration", a->kind, "a text");
	struct str s = a->str;
	bool minus = str_starts(s, "-");
	if (minus)
		s = (struct str){ s.ptr + 1, s.len - 1 };
	const char *time = s.len ? memchr(s.ptr, 'T', s.len) : NULL;
	size_t date = time ? (size_t)(time - s.ptr) : s.len;
	int64_t span;
	if (!str_starts(s, "P") || memchr(s.ptr, 'Y', date) || memchr(s.ptr, 'M', date) ||
		!instant_add_duration(0, s, &span) || span < 0)
		return feel_why(run, "\"" STR_FMT "\" is not a duration of days and time", STR_ARG(a->str));
	return feel_duration(minus ? -span : span);
}

const struct feel_function feel_functions[] = {
	{ "min", 1, 256, fn_min },
	{ "max", 1, 256, fn_max },
	{ "sum", 1, 256, fn_sum },
	{ "count", 1, 1, fn_count },
	{ "abs", 1, 1, fn_abs },
	{ "floor", 1, 1, fn_floor },
	{ "ceiling", 1, 1, fn_ceiling },
	{ "round half up", 2, 2, fn_round },
	{ "string length", 1, 1, fn_string_length },
	{ "contains", 2, 2, fn_contains },
	{ "starts with", 2, 2, fn_starts_with },
	{ "ends with", 2, 2, fn_ends_with },
	{ "upper case", 1, 1, fn_upper },
	{ "lower case", 1, 1, fn_lower },
	{ "list contains", 2, 2, fn_list_contains },
	{ "date and time", 1, 1, fn_date_time },
	{ "date", 1, 1, fn_date },
	{ "duration", 1, 1, fn_duration },
};
const int feel_function_count = sizeof feel_functions / sizeof *feel_functions;
