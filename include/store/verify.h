/* Full re-execution of a journal, trusting nothing that is stored.
 *
 * Every column of every row is read with its type, compared with what the envelope says and with what
 * the engine's function gives again: number, epoch, stamp, kind, sender, deal, verdict, seed, previous
 * hash, envelope, outcome, and the four stored digests; signatures are checked again. Then the evidence
 * (every blob hashes to its name, and what batches, answers and decisions name is there), the stored
 * tiles of the tree, and the read models (every row equals its record). The first thing that does not hold is named with its entry. */
#ifndef WHARF_STORE_VERIFY_H
#define WHARF_STORE_VERIFY_H

#include "store/journal.h"

struct verify_report {
	uint64_t entries, refused, signatures;
	uint64_t blobs, blob_bytes;
	uint64_t pruned; /* raw batches that are gone under retention */
	uint64_t items, items_absent; /* of evidence for its readers; of which this host keeps none */
	uint64_t models; /* rows of read models compared */
	uint64_t given_up; /* entries 1 … given_up - 1 were given up: their tiles hold, the state behind them is the node's word */
	uint64_t tiles;  /* of the tree, each compared with the entries below it */
};

/* e must be new; it ends with the state of the whole journal. ERR_TAMPERED names what does not hold;
 * ERR_IO and the like when the file cannot be read. progress (may be NULL) is called now and then. */
enum err journal_verify(struct journal *j, struct engine *e, struct verify_report *out,
	void (*progress)(void *ctx, uint64_t entries), void *ctx, struct fault *fault);

#endif
