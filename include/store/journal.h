/* The order and its keeping, the SQLite journal of this host: acquire, append, tail, head.
 *
 * acquire() gives an epoch; append(epoch, expected head, …) answers ok, fenced or unknown; tail(from);
 * head(). One append is one SQLite transaction (WAL, synchronous FULL) that holds the journal rows, the
 * evidence they name, the outbox and the read models. Nothing of it is visible before it is durable.
 *
 * Must remain true
 *  - a row is never changed; rows are numbered from 0 without a gap;
 *  - an append commits only if the epoch in the file is still the caller's and the head is the expected
 *    one: a leader that was stopped and superseded is fenced;
 *  - the lock file (flock) says who leads; the epoch decides.
 *
 * Layout of a data directory: wharf.db (journal, tiles, evidence, snapshots, the base behind
 * entries that were given up, read models r_*), LOCK, leader.sock
 * (while a leader runs), keys/ (keystore files), checkpoint (the newest signed one). Schema version in
 * PRAGMA user_version: another one, newer or older, is refused (ERR_VERSION) and not touched. */
#ifndef WHARF_STORE_JOURNAL_H
#define WHARF_STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/tab.h"
#include "engine/engine.h"

enum { STORE_SCHEMA = 5 };
enum { JOURNAL_PATIENCE_MS = 30000 };

struct journal;

enum journal_mode {
	JOURNAL_READ,    /* attach only; works on a read-only directory */
	JOURNAL_WRITE,   /* attach; may acquire */
	JOURNAL_CREATE   /* make the directory and files when absent, then as WRITE */
};

/* Opens a data directory. Fails with a sentence for: missing, not a directory, not readable, newer
 * schema, not a Wharf database, disk full. */
enum err journal_open(const char *dir, enum journal_mode mode, struct journal **out, struct fault *fault);
void journal_close(struct journal *j); /* gives up leadership if held */
const char *journal_dir(const struct journal *j);

/* Becomes the leader: takes the lock (ERR_BUSY when another process holds it and `steal` is false) and
 * raises the epoch. steal: raise the epoch although the lock is held (a stopped leader); the old one
 * will be fenced at its next append. One that was stopped or hangs inside a commit holds the database's own lock too and
 * cannot be fenced: it is ended (SIGKILL), provided that it is the process that signed the lock file, and that /proc says that
 * it is stopped or the lock file that it has been inside this commit for longer than JOURNAL_PATIENCE_MS. ERR_BUSY when
 * neither helps. */
enum err journal_acquire(struct journal *j, bool steal, uint64_t *epoch, struct fault *fault);
void journal_release(struct journal *j);
/* For a leader that took the lead from a stopped one: takes the lock as soon as that one gives it up. */
void journal_relock(struct journal *j);
/* True when no live process holds the leader's lock. */
bool journal_vacant(struct journal *j);
uint64_t journal_epoch(struct journal *j); /* as in the file now */

/* Number of entries. */
enum err journal_head(struct journal *j, uint64_t *count, struct fault *fault);

/* One row as stored. Pointers live until the next call on the journal. */
struct journal_row {
	struct entry entry;           /* with the envelope's bytes */
	struct entry_digests digests;
};

/* Rows to append, with the evidence of each. */
struct journal_append {
	const struct journal_row *rows;
	size_t count;
	const struct journal_blob {
		struct hash digest;
		const char *kind;
		struct str bytes;
	} *blobs;
	size_t blob_count;
	struct merkle *tree; /* the rows' leaves are in it: tiles that became full are stored with them; NULL: none are */
	const struct journal_beside *beside; /* taken before, instead of the dirty records and the tree; NULL: nothing */
};

/* What a commit writes beside its rows, taken out of the state as it is now: the dirty records of tabs, which are dirty no
 * more, and the tiles that became full with or after entry `from`, which the tree keeps. A commit on another thread writes
 * them while the state goes on. merkle_stored is for the caller, once all such commits held. */
struct journal_beside *journal_beside_take(struct tabs *tabs, struct merkle *tree, uint64_t from);
void journal_beside_free(struct journal_beside *b); /* NULL is fine */

/* Appends rows and evidence, writes the dirty records of tabs (NULL: none) to the read models and the
 * outbox, commits with one sync. ERR_FENCED, ERR_FULL, ERR_IO: nothing was written. ERR_UNKNOWN: the
 * commit's outcome is not known (read the head again); the fault's own code says what went wrong. */
enum err journal_commit(struct journal *j, uint64_t epoch, uint64_t expected_head,
	const struct journal_append *append, struct tabs *tabs, struct fault *fault);

/* For a leader whose commit failed: ERR_OK when it may write again (there is space, a write and a sync succeed), else the
 * reason. Writes no entry. */
enum err journal_mend(struct journal *j, uint64_t epoch, struct fault *fault);

/* Reads rows from..to-1 (to = UINT64_MAX: all); stops early when fn returns false. */
enum err journal_tail(struct journal *j, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct journal_row *row), void *ctx, struct fault *fault);

/* The same of entries below store/prune.h's base that certify keys: all that is kept of what was given up, but the genesis. */
enum err journal_certificates(struct journal *j, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct journal_row *row), void *ctx, struct fault *fault);

/* Evidence store: content-addressed; the bytes are checked against the digest when read. */
enum err evidence_put(struct journal *j, const char *kind, struct str bytes, struct hash *digest,
	struct fault *fault);
bool evidence_has(struct journal *j, const struct hash *digest); /* also false when it cannot be read; in time of the whole store */
/* The same of what is named by the entry of that number, or would be: it came with it, or shortly before. In constant time. */
bool evidence_beside(struct journal *j, const struct hash *digest, uint64_t entry);
enum err evidence_get(struct journal *j, const struct hash *digest, struct buf *out, struct fault *fault);

/* Snapshots save time and decide nothing: `verify` never looks at them. But who starts from one believes it, so
 * it is signed by the node over its length, its place in the chain and its bytes, and only a signature of the node
 * is believed: of the key given here, else of the one that the genesis entry names; and only when it was the node's key at that
 * length, as the keyring of the snapshot itself says: a key that was rotated away signs no later state. Without a key
 * none is worth writing; a scratch copy believes its own. */
void journal_set_node(struct journal *j, const uint8_t *secret); /* 64 bytes, borrowed; NULL: none */
enum err snapshot_put(struct journal *j, uint64_t count, struct str bytes, struct fault *fault);
/* The newest believed one. ERR_NOT_FOUND when none is: the journal is replayed from its start. */
enum err snapshot_get(struct journal *j, uint64_t at_most, uint64_t *count, struct hash *signer, struct buf *out,
	struct fault *fault);
/* Entries in the newest snapshot, good or not; 0 for none. */
uint64_t snapshot_newest(struct journal *j);

/* Whether records of a type have a read model: all but the keys that were seen. */
bool readmodel_kept(const struct rec_type *t);
/* Makes every r_* table and the tiles anew by running the whole journal into e, which must be new; every digest is
 * compared as in journal_load. Nothing is changed when it fails. */
enum err journal_rebuild(struct journal *j, struct engine *e, struct fault *fault);

/* Loads an engine: newest good snapshot, then replay of the rest; every entry's link, digests, verdict and
 * outcome are compared with what the replay gives (ERR_TAMPERED names the entry). Without `trust`
 * signatures are checked too. `group`: commits per replay are irrelevant to the state, see replay.h. */
enum err journal_load(struct journal *j, struct engine *e, bool check_signatures, bool use_snapshot,
	struct fault *fault);
/* Applies the rows that appeared since the engine's head (replica, or after a fence). */
enum err journal_catch_up(struct journal *j, struct engine *e, uint64_t *applied, struct fault *fault);

/* For copies that nobody relies on (replays into a scratch directory): commits no longer wait for the
 * disk. */
enum err journal_set_scratch(struct journal *j, struct fault *fault);

/* For tests: how long a leader may be inside one commit while others wait for it. */
void journal_set_patience(struct journal *j, int64_t ms);

/* For tests of crash promises: called with the name of each commit point ("begin", "rows", "models",
 * "commit", "committed"); NULL in production. */
void journal_set_probe(struct journal *j, void (*probe)(void *ctx, const char *point), void *ctx);

#endif
