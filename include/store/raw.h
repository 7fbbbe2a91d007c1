/* Raw batches of gateways: how long they are kept beside the ledger, and their removal.
 *
 * The ledger holds a batch's digest, root and thinned windows for ever; its raw bytes (table `evidence`, kind "batch")
 * are kept for policy `retention.batch_days` days after the batch's last reading, for ever when the policy does not
 * say. They go in two steps: an entry (evidence.prune) says under which rule what is given up, judged by the policy at that
 * entry, then the bytes go. What is removed so is not missing, whatever the policy says later. Nothing else of
 * the table is removed: decisions are re-executed from their snapshots. */
#ifndef WHARF_STORE_RAW_H
#define WHARF_STORE_RAW_H

#include "store/journal.h"

/* Whether the ledger says that the raw bytes of a batch whose last reading was at `ended` were given up. */
bool raw_given_up(const struct tabs *s, int64_t ended);

struct raw_report {
	uint64_t removed, bytes;
	uint64_t kept; /* older than asked, and still to be kept */
};
/* Removes raw bytes of batches that ended before `before` and were given up; one transaction. */
enum err raw_prune(struct journal *j, const struct tabs *s, int64_t before, struct raw_report *out, struct fault *fault);

#endif
