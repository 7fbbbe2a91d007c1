/* What the benches of the ledger share: clocks, how they fail, and the parties, contract and gateway of their ledger.
 *
 * Included after BENCH_NAME and struct bench, which has the key pairs admin and gateway, the instant now and an arena. */
#ifndef WHARF_TESTS_BENCH_LEDGER_H
#define WHARF_TESTS_BENCH_LEDGER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/runtime.h"
#include "feed/apply.h"
#include "identity/keys.h"

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Processor time of all threads so far: what a figure costs when others use the machine too. */
static double cpu_seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int64_t bench_clock(void *ctx)
{
	int64_t *now = ctx;
	return *now += 1000;
}

static void fail(const char *what, const struct fault *f)
{
	fprintf(stderr, "%s: %s: %s\n", BENCH_NAME, what, f ? f->text : "");
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

static void must_add_party(struct bench *b, struct runtime *r, const char *id, int kind, const struct key_pair *key)
{
	struct party p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "%s", id);
	snprintf(p.group, sizeof(p.group), "%s", id);
	p.kind = kind;
	if (key)
		memcpy(p.key.bytes, key->public_key, 32);
	must_send(b, r, EVENT_PARTY, &p);
}

/* `change` may alter the text of the contract in its place; NULL: it is as shipped. */
static void must_deploy(struct bench *b, struct runtime *r, const char *name, void (*change)(char *text))
{
	struct ev_source body;
	char path[1000];
	const char *root = getenv("WHARF_SOURCE");
	static char text[1 << 16];
	memset(&body, 0, sizeof(body));
	snprintf(body.name, sizeof(body.name), "%s", name);
	snprintf(path, sizeof(path), "%s/data/contracts/%s.lua", root ? root : ".", name);
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (!len)
		fail("reading a contract: run it where data/contracts is, or set WHARF_SOURCE", NULL);
	fclose(f);
	if (change)
		change(text);
	body.source = blob_in(&b->arena, text, len);
	must_send(b, r, EVENT_CONTRACT, &body);
}

static void set_up_gateway(struct bench *b, struct runtime *r)
{
	struct site site;
	struct gateway gw;
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

#endif
