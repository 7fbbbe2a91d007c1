/* What the Keys screen and `wharf show keys` show: every key that ever counted, whose it is, and whether it counts now.
 *
 * Order: what needs somebody first (about to end), then keys that count, those to come, and those that count no more; by kind and
 * holder within each. A key about to end is one whose end is at most VIEW_KEYS_SOON away. */
#ifndef WHARF_ENGINE_VIEW_KEYS_H
#define WHARF_ENGINE_VIEW_KEYS_H

#include "base/instant.h"
#include "engine/view.h"

#define VIEW_KEYS_SOON (30 * INSTANT_DAY)

enum view_key_state { VIEW_KEY_ENDS, VIEW_KEY_VALID, VIEW_KEY_PENDING, VIEW_KEY_RETIRED, VIEW_KEY_EXPIRED, VIEW_KEY_REVOKED,
	VIEW_KEY_COMPROMISED, VIEW_KEY_STATES };
extern const char *const VIEW_KEY_WORDS[]; /* "ends soon", "valid", "not yet", "retired", "expired", "revoked", "stolen" */

struct view_key {
	const char *id;        /* 64 hex digits */
	const char *did;       /* "did:key:z6Mk…9dQp" */
	const char *kind;      /* "person", "gateway", "party", "node", "admin" */
	const char *holder;    /* id */
	const char *name;      /* "Ines Vermeer", "gateway RTM", "Noordzee Bank" */
	const char *party;     /* that answers for it, in words; "" none */
	const char *role;      /* "RSK"; "" none */
	const char *device, *scope, *by;
	enum view_key_state state;
	bool current;          /* the one that its holder signs with */
	int64_t from, until;   /* 0: no beginning, no end; until is the first of all ends that are known */
	int64_t ceiling;       /* minor units, 0 none */
	int64_t entry;         /* that certified it */
};

struct view_keys {
	struct view_key *keys;
	size_t count, valid, ends, gone; /* gone: retired, expired, revoked or stolen */
};

struct view_keys *view_keys_build(struct arena *a, const struct tabs *s, int64_t now);

#endif
