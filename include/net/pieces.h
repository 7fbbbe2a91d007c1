/* Pieces of evidence over HTTP, both sides. Which pieces there are and who may have them is not known here: the server
 * hands path and Authorization (ledger/piece.h) to a function, the client gives what it heard to a caller who compares it
 * with the digest that he asked for.
 *
 * The server only reads: GET, one answer at a time, a piece is sent from its file and never held in memory. The client
 * believes nothing: http and https only, no redirect is followed, nothing is unpacked, an answer has at most as many bytes as
 * were asked for, and one that trickles is given up. */
#ifndef WHARF_NET_PIECES_H
#define WHARF_NET_PIECES_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
	PIECES_CONNECTIONS_MAX = 64,
	PIECES_TIMEOUT_MS = 60000,  /* for one piece */
	PIECES_CONNECT_MS = 10000,
	PIECES_SLOW_BYTES = 1024,   /* fewer a second … */
	PIECES_SLOW_SECONDS = 10,   /* … for so long is given up */
	PIECES_HEAD_MAX = 16384,    /* bytes of headers that are heard */
	PIECES_URL_MAX = 512,
};

/* --- server --------------------------------------------------------------------------------------- */

struct pieces_answer {
	unsigned status;   /* of HTTP: 200, 400, 401, 403, 404, 410, 500, 503 */
	int fd;            /* of a piece to be sent, which the server closes; -1: the bytes or the text below */
	uint64_t size;     /* of the piece */
	uint8_t bytes[256];
	size_t len;        /* of bytes, 0: text */
	char text[256];    /* why not, one sentence */
};
/* Called in the server's thread, one call at a time. Authorization "" when there is none. */
typedef void pieces_answer_fn(void *ctx, const char *path, const char *authorization, struct pieces_answer *out);

struct pieces_server;
/* Listens on "HOST:PORT" (an IPv4 address or "[IPv6]"; port 0: any). ERR_USAGE for an address that is none, ERR_BUSY when it is
 * taken, ERR_IO. */
enum err pieces_serve(const char *host_port, pieces_answer_fn *fn, void *ctx, struct pieces_server **out, struct fault *fault);
int pieces_server_port(const struct pieces_server *s);
void pieces_server_close(struct pieces_server *s); /* NULL is fine */

/* --- client --------------------------------------------------------------------------------------- */

struct pieces_client;
/* `url` is what comes before the path: "http://host:port" or a prefix on it. No connection is made yet. Times in ms, 0: those
 * above. ERR_USAGE for another scheme or too long a URL. */
enum err pieces_connect(const char *url, int timeout_ms, struct pieces_client **out, struct fault *fault);
void pieces_disconnect(struct pieces_client *c); /* NULL is fine */
/* Asks for one piece of at most `most` bytes into out (cleared first). ERR_LIMIT when more comes, ERR_NOT_FOUND when the peer
 * does not have it, ERR_DENIED when it does not give it (its words are repeated), ERR_UNSUPPORTED for a redirect, ERR_IO for what
 * is cut short, too slow, or no answer. Nothing is left in out then. */
enum err pieces_get(struct pieces_client *c, const char *path, const char *authorization, size_t most, struct buf *out, struct fault *fault);

#endif
