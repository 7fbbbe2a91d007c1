/* What each event kind does: one function per kind, one table.
 *
 * Handlers check, then change; they never act on what a later signal handler may refuse, because the
 * step takes back the whole event when one of them refuses it. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/json.h"
#include "feed/apply.h"
#include "risk/watch.h"
#include "schedule/pool.h"

/* Ten trillion in a currency of two decimals. */
#define POLICY_MOST INT64_C(1000000000000000)
/* How long a gateway may be silent before it counts as cut off. */
#define SILENCE_LIMIT_ABSENT (30 * INSTANT_MINUTE)

static void engine_start_day(struct turn *t)
{
	int64_t midnight = (instant_day(t->stamp) + 1) * INSTANT_DAY;
	timer_set(t, midnight, "day", "ledger", "", "");
}

static enum refusal on_genesis(struct turn *t, const struct event_in *in)
{
	const struct ev_genesis *g = in->body;
	struct meta m;
	if (g->rules < 1 || g->rules > ENGINE_RULES)
		return turn_refuse(t, REFUSED_RULE_VERSION, "genesis asks for rule version %lld, this program has %d",
			(long long)g->rules, ENGINE_RULES);
	if (!g->book[0] || !g->currency[0] || !g->origin[0])
		return turn_refuse(t, REFUSED_VALUE, "genesis needs origin, book and currency");
	memset(&m, 0, sizeof(m));
	snprintf(m.id, sizeof(m.id), "state");
	memcpy(m.origin, g->origin, sizeof(m.origin));
	m.demo = g->demo;
	m.rules = g->rules;
	memcpy(m.lua, g->lua, sizeof(m.lua));
	memcpy(m.currency, g->currency, sizeof(m.currency));
	memcpy(m.book, g->book, sizeof(m.book));
	m.node_key = g->node_key;
	m.admin_key = g->admin_key;
	m.consortium = g->consortium;
	m.policy_digest = g->policy; /* the promise of the first policy */
	m.begun_at = t->stamp;
	m.ledger = in->content;
	tab_put(t->tabs, &META_REC, &m);
	engine_start_day(t);
	turn_news(t, NEWS_NOTE, "engine", "", "the ledger %s begins", m.origin);
	return identity_begin(t, g);
}

/* Ids are parts of keys, of names of files and of what people read: no "/" but in those of places and devices, nothing that cannot
 * be seen, and not the names by which the node and the root of trust go. */
static bool id_fits(const char *id, bool places)
{
	static const char *const TAKEN[] = { "engine", "node", "admin", "root" };
	for (size_t i = 0; !places && i < sizeof(TAKEN) / sizeof(TAKEN[0]); i++)
		if (strcmp(id, TAKEN[i]) == 0)
			return false;
	for (const char *p = id; *p; p++) {
		bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
		if (!word && !(p > id && strchr("._-", *p)) && !(places && p > id && *p == '/'))
			return false;
	}
	return true;
}

/* Registers a body that is the thing's own record; refuses a second one of the same key. */
enum refusal register_new(struct turn *t, const struct event_in *in, const char *what)
{
	const struct rec_type *type = in->kind->body;
	const char *key = rec_key(type, in->body);
	if (!key[0])
		return turn_refuse(t, REFUSED_VALUE, "a %s needs an id", what);
	if (!id_fits(key, type == &DEVICE_REC || type == &SITE_REC))
		return turn_refuse(t, REFUSED_VALUE, "\"%.40s\" is no id of a %s: letters, digits and . _ - behind the first", key, what);
	if (tab_get(t->tabs, type, key))
		return turn_refuse(t, REFUSED_EXISTS, "%s %s", what, key);
	tab_put(t->tabs, type, in->body);
	turn_news(t, NEWS_NOTE, "", "", "%s %s registered", what, key);
	return REFUSED_NOT;
}

static enum refusal on_site(struct turn *t, const struct event_in *in)
{
	const struct site *s = in->body;
	enum refusal r = sender_own(t, in, s->party, "sites");
	return r != REFUSED_NOT ? r : register_new(t, in, "site");
}

static enum refusal on_device(struct turn *t, const struct event_in *in)
{
	const struct device *d = in->body;
	const struct gateway *g = tab_get(t->tabs, &GATEWAY_REC, d->gateway);
	if (!g)
		return turn_refuse(t, REFUSED_DEVICE_UNKNOWN, "gateway %s of device %s", d->gateway, d->id);
	enum refusal r = sender_own(t, in, d->party, "devices");
	if (r == REFUSED_NOT && (strcmp(g->party, d->party) != 0 || (g->site[0] && strcmp(g->site, d->site) != 0)))
		r = turn_refuse(t, REFUSED_VALUE, "%s is not a gateway of %s at \"%s\"", g->id, d->party, d->site);
	if (r == REFUSED_NOT && d->valid_until && d->valid_until <= d->valid_from)
		r = turn_refuse(t, REFUSED_VALUE, "the certificate of %s would end before it begins", d->id);
	return r != REFUSED_NOT ? r : register_new(t, in, "device");
}

/* The policy file: {"version":n,"params":{name:int or text}}. */
static int64_t silence_limit(const struct turn *t)
{
	return policy_int(t->tabs, "feed.silence_minutes", SILENCE_LIMIT_ABSENT / INSTANT_MINUTE) * INSTANT_MINUTE;
}

/* Another limit counts from now on for the gateways that are heard already. */
static void watch_again(struct turn *t)
{
	TAB_FOR(gateway, g, t->tabs, &GATEWAY_REC, "")
		if (g->batches && !g->cut) {
			timer_clear(t, g->id, NULL);
			timer_set(t, t->stamp + silence_limit(t), "silence", g->id, "", "");
		}
}

/* Spans are multiplied to microseconds, amounts and rates go into products: none may be near the end of 64 bits. */
static bool policy_fits(const char *name, int64_t value)
{
	bool span = strstr(name, "minutes") || strstr(name, "hours") || strstr(name, "days");
	return span ? value >= 0 && value <= 1000000 : value >= -POLICY_MOST && value <= POLICY_MOST;
}

static enum refusal on_policy(struct turn *t, const struct event_in *in)
{
	const struct ev_source *b = in->body;
	struct fault fault;
	struct json *root;
	int64_t version;
	if (json_parse(t->scratch, blob_str(b->source), &root, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "policy: %s", fault.text);
	const struct meta *found = engine_meta(in->engine);
	if (!json_i64(root, "version", &version) || version <= found->policy)
		return turn_refuse(t, REFUSED_VALUE, "the policy's version must rise above %lld", (long long)found->policy);
	struct hash digest = hash_of(blob_str(b->source).ptr, blob_str(b->source).len);
	if (!found->policy && !hash_is_zero(&found->policy_digest) && !hash_eq(&found->policy_digest, &digest))
		return turn_refuse(t, REFUSED_VALUE, "the first policy is not the one that the genesis names");
	const struct json *params = json_get(root, "params");
	int64_t limit = silence_limit(t);
	for (const struct json *p = params ? params->child : NULL; p; p = p->next) {
		struct param rec;
		memset(&rec, 0, sizeof(rec));
		rec.policy = version;
		bool fits = str_copy(rec.id, sizeof(rec.id), p->key);
		if (p->kind == JSON_NUMBER)
			fits = fits && str_to_i64(p->text, &rec.value) && policy_fits(rec.id, rec.value);
		else
			fits = fits && p->kind == JSON_STRING && str_copy(rec.text, sizeof(rec.text), p->text);
		if (!fits)
			return turn_refuse(t, REFUSED_VALUE, "policy parameter " STR_FMT, STR_ARG(p->key));
		tab_put(t->tabs, &PARAM_REC, &rec);
	}
	struct meta m = *found;
	m.policy = version;
	m.policy_digest = digest;
	tab_put(t->tabs, &META_REC, &m);
	if (silence_limit(t) != limit)
		watch_again(t);
	turn_news(t, NEWS_NOTE, "", "", "policy %lld in force", (long long)version);
	enum refusal r = policy_bounds(t, version);
	return r != REFUSED_NOT ? r : endorse_policies(t, version);
}

static enum refusal on_process(struct turn *t, const struct event_in *in)
{
	const struct ev_source *b = in->body;
	return process_deploy(t, &in->engine->workflow, b->name, blob_str(b->source));
}

static enum refusal on_contract(struct turn *t, const struct event_in *in)
{
	const struct ev_source *b = in->body;
	return contract_deploy(t, in->engine->contracts, b->name, blob_str(b->source));
}

static enum refusal on_limit(struct turn *t, const struct event_in *in)
{
	struct limit l = *(const struct limit *)in->body;
	const struct limit *before = tab_get(t->tabs, &LIMIT_REC, l.id);
	char object[64], id[40];
	snprintf(object, sizeof(object), "limit/%s", l.group);
	snprintf(id, sizeof(id), "%s/%s", l.funder, l.group);
	if (strcmp(id, l.id) != 0 || l.amount < 0)
		return turn_refuse(t, REFUSED_VALUE, "a limit is named FUNDER/GROUP and is not negative, not \"%s\"", l.id);
	/* The root key sets the first limits; afterwards people do, and an administrator is none of those who may. */
	if (!(in->signed_as & SIGNER_OPERATOR) && endorse_first_deal(t->tabs))
		return turn_refuse(t, REFUSED_ROLE, "the root of trust sets no limit after the first application: credit does");
	if (in->signed_as & SIGNER_OPERATOR) {
		enum refusal r = sender_own(t, in, l.funder, "limits");
		if (r == REFUSED_NOT)
			r = rights_check(t, ACT_LIMIT, object, l.amount, "");
		if (r != REFUSED_NOT)
			return r;
		act_record(t, object, "limit", "");
	}
	l.used = before ? before->used : 0;
	l.reserved = before ? before->reserved : 0;
	memcpy(l.set_by, t->actor, sizeof(l.set_by));
	l.set_by[sizeof(l.set_by) - 1] = 0;
	tab_put(t->tabs, &LIMIT_REC, &l);
	turn_news(t, NEWS_NOTE, "", "", "limit of %s set", l.group);
	return REFUSED_NOT;
}

static enum refusal on_offer(struct turn *t, const struct event_in *in)
{
	const struct offer *o = in->body;
	char id[40];
	snprintf(id, sizeof(id), "%s/%s", o->funder, o->obligor);
	if (strcmp(id, o->id) != 0 || o->rate < 0 || o->most < 0)
		return turn_refuse(t, REFUSED_VALUE, "an offer is named FUNDER/OBLIGOR and is not negative, not \"%s\"", o->id);
	enum refusal r = sender_own(t, in, o->funder, "offers");
	if (r == REFUSED_NOT)
		tab_put(t->tabs, &OFFER_REC, o);
	return r;
}

/* What the scorecard reads of a party is a funder's word, never the party's own. */
static enum refusal on_profile(struct turn *t, const struct event_in *in)
{
	const struct profile *p = in->body;
	const struct party *by = tab_get(t->tabs, &PARTY_REC, t->actor_party);
	if (!tab_get(t->tabs, &PARTY_REC, p->id))
		return turn_refuse(t, REFUSED_PARTY_UNKNOWN, "%s", p->id);
	if (!(in->signed_as & SIGNER_ADMIN) && !(by && (by->kind == PARTY_FND || by->kind == PARTY_PLT)))
		return turn_refuse(t, REFUSED_ROLE, "%s does not say how %s pays", t->actor_party, p->id);
	tab_put(t->tabs, &PROFILE_REC, p);
	return REFUSED_NOT;
}

static enum refusal on_rules(struct turn *t, const struct event_in *in)
{
	const struct ev_rules *b = in->body;
	struct meta m = *engine_meta(in->engine);
	if (b->rules <= m.rules || b->rules > ENGINE_RULES)
		return turn_refuse(t, REFUSED_RULE_VERSION, "from %lld to %lld", (long long)m.rules, (long long)b->rules);
	m.rules = b->rules;
	tab_put(t->tabs, &META_REC, &m);
	return REFUSED_NOT;
}

/* How many deals one entry lets accrue: each queues signals, whose number an event has a bound of. */
enum { ACCRUE_AT_ONCE = 2000 };

/* Earnings and interest of the deals behind a key; a timer that is due at once goes on with the rest. */
static void accrue_after(struct turn *t, const char *key)
{
	const struct deal *d = tab_next(t->tabs, &DEAL_REC, key);
	char last[sizeof(d->id)] = "";
	for (int n = 0; d && n < ACCRUE_AT_ONCE; d = tab_next(t->tabs, &DEAL_REC, last)) {
		memcpy(last, d->id, sizeof(last));
		if (!deal_state_paid(d->state) || deal_state_final(d->state))
			continue;
		turn_signal(t, (struct signal){ .kind = SIGNAL_CALL, .code = "settlement.accrue", .deal = d->id, .text = "{}" });
		n++;
	}
	if (d)
		timer_set(t, t->stamp, "accrue", last, "", "");
}

/* A new day: earnings and interest accrue, windows and prices age. */
static void on_day(struct turn *t)
{
	accrue_after(t, "");
	feed_daily(t);
	engine_start_day(t);
}

static void on_silence(struct turn *t, const struct timer *timer)
{
	const struct gateway *g = tab_get(t->tabs, &GATEWAY_REC, timer->owner);
	if (g && g->last_at + silence_limit(t) > t->stamp)
		timer_set(t, g->last_at + silence_limit(t), "silence", g->id, "", "");
	else
		feed_on_silence(t, timer->owner);
}

static enum refusal on_tick(struct turn *t, const struct event_in *in)
{
	const struct ev_tick *b = in->body;
	const struct timer *found = tab_get(t->tabs, &TIMER_REC, b->timer);
	if (!found || found->due > t->stamp || found->paused)
		return turn_refuse(t, REFUSED_VALUE, "timer %s is not due", b->timer);
	struct timer timer = *found;
	tab_delete(t->tabs, &TIMER_REC, b->timer);
	if (strcmp(timer.kind, "day") == 0)
		on_day(t);
	else if (strcmp(timer.kind, "accrue") == 0)
		accrue_after(t, timer.owner);
	else if (strcmp(timer.kind, "silence") == 0)
		on_silence(t, &timer);
	else if (strcmp(timer.kind, "transfer") == 0)
		on_transfer_due(t, &timer);
	else if (strcmp(timer.kind, "suspense") == 0)
		on_suspense_due(t, &timer);
	else if (strcmp(timer.kind, "proposal") == 0)
		proposal_on_timer(t, &timer);
	else if (!identity_on_timer(t, &timer) && !asset_on_timer(t, &in->engine->workflow, &timer))
		workflow_on_timer(t, &in->engine->workflow, &timer);
	return REFUSED_NOT;
}

static enum refusal on_batch(struct turn *t, const struct event_in *in)
{
	const struct ev_batch *b = in->body;
	if (strcmp(b->gateway, t->actor) != 0)
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "a batch of %s signed by %s", b->gateway, t->actor);
	struct feed_batch batch = { b->gateway, b->sequence, b->from, b->to, b->readings, b->events, b->digest,
		b->root, blob_str(b->windows), blob_str(b->physical) };
	const struct gateway *gateway = tab_get(t->tabs, &GATEWAY_REC, b->gateway);
	bool first = gateway && (gateway->batches == 0 || gateway->cut);
	enum refusal r = feed_apply_batch(t, &batch);
	if (r != REFUSED_NOT)
		return r;
	/* One timer watches a gateway. It is not moved by each batch: when it is due it looks at what came. */
	if (first)
		timer_set(t, t->stamp + silence_limit(t), "silence", b->gateway, "", "");
	return REFUSED_NOT;
}

static enum refusal on_answer(struct turn *t, const struct event_in *in)
{
	const struct ev_answer *b = in->body;
	if (strcmp(b->source, t->actor_party) != 0)
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "an answer of %s signed by %s", b->source, t->actor);
	return feed_apply_answer(t, b->value, b->source, b->currency, b->amount, b->at);
}

/* An application whose first step stopped before there was a deal leaves nothing: it is refused by the name
 * that stopped it, and the contract's words stand in the turn's detail. */
static enum refusal request_opened(struct turn *t, const char *deal, const char *instance)
{
	char prefix[ID_MAX + 1];
	snprintf(prefix, sizeof(prefix), "%s/", instance);
	if (tab_get(t->tabs, &DEAL_REC, deal))
		return REFUSED_NOT;
	TAB_FOR(token, k, t->tabs, &TOKEN_REC, prefix) {
		enum refusal r = k->state == TOKEN_INCIDENT ? refusal_named(str_of(k->waits_for)) : REFUSED_NOT;
		if (r != REFUSED_NOT && r != REFUSAL_COUNT)
			return r;
	}
	return REFUSED_NOT;
}

static enum refusal on_request(struct turn *t, const struct event_in *in)
{
	const struct ev_data *b = in->body;
	const char *deal = in->envelope->deal;
	char instance[ID_MAX];
	if (!id_valid(str_of(deal), "DL"))
		return turn_refuse(t, REFUSED_VALUE, "an application names its deal as DL- and 26 characters, not \"%s\"", deal);
	if (tab_get(t->tabs, &DEAL_REC, deal))
		return turn_refuse(t, REFUSED_EXISTS, "deal %s", deal);
	enum refusal r = sender_applies(t, blob_str(b->data));
	if (r == REFUSED_NOT)
		r = sender_says(t, b->name, blob_str(b->data));
	if (r == REFUSED_NOT && in->signed_as & SIGNER_OPERATOR) {
		r = rights_check(t, ACT_OPEN, deal, 0, "");
		if (r == REFUSED_NOT)
			act_record(t, deal, "open", b->name);
	}
	if (r == REFUSED_NOT)
		r = workflow_start(t, &in->engine->workflow, b->name, deal, blob_str(b->data), instance);
	return r != REFUSED_NOT ? r : request_opened(t, deal, instance);
}

static enum refusal on_message(struct turn *t, const struct event_in *in)
{
	const struct ev_data *b = in->body;
	bool credit = strcmp(b->name, "bank.credit") == 0; /* money that names no deal */
	if (book_act_named(b->name))
		return on_book_act(t, in);
	if (!in->envelope->deal[0] && !credit)
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "message %s names no deal", b->name);
	enum refusal r = sender_tells(t, in, b->name);
	if (r == REFUSED_NOT)
		r = sender_says(t, b->name, blob_str(b->data));
	if (r == REFUSED_NOT && credit)
		r = contract_call(t, in->engine->contracts, "settlement.receipt", "", blob_str(b->data), NULL);
	else if (r == REFUSED_NOT && !receipt_message_again(t, in))
		workflow_message(t, &in->engine->workflow, b->name, in->envelope->deal, blob_str(b->data));
	return r;
}

static enum refusal on_reply(struct turn *t, const struct event_in *in)
{
	const struct ev_reply *b = in->body;
	enum refusal r = sender_answers(t, in, b);
	return r != REFUSED_NOT ? r : effect_reply(t, &in->engine->workflow, b->effect, b->code, blob_str(b->data));
}

static enum refusal on_task(struct turn *t, const struct event_in *in)
{
	const struct ev_task *b = in->body;
	const struct task *k = tab_get(t->tabs, &TASK_REC, b->task);
	if (k && k->state != TASK_DONE && k->state != TASK_WITHDRAWN && task_goes_out(k, b->decision)) {
		struct hash now = task_seen(t->tabs, k);
		if (!hash_eq(&now, &b->seen))
			return turn_refuse(t, REFUSED_TASK_VERSION, hash_is_zero(&b->seen) ? "the signature over %s does not say what was seen"
				: "%s is not as it was when it was signed", k->id);
	}
	return task_complete(t, b->task, b->version, b->decision, b->reason, blob_str(b->data));
}

static enum refusal on_claim(struct turn *t, const struct event_in *in)
{
	const struct ev_task *b = in->body;
	return task_claim(t, b->task, strcmp(b->decision, "give-back") == 0);
}

static enum refusal on_hold(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	enum refusal r = sender_concerned(t, in, b->object);
	return r != REFUSED_NOT ? r : hold_set(t, b->object, b->level, b->reason);
}

static enum refusal on_lift(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	enum refusal r = sender_concerned(t, in, b->object);
	return r != REFUSED_NOT ? r : hold_lift(t, b->object, b->reason);
}

static enum refusal on_compensate(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	if (!b->reason[0])
		return REFUSED_REASON_MISSING;
	if (!tab_get(t->tabs, &DEAL_REC, b->object))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s", b->object);
	enum refusal r = sender_concerned(t, in, b->object);
	if (r == REFUSED_NOT)
		r = rights_check(t, ACT_COMPENSATE, b->object, 0, "");
	if (r != REFUSED_NOT)
		return r;
	act_record(t, b->object, "compensate", b->reason);
	return workflow_compensate(t, &in->engine->workflow, b->object, b->reason);
}

static enum refusal on_raise(struct turn *t, const struct event_in *in)
{
	const struct ev_raise *b = in->body;
	const char *deal = in->envelope->deal;
	if (deal[0] && !tab_get(t->tabs, &DEAL_REC, deal))
		return turn_refuse(t, REFUSED_DEAL_UNKNOWN, "%s", deal);
	enum refusal r = sender_concerned(t, in, deal[0] ? deal : b->asset);
	if (r == REFUSED_NOT)
		r = rights_check(t, ACT_RAISE, deal, 0, "");
	if (r != REFUSED_NOT)
		return r;
	if (!alert_class_of(b->code))
		return turn_refuse(t, REFUSED_VALUE, "there is no alert class %s", b->code);
	alert_raise(t, b->code, deal, b->asset, b->amount, b->title, b->why, "", NULL);
	return REFUSED_NOT;
}

static enum refusal on_close(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	enum refusal r = sender_concerned(t, in, b->object);
	return r != REFUSED_NOT ? r : alert_close(t, b->object, b->outcome, b->reason);
}

static enum refusal on_verify(struct turn *t, const struct event_in *in)
{
	const struct ev_verify *b = in->body;
	const struct decision *found = tab_get(t->tabs, &DECISION_REC, b->decision);
	if (!found)
		return turn_refuse(t, REFUSED_VALUE, "there is no decision %s", b->decision);
	enum refusal r = rights_check(t, ACT_VERIFY, b->decision, 0, "");
	if (r != REFUSED_NOT)
		return r;
	struct decision d = *found;
	bool equal = hash_eq(&b->result, &d.result);
	d.verified += equal;
	d.differs += !equal;
	tab_put(t->tabs, &DECISION_REC, &d);
	act_record(t, b->decision, "verify", equal ? "equal" : "differs");
	turn_news(t, equal ? NEWS_PROOF : NEWS_DANGER, "", d.deal, equal ? "decision %s replayed, equal bit for bit"
		: "decision %s replayed and differs", id_tail(d.id));
	return REFUSED_NOT;
}

static enum refusal on_retry(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	enum refusal r = sender_concerned(t, in, b->object);
	if (r == REFUSED_NOT)
		r = rights_check(t, ACT_CASE, b->object, 0, "");
	return r != REFUSED_NOT ? r : workflow_retry(t, &in->engine->workflow, b->object);
}

static const struct {
	int number;
	event_handler handler;
} HANDLERS[] = {
	{ EVENT_GENESIS, on_genesis }, { EVENT_PARTY, on_party }, { EVENT_OPERATOR, on_operator },
	{ EVENT_REVOKE, on_revoke }, { EVENT_GATEWAY, on_gateway }, { EVENT_DEVICE, on_device },
	{ EVENT_SITE, on_site }, { EVENT_POLICY, on_policy }, { EVENT_PROCESS, on_process },
	{ EVENT_CONTRACT, on_contract }, { EVENT_LIMIT, on_limit }, { EVENT_OFFER, on_offer },
	{ EVENT_PROFILE, on_profile }, { EVENT_RULES, on_rules }, { EVENT_TICK, on_tick },
	{ EVENT_DEVICE_END, on_device_end }, { EVENT_ROTATE, on_rotate }, { EVENT_COMPROMISE, on_compromise }, { EVENT_RECOVER, on_recover },
	{ EVENT_STATUS, on_status }, { EVENT_EMERGENCY, on_emergency },
	{ EVENT_BATCH, on_batch }, { EVENT_ANSWER, on_answer }, { EVENT_REQUEST, on_request },
	{ EVENT_MESSAGE, on_message }, { EVENT_REPLY, on_reply }, { EVENT_TASK, on_task },
	{ EVENT_CLAIM, on_claim }, { EVENT_HOLD, on_hold }, { EVENT_LIFT, on_lift },
	{ EVENT_PROPOSE, on_propose }, { EVENT_ENDORSE, on_endorse }, { EVENT_WITHDRAW, on_withdraw },
	{ EVENT_COMPENSATE, on_compensate }, { EVENT_RAISE, on_raise }, { EVENT_CLOSE, on_close },
	{ EVENT_PUT, on_evidence_put }, { EVENT_GRANT, on_evidence_grant }, { EVENT_SHRED, on_evidence_shred },
	{ EVENT_READ, on_evidence_read }, { EVENT_VERIFY, on_verify }, { EVENT_RETRY, on_retry }, { EVENT_STOP_LIFT, on_stop_lift },
	{ EVENT_BANK, on_bank_message }, { EVENT_EXPORT, on_bank_export },
	{ EVENT_WITNESSED, on_witnessed }, { EVENT_EQUIVOCATION, on_equivocation },
	{ EVENT_SAY, on_sealed_say }, { EVENT_PRUNE, on_prune }, { EVENT_GIVE_UP, on_evidence_give_up },
	{ EVENT_ASSET, on_asset }, { EVENT_CERT, on_cert }, { EVENT_CERT_WITHDRAW, on_cert_withdraw },
};

event_handler event_handler_of(int number)
{
	for (size_t i = 0; i < sizeof(HANDLERS) / sizeof(HANDLERS[0]); i++)
		if (HANDLERS[i].number == number)
			return HANDLERS[i].handler;
	return NULL;
}
