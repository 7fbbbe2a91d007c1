/* Deals as rows, and what matters of one. See engine/view_deals.h. */
#include "engine/view_deals.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "risk/state.h"
#include "schedule/task.h"
#include "view_keep.h"
#include "workflow/definition.h"
#include "workflow/runtime.h"

enum { NEWS_LOOKED_AT = 20000 };

/* --- one row -------------------------------------------------------------------------------------- */

/* States that say by themselves how the deal stands; the others follow level, zone and money. */
static const struct {
	int64_t state;
	enum view_standing standing;
} STANDINGS[] = {
	{ DEAL_MARGIN_CALL, STANDING_CALL }, { DEAL_DEFAULTED, STANDING_CALL }, { DEAL_ENFORCING, STANDING_CALL },
	{ DEAL_PAY_RETURNED, STANDING_CALL }, { DEAL_OVERDUE, STANDING_WATCH }, { DEAL_REJECTED, STANDING_UNDONE },
	{ DEAL_CANCELLED, STANDING_UNDONE }, { DEAL_REVERSED, STANDING_UNDONE }, { DEAL_SETTLED, STANDING_ENDED },
	{ DEAL_CLOSED, STANDING_ENDED }, { DEAL_LIQUIDATED, STANDING_ENDED }, { DEAL_RELEASING, STANDING_MOVES },
	{ DEAL_DISBURSING, STANDING_MOVES },
};

static bool standing_of_state(int64_t state, enum view_standing *out)
{
	for (size_t i = 0; i < sizeof(STANDINGS) / sizeof(STANDINGS[0]); i++)
		if (STANDINGS[i].state == state) {
			*out = STANDINGS[i].standing;
			return true;
		}
	return false;
}

static enum view_standing deal_standing(const struct deal *d)
{
	enum view_standing by_state = STANDING_NORMAL;
	bool known = standing_of_state(d->state, &by_state);
	if (known && (by_state == STANDING_UNDONE || by_state == STANDING_ENDED))
		return by_state;
	if (d->level >= 3)
		return STANDING_HELD;
	if (d->zone >= ZONE_CALL)
		return STANDING_CALL;
	if (known)
		return by_state;
	if (d->zone == ZONE_WARNING || d->level > 0)
		return STANDING_WATCH;
	return deal_state_paid(d->state) ? STANDING_NORMAL : STANDING_WAITS;
}

/* States whose words do not fit into twelve cells, said shorter. */
static const struct {
	int64_t state;
	const char *word;
} SHORT_WORDS[] = { { DEAL_CONFIRM_WAIT, "debtor asked" }, { DEAL_DOCS_OK, "docs hold" }, { DEAL_CONFIRMED, "confirmed" },
	{ DEAL_ACCEPTED, "accepted" }, { DEAL_PART_COLLECTED, "part paid" }, { DEAL_PRE_LIMIT, "limit set" }, { DEAL_INBOUND, "inbound" },
	{ DEAL_ARRIVED, "arrived" }, { DEAL_COUNTED, "counted" }, { DEAL_INSPECTED, "inspected" }, { DEAL_LOT_CONFIRMED, "lot is sure" },
	{ DEAL_RECEIPT, "receipt out" }, { DEAL_CP_MET, "terms met" }, { DEAL_MARGIN_CALL, "margin call" }, { DEAL_RELEASING, "releasing" },
	{ DEAL_PART_RELEASED, "part out" }, { DEAL_PAY_RETURNED, "returned" } };

static const char *short_word(int64_t state, const char *word)
{
	for (size_t i = 0; i < sizeof(SHORT_WORDS) / sizeof(SHORT_WORDS[0]); i++)
		if (SHORT_WORDS[i].state == state && !strcmp(word, deal_state_words(state)))
			return SHORT_WORDS[i].word;
	return word;
}

static const char *deal_word(struct arena *a, const struct deal *d, enum view_standing standing)
{
	if (standing == STANDING_HELD)
		return arena_printf(a, "suspended L%d", (int)d->level);
	if (standing == STANDING_CALL && d->zone == ZONE_LIQUIDATION)
		return "liquidation";
	if (standing == STANDING_CALL && d->zone == ZONE_CALL)
		return "margin call";
	if (standing == STANDING_WATCH && d->zone == ZONE_WARNING)
		return "watch";
	if (standing == STANDING_WATCH && d->level > 0 && d->state != DEAL_OVERDUE) /* its glyph warns: the word says why */
		return arena_printf(a, d->level > 1 ? "held L%d" : "degraded L%d", (int)d->level);
	if (standing == STANDING_NORMAL)
		return "normal";
	return deal_state_words(d->state);
}

static int64_t deal_amount(const struct deal *d)
{
	return d->principal ? d->principal : d->payout ? d->payout : d->amount;
}

static const struct task *deal_task(const struct tabs *s, const struct token *k)
{
	const struct task *t = k->state == TOKEN_TASK ? tab_get(s, &TASK_REC, k->waits_for) : NULL;
	return t && t->state != TASK_DONE && t->state != TASK_WITHDRAWN ? t : NULL;
}


/* The name of the step that a token is at, out of its process. */
static const char *step_name(struct arena *a, const struct view_source *src, const struct token *k)
{
	const struct instance *i = tab_get(src->tabs, &INSTANCE_REC, k->instance);
	const struct wf_def *def = i && src->workflow ? processes_get(src->workflow->processes, src->tabs, i->process) : NULL;
	const struct wf_node *n = def ? wf_node_named(def, str_of(k->node)) : NULL;
	return n ? str_dup(a, wf_node_label(n)) : keep(a, k->waits_for);
}

const char *view_deal_waits(struct arena *a, const struct view_source *src, const struct deal *d, int64_t *since)
{
	const struct tabs *s = src->tabs;
	const char *found = "";
	*since = 0;
	TAB_FOR(token, k, s, &TOKEN_REC, "") {
		if (strcmp(k->deal, d->id) || k->state == TOKEN_SCOPE || k->state == TOKEN_JOIN)
			continue;
		const struct task *t = deal_task(s, k);
		*since = k->since;
		if (t) /* people come before parties, parties before clocks */
			return keep(a, t->title);
		if (k->state == TOKEN_MESSAGE)
			found = step_name(a, src, k);
		else if (k->state == TOKEN_INCIDENT)
			return arena_printf(a, "stopped: %s", k->waits_for);
		else if (!found[0] && k->state == TOKEN_TIMER)
			found = "a timer";
	}
	return found;
}

void view_deal_row(struct arena *a, const struct view_source *src, const struct deal *d, struct view_deal_row *out)
{
	const struct tabs *s = src->tabs;
	*out = (struct view_deal_row){ .id = keep(a, d->id), .kind = d->kind, .state = d->state, .zone = d->zone,
		.level = d->level, .currency = keep(a, d->currency), .opened_at = d->opened_at };
	out->amount = view_may_see_amounts(s, src->viewer->id, d->id) ? deal_amount(d) : VIEW_MASKED;
	out->standing = deal_standing(d);
	out->word = keep(a, deal_word(a, d, out->standing));
	out->short_word = short_word(d->state, out->word);
	out->party = keep(a, view_party_name(s, d->party));
	out->ltv = d->ev > 0 && d->principal > 0 ? d->ltv : INT64_MIN;
	out->waits = view_deal_waits(a, src, d, &out->since);
	out->version = (uint64_t)d->version * 64 + (uint64_t)d->level * 8 + (uint64_t)d->zone;
}

static bool ends_with(const char *id, const char *tail)
{
	size_t n = strlen(id), k = strlen(tail);
	for (size_t i = 0; k <= n && i < k; i++)
		if (toupper((unsigned char)id[n - k + i]) != toupper((unsigned char)tail[i]))
			return false;
	return k && k <= n;
}

const struct deal *view_deal_find(const struct tabs *s, const char *ref)
{
	const struct deal *found = tab_get(s, &DEAL_REC, ref);
	int matches = 0;
	if (found)
		return found;
	TAB_FOR(deal, d, s, &DEAL_REC, "")
		if (ends_with(d->id, ref)) {
			found = d;
			matches++;
		}
	return matches == 1 ? found : NULL;
}

/* --- what matters of one -------------------------------------------------------------------------- */

static void fact(struct view_deal_detail *v, enum view_fact_kind kind, const char *label, int64_t value, const char *text)
{
	if (v->fact_count < VIEW_DEAL_FACTS)
		v->facts[v->fact_count++] = (struct view_fact){ label, text, kind, value };
}

static void facts_money(struct view_deal_detail *v, const struct deal *d)
{
	bool sold = d->kind == DEAL_RECEIVABLES;
	fact(v, FACT_MONEY, sold ? "face" : "asked for", d->amount, "");
	if (d->discount)
		fact(v, FACT_MONEY, "discount", -d->discount, "");
	if (d->fee)
		fact(v, FACT_MONEY, "fee", -d->fee, "");
	if (d->payout && d->payout != d->amount)
		fact(v, FACT_MONEY, "pays out", d->payout, "");
	fact(v, FACT_MONEY, "outstanding", d->principal, "");
	if (d->accrued)
		fact(v, FACT_MONEY, "accrued", d->accrued, "");
	if (d->collected)
		fact(v, FACT_MONEY, "collected", d->collected, "");
	if (d->margin_due)
		fact(v, FACT_MONEY, "margin due", d->margin_due, "");
	if (d->margin_held)
		fact(v, FACT_MONEY, "margin held", d->margin_held, "");
	if (d->rate)
		fact(v, FACT_RATE, "rate", d->rate, "");
}

/* UN/ECE Recommendation 20 codes as people write them. */
static const char *unit_word(const char *unit)
{
	static const char *const words[][2] = { { "TNE", "t" }, { "KGM", "kg" }, { "LTR", "l" }, { "MTQ", "m³" },
		{ "C62", "pieces" }, { "PR", "pairs" } };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(unit, words[i][0]))
			return words[i][1];
	return unit;
}

static void facts_terms(struct view_deal_detail *v, struct arena *a, const struct tabs *s, const struct deal *d)
{
	if (d->ev > 0) {
		fact(v, FACT_MONEY, "eligible value", d->ev, "");
		fact(v, FACT_RATIO, "loan to value", d->principal > 0 ? d->ltv : INT64_MIN, ZONE_NAMES[d->zone]);
	}
	if (d->quantity)
		fact(v, FACT_QUANTITY, "goods", d->quantity, arena_printf(a, "%s %s", unit_word(d->unit), d->commodity));
	if (d->obligor[0])
		fact(v, FACT_TEXT, "pays", 0, keep(a, view_party_name(s, d->obligor)));
	if (d->warehouse[0])
		fact(v, FACT_TEXT, "warehouse", 0, arena_printf(a, "%s %s", view_party_name(s, d->warehouse), d->site));
	if (d->grade)
		fact(v, FACT_COUNT, "score", d->score, arena_printf(a, "grade %d", (int)d->grade));
	if (d->due_day)
		fact(v, FACT_DATE, "due", d->due_day, d->days ? arena_printf(a, "%d days", (int)d->days) : "");
	if (d->reason[0])
		fact(v, FACT_TEXT, "because", 0, keep(a, d->reason));
}

size_t view_deal_news(struct arena *a, const struct tabs *s, const char *deal, struct view_deal_news *out, size_t cap)
{
	size_t n = 0, looked = 0;
	const struct deal *d = tab_get(s, &DEAL_REC, deal);
	const struct news *w = tab_prev(s, &NEWS_REC, NULL);
	for (; w && n < cap && looked++ < NEWS_LOOKED_AT; w = tab_prev(s, &NEWS_REC, w->id)) {
		if (d && w->at < d->opened_at)
			break;
		if (strcmp(w->deal, deal))
			continue;
		out[n++] = (struct view_deal_news){ w->at, w->status, strtoull(w->id, NULL, 10),
			keep_person(a, s, w->who), keep(a, w->text) };
	}
	return n;
}

/* What is said of a deal in words may name amounts, too. */
static void detail_mask(struct view_deal_detail *v)
{
	for (size_t i = 0; i < v->fact_count; i++)
		if (v->facts[i].kind == FACT_MONEY)
			v->facts[i].value = VIEW_MASKED;
	v->news_count = 0;
}

static struct view_deal_detail *deal_detail(struct arena *a, const struct view_source *src, const char *id)
{
	const struct tabs *s = src->tabs;
	const struct deal *d = tab_get(s, &DEAL_REC, id);
	struct view_deal_detail *v = arena_zero(a, sizeof(*v));
	if (!d || !view_may_see(s, src->viewer->id, id))
		return NULL;
	v->id = keep(a, d->id);
	v->currency = keep(a, d->currency);
	facts_money(v, d);
	facts_terms(v, a, s, d);
	TAB_FOR(alert, al, s, &ALERT_REC, "")
		if (!al->closed_at && !strcmp(al->deal, id) && v->case_count < VIEW_DEAL_CASES)
			v->cases[v->case_count++] = (struct view_deal_case){ keep(a, al->code), keep(a, al->title), al->level,
				al->deadline };
	v->news_count = view_deal_news(a, s, id, v->news, VIEW_DEAL_NEWS);
	if (!view_may_see_amounts(s, src->viewer->id, id))
		detail_mask(v);
	return v;
}

/* --- all of them ---------------------------------------------------------------------------------- */

static bool deal_concerns(const struct deal *d, const char *party)
{
	return !party[0] || !strcmp(d->funder, party) || !strcmp(d->party, party) || !strcmp(d->obligor, party) ||
		!strcmp(d->warehouse, party);
}

static int by_standing(const void *x, const void *y)
{
	const struct view_deal_row *a = x, *b = y;
	int ended = (a->standing >= STANDING_UNDONE) - (b->standing >= STANDING_UNDONE);
	if (ended)
		return ended;
	if (a->amount != b->amount)
		return a->amount < b->amount ? 1 : -1;
	return strcmp(a->id, b->id);
}

struct view_deals *view_deals_build(struct arena *a, const struct view_source *src, const char *deal)
{
	struct view_deals *v = arena_zero(a, sizeof(*v));
	const struct tabs *s = src->tabs;
	const struct meta *meta = tab_get(s, &META_REC, "state");
	const struct party *own = tab_get(s, &PARTY_REC, src->viewer->party);
	bool all = !own || own->kind == PARTY_REG || own->kind == PARTY_PLT; /* supervisors see every book */
	v->currency = meta ? keep(a, meta->currency) : "EUR";
	v->rows = arena_zero(a, (tab_count(s, &DEAL_REC) + 1) * sizeof(*v->rows));
	TAB_FOR(deal, d, s, &DEAL_REC, "") {
		if (!deal_concerns(d, all ? "" : src->viewer->party) || !view_may_see(s, src->viewer->id, d->id))
			continue;
		view_deal_row(a, src, d, &v->rows[v->count]);
		v->running += v->rows[v->count++].standing < STANDING_UNDONE;
		v->funded += deal_state_paid(d->state);
		v->outstanding += strcmp(d->currency, v->currency) || v->rows[v->count - 1].amount == VIEW_MASKED ? 0 : d->principal;
	}
	qsort(v->rows, v->count, sizeof(*v->rows), by_standing);
	v->detail = deal[0] ? deal_detail(a, src, deal) : NULL;
	return v;
}
