/* The runtime: answers, groups, followers, failures of the disk, ticks, checkpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app/checkpoint.h"
#include "ledger_room.h"

struct bench {
	struct room room;
	struct runtime *rt;
	struct fault fault;
};

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	b->rt = room_start(&b->room);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	runtime_close(b->rt);
	room_end(&b->room);
	free(b);
	return 0;
}

static enum err send_parties(struct bench *b, int first, int count, struct runtime_item *items)
{
	struct buf bytes[16];
	memset(bytes, 0, sizeof(bytes));
	for (int i = 0; i < count; i++) {
		memset(&items[i], 0, sizeof(items[i]));
		room_party(&b->room, first + i, &bytes[i]);
		items[i].envelope = buf_view(&bytes[i]);
	}
	enum err e = runtime_submit(b->rt, items, (size_t)count, &b->fault);
	for (int i = 0; i < count; i++)
		buf_free(&bytes[i]);
	return e;
}

static void answers(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	assert_true(runtime_leads(b->rt));
	assert_int_equal(send_parties(b, 1, 3, items), ERR_OK);
	for (int i = 0; i < 3; i++) {
		assert_true(items[i].ordered);
		assert_int_equal(items[i].verdict, REFUSED_NOT);
		assert_int_equal(items[i].number, i + 1);
	}
	assert_int_equal(send_parties(b, 2, 1, items), ERR_OK);
	assert_true(items[0].ordered); /* the same request again: what the first one got, and no entry */
	assert_int_equal(items[0].verdict, REFUSED_NOT);
	assert_int_equal(items[0].number, 2);
	assert_int_equal(engine_link(runtime_engine(b->rt))->next, 4);
	assert_int_equal(send_parties(b, -9, 1, items), ERR_OK);
	assert_int_equal(items[0].verdict, REFUSED_CHECK_DIGIT);
	assert_true(items[0].ordered);
}

static void what_is_not_admitted_is_not_ordered(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[3];
	struct buf good = { 0 }, bad = { 0 };
	memset(items, 0, sizeof(items));
	room_party(&b->room, 1, &good);
	room_party(&b->room, 2, &bad);
	bad.ptr[bad.len - 1] ^= 1; /* of the signature */
	items[0].envelope = buf_view(&bad);
	items[1].envelope = STR("not an envelope");
	items[2].envelope = buf_view(&good);
	assert_int_equal(runtime_submit(b->rt, items, 3, &b->fault), ERR_OK);
	assert_false(items[0].ordered);
	assert_int_equal(items[0].verdict, REFUSED_SIGNATURE);
	assert_false(items[1].ordered);
	assert_int_equal(items[1].verdict, REFUSED_BODY_MALFORMED);
	assert_true(items[2].ordered);
	assert_int_equal(engine_link(runtime_engine(b->rt))->next, 2);
	buf_free(&good);
	buf_free(&bad);
}

/* Whom nobody knows is answered by name and leaves nothing, however often he asks; what somebody known may not say is kept. */
static void strangers_leave_no_trace(void **state)
{
	enum { STRANGE = 1000, AT_ONCE = 50 };
	struct bench *b = *state;
	struct room stranger = b->room;
	struct runtime_item items[AT_ONCE];
	struct buf bytes[AT_ONCE];
	uint8_t seed[32] = { 77 };
	stranger.of = &b->room;
	key_pair_from_seed(seed, &stranger.root);
	struct hash before = engine_digest(runtime_engine(b->rt));
	for (int i = 0; i < STRANGE; i += AT_ONCE) {
		memset(items, 0, sizeof(items));
		memset(bytes, 0, sizeof(bytes));
		for (int k = 0; k < AT_ONCE; k++) {
			room_party(&stranger, 1 + i + k, &bytes[k]);
			items[k].envelope = buf_view(&bytes[k]);
		}
		assert_int_equal(runtime_submit(b->rt, items, AT_ONCE, &b->fault), ERR_OK);
		for (int k = 0; k < AT_ONCE; k++) {
			assert_false(items[k].ordered);
			assert_int_equal(items[k].verdict, REFUSED_SIGNER_UNKNOWN);
			buf_free(&bytes[k]);
		}
	}
	struct hash after = engine_digest(runtime_engine(b->rt));
	assert_true(hash_eq(&before, &after));
	uint64_t head;
	assert_int_equal(journal_head(runtime_journal(b->rt), &head, &b->fault), ERR_OK);
	assert_int_equal(head, 1);
	assert_int_equal(send_parties(b, -9, 1, items), ERR_OK);
	assert_true(items[0].ordered);
}

/* What the same keys signed for another ledger leaves none either. */
static void what_is_of_another_ledger_leaves_no_trace(void **state)
{
	struct bench *b = *state;
	struct room begun = b->room, other = b->room;
	struct runtime_item item = { .number = 0 };
	struct buf bytes = { 0 };
	begun.node.public_key[0] ^= 1; /* it begins another ledger */
	other.of = &begun;
	room_party(&other, 1, &bytes);
	struct hash before = engine_digest(runtime_engine(b->rt));
	item.envelope = buf_view(&bytes);
	assert_int_equal(runtime_submit(b->rt, &item, 1, &b->fault), ERR_OK);
	assert_false(item.ordered);
	assert_int_equal(item.verdict, REFUSED_OTHER_LEDGER);
	struct hash after = engine_digest(runtime_engine(b->rt));
	assert_true(hash_eq(&before, &after));
	assert_int_equal(engine_link(runtime_engine(b->rt))->next, 1);
	buf_free(&bytes);
}

/* A failing disk in the middle of a commit: nothing is acknowledged, memory is what the disk has, and the next
 * try is fine. The probe takes the database's lock away from under the writer by closing the epoch. */
static void memory_never_runs_ahead(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	struct runtime *second;
	struct runtime_options o = { .dir = b->room.dir, .mode = JOURNAL_WRITE, .clock = room_clock, .clock_ctx = &b->room };
	struct journal *thief;
	uint64_t epoch;
	assert_int_equal(send_parties(b, 1, 2, items), ERR_OK);
	struct hash before = engine_digest(runtime_engine(b->rt));
	assert_int_equal(journal_open(b->room.dir, JOURNAL_WRITE, &thief, &b->fault), ERR_OK);
	assert_int_equal(journal_acquire(thief, true, &epoch, &b->fault), ERR_OK);
	journal_close(thief);
	/* Superseded: the act goes to nobody, because nobody leads any more but the lock is ours again. */
	bool changed;
	assert_int_equal(runtime_poll(b->rt, &changed, &b->fault), ERR_OK);
	assert_true(changed);
	assert_false(runtime_leads(b->rt));
	struct hash after = engine_digest(runtime_engine(b->rt));
	assert_true(hash_eq(&before, &after));
	assert_int_equal(runtime_poll(b->rt, &changed, &b->fault), ERR_OK); /* the lead is vacant: taken again */
	assert_true(runtime_leads(b->rt));
	assert_int_equal(send_parties(b, 3, 2, items), ERR_OK);
	assert_true(items[1].ordered);
	assert_int_equal(runtime_open(&o, &second, &b->fault), ERR_OK);
	assert_false(runtime_leads(second));
	assert_int_equal(tab_count(engine_tabs(runtime_engine(second)), &PARTY_REC), 4);
	runtime_close(second);
}

static void replicas_see_what_the_leader_does(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	struct runtime *second;
	struct runtime_options o = { .dir = b->room.dir, .mode = JOURNAL_WRITE, .clock = room_clock, .clock_ctx = &b->room };
	bool changed;
	assert_int_equal(runtime_open(&o, &second, &b->fault), ERR_OK);
	assert_int_equal(send_parties(b, 1, 5, items), ERR_OK);
	assert_int_equal(runtime_poll(second, &changed, &b->fault), ERR_OK);
	assert_true(changed);
	struct hash x = engine_digest(runtime_engine(b->rt)), y = engine_digest(runtime_engine(second));
	assert_true(hash_eq(&x, &y));
	/* The leader ends: the replica leads at its next look. */
	runtime_close(b->rt);
	b->rt = second;
	assert_int_equal(runtime_poll(second, &changed, &b->fault), ERR_OK);
	assert_true(runtime_leads(second));
	assert_int_equal(send_parties(b, 6, 1, items), ERR_OK);
	assert_int_equal(items[0].number, 6);
}

static void readers_write_nothing(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	struct runtime *reader, *leader = b->rt;
	assert_int_equal(room_open(&b->room, JOURNAL_READ, &reader, &b->fault), ERR_OK);
	b->rt = reader;
	assert_int_equal(send_parties(b, 1, 1, items), ERR_DENIED);
	b->rt = leader;
	runtime_close(reader);
}

/* Opened again with a clock that is compared; today: what the operator says. */
static enum err reopen_doubting(struct bench *b, const char *today)
{
	struct runtime_options o = { .dir = b->room.dir, .mode = JOURNAL_WRITE, .node_secret = b->room.node.secret, .clock = room_clock,
		.clock_ctx = &b->room, .clock_doubted = true };
	runtime_close(b->rt);
	b->rt = NULL;
	setenv("WHARF_TODAY", today, 1);
	enum err e = runtime_open(&o, &b->rt, &b->fault);
	unsetenv("WHARF_TODAY");
	return e;
}

/* Years ahead: no entry, no timer, until somebody says which day it is; and who says another day than the clock is not heard. */
static void a_clock_far_ahead_is_not_followed(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	struct fault why;
	size_t ticks;
	assert_int_equal(send_parties(b, 1, 1, items), ERR_OK);
	int64_t right = b->room.clock, stamp = engine_link(runtime_engine(b->rt))->stamp;
	uint64_t before = engine_link(runtime_engine(b->rt))->next;
	assert_int_equal(reopen_doubting(b, ""), ERR_OK);
	assert_false(runtime_clock_off(b->rt, &why));
	b->room.clock = right + 3 * 365 * INSTANT_DAY; /* while it runs */
	assert_true(runtime_clock_off(b->rt, &why));
	assert_non_null(strstr(why.text, "the clock says 2029-03-15, the last entry 2026-03-16: set it"));
	assert_non_null(strstr(why.text, "WHARF_TODAY=2029-03-15"));
	assert_true(strlen(why.text) < 160); /* the console says it whole */
	assert_int_equal(runtime_tick(b->rt, &ticks, &b->fault), ERR_OK);
	assert_int_equal(ticks, 0);
	assert_int_equal(send_parties(b, 2, 1, items), ERR_DENIED);
	assert_false(items[0].ordered);
	assert_int_equal(reopen_doubting(b, ""), ERR_OK); /* and from the start */
	assert_int_equal(send_parties(b, 2, 1, items), ERR_DENIED);
	assert_int_equal(reopen_doubting(b, "2026-03-16"), ERR_OK);
	assert_true(runtime_clock_off(b->rt, &why));
	assert_non_null(strstr(why.text, "WHARF_TODAY says 2026-03-16"));
	assert_int_equal(reopen_doubting(b, "some day"), ERR_USAGE);
	b->room.clock = right;
	assert_int_equal(reopen_doubting(b, ""), ERR_OK); /* set right: nothing was taken */
	assert_int_equal(engine_link(runtime_engine(b->rt))->next, before);
	assert_int_equal(engine_link(runtime_engine(b->rt))->stamp, stamp);
	b->room.clock = right + 13 * INSTANT_DAY; /* a fortnight without an entry is nothing */
	assert_false(runtime_clock_off(b->rt, &why));
	b->room.clock = right + 100 * INSTANT_DAY; /* and after a long rest the day is said once */
	assert_int_equal(reopen_doubting(b, "2026-06-23"), ERR_OK);
	assert_false(runtime_clock_off(b->rt, &why));
	assert_int_equal(runtime_tick(b->rt, &ticks, &b->fault), ERR_OK);
	assert_true(ticks >= 1);
	assert_int_equal(reopen_doubting(b, ""), ERR_OK);
	assert_false(runtime_clock_off(b->rt, &why));
}

static void timers_tick(void **state)
{
	struct bench *b = *state;
	size_t ticks;
	uint64_t before = engine_link(runtime_engine(b->rt))->next;
	assert_int_equal(runtime_tick(b->rt, &ticks, &b->fault), ERR_OK);
	assert_int_equal(ticks, 0);
	b->room.clock += 3 * INSTANT_DAY; /* the ledger's days */
	assert_int_equal(runtime_tick(b->rt, &ticks, &b->fault), ERR_OK);
	assert_true(ticks >= 1);
	assert_int_equal(engine_link(runtime_engine(b->rt))->next, before + ticks);
}

/* Another led meanwhile and fired the timer that the resumed leader still sees as due. */
static void a_timer_that_another_fired_is_no_contradiction(void **state)
{
	struct bench *b = *state;
	struct journal *thief;
	struct engine *other = engine_new();
	struct arena a = { 0 };
	struct buf bytes = { 0 };
	struct envelope tick;
	struct engine_out out;
	uint64_t epoch;
	size_t ticks;
	b->room.clock += INSTANT_DAY;
	assert_int_equal(journal_open(b->room.dir, JOURNAL_WRITE, &thief, &b->fault), ERR_OK);
	assert_int_equal(journal_acquire(thief, true, &epoch, &b->fault), ERR_OK);
	assert_int_equal(journal_load(thief, other, false, false, &b->fault), ERR_OK);
	assert_true(engine_tick(other, b->room.clock, &a, &tick));
	tick.key[0] ^= 1; /* another node's: not the same bytes */
	assert_int_equal(envelope_sign(&tick, b->room.node.secret, b->room.clock, &b->fault), ERR_OK);
	assert_int_equal(envelope_encode(&tick, &bytes, &b->fault), ERR_OK);
	struct engine_in in = { engine_next_stamp(other, b->room.clock), epoch, buf_view(&bytes) };
	engine_step(other, &in, &out);
	assert_int_equal(out.verdict, REFUSED_NOT);
	struct journal_row row = { out.entry, out.digests };
	struct journal_append append = { &row, 1, NULL, 0 };
	assert_int_equal(journal_commit(thief, epoch, out.entry.number, &append, NULL, &b->fault), ERR_OK);
	journal_close(thief);
	uint64_t before = engine_link(other)->next;
	assert_true(runtime_leads(b->rt)); /* as it believes */
	assert_int_equal(runtime_tick(b->rt, &ticks, &b->fault), ERR_OK);
	assert_true(engine_link(runtime_engine(b->rt))->next >= before);
	assert_int_equal(engine_next_due(runtime_engine(b->rt)), engine_next_due(other));
	engine_free(other);
	arena_free(&a);
	buf_free(&bytes);
}

/* Who cannot show the bytes of a batch does not get it ordered: `verify` would miss them for ever. */
static void a_batch_without_its_bytes_is_not_ordered(void **state)
{
	struct bench *b = *state;
	struct arena a = { 0 };
	struct envelope env;
	struct ev_batch batch = { .gateway = "GW-X", .sequence = 1, .from = 1, .to = 2 };
	struct journal_blob blob = { .kind = "batch", .bytes = STR("raw readings") };
	struct buf bytes = { 0 };
	blob.digest = batch.digest = hash_of(blob.bytes.ptr, blob.bytes.len);
	event_envelope(&a, EVENT_BATCH, "X", "", 2, &batch, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(runtime_engine(b->rt)));
	assert_int_equal(envelope_sign(&env, b->room.node.secret, b->room.clock, &b->fault), ERR_OK);
	assert_int_equal(envelope_encode(&env, &bytes, &b->fault), ERR_OK);
	struct runtime_item item = { .envelope = buf_view(&bytes) };
	assert_int_equal(runtime_submit(b->rt, &item, 1, &b->fault), ERR_OK);
	assert_false(item.ordered);
	assert_int_equal(item.verdict, REFUSED_EVIDENCE);
	assert_non_null(strstr(item.detail, "batch 1 of GW-X"));
	item.blobs = &blob;
	item.blob_count = 1;
	assert_int_equal(runtime_submit(b->rt, &item, 1, &b->fault), ERR_OK);
	assert_true(item.ordered); /* refused by the engine, but for another reason */
	item.blob_count = 0;
	assert_int_equal(runtime_submit(b->rt, &item, 1, &b->fault), ERR_OK);
	assert_true(item.ordered); /* the store has them now */
	arena_free(&a);
	buf_free(&bytes);
}

static void a_checkpoint_is_left(void **state)
{
	struct bench *b = *state;
	struct runtime_item items[16];
	struct checkpoint c;
	char path[300], bytes[2000];
	assert_int_equal(send_parties(b, 1, 4, items), ERR_OK);
	runtime_close(b->rt);
	snprintf(path, sizeof(path), "%s/checkpoint", b->room.dir);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	size_t len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	assert_int_equal(room_open(&b->room, JOURNAL_WRITE, &b->rt, &b->fault), ERR_OK);
	assert_int_equal(checkpoint_compare(runtime_engine(b->rt), (struct str){ bytes, len }, &c, &b->fault), ERR_OK);
	assert_int_equal(c.size, 5);
	assert_int_equal(send_parties(b, 5, 1, items), ERR_OK);
	assert_int_equal(checkpoint_compare(runtime_engine(b->rt), (struct str){ bytes, len }, &c, &b->fault), ERR_OK);
	char *digit = strchr(bytes, '5');
	*digit = '4';
	assert_int_equal(checkpoint_compare(runtime_engine(b->rt), (struct str){ bytes, len }, &c, &b->fault), ERR_SIGNATURE);
	struct buf note = { 0 };
	assert_int_equal(checkpoint_make(runtime_engine(b->rt), runtime_journal(b->rt), b->room.root.secret, &note, &b->fault), ERR_DENIED);
	buf_free(&note);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = { T(answers), T(what_is_not_admitted_is_not_ordered), T(strangers_leave_no_trace),
		T(what_is_of_another_ledger_leaves_no_trace), T(memory_never_runs_ahead),
		T(replicas_see_what_the_leader_does), T(readers_write_nothing), T(a_clock_far_ahead_is_not_followed), T(timers_tick),
		T(a_timer_that_another_fired_is_no_contradiction), T(a_batch_without_its_bytes_is_not_ordered),
		T(a_checkpoint_is_left) };
	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
