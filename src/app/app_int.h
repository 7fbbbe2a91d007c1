/* What the files of the command-line program share: the verbs, and how they read their arguments.
 *
 * A verb is a row of the table in main.c and a function that is given its own words (argv[0] is the verb's
 * name) and returns the exit status of the process. Failures are printed by cli_fail as one sentence on
 * standard error; the status is that of base/err.h. */
#ifndef WHARF_APP_INT_H
#define WHARF_APP_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "app/keys.h"
#include "app/runtime.h"
#include "base/err.h"

typedef int verb_fn(int argc, char **argv);
struct verb {
	const char *name;
	const char *usage;  /* what follows the name */
	const char *help;   /* one line */
	verb_fn *run;
	const char *more;   /* for `wharf help VERB`: options and examples, lines of text */
};
extern const struct verb VERBS[];
extern const size_t VERB_COUNT;
const struct verb *verb_find(const char *name); /* or NULL */

verb_fn verb_console, verb_demo, verb_demo_record; /* console.c, demo.c */
verb_fn verb_init;                                                   /* verb_init.c */
verb_fn verb_deploy, verb_send, verb_key;                            /* verb_admin.c */
bool key_is_order(const char *word);                                  /* verb_key.c */
struct cli;
int key_order_run(struct cli *c, const char *word, const char *dir, const char *file);
verb_fn verb_sign, verb_submit;                                      /* verb_sign.c */
verb_fn verb_check;                                                  /* verb_check.c */
verb_fn verb_show, verb_do, verb_events, verb_help;  /* verb_use.c */
verb_fn verb_verify, verb_replay, verb_rebuild;                      /* verb_proof.c */
verb_fn verb_audit;                                                  /* verb_audit.c */
verb_fn verb_ledger;                                                 /* verb_ledger.c */
verb_fn verb_ingest, verb_poll;                                      /* verb_edge.c */
verb_fn verb_prune;                                                  /* verb_prune.c */
verb_fn verb_bank;                                                   /* verb_bank.c */
verb_fn verb_evidence;                                               /* verb_evidence.c */
int evidence_peer_run(struct cli *c, const char *what, const char *dir); /* verb_peer.c: `wharf evidence serve` and `fetch` */

/* --- words of the command line -------------------------------------------------------------------- */

enum { CLI_WORDS_MAX = 512 };
/* Options are taken by name first, wherever they stand; what is left are the words in order. After
 * "--" everything is a word. */
struct cli {
	const char *verb;
	int count, next;
	char *word[CLI_WORDS_MAX];
	bool used[CLI_WORDS_MAX];
	bool plain[CLI_WORDS_MAX]; /* stood after "--" */
	struct fault fault;        /* the first thing wrong; code ERR_OK when nothing */
};
void cli_begin(struct cli *c, int argc, char **argv);
bool cli_flag(struct cli *c, const char *name);         /* "--json" */
/* Value of "--as X", "--as=X" or "-d X"; NULL when absent. A repeated option gives one value a call. */
const char *cli_value(struct cli *c, const char *name);
bool cli_number(struct cli *c, const char *name, int64_t least, int64_t most, int64_t *out);
const char *cli_word(struct cli *c);                    /* the next word, or NULL */
const char *cli_need(struct cli *c, const char *what);  /* the same, and a fault when there is none */
/* Byte i of a text that strangers may have written, for a terminal: blank where it belongs to a control character (C0, DEL, C1). */
char char_shown(struct str text, size_t i);
/* A word or the name of a file as a terminal may show it: on one line, without commands to it. Valid until the next call. */
const char *word_shown(const char *word);
/* ERR_OK when nothing is wrong and every word was used. */
enum err cli_end(struct cli *c);
/* Prints "wharf VERB: sentence" and returns the exit status. */
int cli_fail(const struct cli *c, const struct fault *fault);
int cli_fail_own(struct cli *c); /* its own fault, with the usage */

/* --- places --------------------------------------------------------------------------------------- */

enum { PATH_TEXT_MAX = 1024, PATH_NEAR_MAX = PATH_TEXT_MAX + 128 };
/* The data directory: -d, else the word when given, else WHARF_DIR, else XDG_DATA_HOME/wharf, else
 * ~/.local/share/wharf. The text lives in a buffer of this function. */
const char *path_data(struct cli *c, const char *word);
/* Where data/, themes/ and demo/ of the program are: WHARF_SHARE, else a directory above the program (its source tree) or the
 * share/wharf of one (its prefix, whichever it was built for), else the share/wharf of that which it was built for. */
const char *path_share(void);

/* Reads a whole file ("-": standard input) of at most `most` bytes. */
enum err file_read(const char *path, size_t most, struct buf *out, struct fault *fault);
/* Writes a file whole or not at all: to a neighbour, synced, renamed. */
enum err file_write(const char *path, struct str bytes, unsigned mode, struct fault *fault);
/* The same by parts: a neighbour of `path` is opened for writing, and gets the name at the end when `so_far` is
 * ERR_OK and it is durable; else it goes again. Not `over`: ERR_USAGE when something has the name. */
struct file_new {
	const char *path; /* borrowed */
	char near[PATH_NEAR_MAX];
	int fd;
};
enum err file_begin(struct file_new *f, const char *path, unsigned mode, struct fault *fault);
enum err file_end(struct file_new *f, bool over, enum err so_far, struct fault *fault);
/* Writes to standard output; ERR_IO when it cannot (a closed pipe is none). */
enum err print_out(struct str text, struct fault *fault);

/* --- opening a ledger ----------------------------------------------------------------------------- */

/* Opens for reading (follows, never leads). */
enum err open_read(const char *dir, struct runtime **out, struct fault *fault);
/* Opens for acting: leads when nobody does, with the node's key when it is there (then due timers are
 * ticked first), else hands events to the leader. `node` stays open as long as the runtime: close both
 * with close_acting. */
enum err open_acting(const char *dir, struct runtime **out, struct key *node, struct fault *fault);
/* The same also while the clock is not believed (runtime_clock_off), which a console says; open_acting fails then. */
enum err open_leading(const char *dir, struct runtime **out, struct key *node, struct fault *fault);
void close_acting(struct runtime *r, struct key *node);

/* Before an auditor gets what he asks for, the entry of his read: of the deal when the ledger has it, else of the list. Signed with his key and
 * said on standard error; who is no auditor needs none. */
struct audited {
	const char *person;      /* whose key it must be; NULL: whosever it is */
	const char *deal, *list; /* "" none; "list/NAME" */
	const char *reason;
};
enum err audited_read(const char *dir, const char *as, const char *passphrase, const struct audited *what, struct fault *fault);

/* Signs an envelope and writes it to a file that others sign too, instead of sending it; says so on standard output. */
struct envelope;
enum err hold_envelope(struct envelope *env, const struct key *key, int64_t now, const char *path, struct fault *fault);

/* Prints what an entry began and did not end: another person has to sign too. */
void say_waiting(struct runtime *r, uint64_t number);
/* A public key as people give it: hex, did:key, or @NAME of a key file. */
enum err key_text(const char *dir, struct str value, struct hash *out, struct fault *fault);

/* Signs a body of a kind as the party or person of a key and sends it; the verdict must be "done". */
enum err send_body(struct runtime *r, const struct key *key, int kind, const char *sender, const char *deal,
	const void *body, uint64_t *number, struct fault *fault);

#endif
