/* Record types and names of deals and assets. See contract/state.h.
 *
 * Must remain true: tags and the order of names are for ever, because the journal's digests and
 * snapshots hold them. */
#include "contract/state.h"

#include <string.h>

#include "identity/registry.h"

#define X(c, n, w) n,
const char *const DEAL_STATE_NAMES[] = { DEAL_STATE_LIST(X) NULL };
#undef X
#define X(c, n, w) w,
static const char *const DEAL_STATE_WORDS[] = { DEAL_STATE_LIST(X) };
#undef X

const char *const DEAL_KIND_NAMES[] = { "receivables", "inventory-pledge", NULL };
const char *const ZONE_NAMES[] = { "normal", "warning", "margin-call", "liquidation", NULL };
const char *const INVOICE_STATE_NAMES[] = { "open", "matched", "confirmed", "financed", "disputed",
	"redeemed", "cancelled", NULL };
const char *const CLAIM_STATE_NAMES[] = { "seen", "reserved", "financed", "discharged", "withdrawn",
	NULL };
const char *const NOTE_STATE_NAMES[] = { "live", "locked", "consumed", "frozen", "redeemed",
	"cancelled", NULL };
const char *const RECEIPT_STATE_NAMES[] = { "draft", "issued", "pledged", "part-released", "released",
	"delivered", "cancelled", "liquidated", "replaced", NULL };
const char *const PLEDGE_STATE_NAMES[] = { "proposed", "bailee-ack", "registered", "perfected",
	"part-released", "released", "enforced", "discharged", NULL };
const char *const PROOF_STATE_NAMES[] = { "asked", "present", "accepted", "expired", "refused", NULL };
const char *const PAYMENT_STATE_NAMES[] = { "built", "released", "executed", "returned", "rejected",
	"cancelled", NULL };

#define REC_SELF struct deal
REC_TYPE(DEAL_REC, 18, "deal", DEAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct invoice
REC_TYPE(INVOICE_REC, 19, "invoice", INVOICE_FIELDS)
#undef REC_SELF
#define REC_SELF struct claim
REC_TYPE(CLAIM_REC, 20, "claim", CLAIM_FIELDS)
#undef REC_SELF
#define REC_SELF struct token_note
REC_TYPE(TOKEN_NOTE_REC, 21, "token_note", TOKEN_FIELDS)
#undef REC_SELF
#define REC_SELF struct lot
REC_TYPE(LOT_REC, 22, "lot", LOT_FIELDS)
#undef REC_SELF
#define REC_SELF struct receipt
REC_TYPE(RECEIPT_REC, 23, "receipt", RECEIPT_FIELDS)
#undef REC_SELF
#define REC_SELF struct pledge
REC_TYPE(PLEDGE_REC, 24, "pledge", PLEDGE_FIELDS)
#undef REC_SELF
#define REC_SELF struct limit
REC_TYPE(LIMIT_REC, 25, "limit", LIMIT_FIELDS)
#undef REC_SELF
#define REC_SELF struct proof
REC_TYPE(PROOF_REC, 26, "proof", PROOF_FIELDS)
#undef REC_SELF
#define REC_SELF struct payment
REC_TYPE(PAYMENT_REC, 27, "payment", PAYMENT_FIELDS)
#undef REC_SELF
#define REC_SELF struct offer
REC_TYPE(OFFER_REC, 28, "offer", OFFER_FIELDS)
#undef REC_SELF
#define REC_SELF struct code
REC_TYPE(CODE_REC, 29, "code", CODE_FIELDS)
#undef REC_SELF
#define REC_SELF struct param
REC_TYPE(PARAM_REC, 30, "param", PARAM_FIELDS)
#undef REC_SELF
#define REC_SELF struct score
REC_TYPE(SCORE_REC, 31, "score", SCORE_FIELDS)
#undef REC_SELF
#define REC_SELF struct profile
REC_TYPE(PROFILE_REC, 32, "profile", PROFILE_FIELDS)
#undef REC_SELF

const char *deal_state_words(int64_t state)
{
	return state >= 0 && state < DEAL_STATE_COUNT ? DEAL_STATE_WORDS[state] : "unknown";
}

/* What a state says about the work and the money. */
enum { STATE_FINAL = 1, STATE_PAID = 2, STATE_FUNDED = 4 };
static const uint8_t DEAL_STATE_FLAGS[DEAL_STATE_COUNT] = {
	[DEAL_FUNDED] = STATE_PAID | STATE_FUNDED,
	[DEAL_COLLECTING] = STATE_PAID | STATE_FUNDED,
	[DEAL_PART_COLLECTED] = STATE_PAID | STATE_FUNDED,
	[DEAL_OVERDUE] = STATE_PAID | STATE_FUNDED,
	[DEAL_DEFAULTED] = STATE_PAID | STATE_FUNDED,
	[DEAL_MARGIN_CALL] = STATE_PAID | STATE_FUNDED,
	[DEAL_PART_RELEASED] = STATE_PAID | STATE_FUNDED,
	[DEAL_ENFORCING] = STATE_PAID | STATE_FUNDED,
	[DEAL_REPAID] = STATE_FUNDED,
	[DEAL_RELEASING] = STATE_FUNDED,
	[DEAL_LIQUIDATED] = STATE_FINAL | STATE_FUNDED,
	[DEAL_SETTLED] = STATE_FINAL | STATE_FUNDED,
	[DEAL_CLOSED] = STATE_FINAL | STATE_FUNDED,
	[DEAL_REJECTED] = STATE_FINAL,
	[DEAL_CANCELLED] = STATE_FINAL,
	[DEAL_REVERSED] = STATE_FINAL,
};

static bool deal_state_flag(int64_t state, int flag)
{
	return state >= 0 && state < DEAL_STATE_COUNT && (DEAL_STATE_FLAGS[state] & flag);
}

bool deal_state_final(int64_t state)
{
	return deal_state_flag(state, STATE_FINAL);
}

bool deal_state_paid(int64_t state)
{
	return deal_state_flag(state, STATE_PAID);
}

bool deal_state_funded(int64_t state)
{
	return deal_state_flag(state, STATE_FUNDED);
}

bool receipt_state_live(int64_t state)
{
	return state == RECEIPT_ISSUED || state == RECEIPT_PLEDGED || state == RECEIPT_PART_RELEASED;
}

int64_t policy_int(const struct tabs *s, const char *name, int64_t absent)
{
	const struct param *p = tab_get(s, &PARAM_REC, name);
	return p ? p->value : absent;
}

bool event_suspends(const char *event)
{
	return strcmp(event, "suspense") == 0 || strcmp(event, "charge") == 0;
}

const struct party *bank_of(const struct tabs *s, const char *book)
{
	char name[sizeof(((struct param *)0)->id)];
	static const char HEAD[] = "bank.party.";
	size_t n = strlen(HEAD), len = strnlen(book, 16);
	memcpy(name, HEAD, n);
	memcpy(name + n, book, len);
	name[n + len] = '\0';
	const struct param *p = tab_get(s, &PARAM_REC, name);
	return p ? tab_get(s, &PARTY_REC, p->text) : party_first_of(s, PARTY_BNK);
}
