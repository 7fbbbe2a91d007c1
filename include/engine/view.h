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
#include "ledger/policy.h"

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

/* A signed checkpoint whose signatures were verified by whoever gives it: the log first, then every witness that is known, by
 * the trust policy beside the ledger or by what the ledger itself says. */
enum { VIEW_SIGNERS_MAX = 16 };
struct view_checkpoint {
	const char *origin;
	uint64_t size;
	struct hash root;
	int64_t at;            /* when it was signed; 0 unknown */
	const struct tlog_policy *policy; /* whose quorum is asked for; NULL: there is none */
	size_t signer_count;
	struct view_cosigner {
		const char *name;
		bool verified;     /* by a key that this ledger or its policy knows */
		int witness;       /* place in the policy; -1: the log, or a witness that the policy does not name */
		bool log;
		uint64_t size;     /* largest tree that it signed; 0: none is known */
		struct hash root;  /* of that one */
		int64_t at;        /* when; 0 unknown */
	} signers[VIEW_SIGNERS_MAX];
};

/* An entry whose stored bytes do not hash to the leaf that the tree has in its place. */
struct view_broken {
	uint64_t number;
	struct hash leaf, computed;
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
	/* Told when an entry that was read does not hold. May be NULL. */
	void (*broken)(void *ctx, const struct view_broken *b);
	/* Checks of the whole ledger so far: after each, what a view keeps of stored entries is read anew. How many entries the last
	 * one read, and what it found; NULL: all hold. */
	uint64_t checks, checked;
	const struct view_broken *found;
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
/* How much of a record a person sees: the rule of view_may_see for what the record is of (itself, or the deal, thing or
 * instance that it names). Figures that belong to no deal are the book's, and so are plans; what has no figures and no deal
 * is everybody's register. Pure; every screen and list asks this one. */
enum view_sight { VIEW_SIGHT_NONE, VIEW_SIGHT_MASKED, VIEW_SIGHT_ALL };
enum view_sight view_sight(const struct tabs *s, const char *operator_id, const struct rec_type *t, const void *rec);
/* Puts VIEW_MASKED in place of every amount of a copy. */
void view_mask(const struct rec_type *t, void *copy);
/* Of a tree of payable notes, what lives of it in notes that the person does not see, as one sum (domain specification
 * §1.4); *count says in how many. */
int64_t view_tree_rest(const struct tabs *s, const char *operator_id, const char *root, size_t *count);
/* Stands for an amount that the viewer may not see; ui_money says "masked". */
#define VIEW_MASKED INT64_MIN

/* Records of a kind copied as an array of pointers in key order. */
const void **view_all(const struct tabs *s, const struct rec_type *t, struct arena *a, size_t *count);

#endif
