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
	char looking[ID_MAX];        /* opened now, and not an entry yet; "" none */
};

int64_t console_now(const struct console *c);
/* The hooks of the desk; ctx is the console. */
void console_host(struct console *c, struct desk_host *host);
/* Writes the entry of what an auditor opened, before it is shown; true when the picture must be built again. */
bool console_looks(struct console *c);
/* Lines of a dialog for a request that was made ready, in the arena. */
void console_dialog(struct console *c, const struct command_made *made, struct str preview, struct arena *a,
	struct dialog_view *view);
/* Who is signed in works at a warehouse: no amount is theirs to see. */
bool console_in_warehouse(const struct console *c);
enum err console_set_theme(struct console *c, const char *name, struct fault *fault);

#endif
