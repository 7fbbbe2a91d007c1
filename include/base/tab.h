/* The state: ordered tables of records, and the transaction that changes them.
 *
 * Invariants
 *  - a record is reached by type and key in O(1) and iterated in bytewise key order;
 *  - every change goes through a transaction that can be rolled back to any mark, so a refused
 *    event, or a refused contract inside an event that goes on, leaves no trace;
 *  - the digest of a transaction's changes and the digest of the whole state depend only on the
 *    records, never on the history, on addresses or on hash order.
 *
 * A pointer from tab_get stays valid until its record is put or deleted. Records are copied in;
 * blobs are copied into the state's own memory. */
#ifndef WHARF_BASE_TAB_H
#define WHARF_BASE_TAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/rec.h"

struct tabs; /* all tables of one state */

/* Types are given once; each tag may appear once. The array is borrowed for ever. */
struct tabs *tabs_new(const struct rec_type *const *types, size_t count);
void tabs_free(struct tabs *s);
const struct rec_type *const *tabs_types(const struct tabs *s, size_t *count);
const struct rec_type *tabs_type_named(const struct tabs *s, struct str name); /* or NULL */

const void *tab_get(const struct tabs *s, const struct rec_type *t, const char *key); /* or NULL */
size_t tab_count(const struct tabs *s, const struct rec_type *t);
/* Iteration in key order: first record with key >= from ("" for the first), then the next after
 * a key. A key that was deleted meanwhile still has a next. */
const void *tab_first(const struct tabs *s, const struct rec_type *t, const char *from);
const void *tab_next(const struct tabs *s, const struct rec_type *t, const char *key);
/* Last record with key < before (NULL for the last of all). */
const void *tab_prev(const struct tabs *s, const struct rec_type *t, const char *before);

/* Of a type described by REC_TYPE_BY: the record with the least key > after ("" for the first) whose shared TEXT is value, or
 * NULL. The way there is as long as the logarithm of the records, however many have other values; after need not exist. */
const void *tab_by(const struct tabs *s, const struct rec_type *t, const char *value, const char *after);

/* for (const struct deal *d = TAB_EACH_FIRST(..)) in one line, over keys that start with prefix. */
const void *tab_prefix_first(const struct tabs *s, const struct rec_type *t, const char *prefix);
const void *tab_prefix_next(const struct tabs *s, const struct rec_type *t, const char *prefix,
	const char *key);
/* The same from a record that tab_get or a walk gave since the last commit, without a search; it may have
 * been put or deleted meanwhile. */
const void *tab_prefix_after(const struct tabs *s, const struct rec_type *t, const char *prefix,
	const void *rec);
#define TAB_FOR(type_, var, tabs_, rec_, prefix_) \
	for (const struct type_ *var = tab_prefix_first((tabs_), (rec_), (prefix_)); var; \
	     var = tab_prefix_after((tabs_), (rec_), (prefix_), var))

/* Changes. There is always one open transaction; tab_commit ends it and opens the next. */
void tab_put(struct tabs *s, const struct rec_type *t, const void *rec); /* insert or replace */
bool tab_delete(struct tabs *s, const struct rec_type *t, const char *key);
/* As tab_delete: the record leaves the state, but those who keep copies (read models) keep it as it was last. Only for
 * records whose key never comes again. */
bool tab_archive(struct tabs *s, const struct rec_type *t, const char *key);
size_t tab_mark(const struct tabs *s);
void tab_rollback(struct tabs *s, size_t mark); /* 0: everything since the last commit */

/* Digest of the open transaction: over (tag, key, encoding or "deleted") of the records that
 * differ from before it, in order of tag and key. All zeroes when nothing changed. */
struct hash tab_changes_digest(const struct tabs *s);

/* Records of the given types that differ from before the open transaction, each once, in order of tag and key; was or now is
 * NULL for one that is new or gone. In the arena, which is borrowed; valid until the next tab_commit or tab_rollback, `now` until
 * that record is put or deleted. Returns how many. */
struct tab_change {
	const struct rec_type *type;
	const void *was, *now;
};
size_t tab_changes(const struct tabs *s, const struct rec_type *const *types, size_t count, struct arena *a,
	struct tab_change **out);

/* Ends the transaction. The records touched since the last tabs_dirty_clear are remembered for
 * the read models. */
void tab_commit(struct tabs *s);

/* Records changed by committed transactions since tabs_dirty_clear, each once, in order of tag and
 * key: fn gets rec = NULL for a deleted one, and for an archived one what it was. */
void tabs_dirty_each(struct tabs *s,
	void (*fn)(void *ctx, const struct rec_type *t, const char *key, const void *rec), void *ctx);
void tabs_dirty_clear(struct tabs *s);
/* fn is called for each archived record when its transaction is committed; NULL: nobody is. For who compares archives. */
void tabs_on_archive(struct tabs *s, void (*fn)(void *ctx, const struct rec_type *t, const void *rec), void *ctx);

/* Digest over every record in order of tag and key. */
struct hash tabs_digest(const struct tabs *s);
/* The same records as bytes, and back. Decoding refuses unknown tags and anything that does not
 * encode to itself; on false the tables are left empty. */
void tabs_snapshot(const struct tabs *s, struct buf *out);
bool tabs_restore(struct tabs *s, struct str bytes);

/* Grows with every tab_commit that changed a record of the type: views are rebuilt only when the
 * count of one of their types moved. */
uint64_t tabs_version(const struct tabs *s, const struct rec_type *t);

#endif
