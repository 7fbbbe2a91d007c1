/* What each role may do: one table of acts against roles, and the separation-of-duties rules that
 * are checked when an event is applied, whatever screen or command sent it.
 *
 * Source: domain specification §1.2 privilege matrix and §1.3 SOD-1 to SOD-10. */
#ifndef WHARF_IDENTITY_RIGHTS_H
#define WHARF_IDENTITY_RIGHTS_H

#include "identity/registry.h"

/* X(constant, name, what it is in words, roles that may (bits), flags)
 * MAKE: prepares an object others check. CHECK: refuses whoever made or touched it.
 * LIFT: refuses whoever raised it and the deal's maker. */
#define MAY(role) (1u << ROLE_##role)
#define ACT_LIST(X) \
	X(ACT_OPEN, "open", "open a request", MAY(OPM) | MAY(SUA) | MAY(SUM), ACT_MAKE) \
	X(ACT_APPROVE, "approve", "approve an outflow", MAY(OPC) | MAY(CRA), ACT_CHECK | ACT_AUTHORITY) \
	X(ACT_CLEAR, "clear", "clear a near hit or accept a substitute", MAY(OPC), ACT_CHECK) \
	X(ACT_RETURN, "return", "return for correction", MAY(OPC) | MAY(CRA) | MAY(TRR) | MAY(WHM), 0) \
	X(ACT_REJECT, "reject", "reject", MAY(OPC) | MAY(CRA) | MAY(TRR), ACT_CHECK) \
	X(ACT_CONFIRM_DEBT, "confirm-debt", "confirm a debt", MAY(COA), 0) \
	X(ACT_RECEIPT, "receipt", "confirm a receipt", MAY(WHM) | MAY(WHK), 0) \
	X(ACT_COUNT, "count", "count goods", MAY(WHM) | MAY(WHK) | MAY(INP), 0) \
	X(ACT_CERTIFY, "certify", "sign a certificate", MAY(INP), 0) \
	X(ACT_RELEASE_PAYMENT, "release-payment", "release a payment", MAY(TRR), ACT_CHECK) \
	X(ACT_BUILD_PAYMENT, "build-payment", "build a payment", MAY(TRM) | MAY(SVC), ACT_MAKE) \
	X(ACT_RELEASE_GOODS, "release-goods", "release collateral", MAY(OPC) | MAY(WHM), ACT_CHECK) \
	X(ACT_SUSPEND, "suspend", "suspend a deal", MAY(RSK) | MAY(CMP) | MAY(SVC), 0) \
	X(ACT_FREEZE, "freeze", "freeze an asset", MAY(RSK) | MAY(CMP) | MAY(SVC), 0) \
	X(ACT_LIFT, "lift", "lift a suspension or freeze", MAY(RSK) | MAY(CRA) | MAY(CMP), ACT_LIFTS) \
	X(ACT_CALL_MARGIN, "call-margin", "call margin", MAY(RSK), 0) \
	X(ACT_COMPENSATE, "compensate", "order a compensation", MAY(RSK) | MAY(CMP), 0) \
	X(ACT_ENFORCE, "enforce", "enforce a pledge", MAY(CRA) | MAY(RSK), ACT_CHECK) \
	X(ACT_CASE, "case", "work on a case", MAY(RSK) | MAY(OPC) | MAY(OPM) | MAY(CMP) | MAY(TRM) \
		| MAY(TRR) | MAY(CRA) | MAY(WHM) | MAY(WHK), 0) \
	X(ACT_RAISE, "raise", "raise an alert", MAY(RSK) | MAY(CMP) | MAY(OPC) | MAY(WHM), 0) \
	X(ACT_LIMIT, "limit", "set a limit", MAY(CRO) | MAY(CRA), 0) \
	X(ACT_DEPLOY, "deploy", "deploy a process or contract", MAY(ADM) | MAY(SVC), 0) \
	X(ACT_POLICY, "policy", "set the policy", MAY(ADM) | MAY(CRO) | MAY(CRA), 0) \
	X(ACT_CERTIFY_KEY, "certify-key", "register parties, people, devices", MAY(ADM), 0) \
	X(ACT_VERIFY, "verify", "verify a decision", MAY(AUD) | MAY(RSK) | MAY(OPC) | MAY(CRA) \
		| MAY(CMP) | MAY(TRR) | MAY(TRM) | MAY(CRO) | MAY(OPM) | MAY(WHM), 0) \
	X(ACT_CLAIM, "claim", "claim a task", ~MAY(AUD), 0)

enum act_flag { ACT_MAKE = 1, ACT_CHECK = 2, ACT_LIFTS = 4, ACT_AUTHORITY = 8 };
#define X(c, name, words, roles, flags) c,
enum act_kind { ACT_LIST(X) ACT_KIND_COUNT };
#undef X

/* Emergency access: two persons give somebody a role for an hour; all that is done with it is flagged (SOD-7). */
#define EMERGENCY_FIELDS(F) \
	F(TEXT, id, 24, NONE)          /* operator */ \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(INT, until, 0, TIME) \
	F(TEXT, reason, 64, NONE) \
	F(INT, entry, 0, COUNT)
REC_STRUCT(emergency, EMERGENCY_FIELDS);
extern const struct rec_type EMERGENCY_REC; /* tag 62 */
/* The role that counts: of the emergency access while it lasts, else the certified one. ROLE_NONE for nobody. */
enum role operator_role_at(const struct tabs *s, const char *operator_id, int64_t at);
/* Whether a role checks or lifts anything: its grant takes two administrators (SOD-8). An administrator's does too. */
bool role_approves(enum role r);

const char *act_name(enum act_kind a);
const char *act_words(enum act_kind a);
enum act_kind act_named(struct str name); /* ACT_KIND_COUNT when unknown */
bool act_allowed_to(enum act_kind a, enum role r); /* the table alone */

/* The rules, and what they look at. A person is every operator record with the same `person`, the same key (SOD-9) or
 * the same name at the same party (role switches, deputies).
 *  SOD-1  maker, checker and releaser of an object are three persons: acts with ACT_MAKE, with
 *         ACT_CHECK, and release-payment; a second approval that stands needs another person. An act of the
 *         same duty may follow (clear a near hit, later approve). Acts recorded with the detail
 *         "return" or "reject" are no approvals. What was voided binds for 24 hours more: a person who
 *         approved the version before does not become maker or releaser of this one the same day.
 *  SOD-2  who did "limit" on the object "limit/<group>" does not approve what concerns the group.
 *  SOD-3  who did "suspend", "freeze" or "raise" since the last "lift", who is `made_by`, and who made
 *         the deal, does not lift.
 *  SOD-6  a service prepares and stops; whatever checks, lifts or needs authority is a person's, whatever the
 *         table says.
 *  SOD-7  emergency access (EMERGENCY_REC) lends a role, not a second person: every other rule holds, and what
 *         is done with it is flagged.
 *  SOD-9  a key that lives on the device of an earlier signature of another duty, or of an approval that
 *         stands, is no second one.
 *  SOD-10 who belongs to the group of a party that the object concerns (act_concern) neither
 *         checks nor lifts.
 * Personal ceiling: above it a credit approver is refused; an operations checker may still give the
 * first signature, for the process then asks a second one (SOD-5). */

/* Whether t's actor may do `a` on the object (deal, alert, task …) for `amount` minor units (0 when
 * money does not matter): live key, role, personal ceiling (ACT_AUTHORITY), SOD-1/2/3/9/10.
 * `made_by` tells who raised or made it ("" unknown). REFUSED_NOT when he may. Does not record. */
enum refusal rights_check(struct turn *t, enum act_kind a, const char *object, int64_t amount,
	const char *made_by);

/* Whether somebody may sign an approval of the object beside its author: whoever set a limit that it draws on, or belongs to the group of a
 * party that it concerns, may not (SOD-2, SOD-10). Roles are the endorsement policy's question. Pure; why 160 bytes. */
enum refusal rights_endorse(const struct tabs *s, const char *operator_id, const char *object, char why[160]);

/* The same for a named operator, for screens that show keys that are off; the reason in why (may be
 * NULL, 160 bytes). Pure. */
enum refusal rights_ask(const struct tabs *s, const char *operator_id, int64_t at, enum act_kind a,
	const char *object, int64_t amount, const char *made_by, char why[160]);


#endif
