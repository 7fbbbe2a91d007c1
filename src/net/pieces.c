/* Pieces of evidence over HTTP (see net/pieces.h).
 *
 * What must remain true: the server writes nothing and holds no piece in memory; the client never keeps more than was
 * asked for, follows nobody elsewhere and waits for nobody without end. */
#include "net/pieces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "client_int.h"
#include "listener_int.h"

/* --- server --------------------------------------------------------------------------------------- */

struct pieces_server {
	struct listener *listener;
	pieces_answer_fn *fn;
	void *ctx;
};

static struct MHD_Response *response_of(struct pieces_answer *a)
{
	if (a->fd >= 0)
		return MHD_create_response_from_fd64(a->size, a->fd);
	if (a->len)
		return MHD_create_response_from_buffer(a->len, a->bytes, MHD_RESPMEM_MUST_COPY);
	return MHD_create_response_from_buffer(strlen(a->text), a->text, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result serve(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *data, size_t *len, void **state)
{
	static int begun;
	struct pieces_server *s = ctx;
	struct pieces_answer a = { .status = MHD_HTTP_METHOD_NOT_ALLOWED, .fd = -1, .text = "pieces are asked for by GET\n" };
	const char *word = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Authorization");
	(void)version, (void)data;
	if (!*state) {
		*state = &begun;
		return MHD_YES;
	}
	if (*len) { /* nobody listens to what is sent along */
		*len = 0;
		return MHD_YES;
	}
	if (!strcmp(method, "GET")) {
		memset(&a, 0, sizeof(a));
		a.fd = -1;
		s->fn(s->ctx, url, word ? word : "", &a);
	}
	struct MHD_Response *r = response_of(&a);
	if (!r) {
		if (a.fd >= 0)
			close(a.fd);
		return MHD_NO;
	}
	MHD_add_response_header(r, "Content-Type", a.fd >= 0 || a.len ? "application/octet-stream" : "text/plain; charset=utf-8");
	MHD_add_response_header(r, "Cache-Control", "no-store");
	if (a.status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET");
	enum MHD_Result done = MHD_queue_response(c, a.status, r);
	MHD_destroy_response(r);
	return done;
}

enum err pieces_serve(const char *host_port, pieces_answer_fn *fn, void *ctx, struct pieces_server **out, struct fault *fault)
{
	struct pieces_server *s = calloc(1, sizeof(*s));
	CHECK(s, "out of memory");
	*out = NULL;
	s->fn = fn;
	s->ctx = ctx;
	struct listener_options o = { .host_port = host_port, .connections = PIECES_CONNECTIONS_MAX, .life_ms = PIECES_TIMEOUT_MS, .memory = 65536,
		.serve = serve, .ctx = s };
	enum err e = listener_start(&o, &s->listener, fault);
	if (e == ERR_OK)
		*out = s;
	else
		free(s);
	return e;
}

int pieces_server_port(const struct pieces_server *s) { return listener_port(s->listener); }

void pieces_server_close(struct pieces_server *s)
{
	if (!s)
		return;
	listener_stop(s->listener);
	free(s);
}

/* --- client --------------------------------------------------------------------------------------- */

struct pieces_client {
	CURL *easy;
	char url[PIECES_URL_MAX], why[CURL_ERROR_SIZE];
	struct buf *out; /* of the request that runs */
	size_t most, head;
	bool more;       /* came than was asked for */
	bool enough;     /* of the words of a peer that does not give it */
};

enum { WORDS_MAX = 1024 };

static size_t hear(char *data, size_t size, size_t count, void *ctx)
{
	struct pieces_client *c = ctx;
	size_t len = size * count;
	long status = 0;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		c->enough = c->out->len + len > WORDS_MAX;
		if (!c->enough)
			buf_add(c->out, data, len);
		return c->enough ? 0 : len;
	}
	if (len > c->most || c->out->len > c->most - len) {
		c->more = true;
		return 0;
	}
	buf_add(c->out, data, len);
	return len;
}

static size_t hear_head(char *data, size_t size, size_t count, void *ctx)
{
	struct pieces_client *c = ctx;
	(void)data;
	c->head += size * count;
	c->more = c->more || c->head > PIECES_HEAD_MAX;
	return c->more ? 0 : size * count;
}

enum err pieces_connect(const char *url, int timeout_ms, struct pieces_client **out, struct fault *fault)
{
	size_t len = strlen(url);
	*out = NULL;
	if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) || len >= PIECES_URL_MAX - 160)
		return fault_set(fault, ERR_USAGE, 0, 0, "\"%.80s\" is no address of a peer: say http://HOST:PORT or https://HOST", url);
	struct pieces_client *c = calloc(1, sizeof(*c));
	CHECK(c, "out of memory");
	c->easy = client_new(url, timeout_ms ? timeout_ms : PIECES_TIMEOUT_MS, hear, c, c->why);
	snprintf(c->url, sizeof(c->url), "%.*s", (int)(url[len - 1] == '/' ? len - 1 : len), url);
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)PIECES_CONNECT_MS);
	curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, (long)PIECES_SLOW_BYTES);
	curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, (long)PIECES_SLOW_SECONDS);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, hear_head);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	*out = c;
	return ERR_OK;
}

void pieces_disconnect(struct pieces_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	free(c);
}

/* What the peer did, as a failure. Its words are data: fault_set makes them harmless. */
static enum err heard(struct pieces_client *c, CURLcode rc, struct fault *fault)
{
	long status = 0;
	struct str rest = str_trim(buf_view(c->out)), said = str_cut(&rest, '\n'); /* a second line could pass for one of ours */
	int len = said.len < 150 ? (int)said.len : 150;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (c->more)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the peer at %.150s sends more than the %zu bytes that were asked for; it was cut off", c->url, c->most);
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return fault_set(fault, ERR_IO, 0, 0, "the peer at %.150s is too slow or silent; what came whole is kept, ask again", c->url);
	if (rc == CURLE_PARTIAL_FILE || rc == CURLE_GOT_NOTHING || rc == CURLE_RECV_ERROR)
		return fault_set(fault, ERR_IO, 0, 0, "the peer at %.150s ended early; what came whole is kept, ask again", c->url);
	if (rc != CURLE_OK && !c->enough)
		return fault_set(fault, ERR_IO, 0, 0, "the peer at %.150s did not answer: %.120s", c->url, c->why[0] ? c->why : curl_easy_strerror(rc));
	if (status >= 300 && status < 400)
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "the peer at %.150s sends elsewhere (HTTP %ld); nobody is followed: name the host that has it",
			c->url, status);
	if (status == 401 || status == 403)
		return fault_set(fault, ERR_DENIED, 0, 0, "the peer at %.100s does not give it: %.*s", c->url, len, len ? said.ptr : "");
	if (status == 404 || status == 410)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "the peer at %.100s does not have it: %.*s", c->url, len, len ? said.ptr : "");
	return status == 200 ? ERR_OK : fault_set(fault, ERR_IO, 0, 0, "the peer at %.100s answered HTTP %ld: %.*s", c->url, status, len,
		len ? said.ptr : "");
}

enum err pieces_get(struct pieces_client *c, const char *path, const char *authorization, size_t most, struct buf *out, struct fault *fault)
{
	char url[PIECES_URL_MAX + 160];
	struct buf header = { 0 };
	buf_clear(out);
	snprintf(url, sizeof(url), "%s%.150s", c->url, path);
	buf_printf(&header, "Authorization: %s", authorization);
	struct curl_slist *headers = curl_slist_append(NULL, header.ptr);
	CHECK(headers, "out of memory");
	c->out = out;
	c->most = most;
	c->head = 0;
	c->more = c->enough = false;
	c->why[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_URL, url);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, headers);
	enum err e = heard(c, curl_easy_perform(c->easy), fault);
	curl_slist_free_all(headers);
	buf_free(&header);
	if (e != ERR_OK)
		buf_clear(out);
	return e;
}
