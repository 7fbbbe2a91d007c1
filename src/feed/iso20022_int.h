/* What the parts of the reader of bank messages share: the tree that was read, and what the schemas say of it.
 *
 * Must remain true: a tree that passed the check has, in every place that the reader looks at, what the message definition allows
 * there: parts in its order and number, one of a choice, texts of its types. */
#ifndef WHARF_FEED_ISO20022_INT_H
#define WHARF_FEED_ISO20022_INT_H

#include "feed/iso20022.h"

struct node {
	struct str name, text, currency; /* local name; text of a leaf, trimmed; attribute Ccy */
	struct str raw;                  /* the text as it stands: blanks count in types that are strings */
	struct node *parent, *child, *last, *next;
	int line;
};

/* Reads the bytes of one document into a tree in the arena; space is the namespace of its root, both are for ERR_OK only. ERR_SYNTAX for
 * what is no XML, for text beside elements, elements of another namespace and foreign attributes, ERR_UNSUPPORTED for a DOCTYPE,
 * ERR_LIMIT beyond the limits of feed/iso20022.h. */
enum err iso20022_tree(struct arena *a, struct str xml, const struct node **root, struct str *space, struct fault *fault);

/* The first part of that name, the next one of the same name as n, and the first under a path "A/B/C"; NULL where there is none. Only
 * iso_after needs an n. */
const struct node *iso_child(const struct node *n, const char *name);
const struct node *iso_after(const struct node *n);
const struct node *iso_at(const struct node *n, const char *path);

/* Whether the part of a message (child of Document) is what the definition of its kind says; else ERR_SYNTAX with line and name. */
enum err iso20022_shape(enum iso_kind kind, const struct node *top, struct fault *fault);

/* What a fault shows of a stranger's text: at most 60 bytes of whole characters, blanks for what a terminal obeys. Returns out. */
enum { ISO_SHOWN_MAX = 61 };
const char *iso20022_shown(struct str text, char out[ISO_SHOWN_MAX]);

/* The date as it is written of an xs:date or xs:dateTime, with or without zone: the bank's day, not that of UTC. */
bool iso20022_date(struct str text, int64_t *day);
bool iso20022_date_time(struct str text, int64_t *day);

#endif
