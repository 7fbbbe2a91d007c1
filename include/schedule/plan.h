/* Plans: which task next and whose, decided by a pure function of a problem.
 *
 * A problem holds everything the decision looks at; deciding it again anywhere gives the same plan,
 * bit for bit. Integers only. Candidates are orders of the tasks; each is turned into a plan by giving
 * each task in turn to the eligible person who is free first, and scored:
 *
 *     risk = sum of money at risk x multiplier x minutes until done
 *     cost = sum of value decay until done, missed cut-offs, deadlines passed
 *     time = sum of minutes until done, and four times those after a deadline
 *     score = (w.risk x risk + w.cost x cost + w.time x time) / 1000, each as thousandths of the worst
 *             of the plain orders (1,000 = worst seen)
 *
 * A candidate that breaks the order of duties (a task of lower priority before one of higher) is
 * excluded, whatever its score. Source: domain specification §10; the weighted objective and the
 * rolling horizon of the paper's dynamic orchestration. */
#ifndef WHARF_SCHEDULE_PLAN_H
#define WHARF_SCHEDULE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"

enum { PLAN_TASKS_MAX = 2000, PLAN_SEATS_MAX = 500, PLAN_CANDIDATES_MAX = 8, PLAN_CALENDARS = 4 };

struct plan_task {
	char id[32], step[8], deal[32], party[16], resource[24];
	char fixed[24];    /* who claimed it: it stays with them */
	char previous[24]; /* who had it in the last plan: kept when nothing speaks against it */
	int64_t role;
	int64_t duration, deadline, opened_at;
	int64_t cutoff;    /* when its channel closes; 0 none */
	int64_t priority;  /* 9 legal hold … 0 routine */
	int64_t amount, decay, weight_bp;
	int64_t reversible;
	int64_t rank;      /* in the last plan; 0 new */
};
struct plan_seat {
	char id[24], party[16];
	int64_t role, most, busy_until;
};
/* A person who may not work on a task, and why: separation of duties, authority. */
struct plan_ban {
	int64_t task, seat; /* indices */
	char why[64];
};
struct plan_problem {
	int64_t now, policy, number; /* number of this plan */
	int64_t weight_risk, weight_cost, weight_time; /* per mille */
	int64_t miss_cost;           /* minor units per missed cut-off or deadline */
	struct calendar calendars[PLAN_CALENDARS]; /* desk, bank, registry, dock */
	struct plan_task *tasks;
	struct plan_seat *seats;
	struct plan_ban *bans;
	size_t task_count, seat_count, ban_count;
};

struct plan_place {
	int64_t task;       /* index in the problem */
	int64_t seat;       /* index, -1 nobody free */
	int64_t start, end;
	int64_t score;      /* of the plan up to and with this task: lower is first */
};
struct plan_candidate {
	char name[40];
	char reason[80];    /* "chosen", "+29.9", or the rule that it breaks */
	int64_t excluded;
	int64_t risk, cost, time, score; /* thousandths of the worst, times 1000: 218700 is 218.7 */
};
struct plan {
	struct plan_place *places; /* in order */
	size_t place_count;
	struct plan_candidate candidates[PLAN_CANDIDATES_MAX];
	size_t candidate_count;
	int64_t chosen;            /* index of a candidate */
	int64_t moved;             /* tasks whose order among the known ones changed */
	int64_t excluded;          /* candidates and persons ruled out */
};

/* Decides. Everything lives in the arena. A problem without tasks gives an empty plan. */
struct plan *schedule_decide(struct arena *a, const struct plan_problem *p);

/* One order (indices of all tasks) turned into places, with its raw measures; for tests and screens. */
struct plan_measure {
	int64_t risk, cost, time;
};
struct plan_measure plan_evaluate(const struct plan_problem *p, const int64_t *order, struct plan_place *places);
/* Whether an order keeps the order of duties; the first pair that does not in *at (index of the second). */
bool plan_keeps_duties(const struct plan_problem *p, const int64_t *order, size_t *at);

/* Canonical bytes. Decoding refuses whatever encoding would not have written. */
void plan_problem_encode(const struct plan_problem *p, struct buf *out);
bool plan_problem_decode(struct str bytes, struct arena *a, struct plan_problem **out);
void plan_encode(const struct plan *p, struct buf *out);
bool plan_decode(struct str bytes, struct arena *a, struct plan **out);

/* A decision step by step, inputs first, as people compare it. */
struct plan_step {
	char what[96], value[320];
	uint8_t digest[4]; /* of the canonical bytes of what the step looks at or gives */
};
struct plan_step *plan_steps(struct arena *a, const struct plan_problem *p, const struct plan *plan, size_t *count);

/* Snapshot of a plan: problem, plan, and a digest of each step; this is what the evidence store keeps. */
void plan_snapshot_encode(struct arena *a, const struct plan_problem *p, const struct plan *plan, struct buf *out);
struct plan_snapshot {
	struct plan_problem *problem;
	struct plan *plan;
	const uint8_t *digests; /* four bytes a step */
	size_t steps;
};
/* False also when a place of the plan names no task or seat of the problem. */
bool plan_snapshot_decode(struct str bytes, struct arena *a, struct plan_snapshot *out);

#endif
