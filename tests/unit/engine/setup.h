/* A whole desk in memory: engine, people with real keys, the shipped policy, contracts and processes.
 *
 * Everything goes the way of production: an envelope is made, signed with Ed25519, encoded, admitted and
 * stepped. What was ordered is kept, so that a second engine can be fed the same entries. Used by the engine's
 * unit tests, the replay tests and the simulation; it links with floors 1 to 5 only. */
#ifndef WHARF_TEST_ENGINE_SETUP_H
#define WHARF_TEST_ENGINE_SETUP_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "contract/assets.h"
#include "contract/totals.h"
#include "engine/engine.h"
#include "feed/apply.h"
#include "identity/keys.h"
#include "ledger/book.h"
#include "ledger/envelope.h"
#include "risk/watch.h"
#include "schedule/pool.h"

enum { DESK_KEYS_MAX = 96 };

struct desk_entry {
	struct buf envelope;
	int64_t stamp;
	enum refusal verdict;
	struct hash outcome, chain;
};
struct desk_key {
	char label[48];
	struct key_pair pair;
};

struct desk {
	struct engine *engine;
	struct arena arena;          /* lives as long as the desk */
	int64_t now;
	struct desk_entry *log;
	size_t count, cap;
	struct desk_key keys[DESK_KEYS_MAX];
	size_t key_count;
	char detail[TURN_DETAIL_MAX]; /* of the last event */
	uint64_t unique;             /* makes keys of requests that are meant to be new */
	void (*broken)(const char *what); /* a set-up step was refused; the default prints and stops */
	void (*before)(void *ctx, const struct envelope *env, const struct hash *signer); /* of each event; may be NULL */
	void (*ordered)(void *ctx, const struct engine_out *out); /* after each entry; may be NULL */
	bool (*wire)(void *ctx, struct str bytes); /* takes what is sent instead of its being ordered at once; may be NULL */
	void *ctx;
};

static inline void desk_broken(const struct desk *d, const char *what)
{
	char text[TURN_DETAIL_MAX + 100];
	snprintf(text, sizeof(text), "%s: %s", what, d->detail);
	if (d->broken)
		d->broken(text);
	fprintf(stderr, "%s\n", text);
	abort();
}

/* --- keys ----------------------------------------------------------------------------------------- */

/* The pair of "admin", "node", "party/ID", "operator/ID", "gateway/ID". */
static inline const struct key_pair *desk_pair(struct desk *d, const char *label)
{
	uint8_t root[KEY_SEED_SIZE] = { 7 }, seed[KEY_SEED_SIZE];
	for (size_t i = 0; i < d->key_count; i++)
		if (strcmp(d->keys[i].label, label) == 0)
			return &d->keys[i].pair;
	if (d->key_count == DESK_KEYS_MAX)
		desk_broken(d, "too many keys");
	struct desk_key *k = &d->keys[d->key_count++];
	snprintf(k->label, sizeof(k->label), "%s", label);
	key_derive_seed(root, str_of(label), seed);
	key_pair_from_seed(seed, &k->pair);
	return &k->pair;
}

static inline struct hash desk_public(struct desk *d, const char *kind, const char *id)
{
	char label[48];
	struct hash h;
	snprintf(label, sizeof(label), "%s%s%s", kind, *id ? "/" : "", id);
	memcpy(h.bytes, desk_pair(d, label)->public_key, HASH_SIZE);
	return h;
}

/* --- sending -------------------------------------------------------------------------------------- */

static inline void desk_keep(struct desk *d, struct buf envelope, const struct engine_out *out)
{
	if (d->count == d->cap) {
		d->cap = d->cap ? d->cap * 2 : 256;
		d->log = realloc(d->log, d->cap * sizeof(*d->log));
	}
	d->log[d->count++] = (struct desk_entry){ envelope, out->entry.stamp, out->verdict, out->entry.outcome,
		out->digests.chain };
}

/* Orders encoded bytes: admitted first, as the runtime does. What is not admitted is not kept. */
static inline enum refusal desk_order(struct desk *d, struct str bytes)
{
	struct engine_out out;
	struct buf copy = { 0 };
	if (d->wire && d->wire(d->ctx, bytes))
		return REFUSED_NOT;
	enum refusal r = engine_admit(d->engine, bytes, d->detail);
	if (r != REFUSED_NOT)
		return r;
	buf_str(&copy, bytes);
	d->now = engine_next_stamp(d->engine, d->now + 1000);
	struct engine_in in = { d->now, 1, buf_view(&copy) };
	engine_step(d->engine, &in, &out);
	memcpy(d->detail, out.detail, sizeof(d->detail));
	desk_keep(d, copy, &out);
	if (d->ordered)
		d->ordered(d->ctx, &out);
	return out.verdict;
}

/* Signs with the pair of a label and orders it. */
static inline enum refusal desk_sign(struct desk *d, struct envelope *env, const char *label)
{
	struct buf bytes = { 0 };
	struct fault fault;
	struct hash signer;
	memcpy(signer.bytes, desk_pair(d, label)->public_key, HASH_SIZE);
	env->ledger = env->kind == EVENT_GENESIS ? (struct hash){ { 0 } } : engine_ledger(engine_tabs(d->engine));
	if (d->before)
		d->before(d->ctx, env, &signer);
	if (envelope_sign(env, desk_pair(d, label)->secret, d->now, &fault) != ERR_OK
		|| envelope_encode(env, &bytes, &fault) != ERR_OK) {
		snprintf(d->detail, sizeof(d->detail), "%.200s", fault.text);
		desk_broken(d, "signing");
	}
	enum refusal r = desk_order(d, buf_view(&bytes));
	buf_free(&bytes);
	return r;
}

/* Whose people or machine a label is: the sender that production writes. */
static inline const char *desk_party_of(const struct desk *d, const char *label)
{
	const struct meta *m = engine_meta(d->engine);
	const char *id = strchr(label, '/') ? strchr(label, '/') + 1 : "";
	const struct operator *o = strncmp(label, "operator/", 9) ? NULL : tab_get(engine_tabs(d->engine), &OPERATOR_REC, id);
	const struct gateway *g = strncmp(label, "gateway/", 8) ? NULL : tab_get(engine_tabs(d->engine), &GATEWAY_REC, id);
	if (o || g)
		return o ? o->party : g->party;
	return strncmp(label, "party/", 6) == 0 ? id : m ? m->book : "NOORDZEE";
}

/* A body of a kind from whoever the label names; each call is a new request. */
static inline enum refusal desk_send(struct desk *d, int kind, const char *label, const char *deal, const void *body)
{
	struct arena a = { 0 };
	struct envelope env;
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0 };
	d->unique++;
	memcpy(key, &d->unique, sizeof(d->unique));
	event_envelope(&a, kind, desk_party_of(d, label), deal, d->now, body, key, &env);
	enum refusal r = desk_sign(d, &env, label);
	arena_free(&a);
	return r;
}

static inline void desk_must(struct desk *d, int kind, const char *label, const void *body)
{
	if (desk_send(d, kind, label, "", body) != REFUSED_NOT)
		desk_broken(d, event_kind_of(kind)->name);
}

static inline enum refusal desk_data(struct desk *d, int kind, const char *label, const char *deal, const char *name,
	const char *json)
{
	struct ev_data body;
	memset(&body, 0, sizeof(body));
	snprintf(body.name, sizeof(body.name), "%s", name);
	body.data = blob_in(&d->arena, json, strlen(json));
	return desk_send(d, kind, label, deal, &body);
}

static inline enum refusal desk_message(struct desk *d, const char *party, const char *deal, const char *name,
	const char *json)
{
	char label[48];
	snprintf(label, sizeof(label), "party/%s", party);
	return desk_data(d, EVENT_MESSAGE, label, deal, name, json);
}

static inline enum refusal desk_source(struct desk *d, int kind, const char *name, struct str source)
{
	struct ev_source body;
	memset(&body, 0, sizeof(body));
	snprintf(body.name, sizeof(body.name), "%s", name);
	body.source = blob_in(&d->arena, source.ptr, source.len);
	return desk_send(d, kind, "admin", "", &body);
}

static inline enum refusal desk_price(struct desk *d, const char *value, int64_t amount)
{
	static const char *const SOURCES[] = { "lme-a", "lme-b", "lme-c" };
	enum refusal r = REFUSED_NOT;
	for (size_t i = 0; i < 3 && r == REFUSED_NOT; i++) {
		struct ev_answer body;
		char label[48];
		memset(&body, 0, sizeof(body));
		snprintf(body.value, sizeof(body.value), "%s", value);
		snprintf(body.source, sizeof(body.source), "%s", SOURCES[i]);
		snprintf(body.currency, sizeof(body.currency), "EUR");
		body.amount = amount;
		body.at = d->now;
		snprintf(label, sizeof(label), "party/%s", SOURCES[i]);
		r = desk_send(d, EVENT_ANSWER, label, "", &body);
	}
	return r;
}

/* --- tasks, effects, timers ----------------------------------------------------------------------- */

static inline bool desk_open_task(const struct task *k)
{
	return k->state != TASK_DONE && k->state != TASK_WITHDRAWN;
}

/* The open task of a deal at a node, or of a step ("E07") when it is a case. NULL when there is none. */
static inline const struct task *desk_task(const struct desk *d, const char *deal, const char *node)
{
	TAB_FOR(task, k, engine_tabs(d->engine), &TASK_REC, "")
		if (desk_open_task(k) && strcmp(k->deal, deal) == 0 && strcmp(k->node[0] ? k->node : k->step, node) == 0)
			return k;
	return NULL;
}

static inline enum refusal desk_decide(struct desk *d, const char *person, const struct task *task, const char *decision,
	const char *reason, const char *json)
{
	struct ev_task body;
	char label[48], deal[ID_MAX];
	memset(&body, 0, sizeof(body));
	memcpy(body.task, task->id, sizeof(body.task));
	memcpy(deal, task->deal, sizeof(deal));
	body.version = task->version;
	body.seen = task_seen(engine_tabs(d->engine), task);
	snprintf(body.decision, sizeof(body.decision), "%s", decision);
	snprintf(body.reason, sizeof(body.reason), "%s", reason);
	body.data = blob_in(&d->arena, json, strlen(json));
	snprintf(label, sizeof(label), "operator/%s", person);
	return desk_send(d, EVENT_TASK, label, deal, &body);
}

static inline enum refusal desk_reply(struct desk *d, const struct effect *e, const char *code, const char *json)
{
	struct ev_reply body;
	char label[48], deal[ID_MAX];
	memset(&body, 0, sizeof(body));
	memcpy(body.effect, e->id, sizeof(body.effect));
	memcpy(deal, e->deal, sizeof(deal));
	snprintf(body.code, sizeof(body.code), "%s", code);
	body.data = blob_in(&d->arena, json, strlen(json));
	snprintf(label, sizeof(label), "party/%s", e->party);
	return desk_send(d, EVENT_REPLY, label, deal, &body);
}

static inline const struct effect *desk_effect(const struct desk *d, const char *deal, const char *kind)
{
	TAB_FOR(effect, e, engine_tabs(d->engine), &EFFECT_REC, "")
		if (e->state == EFFECT_PENDING && strcmp(e->deal, deal) == 0 && strcmp(e->kind, kind) == 0)
			return e;
	return NULL;
}

/* Fires every timer that is due until an instant, each at its own time. */
static inline size_t desk_pass(struct desk *d, int64_t until)
{
	size_t ticks = 0;
	for (;;) {
		struct arena a = { 0 };
		struct envelope tick;
		int64_t due = engine_next_due(d->engine);
		if (due == INSTANT_NONE || due > until)
			break;
		d->now = due > d->now ? due : d->now;
		if (!engine_tick(d->engine, d->now, &a, &tick) || desk_sign(d, &tick, "node") != REFUSED_NOT)
			desk_broken(d, "a tick");
		arena_free(&a);
		ticks++;
	}
	d->now = until > d->now ? until : d->now;
	return ticks;
}

static inline const struct deal *desk_deal(const struct desk *d, const char *deal)
{
	return tab_get(engine_tabs(d->engine), &DEAL_REC, deal);
}

/* "DL-" and 26 characters that end in the four given. */
static inline char *desk_deal_id(char out[ID_MAX], unsigned number)
{
	static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	snprintf(out, ID_MAX, "DL-01KKAAAAAAAAAAAAAAAAAAAAAA");
	for (int i = 28; i > 23; i--, number /= 32)
		out[i] = ALPHABET[number % 32];
	return out;
}

/* --- the shipped world ---------------------------------------------------------------------------- */

static inline struct str desk_file(struct desk *d, const char *path)
{
	char full[512];
	const char *source = getenv("WHARF_SOURCE");
	struct buf b = { 0 };
	char piece[4096];
	snprintf(full, sizeof(full), "%s/data/%s", source && *source ? source : ".", path);
	FILE *f = fopen(full, "rb");
	if (!f) {
		snprintf(d->detail, sizeof(d->detail), "%.200s", full);
		desk_broken(d, "cannot read");
	}
	for (size_t n; (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		buf_str(&b, (struct str){ piece, n });
	fclose(f);
	struct str out = { arena_copy(&d->arena, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static inline void desk_genesis(struct desk *d)
{
	struct ev_genesis g;
	memset(&g, 0, sizeof(g));
	snprintf(g.origin, sizeof(g.origin), "test.example/desk");
	snprintf(g.currency, sizeof(g.currency), "EUR");
	snprintf(g.book, sizeof(g.book), "NOORDZEE");
	snprintf(g.lua, sizeof(g.lua), "5.4");
	g.rules = ENGINE_RULES;
	g.demo = 1;
	g.node_key = desk_public(d, "node", "");
	g.admin_key = desk_public(d, "admin", "");
	desk_must(d, EVENT_GENESIS, "admin", &g);
}

/* Registers a party under all its names; what else it is stands in p. */
static inline void desk_register(struct desk *d, const char *id, const char *group, struct party p)
{
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.name, sizeof(p.name), "%s", id);
	snprintf(p.short_name, sizeof(p.short_name), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", *group ? group : id);
	p.key = desk_public(d, "party", id);
	desk_must(d, EVENT_PARTY, "admin", &p);
}

static inline void desk_party(struct desk *d, const char *id, enum party_kind kind, const char *group, const char *iban)
{
	struct party p = { .kind = kind };
	snprintf(p.iban, sizeof(p.iban), "%s", iban);
	desk_register(d, id, group, p);
}

/* A supplier whom compliance has approved for so many days. */
static inline void desk_supplier(struct desk *d, const char *id, int days)
{
	struct party p = { .kind = PARTY_SUP, .status = STATUS_APPROVED, .status_until = d->now + days * INSTANT_DAY,
		.iban = "DE89370400440532013000" };
	desk_register(d, id, "", p);
}

static inline void desk_person(struct desk *d, const char *id, const char *party, enum role role, int64_t ceiling)
{
	struct operator o;
	memset(&o, 0, sizeof(o));
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "Person %s", id);
	snprintf(o.party, sizeof(o.party), "%s", party);
	o.role = role;
	o.ceiling = ceiling;
	o.key = desk_public(d, "operator", id);
	desk_must(d, EVENT_OPERATOR, "admin", &o);
}

static inline void desk_people(struct desk *d)
{
	static const struct { const char *id; enum party_kind kind; const char *group, *iban; } PARTIES[] = {
		{ "NOORDZEE", PARTY_FND, "", "" }, { "BANKNET", PARTY_BNK, "", "" }, { "REGISTRY", PARTY_RGY, "", "" },
		{ "DRAHT", PARTY_SUP, "", "DE89370400440532013000" }, { "HALVORSEN", PARTY_CORE, "", "" },
		{ "KESTREL", PARTY_BOR, "", "GB82WEST12345698765432" }, { "WAALHAVEN", PARTY_WHS, "", "" },
		{ "PORTASSAY", PARTY_INS, "", "" }, { "LEK", PARTY_CAR, "", "" },
		{ "lme-a", PARTY_ORA, "", "" }, { "lme-b", PARTY_ORA, "", "" }, { "lme-c", PARTY_ORA, "", "" } };
	static const struct { const char *id, *party; enum role role; int64_t ceiling; } PEOPLE[] = {
		{ "l.haas", "NOORDZEE", ROLE_OPM, 0 }, { "p.smit", "NOORDZEE", ROLE_OPM, 0 },
		{ "t.okafor", "NOORDZEE", ROLE_OPC, 0 }, { "s.brink", "NOORDZEE", ROLE_OPC, 0 },
		{ "m.dahl", "NOORDZEE", ROLE_CRA, 200000000 }, { "g.rossi", "NOORDZEE", ROLE_CRA, 200000000 },
		{ "d.meijer", "NOORDZEE", ROLE_CRO, 0 }, { "i.vermeer", "NOORDZEE", ROLE_RSK, 0 },
		{ "n.aalbers", "NOORDZEE", ROLE_RSK, 0 }, { "h.prins", "NOORDZEE", ROLE_CMP, 0 },
		{ "c.daems", "NOORDZEE", ROLE_CMP, 0 }, { "k.bos", "NOORDZEE", ROLE_TRM, 0 },
		{ "r.lindt", "NOORDZEE", ROLE_TRR, 0 }, { "v.jansen", "NOORDZEE", ROLE_TRR, 0 },
		{ "w.adams", "NOORDZEE", ROLE_ADM, 0 }, { "j.kuiper", "WAALHAVEN", ROLE_WHM, 0 },
		{ "c.mulder", "PORTASSAY", ROLE_INP, 0 }, { "a.visser", "NOORDZEE", ROLE_AUD, 0 },
		{ "o.draht", "DRAHT", ROLE_SUA, 0 } };
	for (size_t i = 0; i < sizeof(PARTIES) / sizeof(PARTIES[0]); i++)
		desk_party(d, PARTIES[i].id, PARTIES[i].kind, PARTIES[i].group, PARTIES[i].iban);
	for (size_t i = 0; i < sizeof(PEOPLE) / sizeof(PEOPLE[0]); i++)
		desk_person(d, PEOPLE[i].id, PEOPLE[i].party, PEOPLE[i].role, PEOPLE[i].ceiling);
}

static inline void desk_things(struct desk *d)
{
	struct site s = { .id = "RTM", .name = "Rotterdam", .party = "WAALHAVEN" };
	struct gateway g = { .id = "GW-RTM", .party = "WAALHAVEN", .site = "RTM", .key = desk_public(d, "gateway", "GW-RTM") };
	struct device t = { .id = "RTM/C2-T03", .party = "WAALHAVEN", .site = "RTM", .gateway = "GW-RTM",
		.kind = DEVICE_TEMPERATURE, .place = "C2", .banded = 1, .low = -22000, .high = -15000 };
	desk_must(d, EVENT_SITE, "admin", &s);
	desk_must(d, EVENT_GATEWAY, "admin", &g);
	desk_must(d, EVENT_DEVICE, "admin", &t);
}

/* What an inspector may not do without: its accreditation, by the regulator. */
static inline void desk_accredit(struct desk *d)
{
	struct cert c = { .kind = CERT_ACCREDITATION, .subject = "PORTASSAY", .number = "A-1", .issuer = "SUPERVISOR",
		.from = d->now - INSTANT_DAY, .until = d->now + 3650 * INSTANT_DAY };
	desk_party(d, "SUPERVISOR", PARTY_REG, "", "");
	desk_must(d, EVENT_CERT, "party/SUPERVISOR", &c);
}

static inline void desk_terms(struct desk *d, int64_t limit)
{
	struct limit halvorsen = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .group = "HALVORSEN", .currency = "EUR",
		.amount = limit };
	struct limit kestrel = { .id = "NOORDZEE/KESTREL", .funder = "NOORDZEE", .group = "KESTREL", .currency = "EUR",
		.amount = limit };
	struct offer offer = { .id = "NOORDZEE/HALVORSEN", .funder = "NOORDZEE", .obligor = "HALVORSEN", .rate = 60000,
		.most = 500000000, .days_max = 180 };
	struct profile debtor = { .id = "HALVORSEN", .relation_months = 96, .complete = 9800, .late_days = 3, .dilution = 80,
		.concentration = 1800, .utilisation = 6200, .leverage = 21000 };
	struct profile seller = { .id = "DRAHT", .relation_months = 72, .complete = 9800, .late_days = 2, .dilution = 90,
		.concentration = 3800, .utilisation = 4100, .leverage = 18000 };
	desk_must(d, EVENT_LIMIT, "admin", &halvorsen);
	desk_must(d, EVENT_LIMIT, "admin", &kestrel);
	desk_must(d, EVENT_OFFER, "party/NOORDZEE", &offer);
	desk_must(d, EVENT_PROFILE, "party/NOORDZEE", &debtor);
	desk_must(d, EVENT_PROFILE, "party/NOORDZEE", &seller);
}

/* A shipped file, by its kind and name. */
static inline void desk_lay(struct desk *d, int kind, const char *name)
{
	char path[80];
	snprintf(path, sizeof(path), kind == EVENT_CONTRACT ? "contracts/%s.lua" : kind == EVENT_PROCESS ? "processes/%s.bpmn" : "policy/%s.json", name);
	if (desk_source(d, kind, name, desk_file(d, path)) != REFUSED_NOT)
		desk_broken(d, path);
}

static inline void desk_lay_contracts(struct desk *d, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		desk_lay(d, EVENT_CONTRACT, names[i]);
}

static inline void desk_deploy(struct desk *d)
{
	static const char *const CONTRACTS[] = { "receivables", "scoring", "matching", "disbursement", "warehouse", "pledge", "margin",
		"settlement", "release" };
	desk_lay(d, EVENT_POLICY, "policy");
	desk_lay_contracts(d, CONTRACTS, sizeof(CONTRACTS) / sizeof(CONTRACTS[0]));
	desk_lay(d, EVENT_PROCESS, "receivables");
	desk_lay(d, EVENT_PROCESS, "inventory-pledge");
}

/* An empty engine and a clock; nothing on the ledger. */
static inline void desk_begin(struct desk *d)
{
	memset(d, 0, sizeof(*d));
	if (sodium_init() < 0)
		abort();
	d->engine = engine_new();
	d->now = instant_of(2026, 3, 16, 8, 0, 0);
}

static inline void desk_open_at(struct desk *d, int64_t now)
{
	desk_begin(d);
	d->now = now;
	desk_genesis(d);
	desk_deploy(d);
	desk_people(d);
	desk_things(d);
	desk_accredit(d);
	desk_terms(d, 500000000);
	if (desk_price(d, "copper", 600000) != REFUSED_NOT)
		desk_broken(d, "price");
}

/* A desk ready to take applications. */
static inline void desk_open(struct desk *d)
{
	desk_open_at(d, instant_of(2026, 3, 16, 8, 0, 0));
}

static inline void desk_close(struct desk *d)
{
	engine_free(d->engine);
	for (size_t i = 0; i < d->count; i++)
		buf_free(&d->log[i].envelope);
	free(d->log);
	arena_free(&d->arena);
}

/* --- what must hold ------------------------------------------------------------------------------- */

/* Everything that is asked of a state at rest; the first breach in why. */
static inline bool desk_holds(const struct desk *d, char why[300])
{
	struct total totals[TOTALS_COUNT];
	char text[240] = "";
	const struct tabs *s = engine_tabs(d->engine);
	if (!workflow_holds(s, text) || !assets_hold(s, text)) {
		snprintf(why, 300, "%s", text);
		return false;
	}
	if (totals_compute(s, "NOORDZEE", "EUR", totals))
		return true;
	for (size_t i = 0; i < TOTALS_COUNT; i++)
		if (!totals[i].holds)
			snprintf(why, 300, "%s: %s %lld, %s %lld", totals[i].name, totals[i].left_of, (long long)totals[i].left,
				totals[i].right_of, (long long)totals[i].right);
	return false;
}

/* Feeds the kept entries to a fresh engine. True when verdicts, outcomes and chain are those of the first. */
static inline bool desk_replay(const struct desk *d, struct engine *e, size_t *differs)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct desk_entry *x = &d->log[i];
		struct engine_in in = { x->stamp, 1, buf_view(&x->envelope) };
		struct engine_out out;
		engine_step(e, &in, &out);
		*differs = i;
		if (out.verdict != x->verdict || !hash_eq(&out.entry.outcome, &x->outcome)
			|| !hash_eq(&out.digests.chain, &x->chain))
			return false;
	}
	return true;
}

#endif
