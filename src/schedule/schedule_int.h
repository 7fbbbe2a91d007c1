/* What the files of schedule share. */
#ifndef WHARF_SCHEDULE_INT_H
#define WHARF_SCHEDULE_INT_H

#include "contract/state.h"
#include "schedule/plan.h"
#include "schedule/pool.h"

/* What a form is and what holds its tasks. */
enum form_flag {
	FORM_OUTFLOW = 1, /* money or goods go out: held from level 2 on */
	FORM_MENDS = 2,   /* leads back to an outflow step: waits while that would be refused */
	FORM_CLOSING = 4, /* may be worked on when the deal is over */
	FORM_CASE = 8,
	FORM_TOUCHES = 16 /* changes what was approved: older approvals no longer count (SOD-4) */
};
struct form {
	const char *name;
	const char *decisions[5]; /* NULL-terminated, the primary first */
	unsigned flags;
	const char *fields; /* what may be filled in: it becomes variables of the process. NULL: anything */
};
const struct form *form_of(const char *name); /* an unknown form is a plain one: done, reject */

bool task_is_open(const struct task *task);
/* The pool's record, or a fresh one. */
struct pool pool_get(const struct tabs *s);
/* Calls fn for every open task, oldest first. */
void pool_each(const struct tabs *s, const struct pool *p, void (*fn)(void *ctx, const struct task *task), void *ctx);
void pool_add(struct turn *t, const char *task_id);
void pool_drop(struct turn *t, const char *task_id);
void pool_touch(struct turn *t); /* a new plan is due */

/* The state that an open task should be in now, and the sentence why not. */
enum task_state task_state_now(const struct turn *t, const struct task *task, char failing[64]);

/* The problem of this moment: pooled and claimed tasks, seats that may work on them. In t's scratch. */
struct plan_problem *problem_build(const struct turn *t, const struct pool *p);

#endif
