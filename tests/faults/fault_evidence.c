/* Evidence under attack: hostile files, a vault that was touched, deaths and failures at every change of a file, and who can
 * open what against a model.
 *
 * Must remain true: what is no plain file is never taken, what changed is never kept, no plaintext is given that does not
 * have the ledger's digest, no entry names bytes that are not there, what was destroyed stays closed. */
#include "faults.h"
#include "ledger_room.h"
#include "shim.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "app/evidence_peer.h"
#include "hostile_peer.h"
#include "ledger/piece.h"

/* What the shim does not have, and the vault uses. */
int renameat(int from, const char *a, int to, const char *b)
{
	return shim_fd(to) && shim_fails("renameat", true) ? -1 : (int)syscall(SYS_renameat, from, a, to, b);
}
int mkdirat(int dir, const char *path, mode_t mode)
{
	return shim_fd(dir) && shim_fails("mkdirat", true) ? -1 : (int)syscall(SYS_mkdirat, dir, path, mode);
}

enum { PARTIES = 6, AUDITOR = 5 };
static char base[300]; /* a directory of this run, in memory where that is possible */
static struct key_pair pairs[PARTIES];
static struct fault fault;

static const char *at(const char *name)
{
	static char path[4][600];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

static const char *party(int n)
{
	static char id[PARTIES][8];
	snprintf(id[n], sizeof(id[n]), "PARTY%d", n);
	return id[n];
}

static void write_file(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "wb");
	CHECK(f && fwrite(bytes, 1, len, f) == len && fclose(f) == 0, "a file for the test");
}

static void write_dice(struct faults *f, const char *path, size_t len)
{
	uint64_t *words = malloc(len + 8);
	for (size_t i = 0; i < len / 8 + 1; i++)
		words[i] = faults_dice(f);
	write_file(path, words, len);
	free(words);
}

static bool same(const char *a, const char *b)
{
	struct buf x[2] = { { 0 }, { 0 } };
	char piece[65536];
	const char *paths[] = { a, b };
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(paths[i], "rb");
		for (size_t n; f && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
			buf_add(&x[i], piece, n);
		if (f)
			fclose(f);
	}
	bool equal = x[0].len == x[1].len && x[0].len && memcmp(x[0].ptr, x[1].ptr, x[0].len) == 0;
	buf_free(&x[0]);
	buf_free(&x[1]);
	return equal;
}

static void fresh_dir(const char *path)
{
	room_remove(path);
	CHECK(mkdir(path, 0700) == 0, "a directory for the test");
}

static bool nothing(void *ctx, const struct hash *m, const struct hash *reader)
{
	(void)ctx;
	(void)m;
	(void)reader;
	return false;
}

/* --- hostile files ---------------------------------------------------------------------------------- */

enum hostile { H_LINK, H_LINK_DIR, H_LINK_GONE, H_FIFO, H_SOCKET, H_NULL, H_ZERO, H_DIR, H_EMPTY, H_GONE, H_TRAVERSAL, H_ESCAPE, H_BIDI,
	H_NEWLINE, H_LATIN, H_LONG, H_APPEND, H_SHRINK, H_REWRITE, H_SPARSE, H_BOMB, H_NO_ROOM, H_KINDS, H_HUGE = H_KINDS };

static struct {
	int fd, left;
	enum hostile kind;
	struct faults *f;
} meddle;

/* Changes the file while it is read, at a step chosen by dice. */
static void meddler(void *ctx, const char *point)
{
	(void)ctx;
	if (strcmp(point, "named") && strcmp(point, "chunks"))
		return;
	if (meddle.left-- != 0)
		return;
	struct stat st;
	char byte = 0;
	CHECK(fstat(meddle.fd, &st) == 0, "the file is there");
	off_t where = (off_t)faults_below(meddle.f, (uint64_t)st.st_size);
	bool done = meddle.kind == H_APPEND ? pwrite(meddle.fd, "x", 1, st.st_size) == 1
		: meddle.kind == H_SHRINK ? ftruncate(meddle.fd, where) == 0
		: pread(meddle.fd, &byte, 1, where) == 1 && (byte ^= 1, pwrite(meddle.fd, &byte, 1, where) == 1);
	CHECK(done, "the file is changed");
}

static const char *hostile_make(struct faults *f, enum hostile kind)
{
	static const char *const names[] = { [H_ESCAPE] = "\x1b]0;owned\a\x1b[2J\x9b" "31m.pdf", [H_BIDI] = "inv\xe2\x80\xae" "gpj.exe",
		[H_NEWLINE] = "a\nentry 7: paid\r\t.pdf", [H_LATIN] = "\xff\xc0\xaf\xed\xa0\x80.pdf" };
	static char path[900];
	snprintf(path, sizeof(path), "%s/in/f%llu", base, (unsigned long long)f->done);
	size_t size = 1 + (size_t)faults_below(f, 3u << 20);
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;
	switch (kind) {
	case H_LINK: write_file(at("target"), "x", 1); CHECK(symlink(at("target"), path) == 0, "a link"); break;
	case H_LINK_DIR: CHECK(symlink(base, path) == 0, "a link"); break;
	case H_LINK_GONE: CHECK(symlink("/nowhere", path) == 0, "a link"); break;
	case H_FIFO: CHECK(mkfifo(path, 0600) == 0, "a pipe"); break;
	case H_SOCKET:
		snprintf(to.sun_path, sizeof(to.sun_path), "%.100s", path);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0, "a socket");
		close(fd);
		break;
	case H_NULL: return "/dev/null";
	case H_ZERO: return faults_below(f, 2) ? "/dev/zero" : "/dev/tty";
	case H_DIR: CHECK(mkdir(path, 0700) == 0, "a directory"); break;
	case H_EMPTY: write_file(path, "", 0); break;
	case H_GONE: break;
	case H_TRAVERSAL:
		write_dice(f, path, size);
		snprintf(path, sizeof(path), "%s/in/../../%s/in/../in//f%llu", base, strrchr(base, '/') + 1, (unsigned long long)f->done);
		break;
	case H_ESCAPE: case H_BIDI: case H_NEWLINE: case H_LATIN:
		snprintf(path, sizeof(path), "%s/in/%s", base, names[kind]);
		write_dice(f, path, size);
		break;
	case H_LONG:
		snprintf(path, sizeof(path), "%s/in/%0250d", base, 7);
		write_dice(f, path, size);
		break;
	case H_SPARSE: case H_BOMB: /* holes, and what would unpack to more than there is room for: bytes are bytes */
		write_file(path, "PK\3\4", 4);
		CHECK(truncate(path, (off_t)((8 + faults_below(f, 24)) << 20)) == 0, "holes");
		break;
	default: write_dice(f, path, size + 1000); break;
	}
	return path;
}

/* Put, and taken out again: the same bytes, under a name that does nothing. */
static bool accepted(struct vault *v, int fd, const char *path, char why[200])
{
	struct vault_put p;
	char name[SEALED_NAME_MAX];
	sealed_name(str_of(path), name);
	enum err e = vault_put(v, fd, name, &p, &fault);
	int out = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (e == ERR_OK)
		e = vault_get(v, &p.key, &p.digest, out, &fault);
	close(out);
	snprintf(why, 200, "%.190s", e == ERR_OK ? "the copy or the name is not what it should be" : fault.text);
	return e == ERR_OK && same(path, at("out")) && sealed_name_valid(str_of(name)) && !strpbrk(name, "/\n\r\t\x1b");
}

static bool no_room(struct vault *v, int fd)
{
	pid_t pid = fork();
	int status = 0;
	if (pid == 0) {
		struct rlimit limit = { 100, 100 };
		struct vault_put p;
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		enum err e = vault_put(v, fd, "f", &p, &fault);
		_exit(e == ERR_FULL ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void hostile_one(struct faults *f, enum hostile kind)
{
	struct vault *v;
	struct vault_report r;
	struct vault_put p;
	uint64_t size;
	char why[200] = "";
	int fd = -1;
	fresh_dir(at("in"));
	fresh_dir(at("v"));
	CHECK(vault_open(at("v"), true, &v, &fault) == ERR_OK, "a vault");
	const char *path = hostile_make(f, kind);
	alarm(60); /* nothing may wait for the other end of a pipe */
	enum err e = vault_source(path, &fd, &size, &fault);
	bool taken = kind >= H_TRAVERSAL, good = (e == ERR_OK) == taken;
	bool meddles = kind >= H_APPEND && kind <= H_REWRITE;
	snprintf(why, sizeof(why), "%s: %.150s", taken ? "not taken" : "taken", e == ERR_OK ? "" : fault.text);
	if (good && meddles) {
		meddle.fd = open(path, O_RDWR);
		meddle.left = (int)faults_below(f, 2);
		meddle.kind = kind;
		meddle.f = f;
		vault_set_probe(v, meddler, NULL);
		good = vault_put(v, fd, "f", &p, &fault) == ERR_REFUSED;
		snprintf(why, sizeof(why), "it changed while it was read, and was kept");
		close(meddle.fd);
	} else if (good && kind == H_NO_ROOM) {
		good = no_room(v, fd);
		snprintf(why, sizeof(why), "no room, and it was not said");
	} else if (good && taken) {
		good = accepted(v, fd, path, why);
	}
	if (good && (!taken || meddles || kind == H_NO_ROOM)) {
		good = vault_sweep(v, nothing, NULL, -5, false, &r, &fault) == ERR_OK && r.orphans == 0;
		snprintf(why, sizeof(why), "%llu pieces are left behind", (unsigned long long)r.orphans);
	}
	alarm(0);
	faults_check(f, good, "kind %d: %s", (int)kind, why);
	if (fd >= 0)
		close(fd);
	vault_close(v);
}

static void run_hostile(struct faults *f)
{
	for (uint64_t i = 0; i < f->count; i++)
		hostile_one(f, (enum hostile)(i % H_KINDS));
}

/* More than 4 GiB of holes, and what 32 bits would not count. */
static void run_huge(struct faults *f)
{
	struct rusage before, after;
	struct vault *v;
	struct vault_put p;
	uint64_t size = 0;
	int fd = -1;
	fresh_dir(at("v"));
	write_file(at("huge"), "x", 1);
	CHECK(truncate(at("huge"), (4ll << 30) + 4321) == 0 && vault_open(at("v"), true, &v, &fault) == ERR_OK, "a large file");
	getrusage(RUSAGE_SELF, &before);
	enum err e = vault_source(at("huge"), &fd, &size, &fault);
	if (e == ERR_OK)
		e = vault_put(v, fd, "huge", &p, &fault);
	if (e == ERR_OK) {
		int out = open("/dev/null", O_WRONLY);
		e = vault_get(v, &p.key, &p.digest, out, &fault);
		close(out);
	}
	getrusage(RUSAGE_SELF, &after);
	faults_check(f, e == ERR_OK && p.size == (4ull << 30) + 4321 && after.ru_maxrss - before.ru_maxrss < 32 * 1024, "%s, %ld KiB more memory",
		e == ERR_OK ? "it went" : fault.text, after.ru_maxrss - before.ru_maxrss);
	close(fd);
	vault_close(v);
	fresh_dir(at("v"));
	unlink(at("huge"));
}

/* --- a vault that was touched ------------------------------------------------------------------------- */

enum { ITEMS = 2, CHUNKS = 3 };
struct touched {
	struct vault *v;
	struct vault_put put[ITEMS];
	struct hash box[ITEMS][2], reader[2];
};

static void touched_begin(struct faults *f, struct touched *t)
{
	fresh_dir(at("v"));
	CHECK(vault_open(at("v"), true, &t->v, &fault) == ERR_OK, "a vault");
	for (int i = 0; i < ITEMS; i++) {
		write_dice(f, at(i ? "in1" : "in0"), (CHUNKS - 1) * SEALED_CHUNK + 5000 + (size_t)i);
		int fd = open(at(i ? "in1" : "in0"), O_RDONLY);
		CHECK(vault_put(t->v, fd, "f", &t->put[i], &fault) == ERR_OK, "it is put");
		close(fd);
		for (int r = 0; r < 2; r++) {
			memcpy(t->reader[r].bytes, pairs[r].public_key, HASH_SIZE);
			CHECK(vault_box_put(t->v, &t->put[i].key, &t->reader[r], &t->box[i][r], &fault) == ERR_OK, "it is sealed");
		}
	}
}

static void hex_path(const struct touched *t, int item, int piece, char out[700])
{
	char hex[HASH_HEX_MAX], reader[HASH_HEX_MAX];
	struct buf bytes = { 0 };
	struct sealed_manifest m;
	const struct hash *manifest = &t->put[item].key.manifest;
	hex_of(manifest->bytes, HASH_SIZE, hex);
	snprintf(out, 700, "%s/v/evidence/%.2s/%s.m", base, hex, hex);
	if (piece < CHUNKS) { /* a chunk: the manifest says which */
		char room[4096];
		FILE *f = fopen(out, "rb");
		buf_add(&bytes, room, f ? fread(room, 1, sizeof(room), f) : 0);
		if (f)
			fclose(f);
		CHECK(sealed_manifest_decode(buf_view(&bytes), &m, &fault) == ERR_OK, "a manifest");
		hex_of(m.chunks + piece * HASH_SIZE, HASH_SIZE, hex);
		snprintf(out, 700, "%s/v/evidence/%.2s/%s", base, hex, hex);
		buf_free(&bytes);
	} else if (piece > CHUNKS) { /* a box */
		snprintf(out, 700, "%s/v/evidence/keys/%s/%s", base, hex, hex_of(t->reader[piece - CHUNKS - 1].bytes, HASH_SIZE, reader));
	}
}

/* What was done, in words, and undone by doing it again. */
static const char *touch(struct faults *f, const char *a, const char *b, int how)
{
	char kept[720], byte;
	struct stat st;
	snprintf(kept, sizeof(kept), "%s.kept", a);
	CHECK(stat(a, &st) == 0 && syscall(SYS_rename, a, kept) == 0, "a piece is there");
	if (how == 0)
		return "taken away";
	if (how == 1 || how == 4) { /* another's place: a copy under this name */
		char command[1600];
		snprintf(command, sizeof(command), "cp '%s' '%s'", how == 1 ? b : kept, a);
		CHECK(system(command) == 0, "a copy");
		if (how == 1)
			return "swapped";
		off_t where = (off_t)faults_below(f, (uint64_t)st.st_size);
		int fd = open(a, O_RDWR);
		CHECK(pread(fd, &byte, 1, where) == 1, "a byte");
		byte = (char)(byte ^ (1 << faults_below(f, 8)));
		CHECK(pwrite(fd, &byte, 1, where) == 1, "a byte");
		close(fd);
		return "a bit turned";
	}
	if (how == 2) {
		CHECK(symlink(kept, a) == 0, "a link");
		return "a link in its place";
	}
	char command[1600];
	snprintf(command, sizeof(command), "head -c %llu '%s' > '%s'", (unsigned long long)faults_below(f, (uint64_t)st.st_size), kept, a);
	CHECK(system(command) == 0, "cut");
	return "cut short";
}

static void untouch(const char *a)
{
	char kept[720];
	snprintf(kept, sizeof(kept), "%s.kept", a);
	unlink(a);
	CHECK(syscall(SYS_rename, kept, a) == 0, "it is put back");
}

static enum err open_as(struct touched *t, int item, int reader)
{
	struct sealed_key key;
	int fd = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	enum err e = vault_box_open(t->v, &t->put[item].key.manifest, &t->box[item][reader], pairs[reader].secret, &key, &fault);
	if (e == ERR_OK)
		e = vault_get(t->v, &key, &t->put[item].digest, fd, &fault);
	close(fd);
	return e;
}

static void run_touched(struct faults *f)
{
	struct touched t;
	touched_begin(f, &t);
	for (uint64_t i = 0; i < f->count; i++) {
		char a[700], b[700];
		int item = (int)faults_below(f, ITEMS), piece = (int)faults_below(f, CHUNKS + 3), how = (int)faults_below(f, 5);
		/* with what it is swapped: the same kind of piece, of the other item or, of chunks, of this one too */
		bool inside = piece < CHUNKS && faults_below(f, 2);
		hex_path(&t, item, piece, a);
		hex_path(&t, inside ? item : !item, inside ? (piece + 1) % CHUNKS : piece, b);
		const char *what = touch(f, a, b, how);
		fault.text[0] = '\0';
		enum err e = open_as(&t, item, piece == CHUNKS + 2 ? 1 : 0);
		bool named = (e == ERR_TAMPERED || e == ERR_NOT_FOUND || e == ERR_DENIED) && fault.text[0];
		untouch(a);
		bool again = open_as(&t, item, 0) == ERR_OK && same(at(item ? "in1" : "in0"), at("out"));
		faults_check(f, named && again, "item %d piece %d %s: %s, %s%s", item, piece, what, err_name(e), fault.text,
			again ? "" : "; and not whole again afterwards");
	}
	vault_close(t.v);
}

/* Manifests that list chunks in another order, twice or not at all, correctly named: only the seal can tell. */
static void run_reordered(struct faults *f)
{
	struct touched t;
	touched_begin(f, &t);
	for (uint64_t i = 0; i < f->count; i++) {
		struct buf bytes = { 0 }, made = { 0 };
		struct sealed_manifest m;
		char path[700], room[4096], hex[HASH_HEX_MAX];
		uint8_t chunks[CHUNKS * HASH_SIZE];
		hex_path(&t, 0, CHUNKS, path);
		FILE *in = fopen(path, "rb");
		buf_add(&bytes, room, fread(room, 1, sizeof(room), in));
		fclose(in);
		CHECK(sealed_manifest_decode(buf_view(&bytes), &m, &fault) == ERR_OK, "a manifest");
		memcpy(chunks, m.chunks, sizeof(chunks));
		m.chunks = chunks;
		int how = (int)(i % 4);
		if (how == 0) /* two change places */
			for (int b = 0; b < HASH_SIZE; b++) {
				uint8_t keep = chunks[b];
				chunks[b] = chunks[HASH_SIZE + b];
				chunks[HASH_SIZE + b] = keep;
			}
		else if (how == 1) /* one stands twice */
			memcpy(chunks, chunks + HASH_SIZE, HASH_SIZE);
		else if (how == 2) { /* the last is left out */
			m.count--;
			m.size = (uint64_t)m.count * SEALED_CHUNK;
		} else
			m.header[faults_below(f, SEALED_HEADER_SIZE)] ^= (uint8_t)(1 + faults_below(f, 255));
		sealed_manifest_encode(&m, &made);
		struct sealed_key key = t.put[0].key;
		key.manifest = hash_of(made.ptr, made.len);
		hex_of(key.manifest.bytes, HASH_SIZE, hex);
		snprintf(path, sizeof(path), "%s/v/evidence/%.2s", base, hex);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/v/evidence/%.2s/%s.m", base, hex, hex);
		write_file(path, made.ptr, made.len);
		int fd = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
		enum err e = vault_get(t.v, &key, &t.put[0].digest, fd, &fault);
		close(fd);
		faults_check(f, e == ERR_TAMPERED, "how %d: %s", how, err_name(e));
		unlink(path);
		buf_free(&bytes);
		buf_free(&made);
	}
	vault_close(t.v);
}

/* --- a ledger with parties ----------------------------------------------------------------------------- */

static void ledger_begin(struct room *r)
{
	struct runtime *rt;
	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "%.200s/l", base);
	room_remove(r->dir);
	room_keys(r);
	r->clock = ROOM_BEGUN;
	CHECK(room_open(r, JOURNAL_CREATE, &rt, &fault) == ERR_OK, "a ledger");
	room_found(r, rt);
	for (int i = 0; i < PARTIES; i++) {
		struct party p = { .kind = i == AUDITOR ? PARTY_REG : PARTY_SUP };
		snprintf(p.id, sizeof(p.id), "%s", party(i));
		snprintf(p.name, sizeof(p.name), "%s", party(i));
		memcpy(p.key.bytes, pairs[i].public_key, HASH_SIZE);
		room_must(r, rt, EVENT_PARTY, &p, ROOM_BEGUN + i);
	}
	runtime_close(rt);
}

static struct evidence_actor actor(struct runtime *rt, int n)
{
	struct evidence_actor a;
	if (evidence_actor(rt, pairs[n].secret, &a, &fault) != ERR_OK)
		memset(&a, 0, sizeof(a));
	return a;
}

static enum err add(struct runtime *rt, int by, const char *path, const char *readers, char id[ID_MAX])
{
	struct evidence_add what = { .path = path, .deal = "", .readers = readers, .confidence = 1000 };
	struct evidence_actor a = actor(rt, by);
	uint64_t entry;
	return a.runtime ? evidence_add(&a, &what, id, &entry, &fault) : ERR_UNKNOWN;
}

/* --- deaths and failures -------------------------------------------------------------------------------- */

static struct shared {
	volatile uint64_t calls;
	volatile bool put, granted, shredded;
	char id[2][ID_MAX];
} *shared;

/* Puts an item, grants it, takes it out, destroys another. */
static void working(struct room *r, enum shim_mode mode, uint64_t call)
{
	struct runtime *rt;
	uint64_t entry;
	shim_arm(r->dir, mode, call);
	if (room_open(r, JOURNAL_WRITE, &rt, &fault) != ERR_OK)
		return;
	shared->put = add(rt, 0, at("in0"), "PARTY1", shared->id[0]) == ERR_OK;
	struct evidence_actor a = actor(rt, 0);
	if (shared->put && a.runtime) {
		shared->granted = evidence_grant(&a, shared->id[0], "PARTY2", &entry, &fault) == ERR_OK;
		(void)evidence_save(&a, shared->id[0], at("l/out"), "look", &entry, &fault);
	}
	if (a.runtime)
		shared->shredded = evidence_shred(&a, shared->id[1], "for the test", &entry, &fault) == ERR_OK;
	shared->calls = shim.calls;
	runtime_close(rt);
}

static bool opens(struct runtime *rt, int who, const char *id, const char *want)
{
	uint64_t entry;
	struct evidence_actor a = actor(rt, who);
	unlink(at("out"));
	enum err e = evidence_save(&a, id, at("out"), NULL, &entry, &fault);
	return e == ERR_OK && same(at("out"), want);
}

/* Destructions are finished at once, whatever the grace of orphans. */
static bool destroyed_are_gone(struct room *r, struct runtime *rt)
{
	struct evidence_check k;
	struct vault *v;
	bool gone = true;
	if (evidence_check(rt, r->dir, false, 86400, true, &k, &fault) != ERR_OK || vault_open(r->dir, false, &v, &fault) != ERR_OK)
		return false;
	TAB_FOR(item, i, engine_tabs(runtime_engine(rt)), &ITEM_REC, "")
		gone = gone && (!i->shredded_at || !vault_left(v, &i->manifest));
	vault_close(v);
	return gone;
}

/* What must hold afterwards; the words of what does not. */
static const char *judge(struct room *r)
{
	struct runtime *rt;
	struct evidence_check k;
	const char *bad = NULL;
	if (room_open(r, JOURNAL_WRITE, &rt, &fault) != ERR_OK)
		return "it does not open";
	if (!destroyed_are_gone(r, rt))
		bad = "what was destroyed is still there";
	else if (evidence_check(rt, r->dir, true, -5, true, &k, &fault) != ERR_OK || k.broken || k.absent || k.boxes_absent)
		bad = "an entry names what is not there";
	else if (evidence_check(rt, r->dir, true, -5, false, &k, &fault) != ERR_OK || k.vault.orphans || k.finished)
		bad = "something is left after the check";
	TAB_FOR(item, i, engine_tabs(runtime_engine(rt)), &ITEM_REC, "")
		if (!bad && !i->shredded_at && !opens(rt, 0, i->id, at(strcmp(i->id, shared->id[1]) ? "in0" : "in1")))
			bad = "it does not open any more";
	const struct item *second = tab_get(engine_tabs(runtime_engine(rt)), &ITEM_REC, shared->id[1]);
	if (!bad && shared->put && !tab_get(engine_tabs(runtime_engine(rt)), &ITEM_REC, shared->id[0]))
		bad = "what was acknowledged is not on the ledger";
	if (!bad && shared->granted && !opens(rt, 2, shared->id[0], at("in0")))
		bad = "who was granted cannot open";
	if (!bad && shared->shredded && (!second || !second->shredded_at))
		bad = "what was destroyed is not";
	runtime_close(rt);
	return bad;
}

static void death(struct faults *f, struct room *r, enum shim_mode mode, uint64_t call)
{
	char command[900];
	int status = 0;
	room_remove(r->dir);
	snprintf(command, sizeof(command), "cp -a '%s' '%s'", at("ready"), r->dir);
	CHECK(system(command) == 0, "a copy of the ledger");
	shared->put = shared->granted = shared->shredded = false;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		working(r, mode, call);
		_exit(0);
	}
	bool ended = waitpid(pid, &status, 0) == pid && (WIFEXITED(status) || mode == SHIM_KILL);
	const char *bad = ended ? judge(r) : "it died";
	faults_check(f, !bad, "call %llu %s: %s (%s)", (unsigned long long)call, SHIM_NAMES[mode], bad ? bad : "", fault.text);
}

static void run_deaths(struct faults *f)
{
	struct room r;
	struct runtime *rt;
	char command[900];
	ledger_begin(&r);
	write_dice(f, at("in0"), SEALED_CHUNK + 5000);
	write_dice(f, at("in1"), SEALED_CHUNK + 9000);
	CHECK(room_open(&r, JOURNAL_WRITE, &rt, &fault) == ERR_OK && add(rt, 0, at("in1"), "PARTY1", shared->id[1]) == ERR_OK, "an item");
	runtime_close(rt);
	room_remove(at("ready"));
	snprintf(command, sizeof(command), "cp -a '%s' '%s'", r.dir, at("ready"));
	CHECK(system(command) == 0, "a copy of the ledger");
	death(f, &r, SHIM_COUNT, 0);
	uint64_t calls = shared->calls, all = calls * 3, count = f->count == UINT64_MAX ? all : f->count;
	printf("  %llu calls change files\n", (unsigned long long)calls);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t n = f->count == UINT64_MAX ? i : faults_below(f, all);
		death(f, &r, (enum shim_mode)(SHIM_KILL + n % 3), 1 + n / 3);
	}
	f->count = count;
}

/* --- who can open what, against a model ------------------------------------------------------------------ */

enum { MODEL_ITEMS = 6, STEPS = 14 };
struct model {
	char id[ID_MAX], path[64];
	int owner;
	unsigned readers;
	bool shredded;
	int64_t reads;
};

static const char *model_step(struct faults *f, struct runtime *rt, struct model *m, int *count, unsigned *serial)
{
	int act = (int)faults_below(f, 10), p = (int)faults_below(f, PARTIES - 1), q = (int)faults_below(f, PARTIES);
	struct model *x = *count ? &m[faults_below(f, (uint64_t)*count)] : NULL;
	struct evidence_actor a = actor(rt, p), b = actor(rt, q);
	uint64_t entry = 0;
	char text[80];
	if (!x || (act < 2 && *count < MODEL_ITEMS)) {
		x = &m[(*count)++];
		*x = (struct model){ .owner = p, .readers = 1u << p | 1u << q };
		snprintf(x->path, sizeof(x->path), "item%d", *count);
		snprintf(text, sizeof(text), "content %u", ++*serial);
		write_file(at(x->path), text, strlen(text));
		return add(rt, p, at(x->path), party(q), x->id) == ERR_OK ? NULL : "it was not put";
	}
	if (act < 5) {
		bool want = !x->shredded && x->readers >> p & 1u && !(x->readers >> q & 1u);
		enum err e = evidence_grant(&a, x->id, party(q), &entry, &fault);
		x->readers |= want ? 1u << q : 0;
		return (e == ERR_OK) == want ? NULL : want ? "a reader could not grant" : "who may not granted";
	}
	if (act < 6) {
		bool want = !x->shredded && x->owner == p;
		enum err e = evidence_shred(&a, x->id, "for the test", &entry, &fault);
		x->shredded |= want;
		return (e == ERR_OK) == want ? NULL : want ? "its owner could not destroy it" : "who may not destroyed it";
	}
	bool want = !x->shredded && x->readers >> q & 1u;
	unlink(at("out"));
	enum err e = evidence_save(&b, x->id, at("out"), NULL, &entry, &fault);
	x->reads += want && q == AUDITOR;
	const struct item *i = tab_get(engine_tabs(runtime_engine(rt)), &ITEM_REC, x->id);
	if ((e == ERR_OK) != want)
		return want ? "a reader could not open" : "who may not opened";
	if (want && !same(at("out"), at(x->path)))
		return "another content came out";
	return i && i->reads == x->reads && (entry != 0) == (want && q == AUDITOR) ? NULL : "an auditor's read is not an entry";
}

static void run_model(struct faults *f)
{
	struct room r;
	struct runtime *rt = NULL;
	unsigned serial = 0;
	for (uint64_t i = 0; i < f->count; i++) {
		struct model m[MODEL_ITEMS];
		const char *bad = NULL;
		int count = 0, step = 0;
		if (i % 100 == 0) {
			runtime_close(rt);
			ledger_begin(&r);
			CHECK(room_open(&r, JOURNAL_WRITE, &rt, &fault) == ERR_OK, "a ledger");
		}
		for (; step < STEPS && !bad; step++)
			bad = model_step(f, rt, m, &count, &serial);
		faults_check(f, !bad, "step %d: %s (%s)", step, bad ? bad : "", fault.text);
	}
	runtime_close(rt);
}

/* --- pieces from a peer ------------------------------------------------------------------------------------ */

/* Two hosts with the same ledger, the evidence on the first. What a server between them does to a piece is thrown by dice. */
enum meddling { M_NONE, M_BIT, M_CUT, M_LONGER, M_OTHER, M_EMPTY, M_GONE, M_SAYS_NO, MEDDLINGS };
static const char *const MEDDLING_NAMES[] = { "nothing", "a bit turned", "cut short", "too long", "another piece", "empty", "not there", "refused" };

struct between {
	struct evidence_peer peer;
	struct faults *f;
	_Atomic int after; /* this piece is meddled with, counted down */
	enum meddling how;
	struct buf bytes;
};

static void piece_bytes(const struct pieces_answer *a, struct buf *out)
{
	buf_clear(out);
	if (a->fd < 0) {
		buf_add(out, a->bytes, a->len);
		return;
	}
	char *room = buf_room(out, (size_t)a->size);
	ssize_t n = read(a->fd, room, (size_t)a->size);
	buf_end(out, room + (n > 0 ? n : 0));
	close(a->fd);
}

/* Answers as the real peer does, and then does something to it. */
static void between_answer(void *ctx, const char *path, const char *authorization, struct pieces_answer *out)
{
	struct between *b = ctx;
	evidence_peer_answer(&b->peer, path, authorization, out);
	if (b->how == M_NONE || out->status != 200 || b->after-- != 0)
		return;
	piece_bytes(out, &b->bytes);
	size_t len = b->bytes.len;
	if (b->how == M_GONE || b->how == M_SAYS_NO) {
		memset(out, 0, sizeof(*out));
		out->fd = -1;
		out->status = b->how == M_GONE ? 404 : 403;
		snprintf(out->text, sizeof(out->text), "\x1b[2Jno\n");
		return;
	}
	if (b->how == M_BIT)
		b->bytes.ptr[faults_below(b->f, len)] ^= (char)(1 << faults_below(b->f, 8));
	len = b->how == M_CUT ? (size_t)faults_below(b->f, len) : b->how == M_EMPTY ? 0 : len;
	if (b->how == M_LONGER)
		buf_char(&b->bytes, 'x'), len++;
	if (b->how == M_OTHER)
		for (size_t i = 0; i < len; i += 7)
			b->bytes.ptr[i] = (char)faults_dice(b->f);
	write_file(at("piece"), b->bytes.ptr, len);
	out->fd = open(at("piece"), O_RDONLY);
	out->size = len;
	out->len = 0;
	out->status = 200;
}

struct hosts {
	struct room here, there;
	struct runtime *giver, *taker;
	char id[ID_MAX];
	struct item item;
	uint64_t chunks;
};

static void hosts_begin(struct faults *f, struct hosts *h)
{
	char command[900];
	memset(h, 0, sizeof(*h));
	ledger_begin(&h->here);
	write_dice(f, at("in0"), 2 * SEALED_CHUNK + 5000);
	CHECK(room_open(&h->here, JOURNAL_WRITE, &h->giver, &fault) == ERR_OK && add(h->giver, 0, at("in0"), "PARTY1,PARTY5", h->id) == ERR_OK, "an item");
	h->item = *(const struct item *)tab_get(engine_tabs(runtime_engine(h->giver)), &ITEM_REC, h->id);
	runtime_close(h->giver);
	h->there = h->here;
	snprintf(h->there.dir, sizeof(h->there.dir), "%.200s/p", base);
	room_remove(h->there.dir);
	snprintf(command, sizeof(command), "cp -a '%s' '%s' && rm -r '%s/evidence'", h->here.dir, h->there.dir, h->there.dir);
	CHECK(system(command) == 0, "another host");
	CHECK(room_open(&h->here, JOURNAL_READ, &h->giver, &fault) == ERR_OK && room_open(&h->there, JOURNAL_READ, &h->taker, &fault) == ERR_OK, "two hosts");
}

static void hosts_end(struct hosts *h)
{
	runtime_close(h->giver);
	runtime_close(h->taker);
}

/* Nothing that does not hash to its name is in the vault of who fetched, and it opens exactly when all came. */
static bool kept_is_true(struct hosts *h, int who, bool whole)
{
	struct evidence_check k;
	struct evidence_actor a = actor(h->taker, who);
	uint64_t entry;
	if (evidence_check(h->taker, h->there.dir, true, 86400, false, &k, &fault) != ERR_OK || k.broken)
		return false;
	unlink(at("out"));
	enum err e = evidence_save(&a, h->id, at("out"), NULL, &entry, &fault);
	return whole ? e == ERR_OK && same(at("in0"), at("out")) : e != ERR_OK;
}

static void run_peer(struct faults *f)
{
	struct between b = { .f = f };
	struct pieces_server *server;
	struct hosts h;
	char url[64], gone[700];
	hosts_begin(f, &h);
	b.peer.runtime = h.giver;
	CHECK(vault_open(h.here.dir, false, &b.peer.vault, &fault) == ERR_OK && pieces_serve("127.0.0.1:0", between_answer, &b, &server, &fault) == ERR_OK,
		"a server");
	snprintf(url, sizeof(url), "http://127.0.0.1:%d", pieces_server_port(server));
	snprintf(gone, sizeof(gone), "%.500s/evidence", h.there.dir);
	for (uint64_t i = 0; i < f->count; i++) {
		struct evidence_actor a = actor(h.taker, (int)(i % 2));
		struct evidence_fetched got, rest;
		room_remove(gone);
		b.how = (enum meddling)(i % MEDDLINGS);
		b.after = (int)faults_below(f, 5); /* manifest, three chunks, box */
		fault.text[0] = '\0';
		enum err e = evidence_fetch(&a, url, h.id, 2000, &got, &fault);
		bool named = b.how == M_NONE ? e == ERR_OK : e == (b.how == M_LONGER ? ERR_LIMIT : b.how == M_GONE ? ERR_NOT_FOUND : b.how == M_SAYS_NO ? ERR_DENIED
			: ERR_TAMPERED) && fault.text[0] && !strchr(fault.text, '\x1b');
		bool closed = kept_is_true(&h, (int)(i % 2), b.how == M_NONE);
		char said[FAULT_TEXT_MAX];
		memcpy(said, fault.text, sizeof(said));
		b.how = M_NONE; /* and what came whole is not asked for again */
		enum err again = evidence_fetch(&a, url, h.id, 2000, &rest, &fault);
		bool goes_on = again == ERR_OK && rest.pieces + rest.kept == 5 && (e == ERR_OK ? rest.pieces == 0 : rest.kept <= got.pieces)
			&& kept_is_true(&h, (int)(i % 2), true);
		faults_check(f, named && closed && goes_on, "%s: %s%s%s (%s)", MEDDLING_NAMES[i % MEDDLINGS], err_name(e), closed ? "" : ", kept or opened what is not true",
			goes_on ? "" : ", does not go on", said);
	}
	pieces_server_close(server);
	vault_close(b.peer.vault);
	buf_free(&b.bytes);
	hosts_end(&h);
}

/* Who asks without a grant, with another's word, another path, another time, an altered word. */
static void run_askers(struct faults *f)
{
	struct evidence_peer peer = { 0 };
	struct hosts h;
	hosts_begin(f, &h);
	peer.runtime = h.giver;
	CHECK(vault_open(h.here.dir, false, &peer.vault, &fault) == ERR_OK, "a vault");
	for (uint64_t i = 0; i < f->count; i++) {
		struct pieces_answer a = { .fd = -1 };
		struct piece p = { .kind = faults_below(f, 2) ? PIECE_BOX : PIECE_MANIFEST, .manifest = h.item.manifest };
		char path[PIECE_PATH_MAX], word[PIECE_WORD_MAX];
		int64_t now = (int64_t)time(NULL);
		int how = (int)(i % 8), who = how == 0 ? 2 + (int)faults_below(f, 3) : how == 1 ? AUDITOR : (int)faults_below(f, 2);
		if (how == 2)
			p.manifest.bytes[faults_below(f, HASH_SIZE)] ^= 1;
		piece_path(&p, path);
		piece_word(path, how == 3 ? now - PIECE_WINDOW_S - 5 : how == 4 ? now + PIECE_WINDOW_S + 5 : now, pairs[who].secret, word);
		if (how == 5)
			word[14 + faults_below(f, strlen(word) - 14)] ^= (char)(1 << faults_below(f, 7));
		if (how == 6)
			path[1 + faults_below(f, strlen(path) - 1)] ^= (char)(1 << faults_below(f, 7));
		evidence_peer_answer(&peer, path, word, &a);
		bool given = a.status == 200 || a.fd >= 0 || a.len;
		if (a.fd >= 0)
			close(a.fd);
		faults_check(f, how == 7 ? given : !given && a.status >= 400 && a.text[0], "how %d: %u %s", how, a.status, a.text);
	}
	vault_close(peer.vault);
	hosts_end(&h);
}

/* Peers that speak no HTTP, or too much, or nothing: named, in time, nothing kept. */
static void run_manners(struct faults *f)
{
	struct hostile_peer p;
	struct hosts h;
	char url[64];
	hosts_begin(f, &h);
	CHECK(peer_begin(&p, url), "a peer");
	for (uint64_t i = 0; i < f->count; i++) {
		struct evidence_actor a = actor(h.taker, 1);
		struct evidence_fetched got;
		struct rusage before, after;
		p.manner = (int)(i % PEER_MANNERS);
		fault.text[0] = '\0';
		getrusage(RUSAGE_SELF, &before);
		time_t begun = time(NULL);
		enum err e = evidence_fetch(&a, url, h.id, 600, &got, &fault);
		getrusage(RUSAGE_SELF, &after);
		bool good = e != ERR_OK && fault.text[0] && !strpbrk(fault.text, "\x1b\a") && time(NULL) - begun <= 5 && after.ru_maxrss - before.ru_maxrss < 16 * 1024;
		faults_check(f, good && kept_is_true(&h, 1, false), "manner %d: %s, %s", (int)p.manner, err_name(e), fault.text);
	}
	peer_end(&p);
	hosts_end(&h);
}

/* --- a vault in which somebody else is at work --------------------------------------------------------------- */

static struct {
	_Atomic bool ends;
	char victim[600], outside[600]; /* at() is the other thread's */
} racer;

/* One of the names in a folder, by dice. */
static bool racer_pick(const char *folder, uint64_t dice, char out[900])
{
	DIR *d = opendir(folder);
	uint64_t seen = 0;
	for (struct dirent *x; d && (x = readdir(d));) {
		if (x->d_name[0] == '.' || (++seen > 1 && dice % seen))
			continue;
		snprintf(out, 900, "%.600s/%.250s", folder, x->d_name);
	}
	if (d)
		closedir(d);
	return seen > 0;
}

/* Puts links, pipes and directories where files and folders were, and puts back what was there, as fast as it can. */
static void *race(void *ctx)
{
	uint64_t dice = *(uint64_t *)ctx;
	while (!racer.ends) {
		char folder[900], piece[900], kept[910];
		dice = dice * 6364136223846793005u + 1442695040888963407u;
		snprintf(folder, sizeof(folder), "%s/v/evidence", base);
		/* down by one or two, or more in the keys */
		if (!racer_pick(folder, dice >> 20, piece))
			continue;
		for (int down = (int)(dice >> 60 & 3); down > 0; down--) {
			snprintf(folder, sizeof(folder), "%.899s", piece);
			if (!racer_pick(folder, dice >> (30 + down), piece))
				break;
		}
		snprintf(kept, sizeof(kept), "%s/aside", base);
		if (syscall(SYS_rename, piece, kept) != 0)
			continue;
		switch (dice >> 50 & 3) {
		case 0: (void)!symlink(racer.victim, piece); break;
		case 1: (void)!mkfifo(piece, 0600); break;
		case 2: (void)!symlink(racer.outside, piece); break;
		default: (void)!symlink("/dev/zero", piece); break;
		}
		sched_yield();
		unlink(piece);
		if (syscall(SYS_rename, kept, piece) != 0)
			room_remove(kept);
	}
	return NULL;
}

static bool outside_is_untouched(void)
{
	char room[64];
	FILE *in = fopen(racer.victim, "rb");
	size_t n = in ? fread(room, 1, sizeof(room), in) : 0;
	if (in)
		fclose(in);
	DIR *d = opendir(racer.outside);
	size_t count = 0;
	for (struct dirent *x; d && (x = readdir(d));)
		count += x->d_name[0] != '.';
	if (d)
		closedir(d);
	return n == 9 && !memcmp(room, "untouched", 9) && count == 1;
}

/* Items are put, opened and destroyed all the while: an item opens as it was put or is named, nothing outside is read or changed,
 * and nothing waits. */
static void run_races(struct faults *f)
{
	struct vault *v;
	pthread_t thread;
	uint64_t seed = faults_dice(f), opened = 0;
	snprintf(racer.outside, sizeof(racer.outside), "%s/outside", base);
	snprintf(racer.victim, sizeof(racer.victim), "%s/outside/victim", base);
	fresh_dir(at("v"));
	fresh_dir(at("outside"));
	write_file(racer.victim, "untouched", 9);
	CHECK(vault_open(at("v"), true, &v, &fault) == ERR_OK, "a vault");
	racer.ends = false;
	CHECK(pthread_create(&thread, NULL, race, &seed) == 0, "a thread");
	write_dice(f, at("in0"), 6000);
	for (uint64_t i = 0; i < f->count; i++) {
		struct vault_put p;
		struct hash reader, box = { { 0 } };
		struct sealed_key key;
		const char *bad = NULL;
		memcpy(reader.bytes, pairs[0].public_key, HASH_SIZE);
		int in = open(at("in0"), O_RDONLY);
		alarm(60);
		enum err e = vault_put(v, in, "f", &p, &fault);
		close(in);
		if (e == ERR_OK)
			e = vault_box_put(v, &p.key, &reader, &box, &fault);
		int out = open(at("out"), O_RDWR | O_CREAT | O_TRUNC, 0600);
		if (e == ERR_OK && (e = vault_box_open(v, &p.key.manifest, &box, pairs[0].secret, &key, &fault)) == ERR_OK)
			e = vault_get(v, &key, &p.digest, out, &fault);
		close(out);
		if (e == ERR_OK && !same(at("in0"), at("out")))
			bad = "another content came out";
		opened += e == ERR_OK;
		(void)vault_shred(v, &p.key.manifest, &fault);
		alarm(0);
		if (!bad && !outside_is_untouched())
			bad = "something outside was touched";
		faults_check(f, !bad, "%s (%s)", bad ? bad : "", fault.text);
	}
	racer.ends = true;
	pthread_join(thread, NULL);
	printf("  %llu of %llu opened all the same\n", (unsigned long long)opened, (unsigned long long)f->count);
	vault_close(v);
}

static const struct fault_case CASES[] = {
	{ "hostile-files", "links, pipes, devices, names, changes while read, holes, no room", 66, 300, run_hostile },
	{ "huge-file", "more than 4 GiB in constant memory", 0, 1, run_huge },
	{ "vault-touched", "pieces taken away, swapped, cut, linked, a bit turned: each named", 200, 3000, run_touched },
	{ "vault-reordered", "manifests that list chunks otherwise: the seal tells", 40, 400, run_reordered },
	{ "vault-deaths", "every change of a file while evidence is put, granted, read, destroyed: KILL, EIO, ENOSPC", 60, UINT64_MAX, run_deaths },
	{ "peer-pieces", "a peer alters, cuts, swaps, withholds a piece: named, not kept, and the rest goes on", 80, 2000, run_peer },
	{ "peer-askers", "pieces asked for without grant, with another word, path or time: not given", 400, 10000, run_askers },
	{ "peer-manners", "peers that are endless, slow, silent, redirect, speak no HTTP: named in time", 32, 320, run_manners },
	{ "vault-races", "links, pipes and devices in the place of files and folders while they are used: nothing outside is touched", 300, 5000, run_races },
	{ "evidence-model", "random grants and destructions against who can open what", 100, 1000, run_model },
};

int main(int argc, char **argv)
{
	snprintf(base, sizeof(base), "%s/wharf-evidence-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	CHECK(sodium_init() >= 0 && mkdtemp(base), "a directory for the test");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(shared != MAP_FAILED, "shared memory");
	for (int i = 0; i < PARTIES; i++) {
		uint8_t seed[KEY_SEED_SIZE] = { 50, (uint8_t)i };
		key_pair_from_seed(seed, &pairs[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	int status = faults_main(argc, argv, CASES, sizeof(CASES) / sizeof(CASES[0]));
	room_remove(base);
	return status;
}
