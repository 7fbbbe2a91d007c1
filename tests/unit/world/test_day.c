/* The recorded day from end to end: the story happens, invariants hold on the way, a restart changes nothing, one altered
 * event changes the digest, and the clock waits for the visitor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "contract/assets.h"
#include "risk/state.h"
#include "sim/play.h"

static struct hash whole_day; /* digest of the undisturbed run */

static const struct deal *deal_of(const struct play *p, const char *tail)
{
	TAB_FOR(deal, d, engine_tabs(p->engine), &DEAL_REC, "")
		if (strcmp(id_tail(d->id), tail) == 0)
			return d;
	fail_msg("there is no deal %s", tail);
	return NULL;
}

static void is_state(const struct play *p, const char *tail, int64_t state)
{
	assert_string_equal(DEAL_STATE_NAMES[deal_of(p, tail)->state], DEAL_STATE_NAMES[state]);
}

static size_t funded_deals(const struct play *p)
{
	size_t n = 0;
	TAB_FOR(deal, d, engine_tabs(p->engine), &DEAL_REC, "")
		n += d->funded_at > 0;
	return n;
}

static void test_story(void **state)
{
	struct play p = { .check_every = 50 };
	struct buf out = { 0 };
	(void)state;
	play_begin(&p);
	assert_int_equal(play_until(&p, INT64_MAX), WORLD_OVER);
	assert_string_equal(p.broken, "");
	assert_int_equal(p.refused, 0);
	assert_int_equal(p.short_of_signatures, 1); /* the loan above the authority of its group */
	assert_int_equal(play_incidents(&p), 0);
	assert_true(p.entries < 8000);
	assert_true(tab_count(engine_tabs(p.engine), &DEAL_REC) >= 40);
	assert_true(funded_deals(&p) >= 30);
	is_state(&p, "F4SE", DEAL_SETTLED);    /* a clean run of each kind, both end on the day */
	is_state(&p, "5PXA", DEAL_CLOSED);
	is_state(&p, "R2VD", DEAL_REVERSED);   /* compensated before the pivot */
	is_state(&p, "8ZZ1", DEAL_REJECTED);   /* the second receipt on one heap */
	is_state(&p, "H7XB", DEAL_REJECTED);   /* evidence timed out */
	is_state(&p, "T9FA", DEAL_COLLECTING); /* returned after the pivot, paid again */
	is_state(&p, "4QM7", DEAL_FUNDED);     /* margin called and cured */
	is_state(&p, "C5NP", DEAL_COLLECTING);
	assert_int_equal(deal_of(&p, "C5NP")->payout, 98400000);
	assert_int_equal(deal_of(&p, "M3ZK")->quantity, 22420); /* what was counted, not what was promised */
	assert_true(deal_of(&p, "4QM7")->margin_held > 26400000);
	static const char *const HOLDERS[] = { "VEGA", "SUND", "ORME" }; /* of the token's tree at the end: tiers 3, 2 and 1 */
	const struct tabs *s = engine_tabs(p.engine);
	char root[40];
	snprintf(root, sizeof(root), "TN-%s/", deal_of(&p, "T5KN")->id + 3);
	size_t live = 0;
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, root)
		if (n->state == NOTE_LIVE) {
			assert_true(n->tier >= 1 && n->tier <= 3);
			assert_string_equal(n->holder, HOLDERS[3 - n->tier]);
			live++;
		}
	assert_int_equal(live, 3);
	const struct bill *bill = tab_get(s, &BILL_REC, "LEK/LT40118");
	assert_true(bill && bill->state == BILL_PLEDGED);
	size_t withdrawn = 0;
	TAB_FOR(cert, c, s, &CERT_REC, "")
		withdrawn += c->state == CERT_WITHDRAWN;
	assert_int_equal(withdrawn, 2);
	assert_int_equal(cert_standing(s, CERT_QUALITY, deal_of(&p, "4RJG")->lot, world_now(p.world)), CERT_COUNTS);
	assert_true(deal_of(&p, "4RJG")->ev > 0);
	world_summary(p.engine, &out);
	assert_null(strstr(out.ptr, "MISSED"));
	assert_non_null(strstr(out.ptr, "totals         7 of 7 hold\n"));
	whole_day = engine_digest(p.engine);
	buf_free(&out);
	play_end(&p);
}

static void test_restart(void **state)
{
	struct play p = { 0 };
	(void)state;
	play_begin(&p);
	for (int64_t day = -60; day <= 0; day += 15) {
		play_until(&p, instant_of(2026, 3, 16, 11, 13, 7) + day * INSTANT_DAY);
		world_close(p.world);
		play_open_world(&p);
	}
	assert_int_equal(play_until(&p, INT64_MAX), WORLD_OVER);
	struct hash digest = engine_digest(p.engine);
	assert_true(hash_eq(&digest, &whole_day));
	play_end(&p);
}

static void test_altered(void **state)
{
	struct play p = { 0 };
	(void)state;
	play_begin(&p);
	char *at = strstr(p.files.day.ptr, "\"amount\":\"8125.00\"");
	assert_non_null(at);
	at[strlen("\"amount\":\"812")] = '6';
	assert_int_equal(play_until(&p, INT64_MAX), WORLD_OVER);
	struct hash digest = engine_digest(p.engine);
	assert_false(hash_eq(&digest, &whole_day));
	play_end(&p);
}

/* The risk officer's desk: the clock stands still at her task until she, or the recorded hand, has done it. */
static void test_visitor(void **state)
{
	struct play p = { .check_every = 200 };
	int waits = 0;
	(void)state;
	play_begin(&p);
	assert_int_equal(play_until(&p, world_cast(p.world)->day_from), WORLD_IDLE);
	world_visitor(p.world, "i.vermeer");
	for (;;) {
		enum world_event e = play_until(&p, INT64_MAX);
		if (e != WORLD_WAITS)
			break;
		const struct task *t = tab_get(engine_tabs(p.engine), &TASK_REC, world_waits_for(p.world));
		assert_non_null(t);
		assert_int_equal(t->role, ROLE_RSK);
		int64_t now = world_now(p.world);
		assert_int_equal(world_step(p.world, INT64_MAX), WORLD_WAITS);
		assert_int_equal(world_now(p.world), now);
		char id[ID_MAX];
		memcpy(id, t->id, sizeof(id));
		assert_int_equal(world_next(p.world), now);
		world_hand_over(p.world, id);
		assert_string_equal(world_waits_for(p.world), "");
		assert_true(++waits < 100);
		assert_int_equal(world_step(p.world, INT64_MAX), WORLD_ACT);
		assert_int_equal(tab_get(engine_tabs(p.engine), &TASK_REC, id) != NULL, 1);
		assert_int_equal(((const struct task *)tab_get(engine_tabs(p.engine), &TASK_REC, id))->state, TASK_DONE);
	}
	assert_true(world_over(p.world));
	assert_true(waits >= 5);
	assert_string_equal(p.broken, "");
	is_state(&p, "R2VD", DEAL_REVERSED);
	play_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_story), cmocka_unit_test(test_restart),
		cmocka_unit_test(test_altered), cmocka_unit_test(test_visitor) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
