/* Who may act: parties, people, devices, gateways, and what each has done.
 *
 * Keys are Ed25519 public keys, records of their own (identity/keyring.h). Everything is checked as of the signing time. Source of roles,
 * privileges and the separation-of-duties rules: domain specification §1.1 to §1.3. */
#ifndef WHARF_IDENTITY_REGISTRY_H
#define WHARF_IDENTITY_REGISTRY_H

#include "base/turn.h"

/* Organisations (§1.1). X(constant, code, name) */
#define PARTY_KIND_LIST(X) \
	X(PARTY_CORE, "CORE", "core enterprise") X(PARTY_SUP, "SUP", "supplier") \
	X(PARTY_BOR, "BOR", "borrower") X(PARTY_FND, "FND", "funder") \
	X(PARTY_WHS, "WHS", "warehouse") X(PARTY_INS, "INS", "inspector") \
	X(PARTY_CAR, "CAR", "carrier") X(PARTY_IGU, "IGU", "insurer") X(PARTY_ORA, "ORA", "oracle") \
	X(PARTY_PLT, "PLT", "platform") X(PARTY_REG, "REG", "regulator") X(PARTY_RGY, "RGY", "public registry") \
	X(PARTY_BNK, "BNK", "bank channel")
/* People's roles (§1.2). X(constant, code, title, kind of act it is known for) */
#define ROLE_LIST(X) \
	X(ROLE_NONE, "-", "none") \
	X(ROLE_OPM, "OPM", "operations maker") X(ROLE_OPC, "OPC", "operations checker") \
	X(ROLE_CRO, "CRO", "credit officer") X(ROLE_CRA, "CRA", "credit approver") \
	X(ROLE_RSK, "RSK", "risk officer") X(ROLE_TRM, "TRM", "treasury maker") \
	X(ROLE_TRR, "TRR", "treasury releaser") X(ROLE_CMP, "CMP", "compliance") \
	X(ROLE_SUM, "SUM", "supplier maker") X(ROLE_SUA, "SUA", "supplier authoriser") \
	X(ROLE_COM, "COM", "core clerk") X(ROLE_COA, "COA", "core authoriser") \
	X(ROLE_WHK, "WHK", "warehouse keeper") X(ROLE_WHM, "WHM", "warehouse manager") \
	X(ROLE_INP, "INP", "inspector") X(ROLE_DSP, "DSP", "dispatcher") \
	X(ROLE_MDO, "MDO", "model owner") X(ROLE_MDV, "MDV", "model validator") \
	X(ROLE_ADM, "ADM", "security administrator") X(ROLE_AUD, "AUD", "auditor") \
	X(ROLE_SVC, "SVC", "service")

#define X(c, code, name) c,
enum party_kind { PARTY_KIND_LIST(X) PARTY_KIND_COUNT };
enum role { ROLE_LIST(X) ROLE_COUNT };
#undef X
extern const char *const PARTY_KIND_NAMES[]; /* codes, NULL-terminated */
extern const char *const ROLE_NAMES[];       /* codes, NULL-terminated */
const char *role_title(enum role r);
enum role role_named(struct str code); /* ROLE_NONE when unknown */

extern const char *const PARTY_STATUS_NAMES[]; /* NEW DOCS SCREENED APPROVED REVIEW_DUE BLOCKED */
enum party_status { STATUS_NEW, STATUS_DOCS, STATUS_SCREENED, STATUS_APPROVED, STATUS_REVIEW_DUE, STATUS_BLOCKED,
	PARTY_STATUS_COUNT };

#define PARTY_FIELDS(F) \
	F(TEXT, id, 16, NONE)          /* short code, for example "NOORDZEE" */ \
	F(ENUM, kind, PARTY_KIND_NAMES, NONE) \
	F(TEXT, name, 48, NONE) \
	F(TEXT, short_name, 16, NONE) \
	F(TEXT, group, 16, NONE)       /* ultimate parent; its own id when it has none */ \
	F(TEXT, lei, 24, NONE) \
	F(TEXT, gln, 16, NONE) \
	F(TEXT, bic, 12, NONE) \
	F(TEXT, iban, 36, NONE)        /* settlement account, the only one ever paid */ \
	F(HASH, key, 0, KEY)           /* root key */ \
	F(INT, since, 0, TIME) \
	F(INT, blocked, 0, BOOL)       /* its status is BLOCKED: none of its keys counts */ \
	F(TEXT, device, 32, NONE)      /* where the root key lives; "" unknown */ \
	F(ENUM, status, PARTY_STATUS_NAMES, NONE) /* KYC, domain specification §1.4 */ \
	F(INT, status_until, 0, TIME)  /* of APPROVED */
REC_STRUCT(party, PARTY_FIELDS);
extern const struct rec_type PARTY_REC; /* tag 2 */

#define OPERATOR_FIELDS(F) \
	F(TEXT, id, 24, NONE)          /* "i.vermeer" */ \
	F(TEXT, name, 40, NONE) \
	F(TEXT, party, 16, NONE) \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(HASH, key, 0, KEY) \
	F(INT, ceiling, 0, MONEY)      /* personal authority; 0 none */ \
	F(INT, valid_from, 0, TIME) \
	F(INT, valid_until, 0, TIME) \
	F(INT, revoked_at, 0, TIME)    /* 0: never */ \
	F(TEXT, person, 24, NONE)      /* the natural person; "": its own id. SOD counts persons */ \
	F(TEXT, device, 32, NONE)      /* where the key lives; "" unknown */ \
	F(TEXT, scope, 96, NONE)       /* events that the key may sign, see identity/keyring.h; "" all of the role's */
REC_STRUCT(operator, OPERATOR_FIELDS);
extern const struct rec_type OPERATOR_REC; /* tag 3 */

extern const char *const DEVICE_KIND_NAMES[]; /* temperature humidity shock door position weight camera */
enum device_kind { DEVICE_TEMPERATURE, DEVICE_HUMIDITY, DEVICE_SHOCK, DEVICE_DOOR, DEVICE_POSITION,
	DEVICE_WEIGHT, DEVICE_CAMERA, DEVICE_KIND_COUNT };

#define DEVICE_FIELDS(F) \
	F(TEXT, id, 32, NONE)          /* "RTM/C2-T03": site and label */ \
	F(TEXT, party, 16, NONE) \
	F(TEXT, site, 8, NONE) \
	F(TEXT, gateway, 16, NONE) \
	F(ENUM, kind, DEVICE_KIND_NAMES, NONE) \
	F(TEXT, place, 24, NONE)       /* cell or bay */ \
	F(INT, banded, 0, BOOL)        /* low and high hold */ \
	F(INT, low, 0, MILLI) \
	F(INT, high, 0, MILLI) \
	F(INT, jump, 0, MILLI)         /* largest believable change between readings; 0 any */ \
	F(INT, period, 0, SPAN)        /* expected time between readings */ \
	F(INT, since, 0, TIME) \
	F(INT, valid_from, 0, TIME)    /* of its certificate (calibration, seal); 0: no beginning */ \
	F(INT, valid_until, 0, TIME)   /* its readings count to just before; 0: no end */
REC_STRUCT(device, DEVICE_FIELDS);
extern const struct rec_type DEVICE_REC; /* tag 4 */

#define GATEWAY_FIELDS(F) \
	F(TEXT, id, 16, NONE)          /* "GW-RTM" */ \
	F(TEXT, party, 16, NONE) \
	F(TEXT, site, 8, NONE) \
	F(HASH, key, 0, KEY) \
	F(INT, sequence, 0, COUNT)     /* highest received without a gap below */ \
	F(INT, highest, 0, COUNT)      /* highest received at all */ \
	F(INT, missing, 0, COUNT)      /* numbers between the two that have not come */ \
	F(INT, last_at, 0, TIME)       /* record time of the last batch */ \
	F(INT, last_event, 0, TIME)    /* newest event time in it */ \
	F(INT, cut, 0, BOOL)           /* silent beyond its limit */ \
	F(INT, batches, 0, COUNT) \
	F(INT, late, 0, COUNT)         /* batches that came after a later one or after an outage */ \
	F(INT, valid_from, 0, TIME)    /* of its key; 0: no beginning */ \
	F(INT, valid_until, 0, TIME)   /* 0: no end */
REC_STRUCT(gateway, GATEWAY_FIELDS);
extern const struct rec_type GATEWAY_REC; /* tag 5 */

#define SITE_FIELDS(F) \
	F(TEXT, id, 8, NONE)           /* "RTM" */ \
	F(TEXT, name, 32, NONE)        /* "Rotterdam Waalhaven" */ \
	F(TEXT, short_name, 16, NONE) \
	F(TEXT, party, 16, NONE)       /* the warehouse */ \
	F(TEXT, gln, 16, NONE)
REC_STRUCT(site, SITE_FIELDS);
extern const struct rec_type SITE_REC; /* tag 6 */

/* Whether what somebody of that role (ROLE_NONE: a party's own key) and party reads is written down: an auditor, or whoever of a regulator. */
bool reads_by_entry(const struct tabs *s, enum role role, const char *party);

/* Who did what on an object: the memory behind the separation-of-duties rules.
 * Key "object/%06d". */
#define ACT_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, object, 64, ID)        /* deal, alert, limit, task … */ \
	F(TEXT, operator, 24, NONE) \
	F(TEXT, party, 16, NONE) \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(TEXT, act, 24, NONE)         /* name of the act, see rights.h */ \
	F(TEXT, detail, 64, NONE) \
	F(INT, at, 0, TIME) \
	F(INT, entry, 0, COUNT) \
	F(INT, void_, 0, BOOL)         /* the object changed afterwards: no longer counts (SOD-4) */ \
	F(HASH, key, 0, KEY)           /* that signed it; zeroes for what no signature asked for */ \
	F(INT, flagged, 0, BOOL)       /* done with emergency access (SOD-7) */
REC_STRUCT(act, ACT_FIELDS);
extern const struct rec_type ACT_REC; /* tag 7 */

/* The holder of a key, current or not, by its record (identity/keyring.h); NULL when it is nobody's of that kind.
 * Whether the key counts is another question. */
const struct operator *operator_by_key(const struct tabs *s, const struct hash *key);
const struct gateway *gateway_by_key(const struct tabs *s, const struct hash *key);
const struct party *party_by_key(const struct tabs *s, const struct hash *key);
/* The party of a kind that was registered first, or NULL: who is registered later takes nothing over by the name that it chose. */
const struct party *party_first_of(const struct tabs *s, enum party_kind kind);
/* Group of a party: its own id when it is not registered or says none. */
const char *party_group(const struct tabs *s, const char *party);
/* From valid_from to just before valid_until (0: no end) and revoked_at (0: never). */
bool operator_live_at(const struct operator *o, int64_t instant);

/* Records an act of t's actor on an object (a deal id, an alert id …). */
void act_record(struct turn *t, const char *object, const char *act, const char *detail);
/* True when the operator did `act` (NULL: anything) on the object and it still counts. */
bool act_done_by(const struct tabs *s, const char *object, const char *operator_id, const char *act);
/* Notes that an object concerns a party (supplier, borrower, obligor): nobody of that party's group may
 * check it or lift holds on it (SOD-10), nor may who set the group's limit approve it (SOD-2). Noted as
 * an act ACT_CONCERN without an operator; once is enough, more do nothing. The workflow notes
 * the deal's party and obligor before it opens a task; whoever opens a deal may do so too. */
#define ACT_CONCERN "party"
void act_concern(struct turn *t, const char *object, const char *party);
bool act_is_concern(const struct act *a);
/* The acts on an object, oldest first. */
const struct act *act_first(const struct tabs *s, const char *object);
const struct act *act_next(const struct tabs *s, const struct act *a, const char *object);
#define ACT_FOR(var, tabs_, object_) \
	for (const struct act *var = act_first((tabs_), (object_)); var; \
	     var = act_next((tabs_), var, (object_)))
/* Noted on what the committee endorsed: there its decision stands in place of a personal ceiling (SOD-5). */
#define ACT_COMMITTEE "committee"
/* Voids every approval of an object whose content changed, the committee's too (SOD-4). */
void act_void_approvals(struct turn *t, const char *object);

#endif
