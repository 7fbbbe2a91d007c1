/* Commands: every act is one row with name, arguments, help, right and function.
 *
 * Keys, the `:` line, the shell (`wharf do …`), recorded scripts and tests all speak commands; help,
 * completion and the manual page are printed from the table. A command that changes something makes one
 * signed event; what it would do is shown before it is confirmed (command_preview). */
#ifndef WHARF_APP_COMMAND_H
#define WHARF_APP_COMMAND_H

#include "app/runtime.h"
#include "identity/rights.h"

struct session {
	struct runtime *runtime;
	char operator_id[24];          /* who is logged in; "" nobody */
	const uint8_t *secret;         /* 64 bytes in locked memory, NULL until unlocked */
};

enum { COMMAND_ARGS_MAX = 16 };
struct command_args {
	const struct command *of;         /* whose they are */
	int count;
	struct str arg[COMMAND_ARGS_MAX]; /* positional, then key=value */
	struct str rest;                  /* everything from the argument that takes free text */
};

struct command_made {
	struct envelope envelope;      /* unsigned event, body in the arena */
	char object[96];               /* identity that a dialog names and holds */
	int64_t version;               /* of it, as read now */
	char what[256];                /* one sentence: "approve 984,000.00 EUR to Brandt Draht GmbH" */
	char type_tail[8];             /* must be typed to confirm; "" none */
	bool needs_reason;
	bool final;                    /* cannot be undone once begun */
	bool proposed;                 /* the event is not sent but proposed: it waits for others to endorse it */
};

struct command {
	const char *name;
	const char *usage;             /* "TASK [REASON]" */
	const char *help;              /* one line */
	enum act_kind act;             /* right it needs; ACT_KIND_COUNT: none */
	/* Makes the event; refuses by fault (what, where, remedy). */
	enum err (*make)(struct session *s, const struct command_args *a, struct arena *arena,
		struct command_made *out, struct fault *fault);
};
extern const struct command COMMANDS[];
extern const size_t COMMAND_COUNT;
const struct command *command_find(struct str name); /* exact, or a unique beginning; NULL */

/* Splits a line into a command and its arguments: blanks separate, double quotes group. */
enum err command_parse(struct arena *a, struct str line, const struct command **cmd,
	struct command_args *args, struct fault *fault);
/* Parses and makes, without sending. */
enum err command_make(struct session *s, struct str line, struct arena *a, struct command_made *out,
	struct fault *fault);
/* What would follow, one line each ("status\ttext"), or the refusal's sentence in fault (ERR_REFUSED). */
enum err command_preview(struct session *s, const struct command_made *made, struct buf *lines,
	struct fault *fault);
/* Signs and submits; ERR_REFUSED with name and remedy when the core refused. number gets the entry. */
enum err command_send(struct session *s, struct command_made *made, uint64_t *number, struct fault *fault);
/* make and send. */
enum err command_run(struct session *s, struct str line, uint64_t *number, struct fault *fault);

/* Resolves what people type (an id, or the tail that singles one out) among records of a type. */
enum err command_resolve(const struct tabs *tabs, const struct rec_type *type, struct str ref,
	char out[REC_KEY_MAX], struct fault *fault);

#endif
