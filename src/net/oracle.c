/* Asking oracles over HTTP. See net/oracle.h.
 *
 * Must remain true: what a source sends is data, never trusted: bounded in size and time, parsed strictly,
 * and believed by the ledger's quorum only. */
#include "net/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/instant.h"
#include "base/money.h"
#include "client_int.h"
#include "ledger/envelope.h"
#include "workflow/state.h"

/* --- what is asked -------------------------------------------------------------------------------- */

static struct str policy_text(const struct tabs *tabs, const char *name)
{
	const struct param *p = tab_get(tabs, &PARAM_REC, name);
	return p ? str_of(p->text) : STR("");
}

static bool ask_url(const struct tabs *tabs, const char *family, const char *source, const char *value, char out[ORACLE_URL_MAX])
{
	static const char HOLE[] = "{value}";
	char name[80];
	snprintf(name, sizeof(name), "%s.%s.url", family, source);
	struct str url = policy_text(tabs, name);
	if (!url.len || url.len + 32 > ORACLE_URL_MAX)
		return false;
	const char *hole = strstr(url.ptr, HOLE);
	if (hole)
		snprintf(out, ORACLE_URL_MAX, "%.*s%s%s", (int)(hole - url.ptr), url.ptr, value, hole + sizeof(HOLE) - 1);
	else
		snprintf(out, ORACLE_URL_MAX, "%s", url.ptr);
	return true;
}

size_t oracle_values(const struct tabs *tabs, const char *value, struct oracle_ask *out, size_t cap)
{
	static const char HEAD[] = "oracle.", TAIL[] = ".sources";
	size_t count = 0;
	TAB_FOR(param, p, tabs, &PARAM_REC, HEAD) {
		struct str name = { p->id + sizeof(HEAD) - 1, strlen(p->id) - sizeof(HEAD) + 1 }, sources = str_of(p->text);
		if (!str_ends(name, TAIL))
			continue;
		name.len -= sizeof(TAIL) - 1;
		if (value && !str_is(name, value))
			continue;
		while (sources.len && count < cap) {
			struct oracle_ask *a = &out[count];
			struct str source = str_trim(str_cut(&sources, ','));
			memset(a, 0, sizeof(*a));
			if (str_copy(a->value, sizeof(a->value), name) && str_copy(a->source, sizeof(a->source), source)
				&& ask_url(tabs, "oracle", a->source, a->value, a->url))
				count++;
		}
	}
	return count;
}

size_t oracle_effects(const struct tabs *tabs, struct arena *arena, struct oracle_ask *out, size_t cap)
{
	size_t count = 0;
	TAB_FOR(effect, e, tabs, &EFFECT_REC, "") {
		struct oracle_ask *a = &out[count];
		struct buf body = { 0 };
		if (count == cap)
			break;
		memset(a, 0, sizeof(*a));
		if (e->answered_at || !e->reply[0] || !ask_url(tabs, "effect", e->party, "", a->url))
			continue;
		memcpy(a->source, e->party, sizeof(e->party));
		memcpy(a->effect, e->id, sizeof(a->effect));
		memcpy(a->deal, e->deal, sizeof(a->deal));
		struct str data = blob_str(e->data);
		buf_printf(&body, "{\"effect\":\"%s\",\"kind\":\"%s\",\"deal\":\"%s\",\"data\":" STR_FMT "}", e->id, e->kind, e->deal,
			STR_ARG(data.len ? data : STR("{}")));
		a->post = (struct str){ arena_copy(arena, body.ptr, body.len), body.len };
		buf_free(&body);
		count++;
	}
	return count;
}

/* --- asking --------------------------------------------------------------------------------------- */

struct request {
	CURL *easy;
	struct curl_slist *headers;
	struct buf body;
	bool too_large;
	char error[CURL_ERROR_SIZE];
};

static size_t request_write(char *bytes, size_t size, size_t n, void *ctx)
{
	struct request *r = ctx;
	if (r->body.len + size * n > ORACLE_BYTES_MAX) {
		r->too_large = true;
		return 0;
	}
	buf_add(&r->body, bytes, size * n);
	return size * n;
}

static void request_begin(struct request *r, CURLM *multi, const struct oracle_ask *ask, int timeout_ms)
{
	char key[80];
	r->easy = client_new(ask->url, timeout_ms, request_write, r, r->error);
	curl_easy_setopt(r->easy, CURLOPT_MAXFILESIZE, (long)ORACLE_BYTES_MAX);
	r->headers = curl_slist_append(NULL, "Accept: application/json");
	if (ask->post.len) {
		snprintf(key, sizeof(key), "Idempotency-Key: %s", ask->effect);
		r->headers = curl_slist_append(r->headers, key);
		r->headers = curl_slist_append(r->headers, "Content-Type: application/json");
		curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, ask->post.ptr);
		curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE, (long)ask->post.len);
	}
	curl_easy_setopt(r->easy, CURLOPT_HTTPHEADER, r->headers);
	curl_multi_add_handle(multi, r->easy);
}

static void heard_fail(struct oracle_heard *h, enum err e, const char *why)
{
	h->err = e;
	snprintf(h->why, sizeof(h->why), "%.*s", (int)sizeof(h->why) - 1, why);
}

static void request_end(struct request *r, CURLcode rc, const struct oracle_ask *ask, struct arena *a, struct oracle_heard *h)
{
	struct fault fault;
	long status = 0;
	char text[64];
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	memset(h, 0, sizeof(*h));
	h->raw = (struct str){ arena_copy(a, r->body.ptr ? r->body.ptr : "", r->body.len), r->body.len };
	h->digest = hash_of(h->raw.ptr, h->raw.len);
	if (r->too_large || rc == CURLE_FILESIZE_EXCEEDED) {
		heard_fail(h, ERR_LIMIT, "the answer is larger than 64 KiB");
	} else if (rc == CURLE_OPERATION_TIMEDOUT) {
		heard_fail(h, ERR_UNKNOWN, "no answer within the time limit");
	} else if (rc != CURLE_OK) {
		heard_fail(h, ERR_IO, r->error[0] ? r->error : curl_easy_strerror(rc));
	} else if (status == 202) {
		heard_fail(h, ERR_BUSY, "not answered yet");
	} else if (status != 200) {
		snprintf(text, sizeof(text), "HTTP status %ld", status);
		heard_fail(h, ERR_IO, text);
	} else {
		h->err = (ask->effect[0] ? oracle_read_effect : oracle_read_value)(h->raw, ask, a, h, &fault);
		if (h->err != ERR_OK)
			heard_fail(h, h->err, fault.text);
	}
}

static void requests_collect(CURLM *multi, struct request *requests, const struct oracle_ask *asks, size_t count,
	struct arena *a, struct oracle_heard *heard)
{
	int left;
	CURLMsg *m;
	while ((m = curl_multi_info_read(multi, &left)))
		for (size_t i = 0; i < count; i++)
			if (m->msg == CURLMSG_DONE && requests[i].easy == m->easy_handle)
				request_end(&requests[i], m->data.result, &asks[i], a, &heard[i]);
}

enum err oracle_ask_all(const struct oracle_ask *asks, size_t count, int timeout_ms, struct arena *a,
	struct oracle_heard *heard, struct fault *fault)
{
	if (!count)
		return ERR_OK;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return fault_set(fault, ERR_IO, 0, 0, "the HTTP library does not start");
	CURLM *multi = curl_multi_init();
	struct request *requests = calloc(count, sizeof(*requests));
	CHECK(multi && requests, "out of memory");
	int running = 0;
	for (size_t i = 0; i < count; i++) {
		memset(&heard[i], 0, sizeof(heard[i]));
		heard_fail(&heard[i], ERR_IO, "not asked");
		request_begin(&requests[i], multi, &asks[i], timeout_ms);
	}
	do {
		if (curl_multi_perform(multi, &running) != CURLM_OK)
			break;
		requests_collect(multi, requests, asks, count, a, heard);
		if (running)
			curl_multi_poll(multi, NULL, 0, 200, NULL);
	} while (running);
	for (size_t i = 0; i < count; i++) {
		curl_multi_remove_handle(multi, requests[i].easy);
		curl_easy_cleanup(requests[i].easy);
		curl_slist_free_all(requests[i].headers);
		buf_free(&requests[i].body);
	}
	free(requests);
	curl_multi_cleanup(multi);
	curl_global_cleanup();
	return ERR_OK;
}

/* --- answers -------------------------------------------------------------------------------------- */

static enum err wrong(struct fault *fault, const char *field, const char *want, struct str seen)
{
	return fault_set(fault, ERR_SYNTAX, 0, 0, "the answer's \"%s\" must be %s, not \"%.*s\"", field, want,
		(int)(seen.len > 60 ? 60 : seen.len), seen.ptr);
}

enum err oracle_read_value(struct str raw, const struct oracle_ask *ask, struct arena *a, struct oracle_heard *out,
	struct fault *fault)
{
	struct json *root;
	enum err e = json_parse(a, raw, &root, fault);
	if (e != ERR_OK)
		return e;
	struct str value = json_str(root, "value"), currency = json_str(root, "currency"), at = json_str(root, "at");
	const struct json *amount = json_get(root, "amount");
	if (!str_is(value, ask->value))
		return wrong(fault, "value", ask->value, value);
	if (currency.len != 3 || !str_copy(out->currency, sizeof(out->currency), currency) || money_decimals(out->currency) < 0)
		return wrong(fault, "currency", "an ISO 4217 code", currency);
	if (!amount || (amount->kind != JSON_STRING && amount->kind != JSON_NUMBER)
		|| !money_parse(amount->text, out->currency, &out->amount) || out->amount <= 0)
		return wrong(fault, "amount", "an amount above zero", amount ? amount->text : STR(""));
	if (!instant_parse(at, &out->at))
		return wrong(fault, "at", "a time with a zone", at);
	return ERR_OK;
}

enum err oracle_read_effect(struct str raw, const struct oracle_ask *ask, struct arena *a, struct oracle_heard *out,
	struct fault *fault)
{
	struct json *root;
	struct buf text = { 0 };
	(void)ask;
	enum err e = json_parse(a, raw, &root, fault);
	if (e != ERR_OK)
		return e;
	struct str code = json_str(root, "code");
	const struct json *data = json_get(root, "data");
	if (!code.len || !str_copy(out->code, sizeof(out->code), code))
		return wrong(fault, "code", "\"ok\" or a failure code of at most 23 bytes", code);
	if (data && data->kind != JSON_OBJECT)
		return wrong(fault, "data", "an object", data->text);
	struct json_writer *w = json_write_begin(&text, false);
	if (data) {
		json_write_value(w, data);
	} else {
		json_write_open(w, '{');
		json_write_close(w, '}');
	}
	json_write_end(w);
	out->data = (struct str){ arena_copy(a, text.ptr, text.len), text.len };
	buf_free(&text);
	return ERR_OK;
}

void oracle_event(const struct oracle_ask *ask, const struct oracle_heard *heard, const char *party, int64_t now,
	struct arena *a, struct envelope *out)
{
	if (ask->effect[0]) {
		struct ev_reply body;
		memset(&body, 0, sizeof(body));
		memcpy(body.effect, ask->effect, sizeof(body.effect));
		memcpy(body.code, heard->code, sizeof(body.code));
		body.data = blob_in(a, heard->data.ptr, heard->data.len);
		event_envelope(a, EVENT_REPLY, party, ask->deal, now, &body, NULL, out);
		return;
	}
	struct ev_answer body;
	memset(&body, 0, sizeof(body));
	memcpy(body.value, ask->value, sizeof(body.value));
	memcpy(body.source, ask->source, sizeof(body.source));
	memcpy(body.currency, heard->currency, sizeof(body.currency));
	body.amount = heard->amount;
	body.at = heard->at;
	body.digest = heard->digest;
	event_envelope(a, EVENT_ANSWER, party, "", heard->at, &body, NULL, out);
}
