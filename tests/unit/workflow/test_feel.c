/* Conditions: what they compute, what they refuse, and how they explain themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "workflow/feel.h"

struct row {
	const char *text, *value;
};

static const struct feel_value *list_values(int *count)
{
	static struct feel_value items[3];
	items[0] = feel_i64(3);
	items[1] = feel_i64(1);
	items[2] = feel_i64(2);
	*count = 3;
	return items;
}

static bool facts(void *ctx, struct str path, struct feel_value *out)
{
	(void)ctx;
	struct dec d;
	if (str_is(path, "deal.face") && dec_parse(STR("984000.00"), &d))
		return *out = feel_dec(d), true;
	if (str_is(path, "ok"))
		return *out = feel_bool(true), true;
	if (str_is(path, "no"))
		return *out = feel_bool(false), true;
	if (str_is(path, "nothing"))
		return *out = feel_null(), true;
	if (str_is(path, "zone"))
		return *out = feel_str(STR("watch")), true;
	if (str_is(path, "due"))
		return *out = feel_date(20528), true; /* 2026-03-16 */
	if (str_is(path, "list")) {
		*out = (struct feel_value){ .kind = FEEL_LIST };
		out->items = list_values(&out->count);
		return true;
	}
	return false;
}

static void expect(const char *text, const char *value)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f;
	struct fault fault;
	struct feel_value v;
	if (feel_compile(&a, str_of(text), &f, &fault) != ERR_OK)
		fail_msg("%s: %s", text, fault.text);
	assert_int_equal(feel_eval(f, facts, NULL, &a, &v, &fault), ERR_OK);
	feel_format(&v, &b);
	if (strcmp(b.ptr, value))
		fail_msg("%s gave %s, not %s (%s)", text, b.ptr, value, fault.text);
	if (v.kind == FEEL_NULL && strcmp(text, "null") && strcmp(text, "nothing"))
		assert_true(fault.text[0]); /* every null has a reason */
	buf_free(&b);
	arena_free(&a);
}

static void expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(rows[i].text, rows[i].value);
}
#define ROWS(r) expect_rows(r, sizeof(r) / sizeof *(r))

static void literals(void **state)
{
	static const struct row rows[] = { { "12", "12" }, { "0.10", "0.1" }, { ".5", "0.5" }, { "\"a\\\"b\"", "\"a\\\"b\"" },
		{ "\"\\u00e9\"", "\"é\"" }, { "true", "true" }, { "null", "null" }, { "[1, \"x\", null]", "[1, \"x\", null]" },
		{ "[]", "[]" }, { "= ok", "true" }, { "  deal.face  ", "984000" }, { "-3", "-3" }, { "--3", "3" },
		{ "1234567890123456789012345678901234", "1234567890123456789012345678901234" } };
	(void)state;
	ROWS(rows);
}

static void arithmetic(void **state)
{
	static const struct row rows[] = { { "0.1 + 0.2 = 0.3", "true" }, { "2 + 3 * 4", "14" }, { "(2 + 3) * 4", "20" },
		{ "10 - 2 - 3", "5" }, { "1 / 8", "0.125" }, { "1 / 0", "null" }, { "1 + \"a\"", "null" }, { "\"a\" + \"b\"", "\"ab\"" },
		{ "2 * -3", "-6" }, { "missing + 1", "null" } };
	(void)state;
	ROWS(rows);
}

static void comparisons(void **state)
{
	static const struct row rows[] = { { "deal.face <= 250000.00", "false" }, { "deal.face > 250000", "true" },
		{ "1.0 = 1.00", "true" }, { "1 != 2", "true" }, { "\"a\" < \"b\"", "true" }, { "1 < \"b\"", "null" },
		{ "nothing = null", "true" }, { "ok = null", "false" }, { "missing = null", "true" }, { "nothing < 1", "null" },
		{ "1 = \"1\"", "null" }, { "[1,2] = [1,2]", "true" }, { "[1,2] = [2,1]", "false" }, { "2 >= 2", "true" }, { "2 <= 2", "true" },
		{ "2 < 2", "false" }, { "2 > 2", "false" } };
	(void)state;
	ROWS(rows);
}

static void three_valued_logic(void **state)
{
	static const struct row rows[] = { { "ok and no", "false" }, { "ok and nothing", "null" }, { "no and nothing", "false" },
		{ "nothing and no", "false" }, { "ok or nothing", "true" }, { "nothing or ok", "true" }, { "no or nothing", "null" },
		{ "not(ok)", "false" }, { "not(nothing)", "null" }, { "ok or no and no", "true" }, { "1 and ok", "null" },
		{ "if nothing then 1 else 2", "2" }, { "if ok then 1 else 2", "1" },
		{ "if no then 1 else if ok then 2 else 3", "2" } };
	(void)state;
	ROWS(rows);
}

static void ranges_and_lists(void **state)
{
	static const struct row rows[] = { { "5 between 1 and 5", "true" }, { "6 between 1 and 5", "false" },
		{ "5 between 1 and 9 and no", "false" }, { "5 in [1..5]", "true" }, { "5 in [1..5)", "false" }, { "1 in (1..5]", "false" },
		{ "1 in ]1..5]", "false" }, { "5 in [1..5[", "false" }, { "zone in (\"watch\", \"call\")", "true" },
		{ "zone in [\"ok\", \"call\"]", "false" }, { "5 in (< 3, > 4)", "true" }, { "3 in (1, [5..9])", "false" },
		{ "7 in (1, [5..9])", "true" }, { "3 in list", "true" }, { "9 in list", "false" }, { "4 in >= 4", "true" },
		{ "missing in [1..5]", "null" }, { "zone in \"watch\"", "true" }, { "1 in []", "false" },
		{ "due in [date(\"2026-03-01\")..date(\"2026-03-31\")]", "true" } };
	(void)state;
	ROWS(rows);
}

static void functions(void **state)
{
	static const struct row rows[] = { { "min(3, 1, 2)", "1" }, { "max(list)", "3" }, { "sum(list)", "6" }, { "count(list)", "3" },
		{ "min([])", "null" }, { "abs(-2.5)", "2.5" }, { "floor(-1.5)", "-2" }, { "floor(1.5)", "1" }, { "floor(2)", "2" },
		{ "ceiling(1.2)", "2" }, { "ceiling(-1.5)", "-1" }, { "round half up(2.345, 2)", "2.35" },
		{ "round half up(-0.5, 0)", "-1" }, { "string length(\"é!\")", "2" }, { "contains(zone, \"at\")", "true" },
		{ "starts with(zone, \"wa\")", "true" }, { "ends with(zone, \"wa\")", "false" }, { "upper case(\"é1a\")", "\"É1A\"" },
		{ "lower  case(\"ABC\")", "\"abc\"" }, { "list contains(list, 2)", "true" }, { "sum(1, \"a\")", "null" },
		{ "count(1)", "null" }, { "min(zone, \"a\")", "\"a\"" } };
	(void)state;
	ROWS(rows);
}

static void times(void **state)
{
	static const struct row rows[] = { { "date(\"2026-03-16\") = due", "true" },
		{ "due - duration(\"P5D\")", "date(\"2026-03-11\")" }, { "due - date(\"2026-03-01\") >= duration(\"P15D\")", "true" },
		{ "date and time(\"2026-03-16T16:00:00Z\") + duration(\"PT90M\")", "date and time(\"2026-03-16T17:30:00Z\")" },
		{ "due + duration(\"PT16H\")", "date and time(\"2026-03-16T16:00:00Z\")" }, { "duration(\"-P1DT2H\")", "duration(\"-P1DT2H\")" },
		{ "duration(\"P1M\")", "null" }, { "date(\"soon\")", "null" }, { "abs(duration(\"-PT1S\"))", "duration(\"PT1S\")" },
		{ "date(date and time(\"2026-03-16T23:59:00Z\")) = due", "true" }, { "due + due", "null" } };
	(void)state;
	ROWS(rows);
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		int column;
		const char *says;
	} rows[] = {
		{ "", 1, "empty" }, { "a ==  1", 3, "Write '='" }, { "a && b", 3, "Write 'and'" }, { "a <", 4, "ends where" },
		{ "deal face > 1", 6, "names with blanks" }, { "(a", 3, "')'" }, { "1 2", 3, "operator" }, { "foo(1)", 1, "no function 'foo'" },
		{ "count(1, 2)", 1, "takes 1, not 2" }, { "\"open", 1, "no end" }, { "\"\\q\"", 3, "unknown escape" },
		{ "2 ** 3", 3, "powers" }, { "${x}", 1, "another language" }, { "1 < 2 < 3", 7, "chained" }, { "if a then b", 12, "else" },
		{ "'a'", 1, "double quotation" }, { "a between 1", 12, "'and'" }, { "x in [1..", 10, "a value" }, { "1e5", 1, "joined" },
		{ "not x", 5, "'('" }, { "and", 1, "a value" }, { "for x in y return x", 1, "'for'" }, { "=", 1, "empty" },
		{ "a ? b", 3, "if" }, { "{a: 1}", 1, "contexts" }, { "[1,]", 4, "a value" }, { "x in (1,)", 9, "a value" } };
	struct arena a = { 0 };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct feel *f;
		struct fault fault;
		if (feel_compile(&a, str_of(rows[i].text), &f, &fault) == ERR_OK)
			fail_msg("%s was accepted", rows[i].text);
		assert_null(f);
		if (fault.column != rows[i].column || !strstr(fault.text, rows[i].says))
			fail_msg("%s: column %d, \"%s\"", rows[i].text, fault.column, fault.text);
	}
	arena_free(&a);
}

static void limits(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f;
	struct fault fault;
	struct feel_value v;
	(void)state;
	for (int i = 0; i < 100; i++)
		buf_char(&b, '(');
	assert_int_equal(feel_compile(&a, buf_view(&b), &f, &fault), ERR_LIMIT);
	buf_clear(&b);
	for (int i = 0; i < 100; i++)
		buf_text(&b, "- ");
	assert_int_equal(feel_compile(&a, buf_view(&b), &f, &fault), ERR_LIMIT);
	buf_clear(&b);
	buf_text(&b, "1");
	for (int i = 0; i < 100; i++)
		buf_text(&b, "+1");
	assert_int_equal(feel_compile(&a, buf_view(&b), &f, &fault), ERR_LIMIT);
	buf_clear(&b);
	while (b.len <= FEEL_BYTES_MAX)
		buf_text(&b, "ok or ");
	assert_int_equal(feel_compile(&a, buf_view(&b), &f, &fault), ERR_LIMIT);
	buf_clear(&b);
	buf_text(&b, "no"); /* a long chain of one operator is flat, so allowed */
	for (int i = 0; i < 200; i++)
		buf_text(&b, " or no");
	assert_int_equal(feel_compile(&a, buf_view(&b), &f, &fault), ERR_OK);
	assert_int_equal(feel_eval(f, facts, NULL, &a, &v, &fault), ERR_OK);
	assert_false(v.boolean);
	buf_free(&b);
	arena_free(&a);
}

/* Each place where items stand takes 256 of them and names the limit at one more. */
static void lists_have_a_limit(void **state)
{
	static const struct { const char *before, *after; } PLACES[] = { { "[", "]" }, { "x in (", ")" }, { "x in [", "]" }, { "max(", ")" } };
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f;
	struct fault fault;
	(void)state;
	for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++)
		for (int count = 255; count <= 258; count++) {
			buf_clear(&b);
			buf_text(&b, PLACES[i].before);
			for (int k = 0; k < count; k++)
				buf_text(&b, k ? ",1" : "1");
			buf_text(&b, PLACES[i].after);
			enum err e = feel_compile(&a, buf_view(&b), &f, &fault);
			if (e != (count <= 256 ? ERR_OK : ERR_LIMIT))
				fail_msg("%s with %d items: %s", PLACES[i].before, count, e == ERR_OK ? "taken" : fault.text);
		}
	buf_free(&b);
	arena_free(&a);
}

static bool long_list(void *ctx, struct str path, struct feel_value *out)
{
	(void)path;
	*out = (struct feel_value){ .kind = FEEL_LIST, .items = ctx, .count = 15000 };
	return true;
}

static void steps_run_out(void **state)
{
	struct arena a = { 0 };
	struct feel_value *items = calloc(15000, sizeof *items), v;
	const struct feel *f;
	struct fault fault;
	(void)state;
	for (int i = 0; i < 15000; i++)
		items[i] = feel_i64(i);
	assert_int_equal(feel_compile(&a, STR("max(x) = 14999"), &f, &fault), ERR_OK);
	assert_int_equal(feel_eval(f, long_list, items, &a, &v, &fault), ERR_OK);
	assert_true(v.kind == FEEL_BOOL && v.boolean);
	assert_int_equal(feel_compile(&a, STR("max(x) = min(x)"), &f, &fault), ERR_OK);
	assert_int_equal(feel_eval(f, long_list, items, &a, &v, &fault), ERR_LIMIT);
	assert_int_equal(v.kind, FEEL_NULL);
	free(items);
	arena_free(&a);
}

static void explains(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f;
	struct feel_reason r[8];
	(void)state;
	assert_int_equal(feel_compile(&a, STR("deal.face <= 250000.00 or (zone in (\"watch\", \"call\") and not(no)) or missing"), &f, NULL),
		ERR_OK);
	int n = feel_explain(f, facts, NULL, &a, r, 8);
	assert_int_equal(n, 4);
	assert_true(str_is(r[0].text, "deal.face <= 250000.00"));
	assert_true(str_is(r[0].values, "984000 <= 250000"));
	assert_true(r[0].decided && !r[0].holds);
	assert_true(r[1].holds && r[1].depth == 2);
	assert_true(str_is(r[1].values, "\"watch\" in (\"watch\", \"call\")"));
	assert_false(r[3].decided);
	feel_explain_text(f, facts, NULL, &a, &b);
	assert_string_equal(b.ptr, "  deal.face <= 250000.00: 984000 <= 250000 is false\n"
	                           "    zone in (\"watch\", \"call\"): \"watch\" in (\"watch\", \"call\") is true\n"
	                           "      no: false is false\n"
	                           "  missing: not needed\n");
	buf_free(&b);
	arena_free(&a);
}

static void count_path(void *ctx, struct str path)
{
	buf_str(ctx, path);
	buf_char(ctx, ' ');
}

static void names_what_it_reads(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	const struct feel *f;
	struct feel_value v;
	struct fault why;
	(void)state;
	assert_int_equal(feel_compile(&a, STR("a.b > min(c, d) and a.b in [x..y]"), &f, NULL), ERR_OK);
	feel_paths(f, count_path, &b);
	assert_string_equal(b.ptr, "a.b c d a.b x y ");
	assert_int_equal(feel_eval(f, facts, NULL, &a, &v, &why), ERR_OK);
	assert_string_equal(why.text, "a.b is not known");
	buf_free(&b);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(literals), cmocka_unit_test(arithmetic),
		cmocka_unit_test(comparisons), cmocka_unit_test(three_valued_logic), cmocka_unit_test(ranges_and_lists),
		cmocka_unit_test(functions), cmocka_unit_test(times), cmocka_unit_test(refusals), cmocka_unit_test(limits), cmocka_unit_test(lists_have_a_limit),
		cmocka_unit_test(steps_run_out), cmocka_unit_test(explains), cmocka_unit_test(names_what_it_reads) };
	return cmocka_run_group_tests_name("feel", tests, NULL, NULL);
}
