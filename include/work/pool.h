/* Worker threads beside the one that asks: pure jobs over an array, claimed in order.
 *
 *     struct pool_run *run = pool_begin(pool, fn, ctx, count);
 *     for (i = 0; i < count; i++) { pool_wait(run, i); … use what fn made of item i … }
 *     pool_end(run);
 *
 * Must remain true
 *  - what fn makes of item i depends on i and ctx alone: how many threads there are, and which of them takes an item,
 *    cannot show in any result;
 *  - fn touches nothing that another item or the asking thread writes;
 *  - who waits works: pool_wait takes items itself until the wanted one is done, so a pool without workers is
 *    the same program on one thread, and a pool never waits for a thread that has not started.
 * Workers take no signals: handlers run on the threads that the program started itself. */
#ifndef WHARF_WORK_POOL_H
#define WHARF_WORK_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { POOL_THREADS_MAX = 64 };

struct pool;
struct pool_run;

/* `threads` threads in all, the asking one included (1: no workers; 0: one a processor); at most POOL_THREADS_MAX. Workers
 * that the system does not give are done without. Never NULL. */
struct pool *pool_new(size_t threads);
/* No run may be open. NULL is fine. */
void pool_free(struct pool *p);
size_t pool_threads(const struct pool *p); /* the asking one included */

/* Begins fn(ctx, 0) … fn(ctx, count - 1) on the workers; at most one run a pool at a time. */
struct pool_run *pool_begin(struct pool *p, void (*fn)(void *ctx, size_t i), void *ctx, size_t count);
/* Returns when item i is done; meanwhile works too. */
void pool_wait(struct pool_run *r, size_t i);
/* Leaves what was not begun undone, returns when no worker is inside fn, and ends the run. */
void pool_end(struct pool_run *r);

/* All of them, done on return. */
void pool_all(struct pool *p, void (*fn)(void *ctx, size_t i), void *ctx, size_t count);

/* One job on a thread of its own, for what waits for a disk rather than for a processor. */
struct pool_side;
/* NULL when the system gives no thread: the caller does the work itself. */
struct pool_side *pool_side_new(void);
void pool_side_free(struct pool_side *s); /* finishes the job that runs; NULL is fine */
/* No other job of s may be open; pool_side_finish ends it. What fn wrote is seen after that. */
void pool_side_start(struct pool_side *s, void (*fn)(void *ctx), void *ctx);
void pool_side_finish(struct pool_side *s);

#endif
