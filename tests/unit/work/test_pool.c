/* Threads: every item once, in whatever order; waiting for items, ending early, a job beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "work/pool.h"

enum { ITEMS = 5000 };

struct squares {
	uint64_t out[ITEMS];
	atomic_uint times[ITEMS];
	atomic_size_t begun;
};

static void square(void *ctx, size_t i)
{
	struct squares *s = ctx;
	atomic_fetch_add(&s->begun, 1);
	atomic_fetch_add(&s->times[i], 1);
	for (uint64_t k = 0; k < 200; k++)
		s->out[i] += i; /* long enough that threads meet */
}

static void every_item_once(void **state)
{
	(void)state;
	for (size_t threads = 1; threads <= 8; threads++) {
		struct pool *p = pool_new(threads);
		assert_in_range(pool_threads(p), 1, threads);
		for (int round = 0; round < 20; round++) {
			struct squares *s = calloc(1, sizeof(*s));
			struct pool_run *r = pool_begin(p, square, s, ITEMS);
			for (size_t i = 0; i < ITEMS; i++) {
				pool_wait(r, i);
				assert_int_equal(s->out[i], 200 * i);
			}
			pool_end(r);
			for (size_t i = 0; i < ITEMS; i++)
				assert_int_equal(s->times[i], 1);
			free(s);
		}
		pool_free(p);
	}
}

static void all_of_them(void **state)
{
	(void)state;
	struct pool *p = pool_new(3);
	struct squares *s = calloc(1, sizeof(*s));
	pool_all(p, square, s, ITEMS);
	assert_int_equal(s->begun, ITEMS);
	pool_all(p, square, s, 0);
	assert_int_equal(s->begun, ITEMS);
	free(s);
	pool_free(p);
}

/* Who ends a run early may take down what the items write to: no worker is inside any more. */
static void ends_early(void **state)
{
	(void)state;
	struct pool *p = pool_new(4);
	for (size_t wanted = 0; wanted < 200; wanted++) {
		struct squares *s = calloc(1, sizeof(*s));
		struct pool_run *r = pool_begin(p, square, s, ITEMS);
		pool_wait(r, wanted);
		pool_end(r);
		size_t begun = s->begun, done = 0;
		for (size_t i = 0; i < ITEMS; i++)
			done += s->out[i] == 200 * i && s->times[i] == 1;
		assert_true(begun > wanted);
		assert_int_equal(done, begun);
		assert_int_equal(s->begun, begun);
		free(s);
	}
	pool_free(p);
}

static void add_one(void *ctx)
{
	*(int *)ctx += 1;
}

static void a_job_beside(void **state)
{
	(void)state;
	int count = 0;
	struct pool_side *s = pool_side_new();
	assert_non_null(s);
	pool_side_finish(s);
	for (int i = 1; i <= 2000; i++) {
		pool_side_start(s, add_one, &count);
		pool_side_finish(s);
		assert_int_equal(count, i);
	}
	pool_side_start(s, add_one, &count);
	pool_side_free(s);
	assert_int_equal(count, 2001);
	pool_side_free(NULL);
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_once),
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(ends_early),
		cmocka_unit_test(a_job_beside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
