/* Who may say what: beyond the class of a signature, whether this signer speaks of its own affairs.
 *
 * Must remain true: nobody can put words into another party's mouth. A sender is the party of its first
 * signature; an effect is answered by whom it was sent to; money is reported by the bank, goods by who handles
 * them, and what is awaited as an answer cannot be told without having been asked. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

enum { OF_DEAL = 1u << PARTY_KIND_COUNT }; /* and only if the deal names it */
#define KIND(k) (1u << PARTY_##k)

/* Messages that come by themselves, and which kinds of party tell them (docs/flows.md). Answers to effects have
 * no kind: they come as effect.reply. */
static const struct {
	const char *name;
	unsigned kinds;
} TELLERS[] = {
	{ "evidence.grn", KIND(CORE) | KIND(SUP) | OF_DEAL }, { "certificate", KIND(INS) },
	{ "goods.departed", KIND(CAR) | KIND(WHS) | KIND(SUP) | KIND(BOR) },
	{ "goods.arrived", KIND(CAR) | KIND(WHS) },
	{ "obligor.paid", KIND(BNK) }, { "borrower.paid", KIND(BNK) }, { "payment.returned", KIND(BNK) },
	{ "margin.paid", KIND(BNK) }, { "bank.credit", KIND(BNK) },
	{ "debt.confirmed", 0 }, { "offer.answer", 0 }, { "assign.registered", 0 }, { "pledge.registered", 0 },
	{ "bank.status", 0 }, { "margin.called", 0 },
};

enum refusal sender_check(struct turn *t, const struct envelope *env, unsigned signed_as)
{
	if (!(signed_as & (SIGNER_PARTY | SIGNER_GATEWAY | SIGNER_OPERATOR)) || strcmp(env->sender, t->actor_party) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "%s is of %s and may not send for %s", t->actor, t->actor_party,
		env->sender);
}

enum refusal sender_own(struct turn *t, const struct event_in *in, const char *party, const char *what)
{
	if (in->signed_as & SIGNER_ADMIN || strcmp(t->actor_party, party) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s speaks for its own affairs only, not for %s of %s", t->actor_party, what,
		party[0] ? party : "nobody");
}

static bool deal_names(const struct deal *d, const char *party)
{
	return strcmp(d->party, party) == 0 || strcmp(d->obligor, party) == 0 || strcmp(d->warehouse, party) == 0
		|| strcmp(d->funder, party) == 0;
}

enum refusal sender_tells(struct turn *t, const struct envelope *env, const char *name)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, env->deal);
	unsigned kinds = ~0u; /* a message of a process that we do not know: the deal's parties tell it */
	for (size_t i = 0; i < sizeof(TELLERS) / sizeof(TELLERS[0]); i++)
		if (strcmp(TELLERS[i].name, name) == 0)
			kinds = TELLERS[i].kinds;
	if (!p || !(kinds & 1u << p->kind))
		return turn_refuse(t, REFUSED_ROLE, "%s is not whom to hear %s from", t->actor_party, name);
	if (!(kinds & OF_DEAL))
		return REFUSED_NOT;
	if (!d)
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s", env->deal);
	return deal_names(d, p->id) ? REFUSED_NOT : turn_refuse(t, REFUSED_ROLE, "%s has no part in the deal", p->id);
}

/* Applications are the applicant's own, or the funder's people open them for him. */
enum refusal sender_applies(struct turn *t, struct str data)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	struct json *root;
	struct fault fault;
	if (json_parse(t->scratch, data, &root, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "application: %s", fault.text);
	const struct json *who = json_get(root, "party");
	if ((p && p->kind == PARTY_FND) || !who || (who->kind == JSON_STRING && str_is(who->text, t->actor_party)))
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s applies for itself only", t->actor_party);
}

enum refusal sender_answers(struct turn *t, const struct event_in *in, const char *effect)
{
	const struct effect *e = tab_get(t->tabs, &EFFECT_REC, effect);
	if (!e || in->signed_as & SIGNER_NODE || strcmp(e->party, t->actor_party) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s was asked, not %s", e->party[0] ? e->party : "nobody", t->actor_party);
}

enum refusal sender_key_free(struct turn *t, const struct event_in *in, const struct hash *key, const char *of)
{
	const struct meta *m = engine_meta(in->engine);
	bool used = hash_eq(key, &m->node_key) || hash_eq(key, &m->admin_key) || operator_by_key(t->tabs, key)
		|| gateway_by_key(t->tabs, key) || party_by_key(t->tabs, key);
	if (hash_is_zero(key) || !used)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_EXISTS, "the key of %s is in use", of);
}
