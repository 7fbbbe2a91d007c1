/* Endorsement as far as it needs policy and deals: what is at stake, whose deal it is, and calls that acts endorse.
 *
 * A contract states at the top of its file who must sign what concerns it: endorse("message/NAME", "1 of …"). What is stated of
 * calls ("call/file.function") is satisfied by acts that stand on the deal: entries that people signed. */
#ifndef WHARF_CONTRACT_ENDORSED_H
#define WHARF_CONTRACT_ENDORSED_H

#include "contract/state.h"
#include "identity/endorse.h"

/* Whether a policy asks at all when `amount` minor units are at stake: always without "above"; a parameter that the policy lacks
 * counts as 0. */
bool endorse_binds(const struct tabs *s, const struct endorse_policy *p, int64_t amount);
/* The parties of a deal (borrowed from it); funder is `book` when there is no deal or it names none. */
struct endorse_about endorse_about_deal(const struct deal *d, const char *book);
/* The committee offices of a person: policy committee.chair (an operator id) and committee.members (ids, by commas). */
unsigned endorse_offices(const struct tabs *s, const char *operator_id);
/* Whether the acts on the deal endorse a call. Of each person the newest act counts, with "not affiliated" of each
 * group; an act that says "return" or "reject" is none. */
enum refusal endorse_call(struct turn *t, const char *call, const struct deal *d);
/* Digest of what an approval of a deal is about: parties, amounts, price, term, goods; not what the engine
 * keeps of it (state, level, values, balances). */
struct hash deal_terms(const struct deal *d);
/* Voids the approvals of a deal whose terms changed before money left, and the proof of approval that rests on them
 * (SOD-4). */
void deal_terms_changed(struct turn *t, const struct deal *before, const struct deal *after);

#endif
