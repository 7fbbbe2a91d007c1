/* Builds the tasks of a role and the decision pane. See engine/view_tasks.h.
 *
 * Every check shown is computed from records that a contract checked too; what a choice will do is said by the
 * form, and who may by identity/rights.h: the screen never promises more than the engine would do. */
#include "engine/view_tasks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"
#include "engine/proposal.h"
#include "view_keep.h"

/* --- checks ------------------------------------------------------------------------------------------- */

static struct view_check *check_add(struct view_task_detail *d, enum view_check_state state, const char *rule,
	const char *what)
{
	static struct view_check spare;
	struct view_check *c = d->check_count < VIEW_CHECKS_MAX ? &d->checks[d->check_count++] : &spare;
	memset(c, 0, sizeof(*c));
	c->state = state;
	c->rule = rule;
	c->what = what;
	return c;
}

static int64_t percent_off(int64_t seen, int64_t wanted)
{
	return wanted ? (seen - wanted) * 10000 / wanted : 0;
}

static void text_percent(int64_t bp, char *out, size_t cap)
{
	int64_t size = bp < 0 ? -bp : bp;
	snprintf(out, cap, "%s%" PRId64 ".%02" PRId64 " %%", bp < 0 ? "-" : "+", size / 100, size % 100);
}

/* Three-way match: order, receipt and invoice within the policy's tolerance; near from two thirds of it. */
static void check_match(struct view_task_detail *d, const char *rule, const char *what, int64_t seen, int64_t wanted,
	int64_t most_bp)
{
	int64_t off = percent_off(seen, wanted), size = off < 0 ? -off : off;
	enum view_check_state state = size > most_bp ? VIEW_CHECK_FAILS : size * 3 > most_bp * 2 ? VIEW_CHECK_NEAR
		: VIEW_CHECK_HOLDS;
	struct view_check *c = check_add(d, state, rule, what);
	text_percent(off, c->seen, sizeof(c->seen));
	snprintf(c->wanted, sizeof(c->wanted), "within %" PRId64 ".%02" PRId64 " %%", most_bp / 100, most_bp % 100);
}

static void check_invoice(struct view_task_detail *d, const struct tabs *s, const struct deal *deal)
{
	const struct invoice *i = tab_get(s, &INVOICE_REC, deal->invoice);
	if (!i)
		return;
	if (i->order_price)
		check_match(d, "3WM-2", "unit price", i->invoice_price, i->order_price, policy_int(s, "match.price_bp", 50));
	if (i->order_quantity)
		check_match(d, "3WM-1", "quantity", i->grn_quantity, i->order_quantity, policy_int(s, "match.quantity_bp", 200));
	struct view_check *c = check_add(d, i->grn_number[0] ? VIEW_CHECK_HOLDS : VIEW_CHECK_FAILS, "EVD-1", "delivery evidence");
	snprintf(c->seen, sizeof(c->seen), "%s", i->grn_number[0] ? i->grn_number : "none");
	snprintf(c->wanted, sizeof(c->wanted), "present");
	c = check_add(d, i->confirmed >= i->amount && i->amount ? VIEW_CHECK_HOLDS : VIEW_CHECK_FAILS, "SIG-1", "debt confirmed");
	snprintf(c->seen, sizeof(c->seen), "%.39s", i->confirmed_by[0] ? view_person(s, i->confirmed_by) : "not signed");
	snprintf(c->wanted, sizeof(c->wanted), "debtor's key");
}

static void check_goods(struct view_task_detail *d, const struct view_source *src, const struct deal *deal)
{
	const struct lot *l = tab_get(src->tabs, &LOT_REC, deal->lot);
	const struct pledge *pl = tab_get(src->tabs, &PLEDGE_REC, deal->pledge);
	if (!l)
		return;
	if (l->packages) {
		struct view_check *c = check_add(d, l->packages_counted == l->packages ? VIEW_CHECK_HOLDS : VIEW_CHECK_FAILS, "CNT-1",
			"packages counted");
		snprintf(c->seen, sizeof(c->seen), "%" PRId64, l->packages_counted);
		snprintf(c->wanted, sizeof(c->wanted), "%" PRId64 " advised", l->packages);
	}
	struct view_check *c = check_add(d, l->certificate[0] ? VIEW_CHECK_HOLDS : VIEW_CHECK_FAILS, "EVD-2", "certificate");
	snprintf(c->seen, sizeof(c->seen), "%s", l->certificate[0] ? l->grade[0] ? l->grade : "signed" : "none");
	snprintf(c->wanted, sizeof(c->wanted), "signed");
	c = check_add(d, l->level >= 4 ? VIEW_CHECK_FAILS : VIEW_CHECK_HOLDS, "UNQ-1", "lot free of claims");
	snprintf(c->seen, sizeof(c->seen), "%s", l->level >= 4 ? "frozen L4" : "free");
	snprintf(c->wanted, sizeof(c->wanted), "one receipt");
	c = check_add(d, pl && pl->perfected_at ? VIEW_CHECK_HOLDS : VIEW_CHECK_NEAR, "PLG-1", "pledge perfected");
	snprintf(c->seen, sizeof(c->seen), "%s", pl && pl->registry_number[0] ? pl->registry_number : "not filed");
	snprintf(c->wanted, sizeof(c->wanted), "filed, searched");
	if (deal->ltv) {
		int64_t most = policy_int(src->tabs, "ltv.draw_bp", 6500);
		c = check_add(d, deal->ltv > policy_int(src->tabs, "ltv.call_bp", 7800) ? VIEW_CHECK_FAILS
			: deal->ltv > most ? VIEW_CHECK_NEAR : VIEW_CHECK_HOLDS, "LTV-1", "loan to value");
		snprintf(c->seen, sizeof(c->seen), "%" PRId64 ".%02" PRId64 " %%", deal->ltv / 100, deal->ltv % 100);
		snprintf(c->wanted, sizeof(c->wanted), "%" PRId64 ".%02" PRId64 " %% or less", most / 100, most % 100);
	}
}

static void check_common(struct view_task_detail *d, struct arena *a, const struct view_source *src, const struct deal *deal)
{
	const struct tabs *s = src->tabs;
	const struct score *score = tab_get(s, &SCORE_REC, deal->id);
	char key[64], money[MONEY_TEXT_MAX];
	if (score) {
		int64_t worst = policy_int(s, "score.grade_max", 6);
		struct view_check *c = check_add(d, score->grade <= worst ? VIEW_CHECK_HOLDS : VIEW_CHECK_FAILS, "SCR-1", "score, grade");
		snprintf(c->seen, sizeof(c->seen), "%" PRId64 ", grade %" PRId64, score->points, score->grade);
		snprintf(c->wanted, sizeof(c->wanted), "%" PRId64 " or better", worst);
	}
	snprintf(key, sizeof(key), "%s/%s", deal->funder, party_group(s, deal->obligor));
	const struct limit *l = tab_get(s, &LIMIT_REC, key);
	if (l) {
		int64_t sum = l->used + l->reserved;
		struct view_check *c = check_add(d, sum > l->amount ? VIEW_CHECK_FAILS : sum * 10 > l->amount * 9 ? VIEW_CHECK_NEAR
			: VIEW_CHECK_HOLDS, "LIM-1", "group after this");
		snprintf(c->seen, sizeof(c->seen), "%s", money_format(sum, l->currency, ',', money));
		snprintf(c->wanted, sizeof(c->wanted), "%s", money_format(l->amount, l->currency, ',', money));
	}
	snprintf(key, sizeof(key), "%s/", deal->id);
	TAB_FOR(proof, p, s, &PROOF_REC, key) {
		bool good = p->state == PROOF_PRESENT || p->state == PROOF_ACCEPTED;
		/* What was needed to pay out may run out once it is paid. */
		bool stale = good && p->valid_until && p->valid_until < src->viewer->now && !deal_state_funded(deal->state);
		struct view_check *c = check_add(d, stale || p->state >= PROOF_EXPIRED ? VIEW_CHECK_FAILS : good ? VIEW_CHECK_HOLDS
			: VIEW_CHECK_NEAR, "EVD-3", keep(a, p->item));
		snprintf(c->seen, sizeof(c->seen), "%s", stale ? "expired" : PROOF_STATE_NAMES[p->state]);
		snprintf(c->wanted, sizeof(c->wanted), "accepted");
	}
	struct view_check *c = check_add(d, deal->level >= 3 ? VIEW_CHECK_FAILS : VIEW_CHECK_HOLDS, "RSP-1", "response level");
	snprintf(c->seen, sizeof(c->seen), "L%" PRId64, deal->level);
	snprintf(c->wanted, sizeof(c->wanted), "below L3");
}

static int check_order(const void *x, const void *y)
{
	const struct view_check *a = x, *b = y;
	return a->state != b->state ? (a->state < b->state ? -1 : 1) : strcmp(a->rule, b->rule);
}

/* --- money ------------------------------------------------------------------------------------------ */

static void money_add(struct view_task_detail *d, const char *label, int64_t amount, bool sum, const char *words)
{
	if (d->money_count == 6)
		return;
	snprintf(d->money[d->money_count].label, sizeof(d->money[0].label), "%s", label);
	snprintf(d->money[d->money_count].words, sizeof(d->money[0].words), "%.63s", words);
	d->money[d->money_count].amount = amount;
	d->money[d->money_count++].sum = sum;
}

static void money_receivable(struct view_task_detail *d, const struct tabs *s, const struct deal *deal)
{
	char label[32], words[80], date[INSTANT_TEXT_MAX];
	snprintf(d->sentence, sizeof(d->sentence), "%s sells its claim on %s", view_party_name(s, deal->party),
		view_party_name(s, deal->obligor));
	snprintf(words, sizeof(words), "%s  %s, %" PRId64 " days", deal->currency,
		deal->due_day ? instant_format_date(deal->due_day, date) : "–", deal->days);
	money_add(d, "face", deal->amount, false, words);
	snprintf(label, sizeof(label), "discount %" PRId64 ".%02" PRId64 " %%", deal->rate / 10000, deal->rate / 100 % 100);
	money_add(d, label, -deal->discount, false, "ACT/360, in advance");
	money_add(d, "fee", -deal->fee, false, "deferred");
	snprintf(words, sizeof(words), "%s  %s", deal->currency, deal->payee);
	money_add(d, "pays out", deal->payout ? deal->payout : deal->amount - deal->discount - deal->fee, true, words);
}

static void money_pledge(struct view_task_detail *d, const struct tabs *s, const struct deal *deal)
{
	char words[80];
	snprintf(d->sentence, sizeof(d->sentence), "%s borrows on %" PRId64 ".%" PRId64 " %s %s in the care of %s",
		view_party_name(s, deal->party), deal->quantity / 1000, deal->quantity / 100 % 10, deal->unit, deal->commodity,
		view_party_short(s, deal->warehouse));
	if (deal->ev) {
		snprintf(words, sizeof(words), "%s  LTV %" PRId64 ".%02" PRId64 " %%", deal->currency, deal->ltv / 100, deal->ltv % 100);
		money_add(d, "eligible value", deal->ev, false, words);
	}
	snprintf(words, sizeof(words), "%s  %s", deal->currency, deal->payee);
	money_add(d, deal->principal ? "loan" : "asked for", deal->principal ? deal->principal : deal->amount, true, words);
	if (deal->margin_due)
		money_add(d, "margin called", deal->margin_due, false, deal->currency);
}

/* --- people ----------------------------------------------------------------------------------------- */

static void touches(struct view_task_detail *d, struct arena *a, const struct view_source *src, const struct task *t, const struct deal *deal)
{
	ACT_FOR(act, src->tabs, deal->id) {
		if (act_is_concern(act) || act->void_)
			continue;
		if (d->touch_count == VIEW_TOUCHES_MAX - 1) {
			/* The newest count: the oldest give way. */
			memmove(&d->touches[0], &d->touches[1], (VIEW_TOUCHES_MAX - 2) * sizeof(d->touches[0]));
			d->touch_count--;
		}
		struct view_touch *touch = &d->touches[d->touch_count++];
		*touch = (struct view_touch){ act->at, keep(a, view_person(src->tabs, act->operator)), (enum role)act->role, "",
			strcmp(act->operator, src->viewer->id) == 0 };
		enum act_kind kind = act_named(str_of(act->act));
		snprintf(touch->what, sizeof(touch->what), "%.30s%s%.30s", kind < ACT_KIND_COUNT ? act_words(kind) : act->act,
			act->detail[0] ? ": " : "", act->detail);
		d->entry = act->entry > d->entry ? act->entry : d->entry;
	}
	if (d->touch_count < VIEW_TOUCHES_MAX && t->role == (int64_t)src->viewer->role) {
		struct view_touch *you = &d->touches[d->touch_count++];
		bool before = act_done_by(src->tabs, deal->id, src->viewer->id, NULL);
		*you = (struct view_touch){ 0, "you", src->viewer->role, "", true };
		snprintf(you->what, sizeof(you->what), "%s", before ? "you have touched it before" : "nothing so far: SOD-1 2 9 10 hold");
	}
}

static const char *choice_words(const struct task *t, const char *decision)
{
	static const struct {
		const char *form, *decision, *words;
	} rows[] = {
		{ "approve", "approve", "the next signature is asked, then it is paid" },
		{ "approve", "return", "back to its maker with your reason" },
		{ "approve", "reject", "reservations are freed, the quote is released" },
		{ "clear", "approve", "the near hit is cleared; it goes on" },
		{ "release", "approve", "money leaves: the pivot, no undo beyond it" },
		{ "release", "reject", "nothing leaves; the payment is taken back" },
		{ "release-goods", "approve", "the warehouse may let the goods go" },
		{ "margin", "approve", "the borrower is called, the amount is frozen now" },
		{ "receipt", "done", "the receipt says what you counted" },
		{ "receipt", "return", "the advice is wrong: back to the sender" },
		{ "case", "hold", "all stays as it is; the case stays yours" },
		{ "case", "compensate", "what was done is undone, newest first" },
		{ "case", "false-alarm", "closes as false; the levels it raised fall" },
		{ "case", "close", "the alert closes; the deal goes on" },
		{ "enforce", "approve", "the pledge is enforced" },
		{ "chase", "done", "recorded; the reminder stands" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].form, t->form) == 0 && strcmp(rows[i].decision, decision) == 0)
			return rows[i].words;
	return strcmp(decision, "reject") == 0 ? "it ends here; what was reserved is freed"
		: strcmp(decision, "return") == 0 ? "back with your reason" : "the step is done and the process goes on";
}

static void choices(struct view_task_detail *d, const struct view_source *src, const struct task *t)
{
	const char *all[VIEW_OFFERED_MAX + 1];
	view_offered(t, all);
	enum act_kind act = act_named(str_of(t->act));
	char why[160] = "";
	bool may = act == ACT_KIND_COUNT || rights_ask(src->tabs, src->viewer->id, src->viewer->now, act, t->deal, t->amount, "",
		why) == REFUSED_NOT;
	for (int i = 0; all[i] && d->choice_count < VIEW_CHOICES_MAX; i++) {
		struct view_choice *c = &d->choices[d->choice_count++];
		c->decision = all[i];
		c->allowed = may && !src->viewer->readonly && t->state != TASK_HELD;
		snprintf(c->says, sizeof(c->says), "%.119s", c->allowed ? choice_words(t, all[i]) : t->state == TASK_HELD
			? "held: a case is open on it" : why[0] ? why : "this console is read-only");
	}
}

struct view_task_detail *view_task_detail(struct arena *a, const struct view_source *src, const struct task *t)
{
	struct view_task_detail *d = arena_zero(a, sizeof(*d));
	view_need_fill(a, src, t, &d->need);
	const struct deal *deal = d->need.deal;
	bool amounts = !deal || view_sight(src->tabs, src->viewer->id, &DEAL_REC, deal) == VIEW_SIGHT_ALL;
	snprintf(d->sentence, sizeof(d->sentence), "%.159s", d->need.alert && amounts ? d->need.alert->why : t->title);
	if (deal && amounts) {
		if (deal->kind == DEAL_RECEIVABLES) {
			money_receivable(d, src->tabs, deal);
			check_invoice(d, src->tabs, deal);
		} else {
			money_pledge(d, src->tabs, deal);
			check_goods(d, src, deal);
		}
		check_common(d, a, src, deal);
		touches(d, a, src, t, deal);
	}
	if (t->failing[0]) {
		struct view_check *c = check_add(d, VIEW_CHECK_FAILS, "POOL", "not in the pool");
		snprintf(c->seen, sizeof(c->seen), "%.39s", t->failing);
	}
	qsort(d->checks, (size_t)d->check_count, sizeof(d->checks[0]), check_order);
	for (int i = 0; i < d->check_count; i++)
		d->holding += d->checks[i].state == VIEW_CHECK_HOLDS;
	choices(d, src, t);
	return d;
}

/* --- the list and the seat -------------------------------------------------------------------------- */

static int seat_order(const void *x, const void *y)
{
	const struct view_seat *a = x, *b = y;
	return a->from != b->from ? (a->from < b->from ? -1 : 1) : strcmp(a->task->id, b->task->id);
}

static void build_seat(struct view_tasks *v, const struct view_source *src, const struct task *t)
{
	if (strcmp(t->assigned, src->viewer->id) != 0 && strcmp(t->claimed_by, src->viewer->id) != 0)
		return;
	if (t->start && t->start + t->duration >= v->seat_from && t->start < v->seat_to)
		v->seat[v->seat_count++] = (struct view_seat){ t, t->start, t->start + t->duration };
}

static void count_approval(struct view_tasks *v, const struct view_source *src, const struct task *t)
{
	enum act_kind act = act_named(str_of(t->act));
	if (strcmp(t->form, "approve") != 0 && strcmp(t->form, "release") != 0)
		return;
	v->approvals++;
	v->allowed += act != ACT_KIND_COUNT && rights_ask(src->tabs, src->viewer->id, src->viewer->now, act, t->deal, t->amount,
		"", NULL) == REFUSED_NOT;
	if (t->deadline > src->viewer->now && (!v->cut || t->deadline < v->cut))
		v->cut = t->deadline;
}

static void say_ahead(struct view_tasks *v)
{
	for (size_t i = 0; v->detail && i + 1 < v->need_count; i++) {
		const struct task *t = v->needs[i].task, *next = v->needs[i + 1].task;
		if (strcmp(t->id, v->detail->need.task->id) != 0 || !t->rank || !next->rank)
			continue;
		snprintf(v->detail->ahead, sizeof(v->detail->ahead), "%s by %" PRId64 ".%" PRId64 " points", id_tail(next->deal),
			(next->score - t->score) / 1000, (next->score > t->score ? next->score - t->score : t->score - next->score) / 100 % 10);
	}
}

/* The viewer's own first, then what ends soonest. */
static bool proposal_before(const struct view_proposal *x, const struct view_proposal *y)
{
	return x->mine != y->mine ? x->mine : x->until < y->until;
}

/* Keeps the first VIEW_PROPOSALS_MAX in order. */
static void keep_proposal(struct view_tasks *v, const struct view_proposal *e)
{
	size_t count = v->proposal_count < VIEW_PROPOSALS_MAX ? v->proposal_count : VIEW_PROPOSALS_MAX, at = count;
	while (at && proposal_before(e, &v->endorse[at - 1]))
		at--;
	for (size_t i = count < VIEW_PROPOSALS_MAX ? count : VIEW_PROPOSALS_MAX - 1; i > at; i--)
		v->endorse[i] = v->endorse[i - 1];
	if (at < VIEW_PROPOSALS_MAX)
		v->endorse[at] = *e;
	v->endorse_count += e->mine;
	v->proposal_count++;
}

static void build_endorse(struct view_tasks *v, struct arena *a, const struct view_source *src)
{
	for (const struct proposal *p = tab_first(src->tabs, &PROPOSAL_REC, ""); p; p = tab_next(src->tabs, &PROPOSAL_REC, p->id)) {
		if (!src->viewer->id[0] || p->state != PROPOSAL_OPEN)
			continue;
		bool mine = proposal_waits_for(src->tabs, p, src->viewer->id);
		if (!mine && strcmp(p->party, src->viewer->party) != 0)
			continue;
		struct view_proposal e = { keep(a, p->id), keep(a, p->signers), keep(a, p->missing), "", p->until, mine };
		proposal_words(src->tabs, p, e.words, sizeof(e.words));
		keep_proposal(v, &e);
	}
}

struct view_tasks *view_tasks_build(struct arena *a, const struct view_source *src, bool all, const char *focus)
{
	struct view_tasks *v = arena_zero(a, sizeof(*v));
	const struct meta *m = tab_get(src->tabs, &META_REC, "state");
	const struct pool *pool = tab_get(src->tabs, &POOL_REC, "pool");
	const struct party *mine = tab_get(src->tabs, &PARTY_REC, src->viewer->party);
	size_t cap = tab_count(src->tabs, &TASK_REC) + 1;
	v->currency = m && m->currency[0] ? keep(a, m->currency) : "EUR";
	v->plan = pool ? pool->plans : 0;
	v->warehouse = mine && mine->kind == PARTY_WHS;
	v->needs = arena_alloc(a, cap * sizeof(*v->needs));
	v->seat = arena_alloc(a, cap * sizeof(*v->seat));
	v->seat_from = src->viewer->now - src->viewer->now % (30 * INSTANT_MINUTE);
	v->seat_to = v->seat_from + 3 * INSTANT_HOUR;
	for (const struct task *t = tab_first(src->tabs, &TASK_REC, ""); t; t = tab_next(src->tabs, &TASK_REC, t->id)) {
		if (!view_task_is_open(t) || view_sight(src->tabs, src->viewer->id, &TASK_REC, t) == VIEW_SIGHT_NONE)
			continue;
		v->everybody++;
		if (!all && !view_task_is_mine(src->viewer, t))
			continue;
		view_need_fill(a, src, t, &v->needs[v->need_count++]);
		v->held += t->state == TASK_HELD;
		build_seat(v, src, v->needs[v->need_count - 1].task);
		count_approval(v, src, t);
	}
	qsort(v->needs, v->need_count, sizeof(*v->needs), view_need_order);
	qsort(v->seat, v->seat_count, sizeof(*v->seat), seat_order);
	for (size_t i = 0; i < v->need_count && !v->detail; i++)
		if (strcmp(v->needs[i].task->id, focus) == 0)
			v->detail = view_task_detail(a, src, v->needs[i].task);
	say_ahead(v);
	build_endorse(v, a, src);
	return v;
}
