/* Prices: several sources joined by quorum. See feed/apply.h.
 *
 * Policy: text "oracle.<value>.sources" lists the sources by comma; "oracle.<value>.unit" the unit;
 * numbers "oracle.quorum", "oracle.spread_bp", "oracle.jump_bp", "oracle.age_days" (trading days).
 * Must remain true: a value that is not ok is never above what any fresh source says; a source that
 * has not answered yet in a round that is under way is not a disagreement.
 * Source: domain specification §6.3 and §8.3 E05. */
#include "apply_int.h"

#include <stdio.h>
#include <string.h>

#include "base/money.h"
#include "base/num.h"

enum { QUORUM = 3, SPREAD_BP = 300, JUMP_BP = 1000, AGE_DAYS = 1, SOURCES_MAX = 16 };
#define ROUND_SPAN (5 * INSTANT_MINUTE)     /* answers this near belong to one round */
#define ROUND_PATIENCE (30 * INSTANT_MINUTE) /* how long a round may stay open before it disagrees */

struct joining {
	const char *value;
	struct quote quotes[SOURCES_MAX]; /* fresh ones, in the order of the policy */
	size_t count, declared, answered;
	int64_t newest;
};
/* What a set of quotes says. */
struct verdict {
	int64_t median, least, spread;
	size_t count;
};

/* Saturdays and Sundays do not age a price. */
static bool price_is_fresh(int64_t at, int64_t now, int64_t age_days)
{
	int64_t span = age_days * INSTANT_DAY, last = instant_day(now);
	for (int64_t day = instant_day(at) + 1; day <= last && day <= instant_day(at) + 10; day++) {
		int64_t weekday = (day + 4) % 7; /* 1970-01-01 was a Thursday */
		if (weekday == 0 || weekday == 6)
			span += INSTANT_DAY;
	}
	return now - at <= span;
}

static bool price_declares(struct str sources, const char *source)
{
	while (sources.len)
		if (str_is(str_trim(str_cut(&sources, ',')), source))
			return true;
	return false;
}

static struct str price_sources(const struct tabs *s, const char *value)
{
	char name[64];
	snprintf(name, sizeof(name), "oracle.%s.sources", value);
	return feed_policy_text(s, name);
}

static void price_gather(const struct turn *t, struct joining *j)
{
	struct str sources = price_sources(t->tabs, j->value);
	int64_t age = feed_policy_int(t->tabs, "oracle.age_days", AGE_DAYS);
	while (sources.len) {
		char id[64];
		struct str source = str_trim(str_cut(&sources, ','));
		snprintf(id, sizeof(id), "%s/" STR_FMT, j->value, STR_ARG(source));
		const struct quote *q = tab_get(t->tabs, &QUOTE_REC, id);
		j->declared++;
		j->answered += q != NULL;
		if (!q || !price_is_fresh(q->at, t->stamp, age) || j->count == SOURCES_MAX)
			continue;
		j->quotes[j->count++] = *q;
		if (q->at > j->newest)
			j->newest = q->at;
	}
}

/* Judges the quotes that are not older than `since`. */
static struct verdict price_judge(const struct joining *j, int64_t since)
{
	int64_t sorted[SOURCES_MAX];
	struct verdict v = { 0 };
	for (size_t i = 0; i < j->count; i++) {
		if (j->quotes[i].at < since)
			continue;
		size_t k = v.count++;
		for (; k > 0 && sorted[k - 1] > j->quotes[i].amount; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = j->quotes[i].amount;
	}
	if (!v.count)
		return v;
	size_t middle = v.count / 2;
	v.median = v.count % 2 ? sorted[middle] : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
	v.least = sorted[0];
	if (!num_muldiv(sorted[v.count - 1] - sorted[0], 10000, sorted[0], ROUND_UP, &v.spread))
		v.spread = INT64_MAX;
	return v;
}

static int64_t price_change_bp(int64_t from, int64_t to)
{
	int64_t bp = 0;
	if (from > 0 && !num_muldiv(to > from ? to - from : from - to, 10000, from, ROUND_UP, &bp))
		bp = INT64_MAX;
	return bp;
}

/* A jump is believed when every fresh source has said so again after it was first seen. */
static bool price_confirmed(const struct joining *j, const struct value *old)
{
	if (old->state != VALUE_JUMP)
		return false;
	for (size_t i = 0; i < j->count; i++)
		if (j->quotes[i].heard_at <= old->at)
			return false;
	return true;
}

/* The next state of a value; while a round is not complete the old one stands for some time. */
static void price_decide(const struct turn *t, const struct joining *j, const struct value *old, struct value *v)
{
	size_t quorum = (size_t)feed_policy_int(t->tabs, "oracle.quorum", QUORUM);
	int64_t spread_bp = feed_policy_int(t->tabs, "oracle.spread_bp", SPREAD_BP);
	int64_t jump_bp = feed_policy_int(t->tabs, "oracle.jump_bp", JUMP_BP);
	int64_t good = old->state == VALUE_OK ? old->amount : old->previous;
	struct verdict round = price_judge(j, j->newest - ROUND_SPAN), all = price_judge(j, INT64_MIN);
	bool complete = round.count >= quorum;
	const struct verdict *say = complete ? &round : &all;
	v->previous = good;
	v->spread = say->spread;
	v->fresh = (int64_t)j->count;
	v->sources = (int64_t)j->declared;
	v->at = t->stamp;
	v->waits_since = 0;
	v->amount = all.count ? all.least : old->amount;
	if (j->count < quorum) {
		v->state = j->answered >= quorum ? VALUE_STALE : VALUE_NO_QUORUM;
	} else if (say->spread > spread_bp) {
		int64_t since = old->waits_since ? old->waits_since : t->stamp;
		if (!complete && old->state == VALUE_OK && t->stamp - since < ROUND_PATIENCE) {
			*v = *old;
			v->waits_since = since;
			return;
		}
		v->state = VALUE_SPREAD;
		v->amount = say->least;
	} else if (good && price_change_bp(good, say->median) > jump_bp && !price_confirmed(j, old)) {
		v->state = VALUE_JUMP;
		v->amount = say->median < good ? say->median : good;
		v->at = old->state == VALUE_JUMP ? old->at : t->stamp;
	} else {
		v->state = VALUE_OK;
		v->amount = say->median;
	}
}

static void price_tell(struct turn *t, const struct value *old, const struct value *v)
{
	static const char *const WORDS[] = { "unknown", "ok", "too few sources", "sources disagree", "stale", "jumped" };
	static const char *const UNITS[][2] = { { "TNE", "t" }, { "KGM", "kg" }, { "", "" } };
	char text[MONEY_TEXT_MAX];
	size_t unit = 0;
	bool ok = v->state == VALUE_OK, moved = old->amount != v->amount || old->state != v->state;
	if (moved || !ok)
		turn_signal(t, (struct signal){ .kind = SIGNAL_PRICE, .subject = v->id, .code = VALUE_STATE_NAMES[v->state],
			.a = v->amount, .b = ok });
	if (old->state == v->state && price_change_bp(old->amount, v->amount) < 50)
		return;
	money_format(v->amount, v->currency, ',', text);
	while (UNITS[unit][0][0] && strcmp(UNITS[unit][0], v->unit) != 0)
		unit++;
	turn_news(t, ok ? NEWS_NOTE : NEWS_WARN, "", "", "%s %s %s/%s, %lld of %lld, spread %lld.%02lld %%%s%s", v->id, text,
		v->currency, UNITS[unit][0][0] ? UNITS[unit][1] : v->unit, (long long)v->fresh, (long long)v->sources, (long long)(v->spread / 100),
		(long long)(v->spread % 100), ok ? "" : ": ", ok ? "" : WORDS[v->state]);
}

static void price_join(struct turn *t, const char *value, const char *currency)
{
	struct joining j = { .value = value };
	struct value old, v;
	const struct value *found = tab_get(t->tabs, &VALUE_REC, value);
	memset(&old, 0, sizeof(old));
	if (found)
		old = *found;
	v = old;
	if (!found) {
		char name[64];
		snprintf(v.id, sizeof(v.id), "%s", value);
		snprintf(v.currency, sizeof(v.currency), "%s", currency);
		snprintf(name, sizeof(name), "oracle.%s.unit", value);
		if (!str_copy(v.unit, sizeof(v.unit), feed_policy_text(t->tabs, name)) || !v.unit[0])
			snprintf(v.unit, sizeof(v.unit), "TNE");
	}
	price_gather(t, &j);
	price_decide(t, &j, &old, &v);
	tab_put(t->tabs, &VALUE_REC, &v);
	price_tell(t, &old, &v);
}

/* Track record: an answer further from the others' median than the spread allows is an outlier. */
static bool price_is_outlier(const struct turn *t, const char *value, const char *source, int64_t amount)
{
	struct joining all = { .value = value }, others = { .value = value };
	price_gather(t, &all);
	for (size_t i = 0; i < all.count; i++)
		if (strcmp(all.quotes[i].source, source) != 0)
			others.quotes[others.count++] = all.quotes[i];
	struct verdict v = price_judge(&others, all.newest - ROUND_SPAN);
	return v.count >= 2 && price_change_bp(v.median, amount) > feed_policy_int(t->tabs, "oracle.spread_bp", SPREAD_BP);
}

enum refusal feed_apply_answer(struct turn *t, const char *value, const char *source, const char *currency,
	int64_t amount, int64_t at)
{
	struct quote q;
	if (!price_declares(price_sources(t->tabs, value), source) || strchr(value, '/'))
		return turn_refuse(t, REFUSED_ORACLE_SOURCE, "%s for %s", source, value);
	const struct party *p = tab_get(t->tabs, &PARTY_REC, source);
	if (p && strcmp(t->actor_party, source) != 0)
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "an answer of %s signed by %s", source, t->actor);
	if (amount <= 0 || at <= 0 || money_decimals(currency) < 0)
		return turn_refuse(t, REFUSED_VALUE, "%s of %s", value, source);
	if (at > t->stamp + FEED_FUTURE_MAX)
		return turn_refuse(t, REFUSED_EVENT_FUTURE, "%s of %s", value, source);
	const struct value *joined = tab_get(t->tabs, &VALUE_REC, value);
	if (joined && strcmp(joined->currency, currency) != 0)
		return turn_refuse(t, REFUSED_VALUE, "%s is quoted in %s, not %s", value, joined->currency, currency);
	memset(&q, 0, sizeof(q));
	bool fits = str_copy(q.value, sizeof(q.value), str_of(value)) && str_copy(q.source, sizeof(q.source), str_of(source));
	snprintf(q.id, sizeof(q.id), "%.23s/%.23s", value, source);
	const struct quote *before = tab_get(t->tabs, &QUOTE_REC, q.id);
	if (!fits || (before && at <= before->at))
		return turn_refuse(t, fits ? REFUSED_DUPLICATE : REFUSED_VALUE, "%s of %s: a newer answer is here", value, source);
	if (before)
		q = *before;
	q.amount = amount;
	q.at = at;
	q.heard_at = t->stamp;
	q.answers++;
	q.outliers += price_is_outlier(t, value, source, amount);
	tab_put(t->tabs, &QUOTE_REC, &q);
	price_join(t, value, currency);
	return REFUSED_NOT;
}

void price_daily(struct turn *t)
{
	char id[24] = "", currency[4];
	const struct value *v = tab_first(t->tabs, &VALUE_REC, "");
	for (; v; v = tab_next(t->tabs, &VALUE_REC, id)) {
		memcpy(id, v->id, sizeof(id));
		memcpy(currency, v->currency, sizeof(currency));
		price_join(t, id, currency);
	}
}
