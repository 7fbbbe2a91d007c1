/* What a test program that is none of cmocka's asks: each question counts, one that does not hold is said, and the last line is the one
 * that tests/tools/run.sh reads. */
#ifndef WHARF_TEST_HOLD_H
#define WHARF_TEST_HOLD_H

#include <stdbool.h>
#include <stdio.h>

static int passed, failed;

static void hold(bool good, const char *what)
{
	passed += good;
	failed += !good;
	if (!good)
		printf("FAILED: %s\n", what);
}

/* The exit status of main. */
static int hold_end(void)
{
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}

#endif
