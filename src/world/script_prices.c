/* Prices of the recording: a middle path per value with named days, three sources around it.
 *
 * Must remain true: on the recorded day the copper path is what the story needs (a loan of 1,500,000.00 on 240 t stands
 * at 75.21 %, 76.92 % and 78.95 %); sources differ by less than the spread that policy takes for disagreement; no
 * step between two rounds is a jump by policy. */
#include "script_int.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/money.h"
#include "base/num.h"

enum { KNOTS_MAX = 8, SOURCES = 3 };

static const struct path {
	const char *value, *sources[SOURCES];
	struct {
		int64_t day, price; /* minor units */
	} knots[KNOTS_MAX];
} PATHS[] = {
	{ "copper", { "lme-a", "lme-b", "lme-c" }, { { -98, 942000 }, { -70, 958000 }, { -40, 966000 }, { -24, 972000 }, { -17, 934000 },
		{ -10, 908000 }, { -3, 880000 }, { 0, 869000 } } },
	{ "aluminium", { "lme-a", "lme-b", "lme-c" }, { { -98, 246000 }, { -60, 252000 }, { -20, 250000 }, { 0, 248000 } } },
	{ "steel", { "lme-a", "lme-b", "lme-c" }, { { -98, 69800 }, { -50, 70600 }, { -22, 70000 }, { -8, 64500 }, { 0, 62200 } } },
	{ "tin", { "lme-a", "lme-b", "lme-c" }, { { -98, 3720000 }, { -30, 3860000 }, { 0, 3850000 } } },
	{ "juice", { "ice-a", "ice-b", "ice-c" }, { { -98, 352000 }, { -40, 331000 }, { -22, 320500 }, { -10, 300000 }, { 0, 286370 } } },
	{ "coffee", { "ice-a", "ice-b", "ice-c" }, { { -98, 541000 }, { -45, 562000 }, { -12, 551000 }, { 0, 548000 } } },
};

/* Copper on the recorded day: minute, then what the three sources say; the median is the middle one. */
static const struct {
	int64_t minute, price[SOURCES];
} COPPER_DAY[] = {
	{ 8 * 60, { 869600, 869000, 866800 } }, { 8 * 60 + 40, { 868900, 868500, 866000 } }, { 9 * 60 + 9, { 866100, 865500, 862900 } },
	{ 9 * 60 + 50, { 862000, 861400, 859000 } }, { 10 * 60 + 45, { 858000, 857200, 855100 } }, { 11 * 60 + 40, { 853300, 852600, 850200 } },
	{ 12 * 60 + 35, { 844600, 844000, 841500 } }, { 13 * 60 + 20, { 836800, 836200, 833900 } }, { 13 * 60 + 55, { 831700, 831100, 828800 } },
	{ 14 * 60 + 28, { 813100, 812500, 809800 } }, { 15 * 60 + 2, { 806600, 806000, 803500 } }, { 15 * 60 + 40, { 792200, 791667, 789400 } },
	{ 16 * 60 + 20, { 792900, 792400, 790000 } }, { 17 * 60 + 10, { 794600, 794000, 791800 } },
};

static const struct path *path_of(const char *value)
{
	for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++)
		if (strcmp(PATHS[i].value, value) == 0)
			return &PATHS[i];
	CHECK(false, "a value with a path");
	return NULL;
}

int64_t script_price(const char *value, int64_t day)
{
	const struct path *p = path_of(value);
	for (int k = 0; k + 1 < KNOTS_MAX && p->knots[k + 1].price; k++) {
		int64_t from = p->knots[k].day, to = p->knots[k + 1].day, part;
		if (day > to && to != 0)
			continue;
		CHECK(num_muldiv(p->knots[k + 1].price - p->knots[k].price, day - from, to - from, ROUND_HALF_AWAY, &part), "a price");
		return p->knots[k].price + part;
	}
	return p->knots[0].price;
}

static void answer(struct script *s, int64_t at, const char *value, const char *source, int64_t amount)
{
	struct buf b = { 0 };
	char text[MONEY_TEXT_MAX];
	buf_printf(&b, "\"kind\":\"answer\",\"value\":\"%s\",\"source\":\"%s\",\"currency\":\"EUR\",\"amount\":\"%s\"", value, source,
		money_format(amount, "EUR", 0, text));
	script_line(s, at, &b);
}

/* One round: the sources answer within half a minute, each a little off the middle. */
static void round_of(struct script *s, const struct path *p, int64_t at, int64_t middle)
{
	for (int i = 0; i < SOURCES; i++) {
		int64_t off = i == 1 ? 0 : dice_range(&s->dice, 3, 12); /* basis points: the second is the median */
		int64_t amount = middle + (i == 0 ? 1 : -1) * middle * off / 10000;
		answer(s, at + (7 + 9 * i) * INSTANT_SECOND, p->value, p->sources[i], amount);
	}
}

static void copper_day(struct script *s, const struct path *p)
{
	for (size_t k = 0; k < sizeof(COPPER_DAY) / sizeof(COPPER_DAY[0]); k++)
		for (int i = 0; i < SOURCES; i++)
			answer(s, script_at(s, 0, COPPER_DAY[k].minute) + (1 + 9 * i) * INSTANT_SECOND, p->value, p->sources[i],
				COPPER_DAY[k].price[i]);
}

void script_prices(struct script *s)
{
	for (int64_t day = -98; day <= 0; day++) {
		if (script_weekend(day))
			continue;
		for (size_t i = 0; i < sizeof(PATHS) / sizeof(PATHS[0]); i++) {
			const struct path *p = &PATHS[i];
			int64_t base = script_price(p->value, day);
			int64_t move = day == 0 ? 0 : dice_range(&s->dice, -35, 35);
			int64_t second = base + base * (move + dice_range(&s->dice, -15, 15)) / 10000;
			bool copper_today = day == 0 && strcmp(p->value, "copper") == 0;
			if (copper_today) {
				copper_day(s, p);
				continue;
			}
			round_of(s, p, script_at(s, day, 8 * 60) + (int64_t)i * 2 * INSTANT_SECOND, base + base * move / 10000);
			for (int64_t minute = 10 * 60; day == 0 && minute < 16 * 60; minute += 120)
				round_of(s, p, script_at(s, day, minute) + (int64_t)i * 2 * INSTANT_SECOND, base);
			round_of(s, p, script_at(s, day, 16 * 60) + (int64_t)i * 2 * INSTANT_SECOND, day == 0 ? base : second);
		}
	}
}
