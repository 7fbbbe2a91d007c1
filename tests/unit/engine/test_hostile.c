/* Bodies that no honest program writes, from signers that may: every event is done or refused, none stops
 * the engine, and what must hold of the state holds. The dice are fixed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/engine/scenario.h"

static struct desk desk;
static uint64_t dice;
static char deals[3][ID_MAX];

static uint64_t roll(uint64_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice % sides;
}

static const char *const SIGNERS[] = { "admin", "node", "party/NOORDZEE", "party/DRAHT", "party/KESTREL", "party/BANKNET",
	"party/REGISTRY", "party/HALVORSEN", "party/WAALHAVEN", "party/PORTASSAY", "party/LEK", "party/lme-a", "gateway/GW-RTM",
	"operator/l.haas", "operator/t.okafor", "operator/m.dahl", "operator/d.meijer", "operator/i.vermeer", "operator/h.prins",
	"operator/k.bos", "operator/r.lindt", "operator/w.adams", "operator/j.kuiper", "operator/c.mulder", "operator/a.visser",
	"operator/o.draht" };

static const char *const WORDS[] = { "", "/", "a/b", "state", "engine", "NOORDZEE", "NOORDZEE/HALVORSEN", "HALVORSEN", "KESTREL",
	"WAALHAVEN", "BANKNET", "EUR", "JPY", "KWD", "XXX", "copper", "lme-a", "E16", "E06", "E99", "RTM", "GW-RTM", "BOOK/NOORDZEE",
	"TK-1", "claim", "give-back", "approve", "reject", "done", "ok", "closed", "false", "receivables", "inventory-pledge",
	"obligor.paid", "borrower.paid", "margin.paid", "payment.returned", "goods.arrived", "evidence.grn", "certificate",
	"bank.credit", "\xc3\xa9\xe2\x82\xac", "%s%n%d", "because" };

static const int64_t NUMBERS[] = { 0, 1, -1, 2, 3, 4, 5, 100, 1000000, INT64_MAX, INT64_MIN, INT64_MAX - 1, INT64_C(1773648000000000),
	-INT64_C(1773648000000000), INT64_C(9223372036854775), INT32_MAX };

static const char *const BLOBS[] = { "", "{}", "[]", "null", "{", "\xff\xfe", "{\"amount\":\"1.00\"}", "{\"amount\":\"-1.00\"}",
	"{\"amount\":\"99999999999999999999999999.99\"}", "{\"amount\":1e999}", "{\"amount\":\"1.00\",\"payer\":\"HALVORSEN\"}",
	"{\"amount\":{},\"payer\":[]}", "{\"amount\":\"0.00\"}", "{\"amount\":\"92233720368547758.07\"}", "{\"number\":null}",
	"{\"number\":\"1\",\"day\":\"9999-99-99\",\"quantity\":\"x\"}", "{\"amount\":\"1.00\",\"currency\":\"KWD\"}",
	"{\"amount\":\"1.000\",\"currency\":\"JPY\",\"purpose\":\"pool\",\"payer\":\"NOORDZEE\"}", "{\"executed\":true}",
	"{\"grade\":\"A\",\"number\":\"1\",\"inspector\":\"PORTASSAY\"}", "{\"version\":99,\"params\":{\"ltv.draw_bp\":-1,\"seat.most\":0}}",
	"{\"version\":9223372036854775807,\"params\":{}}", "{\"packages\":-1,\"quantity\":\"-5\"}", "{\"quantity\":\"9223372036854775807\"}",
	"{\"party\":\"DRAHT\",\"obligor\":\"HALVORSEN\",\"currency\":\"JPY\",\"amount\":\"5\",\"invoice\":{\"number\":\"7\",\"issue\":\"0000-01-01\","
	"\"due\":\"9999-12-31\"}}",
	"{\"party\":\"KESTREL\",\"warehouse\":\"WAALHAVEN\",\"currency\":\"EUR\",\"amount\":\"1.00\",\"quantity\":\"99999999999\",\"commodity\":"
	"\"copper\",\"asset_key\":\"H/1\",\"rate\":-9223372036854775808,\"days\":999999999,\"labels\":[[[[]]]]}" };

/* An id that the state knows, of any type, or a word. */
static void text_into(char *out, size_t cap)
{
	const struct rec_type *t = STATE_TYPES[roll(STATE_TYPE_COUNT)];
	const char *s = WORDS[roll(sizeof(WORDS) / sizeof(WORDS[0]))];
	memset(out, 0, cap);
	if (roll(10) == 0) { /* as long as the field takes */
		memset(out, 'A' + (int)roll(26), cap - 1);
		return;
	}
	if (roll(3) == 0 && tab_count(engine_tabs(desk.engine), t)) {
		const void *rec = tab_first(engine_tabs(desk.engine), t, "");
		for (uint64_t n = roll(6); n && rec; n--) {
			const void *next = tab_next(engine_tabs(desk.engine), t, rec_key(t, rec));
			rec = next ? next : rec;
		}
		s = rec_key(t, rec);
	}
	if (roll(4) == 0)
		s = deals[roll(3)];
	if (roll(8) == 0) { /* something that waits for a person or a party */
		const struct rec_type *open = roll(2) ? &TASK_REC : &EFFECT_REC;
		const void *last = tab_prev(engine_tabs(desk.engine), open, NULL);
		s = last ? rec_key(open, last) : s;
	}
	if (!str_copy(out, cap, str_of(s)))
		memset(out, 0, cap);
}

static void fill(const struct rec_type *t, void *body)
{
	memset(body, 0, t->size);
	for (size_t i = 0; i < t->field_count; i++) {
		const struct rec_field *f = &t->fields[i];
		char *at = (char *)body + f->offset;
		const char *blob = BLOBS[roll(sizeof(BLOBS) / sizeof(BLOBS[0]))];
		if (f->kind == FIELD_TEXT)
			text_into(at, f->size);
		else if (f->kind == FIELD_INT)
			rec_set_int(body, f, roll(2) ? 0 : NUMBERS[roll(sizeof(NUMBERS) / sizeof(NUMBERS[0]))]);
		else if (f->kind == FIELD_ENUM)
			rec_set_int(body, f, (int64_t)roll(4));
		else if (f->kind == FIELD_BLOB)
			rec_set_blob(body, f, blob_in(&desk.arena, blob, strlen(blob)));
		else if (roll(2))
			memset(at, (int)roll(256), HASH_SIZE);
	}
}

static enum refusal send(const struct event_kind *k, const char *signer)
{
	struct arena a = { 0 };
	struct envelope env;
	void *body = arena_zero(&a, k->body->size);
	char deal[ID_MAX];
	uint8_t key[ENVELOPE_KEY_SIZE];
	fill(k->body, body);
	text_into(deal, sizeof(deal));
	if (roll(2) || !envelope_text_valid(str_of(deal)))
		memcpy(deal, deals[roll(3)], sizeof(deal));
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)roll(256);
	event_envelope(&a, k->number, desk_party_of(&desk, signer), deal, NUMBERS[roll(8)], body, key, &env);
	enum refusal r = desk_sign(&desk, &env, signer);
	arena_free(&a);
	return r;
}

static bool signs(const struct event_kind *k, const char *label)
{
	unsigned as = strncmp(label, "admin", 5) == 0 ? SIGNER_ADMIN : strncmp(label, "node", 4) == 0 ? SIGNER_NODE
		: strncmp(label, "party", 5) == 0 ? SIGNER_PARTY : strncmp(label, "gateway", 7) == 0 ? SIGNER_GATEWAY : SIGNER_OPERATOR;
	return (k->signers & as) != 0;
}

static void nothing_stops_the_engine(void **state)
{
	char why[300] = "";
	size_t done = 0, count = getenv("HOSTILE") ? (size_t)atoll(getenv("HOSTILE")) : 6000;
	(void)state;
	dice = 88172645463325252ull;
	desk_open(&desk);
	receivables_request(&desk, desk_deal_id(deals[0], 1), "1001", "1001");
	receivables_fund(&desk, deals[0]);
	pledge_request(&desk, desk_deal_id(deals[1], 2), "HEAP-1");
	pledge_fund(&desk, deals[1]);
	receivables_request(&desk, desk_deal_id(deals[2], 3), "1003", "");
	for (size_t i = 0; i < count; i++) {
		const struct event_kind *k = &EVENT_KINDS[roll(EVENT_KIND_COUNT)];
		const char *signer = SIGNERS[roll(sizeof(SIGNERS) / sizeof(SIGNERS[0]))];
		while (roll(8) && !signs(k, signer))
			signer = SIGNERS[roll(sizeof(SIGNERS) / sizeof(SIGNERS[0]))];
		done += send(k, signer) == REFUSED_NOT;
		if (i % 100 == 0)
			desk_pass(&desk, desk.now + INSTANT_DAY / 4);
		if (i % 50 == 0 && !desk_holds(&desk, why))
			fail_msg("after %zu: %s", i, why);
	}
	print_message("%zu of %zu were done\n", done, count);
	assert_true(done > 0);
	desk_close(&desk);
}

/* More deals than one event may signal for: the day is done in several entries, and all of them are reached. */
static void a_day_of_very_many_deals_passes(void **state)
{
	(void)state;
	desk_open(&desk);
	for (unsigned i = 0; i < 4100; i++) {
		struct deal d = { .kind = DEAL_RECEIVABLES, .state = DEAL_COLLECTING };
		desk_deal_id(d.id, i + 10);
		tab_put(engine_tabs_mutable(desk.engine), &DEAL_REC, &d);
	}
	tab_commit(engine_tabs_mutable(desk.engine));
	size_t before = desk.count;
	int64_t midnight = (instant_day(desk.now) + 1) * INSTANT_DAY;
	desk_pass(&desk, midnight + INSTANT_MINUTE);
	size_t accruing = 0;
	for (size_t i = before; i < desk.count; i++)
		accruing += desk.log[i].stamp >= midnight && desk.log[i].stamp < midnight + INSTANT_SECOND;
	assert_int_equal(accruing, 3);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_stops_the_engine),
		cmocka_unit_test(a_day_of_very_many_deals_passes) };
	return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
