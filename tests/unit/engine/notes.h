/* Checkpoints of the one desk as notes, signed and cosigned by whom a test likes, and the events that bring them: what a witness saw, what
 * accuses the node. */
#ifndef WHARF_TEST_ENGINE_NOTES_H
#define WHARF_TEST_ENGINE_NOTES_H

#include "engine/witnessed.h"
#include "ledger/merkle.h"
#include "ledger/note.h"
#include "unit/engine/one_desk.h"

/* One signature line more. */
static void note_line(const struct key_pair *pair, const char *name, enum note_type type, struct buf *note)
{
	struct buf text = { 0 };
	struct note_key key;
	buf_add(&text, note->ptr, (size_t)(strstr(note->ptr, "\n\n") + 1 - note->ptr)); /* a copy: the note grows */
	assert_int_equal(note_key_make(str_of(name), type, pair->public_key, &key, NULL), ERR_OK);
	note_sign(buf_view(&text), &key, pair->secret, 1773648000, note);
	buf_free(&text);
}

/* A checkpoint of the tree at that size, signed by `log` and cosigned by `witness` (NULL: nobody), labels of the desk; `wrong` changes
 * the root. */
static void note_put(uint64_t size, bool wrong, const char *log, const char *witness, struct buf *out)
{
	const char *origin = engine_meta(desk.engine)->origin;
	struct checkpoint c = { .size = size, .extensions = STR("") };
	struct buf text = { 0 };
	if (size <= merkle_size(engine_tree(desk.engine)))
		c.root = merkle_root_at(engine_tree(desk.engine), size);
	c.root.bytes[0] ^= wrong;
	snprintf(c.origin, sizeof(c.origin), "%s", origin);
	checkpoint_format(&c, &text);
	buf_clear(out);
	assert_int_equal(note_begin(buf_view(&text), out, NULL), ERR_OK);
	note_line(desk_pair(&desk, log), origin, NOTE_ED25519, out);
	if (witness)
		note_line(desk_pair(&desk, witness), "any.name/it.likes", NOTE_COSIGNATURE, out);
	buf_free(&text);
}

static __attribute__((unused)) enum refusal witnessed_by(const char *sender, const struct key_pair *witness, const struct buf *note)
{
	struct ev_witnessed b = { .note = blob_in(&desk.arena, note->ptr, note->len) };
	snprintf(b.origin, sizeof(b.origin), "%s", engine_meta(desk.engine)->origin);
	memcpy(b.witness.bytes, witness->public_key, HASH_SIZE);
	return desk_send(&desk, EVENT_WITNESSED, sender, "", &b);
}

/* second: NULL when the ledger itself says otherwise */
static __attribute__((unused)) enum refusal accuse(const char *sender, const struct buf *first, const struct buf *second)
{
	struct ev_equivocation b = { .first = blob_in(&desk.arena, first->ptr, first->len) };
	if (second)
		b.second = blob_in(&desk.arena, second->ptr, second->len);
	snprintf(b.origin, sizeof(b.origin), "%s", engine_meta(desk.engine)->origin);
	return desk_send(&desk, EVENT_EQUIVOCATION, sender, "", &b);
}

#endif
