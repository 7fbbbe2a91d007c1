/* The canonical binary encoding: one byte string for one value, on every machine.
 *
 * u64: LEB128, shortest form only. i64: zig-zag, then u64. bytes: u64 length, then the
 * bytes. A reader that meets a longer-than-needed number, a length past the end or left-over
 * bytes turns bad and stays bad; check once at the end. */
#ifndef WHARF_BASE_CODEC_H
#define WHARF_BASE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

void put_u64(struct buf *out, uint64_t n);
void put_i64(struct buf *out, int64_t n);
void put_bytes(struct buf *out, const void *bytes, size_t len);
void put_str(struct buf *out, struct str s);
void put_raw(struct buf *out, const void *bytes, size_t len); /* without a length */

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

struct reader reader_of(const void *bytes, size_t len);
uint64_t get_u64_long(struct reader *r); /* for get_u64 alone: of any length, and what is none */
static inline uint64_t get_u64(struct reader *r)
{
	if (!r->bad && r->at < r->end && *r->at < 0x80)
		return *r->at++; /* most numbers */
	return get_u64_long(r);
}
int64_t get_i64(struct reader *r);
struct str get_bytes(struct reader *r); /* points into the input */
const uint8_t *get_raw(struct reader *r, size_t len); /* NULL when bad */
bool reader_done(const struct reader *r); /* true if nothing was bad and all was read */

#endif
