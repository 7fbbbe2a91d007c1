/* The tables of transitions: complete, without a row twice, and closed where the templates are. */
#include "contract_test.h"

static void tables(void **state)
{
	(void)state;
	for (int64_t kind = DEAL_RECEIVABLES; kind <= DEAL_PLEDGE; kind++) {
		size_t count;
		const struct transition *rows = lifecycle_rows(kind, &count);
		assert_true(count > 50);
		for (size_t i = 0; i < count; i++) {
			assert_ptr_equal(lifecycle_find(kind, rows[i].from, rows[i].to), &rows[i]); /* none twice */
			assert_true(rows[i].from != rows[i].to);
			assert_false(deal_state_final(rows[i].from) && rows[i].from != DEAL_LIQUIDATED);
		}
	}
	size_t count = 1;
	assert_null(lifecycle_rows(2, &count));
	assert_int_equal(count, 0);
	assert_null(lifecycle_find(-1, DEAL_NONE, DEAL_DRAFT));
	assert_null(lifecycle_find(2, DEAL_NONE, DEAL_DRAFT));
}

/* Every state that a template mentions is reached from NONE and leads to a final one. */
static void reachable(void **state)
{
	(void)state;
	for (int64_t kind = DEAL_RECEIVABLES; kind <= DEAL_PLEDGE; kind++) {
		bool reached[DEAL_STATE_COUNT] = { [DEAL_NONE] = true }, ends[DEAL_STATE_COUNT] = { false };
		size_t count;
		const struct transition *rows = lifecycle_rows(kind, &count);
		for (int round = 0; round < DEAL_STATE_COUNT; round++)
			for (size_t i = 0; i < count; i++) {
				reached[rows[i].to] = reached[rows[i].to] || reached[rows[i].from];
				ends[rows[i].from] = ends[rows[i].from] || deal_state_final(rows[i].to) || ends[rows[i].to];
			}
		for (size_t i = 0; i < count; i++) {
			assert_true(reached[rows[i].from]);
			assert_true(ends[rows[i].from]);
		}
	}
}

static void walk(int64_t kind, const int64_t *states, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!lifecycle_find(kind, states[i - 1], states[i]))
			fail_msg("%s > %s is missing", DEAL_STATE_NAMES[states[i - 1]], DEAL_STATE_NAMES[states[i]]);
}
#define WALK(kind, ...) walk(kind, (int64_t[]){ __VA_ARGS__ }, sizeof((int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void flows(void **state)
{
	(void)state;
	WALK(DEAL_RECEIVABLES, DEAL_NONE, DEAL_DRAFT, DEAL_SUBMITTED, DEAL_DOCS_OK, DEAL_UNIQUE, DEAL_CONFIRM_WAIT,
		DEAL_CONFIRMED, DEAL_SCORED, DEAL_OFFERED, DEAL_MATCHED, DEAL_ACCEPTED, DEAL_APPROVED, DEAL_ASSIGNED,
		DEAL_DISBURSING, DEAL_APPROVED, DEAL_DISBURSING, DEAL_FUNDED, DEAL_COLLECTING, DEAL_PAY_RETURNED,
		DEAL_DISBURSING, DEAL_FUNDED, DEAL_COLLECTING, DEAL_OVERDUE, DEAL_PART_COLLECTED, DEAL_SETTLED);
	WALK(DEAL_PLEDGE, DEAL_NONE, DEAL_APPLIED, DEAL_PRE_LIMIT, DEAL_INBOUND, DEAL_ARRIVED, DEAL_COUNTED,
		DEAL_INSPECTED, DEAL_LOT_CONFIRMED, DEAL_RECEIPT, DEAL_PLEDGED, DEAL_VALUED, DEAL_APPROVED, DEAL_CP_MET,
		DEAL_DISBURSING, DEAL_APPROVED, DEAL_CP_MET, DEAL_DISBURSING, DEAL_FUNDED, DEAL_MARGIN_CALL, DEAL_FUNDED,
		DEAL_REPAID, DEAL_RELEASING, DEAL_CLOSED);
	WALK(DEAL_PLEDGE, DEAL_FUNDED, DEAL_MARGIN_CALL, DEAL_ENFORCING, DEAL_LIQUIDATED, DEAL_CLOSED);
}

/* The pivot: before it everything may be taken back, after it nothing but money that came back. */
static void pivot(void **state)
{
	(void)state;
	for (int64_t kind = DEAL_RECEIVABLES; kind <= DEAL_PLEDGE; kind++) {
		size_t count;
		const struct transition *rows = lifecycle_rows(kind, &count);
		for (size_t i = 0; i < count; i++) {
			bool back = rows[i].to == DEAL_REJECTED || rows[i].to == DEAL_CANCELLED || rows[i].to == DEAL_REVERSED;
			assert_false(back && deal_state_funded(rows[i].from));
			assert_false(back && rows[i].outflow);
			if (!deal_state_funded(rows[i].from))
				assert_non_null(lifecycle_find(kind, rows[i].from, DEAL_REVERSED));
			if (rows[i].to == DEAL_DISBURSING || rows[i].to == DEAL_APPROVED)
				assert_int_equal(rows[i].outflow, rows[i].from != DEAL_DISBURSING);
		}
	}
	for (int64_t s = 0; s < DEAL_STATE_COUNT; s++) {
		assert_false(deal_state_paid(s) && !deal_state_funded(s));
		assert_false(deal_state_paid(s) && deal_state_final(s));
		assert_true(strlen(deal_state_words(s)) > 2);
	}
	assert_string_equal(deal_state_words(DEAL_STATE_COUNT), "unknown");
	assert_false(deal_state_final(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tables), cmocka_unit_test(reachable),
		cmocka_unit_test(flows), cmocka_unit_test(pivot) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
