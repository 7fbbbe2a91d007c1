/* Keys: what the terminal layer hands to the program, and their names in keymap files and help.
 *
 * A key is a number: a Unicode character as itself (space to U+10FFFF), ^A to ^Z as 1 to 26, and
 * the names below. */
#ifndef WHARF_UI_KEY_H
#define WHARF_UI_KEY_H

#include <stdbool.h>

#define UI_CTRL(letter) ((letter) & 0x1f)

/* X(constant, name). Enter and Tab are ^M and ^I, as every terminal sends them. */
#define UI_KEY_LIST(X) \
	X(UI_KEY_ESC, "Esc") \
	X(UI_KEY_BACKTAB, "S-Tab") \
	X(UI_KEY_BACKSPACE, "Backspace") \
	X(UI_KEY_DELETE, "Delete") \
	X(UI_KEY_INSERT, "Insert") \
	X(UI_KEY_UP, "Up") \
	X(UI_KEY_DOWN, "Down") \
	X(UI_KEY_LEFT, "Left") \
	X(UI_KEY_RIGHT, "Right") \
	X(UI_KEY_HOME, "Home") \
	X(UI_KEY_END, "End") \
	X(UI_KEY_PAGE_UP, "PgUp") \
	X(UI_KEY_PAGE_DOWN, "PgDn") \
	X(UI_KEY_F1, "F1") X(UI_KEY_F2, "F2") X(UI_KEY_F3, "F3") X(UI_KEY_F4, "F4") \
	X(UI_KEY_F5, "F5") X(UI_KEY_F6, "F6") X(UI_KEY_F7, "F7") X(UI_KEY_F8, "F8") \
	X(UI_KEY_F9, "F9") X(UI_KEY_F10, "F10") X(UI_KEY_F11, "F11") X(UI_KEY_F12, "F12") \
	X(UI_KEY_PASTE, "paste")   /* text came by paste; it is never keys */ \
	X(UI_KEY_RESIZE, "resize") /* the terminal has another size: draw again */ \
	X(UI_KEY_RESUME, "resume") /* back from the shell: draw again */ \
	X(UI_KEY_HANGUP, "hangup") /* the terminal is gone */ \
	X(UI_KEY_STOP, "stop")     /* asked to end (SIGTERM, SIGINT) */

enum ui_key {
	UI_KEY_NONE = 0,
	UI_KEY_TAB = UI_CTRL('I'),
	UI_KEY_ENTER = UI_CTRL('M'),
	UI_KEY_FIRST = 0x110000, /* behind the last character */
#define X(c, n) c,
	UI_KEY_LIST(X)
#undef X
	UI_KEY_LAST
};

enum { UI_KEY_NAME_MAX = 16 };

/* "j", "Space", "Enter", "^D", "PgUp", "F7". Returns out. */
char *ui_key_name(int key, char out[UI_KEY_NAME_MAX]);
/* The key of such a name; UI_KEY_NONE when there is none. */
int ui_key_of(const char *name);
/* True for a character that belongs into a text: printable, no control. */
bool ui_key_is_text(int key);

#endif
