/* The words of refusals, from base/refusal.def. */
#include "base/refusal.h"

#include "base/check.h"

static const struct {
	const char *name, *sentence, *remedy;
} REFUSAL_TABLE[] = {
	[REFUSED_NOT] = { "done", "It was done.", "" },
#define X(c, name, sentence, remedy) [c] = { name, sentence, remedy },
#include "base/refusal.def"
#undef X
};

const char *refusal_name(enum refusal r)
{
	CHECK((unsigned)r < REFUSAL_COUNT, "a refusal is one of the list");
	return REFUSAL_TABLE[r].name;
}

const char *refusal_sentence(enum refusal r)
{
	CHECK((unsigned)r < REFUSAL_COUNT, "a refusal is one of the list");
	return REFUSAL_TABLE[r].sentence;
}

const char *refusal_remedy(enum refusal r)
{
	CHECK((unsigned)r < REFUSAL_COUNT, "a refusal is one of the list");
	return REFUSAL_TABLE[r].remedy;
}

enum refusal refusal_named(struct str name)
{
	for (int r = 0; r < REFUSAL_COUNT; r++)
		if (str_is(name, REFUSAL_TABLE[r].name))
			return (enum refusal)r;
	return REFUSAL_COUNT;
}
