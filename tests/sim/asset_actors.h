/* What holders, carriers, warehouses, owners and inspectors do with assets by dice: tokens split, handed on, financed, collected; bills
 * endorsed and pledged; receipts beside the pledged one split and merged; certificates issued and withdrawn; and who may not.
 *
 * Beside what actors.h asks for, after every entry: a deal's live notes sum to its confirmed debt and hang on no lien that is over, the
 * goods of each warehouse owner are counted once. */
#ifndef TESTS_SIM_ASSET_ACTORS_H
#define TESTS_SIM_ASSET_ACTORS_H

#include "actors.h"
#include "contract/assets.h"

enum { HOLDERS = 6, BILLS_MOST = 40 };
static const char *const HOLDER_IDS[HOLDERS] = { "DRAHT", "BRASS", "COPPER", "TINNER", "ZINCO", "NICKEL" };
static unsigned papers;
static size_t asset_done[8], asset_tried[8]; /* by theme: tokens, finance, collect, bills, receipts, certificates */

static void assets_begin(void)
{
	static const char *const CONTRACTS[] = { "tokens", "bills", "lots", "documents" };
	desk_lay_contracts(&desk, CONTRACTS, sizeof(CONTRACTS) / sizeof(CONTRACTS[0]));
	desk_lay(&desk, EVENT_PROCESS, "token-finance");
	for (size_t i = 1; i < HOLDERS; i++)
		desk_supplier(&desk, HOLDER_IDS[i], 900);
	desk_party(&desk, "COVER", PARTY_IGU, "", "");
	desk_party(&desk, "OOSTZEE", PARTY_FND, "", ""); /* another facility: one registry for all */
	papers = 0;
	memset(asset_done, 0, sizeof(asset_done));
	memset(asset_tried, 0, sizeof(asset_tried));
}

/* What stands in the warehouse for a deal, and what live receipts cover of it. */
struct stock {
	int64_t counted, covered;
};
static struct stock stock_of(const char *deal)
{
	struct stock k = { 0, 0 };
	TAB_FOR(lot, l, engine_tabs(desk.engine), &LOT_REC, "")
		k.counted += strcmp(l->deal, deal) ? 0 : l->counted;
	TAB_FOR(receipt, r, engine_tabs(desk.engine), &RECEIPT_REC, "")
		k.covered += strcmp(r->deal, deal) || !receipt_state_live(r->state) ? 0 : r->quantity;
	return k;
}

static void asset_act(int theme, const char *party, const char *deal, const char *name, const char *json)
{
	char label[48], of[ID_MAX];
	snprintf(label, sizeof(label), "party/%s", party);
	snprintf(of, sizeof(of), "%s", deal);
	asset_tried[theme]++;
	struct stock before = stock_of(of);
	enum refusal r = desk_data(&desk, EVENT_ASSET, label, of, name, json);
	asset_done[theme] += r == REFUSED_NOT;
	struct stock after = stock_of(of);
	if ((!strcmp(name, "lot.split") || !strcmp(name, "lot.merge")) && (before.counted != after.counted || before.covered != after.covered))
		broken("%s made or lost goods", name);
	if (r != REFUSED_NOT && getenv("SIM_SAY"))
		fprintf(stderr, "%s %s: %s, %s\n", label, name, refusal_name(r), desk.detail);
}

/* --- tokens ------------------------------------------------------------------------------------------------------------ */
static bool some_note(struct token_note *out)
{
	uint64_t seen = 0;
	TAB_FOR(token_note, n, engine_tabs(desk.engine), &TOKEN_NOTE_REC, "")
		if ((n->state != NOTE_CONSUMED || chance(2)) && dice(++seen) == 0)
			*out = *n;
	return seen > 0;
}

static bool some_handover(struct handover *out)
{
	uint64_t seen = 0;
	TAB_FOR(handover, h, engine_tabs(desk.engine), &HANDOVER_REC, "")
		if ((h->state == HANDOVER_PROPOSED || chance(2)) && dice(++seen) == 0)
			*out = *h;
	return seen > 0;
}

static void hand_on(const struct token_note *n)
{
	char json[400], part[32], worth[32];
	int64_t amount = chance(30) ? n->amount : 100000 + (int64_t)dice((uint64_t)n->amount);
	money_text(amount, part);
	money_text(chance(5) ? amount - 1 : amount, worth);
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"to\":\"%s\",\"amount\":\"%s\",\"number\":\"TP%u\",\"day\":\"2026-03-%02u\",\"invoice_amount\":\"%s\"}",
		n->id, HOLDER_IDS[dice(HOLDERS)], part, chance(95) ? ++papers : papers, 1 + (unsigned)dice(15), worth);
	asset_act(0, chance(95) ? n->holder : "LEK", n->deal, "token.propose", json);
}

static void split_note(const struct token_note *n)
{
	char json[300], a[32], b[32];
	int64_t first = 1 + (int64_t)dice((uint64_t)n->amount);
	money_text(first, a);
	money_text(n->amount - first + (chance(10) ? 1 : 0), b);
	snprintf(json, sizeof(json), "{\"note\":\"%s\",\"amounts\":[\"%s\",\"%s\"]}", n->id, a, b);
	asset_act(0, n->holder, n->deal, "token.split", json);
}

static void finance_note(const struct token_note *n)
{
	char json[400], id[ID_MAX], label[48];
	if (deal_count == DEALS)
		return;
	desk_deal_id(id, (unsigned)deal_count + 1);
	snprintf(json, sizeof(json), "{\"deal\":\"%s\",\"party\":\"%s\",\"note\":\"%s\",\"rate_max\":70000,\"maker\":\"l.haas\",\"funder\":\"%s\"}", id,
		n->holder, n->id, chance(70) ? "NOORDZEE" : "OOSTZEE");
	snprintf(label, sizeof(label), "party/%s", n->holder);
	asset_tried[1]++;
	if (desk_data(&desk, EVENT_REQUEST, label, id, "token-finance", json) != REFUSED_NOT)
		return;
	asset_done[1]++;
	memcpy(deals[deal_count].id, id, sizeof(id));
	deals[deal_count++].pledge = false;
}

static void collect_root(const struct token_note *n)
{
	char json[160], money[32];
	money_text(1 + (int64_t)dice((uint64_t)n->amount), money);
	snprintf(json, sizeof(json), "{\"amount\":\"%s\",\"payer\":\"%s\"}", money, chance(90) ? "HALVORSEN" : "LEK");
	asset_act(2, chance(95) ? "BANKNET" : "DRAHT", n->deal, "token.collect", json);
}

static void some_token(void)
{
	struct token_note n;
	struct handover h;
	char json[120];
	uint64_t what = dice(20);
	if (what < 7 && some_handover(&h)) {
		snprintf(json, sizeof(json), "{\"handover\":\"%s\"}", h.id);
		asset_act(0, chance(92) ? h.to : HOLDER_IDS[dice(HOLDERS)], h.deal, what < 5 ? "token.accept" : what < 6 ? "token.refuse" : "token.withdraw", json);
	} else if (some_note(&n)) {
		if (what < 14)
			hand_on(&n);
		else if (what < 16)
			split_note(&n);
		else if (what < 18 && (n.id[0] && n.parent[0]))
			finance_note(&n);
		else if (chance(40))
			collect_root(&n);
	}
}

/* --- bills -------------------------------------------------------------------------------------------------------------- */
static void some_bill(void)
{
	static const char *const ACTS[] = { "bill.endorse", "bill.pledge", "bill.surrender", "bill.release", "bill.accomplish", "bill.switch" };
	struct bill b;
	char json[400];
	uint64_t seen = 0, what = dice(6);
	size_t i = some_live_deal();
	TAB_FOR(bill, x, engine_tabs(desk.engine), &BILL_REC, "")
		if (dice(++seen) == 0)
			b = *x;
	if (i < DEALS && deals[i].pledge && (!seen || (chance(30) && seen < BILLS_MOST))) {
		unsigned n = chance(85) ? ++papers : papers;
		snprintf(json, sizeof(json), "{\"number\":\"BL%u\",\"shipper\":\"%s\","
			"\"commodity\":\"copper\",\"quantity\":\"%u\",\"unit\":\"TNE\",\"loaded\":\"2026-03-%02u\","
			"\"container\":\"CONT%u\",\"seal\":\"S\"}", n, chance(70) ? "KESTREL" : "DRAHT", 20 + (unsigned)dice(300), 1 + (unsigned)dice(15), n);
		asset_act(3, chance(95) ? "LEK" : "KESTREL", deals[i].id, "bill.issue", json);
	} else if (seen) {
		snprintf(json, sizeof(json), what == 0 ? "{\"bill\":\"%s\",\"to\":\"%s\"}" : what == 5 ? "{\"bill\":\"%s\",\"number\":\"%s\"}"
			: "{\"bill\":\"%s\"}", b.id, what == 5 ? strchr(b.id, '/') + 2 : chance(60) ? "KESTREL" : "BRASS");
		asset_act(3, what > 3 ? b.carrier : what == 3 ? "NOORDZEE" : chance(92) ? b.holder : "COPPER", b.deal, ACTS[what], json);
	}
}

/* --- receipts and certificates -------------------------------------------------------------------------------------------- */
static void certify_lot(const struct lot *l, enum cert_kind kind)
{
	struct cert c = { .kind = kind, .from = desk.now - INSTANT_DAY, .until = desk.now + (chance(90) ? 60 : 1) * INSTANT_DAY };
	snprintf(c.subject, sizeof(c.subject), "%s", l->id);
	snprintf(c.number, sizeof(c.number), "N%u", ++papers);
	snprintf(c.issuer, sizeof(c.issuer), "%s", kind == CERT_QUALITY ? "PORTASSAY" : "COVER");
	snprintf(c.grade, sizeof(c.grade), "%s", chance(92) ? "A" : "B");
	asset_tried[5]++;
	asset_done[5] += desk_send(&desk, EVENT_CERT, kind == CERT_QUALITY ? "party/PORTASSAY" : "party/COVER", "", &c) == REFUSED_NOT;
}

static void some_certificate(void)
{
	uint64_t seen = 0;
	struct lot l;
	struct ev_cert w = { .reason = "as the dice said" };
	char issuer[32] = "";
	TAB_FOR(lot, x, engine_tabs(desk.engine), &LOT_REC, "")
		if (dice(++seen) == 0)
			l = *x;
	if (seen && chance(92)) {
		certify_lot(&l, chance(50) ? CERT_QUALITY : CERT_INSURANCE);
		return;
	}
	seen = 0;
	TAB_FOR(cert, c, engine_tabs(desk.engine), &CERT_REC, "")
		if (c->kind != CERT_ACCREDITATION && dice(++seen) == 0) {
			snprintf(w.certificate, sizeof(w.certificate), "%s", c->id);
			snprintf(issuer, sizeof(issuer), "party/%s", chance(90) ? c->issuer : "LEK");
		}
	asset_tried[5]++;
	asset_done[5] += seen && desk_send(&desk, EVENT_CERT_WITHDRAW, issuer, "", &w) == REFUSED_NOT;
}

/* Two receipts of a deal, the second mostly its own; how many there are. */
static uint64_t two_receipts(const struct deal *d, char a[32], char b[32])
{
	uint64_t seen = 0;
	TAB_FOR(receipt, r, engine_tabs(desk.engine), &RECEIPT_REC, "")
		if (!strcmp(r->deal, d->id) && r->state == RECEIPT_ISSUED && dice(++seen) == 0)
			snprintf(a, 32, "%s", r->id);
	snprintf(b, 32, "%s", d->receipt);
	TAB_FOR(receipt, r, engine_tabs(desk.engine), &RECEIPT_REC, "")
		if (!strcmp(r->deal, d->id) && chance(15))
			snprintf(b, 32, "%s", r->id);
	return seen;
}

static void offer_goods(const struct deal *d)
{
	char json[200], id[ID_MAX];
	memcpy(id, d->id, sizeof(id));
	snprintf(json, sizeof(json), "{\"asset_key\":\"EXTRA-%u\",\"quantity\":\"%u\"}", chance(90) ? ++papers : papers, 10 + (unsigned)dice(100));
	asset_act(4, "WAALHAVEN", id, "lot.offer", json);
	const struct lot *found = NULL;
	TAB_FOR(lot, l, engine_tabs(desk.engine), &LOT_REC, "")
		if (!strcmp(l->deal, id) && strncmp(l->asset_key, "EXTRA", 5) == 0)
			found = l;
	if (!found)
		return;
	struct lot l = *found;
	certify_lot(&l, CERT_QUALITY);
	certify_lot(&l, CERT_INSURANCE);
	snprintf(json, sizeof(json), "{\"lot\":\"%s\"}", l.id);
	asset_act(4, "WAALHAVEN", id, "lot.receipt", json);
}

static void some_receipt(void)
{
	size_t i = some_live_deal();
	const struct deal *d = i < DEALS && deals[i].pledge ? desk_deal(&desk, deals[i].id) : NULL;
	char a[32] = "", b[32] = "", json[300], id[ID_MAX];
	if (!d || !d->receipt[0])
		return;
	uint64_t beside = two_receipts(d, a, b), what = dice(8);
	memcpy(id, d->id, sizeof(id));
	if (!beside || what < 1) {
		offer_goods(d);
		return;
	}
	snprintf(json, sizeof(json), "{\"receipts\":[\"%s\"]}", a);
	if (chance(90))
		asset_act(4, "KESTREL", id, "lot.agree", json);
	const struct receipt *r = tab_get(engine_tabs(desk.engine), &RECEIPT_REC, a);
	int64_t tons = r->quantity, first = 1 + (int64_t)dice((uint64_t)tons);
	if (what < 4)
		snprintf(json, sizeof(json), "{\"receipt\":\"%s\",\"quantities\":[\"%lld.%03lld\",\"%lld.%03lld\"]}", a, (long long)(first / 1000),
			(long long)(first % 1000), (long long)((tons - first) / 1000), (long long)((tons - first) % 1000));
	else if (what < 7)
		snprintf(json, sizeof(json), "{\"receipts\":[\"%s\",\"%s\"]}", a, b);
	else
		snprintf(json, sizeof(json), "{\"receipt\":\"%s\"}", chance(80) ? a : b);
	asset_act(4, chance(95) ? "WAALHAVEN" : "KESTREL", id, what < 4 ? "lot.split" : what < 7 ? "lot.merge" : "lot.deliver", json);
}

/* --- what must hold ---------------------------------------------------------------------------------------------------------- */
/* Cheap enough for each entry: a note that is locked is locked for something that goes on, and once. */
static void liens_hold(const struct tabs *s)
{
	TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, "") {
		const struct handover *h = n->lien[0] ? tab_get(s, &HANDOVER_REC, n->lien) : NULL;
		const struct deal *d = n->lien[0] ? tab_get(s, &DEAL_REC, n->lien) : NULL;
		if (n->state == NOTE_LOCKED && n->lien[0] && !(h && h->state == HANDOVER_PROPOSED && !strcmp(h->note, n->id)) && !(d && !strcmp(d->lot, n->root)))
			broken("note %s is locked for what is over", n->id);
	}
	TAB_FOR(bill, b, s, &BILL_REC, "")
		if (b->state == BILL_PLEDGED && strcmp(b->holder, b->pledgee) && !b->pledgee[0])
			broken("bill %s is pledged to nobody", b->id);
}

/* A note is bought once: each deal over a token that goes on holds exactly one, and no two hold the same (a lien is one deal). */
static void finances_hold(const struct tabs *s)
{
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		char prefix[48];
		size_t held = 0;
		if (d->kind != DEAL_RECEIVABLES || d->invoice[0] || !d->lot[0] || deal_state_final(d->state) || d->state < DEAL_CONFIRMED)
			continue;
		snprintf(prefix, sizeof(prefix), "%s/", d->lot);
		TAB_FOR(token_note, n, s, &TOKEN_NOTE_REC, prefix)
			held += !strcmp(n->lien, d->id) && n->state != NOTE_CONSUMED;
		if (held != 1)
			broken("deal %s does not hold one note", d->id);
	}
}

/* Goods once: what lots of a deal are counted at came by an offer or the application, and by nothing else. */
static void goods_hold(const struct tabs *s)
{
	TAB_FOR(receipt, r, s, &RECEIPT_REC, "") {
		const struct receipt *in = r->into[0] ? tab_get(s, &RECEIPT_REC, r->into) : NULL;
		const struct lot *l = tab_get(s, &LOT_REC, r->lot);
		if ((r->state == RECEIPT_REPLACED && r->into[0] && (!in || strcmp(in->deal, r->deal))) || (receipt_state_live(r->state) && (!l || r->quantity > l->counted)))
			broken("receipt %s", r->id);
	}
}

static void assets_after(void *ctx, const struct engine_out *out)
{
	char why[240];
	const struct tabs *s = engine_tabs(desk.engine);
	ordered(ctx, out);
	liens_hold(s);
	finances_hold(s);
	goods_hold(s);
	if (events % 10 == 0 && !assets_hold(s, why))
		broken("%s", why);
}

static void asset_event(void)
{
	static void (*const ACTS[])(void) = { some_token, some_token, some_token, some_bill, some_receipt, some_receipt, some_certificate };
	ACTS[dice(sizeof(ACTS) / sizeof(ACTS[0]))]();
}

static __attribute__((unused)) void assets_say(void)
{
	static const char *const THEMES[] = { "tokens", "finance", "collect", "bills", "receipts", "certificates" };
	printf("  assets:");
	for (size_t i = 0; i < sizeof(THEMES) / sizeof(THEMES[0]); i++)
		printf(" %s %zu of %zu", THEMES[i], asset_done[i], asset_tried[i]);
	printf("\n");
}

#endif
