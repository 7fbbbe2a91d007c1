/* What the events of money do: lifting an outflow stop, the end of what the bank did not answer.
 *
 * Must remain true: a stop is lifted by two living persons of different duty, of the funder whose outflow it holds, and never by
 * one person who signs with two keys. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"

/* Duties of which each must have signed: credit answers for the outflow, compliance for the cause. */
static const enum role LIFTERS[] = { ROLE_CRA, ROLE_CMP };
enum { LIFTERS_COUNT = sizeof(LIFTERS) / sizeof(LIFTERS[0]) };

static bool same_person(const struct operator *a, const struct operator *b)
{
	return strcmp(a->id, b->id) == 0 || hash_eq(&a->key, &b->key) || (strcmp(a->name, b->name) == 0 && strcmp(a->party, b->party) == 0);
}

/* The first signer of each duty; all of them are looked at, so the order of signing does not matter. */
static enum refusal lifters_of(struct turn *t, const struct event_in *in, const char *funder,
	const struct operator *who[LIFTERS_COUNT])
{
	const struct envelope *env = in->envelope;
	for (size_t i = 0; i < env->signature_count; i++) {
		const struct keyrec *key;
		enum refusal r = signer_judge(t, &env->signatures[i], in->kind, &key);
		if (r != REFUSED_NOT)
			return r;
		const struct operator *o = key->kind == KEY_OF_PERSON ? tab_get(t->tabs, &OPERATOR_REC, key->holder) : NULL;
		if (!o)
			return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "signature %zu is no person's", i + 1);
		if (strcmp(o->party, funder) != 0)
			return turn_refuse(t, REFUSED_ROLE, "%s is of %s, the stop holds %s", o->id, o->party, funder);
		for (size_t k = 0; k < LIFTERS_COUNT; k++)
			if (!who[k] && o->role == (int64_t)LIFTERS[k])
				who[k] = o;
	}
	for (size_t k = 0; k < LIFTERS_COUNT; k++)
		if (!who[k])
			return turn_refuse(t, REFUSED_SIGNATURE_MISSING, "a stop is lifted by a %s and a %s; no %s of %s has signed",
				role_title(LIFTERS[0]), role_title(LIFTERS[1]), role_title(LIFTERS[k]), funder);
	return same_person(who[0], who[1]) ? turn_refuse(t, REFUSED_SOD, "%s signs twice", who[0]->id) : REFUSED_NOT;
}

enum refusal on_stop_lift(struct turn *t, const struct event_in *in)
{
	const struct ev_hold *b = in->body;
	const struct operator *who[LIFTERS_COUNT] = { NULL };
	const struct stop *found = tab_get(t->tabs, &STOP_REC, b->object);
	if (!found)
		return turn_refuse(t, REFUSED_VALUE, "no stop \"%s\" stands", b->object);
	bool everybody = strcmp(found->funder, STOP_EVERYBODY) == 0;
	enum refusal r = lifters_of(t, in, everybody ? engine_meta(in->engine)->book : found->funder, who);
	if (r != REFUSED_NOT)
		return r;
	char id[sizeof(found->id)];
	memcpy(id, found->id, sizeof(id));
	r = stop_lift(t, id, who[0]->id, who[1]->id, b->reason);
	if (r == REFUSED_NOT)
		act_record(t, id, "stop.lift", b->reason);
	return r;
}

/* --- transfers whose time is past ------------------------------------------------------------------------------------ */

void hear_transfer(struct turn *t, struct workflow *w, const struct signal *s)
{
	(void)w;
	if (strcmp(s->code, "transfer-pending") == 0)
		timer_set(t, s->a, "transfer", s->subject, "", "");
	else if (strcmp(s->code, "transfer-ended") == 0)
		timer_clear(t, s->subject, NULL);
}

/* Neither posted nor voided in its time: what was held is given back, and somebody asks the bank. */
void on_transfer_due(struct turn *t, const struct timer *timer)
{
	const struct transfer *found = tab_get(t->tabs, &TRANSFER_REC, timer->owner);
	if (!found || transfer_expire(t, timer->owner) != REFUSED_NOT)
		return;
	struct transfer f = *(const struct transfer *)tab_get(t->tabs, &TRANSFER_REC, timer->owner);
	char text[MONEY_TEXT_MAX], why[112];
	snprintf(why, sizeof(why), "transfer %.40s of %s %s expired: the bank did not say what became of it", f.id,
		money_format(f.amount, f.currency, ',', text), f.currency);
	turn_news(t, NEWS_DANGER, "engine", f.deal, "%s", why);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = f.id, .deal = f.deal, .code = "transfer-expired", .text = why });
}
