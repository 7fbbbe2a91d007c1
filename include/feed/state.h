/* What the core keeps of the physical world and of prices.
 *
 * Raw readings are thinned at the gateway; per device and window only count, least, greatest, last and
 * the digest of the raw batch are on the ledger. Values are thousandths of the quantity's unit
 * (°C, %RH, g, open 1000/closed 0, kg); positions use two devices' windows (lat, lon in 1e-3 degrees
 * are too coarse, so position windows hold metres off the corridor). */
#ifndef WHARF_FEED_STATE_H
#define WHARF_FEED_STATE_H

#include "identity/registry.h"

extern const char *const SERIES_STATUS_NAMES[];
enum series_status { SERIES_OK, SERIES_NEAR, SERIES_OVER, SERIES_UNDER, SERIES_STUCK, SERIES_JUMP,
	SERIES_SILENT, SERIES_STATUS_COUNT };

/* Live state of a device's stream; key device id. */
#define SERIES_FIELDS(F) \
	F(TEXT, id, 32, NONE) \
	F(TEXT, site, 8, NONE) \
	F(ENUM, status, SERIES_STATUS_NAMES, NONE) \
	F(INT, last, 0, MILLI) \
	F(INT, last_at, 0, TIME)       /* event time */ \
	F(INT, heard_at, 0, TIME)      /* record time */ \
	F(INT, readings, 0, COUNT) \
	F(INT, faults, 0, COUNT) \
	F(INT, gaps, 0, COUNT) \
	F(INT, sequence, 0, COUNT) \
	F(INT, equal_run, 0, COUNT)    /* equal readings in a row */ \
	F(INT, over_hour, 0, COUNT)    /* anomalies within the last hour */ \
	F(INT, over_since, 0, TIME)    /* start of that hour */ \
	F(INT, trust, 0, BP)           /* 10000 full */ \
	F(BLOB, watch, 0, NONE)        /* detector state of feed/watch.h */
REC_STRUCT(series, SERIES_FIELDS);
extern const struct rec_type SERIES_REC; /* tag 12 */

/* One device and window; key "device/%012lld" (window start, seconds). Kept 48 h. */
#define WINDOW_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(INT, from, 0, TIME) \
	F(INT, count, 0, COUNT) \
	F(INT, least, 0, MILLI) \
	F(INT, greatest, 0, MILLI) \
	F(INT, last, 0, MILLI) \
	F(INT, bad, 0, COUNT)          /* quarantined readings */ \
	F(INT, bad_value, 0, MILLI)    /* the worst of them */ \
	F(INT, batch, 0, COUNT)        /* sequence of the gateway's batch */
REC_STRUCT(window, WINDOW_FIELDS);
extern const struct rec_type WINDOW_REC; /* tag 13 */

/* One gateway batch; key "gateway/%010lld". */
#define BATCH_FIELDS(F) \
	F(TEXT, id, 32, NONE) \
	F(TEXT, gateway, 16, NONE) \
	F(INT, sequence, 0, COUNT) \
	F(INT, from, 0, TIME) \
	F(INT, to, 0, TIME) \
	F(INT, readings, 0, COUNT) \
	F(INT, events, 0, COUNT) \
	F(INT, late, 0, BOOL) \
	F(HASH, digest, 0, NONE)       /* of the raw bytes in the evidence store */ \
	F(HASH, root, 0, NONE)         /* Merkle root over its readings */ \
	F(INT, entry, 0, COUNT)
REC_STRUCT(batch, BATCH_FIELDS);
extern const struct rec_type BATCH_REC; /* tag 14 */

/* An EPCIS event; key = hex of its event hash. */
#define PHYSICAL_FIELDS(F) \
	F(TEXT, id, 68, NONE) \
	F(TEXT, type, 24, NONE)        /* ObjectEvent … */ \
	F(TEXT, action, 8, NONE) \
	F(TEXT, step, 32, NONE)        /* bare CBV business step: "arriving" */ \
	F(TEXT, disposition, 32, NONE) \
	F(TEXT, site, 8, NONE) \
	F(TEXT, subject, 64, NONE)     /* first EPC, or parent */ \
	F(TEXT, deal, 32, ID)          /* bound through its business transaction or subject */ \
	F(INT, at, 0, TIME)            /* event time */ \
	F(INT, items, 0, COUNT) \
	F(INT, late, 0, BOOL) \
	F(INT, void_, 0, BOOL)         /* an error declaration voided it */ \
	F(TEXT, gateway, 16, NONE) \
	F(INT, entry, 0, COUNT)
REC_STRUCT(physical, PHYSICAL_FIELDS);
extern const struct rec_type PHYSICAL_REC; /* tag 15 */

/* One source's last answer for a value; key "copper/lme-a". */
#define QUOTE_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, value, 24, NONE) \
	F(TEXT, source, 24, NONE) \
	F(INT, amount, 0, MONEY)       /* minor units per unit of quantity */ \
	F(INT, at, 0, TIME)            /* event time claimed by the source */ \
	F(INT, heard_at, 0, TIME) \
	F(INT, answers, 0, COUNT) \
	F(INT, outliers, 0, COUNT)     /* track record */
REC_STRUCT(quote, QUOTE_FIELDS);
extern const struct rec_type QUOTE_REC; /* tag 16 */

extern const char *const VALUE_STATE_NAMES[];
enum value_state { VALUE_NONE, VALUE_OK, VALUE_NO_QUORUM, VALUE_SPREAD, VALUE_STALE, VALUE_JUMP, VALUE_STATE_COUNT };
/* A value joined from its sources by quorum (E05); key "copper". */
#define VALUE_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(TEXT, unit, 8, NONE)         /* "TNE" */ \
	F(TEXT, currency, 4, NONE) \
	F(ENUM, state, VALUE_STATE_NAMES, NONE) \
	F(INT, amount, 0, MONEY)       /* median of the fresh sources; conservative when not ok */ \
	F(INT, previous, 0, MONEY) \
	F(INT, spread, 0, BP) \
	F(INT, fresh, 0, COUNT) \
	F(INT, sources, 0, COUNT) \
	F(INT, at, 0, TIME) \
	F(INT, waits_since, 0, TIME)   /* a round of answers is under way since; 0 none */
REC_STRUCT(value, VALUE_FIELDS);
extern const struct rec_type VALUE_REC; /* tag 17 */

#endif
