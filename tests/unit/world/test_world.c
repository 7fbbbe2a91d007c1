/* The world's parts: the generator and its files, identifiers, clock, simulated parties, waiting for the visitor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "feed/gs1.h"
#include "sim/play.h"
#include "world/clock.h"
#include "world/recording_int.h"
#include "world/world_int.h"

static bool same_as_file(void *ctx, const char *name, struct str bytes)
{
	struct play *p = ctx;
	char path[80];
	snprintf(path, sizeof(path), "demo/%s", name);
	assert_true(str_eq(bytes, play_file(p, path)));
	return true;
}

/* The committed files are what the generator writes: `wharf demo-record 1 demo` makes them anew. */
static void test_committed_files(void **state)
{
	struct play p = { 0 };
	(void)state;
	int64_t policy = setup_policy_version(play_file(&p, "data/policy/policy.json"));
	assert_true(policy >= 2);
	assert_true(world_generate(1, policy, same_as_file, &p));
	arena_free(&p.memory);
}

static void test_seed_matters(void **state)
{
	struct play a = { 0 }, b = { 0 };
	(void)state;
	play_generate(&a, 7, 12);
	play_generate(&b, 8, 12);
	assert_false(str_eq(a.files.history, b.files.history));
	assert_false(str_eq(a.files.cast, b.files.cast));
	assert_true(a.files.history.len + a.files.day.len < 6u << 20);
	for (int i = 0; i < 2; i++) {
		struct play *p = i ? &b : &a;
		buf_free(&p->history), buf_free(&p->day), buf_free(&p->cues), buf_free(&p->cast);
	}
}

static void check_passes(enum gs1_rule rule, const char *value)
{
	if (value[0])
		assert_int_equal(gs1_check(rule, str_of(value)).verdict, GS1_PASS);
}

static void test_identifiers(void **state)
{
	struct arena a = { 0 };
	(void)state;
	struct cast *c = cast_build(&a, 3);
	for (int i = 0; i < c->party_count; i++) {
		check_passes(GS1_RULE_LEI, c->parties[i].lei);
		check_passes(GS1_RULE_GLN, c->parties[i].gln);
		check_passes(GS1_RULE_IBAN, c->parties[i].iban);
		check_passes(GS1_RULE_BIC, c->parties[i].bic);
		for (int k = 0; k < i; k++) {
			assert_string_not_equal(c->parties[i].lei, c->parties[k].lei);
			assert_string_not_equal(c->parties[i].iban, c->parties[k].iban);
		}
	}
	for (int i = 0; i < c->site_count; i++)
		check_passes(GS1_RULE_GLN, c->sites[i].gln);
	assert_string_equal(cast_party(c, "BRANDT")->iban, "DE89370400440532013000");
	for (uint64_t n = 0; n < 500; n++) {
		char sscc[20], gln[16];
		made_sscc(n * 7919, sscc);
		made_gln(n * 31, gln);
		check_passes(GS1_RULE_SSCC, sscc);
		check_passes(GS1_RULE_GLN, gln);
	}
	arena_free(&a);
}

static void test_cast_file(void **state)
{
	struct arena a = { 0 };
	struct buf once = { 0 }, twice = { 0 };
	struct fault fault;
	struct cast *back;
	(void)state;
	cast_write(cast_build(&a, 5), &once);
	assert_int_equal(cast_read(&a, buf_view(&once), &back, &fault), ERR_OK);
	cast_write(back, &twice);
	assert_true(str_eq(buf_view(&once), buf_view(&twice)));
	assert_int_equal(cast_read(&a, STR("{\"seed\":1}"), &back, &fault), ERR_SYNTAX);
	assert_int_equal(cast_read(&a, STR("{\"seed\":1,"), &back, &fault), ERR_SYNTAX);
	buf_free(&once);
	buf_free(&twice);
	arena_free(&a);
}

static void test_every_line(void **state)
{
	struct play p = { 0 };
	struct record_line *lines;
	size_t count;
	struct fault fault;
	(void)state;
	play_begin(&p);
	assert_int_equal(recording_split(&p.memory, p.files.history, p.files.day, &lines, &count, &fault), ERR_OK);
	assert_true(count > 4000);
	for (size_t i = 0; i < count; i++) {
		struct arena a = { 0 };
		struct recorded r;
		if (recording_event(world_cast(p.world), engine_tabs(p.engine), &lines[i], &a, &r, &fault) != ERR_OK)
			fail_msg("%s", fault.text);
		arena_free(&a);
	}
	play_end(&p);
}

static void test_bad_lines(void **state)
{
	struct arena a = { 0 };
	struct record_line *lines;
	size_t count;
	struct fault fault;
	(void)state;
	assert_int_equal(recording_split(&a, STR("{\"kind\":\"answer\"}\n"), STR(""), &lines, &count, &fault), ERR_SYNTAX);
	assert_int_equal(recording_split(&a, STR("{\"at\":\"2026-03-16T08:00:00Z\"}\n{\"at\":\"2026-03-16T08:00:00Z\"}\n"), STR(""), &lines,
		&count, &fault), ERR_SYNTAX);
	assert_int_equal(fault.line, 2);
	arena_free(&a);
}

static void test_clock(void **state)
{
	struct world_clock c;
	(void)state;
	clock_start(&c, 1000, 50000000);
	assert_int_equal(clock_at(&c, 1000), 50000000);
	assert_int_equal(clock_at(&c, 2000), 50000000 + 1000 * 60);
	clock_pace(&c, 2000, 1);
	assert_int_equal(clock_at(&c, 2000), 50060000);
	assert_int_equal(clock_at(&c, 2010), 50060000 + 10 * 200);
	clock_pause(&c, 2010, true);
	assert_int_equal(clock_at(&c, 999999), 50062000);
	assert_int_equal(clock_until(&c, 999999, 60000000), -1);
	clock_pause(&c, 999999, false);
	assert_int_equal(clock_at(&c, 999999), 50062000);
	assert_int_equal(clock_until(&c, 999999, 50062000 + 200 * 7), 7);
	assert_int_equal(clock_until(&c, 999999, 50000000), 0);
	for (int i = 0; i < 10; i++)
		clock_pace(&c, 999999, -1);
	assert_int_equal(WORLD_SPEEDS[c.speed], 1);
	assert_int_equal(clock_at(&c, 5), 50062000); /* never back */
}

/* The same effect gets the same answer at the same time, and only while it waits for one. */
static void test_parties(void **state)
{
	struct arena a = { 0 };
	struct envelope once, twice;
	struct effect e = { .state = EFFECT_PENDING, .at = 1000000 };
	struct tabs *s = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	(void)state;
	struct cast *c = cast_build(&a, 1);
	snprintf(e.id, sizeof(e.id), "EF-01KC148XR0PWA743RTMCW4B8HN");
	snprintf(e.kind, sizeof(e.kind), "bank.pay");
	snprintf(e.party, sizeof(e.party), "BNK");
	snprintf(e.deal, sizeof(e.deal), "DL-01KC148XR0PWA743RTMCW4B8HN");
	e.data = blob_in(&a, "{\"payment\":\"PY-1\"}", 18);
	int64_t due = parties_due(c, &e);
	assert_true(due > e.at + 5 * INSTANT_MINUTE && due < e.at + 32 * INSTANT_MINUTE);
	assert_int_equal(due, parties_due(c, &e));
	assert_string_equal(parties_who(c, &e), "BANKNET");
	assert_true(parties_answer(c, s, &e, due, &a, &once));
	assert_true(parties_answer(c, s, &e, due, &a, &twice));
	assert_memory_equal(once.key, twice.key, sizeof(once.key));
	assert_true(str_eq(once.body, twice.body));
	e.state = EFFECT_ANSWERED;
	assert_int_equal(parties_due(c, &e), INSTANT_NONE);
	assert_false(parties_answer(c, s, &e, due, &a, &once));
	snprintf(e.kind, sizeof(e.kind), "unheard-of");
	e.state = EFFECT_PENDING;
	assert_int_equal(parties_due(c, &e), INSTANT_NONE);
	tabs_free(s);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_committed_files), cmocka_unit_test(test_seed_matters), cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_cast_file), cmocka_unit_test(test_every_line), cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_clock), cmocka_unit_test(test_parties),
	};
	CHECK(sodium_init() >= 0, "libsodium starts");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
