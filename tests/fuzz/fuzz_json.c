/* libFuzzer entry for the parsers of base: JSON text, records from JSON, encoded records, snapshots.
 *
 * What holds for every input: no parser reads or writes out of bounds; JSON that was read is written
 * and read again as the same; a record that was read encodes to bytes that decode to it; a snapshot
 * that was restored is written as it came. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/tab.h"
#include "unit/base/rec_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_value(const struct json *value, struct buf *out)
{
	struct json_writer *w = json_write_begin(out, false);

	json_write_value(w, value);
	json_write_end(w);
}

/* Encoding, decoding and encoding again gives the same bytes. */
static void same_again(const struct thing *t, struct arena *a)
{
	struct buf one = { 0 }, two = { 0 };
	struct thing back;

	rec_encode(&THING_REC, t, &one);
	CHECK(rec_decode(&THING_REC, buf_view(&one), &back, a), "what was encoded decodes");
	rec_encode(&THING_REC, &back, &two);
	CHECK(str_eq(buf_view(&one), buf_view(&two)), "one record has one encoding");
	buf_free(&one);
	buf_free(&two);
}

static void fuzz_record_json(const struct json *root, struct arena *a)
{
	struct thing t = { 0 }, back = { 0 };
	struct buf text = { 0 };
	struct json_writer *w;
	struct json *again;
	struct fault f;

	if (rec_from_json(&THING_REC, root, &t, a, &f))
		return;
	same_again(&t, a);
	w = json_write_begin(&text, true);
	rec_to_json(&THING_REC, &t, w);
	json_write_end(w);
	CHECK(json_parse(a, buf_view(&text), &again, &f) == ERR_OK, "a record writes JSON");
	CHECK(rec_from_json(&THING_REC, again, &back, a, &f) == ERR_OK, "a record reads its own JSON");
	buf_free(&text);
}

static void fuzz_json(struct str text, struct arena *a)
{
	struct buf one = { 0 }, two = { 0 };
	struct json *root, *again;
	struct fault f;

	if (json_parse(a, text, &root, &f)) {
		CHECK(!root && f.text[0], "a refused document has a reason");
		return;
	}
	write_value(root, &one);
	CHECK(json_parse(a, buf_view(&one), &again, &f) == ERR_OK, "what was written is read");
	write_value(again, &two);
	CHECK(str_eq(buf_view(&one), buf_view(&two)), "JSON is written as it was read");
	fuzz_record_json(root, a);
	buf_free(&one);
	buf_free(&two);
}

static void fuzz_record(struct str bytes, struct arena *a)
{
	struct buf text = { 0 };
	struct thing t;

	if (!rec_decode(&THING_REC, bytes, &t, a))
		return;
	same_again(&t, a);
	for (size_t i = 0; i < THING_REC.field_count; i++)
		rec_field_print(&THING_REC, &t, &THING_REC.fields[i], &text);
	buf_free(&text);
}

static void fuzz_snapshot(struct str bytes)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	struct buf again = { 0 };

	if (tabs_restore(s, bytes)) {
		tabs_snapshot(s, &again);
		CHECK(str_eq(bytes, buf_view(&again)), "a snapshot is written as it came");
	}
	buf_free(&again);
	tabs_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct arena a = { 0 };

	fuzz_json(bytes, &a);
	fuzz_record(bytes, &a);
	fuzz_snapshot(bytes);
	arena_free(&a);
	return 0;
}
