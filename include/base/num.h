/* Integers that do not wrap, and products with a named rounding.
 *
 * Money is a signed 64-bit count of the currency's minor unit; rates are parts per
 * million a year, ratios basis points; products go through 128 bits. No floats. */
#ifndef WHARF_BASE_NUM_H
#define WHARF_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { NUM_TEXT_MAX = 40 };

enum rounding {
	ROUND_HALF_AWAY, /* half away from zero: the rule of postings */
	ROUND_DOWN,      /* towards zero */
	ROUND_UP,        /* away from zero */
	ROUND_FLOOR      /* towards minus infinity */
};

/* Each returns false and leaves *out alone on overflow (or divisor 0). */
bool num_add(int64_t a, int64_t b, int64_t *out);
bool num_sub(int64_t a, int64_t b, int64_t *out);
bool num_mul(int64_t a, int64_t b, int64_t *out);
/* a * b / c through 128 bits, rounded as said. */
bool num_muldiv(int64_t a, int64_t b, int64_t c, enum rounding how, int64_t *out);
/* a * b * c / d, likewise; false too when a * b * c leaves 128 bits. */
bool num_muldiv3(int64_t a, int64_t b, int64_t c, int64_t d, enum rounding how, int64_t *out);

/* "-14.8" with places 3 is -14800: optional sign, at least one digit before the point, at most
 * `places` (0 to 9) after it; more are refused, not rounded. When grouped, commas may stand
 * between full groups of three. False, and *out left alone, on anything else or overflow. */
bool num_parse_scaled(struct str text, int places, bool grouped, int64_t *out);
/* The way back: `places` decimals, zeros at the end dropped down to `least` decimals; thousands
 * by separator (0 for none). Returns out. */
char *num_format_scaled(int64_t n, int places, int least, char separator, char out[NUM_TEXT_MAX]);
/* A count: decimal digits without a leading zero, below 2^64, as sizes and indices stand in the texts of C2SP. False, and *out
 * left alone, on anything else. */
bool num_parse_count(struct str text, uint64_t *out);

#endif
