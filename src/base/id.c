/* Identifiers in the layout of ULID (48 bits of time, 80 of a digest) behind a kind.
 *
 * Invariant: within a kind, bytewise order is the order of time. */
#include "base/id.h"

#include <string.h>

#include "base/check.h"

enum { ID_TIME_CHARS = 10, ID_DIGEST_CHARS = 16, ID_CHARS = 26, ID_KIND_MAX = 4, ID_TAIL = 4 };

static const char ID_ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford: no I, L, O, U */

/* Letters of the kind in front of the dash, or 0. */
static size_t id_kind_len(struct str id)
{
	size_t n = 0;

	while (n < id.len && n < ID_KIND_MAX && id.ptr[n] >= 'A' && id.ptr[n] <= 'Z')
		n++;
	return n < id.len && id.ptr[n] == '-' ? n : 0;
}

void id_make(const char *kind, int64_t instant, const struct hash *digest, char out[ID_MAX])
{
	size_t n = strlen(kind);
	uint64_t time = instant > 0 ? (uint64_t)instant / 1000 : 0;
	char *at;

	CHECK(n >= 1 && n <= ID_KIND_MAX, "the kind of an id is 1 to 4 letters");
	CHECK(time >> 48 == 0, "the time of an id fits 48 bits of milliseconds");
	memcpy(out, kind, n);
	out[n] = '-';
	at = out + n + 1;
	for (int i = ID_TIME_CHARS - 1; i >= 0; i--, time >>= 5)
		at[i] = ID_ALPHABET[time & 31];
	at += ID_TIME_CHARS;
	for (int i = 0; i < ID_DIGEST_CHARS; i++) {
		int bit = i * 5, byte = bit / 8;
		/* five bits may lie across two bytes; the 80th bit ends the tenth byte */
		unsigned pair = (unsigned)digest->bytes[byte] << 8 | digest->bytes[byte + 1];

		at[i] = ID_ALPHABET[pair >> (11 - bit % 8) & 31];
	}
	at[ID_DIGEST_CHARS] = '\0';
}

bool id_valid(struct str id, const char *kind)
{
	size_t n = id_kind_len(id);

	if (n == 0 || id.len != n + 1 + ID_CHARS || id.ptr[n + 1] > '7')
		return false;
	if (kind && (strlen(kind) != n || memcmp(kind, id.ptr, n) != 0))
		return false;
	for (size_t i = n + 1; i < id.len; i++)
		if (!id.ptr[i] || !strchr(ID_ALPHABET, id.ptr[i]))
			return false;
	return true;
}

const char *id_tail(const char *id)
{
	size_t len = strlen(id);

	return len < ID_TAIL ? "" : id + len - ID_TAIL;
}

char *id_short(const char *id, char out[16])
{
	static const char CUT[] = "…";
	size_t n = id_kind_len(str_of(id)), len = 0;

	if (strlen(id) < 16 && (n == 0 || strlen(id) <= n + 1 + ID_TAIL)) {
		memcpy(out, id, strlen(id) + 1); /* nothing to cut */
		return out;
	}
	if (n) {
		memcpy(out, id, n + 1);
		len = n + 1;
	}
	memcpy(out + len, CUT, sizeof CUT - 1);
	memcpy(out + len + sizeof CUT - 1, id_tail(id), ID_TAIL + 1);
	return out;
}
