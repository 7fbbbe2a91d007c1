/* Proposals: events that wait on the ledger for the signatures that they need.
 *
 * `propose` carries an envelope that its author signed; `endorse` adds a signature over its content hash; the entry with which
 * the last asked-for signature comes applies the event in the same turn, with the inner author as who acts. A proposal names
 * what it is about as that was: when it changes, the proposal falls. When its time is over, it expires. When the
 * event is refused as it is applied, that endorse is refused and the proposal stays as it was before it.
 * Closed proposals stay for the policy's proposal.keep_days and then leave the state. */
#ifndef WHARF_ENGINE_PROPOSAL_H
#define WHARF_ENGINE_PROPOSAL_H

#include "base/turn.h"

extern const char *const PROPOSAL_STATE_NAMES[]; /* open applied withdrawn fallen expired */
enum proposal_state { PROPOSAL_OPEN, PROPOSAL_APPLIED, PROPOSAL_WITHDRAWN, PROPOSAL_FALLEN, PROPOSAL_EXPIRED };

#define PROPOSAL_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* PR-… */ \
	F(ENUM, state, PROPOSAL_STATE_NAMES, NONE) \
	F(TEXT, kind, 24, NONE)        /* of the event that waits */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, author, 32, NONE)      /* who signed it first */ \
	F(TEXT, party, 16, NONE)       /* of the author */ \
	F(TEXT, object, 72, NONE)      /* "deal/DL-…", "limit/NOORDZEE/X", "policy", "contract/NAME" … */ \
	F(HASH, digest, 0, NONE)       /* of the object when it was proposed */ \
	F(HASH, content, 0, NONE)      /* content hash: what is signed */ \
	F(TEXT, signers, 112, NONE)    /* who signed, the author first, by commas */ \
	F(TEXT, missing, 112, NONE)    /* clauses that lack somebody, in the language of endorse.h */ \
	F(TEXT, note, 96, NONE) \
	F(INT, opened_at, 0, TIME) \
	F(INT, until, 0, TIME) \
	F(INT, closed_at, 0, TIME) \
	F(INT, entry, 0, COUNT)        /* that closed it */ \
	F(BLOB, envelope, 0, NONE)     /* as proposed, with the signatures that came over its content */ \
	F(BLOB, endorsed, 0, NONE)     /* by entries: 40 bytes each, public key and signing time, big-endian */
REC_STRUCT(proposal, PROPOSAL_FIELDS);
extern const struct rec_type PROPOSAL_REC; /* tag 52 */

#define EV_PROPOSE_FIELDS(F) \
	F(BLOB, envelope, 0, NONE)     /* signed by its author at least */ \
	F(TEXT, note, 96, NONE)
REC_STRUCT(ev_propose, EV_PROPOSE_FIELDS);

/* Whoever sends it endorses by that; or hands in a signature over the content that another person gave. */
#define EV_ENDORSE_FIELDS(F) \
	F(TEXT, proposal, 32, ID) \
	F(HASH, content, 0, NONE) \
	F(HASH, key, 0, KEY)           /* zeroes: the sender's own, by this entry */ \
	F(INT, signed_at, 0, TIME) \
	F(BLOB, signature, 0, NONE)    /* 64 bytes over the content, with key */
REC_STRUCT(ev_endorse, EV_ENDORSE_FIELDS);

#define EV_WITHDRAW_FIELDS(F) \
	F(TEXT, proposal, 32, ID) \
	F(TEXT, reason, 96, NONE)
REC_STRUCT(ev_withdraw, EV_WITHDRAW_FIELDS);
extern const struct rec_type EV_PROPOSE_REC, EV_ENDORSE_REC, EV_WITHDRAW_REC;

/* Whether a person is one of those whom an open proposal still waits for: he has not signed and a policy asks for him. Pure. */
bool proposal_waits_for(const struct tabs *s, const struct proposal *p, const char *operator_id);
/* What it would do, in words: "policy.set: policy", "task.complete: approve …". Cut to fit. Pure. */
void proposal_words(const struct tabs *s, const struct proposal *p, char *out, size_t cap);

#endif
