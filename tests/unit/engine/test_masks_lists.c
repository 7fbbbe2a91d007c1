/* Desk, tasks, alerts and decisions show each person what is theirs to see; of a tree of notes the other tiers are one sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "engine/view_alerts.h"
#include "engine/view_decisions.h"
#include "engine/view_tasks.h"
#include "schedule/task.h"
#include "unit/engine/masks.h"

/* A case, its task, a decision and a limit, each with an amount; and a tree of notes over three holders. */
static void put_records(void)
{
	struct tabs *s = engine_tabs_mutable(desk.engine);
	struct alert al = { .id = "AL-MASK", .code = "E02", .title = "over 500.00", .why = "500.00 twice", .amount = 50000, .loss = 9, .cost = 3,
		.level = 2, .raised_at = desk.now, .task = "TK-MASK" };
	struct task t = { .id = "TK-MASK", .step = "E02", .form = "case", .title = "over 500.00", .role = ROLE_SUA, .amount = 50000, .alert = "AL-MASK",
		.state = TASK_POOLED, .deadline = desk.now + INSTANT_DAY };
	struct decision d = { .id = "DC-MASK", .kind = DECISION_KIND_COUNT - 1, .at = desk.now, .chosen = "500.00" };
	static const struct { const char *id, *holder; int64_t amount; } notes[] = {
		{ "TN-MASK/0001", "DRAHT", 700 }, { "TN-MASK/0002", "KESTREL", 200 }, { "TN-MASK/0003", "WAALHAVEN", 100 } };
	strcpy(al.deal, deal);
	strcpy(t.deal, deal);
	strcpy(d.deal, deal);
	tab_put(s, &ALERT_REC, &al);
	tab_put(s, &TASK_REC, &t);
	tab_put(s, &DECISION_REC, &d);
	for (size_t i = 0; i < 3; i++) {
		struct token_note n = { .root = "TN-MASK", .obligor = "HALVORSEN", .currency = "EUR", .amount = notes[i].amount, .tier = (int64_t)i };
		strcpy(n.id, notes[i].id);
		strcpy(n.holder, notes[i].holder);
		tab_put(s, &TOKEN_NOTE_REC, &n);
	}
	tab_commit(s);
}

static const struct view_need *need_of(const struct view_need *needs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(needs[i].task->id, "TK-MASK"))
			return &needs[i];
	return NULL;
}

static bool decides(const struct view_decisions *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (!strcmp(v->rows[i].id, "DC-MASK"))
			return true;
	return false;
}

static const struct view_alert *alert_of(const struct view_alerts *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (!strcmp(v->alerts[i].alert->id, "AL-MASK"))
			return &v->alerts[i];
	return NULL;
}

static void lists_show_each_what_is_theirs(void **state)
{
	static const struct { const char *who; bool sees, amounts; } rows[] = {
		{ "i.vermeer", true, true }, { "o.draht", true, true }, { "a.visser", true, true }, { "w.adams", true, false },
		{ "k.kestrel", false, false },
	};
	struct viewer viewer;
	(void)state;
	put_records();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct view_source src = source_of(rows[i].who, &viewer);
		struct view_tasks *tasks = view_tasks_build(&arena, &src, true, "TK-MASK");
		struct view_alerts *alerts = view_alerts_build(&arena, &src, true, "AL-MASK");
		const struct view_need *n = need_of(tasks->needs, tasks->need_count);
		const struct view_alert *al = alert_of(alerts);
		assert_int_equal(n != NULL, rows[i].sees);
		assert_int_equal(al != NULL, rows[i].sees);
		assert_int_equal(decides(view_decisions_build(&arena, &src, "", false)), rows[i].amounts);
		assert_int_equal(view_decisions_build(&arena, &src, "DC-MASK", false)->detail != NULL, rows[i].amounts);
		if (!rows[i].sees)
			continue;
		assert_int_equal(n->task->amount, rows[i].amounts ? 50000 : VIEW_MASKED);
		assert_int_equal(al->alert->amount, rows[i].amounts ? 50000 : VIEW_MASKED);
		assert_int_equal(strstr(al->alert->why, "500.00") != NULL, rows[i].amounts);
		assert_int_equal(strstr(n->what, "500.00") != NULL, rows[i].amounts);
		assert_int_equal(alerts->detail->loss, rows[i].amounts ? 9 : 0);
		assert_int_equal(tasks->detail->money_count > 0, rows[i].amounts);
	}
}

static void a_desk_sums_what_its_person_sees(void **state)
{
	struct viewer viewer;
	(void)state;
	struct view_source src = source_of("k.kestrel", &viewer); /* of the role that the task asks for, of a party without a part */
	struct view_desk *d = view_desk_build(&arena, &src);
	assert_null(need_of(d->needs, d->need_count));
	assert_int_equal(d->at_risk, 0);
	assert_int_equal(d->alert_count, 0);
	for (size_t i = 0; i < d->news_count; i++)
		assert_string_not_equal(d->news[i]->deal, deal);
	src = source_of("o.draht", &viewer);
	d = view_desk_build(&arena, &src);
	assert_non_null(need_of(d->needs, d->need_count));
	assert_true(d->at_risk >= 50000);
}

static void other_tiers_are_one_sum(void **state)
{
	const struct tabs *s = engine_tabs(desk.engine);
	const struct token_note *other = tab_get(s, &TOKEN_NOTE_REC, "TN-MASK/0002");
	size_t count;
	(void)state;
	assert_int_equal(view_sight(s, "o.draht", &TOKEN_NOTE_REC, other), VIEW_SIGHT_NONE);
	assert_int_equal(view_tree_rest(s, "o.draht", "TN-MASK", &count), 300);
	assert_int_equal(count, 2);
	assert_int_equal(view_tree_rest(s, "k.kestrel", "TN-MASK", &count), 800);
	assert_int_equal(view_tree_rest(s, "i.vermeer", "TN-MASK", &count), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_show_each_what_is_theirs), cmocka_unit_test(a_desk_sums_what_its_person_sees),
		cmocka_unit_test(other_tiers_are_one_sum),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
