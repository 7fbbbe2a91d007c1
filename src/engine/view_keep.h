/* Copies of the state's texts: a view must outlive the records that it was made of, because a paused picture
 * stays while the state moves on. */
#ifndef WHARF_ENGINE_VIEW_KEEP_H
#define WHARF_ENGINE_VIEW_KEEP_H

#include "engine/view.h"

static inline const char *keep(struct arena *a, const char *text)
{
	return text[0] ? str_dup(a, str_of(text)) : "";
}

static inline const char *keep_person(struct arena *a, const struct tabs *s, const char *who)
{
	char out[40];
	return keep(a, view_person_short(s, who, out));
}

#endif
