/* The vault of evidence: writing and reading. See store/vault.h for what must remain true. */
#include "vault_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

enum { CHUNK_ROOM = SEALED_CHUNK + SEALED_CHUNK_EXTRA, MANIFEST_MOST = SEALED_CHUNKS_MAX * HASH_SIZE + 256 };

void vault_set_probe(struct vault *v, void (*probe)(void *ctx, const char *point), void *ctx)
{
	v->probe = probe;
	v->probe_ctx = ctx;
}

void vault_probe(struct vault *v, const char *point)
{
	if (v->probe)
		v->probe(v->probe_ctx, point);
}

enum err vault_fault(struct fault *fault, const char *doing, const char *name)
{
	int why = errno;
	enum err e = err_of_errno(why);
	if (why == ELOOP || why == ENOTDIR)
		e = ERR_DENIED;
	return fault_set(fault, e, 0, 0, "evidence: %s %.100s: %s%s", doing, name, strerror(why),
		e == ERR_FULL ? "; free some space, nothing was lost" : "");
}

/* --- opening --------------------------------------------------------------------------------------- */

static int dir_open(int at, const char *name, bool make)
{
	if (make && mkdirat(at, name, 0700) != 0 && errno != EEXIST)
		return -1;
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

enum err vault_open(const char *dir, bool make, struct vault **out, struct fault *fault)
{
	struct vault *v = calloc(1, sizeof(*v));
	CHECK(v, "out of memory");
	*out = NULL;
	v->keys = v->tmp = v->root = -1;
	int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	v->root = at >= 0 ? dir_open(at, "evidence", make) : -1;
	v->keys = v->root >= 0 ? dir_open(v->root, "keys", make) : -1;
	v->tmp = v->keys >= 0 ? dir_open(v->root, "tmp", make) : -1;
	int why = errno;
	bool synced = v->tmp < 0 || !make || (fsync(v->root) == 0 && fsync(at) == 0);
	if (at >= 0)
		close(at);
	if (v->tmp >= 0 && synced) {
		*out = v;
		return ERR_OK;
	}
	vault_close(v);
	errno = why;
	if (why == ENOENT)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%.200s holds no evidence yet; `wharf evidence add` puts some", dir);
	return vault_fault(fault, "opening the vault in", dir);
}

void vault_close(struct vault *v)
{
	if (!v)
		return;
	const int fds[] = { v->root, v->keys, v->tmp };
	for (size_t i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(v);
}

enum err vault_source(const char *path, int *fd, uint64_t *size, struct fault *fault)
{
	struct stat st;
	char name[SEALED_NAME_MAX];
	sealed_name(str_of(path), name);
	/* Not following a link, not waiting for a pipe's other end, not taking a terminal. */
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return errno == ELOOP ? fault_set(fault, ERR_DENIED, 0, 0, "%s is a link; name the file itself", name)
			: errno == ENOENT || errno == ENOTDIR ? fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no file %s", name)
			: fault_set(fault, ERR_DENIED, 0, 0, "%s cannot be read: %s", name, strerror(errno));
	const char *what = fstat(*fd, &st) != 0 ? "cannot be looked at" : S_ISDIR(st.st_mode) ? "is a directory"
		: S_ISFIFO(st.st_mode) ? "is a pipe" : !S_ISREG(st.st_mode) ? "is a device" : !st.st_size ? "is empty" : NULL;
	enum err e = ERR_OK;
	if (what)
		e = fault_set(fault, ERR_USAGE, 0, 0, "%s %s; evidence is a file with something in it", name, what);
	else if ((uint64_t)st.st_size > (uint64_t)SEALED_CHUNKS_MAX * SEALED_CHUNK)
		e = fault_set(fault, ERR_LIMIT, 0, 0, "%s is larger than the 1 TiB that one item may have", name);
	if (e != ERR_OK) {
		close(*fd);
		*fd = -1;
		return e;
	}
	*size = (uint64_t)st.st_size;
	return ERR_OK;
}

/* --- one file of the vault -------------------------------------------------------------------------- */

int vault_folder(struct vault *v, const struct hash *h, bool make)
{
	char hex[HASH_HEX_MAX], folder[3];
	snprintf(folder, sizeof(folder), "%.2s", hex_of(h->bytes, HASH_SIZE, hex));
	return dir_open(v->root, folder, make);
}

bool vault_stat(struct vault *v, const struct hash *h, bool manifest, struct stat *st)
{
	char name[VAULT_NAME_MAX];
	int dir = vault_folder(v, h, false);
	vault_name(h, manifest, name);
	bool there = dir >= 0 && fstatat(dir, name + 3, st, AT_SYMLINK_NOFOLLOW) == 0;
	if (dir >= 0)
		close(dir);
	return there;
}

bool vault_remove(struct vault *v, const struct hash *h, bool manifest)
{
	char name[VAULT_NAME_MAX];
	int dir = vault_folder(v, h, false);
	vault_name(h, manifest, name);
	bool gone = dir >= 0 ? unlinkat(dir, name + 3, 0) == 0 || errno == ENOENT : errno == ENOENT;
	if (dir >= 0)
		close(dir);
	return gone;
}

void vault_name(const struct hash *h, bool manifest, char out[VAULT_NAME_MAX])
{
	char hex[HASH_HEX_MAX];
	hex_of(h->bytes, HASH_SIZE, hex);
	snprintf(out, VAULT_NAME_MAX, "%.2s/%s%s", hex, hex, manifest ? ".m" : "");
}

static bool write_all(int fd, const void *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, (const char *)bytes + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* Less than asked for only at the end of the file. */
static ssize_t read_full(int fd, void *bytes, size_t len)
{
	size_t at = 0;
	while (at < len) {
		ssize_t n = read(fd, (char *)bytes + at, len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		at += (size_t)n;
	}
	return (ssize_t)at;
}

/* Written beside, synced, renamed into a directory. The directory's own sync is the caller's. */
static enum err file_put(struct vault *v, int dir, const char *name, struct str bytes, struct fault *fault)
{
	uint8_t dice[16];
	char near[2 * sizeof(dice) + 1];
	randombytes_buf(dice, sizeof(dice));
	hex_of(dice, sizeof(dice), near);
	int fd = openat(v->tmp, near, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return vault_fault(fault, "writing", name);
	bool good = write_all(fd, bytes.ptr, bytes.len);
	vault_probe(v, "written");
	good = good && fdatasync(fd) == 0;
	int why = errno;
	close(fd);
	vault_probe(v, "synced");
	if (good && renameat(v->tmp, near, dir, name) != 0) {
		good = false;
		why = errno;
	}
	if (!good) {
		unlinkat(v->tmp, near, 0);
		errno = why;
		return vault_fault(fault, "writing", name);
	}
	vault_probe(v, "named");
	return ERR_OK;
}

/* Opens a file of the vault: no link, and what was opened is a plain file, whatever its name stood for a moment before. */
static enum err file_open(int dir, const char *name, int *fd, struct stat *st, struct fault *fault)
{
	*fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: %.20s… is not in the vault; get it from another copy", name);
	if (*fd < 0)
		return vault_fault(fault, "reading", name);
	bool plain = fstat(*fd, st) == 0 && S_ISREG(st->st_mode);
	if (plain)
		return ERR_OK;
	close(*fd);
	*fd = -1;
	return fault_set(fault, ERR_DENIED, 0, 0, "evidence: %.20s… in the vault is no plain file: somebody put something else in its place", name);
}

/* Reads what was opened, at most `most` bytes, into bytes, and closes it; *len says how many. */
static enum err file_take(int fd, const struct stat *st, const char *name, void *bytes, size_t most, size_t *len, struct fault *fault)
{
	ssize_t n = read_full(fd, bytes, most);
	enum err e = n < 0 ? vault_fault(fault, "reading", name) : ERR_OK;
	close(fd);
	*len = n < 0 ? 0 : (size_t)n;
	if (e == ERR_OK && (uint64_t)st->st_size > most)
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: %.20s… is longer than it can be: it was altered", name);
	return e;
}

static enum err named_open(struct vault *v, const struct hash *h, bool manifest, int *fd, struct stat *st, struct fault *fault)
{
	char name[VAULT_NAME_MAX];
	int dir = vault_folder(v, h, false);
	*fd = -1;
	vault_name(h, manifest, name);
	if (dir < 0 && errno != ENOENT)
		return vault_fault(fault, "reading", name);
	enum err e = dir >= 0 ? file_open(dir, name + 3, fd, st, fault)
		: fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: %.20s… is not in the vault; get it from another copy", name + 3);
	if (dir >= 0)
		close(dir);
	return e;
}

static enum err named_put(struct vault *v, const struct hash *h, bool manifest, struct str bytes, struct fault *fault)
{
	char name[VAULT_NAME_MAX];
	int dir = vault_folder(v, h, true);
	vault_name(h, manifest, name);
	if (dir < 0)
		return vault_fault(fault, "making the folder of", name);
	enum err e = file_put(v, dir, name + 3, bytes, fault);
	if (e == ERR_OK && fsync(dir) != 0)
		e = vault_fault(fault, "syncing the folder of", name);
	close(dir);
	return e;
}

/* --- putting --------------------------------------------------------------------------------------- */

struct put {
	struct vault *v;
	int fd;
	const char *name;
	uint8_t *plain, *sealed;
	crypto_secretstream_xchacha20poly1305_state stream;
	struct sealed_stream *digest;
	struct sealed_manifest manifest;
	struct buf chunks;
	struct fault *fault;
};

static enum err changed(const struct put *p)
{
	return fault_set(p->fault, ERR_REFUSED, 0, 0, "%s changed while it was read; nothing was kept. Put it when nobody "
		"writes it any more", p->name);
}

static void place_bytes(uint64_t i, uint8_t out[8])
{
	for (int b = 0; b < 8; b++)
		out[b] = (uint8_t)(i >> (56 - 8 * b));
}

static enum err put_chunk(struct put *p, size_t i)
{
	size_t want = sealed_chunk_size(&p->manifest, i);
	bool last = i + 1 == p->manifest.count;
	unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
	uint8_t place[8];
	ssize_t n = read_full(p->fd, p->plain, want);
	if (n < 0)
		return fault_set(p->fault, ERR_IO, 0, 0, "%s cannot be read: %s", p->name, strerror(errno));
	if ((size_t)n != want)
		return changed(p);
	place_bytes(i, place);
	sealed_add(p->digest, p->plain, want);
	CHECK(crypto_secretstream_xchacha20poly1305_push(&p->stream, p->sealed, NULL, p->plain, want, place, sizeof(place), tag)
		== 0, "a chunk is sealed");
	struct str bytes = { (const char *)p->sealed, want + SEALED_CHUNK_EXTRA };
	struct hash h = hash_of(bytes.ptr, bytes.len);
	buf_add(&p->chunks, h.bytes, HASH_SIZE);
	return named_put(p->v, &h, false, bytes, p->fault);
}

static bool stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec
		&& a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Times of files are coarse: what was kept is compared with what is there afterwards. */
static enum err put_again(struct put *p, const uint8_t *salt, const struct hash *digest)
{
	struct sealed_stream *s = sealed_begin(salt);
	ssize_t n = lseek(p->fd, 0, SEEK_SET) == 0 ? 1 : -1;
	uint64_t total = 0;
	while (n > 0 && total <= p->manifest.size && (n = read_full(p->fd, p->plain, SEALED_CHUNK)) > 0) {
		sealed_add(s, p->plain, (size_t)n);
		total += (uint64_t)n;
	}
	struct hash again = sealed_end(s);
	return n < 0 || total != p->manifest.size || !hash_eq(&again, digest) ? changed(p) : ERR_OK;
}

static void put_undo(struct put *p)
{
	for (size_t i = 0; i + HASH_SIZE <= p->chunks.len; i += HASH_SIZE) {
		struct hash h;
		memcpy(h.bytes, p->chunks.ptr + i, HASH_SIZE);
		(void)vault_remove(p->v, &h, false);
	}
}

static enum err put_all(struct put *p, struct vault_put *out)
{
	struct stat before, after;
	struct buf manifest = { 0 };
	enum err e = ERR_OK;
	if (fstat(p->fd, &before) != 0 || lseek(p->fd, 0, SEEK_SET) != 0)
		return fault_set(p->fault, ERR_IO, 0, 0, "%s cannot be read: %s", p->name, strerror(errno));
	p->manifest.size = out->size = (uint64_t)before.st_size;
	p->manifest.count = (size_t)((out->size + SEALED_CHUNK - 1) / SEALED_CHUNK);
	if (!out->size || p->manifest.count > SEALED_CHUNKS_MAX)
		return fault_set(p->fault, ERR_LIMIT, 0, 0, "%s has %llu bytes; one item has 1 to 2^40", p->name,
			(unsigned long long)out->size);
	crypto_secretstream_xchacha20poly1305_init_push(&p->stream, p->manifest.header, out->key.key);
	for (size_t i = 0; i < p->manifest.count && e == ERR_OK; i++)
		e = put_chunk(p, i);
	if (e != ERR_OK)
		return e;
	out->digest = sealed_end(p->digest);
	p->digest = NULL;
	vault_probe(p->v, "chunks");
	e = put_again(p, out->key.salt, &out->digest);
	if (e == ERR_OK && (fstat(p->fd, &after) != 0 || !stat_same(&before, &after)))
		e = changed(p);
	if (e != ERR_OK)
		return e;
	p->manifest.chunks = (const uint8_t *)p->chunks.ptr;
	sealed_manifest_encode(&p->manifest, &manifest);
	out->key.manifest = hash_of(manifest.ptr, manifest.len);
	e = named_put(p->v, &out->key.manifest, true, buf_view(&manifest), p->fault);
	buf_free(&manifest);
	if (e == ERR_OK && fsync(p->v->root) != 0)
		e = vault_fault(p->fault, "syncing", "the vault");
	vault_probe(p->v, "manifest");
	return e;
}

enum err vault_put(struct vault *v, int fd, const char *name, struct vault_put *out, struct fault *fault)
{
	struct put p = { .v = v, .fd = fd, .name = name, .plain = malloc(SEALED_CHUNK), .sealed = malloc(CHUNK_ROOM), .fault = fault };
	CHECK(p.plain && p.sealed, "out of memory");
	memset(out, 0, sizeof(*out));
	randombytes_buf(out->key.key, sizeof(out->key.key));
	randombytes_buf(out->key.salt, sizeof(out->key.salt));
	p.digest = sealed_begin(out->key.salt);
	enum err e = put_all(&p, out);
	if (e != ERR_OK) {
		put_undo(&p);
		sealed_key_wipe(&out->key);
	}
	sealed_drop(p.digest);
	sodium_memzero(&p.stream, sizeof(p.stream));
	sodium_memzero(p.plain, SEALED_CHUNK);
	free(p.plain);
	free(p.sealed);
	buf_free(&p.chunks);
	return e;
}

/* --- boxes ----------------------------------------------------------------------------------------- */

int vault_box_dir(struct vault *v, const struct hash *manifest, bool make)
{
	char hex[HASH_HEX_MAX];
	return dir_open(v->keys, hex_of(manifest->bytes, HASH_SIZE, hex), make);
}

static enum err box_file_put(struct vault *v, const struct hash *manifest, const struct hash *reader, struct str bytes, struct fault *fault)
{
	char hex[HASH_HEX_MAX];
	int dir = vault_box_dir(v, manifest, true);
	if (dir < 0)
		return vault_fault(fault, "making the keys of", hex_of(manifest->bytes, HASH_SIZE, hex));
	enum err e = file_put(v, dir, hex_of(reader->bytes, HASH_SIZE, hex), bytes, fault);
	if (e == ERR_OK && (fsync(dir) != 0 || fsync(v->keys) != 0))
		e = vault_fault(fault, "syncing", "the keys");
	close(dir);
	vault_probe(v, "box");
	return e;
}

enum err vault_box_put(struct vault *v, const struct sealed_key *key, const struct hash *reader, struct hash *box,
	struct fault *fault)
{
	uint8_t seed[SEALED_SEED_SIZE], bytes[SEALED_BOX_SIZE];
	randombytes_buf(seed, sizeof(seed));
	bool good = sealed_box(key, reader->bytes, seed, bytes);
	sodium_memzero(seed, sizeof(seed));
	if (!good)
		return fault_set(fault, ERR_REFUSED, 0, 0, "the reader's key is no point that can be sealed to; have a new key certified");
	*box = hash_of(bytes, sizeof(bytes));
	return box_file_put(v, &key->manifest, reader, (struct str){ (char *)bytes, sizeof(bytes) }, fault);
}

static enum err box_read(struct vault *v, const struct hash *manifest, const uint8_t reader[HASH_SIZE], const struct hash *box,
	uint8_t bytes[SEALED_BOX_SIZE], struct fault *fault)
{
	char hex[HASH_HEX_MAX];
	struct stat st;
	size_t len = 0;
	int fd, dir = vault_box_dir(v, manifest, false);
	if (dir < 0)
		return errno == ENOENT ? fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: the vault has no keys of this item")
			: vault_fault(fault, "reading", "the keys of this item");
	enum err e = file_open(dir, hex_of(reader, HASH_SIZE, hex), &fd, &st, fault);
	if (e == ERR_OK)
		e = file_take(fd, &st, hex, bytes, SEALED_BOX_SIZE, &len, fault);
	close(dir);
	if (e == ERR_NOT_FOUND)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: the vault has no sealed key for this reader");
	if (e != ERR_OK)
		return e;
	struct hash have = hash_of(bytes, len);
	return len == SEALED_BOX_SIZE && hash_eq(&have, box) ? ERR_OK : fault_set(fault, ERR_TAMPERED, 0, 0,
		"evidence: the sealed key in the vault is not the one of the ledger: it was altered or swapped");
}

enum err vault_box_open(struct vault *v, const struct hash *manifest, const struct hash *box, const uint8_t secret[64],
	struct sealed_key *out, struct fault *fault)
{
	uint8_t bytes[SEALED_BOX_SIZE];
	enum err e = box_read(v, manifest, secret + 32, box, bytes, fault);
	return e != ERR_OK ? e : sealed_box_open((struct str){ (char *)bytes, sizeof(bytes) }, secret, manifest, out, fault);
}

enum err vault_box_has(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box,
	struct fault *fault)
{
	uint8_t bytes[SEALED_BOX_SIZE];
	return box_read(v, manifest, reader->bytes, box, bytes, fault);
}

/* --- getting --------------------------------------------------------------------------------------- */

enum err vault_manifest(struct vault *v, const struct hash *h, struct buf *bytes, struct sealed_manifest *out,
	struct fault *fault)
{
	char name[VAULT_NAME_MAX];
	struct stat st;
	int fd;
	size_t len = 0;
	enum err e = named_open(v, h, true, &fd, &st, fault);
	if (e != ERR_OK)
		return e;
	size_t most = st.st_size <= MANIFEST_MOST ? (size_t)st.st_size + 1 : 0; /* with one more it is never empty */
	buf_clear(bytes);
	char *room = buf_room(bytes, most);
	vault_name(h, true, name);
	e = file_take(fd, &st, name + 3, room, most, &len, fault);
	if (e != ERR_OK)
		return e;
	buf_end(bytes, room + len);
	struct hash have = hash_of(bytes->ptr, len);
	if (!hash_eq(&have, h))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: the manifest in the vault does not hash to its name: it was "
			"altered; the ledger holds, get it from another copy");
	return sealed_manifest_decode(buf_view(bytes), out, fault);
}

static enum err chunk_read(struct vault *v, const struct sealed_manifest *m, size_t i, uint8_t *sealed, size_t *len,
	struct fault *fault)
{
	char name[VAULT_NAME_MAX];
	struct hash h, have;
	struct stat st;
	int fd;
	memcpy(h.bytes, m->chunks + i * HASH_SIZE, HASH_SIZE);
	size_t want = sealed_chunk_size(m, i) + SEALED_CHUNK_EXTRA;
	*len = 0;
	enum err e = named_open(v, &h, false, &fd, &st, fault);
	vault_name(&h, false, name);
	if (e == ERR_OK)
		e = file_take(fd, &st, name + 3, sealed, CHUNK_ROOM, len, fault);
	if (e == ERR_NOT_FOUND)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: chunk %zu of %zu is not in the vault; get it from another copy",
			i + 1, m->count);
	if (e != ERR_OK)
		return e;
	if (*len < want)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: chunk %zu of %zu is cut short, %zu of %zu bytes are there",
			i + 1, m->count, *len, want);
	have = hash_of(sealed, *len);
	return hash_eq(&have, &h) && *len == want ? ERR_OK : fault_set(fault, ERR_TAMPERED, 0, 0,
		"evidence: chunk %zu of %zu does not hash to its name: it was altered or swapped", i + 1, m->count);
}

struct get {
	crypto_secretstream_xchacha20poly1305_state stream;
	struct sealed_stream *digest;
	uint8_t *plain, *sealed;
	struct buf manifest;
};

static enum err get_chunk(struct vault *v, struct get *g, const struct sealed_manifest *m, size_t i, int fd, struct fault *fault)
{
	size_t len = 0;
	uint8_t place[8];
	unsigned char tag = 0;
	enum err e = chunk_read(v, m, i, g->sealed, &len, fault);
	if (e != ERR_OK)
		return e;
	place_bytes(i, place);
	if (crypto_secretstream_xchacha20poly1305_pull(&g->stream, g->plain, NULL, &tag, g->sealed, len, place, sizeof(place)) != 0)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: chunk %zu of %zu does not open: it stands in another's place, or "
			"the key is of another item", i + 1, m->count);
	if ((tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) != (i + 1 == m->count))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: it was sealed with %s chunks than its manifest lists",
			i + 1 == m->count ? "more" : "fewer");
	sealed_add(g->digest, g->plain, len - SEALED_CHUNK_EXTRA);
	return write_all(fd, g->plain, len - SEALED_CHUNK_EXTRA) ? ERR_OK : vault_fault(fault, "writing", "the copy");
}

enum err vault_get(struct vault *v, const struct sealed_key *key, const struct hash *digest, int fd, struct fault *fault)
{
	struct get g = { .plain = malloc(SEALED_CHUNK), .sealed = malloc(CHUNK_ROOM) };
	struct sealed_manifest m;
	CHECK(g.plain && g.sealed, "out of memory");
	g.digest = sealed_begin(key->salt);
	enum err e = vault_manifest(v, &key->manifest, &g.manifest, &m, fault);
	if (e == ERR_OK && crypto_secretstream_xchacha20poly1305_init_pull(&g.stream, m.header, key->key) != 0)
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: the manifest's header is of no stream");
	for (size_t i = 0; e == ERR_OK && i < m.count; i++)
		e = get_chunk(v, &g, &m, i, fd, fault);
	struct hash have = sealed_end(g.digest);
	if (e == ERR_OK && !hash_eq(&have, digest))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: what opens does not have the digest of the ledger: it is not what "
			"was put");
	sodium_memzero(&g.stream, sizeof(g.stream));
	sodium_memzero(g.plain, SEALED_CHUNK);
	free(g.plain);
	free(g.sealed);
	buf_free(&g.manifest);
	return e;
}

enum err vault_has(struct vault *v, const struct hash *manifest, bool deep, uint64_t *size, struct fault *fault)
{
	struct buf bytes = { 0 };
	struct sealed_manifest m;
	uint8_t *sealed = deep ? malloc(CHUNK_ROOM) : NULL;
	CHECK(sealed || !deep, "out of memory");
	enum err e = vault_manifest(v, manifest, &bytes, &m, fault);
	for (size_t i = 0; e == ERR_OK && i < m.count; i++) {
		struct stat st;
		struct hash h;
		size_t len = 0;
		memcpy(h.bytes, m.chunks + i * HASH_SIZE, HASH_SIZE);
		if (deep)
			e = chunk_read(v, &m, i, sealed, &len, fault);
		else if (!vault_stat(v, &h, false, &st))
			e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence: chunk %zu of %zu is not in the vault; get it from another copy",
				i + 1, m.count);
		else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != sealed_chunk_size(&m, i) + SEALED_CHUNK_EXTRA)
			e = fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: chunk %zu of %zu does not have its size: it was altered",
				i + 1, m.count);
	}
	if (e == ERR_OK && size)
		*size = m.size;
	free(sealed);
	buf_free(&bytes);
	return e;
}

/* --- pieces that travel ----------------------------------------------------------------------------- */

enum err vault_piece_open(struct vault *v, const struct hash *h, bool manifest, int *fd, uint64_t *size, struct fault *fault)
{
	struct stat st;
	enum err e = named_open(v, h, manifest, fd, &st, fault);
	*size = e == ERR_OK ? (uint64_t)st.st_size : 0;
	return e;
}

enum err vault_piece_put(struct vault *v, const struct hash *h, bool manifest, struct str bytes, struct fault *fault)
{
	struct hash have = hash_of(bytes.ptr, bytes.len);
	struct sealed_manifest m;
	if (!hash_eq(&have, h))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: what came does not hash to the name that was asked for");
	enum err e = manifest ? sealed_manifest_decode(bytes, &m, fault) : ERR_OK;
	if (e == ERR_OK)
		e = named_put(v, h, manifest, bytes, fault);
	if (e == ERR_OK && fsync(v->root) != 0)
		e = vault_fault(fault, "syncing", "the vault");
	return e;
}

enum err vault_chunk_has(struct vault *v, const struct sealed_manifest *m, size_t i, struct fault *fault)
{
	uint8_t *sealed = malloc(CHUNK_ROOM);
	size_t len = 0;
	CHECK(sealed, "out of memory");
	enum err e = chunk_read(v, m, i, sealed, &len, fault);
	free(sealed);
	return e;
}

enum err vault_box_piece(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box,
	uint8_t out[SEALED_BOX_SIZE], struct fault *fault)
{
	return box_read(v, manifest, reader->bytes, box, out, fault);
}

enum err vault_box_take(struct vault *v, const struct hash *manifest, const struct hash *reader, const struct hash *box, struct str bytes,
	struct fault *fault)
{
	struct hash have = hash_of(bytes.ptr, bytes.len);
	if (bytes.len != SEALED_BOX_SIZE || !hash_eq(&have, box))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "evidence: the sealed key that came is not the one of the ledger");
	return box_file_put(v, manifest, reader, bytes, fault);
}
