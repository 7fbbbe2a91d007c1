/* Alert classes, record types. See risk/state.h.
 *
 * Must remain true: tags and the order of names are for ever, because digests and snapshots hold them. */
#include "risk/state.h"

#include <string.h>

#define X(code, words, level, role, hours) { code, words, level, role, hours },
const struct alert_class ALERT_CLASSES[] = { ALERT_LIST(X) };
#undef X
const size_t ALERT_CLASS_COUNT = sizeof(ALERT_CLASSES) / sizeof(ALERT_CLASSES[0]);
const char *const ALERT_STATE_NAMES[] = { "open", "claimed", "closed", "false", NULL };

#define REC_SELF struct alert
REC_TYPE(ALERT_REC, 36, "alert", ALERT_FIELDS)
#undef REC_SELF
#define REC_SELF struct hold
REC_TYPE(HOLD_REC, 37, "hold", HOLD_FIELDS)
#undef REC_SELF

const struct alert_class *alert_class_of(const char *code)
{
	for (size_t i = 0; i < ALERT_CLASS_COUNT; i++)
		if (strcmp(ALERT_CLASSES[i].code, code) == 0)
			return &ALERT_CLASSES[i];
	return NULL;
}
