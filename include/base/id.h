/* Identifiers: KIND-<26 characters of Crockford base32>, ordered by time.
 *
 * The first ten characters are 48 bits of milliseconds, the other sixteen 80 bits of a digest
 * that the caller derives from the event that made the thing: never from a dice. The last
 * four characters are what people say and type. */
#ifndef WHARF_BASE_ID_H
#define WHARF_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

enum { ID_MAX = 32 }; /* with the NUL: kind up to 4 letters, dash, 26 characters */

/* Writes an id of `kind` (1 to 4 capital letters) for an instant and 80 bits of the digest. */
void id_make(const char *kind, int64_t instant, const struct hash *digest, char out[ID_MAX]);
/* True for KIND-26 characters of the alphabet; kind may be NULL for any. */
bool id_valid(struct str id, const char *kind);
/* "DL-…4QM7"; out has 16 bytes. */
char *id_short(const char *id, char out[16]);
/* The last four characters; "" for shorter text. */
const char *id_tail(const char *id);

#endif
