/* The runtime: engine, journal and clock wired into the loop.
 *
 *     stamp each event            (the only clock)
 *     engine_step                 (the only writer)
 *     commit journal + models     (one transaction, one sync)
 *     then answer, then release the effects
 *
 * A runtime either leads (orders, ticks, answers followers on the local socket) or follows (tails the
 * journal, hands its events to the leader, takes the lead when it is gone). Nothing is acknowledged
 * before it is durable. When a commit fails the engine is reloaded from the journal, so memory never runs
 * ahead of the disk. */
#ifndef WHARF_APP_RUNTIME_H
#define WHARF_APP_RUNTIME_H

#include "base/err.h"
#include "engine/engine.h"
#include "ledger/envelope.h"
#include "store/journal.h"

enum { RUNTIME_GROUP_MAX = 256, RUNTIME_SNAPSHOT_EVERY = 4000, RUNTIME_SNAPSHOT_SHARE = 1024 /* bytes of a snapshot an entry */,
	RUNTIME_SNAPSHOT_BESIDE = 50000 /* records of the state from which a snapshot is written while work goes on */,
	RUNTIME_CHECKPOINT_EVERY = 256 };

struct runtime;

struct runtime_options {
	const char *dir;
	enum journal_mode mode;
	bool follow;                  /* do not try to lead; attach as a replica */
	bool no_snapshot;             /* load by full replay */
	bool check_signatures;        /* while loading */
	int64_t (*clock)(void *ctx);  /* µs since 1970; NULL: the system's */
	void *clock_ctx;
	bool clock_doubted;           /* the clock that is given is compared like the system's (runtime_clock_off); else it is believed */
	size_t threads;               /* that verify signatures ahead, the calling one included; 0: one a processor; 1: all is
	                               * done on the calling thread. The ledger is the same whatever their number. */
	/* The node's secret key (64 bytes, libsodium) signs ticks and checkpoints (keys_node_open of
	 * app/keys.h reads it); NULL: neither is written. Borrowed until runtime_close. */
	const uint8_t *node_secret;
};

enum err runtime_open(const struct runtime_options *o, struct runtime **out, struct fault *fault);
/* Opening to lead refuses a directory that is an old copy of itself (ERR_TAMPERED, app/checkpoint.h). */
/* Snapshot if worth it, signed checkpoint (DIR/checkpoint) when the node's key is here, release the lead,
 * close. NULL is fine. */
void runtime_close(struct runtime *r);
/* From now on the node signs with another key (64 bytes, borrowed until runtime_close): its key was rotated. */
void runtime_set_node(struct runtime *r, const uint8_t *secret);

bool runtime_leads(const struct runtime *r);
struct engine *runtime_engine(struct runtime *r);
struct journal *runtime_journal(struct runtime *r);
int64_t runtime_now(struct runtime *r);
/* Whether this host's clock is so far ahead of the last entry (more than policy clock.window_days [14], the window in which signatures
 * are taken) that nothing is ordered and no timer rings; the fault then says it and what to do. It ends when the clock is set, or when
 * this was opened with WHARF_TODAY=YYYY-MM-DD, the day that an operator says it is (a day off is nothing); another day than the
 * clock's is such a doubt as well. Never of a demonstration, which lives in its own time. */
bool runtime_clock_off(struct runtime *r, struct fault *fault);
/* The last failure that stops writing ("disk full since …"), or NULL when all is well. Cleared by the
 * next commit that succeeds. */
const struct fault *runtime_trouble(const struct runtime *r);
/* Milliseconds since which the leader owes a sign of life, as of the last runtime_poll; 0 while it answers, and for who leads. */
int64_t runtime_leader_silence(const struct runtime *r);
/* From which silence on it is said; nobody takes over before a poll in which it was. */
enum { RUNTIME_SILENCE_SAID_MS = 1000 };
/* What could not be checked when this was opened ("none of the witnesses answers …"); "" when nothing. */
const char *runtime_warning(const struct runtime *r);

struct runtime_item {
	struct str envelope;          /* encoded and signed */
	const struct journal_blob *blobs; /* evidence that the event names */
	size_t blob_count;
	/* answer: */
	bool ordered;                 /* false: never reached the ledger (not admitted), see verdict */
	enum refusal verdict;
	uint64_t number;              /* of the entry when ordered */
	char detail[TURN_DETAIL_MAX];
};

/* Orders, applies and commits items, at most RUNTIME_GROUP_MAX a commit; as a follower hands them to the
 * leader and waits for its answer. ERR_OK: every item has its answer and is durable (or was not admitted).
 * On a failure the items after the last durable group have ordered = false. */
enum err runtime_submit(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault);
/* Signs an envelope with one key, encodes and submits it. */
enum err runtime_send(struct runtime *r, struct envelope *e, const uint8_t secret[64],
	struct runtime_item *answer, struct fault *fault);

/* Writes ticks for timers that are due now (leader with node key, and none while runtime_clock_off); says how many entries. */
enum err runtime_tick(struct runtime *r, size_t *ticks, struct fault *fault);

/* Serves what waits without blocking: followers' events when leading; new entries of the leader when
 * following (applied through the same function), and taking the lead when it is vacant or the leader has
 * not answered for 3 s. Call it when a descriptor of runtime_fds is ready, and at least once a second: a
 * follower asks the leader for a sign of life that often, and sees new entries only here. After a failed write, or when the
 * ledger could only be opened for reading because the disk took nothing, it tries that often whether it can be written
 * again; then runtime_trouble ends. *changed says whether
 * the state moved, or whether we lead did. */
enum err runtime_poll(struct runtime *r, bool *changed, struct fault *fault);
/* Descriptors to wait on (at most cap); returns how many. */
size_t runtime_fds(const struct runtime *r, int *fds, size_t cap);

/* For replays with other groupings and for benchmarks: rows of the group that is being built are
 * committed every n items instead of RUNTIME_GROUP_MAX (1 … RUNTIME_GROUP_MAX). */
void runtime_set_group(struct runtime *r, size_t n);

#endif
