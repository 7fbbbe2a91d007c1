/* Alerts and response levels.
 *
 * Level: 0 note, 1 degrade, 2 hold the task, 3 suspend the deal, 4 freeze the asset, 5 stop the funder's
 * book. The engine may raise by itself; lowering needs the roles of domain §1.2 and a reason (SOD-3).
 * Source: domain specification §6.4, §8.1, §8.3. */
#ifndef WHARF_RISK_STATE_H
#define WHARF_RISK_STATE_H

#include "identity/rights.h"

/* The catalogue. X(code, words, level it raises by itself, role of the case, hours to decide) */
#define ALERT_LIST(X) \
	X("E01", "missing evidence", 2, ROLE_OPM, 24) \
	X("E02", "sensor anomaly", 1, ROLE_RSK, 24) \
	X("E03", "gateway cut off", 1, ROLE_RSK, 4) \
	X("E04", "late or reordered events", 2, ROLE_OPC, 24) \
	X("E05", "oracles disagree", 1, ROLE_RSK, 1) \
	X("E06", "double pledge", 4, ROLE_RSK, 1) \
	X("E07", "short count", 3, ROLE_RSK, 24) \
	X("E08", "excursion, goods at risk", 2, ROLE_RSK, 4) \
	X("E09", "price fall", 2, ROLE_RSK, 4) \
	X("E10", "obligor default", 3, ROLE_CRA, 24) \
	X("E11", "dispute or dilution", 2, ROLE_OPM, 24) \
	X("E12", "invalid signature", 4, ROLE_CMP, 1) \
	X("E13", "late repayment", 1, ROLE_OPM, 24) \
	X("E14", "payment returned", 3, ROLE_TRM, 4) \
	X("E15", "sanctions hit", 3, ROLE_CMP, 1) \
	X("E16", "control total broken", 5, ROLE_OPC, 1) \
	X("E17", "key or gateway compromise", 3, ROLE_RSK, 1) \
	X("E18", "conflicted inspector", 2, ROLE_RSK, 24) \
	X("E19", "emergency access", 0, ROLE_CMP, 24) \
	X("E20", "circular transfer", 3, ROLE_RSK, 24)

struct alert_class {
	const char *code, *words;
	int level;
	enum role role;
	int hours;
};
extern const struct alert_class ALERT_CLASSES[];
extern const size_t ALERT_CLASS_COUNT;
const struct alert_class *alert_class_of(const char *code); /* or NULL */

extern const char *const ALERT_STATE_NAMES[]; /* open claimed closed false */
#define ALERT_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* AL-… */ \
	F(TEXT, code, 4, NONE)         /* E06 */ \
	F(ENUM, state, ALERT_STATE_NAMES, NONE) \
	F(INT, level, 0, COUNT)        /* in force because of it */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, asset, 64, NONE)       /* lot, invoice, device, gateway, value */ \
	F(TEXT, title, 64, NONE) \
	F(TEXT, why, 112, NONE)        /* the facts in one sentence */ \
	F(TEXT, did, 112, NONE)        /* what the engine did at once */ \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY) \
	F(INT, raised_at, 0, TIME) \
	F(TEXT, raised_by, 24, NONE)   /* "engine" or an operator */ \
	F(INT, deadline, 0, TIME) \
	F(TEXT, task, 32, ID)          /* the manual-intervention task */ \
	F(TEXT, owner, 24, NONE) \
	F(INT, count, 0, COUNT)        /* times seen */ \
	F(INT, last_at, 0, TIME) \
	F(INT, loss, 0, MONEY)         /* expected loss avoided by compensating (§8.2) */ \
	F(INT, cost, 0, MONEY)         /* cost of compensating */ \
	F(TEXT, other, 64, NONE)       /* the other claim, receipt or source */ \
	F(INT, closed_at, 0, TIME) \
	F(TEXT, closed_by, 24, NONE) \
	F(TEXT, outcome, 64, NONE)
REC_STRUCT(alert, ALERT_FIELDS);
extern const struct rec_type ALERT_REC; /* tag 36 */

/* A level in force on an object, and because of what; key "object/alert-or-operator". The level of an
 * object is the highest of its holds. */
#define HOLD_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, object, 64, ID)        /* deal, lot, task, or "BOOK/NOORDZEE" */ \
	F(INT, level, 0, COUNT) \
	F(TEXT, alert, 32, ID) \
	F(TEXT, raised_by, 24, NONE) \
	F(INT, at, 0, TIME) \
	F(TEXT, reason, 64, NONE)
REC_STRUCT(hold, HOLD_FIELDS);
extern const struct rec_type HOLD_REC; /* tag 37 */

#endif
