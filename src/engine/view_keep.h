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

/* A record copied as the viewer may see it: NULL when not at all, its amounts masked when only those are not theirs. */
static inline const void *keep_seen(struct arena *a, const struct view_source *src, const struct rec_type *t, const void *rec)
{
	enum view_sight sight = rec ? view_sight(src->tabs, src->viewer->id, t, rec) : VIEW_SIGHT_NONE;
	void *copy = sight == VIEW_SIGHT_NONE ? NULL : arena_copy(a, rec, t->size);
	if (copy && sight == VIEW_SIGHT_MASKED)
		view_mask(t, copy);
	return copy;
}

static inline const char *keep_person(struct arena *a, const struct tabs *s, const char *who)
{
	char out[40];
	return keep(a, view_person_short(s, who, out));
}

#endif
