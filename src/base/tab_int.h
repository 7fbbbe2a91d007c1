/* One table: nodes found by key text (open addressing), by order (a treap) and from their
 * neighbours (a list in key order). The transaction over all tables is in tab.c; what it does
 * with blobs is its affair, a table only moves nodes.
 *
 * Invariants
 *  - the same nodes are in slots, tree and list;
 *  - priorities in the tree are digests of keys: no order of insertion makes it deep;
 *  - of a type with a shared TEXT the same nodes are in `by` as well, whose keys are "TEXT\001KEY";
 *  - slots are never iterated for output: order comes from the list;
 *  - a slot has the hash of its node beside it: a search goes past other keys without touching their nodes, which in a large
 *    state lie in no cache. */
#ifndef WHARF_BASE_TAB_INT_H
#define WHARF_BASE_TAB_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rec.h"

struct node {
	struct node *left, *right; /* smaller, larger keys */
	struct node *prev, *next;  /* neighbours in key order; prev is the node itself when it is in no table */
	uint64_t hash;             /* of the key; its upper half is the priority in the tree */
	uint64_t dirty;            /* the round of tabs_dirty_clear in which it was last noted */
	_Alignas(16) char rec[];
};

struct slot {
	uint64_t hash;
	struct node *node; /* NULL: empty */
};

struct table {
	const struct rec_type *type;
	struct slot *slots;
	size_t slot_count, count; /* slot_count is 0 or a power of two */
	struct node *root, *first, *last;
	const struct rec_field **blobs; /* the fields of blobs */
	size_t blob_count;
	uint64_t version;
	struct table *by; /* of a type with a shared TEXT: the second way to its nodes, else NULL */
};

uint64_t table_hash(const char *key);
static inline const char *node_key(const struct table *t, const struct node *n)
{
	return rec_key(t->type, n->rec);
}

static inline bool node_linked(const struct node *n)
{
	return n->prev != n;
}

struct node *table_find(const struct table *t, const char *key, uint64_t hash); /* or NULL */
struct node *table_at_least(const struct table *t, const char *key); /* first key >=, or NULL */
void table_link(struct table *t, struct node *n);   /* its key is not in the table */
void table_unlink(struct table *t, struct node *n); /* n stays allocated, with its hash */

/* The second way, of tables that have one: put on with the TEXT that the node has now, taken off before that changes. table_link
 * and table_unlink do it themselves. */
struct table *table_by_new(void);
void table_by_free(struct table *by);   /* with its nodes, not those that it leads to */
void table_by_in(struct table *t, struct node *n);
void table_by_out(struct table *t, struct node *n);
struct node *table_by_next(const struct table *t, const char *value, const char *after); /* see tab_by */

#endif
