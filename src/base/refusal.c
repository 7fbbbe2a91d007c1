/* The words of refusals, from base/refusal.def. */
#include "base/refusal.h"

#include <stdio.h>
#include <string.h>

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

/* Whether a text ends as a sentence does. */
static bool sentence_ends(const char *text, size_t len)
{
	return len && strchr(".!?", text[len - 1]);
}

const char *refusal_text(enum refusal r, const char *detail, char out[REFUSAL_TEXT_MAX])
{
	const char *remedy = refusal_remedy(r);
	size_t len = strlen(detail);
	while (len && (detail[len - 1] == ' ' || detail[len - 1] == '\n'))
		len--;
	snprintf(out, REFUSAL_TEXT_MAX, "%s: %s%s%.*s%s%s%s", refusal_name(r), refusal_sentence(r), len ? " " : "", (int)len, detail,
		len && !sentence_ends(detail, len) ? "." : "", remedy[0] ? " " : "", remedy);
	return out;
}

enum refusal refusal_named(struct str name)
{
	for (int r = 0; r < REFUSAL_COUNT; r++)
		if (str_is(name, REFUSAL_TABLE[r].name))
			return (enum refusal)r;
	return REFUSAL_COUNT;
}
