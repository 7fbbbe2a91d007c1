/* What the Decisions screen shows: recorded decisions, the candidates of one as its snapshot has them, why not the
 * others, and whether it was replayed equal. Everything about candidates comes out of the snapshot's bytes, not out
 * of today's state. */
#ifndef WHARF_ENGINE_VIEW_DECISIONS_H
#define WHARF_ENGINE_VIEW_DECISIONS_H

#include "engine/view.h"
#include "schedule/plan.h"
#include "schedule/task.h"

enum { VIEW_DECISIONS_MAX = 2000, VIEW_DECISION_INPUTS = 400 };

struct view_decision {
	const char *id, *what, *deal;
	uint64_t version;
	int64_t kind, at;
	int64_t verified, differs;  /* times replayed */
};

struct view_candidate {
	const char *name, *reason;
	bool chosen, excluded;
	int64_t risk, cost, time, score; /* thousandths of the worst, times 1000 */
	int64_t parts[3];                /* weighted: together the score */
};
struct view_ban {
	const char *who, *task, *why;
};

/* A task whose place or person is another than in the plan before. */
struct view_change {
	const char *what, *deal, *who, *before; /* before: who had it, "" nobody or the same */
	int64_t rank, was;              /* places from 1; was 0: it is new */
};

struct view_decision_detail {
	struct view_decision row;
	const char *trigger, *chosen, *snapshot, *result; /* digests in hexadecimal */
	int64_t number, entry, policy, candidates_said, excluded, moved;
	bool stored;                    /* the snapshot's bytes are here and hash to what the ledger says */
	bool decoded;                   /* and they are a plan */
	size_t bytes;
	int64_t weight_risk, weight_cost, weight_time;
	struct view_candidate candidates[PLAN_CANDIDATES_MAX];
	size_t candidate_count;
	struct view_ban bans[8];        /* persons ruled out */
	size_t ban_count, bans_in_all;
	size_t tasks, seats, steps;
	struct plan_step *inputs;       /* the decision step by step */
	size_t input_count;
	const char *first_task, *first_deal, *first_who; /* the first place of the plan */
	struct view_change *changes;    /* of a plan, in its order */
	size_t change_count, unchanged;
	bool replayed, equal;           /* asked for with `replay` */
	const char *difference;
	const char *previous;           /* the plan before: its chosen, "" none */
	int64_t previous_number;
};

/* The detail beside another decision: what differs first, then what is the same. */
struct view_pair {
	const char *what, *here, *there; /* "–": that decision has no such step */
	bool same;
};
struct view_compared {
	const char *other, *there;      /* id; "plan 164" */
	struct view_pair *pairs;
	size_t count, same;
};

struct view_decisions {
	struct view_decision *rows;     /* newest first */
	size_t count, in_all;
	size_t today, today_verified, today_differs, today_of[DECISION_KIND_COUNT];
	struct view_decision_detail *detail;
	struct view_compared *compared; /* NULL unless it was asked for */
};

/* The newest VIEW_DECISIONS_MAX decisions, and the detail of one ("": none). `replay`: re-execute it. */
struct view_decisions *view_decisions_build(struct arena *a, const struct view_source *src, const char *decision,
	bool replay);

/* The decision of v->detail beside another one, as the ledger and the snapshots have both; NULL when one of them is not for who looks. Of
 * plans candidates, places and tasks are compared. */
struct view_compared *view_decisions_compare(struct arena *a, const struct view_source *src, const struct view_decisions *v, const char *other);

#endif
