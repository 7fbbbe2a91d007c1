/* Entries of the ledger and the chain through them (see ledger/entry.h).
 *
 * What must remain true
 *  - every field of an entry is in its leaf bytes, so no byte of it can change without changing
 *    the chain hash and the tree;
 *  - leaf bytes are written by one function, for the leader, the replica and the auditor alike;
 *  - a break is reported with the entry's number and with both values. */
#include "ledger/entry.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"
#include "ledger/merkle.h"

#define CHAIN_DOMAIN "wharf/chain/v1"

bool entry_verdict_valid(struct str verdict)
{
	if (verdict.len == 0 || verdict.len >= ENTRY_VERDICT_MAX)
		return false;
	for (size_t i = 0; i < verdict.len; i++) {
		char c = verdict.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

static struct str verdict_of(const struct entry *e)
{
	return (struct str){ e->verdict, strnlen(e->verdict, ENTRY_VERDICT_MAX) };
}

/* --- encoding ----------------------------------------------------------------------------------- */

/* What entry and leaf begin with. */
static void put_place(const struct entry *e, struct buf *out)
{
	put_u64(out, ENTRY_VERSION);
	put_u64(out, e->number);
	put_u64(out, e->epoch);
	put_i64(out, e->stamp);
	put_raw(out, e->seed.bytes, HASH_SIZE);
}

enum err entry_encode(const struct entry *e, struct buf *out, struct fault *fault)
{
	size_t start = out->len;

	if (!entry_verdict_valid(verdict_of(e)))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "Entry %" PRIu64 " has no verdict that can be written.",
			e->number);
	put_place(e, out);
	put_raw(out, e->prev.bytes, HASH_SIZE);
	put_bytes(out, e->envelope.ptr, e->envelope.len);
	put_str(out, verdict_of(e));
	put_raw(out, e->outcome.bytes, HASH_SIZE);
	if (out->len - start > ENTRY_BYTES_MAX) {
		size_t len = out->len - start;

		out->len = start;
		out->ptr[start] = '\0';
		return fault_set(fault, ERR_LIMIT, 0, 0, "Entry %" PRIu64 " has %zu bytes; at most %d are allowed.",
			e->number, len, ENTRY_BYTES_MAX);
	}
	return ERR_OK;
}

static void get_hash(struct reader *r, struct hash *to)
{
	const uint8_t *from = get_raw(r, HASH_SIZE);

	if (from != NULL)
		memcpy(to->bytes, from, HASH_SIZE);
}

enum err entry_decode(struct str bytes, struct entry *out, struct fault *fault)
{
	struct reader r = reader_of(bytes.ptr, bytes.len);
	struct str verdict;
	uint64_t version;

	memset(out, 0, sizeof *out);
	out->envelope = STR("");
	if (bytes.len > ENTRY_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "An entry has %zu bytes; at most %d are allowed.",
			bytes.len, ENTRY_BYTES_MAX);
	version = get_u64(&r);
	if (!r.bad && version > ENTRY_VERSION)
		return fault_set(fault, ERR_VERSION, 0, 0, "An entry has version %" PRIu64 "; this program knows %d. "
			"Use a newer program.", version, ENTRY_VERSION);
	out->number = get_u64(&r);
	out->epoch = get_u64(&r);
	out->stamp = get_i64(&r);
	get_hash(&r, &out->seed);
	get_hash(&r, &out->prev);
	out->envelope = get_bytes(&r);
	verdict = get_bytes(&r);
	get_hash(&r, &out->outcome);
	if (!reader_done(&r) || version != ENTRY_VERSION || !entry_verdict_valid(verdict))
		return fault_set(fault, ERR_SYNTAX, 0, 0, "%zu bytes are not the canonical encoding of an entry. "
			"Fetch it from another replica.", bytes.len);
	str_copy(out->verdict, sizeof out->verdict, verdict);
	return ERR_OK;
}

/* --- digests ------------------------------------------------------------------------------------ */

void entry_leaf_bytes(const struct entry *e, const struct entry_digests *d, struct buf *out)
{
	put_place(e, out);
	put_raw(out, d->content.bytes, HASH_SIZE);
	put_raw(out, d->envelope.bytes, HASH_SIZE);
	put_str(out, verdict_of(e));
	put_raw(out, e->outcome.bytes, HASH_SIZE);
	put_raw(out, e->prev.bytes, HASH_SIZE);
}

bool entry_digest(const struct entry *e, const struct hash *content, struct entry_digests *out,
	struct fault *fault)
{
	if (content != NULL) {
		out->content = *content;
	} else {
		struct envelope decoded;

		if (envelope_decode(e->envelope, &decoded, fault) != ERR_OK)
			return false;
		out->content = envelope_content_hash(&decoded);
	}
	out->envelope = hash_of(e->envelope.ptr, e->envelope.len);
	entry_digest_place(e, out);
	return true;
}

void entry_digest_place(const struct entry *e, struct entry_digests *out)
{
	enum { LEAF_ROOM = 512 };
	static const char domain[] = CHAIN_DOMAIN;
	char room[LEAF_ROOM]; /* hashes and a few numbers: the buffer never grows */
	struct buf leaf = { .ptr = room, .cap = sizeof room };

	entry_leaf_bytes(e, out, &leaf);
	CHECK(leaf.ptr == room, "leaf bytes fit their room");
	out->leaf = merkle_leaf(leaf.ptr, leaf.len);
	struct part parts[] = { { domain, sizeof domain - 1 }, { e->prev.bytes, HASH_SIZE },
		{ leaf.ptr, leaf.len } };

	out->chain = hash_parts(parts, 3);
}

/* --- the chain ---------------------------------------------------------------------------------- */

const char *entry_break_name(enum entry_break b)
{
	static const char *const names[ENTRY_BREAK_COUNT] = { "holds", "number", "prev", "stamp", "epoch",
		"envelope", "content", "leaf", "chain" };

	CHECK(b < ENTRY_BREAK_COUNT, "no such break");
	return names[b];
}

struct entry_link entry_link_start(void)
{
	return (struct entry_link){ .next = 0, .stamp = INT64_MIN };
}

static enum entry_break hash_break(enum entry_break b, const struct entry *e, const char *what,
	const struct hash *stored, const struct hash *computed, struct fault *fault)
{
	char s[HASH_HEX_MAX], c[HASH_HEX_MAX];

	fault_set(fault, ERR_TAMPERED, 0, 0, "Entry %" PRIu64 ": the %s does not hold: stored %s, computed %s. "
		"Compare with another replica or a signed checkpoint.", e->number, what,
		hex_of(stored->bytes, HASH_SIZE, s), hex_of(computed->bytes, HASH_SIZE, c));
	return b;
}

/* Place in the order: number, chain, time and epoch. */
static enum entry_break check_place(const struct entry_link *before, const struct entry *e,
	struct fault *fault)
{
	if (e->number != before->next) {
		fault_set(fault, ERR_TAMPERED, 0, 0, "Entry %" PRIu64 " should come here, stored is number %" PRIu64
			". Compare with another replica or a signed checkpoint.", before->next, e->number);
		return ENTRY_BREAK_NUMBER;
	}
	if (!hash_eq(&e->prev, &before->chain))
		return hash_break(ENTRY_BREAK_PREV, e, "link to the entry before", &e->prev, &before->chain, fault);
	if (e->number > 0 && e->stamp <= before->stamp) {
		fault_set(fault, ERR_TAMPERED, 0, 0, "Entry %" PRIu64 ": the stamp does not rise: stored %" PRId64
			" us, the entry before has %" PRId64 " us.", e->number, e->stamp, before->stamp);
		return ENTRY_BREAK_STAMP;
	}
	if (e->epoch < before->epoch) {
		fault_set(fault, ERR_TAMPERED, 0, 0, "Entry %" PRIu64 ": the epoch falls: stored %" PRIu64
			", the entry before has %" PRIu64 ".", e->number, e->epoch, before->epoch);
		return ENTRY_BREAK_EPOCH;
	}
	return ENTRY_HOLDS;
}

static enum entry_break check_stored(const struct entry *e, const struct entry_digests *stored,
	const struct entry_digests *computed, struct fault *fault)
{
	const struct {
		enum entry_break b;
		const char *what;
		const struct hash *stored, *computed;
	} rows[] = {
		{ ENTRY_BREAK_CONTENT, "content hash", &stored->content, &computed->content },
		{ ENTRY_BREAK_ENVELOPE, "digest of the envelope", &stored->envelope, &computed->envelope },
		{ ENTRY_BREAK_LEAF, "leaf hash", &stored->leaf, &computed->leaf },
		{ ENTRY_BREAK_CHAIN, "chain hash", &stored->chain, &computed->chain },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!hash_is_zero(rows[i].stored) && !hash_eq(rows[i].stored, rows[i].computed))
			return hash_break(rows[i].b, e, rows[i].what, rows[i].stored, rows[i].computed, fault);
	return ENTRY_HOLDS;
}

enum entry_break entry_check_link(const struct entry_link *before, const struct entry *e,
	const struct entry_digests *stored, struct entry_link *after, struct entry_digests *digests,
	struct fault *fault)
{
	struct entry_digests d;
	struct fault why = { 0 };
	enum entry_break b = check_place(before, e, fault);

	if (b != ENTRY_HOLDS)
		return b;
	if (!entry_digest(e, NULL, &d, &why)) {
		fault_set(fault, ERR_TAMPERED, 0, 0, "Entry %" PRIu64 ": %s", e->number, why.text);
		return ENTRY_BREAK_ENVELOPE;
	}
	b = stored == NULL ? ENTRY_HOLDS : check_stored(e, stored, &d, fault);
	if (b != ENTRY_HOLDS)
		return b;
	if (after != NULL)
		*after = (struct entry_link){ e->number + 1, e->epoch, e->stamp, d.chain };
	if (digests != NULL)
		*digests = d;
	return ENTRY_HOLDS;
}
