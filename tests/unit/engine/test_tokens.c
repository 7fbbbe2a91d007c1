/* A token from its confirmed debt to the last unit of its redemption, as signed events through the engine: split, handed on over
 * tiers, financed by the process token-finance, collected short and pro rata, redeemed.
 *
 * After every single entry: the notes of the root sum to the confirmed debt, no note is locked twice, control totals hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "contract/assets.h"
#include "unit/engine/one_desk.h"

static char root_deal[ID_MAX], finance_deal[ID_MAX], root[40];
enum { DEBT = 100000000 };

static const struct tabs *now(void) { return engine_tabs(desk.engine); }

static void after_each(void *ctx, const struct engine_out *out)
{
	char why[300];
	int64_t sum = 0;
	size_t notes = 0;
	(void)ctx;
	if (!desk_holds(&desk, why))
		fail_msg("entry %llu: %s", (unsigned long long)out->entry.number, why);
	TAB_FOR(token_note, n, now(), &TOKEN_NOTE_REC, "") {
		const struct handover *h = tab_get(now(), &HANDOVER_REC, n->lien);
		const struct deal *d = tab_get(now(), &DEAL_REC, n->lien);
		sum += n->state == NOTE_CONSUMED ? 0 : n->amount;
		notes++;
		if (n->state == NOTE_LOCKED && n->lien[0] && !(h && h->state == HANDOVER_PROPOSED) && !d)
			fail_msg("entry %llu: %s is locked for %s", (unsigned long long)out->entry.number, n->id, n->lien);
	}
	if (notes && sum != DEBT)
		fail_msg("entry %llu: notes sum to %lld", (unsigned long long)out->entry.number, (long long)sum);
}

static int begin(void **state)
{
	static const char *const CONTRACTS[] = { "tokens", "documents" };
	struct profile brass = { .id = "BRASS", .relation_months = 60, .complete = 9800, .late_days = 2, .dilution = 90, .concentration = 2000,
		.utilisation = 4100, .leverage = 18000 };
	open_desk(state);
	desk_lay_contracts(&desk, CONTRACTS, sizeof(CONTRACTS) / sizeof(CONTRACTS[0]));
	desk_lay(&desk, EVENT_PROCESS, "token-finance");
	desk_supplier(&desk, "BRASS", 300);
	desk_supplier(&desk, "COPPER", 300);
	desk_must(&desk, EVENT_PROFILE, "party/NOORDZEE", &brass);
	desk_deal_id(root_deal, 1);
	desk_deal_id(finance_deal, 2);
	snprintf(root, sizeof(root), "TN-%s", root_deal + 3);
	desk.ordered = after_each;
	return 0;
}

static enum refusal acts(const char *label, const char *name, const char *json)
{
	return desk_data(&desk, EVENT_ASSET, label, root_deal, name, json);
}

static const struct token_note *note(int number)
{
	char id[48];
	snprintf(id, sizeof(id), "%s/%04d", root, number);
	const struct token_note *n = tab_get(now(), &TOKEN_NOTE_REC, number ? id : root);
	assert_non_null(n);
	return n;
}

static void hands_on(const char *from, int number, const char *to, const char *amount, const char *paper)
{
	char json[400], label[48];
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"%s\",\"number\":\"%s\",\"day\":\"2026-03-12\",\"invoice_amount\":\"%s\"}",
		note(number)->id, to, amount, paper, amount);
	snprintf(label, sizeof(label), "party/%s", from);
	is(acts(label, "token.propose", json), REFUSED_NOT);
	const struct handover *last = NULL;
	TAB_FOR(handover, h, now(), &HANDOVER_REC, "")
		if (!last || h->at > last->at)
			last = h;
	snprintf(json, sizeof(json), "{\"handover\":\"%s\"}", last->id);
	snprintf(label, sizeof(label), "party/%s", to);
	is(acts(label, "token.accept", json), REFUSED_NOT);
}

static enum refusal asks_for_money(const char *deal, const char *party, int number)
{
	char json[300], label[48];
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"%s\",\"note\":\"%s\",\"rate_max\":70000,\"maker\":\"l.haas\",\"funder\":\"NOORDZEE\"}", deal,
		party, note(number)->id);
	snprintf(label, sizeof(label), "party/%s", party);
	return desk_data(&desk, EVENT_REQUEST, label, deal, "token-finance", json);
}

/* Debt of 1,000,000.00: 400,000 stay with DRAHT (0002), BRASS has 350,000 (0003), COPPER 250,000 (0005). */
static void three_holders(void)
{
	char json[160];
	is(receivables_request(&desk, root_deal, "1001", "1001"), REFUSED_NOT);
	answer(&desk, root_deal, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	hands_on("DRAHT", 0, "BRASS", "600000.00", "T1");
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"amounts\":[\"350000.00\",\"250000.00\"]}", note(1)->id);
	is(acts("party/BRASS", "token.split", json), REFUSED_NOT);
	hands_on("BRASS", 4, "COPPER", "250000.00", "T2");
	assert_string_equal(note(2)->holder, "DRAHT");
	assert_string_equal(note(3)->holder, "BRASS");
	assert_string_equal(note(5)->holder, "COPPER");
	assert_int_equal(note(5)->tier, 3);
}

static int64_t net(const char *deal, int account) { return book_deal_balance(now(), deal, account); }

static void financed(void)
{
	is(asks_for_money(finance_deal, "BRASS", 3), REFUSED_NOT);
	assert_int_equal(note(3)->state, NOTE_LOCKED);
	answer(&desk, finance_deal, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", finance_deal, "A11", "approve", "{}");
	act(&desk, "m.dahl", finance_deal, "A11b", "approve", "{}");
	answer(&desk, finance_deal, "assign.register", "{\"number\":\"77-2001\"}");
	act(&desk, "r.lindt", finance_deal, "A13r", "approve", "{}");
	answer(&desk, finance_deal, "bank.pay", "{\"executed\":true}");
	assert_int_equal(desk_deal(&desk, finance_deal)->state, DEAL_COLLECTING);
	assert_string_equal(note(3)->holder, "NOORDZEE");
	assert_int_equal(net(finance_deal, 1210) + net(finance_deal, 1200), INT64_C(35000000));
}

static void issue_to_redemption(void **state)
{
	char other[ID_MAX], json[120];
	(void)state;
	three_holders();
	financed();
	/* what is financed is neither split, nor handed on, nor financed again, by whoever held it */
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"amounts\":[\"100000.00\",\"250000.00\"]}", note(3)->id);
	is(acts("party/BRASS", "token.split", json), REFUSED_ASSET_UNKNOWN);
	is(acts("party/NOORDZEE", "token.split", json), REFUSED_STATE);
	desk_deal_id(other, 3);
	asks_for_money(other, "BRASS", 3);
	assert_true(!desk_deal(&desk, other) || desk_deal(&desk, other)->state == DEAL_REJECTED);
	assert_string_equal(note(3)->lien, finance_deal);
	/* a stranger's money redeems nothing */
	is(acts("party/BANKNET", "token.collect", "{\"amount\":\"1000000.00\",\"payer\":\"LEK\"}"), REFUSED_NOT);
	assert_int_equal(note(2)->paid, 0);
	/* short: shares of 333,333.34 on the running sum, to the last unit; each rounded by itself they would be one unit too much */
	is(acts("party/BANKNET", "token.collect", "{\"amount\":\"333333.34\",\"payer\":\"HALVORSEN\"}"), REFUSED_NOT);
	assert_int_equal(note(2)->paid, 13333334);
	assert_int_equal(note(3)->paid, 11666667);
	assert_int_equal(note(5)->paid, 8333333);
	assert_int_equal(net(root_deal, 2030), 0);
	/* the rest, and a unit above it that is the obligor's again */
	is(acts("party/BANKNET", "token.collect", "{\"amount\":\"666666.67\",\"payer\":\"HALVORSEN\"}"), REFUSED_NOT);
	for (int i = 2; i <= 5; i++)
		assert_int_equal(note(i)->state, i == 4 ? NOTE_CONSUMED : NOTE_REDEEMED);
	assert_int_equal(note(2)->paid + note(3)->paid + note(5)->paid, DEBT);
	assert_int_equal(net(root_deal, 2030), 0);
	assert_int_equal(net(root_deal, 2020), -1);
	is(acts("party/BANKNET", "token.collect", "{\"amount\":\"1.00\",\"payer\":\"HALVORSEN\"}"), REFUSED_STATE);
	/* what the funder got for its note ends the deal over it */
	told(&desk, "BANKNET", finance_deal, "obligor.paid", "{\"amount\":\"350000.00\",\"payer\":\"HALVORSEN\"}");
	assert_int_equal(desk_deal(&desk, finance_deal)->state, DEAL_SETTLED);
	assert_int_equal(net(finance_deal, 1210) + net(finance_deal, 1200), 0);
}

/* A financing that ends before money goes out gives the note back as it was; then it may be handed on again. */
static void refused_offer_frees_the_note(void **state)
{
	(void)state;
	three_holders();
	is(asks_for_money(finance_deal, "BRASS", 3), REFUSED_NOT);
	desk_reply(&desk, desk_effect(&desk, finance_deal, "offer.send"), "offer-refused", "{}");
	desk_pass(&desk, desk.now + 2 * INSTANT_DAY);
	assert_true(deal_state_final(desk_deal(&desk, finance_deal)->state));
	assert_int_equal(note(3)->state, NOTE_LIVE);
	assert_string_equal(note(3)->lien, "");
	hands_on("BRASS", 3, "COPPER", "350000.00", "T3");
	assert_string_equal(note(6)->holder, "COPPER");
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { T(issue_to_redemption), T(refused_offer_frees_the_note) };
	return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}
