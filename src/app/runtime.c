/* Engine, journal and clock wired together. See app/runtime.h. */
#include "app/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/checkpoint.h"
#include "app/clock.h"
#include "app/evidence.h"
#include "base/check.h"
#include "base/instant.h"
#include "base/log.h"
#include "net/local.h"
#include "store/snapshotting.h"
#include "store/tiles.h"
#include "work/pool.h"

/* A leader that has not answered for this long is taken for stopped. */
#define LEADER_SILENT_MS 3000
/* Between two tries to write again after a failure. */
#define MEND_EVERY_MS 1000
/* Fewer items than this are not worth waking a worker. */
enum { AHEAD_LEAST = 16 };
/* Between two looks at a leader that holds the lock and has not opened its socket yet. */
#define CONNECT_RETRY_US 20000

struct runtime {
	struct runtime_options options;
	int64_t demo_stamp, demo_opened; /* of demo_clock */
	struct journal *journal;
	struct engine *engine;
	uint64_t epoch;
	uint64_t forgotten; /* entries before it destroy nothing that is still in the vault */
	int64_t mended_ms; /* when it was last tried to write again, after a failure */
	bool leads;
	int64_t silent_ms; /* since when the leader owes an answer */
	size_t group;
	uint64_t snapshot_at; /* entries in the newest snapshot */
	uint64_t snapshot_every; /* from one to the next */
	struct snapshotting *making; /* one that is being written while work goes on, or NULL */
	uint64_t checkpoint_at; /* entries that the checkpoint this process wrote speaks of */
	struct net_server *server;
	struct net_client *client;
	bool serving;         /* inside net_server_poll: the server may not be closed now */
	struct fault trouble;
	bool troubled;
	bool stopped; /* memory or disk is not what was signed: nothing more is written by this process */
	bool refused; /* opening failed: nothing is written on the way out */
	char warning[CHECKPOINT_WARNING_MAX];
	struct pool *pool;         /* verifies ahead; made when first needed */
	struct pool_side *side;    /* commits beside; made when first needed */
};

static int64_t system_clock(void *ctx)
{
	(void)ctx;
	return clock_wall();
}

/* A ledger whose genesis says demo lives in its own time: opened later without its recording, its clock goes on from
 * the last entry, or else every deadline since the recorded day would be missed at once. */
static int64_t demo_clock(void *ctx)
{
	const struct runtime *r = ctx;
	return r->demo_stamp + system_clock(NULL) - r->demo_opened;
}

static void runtime_set_clock(struct runtime *r)
{
	const struct meta *m = engine_meta(r->engine);
	if (r->options.clock != system_clock || !m || !m->demo)
		return;
	r->demo_stamp = engine_link(r->engine)->stamp;
	r->demo_opened = system_clock(NULL);
	r->options.clock = demo_clock;
	r->options.clock_ctx = r;
}

int64_t runtime_now(struct runtime *r) { return r->options.clock(r->options.clock_ctx); }
bool runtime_leads(const struct runtime *r) { return r->leads; }
struct engine *runtime_engine(struct runtime *r) { return r->engine; }
struct journal *runtime_journal(struct runtime *r) { return r->journal; }
const struct fault *runtime_trouble(const struct runtime *r) { return r->troubled ? &r->trouble : NULL; }
int64_t runtime_leader_silence(const struct runtime *r) { return r->leads ? 0 : r->silent_ms; }
const char *runtime_warning(const struct runtime *r) { return r->warning; }
void runtime_set_group(struct runtime *r, size_t n) { r->group = n < 1 ? 1 : n > RUNTIME_GROUP_MAX ? RUNTIME_GROUP_MAX : n; }

/* --- leading -------------------------------------------------------------------------------------- */

/* A disk that takes nothing lets nobody lead: the ledger can still be read, and why it cannot be written is said. */
static bool runtime_unwritable(struct runtime *r, enum err e, const struct fault *fault)
{
	if (e != ERR_FULL && e != ERR_IO)
		return false;
	r->trouble = *fault;
	r->troubled = true;
	return true;
}

static enum err runtime_lead(struct runtime *r, bool steal, struct fault *fault)
{
	enum err e = journal_acquire(r->journal, steal, &r->epoch, fault);
	if (e != ERR_OK) {
		runtime_unwritable(r, e, fault);
		return e;
	}
	r->troubled = false;
	/* What the former leader committed between our last look and the new epoch is applied first. */
	e = journal_catch_up(r->journal, r->engine, NULL, fault);
	if (e != ERR_OK) {
		journal_release(r->journal);
		return e;
	}
	tabs_dirty_clear(engine_tabs_mutable(r->engine));
	net_client_close(r->client);
	r->client = NULL;
	r->leads = true;
	/* Without the socket other consoles cannot attach; leading alone is still right. */
	if (net_serve(r->options.dir, &r->server, &r->trouble) != ERR_OK)
		r->server = NULL;
	return ERR_OK;
}

static void runtime_snapshot_end(struct runtime *r)
{
	snapshotting_end(r->making);
	r->making = NULL;
}

/* The server is closed at once, or by runtime_poll when the lead is lost while requests are served. */
static void runtime_unlead(struct runtime *r)
{
	r->leads = false;
	runtime_snapshot_end(r);
	journal_release(r->journal);
	if (r->serving)
		return;
	net_server_close(r->server);
	r->server = NULL;
}

/* Memory may not run ahead of the disk: after a failed commit the engine is built anew. */
static enum err runtime_reload(struct runtime *r, struct fault *fault)
{
	engine_free(r->engine);
	r->engine = engine_new();
	return journal_load(r->journal, r->engine, false, !r->options.no_snapshot, fault);
}

/* What entries destroyed goes from the vault here too: of a leader's entries that came meanwhile, of a proposal that was
 * completed, and, when this is opened, of a destruction that a crash cut short. */
static void runtime_forget(struct runtime *r)
{
	struct fault fault;
	if (r->options.mode == JOURNAL_READ || evidence_forget(r->options.dir, engine_tabs(r->engine), &r->forgotten, &fault) == ERR_OK)
		return;
	if (!r->warning[0]) { /* it is tried again with every entry: said once */
		log_line("%s", fault.text);
		snprintf(r->warning, sizeof(r->warning), "%.200s", fault.text);
	}
}

enum err runtime_open(const struct runtime_options *o, struct runtime **out, struct fault *fault)
{
	struct runtime *r = calloc(1, sizeof(*r));
	CHECK(r, "out of memory");
	*out = NULL;
	r->options = *o;
	if (!r->options.clock)
		r->options.clock = system_clock;
	r->group = RUNTIME_GROUP_MAX;
	r->snapshot_every = RUNTIME_SNAPSHOT_EVERY;
	r->engine = engine_new();
	enum err e = journal_open(o->dir, o->mode, &r->journal, fault);
	if (e == ERR_OK)
		journal_set_node(r->journal, o->node_secret);
	if (e == ERR_OK)
		e = journal_load(r->journal, r->engine, o->check_signatures, !o->no_snapshot, fault);
	r->snapshot_at = e == ERR_OK ? snapshot_newest(r->journal) : 0;
	runtime_set_clock(r);
	if (e == ERR_OK && !o->follow && o->mode != JOURNAL_READ) {
		e = runtime_lead(r, false, fault);
		if (e == ERR_BUSY || runtime_unwritable(r, e, fault))
			e = ERR_OK;
	}
	if (e == ERR_OK && r->leads)
		e = checkpoint_rollback(r->engine, o->dir, r->warning, fault);
	r->refused = e != ERR_OK;
	if (e != ERR_OK) {
		runtime_close(r);
		return e;
	}
	runtime_forget(r);
	*out = r;
	return ERR_OK;
}

/* A large state is written less often: a constant share of the work, and of the entries that a start runs again. */
static void runtime_snapshot_next(struct runtime *r, size_t size)
{
	r->snapshot_every = size / RUNTIME_SNAPSHOT_SHARE > RUNTIME_SNAPSHOT_EVERY ? size / RUNTIME_SNAPSHOT_SHARE : RUNTIME_SNAPSHOT_EVERY;
}

static void runtime_snapshot(struct runtime *r)
{
	struct buf bytes = { 0 };
	struct fault ignored;
	if (!r->options.node_secret)
		return; /* nobody would believe it */
	engine_snapshot(r->engine, &bytes);
	/* A snapshot only saves time: when it cannot be written the journal still has everything. */
	if (snapshot_put(r->journal, engine_link(r->engine)->next, buf_view(&bytes), &ignored) == ERR_OK)
		r->snapshot_at = engine_link(r->engine)->next;
	runtime_snapshot_next(r, bytes.len);
	buf_free(&bytes);
}

static bool runtime_large(const struct runtime *r)
{
	size_t records = 0;
	for (size_t i = 0; i < STATE_TYPE_COUNT; i++)
		records += tab_count(engine_tabs(r->engine), STATE_TYPES[i]);
	return records >= RUNTIME_SNAPSHOT_BESIDE;
}

/* A large one is begun here, and written piece by piece after the work that follows. */
static void runtime_snapshot_due(struct runtime *r)
{
	if (r->making || engine_link(r->engine)->next < r->snapshot_at + r->snapshot_every)
		return;
	if (r->options.node_secret && runtime_large(r))
		r->making = snapshotting_begin(r->engine);
	if (r->making)
		r->snapshot_at = engine_link(r->engine)->next;
	else
		runtime_snapshot(r);
}

static void runtime_snapshot_advance(struct runtime *r)
{
	struct fault ignored;
	bool done = false;
	if (!r->making)
		return;
	if (snapshotting_advance(r->making, r->journal, &done, &ignored) == ERR_OK && done)
		runtime_snapshot_next(r, snapshotting_size(r->making));
	if (done)
		runtime_snapshot_end(r);
}

/* What the node last said of the ledger; a copy of this file elsewhere is what `verify` compares with. */
static void runtime_checkpoint(struct runtime *r)
{
	struct fault fault;
	/* The journal is complete without it, and a disk that is full says so at the next commit. But what is not what was signed
	 * before must be seen. */
	if (r->options.node_secret && engine_meta(r->engine)
		&& checkpoint_write(r->engine, r->journal, r->options.node_secret, NULL, &fault) == ERR_TAMPERED) {
		r->trouble = fault;
		r->troubled = r->stopped = true;
		log_line("%s", fault.text);
	}
	r->checkpoint_at = engine_link(r->engine)->next;
}

void runtime_close(struct runtime *r)
{
	if (!r)
		return;
	bool making = r->making != NULL; /* what is half made does not count */
	runtime_snapshot_end(r);
	if (r->leads && !r->troubled && !r->refused && (making || engine_link(r->engine)->next > r->snapshot_at + 200))
		runtime_snapshot(r);
	if (r->leads && !r->troubled && !r->refused)
		runtime_checkpoint(r);
	if (r->leads)
		runtime_unlead(r);
	net_client_close(r->client);
	journal_close(r->journal);
	engine_free(r->engine);
	pool_free(r->pool);
	pool_side_free(r->side);
	free(r);
}

/* --- ordering -------------------------------------------------------------------------------------
 *
 * What is pure (decoding, signatures) is done ahead by the workers of a pool; the engine steps on this thread alone, in
 * order; a full group is committed on a thread of its own while the next one is stepped. At most one commit is under way,
 * the last group of a submission is committed here, and nothing is answered before it is durable. When a commit
 * fails, what was stepped after it is taken back with it, because the engine is built anew from the journal. */

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
	bool there = !envelope_decode_again(item->envelope, &env) || env.kind != EVENT_BATCH
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

static enum err runtime_order(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	if (r->stopped) {
		*fault = r->trouble;
		return fault->code;
	}
	struct ordering *o = calloc(1, sizeof(*o));
	struct pool_run *ahead = NULL;
	CHECK(o, "out of memory");
	o->runtime = r;
	o->items = items;
	o->head = engine_link(r->engine)->next;
	o->open = &o->groups[0];
	o->groups[0].runtime = o->groups[1].runtime = r;
	if (count >= AHEAD_LEAST && r->options.threads != 1) {
		if (!r->pool)
			r->pool = pool_new(r->options.threads);
		ahead = pool_begin(r->pool, ordering_admit, o, count);
	}
	enum err e = ordering_run(o, count, ahead, fault);
	if (ahead)
		pool_end(ahead);
	CHECK(!o->under_way, "no commit is left behind");
	for (size_t i = 0; i < 2; i++) {
		group_empty(&o->groups[i]);
		free(o->groups[i].blobs);
		arena_free(&o->groups[i].bytes);
	}
	bool stored = e == ERR_OK && o->taken;
	free(o);
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

/* --- following ------------------------------------------------------------------------------------ */

static void runtime_disconnect(struct runtime *r)
{
	net_client_close(r->client);
	r->client = NULL;
}

/* A leader that holds the lock may not have opened its socket yet. */
static enum err runtime_connect(struct runtime *r, struct fault *fault)
{
	enum err e = ERR_OK;
	for (int waited = 0; !r->client && waited < LEADER_SILENT_MS * 1000; waited += CONNECT_RETRY_US) {
		e = net_connect(r->options.dir, &r->client, fault);
		if (e == ERR_OK || journal_vacant(r->journal))
			break;
		usleep(CONNECT_RETRY_US);
	}
	return e;
}

/* Evidence does not travel over the socket: it is put beside the journal first, under its own digest. */
static enum err runtime_put_blobs(struct runtime *r, const struct runtime_item *item, struct fault *fault)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < item->blob_count && e == ERR_OK; i++) {
		struct hash digest;
		e = evidence_put(r->journal, item->blobs[i].kind, item->blobs[i].bytes, &digest, fault);
	}
	return e;
}

static enum err runtime_ask_leader(struct runtime *r, struct runtime_item *item, struct fault *fault)
{
	struct net_answer answer;
	enum err e = ERR_OK;
	for (int attempt = 0; attempt < 2; attempt++) {
		e = runtime_connect(r, fault);
		if (e == ERR_OK)
			e = net_ask(r->client, item->envelope, LEADER_SILENT_MS, &answer, fault);
		if (e != ERR_OK) {
			runtime_disconnect(r);
			return e;
		}
		if (answer.ordered || answer.verdict != REFUSED_NOT)
			break;
		/* It could not keep the event: the disk is full, or it has just lost the lead. Asked again, the
		 * new leader answers, or the old one says the same. */
		runtime_disconnect(r);
		e = fault_set(fault, ERR_IO, 0, 0, "the console that leads could not keep it: %s", answer.detail);
	}
	if (e != ERR_OK)
		return e;
	item->ordered = answer.ordered;
	item->number = answer.number;
	item->verdict = answer.verdict;
	snprintf(item->detail, sizeof(item->detail), "%.*s", (int)sizeof(item->detail) - 1, answer.detail);
	return ERR_OK;
}

/* The leader is gone or silent: lead, unless somebody else was faster. */
static enum err runtime_take_over(struct runtime *r, struct fault *fault)
{
	enum err e = runtime_lead(r, !journal_vacant(r->journal), fault);
	return e == ERR_BUSY ? ERR_OK : e;
}

struct settle {
	struct runtime_item *item;
	struct hash bytes;
};

static bool settle_row(void *ctx, const struct journal_row *row)
{
	struct settle *s = ctx;
	if (!hash_eq(&row->digests.envelope, &s->bytes))
		return true;
	s->item->ordered = true;
	s->item->number = row->entry.number;
	s->item->verdict = strcmp(row->entry.verdict, "done") == 0 ? REFUSED_NOT
		: refusal_named(str_of(row->entry.verdict));
	s->item->detail[0] = 0;
	return false;
}

/* Was an event whose answer got lost ordered after all? Looks at the entries since `from` for its bytes, so
 * that its sender hears the verdict and not that it came twice. */
static enum err runtime_settle(struct runtime *r, struct runtime_item *item, uint64_t from, struct fault *fault)
{
	struct settle s = { item, hash_of(item->envelope.ptr, item->envelope.len) };
	return journal_tail(r->journal, from, UINT64_MAX, settle_row, &s, fault);
}

static enum err runtime_hand_over(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	uint64_t from = engine_link(r->engine)->next;
	for (size_t i = 0; i < count; i++) {
		if (items[i].ordered)
			continue;
		enum err e = runtime_put_blobs(r, &items[i], fault);
		if (e == ERR_OK)
			e = runtime_ask_leader(r, &items[i], fault);
		if (e == ERR_OK)
			continue;
		if (e != ERR_UNKNOWN && e != ERR_NOT_FOUND)
			return e;
		/* The answer is not known; the idempotency key makes sending it again harmless. */
		if ((e = runtime_take_over(r, fault)) != ERR_OK || (e = runtime_settle(r, &items[i], from, fault)) != ERR_OK)
			return e;
		if (r->leads)
			return runtime_order(r, items + i, count - i, fault);
		if (!items[i].ordered && (e = runtime_ask_leader(r, &items[i], fault)) != ERR_OK)
			return e;
	}
	return journal_catch_up(r->journal, r->engine, NULL, fault);
}

enum err runtime_submit(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	if (r->options.mode == JOURNAL_READ)
		return fault_set(fault, ERR_DENIED, 0, 0, "%s was opened read-only; nothing was sent", r->options.dir);
	for (size_t i = 0; i < count; i++)
		items[i].ordered = false;
	if (r->leads) {
		enum err e = runtime_order(r, items, count, fault);
		if (e != ERR_FENCED)
			return e;
	}
	return runtime_hand_over(r, items, count, fault);
}

enum err runtime_send(struct runtime *r, struct envelope *e, const uint8_t secret[64],
	struct runtime_item *answer, struct fault *fault)
{
	struct buf bytes = { 0 };
	memset(answer, 0, sizeof(*answer));
	/* By the ledger's time: a host whose clock was set back still signs what the ledger takes. */
	const struct entry_link *link = engine_link(r->engine);
	int64_t now = runtime_now(r), at = link->next && link->stamp > now ? link->stamp : now;
	enum err err = envelope_sign(e, secret, at, fault);
	if (err == ERR_OK)
		err = envelope_encode(e, &bytes, fault);
	if (err == ERR_OK) {
		answer->envelope = buf_view(&bytes);
		err = runtime_submit(r, answer, 1, fault);
		answer->envelope = (struct str){ "", 0 };
	}
	buf_free(&bytes);
	return err;
}

/* Whether the refused tick would be asked for again. Not when who led meanwhile fired the timer; but a tick that
 * spends the bound of signals is refused each time, and that must be seen, not tried for ever. */
static bool tick_again(struct runtime *r, struct arena *a, const struct envelope *tick)
{
	struct envelope next;
	return r->leads && engine_tick(r->engine, runtime_now(r), a, &next) && str_eq(next.body, tick->body);
}

enum err runtime_tick(struct runtime *r, size_t *ticks, struct fault *fault)
{
	enum err e = ERR_OK;
	*ticks = 0;
	while (r->leads && r->options.node_secret && e == ERR_OK) {
		struct arena a = { 0 };
		struct envelope tick;
		struct runtime_item answer;
		bool due = engine_tick(r->engine, runtime_now(r), &a, &tick);
		if (due) {
			e = runtime_send(r, &tick, r->options.node_secret, &answer, fault);
			*ticks += 1;
		}
		if (due && e == ERR_OK && answer.verdict != REFUSED_NOT && tick_again(r, &a, &tick))
			e = fault_set(fault, ERR_REFUSED, 0, 0, "a timer is due and refused (%s): %.200s",
				refusal_name(answer.verdict), answer.detail);
		arena_free(&a);
		if (!due)
			break;
	}
	return e;
}

/* --- serving -------------------------------------------------------------------------------------- */

struct serve {
	struct runtime *runtime;
	bool changed;
};

static void runtime_serve(void *ctx, struct net_request *requests, size_t count)
{
	struct serve *s = ctx;
	struct runtime_item *items = calloc(count, sizeof(*items));
	struct fault fault;
	CHECK(items, "out of memory");
	for (size_t i = 0; i < count; i++)
		items[i].envelope = requests[i].envelope;
	fault.text[0] = 0;
	enum err e = runtime_order(s->runtime, items, count, &fault);
	if (e == ERR_FENCED)
		snprintf(fault.text, sizeof(fault.text), "another console leads now");
	for (size_t i = 0; i < count; i++) {
		struct net_answer *a = &requests[i].answer;
		a->ordered = items[i].ordered;
		a->number = items[i].number;
		a->verdict = items[i].verdict;
		snprintf(a->detail, sizeof(a->detail), "%.255s", e == ERR_OK ? items[i].detail : fault.text);
		s->changed |= items[i].ordered;
	}
	free(items);
}

/* After a failure nobody may act, so no commit would ever show that the disk takes writes again: it is tried. */
static bool runtime_mended(struct runtime *r)
{
	struct timespec ts;
	struct fault fault;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	int64_t now = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	if (!r->troubled || r->trouble.code == ERR_TAMPERED || now - r->mended_ms < MEND_EVERY_MS)
		return false;
	r->mended_ms = now;
	if (journal_mend(r->journal, r->epoch, &fault) == ERR_OK)
		r->troubled = false;
	else
		r->trouble = fault;
	return !r->troubled;
}

static enum err runtime_poll_leading(struct runtime *r, bool *changed, struct fault *fault)
{
	struct serve s = { r, false };
	/* Stopped for a while and superseded meanwhile: found out here, not only at the next act. */
	if (journal_epoch(r->journal) != r->epoch) {
		runtime_unlead(r);
		*changed = true;
		return runtime_reload(r, fault);
	}
	journal_relock(r->journal);
	bool mended = runtime_mended(r);
	if (!r->troubled)
		runtime_snapshot_advance(r);
	r->serving = true;
	if (r->server)
		net_server_poll(r->server, runtime_serve, &s);
	r->serving = false;
	*changed = s.changed || mended;
	if (!r->leads) {
		net_server_close(r->server);
		r->server = NULL;
		*changed = true;
	}
	return ERR_OK;
}

/* A leader that was stopped holds the lock and its socket still accepts: only asking tells. */
static bool runtime_leader_silent(struct runtime *r)
{
	struct fault ignored;
	if (!r->client && net_connect(r->options.dir, &r->client, &ignored) != ERR_OK)
		return false;
	int64_t waited = net_ping(r->client);
	r->silent_ms = waited > 0 ? waited : 0;
	if (waited < 0)
		runtime_disconnect(r);
	return waited >= LEADER_SILENT_MS;
}

enum err runtime_poll(struct runtime *r, bool *changed, struct fault *fault)
{
	uint64_t applied = 0;
	*changed = false;
	if (r->leads)
		return runtime_poll_leading(r, changed, fault);
	enum err e = journal_catch_up(r->journal, r->engine, &applied, fault);
	*changed = applied > 0;
	if (applied)
		runtime_forget(r);
	if (e != ERR_OK || r->options.mode == JOURNAL_READ || r->options.follow)
		return e;
	if (journal_vacant(r->journal) || runtime_leader_silent(r)) {
		e = runtime_take_over(r, fault);
		*changed |= r->leads;
		if (runtime_unwritable(r, e, fault))
			e = ERR_OK; /* runtime_trouble says it */
	}
	return e;
}

size_t runtime_fds(const struct runtime *r, int *fds, size_t cap)
{
	return r->server ? net_server_fds(r->server, fds, cap) : 0;
}
