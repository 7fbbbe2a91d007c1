/* The clock by which peers are given up. */
#ifndef WHARF_NET_STEADY_INT_H
#define WHARF_NET_STEADY_INT_H

#include <stdint.h>
#include <time.h>

/* ms since some moment before the start; it is never set, and stands while the host sleeps. */
static inline int64_t steady_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#endif
