/* The clocks of this host, for the edges: the core knows none.
 *
 * With WHARF_TEST_CLOCK=/PATH, which counts only together with WHARF_TEST_FD (ui/term.h), PATH is a file of two int64 in host order,
 * what is added to the wall clock (µs) and to the steady one (ms); a test moves time by writing there while the program runs. */
#ifndef WHARF_APP_CLOCK_H
#define WHARF_APP_CLOCK_H

#include <stdint.h>

/* µs since 1970, UTC, as this host believes. */
int64_t clock_wall(void);
/* ms since some moment before the start; never set, and goes on while the host sleeps, so that a closed lid is time too. */
int64_t clock_steady_ms(void);

#endif
