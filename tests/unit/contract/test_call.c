/* Calls of contracts: what they read, plan, change and give back; what the core refuses; that a refusal
 * leaves no trace; that the same call gives the same outcome. */
#include "contract_test.h"

#define D "DL-1"

static const char *const SMALL =
	"call = {}\n"
	"function call.open(deal, args)\n"
	"  local amount = money(args.amount, args.currency)\n"
	"  set('deal', id(), { kind = 'receivables', party = args.party, currency = args.currency,\n"
	"    amount = amount, funder = 'NOORDZEE', maker = actor().id, opened_at = now() })\n"
	"  local inv = set('invoice', '', { amount = amount, number = norm(args.number), currency = args.currency,\n"
	"    debtor = 'HALVORSEN', due_day = day(args.due) })\n"
	"  set('deal', id(), { invoice = inv })\n"
	"  move('NONE', 'DRAFT')\n"
	"  move('DRAFT', 'SUBMITTED')\n"
	"  news('ok', 'request over ' .. format_money(amount, args.currency))\n"
	"  return { amount = number(amount), text = decimal(amount, 'EUR'), invoice = inv, big = amount > 100,\n"
	"    list = { 3, 1, 2 } }\n"
	"end\n"
	"function call.docs(deal, args)\n"
	"  local inv = get('invoice', deal.invoice)\n"
	"  if inv.number ~= 'INV77' then refuse('three-way-match', 'number is ' .. inv.number, inv.id) end\n"
	"  move('SUBMITTED', 'DOCS_OK')\n"
	"  event('docs', { ok = true })\n"
	"  effect('notify', deal.party, '', { text = 'documents hold' })\n"
	"  effect('debt.request', 'HALVORSEN', 'debt.confirmed', { amount = decimal(inv.amount) })\n"
	"end\n"
	"function call.far(deal, args) move('SUBMITTED', 'FUNDED') end\n";

static const char *const ARGS = "{\"amount\":\"1000000.00\",\"currency\":\"EUR\",\"party\":\"HANSA\","
	"\"number\":\"inv-0077\",\"due\":\"2026-06-14\"}";

static void end_to_end(void **state)
{
	struct bench *b = *state;
	const struct signal *s;
	bench_deploy(b, "small", SMALL);
	assert_done(b, bench_call(b, "small.open", D, ARGS));
	const struct deal *d = bench_deal(b, D);
	assert_int_equal(d->state, DEAL_SUBMITTED);
	assert_int_equal(d->amount, 100000000);
	assert_int_equal(d->version, 1);
	assert_string_equal(d->maker, "i.vermeer");
	const struct invoice *inv = tab_get(b->tabs, &INVOICE_REC, d->invoice);
	assert_non_null(inv);
	assert_string_equal(inv->deal, D);
	assert_string_equal(inv->number, "INV0077");
	char want[400];
	snprintf(want, sizeof(want), "{\"amount\":1000000.00,\"big\":true,\"invoice\":\"%s\",\"list\":[3,1,2],"
		"\"text\":\"1000000.00\"}", inv->id);
	assert_string_equal(b->result.ptr, want);
	s = turn_next_signal(&b->turn);
	assert_int_equal(s->kind, SIGNAL_STATE);
	assert_string_equal(s->code, "DRAFT");
	s = turn_next_signal(&b->turn);
	assert_int_equal(s->b, DEAL_SUBMITTED);
	assert_null(turn_next_signal(&b->turn));
	const struct news *n = tab_prev(b->tabs, &NEWS_REC, NULL);
	assert_string_equal(n->text, "request over 1,000,000.00 EUR");
	assert_int_equal(n->status, NEWS_OK);
}

static void refusal_leaves_no_trace(void **state)
{
	struct bench *b = *state;
	bench_deploy(b, "small", SMALL);
	assert_done(b, bench_call(b, "small.open", D, ARGS));
	struct hash before = tabs_digest(b->tabs);
	assert_refused(b, bench_call(b, "small.docs", D, "{}"), REFUSED_THREE_WAY);
	struct hash after = tabs_digest(b->tabs);
	assert_true(hash_eq(&before, &after));
	assert_string_equal(b->turn.detail, "number is INV0077");
	const struct signal *s = turn_next_signal(&b->turn);
	assert_int_equal(s->kind, SIGNAL_REFUSED);
	assert_string_equal(s->code, "three-way-match");
	assert_string_equal(s->deal, D);
	assert_string_equal(s->subject, bench_deal(b, D)->invoice);
	assert_null(turn_next_signal(&b->turn));
	assert_refused(b, bench_call(b, "small.far", D, "{}"), REFUSED_STATE);
	assert_int_equal(b->turn.signal_count, 1);
}

static void signals_and_preview(void **state)
{
	struct bench *b = *state;
	struct buf lines = { 0 };
	bench_deploy(b, "small", SMALL);
	char args[300];
	snprintf(args, sizeof(args), "%s", ARGS);
	memcpy(strstr(args, "inv-0077"), "000inv77", 8);
	assert_done(b, bench_call(b, "small.open", D, args));
	bench_next(b);
	struct hash before = tabs_digest(b->tabs);
	assert_done(b, contract_preview(&b->turn, b->contracts, "small.docs", D, STR("{}"), &lines));
	assert_string_equal(lines.ptr, "deal SUBMITTED > DOCS_OK\nraises docs\ntells HANSA: notify\n"
		"tells HALVORSEN: debt.request\n");
	struct hash after = tabs_digest(b->tabs);
	assert_true(hash_eq(&before, &after));
	assert_int_equal(b->turn.signal_count, 0);
	buf_free(&lines);
	assert_done(b, bench_call(b, "small.docs", D, "{}"));
	assert_int_equal(bench_deal(b, D)->version, 2);
	turn_next_signal(&b->turn);
	const struct signal *s = turn_next_signal(&b->turn);
	assert_int_equal(s->kind, SIGNAL_EVENT);
	assert_string_equal(s->text, "{\"ok\":true}");
	s = turn_next_signal(&b->turn);
	assert_int_equal(s->kind, SIGNAL_EFFECT);
	assert_string_equal(s->subject, "HANSA");
	assert_int_equal(s->a, 0);
	s = turn_next_signal(&b->turn);
	assert_int_equal(s->a, 1);
	assert_string_equal(s->extra, "debt.confirmed");
	assert_string_equal(s->text, "{\"amount\":\"1000000.00\"}");
	assert_string_equal(b->result.ptr, "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(end_to_end, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(refusal_leaves_no_trace, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(signals_and_preview, bench_setup, bench_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
