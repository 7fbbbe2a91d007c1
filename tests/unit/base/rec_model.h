/* The record type of the tests of records and tables: one field of every kind and unit. */
#ifndef WHARF_TEST_REC_MODEL_H
#define WHARF_TEST_REC_MODEL_H

#include "base/rec.h"

static const char *const COLOUR_NAMES[] = { "red", "green", "blue", NULL };

#define THING_FIELDS(F) \
	F(TEXT, id, 32, ID) \
	F(TEXT, currency, 4, NONE) \
	F(INT, face, 0, MONEY) \
	F(INT, due, 0, TIME) \
	F(INT, day, 0, DATE) \
	F(INT, term, 0, SPAN) \
	F(INT, share, 0, BP) \
	F(INT, rate, 0, PPM) \
	F(INT, warm, 0, MILLI) \
	F(INT, live, 0, BOOL) \
	F(INT, pieces, 0, COUNT) \
	F(ENUM, colour, COLOUR_NAMES, NONE) \
	F(HASH, digest, 0, NONE) \
	F(BLOB, terms, 0, NONE)
REC_STRUCT(thing, THING_FIELDS);
#define REC_SELF struct thing
REC_TYPE(THING_REC, 21, "thing", THING_FIELDS)
#undef REC_SELF

#define PAIR_FIELDS(F) \
	F(TEXT, id, 16, ID) \
	F(INT, value, 0, NONE) \
	F(BLOB, left, 0, NONE) \
	F(BLOB, right, 0, NONE)
REC_STRUCT(pair, PAIR_FIELDS);
#define REC_SELF struct pair
REC_TYPE(PAIR_REC, 3, "pair", PAIR_FIELDS)
#undef REC_SELF

#define OWNED_FIELDS(F) \
	F(TEXT, id, 16, ID) \
	F(TEXT, owner, 16, NONE) \
	F(INT, value, 0, NONE)
REC_STRUCT(owned, OWNED_FIELDS);
#define REC_SELF struct owned
REC_TYPE_BY(OWNED_REC, 5, "owned", OWNED_FIELDS, owner)
#undef REC_SELF

static const struct rec_type *const MODEL_TYPES[] = { &THING_REC, &PAIR_REC };

#endif
