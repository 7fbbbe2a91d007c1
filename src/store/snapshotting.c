/* A snapshot made beside. See store/snapshotting.h. */
#include "store/snapshotting.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "journal_int.h"

enum { COPY_FD = 3 };

struct snapshotting {
	pid_t copy; /* 0: it ended */
	int fd;     /* shared memory: the bytes, then their SHA-256 */
	uint64_t count, part;
	size_t size;
	bool sealed;
};

static bool copy_write(int fd, const void *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, (const char *)bytes + at, len - at);
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* In the copy. It must not keep the lock of the lead, nor a connection, for longer than its parent does. */
_Noreturn static void copy_run(const struct engine *e, int fd)
{
	struct buf bytes = { 0 };
	if (dup2(fd, COPY_FD) != COPY_FD)
		_exit(1);
	close_range(COPY_FD + 1, ~0U, 0);
	engine_snapshot(e, &bytes);
	struct hash digest = hash_of(bytes.ptr, bytes.len);
	_exit(copy_write(COPY_FD, bytes.ptr, bytes.len) && copy_write(COPY_FD, digest.bytes, HASH_SIZE) ? 0 : 1);
}

struct snapshotting *snapshotting_begin(const struct engine *e)
{
	int fd = memfd_create("wharf-snapshot", MFD_CLOEXEC);
	pid_t copy = fd >= 0 ? fork() : -1;
	if (copy == 0)
		copy_run(e, fd);
	if (copy < 0) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	struct snapshotting *s = calloc(1, sizeof(*s));
	CHECK(s, "out of memory");
	*s = (struct snapshotting){ .copy = copy, .fd = fd, .count = engine_link(e)->next };
	return s;
}

size_t snapshotting_size(const struct snapshotting *s) { return s->size; }

/* Whether the bytes are there; *failed: they never will be. */
static bool copy_ended(struct snapshotting *s, bool *failed)
{
	int status = 0;
	struct stat st;
	if (s->copy) {
		pid_t ended = waitpid(s->copy, &status, WNOHANG);
		if (ended == 0)
			return false;
		s->copy = 0;
		*failed = ended < 0 || status != 0 || fstat(s->fd, &st) != 0 || st.st_size <= HASH_SIZE;
		if (!*failed)
			s->size = (size_t)st.st_size - HASH_SIZE;
	}
	return !*failed;
}

static enum err part_put(struct snapshotting *s, struct journal *j, struct fault *fault)
{
	static const char SQL[] = "INSERT OR REPLACE INTO snapshot_part(count, part, bytes) VALUES(?,?,?)";
	size_t at = s->part * SNAPSHOT_PART, len = s->size - at < SNAPSHOT_PART ? s->size - at : SNAPSHOT_PART;
	sqlite3_stmt *put = store_statement(j, SLOT_PART_PUT, SQL);
	char *bytes = malloc(len);
	CHECK(bytes, "out of memory");
	enum err e = put ? ERR_OK : store_fault(j, fault, "writing a snapshot");
	if (e == ERR_OK && pread(s->fd, bytes, len, (off_t)at) != (ssize_t)len)
		e = fault_set(fault, ERR_IO, 0, 0, "the bytes of a snapshot cannot be read");
	if (e == ERR_OK) {
		sqlite3_bind_int64(put, 1, (sqlite3_int64)s->count);
		sqlite3_bind_int64(put, 2, (sqlite3_int64)s->part++);
		sqlite3_bind_blob64(put, 3, bytes, len, SQLITE_STATIC);
		if (sqlite3_step(put) != SQLITE_DONE)
			e = store_fault(j, fault, "writing a snapshot");
		sqlite3_reset(put);
		sqlite3_clear_bindings(put);
	}
	free(bytes);
	return e;
}

static enum err parts_seal(struct snapshotting *s, struct journal *j, struct fault *fault)
{
	struct hash digest;
	if (pread(s->fd, digest.bytes, HASH_SIZE, (off_t)s->size) != HASH_SIZE)
		return fault_set(fault, ERR_IO, 0, 0, "the digest of a snapshot cannot be read");
	s->sealed = true;
	return snapshot_seal(j, s->count, &digest, fault);
}

enum err snapshotting_advance(struct snapshotting *s, struct journal *j, bool *done, struct fault *fault)
{
	bool failed = false, more = true, there = copy_ended(s, &failed);
	enum err e = failed ? fault_set(fault, ERR_IO, 0, 0, "the copy that makes a snapshot ended without one") : ERR_OK;
	if (there && s->part * SNAPSHOT_PART < s->size)
		e = part_put(s, j, fault);
	else if (there && !s->sealed)
		e = parts_seal(s, j, fault);
	else if (there)
		e = snapshot_trim(j, &more, fault);
	*done = e != ERR_OK || !more;
	return e;
}

void snapshotting_end(struct snapshotting *s)
{
	if (!s)
		return;
	if (s->copy) {
		kill(s->copy, SIGKILL);
		waitpid(s->copy, NULL, 0);
	}
	close(s->fd);
	free(s);
}
