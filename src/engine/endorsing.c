/* Whether an event has the signatures that contracts and policy ask for, and what its endorsers did by signing.
 *
 * Must remain true: every signature of an envelope is judged, not only the author's; a policy is asked once, at one
 * place, for whatever came by file, by proposal or alone; who endorsed is remembered as an act, so that the rules of
 * separation see him later. Platform policies are the parameters endorse.KIND. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "identity/keys.h"
#include "schedule/pool.h"
#include "schedule/task.h"

/* Written with the first application: the root of trust alone sets up a ledger only before it. */
#define FIRST_DEAL "first-deal"

/* --- what an event is about ------------------------------------------------------------------------------------- */

static void about_name(struct about *a, const char *what, const char *name)
{
	char cut[49];
	size_t len = strnlen(name, sizeof(cut) - 1);
	memcpy(cut, name, len);
	cut[len] = '\0';
	str_path(a->on, sizeof(a->on), what, cut);
}

static void about_deal(struct about *a, const char *deal)
{
	str_copy(a->deal, sizeof(a->deal), str_of(deal));
	if (deal[0])
		snprintf(a->object, sizeof(a->object), "deal/%s", a->deal);
}

static void of_data(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_data *b = body;
	const struct deal *d = tab_get(s, &DEAL_REC, a->deal);
	about_name(a, kind->number == EVENT_REQUEST ? "request" : "message", b->name);
	a->amount = d ? d->amount : 0;
}

/* What more is at stake than the task's amount when policy authority.group says so: the exposure to the debtor's group. */
static int64_t exposure_besides(const struct tabs *s, const struct deal *d)
{
	char key[sizeof(((struct limit *)0)->id)];
	snprintf(key, sizeof(key), "%s/%s", d->funder, party_group(s, d->obligor[0] ? d->obligor : d->party));
	const struct limit *l = policy_int(s, "authority.group", 0) ? tab_get(s, &LIMIT_REC, key) : NULL;
	char own[sizeof(((struct claim *)0)->id)];
	snprintf(own, sizeof(own), "limit/%.40s", d->id);
	const struct claim *c = tab_get(s, &CLAIM_REC, own); /* what the deal itself holds of the limit is the task's amount */
	bool holds = c && (c->state == CLAIM_RESERVED || c->state == CLAIM_FINANCED);
	return l ? l->used + l->reserved - (holds ? c->amount : 0) : 0;
}

static void of_task(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_task *b = body;
	const struct task *task = tab_get(s, &TASK_REC, b->task);
	(void)kind;
	if (!task || strcmp(b->decision, task_decisions(task->form)[0]) != 0)
		return; /* to say no, or to give back, needs nobody else */
	const struct deal *d = tab_get(s, &DEAL_REC, task->deal);
	about_name(a, "task", task->node[0] ? task->node : task->step);
	about_deal(a, task->deal);
	a->amount = task->amount + (d ? exposure_besides(s, d) : 0);
	str_copy(a->act, sizeof(a->act), str_of(task->act));
	str_copy(a->detail, sizeof(a->detail), str_of(b->decision));
	str_copy(a->act_object, sizeof(a->act_object), str_of(task->deal[0] ? task->deal : task->alert[0] ? task->alert : task->id));
}

static void of_limit(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct limit *l = body;
	(void)s;
	(void)kind;
	snprintf(a->object, sizeof(a->object), "limit/%s", l->id);
	snprintf(a->act_object, sizeof(a->act_object), "limit/%s", l->group);
	a->amount = l->amount;
}

static void of_source(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_source *b = body;
	(void)s;
	if (kind->number == EVENT_POLICY)
		snprintf(a->object, sizeof(a->object), "policy");
	else
		snprintf(a->object, sizeof(a->object), "%s/%s", kind->number == EVENT_CONTRACT ? "contract" : "process", b->name);
}

static void of_operator(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct operator *o = body;
	const struct party *p = tab_get(s, &PARTY_REC, o->party);
	(void)kind;
	snprintf(a->object, sizeof(a->object), "operator/%s", o->id);
	if (p && (p->kind == PARTY_FND || p->kind == PARTY_PLT) && role_approves((enum role)o->role))
		about_name(a, "operator.certify", "approver");
}

static void of_hold(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_hold *b = body;
	const struct deal *d = tab_get(s, &DEAL_REC, b->object);
	const struct stop *stop = kind->number == EVENT_STOP_LIFT ? tab_get(s, &STOP_REC, b->object) : NULL;
	if (d)
		about_deal(a, d->id);
	else if (stop)
		snprintf(a->object, sizeof(a->object), "stop/%s", b->object);
	a->amount = d ? d->amount : 0;
	if (stop && strcmp(stop->funder, STOP_EVERYBODY) != 0)
		str_copy(a->funder, sizeof(a->funder), str_of(stop->funder));
}

static void of_recover(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_recover *b = body;
	(void)s;
	(void)kind;
	snprintf(a->object, sizeof(a->object), "party/%s", b->party);
	str_copy(a->subject, sizeof(a->subject), str_of(b->party));
}

/* What an administrator says of others' affairs: a statement on "KIND/admin" asks who says it with him. What a person says of himself
 * (his own key is to count no more) is alone, and so is what a party's own root key says of what is the party's. */
static const int BY_ADMIN[] = { EVENT_REVOKE, EVENT_GATEWAY, EVENT_DEVICE, EVENT_DEVICE_END, EVENT_SITE, EVENT_OFFER, EVENT_PROFILE,
	EVENT_PARTY };

static bool by_admin(const struct tabs *s, const struct envelope *env, const struct event_kind *kind, const void *body)
{
	struct hash key;
	bool listed = false;
	for (size_t i = 0; i < sizeof(BY_ADMIN) / sizeof(BY_ADMIN[0]); i++)
		listed = listed || BY_ADMIN[i] == kind->number;
	if (!listed || !env->signature_count)
		return false;
	memcpy(key.bytes, env->signatures[0].public_key, HASH_SIZE);
	const struct keyrec *k = keyring_find(s, &key);
	const struct emergency *e = k ? tab_get(s, &EMERGENCY_REC, k->holder) : NULL;
	if (!k || (k->kind != KEY_OF_ADMIN && !(k->kind == KEY_OF_PERSON && (k->role == ROLE_ADM || (e && e->role == ROLE_ADM)))))
		return false;
	return kind->number != EVENT_REVOKE || strcmp(((const struct ev_revoke *)body)->operator, k->holder) != 0;
}

static void of_prune(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a)
{
	const struct ev_prune *b = body;
	(void)s;
	if (b->unwitnessed)
		about_name(a, kind->name, "unwitnessed");
}

static const struct {
	int kind;
	void (*of)(const struct tabs *s, const struct event_kind *kind, const void *body, struct about *a);
} ABOUT[] = {
	{ EVENT_REQUEST, of_data }, { EVENT_MESSAGE, of_data }, { EVENT_TASK, of_task }, { EVENT_LIMIT, of_limit },
	{ EVENT_POLICY, of_source }, { EVENT_PROCESS, of_source }, { EVENT_CONTRACT, of_source }, { EVENT_OPERATOR, of_operator },
	{ EVENT_HOLD, of_hold }, { EVENT_LIFT, of_hold }, { EVENT_COMPENSATE, of_hold }, { EVENT_STOP_LIFT, of_hold },
	{ EVENT_RECOVER, of_recover }, { EVENT_PRUNE, of_prune },
};

void about_event(const struct tabs *s, const struct envelope *env, const struct event_kind *kind, const void *body, struct about *a)
{
	memset(a, 0, sizeof(*a));
	about_deal(a, env->deal);
	for (size_t i = 0; i < sizeof(ABOUT) / sizeof(ABOUT[0]); i++)
		if (ABOUT[i].kind == kind->number)
			ABOUT[i].of(s, kind, body, a);
	if (by_admin(s, env, kind, body))
		about_name(a, kind->name, "admin");
}

/* --- whether the signatures do ---------------------------------------------------------------------------------- */

static const char *signer_holder(const struct tabs *s, const struct envelope_signature *sig)
{
	struct hash key;
	memcpy(key.bytes, sig->public_key, HASH_SIZE);
	const struct keyrec *k = keyring_find(s, &key);
	return k && k->kind == KEY_OF_PERSON ? k->holder : "";
}

/* The author was judged when the turn found out who speaks; each further signer is judged here. */
static enum refusal endorsers_judge(struct turn *t, const struct event_in *in, struct endorser *who)
{
	const struct envelope *env = in->envelope;
	enum refusal first = REFUSED_NOT;
	for (size_t i = 0; i < env->signature_count; i++) {
		const struct keyrec *k;
		char did[KEY_DID_SHORT_MAX];
		struct hash key;
		memcpy(key.bytes, env->signatures[i].public_key, HASH_SIZE);
		endorser_of_key(t->tabs, &key, &who[i]);
		who[i].offices = endorse_offices(t->tabs, signer_holder(t->tabs, &env->signatures[i]));
		enum refusal r = i ? signer_judge(t, &env->signatures[i], in->kind, &k) : REFUSED_NOT;
		who[i].live = who[i].known && r == REFUSED_NOT;
		if (i && !who[i].known && first != REFUSED_ENDORSER_UNKNOWN)
			first = turn_refuse(t, REFUSED_ENDORSER_UNKNOWN, "%s", key_did_short(key.bytes, did));
		else if (i && !who[i].live && first == REFUSED_NOT)
			first = turn_refuse(t, REFUSED_ENDORSER_REVOKED, "%s: %s", k ? k->holder : "", refusal_name(r));
	}
	if (!who[0].known) { /* a machine is an author, and nobody's endorser */
		who[0].known = who[0].live = true;
		str_copy(who[0].person, sizeof(who[0].person), str_of(t->actor));
	}
	return first;
}

const struct endorse *endorse_first_deal(const struct tabs *s)
{
	return tab_get(s, &ENDORSE_REC, FIRST_DEAL);
}

/* A platform policy that asks for administrators binds from when there were so many, and the root of trust alone sets up a
 * ledger until its first application. */
static bool platform_waits(const struct turn *t, const struct endorse *e, const struct endorse_policy *p)
{
	int64_t need = 0, have = 0;
	if (strcmp(e->source, ENDORSE_BY_POLICY) != 0)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (p->clauses[i].roles >> ROLE_ADM & 1u)
			need += p->clauses[i].need;
	if (!need)
		return false;
	const struct keyrec *k = keyring_find(t->tabs, &t->signer);
	bool sets_up = strncmp(e->on, "ledger.prune", strlen("ledger.prune")) != 0; /* what is given up is no set-up */
	if (sets_up && k && k->kind == KEY_OF_ADMIN && !tab_get(t->tabs, &ENDORSE_REC, FIRST_DEAL))
		return true;
	TAB_FOR(operator, o, t->tabs, &OPERATOR_REC, "")
		have += o->role == ROLE_ADM;
	return have < need;
}

struct asking {
	const struct about *about;
	struct endorse_about whose;
	const struct endorser *who;
	size_t count;
	bool committee; /* a policy that asks the committee bound */
	enum refusal verdict;
	char missing[ENDORSE_MISSING_MAX];
};

/* All statements about one name. What is short of signatures yields to what is wrong with one. */
static void ask_statements(struct turn *t, const char *on, struct asking *q)
{
	struct endorse_policy p;
	struct fault fault;
	for (const struct endorse *e = endorse_first(t->tabs, on); e; e = endorse_next(t->tabs, on, e)) {
		char missing[ENDORSE_MISSING_MAX];
		if (endorse_parse(str_of(e->text), &p, &fault) != ERR_OK || !endorse_binds(t->tabs, &p, q->about->amount)
			|| platform_waits(t, e, &p))
			continue;
		enum refusal r = endorse_judge(t->tabs, &p, &q->whose, q->who, q->count, missing);
		for (size_t i = 0; i < p.count; i++)
			q->committee = q->committee || p.clauses[i].offices & ENDORSE_CHAIR;
		bool worse = r != REFUSED_NOT && (q->verdict == REFUSED_NOT || (q->verdict == REFUSED_ENDORSEMENTS_FEW && r != q->verdict));
		if (worse) {
			q->verdict = r;
			memcpy(q->missing, missing, sizeof(q->missing));
		} else if (r == REFUSED_ENDORSEMENTS_FEW && q->verdict == r && strcmp(missing, q->missing) != 0) {
			size_t n = strlen(q->missing);
			snprintf(q->missing + n, sizeof(q->missing) - n, "; %s", missing);
		}
	}
}

/* Whoever made a deal, set the limit under it or belongs to a party of it does not endorse it either (SOD-1, SOD-2, SOD-10). */
static enum refusal maker_endorses(struct turn *t, const struct event_in *in, const struct about *a)
{
	const struct deal *d = in->kind->number == EVENT_TASK ? tab_get(t->tabs, &DEAL_REC, a->deal) : NULL;
	for (size_t i = 1; d && i < in->envelope->signature_count; i++) {
		const char *id = signer_holder(t->tabs, &in->envelope->signatures[i]);
		if (!id[0])
			continue;
		bool maker = d->maker[0] && strcmp(person_of(t->tabs, d->maker), person_of(t->tabs, id)) == 0;
		if (maker || act_done_by(t->tabs, d->id, id, act_name(ACT_OPEN)))
			return turn_refuse(t, REFUSED_SOD, "%s made it: another person endorses (SOD-1).", id);
		char why[160];
		enum refusal r = a->act[0] && act_named(str_of(a->act)) == ACT_APPROVE ? rights_endorse(t->tabs, id, d->id, why) : REFUSED_NOT;
		if (r != REFUSED_NOT)
			return turn_refuse(t, r, "%s", why);
	}
	return REFUSED_NOT;
}

static struct endorse_about about_parties(const struct tabs *s, const struct about *a)
{
	const struct meta *m = tab_get(s, &META_REC, "state");
	struct endorse_about whose = endorse_about_deal(tab_get(s, &DEAL_REC, a->deal), a->funder[0] ? a->funder : m ? m->book : "");
	if (a->subject[0])
		whose.subject = a->subject;
	whose.authored = true;
	return whose;
}

enum refusal endorse_check(struct turn *t, struct event_in *in)
{
	struct endorser who[ENVELOPE_SIGNATURES_MAX];
	struct about about;
	in->missing[0] = 0;
	about_event(t->tabs, in->envelope, in->kind, in->body, &about);
	bool stated = endorse_first(t->tabs, in->kind->name) || (about.on[0] && endorse_first(t->tabs, about.on));
	if (in->envelope->signature_count < 2 && !stated)
		return REFUSED_NOT;
	enum refusal r = endorsers_judge(t, in, who);
	if (r != REFUSED_NOT)
		return r;
	struct asking q = { .about = &about, .whose = about_parties(t->tabs, &about), .who = who, .count = in->envelope->signature_count };
	ask_statements(t, in->kind->name, &q);
	if (about.on[0])
		ask_statements(t, about.on, &q);
	memcpy(in->missing, q.missing, sizeof(in->missing));
	if (q.verdict != REFUSED_NOT)
		return turn_refuse(t, q.verdict, "%s%s%s", about.on[0] ? about.on : in->kind->name,
			q.verdict == REFUSED_ENDORSEMENTS_FEW ? " lacks " : ": ", q.missing);
	if (q.committee && about.act_object[0])
		act_record(t, about.act_object, ACT_COMMITTEE, "");
	return maker_endorses(t, in, &about);
}

bool endorse_asks(const struct tabs *s, const struct about *a, const struct event_kind *kind, const struct endorser *e)
{
	const char *const names[] = { kind->name, a->on };
	struct endorse_about whose = about_parties(s, a);
	struct endorse_policy p;
	struct fault fault;
	for (size_t i = 0; i < 2; i++)
		for (const struct endorse *st = names[i][0] ? endorse_first(s, names[i]) : NULL; st; st = endorse_next(s, names[i], st))
			if (endorse_parse(str_of(st->text), &p, &fault) == ERR_OK && endorse_asks_for(&p, &whose, e))
				return true;
	return false;
}

/* --- afterwards ------------------------------------------------------------------------------------------------- */

/* Approvals of what just changed are over; those who endorsed the change approved it as it is now. */
void endorse_done(struct turn *t, const struct event_in *in)
{
	struct acting author = acting_of(t);
	struct about a;
	if (in->kind->number == EVENT_REQUEST && !tab_get(t->tabs, &ENDORSE_REC, FIRST_DEAL)) {
		struct endorse e = { .version = (int64_t)t->number, .at = t->stamp };
		snprintf(e.id, sizeof(e.id), FIRST_DEAL);
		snprintf(e.on, sizeof(e.on), FIRST_DEAL);
		tab_put(t->tabs, &ENDORSE_REC, &e);
	}
	bool changes = in->kind->number == EVENT_LIMIT || in->kind->number == EVENT_POLICY || in->kind->number == EVENT_CONTRACT
		|| in->kind->number == EVENT_PROCESS;
	if (!changes && in->envelope->signature_count < 2)
		return;
	about_event(t->tabs, in->envelope, in->kind, in->body, &a);
	const char *object = a.act_object[0] ? a.act_object : a.deal[0] ? a.deal : a.object;
	if (!object[0] || strlen(object) >= sizeof(((struct act *)0)->object))
		return;
	if (changes)
		act_void_approvals(t, object);
	for (size_t i = 1; i < in->envelope->signature_count; i++) {
		const struct operator *o = tab_get(t->tabs, &OPERATOR_REC, signer_holder(t->tabs, &in->envelope->signatures[i]));
		if (!o)
			continue;
		str_copy(t->actor, sizeof(t->actor), str_of(o->id));
		str_copy(t->actor_party, sizeof(t->actor_party), str_of(o->party));
		t->actor_role = o->role;
		memcpy(t->signer.bytes, in->envelope->signatures[i].public_key, HASH_SIZE);
		act_record(t, object, a.act[0] ? a.act : act_name(ACT_APPROVE), a.detail[0] ? a.detail : "endorsed");
	}
	acting_restore(t, &author);
}

struct acting acting_of(const struct turn *t)
{
	struct acting a = { .role = t->actor_role, .signed_at = t->signed_at, .signer = t->signer };
	memcpy(a.actor, t->actor, sizeof(a.actor));
	memcpy(a.party, t->actor_party, sizeof(a.party));
	memcpy(a.kind, t->kind, sizeof(a.kind));
	return a;
}

void acting_restore(struct turn *t, const struct acting *a)
{
	t->actor_role = a->role;
	t->signed_at = a->signed_at;
	t->signer = a->signer;
	memcpy(t->actor, a->actor, sizeof(t->actor));
	memcpy(t->actor_party, a->party, sizeof(t->actor_party));
	memcpy(t->kind, a->kind, sizeof(t->kind));
}

/* --- platform policies ------------------------------------------------------------------------------------------ */

enum refusal endorse_policies(struct turn *t, int64_t version)
{
	static const char PREFIX[] = "endorse.";
	TAB_FOR(param, p, t->tabs, &PARAM_REC, PREFIX) {
		if (p->policy != version)
			continue;
		enum refusal r = endorse_state(t, p->id + sizeof(PREFIX) - 1, ENDORSE_BY_POLICY, version, str_of(p->text));
		if (r != REFUSED_NOT)
			return r;
	}
	return REFUSED_NOT;
}
