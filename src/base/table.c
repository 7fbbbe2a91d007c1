/* The index of one table: see tab_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/tab_int.h"

enum { TABLE_SLOTS_FIRST = 16, BY_KEY_MAX = 2 * REC_KEY_MAX };

/* A mixing hash of the key, eight bytes a step. It decides where a node lies, never what anybody
 * sees, so the byte order of the machine may show in it. */
uint64_t table_hash(const char *key)
{
	size_t len = strlen(key);
	const char *end = key + len;
	uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ len, word = 0;

	for (; end - key > 8; key += 8) {
		memcpy(&word, key, 8);
		h = (h ^ word) * UINT64_C(0xD6E8FEB86659FD93);
		h ^= h >> 32;
	}
	if (len >= 8)
		memcpy(&word, end - 8, 8); /* the last eight once more: no step is shorter */
	else
		for (size_t i = 0; i < len; i++)
			word = word << 8 | (uint8_t)key[i];
	h = (h ^ word) * UINT64_C(0xD6E8FEB86659FD93);
	h ^= h >> 29;
	h *= UINT64_C(0xBF58476D1CE4E5B9);
	return h ^ h >> 32;
}

/* --- slots -------------------------------------------------------------------------------------- */

struct node *table_find(const struct table *t, const char *key, uint64_t hash)
{
	size_t mask = t->slot_count - 1;

	if (!t->slot_count)
		return NULL;
	for (size_t i = hash & mask; t->slots[i].node; i = (i + 1) & mask)
		if (t->slots[i].hash == hash && strcmp(node_key(t, t->slots[i].node), key) == 0)
			return t->slots[i].node;
	return NULL;
}

static void table_slot_in(struct slot *slots, size_t mask, struct slot s)
{
	size_t i = s.hash & mask;

	while (slots[i].node)
		i = (i + 1) & mask;
	slots[i] = s;
}

/* At most three slots of four are taken. */
static void table_slots_grow(struct table *t)
{
	size_t count = t->slot_count ? t->slot_count * 2 : TABLE_SLOTS_FIRST;
	struct slot *slots;

	if (t->count + 1 <= t->slot_count / 4 * 3)
		return;
	slots = calloc(count, sizeof *slots);
	CHECK(slots, "memory has run out");
	for (size_t i = 0; i < t->slot_count; i++)
		if (t->slots[i].node)
			table_slot_in(slots, count - 1, t->slots[i]);
	free(t->slots);
	t->slots = slots;
	t->slot_count = count;
}

/* Empties the slot of n and moves back those behind it that would not be found over the gap. */
static void table_slot_out(struct table *t, const struct node *n)
{
	size_t mask = t->slot_count - 1, gap = n->hash & mask;

	while (t->slots[gap].node != n)
		gap = (gap + 1) & mask;
	for (size_t i = (gap + 1) & mask; t->slots[i].node; i = (i + 1) & mask) {
		size_t home = t->slots[i].hash & mask;

		if (((i - home) & mask) < ((i - gap) & mask))
			continue; /* its home lies behind the gap */
		t->slots[gap] = t->slots[i];
		gap = i;
	}
	t->slots[gap].node = NULL;
}

/* --- tree and list ------------------------------------------------------------------------------ */

static uint32_t node_priority(const struct node *n)
{
	return (uint32_t)(n->hash >> 32);
}

/* The order of the node's key to another. Both nodes that may come next are fetched meanwhile: of a large table they lie
 * in no cache, and waiting for each of them in turn was most of a way down the tree. */
static int node_order(const struct table *t, const struct node *n, const char *key)
{
	__builtin_prefetch(n->left);
	__builtin_prefetch(n->right);
	return strcmp(node_key(t, n), key);
}

struct node *table_at_least(const struct table *t, const char *key)
{
	struct node *found = NULL;

	for (struct node *n = t->root; n;) {
		if (node_order(t, n, key) >= 0) {
			found = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return found;
}

/* The same behind the last key: the way is the right edge, and all of what lies below is smaller. */
static void table_tree_append(struct table *t, struct node *n)
{
	struct node **link = &t->root;

	while (*link && node_priority(*link) >= node_priority(n))
		link = &(*link)->right;
	n->left = *link;
	n->right = NULL;
	n->prev = t->last;
	*link = n;
}

/* Takes the place of the first node on the way with a lower priority, whose tree is split by the
 * key. The whole way down tells the neighbours. */
static void table_tree_in(struct table *t, struct node *n)
{
	const char *key = node_key(t, n);
	struct node **link = &t->root, **smaller = &n->left, **larger = &n->right, *at;

	n->prev = n->next = NULL;
	if (!t->last || strcmp(node_key(t, t->last), key) < 0) {
		table_tree_append(t, n);
		return;
	}
	while (*link && node_priority(*link) >= node_priority(n)) {
		at = *link;
		if (node_order(t, at, key) < 0) {
			n->prev = at;
			link = &at->right;
		} else {
			n->next = at;
			link = &at->left;
		}
	}
	at = *link;
	*link = n;
	while (at) {
		if (node_order(t, at, key) < 0) {
			n->prev = *smaller = at;
			smaller = &at->right;
			at = at->right;
		} else {
			n->next = *larger = at;
			larger = &at->left;
			at = at->left;
		}
	}
	*smaller = *larger = NULL;
}

static void table_tree_out(struct table *t, struct node *n)
{
	const char *key = node_key(t, n);
	struct node **link = &t->root, *a = n->left, *b = n->right;

	while (*link != n)
		link = node_order(t, *link, key) < 0 ? &(*link)->right : &(*link)->left;
	while (a && b) { /* all of a is smaller than all of b */
		if (node_priority(a) >= node_priority(b)) {
			*link = a;
			link = &a->right;
			a = a->right;
		} else {
			*link = b;
			link = &b->left;
			b = b->left;
		}
	}
	*link = a ? a : b;
}

void table_link(struct table *t, struct node *n)
{
	table_slots_grow(t);
	table_slot_in(t->slots, t->slot_count - 1, (struct slot){ n->hash, n });
	table_tree_in(t, n);
	*(n->prev ? &n->prev->next : &t->first) = n;
	*(n->next ? &n->next->prev : &t->last) = n;
	t->count++;
	table_by_in(t, n);
}

void table_unlink(struct table *t, struct node *n)
{
	table_slot_out(t, n);
	table_tree_out(t, n);
	*(n->prev ? &n->prev->next : &t->first) = n->next;
	*(n->next ? &n->next->prev : &t->last) = n->prev;
	n->prev = n;
	t->count--;
	table_by_out(t, n);
}

/* --- the second way ------------------------------------------------------------------------------ */

/* What a node of the second way holds, as long as its key is. */
struct by {
	struct node *of;
	char key[BY_KEY_MAX];
};

static const struct rec_field BY_FIELDS[] = { { "key", FIELD_TEXT, UNIT_NONE, offsetof(struct by, key), BY_KEY_MAX, NULL } };
static const struct rec_type BY_REC = { .name = "by", .size = sizeof(struct by), .fields = BY_FIELDS, .field_count = 1 };

static const char *by_value(const struct table *t, const struct node *n)
{
	return n->rec + t->type->by;
}

/* Gives the length; 0: too long for any record. */
static size_t by_key(const char *value, const char *key, char out[BY_KEY_MAX])
{
	size_t a = strlen(value), b = strlen(key);

	if (a + b + 2 > BY_KEY_MAX)
		return 0;
	memcpy(out, value, a);
	out[a] = '\001';
	memcpy(out + a + 1, key, b + 1);
	return a + b + 1;
}

struct table *table_by_new(void)
{
	struct table *by = calloc(1, sizeof *by);

	CHECK(by, "memory has run out");
	by->type = &BY_REC;
	return by;
}

void table_by_free(struct table *by)
{
	if (!by)
		return;
	for (struct node *n = by->first, *next; n; n = next) {
		next = n->next;
		free(n);
	}
	free(by->slots);
	free(by);
}

void table_by_in(struct table *t, struct node *n)
{
	char key[BY_KEY_MAX];

	if (!t->by)
		return;
	size_t len = by_key(by_value(t, n), node_key(t, n), key);
	CHECK(len, "a shared text and a key fit the second way");
	struct node *b = malloc(sizeof *b + offsetof(struct by, key) + len + 1);
	CHECK(b, "memory has run out");
	b->hash = table_hash(key);
	b->dirty = 0;
	((struct by *)(void *)b->rec)->of = n;
	memcpy(b->rec + offsetof(struct by, key), key, len + 1);
	table_link(t->by, b);
}

void table_by_out(struct table *t, struct node *n)
{
	char key[BY_KEY_MAX];

	if (!t->by)
		return;
	by_key(by_value(t, n), node_key(t, n), key);
	struct node *b = table_find(t->by, key, table_hash(key));
	CHECK(b, "what is in a table is on its second way");
	table_unlink(t->by, b);
	free(b);
}

/* A value with the separator in it may have others between its records: they are passed by. */
struct node *table_by_next(const struct table *t, const char *value, const char *after)
{
	char key[BY_KEY_MAX];

	if (!by_key(value, after, key))
		return NULL;
	size_t head = strlen(value) + 1;
	struct node *b = table_find(t->by, key, table_hash(key));
	for (b = b ? b->next : table_at_least(t->by, key); b && strncmp(node_key(t->by, b), key, head) == 0; b = b->next) {
		struct node *n = ((struct by *)(void *)b->rec)->of;
		if (strcmp(by_value(t, n), value) == 0)
			return n;
	}
	return NULL;
}
