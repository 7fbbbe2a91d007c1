/* Envelopes and entries from any bytes: no crash, and what decodes encodes to the same bytes. */
#include <stdint.h>

#include "base/check.h"
#include "ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_envelope(struct str bytes)
{
	struct envelope e;
	struct fault fault;
	struct buf again = { 0 };
	struct hash hash, digest;

	if (envelope_decode(bytes, &e, &fault) != ERR_OK)
		return;
	CHECK(envelope_encode(&e, &again, &fault) == ERR_OK, "a decoded envelope encodes");
	CHECK(str_eq(buf_view(&again), bytes), "an envelope has one spelling");
	CHECK(envelope_kind(bytes) == (int)e.kind, "the kind is told from the beginning");
	hash = envelope_content_hash(&e);
	CHECK(envelope_decode_again_content(bytes, &e, &digest) && hash_eq(&hash, &digest), "what was taken is taken again");
	(void)envelope_verify_signatures(&e, NULL);
	buf_free(&again);
}

static void try_entry(struct str bytes)
{
	struct entry e;
	struct entry_digests d;
	struct fault fault;
	struct buf again = { 0 };

	if (entry_decode(bytes, &e, &fault) != ERR_OK)
		return;
	CHECK(entry_encode(&e, &again, &fault) == ERR_OK, "a decoded entry encodes");
	CHECK(str_eq(buf_view(&again), bytes), "an entry has one spelling");
	if (entry_digest(&e, NULL, &d, &fault)) {
		struct entry_link link = { e.number, e.epoch, INT64_MIN, e.prev };
		CHECK(entry_check_link(&link, &e, &d, NULL, NULL, &fault) == (e.stamp > INT64_MIN ? ENTRY_HOLDS : ENTRY_BREAK_STAMP),
			"an entry follows what it says it follows");
	}
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	try_envelope(bytes);
	try_entry(bytes);
	return 0;
}
