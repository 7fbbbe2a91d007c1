/* Words of the command line, places, files and the opening of a ledger. See app_int.h. */
#include "app_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "ledger/envelope.h"

/* --- words ---------------------------------------------------------------------------------------- */

void cli_begin(struct cli *c, int argc, char **argv)
{
	bool plain = false;
	memset(c, 0, sizeof(*c));
	c->verb = argv[0];
	for (int i = 1; i < argc; i++) {
		if (!plain && strcmp(argv[i], "--") == 0) {
			plain = true;
			continue;
		}
		if (c->count == CLI_WORDS_MAX) {
			fault_set(&c->fault, ERR_LIMIT, 0, 0, "more than %d words", CLI_WORDS_MAX);
			return;
		}
		c->plain[c->count] = plain;
		c->word[c->count++] = argv[i];
	}
}

bool cli_flag(struct cli *c, const char *name)
{
	bool found = false;
	for (int i = 0; i < c->count; i++)
		if (!c->used[i] && !c->plain[i] && strcmp(c->word[i], name) == 0)
			found = c->used[i] = true;
	return found;
}

const char *cli_value(struct cli *c, const char *name)
{
	size_t len = strlen(name);
	for (int i = 0; i < c->count; i++) {
		if (c->used[i] || c->plain[i] || strncmp(c->word[i], name, len) != 0)
			continue;
		if (c->word[i][len] == '=') {
			c->used[i] = true;
			return c->word[i] + len + 1;
		}
		if (c->word[i][len])
			continue;
		c->used[i] = true;
		if (i + 1 == c->count || c->plain[i + 1]) {
			fault_set(&c->fault, ERR_USAGE, 0, 0, "%s needs a value", name);
			return NULL;
		}
		c->used[i + 1] = true;
		return c->word[i + 1];
	}
	return NULL;
}

bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out)
{
	const char *text = cli_value(c, name);
	int64_t n;
	if (!text)
		return false;
	if (!str_to_i64(str_of(text), &n) || n < least || n > most) {
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s takes a number from %lld to %lld, not \"%.60s\"", name,
			(long long)least, (long long)most, text);
		return false;
	}
	*out = n;
	return true;
}

const char *cli_word(struct cli *c)
{
	for (; c->next < c->count; c->next++) {
		const char *w = c->word[c->next];
		if (c->used[c->next])
			continue;
		if (!c->plain[c->next] && w[0] == '-' && w[1]) {
			if (c->fault.code == ERR_OK)
				fault_set(&c->fault, ERR_USAGE, 0, 0, "there is no option %.60s here", w);
			return NULL;
		}
		c->used[c->next] = true;
		return w;
	}
	return NULL;
}

const char *cli_need(struct cli *c, const char *what)
{
	const char *w = cli_word(c);
	if (!w && c->fault.code == ERR_OK)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "%s is missing", what);
	return w;
}

enum err cli_end(struct cli *c)
{
	const char *w = c->fault.code == ERR_OK ? cli_word(c) : NULL;
	if (w)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "\"%.60s\" is one word too many", w);
	return c->fault.code;
}

int cli_fail(const struct cli *c, const struct fault *fault)
{
	fflush(stdout);
	fprintf(stderr, "wharf %s: %s\n", c->verb, fault->text);
	return err_exit_code(fault->code);
}

int cli_fail_own(struct cli *c)
{
	const struct verb *v = verb_find(c->verb);
	cli_fail(c, &c->fault);
	if (v && c->fault.code == ERR_USAGE)
		fprintf(stderr, "usage: wharf %s %s\n", v->name, v->usage);
	return err_exit_code(c->fault.code);
}

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
	char probe[PATH_TEXT_MAX + 32];
	const char *env = getenv("WHARF_SHARE");
	if (env && env[0]) {
		snprintf(path, sizeof(path), "%.1000s", env);
		return path;
	}
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	/* build/wharf, or build/tests/e2e/…: some directory above holds data/policy. */
	for (char *slash; (slash = strrchr(path, '/'));) {
		*slash = '\0';
		snprintf(probe, sizeof(probe), "%s/data/policy/policy.json", path);
		if (access(probe, R_OK) == 0)
			return path;
	}
	snprintf(path, sizeof(path), "%s", WHARF_DATA_DIR);
	return path;
}

/* --- files ---------------------------------------------------------------------------------------- */

enum err file_read(const char *path, size_t most, struct buf *out, struct fault *fault)
{
	bool in = strcmp(path, "-") == 0;
	int fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char bytes[65536];
	ssize_t n = 0;
	if (fd < 0)
		return fault_set(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_DENIED, 0, 0, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		return fault_set(fault, ERR_USAGE, 0, 0, "%s is a directory; name a file", path);
	}
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
	enum err e = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ERR_FULL
		: errno == EACCES || errno == EROFS || errno == EPERM ? ERR_DENIED
		: errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	return fault_set(fault, e, 0, 0, "%s cannot be written: %s", path, strerror(errno));
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

enum err file_write(const char *path, struct str bytes, unsigned mode, struct fault *fault)
{
	char near[PATH_TEXT_MAX + 128], folder[PATH_TEXT_MAX + 128];
	snprintf(near, sizeof(near), "%.1100s.%ld", path, (long)getpid());
	int fd = open(near, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return file_fault(fault, path);
	bool good = write_all(fd, bytes) && fsync(fd) == 0;
	int why = errno;
	close(fd);
	if (good && rename(near, path) != 0) {
		good = false;
		why = errno;
	}
	if (!good) {
		unlink(near);
		errno = why;
		return file_fault(fault, path);
	}
	/* The name itself must last too. */
	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	return ERR_OK;
}

enum err print_out(struct str text, struct fault *fault)
{
	if (text.len)
		fwrite(text.ptr, 1, text.len, stdout);
	if ((fflush(stdout) != 0 || ferror(stdout)) && errno != EPIPE)
		return fault_set(fault, errno == ENOSPC ? ERR_FULL : ERR_IO, 0, 0, "the output cannot be written: %s", strerror(errno));
	return ERR_OK;
}

int64_t now_system(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * INSTANT_SECOND + ts.tv_nsec / 1000;
}

/* --- ledgers -------------------------------------------------------------------------------------- */

enum err open_read(const char *dir, struct runtime **out, struct fault *fault)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_READ, .follow = true };
	return runtime_open(&o, out, fault);
}

enum err open_acting(const char *dir, struct runtime **out, struct key *node, struct fault *fault)
{
	struct runtime_options o = { .dir = dir, .mode = JOURNAL_WRITE };
	struct fault ignored;
	size_t ticks;
	/* Without the node's key a ledger can be acted on, but its timers wait for a console that has it. */
	if (keys_node_open(dir, node, &ignored) == ERR_OK)
		o.node_secret = node->secret;
	enum err e = runtime_open(&o, out, fault);
	if (e == ERR_OK && runtime_leads(*out) && (e = runtime_tick(*out, &ticks, fault)) != ERR_OK) {
		runtime_close(*out);
		*out = NULL;
	}
	if (e != ERR_OK)
		key_close(node);
	return e;
}

void close_acting(struct runtime *r, struct key *node)
{
	runtime_close(r);
	key_close(node);
}

enum err send_body(struct runtime *r, const struct key *key, int kind, const char *sender, const char *deal,
	const void *body, uint64_t *number, struct fault *fault)
{
	struct arena a = { 0 };
	struct envelope env;
	struct runtime_item answer;
	event_envelope(&a, kind, sender, deal, runtime_now(r), body, NULL, &env);
	enum err e = runtime_send(r, &env, key->secret, &answer, fault);
	arena_free(&a);
	if (e != ERR_OK)
		return e;
	*number = answer.number;
	if (answer.verdict == REFUSED_NOT)
		return ERR_OK;
	return fault_set(fault, ERR_REFUSED, 0, 0, "%s: %s%s%s %s", refusal_name(answer.verdict),
		refusal_sentence(answer.verdict), answer.detail[0] ? " " : "", answer.detail, refusal_remedy(answer.verdict));
}
