/* A whole recording played in memory: engine, world and nothing else. For the tests of the world and for simulations.
 *
 * The files are those of the source: WHARF_SOURCE, or the working directory. */
#ifndef TESTS_SIM_PLAY_H
#define TESTS_SIM_PLAY_H

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "contract/totals.h"
#include "engine/engine.h"
#include "workflow/runtime.h"
#include "world/setup.h"
#include "world/world.h"

struct play {
	struct engine *engine;
	struct world *world;
	struct world_files files;
	struct buf history, day, cues, cast; /* when generated */
	struct setup_source contracts[16], processes[4];
	struct setup_files setup;
	struct arena memory;
	size_t entries, refused, deepest;
	size_t short_of_signatures; /* refused until the committee signed too */
	size_t check_every; /* the expensive invariants; 0 never */
	char broken[300];   /* the first that did not hold */
};

static inline struct str play_file(struct play *p, const char *path)
{
	char full[512];
	const char *root = getenv("WHARF_SOURCE");
	snprintf(full, sizeof(full), "%s/%s", root ? root : ".", path);
	FILE *f = fopen(full, "rb");
	struct buf b = { 0 };
	char chunk[65536];
	size_t n;
	CHECK(f, "a file of the source; run the tests from its root");
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	struct str out = { arena_copy(&p->memory, b.ptr, b.len), b.len };
	buf_free(&b);
	return out;
}

static inline void play_invariants(struct play *p)
{
	const struct tabs *s = engine_tabs(p->engine);
	const struct meta *m = engine_meta(p->engine);
	struct total totals[TOTALS_COUNT];
	char why[240] = "";
	if (p->broken[0] || !m || !p->check_every || p->entries % p->check_every != 0)
		return;
	if (!workflow_holds(s, why) || !assets_hold(s, why))
		snprintf(p->broken, sizeof(p->broken), "entry %zu: %s", p->entries, why);
	else if (!totals_compute(s, m->book, m->currency, totals))
		for (int i = 0; i < TOTALS_COUNT; i++)
			if (!totals[i].holds)
				snprintf(p->broken, sizeof(p->broken), "entry %zu: %s broken", p->entries, totals[i].name);
}

static inline bool play_step(struct play *p, int64_t at, struct str envelope, enum refusal *verdict, char detail[TURN_DETAIL_MAX])
{
	struct engine_in in = { engine_next_stamp(p->engine, at), 1, envelope };
	struct engine_out out;
	*verdict = engine_admit(p->engine, envelope, detail);
	if (*verdict != REFUSED_NOT)
		return false;
	engine_step(p->engine, &in, &out);
	tabs_dirty_clear(engine_tabs_mutable(p->engine));
	*verdict = out.verdict;
	memcpy(detail, out.detail, TURN_DETAIL_MAX);
	p->entries++;
	/* Where the committee must sign, the world learns it from the answer and sends the same again with its signatures. */
	p->short_of_signatures += out.verdict == REFUSED_ENDORSEMENTS_FEW;
	p->refused += out.verdict != REFUSED_NOT && out.verdict != REFUSED_ENDORSEMENTS_FEW;
	p->deepest = out.signals > p->deepest ? out.signals : p->deepest;
	play_invariants(p);
	return true;
}

static inline bool play_lay(void *ctx, int64_t at, struct str envelope)
{
	enum refusal verdict;
	char detail[TURN_DETAIL_MAX];
	bool ok = play_step(ctx, at, envelope, &verdict, detail);
	if (verdict != REFUSED_NOT)
		fprintf(stderr, "setup: %s %s\n", refusal_name(verdict), detail);
	return ok && verdict == REFUSED_NOT;
}

static inline const struct engine *play_engine(void *ctx) { return ((struct play *)ctx)->engine; }

static inline bool play_submit(void *ctx, struct str envelope, const struct world_blob *blobs, size_t count, enum refusal *verdict,
	char detail[TURN_DETAIL_MAX])
{
	struct play *p = ctx;
	(void)blobs, (void)count;
	return play_step(p, world_now(p->world), envelope, verdict, detail);
}

static inline void play_open_world(struct play *p)
{
	struct fault fault;
	enum err e = world_open(&p->files, play_engine, play_submit, p, &p->world, &fault);
	if (e != ERR_OK)
		fprintf(stderr, "%s\n", fault.text);
	CHECK(e == ERR_OK, "the recording opens");
}

static inline bool play_keep(void *ctx, const char *name, struct str bytes)
{
	struct play *p = ctx;
	struct buf *b = strcmp(name, "history.jsonl") == 0 ? &p->history : strcmp(name, "day.jsonl") == 0 ? &p->day
		: strcmp(name, "cues.jsonl") == 0 ? &p->cues : &p->cast;
	buf_str(b, bytes);
	return true;
}

/* Generates the recording of a seed. */
static inline void play_generate(struct play *p, uint64_t seed, int64_t policy)
{
	CHECK(world_generate(seed, policy, play_keep, p), "the generator writes");
	p->files = (struct world_files){ buf_view(&p->history), buf_view(&p->day), buf_view(&p->cues), buf_view(&p->cast) };
}

/* The recording of the source, and the first entries. Files may be replaced before. */
static inline void play_begin(struct play *p)
{
	static const char *const CONTRACTS[] = { "bills", "disbursement", "documents", "lots", "margin", "matching", "pledge", "receivables",
		"recovery", "release", "scoring", "settlement", "tokens", "warehouse" };
	static const char *const PROCESSES[] = { "inventory-pledge", "receivables", "token-finance" };
	struct fault fault;
	struct cast *cast;
	char path[80];
	CHECK(sodium_init() >= 0, "libsodium starts");
	p->engine = engine_new();
	for (size_t i = 0; i < sizeof(CONTRACTS) / sizeof(CONTRACTS[0]); i++) {
		snprintf(path, sizeof(path), "data/contracts/%s.lua", CONTRACTS[i]);
		p->contracts[p->setup.contract_count++] = (struct setup_source){ CONTRACTS[i], play_file(p, path) };
	}
	for (size_t i = 0; i < sizeof(PROCESSES) / sizeof(PROCESSES[0]); i++) {
		snprintf(path, sizeof(path), "data/processes/%s.bpmn", PROCESSES[i]);
		p->processes[p->setup.process_count++] = (struct setup_source){ PROCESSES[i], play_file(p, path) };
	}
	p->setup.contracts = p->contracts;
	p->setup.processes = p->processes;
	p->setup.policy = play_file(p, "data/policy/policy.json");
	if (!p->files.cast.len)
		p->files = (struct world_files){ play_file(p, "demo/history.jsonl"), play_file(p, "demo/day.jsonl"),
			play_file(p, "demo/cues.jsonl"), play_file(p, "demo/cast.json") };
	CHECK(cast_read(&p->memory, p->files.cast, &cast, &fault) == ERR_OK, "the cast reads");
	CHECK(world_setup(cast, &p->setup, play_lay, p, &fault) == ERR_OK, "the first entries are taken");
	play_open_world(p);
}

/* Until a virtual instant, or until nothing more happens. */
static inline enum world_event play_until(struct play *p, int64_t until)
{
	for (;;) {
		enum world_event e = world_step(p->world, until);
		if (e == WORLD_IDLE || e == WORLD_OVER || e == WORLD_STOPPED || e == WORLD_WAITS)
			return e;
	}
}

static inline void play_end(struct play *p)
{
	world_close(p->world);
	engine_free(p->engine);
	buf_free(&p->history);
	buf_free(&p->day);
	buf_free(&p->cues);
	buf_free(&p->cast);
	arena_free(&p->memory);
}

static inline size_t play_incidents(const struct play *p)
{
	size_t n = 0;
	TAB_FOR(token, t, engine_tabs(p->engine), &TOKEN_REC, "")
		n += t->state == TOKEN_INCIDENT;
	return n;
}

#endif
