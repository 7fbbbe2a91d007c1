/* What the store's files share. */
#ifndef WHARF_STORE_JOURNAL_INT_H
#define WHARF_STORE_JOURNAL_INT_H

#include <sqlite3.h>

#include "store/journal.h"

/* Statements that are prepared once. */
enum { SLOT_ROW, SLOT_BLOB, SLOT_EPOCH, SLOT_HEAD, SLOT_GET_BLOB, SLOT_NEAR_BLOB, SLOT_SNAP_PUT,
	SLOT_SNAP_GET, SLOT_PART_PUT, SLOT_TILE_GET, SLOT_TILE_PUT, SLOT_BEGIN, SLOT_COMMIT, STATEMENT_COUNT };

struct model; /* read model of one record type: models.c */

struct journal {
	char dir[1024];
	sqlite3 *db;
	bool writable;
	bool scratch;         /* a copy that nobody relies on */
	const uint8_t *node;  /* the node's secret key, or NULL: signs snapshots, says whose are believed */
	int lock_fd;
	int64_t patience_ms;  /* see journal_set_patience */
	bool leads;
	sqlite3_stmt *cached[STATEMENT_COUNT];
	struct model *models;
	size_t model_count;
	void (*probe)(void *ctx, const char *point);
	void *probe_ctx;
};

/* Maps the database's last error to a failure with a sentence that says what was being done. */
enum err store_fault(struct journal *j, struct fault *fault, const char *doing);
/* Prepares once, resets and clears afterwards; slot of the enum above. */
sqlite3_stmt *store_statement(struct journal *j, int slot, const char *sql);
enum err store_exec(struct journal *j, const char *sql, struct fault *fault, const char *doing);
void store_probe(struct journal *j, const char *point);

enum err schema_create(struct journal *j, struct fault *fault); /* every table, in an empty database */
/* schema.c: ERR_TAMPERED names the first table, index or trigger that is not described as schema_create describes it. */
enum err schema_check(struct journal *j, struct fault *fault);

/* blobs.c: evidence. Entries a span of names; where the bytes that an entry names can be. `entry` is SQL. */
enum { BLOB_SPAN = 4096 };
#define BLOB_NEAR(entry) "span IN (" entry " / 4096, " entry " / 4096 - 1)"
enum err blobs_write(struct journal *j, uint64_t head, const struct journal_append *a, struct fault *fault);

/* models.c: the r_* tables, made from the record types. */
enum err models_create(struct journal *j, struct fault *fault);
enum err models_write(struct journal *j, struct tabs *tabs, struct fault *fault);
enum err models_write_all(struct journal *j, const struct tabs *tabs, struct fault *fault); /* every record, changed or not */
/* One record; rec NULL: it was deleted. */
enum err models_write_one(struct journal *j, const struct rec_type *t, const char *key, const void *rec, struct fault *fault);
enum err models_drop(struct journal *j, struct fault *fault); /* the tables go */
void models_close(struct journal *j);

/* snapshot.c: the parts under a count become a snapshot; digest: of their bytes. Then one part after the other goes that belongs
 * to none any more. */
enum err snapshot_seal(struct journal *j, uint64_t count, const struct hash *digest, struct fault *fault);
enum err snapshot_trim(struct journal *j, bool *more, struct fault *fault);
/* node_key.c: the key that the stored ledger says is the node's now; false when it does not say. Whether something holds for any
 * key that the register has of the node. */
bool ledger_node_key(struct journal *j, struct hash *out);
bool ledger_node_signed(struct journal *j, bool (*holds)(void *ctx, const uint8_t key[HASH_SIZE]), void *ctx);
/* snapshot.c: the state behind entries that were given up (store/prune.h), signed as snapshots are. base_get: ERR_NOT_FOUND
 * when there is none that an entry of the journal names by its digest; `signature`: also when no key of the node signed it. */
enum err base_put(struct journal *j, uint64_t count, struct str bytes, struct fault *fault);
enum err base_get(struct journal *j, bool signature, uint64_t *count, struct buf *out, struct fault *fault);
/* load.c: entries before `to` into a new engine, from the base or the start, signatures checked. */
enum err load_until(struct journal *j, struct engine *e, uint64_t to, struct fault *fault);

/* certificates.c: inside the transaction of a prune, what certifies keys among entries 1 … before - 1 is kept (store/prune.h). */
enum err certificates_keep(struct journal *j, uint64_t before, struct fault *fault);

/* tiles.c: inside the transaction of a commit, the tiles that became full. */
enum err tiles_write(struct journal *j, const struct merkle *t, struct fault *fault);
enum err tiles_write_one(struct journal *j, int level, uint64_t n, const struct hash hashes[TILE_WIDTH], struct fault *fault);

/* beside.c: inside the transaction of a commit, what was taken out of the state for it. */
enum err beside_write_models(struct journal *j, const struct journal_beside *b, struct fault *fault);
enum err beside_write_tiles(struct journal *j, const struct journal_beside *b, struct fault *fault);

#endif
