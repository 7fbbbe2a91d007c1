/* Worker threads. See work/pool.h.
 *
 * Must remain true: items are claimed by one counter, each once; `done` of an item is set after its work and read
 * before its result is used (release, acquire); a run is taken down only when no worker holds it. */
#include "work/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"

struct pool_run {
	struct pool *pool;
	void (*fn)(void *ctx, size_t i);
	void *ctx;
	size_t count;
	atomic_size_t next;    /* first item that nobody has claimed */
	atomic_uchar *done;    /* of each item */
	atomic_bool waited;    /* somebody sleeps until an item is done */
};

struct pool {
	pthread_t threads[POOL_THREADS_MAX];
	size_t workers;
	pthread_mutex_t lock;
	pthread_cond_t work, quiet, item;
	struct pool_run run;
	bool open, stop;       /* under the lock, as is `inside` */
	size_t inside;         /* workers in the open run */
};

/* Takes the next item and does it; false when all are claimed. */
static bool run_one(struct pool_run *r)
{
	struct pool *p = r->pool;
	size_t i = atomic_fetch_add_explicit(&r->next, 1, memory_order_relaxed);
	if (i >= r->count)
		return false;
	r->fn(r->ctx, i);
	atomic_store(&r->done[i], 1);
	if (atomic_load(&r->waited)) {
		pthread_mutex_lock(&p->lock);
		pthread_cond_broadcast(&p->item);
		pthread_mutex_unlock(&p->lock);
	}
	return true;
}

static void *worker_main(void *arg)
{
	struct pool *p = arg;
	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		if (!p->open || atomic_load_explicit(&p->run.next, memory_order_relaxed) >= p->run.count) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		p->inside++;
		pthread_mutex_unlock(&p->lock);
		while (run_one(&p->run))
			;
		pthread_mutex_lock(&p->lock);
		if (--p->inside == 0)
			pthread_cond_broadcast(&p->quiet);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* A thread that takes no signals. */
static bool thread_start(pthread_t *thread, void *(*fn)(void *), void *arg)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(thread, NULL, fn, arg) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

struct pool *pool_new(size_t threads)
{
	struct pool *p = calloc(1, sizeof(*p));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	CHECK(p, "memory for a pool of threads");
	if (!threads)
		threads = processors > 1 ? (size_t)processors : 1;
	threads = threads > POOL_THREADS_MAX ? POOL_THREADS_MAX : threads;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->quiet, NULL);
	pthread_cond_init(&p->item, NULL);
	while (p->workers + 1 < threads && thread_start(&p->threads[p->workers], worker_main, p))
		p->workers++;
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	CHECK(!p->open, "a pool ends after its runs");
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->workers; i++)
		pthread_join(p->threads[i], NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->quiet);
	pthread_cond_destroy(&p->item);
	free(p);
}

size_t pool_threads(const struct pool *p) { return p->workers + 1; }

struct pool_run *pool_begin(struct pool *p, void (*fn)(void *ctx, size_t i), void *ctx, size_t count)
{
	struct pool_run *r = &p->run;
	CHECK(!p->open, "one run at a time");
	atomic_uchar *done = calloc(count ? count : 1, sizeof(*done));
	CHECK(done, "memory for a run");
	pthread_mutex_lock(&p->lock);
	r->pool = p;
	r->fn = fn;
	r->ctx = ctx;
	r->count = count;
	r->done = done;
	atomic_store(&r->next, 0);
	atomic_store(&r->waited, false);
	p->open = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	return r;
}

void pool_wait(struct pool_run *r, size_t i)
{
	struct pool *p = r->pool;
	while (!atomic_load(&r->done[i]) && run_one(r))
		;
	if (atomic_load(&r->done[i]))
		return;
	/* All are claimed, and a worker is at item i: soon, as a rule. */
	for (int spins = 0; spins < 64 && !atomic_load(&r->done[i]); spins++)
		sched_yield();
	pthread_mutex_lock(&p->lock);
	atomic_store(&r->waited, true);
	while (!atomic_load(&r->done[i]))
		pthread_cond_wait(&p->item, &p->lock);
	atomic_store(&r->waited, false);
	pthread_mutex_unlock(&p->lock);
}

void pool_end(struct pool_run *r)
{
	struct pool *p = r->pool;
	atomic_store(&r->next, r->count);
	pthread_mutex_lock(&p->lock);
	while (p->inside)
		pthread_cond_wait(&p->quiet, &p->lock);
	p->open = false;
	pthread_mutex_unlock(&p->lock);
	free(r->done);
	r->done = NULL;
}

void pool_all(struct pool *p, void (*fn)(void *ctx, size_t i), void *ctx, size_t count)
{
	struct pool_run *r = pool_begin(p, fn, ctx, count);
	for (size_t i = 0; i < count; i++)
		pool_wait(r, i);
	pool_end(r);
}

/* --- one job beside ------------------------------------------------------------------------------- */

struct pool_side {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t turn;
	void (*fn)(void *ctx);
	void *ctx;
	bool busy, stop;
};

static void *side_main(void *arg)
{
	struct pool_side *s = arg;
	pthread_mutex_lock(&s->lock);
	for (;;) {
		while (!s->busy && !s->stop)
			pthread_cond_wait(&s->turn, &s->lock);
		if (!s->busy)
			break;
		pthread_mutex_unlock(&s->lock);
		s->fn(s->ctx);
		pthread_mutex_lock(&s->lock);
		s->busy = false;
		pthread_cond_broadcast(&s->turn);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct pool_side *pool_side_new(void)
{
	struct pool_side *s = calloc(1, sizeof(*s));
	CHECK(s, "memory for a thread");
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->turn, NULL);
	if (thread_start(&s->thread, side_main, s))
		return s;
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->turn);
	free(s);
	return NULL;
}

void pool_side_free(struct pool_side *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->turn);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->turn);
	free(s);
}

void pool_side_start(struct pool_side *s, void (*fn)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&s->lock);
	CHECK(!s->busy, "one job at a time");
	s->fn = fn;
	s->ctx = ctx;
	s->busy = true;
	pthread_cond_broadcast(&s->turn);
	pthread_mutex_unlock(&s->lock);
}

void pool_side_finish(struct pool_side *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->busy)
		pthread_cond_wait(&s->turn, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
