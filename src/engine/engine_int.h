/* What the engine's files share. */
#ifndef WHARF_ENGINE_INT_H
#define WHARF_ENGINE_INT_H

#include "contract/call.h"
#include "ledger/book.h"
#include "engine/engine.h"
#include "ledger/envelope.h"

struct engine {
	struct tabs *tabs;
	struct merkle *tree;
	struct entry_link link;
	struct contracts *contracts; /* compiled code: a cache, not state */
	struct workflow workflow;
	struct arena scratch;
};

/* What a handler is given besides the turn. */
struct event_in {
	struct engine *engine;
	const struct event_kind *kind;
	const struct envelope *envelope;
	const void *body;           /* decoded record of kind->body */
	unsigned signed_as;         /* bits of enum event_signer that its signatures satisfy */
};

typedef enum refusal (*event_handler)(struct turn *t, const struct event_in *in);
event_handler event_handler_of(int number); /* handlers.c */

/* Whether a signer of the right class speaks of its own affairs (senders.c); each refuses by name.
 * The sender of the header is the party of who signed it. */
enum refusal sender_check(struct turn *t, const struct envelope *env, unsigned signed_as);
/* A thing that belongs to `party` is registered by that party, or by an administrator. */
enum refusal sender_own(struct turn *t, const struct event_in *in, const char *party, const char *what);
/* A message comes from whom it is to be heard from. */
enum refusal sender_tells(struct turn *t, const struct envelope *env, const char *name);
enum refusal sender_applies(struct turn *t, struct str data);
/* An effect is answered by the party that it was sent to, or by the node that asked a machine. */
enum refusal sender_answers(struct turn *t, const struct event_in *in, const char *effect);
/* One key is one signer: nobody else has it. */
enum refusal sender_key_free(struct turn *t, const struct event_in *in, const struct hash *key, const char *of);

/* Handles queued signals until none is left (signals.c). */
enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled);

#endif
