/* Every bit of a small data directory, flipped one at a time.
 *
 * After each flip the directory is opened, loaded from its snapshot, verified and asked: every entry, evidence, leaf, read
 * model row by its key, every view's state digest. Must remain true: either all answers are those of the undamaged
 * directory, or what is damaged is named by a fault. No crash, no hang, no third way. The database lives in memory, behind a
 * VFS of its own; files beside it (checkpoint, keys, LOCK, spool) are flipped by what reads them. */
#include "faults.h"
#include "ledger_room.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "app/checkpoint.h"
#include "identity/keystore.h"
#include "memory_vfs.h"
#include "net/gateway_int.h"
#include "store/verify.h"

enum { PARTIES = 4, SMALL_PAGE = 512 };

static struct room room;
static struct buf image, small; /* wharf.db as it was closed; the same in pages of SMALL_PAGE bytes */
static struct hash wanted; /* digest of all answers */

/* --- the directory -------------------------------------------------------------------------------- */

static void read_file(const char *dir, const char *name, struct buf *out)
{
	char path[600], bytes[65536];
	size_t n;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "rb");
	CHECK(f, path);
	buf_clear(out);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(out, bytes, n);
	fclose(f);
}

static void write_file(const char *dir, const char *name, struct str bytes)
{
	char path[600];
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	CHECK(f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len && fclose(f) == 0, path);
}

/* The same rows in small pages: more of the file is structure, less is free, and every bit can be tried. */
static void directory_shrink(void)
{
	char path[600];
	sqlite3 *db;
	snprintf(path, sizeof(path), "%s/small.db", room.dir);
	write_file(room.dir, "small.db", buf_view(&image));
	CHECK(sqlite3_open(path, &db) == SQLITE_OK, path);
	CHECK(sqlite3_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM; PRAGMA journal_mode = WAL", NULL, NULL, NULL)
		== SQLITE_OK, sqlite3_errmsg(db));
	sqlite3_close(db);
	read_file(room.dir, "small.db", &small);
	unlink(path);
}

/* Genesis, parties of which one is refused, evidence, a snapshot in the middle, one at the end. */
static void directory_make(void)
{
	struct runtime *rt = room_start(&room);
	struct fault fault;
	struct hash ignored;
	struct buf bytes = { 0 }, state = { 0 };
	for (int i = 1; i <= PARTIES; i++) {
		buf_clear(&bytes);
		room_party(&room, i == 3 ? -i : i, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK, fault.text);
		if (i == 2) {
			engine_snapshot(runtime_engine(rt), &state);
			CHECK(snapshot_put(runtime_journal(rt), engine_link(runtime_engine(rt))->next, buf_view(&state), &fault) == ERR_OK, fault.text);
		}
	}
	CHECK(evidence_put(runtime_journal(rt), "batch", STR("raw bytes of a batch"), &ignored, &fault) == ERR_OK, fault.text);
	CHECK(evidence_put(runtime_journal(rt), "batch", STR("raw bytes of another"), &ignored, &fault) == ERR_OK, fault.text);
	runtime_close(rt);
	read_file(room.dir, "wharf.db", &image);
	directory_shrink();
	buf_free(&bytes);
	buf_free(&state);
}

/* --- asking --------------------------------------------------------------------------------------- */

static void ask_hash(struct hash *h, const void *bytes, size_t len)
{
	struct part parts[] = { { h->bytes, HASH_SIZE }, { bytes, len } };
	*h = hash_parts(parts, 2);
}

struct asking {
	struct hash sum;
	uint64_t rows;
};

static bool ask_row(void *ctx, const struct journal_row *row)
{
	struct asking *a = ctx;
	ask_hash(&a->sum, row->digests.chain.bytes, HASH_SIZE);
	ask_hash(&a->sum, row->entry.envelope.ptr, row->entry.envelope.len);
	a->rows++;
	return true;
}

/* What a program asks of the store by key. */
static enum err ask_store(struct journal *j, struct engine *e, struct hash *sum, struct fault *fault)
{
	static const char *const BLOBS[] = { "raw bytes of a batch", "raw bytes of another" };
	struct asking a = { *sum, 0 };
	struct buf out = { 0 };
	uint64_t head = engine_link(e)->next;
	enum err err = ERR_OK;
	for (uint64_t n = 0; n < head && err == ERR_OK; n++) {
		a.rows = 0;
		err = journal_tail(j, n, n + 1, ask_row, &a, fault);
		ask_hash(&a.sum, &a.rows, sizeof(a.rows));
	}
	for (size_t i = 0; i < 2 && err == ERR_OK; i++) {
		struct hash digest = hash_of(BLOBS[i], strlen(BLOBS[i]));
		bool has = evidence_has(j, &digest);
		ask_hash(&a.sum, &has, 1);
		err = evidence_get(j, &digest, &out, fault);
		ask_hash(&a.sum, out.ptr, out.len);
		buf_clear(&out);
	}
	for (uint64_t n = 0; n < head && err == ERR_OK; n++) {
		struct merkle_proof proof;
		memset(&proof, 0, sizeof(proof));
		if (!merkle_prove_inclusion(engine_tree(e), n, head, &proof))
			err = fault_set(fault, ERR_TAMPERED, 0, 0, "no proof of entry %llu", (unsigned long long)n);
		ask_hash(&a.sum, &proof, sizeof(proof));
	}
	buf_free(&out);
	*sum = a.sum;
	return err;
}

/* Every row of every read model by its key, as SQL of anybody would ask. */
static enum err ask_models(const struct engine *e, struct hash *sum, struct fault *fault)
{
	char path[600];
	sqlite3 *db = NULL;
	enum err err = ERR_OK;
	snprintf(path, sizeof(path), "%s/wharf.db", room.dir);
	int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	for (size_t i = 0; i < STATE_TYPE_COUNT && rc == SQLITE_OK; i++) {
		const struct rec_type *t = STATE_TYPES[i];
		const void *rec = tab_first(engine_tabs(e), t, "");
		char sql[200];
		sqlite3_stmt *s = NULL;
		snprintf(sql, sizeof(sql), "SELECT * FROM r_%s WHERE \"%s\" = ?", t->name, t->fields[0].name);
		if (!readmodel_kept(t))
			continue;
		if (rec)
			rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
		for (; rec && rc == SQLITE_OK; rec = tab_next(engine_tabs(e), t, rec_key(t, rec))) {
			sqlite3_bind_text(s, 1, rec_key(t, rec), -1, SQLITE_TRANSIENT);
			rc = sqlite3_step(s);
			for (int c = 0; rc == SQLITE_ROW && c < sqlite3_column_count(s); c++)
				ask_hash(sum, sqlite3_column_blob(s, c), (size_t)sqlite3_column_bytes(s, c));
			rc = rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
			sqlite3_reset(s);
		}
		sqlite3_finalize(s);
	}
	if (rc != SQLITE_OK)
		err = fault_set(fault, ERR_TAMPERED, 0, 0, "SQL: %s", sqlite3_errmsg(db));
	sqlite3_close(db);
	return err;
}

/* All answers, or the first fault. Loading is done as a program starts (snapshot, no signatures); then as `verify`. */
static enum err ask_all(struct hash *sum, struct fault *fault)
{
	struct journal *j = NULL;
	struct verify_report report;
	struct engine *loaded = engine_new(), *verified = engine_new();
	struct hash digest;
	memset(sum, 0, sizeof(*sum));
	enum err e = journal_open(room.dir, JOURNAL_READ, &j, fault);
	if (e == ERR_OK)
		e = journal_load(j, loaded, false, true, fault);
	if (e == ERR_OK)
		e = journal_verify(j, verified, &report, NULL, NULL, fault);
	if (e == ERR_OK) {
		digest = engine_digest(loaded);
		ask_hash(sum, digest.bytes, HASH_SIZE);
		digest = engine_digest(verified);
		ask_hash(sum, digest.bytes, HASH_SIZE);
		digest = merkle_root(engine_tree(verified));
		ask_hash(sum, digest.bytes, HASH_SIZE);
		ask_hash(sum, &report, sizeof(report));
		e = ask_store(j, verified, sum, fault);
	}
	if (e == ERR_OK)
		e = ask_models(verified, sum, fault);
	journal_close(j);
	engine_free(loaded);
	engine_free(verified);
	return e;
}

/* --- the database --------------------------------------------------------------------------------- */

static struct tally {
	volatile uint64_t at, same, named, wrong;
} *tally;

/* Children do the flips, so that a crash or a hang is the trial's failure and not the campaign's end. */
static void flip_range(struct faults *f, const uint64_t *bits, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct hash sum;
		struct fault fault = { .text = "" };
		size_t byte = bits[i] / 8;
		tally->at = i;
		alarm(20);
		memory_disk.bytes[byte] ^= (char)(1 << (bits[i] % 8));
		enum err e = ask_all(&sum, &fault);
		memory_disk.bytes[byte] ^= (char)(1 << (bits[i] % 8));
		if (e == ERR_OK && hash_eq(&sum, &wanted)) {
			tally->same++;
		} else if (e != ERR_OK && fault.text[0]) {
			tally->named++;
		} else {
			tally->wrong++;
			if (tally->wrong <= 10)
				printf("  %s seed %llu: byte %zu bit %d: another answer without a word\n", f->name,
					(unsigned long long)f->seed, byte, (int)(bits[i] % 8));
		}
	}
	fflush(stdout);
	_exit(0);
}

static void flips_run(struct faults *f, const uint64_t *bits, uint64_t count)
{
	memset((void *)tally, 0, sizeof(*tally));
	for (uint64_t from = 0; from < count;) {
		int status = 0;
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0)
			flip_range(f, bits, from, count);
		waitpid(pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			break;
		from = tally->at + 1;
		faults_check(f, false, "byte %llu bit %d: the program ended by signal %d (status %d)",
			(unsigned long long)(bits[from - 1] / 8), (int)(bits[from - 1] % 8), WTERMSIG(status), WEXITSTATUS(status));
	}
	f->failed += tally->wrong;
	f->done += tally->same + tally->named + tally->wrong;
}

/* Every bit when the count is as large as the file has bits, else as many by dice. */
static void flips_image(struct faults *f, struct str bytes)
{
	uint64_t all = (uint64_t)bytes.len * 8, count = f->count == UINT64_MAX ? all : f->count;
	uint64_t *bits = malloc(count * sizeof(*bits));
	CHECK(bits, "out of memory");
	for (uint64_t i = 0; i < count; i++)
		bits[i] = f->count == UINT64_MAX ? i : faults_below(f, all);
	memory_vfs_serve(bytes);
	struct fault fault = { .text = "" };
	CHECK(ask_all(&wanted, &fault) == ERR_OK, fault.text);
	flips_run(f, bits, count);
	printf("  %s: %zu bytes; %llu flips change no answer, %llu are named\n", f->name, bytes.len,
		(unsigned long long)tally->same, (unsigned long long)tally->named);
	f->count = count;
	memory_vfs_end();
	free(bits);
}

static void flips_database(struct faults *f) { flips_image(f, buf_view(&small)); }
static void flips_pages(struct faults *f) { flips_image(f, buf_view(&image)); }

/* --- files beside it ------------------------------------------------------------------------------ */

/* Flips every bit (or as many as asked for, by dice) of a text and lets `judge` say whether the answer is the same or the
 * damage was named. */
static void flips_text(struct faults *f, struct str text, bool (*judge)(struct str flipped))
{
	uint64_t all = (uint64_t)text.len * 8, count = f->count == UINT64_MAX ? all : f->count;
	struct buf copy = { 0 };
	buf_str(&copy, text);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t bit = f->count == UINT64_MAX ? i : faults_below(f, all);
		copy.ptr[bit / 8] ^= (char)(1 << (bit % 8));
		faults_check(f, judge(buf_view(&copy)), "byte %llu bit %d: another answer without a word", (unsigned long long)(bit / 8), (int)(bit % 8));
		copy.ptr[bit / 8] ^= (char)(1 << (bit % 8));
	}
	f->count = count;
	buf_free(&copy);
}

static struct engine *held;          /* the ledger that checkpoints are compared with */
static struct checkpoint held_note;

static bool judge_checkpoint(struct str flipped)
{
	struct fault fault = { .text = "" };
	struct checkpoint c;
	if (checkpoint_compare(held, flipped, &c, &fault) != ERR_OK)
		return fault.text[0] != 0;
	return c.size == held_note.size && hash_eq(&c.root, &held_note.root) && strcmp(c.origin, held_note.origin) == 0;
}

static void flips_checkpoint(struct faults *f)
{
	struct buf note = { 0 };
	struct journal *j;
	struct fault fault;
	read_file(room.dir, "checkpoint", &note);
	held = engine_new();
	CHECK(journal_open(room.dir, JOURNAL_READ, &j, &fault) == ERR_OK && journal_load(j, held, false, false, &fault) == ERR_OK, fault.text);
	journal_close(j);
	CHECK(checkpoint_compare(held, buf_view(&note), &held_note, &fault) == ERR_OK, fault.text);
	flips_text(f, buf_view(&note), judge_checkpoint);
	engine_free(held);
	buf_free(&note);
}

static const uint8_t KEY_SEED[KEY_SEED_SIZE] = { 7, 7, 7 };
static struct keystore_info key_info;

static bool judge_key(struct str flipped)
{
	struct fault fault = { .text = "" };
	struct keystore_info info;
	uint8_t seed[KEY_SEED_SIZE];
	memset(&info, 0, sizeof(info));
	if (keystore_open(flipped, STR("pass phrase"), &info, seed, &fault) != ERR_OK)
		return fault.text[0] != 0;
	return memcmp(seed, KEY_SEED, sizeof(seed)) == 0 && strcmp(info.name, key_info.name) == 0 && strcmp(info.role, key_info.role) == 0
		&& strcmp(info.party, key_info.party) == 0 && strcmp(info.did, key_info.did) == 0;
}

static void flips_key(struct faults *f)
{
	struct buf text = { 0 };
	struct fault fault;
	memset(&key_info, 0, sizeof(key_info));
	snprintf(key_info.name, sizeof(key_info.name), "L. Haas");
	snprintf(key_info.role, sizeof(key_info.role), "FUO");
	snprintf(key_info.party, sizeof(key_info.party), "BANK");
	key_info.ops = 1;
	key_info.mem_bytes = 8192;
	CHECK(keystore_seal(KEY_SEED, STR("pass phrase"), &key_info, &text, &fault) == ERR_OK, fault.text);
	flips_text(f, buf_view(&text), judge_key);
	buf_free(&text);
}

enum { SPOOLED = 5 };
static char spool_path[300];

/* What a spool says: everything that waits and the next number. */
static enum err spool_sum(struct hash *sum, struct fault *fault)
{
	struct spool s;
	memset(sum, 0, sizeof(*sum));
	enum err e = spool_open(&s, spool_path, fault);
	if (e != ERR_OK)
		return e;
	for (size_t i = 0; i < s.count; i++) {
		ask_hash(sum, &s.items[i].sequence, sizeof(s.items[i].sequence));
		ask_hash(sum, s.items[i].digest.bytes, HASH_SIZE);
		ask_hash(sum, s.items[i].envelope, s.items[i].envelope_len);
		ask_hash(sum, s.items[i].raw, s.items[i].raw_len);
	}
	ask_hash(sum, &s.next, sizeof(s.next));
	for (size_t i = 0; i < s.seen_count; i++)
		ask_hash(sum, s.seen[i].digest.bytes, HASH_SIZE);
	if (s.cut)
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "%llu bytes were cut off", (unsigned long long)s.cut);
	spool_close(&s);
	return e;
}

static bool judge_spool(struct str flipped)
{
	struct fault fault = { .text = "" };
	struct hash sum;
	write_file(room.dir, "gateway-GW.spool", flipped);
	if (spool_sum(&sum, &fault) != ERR_OK)
		return fault.text[0] != 0;
	return hash_eq(&sum, &wanted);
}

static void flips_spool(struct faults *f)
{
	struct spool s;
	struct fault fault;
	struct buf bytes = { 0 };
	snprintf(spool_path, sizeof(spool_path), "%s/gateway-GW.spool", room.dir);
	CHECK(spool_open(&s, spool_path, &fault) == ERR_OK, fault.text);
	for (int i = 0; i < SPOOLED; i++) {
		char text[64];
		snprintf(text, sizeof(text), "text number %d", i);
		struct hash digest = hash_of(text, strlen(text));
		struct spool_new item = { str_of(text) };
		CHECK(spool_put(&s, &item, 1, &digest, str_of(text), &fault) == ERR_OK, fault.text);
	}
	CHECK(spool_drop(&s, 1, &fault) == ERR_OK, fault.text);
	spool_close(&s);
	read_file(room.dir, "gateway-GW.spool", &bytes);
	CHECK(spool_sum(&wanted, &fault) == ERR_OK, fault.text);
	flips_text(f, buf_view(&bytes), judge_spool);
	buf_free(&bytes);
}

/* Whatever the lock file says, who may lead is decided by the lock on it. */
static bool judge_lock(struct str flipped)
{
	struct journal *j = NULL, *other = NULL;
	struct fault fault = { .text = "" };
	uint64_t epoch = 0, second = 0;
	write_file(room.dir, "LOCK", flipped);
	bool good = journal_open(room.dir, JOURNAL_WRITE, &j, &fault) == ERR_OK
		&& journal_acquire(j, false, &epoch, &fault) == ERR_OK;
	good = good && journal_open(room.dir, JOURNAL_WRITE, &other, &fault) == ERR_OK
		&& journal_acquire(other, false, &second, &fault) == ERR_BUSY;
	if (other)
		journal_close(other);
	if (j)
		journal_close(j);
	return good;
}

static void flips_lock(struct faults *f)
{
	struct buf text = { 0 };
	read_file(room.dir, "LOCK", &text);
	flips_text(f, buf_view(&text), judge_lock);
	buf_free(&text);
}

static const struct fault_case CASES[] = {
	{ "flip-database", "one bit of wharf.db flipped; opened, loaded, verified, every key asked for", 4000, UINT64_MAX, flips_database },
	{ "flip-pages", "the same in pages of 4096 bytes, as they are on the disk; bits by dice", 1000, 60000, flips_pages },
	{ "flip-checkpoint", "one bit of the checkpoint flipped", UINT64_MAX, UINT64_MAX, flips_checkpoint },
	{ "flip-key", "one bit of a key file flipped", UINT64_MAX, UINT64_MAX, flips_key },
	{ "flip-spool", "one bit of a gateway's spool flipped; what is cut off is counted", UINT64_MAX, UINT64_MAX, flips_spool },
	{ "flip-lock", "one bit of the lock file flipped", UINT64_MAX, UINT64_MAX, flips_lock },
};

int main(int argc, char **argv)
{
	CHECK(sodium_init() >= 0, "libsodium starts");
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(tally != MAP_FAILED, "shared memory");
	directory_make();
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	room_end(&room);
	return status;
}
