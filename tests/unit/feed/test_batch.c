/* Device batches: parsing, thinning, proofs; the watches over a stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "feed/batch.h"
#include "feed/watch.h"

static struct arena arena;

#define HEAD "{\"gateway\":\"GW-ROT-1\",\"sequence\":17,\"from\":\"2026-03-16T14:20:00Z\"," \
	"\"to\":\"2026-03-16T14:40:00Z\",\"readings\":["
#define TAIL "]}"
#define AT(minute) "\"time\":\"2026-03-16T14:" minute ":00Z\""
#define T(seq, minute, value) "{\"device\":\"T-01\",\"seq\":" #seq "," AT(minute) \
	",\"quantity\":\"temperature\",\"value\":" value "}"

static struct raw_batch *parse(const char *text)
{
	struct raw_batch *b;
	struct fault f = { 0 };
	arena_reset(&arena);
	enum err e = raw_batch_parse(&arena, str_of(text), &b, &f);
	if (e)
		print_error("%s\n", f.text);
	assert_int_equal(e, ERR_OK);
	return b;
}

static void refused(const char *text, const char *word)
{
	struct raw_batch *b;
	struct fault f = { 0 };
	arena_reset(&arena);
	assert_int_not_equal(raw_batch_parse(&arena, str_of(text), &b, &f), ERR_OK);
	assert_null(b);
	if (!strstr(f.text, word))
		print_error("%s\n%s\n", text, f.text);
	assert_non_null(strstr(f.text, word));
}

static void test_parse(void **state)
{
	(void)state;
	const char *text = HEAD T(1, "20", "-17.1") ",{\"device\":\"D-01\",\"seq\":5," AT("21")
		",\"quantity\":\"door\",\"value\":true},{\"device\":\"P-01\",\"seq\":6," AT("22")
		",\"quantity\":\"position\",\"lat\":51.9244201,\"lon\":-4.47773251},{\"device\":\"S-01\",\"seq\":7,"
		AT("23") ",\"quantity\":\"shock\",\"value\":1.25e0}" TAIL;
	struct raw_batch *b = parse(text);
	assert_string_equal(b->gateway, "GW-ROT-1");
	assert_int_equal(b->sequence, 17);
	assert_int_equal(b->to - b->from, 20 * INSTANT_MINUTE);
	assert_int_equal(b->count, 4);
	assert_int_equal(b->readings[0].value, -17100);
	assert_int_equal(b->readings[1].value, 1000);
	b = parse(HEAD "{\"device\":\"D-01\",\"seq\":1," AT("21") ",\"quantity\":\"door\",\"value\":0},{\"device\":\"D-01\",\"seq\":2," AT("22")
		",\"quantity\":\"door\",\"value\":1}" TAIL);
	assert_true(b->readings[0].value == 0 && b->readings[1].value == 1000);
	b = parse(text);
	assert_int_equal(b->readings[2].lat, 519244201);
	assert_int_equal(b->readings[2].lon, -44777325);
	assert_int_equal(b->readings[3].value, 1250);
	struct hash h = hash_of(text, strlen(text));
	assert_true(hash_eq(&b->digest, &h));
	assert_int_equal(parse(HEAD TAIL)->count, 0);
	assert_int_equal(parse("{\"gateway\":\"G\",\"sequence\":1,\"from\":\"2026-03-16T14:20:00Z\",\"to\":\"2026-03-16T14:20:00Z\",\"readings\":[]}")->count, 0);
	assert_int_equal(parse(HEAD T(1, "20", "0.0005") TAIL)->readings[0].value, 1);
	assert_int_equal(parse(HEAD T(1, "20", "-0.0005") TAIL)->readings[0].value, -1);
	assert_int_equal(parse(HEAD T(1, "20", "0.0004999") TAIL)->readings[0].value, 0);
}

static void test_refusals(void **state)
{
	(void)state;
	refused("", "");
	refused("[]", "object");
	refused("{\"gateway\":\"G\"}", "sequence must be");
	refused(HEAD T(0, "20", "1") TAIL, "readings[0].seq");
	refused(HEAD T(1, "20", "1") "," T(2, "20", "\"1\"") TAIL, "readings[1].value");
	refused(HEAD T(1, "20", "1e40") TAIL, "in range");
	refused(HEAD T(1, "20", "1000000000.001") TAIL, "in range");
	refused(HEAD "{\"device\":\"a b\",\"seq\":1," AT("20") ",\"quantity\":\"weight\",\"value\":1}" TAIL, "device");
	refused(HEAD "{\"device\":\"a/b/c\",\"seq\":1," AT("20") ",\"quantity\":\"weight\",\"value\":1}" TAIL, "device");
	static const char *const NAMES[] = { "", "/", "/a", "a/" };
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		char text[300];
		snprintf(text, sizeof(text), HEAD "{\"device\":\"%s\",\"seq\":1," AT("20") ",\"quantity\":\"weight\",\"value\":1}" TAIL, NAMES[i]);
		refused(text, "device");
	}
	refused(HEAD "{\"device\":\"a\",\"seq\":1," AT("20") ",\"quantity\":\"mood\",\"value\":1}" TAIL, "quantity");
	refused(HEAD "{\"device\":\"a\",\"seq\":1," AT("20") ",\"quantity\":\"door\",\"value\":0.5}" TAIL, "closed");
	refused(HEAD "{\"device\":\"a\",\"seq\":1," AT("20") ",\"quantity\":\"position\",\"lat\":91,\"lon\":0}" TAIL,
		"lat");
	refused(HEAD "{\"device\":\"a\",\"seq\":1," AT("20") ",\"quantity\":\"position\",\"value\":1}" TAIL, "value");
	refused(HEAD "{\"device\":\"a\",\"seq\":1,\"time\":\"2026-03-16T14:20:00\",\"quantity\":\"weight\",\"value\":1}"
		TAIL, "time");
	refused(HEAD "{\"device\":\"a\",\"seq\":1," AT("20") ",\"quantity\":\"weight\",\"value\":1,\"x\":1}" TAIL,
		"readings[0].x");
	refused(HEAD "7" TAIL, "object");
	refused("{\"gateway\":\"G\",\"sequence\":1,\"from\":\"2026-03-16T14:20:00Z\",\"to\":\"2026-03-16T14:40:00Z\",\"readings\":{}}", "readings");
	refused("{\"gateway\":\"GW-ROT-1-LONGER-THAN-IT-MAY\",\"sequence\":1,\"from\":\"2026-03-16T14:20:00Z\","
		"\"to\":\"2026-03-16T14:40:00Z\",\"readings\":[]}", "gateway");
	refused("{\"gateway\":\"G\",\"sequence\":1,\"from\":\"2026-03-16T14:20:00Z\","
		"\"to\":\"2026-03-16T14:10:00Z\",\"readings\":[]}", "from");
}

static void test_thin(void **state)
{
	(void)state;
	/* 4 is missing, 5 comes twice, 3 comes late; two windows */
	struct raw_batch *b = parse(HEAD T(1, "20", "1") "," T(2, "21", "3") "," T(5, "29", "-2") ","
		T(5, "29", "9") "," T(3, "22", "2") "," T(6, "30", "4")
		",{\"device\":\"A-01\",\"seq\":9," AT("31") ",\"quantity\":\"position\",\"lat\":1,\"lon\":2}" TAIL);
	struct raw_thin *t = raw_thin(&arena, b, RAW_WINDOW_DEFAULT);
	assert_int_equal(t->device_count, 2);
	assert_string_equal(t->devices[0].device, "A-01");
	const struct raw_device *d = &t->devices[1];
	assert_string_equal(d->device, "T-01");
	assert_int_equal(d->readings, 5);
	assert_int_equal(d->first_seq, 1);
	assert_int_equal(d->last_seq, 6);
	assert_int_equal(d->missing, 1);
	assert_int_equal(d->duplicates, 1);
	assert_int_equal(d->disordered, 1);
	assert_int_equal(t->window_count, 3);
	assert_int_equal(t->windows[0].lat, 10000000);
	const struct raw_window *w = &t->windows[1];
	assert_int_equal(w->from, b->from);
	assert_int_equal(w->count, 4);
	assert_int_equal(w->least, -2000);
	assert_int_equal(w->greatest, 3000);
	assert_int_equal(w->last, -2000); /* the first of two with one number counts */
	assert_int_equal(w->last_at - w->first_at, 9 * INSTANT_MINUTE);
	assert_int_equal(w->first_seq, 1);
	assert_int_equal(w->last_seq, 5);
	assert_int_equal(t->windows[2].from, b->from + RAW_WINDOW_DEFAULT);
	assert_int_equal(t->windows[2].count, 1);
	assert_true(hash_eq(&t->digest, &b->digest));
	t = raw_thin(&arena, b, INSTANT_HOUR);
	assert_int_equal(t->window_count, 2);
	/* one device that measures two things, and another: each has its windows */
	t = raw_thin(&arena, parse(HEAD T(1, "20", "1") ",{\"device\":\"T-01\",\"seq\":2," AT("21")
		",\"quantity\":\"weight\",\"value\":2},{\"device\":\"T-02\",\"seq\":1," AT("22")
		",\"quantity\":\"weight\",\"value\":3}" TAIL), INSTANT_HOUR);
	assert_int_equal(t->window_count, 3);
	t = raw_thin(&arena, parse(HEAD TAIL), RAW_WINDOW_DEFAULT);
	assert_int_equal(t->window_count + t->device_count, 0);
	struct hash nothing = hash_of("", 0);
	assert_true(hash_eq(&t->root, &nothing));
}

static void test_windows_before_1970(void **state)
{
	(void)state;
	struct raw_reading r = { .device = "T", .seq = 1, .time = -1, .quantity = RAW_WEIGHT };
	struct raw_batch b = { .readings = &r, .count = 1 };
	assert_int_equal(raw_thin(&arena, &b, RAW_WINDOW_DEFAULT)->windows[0].from, -RAW_WINDOW_DEFAULT);
}

static void test_proofs(void **state)
{
	struct hash leaves[21], path[RAW_PATH_MAX];
	(void)state;
	for (int i = 0; i < 21; i++) {
		struct raw_reading r = { .device = "T-01", .seq = i + 1, .value = i };
		leaves[i] = raw_leaf(&r);
	}
	for (int n = 1; n <= 21; n++) {
		struct hash root = raw_root(leaves, n);
		for (int i = 0; i < n; i++) {
			int length = raw_path(leaves, n, i, path);
			assert_true(raw_path_holds(&leaves[i], i, n, path, length, &root));
			assert_false(raw_path_holds(&leaves[(i + 1) % 21], i, n, path, length, &root));
			assert_false(raw_path_holds(&leaves[i], i, n, path, length + 1, &root));
			if (length > 0) {
				assert_false(raw_path_holds(&leaves[i], i, n, path, length - 1, &root));
				path[0].bytes[0] ^= 1;
				assert_false(raw_path_holds(&leaves[i], i, n, path, length, &root));
			}
		}
		assert_false(raw_path_holds(&leaves[0], n, n, path, 0, &root));
	}
	/* RFC 6962: a tree of two is the hash of 0x01 and both */
	char one = 1;
	struct part parts[] = { { &one, 1 }, { &leaves[0], HASH_SIZE }, { &leaves[1], HASH_SIZE } };
	struct hash two = hash_parts(parts, 3), root = raw_root(leaves, 2);
	assert_true(hash_eq(&two, &root));
}

/* --- watches ---------------------------------------------------------------------------------------- */

static const int64_t start = INT64_C(1773669600000000);

static struct watch_rule frozen_goods(void)
{
	struct watch_rule rule = watch_rule_default(RAW_TEMPERATURE);
	rule.has_low = rule.has_high = true;
	rule.low = -25000;
	rule.high = -15000;
	rule.stuck_count = 4;
	return rule;
}

/* One reading a minute, heard at once. */
static unsigned step(struct watch_state *s, const struct watch_rule *rule, int64_t seq, int64_t value)
{
	int64_t at = start + seq * INSTANT_MINUTE;
	return watch_step(s, rule, seq, value, at, at + INSTANT_SECOND);
}

static void test_band(void **state)
{
	struct watch_state s = watch_begin();
	struct watch_rule rule = frozen_goods();
	(void)state;
	assert_int_equal(step(&s, &rule, 1, -18000), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 2, -15000), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 3, -14999), WATCH_OVER);
	assert_int_equal(step(&s, &rule, 4, -20000), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 5, -25001), WATCH_UNDER);
	assert_int_equal(s.readings, 5);
}

static void test_jump(void **state)
{
	struct watch_state s = watch_begin();
	struct watch_rule rule = frozen_goods();
	(void)state;
	assert_int_equal(step(&s, &rule, 1, -18000), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 2, 40000), WATCH_JUMP);
	assert_int_equal(s.last, -18000); /* not believed */
	assert_int_equal(step(&s, &rule, 3, -18500), WATCH_NONE);
	/* a level that stays is believed from the third reading on */
	assert_int_equal(step(&s, &rule, 4, 20000), WATCH_JUMP);
	assert_int_equal(step(&s, &rule, 5, 20500), WATCH_JUMP);
	assert_int_equal(step(&s, &rule, 6, 20400), WATCH_OVER);
	assert_int_equal(s.last, 20400);
	/* over a longer time more is allowed */
	struct watch_state t = watch_begin();
	assert_int_equal(step(&t, &rule, 1, -25000), WATCH_NONE);
	assert_int_equal(watch_jump(&rule, &t, -10000, t.last_at + 2 * INSTANT_MINUTE), WATCH_NONE);
	assert_int_equal(watch_jump(&rule, &t, -10000, t.last_at + INSTANT_MINUTE), WATCH_JUMP);
	assert_int_equal(watch_jump(&rule, &t, INT64_MAX, t.last_at + 1), WATCH_JUMP);
	/* a new level is one whose readings are within a jump of each other, and no further apart */
	struct watch_state u = watch_begin();
	assert_int_equal(step(&u, &rule, 1, -18000), WATCH_NONE);
	for (int i = 2; i <= 3; i++)
		assert_int_equal(step(&u, &rule, i, 10000 * i), WATCH_JUMP);
	assert_int_equal(step(&u, &rule, 4, 40001), WATCH_JUMP);
	assert_int_equal(step(&u, &rule, 5, 50001), WATCH_JUMP);
	assert_int_equal(step(&u, &rule, 6, 60001), WATCH_OVER);
	/* a door has none */
	struct watch_state door = watch_begin();
	struct watch_rule doors = watch_rule_default(RAW_DOOR);
	assert_int_equal(step(&door, &doors, 1, 0), WATCH_NONE);
	assert_int_equal(step(&door, &doors, 2, 1000), WATCH_NONE);
}

static void test_stuck(void **state)
{
	struct watch_state s = watch_begin();
	struct watch_rule rule = frozen_goods();
	(void)state;
	for (int i = 1; i <= 3; i++)
		assert_int_equal(step(&s, &rule, i, -18000), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 4, -18000), WATCH_STUCK);
	assert_int_equal(s.equal_run, 4);
	assert_int_equal(step(&s, &rule, 5, -18001), WATCH_NONE);
	assert_int_equal(s.equal_run, 1);
	rule.stuck_count = 0; /* not asked for */
	assert_int_equal(step(&s, &rule, 6, -18001), WATCH_NONE);
}

static void test_gap_and_sequence(void **state)
{
	struct watch_state s = watch_begin();
	struct watch_rule rule = frozen_goods();
	(void)state;
	assert_int_equal(watch_silence(&s, &rule, start), WATCH_NONE);
	assert_int_equal(step(&s, &rule, 1, -18000), WATCH_NONE);
	assert_int_equal(watch_silence(&s, &rule, s.last_at + 30 * INSTANT_MINUTE), WATCH_NONE);
	assert_int_equal(watch_silence(&s, &rule, s.last_at + 30 * INSTANT_MINUTE + 1), WATCH_GAP);
	assert_int_equal(step(&s, &rule, 1, -18000), WATCH_DUPLICATE);
	assert_int_equal(step(&s, &rule, 3, -18100), WATCH_MISSING);
	assert_int_equal(step(&s, &rule, 2, -18200), WATCH_DISORDER);
	assert_int_equal(s.last, -18100);
	assert_int_equal(step(&s, &rule, 40, -18000), WATCH_MISSING | WATCH_GAP);
	assert_int_equal(s.readings, 3);
	/* the next number, but an earlier time */
	assert_int_equal(watch_sequence(&s, 41, s.last_at), WATCH_NONE);
	assert_int_equal(watch_sequence(&s, 41, s.last_at - 1), WATCH_DISORDER);
	assert_int_equal(watch_sequence(&s, 42, s.last_at - 1), WATCH_MISSING | WATCH_DISORDER);
}

static void test_skew(void **state)
{
	struct watch_rule rule = frozen_goods();
	(void)state;
	assert_int_equal(watch_skew(&rule, start + 5 * INSTANT_SECOND, start), WATCH_NONE);
	assert_int_equal(watch_skew(&rule, start + 5 * INSTANT_SECOND + 1, start), WATCH_SKEW);
	assert_int_equal(watch_skew(&rule, start - INSTANT_HOUR, start), WATCH_NONE); /* kept over an outage */
	rule.late_us = INSTANT_MINUTE;
	assert_int_equal(watch_skew(&rule, start - 30 * INSTANT_SECOND, start), WATCH_SKEW);
	assert_int_equal(watch_skew(&rule, start - 5 * INSTANT_SECOND, start), WATCH_NONE);
	assert_int_equal(watch_skew(&rule, start - INSTANT_MINUTE, start), WATCH_SKEW);
	assert_int_equal(watch_skew(&rule, start - INSTANT_MINUTE - 1, start), WATCH_NONE);
	struct watch_state s = watch_begin();
	assert_int_equal(watch_step(&s, &rule, 1, -18000, start + INSTANT_MINUTE, start), WATCH_SKEW);
	assert_int_equal(s.readings, 0);
	assert_int_equal(s.last_seq, 1);
}

static void test_codes(void **state)
{
	(void)state;
	assert_string_equal(watch_code(WATCH_STUCK), "stuck");
	assert_string_equal(watch_code(WATCH_NONE), "");
	assert_int_equal(watch_worst(WATCH_GAP | WATCH_OVER), WATCH_OVER);
	assert_int_equal(watch_worst(0), WATCH_NONE);
	for (int bit = 0; bit < WATCH_COUNT; bit++) {
		assert_true(watch_code((enum watch_anomaly)(1 << bit))[0]);
		assert_true(strlen(watch_code((enum watch_anomaly)(1 << bit))) < 16);
		assert_true(watch_sentence((enum watch_anomaly)(1 << bit))[0]);
		for (int other = 0; other < bit; other++)
			assert_string_not_equal(watch_sentence((enum watch_anomaly)(1 << bit)), watch_sentence((enum watch_anomaly)(1 << other)));
	}
	assert_string_equal(watch_sentence(WATCH_NONE), "");
}

static void test_state_survives(void **state)
{
	struct watch_state s = watch_begin(), back;
	struct watch_rule rule = frozen_goods();
	struct buf b = { 0 };
	(void)state;
	step(&s, &rule, 1, -18000);
	step(&s, &rule, 2, 30000);
	watch_encode(&s, &b);
	assert_true(watch_decode(buf_view(&b), &back));
	assert_int_equal(step(&back, &rule, 3, 30000), step(&s, &rule, 3, 30000));
	assert_int_equal(back.doubtful, 2);
	assert_memory_equal(&back, &s, sizeof(s));
	b.len--;
	assert_false(watch_decode(buf_view(&b), &back));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse), cmocka_unit_test(test_refusals), cmocka_unit_test(test_thin),
		cmocka_unit_test(test_windows_before_1970), cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_band), cmocka_unit_test(test_jump), cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_gap_and_sequence), cmocka_unit_test(test_skew),
		cmocka_unit_test(test_codes), cmocka_unit_test(test_state_survives),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
