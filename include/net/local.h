/* The local socket between consoles of one host: a follower hands signed events to the leader.
 *
 * A frame is a 4-byte big-endian length and that many bytes (at most NET_FRAME_MAX). Request: 'S' and an
 * encoded envelope. Answer: 'R', a byte ordered, the entry number (8 bytes big-endian), the verdict's name and the
 * detail, each as a length byte and text. 'P' asks whether the leader is alive, 'O' answers that. The socket is
 * DIR/leader.sock, reached through /proc/self/fd so that the 108 bytes of a socket path never limit the data
 * directory. Nothing on it is trusted: events are signed, and only the owner's user may connect (mode 0600 and
 * SO_PEERCRED). */
#ifndef WHARF_NET_LOCAL_H
#define WHARF_NET_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/refusal.h"
#include "base/str.h"

enum { NET_FRAME_MAX = 2u << 20, NET_CLIENTS_MAX = 32,
	NET_PROCESS_MAX = 8,    /* connections of one process */
	NET_PARTIAL_MS = 5000,  /* in which a frame that was begun is whole */
	NET_SILENT_MS = 60000 };/* after which who sends nothing whole is closed; a console asks for a sign of life once a second */

struct net_answer {
	bool ordered;
	uint64_t number;
	enum refusal verdict;
	char detail[256];
};

struct net_server;
enum err net_serve(const char *dir, struct net_server **out, struct fault *fault);
/* Removes the socket, unless a newer leader has put its own there. */
void net_server_close(struct net_server *s);
/* Other times than NET_PARTIAL_MS and NET_SILENT_MS, for tests. When all places are taken, a new connection gets that of who has
 * been silent for longest, and for longer than partial_ms. */
void net_server_patience(struct net_server *s, int64_t partial_ms, int64_t silent_ms);
size_t net_server_fds(const struct net_server *s, int *fds, size_t cap);
/* Accepts and reads without blocking. Each whole request is given to fn, which fills the answer; it is sent
 * when fn has returned for all that were read in this call, so a group shares a commit. */
struct net_request {
	struct str envelope;
	struct net_answer answer;
};
void net_server_poll(struct net_server *s, void (*fn)(void *ctx, struct net_request *requests, size_t count),
	void *ctx);

struct net_client;
enum err net_connect(const char *dir, struct net_client **out, struct fault *fault);
void net_client_close(struct net_client *c);
/* Asks at most once a second whether the leader is alive, never waits. Milliseconds that the oldest
 * question has gone without an answer; 0 when all were answered, -1 when the connection is gone. */
int64_t net_ping(struct net_client *c);
/* Sends one event and waits at most timeout_ms; ERR_UNKNOWN when no answer came (it may have been
 * ordered: send it again, the idempotency key makes that harmless). */
enum err net_ask(struct net_client *c, struct str envelope, int timeout_ms, struct net_answer *answer,
	struct fault *fault);

#endif
