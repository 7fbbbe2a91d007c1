/* Money in suspense has a time: who does not clear or return it within the business days of the policy gets an alert, which stays as
 * long as the money does.
 *
 * Must remain true: each journal that puts money into suspense has one timer until it is applied, returned, exchanged or mirrored; an
 * alert that somebody closes without clearing the money is back the next day.
 * Source: domain specification §4.2 (unidentified receipts), appendix A (suspense 2 business days). */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "contract/calendar.h"

/* When the business days of the policy after the stamp's day are over. */
static int64_t suspense_until(const struct turn *t, const char *currency)
{
	int64_t day = instant_day(t->stamp), days = policy_int(t->tabs, "suspense.days", 2);
	for (int64_t k = 0; k < days && k < 366; k++)
		day = calendar_roll(t->tabs, currency, "", day + 1, ROLL_FOLLOWING);
	return (day + 1) * INSTANT_DAY;
}

void hear_suspense(struct turn *t, struct workflow *w, const struct signal *s)
{
	(void)w;
	const struct journal *j = strcmp(s->code, "suspense-open") == 0 ? tab_get(t->tabs, &JOURNAL_REC, s->subject) : NULL;
	if (j)
		timer_add(t, suspense_until(t, j->currency), "suspense", j->id, "", "");
}

/* Applied, returned or exchanged (the claim says so), or taken back. */
bool suspense_cleared(const struct tabs *s, const struct journal *j)
{
	char id[40];
	snprintf(id, sizeof(id), "receipt/%.24s", j->id);
	const struct claim *c = tab_get(s, &CLAIM_REC, id);
	return j->mirrored[0] || (c && c->state == CLAIM_DISCHARGED);
}

void on_suspense_due(struct turn *t, const struct timer *timer)
{
	const struct journal *j = tab_get(t->tabs, &JOURNAL_REC, timer->owner);
	char text[MONEY_TEXT_MAX], why[112];
	if (!j || suspense_cleared(t->tabs, j)) {
		turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = timer->owner, .code = "suspense-cleared" });
		return;
	}
	snprintf(why, sizeof(why), "%s %.3s of %s %.30s: clear it or send it back", money_format(j->total, j->currency, ',', text), j->currency,
		j->deal[0] ? "deal" : "no deal,", j->deal[0] ? j->deal : j->memo);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = j->id, .code = "suspense-old", .text = why });
	timer_set(t, (instant_day(t->stamp) + 1) * INSTANT_DAY, "suspense", j->id, "", "");
}
