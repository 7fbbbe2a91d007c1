/* ledgerbench: how fast signed events become durable entries, and how fast a journal replays.
 *
 *     ledgerbench [--events N] [--repeat R] DIR
 *
 * One gateway signs N device batches of four windows. Measured in the same run, on the same core: libsodium's
 * Ed25519 verification rate over envelopes of this size (the ceiling of a signed ledger), the whole way of an event
 * (admit with signature check, step, chain, tree, commit with journal, evidence and read models) in groups of 256, and
 * the replay of that journal without signature checks: the function alone over the rows in memory, and the whole way from
 * the disk with every digest compared. One line of JSON a result; DIR is made and must not exist. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app/runtime.h"
#include "base/instant.h"
#include "feed/apply.h"
#include "identity/keys.h"

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int64_t bench_clock(void *ctx)
{
	int64_t *now = ctx;
	return *now += 1000;
}

struct bench {
	struct key_pair admin, gateway;
	int64_t now;
	struct arena arena;
	struct buf *events;
	struct journal_blob *raw; /* the readings that each batch names, for the evidence store */
	size_t count;
};

static void fail(const char *what, const struct fault *f)
{
	fprintf(stderr, "ledgerbench: %s: %s\n", what, f ? f->text : "");
	exit(1);
}

static void must_send(struct bench *b, struct runtime *r, int kind, const void *body)
{
	struct envelope env;
	struct runtime_item answer;
	struct fault fault;
	event_envelope(&b->arena, kind, "BENCH", "", b->now, body, NULL, &env);
	if (runtime_send(r, &env, b->admin.secret, &answer, &fault) != ERR_OK)
		fail("set-up", &fault);
	if (answer.verdict != REFUSED_NOT)
		fail(refusal_name(answer.verdict), NULL);
}

static void set_up(struct bench *b, struct runtime *r)
{
	struct ev_genesis g;
	struct party p;
	struct site site;
	struct gateway gw;
	memset(&g, 0, sizeof(g));
	strcpy(g.origin, "bench.example/ledger");
	strcpy(g.currency, "EUR");
	strcpy(g.book, "BENCH");
	g.rules = 1;
	memcpy(g.admin_key.bytes, b->admin.public_key, 32);
	must_send(b, r, EVENT_GENESIS, &g);
	memset(&p, 0, sizeof(p));
	strcpy(p.id, "BENCH");
	strcpy(p.group, "BENCH");
	p.kind = PARTY_WHS;
	must_send(b, r, EVENT_PARTY, &p);
	memset(&site, 0, sizeof(site));
	strcpy(site.id, "BEN");
	strcpy(site.party, "BENCH");
	must_send(b, r, EVENT_SITE, &site);
	memset(&gw, 0, sizeof(gw));
	strcpy(gw.id, "GW-BENCH");
	strcpy(gw.party, "BENCH");
	strcpy(gw.site, "BEN");
	memcpy(gw.key.bytes, b->gateway.public_key, 32);
	must_send(b, r, EVENT_GATEWAY, &gw);
	for (int i = 0; i < 4; i++) {
		struct device d;
		memset(&d, 0, sizeof(d));
		snprintf(d.id, sizeof(d.id), "BEN/T%02d", i);
		strcpy(d.party, "BENCH");
		strcpy(d.site, "BEN");
		strcpy(d.gateway, "GW-BENCH");
		d.banded = 1;
		d.low = -22000;
		d.high = -15000;
		must_send(b, r, EVENT_DEVICE, &d);
	}
}

static void make_events(struct bench *b)
{
	b->events = calloc(b->count, sizeof(*b->events));
	b->raw = calloc(b->count, sizeof(*b->raw));
	for (size_t i = 0; i < b->count; i++) {
		struct feed_window w[4];
		struct ev_batch body;
		struct envelope env;
		struct buf windows = { 0 };
		struct fault fault;
		memset(w, 0, sizeof(w));
		memset(&body, 0, sizeof(body));
		int64_t at = b->now + (int64_t)i * 1000;
		for (int k = 0; k < 4; k++) {
			snprintf(w[k].device, sizeof(w[k].device), "BEN/T%02d", k);
			w[k].from = at;
			w[k].count = 10;
			w[k].least = w[k].greatest = w[k].last = -18000 + (int64_t)((i * 7 + (size_t)k * 13) % 500);
			w[k].last_at = at;
			w[k].first_seq = (int64_t)i * 10 + 1;
			w[k].last_seq = (int64_t)i * 10 + 10;
		}
		feed_windows_encode(w, 4, &windows);
		strcpy(body.gateway, "GW-BENCH");
		body.sequence = (int64_t)i + 1;
		body.from = body.to = at;
		body.readings = 40;
		body.windows = blob_in(&b->arena, windows.ptr, windows.len);
		b->raw[i] = (struct journal_blob){ hash_of(windows.ptr, windows.len), "batch", blob_str(body.windows) };
		body.digest = b->raw[i].digest;
		event_envelope(&b->arena, EVENT_BATCH, "BENCH", "", at, &body, NULL, &env);
		if (envelope_sign(&env, b->gateway.secret, at, &fault) != ERR_OK
			|| envelope_encode(&env, &b->events[i], &fault) != ERR_OK)
			fail("signing", &fault);
		buf_free(&windows);
	}
}

static double measure_verify(struct bench *b)
{
	size_t n = b->count < 20000 ? b->count : 20000, bad;
	double start = seconds();
	for (size_t i = 0; i < n; i++) {
		struct envelope env;
		if (envelope_decode(buf_view(&b->events[i]), &env, NULL) != ERR_OK
			|| envelope_verify_signatures(&env, &bad) != REFUSED_NOT)
			fail("verification", NULL);
	}
	return (double)n / (seconds() - start);
}

static double measure_submit(struct bench *b, struct runtime *r)
{
	struct runtime_item *items = calloc(RUNTIME_GROUP_MAX, sizeof(*items));
	struct fault fault;
	double start = seconds();
	for (size_t i = 0; i < b->count; i += RUNTIME_GROUP_MAX) {
		size_t n = b->count - i < RUNTIME_GROUP_MAX ? b->count - i : RUNTIME_GROUP_MAX;
		memset(items, 0, RUNTIME_GROUP_MAX * sizeof(*items));
		for (size_t k = 0; k < n; k++) {
			items[k].envelope = buf_view(&b->events[i + k]);
			items[k].blobs = &b->raw[i + k];
			items[k].blob_count = 1;
		}
		if (runtime_submit(r, items, n, &fault) != ERR_OK)
			fail("submit", &fault);
		for (size_t k = 0; k < n; k++)
			if (items[k].verdict != REFUSED_NOT)
				fail(refusal_name(items[k].verdict), NULL);
	}
	double rate = (double)b->count / (seconds() - start);
	free(items);
	return rate;
}

struct replay {
	struct engine *engine;
	struct buf *rows;
	struct engine_in *in;
	size_t count;
};

static bool collect(void *ctx, const struct journal_row *row)
{
	struct replay *p = ctx;
	buf_str(&p->rows[p->count], row->entry.envelope);
	p->in[p->count] = (struct engine_in){ row->entry.stamp, row->entry.epoch, { 0 }, true };
	p->count++;
	return true;
}

static double measure_replay(struct runtime *r, struct hash *digest)
{
	size_t total = (size_t)engine_link(runtime_engine(r))->next;
	struct replay p = { engine_new(), calloc(total, sizeof(struct buf)), calloc(total, sizeof(struct engine_in)), 0 };
	struct fault fault;
	if (journal_tail(runtime_journal(r), 0, UINT64_MAX, collect, &p, &fault) != ERR_OK)
		fail("reading", &fault);
	double start = seconds();
	for (size_t i = 0; i < p.count; i++) {
		struct engine_out out;
		p.in[i].envelope = buf_view(&p.rows[i]);
		engine_step(p.engine, &p.in[i], &out);
	}
	double rate = (double)p.count / (seconds() - start);
	*digest = engine_digest(p.engine);
	engine_free(p.engine);
	for (size_t i = 0; i < total; i++)
		buf_free(&p.rows[i]);
	free(p.rows);
	free(p.in);
	return rate;
}

/* The whole way back from the disk: rows read, links, digests, verdicts and outcomes compared. */
static double measure_load(struct runtime *r, const struct hash *want)
{
	struct engine *e = engine_new();
	struct fault fault;
	double start = seconds();
	if (journal_load(runtime_journal(r), e, false, false, &fault) != ERR_OK)
		fail("loading", &fault);
	double rate = (double)engine_link(e)->next / (seconds() - start);
	struct hash digest = engine_digest(e);
	if (!hash_eq(&digest, want))
		fail("the loaded state differs", NULL);
	engine_free(e);
	return rate;
}

int main(int argc, char **argv)
{
	struct bench b = { .count = 20000 };
	uint8_t seed[32] = { 1 };
	int repeat = 1;
	const char *dir = NULL;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--events") == 0 && i + 1 < argc)
			b.count = (size_t)strtoul(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--repeat") == 0 && i + 1 < argc)
			repeat = (int)strtol(argv[++i], NULL, 10);
		else
			dir = argv[i];
	}
	if (!dir || !b.count || sodium_init() < 0) {
		fprintf(stderr, "usage: ledgerbench [--events N] [--repeat R] DIR\n");
		return 2;
	}
	key_pair_from_seed(seed, &b.admin);
	seed[0] = 2;
	key_pair_from_seed(seed, &b.gateway);
	b.now = instant_of(2026, 3, 16, 8, 0, 0);
	for (int k = 0; k < repeat; k++) {
		char path[1000];
		struct runtime *r;
		struct fault fault;
		struct hash digest, live;
		snprintf(path, sizeof(path), "%s.%d", dir, k);
		struct runtime_options o = { .dir = path, .mode = JOURNAL_CREATE, .clock = bench_clock, .clock_ctx = &b.now };
		if (runtime_open(&o, &r, &fault) != ERR_OK)
			fail("open", &fault);
		set_up(&b, r);
		make_events(&b);
		double verify = measure_verify(&b), submit = measure_submit(&b, r), replay = measure_replay(r, &digest);
		live = engine_digest(runtime_engine(r));
		double load = measure_load(r, &live);
		printf("{\"bench\":\"ledger\",\"events\":%zu,\"verify_per_s\":%.0f,\"durable_per_s\":%.0f,\"share\":%.3f,"
			"\"replay_per_s\":%.0f,\"load_per_s\":%.0f,\"digest_equal\":%s}\n", b.count, verify, submit, submit / verify,
			replay, load,
			hash_eq(&digest, &live) ? "true" : "false");
		fflush(stdout);
		runtime_close(r);
		for (size_t i = 0; i < b.count; i++)
			buf_free(&b.events[i]);
		free(b.events);
		free(b.raw);
		arena_free(&b.arena);
		b.now += INSTANT_DAY;
	}
	return 0;
}
