/* The graph of a deal: reduced from a process, drawn, walked through. The model is the pledge of the specification's
 * frame, in the state of its compensation: undo 1 done, undo 2 waits for the warehouse, 3 and 4 next. */
#include "picture.h"

#include "engine/view_graph.h"
#include "ui/graph_int.h"

#define HEAD "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:wharf=\"https://wharf.example/bpmn\" id=\"d\">"
#define TASK(id, name, step) "<serviceTask id=\"" id "\" name=\"" name "\" wharf:step=\"" step "\"/>"
#define UNDO(id, name) "<boundaryEvent id=\"" id "b\" attachedToRef=\"" id "\"><compensateEventDefinition/></boundaryEvent>" \
	"<serviceTask id=\"" id "u\" name=\"" name "\" isForCompensation=\"true\"/><association id=\"" id "a\" sourceRef=\"" id "b\" targetRef=\"" id "u\"/>"
#define FLOW(a, b) "<sequenceFlow id=\"" a "-" b "\" sourceRef=\"" a "\" targetRef=\"" b "\"/>"
#define REF(id) "<flowNodeRef>" id "</flowNodeRef>"

static const char MODEL[] = HEAD "<process id=\"P\"><laneSet>"
	"<lane id=\"l1\" name=\"Borrower\">" REF("s") REF("B01") "</lane>"
	"<lane id=\"l2\" name=\"Warehouse\">" REF("B03") REF("B08") "</lane>"
	"<lane id=\"l3\" name=\"Funder\">" REF("B02") REF("B09") REF("B10") REF("B11") REF("B11s") REF("g") REF("B13") REF("B14")
	REF("B16") REF("B19") REF("e") REF("B99") REF("x") "</lane></laneSet>"
	"<startEvent id=\"s\"/>" TASK("B01", "Apply", "B01") UNDO("B01", "reg.release") TASK("B02", "Limit", "B02") UNDO("B02", "limit.release")
	"<subProcess id=\"B03\" name=\"Inbound\" wharf:step=\"B03-07\"><startEvent id=\"is\"/>" TASK("in1", "Arrive", "B03") "<endEvent id=\"ie\"/>"
	FLOW("is", "in1") FLOW("in1", "ie") "</subProcess>"
	TASK("B08", "Receipt", "B08") UNDO("B08", "ewr.cancel") TASK("B09", "Pledge", "B09") UNDO("B09", "pledge.discharge")
	TASK("B10", "Value", "B10") TASK("B11", "Approve", "B11") "<exclusiveGateway id=\"g\" default=\"g-B99\"/>" TASK("B11s", "Limits", "B11")
	"<serviceTask id=\"B13\" name=\"Pay out\" wharf:step=\"B13\" wharf:reversible=\"pivot\"/>" TASK("B14", "Repayment", "B14")
	TASK("B16", "Repay", "B16") TASK("B19", "Close", "B19") TASK("B99", "Reject", "") "<endEvent id=\"e\"/><endEvent id=\"x\"/>"
	FLOW("s", "B01") FLOW("B01", "B02") FLOW("B02", "B03") FLOW("B03", "B08") FLOW("B08", "B09") FLOW("B09", "B10") FLOW("B10", "B11")
	FLOW("B11", "g") "<sequenceFlow id=\"g-B11s\" sourceRef=\"g\" targetRef=\"B11s\"><conditionExpression>ok</conditionExpression></sequenceFlow>"
	FLOW("g", "B99") FLOW("B11s", "B13") FLOW("B13", "B14") FLOW("B14", "B16") FLOW("B16", "B19") FLOW("B19", "e") FLOW("B99", "x")
	"</process></definitions>";

enum { NODES = 64 };
static struct wf_def *def;
static struct graph_fact facts[NODES];
static bool taken[NODES];
static const char *titles[] = { "Halcyon BOR", "Waalhaven WHS", "Noordzee FND" };

static int node(const char *id)
{
	const struct wf_node *n = wf_node_named(def, str_of(id));
	assert_non_null(n);
	return n->index;
}

static void was(const char *id, enum view_mark mark, int hour, int minute)
{
	facts[node(id)] = (struct graph_fact){ .mark = mark, .at = instant_of(2026, 3, 16, hour, minute, 0), .visits = 1, .who = "engine" };
}

static void took(const char *id)
{
	const struct wf_flow *f = wf_flow_named(def, str_of(id));
	assert_non_null(f);
	taken[f->index] = true;
}

static void undoes(const char *id, int order, enum view_mark mark)
{
	struct graph_fact *f = &facts[node(id)];
	f->undo = order;
	f->undo_mark = mark;
}

static void compensating(void)
{
	static struct wf_faults faults;
	static const char *const path[] = { "s-B01", "B01-B02", "B02-B03", "B03-B08", "B08-B09", "B09-B10", "B10-B11" };
	wf_def_free(def);
	wf_def_view(str_of(MODEL), &def, &faults);
	if (!def)
		fail_msg("%s", faults.list[0].text);
	assert_true(def->node_count < NODES);
	memset(facts, 0, sizeof(facts));
	memset(taken, 0, sizeof(taken));
	was("s", MARK_DONE, 8, 14);
	was("B01", MARK_DONE, 8, 14);
	was("B02", MARK_DONE, 8, 21);
	was("B03", MARK_DONE, 9, 2);
	was("B08", MARK_DONE, 9, 12);
	was("B09", MARK_UNDONE, 10, 40);
	was("B10", MARK_DONE, 10, 41);
	was("B11", MARK_WITHDRAWN, 14, 47);
	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		took(path[i]);
	undoes("B09", 1, MARK_UNDONE);
	undoes("B08", 2, MARK_UNDOING);
	undoes("B02", 3, MARK_NEXT);
	undoes("B01", 4, MARK_NEXT);
	facts[node("B09u")].at = instant_of(2026, 3, 16, 14, 49, 0);
	facts[node("B08u")].who = "J. Kuiper";
	facts[node("B08u")].due = instant_of(2026, 3, 16, 18, 49, 0);
}

static struct view_deal *graph(struct arena *a, int columns, bool single)
{
	struct view_deal *v = arena_zero(a, sizeof(*v));
	struct view_deal_want want = { "DL-01K9AAAAAAAAAAAAAAAAAAR2VD", "", columns, single, 0 };
	struct graph_in in = { .full = def, .scope = WF_NO, .facts = facts, .flow_taken = taken, .lane_titles = titles, .want = &want,
		.undoing = facts[node("B09")].undo > 0, .undo_total = 4, .case_node = WF_NO };
	if (in.undoing) {
		in.case_node = node("B11");
		in.case_top = "E06 case";
		in.case_label = "double pledge";
		in.case_who = "CMP";
		in.case_due = instant_of(2026, 3, 16, 14, 59, 30);
	}
	view_graph_build(a, &in, v);
	v->row = (struct view_deal_row){ .id = want.deal, .standing = STANDING_HELD, .word = "suspended L3", .party = "Halcyon Metals",
		.currency = "EUR", .amount = 82000000, .waits = "" };
	v->reserved = 82000000;
	v->undo_done = 1;
	v->undo_total = 4;
	v->alert = "E06";
	v->goods = "168.0 t copper cathode";
	v->process = "inventory-pledge";
	v->digest = "4f0a000077c1";
	v->scope = v->scope_name = "";
	v->tokens = 2;
	v->wait_count = 1;
	v->waits[0] = (struct view_wait){ .mark = MARK_TOKEN, .at = "ewr.cancel", .who = "J. Kuiper WHM", .then = "due in",
		.since = instant_of(2026, 3, 16, 14, 49, 0), .due = instant_of(2026, 3, 16, 18, 49, 0), .task = "TK-1" };
	return v;
}

static struct picture shown(const struct view_deal *v, int w, int h)
{
	struct picture pic = picture_of(&SCREEN_DEAL, w, h);
	pic.viewer.now = instant_of(2026, 3, 16, 14, 51, 30);
	picture_draw(&pic, v);
	return pic;
}

static void draws_the_compensation(void **state)
{
	struct arena a = { 0 };
	(void)state;
	compensating();
	struct view_deal *v = graph(&a, 118, false);
	struct picture pic = shown(v, 120, 36);
	picture_holds(&pic, "║ suspended L3  ◄ 1 of 4 undone  ■ E06");
	picture_holds(&pic, "── Halcyon BOR ─");
	picture_holds(&pic, "●━━►│● Apply  │━");
	picture_holds(&pic, "┌◄ 4╌╌╌╌╌╌╌╌╌╌┐");
	picture_holds(&pic, "╎○ reg.release╎");
	picture_holds(&pic, "└╌╌╌╌╌╌╌╌╌last┘");
	picture_holds(&pic, "┃◆ ewr.cancel");
	picture_holds(&pic, "J. Kuiper ◷ 3h57┛");
	picture_holds(&pic, "╎◄ pledge.discharge╎");
	picture_holds(&pic, "done 14:49┘");
	picture_holds(&pic, "after 2┘");
	picture_holds(&pic, "│× Approve");
	picture_holds(&pic, "┏E06 case━");
	picture_holds(&pic, "── pivot");
	picture_holds(&pic, "▌◆ ewr.cancel      J. Kuiper WHM           2m  due in 3h57");
	picture_free(&pic);
	arena_free(&a);
}

/* What is far from every token folds, what waits or must be undone never does; nothing is counted twice. */
static void folds_what_is_far(void **state)
{
	struct arena a = { 0 };
	(void)state;
	compensating();
	for (int n = 0; n < def->node_count; n++)
		facts[n].undo = 0;
	was("B09", MARK_DONE, 10, 40);
	was("B11", MARK_TOKEN, 10, 42);
	for (int columns = 30; columns < 240; columns += 7) {
		struct view_deal *v = graph(&a, columns, false);
		int tokens = 0, counted = 0;
		for (int n = 0; n < v->def->node_count; n++) {
			bool fold = v->nodes[n].folded && !v->nodes[n].subprocess;
			tokens += v->nodes[n].mark == MARK_TOKEN;
			assert_true(!fold || v->nodes[n].mark != MARK_TOKEN);
			counted += fold ? v->nodes[n].folded : 0;
		}
		assert_int_equal(tokens, 1);
		assert_true(counted < def->node_count);
		arena_reset(&a);
	}
	struct view_deal *v = graph(&a, 78, false);
	struct picture pic = shown(v, 80, 36);
	picture_holds(&pic, "┃◆ Approve");
	picture_holds(&pic, "│▸ 9 done │━┓");
	picture_free(&pic);
	arena_free(&a);
}

static void draws_a_list_when_small(void **state)
{
	static const int sizes[][2] = { { 40, 10 }, { 50, 30 }, { 80, 24 }, { 200, 50 }, { 12, 6 } };
	struct arena a = { 0 };
	(void)state;
	compensating();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct view_deal *v = graph(&a, sizes[i][0] < 60 ? VIEW_UNFOLDED : sizes[i][0] - 2, sizes[i][0] < 60);
		struct picture pic = picture_of(&SCREEN_DEAL, sizes[i][0], sizes[i][1]);
		pic.viewer.now = instant_of(2026, 3, 16, 14, 51, 30);
		picture_draw(&pic, v);
		picture_draw(&pic, v); /* the first picture tells the screen its size */
		if (sizes[i][0] >= 40)
			picture_holds(&pic, "double pledge");
		picture_free(&pic);
		arena_reset(&a);
	}
	arena_free(&a);
}

static void walks_along_edges(void **state)
{
	struct arena a = { 0 };
	struct screen_out out = { 0 };
	(void)state;
	compensating();
	struct view_deal *v = graph(&a, 118, false);
	struct picture pic = shown(v, 120, 36);
	for (int i = 0; i < 12; i++)
		SCREEN_DEAL.update(pic.state, 'h', v, &out);
	SCREEN_DEAL.update(pic.state, 'l', v, &out);
	SCREEN_DEAL.update(pic.state, 'w', v, &out);
	assert_non_null(strstr(out.message, "B01 Apply"));
	memset(&out, 0, sizeof(out));
	SCREEN_DEAL.update(pic.state, 'a', v, &out);
	assert_string_equal(out.line, "goto tasks TK-1");
	SCREEN_DEAL.update(pic.state, 'c', v, &out);
	assert_string_equal(out.line, "compensate DL-01K9AAAAAAAAAAAAAAAAAAR2VD");
	picture_free(&pic);
	arena_free(&a);
}

/* Debt, goods and papers in place of the timeline: at every size the first ones show, wide ones with all that is known. */
static void draws_assets_and_readers(void **state)
{
	static const int sizes[][2] = { { 40, 24 }, { 80, 24 }, { 120, 36 }, { 200, 50 } };
	struct view_asset assets[] = {
		{ "token", "TN-01KAAAAAAAAAAAAAAAAAAAAAAA/0002", "locked", NEWS_WAIT, 40000000, "EUR", 0, "", "Brass", instant_of(2026, 6, 14, 0, 0, 0),
			"tier 2, for HO-…0001" },
		{ "pledge", "77-1184", "registered", NEWS_WARN, 0, "EUR", 0, "", "Noordzee", 0, "lacks a search after filing" },
		{ "receipt", "WR-01KAAAAAAAAAAAAAAAAAAAAAAB", "pledged", NEWS_OK, 0, "EUR", 168000, "t", "Noordzee", 0, "in place of WR-…AAAC" },
		{ "accreditation", "ACC-1", "withdrawn", NEWS_DANGER, VIEW_MASKED, "EUR", 0, "", "State", instant_of(2026, 9, 1, 0, 0, 0), "withdrawn: delisted" },
	};
	struct arena a = { 0 };
	struct screen_out out = { 0 };
	(void)state;
	compensating();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bool wide = sizes[i][0] >= 80;
		struct view_deal *v = graph(&a, sizes[i][0] - 2, false);
		v->assets = assets;
		v->asset_count = v->assets_all = 4;
		v->item_count = v->items_all = 1;
		v->items[0] = (struct view_item){ .kind = "photo", .name = "dock 2", .owner = "Waalhaven", .readers = "Ines Vermeer and 3 more", .gone = "", .size = 4096 };
		struct picture pic = shown(v, sizes[i][0], sizes[i][1]);
		SCREEN_DEAL.update(pic.state, 'A', v, &out);
		picture_draw(&pic, v);
		picture_holds(&pic, "2 Assets");
		picture_holds(&pic, "locked");
		picture_holds(&pic, wide ? "TN-01KA…0002" : "pledge 77-1184");
		if (wide) {
			picture_holds(&pic, "400,000.00  Brass");
			picture_holds(&pic, "lacks a search after");
		}
		if (sizes[i][0] >= 120) {
			picture_holds(&pic, "lacks a search after filing");
			picture_holds(&pic, "168.0 t  Noordzee");
			picture_holds(&pic, "masked");
		}
		SCREEN_DEAL.update(pic.state, 'e', v, &out);
		picture_draw(&pic, v);
		picture_holds(&pic, "Waalhaven; read by Ines Vermeer");
		SCREEN_DEAL.update(pic.state, 'e', v, &out);
		picture_draw(&pic, v);
		picture_holds(&pic, "Where it waits");
		picture_free(&pic);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_the_compensation),
		cmocka_unit_test(folds_what_is_far),
		cmocka_unit_test(draws_a_list_when_small),
		cmocka_unit_test(walks_along_edges),
		cmocka_unit_test(draws_assets_and_readers),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	wf_def_free(def);
	return failed;
}
