/* The table of refusals, and the one line that a person is told. */
#include "unit.h"

#include "base/refusal.h"

static bool capital(char c) { return c >= 'A' && c <= 'Z'; }

/* A code or the ledger's words may begin otherwise: `wharf …`. */
static bool begins_right(const char *text) { return capital(text[0]) || text[0] == '`'; }

static void every_row_reads_as_sentences(void **state)
{
	(void)state;
	for (int r = REFUSED_NOT + 1; r < REFUSAL_COUNT; r++) {
		const char *name = refusal_name((enum refusal)r), *says = refusal_sentence((enum refusal)r), *help = refusal_remedy((enum refusal)r);
		size_t len = strlen(says), more = strlen(help);
		assert_true(strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name) && name[0] && name[strlen(name) - 1] != '-');
		if (!begins_right(says) || says[len - 1] != '.' || strstr(says, "  ") || (more && (!begins_right(help) || help[more - 1] != '.')))
			fail_msg("%s does not read as sentences: \"%s\" \"%s\"", name, says, help);
		assert_int_equal(refusal_named(str_of(name)), r);
		for (int other = 0; other < r; other++)
			assert_true(strcmp(refusal_name((enum refusal)other), name) != 0);
	}
}

/* Of every refusal: a full stop stands between detail and remedy, once, and nothing hangs at the end. */
static void detail_and_remedy_are_apart(void **state)
{
	static const char *const details[] = { "lacks 1 of CRA", "lacks 1 of CRA.", "lacks 1 of CRA. ", "", "why?" };
	char out[REFUSAL_TEXT_MAX], want[REFUSAL_TEXT_MAX];
	(void)state;
	for (int r = REFUSED_NOT + 1; r < REFUSAL_COUNT; r++)
		for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++) {
			const char *help = refusal_remedy((enum refusal)r), *said = i < 3 ? " lacks 1 of CRA." : i == 3 ? "" : " why?";
			snprintf(want, sizeof(want), "%s: %s%s%s%s", refusal_name((enum refusal)r), refusal_sentence((enum refusal)r), said, help[0] ? " " : "", help);
			assert_text(refusal_text((enum refusal)r, details[i], out), want);
		}
}

static void the_longest_detail_fits_or_is_cut(void **state)
{
	char detail[600], out[REFUSAL_TEXT_MAX];
	(void)state;
	memset(detail, 'x', sizeof(detail));
	detail[sizeof(detail) - 1] = 0;
	assert_int_equal(strlen(refusal_text(REFUSED_VALUE, detail, out)), REFUSAL_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_reads_as_sentences),
		cmocka_unit_test(detail_and_remedy_are_apart),
		cmocka_unit_test(the_longest_detail_fits_or_is_cut),
	};
	return RUN_GROUP(tests);
}
