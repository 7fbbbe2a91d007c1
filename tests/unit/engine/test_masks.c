/* Who sees what: deals by part in them, amounts not by administrators, the book by its funder, everything by auditors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/view_accounts.h"
#include "engine/view_deal.h"
#include "engine/view_deals.h"
#include "unit/engine/masks.h"

static void objects_are_seen_by_those_who_have_a_part(void **state)
{
	static const struct { const char *who; bool sees, amounts; } rows[] = {
		{ "i.vermeer", true, true }, { "o.draht", true, true }, { "a.visser", true, true }, { "w.adams", true, false },
		{ "k.kestrel", false, false }, { "j.kuiper", false, false }, { "nobody", false, false }, { "", true, true },
	};
	const struct tabs *s = engine_tabs(desk.engine);
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(view_may_see(s, rows[i].who, deal), rows[i].sees);
		assert_int_equal(view_may_see_amounts(s, rows[i].who, deal), rows[i].amounts);
	}
	const struct invoice *invoice = tab_first(s, &INVOICE_REC, "");
	const struct token_note *note = tab_first(s, &TOKEN_NOTE_REC, "");
	assert_true(invoice && view_may_see(s, "o.draht", invoice->id) && !view_may_see(s, "k.kestrel", invoice->id));
	if (note) /* of a tree of notes a holder sees his own */
		assert_int_equal(view_may_see(s, "o.draht", note->id), !strcmp(note->holder, "DRAHT") || !strcmp(note->obligor, "DRAHT"));
}

/* A bill is its pledgee's as well as its holder's; a certificate of goods is of those who see the goods, one of a party everybody's. */
static void papers_of_goods_are_of_those_who_see_them(void **state)
{
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct bill b = { .id = "LEK/B-1", .holder = "DRAHT", .pledgee = "KESTREL" };
	struct lot l = { .id = "LT-1", .owner = "KESTREL", .warehouse = "WAALHAVEN" };
	struct cert goods = { .id = "quality/LT-1/1", .subject = "LT-1" }, party = { .id = "licence/WAALHAVEN/1", .subject = "WAALHAVEN" };
	(void)state;
	tab_put(s, &BILL_REC, &b);
	tab_put(s, &LOT_REC, &l);
	assert_true(view_may_see(s, "o.draht", b.id) && view_may_see(s, "k.kestrel", b.id) && !view_may_see(s, "j.kuiper", b.id));
	assert_int_equal(view_sight(s, "k.kestrel", &CERT_REC, &goods), VIEW_SIGHT_ALL);
	assert_int_equal(view_sight(s, "o.draht", &CERT_REC, &goods), VIEW_SIGHT_NONE);
	assert_int_equal(view_sight(s, "o.draht", &CERT_REC, &party), VIEW_SIGHT_ALL);
}

/* A deal over one note of a tree shows what it holds of it, and nothing of the other holders'. */
static void a_financed_note_shows_no_others(void **state)
{
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct deal d = { .id = "DL-NOTE", .kind = DEAL_RECEIVABLES, .funder = "NOORDZEE", .party = "DRAHT", .lot = "TN-TREE", .currency = "EUR" };
	struct view_deal_want want = { .deal = d.id, .scope = "", .columns = 100 };
	static const struct { const char *id, *holder, *lien; } NOTES[] = { { "TN-TREE", "DRAHT", "" }, { "TN-TREE/0001", "DRAHT", "" },
		{ "TN-TREE/0002", "NOORDZEE", "DL-NOTE" }, { "TN-TREE/0003", "LEK", "DL-OTHER" } };
	struct viewer viewer;
	(void)state;
	tab_put(s, &DEAL_REC, &d);
	for (size_t i = 0; i < 4; i++) {
		struct token_note n = { .root = "TN-TREE", .obligor = "HALVORSEN", .currency = "EUR", .amount = 100 };
		snprintf(n.id, sizeof(n.id), "%s", NOTES[i].id);
		snprintf(n.holder, sizeof(n.holder), "%s", NOTES[i].holder);
		snprintf(n.lien, sizeof(n.lien), "%s", NOTES[i].lien);
		tab_put(s, &TOKEN_NOTE_REC, &n);
	}
	struct view_source src = source_of("a.visser", &viewer);
	struct view_deal *v = view_deal_build(&arena, &src, &want);
	assert_int_equal(v->asset_count, 2);
	assert_string_equal(v->assets[0].id, "TN-TREE/0001");
	assert_string_equal(v->assets[1].id, "TN-TREE/0002");
}

static void screens_hold_what_may_not_be_seen(void **state)
{
	struct viewer viewer;
	struct view_deal_want want = { .deal = deal, .scope = "", .columns = 100 };
	(void)state;
	struct view_source src = source_of("k.kestrel", &viewer);
	assert_null(view_deal_build(&arena, &src, &want));
	assert_int_equal(view_deals_build(&arena, &src, deal)->count, 0);
	assert_null(view_deals_build(&arena, &src, deal)->detail);
	assert_int_equal(view_accounts_build(&arena, &src, "", "", 0, NULL)->count, 0);
	src = source_of("w.adams", &viewer);
	struct view_deal *v = view_deal_build(&arena, &src, &want);
	assert_true(v && v->row.amount == VIEW_MASKED && v->paid == VIEW_MASKED && v->step_count == 0);
	assert_true(v->asset_count > 1);
	for (size_t i = 0; i < v->asset_count; i++) /* the debt, its tokens, its documents */
		assert_true(v->assets[i].amount == VIEW_MASKED || v->assets[i].amount == 0);
	struct view_deals *all = view_deals_build(&arena, &src, deal);
	assert_true(all->rows[0].amount == VIEW_MASKED && all->outstanding == 0 && all->detail->news_count == 0);
	for (size_t i = 0; i < all->detail->fact_count; i++)
		assert_true(all->detail->facts[i].kind != FACT_MONEY || all->detail->facts[i].value == VIEW_MASKED);
	src = source_of("a.visser", &viewer);
	v = view_deal_build(&arena, &src, &want);
	assert_true(v->row.amount > 0);
	for (size_t i = 0; i < v->asset_count; i++)
		assert_true(v->assets[i].amount != VIEW_MASKED);
	struct view_accounts *book = view_accounts_build(&arena, &src, "", "", 0, NULL);
	assert_true(book->count > 0 && book->holding == TOTALS_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_seen_by_those_who_have_a_part), cmocka_unit_test(papers_of_goods_are_of_those_who_see_them),
		cmocka_unit_test(a_financed_note_shows_no_others), cmocka_unit_test(screens_hold_what_may_not_be_seen),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
