/* Witnesses over HTTP: what the server passes on and refuses, what the client bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/witness.h"

static struct witness_server *server;
static char prefix[64];
static unsigned next_status;
static size_t heard;

static unsigned answer(void *ctx, struct str body, struct buf *out)
{
	(void)ctx;
	heard = body.len;
	buf_printf(out, "%u of %zu\n", next_status, body.len);
	return next_status;
}

static unsigned latest(void *ctx, const char *log, struct buf *out)
{
	char want[WITNESS_LOG_HEX + 1];
	(void)ctx;
	witness_log_hex("known.log", want);
	if (strcmp(log, want) != 0)
		return 404;
	buf_text(out, "what was cosigned last\n");
	return 200;
}

static int begin(void **state)
{
	struct fault f;
	(void)state;
	if (witness_serve("127.0.0.1:0", answer, latest, NULL, &server, &f) != ERR_OK)
		return -1;
	snprintf(prefix, sizeof prefix, "http://127.0.0.1:%d/some/prefix", witness_server_port(server));
	return 0;
}

static int end(void **state)
{
	(void)state;
	witness_server_close(server);
	return 0;
}

static void passes_on(void **state)
{
	static const unsigned STATUSES[] = { 200, 400, 403, 404, 409, 422, 500 };
	(void)state;
	for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++) {
		struct buf out = { 0 };
		struct fault f;
		long status;
		char want[32];
		next_status = STATUSES[i];
		assert_int_equal(witness_post(prefix, STR("old 0\n\nbody\n"), 2000, &status, &out, &f), ERR_OK);
		assert_int_equal(status, STATUSES[i]);
		snprintf(want, sizeof want, "%u of 12\n", STATUSES[i]);
		assert_string_equal(out.ptr, want);
		buf_free(&out);
	}
}

static void shows_what_it_cosigned_last(void **state)
{
	struct buf out = { 0 };
	struct fault f;
	long status;
	(void)state;
	assert_int_equal(witness_get(prefix, "known.log", 2000, &status, &out, &f), ERR_OK);
	assert_int_equal(status, 200);
	assert_string_equal(out.ptr, "what was cosigned last\n");
	buf_clear(&out);
	assert_int_equal(witness_get(prefix, "another.log", 2000, &status, &out, &f), ERR_OK);
	assert_int_equal(status, 404);
	buf_free(&out);
}

static void bounds(void **state)
{
	size_t size = WITNESS_BODY_MAX;
	char *big = malloc(size + 1);
	struct buf out = { 0 };
	struct fault f;
	long status;
	(void)state;
	next_status = 200;
	memset(big, 'x', size + 1);
	assert_int_equal(witness_post(prefix, (struct str){ big, size }, 5000, &status, &out, &f), ERR_OK);
	assert_int_equal(status, 200);
	assert_int_equal(heard, size);
	buf_clear(&out);
	assert_int_equal(witness_post(prefix, (struct str){ big, size + 1 }, 5000, &status, &out, &f), ERR_OK);
	assert_int_equal(status, 413);
	assert_int_equal(heard, size);
	free(big);
	buf_free(&out);
}

static void nobody_there(void **state)
{
	struct buf out = { 0 };
	struct fault f;
	struct witness_server *s;
	long status;
	(void)state;
	assert_int_equal(witness_post("http://127.0.0.1:1", STR("x"), 500, &status, &out, &f), ERR_IO);
	assert_int_equal(witness_post("file:///etc/passwd", STR("x"), 500, &status, &out, &f), ERR_IO);
	assert_int_equal(out.len, 0);
	assert_int_equal(witness_serve("nonsense", answer, NULL, NULL, &s, &f), ERR_USAGE);
	assert_int_equal(witness_serve("127.0.0.1:99999", answer, NULL, NULL, &s, &f), ERR_USAGE);
	assert_int_equal(witness_serve("300.0.0.1:80", answer, NULL, NULL, &s, &f), ERR_USAGE);
	buf_free(&out);
}

/* --- who trickles ----------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A connection from 127.0.0.`host` that has sent the beginning of a request. */
static int trickle(unsigned host)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000000u + host) },
		to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)witness_server_port(server)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	send(fd, "POST /add-checkpoint HTTP/1.1\r\nX: ", 35, MSG_NOSIGNAL);
	return fd;
}

/* Many connections of several addresses that send a byte now and then: whoever asks in earnest is answered all the while. */
static void trickling_keeps_nobody_out(void **state)
{
	enum { SLOW = 96, ADDRESSES = 6 };
	int fds[SLOW];
	(void)state;
	next_status = 200;
	for (unsigned i = 0; i < SLOW; i++)
		fds[i] = trickle(2 + i % ADDRESSES);
	for (int64_t until = now_ms() + 5000; now_ms() < until;) {
		struct buf out = { 0 };
		struct fault f;
		long status;
		assert_int_equal(witness_post(prefix, STR("old 0\n\nbody\n"), 4000, &status, &out, &f), ERR_OK);
		assert_int_equal(status, 200);
		buf_free(&out);
		for (unsigned i = 0; i < SLOW; i++) /* who was cut comes again */
			if (send(fds[i], "x", 1, MSG_NOSIGNAL) < 0) {
				close(fds[i]);
				fds[i] = trickle(2 + i % ADDRESSES);
			}
		usleep(100000);
	}
	for (unsigned i = 0; i < SLOW; i++)
		close(fds[i]);
}

static bool was_cut(int fd)
{
	char c;
	return recv(fd, &c, 1, MSG_DONTWAIT) == 0;
}

/* Where most places are taken, whoever holds most of them gives some up, not who came first with one. */
static void who_holds_most_gives_up_first(void **state)
{
	enum { GREEDY = 48 };
	int one = trickle(20), fds[GREEDY], cut = 0;
	(void)state;
	usleep(200000);
	for (unsigned i = 0; i < GREEDY; i++)
		fds[i] = trickle(21 + i % 3);
	for (int64_t until = now_ms() + 5000; !cut && now_ms() < until; usleep(50000))
		for (unsigned i = 0; i < GREEDY; i++)
			cut += was_cut(fds[i]);
	assert_true(cut > 0);
	assert_false(was_cut(one));
	for (unsigned i = 0; i < GREEDY; i++)
		close(fds[i]);
	close(one);
}

/* One alone has its time, and no more. */
static void a_request_has_an_end(void **state)
{
	int fd = trickle(9);
	int64_t begun = now_ms();
	char c;
	(void)state;
	while (now_ms() - begun < 2L * WITNESS_LIFE_MS && send(fd, "x", 1, MSG_NOSIGNAL) == 1 && recv(fd, &c, 1, MSG_DONTWAIT) != 0)
		usleep(200000);
	assert_in_range(now_ms() - begun, WITNESS_LIFE_MS - 1000, 2L * WITNESS_LIFE_MS - 1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(passes_on), cmocka_unit_test(shows_what_it_cosigned_last), cmocka_unit_test(bounds),
		cmocka_unit_test(nobody_there), cmocka_unit_test(trickling_keeps_nobody_out), cmocka_unit_test(who_holds_most_gives_up_first),
		cmocka_unit_test(a_request_has_an_end) };
	return cmocka_run_group_tests(tests, begin, end);
}
