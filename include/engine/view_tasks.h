/* The tasks of a role, and everything that decides the one in focus. */
#ifndef WHARF_ENGINE_VIEW_TASKS_H
#define WHARF_ENGINE_VIEW_TASKS_H

#include "engine/view_desk.h"
#include "identity/rights.h"

/* One check of the evidence behind a task: seen against wanted. */
enum view_check_state { VIEW_CHECK_FAILS, VIEW_CHECK_NEAR, VIEW_CHECK_HOLDS };
struct view_check {
	enum view_check_state state;
	const char *rule, *what;     /* "3WM-2", "unit price" */
	char seen[40], wanted[40];
};
struct view_touch {
	int64_t at;                  /* 0: still to come */
	const char *who;             /* person's name, or "you" */
	enum role role;
	char what[64];
	bool you;
};
struct view_choice {
	const char *decision;        /* "approve" */
	bool allowed;
	char says[120];              /* what it does, or why it is off */
};
struct view_seat {
	const struct task *task;
	int64_t from, to;
};

enum { VIEW_CHECKS_MAX = 20, VIEW_TOUCHES_MAX = 16, VIEW_CHOICES_MAX = 5 };
struct view_task_detail {
	struct view_need need;
	char sentence[160];          /* "Brandt Draht GmbH sells its claim on Halvorsen Cable AS" */
	/* money lines: label, amount, words; amount INT64_MIN: words only */
	struct {
		char label[32], words[64];
		int64_t amount;
		bool sum;
	} money[6];
	int money_count;
	struct view_check checks[VIEW_CHECKS_MAX];
	int check_count, holding;
	struct view_touch touches[VIEW_TOUCHES_MAX];
	int touch_count;
	struct view_choice choices[VIEW_CHOICES_MAX];
	int choice_count;
	int64_t entry;               /* of the newest act on the deal */
	char ahead[96];              /* of whom it is ahead, and why */
};

/* An open proposal: one that waits for the viewer's signature, or one of the viewer's party that waits for others. */
struct view_proposal {
	const char *id, *signers, *missing; /* who signed; which clauses lack somebody */
	char words[96];
	int64_t until;
	bool mine;                   /* waits for the viewer */
};
enum { VIEW_PROPOSALS_MAX = 6 };

struct view_tasks {
	struct view_proposal endorse[VIEW_PROPOSALS_MAX]; /* the viewer's first, of each kind those that end soonest */
	size_t endorse_count;        /* that wait for the viewer, also those that are not in the array */
	size_t proposal_count;       /* and with those that wait for others */
	struct view_need *needs;     /* in the scheduler's order; held ones behind */
	size_t need_count;
	size_t everybody;            /* open tasks of all roles */
	size_t held;
	int64_t plan;                /* number of the plan that ordered them */
	const char *currency;
	bool warehouse;
	struct view_task_detail *detail; /* of `focus`, or NULL */
	struct view_seat *seat;      /* my planned work, by start */
	size_t seat_count;
	int64_t seat_from, seat_to;
	int64_t cut;                 /* deadline that most of it shares (the bank's file); 0 none */
	int allowed;                 /* open approvals that this person may sign */
	int approvals;
};

/* `all`: the tasks of every role, not only mine. `focus`: id of the task whose detail is wanted, or "". */
struct view_tasks *view_tasks_build(struct arena *a, const struct view_source *src, bool all, const char *focus);
struct view_task_detail *view_task_detail(struct arena *a, const struct view_source *src, const struct task *t);
/* Fills a row of a task; shared with the desk. */
void view_need_fill(struct arena *a, const struct view_source *src, const struct task *t, struct view_need *n);
int view_need_order(const void *x, const void *y);

#endif
