/* Who may say what: beyond the class of a signature, whether this signer speaks of its own affairs.
 *
 * Must remain true: nobody can put words into another party's mouth. A sender is the party of its first
 * signature; an effect is answered by whom it was sent to; money is reported by the bank, goods by who handles
 * them, and what is awaited as an answer cannot be told without having been asked. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "risk/state.h"

enum { OF_DEAL = 1u << PARTY_KIND_COUNT }; /* and only if the deal names it */
#define KIND(k) (1u << PARTY_##k)

/* Messages that come by themselves, and which kinds of party tell them (docs/flows.md). Answers to effects have
 * no kind: they come as effect.reply. `people`: roles that may tell it in their own name, without the party's key. */
static const struct {
	const char *name;
	unsigned kinds, people;
} TELLERS[] = {
	{ "evidence.grn", KIND(CORE) | KIND(SUP) | OF_DEAL, MAY(COM) | MAY(COA) | MAY(SUM) | MAY(SUA) },
	{ "certificate", KIND(INS), MAY(INP) },
	{ "goods.departed", KIND(CAR) | KIND(WHS) | KIND(SUP) | KIND(BOR) | OF_DEAL,
		MAY(DSP) | MAY(WHM) | MAY(WHK) | MAY(SUM) | MAY(SUA) },
	{ "goods.arrived", KIND(CAR) | KIND(WHS) | OF_DEAL, MAY(DSP) | MAY(WHM) | MAY(WHK) },
	{ "obligor.paid", KIND(BNK), 0 }, { "borrower.paid", KIND(BNK), 0 }, { "payment.returned", KIND(BNK), 0 },
	{ "margin.paid", KIND(BNK), 0 }, { "bank.credit", KIND(BNK), 0 },
	{ "debt.confirmed", 0, 0 }, { "offer.answer", 0, 0 }, { "assign.registered", 0, 0 }, { "pledge.registered", 0, 0 },
	{ "bank.status", 0, 0 }, { "margin.called", 0, 0 }, { "enforcement.over", 0, 0 },
};

/* What may be said: members become variables of the process, so a word too many could stand for what another
 * party or a contract has to say ("signatures", "proceeds"). `*` marks what must be said. Names that are not
 * here belong to processes that we do not know. */
static const struct {
	const char *of, *members;
} MEMBERS[] = {
	{ "receivables", "deal party obligor currency amount rate_max maker invoice funder" },
	{ "token-finance", "deal party obligor currency amount rate_max maker note funder" },
	{ "inventory-pledge", "deal party warehouse site place currency amount commodity unit quantity packages labels asset_key "
		"rate days maker lot funder" },
	{ "evidence.grn", "number day quantity" },
	{ "certificate", "grade number inspector" },
	{ "goods.departed", "carrier plate" }, { "goods.arrived", "carrier plate" },
	{ "obligor.paid", "*amount payer reference" }, { "borrower.paid", "*amount payer reference" },
	{ "margin.paid", "*amount payer reference" },
	{ "payment.returned", "payment code reason" },
	{ "bank.credit", "*amount currency payer purpose reference book" },
	{ "debt.confirmed", "*amount due by reason" }, { "offer.answer", "*accepted reason" },
	{ "assign.registered", "*number reason" }, { "pledge.registered", "*number earlier reason" },
	{ "bank.status", "*executed payment code reason" },
};

/* Which roles an organisation has: its key certifies nobody else, whatever it signs. An administrator is
 * certified by an administrator. */
static const struct {
	enum party_kind kind;
	unsigned roles;
} STAFF[] = {
	{ PARTY_FND, MAY(OPM) | MAY(OPC) | MAY(CRO) | MAY(CRA) | MAY(RSK) | MAY(TRM) | MAY(TRR) | MAY(CMP) | MAY(MDO) | MAY(MDV)
		| MAY(ADM) },
	{ PARTY_PLT, MAY(ADM) | MAY(MDO) | MAY(MDV) },
	{ PARTY_SUP, MAY(SUM) | MAY(SUA) }, { PARTY_BOR, MAY(SUM) | MAY(SUA) }, { PARTY_CORE, MAY(COM) | MAY(COA) },
	{ PARTY_WHS, MAY(WHK) | MAY(WHM) }, { PARTY_INS, MAY(INP) }, { PARTY_CAR, MAY(DSP) },
};

enum refusal sender_check(struct turn *t, const struct envelope *env)
{
	if (t->actor_role == ROLE_AUD && env->kind != EVENT_VERIFY && env->kind != EVENT_READ && env->kind != EVENT_WITNESSED
		&& env->kind != EVENT_EQUIVOCATION)
		return turn_refuse(t, REFUSED_ROLE, "an auditor reads and verifies, %s writes nothing else", t->actor);
	const struct meta *m = tab_get(t->tabs, &META_REC, "state");
	const char *party = t->actor_party[0] || !m ? t->actor_party : m->book; /* the root of trust speaks for the book */
	if (!m || strcmp(env->sender, party) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "%s is of %s and may not send for %s", t->actor, party, env->sender);
}

enum refusal sender_certifies(struct turn *t, const struct event_in *in, const struct operator *o)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, o->party);
	unsigned roles = MAY(AUD) | MAY(SVC);
	for (size_t i = 0; p && i < sizeof(STAFF) / sizeof(STAFF[0]); i++)
		if (STAFF[i].kind == (enum party_kind)p->kind)
			roles |= STAFF[i].roles;
	if (!(roles >> o->role & 1u))
		return turn_refuse(t, REFUSED_ROLE, "%s, a %s, has no %s", o->party, p ? PARTY_KIND_NAMES[p->kind] : "stranger",
			role_title((enum role)o->role));
	if (o->role == ROLE_ADM && !(in->signed_as & SIGNER_ADMIN))
		return turn_refuse(t, REFUSED_ROLE, "an administrator is certified by an administrator");
	return REFUSED_NOT;
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

enum refusal sender_keeps(struct turn *t, const char *book)
{
	const struct party *bank = bank_of(t->tabs, book);
	if (bank && strcmp(bank->id, t->actor_party) == 0)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s keeps no account of %s, %s does", t->actor_party, book, bank ? bank->id : "nobody");
}

enum refusal sender_tells(struct turn *t, const struct event_in *in, const char *name)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, in->envelope->deal);
	unsigned kinds = ~0u, people = ~0u; /* a message of a process that we do not know: the deal's parties tell it */
	for (size_t i = 0; i < sizeof(TELLERS) / sizeof(TELLERS[0]); i++)
		if (text_eq(TELLERS[i].name, name)) {
			kinds = TELLERS[i].kinds;
			people = TELLERS[i].people;
		}
	if (!name[0] || strchr(name, '/') || strlen(name) >= sizeof(((struct inbox *)0)->name))
		return turn_refuse(t, REFUSED_VALUE, "\"%s\" is no name of a message", name);
	if (!p || !(kinds & 1u << p->kind))
		return turn_refuse(t, REFUSED_ROLE, "%s is not whom to hear %s from", t->actor_party, name);
	if (in->signed_as & SIGNER_OPERATOR && !(people >> t->actor_role & 1u))
		return turn_refuse(t, REFUSED_ROLE, "a %s does not tell %s", role_title((enum role)t->actor_role), name);
	if (p->kind == PARTY_BNK && kinds == KIND(BNK)) /* of money that came in, only the bank speaks that keeps the account */
		return sender_keeps(t, d ? d->funder : engine_meta(in->engine)->book);
	if (!(kinds & OF_DEAL) || p->kind == PARTY_CAR) /* a deal does not name its carrier */
		return REFUSED_NOT;
	if (!d)
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s", in->envelope->deal);
	return deal_names(d, p->id) ? REFUSED_NOT : turn_refuse(t, REFUSED_ROLE, "%s has no part in the deal", p->id);
}

bool sender_handles_goods(const struct tabs *s, const char *gateway, const char *deal)
{
	const struct gateway *g = tab_get(s, &GATEWAY_REC, gateway);
	const struct party *p = g ? tab_get(s, &PARTY_REC, g->party) : NULL;
	const struct deal *d = tab_get(s, &DEAL_REC, deal);
	return p && (p->kind == PARTY_CAR || (d && deal_names(d, p->id)));
}

const char *sender_deal_of(const struct tabs *s, const char *object)
{
	const struct lot *lot = tab_get(s, &LOT_REC, object);
	const struct task *task = tab_get(s, &TASK_REC, object);
	const struct alert *alert = tab_get(s, &ALERT_REC, object);
	const struct token *token = tab_get(s, &TOKEN_REC, object);
	return lot ? lot->deal : task ? task->deal : alert ? alert->deal : token ? token->deal : object;
}

enum refusal sender_concerned(struct turn *t, const struct event_in *in, const char *object)
{
	const struct meta *m = engine_meta(in->engine);
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, sender_deal_of(t->tabs, object));
	if (strcmp(t->actor_party, m->book) == 0 || (d && deal_names(d, t->actor_party)))
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s has no part in %s", t->actor_party, object[0] ? object : "what has no deal");
}

/* --- what is said --------------------------------------------------------------------------------------------- */

static bool member_listed(const char *members, struct str key)
{
	struct str rest = str_of(members);
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		if (word.len && word.ptr[0] == '*')
			word = (struct str){ word.ptr + 1, word.len - 1 };
		if (str_eq(word, key))
			return true;
	}
	return false;
}

static enum refusal members_missing(struct turn *t, const char *of, const char *members, const struct json *said)
{
	struct str rest = str_of(members);
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		char name[32];
		if (!word.len || word.ptr[0] != '*' || !str_copy(name, sizeof(name), (struct str){ word.ptr + 1, word.len - 1 }))
			continue;
		if (!said || !json_get(said, name))
			return turn_refuse(t, REFUSED_VALUE, "%s does not say %s", of, name);
	}
	return REFUSED_NOT;
}

/* `fails`: the answer says that it could not be done, which needs no figures and may name an error. */
static enum refusal members_check_in(struct turn *t, const char *of, const char *members, struct str data, bool answer, bool fails)
{
	const struct json *root = NULL;
	struct fault fault;
	if (data.len && (turn_json(t, data, &root, &fault) != ERR_OK || root->kind != JSON_OBJECT))
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "%s: %s", of, root ? "it is no object" : fault.text);
	fails = fails || (answer && root && json_get(root, "error"));
	for (const struct json *m = root ? root->child : NULL; m; m = m->next)
		if (!member_listed(members, m->key) && !(answer && str_is(m->key, "error")))
			return turn_refuse(t, REFUSED_VALUE, "%s has no member \"%.40s\"", of, str_dup(t->scratch, m->key));
	return fails ? REFUSED_NOT : members_missing(t, of, members, root);
}

static enum refusal members_check(struct turn *t, const char *of, struct str data, bool answer, bool fails)
{
	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
		if (text_eq(MEMBERS[i].of, of))
			return members_check_in(t, of, MEMBERS[i].members, data, answer, fails);
	return REFUSED_NOT;
}

enum refusal sender_members(struct turn *t, const char *of, const char *members, struct str data)
{
	return members_check_in(t, of, members, data, false, false);
}

enum refusal sender_says(struct turn *t, const char *name, struct str data)
{
	return members_check(t, name, data, false, false);
}

/* Applications are the applicant's own, or the funder's people open them for him. */
enum refusal sender_applies(struct turn *t, struct str data)
{
	const struct party *p = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	const struct json *root;
	struct fault fault;
	if (turn_json(t, data, &root, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "application: %s", fault.text);
	const struct json *who = json_get(root, "party");
	if ((p && p->kind == PARTY_FND) || !who || (who->kind == JSON_STRING && str_is(who->text, t->actor_party)))
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_ROLE, "%s applies for itself only", t->actor_party);
}

enum refusal sender_answers(struct turn *t, const struct event_in *in, const struct ev_reply *b)
{
	const struct effect *e = tab_get(t->tabs, &EFFECT_REC, b->effect);
	if (!e)
		return REFUSED_NOT; /* refused as unknown by who looks it up */
	if (in->signed_as & SIGNER_NODE ? e->party[0] != 0 : strcmp(e->party, t->actor_party) != 0)
		return turn_refuse(t, REFUSED_ROLE, "%s was asked, not %s", e->party[0] ? e->party : "nobody", t->actor_party);
	if (e->state == EFFECT_ANSWERED || e->state == EFFECT_FAILED)
		return REFUSED_NOT; /* refused as answered before */
	return members_check(t, e->reply, blob_str(b->data), true, b->code[0] && strcmp(b->code, "ok") != 0);
}
