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
#include <time.h>
#include <unistd.h>

#include "base/check.h"

struct client {
	int fd; /* -1: free */
	struct buf in, out;
};

struct net_server {
	int fd, dir_fd;
	dev_t dev; /* of the socket that we bound: a newer leader may have put its own in the same place */
	ino_t ino;
	struct client clients[NET_CLIENTS_MAX];
};

struct net_client {
	int fd;
	struct buf in;
	int64_t pinged_ms, asked_ms; /* last question; oldest one without an answer, 0 none */
};

enum { PING_EVERY_MS = 1000 };
/* What may wait in memory for one client: a request that is being read, answers that it does not read. */
enum { CLIENT_IN_MAX = NET_FRAME_MAX + 4, CLIENT_OUT_MAX = 1 << 20 };

/* A socket address by way of the directory's descriptor: short whatever the directory is called. */
static int net_address(const char *dir, struct sockaddr_un *address)
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
	s->dir_fd = net_address(dir, &address);
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

static void server_accept(struct net_server *s)
{
	for (;;) {
		struct ucred who;
		socklen_t len = sizeof(who);
		int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), slot = 0;
		if (fd < 0)
			return;
		while (slot < NET_CLIENTS_MAX && s->clients[slot].fd >= 0)
			slot++;
		if (slot == NET_CLIENTS_MAX || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0
			|| who.uid != geteuid())
			close(fd);
		else
			s->clients[slot].fd = fd;
	}
}

/* Reads what is there, but no more than one frame needs: who sends faster than we apply waits. */
static void client_read(struct client *c)
{
	char bytes[65536];
	ssize_t n = 1;
	while (c->in.len < CLIENT_IN_MAX && (n = recv(c->fd, bytes, sizeof(bytes), 0)) > 0)
		buf_add(&c->in, bytes, (size_t)n);
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

void net_server_poll(struct net_server *s, void (*fn)(void *ctx, struct net_request *requests, size_t count),
	void *ctx)
{
	struct net_request requests[POLL_REQUESTS_MAX];
	struct client *from[POLL_REQUESTS_MAX];
	size_t count = 0, used[NET_CLIENTS_MAX] = { 0 };
	server_accept(s);
	for (int i = 0; i < NET_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];
		struct str frame;
		int have = 0;
		if (c->fd < 0)
			continue;
		client_read(c);
		while (c->fd >= 0 && count < POLL_REQUESTS_MAX && (have = frame_next(&c->in, used[i], &frame)) == 1) {
			used[i] += 4 + frame.len;
			if (frame.ptr[0] == 'P' && frame.len == 1) {
				frame_begin(&c->out, 1);
				buf_char(&c->out, 'O');
				continue;
			}
			if (frame.ptr[0] != 'S') {
				have = -1;
				break;
			}
			from[count] = c;
			requests[count++] = (struct net_request){ .envelope = { frame.ptr + 1, frame.len - 1 } };
		}
		if (c->fd >= 0 && have < 0) {
			/* It does not speak our protocol; drop it together with what it asked in this round. */
			while (count && from[count - 1] == c)
				count--;
			used[i] = 0;
			client_drop(c);
		}
	}
	if (count)
		fn(ctx, requests, count);
	for (size_t i = 0; i < count; i++)
		answer_encode(&requests[i].answer, &from[i]->out);
	for (int i = 0; i < NET_CLIENTS_MAX; i++) {
		if (s->clients[i].fd >= 0 && used[i])
			buf_drop_front(&s->clients[i].in, used[i]);
		if (s->clients[i].fd >= 0)
			client_write(&s->clients[i]);
	}
}

/* --- asking --------------------------------------------------------------------------------------- */

enum err net_connect(const char *dir, struct net_client **out, struct fault *fault)
{
	struct sockaddr_un address;
	struct net_client *c = calloc(1, sizeof(*c));
	CHECK(c, "out of memory");
	*out = NULL;
	int dir_fd = net_address(dir, &address);
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

static int64_t monotonic_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Waits until the socket is ready or the time is over. */
static bool client_wait(int fd, short events, int64_t until)
{
	struct pollfd p = { fd, events, 0 };
	int64_t left;
	while ((left = until - monotonic_ms()) > 0) {
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
	int64_t now = monotonic_ms();
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
	int64_t until = monotonic_ms() + timeout_ms;
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
