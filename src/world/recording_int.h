/* The recording as it is played: lines found by their instants, made into signed events when they are due. */
#ifndef WHARF_WORLD_RECORDING_INT_H
#define WHARF_WORLD_RECORDING_INT_H

#include "engine/events.h"
#include "ledger/envelope.h"
#include "world/world.h"

struct record_line {
	int64_t at;
	struct str text;
};

/* Splits history and day into lines by "at"; ERR_SYNTAX with the line's number when instants do not rise. */
enum err recording_split(struct arena *a, struct str history, struct str day, struct record_line **out, size_t *count,
	struct fault *fault);

enum { RECORDED_BLOBS_MAX = 3 };
struct recorded {
	struct envelope envelope;    /* unsigned; body in the arena */
	char signer_kind[12], signer[24]; /* for world_key */
	struct world_blob blobs[RECORDED_BLOBS_MAX];
	size_t blob_count;
	char says[64];
};
/* The event of a line, given the state now (amounts that are "due" or "interest", what a gateway saw last). */
enum err recording_event(const struct cast *c, const struct tabs *s, const struct record_line *line, struct arena *a,
	struct recorded *out, struct fault *fault);

/* The body of a gateway batch from its raw text and EPCIS text ("" for none). */
enum err recording_batch(const struct tabs *s, struct str batch, struct str epcis, struct arena *a, struct ev_batch *out,
	struct fault *fault);

#endif
