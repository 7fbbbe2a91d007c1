/* Sums of journals that left the state (see ledger/period.h). */
#include "ledger/period.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define REC_SELF struct period
REC_TYPE(PERIOD_REC, 59, "period", PERIOD_FIELDS)
#undef REC_SELF

static bool period_add(struct turn *t, const struct journal *j, const struct posting *p)
{
	struct period sum;
	char id[40];
	snprintf(id, sizeof(id), "%s/%lld/%s", j->book, (long long)p->number, p->currency);
	const struct period *old = tab_get(t->tabs, &PERIOD_REC, id);
	if (old) {
		sum = *old;
	} else {
		memset(&sum, 0, sizeof(sum));
		str_copy(sum.id, sizeof(sum.id), str_of(id));
		memcpy(sum.book, j->book, sizeof(sum.book));
		memcpy(sum.currency, p->currency, sizeof(sum.currency));
		sum.number = p->number;
	}
	if (!num_add(sum.debit, p->debit, &sum.debit) || !num_add(sum.credit, p->credit, &sum.credit))
		return false;
	sum.postings++;
	sum.last_day = j->value_day > sum.last_day ? j->value_day : sum.last_day;
	tab_put(t->tabs, &PERIOD_REC, &sum);
	return true;
}

bool period_roll(struct turn *t, const char *journal_id)
{
	const struct journal *found = tab_get(t->tabs, &JOURNAL_REC, journal_id);
	size_t mark = tab_mark(t->tabs);
	struct posting p;
	char prefix[28];
	if (!found)
		return false;
	struct journal j = *found;
	snprintf(prefix, sizeof(prefix), "%s/", j.id);
	for (const struct posting *at = tab_prefix_first(t->tabs, &POSTING_REC, prefix); at;
		at = tab_prefix_next(t->tabs, &POSTING_REC, prefix, p.id)) {
		p = *at;
		if (!period_add(t, &j, &p)) {
			tab_rollback(t->tabs, mark);
			return false;
		}
		tab_archive(t->tabs, &POSTING_REC, p.id);
	}
	return tab_archive(t->tabs, &JOURNAL_REC, j.id);
}
