/* Stands between this program and the kernel: the n-th call that changes files fails, or the process dies in its place.
 *
 * The functions below take the place of libc's for everything linked into the program, SQLite included. Only calls on files
 * under `shim.dir` count, and only while armed. A write that fails has written half of its bytes, as a full or dying disk
 * does. SHIM_KILL dies before the call; SHIM_EIO and SHIM_ENOSPC fail that one call; SHIM_FULL fails every call that needs room
 * from there on until shim_mend(). SHIM_READ fails the n-th read with EIO. */
#ifndef WHARF_TESTS_SHIM_H
#define WHARF_TESTS_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum shim_mode { SHIM_COUNT, SHIM_KILL, SHIM_EIO, SHIM_ENOSPC, SHIM_FULL, SHIM_READ };
static const char *const SHIM_NAMES[] = { "COUNT", "KILL", "EIO", "ENOSPC", "FULL", "READ" };

enum { SHIM_FDS = 1024 };
static struct {
	char dir[300];
	enum shim_mode mode;
	bool armed, full;
	uint64_t at, calls;      /* the call that fails; calls so far that change files */
	uint64_t reads;          /* and that read them */
	char what[80];           /* which call failed */
	bool ours[SHIM_FDS];
} shim;

static __attribute__((unused)) void shim_arm(const char *dir, enum shim_mode mode, uint64_t at)
{
	snprintf(shim.dir, sizeof(shim.dir), "%s", dir);
	shim.mode = mode;
	shim.at = at;
	shim.calls = shim.reads = 0;
	shim.full = false;
	shim.what[0] = 0;
	shim.armed = true;
}

/* Space is there again; what was armed once does not fire any more. */
static __attribute__((unused)) void shim_mend(void)
{
	shim.full = false;
	shim.armed = shim.mode == SHIM_COUNT;
}

static bool shim_path(const char *path) { return shim.dir[0] && path && strncmp(path, shim.dir, strlen(shim.dir)) == 0; }
static bool shim_fd(int fd) { return fd >= 0 && fd < SHIM_FDS && shim.ours[fd]; }

/* True when this call is to fail; errno says how. `room`: whether it asks for space. */
static bool shim_fails(const char *call, bool room)
{
	if (!shim.armed)
		return false;
	shim.calls++;
	if (shim.full && room) {
		errno = ENOSPC;
		return true;
	}
	if (shim.calls != shim.at || shim.mode == SHIM_COUNT || shim.mode == SHIM_READ)
		return false;
	snprintf(shim.what, sizeof(shim.what), "%s", call);
	if (shim.mode == SHIM_KILL)
		kill(getpid(), SIGKILL);
	if (shim.mode == SHIM_FULL)
		shim.full = true;
	if (shim.mode == SHIM_FULL && !room)
		return false;
	errno = shim.mode == SHIM_EIO ? EIO : ENOSPC;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (shim_fd(fd) && shim_fails("write", true)) {
		int why = errno;
		syscall(SYS_write, fd, bytes, len / 2);
		errno = why;
		return -1;
	}
	return syscall(SYS_write, fd, bytes, len);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	if (shim_fd(fd) && shim_fails("pwrite", true)) {
		int why = errno;
		syscall(SYS_pwrite64, fd, bytes, len / 2, at);
		errno = why;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) { return pwrite64(fd, bytes, len, at); }

ssize_t pread64(int fd, void *bytes, size_t len, off64_t at)
{
	if (shim_fd(fd) && shim.armed && ++shim.reads == shim.at && shim.mode == SHIM_READ) {
		snprintf(shim.what, sizeof(shim.what), "pread");
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, bytes, len, at);
}
ssize_t pread(int fd, void *bytes, size_t len, off_t at) { return pread64(fd, bytes, len, at); }

int fsync(int fd) { return shim_fd(fd) && shim_fails("fsync", true) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return shim_fd(fd) && shim_fails("fdatasync", true) ? -1 : (int)syscall(SYS_fdatasync, fd); }

int ftruncate64(int fd, off64_t size) { return shim_fd(fd) && shim_fails("ftruncate", false) ? -1 : (int)syscall(SYS_ftruncate, fd, size); }
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path) { return shim_path(path) && shim_fails("unlink", false) ? -1 : (int)syscall(SYS_unlink, path); }
int unlinkat(int dir, const char *path, int flags)
{
	return (shim_path(path) || shim_fd(dir)) && shim_fails("unlinkat", false) ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}
int rename(const char *from, const char *to)
{
	return shim_path(to) && shim_fails("rename", true) ? -1 : (int)syscall(SYS_rename, from, to);
}

static int shim_open(int dir, const char *path, int flags, mode_t mode)
{
	bool ours = shim_path(path) || (dir != AT_FDCWD && shim_fd(dir));
	if (ours && shim_fails("open", (flags & O_CREAT) != 0))
		return -1;
	int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (fd >= 0 && fd < SHIM_FDS)
		shim.ours[fd] = ours;
	return fd;
}

static mode_t shim_mode_of(int flags, va_list args) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0; }
int open(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = shim_mode_of(flags, args);
	va_end(args);
	return shim_open(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = shim_mode_of(flags, args);
	va_end(args);
	return shim_open(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int dir, const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = shim_mode_of(flags, args);
	va_end(args);
	return shim_open(dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = shim_mode_of(flags, args);
	va_end(args);
	return shim_open(dir, path, flags | O_LARGEFILE, mode);
}

#endif
