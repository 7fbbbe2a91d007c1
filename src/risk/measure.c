/* Loan to value, zones, cures, and whether to compensate or to wait: integers only.
 *
 * Must remain true: a zone is left downwards only under the hysteresis bound; the cash margin that is
 * held counts against the exposure; every figure here is a pure function of records and policy.
 * Source: domain specification §6.4 and §8.2, with its worked example as the unit test. */
#include "risk_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { LTV_UNKNOWN = 99999, LTV_WARNING = 7200, LTV_LEAVE = 7000, LTV_CALL = 7800, LTV_LIQUIDATION = 8500,
	LTV_TARGET = 6500, FULL = 10000 };

int64_t risk_exposure(const struct deal *d)
{
	if (!deal_state_paid(d->state))
		return deal_state_final(d->state) ? 0 : d->amount;
	int64_t e = d->principal + d->accrued - d->margin_held;
	return e > 0 ? e : 0;
}

int64_t risk_ltv(int64_t exposure, int64_t ev)
{
	int64_t ltv;
	if (exposure <= 0)
		return 0;
	if (ev <= 0 || !num_muldiv(exposure, FULL, ev, ROUND_HALF_AWAY, &ltv) || ltv > LTV_UNKNOWN)
		return LTV_UNKNOWN;
	return ltv;
}

int64_t risk_zone(const struct tabs *s, int64_t ltv, int64_t zone_now)
{
	int64_t zone = ZONE_NORMAL;
	if (ltv >= policy_int(s, "ltv.liquidation_bp", LTV_LIQUIDATION))
		zone = ZONE_LIQUIDATION;
	else if (ltv >= policy_int(s, "ltv.call_bp", LTV_CALL))
		zone = ZONE_CALL;
	else if (ltv >= policy_int(s, "ltv.warning_bp", LTV_WARNING))
		zone = ZONE_WARNING;
	/* a rise of the price does not cancel a call before the bound is passed */
	if (zone < zone_now && ltv >= policy_int(s, "ltv.leave_bp", LTV_LEAVE))
		zone = zone_now < ZONE_CALL ? zone_now : zone > ZONE_CALL ? zone : ZONE_CALL;
	return zone;
}

int64_t risk_cash_cure(int64_t exposure, int64_t ev, int64_t target_bp)
{
	int64_t covered = 0;
	if (!num_muldiv(ev, target_bp, FULL, ROUND_DOWN, &covered) || covered >= exposure)
		return 0;
	return exposure - covered;
}

int64_t risk_goods_cure(int64_t exposure, int64_t ev, int64_t target_bp)
{
	int64_t needed = 0;
	if (!num_muldiv(exposure, FULL, target_bp, ROUND_UP, &needed))
		return INT64_MAX;
	return needed > ev ? needed - ev : 0;
}

int64_t risk_ltv_at(const struct tabs *s, const char *deal, int64_t change_bp)
{
	const struct deal *d = tab_get(s, &DEAL_REC, deal);
	int64_t ev = 0;
	if (!d || !num_muldiv(d->ev, FULL + change_bp, FULL, ROUND_FLOOR, &ev))
		return LTV_UNKNOWN;
	return risk_ltv(risk_exposure(d), ev);
}

/* Defaults of a class when the policy does not say: probability that it is bad, loss given default,
 * what waiting would recover (basis points); fees, cost of the delay, of the relationship (minor units). */
static const struct compensation {
	const char *code;
	int64_t p_bp, lgd_bp, recovery_bp, fees, delay, relationship;
} COMPENSATION[] = {
	{ "E06", 6000, 2500, 4000, 64000, 50000, 410000 },
	{ "", 2000, 4500, 5000, 40000, 40000, 200000 },
};

static int64_t compensation_policy(const struct tabs *s, const char *code, const char *what, int64_t absent)
{
	char name[48];
	snprintf(name, sizeof(name), "risk.e%.2s.%s", code + 1, what);
	return policy_int(s, name, absent);
}

void risk_compensate_or_wait(const struct tabs *s, const char *code, int64_t exposure, int64_t *loss_avoided,
	int64_t *cost)
{
	const struct compensation *c = COMPENSATION;
	while (c->code[0] && strcmp(c->code, code) != 0)
		c++;
	if (code[0] != 'E' || strlen(code) != 3)
		code = "E00";
	int64_t p = compensation_policy(s, code, "p_bp", c->p_bp), lgd = compensation_policy(s, code, "lgd_bp", c->lgd_bp);
	int64_t lost = FULL - compensation_policy(s, code, "recovery_bp", c->recovery_bp), likely = 0;
	*loss_avoided = 0;
	if (num_muldiv3(exposure, p, lgd, (int64_t)FULL * FULL, ROUND_HALF_AWAY, &likely))
		if (!num_muldiv(likely, lost, FULL, ROUND_HALF_AWAY, loss_avoided))
			*loss_avoided = 0;
	*cost = compensation_policy(s, code, "fees", c->fees) + compensation_policy(s, code, "delay", c->delay)
		+ compensation_policy(s, code, "relationship", c->relationship);
}

/* --- a deal's ratio and zone --------------------------------------------------------------------- */

static const char *const ZONE_WORDS[] = { "normal", "warning", "margin call", "liquidation" };

static void zone_changed(struct turn *t, const struct deal *d, int64_t before, int64_t ltv_before)
{
	char why[112];
	turn_signal(t, (struct signal){ .kind = SIGNAL_ZONE, .subject = d->id, .deal = d->id, .code = ZONE_NAMES[d->zone],
		.a = before, .b = d->zone });
	snprintf(why, sizeof(why), "LTV %lld.%02lld %%, was %lld.%02lld %%: %s", (long long)(d->ltv / 100),
		(long long)(d->ltv % 100), (long long)(ltv_before / 100), (long long)(ltv_before % 100), ZONE_WORDS[d->zone]);
	turn_news(t, d->zone == ZONE_NORMAL ? NEWS_OK : d->zone == ZONE_WARNING ? NEWS_WARN : NEWS_DANGER, "engine", d->id,
		"%s", why);
	if (d->zone > before) {
		int64_t target = policy_int(t->tabs, "ltv.target_bp", LTV_TARGET);
		alert_raise_as(t, &(struct alert_spec){ .code = "E09", .deal = d->id, .asset = d->commodity, .level = -1,
			.title = d->zone == ZONE_WARNING ? "price fall, review haircut" : d->zone == ZONE_CALL
				? "price fall, margin call" : "price fall, enforcement may start",
			.why = why, .amount = risk_cash_cure(risk_exposure(d), d->ev, target), .other = "" }, NULL);
	} else if (d->zone == ZONE_NORMAL) {
		const struct alert *a = alert_find(t->tabs, "E09", d->id, NULL);
		if (a)
			alert_end(t, a->id, ALERT_CLOSED, "back in the normal zone", false);
	}
}

void risk_measure(struct turn *t, const char *deal)
{
	const struct deal *found = tab_get(t->tabs, &DEAL_REC, deal);
	if (!found || found->kind != DEAL_PLEDGE)
		return;
	struct deal d = *found;
	bool out = deal_state_paid(d.state);
	d.ltv = out ? risk_ltv(risk_exposure(&d), d.ev) : 0;
	d.zone = out ? risk_zone(t->tabs, d.ltv, d.zone) : ZONE_NORMAL;
	if (d.ltv == found->ltv && d.zone == found->zone)
		return;
	int64_t zone = found->zone, ltv = found->ltv;
	tab_put(t->tabs, &DEAL_REC, &d);
	if (d.zone != zone)
		zone_changed(t, &d, zone, ltv);
}
