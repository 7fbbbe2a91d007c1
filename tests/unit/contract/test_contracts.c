/* The contracts of data/contracts with the policy of data/policy: both financings call by call, to the last
 * unit of examples A and B (domain §4.2), the refusals on the way, and each undo, twice. */
#include <stdlib.h>

#include "contract_test.h"
#include "base/num.h"
#include "feed/state.h"
#include "identity/keyring.h"
#include "identity/rights.h"
#include "ledger/stop.h"
#include "ledger/period.h"
#include "ledger/transfer.h"
#include "contract/totals.h"

#define A "DL-01K8AAAAAAAAAAAAAAAAAAAAAA"
#define A2 "DL-01K8AAAAAAAAAAAAAAAAAAAAAB"
#define B "DL-01K8BBBBBBBBBBBBBBBBBBBBBB"
#define B2 "DL-01K8BBBBBBBBBBBBBBBBBBBBBC"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC,
	&ENDORSE_REC, &ACT_REC, &PARTY_REC, &OPERATOR_REC, &STOP_REC, &TRANSFER_REC, &STATEMENT_REC, &ACCOUNT_REC, &DEALBAL_REC,
	&JOURNAL_REC, &POSTING_REC, &PERIOD_REC, &VALUE_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC, &TOKEN_NOTE_REC, &LOT_REC,
	&RECEIPT_REC, &PLEDGE_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC, &CODE_REC, &PARAM_REC,
	&SCORE_REC, &PROFILE_REC,
	&DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC };
static const char *const FILES[] = { "receivables", "scoring", "matching", "disbursement", "warehouse", "pledge",
	"margin", "settlement", "release" };

static int64_t today_is; /* days since 1970-01-01 that turns are stamped in */

static struct str slurp(struct bench *b, const char *path)
{
	char full[512];
	const char *source = getenv("WHARF_SOURCE");
	snprintf(full, sizeof(full), "%s/%s", source ? source : ".", path);
	FILE *f = fopen(full, "rb");
	if (!f)
		fail_msg("cannot read %s", full);
	char *bytes = arena_alloc(&b->scratch, 1 << 17);
	size_t n = fread(bytes, 1, (1 << 17) - 1, f);
	fclose(f);
	bytes[n] = 0;
	return (struct str){ bytes, n };
}

static void party(struct bench *b, const char *id, int64_t kind, const char *group, const char *iban)
{
	struct party p = { .kind = kind };
	str_copy(p.id, sizeof(p.id), str_of(id));
	str_copy(p.name, sizeof(p.name), str_of(id));
	str_copy(p.short_name, sizeof(p.short_name), str_of(id));
	str_copy(p.group, sizeof(p.group), str_of(group));
	str_copy(p.iban, sizeof(p.iban), str_of(iban));
	tab_put(b->tabs, &PARTY_REC, &p);
}

static void limit(struct bench *b, const char *id, int64_t amount)
{
	struct limit l = { .amount = amount, .currency = "EUR", .funder = "NOORDZEE" };
	str_copy(l.id, sizeof(l.id), str_of(id));
	tab_put(b->tabs, &LIMIT_REC, &l);
}

static void price(struct bench *b, int64_t amount)
{
	struct value v = { .id = "copper", .unit = "TNE", .currency = "EUR", .state = VALUE_OK, .amount = amount,
		.fresh = 3, .sources = 3, .at = b->turn.stamp };
	tab_put(b->tabs, &VALUE_REC, &v);
}

static void profile(struct bench *b, const char *id, int64_t late)
{
	struct profile p = { .late_days = late, .relation_months = 80, .dilution = 50, .concentration = 1500,
		.utilisation = 4000, .leverage = 15000, .complete = 10000 };
	str_copy(p.id, sizeof(p.id), str_of(id));
	tab_put(b->tabs, &PROFILE_REC, &p);
}

static void policy(struct bench *b)
{
	struct json *doc;
	struct fault fault;
	int64_t version;
	assert_int_equal(json_parse(&b->scratch, slurp(b, "data/policy/policy.json"), &doc, &fault), ERR_OK);
	assert_true(json_i64(doc, "version", &version));
	for (const struct json *m = json_get(doc, "params")->child; m; m = m->next) {
		struct param p = { .policy = version };
		assert_true(str_copy(p.id, sizeof(p.id), m->key));
		if (m->kind == JSON_STRING)
			assert_true(str_copy(p.text, sizeof(p.text), m->text));
		else
			assert_true(num_parse_scaled(m->text, 0, false, &p.value));
		tab_put(b->tabs, &PARAM_REC, &p);
	}
}

static int setup(void **state)
{
	static struct bench b;
	memset(&b, 0, sizeof(b));
	b.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	b.contracts = contracts_new();
	bench_next(&b);
	today_is = instant_day(b.turn.stamp);
	policy(&b);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		char path[64];
		struct fault fault = { 0 };
		snprintf(path, sizeof(path), "data/contracts/%s.lua", FILES[i]);
		struct str source = slurp(&b, path);
		if (contract_check(FILES[i], source, &fault) != ERR_OK)
			fail_msg("%s: %s", path, fault.text);
		bench_deploy(&b, FILES[i], source.ptr);
	}
	party(&b, "NOORDZEE", PARTY_FND, "NOORDZEE", "NL91ABNA0417164300");
	party(&b, "DRAHT", PARTY_SUP, "DRAHT", "DE89370400440532013000");
	party(&b, "HALVORSEN", PARTY_CORE, "HALVORSEN", "NO9386011117947");
	party(&b, "KESTREL", PARTY_BOR, "KESTREL", "GB82WEST12345698765432");
	party(&b, "WAALHAVEN", PARTY_WHS, "WAALHAVEN", "NL02RABO0123456789");
	party(&b, "ASSAY", PARTY_INS, "ASSAY", "");
	struct cert a = { .id = "accreditation/ASSAY/A0", .kind = CERT_ACCREDITATION, .subject = "ASSAY", .number = "A0", .issuer = "STATE",
		.signed_at = 1, .from = 1, .until = INT64_MAX };
	tab_put(b.tabs, &CERT_REC, &a);
	profile(&b, "HALVORSEN", 2);
	profile(&b, "DRAHT", 9);
	limit(&b, "NOORDZEE/HALVORSEN", 200000000);
	limit(&b, "NOORDZEE/KESTREL", 200000000);
	struct offer o = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN", .rate = 60000,
		.most = 500000000, .days_max = 180 };
	tab_put(b.tabs, &OFFER_REC, &o);
	price(&b, 600000);
	*state = &b;
	return 0;
}

/* A call in a turn of its own on the day that it is. */
static enum refusal run(struct bench *b, const char *call, const char *deal, const char *args)
{
	bench_next(b);
	b->turn.stamp = today_is * INSTANT_DAY + 9 * INSTANT_HOUR + (int64_t)b->number * INSTANT_SECOND;
	return contract_call(&b->turn, b->contracts, call, deal, str_of(args), &b->result);
}

static void done(struct bench *b, const char *call, const char *deal, const char *args)
{
	enum refusal r = run(b, call, deal, args);
	if (r)
		print_error("%s refused %s: %s\n", call, refusal_name(r), b->turn.detail);
	assert_string_equal(refusal_name(r), refusal_name(REFUSED_NOT));
}

static void refused(struct bench *b, const char *call, const char *deal, const char *args, const char *want)
{
	enum refusal r = run(b, call, deal, args);
	if (strcmp(refusal_name(r), want))
		print_error("%s: %s\n", call, b->turn.detail);
	assert_string_equal(refusal_name(r), want);
}

/* The word of one of those who hold the goods, as an act on the deal. */
static void lets_go(struct bench *b, const char *deal, const char *who, const char *party, enum role role)
{
	bench_next(b);
	b->turn.actor_role = role;
	snprintf(b->turn.actor, sizeof(b->turn.actor), "%s", who);
	snprintf(b->turn.actor_party, sizeof(b->turn.actor_party), "%s", party);
	act_record(&b->turn, deal, "release-goods", "approve");
}

static void is_in(struct bench *b, const char *deal, int64_t state)
{
	assert_string_equal(DEAL_STATE_NAMES[bench_deal(b, deal)->state], DEAL_STATE_NAMES[state]);
}

static void balance(struct bench *b, int account, int64_t want)
{
	int64_t got = book_balance(b->tabs, "NOORDZEE", account, "EUR");
	if (got != want)
		print_error("account %d\n", account);
	assert_int_equal(got, want);
}

static void totals_hold(struct bench *b)
{
	struct total out[TOTALS_COUNT];
	char why[240] = "";
	totals_compute(b->tabs, "NOORDZEE", "EUR", out);
	for (int i = 0; i < TOTALS_COUNT; i++) {
		if (!out[i].holds)
			print_error("%s: %lld and %lld\n", out[i].name, (long long)out[i].left, (long long)out[i].right);
		assert_true(out[i].holds);
	}
	if (!assets_hold(b->tabs, why))
		fail_msg("%s", why);
}

static void result_has(struct bench *b, const char *part)
{
	if (!strstr(b->result.ptr, part))
		print_error("result %s\n", b->result.ptr);
	assert_non_null(strstr(b->result.ptr, part));
}

static bool has_signal(struct bench *b, enum signal_kind kind, const char *code)
{
	const struct signal *s;
	while ((s = turn_next_signal(&b->turn)))
		if (s->kind == kind && !strcmp(s->code, code))
			return true;
	return false;
}

/* --- receivables ----------------------------------------------------------------------------------- */
static const char *const APPLY = "{\"deal\":\"x\",\"party\":\"DRAHT\",\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\","
	"\"amount\":\"1000000.00\",\"rate_max\":70000,\"maker\":\"o.maker\",\"invoice\":{\"id\":\"RV-%s\",\"number\":\"%s\","
	"\"issue\":\"%s\",\"due\":\"2026-06-14\",\"order\":\"PO-1\",\"grn\":\"%s\",\"grn_day\":\"2026-03-10\","
	"\"order_quantity\":\"1000\",\"grn_quantity\":\"%s\",\"invoice_quantity\":\"1000\",\"order_price\":\"1000.00\","
	"\"invoice_price\":\"1000.00\"}}";

static void apply(struct bench *b, const char *deal, const char *id, const char *number, const char *issue,
	const char *grn, const char *quantity)
{
	char args[900];
	snprintf(args, sizeof(args), APPLY, id, number, issue, grn, quantity);
	done(b, "receivables.open", deal, args);
	is_in(b, deal, DEAL_SUBMITTED);
}

static void purchase_to_approved(struct bench *b)
{
	apply(b, A, "A", "R-0077", "2026-03-12", "GRN-5", "1000");
	done(b, "receivables.docs", A, "{}");
	done(b, "receivables.reserve", A, "{}");
	done(b, "receivables.reserve", A, "{}");
	done(b, "receivables.ask", A, "{}");
	result_has(b, "\"amount\":\"1000000.00\"");
	done(b, "receivables.confirm", A, "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	totals_hold(b);
	done(b, "scoring.score", A, "{}");
	assert_true(bench_deal(b, A)->grade <= 3);
	done(b, "matching.match", A, "{}");
	const struct deal *d = bench_deal(b, A);
	assert_int_equal(d->days, 90);
	assert_int_equal(d->discount, 1500000);
	assert_int_equal(d->fee, 100000);
	assert_int_equal(d->payout, 98400000);
	result_has(b, "\"payout\":\"984000.00\"");
	done(b, "matching.accept", A, "{\"accepted\":true}");
	result_has(b, "\"signatures\":2");
	done(b, "disbursement.approve", A, "{}");
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/HALVORSEN");
	assert_int_equal(l->reserved, 100000000);
	balance(b, 9000, 98400000);
	is_in(b, A, DEAL_APPROVED);
}

static void purchase_to_released(struct bench *b)
{
	purchase_to_approved(b);
	done(b, "disbursement.assign", A, "{\"number\":\"77-1184\"}");
	done(b, "disbursement.seal", A, "{}");
	is_in(b, A, DEAL_DISBURSING);
	done(b, "disbursement.release", A, "{}");
	result_has(b, "\"amount\":\"984000.00\"");
	result_has(b, "\"account\":\"DE89370400440532013000\"");
	balance(b, 1210, 100000000);
	balance(b, 1215, -1500000);
	balance(b, 1216, -100000);
	balance(b, 1100, -98400000);
	balance(b, 9000, 0);
	totals_hold(b);
}

/* Example A of §4.2, to the last unit, with the daily parts 166.67, 166.66, 166.67. */
static void a_purchase_settles(void **state)
{
	static const int64_t parts[] = { 16667, 16666, 16667 };
	struct bench *b = *state;
	purchase_to_released(b);
	done(b, "disbursement.fund", A, "{\"executed\":true}");
	is_in(b, A, DEAL_COLLECTING);
	balance(b, 1000, -98400000);
	balance(b, 1100, 0);
	totals_hold(b);
	int64_t before = 0;
	for (int i = 0; i < 89; i++) {
		today_is++;
		done(b, "settlement.accrue", A, "{}");
		int64_t earned = -book_balance(b->tabs, "NOORDZEE", 4010, "EUR");
		if (i < 3)
			assert_int_equal(earned - before, parts[i]);
		before = earned;
	}
	done(b, "settlement.accrue", A, "{}");
	assert_int_equal(-book_balance(b->tabs, "NOORDZEE", 4010, "EUR"), before);
	today_is++;
	done(b, "settlement.settle", A, "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}");
	result_has(b, "\"settled\":true");
	is_in(b, A, DEAL_SETTLED);
	balance(b, 1210, 0);
	balance(b, 1215, 0);
	balance(b, 1216, 0);
	balance(b, 4010, -1500000);
	balance(b, 4020, -100000);
	balance(b, 1000, 1600000);
	assert_int_equal(bench_deal(b, A)->earned, 1600000);
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/HALVORSEN");
	assert_int_equal(l->used + l->reserved, 0);
	totals_hold(b);
}

static void a_wrong_payer_and_a_part(void **state)
{
	struct bench *b = *state;
	purchase_to_released(b);
	done(b, "disbursement.fund", A, "{}");
	done(b, "settlement.settle", A, "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSON\"}");
	assert_true(has_signal(b, SIGNAL_EVENT, "wrong-payer"));
	result_has(b, "\"settled\":false");
	balance(b, 1150, -100000000);
	is_in(b, A, DEAL_COLLECTING);
	done(b, "settlement.settle", A, "{\"amount\":\"400000.00\",\"payer\":\"HALVORSEN\"}");
	is_in(b, A, DEAL_PART_COLLECTED);
	totals_hold(b);
	done(b, "settlement.overdue", A, "{}");
	done(b, "settlement.settle", A, "{\"amount\":\"600000.00\",\"payer\":\"HALVORSEN\"}");
	is_in(b, A, DEAL_SETTLED);
	totals_hold(b);
}

static void a_rejected_payment_goes_again(void **state)
{
	struct bench *b = *state;
	purchase_to_released(b);
	done(b, "disbursement.rejected", A, "{\"code\":\"AC04\"}");
	is_in(b, A, DEAL_APPROVED);
	for (int account = 1210; account <= 1216; account++)
		balance(b, account, 0);
	balance(b, 1100, 0);
	balance(b, 9000, 98400000);
	totals_hold(b);
	done(b, "disbursement.seal", A, "{\"account_checked\":true,\"reason\":\"payment-rejected\",\"decision\":\"done\"}");
	done(b, "disbursement.release", A, "{}");
	done(b, "disbursement.fund", A, "{}");
	balance(b, 1000, -98400000);
	totals_hold(b);
}

static void a_returned_payment_is_sent_again(void **state)
{
	struct bench *b = *state;
	purchase_to_released(b);
	done(b, "disbursement.fund", A, "{}");
	done(b, "disbursement.returned", A, "{\"code\":\"AC04\"}");
	is_in(b, A, DEAL_PAY_RETURNED);
	assert_true(has_signal(b, SIGNAL_EVENT, "payment-returned"));
	balance(b, 1000, 0);
	balance(b, 2020, -98400000);
	totals_hold(b);
	done(b, "disbursement.resend", A, "{\"account_checked\":true}");
	balance(b, 2020, 0);
	done(b, "disbursement.resend", A, "{\"code\":\"AC01\"}");
	balance(b, 1100, -98400000);
	done(b, "disbursement.refund", A, "{}");
	is_in(b, A, DEAL_COLLECTING);
	balance(b, 1000, -98400000);
	balance(b, 1100, 0);
	totals_hold(b);
}

/* Newest first, each handler twice: the second time nothing is left to do. */
static void undo(struct bench *b, const char *deal, const char *const *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		done(b, calls[i], deal, "{\"reason\":\"double-pledge\"}");
		int64_t version = bench_deal(b, deal)->version;
		done(b, calls[i], deal, "{\"reason\":\"double-pledge\"}");
		assert_int_equal(bench_deal(b, deal)->version, version);
	}
}

static void nothing_is_claimed(struct bench *b)
{
	TAB_FOR(claim, c, b->tabs, &CLAIM_REC, "")
		if (strcmp(CLAIM_STATE_NAMES[c->state], "withdrawn"))
			fail_msg("%s is %s", c->id, CLAIM_STATE_NAMES[c->state]);
}

static void a_compensation_leaves_nothing(void **state)
{
	static const char *const calls[] = { "disbursement.cancel_payment", "disbursement.discharge",
		"disbursement.release_limit", "matching.void", "receivables.cancel_token", "receivables.release",
		"receivables.withdraw", "receivables.reversed" };
	struct bench *b = *state;
	purchase_to_released(b);
	undo(b, A, calls, sizeof(calls) / sizeof(calls[0]));
	is_in(b, A, DEAL_REVERSED);
	nothing_is_claimed(b);
	for (size_t i = 0; i < CHART_COUNT; i++)
		balance(b, CHART[i].number, 0);
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/HALVORSEN");
	assert_int_equal(l->used + l->reserved, 0);
	totals_hold(b);
	apply(b, A2, "A2", "R-0077", "2026-03-12", "GRN-5", "1000");
	done(b, "receivables.docs", A2, "{}");
	done(b, "receivables.reserve", A2, "{}");
}

static void documents_must_match(void **state)
{
	struct bench *b = *state;
	apply(b, A, "A", "R-0077", "2026-03-12", "", "0");
	refused(b, "receivables.docs", A, "{}", "no-delivery-evidence");
	refused(b, "receivables.docs", A, "{\"number\":\"GRN-5\",\"day\":\"2026-03-10\",\"quantity\":\"979\"}", "three-way-match");
	done(b, "receivables.docs", A, "{\"number\":\"GRN-5\",\"day\":\"2026-03-10\",\"quantity\":\"1000\"}");
	is_in(b, A, DEAL_DOCS_OK);
	apply(b, A2, "A2", "R-0078", "2026-03-09", "GRN-6", "1000");
	refused(b, "receivables.docs", A2, "{}", "three-way-match"); /* invoiced before it was delivered */
	done(b, "receivables.reject", A2, "{\"reason\":\"three-way-match\"}");
	is_in(b, A2, DEAL_REJECTED);
	assert_string_equal(bench_deal(b, A2)->reason, "three-way-match");
}

static void an_invoice_is_financed_once(void **state)
{
	struct bench *b = *state;
	apply(b, A, "A", "R-0077", "2026-03-12", "GRN-5", "1000");
	done(b, "receivables.docs", A, "{}");
	done(b, "receivables.reserve", A, "{}");
	apply(b, A2, "A2", "r 77", "2026-03-12", "GRN-6", "1000"); /* the same number in another spelling */
	done(b, "receivables.docs", A2, "{}");
	refused(b, "receivables.reserve", A2, "{}", "near-duplicate"); /* R0077 is not R77: the zeros stand inside */
	done(b, "receivables.clear", A2, "{}");
	done(b, "receivables.reserve", A2, "{}");
	done(b, "receivables.release", A2, "{}");
	apply(b, B, "A3", "R/0077", "2026-03-12", "GRN-7", "1000");
	done(b, "receivables.docs", B, "{}");
	refused(b, "receivables.reserve", B, "{}", "double-financing");
	apply(b, B2, "A4", "R-9000", "2026-03-01", "GRN-5", "1000");
}

static void the_debtor_confirms_no_more(void **state)
{
	struct bench *b = *state;
	apply(b, A, "A", "R-0077", "2026-03-12", "GRN-5", "1000");
	done(b, "receivables.docs", A, "{}");
	done(b, "receivables.reserve", A, "{}");
	done(b, "receivables.ask", A, "{}");
	refused(b, "receivables.confirm", A, "{\"amount\":\"1000000.01\",\"due\":\"2026-06-14\"}", "value-not-allowed");
	refused(b, "receivables.confirm", A, "{\"amount\":\"1000000.00\",\"due\":\"2026-06-15\"}", "value-not-allowed");
	done(b, "receivables.confirm", A, "{\"amount\":\"900000.00\",\"due\":\"2026-06-14\"}");
	assert_int_equal(bench_deal(b, A)->amount, 90000000);
	totals_hold(b);
	profile(b, "HALVORSEN", 60);
	done(b, "scoring.score", A, "{}");
	result_has(b, "\"reasons\":\"R01");
	limit(b, "NOORDZEE/HALVORSEN", 1000);
	refused(b, "matching.match", A, "{}", "no-funder");
	limit(b, "NOORDZEE/HALVORSEN", 200000000);
	done(b, "matching.match", A, "{}");
	done(b, "matching.accept", A, "{\"accepted\":true}");
	limit(b, "NOORDZEE/HALVORSEN", 1000);
	refused(b, "disbursement.approve", A, "{}", "limit-exceeded");
}

static void stale_conditions_stop_a_payment(void **state)
{
	struct bench *b = *state;
	purchase_to_approved(b);
	done(b, "disbursement.assign", A, "{\"number\":\"77-1184\"}");
	today_is += 5;
	refused(b, "disbursement.seal", A, "{}", "condition-not-met");
	done(b, "disbursement.seal", A, "{\"error\":\"condition-not-met\",\"decision\":\"done\"}");
	struct deal d = *bench_deal(b, A);
	d.level = 3;
	tab_put(b->tabs, &DEAL_REC, &d);
	refused(b, "disbursement.release", A, "{}", "suspended");
}

/* --- inventory pledge ------------------------------------------------------------------------------ */
static const char *const PLEDGE = "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\",\"place\":\"B-02\","
	"\"currency\":\"EUR\",\"amount\":\"1500000.00\",\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"500\","
	"\"packages\":10,\"labels\":[\"340123451111111111\"],\"asset_key\":\"CSQU3054383\",\"rate\":72000,\"days\":90,"
	"\"maker\":\"o.maker\",\"lot\":\"%s\"}";

static void pledge_open(struct bench *b, const char *deal, const char *lot)
{
	char args[600];
	snprintf(args, sizeof(args), PLEDGE, lot);
	done(b, "warehouse.open", deal, args);
	is_in(b, deal, DEAL_APPLIED);
}

static void pledge_to_arrived(struct bench *b)
{
	pledge_open(b, B, "LT-1");
	done(b, "warehouse.prelimit", B, "{}");
	done(b, "warehouse.arrive", B, "{}");
	is_in(b, B, DEAL_ARRIVED);
}

static void pledge_to_valued(struct bench *b)
{
	done(b, "warehouse.certify", B, "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"ASSAY\"}");
	done(b, "warehouse.issue", B, "{}");
	result_has(b, "\"lot\":\"LT-1\"");
	totals_hold(b);
	done(b, "pledge.perfect", B, "{\"number\":\"77-1184\",\"earlier\":false}");
	is_in(b, B, DEAL_PLEDGED);
	done(b, "pledge.value", B, "{}");
	is_in(b, B, DEAL_VALUED);
	totals_hold(b);
}

static void pledge_to_funded(struct bench *b)
{
	pledge_to_arrived(b);
	done(b, "warehouse.count", B, "{\"packages\":10,\"quantity\":\"500\",\"damaged\":\"0\"}");
	result_has(b, "\"short\":false");
	pledge_to_valued(b);
	assert_int_equal(bench_deal(b, B)->ev, 300000000);
	done(b, "disbursement.approve", B, "{}");
	done(b, "disbursement.seal", B, "{}");
	is_in(b, B, DEAL_DISBURSING);
	done(b, "disbursement.release", B, "{}");
	done(b, "disbursement.fund", B, "{}");
	is_in(b, B, DEAL_FUNDED);
	balance(b, 1200, 150000000);
	balance(b, 1000, -150000000);
	totals_hold(b);
}

/* Example B of §4.2: 300.00 a day, 27,000.00 at 90 days, repaid by the waterfall and closed. */
static void b_loan_closes(void **state)
{
	struct bench *b = *state;
	pledge_to_funded(b);
	for (int i = 1; i <= 89; i++) {
		today_is++;
		done(b, "settlement.accrue", B, "{}");
		balance(b, 1220, 30000 * i);
	}
	today_is++;
	refused(b, "release.close", B, "{}", "endorsements-few");
	lets_go(b, B, "t.okafor", "NOORDZEE", ROLE_OPC);
	refused(b, "release.close", B, "{}", "endorsements-few");
	lets_go(b, B, "x.sister", "NOORDZEE", ROLE_WHM); /* no warehouse of the deal's */
	refused(b, "release.close", B, "{}", "endorsements-few");
	lets_go(b, B, "j.kuiper", "WAALHAVEN", ROLE_WHM);
	refused(b, "release.close", B, "{}", "condition-not-met");
	done(b, "settlement.repay", B, "{\"amount\":\"527000.00\",\"payer\":\"KESTREL\"}");
	result_has(b, "\"repaid\":false");
	balance(b, 4000, -2700000);
	balance(b, 1220, 0);
	balance(b, 1200, 100000000);
	totals_hold(b);
	done(b, "settlement.repay", B, "{\"amount\":\"1000100.00\",\"payer\":\"KESTREL\"}");
	result_has(b, "\"repaid\":true");
	is_in(b, B, DEAL_RELEASING);
	balance(b, 2020, -10000);
	refused(b, "release.close", B, "{\"quantity\":\"490\"}", "value-not-allowed");
	done(b, "release.close", B, "{\"quantity\":\"500\"}");
	is_in(b, B, DEAL_CLOSED);
	balance(b, 9100, 0);
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/KESTREL");
	assert_int_equal(l->used + l->reserved, 0);
	totals_hold(b);
	pledge_open(b, B2, "LT-2"); /* the goods are free again */
}

/* §6.4: 3,900.00 is a warning, 3,800.00 a call of 265,000.00. */
static void b_margin_is_called_and_cured(void **state)
{
	struct bench *b = *state;
	pledge_to_funded(b);
	price(b, 380000);
	done(b, "pledge.revalue", B, "{}");
	assert_int_equal(bench_deal(b, B)->ev, 190000000);
	totals_hold(b);
	done(b, "margin.call", B, "{}");
	is_in(b, B, DEAL_MARGIN_CALL);
	result_has(b, "\"amount\":\"265000.00\"");
	result_has(b, "\"until\":\"2026-03-17T17:00:00Z\"");
	done(b, "margin.cure", B, "{\"amount\":\"65000.00\"}");
	result_has(b, "\"cured\":false");
	done(b, "margin.cure", B, "{\"amount\":\"200000.00\"}");
	result_has(b, "\"cured\":true");
	is_in(b, B, DEAL_FUNDED);
	balance(b, 2010, -26500000);
	done(b, "settlement.repay", B, "{\"amount\":\"1500000.00\",\"payer\":\"KESTREL\"}");
	lets_go(b, B, "t.okafor", "NOORDZEE", ROLE_OPC);
	lets_go(b, B, "j.kuiper", "WAALHAVEN", ROLE_WHM);
	done(b, "release.close", B, "{}");
	balance(b, 2010, 0);
	balance(b, 1000, 0);
	totals_hold(b);
}

static void b_pledge_is_enforced(void **state)
{
	struct bench *b = *state;
	pledge_to_funded(b);
	price(b, 380000);
	done(b, "pledge.revalue", B, "{}");
	done(b, "margin.call", B, "{}");
	done(b, "margin.cure", B, "{\"amount\":\"65000.00\"}");
	done(b, "margin.enforce", B, "{}");
	balance(b, 1200, 143500000);
	balance(b, 2010, 0);
	is_in(b, B, DEAL_ENFORCING);
	totals_hold(b);
}

/* A limit in dollars: euros count at what one has to give for them; a stale rate refuses, a rate that moved too far does too. */
static void b_limit_of_another_currency(void **state)
{
	struct bench *b = *state;
	struct value v = { .id = "EUR/USD.ask", .unit = "MIO", .currency = "USD", .state = VALUE_OK, .amount = 110000000, .fresh = 3, .sources = 3 };
	struct limit l = { .id = "NOORDZEE/KESTREL", .amount = 165000000, .currency = "USD", .funder = "NOORDZEE" };
	tab_put(b->tabs, &LIMIT_REC, &l);
	pledge_open(b, B, "LT-1");
	refused(b, "warehouse.prelimit", B, "{}", "price-stale");
	v.at = b->turn.stamp;
	v.amount = 110000100;
	tab_put(b->tabs, &VALUE_REC, &v);
	refused(b, "warehouse.prelimit", B, "{}", "limit-exceeded");
	v.amount = 110000000;
	tab_put(b->tabs, &VALUE_REC, &v);
	done(b, "warehouse.prelimit", B, "{}");
	assert_int_equal(((const struct limit *)tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/KESTREL"))->reserved, 165000000);
}

static void b_short_count_cuts_the_loan(void **state)
{
	struct bench *b = *state;
	pledge_to_arrived(b);
	done(b, "warehouse.count", B, "{\"packages\":9,\"quantity\":\"450\",\"damaged\":\"0\"}");
	result_has(b, "\"short\":true");
	const struct signal *s;
	while ((s = turn_next_signal(&b->turn)) && s->kind != SIGNAL_COUNT)
		;
	assert_non_null(s);
	assert_string_equal(s->subject, "LT-1");
	assert_int_equal(s->a, 450000);
	assert_int_equal(s->b, 500000);
	done(b, "warehouse.recount", B, "{\"packages\":9,\"quantity\":\"450\",\"method\":\"scale\"}");
	assert_int_equal(bench_deal(b, B)->amount, 135000000);
	refused(b, "warehouse.certify", B, "{\"grade\":\"D\",\"number\":\"C-1\",\"inspector\":\"ASSAY\"}", "certificate");
	refused(b, "warehouse.certify", B, "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"KESTREL\"}", "certificate");
	pledge_to_valued(b);
	assert_int_equal(bench_deal(b, B)->ev, 270000000);
	done(b, "disbursement.approve", B, "{}");
	done(b, "disbursement.seal", B, "{}");
	done(b, "disbursement.release", B, "{}");
	done(b, "disbursement.fund", B, "{}");
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/KESTREL");
	assert_int_equal(l->used, 135000000);
	assert_int_equal(l->reserved, 0);
	totals_hold(b);
}

static void b_goods_are_pledged_once(void **state)
{
	struct bench *b = *state;
	char args[600];
	pledge_to_arrived(b);
	snprintf(args, sizeof(args), PLEDGE, "LT-2");
	refused(b, "warehouse.open", B2, args, "double-pledge");
	done(b, "warehouse.count", B, "{\"packages\":10,\"quantity\":\"500\"}");
	done(b, "warehouse.certify", B, "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"ASSAY\"}");
	done(b, "warehouse.issue", B, "{}");
	refused(b, "pledge.perfect", B, "{\"number\":\"77-1184\",\"earlier\":true}", "double-pledge");
	price(b, 300000);
	done(b, "pledge.perfect", B, "{\"number\":\"77-1184\",\"earlier\":false}");
	struct value v = *(const struct value *)tab_get(b->tabs, &VALUE_REC, "copper");
	v.state = VALUE_SPREAD;
	tab_put(b->tabs, &VALUE_REC, &v);
	refused(b, "pledge.value", B, "{}", "price-stale");
	price(b, 400000);
	done(b, "pledge.value", B, "{}");
	refused(b, "disbursement.approve", B, "{}", "ltv-too-high"); /* 75 % */
}

static void b_compensation_leaves_nothing(void **state)
{
	static const char *const calls[] = { "disbursement.cancel_payment", "pledge.discharge", "warehouse.cancel",
		"disbursement.release_limit", "warehouse.unreserve", "warehouse.reversed" };
	struct bench *b = *state;
	pledge_to_arrived(b);
	done(b, "warehouse.count", B, "{\"packages\":10,\"quantity\":\"500\"}");
	pledge_to_valued(b);
	done(b, "disbursement.approve", B, "{}");
	done(b, "disbursement.seal", B, "{}");
	done(b, "disbursement.release", B, "{}");
	undo(b, B, calls, sizeof(calls) / sizeof(calls[0]));
	is_in(b, B, DEAL_REVERSED);
	nothing_is_claimed(b);
	for (size_t i = 0; i < CHART_COUNT; i++)
		balance(b, CHART[i].number, 0);
	const struct limit *l = tab_get(b->tabs, &LIMIT_REC, "NOORDZEE/KESTREL");
	assert_int_equal(l->used + l->reserved, 0);
	totals_hold(b);
	pledge_open(b, B2, "LT-2");
}

static void b_late_days_bear_more(void **state)
{
	struct bench *b = *state;
	pledge_to_funded(b);
	today_is += 103; /* day 90 is a Sunday: due on Monday. 12 days past it, 1,500,000.00 at 10.80 % */
	done(b, "settlement.accrue", B, "{}");
	balance(b, 4000, -2730000);
	balance(b, 4030, -540000);
	totals_hold(b);
}

static void money_without_a_deal_waits(void **state)
{
	struct bench *b = *state;
	done(b, "settlement.receipt", "", "{\"currency\":\"EUR\",\"amount\":\"123.45\",\"payer\":\"SOMEBODY\"}");
	balance(b, 1150, -12345);
	balance(b, 1000, 12345);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_purchase_settles), T(a_wrong_payer_and_a_part),
		T(a_rejected_payment_goes_again), T(a_returned_payment_is_sent_again), T(a_compensation_leaves_nothing),
		T(documents_must_match), T(an_invoice_is_financed_once), T(the_debtor_confirms_no_more),
		T(stale_conditions_stop_a_payment), T(b_loan_closes), T(b_margin_is_called_and_cured), T(b_pledge_is_enforced), T(b_limit_of_another_currency),
		T(b_short_count_cuts_the_loan), T(b_goods_are_pledged_once), T(b_compensation_leaves_nothing),
		T(b_late_days_bear_more), T(money_without_a_deal_waits) };
	return cmocka_run_group_tests_name("contracts of data/", tests, NULL, NULL);
}
