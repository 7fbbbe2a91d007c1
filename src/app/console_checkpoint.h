/* The newest signed checkpoint of a data directory and who else has seen the ledger, for the Ledger screen. */
#ifndef WHARF_APP_CONSOLE_CHECKPOINT_H
#define WHARF_APP_CONSOLE_CHECKPOINT_H

#include "app/runtime.h"
#include "engine/view.h"

/* Reads DIR/checkpoint and verifies it with a key that the node has or had; false when there is none that verifies. The
 * log stands first among its signers; then each witness of DIR/witnesses, with what it cosigned in DIR/cosigned, and each
 * that the ledger itself knows (`ledger.witnessed`); of both the larger tree counts. Texts and policy are in the arena. */
bool console_checkpoint(const char *dir, const struct engine *e, struct arena *a, struct view_checkpoint *out);

#endif
