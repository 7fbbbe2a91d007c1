/* Pieces over HTTP: what the server passes on, and what the client refuses of a peer that behaves as it should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile_peer.h"
#include "net/pieces.h"

static struct pieces_answer next;
static char path_heard[200], word_heard[200], file[] = "/tmp/wharf-pieces-XXXXXX";
static size_t file_size;
static struct fault fault;

static void answer(void *ctx, const char *path, const char *word, struct pieces_answer *out)
{
	(void)ctx;
	snprintf(path_heard, sizeof(path_heard), "%s", path);
	snprintf(word_heard, sizeof(word_heard), "%s", word);
	*out = next;
	out->fd = file_size ? open(file, O_RDONLY) : -1;
	out->size = file_size;
}

static void a_piece_is_given_as_it_lies(void **state)
{
	struct pieces_server *s;
	struct pieces_client *c;
	struct buf out = { 0 };
	char url[64], *big = malloc(1 << 20);
	int fd = mkstemp(file);
	(void)state;
	memset(big, 7, 1 << 20);
	assert_int_equal(write(fd, big, 1 << 20), 1 << 20);
	close(fd);
	assert_int_equal(pieces_serve("127.0.0.1:0", answer, NULL, &s, &fault), ERR_OK);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/under/", pieces_server_port(s));
	assert_int_equal(pieces_connect(url, 5000, &c, &fault), ERR_OK);
	next = (struct pieces_answer){ .status = 200 };
	file_size = 1 << 20;
	assert_int_equal(pieces_get(c, "/evidence/x", "who", 1 << 20, &out, &fault), ERR_OK);
	assert_int_equal(out.len, 1 << 20);
	assert_memory_equal(out.ptr, big, 1 << 20);
	assert_string_equal(path_heard, "/under/evidence/x");
	assert_string_equal(word_heard, "who");
	assert_int_equal(pieces_get(c, "/evidence/x", "who", (1 << 20) - 1, &out, &fault), ERR_LIMIT);
	assert_int_equal(out.len, 0);
	file_size = 0;
	next = (struct pieces_answer){ .status = 200, .len = 3, .bytes = { 1, 0, 2 } };
	assert_int_equal(pieces_get(c, "/evidence/x", "who", 3, &out, &fault), ERR_OK);
	assert_int_equal(out.len, 3);
	static const struct { unsigned status; enum err err; } SAYS[] = { { 401, ERR_DENIED }, { 403, ERR_DENIED }, { 404, ERR_NOT_FOUND },
		{ 410, ERR_NOT_FOUND }, { 500, ERR_IO }, { 503, ERR_IO } };
	for (size_t i = 0; i < sizeof(SAYS) / sizeof(SAYS[0]); i++) {
		next = (struct pieces_answer){ .status = SAYS[i].status, .text = "because of this\n" };
		assert_int_equal(pieces_get(c, "/evidence/x", "who", 3, &out, &fault), SAYS[i].err);
		assert_non_null(strstr(fault.text, "because of this"));
		assert_int_equal(out.len, 0);
	}
	pieces_disconnect(c);
	pieces_server_close(s);
	buf_free(&out);
	free(big);
	unlink(file);
}

/* Each manner of the peer, and the name of what it did. Within five seconds, with no more heard than a piece has. */
static void a_hostile_peer_is_named(void **state)
{
	static const struct { enum peer_manner manner; enum err err; const char *says; } CASES[] = {
		{ PEER_ENDLESS, ERR_LIMIT, "more than" }, { PEER_LONG, ERR_LIMIT, "more than" }, { PEER_CHUNKED, ERR_LIMIT, "more than" },
		{ PEER_EARLY, ERR_IO, "ended early" }, { PEER_SLOW, ERR_IO, "too slow" }, { PEER_SILENT, ERR_IO, "too slow" },
		{ PEER_REDIRECT, ERR_UNSUPPORTED, "sends elsewhere" }, { PEER_HEADERS, ERR_LIMIT, "more than" }, { PEER_NOISE, ERR_IO, "did not answer" },
		{ PEER_HANG_UP, ERR_IO, "ended early" }, { PEER_GONE, ERR_NOT_FOUND, "does not have it" }, { PEER_REFUSES, ERR_DENIED, "ask somebody" },
		{ PEER_TALKATIVE, ERR_DENIED, "does not give it" } };
	struct hostile_peer p;
	struct pieces_client *c;
	struct buf out = { 0 };
	char url[64];
	(void)state;
	assert_true(peer_begin(&p, url));
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		p.manner = CASES[i].manner;
		assert_int_equal(pieces_connect(url, 700, &c, &fault), ERR_OK);
		enum err e = pieces_get(c, "/evidence/x", "who", 1000, &out, &fault);
		if (e != CASES[i].err || !strstr(fault.text, CASES[i].says))
			print_error("manner %d: %s, %s\n", (int)CASES[i].manner, err_name(e), fault.text);
		assert_int_equal(e, CASES[i].err);
		assert_non_null(strstr(fault.text, CASES[i].says));
		assert_null(strpbrk(fault.text, "\x1b\a"));
		assert_int_equal(out.len, 0);
		assert_true(out.cap < 65536);
		pieces_disconnect(c);
	}
	p.manner = PEER_PACKED; /* what is said to be packed is taken as it came */
	assert_int_equal(pieces_connect(url, 700, &c, &fault), ERR_OK);
	assert_int_equal(pieces_get(c, "/evidence/x", "who", 1000, &out, &fault), ERR_IO);
	pieces_disconnect(c);
	peer_end(&p);
	buf_free(&out);
}

static void only_http_is_spoken(void **state)
{
	static const char *const OTHERS[] = { "file:///etc/passwd", "ftp://127.0.0.1", "gopher://127.0.0.1:1", "127.0.0.1:80", "", "httpx://a" };
	struct pieces_client *c;
	struct pieces_server *s;
	(void)state;
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		assert_int_equal(pieces_connect(OTHERS[i], 0, &c, &fault), ERR_USAGE);
	assert_int_equal(pieces_serve("nonsense", answer, NULL, &s, &fault), ERR_USAGE);
	assert_int_equal(pieces_serve("127.0.0.1:99999", answer, NULL, &s, &fault), ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_piece_is_given_as_it_lies), cmocka_unit_test(a_hostile_peer_is_named),
		cmocka_unit_test(only_http_is_spoken) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
