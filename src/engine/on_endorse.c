/* Proposals: propose, endorse, proposal.withdraw, and how they fall (see engine/proposal.h).
 *
 * Must remain true: what is applied is exactly the envelope that was proposed, judged with all its signatures as if it had
 * come whole; nothing of an endorse that is refused stays; a closed proposal is never applied. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/instant.h"
#include "engine/proposal.h"

enum { ENDORSED_SIZE = 40, HOURS = 72, KEEP_DAYS = 30, OPEN_MOST = 64, CLOSED_MOST = 64 };

const char *const PROPOSAL_STATE_NAMES[] = { "open", "applied", "withdrawn", "fallen", "expired", NULL };

#define REC_SELF struct proposal
REC_TYPE(PROPOSAL_REC, 52, "proposal", PROPOSAL_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_propose
REC_TYPE(EV_PROPOSE_REC, 0, "propose", EV_PROPOSE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_endorse
REC_TYPE(EV_ENDORSE_REC, 0, "endorsement", EV_ENDORSE_FIELDS)
#undef REC_SELF
#define REC_SELF struct ev_withdraw
REC_TYPE(EV_WITHDRAW_REC, 0, "withdraw", EV_WITHDRAW_FIELDS)
#undef REC_SELF

/* --- what it is about --------------------------------------------------------------------------------------- */

static struct hash record_digest(const struct tabs *s, const struct rec_type *type, const char *key)
{
	struct hash h = { { 0 } };
	struct buf b = { 0 };
	const void *rec = tab_get(s, type, key);
	if (rec) {
		rec_encode(type, rec, &b);
		h = hash_of(b.ptr, b.len);
	}
	buf_free(&b);
	return h;
}

/* Terms and state of a deal; its value moves with every price and is not what is approved. */
static struct hash deal_digest(const struct tabs *s, const char *id)
{
	struct hash h = { { 0 } };
	const struct deal *d = tab_get(s, &DEAL_REC, id);
	if (d) {
		h = deal_terms(d);
		h.bytes[0] ^= (uint8_t)d->state;
	}
	return h;
}

/* What the engine itself counts on a limit is no change of it. */
static struct hash limit_digest(const struct tabs *s, const char *id)
{
	struct hash h = { { 0 } };
	struct buf b = { 0 };
	const struct limit *found = tab_get(s, &LIMIT_REC, id);
	if (found) {
		struct limit l = *found;
		l.used = l.reserved = 0;
		rec_encode(&LIMIT_REC, &l, &b);
		h = hash_of(b.ptr, b.len);
	}
	buf_free(&b);
	return h;
}

static struct hash process_digest(const struct tabs *s, const char *name)
{
	struct hash h = { { 0 } };
	char prefix[REC_KEY_MAX];
	snprintf(prefix, sizeof(prefix), "%.48s/", name);
	TAB_FOR(process, p, s, &PROCESS_REC, prefix)
		h = p->digest;
	return h;
}

static struct hash object_digest(const struct tabs *s, const char *object)
{
	static const struct {
		const char *prefix;
		const struct rec_type *type;
	} rows[] = { { "contract/", &CODE_REC }, { "operator/", &OPERATOR_REC }, { "stop/", &STOP_REC }, { "party/", &PARTY_REC } };
	const struct meta *m = tab_get(s, &META_REC, "state");
	struct hash none = { { 0 } };
	if (strcmp(object, "policy") == 0)
		return m ? m->policy_digest : none;
	if (strncmp(object, "deal/", 5) == 0)
		return deal_digest(s, object + 5);
	if (strncmp(object, "limit/", 6) == 0)
		return limit_digest(s, object + 6);
	if (strncmp(object, "process/", 8) == 0)
		return process_digest(s, object + 8);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(object, rows[i].prefix, strlen(rows[i].prefix)) == 0)
			return record_digest(s, rows[i].type, object + strlen(rows[i].prefix));
	return none;
}

/* --- the envelope within ------------------------------------------------------------------------------------ */

/* The envelope with the signatures that came as entries: they are judged like the others, and were verified as those
 * of the entries. */
static bool inner_of(const struct proposal *p, struct envelope *out)
{
	struct str endorsed = blob_str(p->endorsed);
	if (!envelope_decode_again(blob_str(p->envelope), out))
		return false;
	struct reader r = reader_of(endorsed.ptr, endorsed.len);
	for (size_t i = 0; i < endorsed.len / ENDORSED_SIZE && out->signature_count < ENVELOPE_SIGNATURES_MAX; i++) {
		struct envelope_signature *s = &out->signatures[out->signature_count++];
		memset(s, 0, sizeof(*s));
		memcpy(s->public_key, get_raw(&r, HASH_SIZE), HASH_SIZE);
		s->signed_at = get_i64(&r);
	}
	return true;
}

static void signers_words(const struct tabs *s, const struct envelope *env, char *out, size_t cap)
{
	size_t len = 0;
	out[0] = 0;
	for (size_t i = 0; i < env->signature_count && len < cap - 1; i++) {
		struct hash key;
		memcpy(key.bytes, env->signatures[i].public_key, HASH_SIZE);
		const struct keyrec *k = keyring_find(s, &key);
		int n = snprintf(out + len, cap - len, "%s%s", i ? ", " : "", k ? k->holder : "?");
		len += n > 0 ? (size_t)n : 0;
	}
}

static bool proposable(int kind)
{
	return kind != EVENT_GENESIS && kind != EVENT_TICK && kind != EVENT_BATCH && kind != EVENT_ANSWER && kind != EVENT_REPLY
		&& kind != EVENT_PROPOSE && kind != EVENT_ENDORSE && kind != EVENT_WITHDRAW;
}

static enum refusal proposal_free(struct turn *t, const struct hash *content)
{
	int open = 0;
	TAB_FOR(proposal, p, t->tabs, &PROPOSAL_REC, "") {
		if (p->state != PROPOSAL_OPEN)
			continue;
		if (hash_eq(&p->content, content))
			return turn_refuse(t, REFUSED_EXISTS, "it is proposed already, %s", p->id);
		open += strcmp(p->party, t->actor_party) == 0;
	}
	return open < OPEN_MOST ? REFUSED_NOT : turn_refuse(t, REFUSED_VALUE, "%s has %d proposals open", t->actor_party, open);
}

/* A party's closed proposals leave before their time when there are too many: the ledger has them. */
static void proposals_trim(struct turn *t)
{
	const struct proposal *oldest = NULL;
	int closed = 0;
	char id[sizeof(((struct proposal *)0)->id)];
	TAB_FOR(proposal, p, t->tabs, &PROPOSAL_REC, "") {
		if (p->state == PROPOSAL_OPEN || strcmp(p->party, t->actor_party) != 0)
			continue;
		oldest = !oldest || p->closed_at < oldest->closed_at ? p : oldest;
		closed++;
	}
	if (closed < CLOSED_MOST)
		return;
	memcpy(id, oldest->id, sizeof(id));
	timer_clear(t, id, NULL);
	tab_delete(t->tabs, &PROPOSAL_REC, id);
}

/* What the envelope would be refused for now, but for the signatures that it lacks. */
static enum refusal propose_try(struct turn *t, const struct event_in *in, const struct envelope *env, struct event_in *inner)
{
	struct acting sender = acting_of(t);
	struct turn_mark mark = turn_mark(t);
	*inner = (struct event_in){ .engine = in->engine, .envelope = env, .content = envelope_content_hash(env), .trial = true };
	enum refusal r = engine_event(t, env, inner);
	turn_rollback(t, mark);
	acting_restore(t, &sender);
	if (r == REFUSED_NOT)
		return turn_refuse(t, REFUSED_VALUE, "a %s with these signatures lacks nobody: send it as it is", inner->kind->name);
	return r == REFUSED_ENDORSEMENTS_FEW ? REFUSED_NOT : r;
}

enum refusal on_propose(struct turn *t, const struct event_in *in)
{
	const struct ev_propose *b = in->body;
	struct envelope env;
	struct event_in inner;
	struct fault fault;
	struct about about;
	if (envelope_decode(blob_str(b->envelope), &env, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_BODY_MALFORMED, "%.200s", fault.text);
	enum refusal r = envelope_verify_signatures(&env, NULL);
	if (r != REFUSED_NOT)
		return r;
	if (!proposable(env.kind))
		return turn_refuse(t, REFUSED_VALUE, "this kind of event is not proposed");
	r = propose_try(t, in, &env, &inner);
	if (r == REFUSED_NOT)
		r = proposal_free(t, &inner.content);
	if (r != REFUSED_NOT)
		return r;
	proposals_trim(t);
	struct proposal p = { .content = inner.content, .opened_at = t->stamp, .envelope = b->envelope };
	about_event(t->tabs, &env, inner.kind, inner.body, &about);
	turn_id(t, "PR", p.id);
	str_copy(p.kind, sizeof(p.kind), str_of(inner.kind->name));
	str_copy(p.deal, sizeof(p.deal), str_of(about.deal));
	memcpy(p.party, t->actor_party, sizeof(p.party));
	memcpy(p.object, about.object, sizeof(p.object));
	p.digest = object_digest(t->tabs, p.object);
	signers_words(t->tabs, &env, p.signers, sizeof(p.signers));
	str_copy(p.author, sizeof(p.author), str_of(t->actor));
	memcpy(p.missing, inner.missing, sizeof(p.missing));
	memcpy(p.note, b->note, sizeof(p.note));
	p.until = t->stamp + policy_int(t->tabs, "proposal.hours", HOURS) * INSTANT_HOUR;
	tab_put(t->tabs, &PROPOSAL_REC, &p);
	engine_reserve(t, &env, &inner.content, p.id);
	timer_set(t, p.until, "proposal", p.id, "", p.deal);
	turn_news(t, NEWS_WAIT, "", p.deal, "%s proposed, waits for %s", p.kind, p.missing);
	return REFUSED_NOT;
}

/* --- endorsing ---------------------------------------------------------------------------------------------- */

static void proposal_close(struct turn *t, const struct proposal *found, enum proposal_state state)
{
	struct proposal p = *found;
	struct envelope env;
	if (state != PROPOSAL_APPLIED && inner_of(found, &env))
		engine_unreserve(t, &env, found->id);
	p.state = state;
	p.closed_at = t->stamp;
	p.entry = (int64_t)t->number;
	p.envelope = p.endorsed = blob_in(t->scratch, "", 0); /* they are on the ledger; a closed one is not applied */
	if (state == PROPOSAL_APPLIED)
		memset(p.missing, 0, sizeof(p.missing));
	tab_put(t->tabs, &PROPOSAL_REC, &p);
	timer_set(t, t->stamp + policy_int(t->tabs, "proposal.keep_days", KEEP_DAYS) * INSTANT_DAY, "proposal", p.id, "", p.deal);
}

static enum refusal proposal_open(struct turn *t, const char *id, const struct proposal **out)
{
	const struct proposal *p = *out = tab_get(t->tabs, &PROPOSAL_REC, id);
	if (!p)
		return turn_refuse(t, REFUSED_VALUE, "there is no proposal %s", id);
	if (p->state == PROPOSAL_FALLEN)
		return turn_refuse(t, REFUSED_TASK_VERSION, "%s changed since it was proposed", p->object);
	if (p->state != PROPOSAL_OPEN || p->until <= t->stamp)
		return turn_refuse(t, REFUSED_PROPOSAL_OVER, "%s is %s", p->id, p->state == PROPOSAL_OPEN ? "past its time"
			: PROPOSAL_STATE_NAMES[p->state]);
	return REFUSED_NOT;
}

/* Adds the sender's endorsement, or the signature that he hands in, to p and env. */
static enum refusal endorse_add(struct turn *t, const struct ev_endorse *b, struct proposal *p, struct envelope *env)
{
	struct str signature = blob_str(b->signature), before = blob_str(p->endorsed);
	struct envelope_signature s = { .signed_at = t->signed_at };
	struct fault fault;
	struct buf bytes = { 0 };
	memcpy(s.public_key, signature.len ? b->key.bytes : t->signer.bytes, HASH_SIZE);
	for (size_t i = 0; i < env->signature_count; i++)
		if (memcmp(env->signatures[i].public_key, s.public_key, HASH_SIZE) == 0)
			return turn_refuse(t, REFUSED_ENDORSER_TWICE, "this key has signed %s", p->id);
	if (env->signature_count == ENVELOPE_SIGNATURES_MAX)
		return turn_refuse(t, REFUSED_VALUE, "%s has %d signatures", p->id, ENVELOPE_SIGNATURES_MAX);
	if (!signature.len) {
		buf_str(&bytes, before);
		put_raw(&bytes, s.public_key, HASH_SIZE);
		put_i64(&bytes, s.signed_at);
		p->endorsed = blob_in(t->scratch, bytes.ptr, bytes.len);
		buf_free(&bytes);
		env->signatures[env->signature_count++] = s;
		return REFUSED_NOT;
	}
	if (signature.len != ENVELOPE_SIGNATURE_SIZE)
		return turn_refuse(t, REFUSED_SIGNATURE, "a signature has %d bytes", ENVELOPE_SIGNATURE_SIZE);
	struct envelope whole;
	s.signed_at = b->signed_at;
	memcpy(s.signature, signature.ptr, ENVELOPE_SIGNATURE_SIZE);
	if (!envelope_decode_again(blob_str(p->envelope), &whole) || envelope_add_signature(&whole, &s, &fault) != ERR_OK)
		return turn_refuse(t, REFUSED_SIGNATURE, "it was not made over %s", p->id);
	if (envelope_encode(&whole, &bytes, &fault) == ERR_OK)
		p->envelope = blob_in(t->scratch, bytes.ptr, bytes.len);
	buf_free(&bytes);
	env->signatures[env->signature_count++] = s;
	return REFUSED_NOT;
}

/* Only those whom a policy asks for endorse. */
static enum refusal endorse_asked(struct turn *t, const struct envelope *env, const struct event_in *inner)
{
	const struct envelope_signature *s = &env->signatures[env->signature_count - 1];
	struct endorser e;
	struct about about;
	struct hash key;
	memcpy(key.bytes, s->public_key, HASH_SIZE);
	endorser_of_key(t->tabs, &key, &e);
	const struct keyrec *k = keyring_find(t->tabs, &key);
	e.offices = endorse_offices(t->tabs, k ? k->holder : "");
	about_event(t->tabs, env, inner->kind, inner->body, &about);
	return endorse_asks(t->tabs, &about, inner->kind, &e) ? REFUSED_NOT
		: turn_refuse(t, REFUSED_ROLE, "%s is none of those who endorse this", k ? k->holder : "the signer");
}

/* Endorsers who may no longer sign since they did are left out, so that they hold up nobody. The author stays: without him
 * there is no event. */
static void endorsers_left(struct turn *t, struct envelope *env)
{
	const struct event_kind *kind = event_kind_of(env->kind);
	size_t kept = 1;
	for (size_t i = 1; i < env->signature_count; i++) {
		const struct keyrec *k;
		if (signer_judge(t, &env->signatures[i], kind, &k) == REFUSED_NOT)
			env->signatures[kept++] = env->signatures[i];
	}
	env->signature_count = kept;
	t->detail[0] = 0;
}

enum refusal on_endorse(struct turn *t, const struct event_in *in)
{
	const struct ev_endorse *b = in->body;
	const struct proposal *found;
	struct acting sender = acting_of(t);
	struct envelope env;
	enum refusal r = proposal_open(t, b->proposal, &found);
	if (r != REFUSED_NOT)
		return r;
	struct proposal p = *found;
	struct hash now = object_digest(t->tabs, p.object);
	if (!hash_eq(&p.content, &b->content))
		return turn_refuse(t, REFUSED_SIGNATURE, "%s has another content", p.id);
	if (!hash_eq(&now, &p.digest))
		return turn_refuse(t, REFUSED_TASK_VERSION, "%s changed since it was proposed", p.object);
	if (!inner_of(&p, &env))
		return REFUSED_BODY_MALFORMED;
	endorsers_left(t, &env);
	r = endorse_add(t, b, &p, &env);
	if (r != REFUSED_NOT)
		return r;
	struct event_in inner = { .engine = in->engine, .envelope = &env, .content = p.content };
	str_copy(inner.proposal, sizeof(inner.proposal), str_of(p.id));
	struct turn_mark mark = turn_mark(t);
	r = engine_event(t, &env, &inner);
	if (r != REFUSED_NOT && (r != REFUSED_ENDORSEMENTS_FEW || inner.endorsed))
		return r;
	if (r != REFUSED_NOT) {
		turn_rollback(t, mark);
		acting_restore(t, &sender);
		r = endorse_asked(t, &env, &inner);
	}
	if (r != REFUSED_NOT)
		return r;
	signers_words(t->tabs, &env, p.signers, sizeof(p.signers));
	memcpy(p.missing, inner.missing, sizeof(p.missing));
	tab_put(t->tabs, &PROPOSAL_REC, &p);
	if (inner.endorsed) {
		proposal_close(t, &p, PROPOSAL_APPLIED);
		turn_news(t, NEWS_OK, sender.actor, p.deal, "%s endorsed: applied", p.kind);
	} else {
		turn_news(t, NEWS_WAIT, sender.actor, p.deal, "%s endorsed, waits for %s", p.kind, p.missing);
	}
	return REFUSED_NOT;
}

enum refusal on_withdraw(struct turn *t, const struct event_in *in)
{
	const struct ev_withdraw *b = in->body;
	const struct proposal *p;
	enum refusal r = proposal_open(t, b->proposal, &p);
	if (r != REFUSED_NOT)
		return r;
	if (strcmp(p->party, t->actor_party) != 0)
		return turn_refuse(t, REFUSED_ROLE, "%s proposed it and may withdraw it", p->party[0] ? p->party : p->author);
	proposal_close(t, p, PROPOSAL_WITHDRAWN);
	turn_news(t, NEWS_UNDONE, "", p->deal, "proposal of a %s withdrawn%s%s", p->kind, b->reason[0] ? ": " : "", b->reason);
	return REFUSED_NOT;
}

/* --- by themselves ------------------------------------------------------------------------------------------ */

void proposals_turn(struct turn *t)
{
	char key[REC_KEY_MAX] = "";
	for (const struct proposal *p = tab_first(t->tabs, &PROPOSAL_REC, ""); p; p = tab_next(t->tabs, &PROPOSAL_REC, key)) {
		memcpy(key, p->id, sizeof(p->id));
		if (p->state != PROPOSAL_OPEN || !p->object[0])
			continue;
		struct hash now = object_digest(t->tabs, p->object);
		if (hash_eq(&now, &p->digest))
			continue;
		turn_news(t, NEWS_WARN, "engine", p->deal, "proposal of a %s falls: %s changed", p->kind, p->object);
		proposal_close(t, p, PROPOSAL_FALLEN);
	}
}

void proposal_on_timer(struct turn *t, const struct timer *timer)
{
	const struct proposal *p = tab_get(t->tabs, &PROPOSAL_REC, timer->owner);
	if (p && p->state == PROPOSAL_OPEN) {
		turn_news(t, NEWS_WARN, "engine", p->deal, "proposal of a %s expires, it waited for %s", p->kind, p->missing);
		proposal_close(t, p, PROPOSAL_EXPIRED);
	} else if (p) {
		tab_delete(t->tabs, &PROPOSAL_REC, timer->owner);
	}
}

/* --- for screens -------------------------------------------------------------------------------------------- */

bool proposal_waits_for(const struct tabs *s, const struct proposal *p, const char *operator_id)
{
	const struct operator *o = tab_get(s, &OPERATOR_REC, operator_id);
	struct arena a = { 0 };
	struct envelope env;
	struct endorser e;
	struct about about;
	if (p->state != PROPOSAL_OPEN || !o || !inner_of(p, &env))
		return false;
	for (size_t i = 0; i < env.signature_count; i++)
		if (memcmp(env.signatures[i].public_key, o->key.bytes, HASH_SIZE) == 0)
			return false;
	const struct event_kind *kind = event_kind_of(env.kind);
	void *body = arena_zero(&a, kind->body->size);
	bool asks = false;
	if (rec_decode(kind->body, env.body, body, &a)) {
		endorser_of_key(s, &o->key, &e);
		e.offices = endorse_offices(s, operator_id);
		about_event(s, &env, kind, body, &about);
		asks = endorse_asks(s, &about, kind, &e);
	}
	arena_free(&a);
	return asks;
}

void proposal_words(const struct tabs *s, const struct proposal *p, char *out, size_t cap)
{
	struct arena a = { 0 };
	struct envelope env;
	const struct event_kind *kind = inner_of(p, &env) ? event_kind_of(env.kind) : NULL;
	struct ev_task *body = kind && kind->number == EVENT_TASK ? arena_zero(&a, kind->body->size) : NULL;
	const struct task *task = body && rec_decode(kind->body, env.body, body, &a) ? tab_get(s, &TASK_REC, body->task) : NULL;
	if (task)
		snprintf(out, cap, "%s %s %s", body->decision, task->step, task->title);
	else
		/* "stop/NOORDZEE/CT-3": the words say already that it is a stop */
		snprintf(out, cap, "%s: %s", kind ? kind->words : p->kind, strchr(p->object, '/') ? strchr(p->object, '/') + 1 : p->object);
	arena_free(&a);
}
