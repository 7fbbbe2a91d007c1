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
#define R(r) (1u << (r))
#define ACT_LIST(X) \
	X(ACT_OPEN, "open", "open a request", R(ROLE_OPM) | R(ROLE_SUA) | R(ROLE_SUM), ACT_MAKE) \
	X(ACT_APPROVE, "approve", "approve an outflow", R(ROLE_OPC) | R(ROLE_CRA), ACT_CHECK | ACT_AUTHORITY) \
	X(ACT_CLEAR, "clear", "clear a near hit or accept a substitute", R(ROLE_OPC), ACT_CHECK) \
	X(ACT_RETURN, "return", "return for correction", R(ROLE_OPC) | R(ROLE_CRA) | R(ROLE_TRR) | R(ROLE_WHM), 0) \
	X(ACT_REJECT, "reject", "reject", R(ROLE_OPC) | R(ROLE_CRA) | R(ROLE_TRR), ACT_CHECK) \
	X(ACT_CONFIRM_DEBT, "confirm-debt", "confirm a debt", R(ROLE_COA), 0) \
	X(ACT_RECEIPT, "receipt", "confirm a receipt", R(ROLE_WHM) | R(ROLE_WHK), 0) \
	X(ACT_COUNT, "count", "count goods", R(ROLE_WHM) | R(ROLE_WHK) | R(ROLE_INP), 0) \
	X(ACT_CERTIFY, "certify", "sign a certificate", R(ROLE_INP), 0) \
	X(ACT_RELEASE_PAYMENT, "release-payment", "release a payment", R(ROLE_TRR), ACT_CHECK) \
	X(ACT_BUILD_PAYMENT, "build-payment", "build a payment", R(ROLE_TRM) | R(ROLE_SVC), ACT_MAKE) \
	X(ACT_RELEASE_GOODS, "release-goods", "release collateral", R(ROLE_OPC) | R(ROLE_WHM), ACT_CHECK) \
	X(ACT_SUSPEND, "suspend", "suspend a deal", R(ROLE_RSK) | R(ROLE_CMP) | R(ROLE_SVC), 0) \
	X(ACT_FREEZE, "freeze", "freeze an asset", R(ROLE_RSK) | R(ROLE_CMP) | R(ROLE_SVC), 0) \
	X(ACT_LIFT, "lift", "lift a suspension or freeze", R(ROLE_RSK) | R(ROLE_CRA) | R(ROLE_CMP), ACT_LIFTS) \
	X(ACT_CALL_MARGIN, "call-margin", "call margin", R(ROLE_RSK), 0) \
	X(ACT_COMPENSATE, "compensate", "order a compensation", R(ROLE_RSK) | R(ROLE_CMP), 0) \
	X(ACT_ENFORCE, "enforce", "enforce a pledge", R(ROLE_CRA) | R(ROLE_RSK), ACT_CHECK) \
	X(ACT_CASE, "case", "work on a case", R(ROLE_RSK) | R(ROLE_OPC) | R(ROLE_OPM) | R(ROLE_CMP) | R(ROLE_TRM) \
		| R(ROLE_TRR) | R(ROLE_CRA) | R(ROLE_WHM) | R(ROLE_WHK), 0) \
	X(ACT_RAISE, "raise", "raise an alert", R(ROLE_RSK) | R(ROLE_CMP) | R(ROLE_OPC) | R(ROLE_WHM), 0) \
	X(ACT_LIMIT, "limit", "set a limit", R(ROLE_CRO) | R(ROLE_CRA), 0) \
	X(ACT_DEPLOY, "deploy", "deploy a process or contract", R(ROLE_ADM) | R(ROLE_SVC), 0) \
	X(ACT_POLICY, "policy", "set the policy", R(ROLE_ADM) | R(ROLE_CRO) | R(ROLE_CRA), 0) \
	X(ACT_CERTIFY_KEY, "certify-key", "register parties, people, devices", R(ROLE_ADM), 0) \
	X(ACT_VERIFY, "verify", "verify a decision", R(ROLE_AUD) | R(ROLE_RSK) | R(ROLE_OPC) | R(ROLE_CRA) \
		| R(ROLE_CMP) | R(ROLE_TRR) | R(ROLE_TRM) | R(ROLE_CRO) | R(ROLE_OPM) | R(ROLE_WHM), 0) \
	X(ACT_CLAIM, "claim", "claim a task", ~R(ROLE_AUD), 0)

enum act_flag { ACT_MAKE = 1, ACT_CHECK = 2, ACT_LIFTS = 4, ACT_AUTHORITY = 8 };
#define X(c, name, words, roles, flags) c,
enum act_kind { ACT_LIST(X) ACT_KIND_COUNT };
#undef X

const char *act_name(enum act_kind a);
const char *act_words(enum act_kind a);
bool act_allowed_to(enum act_kind a, enum role r); /* the table alone */

/* Whether t's actor may do `a` on the object (deal, alert, task …) for `amount` minor units (0 when
 * money does not matter): live key, role, personal ceiling (ACT_AUTHORITY), SOD-1/2/3/9/10.
 * `made_by` tells who raised or made it ("" unknown). REFUSED_NOT when he may. Does not record. */
enum refusal rights_check(struct turn *t, enum act_kind a, const char *object, int64_t amount,
	const char *made_by);

/* The same for a named operator, for screens that show keys that are off; the reason in why (may be
 * NULL, 160 bytes). Pure. */
enum refusal rights_ask(const struct tabs *s, const char *operator_id, int64_t at, enum act_kind a,
	const char *object, int64_t amount, const char *made_by, char why[160]);


#endif
