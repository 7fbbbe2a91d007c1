/* What the engine's files share. */
#ifndef WHARF_ENGINE_INT_H
#define WHARF_ENGINE_INT_H

#include "contract/call.h"
#include "ledger/book.h"
#include "ledger/stop.h"
#include "engine/engine.h"
#include "identity/keyring.h"
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

/* signer.c: who speaks. Fills actor, role, signer and signing time of the turn and in->signed_as, or refuses by name.
 * The first signature is the author's. */
enum refusal engine_signer(struct turn *t, const struct envelope *env, struct event_in *in);
/* Whether one signature of an envelope counts at t's stamp, whoever's it is; its key in *out. */
enum refusal signer_judge(struct turn *t, const struct envelope_signature *s, const struct event_kind *kind,
	const struct keyrec **out);
/* What the policy says about clocks and overlaps. */
struct key_bounds signer_bounds(const struct tabs *s);

/* A body that is the thing's own record becomes one; refuses a second of the same key (handlers.c). */
enum refusal register_new(struct turn *t, const struct event_in *in, const char *what);

/* on_identity.c: parties, people, gateways and their keys. */
enum refusal on_party(struct turn *t, const struct event_in *in);
enum refusal on_operator(struct turn *t, const struct event_in *in);
enum refusal on_revoke(struct turn *t, const struct event_in *in);
enum refusal on_gateway(struct turn *t, const struct event_in *in);
enum refusal on_rotate(struct turn *t, const struct event_in *in);
enum refusal on_compromise(struct turn *t, const struct event_in *in);
enum refusal on_recover(struct turn *t, const struct event_in *in);
enum refusal on_status(struct turn *t, const struct event_in *in);
enum refusal on_emergency(struct turn *t, const struct event_in *in);
/* The keys that the genesis entry names. */
enum refusal identity_begin(struct turn *t, const struct ev_genesis *g);
/* Timers of keys and parties; false when it is none of them. */
bool identity_on_timer(struct turn *t, const struct timer *timer);

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
/* The deal behind an object of acts (lot, task, alert, token), or the object itself. */
const char *sender_deal_of(const struct tabs *s, const char *object);
/* People act on deals of their own party only, or of the book; object: a deal, or what belongs to one. */
enum refusal sender_concerned(struct turn *t, const struct event_in *in, const char *object);
/* Whether a gateway's party may say where the goods of a deal are. */
bool sender_handles_goods(const struct tabs *s, const char *gateway, const char *deal);
enum refusal sender_applies(struct turn *t, struct str data);
/* An effect is answered by the party that it was sent to, or by the node that asked a machine. */
enum refusal sender_answers(struct turn *t, const struct event_in *in, const struct ev_reply *b);
/* One key is one signer: nobody else has it. */

/* --- handlers of a theme, in files of their own --- */
enum refusal on_stop_lift(struct turn *t, const struct event_in *in); /* on_money.c */

enum refusal on_evidence_put(struct turn *t, const struct event_in *in); /* on_evidence.c */
enum refusal on_evidence_grant(struct turn *t, const struct event_in *in);
enum refusal on_evidence_shred(struct turn *t, const struct event_in *in);
enum refusal on_evidence_read(struct turn *t, const struct event_in *in);

/* Handles queued signals until none is left (signals.c). */
enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled);

#endif
