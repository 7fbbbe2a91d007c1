/* What a witness remembers, in a file of its own: DIR/witness.db.
 *
 * For each log the largest tree that was cosigned, every checkpoint that was cosigned, and what the log signed that does
 * not fit. A checkpoint is looked at, judged and remembered in one transaction that is durable before the
 * cosignature exists: a witness that is killed may have remembered what it did not say, never the other way round.
 *
 * Two notes of a log with the same size and another root are kept both, for ever: they prove by themselves that the log told
 * two histories. What merely could not be shown to fit is kept too, at most WITNESS_DOUBTS_MAX for each log. */
#ifndef WHARF_STORE_WITNESS_H
#define WHARF_STORE_WITNESS_H

#include "ledger/witness.h"

enum { WITNESS_DOUBTS_MAX = 1000 };

struct witness_store;

/* Opens DIR/witness.db; with write, makes directory and file when they are absent. ERR_NOT_FOUND, ERR_DENIED, ERR_TAMPERED for a file
 * that is none, ERR_VERSION for one of a newer program, ERR_IO. */
enum err witness_store_open(const char *dir, bool write, struct witness_store **out, struct fault *fault);
void witness_store_close(struct witness_store *w); /* NULL is fine */

/* What it remembers of a log; size 0 when it never cosigned one of its checkpoints. */
enum err witness_store_seen(struct witness_store *w, const char *origin, struct witness_seen *out, struct fault *fault);

/* The same, and the note that stands for it, appended to note: the checkpoint with the log's lines and the witness's cosignature. Size
 * and root are only what the file says; who did not write it verifies the note. */
enum err witness_store_note(struct witness_store *w, const char *origin, struct witness_seen *out, struct buf *note, struct fault *fault);

struct witness_keys {
	const struct note_key *logs;  /* that are trusted */
	size_t log_count;
	const struct note_key *key;   /* of the witness, type NOTE_COSIGNATURE */
	const uint8_t *secret;        /* its secret key, NOTE_SECRET_SIZE bytes */
};
/* The whole answer to one request (WITNESS_BYTES_MAX at most): the status, and the body of the answer appended to
 * out: signature lines, the size in decimal for WITNESS_CONFLICT, else one sentence. time_s: POSIX seconds, which the cosignature
 * carries. An error means that nothing was remembered or said (ERR_IO, ERR_FULL, ERR_DENIED, ERR_BUSY). */
enum err witness_store_answer(struct witness_store *w, struct str request, const struct witness_keys *keys, uint64_t time_s,
	enum witness_status *status, struct buf *out, struct fault *fault);

/* The checkpoint of a log that was cosigned last, with the log's lines and a cosignature of the witness, appended to out. ERR_NOT_FOUND when
 * it never cosigned one. */
enum err witness_store_latest(struct witness_store *w, const char *origin, const struct witness_keys *keys, uint64_t time_s,
	struct buf *out, struct fault *fault);

/* Something that was kept: a note that was refused, and the cosigned one that it does not fit. */
struct witness_kept {
	char origin[NOTE_NAME_MAX];
	uint64_t size;
	bool proven;         /* same size, another root */
	struct str refused;  /* until the next call */
	struct str cosigned;
};
/* Calls fn for each, proven ones first; stops when it says false. */
enum err witness_store_kept(struct witness_store *w, bool (*fn)(void *ctx, const struct witness_kept *k), void *ctx,
	struct fault *fault);

/* For tests: called at "begin", "judged", "written" and "durable" (the answer does not exist before). NULL in production. */
void witness_store_set_probe(struct witness_store *w, void (*probe)(void *ctx, const char *point), void *ctx);

#endif
