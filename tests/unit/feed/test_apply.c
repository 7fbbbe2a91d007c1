/* Batches and prices: sequence rules, gaps, late and future facts, detectors, quorum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "feed/apply.h"

/* Policy parameters as the contract floor describes them: the feed reads them by word. */
#define PARAM_TEST_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(INT, value, 0, NONE) \
	F(TEXT, text, 64, NONE) \
	F(INT, policy, 0, COUNT)
REC_STRUCT(param_test, PARAM_TEST_FIELDS);
#define REC_SELF struct param_test
REC_TYPE(PARAM_TEST_REC, 30, "param", PARAM_TEST_FIELDS)
#undef REC_SELF

static const struct rec_type *const TYPES[] = { &NEWS_REC, &PARTY_REC, &DEVICE_REC, &GATEWAY_REC, &SERIES_REC, &WINDOW_REC,
	&BATCH_REC, &PHYSICAL_REC, &QUOTE_REC, &VALUE_REC, &PARAM_TEST_REC };

struct room {
	struct tabs *tabs;
	struct arena scratch;
	struct turn turn;
	int64_t now;
	uint64_t number;
};

static void begin(struct room *r)
{
	struct hash seed;
	tab_commit(r->tabs);
	arena_reset(&r->scratch);
	r->number++;
	seed = hash_of(&r->number, sizeof(r->number));
	turn_begin(&r->turn, r->tabs, &r->scratch, r->number, r->now, &seed);
	snprintf(r->turn.actor, sizeof(r->turn.actor), "GW-RTM");
}

static void param(struct room *r, const char *name, int64_t value, const char *text)
{
	struct param_test p;
	memset(&p, 0, sizeof(p));
	snprintf(p.id, sizeof(p.id), "%s", name);
	snprintf(p.text, sizeof(p.text), "%s", text);
	p.value = value;
	tab_put(r->tabs, &PARAM_TEST_REC, &p);
}

static void device(struct room *r, const char *id, enum device_kind kind)
{
	struct device d;
	memset(&d, 0, sizeof(d));
	snprintf(d.id, sizeof(d.id), "%s", id);
	snprintf(d.site, sizeof(d.site), "RTM");
	snprintf(d.gateway, sizeof(d.gateway), "GW-RTM");
	d.kind = kind;
	d.banded = 1;
	d.low = -20000;
	d.high = -15000;
	d.jump = 4000;
	d.period = INSTANT_MINUTE;
	tab_put(r->tabs, &DEVICE_REC, &d);
}

static int setup(void **state)
{
	static struct room room;
	struct gateway g;
	memset(&room, 0, sizeof(room));
	room.tabs = tabs_new(TYPES, sizeof(TYPES) / sizeof(TYPES[0]));
	room.now = instant_of(2026, 3, 16, 9, 0, 0); /* a Monday */
	memset(&g, 0, sizeof(g));
	snprintf(g.id, sizeof(g.id), "GW-RTM");
	snprintf(g.site, sizeof(g.site), "RTM");
	tab_put(room.tabs, &GATEWAY_REC, &g);
	device(&room, "RTM/C2-T03", DEVICE_TEMPERATURE);
	device(&room, "RTM/C2-T04", DEVICE_TEMPERATURE);
	param(&room, "oracle.copper.sources", 0, "lme-a, lme-b,lme-c");
	param(&room, "oracle.copper.unit", 0, "TNE");
	begin(&room);
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

static struct feed_window window(const char *id, int64_t from, int64_t least, int64_t greatest, int64_t last)
{
	struct feed_window w;
	memset(&w, 0, sizeof(w));
	snprintf(w.device, sizeof(w.device), "%s", id);
	w.from = from;
	w.count = 10;
	w.least = least;
	w.greatest = greatest;
	w.last = last;
	w.last_at = from + 9 * INSTANT_MINUTE;
	w.first_seq = from / INSTANT_MINUTE;
	w.last_seq = w.first_seq + 9;
	return w;
}

static struct feed_physical physical(const char *name, const char *step, int64_t at)
{
	struct feed_physical p;
	memset(&p, 0, sizeof(p));
	p.hash = hash_of(name, strlen(name));
	snprintf(p.type, sizeof(p.type), "ObjectEvent");
	snprintf(p.action, sizeof(p.action), "OBSERVE");
	snprintf(p.step, sizeof(p.step), "%s", step);
	snprintf(p.subject, sizeof(p.subject), "LOT-1");
	p.at = at;
	p.items = 4;
	return p;
}

/* Sends batch `sequence` that covers the ten minutes before `to`. */
static enum refusal send(struct room *r, int64_t sequence, int64_t to, const struct feed_window *w, size_t windows,
	const struct feed_physical *p, size_t events)
{
	struct buf wb = { 0 }, pb = { 0 };
	begin(r);
	feed_windows_encode(w, windows, &wb);
	feed_physical_encode(p, events, &pb);
	struct feed_batch b = { .gateway = "GW-RTM", .sequence = sequence, .from = to - 10 * INSTANT_MINUTE, .to = to,
		.readings = 10, .events = (int64_t)events, .windows = buf_view(&wb), .physical = buf_view(&pb) };
	enum refusal refusal = feed_apply_batch(&r->turn, &b);
	buf_free(&wb);
	buf_free(&pb);
	return refusal;
}

static const struct signal *heard(const struct room *r, enum signal_kind kind)
{
	for (size_t i = 0; i < r->turn.signal_count; i++)
		if (r->turn.signals[i].kind == kind)
			return &r->turn.signals[i];
	return NULL;
}

static const struct gateway *gw(const struct room *r) { return tab_get(r->tabs, &GATEWAY_REC, "GW-RTM"); }
static const struct series *live(const struct room *r) { return tab_get(r->tabs, &SERIES_REC, "RTM/C2-T03"); }

static void encodings(void **state)
{
	struct room *r = *state;
	struct feed_window in[2] = { window("RTM/C2-T03", r->now, -18000, -17000, -17500), window("RTM/C2-T04", r->now, 1, 2, 1) };
	struct feed_physical events[1] = { physical("a", "arriving", r->now) };
	struct feed_window *out;
	struct feed_physical *back;
	struct buf b = { 0 }, e = { 0 };
	size_t n;
	snprintf(in[1].anomaly, sizeof(in[1].anomaly), "jump");
	feed_windows_encode(in, 2, &b);
	feed_physical_encode(events, 1, &e);
	assert_true(feed_windows_decode(buf_view(&b), &r->scratch, &out, &n));
	assert_int_equal(n, 2);
	assert_memory_equal(out, in, sizeof(in));
	assert_true(feed_physical_decode(buf_view(&e), &r->scratch, &back, &n));
	assert_memory_equal(back, events, sizeof(events));
	for (size_t cut = 1; cut < b.len; cut++)
		assert_false(feed_windows_decode((struct str){ b.ptr, cut }, &r->scratch, &out, &n));
	for (size_t cut = 1; cut < e.len; cut++)
		assert_false(feed_physical_decode((struct str){ e.ptr, cut }, &r->scratch, &back, &n));
	buf_free(&b);
	buf_free(&e);
}

static void sequence_and_gaps(void **state)
{
	struct room *r = *state;
	assert_int_equal(send(r, 1, r->now, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_int_equal(send(r, 1, r->now, NULL, 0, NULL, 0), REFUSED_SEQUENCE_OLD);
	assert_int_equal(send(r, 0, r->now, NULL, 0, NULL, 0), REFUSED_VALUE);
	assert_int_equal(send(r, 2000000, r->now, NULL, 0, NULL, 0), REFUSED_VALUE);
	assert_int_equal(send(r, 4, r->now, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_int_equal(heard(r, SIGNAL_GAP)->a, 2);
	assert_int_equal(heard(r, SIGNAL_GAP)->b, 2);
	assert_int_equal(gw(r)->missing, 2);
	assert_int_equal(gw(r)->sequence, 1);
	assert_int_equal(gw(r)->highest, 4);
	assert_int_equal(send(r, 4, r->now, NULL, 0, NULL, 0), REFUSED_SEQUENCE_OLD);
	assert_int_equal(send(r, 3, r->now, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_null(heard(r, SIGNAL_GAP));
	assert_non_null(heard(r, SIGNAL_LATE)); /* it comes after a later one */
	assert_int_equal(send(r, 2, r->now, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_int_equal(heard(r, SIGNAL_GAP)->b, 0);
	assert_int_equal(gw(r)->missing, 0);
	assert_int_equal(gw(r)->sequence, 4);
	assert_int_equal(gw(r)->late, 2);
}

static void times(void **state)
{
	struct room *r = *state;
	struct feed_physical p = physical("x", "arriving", r->now + 6 * INSTANT_MINUTE);
	assert_int_equal(send(r, 1, r->now + 6 * INSTANT_MINUTE, NULL, 0, NULL, 0), REFUSED_EVENT_FUTURE);
	assert_int_equal(send(r, 1, r->now, NULL, 0, &p, 1), REFUSED_EVENT_FUTURE);
	assert_int_equal(send(r, 1, r->now - 29 * INSTANT_MINUTE, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_null(heard(r, SIGNAL_LATE));
	assert_int_equal(send(r, 2, r->now - 31 * INSTANT_MINUTE, NULL, 0, NULL, 0), REFUSED_NOT);
	assert_non_null(heard(r, SIGNAL_LATE));
	size_t late = 0;
	struct feed_physical old[2] = { physical("p", "arriving", r->now - INSTANT_HOUR),
		physical("q", "receiving", r->now - INSTANT_HOUR) };
	assert_int_equal(send(r, 3, r->now, NULL, 0, old, 2), REFUSED_NOT);
	for (size_t i = 0; i < r->turn.signal_count; i++)
		late += r->turn.signals[i].kind == SIGNAL_LATE;
	assert_int_equal(late, 1);
}

static void unknown_things(void **state)
{
	struct room *r = *state;
	struct feed_window w = window("RTM/C9-T99", r->now - 10 * INSTANT_MINUTE, 0, 0, 0);
	struct feed_batch b = { .gateway = "GW-XXX", .sequence = 1 };
	assert_int_equal(send(r, 1, r->now, &w, 1, NULL, 0), REFUSED_DEVICE_UNKNOWN);
	assert_int_equal(feed_apply_batch(&r->turn, &b), REFUSED_DEVICE_UNKNOWN);
	b.gateway = "GW-RTM";
	b.windows = STR("\377\377");
	assert_int_equal(feed_apply_batch(&r->turn, &b), REFUSED_BODY_MALFORMED);
}

static enum refusal send_reading(struct room *r, int64_t sequence, int64_t least, int64_t greatest, int64_t last)
{
	r->now += 10 * INSTANT_MINUTE;
	struct feed_window w = window("RTM/C2-T03", r->now - 10 * INSTANT_MINUTE, least, greatest, last);
	return send(r, sequence, r->now, &w, 1, NULL, 0);
}

static void bands(void **state)
{
	struct room *r = *state;
	assert_int_equal(send_reading(r, 1, -18000, -17000, -17500), REFUSED_NOT);
	assert_int_equal(live(r)->status, SERIES_OK);
	assert_null(heard(r, SIGNAL_ANOMALY));
	send_reading(r, 2, -17500, -15050, -15050); /* within two percent of the band's width */
	assert_int_equal(live(r)->status, SERIES_NEAR);
	assert_null(heard(r, SIGNAL_ANOMALY));
	send_reading(r, 3, -15600, -14800, -14900);
	assert_int_equal(live(r)->status, SERIES_OVER);
	assert_string_equal(heard(r, SIGNAL_ANOMALY)->code, "over");
	assert_int_equal(heard(r, SIGNAL_ANOMALY)->a, -14800);
	assert_int_equal(live(r)->over_hour, 1);
	send_reading(r, 4, -15100, -14800, -14900);
	assert_int_equal(live(r)->over_hour, 2);
	for (int64_t i = 5; i < 12; i++)
		send_reading(r, i, -17600, -17000, -17100 - i);
	assert_int_equal(live(r)->status, SERIES_OK);
	send_reading(r, 12, -20500, -18000, -19000);
	assert_int_equal(live(r)->status, SERIES_UNDER);
	assert_int_equal(live(r)->over_hour, 1); /* a new hour */
}

static void stuck_jump_silence(void **state)
{
	struct room *r = *state;
	send_reading(r, 1, -17000, -17000, -17000);
	assert_int_equal(live(r)->status, SERIES_OK);
	send_reading(r, 2, -17000, -17000, -17000);
	assert_int_equal(live(r)->status, SERIES_STUCK); /* twenty equal readings */
	send_reading(r, 3, -17200, -17000, -17100);
	assert_int_equal(live(r)->status, SERIES_OK);
	struct feed_window w = window("RTM/C2-T04", r->now, -17000, -16900, -17000);
	r->now += 10 * INSTANT_MINUTE;
	assert_int_equal(send(r, 4, r->now, &w, 1, NULL, 0), REFUSED_NOT);
	assert_int_equal(live(r)->status, SERIES_SILENT); /* T03 said nothing, its period is a minute */
	send_reading(r, 5, -17200, -17000, -17100);
	assert_int_equal(live(r)->status, SERIES_OK);
	struct device d = *(const struct device *)tab_get(r->tabs, &DEVICE_REC, "RTM/C2-T03");
	d.banded = 0;
	tab_put(r->tabs, &DEVICE_REC, &d);
	send_reading(r, 6, -12900, -12500, -12600);
	assert_string_equal(heard(r, SIGNAL_ANOMALY)->code, "jump");
}

static void late_window_leaves_the_live_value(void **state)
{
	struct room *r = *state;
	int64_t first = r->now;
	send_reading(r, 1, -18000, -17000, -17500);
	send_reading(r, 3, -18000, -17000, -17400);
	struct feed_window w = window("RTM/C2-T03", first - 20 * INSTANT_MINUTE, -14000, -13000, -13500);
	assert_int_equal(send(r, 2, r->now, &w, 1, NULL, 0), REFUSED_NOT);
	assert_int_equal(live(r)->last, -17400);
	assert_null(heard(r, SIGNAL_ANOMALY));
	assert_int_equal(tab_count(r->tabs, &WINDOW_REC), 3);
}

static void physical_events(void **state)
{
	struct room *r = *state;
	struct feed_physical p = physical("arrival", "arriving", r->now);
	snprintf(p.deal, sizeof(p.deal), "DL-1");
	assert_int_equal(send(r, 1, r->now, NULL, 0, &p, 1), REFUSED_NOT);
	assert_string_equal(heard(r, SIGNAL_PHYSICAL)->code, "arriving");
	assert_string_equal(heard(r, SIGNAL_PHYSICAL)->deal, "DL-1");
	assert_string_equal(heard(r, SIGNAL_PHYSICAL)->text, "LOT-1");
	assert_int_equal(send(r, 2, r->now, NULL, 0, &p, 1), REFUSED_NOT);
	assert_null(heard(r, SIGNAL_PHYSICAL));
	assert_int_equal(tab_count(r->tabs, &PHYSICAL_REC), 1);
	p.voids = true;
	assert_int_equal(send(r, 3, r->now, NULL, 0, &p, 1), REFUSED_NOT);
	assert_string_equal(heard(r, SIGNAL_LATE)->code, "void");
	const struct physical *rec = tab_first(r->tabs, &PHYSICAL_REC, "");
	assert_int_equal(rec->void_, 1);
}

/* What is that old may have been told before: its record can have left. */
static void an_old_event_of_no_deal_moves_nothing(void **state)
{
	struct room *r = *state;
	struct feed_physical p = physical("long ago", "arriving", r->now - (FEED_TOLD_DAYS + 1) * INSTANT_DAY);
	p.deal[0] = 0;
	assert_int_equal(send(r, 1, r->now, NULL, 0, &p, 1), REFUSED_NOT);
	assert_null(heard(r, SIGNAL_PHYSICAL));
	assert_null(heard(r, SIGNAL_LATE));
	assert_int_equal(tab_count(r->tabs, &PHYSICAL_REC), 1);
	p = physical("late", "arriving", r->now - (FEED_TOLD_DAYS - 1) * INSTANT_DAY);
	p.deal[0] = 0;
	assert_int_equal(send(r, 2, r->now, NULL, 0, &p, 1), REFUSED_NOT);
	assert_non_null(heard(r, SIGNAL_PHYSICAL));
}

static void silence_and_daily(void **state)
{
	struct room *r = *state;
	send_reading(r, 1, -18000, -17000, -17500);
	begin(r);
	feed_on_silence(&r->turn, "GW-RTM");
	assert_string_equal(heard(r, SIGNAL_SILENT)->subject, "GW-RTM");
	assert_int_equal(gw(r)->cut, 1);
	send_reading(r, 2, -18000, -17000, -17500);
	assert_int_equal(gw(r)->cut, 0);
	assert_int_equal(heard(r, SIGNAL_GAP)->b, 0);
	r->now += 49 * INSTANT_HOUR;
	begin(r);
	feed_daily(&r->turn);
	assert_int_equal(tab_count(r->tabs, &WINDOW_REC), 0);
	assert_int_equal(tab_count(r->tabs, &BATCH_REC), 2);
	r->now += 6 * INSTANT_DAY;
	feed_daily((begin(r), &r->turn));
	assert_int_equal(tab_count(r->tabs, &BATCH_REC), 0);
	assert_int_equal(send(r, 2, r->now, NULL, 0, NULL, 0), REFUSED_SEQUENCE_OLD);
}

/* --- prices --------------------------------------------------------------------------------------- */

static enum refusal answer(struct room *r, const char *source, int64_t amount)
{
	r->now += INSTANT_SECOND;
	begin(r);
	return feed_apply_answer(&r->turn, "copper", source, "EUR", amount, r->now);
}

static void answers(struct room *r, int64_t a, int64_t b, int64_t c)
{
	assert_int_equal(answer(r, "lme-a", a), REFUSED_NOT);
	assert_int_equal(answer(r, "lme-b", b), REFUSED_NOT);
	assert_int_equal(answer(r, "lme-c", c), REFUSED_NOT);
}

static const struct value *copper(const struct room *r) { return tab_get(r->tabs, &VALUE_REC, "copper"); }

static void quorum(void **state)
{
	struct room *r = *state;
	assert_int_equal(answer(r, "lme-x", 600000), REFUSED_ORACLE_SOURCE);
	assert_int_equal(answer(r, "lme-a", 0), REFUSED_VALUE);
	assert_int_equal(feed_apply_answer(&r->turn, "zinc", "lme-a", "EUR", 1, r->now), REFUSED_ORACLE_SOURCE);
	assert_int_equal(feed_apply_answer(&r->turn, "copper", "lme-a", "EUR", 1, r->now + 6 * INSTANT_MINUTE),
		REFUSED_EVENT_FUTURE);
	answer(r, "lme-a", 600000);
	assert_int_equal(copper(r)->state, VALUE_NO_QUORUM);
	assert_int_equal(heard(r, SIGNAL_PRICE)->b, 0);
	answer(r, "lme-b", 602000);
	assert_int_equal(copper(r)->amount, 600000); /* the lowest while there is no quorum */
	answer(r, "lme-c", 601000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	assert_int_equal(copper(r)->amount, 601000);
	assert_int_equal(heard(r, SIGNAL_PRICE)->a, 601000);
	assert_int_equal(heard(r, SIGNAL_PRICE)->b, 1);
	answer(r, "lme-c", 601000);
	assert_null(heard(r, SIGNAL_PRICE)); /* nothing moved */
	assert_int_equal(feed_apply_answer(&r->turn, "copper", "lme-c", "EUR", 601000, r->now), REFUSED_DUPLICATE);
	assert_int_equal(feed_apply_answer(&r->turn, "copper", "lme-c", "USD", 601000, r->now + 1), REFUSED_VALUE);
}

static void one_source_inflated(void **state) /* FD-12 */
{
	struct room *r = *state;
	answers(r, 600000, 602000, 601000);
	r->now += INSTANT_HOUR;
	assert_int_equal(answer(r, "lme-a", 700000), REFUSED_NOT);
	r->now += INSTANT_MINUTE;
	assert_int_equal(answer(r, "lme-b", 602000), REFUSED_NOT);
	assert_int_equal(answer(r, "lme-c", 601000), REFUSED_NOT);
	assert_int_equal(copper(r)->state, VALUE_SPREAD);
	assert_int_equal(copper(r)->amount, 601000); /* the lowest */
	assert_int_equal(copper(r)->spread, 1648);
	assert_int_equal(heard(r, SIGNAL_PRICE)->b, 0);
	const struct quote *q = tab_get(r->tabs, &QUOTE_REC, "copper/lme-a");
	assert_int_equal(q->outliers, 1);
	answers(r, 601000, 602000, 601000);
	assert_int_equal(copper(r)->state, VALUE_OK);
}

/* A fall that every source sees is no disagreement while the round is under way. */
static void fall_source_by_source(void **state)
{
	struct room *r = *state;
	answers(r, 600000, 600000, 600000);
	r->now += INSTANT_HOUR;
	answers(r, 600000, 600000, 600000);
	r->now += 10 * INSTANT_MINUTE;
	answer(r, "lme-a", 560000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	assert_int_equal(copper(r)->amount, 600000);
	answer(r, "lme-b", 561000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	answer(r, "lme-c", 560500);
	assert_int_equal(copper(r)->state, VALUE_OK);
	assert_int_equal(copper(r)->amount, 560500);
	assert_int_equal(copper(r)->previous, 600000);
	r->now += 16 * INSTANT_HOUR; /* over night */
	answer(r, "lme-a", 520000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	assert_null(heard(r, SIGNAL_PRICE));
	r->now += 29 * INSTANT_MINUTE;
	answer(r, "lme-a", 520000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	r->now += 2 * INSTANT_MINUTE; /* the others have had their time */
	answer(r, "lme-a", 520000);
	assert_int_equal(copper(r)->state, VALUE_SPREAD);
	assert_int_equal(copper(r)->amount, 520000);
}

static void jump_needs_a_second_round(void **state)
{
	struct room *r = *state;
	answers(r, 600000, 600000, 600000);
	r->now += INSTANT_HOUR;
	answers(r, 500000, 500000, 500000);
	assert_int_equal(copper(r)->state, VALUE_JUMP);
	assert_int_equal(copper(r)->amount, 500000); /* the conservative of the two */
	r->now += INSTANT_MINUTE * 20;
	answers(r, 500000, 500000, 500000);
	assert_int_equal(copper(r)->state, VALUE_OK);
	assert_int_equal(copper(r)->amount, 500000);
}

static void prices_age_by_trading_days(void **state)
{
	struct room *r = *state;
	r->now = instant_of(2026, 3, 20, 16, 0, 0); /* a Friday */
	answers(r, 600000, 600000, 600000);
	r->now = instant_of(2026, 3, 23, 15, 59, 0);
	feed_daily((begin(r), &r->turn));
	assert_int_equal(copper(r)->state, VALUE_OK);
	r->now = instant_of(2026, 3, 23, 16, 1, 0);
	feed_daily((begin(r), &r->turn));
	assert_int_equal(copper(r)->state, VALUE_STALE);
	assert_int_equal(copper(r)->amount, 600000);
	assert_int_equal(heard(r, SIGNAL_PRICE)->b, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = { T(encodings), T(sequence_and_gaps), T(times), T(unknown_things), T(bands),
		T(stuck_jump_silence), T(late_window_leaves_the_live_value), T(physical_events), T(an_old_event_of_no_deal_moves_nothing), T(silence_and_daily), T(quorum),
		T(one_source_inflated), T(fall_source_by_source), T(jump_needs_a_second_round), T(prices_age_by_trading_days) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
