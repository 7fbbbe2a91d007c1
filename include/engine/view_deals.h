/* What the Deals screen shows: every deal of a book, and what matters of one. */
#ifndef WHARF_ENGINE_VIEW_DEALS_H
#define WHARF_ENGINE_VIEW_DEALS_H

#include "contract/state.h"
#include "engine/view.h"

/* How a deal stands, worst first where a list asks for it. */
enum view_standing {
	STANDING_CALL,      /* margin call, default, enforcement, payment returned */
	STANDING_HELD,      /* level 3 or more */
	STANDING_WATCH,     /* zone warning, level 1 or 2, overdue */
	STANDING_MOVES,     /* on its way to funding, or out again */
	STANDING_WAITS,     /* waits for a person or a party before funding */
	STANDING_NORMAL,    /* funded, nothing to do */
	STANDING_UNDONE,    /* reversed, rejected, cancelled */
	STANDING_ENDED,     /* settled or closed */
	STANDING_COUNT
};

struct view_deal_row {
	const char *id;
	uint64_t version;       /* changes whenever the row says something else */
	int64_t kind, state, zone, level;
	enum view_standing standing;
	const char *word;       /* "watch", "suspended L3", or the state in words */
	const char *short_word; /* the same in at most 12 cells, whole words */
	const char *party;      /* name */
	const char *currency;
	int64_t amount;         /* outstanding, else what is to be paid, else what was asked for */
	int64_t ltv;            /* basis points; INT64_MIN without collateral or debt */
	const char *waits;      /* for whom or what, in a few words; "" nothing */
	int64_t since;          /* of that wait; 0 none */
	int64_t opened_at;
};

/* One line of facts of a deal: label, value, and how to read it. */
enum view_fact_kind { FACT_TEXT, FACT_MONEY, FACT_RATIO, FACT_RATE, FACT_DATE, FACT_QUANTITY, FACT_COUNT };
struct view_fact {
	const char *label, *text; /* text: FACT_TEXT, or what stands behind a figure */
	enum view_fact_kind kind;
	int64_t value;
};
struct view_deal_news {
	int64_t at, status;     /* enum news_status */
	uint64_t entry;
	const char *who, *text;
};
struct view_deal_case {
	const char *code, *title;
	int64_t level, deadline;
};

enum { VIEW_DEAL_FACTS = 24, VIEW_DEAL_NEWS = 40, VIEW_DEAL_CASES = 6 };
struct view_deal_detail {
	const char *id, *currency;
	struct view_fact facts[VIEW_DEAL_FACTS];
	size_t fact_count;
	struct view_deal_case cases[VIEW_DEAL_CASES]; /* open alerts */
	size_t case_count;
	struct view_deal_news news[VIEW_DEAL_NEWS];   /* newest first */
	size_t news_count;
};

struct view_deals {
	struct view_deal_row *rows; /* running first, then ended; by amount */
	size_t count, running, funded;
	int64_t outstanding;        /* of those in `currency` */
	const char *currency;
	struct view_deal_detail *detail; /* of the deal asked for; NULL none */
};

/* All deals that the viewer's party takes part in (all when it has none). `deal`: whose detail, "" none. */
struct view_deals *view_deals_build(struct arena *a, const struct view_source *src, const char *deal);
/* The deal that people mean: an id, or the tail that singles one out (letters of either case); NULL for none. */
const struct deal *view_deal_find(const struct tabs *s, const char *ref);
/* The row of one deal; also used by the deal's own screen. */
void view_deal_row(struct arena *a, const struct view_source *src, const struct deal *d, struct view_deal_row *out);
/* The newest lines of news of a deal, at most cap. */
size_t view_deal_news(struct arena *a, const struct tabs *s, const char *deal, struct view_deal_news *out, size_t cap);
/* What a deal waits for, in a few words: the title of a task, else the name of the step. Gives since when. */
const char *view_deal_waits(struct arena *a, const struct view_source *src, const struct deal *d, int64_t *since);

#endif
