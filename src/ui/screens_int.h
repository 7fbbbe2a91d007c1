/* The screens of this module, for the table and the driver. */
#ifndef WHARF_UI_SCREENS_INT_H
#define WHARF_UI_SCREENS_INT_H

#include "ui/screen.h"

extern const struct screen SCREEN_DESK, SCREEN_TASKS, SCREEN_ALERTS, SCREEN_RECEIPT;
extern const struct screen SCREEN_ACCOUNTS, SCREEN_DEALS, SCREEN_SENSORS, SCREEN_LEDGER, SCREEN_DEAL, SCREEN_DECISIONS, SCREEN_EXPOSURE;

#endif
