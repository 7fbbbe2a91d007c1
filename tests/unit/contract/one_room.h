/* The one room of a test program: contracts and assets, opened before each test; what a call must answer, and what must hold after it.
 *
 * Include it after the system's headers and cmocka.h. */
#ifndef WHARF_TEST_CONTRACT_ONE_ROOM_H
#define WHARF_TEST_CONTRACT_ONE_ROOM_H

#include "assets_room.h"

static struct assets_room room;

static int open_room(void **state)
{
	(void)state;
	room_open(&room);
	return 0;
}

static int close_room(void **state)
{
	(void)state;
	room_close(&room);
	return 0;
}

static void expect_at(int line, enum refusal got, const char *want)
{
	if (strcmp(refusal_name(got), want))
		fail_msg("line %d: %s, not %s: %s", line, refusal_name(got), want, room.turn.detail);
}
#define expect(got, want) expect_at(__LINE__, got, want)
#define done(got) expect_at(__LINE__, got, "done")

static void holds(void)
{
	char why[240];
	if (!assets_hold(room.tabs, why))
		fail_msg("%s", why);
}

/* What was changed by hand since the mark is found, and said in these words; it is taken back. */
static void breaks(size_t mark, const char *words)
{
	char why[240];
	if (assets_hold(room.tabs, why) || !strstr(why, words))
		fail_msg("not \"%s\": %s", words, why);
	tab_rollback(room.tabs, mark);
	holds();
}

#endif
