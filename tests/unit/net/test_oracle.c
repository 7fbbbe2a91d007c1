/* Oracles against real HTTP servers on this host: good, silent, disagreeing, broken and endless ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "contract/call.h"
#include "engine/engine.h"
#include "feed/apply.h"
#include "ledger/envelope.h"
#include "net/oracle.h"

static struct MHD_Daemon *server;
static int port;
static char posted[512], posted_key[64];

static const struct page {
	const char *path;
	int status;
	const char *body;
} PAGES[] = {
	{ "/a/copper", 200, "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":\"8125.00\",\"at\":\"2026-03-16T08:00:00Z\"}" },
	{ "/b/copper", 200, "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":8130.50,\"at\":\"2026-03-16T08:00:01Z\"}" },
	{ "/far/copper", 200, "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":\"9900.00\",\"at\":\"2026-03-16T08:00:02Z\"}" },
	{ "/lost", 404, "no" },
	{ "/broken", 200, "{\"value\":\"copper\"" },
	{ "/zinc", 200, "{\"value\":\"zinc\",\"currency\":\"EUR\",\"amount\":\"1.00\",\"at\":\"2026-03-16T08:00:00Z\"}" },
	{ "/negative", 200, "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":\"-1.00\",\"at\":\"2026-03-16T08:00:00Z\"}" },
	{ "/gold", 200, "{\"value\":\"copper\",\"currency\":\"XAU\",\"amount\":\"1\",\"at\":\"2026-03-16T08:00:00Z\"}" },
	{ "/never", 200, "{\"value\":\"copper\",\"currency\":\"EUR\",\"amount\":\"1.00\",\"at\":\"yesterday\"}" },
	{ "/away", 302, "" },
	{ "/registry", 200, "{\"code\":\"ok\",\"data\":{\"number\":\"RG-1\"}}" },
	{ "/later", 202, "" },
};

static int silent = 1; /* until the test lets that source answer */

static enum MHD_Result serve(void *ctx, struct MHD_Connection *c, const char *url, const char *method, const char *version,
	const char *data, size_t *len, void **con)
{
	static int seen;
	(void)ctx, (void)version;
	if (!*con) {
		*con = &seen;
		return MHD_YES;
	}
	if (*len) {
		snprintf(posted, sizeof(posted), "%.*s", (int)*len, data);
		*len = 0;
		return MHD_YES;
	}
	if (strcmp(method, "POST") == 0) {
		const char *key = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Idempotency-Key");
		snprintf(posted_key, sizeof(posted_key), "%s", key ? key : "");
	}
	while (strcmp(url, "/silent") == 0 && __atomic_load_n(&silent, __ATOMIC_SEQ_CST))
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	size_t size = 0;
	const char *body = "";
	int status = 404;
	static char endless[ORACLE_BYTES_MAX * 2];
	for (size_t i = 0; i < sizeof(PAGES) / sizeof(PAGES[0]); i++)
		if (strcmp(PAGES[i].path, url) == 0) {
			body = PAGES[i].body;
			status = PAGES[i].status;
			size = strlen(body);
		}
	if (strcmp(url, "/endless") == 0) {
		memset(endless, ' ', sizeof(endless));
		body = endless;
		size = sizeof(endless);
		status = 200;
	}
	struct MHD_Response *r = MHD_create_response_from_buffer(size, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
	if (status == 302)
		MHD_add_response_header(r, "Location", "/a/copper");
	enum MHD_Result done = MHD_queue_response(c, (unsigned)status, r);
	MHD_destroy_response(r);
	return done;
}

static int begin(void **state)
{
	(void)state;
	server = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, serve, NULL,
		MHD_OPTION_SOCK_ADDR, &(struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } }, MHD_OPTION_END);
	if (!server)
		return -1;
	port = MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
	return sodium_init() < 0;
}

static int end(void **state)
{
	(void)state;
	MHD_stop_daemon(server);
	return 0;
}

static struct oracle_ask ask(const char *source, const char *path)
{
	struct oracle_ask a = { .value = "copper" };
	snprintf(a.source, sizeof(a.source), "%s", source);
	snprintf(a.url, sizeof(a.url), "http://127.0.0.1:%d%s", port, path);
	return a;
}

static void param(struct tabs *t, const char *name, const char *text)
{
	struct param p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "%s", name);
	snprintf(p.text, sizeof(p.text), "%s", text);
	tab_put(t, &PARAM_REC, &p);
}

static void sources_of_the_policy(void **state)
{
	struct tabs *t = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	struct oracle_ask asks[8];
	(void)state;
	param(t, "oracle.copper.sources", "lme-a, lme-b,lme-c");
	param(t, "oracle.zinc.sources", "lme-a");
	param(t, "oracle.lme-a.url", "http://h/{value}/now");
	param(t, "oracle.lme-b.url", "http://h/b");
	assert_int_equal(oracle_values(t, NULL, asks, 8), 3); /* lme-c has no URL */
	assert_int_equal(oracle_values(t, "copper", asks, 8), 2);
	assert_string_equal(asks[0].source, "lme-a");
	assert_string_equal(asks[0].url, "http://h/copper/now");
	assert_string_equal(asks[1].url, "http://h/b");
	assert_int_equal(oracle_values(t, "tin", asks, 8), 0);
	assert_int_equal(oracle_values(t, NULL, asks, 1), 1);
	tabs_free(t);
}

/* Three sources: one answers, one is silent, one disagrees; each is heard by itself, and nobody waits for all. */
static void silent_and_disagreeing(void **state)
{
	struct oracle_ask asks[] = { ask("lme-a", "/a/copper"), ask("lme-b", "/silent"), ask("lme-c", "/far/copper") };
	struct oracle_heard heard[3];
	struct arena a = { 0 };
	struct fault fault;
	(void)state;
	assert_int_equal(oracle_ask_all(asks, 3, 2000, &a, heard, &fault), ERR_OK);
	__atomic_store_n(&silent, 0, __ATOMIC_SEQ_CST);
	assert_int_equal(heard[0].err, ERR_OK);
	assert_int_equal(heard[0].amount, 812500);
	assert_string_equal(heard[0].currency, "EUR");
	assert_int_equal(heard[1].err, ERR_UNKNOWN);
	assert_string_equal(heard[1].why, "no answer within the time limit");
	assert_int_equal(heard[2].err, ERR_OK);
	assert_int_equal(heard[2].amount, 990000);
	struct hash digest = hash_of(heard[0].raw.ptr, heard[0].raw.len);
	assert_true(hash_eq(&digest, &heard[0].digest));
	arena_free(&a);
}

/* What the ledger makes of them: no quorum of three while one is silent, then a spread that is too wide. */
static void the_ledger_judges(void **state)
{
	struct tabs *t = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	struct arena a = { 0 };
	struct turn turn;
	struct hash seed = { { 1 } };
	const int64_t now = INT64_C(1773648060000000); /* 2026-03-16T08:01:00Z */
	(void)state;
	param(t, "oracle.copper.sources", "lme-a,lme-b,lme-c");
	turn_begin(&turn, t, &a, 1, now, &seed);
	assert_int_equal(feed_apply_answer(&turn, "copper", "lme-a", "EUR", 812500, now), REFUSED_NOT);
	assert_int_equal(feed_apply_answer(&turn, "copper", "lme-c", "EUR", 990000, now), REFUSED_NOT);
	const struct value *v = tab_get(t, &VALUE_REC, "copper");
	assert_true(!v || v->state != VALUE_OK);
	assert_int_equal(feed_apply_answer(&turn, "copper", "lme-b", "EUR", 813050, now), REFUSED_NOT);
	v = tab_get(t, &VALUE_REC, "copper");
	assert_int_equal(v->state, VALUE_SPREAD);
	assert_true(v->amount <= 812500); /* never above what any source says */
	assert_int_equal(feed_apply_answer(&turn, "copper", "nobody", "EUR", 1, now), REFUSED_ORACLE_SOURCE);
	tabs_free(t);
	arena_free(&a);
}

static void bad_answers(void **state)
{
	static const struct {
		const char *path;
		enum err err;
		const char *says;
	} CASES[] = { { "/lost", ERR_IO, "404" }, { "/broken", ERR_SYNTAX, "" }, { "/zinc", ERR_SYNTAX, "value" },
		{ "/negative", ERR_SYNTAX, "amount" }, { "/gold", ERR_SYNTAX, "currency" }, { "/never", ERR_SYNTAX, "at" },
		{ "/away", ERR_IO, "302" }, { "/endless", ERR_LIMIT, "64 KiB" } };
	enum { N = sizeof(CASES) / sizeof(CASES[0]) };
	struct oracle_ask asks[N + 2];
	struct oracle_heard heard[N + 2];
	struct arena a = { 0 };
	struct fault fault;
	(void)state;
	for (int i = 0; i < N; i++)
		asks[i] = ask("s", CASES[i].path);
	asks[N] = ask("s", "/a/copper");
	snprintf(asks[N].url, sizeof(asks[N].url), "file:///etc/hostname");
	asks[N + 1] = ask("s", "/a/copper");
	snprintf(asks[N + 1].url, sizeof(asks[N + 1].url), "http://127.0.0.1:1/");
	assert_int_equal(oracle_ask_all(asks, N + 2, 20000, &a, heard, &fault), ERR_OK);
	for (int i = 0; i < N; i++) {
		assert_int_equal(heard[i].err, CASES[i].err);
		assert_non_null(strstr(heard[i].why, CASES[i].says));
	}
	assert_int_equal(heard[N].err, ERR_IO);
	assert_int_equal(heard[N + 1].err, ERR_IO);
	arena_free(&a);
}

static void answers_are_events(void **state)
{
	struct oracle_ask a1 = ask("lme-b", "/b/copper");
	struct oracle_heard heard;
	struct arena a = { 0 };
	struct fault fault;
	struct envelope env;
	struct ev_answer body;
	(void)state;
	assert_int_equal(oracle_ask_all(&a1, 1, 20000, &a, &heard, &fault), ERR_OK);
	assert_int_equal(heard.err, ERR_OK);
	oracle_event(&a1, &heard, "LMEB", 1, &a, &env);
	assert_int_equal(env.kind, EVENT_ANSWER);
	memset(&body, 0, sizeof(body));
	assert_true(rec_decode(&EV_ANSWER_REC, env.body, &body, &a));
	assert_int_equal(body.amount, 813050);
	assert_string_equal(body.source, "lme-b");
	assert_true(hash_eq(&body.digest, &heard.digest));
	arena_free(&a);
}

static void effects_are_answered_by_their_key(void **state)
{
	struct tabs *t = tabs_new(STATE_TYPES, STATE_TYPE_COUNT);
	struct arena a = { 0 };
	struct oracle_ask asks[4];
	struct oracle_heard heard[4];
	struct fault fault;
	struct envelope env;
	struct ev_reply reply;
	char url[64];
	struct effect e = { .id = "EF-1", .kind = "registry.search", .party = "RGY", .deal = "DL-1", .reply = "registry.found" };
	(void)state;
	e.data = blob_in(&a, "{\"lot\":\"LT-1\"}", 14);
	tab_put(t, &EFFECT_REC, &e);
	snprintf(e.id, sizeof(e.id), "EF-2");
	e.answered_at = 5;
	tab_put(t, &EFFECT_REC, &e);
	snprintf(e.id, sizeof(e.id), "EF-3");
	e.answered_at = 0;
	snprintf(e.party, sizeof(e.party), "SLOW");
	tab_put(t, &EFFECT_REC, &e);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/registry", port);
	param(t, "effect.RGY.url", url);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/later", port);
	param(t, "effect.SLOW.url", url);
	assert_int_equal(oracle_effects(t, &a, asks, 4), 2);
	assert_int_equal(oracle_ask_all(asks, 1, 2000, &a, heard, &fault), ERR_OK);
	assert_int_equal(heard[0].err, ERR_OK);
	assert_string_equal(posted_key, "EF-1");
	assert_string_equal(posted, "{\"effect\":\"EF-1\",\"kind\":\"registry.search\",\"deal\":\"DL-1\",\"data\":{\"lot\":\"LT-1\"}}");
	oracle_event(&asks[0], &heard[0], "RGY", 1, &a, &env);
	memset(&reply, 0, sizeof(reply));
	assert_true(rec_decode(&EV_REPLY_REC, env.body, &reply, &a));
	assert_string_equal(reply.effect, "EF-1");
	assert_string_equal(reply.code, "ok");
	assert_true(str_is(blob_str(reply.data), "{\"number\":\"RG-1\"}"));
	assert_int_equal(oracle_ask_all(asks + 1, 1, 2000, &a, heard, &fault), ERR_OK);
	assert_int_equal(heard[0].err, ERR_BUSY);
	arena_free(&a);
	tabs_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sources_of_the_policy), cmocka_unit_test(silent_and_disagreeing),
		cmocka_unit_test(the_ledger_judges), cmocka_unit_test(bad_answers), cmocka_unit_test(answers_are_events),
		cmocka_unit_test(effects_are_answered_by_their_key) };
	return cmocka_run_group_tests_name("oracle", tests, begin, end);
}
