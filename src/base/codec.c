/* The canonical binary encoding: shortest LEB128, zig-zag, counted bytes.
 *
 * Invariant: for every value there is one byte string, and the reader takes no other. */
#include "base/codec.h"

enum { CODEC_U64_MAX = 10 };

void put_u64(struct buf *out, uint64_t n)
{
	char *at = buf_room(out, CODEC_U64_MAX);

	while (n >= 0x80) {
		*at++ = (char)(n | 0x80);
		n >>= 7;
	}
	*at++ = (char)n;
	buf_end(out, at);
}

void put_i64(struct buf *out, int64_t n)
{
	put_u64(out, ((uint64_t)n << 1) ^ (n < 0 ? UINT64_MAX : 0));
}

void put_bytes(struct buf *out, const void *bytes, size_t len)
{
	put_u64(out, len);
	buf_add(out, bytes, len);
}

void put_str(struct buf *out, struct str s)
{
	put_bytes(out, s.ptr, s.len);
}

void put_raw(struct buf *out, const void *bytes, size_t len)
{
	buf_add(out, bytes, len);
}

struct reader reader_of(const void *bytes, size_t len)
{
	const uint8_t *at = bytes ? bytes : (const uint8_t *)"";

	return (struct reader){ at, at + len, false };
}

uint64_t get_u64_long(struct reader *r)
{
	uint64_t n = 0;

	for (unsigned shift = 0; !r->bad && r->at < r->end && shift < 64; shift += 7) {
		uint8_t byte = *r->at++;

		if (shift == 63 && byte > 1)
			break; /* more than 64 bits */
		n |= (uint64_t)(byte & 0x7F) << shift;
		if (byte & 0x80)
			continue;
		if (byte == 0 && shift > 0)
			break; /* a shorter form exists */
		return n;
	}
	r->bad = true;
	return 0;
}

int64_t get_i64(struct reader *r)
{
	uint64_t n = get_u64(r);

	return (int64_t)((n >> 1) ^ (n & 1 ? UINT64_MAX : 0));
}

struct str get_bytes(struct reader *r)
{
	uint64_t len = get_u64(r);
	const uint8_t *at = len <= SIZE_MAX ? get_raw(r, (size_t)len) : NULL;

	return at ? (struct str){ (const char *)at, (size_t)len } : (struct str){ "", 0 };
}

const uint8_t *get_raw(struct reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (r->bad || (size_t)(r->end - r->at) < len) {
		r->bad = true;
		return NULL;
	}
	r->at += len;
	return at;
}

bool reader_done(const struct reader *r)
{
	return !r->bad && r->at == r->end;
}
