/* The edge gateway: takes texts, numbers, signs, spools. See net/gateway.h. */
#include "net/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/engine.h"
#include "gateway_int.h"
#include "identity/keyring.h"
#include "identity/keys.h"
#include "ledger/envelope.h"

enum { PART_BYTES_MAX = 900 * 1024 }; /* of windows or events in one envelope */

struct gateway_box {
	struct gateway_options options;
	struct spool spool;
};

static int64_t gateway_used(const struct gateway_options *o)
{
	const struct gateway *g = o->tabs ? tab_get(o->tabs, &GATEWAY_REC, o->id) : NULL;
	return g ? g->highest : 0;
}

enum err gateway_open(const struct gateway_options *o, struct gateway_box **out, struct fault *fault)
{
	*out = NULL;
	if (o->tabs) {
		const struct gateway *known = tab_get(o->tabs, &GATEWAY_REC, o->id);
		if (!known)
			return fault_set(fault, ERR_REFUSED, 0, 0, "%s: gateway %s is not in the register; have it certified "
				"(wharf send gateway.certify)", refusal_name(REFUSED_DEVICE_UNKNOWN), o->id);
		if (memcmp(known->key.bytes, o->secret + KEY_SEED_SIZE, HASH_SIZE) != 0)
			return fault_set(fault, ERR_SIGNATURE, 0, 0, "the key is not the one that gateway %s was certified with", o->id);
	}
	struct gateway_box *g = calloc(1, sizeof(*g));
	CHECK(g, "out of memory");
	g->options = *o;
	enum err e = spool_open(&g->spool, o->spool, fault);
	if (e != ERR_OK) {
		free(g);
		return e;
	}
	spool_floor(&g->spool, gateway_used(o));
	*out = g;
	return ERR_OK;
}

void gateway_close(struct gateway_box *g)
{
	if (!g)
		return;
	spool_close(&g->spool);
	free(g);
}

/* --- taking --------------------------------------------------------------------------------------- */

/* What envelopes name; zero while the ledger cannot be read. */
static struct hash gateway_ledger(const struct gateway_box *g)
{
	return g->options.tabs ? engine_ledger(g->options.tabs) : (struct hash){ { 0 } };
}

/* A device batch has "readings" or "gateway" at its top; everything else is judged as EPCIS. */
static bool text_is_batch(struct arena *a, struct str text)
{
	struct json *root;
	if (json_parse(a, text, &root, NULL) != ERR_OK || root->kind != JSON_OBJECT)
		return false;
	return json_get(root, "readings") && !json_get(root, "epcisBody") && !json_get(root, "type");
}

static enum err part_sign(struct gateway_box *g, struct arena *a, const struct thinned *t, const struct hash *digest,
	int64_t sequence, struct buf *out, struct fault *fault)
{
	struct ev_batch body;
	struct envelope env;
	int64_t now = g->options.clock(g->options.clock_ctx);
	if (t->windows.len > PART_BYTES_MAX || t->physical.len > PART_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the text has too many devices and windows for one batch; split it");
	memset(&body, 0, sizeof(body));
	str_copy(body.gateway, sizeof(body.gateway), str_of(g->options.id));
	body.sequence = sequence;
	body.from = t->from;
	body.to = t->to;
	body.readings = t->readings;
	body.events = t->events;
	body.digest = *digest;
	body.root = t->root;
	body.windows = blob_in(a, t->windows.ptr, t->windows.len);
	body.physical = blob_in(a, t->physical.ptr, t->physical.len);
	event_envelope(a, EVENT_BATCH, g->options.party, "", t->to, &body, NULL, &env);
	env.ledger = gateway_ledger(g);
	enum err e = envelope_sign(&env, g->options.secret, now, fault);
	return e == ERR_OK ? envelope_encode(&env, out, fault) : e;
}

static enum err parts_spool(struct gateway_box *g, struct arena *a, const struct thinned *parts, size_t count,
	const struct hash *digest, struct str raw, struct fault *fault)
{
	struct buf bytes[THIN_PARTS_MAX];
	struct spool_new items[THIN_PARTS_MAX];
	enum err e = ERR_OK;
	memset(bytes, 0, sizeof(bytes));
	for (size_t i = 0; i < count && e == ERR_OK; i++) {
		e = part_sign(g, a, &parts[i], digest, g->spool.next + (int64_t)i, &bytes[i], fault);
		items[i].envelope = buf_view(&bytes[i]);
	}
	if (e == ERR_OK)
		e = spool_put(&g->spool, items, count, digest, raw, fault);
	for (size_t i = 0; i < count; i++)
		buf_free(&bytes[i]);
	return e;
}

enum err gateway_take(struct gateway_box *g, const char *name, struct str text, struct gateway_report *report,
	struct fault *fault)
{
	struct thinned parts[THIN_PARTS_MAX];
	struct arena a = { 0 };
	struct gateway_report own = { 0 };
	struct thin_in in = { g->options.id, g->options.tabs, g->options.clock(g->options.clock_ctx), name };
	struct hash digest = hash_of(text.ptr, text.len);
	size_t count = 1;
	int64_t before = spool_seen(&g->spool, &digest);
	if (before) {
		buf_printf(&report->lines, "%s: the same bytes came before, as batch %lld; nothing to do\n", name, (long long)before);
		return ERR_OK;
	}
	memset(parts, 0, sizeof(parts));
	enum err e = text_is_batch(&a, text) ? thin_readings(&in, &a, text, &parts[0], &own, fault)
		: thin_events(&in, &a, text, parts, &count, &own, fault);
	if (e == ERR_OK && count)
		e = parts_spool(g, &a, parts, count, &digest, text, fault);
	if (e == ERR_OK) {
		report->accepted += own.accepted;
		report->refused += own.refused;
		report->batches += count;
	}
	/* What was refused is said even when the good part could not be kept. */
	buf_str(&report->lines, buf_view(&own.lines));
	buf_free(&own.lines);
	for (size_t i = 0; i < THIN_PARTS_MAX; i++)
		thinned_free(&parts[i]);
	arena_free(&a);
	return e;
}

/* --- sending -------------------------------------------------------------------------------------- */

void gateway_register(struct gateway_box *g, const struct tabs *tabs) { g->options.tabs = tabs; }
size_t gateway_waiting(const struct gateway_box *g) { return g->spool.count; }
uint64_t gateway_cut(const struct gateway_box *g) { return g->spool.cut; }

void gateway_item_at(const struct gateway_box *g, size_t i, struct gateway_item *out)
{
	CHECK(i < g->spool.count, "an item that waits");
	const struct spooled *s = &g->spool.items[i];
	*out = (struct gateway_item){ s->sequence, { s->envelope, s->envelope_len }, s->digest, { s->raw, s->raw_len } };
}

enum err gateway_done(struct gateway_box *g, int64_t sequence, struct fault *fault)
{
	return spool_drop(&g->spool, sequence, fault);
}

static const struct spooled *waiting_find(const struct gateway_box *g, int64_t sequence)
{
	for (size_t i = 0; i < g->spool.count; i++)
		if (g->spool.items[i].sequence == sequence)
			return &g->spool.items[i];
	return NULL;
}

enum err gateway_renumber(struct gateway_box *g, int64_t sequence, int64_t used, struct fault *fault)
{
	const struct spooled *item = waiting_find(g, sequence);
	struct arena a = { 0 };
	struct envelope env, anew;
	struct ev_batch body;
	struct buf bytes = { 0 };
	CHECK(item, "an item that waits");
	spool_floor(&g->spool, used);
	memset(&body, 0, sizeof(body));
	CHECK(envelope_decode((struct str){ item->envelope, item->envelope_len }, &env, NULL) == ERR_OK
		&& rec_decode(&EV_BATCH_REC, env.body, &body, &a), "the spool holds what was signed");
	body.sequence = g->spool.next;
	event_envelope(&a, EVENT_BATCH, env.sender, env.deal, env.event_time, &body, NULL, &anew);
	anew.ledger = gateway_ledger(g);
	enum err e = envelope_sign(&anew, g->options.secret, g->options.clock(g->options.clock_ctx), fault);
	if (e == ERR_OK)
		e = envelope_encode(&anew, &bytes, fault);
	struct hash digest = item->digest;
	if (e == ERR_OK)
		e = spool_put(&g->spool, &(struct spool_new){ buf_view(&bytes) }, 1, &digest,
			(struct str){ item->raw, item->raw_len }, fault);
	if (e == ERR_OK)
		e = spool_drop(&g->spool, sequence, fault);
	buf_free(&bytes);
	arena_free(&a);
	return e;
}

/* Whose signature an item bears. */
enum item_signer { BY_HELD, BY_REPLACED, BY_ANOTHER };

/* Only what the gateway itself signed is signed anew, by the key that is held or by one that it replaced: whoever can write the
 * spool, or had a key that was revoked or stolen, gets nothing signed by that. */
static enum item_signer item_signer(const struct gateway_box *g, const struct envelope *env)
{
	const uint8_t *held = g->options.secret + KEY_SECRET_SIZE - HASH_SIZE;
	const struct tabs *s = g->options.tabs;
	struct hash key;
	if (!env->signature_count || envelope_verify_signatures(env, NULL) != REFUSED_NOT)
		return BY_ANOTHER;
	memcpy(key.bytes, env->signatures[0].public_key, HASH_SIZE);
	if (memcmp(key.bytes, held, HASH_SIZE) == 0)
		return BY_HELD;
	const struct gateway *now = s ? tab_get(s, &GATEWAY_REC, g->options.id) : NULL;
	const struct keyrec *k = s ? keyring_find(s, &key) : NULL;
	bool ours = now && memcmp(now->key.bytes, held, HASH_SIZE) == 0 && k && k->kind == KEY_OF_GATEWAY
		&& strcmp(k->holder, g->options.id) == 0;
	return ours && !k->revoked_from && !k->compromised_from ? BY_REPLACED : BY_ANOTHER;
}

enum err gateway_sealed(const struct gateway_box *g, const struct gateway_item *item, struct buf *out, struct fault *fault)
{
	struct envelope env;
	CHECK(envelope_decode(item->envelope, &env, NULL) == ERR_OK, "the spool holds what was signed");
	bool named = !hash_is_zero(&env.ledger);
	enum item_signer by = item_signer(g, &env);
	if (by == BY_ANOTHER || (named && by == BY_HELD)) {
		buf_str(out, item->envelope);
		return ERR_OK;
	}
	if (!named)
		env.ledger = gateway_ledger(g);
	env.signature_count = 0;
	enum err e = envelope_sign(&env, g->options.secret, g->options.clock(g->options.clock_ctx), fault);
	return e == ERR_OK ? envelope_encode(&env, out, fault) : e;
}

bool gateway_on_ledger(const struct tabs *tabs, const char *gateway, const struct gateway_item *item)
{
	char id[REC_KEY_MAX];
	snprintf(id, sizeof(id), "%s/%010lld", gateway, (long long)item->sequence);
	const struct batch *b = tab_get(tabs, &BATCH_REC, id);
	return b && hash_eq(&b->digest, &item->digest);
}
