/* A peer that answers requests over HTTP as it should not: one thread, one connection at a time, on a port of its own.
 * Tests set how it behaves before they ask; it never ends by itself. */
#ifndef WHARF_TESTS_HOSTILE_PEER_H
#define WHARF_TESTS_HOSTILE_PEER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum peer_manner { PEER_WRONG, PEER_ENDLESS, PEER_LONG, PEER_CHUNKED, PEER_EARLY, PEER_SLOW, PEER_SILENT, PEER_REDIRECT, PEER_PACKED,
	PEER_HEADERS, PEER_NOISE, PEER_HANG_UP, PEER_GONE, PEER_REFUSES, PEER_EMPTY, PEER_TALKATIVE, PEER_MANNERS };

struct hostile_peer {
	int fd, port;
	pthread_t thread;
	_Atomic int manner;
	_Atomic bool ends;
	_Atomic unsigned asked;     /* requests heard */
	_Atomic unsigned long sent; /* bytes */
};

static bool peer_send(struct hostile_peer *p, int c, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = send(c, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		p->sent += (unsigned long)n;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* Waits a moment; false when the client is gone or the test ends. */
static bool peer_wait(struct hostile_peer *p, int c, int ms)
{
	struct pollfd x = { .fd = c, .events = POLLIN };
	char byte;
	if (poll(&x, 1, ms) > 0 && recv(c, &byte, 1, MSG_DONTWAIT) <= 0)
		return false;
	return !p->ends;
}

static void peer_more(struct hostile_peer *p, int c, const char *piece)
{
	while (!p->ends && peer_send(p, c, piece, strlen(piece)))
		continue;
}

static void peer_answer(struct hostile_peer *p, int c)
{
	static const char *const HEADS[PEER_MANNERS] = {
		[PEER_WRONG] = "HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\nnot what you want",
		[PEER_ENDLESS] = "HTTP/1.0 200 OK\r\n\r\n", [PEER_LONG] = "HTTP/1.1 200 OK\r\nContent-Length: 9000000000000\r\n\r\n",
		[PEER_CHUNKED] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		[PEER_EARLY] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthat is all", [PEER_SLOW] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
		[PEER_SILENT] = "", [PEER_REDIRECT] = "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
		[PEER_PACKED] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n\x1f\x8b\x08",
		[PEER_HEADERS] = "HTTP/1.1 200 OK\r\n", [PEER_NOISE] = "\x16\x03\x01 220 welcome\r\n\r\n", [PEER_HANG_UP] = "",
		[PEER_GONE] = "HTTP/1.1 404 Not Found\r\nContent-Length: 22\r\n\r\n\x1b]0;owned\a\x1b[2Jnot here\n",
		[PEER_REFUSES] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 12\r\n\r\nask somebody", [PEER_EMPTY] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		[PEER_TALKATIVE] = "HTTP/1.0 403 Forbidden\r\n\r\n" };
	int how = p->manner;
	size_t len = how == PEER_PACKED ? strlen(HEADS[how]) + 1 : strlen(HEADS[how]);
	if (!peer_send(p, c, HEADS[how], len))
		return;
	if (how == PEER_ENDLESS || how == PEER_LONG || how == PEER_TALKATIVE)
		peer_more(p, c, "and so on, and so on, and so on, and so on, and so on, and so on, and so on, and so on, and so on. ");
	if (how == PEER_CHUNKED)
		peer_more(p, c, "10\r\n0123456789abcdef\r\n");
	if (how == PEER_HEADERS)
		peer_more(p, c, "X-More: and so on, and so on, and so on, and so on, and so on, and so on\r\n");
	while (how == PEER_SLOW && peer_wait(p, c, 50) && peer_send(p, c, ".", 1))
		continue;
	while (how == PEER_SILENT && peer_wait(p, c, 50))
		continue;
}

static void *peer_run(void *ctx)
{
	struct hostile_peer *p = ctx;
	while (!p->ends) {
		struct pollfd x = { .fd = p->fd, .events = POLLIN };
		if (poll(&x, 1, 100) <= 0)
			continue;
		int c = accept(p->fd, NULL, NULL);
		char heard[4096];
		if (c < 0)
			continue;
		if (recv(c, heard, sizeof(heard), 0) > 0) {
			p->asked++;
			peer_answer(p, c);
		}
		close(c);
	}
	return NULL;
}

static bool peer_begin(struct hostile_peer *p, char url[64])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	memset(p, 0, sizeof(*p));
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&a, len) != 0 || listen(p->fd, 8) != 0 || getsockname(p->fd, (struct sockaddr *)&a, &len) != 0)
		return false;
	p->port = ntohs(a.sin_port);
	snprintf(url, 64, "http://127.0.0.1:%d", p->port);
	return pthread_create(&p->thread, NULL, peer_run, p) == 0;
}

static void peer_end(struct hostile_peer *p)
{
	p->ends = true;
	pthread_join(p->thread, NULL);
	close(p->fd);
}

#endif
