/* Any bytes as a process file: parsing, viewing and drawing must neither crash nor hang, and what is accepted
 * must keep what definition.h says. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "workflow/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void draw(const struct wf_def *d)
{
	struct arena a = { 0 };
	for (int p = 0; p < d->process_count; p++)
		for (enum layout_detail k = LAYOUT_BOXES; k <= LAYOUT_LIST; k++) {
			struct layout_options o = layout_whole(p, k);
			const struct layout *l = layout_build(&a, d, &o);
			for (int i = 0; i < l->node_count; i++)
				CHECK(l->nodes[i].x >= 0 && l->nodes[i].x + l->nodes[i].w <= l->width, "a node is outside the drawing");
		}
	arena_free(&a);
}

static void hold(const struct wf_def *d)
{
	for (int i = 0; i < d->node_count; i++) {
		const struct wf_node *n = &d->nodes[i];
		CHECK(n->index == i && n->kind != WF_OTHER && n->after > i && n->after <= d->node_count, "a node is not what it says");
		CHECK(wf_node_named(d, n->id) == n, "a node is not found by its id");
	}
	for (int i = 0; i < d->flow_count; i++)
		CHECK(d->nodes[d->flows[i].source].scope == d->nodes[d->flows[i].target].scope, "a flow crosses a border");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct wf_faults faults;
	struct str text = { (const char *)bytes, len };
	struct wf_def *d;
	if (wf_def_parse(text, &d, &faults) == ERR_OK)
		hold(d);
	wf_def_free(d);
	wf_def_view(text, &d, &faults);
	if (d)
		draw(d);
	wf_def_free(d);
	return 0;
}
