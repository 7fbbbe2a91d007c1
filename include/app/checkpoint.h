/* Checkpoints: the signed statement of how long the ledger is and what its Merkle root is.
 *
 * A journal that was cut short is a valid shorter journal; only a checkpoint that is kept elsewhere shows
 * the difference. Format: C2SP tlog-checkpoint in a signed note (ledger/note.h); origin and key name are
 * the ledger's origin, the key is the node's key of the genesis entry or the one that superseded it.
 *
 *     DIR/checkpoint   the newest that was signed: by the runtime when it closes, by `wharf ledger checkpoint`
 *     DIR/cosigned     the newest with the cosignatures that were gathered
 *     DIR/witnesses    a trust policy (ledger/policy.h) whose witnesses have URLs or directories
 *
 * Must remain true: no two checkpoints of one ledger are signed without the second extending the first. What is signed was
 * computed from the bytes that are stored, not from what memory remembers of them. */
#ifndef WHARF_APP_CHECKPOINT_H
#define WHARF_APP_CHECKPOINT_H

#include "base/err.h"
#include "engine/engine.h"
#include "ledger/note.h"
#include "ledger/policy.h"
#include "store/journal.h"

enum { CHECKPOINT_WARNING_MAX = 240 };

/* The key that checkpoints of this ledger are signed with now. ERR_NOT_FOUND before genesis. */
enum err checkpoint_key(const struct engine *e, struct note_key *out, struct fault *fault);

/* The root of `size` entries, made of the tree behind `from` entries, which must have the root `from_root`, and of the stored
 * bytes of those after it, read and hashed again; of entries that were
 * given up, of their leaves in the tree. ERR_TAMPERED names the first entry that is not what the tree has in its place, or
 * says that the tree before it is not that of from_root. tree may be the engine's or any other of that size. */
enum err checkpoint_recompute(const struct merkle *tree, struct journal *j, uint64_t from, const struct hash *from_root,
	uint64_t size, struct hash *out, struct fault *fault);

/* Signs the present size and root and appends the note. Reads DIR/checkpoint, the last that was signed, and refuses (ERR_TAMPERED)
 * to sign what does not extend it or what was not recomputed from the journal. ERR_DENIED when the secret is not the
 * node's, ERR_BUSY when another process signed a later one meanwhile. */
enum err checkpoint_make(const struct engine *e, struct journal *j, const uint8_t secret[64], struct buf *out, struct fault *fault);
/* Makes it and writes DIR/checkpoint, whole or not at all; out (may be NULL) gets the note too. One process at a time. */
enum err checkpoint_write(const struct engine *e, struct journal *j, const uint8_t secret[64], struct buf *out, struct fault *fault);
/* Compares a ledger with a checkpoint of it: ERR_OK when the checkpoint's tree is a beginning of the ledger's
 * tree; ERR_TAMPERED when the ledger is shorter or has another root; ERR_SIGNATURE, ERR_SYNTAX for a
 * note that is not one of this ledger. out (may be NULL) gets what the note says. */
enum err checkpoint_compare(const struct engine *e, struct str note, struct checkpoint *out, struct fault *fault);

/* Whether a data directory is an old copy of itself: compares the journal with DIR/checkpoint, DIR/cosigned and what the witnesses
 * of DIR/witnesses cosigned last, asking those with a URL (what it cosigned last, and to show it; each for at most a second and a
 * half). ERR_TAMPERED with what was seen, by whom, and what to do; a size that a witness says without showing its signature is a
 * warning. When there are witnesses and none answers, `warning` says so; else it is "". */
enum err checkpoint_rollback(const struct engine *e, const char *dir, char warning[CHECKPOINT_WARNING_MAX], struct fault *fault);

/* What a witness with a URL cosigned last of this ledger, as it shows it under its key. False when it shows nothing that holds: then
 * what it says is a word. */
struct witness_shown {
	uint64_t size;
	bool ahead; /* it has seen more entries than this journal has */
	bool other; /* of the same entries it has seen another root */
};
bool witness_shown_note(const struct engine *e, const struct tlog_witness *w, struct str bytes, struct witness_shown *out); /* of that note */
bool witness_shown(const struct engine *e, const struct tlog_witness *w, int timeout_ms, struct witness_shown *out);

#endif
