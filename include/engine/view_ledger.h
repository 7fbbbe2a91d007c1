/* What the Ledger screen shows: entries with the state of their proof, the path of one entry to the root, and
 * the signed checkpoint.
 *
 * An entry is called verified only when its leaf was computed here from its stored bytes and is the leaf of the
 * tree whose root this console computed; the path is drawn only when it leads to that root. */
#ifndef WHARF_ENGINE_VIEW_LEDGER_H
#define WHARF_ENGINE_VIEW_LEDGER_H

#include "engine/view.h"

enum view_proof {
	VIEW_UNREAD,    /* the entry cannot be read from here */
	VIEW_UNSIGNED,  /* its leaf holds; no signed checkpoint covers it yet */
	VIEW_VERIFIED,  /* its leaf holds and a signed checkpoint covers it */
	VIEW_BROKEN     /* its bytes do not hash to the leaf of the tree */
};

enum { VIEW_ENTRY_SIGNERS = 6 };
struct view_ledger_row {
	uint64_t number;
	int64_t at;
	const char *kind;    /* "task approve", "feed.batch", or the refusal's name */
	const char *who, *deal;
	bool refused;
	bool leaf_holds, read;
};

struct view_ledger_detail {
	uint64_t number;
	const char *kind, *words, *says;  /* says: the body's fields as text */
	const char *who, *verdict;
	bool refused;
	struct view_signer {
		const char *name, *key;       /* name; key in hexadecimal */
		const char *party;            /* that certified the key; "" the key is a party's own, or nobody's */
		const char *did;              /* "did:key:z6Mk…e7Vt" */
		const char *since;            /* "revoked since 12 Mar", "stolen since …"; "" it still counts */
		int64_t at;
	} signers[VIEW_ENTRY_SIGNERS];    /* the author first, then who endorsed it */
	size_t signer_count, signer_total;
	struct view_digests {
		size_t named;                 /* digests of evidence in the body */
		size_t stored;                /* … whose bytes are here */
		size_t sealed, readers;       /* … that are items for their readers, and how many those are now */
		size_t destroyed;             /* … that were destroyed */
	} digests;
	size_t envelope_bytes;
	bool sealed;
	int64_t event_time, stamp;
	uint64_t epoch;
	struct hash content, prev, leaf, computed, outcome;
	enum view_proof proof;
	uint64_t size;                    /* of the tree that the path is in */
	struct merkle_row path[MERKLE_ROWS_MAX];
	size_t path_count, hashes;
	bool root_equal;                  /* the path's root is the one of the tree at `size` */
	bool checkpoint_equal;            /* and the one that the checkpoint states */
};

/* What a signer of the checkpoint has seen of the entry in focus. */
enum view_seen {
	VIEW_SEEN_NOTHING,  /* no signature of it is known */
	VIEW_SEEN_LESS,     /* a tree that ends before the entry */
	VIEW_SEEN_IT,       /* a tree of ours with the entry in it */
	VIEW_SEEN_OTHER     /* a tree that is not a beginning of ours: both are to be kept */
};

/* What of the ledger is kept here, and how far the books are closed. */
struct view_kept {
	uint64_t first;        /* the first entry behind the genesis that was not given up; 1: all are there */
	uint64_t seen;         /* entries before this one may be given up: enough parties have cosigned them */
	bool witnessed;        /* some party's cosigned checkpoint is on the ledger */
	int64_t raw_given, raw_due; /* raw batches before these instants were given up, may be; INT64_MIN none */
	bool raw_ruled;        /* the policy says how long raw batches stay */
	int64_t closed_until;  /* day of the last closed period; INT64_MIN: none is closed */
	int64_t postings, accounts, last_day; /* journals that left the state live on as sums of these */
	size_t journals;       /* that are in the state */
	bool masked;           /* how much was posted is not for who looks */
};

enum { VIEW_LEDGER_ROWS = 256 };
struct view_ledger {
	uint64_t entries;
	struct hash root;
	uint64_t checked;                 /* entries whose leaf was computed in this console */
	uint64_t matching;                /* with the filter; entries when there is none */
	bool filtered;
	struct view_ledger_row rows[VIEW_LEDGER_ROWS]; /* newest first */
	enum view_proof proof[VIEW_LEDGER_ROWS];
	size_t count;
	uint64_t above;                   /* rows above the first of these */
	bool has_checkpoint, checkpoint_holds;
	struct view_checkpoint checkpoint;
	enum view_seen seen[VIEW_SIGNERS_MAX]; /* of each signer of it */
	size_t witnesses, saw;            /* how many there are; how many have seen the entry in focus */
	bool quorum;                      /* those are a quorum of the policy */
	bool consistent;                  /* whatever anybody signed is a beginning of our tree */
	struct view_ledger_detail *detail;
	struct view_kept kept;
	bool broken;                      /* some entry that was read does not hold … */
	uint64_t broken_at;               /* … the lowest of them */
};

/* Rows already decoded; entries never change, so this only grows. Belongs to the screen. */
struct view_ledger_cache;
struct view_ledger_cache *view_ledger_cache_new(void);
void view_ledger_cache_free(struct view_ledger_cache *c);

/* What is wanted of the ledger. */
struct view_ledger_want {
	const char *filter;   /* words that kind, who, deal or number must hold; kind=… who=… deal=…; "" all */
	uint64_t top;         /* rows above the first one wanted */
	size_t height;        /* rows, at most VIEW_LEDGER_ROWS */
	uint64_t focus;       /* number of the entry to prove; UINT64_MAX none */
};
struct view_ledger *view_ledger_build(struct arena *a, const struct view_source *src, struct view_ledger_cache *cache,
	const struct view_ledger_want *want);
/* The number of the entry that is `step` rows older (positive) or newer than `number` under the filter, as
 * far as there are rows. */
uint64_t view_ledger_step(const struct view_source *src, struct view_ledger_cache *cache, const char *filter,
	uint64_t number, int64_t step);
/* How many rows of the filter stand above (are newer than) the entry. */
uint64_t view_ledger_place(const struct view_source *src, struct view_ledger_cache *cache, const char *filter,
	uint64_t number);

#endif
