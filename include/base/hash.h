/* SHA-256, HMAC-SHA-256, hexadecimal and base64.
 *
 * Sources: FIPS 180-4, RFC 2104, RFC 4648 (standard alphabet with padding, canonical
 * form only: non-zero trailing bits are refused). Hashing is libcrypto's, fetched once. */
#ifndef WHARF_BASE_HASH_H
#define WHARF_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { HASH_SIZE = 32, HASH_HEX_MAX = 65 };

struct hash {
	uint8_t bytes[HASH_SIZE];
};

/* One shot. */
struct hash hash_of(const void *bytes, size_t len);
/* Of several parts in order, without copying them. */
struct part {
	const void *ptr;
	size_t len;
};
struct hash hash_parts(const struct part *parts, size_t count);

/* Streaming: begin, add…, end. The stream owns library memory until hash_end or hash_drop. */
struct hash_stream;
struct hash_stream *hash_begin(void);
void hash_add(struct hash_stream *s, const void *bytes, size_t len);
struct hash hash_end(struct hash_stream *s);
void hash_drop(struct hash_stream *s);

struct hash hash_hmac(const void *key, size_t key_len, const void *bytes, size_t len);

bool hash_eq(const struct hash *a, const struct hash *b); /* constant time */
bool hash_is_zero(const struct hash *h);

char *hex_of(const void *bytes, size_t len, char *out);   /* out has 2 * len + 1 bytes; lower case */
bool hex_parse(struct str text, void *out, size_t len);   /* exactly len bytes */
char *hash_short(const struct hash *h, char out[12 + 4]); /* "6d69…7888" */

void base64_add(struct buf *out, const void *bytes, size_t len);
/* Appends the decoded bytes; false, and nothing appended, on anything not canonical. */
bool base64_parse(struct str text, struct buf *out);

#endif
