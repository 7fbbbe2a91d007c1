/* Exposure, sensors and the receipt form show each person what is theirs: a pledge to those who have a part in it, its amounts to those of
 * them who may see amounts, and of somebody else's goods at one's own instruments nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/view_deal.h"
#include "engine/view_exposure.h"
#include "engine/view_receipt.h"
#include "engine/view_sensors.h"
#include "unit/engine/masks.h"

static char task[REC_KEY_MAX];

/* A pledge of KESTREL's copper at WAALHAVEN: counted first, then funded. */
static int begin_places(void **state)
{
	open_desk(state);
	desk_person(&desk, "k.kestrel", "KESTREL", ROLE_SUA, 0);
	desk_deal_id(deal, 1);
	if (desk_price(&desk, "copper", 600000) != REFUSED_NOT || pledge_request(&desk, deal, "HEAP-1") != REFUSED_NOT)
		return 1;
	return 0;
}

static int end_places(void **state)
{
	arena_free(&arena);
	return close_desk(state);
}

static bool asked;
static bool not_yet(void *ctx, const char *object)
{
	(void)ctx;
	asked = asked || !strcmp(object, deal);
	return false;
}

static void the_receipt_form(void **state)
{
	static const struct { const char *who; bool sees; } rows[] = { { "j.kuiper", true }, { "k.kestrel", true }, { "i.vermeer", true },
		{ "a.visser", true }, { "o.draht", false } };
	struct viewer viewer;
	(void)state;
	told(&desk, "LEK", deal, "goods.departed", "{}");
	told(&desk, "LEK", deal, "goods.arrived", "{}");
	const struct task *t = desk_task(&desk, deal, "B05");
	assert_non_null(t);
	snprintf(task, sizeof(task), "%s", t->id);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_source src = source_of(rows[i].who, &viewer);
		struct view_receipt *v = view_receipt_build(&arena, &src, task);
		if ((v->task != NULL) != rows[i].sees)
			print_error("%s\n", rows[i].who);
		assert_int_equal(v->task != NULL, rows[i].sees);
		assert_int_equal(v->deal != NULL && v->lot != NULL && v->label_count > 0, rows[i].sees);
		assert_int_equal(v->owner[0] != 0, rows[i].sees);
	}
	struct view_source src = source_of("a.visser", &viewer); /* his look is an entry, which is not there yet */
	src.looks = not_yet;
	struct view_receipt *v = view_receipt_build(&arena, &src, task);
	assert_true(asked && !v->task && !v->deal && !v->lot && !v->label_count);
}

static void exposure(void **state)
{
	static const struct { const char *who; bool sees; } rows[] = { { "i.vermeer", true }, { "a.visser", true }, { "k.kestrel", true },
		{ "o.draht", false }, { "w.adams", false } };
	struct viewer viewer;
	(void)state;
	pledge_fund(&desk, deal);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_source src = source_of(rows[i].who, &viewer);
		struct view_exposure *v = view_exposure_build(&arena, &src, rows[i].sees ? "" : deal, (struct view_try){ 0 });
		if ((v->id[0] != 0) != rows[i].sees)
			print_error("%s\n", rows[i].who);
		assert_string_equal(v->id, rows[i].sees ? deal : "");
		assert_int_equal(v->principal > 0 && v->value > 0 && v->scenario_count > 0, rows[i].sees);
		assert_int_equal(v->drawn > 0, rows[i].sees);
		assert_int_equal(v->party[0] != 0 || v->group[0] != 0, rows[i].sees);
	}
}

static void goods_at_an_instrument(void **state)
{
	static const struct { const char *who; bool lot, amount; } rows[] = { { "i.vermeer", true, true }, { "a.visser", true, true },
		{ "k.kestrel", true, true }, { "w.adams", true, false }, { "o.draht", false, false } };
	struct viewer viewer;
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct device d = { .id = "RTM/HALL-1", .site = "RTM" }; /* of a whole site: everything there hangs on it */
	(void)state;
	pledge_fund(&desk, deal);
	tab_put(s, &DEVICE_REC, &d);
	tab_commit(s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_source src = source_of(rows[i].who, &viewer);
		struct view_sensors *v = view_sensors_build(&arena, &src, "", d.id, INSTANT_DAY, 0);
		assert_non_null(v->detail);
		size_t lots = 0;
		for (size_t k = 0; k < v->detail->lot_count; k++) {
			const struct view_sensor_lot *l = &v->detail->lots[k];
			lots++;
			if ((l->amount > 0) != rows[i].amount)
				print_error("%s: %lld\n", rows[i].who, (long long)l->amount);
			assert_int_equal(l->amount > 0, rows[i].amount);
		}
		if ((lots > 0) != rows[i].lot)
			print_error("%s sees %zu lots\n", rows[i].who, lots);
		assert_int_equal(lots > 0, rows[i].lot);
	}
	tab_delete(s, &DEVICE_REC, d.id);
	tab_commit(s);
}

static const struct view_asset *asset_of(const struct view_deal *v, const char *kind, const char *id)
{
	for (size_t i = 0; i < v->asset_count; i++)
		if (!strcmp(v->assets[i].kind, kind) && (!id || !strcmp(v->assets[i].id, id)))
			return &v->assets[i];
	fail_msg("no %s is shown", kind);
	return NULL;
}

/* What fell or is missing behind a deal is named on it. */
static void what_is_wrong_is_said(void **state)
{
	struct viewer viewer;
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct view_deal_want want = { .deal = deal, .scope = "", .columns = 100 };
	(void)state;
	pledge_fund(&desk, deal);
	struct view_source src = source_of("i.vermeer", &viewer);
	const struct deal *d = desk_deal(&desk, deal);
	struct pledge p = *(const struct pledge *)tab_get(s, &PLEDGE_REC, d->pledge);
	struct cert quality = { .kind = CERT_QUALITY, .number = "Q-1", .issuer = "PORTASSAY", .signed_at = desk.now, .from = 1,
		.until = desk.now + 100 * INSTANT_DAY }, right = *(const struct cert *)tab_get(s, &CERT_REC, "accreditation/PORTASSAY/A-1");
	snprintf(quality.id, sizeof(quality.id), "quality/%s/Q-1", d->lot);
	memcpy(quality.subject, d->lot, sizeof(quality.subject));
	tab_put(s, &CERT_REC, &quality);
	struct view_deal *v = view_deal_build(&arena, &src, &want);
	assert_string_equal(asset_of(v, "quality", "Q-1")->state, "valid");
	assert_null(strstr(asset_of(v, "pledge", NULL)->says, "lacks"));
	p.searched_at = p.filed_at - 1;
	tab_put(s, &PLEDGE_REC, &p);
	right.withdrawn_from = 1;
	tab_put(s, &CERT_REC, &right);
	v = view_deal_build(&arena, &src, &want);
	assert_string_equal(asset_of(v, "quality", "Q-1")->state, "fallen");
	assert_string_equal(asset_of(v, "pledge", NULL)->says, "lacks a search after filing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_receipt_form, begin_places, end_places),
		cmocka_unit_test_setup_teardown(exposure, begin_places, end_places),
		cmocka_unit_test_setup_teardown(goods_at_an_instrument, begin_places, end_places),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_said, begin_places, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
