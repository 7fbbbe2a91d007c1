/* What the Deal screen shows: the process of one deal as a graph that can be read, where it waits, what happened.
 *
 * A shipped process is several hundred columns wide as boxes. The graph here is a reduced one: nodes that belong
 * to one template step and one lane are one box, gateways and events between them are lines, and stretches far from
 * every token are folded into one box each. What was taken, what waits and what may be undone is never folded away
 * without its count. The reduced graph is a definition of its own, so workflow/layout.h draws it. */
#ifndef WHARF_ENGINE_VIEW_DEAL_H
#define WHARF_ENGINE_VIEW_DEAL_H

#include "engine/view.h"
#include "engine/view_deals.h"
#include "workflow/definition.h"
#include "workflow/runtime.h"

enum view_mark {
	MARK_OPEN,       /* not reached */
	MARK_DONE,
	MARK_TOKEN,      /* a token waits here */
	MARK_HELD,       /* a token waits here and the level holds it */
	MARK_NEXT,       /* will be undone, in its turn */
	MARK_UNDOING,    /* is being undone now */
	MARK_UNDONE,
	MARK_WITHDRAWN,
	MARK_FAILED,
	MARK_COUNT
};

/* One box of the graph; the same index as the node of `def`. */
struct view_node {
	enum view_mark mark;
	const char *id;      /* BPMN id of its first node; "" of a fold */
	const char *top;     /* in the upper border: "B03-07", "◄ 2", "E06 case" */
	const char *label;   /* "Approve" */
	const char *foot;    /* in the lower border, when it is no time: "J. Kuiper", "after 2"; "" none */
	int64_t at;          /* when it was done; 0 none */
	int64_t due;         /* when its timer or deadline ends; 0 none */
	int folded;          /* nodes inside; of a fold or a sub-process */
	bool pivot;          /* nothing is undone once this is done */
	bool subprocess;     /* `z` opens it */
	bool small;          /* a fold of one cell: its count stands above it, or behind it at the end */
	bool tail;           /* a fold at the end */
	const char *badge;   /* "E06" in danger on the lower border; "" none */
	int visits;          /* times it was done */
	const char *who;     /* who did it, or who is waited for */
	const char *why;     /* why the path came here: the gateway's condition with its values; "" none */
	const char *says;    /* what it is, for people: "user task, OPC approves" */
};

struct view_wait {
	enum view_mark mark;
	int node;            /* of the graph, -1 when it is folded away */
	const char *at, *who, *then;
	int64_t since, due;  /* due 0: none */
	const char *task;    /* id of the task, "" none */
};

struct view_step {
	int64_t at;
	uint64_t entry;
	const char *who, *text, *why;
	enum news_status status;
};

/* An item of evidence of the deal. */
struct view_item {
	const char *id, *kind, *name, *media, *owner;
	const char *readers; /* "Ines Vermeer, Waalhaven and 3 more" */
	const char *gone;    /* why it was destroyed; "" it was not */
	const char *device;  /* that took it; "" none is named */
	const char *digest;  /* salted, of the plaintext, hexadecimal */
	int64_t captured_at;
	int64_t size, at;
	uint64_t entry;
	bool mine;           /* the viewer may read it */
};

/* A thing that stands behind the deal, as the registers have it now. */
struct view_asset {
	const char *kind;    /* "receivable", "token", "pledge", "receipt", "lot", "bill", a kind of certificate, "document" */
	const char *id;      /* id or number, in full */
	const char *state;   /* the word of its record; "fallen" of a certificate whose issuer's accreditation fell */
	enum news_status status;
	int64_t amount;      /* minor units, VIEW_MASKED, or 0: it has none */
	const char *currency;
	int64_t quantity;    /* thousandths of unit; 0 none */
	const char *unit;
	const char *who;     /* debtor, holder, controller, pledgee, owner or issuer, by its short name */
	int64_t until;       /* when it is due or ends; 0 never */
	const char *says;    /* what else there is to know: tier, lien, grade, what a pledge lacks */
};

enum { VIEW_ITEMS = 40, VIEW_WAITS_MAX = 16, VIEW_STEPS = 60, VIEW_ASSETS = 80, VIEW_UNFOLDED = -1 };

struct view_deal {
	struct view_deal_row row;
	int64_t reserved, paid; /* minor units: payout set aside, principal out */
	const char *goods;      /* "168.0 t copper cathode", "" none */
	const char *process;    /* "inventory-pledge" */
	int64_t version;
	const char *digest;     /* of the process, hexadecimal */
	int64_t state;          /* enum instance_state; -1 without an instance */
	int64_t undo_done, undo_total;
	const char *alert;      /* code of the worst open alert, "" none */
	const char *alert_id;
	const char *scope;      /* id of the sub-process that the graph is of; "" the process itself */
	const char *scope_name;

	const struct wf_def *def;  /* the reduced definition; NULL without a process */
	struct view_node *nodes;   /* of def, by index */
	bool *taken;               /* of def's flows, by index */
	int nodes_done, nodes_all, folds; /* of the process */
	int focus;                 /* node of def that deserves the eye first; -1 none */

	struct view_wait waits[VIEW_WAITS_MAX];
	size_t wait_count, tokens;
	struct view_step steps[VIEW_STEPS]; /* newest first */
	size_t step_count;
	uint64_t first_entry, last_entry;   /* of the steps shown */
	struct view_item items[VIEW_ITEMS]; /* newest first */
	size_t item_count, items_all;
	struct view_asset *assets;          /* debt first, then goods, then papers */
	size_t asset_count, assets_all;
};

/* How the graph is wanted. */
struct view_deal_want {
	const char *deal;
	const char *scope;   /* sub-process to look into, "" the process */
	int columns;         /* cells that the graph should fit into, or VIEW_UNFOLDED */
	bool single;         /* every node a box of its own (chips, list): no grouping by step */
	int64_t as_of;       /* travel in time: what was done after this moment is not yet; 0: now */
};
/* NULL when there is no such deal. */
struct view_deal *view_deal_build(struct arena *a, const struct view_source *src, const struct view_deal_want *want);
/* Its assets alone: fills v->assets and both counts, in the arena. Called by view_deal_build. */
struct deal;
void view_deal_assets(struct arena *a, const struct view_source *src, const struct deal *d, struct view_deal *v);

#endif
