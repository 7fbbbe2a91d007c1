/* A small editor for one field of a dialog: a reference, an amount, a passphrase.
 *
 * Nothing typed here ever reaches a history. A masked field shows `·` per character and its bytes
 * are wiped by field_wipe (and by field_init on reuse). */
#ifndef WHARF_UI_FIELD_H
#define WHARF_UI_FIELD_H

#include <stdbool.h>

#include "ui/canvas.h"
#include "ui/key.h"

enum { FIELD_TEXT_MAX = 256 }; /* bytes with the NUL */

enum field_input { FIELD_FREE, FIELD_DIGITS, FIELD_AMOUNT /* digits , . - */, FIELD_UPPER /* letters turn capital */ };

struct field {
	enum field_input kind;
	bool masked;
	int chars_max;              /* characters; 1 .. FIELD_TEXT_MAX / 4 - 1 */
	char text[FIELD_TEXT_MAX];  /* UTF-8 */
	int len;                    /* bytes */
	int cursor;                 /* byte offset, at a character's start */
};

void field_init(struct field *f, enum field_input kind, bool masked, int chars_max);
/* Uses the key when it edits (characters, arrows, Home, End, Backspace, Delete, ^A ^E ^U ^W ^K);
 * false when the key is not the field's (Enter, Tab, Esc, …) or the character is not allowed. */
bool field_key(struct field *f, int key);
/* Inserts pasted text, dropping what is not allowed; line ends become blanks in free fields. */
void field_paste(struct field *f, const char *text);
void field_set(struct field *f, const char *text);
void field_wipe(struct field *f); /* overwrites and empties */
/* Draws `width` cells on the input surface; with focus puts the canvas cursor there. Long text
 * scrolls so that the cursor is in sight. */
void field_draw(const struct field *f, struct canvas *c, int x, int y, int width, bool focus);

#endif
