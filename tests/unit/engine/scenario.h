/* Two financings from request to end, as the parties and the people of the shipped desk drive them. Used where
 * a journal with everything in it is needed. A step that is refused stops the test through desk_broken. */
#ifndef WHARF_TEST_ENGINE_SCENARIO_H
#define WHARF_TEST_ENGINE_SCENARIO_H

#include "unit/engine/setup.h"

static inline void act(struct desk *d, const char *person, const char *deal, const char *node, const char *decision,
	const char *json)
{
	char what[80];
	const struct task *task = desk_task(d, deal, node);
	bool no = strcmp(decision, "approve") != 0 && strcmp(decision, "done") != 0;
	snprintf(what, sizeof(what), "%s at %s by %s", decision, node, person);
	if (!task) {
		snprintf(d->detail, sizeof(d->detail), "there is no such task");
		desk_broken(d, what);
	}
	enum refusal r = desk_decide(d, person, task, decision, no ? "for the test" : "", json);
	if (r != REFUSED_NOT) {
		snprintf(what, sizeof(what), "%s at %s by %s: %s", decision, node, person, refusal_name(r));
		desk_broken(d, what);
	}
}

static inline void answer(struct desk *d, const char *deal, const char *kind, const char *json)
{
	const struct effect *e = desk_effect(d, deal, kind);
	if (!e) {
		snprintf(d->detail, sizeof(d->detail), "nothing was asked");
		desk_broken(d, kind);
	}
	if (desk_reply(d, e, "ok", json) != REFUSED_NOT)
		desk_broken(d, kind);
}

static inline void told(struct desk *d, const char *party, const char *deal, const char *name, const char *json)
{
	if (desk_message(d, party, deal, name, json) != REFUSED_NOT)
		desk_broken(d, name);
}

/* An invoice over 1,000,000.00, due in 90 days. */
static inline enum refusal receivables_request(struct desk *d, const char *deal, const char *number, const char *grn)
{
	char json[900];
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"DRAHT\",\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\","
		"\"amount\":\"1000000.00\",\"rate_max\":70000,\"maker\":\"l.haas\",\"invoice\":{\"id\":\"RV-%s\",\"number\":\"%s\","
		"\"issue\":\"2026-03-12\",\"due\":\"2026-06-14\",\"order\":\"PO-%s\",\"grn\":\"%s\",\"grn_day\":\"2026-03-10\","
		"\"order_quantity\":\"1000\",\"grn_quantity\":\"%s\",\"invoice_quantity\":\"1000\",\"order_price\":\"1000.00\","
		"\"invoice_price\":\"1000.00\"}}", deal, number, number, number, grn, *grn ? "1000" : "0");
	return desk_data(d, EVENT_REQUEST, "party/DRAHT", deal, "receivables", json);
}

/* To the point where the money is with the supplier: COLLECTING. */
static inline void receivables_fund(struct desk *d, const char *deal)
{
	answer(d, deal, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(d, deal, "offer.send", "{\"accepted\":true}");
	act(d, "t.okafor", deal, "A11", "approve", "{}");
	act(d, "m.dahl", deal, "A11b", "approve", "{}");
	answer(d, deal, "assign.register", "{\"number\":\"77-1184\"}");
	act(d, "r.lindt", deal, "A13r", "approve", "{}");
	answer(d, deal, "bank.pay", "{\"executed\":true}");
}

static inline void receivables_run(struct desk *d, const char *deal, const char *number)
{
	if (receivables_request(d, deal, number, number) != REFUSED_NOT)
		desk_broken(d, "request");
	receivables_fund(d, deal);
	desk_pass(d, d->now + 3 * INSTANT_DAY);
	told(d, "BANKNET", deal, "obligor.paid", "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}");
}

/* 500 t of copper against 1,500,000.00. */
static inline enum refusal pledge_request(struct desk *d, const char *deal, const char *heap)
{
	char json[900];
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\","
		"\"place\":\"B-02\",\"currency\":\"EUR\",\"amount\":\"1500000.00\",\"commodity\":\"copper\",\"unit\":\"TNE\","
		"\"quantity\":\"500\",\"packages\":10,\"labels\":[\"340123451111111111\"],\"asset_key\":\"%s\",\"rate\":72000,"
		"\"days\":90,\"maker\":\"l.haas\"}", deal, heap);
	return desk_data(d, EVENT_REQUEST, "party/KESTREL", deal, "inventory-pledge", json);
}

static inline void pledge_goods(struct desk *d, const char *deal)
{
	told(d, "LEK", deal, "goods.departed", "{}");
	told(d, "LEK", deal, "goods.arrived", "{}");
	act(d, "j.kuiper", deal, "B05", "done", "{\"quantity\":\"500\",\"packages\":10,\"damaged\":\"0\",\"labels\":[]}");
	told(d, "PORTASSAY", deal, "certificate", "{\"grade\":\"A\",\"number\":\"C-1\",\"inspector\":\"PORTASSAY\"}");
	answer(d, deal, "pledge.file", "{\"number\":\"77-1185\",\"earlier\":false}");
}

static inline void pledge_fund(struct desk *d, const char *deal)
{
	pledge_goods(d, deal);
	act(d, "t.okafor", deal, "B11", "approve", "{}");
	act(d, "m.dahl", deal, "B11b", "approve", "{}");
	act(d, "r.lindt", deal, "B13r", "approve", "{}");
	answer(d, deal, "bank.pay", "{\"executed\":true}");
}

static inline void pledge_run(struct desk *d, const char *deal, const char *heap)
{
	if (desk_price(d, "copper", 600000) != REFUSED_NOT || pledge_request(d, deal, heap) != REFUSED_NOT)
		desk_broken(d, "request");
	pledge_fund(d, deal);
	desk_pass(d, d->now + 2 * INSTANT_DAY);
	told(d, "BANKNET", deal, "borrower.paid", "{\"amount\":\"1500600.00\",\"payer\":\"KESTREL\"}");
	act(d, "s.brink", deal, "B17", "approve", "{}");
	act(d, "j.kuiper", deal, "B17w", "done", "{\"quantity\":\"500\"}");
}

#endif
