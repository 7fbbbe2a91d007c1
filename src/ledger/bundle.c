/* Proofs of one entry (see ledger/bundle.h).
 *
 * What must remain true: a bundle that parses is written again as the same bytes, and nothing in it counts before the
 * checkpoint held under the policy. */
#include "ledger/bundle.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"

#define HEAD "c2sp.org/tlog-proof@v1\n"

static enum err bad(struct fault *fault, int line, const char *what)
{
	return fault_set(fault, ERR_SYNTAX, line, 1, "line %d of a proof: %s. Fetch it again.", line, what);
}

bool bundle_is(struct str bytes)
{
	return str_starts(bytes, HEAD);
}

/* One whole line without its newline; false when what is left has no newline. */
static bool cut_line(struct str *rest, struct str *line)
{
	const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;

	if (end == NULL)
		return false;
	*line = (struct str){ rest->ptr, (size_t)(end - rest->ptr) };
	rest->len -= line->len + 1;
	rest->ptr = end + 1;
	return true;
}

/* libsodium 1.0.18 takes bytes from 0x80 up for digits: only ASCII may be base64. */
static bool base64_ascii(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	return base64_parse(text, out);
}

static bool hash_line(struct str line, struct hash *out)
{
	struct buf raw = { 0 };
	bool ok = line.len == 44 && base64_ascii(line, &raw) && raw.len == HASH_SIZE;

	if (ok)
		memcpy(out->bytes, raw.ptr, HASH_SIZE);
	buf_free(&raw);
	return ok;
}

enum err bundle_hashes(struct str *rest, int *line, size_t most, struct merkle_proof *out, struct fault *fault)
{
	struct str one;

	for (out->count = 0;; out->count++) {
		++*line;
		if (!cut_line(rest, &one))
			return bad(fault, *line, "the proof ends before its blank line");
		if (one.len == 0)
			return ERR_OK;
		if (out->count == most)
			return fault_set(fault, ERR_LIMIT, *line, 1, "line %d of a proof: more than %zu hashes, which no tree needs. "
				"Fetch it again.", *line, most);
		if (!hash_line(one, &out->hashes[out->count]))
			return bad(fault, *line, "not a hash of 32 bytes in canonical base64");
	}
}

static enum err parse_extra(struct str line, struct bundle *out, struct fault *fault)
{
	struct buf raw = { 0 };
	bool ok;

	out->has_extra = true;
	out->extra = (struct str){ line.ptr + 6, line.len - 6 };
	ok = out->extra.len <= BUNDLE_EXTRA_MAX && base64_ascii(out->extra, &raw);
	buf_free(&raw);
	return ok ? ERR_OK : bad(fault, 2, "the extra data are too long or not canonical base64");
}

enum err bundle_parse(struct str bytes, struct bundle *out, struct fault *fault)
{
	struct str rest = bytes, line;
	int at = 2;
	enum err e = ERR_OK;

	memset(out, 0, sizeof *out);
	if (bytes.len > BUNDLE_BYTES_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "A proof has %zu bytes; at most %d are read.", bytes.len, BUNDLE_BYTES_MAX);
	if (!bundle_is(bytes))
		return bad(fault, 1, "it does not begin with c2sp.org/tlog-proof@v1");
	rest.ptr += sizeof HEAD - 1;
	rest.len -= sizeof HEAD - 1;
	if (!cut_line(&rest, &line))
		return bad(fault, at, "no index");
	if (str_starts(line, "extra ")) {
		at++;
		e = parse_extra(line, out, fault);
		if (e != ERR_OK || !cut_line(&rest, &line))
			return e != ERR_OK ? e : bad(fault, at, "no index");
	}
	if (!str_starts(line, "index ") || !num_parse_count((struct str){ line.ptr + 6, line.len - 6 }, &out->index))
		return bad(fault, at, "not \"index\" and a decimal number without leading zeros");
	e = bundle_hashes(&rest, &at, MERKLE_PROOF_MAX, &out->proof, fault);
	out->checkpoint = rest;
	if (e == ERR_OK && rest.len == 0)
		e = bad(fault, at + 1, "no checkpoint");
	return e;
}

void bundle_format(const struct bundle *b, struct buf *out)
{
	CHECK(b->checkpoint.len > 0, "a proof needs its checkpoint");
	buf_text(out, HEAD);
	if (b->has_extra) {
		buf_text(out, "extra ");
		buf_str(out, b->extra);
		buf_char(out, '\n');
	}
	buf_printf(out, "index %" PRIu64 "\n", b->index);
	for (size_t i = 0; i < b->proof.count; i++) {
		base64_add(out, b->proof.hashes[i].bytes, HASH_SIZE);
		buf_char(out, '\n');
	}
	buf_char(out, '\n');
	buf_str(out, b->checkpoint);
}

enum err bundle_verify(const struct bundle *b, const struct hash *leaf, const struct tlog_policy *policy,
	struct tlog_verdict *verdict, struct fault *fault)
{
	struct tlog_verdict v;
	enum err e = tlog_policy_open(policy, b->checkpoint, &v, fault);

	if (e != ERR_OK)
		return e;
	if (verdict != NULL)
		*verdict = v;
	if (b->index >= v.checkpoint.size)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "The proof speaks of entry %" PRIu64 ", its checkpoint of %" PRIu64
			" entries, from 0. Refuse it.", b->index, v.checkpoint.size);
	if (!merkle_verify_inclusion(b->index, v.checkpoint.size, leaf, b->proof.hashes, b->proof.count, &v.checkpoint.root))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "Leaf and path do not lead to the root of the checkpoint: this is not entry %"
			PRIu64 " of %s. Refuse it.", b->index, v.checkpoint.origin);
	return ERR_OK;
}
