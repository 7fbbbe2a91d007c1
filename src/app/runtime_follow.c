/* Who does not lead: events are handed to the leader over the socket, and the lead is taken from one that is gone.
 *
 * Must remain true: nothing is answered that the leader did not say is durable, or that was not found in the journal. */
#include "runtime_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/local.h"

/* Between two looks at a leader that holds the lock and has not opened its socket yet. */
#define CONNECT_RETRY_US 20000

void runtime_disconnect(struct runtime *r)
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
enum err runtime_take_over(struct runtime *r, struct fault *fault)
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

enum err runtime_hand_over(struct runtime *r, struct runtime_item *items, size_t count, struct fault *fault)
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

/* A leader that was stopped holds the lock and its socket still accepts: only asking tells. Nobody takes over in the turn in which
 * he first sees the silence, however long it is: he may have stood still himself, and whoever looks on is told before. */
bool runtime_leader_silent(struct runtime *r)
{
	int64_t before = r->silent_ms;
	struct fault ignored;
	if (!r->client && net_connect(r->options.dir, &r->client, &ignored) != ERR_OK)
		return false;
	int64_t waited = net_ping(r->client);
	r->silent_ms = waited > 0 ? waited : 0;
	if (waited < 0)
		runtime_disconnect(r);
	return waited >= LEADER_SILENT_MS && before >= RUNTIME_SILENCE_SAID_MS;
}
