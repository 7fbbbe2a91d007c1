/* Who speaks: from the first signature of an envelope to the actor of the turn.
 *
 * Must remain true: one look-up by key, judged as of the signing time and the stamp; every way in which a signature does
 * not count has its own name; before the genesis entry only the key that it names itself may sign, and only it. */
#include "engine_int.h"
#include "engine/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"

enum { OVERLAP_HOURS = 24, AHEAD_MINUTES = 5, WINDOW_DAYS = 14, WHY_MAX = 160 };

struct key_bounds signer_bounds(const struct tabs *s)
{
	return (struct key_bounds){ policy_int(s, "keys.overlap_hours", OVERLAP_HOURS) * INSTANT_HOUR,
		policy_int(s, "clock.ahead_minutes", AHEAD_MINUTES) * INSTANT_MINUTE,
		policy_int(s, "clock.window_days", WINDOW_DAYS) * INSTANT_DAY };
}

static enum refusal signer_genesis(struct turn *t, const struct envelope *env, struct event_in *in)
{
	const struct ev_genesis *g = in->body;
	if (env->kind != EVENT_GENESIS || !hash_eq(&g->admin_key, &t->signer))
		return REFUSED_SIGNER_UNKNOWN;
	str_copy(t->actor, sizeof(t->actor), str_of("engine"));
	in->signed_as = SIGNER_ADMIN;
	return REFUSED_NOT;
}

const char *signer_name(const struct tabs *s, const struct keyrec *k)
{
	const struct party *p = k->kind == KEY_OF_PARTY ? tab_get(s, &PARTY_REC, k->party) : NULL;
	return k->kind == KEY_OF_NODE ? "engine" : p && p->short_name[0] ? p->short_name : k->holder;
}

/* Whose acts they are, whether or not the key counts: the news of a refusal names him. */
static unsigned signer_acts(struct turn *t, const struct keyrec *k)
{
	const struct meta *m = k->kind == KEY_OF_NODE ? tab_get(t->tabs, &META_REC, "state") : NULL;
	str_copy(t->actor, sizeof(t->actor), str_of(signer_name(t->tabs, k)));
	str_copy(t->actor_party, sizeof(t->actor_party), str_of(m ? m->book : k->party));
	switch ((enum key_kind)k->kind) {
	case KEY_OF_NODE:
		t->actor_role = ROLE_SVC;
		return SIGNER_NODE;
	case KEY_OF_ADMIN:
		t->actor_role = ROLE_ADM;
		return SIGNER_ADMIN;
	case KEY_OF_PARTY:
		t->actor_role = ROLE_SVC;
		return SIGNER_PARTY;
	case KEY_OF_GATEWAY:
		t->actor_role = ROLE_SVC;
		return SIGNER_GATEWAY;
	default:
		t->actor_role = operator_role_at(t->tabs, k->holder, t->stamp);
		return SIGNER_OPERATOR | (t->actor_role == ROLE_ADM ? SIGNER_ADMIN : 0u);
	}
}

enum refusal signer_judge(struct turn *t, const struct envelope_signature *s, const struct event_kind *kind,
	const struct keyrec **out)
{
	struct key_bounds bounds = signer_bounds(t->tabs);
	char why[WHY_MAX];
	struct hash key;
	memcpy(key.bytes, s->public_key, HASH_SIZE);
	const struct keyrec *k = *out = keyring_find(t->tabs, &key);
	if (!k)
		return REFUSED_SIGNER_UNKNOWN;
	enum refusal r = keyring_judge(k, kind->name, s->signed_at, t->stamp, &bounds, why);
	if (r == REFUSED_NOT && s->signed_at < retention_remembers(t->tabs)) {
		r = REFUSED_SIGNATURE_STALE;
		snprintf(why, sizeof(why), "What came when it was signed is no longer remembered; it may have come.");
	}
	if (r != REFUSED_NOT)
		return turn_refuse(t, r, "%s", why);
	const struct operator *o = k->kind == KEY_OF_PERSON ? tab_get(t->tabs, &OPERATOR_REC, k->holder) : NULL;
	if (o && !operator_live_at(o, s->signed_at))
		return turn_refuse(t, REFUSED_SIGNER_REVOKED, "%s was not certified when this was signed", o->name);
	const struct party *p = k->party[0] ? tab_get(t->tabs, &PARTY_REC, k->party) : NULL;
	if (p && p->blocked)
		return turn_refuse(t, REFUSED_PARTY_BLOCKED, "%s", p->id);
	return REFUSED_NOT;
}

enum refusal engine_signer(struct turn *t, const struct envelope *env, struct event_in *in)
{
	const struct keyrec *k;
	if (!env->signature_count)
		return REFUSED_SIGNATURE_MISSING;
	const struct envelope_signature *author = &env->signatures[0];
	memcpy(t->signer.bytes, author->public_key, HASH_SIZE);
	t->signed_at = author->signed_at;
	if (!tab_get(t->tabs, &META_REC, "state"))
		return signer_genesis(t, env, in);
	enum refusal r = signer_judge(t, author, in->kind, &k);
	unsigned acts = k ? signer_acts(t, k) : 0;
	if (r != REFUSED_NOT)
		return r;
	in->signed_as = acts;
	/* What is said to have happened cannot lie ahead either: expiry and order are the ledger's time. */
	if (env->event_time > t->stamp && (uint64_t)env->event_time - (uint64_t)t->stamp > (uint64_t)signer_bounds(t->tabs).ahead)
		return turn_refuse(t, REFUSED_EVENT_FUTURE, "event time of %s", t->actor);
	return REFUSED_NOT;
}

bool engine_node_key_at(const struct engine *e, uint64_t entry, struct hash *out)
{
	const struct keyrec *k = keyring_current(e->tabs, KEY_OF_NODE, "node", entry);
	return k && keyrec_key(k, out);
}
