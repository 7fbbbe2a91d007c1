/* What the files of the driver share: the desk itself, and who draws what of it. */
#ifndef WHARF_UI_DESK_INT_H
#define WHARF_UI_DESK_INT_H

#include "ui/desk.h"
#include "ui/field.h"

enum { PLACES_MAX = 24, PATH_MOST = 8, VISITS_MAX = 64, COMMANDS_SHOWN = 96, PEOPLE_MAX = 64,
	SAID_MAX = 240 /* the longest sentence of row H-1 */ };

enum desk_mode { MODE_SIGN_IN, MODE_SCREEN, MODE_LINE, MODE_HELP, MODE_DIALOG };

/* A screen that was opened, kept with its cursor, filter and folds. */
struct place {
	struct screen_state *state; /* NULL: free */
	int up;                     /* place it was opened from, -1 none: the path of row 2 */
	uint64_t used;              /* counts visits: the oldest is given up first */
};

/* What was being typed when the desk was locked. It comes back for the same person; for another it is forgotten with the places. */
struct desk_draft {
	char who[24];               /* "": nothing was kept */
	char request[SCREEN_LINE_MAX], reason[FIELD_TEXT_MAX]; /* of the dialog that was open; its passphrase is never kept */
	char line[LINE_TEXT_MAX];   /* of the `:` or `/` line that was open */
	bool typing;
	enum line_kind kind;
};

/* One marked row of an act for many. */
struct marked {
	const char *key, *line;     /* its identity; the request for it alone */
	const char *says;           /* whom or what it is about, or why it is left out */
	const char *object, *currency;
	int64_t version, amount;
	bool hidden;                /* by the filter */
};

struct desk {
	struct desk_host host;
	enum desk_mode mode, under; /* under: what a line or a dialog lies on */
	struct place places[PLACES_MAX];
	int at;                     /* place shown */
	int visits[VISITS_MAX], visit, visit_count;
	uint64_t uses;
	struct arena arenas[2], dialog_arena;
	int arena;                  /* of the view shown */
	const void *view;
	bool stale, busy, paused, absolute, full_ids;
	enum { CUE_FITS, CUE_HIDDEN, CUE_WHOLE } cue; /* the card: as much as fits, away, all of it */
	struct view_source source;
	struct viewer viewer;       /* copy: the picture's own time */
	struct viewer blind;        /* nobody: for a picture whose looking is not an entry yet */
	struct desk_info info;
	struct desk_info paused_info; /* ledger size, head and clock of a paused picture */
	uint64_t entries;           /* as they are, paused or not */
	int trouble;                /* which of info's troubles H-1 says: `n` goes on */
	struct {                    /* those of the picture before, to say when they are over */
		char badge[16];
		int64_t since;
		bool quiet;
	} had[DESK_TROUBLES_MAX];
	int had_count;
	/* row H-1 */
	enum ui_status said_status;
	int64_t said_at;
	char said[SAID_MAX];
	bool said_now;              /* by the last key */
	struct dialog dialog;
	bool leaving;               /* the dialog asks whether to leave */
	struct marked *batch;       /* rows of the dialog that is for many, in dialog_arena: those left out first */
	size_t batch_count, batch_out;
	bool batch_reason, batch_passphrase;
	int help_scroll;
	char help_word[64];
	enum line_kind line;
	char filter_before[SCREEN_FILTER_MAX];
	/* unlock frame */
	struct desk_person people[PEOPLE_MAX];
	size_t people_count;
	int who;
	struct field pass;
	struct desk_draft draft;
	enum desk_wish wish;
	int gone_quit;
};

struct screen_state *desk_state(const struct desk *d);
/* Whether a command is to be had now, by what the console may do at all: nothing that signs while acts are off. A decision
 * can be run again by everybody; who signs nothing records nothing. */
bool desk_may_act(const struct desk *d, const char *command);
/* The sentence of the trouble because of which nothing can be signed; "" when something can. */
const char *desk_acts_off(const struct desk *d);
/* The trouble that row H-1 says, or NULL. */
const struct desk_trouble *desk_trouble(const struct desk *d);
/* The first with a fixed row, or NULL: its row goes under row 2. */
const struct desk_trouble *desk_fixed(const struct desk *d);
void desk_resume(struct desk *d);       /* who was locked out is back: as it was left, with what was being typed */
void desk_refresh(struct desk *d);      /* builds the view when it is stale */
void desk_up(struct desk *d);           /* one step back: out of full, out of a filter, out of the screen */

/* desk_frame.c */
void desk_draw_bar(struct desk *d, struct canvas *c);
void desk_draw_path(struct desk *d, struct canvas *c);
void desk_draw_message(struct desk *d, struct canvas *c);
void desk_draw_keys(struct desk *d, struct canvas *c);
void desk_draw_line(struct desk *d, struct canvas *c);
void desk_draw_cue(struct desk *d, struct canvas *c);
void desk_draw_fixed(struct desk *d, struct canvas *c);
int desk_cue_rows(const struct desk *d, const struct canvas *c);
/* desk_help.c */
void desk_draw_help(struct desk *d, struct canvas *c);
/* desk_login.c */
void desk_draw_login(struct desk *d, struct canvas *c);
void desk_login_key(struct desk *d, int key, const char *paste);
/* desk_act.c: requests, dialogs and the `:` line */
void desk_request(struct desk *d, const char *line);
void desk_line_key(struct desk *d, int key, const char *paste);
void desk_line_open(struct desk *d, enum line_kind kind, const char *start);
void desk_dialog_check(struct desk *d); /* what it holds may have changed meanwhile */
void desk_dialog_key(struct desk *d, int key, const char *paste);
void desk_ask_leave(struct desk *d);
/* desk_marks.c: one act for all marked rows */
bool desk_marks_apply(const struct desk *d, const char *line); /* rows are marked, and the line is for the one under the cursor */
void desk_marks_prepare(struct desk *d, const char *line);
bool desk_marks_stale(const struct desk *d);
/* ERR_DENIED: the passphrase was wrong, and nothing was sent. */
enum err desk_marks_send(struct desk *d, const char *reason, const char *passphrase);
void desk_marks_end(struct desk *d);

#endif
