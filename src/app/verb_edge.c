/* Verbs of the edge: ingest (gateways) and poll (oracles). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/instant.h"
#include "base/json.h"
#include "ledger/envelope.h"
#include "net/gateway.h"
#include "net/oracle.h"

/* --- ingest --------------------------------------------------------------------------------------- */

static int64_t edge_clock(void *ctx)
{
	(void)ctx;
	return clock_wall();
}

struct ingest {
	struct cli cli;
	const char *dir, *gateway, *spool, *passphrase;
	bool offline, send_only;
	char spool_text[1100], party[16];
	struct runtime *runtime; /* NULL: not reachable */
	struct key node, key;
	struct gateway_box *box;
	struct fault fault;
	struct gateway_report report;
	int worst; /* exit status of the worst thing that happened */
};

static enum err ingest_open(struct ingest *in)
{
	struct fault why;
	enum err e = keys_ask(in->dir, in->gateway, in->passphrase, &in->key, &in->fault);
	if (e != ERR_OK)
		return e;
	str_copy(in->party, sizeof(in->party), str_of(in->key.info.party));
	if (!in->offline && open_acting(in->dir, &in->runtime, &in->node, &why) != ERR_OK) {
		in->runtime = NULL;
		fprintf(stderr, "wharf ingest: the ledger is out of reach, what comes is kept: %s\n", why.text);
		in->worst = err_exit_code(why.code);
	}
	const struct tabs *tabs = in->runtime ? engine_tabs(runtime_engine(in->runtime)) : NULL;
	const struct gateway *known = tabs ? tab_get(tabs, &GATEWAY_REC, in->gateway) : NULL;
	if (known)
		memcpy(in->party, known->party, sizeof(in->party));
	if (!in->party[0])
		return fault_set(&in->fault, ERR_USAGE, 0, 0, "the key file of %s names no party", in->gateway);
	if (!in->spool) {
		snprintf(in->spool_text, sizeof(in->spool_text), "%.1000s/gateway-%.40s.spool", in->dir, in->gateway);
		in->spool = in->spool_text;
	}
	struct gateway_options o = { .id = in->gateway, .party = in->party, .secret = in->key.secret, .spool = in->spool,
		.clock = edge_clock, .tabs = tabs };
	e = gateway_open(&o, &in->box, &in->fault);
	if (e == ERR_OK && gateway_cut(in->box))
		fprintf(stderr, "wharf ingest: the last %llu bytes of %s were not whole; they were moved to %s.cut, and what had not been "
			"acknowledged is to be sent again\n", (unsigned long long)gateway_cut(in->box), in->spool, in->spool);
	return e;
}

static void ingest_file(struct ingest *in, const char *path)
{
	struct buf text = { 0 };
	struct fault fault;
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	enum err e = file_read(path, JSON_BYTES_MAX, &text, &fault);
	if (e == ERR_OK)
		e = gateway_take(in->box, name, buf_view(&text), &in->report, &fault);
	if (e != ERR_OK) {
		fprintf(stderr, "wharf ingest: %s%s%s\n", strstr(fault.text, name) ? "" : name, strstr(fault.text, name) ? "" : ": ", fault.text);
		in->worst = err_exit_code(e);
	}
	buf_free(&text);
}

/* One item; true when the next one may be sent. */
static bool ingest_send_one(struct ingest *in, const struct gateway_item *item, bool *gone)
{
	struct journal_blob blob = { item->digest, "batch", item->raw };
	struct runtime_item answer = { .blobs = &blob, .blob_count = 1 };
	const struct tabs *tabs = engine_tabs(runtime_engine(in->runtime));
	struct buf bytes = { 0 };
	*gone = false;
	gateway_register(in->box, tabs);
	enum err e = gateway_sealed(in->box, item, &bytes, &in->fault);
	answer.envelope = buf_view(&bytes);
	if (e == ERR_OK)
		e = runtime_submit(in->runtime, &answer, 1, &in->fault);
	buf_free(&bytes);
	if (e != ERR_OK) {
		fprintf(stderr, "wharf ingest: batch %lld stays in the spool: %s\n", (long long)item->sequence, in->fault.text);
		in->worst = err_exit_code(in->fault.code);
		return false;
	}
	tabs = engine_tabs(runtime_engine(in->runtime));
	gateway_register(in->box, tabs);
	if (answer.verdict == REFUSED_SEQUENCE_OLD && !gateway_on_ledger(tabs, in->gateway, item)) {
		const struct gateway *g = tab_get(tabs, &GATEWAY_REC, in->gateway);
		*gone = true;
		return gateway_renumber(in->box, item->sequence, g ? g->highest : item->sequence, &in->fault) == ERR_OK;
	}
	if (answer.verdict == REFUSED_NOT || answer.verdict == REFUSED_SEQUENCE_OLD) {
		if (answer.verdict == REFUSED_NOT)
			printf("batch %lld of %s: entry %llu\n", (long long)item->sequence, in->gateway, (unsigned long long)answer.number);
		*gone = true;
		return gateway_done(in->box, item->sequence, &in->fault) == ERR_OK;
	}
	char text[REFUSAL_TEXT_MAX];
	fprintf(stderr, "wharf ingest: batch %lld stays in the spool: %s\n", (long long)item->sequence,
		refusal_text(answer.verdict, answer.detail, text));
	in->worst = err_exit_code(ERR_REFUSED);
	return true;
}

static void ingest_send(struct ingest *in)
{
	bool gone;
	for (size_t i = 0; i < gateway_waiting(in->box);) {
		struct gateway_item item;
		gateway_item_at(in->box, i, &item);
		if (!ingest_send_one(in, &item, &gone))
			return;
		i += !gone;
	}
}

static int ingest_run(struct ingest *in)
{
	if (ingest_open(in) != ERR_OK)
		return cli_fail(&in->cli, &in->fault);
	for (const char *path; !in->send_only && (path = cli_word(&in->cli));)
		ingest_file(in, path);
	if (in->runtime)
		ingest_send(in);
	if (in->report.lines.len)
		fputs(in->report.lines.ptr, stderr);
	printf("accepted %llu, refused %llu, waiting %zu batches\n", (unsigned long long)in->report.accepted,
		(unsigned long long)in->report.refused, gateway_waiting(in->box));
	return in->worst ? in->worst : in->report.refused ? err_exit_code(ERR_SYNTAX) : 0;
}

int verb_ingest(int argc, char **argv)
{
	struct ingest *in = calloc(1, sizeof(*in));
	if (!in)
		return err_exit_code(ERR_MEMORY);
	cli_begin(&in->cli, argc, argv);
	in->gateway = cli_value(&in->cli, "--gateway");
	in->spool = cli_value(&in->cli, "--spool");
	in->passphrase = cli_value(&in->cli, "--passphrase-file");
	in->offline = cli_flag(&in->cli, "--offline");
	in->send_only = cli_flag(&in->cli, "--send-only");
	in->dir = path_data(&in->cli, NULL);
	if (!in->gateway || !in->gateway[0] || strlen(in->gateway) > 15)
		fault_set(&in->cli.fault, ERR_USAGE, 0, 0, "which gateway? --gateway ID");
	int status = in->cli.fault.code != ERR_OK ? cli_fail_own(&in->cli) : ingest_run(in);
	gateway_close(in->box);
	if (in->runtime)
		close_acting(in->runtime, &in->node);
	key_close(&in->key);
	buf_free(&in->report.lines);
	free(in);
	return status;
}

/* --- poll ----------------------------------------------------------------------------------------- */

struct polling {
	struct cli cli;
	const char *dir, *value, *passphrase;
	int64_t every, timeout;
	struct runtime *runtime;
	struct key node;
	struct passphrase pass;
	struct key keys[ORACLE_ASKS_MAX]; /* by name; opened once */
	char names[ORACLE_ASKS_MAX][24];
	size_t key_count;
};

static volatile sig_atomic_t poll_stop;
static void on_stop(int signal_number)
{
	(void)signal_number;
	poll_stop = 1;
}

/* The key that speaks for a source or a party: keys/NAME.key. The ledger asks that the source itself signs. */
static const struct key *source_key(struct polling *p, const char *source, struct fault *fault)
{
	for (size_t i = 0; i < p->key_count; i++)
		if (strcmp(p->names[i], source) == 0)
			return &p->keys[i];
	if (p->key_count == ORACLE_ASKS_MAX) {
		fault_set(fault, ERR_LIMIT, 0, 0, "more than %d sources", ORACLE_ASKS_MAX);
		return NULL;
	}
	struct key *k = &p->keys[p->key_count];
	if (keys_open(p->dir, source, &p->pass, k, fault) != ERR_OK)
		return NULL;
	str_copy(p->names[p->key_count++], sizeof(p->names[0]), str_of(source));
	return k;
}

static void poll_send(struct polling *p, const struct oracle_ask *ask, const struct oracle_heard *h, struct arena *a)
{
	const char *what = ask->effect[0] ? ask->effect : ask->value;
	struct fault fault = { .text = "" };
	struct envelope env;
	struct buf bytes = { 0 };
	if (h->err != ERR_OK) {
		printf("%s from %s: %s\n", what, ask->source, h->why);
		return;
	}
	const struct key *key = source_key(p, ask->source, &fault);
	enum err e = key ? ERR_OK : fault.code;
	struct journal_blob blob = { h->digest, "answer", h->raw };
	struct runtime_item item = { .blobs = &blob, .blob_count = 1 };
	if (key) {
		oracle_event(ask, h, key->info.party[0] ? key->info.party : ask->source, runtime_now(p->runtime), a, &env);
		env.ledger = engine_ledger(engine_tabs(runtime_engine(p->runtime)));
		e = envelope_sign(&env, key->secret, runtime_now(p->runtime), &fault);
	}
	if (e == ERR_OK)
		e = envelope_encode(&env, &bytes, &fault);
	if (e == ERR_OK) {
		item.envelope = buf_view(&bytes);
		e = runtime_submit(p->runtime, &item, 1, &fault);
	}
	if (e != ERR_OK)
		printf("%s from %s: %s\n", what, ask->source, fault.text);
	else
		printf("%s from %s: entry %llu, %s%s%s\n", what, ask->source, (unsigned long long)item.number,
			refusal_name(item.verdict), item.detail[0] ? ": " : "", item.detail);
	buf_free(&bytes);
}

static enum err poll_once(struct polling *p, struct fault *fault)
{
	struct arena a = { 0 };
	size_t ticks;
	struct oracle_ask *asks = calloc(ORACLE_ASKS_MAX, sizeof(*asks));
	struct oracle_heard *heard = calloc(ORACLE_ASKS_MAX, sizeof(*heard));
	const struct tabs *tabs = engine_tabs(runtime_engine(p->runtime));
	size_t count = asks && heard ? oracle_values(tabs, p->value, asks, ORACLE_ASKS_MAX) : 0;
	if (!p->value && count < ORACLE_ASKS_MAX)
		count += oracle_effects(tabs, &a, asks + count, ORACLE_ASKS_MAX - count);
	if (!count)
		printf("nothing to ask: no source has a URL in the policy (oracle.SOURCE.url, effect.PARTY.url)\n");
	enum err e = oracle_ask_all(asks, count, (int)p->timeout, &a, heard, fault);
	for (size_t i = 0; i < count && e == ERR_OK; i++)
		poll_send(p, &asks[i], &heard[i], &a);
	fflush(stdout);
	if (e == ERR_OK)
		e = runtime_tick(p->runtime, &ticks, fault);
	free(asks);
	free(heard);
	arena_free(&a);
	return e;
}

/* Between two rounds other consoles are served and due timers ticked. */
static enum err poll_wait(struct polling *p, struct fault *fault)
{
	int64_t until = clock_wall() + p->every * INSTANT_SECOND;
	enum err e = ERR_OK;
	while (!poll_stop && e == ERR_OK && clock_wall() < until) {
		bool changed;
		size_t ticks;
		int fds[64];
		struct pollfd wait[64];
		size_t n = runtime_fds(p->runtime, fds, 64);
		for (size_t i = 0; i < n; i++)
			wait[i] = (struct pollfd){ fds[i], POLLIN, 0 };
		if (poll(wait, n, 500) < 0 && errno != EINTR)
			return fault_set(fault, ERR_IO, 0, 0, "waiting: %s", strerror(errno));
		e = runtime_poll(p->runtime, &changed, fault);
		if (e == ERR_OK)
			e = runtime_tick(p->runtime, &ticks, fault);
	}
	return e;
}

static int poll_run(struct polling *p)
{
	struct fault fault;
	enum err e = passphrase_read(p->passphrase, "the oracles' keys", false, &p->pass, &fault);
	if (e == ERR_OK)
		e = open_acting(p->dir, &p->runtime, &p->node, &fault);
	if (e != ERR_OK)
		return cli_fail(&p->cli, &fault);
	signal(SIGINT, on_stop);
	signal(SIGTERM, on_stop);
	do {
		e = poll_once(p, &fault);
		if (e == ERR_OK && p->every)
			e = poll_wait(p, &fault);
	} while (e == ERR_OK && p->every && !poll_stop);
	close_acting(p->runtime, &p->node);
	return e == ERR_OK ? 0 : cli_fail(&p->cli, &fault);
}

int verb_poll(int argc, char **argv)
{
	struct polling *p = calloc(1, sizeof(*p));
	if (!p)
		return err_exit_code(ERR_MEMORY);
	cli_begin(&p->cli, argc, argv);
	p->timeout = ORACLE_TIMEOUT_MS;
	cli_number(&p->cli, "--every", 1, 86400, &p->every);
	cli_number(&p->cli, "--timeout", 10, 600000, &p->timeout);
	p->value = cli_value(&p->cli, "--value");
	p->passphrase = cli_value(&p->cli, "--passphrase-file");
	p->dir = path_data(&p->cli, NULL);
	int status = cli_end(&p->cli) != ERR_OK ? cli_fail_own(&p->cli) : poll_run(p);
	for (size_t i = 0; i < p->key_count; i++)
		key_close(&p->keys[i]);
	passphrase_wipe(&p->pass);
	free(p);
	return status;
}
