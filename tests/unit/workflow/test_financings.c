/* The shipped processes with the shipped contracts and policy, run event by event: both financings to their ends,
 * the ways out before the pivot, and a compensation ordered by a person. Tasks, which belong to the scheduler,
 * only open and close here; parties answer at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/num.h"
#include "contract/assets.h"
#include "contract/call.h"
#include "identity/keyring.h"
#include "ledger/period.h"
#include "contract/endorsed.h"
#include "contract/totals.h"
#include "feed/state.h"
#include "risk/watch.h"
#include "schedule/pool.h"
#include "workflow/runtime.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

/* --- the scheduler, played --------------------------------------------------------------------------- */

const char *const TASK_STATE_NAMES[] = { "waiting", "pooled", "claimed", "done", "withdrawn", "held", NULL };
const char *const TASK_REVERSIBLE_NAMES[] = { "before", "pivot", "after", NULL };
#define REC_SELF struct task
REC_TYPE(TASK_REC, 33, "task", TASK_FIELDS)
#undef REC_SELF

void task_open(struct turn *t, struct task *task)
{
	turn_id(t, "TK", task->id);
	task->state = TASK_POOLED;
	tab_put(t->tabs, &TASK_REC, task);
}

void task_withdraw(struct turn *t, const char *task_id, const char *why)
{
	const struct task *found = tab_get(t->tabs, &TASK_REC, task_id);
	(void)why;
	if (!found || found->state == TASK_DONE)
		return;
	struct task task = *found;
	task.state = TASK_WITHDRAWN;
	tab_put(t->tabs, &TASK_REC, &task);
}

/* Forms of docs/flows.md with their decisions, the primary one first. */
static const struct {
	const char *form;
	const char *decisions[4];
} FORMS[] = {
	{ "approve", { "approve", "return", "reject" } }, { "clear", { "approve", "reject" } },
	{ "release", { "approve", "reject" } }, { "receipt", { "done", "return" } }, { "count", { "done" } },
	{ "cancel", { "done" } }, { "goods-out", { "done" } }, { "release-goods", { "approve", "reject" } },
	{ "margin", { "approve", "reject" } }, { "enforce", { "approve", "reject" } }, { "correct", { "done", "reject" } },
	{ "evidence", { "done", "reject" } }, { "chase", { "done", "reject" } }, { "account", { "done", "reject" } },
};

const char *const *task_decisions(const char *form)
{
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++)
		if (!strcmp(FORMS[i].form, form))
			return FORMS[i].decisions;
	fail_msg("no form '%s'", form);
	return NULL;
}

int64_t hold_level(const struct tabs *s, const char *object)
{
	(void)s;
	(void)object;
	return 0;
}

/* --- the desk ------------------------------------------------------------------------------------------ */

static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC,
	&ENDORSE_REC, &PARTY_REC, &OPERATOR_REC, &ACT_REC, &STOP_REC, &TRANSFER_REC, &STATEMENT_REC, &ACCOUNT_REC,
	&DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &PERIOD_REC, &VALUE_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC, &TOKEN_NOTE_REC,
	&LOT_REC, &RECEIPT_REC, &PLEDGE_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC, &CODE_REC, &PARAM_REC,
	&SCORE_REC, &PROFILE_REC,
	&DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC, &TASK_REC, &PROCESS_REC, &INSTANCE_REC, &TOKEN_REC, &TIMER_REC, &STEP_REC,
	&VARIABLE_REC, &INBOX_REC, &EFFECT_REC };
static const char *const CONTRACTS[] = { "receivables", "scoring", "matching", "disbursement", "warehouse", "pledge",
	"margin", "settlement", "release" };
static const char *const PROCESSES[] = { "receivables", "inventory-pledge" };
#define DEAL "DL-01K8AAAAAAAAAAAAAAAAAAAAAA"

static struct tabs *tabs;
static struct arena scratch;
static struct turn turn;
static struct workflow w;
static uint64_t number;
static int64_t now;
static char instance[ID_MAX];
static const char *bank_says; /* error code of the bank's next answer, or NULL */
static int compensated;

static void begin(void)
{
	struct hash seed = hash_of(&number, sizeof(number));
	number++;
	now += INSTANT_SECOND;
	turn_begin(&turn, tabs, &scratch, number, now, &seed);
	snprintf(turn.actor, sizeof(turn.actor), "o.person%u", (unsigned)number); /* another one at each step */
}

static void take(const struct signal *s)
{
	char id[ID_MAX];
	if (s->kind == SIGNAL_EFFECT)
		effect_send(&turn, s->code, s->subject, s->deal, s->extra, str_of(s->text), id);
	if (s->kind == SIGNAL_MESSAGE)
		workflow_message(&turn, &w, s->code, s->deal, str_of(s->text));
	if (s->kind == SIGNAL_INCIDENT)
		fail_msg("incident at %s: %s %s", s->subject, s->code, s->text);
	compensated += s->kind == SIGNAL_COMPENSATED;
}

static void end(void)
{
	const struct signal *s;
	char why[240];
	while ((s = turn_next_signal(&turn)))
		take(s);
	tab_commit(tabs);
	if (!workflow_holds(tabs, why))
		fail_msg("%s", why);
	arena_reset(&scratch);
}

static struct str slurp(const char *directory, const char *name, const char *suffix)
{
	char path[512];
	const char *source = getenv("WHARF_SOURCE");
	snprintf(path, sizeof(path), "%s/data/%s/%s%s", source ? source : ".", directory, name, suffix);
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot read %s", path);
	char *bytes = arena_alloc(&scratch, 1 << 18);
	size_t n = fread(bytes, 1, (1 << 18) - 1, f);
	fclose(f);
	bytes[n] = 0;
	return (struct str){ bytes, n };
}

static void policy(void)
{
	struct json *doc;
	struct fault fault;
	assert_int_equal(json_parse(&scratch, slurp("policy", "policy", ".json"), &doc, &fault), ERR_OK);
	for (const struct json *m = json_get(doc, "params")->child; m; m = m->next) {
		struct param p = { .policy = 12 };
		str_copy(p.id, sizeof(p.id), m->key);
		if (m->kind == JSON_STRING)
			str_copy(p.text, sizeof(p.text), m->text);
		else
			assert_true(num_parse_scaled(m->text, 0, false, &p.value));
		tab_put(tabs, &PARAM_REC, &p);
	}
}

static void price(int64_t amount)
{
	struct value v = { .id = "copper", .unit = "TNE", .currency = "EUR", .state = VALUE_OK, .amount = amount, .at = now };
	tab_put(tabs, &VALUE_REC, &v);
}

static void facts(void)
{
	static const struct party PARTIES[] = {
		{ .id = "NOORDZEE", .kind = PARTY_FND, .group = "NOORDZEE" }, { .id = "BANK", .kind = PARTY_BNK, .group = "BANK" },
		{ .id = "REGISTRY", .kind = PARTY_RGY, .group = "REGISTRY" },
		{ .id = "DRAHT", .kind = PARTY_SUP, .group = "DRAHT", .iban = "DE89370400440532013000" },
		{ .id = "HALVORSEN", .kind = PARTY_CORE, .group = "HALVORSEN" },
		{ .id = "KESTREL", .kind = PARTY_BOR, .group = "KESTREL", .iban = "GB82WEST12345698765432" },
		{ .id = "WAALHAVEN", .kind = PARTY_WHS, .group = "WAALHAVEN" },
		{ .id = "ASSAY", .kind = PARTY_INS, .group = "ASSAY" },
	};
	static const struct limit LIMITS[] = {
		{ .id = "NOORDZEE/HALVORSEN", .currency = "EUR", .amount = 200000000 },
		{ .id = "NOORDZEE/KESTREL", .currency = "EUR", .amount = 200000000 },
	};
	static const struct profile PROFILE = { .id = "HALVORSEN", .relation_months = 80, .complete = 10000 };
	static const struct offer OFFER = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN",
		.rate = 60000, .most = 500000000, .days_max = 180 };
	for (size_t i = 0; i < sizeof(PARTIES) / sizeof(PARTIES[0]); i++)
		tab_put(tabs, &PARTY_REC, &PARTIES[i]);
	for (size_t i = 0; i < sizeof(LIMITS) / sizeof(LIMITS[0]); i++)
		tab_put(tabs, &LIMIT_REC, &LIMITS[i]);
	tab_put(tabs, &PROFILE_REC, &PROFILE);
	tab_put(tabs, &OFFER_REC, &OFFER);
	struct cert a = { .id = "accreditation/ASSAY/A0", .kind = CERT_ACCREDITATION, .subject = "ASSAY", .number = "A0", .issuer = "STATE",
		.signed_at = 1, .from = 1, .until = INT64_MAX };
	tab_put(tabs, &CERT_REC, &a);
	price(600000);
}

static void deploy(void)
{
	for (size_t i = 0; i < sizeof(CONTRACTS) / sizeof(CONTRACTS[0]); i++)
		assert_int_equal(contract_deploy(&turn, w.contracts, CONTRACTS[i], slurp("contracts", CONTRACTS[i], ".lua")),
			REFUSED_NOT);
	for (size_t i = 0; i < sizeof(PROCESSES) / sizeof(PROCESSES[0]); i++)
		if (process_deploy(&turn, &w, PROCESSES[i], slurp("processes", PROCESSES[i], ".bpmn")) != REFUSED_NOT)
			fail_msg("%s: %s", PROCESSES[i], turn.detail);
}

static int setup(void **state)
{
	(void)state;
	tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	w = (struct workflow){ processes_new(), contracts_new() };
	now = instant_of(2026, 3, 16, 8, 0, 0);
	number = 0;
	compensated = 0;
	bank_says = NULL;
	begin();
	policy();
	facts();
	deploy();
	end();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	processes_free(w.processes);
	contracts_free(w.contracts);
	tabs_free(tabs);
	arena_free(&scratch);
	return 0;
}

/* --- events ---------------------------------------------------------------------------------------------- */

static void start(const char *process, const char *json)
{
	begin();
	assert_int_equal(workflow_start(&turn, &w, process, DEAL, str_of(json), instance), REFUSED_NOT);
	end();
}

static void message(const char *name, const char *json)
{
	begin();
	workflow_message(&turn, &w, name, DEAL, str_of(json));
	end();
}

static const struct task *task_at(const char *node)
{
	TAB_FOR(task, k, tabs, &TASK_REC, "")
		if (k->state == TASK_POOLED && !strcmp(k->node, node))
			return k;
	return NULL;
}

static void complete(const char *node, const char *decision, const char *json)
{
	const struct task *found = task_at(node);
	if (!found)
		TAB_FOR(token, k, tabs, &TOKEN_REC, "")
			print_error("token at %s\n", k->node);
	if (!found)
		fail_msg("no task at %s", node);
	struct task task = *found;
	begin();
	task.state = TASK_DONE;
	tab_put(tabs, &TASK_REC, &task);
	/* what the pool records as a person completes it: contracts count whose word stands on the deal */
	turn.actor_role = task.role;
	memcpy(turn.actor_party, task.party, sizeof(turn.actor_party));
	act_record(&turn, DEAL, task.act, decision);
	workflow_on_task_done(&turn, &w, &(struct signal){ .kind = SIGNAL_TASK_DONE, .subject = task.id, .deal = DEAL,
		.code = decision, .text = json, .extra = "" });
	end();
}

static const char *answer_of(const struct effect *e)
{
	static const struct { const char *kind, *json; } ANSWERS[] = {
		{ "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}" },
		{ "offer.send", "{\"accepted\":true}" }, { "assign.register", "{\"number\":\"77-1184\"}" },
		{ "pledge.file", "{\"number\":\"77-1185\",\"earlier\":false}" }, { "bank.pay", "{\"executed\":true}" },
		{ "margin.demand", "{\"amount\":\"265000.00\"}" },
	};
	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++)
		if (!strcmp(ANSWERS[i].kind, e->kind))
			return ANSWERS[i].json;
	return "{}";
}

/* The parties answer what they were asked, until nothing is asked. */
static void parties_answer(void)
{
	for (;;) {
		const struct effect *ask = NULL;
		TAB_FOR(effect, e, tabs, &EFFECT_REC, "")
			if (e->state == EFFECT_PENDING && e->reply[0])
				ask = e;
		if (!ask)
			return;
		char id[ID_MAX];
		const char *no = !strcmp(ask->kind, "bank.pay") ? bank_says : NULL;
		snprintf(id, sizeof(id), "%s", ask->id);
		begin();
		assert_int_equal(effect_reply(&turn, &w, id, no ? no : "ok", str_of(no ? "{\"code\":\"AC04\"}" : answer_of(ask))),
			REFUSED_NOT);
		end();
		if (no)
			bank_says = NULL;
	}
}

static void tick(void)
{
	const struct timer *next = timer_next(tabs);
	assert_non_null(next);
	if (next->due > now)
		now = next->due;
	begin();
	workflow_on_timer(&turn, &w, next);
	end();
}

static void deal_is(int64_t state)
{
	const struct deal *d = tab_get(tabs, &DEAL_REC, DEAL);
	assert_string_equal(DEAL_STATE_NAMES[d->state], DEAL_STATE_NAMES[state]);
}

static void instance_is(const char *state)
{
	const struct instance *i = tab_get(tabs, &INSTANCE_REC, instance);
	assert_string_equal(INSTANCE_STATE_NAMES[i->state], state);
}

static void totals_hold(void)
{
	struct total out[TOTALS_COUNT];
	char why[240] = "";
	assert_true(totals_compute(tabs, "NOORDZEE", "EUR", out));
	if (!assets_hold(tabs, why))
		fail_msg("%s", why);
}

static int undone(void)
{
	int n = 0;
	TAB_FOR(step, s, tabs, &STEP_REC, "")
		n += s->state == STEP_UNDONE;
	return n;
}

/* --- receivables ------------------------------------------------------------------------------------------ */

static void request(const char *grn)
{
	char json[900];
	snprintf(json, sizeof(json), "{\"party\":\"DRAHT\",\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\",\"amount\":\"1000000.00\","
		"\"rate_max\":70000,\"maker\":\"o.maker\",\"invoice\":{\"id\":\"RV-1\",\"number\":\"R-77\",\"issue\":\"2026-03-12\","
		"\"due\":\"2026-06-14\",\"order\":\"PO-1\",\"grn\":\"%s\",\"grn_day\":\"2026-03-10\",\"order_quantity\":\"1000\","
		"\"grn_quantity\":\"%s\",\"invoice_quantity\":\"1000\",\"order_price\":\"1000.00\",\"invoice_price\":\"1000.00\"}}",
		grn, *grn ? "1000" : "0");
	start("receivables", json);
	parties_answer();
}

static void purchase_to_collection(void)
{
	request("GRN-5");
	deal_is(DEAL_ACCEPTED);
	complete("A11", "return", "{}");
	complete("A11r", "done", "{}");
	complete("A11", "approve", "{}");
	complete("A11b", "approve", "{}"); /* 984,000.00 is above the authority of one */
	parties_answer();
	complete("A13r", "approve", "{}");
	deal_is(DEAL_DISBURSING);
}

static void a_purchase_runs_to_its_end(void **state)
{
	(void)state;
	purchase_to_collection();
	parties_answer();
	deal_is(DEAL_COLLECTING);
	message("obligor.paid", "{\"amount\":\"400000.00\",\"payer\":\"HALVORSEN\"}");
	deal_is(DEAL_PART_COLLECTED);
	message("obligor.paid", "{\"amount\":\"600000.00\",\"payer\":\"HALVORSEN\"}");
	deal_is(DEAL_SETTLED);
	instance_is("done");
	totals_hold();
}

static void the_receipt_may_come_later(void **state)
{
	(void)state;
	request("");
	deal_is(DEAL_SUBMITTED);
	message("evidence.grn", "{\"number\":\"GRN-5\",\"day\":\"2026-03-10\",\"quantity\":\"1000\"}");
	parties_answer();
	deal_is(DEAL_ACCEPTED);
}

static void no_receipt_rejects(void **state)
{
	(void)state;
	request("");
	tick();
	deal_is(DEAL_REJECTED);
	instance_is("done");
	assert_int_equal(undone(), 1);
	totals_hold();
}

static void a_rejected_approval_undoes_all(void **state)
{
	(void)state;
	request("GRN-5");
	complete("A11", "reject", "{}");
	deal_is(DEAL_REJECTED);
	instance_is("done");
	assert_int_equal(undone(), 4); /* match, token, fingerprints, application */
	assert_string_equal(((const struct deal *)tab_get(tabs, &DEAL_REC, DEAL))->reason, "rejected");
	totals_hold();
}

static void the_bank_says_no_then_yes(void **state)
{
	(void)state;
	bank_says = "payment-rejected";
	purchase_to_collection();
	parties_answer();
	deal_is(DEAL_APPROVED);
	complete("A14t", "done", "{\"account_checked\":true}");
	complete("A13r", "approve", "{}");
	parties_answer();
	deal_is(DEAL_COLLECTING);
	message("payment.returned", "{\"code\":\"AC04\"}");
	deal_is(DEAL_PAY_RETURNED);
	complete("A14z", "done", "{\"account_checked\":true}");
	parties_answer();
	deal_is(DEAL_COLLECTING);
	totals_hold();
}

/* Operations and treasury may give up before the pivot. */
static void a_correction_may_be_given_up(void **state)
{
	(void)state;
	request("GRN-5");
	complete("A11", "return", "{}");
	complete("A11r", "reject", "{}");
	deal_is(DEAL_REJECTED);
	assert_int_equal(undone(), 4);
	totals_hold();
}

static void an_account_may_be_given_up(void **state)
{
	(void)state;
	bank_says = "payment-rejected";
	purchase_to_collection();
	parties_answer();
	complete("A14t", "reject", "{}");
	deal_is(DEAL_REJECTED);
	assert_int_equal(undone(), 7);
	instance_is("done");
	totals_hold();
}

static void a_stale_condition_is_brought(void **state)
{
	(void)state;
	request("GRN-5");
	complete("A11", "approve", "{}");
	complete("A11b", "approve", "{}");
	now += 4 * INSTANT_DAY; /* the approval holds for three */
	parties_answer();
	deal_is(DEAL_ASSIGNED);
	complete("A13w", "done", "{\"note\":\"approved again on paper\"}");
	deal_is(DEAL_DISBURSING);
}

static void nothing_paid_is_chased(void **state)
{
	(void)state;
	purchase_to_collection();
	parties_answer();
	tick();
	deal_is(DEAL_OVERDUE);
	complete("A18c", "done", "{}");
	message("obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}");
	deal_is(DEAL_SETTLED);
	totals_hold();
}

static void order_undo(void)
{
	begin();
	assert_int_equal(workflow_compensate(&turn, &w, DEAL, "double pledge"), REFUSED_NOT);
	end();
}

static void reverse(const char *call)
{
	struct str result;
	assert_int_equal(compensated, 1);
	begin();
	if (contract_call(&turn, w.contracts, call, DEAL, STR("{}"), &result) != REFUSED_NOT)
		fail_msg("%s: %s", call, turn.detail);
	end();
	deal_is(DEAL_REVERSED);
	totals_hold();
}

static void a_person_undoes_a_purchase(void **state)
{
	(void)state;
	purchase_to_collection();
	order_undo();
	assert_int_equal(undone(), 7);
	reverse("receivables.reversed");
}

/* --- inventory pledge ----------------------------------------------------------------------------------- */

static void lend(void)
{
	start("inventory-pledge", "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\",\"place\":\"B-02\","
		"\"currency\":\"EUR\",\"amount\":\"1500000.00\",\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"500\","
		"\"packages\":10,\"labels\":[\"340123451111111111\"],\"asset_key\":\"CSQU3054383\",\"rate\":72000,\"days\":90,"
		"\"maker\":\"o.maker\",\"lot\":\"LT-1\"}");
	deal_is(DEAL_PRE_LIMIT);
}

static void goods_come(const char *quantity, const char *packages)
{
	char json[200];
	message("goods.departed", "{}");
	message("goods.arrived", "{}");
	deal_is(DEAL_ARRIVED);
	snprintf(json, sizeof(json), "{\"quantity\":\"%s\",\"packages\":%s,\"damaged\":\"0\",\"labels\":[]}", quantity, packages);
	complete("B05", "return", "{}");
	complete("B05q", "done", "{}");
	complete("B05", "done", json);
}

static void loan_to_released(void)
{
	message("certificate", "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"ASSAY\"}");
	parties_answer();
	deal_is(DEAL_VALUED);
	complete("B11", "approve", "{}");
	complete("B11b", "approve", "{}");
	complete("B13r", "approve", "{}");
	deal_is(DEAL_DISBURSING);
}

static void a_loan_runs_to_its_end(void **state)
{
	(void)state;
	lend();
	goods_come("500", "10");
	loan_to_released();
	parties_answer();
	deal_is(DEAL_FUNDED);
	message("borrower.paid", "{\"amount\":\"500000.00\",\"payer\":\"KESTREL\"}");
	deal_is(DEAL_FUNDED);
	message("borrower.paid", "{\"amount\":\"1000000.00\",\"payer\":\"KESTREL\"}");
	deal_is(DEAL_RELEASING);
	complete("B17", "reject", "{}");
	complete("B17r", "done", "{}");
	complete("B17", "approve", "{}");
	complete("B17w", "done", "{\"quantity\":\"500\"}");
	deal_is(DEAL_CLOSED);
	instance_is("done");
	totals_hold();
}

static void a_short_count_is_counted_again(void **state)
{
	(void)state;
	lend();
	goods_come("450", "9");
	complete("B05r", "done", "{\"quantity\":\"450\",\"packages\":9,\"method\":\"scale\"}");
	loan_to_released();
	assert_int_equal(((const struct deal *)tab_get(tabs, &DEAL_REC, DEAL))->amount, 135000000);
	totals_hold();
}

static void margin_is_called_and_cured(void **state)
{
	struct str result;
	(void)state;
	lend();
	goods_come("500", "10");
	loan_to_released();
	parties_answer();
	begin();
	price(380000);
	assert_int_equal(contract_call(&turn, w.contracts, "pledge.revalue", DEAL, STR("{}"), &result), REFUSED_NOT);
	end();
	message("margin.called", "{}");
	complete("B14m", "approve", "{}");
	deal_is(DEAL_MARGIN_CALL);
	parties_answer();
	deal_is(DEAL_FUNDED);
	message("margin.called", "{}");
	complete("B14m", "approve", "{}");
	tick(); /* unmet */
	complete("B20", "approve", "{}");
	deal_is(DEAL_ENFORCING); /* the sale is told by the bank, not by the process */
	instance_is("running");
	message("enforcement.over", "{}");
	instance_is("done");
	totals_hold();
}

static void goods_that_never_come_reject(void **state)
{
	(void)state;
	lend();
	tick();
	deal_is(DEAL_REJECTED);
	instance_is("done");
	assert_int_equal(undone(), 2);
	totals_hold();
}

static void a_person_undoes_a_loan(void **state)
{
	(void)state;
	lend();
	goods_come("500", "10");
	loan_to_released();
	order_undo();
	assert_int_equal(compensated, 0); /* payment and pledge are undone; the warehouse has to cancel the receipt */
	assert_int_equal(undone(), 2);
	complete("B08u", "done", "{\"quantity\":\"500\"}");
	assert_int_equal(undone(), 5);
	reverse("warehouse.reversed");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(a_purchase_runs_to_its_end), T(the_receipt_may_come_later),
		T(no_receipt_rejects), T(a_rejected_approval_undoes_all), T(the_bank_says_no_then_yes), T(nothing_paid_is_chased),
		T(a_correction_may_be_given_up), T(an_account_may_be_given_up),
		T(a_stale_condition_is_brought),
		T(a_person_undoes_a_purchase), T(a_loan_runs_to_its_end), T(a_short_count_is_counted_again),
		T(margin_is_called_and_cured), T(goods_that_never_come_reject), T(a_person_undoes_a_loan) };
	return cmocka_run_group_tests_name("the shipped financings", tests, NULL, NULL);
}
