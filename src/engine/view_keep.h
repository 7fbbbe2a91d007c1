/* Copies of the state's texts: a view must outlive the records that it was made of, because a paused picture
 * stays while the state moves on. */
#ifndef WHARF_ENGINE_VIEW_KEEP_H
#define WHARF_ENGINE_VIEW_KEEP_H

#include "engine/view.h"

static inline const char *keep(struct arena *a, const char *text)
{
	return text[0] ? str_dup(a, str_of(text)) : "";
}

/* A record copied; NULL stays NULL. Blobs of it are not: read them while the view is made. */
static inline const void *keep_rec(struct arena *a, const struct rec_type *t, const void *rec)
{
	return rec ? arena_copy(a, rec, t->size) : NULL;
}

static inline const void *keep_get(struct arena *a, const struct tabs *s, const struct rec_type *t, const char *key)
{
	return keep_rec(a, t, tab_get(s, t, key));
}

static inline const char *keep_person(struct arena *a, const struct tabs *s, const char *who)
{
	char out[40];
	return keep(a, view_person_short(s, who, out));
}

#endif
