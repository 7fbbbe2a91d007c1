/* Evidence between hosts: giving pieces to those who hold a grant, and fetching those of an item.
 *
 * The giver looks at the ledger as it is at that moment: whoever's grant, key or item is gone gets nothing more, and an
 * auditor gets pieces only after the entry of his read. The fetcher keeps nothing that does not hash to what the ledger says,
 * so a peer can refuse or waste time and cannot deceive. */
#ifndef WHARF_APP_EVIDENCE_PEER_H
#define WHARF_APP_EVIDENCE_PEER_H

#include "app/evidence.h"
#include "net/pieces.h"

/* What a server of pieces answers from. The runtime reads; both are borrowed and used by the server's thread alone. */
struct evidence_peer {
	struct runtime *runtime;
	struct vault *vault;
	uint64_t given, refused; /* answers */
};
/* A pieces_answer_fn whose ctx is a struct evidence_peer. */
void evidence_peer_answer(void *ctx, const char *path, const char *authorization, struct pieces_answer *out);

struct evidence_fetched {
	uint64_t pieces, kept; /* that came now; that were here already */
	uint64_t bytes;        /* that came */
};
/* Fetches what is missing or broken here of an item that the actor may read: manifest, chunks, last his own box. What came whole
 * stays when the rest fails, so the same call goes on. The actor's runtime may be one for reading. ERR_DENIED without a grant,
 * ERR_NOT_FOUND for an item that is none or was destroyed, ERR_TAMPERED for a piece that is not what was asked for, and what
 * pieces_get says. */
enum err evidence_fetch(const struct evidence_actor *a, const char *url, const char *id, int timeout_ms, struct evidence_fetched *out,
	struct fault *fault);

#endif
