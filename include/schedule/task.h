/* Tasks: units of work with everything the scheduler needs to order them, and the decisions it took.
 *
 * Layered validation comes before the pool, a weighted objective of risk exposure, cost and time orders it.
 * Source: domain specification §10 (task metadata, order of duties). */
#ifndef WHARF_SCHEDULE_TASK_H
#define WHARF_SCHEDULE_TASK_H

#include "identity/rights.h"

extern const char *const TASK_STATE_NAMES[]; /* waiting pooled claimed done withdrawn held */
enum task_state { TASK_WAITING /* validation fails; see `failing` */, TASK_POOLED, TASK_CLAIMED,
	TASK_DONE, TASK_WITHDRAWN, TASK_HELD /* its deal or itself is held: L2 or L3 */ };
extern const char *const TASK_REVERSIBLE_NAMES[]; /* before pivot after */
enum task_reversible { TASK_BEFORE, TASK_PIVOT, TASK_AFTER };

#define TASK_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* TK-… */ \
	F(ENUM, state, TASK_STATE_NAMES, NONE) \
	F(TEXT, step, 8, NONE)         /* "A11", "E06" */ \
	F(TEXT, title, 48, NONE) \
	F(TEXT, form, 16, NONE)        /* "approve", "receipt", "release", "case", "clear", "count" … */ \
	F(TEXT, act, 24, NONE)         /* the right it needs: name of identity/rights.h */ \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(TEXT, party, 16, NONE)       /* whose people */ \
	F(TEXT, deal, 32, ID) \
	F(TEXT, instance, 32, ID)      /* "" for a case */ \
	F(TEXT, node, 48, NONE)        /* BPMN element id */ \
	F(TEXT, token, 48, NONE) \
	F(TEXT, alert, 32, ID)         /* the case it belongs to */ \
	F(TEXT, resource, 24, NONE)    /* "desk", "bank", "inspector", "dock" */ \
	F(INT, duration, 0, SPAN)      /* expected work */ \
	F(INT, opened_at, 0, TIME) \
	F(INT, deadline, 0, TIME)      /* 0 none */ \
	F(INT, priority, 0, COUNT)     /* 0 routine … 9 legal hold: order of duties */ \
	F(TEXT, currency, 4, NONE) \
	F(INT, amount, 0, MONEY)       /* money at risk */ \
	F(ENUM, reversible, TASK_REVERSIBLE_NAMES, NONE) \
	F(INT, decay, 0, MONEY)        /* value lost per day of waiting */ \
	F(TEXT, claimed_by, 24, NONE) \
	F(TEXT, assigned, 24, NONE)    /* the scheduler's choice of person */ \
	F(INT, rank, 0, COUNT)         /* place in the pool, from 1; 0 not in it */ \
	F(INT, score, 0, COUNT)        /* thousandths, lower is first */ \
	F(INT, start, 0, TIME)         /* planned */ \
	F(TEXT, failing, 64, NONE)     /* the validation check that does not pass */ \
	F(TEXT, decision, 32, ID)      /* the decision that ranked it last */ \
	F(TEXT, done_by, 24, NONE) \
	F(TEXT, outcome, 16, NONE)     /* approve return reject done … */ \
	F(INT, done_at, 0, TIME) \
	F(INT, deal_version, 0, COUNT) /* of the deal when last shown to the pool */ \
	F(INT, version, 0, COUNT)
REC_STRUCT(task, TASK_FIELDS);
extern const struct rec_type TASK_REC; /* tag 33 */

/* A recorded decision; the snapshot's bytes are in the evidence store under `snapshot`. */
extern const char *const DECISION_KIND_NAMES[]; /* plan zone approval quorum suspend refused match score */
enum decision_kind { DECISION_PLAN, DECISION_ZONE, DECISION_APPROVAL, DECISION_QUORUM, DECISION_SUSPEND,
	DECISION_REFUSED, DECISION_MATCH, DECISION_SCORE, DECISION_KIND_COUNT };
#define DECISION_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* DC-… */ \
	F(ENUM, kind, DECISION_KIND_NAMES, NONE) \
	F(INT, number, 0, COUNT)       /* plan number, from 1, of plans */ \
	F(INT, at, 0, TIME) \
	F(INT, entry, 0, COUNT) \
	F(TEXT, trigger, 80, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, chosen, 80, NONE)      /* what was decided, in words */ \
	F(INT, candidates, 0, COUNT) \
	F(INT, excluded, 0, COUNT) \
	F(INT, moved, 0, COUNT)        /* tasks whose place changed */ \
	F(INT, policy, 0, COUNT) \
	F(HASH, snapshot, 0, NONE)     /* digest of the inputs */ \
	F(HASH, result, 0, NONE)       /* digest of the outcome */ \
	F(INT, verified, 0, COUNT)     /* times replayed equal */ \
	F(INT, differs, 0, COUNT)
REC_STRUCT(decision, DECISION_FIELDS);
extern const struct rec_type DECISION_REC; /* tag 34 */

/* A person's seat: how much is open with them; key operator id. */
#define SEAT_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(ENUM, role, ROLE_NAMES, NONE) \
	F(TEXT, party, 16, NONE) \
	F(INT, open_tasks, 0, COUNT) \
	F(INT, most, 0, COUNT) \
	F(INT, busy_until, 0, TIME)
REC_STRUCT(seat, SEAT_FIELDS);
extern const struct rec_type SEAT_REC; /* tag 35 */

/* The pool itself, one record, key "pool": which tasks are open, and whether a new plan is due. */
#define POOL_FIELDS(F) \
	F(TEXT, id, 8, NONE) \
	F(INT, stale, 0, BOOL)         /* tasks came, went or were claimed since the last plan */ \
	F(INT, plans, 0, COUNT)        /* number of the last plan */ \
	F(INT, open, 0, COUNT) \
	F(TEXT, decision, 32, ID)      /* the last plan */ \
	F(HASH, inputs, 0, NONE)       /* digest of what the last plan was made of, without the time */ \
	F(BLOB, members, 0, NONE)      /* ids of the open tasks, each followed by a line feed, oldest first */
REC_STRUCT(pool, POOL_FIELDS);
extern const struct rec_type POOL_REC; /* tag 38 */

#endif
