/* The ledger alone: rows, links, leaves, tiles and signatures in ranges over all processors. See store/verify.h.
 *
 * Must remain true
 *  - every connection reads inside one transaction, and all of them begin in front of the same last entry: an entry that a console
 *    appends meanwhile is in no range, one that is given up meanwhile is in all;
 *  - a range is checked by itself; what joins it to the one before (number, stamp, epoch, chain) is compared here, in order, and
 *    its leaves go into the one tree whose tiles are compared with the stored ones. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/tiles.h"
#include "verify_int.h"
#include "work/pool.h"

enum { RANGE_ROWS = 4 * TILE_WIDTH, BEGIN_TRIES = 100 };

struct reader {
	struct journal *j;
	sqlite3_stmt *rows;
	struct verify_row row;
};

struct range {
	enum err err;
	struct fault fault;
	struct hash *leaves;
	uint64_t count, refused, signatures;
	struct entry_link before, after; /* what its first entry follows (stamp and epoch are the entry's own); what follows its last one */
};

struct ledger {
	struct journal *j;
	const struct verify_options *options;
	uint64_t from, to; /* entries that lie in ranges */
	struct range *ranges;
	size_t count;
	struct reader *readers[POOL_THREADS_MAX];
	size_t reader_count;
	pthread_mutex_t lock; /* of the list of free readers */
	size_t free_count;
	struct reader *free[POOL_THREADS_MAX];
};

/* --- connections ---------------------------------------------------------------------------------- */

static void reader_close(struct reader *r)
{
	if (!r)
		return;
	sqlite3_finalize(r->rows);
	if (r->j)
		sqlite3_exec(r->j->db, "COMMIT", NULL, NULL, NULL);
	journal_close(r->j);
	free(r);
}

static enum err journal_bounds(struct journal *j, uint64_t *first, uint64_t *second, uint64_t *last, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	bool good = sqlite3_prepare_v2(j->db, "SELECT coalesce((SELECT min(number) FROM journal), -1), coalesce((SELECT min(number) FROM journal "
		"WHERE number > 0), 0), coalesce((SELECT max(number) FROM journal), -1)", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
	if (good) {
		*first = (uint64_t)sqlite3_column_int64(s, 0);
		*second = (uint64_t)sqlite3_column_int64(s, 1);
		*last = (uint64_t)sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	return good ? ERR_OK : store_fault(j, fault, "reading the journal");
}

static enum err reader_open(const char *dir, struct reader **out, struct fault *fault)
{
	struct reader *r = calloc(1, sizeof(*r));
	CHECK(r, "memory for a connection");
	*out = r;
	enum err e = journal_open(dir, JOURNAL_READ, &r->j, fault);
	if (e == ERR_OK)
		e = store_exec(r->j, "BEGIN", fault, "reading the journal");
	if (e == ERR_OK && sqlite3_prepare_v2(r->j->db, VERIFY_SELECT " WHERE number >= ? AND number < ? ORDER BY number", -1, &r->rows, NULL) != SQLITE_OK)
		e = store_fault(r->j, fault, "reading the journal");
	return e;
}

/* A connection whose transaction sees what the first one sees; what was appended or given up in between makes it begin again,
 * and when that happens each time somebody writes too fast. */
static enum err reader_begin(struct ledger *l, struct fault *fault)
{
	uint64_t want[3], have[3] = { 0 };
	struct reader **r = &l->readers[l->reader_count];
	enum err e = journal_bounds(l->j, &want[0], &want[1], &want[2], fault);
	if (e == ERR_OK)
		e = reader_open(journal_dir(l->j), r, fault);
	for (int tries = 0; e == ERR_OK; tries++) {
		e = journal_bounds((*r)->j, &have[0], &have[1], &have[2], fault);
		if (e != ERR_OK || memcmp(want, have, sizeof(want)) == 0)
			break;
		e = tries < BEGIN_TRIES ? store_exec((*r)->j, "COMMIT; BEGIN", fault, "reading the journal")
			: fault_set(fault, ERR_BUSY, 0, 0, "the ledger in %s grows while it is looked at; try again, or verify a copy", journal_dir(l->j));
	}
	l->free[l->free_count++] = *r;
	l->reader_count++;
	return e;
}

static struct reader *reader_take(struct ledger *l)
{
	pthread_mutex_lock(&l->lock);
	CHECK(l->free_count, "as many connections as threads");
	struct reader *r = l->free[--l->free_count];
	pthread_mutex_unlock(&l->lock);
	return r;
}

static void reader_give(struct ledger *l, struct reader *r)
{
	pthread_mutex_lock(&l->lock);
	l->free[l->free_count++] = r;
	pthread_mutex_unlock(&l->lock);
}

/* --- one range ------------------------------------------------------------------------------------ */

static void range_bad(struct range *g, uint64_t number, const char *what)
{
	g->err = verify_tampered(&g->fault, number, what);
}

/* Behind the entries of this range before it; of its first entry that is asked when ranges are joined. */
static void range_place(struct range *g, const struct verify_row *r, uint64_t number)
{
	char what[96];
	if (r->malformed) {
		range_bad(g, number, r->why);
	} else if (r->number != number) {
		snprintf(what, sizeof(what), "it is missing, the next one stored is %llu", (unsigned long long)r->number);
		range_bad(g, number, what);
	} else if (g->count && r->stamp <= g->after.stamp) {
		range_bad(g, number, "its stamp is not later than the one before");
	} else if (g->count && r->epoch < g->after.epoch) {
		range_bad(g, number, "its epoch is lower than the one before");
	} else if (r->bad) {
		range_bad(g, number, r->why);
	} else if (g->count && memcmp(r->cell[C_PREV].ptr, g->after.chain.bytes, HASH_SIZE) != 0) {
		range_bad(g, number, "column prev is not the chain hash of the entry before");
	}
}

static void range_row(struct range *g, struct verify_row *r, uint64_t number, enum verify_depth depth)
{
	verify_row_check(r, depth);
	range_place(g, r, number);
	if (g->err != ERR_OK)
		return;
	if (!g->count) {
		g->before = (struct entry_link){ number, r->epoch, r->stamp, { { 0 } } };
		memcpy(g->before.chain.bytes, r->cell[C_PREV].ptr, HASH_SIZE);
	}
	g->after = (struct entry_link){ number + 1, r->epoch, r->stamp, r->digests.chain };
	g->leaves[g->count++] = r->digests.leaf;
	g->refused += !str_eq(r->cell[C_VERDICT], STR("done"));
	g->signatures += r->signatures;
}

/* Range i covers entries of the same RANGE_ROWS, so that tiles become full at its end. */
static uint64_t range_from(const struct ledger *l, size_t i)
{
	uint64_t at = (l->from / RANGE_ROWS + i) * RANGE_ROWS;
	return at < l->from ? l->from : at > l->to ? l->to : at;
}

static void range_check(void *ctx, size_t i)
{
	struct ledger *l = ctx;
	struct range *g = &l->ranges[i];
	struct reader *r = reader_take(l);
	uint64_t from = range_from(l, i), to = range_from(l, i + 1);
	enum verify_depth depth = l->options->no_signatures ? VERIFY_DIGESTS : VERIFY_SIGNED;
	int rc = SQLITE_DONE;
	g->leaves = malloc((size_t)(to - from) * sizeof(*g->leaves));
	CHECK(g->leaves, "memory for the leaves of a range");
	sqlite3_bind_int64(r->rows, 1, (sqlite3_int64)from);
	sqlite3_bind_int64(r->rows, 2, (sqlite3_int64)to);
	while (g->err == ERR_OK && (rc = sqlite3_step(r->rows)) == SQLITE_ROW) {
		verify_row_read(r->rows, &r->row, NULL);
		range_row(g, &r->row, from + g->count, depth);
	}
	if (g->err == ERR_OK && rc != SQLITE_DONE)
		g->err = store_fault(r->j, &g->fault, "reading the journal");
	if (g->err == ERR_OK && g->count < to - from)
		range_bad(g, from + g->count, "it is missing");
	sqlite3_reset(r->rows);
	reader_give(l, r);
}

/* --- all of them ---------------------------------------------------------------------------------- */

/* The range follows what was joined so far; its leaves are appended, and tiles that became full compared. */
static enum err range_join(struct ledger *l, struct range *g, struct entry_link *link, struct merkle *tree, struct fault *fault)
{
	if (g->err != ERR_OK && !g->count) {
		*fault = g->fault;
		return g->err;
	}
	if (g->before.stamp <= link->stamp)
		return verify_tampered(fault, link->next, "its stamp is not later than the one before");
	if (g->before.epoch < link->epoch)
		return verify_tampered(fault, link->next, "its epoch is lower than the one before");
	if (!hash_eq(&g->before.chain, &link->chain))
		return verify_tampered(fault, link->next, "column prev is not the chain hash of the entry before");
	for (uint64_t i = 0; i < g->count; i++) {
		merkle_append(tree, &g->leaves[i]);
		if (merkle_size(tree) % TILE_WIDTH)
			continue;
		enum err e = tiles_settle(l->j, tree, fault);
		if (e != ERR_OK)
			return e == ERR_NOT_FOUND ? fault_set(fault, ERR_TAMPERED, 0, 0, "a tile below entry %llu is missing; the ledger holds, "
				"`wharf rebuild %s` makes the tiles anew", (unsigned long long)merkle_size(tree), journal_dir(l->j)) : e;
	}
	*link = g->after;
	if (g->err != ERR_OK)
		*fault = g->fault;
	return g->err;
}

static enum err ledger_ranges(struct ledger *l, struct entry_link *link, struct merkle *tree, struct verify_report *out, struct fault *fault)
{
	struct pool *pool = pool_new(l->count < 2 ? 1 : l->options->threads);
	enum err e = ERR_OK;
	while (e == ERR_OK && l->reader_count < pool_threads(pool))
		e = reader_begin(l, fault);
	l->ranges = calloc(l->count ? l->count : 1, sizeof(*l->ranges));
	CHECK(l->ranges, "memory for the ranges");
	struct pool_run *run = e == ERR_OK ? pool_begin(pool, range_check, l, l->count) : NULL;
	for (size_t i = 0; i < l->count && e == ERR_OK; i++) {
		struct range *g = &l->ranges[i];
		pool_wait(run, i);
		e = range_join(l, g, link, tree, fault);
		out->entries += g->count;
		out->refused += g->refused;
		out->signatures += l->options->no_signatures ? 0 : g->signatures;
		free(g->leaves);
		g->leaves = NULL;
		if (e == ERR_OK && l->options->progress)
			l->options->progress(l->options->ctx, out->entries);
	}
	if (run)
		pool_end(run);
	pool_free(pool);
	for (size_t i = 0; i < l->count; i++)
		free(l->ranges[i].leaves);
	free(l->ranges);
	return e;
}

/* The first entry is executed: it says whose ledger this is. Then comes either the second one or a base. */
static enum err ledger_begin(struct ledger *l, struct engine *e, struct verify_report *out, struct fault *fault)
{
	struct verify_row row;
	struct engine_out step;
	sqlite3_stmt *s = NULL;
	uint64_t first = 0, second = 0, last = 0;
	enum err err = journal_bounds(l->j, &first, &second, &last, fault);
	l->from = 1;
	l->to = last + 1; /* 0 of a ledger without entries */
	if (err != ERR_OK || !l->to)
		return err;
	if (first != 0)
		return verify_tampered(fault, 0, "it is missing");
	if (sqlite3_prepare_v2(l->j->db, VERIFY_SELECT " WHERE number = 0", -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW) {
		err = store_fault(l->j, fault, "reading the journal");
	} else {
		verify_row_read(s, &row, NULL);
		verify_row_check(&row, VERIFY_ADMITTED);
		struct engine_in in = { row.stamp, row.epoch, row.cell[C_ENVELOPE], true };
		if (!row.bad)
			engine_step(e, &in, &step);
		if (row.bad || !hash_eq(&step.digests.chain, &row.digests.chain))
			err = verify_tampered(fault, 0, row.bad ? row.why : "its digests are not what re-execution gives");
	}
	sqlite3_finalize(s);
	if (err == ERR_OK && second > 1)
		err = verify_base(l->j, e, l->from = out->given_up = second, fault);
	out->entries = out->signatures = err == ERR_OK;
	return err;
}

enum err verify_ledger(struct journal *j, struct engine *e, const struct verify_options *o, struct verify_report *out, struct fault *fault)
{
	struct ledger *l = calloc(1, sizeof(*l));
	CHECK(l, "memory for the verification");
	l->j = j;
	l->options = o;
	pthread_mutex_init(&l->lock, NULL);
	enum err err = ledger_begin(l, e, out, fault);
	struct entry_link link = *engine_link(e);
	struct merkle *tree = engine_tree_mutable(e);
	if (err == ERR_OK && l->to > l->from) {
		l->count = (size_t)((l->to + RANGE_ROWS - 1) / RANGE_ROWS - l->from / RANGE_ROWS);
		err = ledger_ranges(l, &link, tree, out, fault);
	}
	if (err == ERR_OK)
		err = verify_tile_count(j, merkle_size(tree), &out->tiles, fault);
	if (err == ERR_OK)
		err = verify_lead(j, link.epoch, fault);
	for (size_t i = 0; i < l->reader_count; i++)
		reader_close(l->readers[i]);
	pthread_mutex_destroy(&l->lock);
	free(l);
	return err;
}
