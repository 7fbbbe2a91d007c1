/* Record types of the physical world and of prices. See feed/state.h.
 *
 * Must remain true: tags and the order of names are for ever, because digests and snapshots hold them. */
#include "feed/state.h"

const char *const SERIES_STATUS_NAMES[] = { "ok", "near", "over", "under", "stuck", "jump", "silent", NULL };
const char *const VALUE_STATE_NAMES[] = { "none", "ok", "no-quorum", "spread", "stale", "jump", NULL };

#define REC_SELF struct series
REC_TYPE(SERIES_REC, 12, "series", SERIES_FIELDS)
#undef REC_SELF
#define REC_SELF struct window
REC_TYPE(WINDOW_REC, 13, "window", WINDOW_FIELDS)
#undef REC_SELF
#define REC_SELF struct batch
REC_TYPE(BATCH_REC, 14, "batch", BATCH_FIELDS)
#undef REC_SELF
#define REC_SELF struct physical
REC_TYPE(PHYSICAL_REC, 15, "physical", PHYSICAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct quote
REC_TYPE(QUOTE_REC, 16, "quote", QUOTE_FIELDS)
#undef REC_SELF
#define REC_SELF struct value
REC_TYPE(VALUE_REC, 17, "value", VALUE_FIELDS)
#undef REC_SELF
