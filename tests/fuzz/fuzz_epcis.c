/* Fuzzes what reads text from outside in feed: EPCIS documents, device batches, scans, identifiers.
 *
 * Build with clang -fsanitize=fuzzer,address,undefined and the archives of feed and base. Beyond
 * memory safety: an accepted event has a hash id, a second parse gives the same hashes, and a
 * canonical id is its own canonical id. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "feed/batch.h"
#include "feed/epcis.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void fuzz_document(struct arena *a, struct str text, enum epcis_profile profile)
{
	struct epcis_options options = { profile, INSTANT_NONE };
	struct epcis_document *d, *again;
	struct fault fault;
	if (epcis_parse(a, text, &options, &d, &fault)) {
		must(fault.text[0] != '\0');
		return;
	}
	must(epcis_parse(a, text, &options, &again, &fault) == ERR_OK && again->count == d->count);
	for (int i = 0; i < d->count; i++) {
		must((d->items[i].no == NULL) == (d->items[i].event.hash_id.len > 0));
		must(hash_eq(&d->items[i].event.hash, &again->items[i].event.hash));
	}
}

static void fuzz_identifier(struct str text)
{
	struct gs1_id id = gs1_canonical(text, false);
	if (id.form == GS1_NOT_A_KEY)
		return;
	struct gs1_id twice = gs1_canonical(str_of(id.text), false);
	must(twice.form == id.form && strcmp(twice.text, id.text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	struct raw_batch *batch;
	struct gs1_scan scan;
	struct fault fault;
	if (size == 0)
		return 0;
	/* a copy of exact size, so that reading past the end is seen */
	char *copy = malloc(size);
	memcpy(copy, data, size);
	struct str text = { copy + 1, size - 1 };
	arena_reset(&arena);
	fuzz_document(&arena, text, (enum epcis_profile)(data[0] % 3));
	fuzz_identifier(text);
	gs1_scan_parse(text, &scan, &fault);
	if (raw_batch_parse(&arena, text, &batch, &fault) == ERR_OK)
		raw_thin(&arena, batch, RAW_WINDOW_DEFAULT);
	free(copy);
	return 0;
}
