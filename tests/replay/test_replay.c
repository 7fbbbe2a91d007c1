/* Grouping is invisible: the same events, committed one by one, seven at a time, 256 at a time or at random, give
 * the same entries, the same state, the same root and the same read models; and so do a reload from the
 * journal and a reload from a snapshot. The journal is that of both financings from request to end, with
 * refused events, alerts and a case in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <unistd.h>

#include "app/runtime.h"
#include "unit/engine/scenario.h"

enum { EVERYTHING = 1000 };

static struct desk desk; /* where the events come from */
static char top[64];     /* of all data directories */

/* What a run leaves behind. */
struct outcome {
	struct hash state, root, chain, models;
	uint64_t entries;
};

/* --- one run ------------------------------------------------------------------------------------------- */

struct at {
	struct runtime *runtime;
};

/* The stamp that the entry which is next had when the events were made. */
static int64_t recorded_clock(void *ctx)
{
	struct at *a = ctx;
	uint64_t next = a->runtime ? engine_link(runtime_engine(a->runtime))->next : 0;
	return desk.log[next < desk.count ? next : desk.count - 1].stamp;
}

static void good(enum err e, const struct fault *f)
{
	if (e != ERR_OK)
		fail_msg("%s", f->text);
}

static void open_at(const char *name, struct at *a)
{
	struct fault fault;
	char dir[128];
	a->runtime = NULL;
	snprintf(dir, sizeof(dir), "%s/%s", top, name);
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_CREATE, .clock = recorded_clock, .clock_ctx = a };
	struct runtime *r;
	good(runtime_open(&o, &r, &fault), &fault);
	assert_true(runtime_leads(r));
	good(journal_set_scratch(runtime_journal(r), &fault), &fault);
	a->runtime = r;
}

/* Every row of every read model, in order of keys. */
static struct hash models_of(const char *name)
{
	char path[160];
	sqlite3 *db;
	struct hash_stream *h = hash_begin();
	snprintf(path, sizeof(path), "%s/%s/wharf.db", top, name);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++) {
		char sql[120];
		sqlite3_stmt *s;
		if (!readmodel_kept(STATE_TYPES[i]))
			continue;
		snprintf(sql, sizeof(sql), "SELECT * FROM r_%s ORDER BY 1", STATE_TYPES[i]->name);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
		hash_add(h, STATE_TYPES[i]->name, strlen(STATE_TYPES[i]->name));
		while (sqlite3_step(s) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(s); c++) {
				int len = sqlite3_column_bytes(s, c);
				hash_add(h, &len, sizeof(len));
				if (len)
					hash_add(h, sqlite3_column_blob(s, c), (size_t)len);
			}
		sqlite3_finalize(s);
	}
	sqlite3_close(db);
	return hash_end(h);
}

static struct outcome outcome_of(struct runtime *r)
{
	struct engine *e = runtime_engine(r);
	return (struct outcome){ .state = engine_digest(e), .root = merkle_root(engine_tree(e)),
		.chain = engine_link(e)->chain, .entries = engine_link(e)->next };
}

static void same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->entries, b->entries);
	assert_memory_equal(a->state.bytes, b->state.bytes, HASH_SIZE);
	assert_memory_equal(a->chain.bytes, b->chain.bytes, HASH_SIZE);
	assert_memory_equal(a->root.bytes, b->root.bytes, HASH_SIZE);
}

static uint64_t dice = 7;
static size_t roll(size_t n)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(dice >> 33) % n;
}

/* Submits everything in groups of `group` (0: at random) into a fresh directory. */
static struct outcome run(const char *name, size_t group)
{
	struct at a;
	struct runtime_item *items = calloc(RUNTIME_GROUP_MAX, sizeof(*items));
	struct fault fault;
	open_at(name, &a);
	for (size_t i = 0; i < desk.count;) {
		size_t n = group ? group : 1 + roll(40);
		n = n > desk.count - i ? desk.count - i : n;
		n = n > RUNTIME_GROUP_MAX ? RUNTIME_GROUP_MAX : n;
		memset(items, 0, RUNTIME_GROUP_MAX * sizeof(*items));
		runtime_set_group(a.runtime, group ? group : 1 + roll(9));
		for (size_t k = 0; k < n; k++)
			items[k].envelope = buf_view(&desk.log[i + k].envelope);
		good(runtime_submit(a.runtime, items, n, &fault), &fault);
		for (size_t k = 0; k < n; k++, i++) {
			assert_true(items[k].ordered);
			assert_int_equal(items[k].number, i);
			assert_string_equal(refusal_name(items[k].verdict), refusal_name(desk.log[i].verdict));
		}
	}
	struct outcome o = outcome_of(a.runtime);
	runtime_close(a.runtime);
	free(items);
	o.models = models_of(name);
	return o;
}

/* --- the tests ------------------------------------------------------------------------------------------- */

static struct outcome reference(void)
{
	struct outcome o = { .state = engine_digest(desk.engine), .root = merkle_root(engine_tree(desk.engine)),
		.chain = engine_link(desk.engine)->chain, .entries = engine_link(desk.engine)->next };
	return o;
}

static void groups_leave_no_trace(void **state)
{
	struct outcome want = reference(), one = run("one", 1), seven = run("seven", 7), all = run("all", 256);
	(void)state;
	same(&want, &one);
	same(&want, &seven);
	same(&want, &all);
	assert_memory_equal(one.models.bytes, seven.models.bytes, HASH_SIZE);
	assert_memory_equal(one.models.bytes, all.models.bytes, HASH_SIZE);
	for (int i = 0; i < 4; i++) {
		char name[24];
		snprintf(name, sizeof(name), "random%d", i);
		struct outcome some = run(name, 0);
		same(&want, &some);
		assert_memory_equal(one.models.bytes, some.models.bytes, HASH_SIZE);
	}
}

struct compare {
	size_t count;
};

static bool compare_row(void *ctx, const struct journal_row *row)
{
	struct compare *c = ctx;
	const struct desk_entry *x = &desk.log[c->count];
	assert_int_equal(row->entry.number, c->count++);
	assert_int_equal(row->entry.stamp, x->stamp);
	assert_string_equal(row->entry.verdict, refusal_name(x->verdict));
	assert_memory_equal(row->entry.outcome.bytes, x->outcome.bytes, HASH_SIZE);
	assert_memory_equal(row->digests.chain.bytes, x->chain.bytes, HASH_SIZE);
	return true;
}

static void outcomes_are_those_of_each_event(void **state)
{
	static const char *const NAMES[] = { "one", "seven", "all", "random0", "random3" };
	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct journal *j;
		struct fault fault;
		struct compare c = { 0 };
		char dir[128];
		snprintf(dir, sizeof(dir), "%s/%s", top, NAMES[i]);
		good(journal_open(dir, JOURNAL_READ, &j, &fault), &fault);
		good(journal_tail(j, 0, UINT64_MAX, compare_row, &c, &fault), &fault);
		assert_int_equal(c.count, desk.count);
		journal_close(j);
	}
}

/* Loads a journal in every way that there is. */
static void loading_gives_the_same(void **state)
{
	struct outcome want = reference();
	(void)state;
	for (int way = 0; way < 4; way++) {
		struct journal *j;
		struct fault fault;
		struct engine *e = engine_new();
		char dir[128];
		snprintf(dir, sizeof(dir), "%s/seven", top);
		good(journal_open(dir, JOURNAL_READ, &j, &fault), &fault);
		good(journal_load(j, e, way & 1, way & 2, &fault), &fault);
		struct outcome o = { .state = engine_digest(e), .root = merkle_root(engine_tree(e)),
			.chain = engine_link(e)->chain, .entries = engine_link(e)->next };
		same(&want, &o);
		journal_close(j);
		engine_free(e);
	}
}

/* Closing in the middle, with a snapshot on the way, changes nothing but the epoch of what comes after. */
static void a_restart_leaves_the_same_state(void **state)
{
	struct outcome want = reference();
	struct fault fault;
	struct at a;
	size_t half = desk.count / 2;
	(void)state;
	for (int part = 0; part < 2; part++) {
		open_at("restarted", &a);
		for (size_t i = part ? half : 0; i < (part ? desk.count : half); i++) {
			struct runtime_item item = { .envelope = buf_view(&desk.log[i].envelope) };
			good(runtime_submit(a.runtime, &item, 1, &fault), &fault);
			assert_string_equal(refusal_name(item.verdict), refusal_name(desk.log[i].verdict));
		}
		if (!part) {
			struct buf bytes = { 0 };
			engine_snapshot(runtime_engine(a.runtime), &bytes);
			good(snapshot_put(runtime_journal(a.runtime), engine_link(runtime_engine(a.runtime))->next, buf_view(&bytes),
				&fault), &fault);
			buf_free(&bytes);
		}
		struct outcome o = outcome_of(a.runtime);
		if (part)
			assert_memory_equal(o.state.bytes, want.state.bytes, HASH_SIZE);
		runtime_close(a.runtime);
	}
}

static void read_models_can_be_made_anew(void **state)
{
	struct fault fault;
	struct at a;
	struct hash before = models_of("all"), after;
	(void)state;
	open_at("all", &a);
	struct engine *again = engine_new();
	good(journal_rebuild(runtime_journal(a.runtime), again, &fault), &fault);
	engine_free(again);
	runtime_close(a.runtime);
	after = models_of("all");
	assert_memory_equal(before.bytes, after.bytes, HASH_SIZE);
}

/* --- set-up -------------------------------------------------------------------------------------------------- */

static void stopped(const char *what)
{
	fail_msg("%s", what);
}

static int make_events(void **state)
{
	char id[ID_MAX];
	struct ev_raise raise = { .code = "E11", .title = "a look at it" };
	(void)state;
	snprintf(top, sizeof(top), "/tmp/wharf-replay-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	desk_open(&desk);
	desk.broken = stopped;
	receivables_run(&desk, desk_deal_id(id, 1), "1001");
	pledge_run(&desk, desk_deal_id(id, 2), "CSQU3054383");
	assert_int_not_equal(receivables_request(&desk, desk_deal_id(id, 3), "1001", "1001"), REFUSED_NOT);
	assert_int_equal(desk_price(&desk, "copper", 601000), REFUSED_NOT);
	assert_int_equal(pledge_request(&desk, desk_deal_id(id, 4), "HEAP"), REFUSED_NOT);
	assert_int_equal(pledge_request(&desk, desk_deal_id(id, 5), "HEAP"), REFUSED_NOT); /* one heap, two receipts */
	assert_int_not_equal(desk_send(&desk, EVENT_RAISE, "operator/nobody", "", &raise), REFUSED_NOT);
	assert_int_equal(desk_send(&desk, EVENT_RAISE, "operator/i.vermeer", desk_deal_id(id, 4), &raise), REFUSED_NOT);
	desk_pass(&desk, desk.now + 7 * INSTANT_DAY);
	return desk.count < EVERYTHING ? 0 : -1;
}

static int sweep(void **state)
{
	char command[120];
	(void)state;
	desk_close(&desk);
	snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) == 0 ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(groups_leave_no_trace),
		cmocka_unit_test(outcomes_are_those_of_each_event), cmocka_unit_test(loading_gives_the_same),
		cmocka_unit_test(a_restart_leaves_the_same_state), cmocka_unit_test(read_models_can_be_made_anew) };
	return cmocka_run_group_tests_name("replay", tests, make_events, sweep);
}
