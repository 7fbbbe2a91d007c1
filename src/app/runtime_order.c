/* From submitted events to durable entries.
 *
 * What is pure (decoding, signatures) is done ahead by the workers of a pool; the engine steps on this thread alone, in
 * order; a full group is committed on a thread of its own while the next one is stepped. At most one commit is under way,
 * the last group of a submission is committed here, and nothing is answered before it is durable. When a commit
 * fails, what was stepped after it is taken back with it, because the engine is built anew from the journal. */
#include "runtime_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/evidence.h"
#include "base/check.h"
#include "store/tiles.h"

/* Fewer items than this are not worth waking a worker. */
enum { AHEAD_LEAST = 16 };

struct group {
	struct runtime *runtime;
	struct journal_row rows[RUNTIME_GROUP_MAX];
	struct runtime_item *items[RUNTIME_GROUP_MAX];
	size_t count;
	struct journal_blob *blobs;
	size_t blob_count, blob_cap;
	struct journal_beside *beside; /* the records that it changed, and tiles that it filled, as they were after it */
	struct arena bytes;          /* of evidence that the engine gave */
	uint64_t head;
	enum err err;                /* of its commit */
	struct fault fault;
};

struct ordering {
	struct runtime *runtime;
	struct runtime_item *items;
	struct group groups[2];
	struct group *open, *under_way; /* being stepped; being committed beside, or NULL */
	uint64_t head;  /* entries before: they are durable */
	uint64_t taken; /* tiles that were full at this size are with a group already */
};

static void group_blob(struct group *g, struct journal_blob blob)
{
	if (g->blob_count == g->blob_cap) {
		g->blob_cap = g->blob_cap ? g->blob_cap * 2 : 64;
		g->blobs = realloc(g->blobs, g->blob_cap * sizeof(*g->blobs));
		CHECK(g->blobs, "out of memory");
	}
	g->blobs[g->blob_count++] = blob;
}

static void group_empty(struct group *g)
{
	g->count = g->blob_count = 0;
	journal_beside_free(g->beside);
	g->beside = NULL;
	arena_reset(&g->bytes);
}

static void runtime_step(struct runtime *r, struct group *g, struct runtime_item *item)
{
	struct engine_in in = { engine_next_stamp(r->engine, runtime_now(r)), r->epoch, item->envelope, true };
	struct engine_out out;
	engine_step(r->engine, &in, &out);
	item->verdict = out.verdict;
	item->number = out.entry.number;
	memcpy(item->detail, out.detail, sizeof(item->detail));
	for (size_t i = 0; i < item->blob_count; i++)
		group_blob(g, item->blobs[i]);
	for (struct evidence *ev = out.evidence; ev; ev = ev->next)
		group_blob(g, (struct journal_blob){ ev->digest, arena_copy(&g->bytes, ev->kind, strlen(ev->kind) + 1),
			{ arena_copy(&g->bytes, ev->bytes.ptr, ev->bytes.len), ev->bytes.len } });
	if (!g->count)
		g->head = out.entry.number;
	g->items[g->count] = item;
	g->rows[g->count++] = (struct journal_row){ out.entry, out.digests };
}

struct group_found {
	const struct hash *chain; /* of our last entry */
	bool ours, other;
};

static bool group_look(void *ctx, const struct journal_row *row)
{
	struct group_found *f = ctx;
	f->ours = hash_eq(&row->digests.chain, f->chain);
	f->other = !f->ours;
	return false;
}

/* Runs on the thread beside, or here; touches nothing of the engine. */
static void group_write(void *ctx)
{
	struct group *g = ctx;
	struct journal *j = g->runtime->journal;
	struct journal_append append = { g->rows, g->count, g->blobs, g->blob_count, NULL, g->beside };
	g->err = journal_commit(j, g->runtime->epoch, g->head, &append, NULL, &g->fault);
	if (g->err != ERR_UNKNOWN)
		return;
	/* Either all of the group is there or none of it; in its place may be entries of who led meanwhile. */
	struct group_found found = { &g->rows[g->count - 1].digests.chain, false, false };
	struct fault ignored;
	if (journal_tail(j, g->head + g->count - 1, g->head + g->count, group_look, &found, &ignored) == ERR_OK)
		g->err = found.ours ? ERR_OK : found.other ? ERR_FENCED : g->fault.code;
}

/* The answers of a group whose commit is over, one way or the other. */
static enum err group_answer(struct runtime *r, struct group *g, struct fault *fault)
{
	enum err e = g->err;
	for (size_t i = 0; i < g->count; i++)
		g->items[i]->ordered = e == ERR_OK;
	if (e != ERR_OK)
		*fault = g->fault;
	group_empty(g);
	r->troubled = e != ERR_OK;
	if (e == ERR_OK)
		return ERR_OK;
	r->trouble = *fault;
	if (e == ERR_FENCED)
		runtime_unlead(r);
	struct fault reload = { 0 };
	if (runtime_reload(r, &reload) != ERR_OK) {
		/* What could not be read to its end is no state to lead with; the next poll reads on from there. */
		*fault = reload;
		if (r->leads)
			runtime_unlead(r);
	}
	return e;
}

/* Waits for the commit beside. When it failed, what was stepped meanwhile is gone with it. */
static enum err ordering_settle(struct ordering *o, struct fault *fault)
{
	struct group *g = o->under_way;
	if (!g)
		return ERR_OK;
	pool_side_finish(o->runtime->side);
	o->under_way = NULL;
	enum err e = group_answer(o->runtime, g, fault);
	for (size_t i = 0; e != ERR_OK && i < o->open->count; i++)
		o->open->items[i]->verdict = REFUSED_NOT;
	if (e != ERR_OK)
		group_empty(o->open);
	return e;
}

/* The open group is full, or there is no more: `last`. */
static enum err ordering_commit(struct ordering *o, bool last, struct fault *fault)
{
	struct runtime *r = o->runtime;
	struct group *g = o->open;
	if (g->count) {
		g->beside = journal_beside_take(engine_tabs_mutable(r->engine), engine_tree_mutable(r->engine), o->taken);
		o->taken = engine_link(r->engine)->next;
	}
	enum err e = ordering_settle(o, fault);
	if (e != ERR_OK || !g->count)
		return e;
	if (!last && !r->side)
		r->side = pool_side_new();
	if (last || !r->side) {
		group_write(g);
		return group_answer(r, g, fault);
	}
	o->under_way = g;
	o->open = &o->groups[g == o->groups];
	pool_side_start(r->side, group_write, g);
	return ERR_OK;
}

/* Evidence in the vault, too, is there before the entry that names it. */
static enum refusal runtime_ready(struct runtime *r, struct runtime_item *item)
{
	return evidence_ready(r->options.dir, engine_tabs(r->engine), item->envelope, item->detail);
}

/* A batch that names bytes which nobody has could never be verified: it is not ordered. */
static enum refusal runtime_evidence(struct ordering *o, struct runtime_item *item, enum err *e, struct fault *fault)
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_batch b;
	bool there = envelope_kind(item->envelope) != EVENT_BATCH || !envelope_decode_again(item->envelope, &env)
		|| !rec_decode(&EV_BATCH_REC, env.body, &b, &a) || hash_is_zero(&b.digest);
	for (size_t i = 0; !there && i < item->blob_count; i++)
		there = hash_eq(&item->blobs[i].digest, &b.digest);
	if (!there && (*e = ordering_settle(o, fault)) == ERR_OK) /* the journal is asked by one thread at a time */
		there = evidence_beside(o->runtime->journal, &b.digest, engine_link(o->runtime->engine)->next);
	if (!there && *e == ERR_OK)
		snprintf(item->detail, sizeof(item->detail), "the raw bytes of batch %lld of %s", (long long)b.sequence, b.gateway);
	arena_free(&a);
	return there ? REFUSED_NOT : REFUSED_EVIDENCE;
}

static void ordering_admit(void *ctx, size_t i)
{
	struct runtime_item *item = &((struct ordering *)ctx)->items[i];
	if (!item->ordered) /* durable already: the rest is sent again after a change of the lead */
		item->verdict = engine_admit(NULL, item->envelope, item->detail);
}

static enum err ordering_run(struct ordering *o, size_t count, struct pool_run *ahead, struct fault *fault)
{
	struct runtime *r = o->runtime;
	enum err e = ERR_OK;
	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		struct runtime_item *item = &o->items[i];
		if (ahead)
			pool_wait(ahead, i);
		else
			ordering_admit(o, i);
		if (item->ordered)
			continue;
		if (item->verdict == REFUSED_NOT)
			item->verdict = engine_known(r->engine, item->envelope, item->detail);
		if (item->verdict == REFUSED_NOT)
			item->verdict = runtime_evidence(o, item, &e, fault);
		if (item->verdict == REFUSED_NOT)
			item->verdict = runtime_ready(r, item);
		if (item->verdict != REFUSED_NOT)
			continue;
		if (engine_repeat(r->engine, item->envelope, &item->number, &item->verdict)) {
			/* the first answer again, when what it answers is durable */
			e = item->number >= o->head ? ordering_commit(o, true, fault) : ERR_OK;
			item->ordered = e == ERR_OK;
			continue;
		}
		runtime_step(r, o->open, item);
		if (o->open->count >= r->group)
			e = ordering_commit(o, false, fault);
	}
	return e == ERR_OK ? ordering_commit(o, true, fault) : e;
}

/* Two groups of rows are large: they are kept from one submission to the next, and never cleared as a whole. */
static struct ordering *ordering_begin(struct runtime *r, struct runtime_item *items)
{
	struct ordering *o = r->ordering;
	if (!o) {
		o = r->ordering = calloc(1, sizeof(*o));
		CHECK(o, "out of memory");
		o->runtime = o->groups[0].runtime = o->groups[1].runtime = r;
	}
	o->items = items;
	o->open = &o->groups[0];
	o->under_way = NULL;
	o->head = engine_link(r->engine)->next;
	o->taken = 0;
	return o;
}

void runtime_order_free(struct runtime *r)
{
	for (size_t i = 0; r->ordering && i < 2; i++) {
		free(r->ordering->groups[i].blobs);
		arena_free(&r->ordering->groups[i].bytes);
	}
	free(r->ordering);
	r->ordering = NULL;
}

enum err runtime_order(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	if (r->stopped) {
		*fault = r->trouble;
		return fault->code;
	}
	if (runtime_clock_off(r, fault))
		return fault->code;
	struct ordering *o = ordering_begin(r, items);
	struct pool_run *ahead = NULL;
	if (count >= AHEAD_LEAST && r->options.threads != 1) {
		if (!r->pool)
			r->pool = pool_new(r->options.threads);
		ahead = pool_begin(r->pool, ordering_admit, o, count);
	}
	enum err e = ordering_run(o, count, ahead, fault);
	if (ahead)
		pool_end(ahead);
	CHECK(!o->under_way, "no commit is left behind");
	for (size_t i = 0; i < 2; i++)
		group_empty(&o->groups[i]);
	bool stored = e == ERR_OK && o->taken;
	if (e == ERR_OK)
		runtime_forget(r);
	if (stored) { /* no commit is under way, and all of them held: memory need not keep what is stored */
		tiles_attach(r->journal, engine_tree_mutable(r->engine));
		merkle_stored(engine_tree_mutable(r->engine));
	}
	if (e == ERR_OK) {
		runtime_snapshot_advance(r);
		runtime_snapshot_due(r);
	}
	if (e == ERR_OK && engine_link(r->engine)->next >= r->checkpoint_at + RUNTIME_CHECKPOINT_EVERY)
		runtime_checkpoint(r);
	return e;
}
