/* The desk drives the screens: rows 1, 2, H-1 and H, the view stack, panes, `/`, `:`, `?`, dialogs, the cue
 * card, the log-in frame. It knows no clock, no file and no terminal: the host gives pictures of the state and
 * takes requests; keys come in, a canvas comes out. So the whole console is tested without a terminal.
 *
 * Must remain true
 *  - a screen's request becomes an act only through a dialog's Yes, or at once when the host says that the
 *    act changes nothing that cannot be given back (claim);
 *  - passphrases live in fields that are wiped; they are never part of a line, a history or a message;
 *  - desk_draw writes the same picture for the same state, view and size. */
#ifndef WHARF_UI_DESK_H
#define WHARF_UI_DESK_H

#include "base/err.h"
#include "engine/view.h"
#include "ui/canvas.h"
#include "ui/dialog.h"
#include "ui/line.h"
#include "ui/screen.h"

struct desk;

/* Something is wrong (screens.md §3.5). The gravest comes first; the desk shows its badge and the number of the others, `n` says
 * them in turn. It never opens a dialog, moves the focus or hides a row, and goes with a sentence of how long it lasted. */
struct desk_trouble {
	char badge[16];          /* "NO WRITES", "LEDGER BROKEN", "TOTALS BROKEN", … */
	char says[160];          /* sentence for H-1: what, since when, what to do */
	char row[160];           /* stands in row 3 as long as it lasts; "" none */
	bool outflow_off, acts_off; /* keys that are off because of it */
	bool grave;              /* the badge's role: danger, or warning */
	bool quiet;              /* a way of working (READ-ONLY), no trouble: comes and goes without a sentence */
};
enum { DESK_TROUBLES_MAX = 8 };

/* What rows 1 and the cue card say, asked for before every picture. */
struct desk_info {
	char environment[12];    /* "DEMO", "LIVE", "TEST" */
	bool live;               /* the badge's role */
	struct desk_trouble troubles[DESK_TROUBLES_MAX];
	int trouble_count;
	bool broken;             /* the ledger is: row 1 names the entry, not its size and head */
	uint64_t broken_at;
	struct hash broken_leaf; /* that the tree has in its place */
	int64_t skew;            /* µs that this host is ahead of the ledger; 0: not so much that it matters */
	uint64_t entries;
	struct hash root;
	int64_t clock;           /* stamp of the last event: row 1 shows it, so an idle console writes nothing; 0: now */
	bool follows;            /* another console leads */
	int speed;               /* of a recorded day: 60; 0 there is none */
	bool stopped;            /* recorded clock paused by `p` */
	char waits[96];          /* what the clock waits for: "E06 double pledge R2VD"; "" nothing */
	uint64_t waiting;        /* events that a paused picture has not shown */
	/* cue card; number 0: none */
	int cue, cues;
	char cue_when[8], cue_title[64], cue_text[2][96], cue_try[96], cue_role[64], cue_deal[16]; /* the deal: its tail */
	bool cue_done;
	char cue_says[80];       /* when done: "entry 6,226, signed by you" */
	/* unlock frame */
	char demo_passphrase[24]; /* shown when the keys are the demo's; "" never */
	char verified[80];       /* "1,204 of 1,204 entries verified in 0.04 s" */
};

struct desk_person {
	char id[24], name[40], role[8], party[48], does[40];
};
struct desk_command {
	const char *name, *usage, *help;
};

enum desk_wish {             /* what the loop must do itself */
	DESK_WISH_NONE, DESK_WISH_QUIT, DESK_WISH_SUSPEND, DESK_WISH_REPAINT
};

struct desk_host {
	void *ctx;
	/* Pictures. The source's pointers live until the next call. */
	void (*source)(void *ctx, struct view_source *out);
	void (*info)(void *ctx, struct desk_info *out);
	/* Makes a request ready: fills what the dialog says (in the arena). ERR_OK with view->title NULL: needs no
	 * dialog, call act. Refuses with a sentence. */
	enum err (*prepare)(void *ctx, const char *request, struct arena *a, struct dialog_view *view, struct fault *fault);
	/* Signs and sends. passphrase NULL when none was asked for. `said` on success: one sentence. */
	enum err (*act)(void *ctx, const char *request, const char *reason, const char *passphrase, char said[240],
		struct fault *fault);
	/* Version of what a dialog holds; INT64_MIN when it is gone. */
	int64_t (*version)(void *ctx, const char *object);
	/* The program's own words (`:theme`, `:role`, `:set`, `:write-screen`, `:demo`): true when it was one;
	 * said and status for H-1. */
	bool (*word)(void *ctx, const char *line, struct desk *desk, char said[240], enum ui_status *status);
	int (*complete)(void *ctx, const char *text, int cursor, int *from, struct line_choice *choices, int max);
	size_t (*commands)(void *ctx, struct desk_command *out, size_t cap);
	bool (*may)(void *ctx, const char *command, const char *object, char why[160]);
	size_t (*people)(void *ctx, struct desk_person *out, size_t cap);
	enum err (*sign_in)(void *ctx, const char *id, const char *passphrase, struct fault *fault);
	void (*sign_out)(void *ctx);
	/* Keys of a recorded day: 'p' '.' '<' '>' '+' (next cue); false when there is none. */
	bool (*world_key)(void *ctx, int key, char said[240]);
};

struct desk *desk_new(const struct desk_host *host);
void desk_free(struct desk *d);

/* Opens the unlock frame, or the desk of who is signed in. */
void desk_start(struct desk *d, bool signed_in);
/* The state moved (new entries, another clock minute, another person): views are built anew before the next
 * picture, unless the picture is paused. */
void desk_stale(struct desk *d);
/* One key; paste is the text of UI_KEY_PASTE. */
enum desk_wish desk_key(struct desk *d, int key, const char *paste);
/* The hand is off the lists (the loop says so 2 s after the last key). */
void desk_rest(struct desk *d);
/* Whether the hand is on the lists: the loop then wakes 2 s later. */
bool desk_busy(const struct desk *d);
/* Draws the whole picture. */
void desk_draw(struct desk *d, struct canvas *c);
/* A sentence for row H-1. */
void desk_say(struct desk *d, enum ui_status status, const char *text);
/* Goes to a screen as `:NAME ARGUMENT` does; false when there is no such screen. */
bool desk_goto(struct desk *d, const char *name, const char *argument);
void desk_lock(struct desk *d); /* closes everything and shows the unlock frame */
bool desk_paused(const struct desk *d);
/* Last instant at which a text of the picture changes by itself (relative times): the loop wakes then.
 * INT64_MAX: never. */
int64_t desk_changes_at(const struct desk *d, int64_t now);

#endif
