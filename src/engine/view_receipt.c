/* Builds what is to be counted. See engine/view_receipt.h. */
#include "engine/view_receipt.h"

#include <string.h>

#include "base/instant.h"
#include "view_keep.h"

static void read_labels(struct view_receipt *v, struct arena *a)
{
	struct str rest = blob_str(v->lot->labels);
	rest.ptr = arena_copy(a, rest.ptr, rest.len + 1);
	v->labels = arena_alloc(a, (rest.len / 8 + 1) * sizeof(*v->labels)); /* labels have eight characters or more */
	while (rest.len) {
		struct str one = str_trim(str_cut(&rest, '\n'));
		if (one.len >= 8)
			v->labels[v->label_count++] = one;
	}
}

struct view_receipt *view_receipt_build(struct arena *a, const struct view_source *src, const char *task)
{
	struct view_receipt *v = arena_zero(a, sizeof(*v));
	const struct tabs *s = src->tabs;
	const struct task *t = tab_get(s, &TASK_REC, task);
	v->owner = v->site = "";
	v->tolerance_bp = policy_int(s, "count.tolerance_bp", 50);
	if (!t || !view_task_is_open(t) || view_sight(s, src->viewer->id, &TASK_REC, t) == VIEW_SIGHT_NONE)
		return v;
	if (src->looks && !src->looks(src->ctx, t->deal[0] ? t->deal : "list/receipt"))
		return v;
	v->task = keep_rec(a, &TASK_REC, t);
	v->deal = keep_get(a, s, &DEAL_REC, t->deal);
	v->lot = v->deal ? keep_get(a, s, &LOT_REC, v->deal->lot) : NULL;
	if (!v->lot)
		return v;
	const struct site *site = tab_get(s, &SITE_REC, v->lot->site);
	v->owner = keep(a, view_party_name(s, v->lot->owner));
	v->site = site ? keep(a, site->name) : v->lot->site;
	v->insured = v->lot->insured_until >= instant_day(src->viewer->now);
	read_labels(v, a);
	TAB_FOR(device, d, s, &DEVICE_REC, v->lot->site)
		if (d->kind == DEVICE_WEIGHT && !v->scale_device) {
			v->scale_device = keep_rec(a, &DEVICE_REC, d);
			v->scale = keep_get(a, s, &SERIES_REC, d->id);
		}
	for (const struct physical *p = tab_first(s, &PHYSICAL_REC, ""); p; p = tab_next(s, &PHYSICAL_REC, p->id))
		if (strcmp(p->deal, v->deal->id) == 0 && (!v->arrived || p->at > v->arrived->at))
			v->arrived = p;
	v->arrived = keep_rec(a, &PHYSICAL_REC, v->arrived);
	return v;
}
