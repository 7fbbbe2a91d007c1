/* What a warehouse counts: the advice, the lot and what the site's instruments say. No amount of money. */
#ifndef WHARF_ENGINE_VIEW_RECEIPT_H
#define WHARF_ENGINE_VIEW_RECEIPT_H

#include "engine/view_desk.h"
#include "feed/state.h"

struct view_receipt {
	const struct task *task;     /* NULL: it is gone */
	const struct deal *deal;
	const struct lot *lot;
	const char *owner, *site;
	struct str *labels;          /* SSCCs advised, in order */
	size_t label_count;
	int64_t tolerance_bp;
	const struct series *scale;  /* weighbridge of the site, or NULL */
	const struct device *scale_device;
	const struct physical *arrived; /* newest physical event of the deal, or NULL */
	bool insured;
};

struct view_receipt *view_receipt_build(struct arena *a, const struct view_source *src, const char *task);

#endif
