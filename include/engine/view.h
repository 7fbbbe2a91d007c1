/* Views: what a screen shows, taken out of the state as plain numbers and texts.
 *
 * A view builder is a pure function of the records and of who looks; it formats nothing beyond texts that
 * the ledger already says. Everything it gives lives in the arena that it was handed, so a picture never
 * changes under the eye: the next one is built beside it. Builders are in engine/view_<screen>.h. */
#ifndef WHARF_ENGINE_VIEW_H
#define WHARF_ENGINE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/tab.h"
#include "base/turn.h"
#include "engine/engine.h"
#include "identity/registry.h"

/* Who looks, and when. */
struct viewer {
	char id[24];           /* operator; "" nobody is signed in */
	char name[40];
	enum role role;
	char party[16];        /* id */
	char party_name[48];
	int64_t now;           /* µs: stamp of the last event, or the clock of a demo */
	bool readonly;         /* nothing may be signed: auditor, --readonly, or no right to write */
	/* Demo only, else 0: the recorded day, for "today" strips. */
	int64_t day_from, day_to;
};

/* One entry of the ledger as stored; pointers live in the arena of the call. */
struct view_entry {
	struct entry entry;
	struct entry_digests digests;
};

/* A signed checkpoint whose signatures were verified by whoever gives it. */
enum { VIEW_SIGNERS_MAX = 8 };
struct view_checkpoint {
	const char *origin;
	uint64_t size;
	struct hash root;
	int64_t at;            /* when it was signed; 0 unknown */
	size_t signer_count;
	struct {
		const char *name;
		bool verified;     /* by a key that this ledger knows */
	} signers[VIEW_SIGNERS_MAX];
};

/* Where views come from. `entry` and `evidence` read what is not in the state (they may be NULL: then
 * it is not there); everything else is memory. */
struct view_source {
	const struct tabs *tabs;
	const struct merkle *tree;
	const struct entry_link *link;
	struct workflow *workflow;
	const struct viewer *viewer;
	void *ctx;
	bool (*entry)(void *ctx, uint64_t number, struct arena *a, struct view_entry *out);
	bool (*evidence)(void *ctx, const struct hash *digest, struct arena *a, struct str *out);
	bool (*checkpoint)(void *ctx, struct arena *a, struct view_checkpoint *out); /* the newest there is; may be NULL */
	/* Whose looking is itself an entry (an auditor's): false until it is one, then the picture is asked for again. NULL:
	 * nobody's. */
	bool (*looks)(void *ctx, const char *object);
};

/* Texts that several views need. None allocates; "" or the id itself when a record is missing. */
const char *view_party_name(const struct tabs *s, const char *party);  /* "Halcyon Metals" */
const char *view_party_short(const struct tabs *s, const char *party); /* "Halcyon" */
const char *view_person(const struct tabs *s, const char *operator_id); /* "Ines Vermeer", or as it is */
/* "T. Okafor" of an operator id, or the text itself ("engine"). */
char *view_person_short(const struct tabs *s, const char *who, char out[40]);
/* The viewer of an operator; false when there is no such person. */
bool view_viewer(const struct tabs *s, const char *operator_id, int64_t now, struct viewer *out);
/* Visibility (domain specification §1.4). Whether a person sees an object: a deal, or an invoice, note, lot, receipt,
 * pledge, payment or task of one. The book's people, supervisors and auditors see all; others what their party is
 * party, holder, pledgee or bailee of. Nobody signed in ("") sees what the directory shows anyway. Pure. */
bool view_may_see(const struct tabs *s, const char *operator_id, const char *object);
/* The same for its amounts: administrators see none. */
bool view_may_see_amounts(const struct tabs *s, const char *operator_id, const char *object);
/* Stands for an amount that the viewer may not see; ui_money says "masked". */
#define VIEW_MASKED INT64_MIN

/* Records of a kind copied as an array of pointers in key order. */
const void **view_all(const struct tabs *s, const struct rec_type *t, struct arena *a, size_t *count);

#endif
