/* One log, one function: the state root and engine_step, the only writer of it.
 *
 * Must remain true
 *  - engine_step cannot fail: an event is done, or refused with a name, and both are entries;
 *  - the state after entry n depends on the entries 0..n only, not on how they were grouped into
 *    commits, on the program's caches, or on the machine;
 *  - a refused event changes nothing but the line of news that says so, and, when a person signed it, that its key is
 *    used: what was refused to a person is not done later by sending the same bytes again. (What is over may leave the
 *    state with any entry: engine/retention.h.)
 * The engine reads no clock and no file. The caller orders events, gives stamps, keeps the entries. */
#ifndef WHARF_ENGINE_ENGINE_H
#define WHARF_ENGINE_ENGINE_H

#include "base/turn.h"
#include "engine/events.h"
#include "ledger/entry.h"
#include "ledger/merkle.h"
#include "workflow/runtime.h"

enum { ENGINE_RULES = 1 }; /* the rule version this program knows; META.rules never exceeds it */

#define META_FIELDS(F) \
	F(TEXT, id, 8, NONE)           /* "state" */ \
	F(TEXT, origin, 48, NONE) \
	F(INT, demo, 0, BOOL) \
	F(INT, rules, 0, COUNT) \
	F(TEXT, lua, 8, NONE) \
	F(TEXT, currency, 4, NONE) \
	F(TEXT, book, 16, NONE) \
	F(INT, policy, 0, COUNT) \
	F(HASH, policy_digest, 0, NONE) \
	F(HASH, node_key, 0, KEY) \
	F(HASH, admin_key, 0, KEY) \
	F(HASH, consortium, 0, NONE) \
	F(INT, begun_at, 0, TIME) \
	F(HASH, ledger, 0, NONE)       /* content hash of the genesis envelope: what every other envelope here names */
REC_STRUCT(meta, META_FIELDS);
extern const struct rec_type META_REC; /* tag 50 */

/* Requests seen, by the sender's idempotency key; key "sender/hex16". Not for batches and ticks, which
 * carry their own sequence. */
#define SEEN_FIELDS(F) \
	F(TEXT, id, 68, NONE) \
	F(HASH, content, 0, NONE) \
	F(INT, entry, 0, COUNT) \
	F(TEXT, verdict, 28, NONE)     /* "" done; a person's request that was refused is remembered too */ \
	F(TEXT, proposal, 32, ID)      /* while one is open the key is its own: only it applies the request, and nobody else uses the key */
REC_STRUCT(seen, SEEN_FIELDS);
extern const struct rec_type SEEN_REC; /* tag 51 */

/* Every record type of the state, in order of tag. */
extern const struct rec_type *const STATE_TYPES[];
extern const size_t STATE_TYPE_COUNT;

struct engine;
struct engine *engine_new(void);
void engine_free(struct engine *e);

/* Before ordering: decodes, checks size, kind, at least one signature and that all hold, that a named
 * body decodes. On refusal the event never reaches the ledger; why (240 bytes) says where. With an engine engine_known is asked too;
 * with NULL workers may admit side by side while one steps. */
enum refusal engine_admit(const struct engine *e, struct str envelope, char why[TURN_DETAIL_MAX]);
/* The same, and what was decoded (it points into the bytes) with its content hash, for who goes on with them. */
enum refusal engine_admit_as(struct str envelope, struct envelope *env, struct hash *content, char why[TURN_DETAIL_MAX]);

/* Before ordering, of what engine_admit let through: REFUSED_SIGNER_UNKNOWN when the author's key never was anybody's here,
 * REFUSED_OTHER_LEDGER when it was signed for another ledger (a genesis envelope: when it names any), which proves nothing about its
 * signer here. Such a sender is answered and nothing is kept, or strangers could make the ledger grow without bound. What known keys
 * may not do is an entry, a refused one. Before the genesis entry no key is known, and REFUSED_NOT is said of all but the last. */
enum refusal engine_known(const struct engine *e, struct str envelope, char why[TURN_DETAIL_MAX]);

/* Whether the ledger has these bytes' request already, same key and same content: then the entry it became and what was answered.
 * Asked before ordering, so that a repeat gets the first answer and makes no entry. */
bool engine_repeat(const struct engine *e, struct str envelope, uint64_t *entry, enum refusal *verdict);

struct engine_in {
	int64_t stamp;       /* must be above the last stamp: engine_next_stamp gives the least allowed */
	uint64_t epoch;
	struct str envelope; /* admitted bytes */
	bool admitted;       /* by engine_admit of this process, or checked against the entry's digests: the
	                        body's digest is not computed a second time */
	/* NULL, or what this process computed from these very bytes: an entry as it is said to be, and all its digests. The content
	 * hash is taken from there, and leaf and chain too when the step gives that very entry; who it is said to be is believed in
	 * nothing. */
	const struct entry *said;
	const struct entry_digests *digests;
};
struct engine_out {
	enum refusal verdict;
	char detail[TURN_DETAIL_MAX];
	struct entry entry;            /* its envelope points to the input */
	struct entry_digests digests;
	struct evidence *evidence;     /* to be kept durably before the entry; valid until the next step */
	size_t signals;                /* handled, for the figures */
};

/* Applies one event and appends it to chain and tree. */
void engine_step(struct engine *e, const struct engine_in *in, struct engine_out *out);

/* The least stamp the next entry may carry given a clock reading. */
int64_t engine_next_stamp(const struct engine *e, int64_t now);
/* When the next timer is due, or INSTANT_NONE; and the tick event for it (unsigned). */
int64_t engine_next_due(const struct engine *e);
bool engine_tick(const struct engine *e, int64_t now, struct arena *a, struct envelope *out);

const struct tabs *engine_tabs(const struct engine *e);
struct tabs *engine_tabs_mutable(struct engine *e); /* for the store: dirty lists only */
const struct meta *engine_meta(const struct engine *e); /* NULL before genesis */
/* What an envelope for the ledger of this state names (ledger/envelope.h); zero before genesis, as a genesis envelope does. */
struct hash engine_ledger(const struct tabs *s);
/* The node's key that was in force right after an entry (UINT64_MAX: now); false before genesis. Checkpoints of that
 * length verify under it. */
bool engine_node_key_at(const struct engine *e, uint64_t entry, struct hash *out);
const struct merkle *engine_tree(const struct engine *e);
struct merkle *engine_tree_mutable(struct engine *e); /* for the store: where tiles are, and that they are stored */
const struct entry_link *engine_link(const struct engine *e);
struct hash engine_digest(const struct engine *e); /* of the whole state; O(state) */
struct workflow *engine_workflow(struct engine *e); /* for previews and drawings */

/* Snapshot: link, root, edge of the tree and tables as bytes; restoring needs the number of entries it stands for, and
 * the tree's source of tiles only when older leaves are asked for. False leaves an empty engine. */
void engine_snapshot(const struct engine *e, struct buf *out);
bool engine_restore(struct engine *e, struct str snapshot, uint64_t count);
void engine_clear(struct engine *e); /* as before the genesis entry */

/* What an event would do, as lines for a dialog: runs it on the state and takes everything back. */
enum refusal engine_preview(struct engine *e, int64_t stamp, const struct envelope *envelope,
	const struct hash *signer, struct buf *lines, char detail[TURN_DETAIL_MAX]);

#endif
