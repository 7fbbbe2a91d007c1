/* Addresses that servers listen on (see address_int.h): literal ones, so that no name service decides who is served. */
#include "address_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/str.h"

bool net_address(const char *text, struct sockaddr_storage *out)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	int64_t port;
	memset(out, 0, sizeof(*out));
	if (!colon || !str_to_i64(str_of(colon + 1), &port) || port < 0 || port > 65535)
		return false;
	bool six = text[0] == '[' && colon > text && colon[-1] == ']';
	struct str name = six ? (struct str){ text + 1, (size_t)(colon - text) - 2 } : (struct str){ text, (size_t)(colon - text) };
	if (!str_copy(host, sizeof(host), name))
		return false;
	if (six) {
		struct sockaddr_in6 *a = (struct sockaddr_in6 *)out;
		a->sin6_family = AF_INET6;
		a->sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, host, &a->sin6_addr) == 1;
	}
	struct sockaddr_in *a = (struct sockaddr_in *)out;
	a->sin_family = AF_INET;
	a->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &a->sin_addr) == 1;
}
