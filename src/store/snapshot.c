/* Snapshots: states to start from, signed by the node. See store/journal.h.
 *
 * Must remain true: nothing of a snapshot is believed before its signature held under a key that does not come
 * from the snapshot itself. */
#include "journal_int.h"

#include <sodium.h>
#include <string.h>

#include "store/prune.h"

static const char DOMAIN[] = "wharf/snapshot/v1";
enum { MESSAGE_SIZE = sizeof(DOMAIN) + 8 + HASH_SIZE };

/* What is signed: domain with its NUL, count big-endian, SHA-256 of the bytes. The bytes begin with number, epoch,
 * stamp and chain hash of the last entry, and the root of the leaves. */
static void snapshot_message(uint64_t count, const struct hash *digest, uint8_t out[MESSAGE_SIZE])
{
	memcpy(out, DOMAIN, sizeof(DOMAIN));
	for (int i = 0; i < 8; i++)
		out[sizeof(DOMAIN) + (size_t)i] = (uint8_t)(count >> (56 - 8 * i));
	memcpy(out + sizeof(DOMAIN) + 8, digest->bytes, HASH_SIZE);
}

void journal_set_node(struct journal *j, const uint8_t *secret)
{
	j->node = secret;
}

static enum err snapshot_row(struct journal *j, uint64_t count, const struct hash *digest, struct str bytes, struct fault *fault)
{
	uint8_t message[MESSAGE_SIZE], signature[crypto_sign_BYTES] = { 0 };
	sqlite3_stmt *s = store_statement(j, SLOT_SNAP_PUT, "INSERT OR REPLACE INTO snapshot VALUES(?,?,?)");
	if (!s)
		return store_fault(j, fault, "writing a snapshot");
	snapshot_message(count, digest, message);
	if (j->node)
		crypto_sign_detached(signature, NULL, message, sizeof(message), j->node);
	sqlite3_bind_int64(s, 1, (sqlite3_int64)count);
	sqlite3_bind_blob(s, 2, signature, sizeof(signature), SQLITE_STATIC);
	sqlite3_bind_blob64(s, 3, bytes.ptr ? bytes.ptr : "", bytes.len, SQLITE_STATIC);
	int rc = sqlite3_step(s);
	sqlite3_reset(s);
	return rc == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "writing a snapshot");
}

/* The two newest are kept: if one is damaged, the other and a longer replay give the same state. */
#define SNAPSHOT_OLD "DELETE FROM snapshot WHERE count NOT IN (SELECT count FROM snapshot ORDER BY count DESC LIMIT 2)"
#define SNAPSHOT_OLD_PARTS "DELETE FROM snapshot_part WHERE count NOT IN (SELECT count FROM snapshot)"

enum err snapshot_put(struct journal *j, uint64_t count, struct str bytes, struct fault *fault)
{
	struct hash digest = hash_of(bytes.ptr, bytes.len);
	enum err e = snapshot_row(j, count, &digest, bytes, fault);
	return e == ERR_OK ? store_exec(j, SNAPSHOT_OLD "; " SNAPSHOT_OLD_PARTS, fault, "writing a snapshot") : e;
}

enum err snapshot_seal(struct journal *j, uint64_t count, const struct hash *digest, struct fault *fault)
{
	enum err e = snapshot_row(j, count, digest, (struct str){ "", 0 }, fault);
	return e == ERR_OK ? store_exec(j, SNAPSHOT_OLD, fault, "writing a snapshot") : e;
}

enum err snapshot_trim(struct journal *j, bool *more, struct fault *fault)
{
	enum err e = store_exec(j, "DELETE FROM snapshot_part WHERE rowid IN (SELECT rowid FROM snapshot_part WHERE count NOT IN"
		" (SELECT count FROM snapshot) LIMIT 1)", fault, "writing a snapshot");
	*more = e == ERR_OK && sqlite3_changes(j->db) > 0;
	return e;
}

enum err base_put(struct journal *j, uint64_t count, struct str bytes, struct fault *fault)
{
	uint8_t message[MESSAGE_SIZE], signature[crypto_sign_BYTES];
	sqlite3_stmt *s = NULL;
	if (!j->node)
		return fault_set(fault, ERR_DENIED, 0, 0, "the node's key is not here: nobody would believe the state behind what goes");
	struct hash digest = hash_of(bytes.ptr, bytes.len);
	snapshot_message(count, &digest, message);
	crypto_sign_detached(signature, NULL, message, sizeof(message), j->node);
	if (sqlite3_prepare_v2(j->db, "INSERT OR REPLACE INTO base VALUES(1,?,?,?)", -1, &s, NULL) != SQLITE_OK)
		return store_fault(j, fault, "writing the base");
	sqlite3_bind_int64(s, 1, (sqlite3_int64)count);
	sqlite3_bind_blob(s, 2, signature, sizeof(signature), SQLITE_STATIC);
	sqlite3_bind_blob64(s, 3, bytes.ptr, bytes.len, SQLITE_STATIC);
	enum err e = sqlite3_step(s) == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "writing the base");
	sqlite3_finalize(s);
	return e;
}

/* Whose signature is believed: that of the key which the ledger says is the node's now, and when one is held here, only if it is
 * that one. False when nobody's is; then the journal is run, which needs no snapshot. */
static bool snapshot_signer(struct journal *j, struct hash *key)
{
	return ledger_node_key(j, key)
		&& (!j->node || memcmp(key->bytes, j->node + crypto_sign_SECRETKEYBYTES - crypto_sign_PUBLICKEYBYTES, HASH_SIZE) == 0);
}

/* The third column, or the parts under its count when it is empty. */
static void snapshot_bytes(struct journal *j, sqlite3_stmt *s, struct buf *out)
{
	sqlite3_stmt *part = NULL;
	buf_add(out, sqlite3_column_blob(s, 2), (size_t)sqlite3_column_bytes(s, 2));
	if (out->len || sqlite3_prepare_v2(j->db, "SELECT bytes FROM snapshot_part WHERE count = ? ORDER BY part", -1, &part, NULL) != SQLITE_OK)
		return;
	sqlite3_bind_int64(part, 1, sqlite3_column_int64(s, 0));
	while (sqlite3_step(part) == SQLITE_ROW)
		buf_add(out, sqlite3_column_blob(part, 0), (size_t)sqlite3_column_bytes(part, 0));
	sqlite3_finalize(part);
}

static bool snapshot_believed(sqlite3_stmt *s, struct str bytes, const uint8_t key[crypto_sign_PUBLICKEYBYTES])
{
	uint8_t message[MESSAGE_SIZE];
	struct hash digest = hash_of(bytes.ptr, bytes.len);
	if (sqlite3_column_bytes(s, 1) != crypto_sign_BYTES)
		return false;
	snapshot_message((uint64_t)sqlite3_column_int64(s, 0), &digest, message);
	return crypto_sign_verify_detached(sqlite3_column_blob(s, 1), message, sizeof(message), key) == 0;
}

enum err snapshot_get(struct journal *j, uint64_t at_most, uint64_t *count, struct hash *signer_key, struct buf *out,
	struct fault *fault)
{
	struct hash key;
	bool signer = !j->scratch && snapshot_signer(j, &key);
	sqlite3_stmt *s = store_statement(j, SLOT_SNAP_GET,
		"SELECT count, signature, bytes FROM snapshot WHERE count <= ? ORDER BY count DESC");
	if (!s)
		return store_fault(j, fault, "reading a snapshot");
	sqlite3_bind_int64(s, 1, at_most > INT64_MAX ? INT64_MAX : (sqlite3_int64)at_most);
	enum err e = ERR_NOT_FOUND;
	while (e == ERR_NOT_FOUND && sqlite3_step(s) == SQLITE_ROW) {
		buf_clear(out);
		snapshot_bytes(j, s, out);
		if (!j->scratch && !(signer && snapshot_believed(s, buf_view(out), key.bytes)))
			continue;
		*count = (uint64_t)sqlite3_column_int64(s, 0);
		memset(signer_key, 0, sizeof(*signer_key));
		if (!j->scratch)
			*signer_key = key;
		e = ERR_OK;
	}
	sqlite3_reset(s);
	return e == ERR_OK ? e : fault_set(fault, e, 0, 0, "no good snapshot in %s", j->dir);
}

struct said {
	uint64_t before;
	struct hash state;
	bool found;
};

static bool said_row(void *ctx, const struct journal_row *row)
{
	struct said *d = ctx;
	struct arena a = { 0 };
	struct envelope env;
	struct ev_prune b;
	d->found = strcmp(row->entry.verdict, "done") == 0 && envelope_decode_again(row->entry.envelope, &env) && env.kind == EVENT_PRUNE
		&& envelope_verify_signatures(&env, NULL) == REFUSED_NOT && rec_decode(&EV_PRUNE_REC, env.body, &b, &a)
		&& b.before > 0 && (uint64_t)b.before == d->before && hash_eq(&b.state, &d->state);
	arena_free(&a);
	return false;
}

bool base_said(struct journal *j, uint64_t before, const struct hash *state)
{
	struct said d = { before, *state, false };
	sqlite3_stmt *s = NULL;
	bool asked = !hash_is_zero(state)
		&& sqlite3_prepare_v2(j->db, "SELECT number FROM journal WHERE number >= ?1 AND kind = ?2 ORDER BY number", -1, &s, NULL) == SQLITE_OK
		&& sqlite3_bind_int64(s, 1, (sqlite3_int64)before) == SQLITE_OK && sqlite3_bind_int(s, 2, EVENT_PRUNE) == SQLITE_OK;
	while (asked && !d.found && sqlite3_step(s) == SQLITE_ROW) {
		uint64_t n = (uint64_t)sqlite3_column_int64(s, 0);
		asked = journal_tail(j, n, n + 1, said_row, &d, NULL) == ERR_OK;
	}
	sqlite3_finalize(s);
	return d.found;
}

struct base_row {
	sqlite3_stmt *s;
	struct str bytes;
};

static bool base_signed(void *ctx, const uint8_t key[HASH_SIZE])
{
	const struct base_row *b = ctx;
	return snapshot_believed(b->s, b->bytes, key);
}

enum err base_get(struct journal *j, bool signature, uint64_t *count, struct buf *out, struct fault *fault)
{
	struct base_row b = { NULL, { "", 0 } };
	enum err e = ERR_NOT_FOUND;
	if (sqlite3_prepare_v2(j->db, "SELECT count, signature, bytes FROM base", -1, &b.s, NULL) == SQLITE_OK && sqlite3_step(b.s) == SQLITE_ROW) {
		b.bytes = (struct str){ sqlite3_column_blob(b.s, 2), (size_t)sqlite3_column_bytes(b.s, 2) };
		struct hash state = hash_of(b.bytes.ptr, b.bytes.len);
		*count = (uint64_t)sqlite3_column_int64(b.s, 0);
		e = base_said(j, *count, &state) && (!signature || ledger_node_signed(j, base_signed, &b)) ? ERR_OK : ERR_NOT_FOUND;
		if (e == ERR_OK)
			buf_add(out, b.bytes.ptr, b.bytes.len);
	}
	sqlite3_finalize(b.s);
	return e == ERR_OK ? e : fault_set(fault, e, 0, 0, "%s has no base that its ledger names", j->dir);
}

uint64_t snapshot_newest(struct journal *j)
{
	sqlite3_stmt *s = NULL;
	uint64_t n = 0;
	if (sqlite3_prepare_v2(j->db, "SELECT coalesce(max(count), 0) FROM snapshot", -1, &s, NULL) == SQLITE_OK
		&& sqlite3_step(s) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}
