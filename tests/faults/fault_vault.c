/* The vault on a disk that lies still for a moment: power cuts, and bits that turn.
 *
 * A power cut is modelled on real files: between this program and the kernel stands a log of what the vault changed and did
 * not sync yet. At the cut, dice take back any part of it: data of files is lost, torn or noise, names come back or vanish,
 * in any order, for nothing orders what was not synced.
 *
 * Must remain true: what was acknowledged opens; a name stands for its bytes or for nothing; the keys of what was destroyed do not
 * come back; a piece of which a bit turned is named, or the bytes given are those that were put. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"

#include "base/check.h"
#include "identity/keys.h"
#include "store/vault.h"

static char base[200]; /* a directory of this run, in memory where that is possible */
static struct key_pair pair;
static struct fault fault;

/* --- the disk: what is changed and not synced ------------------------------------------------------------ */

enum change_kind { C_CREATE, C_RENAME, C_UNLINK, C_MKDIR, C_RMDIR, C_DATA };
enum { CHANGES_MAX = 4096, PATH_MOST = 600 };
static struct change {
	enum change_kind kind;
	char path[PATH_MOST], from[PATH_MOST]; /* from: of a rename the old name, of an unlink where the bytes are kept */
	ino_t inode;         /* data: of this file */
	off_t synced;        /* data: bytes of it that are safe */
	char *before;        /* data: what stood there, when it was written over */
	size_t before_len;
	bool durable;
} changes[CHANGES_MAX];
static size_t change_count;
static bool armed;
static uint64_t cut_at, calls;
static struct faults *dice;

static const char *fd_path(int fd, char out[PATH_MOST])
{
	char link[64];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, out, PATH_MOST - 1);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static bool ours(int fd, char path[PATH_MOST])
{
	return armed && strncmp(fd_path(fd, path), base, strlen(base)) == 0;
}

static void full_path(int dir, const char *name, char out[PATH_MOST])
{
	char at[PATH_MOST];
	snprintf(out, PATH_MOST, "%.390s/%.200s", fd_path(dir, at), name);
}

static void remove_tree(const char *dir)
{
	char path[PATH_MOST + 260];
	DIR *d = opendir(dir);
	for (struct dirent *x; d && (x = readdir(d));) {
		if (!strcmp(x->d_name, ".") || !strcmp(x->d_name, ".."))
			continue;
		snprintf(path, sizeof(path), "%.590s/%.255s", dir, x->d_name);
		if (syscall(SYS_unlink, path) != 0)
			remove_tree(path);
	}
	if (d)
		closedir(d);
	syscall(SYS_rmdir, dir);
}

/* Data that was not synced: gone, a part of it, noise, or there after all. */
static void lose_data(const struct change *c, const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY, 0), how = (int)faults_below(dice, 4);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_ino != c->inode)
		how = 3;
	size_t lost = how < 3 && st.st_size > c->synced ? (size_t)(st.st_size - c->synced) : 0;
	if (how < 3 && c->before)
		(void)!syscall(SYS_pwrite64, fd, c->before, how == 0 ? c->before_len : (size_t)faults_below(dice, c->before_len + 1), (off_t)0);
	else if (how == 0 && lost)
		(void)!ftruncate(fd, c->synced);
	else if (how == 1 && lost)
		(void)!ftruncate(fd, c->synced + (off_t)faults_below(dice, lost));
	else if (how == 2 && lost) {
		char *noise = malloc(lost);
		for (size_t i = 0; i < lost; i++)
			noise[i] = faults_below(dice, 2) ? (char)faults_dice(dice) : 0;
		(void)!syscall(SYS_pwrite64, fd, noise, lost, c->synced);
		free(noise);
	}
	if (fd >= 0)
		close(fd);
}

static void take_back(const struct change *c)
{
	switch (c->kind) {
	case C_CREATE: syscall(SYS_unlink, c->path); break;
	case C_RENAME: syscall(SYS_rename, c->path, c->from); break;
	case C_UNLINK: (void)!link(c->from, c->path); break;
	case C_MKDIR: remove_tree(c->path); break;
	case C_RMDIR: syscall(SYS_mkdir, c->path, 0700); break;
	case C_DATA: lose_data(c, c->path); break;
	}
}

/* Data first, under the names that the files have now. */
static void power_cut(void)
{
	armed = false;
	for (size_t i = change_count; i-- > 0;)
		if (!changes[i].durable && changes[i].kind == C_DATA)
			take_back(&changes[i]);
	for (size_t i = change_count; i-- > 0;)
		if (!changes[i].durable && changes[i].kind != C_DATA && faults_below(dice, 2))
			take_back(&changes[i]);
	_exit(0);
}

static struct change *changed(enum change_kind kind, const char *path)
{
	CHECK(change_count < CHANGES_MAX, "room for changes");
	struct change *c = &changes[change_count++];
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	snprintf(c->path, sizeof(c->path), "%s", path);
	return c;
}

/* Each call that changes or syncs something is a place for the cut. */
static void step(void)
{
	if (++calls == cut_at)
		power_cut();
}

static struct change *data_of(ino_t inode)
{
	for (size_t i = change_count; i-- > 0;)
		if (changes[i].kind == C_DATA && changes[i].inode == inode && !changes[i].durable)
			return &changes[i];
	return NULL;
}

static void writing(int fd, const char *path, bool over)
{
	struct stat st;
	step();
	CHECK(fstat(fd, &st) == 0, "a file of the vault");
	if (data_of(st.st_ino))
		return;
	struct change *c = changed(C_DATA, path);
	c->inode = st.st_ino;
	c->synced = st.st_size;
	int in = over ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0) : -1;
	if (in >= 0) {
		c->before = malloc((size_t)st.st_size + 1);
		c->before_len = (size_t)syscall(SYS_pread64, in, c->before, (size_t)st.st_size, (off_t)0);
		close(in);
	}
}

static void synced(int fd, const char *path)
{
	struct stat st;
	step();
	CHECK(fstat(fd, &st) == 0, "a file of the vault");
	size_t len = strlen(path);
	struct change *data = data_of(st.st_ino);
	if (data)
		data->durable = true;
	for (size_t i = 0; S_ISDIR(st.st_mode) && i < change_count; i++)
		if (changes[i].kind != C_DATA && !strncmp(changes[i].path, path, len) && changes[i].path[len] == '/' && !strchr(changes[i].path + len + 1, '/'))
			changes[i].durable = true;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	char path[PATH_MOST];
	if (ours(fd, path))
		writing(fd, path, false);
	return syscall(SYS_write, fd, bytes, len);
}
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	char path[PATH_MOST];
	if (ours(fd, path))
		writing(fd, path, true);
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}
ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) { return pwrite64(fd, bytes, len, at); }

static int sync_fd(int fd)
{
	char path[PATH_MOST];
	if (ours(fd, path))
		synced(fd, path);
	return 0;
}
int fsync(int fd) { return sync_fd(fd); }
int fdatasync(int fd) { return sync_fd(fd); }

int openat(int dir, const char *name, int flags, ...)
{
	char path[PATH_MOST];
	va_list args;
	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	bool creates = flags & O_CREAT && dir != AT_FDCWD && ours(dir, path);
	if (creates)
		step();
	int fd = (int)syscall(SYS_openat, dir, name, flags, mode);
	if (creates && fd >= 0) {
		full_path(dir, name, path);
		changed(C_CREATE, path);
	}
	return fd;
}
int openat64(int dir, const char *name, int flags, ...) __attribute__((alias("openat")));

int mkdirat(int dir, const char *name, mode_t mode)
{
	char path[PATH_MOST];
	bool mine = ours(dir, path);
	if (mine)
		step();
	int rc = (int)syscall(SYS_mkdirat, dir, name, mode);
	if (mine && rc == 0) {
		full_path(dir, name, path);
		changed(C_MKDIR, path);
	}
	return rc;
}

static void data_moved(const char *from, const char *to)
{
	for (size_t i = 0; i < change_count; i++)
		if (changes[i].kind == C_DATA && !strcmp(changes[i].path, from))
			snprintf(changes[i].path, sizeof(changes[i].path), "%s", to);
}

int renameat(int from, const char *a, int to, const char *b)
{
	char path[PATH_MOST], old[PATH_MOST];
	bool mine = ours(to, path);
	if (mine)
		step();
	int rc = (int)syscall(SYS_renameat, from, a, to, b);
	if (!mine || rc != 0)
		return rc;
	full_path(to, b, path);
	full_path(from, a, old);
	data_moved(old, path);
	snprintf(changed(C_RENAME, path)->from, PATH_MOST, "%s", old);
	return rc;
}

int unlinkat(int dir, const char *name, int flags)
{
	char path[PATH_MOST], kept[PATH_MOST];
	bool mine = ours(dir, path);
	if (mine) {
		step();
		full_path(dir, name, path);
		snprintf(kept, sizeof(kept), "%s/grave/%zu", base, change_count);
		if (!(flags & AT_REMOVEDIR))
			(void)!link(path, kept);
	}
	int rc = (int)syscall(SYS_unlinkat, dir, name, flags);
	if (mine && rc == 0 && !(flags & AT_REMOVEDIR))
		data_moved(path, kept);
	if (mine && rc == 0)
		snprintf(changed(flags & AT_REMOVEDIR ? C_RMDIR : C_UNLINK, path)->from, PATH_MOST, "%s", kept);
	return rc;
}

/* --- power cuts ------------------------------------------------------------------------------------------- */

static const char *at(const char *name)
{
	static char path[4][400];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

static void write_dice(struct faults *f, const char *path, size_t len)
{
	FILE *out = fopen(path, "wb");
	for (size_t i = 0; out && i < len; i += 8) {
		uint64_t word = faults_dice(f);
		CHECK(fwrite(&word, 1, len - i < 8 ? len - i : 8, out) == (len - i < 8 ? len - i : 8), "a file for the test");
	}
	CHECK(out && fclose(out) == 0, "a file for the test");
}

static bool same(const char *a, const char *b)
{
	char x[4096], y[4096];
	FILE *p = fopen(a, "rb"), *q = fopen(b, "rb");
	bool equal = p && q;
	for (size_t n = 1; equal && n;) {
		n = fread(x, 1, sizeof(x), p);
		equal = fread(y, 1, sizeof(y), q) == n && memcmp(x, y, n) == 0;
	}
	if (p)
		fclose(p);
	if (q)
		fclose(q);
	return equal;
}

struct kept {
	struct vault_put put;
	struct hash box;
	bool done;
};
static struct shared {
	struct kept old, gone, fresh; /* there before; destroyed; put */
	volatile bool begun, destroyed;
	volatile uint64_t calls;
} *shared;

static bool keep(struct vault *v, const char *path, struct kept *k)
{
	struct hash reader;
	int fd = open(path, O_RDONLY);
	memcpy(reader.bytes, pair.public_key, HASH_SIZE);
	k->done = fd >= 0 && vault_put(v, fd, "f", &k->put, &fault) == ERR_OK
		&& vault_box_put(v, &k->put.key, &reader, &k->box, &fault) == ERR_OK;
	close(fd);
	return k->done;
}

static enum err take_out(struct vault *v, const struct kept *k)
{
	struct sealed_key key;
	int out = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	enum err e = vault_box_open(v, &k->put.key.manifest, &k->box, pair.secret, &key, &fault);
	if (e == ERR_OK)
		e = vault_get(v, &key, &k->put.digest, out, &fault);
	close(out);
	return e;
}

static void working(uint64_t cut)
{
	struct vault *v;
	cut_at = cut;
	armed = true;
	if (vault_open(at("v"), true, &v, &fault) == ERR_OK) {
		(void)keep(v, at("in1"), &shared->fresh);
		shared->begun = shared->old.done;
		if (shared->old.done)
			shared->destroyed = vault_shred(v, &shared->gone.put.key.manifest, &fault) == ERR_OK;
		shared->calls = calls;
	}
	/* The cut may come at any time after the last call, too. */
	power_cut();
}

static bool named(void *ctx, const struct hash *manifest, const struct hash *reader)
{
	(void)ctx;
	(void)reader;
	return (shared->old.done && hash_eq(manifest, &shared->old.put.key.manifest))
		|| (shared->fresh.done && hash_eq(manifest, &shared->fresh.put.key.manifest));
}

/* Every file under a hash has its bytes. */
static bool names_hold(const char *dir)
{
	char path[900];
	bool hold = true;
	for (int i = 0; i < 256 && hold; i++) {
		snprintf(path, sizeof(path), "%s/%02x", dir, (unsigned)i);
		DIR *d = opendir(path);
		for (struct dirent *x; d && hold && (x = readdir(d));) {
			struct buf bytes = { 0 };
			char room[4096], hex[HASH_HEX_MAX];
			if (x->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "%s/%02x/%.200s", dir, (unsigned)i, x->d_name);
			FILE *f = fopen(path, "rb");
			for (size_t n; f && (n = fread(room, 1, sizeof(room), f)) > 0;)
				buf_add(&bytes, room, n);
			if (f)
				fclose(f);
			struct hash h = hash_of(bytes.ptr ? bytes.ptr : "", bytes.len);
			hold = !strncmp(hex_of(h.bytes, HASH_SIZE, hex), x->d_name, 64);
			buf_free(&bytes);
		}
		if (d)
			closedir(d);
	}
	return hold;
}

static const char *judge(void)
{
	struct vault *v;
	struct vault_report r;
	struct sealed_key key;
	const char *bad = NULL;
	if (vault_open(at("v"), true, &v, &fault) != ERR_OK)
		return "it does not open";
	if (!names_hold(at("v/evidence")))
		bad = "a name stands for other bytes";
	else if (shared->old.done && (take_out(v, &shared->old) != ERR_OK || !same(at("in0"), at("out"))))
		bad = "what was there does not open";
	else if (shared->fresh.done && (take_out(v, &shared->fresh) != ERR_OK || !same(at("in1"), at("out"))))
		bad = "what was acknowledged does not open";
	else if (shared->destroyed && vault_box_open(v, &shared->gone.put.key.manifest, &shared->gone.box, pair.secret, &key, &fault) == ERR_OK)
		bad = "the key of what was destroyed is there again";
	else if (shared->begun && (vault_shred(v, &shared->gone.put.key.manifest, &fault) != ERR_OK || vault_left(v, &shared->gone.put.key.manifest)))
		bad = "the destruction is not finished";
	else if (vault_sweep(v, named, NULL, -5, true, &r, &fault) != ERR_OK || r.orphans != r.removed
		|| vault_sweep(v, named, NULL, -5, true, &r, &fault) != ERR_OK || r.orphans)
		bad = "something is left";
	vault_close(v);
	return bad;
}

/* A vault with two items, or none at all. */
static void ready(bool empty)
{
	struct vault *v;
	remove_tree(at("v"));
	remove_tree(at("grave"));
	CHECK(mkdir(at("v"), 0700) == 0 && mkdir(at("grave"), 0700) == 0, "directories for the test");
	memset(shared, 0, sizeof(*shared));
	if (empty)
		return;
	CHECK(vault_open(at("v"), true, &v, &fault) == ERR_OK, "a vault");
	CHECK(keep(v, at("in0"), &shared->old) && keep(v, at("in0"), &shared->gone), "items");
	vault_close(v);
}

static void cut(struct faults *f, bool empty, uint64_t n)
{
	int status = 0;
	ready(empty);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		working(n);
	bool ended = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	const char *bad = ended ? judge() : "it died";
	faults_check(f, !bad, "call %llu: %s (%s)", (unsigned long long)n, bad ? bad : "", fault.text);
	faults_dice(f); /* what the child drew is not known here: the next one begins elsewhere */
}

static void run_power(struct faults *f)
{
	uint64_t most[2];
	dice = f;
	write_dice(f, at("in0"), 3000);
	write_dice(f, at("in1"), SEALED_CHUNK + 500);
	for (int empty = 0; empty < 2; empty++) {
		cut(f, empty, UINT64_MAX);
		most[empty] = shared->calls;
		CHECK(most[empty], "the work is done when nothing is cut");
	}
	printf("  %llu calls change or sync something\n", (unsigned long long)most[0]);
	while (f->done < f->count) {
		bool empty = faults_below(f, 4) == 0;
		cut(f, empty, faults_below(f, 6) ? 1 + faults_below(f, most[empty]) : UINT64_MAX); /* one of six when all is done */
	}
}

/* --- bits ------------------------------------------------------------------------------------------------- */

static void piece_path(const struct kept *k, int piece, char out[PATH_MOST])
{
	char hex[HASH_HEX_MAX], reader[HASH_HEX_MAX], room[400];
	struct sealed_manifest m;
	hex_of(k->put.key.manifest.bytes, HASH_SIZE, hex);
	snprintf(out, PATH_MOST, "%s/v/evidence/%.2s/%s.m", base, hex, hex);
	if (piece == 2)
		snprintf(out, PATH_MOST, "%s/v/evidence/keys/%s/%s", base, hex, hex_of(pair.public_key, HASH_SIZE, reader));
	if (piece != 0)
		return;
	FILE *f = fopen(out, "rb");
	size_t n = f ? fread(room, 1, sizeof(room), f) : 0;
	if (f)
		fclose(f);
	CHECK(sealed_manifest_decode((struct str){ room, n }, &m, &fault) == ERR_OK && m.count == 1, "a manifest of one chunk");
	hex_of(m.chunks, HASH_SIZE, hex);
	snprintf(out, PATH_MOST, "%s/v/evidence/%.2s/%s", base, hex, hex);
}

/* Every bit of chunk, manifest and sealed key of a small item. */
static void run_bits(struct faults *f)
{
	static const char *const PIECES[] = { "chunk", "manifest", "sealed key" };
	struct vault *v;
	struct kept k;
	uint64_t all = 1; /* and that it is whole again */
	write_dice(f, at("in0"), 40);
	ready(true);
	CHECK(vault_open(at("v"), true, &v, &fault) == ERR_OK && keep(v, at("in0"), &k), "an item");
	for (int piece = 0; piece < 3; piece++) {
		char path[PATH_MOST];
		struct stat st;
		piece_path(&k, piece, path);
		CHECK(stat(path, &st) == 0, "a piece");
		all += (uint64_t)st.st_size * 8;
		int fd = open(path, O_RDWR);
		for (off_t bit = 0; bit < st.st_size * 8; bit++) {
			uint8_t was, now;
			CHECK(pread(fd, &was, 1, bit / 8) == 1, "a byte");
			now = (uint8_t)(was ^ 1u << bit % 8);
			CHECK(pwrite(fd, &now, 1, bit / 8) == 1, "a bit");
			fault.text[0] = '\0';
			enum err e = take_out(v, &k), look = piece < 2 ? vault_has(v, &k.put.key.manifest, true, NULL, &fault) : ERR_TAMPERED;
			bool good = e == ERR_OK ? same(at("in0"), at("out")) : fault.text[0] != '\0';
			faults_check(f, good && look == ERR_TAMPERED, "bit %lld of the %s: %s, looking %s", (long long)bit, PIECES[piece], err_name(e),
				err_name(look));
			CHECK(pwrite(fd, &was, 1, bit / 8) == 1, "the bit turned back");
		}
		close(fd);
	}
	faults_check(f, take_out(v, &k) == ERR_OK && same(at("in0"), at("out")), "it is not whole afterwards");
	f->count = all;
	vault_close(v);
}

static const struct fault_case CASES[] = {
	{ "vault-power-cuts", "unsynced writes and names of the vault lost, torn and out of order", 400, 10000, run_power },
	{ "vault-bits", "every bit of chunk, manifest and sealed key of a small item", UINT64_MAX, UINT64_MAX, run_bits },
};

int main(int argc, char **argv)
{
	uint8_t seed[KEY_SEED_SIZE] = { 51 };
	snprintf(base, sizeof(base), "%s/wharf-vault-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(sodium_init() >= 0 && mkdtemp(base), "a directory for the test");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED, "shared memory");
	key_pair_from_seed(seed, &pair);
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	remove_tree(base);
	return status;
}
