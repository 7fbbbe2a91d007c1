/* Manifests of evidence from any bytes: no crash, and what decodes encodes to the same bytes and adds up. */
#include <stdint.h>

#include "base/check.h"
#include "ledger/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct sealed_manifest m;
	struct fault fault;
	struct buf again = { 0 };
	uint64_t total = 0;
	if (sealed_manifest_decode(bytes, &m, &fault) != ERR_OK)
		return 0;
	for (size_t i = 0; i < m.count; i++) {
		size_t n = sealed_chunk_size(&m, i);
		CHECK(n > 0 && n <= SEALED_CHUNK, "a chunk has a size");
		total += n;
	}
	CHECK(total == m.size, "chunks add up to the whole");
	sealed_manifest_encode(&m, &again);
	CHECK(str_eq(buf_view(&again), bytes), "a manifest has one spelling");
	buf_free(&again);
	return 0;
}
