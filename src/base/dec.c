/* Decimals of 34 digits by Intel's library (BID encoding of decimal128).
 *
 * Invariants: rounding is half to even everywhere but in dec_to_scaled; flags are those of one
 * call and never global, so that no result depends on what came before. */
#include "base/dec.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* the library's header knows no const and leans on these names */
#include <bid_conf.h>
#include <bid_functions.h>

#include "base/check.h"
#include "base/num.h"

enum { DEC_ROUND = 0 };        /* to nearest, ties to even */
enum { DEC_PARSE_MAX = 100 };  /* characters of a number; the library rounds up to a hundred digits */
enum { DEC_DIGITS = 34, DEC_PLACES_PLAIN = 44 };

static BID_UINT128 bid_of(struct dec d)
{
	BID_UINT128 b;

	memcpy(&b, d.w, sizeof b);
	return b;
}

static struct dec dec_of(BID_UINT128 b)
{
	struct dec d;

	memcpy(d.w, &b, sizeof d.w);
	return d;
}

struct dec dec_of_i64(int64_t n)
{
	return dec_of(bid128_from_int64(n));
}

static size_t dec_digits_at(struct str s, size_t at)
{
	size_t n = 0;

	while (at + n < s.len && s.ptr[at + n] >= '0' && s.ptr[at + n] <= '9')
		n++;
	return n;
}

/* [-] (digits [. digits] | . digits) [e [sign] digits] */
static bool dec_grammar(struct str s)
{
	size_t at = s.len && s.ptr[0] == '-', whole = dec_digits_at(s, at), places = 0, power;

	at += whole;
	if (at < s.len && s.ptr[at] == '.') {
		places = dec_digits_at(s, at + 1);
		if (!places)
			return false;
		at += 1 + places;
	}
	if (whole + places == 0)
		return false;
	if (at < s.len && (s.ptr[at] == 'e' || s.ptr[at] == 'E')) {
		at++;
		at += at < s.len && (s.ptr[at] == '-' || s.ptr[at] == '+');
		power = dec_digits_at(s, at);
		if (power == 0 || power > 5)
			return false;
		at += power;
	}
	return at == s.len;
}

bool dec_parse(struct str text, struct dec *out)
{
	char copy[DEC_PARSE_MAX + 1];
	_IDEC_flags flags = 0;
	struct dec d;

	if (text.len > DEC_PARSE_MAX || !dec_grammar(text))
		return false;
	str_copy(copy, sizeof copy, text);
	d = dec_of(bid128_from_string(copy, DEC_ROUND, &flags));
	if (dec_is_nan(d))
		return false;
	*out = d;
	return true;
}

/* Digits without zeros at the end, power of ten of the last one: 0 digits for zero. */
static size_t dec_take_apart(const char *text, char digits[DEC_DIGITS + 1], int *power)
{
	const char *mark = strchr(text, 'E');
	struct str d = { text + 1, (size_t)(mark - text) - 1 }; /* the library writes "+123E-2" */
	int64_t exponent = 0;

	CHECK(str_to_i64(str_of(mark + 1), &exponent), "the library writes an exponent");
	while (d.len && d.ptr[0] == '0') {
		d.ptr++;
		d.len--;
	}
	while (d.len && d.ptr[d.len - 1] == '0') {
		d.len--;
		exponent++;
	}
	memcpy(digits, d.ptr, d.len);
	digits[d.len] = '\0';
	*power = (int)exponent;
	return d.len;
}

/* Writes the digits in their places, zeros in the places they leave open. */
static size_t dec_put_plain(const char *digits, int n, int power, char *out)
{
	int whole = n + power; /* digits before the point; negative: zeros behind it */
	size_t at = 0;

	if (whole <= 0)
		out[at++] = '0';
	for (int i = 0; i < whole; i++)
		out[at++] = i < n ? digits[i] : '0';
	if (power < 0)
		out[at++] = '.';
	for (int i = whole; i < n; i++)
		out[at++] = i < 0 ? '0' : digits[i];
	return at;
}

char *dec_format(struct dec d, char out[DEC_TEXT_MAX])
{
	char raw[DEC_TEXT_MAX + 16], digits[DEC_DIGITS + 1];
	_IDEC_flags flags = 0;
	size_t at = 0;
	int n, power;

	if (dec_is_nan(d)) {
		str_copy(out, DEC_TEXT_MAX, STR("NaN"));
		return out;
	}
	bid128_to_string(raw, bid_of(d), &flags);
	n = (int)dec_take_apart(raw, digits, &power);
	if (n == 0) {
		str_copy(out, DEC_TEXT_MAX, STR("0"));
		return out;
	}
	if (raw[0] == '-')
		out[at++] = '-';
	if (power >= 0 ? n + power <= DEC_DIGITS : power >= -DEC_PLACES_PLAIN) {
		at += dec_put_plain(digits, n, power, out + at);
		out[at] = '\0';
		return out;
	}
	at += dec_put_plain(digits, n, 1 - n, out + at);
	snprintf(out + at, DEC_TEXT_MAX - at, "E%d", power + n - 1);
	return out;
}

struct dec dec_add(struct dec a, struct dec b)
{
	_IDEC_flags flags = 0;

	return dec_of(bid128_add(bid_of(a), bid_of(b), DEC_ROUND, &flags));
}

struct dec dec_sub(struct dec a, struct dec b)
{
	_IDEC_flags flags = 0;

	return dec_of(bid128_sub(bid_of(a), bid_of(b), DEC_ROUND, &flags));
}

struct dec dec_mul(struct dec a, struct dec b)
{
	_IDEC_flags flags = 0;

	return dec_of(bid128_mul(bid_of(a), bid_of(b), DEC_ROUND, &flags));
}

bool dec_div(struct dec a, struct dec b, struct dec *out)
{
	_IDEC_flags flags = 0;

	if (bid128_isZero(bid_of(b)))
		return false;
	*out = dec_of(bid128_div(bid_of(a), bid_of(b), DEC_ROUND, &flags));
	return true;
}

struct dec dec_neg(struct dec a)
{
	return dec_of(bid128_negate(bid_of(a)));
}

int dec_cmp(struct dec a, struct dec b)
{
	_IDEC_flags flags = 0;
	int nan_a = bid128_isNaN(bid_of(a)) != 0, nan_b = bid128_isNaN(bid_of(b)) != 0;

	if (nan_a || nan_b)
		return nan_a - nan_b; /* after everything, so that sorting ends */
	return bid128_quiet_greater(bid_of(a), bid_of(b), &flags) - bid128_quiet_less(bid_of(a), bid_of(b), &flags);
}

bool dec_is_nan(struct dec a)
{
	return !bid128_isFinite(bid_of(a));
}

bool dec_to_i64(struct dec a, int64_t *out)
{
	_IDEC_flags flags = 0;
	int64_t n = bid128_to_int64_xint(bid_of(a), &flags);

	if (flags) /* inexact or out of range */
		return false;
	*out = n;
	return true;
}

bool dec_to_scaled(struct dec a, int places, int64_t *out)
{
	_IDEC_flags flags = 0;
	BID_UINT128 scaled = bid128_scalbn(bid_of(a), places, DEC_ROUND, &flags);
	int64_t n;

	flags = 0;
	n = bid128_to_int64_rninta(scaled, &flags);
	if (flags)
		return false;
	*out = n;
	return true;
}
