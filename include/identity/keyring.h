/* The keyring: every key that ever counted, whose it is, and from when to when.
 *
 * A key is a record under the hex of its public key, so a signer is found in one step. Holders (the node, the root of
 * trust, parties, people, gateways) have any number of keys, one of them current. Records are never deleted: a key
 * that counted once stays nameable for ever, and no second holder may have it.
 *
 * Two instants decide whether a signature counts: when it was made (`signed_at`, the signer's word) and the stamp of
 * the entry (the ledger's). A key counts from valid_from to just before its end, the first of valid_until, retired_at
 * and revoked_from; and no entry is taken later than the overlap after that end, so that an old key cannot sign the past
 * for ever. The overlap is for keys that were replaced or ran out: of one that was revoked nothing is taken that comes later than the
 * revocation by more than the clock bound, for its holder may claim any time before. A key that is known to be compromised signs
 * nothing more, whatever time it claims.
 * Source: domain specification §1.4 (validity, revocation and scope as of the signing time), §1.3 SOD-9. */
#ifndef WHARF_IDENTITY_KEYRING_H
#define WHARF_IDENTITY_KEYRING_H

#include "identity/registry.h"

extern const char *const KEY_KIND_NAMES[]; /* node admin party person gateway */
enum key_kind { KEY_OF_NODE, KEY_OF_ADMIN, KEY_OF_PARTY, KEY_OF_PERSON, KEY_OF_GATEWAY, KEY_KIND_COUNT };

enum { KEYREC_ID_MAX = 68, KEYREC_PENDING = -1 };

#define KEYREC_FIELDS(F) \
	F(TEXT, id, 68, NONE)          /* the public key, 64 hex digits */ \
	F(TEXT, holder, 24, NONE)      /* operator, gateway or party id; "node", "admin" */ \
	F(ENUM, kind, KEY_KIND_NAMES, NONE) \
	F(TEXT, party, 16, NONE) \
	F(TEXT, device, 32, NONE)      /* host or token on which the secret lives; "" unknown */ \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(TEXT, scope, 96, NONE)       /* event names or their first words, by blanks: "task hold.set"; "" all */ \
	F(INT, ceiling, 0, MONEY) \
	F(INT, valid_from, 0, TIME)    /* 0: no beginning */ \
	F(INT, valid_until, 0, TIME)   /* 0: no end */ \
	F(INT, retired_at, 0, TIME)    /* superseded, overlap included; 0: never */ \
	F(INT, revoked_from, 0, TIME)  /* 0: never */ \
	F(INT, compromised_from, 0, TIME) /* 0: never */ \
	F(INT, since_entry, 0, COUNT)  /* the entry that made it current; KEYREC_PENDING: not yet */ \
	F(INT, until_entry, 0, COUNT)  /* the entry that made another one current; 0: none */ \
	F(TEXT, by, 32, NONE)          /* who certified it */ \
	F(INT, entry, 0, COUNT)        /* where */
REC_STRUCT(keyrec, KEYREC_FIELDS);
extern const struct rec_type KEYREC_REC; /* tag 48 */

/* What policy says about time; microseconds. Policy: keys.overlap_hours [24], clock.ahead_minutes [5],
 * clock.window_days [14]. */
struct key_bounds {
	int64_t overlap, ahead, window;
};

/* The record of a key, or NULL. */
const struct keyrec *keyring_find(const struct tabs *s, const struct hash *key);
/* The public key of a record; false for an id that is no key (never of keyring_add). */
bool keyrec_key(const struct keyrec *k, struct hash *out);
/* Writes a new key: id, by and entry are set from the key and the turn; current at once unless since_entry says
 * KEYREC_PENDING. Nothing is written for a key of zeroes (none given). REFUSED_EXISTS when the key is anybody's,
 * was anybody's, or will be. */
enum refusal keyring_add(struct turn *t, const struct hash *key, const struct keyrec *k);
/* The next key of a holder in order of ids after `after` (NULL: the first), or NULL. */
const struct keyrec *keyring_of(const struct tabs *s, enum key_kind kind, const char *holder, const struct keyrec *after);
/* The key of a holder that was current right after an entry; UINT64_MAX: now. NULL when it had none. */
const struct keyrec *keyring_current(const struct tabs *s, enum key_kind kind, const char *holder, uint64_t entry);

/* Whether a signature by k over an event of that name counts: REFUSED_NOT, or by name REFUSED_CLOCK_SKEW (made after
 * the stamp by more than the bound), REFUSED_SIGNATURE_STALE (before it by more than the window),
 * REFUSED_KEY_COMPROMISED, REFUSED_SIGNER_REVOKED, REFUSED_KEY_RETIRED, REFUSED_KEY_EXPIRED, REFUSED_KEY_EARLY,
 * REFUSED_KEY_SCOPE. why (160 bytes) says it in words. Pure. */
enum refusal keyring_judge(const struct keyrec *k, const char *event, int64_t signed_at, int64_t stamp,
	const struct key_bounds *b, char why[160]);
/* The same for times alone, of any signer. */
enum refusal keyring_judge_time(int64_t signed_at, int64_t stamp, const struct key_bounds *b, char why[160]);
/* Whether a key counts at an instant by what stands in its own record, for what is given to it: settled, begun, not ended, not
 * compromised. */
bool keyrec_counts(const struct keyrec *k, int64_t at);
/* Whether a scope names an event, by its whole name or the words before its point. */
bool keyring_in_scope(const char *scope, const char *event);

/* The natural person behind an operator: `person` of the record, its id when it says none. "" for no operator. */
const char *person_of(const struct tabs *s, const char *operator_id);
/* Where the key of an act or a signature lives; "" unknown. */
const char *keyring_device(const struct tabs *s, const struct hash *key);

#endif
