/* Approvals stand for terms (SOD-4), policies ask above a limit, and calls count acts that still stand. */
#include "contract_test.h"

#include "identity/rights.h"

static const char *const D = "DL-01";

static void acts(struct bench *b, const char *who, enum role role, const char *party, const char *act, const char *detail)
{
	bench_next(b);
	b->turn.actor_role = role;
	snprintf(b->turn.actor, sizeof(b->turn.actor), "%s", who);
	snprintf(b->turn.actor_party, sizeof(b->turn.actor_party), "%s", party);
	act_record(&b->turn, D, act, detail);
}

static struct deal deal_of(int64_t amount, enum deal_state state)
{
	struct deal d = { .id = "DL-01", .amount = amount, .funder = "NOORDZEE", .party = "KESTREL", .warehouse = "WAALHAVEN", .currency = "EUR" };
	d.state = state;
	return d;
}

static bool approved(const struct bench *b)
{
	return act_done_by(b->tabs, D, "t.okafor", "approve");
}

static void approvals_fall_with_terms(void **state)
{
	struct bench *b = *state;
	struct deal was = deal_of(100, DEAL_APPROVED), is = was;
	struct proof p = { .id = "DL-01/approval", .deal = "DL-01", .state = PROOF_ACCEPTED };
	tab_put(b->tabs, &PROOF_REC, &p);
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "approve", "approve");
	is.ev = 7; /* a price moved: no terms */
	is.version = 9;
	deal_terms_changed(&b->turn, &was, &is);
	assert_true(approved(b));
	is.amount = 101;
	deal_terms_changed(&b->turn, &was, &is);
	assert_false(approved(b));
	assert_int_equal(((const struct proof *)tab_get(b->tabs, &PROOF_REC, "DL-01/approval"))->state, PROOF_EXPIRED);
}

static void what_is_paid_stays_approved(void **state)
{
	struct bench *b = *state;
	struct deal was = deal_of(100, DEAL_FUNDED), is = was;
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "approve", "approve");
	is.amount = 50;
	deal_terms_changed(&b->turn, &was, &is);
	assert_true(approved(b));
	was.state = DEAL_DISBURSING; /* the payment itself sets the due day */
	is = was;
	is.state = DEAL_FUNDED;
	is.due_day = 20000;
	deal_terms_changed(&b->turn, &was, &is);
	assert_true(approved(b));
}

static void asks_above_a_limit(void **state)
{
	struct bench *b = *state;
	struct param two = { .id = "authority.two", .value = 500 };
	struct endorse_policy p;
	struct fault fault;
	tab_put(b->tabs, &PARAM_REC, &two);
	assert_int_equal(endorse_parse(STR("above authority.two: 1 of CHAIR"), &p, &fault), ERR_OK);
	assert_false(endorse_binds(b->tabs, &p, 500));
	assert_true(endorse_binds(b->tabs, &p, 501));
	assert_int_equal(endorse_parse(STR("above 10: 1 of CHAIR"), &p, &fault), ERR_OK);
	assert_false(endorse_binds(b->tabs, &p, 10));
	assert_int_equal(endorse_parse(STR("1 of CHAIR"), &p, &fault), ERR_OK);
	assert_true(endorse_binds(b->tabs, &p, 0));
}

static void calls_count_standing_acts(void **state)
{
	struct bench *b = *state;
	struct deal d = deal_of(100, DEAL_RELEASING);
	bench_next(b);
	assert_int_equal(endorse_state(&b->turn, "call/x.go", "x", 1, STR("1 of OPC@funder and 1 of WHM@warehouse, not affiliated, by release-goods")),
		REFUSED_NOT);
	assert_int_equal(endorse_call(&b->turn, "x.go", &d), REFUSED_ENDORSEMENTS_FEW);
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "release-goods", "reject");
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "count", "done");
	acts(b, "j.kuiper", ROLE_WHM, "WAALHAVEN", "release-goods", "done");
	assert_int_equal(endorse_call(&b->turn, "x.go", &d), REFUSED_ENDORSEMENTS_FEW);
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "release-goods", "approve");
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "release-goods", "approve"); /* once more is no second person, and no harm */
	assert_int_equal(endorse_call(&b->turn, "x.go", &d), REFUSED_NOT);
	assert_int_equal(endorse_call(&b->turn, "x.other", &d), REFUSED_NOT);
}

/* Colleagues of one house are two, unless "not affiliated" is asked. */
static void colleagues_count_each(void **state)
{
	struct bench *b = *state;
	struct deal d = deal_of(100, DEAL_RELEASING);
	bench_next(b);
	assert_int_equal(endorse_state(&b->turn, "call/x.two", "x", 1, STR("2 of OPC@funder, by release-goods")), REFUSED_NOT);
	acts(b, "t.okafor", ROLE_OPC, "NOORDZEE", "release-goods", "approve");
	assert_int_equal(endorse_call(&b->turn, "x.two", &d), REFUSED_ENDORSEMENTS_FEW);
	acts(b, "s.brink", ROLE_OPC, "NOORDZEE", "release-goods", "approve");
	assert_int_equal(endorse_call(&b->turn, "x.two", &d), REFUSED_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)
		T(approvals_fall_with_terms), T(what_is_paid_stays_approved), T(asks_above_a_limit), T(calls_count_standing_acts),
		T(colleagues_count_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
