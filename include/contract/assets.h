/* Assets beside deals: documents of the double-financing registry, bills of lading, certificates, handovers of tokens.
 *
 * Source: domain specification §3.1 (fingerprints), §3.3 (payable tokens), §3.4 (lots), §3.5 (bills, pledges), §8.3 (E18). */
#ifndef WHARF_CONTRACT_ASSETS_H
#define WHARF_CONTRACT_ASSETS_H

#include "contract/state.h"

/* --- the double-financing registry -------------------------------------------------------------------------------- */
extern const char *const DOCUMENT_KIND_NAMES[]; /* INV PO GRN BL WR AWB */
enum document_kind { DOCUMENT_INV, DOCUMENT_PO, DOCUMENT_GRN, DOCUMENT_BL, DOCUMENT_WR, DOCUMENT_AWB, DOCUMENT_KIND_COUNT };

/* A document as the registry knows it; key "INV/<64 hex>": kind and HMAC-SHA-256 of its canonical form
 * KIND|seller|debtor|number|YYYY-MM-DD|CUR|minor units under the consortium's key. Who asks whether something was presented
 * needs no more than the key. States: seen > reserved (until) > financed > discharged, or withdrawn. */
#define DOCUMENT_FIELDS(F) \
	F(TEXT, id, 80, NONE) \
	F(ENUM, kind, DOCUMENT_KIND_NAMES, NONE) \
	F(ENUM, state, CLAIM_STATE_NAMES, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, object, 32, ID)        /* what it is presented for: the deal, or a handover of a token */ \
	F(TEXT, seller, 16, NONE)      /* who issued it */ \
	F(TEXT, debtor, 16, NONE)      /* to whom */ \
	F(TEXT, number, 32, NONE)      /* canonical: upper case, NFKC, A-Z and 0-9 only, no zeros in front */ \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, day, 0, DATE) \
	F(INT, until, 0, TIME)         /* of a reservation */ \
	F(INT, at, 0, TIME)            /* presented */ \
	F(BLOB, goods, 0, NONE)        /* identities of goods behind it, one a line */
REC_STRUCT(document, DOCUMENT_FIELDS);
extern const struct rec_type DOCUMENT_REC; /* tag 68 */

/* Canonical number of a document (domain §3.1) in out (32 bytes); false when nothing is left of it or it is too long. */
bool document_number(struct str text, char out[32]);
/* Key of a document by its fields; seller and debtor by LEI where the register has one. `number` must be canonical. */
void document_key(const struct tabs *s, const struct document *d, char key[80]);
/* The document behind a claim that the registry keeps as an index of it ("of/", "near/", "number/"); NULL when it is gone. */
const struct document *document_of_claim(const struct tabs *s, const struct claim *c);
/* Presents d for d->deal and d->object and reserves it until d->until at all three strengths; d->number canonical, d->goods one
 * identity a line. Fills d->id. Refused: double-financing (exact), near-duplicate (near, or goods of a discharged claim) unless
 * an accepted proof "DEAL/near-hit" is younger than the other, double-pledge (goods that another encumbers). The same document for
 * the same object again is no news. The other deal stands in the refusal's words, `hit` (80 bytes) is the key that was met. */
enum refusal document_reserve(struct turn *t, struct document *d, char hit[80]);
/* All documents of a deal (object "": all of its own; else those of one object) go to a state: reserved again without an end (before
 * money goes out), financed (from reserved), discharged, withdrawn. Idempotent. Refused condition-not-met when they are to be held
 * or financed and nothing is reserved any more. */
enum refusal documents_move(struct turn *t, const char *deal, const char *object, int64_t state);
/* Claims on the goods of a lot of the deal, by its asset key and by every label of a logistic unit (any spelling of an SSCC is one
 * key "asset/SSCC-<18 digits>"), go to a state. Refused double-pledge when another deal has any one of them; `hit` (80 bytes) is
 * its key. What ends is only what is the deal's own. */
enum refusal lot_claim(struct turn *t, const char *deal, const char *lot, int64_t state, char hit[80]);
/* The same question for a document of which only the fingerprint is known ("INV/<64 hex>", the key of document_key): a statement that is
 * sealed for its audience (engine/on_sealed.c) reserves, finances, discharges or withdraws it. It stands in the way of every other deal
 * that is sealed, and of every one in the open (also of the same name: who opens a deal names it), at the exact strength alone; the other
 * two need what the body says and run within an audience. Refused: value-not-allowed for what is no fingerprint or no step from what it
 * was, double-financing, without saying by whom. `hit` (80 bytes) is the key that was met. */
enum refusal claim_sealed(struct turn *t, const char *deal, const char *party, const char *document, int64_t state, char hit[80]);
/* The reservation's time is over: back to seen, unless it went on. */
void document_expire(struct turn *t, const char *key);

/* --- handing tokens on (MT1 to MT5, domain §7.1) ------------------------------------------------------------------- */
extern const char *const HANDOVER_STATE_NAMES[]; /* proposed done refused withdrawn lapsed */
enum handover_state { HANDOVER_PROPOSED, HANDOVER_DONE, HANDOVER_REFUSED, HANDOVER_WITHDRAWN, HANDOVER_LAPSED };
#define HANDOVER_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* HO-… */ \
	F(TEXT, deal, 32, ID)          /* of the root */ \
	F(TEXT, note, 40, ID) \
	F(TEXT, from, 16, NONE) \
	F(TEXT, to, 16, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(ENUM, state, HANDOVER_STATE_NAMES, NONE) \
	F(TEXT, backing, 80, NONE)     /* document between the two */ \
	F(INT, recourse, 0, BOOL) \
	F(INT, at, 0, TIME) \
	F(INT, until, 0, TIME) \
	F(TEXT, proposed_by, 24, NONE) \
	F(TEXT, accepted_by, 24, NONE) \
	F(TEXT, made, 40, ID)          /* the note that the transferee got */
REC_STRUCT(handover, HANDOVER_FIELDS);
extern const struct rec_type HANDOVER_REC; /* tag 69 */

/* --- bills of lading ------------------------------------------------------------------------------------------------ */
extern const char *const BILL_STATE_NAMES[]; /* issued endorsed pledged surrendered accomplished switched */
enum bill_state { BILL_ISSUED, BILL_ENDORSED, BILL_PLEDGED, BILL_SURRENDERED, BILL_ACCOMPLISHED, BILL_SWITCHED };
#define BILL_FIELDS(F) \
	F(TEXT, id, 48, NONE)          /* "CARRIER/NUMBER": one original set */ \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, BILL_STATE_NAMES, NONE) \
	F(TEXT, carrier, 16, NONE) \
	F(TEXT, shipper, 16, NONE) \
	F(TEXT, holder, 16, NONE)      /* who controls it */ \
	F(TEXT, pledgee, 16, NONE) \
	F(TEXT, vessel, 24, NONE) \
	F(TEXT, container, 16, NONE) \
	F(TEXT, seal, 16, NONE) \
	F(TEXT, commodity, 24, NONE) \
	F(TEXT, unit, 8, NONE) \
	F(INT, quantity, 0, MILLI) \
	F(INT, loaded_day, 0, DATE) \
	F(INT, endorsements, 0, COUNT) \
	F(TEXT, chain, 160, NONE)      /* holders from the shipper on, "/" between */ \
	F(TEXT, replaces, 48, NONE)    /* the bill that it was switched from */ \
	F(TEXT, receipt, 32, ID)       /* warehouse receipt that took its place */ \
	F(INT, at, 0, TIME)
REC_STRUCT(bill, BILL_FIELDS);
extern const struct rec_type BILL_REC; /* tag 54 */

/* --- certificates --------------------------------------------------------------------------------------------------- */
extern const char *const CERT_KIND_NAMES[]; /* quality accreditation insurance licence */
enum cert_kind { CERT_QUALITY, CERT_ACCREDITATION, CERT_INSURANCE, CERT_LICENCE, CERT_KIND_COUNT };
extern const char *const CERT_STATE_NAMES[]; /* valid expired withdrawn renewed */
enum cert_state { CERT_VALID, CERT_EXPIRED, CERT_WITHDRAWN, CERT_RENEWED };
/* Of a lot (quality, insurance) or a party (accreditation of an inspector, licence of a warehouse); key kind/subject/number. */
#define CERT_FIELDS(F) \
	F(TEXT, id, 88, NONE) \
	F(ENUM, kind, CERT_KIND_NAMES, NONE) \
	F(TEXT, subject, 32, ID) \
	F(TEXT, number, 32, NONE) \
	F(ENUM, state, CERT_STATE_NAMES, NONE) \
	F(TEXT, issuer, 16, NONE)      /* party */ \
	F(TEXT, signer, 24, NONE) \
	F(INT, signed_at, 0, TIME) \
	F(INT, from, 0, TIME) \
	F(INT, until, 0, TIME) \
	F(INT, withdrawn_from, 0, TIME) \
	F(TEXT, reason, 64, NONE) \
	F(TEXT, grade, 8, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY)       /* sum insured */ \
	F(TEXT, renews, 32, NONE)      /* number of the one before */ \
	F(HASH, digest, 0, NONE)       /* of the document */
REC_STRUCT(cert, CERT_FIELDS);
extern const struct rec_type CERT_REC; /* tag 55 */

/* What the register says of a subject: none when nothing of that kind was ever registered, valid when one counts at the instant,
 * fallen when there were some and none counts. A quality certificate also falls when its issuer's accreditation does. */
enum cert_standing { CERT_NONE, CERT_COUNTS, CERT_FALLEN };
enum cert_standing cert_standing(const struct tabs *s, enum cert_kind kind, const char *subject, int64_t at);
/* Puts a new certificate (id, state, signer and times of signing are filled here); one that it renews ends. Refused: exists-already,
 * value-not-allowed, certificate when the issuer may not say it. Signals "cert-until" to whoever keeps timers. */
enum refusal cert_put(struct turn *t, const struct cert *c);
/* From an instant on it does not count, and never counted for what was signed after it. Refused: asset-unknown, value-not-allowed
 * when it is over already. */
enum refusal cert_withdraw(struct turn *t, const char *id, int64_t from, const char *reason);
void cert_expire(struct turn *t, const char *id);

/* --- warehouse receipts --------------------------------------------------------------------------------------------- */
/* UCC 7-202(b): the first of the nine particulars that a receipt lacks, or NULL; without all of them it is no collateral. */
const char *receipt_lacks(const struct tabs *s, const struct receipt *r);
/* Whether a lot, or goods that were merged into it, are frozen. */
bool lot_frozen(const struct tabs *s, const struct lot *l);

/* Whole state, for simulations: tokens (sums per root, tree, path, tiers), bills, lots by share, documents. See assets_hold. */
bool assets_tokens_hold(const struct tabs *s, char why[240]);
bool assets_documents_hold(const struct tabs *s, char why[240]);
bool assets_lots_hold(const struct tabs *s, char why[240]);

#endif
