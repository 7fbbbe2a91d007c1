/* The gateway's durable queue. See net/gateway.h for the file and what must remain true. */
#include "gateway_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/codec.h"

static const char MAGIC[8] = { 'W', 'H', 'A', 'R', 'F', 'S', 'P', '1' };
enum { SUM_SIZE = 8, HEAD_SIZE = 5, RECORD_MAX = 64 << 20, SEEN_MAX = 4096, COMPACT_BYTES = 8 << 20 };
enum record { RECORD_NEXT = 'N', RECORD_SEEN = 'S', RECORD_BATCH = 'B', RECORD_DONE = 'A' };

static enum err spool_fault(const struct spool *s, struct fault *fault, const char *doing)
{
	return fault_set(fault, err_of_errno(errno), 0, 0, "%s the spool %s: %s; nothing was acknowledged", doing, s->path, strerror(errno));
}

/* --- records -------------------------------------------------------------------------------------- */

static void record_add(struct buf *out, enum record kind, struct str payload)
{
	char head[HEAD_SIZE] = { (char)kind, (char)(payload.len >> 24), (char)(payload.len >> 16), (char)(payload.len >> 8),
		(char)payload.len };
	struct part parts[] = { { head, sizeof(head) }, { payload.ptr, payload.len } };
	struct hash sum = hash_parts(parts, 2);
	buf_add(out, head, sizeof(head));
	buf_str(out, payload);
	buf_add(out, sum.bytes, SUM_SIZE);
}

static void record_number(struct buf *out, enum record kind, int64_t n)
{
	struct buf payload = { 0 };
	put_i64(&payload, n);
	record_add(out, kind, buf_view(&payload));
	buf_free(&payload);
}

static void record_seen(struct buf *out, const struct hash *digest, int64_t sequence)
{
	struct buf payload = { 0 };
	put_i64(&payload, sequence);
	put_raw(&payload, digest->bytes, HASH_SIZE);
	record_add(out, RECORD_SEEN, buf_view(&payload));
	buf_free(&payload);
}

/* All batches of one text in one record: after a power cut there are all of them or none. */
static void record_batch(struct buf *out, int64_t first, const struct spool_new *items, size_t count,
	const struct hash *digest, struct str raw)
{
	struct buf payload = { 0 };
	put_i64(&payload, first);
	put_raw(&payload, digest->bytes, HASH_SIZE);
	put_str(&payload, raw);
	put_u64(&payload, count);
	for (size_t i = 0; i < count; i++)
		put_str(&payload, items[i].envelope);
	record_add(out, RECORD_BATCH, buf_view(&payload));
	buf_free(&payload);
}

static bool write_all(int fd, const char *bytes, size_t len, uint64_t from)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = pwrite(fd, bytes + at, len - at, (off_t)(from + at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* The name of a file lasts only when its directory was synced. */
static bool sync_folder(const char *path)
{
	char folder[sizeof(((struct spool *)0)->path) + 8];
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash)
		slash[slash == folder] = '\0';
	int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* Appends whole records and syncs; a failed write is cut off again. When that fails too nothing is written until it
 * succeeds: what stood behind a torn record would never be read again, nor what stands in a file whose name got lost. */
static enum err spool_append(struct spool *s, const struct buf *records, struct fault *fault)
{
	if ((s->torn && ftruncate(s->fd, (off_t)s->size) != 0) || (s->renamed && !sync_folder(s->path)))
		return spool_fault(s, fault, "mending");
	s->torn = s->renamed = false;
	if (write_all(s->fd, records->ptr, records->len, s->size) && fdatasync(s->fd) == 0) {
		s->size += records->len;
		return ERR_OK;
	}
	enum err e = spool_fault(s, fault, "writing");
	s->torn = ftruncate(s->fd, (off_t)s->size) != 0;
	return e;
}

int64_t spool_seen(const struct spool *s, const struct hash *digest)
{
	for (size_t i = s->seen_count; i-- > 0;)
		if (hash_eq(&s->seen[i].digest, digest))
			return s->seen[i].sequence;
	return 0;
}

/* --- in memory ------------------------------------------------------------------------------------ */

static void memory_seen(struct spool *s, const struct hash *digest, int64_t sequence)
{
	if (s->seen_count == SEEN_MAX) {
		memmove(s->seen, s->seen + SEEN_MAX / 4, (SEEN_MAX - SEEN_MAX / 4) * sizeof(*s->seen));
		s->seen_count -= SEEN_MAX / 4;
	}
	if (s->seen_count == s->seen_cap) {
		s->seen_cap = s->seen_cap ? s->seen_cap * 2 : 64;
		s->seen = realloc(s->seen, s->seen_cap * sizeof(*s->seen));
		CHECK(s->seen, "out of memory");
	}
	s->seen[s->seen_count++] = (struct seen_text){ *digest, sequence };
}

static void memory_put(struct spool *s, int64_t sequence, const struct hash *digest, struct str envelope, struct str raw)
{
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->items = realloc(s->items, s->cap * sizeof(*s->items));
		CHECK(s->items, "out of memory");
	}
	struct spooled item = { .sequence = sequence, .digest = *digest, .envelope_len = envelope.len, .raw_len = raw.len };
	item.envelope = malloc(envelope.len + 1);
	item.raw = malloc(raw.len + 1);
	CHECK(item.envelope && item.raw, "out of memory");
	memcpy(item.envelope, envelope.ptr, envelope.len);
	memcpy(item.raw, raw.ptr, raw.len);
	size_t at = s->count++;
	for (; at > 0 && s->items[at - 1].sequence > sequence; at--)
		s->items[at] = s->items[at - 1];
	s->items[at] = item;
	if (sequence >= s->next)
		s->next = sequence + 1;
}

static void memory_drop(struct spool *s, int64_t sequence)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->items[i].sequence != sequence)
			continue;
		free(s->items[i].envelope);
		free(s->items[i].raw);
		memmove(s->items + i, s->items + i + 1, (s->count - i - 1) * sizeof(*s->items));
		s->count--;
		return;
	}
}

/* --- reading -------------------------------------------------------------------------------------- */

static bool read_record(struct spool *s, char kind, struct str payload)
{
	struct reader r = reader_of(payload.ptr, payload.len);
	struct hash digest = { { 0 } };
	int64_t n = get_i64(&r);
	if (kind == RECORD_SEEN || kind == RECORD_BATCH) {
		const uint8_t *bytes = get_raw(&r, HASH_SIZE);
		if (bytes)
			memcpy(digest.bytes, bytes, HASH_SIZE);
	}
	if (kind == RECORD_BATCH) {
		struct str raw = get_bytes(&r);
		uint64_t count = get_u64(&r);
		if (!spool_seen(s, &digest))
			memory_seen(s, &digest, n);
		for (uint64_t i = 0; i < count && !r.bad; i++) {
			struct str envelope = get_bytes(&r);
			if (!r.bad)
				memory_put(s, n + (int64_t)i, &digest, envelope, raw);
		}
	}
	if (!reader_done(&r) || n < 0)
		return false;
	switch (kind) {
	case RECORD_NEXT:
		s->next = n > s->next ? n : s->next;
		return true;
	case RECORD_SEEN:
		memory_seen(s, &digest, n);
		return true;
	case RECORD_BATCH:
		return true;
	case RECORD_DONE:
		memory_drop(s, n);
		return true;
	default:
		return false;
	}
}

/* Length of the whole record that begins here, 0 when none does. */
static size_t record_at(struct str bytes, size_t at)
{
	const uint8_t *p = (const uint8_t *)bytes.ptr + at;
	if (bytes.len - at < HEAD_SIZE + SUM_SIZE)
		return 0;
	size_t len = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	if (len > RECORD_MAX || bytes.len - at - HEAD_SIZE - SUM_SIZE < len)
		return 0;
	struct hash sum = hash_of(p, HEAD_SIZE + len);
	return memcmp(sum.bytes, p + HEAD_SIZE + len, SUM_SIZE) == 0 ? HEAD_SIZE + len + SUM_SIZE : 0;
}

/* Reads records until the first that is not whole; gives the length of what is good. */
static size_t read_records(struct spool *s, struct str bytes)
{
	size_t at = sizeof(MAGIC), len;
	while ((len = record_at(bytes, at)) != 0
		&& read_record(s, bytes.ptr[at], (struct str){ bytes.ptr + at + HEAD_SIZE, len - HEAD_SIZE - SUM_SIZE }))
		at += len;
	return at;
}

/* A torn end is one record that was never acknowledged: a whole one behind it means damage in the middle. */
static bool record_behind(struct str bytes, size_t at)
{
	while (++at < bytes.len)
		if (memchr("NSBA", bytes.ptr[at], 4) && record_at(bytes, at))
			return true;
	return false;
}

/* What is cut off is kept beside the spool and counted: if it was damaged and not torn, somebody hears of it. */
static enum err spool_cut(struct spool *s, struct str tail, struct fault *fault)
{
	char path[sizeof(s->path) + 8];
	snprintf(path, sizeof(path), "%s.cut", s->path);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool kept = fd >= 0 && write_all(fd, tail.ptr, tail.len, 0) && fsync(fd) == 0;
	enum err e = kept && ftruncate(s->fd, (off_t)s->size) == 0 ? ERR_OK : spool_fault(s, fault, "opening");
	if (fd >= 0)
		close(fd);
	s->cut = e == ERR_OK ? tail.len : 0;
	return e;
}

static enum err spool_read(struct spool *s, struct fault *fault)
{
	struct buf bytes = { 0 };
	char part[65536];
	ssize_t n;
	while ((n = read(s->fd, part, sizeof(part))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(&bytes, part, (size_t)n);
	enum err e = n < 0 ? spool_fault(s, fault, "reading") : ERR_OK;
	/* A file without a record was torn when it was made: it is made again. */
	if (e == ERR_OK && bytes.len <= sizeof(MAGIC))
		buf_clear(&bytes);
	if (e == ERR_OK && bytes.len && memcmp(bytes.ptr, MAGIC, sizeof(MAGIC)) != 0)
		e = fault_set(fault, ERR_SYNTAX, 0, 0, "%s is not a spool file; name another with --spool", s->path);
	if (e == ERR_OK && !bytes.len) {
		struct buf magic = { 0 };
		buf_add(&magic, MAGIC, sizeof(MAGIC));
		e = spool_append(s, &magic, fault);
		if (e == ERR_OK && !sync_folder(s->path))
			e = spool_fault(s, fault, "making");
		buf_free(&magic);
	} else if (e == ERR_OK) {
		s->size = read_records(s, buf_view(&bytes));
		if (bytes.len - s->size > RECORD_MAX || record_behind(buf_view(&bytes), s->size))
			e = fault_set(fault, ERR_TAMPERED, 0, 0, "%s is damaged at byte %llu; keep it and begin a new spool", s->path,
				(unsigned long long)s->size);
		else if (bytes.len > s->size)
			e = spool_cut(s, (struct str){ bytes.ptr + s->size, bytes.len - s->size }, fault);
	}
	buf_free(&bytes);
	return e;
}

/* Nothing waits and the file has grown: what must be remembered is written to a new one. */
static void spool_compact(struct spool *s)
{
	char near[sizeof(s->path) + 8];
	struct buf out = { 0 };
	if (s->count || s->size < COMPACT_BYTES)
		return;
	snprintf(near, sizeof(near), "%s.new", s->path);
	int fd = open(near, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	buf_add(&out, MAGIC, sizeof(MAGIC));
	record_number(&out, RECORD_NEXT, s->next);
	for (size_t i = 0; i < s->seen_count; i++)
		record_seen(&out, &s->seen[i].digest, s->seen[i].sequence);
	/* The lock moves with the file: it is taken on the new one before that gets its name. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && write_all(fd, out.ptr, out.len, 0) && fsync(fd) == 0
		&& rename(near, s->path) == 0) {
		close(s->fd);
		s->fd = fd;
		s->size = out.len;
		s->torn = false;
		s->renamed = !sync_folder(s->path);
	} else if (fd >= 0) {
		close(fd);
		unlink(near);
	}
	buf_free(&out);
}

enum err spool_open(struct spool *s, const char *path, struct fault *fault)
{
	memset(s, 0, sizeof(*s));
	s->next = 1;
	snprintf(s->path, sizeof(s->path), "%.1000s", path);
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return spool_fault(s, fault, "opening");
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0) {
		spool_close(s);
		return fault_set(fault, ERR_BUSY, 0, 0, "another process uses the spool %s; try again", path);
	}
	enum err e = spool_read(s, fault);
	if (e != ERR_OK)
		spool_close(s);
	return e;
}

void spool_close(struct spool *s)
{
	while (s->count)
		memory_drop(s, s->items[0].sequence);
	free(s->items);
	free(s->seen);
	if (s->fd >= 0)
		close(s->fd);
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}

enum err spool_put(struct spool *s, const struct spool_new *items, size_t count, const struct hash *digest,
	struct str raw, struct fault *fault)
{
	struct buf out = { 0 };
	int64_t first = s->next;
	record_batch(&out, first, items, count, digest, raw);
	enum err e = spool_append(s, &out, fault);
	buf_free(&out);
	for (size_t i = 0; i < count && e == ERR_OK; i++)
		memory_put(s, first + (int64_t)i, digest, items[i].envelope, raw);
	if (e == ERR_OK && !spool_seen(s, digest))
		memory_seen(s, digest, first);
	return e;
}

enum err spool_drop(struct spool *s, int64_t sequence, struct fault *fault)
{
	struct buf out = { 0 };
	record_number(&out, RECORD_DONE, sequence);
	enum err e = spool_append(s, &out, fault);
	buf_free(&out);
	if (e == ERR_OK) {
		memory_drop(s, sequence);
		spool_compact(s);
	}
	return e;
}

void spool_floor(struct spool *s, int64_t used)
{
	if (used >= s->next)
		s->next = used + 1;
}
