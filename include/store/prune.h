/* Giving up old entries: rows of the journal go, their tiles stay, and a state to start from takes their place.
 *
 * The base is the state after the entries that went: table base, one row, re-executed from what was there, signed by the
 * node as a snapshot is, and never replaced but by a later base. It is believed for an entry `ledger.prune` that names its digest, so
 * that it serves however often the node's key is replaced. The genesis entry (0) is always kept: it names the node's key.
 * Rows that certify keys go into table certificate: what these keys signed after the gap is exported with them.
 *
 * Must remain true: a row goes only in the transaction that leaves the base of its successors; `ledger.prune`, which every
 * replica judged (engine/on_prune.c), is durable before. */
#ifndef WHARF_STORE_PRUNE_H
#define WHARF_STORE_PRUNE_H

#include "store/journal.h"

/* Entries below the present base; 0 when nothing was given up. */
uint64_t prune_base(struct journal *j);
/* The first entry whose stamp is not before an instant; the number of entries when all are. */
enum err prune_entry_at(struct journal *j, int64_t stamp, uint64_t *entry, struct fault *fault);
/* The state after the first `before` entries as a snapshot, re-executed from the base or the start with every signature and
 * digest checked: what is to go is verified once more. */
enum err prune_state(struct journal *j, uint64_t before, struct buf *snapshot, struct fault *fault);
/* Whether an entry of the journal names that state of the first `before` entries. */
bool base_said(struct journal *j, uint64_t before, const struct hash *state);
/* Removes the rows 1 … before - 1 and keeps the snapshot as base; one transaction under the caller's epoch, then the file is
 * made smaller where there is room for that. */
enum err prune_rows(struct journal *j, uint64_t epoch, uint64_t before, struct str snapshot, uint64_t *removed, struct fault *fault);

#endif
