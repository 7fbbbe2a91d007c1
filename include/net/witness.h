/* Witnesses over HTTP (C2SP tlog-witness): POST <prefix>/add-checkpoint, both sides; and GET <prefix>/checkpoint/<hex of SHA-256 of
 * the origin>, by which a witness shows the checkpoint that it cosigned last, with its cosignature: a size without one is a word only.
 *
 * The server knows nothing of trees: it hands the body to a function and sends what that says. One request is answered at
 * a time, so what is asked of the witness's memory is in order. The client sends one request and bounds what it hears
 * in time and size; what it hears is data, to be verified by the caller. */
#ifndef WHARF_NET_WITNESS_H
#define WHARF_NET_WITNESS_H

#include "base/err.h"
#include "base/str.h"

enum {
	WITNESS_BODY_MAX = (1 << 20) + 8192, /* of a request */
	WITNESS_ANSWER_MAX = 1 << 16,
	WITNESS_TIMEOUT_MS = 5000,
	WITNESS_CONNECTIONS_MAX = 64, /* a quarter of them from one address */
	WITNESS_LIFE_MS = 15000,      /* of one request, however it trickles; a second when most connections are taken */
};

/* Appends the body of the answer and returns the status of HTTP: 200, 400, 403, 404, 409, 422; 500 when the witness
 * itself failed. Called in the server's thread, one call at a time. */
typedef unsigned witness_answer(void *ctx, struct str body, struct buf *out);

/* Appends what was cosigned last of the log with that hex and returns the status: 200, 404; 500. Called like witness_answer. */
typedef unsigned witness_latest(void *ctx, const char *log, struct buf *out);
enum { WITNESS_LOG_HEX = 64 };
/* The hex under which a log's last checkpoint is shown. */
void witness_log_hex(const char *origin, char out[WITNESS_LOG_HEX + 1]);

struct witness_server;
/* Listens on "HOST:PORT" (an IPv4 address or "[IPv6]"; port 0: any) for <any prefix>/add-checkpoint, and for what `latest` shows when it
 * is not NULL. ERR_USAGE for an address
 * that is none, ERR_BUSY when it is taken, ERR_IO. */
enum err witness_serve(const char *host_port, witness_answer *fn, witness_latest *latest, void *ctx, struct witness_server **out, struct fault *fault);
int witness_server_port(const struct witness_server *s);
/* Stops; answers that are being made are sent first. NULL is fine. */
void witness_server_close(struct witness_server *s);

/* Sends a request to <prefix>/add-checkpoint. Status and body as heard; ERR_IO with why when nobody answered in time or what came
 * was no HTTP answer of at most WITNESS_ANSWER_MAX bytes. */
enum err witness_post(const char *prefix, struct str body, int timeout_ms, long *status, struct buf *answer, struct fault *fault);
/* Asks for the checkpoint that was cosigned last; the same limits. */
enum err witness_get(const char *prefix, const char *origin, int timeout_ms, long *status, struct buf *answer, struct fault *fault);

#endif
