/* Which transitions are legal: templates A and B of domain specification §7.1 and §7.2 as tables. */
#ifndef WHARF_CONTRACT_LIFECYCLE_H
#define WHARF_CONTRACT_LIFECYCLE_H

#include "contract/state.h"

struct transition {
	const char *step; /* "A11" */
	int64_t from, to; /* enum deal_state */
	bool outflow;     /* leads towards paying: not while suspended */
};
/* The row, or NULL when the template has no such transition. */
const struct transition *lifecycle_find(int64_t kind, int64_t from, int64_t to);
/* All rows of a template, for help and drawings; NULL and 0 for an unknown kind. */
const struct transition *lifecycle_rows(int64_t kind, size_t *count);

#endif
