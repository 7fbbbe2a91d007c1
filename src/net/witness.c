/* Witnesses over HTTP (see net/witness.h).
 *
 * What must remain true: bodies are bounded before they are read, and nothing is sent before the function that
 * answers has returned. */
#include "net/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "client_int.h"
#include "listener_int.h"

/* --- server -------------------------------------------------------------------------------------- */

struct witness_server {
	struct listener *listener;
	witness_answer *fn;
	witness_latest *latest;
	void *ctx;
};

/* One request that is being read. */
struct exchange {
	struct buf body;
	bool too_long;
};

/* `allow`: the method, when another one was used; else NULL. */
static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const char *allow, struct str body)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(body.len, (void *)(uintptr_t)body.ptr, MHD_RESPMEM_MUST_COPY);
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", status == MHD_HTTP_CONFLICT ? "text/x.tlog.size" : "text/plain; charset=utf-8");
	if (allow)
		MHD_add_response_header(r, "Allow", allow);
	enum MHD_Result done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

/* The hex of a path that ends in "/checkpoint/" and that, or NULL. */
static const char *asks_latest(const char *url)
{
	static const char WORD[] = "/checkpoint/";
	size_t len = strlen(url), tail = sizeof(WORD) - 1 + WITNESS_LOG_HEX;
	return len >= tail && strncmp(url + len - tail, WORD, sizeof(WORD) - 1) == 0 ? url + len - WITNESS_LOG_HEX : NULL;
}

static enum MHD_Result show_latest(const struct witness_server *s, struct MHD_Connection *c, const char *method, const char *log)
{
	struct buf out = { 0 };
	if (strcmp(method, "GET") != 0)
		return reply(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET", STR("a checkpoint is asked for by GET\n"));
	unsigned status = s->latest(s->ctx, log, &out);
	enum MHD_Result done = reply(c, status, NULL, buf_view(&out));
	buf_free(&out);
	return done;
}

static enum MHD_Result serve(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *data, size_t *len, void **state)
{
	struct witness_server *s = ctx;
	struct exchange *x = *state;
	(void)version;
	if (!x) {
		*state = x = calloc(1, sizeof(*x));
		return x ? MHD_YES : MHD_NO;
	}
	if (*len) {
		x->too_long = x->too_long || x->body.len + *len > WITNESS_BODY_MAX;
		if (!x->too_long)
			buf_add(&x->body, data, *len);
		*len = 0;
		return MHD_YES;
	}
	if (s->latest && asks_latest(url))
		return show_latest(s, c, method, asks_latest(url));
	if (!str_ends(str_of(url), "/add-checkpoint"))
		return reply(c, MHD_HTTP_NOT_FOUND, NULL, STR("there is only add-checkpoint here\n"));
	if (strcmp(method, "POST") != 0)
		return reply(c, MHD_HTTP_METHOD_NOT_ALLOWED, "POST", STR("add-checkpoint is asked by POST\n"));
	if (x->too_long)
		return reply(c, MHD_HTTP_CONTENT_TOO_LARGE, NULL, STR("the request is larger than is read\n"));
	struct buf out = { 0 };
	unsigned status = s->fn(s->ctx, buf_view(&x->body), &out);
	enum MHD_Result done = reply(c, status, NULL, buf_view(&out));
	buf_free(&out);
	return done;
}

static void finished(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode code)
{
	struct exchange *x = *state;
	(void)ctx, (void)c, (void)code;
	if (x)
		buf_free(&x->body);
	free(x);
	*state = NULL;
}

enum err witness_serve(const char *host_port, witness_answer *fn, witness_latest *latest, void *ctx, struct witness_server **out,
	struct fault *fault)
{
	struct witness_server *s = calloc(1, sizeof(*s));
	CHECK(s, "out of memory");
	*out = NULL;
	s->fn = fn;
	s->latest = latest;
	s->ctx = ctx;
	struct listener_options o = { .host_port = host_port, .connections = WITNESS_CONNECTIONS_MAX, .life_ms = WITNESS_LIFE_MS,
		.serve = serve, .finished = finished, .ctx = s };
	enum err e = listener_start(&o, &s->listener, fault);
	if (e == ERR_OK)
		*out = s;
	else
		free(s);
	return e;
}

int witness_server_port(const struct witness_server *s) { return listener_port(s->listener); }

void witness_server_close(struct witness_server *s)
{
	if (!s)
		return;
	listener_stop(s->listener);
	free(s);
}

/* --- client -------------------------------------------------------------------------------------- */

static size_t hear(char *data, size_t size, size_t count, void *ctx)
{
	struct buf *out = ctx;
	if (out->len + size * count > WITNESS_ANSWER_MAX)
		return 0;
	buf_add(out, data, size * count);
	return size * count;
}

/* body NULL: GET. */
static enum err exchange(const char *prefix, const char *rest, const struct str *body, int timeout_ms, long *status, struct buf *answer,
	struct fault *fault)
{
	char url[512], why[CURL_ERROR_SIZE];
	size_t len = strlen(prefix);
	if (len > 400)
		return fault_set(fault, ERR_LIMIT, 0, 0, "the URL of a witness is too long");
	snprintf(url, sizeof(url), "%s%s%s", prefix, len && prefix[len - 1] == '/' ? "" : "/", rest);
	CURL *c = client_new(url, timeout_ms, hear, answer, why);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain; charset=utf-8");
	headers = curl_slist_append(headers, "Expect:");
	CHECK(headers, "out of memory");
	if (body) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body->ptr);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
		curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	}
	CURLcode rc = curl_easy_perform(c);
	*status = 0;
	if (rc == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return rc == CURLE_OK ? ERR_OK : fault_set(fault, ERR_IO, 0, 0, "the witness at %.200s did not answer: %s", prefix,
		why[0] ? why : curl_easy_strerror(rc));
}

enum err witness_post(const char *prefix, struct str body, int timeout_ms, long *status, struct buf *answer, struct fault *fault)
{
	return exchange(prefix, "add-checkpoint", &body, timeout_ms, status, answer, fault);
}

void witness_log_hex(const char *origin, char out[WITNESS_LOG_HEX + 1])
{
	struct hash h = hash_of(origin, strlen(origin));
	hex_of(h.bytes, HASH_SIZE, out);
}

enum err witness_get(const char *prefix, const char *origin, int timeout_ms, long *status, struct buf *answer, struct fault *fault)
{
	char rest[sizeof("checkpoint/") + WITNESS_LOG_HEX];
	memcpy(rest, "checkpoint/", sizeof("checkpoint/"));
	witness_log_hex(origin, rest + strlen("checkpoint/"));
	return exchange(prefix, rest, NULL, timeout_ms, status, answer, fault);
}
