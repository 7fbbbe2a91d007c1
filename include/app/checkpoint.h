/* Checkpoints: the signed statement of how long the ledger is and what its Merkle root is.
 *
 * A journal that was cut short is a valid shorter journal; only a checkpoint that is kept elsewhere shows
 * the difference. Format: C2SP tlog-checkpoint in a signed note (ledger/note.h); origin and key name are
 * the ledger's origin, the key is the node's key of the genesis entry. The runtime writes
 * DIR/checkpoint when it closes; `wharf checkpoint DIR -o FILE` writes one to keep elsewhere. */
#ifndef WHARF_APP_CHECKPOINT_H
#define WHARF_APP_CHECKPOINT_H

#include "base/err.h"
#include "engine/engine.h"
#include "ledger/note.h"

/* The key that checkpoints of this ledger are verified with. ERR_NOT_FOUND before genesis. */
enum err checkpoint_key(const struct engine *e, struct note_key *out, struct fault *fault);
/* Appends the signed note of the present size and root. ERR_DENIED when the secret is not the node's. */
enum err checkpoint_make(const struct engine *e, const uint8_t secret[64], struct buf *out, struct fault *fault);
/* Makes it and writes it to a file, whole or not at all. */
enum err checkpoint_write(const struct engine *e, const uint8_t secret[64], const char *path, struct fault *fault);
/* Compares a ledger with a checkpoint of it: ERR_OK when the checkpoint's tree is a beginning of the ledger's
 * tree; ERR_TAMPERED when the ledger is shorter or has another root; ERR_SIGNATURE, ERR_SYNTAX for a
 * note that is not one of this ledger. out (may be NULL) gets what the note says. */
enum err checkpoint_compare(const struct engine *e, struct str note, struct checkpoint *out, struct fault *fault);

#endif
