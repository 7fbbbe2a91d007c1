/* The newest signed checkpoint of a data directory, for the Ledger screen. */
#ifndef WHARF_APP_CONSOLE_CHECKPOINT_H
#define WHARF_APP_CONSOLE_CHECKPOINT_H

#include "app/runtime.h"
#include "engine/view.h"

/* Reads DIR/checkpoint and verifies it with the node's key of the genesis entry; false when there is none that
 * verifies. Texts are in the arena. */
bool console_checkpoint(const char *dir, const struct engine *e, struct arena *a, struct view_checkpoint *out);

#endif
