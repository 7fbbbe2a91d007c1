/* Exposure, scenarios, cures. See engine/view_exposure.h.
 *
 * Must remain true: a scenario of no change gives the figures of the deal itself; cures come from risk/watch.h, so
 * the screen and the margin call never differ. */
#include "engine/view_exposure.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "engine/view_deals.h"
#include "feed/state.h"
#include "risk/watch.h"
#include "view_keep.h"

enum { FULL = 10000 };

static int64_t exposure_of(const struct deal *d)
{
	int64_t e = d->principal + d->accrued - d->margin_held;
	return e > 0 ? e : 0;
}

static bool is_open_pledge(const struct deal *d)
{
	return d->kind == DEAL_PLEDGE && deal_state_paid(d->state) && d->ev > 0;
}

/* The screen is about amounts: what is masked is not on it. */
static bool seen(const struct view_source *src, const struct rec_type *t, const void *rec)
{
	return view_sight(src->tabs, src->viewer->id, t, rec) == VIEW_SIGHT_ALL;
}

static int64_t changed(int64_t amount, int64_t change)
{
	int64_t out = amount;
	num_muldiv(amount, FULL + change, FULL, ROUND_FLOOR, &out);
	return out;
}

static void scenario_weigh(const struct view_exposure *v, const struct tabs *s, struct view_scenario *x, bool now)
{
	x->ltv = risk_ltv(v->exposure, x->ev);
	x->zone = now ? v->zone : risk_zone(s, x->ltv, v->zone);
	x->cash = risk_cash_cure(v->exposure, x->ev, v->target);
	x->goods = risk_goods_cure(v->exposure, x->ev, v->target);
}

static void scenario_add(struct view_exposure *v, const struct tabs *s, int64_t change, bool now)
{
	if (v->scenario_count == VIEW_SCENARIOS)
		return;
	struct view_scenario *x = &v->scenarios[v->scenario_count++];
	*x = (struct view_scenario){ .now = now, .change = change, .price = changed(v->price, change), .ev = now ? v->ev : changed(v->ev, change) };
	scenario_weigh(v, s, x, now);
}

/* A price that a person typed is that price, to the cent. */
static void scenario_asked(struct view_exposure *v, const struct tabs *s, struct view_try asked)
{
	int64_t ev = 0, change = 0;
	scenario_add(v, s, asked.change, false);
	struct view_scenario *x = &v->scenarios[v->scenario_count - 1];
	x->asked = true;
	if (!asked.price || !v->price || !num_muldiv(v->ev, asked.price, v->price, ROUND_FLOOR, &ev) ||
		!num_muldiv(asked.price - v->price, FULL, v->price, ROUND_HALF_AWAY, &change))
		return;
	x->change = change;
	x->price = asked.price;
	x->ev = ev;
	scenario_weigh(v, s, x, false);
}

/* The change at which the LTV reaches a bound. */
static int64_t change_to(const struct view_exposure *v, int64_t bound)
{
	int64_t ev = 0, change = 0;
	if (!num_muldiv(v->exposure, FULL, bound, ROUND_FLOOR, &ev) || !num_muldiv(ev, FULL, v->ev, ROUND_FLOOR, &change))
		return 0;
	return change - FULL;
}

static void scenarios_make(struct view_exposure *v, const struct tabs *s, struct view_try asked)
{
	int64_t call = change_to(v, v->call);
	scenario_add(v, s, 0, true);
	if (asked.change || asked.price)
		scenario_asked(v, s, asked);
	if (call < 0 && call > -9000)
		scenario_add(v, s, call, false);
	static const int64_t steps[] = { -500, -1000, -2000, 1000 };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		scenario_add(v, s, steps[i], false);
	for (int i = 0; i < VIEW_CURVE; i++)
		v->curve[i] = risk_ltv(v->exposure, changed(v->ev, 2 * VIEW_CURVE_BP * i / (VIEW_CURVE - 1) - VIEW_CURVE_BP));
}

static void sources_make(struct view_exposure *v, struct arena *a, const struct tabs *s)
{
	const char *prefix = arena_printf(a, "%s/", v->commodity);
	TAB_FOR(quote, q, s, &QUOTE_REC, prefix) {
		if (v->source_count == VIEW_SOURCES)
			return;
		int64_t off = 0;
		if (v->price)
			num_muldiv(q->amount - v->price, FULL, v->price, ROUND_HALF_AWAY, &off);
		v->sources[v->source_count++] = (struct view_price_source){ keep(a, q->source), q->amount, off, q->at };
	}
}

static void book_make(struct view_exposure *v, struct arena *a, const struct view_source *src, const char *funder)
{
	const struct tabs *s = src->tabs;
	v->group = "";
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		if (!is_open_pledge(d) || strcmp(d->funder, funder) || !seen(src, &DEAL_REC, d))
			continue;
		v->zones[d->zone].deals++;
		v->zones[d->zone].amount += d->principal;
		v->deals++;
		v->drawn += d->principal;
	}
	TAB_FOR(limit, l, s, &LIMIT_REC, "") {
		int64_t use = 0;
		if (strcmp(l->funder, funder) || !seen(src, &LIMIT_REC, l) || !num_muldiv(l->used + l->reserved, FULL, l->amount ? l->amount : 1, ROUND_UP, &use))
			continue;
		if (use > v->group_use) {
			v->group_use = use;
			v->group = keep(a, l->group);
		}
	}
}

/* The pledge asked for, and those beside it in the order of their LTV. */
static const struct deal *pick(struct view_exposure *v, struct arena *a, const struct view_source *src, const char *id)
{
	const struct tabs *s = src->tabs;
	size_t n = 0;
	const struct deal **all = arena_alloc(a, (tab_count(s, &DEAL_REC) + 1) * sizeof(*all));
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		if (!is_open_pledge(d) || !seen(src, &DEAL_REC, d))
			continue;
		size_t at = n++;
		for (; at > 0 && all[at - 1]->ltv < d->ltv; at--)
			all[at] = all[at - 1];
		all[at] = d;
	}
	size_t place = 0;
	const struct deal *asked = id[0] ? view_deal_find(s, id) : NULL;
	for (size_t i = 0; i < n; i++)
		if (all[i] == asked)
			place = i;
	v->place = place;
	v->before = place > 0 && n ? keep(a, all[place - 1]->id) : "";
	v->after = place + 1 < n ? keep(a, all[place + 1]->id) : "";
	return n ? all[place] : NULL;
}

struct view_exposure *view_exposure_build(struct arena *a, const struct view_source *src, const char *deal, struct view_try asked)
{
	struct view_exposure *v = arena_zero(a, sizeof(*v));
	const struct tabs *s = src->tabs;
	const struct deal *d = pick(v, a, src, deal);
	v->draw = policy_int(s, "ltv.draw_bp", 6500);
	v->target = policy_int(s, "ltv.target_bp", 6500);
	v->warning = policy_int(s, "ltv.warning_bp", 7200);
	v->leave = policy_int(s, "ltv.leave_bp", 7000);
	v->call = policy_int(s, "ltv.call_bp", 7800);
	v->liquidation = policy_int(s, "ltv.liquidation_bp", 8500);
	v->id = v->party = v->commodity = v->unit = v->group = "";
	v->currency = "EUR";
	if (!d)
		return v;
	const struct value *price = tab_get(s, &VALUE_REC, d->commodity);
	v->id = keep(a, d->id);
	v->party = keep(a, view_party_name(s, d->party));
	v->currency = keep(a, d->currency);
	v->commodity = keep(a, d->commodity);
	v->unit = !strcmp(d->unit, "TNE") ? "t" : keep(a, d->unit);
	v->principal = d->principal;
	v->accrued = d->accrued;
	v->margin_held = d->margin_held;
	v->exposure = exposure_of(d);
	v->quantity = d->quantity;
	v->price = price ? price->amount : 0;
	v->price_state = price ? price->state : VALUE_NONE;
	num_muldiv(v->quantity, v->price, 1000, ROUND_HALF_AWAY, &v->value);
	v->ev = d->ev;
	v->ltv = d->ltv;
	v->zone = d->zone;
	v->margin_due = d->margin_due;
	v->margin_until = d->margin_until;
	scenarios_make(v, s, asked);
	sources_make(v, a, s);
	book_make(v, a, src, d->funder);
	return v;
}
