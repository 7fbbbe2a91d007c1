/* One public proof vector (JSON, as in transparency-dev/merkle testdata), put to our verifiers.
 *
 * Shared by the unit test, which compares with "wantErr", and the measuring program, which only
 * says what was accepted. Roots are byte strings; leaf and proof hashes must have 32 bytes. */
#ifndef WHARF_TESTS_MERKLE_VECTOR_H
#define WHARF_TESTS_MERKLE_VECTOR_H

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "ledger/merkle.h"

struct merkle_vector {
	bool accepted;
	bool want_error; /* as the file says */
};

/* An unsigned 64-bit decimal number: two vectors hold 2^64 - 1. */
static bool vector_u64(const struct json *doc, const char *key, uint64_t *out)
{
	const struct json *j = json_get(doc, key);
	uint64_t n = 0;

	if (j == NULL || j->kind != JSON_NUMBER || j->text.len == 0)
		return false;
	for (size_t i = 0; i < j->text.len; i++) {
		char c = j->text.ptr[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(n, UINT64_C(10), &n) ||
			__builtin_add_overflow(n, (uint64_t)(c - '0'), &n))
			return false;
	}
	*out = n;
	return true;
}

static bool vector_bytes(struct arena *a, struct str base64, struct str *out)
{
	struct buf b = { 0 };
	bool ok = base64_parse(base64, &b);

	if (ok)
		*out = (struct str){ arena_copy(a, b.ptr ? b.ptr : "", b.len), b.len };
	buf_free(&b);
	return ok;
}

static bool vector_hash(struct arena *a, struct str base64, struct hash *out)
{
	struct str raw;

	if (!vector_bytes(a, base64, &raw) || raw.len != HASH_SIZE)
		return false;
	memcpy(out->bytes, raw.ptr, HASH_SIZE);
	return true;
}

static bool vector_proof(struct arena *a, const struct json *doc, struct hash **out, size_t *count)
{
	const struct json *list = json_get(doc, "proof");
	int n = list != NULL && list->kind == JSON_ARRAY ? list->count : 0;

	*out = arena_zero(a, ((size_t)n + 1) * sizeof **out);
	*count = (size_t)n;
	for (int i = 0; i < n; i++)
		if (!vector_hash(a, json_at(list, i)->text, &(*out)[i]))
			return false;
	return true;
}

static bool vector_accepts(struct arena *a, const struct json *doc)
{
	struct hash leaf, root, *proof;
	struct str root1, root2;
	uint64_t from, to;
	size_t count;

	if (!vector_proof(a, doc, &proof, &count))
		return false;
	if (json_get(doc, "leafIdx") != NULL)
		return vector_u64(doc, "leafIdx", &from) && vector_u64(doc, "treeSize", &to) &&
			vector_hash(a, json_str(doc, "leafHash"), &leaf) &&
			vector_hash(a, json_str(doc, "root"), &root) &&
			merkle_verify_inclusion(from, to, &leaf, proof, count, &root);
	return vector_u64(doc, "size1", &from) && vector_u64(doc, "size2", &to) &&
		vector_bytes(a, json_str(doc, "root1"), &root1) &&
		vector_bytes(a, json_str(doc, "root2"), &root2) &&
		merkle_check_consistency(from, to, root1, root2, proof, count);
}

/* Reads a whole file of at most 1 MiB; the caller frees the buffer. */
static bool vector_read(const char *path, struct buf *out)
{
	char chunk[4096];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && out->len < 1u << 20)
		buf_add(out, chunk, n);
	fclose(f);
	return true;
}

/* False when the file cannot be read or is no vector. */
static bool vector_run(const char *path, struct merkle_vector *out, struct fault *fault)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct json *doc = NULL;
	bool ok = vector_read(path, &text);

	if (!ok)
		fault_set(fault, ERR_IO, 0, 0, "cannot be read");
	ok = ok && json_parse(&a, buf_view(&text), &doc, fault) == ERR_OK;
	if (ok && json_get(doc, "leafIdx") == NULL && json_get(doc, "size1") == NULL) {
		fault_set(fault, ERR_SYNTAX, 0, 0, "holds neither leafIdx nor size1");
		ok = false;
	}
	if (ok) {
		const struct json *want = json_get(doc, "wantErr");

		out->want_error = want != NULL && want->kind == JSON_BOOL && want->boolean;
		out->accepted = vector_accepts(&a, doc);
	}
	buf_free(&text);
	arena_free(&a);
	return ok;
}

#endif
