/* Addresses that servers listen on. */
#ifndef WHARF_NET_ADDRESS_INT_H
#define WHARF_NET_ADDRESS_INT_H

#include <stdbool.h>
#include <sys/socket.h>

/* "127.0.0.1:8080" or "[::1]:8080" as an address; false when it is neither. */
bool net_address(const char *text, struct sockaddr_storage *out);

#endif
