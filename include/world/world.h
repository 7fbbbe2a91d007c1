/* The world around the ledger, in virtual time: the recording, simulated parties, and people's recorded hands.
 *
 * It reads the engine's state and hands signed envelopes to a callback; it never changes the state itself. What comes
 * next is the earliest of: the next line of the recording, the next answer of a simulated party, the next act of the
 * autopilot, the next timer of the ledger; ties go in that order. Where it stands follows from the state (the stamp of
 * the last entry, the effects without answer, the open tasks), so a kept directory goes on where it was left.
 *
 * Must remain true: the same recording and the same acts of the visitor give the same entries. */
#ifndef WHARF_WORLD_WORLD_H
#define WHARF_WORLD_WORLD_H

#include "engine/engine.h"
#include "world/autopilot.h"
#include "world/generate.h"
#include "world/keys.h"
#include "world/parties.h"

/* The recording as bytes; borrowed for as long as the world lives. */
struct world_files {
	struct str history, day, cues, cast;
};

struct world_blob {
	struct hash digest;
	const char *kind;
	struct str bytes;
};
/* Orders one signed, encoded envelope with its evidence; gives the verdict back. False stops the world (the ledger
 * cannot be written). */
typedef bool (*world_submit)(void *ctx, struct str envelope, const struct world_blob *blobs, size_t blob_count,
	enum refusal *verdict, char detail[TURN_DETAIL_MAX]);
/* The engine as it is now: a runtime may replace it. */
typedef const struct engine *(*world_engine)(void *ctx);

struct world;
enum err world_open(const struct world_files *files, world_engine engine, world_submit submit, void *ctx,
	struct world **out, struct fault *fault);
void world_close(struct world *w);
const struct cast *world_cast(const struct world *w);

/* Who the visitor plays: an operator's id; "" nobody, then the autopilot plays everybody (history, no terminal). */
void world_visitor(struct world *w, const char *operator_id);

enum world_event { WORLD_IDLE, WORLD_LINE, WORLD_REPLY, WORLD_ACT, WORLD_TIMER, WORLD_WAITS, WORLD_STOPPED, WORLD_OVER };
/* Makes at most one thing happen, not later than `until`, and moves the clock there: to `until` when nothing does
 * (WORLD_IDLE), to the thing's instant else. WORLD_WAITS: a task of the visitor is at its deadline, the clock stands
 * (world_waits_for); acts of the visitor move on. WORLD_OVER: the recorded day has ended. */
enum world_event world_step(struct world *w, int64_t until);
int64_t world_now(const struct world *w);
/* Instant of the next thing that would happen, or from which the clock would wait; INSTANT_NONE when nothing will. */
int64_t world_next(struct world *w);
bool world_over(const struct world *w);
/* The task that the clock waits for, or "": it stops waiting when the task is done or no longer the visitor's. */
const char *world_waits_for(const struct world *w);
/* Lets the autopilot do a task of the visitor, now. */
void world_hand_over(struct world *w, const char *task);
/* How much of the recording is done, in thousandths of its lines, of history and day together. */
int world_progress(const struct world *w);
/* What the last step did, in a few words ("answer copper", "A11 approve t.okafor"), and its verdict. */
const char *world_last(const struct world *w, enum refusal *verdict, const char **detail);

/* Cue cards, in order of time. */
struct world_cue {
	int number;
	int64_t at;
	struct str title, lines[2], try, role, deal; /* deal: last four characters */
};
const struct world_cue *world_cues(const struct world *w, size_t *count);
/* The newest cue that is due at the clock's time, or NULL. */
const struct world_cue *world_cue(const struct world *w);

/* Signs an event of an operator at the clock's time with the key that the seed gives, as the console does for the
 * visitor: appended to out, encoded. */
void world_sign(const struct world *w, const char *kind, const char *id, struct envelope *e, struct buf *out);

/* The printed end of a day: deals by state, settlements, alerts by code, human decisions, drills, readings, control
 * totals, head, root and digest. */
void world_summary(const struct engine *e, struct buf *out);

#endif
