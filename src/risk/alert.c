/* Alerts and holds. See risk/watch.h.
 *
 * Must remain true: the level of an object is the highest of its holds; the engine raises levels, and
 * takes back only what it set itself and whose cause is gone (SOD-6); a freeze (L4) needs two persons,
 * one of them of compliance; the same case on the same deal and asset is one alert that counts. */
#include "risk_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "base/money.h"

enum { LEVEL_HOLD = 2, LEVEL_SUSPEND = 3, LEVEL_FREEZE = 4, LEVEL_STOP = 5 };

static const char *const LEVEL_DID[] = { "noted", "confidence cut, more evidence asked for",
	"payments and releases of the deal held", "deal suspended, no outflow", "asset frozen, deal suspended, draws stopped",
	"all outflow of the book stopped" };

/* Who stands behind it: a person who raised it may not lift it again (SOD-3). */
static bool alert_by_person(const struct turn *t)
{
	return strcmp(t->kind, "alert.raise") == 0;
}

/* --- holds --------------------------------------------------------------------------------------- */

int64_t hold_level(const struct tabs *s, const char *object)
{
	char prefix[REC_KEY_MAX];
	int64_t level = 0;
	snprintf(prefix, sizeof(prefix), "%s/", object);
	TAB_FOR(hold, h, s, &HOLD_REC, prefix)
		if (h->level > level && strcmp(h->object, object) == 0)
			level = h->level;
	return level;
}

static int64_t book_level(const struct tabs *s, const char *funder)
{
	char object[32];
	snprintf(object, sizeof(object), "BOOK/%s", funder);
	return hold_level(s, object);
}

bool hold_stops_outflow(const struct tabs *s, const char *deal)
{
	const struct deal *d = tab_get(s, &DEAL_REC, deal);
	if (!d)
		return false;
	return hold_level(s, deal) >= LEVEL_SUSPEND || (d->lot[0] && hold_level(s, d->lot) >= LEVEL_FREEZE)
		|| book_level(s, d->funder) >= LEVEL_STOP;
}

static void level_news(struct turn *t, const char *object, const char *deal, int64_t before, int64_t now)
{
	static const char *const RAISED[] = { "", "watched L1", "held L2", "suspended L3", "frozen L4", "stopped L5" };
	char tail[16];
	if (now > before && now >= LEVEL_HOLD)
		turn_news(t, NEWS_HELD, "engine", deal, "%s %s", id_short(object, tail), RAISED[now < LEVEL_STOP ? now : LEVEL_STOP]);
	else if (now < before && before >= LEVEL_HOLD)
		turn_news(t, NEWS_OK, "", deal, now ? "%s lowered to L%lld" : "%s free again, level %lld",
			id_short(object, tail), (long long)now);
}

/* Writes the level in force into the deal or lot and says so when it changed. */
static void level_write(struct turn *t, const char *object, int64_t before)
{
	int64_t now = hold_level(t->tabs, object);
	const struct deal *found = tab_get(t->tabs, &DEAL_REC, object);
	const struct lot *goods = tab_get(t->tabs, &LOT_REC, object);
	const char *deal = found ? found->id : goods ? goods->deal : "";
	if (found) {
		struct deal d = *found;
		int64_t book = book_level(t->tabs, d.funder);
		before = d.level;
		now = d.level = book > now ? book : now;
		tab_put(t->tabs, &DEAL_REC, &d);
		deal = object;
	} else if (goods) {
		struct lot l = *goods;
		before = l.level;
		l.level = now;
		tab_put(t->tabs, &LOT_REC, &l);
	}
	if (now == before)
		return;
	turn_signal(t, (struct signal){ .kind = SIGNAL_LEVEL, .subject = object, .deal = deal, .a = before, .b = now });
	level_news(t, object, deal, before, now);
}

/* A book's stop is a level of each of its deals that is not over. */
static void book_write(struct turn *t, const char *object)
{
	TAB_FOR(deal, d, t->tabs, &DEAL_REC, "") {
		char id[ID_MAX];
		memcpy(id, d->id, sizeof(id));
		if (strcmp(d->funder, object + strlen("BOOK/")) == 0 && !deal_state_final(d->state))
			level_write(t, id, d->level);
		d = tab_get(t->tabs, &DEAL_REC, id);
	}
}

static void hold_write(struct turn *t, const char *object, int64_t before)
{
	level_write(t, object, before);
	/* Another hold of the same level changes no deal; when much breaks at once there are many. */
	if (strncmp(object, "BOOK/", 5) == 0 && hold_level(t->tabs, object) != before)
		book_write(t, object);
}

void hold_inherit(struct turn *t, const char *deal)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, deal);
	if (d && !deal_state_final(d->state) && book_level(t->tabs, d->funder) > d->level)
		level_write(t, deal, d->level);
}

void hold_place(struct turn *t, const char *object, int64_t level, const char *alert, const char *reason)
{
	struct hold h;
	int64_t before = hold_level(t->tabs, object);
	memset(&h, 0, sizeof(h));
	snprintf(h.id, sizeof(h.id), "%.63s/%.31s", object, alert[0] ? alert : t->actor);
	snprintf(h.object, sizeof(h.object), "%s", object);
	h.level = level;
	snprintf(h.alert, sizeof(h.alert), "%s", alert);
	str_copy(h.raised_by, sizeof(h.raised_by), str_of(alert[0] && !alert_by_person(t) ? "engine" : t->actor));
	h.at = t->stamp;
	str_copy(h.reason, sizeof(h.reason), str_of(reason));
	const struct hold *found = tab_get(t->tabs, &HOLD_REC, h.id);
	if (found && found->level >= level)
		return;
	tab_put(t->tabs, &HOLD_REC, &h);
	hold_write(t, object, before);
}

void hold_drop(struct turn *t, const char *object, const char *alert)
{
	char id[REC_KEY_MAX], kept[64];
	int64_t before = hold_level(t->tabs, object);
	snprintf(kept, sizeof(kept), "%s", object); /* it may stand in the record that goes */
	snprintf(id, sizeof(id), "%s/%s", kept, alert);
	if (tab_delete(t->tabs, &HOLD_REC, id))
		hold_write(t, kept, before);
}

/* --- raising ------------------------------------------------------------------------------------- */

static bool alert_is_open(const struct alert *a)
{
	return a->state == ALERT_OPEN || a->state == ALERT_CLAIMED;
}

const struct alert *alert_find(const struct tabs *s, const char *code, const char *deal, const char *asset)
{
	TAB_FOR(alert, a, s, &ALERT_REC, "")
		if (alert_is_open(a) && (!code || strcmp(a->code, code) == 0) && (!deal || strcmp(a->deal, deal) == 0)
			&& (!asset || strcmp(a->asset, asset) == 0))
			return a;
	return NULL;
}

/* The holds that a level means for the alert's deal and asset. */
static void alert_hold(struct turn *t, const struct alert *a)
{
	const struct deal *d = a->deal[0] ? tab_get(t->tabs, &DEAL_REC, a->deal) : NULL;
	bool live = d && !deal_state_final(d->state);
	char lot[ID_MAX] = "", book[32] = "";
	if (tab_get(t->tabs, &LOT_REC, a->asset))
		snprintf(lot, sizeof(lot), "%.31s", a->asset);
	else if (d)
		memcpy(lot, d->lot, sizeof(lot));
	if (d)
		snprintf(book, sizeof(book), "BOOK/%s", d->funder);
	if (a->level >= LEVEL_STOP && book[0])
		hold_place(t, book, LEVEL_STOP, a->id, a->title);
	if (a->level >= LEVEL_FREEZE && lot[0])
		hold_place(t, lot, LEVEL_FREEZE, a->id, a->title);
	if (live)
		hold_place(t, a->deal, a->level > LEVEL_SUSPEND ? LEVEL_SUSPEND : a->level, a->id, a->title);
	else if (!d && a->level && a->asset[0] && !lot[0])
		hold_place(t, a->asset, a->level > LEVEL_SUSPEND ? LEVEL_SUSPEND : a->level, a->id, a->title);
}

static void alert_again(struct turn *t, const struct alert *found, const struct alert_spec *spec, int64_t level)
{
	struct alert a = *found;
	/* what was decided on before has become another case: somebody must look again */
	bool afresh = !a.task[0] && a.raised_at != t->stamp && spec->title[0] && level >= a.level
		&& strncmp(a.title, spec->title, sizeof(a.title) - 1) != 0;
	a.count++;
	a.last_at = t->stamp;
	if (spec->why[0])
		str_copy(a.why, sizeof(a.why), str_of(spec->why));
	if (spec->title[0] && level >= a.level)
		str_copy(a.title, sizeof(a.title), str_of(spec->title));
	if (spec->amount > a.amount)
		a.amount = spec->amount;
	tab_put(t->tabs, &ALERT_REC, &a);
	alert_escalate(t, a.id, level);
	if (afresh)
		turn_signal(t, (struct signal){ .kind = SIGNAL_CASE, .subject = a.id, .deal = a.deal,
			.code = ROLE_NAMES[alert_class_of(a.code)->role], .text = a.title });
}

static void alert_fill(struct turn *t, struct alert *a, const struct alert_spec *spec, const struct alert_class *c)
{
	const struct deal *d = spec->deal[0] ? tab_get(t->tabs, &DEAL_REC, spec->deal) : NULL;
	memset(a, 0, sizeof(*a));
	turn_id(t, "AL", a->id);
	snprintf(a->code, sizeof(a->code), "%s", c->code);
	a->level = spec->level >= 0 ? spec->level : c->level;
	str_copy(a->deal, sizeof(a->deal), str_of(spec->deal));
	str_copy(a->asset, sizeof(a->asset), str_of(spec->asset));
	str_copy(a->title, sizeof(a->title), str_of(spec->title[0] ? spec->title : c->words));
	str_copy(a->why, sizeof(a->why), str_of(spec->why));
	str_copy(a->did, sizeof(a->did), str_of(LEVEL_DID[a->level]));
	str_copy(a->other, sizeof(a->other), str_of(spec->other));
	snprintf(a->currency, sizeof(a->currency), "%s", d && d->currency[0] ? d->currency : "EUR");
	a->amount = spec->amount ? spec->amount : d ? risk_exposure(d) : 0;
	a->raised_at = a->last_at = t->stamp;
	str_copy(a->raised_by, sizeof(a->raised_by), str_of(alert_by_person(t) ? t->actor : "engine"));
	a->deadline = t->stamp + c->hours * INSTANT_HOUR;
	a->count = 1;
	risk_compensate_or_wait(t->tabs, a->code, d ? risk_exposure(d) : a->amount, &a->loss, &a->cost);
}

static void alert_news(struct turn *t, const struct alert *a)
{
	char money[MONEY_TEXT_MAX], tail[16];
	money_format(a->amount, a->currency, ',', money);
	turn_news(t, a->level >= LEVEL_SUSPEND ? NEWS_DANGER : NEWS_WARN, "engine", a->deal, "%s %s%s%s%s%s, case %s", a->code,
		a->title, a->deal[0] || !a->asset[0] ? "" : ", ", a->deal[0] ? "" : a->asset, a->amount ? ", " : "",
		a->amount ? money : "", id_short(a->id, tail));
}

void alert_raise_as(struct turn *t, const struct alert_spec *spec, char id_out[ID_MAX])
{
	const struct alert_class *c = alert_class_of(spec->code);
	struct alert a;
	if (!c)
		return;
	int64_t level = spec->level >= 0 ? spec->level : c->level;
	const struct alert *found = alert_find(t->tabs, c->code, spec->deal, spec->asset);
	if (found) {
		if (id_out)
			memcpy(id_out, found->id, ID_MAX);
		alert_again(t, found, spec, level);
		return;
	}
	alert_fill(t, &a, spec, c);
	tab_put(t->tabs, &ALERT_REC, &a);
	alert_news(t, &a);
	alert_hold(t, &a);
	turn_signal(t, (struct signal){ .kind = SIGNAL_CASE, .subject = a.id, .deal = a.deal, .code = ROLE_NAMES[c->role],
		.text = a.title });
	if (id_out)
		memcpy(id_out, a.id, ID_MAX);
}

void alert_raise(struct turn *t, const char *code, const char *deal, const char *asset, int64_t amount,
	const char *title, const char *why, const char *other, char *id_out)
{
	alert_raise_as(t, &(struct alert_spec){ .code = code, .deal = deal, .asset = asset, .amount = amount, .title = title,
		.why = why, .other = other, .level = -1 }, id_out);
}

void alert_escalate(struct turn *t, const char *id, int64_t level)
{
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, id);
	if (!found || !alert_is_open(found) || found->level >= level)
		return;
	struct alert a = *found;
	a.level = level;
	str_copy(a.did, sizeof(a.did), str_of(LEVEL_DID[level]));
	tab_put(t->tabs, &ALERT_REC, &a);
	alert_news(t, &a);
	alert_hold(t, &a);
}

/* --- ending -------------------------------------------------------------------------------------- */

/* Objects on which an alert may have placed holds: few, so they are found by name, not by search. */
static void alert_drop_holds(struct turn *t, const struct alert *a, bool keep_frozen)
{
	const struct deal *d = a->deal[0] ? tab_get(t->tabs, &DEAL_REC, a->deal) : NULL;
	const struct deal *o = a->other[0] ? tab_get(t->tabs, &DEAL_REC, a->other) : NULL;
	char book[32] = "", lot[ID_MAX] = "", other_lot[ID_MAX] = "";
	if (d) {
		snprintf(book, sizeof(book), "BOOK/%s", d->funder);
		memcpy(lot, d->lot, sizeof(lot));
	}
	if (o)
		memcpy(other_lot, o->lot, sizeof(other_lot));
	hold_drop(t, a->deal, a->id);
	hold_drop(t, a->other, a->id);
	hold_drop(t, book, a->id);
	if (!keep_frozen || a->level < LEVEL_FREEZE) {
		hold_drop(t, a->asset, a->id);
		hold_drop(t, lot, a->id);
		hold_drop(t, other_lot, a->id);
	}
}

void alert_end(struct turn *t, const char *id, int64_t state, const char *outcome, bool keep_frozen)
{
	const struct alert *found = tab_get(t->tabs, &ALERT_REC, id);
	if (!found || !alert_is_open(found))
		return;
	struct alert a = *found;
	a.state = state;
	a.closed_at = t->stamp;
	str_copy(a.closed_by, sizeof(a.closed_by), str_of(t->actor[0] ? t->actor : "engine"));
	str_copy(a.outcome, sizeof(a.outcome), str_of(outcome));
	tab_put(t->tabs, &ALERT_REC, &a);
	alert_drop_holds(t, &a, keep_frozen);
	turn_signal(t, (struct signal){ .kind = SIGNAL_CASE_CLOSE, .subject = a.id, .deal = a.deal, .text = outcome });
	turn_news(t, NEWS_DONE, "", a.deal, "%s %s closed: %s", a.code, a.title, outcome);
}

/* --- what people do ------------------------------------------------------------------------------ */

enum refusal hold_set(struct turn *t, const char *object, int64_t level, const char *reason)
{
	const struct deal *d = tab_get(t->tabs, &DEAL_REC, object);
	bool lot = tab_get(t->tabs, &LOT_REC, object) != NULL, task = strncmp(object, "TK-", 3) == 0;
	bool book = strncmp(object, "BOOK/", 5) == 0 && tab_get(t->tabs, &PARTY_REC, object + 5);
	bool fits = d ? level >= 1 && level <= LEVEL_SUSPEND : lot ? level == LEVEL_FREEZE : task ? level == LEVEL_HOLD
		: book && level == LEVEL_STOP;
	if (!reason[0])
		return REFUSED_REASON_MISSING;
	if (!d && !lot && !task && !book)
		return turn_refuse(t, REFUSED_ASSET_UNKNOWN, "%s", object);
	if (!fits)
		return turn_refuse(t, REFUSED_LEVEL, "level %lld is not one of %s", (long long)level, object);
	if (d && deal_state_final(d->state))
		return turn_refuse(t, REFUSED_STATE, "the deal is %s", deal_state_words(d->state));
	enum refusal r = rights_check(t, lot ? ACT_FREEZE : ACT_SUSPEND, object, 0, "");
	if (r != REFUSED_NOT)
		return r;
	act_record(t, object, act_name(lot ? ACT_FREEZE : ACT_SUSPEND), reason);
	hold_place(t, object, level, "", reason);
	return REFUSED_NOT;
}

/* A freeze goes only with two signatures since it was set, one of them of compliance. True when the
 * actor's completes the pair; else it is noted. */
static bool freeze_signed(struct turn *t, const char *object, int64_t since, const char *reason)
{
	bool compliance = t->actor_role == ROLE_CMP, other = false;
	ACT_FOR(a, t->tabs, object)
		if (strcmp(a->act, "lift-sign") == 0 && !a->void_ && a->at >= since && strcmp(a->operator, t->actor) != 0) {
			other = true;
			compliance = compliance || a->role == ROLE_CMP;
		}
	if (other && compliance)
		return true;
	if (!act_done_by(t->tabs, object, t->actor, "lift-sign"))
		act_record(t, object, "lift-sign", reason);
	turn_news(t, NEWS_WAIT, "", "", "first signature to lift the freeze of %s; %s signs too", id_tail(object),
		compliance ? "another person" : "compliance");
	return false;
}

enum refusal hold_lift(struct turn *t, const char *object, const char *reason)
{
	char prefix[REC_KEY_MAX];
	int64_t since = 0, level = hold_level(t->tabs, object);
	const struct hold *h;
	if (!reason[0])
		return REFUSED_REASON_MISSING;
	if (!level)
		return turn_refuse(t, REFUSED_LEVEL, "nothing is held on %s", object);
	snprintf(prefix, sizeof(prefix), "%s/", object);
	TAB_FOR(hold, each, t->tabs, &HOLD_REC, prefix) {
		enum refusal r = rights_check(t, ACT_LIFT, object, 0, each->raised_by);
		if (r != REFUSED_NOT)
			return r;
		since = each->at > since ? each->at : since;
	}
	if (level >= LEVEL_FREEZE && !freeze_signed(t, object, since, reason))
		return REFUSED_NOT;
	act_record(t, object, act_name(ACT_LIFT), reason);
	while ((h = tab_prefix_first(t->tabs, &HOLD_REC, prefix))) {
		char id[REC_KEY_MAX];
		snprintf(id, sizeof(id), "%s", h->id);
		tab_delete(t->tabs, &HOLD_REC, id);
	}
	hold_write(t, object, level);
	return REFUSED_NOT;
}

enum refusal alert_close(struct turn *t, const char *alert, const char *outcome, const char *reason)
{
	const struct alert *a = tab_get(t->tabs, &ALERT_REC, alert);
	bool is_false = strcmp(outcome, "false") == 0;
	if (!a || !alert_is_open(a))
		return turn_refuse(t, REFUSED_ALERT_UNKNOWN, "%s", alert);
	if (!reason[0])
		return REFUSED_REASON_MISSING;
	if (!is_false && strcmp(outcome, "closed") != 0)
		return turn_refuse(t, REFUSED_VALUE, "an alert is closed or false, not \"%s\"", outcome);
	const char *object = a->deal[0] ? a->deal : a->id;
	enum refusal r = rights_check(t, a->level >= LEVEL_SUSPEND ? ACT_LIFT : ACT_CASE, object, 0, a->raised_by);
	if (r != REFUSED_NOT)
		return r;
	if (a->level >= LEVEL_FREEZE && !freeze_signed(t, a->id, a->raised_at, reason))
		return REFUSED_NOT;
	act_record(t, object, act_name(a->level >= LEVEL_SUSPEND ? ACT_LIFT : ACT_CASE), reason);
	alert_end(t, alert, is_false ? ALERT_FALSE : ALERT_CLOSED, reason, false);
	return REFUSED_NOT;
}
