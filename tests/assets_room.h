/* A room of contracts and assets: the shipped contracts with the shipped policy over a state of its own, no engine around them.
 *
 * Used by unit tests and fault campaigns. Calls run each in a turn of their own; time goes on by what the caller says. */
#ifndef WHARF_TESTS_ASSETS_ROOM_H
#define WHARF_TESTS_ASSETS_ROOM_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/num.h"
#include "contract/assets.h"
#include "contract/call.h"
#include "contract/endorsed.h"
#include "contract/totals.h"
#include "feed/state.h"
#include "identity/keyring.h"
#include "identity/rights.h"
#include "ledger/period.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

static const struct rec_type *const ROOM_TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC, &ENDORSE_REC, &ACT_REC, &PARTY_REC,
	&OPERATOR_REC, &STOP_REC, &TRANSFER_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &PERIOD_REC, &VALUE_REC, &DEAL_REC,
	&INVOICE_REC, &CLAIM_REC, &TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC,
	&CODE_REC, &PARAM_REC, &SCORE_REC, &PROFILE_REC, &DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC };

struct assets_room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	struct contracts *contracts;
	uint64_t number;
	int64_t stamp;
	const char *as;    /* party that acts */
	struct str result;
};

static inline void room_next(struct assets_room *r)
{
	struct hash seed = hash_of(&r->number, sizeof(r->number));
	tab_commit(r->tabs);
	arena_reset(&r->scratch);
	r->stamp += INSTANT_SECOND;
	turn_begin(&r->turn, r->tabs, &r->scratch, r->number++, r->stamp, &seed);
	str_copy(r->turn.actor, sizeof(r->turn.actor), str_of(r->as));
	str_copy(r->turn.actor_party, sizeof(r->turn.actor_party), str_of(r->as));
	r->turn.actor_role = ROLE_OPC;
}

static inline struct str room_file(struct assets_room *r, const char *path)
{
	char full[512];
	const char *source = getenv("WHARF_SOURCE");
	snprintf(full, sizeof(full), "%s/%s", source ? source : ".", path);
	FILE *f = fopen(full, "rb");
	CHECK(f, "a shipped file is there");
	char *bytes = arena_alloc(&r->scratch, 1 << 17);
	size_t n = fread(bytes, 1, (1 << 17) - 1, f);
	fclose(f);
	bytes[n] = 0;
	return (struct str){ bytes, n };
}

static inline void room_policy(struct assets_room *r)
{
	struct json *doc;
	struct fault fault;
	CHECK(json_parse(&r->scratch, room_file(r, "data/policy/policy.json"), &doc, &fault) == ERR_OK, "the policy is JSON");
	for (const struct json *m = json_get(doc, "params")->child; m; m = m->next) {
		struct param p = { .policy = 1 };
		bool fits = str_copy(p.id, sizeof(p.id), m->key);
		fits = fits && (m->kind == JSON_STRING ? str_copy(p.text, sizeof(p.text), m->text) : num_parse_scaled(m->text, 0, false, &p.value));
		CHECK(fits, "a parameter of the shipped policy");
		tab_put(r->tabs, &PARAM_REC, &p);
	}
}

static inline void room_param(struct assets_room *r, const char *id, int64_t value)
{
	struct param p = { .policy = 1, .value = value };
	str_copy(p.id, sizeof(p.id), str_of(id));
	tab_put(r->tabs, &PARAM_REC, &p);
}

static inline void room_party(struct assets_room *r, const char *id, int64_t kind)
{
	struct party p = { .kind = kind, .status = STATUS_APPROVED };
	str_copy(p.id, sizeof(p.id), str_of(id));
	str_copy(p.name, sizeof(p.name), str_of(id));
	str_copy(p.short_name, sizeof(p.short_name), str_of(id));
	str_copy(p.group, sizeof(p.group), str_of(id));
	str_copy(p.iban, sizeof(p.iban), STR("NL91ABNA0417164300"));
	tab_put(r->tabs, &PARTY_REC, &p);
}

static inline void room_open(struct assets_room *r)
{
	static const char *const FILES[] = { "receivables", "scoring", "matching", "disbursement", "warehouse", "pledge", "margin",
		"settlement", "release", "tokens", "documents", "bills", "lots" };
	memset(r, 0, sizeof(*r));
	r->tabs = tabs_new(ROOM_TYPES, sizeof(ROOM_TYPES) / sizeof(ROOM_TYPES[0]));
	r->contracts = contracts_new();
	r->as = "NOORDZEE";
	r->stamp = instant_of(2026, 3, 16, 9, 0, 0);
	room_next(r);
	room_policy(r);
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		char path[64];
		snprintf(path, sizeof(path), "data/contracts/%s.lua", FILES[i]);
		CHECK(contract_deploy(&r->turn, r->contracts, FILES[i], room_file(r, path)) == REFUSED_NOT, "a shipped contract is deployed");
	}
	room_party(r, "NOORDZEE", PARTY_FND);
	room_party(r, "OOSTZEE", PARTY_FND);
	room_party(r, "HALVORSEN", PARTY_CORE);
	room_party(r, "KESTREL", PARTY_BOR);
	room_party(r, "WAALHAVEN", PARTY_WHS);
	room_party(r, "ASSAY", PARTY_INS);
	room_party(r, "COVER", PARTY_IGU);
	room_party(r, "SEALINE", PARTY_CAR);
	room_party(r, "STATE", PARTY_REG);
	for (int i = 0; i < 12; i++)
		room_party(r, (const char *[]){ "SUP0", "SUP1", "SUP2", "SUP3", "SUP4", "SUP5", "SUP6", "SUP7", "SUP8", "SUP9", "SUPA", "SUPB" }[i],
			PARTY_SUP);
	struct cert a = { .id = "accreditation/ASSAY/A0", .kind = CERT_ACCREDITATION, .subject = "ASSAY", .number = "A0", .issuer = "STATE",
		.signed_at = 1, .from = 1, .until = INT64_MAX };
	tab_put(r->tabs, &CERT_REC, &a);
	struct limit l = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .currency = "EUR", .amount = INT64_C(1000000000000) };
	tab_put(r->tabs, &LIMIT_REC, &l);
	struct value v = { .id = "copper", .unit = "TNE", .currency = "EUR", .state = VALUE_OK, .amount = 600000, .fresh = 3, .sources = 3,
		.at = r->stamp };
	tab_put(r->tabs, &VALUE_REC, &v);
}

static inline void room_close(struct assets_room *r)
{
	contracts_free(r->contracts);
	tabs_free(r->tabs);
	arena_free(&r->scratch);
}

/* A contract's call by a party in a turn of its own; arguments as printf makes them. */
static inline __attribute__((format(printf, 5, 6))) enum refusal room_call(struct assets_room *r, const char *as, const char *call,
	const char *deal, const char *format, ...)
{
	char args[2048];
	va_list list;
	va_start(list, format);
	vsnprintf(args, sizeof(args), format, list);
	va_end(list);
	r->as = as;
	room_next(r);
	return contract_call(&r->turn, r->contracts, call, deal, str_of(str_dup(&r->scratch, str_of(args))), &r->result);
}

/* A text member of the last call's result, in scratch; "" when it is not there. */
static inline const char *room_result(struct assets_room *r, const char *name)
{
	struct json *root;
	struct fault fault;
	const struct json *m = r->result.len && json_parse(&r->scratch, r->result, &root, &fault) == ERR_OK ? json_get(root, name) : NULL;
	return m && m->kind == JSON_STRING ? str_dup(&r->scratch, m->text) : "";
}

static inline const char *room_deal(char out[32], char kind, unsigned n)
{
	snprintf(out, 32, "DL-01K8%c%021u", kind, n);
	return out;
}

/* A receivable up to a state: 0 open, 1 documents hold, 2 unique, 3 confirmed. The invoice is one line of 1 000 units. */
struct room_invoice {
	const char *seller, *debtor, *number, *issue, *grn, *funder;
	int64_t amount; /* minor units, a multiple of 1000 */
};
static inline enum refusal room_receivable(struct assets_room *r, const char *deal, const struct room_invoice *v, int upto)
{
	char money[32], price[32];
	snprintf(money, sizeof(money), "%lld.%02lld", (long long)(v->amount / 100), (long long)(v->amount % 100));
	snprintf(price, sizeof(price), "%lld.%02lld", (long long)(v->amount / 100000), (long long)(v->amount / 1000 % 100));
	enum refusal refused = room_call(r, v->seller, "receivables.open", deal, "{\"party\":\"%s\",\"obligor\":\"%s\",\"currency\":\"EUR\",\"amount\":\"%s\","
		"\"funder\":\"%s\",\"invoice\":{\"number\":\"%s\",\"issue\":\"%s\",\"due\":\"2026-06-30\",\"order\":\"PO1\",\"grn\":\"%s\",\"grn_day\":\"2026-03-01\","
		"\"order_quantity\":\"1000\",\"grn_quantity\":\"1000\",\"invoice_quantity\":\"1000\",\"order_price\":\"%s\",\"invoice_price\":\"%s\"}}", v->seller,
		v->debtor, money, v->funder, v->number, v->issue, v->grn, price, price);
	if (!refused && upto > 0)
		refused = room_call(r, v->funder, "receivables.docs", deal, "{}");
	if (!refused && upto > 1)
		refused = room_call(r, v->funder, "receivables.reserve", deal, "{}");
	if (!refused && upto > 2)
		refused = room_call(r, v->funder, "receivables.ask", deal, "{}");
	if (!refused && upto > 2)
		refused = room_call(r, v->debtor, "receivables.confirm", deal, "{\"amount\":\"%s\",\"due\":\"2026-06-30\",\"by\":\"%s\"}", money, v->debtor);
	return refused;
}

#endif
