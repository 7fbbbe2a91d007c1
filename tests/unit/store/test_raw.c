/* Raw batches go when an entry gave them up, not before, and nothing else goes with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/instant.h"
#include "ledger/sealed.h"
#include "store/raw.h"

enum { BATCHES = 5 };
static char dir[64];
static struct journal *journal;
static struct engine *engine;
static struct hash digest[BATCHES], decision;
static struct fault fault;

/* Batch i ended i days after the first. */
static int begin(void **state)
{
	uint64_t epoch;
	struct journal_append none = { 0 };
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/wharf-raw-XXXXXX");
	if (sodium_init() < 0 || !mkdtemp(dir) || journal_open(dir, JOURNAL_CREATE, &journal, &fault) != ERR_OK
		|| journal_acquire(journal, false, &epoch, &fault) != ERR_OK)
		return 1;
	engine = engine_new();
	struct tabs *s = engine_tabs_mutable(engine);
	for (int i = 0; i < BATCHES; i++) {
		char raw[32];
		struct batch b = { .to = i * INSTANT_DAY + 1, .entry = i + 1 };
		int n = snprintf(raw, sizeof(raw), "raw batch %d", i);
		snprintf(b.id, sizeof(b.id), "GW/%d", i);
		if (evidence_put(journal, "batch", (struct str){ raw, (size_t)n }, &digest[i], &fault) != ERR_OK)
			return 1;
		b.digest = digest[i];
		tab_put(s, &BATCH_REC, &b);
	}
	tab_commit(s);
	return evidence_put(journal, "decision", STR("a snapshot"), &decision, &fault) != ERR_OK
		|| journal_commit(journal, epoch, 0, &none, s, &fault) != ERR_OK;
}

static int end(void **state)
{
	char command[100];
	(void)state;
	journal_close(journal);
	engine_free(engine);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) != 0;
}

/* As evidence.prune leaves it. */
static void given_up(int64_t before)
{
	struct item_place p = { .id = PLACE_GIVEN_UP "batch" };
	snprintf(p.item, sizeof(p.item), "%lld", (long long)before);
	tab_put(engine_tabs_mutable(engine), &ITEM_PLACE_REC, &p);
	tab_commit(engine_tabs_mutable(engine));
}

static struct raw_report prune(int64_t before)
{
	struct raw_report r;
	assert_int_equal(raw_prune(journal, engine_tabs(engine), before, &r, &fault), ERR_OK);
	return r;
}

static void what_nobody_gave_up_stays(void **state)
{
	struct param rule = { .id = "retention.batch_days", .value = 1 }; /* a rule alone lets nothing go */
	(void)state;
	tab_put(engine_tabs_mutable(engine), &PARAM_REC, &rule);
	tab_commit(engine_tabs_mutable(engine));
	struct raw_report r = prune(1000 * INSTANT_DAY);
	assert_int_equal(r.removed, 0);
	assert_int_equal(r.kept, BATCHES);
	assert_false(raw_given_up(engine_tabs(engine), 0));
}

static void what_was_given_up_goes_and_nothing_else(void **state)
{
	(void)state;
	given_up(INSTANT_DAY + 2);
	assert_true(raw_given_up(engine_tabs(engine), INSTANT_DAY + 1));
	assert_false(raw_given_up(engine_tabs(engine), INSTANT_DAY + 2));
	struct raw_report r = prune(3 * INSTANT_DAY); /* asks for 0 to 2, of which 0 and 1 were given up */
	assert_int_equal(r.removed, 2);
	assert_int_equal(r.bytes, 2 * strlen("raw batch 0"));
	assert_int_equal(r.kept, 1);
	for (int i = 0; i < BATCHES; i++)
		assert_int_equal(evidence_has(journal, &digest[i]), i >= 2);
	assert_true(evidence_has(journal, &decision));
	r = prune(3 * INSTANT_DAY);
	assert_int_equal(r.removed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_gave_up_stays), cmocka_unit_test(what_was_given_up_goes_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
