/* A throw-away ledger for tests: a directory, keys from fixed seeds, small signed events.
 *
 * Everything that is signed is the same in every run; only stamps come from the clock that is given. */
#ifndef WHARF_TESTS_LEDGER_ROOM_H
#define WHARF_TESTS_LEDGER_ROOM_H

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/runtime.h"
#include "base/check.h"
#include "base/instant.h"
#include "identity/keys.h"
#include "ledger/envelope.h"

struct room {
	char dir[256];
	struct key_pair node, root;
	int64_t clock; /* 0: the system's */
	const struct room *of; /* whose ledger its events are for; NULL: its own */
};

#define ROOM_BEGUN INT64_C(1773648000000000) /* 2026-03-16T08:00:00Z */

static __attribute__((unused)) void room_keys(struct room *r)
{
	uint8_t seed[KEY_SEED_SIZE];
	CHECK(sodium_init() >= 0, "sodium starts");
	memset(seed, 1, sizeof(seed));
	key_pair_from_seed(seed, &r->node);
	memset(seed, 2, sizeof(seed));
	key_pair_from_seed(seed, &r->root);
}

static __attribute__((unused)) void room_begin(struct room *r)
{
	const char *tmp = getenv("TMPDIR");
	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "%.200s/wharf-room-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	CHECK(mkdtemp(r->dir), "a directory for the test");
	r->clock = ROOM_BEGUN; /* what is signed is from then: by today's clock it would be stale */
	room_keys(r);
}

static __attribute__((unused)) void room_remove(const char *dir)
{
	char path[800];
	DIR *d = opendir(dir);
	for (struct dirent *f; d && (f = readdir(d));) {
		if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%.500s/%.255s", dir, f->d_name);
		if (unlink(path) != 0)
			room_remove(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static __attribute__((unused)) void room_end(struct room *r) { room_remove(r->dir); }

static __attribute__((unused)) int64_t room_clock(void *ctx)
{
	struct room *r = ctx;
	return r->clock += 1000;
}

static __attribute__((unused)) enum err room_open(struct room *r, enum journal_mode mode, struct runtime **out, struct fault *fault)
{
	struct runtime_options o = { .dir = r->dir, .mode = mode, .node_secret = r->node.secret };
	if (r->clock) {
		o.clock = room_clock;
		o.clock_ctx = r;
	}
	return runtime_open(&o, out, fault);
}

static __attribute__((unused)) struct ev_genesis room_beginning(const struct room *r)
{
	struct ev_genesis g;
	memset(&g, 0, sizeof(g));
	snprintf(g.origin, sizeof(g.origin), "wharf.test");
	snprintf(g.currency, sizeof(g.currency), "EUR");
	snprintf(g.book, sizeof(g.book), "BANK");
	g.rules = ENGINE_RULES;
	memcpy(g.node_key.bytes, r->node.public_key, HASH_SIZE);
	memcpy(g.admin_key.bytes, r->root.public_key, HASH_SIZE);
	return g;
}

/* The ledger that room_genesis begins. */
static __attribute__((unused)) struct hash room_ledger(const struct room *r)
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_genesis g = room_beginning(r);
	event_envelope(&a, EVENT_GENESIS, "BANK", "", ROOM_BEGUN, &g, NULL, &env);
	struct hash h = envelope_content_hash(&env);
	arena_free(&a);
	return h;
}

/* Signs and encodes a body; the key of the request comes from kind, body and `at`. */
static __attribute__((unused)) void room_event(const struct room *r, int kind, const void *body, int64_t at, struct buf *out)
{
	struct arena a = { 0 };
	struct envelope env;
	struct fault fault;
	event_envelope(&a, kind, "BANK", "", at, body, NULL, &env);
	if (kind != EVENT_GENESIS)
		env.ledger = room_ledger(r->of ? r->of : r);
	CHECK(envelope_sign(&env, r->root.secret, at, &fault) == ERR_OK, "an event is signed");
	CHECK(envelope_encode(&env, out, &fault) == ERR_OK, "an event is encoded");
	arena_free(&a);
}

static __attribute__((unused)) void room_genesis(const struct room *r, struct buf *out)
{
	struct ev_genesis g = room_beginning(r);
	room_event(r, EVENT_GENESIS, &g, ROOM_BEGUN, out);
}

static __attribute__((unused)) const char *room_party_id(int n, char out[16])
{
	snprintf(out, 16, "P%06d", n);
	return out;
}

/* party.add of party n; n below 0 asks for one with a wrong LEI, which is refused. */
static __attribute__((unused)) void room_party(const struct room *r, int n, struct buf *out)
{
	struct party p;
	memset(&p, 0, sizeof(p));
	room_party_id(n < 0 ? -n : n, p.id);
	p.kind = PARTY_SUP;
	snprintf(p.name, sizeof(p.name), "Party number %d", n);
	if (n < 0)
		snprintf(p.lei, sizeof(p.lei), "529900T8BM49AURSDO56");
	memset(p.key.bytes, 0, HASH_SIZE);
	memcpy(p.key.bytes, &n, sizeof(n));
	room_event(r, EVENT_PARTY, &p, ROOM_BEGUN + n, out);
}

/* Signs an event and sends it, which must not be refused. */
static __attribute__((unused)) void room_must(const struct room *r, struct runtime *rt, int kind, const void *body, int64_t at)
{
	struct buf bytes = { 0 };
	struct fault fault;
	room_event(r, kind, body, at, &bytes);
	struct runtime_item item = { .envelope = buf_view(&bytes) };
	CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK && item.ordered && item.verdict == REFUSED_NOT, event_kind_of(kind)->name);
	buf_free(&bytes);
}

/* Sends genesis; the runtime leads. */
static __attribute__((unused)) void room_found(const struct room *r, struct runtime *rt)
{
	struct ev_genesis g = room_beginning(r);
	room_must(r, rt, EVENT_GENESIS, &g, ROOM_BEGUN);
}

/* A room with a ledger in it that was just begun, and who leads it. */
static __attribute__((unused)) struct runtime *room_start(struct room *r)
{
	struct runtime *rt;
	struct fault fault;
	room_begin(r);
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	room_found(r, rt);
	return rt;
}

#endif
