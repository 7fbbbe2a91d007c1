/* What the engine's files share. */
#ifndef WHARF_ENGINE_INT_H
#define WHARF_ENGINE_INT_H

#include "contract/call.h"
#include "ledger/book.h"
#include "ledger/stop.h"
#include "engine/engine.h"
#include "ledger/envelope.h"
#include "ledger/sealed.h"

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
	bool heard;                 /* its author and key were accepted: from here on its key is used */
};

typedef enum refusal (*event_handler)(struct turn *t, const struct event_in *in);
event_handler event_handler_of(int number); /* handlers.c */

/* Whether a signer of the right class speaks of its own affairs (senders.c); each refuses by name.
 * The sender of the header is the party of who signed it. */
enum refusal sender_check(struct turn *t, const struct envelope *env, unsigned signed_as);
/* A thing that belongs to `party` is registered by that party, or by an administrator. */
enum refusal sender_own(struct turn *t, const struct event_in *in, const char *party, const char *what);
/* A person has a role that the party's kind has. */
enum refusal sender_certifies(struct turn *t, const struct event_in *in, const struct operator *o);
/* A message comes from whom it is to be heard from; an application or message says what it may and must. */
enum refusal sender_tells(struct turn *t, const struct event_in *in, const char *name);
enum refusal sender_says(struct turn *t, const char *name, struct str data);
/* People act on deals of their own party only, or of the book; object: a deal, or what belongs to one. */
enum refusal sender_concerned(struct turn *t, const struct event_in *in, const char *object);
/* Whether a gateway's party may say where the goods of a deal are. */
bool sender_handles_goods(const struct tabs *s, const char *gateway, const char *deal);
enum refusal sender_applies(struct turn *t, struct str data);
/* An effect is answered by the party that it was sent to, or by the node that asked a machine. */
enum refusal sender_answers(struct turn *t, const struct event_in *in, const struct ev_reply *b);
/* One key is one signer: nobody else has it. */
enum refusal sender_key_free(struct turn *t, const struct event_in *in, const struct hash *key, const char *of);

/* --- handlers of a theme, in files of their own --- */
enum refusal on_stop_lift(struct turn *t, const struct event_in *in); /* on_money.c */

enum refusal on_evidence_put(struct turn *t, const struct event_in *in); /* on_evidence.c */
enum refusal on_evidence_grant(struct turn *t, const struct event_in *in);
enum refusal on_evidence_shred(struct turn *t, const struct event_in *in);
enum refusal on_evidence_read(struct turn *t, const struct event_in *in);

/* Handles queued signals until none is left (signals.c). */
enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled);

#endif
