/* Attacks on what others are shown: forks, old copies, exports that were changed, memory that was changed between hashing and
 * signing, and a witness that is killed. */
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults/faults.h"
#include "ledger_room.h"

#include "app/checkpoint.h"
#include "app/ledger_int.h"
#include "engine/export.h"
#include "engine/witnessed.h"
#include "ledger/witness.h"
#include "store/witness.h"

/* --- shared --------------------------------------------------------------------------------------- */

struct signer {
	struct note_key key;
	uint8_t secret[NOTE_SECRET_SIZE];
};

static struct signer signer_of(const char *name, enum note_type type, uint8_t n)
{
	struct signer s;
	uint8_t seed[32], public_key[NOTE_KEY_SIZE];
	memset(seed, n, sizeof(seed));
	crypto_sign_seed_keypair(public_key, s.secret, seed);
	CHECK(note_key_make(str_of(name), type, public_key, &s.key, NULL) == ERR_OK, "a key of the test");
	return s;
}

static void note_put(const struct signer *s, const char *origin, uint64_t size, const struct hash *root, struct buf *out)
{
	struct checkpoint c = { .size = size, .root = *root, .extensions = STR("") };
	struct buf text = { 0 };
	snprintf(c.origin, sizeof(c.origin), "%s", origin);
	checkpoint_format(&c, &text);
	CHECK(note_begin(buf_view(&text), out, NULL) == ERR_OK, "a note of the test");
	note_sign(buf_view(&text), &s->key, s->secret, 0, out);
	buf_free(&text);
}

static void scratch(char dir[256])
{
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, 256, "%.200s/wharf-proofs-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
	CHECK(mkdtemp(dir), "a directory for the test");
}

static struct hash dice_hash(struct faults *f)
{
	struct hash h;
	for (size_t i = 0; i < HASH_SIZE; i += 8) {
		uint64_t z = faults_dice(f);
		memcpy(h.bytes + i, &z, 8);
	}
	return h;
}

/* --- forks ---------------------------------------------------------------------------------------- */

enum fork { FORK_SAME_SIZE, FORK_ABOVE, FORK_BELOW, FORK_ORIGIN, FORK_LINEAR, FORK_STALE, FORK_COUNT };
static const char *const FORKS[] = { "same size, other root", "above what was witnessed", "below it", "origin swapped", "proof by a linear tail",
	"stale old size" };

struct fork_room {
	struct witness_store *store;
	struct signer log, witness;
	char origin[32];
	struct merkle *tree, *other; /* equal up to `split` */
	uint64_t seen, split;
	struct witness_keys keys;
};

static enum witness_status fork_ask(struct fork_room *r, const struct signer *by, const char *origin, uint64_t old, uint64_t size,
	const struct hash *root, const struct merkle_proof *proof)
{
	struct witness_request q = { .old = old, .proof = *proof };
	struct buf note = { 0 }, body = { 0 }, out = { 0 };
	enum witness_status status;
	struct fault fault;
	note_put(by, origin, size, root, &note);
	q.checkpoint = buf_view(&note);
	witness_request_format(&q, &body);
	CHECK(witness_store_answer(r->store, buf_view(&body), &r->keys, 1, &status, &out, &fault) == ERR_OK, fault.text);
	buf_free(&note);
	buf_free(&body);
	buf_free(&out);
	return status;
}

static void fork_trees(struct faults *f, struct fork_room *r)
{
	uint64_t size = r->seen + 40;
	r->tree = merkle_new();
	r->other = merkle_new();
	for (uint64_t i = 0; i < size; i++) {
		struct hash h = dice_hash(f);
		merkle_append(r->tree, &h);
		if (i == r->split)
			h.bytes[faults_below(f, HASH_SIZE)] ^= 1u << faults_below(f, 8);
		merkle_append(r->other, &h);
	}
}

/* A later root that hangs hashes behind the old one in a row, with them as its proof. */
static enum witness_status fork_linear(struct faults *f, struct fork_room *r)
{
	struct merkle_proof proof = { .count = 1 + faults_below(f, 6) };
	struct hash root = merkle_root_at(r->tree, r->seen);
	for (size_t i = 0; i < proof.count; i++) {
		proof.hashes[i] = dice_hash(f);
		root = merkle_node(&root, &proof.hashes[i]);
	}
	return fork_ask(r, &r->log, r->origin, r->seen, r->seen + proof.count, &root, &proof);
}

static enum witness_status fork_try(struct faults *f, struct fork_room *r, enum fork kind)
{
	struct merkle_proof proof = { .count = 0 };
	const struct merkle *with = faults_below(f, 2) ? r->tree : r->other;
	struct signer alien = signer_of("log.alien", NOTE_ED25519, 77);
	uint64_t size = kind == FORK_ABOVE ? r->seen + 1 + faults_below(f, 39) : kind == FORK_BELOW ? r->split + 1 : r->seen, old = r->seen;
	if (kind == FORK_LINEAR)
		return fork_linear(f, r);
	if (kind == FORK_BELOW)
		old = faults_below(f, 2) ? size : r->seen;
	if (kind == FORK_STALE) {
		size = r->seen + 1 + faults_below(f, 39);
		old = faults_below(f, r->seen);
	}
	if (old <= size)
		merkle_prove_consistency(with, old, size, &proof);
	struct hash root = merkle_root_at(r->other, size);
	if (kind == FORK_ORIGIN) {
		/* All of it is right but who says it, or of what. */
		const struct signer *by = faults_below(f, 2) ? &alien : &r->log;
		size = r->seen + 1 + faults_below(f, 39);
		merkle_prove_consistency(r->tree, old, size, &proof);
		root = merkle_root_at(r->tree, size);
		return fork_ask(r, by, by == &alien ? r->origin : "log.alien", old, size, &root, &proof);
	}
	return fork_ask(r, &r->log, r->origin, old, size, &root, &proof);
}

struct kept_of {
	const char *origin;
	size_t count;
};

static bool count_kept(void *ctx, const struct witness_kept *k)
{
	struct kept_of *of = ctx;
	of->count += strcmp(k->origin, of->origin) == 0 && k->refused.len && k->cosigned.len && !str_eq(k->refused, k->cosigned);
	return true;
}

static void forks(struct faults *f)
{
	char dir[256];
	struct fault fault;
	struct fork_room r = { .witness = signer_of("witness.test", NOTE_COSIGNATURE, 9) };
	struct merkle_proof none = { .count = 0 };
	scratch(dir);
	CHECK(witness_store_open(dir, true, &r.store, &fault) == ERR_OK, fault.text);
	for (uint64_t i = 0; i < f->count; i++) {
		enum fork kind = (enum fork)(i % FORK_COUNT);
		do
			r.seen = 3 + faults_below(f, 60); /* of a power of two, a row behind it is a true extension */
		while ((r.seen & (r.seen - 1)) == 0);
		r.split = faults_below(f, r.seen - 1);
		snprintf(r.origin, sizeof(r.origin), "log.test/%llu", (unsigned long long)i);
		r.log = signer_of(r.origin, NOTE_ED25519, (uint8_t)(10 + i % 50));
		r.keys = (struct witness_keys){ &r.log.key, 1, &r.witness.key, r.witness.secret };
		fork_trees(f, &r);
		struct hash root = merkle_root_at(r.tree, r.seen);
		CHECK(fork_ask(&r, &r.log, r.origin, 0, r.seen, &root, &none) == WITNESS_SIGNED, "the first checkpoint is cosigned");
		enum witness_status got = fork_try(f, &r, kind);
		struct witness_seen seen;
		CHECK(witness_store_seen(r.store, r.origin, &seen, &fault) == ERR_OK, fault.text);
		struct kept_of kept = { r.origin, 0 };
		CHECK(witness_store_kept(r.store, count_kept, &kept, &fault) == ERR_OK, fault.text);
		bool both = kind == FORK_ORIGIN || kind == FORK_STALE || kept.count == 1;
		faults_check(f, got != WITNESS_SIGNED && seen.size == r.seen && hash_eq(&seen.root, &root) && both, "%s: %d, %zu kept", FORKS[kind],
			(int)got, kept.count);
		merkle_free(r.tree);
		merkle_free(r.other);
	}
	witness_store_close(r.store);
	room_remove(dir);
}

/* --- old copies ----------------------------------------------------------------------------------- */

enum { COPIES = 8, COPY_STEP = 6 };

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	ssize_t n;
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(in >= 0 && out >= 0, "a file is copied");
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		CHECK(write(out, bytes, (size_t)n) == n, "a file is copied");
	close(in);
	close(out);
}

static void copy_dir(const char *from, const char *to)
{
	char a[1024], b[1024];
	struct stat st;
	DIR *d = opendir(from);
	mkdir(to, 0700);
	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(a, sizeof(a), "%.500s/%.255s", from, e->d_name);
		snprintf(b, sizeof(b), "%.500s/%.255s", to, e->d_name);
		if (stat(a, &st) == 0 && S_ISREG(st.st_mode))
			copy_file(a, b);
	}
	closedir(d);
}

/* copies[i]: the directory after (i + 1) * COPY_STEP entries, and beside it another history of the same length by the same node. */
struct copies {
	struct room room;
	char home[256];
	struct witness_store *store;
	struct signer witness;
};

static void grow(struct room *room, int from, int count)
{
	struct runtime *rt;
	struct fault fault;
	struct buf bytes = { 0 };
	CHECK(room_open(room, JOURNAL_CREATE, &rt, &fault) == ERR_OK, fault.text);
	if (!engine_meta(runtime_engine(rt)))
		room_found(room, rt);
	for (int i = 0; i < count; i++) {
		buf_clear(&bytes);
		room_party(room, from + i + 1, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK && item.ordered, fault.text);
	}
	runtime_close(rt);
	buf_free(&bytes);
}

static void copies_make(struct copies *c)
{
	char to[512], keep[256];
	room_begin(&c->room);
	scratch(c->home);
	for (int other = 0; other < 2; other++) {
		struct room r = c->room;
		snprintf(keep, sizeof(keep), "%s", r.dir);
		snprintf(r.dir, sizeof(r.dir), "%.200s/live%d", c->home, other);
		for (int i = 0; i < COPIES; i++) {
			grow(&r, i * COPY_STEP + other * 1000, COPY_STEP);
			snprintf(to, sizeof(to), "%.200s/%d-%d", c->home, other, i);
			copy_dir(r.dir, to);
		}
	}
	c->witness = signer_of("witness.test", NOTE_COSIGNATURE, 9);
}

/* A witness that has seen copy i of the true history. */
static void witness_of(struct copies *c, const char *dir, int i)
{
	char path[600];
	struct buf note = { 0 }, body = { 0 }, out = { 0 };
	struct note_key log;
	struct fault fault;
	enum witness_status status;
	struct witness_store *w;
	snprintf(path, sizeof(path), "%.200s/0-%d/checkpoint", c->home, i);
	CHECK(file_read(path, NOTE_BYTES_MAX, &note, &fault) == ERR_OK, fault.text);
	CHECK(note_key_make(STR("wharf.test"), NOTE_ED25519, c->room.node.public_key, &log, &fault) == ERR_OK, fault.text);
	struct witness_request q = { .checkpoint = buf_view(&note) };
	struct witness_keys keys = { &log, 1, &c->witness.key, c->witness.secret };
	witness_request_format(&q, &body);
	CHECK(witness_store_open(dir, true, &w, &fault) == ERR_OK, fault.text);
	CHECK(witness_store_answer(w, buf_view(&body), &keys, 1, &status, &out, &fault) == ERR_OK && status == WITNESS_SIGNED, fault.text);
	witness_store_close(w);
	buf_free(&note);
	buf_free(&body);
	buf_free(&out);
}

static void write_policy(const struct copies *c, const char *dir, const char *witness)
{
	char path[600];
	struct buf text = { 0 };
	struct fault fault;
	buf_text(&text, "witness w ");
	note_key_format(&c->witness.key, &text);
	buf_printf(&text, " %s\nquorum w\n", witness);
	snprintf(path, sizeof(path), "%.500s/witnesses", dir);
	CHECK(file_write(path, buf_view(&text), 0644, &fault) == ERR_OK, fault.text);
	buf_free(&text);
}

enum back { BACK_CHECKPOINT, BACK_COSIGNED, BACK_WITNESS, BACK_OTHER, BACK_NOBODY, BACK_NONE, BACK_COUNT };
static const char *const BACKS[] = { "the journal alone, its checkpoint is newer", "the journal alone, the cosigned checkpoint is newer",
	"the whole directory, a witness saw more", "another history, a witness saw the true one", "no witness answers", "not an old copy" };

static void rollback_one(struct faults *f, struct copies *c, enum back kind, uint64_t trial)
{
	char dir[512], witness[512], from[600], to[600];
	int newer = 1 + (int)faults_below(f, COPIES - 1), older = (int)faults_below(f, (uint64_t)newer);
	struct room r = c->room;
	struct runtime *rt;
	struct fault fault = { 0 };
	bool other = kind == BACK_OTHER;
	snprintf(dir, sizeof(dir), "%.200s/t%llu", c->home, (unsigned long long)trial);
	snprintf(witness, sizeof(witness), "%.200s/w%llu", c->home, (unsigned long long)trial);
	snprintf(from, sizeof(from), "%.200s/%d-%d", c->home, other, kind == BACK_NONE ? newer : older);
	copy_dir(from, dir);
	if (kind == BACK_CHECKPOINT || kind == BACK_COSIGNED) {
		snprintf(from, sizeof(from), "%.200s/0-%d/checkpoint", c->home, newer);
		snprintf(to, sizeof(to), "%.500s/%s", dir, kind == BACK_CHECKPOINT ? "checkpoint" : "cosigned");
		copy_file(from, to);
	} else {
		write_policy(c, dir, witness);
		if (kind != BACK_NOBODY)
			witness_of(c, witness, other ? older : newer);
	}
	snprintf(r.dir, sizeof(r.dir), "%.255s", dir);
	enum err e = room_open(&r, JOURNAL_WRITE, &rt, &fault);
	bool opens = kind == BACK_NOBODY || kind == BACK_NONE;
	bool warned = e == ERR_OK && runtime_warning(rt)[0];
	bool good = opens ? e == ERR_OK && warned == (kind == BACK_NOBODY) : e == ERR_TAMPERED;
	faults_check(f, good, "%s: %s %s", BACKS[kind], err_name(e), fault.text);
	if (e == ERR_OK)
		runtime_close(rt);
	room_remove(dir);
	room_remove(witness);
}

static void rollbacks(struct faults *f)
{
	struct copies c = { .store = NULL };
	copies_make(&c);
	for (uint64_t i = 0; i < f->count; i++)
		rollback_one(f, &c, (enum back)(i % BACK_COUNT), i);
	room_remove(c.home);
	room_end(&c.room);
}

/* --- exports -------------------------------------------------------------------------------------- */

enum { FILES_MAX = 400 };

struct memory {
	struct {
		char name[EXPORT_NAME_MAX];
		struct buf bytes;
	} files[FILES_MAX];
	size_t count;
};

static struct buf *memory_find(struct memory *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->files[i].name, name) == 0)
			return &m->files[i].bytes;
	return NULL;
}

static enum err memory_read(void *ctx, const char *name, size_t most, struct buf *out, struct fault *fault)
{
	const struct buf *b = memory_find(ctx, name);
	if (!b)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s is missing", name);
	if (b->len > most)
		return fault_set(fault, ERR_LIMIT, 0, 0, "%s is too large", name);
	buf_str(out, buf_view(b));
	return ERR_OK;
}

static void memory_load(struct memory *m, const char *dir, const char *below)
{
	char path[1024];
	struct fault fault;
	struct stat st;
	snprintf(path, sizeof(path), "%.500s/%s", dir, below);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(path, sizeof(path), "%.500s/%s%.255s", dir, below, e->d_name);
		if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || strcmp(e->d_name, "policy") == 0)
			continue;
		CHECK(m->count < FILES_MAX, "room for the files of an export");
		snprintf(m->files[m->count].name, EXPORT_NAME_MAX, "%s%.40s", below, e->d_name);
		CHECK(file_read(path, 1 << 24, &m->files[m->count].bytes, &fault) == ERR_OK, fault.text);
		m->count++;
	}
	closedir(d);
}

static void memory_copy(const struct memory *from, struct memory *to)
{
	to->count = from->count;
	for (size_t i = 0; i < from->count; i++) {
		memcpy(to->files[i].name, from->files[i].name, EXPORT_NAME_MAX);
		buf_clear(&to->files[i].bytes);
		buf_str(&to->files[i].bytes, buf_view(&from->files[i].bytes));
	}
}

static void memory_free(struct memory *m)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		buf_free(&m->files[i].bytes);
	free(m);
}

/* The lines of a manifest that begin with "entry", with their evidence. */
struct lines {
	struct str head, entry[64];
	size_t count;
};

static void lines_of(struct str text, struct lines *out)
{
	const char *at = text.ptr;
	struct str rest = text;
	out->count = 0;
	while (rest.len) {
		struct str line = str_cut(&rest, '\n');
		if (str_starts(line, "entry ")) {
			if (!out->count)
				out->head = (struct str){ at, (size_t)(line.ptr - at) };
			out->entry[out->count++] = (struct str){ line.ptr, 0 };
		}
		if (out->count)
			out->entry[out->count - 1].len = (size_t)(line.ptr + line.len + 1 - out->entry[out->count - 1].ptr);
	}
}

/* A manifest with its entries in this order, not signed: what somebody without the node's key can write. */
static void manifest_forge(struct memory *m, const struct lines *l, const size_t *order, size_t count)
{
	struct buf *b = memory_find(m, EXPORT_MANIFEST);
	struct buf text = { 0 };
	buf_str(&text, l->head);
	for (size_t i = 0; i < count; i++)
		buf_str(&text, l->entry[order[i]]);
	buf_clear(b);
	buf_str(b, buf_view(&text));
	buf_free(&text);
}

enum change { CHANGE_REORDER, CHANGE_MISSING, CHANGE_TWICE, CHANGE_UNSIGNED, CHANGE_SIGNATURE,
	CHANGE_BIT, CHANGE_SWAP, CHANGE_CUT, CHANGE_GONE, CHANGE_SIGNED, CHANGE_COUNT };
static const char *const CHANGES[] = { "reordered", "missing", "duplicated", "manifest without its signature altered", "a signature added",
	"one bit altered", "files of two entries swapped", "a file cut short",
	"a file gone", "the signed manifest altered" };

static void change_bytes(struct faults *f, struct memory *m, enum change kind)
{
	size_t i = faults_below(f, m->count), j;
	struct buf *b = kind == CHANGE_SIGNED ? memory_find(m, EXPORT_MANIFEST) : &m->files[i].bytes;
	if (kind == CHANGE_GONE) {
		m->files[i].name[0] = '?';
	} else if (kind == CHANGE_CUT) {
		b->len = faults_below(f, b->len);
	} else if (kind != CHANGE_SWAP) {
		b->ptr[faults_below(f, b->len)] ^= (char)(1u << faults_below(f, 8));
	} else {
		do
			j = faults_below(f, m->count);
		while (str_eq(buf_view(&m->files[i].bytes), buf_view(&m->files[j].bytes)));
		struct buf keep = m->files[i].bytes;
		m->files[i].bytes = m->files[j].bytes;
		m->files[j].bytes = keep;
	}
}

static void change_order(struct faults *f, struct memory *m, enum change kind, struct str text)
{
	struct lines l;
	size_t order[80], n, a, b;
	lines_of(text, &l);
	for (n = 0; n < l.count; n++)
		order[n] = n;
	a = faults_below(f, n);
	if (kind == CHANGE_REORDER) {
		do
			b = faults_below(f, n);
		while (b == a);
		size_t keep = order[a];
		order[a] = order[b];
		order[b] = keep;
	} else if (kind == CHANGE_MISSING) {
		memmove(order + a, order + a + 1, (n - a - 1) * sizeof(*order));
		n--;
	} else {
		memmove(order + a + 1, order + a, (n - a) * sizeof(*order));
		n++;
	}
	manifest_forge(m, &l, order, n);
}

/* A true signature of a certified key, which the ledger never took. */
static void change_signature(struct faults *f, struct memory *m, const struct room *room)
{
	struct envelope env;
	struct fault fault;
	struct buf *b, again = { 0 };
	do
		b = &m->files[faults_below(f, m->count)].bytes;
	while (envelope_decode(buf_view(b), &env, NULL) != ERR_OK || envelope_sign(&env, room->node.secret, ROOM_BEGUN, &fault) != ERR_OK);
	CHECK(envelope_encode(&env, &again, &fault) == ERR_OK, fault.text);
	buf_clear(b);
	buf_str(b, buf_view(&again));
	buf_free(&again);
}

static void change_unsigned(struct faults *f, struct memory *m, struct str text)
{
	struct buf *b = memory_find(m, EXPORT_MANIFEST);
	buf_clear(b);
	buf_str(b, text);
	b->ptr[faults_below(f, b->len)] ^= (char)(1u << faults_below(f, 8));
}

static void exports(struct faults *f)
{
	struct room room;
	struct runtime *rt;
	char to[300], *words[] = { "ledger", "-d", NULL, "--range", "5", "30", NULL };
	struct cli c;
	struct fault fault;
	struct note note;
	struct memory *whole = calloc(1, sizeof(*whole)), *m = calloc(1, sizeof(*m));
	struct tlog_policy policy;
	struct export_report report;
	struct note_key key;
	room_begin(&room);
	grow(&room, 0, 40);
	CHECK(room_open(&room, JOURNAL_WRITE, &rt, &fault) == ERR_OK && checkpoint_key(runtime_engine(rt), &key, &fault) == ERR_OK, fault.text);
	runtime_close(rt);
	/* Signed as the node would: its key lies in the room's memory, not in a file. */
	snprintf(to, sizeof(to), "%.250s/export", room.dir);
	words[2] = room.dir;
	words[6] = to;
	cli_begin(&c, 7, words);
	/* What it prints is not for this program's output. */
	fflush(stdout);
	int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
	dup2(null, STDOUT_FILENO);
	enum err e = ledger_export(&c, &fault);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(null);
	CHECK(e == ERR_OK, fault.text);
	memory_load(whole, to, "");
	memory_load(whole, to, "entries/");
	struct buf *manifest = memory_find(whole, EXPORT_MANIFEST), text = { 0 };
	buf_str(&text, buf_view(manifest));
	struct signer node;
	CHECK(export_key(&key, &node.key, &fault) == ERR_OK && note_parse(buf_view(manifest), &note, NULL) != ERR_OK, "not signed yet");
	buf_clear(manifest);
	CHECK(note_begin(buf_view(&text), manifest, &fault) == ERR_OK, fault.text);
	note_sign(buf_view(&text), &node.key, room.node.secret, 0, manifest);
	tlog_policy_of_key(&key, &policy);
	CHECK(export_check(memory_read, whole, &policy, &report, &fault) == ERR_OK, fault.text);
	for (uint64_t i = 0; i < f->count; i++) {
		enum change kind = (enum change)(i % CHANGE_COUNT);
		memory_copy(whole, m);
		if (kind <= CHANGE_TWICE)
			change_order(f, m, kind, buf_view(&text));
		else if (kind == CHANGE_UNSIGNED)
			change_unsigned(f, m, buf_view(&text));
		else if (kind == CHANGE_SIGNATURE)
			change_signature(f, m, &room);
		else
			change_bytes(f, m, kind);
		fault.text[0] = '\0';
		e = export_check(memory_read, m, &policy, &report, &fault);
		faults_check(f, e != ERR_OK && fault.text[0], "%s: accepted", CHANGES[kind]);
	}
	buf_free(&text);
	memory_free(whole);
	memory_free(m);
	room_end(&room);
}

/* --- memory --------------------------------------------------------------------------------------- */

/* With the address sanitizer a process may not look at all of its own memory: only leaves under a growing tree are changed then. */
#ifdef __SANITIZE_ADDRESS__
enum { PLACES_MAX = 64, MEMORY_WATCHED = 1 };
#else
enum { PLACES_MAX = 64, MEMORY_WATCHED = 0 };
#endif

/* Where 32 bytes lie in the writable memory of this process, its stack apart. */
static size_t find_places(const void *bytes, size_t len, uint8_t *places[PLACES_MAX])
{
	char line[512];
	size_t n = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char rights[8];
		if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || strncmp(rights, "rw-p", 4) != 0 || strstr(line, "[stack]") || strstr(line, ".so"))
			continue;
		for (uint8_t *at = (uint8_t *)from, *end = (uint8_t *)to; n < PLACES_MAX && (at = memmem(at, (size_t)(end - at), bytes, len)); at++)
			places[n++] = at;
	}
	if (maps)
		fclose(maps);
	return n;
}

/* What lies in memory between hashing and signing: a leaf, a node above, bytes of an envelope that was read. */
static bool pick_bytes(struct faults *f, struct runtime *rt, uint64_t from, uint8_t out[HASH_SIZE])
{
	const struct merkle *t = engine_tree(runtime_engine(rt));
	uint64_t size = merkle_size(t), n = from + faults_below(f, size - from);
	struct hash h;
	if (faults_below(f, 3)) {
		h = merkle_leaf_at(t, n);
	} else { /* a complete subtree of two or four leaves at the right edge */
		struct merkle_proof p;
		if (!merkle_prove_inclusion(t, n, size, &p) || p.count < 2)
			return false;
		h = p.hashes[1 + faults_below(f, p.count - 1)];
	}
	memcpy(out, h.bytes, HASH_SIZE);
	return true;
}

/* A leaf that was changed after it was hashed and before the tree grew over it: all above it is made of the wrong bits. */
static bool flip_under(struct faults *f, struct runtime *rt, uint64_t from)
{
	const struct merkle *t = engine_tree(runtime_engine(rt));
	uint64_t size = merkle_size(t), at = faults_below(f, size);
	struct merkle *wrong = merkle_new();
	struct hash root, before = merkle_root_at(t, from);
	struct fault fault;
	for (uint64_t i = 0; i < size; i++) {
		struct hash h = merkle_leaf_at(t, i);
		if (i == at)
			h.bytes[faults_below(f, HASH_SIZE)] ^= (uint8_t)(1u << faults_below(f, 8));
		merkle_append(wrong, &h);
	}
	enum err e = checkpoint_recompute(wrong, runtime_journal(rt), from, &before, size, &root, &fault);
	merkle_free(wrong);
	return e == ERR_TAMPERED;
}

static void flips(struct faults *f)
{
	struct room room;
	struct runtime *rt;
	struct fault fault;
	struct buf bytes = { 0 }, note = { 0 };
	uint64_t caught = 0;
	room_begin(&room);
	grow(&room, 0, 20);
	CHECK(room_open(&room, JOURNAL_WRITE, &rt, &fault) == ERR_OK, fault.text);
	struct engine *e = runtime_engine(rt);
	uint64_t from = merkle_size(engine_tree(e));
	for (int i = 0; i < 60; i++) {
		buf_clear(&bytes);
		room_party(&room, 100 + i, &bytes);
		struct runtime_item item = { .envelope = buf_view(&bytes) };
		CHECK(runtime_submit(rt, &item, 1, &fault) == ERR_OK && item.ordered, fault.text);
	}
	struct hash root = merkle_root(engine_tree(e));
	for (uint64_t i = 0; i < f->count; i++) {
		uint8_t want[HASH_SIZE], *places[PLACES_MAX];
		struct checkpoint says;
		if (MEMORY_WATCHED || i % 2) {
			bool good = flip_under(f, rt, from);
			caught += good;
			faults_check(f, good, "a tree over a changed leaf was taken");
			continue;
		}
		if (!pick_bytes(f, rt, from, want)) {
			f->dice++;
			i--;
			continue;
		}
		size_t n = find_places(want, sizeof(want), places);
		if (!n) {
			i--; /* a node that is made when it is asked for lies nowhere */
			continue;
		}
		uint8_t *place = places[faults_below(f, n)] + faults_below(f, HASH_SIZE), bit = (uint8_t)(1u << faults_below(f, 8));
		*place ^= bit;
		buf_clear(&note);
		enum err got = checkpoint_make(e, runtime_journal(rt), room.node.secret, &note, &fault);
		struct note parsed;
		bool right = got == ERR_OK && note_parse(buf_view(&note), &parsed, NULL) == ERR_OK && checkpoint_parse(parsed.text, &says, NULL) == ERR_OK
			&& hash_eq(&says.root, &root);
		*place ^= bit;
		caught += got == ERR_TAMPERED;
		faults_check(f, got == ERR_TAMPERED || right, "%s: a wrong root was signed", err_name(got));
	}
	printf("  memory-flips: %llu of %llu refused to sign, the others signed the right root\n", (unsigned long long)caught, (unsigned long long)f->count);
	buf_clear(&note);
	CHECK(checkpoint_make(e, runtime_journal(rt), room.node.secret, &note, &fault) == ERR_OK, fault.text);
	runtime_close(rt);
	buf_free(&bytes);
	buf_free(&note);
	room_end(&room);
}

/* --- a witness that is killed ---------------------------------------------------------------------- */

static const char *die_at;
static uint64_t die_after;

static void die(void *ctx, const char *point)
{
	(void)ctx;
	if (strcmp(point, die_at) == 0 && die_after-- == 0)
		kill(getpid(), SIGKILL);
}

static void killed(struct faults *f)
{
	static const char *const POINTS[] = { "begin", "judged", "written", "durable" };
	char dir[256];
	struct fault fault;
	struct witness_seen seen = { 0 };
	struct fork_room r = { .witness = signer_of("witness.test", NOTE_COSIGNATURE, 9), .log = signer_of("log.test", NOTE_ED25519, 10), .seen = 4000, .split = 1 };
	snprintf(r.origin, sizeof(r.origin), "log.test");
	r.keys = (struct witness_keys){ &r.log.key, 1, &r.witness.key, r.witness.secret };
	fork_trees(f, &r);
	scratch(dir);
	for (uint64_t i = 0; i < f->count; i++) {
		uint64_t said = 0, one;
		int pipes[2], how;
		die_at = POINTS[faults_below(f, 4)];
		die_after = faults_below(f, 3);
		CHECK(pipe(pipes) == 0, "a pipe");
		fflush(stdout);
		pid_t child = fork();
		if (child == 0) {
			CHECK(witness_store_open(dir, true, &r.store, &fault) == ERR_OK, fault.text);
			witness_store_set_probe(r.store, die, NULL);
			for (uint64_t size = seen.size;; size++) {
				struct merkle_proof proof;
				struct hash root = merkle_root_at(r.tree, size + 1);
				merkle_prove_consistency(r.tree, size, size + 1, &proof);
				if (fork_ask(&r, &r.log, r.origin, size, size + 1, &root, &proof) != WITNESS_SIGNED)
					_exit(1);
				one = size + 1;
				CHECK(write(pipes[1], &one, sizeof(one)) == sizeof(one), "the answer goes out");
			}
		}
		close(pipes[1]);
		while (read(pipes[0], &one, sizeof(one)) == sizeof(one))
			said = one;
		close(pipes[0]);
		waitpid(child, &how, 0);
		CHECK(witness_store_open(dir, true, &r.store, &fault) == ERR_OK && witness_store_seen(r.store, r.origin, &seen, &fault) == ERR_OK, fault.text);
		witness_store_close(r.store);
		struct hash root = merkle_root_at(r.tree, seen.size);
		faults_check(f, WIFSIGNALED(how) && said <= seen.size && (seen.size == 0 || hash_eq(&root, &seen.root)), "killed at %s: said %llu, remembers %llu",
			die_at, (unsigned long long)said, (unsigned long long)seen.size);
	}
	merkle_free(r.tree);
	merkle_free(r.other);
	room_remove(dir);
}

int main(int argc, char **argv)
{
	static const struct fault_case CASES[] = {
		{ "forks", "a witness refuses each fork and keeps both notes", 60, 500, forks },
		{ "rollbacks", "an old copy is refused when anybody has seen more, warned of when nobody answers", 30, 200, rollbacks },
		{ "exports", "an export with entries reordered, missing, duplicated or altered is refused", 800, 10000, exports },
		{ "memory-flips", "no root is signed that the stored bytes do not give", 100, 1000, flips },
		{ "witness-killed", "nothing that was answered is forgotten", 20, 200, killed },
	};
	CHECK(sodium_init() >= 0, "sodium starts");
	return faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
}
