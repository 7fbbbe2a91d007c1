/* What a pledge, its group and the book were exposed to, moment by moment. See engine/view_exposure.h.
 *
 * Must remain true: the last moment is what the records say now; each earlier one is that less what the journals since then
 * posted (CT-2: 1200 and 1210 are the deals' principal, CT-5: 9100 is the eligible value), so nothing is kept for it. */
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "engine/view_exposure.h"
#include "ledger/book.h"
#include "risk/watch.h"
#include "view_keep.h"

enum { JOURNALS_LOOKED_AT = 20000 };
enum { ACCOUNT_LOAN = 1200, ACCOUNT_FACE = 1210, ACCOUNT_ACCRUED = 1220, ACCOUNT_MARGIN = 2010, ACCOUNT_COLLATERAL = 9100 };

/* Where the walk back stands. */
struct walk {
	const struct view_source *src;
	const struct deal *deal;
	const char *group;
	int64_t owed, ev, of_group, of_book; /* owed: principal and accrued less margin */
	bool sees_group, sees_book;
};

static int64_t moment_of(const struct view_history *h, int slot)
{
	return h->from + (h->to - h->from) * slot / (VIEW_HISTORY - 1);
}

static void slot_fill(struct view_history *h, const struct walk *w, int slot)
{
	int64_t exposure = w->owed > 0 ? w->owed : 0;
	h->ltv[slot] = exposure > 0 && w->ev > 0 ? risk_ltv(exposure, w->ev) : INT64_MIN;
	h->trends[VIEW_TREND_DEAL].values[slot] = exposure;
	h->trends[VIEW_TREND_VALUE].values[slot] = w->ev;
	h->trends[VIEW_TREND_GROUP].values[slot] = w->sees_group ? w->of_group : INT64_MIN;
	h->trends[VIEW_TREND_BOOK].values[slot] = w->sees_book ? w->of_book : INT64_MIN;
}

static void posting_undo(struct walk *w, const struct journal *j, const struct posting *p)
{
	int64_t net = p->debit - p->credit;
	bool own = !strcmp(j->deal, w->deal->id), debt = p->number == ACCOUNT_LOAN || p->number == ACCOUNT_FACE;
	if (own && (debt || p->number == ACCOUNT_ACCRUED || p->number == ACCOUNT_MARGIN))
		w->owed -= net;
	if (own && p->number == ACCOUNT_COLLATERAL)
		w->ev -= net;
	if (!debt || strcmp(p->currency, w->deal->currency))
		return;
	w->of_book -= net;
	const struct deal *d = tab_get(w->src->tabs, &DEAL_REC, j->deal);
	if (d && !strcmp(view_deal_group(w->src->tabs, d), w->group))
		w->of_group -= net;
}

static void journal_undo(struct walk *w, const struct journal *j)
{
	char prefix[28];
	if (strcmp(j->book, w->deal->funder))
		return;
	str_copy(prefix, sizeof(prefix), str_of(j->id));
	size_t len = strlen(prefix);
	prefix[len] = '/';
	prefix[len + 1] = '\0';
	TAB_FOR(posting, p, w->src->tabs, &POSTING_REC, prefix)
		posting_undo(w, j, p);
}

const char *view_deal_group(const struct tabs *s, const struct deal *d)
{
	return party_group(s, d->obligor[0] ? d->obligor : d->party);
}

static void walk_begin(struct walk *w, const struct view_source *src, const struct deal *d)
{
	const struct tabs *s = src->tabs;
	*w = (struct walk){ .src = src, .deal = d, .group = view_deal_group(s, d), .owed = d->principal + d->accrued - d->margin_held, .ev = d->ev,
		.sees_book = view_may_see_amounts(s, src->viewer->id, ""), .sees_group = true };
	TAB_FOR(deal, x, s, &DEAL_REC, "") {
		if (strcmp(x->funder, d->funder) || strcmp(x->currency, d->currency))
			continue;
		w->of_book += x->principal;
		if (strcmp(view_deal_group(s, x), w->group))
			continue;
		w->of_group += x->principal;
		w->sees_group = w->sees_group && view_may_see_amounts(s, src->viewer->id, x->id);
	}
}

static void trends_sum(struct view_history *h, struct arena *a, const struct walk *w)
{
	static const char *const names[VIEW_TRENDS] = { [VIEW_TREND_DEAL] = "this pledge", [VIEW_TREND_VALUE] = "eligible value",
		[VIEW_TREND_BOOK] = "book" };
	for (int t = 0; t < VIEW_TRENDS; t++) {
		struct view_trend *x = &h->trends[t];
		x->name = names[t] ? names[t] : arena_printf(a, "group %s", view_party_short(w->src->tabs, w->group));
		x->now = x->values[VIEW_HISTORY - 1];
		x->most = x->least = x->now;
		for (int i = 0; i < VIEW_HISTORY && x->now != INT64_MIN; i++) {
			x->most = x->values[i] != INT64_MIN && x->values[i] > x->most ? x->values[i] : x->most;
			x->least = x->values[i] != INT64_MIN && x->values[i] < x->least ? x->values[i] : x->least;
		}
	}
	h->worst = INT64_MIN;
	for (int i = 0; i < VIEW_HISTORY; i++)
		if (h->ltv[i] != INT64_MIN && h->ltv[i] >= h->worst) {
			h->worst = h->ltv[i];
			h->worst_at = moment_of(h, i);
		}
}

struct view_history *view_history_build(struct arena *a, const struct view_source *src, const char *deal, int64_t span)
{
	const struct deal *d = tab_get(src->tabs, &DEAL_REC, deal);
	struct walk w;
	int slot = VIEW_HISTORY - 1, looked = 0;
	if (!d || !view_may_see_amounts(src->tabs, src->viewer->id, d->id))
		return NULL;
	struct view_history *h = arena_zero(a, sizeof(*h));
	h->to = src->viewer->now;
	h->from = h->to - span;
	walk_begin(&w, src, d);
	slot_fill(h, &w, slot--); /* the last moment is now, whatever the clocks say */
	const struct journal *j = tab_prev(src->tabs, &JOURNAL_REC, NULL);
	for (; j && j->at > h->from && looked++ < JOURNALS_LOOKED_AT; j = tab_prev(src->tabs, &JOURNAL_REC, j->id)) {
		for (; slot >= 0 && moment_of(h, slot) >= j->at; slot--)
			slot_fill(h, &w, slot);
		journal_undo(&w, j);
	}
	bool all = !j || j->at <= h->from; /* else what is further back is not known here */
	for (; slot >= 0; slot--) {
		slot_fill(h, &w, slot);
		for (int t = 0; t < VIEW_TRENDS && !all; t++)
			h->trends[t].values[slot] = INT64_MIN;
		h->ltv[slot] = all ? h->ltv[slot] : INT64_MIN;
	}
	trends_sum(h, a, &w);
	return h;
}
