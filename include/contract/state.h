/* The business objects that contracts read and change.
 *
 * Contracts own the deal's state: only contract_apply (contract/call.h) writes these records, after
 * checking every transition against the tables of contract/lifecycle.h and every invariant of
 * domain specification §3. Amounts are minor units of the deal's currency, quantities thousandths of
 * the unit, ratios basis points, rates parts per million a year. */
#ifndef WHARF_CONTRACT_STATE_H
#define WHARF_CONTRACT_STATE_H

#include "base/turn.h"

/* States of both templates (domain §7.1, §7.2). X(constant, name, words) */
#define DEAL_STATE_LIST(X) \
	X(DEAL_NONE, "NONE", "none") X(DEAL_DRAFT, "DRAFT", "draft") X(DEAL_SUBMITTED, "SUBMITTED", "submitted") \
	X(DEAL_DOCS_OK, "DOCS_OK", "documents hold") X(DEAL_UNIQUE, "UNIQUE", "unique") \
	X(DEAL_CONFIRM_WAIT, "CONFIRM_WAIT", "waits for the debtor") X(DEAL_CONFIRMED, "CONFIRMED", "debt confirmed") \
	X(DEAL_SCORED, "SCORED", "scored") X(DEAL_OFFERED, "OFFERED", "offered") X(DEAL_MATCHED, "MATCHED", "matched") \
	X(DEAL_ACCEPTED, "ACCEPTED", "price accepted") X(DEAL_APPROVED, "APPROVED", "approved") \
	X(DEAL_ASSIGNED, "ASSIGNED", "assigned") X(DEAL_DISBURSING, "DISBURSING", "paying out") \
	X(DEAL_FUNDED, "FUNDED", "funded") X(DEAL_COLLECTING, "COLLECTING", "collecting") \
	X(DEAL_SETTLED, "SETTLED", "settled") X(DEAL_PART_COLLECTED, "PART_COLLECTED", "part collected") \
	X(DEAL_OVERDUE, "OVERDUE", "overdue") X(DEAL_DEFAULTED, "DEFAULTED", "defaulted") \
	X(DEAL_REJECTED, "REJECTED", "rejected") X(DEAL_CANCELLED, "CANCELLED", "cancelled") \
	X(DEAL_REVERSED, "REVERSED", "reversed") \
	X(DEAL_APPLIED, "APPLIED", "applied") X(DEAL_PRE_LIMIT, "PRE_LIMIT", "limit set aside") \
	X(DEAL_INBOUND, "INBOUND", "goods inbound") X(DEAL_ARRIVED, "ARRIVED", "goods arrived") \
	X(DEAL_COUNTED, "COUNTED", "goods counted") X(DEAL_INSPECTED, "INSPECTED", "goods inspected") \
	X(DEAL_LOT_CONFIRMED, "LOT_CONFIRMED", "lot confirmed") X(DEAL_RECEIPT, "RECEIPT", "receipt issued") \
	X(DEAL_PLEDGED, "PLEDGED", "pledged") X(DEAL_VALUED, "VALUED", "valued") X(DEAL_CP_MET, "CP_MET", "conditions met") \
	X(DEAL_MARGIN_CALL, "MARGIN_CALL", "margin called") X(DEAL_RELEASING, "RELEASING", "releasing goods") \
	X(DEAL_PART_RELEASED, "PART_RELEASED", "part released") X(DEAL_REPAID, "REPAID", "repaid") \
	X(DEAL_CLOSED, "CLOSED", "closed") X(DEAL_ENFORCING, "ENFORCING", "enforcing") \
	X(DEAL_LIQUIDATED, "LIQUIDATED", "liquidated") X(DEAL_PAY_RETURNED, "PAY_RETURNED", "payment returned")
#define X(c, n, w) c,
enum deal_state { DEAL_STATE_LIST(X) DEAL_STATE_COUNT };
#undef X
extern const char *const DEAL_STATE_NAMES[];
const char *deal_state_words(int64_t state);
bool deal_state_final(int64_t state); /* SETTLED, CLOSED, REJECTED, CANCELLED, REVERSED … */
bool deal_state_paid(int64_t state);  /* money is out: funded and neither settled nor returned */
bool deal_state_funded(int64_t state); /* the payment was executed and stands, settled since or not (CT-6) */

extern const char *const DEAL_KIND_NAMES[]; /* "receivables", "inventory-pledge" */
enum deal_kind { DEAL_RECEIVABLES, DEAL_PLEDGE };
extern const char *const ZONE_NAMES[]; /* normal warning margin-call liquidation */
enum zone { ZONE_NORMAL, ZONE_WARNING, ZONE_CALL, ZONE_LIQUIDATION };

#define DEAL_FIELDS(F) \
	F(TEXT, id, 32, ID) \
	F(ENUM, kind, DEAL_KIND_NAMES, NONE) \
	F(ENUM, state, DEAL_STATE_NAMES, NONE) \
	F(INT, level, 0, COUNT)        /* response level in force, 0 to 5: written by risk only */ \
	F(TEXT, funder, 16, NONE) \
	F(TEXT, party, 16, NONE)       /* supplier or borrower */ \
	F(TEXT, obligor, 16, NONE)     /* who pays in the end: core enterprise, or the borrower */ \
	F(TEXT, warehouse, 16, NONE) \
	F(TEXT, site, 8, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY)       /* asked for; face of a receivable */ \
	F(INT, discount, 0, MONEY) \
	F(INT, fee, 0, MONEY) \
	F(INT, payout, 0, MONEY)       /* amount less discount and fee */ \
	F(INT, principal, 0, MONEY)    /* outstanding: loan principal or face */ \
	F(INT, accrued, 0, MONEY)      /* interest accrued and unpaid (loans) */ \
	F(INT, earned, 0, MONEY)       /* discount and fee earned so far (purchases) */ \
	F(INT, collected, 0, MONEY) \
	F(INT, rate, 0, PPM) \
	F(INT, start_day, 0, DATE) \
	F(INT, due_day, 0, DATE) \
	F(INT, days, 0, COUNT)         /* tenor */ \
	F(INT, accrued_to, 0, DATE) \
	F(INT, score, 0, COUNT) \
	F(INT, grade, 0, COUNT) \
	F(TEXT, commodity, 24, NONE) \
	F(INT, quantity, 0, MILLI)     /* advised or pledged, in the commodity's unit */ \
	F(TEXT, unit, 8, NONE) \
	F(TEXT, lot, 32, ID) \
	F(TEXT, receipt, 32, ID) \
	F(TEXT, pledge, 32, ID) \
	F(TEXT, invoice, 32, ID) \
	F(TEXT, payment, 40, ID)       /* EndToEndId of the last payment */ \
	F(INT, ev, 0, MONEY)           /* eligible value of the collateral */ \
	F(INT, ltv, 0, BP)             /* written by risk */ \
	F(ENUM, zone, ZONE_NAMES, NONE) \
	F(INT, margin_due, 0, MONEY)   /* open call, frozen when called */ \
	F(INT, margin_until, 0, TIME) \
	F(INT, margin_held, 0, MONEY)  /* cash margin (2010) */ \
	F(TEXT, instance, 32, ID)      /* process instance */ \
	F(TEXT, payee, 36, NONE)       /* account of the party register, copied at approval */ \
	F(INT, opened_at, 0, TIME) \
	F(INT, funded_at, 0, TIME) \
	F(INT, closed_at, 0, TIME) \
	F(TEXT, maker, 24, NONE)       /* operator who opened it */ \
	F(TEXT, reason, 48, NONE)      /* why rejected, cancelled, reversed */ \
	F(INT, version, 0, COUNT)      /* grows with every change: approvals name it (SOD-4) */
REC_STRUCT(deal, DEAL_FIELDS);
extern const struct rec_type DEAL_REC; /* tag 18 */

extern const char *const INVOICE_STATE_NAMES[]; /* open matched confirmed financed disputed redeemed cancelled */
enum invoice_state { INVOICE_OPEN, INVOICE_MATCHED, INVOICE_CONFIRMED, INVOICE_FINANCED, INVOICE_DISPUTED,
	INVOICE_REDEEMED, INVOICE_CANCELLED, INVOICE_STATE_COUNT };
#define INVOICE_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* RV-… */ \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, INVOICE_STATE_NAMES, NONE) \
	F(TEXT, seller, 16, NONE) \
	F(TEXT, debtor, 16, NONE) \
	F(TEXT, number, 32, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, issue_day, 0, DATE) \
	F(INT, due_day, 0, DATE) \
	F(TEXT, order_number, 32, NONE) \
	F(TEXT, grn_number, 32, NONE)  /* goods receipt note; "" when missing */ \
	F(INT, grn_day, 0, DATE) \
	F(INT, order_quantity, 0, MILLI) \
	F(INT, grn_quantity, 0, MILLI) \
	F(INT, invoice_quantity, 0, MILLI) \
	F(INT, order_price, 0, MONEY) \
	F(INT, invoice_price, 0, MONEY) \
	F(INT, confirmed, 0, MONEY)    /* what the debtor signed */ \
	F(TEXT, confirmed_by, 24, NONE) \
	F(HASH, fingerprint, 0, NONE) \
	F(INT, credited, 0, MONEY)     /* credit notes against it */ \
	F(INT, financed, 0, MONEY) \
	F(TEXT, assignee, 16, NONE)    /* whom it is assigned to; one at a time */ \
	F(INT, services, 0, BOOL)      /* no goods: it may be older than the proof of delivery */ \
	F(BLOB, lines, 0, NONE)        /* per line: item|ordered|received|invoiced|price ordered|price invoiced */
REC_STRUCT(invoice, INVOICE_FIELDS);
extern const struct rec_type INVOICE_REC; /* tag 19 */

/* Double-financing registry; key "exact/<KIND>/<hex>" (said sealed, contract/assets.h) or "asset/<id>" or "near/<seller>/<debtor>/<number>". */
extern const char *const CLAIM_STATE_NAMES[]; /* seen reserved financed discharged withdrawn */
enum claim_state { CLAIM_SEEN, CLAIM_RESERVED, CLAIM_FINANCED, CLAIM_DISCHARGED, CLAIM_WITHDRAWN, CLAIM_STATE_COUNT };
#define CLAIM_FIELDS(F) \
	F(TEXT, id, 80, NONE) \
	F(ENUM, state, CLAIM_STATE_NAMES, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, party, 16, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, day, 0, DATE) \
	F(INT, at, 0, TIME)
REC_STRUCT(claim, CLAIM_FIELDS);
extern const struct rec_type CLAIM_REC; /* tag 20 */

extern const char *const NOTE_STATE_NAMES[]; /* live locked consumed frozen redeemed cancelled */
enum note_state { NOTE_LIVE, NOTE_LOCKED, NOTE_CONSUMED, NOTE_FROZEN, NOTE_REDEEMED, NOTE_CANCELLED, NOTE_STATE_COUNT };
/* Electronic payable token note (§3.3). */
#define TOKEN_FIELDS(F) \
	F(TEXT, id, 40, ID)            /* TN-…; below a root: ROOT/0001 */ \
	F(TEXT, root, 32, ID) \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, NOTE_STATE_NAMES, NONE) \
	F(TEXT, obligor, 16, NONE) \
	F(TEXT, holder, 16, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, maturity, 0, DATE) \
	F(INT, tier, 0, COUNT) \
	F(TEXT, parent, 40, ID)        /* the note that was consumed for it; "" a root */ \
	F(TEXT, path, 128, NONE)       /* obligor and holders down to this one, "/" between */ \
	F(TEXT, backing, 80, NONE)     /* document of the trade behind a transfer */ \
	F(INT, recourse, 0, BOOL) \
	F(INT, paid, 0, MONEY)         /* of a collection that fell short */ \
	F(TEXT, lien, 32, ID)          /* what a locked note is locked for: a handover, or a deal that finances it */
REC_STRUCT(token_note, TOKEN_FIELDS);
extern const struct rec_type TOKEN_NOTE_REC; /* tag 21 */

/* A lot of goods in a warehouse. */
#define LOT_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* LT-… */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, owner, 16, NONE) \
	F(TEXT, warehouse, 16, NONE) \
	F(TEXT, site, 8, NONE) \
	F(TEXT, place, 24, NONE) \
	F(TEXT, commodity, 24, NONE) \
	F(TEXT, unit, 8, NONE) \
	F(INT, advised, 0, MILLI) \
	F(INT, counted, 0, MILLI)      /* last confirmed quantity */ \
	F(INT, packages, 0, COUNT) \
	F(INT, packages_counted, 0, COUNT) \
	F(INT, counted_at, 0, TIME) \
	F(TEXT, counted_by, 24, NONE) \
	F(TEXT, certificate, 32, NONE) \
	F(TEXT, grade, 8, NONE) \
	F(INT, quality, 0, BP)         /* discount for quality */ \
	F(INT, cut, 0, BP)             /* value cut by sensors or staleness */ \
	F(INT, insured_until, 0, DATE) \
	F(INT, level, 0, COUNT)        /* 4 when frozen: written by risk */ \
	F(TEXT, asset_key, 40, NONE)   /* identity of the goods: container, SSCC or bin */ \
	F(BLOB, labels, 0, NONE)       /* SSCCs, one a line */ \
	F(TEXT, pool, 32, ID)          /* commingled: the heap of which this is a share; "" goods of their own */ \
	F(INT, share, 0, PPM)          /* of the heap */
REC_STRUCT(lot, LOT_FIELDS);
extern const struct rec_type LOT_REC; /* tag 22 */

extern const char *const RECEIPT_STATE_NAMES[]; /* draft issued pledged part-released released delivered cancelled liquidated replaced */
enum receipt_state { RECEIPT_DRAFT, RECEIPT_ISSUED, RECEIPT_PLEDGED, RECEIPT_PART_RELEASED, RECEIPT_RELEASED,
	RECEIPT_DELIVERED, RECEIPT_CANCELLED, RECEIPT_LIQUIDATED, RECEIPT_REPLACED, RECEIPT_STATE_COUNT };
bool receipt_state_live(int64_t state); /* issued, pledged, part-released: goods stand behind it */
#define RECEIPT_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* WR-… */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, lot, 32, ID) \
	F(ENUM, state, RECEIPT_STATE_NAMES, NONE) \
	F(TEXT, warehouse, 16, NONE) \
	F(TEXT, controller, 16, NONE) \
	F(INT, quantity, 0, MILLI) \
	F(INT, issued_at, 0, TIME) \
	F(TEXT, signed_by, 24, NONE) \
	F(TEXT, deliver_to, 16, NONE)  /* the particulars of UCC 7-202(b); "none" is a statement, "" is none */ \
	F(TEXT, description, 48, NONE) \
	F(TEXT, charges, 24, NONE) \
	F(TEXT, interest, 24, NONE)    /* of the warehouse in the goods */ \
	F(TEXT, liens, 24, NONE)       /* advances made and liens claimed */ \
	F(TEXT, replaces, 32, ID)      /* receipt or bill that it took the place of */ \
	F(TEXT, into, 32, ID)          /* receipt that it was merged into; what was split is named by its parts */
REC_STRUCT(receipt, RECEIPT_FIELDS);
extern const struct rec_type RECEIPT_REC; /* tag 23 */

extern const char *const PLEDGE_STATE_NAMES[]; /* proposed bailee-ack registered perfected part-released released enforced discharged */
enum pledge_state { PLEDGE_PROPOSED, PLEDGE_BAILEE_ACK, PLEDGE_REGISTERED, PLEDGE_PERFECTED, PLEDGE_PART_RELEASED,
	PLEDGE_RELEASED, PLEDGE_ENFORCED, PLEDGE_DISCHARGED, PLEDGE_STATE_COUNT };
#define PLEDGE_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* PL-… */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, receipt, 32, ID) \
	F(TEXT, lot, 32, ID) \
	F(TEXT, pledgee, 16, NONE) \
	F(ENUM, state, PLEDGE_STATE_NAMES, NONE) \
	F(TEXT, registry_number, 24, NONE) \
	F(INT, filed_at, 0, TIME) \
	F(INT, searched_at, 0, TIME) \
	F(INT, perfected_at, 0, TIME)
REC_STRUCT(pledge, PLEDGE_FIELDS);
extern const struct rec_type PLEDGE_REC; /* tag 24 */

/* Limit of a group at a funder; key "NOORDZEE/HALVORSEN". */
#define LIMIT_FIELDS(F) \
	F(TEXT, id, 40, NONE) \
	F(TEXT, funder, 16, NONE) \
	F(TEXT, group, 16, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, used, 0, MONEY) \
	F(INT, reserved, 0, MONEY) \
	F(TEXT, set_by, 24, NONE)
REC_STRUCT(limit, LIMIT_FIELDS);
extern const struct rec_type LIMIT_REC; /* tag 25 */

/* A condition precedent or piece of evidence of a deal; key "deal/item". */
extern const char *const PROOF_STATE_NAMES[]; /* asked present accepted expired refused */
enum proof_state { PROOF_ASKED, PROOF_PRESENT, PROOF_ACCEPTED, PROOF_EXPIRED, PROOF_REFUSED, PROOF_STATE_COUNT };
#define PROOF_FIELDS(F) \
	F(TEXT, id, 64, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, item, 24, NONE)        /* "grn", "insurance", "count", "certificate", "bailee-ack" … */ \
	F(ENUM, state, PROOF_STATE_NAMES, NONE) \
	F(TEXT, source, 24, NONE) \
	F(INT, at, 0, TIME) \
	F(INT, valid_until, 0, TIME) \
	F(HASH, digest, 0, NONE)
REC_STRUCT(proof, PROOF_FIELDS);
extern const struct rec_type PROOF_REC; /* tag 26 */

extern const char *const PAYMENT_STATE_NAMES[]; /* built released executed returned rejected cancelled */
enum payment_state { PAYMENT_BUILT, PAYMENT_RELEASED, PAYMENT_EXECUTED, PAYMENT_RETURNED, PAYMENT_REJECTED,
	PAYMENT_CANCELLED, PAYMENT_STATE_COUNT };
#define PAYMENT_FIELDS(F) \
	F(TEXT, id, 40, ID)            /* EndToEndId: PY-… */ \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, PAYMENT_STATE_NAMES, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(TEXT, account, 36, NONE) \
	F(TEXT, payee, 48, NONE) \
	F(TEXT, built_by, 24, NONE) \
	F(TEXT, released_by, 24, NONE) \
	F(INT, at, 0, TIME) \
	F(TEXT, code, 8, NONE)         /* ISO 20022 reason when returned: AC04 … */
REC_STRUCT(payment, PAYMENT_FIELDS);
extern const struct rec_type PAYMENT_REC; /* tag 27 */

/* Standing quote of a funder for bilateral matching; key "NOORDZEE/HALVORSEN" (funder/obligor). */
#define OFFER_FIELDS(F) \
	F(TEXT, id, 40, NONE) \
	F(TEXT, funder, 16, NONE) \
	F(TEXT, obligor, 16, NONE) \
	F(INT, rate, 0, PPM) \
	F(INT, most, 0, MONEY) \
	F(INT, days_max, 0, COUNT) \
	F(INT, until, 0, TIME)
REC_STRUCT(offer, OFFER_FIELDS);
extern const struct rec_type OFFER_REC; /* tag 28 */

/* A deployed contract; key its name ("receivables"). */
#define CODE_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(INT, version, 0, COUNT) \
	F(HASH, digest, 0, NONE) \
	F(INT, at, 0, TIME) \
	F(BLOB, source, 0, NONE)
REC_STRUCT(code, CODE_FIELDS);
extern const struct rec_type CODE_REC; /* tag 29 */

/* A policy parameter in force; key its name, for example "ltv.warning_bp". Integers only; texts in
 * `text`. Written by policy events. */
#define PARAM_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(INT, value, 0, NONE) \
	F(TEXT, text, 64, NONE) \
	F(INT, policy, 0, COUNT)       /* policy version that set it */
REC_STRUCT(param, PARAM_FIELDS);
extern const struct rec_type PARAM_REC; /* tag 30 */

/* Value of a parameter, or `absent`. */
int64_t policy_int(const struct tabs *s, const char *name, int64_t absent);
/* The bank that keeps a book's account: the party that policy "bank.party.BOOK" names, else the bank that was registered first.
 * What another bank says of that book's money is not heard. NULL when there is none. */
struct party;
const struct party *bank_of(const struct tabs *s, const char *book);

/* Whether a journal of that event holds money in suspense (1150), where it has a time: a receipt or a debit that nobody could place. */
bool event_suspends(const char *event);

/* Score of a deal with its reasons; key deal id. */
#define SCORE_FIELDS(F) \
	F(TEXT, id, 32, ID) \
	F(INT, points, 0, COUNT) \
	F(INT, grade, 0, COUNT) \
	F(TEXT, reasons, 96, NONE)     /* up to four reason codes, largest adverse contribution first */ \
	F(INT, card, 0, COUNT)         /* policy version of the card */ \
	F(INT, at, 0, TIME)
REC_STRUCT(score, SCORE_FIELDS);
extern const struct rec_type SCORE_REC; /* tag 31 */

/* Facts about a party that the scorecard reads; key party id. */
#define PROFILE_FIELDS(F) \
	F(TEXT, id, 16, NONE) \
	F(INT, late_days, 0, COUNT)    /* mean days beyond terms, 3 months */ \
	F(INT, late_slope, 0, COUNT) \
	F(INT, dilution, 0, BP) \
	F(INT, relation_months, 0, COUNT) \
	F(INT, concentration, 0, BP) \
	F(INT, utilisation, 0, BP) \
	F(INT, leverage, 0, BP) \
	F(INT, complete, 0, BP)        /* share of features present */
REC_STRUCT(profile, PROFILE_FIELDS);
extern const struct rec_type PROFILE_REC; /* tag 32 */

#endif
