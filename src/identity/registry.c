/* Parties, people, devices, gateways and the memory of acts (see identity/registry.h).
 *
 * What must remain true: the answers depend on the records alone, read in key order; an act once
 * recorded is never changed but for its `void_` mark; the number in an act's key only grows. */
#include "identity/registry.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "identity/keyring.h"
#include "identity/rights.h"

#define X(c, code, name) code,
const char *const PARTY_KIND_NAMES[] = { PARTY_KIND_LIST(X) NULL };
#undef X
#define X(c, code, title) code,
const char *const ROLE_NAMES[] = { ROLE_LIST(X) NULL };
#undef X
#define X(c, code, title) title,
static const char *const ROLE_TITLES[] = { ROLE_LIST(X) };
#undef X
const char *const PARTY_STATUS_NAMES[] = { "NEW", "DOCS", "SCREENED", "APPROVED", "REVIEW_DUE", "BLOCKED", NULL };
const char *const DEVICE_KIND_NAMES[] = { "temperature", "humidity", "shock", "door", "position",
	"weight", "camera", NULL };

#define REC_SELF struct party
REC_TYPE(PARTY_REC, 2, "party", PARTY_FIELDS)
#undef REC_SELF
#define REC_SELF struct operator
REC_TYPE(OPERATOR_REC, 3, "operator", OPERATOR_FIELDS)
#undef REC_SELF
#define REC_SELF struct device
REC_TYPE(DEVICE_REC, 4, "device", DEVICE_FIELDS)
#undef REC_SELF
#define REC_SELF struct gateway
REC_TYPE(GATEWAY_REC, 5, "gateway", GATEWAY_FIELDS)
#undef REC_SELF
#define REC_SELF struct site
REC_TYPE(SITE_REC, 6, "site", SITE_FIELDS)
#undef REC_SELF
#define REC_SELF struct act
REC_TYPE(ACT_REC, 7, "act", ACT_FIELDS)
#undef REC_SELF

const char *role_title(enum role r)
{
	return (unsigned)r < ROLE_COUNT ? ROLE_TITLES[r] : "unknown";
}

enum role role_named(struct str code)
{
	for (int i = 1; i < ROLE_COUNT; i++)
		if (str_is(code, ROLE_NAMES[i]))
			return (enum role)i;
	return ROLE_NONE;
}

/* Parties of one entry, in tests and of no key, are in order of ids. */
static int64_t registered_at(const struct tabs *s, const struct party *p)
{
	int64_t entry = INT64_MAX;
	for (const struct keyrec *k = keyring_of(s, KEY_OF_PARTY, p->id, NULL); k; k = keyring_of(s, KEY_OF_PARTY, p->id, k))
		entry = k->entry < entry ? k->entry : entry;
	return entry;
}

const struct party *party_first_of(const struct tabs *s, enum party_kind kind)
{
	const struct party *first = NULL;
	TAB_FOR(party, p, s, &PARTY_REC, "")
		if (p->kind == (int64_t)kind && (!first || registered_at(s, p) < registered_at(s, first)))
			first = p;
	return first;
}

const char *party_group(const struct tabs *s, const char *party)
{
	const struct party *p = *party ? tab_get(s, &PARTY_REC, party) : NULL;
	return p && p->group[0] ? p->group : party;
}

bool operator_live_at(const struct operator *o, int64_t instant)
{
	return o && instant >= o->valid_from && (!o->valid_until || instant < o->valid_until) &&
		(!o->revoked_at || instant < o->revoked_at);
}

/* Objects may contain '/', so "limit/A" and "limit/A/B" share a prefix: numbers sort before
 * letters, and the object is compared whole. */
static int64_t act_next_number(const struct tabs *s, const char *object)
{
	char before[REC_KEY_MAX];
	snprintf(before, sizeof(before), "%s/:", object);
	size_t len = strlen(object);
	for (const struct act *a = tab_prev(s, &ACT_REC, before); a;
	     a = tab_prev(s, &ACT_REC, a->id)) {
		if (strncmp(a->id, object, len) != 0 || a->id[len] != '/')
			return 0;
		int64_t n;
		if (strcmp(a->object, object) == 0 && str_to_i64(str_of(a->id + len + 1), &n))
			return n + 1;
	}
	return 0;
}

static void act_put(struct turn *t, struct act *a, const char *object, const char *act,
	const char *detail)
{
	CHECK(*object && strlen(object) < sizeof(a->object), "an act has an object of at most 63 bytes");
	str_copy(a->object, sizeof(a->object), str_of(object));
	str_copy(a->act, sizeof(a->act), str_of(act));
	str_copy(a->detail, sizeof(a->detail), str_of(detail));
	a->at = t->stamp;
	a->entry = (int64_t)t->number;
	snprintf(a->id, sizeof(a->id), "%s/%06lld", object,
		(long long)act_next_number(t->tabs, object));
	tab_put(t->tabs, &ACT_REC, a);
}

void act_record(struct turn *t, const char *object, const char *act, const char *detail)
{
	const struct operator *o = tab_get(t->tabs, &OPERATOR_REC, t->actor);
	struct act a = { .role = t->actor_role, .key = t->signer, .flagged = o && o->role != t->actor_role };
	str_copy(a.operator, sizeof(a.operator), str_of(t->actor));
	str_copy(a.party, sizeof(a.party), str_of(t->actor_party));
	act_put(t, &a, object, act, detail);
}

void act_concern(struct turn *t, const char *object, const char *party)
{
	if (!*object || !*party)
		return;
	ACT_FOR(a, t->tabs, object)
		if (act_is_concern(a) && strcmp(a->party, party) == 0)
			return;
	struct act a = { .role = ROLE_NONE };
	str_copy(a.party, sizeof(a.party), str_of(party));
	act_put(t, &a, object, ACT_CONCERN, "");
}

bool act_is_concern(const struct act *a)
{
	return strcmp(a->act, ACT_CONCERN) == 0;
}

const struct act *act_first(const struct tabs *s, const char *object)
{
	char from[REC_KEY_MAX];
	snprintf(from, sizeof(from), "%s/0", object);
	const struct act *a = tab_first(s, &ACT_REC, from);
	return a && strcmp(a->object, object) != 0 ? act_next(s, a, object) : a;
}

const struct act *act_next(const struct tabs *s, const struct act *a, const char *object)
{
	size_t len = strlen(object);
	while ((a = tab_next(s, &ACT_REC, a->id))) {
		if (strncmp(a->id, object, len) != 0 || a->id[len] != '/')
			return NULL;
		if (strcmp(a->object, object) == 0)
			return a;
	}
	return NULL;
}

bool reads_by_entry(const struct tabs *s, enum role role, const char *party)
{
	const struct party *p = tab_get(s, &PARTY_REC, party);
	return role == ROLE_AUD || (p && p->kind == PARTY_REG);
}

bool act_done_by(const struct tabs *s, const char *object, const char *operator_id, const char *act)
{
	ACT_FOR(a, s, object)
		if (!a->void_ && strcmp(a->operator, operator_id) == 0 &&
		    (act ? strcmp(a->act, act) == 0 : !act_is_concern(a)))
			return true;
	return false;
}

void act_void_approvals(struct turn *t, const char *object)
{
	const char *approve = act_name(ACT_APPROVE);
	for (const struct act *a = act_first(t->tabs, object); a; a = act_next(t->tabs, a, object)) {
		if (a->void_ || (strcmp(a->act, approve) != 0 && strcmp(a->act, ACT_COMMITTEE) != 0))
			continue;
		struct act voided = *a;
		voided.void_ = 1;
		tab_put(t->tabs, &ACT_REC, &voided);
		a = tab_get(t->tabs, &ACT_REC, voided.id);
	}
}
