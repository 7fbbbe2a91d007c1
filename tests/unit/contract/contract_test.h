/* What the tests of the contract module share: a state, turns, small contracts. */
#ifndef WHARF_TEST_CONTRACT_H
#define WHARF_TEST_CONTRACT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "contract/assets.h"
#include "contract/call.h"
#include "ledger/period.h"
#include "contract/lifecycle.h"
#include "contract/endorsed.h"
#include "contract/totals.h"
#include "identity/registry.h"
#include "ledger/stop.h"
#include "ledger/transfer.h"

static const struct rec_type *const TEST_TYPES[] = { &NEWS_REC, &ENDORSE_REC, &ACT_REC, &PARTY_REC,
	&OPERATOR_REC, &STOP_REC, &TRANSFER_REC, &STATEMENT_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC,
	&POSTING_REC, &PERIOD_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC, &TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC,
	&LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC, &CODE_REC, &PARAM_REC, &SCORE_REC, &PROFILE_REC,
	&DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC };

struct bench {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	struct contracts *contracts;
	uint64_t number;
	struct str result;
};

static inline void bench_next(struct bench *b)
{
	struct hash seed = hash_of(&b->number, sizeof(b->number));
	tab_commit(b->tabs);
	arena_reset(&b->scratch);
	turn_begin(&b->turn, b->tabs, &b->scratch, b->number,
		instant_of(2026, 3, 16, 9, 0, 0) + (int64_t)b->number * INSTANT_SECOND, &seed);
	str_copy(b->turn.actor, sizeof(b->turn.actor), STR("i.vermeer"));
	str_copy(b->turn.actor_party, sizeof(b->turn.actor_party), STR("NOORDZEE"));
	b->turn.actor_role = ROLE_OPM;
	b->number++;
}

static inline int bench_setup(void **state)
{
	static struct bench b;
	memset(&b, 0, sizeof(b));
	b.tabs = tabs_new(TEST_TYPES, sizeof(TEST_TYPES) / sizeof(TEST_TYPES[0]));
	b.contracts = contracts_new();
	bench_next(&b);
	*state = &b;
	return 0;
}

static inline int bench_teardown(void **state)
{
	struct bench *b = *state;
	contracts_free(b->contracts);
	tabs_free(b->tabs);
	arena_free(&b->scratch);
	return 0;
}

static inline void bench_deploy(struct bench *b, const char *name, const char *source)
{
	enum refusal r = contract_deploy(&b->turn, b->contracts, name, str_of(source));
	if (r)
		print_error("%s\n", b->turn.detail);
	assert_int_equal(r, REFUSED_NOT);
}

/* Deploys `source` as "t" and runs t.go for the deal in a turn of its own. */
static inline enum refusal bench_call(struct bench *b, const char *call, const char *deal, const char *args)
{
	bench_next(b);
	return contract_call(&b->turn, b->contracts, call, deal, str_of(args), &b->result);
}

static inline enum refusal bench_go(struct bench *b, const char *deal, const char *body)
{
	char source[4096];
	snprintf(source, sizeof(source), "call = {} function call.go(deal, args) %s\nend", body);
	bench_deploy(b, "t", source);
	return bench_call(b, "t.go", deal, "{}");
}

static inline const struct deal *bench_deal(struct bench *b, const char *id)
{
	return tab_get(b->tabs, &DEAL_REC, id);
}

#define assert_refused(b, got, want) \
	do { \
		enum refusal got_ = (got); \
		if (got_ != (want)) \
			print_error("%s: %s\n", refusal_name(got_), (b)->turn.detail); \
		assert_string_equal(refusal_name(got_), refusal_name(want)); \
	} while (0)
#define assert_done(b, got) assert_refused(b, got, REFUSED_NOT)

#endif
