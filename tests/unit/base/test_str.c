/* Text, buffers, arenas. */
#include "unit.h"

#include "base/str.h"

static void test_cut_trim(void **state)
{
	struct str rest = STR("a,,b"), s;

	(void)state;
	struct str nowhere = { NULL, 0 };
	s = str_cut(&nowhere, ',');
	assert_true(s.len == 0 && !s.ptr && !nowhere.ptr);
	s = str_cut(&rest, ',');
	assert_true(str_is(s, "a"));
	s = str_cut(&rest, ',');
	assert_int_equal(s.len, 0);
	s = str_cut(&rest, ',');
	assert_true(str_is(s, "b"));
	assert_int_equal(rest.len, 0);
	assert_true(str_is(str_trim(STR(" \t x y\r\n")), "x y"));
	assert_int_equal(str_trim(STR("  ")).len, 0);
	assert_true(str_starts(STR("DL-1"), "DL-") && !str_starts(STR("DL"), "DL-"));
	assert_true(str_ends(STR("a.json"), ".json") && !str_ends(STR("json"), ".json"));
	assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
	assert_true(str_cmp(STR("\xC3"), STR("z")) > 0); /* bytes are unsigned */
	assert_int_equal(str_cmp(STR("x"), STR("x")), 0);
	assert_int_equal(str_of(NULL).len, 0);
}

static void test_i64(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t n;
	} ROWS[] = {
		{ "0", true, 0 }, { "-0", true, 0 }, { "+7", true, 7 }, { "007", true, 7 },
		{ "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "", false, 0 }, { "-", false, 0 }, { "1 ", false, 0 }, { "1e3", false, 0 }, { "--1", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		int64_t n = 42;

		assert_int_equal(str_to_i64(str_of(ROWS[i].text), &n), ROWS[i].ok);
		assert_true(n == (ROWS[i].ok ? ROWS[i].n : 42));
	}
}

/* The quick ways to write a number say what snprintf says. */
static void test_digits(void **state)
{
	static const int64_t ROWS[] = { 0, 1, -1, 9, 10, 99, -99, 100, 2026, 99999, -2026, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		for (int width = 0; width <= 20; width++) {
			char want[64], have[STR_DIGITS_MAX];
			int len = snprintf(want, sizeof want, "%0*lld", width, (long long)ROWS[i]);

			assert_int_equal(str_digits(have, ROWS[i], width), len);
			assert_string_equal(have, want);
		}
}

static void test_utf8(void **state)
{
	static const char *const GOOD[] = { "", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
		"\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF" };
	static const char *const BAD[] = { "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
		"\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "a\xFF",
		"\xE2\x28\xA1" };

	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
		assert_true(str_utf8_valid(str_of(GOOD[i])));
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_false(str_utf8_valid(str_of(BAD[i])));
	assert_int_equal(str_utf8_prefix(STR("ab\xC3")), 2);
}

static void test_copy(void **state)
{
	char out[6] = "xxxxx";

	(void)state;
	assert_true(str_copy(out, sizeof out, STR("abc")));
	assert_memory_equal(out, "abc\0\0", 6);
	assert_true(str_copy(out, sizeof out, STR("abcde")));
	assert_false(str_copy(out, sizeof out, STR("abcdef")));
	assert_text(out, "abcde");
	assert_false(str_copy(out, sizeof out, STR("abcd\xC3\xA9"))); /* not through a character */
	assert_text(out, "abcd");
	assert_false(str_copy(out, 1, STR("\xC3\xA9")));
	assert_text(out, "");
}

static void test_buf(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_view(&b).len, 0);
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.len, 3890);
	assert_int_equal(b.ptr[b.len], 0);
	assert_true(str_ends(buf_view(&b), "998,999,"));
	buf_clear(&b);
	buf_text(&b, "x");
	buf_char(&b, '\0');
	buf_str(&b, STR("y"));
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.ptr, "x\0y", 4);
	buf_free(&b);
	assert_null(b.ptr);
}

static void test_arena(void **state)
{
	struct arena a = { 0 };
	char *big;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 1; i < 600; i++) {
			uint8_t *at = arena_zero(&a, i * 7);

			assert_int_equal((uintptr_t)at % 16, 0);
			assert_int_equal(at[0] | at[i * 7 - 1], 0);
			memset(at, 0xEE, i * 7);
		}
		assert_true(a.total >= 600 * 599 / 2 * 7);
		arena_reset(&a);
		assert_int_equal(a.total, 0);
	}
	big = arena_alloc(&a, 5 << 20);
	big[(5 << 20) - 1] = 'x';
	assert_text(arena_printf(&a, "%d-%s", 7, "seven"), "7-seven");
	assert_text(str_dup(&a, STR("dup")), "dup");
	assert_memory_equal(arena_copy(&a, "abc", 3), "abc", 3);
	arena_free(&a);
	assert_null(a.head);
}

static void keys_of_two_parts(void **state)
{
	char key[32], small[8];
	(void)state;
	assert_string_equal(str_key(key, sizeof(key), "GW-RTM", 249, 10), "GW-RTM/0000000249");
	assert_string_equal(str_key(key, sizeof(key), "a", 0, 1), "a/0");
	assert_string_equal(str_key(key, sizeof(key), "a", 0, 0), "a/0");
	assert_string_equal(str_key(key, sizeof(key), "a", 12345, 2), "a/12345");
	assert_string_equal(str_key(key, sizeof(key), "a", INT64_MAX, 19), "a/9223372036854775807");
	assert_string_equal(str_key(key, sizeof(key), "a", -7, 4), "a/-007");
	assert_string_equal(str_key(small, sizeof(small), "abc", 12345, 5), "abc/123");
	assert_string_equal(str_path(key, sizeof(key), "BANK", "EUR"), "BANK/EUR");
	assert_string_equal(str_path(key, sizeof(key), key, ""), "BANK/EUR/");
	assert_string_equal(str_path(small, sizeof(small), "abc", "12345"), "abc/123");
	assert_string_equal(str_path(small, sizeof(small), "abcdef", "1"), "abcdef/");
	assert_string_equal(str_path(small, sizeof(small), "abcdefg", "1"), "abcdefg");
	assert_string_equal(str_path(small, sizeof(small), "abcdefgh", "1"), "abcdefg");
	assert_string_equal(str_path(small, 1, "abc", "1"), "");
	assert_string_equal(str_path(small, 2, "", "1"), "/");
}

static void controls_are_found_in_bytes_and_in_utf8(void **state)
{
	const struct str text = STR("a\n\x7f\xc2\x9b\xc2\xa0\xc2");
	static const size_t want[] = { 0, 1, 1, 2, 0, 0, 0, 0 };
	(void)state;
	assert_int_equal(text.len, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < text.len; i++)
		assert_int_equal(str_control(text, i), want[i]);
}

static void a_buffer_is_written_in_place(void **state)
{
	struct buf b = { 0 };
	(void)state;
	char *at = buf_room(&b, 3);
	memcpy(at, "abc", 3);
	buf_end(&b, at + 2);
	assert_string_equal(b.ptr, "ab");
	for (int i = 0; i < 1000; i++) {
		at = buf_room(&b, 1);
		*at = 'x';
		buf_end(&b, at + 1);
	}
	assert_int_equal(b.len, 1002);
	assert_int_equal(strlen(b.ptr), 1002);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_two_parts), cmocka_unit_test(controls_are_found_in_bytes_and_in_utf8), cmocka_unit_test(a_buffer_is_written_in_place),
		cmocka_unit_test(test_cut_trim), cmocka_unit_test(test_i64), cmocka_unit_test(test_digits), cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_copy), cmocka_unit_test(test_buf), cmocka_unit_test(test_arena),
	};

	return RUN_GROUP(tests);
}
