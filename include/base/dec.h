/* Exact decimals of 34 digits (IEEE 754-2008 decimal128, Intel's library) for expressions.
 *
 * Rounding is half even to 34 digits, as FEEL (DMN 1.3, clause 10.3) asks. Values are plain
 * and copied. No float of the machine is ever involved. */
#ifndef WHARF_BASE_DEC_H
#define WHARF_BASE_DEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { DEC_TEXT_MAX = 48 };

struct dec {
	uint64_t w[2];
};

struct dec dec_of_i64(int64_t n);
bool dec_parse(struct str text, struct dec *out); /* 12, -3.40, .5, 1e3; false on other text */
char *dec_format(struct dec d, char out[DEC_TEXT_MAX]); /* plain, no exponent within 34 digits, no trailing zeros */
struct dec dec_add(struct dec a, struct dec b);
struct dec dec_sub(struct dec a, struct dec b);
struct dec dec_mul(struct dec a, struct dec b);
bool dec_div(struct dec a, struct dec b, struct dec *out); /* false when b is zero */
struct dec dec_neg(struct dec a);
int dec_cmp(struct dec a, struct dec b); /* <0, 0, >0 */
bool dec_is_nan(struct dec a);           /* overflow shows as NaN or infinity: both say true */
/* Exact integer value; false if it has a fraction or does not fit. */
bool dec_to_i64(struct dec a, int64_t *out);
/* value * 10^places as an integer, rounded half away from zero; false when too large. */
bool dec_to_scaled(struct dec a, int places, int64_t *out);

#endif
