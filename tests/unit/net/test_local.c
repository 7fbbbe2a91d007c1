/* The local socket: what a follower sends arrives whole, the answer comes back as given, and a peer that does not speak
 * the protocol is dropped without harm to the others. test_peers.c has slow, stopped and flooding peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/local.h"

static char dir[400];

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/wharf-local-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	char path[420];
	(void)state;
	snprintf(path, sizeof(path), "%s/leader.sock", dir);
	unlink(path);
	return rmdir(dir);
}

/* Answers each event with its length as the number and its first letters as the detail. */
static void echo(void *ctx, struct net_request *requests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct net_answer *a = &requests[i].answer;
		a->ordered = requests[i].envelope.ptr[0] != 'x';
		a->number = requests[i].envelope.len;
		a->verdict = a->ordered ? REFUSED_NOT : REFUSED_SOD;
		snprintf(a->detail, sizeof(a->detail), "%.8s", requests[i].envelope.ptr);
	}
	*(size_t *)ctx += count;
}

struct room {
	struct net_server *server;
	size_t served;
	volatile int stop;
};

static void *serve(void *ctx)
{
	struct room *r = ctx;
	while (!r->stop) {
		net_server_poll(r->server, echo, &r->served);
		usleep(200);
	}
	return NULL;
}

static void room_open(struct room *r, pthread_t *thread)
{
	struct fault fault;
	memset(r, 0, sizeof(*r));
	assert_int_equal(net_serve(dir, &r->server, &fault), ERR_OK);
	assert_int_equal(pthread_create(thread, NULL, serve, r), 0);
}

static void room_close(struct room *r, pthread_t thread)
{
	r->stop = 1;
	pthread_join(thread, NULL);
	net_server_close(r->server);
}

static void answers_come_back_as_given(void **state)
{
	struct room r;
	pthread_t thread;
	struct net_client *c;
	struct net_answer a;
	struct fault fault;
	static char large[1 << 20];
	(void)state;
	room_open(&r, &thread);
	assert_int_equal(net_connect(dir, &c, &fault), ERR_OK);
	assert_int_equal(net_ask(c, STR("hello world"), 5000, &a, &fault), ERR_OK);
	assert_true(a.ordered);
	assert_int_equal(a.number, 11);
	assert_int_equal(a.verdict, REFUSED_NOT);
	assert_string_equal(a.detail, "hello wo");
	assert_int_equal(net_ask(c, STR("x refused"), 5000, &a, &fault), ERR_OK);
	assert_false(a.ordered);
	assert_int_equal(a.verdict, REFUSED_SOD);
	memset(large, 'L', sizeof(large));
	assert_int_equal(net_ask(c, (struct str){ large, sizeof(large) }, 5000, &a, &fault), ERR_OK);
	assert_int_equal(a.number, sizeof(large));
	net_client_close(c);
	room_close(&r, thread);
	assert_int_equal(r.served, 3);
}

static void consoles_do_not_disturb_each_other(void **state)
{
	enum { CONSOLES = 8 };
	struct room r;
	pthread_t thread;
	struct net_client *c[CONSOLES];
	struct net_answer a;
	struct fault fault;
	(void)state;
	room_open(&r, &thread);
	for (int i = 0; i < CONSOLES; i++)
		assert_int_equal(net_connect(dir, &c[i], &fault), ERR_OK);
	for (int round = 0; round < 20; round++)
		for (int i = 0; i < CONSOLES; i++) {
			char text[32];
			snprintf(text, sizeof(text), "c%d-%d", i, round);
			assert_int_equal(net_ask(c[i], str_of(text), 5000, &a, &fault), ERR_OK);
			assert_string_equal(a.detail, text);
		}
	for (int i = 0; i < CONSOLES; i++)
		net_client_close(c[i]);
	room_close(&r, thread);
	assert_int_equal(r.served, 20 * CONSOLES);
}

static int raw_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/leader.sock", dir);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void strangers_are_dropped(void **state)
{
	static const char *const GARBAGE[] = { "\xff\xff\xff\xff lots", "\0\0\0\0 nothing", "GET / HTTP/1.1\r\n\r\n",
		"\0\0\0\2Zz" };
	static const size_t LENGTHS[] = { 9, 12, 18, 6 };
	struct room r;
	pthread_t thread;
	struct net_client *c;
	struct net_answer a;
	struct fault fault;
	(void)state;
	room_open(&r, &thread);
	assert_int_equal(net_connect(dir, &c, &fault), ERR_OK);
	for (size_t i = 0; i < sizeof(GARBAGE) / sizeof(GARBAGE[0]); i++) {
		char byte;
		int fd = raw_connect();
		assert_int_equal(send(fd, GARBAGE[i], LENGTHS[i], MSG_NOSIGNAL), (ssize_t)LENGTHS[i]);
		assert_true(recv(fd, &byte, 1, 0) <= 0);
		close(fd);
		assert_int_equal(net_ask(c, STR("still here"), 5000, &a, &fault), ERR_OK);
	}
	net_client_close(c);
	room_close(&r, thread);
	assert_int_equal(r.served, sizeof(GARBAGE) / sizeof(GARBAGE[0]));
}

static void a_long_path_is_no_limit(void **state)
{
	char deep[700], *keep = strdup(dir);
	struct room r;
	pthread_t thread;
	struct net_client *c;
	struct net_answer a;
	struct fault fault;
	(void)state;
	snprintf(deep, sizeof(deep), "%s/%0200d", keep, 7);
	assert_int_equal(mkdir(deep, 0700), 0);
	snprintf(dir, sizeof(dir), "%.390s", deep);
	room_open(&r, &thread);
	assert_int_equal(net_connect(dir, &c, &fault), ERR_OK);
	assert_int_equal(net_ask(c, STR("deep"), 5000, &a, &fault), ERR_OK);
	net_client_close(c);
	room_close(&r, thread);
	assert_int_equal(rmdir(deep), 0);
	snprintf(dir, sizeof(dir), "%s", keep);
	free(keep);
}

static void nobody_there_is_said(void **state)
{
	struct net_client *c;
	struct fault fault;
	(void)state;
	assert_int_equal(net_connect(dir, &c, &fault), ERR_NOT_FOUND);
	assert_non_null(strstr(fault.text, dir));
	assert_null(c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
int main(void)
{
	const struct CMUnitTest tests[] = { T(answers_come_back_as_given), T(consoles_do_not_disturb_each_other),
		T(strangers_are_dropped), T(a_long_path_is_no_limit), T(nobody_there_is_said) };
	return cmocka_run_group_tests_name("net/local", tests, NULL, NULL);
}
