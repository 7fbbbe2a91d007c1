/* What everybody around a desk does by dice: apply, answer, move goods, pay, decide, intervene, and what nobody may.
 *
 * One desk and one dice, both static: for programs that play many runs, one after the other. After every entry the workflow's rules
 * are asked for, every DEEP_EVERY entries everything; the first breach stays in `breach`. */
#ifndef TESTS_SIM_ACTORS_H
#define TESTS_SIM_ACTORS_H

#include "unit/engine/setup.h"

enum { DEALS = 60, DEEP_EVERY = 50 };

static struct desk desk;
static uint64_t dice_state;
static char breach[400];
static size_t verdicts[REFUSAL_COUNT], events;
static struct {
	char id[ID_MAX];
	bool pledge;
} deals[DEALS];
static size_t deal_count;

static uint64_t dice(uint64_t below)
{
	dice_state += UINT64_C(0x9E3779B97F4A7C15);
	uint64_t z = dice_state;
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return (z ^ z >> 31) % below;
}

static bool chance(unsigned percent)
{
	return dice(100) < percent;
}

/* --- what must hold ------------------------------------------------------------------------------------- */

static void broken(const char *format, const char *what)
{
	if (!breach[0])
		snprintf(breach, sizeof(breach), format, what);
}

/* What the deals hold of a limit is what the limit says is reserved and used. */
static void limits_hold(const struct tabs *s)
{
	TAB_FOR(limit, l, s, &LIMIT_REC, "") {
		int64_t reserved = 0, used = 0;
		TAB_FOR(claim, c, s, &CLAIM_REC, "limit/") {
			if (strcmp(c->party, l->group) != 0)
				continue;
			reserved += c->state == CLAIM_RESERVED ? c->amount : 0;
			used += c->state == CLAIM_FINANCED ? c->amount : 0;
		}
		char text[200];
		snprintf(text, sizeof(text), "%s: used %lld of claims %lld, reserved %lld of claims %lld", l->id, (long long)l->used,
			(long long)used, (long long)l->reserved, (long long)reserved);
		if (l->reserved != reserved || l->used != used || l->used + l->reserved > l->amount)
			broken("limit %s", text);
	}
}

static bool undoing(const struct tabs *s, const char *instance)
{
	const struct instance *i = tab_get(s, &INSTANCE_REC, instance);
	return i && i->state == INSTANCE_COMPENSATING;
}

/* A deal that is over has no tokens and open tasks but those that undo it; one that goes on has something that
 * moves it. */
static void ends_hold(const struct tabs *s)
{
	for (size_t i = 0; i < deal_count; i++) {
		const struct deal *d = tab_get(s, &DEAL_REC, deals[i].id);
		size_t tokens = 0, tasks = 0;
		if (!d)
			continue;
		TAB_FOR(token, k, s, &TOKEN_REC, "")
			tokens += strcmp(k->deal, d->id) == 0 && !(deal_state_final(d->state) && undoing(s, k->instance));
		TAB_FOR(task, k, s, &TASK_REC, "")
			tasks += strcmp(k->deal, d->id) == 0 && desk_open_task(k) && k->node[0] && !undoing(s, k->instance);
		char text[120];
		snprintf(text, sizeof(text), "%s is %s with %zu tokens, %zu tasks", d->id, DEAL_STATE_NAMES[d->state], tokens, tasks);
		if (deal_state_final(d->state) ? tokens || tasks : !tokens)
			broken("%s", text);
	}
}

static void deep_look(void)
{
	const struct tabs *s = engine_tabs(desk.engine);
	char why[300];
	if (!desk_holds(&desk, why))
		broken("%s", why);
	limits_hold(s);
	ends_hold(s);
}

static void ordered(void *ctx, const struct engine_out *out)
{
	char why[240];
	(void)ctx;
	verdicts[out->verdict]++;
	events++;
	if (!workflow_holds(engine_tabs(desk.engine), why))
		broken("%s", why);
	if (events % DEEP_EVERY == 0)
		deep_look();
	if (breach[0] && !strstr(breach, " after entry ")) {
		size_t len = strlen(breach);
		snprintf(breach + len, sizeof(breach) - len, " after entry %llu, a %s, %s", (unsigned long long)out->entry.number,
			refusal_name(out->verdict), out->detail);
	}
}

/* --- applications --------------------------------------------------------------------------------------- */

static void apply_for_purchase(const char *id, unsigned n)
{
	char json[1000], amount[24];
	int64_t quantity = 10 + (int64_t)dice(990), invoiced = chance(10) ? quantity + quantity / 5 : quantity;
	bool without = chance(15);
	unsigned number = chance(10) && n > 3 ? n - 1 - (unsigned)dice(3) : n; /* the same paper again */
	snprintf(amount, sizeof(amount), "%lld.00", (long long)invoiced * 500);
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"DRAHT\",\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\","
		"\"amount\":\"%s\",\"rate_max\":%d,\"maker\":\"l.haas\",\"invoice\":{\"id\":\"RV-%u\",\"number\":\"R%u\","
		"\"issue\":\"2026-03-%02u\",\"due\":\"2026-06-%02u\",\"order\":\"PO-%u\",\"grn\":\"%s%u\",\"grn_day\":\"2026-03-10\","
		"\"order_quantity\":\"%lld\",\"grn_quantity\":\"%lld\",\"invoice_quantity\":\"%lld\",\"order_price\":\"500.00\","
		"\"invoice_price\":\"500.00\"}}", id, amount, chance(10) ? 1000 : 70000, n, number, 10 + (unsigned)dice(6),
		10 + (unsigned)dice(18), number, without ? "" : "G", without ? 0 : number, (long long)quantity,
		(long long)(without ? 0 : quantity), (long long)invoiced);
	if (without) { /* no number at all, not the digit nought */
		char *zero = strstr(json, "\"grn\":\"0\"");
		if (zero)
			memmove(zero + 7, zero + 8, strlen(zero + 8) + 1);
	}
	desk_data(&desk, EVENT_REQUEST, chance(80) ? "party/DRAHT" : "operator/l.haas", id, "receivables", json);
}

static void apply_for_loan(const char *id, unsigned n)
{
	char json[1000];
	int64_t tons = 20 + (int64_t)dice(300);
	unsigned heap = chance(12) && n > 2 ? n - 2 : n; /* the same heap again */
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\","
		"\"place\":\"B-%02u\",\"currency\":\"EUR\",\"amount\":\"%lld.00\",\"commodity\":\"copper\",\"unit\":\"TNE\","
		"\"quantity\":\"%lld\",\"packages\":10,\"labels\":[\"34012345%010u\"],\"asset_key\":\"HEAP-%u\",\"rate\":72000,"
		"\"days\":90,\"maker\":\"l.haas\"}", id, n % 90, (long long)tons * (int64_t)(2200 + dice(1800)), (long long)tons, n, heap);
	desk_data(&desk, EVENT_REQUEST, "party/KESTREL", id, "inventory-pledge", json);
}

static void new_deal(void)
{
	if (deal_count == DEALS)
		return;
	unsigned n = (unsigned)deal_count + 1;
	desk_deal_id(deals[deal_count].id, n);
	deals[deal_count].pledge = chance(50);
	if (deals[deal_count++].pledge)
		apply_for_loan(deals[deal_count - 1].id, n);
	else
		apply_for_purchase(deals[deal_count - 1].id, n);
}

/* --- parties ---------------------------------------------------------------------------------------------- */

/* A random pending effect, so that answers come in any order. */
static const struct effect *some_effect(void)
{
	const struct effect *found = NULL;
	uint64_t seen = 0;
	TAB_FOR(effect, e, engine_tabs(desk.engine), &EFFECT_REC, "")
		if (e->state == EFFECT_PENDING && e->reply[0] && dice(++seen) == 0)
			found = e;
	return found;
}

static void money_text(int64_t minor, char out[32])
{
	snprintf(out, 32, "%lld.%02lld", (long long)(minor / 100), (long long)(minor % 100));
}

static void some_answer(void)
{
	const struct effect *e = some_effect();
	const struct deal *d = e ? desk_deal(&desk, e->deal) : NULL;
	char json[200] = "{}", money[32], day[INSTANT_TEXT_MAX];
	const char *code = "ok";
	if (!d)
		return;
	if (strcmp(e->kind, "debt.request") == 0) {
		money_text(chance(8) ? d->amount / 2 : d->amount, money);
		snprintf(json, sizeof(json), "{\"amount\":\"%s\",\"due\":\"%s\",\"by\":\"h.coa\"}", money,
			instant_format_date(d->due_day, day));
		code = chance(8) ? "debt-refused" : code;
	} else if (strcmp(e->kind, "offer.send") == 0) {
		snprintf(json, sizeof(json), "{\"accepted\":%s}", chance(95) ? "true" : "false");
		code = chance(5) ? "offer-refused" : code;
	} else if (strcmp(e->kind, "assign.register") == 0 || strcmp(e->kind, "pledge.file") == 0) {
		snprintf(json, sizeof(json), "{\"number\":\"N-%u\"%s}", (unsigned)dice(100000), strcmp(e->kind, "pledge.file") ? ""
			: chance(5) ? ",\"earlier\":true" : ",\"earlier\":false");
		code = chance(4) ? "registry-closed" : code;
	} else if (strcmp(e->kind, "bank.pay") == 0) {
		code = chance(12) ? "payment-rejected" : code;
		snprintf(json, sizeof(json), strcmp(code, "ok") ? "{\"code\":\"AC04\"}" : "{\"executed\":true}");
	} else if (strcmp(e->kind, "margin.demand") == 0) {
		money_text(chance(20) ? d->margin_due / 2 : d->margin_due, money);
		snprintf(json, sizeof(json), "{\"amount\":\"%s\"}", money);
	}
	desk_reply(&desk, e, code, chance(2) ? "{" : json);
}

static void goods_move(const char *id)
{
	static const char *const NAMES[] = { "goods.departed", "goods.arrived", "certificate" };
	char json[120];
	size_t which = dice(3);
	snprintf(json, sizeof(json), "{\"grade\":\"%s\",\"number\":\"C-%u\",\"inspector\":\"PORTASSAY\"}", chance(92) ? "A" : "X",
		(unsigned)dice(1000));
	desk_message(&desk, which == 2 ? "PORTASSAY" : "LEK", id, NAMES[which], which == 2 ? json : "{}");
}

static void money_comes(const struct deal *d)
{
	char json[160], money[32];
	bool pledge = d->kind == DEAL_PLEDGE;
	int64_t owed = d->principal + (pledge ? d->accrued : 0), paid = chance(30) ? owed / 3 : chance(10) ? owed + 12345 : owed;
	if (paid <= 0 || !deal_state_paid(d->state))
		return;
	money_text(paid, money);
	snprintf(json, sizeof(json), "{\"amount\":\"%s\",\"payer\":\"%s\"}", money,
		chance(6) ? "LEK" : pledge ? "KESTREL" : "HALVORSEN");
	bool back = chance(8);
	desk_message(&desk, "BANKNET", d->id, back ? "payment.returned" : pledge ? "borrower.paid" : "obligor.paid",
		back ? "{\"code\":\"AC04\"}" : json);
}

/* The place of one that is not over; DEALS when there is none. */
static size_t some_live_deal(void)
{
	size_t found = DEALS;
	uint64_t seen = 0;
	for (size_t i = 0; i < deal_count; i++) {
		const struct deal *d = desk_deal(&desk, deals[i].id);
		if (d && !deal_state_final(d->state) && dice(++seen) == 0)
			found = i;
	}
	return found;
}

static void some_message(void)
{
	size_t i = some_live_deal();
	char id[ID_MAX];
	if (i == DEALS)
		return;
	memcpy(id, deals[i].id, sizeof(id));
	const struct deal *d = desk_deal(&desk, id);
	if (d && deal_state_paid(d->state) && chance(35))
		money_comes(d);
	else if (deals[i].pledge)
		goods_move(id);
	else if (chance(40))
		desk_message(&desk, "HALVORSEN", id, "evidence.grn", "{\"number\":\"G9\",\"day\":\"2026-03-10\",\"quantity\":\"500\"}");
}

/* --- the physical world ------------------------------------------------------------------------------------- */

static int64_t price = 600000, sequence;

static void some_price(void)
{
	int64_t drift = (int64_t)dice(9) - 5; /* it falls rather than rises */
	price += price * drift / 100;
	price = price < 300000 ? 620000 : price;
	if (chance(90)) {
		desk_price(&desk, "copper", price);
		return;
	}
	struct ev_answer a = { .value = "copper", .source = "lme-b", .currency = "EUR", .amount = price * 2, .at = desk.now };
	desk_send(&desk, EVENT_ANSWER, "party/lme-b", "", &a); /* one source alone says something else */
}

static void some_batch(void)
{
	struct feed_window w;
	struct ev_batch b;
	struct buf bytes = { 0 };
	memset(&w, 0, sizeof(w));
	memset(&b, 0, sizeof(b));
	if (chance(8))
		sequence++; /* a gap */
	snprintf(w.device, sizeof(w.device), "RTM/C2-T03");
	w.from = w.last_at = desk.now;
	w.count = 10;
	w.least = w.greatest = w.last = chance(15) ? -9000 : -18000 - (int64_t)dice(500);
	w.first_seq = ++sequence * 10;
	w.last_seq = w.first_seq + 9;
	feed_windows_encode(&w, 1, &bytes);
	snprintf(b.gateway, sizeof(b.gateway), "GW-RTM");
	b.sequence = sequence;
	b.from = b.to = desk.now;
	b.readings = 10;
	b.windows = blob_in(&desk.arena, bytes.ptr, bytes.len);
	desk_send(&desk, EVENT_BATCH, chance(97) ? "gateway/GW-RTM" : "node", "", &b);
	buf_free(&bytes);
}

/* --- people -------------------------------------------------------------------------------------------------- */

static const struct task *some_task(void)
{
	const struct task *found = NULL;
	uint64_t seen = 0;
	TAB_FOR(task, k, engine_tabs(desk.engine), &TASK_REC, "")
		if (desk_open_task(k) && dice(++seen) == 0)
			found = k;
	return found;
}

/* Somebody who holds the role, or, sometimes, just somebody. */
static const struct operator *some_person(int64_t role, const char *party)
{
	const struct operator *found = NULL;
	uint64_t seen = 0;
	bool any = role < 0;
	TAB_FOR(operator, o, engine_tabs(desk.engine), &OPERATOR_REC, "")
		if ((any || (o->role == role && (!party[0] || strcmp(o->party, party) == 0))) && dice(++seen) == 0)
			found = o;
	return found;
}

static void form_data(const struct task *k, char json[200])
{
	const struct deal *d = desk_deal(&desk, k->deal);
	const struct lot *lot = d && d->lot[0] ? tab_get(engine_tabs(desk.engine), &LOT_REC, d->lot) : NULL;
	int64_t tons = lot ? lot->advised : 1000;
	bool receipt = strcmp(k->form, "receipt") == 0, count = strcmp(k->form, "count") == 0, is_short = receipt && chance(20);
	tons -= is_short ? tons / 10 : 0;
	snprintf(json, 200, "{}");
	if (receipt || count) {
		snprintf(json, 200, "{\"quantity\":\"%lld.%03lld\",\"packages\":%d%s}", (long long)(tons / 1000),
			(long long)(tons % 1000), is_short ? 9 : 10, count ? ",\"method\":\"scale\"" : ",\"damaged\":\"0\",\"labels\":[]");
	} else if (strcmp(k->form, "cancel") == 0 || strcmp(k->form, "goods-out") == 0) {
		snprintf(json, 200, "{\"quantity\":\"%lld.%03lld\"}", (long long)(tons / 1000), (long long)(tons % 1000));
	} else if (strcmp(k->form, "account") == 0) {
		snprintf(json, 200, "{\"account_checked\":true}");
	}
}

static void some_decision(void)
{
	const struct task *k = some_task();
	const struct operator *who = k ? some_person(chance(93) ? k->role : -1, k->party) : NULL;
	char json[200], person[24];
	if (!who)
		return;
	memcpy(person, who->id, sizeof(person));
	const char *const *offers = task_decisions(k->form);
	size_t n = 0;
	while (offers[n])
		n++;
	const char *decision = strcmp(k->form, "case") == 0 ? chance(70) ? "close" : offers[dice(n)] : chance(88) ? offers[0]
		: offers[dice(n)];
	form_data(k, json);
	desk_decide(&desk, person, k, decision, chance(95) ? "as the dice said" : "", json);
}

static void some_claim(void)
{
	const struct task *k = some_task();
	const struct operator *who = k ? some_person(k->role, k->party) : NULL;
	struct ev_task body;
	char label[48], deal[ID_MAX];
	if (!who)
		return;
	memset(&body, 0, sizeof(body));
	memcpy(body.task, k->id, sizeof(body.task));
	memcpy(deal, k->deal, sizeof(deal));
	snprintf(body.decision, sizeof(body.decision), "%s", k->claimed_by[0] ? "give-back" : "claim");
	snprintf(label, sizeof(label), "operator/%s", k->claimed_by[0] ? k->claimed_by : who->id);
	desk_send(&desk, EVENT_CLAIM, label, deal, &body);
}

/* Holds, lifts, compensations, alerts closed: risk and compliance at work, and others who try. */
static void some_intervention(void)
{
	static const int KINDS[] = { EVENT_HOLD, EVENT_LIFT, EVENT_LIFT, EVENT_LIFT, EVENT_COMPENSATE, EVENT_CLOSE, EVENT_CLOSE,
		EVENT_RETRY, EVENT_RAISE };
	static const char *const PEOPLE[] = { "i.vermeer", "n.aalbers", "h.prins", "c.daems", "m.dahl", "g.rossi", "t.okafor" };
	int kind = KINDS[dice(sizeof(KINDS) / sizeof(KINDS[0]))];
	struct ev_hold h = { .level = 1 + (int64_t)dice(4), .outcome = "closed", .reason = "as the dice said" };
	struct ev_raise raise = { .code = "E11", .title = "a doubt", .why = "as the dice said" };
	char label[48];
	uint64_t seen = 0;
	if (!deal_count)
		return;
	const char *deal = deals[dice(deal_count)].id;
	const struct deal *d = desk_deal(&desk, deal);
	snprintf(h.object, sizeof(h.object), "%s", d && d->lot[0] && chance(30) ? d->lot : deal);
	snprintf(label, sizeof(label), "operator/%s", PEOPLE[dice(sizeof(PEOPLE) / sizeof(PEOPLE[0]))]);
	TAB_FOR(alert, a, engine_tabs(desk.engine), &ALERT_REC, "")
		if (kind == EVENT_CLOSE && !a->closed_at && dice(++seen) == 0)
			snprintf(h.object, sizeof(h.object), "%s", a->id);
	TAB_FOR(token, t, engine_tabs(desk.engine), &TOKEN_REC, "")
		if (kind == EVENT_RETRY && t->state == TOKEN_INCIDENT && dice(++seen) == 0)
			snprintf(h.object, sizeof(h.object), "%s", t->id);
	if (kind == EVENT_COMPENSATE && chance(70))
		return; /* not every day */
	desk_send(&desk, kind, label, deal, kind == EVENT_RAISE ? (const void *)&raise : &h);
}

/* What nobody may: old bytes again, a message for another, a tick before its time. */
static void some_mischief(void)
{
	if (!desk.count)
		return;
	struct ev_tick tick = { .timer = "0000000000000000/nobody/" };
	switch (dice(4)) {
	case 0:
		desk_order(&desk, buf_view(&desk.log[dice(desk.count)].envelope));
		break;
	case 1:
		if (deal_count)
			desk_message(&desk, "DRAHT", deals[dice(deal_count)].id, "bank.status", "{\"executed\":true}");
		break;
	case 2:
		desk_send(&desk, EVENT_TICK, chance(50) ? "node" : "admin", "", &tick);
		break;
	default:
		desk_order(&desk, STR("nothing that decodes"));
		break;
	}
}

/* --- one event ------------------------------------------------------------------------------------------------------ */

static void some_time(void)
{
	static const int64_t STEPS[] = { INSTANT_MINUTE, INSTANT_MINUTE, INSTANT_MINUTE, 10 * INSTANT_MINUTE,
		10 * INSTANT_MINUTE, INSTANT_HOUR };
	desk_pass(&desk, desk.now + STEPS[dice(sizeof(STEPS) / sizeof(STEPS[0]))]);
}

static void one_event(void)
{
	if (chance(1))
		desk_pass(&desk, desk.now + 20 * INSTANT_HOUR);
	static void (*const ACTS[])(void) = { new_deal, some_answer, some_answer, some_answer, some_message, some_message,
		some_message, some_price, some_batch, some_decision, some_decision, some_decision, some_decision, some_decision,
		some_decision, some_claim, some_intervention, some_mischief, some_time };
	ACTS[dice(sizeof(ACTS) / sizeof(ACTS[0]))]();
}

/* --- a run ---------------------------------------------------------------------------------------------------------- */

/* A new desk with room for many deals, not for all. Who runs it says what looks at its entries (desk.ordered). */
static void actors_begin(uint64_t seed)
{
	dice_state = seed;
	breach[0] = 0;
	deal_count = events = 0;
	price = 600000;
	sequence = 0;
	memset(verdicts, 0, sizeof(verdicts));
	desk_open(&desk);
	desk_terms(&desk, 3000000000);
}

/* Runs the seed that is given, or those from 1 to the last one. */
static __attribute__((unused)) int actors_main(int argc, char **argv, uint64_t last, bool (*simulate)(uint64_t seed))
{
	uint64_t from = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, to = argc > 1 ? from : last;
	int passed = 0, failed = 0;
	for (uint64_t seed = from; seed <= to; seed++) {
		bool good = simulate(seed);
		passed += good;
		failed += !good;
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

#endif
