/* Places of data, files written whole or not at all. See app_int.h. */
#include "app_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_MOST = PATH_NEAR_MAX - 64 }; /* of a file that is written: the name of its neighbour has room, too */
#define NEAR_MAX 100      /* left-over neighbours of one name that are passed over */
#define NEAR_END ".wharf-new" /* NAME.PROCESS.wharf-new, NAME.PROCESS-N.wharf-new */
#define NEAR_SECONDS 60   /* a neighbour whose process is not to be seen here may be of another machine that shares the directory */

/* --- places --------------------------------------------------------------------------------------- */

const char *path_data(struct cli *c, const char *word)
{
	static char path[PATH_TEXT_MAX];
	const char *given = c ? cli_value(c, "-d") : NULL;
	const char *env = getenv("WHARF_DIR"), *xdg = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (!given)
		given = word ? word : env && env[0] ? env : NULL;
	if (given)
		snprintf(path, sizeof(path), "%.1000s", given);
	else if (xdg && xdg[0] == '/')
		snprintf(path, sizeof(path), "%.1000s/wharf", xdg);
	else
		snprintf(path, sizeof(path), "%.980s/.local/share/wharf", home && home[0] ? home : ".");
	return path;
}

const char *path_share(void)
{
	static char path[PATH_TEXT_MAX];
	char here[PATH_TEXT_MAX - 16], probe[PATH_TEXT_MAX + 32];
	const char *env = getenv("WHARF_SHARE");
	if (env && env[0]) {
		snprintf(path, sizeof(path), "%.1000s", env);
		return path;
	}
	ssize_t n = readlink("/proc/self/exe", here, sizeof(here) - 1);
	here[n > 0 ? n : 0] = '\0';
	/* build/wharf, build/tests/e2e/…, or PREFIX/bin/wharf: some directory above has data/policy, or has it in its share/wharf. */
	for (char *slash; (slash = strrchr(here, '/'));) {
		*slash = '\0';
		for (size_t i = 0; i < 2; i++) {
			snprintf(path, sizeof(path), "%s%s", here, i ? "/share/wharf" : "");
			snprintf(probe, sizeof(probe), "%s/data/policy/policy.json", path);
			if (access(probe, R_OK) == 0)
				return path;
		}
	}
	snprintf(path, sizeof(path), "%s", WHARF_DATA_DIR);
	return path;
}

/* --- files ---------------------------------------------------------------------------------------- */

enum err file_read(const char *path, size_t most, struct buf *out, struct fault *fault)
{
	bool in = strcmp(path, "-") == 0;
	/* Never waits for who writes to a pipe or types at a terminal: in what was handed out, either stands for a file. */
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	char bytes[65536];
	ssize_t n = 0;
	if (fd < 0)
		return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED, 0, 0, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return fault_set(fault, ERR_USAGE, 0, 0, "%s is a directory; name a file", path);
	}
	if (!in && !S_ISREG(st.st_mode) && strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/proc/", 6) != 0) {
		close(fd);
		return fault_set(fault, ERR_DENIED, 0, 0, "%s is a pipe or device, not a file; name a file, or - for standard input", path);
	}
	if (!in)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	while (out->len <= most && ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			buf_add(out, bytes, (size_t)n);
	int why = errno;
	if (!in)
		close(fd);
	if (n < 0)
		return fault_set(fault, ERR_IO, 0, 0, "%s: %s", path, strerror(why));
	if (out->len > most)
		return fault_set(fault, ERR_LIMIT, 0, 0, "%s is larger than the %zu bytes that are read at most", path, most);
	return ERR_OK;
}

static enum err file_fault(struct fault *fault, const char *path)
{
	return fault_set(fault, err_of_errno(errno), 0, 0, "%s cannot be written: %s", path, strerror(errno));
}

static bool write_all(int fd, struct str bytes)
{
	for (size_t at = 0; at < bytes.len;) {
		ssize_t n = write(fd, bytes.ptr + at, bytes.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* The process that a neighbour of some name belongs to, 0 for other files. */
static long near_process(const char *file)
{
	const char *end = strstr(file, NEAR_END), *p = end;
	if (!end || strcmp(end, NEAR_END) != 0)
		return 0;
	while (p > file && p[-1] != '.')
		p--;
	return p > file ? strtol(p, NULL, 10) : 0;
}

/* What a path lies in. */
static void folder_of(const char *path, char out[PATH_NEAR_MAX])
{
	snprintf(out, PATH_NEAR_MAX, "%s", path);
	char *slash = strrchr(out, '/');
	if (slash)
		slash[slash == out] = '\0';
	else
		snprintf(out, PATH_NEAR_MAX, ".");
}

/* Removes from a folder the neighbours that processes which were killed have left there; once while it is written to. */
static void forget_near(const char *folder)
{
	static char last[PATH_NEAR_MAX];
	if (strcmp(last, folder) == 0)
		return;
	snprintf(last, sizeof(last), "%s", folder);
	DIR *d = opendir(folder);
	struct stat st;
	for (struct dirent *one; d && (one = readdir(d));) {
		long process = near_process(one->d_name);
		if (process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH && fstatat(dirfd(d), one->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
			&& S_ISREG(st.st_mode) && time(NULL) - st.st_mtime > NEAR_SECONDS)
			unlinkat(dirfd(d), one->d_name, 0);
	}
	if (d)
		closedir(d);
}

/* Of neighbours, one that nobody has: one with this number may be left of a process that was killed, in a container numbers recur. */
enum err file_begin(struct file_new *f, const char *path, unsigned mode, struct fault *fault)
{
	char folder[PATH_NEAR_MAX];
	f->path = path;
	f->fd = -1;
	if (strlen(path) > PATH_MOST)
		return fault_set(fault, ERR_USAGE, 0, 0, "the path to write to is longer than %d bytes", PATH_MOST);
	folder_of(path, folder);
	forget_near(folder);
	for (int n = 0; n < NEAR_MAX && f->fd < 0 && (n == 0 || errno == EEXIST); n++) {
		snprintf(f->near, sizeof(f->near), n ? "%s.%ld-%d" NEAR_END : "%s.%ld" NEAR_END, path, (long)getpid(), n);
		f->fd = open(f->near, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	}
	return f->fd >= 0 ? ERR_OK : file_fault(fault, path);
}

enum err file_end(struct file_new *f, bool over, enum err so_far, struct fault *fault)
{
	char folder[PATH_NEAR_MAX];
	enum err e = so_far == ERR_OK && fsync(f->fd) != 0 ? file_fault(fault, f->path) : so_far;
	close(f->fd);
	if (e == ERR_OK && renameat2(AT_FDCWD, f->near, AT_FDCWD, f->path, over ? 0 : RENAME_NOREPLACE) != 0)
		e = errno == EEXIST && !over ? fault_set(fault, ERR_USAGE, 0, 0, "%.200s exists; name a file that does not", f->path)
			: file_fault(fault, f->path);
	if (e != ERR_OK) {
		unlink(f->near);
		return e;
	}
	/* The name itself must last too. */
	folder_of(f->path, folder);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return ERR_OK;
}

enum err file_write(const char *path, struct str bytes, unsigned mode, struct fault *fault)
{
	struct file_new f;
	struct stat st;
	/* Renaming over a device would take it from everybody, over a pipe from who reads it. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fault_set(fault, ERR_USAGE, 0, 0, "%s is %s, not a file; name a file", path,
			S_ISDIR(st.st_mode) ? "a directory" : "a pipe or device");
	enum err e = file_begin(&f, path, mode, fault);
	return e == ERR_OK ? file_end(&f, true, write_all(f.fd, bytes) ? ERR_OK : file_fault(fault, path), fault) : e;
}

enum err print_out(struct str text, struct fault *fault)
{
	if (text.len)
		fwrite(text.ptr, 1, text.len, stdout);
	if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE)
		return fault_set(fault, err_of_errno(errno), 0, 0, "the output cannot be written: %s", strerror(errno));
	return ERR_OK;
}
