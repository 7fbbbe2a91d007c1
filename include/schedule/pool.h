/* The pool: tasks enter after validation, are ordered by a weighted objective, and every order is a
 * recorded decision that can be re-executed from its snapshot. */
#ifndef WHARF_SCHEDULE_POOL_H
#define WHARF_SCHEDULE_POOL_H

#include "schedule/task.h"

/* Opens a task: fills id (if ""), state, version, opened_at, and queues nothing. The caller set role,
 * step, deal, money, deadline … Also used for cases. */
void task_open(struct turn *t, struct task *task);
/* Withdraws an open task (its token went elsewhere). No-op on closed ones. */
void task_withdraw(struct turn *t, const char *task_id, const char *why);

/* What somebody who decides a task has before him: the task, its version, amount and act, and the terms of its deal. His signature
 * covers it, so an approval is of these terms and of no others (SOD-4). */
struct hash task_seen(const struct tabs *s, const struct task *t);
/* Whether a decision lets money or goods out: then it must say what was seen. */
bool task_goes_out(const struct task *t, const char *decision);
/* An operator completes a task: checks open, version shown, right (identity/rights.h with the task's
 * act, deal, amount), decision allowed by the form; records the act, closes the task and queues
 * SIGNAL_TASK_DONE (task of a process) or SIGNAL_CASE_DONE (case). */
enum refusal task_complete(struct turn *t, const char *task_id, int64_t version,
	const char *decision, const char *reason, struct str data_json);
enum refusal task_claim(struct turn *t, const char *task_id, bool give_back);

/* What a form offers: names of decisions, NULL-terminated; first is the primary. */
const char *const *task_decisions(const char *form);

/* Layered validation of one task (contract and compliance; semantic). Writes the failing check's
 * sentence to failing (64 bytes), "" when all pass. */
bool task_validate(const struct turn *t, const struct task *task, char failing[64]);

/* Re-validates and re-orders when the pool changed in this turn (the engine calls it once, after all
 * signals): new DECISION of kind plan with its snapshot as evidence, ranks and assignments written. */
void schedule_turn(struct turn *t, const char *trigger);

/* Records any decision: what was looked at and what came out, both as bytes; the two together become the
 * snapshot in the evidence store. Returns the record's id in id_out (ID_MAX) when not NULL. */
void decision_record_id(struct turn *t, enum decision_kind kind, const char *trigger, const char *deal,
	const char *chosen, struct str inputs, struct str result, char *id_out);
void decision_record(struct turn *t, enum decision_kind kind, const char *trigger, const char *deal,
	const char *chosen, struct str inputs, struct str result);

/* Re-execution: decodes the snapshot, decides again, and compares with the recorded digest. On a
 * difference, says where in first_difference (240 bytes). A plan is decided anew from its inputs; of the
 * other kinds both parts of the snapshot are compared with the recorded digests. */
bool decision_replay(struct str snapshot, const struct decision *recorded,
	char first_difference[240]);

/* For screens: the candidates of a plan snapshot, decoded; see schedule/plan.h. */
#endif
