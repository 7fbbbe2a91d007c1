/* A turn: what is read once in an event. */
#include "unit.h"

#include "base/turn.h"

static void begin(struct turn *t, struct arena *a)
{
	const struct hash seed = { { 1 } };

	turn_begin(t, NULL, a, 1, 1, &seed);
}

/* One text has one tree, wherever its bytes lie; another has its own, and what is no JSON is refused each time. */
static void test_read_once(void **state)
{
	struct arena a = { 0 };
	struct turn t;
	struct fault fault;
	const struct json *first, *again = NULL, *other;
	char text[] = "{\"amount\":\"12.50\"}";

	(void)state;
	begin(&t, &a);
	assert_int_equal(turn_json(&t, STR("{\"amount\":\"12.50\"}"), &first, &fault), ERR_OK);
	assert_int_equal(turn_json(&t, str_of(text), &again, &fault), ERR_OK);
	assert_ptr_equal(first, again);
	text[11] = '9';
	assert_int_equal(turn_json(&t, str_of(text), &other, &fault), ERR_OK);
	assert_ptr_not_equal(first, other);
	assert_true(str_is(json_str(first, "amount"), "12.50"));
	assert_true(str_is(json_str(other, "amount"), "92.50"));
	text[11] = '8'; /* the turn keeps bytes of its own */
	assert_int_equal(turn_json(&t, str_of(text), &again, &fault), ERR_OK);
	assert_true(str_is(json_str(again, "amount"), "82.50"));
	for (int i = 0; i < 2; i++) {
		assert_int_not_equal(turn_json(&t, STR("{\"amount\":"), &again, &fault), ERR_OK);
		assert_non_null(strstr(fault.text, "1:"));
	}
	arena_free(&a);
}

/* However many are read, each answer is the tree of its text; the next event knows nothing of this one. */
static void test_read_many(void **state)
{
	struct arena a = { 0 };
	struct turn t;
	struct fault fault;
	char text[32], want[8];

	(void)state;
	begin(&t, &a);
	for (int i = 0; i < 6 * TURN_READS; i++) {
		const struct json *root;

		snprintf(want, sizeof want, "%d", i % (TURN_READS + 2));
		snprintf(text, sizeof text, "{\"n\":\"%s\"}", want);
		assert_int_equal(turn_json(&t, str_of(text), &root, &fault), ERR_OK);
		assert_true(str_is(json_str(root, "n"), want));
	}
	arena_reset(&a);
	begin(&t, &a);
	assert_int_equal(t.read_count, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_once),
		cmocka_unit_test(test_read_many),
	};

	return RUN_GROUP(tests);
}
