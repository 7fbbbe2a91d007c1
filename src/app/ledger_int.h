/* What the files behind `wharf ledger` share: one function a sub-verb, each with the words that are left. */
#ifndef WHARF_APP_LEDGER_INT_H
#define WHARF_APP_LEDGER_INT_H

#include "app_int.h"
#include "ledger/policy.h"

/* Sub-verbs take their options and words off c, end it, do it and fill the fault; the fault of the words is c->fault. */
typedef enum err ledger_fn(struct cli *c, struct fault *fault);
ledger_fn ledger_checkpoint, ledger_prove;             /* verb_ledger.c */
ledger_fn ledger_export;                               /* ledger_export.c */
ledger_fn ledger_verify;                               /* ledger_verify.c */
ledger_fn ledger_tiles;                                /* ledger_tiles.c */
ledger_fn ledger_cosign, ledger_witness;               /* ledger_witness.c */
ledger_fn ledger_gather, ledger_accuse;                /* ledger_gather.c */

enum { LEDGER_VKEYS_MAX = 16 };

/* One entry of the journal with what its proof needs. */
struct ledger_entry {
	struct journal_row row;    /* its envelope points into bytes */
	struct envelope envelope;
	struct buf bytes, leaf;    /* of the envelope; leaf bytes */
};
/* Reads an entry and hashes it again. ERR_NOT_FOUND past the end, ERR_TAMPERED when it does not hash to its leaf of the tree. */
enum err ledger_entry_read(struct runtime *r, uint64_t number, struct ledger_entry *out, struct fault *fault);
void ledger_entry_free(struct ledger_entry *e);

/* Signs the present tree with the node's key, or takes DIR/cosigned or DIR/checkpoint when that key is not here; with
 * `cosigned` the newest that has cosignatures. Appends the note; out gets what it says. */
enum err ledger_note(struct runtime *r, bool cosigned, struct buf *note, struct checkpoint *out, struct fault *fault);
/* The .tlog-proof of an entry under a checkpoint of `size` entries, checked; the leaf bytes stand in `extra`. */
enum err ledger_bundle(struct runtime *r, const struct ledger_entry *e, uint64_t size, struct str note, struct buf *out, struct fault *fault);

/* What `wharf ledger export DIR --entry N` writes, checked from the files; the directory may not be there yet. Under the newest
 * cosigned checkpoint when that covers the entry, else one that the node signs now; without the node's key under the checkpoint
 * that was signed last: ERR_NOT_FOUND when that does not cover the entry. */
struct export_report;
enum err ledger_export_entry(struct runtime *r, uint64_t number, const char *dir, struct export_report *report, struct fault *fault);

/* Writes to `to`, or to standard output when NULL. */
enum err ledger_put(const char *to, struct str bytes, struct fault *fault);
/* The trust policy of --policy FILE and --vkey KEY…: each key of type 0x01 is a log, of type 0x04 a witness that must have
 * cosigned. ERR_USAGE when there is neither. */
enum err ledger_policy(const char *file, const char *const *vkeys, size_t count, struct tlog_policy *out, struct fault *fault);
/* Takes every --vkey off the words. */
size_t ledger_vkeys(struct cli *c, const char *out[LEDGER_VKEYS_MAX]);

#endif
