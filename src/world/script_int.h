/* What the generator's files share: lines that are collected, given their own instants and written in order. */
#ifndef WHARF_WORLD_SCRIPT_INT_H
#define WHARF_WORLD_SCRIPT_INT_H

#include "base/instant.h"
#include "base/json.h"
#include "world_int.h"

/* An EPCIS event that a gateway reads; the batches of the feed carry it. */
struct seen_event {
	const char *site;
	int64_t at;
	const char *step, *disposition;
	char deal[ID_MAX]; /* "" when it concerns none */
	int packages;
	uint64_t serial;   /* of the first package */
};

struct line {
	int64_t at;
	size_t order; /* of making: ties are given to the earlier */
	struct str text; /* the members behind "at", with their comma */
};

struct script {
	struct arena *arena;
	const struct cast *cast;
	struct dice dice;
	struct line *lines;
	size_t count, cap;
	int64_t monday; /* midnight of the recorded day */
	struct seen_event *seen;
	size_t seen_count, seen_cap;
};

/* Midnight of a day counted from the recorded one (-1 is the day before), plus minutes. */
int64_t script_at(const struct script *s, int64_t day, int64_t minute);
bool script_weekend(int64_t day); /* counted from the recorded Monday */
/* Takes the text of one object without "at" and keeps it for its instant. */
void script_line(struct script *s, int64_t at, struct buf *object);
void script_message(struct script *s, int64_t at, const char *name, const char *deal, const char *by, const char *data);

void script_prices(struct script *s);                 /* script_prices.c */
int64_t script_price(const char *value, int64_t day); /* the middle of a day's quotes, minor units */
void script_deals(struct script *s);                  /* script_deals.c */
void script_assets(struct script *s);                 /* script_assets.c */
void script_seen(struct script *s, const struct seen_event *e);
void script_feed(struct script *s);                   /* script_feed.c */
void script_cues(struct buf *out, const struct cast *c); /* script_cues.c */

#endif
