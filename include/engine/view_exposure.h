/* What the Exposure screen shows: the loan to value of one pledge, what a price would do to it, what would cure it,
 * and the book by zone. Every figure is computed from records and policy; a scenario changes the price alone.
 * Source: domain specification §6.4. */
#ifndef WHARF_ENGINE_VIEW_EXPOSURE_H
#define WHARF_ENGINE_VIEW_EXPOSURE_H

#include "contract/state.h"
#include "engine/view.h"

enum { VIEW_SCENARIOS = 8, VIEW_CURVE = 101, VIEW_SOURCES = 6, VIEW_ZONES = 4, VIEW_CURVE_BP = 2500 };

struct view_scenario {
	bool now, asked;     /* the present price; the one that the person tries */
	int64_t change;      /* of the price, basis points */
	int64_t price, ev, ltv, zone;
	int64_t cash, goods; /* cures to the target */
};
/* A figure over the same moments as view_history.ltv; INT64_MIN: not known, or not for who looks. */
enum { VIEW_HISTORY = 120 };
enum { VIEW_TREND_DEAL, VIEW_TREND_VALUE, VIEW_TREND_GROUP, VIEW_TREND_BOOK, VIEW_TRENDS };
struct view_trend {
	const char *name;
	int64_t values[VIEW_HISTORY], now, least, most;
};
/* A pledge over time, evenly spaced from `from` to `to`. */
struct view_history {
	int64_t from, to;
	int64_t ltv[VIEW_HISTORY];   /* basis points; INT64_MIN while nothing was drawn or pledged */
	int64_t worst, worst_at;     /* INT64_MIN: none */
	struct view_trend trends[VIEW_TRENDS]; /* exposure, eligible value, drawn by its group, drawn in the book */
};
struct view_price_source {
	const char *name;
	int64_t amount, off, at; /* off: from the joined price, basis points */
};

struct view_exposure {
	const char *id, *party, *currency, *commodity, *unit; /* id "" when there is no pledge */
	int64_t principal, accrued, margin_held, exposure;
	int64_t quantity, price, value, ev; /* value: quantity at the price; price 0 unknown */
	int64_t ltv, zone;
	int64_t draw, warning, leave, call, liquidation, target; /* basis points */
	int64_t margin_due, margin_until;
	int64_t price_state;                /* enum value_state */
	struct view_scenario scenarios[VIEW_SCENARIOS];
	size_t scenario_count;
	int64_t curve[VIEW_CURVE];          /* LTV from -25 % to +25 % of the price */
	struct view_price_source sources[VIEW_SOURCES];
	size_t source_count;
	struct {
		size_t deals;
		int64_t amount;
	} zones[VIEW_ZONES];
	size_t deals;
	int64_t drawn;
	const char *group;                  /* with the highest use of its limit */
	int64_t group_use;                  /* basis points */
	size_t place;                       /* of this deal among the pledges, by LTV; 0 first */
	const char *before, *after;         /* the deals beside it; "" none */
	struct view_history *history;       /* NULL unless it was asked for */
};

/* A price that is tried: its change in basis points, or the price itself in minor units (0: the change counts). */
struct view_try {
	int64_t change, price;
};
/* The pledge `deal` ("": that with the highest LTV), with a price tried. */
struct view_exposure *view_exposure_build(struct arena *a, const struct view_source *src, const char *deal, struct view_try asked);
/* The last `span` (µs) of a pledge, its group and the book, walked back from now through the journals; NULL when its amounts are not for
 * who looks. */
struct view_history *view_history_build(struct arena *a, const struct view_source *src, const char *deal, int64_t span);
/* Whose limit a deal draws on: the group of the debtor, else of the borrower. */
const char *view_deal_group(const struct tabs *s, const struct deal *d);

#endif
