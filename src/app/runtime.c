/* Engine, journal and clock wired together. See app/runtime.h, and runtime_int.h for its parts. */
#include "runtime_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app/evidence.h"
#include "base/check.h"
#include "base/instant.h"
#include "base/log.h"
#include "net/local.h"

/* Between two tries to write again after a failure. */
#define MEND_EVERY_MS 1000

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

enum err runtime_lead(struct runtime *r, bool steal, struct fault *fault)
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

/* The server is closed at once, or by runtime_poll when the lead is lost while requests are served. */
void runtime_unlead(struct runtime *r)
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
enum err runtime_reload(struct runtime *r, struct fault *fault)
{
	engine_free(r->engine);
	r->engine = engine_new();
	return journal_load(r->journal, r->engine, false, !r->options.no_snapshot, fault);
}

/* What entries destroyed goes from the vault here too: of a leader's entries that came meanwhile, of a proposal that was
 * completed, and, when this is opened, of a destruction that a crash cut short. */
void runtime_forget(struct runtime *r)
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
	runtime_clock_given(r);
	r->group = RUNTIME_GROUP_MAX;
	r->snapshot_every = RUNTIME_SNAPSHOT_EVERY;
	r->engine = engine_new();
	enum err e = journal_open(o->dir, o->mode, &r->journal, fault);
	if (e == ERR_OK)
		journal_set_node(r->journal, o->node_secret);
	if (e == ERR_OK)
		e = journal_load(r->journal, r->engine, o->check_signatures, !o->no_snapshot, fault);
	r->snapshot_at = e == ERR_OK ? snapshot_newest(r->journal) : 0;
	if (e == ERR_OK)
		e = runtime_clock_begin(r, fault);
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
	runtime_order_free(r);
	pool_free(r->pool);
	pool_side_free(r->side);
	free(r);
}

/* --- submitting ----------------------------------------------------------------------------------- */

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
	e->ledger = engine_ledger(engine_tabs(r->engine));
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
	while (r->leads && r->options.node_secret && e == ERR_OK && !runtime_clock_off(r, NULL)) {
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
	struct fault fault;
	int64_t now = clock_steady_ms();
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
