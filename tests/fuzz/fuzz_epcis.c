/* Fuzzes what reads text from outside in feed: EPCIS documents, device batches, scans, identifiers.
 *
 * Build with clang -fsanitize=fuzzer,address,undefined and the archives of feed and base. Beyond
 * memory safety: an accepted event has a hash id, a second parse gives the same hashes, and a
 * canonical id is its own canonical id, a reading is in its batch. */
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

/* What is expected in the place of a wrong check is right itself; other failures say a form, in words. */
static void fuzz_check(struct str text, enum gs1_rule rule)
{
	struct gs1_check c = gs1_check(rule, text);
	size_t len = strlen(c.expected);
	must(c.rule == rule && (c.verdict == GS1_FAIL || !len));
	if (len && len == text.len && strspn(c.expected, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len)
		must(gs1_check(rule, str_of(c.expected)).verdict == GS1_PASS);
}

/* A reading is of its batch, and where it is not. */
static void fuzz_paths(const struct raw_batch *b)
{
	struct hash leaves[4], path[RAW_PATH_MAX], root;
	int count = b->count < 4 ? b->count : 4;
	for (int i = 0; i < count; i++)
		leaves[i] = raw_leaf(&b->readings[i]);
	root = raw_root(leaves, count);
	for (int i = 0; i < count; i++) {
		int length = raw_path(leaves, count, i, path);
		must(raw_path_holds(&leaves[i], i, count, path, length, &root));
		must(!raw_path_holds(&root, i, count, path, length, &root) || count == 1);
	}
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
	fuzz_check(text, (enum gs1_rule)(data[0] % GS1_RULE_COUNT));
	gs1_scan_parse(text, &scan, &fault);
	if (raw_batch_parse(&arena, text, &batch, &fault) == ERR_OK) {
		fuzz_paths(batch);
		raw_thin(&arena, batch, RAW_WINDOW_DEFAULT);
	}
	free(copy);
	return 0;
}
