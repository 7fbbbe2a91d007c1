/* Simulated parties: bank, registry, debtors, suppliers, borrowers. They answer an effect by its id, which is its
 * idempotency key, after a delay that depends on the seed and the id only. Stateless: after a restart the same effect
 * gets the same answer at the same time. */
#ifndef WHARF_WORLD_PARTIES_H
#define WHARF_WORLD_PARTIES_H

#include "ledger/envelope.h"
#include "workflow/state.h"
#include "world/keys.h"

/* Who answers: the effect's party, or the first of the cast when it names a kind of party ("RGY"); "" nobody. */
const char *parties_who(const struct cast *c, const struct effect *e);
/* When the party of an effect answers; INSTANT_NONE when nobody will (no answer is expected, or it has one). */
int64_t parties_due(const struct cast *c, const struct effect *e);
/* The answer (event effect.reply) as that party would send it at `at`, unsigned; its sender is the party whose key
 * signs. False when there is none. */
bool parties_answer(const struct cast *c, const struct tabs *s, const struct effect *e, int64_t at, struct arena *a,
	struct envelope *out);

#endif
