/* The engine event by event: what each kind does when it is done, each refusal by name, who may sign, what comes
 * twice. Around every event of this file two things are asked: a preview gives the same verdict and leaves
 * the state as it was, and a refused event changes nothing but its line of news. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/retention.h"
#include "unit/engine/one_desk.h"

static enum refusal foretold; /* by the preview of the event that is under way */
static struct hash facts;     /* digest of everything but news before it */
static size_t lines;          /* of news before it */

static struct hash facts_of(const struct desk *d)
{
	const struct tabs *s = engine_tabs(d->engine);
	struct hash_stream *h = hash_begin();
	struct buf b = { 0 };
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++) {
		const struct rec_type *t = STATE_TYPES[i];
		/* the news of a refusal, that a person's key was used, and the marks by which an entry is old one day are
		 * what a refusal leaves */
		bool skip = t == &NEWS_REC || t == &SEEN_REC || t == &SWEEP_REC || t == &MARK_REC;
		for (const void *r = skip ? NULL : tab_first(s, t, ""); r; r = tab_next(s, t, rec_key(t, r))) {
			buf_clear(&b);
			rec_encode(t, r, &b);
			hash_add(h, b.ptr, b.len);
		}
	}
	buf_free(&b);
	return hash_end(h);
}

static void foresee(void *ctx, const struct envelope *env, const struct hash *signer)
{
	struct desk *d = ctx;
	struct buf said = { 0 };
	char why[TURN_DETAIL_MAX];
	struct hash before = engine_digest(d->engine);
	facts = facts_of(d);
	lines = tab_count(engine_tabs(d->engine), &NEWS_REC);
	foretold = engine_preview(d->engine, d->now, env, signer, &said, why);
	struct hash after = engine_digest(d->engine);
	assert_memory_equal(before.bytes, after.bytes, HASH_SIZE);
	buf_free(&said);
}

static void look(void *ctx, const struct engine_out *out)
{
	struct desk *d = ctx;
	char why[300];
	assert_string_equal(refusal_name(foretold), refusal_name(out->verdict));
	assert_string_equal(out->entry.verdict, refusal_name(out->verdict));
	if (out->verdict != REFUSED_NOT) {
		struct hash now = facts_of(d);
		assert_memory_equal(now.bytes, facts.bytes, HASH_SIZE);
		assert_int_equal(tab_count(engine_tabs(d->engine), &NEWS_REC), lines + 1);
	}
	if (engine_meta(d->engine) && !desk_holds(d, why))
		fail_msg("after entry %llu: %s", (unsigned long long)out->entry.number, why);
}

static void stopped(const char *what)
{
	fail_msg("%s", what);
}

static int watch(void)
{
	desk.broken = stopped;
	desk.before = foresee;
	desk.ordered = look;
	desk.ctx = &desk;
	return 0;
}

static int open_watched(void **state)
{
	open_desk(state);
	return watch();
}

static int open_empty(void **state)
{
	(void)state;
	desk_begin(&desk);
	return watch();
}

static const void *get(const struct rec_type *t, const char *key)
{
	return tab_get(engine_tabs(desk.engine), t, key);
}

/* --- genesis and rules ------------------------------------------------------------------------------ */

static struct ev_genesis genesis(void)
{
	struct ev_genesis g = { .origin = "test.example/desk", .currency = "EUR", .book = "NOORDZEE", .rules = ENGINE_RULES };
	g.admin_key = desk_public(&desk, "admin", "");
	g.node_key = desk_public(&desk, "node", "");
	return g;
}

static void nothing_goes_before_genesis(void **state)
{
	struct party p = { .id = "NOORDZEE" };
	struct ev_genesis g = genesis();
	(void)state;
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_BEFORE_GENESIS);
	assert_null(engine_meta(desk.engine));
	g.rules = ENGINE_RULES + 1;
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_RULE_VERSION);
	g.rules = 0;
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_RULE_VERSION);
	g = genesis();
	g.book[0] = 0;
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_VALUE);
	g = genesis();
	is(desk_send(&desk, EVENT_GENESIS, "node", "", &g), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_NOT);
	assert_string_equal(engine_meta(desk.engine)->book, "NOORDZEE");
	assert_int_equal(engine_meta(desk.engine)->begun_at, engine_link(desk.engine)->stamp);
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_GENESIS_TWICE);
	assert_int_equal(engine_link(desk.engine)->next, 7);
}

static void genesis_promises_its_policy(void **state)
{
	static const char POLICY[] = "{\"version\":1,\"params\":{\"seat.most\":3}}";
	struct ev_genesis g = genesis();
	(void)state;
	g.policy = hash_of(POLICY, strlen(POLICY));
	is(desk_send(&desk, EVENT_GENESIS, "admin", "", &g), REFUSED_NOT);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":1,\"params\":{\"seat.most\":4}}")), REFUSED_VALUE);
	is(desk_source(&desk, EVENT_POLICY, "policy", str_of(POLICY)), REFUSED_NOT);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":2,\"params\":{\"seat.most\":4}}")), REFUSED_NOT);
	assert_int_equal(policy_int(engine_tabs(desk.engine), "seat.most", 0), 4);
}

static void rules_only_rise(void **state)
{
	struct ev_rules r = { .note = "test", .rules = ENGINE_RULES };
	(void)state;
	is(desk_send(&desk, EVENT_RULES, "admin", "", &r), REFUSED_RULE_VERSION);
	r.rules = ENGINE_RULES + 1;
	is(desk_send(&desk, EVENT_RULES, "admin", "", &r), REFUSED_RULE_VERSION);
	is(desk_send(&desk, EVENT_RULES, "operator/l.haas", "", &r), REFUSED_SIGNER_UNKNOWN);
	assert_int_equal(engine_meta(desk.engine)->rules, ENGINE_RULES);
}

/* --- admission ---------------------------------------------------------------------------------------- */

static void garbage_is_not_admitted(void **state)
{
	struct arena a = { 0 };
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	char why[TURN_DETAIL_MAX];
	uint64_t before = engine_link(desk.engine)->next;
	struct party p = { .id = "X", .kind = PARTY_SUP };
	(void)state;
	is(engine_admit(desk.engine, STR("garbage"), why), REFUSED_BODY_MALFORMED);
	assert_true(why[0]);
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", desk.now, &p, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	assert_int_equal(envelope_encode(&env, &bytes, &fault), ERR_OK);
	is(engine_admit(desk.engine, buf_view(&bytes), why), REFUSED_SIGNATURE_MISSING);
	env.kind = 999;
	buf_clear(&bytes);
	envelope_sign(&env, desk_pair(&desk, "admin")->secret, desk.now, &fault);
	envelope_encode(&env, &bytes, &fault);
	is(engine_admit(desk.engine, buf_view(&bytes), why), REFUSED_KIND_UNKNOWN);
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", desk.now, &p, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	envelope_sign(&env, desk_pair(&desk, "admin")->secret, desk.now, &fault);
	buf_clear(&bytes);
	envelope_encode(&env, &bytes, &fault);
	is(engine_admit(desk.engine, buf_view(&bytes), why), REFUSED_NOT);
	bytes.ptr[bytes.len - 1] ^= 1; /* of the signature */
	is(engine_admit(desk.engine, buf_view(&bytes), why), REFUSED_SIGNATURE);
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", desk.now, &p, NULL, &env);
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	envelope_set_body(&env, (struct str){ env.body.ptr, env.body.len - 1 });
	envelope_sign(&env, desk_pair(&desk, "admin")->secret, desk.now, &fault);
	buf_clear(&bytes);
	envelope_encode(&env, &bytes, &fault);
	is(engine_admit(desk.engine, buf_view(&bytes), why), REFUSED_BODY_MALFORMED);
	assert_int_equal(engine_link(desk.engine)->next, before);
	buf_free(&bytes);
	arena_free(&a);
}

/* A journal may hold what this program would not admit: it is refused there by the same names. */
static void a_step_refuses_what_does_not_decode(void **state)
{
	struct engine_in in = { desk.now + 1, 1, STR("garbage") };
	struct engine_out out;
	(void)state;
	facts = facts_of(&desk);
	engine_step(desk.engine, &in, &out);
	is(out.verdict, REFUSED_BODY_MALFORMED);
	struct hash now = facts_of(&desk);
	assert_memory_equal(now.bytes, facts.bytes, HASH_SIZE);
}

/* --- who signs --------------------------------------------------------------------------------------- */

static void strangers_sign_nothing(void **state)
{
	struct party p = { .id = "NEW", .kind = PARTY_SUP };
	size_t before = desk.count;
	(void)state;
	is(desk_send(&desk, EVENT_PARTY, "operator/nobody", "", &p), REFUSED_SIGNER_UNKNOWN);
	assert_int_equal(desk.count, before); /* a key that nobody knows makes no entry */
	is(desk_send(&desk, EVENT_PARTY, "operator/l.haas", "", &p), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_PARTY, "party/DRAHT", "", &p), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_PARTY, "gateway/GW-RTM", "", &p), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_PARTY, "node", "", &p), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_PARTY, "operator/w.adams", "", &p), REFUSED_NOT); /* an operator with role ADM */
}

static void ticks_are_the_nodes(void **state)
{
	struct ev_tick tick;
	const struct timer *next = timer_next(engine_tabs(desk.engine));
	(void)state;
	memset(&tick, 0, sizeof(tick));
	memcpy(tick.timer, next->id, sizeof(tick.timer));
	is(desk_send(&desk, EVENT_TICK, "node", "", &tick), REFUSED_VALUE); /* not due yet */
	desk.now = next->due;
	is(desk_send(&desk, EVENT_TICK, "admin", "", &tick), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_TICK, "operator/w.adams", "", &tick), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_TICK, "node", "", &tick), REFUSED_NOT);
	is(desk_send(&desk, EVENT_TICK, "node", "", &tick), REFUSED_VALUE); /* it was taken */
}

static void revoked_keys_are_dead(void **state)
{
	struct ev_revoke r = { .operator = "t.okafor", .reason = "left" };
	struct ev_raise raise = { .code = "E11", .title = "test" };
	(void)state;
	is(desk_send(&desk, EVENT_RAISE, "operator/t.okafor", "", &raise), REFUSED_NOT);
	is(desk_send(&desk, EVENT_REVOKE, "operator/l.haas", "", &r), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REVOKE, "party/DRAHT", "", &r), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_REVOKE, "party/NOORDZEE", "", &r), REFUSED_NOT);
	is(desk_send(&desk, EVENT_RAISE, "operator/t.okafor", "", &raise), REFUSED_SIGNER_REVOKED);
	snprintf(r.operator, sizeof(r.operator), "nobody");
	is(desk_send(&desk, EVENT_REVOKE, "admin", "", &r), REFUSED_SIGNER_UNKNOWN);
	struct ev_revoke later = { .operator = "s.brink", .from = desk.now + INSTANT_DAY, .reason = "leaves" };
	is(desk_send(&desk, EVENT_REVOKE, "admin", "", &later), REFUSED_NOT);
	is(desk_send(&desk, EVENT_RAISE, "operator/s.brink", "", &raise), REFUSED_NOT);
	desk_pass(&desk, desk.now + 2 * INSTANT_DAY);
	is(desk_send(&desk, EVENT_RAISE, "operator/s.brink", "", &raise), REFUSED_SIGNER_REVOKED);
}

static void blocked_parties_are_silent(void **state)
{
	struct party p = { .id = "SHADY", .kind = PARTY_SUP, .blocked = 1, .key = desk_public(&desk, "party", "SHADY") };
	struct ev_status blocked = { .party = "SHADY", .status = STATUS_BLOCKED, .reason = "on a list" };
	(void)state;
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_VALUE);
	p.blocked = 0;
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_NOT);
	is(desk_send(&desk, EVENT_STATUS, "operator/h.prins", "", &blocked), REFUSED_NOT);
	is(desk_message(&desk, "SHADY", "DL-X", "evidence.grn", "{}"), REFUSED_PARTY_BLOCKED);
}

static void nobody_sends_for_another(void **state)
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_data body = { .name = "evidence.grn" };
	(void)state;
	event_envelope(&a, EVENT_MESSAGE, "HALVORSEN", "DL-X", desk.now, &body, NULL, &env);
	is(desk_sign(&desk, &env, "party/DRAHT"), REFUSED_SIGNER_UNKNOWN);
	arena_free(&a);
}

/* --- what comes twice ----------------------------------------------------------------------------------- */

static void the_same_again_is_a_duplicate(void **state)
{
	struct arena a = { 0 };
	struct envelope env;
	struct party p = { .id = "NEW", .kind = PARTY_SUP };
	uint8_t key[ENVELOPE_KEY_SIZE] = { 9, 9 };
	(void)state;
	for (int i = 0; i < 2; i++) {
		event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", 5, &p, key, &env);
		is(desk_sign(&desk, &env, "admin"), i ? REFUSED_DUPLICATE : REFUSED_NOT);
	}
	assert_non_null(strstr(desk.detail, "it is entry"));
	snprintf(p.id, sizeof(p.id), "OTHER");
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", 5, &p, key, &env);
	is(desk_sign(&desk, &env, "admin"), REFUSED_IDEMPOTENCY_CONFLICT);
	event_envelope(&a, EVENT_PARTY, "NOORDZEE", "", 5, &p, NULL, &env); /* the key of its content */
	is(desk_sign(&desk, &env, "admin"), REFUSED_NOT);
	arena_free(&a);
}

static void a_refused_request_may_come_again(void **state)
{
	struct arena a = { 0 };
	struct envelope env;
	struct device dev = { .id = "RTM/X", .party = "WAALHAVEN", .gateway = "GW-NEW" };
	struct gateway gw = { .id = "GW-NEW", .party = "WAALHAVEN", .key = desk_public(&desk, "gateway", "GW-NEW") };
	(void)state;
	event_envelope(&a, EVENT_DEVICE, "NOORDZEE", "", 5, &dev, NULL, &env);
	is(desk_sign(&desk, &env, "admin"), REFUSED_DEVICE_UNKNOWN);
	is(desk_send(&desk, EVENT_GATEWAY, "admin", "", &gw), REFUSED_NOT);
	event_envelope(&a, EVENT_DEVICE, "NOORDZEE", "", 5, &dev, NULL, &env);
	is(desk_sign(&desk, &env, "admin"), REFUSED_NOT);
	arena_free(&a);
}

/* --- registers ------------------------------------------------------------------------------------------- */

static void parties_are_checked(void **state)
{
	struct party p = { .id = "NEW", .kind = PARTY_SUP, .iban = "DE89370400440532013001" };
	(void)state;
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_CHECK_DIGIT);
	snprintf(p.iban, sizeof(p.iban), "DE89370400440532013000");
	snprintf(p.gln, sizeof(p.gln), "4000001000006");
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_CHECK_DIGIT);
	memset(p.gln, 0, sizeof(p.gln));
	p.key = desk_public(&desk, "party", "DRAHT");
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_EXISTS);
	p.key = desk_public(&desk, "party", "NEW");
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_NOT);
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_EXISTS);
	memset(p.id, 0, sizeof(p.id));
	p.key = desk_public(&desk, "party", "NONE");
	is(desk_send(&desk, EVENT_PARTY, "admin", "", &p), REFUSED_VALUE);
}

static void people_are_certified_by_their_party(void **state)
{
	struct operator o = { .id = "x.new", .name = "X New", .party = "DRAHT", .role = ROLE_SUA };
	(void)state;
	o.key = desk_public(&desk, "operator", "x.new");
	is(desk_send(&desk, EVENT_OPERATOR, "party/HALVORSEN", "", &o), REFUSED_ROLE);
	snprintf(o.party, sizeof(o.party), "NOWHERE");
	is(desk_send(&desk, EVENT_OPERATOR, "admin", "", &o), REFUSED_PARTY_UNKNOWN);
	snprintf(o.party, sizeof(o.party), "DRAHT");
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_NOT);
	assert_non_null(get(&SEAT_REC, "x.new"));
	snprintf(o.id, sizeof(o.id), "x.twin");
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_EXISTS); /* one key, one signer */
	o.key = desk_public(&desk, "gateway", "GW-RTM");
	is(desk_send(&desk, EVENT_OPERATOR, "party/DRAHT", "", &o), REFUSED_EXISTS);
}

static void things_belong_to_who_registers_them(void **state)
{
	struct site s = { .id = "ANR", .party = "WAALHAVEN" };
	struct gateway g = { .id = "GW-ANR", .party = "WAALHAVEN", .key = desk_public(&desk, "gateway", "GW-ANR") };
	struct device d = { .id = "ANR/T1", .party = "WAALHAVEN", .gateway = "GW-ANR" };
	(void)state;
	is(desk_send(&desk, EVENT_SITE, "party/KESTREL", "", &s), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_SITE, "party/WAALHAVEN", "", &s), REFUSED_NOT);
	is(desk_send(&desk, EVENT_SITE, "party/WAALHAVEN", "", &s), REFUSED_EXISTS);
	is(desk_send(&desk, EVENT_DEVICE, "party/WAALHAVEN", "", &d), REFUSED_DEVICE_UNKNOWN);
	is(desk_send(&desk, EVENT_GATEWAY, "party/KESTREL", "", &g), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_GATEWAY, "party/WAALHAVEN", "", &g), REFUSED_NOT);
	is(desk_send(&desk, EVENT_DEVICE, "party/KESTREL", "", &d), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_DEVICE, "party/WAALHAVEN", "", &d), REFUSED_NOT);
}

static void limits_keep_what_is_used(void **state)
{
	struct limit l = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .group = "HALVORSEN", .currency = "EUR",
		.amount = 100, .used = 77 };
	(void)state;
	is(desk_send(&desk, EVENT_LIMIT, "operator/l.haas", "", &l), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_LIMIT, "party/NOORDZEE", "", &l), REFUSED_SIGNER_UNKNOWN);
	l.amount = -1;
	is(desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l), REFUSED_VALUE);
	l.amount = 100;
	snprintf(l.group, sizeof(l.group), "KESTREL");
	is(desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l), REFUSED_VALUE); /* the id says another group */
	snprintf(l.group, sizeof(l.group), "HALVORSEN");
	is(desk_send(&desk, EVENT_LIMIT, "operator/d.meijer", "", &l), REFUSED_NOT);
	const struct limit *now = get(&LIMIT_REC, l.id);
	assert_int_equal(now->used, 0); /* what is used is never told, it is counted */
	assert_string_equal(now->set_by, "d.meijer");
}

static void quotes_and_profiles_are_the_funders(void **state)
{
	struct offer o = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN", .rate = 1 };
	struct profile p = { .id = "DRAHT", .complete = 10000 };
	(void)state;
	is(desk_send(&desk, EVENT_OFFER, "party/DRAHT", "", &o), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_OFFER, "party/NOORDZEE", "", &o), REFUSED_NOT);
	snprintf(o.id, sizeof(o.id), "X");
	is(desk_send(&desk, EVENT_OFFER, "party/NOORDZEE", "", &o), REFUSED_VALUE);
	is(desk_send(&desk, EVENT_PROFILE, "party/DRAHT", "", &p), REFUSED_ROLE); /* nobody scores himself */
	is(desk_send(&desk, EVENT_PROFILE, "party/NOORDZEE", "", &p), REFUSED_NOT);
	snprintf(p.id, sizeof(p.id), "NOBODY");
	is(desk_send(&desk, EVENT_PROFILE, "admin", "", &p), REFUSED_PARTY_UNKNOWN);
}

/* --- files ------------------------------------------------------------------------------------------------ */

static void policies_rise(void **state)
{
	(void)state;
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{")), REFUSED_BODY_MALFORMED);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":12}")), REFUSED_VALUE);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":13,\"params\":{\"a\":1.5}}")), REFUSED_VALUE);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":13,\"params\":{\"a\":[]}}")), REFUSED_VALUE);
	is(desk_source(&desk, EVENT_POLICY, "policy", STR("{\"version\":13,\"params\":{\"ltv.warning_bp\":7000}}")), REFUSED_NOT);
	assert_int_equal(engine_meta(desk.engine)->policy, 13);
	assert_int_equal(policy_int(engine_tabs(desk.engine), "ltv.warning_bp", 0), 7000);
	assert_int_equal(policy_int(engine_tabs(desk.engine), "ltv.call_bp", 0), 7800); /* the others stay */
}

static void broken_files_are_not_deployed(void **state)
{
	(void)state;
	is(desk_source(&desk, EVENT_PROCESS, "bad", STR("<definitions/>")), REFUSED_PROCESS_INVALID);
	is(desk_source(&desk, EVENT_PROCESS, "bad", STR("<!DOCTYPE x><definitions/>")), REFUSED_PROCESS_INVALID);
	is(desk_source(&desk, EVENT_CONTRACT, "bad", STR("function (")), REFUSED_CONTRACT_GATE);
	is(desk_source(&desk, EVENT_CONTRACT, "bad", STR("x = 1.5")), REFUSED_CONTRACT_GATE);
	is(desk_source(&desk, EVENT_CONTRACT, "Bad Name", STR("call = {}")), REFUSED_VALUE);
	is(desk_source(&desk, EVENT_CONTRACT, "extra", STR("call = {} function call.x(deal, args) return {} end")), REFUSED_NOT);
	assert_non_null(get(&CODE_REC, "extra"));
}

/* --- feeds -------------------------------------------------------------------------------------------------- */

static struct ev_batch batch_of(int64_t sequence, const char *device, int64_t value)
{
	struct ev_batch b;
	struct feed_window w;
	struct buf bytes = { 0 };
	memset(&b, 0, sizeof(b));
	memset(&w, 0, sizeof(w));
	snprintf(w.device, sizeof(w.device), "%s", device);
	w.from = w.last_at = desk.now;
	w.count = 10;
	w.least = w.greatest = w.last = value;
	w.first_seq = sequence * 10;
	w.last_seq = sequence * 10 + 9;
	feed_windows_encode(&w, 1, &bytes);
	snprintf(b.gateway, sizeof(b.gateway), "GW-RTM");
	b.sequence = sequence;
	b.from = b.to = desk.now;
	b.readings = 10;
	b.windows = blob_in(&desk.arena, bytes.ptr, bytes.len);
	buf_free(&bytes);
	return b;
}

static void batches_come_in_order_from_their_gateway(void **state)
{
	struct ev_batch b = batch_of(1, "RTM/C2-T03", -18000);
	(void)state;
	is(desk_send(&desk, EVENT_BATCH, "admin", "", &b), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_NOT);
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_SEQUENCE_OLD);
	b = batch_of(2, "RTM/NOTHING", -18000);
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_DEVICE_UNKNOWN);
	b = batch_of(2, "RTM/C2-T03", -18000);
	b.to += INSTANT_HOUR;
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_EVENT_FUTURE);
	b = batch_of(2, "RTM/C2-T03", -18000);
	snprintf(b.gateway, sizeof(b.gateway), "GW-OTHER");
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_SIGNER_UNKNOWN);
	b = batch_of(4, "RTM/C2-T03", -18000);
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_NOT); /* two and three are missing */
	assert_int_equal(((const struct gateway *)get(&GATEWAY_REC, "GW-RTM"))->missing, 2);
	assert_non_null(get(&SERIES_REC, "RTM/C2-T03"));
}

static void a_silent_gateway_is_cut_off_and_heals(void **state)
{
	struct ev_batch b = batch_of(1, "RTM/C2-T03", -18000);
	(void)state;
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_NOT);
	desk_pass(&desk, desk.now + INSTANT_HOUR);
	assert_int_equal(((const struct gateway *)get(&GATEWAY_REC, "GW-RTM"))->cut, 1);
	const struct alert *a = tab_first(engine_tabs(desk.engine), &ALERT_REC, "");
	assert_string_equal(a->code, "E03");
	assert_true(a->task[0]);
	b = batch_of(2, "RTM/C2-T03", -18000);
	is(desk_send(&desk, EVENT_BATCH, "gateway/GW-RTM", "", &b), REFUSED_NOT);
	assert_int_equal(((const struct gateway *)get(&GATEWAY_REC, "GW-RTM"))->cut, 0);
}

static void prices_need_their_own_sources(void **state)
{
	struct ev_answer a = { .value = "copper", .source = "lme-a", .currency = "EUR", .amount = 610000 };
	(void)state;
	a.at = desk.now;
	is(desk_send(&desk, EVENT_ANSWER, "party/KESTREL", "", &a), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_ANSWER, "operator/l.haas", "", &a), REFUSED_SIGNER_UNKNOWN);
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_NOT);
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_DUPLICATE); /* not newer */
	a.at = desk.now + INSTANT_HOUR;
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_EVENT_FUTURE);
	a.at = desk.now;
	a.amount = 0;
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_VALUE);
	snprintf(a.value, sizeof(a.value), "gold");
	is(desk_send(&desk, EVENT_ANSWER, "party/lme-a", "", &a), REFUSED_ORACLE_SOURCE);
}

/* --- applications, messages, answers ------------------------------------------------------------------------- */

static void applications_are_the_applicants(void **state)
{
	char id[ID_MAX];
	const char *json = "{\"party\":\"KESTREL\"}";
	desk_deal_id(id, 1);
	(void)state;
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", id, "receivables", json), REFUSED_ROLE);
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", "DL-1", "receivables", "{}"), REFUSED_VALUE);
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", id, "receivables", "{"), REFUSED_BODY_MALFORMED);
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", id, "nothing", "{}"), REFUSED_PROCESS_UNKNOWN);
	is(desk_data(&desk, EVENT_REQUEST, "operator/t.okafor", id, "receivables", "{}"), REFUSED_ROLE);
	is(receivables_request(&desk, id, "1001", "1001"), REFUSED_NOT);
	is(receivables_request(&desk, id, "1002", "1002"), REFUSED_EXISTS);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_CONFIRM_WAIT);
}

static void messages_come_from_whom_they_are_of(void **state)
{
	static const struct { const char *name, *party; enum refusal verdict; } CASES[] = {
		{ "bank.status", "BANKNET", REFUSED_ROLE }, { "debt.confirmed", "HALVORSEN", REFUSED_ROLE },
		{ "obligor.paid", "DRAHT", REFUSED_ROLE }, { "obligor.paid", "HALVORSEN", REFUSED_ROLE },
		{ "obligor.paid", "BANKNET", REFUSED_NOT }, { "certificate", "KESTREL", REFUSED_ROLE },
		{ "certificate", "PORTASSAY", REFUSED_NOT }, { "evidence.grn", "HALVORSEN", REFUSED_NOT },
		{ "evidence.grn", "KESTREL", REFUSED_ROLE }, { "margin.called", "NOORDZEE", REFUSED_ROLE },
		{ "anything.else", "DRAHT", REFUSED_NOT }, { "anything.else", "KESTREL", REFUSED_ROLE } };
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		is(desk_message(&desk, CASES[i].party, id, CASES[i].name, strstr(CASES[i].name, "paid") ? "{\"amount\":\"1.00\"}" : "{}"),
			CASES[i].verdict);
	is(desk_message(&desk, "BANKNET", "", "obligor.paid", "{}"), REFUSED_DEAL_UNKNOWN);
	is(desk_message(&desk, "DRAHT", "DL-NONE", "anything.else", "{}"), REFUSED_DEAL_UNKNOWN);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_CONFIRM_WAIT);
}

static void an_effect_is_answered_once_by_who_was_asked(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	struct effect e = *desk_effect(&desk, id, "debt.request"), wrong = e;
	snprintf(wrong.party, sizeof(wrong.party), "DRAHT");
	is(desk_reply(&desk, &wrong, "ok", "{\"amount\":\"1000000.00\"}"), REFUSED_ROLE);
	snprintf(wrong.id, sizeof(wrong.id), "EF-NONE");
	is(desk_reply(&desk, &wrong, "ok", "{}"), REFUSED_EFFECT_UNKNOWN);
	is(desk_reply(&desk, &e, "ok", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}"), REFUSED_NOT);
	is(desk_reply(&desk, &e, "ok", "{}"), REFUSED_EFFECT_UNKNOWN);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_MATCHED);
}

/* --- people ------------------------------------------------------------------------------------------------------ */

static void tasks_are_done_by_who_may(void **state)
{
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	struct task k = *desk_task(&desk, id, "A11"), old = k, none = k;
	old.version += 7;
	snprintf(none.id, sizeof(none.id), "TK-NONE");
	is(desk_decide(&desk, "l.haas", &k, "approve", "", "{}"), REFUSED_ROLE);
	is(desk_decide(&desk, "j.kuiper", &k, "approve", "", "{}"), REFUSED_ROLE);
	is(desk_decide(&desk, "t.okafor", &old, "approve", "", "{}"), REFUSED_TASK_VERSION);
	is(desk_decide(&desk, "t.okafor", &none, "approve", "", "{}"), REFUSED_TASK_UNKNOWN);
	is(desk_decide(&desk, "t.okafor", &k, "done", "", "{}"), REFUSED_VALUE);
	is(desk_decide(&desk, "t.okafor", &k, "reject", "", "{}"), REFUSED_REASON_MISSING);
	struct ev_task claim = { .decision = "claim" };
	memcpy(claim.task, k.id, sizeof(claim.task));
	is(desk_send(&desk, EVENT_CLAIM, "operator/l.haas", id, &claim), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_CLAIM, "operator/s.brink", id, &claim), REFUSED_NOT);
	is(desk_send(&desk, EVENT_CLAIM, "operator/t.okafor", id, &claim), REFUSED_TASK_VERSION);
	k = *desk_task(&desk, id, "A11");
	is(desk_decide(&desk, "t.okafor", &k, "approve", "", "{}"), REFUSED_TASK_VERSION); /* another has claimed it */
	snprintf(claim.decision, sizeof(claim.decision), "give-back");
	is(desk_send(&desk, EVENT_CLAIM, "operator/s.brink", id, &claim), REFUSED_NOT);
	k = *desk_task(&desk, id, "A11");
	is(desk_decide(&desk, "t.okafor", &k, "approve", "", "{}"), REFUSED_NOT);
	is(desk_decide(&desk, "t.okafor", &k, "approve", "", "{}"), REFUSED_TASK_UNKNOWN);
}

static void holds_stop_outflow_until_another_lifts_them(void **state)
{
	char id[ID_MAX];
	struct ev_hold h = { .level = 3, .reason = "a doubt" };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	memcpy(h.object, id, sizeof(id));
	is(desk_send(&desk, EVENT_HOLD, "operator/t.okafor", id, &h), REFUSED_ROLE);
	h.level = 5;
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", id, &h), REFUSED_LEVEL);
	h.level = 3;
	h.reason[0] = 0;
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", id, &h), REFUSED_REASON_MISSING);
	snprintf(h.reason, sizeof(h.reason), "a doubt");
	is(desk_send(&desk, EVENT_LIFT, "operator/n.aalbers", id, &h), REFUSED_LEVEL); /* nothing is held */
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", id, &h), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->level, 3);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11"), "approve", "", "{}"), REFUSED_SUSPENDED);
	is(desk_send(&desk, EVENT_LIFT, "operator/i.vermeer", id, &h), REFUSED_SOD);
	is(desk_send(&desk, EVENT_LIFT, "operator/n.aalbers", id, &h), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->level, 0);
	is(desk_decide(&desk, "t.okafor", desk_task(&desk, id, "A11"), "approve", "", "{}"), REFUSED_NOT);
	snprintf(h.object, sizeof(h.object), "NOTHING");
	is(desk_send(&desk, EVENT_HOLD, "operator/i.vermeer", "", &h), REFUSED_ASSET_UNKNOWN);
}

static void alerts_are_raised_and_closed_by_people(void **state)
{
	struct ev_raise raise = { .code = "E99", .title = "odd", .why = "a look at it" };
	struct ev_hold close = { .outcome = "closed" };
	char id[ID_MAX];
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	is(desk_send(&desk, EVENT_RAISE, "operator/i.vermeer", id, &raise), REFUSED_VALUE);
	snprintf(raise.code, sizeof(raise.code), "E11");
	is(desk_send(&desk, EVENT_RAISE, "operator/l.haas", id, &raise), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_RAISE, "operator/i.vermeer", id, &raise), REFUSED_NOT);
	const struct alert *a = tab_first(engine_tabs(desk.engine), &ALERT_REC, "");
	assert_string_equal(a->raised_by, "i.vermeer");
	assert_int_equal(desk_deal(&desk, id)->level, 2);
	memcpy(close.object, a->id, sizeof(a->id));
	is(desk_send(&desk, EVENT_CLOSE, "operator/n.aalbers", id, &close), REFUSED_REASON_MISSING);
	snprintf(close.reason, sizeof(close.reason), "nothing in it");
	is(desk_send(&desk, EVENT_CLOSE, "operator/n.aalbers", id, &close), REFUSED_NOT);
	is(desk_send(&desk, EVENT_CLOSE, "operator/n.aalbers", id, &close), REFUSED_ALERT_UNKNOWN);
	assert_int_equal(desk_deal(&desk, id)->level, 0);
	assert_null(desk_task(&desk, id, "E11")); /* its case is withdrawn */
}

static void compensation_is_ordered_before_the_pivot_only(void **state)
{
	char id[ID_MAX], second[ID_MAX];
	struct ev_hold h = { .reason = "two claims" };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	memcpy(h.object, id, sizeof(id));
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/t.okafor", id, &h), REFUSED_ROLE);
	h.reason[0] = 0;
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", id, &h), REFUSED_REASON_MISSING);
	snprintf(h.reason, sizeof(h.reason), "two claims");
	struct effect asked = *desk_effect(&desk, id, "debt.request");
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", id, &h), REFUSED_NOT);
	assert_int_equal(desk_deal(&desk, id)->state, DEAL_REVERSED);
	assert_int_equal(((const struct effect *)tab_get(engine_tabs(desk.engine), &EFFECT_REC, asked.id))->state, EFFECT_CANCELLED);
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", id, &h), REFUSED_INSTANCE_UNKNOWN);
	is(receivables_request(&desk, desk_deal_id(second, 2), "1002", "1002"), REFUSED_NOT);
	receivables_fund(&desk, second);
	memcpy(h.object, second, sizeof(second));
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", second, &h), REFUSED_PAST_PIVOT);
	assert_int_equal(desk_deal(&desk, second)->state, DEAL_COLLECTING);
}

/* What was answered stays so, and what needs no answer goes out all the same. */
static void undoing_calls_off_open_questions_only(void **state)
{
	char id[ID_MAX];
	struct ev_hold h = { .reason = "two claims" };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	answer(&desk, id, "offer.send", "{\"accepted\":true}");
	act(&desk, "t.okafor", id, "A11", "approve", "{}");
	act(&desk, "m.dahl", id, "A11b", "approve", "{}");
	answer(&desk, id, "assign.register", "{\"number\":\"77-1184\"}");
	size_t answered = 0;
	memcpy(h.object, id, sizeof(id));
	struct effect told = *desk_effect(&desk, id, "notify");
	assert_false(told.reply[0]);
	is(desk_send(&desk, EVENT_COMPENSATE, "operator/i.vermeer", id, &h), REFUSED_NOT);
	TAB_FOR(effect, e, engine_tabs(desk.engine), &EFFECT_REC, "")
		answered += e->state == EFFECT_ANSWERED;
	assert_int_equal(answered, 3);
	assert_int_equal(((const struct effect *)tab_get(engine_tabs(desk.engine), &EFFECT_REC, told.id))->state, EFFECT_PENDING);
}

static void decisions_are_verified(void **state)
{
	char id[ID_MAX];
	struct ev_verify v = { .decision = "DC-NONE" };
	(void)state;
	is(receivables_request(&desk, desk_deal_id(id, 1), "1001", "1001"), REFUSED_NOT);
	answer(&desk, id, "debt.request", "{\"amount\":\"1000000.00\",\"due\":\"2026-06-14\",\"by\":\"h.coa\"}");
	is(desk_send(&desk, EVENT_VERIFY, "operator/a.visser", "", &v), REFUSED_VALUE);
	const struct decision *d = tab_first(engine_tabs(desk.engine), &DECISION_REC, "");
	assert_non_null(d);
	memcpy(v.decision, d->id, sizeof(v.decision));
	v.result = d->result;
	is(desk_send(&desk, EVENT_VERIFY, "operator/j.kuiper", "", &v), REFUSED_NOT);
	is(desk_send(&desk, EVENT_VERIFY, "operator/a.visser", "", &v), REFUSED_NOT);
	v.result.bytes[0] ^= 1;
	is(desk_send(&desk, EVENT_VERIFY, "operator/a.visser", "", &v), REFUSED_NOT);
	d = get(&DECISION_REC, v.decision);
	assert_int_equal(d->verified, 2);
	assert_int_equal(d->differs, 1);
	is(desk_send(&desk, EVENT_VERIFY, "operator/o.draht", "", &v), REFUSED_ROLE);
}

static void incidents_are_tried_again(void **state)
{
	static const char MODEL[] = "<?xml version='1.0' encoding='UTF-8'?><definitions "
		"xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:wharf='https://wharf.example/bpmn' id='defs' "
		"targetNamespace='https://wharf.example/test'><process id='fails' isExecutable='true'><startEvent id='start'/>"
		"<receiveTask id='R1' name='Wait' wharf:message='goods.departed'/>"
		"<serviceTask id='S1' name='Fail' wharf:contract='extra' wharf:call='go'/><endEvent id='end'/>"
		"<sequenceFlow id='f1' sourceRef='start' targetRef='R1'/><sequenceFlow id='f3' sourceRef='R1' targetRef='S1'/>"
		"<sequenceFlow id='f2' sourceRef='S1' targetRef='end'/></process></definitions>";
	char id[ID_MAX], token[48];
	struct ev_hold h = { .reason = "fixed" };
	(void)state;
	is(desk_source(&desk, EVENT_PROCESS, "fails", str_of(MODEL)), REFUSED_NOT);
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", desk_deal_id(id, 1), "fails", "{}"), REFUSED_NOT);
	is(desk_message(&desk, "LEK", id, "goods.departed", "{}"), REFUSED_NOT);
	const struct token *k = tab_first(engine_tabs(desk.engine), &TOKEN_REC, "");
	assert_int_equal(k->state, TOKEN_INCIDENT);
	assert_string_equal(k->waits_for, "contract-unknown");
	memcpy(token, k->id, sizeof(token));
	memcpy(h.object, token, sizeof(token));
	is(desk_send(&desk, EVENT_RETRY, "operator/a.visser", id, &h), REFUSED_ROLE);
	is(desk_send(&desk, EVENT_RETRY, "operator/l.haas", id, &h), REFUSED_NOT); /* it stops again */
	is(desk_source(&desk, EVENT_CONTRACT, "extra", STR("call = {} function call.go(deal, args) return {} end")), REFUSED_NOT);
	is(desk_send(&desk, EVENT_RETRY, "operator/l.haas", id, &h), REFUSED_NOT);
	assert_int_equal(tab_count(engine_tabs(desk.engine), &TOKEN_REC), 0);
	is(desk_send(&desk, EVENT_RETRY, "operator/l.haas", id, &h), REFUSED_INSTANCE_UNKNOWN);
}

static void a_loop_without_a_wait_is_refused(void **state)
{
	static const char MODEL[] = "<?xml version='1.0' encoding='UTF-8'?><definitions "
		"xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' xmlns:wharf='https://wharf.example/bpmn' id='defs' "
		"targetNamespace='https://wharf.example/test'><process id='spins' isExecutable='true'><startEvent id='start'/>"
		"<exclusiveGateway id='g' default='f2'/><task id='T' name='Nothing'/><exclusiveGateway id='h' default='f4'/>"
		"<endEvent id='end'/><sequenceFlow id='f1' sourceRef='start' targetRef='g'/>"
		"<sequenceFlow id='f2' sourceRef='g' targetRef='T'/><sequenceFlow id='f3' sourceRef='T' targetRef='h'/>"
		"<sequenceFlow id='f4' sourceRef='h' targetRef='g'/><sequenceFlow id='f5' sourceRef='h' targetRef='end'>"
		"<conditionExpression>1 = 2</conditionExpression></sequenceFlow></process></definitions>";
	char id[ID_MAX];
	(void)state;
	is(desk_source(&desk, EVENT_PROCESS, "spins", str_of(MODEL)), REFUSED_NOT);
	is(desk_data(&desk, EVENT_REQUEST, "party/DRAHT", desk_deal_id(id, 1), "spins", "{}"), REFUSED_RUNAWAY);
	assert_int_equal(tab_count(engine_tabs(desk.engine), &INSTANCE_REC), 0);
}

/* --- another ledger --------------------------------------------------------------------------------------------- */

/* The same keys, cast and origin, begun a moment later: nothing tells the two apart but what the genesis hashes to. */
static void nothing_is_replayed_from_another_ledger(void **state)
{
	static struct desk other;
	struct party p = { .id = "REPLAYED", .kind = PARTY_SUP };
	struct engine_out out;
	char why[TURN_DETAIL_MAX], ours[HASH_HEX_MAX], theirs[HASH_HEX_MAX];
	(void)state;
	desk_open_at(&other, desk.now + INSTANT_SECOND);
	assert_string_equal(engine_meta(other.engine)->origin, engine_meta(desk.engine)->origin);
	struct hash here = engine_ledger(engine_tabs(desk.engine)), there = engine_ledger(engine_tabs(other.engine));
	assert_true(!hash_is_zero(&here) && !hash_eq(&here, &there));
	is(desk_send(&other, EVENT_PARTY, "admin", "", &p), REFUSED_NOT);
	struct str bytes = buf_view(&other.log[other.count - 1].envelope);
	uint64_t before = engine_link(desk.engine)->next;
	desk.now += INSTANT_MINUTE;
	is(engine_admit(desk.engine, bytes, why), REFUSED_OTHER_LEDGER);
	hex_of(here.bytes, 4, ours);
	hex_of(there.bytes, 4, theirs);
	assert_true(strstr(why, ours) && strstr(why, theirs));
	is(desk_order(&desk, bytes), REFUSED_OTHER_LEDGER);
	assert_int_equal(engine_link(desk.engine)->next, before); /* nothing is kept of it */
	/* and where it is ordered all the same, it does nothing */
	struct engine_in in = { engine_next_stamp(desk.engine, desk.now), 1, bytes };
	engine_step(desk.engine, &in, &out);
	is(out.verdict, REFUSED_OTHER_LEDGER);
	assert_null(tab_get(engine_tabs(desk.engine), &PARTY_REC, "REPLAYED"));
	desk_close(&other);
}

/* Not within a proposal either: what another ledger's people signed is not endorsed here. */
static void nothing_is_proposed_from_another_ledger(void **state)
{
	static struct desk other;
	struct arena a = { 0 };
	struct party p = { .id = "REPLAYED", .kind = PARTY_SUP };
	(void)state;
	desk_open_at(&other, desk.now + INSTANT_SECOND);
	is(desk_send(&other, EVENT_PARTY, "admin", "", &p), REFUSED_NOT);
	const struct buf *bytes = &other.log[other.count - 1].envelope;
	struct ev_propose b = { .envelope = blob_in(&a, bytes->ptr, bytes->len) };
	desk.now += INSTANT_MINUTE;
	is(desk_send(&desk, EVENT_PROPOSE, "admin", "", &b), REFUSED_OTHER_LEDGER);
	desk_close(&other);
	arena_free(&a);
}

/* A genesis names none: what it begins has no hash before. */
static void a_genesis_names_no_ledger(void **state)
{
	struct envelope env;
	struct buf bytes = { 0 };
	struct engine *empty = engine_new();
	struct engine_out out;
	char why[TURN_DETAIL_MAX];
	(void)state;
	assert_true(envelope_decode_again(buf_view(&desk.log[0].envelope), &env));
	assert_true(hash_is_zero(&env.ledger));
	env.ledger = engine_ledger(engine_tabs(desk.engine));
	env.signature_count = 0;
	assert_int_equal(envelope_sign(&env, desk_pair(&desk, "admin")->secret, desk.now, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&env, &bytes, NULL), ERR_OK);
	is(engine_admit(empty, buf_view(&bytes), why), REFUSED_OTHER_LEDGER);
	struct engine_in in = { desk.now, 1, buf_view(&bytes) };
	engine_step(empty, &in, &out);
	is(out.verdict, REFUSED_OTHER_LEDGER);
	assert_null(engine_meta(empty));
	engine_free(empty);
	buf_free(&bytes);
}

/* --- timers ------------------------------------------------------------------------------------------------------- */

static void ticks_come_when_they_are_due(void **state)
{
	struct arena a = { 0 };
	struct envelope tick;
	int64_t due = engine_next_due(desk.engine);
	(void)state;
	assert_int_equal(due, instant_of(2026, 3, 17, 0, 0, 0)); /* the day */
	assert_false(engine_tick(desk.engine, due - 1, &a, &tick));
	assert_true(engine_tick(desk.engine, due, &a, &tick));
	assert_int_equal(tick.kind, EVENT_TICK);
	desk.now = due;
	is(desk_sign(&desk, &tick, "node"), REFUSED_NOT);
	assert_int_equal(engine_next_due(desk.engine), instant_of(2026, 3, 18, 0, 0, 0));
	assert_int_equal(engine_next_stamp(desk.engine, 0), engine_link(desk.engine)->stamp + 1);
	assert_int_equal(engine_next_stamp(desk.engine, INT64_MAX), INT64_MAX);
	struct engine *empty = engine_new();
	assert_true(engine_next_due(empty) == INSTANT_NONE);
	assert_false(engine_tick(empty, INT64_MAX, &a, &tick));
	engine_free(empty);
	arena_free(&a);
}

/* Each kind is in the table, has a handler that the tests above reached, and a name that finds it. */
static void kinds_are_a_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < EVENT_KIND_COUNT; i++) {
		assert_ptr_equal(event_kind_of(EVENT_KINDS[i].number), &EVENT_KINDS[i]);
		assert_ptr_equal(event_kind_named(str_of(EVENT_KINDS[i].name)), &EVENT_KINDS[i]);
		assert_true(EVENT_KINDS[i].signers != 0 && EVENT_KINDS[i].words[0]);
	}
	assert_null(event_kind_of(0));
	assert_null(event_kind_named(STR("nothing")));
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_watched, close_desk)
#define E(f) cmocka_unit_test_setup_teardown(f, open_empty, close_desk)
int main(void)
{
	const struct CMUnitTest tests[] = { E(nothing_goes_before_genesis), E(genesis_promises_its_policy), T(rules_only_rise),
		T(garbage_is_not_admitted), T(a_step_refuses_what_does_not_decode), T(strangers_sign_nothing),
		T(ticks_are_the_nodes), T(revoked_keys_are_dead), T(blocked_parties_are_silent), T(nobody_sends_for_another),
		T(the_same_again_is_a_duplicate), T(a_refused_request_may_come_again), T(parties_are_checked),
		T(people_are_certified_by_their_party), T(things_belong_to_who_registers_them), T(limits_keep_what_is_used),
		T(quotes_and_profiles_are_the_funders), T(policies_rise), T(broken_files_are_not_deployed),
		T(batches_come_in_order_from_their_gateway), T(a_silent_gateway_is_cut_off_and_heals),
		T(prices_need_their_own_sources), T(applications_are_the_applicants), T(messages_come_from_whom_they_are_of),
		T(an_effect_is_answered_once_by_who_was_asked), T(tasks_are_done_by_who_may),
		T(holds_stop_outflow_until_another_lifts_them), T(alerts_are_raised_and_closed_by_people),
		T(compensation_is_ordered_before_the_pivot_only), T(undoing_calls_off_open_questions_only), T(decisions_are_verified),
		T(incidents_are_tried_again),
		T(a_loop_without_a_wait_is_refused), T(nothing_is_replayed_from_another_ledger),
		T(nothing_is_proposed_from_another_ledger), T(a_genesis_names_no_ledger), T(ticks_come_when_they_are_due), T(kinds_are_a_table) };
	return cmocka_run_group_tests_name("the engine", tests, NULL, NULL);
}
