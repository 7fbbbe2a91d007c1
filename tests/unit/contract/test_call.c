/* Calls of contracts: what they read, plan, change and give back; what the core refuses; that a refusal
 * leaves no trace; that the same call gives the same outcome. */
#include "contract_test.h"

#define D "DL-1"

static const char *const SMALL =
	"call = {}\n"
	"function call.open(deal, args)\n"
	"  local amount = money(args.amount, args.currency)\n"
	"  set('deal', id(), { kind = 'receivables', party = args.party, currency = args.currency,\n"
	"    amount = amount, funder = 'NOORDZEE', maker = actor().id })\n"
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

/* Variables of the file, of the library's table and of the file's table start anew, also after a call that was stopped. */
static void calls_know_nothing_of_each_other(void **state)
{
	struct bench *b = *state;
	bench_deploy(b, "memo", "local n, kept = 0, {}\n"
		"call = { runs = 0 }\n"
		"function call.bump(deal, args)\n"
		"  n = n + 1\n"
		"  call.runs = call.runs + 1\n"
		"  kept[len(kept) + 1] = args.word .. n\n"
		"  if args.stop then refuse('value-not-allowed', 'stopped') end\n"
		"  return { n = n, runs = call.runs, kept = len(kept), word = kept[1] }\n"
		"end\n");
	for (int i = 0; i < 5; i++) {
		assert_done(b, bench_call(b, "memo.bump", "", "{\"word\":\"a word that is longer than those which Lua keeps once\"}"));
		assert_string_equal(b->result.ptr, "{\"kept\":1,\"n\":1,\"runs\":1,"
			"\"word\":\"a word that is longer than those which Lua keeps once1\"}");
		assert_int_equal(bench_call(b, "memo.bump", "", "{\"word\":\"w\",\"stop\":true}"), REFUSED_VALUE);
	}
}

/* What a file takes from outside while it is run is what it is now, not what it was when the contract was seen first. */
static void a_file_that_looks_outside_looks_each_time(void **state)
{
	struct bench *b = *state;
	char want[64];
	bench_deploy(b, "late", "local at = now()\n"
		"local function again() return at end\n"
		"call = {}\n"
		"function call.when(deal, args) return { at = again() } end\n");
	for (int i = 0; i < 3; i++) {
		b->turn.stamp += 1000000;
		assert_done(b, bench_call(b, "late.when", "", "{}"));
		snprintf(want, sizeof(want), "{\"at\":%lld}", (long long)b->turn.stamp);
		assert_string_equal(b->result.ptr, want);
	}
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

/* --- what the core refuses, whatever the contract says --------------------------------------------- */
static void open_deal(struct bench *b, const char *id)
{
	assert_done(b, bench_go(b, id, "set('deal', id(), { currency = 'EUR', funder = 'NOORDZEE' }) move('NONE', 'DRAFT')"));
}

static void write_rules(void **state)
{
	struct bench *b = *state;
	open_deal(b, D);
	open_deal(b, "DL-2");
	static const struct {
		const char *body;
		enum refusal want;
	} ROWS[] = {
		{ "set('deal', id(), { level = 0 })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { state = 'FUNDED' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { version = 9 })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { kind = 'inventory-pledge' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { amount = '5' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { currency = 5 })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { currency = 'EUROS' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { zone = 'normal' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { colour = 'red' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { reason = 'a\\0b' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { reason = '\\xff' })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', 'DL-2', { amount = 5 })", REFUSED_CONTRACT_RESULT },
		{ "set('param', 'x', { value = 5 })", REFUSED_CONTRACT_RESULT },
		{ "set('account', 'x', { debit = 5 })", REFUSED_CONTRACT_RESULT },
		{ "set('lot', '', { level = 0 })", REFUSED_CONTRACT_RESULT },
		{ "set('claim', '', {})", REFUSED_CONTRACT_RESULT },
		{ "set('nothing', 'x', {})", REFUSED_CONTRACT_FAULT },
		{ "set('invoice', '', { deal = 'DL-2' })", REFUSED_CONTRACT_RESULT },
		{ "set('invoice', '', { amount = 5, confirmed = 6 })", REFUSED_CONTRACT_RESULT },
		{ "set('invoice', '', { fingerprint = 'abc' })", REFUSED_CONTRACT_RESULT },
		{ "set('limit', 'A/B', { amount = 5, used = 3, reserved = 3 })", REFUSED_LIMIT },
		{ "set('limit', 'A/B', { amount = 5, used = -1 })", REFUSED_CONTRACT_RESULT },
		{ "post('x', '', { { 1200, 5, 0 }, { 1100, 0, 5 } })", REFUSED_CONTROL_TOTAL },
		{ "set('deal', id(), { principal = 5 })", REFUSED_CONTROL_TOTAL },
		{ "set('deal', id(), { ev = 5 })", REFUSED_CONTROL_TOTAL },
		{ "post('x', '', { { 1000, 5, 0 }, { 1100, 0, 6 } })", REFUSED_UNBALANCED },
		{ "post('x', '', { { 1001, 5, 0 }, { 1100, 0, 5 } })", REFUSED_ACCOUNT_UNKNOWN },
		{ "post('x', '', { { 1000, 5, 0 }, { 1100, 0, 5 } }, { book = 'OTHER' })", REFUSED_CONTRACT_RESULT },
		{ "mirror('x', '')", REFUSED_CONTRACT_RESULT },
		{ "move('SUBMITTED', 'DOCS_OK')", REFUSED_STATE }, { "move('DRAFT', 'FUNDED')", REFUSED_STATE },
		{ "move('DRAFT', 'NOWHERE')", REFUSED_CONTRACT_FAULT },
		{ "set('token_note', 'TN-1', { root = 'TN-1', tier = 1, amount = 5, state = 'live' })", REFUSED_CONTROL_TOTAL },
		{ "set('token_note', '', { amount = 5, state = 'live' })", REFUSED_CONTRACT_RESULT },
		{ "set('claim', 'near/a', { state = 'reserved' })", REFUSED_CONTRACT_RESULT },
		{ "set('invoice', '', { amount = 5, confirmed = 5, state = 'confirmed' })", REFUSED_CONTROL_TOTAL },
		{ "set('payment', '', { amount = 0 })", REFUSED_CONTRACT_RESULT },
		{ "local p = set('payment', '', { amount = 5, state = 'executed' }) set('deal', id(), { payment = p })",
			REFUSED_CONTROL_TOTAL },
		{ "set('score', 'DL-2', { points = 5 })", REFUSED_CONTRACT_RESULT },
		{ "set('deal', id(), { reason = 'a\\nb' })", REFUSED_CONTRACT_RESULT },
		{ "return { ['a\\0b'] = 1 }", REFUSED_CONTRACT_RESULT },
		{ "return { 1, 2, x = 3 }", REFUSED_CONTRACT_RESULT },
		{ "refuse('no-such-name')", REFUSED_CONTRACT_FAULT },
		{ "money('1.005')", REFUSED_VALUE }, { "money('x')", REFUSED_VALUE }, { "money(args.none)", REFUSED_VALUE },
		{ "quantity('1.0005')", REFUSED_VALUE }, { "day('2026-02-30')", REFUSED_VALUE },
		{ "news('loud', 'x')", REFUSED_CONTRACT_FAULT },
		{ "news('ok', number(5))", REFUSED_CONTRACT_FAULT },
	};
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		enum refusal r = bench_go(b, D, ROWS[i].body);
		if (r != ROWS[i].want)
			print_error("%s\n", ROWS[i].body);
		assert_refused(b, r, ROWS[i].want);
		assert_int_equal(bench_deal(b, D)->version, 1);
	}
	assert_refused(b, bench_go(b, "DL-9", "set('deal', id(), { amount = 5 })"), REFUSED_DEAL_UNKNOWN);
	assert_refused(b, bench_go(b, "", "move('NONE', 'DRAFT')"), REFUSED_DEAL_UNKNOWN);
	assert_refused(b, bench_call(b, "nowhere.go", D, "{}"), REFUSED_CONTRACT_UNKNOWN);
	assert_refused(b, bench_call(b, "t.nothing", D, "{}"), REFUSED_CONTRACT_UNKNOWN);
	assert_refused(b, bench_call(b, "t", D, "{}"), REFUSED_CONTRACT_UNKNOWN);
	assert_refused(b, bench_call(b, "t.go", D, "[]"), REFUSED_BODY_MALFORMED);
	assert_refused(b, bench_call(b, "t.go", D, "{"), REFUSED_BODY_MALFORMED);
}

static void one_claim(void **state)
{
	struct bench *b = *state;
	open_deal(b, D);
	open_deal(b, "DL-2");
	assert_done(b, bench_go(b, D, "set('claim', 'asset/SSCC1', { state = 'reserved' })"));
	assert_refused(b, bench_go(b, "DL-2", "set('claim', 'asset/SSCC1', { state = 'reserved' })"), REFUSED_DOUBLE_ASSET);
	assert_string_equal(turn_next_signal(&b->turn)->subject, "asset/SSCC1");
	assert_done(b, bench_go(b, D, "set('claim', 'asset/SSCC1', { state = 'withdrawn' })"));
	assert_done(b, bench_go(b, "DL-2", "set('claim', 'asset/SSCC1', { state = 'reserved' })"));
	const struct claim *c = tab_get(b->tabs, &CLAIM_REC, "asset/SSCC1");
	assert_string_equal(c->deal, "DL-2");
}

static void put_deal(struct bench *b, int64_t state, int64_t level, const char *lot)
{
	struct deal d = *bench_deal(b, D);
	d.state = state;
	d.level = level;
	str_copy(d.lot, sizeof(d.lot), str_of(lot));
	tab_put(b->tabs, &DEAL_REC, &d);
}

static void stopped_outflow(void **state)
{
	struct bench *b = *state;
	struct lot lot = { .id = "LT-1", .deal = D, .level = 4 };
	open_deal(b, D);
	put_deal(b, DEAL_ASSIGNED, 3, "");
	assert_refused(b, bench_go(b, D, "move('ASSIGNED', 'DISBURSING')"), REFUSED_SUSPENDED);
	assert_refused(b, bench_go(b, D, "set('payment', '', { amount = 5, state = 'built' })"), REFUSED_SUSPENDED);
	put_deal(b, DEAL_ASSIGNED, 2, "");
	assert_done(b, bench_go(b, D, "move('ASSIGNED', 'DISBURSING')"));
	put_deal(b, DEAL_ASSIGNED, 3, "");
	assert_done(b, bench_go(b, D, "move('ASSIGNED', 'REJECTED')")); /* the way back is never stopped */
	tab_put(b->tabs, &LOT_REC, &lot);
	put_deal(b, DEAL_ASSIGNED, 0, "LT-1");
	assert_refused(b, bench_go(b, D, "move('ASSIGNED', 'DISBURSING')"), REFUSED_FROZEN);
	assert_string_equal(turn_next_signal(&b->turn)->subject, "LT-1");
}

static void put_param(struct bench *b, const char *id, int64_t value, const char *text)
{
	struct param p = { .value = value };
	str_copy(p.id, sizeof(p.id), str_of(id));
	str_copy(p.text, sizeof(p.text), str_of(text));
	tab_put(b->tabs, &PARAM_REC, &p);
}

static void journals(void **state)
{
	struct bench *b = *state;
	open_deal(b, D);
	assert_done(b, bench_go(b, D, "set('deal', id(), { principal = 1000 })"
		" post('pay', 'm', { { 1210, 1000, 0 }, { 1216, 0, 0 }, { 1100, 0, 1000 } })"));
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1210, "EUR"), 1000);
	assert_done(b, bench_go(b, D, "mirror('pay', 'AC04') set('deal', id(), { principal = 0 })"));
	assert_int_equal(book_balance(b->tabs, "NOORDZEE", 1210, "EUR"), 0);
	assert_done(b, bench_go(b, "", "post('x', '', { { 1000, 7, 0 }, { 1150, 0, 7 } }, { book = 'B', currency = 'USD' })"));
	assert_int_equal(book_balance(b->tabs, "B", 1000, "USD"), 7);
	put_param(b, "book.closed_until", instant_day(b->turn.stamp), "");
	assert_refused(b, bench_go(b, D, "post('x', '', { { 1000, 7, 0 }, { 1150, 0, 7 } })"), REFUSED_PERIOD_CLOSED);
	assert_done(b, bench_go(b, D, "post('x', '', { { 1000, 7, 0 }, { 1150, 0, 7 } }, { day = today() + 1 })"));
}

static void receipts(void **state)
{
	struct bench *b = *state;
	open_deal(b, D);
	assert_done(b, bench_go(b, D, "local l = set('lot', '', { counted = 500000, unit = 'TNE' }) set('deal', id(), { lot = l })"));
	assert_refused(b, bench_go(b, D, "local r = set('receipt', '', { lot = deal.lot, quantity = 500001, state = 'issued' })"
		" set('deal', id(), { receipt = r })"), REFUSED_SUM_RECEIPTS);
	assert_done(b, bench_go(b, D, "local r = set('receipt', '', { lot = deal.lot, quantity = 500000, state = 'issued' })"
		" set('deal', id(), { receipt = r })"));
	assert_refused(b, bench_go(b, D, "set('lot', deal.lot, { counted = 499999 })"), REFUSED_SUM_RECEIPTS);
	assert_refused(b, bench_go(b, D, "local r = set('receipt', '', { lot = deal.lot, quantity = 1, state = 'issued' })"
		" set('deal', id(), { receipt = r })"), REFUSED_DOUBLE_ASSET);
	assert_refused(b, bench_go(b, D, "set('receipt', '', { lot = deal.lot, quantity = 1, state = 'issued' })"),
		REFUSED_DOUBLE_ASSET);
	assert_done(b, bench_go(b, D, "set('receipt', deal.receipt, { quantity = 499999 }) set('lot', deal.lot, { counted = 499999 })"));
}

/* --- the host functions ------------------------------------------------------------------------------- */
static void library(void **state)
{
	struct bench *b = *state;
	put_param(b, "ltv", 7200, "");
	put_param(b, "home", 0, "NOORDZEE");
	put_param(b, "registry.key", 0, "key");
	assert_done(b, bench_go(b, D,
		"local n, seen = 0, '' each('param', '', function(p) seen = seen .. p.id .. ' ' end)"
		" each('param', '', function(p) n = n + 1 return n == 2 end)"
		" return { add = add(2, 3), sub = sub(2, 3), mul = mul(-4, 5), half = muldiv(5, 1, 2), down = muldiv(5, 1, 2, 'down'),"
		" floor = muldiv(-5, 1, 2, 'floor'), up = muldiv(-5, 1, 4, 'up'), min = min(2, 3), max = max(2, 3),"
		" days = days('30e/360', day('2026-01-31'), day('2026-03-01')), i = interest(100000000, 60000, 90, 'act/360'),"
		" step = step_of(1500000, 2, 90), money = money('1,234.5', 'EUR'), yen = money('12', 'JPY'), q = quantity('-2.5'),"
		" fm = format_money(123456789), dec = decimal(-5), num = number(12345, 3), fq = format_quantity(250500),"
		" fd = format_day(0), t = instant('1970-01-01T00:00:01Z'), len = len('abc') + 1, llen = len({ 1, 2 }),"
		" cut = sub_str('warehouse', 5, -2), find = find('a/b/c', 'b/'), up2 = upper('abß'),"
		" norm = norm('\\u{ff29}nv-00\\u{b2}/7a'), norm0 = norm('000-0'), p1 = policy('ltv', 1), p2 = policy('home'),"
		" p3 = policy('none', 5), who = actor().role, me = id(), seen = seen, n = n, text = text(-7),"
		" fp = sub_str(fingerprint('x'), 1, 8), empty = {}, deep = { { a = true } } }"));
	struct hash h = hash_hmac("key", 3, "x", 1);
	char hex[HASH_HEX_MAX], want[1200];
	snprintf(want, sizeof(want), "{\"add\":5,\"cut\":\"hous\",\"days\":31,\"dec\":\"-0.05\",\"deep\":[{\"a\":true}],\"down\":2,"
		"\"empty\":{},\"fd\":\"1970-01-01\",\"find\":3,\"floor\":-3,\"fm\":\"1,234,567.89 EUR\",\"fp\":\"%.8s\","
		"\"fq\":\"250.5\",\"half\":3,\"i\":1500000,\"len\":4,\"llen\":2,\"max\":3,\"me\":\"DL-1\",\"min\":2,"
		"\"money\":123450,\"mul\":-20,\"n\":2,\"norm\":\"INV0027A\",\"norm0\":\"\",\"num\":12.345,\"p1\":7200,"
		"\"p2\":\"NOORDZEE\",\"p3\":5,\"q\":-2500,\"seen\":\"home ltv registry.key \",\"step\":16666,\"sub\":-1,"
		"\"t\":1000000,\"text\":\"-7\",\"up\":-2,\"up2\":\"ABß\",\"who\":\"OPM\",\"yen\":12}", hex_of(h.bytes, 32, hex));
	assert_string_equal(b->result.ptr, want);
}

/* Two states that went through the same calls are equal to the byte, refused ones included. */
static void deterministic(void **state)
{
	struct hash first = { { 0 } };
	(void)state;
	for (int round = 0; round < 4; round++) {
		void *made;
		bench_setup(&made);
		struct bench *b = made;
		open_deal(b, D);
		assert_done(b, bench_go(b, D, "local keys = { b = 1, a = 2, z = 3, m = 4 } set('deal', id(), { party = 'B', obligor = 'A',"
			" reason = 'x' }) event('e', keys) for i = 1, 20 do set('proof', id() .. '/' .. i, { item = 'i' .. i }) end"));
		assert_refused(b, bench_go(b, D, "local t = {} for i = 1, 99999 do t['k' .. i] = {} end"), REFUSED_CONTRACT_BUDGET);
		turn_news(&b->turn, NEWS_NOTE, "", D, "%s", b->turn.detail);
		struct hash now = tabs_digest(b->tabs);
		assert_true(round == 0 || hash_eq(&now, &first));
		first = now;
		bench_teardown(&made);
	}
}

static void versions(void **state)
{
	struct bench *b = *state;
	struct fault fault;
	assert_done(b, contract_deploy(&b->turn, b->contracts, "x", STR("call = {} function call.go() return { v = 1 } end")));
	assert_done(b, contract_deploy(&b->turn, b->contracts, "x", STR("call = {} function call.go() return { v = 1 } end")));
	assert_int_equal(((const struct code *)tab_get(b->tabs, &CODE_REC, "x"))->version, 1);
	assert_done(b, contract_deploy(&b->turn, b->contracts, "x", STR("call = {} function call.go() return { v = 2 } end")));
	assert_int_equal(((const struct code *)tab_get(b->tabs, &CODE_REC, "x"))->version, 2);
	assert_done(b, bench_call(b, "x.go", "", ""));
	assert_string_equal(b->result.ptr, "{\"v\":2}");
	assert_refused(b, contract_deploy(&b->turn, b->contracts, "x", STR("x = 1.5")), REFUSED_CONTRACT_GATE);
	assert_non_null(strstr(b->turn.detail, "x.lua:1: a float constant"));
	assert_refused(b, contract_deploy(&b->turn, b->contracts, "../x", STR("")), REFUSED_VALUE);
	assert_int_equal(contract_check("x", STR("call = {}"), &fault), ERR_OK);
	/* another console rebuilds its cache from the state */
	struct contracts *other = contracts_new();
	struct str result;
	bench_next(b);
	assert_done(b, contract_call(&b->turn, other, "x.go", "", STR("{}"), &result));
	assert_string_equal(result.ptr, "{\"v\":2}");
	contracts_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(end_to_end, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(calls_know_nothing_of_each_other, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(a_file_that_looks_outside_looks_each_time, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(refusal_leaves_no_trace, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(signals_and_preview, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(write_rules, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(one_claim, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(stopped_outflow, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(journals, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(receipts, bench_setup, bench_teardown),
		cmocka_unit_test_setup_teardown(library, bench_setup, bench_teardown),
		cmocka_unit_test(deterministic),
		cmocka_unit_test_setup_teardown(versions, bench_setup, bench_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
