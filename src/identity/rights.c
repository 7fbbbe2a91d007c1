/* Who may do what, and not after having done something else (see identity/rights.h).
 *
 * What must remain true: rights_ask and rights_check give the same answer for the same records, so
 * a key that a screen offers is a key that the ledger accepts; every rule looks at persons, never at
 * operator records, so a second record of the same human gives no second voice. */
#include "identity/rights.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "identity/keyring.h"

#define REC_SELF struct emergency
REC_TYPE(EMERGENCY_REC, 62, "emergency", EMERGENCY_FIELDS)
#undef REC_SELF

enum { WHY_MAX = 160, BINDS_HOURS = 24 /* a voided act, after it */ };

struct act_row {
	const char *name, *words;
	unsigned roles, flags;
};

#define X(c, name, words, roles, flags) { name, words, roles, flags },
static const struct act_row ACTS[] = { ACT_LIST(X) };
#undef X

const char *act_name(enum act_kind a)
{
	return (unsigned)a < ACT_KIND_COUNT ? ACTS[a].name : "";
}

const char *act_words(enum act_kind a)
{
	return (unsigned)a < ACT_KIND_COUNT ? ACTS[a].words : "";
}

enum act_kind act_named(struct str name)
{
	for (int i = 0; i < ACT_KIND_COUNT; i++)
		if (str_is(name, ACTS[i].name))
			return (enum act_kind)i;
	return ACT_KIND_COUNT;
}

bool act_allowed_to(enum act_kind a, enum role r)
{
	return (unsigned)a < ACT_KIND_COUNT && r > ROLE_NONE && r < ROLE_COUNT &&
		(ACTS[a].roles >> r & 1u);
}

bool role_approves(enum role r)
{
	for (int i = 0; i < ACT_KIND_COUNT; i++)
		if (ACTS[i].flags & (ACT_CHECK | ACT_LIFTS) && act_allowed_to((enum act_kind)i, r))
			return true;
	return r == ROLE_ADM;
}

enum role operator_role_at(const struct tabs *s, const char *operator_id, int64_t at)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	const struct emergency *e = o ? tab_get(s, &EMERGENCY_REC, operator_id) : NULL;
	return (enum role)(!o ? ROLE_NONE : e && at < e->until ? e->role : o->role);
}

/* One question. */
struct asking {
	const struct tabs *s;
	const struct operator *who;
	enum act_kind act;
	unsigned flags;
	const char *object, *made_by;
	int64_t amount, at, signed_at;
	enum role role; /* that counts at that time */
	char *why; /* WHY_MAX bytes */
};

static enum refusal no(const struct asking *q, enum refusal r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum refusal no(const struct asking *q, enum refusal r, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(q->why, WHY_MAX, format, ap);
	va_end(ap);
	return r;
}

static bool same_person(const struct asking *q, const char *operator_id)
{
	const struct operator *me = q->who, *o;
	if (strcmp(operator_id, me->id) == 0)
		return true;
	if (!*operator_id || !(o = tab_get(q->s, &OPERATOR_REC, operator_id)))
		return false;
	if (strcmp(person_of(q->s, operator_id), person_of(q->s, me->id)) == 0)
		return true;
	if (!hash_is_zero(&o->key) && memcmp(&o->key, &me->key, sizeof(o->key)) == 0)
		return true;
	return o->name[0] && strcmp(o->name, me->name) == 0 && strcmp(o->party, me->party) == 0;
}

/* What an act makes of a person towards an object. */
enum duty { DUTY_NONE, DUTY_MAKER, DUTY_CHECKER, DUTY_RELEASER };
static const char *const DUTY_NAMES[] = { "none", "maker", "checker", "releaser" };

static enum duty duty_of(enum act_kind a)
{
	if (a == ACT_KIND_COUNT)
		return DUTY_NONE;
	if (ACTS[a].flags & ACT_MAKE)
		return DUTY_MAKER;
	if (a == ACT_RELEASE_PAYMENT)
		return DUTY_RELEASER;
	return ACTS[a].flags & ACT_CHECK ? DUTY_CHECKER : DUTY_NONE;
}

static bool is_approval(const struct act *a)
{
	return act_named(str_of(a->act)) == ACT_APPROVE && strcmp(a->detail, act_name(ACT_RETURN)) != 0 &&
		strcmp(a->detail, act_name(ACT_REJECT)) != 0;
}

/* Both keys are known to live in the same place, and they are not one key of one person. */
static bool same_device(const struct asking *q, const struct act *a)
{
	const char *mine = keyring_device(q->s, &q->who->key), *other = keyring_device(q->s, &a->key);
	return mine[0] && strcmp(mine, other) == 0 && !same_person(q, a->operator);
}

/* SOD-1 and SOD-9 */
static enum refusal ask_duties(const struct asking *q)
{
	enum duty mine = duty_of(q->act);
	if (mine == DUTY_NONE)
		return REFUSED_NOT;
	if (mine != DUTY_MAKER && same_person(q, q->made_by))
		return no(q, REFUSED_SOD, "%s made it: another person checks (SOD-1).", q->who->name);
	ACT_FOR(a, q->s, q->object) {
		enum duty before = duty_of(act_named(str_of(a->act)));
		bool fell = a->void_ && q->at - a->at > BINDS_HOURS * INSTANT_HOUR;
		if (fell || before == DUTY_NONE)
			continue;
		bool pair = before != mine || (q->act == ACT_APPROVE && is_approval(a) && !a->void_);
		if (pair && same_device(q, a))
			return no(q, REFUSED_SOD, "%s of it was signed on the same device, %s: the second signature comes from another "
				"(SOD-9).", a->act, keyring_device(q->s, &a->key));
		if (!pair || !same_person(q, a->operator))
			continue;
		if (before != mine)
			return no(q, REFUSED_SOD, "%s was %s of it (\"%s\"): another person is its %s (SOD-1).",
				q->who->name, DUTY_NAMES[before], a->act, DUTY_NAMES[mine]);
		return no(q, REFUSED_SOD, "%s approved it already: the second signature is another "
			"person's (SOD-9).", q->who->name);
	}
	return REFUSED_NOT;
}

/* SOD-3 */
static enum refusal ask_lift(const struct asking *q)
{
	if (same_person(q, q->made_by))
		return no(q, REFUSED_SOD, "%s raised it: another person lifts it (SOD-3).", q->who->name);
	const struct act *raised = NULL;
	ACT_FOR(a, q->s, q->object) {
		enum act_kind done = act_named(str_of(a->act));
		if (done == ACT_LIFT)
			raised = NULL;
		if (a->void_ || !same_person(q, a->operator))
			continue;
		if (done == ACT_SUSPEND || done == ACT_FREEZE || done == ACT_RAISE)
			raised = a;
		if (duty_of(done) == DUTY_MAKER)
			return no(q, REFUSED_SOD, "%s is the deal's maker: another person lifts it (SOD-3).",
				q->who->name);
	}
	if (raised)
		return no(q, REFUSED_SOD, "%s raised it (\"%s\"): another person lifts it (SOD-3).",
			q->who->name, raised->act);
	return REFUSED_NOT;
}

/* SOD-2 and SOD-10, over the parties that the object concerns */
static enum refusal ask_parties(const struct asking *q)
{
	const char *my_group = party_group(q->s, q->who->party);
	ACT_FOR(a, q->s, q->object) {
		if (!act_is_concern(a))
			continue;
		const char *group = party_group(q->s, a->party);
		if (*my_group && strcmp(group, my_group) == 0)
			return no(q, REFUSED_SOD, "%s belongs to %s, which it concerns (SOD-10).",
				q->who->name, group);
		if (q->act != ACT_APPROVE)
			continue;
		char limit[64];
		snprintf(limit, sizeof(limit), "limit/%s", group);
		ACT_FOR(set, q->s, limit)
			if (!set->void_ && (act_named(str_of(set->act)) == ACT_LIMIT || is_approval(set)) &&
			    same_person(q, set->operator))
				return no(q, REFUSED_SOD, "%s set the limit of %s: another person approves under "
					"it (SOD-2).", q->who->name, group);
	}
	return REFUSED_NOT;
}

/* Whether the committee endorsed the object: its decision goes above any one person's ceiling (SOD-5). */
static bool committee_decided(const struct asking *q)
{
	ACT_FOR(a, q->s, q->object)
		if (!a->void_ && strcmp(a->act, ACT_COMMITTEE) == 0)
			return true;
	return false;
}

static enum refusal ask_operator(const struct asking *q)
{
	const struct operator *o = q->who;
	if (!operator_live_at(o, q->signed_at))
		return no(q, REFUSED_SIGNER_REVOKED, "The key of %s was not valid at that time.", o->name);
	if (!act_allowed_to(q->act, q->role))
		return no(q, REFUSED_ROLE, "A %s may not %s.", role_title(q->role), act_words(q->act));
	enum refusal r = ask_duties(q);
	if (r == REFUSED_NOT && q->flags & ACT_LIFTS)
		r = ask_lift(q);
	if (r == REFUSED_NOT && q->flags & (ACT_CHECK | ACT_LIFTS))
		r = ask_parties(q);
	if (r == REFUSED_NOT && q->flags & ACT_AUTHORITY && q->role != ROLE_OPC && q->amount > o->ceiling
		&& !committee_decided(q))
		r = no(q, REFUSED_AUTHORITY, "The amount is above the authority of %s.", o->name);
	return r;
}

static enum refusal ask_named(struct asking *q, const char *operator_id)
{
	q->why[0] = '\0';
	if ((unsigned)q->act >= ACT_KIND_COUNT)
		return no(q, REFUSED_ROLE, "There is no such act.");
	q->flags = ACTS[q->act].flags;
	q->who = tab_get(q->s, &OPERATOR_REC, operator_id);
	if (!q->who)
		return no(q, REFUSED_SIGNER_UNKNOWN, "%.32s is not in the register.", operator_id);
	q->role = operator_role_at(q->s, operator_id, q->at);
	return ask_operator(q);
}

enum refusal rights_endorse(const struct tabs *s, const char *operator_id, const char *object, char why[160])
{
	struct asking q = { .s = s, .who = tab_get(s, &OPERATOR_REC, operator_id), .act = ACT_APPROVE, .object = object, .made_by = "",
		.why = why };
	why[0] = '\0';
	return q.who ? ask_parties(&q) : no(&q, REFUSED_SIGNER_UNKNOWN, "%.32s is not in the register.", operator_id);
}

enum refusal rights_ask(const struct tabs *s, const char *operator_id, int64_t at, enum act_kind a,
	const char *object, int64_t amount, const char *made_by, char why[160])
{
	char unread[WHY_MAX];
	struct asking q = { .s = s, .act = a, .object = object ? object : "", .made_by = made_by ? made_by : "",
		.amount = amount, .at = at, .signed_at = at, .why = why ? why : unread };
	return ask_named(&q, operator_id);
}

enum refusal rights_check(struct turn *t, enum act_kind a, const char *object, int64_t amount,
	const char *made_by)
{
	char why[WHY_MAX];
	/* Engine, gateways and oracles are no operators: what a service may do is in the table, and
	 * nothing that asks for a person is (SOD-6). */
	if (t->actor_role == ROLE_SVC && !tab_get(t->tabs, &OPERATOR_REC, t->actor))
		return act_allowed_to(a, ROLE_SVC) && !(ACTS[a].flags & (ACT_CHECK | ACT_LIFTS | ACT_AUTHORITY)) ? REFUSED_NOT :
			turn_refuse(t, REFUSED_ROLE, "A service may not %s.", act_words(a));
	/* The person must have been certified when he signed; what happened since is as of the entry. */
	struct asking q = { .s = t->tabs, .act = a, .object = object ? object : "", .made_by = made_by ? made_by : "",
		.amount = amount, .at = t->stamp, .signed_at = t->signed_at ? t->signed_at : t->stamp, .why = why };
	enum refusal r = ask_named(&q, t->actor);
	return r == REFUSED_NOT ? r : turn_refuse(t, r, "%s", why);
}
