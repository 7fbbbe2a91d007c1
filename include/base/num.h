/* Integers that do not wrap, and products with a named rounding.
 *
 * Money is a signed 64-bit count of the currency's minor unit; rates are parts per
 * million a year, ratios basis points; products go through 128 bits. No floats. */
#ifndef WHARF_BASE_NUM_H
#define WHARF_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
