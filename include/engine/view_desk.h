/* The desk: what needs this person, and what stands around it. */
#ifndef WHARF_ENGINE_VIEW_DESK_H
#define WHARF_ENGINE_VIEW_DESK_H

#include "contract/state.h"
#include "engine/view.h"
#include "engine/view_sensors.h"
#include "risk/state.h"
#include "schedule/task.h"

/* How grave a row is: decides its glyph. */
enum view_grave { VIEW_WAITS, VIEW_WARN, VIEW_DANGER, VIEW_HELD };

struct view_need {
	const struct task *task;
	const struct deal *deal;     /* or NULL */
	const struct alert *alert;   /* or NULL */
	const struct lot *lot;       /* goods of the deal, or NULL */
	enum view_grave grave;
	const char *party;           /* name */
	const char *party_short;
	char what[80];               /* "E06 double pledge, two claims" */
	char few[32];                /* "double pledge": for narrow terminals */
};
struct view_gauge {
	const struct deal *deal;
	const char *party;           /* short */
};
struct view_group_use {
	const struct limit *limit;
	const char *group;
};
enum { VIEW_SITE_SPARK = 11 };
struct view_site {
	const struct site *site;
	int good, devices;
	int64_t heard_at;            /* newest batch; 0 never */
	int64_t spark[VIEW_SITE_SPARK]; /* readings a batch, newest last; INT64_MIN none */
	bool cut;
};
struct view_price {
	const struct value *value;
	bool good;
};
struct view_channel {
	char name[16];               /* "registry", "bank" */
	int64_t took;                /* µs of the last answer; 0 unknown */
	int64_t at;                  /* when it came; 0 never */
	int pending;
};
/* Warehouse desk. */
struct view_dock {
	char name[16];
	int64_t from[8], to[8];
	char deal[8][8];
	bool done[8];
	int count;
};
struct view_device {
	const struct device *device;
	const struct series *series; /* or NULL: never heard */
	int64_t spark[VIEW_SITE_SPARK];
	struct view_sensor now;      /* what it says, as the Sensors screen has it */
};
struct view_custody {
	const char *word;            /* "free", "pledged" */
	int64_t packages;
	bool held;
};

enum { VIEW_SLOTS = 100 };       /* of six minutes: ten hours */
struct view_desk {
	struct view_need *needs;
	size_t need_count;
	int64_t at_risk;             /* sum of their money */
	const char *currency;
	bool warehouse;              /* the viewer works at one: no money is shown */
	const struct site *site;     /* of a warehouse's people, or NULL */
	struct view_gauge *gauges;   /* LTV, highest first */
	size_t gauge_count;
	int64_t zones[4];            /* limits in basis points */
	struct view_group_use *exposures; /* fullest first */
	size_t exposure_count;
	const struct news **news;    /* newest first */
	char (*who)[40];             /* of each, as people say it: "T. Okafor", "engine" */
	size_t news_count;
	int64_t events_a_minute;     /* lines of news in the last minute */
	struct view_site *sites;
	size_t site_count;
	struct view_price *prices;
	size_t price_count;
	struct view_channel channels[2];
	int64_t day_from, day_to;    /* of the strip */
	int done[VIEW_SLOTS], planned[VIEW_SLOTS]; /* acts by slot */
	const struct alert **alerts; /* raised in the strip's day, oldest first */
	size_t alert_count;
	struct view_dock docks[4];
	struct view_device *devices;
	size_t device_count;
	struct view_custody custody[5];
	int64_t next_deadline;       /* of anything at all, for an empty desk; 0 none */
	const char *next_title;
};

/* The decisions that a task offers, in the form's order, NULL-terminated: of a case those that make sense for its
 * class (what cannot be undone offers no undo). Returns how many. */
enum { VIEW_OFFERED_MAX = 6 };
int view_offered(const struct task *t, const char *out[VIEW_OFFERED_MAX + 1]);
/* True when a task is one that this person may be asked to do: role, party, not done. */
bool view_task_is_mine(const struct viewer *v, const struct task *t);
bool view_task_is_open(const struct task *t);
/* Glyph class of a task by its alert, its state and its deadline. */
enum view_grave view_task_grave(const struct task *t, const struct alert *alert, int64_t now);

struct view_desk *view_desk_build(struct arena *a, const struct view_source *src);

#endif
