/* Keys for tests of identity: a desk without contracts, people with keys made at will, signatures at any time.
 *
 * Used by the unit tests of the engine and by the fault campaign of identity; signing times and cosigners are given
 * explicitly, which the desk's own desk_send does not do. */
#ifndef WHARF_TESTS_KEYS_ROOM_H
#define WHARF_TESTS_KEYS_ROOM_H

#include "identity/keyring.h"
#include "unit/engine/setup.h"

static __attribute__((unused)) void room_pair(const char *label, uint64_t number, struct key_pair *out)
{
	uint8_t root[KEY_SEED_SIZE] = { 9 }, seed[KEY_SEED_SIZE];
	char text[64];
	int len = snprintf(text, sizeof(text), "%s/%llu", label, (unsigned long long)number);
	key_derive_seed(root, (struct str){ text, (size_t)len }, seed);
	key_pair_from_seed(seed, out);
}

static __attribute__((unused)) struct hash room_public(const struct key_pair *p)
{
	struct hash h;
	memcpy(h.bytes, p->public_key, HASH_SIZE);
	return h;
}

/* The register of the shipped desk with two more administrators; its policy, no contracts. */
static __attribute__((unused)) void room_desk(struct desk *d)
{
	desk_begin(d);
	desk_genesis(d);
	desk_lay(d, EVENT_POLICY, "policy");
	desk_people(d);
	desk_person(d, "x.adams", "NOORDZEE", ROLE_ADM, 0);
	desk_things(d);
}

struct room_signer {
	const struct key_pair *pair;
	int64_t at; /* 0: the desk's time */
};

/* One event by several signers, the author first; sender is the author's party. */
static __attribute__((unused)) enum refusal room_send(struct desk *d, int kind, const char *sender, const void *body,
	const struct room_signer *who, size_t count)
{
	struct arena a = { 0 };
	struct envelope env;
	struct buf bytes = { 0 };
	struct fault fault;
	uint8_t key[ENVELOPE_KEY_SIZE] = { 7 };
	d->unique++;
	memcpy(key + 4, &d->unique, sizeof(d->unique));
	event_envelope(&a, kind, sender, "", d->now, body, key, &env);
	env.ledger = engine_ledger(engine_tabs(d->engine));
	for (size_t i = 0; i < count; i++)
		if (envelope_sign(&env, who[i].pair->secret, who[i].at ? who[i].at : d->now, &fault) != ERR_OK)
			desk_broken(d, fault.text);
	if (envelope_encode(&env, &bytes, &fault) != ERR_OK)
		desk_broken(d, fault.text);
	enum refusal r = desk_order(d, buf_view(&bytes));
	buf_free(&bytes);
	arena_free(&a);
	return r;
}

/* Certifies a person of NOORDZEE by the root key of his party. */
static __attribute__((unused)) void room_person(struct desk *d, const char *id, enum role role, const struct key_pair *pair,
	const char *scope, int64_t from, int64_t until)
{
	struct operator o = { .role = role, .valid_from = from, .valid_until = until, .key = room_public(pair) };
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "Person %s", id);
	snprintf(o.party, sizeof(o.party), "NOORDZEE");
	snprintf(o.scope, sizeof(o.scope), "%s", scope);
	desk_must(d, EVENT_OPERATOR, "party/NOORDZEE", &o);
}

/* An act that an operator of role RSK may do at any time: raising an alert. Returns its verdict. */
static __attribute__((unused)) enum refusal room_raise(struct desk *d, const struct key_pair *pair, int64_t at)
{
	struct ev_raise body = { .code = "E01", .title = "paper missing", .why = "looked for it" };
	snprintf(body.asset, sizeof(body.asset), "LT-%llu", (unsigned long long)d->unique);
	return room_send(d, EVENT_RAISE, "NOORDZEE", &body, &(struct room_signer){ pair, at }, 1);
}

static __attribute__((unused)) const struct keyrec *room_key(const struct desk *d, const struct key_pair *pair)
{
	struct hash key = room_public(pair);
	return keyring_find(engine_tabs(d->engine), &key);
}

static __attribute__((unused)) struct ev_rotate room_rotation(const char *holder, const struct key_pair *old, const struct key_pair *key)
{
	struct ev_rotate b = { .old = room_public(old), .key = room_public(key), .reason = "time" };
	snprintf(b.holder, sizeof(b.holder), "%s", holder);
	return b;
}

#endif
