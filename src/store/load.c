/* From the journal to an engine: newest good snapshot, then replay, comparing every digest.
 *
 * The replay runs the same function as the live program; an entry whose stored number, links, digests,
 * verdict or outcome differ from what the function gives is named. */
#include "journal_int.h"

#include <stdio.h>
#include <string.h>

struct load {
	struct engine *engine;
	struct fault *fault;
	bool check_signatures;
	enum err err;
	uint64_t applied;
};

static bool load_tampered(struct load *l, const struct journal_row *row, const char *what)
{
	l->err = fault_set(l->fault, ERR_TAMPERED, 0, 0,
		"entry %llu: %s; what is stored is not what was written. Compare with a saved checkpoint and restore a copy",
		(unsigned long long)row->entry.number, what);
	return false;
}

static bool load_row(void *ctx, const struct journal_row *row)
{
	struct load *l = ctx;
	struct entry_link after;
	struct entry_digests digests;
	struct fault fault;
	char why[TURN_DETAIL_MAX];
	enum entry_break broken = entry_check_link(engine_link(l->engine), &row->entry, &row->digests, &after,
		&digests, &fault);
	if (broken != ENTRY_HOLDS) {
		l->err = fault_set(l->fault, ERR_TAMPERED, 0, 0, "%s", fault.text);
		return false;
	}
	if (!hash_eq(&digests.envelope, &row->digests.envelope))
		return load_tampered(l, row, "its envelope does not hash to the stored digest");
	if (l->check_signatures && engine_admit(l->engine, row->entry.envelope, why) != REFUSED_NOT) {
		char what[TURN_DETAIL_MAX + 40];
		snprintf(what, sizeof(what), "it would not be admitted: %s", why);
		return load_tampered(l, row, what);
	}
	struct engine_in in = { row->entry.stamp, row->entry.epoch, row->entry.envelope, true };
	struct engine_out out;
	engine_step(l->engine, &in, &out);
	l->applied++;
	if (strcmp(out.entry.verdict, row->entry.verdict) != 0)
		return load_tampered(l, row, "replay gives another verdict");
	if (!hash_eq(&out.entry.outcome, &row->entry.outcome))
		return load_tampered(l, row, "replay gives another outcome");
	if (!hash_eq(&out.digests.chain, &row->digests.chain))
		return load_tampered(l, row, "replay gives another chain hash");
	return true;
}

enum err journal_catch_up(struct journal *j, struct engine *e, uint64_t *applied, struct fault *fault)
{
	struct load l = { e, fault, false, ERR_OK, 0 };
	enum err err = journal_tail(j, engine_link(e)->next, UINT64_MAX, load_row, &l, fault);
	if (applied)
		*applied = l.applied;
	return err != ERR_OK ? err : l.err;
}

static bool load_snapshot(struct journal *j, struct engine *e)
{
	struct buf bytes = { 0 }, leaves = { 0 };
	uint64_t count = 0, head = 0;
	struct fault ignored;
	bool good = journal_head(j, &head, &ignored) == ERR_OK
		&& snapshot_get(j, head, &count, &bytes, &ignored) == ERR_OK
		&& journal_leaves(j, count, &leaves, &ignored) == ERR_OK
		&& engine_restore(e, buf_view(&bytes), (const struct hash *)(const void *)leaves.ptr, count);
	buf_free(&bytes);
	buf_free(&leaves);
	return good;
}

enum err journal_load(struct journal *j, struct engine *e, bool check_signatures, bool use_snapshot,
	struct fault *fault)
{
	struct load l = { e, fault, check_signatures, ERR_OK, 0 };
	if (use_snapshot)
		load_snapshot(j, e);
	enum err err = journal_tail(j, engine_link(e)->next, UINT64_MAX, load_row, &l, fault);
	tabs_dirty_clear(engine_tabs_mutable(e));
	return err != ERR_OK ? err : l.err;
}
