/* What a running process is: instances, tokens, waits, timers, what may be undone. All of it is state. */
#ifndef WHARF_WORKFLOW_STATE_H
#define WHARF_WORKFLOW_STATE_H

#include "base/turn.h"

/* A deployed process; key "name/version" with %04lld; the newest version of a name starts instances. */
#define PROCESS_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, name, 40, NONE) \
	F(INT, version, 0, COUNT) \
	F(HASH, digest, 0, NONE) \
	F(INT, at, 0, TIME) \
	F(BLOB, source, 0, NONE)
REC_STRUCT(process, PROCESS_FIELDS);
extern const struct rec_type PROCESS_REC; /* tag 40 */

extern const char *const INSTANCE_STATE_NAMES[]; /* running suspended compensating done cancelled incident */
enum instance_state { INSTANCE_RUNNING, INSTANCE_SUSPENDED, INSTANCE_COMPENSATING, INSTANCE_DONE,
	INSTANCE_CANCELLED, INSTANCE_INCIDENT };
#define INSTANCE_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* WF-… */ \
	F(TEXT, process, 48, NONE)     /* "receivables/0001" */ \
	F(HASH, digest, 0, NONE)       /* pin */ \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, INSTANCE_STATE_NAMES, NONE) \
	F(INT, started_at, 0, TIME) \
	F(INT, ended_at, 0, TIME) \
	F(INT, next_token, 0, COUNT) \
	F(INT, next_done, 0, COUNT) \
	F(INT, undo_total, 0, COUNT)   /* steps to undo when compensating */ \
	F(INT, undo_done, 0, COUNT) \
	F(INT, ordered, 0, BOOL)       /* a person ordered the compensation: it ends CANCELLED */ \
	F(TEXT, reason, 64, NONE)      /* of the order */
REC_STRUCT(instance, INSTANCE_FIELDS);
extern const struct rec_type INSTANCE_REC; /* tag 41 */

extern const char *const TOKEN_STATE_NAMES[]; /* ready waiting-task waiting-message waiting-timer joining scope incident */
enum token_state { TOKEN_READY, TOKEN_TASK, TOKEN_MESSAGE, TOKEN_TIMER, TOKEN_JOIN, TOKEN_SCOPE,
	TOKEN_INCIDENT };
/* A token; key "instance/%06d". */
#define TOKEN_REC_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, instance, 32, ID) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, node, 48, NONE)        /* BPMN element id */ \
	F(TEXT, scope, 48, NONE)       /* token of the enclosing sub-process, "" at the top */ \
	F(ENUM, state, TOKEN_STATE_NAMES, NONE) \
	F(INT, since, 0, TIME) \
	F(TEXT, waits_for, 48, NONE)   /* message name, task id, timer text, "undo" at a compensation throw (then \
	                                  state joining), the refusal's name of an incident */ \
	F(TEXT, via, 48, NONE)         /* flow it came by (joins) */ \
	F(INT, undo, 0, COUNT)         /* order of the undo step it runs; 0 none */ \
	F(INT, attempt, 0, COUNT)
REC_STRUCT(token, TOKEN_REC_FIELDS);
extern const struct rec_type TOKEN_REC; /* tag 42 */

/* A timer; key "%016lld/owner/node": due time first, so the first record is the next due. Owner is a token id,
 * or a system timer ("accrual"). A paused timer has the key "paused/owner/node", which sorts behind all others,
 * and `due` is then the time that was left when it was paused. */
#define TIMER_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(INT, due, 0, TIME) \
	F(TEXT, kind, 16, NONE)        /* boundary catch retry accrual silence task margin reminder */ \
	F(TEXT, owner, 64, NONE)       /* token, task, gateway … */ \
	F(TEXT, node, 48, NONE) \
	F(TEXT, deal, 32, ID) \
	F(INT, paused, 0, BOOL)
REC_STRUCT(timer, TIMER_FIELDS);
extern const struct rec_type TIMER_REC; /* tag 43 */

/* What a node did in an instance: completed or undone activities, the path taken; key
 * "instance/%06d" in order of completion. */
extern const char *const STEP_STATE_NAMES[]; /* done undoing undone failed withdrawn */
enum step_state { STEP_DONE, STEP_UNDOING, STEP_UNDONE, STEP_FAILED, STEP_WITHDRAWN };
#define STEP_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, instance, 32, ID) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, node, 48, NONE) \
	F(TEXT, scope, 48, NONE) \
	F(ENUM, state, STEP_STATE_NAMES, NONE) \
	F(TEXT, handler, 48, NONE)     /* compensation activity; "" none */ \
	F(INT, undo, 0, COUNT)         /* its place in the reverse order once compensation began */ \
	F(TEXT, flow, 48, NONE)        /* outgoing flow taken (gateways) */ \
	F(TEXT, by, 32, NONE) \
	F(INT, began_at, 0, TIME) \
	F(INT, at, 0, TIME) \
	F(INT, entry, 0, COUNT) \
	F(TEXT, why, 96, NONE)         /* a gateway's condition with its values; a failure's refusal */
REC_STRUCT(step, STEP_FIELDS);
extern const struct rec_type STEP_REC; /* tag 44 */

/* Process variables; key "instance/name". */
#define VARIABLE_FIELDS(F) \
	F(TEXT, id, 80, NONE) \
	F(TEXT, type, 8, NONE)         /* number string boolean null json */ \
	F(TEXT, value, 96, NONE)       /* "" when the value is in `data` */ \
	F(BLOB, data, 0, NONE)         /* JSON text of an object, an array or a string that is too long for `value` */
REC_STRUCT(variable, VARIABLE_FIELDS);
extern const struct rec_type VARIABLE_REC; /* tag 45 */

/* A message that came before anything waited for it; key "deal/name/%012llu". Taken by the next receive
 * task or message event of that name; kept 14 days of ledger time. */
#define INBOX_FIELDS(F) \
	F(TEXT, id, 96, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, name, 32, NONE) \
	F(INT, at, 0, TIME) \
	F(BLOB, data, 0, NONE)
REC_STRUCT(inbox, INBOX_FIELDS);
extern const struct rec_type INBOX_REC; /* tag 46 */

/* An instruction to the outside world: a row of the outbox. The id is the idempotency key; the answer
 * comes back as an effect.reply event. */
extern const char *const EFFECT_STATE_NAMES[]; /* pending answered failed cancelled */
enum effect_state { EFFECT_PENDING, EFFECT_ANSWERED, EFFECT_FAILED, EFFECT_CANCELLED };
#define EFFECT_FIELDS(F) \
	F(TEXT, id, 32, ID)            /* EF-… */ \
	F(TEXT, kind, 24, NONE)        /* "debt.request", "registry.file", "bank.pay" … */ \
	F(TEXT, party, 16, NONE) \
	F(TEXT, deal, 32, ID) \
	F(ENUM, state, EFFECT_STATE_NAMES, NONE) \
	F(TEXT, reply, 32, NONE)       /* message name that the answer is delivered as; "" when none is expected */ \
	F(INT, at, 0, TIME) \
	F(INT, answered_at, 0, TIME) \
	F(TEXT, code, 24, NONE)        /* of the answer: "ok" or a failure code */ \
	F(BLOB, data, 0, NONE)         /* JSON */
REC_STRUCT(effect, EFFECT_FIELDS);
extern const struct rec_type EFFECT_REC; /* tag 47; by deal too */

#endif
