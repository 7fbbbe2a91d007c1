/* The screens of this module, for the table and the driver. */
#ifndef WHARF_UI_SCREENS_INT_H
#define WHARF_UI_SCREENS_INT_H

#include "ui/screen.h"

extern const struct screen SCREEN_DESK, SCREEN_TASKS, SCREEN_ALERTS, SCREEN_RECEIPT;
extern const struct screen SCREEN_ACCOUNTS, SCREEN_DEALS, SCREEN_SENSORS, SCREEN_LEDGER, SCREEN_DEAL, SCREEN_DECISIONS, SCREEN_EXPOSURE, SCREEN_KEYS;

struct view_need;
struct view_sensor;

/* How a task's row begins, everywhere: the glyph of how grave it is, then the time left (or that it is held),
 * which ends at `end` cells from the pen's start. */
void screen_need_begin(const struct screen_paint *p, struct ui_pen *pen, int end, const struct view_need *n);
/* The row whose detail is wanted: the identity that the screen was opened on until it is there, then the cursor's. */
void screen_focus_key(const struct screen_state *s, const char *asked, char out[LIST_KEY_MAX]);
/* What a device says, with its unit: "-14.8 °C", "open 1h21", "silent 3h37", "not heard". In screen_sensors.c. */
void screen_sensor_value(const struct view_sensor *v, int64_t now, char out[UI_TEXT_MAX]);
/* After list_refresh: puts the cursor on `asked` and forgets it, once it is there. */
void screen_focus_asked(struct screen_state *s, char *asked);

#endif
