/* The local socket between consoles of one host. See net/local.h.
 *
 * Must remain true: a request is answered only after the runtime said that it is durable, and the server
 * never blocks on a client. */
#include "net/local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "steady_int.h"

struct client {
	int fd; /* -1: free */
	pid_t process;
	int64_t spoke_ms;   /* when it came, or its last whole frame did */
	int64_t partial_ms; /* since when a frame is begun and not whole; 0: none is */
	struct buf in, out;
};

struct net_server {
	int fd, dir_fd;
	dev_t dev; /* of the socket that we bound: a newer leader may have put its own in the same place */
	ino_t ino;
	struct client clients[NET_CLIENTS_MAX];
	int first; /* who is served first: the one after who filled the last round */
	int64_t partial_most_ms, silent_most_ms;
};

struct net_client {
	int fd;
	struct buf in;
	int64_t pinged_ms, asked_ms; /* last question; oldest one without an answer, 0 none */
};

enum { PING_EVERY_MS = 1000 };
/* What may wait in memory for one client: a request that is being read, answers that it does not read; and for all of them. */
enum { CLIENT_IN_MAX = NET_FRAME_MAX + 4, CLIENT_OUT_MAX = 1 << 20, ALL_IN_MAX = 8 * CLIENT_IN_MAX };

/* A socket address by way of the directory's descriptor: short whatever the directory is called. */
static int socket_address(const char *dir, struct sockaddr_un *address)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (dir_fd >= 0)
		snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/leader.sock", dir_fd);
	return dir_fd;
}

enum err net_serve(const char *dir, struct net_server **out, struct fault *fault)
{
	struct sockaddr_un address;
	struct net_server *s = calloc(1, sizeof(*s));
	CHECK(s, "out of memory");
	*out = NULL;
	for (int i = 0; i < NET_CLIENTS_MAX; i++)
		s->clients[i].fd = -1;
	net_server_patience(s, NET_PARTIAL_MS, NET_SILENT_MS);
	s->dir_fd = socket_address(dir, &address);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* Whoever holds the lead owns the name; a socket left by a killed leader is in the way. */
	unlinkat(s->dir_fd, "leader.sock", 0);
	mode_t old = umask(0177);
	bool bound = s->dir_fd >= 0 && s->fd >= 0
		&& bind(s->fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(s->fd, NET_CLIENTS_MAX) == 0;
	umask(old);
	if (!bound) {
		enum err e = fault_set(fault, ERR_IO, 0, 0, "the socket in %s cannot be made: %s", dir, strerror(errno));
		net_server_close(s);
		return e;
	}
	struct stat st;
	if (fstatat(s->dir_fd, "leader.sock", &st, AT_SYMLINK_NOFOLLOW) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	*out = s;
	return ERR_OK;
}

void net_server_patience(struct net_server *s, int64_t partial_ms, int64_t silent_ms)
{
	s->partial_most_ms = partial_ms;
	s->silent_most_ms = silent_ms;
}

static void client_drop(struct client *c)
{
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

void net_server_close(struct net_server *s)
{
	if (!s)
		return;
	for (int i = 0; i < NET_CLIENTS_MAX; i++)
		if (s->clients[i].fd >= 0)
			client_drop(&s->clients[i]);
	if (s->fd >= 0)
		close(s->fd);
	struct stat st;
	if (s->dir_fd >= 0 && fstatat(s->dir_fd, "leader.sock", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == s->dev
		&& st.st_ino == s->ino)
		unlinkat(s->dir_fd, "leader.sock", 0);
	if (s->dir_fd >= 0)
		close(s->dir_fd);
	free(s);
}

size_t net_server_fds(const struct net_server *s, int *fds, size_t cap)
{
	size_t n = 0;
	if (n < cap)
		fds[n++] = s->fd;
	for (int i = 0; i < NET_CLIENTS_MAX && n < cap; i++)
		if (s->clients[i].fd >= 0)
			fds[n++] = s->clients[i].fd;
	return n;
}

/* --- frames --------------------------------------------------------------------------------------- */

static void frame_begin(struct buf *b, size_t len)
{
	uint8_t head[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };
	buf_add(b, head, sizeof(head));
}

/* The first whole frame of a buffer: 1 found, 0 not yet, -1 too long. */
static int frame_next(const struct buf *b, size_t at, struct str *frame)
{
	const uint8_t *p = (const uint8_t *)b->ptr + at;
	if (b->len - at < 4)
		return 0;
	size_t len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (len > NET_FRAME_MAX || len == 0)
		return -1;
	if (b->len - at < 4 + len)
		return 0;
	*frame = (struct str){ b->ptr + at + 4, len };
	return 1;
}

static void buf_drop_front(struct buf *b, size_t len)
{
	if (len == b->len) {
		buf_clear(b);
		return;
	}
	memmove(b->ptr, b->ptr + len, b->len - len);
	b->len -= len;
}

static void answer_encode(const struct net_answer *a, struct buf *out)
{
	const char *verdict = refusal_name(a->verdict);
	size_t detail = strnlen(a->detail, 255);
	frame_begin(out, 1 + 1 + 8 + 1 + strlen(verdict) + 1 + detail);
	buf_char(out, 'R');
	buf_char(out, (char)a->ordered);
	for (int i = 7; i >= 0; i--)
		buf_char(out, (char)(a->number >> (8 * i)));
	buf_char(out, (char)strlen(verdict));
	buf_text(out, verdict);
	buf_char(out, (char)detail);
	buf_add(out, a->detail, detail);
}

static bool answer_decode(struct str frame, struct net_answer *a)
{
	const uint8_t *p = (const uint8_t *)frame.ptr, *end = p + frame.len;
	memset(a, 0, sizeof(*a));
	if (frame.len < 12 || *p++ != 'R')
		return false;
	a->ordered = *p++ != 0;
	for (int i = 0; i < 8; i++)
		a->number = a->number << 8 | *p++;
	size_t len = *p++;
	if ((size_t)(end - p) < len + 1)
		return false;
	a->verdict = refusal_named((struct str){ (const char *)p, len });
	if (len == 4 && memcmp(p, "done", 4) == 0)
		a->verdict = REFUSED_NOT;
	p += len;
	len = *p++;
	if ((size_t)(end - p) != len)
		return false;
	memcpy(a->detail, p, len);
	return true;
}

/* --- serving -------------------------------------------------------------------------------------- */

/* A place for a connection of a process: none when it holds its share already. When all are taken, that of who has been silent
 * for longest, if it is longer than anybody who works is. */
static struct client *server_place(struct net_server *s, pid_t process)
{
	struct client *free_one = NULL, *silent = NULL;
	int held = 0;
	for (int i = 0; i < NET_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		held += c->fd >= 0 && c->process == process;
		if (c->fd < 0)
			free_one = free_one ? free_one : c;
		else if (!silent || c->spoke_ms < silent->spoke_ms)
			silent = c;
	}
	if (held >= NET_PROCESS_MAX)
		return NULL;
	if (!free_one && steady_ms() - silent->spoke_ms > s->partial_most_ms) {
		client_drop(silent);
		return silent;
	}
	return free_one;
}

static void server_accept(struct net_server *s)
{
	for (int n = 0; n < 2 * NET_CLIENTS_MAX; n++) { /* who only connects does not keep the leader from its work */
		struct ucred who;
		socklen_t len = sizeof(who);
		int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		bool ours = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
		struct client *c = ours ? server_place(s, who.pid) : NULL;
		if (c)
			*c = (struct client){ .fd = fd, .process = who.pid, .spoke_ms = steady_ms() };
		else
			close(fd);
	}
}

/* Closes who has begun a frame and does not end it, or says nothing at all. A console asks for a sign of life once a second. */
static void server_reap(struct net_server *s)
{
	int64_t now = steady_ms();
	for (int i = 0; i < NET_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		if (c->fd >= 0 && ((c->partial_ms && now - c->partial_ms > s->partial_most_ms) || now - c->spoke_ms > s->silent_most_ms))
			client_drop(c);
	}
}

static size_t server_holds(const struct net_server *s)
{
	size_t n = 0;
	for (int i = 0; i < NET_CLIENTS_MAX; i++)
		n += s->clients[i].fd >= 0 ? s->clients[i].in.len : 0;
	return n;
}

/* Reads what is there, but no more than one frame needs: who sends faster than we apply waits. */
static void client_read(struct net_server *s, struct client *c)
{
	char bytes[65536];
	size_t held = server_holds(s);
	ssize_t n = 1;
	while (c->in.len < CLIENT_IN_MAX && held < ALL_IN_MAX && (n = recv(c->fd, bytes, sizeof(bytes), 0)) > 0) {
		buf_add(&c->in, bytes, (size_t)n);
		held += (size_t)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		client_drop(c);
}

static void client_write(struct client *c)
{
	while (c->out.len) {
		ssize_t n = send(c->fd, c->out.ptr, c->out.len, MSG_NOSIGNAL);
		if (n <= 0) {
			if ((errno != EAGAIN && errno != EINTR) || c->out.len > CLIENT_OUT_MAX)
				client_drop(c);
			return;
		}
		buf_drop_front(&c->out, (size_t)n);
	}
}

enum { POLL_REQUESTS_MAX = 256 };

struct round {
	struct net_request requests[POLL_REQUESTS_MAX];
	struct client *from[POLL_REQUESTS_MAX];
	size_t count, used[NET_CLIENTS_MAX];
};

/* The whole frames of one client; one that does not speak our protocol goes, with what it asked in this round. */
static void client_frames(struct round *r, struct client *c, size_t *used)
{
	struct str frame;
	int have = 0;
	while (r->count < POLL_REQUESTS_MAX && (have = frame_next(&c->in, *used, &frame)) == 1) {
		*used += 4 + frame.len;
		c->spoke_ms = steady_ms();
		c->partial_ms = 0;
		if (frame.ptr[0] == 'P' && frame.len == 1) {
			frame_begin(&c->out, 1);
			buf_char(&c->out, 'O');
			continue;
		}
		if (frame.ptr[0] != 'S') {
			have = -1;
			break;
		}
		r->from[r->count] = c;
		r->requests[r->count++] = (struct net_request){ .envelope = { frame.ptr + 1, frame.len - 1 } };
	}
	if (have == 0 && c->in.len > *used && !c->partial_ms && r->count < POLL_REQUESTS_MAX)
		c->partial_ms = steady_ms();
	if (have >= 0)
		return;
	while (r->count && r->from[r->count - 1] == c)
		r->count--;
	*used = 0;
	client_drop(c);
}

void net_server_poll(struct net_server *s, void (*fn)(void *ctx, struct net_request *requests, size_t count),
	void *ctx)
{
	struct round r;
	bool full = false;
	r.count = 0;
	memset(r.used, 0, sizeof(r.used));
	server_accept(s);
	for (int k = 0, first = s->first; k < NET_CLIENTS_MAX; k++) {
		int i = (first + k) % NET_CLIENTS_MAX;
		if (s->clients[i].fd >= 0)
			client_read(s, &s->clients[i]);
		if (s->clients[i].fd >= 0)
			client_frames(&r, &s->clients[i], &r.used[i]);
		if (r.count == POLL_REQUESTS_MAX && !full) {
			full = true;
			s->first = (i + 1) % NET_CLIENTS_MAX; /* who fills a round is the last of the next one */
		}
	}
	if (r.count)
		fn(ctx, r.requests, r.count);
	for (size_t i = 0; i < r.count; i++)
		answer_encode(&r.requests[i].answer, &r.from[i]->out);
	for (int i = 0; i < NET_CLIENTS_MAX; i++) {
		if (s->clients[i].fd >= 0 && r.used[i])
			buf_drop_front(&s->clients[i].in, r.used[i]);
		if (s->clients[i].fd >= 0)
			client_write(&s->clients[i]);
	}
	server_reap(s);
}

/* --- asking --------------------------------------------------------------------------------------- */

enum err net_connect(const char *dir, struct net_client **out, struct fault *fault)
{
	struct sockaddr_un address;
	struct net_client *c = calloc(1, sizeof(*c));
	CHECK(c, "out of memory");
	*out = NULL;
	int dir_fd = socket_address(dir, &address);
	/* Never blocks: a leader that was stopped accepts nothing and reads nothing. */
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (dir_fd < 0 || c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		enum err e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "no leader answers in %s: %s", dir, strerror(errno));
		if (dir_fd >= 0)
			close(dir_fd);
		net_client_close(c);
		return e;
	}
	close(dir_fd);
	*out = c;
	return ERR_OK;
}

void net_client_close(struct net_client *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->in);
	free(c);
}

/* Waits until the socket is ready or the time is over. */
static bool client_wait(int fd, short events, int64_t until)
{
	struct pollfd p = { fd, events, 0 };
	int64_t left;
	while ((left = until - steady_ms()) > 0) {
		int n = poll(&p, 1, (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return false;
}

static bool client_send_all(int fd, const struct buf *b, int64_t until)
{
	size_t at = 0;
	while (at < b->len) {
		ssize_t n = send(fd, b->ptr + at, b->len - at, MSG_NOSIGNAL);
		if (n > 0)
			at += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN) || !client_wait(fd, POLLOUT, until))
			return false;
	}
	return true;
}

/* The next frame that is not the answer to a ping; those are taken note of and dropped. */
static int client_frame(struct net_client *c, struct str *frame)
{
	int have;
	while ((have = frame_next(&c->in, 0, frame)) == 1 && frame->len == 1 && frame->ptr[0] == 'O') {
		buf_drop_front(&c->in, 5);
		c->asked_ms = 0;
	}
	return have;
}

int64_t net_ping(struct net_client *c)
{
	static const char PING[] = { 0, 0, 0, 1, 'P' };
	char bytes[512];
	struct str frame;
	int64_t now = steady_ms();
	ssize_t n;
	while ((n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
		buf_add(&c->in, bytes, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || client_frame(c, &frame) != 0)
		return -1;
	if (c->asked_ms || now - c->pinged_ms < PING_EVERY_MS)
		return c->asked_ms ? now - c->asked_ms : 0;
	c->pinged_ms = now;
	if (send(c->fd, PING, sizeof(PING), MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof(PING))
		return -1;
	c->asked_ms = now ? now : 1;
	return 0;
}

enum err net_ask(struct net_client *c, struct str envelope, int timeout_ms, struct net_answer *answer,
	struct fault *fault)
{
	struct buf out = { 0 };
	struct str frame;
	int64_t until = steady_ms() + timeout_ms;
	frame_begin(&out, 1 + envelope.len);
	buf_char(&out, 'S');
	buf_str(&out, envelope);
	bool sent = client_send_all(c->fd, &out, until);
	buf_free(&out);
	while (sent && client_frame(c, &frame) == 0) {
		char bytes[1024];
		if (!client_wait(c->fd, POLLIN, until))
			break;
		ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			break;
		if (n > 0)
			buf_add(&c->in, bytes, (size_t)n);
	}
	if (client_frame(c, &frame) == 1 && answer_decode(frame, answer)) {
		buf_drop_front(&c->in, 4 + frame.len);
		return ERR_OK;
	}
	return fault_set(fault, ERR_UNKNOWN, 0, 0, "the leader did not answer; the event is sent again");
}
