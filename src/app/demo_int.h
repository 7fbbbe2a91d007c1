/* What the files of `wharf demo` share: the files of the recording, the player, the keys of a demo directory. */
#ifndef WHARF_APP_DEMO_INT_H
#define WHARF_APP_DEMO_INT_H

#include "app_int.h"
#include "world/clock.h"
#include "world/setup.h"
#include "world/world.h"

enum { DEMO_SOURCES_MAX = 32 };

/* Bytes of demo/ and data/, read once. */
struct demo_files {
	struct buf history, day, cues, cast, policy;
	struct buf sources[DEMO_SOURCES_MAX];
	char names[DEMO_SOURCES_MAX][48];
	struct setup_source contracts[DEMO_SOURCES_MAX], processes[DEMO_SOURCES_MAX];
	int source_count, contract_count, process_count;
};

/* A demo directory being played. Fast: events are applied to a shadow engine first and handed to the runtime in groups
 * of one commit, with the stamps that the shadow gave; both must end in the same state. Slow: each event goes to the
 * runtime at once, as a person at the console needs it. */
struct demo {
	struct demo_files files;
	struct arena memory;
	struct cast *cast;
	struct world *world;
	struct runtime *runtime;
	struct key_pair node;
	char dir[PATH_TEXT_MAX];
	/* fast */
	struct engine *shadow;
	struct arena group;
	struct runtime_item items[RUNTIME_GROUP_MAX];
	int64_t stamps[RUNTIME_GROUP_MAX];
	size_t count, stamped;
	struct fault fault; /* of the last commit that failed; code ERR_OK when none */
	/* console */
	struct world_clock clock;
	int64_t run_to;     /* virtual instant of the next cue; 0 not running there */
	int cue_told;       /* number of the card that the picture shows */
	bool waited, begun; /* the clock stood at the last look; somebody has signed in */
	char visitor[24];
	uint64_t signed_at; /* entries when demo_witness last signed; 0 it did not yet */
	char flipped[ID_MAX]; /* decision whose stored snapshot was changed for show; "" none */
};

enum err demo_files_read(struct demo_files *f, struct fault *fault);
void demo_files_free(struct demo_files *f);

/* Opens DIR, making it when it is empty (keys, first entries); refuses a ledger that is not marked demo. */
enum err demo_open(struct demo *d, const char *dir, struct fault *fault);
void demo_close(struct demo *d);
/* Plays until a virtual instant at full speed; line is told the progress (thousandths) now and then, or NULL. */
enum err demo_play(struct demo *d, int64_t until, void (*line)(const struct demo *d, int thousandths), struct fault *fault);
/* Key files of everybody in the cast, with the demo's passphrase, salts from the seed. */
enum err demo_keys(const struct demo *d, struct fault *fault);

/* Changes one byte of a stored snapshot for show, or changes it back; says which. */
void demo_flip(struct demo *d, char said[240]);

/* Lets the node sign and the witnesses cosign when enough entries came since (demo_witness.c). */
enum err demo_witness(struct demo *d, struct fault *fault);

/* The console over it (demo_console.c). */
enum err demo_console(struct demo *d, struct fault *fault);

#endif
