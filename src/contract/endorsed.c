/* Endorsement over deals: see contract/endorsed.h.
 *
 * What must remain true: an approval stands for the terms that were approved and for no others; whatever changes them takes
 * the approval and the proof of it along. */
#include "contract/endorsed.h"

#include <stdio.h>
#include <string.h>

#include "identity/rights.h"

bool endorse_binds(const struct tabs *s, const struct endorse_policy *p, int64_t amount)
{
	int64_t limit;
	if (!p->above[0])
		return true;
	return amount > (str_to_i64(str_of(p->above), &limit) ? limit : policy_int(s, p->above, 0));
}

struct endorse_about endorse_about_deal(const struct deal *d, const char *book)
{
	struct endorse_about a = { book, "", "", "", "", false };
	if (!d)
		return a;
	if (d->funder[0])
		a.funder = d->funder;
	a.party = a.subject = d->party;
	a.obligor = d->obligor;
	a.warehouse = d->warehouse;
	return a;
}

unsigned endorse_offices(const struct tabs *s, const char *operator_id)
{
	const struct param *chair = tab_get(s, &PARAM_REC, "committee.chair");
	const struct param *members = tab_get(s, &PARAM_REC, "committee.members");
	if (chair && strcmp(chair->text, operator_id) == 0)
		return ENDORSE_CHAIR;
	struct str rest = str_of(members ? members->text : "");
	while (rest.len)
		if (str_is(str_trim(str_cut(&rest, ',')), operator_id))
			return ENDORSE_MEMBER;
	return 0;
}

/* --- calls ------------------------------------------------------------------------------------------------ */

static bool act_counts(const struct act *a, const char *by)
{
	return !a->void_ && !act_is_concern(a) && (!by[0] || strcmp(a->act, by) == 0) && strcmp(a->detail, act_name(ACT_RETURN)) != 0
		&& strcmp(a->detail, act_name(ACT_REJECT)) != 0;
}

static size_t endorsers_of_acts(const struct tabs *s, const char *deal, const struct endorse_policy *p,
	const struct endorse_about *about, struct endorser who[ENDORSERS_MAX])
{
	size_t count = 0;
	ACT_FOR(a, s, deal) {
		struct endorser e;
		size_t i = 0;
		if (!act_counts(a, p->by))
			continue;
		endorser_of_act(s, a, &e);
		e.offices = endorse_offices(s, a->operator);
		if (!endorse_asks_for(p, about, &e))
			continue;
		while (i < count && !endorser_same(&who[i], &e))
			i++;
		if (i < ENDORSERS_MAX)
			who[i] = e;
		count += i == count && count < ENDORSERS_MAX;
	}
	return count;
}

enum refusal endorse_call(struct turn *t, const char *call, const struct deal *d)
{
	char on[sizeof(((struct endorse *)0)->on)], missing[ENDORSE_MISSING_MAX];
	struct endorser who[ENDORSERS_MAX];
	struct endorse_policy p;
	struct fault fault;
	if (snprintf(on, sizeof(on), "call/%s", call) >= (int)sizeof(on))
		return REFUSED_NOT;
	for (const struct endorse *e = endorse_first(t->tabs, on); e; e = endorse_next(t->tabs, on, e)) {
		if (endorse_parse(str_of(e->text), &p, &fault) != ERR_OK || !endorse_binds(t->tabs, &p, d->amount))
			continue;
		struct endorse_about about = endorse_about_deal(d, "");
		size_t count = endorsers_of_acts(t->tabs, d->id, &p, &about, who);
		enum refusal r = endorse_judge(t->tabs, &p, &about, who, count, missing);
		if (r != REFUSED_NOT)
			return turn_refuse(t, r, "%s: %s%s", call, r == REFUSED_ENDORSEMENTS_FEW ? "lacks " : "", missing);
	}
	return REFUSED_NOT;
}

/* --- terms ------------------------------------------------------------------------------------------------ */

static const char *const TERMS[] = { "kind", "funder", "party", "obligor", "warehouse", "site", "currency", "amount", "discount",
	"fee", "rate", "due_day", "days", "commodity", "quantity", "unit", "lot", "invoice" };

struct hash deal_terms(const struct deal *d)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < sizeof(TERMS) / sizeof(TERMS[0]); i++) {
		rec_field_print(&DEAL_REC, d, rec_field_find(&DEAL_REC, str_of(TERMS[i])), &b);
		buf_char(&b, '\n');
	}
	struct hash h = hash_of(b.ptr, b.len);
	buf_free(&b);
	return h;
}

static bool approved_before(const struct tabs *s, const char *deal)
{
	ACT_FOR(a, s, deal)
		if (!a->void_ && strcmp(a->act, act_name(ACT_APPROVE)) == 0)
			return true;
	return false;
}

void deal_terms_changed(struct turn *t, const struct deal *before, const struct deal *after)
{
	char key[sizeof(((struct proof *)0)->id)];
	/* The day of the payment sets the due day of a loan: that is what was approved coming true. */
	if (deal_state_paid(before->state) || deal_state_paid(after->state) || deal_state_final(before->state)
		|| !approved_before(t->tabs, after->id))
		return;
	struct hash was = deal_terms(before), is = deal_terms(after);
	if (hash_eq(&was, &is))
		return;
	act_void_approvals(t, after->id);
	snprintf(key, sizeof(key), "%s/approval", after->id);
	const struct proof *found = tab_get(t->tabs, &PROOF_REC, key);
	if (found && found->state == PROOF_ACCEPTED) {
		struct proof p = *found;
		p.state = PROOF_EXPIRED;
		tab_put(t->tabs, &PROOF_REC, &p);
	}
	turn_news(t, NEWS_WARN, "", after->id, "its terms changed: approvals given before no longer count");
}
