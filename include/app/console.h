/* The console's loop: one runtime, one terminal, one desk, and perhaps a recorded world.
 *
 * The only wait is poll() on the terminal, the runtime's descriptors and the next timer. With nothing to
 * show nothing is written. A world (the demo) gives its own time and lets what is due happen, inside the same
 * loop: between two keys at most CONSOLE_SLICE_MS are spent on it. */
#ifndef WHARF_APP_CONSOLE_H
#define WHARF_APP_CONSOLE_H

#include "app/command.h"
#include "app/runtime.h"
#include "base/err.h"
#include "ui/desk.h"

enum { CONSOLE_SLICE_MS = 12 };

/* Hooks of a recorded day. Times are µs since 1970. NULL functions: not there. */
struct console_world {
	void *ctx;
	/* The recorded clock. */
	int64_t (*now)(void *ctx);
	/* Real milliseconds until something is due; 0 now, -1 not before a key (paused, waits, ended). */
	int (*due_ms)(void *ctx);
	/* Lets the next happening that is due happen (at most one group of events); *moved: the state moved. Called
	 * until due_ms() > 0 or the slice is over. */
	enum err (*advance)(void *ctx, bool *moved, struct fault *fault);
	/* Task of the visitor at whose deadline the clock waits; NULL when it does not wait. */
	const char *(*waits_for)(void *ctx);
	/* Lets the recorded hand do that task. */
	enum err (*hand_over)(void *ctx, struct fault *fault);
	/* Fills the cue fields and the clock's (speed, stopped, waits) of info. */
	void (*info)(void *ctx, struct desk_info *out);
	void (*pause)(void *ctx, bool on);       /* `p` */
	enum err (*step)(void *ctx, bool *moved, struct fault *fault); /* `.`: one event */
	void (*speed)(void *ctx, int direction); /* `<` -1, `>` +1 */
	void (*next_cue)(void *ctx);             /* `+`: run there at 1000x, or hand_over when it waits */
	/* The visitor is somebody else now: the autopilot takes the other roles. */
	void (*visitor)(void *ctx, const char *operator_id);
	int64_t day_from, day_to;
	/* `:demo WORD…`; false when unknown. */
	bool (*word)(void *ctx, const char *words, char said[240]);
};

struct console_options {
	struct runtime *runtime;          /* borrowed */
	const char *dir;                  /* data directory: DIR/keys/NAME.key are the people's keys */
	const char *share;                /* themes/, data/terminfo */
	const struct console_world *world; /* or NULL */
	const char *theme;                /* NULL: harbour */
	const char *operator_id;          /* under the cursor of the unlock frame; NULL: the first */
	const char *passphrase;           /* shown in the unlock frame (demo) and accepted there; NULL */
	bool readonly, ascii, no_colour, plain;
};

/* True with WHARF_TEST_CLOCK=held, which counts only together with WHARF_TEST_FD (ui/term.h): time on the wall stands
 * for the console and for the recorded day, which then moves by single steps (`.`) and from cue to cue (`+`) alone, and a
 * hand is off the lists with the last key. So a picture depends on the keys and on nothing else. */
bool console_time_held(void);

/* Runs until quit, SIGTERM/SIGHUP or the terminal is gone; the terminal is left as it was. */
enum err console_run(const struct console_options *o, struct fault *fault);

#endif
