/* Anomalies of one device's stream, found reading by reading.
 *
 * Each detector is a pure function of a small state, a rule and a reading; all are integer
 * arithmetic. The state is encoded into the ledger's record of the series (series.watch), so that a
 * replay sees what the gateway saw. Values are thousandths of the quantity's unit, times
 * microseconds. Sources: domain specification §8.3 (E02 to E04) and §11.2. */
#ifndef WHARF_FEED_WATCH_H
#define WHARF_FEED_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/codec.h"
#include "base/instant.h"
#include "base/str.h"
#include "feed/batch.h"

/* X(constant, bit, code as journalled and shown, sentence); worst first. */
#define WATCH_LIST(X) \
	X(WATCH_DUPLICATE, 0, "duplicate", "The sequence number came before.") \
	X(WATCH_SKEW, 1, "clock-skew", "The device's clock is off by more than five seconds.") \
	X(WATCH_JUMP, 2, "jump", "The value changed faster than it can.") \
	X(WATCH_OVER, 3, "over", "The value is above its band.") \
	X(WATCH_UNDER, 4, "under", "The value is below its band.") \
	X(WATCH_STUCK, 5, "stuck", "The value has not changed for too many readings.") \
	X(WATCH_GAP, 6, "gap", "The device was silent for too long.") \
	X(WATCH_MISSING, 7, "missing", "Sequence numbers are missing.") \
	X(WATCH_DISORDER, 8, "disorder", "The reading is older than one that came before.")

enum watch_anomaly {
#define X(c, bit, code, sentence) c = 1 << (bit),
	WATCH_LIST(X)
#undef X
	WATCH_NONE = 0
};
enum { WATCH_COUNT = 9 };

const char *watch_code(enum watch_anomaly one);     /* "over"; "" for none or several */
const char *watch_sentence(enum watch_anomaly one);
enum watch_anomaly watch_worst(unsigned found);     /* the first of the list among them */
/* Readings with these are not to be believed: they are counted apart and never move the band, the
 * last value or the run of equal values. */
#define WATCH_UNBELIEVABLE ((unsigned)(WATCH_DUPLICATE | WATCH_SKEW | WATCH_JUMP | WATCH_DISORDER))

/* What is normal. A limit that is switched off never finds anything. */
struct watch_rule {
	bool has_low, has_high;
	int64_t low, high;         /* the band, both ends inside */
	int64_t jump;              /* greatest change within jump_us; 0: off */
	int64_t jump_us;           /* over a longer time the allowance grows in proportion, and for a
	                              shorter one it does not shrink: noise is not a jump */
	int64_t stuck_count;       /* this many equal values in a row are one too many; 0: off */
	int64_t gap_us;            /* longest silence; 0: off */
	int64_t skew_us;           /* clock difference allowed, both ways; 0: off */
	int64_t late_us;           /* how old a reading may be when it comes (outages are bridged by the
	                              gateway); older ones are not skew but late. 0: none is skew for
	                              being old */
};

/* The usual rule of a quantity without a band: for temperature a jump of 10 °C in a minute, stuck
 * after 30 equal readings, silence of 30 minutes, skew of 5 s. Doors, shocks and weights are allowed
 * to jump and to stand still. */
struct watch_rule watch_rule_default(enum raw_quantity q);

struct watch_state {
	int64_t readings;    /* believed */
	int64_t last;        /* last believed value */
	int64_t last_at;     /* its time; INSTANT_NONE before the first */
	int64_t last_seq;    /* highest number heard, 0 before the first */
	int64_t equal_run;   /* believed values equal to the last, itself included */
	int64_t doubtful;    /* readings in a row that jumped; a level that stays is believed */
	int64_t doubt_value; /* value of the last that jumped */
};

struct watch_state watch_begin(void);

/* Single detectors: WATCH_NONE or what they are named after. `heard` is when the reading reached
 * the gateway. */
unsigned watch_range(const struct watch_rule *rule, int64_t value);
unsigned watch_jump(const struct watch_rule *rule, const struct watch_state *s, int64_t value, int64_t at);
unsigned watch_stuck(const struct watch_rule *rule, const struct watch_state *s, int64_t value);
unsigned watch_gap(const struct watch_rule *rule, const struct watch_state *s, int64_t at);
unsigned watch_skew(const struct watch_rule *rule, int64_t at, int64_t heard);
unsigned watch_sequence(const struct watch_state *s, int64_t seq, int64_t at);

/* All detectors on one reading, then moves the state. Three readings in a row that agree on a new
 * level end a jump: the level is believed from the third on. */
unsigned watch_step(struct watch_state *s, const struct watch_rule *rule, int64_t seq, int64_t value,
	int64_t at, int64_t heard);

/* Whether the stream is silent at a moment without a reading (for timers). */
unsigned watch_silence(const struct watch_state *s, const struct watch_rule *rule, int64_t now);

/* The state in base/codec.h form. Decoding refuses anything but what encoding wrote. */
void watch_encode(const struct watch_state *s, struct buf *out);
bool watch_decode(struct str bytes, struct watch_state *out);

#endif
