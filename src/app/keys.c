/* Key files and passphrases. See app/keys.h.
 *
 * Must remain true: a secret or a passphrase never lies in ordinary memory, and a key file is complete
 * on disk or not there. */
#include "app/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/check.h"
#include "base/instant.h"

enum err keys_start(struct fault *fault)
{
	/* A core dump would write open secrets to disk. */
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	return sodium_init() >= 0 ? ERR_OK
		: fault_set(fault, ERR_IO, 0, 0, "the cryptographic library does not start; is there a random source?");
}

void key_close(struct key *k)
{
	if (k->secret)
		sodium_free(k->secret); /* overwrites first */
	memset(k, 0, sizeof(*k));
}

struct hash key_public(const struct key *k)
{
	struct hash h;
	memcpy(h.bytes, k->secret + KEY_SEED_SIZE, HASH_SIZE);
	return h;
}

/* --- passphrases ---------------------------------------------------------------------------------- */

void passphrase_wipe(struct passphrase *p)
{
	if (p->bytes)
		sodium_free(p->bytes);
	memset(p, 0, sizeof(*p));
}

/* Reads up to the end of the line, byte by byte: nothing is left behind in a buffer of stdio. */
static bool read_line(int fd, struct passphrase *p)
{
	p->len = 0;
	for (;;) {
		char c;
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n')
			return n >= 0 && (n > 0 || p->len > 0);
		if (p->len == KEYSTORE_PASSPHRASE_MAX)
			return false;
		p->bytes[p->len++] = c;
	}
}

static enum err passphrase_from_file(const char *file, struct passphrase *p, struct fault *fault)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "passphrase file %s: %s", file, strerror(errno));
	bool good = read_line(fd, p);
	close(fd);
	if (p->len && p->bytes[p->len - 1] == '\r')
		p->len--;
	return good && p->len ? ERR_OK
		: fault_set(fault, ERR_USAGE, 0, 0, "passphrase file %s: its first line must be 1 to %d bytes", file,
			KEYSTORE_PASSPHRASE_MAX);
}

static bool ask_terminal(int tty, const char *prompt, const char *whose, struct passphrase *p)
{
	struct termios old, quiet;
	char text[160];
	int n = snprintf(text, sizeof(text), "%s of %.100s: ", prompt, whose);
	if (tcgetattr(tty, &old) != 0 || write(tty, text, (size_t)n) != n)
		return false;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	bool good = read_line(tty, p);
	tcsetattr(tty, TCSAFLUSH, &old);
	return write(tty, "\n", 1) == 1 && good;
}

static enum err passphrase_from_terminal(const char *whose, bool twice, struct passphrase *p, struct fault *fault)
{
	struct passphrase again = { sodium_malloc(KEYSTORE_PASSPHRASE_MAX), 0 };
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	CHECK(again.bytes, "no locked memory");
	enum err e = ERR_OK;
	if (tty < 0)
		e = fault_set(fault, ERR_DENIED, 0, 0,
			"there is no terminal to ask for the passphrase of %s; name a file with --passphrase-file", whose);
	else if (!ask_terminal(tty, "Passphrase", whose, p) || !p->len)
		e = fault_set(fault, ERR_DENIED, 0, 0, "no passphrase was given");
	else if (twice && (!ask_terminal(tty, "Once more", whose, &again) || again.len != p->len
		|| sodium_memcmp(again.bytes, p->bytes, p->len) != 0))
		e = fault_set(fault, ERR_USAGE, 0, 0, "the two passphrases differ; nothing was made");
	if (tty >= 0)
		close(tty);
	passphrase_wipe(&again);
	return e;
}

enum err passphrase_read(const char *file, const char *whose, bool twice, struct passphrase *out,
	struct fault *fault)
{
	out->bytes = sodium_malloc(KEYSTORE_PASSPHRASE_MAX);
	out->len = 0;
	if (!out->bytes)
		return fault_set(fault, ERR_MEMORY, 0, 0, "no locked memory; raise `ulimit -l`");
	if (!file)
		file = getenv("WHARF_PASSPHRASE_FILE");
	enum err e = file && file[0] ? passphrase_from_file(file, out, fault)
		: passphrase_from_terminal(whose, twice, out, fault);
	if (e != ERR_OK)
		passphrase_wipe(out);
	return e;
}

/* --- files ---------------------------------------------------------------------------------------- */

void keys_path(const char *dir, const char *name, char out[1100])
{
	if (strchr(name, '/'))
		snprintf(out, 1100, "%.1099s", name);
	else
		snprintf(out, 1100, "%.1000s/keys/%.80s.key", dir, name);
}

static enum err keys_write(const char *dir, const char *name, struct str text, struct fault *fault)
{
	char path[1100], folder[1100];
	keys_path(dir, name, path);
	snprintf(folder, sizeof(folder), "%.1000s/keys", dir);
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fault_set(fault, ERR_DENIED, 0, 0, "%s cannot be made: %s", folder, strerror(errno));
	if (access(path, F_OK) == 0)
		return fault_set(fault, ERR_USAGE, 0, 0, "%s exists already; a key is never replaced, choose another name", path);
	return file_write(path, text, 0600, fault);
}

enum err keys_make(const char *dir, const char *name, const struct keystore_info *info,
	const struct passphrase *pass, const uint8_t *seed, struct hash *public_key, struct fault *fault)
{
	struct keystore_info sealed = *info;
	struct buf text = { 0 };
	struct key_pair *pair = sodium_malloc(sizeof(*pair));
	uint8_t *own = sodium_malloc(KEY_SEED_SIZE);
	CHECK(pair && own, "no locked memory");
	if (!sealed.ops) {
		sealed.ops = KEYSTORE_OPS_USUAL;
		sealed.mem_bytes = KEYSTORE_MEM_USUAL;
	}
	randombytes_buf(sealed.salt, sizeof(sealed.salt));
	randombytes_buf(sealed.nonce, sizeof(sealed.nonce));
	if (seed)
		memcpy(own, seed, KEY_SEED_SIZE);
	else
		randombytes_buf(own, KEY_SEED_SIZE);
	key_pair_from_seed(own, pair);
	memcpy(public_key->bytes, pair->public_key, HASH_SIZE);
	enum err e = keystore_seal(own, (struct str){ pass->bytes, pass->len }, &sealed, &text, fault);
	if (e == ERR_OK)
		e = keys_write(dir, name, buf_view(&text), fault);
	buf_free(&text);
	sodium_free(pair);
	sodium_free(own);
	return e;
}

static enum err keys_text(const char *dir, const char *name, struct buf *text, struct fault *fault)
{
	char path[1100];
	keys_path(dir, name, path);
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no key file %s; `wharf key list -d %s` shows them", path, dir);
	return file_read(path, KEYSTORE_BYTES_MAX, text, fault);
}

/* --- wrong passphrases ------------------------------------------------------------------------------ */

enum { WRONG_MOST = 5, WRONG_MINUTES = 15 };

static bool wrong_path(const char *dir, const char *name, char out[1100])
{
	keys_path(dir, name, out);
	size_t len = strlen(out);
	if (strcmp(name, "node") == 0 || strncmp(name, "node.", 5) == 0 || len + 3 >= 1100)
		return false;
	if (len > 4 && strcmp(out + len - 4, ".key") == 0)
		len -= 4;
	snprintf(out + len, 1100 - len, ".wrong");
	return true;
}

/* Locked by five tries, the last of them less than the quarter of an hour ago (or ahead: a clock was set back). */
static enum err wrong_check(const char *dir, const char *name, struct fault *fault)
{
	char path[1100], until[INSTANT_TEXT_MAX];
	struct stat st;
	if (!wrong_path(dir, name, path) || stat(path, &st) != 0)
		return ERR_OK;
	int64_t age = clock_wall() / INSTANT_SECOND - (int64_t)st.st_mtime;
	if (age >= WRONG_MINUTES * 60 || age <= -WRONG_MINUTES * 60) {
		(void)unlink(path);
		return ERR_OK;
	}
	if (st.st_size < WRONG_MOST)
		return ERR_OK;
	instant_format(((int64_t)st.st_mtime + WRONG_MINUTES * 60) * INSTANT_SECOND, 0, until);
	return fault_set(fault, ERR_DENIED, 0, 0, "%d wrong passphrases: the key of %.60s is locked until %s. Wait, then type it again",
		WRONG_MOST, name, until);
}

/* One byte a try: appending is whole even when two programs count at once. */
static void wrong_count(const char *dir, const char *name)
{
	char path[1100];
	int fd = wrong_path(dir, name, path) ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (fd < 0)
		return;
	(void)!write(fd, "x", 1);
	(void)fsync(fd);
	close(fd);
}

static void wrong_clear(const char *dir, const char *name)
{
	char path[1100];
	if (wrong_path(dir, name, path))
		(void)unlink(path);
}

enum err keys_open(const char *dir, const char *name, const struct passphrase *pass, struct key *out,
	struct fault *fault)
{
	struct buf text = { 0 };
	memset(out, 0, sizeof(*out));
	enum err e = keys_text(dir, name, &text, fault);
	if (e == ERR_OK)
		e = wrong_check(dir, name, fault);
	uint8_t *seed = e == ERR_OK ? sodium_malloc(KEY_SEED_SIZE) : NULL;
	if (e == ERR_OK) {
		CHECK(seed, "no locked memory");
		e = keystore_open(buf_view(&text), (struct str){ pass->bytes, pass->len }, &out->info, seed, fault);
		if (e == ERR_DENIED)
			wrong_count(dir, name);
		else if (e == ERR_OK)
			wrong_clear(dir, name);
	}
	if (e == ERR_OK) {
		struct key_pair *pair = sodium_malloc(sizeof(*pair));
		out->secret = sodium_malloc(KEY_SECRET_SIZE);
		CHECK(pair && out->secret, "no locked memory");
		key_pair_from_seed(seed, pair);
		memcpy(out->secret, pair->secret, KEY_SECRET_SIZE);
		sodium_mprotect_readonly(out->secret);
		sodium_free(pair);
	}
	if (seed)
		sodium_free(seed);
	buf_free(&text);
	return e;
}

enum err keys_ask(const char *dir, const char *name, const char *passphrase_file, struct key *out,
	struct fault *fault)
{
	struct passphrase pass = { 0 };
	struct buf text = { 0 };
	memset(out, 0, sizeof(*out));
	/* A missing file is said before anybody types a passphrase. */
	enum err e = keys_text(dir, name, &text, fault);
	buf_free(&text);
	if (e == ERR_OK)
		e = passphrase_read(passphrase_file, name, false, &pass, fault);
	if (e == ERR_OK)
		e = keys_open(dir, name, &pass, out, fault);
	passphrase_wipe(&pass);
	return e;
}

/* --- the node's key ------------------------------------------------------------------------------- */

static const char *node_pass_path(const char *dir, char out[1100])
{
	const char *named = getenv("WHARF_NODE_PASSPHRASE_FILE");
	snprintf(out, 1100, named && named[0] ? "%.1000s" : "%.1000s/keys/node.pass", named && named[0] ? named : dir);
	return out;
}

enum err keys_node_make(const char *dir, const char *party, const uint8_t *seed, struct hash *public_key,
	struct fault *fault)
{
	char path[1100], hex[65];
	uint8_t random[32];
	struct keystore_info info = { .role = "node", .ops = 1, .mem_bytes = 8192 };
	/* The passphrase is random and long: stretching it would only make every start slower. */
	randombytes_buf(random, sizeof(random));
	hex_of(random, sizeof(random), hex);
	snprintf(info.name, sizeof(info.name), "node");
	str_copy(info.party, sizeof(info.party), str_of(party));
	struct passphrase pass = { hex, 64 };
	enum err e = keys_make(dir, "node", &info, &pass, seed, public_key, fault);
	if (e == ERR_OK)
		e = file_write(node_pass_path(dir, path), (struct str){ hex, 64 }, 0600, fault);
	sodium_memzero(hex, sizeof(hex));
	sodium_memzero(random, sizeof(random));
	return e;
}

enum err keys_node_open(const char *dir, struct key *out, struct fault *fault)
{
	char path[1100];
	struct passphrase pass = { 0 };
	memset(out, 0, sizeof(*out));
	keys_path(dir, "node", path);
	if (access(path, F_OK) != 0 || access(node_pass_path(dir, path), F_OK) != 0)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "%s has no key of its node", dir);
	enum err e = passphrase_read(node_pass_path(dir, path), "node", false, &pass, fault);
	if (e == ERR_OK)
		e = keys_open(dir, "node", &pass, out, fault);
	passphrase_wipe(&pass);
	return e;
}

enum err keys_node_next(const char *dir, struct hash *public_key, struct fault *fault)
{
	char path[1100];
	struct passphrase pass = { 0 };
	struct keystore_info info = { .name = "node", .role = "node", .ops = 1, .mem_bytes = 8192 };
	enum err e = passphrase_read(node_pass_path(dir, path), "node", false, &pass, fault);
	keys_path(dir, "node.next", path);
	if (e == ERR_OK && access(path, F_OK) == 0) { /* of a rotation that was stopped before the ledger heard of it */
		struct key left;
		e = keys_open(dir, "node.next", &pass, &left, fault);
		if (e == ERR_OK)
			*public_key = key_public(&left);
		key_close(&left);
	} else if (e == ERR_OK)
		e = keys_make(dir, "node.next", &info, &pass, NULL, public_key, fault);
	passphrase_wipe(&pass);
	return e;
}

bool keys_node_settle(const char *dir, const struct hash *current, struct key *node, struct key *before)
{
	char path[1100], now[1100], next[1100], old[1100];
	struct passphrase pass = { 0 };
	struct key fresh = { 0 };
	struct fault ignored;
	struct hash have = node->secret ? key_public(node) : *current;
	if (hash_eq(&have, current))
		return false;
	keys_path(dir, "node", now);
	keys_path(dir, "node.next", next);
	keys_path(dir, "node.old", old);
	bool taken = access(next, F_OK) == 0 && passphrase_read(node_pass_path(dir, path), "node", false, &pass, &ignored) == ERR_OK
		&& keys_open(dir, "node.next", &pass, &fresh, &ignored) == ERR_OK;
	passphrase_wipe(&pass);
	if (taken)
		have = key_public(&fresh);
	taken = taken && hash_eq(&have, current);
	if (taken) { /* at no time is there no node.key: what is stopped here begins again with the next start */
		unlink(old);
		(void)link(now, old);
		taken = rename(next, now) == 0;
	}
	if (!taken) {
		key_close(&fresh);
		return false;
	}
	*before = *node;
	*node = fresh;
	return true;
}

/* --- lists ---------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct key_listed *)a)->name, ((const struct key_listed *)b)->name);
}

size_t keys_list(const char *dir, struct key_listed *out, size_t cap)
{
	char folder[1100];
	size_t count = 0;
	snprintf(folder, sizeof(folder), "%.1000s/keys", dir);
	DIR *d = opendir(folder);
	for (struct dirent *f; d && count < cap && (f = readdir(d));) {
		size_t len = strlen(f->d_name);
		struct buf text = { 0 };
		if (len < 5 || len >= KEYS_NAME_MAX || strcmp(f->d_name + len - 4, ".key") != 0)
			continue;
		snprintf(out[count].name, sizeof(out[count].name), "%.*s", (int)len - 4, f->d_name);
		if (keys_text(dir, out[count].name, &text, NULL) == ERR_OK
			&& keystore_read(buf_view(&text), &out[count].info, NULL) == ERR_OK)
			count++;
		buf_free(&text);
	}
	if (d)
		closedir(d);
	qsort(out, count, sizeof(*out), by_name);
	return count;
}
