/* Goods with the shipped contracts: bills and their swap for a receipt, particulars of receipts, heaps in shares, part release and
 * substitution, certificates and what rests on them, matching by line (domain specification §3.2, §3.4, §3.5, §8.3 E18). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/contract/one_room.h"

static char B[32];

static int setup(void **state)
{
	room_deal(B, 'B', 1);
	return open_room(state);
}

#define run(as, call, ...) room_call(&room, as, call, B, __VA_ARGS__)

static const struct deal *deal(void) { return tab_get(room.tabs, &DEAL_REC, B); }
static const struct lot *lot(void) { return tab_get(room.tabs, &LOT_REC, deal()->lot); }
static const struct receipt *receipt(void) { return tab_get(room.tabs, &RECEIPT_REC, deal()->receipt); }

/* 500 t of copper, 1,500,000.00 asked: example B, up to the confirmed lot. */
static void applied(void)
{
	done(run("KESTREL", "warehouse.open", "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\",\"currency\":\"EUR\",\"amount\":\"1500000.00\","
		"\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"500\",\"packages\":500,\"asset_key\":\"HEAP1\"}"));
	done(run("NOORDZEE", "warehouse.prelimit", "{}"));
}

static void confirmed(void)
{
	done(run("WAALHAVEN", "warehouse.arrive", "{}"));
	done(run("WAALHAVEN", "warehouse.count", "{\"quantity\":\"500\",\"packages\":500}"));
	done(run("ASSAY", "warehouse.certify", "{\"number\":\"C1\",\"grade\":\"A\",\"inspector\":\"ASSAY\"}"));
}

static void pledged(void)
{
	applied();
	confirmed();
	done(run("WAALHAVEN", "warehouse.issue", "{}"));
	done(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\",\"earlier\":false}"));
	done(run("NOORDZEE", "pledge.value", "{}"));
	assert_int_equal(deal()->ev, INT64_C(300000000));
}

/* --- particulars ------------------------------------------------------------------------------------------------------- */
static void nine_particulars(void **state)
{
	struct receipt r;
	(void)state;
	applied();
	confirmed();
	done(run("WAALHAVEN", "warehouse.issue", "{\"liens\":\"\"}"));
	expect(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\"}"), "condition-not-met");
	assert_non_null(strstr(room.turn.detail, "liens"));
	memcpy(&r, receipt(), sizeof(r));
	snprintf(r.liens, sizeof(r.liens), "none");
	assert_null(receipt_lacks(room.tabs, &r));
	char *const parts[] = { r.deliver_to, r.charges, r.description, r.signed_by, r.interest, r.liens };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char kept = parts[i][0];
		parts[i][0] = 0;
		assert_non_null(receipt_lacks(room.tabs, &r));
		parts[i][0] = kept;
	}
	r.issued_at = 0;
	assert_string_equal(receipt_lacks(room.tabs, &r), "date");
}

static void perfection(void **state)
{
	(void)state;
	applied();
	confirmed();
	expect(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\"}"), "state-not-allowed"); /* no receipt */
	done(run("WAALHAVEN", "warehouse.issue", "{}"));
	expect(run("NOORDZEE", "pledge.perfect", "{}"), "condition-not-met");                   /* no number */
	expect(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\",\"earlier\":true}"), "double-pledge");
	done(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\",\"earlier\":false}"));
	assert_string_equal(receipt()->controller, "NOORDZEE");
	holds();
}

/* --- bills -------------------------------------------------------------------------------------------------------------- */
#define ISSUE "{\"number\":\"BL-7\",\"shipper\":\"SUP0\",\"commodity\":\"copper\",\"quantity\":\"500\",\"unit\":\"TNE\",\"loaded\":\"2026-03-10\"," \
	"\"container\":\"CSQU3054383\",\"seal\":\"S1\"}"
#define BILL "SEALINE/BL7"

static const struct bill *bill(void) { return tab_get(room.tabs, &BILL_REC, BILL); }

static void bill_changes_hands(void **state)
{
	char other[32];
	(void)state;
	applied();
	done(run("SEALINE", "bills.issue", ISSUE));
	expect(run("SEALINE", "bills.issue", ISSUE), "double-pledge"); /* one original set */
	/* the same container for another deal, under another number */
	struct room_invoice v = { "SUP5", "HALVORSEN", "Q7", "2026-03-12", "G7", "OOSTZEE", 20000000 };
	done(room_receivable(&room, room_deal(other, 'A', 2), &v, 0));
	expect(room_call(&room, "SEALINE", "bills.issue", other, "{\"number\":\"BL-8\",\"shipper\":\"SUP1\",\"commodity\":\"copper\",\"quantity\":\"90\","
		"\"unit\":\"TNE\",\"loaded\":\"2026-01-10\",\"container\":\"CSQU3054383\",\"seal\":\"S1\"}"), "double-pledge");
	expect(run("SUP1", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"KESTREL\"}"), "asset-unknown"); /* not the holder */
	expect(run("KESTREL", "bills.pledge", "{\"bill\":\"" BILL "\"}"), "asset-unknown");
	done(run("SUP0", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"KESTREL\"}"));
	assert_string_equal(bill()->chain, "SUP0/KESTREL");
	done(run("KESTREL", "bills.pledge", "{\"bill\":\"" BILL "\"}"));
	expect(run("KESTREL", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"SUP1\"}"), "double-pledge");
	expect(run("KESTREL", "bills.surrender", "{\"bill\":\"" BILL "\"}"), "double-pledge");
	expect(run("SEALINE", "bills.switch", "{\"bill\":\"" BILL "\",\"number\":\"BL-9\"}"), "double-pledge");
	expect(run("OOSTZEE", "bills.release", "{\"bill\":\"" BILL "\"}"), "role-not-allowed");
	done(run("NOORDZEE", "bills.release", "{\"bill\":\"" BILL "\"}"));
	done(run("KESTREL", "bills.surrender", "{\"bill\":\"" BILL "\"}"));
	expect(run("KESTREL", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"SUP1\"}"), "state-not-allowed");
	done(run("SEALINE", "bills.accomplish", "{\"bill\":\"" BILL "\"}"));
	assert_int_equal(bill()->state, BILL_ACCOMPLISHED);
	holds();
}

static void bill_for_receipt(void **state)
{
	(void)state;
	applied();
	done(run("SEALINE", "bills.issue", ISSUE));
	done(run("SUP0", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"KESTREL\"}"));
	done(run("KESTREL", "bills.pledge", "{\"bill\":\"" BILL "\"}"));
	confirmed();
	/* a contract that gives the bill up alone is refused by the core */
	room_next(&room);
	contract_deploy(&room.turn, room.contracts, "thief", STR("call = {} function call.go(deal, args) set('bill', '" BILL "', { state = 'surrendered' }) end"));
	expect(run("NOORDZEE", "thief.go", "{}"), "double-pledge");
	assert_int_equal(bill()->state, BILL_PLEDGED);
	done(run("WAALHAVEN", "warehouse.issue", "{}"));
	assert_int_equal(bill()->state, BILL_SURRENDERED);
	assert_int_equal(receipt()->state, RECEIPT_PLEDGED);
	assert_string_equal(receipt()->controller, "NOORDZEE");
	assert_string_equal(receipt()->replaces, BILL);
	done(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\"}"));
	done(run("SEALINE", "bills.accomplish", "{\"bill\":\"" BILL "\"}"));
	holds();
}

static void switched(void **state)
{
	(void)state;
	applied();
	done(run("SEALINE", "bills.issue", ISSUE));
	done(run("SEALINE", "bills.switch", "{\"bill\":\"" BILL "\",\"number\":\"BL-9\"}"));
	const struct bill *b = tab_get(room.tabs, &BILL_REC, "SEALINE/BL9");
	assert_string_equal(b->replaces, BILL);
	bool told = false;
	for (const struct signal *s; (s = turn_next_signal(&room.turn));)
		told = told || !strcmp(s->code, "bill-switched");
	assert_true(told);
	expect(run("SUP0", "bills.endorse", "{\"bill\":\"" BILL "\",\"to\":\"KESTREL\"}"), "state-not-allowed");
}

/* --- lots ----------------------------------------------------------------------------------------------------------------- */
static void shares(void **state)
{
	char heap[40];
	(void)state;
	applied();
	confirmed();
	done(run("WAALHAVEN", "lots.heap", "{\"quantity\":\"1000\"}"));
	snprintf(heap, sizeof(heap), "%s", room_result(&room, "heap"));
	done(run("WAALHAVEN", "lots.share", "{\"heap\":\"%s\",\"share\":400000}", heap));
	assert_int_equal(lot()->counted, 400000);
	/* two more deals: 40 % and then too much */
	char first[32];
	memcpy(first, B, sizeof(first));
	for (unsigned i = 2; i <= 3; i++) {
		char key[16];
		room_deal(B, 'B', i);
		snprintf(key, sizeof(key), "HEAP%u", i);
		done(run("KESTREL", "warehouse.open", "{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"site\":\"RTM\",\"currency\":\"EUR\",\"amount\":\"1000.00\","
			"\"commodity\":\"copper\",\"unit\":\"TNE\",\"quantity\":\"100\",\"packages\":1,\"asset_key\":\"%s\"}", key));
		expect(run("WAALHAVEN", "lots.share", "{\"heap\":\"%s\",\"share\":%d}", heap, i == 2 ? 400000 : 200001), i == 2 ? "done" : "receipts-above-count");
	}
	done(run("WAALHAVEN", "lots.share", "{\"heap\":\"%s\",\"share\":200000}", heap));
	holds();
	/* the heap shrinks: what rests on the share is worth less */
	memcpy(B, first, sizeof(B));
	done(run("WAALHAVEN", "warehouse.issue", "{}"));
	done(run("NOORDZEE", "pledge.perfect", "{\"number\":\"RG1\"}"));
	done(run("NOORDZEE", "pledge.value", "{}"));
	assert_int_equal(deal()->ev, INT64_C(240000000)); /* 400 t at 6,000.00 */
	struct lot h = *(const struct lot *)tab_get(room.tabs, &LOT_REC, heap);
	h.counted = 500000;
	tab_put(room.tabs, &LOT_REC, &h);
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, INT64_C(120000000));
}

static void lets_go(const char *who, const char *party, enum role role)
{
	room.as = party;
	room_next(&room);
	room.turn.actor_role = role;
	snprintf(room.turn.actor, sizeof(room.turn.actor), "%s", who);
	struct operator o = { .role = role };
	snprintf(o.id, sizeof(o.id), "%s", who);
	snprintf(o.party, sizeof(o.party), "%s", party);
	tab_put(room.tabs, &OPERATOR_REC, &o);
	act_record(&room.turn, B, "release-goods", "approve");
}

/* §6.4: with EV 3,000,000 and 300,000 repaid of 1,500,000, z = 1,153,846.15: 192 t at 6,000. */
static void part_release(void **state)
{
	(void)state;
	pledged();
	struct deal d = *deal();
	d.state = DEAL_FUNDED;
	d.principal = 120000000;
	struct payment p = { .id = "PY-1", .state = PAYMENT_EXECUTED, .amount = 150000000, .currency = "EUR" };
	memcpy(p.deal, B, sizeof(p.deal));
	memcpy(d.payment, p.id, sizeof(p.id));
	tab_put(room.tabs, &PAYMENT_REC, &p);
	tab_put(room.tabs, &DEAL_REC, &d);
	struct book_line lines[] = { { 1200, 120000000, 0 }, { 1100, 0, 120000000 } };
	done(book_post(&room.turn, "NOORDZEE", B, "EUR", instant_day(room.stamp), "pay", "", lines, 2));
	expect(run("WAALHAVEN", "lots.release", "{\"quantity\":\"192\"}"), "endorsements-few");
	lets_go("k.wolf", "NOORDZEE", ROLE_OPC);
	lets_go("w.maas", "WAALHAVEN", ROLE_WHM);
	expect(run("WAALHAVEN", "lots.release", "{\"quantity\":\"193\"}"), "ltv-too-high");
	done(run("WAALHAVEN", "lots.release", "{\"quantity\":\"192\"}"));
	assert_int_equal(receipt()->quantity, 308000);
	assert_int_equal(receipt()->state, RECEIPT_PART_RELEASED);
	assert_int_equal(deal()->ev, INT64_C(184800000));
	assert_int_equal(deal()->state, DEAL_FUNDED);
	holds();
}

static struct cert quality(const char *subject, const char *number)
{
	struct cert c = { .kind = CERT_QUALITY, .from = room.stamp - INSTANT_DAY, .until = room.stamp + 30 * INSTANT_DAY };
	str_copy(c.subject, sizeof(c.subject), str_of(subject));
	str_copy(c.number, sizeof(c.number), str_of(number));
	str_copy(c.issuer, sizeof(c.issuer), STR("ASSAY"));
	str_copy(c.grade, sizeof(c.grade), STR("A"));
	return c;
}

static struct cert cover(const char *subject, const char *number)
{
	struct cert c = quality(subject, number);
	c.kind = CERT_INSURANCE;
	str_copy(c.issuer, sizeof(c.issuer), STR("COVER"));
	return c;
}

static enum refusal put(const struct cert *c)
{
	room.as = c->issuer;
	room_next(&room);
	return cert_put(&room.turn, c);
}

static void substitution(void **state)
{
	char other[40], old[40];
	(void)state;
	pledged();
	snprintf(old, sizeof(old), "%s", deal()->receipt);
	done(run("WAALHAVEN", "lots.offer", "{\"asset_key\":\"HEAP2\",\"quantity\":\"500\"}"));
	snprintf(other, sizeof(other), "%s", room_result(&room, "lot"));
	expect(run("WAALHAVEN", "lots.offer", "{\"asset_key\":\"HEAP1\",\"quantity\":\"500\"}"), "double-pledge");
	lets_go("k.wolf", "NOORDZEE", ROLE_OPC);
	lets_go("w.maas", "WAALHAVEN", ROLE_WHM);
	expect(run("WAALHAVEN", "lots.substitute", "{\"lot\":\"%s\"}", other), "certificate");
	struct cert c = quality(other, "C2"), i = cover(other, "P2");
	done(put(&c));
	expect(run("WAALHAVEN", "lots.substitute", "{\"lot\":\"%s\"}", other), "condition-not-met"); /* not insured */
	done(put(&i));
	done(run("WAALHAVEN", "lots.substitute", "{\"lot\":\"%s\"}", other));
	assert_string_equal(deal()->lot, other);
	assert_int_equal(receipt()->state, RECEIPT_PLEDGED);
	assert_int_equal(((const struct receipt *)tab_get(room.tabs, &RECEIPT_REC, old))->state, RECEIPT_CANCELLED);
	assert_int_equal(((const struct claim *)tab_get(room.tabs, &CLAIM_REC, "asset/HEAP1"))->state, CLAIM_DISCHARGED);
	holds();
}

static bool told(const char *code)
{
	bool found = false;
	for (const struct signal *s; (s = turn_next_signal(&room.turn));)
		found = found || (!strcmp(s->code, code) && !strcmp(s->deal, B));
	return found;
}

/* --- receipts beside the deal's own ---------------------------------------------------------------------------------------- */
/* A lot that is offered, certified and insured, with a receipt of its own. */
static void beside(const char *key, const char *tons, const char *grade, char receipt[40])
{
	char other[40];
	done(run("WAALHAVEN", "lots.offer", "{\"asset_key\":\"%s\",\"quantity\":\"%s\"}", key, tons));
	snprintf(other, sizeof(other), "%s", room_result(&room, "lot"));
	struct cert c = quality(other, key), i = cover(other, key);
	str_copy(c.grade, sizeof(c.grade), str_of(grade));
	done(put(&c));
	done(put(&i));
	done(run("WAALHAVEN", "lots.receipt", "{\"lot\":\"%s\"}", other));
	snprintf(receipt, 40, "%s", room_result(&room, "receipt"));
	expect(run("WAALHAVEN", "lots.receipt", "{\"lot\":\"%s\"}", other), "double-pledge"); /* one receipt on a lot */
}

static const struct receipt *receipt_named(const char *id) { return tab_get(room.tabs, &RECEIPT_REC, id); }

/* 500 t are pledged; 200 t beside them are split into 150 t and 50 t, and the 50 t go under the same lien. */
static void split_and_merge(void **state)
{
	char other[40], a[40], b[40], old[40], all[40], id[88];
	(void)state;
	pledged();
	snprintf(old, sizeof(old), "%s", deal()->receipt);
	beside("HEAP2", "200", "A", other);
	holds();
	expect(run("KESTREL", "lots.receipt", "{\"lot\":\"%s\"}", deal()->lot), "role-not-allowed");
	expect(run("WAALHAVEN", "lots.receipt", "{\"lot\":\"%s\"}", deal()->lot), "asset-unknown");
	expect(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"150\",\"50\"]}", other), "condition-not-met"); /* not agreed */
	expect(run("WAALHAVEN", "lots.agree", "{\"receipts\":[\"%s\"]}", other), "role-not-allowed");
	expect(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\"]}", old), "double-pledge");
	done(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\"]}", other));
	expect(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"150\",\"50.001\"]}", other), "value-not-allowed");
	expect(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"200\",\"0\"]}", other), "value-not-allowed");
	expect(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"200\"]}", other), "value-not-allowed");
	expect(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"250\",\"250\"]}", old), "double-pledge"); /* pledged */
	done(run("WAALHAVEN", "lots.split", "{\"receipt\":\"%s\",\"quantities\":[\"150\",\"50\"]}", other));
	int found = 0;
	TAB_FOR(receipt, r, room.tabs, &RECEIPT_REC, "")
		if (!strcmp(r->replaces, other))
			snprintf(r->quantity == 150000 ? a : b, 40, "%s", r->id), found++;
	assert_int_equal(found, 2);
	assert_int_equal(receipt_named(other)->state, RECEIPT_REPLACED);
	holds();
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", b, old), "condition-not-met"); /* his word was for the whole */
	done(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\",\"%s\"]}", a, b));
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", b, b), "double-pledge"); /* named twice */
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\"]}", b), "value-not-allowed");
	done(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", b, old));
	snprintf(all, sizeof(all), "%s", deal()->receipt);
	assert_string_not_equal(all, old);
	assert_string_equal(receipt_named(b)->into, all);
	assert_int_equal(receipt()->state, RECEIPT_PLEDGED); /* the lien lies on all of it */
	assert_string_equal(receipt()->controller, "NOORDZEE");
	assert_int_equal(receipt()->quantity, 550000);
	assert_int_equal(lot()->counted, 550000);
	const struct pledge *p = tab_get(room.tabs, &PLEDGE_REC, deal()->pledge);
	assert_string_equal(p->receipt, all);
	assert_int_equal(p->state, PLEDGE_PERFECTED);
	assert_true(told("merged"));
	/* what became part of the pledged goods is claimed as they are, and holds them up as they do */
	const struct claim *whole_key = tab_get(room.tabs, &CLAIM_REC, "asset/HEAP1"), *part_key = tab_get(room.tabs, &CLAIM_REC, "asset/HEAP2");
	assert_non_null(part_key);
	assert_int_equal(part_key->state, whole_key->state);
	char hit[80];
	size_t mark = tab_mark(room.tabs);
	done(lot_claim(&room.turn, B, lot()->id, CLAIM_DISCHARGED, hit));
	assert_int_equal(((const struct claim *)tab_get(room.tabs, &CLAIM_REC, "asset/HEAP2"))->state, CLAIM_DISCHARGED);
	tab_rollback(room.tabs, mark);
	struct lot part = *(const struct lot *)tab_get(room.tabs, &LOT_REC, receipt_named(b)->lot);
	assert_false(lot_frozen(room.tabs, lot()));
	part.level = 4;
	tab_put(room.tabs, &LOT_REC, &part);
	assert_true(lot_frozen(room.tabs, lot()));
	part.level = 0;
	tab_put(room.tabs, &LOT_REC, &part);
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, INT64_C(330000000));
	holds();
	expect(run("WAALHAVEN", "lots.deliver", "{\"receipt\":\"%s\"}", all), "double-pledge");
	expect(run("WAALHAVEN", "lots.deliver", "{\"receipt\":\"%s\"}", b), "state-not-allowed");
	done(run("WAALHAVEN", "lots.deliver", "{\"receipt\":\"%s\"}", a));
	holds();
	/* the certificate of the part falls: it takes the whole along */
	const char *whole = deal()->lot;
	TAB_FOR(lot, l, room.tabs, &LOT_REC, "")
		if (strcmp(l->id, whole) && !strcmp(l->asset_key, "HEAP2"))
			snprintf(id, sizeof(id), "quality/%s/HEAP2", l->id);
	room_next(&room);
	done(cert_withdraw(&room.turn, id, room.stamp, "forged"));
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, 0);
}

/* Goods that went into goods that went into the pledged ones belong to them as much as these. */
static void merged_in_two_steps(void **state)
{
	char one[40], two[40], far[40], json[120];
	(void)state;
	pledged();
	beside("HEAP2", "200", "A", one);
	beside("HEAP3", "100", "A", two);
	snprintf(far, sizeof(far), "%s", receipt_named(two)->lot);
	done(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\",\"%s\"]}", one, two));
	done(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", one, two));
	snprintf(json, sizeof(json), "%s", room_result(&room, "receipt"));
	done(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\"]}", json));
	done(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", deal()->receipt, json));
	assert_int_equal(lot()->counted, 800000);
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_not_equal(deal()->ev, 0);
	struct lot l = *(const struct lot *)tab_get(room.tabs, &LOT_REC, far);
	l.level = 4;
	tab_put(room.tabs, &LOT_REC, &l);
	assert_true(lot_frozen(room.tabs, lot()));
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, 0);
}

static void what_differs_stays_apart(void **state)
{
	char worse[40], best[40], frozen[40];
	(void)state;
	pledged();
	beside("HEAP2", "100", "B", worse);
	beside("HEAP3", "100", "A", best);
	beside("HEAP4", "100", "A", frozen);
	done(run("KESTREL", "lots.agree", "{\"receipts\":[\"%s\",\"%s\",\"%s\"]}", worse, best, frozen));
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", deal()->receipt, worse), "goods-differ");
	struct lot l = *(const struct lot *)tab_get(room.tabs, &LOT_REC, receipt_named(frozen)->lot);
	l.level = 4;
	tab_put(room.tabs, &LOT_REC, &l);
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", best, frozen), "frozen");
	l.level = 0;
	l.insured_until = 0;
	tab_put(room.tabs, &LOT_REC, &l);
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", best, frozen), "condition-not-met"); /* not insured */
	l.insured_until = instant_day(room.stamp) + 300;
	str_copy(l.site, sizeof(l.site), STR("HAM"));
	tab_put(room.tabs, &LOT_REC, &l);
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", best, frozen), "goods-differ");
	room.stamp += 73 * INSTANT_HOUR;
	expect(run("WAALHAVEN", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", deal()->receipt, best), "condition-not-met"); /* his word is old */
	expect(run("OOSTZEE", "lots.merge", "{\"receipts\":[\"%s\",\"%s\"]}", deal()->receipt, best), "role-not-allowed");
	holds();
}

/* A contract that asks nothing: `mine` is the pledged receipt, `one` and `two` are beside it over lots of 200 and 100 t, of grades A and B. */
#define ROGUE "call = {} " \
	"local function wr(deal, lot, r) set('claim', 'wr/' .. lot .. '/' .. r, { state = 'seen', deal = deal.id, party = deal.party, amount = 0, " \
	"  day = today(), at = now() }) end " \
	"local function receipt(deal, lot, q, state, who) " \
	"  return set('receipt', '', { deal = deal.id, lot = lot, state = state, controller = who, quantity = q, warehouse = 'WAALHAVEN' }) end " \
	"local function gone(id) local r = get('receipt', id) set('receipt', id, { state = 'replaced' }) return r end " \
	"function call.fewer(deal, a) local r = gone(a.one) wr(deal, r.lot, receipt(deal, r.lot, 100000, 'issued', deal.party)) end " \
	"function call.grown(deal, a) local r = gone(a.one) set('lot', r.lot, { counted = 300000 }) " \
	"  wr(deal, r.lot, receipt(deal, r.lot, 200000, 'issued', deal.party)) end " \
	"function call.mixed(deal, a) local r, o = gone(a.one), gone(a.two) set('lot', r.lot, { counted = 300000 }) set('lot', o.lot, { counted = 0 }) " \
	"  wr(deal, r.lot, receipt(deal, r.lot, 300000, 'issued', deal.party)) end " \
	"function call.freed(deal, a) local r = gone(a.mine) set('deal', deal.id, { receipt = receipt(deal, r.lot, r.quantity, 'issued', deal.party) }) end " \
	"function call.loose(deal, a) local r = gone(a.mine) " \
	"  set('deal', deal.id, { receipt = receipt(deal, r.lot, r.quantity, 'pledged', r.controller) }) end " \
	"function call.wrapped(deal, a) local r, huge = gone(a.one), 4611686018427387904 set('lot', r.lot, { counted = 0 }) " \
	"  for k = 1, 5 do local q = huge if k == 5 then q = 200000 end " \
	"    local l = get('lot', r.lot) local lot = set('lot', '', { deal = deal.id, owner = l.owner, warehouse = l.warehouse, site = l.site, " \
	"      commodity = l.commodity, unit = l.unit, grade = l.grade, quality = l.quality, counted = q }) " \
	"    wr(deal, lot, receipt(deal, lot, q, 'issued', deal.party)) end end " \
	"function call.second(deal, a) local r = get('receipt', a.one) wr(deal, r.lot, receipt(deal, r.lot, 1000, 'issued', deal.party)) end " \
	"function call.beside(deal, a) local lot = a.lot " \
	"  local r = receipt(deal, lot, a.quantity, a.state, a.who) if a.listed then wr(deal, lot, r) end end "

static void refused_for(const char *call, const char *args, const char *name, const char *words)
{
	enum refusal r = room_call(&room, "WAALHAVEN", call, B, "%s", args);
	if (strcmp(refusal_name(r), name) || !strstr(room.turn.detail, words))
		fail_msg("%s %s: %s, not %s: %s", call, args, refusal_name(r), name, room.turn.detail);
}

/* What lots.lua refuses the core refuses of any contract. */
static void the_core_asks_again(void **state)
{
	char one[40], two[40], args[200];
	(void)state;
	pledged();
	beside("HEAP2", "200", "A", one);
	beside("HEAP3", "100", "B", two);
	done(run("WAALHAVEN", "lots.offer", "{\"asset_key\":\"HEAP4\",\"quantity\":\"50\"}"));
	snprintf(args, sizeof(args), "{\"mine\":\"%s\",\"one\":\"%s\",\"two\":\"%s\"}", deal()->receipt, one, two);
	const char *bare = str_dup(&room.scratch, str_of(room_result(&room, "lot")));
	char lot_id[40];
	snprintf(lot_id, sizeof(lot_id), "%s", bare);
	room_next(&room);
	contract_deploy(&room.turn, room.contracts, "rogue", STR(ROGUE));
	refused_for("rogue.fewer", args, "receipts-above-count", "replaced by some over 100000");
	refused_for("rogue.grown", args, "receipts-above-count", "lots change by 100000");
	refused_for("rogue.mixed", args, "goods-differ", "another owner, place or grade");
	refused_for("rogue.freed", args, "double-pledge", "What is pledged to NOORDZEE stays so");
	refused_for("rogue.loose", args, "double-pledge", "does not lie on the receipt");
	refused_for("rogue.wrapped", args, "overflow", "64 bits");
	refused_for("rogue.second", args, "double-pledge", "would be live beside");
	static const struct {
		const char *state, *who;
		int quantity;
		bool listed;
	} BESIDE[] = { { "issued", "KESTREL", 50000, false }, { "pledged", "KESTREL", 50000, true }, { "issued", "NOORDZEE", 50000, true },
		{ "issued", "KESTREL", 50001, true } };
	for (size_t i = 0; i < sizeof(BESIDE) / sizeof(BESIDE[0]); i++) {
		snprintf(args, sizeof(args), "{\"lot\":\"%s\",\"state\":\"%s\",\"who\":\"%s\",\"quantity\":%d,\"listed\":%s}", lot_id, BESIDE[i].state,
			BESIDE[i].who, BESIDE[i].quantity, BESIDE[i].listed ? "true" : "false");
		refused_for("rogue.beside", args, "double-pledge", "would be live beside");
	}
	snprintf(args, sizeof(args), "{\"lot\":\"%s\",\"state\":\"issued\",\"who\":\"KESTREL\",\"quantity\":50000,\"listed\":true}", deal()->lot);
	refused_for("rogue.beside", args, "double-pledge", "would be live beside");
	snprintf(args, sizeof(args), "{\"lot\":\"%s\",\"state\":\"issued\",\"who\":\"KESTREL\",\"quantity\":50000,\"listed\":true}", lot_id);
	done(run("WAALHAVEN", "rogue.beside", "%s", args));
	holds();
}

/* What simulations ask after every few entries finds what was changed by hand. */
static void the_invariants_are_asked(void **state)
{
	char one[40];
	(void)state;
	pledged();
	beside("HEAP2", "200", "A", one);
	size_t mark = tab_mark(room.tabs);
	struct receipt r = *receipt_named(one);
	str_copy(r.controller, sizeof(r.controller), STR("NOORDZEE"));
	tab_put(room.tabs, &RECEIPT_REC, &r);
	breaks(mark, "is live beside the one of its lot");
	r = *receipt_named(one);
	str_copy(r.id, sizeof(r.id), STR("WR-SECOND"));
	tab_put(room.tabs, &RECEIPT_REC, &r);
	breaks(mark, "Two live receipts cover lot");
	struct lot l = *lot();
	str_copy(l.pool, sizeof(l.pool), STR("LT-HEAP"));
	l.share = 1000001;
	tab_put(room.tabs, &LOT_REC, &l);
	breaks(mark, "shared out more than once");
	struct bill b = { .id = BILL, .state = BILL_SURRENDERED, .pledgee = "NOORDZEE" };
	tab_put(room.tabs, &BILL_REC, &b);
	breaks(mark, "given up for nothing");
}

/* --- certificates ------------------------------------------------------------------------------------------------------------ */
static void certificate_falls(void **state)
{
	char id[88];
	(void)state;
	pledged();
	struct cert c = quality(deal()->lot, "C7"), bad = c;
	str_copy(bad.issuer, sizeof(bad.issuer), STR("WAALHAVEN"));
	expect(put(&bad), "certificate"); /* no inspector */
	bad = c;
	str_copy(bad.grade, sizeof(bad.grade), STR("F"));
	expect(put(&bad), "certificate");
	bad = c;
	bad.until = bad.from;
	expect(put(&bad), "value-not-allowed");
	done(put(&c));
	expect(put(&c), "exists-already");
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, INT64_C(300000000));
	snprintf(id, sizeof(id), "quality/%s/C7", deal()->lot);
	room_next(&room);
	expect(cert_withdraw(&room.turn, id, room.stamp + INSTANT_DAY, "x"), "value-not-allowed");
	done(cert_withdraw(&room.turn, id, room.stamp, "forged"));
	assert_true(told("certificate-withdrawn"));
	expect(cert_withdraw(&room.turn, id, room.stamp, "again"), "value-not-allowed");
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, 0);
	assert_int_equal(((const struct proof *)tab_get(room.tabs, &PROOF_REC, (snprintf(id, sizeof(id), "%s/certificate", B), id)))->state, PROOF_EXPIRED);
	/* a new one counts again */
	c = quality(deal()->lot, "C8");
	done(put(&c));
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, INT64_C(300000000));
	holds();
}

static void certificate_ends(void **state)
{
	char id[88];
	(void)state;
	pledged();
	struct cert c = cover(deal()->lot, "P1"), next;
	done(put(&c));
	snprintf(id, sizeof(id), "insurance/%s/P1", deal()->lot);
	next = cover(deal()->lot, "P2");
	next.until += 60 * INSTANT_DAY;
	snprintf(next.renews, sizeof(next.renews), "P1");
	done(put(&next));
	assert_int_equal(((const struct cert *)tab_get(room.tabs, &CERT_REC, id))->state, CERT_RENEWED);
	room.stamp += 31 * INSTANT_DAY;
	room_next(&room);
	cert_expire(&room.turn, id); /* the next one goes on: nothing falls */
	assert_false(told("insurance-ended"));
	room.stamp += 60 * INSTANT_DAY;
	room_next(&room);
	snprintf(id, sizeof(id), "insurance/%s/P2", deal()->lot);
	struct lot l = *lot();
	l.insured_until = instant_day(room.stamp) + 100; /* what the lot said without a certificate does not outlive it */
	tab_put(room.tabs, &LOT_REC, &l);
	cert_expire(&room.turn, id);
	assert_true(told("insurance-ended"));
	assert_true(lot()->insured_until < instant_day(room.stamp));
}

/* Withdrawn as of T: what the inspector signed after T falls, what he signed before stands. */
static void accreditation(void **state)
{
	char id[88];
	(void)state;
	pledged();
	struct cert before = quality(deal()->lot, "Q1");
	size_t mark = tab_mark(room.tabs);
	tab_delete(room.tabs, &CERT_REC, "accreditation/ASSAY/A0");
	tab_delete(room.tabs, &PARAM_REC, "cert.accreditation");
	expect(cert_put(&room.turn, &before), "certificate"); /* whom nobody accredited signs nothing, also where no policy says so */
	tab_rollback(room.tabs, mark);
	done(put(&before));
	int64_t between = room.stamp + INSTANT_HOUR;
	room.stamp += 2 * INSTANT_HOUR;
	room_next(&room);
	done(cert_withdraw(&room.turn, "accreditation/ASSAY/A0", between, "delisted"));
	assert_int_equal(cert_standing(room.tabs, CERT_QUALITY, deal()->lot, room.stamp), CERT_COUNTS);
	expect((before = quality(deal()->lot, "Q2"), put(&before)), "certificate"); /* he signs no more */
	room_next(&room);
	done(cert_withdraw(&room.turn, "accreditation/ASSAY/A0", between - 2 * INSTANT_HOUR, "delisted earlier"));
	assert_true(told("accreditation-withdrawn"));
	assert_int_equal(cert_standing(room.tabs, CERT_QUALITY, deal()->lot, room.stamp), CERT_FALLEN);
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, 0);
	snprintf(id, sizeof(id), "%s/certificate", B);
	assert_int_equal(((const struct proof *)tab_get(room.tabs, &PROOF_REC, id))->state, PROOF_EXPIRED);
}

static void licence(void **state)
{
	(void)state;
	pledged();
	assert_int_equal(cert_standing(room.tabs, CERT_LICENCE, "WAALHAVEN", room.stamp), CERT_NONE);
	struct cert c = { .kind = CERT_LICENCE, .subject = "WAALHAVEN", .number = "L1", .issuer = "STATE", .from = room.stamp - INSTANT_DAY,
		.until = room.stamp + INSTANT_DAY };
	done(put(&c));
	room.stamp += 2 * INSTANT_DAY;
	room_next(&room);
	cert_expire(&room.turn, "licence/WAALHAVEN/L1");
	assert_true(told("licence-ended"));
	struct value v = *(const struct value *)tab_get(room.tabs, &VALUE_REC, "copper");
	v.at = room.stamp;
	tab_put(room.tabs, &VALUE_REC, &v);
	done(run("NOORDZEE", "pledge.revalue", "{}"));
	assert_int_equal(deal()->ev, 0);
}

/* 10 % for each further 30 days without a count (§3.4). */
static void stale_count(void **state)
{
	static const struct {
		int days;
		int64_t ev;
	} ROWS[] = { { 30, 300000000 }, { 31, 270000000 }, { 60, 240000000 }, { 300, 0 } };
	(void)state;
	pledged();
	int64_t counted = lot()->counted_at;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct value v = *(const struct value *)tab_get(room.tabs, &VALUE_REC, "copper");
		room.stamp = counted + ROWS[i].days * INSTANT_DAY + 60 * INSTANT_SECOND;
		v.at = room.stamp;
		tab_put(room.tabs, &VALUE_REC, &v);
		done(run("NOORDZEE", "pledge.revalue", "{}"));
		assert_int_equal(deal()->ev, ROWS[i].ev);
	}
}

/* --- matching by line ------------------------------------------------------------------------------------------------------- */
static void by_line(void **state)
{
#define LINE(item, ordered, received, invoiced, price_ordered, price) "{\"item\":\"" item "\",\"ordered\":\"" ordered "\",\"received\":\"" \
	received "\",\"invoiced\":\"" invoiced "\",\"price_ordered\":\"" price_ordered "\",\"price\":\"" price "\"}"
	/* the total is what was received at the prices ordered */
	static const struct {
		const char *lines, *amount, *want;
	} ROWS[] = {
		{ "[" LINE("1", "100", "100", "100", "10.00", "10.00") "," LINE("2", "50", "20", "20", "100.00", "100.50") "]", "3010.00", "done" },
		{ "[" LINE("1", "100", "102", "102", "10.00", "10.05") "]", "1025.00", "done" },
		{ "[" LINE("1", "100", "102.1", "102.1", "10.00", "10.00") "]", "1021.00", "three-way-match" },
		{ "[" LINE("1", "100", "98", "100", "10.00", "10.00") "]", "1000.00", "three-way-match" },
		{ "[" LINE("1", "100", "100", "100", "10.00", "10.06") "]", "1006.00", "three-way-match" },
		{ "[" LINE("1", "100", "0", "1", "10.00", "10.00") "]", "1000.00", "three-way-match" },
		{ "[" LINE("1", "100", "100", "100", "10.00", "10.00") "]", "1010.01", "three-way-match" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		room_deal(B, 'L', i);
		done(run("SUP0", "receivables.open", "{\"party\":\"SUP0\",\"obligor\":\"HALVORSEN\",\"currency\":\"EUR\",\"amount\":\"%s\",\"funder\":\"NOORDZEE\","
			"\"invoice\":{\"number\":\"N%u\",\"issue\":\"2026-03-10\",\"due\":\"2026-06-30\",\"order\":\"P\",\"grn\":\"G%u\",\"grn_day\":\"2026-03-09\","
			"\"order_quantity\":\"1\",\"grn_quantity\":\"1\",\"invoice_quantity\":\"1\",\"order_price\":\"1\",\"invoice_price\":\"1\",\"lines\":%s}}",
			ROWS[i].amount, i, i, ROWS[i].lines));
		enum refusal r = run("NOORDZEE", "receivables.docs", "{}");
		if (strcmp(refusal_name(r), ROWS[i].want))
			fail_msg("row %u: %s: %s", i, refusal_name(r), room.turn.detail);
	}
}

/* Confirmed is at most the invoice less credit notes; one assignee at a time. */
static void invoice_bounds(void **state)
{
	char a[32];
	(void)state;
	struct room_invoice v = { "SUP0", "HALVORSEN", "Q7", "2026-03-12", "G7", "NOORDZEE", 20000000 };
	done(room_receivable(&room, room_deal(a, 'A', 2), &v, 2));
	room_next(&room);
	contract_deploy(&room.turn, room.contracts, "w", STR("call = {} "
		"function call.credit(deal, args) set('invoice', deal.invoice, { credited = money(args.amount) }) end "
		"function call.assign(deal, args) set('invoice', deal.invoice, { assignee = args.to }) end "
		"function call.finance(deal, args) set('invoice', deal.invoice, { financed = money(args.amount) }) end"));
	done(room_call(&room, "NOORDZEE", "w.credit", a, "{\"amount\":\"50000.00\"}"));
	done(room_call(&room, "NOORDZEE", "receivables.ask", a, "{}"));
	expect(room_call(&room, "HALVORSEN", "receivables.confirm", a, "{\"amount\":\"150000.01\",\"due\":\"2026-06-30\",\"by\":\"x\"}"), "contract-result");
	done(room_call(&room, "HALVORSEN", "receivables.confirm", a, "{\"amount\":\"150000.00\",\"due\":\"2026-06-30\",\"by\":\"x\"}"));
	expect(room_call(&room, "NOORDZEE", "w.finance", a, "{\"amount\":\"150000.01\"}"), "contract-result");
	done(room_call(&room, "NOORDZEE", "w.finance", a, "{\"amount\":\"150000.00\"}"));
	done(room_call(&room, "NOORDZEE", "w.assign", a, "{\"to\":\"NOORDZEE\"}"));
	expect(room_call(&room, "NOORDZEE", "w.assign", a, "{\"to\":\"OOSTZEE\"}"), "double-financing");
	done(room_call(&room, "NOORDZEE", "w.assign", a, "{\"to\":\"\"}"));
	done(room_call(&room, "NOORDZEE", "w.assign", a, "{\"to\":\"OOSTZEE\"}"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, close_room)
int main(void)
{
	const struct CMUnitTest tests[] = { T(nine_particulars), T(perfection), T(bill_changes_hands), T(bill_for_receipt), T(switched), T(shares),
		T(part_release), T(substitution), T(split_and_merge), T(what_differs_stays_apart), T(the_core_asks_again), T(merged_in_two_steps),
		T(the_invariants_are_asked), T(certificate_falls), T(certificate_ends), T(accreditation), T(licence), T(stale_count), T(by_line),
		T(invoice_bounds) };
	return cmocka_run_group_tests_name("goods", tests, NULL, NULL);
}
