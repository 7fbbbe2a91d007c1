/* The table of screens. A screen is added by its line here. */
#include "ui/screen.h"

#include <string.h>

#include "screens_int.h"

const struct screen *const SCREENS[] = { &SCREEN_DESK, &SCREEN_TASKS, &SCREEN_DEALS, &SCREEN_ALERTS, &SCREEN_SENSORS,
	&SCREEN_LEDGER, &SCREEN_DECISIONS, &SCREEN_ACCOUNTS, &SCREEN_EXPOSURE, &SCREEN_KEYS, &SCREEN_DEAL, &SCREEN_RECEIPT,
	NULL };

const struct screen *screen_named(struct str name)
{
	const struct screen *found = NULL;
	for (size_t i = 0; SCREENS[i]; i++) {
		if (str_is(name, SCREENS[i]->name))
			return SCREENS[i];
		if (name.len && strncmp(SCREENS[i]->name, name.ptr, name.len) == 0 && strlen(SCREENS[i]->name) > name.len) {
			if (found)
				return NULL;
			found = SCREENS[i];
		}
	}
	return found;
}
