/* Parties, people and gateways: who is registered by whom, what is known of a party, emergency access.
 *
 * Must remain true: whoever is registered gets the record of his key in the same entry, so a signer is found by key and
 * nowhere else; what needs two persons is either complete in one envelope or begun by one and completed by another
 * within a day, and does nothing before. */
#include "on_identity_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "feed/gs1.h"
#include "risk/watch.h"

enum { EMERGENCY_MINUTES = 60, PAIR_HOURS = 24, DETAIL_HEX = 62 };

/* --- several persons ------------------------------------------------------------------------------------------- */

int identity_admins(const struct turn *t)
{
	int count = 0;
	TAB_FOR(operator, o, t->tabs, &OPERATOR_REC, "")
		count += o->role == ROLE_ADM && operator_live_at(o, t->stamp);
	return count;
}

bool identity_two_admins(const struct turn *t)
{
	int count = 0;
	TAB_FOR(operator, o, t->tabs, &OPERATOR_REC, "")
		count += o->role == ROLE_ADM;
	return count >= 2;
}

const char *const PAIR_OF_ADMINS = "2 of ADM, distinct devices";
const char *const ADMIN_AND_ROOT = "1 of ADM and 1 of PARTY@party, distinct devices";

static enum refusal gather_signatures(struct turn *t, const struct event_in *in, struct endorser *who, size_t *count)
{
	for (size_t i = 0; i < in->envelope->signature_count && *count < ENDORSERS_MAX; i++) {
		const struct keyrec *k;
		struct hash key;
		enum refusal r = signer_judge(t, &in->envelope->signatures[i], in->kind, &k);
		if (r != REFUSED_NOT)
			return r;
		memcpy(key.bytes, in->envelope->signatures[i].public_key, HASH_SIZE);
		endorser_of_key(t->tabs, &key, &who[(*count)++]);
	}
	return REFUSED_NOT;
}

static bool signs_here(const struct envelope *env, const struct hash *key)
{
	for (size_t i = 0; i < env->signature_count; i++)
		if (memcmp(env->signatures[i].public_key, key->bytes, HASH_SIZE) == 0)
			return true;
	return false;
}

/* What others began within a day counts, unless they may no longer sign. */
static void gather_acts(struct turn *t, const struct event_in *in, const struct pair_wanted *w, const char *detail,
	struct endorser *who, size_t *count)
{
	ACT_FOR(a, t->tabs, w->object) {
		const struct keyrec *k = keyring_find(t->tabs, &a->key);
		const struct party *p = k && k->party[0] ? tab_get(t->tabs, &PARTY_REC, k->party) : NULL;
		if (a->void_ || strcmp(a->act, w->act) != 0 || strcmp(a->detail, detail) != 0 || *count == ENDORSERS_MAX
			|| t->stamp - a->at > PAIR_HOURS * INSTANT_HOUR || signs_here(in->envelope, &a->key))
			continue;
		if (k && !k->compromised_from && !k->revoked_from && !(p && p->blocked))
			endorser_of_key(t->tabs, &a->key, &who[(*count)++]);
	}
}

static enum refusal judge_any(struct turn *t, const struct pair_wanted *w, const struct endorser *who, size_t count,
	char missing[ENDORSE_MISSING_MAX])
{
	const struct endorse_about about = { "", w->party, "", "", w->party, true };
	enum refusal r = REFUSED_NOT;
	for (size_t i = 0; i < sizeof(w->policies) / sizeof(w->policies[0]) && w->policies[i]; i++) {
		struct endorse_policy p;
		struct fault fault = { 0 };
		CHECK(endorse_parse(str_of(w->policies[i]), &p, &fault) == ERR_OK, "the policy of a pair parses");
		r = endorse_judge(t->tabs, &p, &about, who, count, missing);
		if (r == REFUSED_NOT)
			break;
	}
	return r;
}

static bool begun_before(struct turn *t, const struct pair_wanted *w, const char *detail)
{
	ACT_FOR(a, t->tabs, w->object)
		if (!a->void_ && strcmp(a->act, w->act) == 0 && strcmp(a->detail, detail) == 0 && hash_eq(&a->key, &t->signer)
			&& t->stamp - a->at <= PAIR_HOURS * INSTANT_HOUR)
			return true;
	return false;
}

/* What is done needs new signatures the next time. */
static void used_up(struct turn *t, const struct pair_wanted *w, const char *detail)
{
	ACT_FOR(a, t->tabs, w->object) {
		if (a->void_ || strcmp(a->act, w->act) != 0 || strcmp(a->detail, detail) != 0)
			continue;
		struct act used = *a;
		used.void_ = 1;
		tab_put(t->tabs, &ACT_REC, &used);
		a = tab_get(t->tabs, &ACT_REC, used.id);
	}
}

enum refusal identity_pair(struct turn *t, const struct event_in *in, const struct pair_wanted *w, bool *complete)
{
	struct endorser who[ENDORSERS_MAX];
	char missing[ENDORSE_MISSING_MAX] = "", detail[2 * HASH_SIZE + 1];
	size_t count = 0;
	*complete = false;
	hex_of(in->envelope->body_digest.bytes, DETAIL_HEX / 2, detail);
	enum refusal r = gather_signatures(t, in, who, &count);
	if (r != REFUSED_NOT)
		return r;
	gather_acts(t, in, w, detail, who, &count);
	r = judge_any(t, w, who, count, missing);
	if (r == REFUSED_ENDORSEMENTS_FEW && in->envelope->signature_count == 1 && !begun_before(t, w, detail)) {
		act_record(t, w->object, w->act, detail);
		turn_news(t, NEWS_WAIT, "", "", "%s of %s begun; within a day, missing: %s", w->act, w->what, missing);
		return REFUSED_NOT;
	}
	if (r != REFUSED_NOT)
		return turn_refuse(t, r, "%s of %s: %s", w->act, w->what, missing);
	*complete = true;
	act_record(t, w->object, w->act, detail);
	used_up(t, w, detail);
	return REFUSED_NOT;
}

/* --- registers ------------------------------------------------------------------------------------------------- */

enum refusal identity_begin(struct turn *t, const struct ev_genesis *g)
{
	const struct keyrec node = { .holder = "node", .kind = KEY_OF_NODE, .role = ROLE_SVC };
	const struct keyrec admin = { .holder = "admin", .kind = KEY_OF_ADMIN, .role = ROLE_ADM };
	enum refusal r = keyring_add(t, &g->admin_key, &admin);
	if (r != REFUSED_NOT || hash_eq(&g->node_key, &g->admin_key))
		return r;
	return keyring_add(t, &g->node_key, &node);
}

bool identity_settled(const struct tabs *s, const struct party *p)
{
	const struct endorse *first = endorse_first_deal(s);
	if (!first || p->status == STATUS_APPROVED || p->status == STATUS_REVIEW_DUE)
		return true;
	for (const struct keyrec *k = keyring_of(s, KEY_OF_PARTY, p->id, NULL); k; k = keyring_of(s, KEY_OF_PARTY, p->id, k))
		if (k->entry < first->version)
			return true;
	return false;
}

enum refusal on_party(struct turn *t, const struct event_in *in)
{
	const struct party *p = in->body;
	const struct {
		enum gs1_rule rule;
		const char *what, *value;
	} checks[] = { { GS1_RULE_LEI, "LEI", p->lei }, { GS1_RULE_GLN, "GLN", p->gln },
		{ GS1_RULE_IBAN, "IBAN", p->iban }, { GS1_RULE_BIC, "BIC", p->bic } };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].value[0] && gs1_check(checks[i].rule, str_of(checks[i].value)).verdict == GS1_FAIL)
			return turn_refuse(t, REFUSED_CHECK_DIGIT, "%s %s of %s", checks[i].what, checks[i].value, p->id);
	if (p->blocked || p->status == STATUS_BLOCKED)
		return turn_refuse(t, REFUSED_VALUE, "a new party is not blocked");
	if (p->status > STATUS_DOCS && endorse_first_deal(t->tabs))
		return turn_refuse(t, REFUSED_VALUE, "%s is not known yet: compliance makes it %s", p->id, PARTY_STATUS_NAMES[p->status]);
	struct keyrec k = { .kind = KEY_OF_PARTY };
	memcpy(k.holder, p->id, sizeof(p->id));
	memcpy(k.party, p->id, sizeof(p->id));
	memcpy(k.device, p->device, sizeof(k.device));
	enum refusal r = keyring_add(t, &p->key, &k);
	if (r == REFUSED_NOT)
		r = register_new(t, in, "party");
	if (r == REFUSED_NOT && p->status == STATUS_APPROVED && p->status_until)
		identity_review_at(t, p->id, p->status_until);
	return r;
}

/* SOD-8, and four eyes for any role: people are certified by two administrators, once there are two; the root key of an organisation
 * certifies its own people alone, and the root of trust alone those who approve nothing, while a ledger is set up. */
static enum refusal operator_granted(struct turn *t, const struct event_in *in, const struct operator *o, bool *complete)
{
	char object[64];
	const struct keyrec *k = keyring_find(t->tabs, &t->signer);
	bool setting_up = k && k->kind == KEY_OF_ADMIN && !endorse_first_deal(t->tabs) && !role_approves((enum role)o->role);
	*complete = true;
	if (in->signed_as & SIGNER_PARTY || setting_up || !identity_two_admins(t))
		return REFUSED_NOT;
	snprintf(object, sizeof(object), "grant/%s", o->id);
	struct pair_wanted w = { object, "grant", o->id, o->party,
		{ PAIR_OF_ADMINS, identity_admins(t) < 2 ? ADMIN_AND_ROOT : NULL } };
	return identity_pair(t, in, &w, complete);
}

static enum refusal operator_may_be(struct turn *t, const struct event_in *in, const struct operator *o)
{
	if (!tab_get(t->tabs, &PARTY_REC, o->party))
		return turn_refuse(t, REFUSED_PARTY_UNKNOWN, "%s of %s", o->party, o->id);
	enum refusal r = sender_own(t, in, o->party, "people");
	if (r == REFUSED_NOT)
		r = sender_certifies(t, in, o);
	if (r == REFUSED_NOT && tab_get(t->tabs, &OPERATOR_REC, o->id))
		r = turn_refuse(t, REFUSED_EXISTS, "operator %s", o->id);
	if (r == REFUSED_NOT && !hash_is_zero(&o->key) && keyring_find(t->tabs, &o->key))
		r = turn_refuse(t, REFUSED_EXISTS, "the key of %s is in use", o->id);
	return r;
}

/* Separation of duties counts persons: a party that certified another's person as its own would take from him what he may do. */
static enum refusal person_free(struct turn *t, const struct event_in *in, const struct operator *o)
{
	const char *person = o->person[0] ? o->person : o->id;
	if (in->signed_as & SIGNER_ADMIN)
		return REFUSED_NOT;
	TAB_FOR(operator, other, t->tabs, &OPERATOR_REC, "")
		if (strcmp(other->party, o->party) != 0 && strcmp(person_of(t->tabs, other->id), person) == 0)
			return turn_refuse(t, REFUSED_ROLE, "%s is a person of %s: an administrator certifies him for %s too", person, other->party,
				o->party);
	return REFUSED_NOT;
}

enum refusal on_operator(struct turn *t, const struct event_in *in)
{
	const struct operator *o = in->body;
	bool complete = false;
	enum refusal r = operator_may_be(t, in, o);
	if (r == REFUSED_NOT)
		r = person_free(t, in, o);
	if (r == REFUSED_NOT)
		r = operator_granted(t, in, o, &complete);
	if (r != REFUSED_NOT || !complete)
		return r;
	struct keyrec k = { .kind = KEY_OF_PERSON, .role = o->role, .ceiling = o->ceiling, .valid_from = o->valid_from,
		.valid_until = o->valid_until, .revoked_from = o->revoked_at };
	memcpy(k.holder, o->id, sizeof(k.holder));
	memcpy(k.party, o->party, sizeof(k.party));
	memcpy(k.device, o->device, sizeof(k.device));
	memcpy(k.scope, o->scope, sizeof(k.scope));
	r = keyring_add(t, &o->key, &k);
	if (r == REFUSED_NOT)
		r = register_new(t, in, "operator");
	if (r != REFUSED_NOT)
		return r;
	struct seat seat;
	memset(&seat, 0, sizeof(seat));
	memcpy(seat.id, o->id, sizeof(seat.id));
	memcpy(seat.party, o->party, sizeof(seat.party));
	seat.role = o->role;
	seat.most = policy_int(t->tabs, "seat.most", 8);
	tab_put(t->tabs, &SEAT_REC, &seat);
	return REFUSED_NOT;
}

enum refusal on_gateway(struct turn *t, const struct event_in *in)
{
	const struct gateway *g = in->body;
	const struct site *site = tab_get(t->tabs, &SITE_REC, g->site);
	enum refusal r = sender_own(t, in, g->party, "gateways");
	if (r == REFUSED_NOT && g->site[0] && (!site || strcmp(site->party, g->party) != 0))
		r = turn_refuse(t, REFUSED_VALUE, "%s is no site of %s", g->site, g->party);
	if (r == REFUSED_NOT && (g->sequence || g->highest || g->missing || g->last_at || g->last_event || g->cut || g->batches
		|| g->late))
		r = turn_refuse(t, REFUSED_VALUE, "a new gateway has sent nothing yet");
	if (r != REFUSED_NOT)
		return r;
	struct keyrec k = { .kind = KEY_OF_GATEWAY, .role = ROLE_SVC, .valid_from = g->valid_from,
		.valid_until = g->valid_until };
	memcpy(k.holder, g->id, sizeof(g->id));
	memcpy(k.party, g->party, sizeof(k.party));
	memcpy(k.device, g->id, sizeof(g->id));
	r = keyring_add(t, &g->key, &k);
	return r != REFUSED_NOT ? r : register_new(t, in, "gateway");
}

/* --- what is known of a party ---------------------------------------------------------------------------------- */

#define TO(s) (1u << STATUS_##s)
static const unsigned STATUS_NEXT[PARTY_STATUS_COUNT] = {
	[STATUS_NEW] = TO(DOCS) | TO(BLOCKED), [STATUS_DOCS] = TO(NEW) | TO(SCREENED) | TO(BLOCKED),
	[STATUS_SCREENED] = TO(DOCS) | TO(APPROVED) | TO(BLOCKED), [STATUS_APPROVED] = TO(REVIEW_DUE) | TO(APPROVED) | TO(BLOCKED),
	[STATUS_REVIEW_DUE] = TO(DOCS) | TO(SCREENED) | TO(APPROVED) | TO(BLOCKED), [STATUS_BLOCKED] = TO(DOCS) | TO(REVIEW_DUE),
};

void identity_review_at(struct turn *t, const char *party, int64_t at)
{
	char owner[32];
	snprintf(owner, sizeof(owner), "kyc/%s", party);
	timer_clear(t, owner, NULL);
	if (at)
		timer_set(t, at, "kyc", owner, "", "");
}

static void status_write(struct turn *t, const struct party *found, enum party_status to, int64_t until)
{
	struct party p = *found;
	p.status = to;
	p.status_until = to == STATUS_APPROVED ? until : 0;
	p.blocked = to == STATUS_BLOCKED;
	tab_put(t->tabs, &PARTY_REC, &p);
	identity_review_at(t, p.id, p.status_until);
	turn_news(t, to == STATUS_BLOCKED ? NEWS_DANGER : NEWS_NOTE, "", "", "%s is %s", p.short_name[0] ? p.short_name : p.id,
		PARTY_STATUS_NAMES[to]);
}

/* A verdict and a block are compliance's; administrators collect the papers of those that have no verdict yet, so they neither give
 * a party its standing nor take it. Nobody judges his own group. */
static enum refusal status_may(struct turn *t, const struct event_in *in, const struct party *p, const struct ev_status *b)
{
	const struct meta *m = engine_meta(in->engine);
	bool papers = b->status <= STATUS_DOCS && p->status <= STATUS_DOCS;
	if (t->actor_role != ROLE_CMP && (t->actor_role != ROLE_ADM || !papers))
		return turn_refuse(t, REFUSED_ROLE, "a %s does not make %s %s", role_title((enum role)t->actor_role), p->id,
			PARTY_STATUS_NAMES[b->status]);
	if (strcmp(p->id, m->book) == 0 && b->status == STATUS_BLOCKED)
		return turn_refuse(t, REFUSED_VALUE, "%s keeps this book: blocked, nobody could lift it", p->id);
	if (t->actor_party[0] && strcmp(party_group(t->tabs, t->actor_party), party_group(t->tabs, p->id)) == 0)
		return turn_refuse(t, REFUSED_SOD, "%s belongs to the group of %s (SOD-10)", t->actor, p->id);
	if (!(STATUS_NEXT[p->status] >> b->status & 1u))
		return turn_refuse(t, REFUSED_VALUE, "%s is %s, which does not become %s", p->id, PARTY_STATUS_NAMES[p->status],
			PARTY_STATUS_NAMES[b->status]);
	if (b->status == STATUS_APPROVED && b->until <= t->stamp)
		return turn_refuse(t, REFUSED_VALUE, "an approval says until when");
	return b->reason[0] ? REFUSED_NOT : REFUSED_REASON_MISSING;
}

enum refusal on_status(struct turn *t, const struct event_in *in)
{
	const struct ev_status *b = in->body;
	const struct party *p = tab_get(t->tabs, &PARTY_REC, b->party);
	bool complete = true;
	char object[64];
	if (!p)
		return turn_refuse(t, REFUSED_PARTY_UNKNOWN, "%s", b->party);
	enum refusal r = status_may(t, in, p, b);
	snprintf(object, sizeof(object), "party/%s", p->id);
	if (r == REFUSED_NOT && p->status == STATUS_BLOCKED) {
		struct pair_wanted w = { object, "unblock", p->id, p->id, { "2 of CMP, distinct devices" } };
		r = identity_pair(t, in, &w, &complete);
	} else if (r == REFUSED_NOT) {
		act_record(t, object, "status", PARTY_STATUS_NAMES[b->status]);
	}
	if (r == REFUSED_NOT && complete)
		status_write(t, p, (enum party_status)b->status, b->until);
	return r;
}

/* --- emergency access (SOD-7) ---------------------------------------------------------------------------------- */

/* Looked at the next business day by compliance, whatever was done with it. */
static void emergency_review(struct turn *t, const struct emergency *e, const char *who)
{
	static const struct calendar WEEK = { .name = "week" };
	char asset[40], title[64], id[ID_MAX] = "";
	snprintf(asset, sizeof(asset), "access/%s", e->id);
	snprintf(title, sizeof(title), "emergency access of %.40s", who);
	alert_raise(t, "E19", "", asset, 0, title, e->reason, "", id);
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, id);
	if (!found)
		return;
	struct alert a = *found;
	a.deadline = (calendar_add_days(&WEEK, instant_day(t->stamp), 1) + 1) * INSTANT_DAY - 1;
	tab_put(t->tabs, &ALERT_REC, &a);
}

enum refusal on_emergency(struct turn *t, const struct event_in *in)
{
	const struct ev_emergency *b = in->body;
	const struct operator *o = tab_get(t->tabs, &OPERATOR_REC, b->operator);
	char object[64];
	bool complete;
	if (!o || !operator_live_at(o, t->stamp))
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "%s", b->operator);
	struct operator as = *o;
	as.role = b->role;
	enum refusal r = b->reason[0] ? sender_certifies(t, in, &as) : REFUSED_REASON_MISSING;
	if (r != REFUSED_NOT)
		return r;
	for (size_t i = 0; i < in->envelope->signature_count; i++) {
		struct endorser who;
		struct hash key;
		memcpy(key.bytes, in->envelope->signatures[i].public_key, HASH_SIZE);
		endorser_of_key(t->tabs, &key, &who);
		if (strcmp(who.person, person_of(t->tabs, o->id)) == 0)
			return turn_refuse(t, REFUSED_SOD, "%s does not open emergency access for himself (SOD-7)", o->name);
	}
	snprintf(object, sizeof(object), "access/%s", o->id);
	struct pair_wanted w = { object, "emergency", o->id, o->party, { "2 of ADM|CMP|RSK, distinct devices" } };
	r = identity_pair(t, in, &w, &complete);
	if (r != REFUSED_NOT || !complete)
		return r;
	struct emergency e = { .role = b->role, .entry = (int64_t)t->number,
		.until = t->stamp + policy_int(t->tabs, "keys.emergency_minutes", EMERGENCY_MINUTES) * INSTANT_MINUTE };
	memcpy(e.id, o->id, sizeof(e.id));
	memcpy(e.reason, b->reason, sizeof(e.reason));
	tab_put(t->tabs, &EMERGENCY_REC, &e);
	turn_news(t, NEWS_DANGER, "", "", "emergency access: %s acts as %s for %lld minutes: %s", o->name, ROLE_NAMES[e.role],
		(long long)((e.until - t->stamp) / INSTANT_MINUTE), e.reason);
	emergency_review(t, &e, o->name);
	return REFUSED_NOT;
}
