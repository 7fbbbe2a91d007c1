/* The first entries of a demo directory. See world/setup.h. */
#include "world/setup.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "base/json.h"
#include "contract/assets.h"
#include "engine/engine.h"
#include "ledger/envelope.h"
#include "world_int.h"

struct laying {
	const struct cast *cast;
	setup_emit emit;
	void *ctx;
	struct arena scratch;
	struct key_pair admin;
	struct hash ledger; /* of the genesis, once it is laid */
	int64_t at;
	bool stopped;
};

static void lay_by(struct laying *l, const struct key_pair *by, const char *party, enum event_number kind, const void *body)
{
	struct envelope e;
	struct buf bytes = { 0 };
	struct fault fault;
	if (l->stopped)
		return;
	arena_reset(&l->scratch);
	event_envelope(&l->scratch, (int)kind, party, "", l->at, body, NULL, &e);
	e.ledger = l->ledger;
	bool ok = envelope_sign(&e, by->secret, l->at, &fault) == ERR_OK && envelope_encode(&e, &bytes, &fault) == ERR_OK;
	if (kind == EVENT_GENESIS)
		l->ledger = envelope_content_hash(&e);
	l->stopped = !ok || !l->emit(l->ctx, l->at, buf_view(&bytes));
	l->at += INSTANT_SECOND;
	buf_free(&bytes);
}

static void lay(struct laying *l, enum event_number kind, const void *body)
{
	lay_by(l, &l->admin, "NOORDZEE", kind, body);
}

static void lay_genesis(struct laying *l, struct str policy)
{
	struct ev_genesis g;
	struct key_pair node;
	uint8_t consortium[KEY_SEED_SIZE];
	memset(&g, 0, sizeof(g));
	world_key(l->cast->seed, "node", "", &node);
	world_key_seed(l->cast->seed, "consortium", consortium);
	snprintf(g.origin, sizeof(g.origin), WORLD_ORIGIN);
	g.demo = 1;
	g.rules = ENGINE_RULES;
	snprintf(g.lua, sizeof(g.lua), "5.4");
	snprintf(g.currency, sizeof(g.currency), "EUR");
	snprintf(g.book, sizeof(g.book), "NOORDZEE");
	memcpy(g.node_key.bytes, node.public_key, HASH_SIZE);
	memcpy(g.admin_key.bytes, l->admin.public_key, HASH_SIZE);
	memcpy(g.consortium.bytes, consortium, HASH_SIZE);
	g.policy = hash_of(policy.ptr, policy.len);
	key_pair_wipe(&node);
	lay(l, EVENT_GENESIS, &g);
}

static void lay_source(struct laying *l, enum event_number kind, const char *name, struct str bytes)
{
	struct arena a = { 0 };
	struct ev_source s;
	memset(&s, 0, sizeof(s));
	snprintf(s.name, sizeof(s.name), "%s", name);
	s.source = blob_in(&a, bytes.ptr, bytes.len);
	lay(l, kind, &s);
	arena_free(&a);
}

int64_t setup_policy_version(struct str policy)
{
	struct arena a = { 0 };
	struct json *root;
	struct fault fault;
	int64_t version = 0;
	if (json_parse(&a, policy, &root, &fault) != ERR_OK || !json_i64(root, "version", &version))
		version = 0;
	arena_free(&a);
	return version;
}

/* The policy one version earlier, with gateways allowed to be silent: they are fitted later. */
static enum err earlier_policy(struct str policy, struct buf *out, struct fault *fault)
{
	struct arena a = { 0 };
	struct json *root;
	int64_t version;
	enum err e = json_parse(&a, policy, &root, fault);
	if (e == ERR_OK && (!json_i64(root, "version", &version) || version < 2))
		e = fault_set(fault, ERR_SYNTAX, 0, 0, "the policy of a demonstration needs a version from 2");
	if (e == ERR_OK) {
		struct json_writer *w = json_write_begin(out, true);
		json_write_open(w, '{');
		json_write_key(w, STR("version"));
		json_write_i64(w, version - 1);
		json_write_key(w, STR("params"));
		json_write_open(w, '{');
		const struct json *params = json_get(root, "params");
		for (const struct json *p = params ? params->child : NULL; p; p = p->next) {
			json_write_key(w, p->key);
			if (str_is(p->key, "feed.silence_minutes"))
				json_write_i64(w, 365 * 24 * 60);
			else
				json_write_value(w, p);
		}
		json_write_close(w, '}');
		json_write_close(w, '}');
		json_write_end(w);
	}
	arena_free(&a);
	return e;
}

static void lay_register(struct laying *l)
{
	const struct cast *c = l->cast;
	for (int i = 0; i < c->party_count; i++)
		lay(l, EVENT_PARTY, &c->parties[i]);
	for (int i = 0; i < c->operator_count; i++)
		lay(l, EVENT_OPERATOR, &c->operators[i]);
	for (int i = 0; i < c->site_count; i++)
		lay(l, EVENT_SITE, &c->sites[i]);
	for (int i = 0; i < c->gateway_count; i++)
		lay(l, EVENT_GATEWAY, &c->gateways[i]);
	for (int i = 0; i < c->device_count; i++)
		lay(l, EVENT_DEVICE, &c->devices[i]);
}

/* The supervisor says which inspectors are accredited and which warehouses licensed, for longer than anybody plays. */
static void lay_certificates(struct laying *l)
{
	struct key_pair supervisor;
	world_key(l->cast->seed, "party", "SUPERVISOR", &supervisor);
	for (int i = 0, n = 0; i < l->cast->party_count; i++) {
		const struct party *p = &l->cast->parties[i];
		struct cert c = { .kind = p->kind == PARTY_INS ? CERT_ACCREDITATION : CERT_LICENCE, .from = l->cast->begins,
			.until = l->cast->begins + 3 * 365 * INSTANT_DAY };
		if (p->kind != PARTY_INS && p->kind != PARTY_WHS)
			continue;
		memcpy(c.subject, p->id, sizeof(p->id));
		snprintf(c.issuer, sizeof(c.issuer), "SUPERVISOR");
		snprintf(c.number, sizeof(c.number), p->kind == PARTY_INS ? "ACC-%03d" : "LIC-%03d", ++n);
		lay_by(l, &supervisor, "SUPERVISOR", EVENT_CERT, &c);
	}
	key_pair_wipe(&supervisor);
}

static void lay_terms(struct laying *l)
{
	const struct cast *c = l->cast;
	for (int i = 0; i < c->limit_count; i++)
		lay(l, EVENT_LIMIT, &c->limits[i]);
	for (int i = 0; i < c->offer_count; i++)
		lay(l, EVENT_OFFER, &c->offers[i]);
	for (int i = 0; i < c->profile_count; i++)
		lay(l, EVENT_PROFILE, &c->profiles[i]);
}

enum err world_setup(const struct cast *c, const struct setup_files *files, setup_emit emit, void *ctx, struct fault *fault)
{
	struct laying l = { .cast = c, .emit = emit, .ctx = ctx, .at = c->begins };
	struct buf policy = { 0 };
	enum err e = earlier_policy(files->policy, &policy, fault);
	if (e != ERR_OK) {
		buf_free(&policy);
		return e;
	}
	world_key(c->seed, "admin", "", &l.admin);
	lay_genesis(&l, buf_view(&policy));
	lay_source(&l, EVENT_POLICY, "policy", buf_view(&policy));
	lay_register(&l);
	for (int i = 0; i < files->contract_count; i++)
		lay_source(&l, EVENT_CONTRACT, files->contracts[i].name, files->contracts[i].bytes);
	for (int i = 0; i < files->process_count; i++)
		lay_source(&l, EVENT_PROCESS, files->processes[i].name, files->processes[i].bytes);
	lay_terms(&l);
	lay_certificates(&l);
	key_pair_wipe(&l.admin);
	arena_free(&l.scratch);
	buf_free(&policy);
	return l.stopped ? fault_set(fault, ERR_REFUSED, 0, 0, "the first entries of the demonstration were not taken") : ERR_OK;
}
