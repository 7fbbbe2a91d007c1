/* Real time to virtual time: the speed of a demonstration. Pure; the caller reads the real clock.
 *
 * Times are microseconds. Virtual time is what the clock was last set to plus the real time since then times the speed;
 * it never goes back, and stands still while paused or while the world waits for the visitor. */
#ifndef WHARF_WORLD_CLOCK_H
#define WHARF_WORLD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

extern const int WORLD_SPEEDS[]; /* 1 5 20 60 200 1000 */
enum { WORLD_SPEED_COUNT = 6, WORLD_SPEED_USUAL = 3 };

struct world_clock {
	int speed;         /* index into WORLD_SPEEDS */
	bool paused;
	int64_t set_real, set_virtual;
};

void clock_start(struct world_clock *c, int64_t real, int64_t virtual_);
/* Virtual time that a real time means now. */
int64_t clock_at(const struct world_clock *c, int64_t real);
/* Changes of pace keep the virtual time of that moment. */
void clock_pace(struct world_clock *c, int64_t real, int faster); /* +1 or -1 step, stays within the list */
void clock_pause(struct world_clock *c, int64_t real, bool paused);
/* Jumps: step, run to a cue, or hold at a moment that may not be passed. */
void clock_set(struct world_clock *c, int64_t real, int64_t virtual_);
/* How long until a virtual moment, in real time: 0 when it is here, -1 when never (paused). */
int64_t clock_until(const struct world_clock *c, int64_t real, int64_t virtual_);

#endif
