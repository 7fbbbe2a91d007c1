/* Notes, checkpoints and verifier keys from any bytes: no crash, and what parses has one spelling. */
#include <stdint.h>

#include "base/check.h"
#include "base/hash.h"
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the note again from its parts; false when a signature is longer than what is kept of it. */
static bool write_again(const struct note *note, struct buf *out)
{
	buf_str(out, note->text);
	buf_char(out, '\n');
	for (size_t i = 0; i < note->count; i++) {
		const struct note_signature *s = &note->signatures[i];
		uint8_t raw[4 + NOTE_SIGNATURE_HEAD];

		if (s->len > NOTE_SIGNATURE_HEAD)
			return false;
		for (int b = 0; b < 4; b++)
			raw[b] = (uint8_t)(s->key_id >> (24 - 8 * b));
		for (size_t b = 0; b < s->len; b++)
			raw[4 + b] = s->bytes[b];
		buf_printf(out, "\xe2\x80\x94 " STR_FMT " ", STR_ARG(s->name));
		base64_add(out, raw, 4 + s->len);
		buf_char(out, '\n');
	}
	return true;
}

static void try_note(struct str bytes)
{
	static const struct note_key nobody = { .name = "nobody", .type = NOTE_ED25519 };
	struct note note;
	struct fault fault;
	struct buf again = { 0 };

	if (note_parse(bytes, &note, &fault) != ERR_OK)
		return;
	if (write_again(&note, &again))
		CHECK(str_eq(buf_view(&again), bytes), "a note has one spelling");
	CHECK(note_verify(&note, &nobody, 1, NULL, &fault) == ERR_SIGNATURE, "nobody signed it");
	buf_free(&again);
}

static void try_checkpoint(struct str bytes)
{
	struct checkpoint c;
	struct fault fault;
	struct buf again = { 0 };

	if (checkpoint_parse(bytes, &c, &fault) != ERR_OK)
		return;
	checkpoint_format(&c, &again);
	CHECK(str_eq(buf_view(&again), bytes), "a checkpoint has one spelling");
	buf_free(&again);
}

static void try_key(struct str bytes)
{
	struct note_key key;
	struct fault fault;
	struct buf again = { 0 };

	if (note_key_parse(bytes, &key, &fault) != ERR_OK)
		return;
	note_key_format(&key, &again);
	CHECK(str_eq(buf_view(&again), bytes), "a verifier key has one spelling");
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	try_note(bytes);
	try_checkpoint(bytes);
	try_key(bytes);
	return 0;
}
