/* Values into etcd, as many as entries, from 64 clients at the same time.
 *
 *     etcd URL COUNT BYTES
 *
 * Each client has a connection of its own and one put under way (v3, the JSON gateway: what a program without gRPC uses). Every put is
 * durable when it is answered. Prints one line of JSON. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"

enum { CLIENTS = 64, BYTES_MAX = 4096 };

struct client {
	CURL *easy;
	struct buf body;
};

static double seconds(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static size_t swallow(char *bytes, size_t size, size_t count, void *ctx)
{
	(void)bytes;
	(void)ctx;
	return size * count;
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "etcd: %s: %s\n", what, why);
	exit(1);
}

/* The next put of this client. */
static void put(CURLM *multi, struct client *c, size_t n, size_t bytes)
{
	static unsigned char value[BYTES_MAX];
	char key[32];
	int len = snprintf(key, sizeof(key), "entry/%010zu", n);
	for (size_t i = 0; i < sizeof(n); i++)
		value[i] = (unsigned char)(n >> (8 * i));
	c->body.len = 0;
	buf_text(&c->body, "{\"key\":\"");
	base64_add(&c->body, key, (size_t)len);
	buf_text(&c->body, "\",\"value\":\"");
	base64_add(&c->body, value, bytes);
	buf_text(&c->body, "\"}");
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE, (long)c->body.len);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->body.ptr);
	curl_multi_add_handle(multi, c->easy);
}

/* The client whose put is answered; NULL when none is. */
static struct client *answered(CURLM *multi)
{
	int left;
	struct client *c = NULL;
	for (CURLMsg *m; !c && (m = curl_multi_info_read(multi, &left));) {
		long status = 0;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		if (m->data.result != CURLE_OK || status != 200)
			fail("a put", m->data.result != CURLE_OK ? curl_easy_strerror(m->data.result) : "refused");
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
		curl_multi_remove_handle(multi, m->easy_handle);
	}
	return c;
}

int main(int argc, char **argv)
{
	static struct client clients[CLIENTS];
	char url[300];
	if (argc != 4) {
		fprintf(stderr, "usage: etcd URL COUNT BYTES\n");
		return 2;
	}
	size_t count = strtoul(argv[2], NULL, 10), bytes = strtoul(argv[3], NULL, 10), sent = 0, done = 0;
	if (count < CLIENTS || bytes < 8 || bytes > BYTES_MAX)
		fail("usage", "COUNT at least 64, BYTES 8 to 4096");
	snprintf(url, sizeof(url), "%s/v3/kv/put", argv[1]);
	CURLM *multi = curl_multi_init();
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CLIENTS);
	double start = seconds();
	for (; sent < CLIENTS; sent++) {
		struct client *c = &clients[sent];
		c->easy = curl_easy_init();
		curl_easy_setopt(c->easy, CURLOPT_URL, url);
		curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
		curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, swallow);
		curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "*");
		put(multi, c, sent, bytes);
	}
	while (done < count) {
		int running;
		curl_multi_perform(multi, &running);
		for (struct client *c; (c = answered(multi)); done++)
			if (sent < count)
				put(multi, c, sent++, bytes);
		if (done < count)
			curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	printf("{\"peer\":\"etcd\",\"puts\":%zu,\"etcd_per_s\":%.0f}\n", count, (double)count / (seconds() - start));
	for (size_t i = 0; i < CLIENTS; i++) {
		curl_easy_cleanup(clients[i].easy);
		buf_free(&clients[i].body);
	}
	curl_multi_cleanup(multi);
	return 0;
}
