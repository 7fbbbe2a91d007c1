/* What several views need. See engine/view.h. */
#include "engine/view.h"

#include <stdio.h>
#include <string.h>

const char *view_party_name(const struct tabs *s, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return p && p->name[0] ? p->name : party;
}

const char *view_party_short(const struct tabs *s, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return p && p->short_name[0] ? p->short_name : p && p->name[0] ? p->name : party;
}

const char *view_person(const struct tabs *s, const char *operator_id)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	return o && o->name[0] ? o->name : operator_id;
}

char *view_person_short(const struct tabs *s, const char *who, char out[40])
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, who);
	const char *last = o ? strrchr(o->name, ' ') : NULL;
	if (!last || (unsigned char)o->name[0] >= 0x80)
		snprintf(out, 40, "%s", o && o->name[0] ? o->name : who);
	else
		snprintf(out, 40, "%c. %s", o->name[0], last + 1);
	return out;
}

bool view_viewer(const struct tabs *s, const char *operator_id, int64_t now, struct viewer *out)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	memset(out, 0, sizeof(*out));
	out->now = now;
	if (!o)
		return false;
	memcpy(out->id, o->id, sizeof(out->id));
	memcpy(out->name, o->name, sizeof(out->name));
	memcpy(out->party, o->party, sizeof(out->party));
	snprintf(out->party_name, sizeof(out->party_name), "%s", view_party_name(s, o->party));
	out->role = (enum role)o->role;
	out->readonly = out->role == ROLE_AUD;
	return true;
}

const void **view_all(const struct tabs *s, const struct rec_type *t, struct arena *a, size_t *count)
{
	size_t cap = tab_count(s, t), n = 0;
	const void **all = arena_alloc(a, (cap ? cap : 1) * sizeof(*all));
	for (const void *rec = tab_first(s, t, ""); rec && n < cap; rec = tab_next(s, t, rec_key(t, rec)))
		all[n++] = rec;
	*count = n;
	return all;
}
