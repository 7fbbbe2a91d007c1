/* The state root and engine_step. See engine/engine.h.
 *
 * Order of work in a step: decode, who signs, seen before?, handler, signals until quiet, one look at
 * the task pool, outcome digest, entry. A refusal anywhere before the digest takes everything back to
 * the start of the event and leaves one line of news. */
#include "engine/retention.h"
#include "engine_int.h"
#include "engine/witnessed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/proposal.h"
#include "base/codec.h"
#include "base/instant.h"
#include "ledger/period.h"
#include "contract/assets.h"
#include "contract/totals.h"
#include "schedule/pool.h"

#define REC_SELF struct meta
REC_TYPE(META_REC, 50, "meta", META_FIELDS)
#undef REC_SELF
#define REC_SELF struct seen
REC_TYPE(SEEN_REC, 51, "seen", SEEN_FIELDS)
#undef REC_SELF

const struct rec_type *const STATE_TYPES[] = { &NEWS_REC, &PARTY_REC, &OPERATOR_REC, &DEVICE_REC,
	&GATEWAY_REC, &SITE_REC, &ACT_REC, &ACCOUNT_REC, &DEALBAL_REC, &JOURNAL_REC, &POSTING_REC, &SERIES_REC,
	&WINDOW_REC, &BATCH_REC, &PHYSICAL_REC, &QUOTE_REC, &VALUE_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC,
	&TOKEN_NOTE_REC, &LOT_REC, &RECEIPT_REC, &PLEDGE_REC, &LIMIT_REC, &PROOF_REC, &PAYMENT_REC, &OFFER_REC,
	&CODE_REC, &PARAM_REC, &SCORE_REC, &PROFILE_REC,
	&DOCUMENT_REC, &HANDOVER_REC, &BILL_REC, &CERT_REC, &TASK_REC, &DECISION_REC, &SEAT_REC, &POOL_REC, &ALERT_REC,
	&HOLD_REC, &ITEM_REC, &GRANT_REC, &ITEM_PLACE_REC, &SEALED_REC, &PROCESS_REC, &INSTANCE_REC, &TOKEN_REC, &TIMER_REC, &STEP_REC, &VARIABLE_REC, &INBOX_REC,
	&EFFECT_REC, &ENDORSE_REC, &META_REC, &SEEN_REC, &PERIOD_REC, &SWEEP_REC, &MARK_REC, &PROPOSAL_REC,
	&KEYREC_REC, &EMERGENCY_REC, &TRANSFER_REC, &STOP_REC, &TALLY_REC, &STATEMENT_REC, &BANK_ORDER_REC, &EXPORTED_REC, &WITNESSED_REC, &EQUIVOCATION_REC };
const size_t STATE_TYPE_COUNT = sizeof(STATE_TYPES) / sizeof(STATE_TYPES[0]);

struct engine *engine_new(void)
{
	struct engine *e = calloc(1, sizeof(*e));
	CHECK(e, "out of memory");
	e->tabs = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	e->tree = merkle_new();
	e->link = entry_link_start();
	e->contracts = contracts_new();
	e->workflow.processes = processes_new();
	e->workflow.contracts = e->contracts;
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	tabs_free(e->tabs);
	merkle_free(e->tree);
	processes_free(e->workflow.processes);
	contracts_free(e->contracts);
	arena_free(&e->scratch);
	free(e);
}

const struct tabs *engine_tabs(const struct engine *e) { return e->tabs; }
struct tabs *engine_tabs_mutable(struct engine *e) { return e->tabs; }
const struct merkle *engine_tree(const struct engine *e) { return e->tree; }
struct merkle *engine_tree_mutable(struct engine *e) { return e->tree; }
const struct entry_link *engine_link(const struct engine *e) { return &e->link; }
struct hash engine_digest(const struct engine *e) { return tabs_digest(e->tabs); }
struct workflow *engine_workflow(struct engine *e) { return &e->workflow; }

const struct meta *engine_meta(const struct engine *e)
{
	return tab_get(e->tabs, &META_REC, "state");
}

static struct hash meta_ledger(const struct meta *m)
{
	return m ? m->ledger : (struct hash){ { 0 } };
}

struct hash engine_ledger(const struct tabs *s)
{
	return meta_ledger(tab_get(s, &META_REC, "state"));
}

/* One and the same key may be registered with two ledgers: what it signed for one is not replayed on the other. */
static enum refusal ledger_check(const struct meta *m, const struct envelope *env, char why[TURN_DETAIL_MAX])
{
	enum { SHOWN = 4 };
	const struct hash here = meta_ledger(env->kind == EVENT_GENESIS ? NULL : m);
	char named[HASH_HEX_MAX], ours[HASH_HEX_MAX];
	if (hash_eq(&env->ledger, &here))
		return REFUSED_NOT;
	hex_of(env->ledger.bytes, SHOWN, named);
	if (env->kind == EVENT_GENESIS)
		snprintf(why, TURN_DETAIL_MAX, "a genesis names none, this one names %s", named);
	else
		snprintf(why, TURN_DETAIL_MAX, "it names %s, this is %s", named, hex_of(here.bytes, SHOWN, ours));
	return REFUSED_OTHER_LEDGER;
}

enum refusal engine_known(const struct engine *e, struct str bytes, char why[TURN_DETAIL_MAX])
{
	struct envelope env;
	struct hash key;
	const struct meta *m = engine_meta(e);
	if (!envelope_decode_again(bytes, &env) || !env.signature_count)
		return REFUSED_NOT;
	if (ledger_check(m, &env, why) != REFUSED_NOT)
		return REFUSED_OTHER_LEDGER;
	if (!m)
		return REFUSED_NOT;
	memcpy(key.bytes, env.signatures[0].public_key, HASH_SIZE);
	if (keyring_find(e->tabs, &key))
		return REFUSED_NOT;
	snprintf(why, TURN_DETAIL_MAX, "%.80s", env.sender);
	return REFUSED_SIGNER_UNKNOWN;
}

enum refusal engine_admit(const struct engine *e, struct str bytes, char why[TURN_DETAIL_MAX])
{
	struct envelope env;
	struct hash content;
	enum refusal r = engine_admit_as(bytes, &env, &content, why);
	return r == REFUSED_NOT && e ? engine_known(e, bytes, why) : r;
}

enum refusal engine_admit_as(struct str bytes, struct envelope *env, struct hash *content, char why[TURN_DETAIL_MAX])
{
	struct fault fault;
	size_t bad = 0;
	why[0] = 0;
	if (envelope_decode_content(bytes, env, content, &fault) != ERR_OK) {
		snprintf(why, TURN_DETAIL_MAX, "%.*s", TURN_DETAIL_MAX - 1, fault.text);
		return REFUSED_BODY_MALFORMED;
	}
	const struct event_kind *kind = event_kind_of(env->kind);
	if (!kind) {
		snprintf(why, TURN_DETAIL_MAX, "kind %u", (unsigned)env->kind);
		return REFUSED_KIND_UNKNOWN;
	}
	enum refusal r = envelope_verify_content(env, content, &bad);
	if (r != REFUSED_NOT) {
		snprintf(why, TURN_DETAIL_MAX, "signature %zu of a %s from %s", bad + 1, kind->name, env->sender);
		return r;
	}
	struct arena scratch = { 0 };
	void *body = arena_zero(&scratch, kind->body->size);
	bool decodes = rec_decode(kind->body, env->body, body, &scratch);
	arena_free(&scratch);
	if (!decodes) {
		snprintf(why, TURN_DETAIL_MAX, "body of a %s from %s", kind->name, env->sender);
		return REFUSED_BODY_MALFORMED;
	}
	return REFUSED_NOT;
}

/* Kinds that carry a sequence of their own are not remembered by key. */
static bool engine_remembers(int kind)
{
	return kind != EVENT_TICK && kind != EVENT_BATCH && kind != EVENT_ANSWER && kind != EVENT_GENESIS;
}

static char *seen_key(const struct envelope *env, char out[sizeof(((struct seen *)0)->id)])
{
	char hex[2 * ENVELOPE_KEY_SIZE + 1];
	return str_path(out, sizeof(((struct seen *)0)->id), env->sender, hex_of(env->key, ENVELOPE_KEY_SIZE, hex));
}

static void seen_begin(const struct envelope *env, const struct hash *content, struct seen *out)
{
	memset(out, 0, sizeof(*out));
	seen_key(env, out->id);
	out->content = *content;
}

void engine_reserve(struct turn *t, const struct envelope *env, const struct hash *content, const char *proposal)
{
	struct seen s;
	seen_begin(env, content, &s);
	s.entry = (int64_t)t->number;
	str_copy(s.proposal, sizeof(s.proposal), str_of(proposal));
	tab_put(t->tabs, &SEEN_REC, &s);
}

void engine_unreserve(struct turn *t, const struct envelope *env, const char *proposal)
{
	char id[sizeof(((struct seen *)0)->id)];
	const struct seen *found = tab_get(t->tabs, &SEEN_REC, seen_key(env, id));
	if (found && strcmp(found->proposal, proposal) == 0)
		tab_delete(t->tabs, &SEEN_REC, id);
}

static enum refusal engine_seen(struct turn *t, const struct envelope *env, const struct event_in *in, enum refusal verdict)
{
	struct seen s;
	seen_begin(env, &in->content, &s);
	const struct seen *before = tab_get(t->tabs, &SEEN_REC, s.id);
	bool waits = before && before->proposal[0] && hash_eq(&before->content, &s.content);
	if (waits && strcmp(before->proposal, in->proposal) != 0)
		return turn_refuse(t, REFUSED_EXISTS, "it is proposed, %s: endorse or withdraw that", before->proposal);
	if (before && !waits)
		return turn_refuse(t, hash_eq(&before->content, &s.content) ? REFUSED_DUPLICATE
			: REFUSED_IDEMPOTENCY_CONFLICT, "it is entry %lld", (long long)before->entry);
	s.entry = (int64_t)t->number;
	if (verdict != REFUSED_NOT)
		str_copy(s.verdict, sizeof(s.verdict), str_of(refusal_name(verdict)));
	tab_put(t->tabs, &SEEN_REC, &s);
	return REFUSED_NOT;
}

bool engine_repeat(const struct engine *e, struct str envelope, uint64_t *entry, enum refusal *verdict)
{
	struct envelope env;
	char id[sizeof(((struct seen *)0)->id)];
	if (!envelope_decode_again(envelope, &env) || !engine_remembers(env.kind))
		return false;
	const struct seen *s = tab_get(e->tabs, &SEEN_REC, seen_key(&env, id));
	struct hash content = s ? envelope_content_hash(&env) : (struct hash){ { 0 } };
	if (!s || s->proposal[0] || !hash_eq(&s->content, &content))
		return false;
	*entry = (uint64_t)s->entry;
	*verdict = s->verdict[0] ? refusal_named(str_of(s->verdict)) : REFUSED_NOT;
	return true;
}

enum refusal engine_event(struct turn *t, const struct envelope *env, struct event_in *in)
{
	struct engine *e = in->engine;
	in->kind = event_kind_of(env->kind);
	if (!in->kind)
		return REFUSED_KIND_UNKNOWN;
	str_copy(t->kind, sizeof(t->kind), str_of(in->kind->name));
	void *body = arena_zero(&e->scratch, in->kind->body->size);
	if (!rec_decode(in->kind->body, env->body, body, &e->scratch))
		return REFUSED_BODY_MALFORMED;
	in->body = body;
	const struct meta *m = engine_meta(e);
	if (!m && env->kind != EVENT_GENESIS)
		return REFUSED_BEFORE_GENESIS;
	if (m && env->kind == EVENT_GENESIS)
		return REFUSED_GENESIS_TWICE;
	enum refusal r = ledger_check(m, env, t->detail);
	if (r != REFUSED_NOT)
		return r;
	t->rules = m ? m->rules : ENGINE_RULES;
	r = engine_signer(t, env, in);
	if (r != REFUSED_NOT)
		return r;
	if (!(in->signed_as & in->kind->signers))
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "%s may not sign a %s", t->actor, in->kind->name);
	r = sender_check(t, env);
	if (r == REFUSED_NOT && engine_remembers(env->kind))
		r = engine_seen(t, env, in, REFUSED_NOT);
	if (r == REFUSED_NOT)
		r = endorse_check(t, in);
	if (r != REFUSED_NOT || in->trial)
		return r;
	in->endorsed = true;
	/* A person decides at a moment: what was refused then may not be sent again later by whoever has the bytes.
	 * What parties and administrators said may come again when it was too early. */
	in->heard = (in->signed_as & SIGNER_OPERATOR) != 0 && engine_remembers(env->kind);
	event_handler handler = event_handler_of(env->kind);
	CHECK(handler, "every event kind has a handler");
	r = handler(t, in);
	if (r == REFUSED_NOT)
		endorse_done(t, in);
	return r;
}

static enum refusal engine_apply(struct engine *e, struct turn *t, const struct envelope *env,
	struct event_in *in, size_t *signals)
{
	enum refusal r = engine_event(t, env, in);
	if (r == REFUSED_NOT)
		r = engine_drain(e, t, signals);
	if (r != REFUSED_NOT)
		return r;
	schedule_turn(t, in->kind->name);
	r = engine_drain(e, t, signals);
	/* What a broken total stops is told to risk; that changes no sum that the totals look at. */
	if (r == REFUSED_NOT && totals_turn(t))
		r = engine_drain(e, t, signals);
	if (r == REFUSED_NOT)
		proposals_turn(t);
	return r;
}

static void engine_refused(struct turn *t, enum refusal r)
{
	turn_news(t, NEWS_REFUSED, "", "", "%s: %s", refusal_name(r),
		t->detail[0] ? t->detail : refusal_sentence(r));
}

static bool engine_decode(const struct engine_in *in, struct envelope *env, struct hash *content)
{
	bool decodes;
	if (in->digests) {
		*content = in->digests->content;
		return envelope_decode_again(in->envelope, env);
	}
	decodes = in->admitted ? envelope_decode_again_content(in->envelope, env, content)
		: envelope_decode_content(in->envelope, env, content, NULL) == ERR_OK;
	if (!decodes)
		*content = hash_of(in->envelope.ptr, in->envelope.len);
	return decodes;
}

/* Whether two entries over one envelope have the same leaf. */
static bool entry_same(const struct entry *a, const struct entry *b)
{
	return a->number == b->number && a->epoch == b->epoch && a->stamp == b->stamp && hash_eq(&a->seed, &b->seed)
		&& hash_eq(&a->prev, &b->prev) && hash_eq(&a->outcome, &b->outcome) && strcmp(a->verdict, b->verdict) == 0;
}

static void engine_digests(const struct engine_in *in, const struct hash *content, struct engine_out *out)
{
	if (!in->digests) {
		CHECK(entry_digest(&out->entry, content, &out->digests, NULL), "an admitted envelope digests");
		return;
	}
	out->digests = *in->digests;
	if (!entry_same(in->said, &out->entry))
		entry_digest_place(&out->entry, &out->digests);
}

void engine_step(struct engine *e, const struct engine_in *in, struct engine_out *out)
{
	struct envelope env;
	struct event_in event = { .engine = e, .envelope = &env };
	struct turn t;
	CHECK(in->stamp > e->link.stamp || e->link.next == 0, "stamps rise");
	arena_reset(&e->scratch);
	memset(out, 0, sizeof(*out));
	struct hash content;
	bool decodes = engine_decode(in, &env, &content);
	turn_begin(&t, e->tabs, &e->scratch, e->link.next, in->stamp, &content);
	event.content = content;
	struct turn_mark begin = turn_mark(&t);
	out->verdict = decodes ? engine_apply(e, &t, &env, &event, &out->signals) : REFUSED_BODY_MALFORMED;
	if (out->verdict != REFUSED_NOT) {
		tab_rollback(e->tabs, begin.tabs);
		t.lines = 0;
		t.evidence = NULL;
		char detail[TURN_DETAIL_MAX];
		memcpy(detail, t.detail, sizeof(detail));
		if (event.heard)
			CHECK(engine_seen(&t, &env, &event, out->verdict) == REFUSED_NOT, "its key was free before");
		memcpy(t.detail, detail, sizeof(detail));
		engine_refused(&t, out->verdict);
	}
	retention_turn(&t);
	if (out->verdict != REFUSED_NOT) /* a call inside an event that was done may have been refused: that is news */
		memcpy(out->detail, t.detail, sizeof(out->detail));
	out->evidence = t.evidence;
	out->entry = (struct entry){ .number = e->link.next, .epoch = in->epoch, .stamp = in->stamp,
		.seed = content, .prev = e->link.chain, .envelope = in->envelope,
		.outcome = tab_changes_digest(e->tabs) };
	str_copy(out->entry.verdict, sizeof(out->entry.verdict), str_of(refusal_name(out->verdict)));
	tab_commit(e->tabs);
	engine_digests(in, &content, out);
	merkle_append(e->tree, &out->digests.leaf);
	e->link = (struct entry_link){ out->entry.number + 1, in->epoch, in->stamp, out->digests.chain };
}

int64_t engine_next_stamp(const struct engine *e, int64_t now)
{
	if (e->link.next == 0 || now > e->link.stamp)
		return now;
	return e->link.stamp + 1;
}

int64_t engine_next_due(const struct engine *e)
{
	const struct timer *next = timer_next(e->tabs);
	return next ? next->due : INSTANT_NONE;
}

bool engine_tick(const struct engine *e, int64_t now, struct arena *a, struct envelope *out)
{
	const struct timer *next = timer_next(e->tabs);
	const struct meta *m = engine_meta(e);
	struct ev_tick tick;
	if (!next || !m || next->due > now)
		return false;
	memset(&tick, 0, sizeof(tick));
	snprintf(tick.timer, sizeof(tick.timer), "%s", next->id);
	event_envelope(a, EVENT_TICK, m->book, next->deal, next->due, &tick, NULL, out);
	out->ledger = m->ledger;
	return true;
}

void engine_snapshot(const struct engine *e, struct buf *out)
{
	put_u64(out, e->link.next);
	put_u64(out, e->link.epoch);
	put_i64(out, e->link.stamp);
	put_raw(out, e->link.chain.bytes, HASH_SIZE);
	struct hash root = merkle_root(e->tree);
	put_raw(out, root.bytes, HASH_SIZE);
	struct buf edge = { 0 };
	merkle_edge(e->tree, &edge);
	put_str(out, buf_view(&edge));
	buf_free(&edge);
	tabs_snapshot(e->tabs, out);
}

static bool restore_all(struct engine *e, struct str snapshot, uint64_t count)
{
	struct reader r = reader_of(snapshot.ptr, snapshot.len);
	struct entry_link link = { .next = get_u64(&r) };
	link.epoch = get_u64(&r);
	link.stamp = get_i64(&r);
	const uint8_t *chain = get_raw(&r, HASH_SIZE), *root = get_raw(&r, HASH_SIZE);
	struct str edge = get_bytes(&r);
	if (r.bad || link.next != count || !merkle_restore(e->tree, count, edge))
		return false;
	memcpy(link.chain.bytes, chain, HASH_SIZE);
	struct hash have = merkle_root(e->tree);
	e->link = link;
	return memcmp(have.bytes, root, HASH_SIZE) == 0 && tabs_restore(e->tabs, (struct str){ (const char *)r.at, (size_t)(r.end - r.at) });
}

void engine_clear(struct engine *e)
{
	merkle_truncate(e->tree, 0);
	(void)tabs_restore(e->tabs, STR(""));
	e->link = entry_link_start();
}

bool engine_restore(struct engine *e, struct str snapshot, uint64_t count)
{
	bool whole = restore_all(e, snapshot, count);
	if (!whole)
		engine_clear(e);
	return whole;
}

enum refusal engine_preview(struct engine *e, int64_t stamp, const struct envelope *envelope,
	const struct hash *signer, struct buf *lines, char detail[TURN_DETAIL_MAX])
{
	struct envelope env = *envelope;
	struct event_in event = { .engine = e, .envelope = &env };
	struct turn t;
	size_t signals = 0;
	arena_reset(&e->scratch);
	env.signature_count = 1;
	memcpy(env.signatures[0].public_key, signer->bytes, HASH_SIZE);
	env.signatures[0].signed_at = engine_next_stamp(e, stamp);
	struct hash content = envelope_content_hash(&env);
	turn_begin(&t, e->tabs, &e->scratch, e->link.next, engine_next_stamp(e, stamp), &content);
	event.content = content;
	struct turn_mark begin = turn_mark(&t);
	enum refusal r = engine_apply(e, &t, &env, &event, &signals);
	for (const struct news *n = NULL; r == REFUSED_NOT && (n = news_of(e->tabs, t.number, n));)
		buf_printf(lines, "%s\t%s\n", NEWS_STATUS_NAMES[n->status], n->text);
	memcpy(detail, t.detail, TURN_DETAIL_MAX);
	tab_rollback(e->tabs, begin.tabs);
	return r;
}
