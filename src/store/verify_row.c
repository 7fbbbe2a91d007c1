/* One row of the journal against itself. See verify_int.h.
 *
 * Must remain true: a value of another type or length than was written is a difference; every column is compared with what the
 * envelope and the digests give, so nothing of a row that holds was taken on trust but its place, verdict and outcome. */
#include "verify_int.h"

#include <stdio.h>
#include <string.h>

#include "engine/events.h"

static const struct {
	const char *name;
	int type, size; /* size of a hash; 0 any */
} COLUMNS[C_COUNT] = {
	{ "number", SQLITE_INTEGER, 0 }, { "epoch", SQLITE_INTEGER, 0 }, { "stamp", SQLITE_INTEGER, 0 },
	{ "kind", SQLITE_INTEGER, 0 }, { "sender", SQLITE_TEXT, 0 }, { "deal", SQLITE_TEXT, 0 },
	{ "verdict", SQLITE_TEXT, 0 }, { "seed", SQLITE_BLOB, HASH_SIZE }, { "prev", SQLITE_BLOB, HASH_SIZE },
	{ "envelope", SQLITE_BLOB, 0 }, { "outcome", SQLITE_BLOB, HASH_SIZE }, { "content", SQLITE_BLOB, HASH_SIZE },
	{ "bytes_digest", SQLITE_BLOB, HASH_SIZE }, { "leaf", SQLITE_BLOB, HASH_SIZE }, { "chain", SQLITE_BLOB, HASH_SIZE },
};

enum err verify_tampered(struct fault *fault, uint64_t entry, const char *what)
{
	return fault_set(fault, ERR_TAMPERED, 0, 0, "entry %llu: %s. What is stored is not what was written: "
		"keep this copy as evidence, restore a good one", (unsigned long long)entry, what);
}

static void row_bad(struct verify_row *r, const char *before, const char *what, const char *after)
{
	r->bad = true;
	snprintf(r->why, sizeof(r->why), "%s%.*s%s", before, TURN_DETAIL_MAX - 1, what, after);
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool cell_read(sqlite3_stmt *s, struct verify_row *r, int i, struct arena *a)
{
	/* One look-up of the column for its type, bytes and length; the connection is this thread's alone. */
	sqlite3_value *v = sqlite3_column_value(s, i);
	if (sqlite3_value_type(v) != COLUMNS[i].type)
		return false;
	if (COLUMNS[i].type == SQLITE_INTEGER) {
		r->integer[i] = sqlite3_value_int64(v);
		return true;
	}
	const void *p = COLUMNS[i].type == SQLITE_TEXT ? (const void *)sqlite3_value_text(v) : sqlite3_value_blob(v);
	size_t len = (size_t)sqlite3_value_bytes(v);
	if ((len && !p) || (COLUMNS[i].size && len != (size_t)COLUMNS[i].size))
		return false;
	r->cell[i] = (struct str){ !len ? "" : a ? arena_copy(a, p, len) : p, len };
	return true;
}

void verify_row_read(sqlite3_stmt *s, struct verify_row *r, struct arena *a)
{
	r->malformed = r->bad = false;
	r->signatures = 0;
	for (int i = 0; i < C_COUNT; i++)
		if (!cell_read(s, r, i, a)) {
			r->malformed = true;
			row_bad(r, "column ", COLUMNS[i].name, " does not have the form it was written in");
			return;
		}
	r->number = (uint64_t)r->integer[C_NUMBER];
	r->epoch = (uint64_t)r->integer[C_EPOCH];
	r->stamp = r->integer[C_STAMP];
	r->kind = r->integer[C_KIND];
}

/* --- checking ------------------------------------------------------------------------------------ */

static bool row_envelope(struct verify_row *r, enum verify_depth depth, struct envelope *env, struct hash *content)
{
	static const char refused[] = "its envelope would not be admitted: ";
	struct str bytes = r->cell[C_ENVELOPE];
	char why[TURN_DETAIL_MAX];
	struct fault fault;
	if (depth == VERIFY_ADMITTED) {
		if (engine_admit_as(bytes, env, content, why) == REFUSED_NOT)
			return true;
		row_bad(r, refused, why, "");
	} else if (envelope_decode_content(bytes, env, content, &fault) != ERR_OK)
		row_bad(r, refused, fault.text, "");
	else if (!event_kind_of(env->kind))
		row_bad(r, refused, "no such kind of event", "");
	else if (depth == VERIFY_SIGNED && envelope_verify_content(env, content, NULL) != REFUSED_NOT)
		row_bad(r, refused, "a signature of it does not hold", "");
	else
		return true;
	return false;
}

/* One column as stored against what it should be. */
struct same {
	enum verify_column column;
	const void *bytes;
	size_t len;
};

static void row_compare(struct verify_row *r, const struct same *same, size_t count)
{
	for (size_t i = 0; i < count && !r->bad; i++) {
		struct str have = r->cell[same[i].column];
		if (have.len != same[i].len || memcmp(have.ptr, same[i].bytes, have.len) != 0)
			row_bad(r, "column ", COLUMNS[same[i].column].name, " is not what the envelope and the entry give");
	}
}

static bool row_digest(struct verify_row *r, const struct hash *content)
{
	struct entry *e = &r->entry;
	*e = (struct entry){ .number = r->number, .epoch = r->epoch, .stamp = r->stamp, .seed = *content, .envelope = r->cell[C_ENVELOPE] };
	memcpy(e->prev.bytes, r->cell[C_PREV].ptr, HASH_SIZE);
	memcpy(e->outcome.bytes, r->cell[C_OUTCOME].ptr, HASH_SIZE);
	return entry_verdict_valid(r->cell[C_VERDICT]) && str_copy(e->verdict, sizeof(e->verdict), r->cell[C_VERDICT])
		&& entry_digest(e, content, &r->digests, NULL);
}

void verify_row_check(struct verify_row *r, enum verify_depth depth)
{
	struct envelope env;
	struct hash content;
	if (r->malformed || !row_envelope(r, depth, &env, &content))
		return;
	r->signatures = env.signature_count;
	if (!row_digest(r, &content)) {
		row_bad(r, "its verdict is none", "", "");
		return;
	}
	const struct entry_digests *d = &r->digests;
	const struct same same[] = {
		{ C_SENDER, env.sender, strlen(env.sender) }, { C_DEAL, env.deal, strlen(env.deal) }, { C_SEED, content.bytes, HASH_SIZE },
		{ C_CONTENT, d->content.bytes, HASH_SIZE }, { C_BYTES, d->envelope.bytes, HASH_SIZE },
	}, last[] = { { C_CHAIN, d->chain.bytes, HASH_SIZE } };
	row_compare(r, same, sizeof(same) / sizeof(same[0]));
	if (!r->bad && r->kind != env.kind)
		row_bad(r, "column kind is not what the envelope says", "", "");
	if (!r->bad && memcmp(r->cell[C_LEAF].ptr, d->leaf.bytes, HASH_SIZE) != 0)
		row_bad(r, "its leaf hash does not hold", "", "");
	row_compare(r, last, 1);
}
