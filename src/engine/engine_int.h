/* What the engine's files share. */
#ifndef WHARF_ENGINE_INT_H
#define WHARF_ENGINE_INT_H

#include "contract/call.h"
#include "ledger/book.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"
#include "contract/endorsed.h"
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
	struct hash content;        /* of the envelope */
	bool trial;                 /* ask only whether it may be said, do nothing */
	bool endorsed;              /* its signatures do: what refuses it now is the event itself */
	char proposal[ID_MAX];      /* that it comes from; "" none */
	char missing[ENDORSE_MISSING_MAX]; /* whose signatures it lacks, when it was refused for that */
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
/* The name under which the holder of a key acts, and certifies other keys (keyrec.by). */
const char *signer_name(const struct tabs *s, const struct keyrec *k);

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
enum refusal sender_check(struct turn *t, const struct envelope *env);
/* A thing that belongs to `party` is registered by that party, or by an administrator. */
enum refusal sender_own(struct turn *t, const struct event_in *in, const char *party, const char *what);
/* A person has a role that the party's kind has. */
enum refusal sender_certifies(struct turn *t, const struct event_in *in, const struct operator *o);
/* A bank speaks of the money of the books whose account it keeps (bank_of, contract/state.h). */
enum refusal sender_keeps(struct turn *t, const char *book);
/* A message comes from whom it is to be heard from; an application or message says what it may and must. */
enum refusal sender_tells(struct turn *t, const struct event_in *in, const char *name);
enum refusal sender_says(struct turn *t, const char *name, struct str data);
/* The same against a list of members: words, `*` before what must be said. */
enum refusal sender_members(struct turn *t, const char *of, const char *members, struct str data);
/* The deal behind an object of acts (lot, task, alert, token), or the object itself. */
const char *sender_deal_of(const struct tabs *s, const char *object);
/* People act on deals of their own party only, or of the book; object: a deal, or what belongs to one. */
enum refusal sender_concerned(struct turn *t, const struct event_in *in, const char *object);
/* Whether a gateway's party may say where the goods of a deal are. */
bool sender_handles_goods(const struct tabs *s, const char *gateway, const char *deal);
enum refusal sender_applies(struct turn *t, struct str data);
/* An effect is answered by the party that it was sent to, or by the node that asked a machine. */
enum refusal sender_answers(struct turn *t, const struct event_in *in, const struct ev_reply *b);

/* --- handlers of a theme, in files of their own --- */
enum refusal on_device_end(struct turn *t, const struct event_in *in); /* on_devices.c */
/* on_witness.c */
enum refusal on_witnessed(struct turn *t, const struct event_in *in);
enum refusal on_equivocation(struct turn *t, const struct event_in *in);
enum refusal on_stop_lift(struct turn *t, const struct event_in *in); /* on_money.c */
bool book_act_named(const char *name); /* messages "book.…" are acts on the book, which on_book_act judges and calls */
enum refusal on_book_act(struct turn *t, const struct event_in *in);
enum refusal policy_bounds(struct turn *t, int64_t version); /* parameters account.NNNN.floor and .ceiling of that version */
/* on_receipts.c: money for a deal that the bank tells twice, by a message and by a statement, counts once; the second confirms. */
struct receipt_told {
	const char *deal; /* "" when it names none: then payer, amount and day decide */
	const char *payer, *reference, *currency;
	int64_t amount, day;
	bool statement;   /* by which of the two ways */
};
bool receipt_told_before(struct turn *t, const struct receipt_told *r); /* and marks it confirmed */
void receipt_tell(struct turn *t, const struct receipt_told *r);
bool receipt_message_again(struct turn *t, const struct event_in *in); /* of a message "obligor.paid" or "borrower.paid" */
enum refusal on_bank_message(struct turn *t, const struct event_in *in); /* on_bank.c */
/* on_export.c: payments in an order to the bank; one that the bank rejected may go in another; an order that it rejected as a whole. */
enum refusal on_bank_export(struct turn *t, const struct event_in *in);
void export_freed(struct turn *t, const char *payment);
void export_rejected(struct turn *t, const char *message, const char *code);
/* A pending transfer has a time, or ended: its timer; and when that is due (on_money.c). */
void hear_transfer(struct turn *t, struct workflow *w, const struct signal *s);
void on_transfer_due(struct turn *t, const struct timer *timer);
/* Money came into suspense: its time; and when that is over (on_suspense.c). */
void hear_suspense(struct turn *t, struct workflow *w, const struct signal *s);
void on_suspense_due(struct turn *t, const struct timer *timer);
bool suspense_cleared(const struct tabs *s, const struct journal *j); /* its money was applied, returned, exchanged or taken back */

enum refusal on_sealed_say(struct turn *t, const struct event_in *in);   /* on_sealed.c */
enum refusal on_evidence_put(struct turn *t, const struct event_in *in); /* on_evidence.c */
enum refusal on_evidence_grant(struct turn *t, const struct event_in *in);
enum refusal on_evidence_shred(struct turn *t, const struct event_in *in);
enum refusal on_evidence_read(struct turn *t, const struct event_in *in);
enum refusal on_evidence_give_up(struct turn *t, const struct event_in *in);

/* One event from its signer to its handler, without what its signals cause. An endorsed proposal comes here a second
 * time, with the envelope that waited. */
enum refusal engine_event(struct turn *t, const struct envelope *env, struct event_in *in);

/* A proposal has the key of the request that it carries, so that a colleague who reads it cannot use the key up (engine.c); a
 * proposal that is over without having been applied gives it back. */
void engine_reserve(struct turn *t, const struct envelope *env, const struct hash *content, const char *proposal);
void engine_unreserve(struct turn *t, const struct envelope *env, const char *proposal);

/* endorsing.c: what an event is about, as statements of endorsement and proposals name it. */
struct about {
	char on[64];         /* besides the kind's name: "message/NAME", "task/A11b"; "" none */
	char deal[32], object[72]; /* object: what a proposal of it rests on */
	char funder[16], subject[16];
	char act_object[64], act[24], detail[32]; /* what endorsing it is recorded as */
	int64_t amount;      /* at stake, minor units */
};
void about_event(const struct tabs *s, const struct envelope *env, const struct event_kind *kind, const void *body, struct about *a);
/* All signatures against all statements; REFUSED_ENDORSEMENTS_FEW leaves in->missing. Signatures beside the author's are judged
 * even when nobody asks for them. */
enum refusal endorse_check(struct turn *t, struct event_in *in);
/* Whether any statement about it asks for an endorser. */
bool endorse_asks(const struct tabs *s, const struct about *a, const struct event_kind *kind, const struct endorser *e);
/* After an event was done: voids approvals of what it changed, records what its endorsers did. */
void endorse_done(struct turn *t, const struct event_in *in);
/* Written with the first application, its entry as version; NULL before. Until then a ledger is set up. */
const struct endorse *endorse_first_deal(const struct tabs *s);
/* The statements of a policy version: its parameters endorse.*. */
enum refusal endorse_policies(struct turn *t, int64_t version);
/* Who acts in a turn, to be put back when an inner event was only tried. */
struct acting {
	char actor[32], party[16], kind[24];
	int64_t role, signed_at;
	struct hash signer;
};
struct acting acting_of(const struct turn *t);
void acting_restore(struct turn *t, const struct acting *a);

/* on_endorse.c: proposals. */
enum refusal on_propose(struct turn *t, const struct event_in *in);
enum refusal on_endorse(struct turn *t, const struct event_in *in);
enum refusal on_withdraw(struct turn *t, const struct event_in *in);
void proposals_turn(struct turn *t); /* at the end of each event: what changed under a proposal lets it fall */
void proposal_on_timer(struct turn *t, const struct timer *timer);

/* on_assets.c: acts on tokens, bills, lots and documents; certificates; reservations and handovers that have a time. */
enum refusal on_asset(struct turn *t, const struct event_in *in);
enum refusal on_cert(struct turn *t, const struct event_in *in);
enum refusal on_cert_withdraw(struct turn *t, const struct event_in *in);
void hear_asset(struct turn *t, struct workflow *w, const struct signal *s);
bool asset_on_timer(struct turn *t, struct workflow *w, const struct timer *timer);

/* on_prune.c: older entries are given up behind what others have seen. */
enum refusal on_prune(struct turn *t, const struct event_in *in);

/* Handles queued signals until none is left (signals.c). */
enum refusal engine_drain(struct engine *e, struct turn *t, size_t *handled);

#endif
