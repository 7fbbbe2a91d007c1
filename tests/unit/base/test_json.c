/* JSON: what is read, what is refused and where, what is written. */
#include "unit.h"

#include "base/json.h"

static struct json *parse(struct arena *a, const char *text)
{
	struct json *root = NULL;
	struct fault f = { 0 };

	if (json_parse(a, str_of(text), &root, &f))
		fail_msg("%s: %s", text, f.text);
	return root;
}

static void test_tree(void **state)
{
	struct arena a = { 0 };
	struct json *r = parse(&a, " {\"n\":26.10,\"big\":123456789012345678901234567890,\"s\":\"a\\u00e9\\ud83d\\ude00\\n\","
		"\"list\":[1,-2.5e3,[],{}],\"t\":true,\"f\":false,\"z\":null,\"i\":-7,\"\":\"\"} \n");
	int64_t n = 0;

	(void)state;
	assert_int_equal(r->kind, JSON_OBJECT);
	assert_int_equal(r->count, 9);
	assert_true(str_is(json_get(r, "n")->text, "26.10"));
	assert_true(str_is(json_get(r, "big")->text, "123456789012345678901234567890"));
	assert_true(str_is(json_str(r, "s"), "a\xC3\xA9\xF0\x9F\x98\x80\n"));
	assert_int_equal(json_get(r, "list")->count, 4);
	assert_true(str_is(json_at(json_get(r, "list"), 1)->text, "-2.5e3"));
	assert_int_equal(json_at(json_get(r, "list"), 3)->kind, JSON_OBJECT);
	assert_null(json_at(json_get(r, "list"), 4));
	assert_null(json_at(json_get(r, "list"), -1));
	assert_true(json_get(r, "t")->boolean && !json_get(r, "f")->boolean);
	assert_int_equal(json_get(r, "z")->kind, JSON_NULL);
	assert_true(json_i64(r, "i", &n) && n == -7);
	assert_false(json_i64(r, "n", &n) || json_i64(r, "big", &n) || json_i64(r, "s", &n));
	assert_null(json_get(r, "none"));
	assert_null(json_get(NULL, "x"));
	assert_int_equal(json_str(NULL, "x").len, 0);
	assert_int_equal(json_str(r, "n").len, 0);
	assert_true(str_is(r->child->key, "n") && str_is(r->child->next->key, "big"));
	assert_true(str_is(parse(&a, "7")->text, "7"));
	assert_int_equal(parse(&a, "\"a\\u0000b\"")->text.len, 3);
	arena_free(&a);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		int line, column; /* 0: any */
	} ROWS[] = {
		{ "", ERR_SYNTAX, 0, 0 }, { " ", ERR_SYNTAX, 0, 0 }, { "{", ERR_SYNTAX, 0, 0 }, { "[1,]", ERR_SYNTAX, 0, 0 },
		{ "{\"a\":1,}", ERR_SYNTAX, 0, 0 }, { "{\"a\" 1}", ERR_SYNTAX, 0, 0 }, { "{a:1}", ERR_SYNTAX, 0, 0 },
		{ "01", ERR_SYNTAX, 0, 0 }, { "+1", ERR_SYNTAX, 0, 0 }, { "1.", ERR_SYNTAX, 0, 0 }, { ".5", ERR_SYNTAX, 0, 0 },
		{ "-", ERR_SYNTAX, 0, 0 }, { "1e", ERR_SYNTAX, 0, 0 }, { "nul", ERR_SYNTAX, 0, 0 }, { "NaN", ERR_SYNTAX, 0, 0 },
		{ "[1] 2", ERR_SYNTAX, 0, 0 }, { "{} {}", ERR_SYNTAX, 0, 0 }, { "1 x", ERR_SYNTAX, 0, 0 },
		{ "/* c */ 1", ERR_SYNTAX, 0, 0 }, { "// c\n1", ERR_SYNTAX, 0, 0 }, { "'a'", ERR_SYNTAX, 0, 0 },
		{ "\"a\nb\"", ERR_SYNTAX, 0, 0 }, { "\"a\tb\"", ERR_SYNTAX, 0, 0 }, { "\"\\x\"", ERR_SYNTAX, 0, 0 },
		{ "\"\\u12g4\"", ERR_SYNTAX, 0, 0 }, { "\"abc", ERR_SYNTAX, 0, 0 },
		{ "[1,\f2]", ERR_SYNTAX, 1, 4 }, { "\v1", ERR_SYNTAX, 1, 1 }, { "\xEF\xBB\xBF" "1", ERR_SYNTAX, 0, 0 },
		{ "\"\xC0\x80\"", ERR_SYNTAX, 1, 2 }, { "\"\xED\xA0\x80\"", ERR_SYNTAX, 1, 2 },
		{ "\"\\ud800\"", ERR_SYNTAX, 1, 2 }, { "\"\\udc00\"", ERR_SYNTAX, 1, 2 }, { "\"\\ud800\\u0041\"", ERR_SYNTAX, 1, 2 },
		{ "\"\\ud800\\ud800\"", ERR_SYNTAX, 1, 2 }, { "\"\\\\\\ud800\"", ERR_SYNTAX, 1, 4 },
		{ "{\"a\":1,\n \"\xC3\xA9\":2,\"a\":3}", ERR_SYNTAX, 2, 10 },
		{ "{\"a\":1,\"\\u0061\":3}", ERR_SYNTAX, 0, 0 },
		{ "[{\"a\":1},\n{\"a\":1,\"b\":{\"a\":1},\"a\":2}]", ERR_SYNTAX, 2, 0 },
		{ "[\n\n  x]", ERR_SYNTAX, 3, 3 },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		struct json *root = (void *)&a;
		struct fault f = { 0 };

		if (json_parse(&a, str_of(ROWS[i].text), &root, &f) != ROWS[i].err)
			fail_msg("was read: %s", ROWS[i].text);
		assert_null(root);
		assert_int_equal(f.code, ROWS[i].err);
		assert_true(f.line > 0 && f.column > 0 && f.text[0]);
		if ((ROWS[i].line && f.line != ROWS[i].line) || (ROWS[i].column && f.column != ROWS[i].column))
			fail_msg("%s: %s", ROWS[i].text, f.text);
	}
	assert_int_equal(json_parse(&a, (struct str){ "1\0", 2 }, &(struct json *){ 0 }, NULL), ERR_SYNTAX);
	parse(&a, "\"\\\\ud800\""); /* an escaped backslash, then letters */
	arena_free(&a);
}

static void test_limits(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct json *root;
	struct fault f;

	(void)state;
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		buf_clear(&b);
		for (int i = 0; i < depth; i++)
			buf_char(&b, '[');
		for (int i = 0; i < depth; i++)
			buf_char(&b, ']');
		assert_int_equal(json_parse(&a, buf_view(&b), &root, &f), depth > JSON_DEPTH_MAX ? ERR_LIMIT : ERR_OK);
	}
	assert_int_equal(f.column, JSON_DEPTH_MAX + 1);
	buf_clear(&b);
	while (b.len <= JSON_BYTES_MAX)
		buf_text(&b, "                                                                ");
	assert_int_equal(json_parse(&a, buf_view(&b), &root, &f), ERR_LIMIT);
	buf_clear(&b);
	buf_char(&b, '[');
	for (unsigned i = 0; i < JSON_VALUES_MAX; i++)
		buf_text(&b, "0,");
	buf_text(&b, "0]");
	assert_int_equal(json_parse(&a, buf_view(&b), &root, &f), ERR_LIMIT);
	arena_free(&a);
	buf_free(&b);
}

/* A large object is checked by sorting: a key that stands twice far apart is still found. */
static void test_many_keys(void **state)
{
	struct arena a = { 0 };
	struct buf b = { 0 };
	struct json *root;
	struct fault f;

	(void)state;
	for (int twice = 0; twice < 2; twice++) {
		buf_clear(&b);
		buf_char(&b, '{');
		for (int i = 0; i < 50000; i++)
			buf_printf(&b, "\"key%d\":%d,", i, i);
		buf_printf(&b, "\"key%d\":0}", twice ? 777 : 50000);
		assert_int_equal(json_parse(&a, buf_view(&b), &root, &f), twice ? ERR_SYNTAX : ERR_OK);
	}
	assert_non_null(strstr(f.text, "\"key777\""));
	arena_free(&a);
	buf_free(&b);
}

static void test_write(void **state)
{
	struct buf b = { 0 };
	struct json_writer *w = json_write_begin(&b, false);
	struct arena a = { 0 };

	(void)state;
	json_write_open(w, '{');
	json_write_key(w, STR("a\"b"));
	json_write_number(w, STR("26.10"));
	json_write_key(w, STR("l"));
	json_write_open(w, '[');
	json_write_i64(w, INT64_MIN);
	json_write_str(w, STR("x\n\xFF\xC3\xA9/"));
	json_write_bool(w, true);
	json_write_null(w);
	json_write_str(w, (struct str){ NULL, 0 });
	json_write_close(w, ']');
	json_write_close(w, '}');
	json_write_end(w);
	assert_text(b.ptr, "{\"a\\\"b\":26.10,\"l\":[-9223372036854775808,\"x\\n\xEF\xBF\xBD\xC3\xA9/\",true,null,\"\"]}");
	struct json *root = parse(&a, b.ptr);
	struct buf again = { 0 };
	w = json_write_begin(&again, false);
	json_write_value(w, root);
	json_write_end(w);
	assert_text(again.ptr, b.ptr);
	buf_clear(&b);
	w = json_write_begin(&b, true);
	json_write_value(w, parse(&a, "{\"a\":[1]}"));
	json_write_end(w);
	assert_text(b.ptr, "{\n  \"a\": [\n    1\n  ]\n}\n");
	buf_free(&b);
	buf_free(&again);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree), cmocka_unit_test(test_refused), cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many_keys), cmocka_unit_test(test_write),
	};

	return RUN_GROUP(tests);
}
