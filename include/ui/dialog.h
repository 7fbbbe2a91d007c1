/* Dialogs: what will follow, and a considered yes.
 *
 * A dialog holds the identity and the version of what it is about. It opens on No; `y` counts only on the
 * buttons and only when everything asked for is given; Esc is No everywhere; Enter in a field goes on, and
 * on the buttons it is No. When the version changes while it is open, Yes goes off and it says so. */
#ifndef WHARF_UI_DIALOG_H
#define WHARF_UI_DIALOG_H

#include "ui/canvas.h"
#include "ui/field.h"

enum { DIALOG_PARTS = 6 };
/* A line: pieces with a role at a column (counted from the inside's left + 2); `right`: the last cell stands
 * at that column. A piece with column -1 follows the one before after a blank. */
struct dialog_part {
	enum ui_role role;
	int column;
	bool right;
	const char *text;
};
struct dialog_line {
	struct dialog_part part[DIALOG_PARTS];
	bool rule;               /* a rule through the box with part[0].text as its title ("" none) */
};

/* Everything borrowed; it must live as long as the dialog. */
struct dialog_view {
	const char *title;       /* "Approve purchase C5NP" */
	bool final;              /* cannot be stopped once begun: heavy border */
	const struct dialog_line *lines;
	size_t line_count;
	const char *request;     /* the line that Yes sends: "approve TK-…" */
	const char *object;      /* identity it holds */
	int64_t version;
	const char *type_tail;   /* to be typed; "" none */
	const char *tail_is;     /* what type_tail is, in words; NULL: "reference" */
	bool needs_reason, needs_passphrase;
	const char *yes;         /* "sign", "order it" */
	const char *message;     /* said in row H-1 while it is open; "" none */
	int64_t amount;          /* minor units that it moves, for a list of many; 0 none, or not for who looks */
	const char *currency;
	const char *about;       /* whom or what it is about, for that list: "A11 approve purchase, Kestrel Metals"; NULL: the title */
};

struct dialog {
	struct dialog_view view;
	struct field tail, reason, pass;
	int focus;               /* 0 … fields, then the buttons; see dialog_open */
	int fields;
	bool stale;
	char changed[64];        /* "changed at 14:31:52, read again" */
	int scroll;
};

enum dialog_outcome { DIALOG_OPEN, DIALOG_NO, DIALOG_YES };

void dialog_open(struct dialog *d, const struct dialog_view *view);
enum dialog_outcome dialog_key(struct dialog *d, int key, const char *paste);
/* Whether `y` would count, else why not ("two characters of the reference are missing"). */
bool dialog_ready(const struct dialog *d, char why[120]);
void dialog_changed(struct dialog *d, int64_t now); /* what it holds has another version now */
void dialog_draw(struct dialog *d, struct canvas *c);
void dialog_close(struct dialog *d); /* wipes the fields */

#endif
