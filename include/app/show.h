/* Lists without a terminal: `wharf show VIEW [--json|--csv] [--where FIELD=VALUE]`.
 *
 * A view is a record type of the state by name ("deals" and "deal" both work), or one of a few that are
 * computed: "totals", "ledger". The columns are the fields of the record. */
#ifndef WHARF_APP_SHOW_H
#define WHARF_APP_SHOW_H

#include "app/runtime.h"

enum show_format { SHOW_TABLE, SHOW_JSON, SHOW_CSV };

struct show_options {
	enum show_format format;
	struct str where_field, where_value; /* field "" for no filter */
	size_t last;                         /* only the last n rows; 0 all */
	const char *viewer;                  /* a person: rows that he may see only; NULL: all that the directory holds */
};

/* Names of all views, one a line with what they hold. */
void show_names(struct buf *out);
enum err show_view(struct runtime *r, struct str view, const struct show_options *o, struct buf *out,
	struct fault *fault);

#endif
