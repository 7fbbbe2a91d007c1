/* The record types of running processes (see workflow/state.h). */
#include "workflow/state.h"

const char *const INSTANCE_STATE_NAMES[] = { "running", "suspended", "compensating", "done",
	"cancelled", "incident", NULL };
const char *const TOKEN_STATE_NAMES[] = { "ready", "waiting-task", "waiting-message", "waiting-timer",
	"joining", "scope", "incident", NULL };
const char *const STEP_STATE_NAMES[] = { "done", "undoing", "undone", "failed", "withdrawn", NULL };
const char *const EFFECT_STATE_NAMES[] = { "pending", "answered", "failed", "cancelled", NULL };

#define REC_SELF struct process
REC_TYPE(PROCESS_REC, 40, "process", PROCESS_FIELDS)
#undef REC_SELF
#define REC_SELF struct instance
REC_TYPE(INSTANCE_REC, 41, "instance", INSTANCE_FIELDS)
#undef REC_SELF
#define REC_SELF struct token
REC_TYPE(TOKEN_REC, 42, "token", TOKEN_REC_FIELDS)
#undef REC_SELF
#define REC_SELF struct timer
REC_TYPE_BY(TIMER_REC, 43, "timer", TIMER_FIELDS, owner)
#undef REC_SELF
#define REC_SELF struct step
REC_TYPE(STEP_REC, 44, "step", STEP_FIELDS)
#undef REC_SELF
#define REC_SELF struct variable
REC_TYPE(VARIABLE_REC, 45, "variable", VARIABLE_FIELDS)
#undef REC_SELF
#define REC_SELF struct inbox
REC_TYPE(INBOX_REC, 46, "inbox", INBOX_FIELDS)
#undef REC_SELF
#define REC_SELF struct effect
REC_TYPE_BY(EFFECT_REC, 47, "effect", EFFECT_FIELDS, deal)
#undef REC_SELF
