/* Which key the ledger says is the node's now. See store/journal.h.
 *
 * Asked before anything is loaded, so it rests on what is stored: the register's read model names the key, and the entries that it
 * names, one rotation after the other, lead from it back to the key of the genesis entry. Those entries are in the journal, or,
 * given up, in table certificate.
 *
 * Must remain true: a key that the node had once is not believed for that. Who can write the whole directory can stage a register
 * and a genesis of his own; a held key, witnesses and a checkpoint that is kept elsewhere tell, and `wharf verify` re-executes all. */
#include "journal_int.h"

#include <string.h>

#include "identity/keyring.h"

enum { ROTATIONS_MAX = 1024 };

struct genesis {
	struct hash node;
	bool found;
};

static bool genesis_row(void *ctx, const struct journal_row *row)
{
	struct genesis *g = ctx;
	struct entry_link start = entry_link_start();
	struct arena a = { 0 };
	struct ev_genesis body;
	struct envelope env;
	if (entry_check_link(&start, &row->entry, &row->digests, NULL, NULL, NULL) == ENTRY_HOLDS
		&& envelope_decode(row->entry.envelope, &env, NULL) == ERR_OK && env.kind == EVENT_GENESIS
		&& rec_decode(&EV_GENESIS_REC, env.body, &body, &a)) {
		g->node = body.node_key;
		g->found = true;
	}
	arena_free(&a);
	return false;
}

/* One row of text and number, or false. */
static bool one_row(struct journal *j, const char *sql, const char *bind, char text[HASH_HEX_MAX], int64_t *number)
{
	sqlite3_stmt *s = NULL;
	bool found = sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) == SQLITE_OK
		&& (!bind || sqlite3_bind_text(s, 1, bind, -1, SQLITE_STATIC) == SQLITE_OK) && sqlite3_step(s) == SQLITE_ROW
		&& sqlite3_column_bytes(s, 0) == 2 * HASH_SIZE;
	if (found) {
		memcpy(text, sqlite3_column_text(s, 0), 2 * HASH_SIZE + 1);
		*number = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return found;
}

static bool registered(struct journal *j, const uint8_t key[HASH_SIZE])
{
	char id[HASH_HEX_MAX], text[HASH_HEX_MAX];
	int64_t entry;
	return one_row(j, "SELECT id, entry FROM r_keyrec WHERE id = ?", hex_of(key, HASH_SIZE, id), text, &entry);
}

/* The key that an entry replaced by `key`; false when it does not say that, or nobody of the register signed it. */
static bool rotated_from(struct journal *j, struct str envelope, const struct hash *key, struct hash *old)
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_rotate b;
	bool good = envelope_decode(envelope, &env, NULL) == ERR_OK && env.kind == EVENT_ROTATE && env.signature_count
		&& envelope_verify_signatures(&env, NULL) == REFUSED_NOT && rec_decode(&EV_ROTATE_REC, env.body, &b, &a)
		&& strcmp(b.holder, KEY_KIND_NAMES[KEY_OF_NODE]) == 0 && hash_eq(&b.key, key);
	for (size_t i = 0; good && i < env.signature_count; i++)
		good = registered(j, env.signatures[i].public_key);
	if (good)
		*old = b.old;
	arena_free(&a);
	return good;
}

/* One step back: by the entry that certified the key. */
static bool certified_by(struct journal *j, const struct hash *key, int64_t entry, struct hash *old)
{
	sqlite3_stmt *s = NULL;
	bool good = sqlite3_prepare_v2(j->db, "SELECT envelope FROM journal WHERE number = ?1 AND verdict = 'done' UNION ALL "
		"SELECT envelope FROM certificate WHERE number = ?1 AND verdict = 'done'", -1, &s, NULL) == SQLITE_OK;
	if (good)
		sqlite3_bind_int64(s, 1, entry);
	good = good && sqlite3_step(s) == SQLITE_ROW
		&& rotated_from(j, (struct str){ sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0) }, key, old);
	sqlite3_finalize(s);
	return good;
}

bool ledger_node_key(struct journal *j, struct hash *out)
{
	struct genesis g = { .found = false };
	struct hash at, old;
	char id[HASH_HEX_MAX], text[HASH_HEX_MAX];
	int64_t entry = 0;
	if (journal_tail(j, 0, 1, genesis_row, &g, NULL) != ERR_OK || !g.found
		|| !one_row(j, "SELECT id, entry FROM r_keyrec WHERE kind = 'node' AND since_entry >= 0 ORDER BY since_entry DESC LIMIT 1", NULL, id,
			&entry) || !hex_parse(str_of(id), out->bytes, HASH_SIZE))
		return false;
	at = *out;
	for (int i = 0; i < ROTATIONS_MAX && !hash_eq(&at, &g.node); i++) {
		if (!certified_by(j, &at, entry, &old)
			|| !one_row(j, "SELECT id, entry FROM r_keyrec WHERE id = ?", hex_of(old.bytes, HASH_SIZE, id), text, &entry))
			return false;
		at = old;
	}
	return hash_eq(&at, &g.node);
}

bool ledger_node_signed(struct journal *j, bool (*holds)(void *ctx, const uint8_t key[HASH_SIZE]), void *ctx)
{
	sqlite3_stmt *s = NULL;
	bool good = false;
	struct hash key;
	int rc = sqlite3_prepare_v2(j->db, "SELECT id FROM r_keyrec WHERE kind = 'node'", -1, &s, NULL);
	while (rc == SQLITE_OK && !good && sqlite3_step(s) == SQLITE_ROW) {
		struct str id = { (const char *)sqlite3_column_text(s, 0), (size_t)sqlite3_column_bytes(s, 0) };
		good = hex_parse(id, key.bytes, HASH_SIZE) && holds(ctx, key.bytes);
	}
	sqlite3_finalize(s);
	return good;
}
