/* A snapshot of a large state, written while the program goes on.
 *
 * A forked copy of the process holds the state as it was, makes the bytes and their digest in memory that both share, and ends;
 * then the bytes go into the journal's database part by part, each in a transaction of its own between two commits, and
 * the signature with the last one. Until then nothing of it is believed.
 *
 * Must remain true
 *  - the copy touches neither the database nor the directory: beside the standard three it holds the descriptor of the shared
 *    memory alone;
 *  - an advance does a bounded piece of work, whatever the size of the state. */
#ifndef WHARF_STORE_SNAPSHOTTING_H
#define WHARF_STORE_SNAPSHOTTING_H

#include "store/journal.h"

enum { SNAPSHOT_PART = 1 << 20 }; /* bytes */

struct snapshotting;
/* Of the state as it is now. NULL when the system gives no memory or no process: the caller makes it the plain way. The
 * calling thread must be the only one that changes e, and no other may be inside the journal. */
struct snapshotting *snapshotting_begin(const struct engine *e);

/* The next piece; returns at once while the copy is at work. *done: there is nothing more to do, in order or, with a fault,
 * given up: the journal has everything, a snapshot only saves time. No transaction may be open. */
enum err snapshotting_advance(struct snapshotting *s, struct journal *j, bool *done, struct fault *fault);
size_t snapshotting_size(const struct snapshotting *s); /* bytes, once they are made; else 0 */
void snapshotting_end(struct snapshotting *s); /* ends the copy, too, when it still works; NULL is fine */

#endif
