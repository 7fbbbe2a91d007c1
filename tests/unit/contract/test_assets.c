/* Assets with the shipped contracts and policy: fingerprints at three strengths, tokens over tiers, bills and their swap, heaps,
 * particulars of receipts, certificates and what rests on them, matching by line (domain specification §3, §7.1, §8.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/contract/one_room.h"

static const struct token_note *note(const char *id) { return tab_get(room.tabs, &TOKEN_NOTE_REC, id); }

#define FACE INT64_C(100000000) /* 1,000,000.00 */
static const struct room_invoice FIRST = { "SUP0", "HALVORSEN", "INV-1001", "2026-03-10", "G1", "NOORDZEE", FACE };

static void root(char deal[32], char id[40])
{
	room_deal(deal, 'A', 1);
	done(room_receivable(&room, deal, &FIRST, 3));
	snprintf(id, 40, "TN-%s", deal + 3);
	assert_non_null(note(id));
}

/* --- fingerprints ---------------------------------------------------------------------------------------------------- */
static void same_document(void **state)
{
	char a[32], b[32];
	(void)state;
	struct room_invoice other = FIRST;
	other.funder = "OOSTZEE"; /* another funder, another facility */
	other.number = "inv 1001";
	done(room_receivable(&room, room_deal(a, 'A', 1), &FIRST, 2));
	expect(room_receivable(&room, room_deal(b, 'A', 2), &other, 2), "double-financing");
	assert_non_null(strstr(room.turn.detail, a));
	/* the same one for the same deal is no news; what was withdrawn is free */
	done(room_call(&room, "NOORDZEE", "receivables.reserve", a, "{}"));
	done(room_call(&room, "NOORDZEE", "receivables.release", a, "{}"));
	done(room_call(&room, "NOORDZEE", "receivables.release", a, "{}"));
	done(room_call(&room, "OOSTZEE", "receivables.reserve", b, "{}"));
	holds();
}

static void canonical_numbers(void **state)
{
	char out[32];
	(void)state;
	static const char *const ROWS[][2] = { { "INV-1001", "INV1001" }, { "00012-a", "12A" }, { "\xef\xbc\xa1\xef\xbc\x91", "A1" }, { "0/0", "" },
		{ "\xc2\xb2", "2" }, { "in v.10\xe2\x80\x93" "01", "INV1001" } };
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		assert_int_equal(document_number(str_of(ROWS[i][0]), out), ROWS[i][1][0] != 0);
		assert_string_equal(out, ROWS[i][1]);
	}
	assert_false(document_number(STR("12345678901234567890123456789012"), out));
}

/* Amount within 0.5 % and five days; or the same number with one field different. */
static void like_another(void **state)
{
	static const struct {
		struct room_invoice v;
		const char *want;
	} ROWS[] = {
		{ { "SUP0", "HALVORSEN", "X1", "2026-03-15", "G2", "OOSTZEE", 100500000 }, "near-duplicate" },
		{ { "SUP0", "HALVORSEN", "X2", "2026-03-05", "G2", "OOSTZEE", 99500000 }, "near-duplicate" },
		{ { "SUP0", "HALVORSEN", "X3", "2026-03-04", "G2", "OOSTZEE", FACE }, "done" },          /* six days */
		{ { "SUP0", "HALVORSEN", "X4", "2026-03-10", "G3", "OOSTZEE", 100600000 }, "done" },     /* 0.6 % */
		{ { "SUP1", "HALVORSEN", "X5", "2026-03-10", "G4", "OOSTZEE", FACE }, "done" },          /* another seller, another number */
		{ { "SUP1", "HALVORSEN", "INV1001", "2026-03-10", "G5", "OOSTZEE", FACE }, "near-duplicate" },
		{ { "SUP0", "HALVORSEN", "INV1001", "2026-03-16", "G5", "OOSTZEE", FACE }, "near-duplicate" },
		{ { "SUP0", "HALVORSEN", "INV1001", "2026-03-10", "G5", "OOSTZEE", 50000000 }, "near-duplicate" },
		{ { "SUP1", "HALVORSEN", "INV1001", "2026-03-16", "G6", "OOSTZEE", FACE }, "done" },     /* two fields differ */
		{ { "SUP2", "HALVORSEN", "Y1", "2026-03-10", "G1", "OOSTZEE", 30000000 }, "double-pledge" }, /* the same goods receipt */
	};
	char deal[32];
	(void)state;
	done(room_receivable(&room, room_deal(deal, 'A', 1), &FIRST, 2));
	for (unsigned i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		enum refusal r = room_receivable(&room, room_deal(deal, 'B', i), &ROWS[i].v, 2);
		if (strcmp(refusal_name(r), ROWS[i].want))
			fail_msg("row %u: %s, not %s: %s", i, refusal_name(r), ROWS[i].want, room.turn.detail);
	}
	holds();
}

/* What a person cleared is what stood then. */
static void cleared(void **state)
{
	char a[32], b[32], c[32];
	struct room_invoice near = FIRST, third = FIRST;
	(void)state;
	near.number = "X9";
	near.grn = "G9";
	third.number = "X10";
	third.grn = "G10";
	done(room_receivable(&room, room_deal(a, 'A', 1), &FIRST, 2));
	expect(room_receivable(&room, room_deal(b, 'A', 2), &near, 2), "near-duplicate");
	expect(room_receivable(&room, room_deal(c, 'A', 3), &third, 2), "near-duplicate");
	done(room_call(&room, "NOORDZEE", "receivables.clear", b, "{}"));
	done(room_call(&room, "NOORDZEE", "receivables.clear", c, "{}"));
	done(room_call(&room, "NOORDZEE", "receivables.reserve", b, "{}"));
	expect(room_call(&room, "NOORDZEE", "receivables.reserve", c, "{}"), "near-duplicate"); /* b came after the clearance */
	done(room_call(&room, "NOORDZEE", "receivables.clear", c, "{}"));
	done(room_call(&room, "NOORDZEE", "receivables.reserve", c, "{}"));
}

/* A reservation ends by its time, and then another may; money is not paid on what has ended. */
static void lapsed(void **state)
{
	char a[32], b[32], key[80];
	(void)state;
	done(room_receivable(&room, room_deal(a, 'A', 1), &FIRST, 2));
	snprintf(key, sizeof(key), "%s", ((const struct document *)tab_first(room.tabs, &DOCUMENT_REC, "INV/"))->id);
	room_next(&room);
	document_expire(&room.turn, key);
	assert_int_equal(((const struct document *)tab_get(room.tabs, &DOCUMENT_REC, key))->state, CLAIM_RESERVED);
	room.stamp += 2880 * INSTANT_HOUR;
	room_next(&room);
	document_expire(&room.turn, key);
	assert_int_equal(((const struct document *)tab_get(room.tabs, &DOCUMENT_REC, key))->state, CLAIM_SEEN);
	struct room_invoice again = FIRST;
	again.funder = "OOSTZEE";
	room.stamp = instant_of(2026, 3, 17, 0, 0, 0);
	done(room_receivable(&room, room_deal(b, 'A', 2), &again, 2));
	room_next(&room);
	assert_int_equal(documents_move(&room.turn, a, "", CLAIM_FINANCED), REFUSED_CONDITION);
	assert_int_equal(documents_move(&room.turn, b, "", CLAIM_RESERVED), REFUSED_NOT);
	room.stamp += 9000 * INSTANT_HOUR;
	room_next(&room);
	document_expire(&room.turn, key); /* held for the payment: no time ends it */
	assert_int_equal(((const struct document *)tab_get(room.tabs, &DOCUMENT_REC, key))->state, CLAIM_RESERVED);
}

static void every_kind(void **state)
{
	static const char *const KINDS[] = { "INV", "PO", "GRN", "BL", "WR", "AWB" };
	char a[32], b[32];
	(void)state;
	struct room_invoice v = FIRST, w = { "SUP5", "HALVORSEN", "Q7", "2026-03-12", "G7", "OOSTZEE", 20000000 };
	done(room_receivable(&room, room_deal(a, 'A', 1), &v, 0));
	done(room_receivable(&room, room_deal(b, 'A', 2), &w, 0));
	for (int i = 0; i < 6; i++) {
		static const char DOC[] = "{\"kind\":\"%s\",\"seller\":\"SUP3\",\"debtor\":\"HALVORSEN\",\"number\":\"%s%d\",\"currency\":\"EUR\",\"amount\":\"%s\","
			"\"day\":\"2026-03-10\",\"goods\":\"%s\"}";
		char goods[64], other[64];
		snprintf(goods, sizeof(goods), "SSCC-A%d\\nSSCC-B%d\\nCONT-MSKU1-S%d", i, i, i);
		snprintf(other, sizeof(other), "SSCC-C%d\\nSSCC-B%d", i, i);
		done(room_call(&room, "NOORDZEE", "documents.present", a, DOC, KINDS[i], "N", i, "5000.00", goods));
		expect(room_call(&room, "OOSTZEE", "documents.present", b, DOC, KINDS[i], "n-", i, "5000.00", ""), "double-financing");
		expect(room_call(&room, "OOSTZEE", "documents.present", b, DOC, KINDS[i], "M", i, "5020.00", ""), "near-duplicate");
		expect(room_call(&room, "OOSTZEE", "documents.present", b, DOC, KINDS[i], "K", i, "99000.00", other), "double-pledge");
		done(room_call(&room, "OOSTZEE", "documents.present", b, DOC, KINDS[i], "L", i, "70000.00", "SSCC-Z"));
		done(room_call(&room, "OOSTZEE", "documents.present", b, DOC, KINDS[i], "L", i, "70000.00", "SSCC-Z"));
	}
	holds();
}

/* --- tokens ---------------------------------------------------------------------------------------------------------- */
static enum refusal propose(const char *from, const char *deal, const char *id, const char *to, const char *amount, const char *number,
	const char *worth)
{
	return room_call(&room, from, "tokens.propose", deal, "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"%s\",\"number\":\"%s\",\"day\":\"2026-03-12\","
		"\"invoice_amount\":\"%s\"}", id, to, amount, number, worth);
}

/* Hands on a part and gives the transferee's note. */
static const char *hand_on(const char *from, const char *deal, const char *id, const char *to, const char *amount, const char *number,
	char made[40])
{
	char handover[40];
	done(propose(from, deal, id, to, amount, number, amount));
	snprintf(handover, sizeof(handover), "%s", room_result(&room, "handover"));
	done(room_call(&room, to, "tokens.accept", deal, "{\"handover\":\"%s\"}", handover));
	snprintf(made, 40, "%s", room_result(&room, "note"));
	holds();
	return made;
}

static void over_tiers(void **state)
{
	char deal[32], id[40], made[40], rest[48];
	(void)state;
	root(deal, id);
	hand_on("SUP0", deal, id, "SUP1", "400000.00", "T1", made);
	assert_int_equal(note(id)->state, NOTE_CONSUMED);
	assert_int_equal(note(made)->tier, 2);
	assert_string_equal(note(made)->path, "HALVORSEN/SUP0/SUP1");
	snprintf(rest, sizeof(rest), "%s/0002", id);
	assert_int_equal(note(rest)->amount, 60000000);
	assert_string_equal(note(rest)->holder, "SUP0");
	/* five more tiers, then no further */
	static const char *const CHAIN[] = { "SUP1", "SUP2", "SUP3", "SUP4", "SUP5", "SUP6" };
	for (int i = 0; i < 4; i++) {
		char number[8];
		snprintf(number, sizeof(number), "T%d", i + 2);
		hand_on(CHAIN[i], deal, note(made)->id, CHAIN[i + 1], "400000.00", number, made);
	}
	assert_int_equal(note(made)->tier, 6);
	char handover[40];
	done(propose("SUP5", deal, made, "SUP6", "400000.00", "T9", "400000.00"));
	snprintf(handover, sizeof(handover), "%s", room_result(&room, "handover"));
	expect(room_call(&room, "SUP6", "tokens.accept", deal, "{\"handover\":\"%s\"}", handover), "token-tiers");
	expect(propose("SUP0", deal, rest, "HALVORSEN", "600000.00", "T8", "600000.00"), "token-circle");
	holds();
}

static void what_stands_behind(void **state)
{
	char deal[32], id[40], made[40], handover[40];
	(void)state;
	root(deal, id);
	expect(propose("SUP1", deal, id, "SUP2", "400000.00", "T1", "400000.00"), "asset-unknown"); /* not the holder */
	expect(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "399999.99"), "backing-document");
	expect(propose("SUP0", deal, id, "SUP1", "999.99", "T1", "400000.00"), "note-too-small");
	expect(propose("SUP0", deal, id, "SUP1", "999500.00", "T1", "999500.00"), "note-too-small"); /* what is left is */
	expect(propose("SUP0", deal, id, "SUPX", "400000.00", "T1", "400000.00"), "party-unknown");
	done(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "400000.00"));
	snprintf(handover, sizeof(handover), "%s", room_result(&room, "handover"));
	expect(propose("SUP0", deal, id, "SUP2", "400000.00", "T2", "400000.00"), "state-not-allowed"); /* locked */
	expect(room_call(&room, "SUP2", "tokens.accept", deal, "{\"handover\":\"%s\"}", handover), "role-not-allowed");
	done(room_call(&room, "SUP1", "tokens.refuse", deal, "{\"handover\":\"%s\"}", handover));
	assert_int_equal(note(id)->state, NOTE_LIVE);
	expect(room_call(&room, "SUP1", "tokens.accept", deal, "{\"handover\":\"%s\"}", handover), "state-not-allowed");
	hand_on("SUP0", deal, id, "SUP1", "400000.00", "T1", made); /* the document was given back */
}

/* What simulations ask after every few entries finds what was changed by hand. */
static void the_invariants_are_asked(void **state)
{
	char deal[32], id[40], made[40], why[240];
	(void)state;
	root(deal, id);
	hand_on("SUP0", deal, id, "SUP1", "400000.00", "T1", made);
	size_t mark = tab_mark(room.tabs);
	struct token_note n = *note(made);
	n.amount--;
	tab_put(room.tabs, &TOKEN_NOTE_REC, &n);
	assert_false(assets_tokens_hold(room.tabs, why)); /* before it stands the sum of the root */
	assert_non_null(strstr(why, "Parts of"));
	breaks(mark, "");
	n = *note(made);
	n.tier += 2;
	tab_put(room.tabs, &TOKEN_NOTE_REC, &n);
	breaks(mark, "does not hang on a consumed note");
	n = *note(made);
	str_copy(n.path, sizeof(n.path), STR("HALVORSEN/SUP0/HALVORSEN"));
	tab_put(room.tabs, &TOKEN_NOTE_REC, &n);
	breaks(mark, "twice on the path");
	const struct document *d = tab_first(room.tabs, &DOCUMENT_REC, "");
	struct document other = *d;
	str_copy(other.number, sizeof(other.number), STR("X9"));
	tab_put(room.tabs, &DOCUMENT_REC, &other);
	breaks(mark, "not what its fingerprint says");
	other = *(const struct document *)tab_first(room.tabs, &DOCUMENT_REC, "");
	other.state = CLAIM_RESERVED;
	other.goods = blob_in(&room.scratch, "SSCC-0", 6);
	tab_put(room.tabs, &DOCUMENT_REC, &other);
	breaks(mark, "are not claimed for it");
}

/* Everybody who sees the deal of the root sees the indexes of its documents: what a tier invoiced to the next does not stand there. */
static void a_tier_shows_no_amount(void **state)
{
	char deal[32], id[40], prefix[48];
	int own = 0, tiers = 0;
	(void)state;
	root(deal, id);
	done(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "400000.00"));
	snprintf(prefix, sizeof(prefix), "of/%s/", deal);
	TAB_FOR(claim, c, room.tabs, &CLAIM_REC, prefix) {
		const struct document *d = document_of_claim(room.tabs, c);
		assert_non_null(d);
		assert_int_not_equal(d->amount, 0);
		bool tier = strcmp(d->object, deal) != 0;
		assert_int_equal(c->amount, tier ? 0 : d->amount);
		tiers += tier;
		own += !tier;
	}
	assert_int_equal(tiers, 1);
	assert_true(own > 0);
}

static void once_behind(void **state)
{
	char deal[32], id[40], made[40], rest[48];
	(void)state;
	root(deal, id);
	hand_on("SUP0", deal, id, "SUP1", "400000.00", "T1", made);
	snprintf(rest, sizeof(rest), "%s/0002", id);
	expect(propose("SUP0", deal, rest, "SUP1", "400000.00", "T1", "400000.00"), "double-financing");
	expect(propose("SUP0", deal, rest, "SUP1", "400000.00", "T2", "401000.00"), "near-duplicate");
	expect(propose("SUP1", deal, made, "SUP0", "400000.00", "T3", "400000.00"), "token-circle");
}

static void time_and_freezes(void **state)
{
	char deal[32], id[40], handover[40];
	(void)state;
	root(deal, id); /* matures on Tuesday 2026-06-30: five business days before is the 23rd */
	done(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "400000.00"));
	snprintf(handover, sizeof(handover), "%s", room_result(&room, "handover"));
	done(room_call(&room, "SUP1", "tokens.lapse", deal, "{\"handover\":\"%s\"}", handover));
	assert_int_equal(note(id)->state, NOTE_LOCKED);
	room.stamp += 73 * INSTANT_HOUR;
	done(room_call(&room, "SUP1", "tokens.lapse", deal, "{\"handover\":\"%s\"}", handover));
	assert_int_equal(note(id)->state, NOTE_LIVE);
	done(room_call(&room, "NOORDZEE", "tokens.freeze", deal, "{\"note\":\"%s\",\"reason\":\"x\"}", id));
	expect(propose("SUP0", deal, id, "SUP1", "400000.00", "T2", "400000.00"), "state-not-allowed");
	done(room_call(&room, "NOORDZEE", "tokens.unfreeze", deal, "{\"note\":\"%s\",\"reason\":\"x\"}", id));
	for (int day = 23; day <= 24; day++) {
		room.stamp = instant_of(2026, 6, day, 9, 0, 0);
		done(propose("SUP0", deal, id, "SUP1", "400000.00", day == 23 ? "T2" : "T3", day == 23 ? "400000.00" : "450000.00"));
		snprintf(handover, sizeof(handover), "%s", room_result(&room, "handover"));
		expect(room_call(&room, "SUP1", "tokens.accept", deal, "{\"handover\":\"%s\"}", handover), day == 23 ? "done" : "token-cutoff");
		if (day == 23)
			snprintf(id + strlen(id), 8, "/0002");
	}
	holds();
}

static void split(void **state)
{
	char deal[32], id[40];
	(void)state;
	root(deal, id);
	expect(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"600000.00\",\"399999.99\"]}", id), "value-not-allowed");
	expect(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"999000.01\",\"999.99\"]}", id), "note-too-small");
	done(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"600000.00\",\"399000.00\",\"1000.00\"]}", id));
	expect(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"1000000.00\"]}", id), "state-not-allowed");
	holds();
}

static int64_t balance(const char *deal, int account) { return book_deal_balance(room.tabs, deal, account); }

/* A shortfall is shared pro rata, to the last unit; what comes later goes where it is still owed. */
static void shortfall(void **state)
{
	char deal[32], id[40], a[48];
	static const int64_t WANT[] = { 11111111, 22222222, 33333334 };
	(void)state;
	root(deal, id);
	done(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"166666.67\",\"333333.33\",\"500000.00\"]}", id));
	expect(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"0.00\"}"), "value-not-allowed");
	done(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"666666.67\",\"payer\":\"HALVORSEN\"}"));
	int64_t sum = 0;
	for (int i = 0; i < 3; i++) {
		snprintf(a, sizeof(a), "%s/%04d", id, i + 1);
		sum += note(a)->paid;
		assert_in_range(note(a)->paid - WANT[i] + 1, 0, 2);
		assert_int_equal(note(a)->state, NOTE_LIVE);
	}
	assert_int_equal(sum, 66666667);
	assert_int_equal(balance(deal, 2030), 0);
	assert_int_equal(balance(deal, 1000), 0); /* all of it was paid on */
	done(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"333333.34\",\"payer\":\"HALVORSEN\"}"));
	for (int i = 0; i < 3; i++) {
		snprintf(a, sizeof(a), "%s/%04d", id, i + 1);
		assert_int_equal(note(a)->state, NOTE_REDEEMED);
		assert_int_equal(note(a)->paid, note(a)->amount);
	}
	assert_int_equal(balance(deal, 2020), -1); /* one unit above what was owed: the payer's */
	expect(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"1.00\"}"), "state-not-allowed");
	holds();
}

static void frozen_share(void **state)
{
	char deal[32], id[40], a[48];
	(void)state;
	root(deal, id);
	done(room_call(&room, "SUP0", "tokens.split", deal, "{\"note\":\"%s\",\"amounts\":[\"400000.00\",\"600000.00\"]}", id));
	snprintf(a, sizeof(a), "%s/0001", id);
	done(room_call(&room, "NOORDZEE", "tokens.freeze", deal, "{\"note\":\"%s\",\"reason\":\"x\"}", a));
	done(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"1000000.00\",\"payer\":\"SOMEBODY\"}"));
	assert_int_equal(balance(deal, 1150), -FACE); /* of another payer: suspense */
	done(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}"));
	assert_int_equal(balance(deal, 2030), -40000000); /* waits */
	done(room_call(&room, "NOORDZEE", "tokens.unfreeze", deal, "{\"note\":\"%s\",\"reason\":\"x\"}", a));
	assert_int_equal(balance(deal, 2030), 0);
	assert_int_equal(note(a)->state, NOTE_REDEEMED);
	holds();
}

/* A holder of tier 2 sells its note: the note is what is encumbered, and the root's collection pays the funder. */
static void financed_note(void **state)
{
	char deal[32], id[40], made[40], d[32], e[32];
	static const char ASK[] = "{\"party\":\"SUP1\",\"note\":\"%s\",\"rate_max\":90000}";
	(void)state;
	struct offer o = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN", .rate = 60000, .most = 500000000, .days_max = 180 };
	struct limit l = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .currency = "EUR", .amount = 500000000 };
	struct profile p = { .id = "HALVORSEN", .late_days = 2, .relation_months = 80, .complete = 10000 }, q = p;
	str_copy(q.id, sizeof(q.id), STR("SUP1"));
	tab_put(room.tabs, &OFFER_REC, &o);
	tab_put(room.tabs, &LIMIT_REC, &l);
	tab_put(room.tabs, &PROFILE_REC, &p);
	tab_put(room.tabs, &PROFILE_REC, &q);
	root(deal, id);
	room_deal(d, 'D', 1);
	room_deal(e, 'D', 2);
	hand_on("SUP0", deal, id, "SUP1", "400000.00", "T1", made);
	expect(room_call(&room, "SUP1", "tokens.open", d, "{\"party\":\"SUP2\",\"note\":\"%s\"}", made), "asset-unknown");
	expect(room_call(&room, "SUP1", "tokens.open", d, ASK, id), "asset-unknown");
	done(room_call(&room, "SUP1", "tokens.open", d, ASK, made));
	expect(room_call(&room, "SUP1", "tokens.open", e, ASK, made), "double-pledge"); /* encumbered */
	expect(propose("SUP1", deal, made, "SUP2", "400000.00", "T5", "400000.00"), "state-not-allowed");
	done(room_call(&room, "NOORDZEE", "tokens.unlock", d, "{}"));
	assert_int_equal(note(made)->state, NOTE_LIVE);
	done(room_call(&room, "SUP1", "tokens.open", e, ASK, made));
	static const char *const STEPS[] = { "scoring.score", "matching.match", "matching.accept", "disbursement.approve", "disbursement.assign",
		"disbursement.seal", "disbursement.release", "disbursement.fund" };
	for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++)
		done(room_call(&room, "NOORDZEE", STEPS[i], e, "{\"number\":\"AS1\"}"));
	assert_string_equal(note(made)->holder, "NOORDZEE");
	assert_string_equal(note(made)->path, "HALVORSEN/SUP0/SUP1");
	done(room_call(&room, "BANK", "tokens.collect", deal, "{\"amount\":\"1000000.00\",\"payer\":\"HALVORSEN\"}"));
	assert_int_equal(note(made)->state, NOTE_REDEEMED);
	done(room_call(&room, "BANK", "settlement.settle", e, "{\"amount\":\"400000.00\",\"payer\":\"HALVORSEN\"}"));
	assert_int_equal(((const struct deal *)tab_get(room.tabs, &DEAL_REC, e))->state, DEAL_SETTLED);
	holds();
}

/* What a bad contract cannot do: the core asks again. N is the root of SUP0 over 1,000,000.00, P its path, H a handover to SUP1 with a
 * document over 400,000.00 behind it. */
#define CHILD "local function child(k, f) f.root = n.root f.deal = n.deal f.parent = n.id f.obligor = f.obligor or n.obligor f.currency = n.currency " \
	"f.maturity = f.maturity or n.maturity f.state = 'live' set('token_note', n.root .. '/000' .. k, f) end "
static void a_bad_contract(void **state)
{
	static const struct {
		const char *body, *want;
	} ROWS[] = {
		{ "gone() keep(1, 100000000)", "done" },
		{ "gone() keep(1, 99999999)", "control-total" },
		{ "gone() keep(1, 60000000) keep(2, 40000001)", "control-total" },
		{ "gone() keep(1, 99900001) keep(2, 99999)", "note-too-small" },
		{ "gone()", "control-total" },
		{ "gone() for k = 1, 4 do keep(k, 4611686018427387904) end keep(5, 100000000)", "overflow" }, /* they sum to nothing in 64 bits */
		{ "keep(1, 100000000)", "contract-result" },
		{ "gone() pass(1, 40000000, 'SUP1', 2) keep(2, 60000000)", "done" },
		{ "gone() pass(1, 40000001, 'SUP1', 2) keep(2, 59999999)", "backing-document" },
		{ "gone() pass(1, 40000000, 'SUP2', 2) keep(2, 60000000)", "backing-document" },
		{ "gone() pass(1, 40000000, 'SUP1', 1) keep(2, 60000000)", "token-tiers" },
		{ "gone() pass(1, 40000000, 'HALVORSEN', 2) keep(2, 60000000)", "token-circle" },
		{ "gone() pass(1, 40000000, 'SUP0', 1) keep(2, 60000000)", "contract-result" },
		{ "gone() pass(1, 40000000, 'NOBODY', 2) keep(2, 60000000)", "frozen" },
		{ "gone() child(1, { holder = n.holder, amount = n.amount, tier = 1, path = n.path, obligor = 'SUP1' })", "contract-result" },
		{ "gone() child(1, { holder = n.holder, amount = n.amount, tier = 1, path = n.path, maturity = n.maturity + 1 })", "contract-result" },
		{ "gone() child(1, { holder = n.holder, amount = n.amount, tier = 1, path = 'SUP9' })", "contract-result" },
		{ "set('token_note', n.id, { holder = 'SUP5' })", "contract-result" },
		{ "set('token_note', n.id, { amount = 5 })", "contract-result" },
		{ "set('token_note', n.id, { maturity = n.maturity + 1 })", "contract-result" },
		{ "set('token_note', n.id, { paid = n.amount + 1 })", "contract-result" },
		{ "set('token_note', n.id, { lien = 'HO-x' })", "double-pledge" },
		{ "set('token_note', n.id, { state = 'cancelled' })", "control-total" },
		{ "set('token_note', 'TN-new', { root = 'TN-new', tier = 1, amount = 100000, state = 'live' })", "control-total" },
		{ "set('handover', n.lien, { to = 'SUP2' })", "state-not-allowed" },
		{ "set('handover', n.lien, { amount = 1 })", "state-not-allowed" },
		{ "set('claim', 'exact/INV/1', { state = 'financed', deal = n.deal })", "contract-result" },
		{ "set('claim', 'near/INV/1', { state = 'financed', deal = n.deal })", "contract-result" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char source[3000], name[8], deal[32], id[40];
		struct room_invoice v = FIRST;
		char number[16], grn[16];
		snprintf(number, sizeof(number), "B%u", i);
		snprintf(grn, sizeof(grn), "GB%u", i);
		v.number = number;
		v.grn = grn;
		v.seller = "SUP0";
		room_close(&room);
		room_open(&room);
		room_deal(deal, 'A', 1);
		done(room_receivable(&room, deal, &v, 3));
		snprintf(id, sizeof(id), "TN-%s", deal + 3);
		done(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "400000.00"));
		snprintf(name, sizeof(name), "bad%u", i);
		snprintf(source, sizeof(source), "call = {} function call.go(deal, args) local n = get('token_note', '%s') local h = get('handover', n.lien) "
			CHILD "local function gone() set('token_note', n.id, { state = 'consumed' }) end "
			"local function keep(k, a) child(k, { holder = n.holder, amount = a, tier = 1, path = n.path }) end "
			"local function pass(k, a, to, t) child(k, { holder = to, amount = a, tier = t, path = n.path .. '/' .. to, backing = h.backing }) end "
			"%s end", id, ROWS[i].body);
		room_next(&room);
		done(contract_deploy(&room.turn, room.contracts, name, str_of(source)));
		char call[16];
		snprintf(call, sizeof(call), "%s.go", name);
		enum refusal r = room_call(&room, "NOORDZEE", call, deal, "{}");
		if (strcmp(refusal_name(r), ROWS[i].want))
			fail_msg("%s: %s, not %s: %s", ROWS[i].body, refusal_name(r), ROWS[i].want, room.turn.detail);
		holds();
	}
}

/* The contract of another deal may lock a live note; whatever else it tries, it makes no money of it. */
static void a_bad_contract_of_another_deal(void **state)
{
	static const struct {
		const char *body, *want;
	} ROWS[] = {
		{ "set('token_note', n.id, { state = 'consumed' }) child(1, { holder = n.holder, amount = n.amount + 1, tier = 1, path = n.path })", "contract-result" },
		{ "set('token_note', n.id, { state = 'consumed' })", "control-total" },
		{ "set('token_note', n.id, { state = 'redeemed' })", "contract-result" },
		{ "set('token_note', n.id, { state = 'cancelled' })", "contract-result" },
		{ "set('token_note', n.id, { paid = 1 })", "contract-result" },
		{ "set('token_note', n.id, { holder = 'NOORDZEE' })", "contract-result" },
		{ "set('token_note', n.id, { state = 'locked', lien = deal.id })", "done" },
	};
	char deal[32], id[40], other[32];
	(void)state;
	struct room_invoice w = { "SUP5", "HALVORSEN", "Q7", "2026-03-12", "G7", "OOSTZEE", 20000000 };
	root(deal, id);
	done(room_receivable(&room, room_deal(other, 'A', 2), &w, 0));
	for (unsigned i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		char source[1500], name[8], call[16];
		snprintf(name, sizeof(name), "bad%u", i);
		snprintf(call, sizeof(call), "%s.go", name);
		snprintf(source, sizeof(source), "call = {} function call.go(deal, args) local n = get('token_note', '%s') " CHILD "%s end", id, ROWS[i].body);
		room_next(&room);
		done(contract_deploy(&room.turn, room.contracts, name, str_of(source)));
		enum refusal r = room_call(&room, "OOSTZEE", call, other, "{}");
		if (strcmp(refusal_name(r), ROWS[i].want))
			fail_msg("%s: %s, not %s: %s", ROWS[i].body, refusal_name(r), ROWS[i].want, room.turn.detail);
		holds();
	}
	expect(propose("SUP0", deal, id, "SUP1", "400000.00", "T1", "400000.00"), "state-not-allowed");
}

/* Goods stay claimed as long as any document of the deal stands over them. */
static void two_papers_over_the_same_goods(void **state)
{
	char a[32], b[32], key[80];
	(void)state;
	struct room_invoice v = FIRST, w = { "SUP5", "HALVORSEN", "Q7", "2026-03-12", "G7", "OOSTZEE", 20000000 };
	static const char DOC[] = "{\"kind\":\"%s\",\"seller\":\"SUP3\",\"debtor\":\"HALVORSEN\",\"number\":\"%s\",\"currency\":\"EUR\",\"amount\":\"%s\","
		"\"day\":\"2026-03-10\",\"goods\":\"SSCC-1\"}";
	done(room_receivable(&room, room_deal(a, 'A', 1), &v, 0));
	done(room_receivable(&room, room_deal(b, 'A', 2), &w, 0));
	done(room_call(&room, "NOORDZEE", "documents.present", a, DOC, "BL", "N1", "5000.00"));
	snprintf(key, sizeof(key), "%s", ((const struct document *)tab_first(room.tabs, &DOCUMENT_REC, "BL/"))->id);
	room.stamp += INSTANT_DAY;
	done(room_call(&room, "NOORDZEE", "documents.present", a, DOC, "GRN", "N2", "7000.00"));
	room.stamp += 2880 * INSTANT_HOUR - INSTANT_HOUR;
	room_next(&room);
	document_expire(&room.turn, key);
	assert_int_equal(((const struct document *)tab_get(room.tabs, &DOCUMENT_REC, key))->state, CLAIM_SEEN);
	expect(room_call(&room, "OOSTZEE", "documents.present", b, DOC, "AWB", "N3", "9000.00"), "double-pledge");
	holds();
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_room, close_room)
int main(void)
{
	const struct CMUnitTest tests[] = { T(same_document), T(canonical_numbers), T(like_another), T(cleared), T(lapsed), T(every_kind),
		T(over_tiers), T(what_stands_behind), T(a_tier_shows_no_amount),
		T(the_invariants_are_asked), T(once_behind), T(time_and_freezes), T(split), T(shortfall), T(frozen_share),
		T(financed_note), T(a_bad_contract), T(a_bad_contract_of_another_deal),
		T(two_papers_over_the_same_goods) };
	return cmocka_run_group_tests_name("assets", tests, NULL, NULL);
}
