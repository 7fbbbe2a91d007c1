/* Checkpoints of the ledger. See app/checkpoint.h. */
#include "app/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "app_int.h"

enum err checkpoint_key(const struct engine *e, struct note_key *out, struct fault *fault)
{
	const struct meta *m = engine_meta(e);
	if (!m)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "the ledger has no genesis entry yet");
	return note_key_make(str_of(m->origin), NOTE_ED25519, m->node_key.bytes, out, fault);
}

enum err checkpoint_make(const struct engine *e, const uint8_t secret[64], struct buf *out, struct fault *fault)
{
	struct note_key key;
	struct checkpoint c;
	struct buf text = { 0 };
	enum err err = checkpoint_key(e, &key, fault);
	if (err != ERR_OK)
		return err;
	if (memcmp(secret + NOTE_KEY_SIZE, key.public_key, NOTE_KEY_SIZE) != 0)
		return fault_set(fault, ERR_DENIED, 0, 0, "the key is not the one of this ledger's node");
	memset(&c, 0, sizeof(c));
	snprintf(c.origin, sizeof(c.origin), "%s", key.name);
	c.size = merkle_size(engine_tree(e));
	c.root = merkle_root(engine_tree(e));
	checkpoint_format(&c, &text);
	err = note_begin(buf_view(&text), out, fault);
	if (err == ERR_OK)
		note_sign(buf_view(&text), &key, secret, 0, out);
	buf_free(&text);
	return err;
}

enum err checkpoint_write(const struct engine *e, const uint8_t secret[64], const char *path, struct fault *fault)
{
	struct buf note = { 0 };
	enum err err = checkpoint_make(e, secret, &note, fault);
	if (err == ERR_OK)
		err = file_write(path, buf_view(&note), 0644, fault);
	buf_free(&note);
	return err;
}

enum err checkpoint_compare(const struct engine *e, struct str note, struct checkpoint *out, struct fault *fault)
{
	struct note_key key;
	struct checkpoint c;
	char want[16], have[16];
	enum err err = checkpoint_key(e, &key, fault);
	if (err == ERR_OK)
		err = checkpoint_open(note, &key, 1, &c, NULL, fault);
	if (err != ERR_OK)
		return err;
	if (out)
		*out = c;
	uint64_t size = merkle_size(engine_tree(e));
	if (c.size > size)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "the journal was cut short: the checkpoint has seen %llu entries, "
			"the journal has %llu. Restore a copy that has them all", (unsigned long long)c.size, (unsigned long long)size);
	struct hash root = merkle_root_at(engine_tree(e), c.size);
	if (!hash_eq(&root, &c.root))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "the first %llu entries are not those that the checkpoint has seen: "
			"root %s there, %s here. Keep both, and restore a copy", (unsigned long long)c.size,
			hash_short(&c.root, want), hash_short(&root, have));
	return ERR_OK;
}
