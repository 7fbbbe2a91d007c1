/* The HTTP server under witness and pieces: one thread, and a bound on what one peer can hold.
 *
 * Who sends or reads slowly keeps a connection, nothing else, and not for long: a request has life_ms from the connection, or from the
 * end of the one before on it, to the end of its answer. When three quarters of all connections are taken, those older than a second
 * go, first the oldest of the address that holds most; who holds one alone keeps it while others hold more. So one who has many addresses
 * needs a new connection a second for each that he holds. */
#ifndef WHARF_NET_LISTENER_INT_H
#define WHARF_NET_LISTENER_INT_H

#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct listener_options {
	const char *host_port;  /* see address_int.h; port 0: any */
	unsigned connections;   /* at most, of all addresses; a quarter of them of one */
	int64_t life_ms;
	size_t memory;          /* of one connection, 0: libmicrohttpd's */
	MHD_AccessHandlerCallback serve;
	MHD_RequestCompletedCallback finished; /* NULL: nothing is to be freed */
	void *ctx;              /* of both */
};

struct listener;
/* ERR_USAGE for an address that is none, ERR_BUSY when it is taken, ERR_IO. */
enum err listener_start(const struct listener_options *o, struct listener **out, struct fault *fault);
int listener_port(const struct listener *l);
/* Ends within a fifth of a second, with the answers that are being made. NULL is fine. */
void listener_stop(struct listener *l);

#endif
