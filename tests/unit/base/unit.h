/* What every unit test of base includes: cmocka and what it needs first. */
#ifndef WHARF_TEST_UNIT_H
#define WHARF_TEST_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUN_GROUP(tests) cmocka_run_group_tests(tests, NULL, NULL)
#define assert_text(have, want) assert_string_equal((have), (want))

#endif
