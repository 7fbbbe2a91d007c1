/* wharf ledger: checkpoints and proofs in the formats that others read. The other sub-verbs are in ledger_*.c.
 *
 * Must remain true: what is printed as a proof was verified first, from the stored bytes to the root that is signed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/checkpoint.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/num.h"
#include "ledger/bundle.h"
#include "ledger/envelope.h"
#include "ledger/witness.h"
#include "ledger_int.h"
#include "store/prune.h"

/* --- shared by the sub-verbs ---------------------------------------------------------------------- */

static bool entry_row(void *ctx, const struct journal_row *row)
{
	struct ledger_entry *e = ctx;
	e->row = *row;
	buf_str(&e->bytes, row->entry.envelope);
	e->row.entry.envelope = buf_view(&e->bytes);
	return false;
}

enum err ledger_entry_read(struct runtime *r, uint64_t number, struct ledger_entry *out, struct fault *fault)
{
	const struct merkle *tree = engine_tree(runtime_engine(r));
	memset(out, 0, sizeof(*out));
	if (number >= merkle_size(tree))
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no entry %" PRIu64 "; the ledger has %" PRIu64 ", from 0", number,
			merkle_size(tree));
	enum err e = journal_tail(runtime_journal(r), number, number + 1, entry_row, out, fault);
	if (e != ERR_OK)
		return e;
	bool gone = !out->bytes.len && number < prune_base(runtime_journal(r));
	if (gone && (e = journal_certificates(runtime_journal(r), number, number + 1, entry_row, out, fault)) != ERR_OK)
		return e;
	if (gone && !out->bytes.len)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "entry %" PRIu64 " was given up (`wharf prune`): its leaf is in the tree, its text is not here",
			number);
	struct hash leaf = merkle_leaf_at(tree, number);
	if (!out->bytes.len || envelope_decode(buf_view(&out->bytes), &out->envelope, NULL) != ERR_OK
		|| !entry_digest(&out->row.entry, NULL, &out->row.digests, NULL) || !hash_eq(&leaf, &out->row.digests.leaf))
		return fault_set(fault, ERR_TAMPERED, 0, 0, "entry %" PRIu64 " as stored does not lead to the root; `wharf verify` says what was "
			"changed", number);
	entry_leaf_bytes(&out->row.entry, &out->row.digests, &out->leaf);
	return ERR_OK;
}

void ledger_entry_free(struct ledger_entry *e)
{
	buf_free(&e->bytes);
	buf_free(&e->leaf);
}

static enum err note_beside(struct runtime *r, const char *name, struct buf *note, struct checkpoint *out, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32];
	snprintf(path, sizeof(path), "%.1000s/%s", journal_dir(runtime_journal(r)), name);
	enum err e = file_read(path, NOTE_BYTES_MAX, note, fault);
	return e == ERR_OK ? checkpoint_compare(runtime_engine(r), buf_view(note), out, fault) : e;
}

enum err ledger_note(struct runtime *r, bool cosigned, struct buf *note, struct checkpoint *out, struct fault *fault)
{
	struct key node = { 0 };
	struct fault why = { 0 };
	enum err e = cosigned ? note_beside(r, "cosigned", note, out, fault) : keys_node_open(journal_dir(runtime_journal(r)), &node, &why);
	if (cosigned)
		return e != ERR_NOT_FOUND ? e : fault_set(fault, ERR_NOT_FOUND, 0, 0, "no cosignature was gathered yet; `wharf ledger gather` asks "
			"the witnesses");
	if (e != ERR_OK) {
		/* Without the node's key nothing new can be said; what it said last still holds. */
		e = note_beside(r, "checkpoint", note, out, fault);
		return e != ERR_NOT_FOUND ? e : fault_set(fault, e, 0, 0, "no checkpoint was signed yet, and the node's key is not here: %.200s", why.text);
	}
	e = checkpoint_write(runtime_engine(r), runtime_journal(r), node.secret, note, fault);
	key_close(&node);
	return e == ERR_OK ? checkpoint_compare(runtime_engine(r), buf_view(note), out, fault) : e;
}

enum err ledger_bundle(struct runtime *r, const struct ledger_entry *e, uint64_t size, struct str note, struct buf *out, struct fault *fault)
{
	struct bundle b = { .has_extra = true, .index = e->row.entry.number, .checkpoint = note };
	struct buf extra = { 0 };
	struct note_key key;
	struct tlog_policy policy;
	base64_add(&extra, e->leaf.ptr, e->leaf.len);
	b.extra = buf_view(&extra);
	enum err err = checkpoint_key(runtime_engine(r), &key, fault);
	if (err == ERR_OK && !merkle_prove_inclusion(engine_tree(runtime_engine(r)), b.index, size, &b.proof))
		err = fault_set(fault, ERR_NOT_FOUND, 0, 0, "entry %" PRIu64 " is not among the %" PRIu64 " of the checkpoint; sign a new one", b.index, size);
	if (err == ERR_OK) {
		tlog_policy_of_key(&key, &policy);
		err = bundle_verify(&b, &e->row.digests.leaf, &policy, NULL, fault);
	}
	if (err == ERR_OK)
		bundle_format(&b, out);
	buf_free(&extra);
	return err;
}

enum err ledger_put(const char *to, struct str bytes, struct fault *fault)
{
	return to ? file_write(to, bytes, 0644, fault) : print_out(bytes, fault);
}

size_t ledger_vkeys(struct cli *c, const char *out[LEDGER_VKEYS_MAX])
{
	size_t n = 0;
	for (const char *v; n < LEDGER_VKEYS_MAX && (v = cli_value(c, "--vkey"));)
		out[n++] = v;
	return n;
}

/* --vkey takes the key itself or a file that holds it in a line. */
static enum err policy_add(const char *text, struct tlog_policy *p, struct fault *fault)
{
	struct buf file = { 0 };
	struct note_key key;
	struct fault why = { 0 };
	enum err e = note_key_parse(str_of(text), &key, fault);
	if (e != ERR_OK && (e = file_read(text, NOTE_BYTES_MAX, &file, &why)) == ERR_OK)
		e = note_key_parse(str_trim(buf_view(&file)), &key, fault);
	else if (e != ERR_OK)
		fault_set(fault, e, 0, 0, "--vkey is neither a verifier key (name+8 hex digits+base64) nor a file with one: %.300s", why.text);
	buf_free(&file);
	if (e != ERR_OK)
		return e;
	if (key.type == NOTE_ED25519 && p->log_count < TLOG_LOGS_MAX) {
		p->logs[p->log_count++] = key;
	} else if (key.type == NOTE_COSIGNATURE && p->witness_count < TLOG_WITNESSES_MAX && p->group_count < TLOG_GROUPS_MAX) {
		/* Each witness that is named must have cosigned: one group of all, with the quorum that was asked for before. */
		struct tlog_group *g = &p->groups[p->group_count];
		struct tlog_witness *w = &p->witnesses[p->witness_count];
		snprintf(w->name, sizeof(w->name), "%s", key.name);
		w->key = key;
		g->members = UINT64_C(1) << p->witness_count++;
		if (p->quorum != TLOG_QUORUM_NONE)
			g->members |= UINT64_C(1) << p->quorum;
		g->least = (uint32_t)__builtin_popcountll(g->members);
		p->quorum = TLOG_WITNESSES_MAX + (int)p->group_count++;
	}
	return ERR_OK;
}

enum err ledger_policy(const char *file, const char *const *vkeys, size_t count, struct tlog_policy *out, struct fault *fault)
{
	struct buf text = { 0 };
	struct fault why = { 0 };
	enum err e = ERR_OK;
	memset(out, 0, sizeof(*out));
	out->quorum = TLOG_QUORUM_NONE;
	if (!file && !count)
		return fault_set(fault, ERR_USAGE, 0, 0, "whom to believe is missing: --policy FILE or --vkey KEY");
	if (file)
		e = file_read(file, TLOG_POLICY_BYTES_MAX, &text, fault);
	if (e == ERR_OK && file && (e = tlog_policy_parse(buf_view(&text), out, &why)) != ERR_OK)
		fault_set(fault, e, why.line, 0, "%.100s: %.280s", file, why.text);
	for (size_t i = 0; i < count && e == ERR_OK; i++)
		e = policy_add(vkeys[i], out, fault);
	buf_free(&text);
	return e;
}

/* --- checkpoint ----------------------------------------------------------------------------------- */

enum err ledger_checkpoint(struct cli *c, struct fault *fault)
{
	struct runtime *r;
	struct note_key key;
	struct checkpoint says;
	struct buf out = { 0 };
	bool vkey = cli_flag(c, "--vkey"), cosigned = cli_flag(c, "--cosigned");
	const char *to = cli_value(c, "-o"), *given = cli_value(c, "-d"), *dir = path_data(NULL, given ? given : cli_word(c));
	if (cli_end(c) != ERR_OK)
		return ERR_USAGE;
	enum err e = open_read(dir, &r, fault);
	if (e != ERR_OK)
		return e;
	if (vkey) {
		e = checkpoint_key(runtime_engine(r), &key, fault);
		if (e == ERR_OK) {
			note_key_format(&key, &out);
			buf_char(&out, '\n');
		}
	} else {
		e = ledger_note(r, cosigned, &out, &says, fault);
	}
	if (e == ERR_OK)
		e = ledger_put(to, buf_view(&out), fault);
	if (e == ERR_OK && to && !vkey)
		printf("%s: checkpoint of %" PRIu64 " entries; keep it where whoever can write %s cannot\n", to, says.size, dir);
	buf_free(&out);
	runtime_close(r);
	return e;
}

/* --- prove ---------------------------------------------------------------------------------------- */

static void json_hash(struct json_writer *w, const char *key, const struct hash *h)
{
	char hex[HASH_HEX_MAX];
	if (key)
		json_write_key(w, str_of(key));
	json_write_str(w, str_of(hex_of(h->bytes, HASH_SIZE, hex)));
}

static void json_number(struct json_writer *w, const char *key, uint64_t n)
{
	json_write_key(w, str_of(key));
	json_write_i64(w, (int64_t)n);
}

static void json_bytes(struct json_writer *w, const char *key, struct str bytes)
{
	struct buf text = { 0 };
	base64_add(&text, bytes.ptr, bytes.len);
	json_write_key(w, str_of(key));
	json_write_str(w, buf_view(&text));
	buf_free(&text);
}

static void json_path(struct json_writer *w, const struct merkle_proof *proof)
{
	json_write_key(w, STR("path"));
	json_write_open(w, '[');
	for (size_t i = 0; i < proof->count; i++)
		json_hash(w, NULL, &proof->hashes[i]);
	json_write_close(w, ']');
}

static void inclusion_json(const struct ledger_entry *f, const struct merkle_proof *proof, uint64_t size, const struct hash *root,
	struct buf *out)
{
	struct json_writer *w = json_write_begin(out, true);
	json_write_open(w, '{');
	json_number(w, "entry", f->row.entry.number);
	json_number(w, "size", size);
	json_write_key(w, STR("verdict"));
	json_write_str(w, str_of(f->row.entry.verdict));
	json_bytes(w, "leaf_bytes", buf_view(&f->leaf));
	json_hash(w, "leaf", &f->row.digests.leaf);
	json_path(w, proof);
	json_hash(w, "root", root);
	json_bytes(w, "envelope", buf_view(&f->bytes));
	json_write_close(w, '}');
	json_write_end(w);
}

static enum err prove_inclusion(struct runtime *r, uint64_t number, bool json, struct buf *out, struct fault *fault)
{
	struct ledger_entry entry;
	struct buf note = { 0 };
	struct checkpoint says;
	struct merkle_proof proof;
	const struct merkle *tree = engine_tree(runtime_engine(r));
	uint64_t size = merkle_size(tree);
	enum err e = ledger_entry_read(r, number, &entry, fault);
	if (e == ERR_OK && json) {
		struct hash root = merkle_root(tree);
		if (merkle_prove_inclusion(tree, number, size, &proof)
			&& merkle_verify_inclusion(number, size, &entry.row.digests.leaf, proof.hashes, proof.count, &root))
			inclusion_json(&entry, &proof, size, &root, out);
		else
			e = fault_set(fault, ERR_TAMPERED, 0, 0, "entry %" PRIu64 " does not lead to the root; `wharf verify` says what was changed", number);
	} else if (e == ERR_OK) {
		e = ledger_note(r, false, &note, &says, fault);
		if (e == ERR_OK)
			e = ledger_bundle(r, &entry, says.size, buf_view(&note), out, fault);
	}
	buf_free(&note);
	ledger_entry_free(&entry);
	return e;
}

static void consistency_json(uint64_t old, uint64_t now, const struct hash *a, const struct hash *b, const struct merkle_proof *proof,
	struct buf *out)
{
	struct json_writer *w = json_write_begin(out, true);
	json_write_open(w, '{');
	json_number(w, "old", old);
	json_number(w, "new", now);
	json_hash(w, "old_root", a);
	json_hash(w, "new_root", b);
	json_path(w, proof);
	json_write_close(w, '}');
	json_write_end(w);
}

/* As text it is what a witness is asked: old size, path, the signed checkpoint. */
static enum err prove_consistency(struct runtime *r, uint64_t old, uint64_t now, bool json, struct buf *out, struct fault *fault)
{
	const struct merkle *tree = engine_tree(runtime_engine(r));
	struct witness_request request = { .old = old };
	struct buf note = { 0 };
	struct checkpoint says = { .size = now };
	enum err e = ERR_OK;
	if (old > now || now > merkle_size(tree))
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "the ledger has %" PRIu64 " entries: OLD is at most NEW, and NEW at most that", merkle_size(tree));
	if (!json)
		e = ledger_note(r, false, &note, &says, fault);
	if (e == ERR_OK && says.size != now)
		e = fault_set(fault, ERR_NOT_FOUND, 0, 0, "the signed checkpoint has %" PRIu64 " entries, not %" PRIu64 "; leave NEW out, or use --json "
			"for a proof without a checkpoint", says.size, now);
	struct hash a = merkle_root_at(tree, old), b = merkle_root_at(tree, now);
	if (e == ERR_OK && (!merkle_prove_consistency(tree, old, now, &request.proof)
		|| !merkle_verify_consistency(old, now, &a, &b, request.proof.hashes, request.proof.count)))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "the tree of %" PRIu64 " entries does not extend that of %" PRIu64 "; `wharf verify` says what was "
			"changed", now, old);
	request.checkpoint = buf_view(&note);
	if (e == ERR_OK && json)
		consistency_json(old, now, &a, &b, &request.proof, out);
	else if (e == ERR_OK)
		witness_request_format(&request, out);
	buf_free(&note);
	return e;
}

static bool word_number(struct cli *c, const char *word, uint64_t *out)
{
	if (!word || num_parse_count(str_of(word), out))
		return true;
	fault_set(&c->fault, ERR_USAGE, 0, 0, "\"%.40s\" is no entry number or size", word);
	return false;
}

enum err ledger_prove(struct cli *c, struct fault *fault)
{
	struct runtime *r;
	struct buf out = { 0 };
	uint64_t a = 0, b = UINT64_MAX;
	bool json = cli_flag(c, "--json");
	const char *to = cli_value(c, "-o"), *dir = path_data(c, NULL), *what = cli_need(c, "inclusion or consistency");
	bool inclusion = what && strcmp(what, "inclusion") == 0;
	const char *first = what ? cli_need(c, inclusion ? "ENTRY" : "OLD") : NULL, *second = inclusion ? NULL : cli_word(c);
	if (cli_end(c) == ERR_OK && !inclusion && strcmp(what, "consistency") != 0)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "\"%.40s\" is neither inclusion nor consistency", what);
	if (c->fault.code != ERR_OK || !word_number(c, first, &a) || !word_number(c, second, &b))
		return ERR_USAGE;
	enum err e = open_read(dir, &r, fault);
	if (e != ERR_OK)
		return e;
	if (b == UINT64_MAX)
		b = merkle_size(engine_tree(runtime_engine(r)));
	e = inclusion ? prove_inclusion(r, a, json, &out, fault) : prove_consistency(r, a, b, json, &out, fault);
	if (e == ERR_OK)
		e = ledger_put(to, buf_view(&out), fault);
	buf_free(&out);
	runtime_close(r);
	return e;
}

/* --- the verb ------------------------------------------------------------------------------------- */

int verb_ledger(int argc, char **argv)
{
	static const struct {
		const char *name;
		ledger_fn *run;
	} SUBS[] = {
		{ "checkpoint", ledger_checkpoint }, { "prove", ledger_prove }, { "verify", ledger_verify }, { "export", ledger_export },
		{ "tiles", ledger_tiles }, { "cosign", ledger_cosign }, { "witness", ledger_witness }, { "gather", ledger_gather },
		{ "accuse", ledger_accuse },
	};
	struct cli c;
	struct fault fault = { 0 };
	/* The sub-verb is the first word that is there: options of it may stand before it only if they take no value. */
	cli_begin(&c, argc, argv);
	const char *what = c.count > 0 && !c.used[0] ? c.word[0] : NULL;
	for (size_t i = 0; what && i < sizeof(SUBS) / sizeof(SUBS[0]); i++) {
		if (strcmp(SUBS[i].name, what) != 0)
			continue;
		c.used[0] = true;
		enum err e = SUBS[i].run(&c, &fault);
		return c.fault.code != ERR_OK ? cli_fail_own(&c) : e == ERR_OK ? 0 : cli_fail(&c, &fault);
	}
	fault_set(&c.fault, ERR_USAGE, 0, 0, what ? "\"%.40s\" is nothing that the ledger can be asked; `wharf help ledger` lists it"
		: "what to do is missing%.0s; `wharf help ledger` lists it", what ? what : "");
	return cli_fail_own(&c);
}
