/* Both financings through the engine with real signatures: states, journals to the cent, limits, tokens; what
 * must hold after every event; and that the same entries, or a snapshot, give the same state again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/engine/one_desk.h"

static void look(void *ctx, const struct engine_out *out)
{
	const struct desk *d = ctx;
	char why[300];
	if (!desk_holds(d, why))
		fail_msg("after entry %llu: %s", (unsigned long long)out->entry.number, why);
}

static int open_looking(void **state)
{
	open_desk(state);
	desk.ordered = look;
	desk.ctx = &desk;
	return 0;
}

static const void *get(const struct rec_type *t, const char *key)
{
	return tab_get(engine_tabs(desk.engine), t, key);
}

static void deal_is(const char *deal, int64_t state)
{
	const struct deal *d = desk_deal(&desk, deal);
	assert_non_null(d);
	assert_string_equal(DEAL_STATE_NAMES[d->state], DEAL_STATE_NAMES[state]);
}

/* Debit less credit of an account of the book, minor units. */
static void account_is(int number, int64_t want)
{
	int64_t have = book_balance(engine_tabs(desk.engine), "NOORDZEE", number, "EUR");
	if (have != want)
		fail_msg("account %d: %lld, not %lld", number, (long long)have, (long long)want);
}

static void limit_is(const char *id, int64_t used, int64_t reserved)
{
	const struct limit *l = get(&LIMIT_REC, id);
	assert_int_equal(l->used, used);
	assert_int_equal(l->reserved, reserved);
}

static size_t tokens_of(const char *deal)
{
	size_t n = 0;
	TAB_FOR(token, k, engine_tabs(desk.engine), &TOKEN_REC, "")
		n += strcmp(k->deal, deal) == 0;
	TAB_FOR(timer, x, engine_tabs(desk.engine), &TIMER_REC, "")
		n += strcmp(x->deal, deal) == 0;
	TAB_FOR(task, t, engine_tabs(desk.engine), &TASK_REC, "")
		n += desk_open_task(t) && strcmp(t->deal, deal) == 0;
	return n;
}

/* --- example A: a purchase of 1,000,000.00 at 6 % over 90 days ------------------------------------------------ */

static void a_purchase_from_request_to_settled(void **state)
{
	char id[ID_MAX];
	(void)state;
	desk_deal_id(id, 1);
	is(receivables_request(&desk, id, "1001", "1001"), REFUSED_NOT);
	deal_is(id, DEAL_CONFIRM_WAIT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	deal_is(id, DEAL_MATCHED);
	const struct deal *d = desk_deal(&desk, id);
	assert_int_equal(d->discount, 1500000);
	assert_int_equal(d->fee, 100000);
	assert_int_equal(d->payout, 98400000);
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	deal_is(id, DEAL_ACCEPTED);
	act(&desk, "t.okafor", id, "A11", "approve", "{}");
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11b"), "approve", "", "{}"), REFUSED_ROLE);
	act(&desk, "m.dahl", id, "A11b", "approve", "{}");
	deal_is(id, DEAL_APPROVED);
	limit_is("NOORDZEE/HALVORSEN", 0, 100000000);
	account_is(9000, 98400000);
	answer(&desk, id, "assign.register", "{\"number\":\"77-1184\"}");
	deal_is(id, DEAL_DISBURSING);
	act(&desk, "r.lindt", id, "A13r", "approve", "{}");
	account_is(1210, 100000000);
	account_is(1215, -1500000);
	account_is(1216, -100000);
	account_is(1100, -98400000);
	account_is(9000, 0);
	limit_is("NOORDZEE/HALVORSEN", 100000000, 0);
	answer(&desk, id, "bank.pay", "{\"executed\":true}");
	deal_is(id, DEAL_COLLECTING);
	account_is(1100, 0);
	account_is(1000, -98400000);
	desk_pass(&desk, desk.now + 30 * INSTANT_DAY); /* a third of the discount is earned: 30 of 90 days */
	account_is(4010, -500000);
	account_is(1215, -1000000);
	told(&desk, "BANKNET", id, "obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}");
	deal_is(id, DEAL_SETTLED);
	account_is(1210, 0);
	account_is(1215, 0);
	account_is(1216, 0);
	account_is(4010, -1500000);
	account_is(4020, -100000);
	account_is(1000, 1600000); /* what the purchase brought */
	limit_is("NOORDZEE/HALVORSEN", 0, 0);
	assert_int_equal(tokens_of(id), 0);
	const struct instance *i = get(&INSTANCE_REC, desk_deal(&desk, id)->instance);
	assert_true(!i || i->state == INSTANCE_DONE);
}

static void nothing_confirmed_is_rejected_and_undone(void **state)
{
	char id[ID_MAX];
	(void)state;
	desk_deal_id(id, 1);
	is(receivables_request(&desk, id, "1001", "1001"), REFUSED_NOT);
	is(desk_reply(&desk, desk_effect(&desk, id, "debt.request"), "debt-refused", "{}"), REFUSED_NOT);
	deal_is(id, DEAL_REJECTED);
	assert_int_equal(tokens_of(id), 0);
	is(receivables_request(&desk, desk_deal_id(id, 2), "1002", "1001"), REFUSED_NOT); /* the paper is free again */
	deal_is(id, DEAL_CONFIRM_WAIT);
}

static void silence_of_the_debtor_ends_it(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	desk_pass(&desk, desk.now + 4 * INSTANT_DAY);
	deal_is(id, DEAL_REJECTED);
	assert_string_equal(desk_deal(&desk, id)->reason, "timeout");
	assert_int_equal(tokens_of(id), 0);
}

static void a_payment_comes_back_after_the_pivot(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	receivables_fund(&desk, id);
	told(&desk, "BANKNET", id, "payment.returned", "{\"code\":\"AC04\"}");
	deal_is(id, DEAL_PAY_RETURNED);
	account_is(2020, -98400000);
	const struct task *k = desk_task(&desk, id, "E14");
	assert_non_null(k);
	assert_int_equal(desk_deal(&desk, id)->level, 3);
	is(desk_decide(&desk, "k.bos", desk_task(&desk, id, "A14z"), "done", "", "{\"account_checked\":true}"), REFUSED_SUSPENDED);
	is(desk_decide(&desk, "k.bos", k, "close", "called back, the account is right", "{}"), REFUSED_NOT);
	const struct alert *a = tab_first(engine_tabs(desk.engine), &ALERT_REC, "");
	if (!a->closed_at) { /* treasury may not lift: risk does */
		struct ev_hold close = { .outcome = "closed", .reason = "called back" };
		memcpy(close.object, a->id, sizeof(a->id));
		is(desk_send(&desk, EVENT_CLOSE, "operator/n.aalbers", id, &close), REFUSED_NOT);
	}
	act(&desk, "k.bos", id, "A14z", "done", "{\"account_checked\":true}");
	answer(&desk, id, "bank.pay", "{\"executed\":true}");
	deal_is(id, DEAL_COLLECTING);
	account_is(2020, 0);
	account_is(1000, -98400000);
}

/* --- example B: a loan against copper --------------------------------------------------------------------------- */

static void a_pledge_from_request_to_closed(void **state)
{
	char id[ID_MAX];
	(void)state;
	desk_deal_id(id, 2);
	is(pledge_request(&desk, id, "CSQU3054383"), REFUSED_NOT);
	deal_is(id, DEAL_PRE_LIMIT);
	limit_is("NOORDZEE/KESTREL", 0, 150000000);
	pledge_goods(&desk, id);
	deal_is(id, DEAL_VALUED);
	assert_int_equal(desk_deal(&desk, id)->ev, 300000000);
	account_is(9100, 300000000);
	act(&desk, "t.okafor", id, "B11", "approve", "{}");
	act(&desk, "m.dahl", id, "B11b", "approve", "{}");
	deal_is(id, DEAL_DISBURSING);
	act(&desk, "r.lindt", id, "B13r", "approve", "{}");
	answer(&desk, id, "bank.pay", "{\"executed\":true}");
	deal_is(id, DEAL_FUNDED);
	account_is(1200, 150000000);
	account_is(1000, -150000000);
	assert_int_equal(desk_deal(&desk, id)->ltv, 5000);
	desk_pass(&desk, desk.now + 10 * INSTANT_DAY); /* 7.2 % of 1,500,000 over 360 days: 300.00 a day */
	account_is(1220, 300000);
	assert_int_equal(desk_deal(&desk, id)->level, 2); /* no source spoke for ten days */
	is(desk_price(&desk, "copper", 600000), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->level, 0);
	told(&desk, "BANKNET", id, "borrower.paid", "{\"amount\":\"1503000.00\",\"payer\":\"KESTREL\"}");
	deal_is(id, DEAL_RELEASING);
	act(&desk, "s.brink", id, "B17", "approve", "{}");
	act(&desk, "j.kuiper", id, "B17w", "done", "{\"quantity\":\"500\"}");
	deal_is(id, DEAL_CLOSED);
	account_is(1200, 0);
	account_is(1220, 0);
	account_is(9100, 0);
	account_is(1000, 300000);
	account_is(4000, -300000);
	limit_is("NOORDZEE/KESTREL", 0, 0);
	assert_int_equal(tokens_of(id), 0);
	assert_int_equal(((const struct receipt *)tab_first(engine_tabs(desk.engine), &RECEIPT_REC, ""))->state, RECEIPT_DELIVERED);
}

static void a_price_fall_calls_margin_and_is_cured(void **state)
{
	char id[ID_MAX], json[80], money[MONEY_TEXT_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(id, 2), "CSQU3054383"), REFUSED_NOT);
	pledge_fund(&desk, id);
	for (int64_t price = 560000; price >= 360000; price -= 20000) /* slower than a jump */
		is(desk_price(&desk, "copper", price), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->zone, ZONE_CALL);
	deal_is(id, DEAL_FUNDED);
	act(&desk, "i.vermeer", id, "B14m", "approve", "{}");
	deal_is(id, DEAL_MARGIN_CALL);
	const struct effect *e = desk_effect(&desk, id, "margin.demand");
	assert_non_null(e);
	money_format(desk_deal(&desk, id)->margin_due, "EUR", 0, money);
	money[strcspn(money, " ")] = 0;
	snprintf(json, sizeof(json), "{\"amount\":\"%s\"}", money);
	is(desk_reply(&desk, e, "ok", json), REFUSED_NOT);
	deal_is(id, DEAL_FUNDED);
	assert_int_equal(desk_deal(&desk, id)->zone, ZONE_NORMAL);
	assert_int_equal(desk_deal(&desk, id)->ltv, 6500);
	account_is(2010, -desk_deal(&desk, id)->margin_held);
}

static void a_short_count_is_recounted_and_cut(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(id, 2), "CSQU3054383"), REFUSED_NOT);
	told(&desk, "LEK", id, "goods.departed", "{}");
	told(&desk, "LEK", id, "goods.arrived", "{}");
	act(&desk, "j.kuiper", id, "B05", "done", "{\"quantity\":\"450\",\"packages\":9,\"damaged\":\"0\",\"labels\":[]}");
	assert_non_null(desk_task(&desk, id, "E07"));
	assert_int_equal(desk_deal(&desk, id)->level, 3);
	act(&desk, "c.mulder", id, "B05r", "done", "{\"quantity\":\"450\",\"packages\":9,\"method\":\"scale\"}");
	assert_int_equal(desk_deal(&desk, id)->amount, 135000000);
	told(&desk, "PORTASSAY", id, "certificate", "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"PORTASSAY\"}");
	answer(&desk, id, "pledge.file", "{\"number\":\"77-1185\",\"earlier\":false}");
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "B11"), "approve", "", "{}"), REFUSED_SUSPENDED);
	act(&desk, "i.vermeer", id, "E07", "close", "{}");
	assert_int_equal(desk_deal(&desk, id)->level, 0);
	act(&desk, "t.okafor", id, "B11", "approve", "{}");
}

static void one_heap_two_receipts(void **state)
{
	char first[ID_MAX], second[ID_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(first, 1), "HEAP"), REFUSED_NOT);
	pledge_goods(&desk, first);
	is(pledge_request(&desk, desk_deal_id(second, 2), "HEAP"), REFUSED_NOT);
	deal_is(second, DEAL_REJECTED);
	assert_int_equal(desk_deal(&desk, second)->amount, 150000000); /* what was asked for is kept */
	assert_int_equal(desk_deal(&desk, first)->level, 3);
	assert_int_equal(((const struct lot *)get(&LOT_REC, desk_deal(&desk, first)->lot))->level, 4);
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, first, "B11"), "approve", "", "{}"), REFUSED_SUSPENDED);
	is(desk_decide(&desk, "i.vermeer", desk_task(&desk, first, "E06"), "compensate", "one heap, two claims", "{}"), REFUSED_NOT);
	deal_is(first, DEAL_VALUED); /* the warehouse has to cancel its receipt */
	act(&desk, "j.kuiper", first, "B08u", "done", "{\"quantity\":\"500\"}");
	deal_is(first, DEAL_REVERSED);
	assert_int_equal(tokens_of(first), 0);
	limit_is("NOORDZEE/KESTREL", 0, 0);
	account_is(9100, 0);
}

static void goods_that_never_come_end_it(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(pledge_request(&desk, desk_deal_id(id, 1), "HEAP"), REFUSED_NOT);
	desk_pass(&desk, desk.now + 6 * INSTANT_DAY);
	deal_is(id, DEAL_REJECTED);
	assert_int_equal(tokens_of(id), 0);
	limit_is("NOORDZEE/KESTREL", 0, 0);
}

/* --- the same again ------------------------------------------------------------------------------------------------- */

static void run_both(struct desk *d)
{
	char id[ID_MAX];
	receivables_run(d, desk_deal_id(id, 1), "1001");
	pledge_run(d, desk_deal_id(id, 2), "CSQU3054383");
	is(receivables_request(d, desk_deal_id(id, 3), "1001", "1001"), REFUSED_CONTRACT_RESULT); /* the invoice is another deal's */
	is(receivables_request(d, desk_deal_id(id, 4), "1004", ""), REFUSED_NOT);
}

static void snapshots_restore_the_whole(void **state)
{
	struct buf bytes = { 0 };
	struct hash digest;
	char id[ID_MAX];
	size_t differs = 0;
	(void)state;
	run_both(&desk);
	engine_snapshot(desk.engine, &bytes);
	digest = engine_digest(desk.engine);
	struct engine *again = engine_new();
	assert_true(desk_replay(&desk, again, &differs));
	struct engine *e = engine_new();
	assert_false(engine_restore(e, buf_view(&bytes), desk.count - 1));
	/* a hash of the tree's edge, which follows numbers, chain hash and root */
	bytes.ptr[3 * 8 + 2 * HASH_SIZE + 40] ^= 1;
	assert_false(engine_restore(e, buf_view(&bytes), desk.count));
	bytes.ptr[3 * 8 + 2 * HASH_SIZE + 40] ^= 1;
	assert_false(engine_restore(e, (struct str){ bytes.ptr, bytes.len - 1 }, desk.count));
	assert_true(engine_restore(e, buf_view(&bytes), desk.count));
	struct hash now = engine_digest(e), root = merkle_root(engine_tree(e)), was = merkle_root(engine_tree(desk.engine));
	assert_memory_equal(now.bytes, digest.bytes, HASH_SIZE);
	assert_memory_equal(root.bytes, was.bytes, HASH_SIZE);
	assert_int_equal(engine_link(e)->next, desk.count);
	/* and it goes on as the first one does */
	engine_free(desk.engine);
	desk.engine = e;
	struct hash one, two;
	pledge_run(&desk, desk_deal_id(id, 5), "CSQU3054399");
	one = engine_digest(desk.engine);
	for (size_t i = (size_t)engine_link(again)->next; i < desk.count; i++) {
		struct engine_in in = { desk.log[i].stamp, 1, buf_view(&desk.log[i].envelope) };
		struct engine_out out;
		engine_step(again, &in, &out);
		assert_memory_equal(out.digests.chain.bytes, desk.log[i].chain.bytes, HASH_SIZE);
	}
	two = engine_digest(again);
	assert_memory_equal(one.bytes, two.bytes, HASH_SIZE);
	engine_free(again);
	buf_free(&bytes);
}

static void the_same_entries_give_the_same_state(void **state)
{
	static struct desk twin;
	size_t differs = 0;
	(void)state;
	run_both(&desk);
	struct engine *e = engine_new();
	if (!desk_replay(&desk, e, &differs))
		fail_msg("entry %zu comes out otherwise", differs);
	struct hash a = engine_digest(desk.engine), b = engine_digest(e);
	assert_memory_equal(a.bytes, b.bytes, HASH_SIZE);
	engine_free(e);
	desk_open(&twin); /* everything signed and run anew */
	twin.broken = desk_stopped;
	run_both(&twin);
	struct hash c = engine_digest(twin.engine);
	assert_memory_equal(a.bytes, c.bytes, HASH_SIZE);
	struct hash x = merkle_root(engine_tree(desk.engine)), y = merkle_root(engine_tree(twin.engine));
	assert_memory_equal(x.bytes, y.bytes, HASH_SIZE);
	desk_close(&twin);
}

static void entries_are_chained_and_in_the_tree(void **state)
{
	struct merkle *tree = merkle_new();
	struct entry_link link = entry_link_start();
	struct engine *e = engine_new();
	(void)state;
	for (size_t i = 0; i < desk.count; i++) {
		struct engine_in in = { desk.log[i].stamp, 1, buf_view(&desk.log[i].envelope) };
		struct engine_out out;
		struct entry_link after;
		struct entry_digests digests;
		struct fault fault;
		engine_step(e, &in, &out);
		assert_int_equal(entry_check_link(&link, &out.entry, &out.digests, &after, &digests, &fault), ENTRY_HOLDS);
		merkle_append(tree, &digests.leaf);
		link = after;
	}
	struct hash a = merkle_root(tree), b = merkle_root(engine_tree(desk.engine));
	assert_memory_equal(a.bytes, b.bytes, HASH_SIZE);
	assert_int_equal(engine_link(desk.engine)->next, link.next);
	merkle_free(tree);
	engine_free(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_looking, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_purchase_from_request_to_settled), T(nothing_confirmed_is_rejected_and_undone),
		T(silence_of_the_debtor_ends_it), T(a_payment_comes_back_after_the_pivot), T(a_pledge_from_request_to_closed),
		T(a_price_fall_calls_margin_and_is_cured), T(a_short_count_is_recounted_and_cut), T(one_heap_two_receipts),
		T(goods_that_never_come_end_it), T(snapshots_restore_the_whole), T(the_same_entries_give_the_same_state),
		T(entries_are_chained_and_in_the_tree) };
	return cmocka_run_group_tests_name("deals through the engine", tests, NULL, NULL);
}
