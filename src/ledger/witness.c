/* What a witness says to a checkpoint (see ledger/witness.h).
 *
 * What must remain true: nothing is cosigned whose tree was not shown to extend the last one, and the order of the
 * checks is that of the specification, so that a client can rely on what a status means. */
#include "ledger/witness.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"

const char *witness_status_words(enum witness_status s)
{
	static const struct {
		enum witness_status status;
		const char *words;
	} WORDS[] = {
		{ WITNESS_SIGNED, "cosigned" },
		{ WITNESS_MALFORMED, "not a request, or its old size is above that of the checkpoint" },
		{ WITNESS_FORBIDDEN, "no good signature of a log that this witness trusts" },
		{ WITNESS_UNKNOWN, "a log that this witness does not know" },
		{ WITNESS_CONFLICT, "the old size is not the one that was cosigned last" },
		{ WITNESS_UNPROVEN, "not shown to extend the tree that was cosigned last" },
	};

	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (WORDS[i].status == s)
			return WORDS[i].words;
	return "an unknown answer";
}

enum err witness_request_parse(struct str bytes, struct witness_request *out, struct fault *fault)
{
	struct str rest = bytes, line;
	int at = 1;
	enum err e;

	memset(out, 0, sizeof *out);
	if (bytes.len > WITNESS_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A request has %zu bytes; at most %d are read.", bytes.len, WITNESS_BYTES_MAX);
	line = str_cut(&rest, '\n');
	if (!str_starts(line, "old ") || !num_parse_count((struct str){ line.ptr + 4, line.len - 4 }, &out->old))
		return fault_set(fault, ERR_SYNTAX, 1, 1, "line 1 of a request: not \"old\" and a decimal number without leading zeros.");
	e = bundle_hashes(&rest, &at, WITNESS_HASHES_MAX, &out->proof, fault);
	out->checkpoint = rest;
	if (e == ERR_OK && rest.len == 0)
		e = fault_set(fault, ERR_SYNTAX, at + 1, 1, "line %d of a request: no checkpoint.", at + 1);
	return e;
}

void witness_request_format(const struct witness_request *r, struct buf *out)
{
	buf_printf(out, "old %" PRIu64 "\n", r->old);
	for (size_t i = 0; i < r->proof.count; i++) {
		base64_add(out, r->proof.hashes[i].bytes, HASH_SIZE);
		buf_char(out, '\n');
	}
	buf_char(out, '\n');
	buf_str(out, r->checkpoint);
}

enum witness_status witness_open(const struct witness_request *r, const struct note_key *logs, size_t count,
	struct checkpoint *out, struct fault *fault)
{
	struct note note;
	bool known = false;

	if (note_parse(r->checkpoint, &note, fault) != ERR_OK || checkpoint_parse(note.text, out, fault) != ERR_OK)
		return WITNESS_MALFORMED;
	for (size_t i = 0; i < count; i++)
		known = known || strcmp(logs[i].name, out->origin) == 0;
	if (!known) {
		fault_set(fault, ERR_NOT_FOUND, 0, 0, "This witness knows no log %s. Add its key to those it trusts.", out->origin);
		return WITNESS_UNKNOWN;
	}
	return checkpoint_open(r->checkpoint, logs, count, out, NULL, fault) == ERR_OK ? WITNESS_SIGNED : WITNESS_FORBIDDEN;
}

enum witness_status witness_judge(const struct witness_request *r, const struct checkpoint *c,
	const struct witness_seen *seen)
{
	struct hash empty = merkle_empty();
	const struct hash *root = seen->size > 0 ? &seen->root : &empty;

	if (r->old > c->size)
		return WITNESS_MALFORMED;
	if (r->old != seen->size)
		return WITNESS_CONFLICT;
	return merkle_verify_consistency(seen->size, c->size, root, &c->root, r->proof.hashes, r->proof.count)
		? WITNESS_SIGNED : WITNESS_UNPROVEN;
}

enum witness_clash witness_compare(const struct checkpoint *a, const struct checkpoint *b)
{
	return a->size == b->size && !hash_eq(&a->root, &b->root) ? WITNESS_SAME_SIZE : WITNESS_NO_CLASH;
}
