/* Engine, journal and clock wired together. See app/runtime.h. */
#include "app/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/instant.h"
#include "net/local.h"

/* A leader that has not answered for this long is taken for stopped. */
#define LEADER_SILENT_MS 3000

struct runtime {
	struct runtime_options options;
	struct journal *journal;
	struct engine *engine;
	uint64_t epoch;
	bool leads;
	size_t group;
	uint64_t snapshot_at; /* entries in the newest snapshot */
	struct net_server *server;
	struct net_client *client;
	struct fault trouble;
	bool troubled;
	struct arena scratch;
};

static int64_t system_clock(void *ctx)
{
	struct timespec ts;
	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * INSTANT_SECOND + ts.tv_nsec / 1000;
}

int64_t runtime_now(struct runtime *r) { return r->options.clock(r->options.clock_ctx); }
bool runtime_leads(const struct runtime *r) { return r->leads; }
struct engine *runtime_engine(struct runtime *r) { return r->engine; }
struct journal *runtime_journal(struct runtime *r) { return r->journal; }
const struct fault *runtime_trouble(const struct runtime *r) { return r->troubled ? &r->trouble : NULL; }
void runtime_set_group(struct runtime *r, size_t n) { r->group = n < 1 ? 1 : n > RUNTIME_GROUP_MAX ? RUNTIME_GROUP_MAX : n; }

/* --- leading -------------------------------------------------------------------------------------- */

static enum err runtime_lead(struct runtime *r, bool steal, struct fault *fault)
{
	enum err e = journal_acquire(r->journal, steal, &r->epoch, fault);
	if (e != ERR_OK)
		return e;
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

static void runtime_unlead(struct runtime *r)
{
	net_server_close(r->server);
	r->server = NULL;
	journal_release(r->journal);
	r->leads = false;
}

/* Memory may not run ahead of the disk: after a failed commit the engine is built anew. */
static enum err runtime_reload(struct runtime *r, struct fault *fault)
{
	engine_free(r->engine);
	r->engine = engine_new();
	return journal_load(r->journal, r->engine, false, !r->options.no_snapshot, fault);
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
	r->engine = engine_new();
	enum err e = journal_open(o->dir, o->mode, &r->journal, fault);
	if (e == ERR_OK)
		e = journal_load(r->journal, r->engine, o->check_signatures, !o->no_snapshot, fault);
	r->snapshot_at = engine_link(r->engine)->next;
	if (e == ERR_OK && !o->follow && o->mode != JOURNAL_READ) {
		e = runtime_lead(r, false, fault);
		if (e == ERR_BUSY)
			e = ERR_OK;
	}
	if (e != ERR_OK) {
		runtime_close(r);
		return e;
	}
	*out = r;
	return ERR_OK;
}

static void runtime_snapshot(struct runtime *r)
{
	struct buf bytes = { 0 };
	struct fault ignored;
	engine_snapshot(r->engine, &bytes);
	/* A snapshot only saves time: when it cannot be written the journal still has everything. */
	if (snapshot_put(r->journal, engine_link(r->engine)->next, buf_view(&bytes), &ignored) == ERR_OK)
		r->snapshot_at = engine_link(r->engine)->next;
	buf_free(&bytes);
}

void runtime_close(struct runtime *r)
{
	if (!r)
		return;
	if (r->leads && !r->troubled && engine_link(r->engine)->next > r->snapshot_at + 200)
		runtime_snapshot(r);
	if (r->leads)
		runtime_unlead(r);
	net_client_close(r->client);
	journal_close(r->journal);
	engine_free(r->engine);
	arena_free(&r->scratch);
	free(r);
}

/* --- ordering ------------------------------------------------------------------------------------- */

struct group {
	struct journal_row rows[RUNTIME_GROUP_MAX];
	struct runtime_item *items[RUNTIME_GROUP_MAX];
	size_t count;
	struct journal_blob *blobs;
	size_t blob_count, blob_cap;
	uint64_t head;
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

static void runtime_step(struct runtime *r, struct group *g, struct runtime_item *item)
{
	struct engine_in in = { engine_next_stamp(r->engine, runtime_now(r)), r->epoch, item->envelope };
	struct engine_out out;
	engine_step(r->engine, &in, &out);
	item->verdict = out.verdict;
	item->number = out.entry.number;
	memcpy(item->detail, out.detail, sizeof(item->detail));
	for (size_t i = 0; i < item->blob_count; i++)
		group_blob(g, item->blobs[i]);
	for (struct evidence *ev = out.evidence; ev; ev = ev->next)
		group_blob(g, (struct journal_blob){ ev->digest, arena_copy(&r->scratch, ev->kind, strlen(ev->kind) + 1),
			{ arena_copy(&r->scratch, ev->bytes.ptr, ev->bytes.len), ev->bytes.len } });
	g->items[g->count] = item;
	g->rows[g->count++] = (struct journal_row){ out.entry, out.digests };
}

static enum err group_commit(struct runtime *r, struct group *g, struct fault *fault)
{
	if (!g->count)
		return ERR_OK;
	struct journal_append append = { g->rows, g->count, g->blobs, g->blob_count };
	enum err e = journal_commit(r->journal, r->epoch, g->head, &append, engine_tabs_mutable(r->engine), fault);
	if (e == ERR_UNKNOWN) {
		/* Read the head again: either all of the group is there or none of it. */
		uint64_t head;
		struct fault ignored;
		if (journal_head(r->journal, &head, &ignored) == ERR_OK && head == g->head + g->count)
			e = ERR_OK;
	}
	for (size_t i = 0; i < g->count; i++)
		g->items[i]->ordered = e == ERR_OK;
	g->head += g->count;
	g->count = g->blob_count = 0;
	arena_reset(&r->scratch);
	r->troubled = e != ERR_OK;
	if (e == ERR_OK)
		return ERR_OK;
	r->trouble = *fault;
	if (e == ERR_FENCED)
		runtime_unlead(r);
	struct fault reload;
	if (runtime_reload(r, &reload) != ERR_OK)
		*fault = reload;
	return e;
}

static enum err runtime_order(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	struct group *g = calloc(1, sizeof(*g));
	CHECK(g, "out of memory");
	enum err e = ERR_OK;
	g->head = engine_link(r->engine)->next;
	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		items[i].ordered = false;
		items[i].verdict = engine_admit(r->engine, items[i].envelope, items[i].detail);
		if (items[i].verdict != REFUSED_NOT)
			continue;
		runtime_step(r, g, &items[i]);
		if (g->count >= r->group)
			e = group_commit(r, g, fault);
	}
	if (e == ERR_OK)
		e = group_commit(r, g, fault);
	free(g->blobs);
	free(g);
	if (e == ERR_OK && engine_link(r->engine)->next >= r->snapshot_at + RUNTIME_SNAPSHOT_EVERY)
		runtime_snapshot(r);
	return e;
}

/* --- following ------------------------------------------------------------------------------------ */

static enum err runtime_ask_leader(struct runtime *r, struct runtime_item *item, struct fault *fault)
{
	struct net_answer answer;
	enum err e = ERR_OK;
	if (!r->client)
		e = net_connect(r->options.dir, &r->client, fault);
	if (e == ERR_OK)
		e = net_ask(r->client, item->envelope, LEADER_SILENT_MS, &answer, fault);
	if (e != ERR_OK) {
		net_client_close(r->client);
		r->client = NULL;
		return e;
	}
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

static enum err runtime_hand_over(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		enum err e = runtime_ask_leader(r, &items[i], fault);
		if (e == ERR_OK)
			continue;
		/* The answer is not known; the idempotency key makes sending it again harmless. */
		if ((e = runtime_take_over(r, fault)) != ERR_OK)
			return e;
		if (r->leads)
			return runtime_order(r, items + i, count - i, fault);
		if ((e = runtime_ask_leader(r, &items[i], fault)) != ERR_OK)
			return e;
	}
	return journal_catch_up(r->journal, r->engine, NULL, fault);
}

enum err runtime_submit(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
{
	if (r->options.mode == JOURNAL_READ)
		return fault_set(fault, ERR_DENIED, 0, 0, "%s was opened read-only; nothing was sent", r->options.dir);
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
	enum err err = envelope_sign(e, secret, runtime_now(r), fault);
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

enum err runtime_tick(struct runtime *r, size_t *ticks, struct fault *fault)
{
	enum err e = ERR_OK;
	*ticks = 0;
	while (r->leads && r->options.node_secret && e == ERR_OK) {
		struct arena a = { 0 };
		struct envelope tick;
		struct runtime_item answer;
		bool due = engine_tick(r->engine, runtime_now(r), &a, &tick);
		if (due)
			e = runtime_send(r, &tick, r->options.node_secret, &answer, fault);
		arena_free(&a);
		if (!due)
			break;
		*ticks += 1;
		CHECK(e != ERR_OK || answer.verdict == REFUSED_NOT, "a tick for a due timer is applied");
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

enum err runtime_poll(struct runtime *r, bool *changed, struct fault *fault)
{
	uint64_t applied = 0;
	*changed = false;
	if (r->leads) {
		struct serve s = { r, false };
		if (r->server)
			net_server_poll(r->server, runtime_serve, &s);
		*changed = s.changed;
		return ERR_OK;
	}
	enum err e = journal_catch_up(r->journal, r->engine, &applied, fault);
	*changed = applied > 0;
	if (e == ERR_OK && r->options.mode != JOURNAL_READ && !r->options.follow && journal_vacant(r->journal)) {
		e = runtime_take_over(r, fault);
		*changed |= r->leads;
	}
	return e;
}

size_t runtime_fds(const struct runtime *r, int *fds, size_t cap)
{
	return r->server ? net_server_fds(r->server, fds, cap) : 0;
}
