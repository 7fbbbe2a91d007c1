/* What the files of the console share: the session, what the desk is told, how acts are made ready. */
#ifndef WHARF_APP_CONSOLE_INT_H
#define WHARF_APP_CONSOLE_INT_H

#include "app/console.h"
#include "app/keys.h"
#include "ui/shot.h"
#include "ui/term.h"

enum { CONSOLE_PATH_MAX = 1200, CONSOLE_LOOKED_MAX = 256 };

struct console {
	const struct console_options *options;
	struct runtime *runtime;
	struct session session;
	struct key key;              /* of who is signed in */
	struct terminal *term;
	struct canvas canvas;
	struct desk *desk;
	struct theme theme;
	struct theme_watch watch;
	char theme_dirs[CONSOLE_PATH_MAX];
	struct viewer viewer;
	struct arena scratch;        /* of one reading of the journal */
	bool dirty, quit;
	int64_t touched;             /* monotonic ms of the last key: idle too long closes the key */
	uint64_t seen;               /* entries when the picture was drawn */
	char looked[CONSOLE_LOOKED_MAX][ID_MAX]; /* deals that the auditor who is signed in opened: each is one entry */
	size_t looked_count;
	bool broken;                 /* some entry does not hash to its leaf … */
	struct view_broken break_at; /* … this one, found by a screen that read it */
	uint64_t checks, checked;    /* whole checks of the ledger that ended; entries that the last one read */
	struct console_job *job;     /* what runs beside the loop, or NULL (console_job.h) */
	int64_t skew;                /* µs that this host is ahead of who led, when its newest entry came */
	int64_t full_since;          /* stamp of the first write that found no room; 0: there is room */
	char looking[ID_MAX];        /* opened now, and not an entry yet; "" none */
	bool confirmed;              /* the passphrase of the dialog was right: it covers all of its rows, and no other dialog */
};

int64_t console_now(const struct console *c);
/* The hooks of the desk; ctx is the console. */
void console_host(struct console *c, struct desk_host *host);
/* Writes the entry of what an auditor opened, before it is shown; true when the picture must be built again. */
bool console_looks(struct console *c);
/* The entry of an auditor's read of a deal or "list/NAME". ERR_DENIED where none can be written. */
enum err console_reads(struct console *c, const char *object, const char *reason, struct fault *fault);
/* Lines of a dialog for a request that was made ready, in the arena. */
void console_dialog(struct console *c, const struct command_made *made, struct str preview, struct arena *a,
	struct dialog_view *view);
/* Who is signed in works at a warehouse: no amount is theirs to see. */
bool console_in_warehouse(const struct console *c);
/* What is wrong, the gravest first (console_trouble.c). */
void console_troubles(struct console *c, struct desk_info *out);
/* Notes by how much this host's clock is off, when a leader's entry has just come. */
void console_skew(struct console *c);
/* Whether a right lets something go out that may not while outflow is off; then why. */
bool console_outflow_off(struct console *c, enum act_kind act, char why[160]);
/* Proofs from the screen (console_proof.c): `:export ENTRY [DIR]` and `:compare HEAD [HEAD]`. True when the line was one of
 * them. */
bool console_proof_word(struct console *c, const char *line, char said[240], enum ui_status *status);
/* `:memo DEAL [WORDS]` and `:hand-over TASK [WORDS]` (console_memo.c): whether a line is one, its dialog, and what Yes does. */
bool console_memo_is(const char *line);
enum err console_memo_prepare(struct console *c, const char *line, struct arena *a, struct dialog_view *view, struct fault *fault);
enum err console_memo_act(struct console *c, const char *line, const char *reason, char said[240], struct fault *fault);
enum err console_set_theme(struct console *c, const char *name, struct fault *fault);

#endif
