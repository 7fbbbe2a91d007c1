/* What the files that apply gateways' batches and oracles' answers share. */
#ifndef WHARF_FEED_APPLY_INT_H
#define WHARF_FEED_APPLY_INT_H

#include "base/instant.h"
#include "feed/apply.h"

enum { FEED_LIST_MAX = 100000 }; /* windows or events of one batch */
#define FEED_FUTURE_MAX (5 * INSTANT_MINUTE)
#define FEED_LATE_AFTER (30 * INSTANT_MINUTE)
#define FEED_WINDOWS_KEPT (48 * INSTANT_HOUR)
#define FEED_BATCHES_KEPT (7 * INSTANT_DAY)

/* Policy parameters. They are records of a higher floor, so they are read by the word that contracts
 * use ("param"), never by their struct. The text is "" and the number `absent` when not set. */
struct str feed_policy_text(const struct tabs *s, const char *name);
int64_t feed_policy_int(const struct tabs *s, const char *name, int64_t absent);

/* Takes one window into its series (series.c): the window's record, the detectors, the signals. stuck_run: equal
 * readings in a row that count as stuck. */
void series_apply(struct turn *t, const struct device *d, const struct feed_window *w, int64_t batch,
	int64_t stuck_run);
/* Looks for devices of a gateway whose readings stopped before `to` (series.c). */
void series_silence(struct turn *t, const struct gateway *g, int64_t to);
/* Ages the joined values (price.c). */
void price_daily(struct turn *t);

#endif
