/* Applying what gateways and oracles sent: batches in any order, duplicates, gaps, late and future
 * facts, prices by quorum.
 *
 * Rules: a batch's sequence number counts from 1 per gateway; a number seen before is refused
 * (sequence-old); a number above the next leaves a gap that is remembered until it is filled; an event
 * more than five minutes ahead of the stamp is refused; an event older than 30 minutes, or older than a
 * decision that used its series, is late (SIGNAL_LATE). Windows are kept 48 h. A physical event that names no deal and is older
 * than retention.deal_days [FEED_TOLD_DAYS] is kept and moves nothing: it may have been told before. A window whose last reading lies
 * outside of its device's certificate is refused (device-expired); earlier ones of the window go with it.
 * Sources: domain specification §8.3 E02 to E05, §11. */
#ifndef WHARF_FEED_APPLY_H
#define WHARF_FEED_APPLY_H

#include "feed/state.h"

enum { FEED_TOLD_DAYS = 90 };

/* A window as a batch carries it. */
struct feed_window {
	char device[32];
	int64_t from, count, least, greatest, last, last_at, first_seq, last_seq, bad, bad_value;
	char anomaly[16]; /* worst anomaly code the gateway found, "" none */
};
/* A physical event as a batch carries it. */
struct feed_physical {
	struct hash hash;
	char type[24], action[8], step[32], disposition[32], site[8], subject[64], deal[32];
	int64_t at, items;
	bool voids;       /* an error declaration for the event of the same content */
};

void feed_windows_encode(const struct feed_window *w, size_t count, struct buf *out);
bool feed_windows_decode(struct str bytes, struct arena *a, struct feed_window **w, size_t *count);
void feed_physical_encode(const struct feed_physical *p, size_t count, struct buf *out);
bool feed_physical_decode(struct str bytes, struct arena *a, struct feed_physical **p, size_t *count);

struct feed_batch {
	const char *gateway;
	int64_t sequence, from, to, readings, events;
	struct hash digest, root;
	struct str windows, physical;
};
enum refusal feed_apply_batch(struct turn *t, const struct feed_batch *b);
enum refusal feed_apply_answer(struct turn *t, const char *value, const char *source,
	const char *currency, int64_t amount, int64_t at);
/* A gateway was silent beyond its limit, or a device's period passed (timer kinds "silence"). */
void feed_on_silence(struct turn *t, const char *gateway);
/* Daily: drops windows older than 48 h, marks stale prices. */
void feed_daily(struct turn *t);

#endif
