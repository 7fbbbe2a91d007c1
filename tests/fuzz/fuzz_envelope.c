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

	if (envelope_decode(bytes, &e, &fault) != ERR_OK)
		return;
	CHECK(envelope_encode(&e, &again, &fault) == ERR_OK, "a decoded envelope encodes");
	CHECK(str_eq(buf_view(&again), bytes), "an envelope has one spelling");
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
	(void)entry_digest(&e, NULL, &d, &fault);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	try_envelope(bytes);
	try_entry(bytes);
	return 0;
}
