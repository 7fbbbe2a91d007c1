/* Any text as a condition: compiling, evaluating and explaining must neither crash nor hang, and a value
 * written out must be read back as the same value. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "workflow/feel.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static bool facts(void *ctx, struct str path, struct feel_value *out)
{
	(void)ctx;
	static const struct feel_value items[2] = { { .kind = FEEL_BOOL, .boolean = true }, { .kind = FEEL_NULL } };
	switch (path.len % 5) {
	case 0:
		return *out = feel_i64((int64_t)path.len), true;
	case 1:
		return *out = feel_bool(true), true;
	case 2:
		return *out = feel_str(path), true;
	case 3:
		return *out = (struct feel_value){ .kind = FEEL_LIST, .items = items, .count = 2 }, true;
	default:
		return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f, *again;
	struct feel_value v, w;
	struct fault why;
	if (feel_compile(&a, (struct str){ (const char *)bytes, len }, &f, &why) == ERR_OK) {
		if (feel_eval(f, facts, NULL, &a, &v, &why) == ERR_OK) {
			feel_format(&v, &b);
			bool plain = v.kind == FEEL_STR || !memchr(b.ptr, 'E', b.len); /* an exponent is for people: FEEL has none */
			if (plain && str_utf8_valid(buf_view(&b)) && b.len < FEEL_BYTES_MAX) {
				enum err e = feel_compile(&a, buf_view(&b), &again, &why);
				CHECK(e == ERR_OK || e == ERR_LIMIT, "a value written out is not an expression"); /* a list in a list may be too deep */
				CHECK(e || (feel_eval(again, NULL, NULL, &a, &w, NULL) == ERR_OK && feel_equal(&v, &w)), "a value written out is another");
			}
		}
		buf_clear(&b);
		feel_explain_text(f, facts, NULL, &a, &b);
	} else {
		CHECK(why.text[0], "a refusal without words");
	}
	buf_free(&b);
	arena_free(&a);
	return 0;
}
