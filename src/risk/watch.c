/* What risk makes of facts: one handler per signal, tables where classes are named.
 *
 * Must remain true: handlers only raise, measure, or close what the engine itself raised at level 2 or
 * lower and whose cause is gone; levels 3 and above are taken back by people. A value cut by sensors is
 * written into the lot here, everything else of a lot is the contract's.
 * Source: domain specification §8.3. */
#include "risk_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/num.h"
#include "feed/state.h"

enum { SENSOR_CUT_BP = 1000, COUNT_TOLERANCE_BP = 50 };

/* The contract values anew; the event queued behind it measures the deal when that is done. */
static void revalue(struct turn *t, const char *deal)
{
	turn_signal(t, (struct signal){ .kind = SIGNAL_CALL, .code = "pledge.revalue", .deal = deal, .text = "{}" });
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .code = "revalued", .deal = deal });
}

/* Closes every open alert of a code (NULL: any) on a deal or asset that nobody must decide on. */
static void end_all(struct turn *t, const char *code, const char *deal, const char *asset, int64_t highest,
	const char *outcome)
{
	char id[ID_MAX] = "";
	const struct alert *a = tab_first(t->tabs, &ALERT_REC, "");
	for (; a; a = tab_next(t->tabs, &ALERT_REC, id)) {
		memcpy(id, a->id, sizeof(id));
		bool open = a->state == ALERT_OPEN || a->state == ALERT_CLAIMED;
		if (open && a->level <= highest && (!code || strcmp(a->code, code) == 0) && (!deal || strcmp(a->deal, deal) == 0)
			&& (!asset || strcmp(a->asset, asset) == 0))
			alert_end(t, id, ALERT_CLOSED, outcome, true);
	}
}

/* --- sensors, gateways --------------------------------------------------------------------------- */

/* Next lot after `key` whose goods a device watches: its site and, when both say one, its place. */
static const struct lot *lot_watched(const struct tabs *s, const struct device *d, const char *key)
{
	const struct lot *l = key[0] ? tab_next(s, &LOT_REC, key) : tab_first(s, &LOT_REC, "");
	for (; l; l = tab_next(s, &LOT_REC, l->id)) {
		const struct deal *deal = tab_get(s, &DEAL_REC, l->deal);
		bool here = strcmp(l->site, d->site) == 0 && (!d->place[0] || !l->place[0] || strcmp(l->place, d->place) == 0);
		if (here && deal && !deal_state_final(deal->state) && deal->lot[0] && strcmp(deal->lot, l->id) == 0)
			return l;
	}
	return NULL;
}

/* A safety band was broken twice in an hour: the goods lose a tenth of their value until somebody has
 * looked at them. */
static void goods_at_risk(struct turn *t, const struct device *d, const struct signal *s, const char *value)
{
	char lot[ID_MAX] = "";
	for (const struct lot *l = lot_watched(t->tabs, d, ""); l; l = lot_watched(t->tabs, d, lot)) {
		char why[112], deal[ID_MAX];
		memcpy(lot, l->id, sizeof(lot));
		memcpy(deal, l->deal, sizeof(deal));
		int64_t cut = policy_int(t->tabs, "sensor.cut_bp", SENSOR_CUT_BP);
		snprintf(why, sizeof(why), "%s read %.16s, %.8s its band, again in an hour; value cut by %d %%", d->id, value,
			s->code, (int)(cut / 100 % 101));
		alert_raise(t, "E08", deal, lot, 0, "excursion, goods at risk", why, d->id, NULL);
		if (l->cut >= cut)
			continue;
		struct lot changed = *(const struct lot *)tab_get(t->tabs, &LOT_REC, lot);
		changed.cut = cut;
		tab_put(t->tabs, &LOT_REC, &changed);
		revalue(t, deal);
	}
}

void risk_on_anomaly(struct turn *t, const struct signal *s)
{
	const struct device *d = tab_get(t->tabs, &DEVICE_REC, s->subject);
	const struct series *live = tab_get(t->tabs, &SERIES_REC, s->subject);
	char value[NUM_TEXT_MAX], why[112];
	if (!d || !live)
		return;
	bool band = strcmp(s->code, "over") == 0 || strcmp(s->code, "under") == 0, 
		twice = live->over_hour >= policy_int(t->tabs, "sensor.anomalies_hold", 2);
	const struct lot *l = lot_watched(t->tabs, d, "");
	num_format_scaled(s->a, 3, 0, ',', value);
	snprintf(why, sizeof(why), "%s %s at %s, %lld within one hour", s->code, value, d->place[0] ? d->place : d->site,
		(long long)live->over_hour);
	/* a watch of this device that is open is used again, whatever deal it was raised for */
	const struct alert *open = alert_find(t->tabs, "E02", NULL, d->id);
	char deal[ID_MAX] = "";
	snprintf(deal, sizeof(deal), "%.31s", open ? open->deal : l ? l->deal : "");
	alert_raise_as(t, &(struct alert_spec){ .code = "E02", .deal = deal, .asset = d->id, .title = "sensor anomaly",
		.why = why, .other = "", .level = twice && !band ? 2 : 1 }, NULL);
	if (band && twice)
		goods_at_risk(t, d, s, value);
}

void risk_on_silent(struct turn *t, const struct signal *s)
{
	char why[112];
	snprintf(why, sizeof(why), "nothing heard for %lld min; outflow that needs its site waits",
		(long long)((t->stamp - s->a) / INSTANT_MINUTE));
	alert_raise(t, "E03", "", s->subject, 0, "gateway cut off", why, "", NULL);
}

void risk_on_gap(struct turn *t, const struct signal *s)
{
	char why[112];
	if (!s->b) {
		end_all(t, "E03", NULL, s->subject, 2, "healed, nothing is missing");
		return;
	}
	snprintf(why, sizeof(why), "%lld of its batches missing from number %lld", (long long)s->b, (long long)s->a);
	alert_raise(t, "E03", "", s->subject, 0, "gap in the batches", why, "", NULL);
}

/* Late facts hold a deal only when it was decided on after they happened. */
void risk_on_late(struct turn *t, const struct signal *s)
{
	const struct deal *d = s->deal[0] ? tab_get(t->tabs, &DEAL_REC, s->deal) : NULL;
	char why[112], at[INSTANT_TEXT_MAX];
	instant_format(s->a, 0, at);
	bool decided = d && !deal_state_final(d->state) && d->opened_at && d->opened_at > s->a;
	decided = decided || (d && d->funded_at && d->funded_at > s->a);
	if (strcmp(s->code, "void") == 0)
		decided = d && !deal_state_final(d->state);
	snprintf(why, sizeof(why), "%s from %s came after %s", strcmp(s->code, "void") == 0 ? "an error declaration" : "facts", at,
		decided ? "the deal was decided on" : "later ones");
	alert_raise_as(t, &(struct alert_spec){ .code = "E04", .deal = decided ? s->deal : "", .asset = s->subject,
		.title = "late or reordered events", .why = why, .other = "", .level = decided ? 2 : 1 }, NULL);
}

/* --- goods --------------------------------------------------------------------------------------- */

static bool labels_hold(const struct blob *labels, struct str label)
{
	struct str rest = blob_str(labels);
	while (rest.len)
		if (str_eq(str_trim(str_cut(&rest, '\n')), label))
			return true;
	return false;
}

/* The live lot that a subject means: its id, the key of the goods, or one of its labels; also as the
 * last part of a GS1 Digital Link or URN. */
static const struct lot *lot_of(const struct tabs *s, const char *subject)
{
	const char *tail = strrchr(subject, '/');
	struct str whole = str_of(subject), part = str_of(tail ? tail + 1 : subject);
	const struct lot *found = NULL;
	if (!whole.len)
		return NULL;
	TAB_FOR(lot, l, s, &LOT_REC, "") {
		bool named = str_is(whole, l->id) || str_is(part, l->id) || (l->asset_key[0] && (str_is(whole, l->asset_key)
			|| str_is(part, l->asset_key))) || labels_hold(l->labels, whole) || labels_hold(l->labels, part);
		const struct deal *d = named ? tab_get(s, &DEAL_REC, l->deal) : NULL;
		if (d && !deal_state_final(d->state))
			found = l;
	}
	return found;
}

static const struct {
	const char *disposition, *code, *title;
} DISPOSITIONS[] = { { "damaged", "E08", "goods damaged" }, { "expired", "E08", "goods expired" },
	{ "recalled", "E08", "goods recalled" }, { "non_conformant", "E08", "goods below grade" },
	{ "mismatch_quantity", "E07", "quantity does not match" }, { "mismatch_class", "E08", "other goods than advised" },
	{ "mismatch_instance", "E07", "labels do not match" }, { "stolen", "E07", "goods reported stolen" } };

void risk_on_physical(struct turn *t, const struct signal *s)
{
	if (!s->deal[0]) {
		const struct lot *l = lot_of(t->tabs, s->text);
		const struct physical *found = tab_get(t->tabs, &PHYSICAL_REC, s->subject);
		if (!l || !found || !l->deal[0])
			return;
		struct physical p = *found;
		struct signal bound = *s;
		memcpy(p.deal, l->deal, sizeof(p.deal));
		tab_put(t->tabs, &PHYSICAL_REC, &p);
		bound.deal = p.deal;
		turn_signal(t, bound);
		return;
	}
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
	for (size_t i = 0; d && !deal_state_final(d->state) && i < sizeof(DISPOSITIONS) / sizeof(DISPOSITIONS[0]); i++) {
		char why[112];
		if (strcmp(DISPOSITIONS[i].disposition, s->extra) != 0)
			continue;
		snprintf(why, sizeof(why), "%s of %s says %s", s->code, s->text, s->extra);
		alert_raise(t, DISPOSITIONS[i].code, s->deal, d->lot[0] ? d->lot : s->text, 0, DISPOSITIONS[i].title, why, "", NULL);
		return;
	}
}

void risk_on_count(struct turn *t, const struct signal *s)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
	int64_t floor_ = 0, worth = 0;
	char why[112], counted[NUM_TEXT_MAX], expected[NUM_TEXT_MAX];
	if (!d || s->b <= 0)
		return;
	int64_t tolerance = policy_int(t->tabs, "count.tolerance_bp", COUNT_TOLERANCE_BP);
	if (!num_muldiv(s->b, 10000 - tolerance, 10000, ROUND_UP, &floor_) || s->a >= floor_) {
		end_all(t, "E07", s->deal, NULL, 2, "counted again, nothing is short");
		return;
	}
	if (!num_muldiv(risk_exposure(d), s->b - s->a, s->b, ROUND_HALF_AWAY, &worth))
		worth = risk_exposure(d);
	snprintf(why, sizeof(why), "counted %s of %s %s; the counted quantity is what is valued",
		num_format_scaled(s->a, 3, 0, ',', counted), num_format_scaled(s->b, 3, 0, ',', expected), d->unit);
	bool valued = d->ev > 0;
	alert_raise(t, "E07", s->deal, s->subject, worth, "short count", why, "", NULL);
	if (valued)
		revalue(t, s->deal);
}

/* --- prices -------------------------------------------------------------------------------------- */

static void price_doubtful(struct turn *t, const struct signal *s)
{
	const struct value *v = tab_get(t->tabs, &VALUE_REC, s->subject);
	char why[112], id[ID_MAX];
	if (!v || !v->previous) /* it never held yet: nothing was decided on it */
		return;
	snprintf(why, sizeof(why), "%s: %lld of %lld sources, spread %lld.%02lld %%; the lowest counts, no draw and no release",
		s->code, (long long)v->fresh, (long long)v->sources, (long long)(v->spread / 100), (long long)(v->spread % 100));
	alert_raise(t, "E05", "", s->subject, 0, "oracles disagree", why, "", id);
	const struct alert *a = tab_get(t->tabs, &ALERT_REC, id);
	if (!a || t->stamp - a->raised_at <= policy_int(t->tabs, "oracle.hold_minutes", 60) * INSTANT_MINUTE || a->level >= 2)
		return;
	alert_escalate(t, id, 2);
	TAB_FOR(deal, d, t->tabs, &DEAL_REC, "") {
		char deal[ID_MAX];
		memcpy(deal, d->id, sizeof(deal));
		if (d->kind == DEAL_PLEDGE && !deal_state_final(d->state) && strcmp(d->commodity, s->subject) == 0)
			hold_place(t, deal, 2, id, "oracles disagree for an hour");
		d = tab_get(t->tabs, &DEAL_REC, deal);
	}
}

/* The price holds again: deals that were held for it are free. */
static void price_holds(struct turn *t, const char *value)
{
	const struct alert *a = alert_find(t->tabs, "E05", "", value);
	char id[ID_MAX], deal[ID_MAX] = "";
	if (!a)
		return;
	memcpy(id, a->id, sizeof(id));
	bool held = a->level >= 2;
	alert_end(t, id, ALERT_CLOSED, "the sources agree again", false);
	const struct deal *d = held ? tab_first(t->tabs, &DEAL_REC, "") : NULL;
	for (; d; d = tab_next(t->tabs, &DEAL_REC, deal)) {
		memcpy(deal, d->id, sizeof(deal));
		hold_drop(t, deal, id);
	}
}

void risk_on_price(struct turn *t, const struct signal *s)
{
	if (!s->b) {
		price_doubtful(t, s);
		return;
	}
	price_holds(t, s->subject);
	TAB_FOR(deal, d, t->tabs, &DEAL_REC, "")
		if (d->kind == DEAL_PLEDGE && deal_state_paid(d->state) && strcmp(d->commodity, s->subject) == 0)
			revalue(t, d->id);
}

/* --- deals --------------------------------------------------------------------------------------- */

void risk_on_state(struct turn *t, const struct signal *s)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
	if (!d)
		return;
	if (deal_state_final(s->b)) {
		char outcome[64];
		snprintf(outcome, sizeof(outcome), "the deal is %s", deal_state_words(s->b));
		end_all(t, NULL, s->deal, NULL, 5, outcome);
		return;
	}
	hold_inherit(t, s->deal);
	if (s->b == DEAL_OVERDUE)
		alert_raise(t, "E13", s->deal, "", 0, "late repayment", "past its due day", "", NULL);
	else if (s->b == DEAL_DEFAULTED)
		alert_raise(t, "E10", s->deal, "", 0, "obligor default", "unpaid after the days of grace", "", NULL);
	if (s->a == DEAL_OVERDUE && s->b != DEAL_DEFAULTED)
		end_all(t, "E13", s->deal, NULL, 2, "paid, or a new date was promised");
	if (s->b != s->a)
		end_all(t, "E01", s->deal, NULL, 2, "the evidence is here");
	risk_measure(t, s->deal);
}

/* The other claim on an asset: the live deal that holds it. */
static const char *other_claim(const struct tabs *s, const struct signal *sig)
{
	/* the refusal names the deal that was first */
	const char *named_in = strstr(sig->text, "DL-");
	char id[ID_MAX];
	snprintf(id, sizeof(id), "%.29s", named_in ? named_in : "");
	const struct deal *first = id[0] && strcmp(id, sig->deal) != 0 ? tab_get(s, &DEAL_REC, id) : NULL;
	if (first)
		return first->id;
	TAB_FOR(claim, c, s, &CLAIM_REC, "asset/")
		if (strcmp(c->deal, sig->deal) != 0 && sig->subject[0] && (strcmp(c->id + 6, sig->subject) == 0
			|| strcmp(c->id, sig->subject) == 0))
			return c->deal;
	const struct claim *named = sig->subject[0] ? tab_get(s, &CLAIM_REC, sig->subject) : NULL;
	if (named && strcmp(named->deal, sig->deal) != 0)
		return named->deal;
	const struct lot *l = lot_of(s, sig->subject);
	if (l && strcmp(l->deal, sig->deal) != 0)
		return l->deal;
	const struct invoice *inv = tab_get(s, &INVOICE_REC, sig->subject);
	if (inv && strcmp(inv->deal, sig->deal) != 0)
		return inv->deal;
	return tab_get(s, &DEAL_REC, sig->subject) && strcmp(sig->subject, sig->deal) != 0 ? sig->subject : "";
}

/* One heap, two claims: both deals stop, the goods of both are frozen. The alert stands on the deal that
 * was there first; when nothing of it is left, on the refused one. */
static void double_pledge(struct turn *t, const struct signal *s)
{
	char first[ID_MAX], id[ID_MAX], why[112], lot[ID_MAX] = "", other_lot[ID_MAX] = "";
	snprintf(first, sizeof(first), "%.31s", other_claim(t->tabs, s));
	const struct deal *d = first[0] ? tab_get(t->tabs, &DEAL_REC, first) : NULL;
	bool has_first = d && !deal_state_final(d->state);
	const struct deal *refused = tab_get(t->tabs, &DEAL_REC, s->deal);
	const char *deal = has_first ? first : s->deal, *other = has_first ? s->deal : first;
	if (d)
		memcpy(lot, d->lot, sizeof(lot));
	if (refused)
		memcpy(other_lot, refused->lot, sizeof(other_lot));
	snprintf(why, sizeof(why), "%s: %s", s->code, s->text[0] ? s->text : "the asset is claimed by another deal");
	alert_raise(t, "E06", deal, has_first && lot[0] ? lot : s->subject, 0, "double pledge, two claims", why, other, id);
	if (refused && !deal_state_final(refused->state))
		hold_place(t, s->deal, 3, id, "double pledge, two claims");
	if (has_first && other_lot[0] && strcmp(lot, other_lot) != 0)
		hold_place(t, other_lot, 4, id, "double pledge, two claims");
}

/* What a refused contract call means for risk; level -1 is that of the class. An open condition precedent
 * is only watched: its process waits at the step by itself, and a hold would be one more open condition. */
static const struct {
	const char *refusal, *says, *code, *title; /* says: a part of the detail, "" any */
	int64_t level;
} REFUSALS[] = { { "double-pledge", "", "E06", "", -1 }, { "double-financing", "", "E06", "", -1 },
	{ "receipts-above-count", "", "E06", "", -1 }, { "no-delivery-evidence", "", "E01", "goods receipt missing", -1 },
	{ "condition-not-met", "", "E01", "condition precedent open", 1 }, { "certificate", "borrower's group", "E18", "conflicted inspector", -1 },
	{ "token-circle", "", "E20", "circle in a token's path", -1 },
	{ "certificate", "not accredited", "E18", "inspector not accredited", -1 },
	{ "certificate", "", "E08", "certificate below grade", -1 },
	{ "signature-invalid", "", "E12", "invalid signature", -1 }, { "control-total", "", "E16", "control total broken", -1 } };

void risk_on_refused(struct turn *t, const struct signal *s)
{
	for (size_t i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
		if (strcmp(REFUSALS[i].refusal, s->code) != 0 || !strstr(s->text, REFUSALS[i].says))
			continue;
		const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
		if (strcmp(REFUSALS[i].code, "E06") == 0)
			double_pledge(t, s);
		else if (d && (REFUSALS[i].level < 0 || d->level < 2))
			alert_raise_as(t, &(struct alert_spec){ .code = REFUSALS[i].code, .deal = s->deal, .asset = s->subject,
				.title = REFUSALS[i].title, .why = s->text, .other = "", .level = REFUSALS[i].level }, NULL);
		return;
	}
}

/* Events that contracts send, and what they mean here; level -1 is that of the class. */
static const struct {
	const char *event, *code, *title, *why;
	int64_t level;
} EVENTS[] = {
	{ "payment-returned", "E14", "payment returned", "the bank sent the money back; verify the account by call-back", -1 },
	{ "wrong-payer", "E14", "money from another payer", "who paid is not the debtor of the deal; it stays in suspense", 2 },
	{ "payment-rejected", "E14", "payment rejected", "the bank refused the payment; verify the account by call-back", 2 },
	{ "evidence-missing", "E01", "missing evidence", "asked for and not here", -1 },
	{ "evidence-timeout", "E01", "evidence did not come in time", "the time for it has passed", 3 },
	{ "dispute", "E11", "dispute", "the debtor disputes part of the debt", -1 },
	{ "certificate-withdrawn", "E18", "certificate withdrawn", "it counts no more; have the goods inspected by an inspector of your choice", -1 },
	{ "accreditation-withdrawn", "E18", "inspector's accreditation withdrawn", "what he signed since then counts no more; inspect again", -1 },
	{ "accreditation-ended", "E18", "inspector's accreditation ended", "what he signs from now on does not count", 1 },
	{ "certificate-ended", "E01", "certificate ended", "the goods have no valid certificate of quality; ask for a renewal", 2 },
	{ "insurance-ended", "E01", "insurance ended", "the goods are not insured and count for nothing; ask for cover", 2 },
	{ "licence-ended", "E18", "warehouse without licence", "receipts of the warehouse are no collateral until it is licensed", -1 },
	{ "bill-switched", "E06", "bill switched", "another bill took the place of one that was issued; see both", 3 },
	{ "screening-hit", "E15", "sanctions hit", "", -1 },
	{ "transfer-expired", "E14", "no word from the bank", "what was held for the payment is given back; ask the bank", 2 },
	{ "receipt-unidentified", "E14", "money nobody can place", "", 1 },
	{ "suspense-old", "E14", "suspense not cleared in time", "", 2 },
	{ "paid-twice", "E14", "debited twice", "the bank debited a payment a second time; what went out again is in suspense", 2 },
	{ "statement-gap", "E14", "a statement is missing", "", 1 },
	{ "return-short", "E14", "less came back than was paid", "", 2 },
	{ "bank-differs", "E14", "the bank names another amount", "the amount of the bank is not that of the payment", 2 },
	{ "outflow-stopped", "E16", "outflow stopped", "", -1 }, /* of a funder, not of a deal: the text says why */
};

void risk_on_event(struct turn *t, const struct signal *s)
{
	for (size_t i = 0; i < sizeof(EVENTS) / sizeof(EVENTS[0]); i++)
		if (text_eq(EVENTS[i].event, s->code)) {
			const struct deal *d = tab_get(t->tabs, &DEAL_REC, s->deal);
			if (d && deal_state_final(d->state))
				return;
			char asset[64];
			snprintf(asset, sizeof(asset), "%s", d && strcmp(EVENTS[i].code, "E14") == 0 ? d->payment : s->subject);
			alert_raise_as(t, &(struct alert_spec){ .code = EVENTS[i].code, .deal = s->deal, .asset = asset,
				.title = EVENTS[i].title, .why = s->deal[0] ? EVENTS[i].why : s->text, .other = "",
				.level = EVENTS[i].level }, NULL);
			break;
		}
	if (strncmp(s->code, "certificate-", 12) == 0 || strncmp(s->code, "accreditation-", 14) == 0 || strcmp(s->code, "licence-ended") == 0
		|| strcmp(s->code, "insurance-ended") == 0 || strcmp(s->code, "substituted") == 0
		|| strcmp(s->code, "merged") == 0)
		revalue(t, s->deal); /* what the goods count for rests on it */
	if (strcmp(s->code, "suspense-cleared") == 0)
		end_all(t, "E14", "", s->subject, 2, "the money left suspense");
	if (strcmp(s->code, "payment-executed") == 0)
		end_all(t, "E14", s->deal, NULL, 2, "the payment was executed");
	risk_measure(t, s->deal);
}

/* --- cases --------------------------------------------------------------------------------------- */

/* Who is asked next when the person who worked on a case may not lift what it holds. */
static enum role next_role(int64_t role, int64_t level)
{
	if (level >= 4)
		return role == ROLE_CMP ? ROLE_RSK : ROLE_CMP;
	return role == ROLE_RSK ? ROLE_CRA : role == ROLE_CRA ? ROLE_CMP : ROLE_RSK;
}

/* The cut that a sensor caused goes when the alarm was false, or its reading was explained. */
static void uncut(struct turn *t, const struct alert *a, bool is_false)
{
	const struct lot *found = tab_get(t->tabs, &LOT_REC, a->asset);
	if (!is_false || !found || !found->cut || strcmp(a->code, "E08") != 0)
		return;
	struct lot l = *found;
	l.cut = 0;
	tab_put(t->tabs, &LOT_REC, &l);
	revalue(t, l.deal);
}

static void case_settled(struct turn *t, const struct alert *a, bool is_false, const char *reason)
{
	enum refusal r = alert_close(t, a->id, is_false ? "false" : "closed", reason[0] ? reason : "case decided");
	const struct alert *now = tab_get(t->tabs, &ALERT_REC, a->id);
	if (now->state == ALERT_CLOSED || now->state == ALERT_FALSE) {
		uncut(t, a, is_false);
		return;
	}
	char title[64];
	enum role role = next_role(t->actor_role, a->level);
	snprintf(title, sizeof(title), "%s: %.40s", r == REFUSED_NOT ? "second signature" : "lift", a->title);
	turn_signal(t, (struct signal){ .kind = SIGNAL_CASE, .subject = a->id, .deal = a->deal, .code = ROLE_NAMES[role],
		.text = title });
}

void risk_on_case_done(struct turn *t, const struct signal *s)
{
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, s->subject);
	if (!found || found->state == ALERT_CLOSED || found->state == ALERT_FALSE)
		return;
	struct alert a = *found;
	a.state = ALERT_CLAIMED;
	str_copy(a.owner, sizeof(a.owner), str_of(s->extra));
	str_copy(a.outcome, sizeof(a.outcome), str_of(s->code));
	a.task[0] = 0;
	memset(a.task, 0, sizeof(a.task));
	tab_put(t->tabs, &ALERT_REC, &a);
	if (strcmp(s->code, "compensate") == 0)
		turn_signal(t, (struct signal){ .kind = SIGNAL_COMPENSATE, .subject = a.id, .deal = a.deal,
			.text = s->text[0] ? s->text : a.title });
	else if (strcmp(s->code, "false-alarm") == 0 || strcmp(s->code, "close") == 0)
		case_settled(t, &a, strcmp(s->code, "false-alarm") == 0, s->text);
	else
		turn_news(t, NEWS_HELD, "", a.deal, "%s %s: held on, %s", a.code, a.title, s->text[0] ? s->text : "no reason given");
}
