/* Any text as a contract: the gate lets it through or not, and what it lets through runs within its budget,
 * twice to the same outcome, once after a preview, and leaves no trace when it is refused. Built with libFuzzer. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "contract/assets.h"
#include "contract/call.h"
#include "ledger/period.h"
#include "contract/endorsed.h"
#include "contract/totals.h"
#include "feed/state.h"
#include "identity/keyring.h"
#include "identity/rights.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

/* All that contracts, books and registries look at: a contract may ask for any of it. */
static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC, &ENDORSE_REC, &ACT_REC, &PARTY_REC,
	&OPERATOR_REC, &STOP_REC, &TRANSFER_REC, &STATEMENT_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &PERIOD_REC,
	&TALLY_REC, &QUOTE_REC, &VALUE_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC, &TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC,
	&LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC, &CODE_REC, &PARAM_REC, &SCORE_REC, &PROFILE_REC,
	&DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC };

#define ARGS STR("{\"amount\":\"5.00\",\"list\":[1,{}]}")

struct outcome {
	enum refusal refusal;
	struct hash state;
	char detail[TURN_DETAIL_MAX];
};

/* The tables are laid once, for that takes longer than most contracts; whoever takes all back must leave them empty. */
static struct outcome run(struct tabs *tabs, const struct hash *empty, struct contracts *contracts, bool preview, struct str source)
{
	static const struct hash SEED;
	struct outcome out = { 0 };
	static struct arena scratch;
	static struct buf lines;
	struct turn t;
	struct str result;
	enum refusal seen = REFUSED_NOT;
	struct deal deal = { .id = "DL-1", .currency = "EUR", .funder = "NOORDZEE", .state = DEAL_DRAFT };
	struct param key = { .id = "registry.key", .text = "a consortium key" };
	arena_reset(&scratch);
	buf_clear(&lines);
	turn_begin(&t, tabs, &scratch, 1, instant_of(2026, 3, 16, 9, 0, 0), &SEED);
	tab_put(tabs, &DEAL_REC, &deal);
	tab_put(tabs, &PARAM_REC, &key);
	for (const char *id = "DSTW"; *id; id++) {
		struct party party = { .id = { *id }, .name = { *id }, .group = { *id } };
		tab_put(tabs, &PARTY_REC, &party);
	}
	out.refusal = contract_deploy(&t, contracts, "t", source);
	if (!out.refusal) {
		struct hash before = tabs_digest(tabs);
		if (preview) {
			seen = contract_preview(&t, contracts, "t.go", "DL-1", ARGS, &lines);
			struct hash after = tabs_digest(tabs);
			CHECK(hash_eq(&before, &after), "a preview leaves no trace");
		}
		out.refusal = contract_call(&t, contracts, "t.go", "DL-1", ARGS, &result);
		CHECK(!preview || seen == out.refusal, "a preview says what a call does");
		out.state = tabs_digest(tabs);
		CHECK(!out.refusal || hash_eq(&before, &out.state), "a refused call leaves no trace");
	}
	memcpy(out.detail, t.detail, sizeof(out.detail));
	tab_rollback(tabs, 0);
	struct hash left = tabs_digest(tabs);
	CHECK(hash_eq(empty, &left), "what is taken back leaves no trace");
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The input is the body of a call, or a whole file when it starts with a newline. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tabs *tabs[2];
	static struct hash empty;
	struct buf source = { 0 };
	for (int i = 0; i < 2 && !tabs[i]; i++) {
		tabs[i] = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
		empty = tabs_digest(tabs[i]);
	}
	if (len && data[0] == '\n') {
		buf_add(&source, data, len);
	} else {
		buf_text(&source, "call = {}\nfunction call.go(deal, args)\n");
		buf_add(&source, data, len);
		buf_text(&source, "\nend\n");
	}
	/* The second time from what the first one compiled, which may show nowhere; of each eighth input it is compiled again. */
	struct contracts *first = contracts_new(), *second = hash_of(data, len).bytes[0] % 8 ? first : contracts_new();
	struct outcome a = run(tabs[0], &empty, first, false, buf_view(&source)), b = run(tabs[1], &empty, second, true, buf_view(&source));
	CHECK(a.refusal == b.refusal && hash_eq(&a.state, &b.state) && !strcmp(a.detail, b.detail),
		"the same contract has the same outcome");
	if (second != first)
		contracts_free(second);
	contracts_free(first);
	buf_free(&source);
	return 0;
}
