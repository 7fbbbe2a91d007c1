/* Full re-execution of a journal, trusting nothing that is stored; and, faster, the ledger without re-execution.
 *
 * Every column of every row is read with its type, compared with what the envelope says and with what
 * the engine's function gives again: number, epoch, stamp, kind, sender, deal, verdict, seed, previous
 * hash, envelope, outcome, and the four stored digests; signatures are checked again. Then the evidence
 * (every blob hashes to its name, and what batches, answers and decisions name is there), the stored
 * tiles of the tree, and the read models (every row equals its record). The first thing that does not hold is named with its entry.
 *
 * Signatures and digests of the rows ahead are checked on all processors; the engine steps on one, in order.
 *
 * Of the ledger alone (options.ledger): every column of every row against its envelope and digests, every signature, link and stamp,
 * every leaf and tile up to the root, in ranges over all processors, each with its own connection. What it cannot see: whether verdict
 * and outcome are what the event does, for these are bound by chain and root only, and the root by a checkpoint from
 * elsewhere; evidence; read models. */
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

struct verify_options {
	size_t threads;     /* in all; 0: one a processor */
	bool ledger;        /* without re-execution */
	bool no_signatures; /* of the ledger alone: digests, links, tree */
	void (*progress)(void *ctx, uint64_t entries); /* now and then; may be NULL */
	void *ctx;
};

/* e must be new; it ends with the state of the whole journal, or with options.ledger with the state after the first entry and
 * the tree of the whole journal. ERR_TAMPERED names what does not hold; ERR_IO and the like when the file cannot be read;
 * ERR_BUSY, of the ledger alone, when others write so fast that no two connections saw the same ledger. */
enum err journal_verify_with(struct journal *j, struct engine *e, const struct verify_options *o, struct verify_report *out,
	struct fault *fault);
/* The same with re-execution, on all processors. */
enum err journal_verify(struct journal *j, struct engine *e, struct verify_report *out,
	void (*progress)(void *ctx, uint64_t entries), void *ctx, struct fault *fault);

#endif
