/* Names of keys. What must remain true: every key has one name and the name gives the key back. */
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "ui/key.h"

static const struct {
	int key;
	const char *name;
} names[] = {
	{ UI_KEY_TAB, "Tab" },
	{ UI_KEY_ENTER, "Enter" },
	{ ' ', "Space" },
#define X(c, n) { c, n },
	UI_KEY_LIST(X)
#undef X
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

char *ui_key_name(int key, char out[UI_KEY_NAME_MAX])
{
	for (int i = 0; i < NAMES; i++)
		if (names[i].key == key) {
			snprintf(out, UI_KEY_NAME_MAX, "%s", names[i].name);
			return out;
		}
	if (key > 0 && key < 0x20) {
		snprintf(out, UI_KEY_NAME_MAX, "^%c", key + '@');
		return out;
	}
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char(key, bytes);
	if (n < 1 || key == 0)
		n = 0;
	memcpy(out, bytes, (size_t)n);
	out[n] = '\0';
	return out;
}

int ui_key_of(const char *name)
{
	utf8proc_int32_t cp;
	size_t len = strlen(name);
	for (int i = 0; i < NAMES; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].key;
	if (len == 2 && name[0] == '^' && name[1] >= '@' && name[1] <= '_')
		return UI_CTRL(name[1]);
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)name, (utf8proc_ssize_t)len, &cp);
	return n > 0 && (size_t)n == len && ui_key_is_text(cp) ? cp : UI_KEY_NONE;
}

bool ui_key_is_text(int key)
{
	if (key < 0x20 || (key >= 0x7f && key < 0xa0) || key >= UI_KEY_FIRST)
		return false;
	utf8proc_category_t c = utf8proc_category(key);
	return c != UTF8PROC_CATEGORY_CC && c != UTF8PROC_CATEGORY_CS && c != UTF8PROC_CATEGORY_CF &&
		c != UTF8PROC_CATEGORY_CN && c != UTF8PROC_CATEGORY_ZL && c != UTF8PROC_CATEGORY_ZP;
}
