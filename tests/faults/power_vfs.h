/* A SQLite VFS that is a disk with a switch: what was not synced may be lost, torn at sectors and reordered when it goes off.
 *
 * Files live in memory. A file has what is durable and what was written since: writes and truncations in order. A sync makes
 * them durable; that of a new file also every name made or deleted before, as the Unix VFS then syncs the directory. power_cut() ends the life of every open
 * file at once; then each pending sector of 512 bytes survives or not by itself, at odds of the cut, whatever came later or
 * earlier; sizes follow what survived. A file that was never synced, or whose deletion was not, may be there or not.
 * power_on() opens the disk again. One process, one thread. */
#ifndef WHARF_TESTS_POWER_VFS_H
#define WHARF_TESTS_POWER_VFS_H

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/str.h"

enum { POWER_FILES = 16, POWER_SECTOR = 512, POWER_SHM = 64 };

struct power_op {
	size_t at, len;  /* a write of bytes, or a truncation to `at` */
	bool truncate;
	char *bytes;
};

struct power_file {
	char name[300];
	bool there, durable_there; /* in the directory now; after a cut */
	struct buf now, durable;
	struct power_op *ops;
	size_t op_count, op_cap;
};

static struct power_disk {
	struct power_file files[POWER_FILES];
	bool off;
	uint64_t done, cut_at; /* operations that change the disk; the one at which it goes off, 0 never */
	uint64_t (*dice)(void *ctx, uint64_t below);
	void *ctx;
	char shm[POWER_SHM][32768] __attribute__((aligned(16)));
	int open;
	sqlite3_vfs vfs;
} power;

struct power_handle {
	sqlite3_file base;
	struct power_file *file;
	bool database;
};

static void power_forget(struct power_file *f)
{
	for (size_t i = 0; i < f->op_count; i++)
		free(f->ops[i].bytes);
	f->op_count = 0;
}

static void power_resize(struct buf *b, size_t len)
{
	static const char ZEROS[4096];
	while (b->len < len)
		buf_add(b, ZEROS, len - b->len < sizeof(ZEROS) ? len - b->len : sizeof(ZEROS));
	b->len = len;
}

static void power_put(struct buf *b, size_t at, const char *bytes, size_t len)
{
	if (b->len < at + len)
		power_resize(b, at + len);
	memcpy(b->ptr + at, bytes, len);
}

static void power_note(struct power_file *f, size_t at, const void *bytes, size_t len, bool truncate)
{
	if (f->op_count == f->op_cap) {
		f->op_cap = f->op_cap ? f->op_cap * 2 : 32;
		f->ops = realloc(f->ops, f->op_cap * sizeof(*f->ops));
		CHECK(f->ops, "out of memory");
	}
	char *copy = len ? malloc(len) : NULL;
	if (copy)
		memcpy(copy, bytes, len);
	f->ops[f->op_count++] = (struct power_op){ at, len, truncate, copy };
}

/* What survives of one file: every pending sector by itself, `odds` of 100. */
static void power_survive(struct power_file *f, uint64_t odds)
{
	for (size_t i = 0; i < f->op_count; i++) {
		const struct power_op *o = &f->ops[i];
		if (o->truncate) {
			if (power.dice(power.ctx, 100) < odds)
				power_resize(&f->durable, o->at);
			continue;
		}
		for (size_t at = 0; at < o->len;) {
			size_t n = POWER_SECTOR - (o->at + at) % POWER_SECTOR;
			n = n > o->len - at ? o->len - at : n;
			if (power.dice(power.ctx, 100) < odds)
				power_put(&f->durable, o->at + at, o->bytes + at, n);
			at += n;
		}
	}
	power_forget(f);
	if (f->there != f->durable_there)
		f->durable_there = power.dice(power.ctx, 100) < odds ? f->there : f->durable_there;
	f->there = f->durable_there;
	if (!f->there)
		buf_clear(&f->durable);
	buf_clear(&f->now);
	buf_str(&f->now, buf_view(&f->durable));
}

static __attribute__((unused)) void power_cut(void)
{
	static const uint64_t ODDS[] = { 0, 10, 50, 90, 100 };
	uint64_t odds = ODDS[power.dice(power.ctx, 5)];
	for (int i = 0; i < POWER_FILES; i++)
		power_survive(&power.files[i], odds);
}

static __attribute__((unused)) void power_on(void)
{
	CHECK(power.open == 0, "every connection of before is closed");
	power.off = false;
	power.done = power.cut_at = 0;
	memset(power.shm, 0, sizeof(power.shm));
}

/* One more change; false when the power is gone. */
static bool power_step(void)
{
	power.done++;
	if (power.cut_at && power.done >= power.cut_at)
		power.off = true;
	return !power.off;
}

static struct power_file *power_find(const char *name, bool make)
{
	struct power_file *empty = NULL;
	for (int i = 0; i < POWER_FILES; i++) {
		struct power_file *f = &power.files[i];
		if (f->name[0] && strcmp(f->name, name) == 0)
			return f;
		if (!empty && !f->name[0])
			empty = f;
	}
	if (!make)
		return NULL;
	CHECK(empty, "room for a file");
	snprintf(empty->name, sizeof(empty->name), "%s", name);
	return empty;
}

static int power_close(sqlite3_file *file)
{
	struct power_handle *h = (struct power_handle *)file;
	if (h->database && --power.open == 0)
		memset(power.shm, 0, sizeof(power.shm));
	return SQLITE_OK;
}

static int power_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 at)
{
	const struct buf *b = &((struct power_handle *)file)->file->now;
	size_t have = (size_t)at < b->len ? b->len - (size_t)at : 0;
	if (power.off)
		return SQLITE_IOERR_READ;
	have = have > (size_t)amount ? (size_t)amount : have;
	if (have)
		memcpy(out, b->ptr + at, have);
	memset((char *)out + have, 0, (size_t)amount - have);
	return have == (size_t)amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* The write at which the power goes still reaches the disk's cache: all, part or none of it may survive. */
static int power_write(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 at)
{
	struct power_file *f = ((struct power_handle *)file)->file;
	if (power.off)
		return SQLITE_IOERR_WRITE;
	power_put(&f->now, (size_t)at, bytes, (size_t)amount);
	power_note(f, (size_t)at, bytes, (size_t)amount, false);
	return power_step() ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int power_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct power_file *f = ((struct power_handle *)file)->file;
	if (power.off)
		return SQLITE_IOERR_TRUNCATE;
	power_resize(&f->now, (size_t)size);
	power_note(f, (size_t)size, NULL, 0, true);
	return power_step() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

/* A deletion that is durable takes the bytes with it: a file of that name begins anew. */
static void power_sync_names(void)
{
	for (int i = 0; i < POWER_FILES; i++) {
		struct power_file *f = &power.files[i];
		f->durable_there = f->there;
		if (!f->there) {
			buf_clear(&f->durable);
			power_forget(f);
		}
	}
}

static int power_sync(sqlite3_file *file, int flags)
{
	struct power_file *f = ((struct power_handle *)file)->file;
	(void)flags;
	if (!power_step())
		return SQLITE_IOERR_FSYNC;
	buf_clear(&f->durable);
	buf_str(&f->durable, buf_view(&f->now));
	power_forget(f);
	if (!f->durable_there)
		power_sync_names();
	return SQLITE_OK;
}

static int power_size(sqlite3_file *file, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct power_handle *)file)->file->now.len;
	return power.off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int power_lock(sqlite3_file *file, int n) { return (void)file, (void)n, SQLITE_OK; }
static int power_reserved(sqlite3_file *file, int *out) { return (void)file, *out = 0, SQLITE_OK; }
static int power_control(sqlite3_file *file, int op, void *arg) { return (void)file, (void)op, (void)arg, SQLITE_NOTFOUND; }
static int power_sector(sqlite3_file *file) { return (void)file, POWER_SECTOR; }
static int power_traits(sqlite3_file *file) { return (void)file, 0; }
static int power_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	(void)file, (void)extend;
	if (region >= POWER_SHM || size > (int)sizeof(power.shm[0]))
		return SQLITE_IOERR_SHMMAP;
	*out = power.shm[region];
	return SQLITE_OK;
}
static int power_shm_lock(sqlite3_file *file, int at, int n, int flags) { return (void)file, (void)at, (void)n, (void)flags, SQLITE_OK; }
static void power_shm_barrier(sqlite3_file *file) { (void)file; }
static int power_shm_unmap(sqlite3_file *file, int gone) { return (void)file, (void)gone, SQLITE_OK; }

static const sqlite3_io_methods POWER_METHODS = { 2, power_close, power_read, power_write, power_truncate, power_sync, power_size,
	power_lock, power_lock, power_reserved, power_control, power_sector, power_traits, power_shm_map, power_shm_lock,
	power_shm_barrier, power_shm_unmap, NULL, NULL };

static int power_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct power_handle *h = (struct power_handle *)file;
	(void)vfs;
	memset(h, 0, sizeof(*h));
	if (power.off)
		return SQLITE_CANTOPEN;
	struct power_file *f = power_find(name ? name : "temporary", true);
	if (!f->there && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	f->there = true;
	h->file = f;
	h->database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	h->base.pMethods = &POWER_METHODS;
	power.open += h->database;
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct power_file *f = power_find(name, false);
	(void)vfs;
	if (power.off)
		return SQLITE_IOERR_DELETE;
	if (!f || !f->there)
		return SQLITE_IOERR_DELETE_NOENT;
	bool on = power_step();
	f->there = false;
	buf_clear(&f->now);
	if (on && sync)
		power_sync_names();
	return on ? SQLITE_OK : SQLITE_IOERR_DELETE;
}

static int power_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	const struct power_file *f = power_find(name, false);
	(void)vfs, (void)flags;
	*out = f && f->there;
	return power.off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

/* Becomes the default VFS of the process, with an empty disk. */
static __attribute__((unused)) void power_begin(uint64_t (*dice)(void *ctx, uint64_t below), void *ctx)
{
	power.vfs = *sqlite3_vfs_find("unix");
	power.vfs.zName = "power";
	power.vfs.szOsFile = sizeof(struct power_handle);
	power.vfs.xOpen = power_open;
	power.vfs.xDelete = power_delete;
	power.vfs.xAccess = power_access;
	power.dice = dice;
	power.ctx = ctx;
	CHECK(sqlite3_vfs_register(&power.vfs, 1) == SQLITE_OK, "the VFS is registered");
}

/* The disk as it was kept in another place; for many trials from one beginning. */
static __attribute__((unused)) void power_copy(struct power_file *to, const struct power_file *from)
{
	for (int i = 0; i < POWER_FILES; i++) {
		power_forget(&to[i]);
		memcpy(to[i].name, from[i].name, sizeof(to[i].name));
		to[i].there = from[i].there;
		to[i].durable_there = from[i].durable_there;
		buf_clear(&to[i].now);
		buf_str(&to[i].now, buf_view(&from[i].now));
		buf_clear(&to[i].durable);
		buf_str(&to[i].durable, buf_view(&from[i].durable));
	}
}

#endif
