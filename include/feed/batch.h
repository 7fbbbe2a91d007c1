/* Device batches: what a gateway sends, read and thinned.
 *
 * A batch is one JSON text, signed by its gateway as a whole:
 *
 *     {"gateway":"GW-ROT-1","sequence":17,"from":"2026-03-16T14:20:00Z","to":"2026-03-16T14:30:00Z",
 *      "readings":[{"device":"T-01","seq":412,"time":"2026-03-16T14:20:05Z",
 *                   "quantity":"temperature","value":-17.1}, …]}
 *
 * Values are thousandths of the quantity's unit (°C, %RH, g, 1000 open / 0 closed, kg); a position has
 * "lat" and "lon" instead of "value", in degrees, kept in 1e-7. Only counts, extremes and digests go
 * to the ledger: raw_thin makes them. Pure functions; nothing is remembered between batches
 * (feed/watch.h and feed/apply.h do that). */
#ifndef WHARF_FEED_BATCH_H
#define WHARF_FEED_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"

/* X(constant, name, unit) */
#define RAW_QUANTITY_LIST(X) \
	X(RAW_TEMPERATURE, "temperature", "°C") \
	X(RAW_HUMIDITY, "humidity", "%RH") \
	X(RAW_SHOCK, "shock", "g") \
	X(RAW_DOOR, "door", "") \
	X(RAW_POSITION, "position", "°") \
	X(RAW_WEIGHT, "weight", "kg")

enum raw_quantity {
#define X(c, name, unit) c,
	RAW_QUANTITY_LIST(X)
#undef X
	RAW_QUANTITY_COUNT
};

const char *raw_quantity_name(enum raw_quantity q);
const char *raw_quantity_unit(enum raw_quantity q);
enum raw_quantity raw_quantity_named(struct str name); /* RAW_QUANTITY_COUNT when unknown */

enum {
	RAW_DEVICE_MAX = 32, RAW_GATEWAY_MAX = 16, /* with the NUL, as the ledger's records hold them */
	RAW_READINGS_MAX = 200000
};
#define RAW_WINDOW_DEFAULT (10 * INSTANT_MINUTE)
#define RAW_VALUE_MAX INT64_C(1000000000000) /* thousandths: a thousand million units */

struct raw_reading {
	char device[RAW_DEVICE_MAX];
	int64_t seq;  /* of the device, counts from 1 without gaps */
	int64_t time; /* by the device's clock */
	enum raw_quantity quantity;
	int64_t value;        /* thousandths, rounded half away from zero; 0 of a position */
	int64_t lat, lon;     /* 1e-7 degrees, of a position; else 0 */
};

struct raw_batch {
	char gateway[RAW_GATEWAY_MAX];
	int64_t sequence; /* of the gateway, counts from 1 */
	int64_t from, to; /* what the batch covers, from included, to excluded */
	struct raw_reading *readings; /* in the order given */
	int count;
	struct hash digest; /* SHA-256 of the batch's bytes, as signed and stored as evidence */
};

/* Parses one batch. Refuses (ERR_SYNTAX, ERR_LIMIT) the whole text: it was signed as a whole. The
 * fault names the field ("readings[3].value"). A "door" may be true/false (open/closed) or 1/0.
 * Unknown members are refused. An empty list of readings is a valid sign of life. */
enum err raw_batch_parse(struct arena *a, struct str text, struct raw_batch **out, struct fault *fault);

/* One device, quantity and window of a batch. Duplicates (same device and seq) count once. */
struct raw_window {
	char device[RAW_DEVICE_MAX];
	enum raw_quantity quantity;
	int64_t from; /* start, a multiple of the window length */
	int64_t count, least, greatest, last; /* thousandths; of a position all 0 */
	int64_t lat, lon;                     /* the last, of a position */
	int64_t first_at, last_at;            /* times of the first and last reading */
	int64_t first_seq, last_seq;
};

/* What a batch says about one device's numbering. */
struct raw_device {
	char device[RAW_DEVICE_MAX];
	int64_t readings;             /* different sequence numbers */
	int64_t first_seq, last_seq;
	int64_t missing;              /* numbers between first and last that did not come */
	int64_t duplicates;           /* readings whose number came before in this batch */
	int64_t disordered;           /* readings that came after one of a higher number */
};

struct raw_thin {
	struct raw_window *windows; /* by device, quantity, start */
	int window_count;
	struct raw_device *devices; /* by device */
	int device_count;
	struct hash digest; /* of the raw bytes */
	struct hash root;   /* RFC 6962 over the readings, in the order given */
};

/* Thins a batch; window_us > 0 (RAW_WINDOW_DEFAULT). */
struct raw_thin *raw_thin(struct arena *a, const struct raw_batch *batch, int64_t window_us);

/* --- proofs ------------------------------------------------------------------------------------- */

/* Leaf of a reading: SHA-256 of 0x00 and its canonical encoding (base/codec.h). */
struct hash raw_leaf(const struct raw_reading *r);
/* Merkle tree head (RFC 6962 2.1); of no leaves the hash of nothing. */
struct hash raw_root(const struct hash *leaves, int count);

enum { RAW_PATH_MAX = 32 };
/* Audit path of leaf `index` (RFC 6962 2.1.1); returns its length. */
int raw_path(const struct hash *leaves, int count, int index, struct hash path[RAW_PATH_MAX]);
/* Whether the path leads from the leaf to the root of `count` leaves. */
bool raw_path_holds(const struct hash *leaf, int index, int count, const struct hash *path, int length,
	const struct hash *root);

#endif
