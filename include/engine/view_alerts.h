/* Alerts: cases in order of gravity, and the one in focus with its facts, its timeline and its price. */
#ifndef WHARF_ENGINE_VIEW_ALERTS_H
#define WHARF_ENGINE_VIEW_ALERTS_H

#include "engine/view_desk.h"

struct view_alert {
	const struct alert *alert;
	const struct deal *deal;     /* or NULL */
	const struct task *task;     /* the case's open task, or NULL */
	const char *party;
	const char *words;           /* of its class */
	bool masked;                 /* the viewer may not see its amounts, nor the words that name them */
};
/* A fact seen from two sides; theirs is "" when there is one side only. */
struct view_case_fact {
	char label[20], ours[40], theirs[40];
	bool differs;
};
struct view_moment {
	int64_t at;
	int64_t status;              /* enum news_status; -1 now, -2 still to come */
	char text[96];
};
struct view_offer {
	const char *decision;
	char title[48], says[120];
	int64_t exposure, cost;      /* change of exposure and what it costs, minor units */
	int64_t time;                /* µs until it has worked; 0 at once */
	bool allowed;
};
enum { VIEW_FACTS_MAX = 12, VIEW_MOMENTS_MAX = 40, VIEW_OFFERS_MAX = 4 };
struct view_case {
	struct view_alert a;
	const struct lot *lot;       /* goods it is about, or NULL */
	struct view_case_fact facts[VIEW_FACTS_MAX];
	int fact_count;
	bool two_sides;
	struct view_moment moments[VIEW_MOMENTS_MAX]; /* oldest first */
	int moment_count;
	struct view_offer offers[VIEW_OFFERS_MAX];
	int offer_count;
	int64_t loss, cost;          /* both sides of the inequality; 0 unknown */
	int64_t deal_level, lot_level;
	const char *owner;           /* name, or "" */
	bool mine;
};
struct view_alerts {
	struct view_alert *alerts;
	size_t count;                /* open first */
	size_t open, closed_today;
	const char *currency;
	int64_t policy;
	struct view_case *detail;    /* of focus, or NULL */
};

/* `all`: closed ones too. */
struct view_alerts *view_alerts_build(struct arena *a, const struct view_source *src, bool all, const char *focus);

#endif
