/* The field editor and the names of keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/field.h"

static void type(struct field *f, const char *ascii)
{
	for (; *ascii; ascii++)
		field_key(f, *ascii);
}

static void editing(void **state)
{
	(void)state;
	struct field f;
	field_init(&f, FIELD_FREE, false, 10);
	type(&f, "abc");
	field_key(&f, UI_KEY_LEFT);
	field_key(&f, 0xe4); /* ä */
	assert_string_equal(f.text, "ab\xc3\xa4" "c");
	field_key(&f, UI_KEY_BACKSPACE);
	field_key(&f, UI_KEY_HOME);
	field_key(&f, UI_KEY_DELETE);
	assert_string_equal(f.text, "bc");
	field_key(&f, UI_KEY_BACKSPACE); /* at the start: nothing */
	field_key(&f, UI_KEY_END);
	field_key(&f, UI_KEY_DELETE);
	assert_string_equal(f.text, "bc");
	type(&f, " de fg");
	field_key(&f, UI_CTRL('W'));
	assert_string_equal(f.text, "bc de ");
	field_key(&f, UI_CTRL('U'));
	assert_string_equal(f.text, "");
	type(&f, "0123456789xyz");
	assert_string_equal(f.text, "0123456789"); /* the length is in characters */
	assert_false(field_key(&f, UI_KEY_ENTER));
	assert_false(field_key(&f, UI_KEY_ESC));
	assert_false(field_key(&f, UI_KEY_TAB));
}

static void kinds(void **state)
{
	(void)state;
	struct field f;
	field_init(&f, FIELD_DIGITS, false, 8);
	assert_false(field_key(&f, 'a'));
	assert_false(field_key(&f, 0x664)); /* a digit, but not one of ours */
	type(&f, "4x5");
	assert_string_equal(f.text, "45");
	field_init(&f, FIELD_UPPER, false, 4);
	type(&f, "r2vd9");
	assert_string_equal(f.text, "R2VD");
	field_init(&f, FIELD_AMOUNT, false, 20);
	type(&f, "1,500e000.00");
	assert_string_equal(f.text, "1,500000.00");
}

static void pastes_are_text(void **state)
{
	(void)state;
	struct field f;
	field_init(&f, FIELD_FREE, false, 40);
	field_paste(&f, "one\r\n\033[2Jtwo\x7f\xff\xc2\x9b three\n");
	assert_string_equal(f.text, "one  [2Jtwo three");
	field_init(&f, FIELD_DIGITS, false, 40);
	field_paste(&f, "(00) 3 40\n");
	assert_string_equal(f.text, "00340");
}

static void masked_shows_nothing_and_wipes(void **state)
{
	(void)state;
	struct field f;
	struct canvas c;
	struct buf out = { 0 };
	canvas_init(&c, 12, 1);
	field_init(&f, FIELD_FREE, true, 40);
	type(&f, "wharf");
	field_draw(&f, &c, 1, 0, 8, true);
	canvas_to_text(&c, &out);
	assert_string_equal(out.ptr, " ·····\n");
	assert_int_equal(c.cursor_x, 6);
	assert_true(canvas_at(&c, 8, 0)->flags & UI_ON_INPUT);
	field_key(&f, UI_KEY_BACKSPACE);
	assert_int_equal(f.text[4], 0);
	field_wipe(&f);
	for (int i = 0; i < FIELD_TEXT_MAX; i++)
		assert_int_equal(f.text[i], 0);
	buf_free(&out);
	canvas_free(&c);
}

static void long_text_scrolls(void **state)
{
	(void)state;
	struct field f;
	struct canvas c;
	struct buf out = { 0 };
	canvas_init(&c, 5, 1);
	field_init(&f, FIELD_FREE, false, 40);
	type(&f, "abcdefgh");
	field_draw(&f, &c, 0, 0, 5, true);
	canvas_to_text(&c, &out);
	assert_string_equal(out.ptr, "efgh\n");
	assert_int_equal(c.cursor_x, 4);
	buf_free(&out);
	canvas_free(&c);
}

static void keys_have_one_name(void **state)
{
	(void)state;
	static const int keys[] = { 'j', 'J', ' ', '^', 0xe4, UI_KEY_ENTER, UI_KEY_TAB, UI_KEY_ESC, UI_KEY_F9,
		UI_CTRL('D'), UI_CTRL('Z'), UI_KEY_PAGE_UP, UI_KEY_RESIZE };
	char name[UI_KEY_NAME_MAX];
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(ui_key_of(ui_key_name(keys[i], name)), keys[i]);
	assert_string_equal(ui_key_name(UI_CTRL('D'), name), "^D");
	assert_int_equal(ui_key_of("Spce"), UI_KEY_NONE);
	assert_int_equal(ui_key_of(""), UI_KEY_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(editing),
		cmocka_unit_test(kinds),
		cmocka_unit_test(pastes_are_text),
		cmocka_unit_test(masked_shows_nothing_and_wipes),
		cmocka_unit_test(long_text_scrolls),
		cmocka_unit_test(keys_have_one_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
