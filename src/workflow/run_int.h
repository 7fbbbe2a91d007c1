/* What the parts of the runtime share: the run of one instance within one turn.
 *
 * A run works on copies: `inst` is the instance record until run_close writes it back; a struct token
 * handed about is a copy that token_put writes. Tokens that are ready stand in a queue and are taken in
 * order of arrival, so no node calls the next one and a loop costs no stack. */
#ifndef WHARF_WORKFLOW_RUN_INT_H
#define WHARF_WORKFLOW_RUN_INT_H

#include "contract/state.h"
#include "identity/rights.h"
#include "workflow/definition.h"
#include "workflow/runtime.h"

enum {
	RUN_STEPS_MAX = 1000,  /* node steps of one run */
	UNDO_RETRIES = 4,      /* after 1, 2, 4 and 8 minutes; then a person */
	UNDO_SUSPEND_LEVEL = 3, /* response level from which a deal's outflow is held */
	TOKEN_ID_MAX = 48,
};

struct run {
	struct turn *t;
	struct workflow *w;
	const struct wf_def *def;
	struct instance inst;
	char prefix[ID_MAX + 1];     /* of the keys of its tokens, steps and variables */
	char (*queue)[TOKEN_ID_MAX]; /* in scratch */
	size_t count, cap, next;
	int steps;
	bool runaway;
};

/* --- processes.c */
const struct process *process_newest(const struct tabs *s, const char *name); /* or NULL */

/* --- run.c: opening, tokens, moving */
bool run_open(struct run *r, struct turn *t, struct workflow *w, const char *instance);
void run_go(struct run *r);    /* until every token waits */
void run_close(struct run *r); /* settles the instance's state and writes it */

struct token token_new(struct run *r, const char *scope);
void token_put(struct run *r, struct token *k);
bool token_read(const struct run *r, const char *id, struct token *out);
void token_wait(struct run *r, struct token *k, enum token_state state, const char *for_what);
void token_enter(struct run *r, struct token *k, const struct wf_node *n, const char *via);
void token_consume(struct run *r, const struct token *k);
void token_withdraw(struct run *r, const struct token *k); /* with all that it waits for */
void numbered_id(const struct run *r, int64_t n, char out[TOKEN_ID_MAX]); /* "WF-…/000007" */
/* Ids of the instance's tokens whose scope is `scope` (NULL: all), in order; in scratch. */
size_t token_list(const struct run *r, const char *scope, char (**out)[TOKEN_ID_MAX]);

const struct wf_node *node_of(const struct run *r, const struct token *k);
const char *text_of(const struct run *r, struct str s); /* NUL-terminated, in scratch */
const struct deal *deal_of(const struct run *r);
bool run_suspended(const struct run *r);
bool node_leads_outward(const struct run *r, const struct wf_node *n); /* a pivot lies ahead and none is passed */

struct step_note {
	enum step_state state;
	const struct wf_flow *flow;
	const char *why;
};
void step_record(struct run *r, const struct token *k, const struct wf_node *n, struct step_note note);

/* The node is done: records the step and moves on along `flow`, or along every outgoing flow when NULL. */
void node_done(struct run *r, struct token *k, const struct wf_node *n, const struct wf_flow *flow,
	const char *why);
/* Ends what the token waits for: timers, task, tokens inside. The token stays. */
void node_interrupt(struct run *r, const struct token *k);
/* A boundary event fires: the activity is left by it. */
void node_boundary(struct run *r, struct token *k, const struct wf_node *boundary, const char *why);
/* An error at the token's node: to the innermost boundary event that catches it, else to the undo it
 * happened in, else an incident. */
void node_error(struct run *r, const struct token *k, const char *code, const char *detail);
void node_incident(struct run *r, const struct token *k, const char *code, const char *detail);
/* Sub-process and instance end by themselves when nothing is left in them; `at` is where. */
void scope_ended(struct run *r, const char *scope);

/* --- nodes.c: what each kind of node does when a token comes */
void node_enter(struct run *r, struct token *k, const struct wf_node *n);
/* A message came for the token: own wait or boundary event. */
void node_message(struct run *r, struct token *k, const char *name, struct str data);
/* The token's task was completed. */
void node_task_done(struct run *r, struct token *k, const char *task, const char *decision, struct str data);
/* The message that the node waits for, or the boundary event that waits for it; false when it does not. */
bool node_wants(const struct run *r, const struct token *k, const char *name);

/* --- undo.c */
/* Numbers the completed steps of a scope (WF_NO: all) that have a handler, newest first; activity: only
 * that one, WF_NO all. count may be 0. REFUSED_PAST_PIVOT when a pivot stands among or after them. */
enum refusal undo_mark(struct run *r, int scope, int activity, int64_t *count);
void undo_next(struct run *r);                         /* starts the next handler, or ends the compensation */
void undo_done(struct run *r, const struct token *k);  /* the handler of token k is done */
void undo_failed(struct run *r, struct token *k, const char *code, const char *detail);
/* The manual task of a failed undo was completed. */
void undo_by_hand(struct run *r, struct token *k, const char *decision);
bool undo_running(const struct run *r);
bool undo_past_pivot(const struct run *r); /* a pivot step is done */

/* --- variables.c */
bool vars_merge(struct run *r, struct str json); /* members of an object; false when it is none */
void vars_set_text(struct run *r, const char *name, const char *value);
struct str vars_json(const struct run *r);       /* all as one object, in scratch */
void vars_write(const struct run *r, struct str name, struct json_writer *w); /* null when unknown */
/* A text of a message's or task's data, "error" or "reason"; "" when there is none. */
const char *data_text(const struct run *r, struct str data, const char *name);
bool vars_resolve(void *run, struct str path, struct feel_value *out); /* feel_resolve_fn */
/* Why a condition came out as it did, cut to a step's `why`. */
void vars_explain(struct run *r, const struct feel *f, const char *lead, char out[96]);

/* --- effects.c */
/* Party that a wharf:party attribute means for the run's deal: "obligor", a kind's code, an id. */
const char *party_of_word(const struct run *r, struct str word);
/* names: variables to send, blanks between; "" for what the kind is known to carry. */
struct str effect_data(const struct run *r, const char *kind, struct str names);

/* --- inbox.c */
void inbox_put(struct turn *t, const char *name, const char *deal, struct str data);
/* Takes the oldest; data in scratch. */
bool inbox_take(struct turn *t, const char *name, const char *deal, struct str *data);

/* --- holds.c */
void hold_new_task(struct run *r, const struct token *k, const struct wf_node *n);
void hold_new_timers(struct run *r, const struct token *k, const struct wf_node *n);

#endif
