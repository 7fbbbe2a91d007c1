/* The local socket against peers that do not behave: stopped, flooding, speaking something else. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/local.h"

static char dir[64];
static struct net_server *server;
static size_t served;

static int begin(void **state)
{
	struct fault fault;
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/wharf-net-XXXXXX");
	served = 0;
	return mkdtemp(dir) && net_serve(dir, &server, &fault) == ERR_OK ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	net_server_close(server);
	server = NULL;
	return rmdir(dir);
}

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void serve(void *ctx, struct net_request *requests, size_t count)
{
	(void)ctx;
	for (size_t i = 0; i < count; i++) {
		requests[i].answer = (struct net_answer){ .ordered = true, .number = 41 + ++served };
		snprintf(requests[i].answer.detail, sizeof(requests[i].answer.detail), "%zu bytes", requests[i].envelope.len);
	}
}

static int raw_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/leader.sock", dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Sends as much as goes without waiting; how much that was. */
static size_t pour(int fd, const char *bytes, size_t len)
{
	size_t sent = 0;
	while (sent < len) {
		ssize_t n = send(fd, bytes + sent, len - sent, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	return sent;
}

/* A leader that was stopped reads nothing: a large event fills the socket and must not wait for ever. */
static void asking_a_stopped_leader_ends(void **state)
{
	struct net_client *c;
	struct net_answer answer;
	struct fault fault;
	size_t len = 1u << 20;
	char *large = calloc(1, len);
	(void)state;
	assert_int_equal(net_connect(dir, &c, &fault), ERR_OK);
	int64_t began = now_ms();
	assert_int_equal(net_ask(c, (struct str){ large, len }, 200, &answer, &fault), ERR_UNKNOWN);
	assert_in_range(now_ms() - began, 150, 2000);
	net_client_close(c);
	free(large);
}

static void connecting_to_a_stopped_leader_ends(void **state)
{
	struct net_client *c[3 * NET_CLIENTS_MAX] = { NULL };
	struct fault fault;
	size_t n = 0;
	int64_t began = now_ms();
	(void)state;
	while (n < 3 * NET_CLIENTS_MAX && net_connect(dir, &c[n], &fault) == ERR_OK)
		n++;
	assert_in_range(n, NET_CLIENTS_MAX, 3 * NET_CLIENTS_MAX - 1); /* then the queue is full, and that is said */
	assert_in_range(now_ms() - began, 0, 2000);
	for (size_t i = 0; i < n; i++)
		net_client_close(c[i]);
}

static void a_request_in_pieces_is_answered(void **state)
{
	static const char BYTES[] = { 0, 0, 0, 4, 'S', 'a', 'b', 'c', 0, 0, 0, 3, 'S', 'd' };
	char got[256];
	int fd = raw_connect();
	(void)state;
	for (size_t i = 0; i < sizeof(BYTES); i++) {
		assert_int_equal(pour(fd, BYTES + i, 1), 1);
		net_server_poll(server, serve, NULL);
	}
	assert_int_equal(served, 1);
	pour(fd, "e", 1);
	net_server_poll(server, serve, NULL);
	assert_int_equal(served, 2);
	ssize_t n = recv(fd, got, sizeof(got), 0);
	assert_true(n > 8 && got[4] == 'R');
	close(fd);
}

static void who_speaks_something_else_is_dropped(void **state)
{
	static const char *const WORDS[] = { "GET / HTTP/1.1\r\n\r\n", "\x7f\xff\xff\xff", "S" };
	static const char ZERO[] = { 0, 0, 0, 0 }, OTHER[] = { 0, 0, 0, 1, 'X' };
	char got;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		int fd = raw_connect();
		pour(fd, i < 2 ? WORDS[i] : i == 2 ? ZERO : OTHER, i < 2 ? strlen(WORDS[i]) : i == 2 ? sizeof(ZERO) : sizeof(OTHER));
		net_server_poll(server, serve, NULL);
		assert_int_equal(recv(fd, &got, 1, 0), 0); /* closed */
		close(fd);
	}
	assert_int_equal(served, 0);
}

/* One that asks and never reads takes neither the leader's memory nor its time. */
static void a_flood_is_bounded(void **state)
{
	static char pings[1 << 16];
	size_t sent = 0;
	int fd = raw_connect();
	(void)state;
	for (size_t i = 0; i + 5 <= sizeof(pings); i += 5)
		memcpy(pings + i, "\0\0\0\1P", 5);
	for (int round = 0; round < 400; round++) {
		size_t n = pour(fd, pings, sizeof(pings) / 5 * 5);
		sent += n;
		net_server_poll(server, serve, NULL);
		if (!n && errno == EPIPE)
			break;
	}
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), -1); /* dropped */
	assert_in_range(sent, 1 << 20, 16 << 20);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(asking_a_stopped_leader_ends), T(connecting_to_a_stopped_leader_ends), T(a_request_in_pieces_is_answered),
		T(who_speaks_something_else_is_dropped), T(a_flood_is_bounded),
#undef T
	};
	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
