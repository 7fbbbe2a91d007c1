/* Endorsement: who must sign a thing, beyond that its author may say it at all.
 *
 * A policy is one line of text:
 *
 *     [above LIMIT: ]K of WHO[|WHO…][@SLOT][ and K of …][, not affiliated][, distinct devices][, by ACT]
 *
 *     1 of OPC|CRA@funder and 1 of WHM@warehouse, not affiliated
 *     above authority.two: 1 of CHAIR and 2 of MEMBER
 *
 * WHO is a role of people (OPC, CRA … of registry.h), PARTY (the root key of a party), a kind of party (FND, WHS …: the root
 * key of a party of that kind), or CHAIR and MEMBER of the committee that policy names. SLOT says whose: funder, party, obligor,
 * warehouse are those of the deal; others is any party but the one that it is about; any, the default, is anybody. LIMIT is a number
 * of minor units or the name of a policy parameter: the policy asks only when more is at stake. `by ACT` is for what is
 * endorsed by acts on the deal ("call/…"): which act counts.
 *
 * Must remain true: the verdict depends on the set of endorsers, never on their order; each counts in one clause; somebody who is
 * not known or not live spoils the whole, as does one person twice; what is printed parses to the same policy.
 * Source: domain specification §1.3 SOD-4, SOD-5, SOD-9. */
#ifndef WHARF_IDENTITY_ENDORSE_H
#define WHARF_IDENTITY_ENDORSE_H

#include "base/err.h"
#include "identity/keyring.h"

enum { ENDORSE_TEXT_MAX = 192, ENDORSE_CLAUSES_MAX = 6, ENDORSE_NEED_MAX = 16, ENDORSERS_MAX = 32, ENDORSE_MISSING_MAX = 112 };

/* X(constant, name) */
#define ENDORSE_SLOT_LIST(X) \
	X(ENDORSE_ANY, "any") X(ENDORSE_FUNDER, "funder") X(ENDORSE_OF_PARTY, "party") X(ENDORSE_OBLIGOR, "obligor") \
	X(ENDORSE_WAREHOUSE, "warehouse") X(ENDORSE_OTHERS, "others")
#define X(c, name) c,
enum endorse_slot { ENDORSE_SLOT_LIST(X) ENDORSE_SLOT_COUNT };
#undef X

enum endorse_office { ENDORSE_PARTY_KEY = 1, ENDORSE_CHAIR = 2, ENDORSE_MEMBER = 4 };

struct endorse_clause {
	int64_t need;     /* from 1 */
	uint32_t roles;   /* bits of enum role */
	uint32_t kinds;   /* bits of enum party_kind: root keys of such parties */
	uint32_t offices; /* bits of enum endorse_office */
	enum endorse_slot slot;
};

struct endorse_policy {
	char above[48];   /* "" always; else digits or a policy parameter */
	struct endorse_clause clauses[ENDORSE_CLAUSES_MAX];
	size_t count;
	bool unaffiliated, devices;
	char by[24];      /* name of an act, or "" */
};

/* ERR_SYNTAX with what is wrong and at which byte (column); out is then not to be used. Blanks around words are free. */
enum err endorse_parse(struct str text, struct endorse_policy *out, struct fault *fault);
/* The one spelling of a policy, NUL-terminated. Returns out. */
char *endorse_print(const struct endorse_policy *p, char out[ENDORSE_TEXT_MAX]);

/* A statement that something must be endorsed; key "ON/FROM", where ON is the name of an event kind, "message/NAME",
 * "task/NODE" (of a case: its class), "request/PROCESS" or "call/FILE.FUNCTION", and FROM the contract that states it or "policy". */
#define ENDORSE_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, on, 64, NONE) \
	F(TEXT, source, 24, NONE)      /* contract, or "policy" */ \
	F(INT, version, 0, COUNT)      /* of contract or policy */ \
	F(TEXT, text, 192, NONE)       /* as endorse_print writes it */ \
	F(INT, at, 0, TIME)
REC_STRUCT(endorse, ENDORSE_FIELDS);
extern const struct rec_type ENDORSE_REC; /* tag 49 */
#define ENDORSE_BY_POLICY "policy"

/* States one; an empty text takes the statement of that source back. REFUSED_VALUE with the reason for what does not parse or is
 * too long. */
enum refusal endorse_state(struct turn *t, const char *on, const char *source, int64_t version, struct str text);
/* Takes back what a source stated with a version below `version`. */
void endorse_forget(struct turn *t, const char *source, int64_t version);
/* Statements about one thing, in order of sources. */
const struct endorse *endorse_first(const struct tabs *s, const char *on);
const struct endorse *endorse_next(const struct tabs *s, const char *on, const struct endorse *e);

/* Who signed, as far as endorsing asks. */
struct endorser {
	char person[24];  /* the natural person; "" for the key of an organisation */
	char party[16], group[16];
	char device[32];  /* "" unknown: never the same as another */
	int64_t role, kind;
	unsigned offices; /* CHAIR, MEMBER: set by who knows the policy */
	bool known, live;
};

/* What it is about; "" for what there is not. */
struct endorse_about {
	const char *funder, *party, *obligor, *warehouse;
	const char *subject; /* party that @others leaves out */
	bool authored;       /* the first endorser is the author, who cannot be left out; otherwise all are alike */
};

/* Who a key is; known is false for a stranger. Whether it was live is judged by keyring.h: `live` is true until the
 * caller says otherwise. The root of trust counts as one security administrator. */
void endorser_of_key(const struct tabs *s, const struct hash *key, struct endorser *out);
/* Who did an act: live, for it was when it was done. */
void endorser_of_act(const struct tabs *s, const struct act *a, struct endorser *out);
/* Whether two of them are one human, or one organisation's key. */
bool endorser_same(const struct endorser *a, const struct endorser *b);
/* Whether an endorser can count in any clause of a policy. */
bool endorse_asks_for(const struct endorse_policy *p, const struct endorse_about *about, const struct endorser *e);

/* The verdict, in this order: REFUSED_ENDORSER_UNKNOWN, REFUSED_ENDORSER_REVOKED, then among those that the policy asks for
 * REFUSED_ENDORSER_TWICE, REFUSED_ENDORSER_DEVICE and REFUSED_ENDORSER_AFFILIATED (one group twice, or the group of about->party
 * outside @party), then REFUSED_ENDORSEMENTS_FEW with the clauses that lack somebody. `missing` gets the
 * words ("" when nothing lacks). Where affiliates signed too many, a part of them that is free of affiliates and suffices does; the
 * author always belongs to it. Apart from the author's place the order does not matter. At most ENDORSERS_MAX. Pure. */
enum refusal endorse_judge(const struct tabs *s, const struct endorse_policy *p, const struct endorse_about *about,
	const struct endorser *who, size_t count, char missing[ENDORSE_MISSING_MAX]);

#endif
