/* Any text as an endorsement policy: it parses or is refused with a reason; what parses prints to at most one line, which parses to
 * the same; and the verdict over a few endorsers does not depend on their order, but for the author's place. Built with libFuzzer. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "identity/endorse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct rec_type *const TYPES[] = { &PARTY_REC };

/* Some endorsers, made of the input's last bytes. */
static size_t people(const uint8_t *bytes, size_t len, struct endorser who[4])
{
	size_t n = len < 8 ? 0 : bytes[len - 1] % 5;
	for (size_t i = 0; i < n; i++) {
		uint8_t b = bytes[len - 2 - i];
		memset(&who[i], 0, sizeof(who[i]));
		who[i].known = b % 31 != 0;
		who[i].live = b % 29 != 0;
		who[i].role = b % ROLE_COUNT;
		who[i].kind = b % PARTY_KIND_COUNT;
		who[i].offices = b % 5 ? 0 : ENDORSE_MEMBER;
		who[i].person[0] = b % 4 ? (char)('a' + b % 3) : 0;
		who[i].party[0] = who[i].group[0] = (char)('A' + b % 5);
		who[i].device[0] = b % 3 ? 0 : (char)('x' + b % 2);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct endorse_about ABOUT[] = { { "A", "B", "C", "D", "B", false }, { "A", "B", "C", "D", "B", true } };
	struct endorse_policy p, again;
	struct endorser who[4], turned[4];
	struct fault fault = { 0 };
	char out[ENDORSE_TEXT_MAX], twice[ENDORSE_TEXT_MAX], missing[ENDORSE_MISSING_MAX];
	static struct tabs *tabs;
	if (!tabs)
		tabs = tabs_new(TYPES, 1);
	if (endorse_parse((struct str){ (const char *)bytes, len }, &p, &fault) != ERR_OK) {
		CHECK(fault.text[0], "a refusal has a reason");
		return 0;
	}
	CHECK(endorse_parse(str_of(endorse_print(&p, out)), &again, &fault) == ERR_OK, "what is printed parses");
	CHECK(strcmp(endorse_print(&again, twice), out) == 0, "and prints the same");
	size_t n = people(bytes, len, who);
	for (size_t authored = 0; authored < 2; authored++) {
		for (size_t i = 0; i < n; i++)
			turned[i] = i < authored ? who[i] : who[n - 1 - i + authored];
		enum refusal r = endorse_judge(tabs, &p, &ABOUT[authored], who, n, missing);
		CHECK(endorse_judge(tabs, &p, &ABOUT[authored], turned, n, missing) == r, "the order of signatures does not matter");
	}
	return 0;
}
