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

/* Handles queued signals until none is left (signals.c). */
enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled);

#endif
