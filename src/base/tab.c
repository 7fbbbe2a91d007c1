/* The state: the transaction over its tables, digests, snapshots, and what is dirty.
 *
 * Invariants
 *  - undo holds one entry per change since the last commit, oldest first; taking them back from
 *    the end restores every earlier state exactly, addresses included;
 *  - a blob that is in a table or in an old copy of the undo log is allocated; `doomed` lists the
 *    blobs that only old copies hold, `undone` says per entry how many there were before it;
 *  - a deleted node stays allocated until the commit. */
#include "base/tab.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/tab_int.h"

enum { TABS_FLUSH = 1 << 16, DIRTY_COMPACT = 4096, NAMES_MAX = 4 * REC_TAG_MAX };

enum change { CHANGE_INSERT, CHANGE_REPLACE, CHANGE_DELETE };

struct undo {
	enum change change;
	struct table *table;
	struct node *node;
	const void *old; /* copy of the record before a replacement */
	size_t undone;   /* doomed blobs before this change */
	bool archive;    /* of a deletion: copies keep the record */
};

struct dirty {
	const struct table *table;
	const char *key;
	const void *gone; /* what an archived record was, in the arena `gone`; else NULL */
};

/* What tab_changes_digest works in: not part of the state. */
struct scratch {
	struct buf out;
	const struct undo **order;
	size_t order_cap;
};

struct tabs {
	const struct rec_type *const *types;
	size_t type_count;
	struct table *tables;                 /* in the order of types */
	struct table *by_tag[REC_TAG_MAX];
	const struct rec_type *by_name[NAMES_MAX]; /* open addressing by name_slot */
	struct undo *undo;
	size_t undo_count, undo_cap;
	struct blob **doomed;
	size_t doomed_count, doomed_cap;
	struct arena olds;                    /* old copies; emptied by commit */
	struct dirty *dirty;
	size_t dirty_count, dirty_cap, dirty_compact;
	struct arena dirty_keys, gone;
	void (*on_archive)(void *ctx, const struct rec_type *t, const void *rec);
	void *archive_ctx;
	uint64_t round;                       /* of tabs_dirty_clear, from 1 */
	struct scratch *scratch;
};

static void *tabs_grow(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 64;
	array = realloc(array, *cap * size);
	CHECK(array, "memory has run out");
	return array;
}

static void table_init(struct table *tb, const struct rec_type *t)
{
	CHECK(t->field_count > 0 && t->fields[0].kind == FIELD_TEXT && t->fields[0].size <= REC_KEY_MAX,
		"the first field of a record is its key");
	tb->type = t;
	tb->blobs = calloc(t->field_count, sizeof *tb->blobs);
	CHECK(tb->blobs, "memory has run out");
	tb->by = t->by ? table_by_new() : NULL;
	for (size_t i = 0; i < t->field_count; i++)
		if (t->fields[i].kind == FIELD_BLOB)
			tb->blobs[tb->blob_count++] = &t->fields[i];
}

static size_t name_slot(const struct tabs *s, struct str name)
{
	size_t i = name.len;

	for (size_t k = 0; k < name.len; k++)
		i = i * 31 + (uint8_t)name.ptr[k];
	for (i %= NAMES_MAX; s->by_name[i] && !str_is(name, s->by_name[i]->name);)
		i = (i + 1) % NAMES_MAX;
	return i;
}

struct tabs *tabs_new(const struct rec_type *const *types, size_t count)
{
	struct tabs *s = calloc(1, sizeof *s);

	CHECK(s, "memory has run out");
	s->types = types;
	s->type_count = count;
	s->tables = calloc(count ? count : 1, sizeof *s->tables);
	s->scratch = calloc(1, sizeof *s->scratch);
	CHECK(s->tables && s->scratch, "memory has run out");
	s->round = 1;
	s->dirty_compact = DIRTY_COMPACT;
	for (size_t i = 0; i < count; i++) {
		CHECK(types[i]->tag < REC_TAG_MAX && !s->by_tag[types[i]->tag], "each tag is given once");
		table_init(&s->tables[i], types[i]);
		s->by_tag[types[i]->tag] = &s->tables[i];
		s->by_name[name_slot(s, str_of(types[i]->name))] = types[i];
	}
	return s;
}

static struct table *tabs_table(const struct tabs *s, const struct rec_type *t)
{
	struct table *tb = t->tag < REC_TAG_MAX ? s->by_tag[t->tag] : NULL;

	CHECK(tb && tb->type == t, "the record type belongs to this state");
	return tb;
}

/* --- nodes and their blobs ---------------------------------------------------------------------- */

static struct blob *blob_at(const void *rec, const struct rec_field *f)
{
	struct blob *b;

	memcpy(&b, (const char *)rec + f->offset, sizeof b);
	return b;
}

static void blob_set(void *rec, const struct rec_field *f, const struct blob *b)
{
	memcpy((char *)rec + f->offset, &b, sizeof b);
}

static struct blob *blob_own(const struct blob *b)
{
	struct blob *copy;

	if (!b || b->len == 0)
		return NULL;
	copy = malloc(sizeof *copy + b->len + 1);
	CHECK(copy, "memory has run out");
	copy->len = b->len;
	memcpy(copy->bytes, b->bytes, b->len);
	copy->bytes[b->len] = '\0';
	return copy;
}

static struct node *node_new(const struct table *tb, const void *rec, uint64_t hash)
{
	struct node *n = malloc(sizeof *n + tb->type->size);

	CHECK(n, "memory has run out");
	n->hash = hash;
	n->dirty = 0;
	memcpy(n->rec, rec, tb->type->size);
	for (size_t i = 0; i < tb->blob_count; i++)
		blob_set(n->rec, tb->blobs[i], blob_own(blob_at(rec, tb->blobs[i])));
	return n;
}

static void node_free(const struct table *tb, struct node *n)
{
	for (size_t i = 0; i < tb->blob_count; i++)
		free(blob_at(n->rec, tb->blobs[i]));
	free(n);
}

static void table_empty(struct table *tb)
{
	for (struct node *n = tb->first, *next; n; n = next) {
		next = n->next;
		node_free(tb, n);
	}
	free(tb->slots);
	tb->slots = NULL;
	tb->slot_count = tb->count = 0;
	tb->root = tb->first = tb->last = NULL;
	table_by_free(tb->by);
	tb->by = tb->type->by ? table_by_new() : NULL;
}

void tabs_free(struct tabs *s)
{
	if (!s)
		return;
	tab_rollback(s, 0);
	for (size_t i = 0; i < s->type_count; i++) {
		table_empty(&s->tables[i]);
		free(s->tables[i].blobs);
		table_by_free(s->tables[i].by);
	}
	free(s->tables);
	free(s->undo);
	free(s->doomed);
	free(s->dirty);
	arena_free(&s->olds);
	arena_free(&s->dirty_keys);
	arena_free(&s->gone);
	buf_free(&s->scratch->out);
	free(s->scratch->order);
	free(s->scratch);
	free(s);
}

/* --- reading ------------------------------------------------------------------------------------ */

const struct rec_type *const *tabs_types(const struct tabs *s, size_t *count)
{
	*count = s->type_count;
	return s->types;
}

const struct rec_type *tabs_type_named(const struct tabs *s, struct str name)
{
	return s->by_name[name_slot(s, name)];
}

static const void *node_rec(const struct node *n)
{
	return n ? n->rec : NULL;
}

const void *tab_get(const struct tabs *s, const struct rec_type *t, const char *key)
{
	return node_rec(table_find(tabs_table(s, t), key, table_hash(key)));
}

size_t tab_count(const struct tabs *s, const struct rec_type *t)
{
	return tabs_table(s, t)->count;
}

const void *tab_first(const struct tabs *s, const struct rec_type *t, const char *from)
{
	const struct table *tb = tabs_table(s, t);

	return node_rec(from[0] ? table_at_least(tb, from) : tb->first);
}

const void *tab_next(const struct tabs *s, const struct rec_type *t, const char *key)
{
	const struct table *tb = tabs_table(s, t);
	const struct node *n = table_find(tb, key, table_hash(key));

	return node_rec(n ? n->next : table_at_least(tb, key));
}

const void *tab_prev(const struct tabs *s, const struct rec_type *t, const char *before)
{
	const struct table *tb = tabs_table(s, t);
	const struct node *n = NULL;

	if (before) {
		n = table_find(tb, before, table_hash(before));
		n = n ? n : table_at_least(tb, before);
	}
	return node_rec(n ? n->prev : tb->last);
}

const void *tab_by(const struct tabs *s, const struct rec_type *t, const char *value, const char *after)
{
	const struct table *tb = tabs_table(s, t);

	CHECK(tb->by, "records of this type are found by a second text");
	return node_rec(table_by_next(tb, value, after));
}

static const void *prefix_only(const struct rec_type *t, const char *prefix, const void *rec)
{
	return rec && strncmp(rec_key(t, rec), prefix, strlen(prefix)) == 0 ? rec : NULL;
}

const void *tab_prefix_first(const struct tabs *s, const struct rec_type *t, const char *prefix)
{
	return prefix_only(t, prefix, tab_first(s, t, prefix));
}

const void *tab_prefix_next(const struct tabs *s, const struct rec_type *t, const char *prefix,
	const char *key)
{
	return prefix_only(t, prefix, tab_next(s, t, key));
}

const void *tab_prefix_after(const struct tabs *s, const struct rec_type *t, const char *prefix,
	const void *rec)
{
	const struct node *n = (const struct node *)(const void *)((const char *)rec - offsetof(struct node, rec));

	if (!node_linked(n)) /* deleted since: its key still has a next */
		return tab_prefix_next(s, t, prefix, rec_key(t, rec));
	return prefix_only(t, prefix, node_rec(n->next));
}

/* --- changing ----------------------------------------------------------------------------------- */

static void undo_add(struct tabs *s, enum change change, struct table *tb, struct node *n, const void *old)
{
	s->undo = tabs_grow(s->undo, s->undo_count, &s->undo_cap, sizeof *s->undo);
	s->undo[s->undo_count++] = (struct undo){ change, tb, n, old, s->doomed_count, false };
}

/* Copies rec over the node. A blob whose pointer did not change stays; another is copied in. */
static void node_replace(struct tabs *s, struct table *tb, struct node *n, const void *rec)
{
	const void *old = arena_copy(&s->olds, n->rec, tb->type->size);

	undo_add(s, CHANGE_REPLACE, tb, n, old);
	table_by_out(tb, n);
	memmove(n->rec, rec, tb->type->size);
	table_by_in(tb, n);
	for (size_t i = 0; i < tb->blob_count; i++) {
		struct blob *was = blob_at(old, tb->blobs[i]), *now = blob_at(n->rec, tb->blobs[i]);

		if (now == was)
			continue;
		blob_set(n->rec, tb->blobs[i], blob_own(now));
		if (!was)
			continue;
		s->doomed = tabs_grow(s->doomed, s->doomed_count, &s->doomed_cap, sizeof *s->doomed);
		s->doomed[s->doomed_count++] = was;
	}
}

void tab_put(struct tabs *s, const struct rec_type *t, const void *rec)
{
	struct table *tb = tabs_table(s, t);
	const char *key = rec_key(t, rec);
	uint64_t hash;
	struct node *n;

	CHECK(key[0] && memchr(key, '\0', t->fields[0].size), "a record has a key that ends with a NUL");
	hash = table_hash(key);
	n = table_find(tb, key, hash);
	if (n) {
		if (memcmp(n->rec, rec, t->size) != 0)
			node_replace(s, tb, n, rec);
		return;
	}
	n = node_new(tb, rec, hash);
	table_link(tb, n);
	undo_add(s, CHANGE_INSERT, tb, n, NULL);
}

bool tab_delete(struct tabs *s, const struct rec_type *t, const char *key)
{
	struct table *tb = tabs_table(s, t);
	struct node *n = table_find(tb, key, table_hash(key));

	if (!n)
		return false;
	table_unlink(tb, n);
	undo_add(s, CHANGE_DELETE, tb, n, NULL);
	return true;
}

bool tab_archive(struct tabs *s, const struct rec_type *t, const char *key)
{
	if (!tab_delete(s, t, key))
		return false;
	s->undo[s->undo_count - 1].archive = true;
	return true;
}

size_t tab_mark(const struct tabs *s)
{
	return s->undo_count;
}

static void undo_replace(struct tabs *s, const struct undo *u)
{
	for (size_t i = 0; i < u->table->blob_count; i++) {
		struct blob *now = blob_at(u->node->rec, u->table->blobs[i]);

		if (now != blob_at(u->old, u->table->blobs[i]))
			free(now);
	}
	table_by_out(u->table, u->node);
	memcpy(u->node->rec, u->old, u->table->type->size);
	table_by_in(u->table, u->node);
	s->doomed_count = u->undone;
}

void tab_rollback(struct tabs *s, size_t mark)
{
	CHECK(mark <= s->undo_count, "a mark is of this transaction");
	while (s->undo_count > mark) {
		const struct undo *u = &s->undo[--s->undo_count];

		switch (u->change) {
		case CHANGE_INSERT:
			table_unlink(u->table, u->node);
			node_free(u->table, u->node);
			break;
		case CHANGE_REPLACE:
			undo_replace(s, u);
			break;
		case CHANGE_DELETE:
			table_link(u->table, u->node);
			break;
		}
	}
	if (mark == 0)
		arena_reset(&s->olds);
}

/* --- what is dirty ------------------------------------------------------------------------------ */

static int dirty_order(const void *a, const void *b)
{
	const struct dirty *x = a, *y = b;

	if (x->table != y->table)
		return x->table->type->tag < y->table->type->tag ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* Sorts, and leaves each key once: one deleted and inserted again was noted twice. */
static void dirty_sort(struct tabs *s)
{
	struct arena keys = { 0 };
	size_t n = 0;

	if (s->dirty_count)
		qsort(s->dirty, s->dirty_count, sizeof *s->dirty, dirty_order);
	for (size_t i = 0; i < s->dirty_count; i++) {
		if (n && dirty_order(&s->dirty[n - 1], &s->dirty[i]) == 0) {
			if (s->dirty[i].gone)
				s->dirty[n - 1].gone = s->dirty[i].gone;
			continue;
		}
		s->dirty[n] = s->dirty[i];
		s->dirty[n].key = str_dup(&keys, str_of(s->dirty[i].key));
		n++;
	}
	s->dirty_count = n;
	s->dirty_compact = n * 2 + DIRTY_COMPACT;
	arena_free(&s->dirty_keys);
	s->dirty_keys = keys;
}

static void dirty_note(struct tabs *s, const struct table *tb, struct node *n)
{
	if (n->dirty == s->round)
		return;
	n->dirty = s->round;
	if (s->dirty_count >= s->dirty_compact)
		dirty_sort(s);
	s->dirty = tabs_grow(s->dirty, s->dirty_count, &s->dirty_cap, sizeof *s->dirty);
	s->dirty[s->dirty_count++] = (struct dirty){ tb, str_dup(&s->dirty_keys, str_of(node_key(tb, n))), NULL };
}

/* Copies have the record as it was unless it changed since they were written: then it is noted anew with what it was. */
static void dirty_archive(struct tabs *s, const struct table *tb, struct node *n)
{
	if (s->on_archive)
		s->on_archive(s->archive_ctx, tb->type, n->rec);
	if (n->dirty != s->round)
		return;
	char *gone = arena_copy(&s->gone, n->rec, tb->type->size);

	for (size_t i = 0; i < tb->blob_count; i++) {
		const struct blob *b = blob_at(n->rec, tb->blobs[i]);

		blob_set(gone, tb->blobs[i], b ? arena_copy(&s->gone, b, sizeof *b + b->len + 1) : NULL);
	}
	n->dirty = 0;
	dirty_note(s, tb, n);
	s->dirty[s->dirty_count - 1].gone = gone;
}

void tab_commit(struct tabs *s)
{
	for (size_t i = 0; i < s->undo_count; i++) {
		const struct undo *u = &s->undo[i];

		u->table->version++;
		if (u->archive)
			dirty_archive(s, u->table, u->node);
		else
			dirty_note(s, u->table, u->node);
		if (u->change == CHANGE_DELETE)
			node_free(u->table, u->node);
	}
	for (size_t i = 0; i < s->doomed_count; i++)
		free(s->doomed[i]);
	s->undo_count = s->doomed_count = 0;
	arena_reset(&s->olds);
}

void tabs_dirty_each(struct tabs *s,
	void (*fn)(void *ctx, const struct rec_type *t, const char *key, const void *rec), void *ctx)
{
	CHECK(s->undo_count == 0, "read models are fed between transactions");
	dirty_sort(s);
	for (size_t i = 0; i < s->dirty_count; i++) {
		const struct rec_type *t = s->dirty[i].table->type;
		const void *now = tab_get(s, t, s->dirty[i].key);

		fn(ctx, t, s->dirty[i].key, now ? now : s->dirty[i].gone);
	}
}

void tabs_dirty_clear(struct tabs *s)
{
	s->round++;
	s->dirty_count = 0;
	s->dirty_compact = DIRTY_COMPACT;
	arena_reset(&s->dirty_keys);
	arena_reset(&s->gone);
}

void tabs_on_archive(struct tabs *s, void (*fn)(void *ctx, const struct rec_type *t, const void *rec), void *ctx)
{
	s->on_archive = fn;
	s->archive_ctx = ctx;
}

uint64_t tabs_version(const struct tabs *s, const struct rec_type *t)
{
	return tabs_table(s, t)->version;
}

/* --- digest of the transaction ------------------------------------------------------------------ */

/* By tag, key and age: the oldest change of a record comes first. */
static int undo_order(const void *a, const void *b)
{
	const struct undo *x = *(const struct undo *const *)a, *y = *(const struct undo *const *)b;
	int c;

	if (x->table != y->table)
		return x->table->type->tag < y->table->type->tag ? -1 : 1;
	c = strcmp(node_key(x->table, x->node), node_key(y->table, y->node));
	return c ? c : (x > y) - (x < y);
}

static void undo_sort(const struct undo **order, size_t count)
{
	enum { SMALL = 24 };

	if (count > SMALL) {
		qsort(order, count, sizeof *order, undo_order);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		const struct undo *u = order[i];
		size_t j = i;

		for (; j > 0 && undo_order(&order[j - 1], &u) > 0; j--)
			order[j] = order[j - 1];
		order[j] = u;
	}
}

/* Appends the difference between the record before its first change and now, if there is one. */
static void change_add(const struct tabs *s, const struct undo *first)
{
	struct scratch *w = s->scratch;
	const struct table *tb = first->table;
	const char *key = node_key(tb, first->node);
	const struct node *now = node_linked(first->node) ? first->node : table_find(tb, key, first->node->hash);
	const void *old = first->change == CHANGE_DELETE ? first->node->rec : first->old;

	if ((!old && !now) || (old && now && rec_equal(tb->type, old, now->rec)))
		return; /* came and went, or is what it was */
	put_u64(&w->out, tb->type->tag);
	put_str(&w->out, str_of(key));
	buf_char(&w->out, now ? 1 : 0);
	if (now)
		rec_encode(tb->type, now->rec, &w->out);
}

size_t tab_changes(const struct tabs *s, const struct rec_type *const *types, size_t count, struct arena *a,
	struct tab_change **out)
{
	bool wanted[REC_TAG_MAX] = { false };
	size_t n = 0, found = 0;

	for (size_t i = 0; i < count; i++)
		wanted[types[i]->tag] = true;
	for (size_t i = 0; i < s->undo_count; i++)
		n += wanted[s->undo[i].table->type->tag];
	*out = NULL;
	if (!n)
		return 0;
	const struct undo **order = arena_alloc(a, n * sizeof *order);
	*out = arena_alloc(a, n * sizeof **out);
	n = 0;
	for (size_t i = 0; i < s->undo_count; i++)
		if (wanted[s->undo[i].table->type->tag])
			order[n++] = &s->undo[i];
	undo_sort(order, n);
	for (size_t i = 0; i < n; i++) {
		const struct undo *u = order[i];
		const char *key = node_key(u->table, u->node);
		if (i && u->table == order[i - 1]->table && strcmp(key, node_key(u->table, order[i - 1]->node)) == 0)
			continue;
		const struct node *now = node_linked(u->node) ? u->node : table_find(u->table, key, u->node->hash);
		const void *was = u->change == CHANGE_DELETE ? u->node->rec : u->old;
		if (was || now)
			(*out)[found++] = (struct tab_change){ u->table->type, was, now ? now->rec : NULL };
	}
	return found;
}

struct hash tab_changes_digest(const struct tabs *s)
{
	struct scratch *w = s->scratch;
	size_t count = s->undo_count;

	if (w->order_cap < count) {
		w->order_cap = s->undo_cap;
		w->order = realloc(w->order, w->order_cap * sizeof *w->order);
		CHECK(w->order, "memory has run out");
	}
	for (size_t i = 0; i < count; i++)
		w->order[i] = &s->undo[i];
	undo_sort(w->order, count);
	buf_clear(&w->out);
	for (size_t i = 0; i < count; i++) {
		const struct undo *u = w->order[i];

		if (i == 0 || u->table != w->order[i - 1]->table ||
			strcmp(node_key(u->table, u->node),
				node_key(u->table, w->order[i - 1]->node)) != 0)
			change_add(s, u);
	}
	return w->out.len ? hash_of(w->out.ptr, w->out.len) : (struct hash){ 0 };
}

/* --- the whole state as bytes ------------------------------------------------------------------- */

/* One record: tag, counted encoding. The snapshot is their sequence, its digest that of the state. */
static void snapshot_add(const struct table *tb, const struct node *n, struct buf *body, struct buf *out)
{
	buf_clear(body);
	rec_encode(tb->type, n->rec, body);
	put_u64(out, tb->type->tag);
	put_str(out, buf_view(body));
}

struct hash tabs_digest(const struct tabs *s)
{
	struct hash_stream *stream = hash_begin();
	struct buf body = { 0 }, out = { 0 };

	for (size_t tag = 0; tag < REC_TAG_MAX; tag++) {
		const struct table *tb = s->by_tag[tag];

		for (const struct node *n = tb ? tb->first : NULL; n; n = n->next) {
			snapshot_add(tb, n, &body, &out);
			if (out.len < TABS_FLUSH)
				continue;
			hash_add(stream, out.ptr, out.len);
			buf_clear(&out);
		}
	}
	hash_add(stream, out.ptr, out.len);
	buf_free(&body);
	buf_free(&out);
	return hash_end(stream);
}

void tabs_snapshot(const struct tabs *s, struct buf *out)
{
	struct buf body = { 0 };

	for (size_t tag = 0; tag < REC_TAG_MAX; tag++) {
		const struct table *tb = s->by_tag[tag];

		for (const struct node *n = tb ? tb->first : NULL; n; n = n->next)
			snapshot_add(tb, n, &body, out);
	}
	buf_free(&body);
}

/* Reads one record of a snapshot into its table; it must come after the last one of its table and
 * encode to the same bytes. */
static bool restore_one(struct tabs *s, struct reader *r, uint64_t *tag, struct arena *a, struct buf *again)
{
	uint64_t now = get_u64(r);
	struct str body = get_bytes(r);
	struct table *tb;
	void *rec;
	const char *key;
	struct node *n;

	if (r->bad || now >= REC_TAG_MAX || now < *tag || !s->by_tag[now])
		return false;
	*tag = now;
	tb = s->by_tag[now];
	arena_reset(a);
	rec = arena_alloc(a, tb->type->size);
	if (!rec_decode(tb->type, body, rec, a))
		return false;
	key = rec_key(tb->type, rec);
	if (!key[0] || (tb->last && strcmp(node_key(tb, tb->last), key) >= 0))
		return false;
	buf_clear(again);
	rec_encode(tb->type, rec, again);
	if (!str_eq(body, buf_view(again)))
		return false;
	n = node_new(tb, rec, table_hash(key));
	table_link(tb, n);
	return true;
}

static void tabs_empty(struct tabs *s)
{
	tab_rollback(s, 0);
	for (size_t i = 0; i < s->type_count; i++) {
		table_empty(&s->tables[i]);
		s->tables[i].version++;
	}
	tabs_dirty_clear(s);
}

bool tabs_restore(struct tabs *s, struct str bytes)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	struct arena a = { 0 };
	struct buf again = { 0 };
	uint64_t tag = 0;
	bool ok = true;

	tabs_empty(s);
	while (ok && !r.bad && r.at < r.end)
		ok = restore_one(s, &r, &tag, &a, &again);
	ok = ok && reader_done(&r);
	if (!ok)
		tabs_empty(s);
	arena_free(&a);
	buf_free(&again);
	return ok;
}
