/* One event being applied: what every handler of floors 2 to 5 is given.
 *
 * A turn carries the state, the stamp, who acts, scratch memory, and three queues: signals
 * (what a lower floor tells a higher one), evidence (bytes that leave the ledger and are kept in
 * the evidence store under their digest) and news (what people read). All of it, and every change of
 * the tables, can be taken back to a mark; so a contract may refuse inside an event that goes on.
 *
 * Rules: no handler keeps a pointer to the turn; nothing is freed in a handler; ids come from
 * turn_id, never from a dice. */
#ifndef WHARF_BASE_TURN_H
#define WHARF_BASE_TURN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/json.h"
#include "base/rec.h"
#include "base/refusal.h"
#include "base/tab.h"

/* X(constant, name): subject, deal, code, a and b mean what the comment says. */
#define SIGNAL_LIST(X) \
	X(SIGNAL_ANOMALY, "anomaly")          /* feed: subject device, code anomaly, a value milli, b time */ \
	X(SIGNAL_WINDOW, "window")            /* feed: subject device, a last value milli */ \
	X(SIGNAL_SILENT, "silent")            /* feed: subject gateway or device, a last heard */ \
	X(SIGNAL_GAP, "gap")                  /* feed: subject gateway, a first missing, b count; b 0: healed */ \
	X(SIGNAL_LATE, "late")                /* feed: subject gateway or event hash, deal, a event time */ \
	X(SIGNAL_PHYSICAL, "physical")        /* feed: subject epcis hash, code business step, text lot/SSCC */ \
	X(SIGNAL_PRICE, "price")              /* feed: subject commodity, a price, b 1 when quorum holds */ \
	X(SIGNAL_STATE, "state")              /* contract: deal moved, code new state, a old state, b new */ \
	X(SIGNAL_REFUSED, "refused")          /* contract: deal, code refusal name, subject asset, text detail */ \
	X(SIGNAL_EVENT, "event")              /* contract: deal, code event name, text data as JSON */ \
	X(SIGNAL_MESSAGE, "message")          /* any: deliver message `code` to `deal`, text JSON data, a entry */ \
	X(SIGNAL_EFFECT, "effect")            /* any: code effect kind, subject party, deal, text JSON data, \
	                                         a 1 when a reply is expected; reply arrives as message in `extra` */ \
	X(SIGNAL_CALL, "call")                /* any: run contract call; code "file.call", deal, text JSON args */ \
	X(SIGNAL_COUNT, "count")              /* contract: deal, subject lot, a counted milli, b expected milli */ \
	X(SIGNAL_ZONE, "zone")                /* risk: deal, a old zone, b new zone */ \
	X(SIGNAL_LEVEL, "level")              /* risk: subject object, deal, a old level, b new level */ \
	X(SIGNAL_CASE, "case")                /* risk: open a manual task; subject alert id, code role, text title */ \
	X(SIGNAL_CASE_DONE, "case-done")      /* schedule: subject alert id, code decision, extra operator, text reason */ \
	X(SIGNAL_CASE_CLOSE, "case-close")    /* risk: the alert `subject` ended, text why: its task is withdrawn */ \
	X(SIGNAL_TASK_OPEN, "task-open")      /* workflow: subject task id */ \
	X(SIGNAL_TASK_DONE, "task-done")      /* schedule: subject task id, code decision, text JSON data */ \
	X(SIGNAL_COMPENSATE, "compensate")    /* risk or operator: deal, text reason */ \
	X(SIGNAL_COMPENSATED, "compensated")  /* workflow: deal, all undo steps are done */ \
	X(SIGNAL_TIMER, "timer")              /* engine: subject timer id, code timer kind, deal */ \
	X(SIGNAL_INCIDENT, "incident")        /* workflow: deal, subject node, code refusal, text detail */

enum signal_kind {
#define X(c, n) c,
	SIGNAL_LIST(X)
#undef X
	SIGNAL_COUNT_OF
};

struct signal {
	enum signal_kind kind;
	const char *subject, *deal, *code, *text, *extra; /* never NULL; in the turn's scratch */
	int64_t a, b;
};

/* What people read in feeds and timelines: status (glyph and colour) and one sentence. */
#define NEWS_STATUS_LIST(X) \
	X(NEWS_NOTE, "note") X(NEWS_OK, "ok") X(NEWS_DONE, "done") X(NEWS_WARN, "warn") \
	X(NEWS_DANGER, "danger") X(NEWS_REFUSED, "refused") X(NEWS_HELD, "held") \
	X(NEWS_UNDONE, "undone") X(NEWS_PROOF, "proof") X(NEWS_WAIT, "wait")
enum news_status {
#define X(c, n) c,
	NEWS_STATUS_LIST(X)
#undef X
	NEWS_STATUS_COUNT
};
extern const char *const NEWS_STATUS_NAMES[];

/* One line of news; key "%010llu/%02u" of entry number and line within it. */
#define NEWS_FIELDS(F) \
	F(TEXT, id, 16, NONE) \
	F(INT, at, 0, TIME) \
	F(TEXT, who, 32, NONE) \
	F(ENUM, status, NEWS_STATUS_NAMES, NONE) \
	F(TEXT, kind, 24, NONE) \
	F(TEXT, deal, 32, ID) \
	F(TEXT, text, 112, NONE)
REC_STRUCT(news, NEWS_FIELDS);
extern const struct rec_type NEWS_REC; /* tag 1 */
/* The lines of an entry in order: the first after NULL; NULL at the end, and when they are no longer kept. */
const struct news *news_of(const struct tabs *s, uint64_t entry, const struct news *after);

enum { TURN_DETAIL_MAX = 240, TURN_SIGNALS_MAX = 20000, TURN_READS = 4 };

/* A JSON text that was read in this event. */
struct turn_read {
	struct str text;
	const struct json *root;
};

struct evidence {
	struct hash digest;
	struct str bytes; /* in the turn's scratch */
	const char *kind; /* "decision", "batch", … */
	struct evidence *next;
};

struct turn {
	struct tabs *tabs;
	struct arena *scratch;  /* emptied after the event */
	int64_t stamp;          /* time of the entry, µs */
	uint64_t number;        /* of the entry */
	struct hash seed;       /* digest that ids of this turn are derived from */
	int64_t rules;          /* rule version in force */
	char actor[32];         /* operator, gateway, party or "engine" */
	char actor_party[16];
	char kind[24];          /* event kind, for news */
	int64_t actor_role;     /* enum role of identity/roles.h; 0 none */
	int64_t signed_at;      /* when the author signed, by his own word, checked against the stamp */
	struct hash signer;     /* the author's key; zeroes before it is known */
	char detail[TURN_DETAIL_MAX]; /* the last refusal in words */
	uint32_t ids, lines;
	struct signal *signals; /* queue in scratch */
	size_t signal_count, signal_cap, signal_next;
	struct evidence *evidence;
	struct turn_read reads[TURN_READS]; /* the last ones; in scratch */
	uint32_t read_count;
};

/* Prepares t for one event; scratch is borrowed and must be empty. */
void turn_begin(struct turn *t, struct tabs *tabs, struct arena *scratch, uint64_t number,
	int64_t stamp, const struct hash *seed);

struct turn_mark {
	size_t tabs, signals;
	struct evidence *evidence;
	uint32_t ids, lines;
};
struct turn_mark turn_mark(const struct turn *t);
void turn_rollback(struct turn *t, struct turn_mark mark);

/* A fresh id of a kind ("AL"), derived from the event and a counter. */
void turn_id(struct turn *t, const char *kind, char out[ID_MAX]);

/* Remembers why in words (cut at TURN_DETAIL_MAX) and gives r back. */
enum refusal turn_refuse(struct turn *t, enum refusal r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Queues a signal; texts are copied. Fields not given are "". More than TURN_SIGNALS_MAX in one turn
 * is dropped and makes turn_overrun true, which the engine turns into REFUSED_RUNAWAY. */
void turn_signal(struct turn *t, struct signal s);
bool turn_overrun(const struct turn *t);
/* Next signal to handle, or NULL when the queue is empty. */
const struct signal *turn_next_signal(struct turn *t);

/* Adds a line of news by `who` ("" for the actor). Cut to fit. */
void turn_news(struct turn *t, enum news_status status, const char *who, const char *deal,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The tree of a JSON text, as json_parse gives it in scratch. What several ask for in one event (who may say it, the contract that
 * it is for) is read once: the tree is shared and not to be changed. On failure as json_parse, and nothing is remembered. */
enum err turn_json(struct turn *t, struct str text, const struct json **out, struct fault *fault);

/* Hands bytes to the evidence store; gives their SHA-256. */
struct hash turn_evidence(struct turn *t, const char *kind, struct str bytes);

#endif
