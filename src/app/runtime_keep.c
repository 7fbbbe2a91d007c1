/* What the runtime keeps beside the journal: snapshots, which save time, and checkpoints, which say what was signed.
 *
 * Must remain true: the journal is complete without either; but a checkpoint that contradicts memory or disk stops all writing. */
#include "runtime_int.h"

#include <sodium.h>
#include <string.h>

#include "base/log.h"

void runtime_snapshot_end(struct runtime *r)
{
	snapshotting_end(r->making);
	r->making = NULL;
}

/* A large state is written less often: a constant share of the work, and of the entries that a start runs again. */
static void runtime_snapshot_next(struct runtime *r, size_t size)
{
	r->snapshot_every = size / RUNTIME_SNAPSHOT_SHARE > RUNTIME_SNAPSHOT_EVERY ? size / RUNTIME_SNAPSHOT_SHARE : RUNTIME_SNAPSHOT_EVERY;
}

/* Nobody believes a snapshot that is not signed by the key which the ledger says is the node's: a console that has an older one
 * writes none. */
static bool runtime_signs(const struct runtime *r)
{
	const struct meta *m = engine_meta(r->engine);
	return m && r->options.node_secret
		&& memcmp(m->node_key.bytes, r->options.node_secret + crypto_sign_SECRETKEYBYTES - crypto_sign_PUBLICKEYBYTES, HASH_SIZE) == 0;
}

void runtime_set_node(struct runtime *r, const uint8_t *secret)
{
	r->options.node_secret = secret;
	journal_set_node(r->journal, secret);
	r->snapshot_at = 0; /* those that are there are of the key before */
}

void runtime_snapshot(struct runtime *r)
{
	struct buf bytes = { 0 };
	struct fault ignored;
	if (!runtime_signs(r))
		return;
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
void runtime_snapshot_due(struct runtime *r)
{
	if (r->making || engine_link(r->engine)->next < r->snapshot_at + r->snapshot_every)
		return;
	if (runtime_signs(r) && runtime_large(r))
		r->making = snapshotting_begin(r->engine);
	if (r->making)
		r->snapshot_at = engine_link(r->engine)->next;
	else
		runtime_snapshot(r);
}

void runtime_snapshot_advance(struct runtime *r)
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
void runtime_checkpoint(struct runtime *r)
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
