/* Statements for an audience: what everybody applies of them, what stands in the way of whom, and that no body is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "contract/assets.h"
#include "ledger/sealed.h"
#include "unit/engine/one_desk.h"

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static uint8_t serial;

/* An item of a party, sealed to itself. */
static const char *item_of(const char *party, const char *kind)
{
	static char id[32];
	char label[40];
	struct sealed_grant g = { .box = { { ++serial } } };
	struct ev_put b = { .name = "body", .media = "application/octet-stream", .size = 40, .digest = { { 1 } }, .manifest = { { serial } } };
	struct buf grants = { 0 };
	const struct item *last = NULL;
	snprintf(label, sizeof(label), "party/%s", party);
	snprintf(g.reader, sizeof(g.reader), "%s", party);
	snprintf(b.kind, sizeof(b.kind), "%s", kind);
	g.key = desk_public(&desk, "party", party);
	sealed_grants_encode(&g, 1, &grants);
	b.grants = blob_in(&desk.arena, grants.ptr, grants.len);
	buf_free(&grants);
	is(desk_send(&desk, EVENT_PUT, label, "", &b), REFUSED_NOT);
	TAB_FOR(item, i, engine_tabs(desk.engine), &ITEM_REC, "")
		if (!last || i->entry > last->entry)
			last = i;
	memcpy(id, last->id, sizeof(id));
	return id;
}

static struct ev_say body_of(const char *item, const char *claim, int64_t state)
{
	struct ev_say b = { .audience = "noordzee-kestrel", .about = "message", .digest = { { 7 } }, .state = state };
	snprintf(b.item, sizeof(b.item), "%s", item);
	snprintf(b.claim, sizeof(b.claim), "%s", claim);
	return b;
}

static enum refusal said(const char *party, const char *deal, const char *claim, int64_t state)
{
	char label[40];
	struct ev_say b = body_of(item_of(party, SEALED_BODY_KIND), claim, state);
	snprintf(label, sizeof(label), "party/%s", party);
	return desk_send(&desk, EVENT_SAY, label, deal, &b);
}

static void the_header_is_kept(void **state)
{
	char key[32];
	(void)state;
	is(said("KESTREL", "DL-PRIVATE", "", 0), REFUSED_NOT);
	snprintf(key, sizeof(key), "%020llu", (unsigned long long)engine_link(desk.engine)->next - 1);
	const struct sealed *x = tab_get(engine_tabs(desk.engine), &SEALED_REC, key);
	assert_non_null(x);
	assert_string_equal(x->party, "KESTREL");
	assert_string_equal(x->deal, "DL-PRIVATE");
	assert_string_equal(x->about, "message");
	assert_int_equal(x->digest.bytes[0], 7);
}

static void what_is_no_statement_is_named(void **state)
{
	struct ev_say b = body_of(item_of("KESTREL", SEALED_BODY_KIND), "", 0), bad;
	(void)state;
	bad = b;
	strcpy(bad.about, "nonsense");
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_VALUE);
	bad = b;
	strcpy(bad.about, "genesis");
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_VALUE);
	bad = b;
	strcpy(bad.audience, "\x1b[2J");
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_VALUE);
	bad = b;
	memset(&bad.digest, 0, sizeof(bad.digest));
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_VALUE);
	is(desk_send(&desk, EVENT_SAY, "party/DRAHT", "", &b), REFUSED_VALUE); /* somebody else's item */
	bad = body_of("EV-NONE", "", 0);
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_ASSET_UNKNOWN);
	bad = body_of(item_of("KESTREL", "photo"), "", 0);
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &bad), REFUSED_VALUE);
	is(desk_send(&desk, EVENT_SAY, "operator/a.visser", "", &b), REFUSED_ROLE); /* an auditor writes nothing */
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &b), REFUSED_NOT);
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &b), REFUSED_EXISTS);
	static const char *const NONE[] = { "INV/", "XX/" HEX64, "INV/00", "INV/" HEX64 "0", "asset/SSCC-1", "INV/../x" };
	for (size_t i = 0; i < sizeof(NONE) / sizeof(NONE[0]); i++)
		is(said("KESTREL", "DL-P", NONE[i], CLAIM_RESERVED), REFUSED_VALUE);
	is(said("KESTREL", "", "INV/" HEX64, CLAIM_RESERVED), REFUSED_VALUE); /* of no deal */
	is(said("KESTREL", "DL-P", "INV/" HEX64, CLAIM_SEEN), REFUSED_VALUE);
	is(said("KESTREL", "DL-P", "INV/" HEX64, CLAIM_FINANCED), REFUSED_VALUE); /* before it was reserved */
}

static void what_is_gone_or_of_others_is_not_said(void **state)
{
	char deal[ID_MAX];
	struct ev_say b = body_of(item_of("KESTREL", SEALED_BODY_KIND), "", 0);
	struct ev_object shred = { .reason = "personal data" };
	(void)state;
	memcpy(shred.object, b.item, sizeof(b.item));
	is(desk_send(&desk, EVENT_SHRED, "party/KESTREL", "", &shred), REFUSED_NOT);
	is(desk_send(&desk, EVENT_SAY, "party/KESTREL", "", &b), REFUSED_EVIDENCE_GONE);
	is(receivables_request(&desk, desk_deal_id(deal, 1), "INV-1", "GRN-1"), REFUSED_NOT);
	is(said("KESTREL", deal, "", 0), REFUSED_ROLE);
	is(said("DRAHT", deal, "", 0), REFUSED_NOT);
}

static void two_audiences_finance_nothing_twice(void **state)
{
	(void)state;
	is(said("KESTREL", "DL-P1", "INV/" HEX64, CLAIM_RESERVED), REFUSED_NOT);
	is(said("DRAHT", "DL-P2", "INV/" HEX64, CLAIM_RESERVED), REFUSED_DOUBLE_EXACT);
	assert_null(strstr(desk.detail, "KESTREL"));
	assert_null(strstr(desk.detail, "DL-P1"));
	is(said("DRAHT", "DL-P1", "INV/" HEX64, CLAIM_WITHDRAWN), REFUSED_DOUBLE_EXACT); /* not his to end */
	is(said("KESTREL", "DL-P1", "INV/" HEX64, CLAIM_WITHDRAWN), REFUSED_NOT);
	is(said("DRAHT", "DL-P2", "INV/" HEX64, CLAIM_RESERVED), REFUSED_NOT);
	is(said("DRAHT", "DL-P2", "INV/" HEX64, CLAIM_FINANCED), REFUSED_NOT);
	is(said("KESTREL", "DL-P1", "INV/" HEX64, CLAIM_RESERVED), REFUSED_DOUBLE_EXACT);
	is(said("DRAHT", "DL-P2", "INV/" HEX64, CLAIM_DISCHARGED), REFUSED_NOT);
	is(said("KESTREL", "DL-P1", "INV/" HEX64, CLAIM_RESERVED), REFUSED_DOUBLE_EXACT); /* paid is paid */
	is(said("DRAHT", "DL-P2", "INV/" HEX64, CLAIM_RESERVED), REFUSED_VALUE);
}

/* The open registry and the sealed one are one. */
static char fingerprint[80]; /* of INV-1, the same on every desk */

static void what_is_open_stands_in_the_way_of_sealed(void **state)
{
	char deal[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(deal, 1), "INV-1", "GRN-1"), REFUSED_NOT);
	const struct document *open = tab_first(engine_tabs(desk.engine), &DOCUMENT_REC, "");
	while (open && open->kind != DOCUMENT_INV)
		open = tab_next(engine_tabs(desk.engine), &DOCUMENT_REC, open->id);
	assert_true(open && open->state == CLAIM_RESERVED);
	memcpy(fingerprint, open->id, sizeof(fingerprint));
	is(said("KESTREL", "DL-P1", open->id, CLAIM_RESERVED), REFUSED_DOUBLE_EXACT);
}

static void what_is_sealed_stands_in_the_way_of_open(void **state)
{
	char deal[ID_MAX];
	(void)state;
	is(said("KESTREL", "DL-P1", fingerprint, CLAIM_RESERVED), REFUSED_NOT);
	is(receivables_request(&desk, desk_deal_id(deal, 1), "INV-1", "GRN-1"), REFUSED_NOT); /* the deal begins, its check says no */
	assert_null(tab_get(engine_tabs(desk.engine), &DOCUMENT_REC, fingerprint));
	is(said("KESTREL", "DL-P1", fingerprint, CLAIM_WITHDRAWN), REFUSED_NOT);
}

/* The name of the deal is the attacker's choice: the same one in the open and sealed finances nothing twice. */
static void one_name_of_a_deal_is_no_way_round(void **state)
{
	char deal[ID_MAX];
	(void)state;
	desk_deal_id(deal, 9);
	is(said("DRAHT", deal, fingerprint, CLAIM_RESERVED), REFUSED_NOT);
	is(said("DRAHT", deal, fingerprint, CLAIM_FINANCED), REFUSED_NOT); /* by another funder */
	is(receivables_request(&desk, deal, "INV-1", "GRN-1"), REFUSED_NOT); /* the deal begins, its check says no */
	assert_null(tab_get(engine_tabs(desk.engine), &DOCUMENT_REC, fingerprint));
}

static void what_is_open_is_not_said_sealed_of_the_same_deal(void **state)
{
	char deal[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(deal, 1), "INV-1", "GRN-1"), REFUSED_NOT);
	assert_non_null(tab_get(engine_tabs(desk.engine), &DOCUMENT_REC, fingerprint));
	is(said("DRAHT", deal, fingerprint, CLAIM_RESERVED), REFUSED_DOUBLE_EXACT);
}

/* What was reserved before one audience is not financed before another. */
static void a_claim_stays_with_its_audience(void **state)
{
	struct ev_say b;
	(void)state;
	is(said("DRAHT", "DL-P7", "INV/" HEX64, CLAIM_RESERVED), REFUSED_NOT);
	b = body_of(item_of("DRAHT", SEALED_BODY_KIND), "INV/" HEX64, CLAIM_FINANCED);
	snprintf(b.audience, sizeof(b.audience), "draht-otherbank");
	is(desk_send(&desk, EVENT_SAY, "party/DRAHT", "DL-P7", &b), REFUSED_DOUBLE_EXACT);
	is(said("DRAHT", "DL-P7", "INV/" HEX64, CLAIM_FINANCED), REFUSED_NOT);
	is(said("DRAHT", "DL-P7", "INV/" HEX64, CLAIM_WITHDRAWN), REFUSED_NOT);
	b.state = CLAIM_RESERVED; /* withdrawn, it is free for any audience */
	is(desk_send(&desk, EVENT_SAY, "party/DRAHT", "DL-P7", &b), REFUSED_NOT);
	is(said("DRAHT", "DL-P7", "INV/" HEX64, CLAIM_FINANCED), REFUSED_DOUBLE_EXACT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_header_is_kept, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_is_no_statement_is_named, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_is_gone_or_of_others_is_not_said, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(two_audiences_finance_nothing_twice, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_is_open_stands_in_the_way_of_sealed, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_is_sealed_stands_in_the_way_of_open, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(one_name_of_a_deal_is_no_way_round, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(what_is_open_is_not_said_sealed_of_the_same_deal, open_desk, close_desk),
		cmocka_unit_test_setup_teardown(a_claim_stays_with_its_audience, open_desk, close_desk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
