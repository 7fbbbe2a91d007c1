/* The clocks of this host. See app/clock.h. What must remain true: without the test's variables nothing is added. */
#include "app/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"

struct clock_shift {
	volatile int64_t wall_us, steady_ms;
};

/* What the test adds, in memory that it shares; NULL: no test. Asked for once. */
static const struct clock_shift *shift_of(void)
{
	static const struct clock_shift *shift;
	static bool asked;
	const char *path = asked || !getenv("WHARF_TEST_FD") ? NULL : getenv("WHARF_TEST_CLOCK");
	asked = true;
	if (!path || path[0] != '/')
		return shift;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *at = fd >= 0 ? mmap(NULL, sizeof(*shift), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (fd >= 0)
		close(fd);
	shift = at == MAP_FAILED ? NULL : at;
	return shift;
}

int64_t clock_wall(void)
{
	const struct clock_shift *shift = shift_of();
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * INSTANT_SECOND + t.tv_nsec / 1000 + (shift ? shift->wall_us : 0);
}

int64_t clock_steady_ms(void)
{
	const struct clock_shift *shift = shift_of();
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + (shift ? shift->steady_ms : 0);
}
