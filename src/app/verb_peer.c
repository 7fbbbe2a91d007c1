/* wharf evidence serve and fetch: pieces of evidence between hosts. What is given and believed is in app/evidence_peer.h. */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/evidence_peer.h"
#include "app_int.h"

enum { TIMEOUT_MOST_S = 3600 };

/* Until it is asked to end. */
static enum err serve_until_asked(struct evidence_peer *peer, const char *listen, const sigset_t *ends, struct fault *fault)
{
	struct pieces_server *server;
	int got;
	enum err e = pieces_serve(listen, evidence_peer_answer, peer, &server, fault);
	if (e != ERR_OK)
		return e;
	printf("listening on %.*s:%d for pieces of evidence\n", (int)(strrchr(listen, ':') - listen), listen, pieces_server_port(server));
	fflush(stdout);
	while (sigwait(ends, &got) != 0)
		continue;
	pieces_server_close(server);
	printf("%" PRIu64 " pieces given, %" PRIu64 " requests refused\n", peer->given, peer->refused);
	return ERR_OK;
}

static int do_serve(struct cli *c, const char *dir)
{
	struct evidence_peer peer = { .runtime = NULL };
	struct fault fault;
	sigset_t ends;
	const char *listen = cli_value(c, "--listen");
	if (cli_end(c) == ERR_OK && !listen)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "where? --listen HOST:PORT");
	if (c->fault.code != ERR_OK)
		return cli_fail_own(c);
	/* Before the server's thread begins, so that it never gets them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	enum err e = open_read(dir, &peer.runtime, &fault);
	if (e == ERR_OK)
		e = vault_open(dir, false, &peer.vault, &fault);
	if (e == ERR_OK)
		e = serve_until_asked(&peer, listen, &ends, &fault);
	vault_close(peer.vault);
	runtime_close(peer.runtime);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}

static int do_fetch(struct cli *c, const char *dir)
{
	struct evidence_actor actor;
	struct evidence_fetched got;
	struct fault fault;
	struct key key = { 0 };
	struct runtime *r = NULL;
	int64_t seconds = 0;
	const char *as = cli_value(c, "--as"), *passphrase = cli_value(c, "--passphrase-file");
	cli_number(c, "--timeout", 1, TIMEOUT_MOST_S, &seconds);
	const char *url = cli_need(c, "the URL of the host that serves it"), *id = cli_need(c, "the id of the evidence");
	if (cli_end(c) == ERR_OK && !as)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "who fetches? --as KEY");
	if (c->fault.code != ERR_OK)
		return cli_fail_own(c);
	enum err e = keys_ask(dir, as, passphrase, &key, &fault);
	if (e == ERR_OK)
		e = open_read(dir, &r, &fault);
	if (e == ERR_OK)
		e = evidence_actor(r, key.secret, &actor, &fault);
	if (e == ERR_OK)
		e = evidence_fetch(&actor, url, id, (int)seconds * 1000, &got, &fault);
	if (e == ERR_OK)
		printf("%" PRIu64 " pieces came, %" PRIu64 " bytes; %" PRIu64 " were here: every digest of the ledger holds\n", got.pieces, got.bytes, got.kept);
	key_close(&key);
	runtime_close(r);
	return e == ERR_OK ? 0 : cli_fail(c, &fault);
}

int evidence_peer_run(struct cli *c, const char *what, const char *dir)
{
	return strcmp(what, "serve") == 0 ? do_serve(c, dir) : do_fetch(c, dir);
}
