/* Checkpoints of the ledger. See app/checkpoint.h. */
#include "app/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "app_int.h"
#include "base/check.h"
#include "engine/witnessed.h"
#include "store/prune.h"

enum err checkpoint_key(const struct engine *e, struct note_key *out, struct fault *fault)
{
	const struct meta *m = engine_meta(e);
	if (!m)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "the ledger has no genesis entry yet");
	return note_key_make(str_of(m->origin), NOTE_ED25519, m->node_key.bytes, out, fault);
}

/* --- what is stored ------------------------------------------------------------------------------- */

/* The right edge of a tree that is being made again: the roots of its complete subtrees, the largest first. */
struct edge {
	struct hash roots[MERKLE_PROOF_MAX];
	size_t count;
	uint64_t size;
};

static void edge_push(struct edge *e, const struct hash *leaf)
{
	struct hash h = *leaf;
	for (uint64_t at = e->size++; at & 1; at >>= 1)
		h = merkle_node(&e->roots[--e->count], &h);
	e->roots[e->count++] = h;
}

static struct hash edge_root(const struct edge *e)
{
	struct hash h = merkle_empty();
	for (size_t i = e->count; i > 0; i--)
		h = i == e->count ? e->roots[i - 1] : merkle_node(&e->roots[i - 1], &h);
	return h;
}

/* The path of leaf `from` in the tree of from + 1 leaves lists exactly the complete subtrees before it, the smallest first. */
static bool edge_of(const struct merkle *tree, uint64_t from, const struct hash *root, struct edge *out)
{
	struct merkle_proof path;
	out->count = 0;
	out->size = from;
	if (from > 0) {
		if (!merkle_prove_inclusion(tree, from, from + 1, &path))
			return false;
		for (size_t i = path.count; i > 0; i--)
			out->roots[out->count++] = path.hashes[i - 1];
	}
	struct hash have = edge_root(out);
	return hash_eq(&have, root);
}

struct recompute {
	const struct merkle *tree;
	struct edge edge;
	uint64_t base; /* entries 1 … base - 1 were given up: their leaves are the tree's */
	struct fault *fault;
	enum err err;
};

static void recompute_gap(struct recompute *c, uint64_t to)
{
	while (c->edge.size < to && c->edge.size < c->base) {
		struct hash leaf = merkle_leaf_at(c->tree, c->edge.size);
		edge_push(&c->edge, &leaf);
	}
}

static bool recompute_row(void *ctx, const struct journal_row *row)
{
	struct recompute *c = ctx;
	struct entry_digests digests;
	recompute_gap(c, row->entry.number);
	uint64_t n = c->edge.size;
	bool good = row->entry.number == n && entry_digest(&row->entry, NULL, &digests, NULL);
	struct hash in_tree = merkle_leaf_at(c->tree, n);
	if (good && hash_eq(&digests.leaf, &in_tree)) {
		edge_push(&c->edge, &digests.leaf);
		return true;
	}
	c->err = fault_set(c->fault, ERR_TAMPERED, 0, 0, "nothing was signed: entry %" PRIu64 " as it is stored does not hash to its leaf in "
		"the tree; close the console and run `wharf verify`, then check the memory and the disk of this host", n);
	return false;
}

enum err checkpoint_recompute(const struct merkle *tree, struct journal *j, uint64_t from, const struct hash *from_root,
	uint64_t size, struct hash *out, struct fault *fault)
{
	struct recompute c = { .tree = tree, .base = prune_base(j), .fault = fault, .err = ERR_OK };
	CHECK(from <= size && size <= merkle_size(tree), "a beginning of the tree is recomputed");
	*out = *from_root;
	if (from == size)
		return ERR_OK;
	if (!edge_of(tree, from, from_root, &c.edge))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "nothing was signed: the tree of the first %" PRIu64 " entries is not the one that was "
			"signed before; close the console and run `wharf verify`", from);
	enum err e = journal_tail(j, from, size, recompute_row, &c, fault);
	if (e == ERR_OK)
		e = c.err;
	if (e == ERR_OK)
		recompute_gap(&c, size);
	if (e == ERR_OK && c.edge.size != size)
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "nothing was signed: entry %" PRIu64 " is not in the journal; restore a copy", c.edge.size);
	*out = edge_root(&c.edge);
	return e;
}

/* --- signing -------------------------------------------------------------------------------------- */

/* Reads DIR/NAME; *there is false when there is none. */
static enum err read_note(const char *dir, const char *name, struct buf *out, bool *there, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	snprintf(path, sizeof(path), "%.1000s/%s", dir, name);
	enum err e = file_read(path, NOTE_BYTES_MAX, out, fault);
	*there = e == ERR_OK;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err open_own(const struct engine *e, struct str note, struct checkpoint *out, struct fault *fault)
{
	struct note_key keys[WITNESSED_NODE_KEYS_MAX];
	size_t count = witnessed_node_keys(engine_tabs(e), keys);
	return checkpoint_open(note, keys, count, out, NULL, fault);
}

/* The last checkpoint that was signed here: size 0 and the empty root when none was. */
static enum err last_signed(const struct engine *e, const char *dir, struct checkpoint *out, struct fault *fault)
{
	struct buf note = { 0 };
	struct fault why = { 0 };
	bool there;
	memset(out, 0, sizeof(*out));
	out->root = merkle_empty();
	enum err err = read_note(dir, "checkpoint", &note, &there, fault);
	if (err == ERR_OK && there && open_own(e, buf_view(&note), out, &why) != ERR_OK)
		err = fault_set(fault, ERR_TAMPERED, 0, 0, "nothing was signed: %.200s/checkpoint, which should be the last that was signed here, does "
			"not hold (%.120s); put it back, or move it away when you know why", dir, why.text);
	out->extensions = STR("");
	buf_free(&note);
	return err;
}

static enum err extends_last(const struct engine *e, struct journal *j, const struct checkpoint *last, struct hash *root, struct fault *fault)
{
	const struct merkle *tree = engine_tree(e);
	struct merkle_proof proof;
	uint64_t size = merkle_size(tree), head = 0;
	if (last->size > size) {
		enum err err = journal_head(j, &head, fault);
		if (err != ERR_OK || head >= last->size)
			return err != ERR_OK ? err : fault_set(fault, ERR_BUSY, 0, 0, "a later checkpoint was signed meanwhile; try again");
		return fault_set(fault, ERR_TAMPERED, 0, 0, "nothing was signed: a checkpoint of %" PRIu64 " entries was signed here, the journal has %"
			PRIu64 ". Restore a copy that has them all", last->size, head);
	}
	enum err err = checkpoint_recompute(tree, j, last->size, &last->root, size, root, fault);
	if (err != ERR_OK)
		return err;
	struct hash held = merkle_root(tree);
	if (!hash_eq(&held, root) || !merkle_prove_consistency(tree, last->size, size, &proof)
		|| !merkle_verify_consistency(last->size, size, &last->root, root, proof.hashes, proof.count))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "nothing was signed: the tree of %" PRIu64 " entries does not extend the %" PRIu64
			" that were signed before; close the console and run `wharf verify`", size, last->size);
	return ERR_OK;
}

enum err checkpoint_make(const struct engine *e, struct journal *j, const uint8_t secret[64], struct buf *out, struct fault *fault)
{
	struct note_key key;
	struct checkpoint c, last;
	struct buf text = { 0 };
	enum err err = checkpoint_key(e, &key, fault);
	if (err != ERR_OK)
		return err;
	if (memcmp(secret + NOTE_KEY_SIZE, key.public_key, NOTE_KEY_SIZE) != 0)
		return fault_set(fault, ERR_DENIED, 0, 0, "the key is not the one of this ledger's node");
	memset(&c, 0, sizeof(c));
	snprintf(c.origin, sizeof(c.origin), "%s", key.name);
	c.size = merkle_size(engine_tree(e));
	c.extensions = STR("");
	err = last_signed(e, journal_dir(j), &last, fault);
	if (err == ERR_OK)
		err = extends_last(e, j, &last, &c.root, fault);
	if (err != ERR_OK)
		return err;
	checkpoint_format(&c, &text);
	err = note_begin(buf_view(&text), out, fault);
	if (err == ERR_OK)
		note_sign(buf_view(&text), &key, secret, 0, out);
	buf_free(&text);
	return err;
}

enum err checkpoint_write(const struct engine *e, struct journal *j, const uint8_t secret[64], struct buf *out, struct fault *fault)
{
	struct buf note = { 0 };
	char path[PATH_TEXT_MAX + 32];
	/* Two consoles may sign for one directory: who reads the last checkpoint has to be the next to write it. */
	int fd = open(journal_dir(j), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		int why = errno;
		if (fd >= 0)
			close(fd);
		return fault_set(fault, ERR_DENIED, 0, 0, "%.300s cannot be locked: %s", journal_dir(j), strerror(why));
	}
	snprintf(path, sizeof(path), "%.1000s/checkpoint", journal_dir(j));
	enum err err = checkpoint_make(e, j, secret, &note, fault);
	if (err == ERR_OK)
		err = file_write(path, buf_view(&note), 0644, fault);
	if (err == ERR_OK && out)
		buf_str(out, buf_view(&note));
	close(fd);
	buf_free(&note);
	return err;
}

/* --- comparing ------------------------------------------------------------------------------------ */

/* What was seen of the ledger elsewhere against what is here. `who` saw it. */
static enum err compare_tree(const struct engine *e, uint64_t size, const struct hash *root, const char *who, struct fault *fault)
{
	char want[16], have[16];
	uint64_t here = merkle_size(engine_tree(e));
	if (size > here)
		return fault_set(fault, ERR_TAMPERED, 0, 0, "the journal was cut short: %.160s has seen %llu entries, "
			"the journal has %llu. Restore a copy that has them all", who, (unsigned long long)size, (unsigned long long)here);
	struct hash is = merkle_root_at(engine_tree(e), size);
	if (!hash_eq(&is, root))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "the first %llu entries are not those that %.160s has seen: "
			"root %s there, %s here. Keep both, and restore a copy", (unsigned long long)size, who,
			hash_short(root, want), hash_short(&is, have));
	return ERR_OK;
}

enum err checkpoint_compare(const struct engine *e, struct str note, struct checkpoint *out, struct fault *fault)
{
	struct checkpoint c;
	enum err err = engine_meta(e) ? open_own(e, note, &c, fault) : fault_set(fault, ERR_NOT_FOUND, 0, 0, "the ledger has no genesis entry yet");
	if (err != ERR_OK)
		return err;
	if (out)
		*out = c;
	return compare_tree(e, c.size, &c.root, "the checkpoint", fault);
}
