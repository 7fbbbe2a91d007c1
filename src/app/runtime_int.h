/* What the parts of the runtime share: its state, and what they ask of each other.
 *
 *     runtime.c         opens, leads, serves and closes
 *     runtime_clock.c   which time it is, and whether to believe it
 *     runtime_keep.c    snapshots and checkpoints, made after the work that makes them due
 *     runtime_order.c   from submitted events to durable entries
 *     runtime_follow.c  the same for who does not lead: hands over, and takes the lead
 *
 * Must remain true: one thread uses a runtime; only what group_write touches is used beside it, while a commit is under way. */
#ifndef WHARF_RUNTIME_INT_H
#define WHARF_RUNTIME_INT_H

#include "app/checkpoint.h"
#include "app/runtime.h"
#include "store/snapshotting.h"
#include "work/pool.h"

/* A leader that has not answered for this long is taken for stopped. */
#define LEADER_SILENT_MS 3000

struct net_server;
struct net_client;
struct ordering;

struct runtime {
	struct runtime_options options;
	int64_t demo_stamp, demo_opened; /* of demo_clock */
	bool own_clock;                  /* this host's, which may be wrong */
	bool said_other;                 /* an operator said another day (said_day) than the clock */
	int64_t said_day;
	int64_t right_at, right_steady;  /* the clock when it was last known to be right, and clock_steady_ms then; 0: never */
	struct journal *journal;
	struct engine *engine;
	uint64_t epoch;
	uint64_t forgotten; /* entries before it destroy nothing that is still in the vault */
	int64_t mended_ms; /* when it was last tried to write again, after a failure */
	bool leads;
	int64_t silent_ms; /* since when the leader owes an answer */
	size_t group;
	uint64_t snapshot_at; /* entries in the newest snapshot */
	uint64_t snapshot_every; /* from one to the next */
	struct snapshotting *making; /* one that is being written while work goes on, or NULL */
	uint64_t checkpoint_at; /* entries that the checkpoint this process wrote speaks of */
	struct net_server *server;
	struct net_client *client;
	bool serving;         /* inside net_server_poll: the server may not be closed now */
	struct fault trouble;
	bool troubled;
	bool stopped; /* memory or disk is not what was signed: nothing more is written by this process */
	bool refused; /* opening failed: nothing is written on the way out */
	char warning[CHECKPOINT_WARNING_MAX];
	struct pool *pool;         /* verifies ahead; made when first needed */
	struct pool_side *side;    /* commits beside; made when first needed */
	struct ordering *ordering; /* the groups of a submission; made when first needed */
};

/* --- runtime.c --- */
/* Takes the lead: ERR_BUSY when somebody has it and it may not be stolen. */
enum err runtime_lead(struct runtime *r, bool steal, struct fault *fault);
void runtime_unlead(struct runtime *r);
enum err runtime_reload(struct runtime *r, struct fault *fault);
void runtime_forget(struct runtime *r);

/* --- runtime_clock.c --- */
void runtime_clock_given(struct runtime *r);
/* When the ledger is loaded. ERR_USAGE for a WHARF_TODAY that is no date. */
enum err runtime_clock_begin(struct runtime *r, struct fault *fault);

/* --- runtime_keep.c --- */
void runtime_snapshot(struct runtime *r);
void runtime_snapshot_due(struct runtime *r);
void runtime_snapshot_advance(struct runtime *r);
void runtime_snapshot_end(struct runtime *r);
void runtime_checkpoint(struct runtime *r);

/* --- runtime_order.c --- */
/* As runtime_submit, for who leads. */
enum err runtime_order(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault);
void runtime_order_free(struct runtime *r);

/* --- runtime_follow.c --- */
/* As runtime_submit, for who does not lead, or no longer. */
enum err runtime_hand_over(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault);
void runtime_disconnect(struct runtime *r);
/* Leads, unless somebody else was faster. */
enum err runtime_take_over(struct runtime *r, struct fault *fault);
/* A leader that was stopped holds the lock and its socket still accepts: only asking tells. */
bool runtime_leader_silent(struct runtime *r);

#endif
