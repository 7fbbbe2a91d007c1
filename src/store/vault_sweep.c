/* Destroying items, and finding what belongs to none. See store/vault.h.
 *
 * What must remain true: keys go first, so that a crash in the middle leaves noise and never a key whose item is
 * said to be gone; nothing younger than the grace is taken for an orphan, for its entry may still come. */
#include "vault_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

/* --- destroying ------------------------------------------------------------------------------------- */

/* Overwritten in place before its name goes: what the blocks held is then gone on file systems that write in place. */
static bool file_erase(int dir, const char *name)
{
	static const char zeros[4096];
	struct stat st;
	int fd = openat(dir, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0) {
		bool good = fstat(fd, &st) == 0;
		for (off_t at = 0; good && S_ISREG(st.st_mode) && at < st.st_size; at += (off_t)sizeof(zeros))
			good = pwrite(fd, zeros, (size_t)(st.st_size - at) < sizeof(zeros) ? (size_t)(st.st_size - at) : sizeof(zeros), at) > 0;
		good = good && fsync(fd) == 0;
		close(fd);
		if (!good)
			return false;
	}
	return unlinkat(dir, name, 0) == 0 || errno == ENOENT;
}

static enum err boxes_erase(struct vault *v, const struct hash *manifest, struct fault *fault)
{
	char hex[HASH_HEX_MAX];
	int fd = vault_box_dir(v, manifest, false);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	bool good = true;
	if (!d && errno == ENOENT)
		return ERR_OK;
	if (!d)
		return vault_fault(fault, "destroying the keys of", hex_of(manifest->bytes, HASH_SIZE, hex));
	for (struct dirent *x; good && (x = readdir(d));)
		if (x->d_name[0] != '.') {
			good = file_erase(dirfd(d), x->d_name);
			vault_probe(v, "erased");
		}
	good = good && fsync(dirfd(d)) == 0;
	hex_of(manifest->bytes, HASH_SIZE, hex);
	good = good && (unlinkat(v->keys, hex, AT_REMOVEDIR) == 0 || errno == ENOENT) && fsync(v->keys) == 0;
	enum err e = good ? ERR_OK : vault_fault(fault, "destroying the keys of", hex);
	closedir(d);
	vault_probe(v, "keyless");
	return e;
}

void vault_box_drop(struct vault *v, const struct hash *manifest, const struct hash *reader)
{
	char hex[HASH_HEX_MAX];
	int dir = vault_box_dir(v, manifest, false);
	if (dir < 0)
		return;
	file_erase(dir, hex_of(reader->bytes, HASH_SIZE, hex));
	close(dir);
}

enum err vault_shred(struct vault *v, const struct hash *manifest, struct fault *fault)
{
	struct buf bytes = { 0 };
	struct sealed_manifest m = { 0 };
	char name[VAULT_NAME_MAX];
	struct fault ignored;
	enum err e = boxes_erase(v, manifest, fault);
	if (e != ERR_OK)
		return e;
	/* Without a manifest that holds nobody knows the chunks any more; the sweep finds them. */
	if (vault_manifest(v, manifest, &bytes, &m, &ignored) != ERR_OK)
		m.count = 0;
	bool good = true;
	for (size_t i = 0; i < m.count && good; i++) {
		struct hash h;
		memcpy(h.bytes, m.chunks + i * HASH_SIZE, HASH_SIZE);
		good = vault_remove(v, &h, false);
		vault_probe(v, "unlinked");
	}
	vault_name(manifest, true, name);
	good = good && vault_remove(v, manifest, true);
	e = good ? ERR_OK : vault_fault(fault, "removing", name);
	buf_free(&bytes);
	vault_probe(v, "gone");
	return e;
}

bool vault_left(struct vault *v, const struct hash *manifest)
{
	struct stat st;
	int fd = vault_box_dir(v, manifest, false);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || vault_stat(v, manifest, true, &st);
}

/* --- the sweep -------------------------------------------------------------------------------------- */

struct sweep {
	struct vault *v;
	vault_named *named;
	void *ctx;
	time_t before; /* what was touched later is left alone */
	bool remove;
	struct hash manifest; /* whose boxes are looked at */
	struct vault_report *out;
	struct hash *chunks; /* of items of the ledger, sorted */
	size_t count, cap;
	struct fault *fault;
};

static int hash_order(const void *a, const void *b)
{
	return memcmp(a, b, HASH_SIZE);
}

static void sweep_chunks(struct sweep *s, const struct sealed_manifest *m)
{
	if (s->count + m->count > s->cap) {
		s->cap = (s->count + m->count) * 2;
		s->chunks = realloc(s->chunks, s->cap * HASH_SIZE);
		CHECK(s->chunks, "out of memory");
	}
	memcpy(&s->chunks[s->count], m->chunks, m->count * HASH_SIZE);
	s->count += m->count;
}

enum orphan { ORPHAN_FILE, ORPHAN_BOX, ORPHAN_FOLDER };

static void sweep_orphan(struct sweep *s, int dir, const char *name, enum orphan kind)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_mtime > s->before || st.st_ctime > s->before)
		return;
	s->out->orphans++;
	s->out->orphan_bytes += kind == ORPHAN_FOLDER ? 0 : (uint64_t)st.st_size;
	if (s->remove && (kind == ORPHAN_BOX ? file_erase(dir, name) : unlinkat(dir, name, kind == ORPHAN_FOLDER ? AT_REMOVEDIR : 0) == 0))
		s->out->removed++;
}

typedef void sweep_fn(struct sweep *s, int dir, const char *name);

static enum err sweep_each(struct sweep *s, int at, const char *folder, sweep_fn *fn)
{
	int fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (!d)
		return errno == ENOENT ? ERR_OK : vault_fault(s->fault, "looking through", folder);
	for (struct dirent *x; (x = readdir(d));)
		if (strcmp(x->d_name, ".") && strcmp(x->d_name, ".."))
			fn(s, dirfd(d), x->d_name);
	closedir(d);
	return ERR_OK;
}

static bool name_hash(const char *name, struct hash *h, bool *manifest)
{
	struct str s = str_of(name);
	*manifest = str_ends(s, ".m");
	s.len -= *manifest ? 2 : 0;
	return hex_parse(s, h->bytes, HASH_SIZE);
}

/* First pass: which chunks belong to items of the ledger. */
static void sweep_manifest(struct sweep *s, int dir, const char *name)
{
	struct buf bytes = { 0 };
	struct sealed_manifest m;
	struct hash h;
	struct fault ignored;
	bool manifest;
	(void)dir;
	if (!name_hash(name, &h, &manifest) || !manifest || !s->named(s->ctx, &h, NULL))
		return;
	s->out->manifests++;
	if (vault_manifest(s->v, &h, &bytes, &m, &ignored) == ERR_OK)
		sweep_chunks(s, &m);
	buf_free(&bytes);
}

static void sweep_file(struct sweep *s, int dir, const char *name)
{
	struct hash h;
	bool manifest;
	bool ours = name_hash(name, &h, &manifest) && (manifest ? s->named(s->ctx, &h, NULL)
		: s->count && bsearch(&h, s->chunks, s->count, HASH_SIZE, hash_order));
	if (!ours)
		sweep_orphan(s, dir, name, ORPHAN_FILE);
	else if (!manifest)
		s->out->chunks++;
}

static void sweep_tmp(struct sweep *s, int dir, const char *name)
{
	sweep_orphan(s, dir, name, ORPHAN_FILE);
}

static void sweep_box(struct sweep *s, int dir, const char *name)
{
	struct hash reader;
	bool manifest;
	if (name_hash(name, &reader, &manifest) && !manifest && s->named(s->ctx, &s->manifest, &reader))
		s->out->boxes++;
	else
		sweep_orphan(s, dir, name, ORPHAN_BOX);
}

static void sweep_keys(struct sweep *s, int dir, const char *name)
{
	bool manifest;
	bool ours = name_hash(name, &s->manifest, &manifest) && !manifest && s->named(s->ctx, &s->manifest, NULL);
	if (!ours)
		memset(&s->manifest, 0, sizeof(s->manifest));
	(void)sweep_each(s, dir, name, sweep_box);
	if (!ours)
		sweep_orphan(s, dir, name, ORPHAN_FOLDER);
}

enum err vault_sweep(struct vault *v, vault_named *named, void *ctx, int64_t grace_s, bool remove,
	struct vault_report *out, struct fault *fault)
{
	struct sweep s = { .v = v, .named = named, .ctx = ctx, .before = time(NULL) - (time_t)grace_s, .remove = remove, .out = out,
		.fault = fault };
	char folder[3];
	enum err e = ERR_OK;
	memset(out, 0, sizeof(*out));
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < 256 && e == ERR_OK; i++) {
			snprintf(folder, sizeof(folder), "%02x", (unsigned)i);
			e = sweep_each(&s, v->root, folder, pass ? sweep_file : sweep_manifest);
		}
		if (s.count)
			qsort(s.chunks, s.count, HASH_SIZE, hash_order);
	}
	if (e == ERR_OK)
		e = sweep_each(&s, v->root, "tmp", sweep_tmp);
	if (e == ERR_OK)
		e = sweep_each(&s, v->root, "keys", sweep_keys);
	free(s.chunks);
	return e;
}

enum err vault_verify(const char *dir, const struct tabs *s, uint64_t *items, uint64_t *absent, struct fault *fault)
{
	struct vault *v = NULL;
	struct fault why;
	enum err e = vault_open(dir, false, &v, &why);
	*items = *absent = 0;
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		return fault_set(fault, e, 0, 0, "%s", why.text);
	e = ERR_OK;
	for (const struct item *i = tab_first(s, &ITEM_REC, ""); i && e == ERR_OK; i = tab_next(s, &ITEM_REC, i->id)) {
		enum err have = i->shredded_at ? ERR_OK : v ? vault_has(v, &i->manifest, false, NULL, &why) : ERR_NOT_FOUND;
		bool whole_absent = have == ERR_NOT_FOUND && !(v && vault_left(v, &i->manifest));
		++*items;
		*absent += whole_absent;
		if (have != ERR_OK && !whole_absent)
			e = fault_set(fault, have == ERR_NOT_FOUND ? ERR_TAMPERED : have, 0, 0, "entry %lld: %.300s", (long long)i->entry, why.text);
	}
	vault_close(v);
	return e;
}
