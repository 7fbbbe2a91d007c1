/* What certifies keys among entries that were given up: kept, so that what these keys sign later can still be checked by who has
 * nothing but an export. See store/prune.h.
 *
 * Must remain true: a row of table certificate is the journal's row as it was, and its leaf is in the tree at its number; one that
 * is changed proves nothing. One that is missing is missed by the export that needs it, which says so. */
#include "journal_int.h"

#include <string.h>

#include "engine/export.h"
#include "store/prune.h"
#include "verify_int.h"

struct keeping {
	struct journal *j;
	struct fault *fault;
	enum err err;
};

static bool keep_row(void *ctx, const struct journal_row *row)
{
	struct keeping *k = ctx;
	struct envelope env;
	struct hash keys[1];
	sqlite3_stmt *s = NULL;
	if (strcmp(row->entry.verdict, "done") != 0 || !envelope_decode_again(row->entry.envelope, &env) || !export_certifies(&env, keys, 1))
		return true;
	if (sqlite3_prepare_v2(k->j->db, "INSERT OR REPLACE INTO certificate SELECT * FROM journal WHERE number = ?", -1, &s, NULL) == SQLITE_OK)
		sqlite3_bind_int64(s, 1, (sqlite3_int64)row->entry.number);
	if (!s || sqlite3_step(s) != SQLITE_DONE)
		k->err = store_fault(k->j, k->fault, "keeping certificates");
	sqlite3_finalize(s);
	return k->err == ERR_OK;
}

enum err certificates_keep(struct journal *j, uint64_t before, struct fault *fault)
{
	struct keeping k = { j, fault, ERR_OK };
	enum err e = journal_tail(j, 1, before, keep_row, &k, fault);
	return k.err != ERR_OK ? k.err : e;
}

static enum err certificate_verify(const struct verify_row *r, const struct merkle *tree, uint64_t given_up, struct fault *fault)
{
	if (r->bad)
		return verify_tampered(fault, r->malformed ? 0 : r->number, r->why);
	if (!r->number || r->number >= given_up)
		return verify_tampered(fault, r->number, "a certificate of it is kept as if it had been given up, and it was not");
	struct hash leaf = merkle_leaf_at(tree, r->number);
	return hash_eq(&leaf, &r->digests.leaf) ? ERR_OK : verify_tampered(fault, r->number, "the certificate that is kept of it is not what the tree has");
}

enum err certificates_verify(struct journal *j, const struct merkle *tree, uint64_t given_up, bool signatures, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	enum err e = ERR_OK;
	struct verify_row row;
	int rc = sqlite3_prepare_v2(j->db, VERIFY_ROWS_OF("certificate") " ORDER BY number", -1, &s, NULL);
	while (rc == SQLITE_OK && e == ERR_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		verify_row_read(s, &row, NULL);
		verify_row_check(&row, signatures ? VERIFY_SIGNED : VERIFY_DIGESTS);
		e = certificate_verify(&row, tree, given_up, fault);
		rc = SQLITE_OK;
	}
	if (e == ERR_OK && rc != SQLITE_DONE)
		e = store_fault(j, fault, "reading certificates");
	sqlite3_finalize(s);
	return e;
}
