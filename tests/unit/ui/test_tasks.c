/* Proposals on the Tasks screen: whose turn it is, who signed, who is missing, and which one a key signs. */
#include "picture.h"

#include "engine/view_tasks.h"

static void fill(struct view_tasks *v, struct picture *p)
{
	int64_t hour = INSTANT_HOUR, now = p->viewer.now;
	memset(v, 0, sizeof(*v));
	v->currency = "EUR";
	v->everybody = 31;
	v->seat_from = now;
	v->seat_to = now + 3 * hour;
	v->endorse[0] = (struct view_proposal){ "PR-01K9ABCDEFGHJKMNPQRSTV7TQN", "m.dahl", "1 of CMP@funder and distinct devices",
		"two persons lift an outflow stop: NOORDZEE/CT-3", now + hour / 3, true };
	v->endorse[1] = (struct view_proposal){ "PR-01K9ABCDEFGHJKMNPQRSTV2XWD", "n.aalbers, g.rossi", "CHAIR and 1 of MEMBER, not affiliated",
		"approve A11 approve purchase", now + 20 * hour, true };
	v->endorse[2] = (struct view_proposal){ "PR-01K9ABCDEFGHJKMNPQRSTV8RMS", "i.vermeer", "1 of CRA@funder",
		"two persons lift an outflow stop: */equivocation", now + 23 * hour, false };
	v->endorse_count = 2;
	v->proposal_count = 3;
}

static void who_is_missing(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 120, 36 }, { 200, 50 } };
	struct view_tasks v;
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct picture p = picture_of(&SCREEN_TASKS, sizes[i][0], sizes[i][1]);
		fill(&v, &p);
		picture_draw(&p, &v);
		picture_holds(&p, "2 for you, 1 for others");
		picture_golden(&p, "proposals");
		picture_free(&p);
	}
}

static void what_does_not_fit_is_counted(void **state)
{
	struct view_tasks v;
	(void)state;
	struct picture p = picture_of(&SCREEN_TASKS, 80, 20);
	fill(&v, &p);
	for (int i = 3; i < VIEW_PROPOSALS_MAX; i++)
		v.endorse[i] = v.endorse[2];
	v.proposal_count = 9;
	picture_draw(&p, &v);
	picture_holds(&p, "more: `wharf show proposal`");
	picture_free(&p);
}

static void the_number_says_which(void **state)
{
	struct view_tasks v;
	(void)state;
	struct picture p = picture_of(&SCREEN_TASKS, 120, 36);
	fill(&v, &p);
	struct screen_out out = { 0 };
	SCREEN_TASKS.update(p.state, 'e', &v, &out);
	assert_string_equal(out.line, "");
	assert_int_equal(p.state->chord, 'e');
	SCREEN_TASKS.update(p.state, '2', &v, &out);
	assert_string_equal(out.line, "endorse PR-01K9ABCDEFGHJKMNPQRSTV2XWD");
	memset(&out, 0, sizeof(out));
	SCREEN_TASKS.update(p.state, 'e', &v, &out);
	SCREEN_TASKS.update(p.state, '3', &v, &out); /* waits for others */
	assert_string_equal(out.line, "");
	assert_int_equal(p.state->chord, 0);
	v.endorse_count = 1;
	SCREEN_TASKS.update(p.state, 'e', &v, &out); /* one alone needs no number */
	assert_string_equal(out.line, "endorse PR-01K9ABCDEFGHJKMNPQRSTV7TQN");
	picture_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_missing), cmocka_unit_test(what_does_not_fit_is_counted), cmocka_unit_test(the_number_says_which),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
