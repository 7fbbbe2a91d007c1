/* The outflow stop of a funder: nothing goes out while one stands.
 *
 * A stop has a cause ("CT-2", "equivocation", …) and stands until two persons of different duty lift it (event stop.lift).
 * A cause that comes again while its stop stands is counted; after a lift it stops afresh, and so does one that was not mended
 * but has other figures than those that were lifted. Stops are records, so every replica
 * knows them, and a lifted one stays as the memory of who lifted it.
 *
 * Must remain true: stop_check refuses exactly while a stop of the funder, or of every funder, stands.
 * Source: domain specification §4.3 (a broken control total stops the outflows of that funder), §8.3 E16. */
#ifndef WHARF_LEDGER_STOP_H
#define WHARF_LEDGER_STOP_H

#include "base/turn.h"

/* Stands for every funder in place of one's id. */
#define STOP_EVERYBODY "*"

/* Key "FUNDER/cause", "*" for every funder. */
#define STOP_FIELDS(F) \
	F(TEXT, id, 48, NONE) \
	F(TEXT, funder, 16, NONE)      /* "*": all */ \
	F(TEXT, cause, 24, NONE) \
	F(TEXT, why, 112, NONE)        /* for people, of the figures told last: in short, then behind a colon what else there is to know */ \
	F(INT, set_at, 0, TIME) \
	F(INT, entry, 0, COUNT)        /* whose effect set it */ \
	F(INT, count, 0, COUNT)        /* times the cause came since then */ \
	F(INT, lifted_at, 0, TIME)     /* 0: it stands */ \
	F(TEXT, lifted_by, 24, NONE) \
	F(TEXT, second, 24, NONE)      /* the other person */ \
	F(TEXT, reason, 96, NONE)      /* of the lift */ \
	F(INT, told_at, 0, TIME)       /* when the cause came last, with other figures */ \
	F(TEXT, figures, 96, NONE)     /* by how much what is broken: "NAME=FIGURE;", the last told of each name; a lift is of these */
REC_STRUCT(stop, STOP_FIELDS);
extern const struct rec_type STOP_REC; /* tag 61 */

/* The first stop in key order that holds a funder's outflow, one of everybody before its own; NULL when none stands. */
const struct stop *stop_standing(const struct tabs *s, const char *funder);

/* REFUSED_OUTFLOW_STOPPED, with cause and reason in the detail, while a stop stands. Asked by every outflow. */
enum refusal stop_check(struct turn *t, const char *funder);

/* Stops the outflow of a funder, "" for every one. cause (23 bytes) names it, without '/'; why is cut to fit, and is shown as it
 * is. Tells risk by the signal EVENT "outflow-stopped", the first time. figure: "NAME=FIGURE" without ';', by how much what is broken; "" nothing to say. */
void stop_set(struct turn *t, const char *funder, const char *cause, const char *why, const char *figure);

/* Whether the stop of that cause, standing or lifted, was told that figure last under its name. */
bool stop_knows(const struct tabs *s, const char *funder, const char *cause, const char *figure);

/* Lifts the stop of that key ("FUNDER/cause"). REFUSED_VALUE when none of that key stands, REFUSED_REASON_MISSING; whether the
 * two persons may is asked by the caller. */
enum refusal stop_lift(struct turn *t, const char *id, const char *by, const char *second, const char *reason);

#endif
