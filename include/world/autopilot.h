/* The autopilot: plays every role but the visitor's, as the recorded hands say or else like a sensible person.
 *
 * It looks at the open tasks, thinks for a while that depends on the seed and the task's id, chooses somebody who may
 * (role, party, separation of duties by rights_ask), and completes the task with that person's key. Nothing is
 * remembered but what was refused. */
#ifndef WHARF_WORLD_AUTOPILOT_H
#define WHARF_WORLD_AUTOPILOT_H

#include "ledger/envelope.h"
#include "schedule/task.h"
#include "world/keys.h"

struct autopilot_act {
	int64_t at;             /* instant; INSTANT_NONE when there is nothing to do */
	char task[ID_MAX];
	char operator_id[24];
	char decision[16], reason[96];
	struct str data;        /* JSON, in the arena */
	char says[64];          /* for progress lines */
};

/* Acts that were refused: tried again later, by another person if there is one. */
enum { AUTOPILOT_TRIED_MAX = 512 };
struct autopilot_tried {
	char task[ID_MAX];
	int64_t times;
};
struct autopilot {
	const struct cast *cast;
	char visitor[24];          /* operator id, "" nobody */
	char handed[ID_MAX];       /* a task of the visitor that may be done now */
	struct autopilot_tried tried[AUTOPILOT_TRIED_MAX];
	size_t tried_count;
};

/* Whether a task belongs to the visitor: role and party. */
bool autopilot_is_visitors(const struct autopilot *p, const struct task *t);
/* When the recorded hand does a task, or INSTANT_NONE when the recording says nothing of it. */
int64_t autopilot_recorded(const struct autopilot *p, const struct task *t);
/* The next act at or after now; acts that are overdue are due now. */
void autopilot_next(const struct autopilot *p, const struct tabs *s, int64_t now, struct arena *a, struct autopilot_act *out);
/* The event of an act (task.complete), unsigned. */
void autopilot_event(const struct tabs *s, const struct autopilot_act *act, struct arena *a, struct envelope *out);
void autopilot_refused(struct autopilot *p, const char *task);

#endif
