/* What the tests of masks look at: the source of views of whom they name, and with begin() and end() one receivable that is financed and
 * a supplier who has no part in it. There records are put behind the journal's back, so that the desk is closed without a replay. */
#ifndef WHARF_TEST_ENGINE_MASKS_H
#define WHARF_TEST_ENGINE_MASKS_H

#include "engine/view.h"
#include "unit/engine/one_desk.h"

static struct arena arena;
static char deal[ID_MAX];

static __attribute__((unused)) int begin(void **state)
{
	open_desk(state);
	desk_person(&desk, "k.kestrel", "KESTREL", ROLE_SUA, 0);
	desk_deal_id(deal, 1);
	if (receivables_request(&desk, deal, "INV-1", "GRN-1") != REFUSED_NOT)
		return 1;
	receivables_fund(&desk, deal);
	return 0;
}

static __attribute__((unused)) int end(void **state)
{
	arena_free(&arena);
	return close_edited(state);
}

static struct view_source source_of(const char *who, struct viewer *viewer)
{
	assert_true(view_viewer(engine_tabs(desk.engine), who, desk.now, viewer));
	return (struct view_source){ .tabs = engine_tabs(desk.engine), .tree = engine_tree(desk.engine),
		.link = engine_link(desk.engine), .workflow = engine_workflow(desk.engine), .viewer = viewer };
}

#endif
