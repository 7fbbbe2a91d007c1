/* Devices over time: when the certificate of a sensor ends, and that it was calibrated and certified anew.
 *
 * What must remain true: readings that were taken while a certificate ran stay; what comes of a time outside is refused by the name
 * of the device (feed/apply.c), so an end that is moved changes nothing that was applied before. */
#include "engine_int.h"

#include <string.h>

#define REC_SELF struct ev_device_end
REC_TYPE(EV_DEVICE_END_REC, 0, "device_validity", EV_DEVICE_END_FIELDS)
#undef REC_SELF

enum refusal on_device_end(struct turn *t, const struct event_in *in)
{
	const struct ev_device_end *b = in->body;
	const struct device *found = tab_get(t->tabs, &DEVICE_REC, b->device);
	int64_t until = b->until ? b->until : t->stamp;
	if (!found)
		return turn_refuse(t, REFUSED_DEVICE_UNKNOWN, "%s", b->device);
	enum refusal r = sender_own(t, in, found->party, "devices");
	if (r != REFUSED_NOT)
		return r;
	if (!b->reason[0])
		return REFUSED_REASON_MISSING;
	if (b->renew ? until <= t->stamp : found->valid_until && until >= found->valid_until)
		return turn_refuse(t, REFUSED_VALUE, b->renew ? "%s is renewed to a time that is to come" : "%s ends sooner already", found->id);
	struct device d = *found;
	/* What was measured while it had no certificate is not covered afterwards. */
	if (b->renew && d.valid_until && d.valid_until <= t->stamp)
		d.valid_from = t->stamp;
	d.valid_until = until;
	tab_put(t->tabs, &DEVICE_REC, &d);
	turn_news(t, b->renew ? NEWS_NOTE : NEWS_WARN, "", "", "certificate of %s %s: %s", d.id, b->renew ? "renewed" : "ends", b->reason);
	return REFUSED_NOT;
}
