/* Refusals: the names by which the core says no. A refusal is a value: journalled, counted,
 * shown with its sentence and what would help.
 *
 * One row per refusal in base/refusal.def: X(CONSTANT, "name", "sentence", "remedy"). Rows are
 * only ever appended within their module's section and never change meaning; the name, not the
 * number, is what the journal keeps. */
#ifndef WHARF_BASE_REFUSAL_H
#define WHARF_BASE_REFUSAL_H

#include <stddef.h>

#include "base/str.h"

enum refusal {
	REFUSED_NOT = 0, /* done */
#define X(c, name, sentence, remedy) c,
#include "base/refusal.def"
#undef X
	REFUSAL_COUNT
};

const char *refusal_name(enum refusal r);     /* "done" for REFUSED_NOT */
const char *refusal_sentence(enum refusal r); /* a whole sentence */
const char *refusal_remedy(enum refusal r);   /* what would help; "" when nothing would */
enum { REFUSAL_TEXT_MAX = 400 };
/* All of it in one line, for a person: "name: Sentence. Detail. What would help." Detail is what the rule said of this case, "" nothing; a
 * full stop is set behind it where it has none. Cut at REFUSAL_TEXT_MAX with the NUL. Gives out back. */
const char *refusal_text(enum refusal r, const char *detail, char out[REFUSAL_TEXT_MAX]);
enum refusal refusal_named(struct str name);  /* REFUSAL_COUNT when unknown */

#endif
