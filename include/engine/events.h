/* Event kinds: what may be written on the ledger, who may sign it, and what its body holds.
 *
 * A kind is a row of EVENT_LIST: number (for ever), name, body record, who signs, sentence. Bodies are
 * records (base/rec.h), so commands, recordings, `wharf show` and the journal read them from one
 * description. Bodies that register something are that thing's own record. */
#ifndef WHARF_ENGINE_EVENTS_H
#define WHARF_ENGINE_EVENTS_H

#include "contract/assets.h"
#include "contract/state.h"
#include "engine/bank_order.h"
#include "engine/proposal.h"
#include "feed/state.h"
#include "identity/rights.h"
#include "risk/state.h"
#include "schedule/task.h"

#define EV_GENESIS_FIELDS(F) \
	F(TEXT, origin, 48, NONE)      /* name of the ledger, also of its checkpoints */ \
	F(INT, demo, 0, BOOL) \
	F(INT, rules, 0, COUNT) \
	F(TEXT, lua, 8, NONE) \
	F(TEXT, currency, 4, NONE)     /* of the book */ \
	F(TEXT, book, 16, NONE)        /* party id of the funder */ \
	F(HASH, node_key, 0, KEY) \
	F(HASH, admin_key, 0, KEY)     /* root of trust: signs registrations until operators exist */ \
	F(HASH, policy, 0, NONE)       /* digest of the first policy */ \
	F(HASH, tables, 0, NONE)       /* digest of currency and calendar tables */ \
	F(HASH, consortium, 0, NONE)   /* key of document fingerprints */
REC_STRUCT(ev_genesis, EV_GENESIS_FIELDS);

#define EV_SOURCE_FIELDS(F) \
	F(TEXT, name, 40, NONE) \
	F(BLOB, source, 0, NONE)
REC_STRUCT(ev_source, EV_SOURCE_FIELDS); /* policy.set, process.deploy, contract.deploy, bank.message (name: the file's) */

#define EV_REVOKE_FIELDS(F) \
	F(TEXT, operator, 24, NONE) \
	F(INT, from, 0, TIME)          /* 0: now */ \
	F(TEXT, reason, 64, NONE) \
	F(HASH, key, 0, KEY)           /* this key of the holder `operator` only; zeroes: the person, with all keys */
REC_STRUCT(ev_revoke, EV_REVOKE_FIELDS);

/* A new key for a holder: signed by the old key, by the root key of its party, or by administrators. */
#define EV_ROTATE_FIELDS(F) \
	F(TEXT, holder, 24, NONE)      /* operator, gateway or party id; "node", "admin" */ \
	F(HASH, old, 0, KEY) \
	F(HASH, key, 0, KEY) \
	F(TEXT, device, 32, NONE)      /* where the new key lives */ \
	F(INT, from, 0, TIME)          /* not before the delay of the policy is over; 0: then */ \
	F(INT, until, 0, TIME)         /* validity of the new key; 0: as the old one's */ \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_rotate, EV_ROTATE_FIELDS);

#define EV_COMPROMISE_FIELDS(F) \
	F(TEXT, holder, 24, NONE) \
	F(HASH, key, 0, KEY) \
	F(INT, from, 0, TIME)          /* everything signed from here on is re-evaluated */ \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_compromise, EV_COMPROMISE_FIELDS);

/* A party lost its root key: a quorum of the others signs. */
#define EV_RECOVER_FIELDS(F) \
	F(TEXT, party, 16, NONE) \
	F(HASH, key, 0, KEY)           /* the new root key */ \
	F(TEXT, device, 32, NONE) \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_recover, EV_RECOVER_FIELDS);

#define EV_STATUS_FIELDS(F) \
	F(TEXT, party, 16, NONE) \
	F(ENUM, status, PARTY_STATUS_NAMES, NONE) \
	F(INT, until, 0, TIME)         /* of APPROVED */ \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_status, EV_STATUS_FIELDS);

#define EV_EMERGENCY_FIELDS(F) \
	F(TEXT, operator, 24, NONE)    /* who gets the role for the hour of the policy */ \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_emergency, EV_EMERGENCY_FIELDS);

#define EV_TICK_FIELDS(F) \
	F(TEXT, timer, 96, NONE)       /* key of the timer that is due */
REC_STRUCT(ev_tick, EV_TICK_FIELDS);

/* One gateway batch, thinned: `windows` is the encoding of feed/apply.h; the raw bytes are in the
 * evidence store under `digest`. EPCIS events of the batch are in `events`. */
#define EV_BATCH_FIELDS(F) \
	F(TEXT, gateway, 16, NONE) \
	F(INT, sequence, 0, COUNT) \
	F(INT, from, 0, TIME) \
	F(INT, to, 0, TIME) \
	F(INT, readings, 0, COUNT) \
	F(INT, events, 0, COUNT) \
	F(HASH, digest, 0, NONE) \
	F(HASH, root, 0, NONE) \
	F(BLOB, windows, 0, NONE) \
	F(BLOB, physical, 0, NONE)
REC_STRUCT(ev_batch, EV_BATCH_FIELDS);

#define EV_ANSWER_FIELDS(F) \
	F(TEXT, value, 24, NONE) \
	F(TEXT, source, 24, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, at, 0, TIME) \
	F(HASH, digest, 0, NONE)       /* of the raw answer in the evidence store */
REC_STRUCT(ev_answer, EV_ANSWER_FIELDS);

/* request.open: name is the process; message: name is the message. The deal is in the header. */
#define EV_DATA_FIELDS(F) \
	F(TEXT, name, 40, NONE) \
	F(BLOB, data, 0, NONE)         /* JSON */
REC_STRUCT(ev_data, EV_DATA_FIELDS);

#define EV_REPLY_FIELDS(F) \
	F(TEXT, effect, 32, ID) \
	F(TEXT, code, 24, NONE)        /* "ok", or why it failed */ \
	F(BLOB, data, 0, NONE)
REC_STRUCT(ev_reply, EV_REPLY_FIELDS);

#define EV_TASK_FIELDS(F) \
	F(TEXT, task, 32, ID) \
	F(INT, version, 0, COUNT)      /* as shown; 0 does not ask */ \
	F(TEXT, decision, 16, NONE) \
	F(TEXT, reason, 96, NONE) \
	F(BLOB, data, 0, NONE) \
	F(HASH, seen, 0, NONE)         /* task_seen (schedule/task.h): what the signer read; asked for where money or goods go out (SOD-4) */
REC_STRUCT(ev_task, EV_TASK_FIELDS); /* task.complete; task.claim uses task and decision "claim" or "give-back" */

#define EV_HOLD_FIELDS(F) \
	F(TEXT, object, 64, ID)        /* deal or lot; alert for alert.close */ \
	F(INT, level, 0, COUNT) \
	F(TEXT, outcome, 16, NONE)     /* alert.close: closed, false */ \
	F(TEXT, reason, 96, NONE)
REC_STRUCT(ev_hold, EV_HOLD_FIELDS); /* hold.set, hold.lift, compensate, alert.close, incident.retry, stop.lift */

#define EV_RAISE_FIELDS(F) \
	F(TEXT, code, 4, NONE) \
	F(TEXT, asset, 64, NONE) \
	F(TEXT, title, 64, NONE) \
	F(TEXT, why, 112, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY)
REC_STRUCT(ev_raise, EV_RAISE_FIELDS);

#define EV_VERIFY_FIELDS(F) \
	F(TEXT, decision, 32, ID) \
	F(HASH, result, 0, NONE)       /* digest that the replay gave */ \
	F(INT, equal, 0, BOOL)
REC_STRUCT(ev_verify, EV_VERIFY_FIELDS);

/* Evidence (ledger/sealed.h): its bytes are in the vault before this is ordered, its deal is in the header. */
#define EV_PUT_FIELDS(F) \
	F(TEXT, kind, 24, NONE) \
	F(TEXT, name, 96, NONE)        /* of the file */ \
	F(TEXT, media, 48, NONE) \
	F(INT, size, 0, COUNT) \
	F(HASH, digest, 0, NONE)       /* salted, of the plaintext */ \
	F(HASH, manifest, 0, NONE) \
	F(TEXT, device, 32, NONE) \
	F(TEXT, corroborates, 32, ID) \
	F(INT, captured_at, 0, TIME) \
	F(INT, valid_until, 0, TIME) \
	F(INT, confidence, 0, MILLI) \
	F(BLOB, grants, 0, NONE)       /* the first readers */
REC_STRUCT(ev_put, EV_PUT_FIELDS);

#define EV_GRANT_FIELDS(F) \
	F(TEXT, item, 32, ID) \
	F(BLOB, grants, 0, NONE)
REC_STRUCT(ev_grant, EV_GRANT_FIELDS);

#define EV_OBJECT_FIELDS(F) \
	F(TEXT, object, 32, ID)        /* item; evidence.read also a deal */ \
	F(TEXT, reason, 96, NONE)
REC_STRUCT(ev_object, EV_OBJECT_FIELDS); /* evidence.shred, evidence.read */

/* Raw evidence of a kind that ended before an instant is given up under the rule in force (engine/on_evidence.c). */
#define EV_GIVE_UP_FIELDS(F) \
	F(TEXT, kind, 24, NONE)        /* "batch" */ \
	F(INT, before, 0, TIME) \
	F(INT, days, 0, COUNT)         /* the rule: policy retention.<kind>_days, as it was read */
REC_STRUCT(ev_give_up, EV_GIVE_UP_FIELDS);

/* A body for its audience: everybody keeps what stands here, who holds a grant of the item reads the rest (engine/on_sealed.c). */
#define EV_SAY_FIELDS(F) \
	F(TEXT, audience, 24, NONE)    /* a name for those who read it; their keys are the item's grants */ \
	F(TEXT, about, 32, NONE)       /* name of the event that the body is of */ \
	F(HASH, digest, 0, NONE)       /* of the body, salted */ \
	F(TEXT, item, 32, ID)          /* salt and body, of kind "sealed-body" */ \
	F(TEXT, claim, 80, NONE)       /* "INV/<64 hex>": fingerprint of a document; "" none */ \
	F(ENUM, state, CLAIM_STATE_NAMES, NONE) /* what it becomes: reserved, financed, discharged, withdrawn */
REC_STRUCT(ev_say, EV_SAY_FIELDS);

extern const struct rec_type EV_PUT_REC, EV_GRANT_REC, EV_OBJECT_REC, EV_GIVE_UP_REC, EV_SAY_REC;

/* A checkpoint of this ledger with the cosignature of a registered key. */
#define EV_WITNESSED_FIELDS(F) \
	F(TEXT, origin, 48, NONE)      /* of this ledger */ \
	F(HASH, witness, 0, KEY)       /* the key that cosigned */ \
	F(BLOB, note, 0, NONE)
REC_STRUCT(ev_witnessed, EV_WITNESSED_FIELDS);

/* Two checkpoints that the node signed and that cannot both be true, or one that is not true of this ledger. */
#define EV_EQUIVOCATION_FIELDS(F) \
	F(TEXT, origin, 48, NONE) \
	F(BLOB, first, 0, NONE) \
	F(BLOB, second, 0, NONE)       /* "": this ledger itself */
REC_STRUCT(ev_equivocation, EV_EQUIVOCATION_FIELDS);
extern const struct rec_type EV_WITNESSED_REC, EV_EQUIVOCATION_REC;

/* Entries from 1 up to before `before` go from this ledger's rows (engine/on_prune.c). */
#define EV_PRUNE_FIELDS(F) \
	F(INT, before, 0, COUNT)       /* a multiple of 256 */ \
	F(HASH, root, 0, NONE)         /* of the first `before` entries */ \
	F(INT, unwitnessed, 0, BOOL)   /* this ledger has no witnesses, and goes without */ \
	F(HASH, state, 0, NONE)        /* of the state behind them, as table base keeps it, said by the node alone; zero: by another entry of this kind */
REC_STRUCT(ev_prune, EV_PRUNE_FIELDS);
extern const struct rec_type EV_PRUNE_REC;

#define EV_CERT_FIELDS(F) \
	F(TEXT, certificate, 88, NONE) /* its id: kind/subject/number */ \
	F(INT, from, 0, TIME)          /* it does not count from here on; 0: now */ \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_cert, EV_CERT_FIELDS);
extern const struct rec_type EV_CERT_REC;

#define EV_DEVICE_END_FIELDS(F) \
	F(TEXT, device, 32, NONE) \
	F(INT, until, 0, TIME)         /* its readings count to just before; 0: now. An end comes nearer or, certified anew, is moved on */ \
	F(INT, renew, 0, BOOL)         /* certified anew until then: a later end, or one again */ \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(ev_device_end, EV_DEVICE_END_FIELDS);
extern const struct rec_type EV_DEVICE_END_REC;

#define EV_RULES_FIELDS(F) \
	F(TEXT, note, 48, NONE) \
	F(INT, rules, 0, COUNT)
REC_STRUCT(ev_rules, EV_RULES_FIELDS);

extern const struct rec_type EV_GENESIS_REC, EV_SOURCE_REC, EV_REVOKE_REC, EV_ROTATE_REC, EV_COMPROMISE_REC,
	EV_RECOVER_REC, EV_STATUS_REC, EV_EMERGENCY_REC, EV_TICK_REC, EV_BATCH_REC,
	EV_ANSWER_REC, EV_DATA_REC, EV_REPLY_REC, EV_TASK_REC, EV_HOLD_REC, EV_RAISE_REC, EV_VERIFY_REC,
	EV_RULES_REC;

/* Who may sign a kind: any one of the bits. */
enum event_signer {
	SIGNER_NODE = 1,     /* the node key of the genesis entry */
	SIGNER_ADMIN = 2,    /* the genesis admin key, or an operator with role ADM */
	SIGNER_PARTY = 4,    /* a party's root key */
	SIGNER_GATEWAY = 8,
	SIGNER_OPERATOR = 16, /* a certified person; the handler checks rights */
	SIGNER_ANY = 31
};

/* X(constant, number, name, body record, signers, sentence) */
#define EVENT_LIST(X) \
	X(EVENT_GENESIS, 1, "genesis", EV_GENESIS_REC, SIGNER_ADMIN, "the ledger begins") \
	X(EVENT_PARTY, 2, "party.add", PARTY_REC, SIGNER_ADMIN, "a party is registered") \
	X(EVENT_OPERATOR, 3, "operator.certify", OPERATOR_REC, SIGNER_ADMIN | SIGNER_PARTY, "a person's key is certified") \
	X(EVENT_REVOKE, 4, "operator.revoke", EV_REVOKE_REC, SIGNER_ADMIN | SIGNER_PARTY | SIGNER_OPERATOR, "a key is revoked, of a person or any holder") \
	X(EVENT_GATEWAY, 5, "gateway.certify", GATEWAY_REC, SIGNER_ADMIN | SIGNER_PARTY, "a gateway is certified") \
	X(EVENT_DEVICE, 6, "device.certify", DEVICE_REC, SIGNER_ADMIN | SIGNER_PARTY, "a device is certified") \
	X(EVENT_SITE, 7, "site.add", SITE_REC, SIGNER_ADMIN | SIGNER_PARTY, "a site is registered") \
	X(EVENT_POLICY, 8, "policy.set", EV_SOURCE_REC, SIGNER_ADMIN, "the policy changes") \
	X(EVENT_PROCESS, 9, "process.deploy", EV_SOURCE_REC, SIGNER_ADMIN, "a process is deployed") \
	X(EVENT_CONTRACT, 10, "contract.deploy", EV_SOURCE_REC, SIGNER_ADMIN, "a contract is deployed") \
	X(EVENT_LIMIT, 11, "limit.set", LIMIT_REC, SIGNER_ADMIN | SIGNER_OPERATOR, "a limit is set") \
	X(EVENT_OFFER, 12, "offer.set", OFFER_REC, SIGNER_ADMIN | SIGNER_PARTY, "a funder quotes") \
	X(EVENT_PROFILE, 13, "profile.set", PROFILE_REC, SIGNER_ADMIN | SIGNER_PARTY, "facts for the scorecard") \
	X(EVENT_RULES, 14, "rules.raise", EV_RULES_REC, SIGNER_ADMIN, "the rule version rises") \
	X(EVENT_ROTATE, 15, "key.rotate", EV_ROTATE_REC, SIGNER_ANY, "a holder gets a new key") \
	X(EVENT_COMPROMISE, 16, "key.compromise", EV_COMPROMISE_REC, SIGNER_ADMIN | SIGNER_PARTY | SIGNER_OPERATOR, "a key is in other hands") \
	X(EVENT_RECOVER, 17, "key.recover", EV_RECOVER_REC, SIGNER_PARTY, "the other parties give a party a new root key") \
	X(EVENT_STATUS, 18, "party.status", EV_STATUS_REC, SIGNER_ADMIN | SIGNER_OPERATOR, "what is known of a party changes") \
	X(EVENT_EMERGENCY, 19, "access.emergency", EV_EMERGENCY_REC, SIGNER_ADMIN | SIGNER_OPERATOR, "two persons open emergency access") \
	X(EVENT_TICK, 20, "tick", EV_TICK_REC, SIGNER_NODE, "a timer is due") \
	X(EVENT_BATCH, 21, "feed.batch", EV_BATCH_REC, SIGNER_GATEWAY, "a gateway's batch") \
	X(EVENT_ANSWER, 22, "oracle.answer", EV_ANSWER_REC, SIGNER_PARTY, "an oracle's answer") \
	X(EVENT_REQUEST, 23, "request.open", EV_DATA_REC, SIGNER_PARTY | SIGNER_OPERATOR, "an application") \
	X(EVENT_MESSAGE, 24, "message", EV_DATA_REC, SIGNER_PARTY | SIGNER_OPERATOR, "a party's message") \
	X(EVENT_REPLY, 25, "effect.reply", EV_REPLY_REC, SIGNER_PARTY | SIGNER_NODE, "a party's answer") \
	X(EVENT_TASK, 30, "task.complete", EV_TASK_REC, SIGNER_OPERATOR, "a person's decision") \
	X(EVENT_CLAIM, 31, "task.claim", EV_TASK_REC, SIGNER_OPERATOR, "a person takes or gives back a task") \
	X(EVENT_HOLD, 32, "hold.set", EV_HOLD_REC, SIGNER_OPERATOR, "a person suspends or freezes") \
	X(EVENT_LIFT, 33, "hold.lift", EV_HOLD_REC, SIGNER_OPERATOR, "a person lifts a hold") \
	X(EVENT_COMPENSATE, 34, "compensate", EV_HOLD_REC, SIGNER_OPERATOR, "a person orders a compensation") \
	X(EVENT_RAISE, 35, "alert.raise", EV_RAISE_REC, SIGNER_OPERATOR, "a person raises an alert") \
	X(EVENT_CLOSE, 36, "alert.close", EV_HOLD_REC, SIGNER_OPERATOR, "a person closes an alert") \
	X(EVENT_PUT, 43, "evidence.put", EV_PUT_REC, SIGNER_PARTY | SIGNER_OPERATOR | SIGNER_GATEWAY, "evidence is put for its readers") \
	X(EVENT_GRANT, 44, "evidence.grant", EV_GRANT_REC, SIGNER_PARTY | SIGNER_OPERATOR, "evidence gets further readers") \
	X(EVENT_SHRED, 45, "evidence.shred", EV_OBJECT_REC, SIGNER_PARTY | SIGNER_OPERATOR, "evidence is destroyed, its proof stays") \
	X(EVENT_SAY, 72, "sealed.say", EV_SAY_REC, SIGNER_PARTY | SIGNER_OPERATOR, "a body is said to its audience, its fingerprint to all") \
	X(EVENT_READ, 46, "evidence.read", EV_OBJECT_REC, SIGNER_PARTY | SIGNER_OPERATOR, "evidence or a deal is read") \
	X(EVENT_ASSET, 47, "asset.act", EV_DATA_REC, SIGNER_PARTY | SIGNER_OPERATOR, "a party acts on a token, bill, lot or document") \
	X(EVENT_CERT, 48, "certificate.set", CERT_REC, SIGNER_PARTY | SIGNER_OPERATOR, "a certificate is issued or renewed") \
	X(EVENT_CERT_WITHDRAW, 49, "certificate.withdraw", EV_CERT_REC, SIGNER_PARTY | SIGNER_OPERATOR, "a certificate is withdrawn") \
	X(EVENT_VERIFY, 37, "decision.verify", EV_VERIFY_REC, SIGNER_OPERATOR, "a person re-executed a decision") \
	X(EVENT_RETRY, 38, "incident.retry", EV_HOLD_REC, SIGNER_OPERATOR, "a person retries a failed step") \
	X(EVENT_PROPOSE, 40, "propose", EV_PROPOSE_REC, SIGNER_ADMIN | SIGNER_PARTY | SIGNER_OPERATOR, "an event waits for signatures") \
	X(EVENT_ENDORSE, 41, "endorse", EV_ENDORSE_REC, SIGNER_ADMIN | SIGNER_PARTY | SIGNER_OPERATOR, "a proposal is endorsed") \
	X(EVENT_WITHDRAW, 42, "proposal.withdraw", EV_WITHDRAW_REC, SIGNER_ADMIN | SIGNER_PARTY | SIGNER_OPERATOR, "a proposal is taken back") \
	X(EVENT_BANK, 50, "bank.message", EV_SOURCE_REC, SIGNER_PARTY, "a bank's ISO 20022 message") \
	X(EVENT_STOP_LIFT, 51, "stop.lift", EV_HOLD_REC, SIGNER_OPERATOR, "two persons lift an outflow stop") \
	X(EVENT_WITNESSED, 52, "ledger.witnessed", EV_WITNESSED_REC, SIGNER_NODE | SIGNER_ADMIN | SIGNER_PARTY | SIGNER_GATEWAY | SIGNER_OPERATOR, \
		"a witness cosigned a checkpoint") \
	X(EVENT_EQUIVOCATION, 53, "ledger.equivocation", EV_EQUIVOCATION_REC, \
		SIGNER_NODE | SIGNER_ADMIN | SIGNER_PARTY | SIGNER_GATEWAY | SIGNER_OPERATOR, "the node signed what cannot both be true") \
	X(EVENT_PRUNE, 54, "ledger.prune", EV_PRUNE_REC, SIGNER_NODE | SIGNER_ADMIN, "older entries are given up; their tiles stay") \
	X(EVENT_DEVICE_END, 60, "device.validity", EV_DEVICE_END_REC, SIGNER_ADMIN | SIGNER_PARTY, "a device's certificate ends or is renewed") \
	X(EVENT_EXPORT, 64, "bank.export", EV_EXPORT_REC, SIGNER_OPERATOR, "payments go to the bank in one order") \
	X(EVENT_GIVE_UP, 55, "evidence.prune", EV_GIVE_UP_REC, SIGNER_NODE | SIGNER_ADMIN, "raw evidence is given up under retention")

#define X(c, number, name, body, signers, words) c = number,
enum event_number { EVENT_LIST(X) };
#undef X

struct event_kind {
	int number;
	const char *name;
	const struct rec_type *body;
	unsigned signers;
	const char *words;
};
extern const struct event_kind EVENT_KINDS[];
extern const size_t EVENT_KIND_COUNT;
const struct event_kind *event_kind_of(int number);          /* or NULL */
const struct event_kind *event_kind_named(struct str name);  /* or NULL */

/* An unsigned envelope around a body: sender, deal, key and times as given; the body is encoded into
 * the arena. Key: first 16 bytes of SHA-256 over kind, sender, deal and body unless `key` is given,
 * so that the same request sent twice is the same request. It names no ledger yet: whoever signs it sets `ledger` first
 * (engine/engine.h: engine_ledger), as runtime_send does. */
struct envelope;
void event_envelope(struct arena *a, int kind, const char *sender, const char *deal,
	int64_t event_time, const void *body, const uint8_t *key, struct envelope *out);

#endif
