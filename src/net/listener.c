/* The HTTP server under witness and pieces. See listener_int.h.
 *
 * Must remain true: connections are known, and cut, on the server's own thread only, so that none is cut that is another's already. */
#include "listener_int.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "address_int.h"
#include "base/check.h"
#include "steady_int.h"

enum { LISTENER_TURN_MS = 100, LISTENER_IDLE_S = 10, LISTENER_LEAST_MS = 1000, ADDRESS_SIZE = 16 };

struct peer {
	int fd;        /* -1: free */
	int64_t since; /* ms: when the connection came, or its last request ended */
	bool cut;
	uint8_t address[ADDRESS_SIZE];
};

struct listener {
	struct MHD_Daemon *daemon;
	struct listener_options o;
	pthread_t thread;
	atomic_bool stop;
	struct peer *peers; /* o.connections of them */
	size_t count;
};

/* --- who is connected ------------------------------------------------------------------------------ */

static void peer_come(struct listener *l, struct MHD_Connection *c, void **context)
{
	const union MHD_ConnectionInfo *fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD),
		*from = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	for (unsigned i = 0; i < l->o.connections && fd; i++) {
		struct peer *p = &l->peers[i];
		if (p->fd >= 0)
			continue;
		*p = (struct peer){ .fd = fd->connect_fd, .since = steady_ms() };
		const struct sockaddr *a = from ? from->client_addr : NULL;
		if (a && a->sa_family == AF_INET6) /* a host has a whole /64 */
			memcpy(p->address, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 8);
		else if (a && a->sa_family == AF_INET)
			memcpy(p->address, &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
		l->count++;
		*context = p;
		return;
	}
}

static void on_connection(void *ctx, struct MHD_Connection *c, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct listener *l = ctx;
	struct peer *p = *context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		peer_come(l, c, context);
	} else if (p) {
		p->fd = -1;
		l->count--;
	}
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode code)
{
	struct listener *l = ctx;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct peer *p = info ? info->socket_context : NULL;
	if (p)
		p->since = steady_ms();
	if (l->o.finished)
		l->o.finished(l->o.ctx, c, state, code);
}

/* The server sees the end of the connection in its next turn. */
static void peer_cut(struct peer *p)
{
	p->cut = true;
	shutdown(p->fd, SHUT_RDWR);
}

static size_t peers_of(const struct listener *l, const uint8_t address[ADDRESS_SIZE])
{
	size_t n = 0;
	for (unsigned i = 0; i < l->o.connections; i++)
		n += l->peers[i].fd >= 0 && memcmp(l->peers[i].address, address, ADDRESS_SIZE) == 0;
	return n;
}

/* Of those older than what every request gets, the oldest of the address that holds most; NULL when there is none, and for who holds
 * one alone while others hold more: theirs will be old enough soon. */
static struct peer *peer_to_shed(struct listener *l, int64_t now)
{
	struct peer *found = NULL;
	size_t most = 0, of_all = 0;
	for (unsigned i = 0; i < l->o.connections; i++) {
		struct peer *p = &l->peers[i];
		if (p->fd < 0 || p->cut)
			continue;
		size_t n = peers_of(l, p->address);
		of_all = n > of_all ? n : of_all;
		if (now - p->since >= LISTENER_LEAST_MS && (!found || n > most || (n == most && p->since < found->since))) {
			found = p;
			most = n;
		}
	}
	return most == 1 && of_all > 1 ? NULL : found;
}

static void listener_reap(struct listener *l)
{
	int64_t now = steady_ms();
	size_t left = l->count;
	for (unsigned i = 0; i < l->o.connections; i++) {
		struct peer *p = &l->peers[i];
		if (p->fd >= 0 && !p->cut && now - p->since > l->o.life_ms)
			peer_cut(p);
		left -= p->fd >= 0 && p->cut;
	}
	for (struct peer *p; left * 4 >= l->o.connections * (size_t)3 && (p = peer_to_shed(l, now)); left--)
		peer_cut(p);
}

/* --- the thread ------------------------------------------------------------------------------------- */

static void *listener_main(void *arg)
{
	struct listener *l = arg;
	while (!atomic_load(&l->stop)) {
		MHD_run_wait(l->daemon, LISTENER_TURN_MS);
		listener_reap(l);
	}
	return NULL;
}

/* Signals are for the threads that the program started itself. */
static bool listener_thread(struct listener *l)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool started = pthread_create(&l->thread, NULL, listener_main, l) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

static struct MHD_Daemon *listener_daemon(struct listener *l, struct sockaddr_storage *address)
{
	unsigned flags = MHD_USE_EPOLL | (address->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u), most = l->o.connections;
	struct MHD_OptionItem more[] = { { MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)l->o.memory, NULL }, { MHD_OPTION_END, 0, NULL } };
	if (!l->o.memory)
		more[0].option = MHD_OPTION_END;
	return MHD_start_daemon(flags, 0, NULL, NULL, l->o.serve, l->o.ctx, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)address,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_NOTIFY_COMPLETED, on_completed, l, MHD_OPTION_CONNECTION_LIMIT, most,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, most / 4 ? most / 4 : 1u, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LISTENER_IDLE_S,
		MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

enum err listener_start(const struct listener_options *o, struct listener **out, struct fault *fault)
{
	struct sockaddr_storage address;
	*out = NULL;
	if (!net_address(o->host_port, &address))
		return fault_set(fault, ERR_USAGE, 0, 0, "\"%.80s\" is no address: say HOST:PORT with an address of this host, for example "
			"127.0.0.1:8080", o->host_port);
	struct listener *l = calloc(1, sizeof(*l));
	struct peer *peers = calloc(o->connections, sizeof(*peers));
	CHECK(l && peers, "out of memory");
	l->o = *o;
	l->peers = peers;
	for (unsigned i = 0; i < o->connections; i++)
		peers[i].fd = -1;
	l->daemon = listener_daemon(l, &address);
	int why = errno;
	if (l->daemon && listener_thread(l)) {
		*out = l;
		return ERR_OK;
	}
	if (l->daemon)
		MHD_stop_daemon(l->daemon);
	free(peers);
	free(l);
	return fault_set(fault, why == EADDRINUSE ? ERR_BUSY : ERR_IO, 0, 0, "%.80s cannot be listened on: %s; choose another address",
		o->host_port, strerror(why));
}

int listener_port(const struct listener *l)
{
	return MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void listener_stop(struct listener *l)
{
	if (!l)
		return;
	atomic_store(&l->stop, true);
	pthread_join(l->thread, NULL);
	MHD_stop_daemon(l->daemon);
	free(l->peers);
	free(l);
}
