/* Risk: the worked example to the last unit, zones, alerts, holds, and what people may lift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "identity/keyring.h"
#include "contract/state.h"
#include "feed/state.h"
#include "risk/watch.h"

static const struct rec_type *const TYPES[] = { &NEWS_REC, &KEYREC_REC, &EMERGENCY_REC, &PARTY_REC, &OPERATOR_REC, &DEVICE_REC, &GATEWAY_REC, &ACT_REC,
	&SERIES_REC, &PHYSICAL_REC, &VALUE_REC, &DEAL_REC, &INVOICE_REC, &CLAIM_REC, &LOT_REC, &PARAM_REC, &ALERT_REC,
	&HOLD_REC };

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	int64_t now;
	uint64_t number;
};

static void begin(struct room *r, const char *who, const char *kind)
{
	struct hash seed;
	tab_commit(r->tabs);
	arena_reset(&r->scratch);
	r->number++;
	r->now += INSTANT_SECOND;
	seed = hash_of(&r->number, sizeof(r->number));
	turn_begin(&r->turn, r->tabs, &r->scratch, r->number, r->now, &seed);
	const struct operator *o = tab_get(r->tabs, &OPERATOR_REC, who);
	snprintf(r->turn.actor, sizeof(r->turn.actor), "%s", who);
	snprintf(r->turn.actor_party, sizeof(r->turn.actor_party), "NOORDZEE");
	snprintf(r->turn.kind, sizeof(r->turn.kind), "%s", kind);
	r->turn.actor_role = o ? o->role : ROLE_SVC;
}

static void person(struct room *r, const char *id, enum role role)
{
	struct operator o;
	memset(&o, 0, sizeof(o));
	snprintf(o.id, sizeof(o.id), "%s", id);
	snprintf(o.name, sizeof(o.name), "%s", id);
	snprintf(o.party, sizeof(o.party), "NOORDZEE");
	o.role = role;
	o.key = hash_of(id, strlen(id));
	tab_put(r->tabs, &OPERATOR_REC, &o);
}

/* A funded loan of 1,500,000 on 500 t of copper, lot at RTM cell C2. */
static void loan(struct room *r, const char *id, const char *lot_id, int64_t ev)
{
	struct deal d;
	struct lot l;
	memset(&d, 0, sizeof(d));
	memset(&l, 0, sizeof(l));
	snprintf(d.id, sizeof(d.id), "%s", id);
	snprintf(d.lot, sizeof(d.lot), "%s", lot_id);
	snprintf(d.commodity, sizeof(d.commodity), "copper");
	snprintf(d.currency, sizeof(d.currency), "EUR");
	snprintf(d.funder, sizeof(d.funder), "NOORDZEE");
	snprintf(d.unit, sizeof(d.unit), "TNE");
	d.kind = DEAL_PLEDGE;
	d.state = DEAL_FUNDED;
	d.amount = d.principal = 150000000;
	d.ev = ev;
	d.opened_at = d.funded_at = r->now;
	snprintf(l.id, sizeof(l.id), "%s", lot_id);
	snprintf(l.deal, sizeof(l.deal), "%s", id);
	snprintf(l.site, sizeof(l.site), "RTM");
	snprintf(l.place, sizeof(l.place), "C2");
	snprintf(l.asset_key, sizeof(l.asset_key), "CSQU%s", lot_id + 3);
	l.labels = blob_in(&r->scratch, "340123451111111110\n340123452222222220\n", 38);
	tab_put(r->tabs, &DEAL_REC, &d);
	tab_put(r->tabs, &LOT_REC, &l);
}

static int setup(void **state)
{
	static struct room room;
	memset(&room, 0, sizeof(room));
	room.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	room.now = instant_of(2026, 3, 16, 9, 0, 0);
	person(&room, "r.one", ROLE_RSK);
	person(&room, "r.two", ROLE_RSK);
	person(&room, "h.cmp", ROLE_CMP);
	person(&room, "t.trm", ROLE_TRM);
	loan(&room, "DL-1", "LT-1", 300000000);
	loan(&room, "DL-2", "LT-2", 300000000);
	begin(&room, "engine", "oracle.answer");
	*state = &room;
	return 0;
}

static int teardown(void **state)
{
	struct room *r = *state;
	tabs_free(r->tabs);
	arena_free(&r->scratch);
	return 0;
}

static const struct deal *deal(const struct room *r, const char *id) { return tab_get(r->tabs, &DEAL_REC, id); }
static const struct lot *lot(const struct room *r, const char *id) { return tab_get(r->tabs, &LOT_REC, id); }

/* The first alert of a code, whatever its state. */
static const struct alert *alert(const struct room *r, const char *code)
{
	TAB_FOR(alert, a, r->tabs, &ALERT_REC, "")
		if (strcmp(a->code, code) == 0)
			return a;
	return NULL;
}

static const struct signal *heard(const struct room *r, enum signal_kind kind)
{
	for (size_t i = 0; i < r->turn.signal_count; i++)
		if (r->turn.signals[i].kind == kind)
			return &r->turn.signals[i];
	return NULL;
}

static struct signal sig(enum signal_kind kind, const char *subject, const char *of, const char *code, int64_t a, int64_t b)
{
	return (struct signal){ .kind = kind, .subject = subject, .deal = of, .code = code, .text = "", .extra = "", .a = a, .b = b };
}

static void worked_example(void **state) /* domain §6.4: 500 t, E = 1,500,000.00, t = 65 % */
{
	struct room *r = *state;
	const int64_t e = 150000000, t = 6500;
	assert_int_equal(risk_ltv(e, 300000000), 5000);
	assert_int_equal(risk_ltv(e, 195000000), 7692);
	assert_int_equal(risk_ltv(e, 190000000), 7895);
	assert_int_equal(risk_zone(r->tabs, 5000, ZONE_NORMAL), ZONE_NORMAL);
	assert_int_equal(risk_zone(r->tabs, 7692, ZONE_NORMAL), ZONE_WARNING);
	assert_int_equal(risk_zone(r->tabs, 7895, ZONE_WARNING), ZONE_CALL);
	assert_int_equal(risk_cash_cure(e, 190000000, t), 26500000);
	assert_int_equal(risk_goods_cure(e, 190000000, t), 40769231);
	assert_int_equal(risk_cash_cure(e, 195000000, t), 23250000);
	assert_int_equal(risk_goods_cure(e, 195000000, t), 35769231);
	/* a release after paying 300,000.00: what stays must cover the rest */
	assert_int_equal(300000000 - (risk_goods_cure(e - 30000000, 0, t)), 115384615);
	assert_int_equal(risk_cash_cure(e, 300000000, t), 0);
	assert_int_equal(risk_goods_cure(e, 300000000, t), 0);
	assert_int_equal(risk_ltv(e, 0), 99999);
	assert_int_equal(risk_ltv(0, 0), 0);
	assert_int_equal(risk_ltv_at(r->tabs, "DL-1", 0), 5000);
	assert_int_equal(risk_ltv_at(r->tabs, "DL-1", -500), 5263);
	assert_int_equal(risk_ltv_at(r->tabs, "DL-1", -2000), 6250);
}

static void hysteresis(void **state)
{
	struct room *r = *state;
	static const struct {
		int64_t ltv, now, then;
	} ROWS[] = { { 7199, ZONE_NORMAL, ZONE_NORMAL }, { 7200, ZONE_NORMAL, ZONE_WARNING }, { 7199, ZONE_WARNING, ZONE_WARNING },
		{ 7000, ZONE_WARNING, ZONE_WARNING }, { 6999, ZONE_WARNING, ZONE_NORMAL }, { 7799, ZONE_WARNING, ZONE_WARNING },
		{ 7800, ZONE_WARNING, ZONE_CALL }, { 7500, ZONE_CALL, ZONE_CALL }, { 7000, ZONE_CALL, ZONE_CALL },
		{ 6999, ZONE_CALL, ZONE_NORMAL }, { 8500, ZONE_NORMAL, ZONE_LIQUIDATION }, { 8000, ZONE_LIQUIDATION, ZONE_CALL },
		{ 7100, ZONE_LIQUIDATION, ZONE_CALL }, { 6500, ZONE_LIQUIDATION, ZONE_NORMAL } };
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
		if (risk_zone(r->tabs, ROWS[i].ltv, ROWS[i].now) != ROWS[i].then)
			fail_msg("row %zu", i);
}

static void compensate_or_wait(void **state) /* 0.60 x 820,000.00 x 25 % x (1 - 40 %) against 640 + 500 + 4,100 */
{
	struct room *r = *state;
	int64_t loss, cost;
	risk_compensate_or_wait(r->tabs, "E06", 82000000, &loss, &cost);
	assert_int_equal(loss, 7380000);
	assert_int_equal(cost, 524000);
	struct param p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "risk.e06.p_bp");
	p.value = 3000;
	tab_put(r->tabs, &PARAM_REC, &p);
	risk_compensate_or_wait(r->tabs, "E06", 82000000, &loss, &cost);
	assert_int_equal(loss, 3690000);
}

/* A watch that was decided on becomes a case again when it turns into something else. */
static void a_case_again(void **state)
{
	struct room *r = *state;
	char id[ID_MAX];
	alert_raise(&r->turn, "E09", "DL-1", "copper", 0, "price fall, review haircut", "", "", id);
	begin(r, "r.one", "task.complete");
	struct signal done = { .kind = SIGNAL_CASE_DONE, .subject = id, .deal = "DL-1", .code = "hold", .text = "", .extra = "r.one" };
	risk_on_case_done(&r->turn, &done);
	assert_null(heard(r, SIGNAL_CASE));
	begin(r, "engine", "oracle.answer");
	alert_raise(&r->turn, "E09", "DL-1", "copper", 0, "price fall, review haircut", "", "", NULL);
	assert_null(heard(r, SIGNAL_CASE));
	alert_raise(&r->turn, "E09", "DL-1", "copper", 0, "price fall, margin call", "", "", NULL);
	assert_non_null(heard(r, SIGNAL_CASE));
	assert_int_equal(tab_count(r->tabs, &ALERT_REC), 1);
}

static void set_ev(struct room *r, const char *id, int64_t ev)
{
	struct deal d = *deal(r, id);
	d.ev = ev;
	tab_put(r->tabs, &DEAL_REC, &d);
	struct signal s = sig(SIGNAL_EVENT, "", id, "revalued", 0, 0);
	risk_on_event(&r->turn, &s);
}

static void price_fall_and_recovery(void **state)
{
	struct room *r = *state;
	struct signal price = sig(SIGNAL_PRICE, "copper", "", "ok", 390000, 1);
	risk_on_price(&r->turn, &price);
	assert_string_equal(heard(r, SIGNAL_CALL)->code, "pledge.revalue");
	set_ev(r, "DL-1", 195000000);
	assert_int_equal(deal(r, "DL-1")->ltv, 7692);
	assert_int_equal(deal(r, "DL-1")->zone, ZONE_WARNING);
	assert_int_equal(heard(r, SIGNAL_ZONE)->b, ZONE_WARNING);
	assert_string_equal(alert(r, "E09")->why, "LTV 76.92 %, was 0.00 %: warning");
	assert_int_equal(alert(r, "E09")->amount, 23250000);
	assert_int_equal(deal(r, "DL-1")->level, 2);
	set_ev(r, "DL-1", 190000000);
	assert_int_equal(deal(r, "DL-1")->zone, ZONE_CALL);
	assert_int_equal(alert(r, "E09")->count, 2);
	assert_int_equal(alert(r, "E09")->amount, 26500000);
	set_ev(r, "DL-1", 205000000); /* 73.17 %: a rise does not cancel the call */
	assert_int_equal(deal(r, "DL-1")->zone, ZONE_CALL);
	struct deal d = *deal(r, "DL-1");
	d.margin_held = 26500000; /* paid */
	tab_put(r->tabs, &DEAL_REC, &d);
	set_ev(r, "DL-1", 190000000);
	assert_int_equal(deal(r, "DL-1")->ltv, 6500);
	assert_int_equal(deal(r, "DL-1")->zone, ZONE_NORMAL);
	assert_string_equal(ALERT_STATE_NAMES[alert(r, "E09")->state], "closed");
	assert_int_equal(deal(r, "DL-1")->level, 0);
	assert_non_null(heard(r, SIGNAL_CASE_CLOSE));
}

static void double_pledge(void **state) /* FD-01 */
{
	struct room *r = *state;
	struct signal s = sig(SIGNAL_REFUSED, "CSQU1", "DL-2", "double-pledge", 0, 0);
	struct claim c;
	memset(&c, 0, sizeof(c));
	snprintf(c.id, sizeof(c.id), "asset/CSQU1");
	snprintf(c.deal, sizeof(c.deal), "DL-1");
	tab_put(r->tabs, &CLAIM_REC, &c);
	risk_on_refused(&r->turn, &s);
	const struct alert *a = alert(r, "E06");
	assert_string_equal(a->deal, "DL-1"); /* the one that was first */
	assert_string_equal(a->other, "DL-2");
	assert_string_equal(a->asset, "LT-1");
	assert_int_equal(a->level, 4);
	assert_int_equal(deal(r, "DL-1")->level, 3);
	assert_int_equal(deal(r, "DL-2")->level, 3);
	assert_int_equal(lot(r, "LT-1")->level, 4);
	assert_int_equal(lot(r, "LT-2")->level, 4);
	assert_true(hold_stops_outflow(r->tabs, "DL-1"));
	assert_int_equal(a->deadline, r->now + INSTANT_HOUR);
	assert_string_equal(heard(r, SIGNAL_CASE)->code, "RSK");
	risk_on_refused(&r->turn, &s);
	assert_int_equal(tab_count(r->tabs, &ALERT_REC), 1);
	assert_int_equal(alert(r, "E06")->count, 2);
}

static void freeze_needs_two_persons(void **state)
{
	struct room *r = *state;
	char id[ID_MAX];
	alert_raise(&r->turn, "E06", "DL-1", "LT-1", 0, "", "", "", id);
	begin(r, "r.one", "task.complete");
	struct signal done = { .kind = SIGNAL_CASE_DONE, .subject = id, .deal = "DL-1", .code = "false-alarm", .text = "recounted",
		.extra = "r.one" };
	risk_on_case_done(&r->turn, &done);
	assert_int_equal(lot(r, "LT-1")->level, 4);
	assert_string_equal(heard(r, SIGNAL_CASE)->code, "CMP");
	begin(r, "r.two", "task.complete"); /* another of risk is not enough */
	risk_on_case_done(&r->turn, &done);
	assert_int_equal(lot(r, "LT-1")->level, 4);
	begin(r, "h.cmp", "task.complete");
	risk_on_case_done(&r->turn, &done);
	assert_int_equal(lot(r, "LT-1")->level, 0);
	assert_int_equal(deal(r, "DL-1")->level, 0);
	assert_string_equal(ALERT_STATE_NAMES[alert(r, "E06")->state], "false");
	assert_int_equal(tab_count(r->tabs, &HOLD_REC), 0);
}

static void people_hold_and_lift(void **state)
{
	struct room *r = *state;
	begin(r, "t.trm", "hold.set");
	assert_int_equal(hold_set(&r->turn, "DL-1", 3, "looks wrong"), REFUSED_ROLE);
	begin(r, "r.one", "hold.set");
	assert_int_equal(hold_set(&r->turn, "DL-1", 3, ""), REFUSED_REASON_MISSING);
	assert_int_equal(hold_set(&r->turn, "DL-1", 4, "x"), REFUSED_LEVEL);
	assert_int_equal(hold_set(&r->turn, "DL-9", 3, "x"), REFUSED_ASSET_UNKNOWN);
	assert_int_equal(hold_set(&r->turn, "DL-1", 3, "looks wrong"), REFUSED_NOT);
	assert_int_equal(deal(r, "DL-1")->level, 3);
	assert_int_equal(heard(r, SIGNAL_LEVEL)->b, 3);
	assert_int_equal(hold_lift(&r->turn, "DL-1", "was nothing"), REFUSED_SOD); /* not who raised it */
	begin(r, "r.two", "hold.lift");
	assert_int_equal(hold_lift(&r->turn, "DL-1", ""), REFUSED_REASON_MISSING);
	assert_int_equal(hold_lift(&r->turn, "DL-2", "x"), REFUSED_LEVEL);
	assert_int_equal(hold_lift(&r->turn, "DL-1", "explained"), REFUSED_NOT);
	assert_int_equal(deal(r, "DL-1")->level, 0);
	assert_int_equal(heard(r, SIGNAL_LEVEL)->a, 3);
}

static void books(void **state)
{
	struct room *r = *state;
	struct party p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "NOORDZEE");
	tab_put(r->tabs, &PARTY_REC, &p);
	begin(r, "r.one", "hold.set");
	assert_int_equal(hold_set(&r->turn, "BOOK/NOORDZEE", 5, "totals"), REFUSED_NOT);
	assert_int_equal(deal(r, "DL-1")->level, 5);
	assert_int_equal(deal(r, "DL-2")->level, 5);
	assert_true(hold_stops_outflow(r->tabs, "DL-2"));
	begin(r, "r.two", "hold.lift");
	assert_int_equal(hold_lift(&r->turn, "BOOK/NOORDZEE", "mended"), REFUSED_NOT); /* noted */
	assert_int_equal(deal(r, "DL-1")->level, 5);
	begin(r, "h.cmp", "hold.lift");
	assert_int_equal(hold_lift(&r->turn, "BOOK/NOORDZEE", "mended"), REFUSED_NOT);
	assert_int_equal(deal(r, "DL-1")->level, 0);
}

static void payment_returned_then_lifted_by_risk(void **state)
{
	struct room *r = *state;
	struct signal s = sig(SIGNAL_EVENT, "", "DL-1", "payment-returned", 0, 0);
	risk_on_event(&r->turn, &s);
	assert_int_equal(deal(r, "DL-1")->level, 3);
	char id[ID_MAX];
	memcpy(id, alert(r, "E14")->id, ID_MAX);
	begin(r, "t.trm", "task.complete"); /* treasury looked into it, but may not lift */
	struct signal done = { .kind = SIGNAL_CASE_DONE, .subject = id, .deal = "DL-1", .code = "close", .text = "called back",
		.extra = "t.trm" };
	risk_on_case_done(&r->turn, &done);
	assert_int_equal(deal(r, "DL-1")->level, 3);
	assert_string_equal(heard(r, SIGNAL_CASE)->code, "RSK");
	begin(r, "r.one", "task.complete");
	risk_on_case_done(&r->turn, &done);
	assert_int_equal(deal(r, "DL-1")->level, 0);
}

static void sensors(void **state)
{
	struct room *r = *state;
	struct device d;
	struct series s;
	memset(&d, 0, sizeof(d));
	memset(&s, 0, sizeof(s));
	snprintf(d.id, sizeof(d.id), "RTM/C2-T03");
	snprintf(d.site, sizeof(d.site), "RTM");
	snprintf(d.place, sizeof(d.place), "C2");
	memcpy(s.id, d.id, sizeof(s.id));
	s.over_hour = 1;
	tab_put(r->tabs, &DEVICE_REC, &d);
	tab_put(r->tabs, &SERIES_REC, &s);
	struct signal over = sig(SIGNAL_ANOMALY, "RTM/C2-T03", "", "over", -14800, r->now);
	risk_on_anomaly(&r->turn, &over);
	assert_int_equal(alert(r, "E02")->level, 1);
	assert_null(alert(r, "E08"));
	s.over_hour = 2;
	tab_put(r->tabs, &SERIES_REC, &s);
	risk_on_anomaly(&r->turn, &over);
	assert_string_equal(alert(r, "E08")->why, "RTM/C2-T03 read -14.8, over its band, again in an hour; value cut by 10 %");
	assert_int_equal(lot(r, "LT-1")->cut, 1000);
	assert_int_equal(lot(r, "LT-2")->cut, 1000);
	assert_int_equal(deal(r, "DL-1")->level, 2);
	assert_string_equal(heard(r, SIGNAL_CALL)->code, "pledge.revalue");
	assert_int_equal(alert(r, "E02")->count, 2);
}

static void gateways(void **state)
{
	struct room *r = *state;
	struct signal silent = sig(SIGNAL_SILENT, "GW-RTM", "", "", r->now - 31 * INSTANT_MINUTE, 0);
	struct signal healed = sig(SIGNAL_GAP, "GW-RTM", "", "", 9, 0);
	risk_on_silent(&r->turn, &silent);
	assert_string_equal(ALERT_STATE_NAMES[alert(r, "E03")->state], "open");
	risk_on_gap(&r->turn, &healed);
	assert_string_equal(ALERT_STATE_NAMES[alert(r, "E03")->state], "closed");
	struct signal late = sig(SIGNAL_LATE, "GW-RTM", "", "late", r->now - INSTANT_HOUR, 0);
	risk_on_late(&r->turn, &late);
	assert_int_equal(alert(r, "E04")->level, 1); /* nothing was decided on it */
	late.deal = "DL-1";
	risk_on_late(&r->turn, &late);
	assert_int_equal(deal(r, "DL-1")->level, 2);
}

static void oracles(void **state)
{
	struct room *r = *state;
	struct value v;
	memset(&v, 0, sizeof(v));
	snprintf(v.id, sizeof(v.id), "copper");
	v.state = VALUE_SPREAD;
	tab_put(r->tabs, &VALUE_REC, &v);
	struct signal s = sig(SIGNAL_PRICE, "copper", "", "spread", 600000, 0);
	risk_on_price(&r->turn, &s);
	assert_null(alert(r, "E05")); /* never held before */
	v.previous = 600000;
	tab_put(r->tabs, &VALUE_REC, &v);
	risk_on_price(&r->turn, &s);
	assert_int_equal(alert(r, "E05")->level, 1);
	assert_int_equal(deal(r, "DL-1")->level, 0);
	r->now += 61 * INSTANT_MINUTE;
	begin(r, "lme-a", "oracle.answer");
	risk_on_price(&r->turn, &s);
	assert_int_equal(deal(r, "DL-1")->level, 2);
	s.b = 1;
	risk_on_price(&r->turn, &s);
	assert_int_equal(deal(r, "DL-1")->level, 0);
	assert_string_equal(ALERT_STATE_NAMES[alert(r, "E05")->state], "closed");
}

static void goods(void **state)
{
	struct room *r = *state;
	struct physical p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "abc");
	tab_put(r->tabs, &PHYSICAL_REC, &p);
	struct signal s = { .kind = SIGNAL_PHYSICAL, .subject = "abc", .deal = "", .code = "arriving", .extra = "damaged",
		.text = "https://id.gs1.org/00/340123452222222220" };
	struct lot l = *lot(r, "LT-1");
	l.labels = NULL;
	tab_put(r->tabs, &LOT_REC, &l);
	risk_on_physical(&r->turn, &s); /* bound by the label of LT-2, signalled again */
	const struct physical *bound = tab_get(r->tabs, &PHYSICAL_REC, "abc");
	assert_string_equal(bound->deal, "DL-2");
	assert_string_equal(heard(r, SIGNAL_PHYSICAL)->deal, "DL-2");
	s.deal = "DL-2";
	risk_on_physical(&r->turn, &s);
	assert_string_equal(alert(r, "E08")->title, "goods damaged");
	struct signal count = sig(SIGNAL_COUNT, "LT-1", "DL-1", "", 498000, 500000);
	risk_on_count(&r->turn, &count);
	assert_null(alert(r, "E07")); /* within half a percent */
	count.a = 450000;
	risk_on_count(&r->turn, &count);
	assert_int_equal(alert(r, "E07")->amount, 15000000);
	assert_int_equal(deal(r, "DL-1")->level, 3);
}

static void deals_end(void **state)
{
	struct room *r = *state;
	alert_raise(&r->turn, "E06", "DL-1", "LT-1", 0, "", "", "", NULL);
	struct signal s = sig(SIGNAL_STATE, "", "DL-1", "REVERSED", DEAL_APPROVED, DEAL_REVERSED);
	struct deal d = *deal(r, "DL-1");
	d.state = DEAL_REVERSED;
	tab_put(r->tabs, &DEAL_REC, &d);
	risk_on_state(&r->turn, &s);
	assert_string_equal(alert(r, "E06")->outcome, "the deal is reversed");
	assert_int_equal(deal(r, "DL-1")->level, 0);
	assert_int_equal(lot(r, "LT-1")->level, 4); /* the goods stay frozen until two people lift it */
	struct signal e = sig(SIGNAL_REFUSED, "", "DL-2", "no-delivery-evidence", 0, 0);
	risk_on_refused(&r->turn, &e);
	assert_int_equal(deal(r, "DL-2")->level, 2);
	struct signal on = sig(SIGNAL_STATE, "", "DL-2", "DOCS_OK", DEAL_SUBMITTED, DEAL_DOCS_OK);
	risk_on_state(&r->turn, &on);
	assert_int_equal(deal(r, "DL-2")->level, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(worked_example), T(hysteresis), T(compensate_or_wait), T(a_case_again), T(price_fall_and_recovery),
		T(double_pledge), T(freeze_needs_two_persons), T(people_hold_and_lift), T(books),
		T(payment_returned_then_lifted_by_risk), T(sensors), T(gateways), T(oracles), T(goods), T(deals_end) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
