/* A SQLite VFS that serves one database file out of memory, as the default VFS of this process.
 *
 * What is written goes to memory only; shared memory of the WAL index is plain memory, so one process at a time. Files
 * other than the database (the log) begin empty and vanish when closed. For flipping bits without touching a disk. */
#ifndef WHARF_TESTS_MEMORY_VFS_H
#define WHARF_TESTS_MEMORY_VFS_H

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/str.h"

enum { MEMORY_SHM_MAX = 8 };

static struct {
	char *bytes; /* the database; a test changes it in place */
	size_t len;
	char shm[MEMORY_SHM_MAX][32768] __attribute__((aligned(16)));
	int open; /* connections to the database */
	sqlite3_vfs vfs;
} memory_disk;

struct memory_file {
	sqlite3_file base;
	bool database;
	struct buf log;
};

static int memory_close(sqlite3_file *file)
{
	struct memory_file *m = (struct memory_file *)file;
	buf_free(&m->log);
	if (m->database && --memory_disk.open == 0)
		memset(memory_disk.shm, 0, sizeof(memory_disk.shm));
	return SQLITE_OK;
}

static int memory_read(sqlite3_file *file, void *out, int amount, sqlite3_int64 at)
{
	struct memory_file *m = (struct memory_file *)file;
	const char *bytes = m->database ? memory_disk.bytes : m->log.ptr;
	size_t len = m->database ? memory_disk.len : m->log.len, from = (size_t)at;
	size_t have = from < len ? len - from : 0;
	if (have > (size_t)amount)
		have = (size_t)amount;
	if (have)
		memcpy(out, bytes + from, have);
	memset((char *)out + have, 0, (size_t)amount - have);
	return have == (size_t)amount ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

/* The database is only read: a write to it is refused, one to the log is kept while it is open. */
static int memory_write(sqlite3_file *file, const void *bytes, int amount, sqlite3_int64 at)
{
	struct memory_file *m = (struct memory_file *)file;
	if (m->database || at < 0 || (size_t)at > m->log.len)
		return SQLITE_IOERR_WRITE;
	size_t over = m->log.len - (size_t)at < (size_t)amount ? m->log.len - (size_t)at : (size_t)amount;
	if (over)
		memcpy(m->log.ptr + at, bytes, over);
	buf_add(&m->log, (const char *)bytes + over, (size_t)amount - over);
	return SQLITE_OK;
}

static int memory_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct memory_file *m = (struct memory_file *)file;
	if (!m->database && (size_t)size < m->log.len)
		m->log.len = (size_t)size;
	return SQLITE_OK;
}

static int memory_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct memory_file *m = (struct memory_file *)file;
	*size = (sqlite3_int64)(m->database ? memory_disk.len : m->log.len);
	return SQLITE_OK;
}

static int memory_number(sqlite3_file *file, int n) { return (void)file, (void)n, SQLITE_OK; }
static int memory_reserved(sqlite3_file *file, int *out) { return (void)file, *out = 0, SQLITE_OK; }
static int memory_control(sqlite3_file *file, int op, void *arg) { return (void)file, (void)op, (void)arg, SQLITE_NOTFOUND; }
static int memory_sector(sqlite3_file *file) { return (void)file, 512; }
static int memory_traits(sqlite3_file *file) { return (void)file, 0; }

static int memory_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	(void)file, (void)extend;
	if (region >= MEMORY_SHM_MAX || size > (int)sizeof(memory_disk.shm[0]))
		return SQLITE_IOERR_SHMMAP;
	*out = memory_disk.shm[region];
	return SQLITE_OK;
}

static int memory_shm_lock(sqlite3_file *file, int at, int n, int flags) { return (void)file, (void)at, (void)n, (void)flags, SQLITE_OK; }
static void memory_shm_barrier(sqlite3_file *file) { (void)file; }
static int memory_shm_unmap(sqlite3_file *file, int gone) { return (void)file, (void)gone, SQLITE_OK; }

static const sqlite3_io_methods MEMORY_METHODS = { 2, memory_close, memory_read, memory_write, memory_truncate, memory_number,
	memory_size, memory_number, memory_number, memory_reserved, memory_control, memory_sector, memory_traits, memory_shm_map,
	memory_shm_lock, memory_shm_barrier, memory_shm_unmap, NULL, NULL };

static int memory_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct memory_file *m = (struct memory_file *)file;
	(void)vfs, (void)name;
	memset(m, 0, sizeof(*m));
	m->base.pMethods = &MEMORY_METHODS;
	m->database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
	memory_disk.open += m->database;
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int memory_delete(sqlite3_vfs *vfs, const char *name, int sync) { return (void)vfs, (void)name, (void)sync, SQLITE_OK; }
static int memory_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs, (void)flags;
	size_t len = name ? strlen(name) : 0;
	*out = len > 3 && strcmp(name + len - 3, ".db") == 0;
	return SQLITE_OK;
}

static __attribute__((unused)) void memory_vfs_serve(struct str bytes)
{
	sqlite3_vfs *real = sqlite3_vfs_find("unix");
	CHECK(real && !memory_disk.bytes, "SQLite's own VFS");
	memory_disk.bytes = malloc(bytes.len);
	CHECK(memory_disk.bytes, "out of memory");
	memcpy(memory_disk.bytes, bytes.ptr, bytes.len);
	memory_disk.len = bytes.len;
	memory_disk.vfs = *real;
	memory_disk.vfs.zName = "memory";
	memory_disk.vfs.szOsFile = sizeof(struct memory_file);
	memory_disk.vfs.xOpen = memory_open;
	memory_disk.vfs.xDelete = memory_delete;
	memory_disk.vfs.xAccess = memory_access;
	CHECK(sqlite3_vfs_register(&memory_disk.vfs, 1) == SQLITE_OK, "the VFS is registered");
}

static __attribute__((unused)) void memory_vfs_end(void)
{
	sqlite3_vfs_unregister(&memory_disk.vfs);
	sqlite3_vfs_register(sqlite3_vfs_find("unix"), 1);
	free(memory_disk.bytes);
	memory_disk.bytes = NULL;
	memory_disk.len = 0;
}

#endif
