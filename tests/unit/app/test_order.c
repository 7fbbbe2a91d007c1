/* The order path with threads: the ledger is the same bytes whatever their number; what was stepped after a commit that
 * failed is not ordered, not in memory and can be sent again; a stolen lead in the middle loses nothing and doubles nothing. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "ledger_room.h"
#include "store/verify.h"

enum { ITEMS = 700, GROUP = 37 };

struct load {
	struct buf bytes[ITEMS];
	struct runtime_item items[ITEMS];
};

/* Parties, of which some are refused, some are signed badly, some are nothing; with `repeats` some come twice. */
static struct load *load_new(const struct room *r, bool repeats)
{
	struct load *b = calloc(1, sizeof(*b));
	for (int i = 0; i < ITEMS; i++) {
		room_party(r, i % 11 == 5 ? -i : repeats && i % 13 == 7 ? i - 3 : i + 1, &b->bytes[i]);
		if (i % 17 == 4)
			b->bytes[i].ptr[b->bytes[i].len - 1] ^= 1;
		if (i % 101 == 9)
			b->bytes[i].len /= 2;
		b->items[i].envelope = buf_view(&b->bytes[i]);
	}
	return b;
}

static void load_free(struct load *b)
{
	for (int i = 0; i < ITEMS; i++)
		buf_free(&b->bytes[i]);
	free(b);
}

static struct runtime *open_with(struct room *room, size_t threads)
{
	struct runtime *rt;
	struct fault fault;
	struct runtime_options o = { .dir = room->dir, .mode = JOURNAL_CREATE, .node_secret = room->node.secret, .threads = threads,
		.clock = room_clock, .clock_ctx = room };
	assert_int_equal(runtime_open(&o, &rt, &fault), ERR_OK);
	runtime_set_group(rt, GROUP);
	return rt;
}

/* Digest over every column of every row of every table but the snapshots. */
static struct hash tables_digest(const struct room *room)
{
	char path[300], sql[200];
	sqlite3 *db;
	sqlite3_stmt *names, *s;
	struct hash_stream *h = hash_begin();
	snprintf(path, sizeof(path), "%s/wharf.db", room->dir);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'snapshot' ORDER BY 1", -1,
		&names, NULL), SQLITE_OK);
	while (sqlite3_step(names) == SQLITE_ROW) {
		snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY 1", (const char *)sqlite3_column_text(names, 0));
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
		hash_add(h, sql, strlen(sql));
		while (sqlite3_step(s) == SQLITE_ROW)
			for (int c = 0; c < sqlite3_column_count(s); c++) {
				const void *bytes = sqlite3_column_blob(s, c);
				int len = sqlite3_column_bytes(s, c);
				hash_add(h, &len, sizeof(len));
				hash_add(h, bytes ? bytes : "", (size_t)len);
			}
		sqlite3_finalize(s);
	}
	sqlite3_finalize(names);
	sqlite3_close(db);
	return hash_end(h);
}

static void any_number_of_threads_gives_the_same_bytes(void **state)
{
	static const size_t THREADS[] = { 1, 2, 4, 0 };
	struct hash tables[4], states[4];
	struct load *kept[4];
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct room room;
		struct fault fault;
		room_begin(&room);
		struct runtime *rt = open_with(&room, THREADS[k]);
		room_found(&room, rt);
		struct load *b = kept[k] = load_new(&room, true);
		assert_int_equal(runtime_submit(rt, b->items, ITEMS, &fault), ERR_OK);
		states[k] = engine_digest(runtime_engine(rt));
		runtime_close(rt);
		tables[k] = tables_digest(&room);
		room_end(&room);
		assert_true(hash_eq(&tables[0], &tables[k]));
		assert_true(hash_eq(&states[0], &states[k]));
		for (int i = 0; i < ITEMS; i++) {
			const struct runtime_item *x = &kept[0]->items[i], *y = &b->items[i];
			assert_true(x->ordered == y->ordered && x->verdict == y->verdict);
			assert_true(!x->ordered || x->number == y->number);
			assert_string_equal(x->detail, y->detail);
		}
	}
	for (size_t k = 0; k < 4; k++)
		load_free(kept[k]);
}

/* --- a commit that fails --------------------------------------------------------------------------- */

struct spoiler {
	struct room *room;
	const char *at;  /* point of a commit */
	int when, seen;  /* the how manieth */
	bool steal;
};

static void disk_limit(rlim_t most)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void spoil(void *ctx, const char *point)
{
	struct spoiler *s = ctx;
	if (strcmp(point, s->at) != 0 || s->seen++ != s->when)
		return;
	if (s->steal) {
		struct journal *thief;
		struct fault fault;
		uint64_t epoch;
		if (journal_open(s->room->dir, JOURNAL_WRITE, &thief, &fault) == ERR_OK) {
			(void)journal_acquire(thief, true, &epoch, &fault);
			journal_close(thief);
		}
	} else {
		disk_limit(0);
	}
}

static void verify_whole(const struct room *room, const struct hash *want)
{
	struct journal *j;
	struct verify_report report;
	struct fault fault = { 0 };
	struct engine *e = engine_new();
	assert_int_equal(journal_open(room->dir, JOURNAL_READ, &j, &fault), ERR_OK);
	if (journal_verify(j, e, &report, NULL, NULL, &fault) != ERR_OK)
		fail_msg("%s", fault.text);
	struct hash have = engine_digest(e);
	assert_true(hash_eq(&have, want));
	journal_close(j);
	engine_free(e);
}

/* Counts entries of the batch that are ordered; each has a number of its own. */
static size_t ordered(const struct load *b)
{
	size_t n = 0;
	uint64_t last = 0;
	for (int i = 0; i < ITEMS; i++)
		if (b->items[i].ordered) {
			assert_true(b->items[i].number > last);
			last = b->items[i].number;
			n++;
		}
	return n;
}

static void a_full_disk_drops_what_was_stepped_after_it(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	for (int when = 0; when < 12; when += 3) {
		struct room room;
		struct fault fault = { 0 };
		room_begin(&room);
		struct runtime *rt = open_with(&room, 3);
		room_found(&room, rt);
		struct load *b = load_new(&room, false);
		struct spoiler s = { &room, "rows", when, 0, false };
		journal_set_probe(runtime_journal(rt), spoil, &s);
		enum err e = runtime_submit(rt, b->items, ITEMS, &fault);
		disk_limit(RLIM_INFINITY);
		journal_set_probe(runtime_journal(rt), NULL, NULL);
		assert_int_equal(e, ERR_FULL);
		assert_int_equal(ordered(b), when * GROUP);
		assert_int_equal(engine_link(runtime_engine(rt))->next, 1 + when * GROUP);
		int first = 0;
		for (int i = 0; i < ITEMS; i++)
			if (b->items[i].ordered)
				first = i + 1;
		assert_int_equal(runtime_submit(rt, b->items + first, (size_t)(ITEMS - first), &fault), ERR_OK);
		struct hash digest = engine_digest(runtime_engine(rt));
		verify_whole(&room, &digest);
		runtime_close(rt);
		load_free(b);
		room_end(&room);
	}
}

static void a_stolen_lead_loses_and_doubles_nothing(void **state)
{
	(void)state;
	for (int when = 0; when < 12; when += 5) {
		struct room room;
		struct fault fault = { 0 };
		room_begin(&room);
		struct runtime *rt = open_with(&room, 3);
		room_found(&room, rt);
		struct load *b = load_new(&room, false);
		struct spoiler s = { &room, "begin", when, 0, true };
		journal_set_probe(runtime_journal(rt), spoil, &s);
		assert_int_equal(runtime_submit(rt, b->items, ITEMS, &fault), ERR_OK);
		journal_set_probe(runtime_journal(rt), NULL, NULL);
		assert_int_equal(engine_link(runtime_engine(rt))->next, 1 + ordered(b));
		struct hash digest = engine_digest(runtime_engine(rt));
		verify_whole(&room, &digest);
		runtime_close(rt);
		load_free(b);
		room_end(&room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_threads_gives_the_same_bytes),
		cmocka_unit_test(a_full_disk_drops_what_was_stepped_after_it),
		cmocka_unit_test(a_stolen_lead_loses_and_doubles_nothing),
	};
	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
