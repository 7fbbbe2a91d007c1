/* Contradictions: say what cannot be, restore the screen, stop.
 *
 * Invariant: the hook runs at most once, so a check that fails inside the hook ends too. */
#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

static void (*check_hook)(void);

void check_set_hook(void (*hook)(void))
{
	check_hook = hook;
}

void check_fail(const char *file, int line, const char *cond, const char *sentence)
{
	void (*hook)(void) = check_hook;

	check_hook = NULL;
	if (hook)
		hook();
	fprintf(stderr, "%s:%d: %s (%s)\n", file, line, sentence, cond);
	fflush(stderr);
	abort();
}
