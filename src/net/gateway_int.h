/* What the files of the gateway share. */
#ifndef WHARF_NET_GATEWAY_INT_H
#define WHARF_NET_GATEWAY_INT_H

#include "base/hash.h"
#include "net/gateway.h"

/* --- spool.c: the durable queue -------------------------------------------------------------------- */

struct spooled {
	int64_t sequence;
	struct hash digest;
	char *envelope, *raw; /* owned */
	size_t envelope_len, raw_len;
};
struct spool {
	int fd;
	char path[1024];
	int64_t next;             /* number that the next batch gets */
	struct spooled *items;    /* waiting, by number */
	size_t count, cap;
	struct seen_text {
		struct hash digest;
		int64_t sequence;
	} *seen;                  /* texts taken before, oldest first */
	size_t seen_count, seen_cap;
	uint64_t size;            /* of the file, of whole records */
	uint64_t cut;             /* bytes behind them that spool_open moved to PATH.cut; 0 none */
	bool torn, renamed;       /* a failed append is still in the file; a new file's name is not durable yet */
};
enum err spool_open(struct spool *s, const char *path, struct fault *fault);
void spool_close(struct spool *s);
/* Number of the batch that took these bytes before, 0 for none. */
int64_t spool_seen(const struct spool *s, const struct hash *digest);
/* Adds the batches of one text under s->next and the following numbers, durably: all or none. Bytes are copied. */
struct spool_new {
	struct str envelope;
};
enum err spool_put(struct spool *s, const struct spool_new *items, size_t count, const struct hash *digest, struct str raw,
	struct fault *fault);
enum err spool_drop(struct spool *s, int64_t sequence, struct fault *fault);
/* Numbers up to `used` are taken. */
void spool_floor(struct spool *s, int64_t used);

/* --- thin.c: from what came to what the ledger keeps ------------------------------------------------ */

struct thinned {
	int64_t from, to, readings, events;
	struct hash root;
	struct buf windows, physical; /* encoded, see feed/apply.h */
};
struct thin_in {
	const char *gateway;
	const struct tabs *tabs;  /* or NULL */
	int64_t now;
	const char *name;         /* of the text, for lines */
};
/* A device batch. ERR_SYNTAX, ERR_LIMIT, ERR_REFUSED (another gateway's, unknown device) for the whole. */
enum err thin_readings(const struct thin_in *in, struct arena *a, struct str text, struct thinned *out,
	struct gateway_report *report, struct fault *fault);
enum { THIN_PARTS_MAX = 64, THIN_EVENTS_MAX = 2000 };
/* An EPCIS document, in parts of at most THIN_EVENTS_MAX events; *parts may end 0 when no event is good. */
enum err thin_events(const struct thin_in *in, struct arena *a, struct str text, struct thinned *out, size_t *parts,
	struct gateway_report *report, struct fault *fault);
void thinned_free(struct thinned *t);

#endif
