/* Raw batches of gateways: how long they are kept beside the ledger, and their removal.
 *
 * The ledger holds a batch's digest, root and thinned windows for ever; its raw bytes (table `evidence`, kind "batch")
 * are kept for policy `retention.batch_days` days after the batch's last reading, for ever when the policy does not
 * say. What is removed under that rule is not missing: the ledger itself says that it might go. Nothing else of
 * the table is removed: decisions are re-executed from their snapshots. */
#ifndef WHARF_STORE_RAW_H
#define WHARF_STORE_RAW_H

#include "store/journal.h"

/* Whether the raw bytes of a batch whose last reading was at `ended` need not be kept any more at the ledger's time. */
bool raw_over(const struct tabs *s, int64_t ended, int64_t stamp);

struct raw_report {
	uint64_t removed, bytes;
	uint64_t kept; /* older than asked, and still to be kept */
};
/* Removes raw bytes of batches that ended before `before` and whose time is over; one transaction. */
enum err raw_prune(struct journal *j, const struct tabs *s, int64_t stamp, int64_t before, struct raw_report *out,
	struct fault *fault);

#endif
