/* Integers that do not wrap, scaled decimals as text.
 *
 * Invariant: an output is written only on success. Everything that could leave 64 bits goes
 * through 128. */
#include "base/num.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

__extension__ typedef __int128 wide;

bool num_add(int64_t a, int64_t b, int64_t *out)
{
	int64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

bool num_sub(int64_t a, int64_t b, int64_t *out)
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

bool num_mul(int64_t a, int64_t b, int64_t *out)
{
	int64_t r;

	if (__builtin_mul_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

/* n / d with a rounding; d != 0. Magnitudes stay below 2^126, so that doubling cannot wrap. */
static wide wide_div(wide n, wide d, enum rounding how)
{
	wide q = n / d, rest = n % d;
	int away = (n < 0) != (d < 0) ? -1 : 1;
	wide size = rest < 0 ? -rest : rest, whole = d < 0 ? -d : d;

	if (rest == 0)
		return q;
	switch (how) {
	case ROUND_HALF_AWAY:
		return size >= whole - size ? q + away : q;
	case ROUND_UP:
		return q + away;
	case ROUND_FLOOR:
		return away < 0 ? q - 1 : q;
	case ROUND_DOWN:
		break;
	}
	return q;
}

bool num_muldiv(int64_t a, int64_t b, int64_t c, enum rounding how, int64_t *out)
{
	wide q;

	if (c == 0)
		return false;
	q = wide_div((wide)a * b, c, how);
	if (q < INT64_MIN || q > INT64_MAX)
		return false;
	*out = (int64_t)q;
	return true;
}

bool num_muldiv3(int64_t a, int64_t b, int64_t c, int64_t d, enum rounding how, int64_t *out)
{
	wide n = (wide)a * b, q;

	/* the least number of all has no opposite: dividing it by -1 would trap */
	if (d == 0 || __builtin_mul_overflow(n, (wide)c, &n) || __builtin_sub_overflow((wide)0, n, &q))
		return false;
	q = wide_div(n, d, how);
	if (q < INT64_MIN || q > INT64_MAX)
		return false;
	*out = (int64_t)q;
	return true;
}

/* Groups of three by commas: 1 to 3 digits first, then exactly three after each comma. */
static bool num_groups_ok(struct str whole)
{
	size_t run = 0, commas = 0;

	for (size_t i = 0; i <= whole.len; i++) {
		if (i < whole.len && whole.ptr[i] != ',') {
			run++;
			continue;
		}
		if (commas ? run != 3 : run == 0 || (i < whole.len && run > 3))
			return false;
		commas++;
		run = 0;
	}
	return true;
}

/* Appends one digit to a magnitude kept negative, where 64 bits reach one further. */
static bool num_push(int64_t *n, int digit)
{
	return digit >= 0 && digit <= 9 && !__builtin_mul_overflow(*n, 10, n) &&
		!__builtin_sub_overflow(*n, digit, n);
}

bool num_parse_scaled(struct str text, int places, bool grouped, int64_t *out)
{
	bool negative = text.len && text.ptr[0] == '-', point;
	size_t sign = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');
	struct str part = { sign ? text.ptr + 1 : text.ptr, text.len - sign }, whole; /* an empty text may point nowhere */
	int64_t n = 0;

	point = part.len && memchr(part.ptr, '.', part.len);
	whole = str_cut(&part, '.');
	if (whole.len == 0 || (point && part.len == 0) || part.len > (size_t)places)
		return false;
	if (grouped && !num_groups_ok(whole))
		return false;
	for (size_t i = 0; i < whole.len; i++)
		if (!(grouped && whole.ptr[i] == ',') && !num_push(&n, whole.ptr[i] - '0'))
			return false;
	for (size_t i = 0; i < (size_t)places; i++)
		if (!num_push(&n, i < part.len ? part.ptr[i] - '0' : 0))
			return false;
	if (!negative && n == INT64_MIN)
		return false;
	*out = negative ? n : -n;
	return true;
}

char *num_format_scaled(int64_t n, int places, int least, char separator, char out[NUM_TEXT_MAX])
{
	char digits[STR_DIGITS_MAX];
	int len, whole, at = 0;

	CHECK(places >= 0 && places <= 9 && least >= 0 && least <= places, "decimals are 0 to 9");
	len = (int)str_digits(digits, n, places + 1 + (n < 0));
	if (n < 0)
		memmove(digits, digits + 1, (size_t)len--);
	whole = len - places;
	while (places > least && digits[whole + places - 1] == '0')
		places--;
	if (n < 0)
		out[at++] = '-';
	for (int i = 0; i < whole; i++) {
		if (separator && i > 0 && (whole - i) % 3 == 0)
			out[at++] = separator;
		out[at++] = digits[i];
	}
	if (places > 0)
		out[at++] = '.';
	memcpy(out + at, digits + whole, (size_t)places);
	out[at + places] = '\0';
	return out;
}

bool num_parse_count(struct str text, uint64_t *out)
{
	uint64_t n = 0;

	if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(n, UINT64_C(10), &n) ||
			__builtin_add_overflow(n, (uint64_t)(c - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}
