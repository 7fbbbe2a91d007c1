/* The workflow engine: starts instances, moves tokens, waits, undoes.
 *
 * Messages are correlated by deal. A service task runs a contract call; its refusal is a BPMN error whose
 * code is the refusal's name: caught by an error boundary event with that code (or without a code), else by the
 * enclosing scopes, else it becomes an incident (token waits, SIGNAL_INCIDENT with the token in `extra`, may
 * be retried). More than 1,000 node steps at once are an incident "runaway"; at a start they refuse it.
 *
 * Variables. Calls get all variables of the instance as their arguments; members of their results, of message data
 * and of task data become variables. The runtime itself sets `decision` (of a task), `error` and `reason`: code of a
 * caught error, "timeout" when a boundary timer fired, "rejected" when a task was rejected and its data gave no reason.
 * Conditions read variables by name, members of objects and lists by path (invoice.due, labels.1), and fields of the deal
 * as deal.x (money in major units, enums by name); a text like "984000.00" (digits, point, digits) is a number there.
 *
 * Waiting. A send task passes on; the receive task behind it waits. A compensation handler that names a message is
 * done only when that message came. A user task with wharf:contract and wharf:call runs the call when it is completed
 * with the form's first decision. Effects carry the variables that wharf:data names (blanks between); without it
 * those of a known kind carry the members that src/workflow/effects.c lists, others all variables.
 *
 * Levels. From level 3 on the deal: release tasks are held, and approvals and clearances while a pivot lies ahead; timers of
 * waits before the pivot pause and keep their remaining time. Everything else goes on. */
#ifndef WHARF_WORKFLOW_RUNTIME_H
#define WHARF_WORKFLOW_RUNTIME_H

#include "workflow/state.h"

struct contracts;
struct processes; /* compiled definitions by digest; a cache, not state */
struct processes *processes_new(void);
void processes_free(struct processes *p);
struct wf_def;
/* Definition of a deployed process (compiled on first use from PROCESS_REC); NULL when unknown. */
const struct wf_def *processes_get(struct processes *p, const struct tabs *s, const char *process_id);

/* What a turn of the workflow needs besides the turn. */
struct workflow {
	struct processes *processes;
	struct contracts *contracts;
};

/* Parses and checks; all problems are in faults (cap entries), *count says how many there are. */
enum err process_check(struct str xml, struct fault *faults, size_t cap, size_t *count);
enum refusal process_deploy(struct turn *t, struct workflow *w, const char *name, struct str xml);

/* Starts an instance of the newest version of a process for a deal; variables from a JSON object. */
enum refusal workflow_start(struct turn *t, struct workflow *w, const char *process,
	const char *deal, struct str variables_json, char instance_out[ID_MAX]);
/* Delivers a message; when nothing waits it is kept in the inbox (INBOX_REC). A message with member
 * "error" in its data makes the receiving activity fail with that BPMN error code. */
void workflow_message(struct turn *t, struct workflow *w, const char *name, const char *deal,
	struct str data_json);
/* Handlers of signals and events. SIGNAL_TASK_DONE: subject task, code decision, text JSON data (its
 * member "reason", when there is one, says why). A timer
 * is taken off the table by its handler when it is the workflow's (boundary, catch, retry). */
void workflow_on_task_done(struct turn *t, struct workflow *w, const struct signal *s);
void workflow_on_timer(struct turn *t, struct workflow *w, const struct timer *timer);
void workflow_on_level(struct turn *t, struct workflow *w, const struct signal *s); /* suspend, resume */
/* Withdraws all tokens, calls off the effects whose answers they awaited, and runs the compensation handlers of
 * what was completed, newest first; when the last is done, SIGNAL_COMPENSATED. Refuses REFUSED_PAST_PIVOT when a pivot step is done. */
enum refusal workflow_compensate(struct turn *t, struct workflow *w, const char *deal,
	const char *reason);
/* Tries the failed activity of an incident again. */
enum refusal workflow_retry(struct turn *t, struct workflow *w, const char *token);
/* The undo steps that a compensation of the deal would run, newest first; count returned. Pure. */
size_t workflow_undo_plan(struct workflow *w, const struct tabs *s, const char *deal,
	const struct step **steps, size_t cap);

/* Timers as state. Setting an owner's timer of a node again moves it. They are found by their owner, however many others there are. */
void timer_set(struct turn *t, int64_t due, const char *kind, const char *owner, const char *node,
	const char *deal);
/* The same where the owner cannot have one yet (a record that this event made): nothing is searched. */
void timer_add(struct turn *t, int64_t due, const char *kind, const char *owner, const char *node, const char *deal);
void timer_clear(struct turn *t, const char *owner, const char *node); /* all of the owner when node is NULL */
const struct timer *timer_next(const struct tabs *s); /* the next due that is not paused, or NULL */
/* Takes one timer off by its id; true when it was there. Done by workflow_on_timer for its own. */
bool timer_drop(struct turn *t, const char *id);
/* Pausing keeps the time that is left; resuming counts it from the turn's stamp. */
void timer_pause(struct turn *t, const char *id);
void timer_resume(struct turn *t, const char *id);

/* Sends an effect (outbox row). reply: message name for the answer, "" when none. */
void effect_send(struct turn *t, const char *kind, const char *party, const char *deal,
	const char *reply, struct str data_json, char id_out[ID_MAX]);
enum refusal effect_reply(struct turn *t, struct workflow *w, const char *effect, const char *code,
	struct str data_json);

/* No token without a live instance and node, no instance without a token or a wait: for simulations. */
bool workflow_holds(const struct tabs *s, char why[240]);

#endif
