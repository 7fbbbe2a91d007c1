/* Failures: what can go wrong at the edges (files, sockets, databases, parsers of
 * outside text). A failure says what, where and what to do.
 *
 * Functions that can fail return enum err and fill a struct fault given by the
 * caller; the result must be checked. The core (floors 2 to 5) meets outside text
 * only through parsers, which use the same type to name place and remedy. */
#ifndef WHARF_BASE_ERR_H
#define WHARF_BASE_ERR_H

/* X(constant, exit code of the process, name). Exit codes are documented in wharf(1). */
#define ERR_LIST(X) \
	X(ERR_OK, 0, "ok") \
	X(ERR_USAGE, 2, "usage") \
	X(ERR_SYNTAX, 3, "syntax")           /* outside text is malformed */ \
	X(ERR_LIMIT, 3, "limit")             /* outside text is too deep, long or large */ \
	X(ERR_UNSUPPORTED, 3, "unsupported") /* well-formed, but not something we do */ \
	X(ERR_SIGNATURE, 4, "signature") \
	X(ERR_REFUSED, 5, "refused")         /* the core refused; the refusal has its own name */ \
	X(ERR_TAMPERED, 6, "tampered")       /* a digest, chain or proof does not hold */ \
	X(ERR_VERSION, 7, "version")         /* data of a newer program */ \
	X(ERR_BUSY, 8, "busy")               /* another process leads */ \
	X(ERR_FENCED, 8, "fenced")           /* we led, and no longer do */ \
	X(ERR_UNKNOWN, 8, "unknown")         /* the outcome is not known; read the head again */ \
	X(ERR_NOT_FOUND, 9, "not-found") \
	X(ERR_DENIED, 10, "denied")          /* permission, read-only */ \
	X(ERR_FULL, 11, "full")              /* disk or quota full */ \
	X(ERR_IO, 12, "io") \
	X(ERR_MEMORY, 13, "memory")

enum err {
#define X(c, e, n) c,
	ERR_LIST(X)
#undef X
	ERR_COUNT
};

enum { FAULT_TEXT_MAX = 400 };

/* One failure in words: a whole sentence with the place ("file:line:column: …" where
 * there is one) and what to do. */
struct fault {
	enum err code;
	int line;   /* in the outside text, from 1; 0 when there is none */
	int column; /* from 1; 0 when there is none */
	char text[FAULT_TEXT_MAX];
};

/* Fills fault (may be NULL) and returns code, so that callers write
 * `return fault_set(f, ERR_SYNTAX, line, col, "…", …);`. Text is cut at FAULT_TEXT_MAX - 1; in it
 * control characters but the line feed become "?", so that it can be shown on a terminal whoever's words it repeats. */
enum err fault_set(struct fault *fault, enum err code, int line, int column,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Name of a code as printed in messages, for example "tampered". */
const char *err_name(enum err code);

/* What an errno of writing or making a file means: full, denied, not found, else io. Never ERR_OK. */
enum err err_of_errno(int why);

/* Exit status of the process for a code. */
int err_exit_code(enum err code);

#endif
