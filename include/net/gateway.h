/* The edge gateway: judges what devices and partners send, numbers it, signs it, and keeps it until the
 * ledger has it.
 *
 * A text is an EPCIS 2.0 document (feed/epcis.h) or a device batch (feed/batch.h). Of a document every event
 * is judged by itself: refused ones are reported with index, path and rule, the good ones go on. A device batch
 * is accepted or refused as a whole. What is accepted becomes a feed.batch event with the gateway's next
 * sequence number, thinned, signed by the gateway's key; the raw bytes travel beside it as evidence.
 *
 * Must remain true: a text is in the spool file, synced, before it is acknowledged; numbers are given once and
 * without a gap; what is in the spool is sent in order of numbers and leaves it only when the ledger has it; the same
 * bytes are taken once. The spool file belongs to one process at a time (flock).
 *
 * Spool file: "WHARFSP1", then records: kind byte, u32 length big-endian, payload, first 8 bytes of SHA-256
 * over the three. A torn record at the end (power cut) was never acknowledged and is cut off, and kept in SPOOL.cut;
 * a record that does not hold with a whole one behind it is damage, and the spool is not opened. */
#ifndef WHARF_NET_GATEWAY_H
#define WHARF_NET_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/tab.h"

struct gateway_box;

struct gateway_options {
	const char *id, *party;       /* as certified; borrowed */
	const uint8_t *secret;        /* 64 bytes; borrowed */
	const char *spool;            /* path of the spool file; borrowed */
	int64_t (*clock)(void *ctx);  /* µs since 1970 */
	void *clock_ctx;
	/* The register, for devices, sites and numbers already used; NULL when the ledger cannot be read now: then
	 * devices are judged by the ledger only, places keep no site, and batches name no ledger yet (gateway_sealed). Borrowed; a
	 * runtime builds its state anew after a write that failed: gateway_register says where it is now. */
	const struct tabs *tabs;
};
enum err gateway_open(const struct gateway_options *o, struct gateway_box **out, struct fault *fault);
void gateway_close(struct gateway_box *g);
/* The register as it is now, or NULL; to be called between runtime_submit and the next text. */
void gateway_register(struct gateway_box *g, const struct tabs *tabs);

struct gateway_report {
	uint64_t accepted, refused; /* events and readings */
	uint64_t batches;           /* put into the spool */
	struct buf lines;           /* one a line: what was refused, where and by which rule; the caller frees */
};
/* Takes one text; `name` is what the lines call it. ERR_OK: judged, and what was good is durable in the spool. A
 * text that is refused as a whole gives its fault (ERR_SYNTAX, ERR_LIMIT, ERR_REFUSED) and changes nothing.
 * ERR_FULL, ERR_IO: not acknowledged, send it again. The report is added to. */
enum err gateway_take(struct gateway_box *g, const char *name, struct str text, struct gateway_report *report,
	struct fault *fault);

struct gateway_item {
	int64_t sequence;
	struct str envelope;  /* signed and encoded */
	struct hash digest;   /* of the raw bytes */
	struct str raw;
};
size_t gateway_waiting(const struct gateway_box *g);
/* Bytes at the spool's end that were not a whole record and were moved to SPOOL.cut when it was opened; 0 for none. After a
 * power cut they were never acknowledged; after damage to the disk they may hold a text that was. */
uint64_t gateway_cut(const struct gateway_box *g);
/* The i-th waiting item in order of numbers; pointers live until the next change. */
void gateway_item_at(const struct gateway_box *g, size_t i, struct gateway_item *out);
/* What is sent of an item, appended to out: its envelope; one that was signed while the ledger could not be read names none, and is
 * signed anew under the same number for the ledger that the register is of now (zero is refused by every ledger, so it counts
 * nowhere before). So is one that a key signed which the held one has replaced since: a gateway that was offline delivers, however
 * long. What a key signed that was revoked or stolen, what nobody signed, and what names another ledger goes as it is, and is
 * refused. The register must be known (gateway_register). */
enum err gateway_sealed(const struct gateway_box *g, const struct gateway_item *item, struct buf *out, struct fault *fault);
/* The ledger has it. */
enum err gateway_done(struct gateway_box *g, int64_t sequence, struct fault *fault);
/* The ledger has another batch under this number (the spool was lost once): gives the item the next free number
 * above `used` and signs it anew. */
enum err gateway_renumber(struct gateway_box *g, int64_t sequence, int64_t used, struct fault *fault);
/* True when the ledger's batch of that number is this item. */
bool gateway_on_ledger(const struct tabs *tabs, const char *gateway, const struct gateway_item *item);

#endif
