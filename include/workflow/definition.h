/* Process definitions: BPMN 2.0 files (OMG formal/2013-12-09) read into an immutable structure.
 *
 * wf_def_parse takes the bytes of a file and gives a definition that the engine can run, or all the
 * reasons why not, each with element, id, line and remedy. What holds of every definition given:
 *  - nodes, flows, lanes and the rest are numbered in document order; a number never changes;
 *  - every reference is resolved; every condition and timer expression is compiled;
 *  - the descendants of a sub-process are the nodes index + 1 … after - 1;
 *  - source and target of a flow are in the same scope; every node is reachable from a start of its
 *    scope and can reach an end of it (compensation boundaries and handlers are outside the flow);
 *  - each scope of a sub-process has exactly one start event, of kind none; a process has at least
 *    one start event and at most one of kind none;
 *  - more than one flow out of an activity or event forks; more than one in merges without waiting.
 *    Only an exclusive gateway has conditions and a default; only a parallel one waits.
 * Nothing is ever changed after parsing, so a definition may be shared. The version of a file is
 * the hash of its bytes, which the caller computes. docs/bpmn.md says the same for authors. */
#ifndef WHARF_WORKFLOW_DEFINITION_H
#define WHARF_WORKFLOW_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "workflow/feel.h"

#define WF_NS_WHARF "https://wharf.example/bpmn"

enum {
	WF_BYTES_MAX = 4 << 20, /* of a file */
	WF_DEPTH_MAX = 64,      /* of its elements */
	WF_NODES_MAX = 4096,
	WF_FAULTS_MAX = 64,     /* kept; more are counted */
	WF_NO = -1              /* no such index */
};

enum wf_kind {
	WF_START,
	WF_END,
	WF_CATCH,        /* intermediate catch event */
	WF_THROW,        /* intermediate throw event */
	WF_BOUNDARY,     /* interrupting, or compensation */
	WF_TASK,         /* abstract: passes at once */
	WF_USER_TASK,
	WF_SERVICE_TASK,
	WF_SEND_TASK,
	WF_RECEIVE_TASK,
	WF_RULE_TASK,    /* businessRuleTask */
	WF_EXCLUSIVE,
	WF_PARALLEL,
	WF_SUBPROCESS,
	WF_OTHER,        /* known, not run: only in what wf_def_view gives */
	WF_KIND_COUNT
};

enum wf_event {
	WF_NONE,
	WF_MESSAGE,
	WF_TIMER,
	WF_ERROR,
	WF_TERMINATE,
	WF_COMPENSATE,
	WF_EVENT_OTHER, /* only in what wf_def_view gives */
	WF_EVENT_COUNT
};

enum wf_timer_kind { WF_TIMER_NONE, WF_TIMER_DURATION, WF_TIMER_DATE };

enum wf_reversible { WF_REVERSIBLE_UNSAID, WF_BEFORE_PIVOT, WF_PIVOT, WF_AFTER_PIVOT };

struct wf_attr {
	struct str name, value; /* local name of a wharf: attribute */
};

/* In units of the file's diagram, rounded to integers. */
struct wf_rect {
	int x, y, w, h;
	bool known;
};
struct wf_point {
	int x, y;
};

/* What the wharf: attributes of a node say; "" where they say nothing. */
struct wf_work {
	struct str step;        /* template step, "A11" */
	struct str role;        /* of the person who does it, "OPC" */
	struct str contract;    /* and the function of it that is called */
	struct str call;
	struct str effect;      /* kind of effect sent … */
	struct str party;       /* … to this party */
	struct str message;     /* name of the message waited for or thrown */
	struct str correlation; /* path of the correlation key; "" is the deal id */
	struct str duration;    /* ISO 8601, expected */
	struct str deadline;    /* ISO 8601, from the moment the task opens */
	struct str calendar;    /* named calendar that deadline and timer count in */
	struct str form;        /* decision or entry form */
	struct str resource;    /* seat, channel, slot */
	int priority;           /* 0 … 1000; 0 when unsaid */
	enum wf_reversible reversible;
};

struct wf_node {
	int index;
	enum wf_kind kind;
	enum wf_event event;    /* of events; WF_NONE otherwise */
	int process;
	int scope;              /* index of the sub-process around it, or WF_NO */
	int after;              /* one past its last descendant; index + 1 when it has none */
	int lane;               /* innermost lane; when none names it that of its activity (boundary events, handlers)
	                           or of the sub-process around; or WF_NO */
	int line;               /* in the file */
	struct str id, name;    /* name is "" when there is none */
	struct str documentation;
	const char *element;    /* XML element, "userTask" */

	const int *in;          /* flows, in document order */
	const int *out;
	int in_count, out_count;
	int default_flow;       /* of an exclusive gateway, or WF_NO */

	int attached_to;        /* of a boundary event: its activity; else WF_NO */
	const int *boundary;    /* of an activity: its boundary events, compensation last */
	int boundary_count;
	bool for_compensation;  /* is a compensation handler, outside the flow */
	int handler;            /* of an activity or its compensation boundary: the handler; else WF_NO */
	int host;               /* of a handler: the activity that it undoes; else WF_NO */
	int compensates;        /* of a compensation throw or end with activityRef: that activity; else WF_NO */

	int start;              /* of a sub-process: its start event; else WF_NO */

	int message;            /* index into messages, or WF_NO; work.message holds the name */
	int error;              /* index into errors, or WF_NO */
	struct str error_code;  /* thrown or caught; "" at a boundary catches every error */
	enum wf_timer_kind timer;
	struct str timer_text;          /* ISO 8601 duration or RFC 3339 time, or the expression */
	const struct feel *timer_expr;  /* when the file says "=…", else NULL */

	struct wf_work work;
	const struct wf_attr *attrs;    /* every wharf: attribute, known or not, in document order */
	int attr_count;

	struct wf_rect box;             /* diagram */
	bool expanded;                  /* a sub-process drawn open */
};

struct wf_flow {
	int index;
	int process, scope;
	int line;
	struct str id, name;
	int source, target;             /* nodes */
	const struct feel *condition;   /* or NULL */
	bool is_default;                /* of its source */
	const struct wf_point *points;  /* diagram waypoints */
	int point_count;
};

struct wf_lane {
	int index, process;
	int parent;      /* lane that it is part of, or WF_NO */
	int line;
	struct str id, name;
	struct str party; /* wharf:party, else the name */
	struct wf_rect box;
};

struct wf_process {
	int index;
	int line;
	struct str id, name;
	struct str party;       /* name of its pool (participant), "" when there is none */
	int first_node, after;  /* its nodes: first_node … after - 1 */
	const int *starts;      /* start events of the process itself */
	int start_count;
	int start_none;         /* the one of kind none, or WF_NO */
	const struct wf_attr *attrs;
	int attr_count;
	struct wf_rect box;
};

struct wf_data {
	struct str id, name;
	int process, scope, line;
	bool store; /* dataStoreReference, else a data object */
};

struct wf_message {
	struct str id, name;
	int line;
};

struct wf_error {
	struct str id, name, code;
	int line;
};

struct wf_def {
	const struct wf_process *processes;
	int process_count;
	const struct wf_node *nodes;
	int node_count;
	const struct wf_flow *flows;
	int flow_count;
	const struct wf_lane *lanes;
	int lane_count;
	const struct wf_data *data;
	int data_count;
	const struct wf_message *messages;
	int message_count;
	const struct wf_error *errors;
	int error_count;
	struct str id, name, target_namespace;
	bool has_diagram;      /* every node of the flow has a box */
	const int *by_id;      /* node indices sorted by id, for wf_node_named */
	struct arena arena;    /* holds all of it, this struct too */
};

/* All that is wrong with a file. */
struct wf_faults {
	struct fault list[WF_FAULTS_MAX]; /* in order of line */
	int count; /* filled */
	int total; /* found */
};

/* Parses and checks a file. ERR_OK and the definition in *out (free with wf_def_free), or the code of
 * the first fault, NULL in *out and the faults filled: ERR_SYNTAX (malformed, DOCTYPE, broken rule),
 * ERR_LIMIT (too large, too deep), ERR_UNSUPPORTED (BPMN that is not run here). */
enum err wf_def_parse(struct str bytes, struct wf_def **out, struct wf_faults *faults);

/* The same, but gives the definition for drawing whenever the file is well-formed and its flows have two
 * ends, in spite of the faults: elements that are not run are WF_OTHER. Never to be executed. */
enum err wf_def_view(struct str bytes, struct wf_def **out, struct wf_faults *faults);

void wf_def_free(struct wf_def *def); /* NULL is allowed */

/* Look-ups; NULL when there is none. */
const struct wf_node *wf_node_named(const struct wf_def *def, struct str id);
const struct wf_process *wf_process_named(const struct wf_def *def, struct str id);
const struct wf_flow *wf_flow_named(const struct wf_def *def, struct str id);
struct str wf_node_attr(const struct wf_node *n, const char *name); /* wharf: attribute or "" */
struct str wf_process_attr(const struct wf_process *p, const char *name);

/* "Approve purchase", or the id of a node without a name. */
struct str wf_node_label(const struct wf_node *n);
/* Party of the lane or, without lane, of the pool; "" when there is neither. */
struct str wf_node_party(const struct wf_def *def, const struct wf_node *n);

bool wf_is_task(enum wf_kind k);     /* tasks, not sub-processes */
bool wf_is_activity(enum wf_kind k); /* tasks and sub-processes */
bool wf_is_event(enum wf_kind k);
bool wf_is_gateway(enum wf_kind k);

const char *wf_kind_name(enum wf_kind k);   /* for people: "user task" */
const char *wf_event_name(enum wf_event e); /* "timer" */
/* What a node is, for people: "timer boundary event", "user task". */
const char *wf_node_what(const struct wf_node *n);

#endif
