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
#include <sys/wait.h>
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

static int raw_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
}

static int raw_dial(int fd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/leader.sock", dir);
	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}

static int raw_connect(void)
{
	int fd = raw_socket();
	assert_int_equal(raw_dial(fd), 0);
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
	assert_in_range(now_ms() - began, 150, 20000);
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
	assert_in_range(now_ms() - began, 0, 20000);
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

static bool is_closed(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static void poll_for(int64_t ms)
{
	int64_t until = now_ms() + ms;
	do {
		net_server_poll(server, serve, NULL);
		usleep(5000);
	} while (now_ms() < until);
}

/* A frame that is begun and not ended, a byte at a time or not at all; and one who says nothing. */
static void who_trickles_is_closed(void **state)
{
	int slow = raw_connect(), mute = raw_connect(), lively = raw_connect();
	int64_t begun = now_ms();
	(void)state;
	net_server_patience(server, 150, 1200);
	pour(slow, "\0\0\1\0S", 5);
	for (int i = 0; i < 12; i++) { /* the bytes go on coming, the frame does not end */
		pour(slow, "x", 1);
		pour(lively, "\0\0\0\1P", 5);
		poll_for(25);
	}
	assert_true(is_closed(slow));
	if (now_ms() - begun < 1200) /* a machine that took longer says nothing of it */
		assert_false(is_closed(mute));
	assert_false(is_closed(lively));
	for (int i = 0; i < 40; i++) {
		pour(lively, "\0\0\0\1P", 5);
		poll_for(30);
	}
	assert_true(is_closed(mute));
	assert_false(is_closed(lively));
	assert_int_equal(served, 0);
	close(slow), close(mute), close(lively);
}

/* One process takes no more than its share of the places, so another always finds one. */
static void one_process_has_its_share(void **state)
{
	int fds[3 * NET_PROCESS_MAX];
	int open = 0;
	(void)state;
	for (int i = 0; i < 3 * NET_PROCESS_MAX; i++) {
		fds[i] = raw_connect();
		net_server_poll(server, serve, NULL);
	}
	for (int i = 0; i < 3 * NET_PROCESS_MAX; i++) {
		open += !is_closed(fds[i]);
		close(fds[i]);
	}
	assert_int_equal(open, NET_PROCESS_MAX);
}

/* Two processes with frames that do not end: however much they pour, all places together hold no more than eight frames. */
static void all_together_hold_eight_frames(void **state)
{
	enum { OURS = NET_PROCESS_MAX - 1, PEERS = OURS + NET_PROCESS_MAX, MIB = 1 << 20 };
	static char frame[4 + NET_FRAME_MAX - 1] = { 0, 0x20, 0, 0, 'S' };
	size_t sent[PEERS] = { 0 }, sum = 0, before;
	int fds[PEERS], ended;
	(void)state;
	net_server_patience(server, 60000, 60000);
	for (int i = 0; i < PEERS; i++)
		fds[i] = raw_socket();
	pid_t other = fork();
	for (int i = other ? 0 : OURS; i < (other ? OURS : PEERS); i++)
		if (raw_dial(fds[i]) != 0)
			_exit(1);
	if (!other)
		_exit(0);
	assert_true(waitpid(other, &ended, 0) == other && ended == 0);
	do {
		before = sum;
		net_server_poll(server, serve, NULL);
		for (int i = 0; i < PEERS; i++) {
			size_t n = pour(fds[i], frame + sent[i], sizeof(frame) - sent[i]);
			sent[i] += n;
			sum += n;
		}
	} while (sum > before);
	assert_in_range(sum, 16 * MIB, 24 * MIB); /* with what the sockets hold */
	int fd = raw_connect();
	pour(fd, "\0\0\0\2Sa", 6);
	poll_for(20);
	assert_int_equal(served, 0);
	net_server_patience(server, 1, 60000); /* who does not end his frame makes room */
	poll_for(50);
	assert_int_equal(served, 1);
	for (int i = 0; i < PEERS; i++)
		close(fds[i]);
	close(fd);
}

/* Processes that take all places and say nothing give one up to who comes to work. */
static void full_of_the_silent_lets_one_in(void **state)
{
	enum { PROCESSES = NET_CLIENTS_MAX / NET_PROCESS_MAX };
	int ready[2], stay[2];
	char c;
	(void)state;
	net_server_patience(server, 150, 60000);
	assert_int_equal(pipe(ready) | pipe(stay), 0);
	for (int p = 0; p < PROCESSES; p++)
		if (fork() == 0) {
			for (int i = 0; i < NET_PROCESS_MAX; i++)
				raw_connect();
			close(stay[1]);
			c = write(ready[1], "r", 1) == 1 && read(stay[0], &c, 1) == 0;
			_exit(0);
		}
	close(stay[0]);
	for (int p = 0; p < PROCESSES; p++)
		assert_int_equal(read(ready[0], &c, 1), 1);
	poll_for(250);
	int fd = raw_connect();
	pour(fd, "\0\0\0\2Sa", 6);
	poll_for(50);
	assert_int_equal(served, 1);
	assert_false(is_closed(fd));
	close(fd);
	close(stay[1]), close(ready[0]), close(ready[1]);
	while (wait(NULL) > 0)
		;
}

/* Bytes by dice, whole frames of nonsense among them: nothing but a dropped connection comes of it, and others are served. */
static void garbage_harms_nobody(void **state)
{
	uint64_t dice = 20261121;
	char bytes[512], got[64];
	int good = raw_connect();
	(void)state;
	for (int round = 0; round < 3000; round++) {
		int fd = raw_connect();
		for (size_t i = 0; i < sizeof(bytes); i++) {
			dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			bytes[i] = (char)(dice >> 40);
		}
		if (round % 3)
			memcpy(bytes, round % 2 ? "\0\0\0\7S" : "\0\0\1\0S", 5);
		pour(fd, bytes, 1 + (size_t)(dice >> 33) % sizeof(bytes));
		net_server_poll(server, serve, NULL);
		close(fd);
	}
	net_server_poll(server, serve, NULL);
	size_t before = served;
	pour(good, "\0\0\0\2Sa", 6);
	net_server_poll(server, serve, NULL);
	assert_int_equal(served, before + 1);
	assert_true(recv(good, got, sizeof(got), 0) > 8);
	close(good);
}

/* One who floods with requests does not keep another from being answered in the next round. */
static void a_flood_of_requests_is_shared(void **state)
{
	static char frames[6 * 4000];
	char got[64];
	int flood = raw_connect(), other = raw_connect();
	(void)state;
	for (size_t i = 0; i < sizeof(frames); i += 6)
		memcpy(frames + i, "\0\0\0\2Sf", 6);
	net_server_poll(server, serve, NULL);
	pour(flood, frames, sizeof(frames));
	pour(other, "\0\0\0\2So", 6);
	int rounds = 0;
	while (recv(other, got, sizeof(got), MSG_DONTWAIT) <= 0 && ++rounds < 9)
		net_server_poll(server, serve, NULL);
	assert_in_range(rounds, 0, 2);
	close(flood), close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(asking_a_stopped_leader_ends), T(connecting_to_a_stopped_leader_ends), T(a_request_in_pieces_is_answered),
		T(who_speaks_something_else_is_dropped), T(a_flood_is_bounded), T(who_trickles_is_closed),
		T(one_process_has_its_share), T(all_together_hold_eight_frames), T(full_of_the_silent_lets_one_in), T(garbage_harms_nobody), T(a_flood_of_requests_is_shared),
#undef T
	};
	return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
