/* The generator: collects lines, gives each its own instant, writes the files. See world/generate.h. */
#include "world/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "script_int.h"

int64_t script_at(const struct script *s, int64_t day, int64_t minute)
{
	return s->monday + day * INSTANT_DAY + minute * INSTANT_MINUTE;
}

bool script_weekend(int64_t day)
{
	int64_t weekday = ((day % 7) + 7) % 7; /* 0 Monday */
	return weekday >= 5;
}

/* Twice the room of an array in the arena when it is full. */
static void *grown(struct arena *a, void *items, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 256;
	void *more = arena_zero(a, *cap * size);
	if (count)
		memcpy(more, items, count * size);
	return more;
}

void script_line(struct script *s, int64_t at, struct buf *object)
{
	s->lines = grown(s->arena, s->lines, s->count, &s->cap, sizeof(*s->lines));
	s->lines[s->count] = (struct line){ at, s->count, { str_dup(s->arena, buf_view(object)), object->len } };
	s->count++;
	buf_free(object);
}

void script_message(struct script *s, int64_t at, const char *name, const char *deal, const char *by, const char *data)
{
	struct buf b = { 0 };
	buf_printf(&b, "\"kind\":\"message\",\"name\":\"%s\",\"deal\":\"%s\",\"by\":\"%s\",\"data\":%s", name, deal, by, data);
	script_line(s, at, &b);
}

void script_seen(struct script *s, const struct seen_event *e)
{
	s->seen = grown(s->arena, s->seen, s->seen_count, &s->seen_cap, sizeof(*s->seen));
	s->seen[s->seen_count++] = *e;
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : (x->order > y->order) - (x->order < y->order);
}

/* Lines of one instant follow each other by a millisecond: a line is known by its instant. */
static void settle(struct script *s)
{
	qsort(s->lines, s->count, sizeof(*s->lines), by_time);
	for (size_t i = 1; i < s->count; i++)
		if (s->lines[i].at <= s->lines[i - 1].at)
			s->lines[i].at = s->lines[i - 1].at + 1000;
}

static void print_lines(const struct script *s, int64_t from, int64_t to, struct buf *out)
{
	char at[INSTANT_TEXT_MAX];
	for (size_t i = 0; i < s->count; i++)
		if (s->lines[i].at >= from && s->lines[i].at < to)
			buf_printf(out, "{\"at\":\"%s\"," STR_FMT "}\n", instant_format(s->lines[i].at, s->lines[i].at % 1000000 ? 3 : 0, at),
				STR_ARG(s->lines[i].text));
}

/* While gateways are being fitted they may be silent for days; the policy of the recorded day takes half an hour. */
static void put_policy(struct script *s, int64_t policy)
{
	struct buf b = { 0 };
	buf_printf(&b, "\"kind\":\"policy\",\"source\":{\"version\":%lld,\"params\":{\"feed.silence_minutes\":30}}", (long long)policy);
	script_line(s, script_at(s, -3, 6 * 60 - 5), &b);
}

bool world_generate(uint64_t seed, int64_t policy, world_writer write, void *ctx)
{
	struct arena a = { 0 };
	struct script s = { .arena = &a, .dice = { seed } };
	struct buf out = { 0 };
	s.cast = cast_build(&a, seed);
	s.monday = instant_day(s.cast->day_from) * INSTANT_DAY;
	script_prices(&s);
	script_deals(&s);
	put_policy(&s, policy);
	script_feed(&s);
	script_assets(&s);
	settle(&s);
	print_lines(&s, INT64_MIN, s.cast->day_from, &out);
	bool ok = write(ctx, "history.jsonl", buf_view(&out));
	buf_clear(&out);
	print_lines(&s, s.cast->day_from, s.cast->day_to, &out);
	ok = ok && write(ctx, "day.jsonl", buf_view(&out));
	buf_clear(&out);
	script_cues(&out, s.cast);
	ok = ok && write(ctx, "cues.jsonl", buf_view(&out));
	buf_clear(&out);
	cast_write(s.cast, &out);
	ok = ok && write(ctx, "cast.json", buf_view(&out));
	buf_free(&out);
	arena_free(&a);
	return ok;
}
