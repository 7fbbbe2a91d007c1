/* The SQLite journal. See store/journal.h for what must remain true. */
#include "journal_int.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "store/tiles.h"

#define ROW_COLUMNS "(number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, stamp INTEGER NOT NULL," \
	" kind INTEGER NOT NULL, sender TEXT NOT NULL, deal TEXT NOT NULL, verdict TEXT NOT NULL," \
	" seed BLOB NOT NULL, prev BLOB NOT NULL, envelope BLOB NOT NULL, outcome BLOB NOT NULL," \
	" content BLOB NOT NULL, bytes_digest BLOB NOT NULL, leaf BLOB NOT NULL, chain BLOB NOT NULL);"
static const char SCHEMA[] = "CREATE TABLE journal" ROW_COLUMNS
	"CREATE TABLE snapshot(count INTEGER PRIMARY KEY, signature BLOB NOT NULL, bytes BLOB NOT NULL);"
	"CREATE TABLE snapshot_part(count INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(count, part));"
	"CREATE TABLE leader(one INTEGER PRIMARY KEY CHECK(one = 1), epoch INTEGER NOT NULL);"
	"INSERT INTO leader VALUES(1, 0);"
	"CREATE TABLE evidence(id INTEGER PRIMARY KEY, span INTEGER NOT NULL, digest BLOB NOT NULL,"
	" kind TEXT NOT NULL, bytes BLOB NOT NULL); CREATE UNIQUE INDEX evidence_name ON evidence(span, digest);"
	"CREATE TABLE tile(id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);"
	"CREATE TABLE base(one INTEGER PRIMARY KEY CHECK(one = 1), count INTEGER NOT NULL, signature BLOB NOT NULL,"
	" bytes BLOB NOT NULL);"
	"CREATE TABLE certificate" ROW_COLUMNS;

void store_probe(struct journal *j, const char *point)
{
	if (j->probe)
		j->probe(j->probe_ctx, point);
}

void journal_set_probe(struct journal *j, void (*probe)(void *ctx, const char *point), void *ctx)
{
	j->probe = probe;
	j->probe_ctx = ctx;
}

/* Room for one more group: on the disk, and under the process's limit on the size of files. */
static bool store_has_room(const struct journal *j)
{
	static const char *const FILES[] = { "wharf.db", "wharf.db-wal" };
	const uint64_t least = 1u << 20;
	struct rlimit limit;
	struct statvfs fs;
	struct stat st;
	char path[1100];
	if (statvfs(j->dir, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < least)
		return false;
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return true;
	for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", j->dir, FILES[i]);
		if (stat(path, &st) == 0 && (uint64_t)st.st_size + least > limit.rlim_cur)
			return false;
	}
	return true;
}

enum err store_fault(struct journal *j, struct fault *fault, const char *doing)
{
	int rc = sqlite3_errcode(j->db), low = rc & 0xff, why = sqlite3_system_errno(j->db);
	/* A quota or a limit on the size of files shows as a failed write, and the reason may be lost on the way. */
	if (low == SQLITE_IOERR && (err_of_errno(why) == ERR_FULL || !store_has_room(j)))
		low = SQLITE_FULL;
	switch (low) {
	case SQLITE_FULL:
		return fault_set(fault, ERR_FULL, 0, 0,
			"%s: the disk of %s is full; free some space, nothing was lost", doing, j->dir);
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return fault_set(fault, ERR_DENIED, 0, 0,
			"%s: %s may not be written; check its owner and permissions; reading it needs no right to write", doing, j->dir);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return fault_set(fault, ERR_TAMPERED, 0, 0,
			"%s: %s/wharf.db is damaged (%s); restore a copy and compare it with a checkpoint", doing, j->dir,
			sqlite3_errmsg(j->db));
	case SQLITE_BUSY:
		return fault_set(fault, ERR_BUSY, 0, 0, "%s: the database of %s is busy; try again", doing, j->dir);
	default:
		return fault_set(fault, ERR_IO, 0, 0, "%s: %s: %s", doing, j->dir, sqlite3_errmsg(j->db));
	}
}

enum err store_exec(struct journal *j, const char *sql, struct fault *fault, const char *doing)
{
	return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : store_fault(j, fault, doing);
}

sqlite3_stmt *store_statement(struct journal *j, int slot, const char *sql)
{
	if (!j->cached[slot])
		sqlite3_prepare_v3(j->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &j->cached[slot], NULL);
	if (j->cached[slot]) {
		sqlite3_reset(j->cached[slot]);
		sqlite3_clear_bindings(j->cached[slot]);
	}
	return j->cached[slot];
}

static enum err store_step(struct journal *j, int slot, const char *sql, struct fault *fault, const char *doing)
{
	sqlite3_stmt *s = store_statement(j, slot, sql);
	bool done = s && sqlite3_step(s) == SQLITE_DONE;
	enum err e = done ? ERR_OK : store_fault(j, fault, doing);
	if (s)
		sqlite3_reset(s);
	return e;
}

/* --- opening ------------------------------------------------------------------------------------- */

static enum err journal_check_dir(const char *dir, enum journal_mode mode, struct fault *fault)
{
	struct stat st;
	if (stat(dir, &st) != 0) {
		if (errno != ENOENT || mode != JOURNAL_CREATE)
			return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED, 0, 0,
				errno == ENOENT ? "data directory %s: %s; `wharf init DIR` makes one, `wharf demo --keep DIR` a full one"
					: "data directory %s cannot be reached: %s; check the owner and permissions of what it lies in",
				dir, strerror(errno));
		if (mkdir(dir, 0700) != 0)
			return fault_set(fault, err_of_errno(errno) == ERR_FULL ? ERR_FULL : ERR_DENIED, 0, 0,
				"data directory %s cannot be made: %s", dir, strerror(errno));
		return ERR_OK;
	}
	if (!S_ISDIR(st.st_mode))
		return fault_set(fault, ERR_USAGE, 0, 0, "%s is not a directory; name a data directory", dir);
	return ERR_OK;
}

static int journal_scalar(struct journal *j, const char *sql, int absent)
{
	sqlite3_stmt *s = NULL;
	int n = absent;
	if (sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	return n;
}

enum err schema_create(struct journal *j, struct fault *fault)
{
	enum err e = store_exec(j, SCHEMA, fault, "making the schema");
	return e == ERR_OK ? models_create(j, fault) : e;
}

static enum err journal_schema(struct journal *j, enum journal_mode mode, struct fault *fault)
{
	int version = journal_scalar(j, "PRAGMA user_version", -1);
	if (version < 0)
		return store_fault(j, fault, "reading the schema");
	if (version > STORE_SCHEMA)
		return fault_set(fault, ERR_VERSION, 0, 0,
			"%s was written by a newer Wharf (schema %d, this program knows %d); use that one", j->dir, version,
			STORE_SCHEMA);
	if (version == STORE_SCHEMA)
		return ERR_OK;
	/* Its envelopes do not name their ledger, so what signed them says something else here: it is not touched. */
	if (version > 0)
		return fault_set(fault, ERR_VERSION, 0, 0, "%s was written by an older Wharf (schema %d, this program knows %d), whose entries this "
			"one cannot read: keep that program for it, and begin a new ledger with this one", j->dir, version, STORE_SCHEMA);
	if (mode != JOURNAL_CREATE)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s holds no ledger; `wharf init %s` makes one", j->dir, j->dir);
	enum err e = store_exec(j, "BEGIN IMMEDIATE", fault, "making the schema");
	if (e == ERR_OK)
		e = schema_create(j, fault);
	if (e == ERR_OK)
		e = store_exec(j, "PRAGMA user_version = 5; COMMIT", fault, "making the schema");
	return e;
}

static bool journal_has_wal(const struct journal *j)
{
	char path[1100];
	struct stat st;
	snprintf(path, sizeof(path), "%s/wharf.db-wal", j->dir);
	return stat(path, &st) == 0 && st.st_size > 0;
}

/* SQLite need not count its memory under a lock that all threads share. */
static void journal_configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum err journal_open_db(struct journal *j, enum journal_mode mode, struct fault *fault)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	char path[1100];
	int flags = mode == JOURNAL_READ ? SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX /* one thread asks it */
		: SQLITE_OPEN_READWRITE | (mode == JOURNAL_CREATE ? SQLITE_OPEN_CREATE : 0);
	pthread_once(&once, journal_configure);
	snprintf(path, sizeof(path), "%s/wharf.db", j->dir);
	if (mode != JOURNAL_CREATE && access(path, F_OK) != 0 && errno != ENOENT)
		return fault_set(fault, ERR_DENIED, 0, 0, "%s cannot be reached: %s; check the owner and permissions of the directory", path, strerror(errno));
	if (mode != JOURNAL_CREATE && access(path, F_OK) != 0)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s holds no ledger; `wharf init %s` makes one", j->dir, j->dir);
	if (mode == JOURNAL_READ && access(j->dir, W_OK) != 0 && !journal_has_wal(j)) {
		/* WAL needs to write its index beside the file; in a read-only directory only a file that
		 * nobody writes can be read, and SQLite must be told so. With a log beside it the file alone would
		 * be an older state: then SQLite reads both, or says that it cannot. */
		snprintf(path, sizeof(path), "file:%s/wharf.db?immutable=1", j->dir);
		flags |= SQLITE_OPEN_URI;
	}
	if (sqlite3_open_v2(path, &j->db, flags, NULL) != SQLITE_OK)
		return store_fault(j, fault, "opening the ledger");
	sqlite3_busy_timeout(j->db, 5000);
	sqlite3_extended_result_codes(j->db, 1);
	if (mode == JOURNAL_READ)
		return ERR_OK;
	return store_exec(j, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
		" PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;"
		" PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF", fault, "opening the ledger");
}

/* A passing failure while its files are opened (too many open, no space for the index) makes SQLite open them for reading
 * and stay so: nothing could be written until the program ends. Better it does not open. */
static enum err journal_check_writes(struct journal *j, enum journal_mode mode, struct fault *fault)
{
	char path[1100];
	snprintf(path, sizeof(path), "%s/wharf.db", j->dir);
	if (mode == JOURNAL_READ || access(path, W_OK) != 0)
		return ERR_OK;
	sqlite3_busy_timeout(j->db, 0);
	int rc = sqlite3_exec(j->db, "BEGIN IMMEDIATE; ROLLBACK", NULL, NULL, NULL) & 0xff;
	sqlite3_busy_timeout(j->db, 5000);
	/* With the database itself opened for reading BEGIN IMMEDIATE is quietly no more than BEGIN. */
	if (rc == SQLITE_READONLY || sqlite3_db_readonly(j->db, "main") == 1)
		return fault_set(fault, ERR_IO, 0, 0, "opening the ledger: %s could be opened for reading only, although it may be "
			"written; try again", j->dir);
	return ERR_OK;
}

enum err journal_open(const char *dir, enum journal_mode mode, struct journal **out, struct fault *fault)
{
	struct journal *j;
	*out = NULL;
	enum err e = journal_check_dir(dir, mode, fault);
	if (e != ERR_OK)
		return e;
	if (strlen(dir) >= sizeof(j->dir) - 32)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the path of the data directory is longer than %zu bytes",
			sizeof(j->dir) - 32);
	j = calloc(1, sizeof(*j));
	CHECK(j, "out of memory");
	snprintf(j->dir, sizeof(j->dir), "%s", dir);
	j->lock_fd = -1;
	j->patience_ms = JOURNAL_PATIENCE_MS;
	j->writable = mode != JOURNAL_READ;
	e = journal_open_db(j, mode, fault);
	if (e == ERR_OK)
		e = journal_schema(j, mode, fault);
	if (e == ERR_OK)
		e = journal_check_writes(j, mode, fault);
	if (e != ERR_OK) {
		journal_close(j);
		return e;
	}
	*out = j;
	return ERR_OK;
}

void journal_close(struct journal *j)
{
	if (!j)
		return;
	journal_release(j);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(j->cached[i]);
	models_close(j);
	sqlite3_close(j->db);
	free(j);
}

const char *journal_dir(const struct journal *j) { return j->dir; }

/* --- leadership ---------------------------------------------------------------------------------- */

static int journal_lock_open(struct journal *j)
{
	char path[1100];
	snprintf(path, sizeof(path), "%s/LOCK", j->dir);
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/* State and start time of a process as /proc/PID/stat has them; false when there is none. */
static bool process_stat(long pid, char *state, unsigned long long *started)
{
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* The name in brackets may hold anything: the fields begin behind the last bracket. */
	const char *rest = strrchr(text, ')');
	return rest && sscanf(rest + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		state, started) == 2;
}

/* Who holds the lock, for those who may have to evict him. */
static void journal_lock_sign(int fd)
{
	char text[64], state;
	unsigned long long started = 0;
	process_stat((long)getpid(), &state, &started);
	int n = snprintf(text, sizeof(text), "%ld %llu\n", (long)getpid(), started);
	/* Without this line the lead is held all the same; a stopped leader just cannot be evicted. */
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		return;
}

/* --- a leader that does not come out of a commit ---------------------------------------------------- */

enum { MARK_AT = 64, MARK_SIZE = 24 };

static int64_t monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Since when this leader is inside a commit (0: it is not), beside its name in the lock file. */
static void journal_mark(const struct journal *j, int64_t since)
{
	char text[MARK_SIZE + 1];
	if (j->lock_fd < 0 || j->scratch)
		return;
	snprintf(text, sizeof(text), "commit %-16lld\n", (long long)since);
	/* Without it a leader that hangs cannot be evicted, nothing else. */
	if (pwrite(j->lock_fd, text, MARK_SIZE, MARK_AT) != MARK_SIZE)
		return;
}

void journal_set_patience(struct journal *j, int64_t ms) { j->patience_ms = ms; }

/* A leader that is stopped, or hangs, in the middle of a commit keeps the database locked, and nobody can fence it while it
 * holds that lock. It is ended: what it had not committed was not acknowledged. Only the process that signed the lock is
 * touched, and only when it is stopped or has been inside one commit for longer than anybody should wait. */
static bool journal_evict(struct journal *j)
{
	char path[1100], text[MARK_AT + MARK_SIZE + 1] = "", state = 0;
	long pid = 0;
	long long since = 0;
	unsigned long long signed_start = 0, started = 0;
	snprintf(path, sizeof(path), "%s/LOCK", j->dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (n > MARK_AT && sscanf(text + MARK_AT, "commit %lld", &since) != 1)
		since = 0;
	bool hangs = since > 0 && monotonic_ms() - since > j->patience_ms;
	if (sscanf(text, "%ld %llu", &pid, &signed_start) != 2 || pid <= 1 || pid == (long)getpid() || !process_stat(pid, &state, &started)
		|| started != signed_start || (state != 'T' && state != 't' && !hangs) || kill((pid_t)pid, SIGKILL) != 0)
		return false;
	for (int waited = 0; waited < 100 && !journal_vacant(j); waited++)
		usleep(10000);
	return true;
}

/* The new epoch is read before the transaction ends: of two consoles that raise it at the same time each has
 * its own, or both would pass for the leader. */
static enum err journal_raise_once(struct journal *j, uint64_t *epoch, struct fault *fault)
{
	enum err e = store_exec(j, "BEGIN IMMEDIATE; UPDATE leader SET epoch = epoch + 1", fault, "taking the lead");
	if (e == ERR_OK) {
		*epoch = journal_epoch(j);
		e = *epoch ? store_exec(j, "COMMIT", fault, "taking the lead") : store_fault(j, fault, "taking the lead");
	}
	if (e != ERR_OK)
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

/* The lock is held by a leader that does not answer: its lock on the database is waited for only shortly. */
static enum err journal_raise_epoch(struct journal *j, bool steal, uint64_t *epoch, struct fault *fault)
{
	sqlite3_busy_timeout(j->db, steal ? 500 : 5000);
	enum err e = journal_raise_once(j, epoch, fault);
	sqlite3_busy_timeout(j->db, 5000);
	if (e == ERR_BUSY && steal && journal_evict(j))
		e = journal_raise_once(j, epoch, fault);
	return e;
}

enum err journal_acquire(struct journal *j, bool steal, uint64_t *epoch, struct fault *fault)
{
	int fd = journal_lock_open(j);
	if (fd < 0)
		return fault_set(fault, ERR_DENIED, 0, 0, "the lock in %s cannot be opened: %s; check its owner and permissions, reading it needs no right to write", j->dir,
			strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (!steal) {
			close(fd);
			return fault_set(fault, ERR_BUSY, 0, 0, "another console leads %s; this one can attach to it", j->dir);
		}
		close(fd);
		fd = -1;
	}
	enum err e = journal_raise_epoch(j, fd < 0, epoch, fault);
	if (e != ERR_OK) {
		if (fd >= 0)
			close(fd);
		return e;
	}
	j->lock_fd = fd;
	j->leads = true;
	if (fd >= 0)
		journal_lock_sign(fd);
	journal_relock(j);
	return ERR_OK;
}

void journal_release(struct journal *j)
{
	if (j->lock_fd >= 0)
		close(j->lock_fd);
	j->lock_fd = -1;
	j->leads = false;
}

void journal_relock(struct journal *j)
{
	if (!j->leads || j->lock_fd >= 0)
		return;
	int fd = journal_lock_open(j);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		j->lock_fd = fd;
		journal_lock_sign(fd);
	} else if (fd >= 0) {
		close(fd);
	}
}

bool journal_vacant(struct journal *j)
{
	int fd = journal_lock_open(j);
	bool vacant = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return vacant;
}

uint64_t journal_epoch(struct journal *j)
{
	sqlite3_stmt *s = store_statement(j, SLOT_EPOCH, "SELECT epoch FROM leader");
	uint64_t epoch = s && sqlite3_step(s) == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	if (s)
		sqlite3_reset(s);
	return epoch;
}

/* --- appending ----------------------------------------------------------------------------------- */

enum err journal_head(struct journal *j, uint64_t *count, struct fault *fault)
{
	sqlite3_stmt *s = store_statement(j, SLOT_HEAD, "SELECT coalesce(max(number) + 1, 0) FROM journal");
	if (!s || sqlite3_step(s) != SQLITE_ROW)
		return store_fault(j, fault, "reading the head");
	*count = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return ERR_OK;
}

static bool journal_bind_row(sqlite3_stmt *s, const struct journal_row *row)
{
	const struct entry *e = &row->entry;
	struct envelope env;
	if (!envelope_decode_again(e->envelope, &env))
		return false;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)e->number);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)e->epoch);
	sqlite3_bind_int64(s, 3, e->stamp);
	sqlite3_bind_int(s, 4, env.kind);
	sqlite3_bind_text(s, 5, env.sender, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 6, env.deal, -1, SQLITE_TRANSIENT);
	sqlite3_bind_text(s, 7, e->verdict, -1, SQLITE_STATIC);
	sqlite3_bind_blob(s, 8, e->seed.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(s, 9, e->prev.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob64(s, 10, e->envelope.ptr, e->envelope.len, SQLITE_STATIC);
	sqlite3_bind_blob(s, 11, e->outcome.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(s, 12, row->digests.content.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(s, 13, row->digests.envelope.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(s, 14, row->digests.leaf.bytes, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(s, 15, row->digests.chain.bytes, HASH_SIZE, SQLITE_STATIC);
	return true;
}

static enum err journal_write_rows(struct journal *j, const struct journal_append *a, struct fault *fault)
{
	for (size_t i = 0; i < a->count; i++) {
		sqlite3_stmt *s = store_statement(j, SLOT_ROW,
			"INSERT INTO journal VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
		if (!s || !journal_bind_row(s, &a->rows[i]) || sqlite3_step(s) != SQLITE_DONE)
			return store_fault(j, fault, "writing the journal");
	}
	return ERR_OK;
}

static enum err journal_commit_inside(struct journal *j, uint64_t epoch, uint64_t expected_head,
	const struct journal_append *append, struct tabs *tabs, struct fault *fault)
{
	uint64_t head;
	enum err e = journal_head(j, &head, fault);
	if (e != ERR_OK)
		return e;
	if (journal_epoch(j) != epoch)
		return fault_set(fault, ERR_FENCED, 0, 0, "another console took the lead (epoch %llu, ours is %llu)",
			(unsigned long long)journal_epoch(j), (unsigned long long)epoch);
	if (head != expected_head)
		return fault_set(fault, ERR_FENCED, 0, 0, "the journal has %llu entries, not %llu",
			(unsigned long long)head, (unsigned long long)expected_head);
	if ((e = blobs_write(j, expected_head, append, fault)) != ERR_OK)
		return e;
	if ((e = journal_write_rows(j, append, fault)) != ERR_OK)
		return e;
	store_probe(j, "rows");
	if (append->beside && (e = beside_write_models(j, append->beside, fault)) != ERR_OK)
		return e;
	if (tabs && (e = models_write(j, tabs, fault)) != ERR_OK)
		return e;
	store_probe(j, "models");
	if (append->beside && (e = beside_write_tiles(j, append->beside, fault)) != ERR_OK)
		return e;
	if (append->tree && (e = tiles_write(j, append->tree, fault)) != ERR_OK)
		return e;
	store_probe(j, "tiles");
	return ERR_OK;
}

static enum err journal_commit_once(struct journal *j, uint64_t epoch, uint64_t expected_head,
	const struct journal_append *append, struct tabs *tabs, struct fault *fault)
{
	store_probe(j, "begin");
	enum err e = store_step(j, SLOT_BEGIN, "BEGIN IMMEDIATE", fault, "writing the journal");
	if (e != ERR_OK)
		return e;
	e = journal_commit_inside(j, epoch, expected_head, append, tabs, fault);
	if (e == ERR_OK) {
		store_probe(j, "commit");
		e = store_step(j, SLOT_COMMIT, "COMMIT", fault, "committing");
		if (e != ERR_OK && sqlite3_get_autocommit(j->db))
			return ERR_UNKNOWN; /* SQLite ended the transaction itself: the fault says why, not how it ended */
	}
	if (e != ERR_OK) {
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
		return e;
	}
	store_probe(j, "committed");
	if (append->tree) {
		tiles_attach(j, append->tree);
		merkle_stored(append->tree);
	}
	if (tabs)
		tabs_dirty_clear(tabs);
	return ERR_OK;
}

enum err journal_commit(struct journal *j, uint64_t epoch, uint64_t expected_head,
	const struct journal_append *append, struct tabs *tabs, struct fault *fault)
{
	journal_mark(j, monotonic_ms());
	enum err e = journal_commit_once(j, epoch, expected_head, append, tabs, fault);
	journal_mark(j, 0);
	return e;
}

/* After a failed commit: may this leader write again? The log is moved into the database as far as that goes, which may
 * give space back; then one page is written and synced. The epoch goes up and down again, or SQLite would see that nothing
 * changes and write nothing. */
enum err journal_mend(struct journal *j, uint64_t epoch, struct fault *fault)
{
	sqlite3_busy_timeout(j->db, 0);
	sqlite3_wal_checkpoint_v2(j->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(j->db, 5000);
	if (!store_has_room(j))
		return fault_set(fault, ERR_FULL, 0, 0, "the disk of %s is full; free some space, nothing was lost", j->dir);
	enum err e = store_exec(j, "BEGIN IMMEDIATE", fault, "writing again");
	if (e == ERR_OK && journal_epoch(j) != epoch)
		e = fault_set(fault, ERR_FENCED, 0, 0, "another console took the lead");
	if (e == ERR_OK)
		e = store_exec(j, "UPDATE leader SET epoch = epoch + 1; UPDATE leader SET epoch = epoch - 1; COMMIT", fault, "writing again");
	if (e != ERR_OK)
		sqlite3_exec(j->db, "ROLLBACK", NULL, NULL, NULL);
	return e;
}

/* --- reading ------------------------------------------------------------------------------------- */

static struct hash column_hash(sqlite3_stmt *s, int i)
{
	struct hash h = { { 0 } };
	if (sqlite3_column_bytes(s, i) == HASH_SIZE)
		memcpy(h.bytes, sqlite3_column_blob(s, i), HASH_SIZE);
	return h;
}

static void journal_read_row(sqlite3_stmt *s, struct journal_row *row)
{
	memset(row, 0, sizeof(*row));
	row->entry.number = (uint64_t)sqlite3_column_int64(s, 0);
	row->entry.epoch = (uint64_t)sqlite3_column_int64(s, 1);
	row->entry.stamp = sqlite3_column_int64(s, 2);
	const char *verdict = (const char *)sqlite3_column_text(s, 3);
	snprintf(row->entry.verdict, sizeof(row->entry.verdict), "%s", verdict ? verdict : "");
	row->entry.seed = column_hash(s, 4);
	row->entry.prev = column_hash(s, 5);
	row->entry.envelope = (struct str){ sqlite3_column_blob(s, 6), (size_t)sqlite3_column_bytes(s, 6) };
	row->entry.outcome = column_hash(s, 7);
	row->digests.content = column_hash(s, 8);
	row->digests.envelope = column_hash(s, 9);
	row->digests.leaf = column_hash(s, 10);
	row->digests.chain = column_hash(s, 11);
}

#define ROWS_OF(table) "SELECT number, epoch, stamp, verdict, seed, prev, envelope, outcome, content," \
	" bytes_digest, leaf, chain FROM " table " WHERE number >= ? AND number < ? ORDER BY number"

static enum err rows_of(struct journal *j, const char *sql, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct journal_row *row), void *ctx, struct fault *fault)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(j->db, sql, -1, &s, NULL);
	if (rc != SQLITE_OK)
		return store_fault(j, fault, "reading the journal");
	sqlite3_bind_int64(s, 1, (sqlite3_int64)from);
	sqlite3_bind_int64(s, 2, to > INT64_MAX ? INT64_MAX : (sqlite3_int64)to);
	struct journal_row row;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		journal_read_row(s, &row);
		if (!fn(ctx, &row))
			break;
	}
	enum err e = rc == SQLITE_ROW || rc == SQLITE_DONE ? ERR_OK : store_fault(j, fault, "reading the journal");
	sqlite3_finalize(s);
	return e;
}

enum err journal_tail(struct journal *j, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct journal_row *row), void *ctx, struct fault *fault)
{
	return rows_of(j, ROWS_OF("journal"), from, to, fn, ctx, fault);
}

enum err journal_certificates(struct journal *j, uint64_t from, uint64_t to,
	bool (*fn)(void *ctx, const struct journal_row *row), void *ctx, struct fault *fault)
{
	return rows_of(j, ROWS_OF("certificate"), from, to, fn, ctx, fault);
}

enum err journal_set_scratch(struct journal *j, struct fault *fault)
{
	j->scratch = true;
	return store_exec(j, "PRAGMA synchronous = OFF", fault, "opening a scratch copy");
}
