/* What leaves the state when rules no longer ask for it, so that the state of a ledger of ten years is not ten times that
 * of one year.
 *
 * What leaves is archived: its row stays in the read models, where `wharf verify` compares it with what re-execution gives at
 * the entry in which it left. Policy parameters, with what holds without them:
 *   retention.news       [20000] newest lines of news
 *   retention.book_days  [400]   journals of final deals, rolled into the sums of ledger/period.h, and their ended transfers
 *   retention.deal_days  [90]    instances with steps and variables, tasks, effects, acts, alerts, decisions and physical events of
 *                                what is over
 * Keys of requests are dropped, not archived, once no signature of that time is taken any more (clock.window_days [14]), and
 * so are messages that nothing took for fourteen days.
 *
 * Must remain true
 *  - what leaves depends on the entries alone: the work is a bounded share of every entry, by number and stamp;
 *  - within the window nothing that a rule asks is gone: verdicts are those of a ledger that keeps everything. */
#ifndef WHARF_ENGINE_RETENTION_H
#define WHARF_ENGINE_RETENTION_H

#include "base/turn.h"

/* How far the search through one record type has come; key: its name. */
#define SWEEP_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(TEXT, at, 96, NONE)          /* the last key that was looked at; "": from the start */ \
	F(INT, rounds, 0, COUNT)       /* times it came to the end */ \
	F(INT, left, 0, COUNT)         /* records that left by it */
REC_STRUCT(sweep, SWEEP_FIELDS);
extern const struct rec_type SWEEP_REC; /* tag 66 */

/* Entries by name. Key "day/%08lld", days since 1970: the first entry of that day, kept as long as anything is dropped by
 * the age of its entry. Key "kept": entries from 1 up to before this one were given up by ledger.prune. */
#define MARK_FIELDS(F) \
	F(TEXT, id, 24, NONE) \
	F(INT, entry, 0, COUNT)
REC_STRUCT(mark, MARK_FIELDS);
extern const struct rec_type MARK_REC; /* tag 67 */
#define MARK_KEPT "kept"
#define MARK_FORGOT "forgot" /* its entry is a day: requests of entries before it may be forgotten */

/* The first entry after the genesis that was not given up; 0 when none was. */
uint64_t retention_kept(const struct tabs *s);
/* The instant before which requests that came may be forgotten: what was signed earlier could be one of them. INT64_MIN while
 * nothing was. Only grows, whatever the policy's window becomes. Pure. */
int64_t retention_remembers(const struct tabs *s);

/* Raw evidence of a kind ("batch"): the instant before which it may be given up by policy retention.<kind>_days at the time of
 * the ledger, and the one before which the ledger says that it was. What was given up stays so, whatever the policy says
 * later. INT64_MIN: none (no rule, or 0 days). */
int64_t retention_raw_due(const struct tabs *s, const char *kind, int64_t stamp);
int64_t retention_raw_given(const struct tabs *s, const char *kind);

/* The share of this entry; after its verdict, before its outcome is digested. */
void retention_turn(struct turn *t);

#endif
