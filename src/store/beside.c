/* What a commit writes beside its rows, taken out of the state, so that the state can go on while another thread commits.
 *
 * Must remain true: what was taken shares no memory with the tables and the tree. */
#include "journal_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct beside_record {
	const struct rec_type *type;
	const char *key;
	const void *rec; /* NULL: deleted */
};

struct beside_tile {
	struct beside_tile *next; /* in the order in which they are written */
	int level;
	uint64_t n;
	struct hash hashes[TILE_WIDTH];
};

struct journal_beside {
	struct arena bytes;
	struct beside_record *records;
	size_t count, cap;
	struct beside_tile *first, **last;
	uint64_t from;
};

static void beside_record(void *ctx, const struct rec_type *t, const char *key, const void *rec)
{
	struct journal_beside *b = ctx;
	if (!readmodel_kept(t))
		return;
	if (b->count == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 1024;
		b->records = realloc(b->records, b->cap * sizeof(*b->records));
		CHECK(b->records, "out of memory");
	}
	void *copy = rec ? arena_copy(&b->bytes, rec, t->size) : NULL;
	for (size_t i = 0; copy && i < t->field_count; i++)
		if (t->fields[i].kind == FIELD_BLOB) {
			struct str blob = blob_str(rec_blob(copy, &t->fields[i]));
			rec_set_blob(copy, &t->fields[i], blob_in(&b->bytes, blob.ptr, blob.len));
		}
	b->records[b->count++] = (struct beside_record){ t, rec ? rec_key(t, copy) : str_dup(&b->bytes, str_of(key)), copy };
}

static bool beside_tile(void *ctx, int level, uint64_t n, const struct hash hashes[TILE_WIDTH])
{
	struct journal_beside *b = ctx;
	uint64_t end = n + 1; /* the size of the tree with which it became full */
	for (int i = 0; i <= level; i++)
		end *= TILE_WIDTH;
	if (end <= b->from)
		return true;
	struct beside_tile *t = arena_alloc(&b->bytes, sizeof(*t));
	t->next = NULL;
	t->level = level;
	t->n = n;
	memcpy(t->hashes, hashes, sizeof(t->hashes));
	*b->last = t;
	b->last = &t->next;
	return true;
}

struct journal_beside *journal_beside_take(struct tabs *tabs, struct merkle *tree, uint64_t from)
{
	struct journal_beside *b = calloc(1, sizeof(*b));
	CHECK(b, "out of memory");
	b->from = from;
	b->last = &b->first;
	tabs_dirty_each(tabs, beside_record, b);
	tabs_dirty_clear(tabs);
	merkle_unstored(tree, beside_tile, b);
	return b;
}

void journal_beside_free(struct journal_beside *b)
{
	if (!b)
		return;
	arena_free(&b->bytes);
	free(b->records);
	free(b);
}

enum err beside_write_models(struct journal *j, const struct journal_beside *b, struct fault *fault)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < b->count && e == ERR_OK; i++)
		e = models_write_one(j, b->records[i].type, b->records[i].key, b->records[i].rec, fault);
	return e;
}

enum err beside_write_tiles(struct journal *j, const struct journal_beside *b, struct fault *fault)
{
	enum err e = ERR_OK;
	for (const struct beside_tile *t = b->first; t && e == ERR_OK; t = t->next)
		e = tiles_write_one(j, t->level, t->n, t->hashes, fault);
	return e;
}
