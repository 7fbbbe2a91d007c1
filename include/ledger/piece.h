/* Asking another host for pieces of evidence: what is asked for, and who asks.
 *
 * A host that keeps an item gives its encrypted pieces to those who hold a grant. Pieces are named by digests, so the
 * asker believes nothing that does not hash to its name, and the giver need not be trusted. What travels is ciphertext
 * and a box that only its reader opens.
 *
 * Pure; the edges are net/pieces.h and app/evidence_peer.h.
 *
 * Formats
 *   path           /evidence/<manifest>            the manifest
 *                  /evidence/<manifest>/<chunk>    an encrypted chunk
 *                  /evidence/<manifest>/box        the asker's own sealed box
 *                  <…>: 64 lower-case hexadecimal digits of a SHA-256
 *   Authorization  Wharf-Ed25519 <public key, 64 digits> <POSIX seconds> <signature, 128 digits>
 *   what is signed "wharf/piece/v1\n" || path || "\n" || seconds in decimal || "\n" */
#ifndef WHARF_LEDGER_PIECE_H
#define WHARF_LEDGER_PIECE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

enum piece_kind { PIECE_MANIFEST, PIECE_CHUNK, PIECE_BOX };

enum {
	PIECE_PATH_MAX = 10 + 64 + 1 + 64 + 1, /* with the NUL */
	PIECE_WORD_MAX = 14 + 64 + 1 + 20 + 1 + 128 + 1,
	PIECE_WINDOW_S = 300,                  /* how far the asker's clock may be from the giver's */
};

struct piece {
	enum piece_kind kind;
	struct hash manifest;
	struct hash chunk; /* of PIECE_CHUNK, else zero */
};
void piece_path(const struct piece *p, char out[PIECE_PATH_MAX]);
/* False for any other spelling. */
bool piece_path_parse(struct str path, struct piece *out);

/* The Authorization of a request, signed with an Ed25519 secret (64 bytes, libsodium). */
void piece_word(const char *path, int64_t seconds, const uint8_t secret[64], char out[PIECE_WORD_MAX]);
/* Who asks and when, by his signature over this path. False when it is malformed, spelled otherwise or does not
 * verify. Says nothing of whether the key counts. */
bool piece_word_verify(struct str word, const char *path, struct hash *key, int64_t *seconds);

#endif
