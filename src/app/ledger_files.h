/* Checking of directories that were handed out: exports and tiles. */
#ifndef WHARF_APP_LEDGER_FILES_H
#define WHARF_APP_LEDGER_FILES_H

#include "engine/export.h"

/* Checks an export, and that no file lies in it that the manifest does not name. */
enum err ledger_check_export(const char *dir, const struct tlog_policy *policy, struct export_report *out, struct fault *fault);

struct tiles_report {
	struct tlog_verdict verdict;
	uint64_t tiles, bundles, pruned; /* pruned: full bundles of entries that are gone */
};
/* Checks a directory of tiles: every hash tile leads to the signed root, every entry in a bundle to its hash. Bundles of whole tiles may be
 * missing (pruned), hash tiles may not. */
enum err ledger_check_tiles(const char *dir, const struct tlog_policy *policy, struct tiles_report *out, struct fault *fault);

#endif
