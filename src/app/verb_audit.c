/* Verbs for auditors: decisions and their re-execution, proofs of entries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/checkpoint.h"
#include "app/command.h"
#include "app_int.h"
#include "base/instant.h"
#include "base/json.h"
#include "ledger/envelope.h"
#include "schedule/pool.h"

/* --- audit ---------------------------------------------------------------------------------------- */

static void audit_print(const struct decision *d)
{
	char at[INSTANT_TEXT_MAX], digest[16];
	printf("%-30s  %s  entry %-6lld  %-8s  %s\n", d->id, instant_format(d->at, 0, at), (long long)d->entry,
		DECISION_KIND_NAMES[d->kind], d->chosen);
	printf("%32s%s; %lld candidates, %lld excluded; snapshot %s; verified %lld, differed %lld\n", "", d->trigger,
		(long long)d->candidates, (long long)d->excluded, hash_is_zero(&d->snapshot) ? "none" : hash_short(&d->snapshot, digest),
		(long long)d->verified, (long long)d->differs);
}

static enum err audit_replay(struct runtime *r, const char *ref, struct fault *fault)
{
	const struct tabs *tabs = engine_tabs(runtime_engine(r));
	char id[REC_KEY_MAX], difference[240] = "", hex[HASH_HEX_MAX];
	struct buf snapshot = { 0 };
	enum err e = command_resolve(tabs, &DECISION_REC, str_of(ref), id, fault);
	if (e != ERR_OK)
		return e;
	const struct decision *d = tab_get(tabs, &DECISION_REC, id);
	audit_print(d);
	if (hash_is_zero(&d->snapshot))
		return fault_set(fault, ERR_UNSUPPORTED, 0, 0, "decision %s is of kind %s, which keeps no snapshot of its own; "
			"`wharf replay` re-executes the whole journal", id, DECISION_KIND_NAMES[d->kind]);
	e = evidence_get(runtime_journal(r), &d->snapshot, &snapshot, fault);
	if (e == ERR_OK && !decision_replay(buf_view(&snapshot), d, difference))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "replayed, and differs: %s", difference);
	if (e == ERR_OK)
		printf("replayed from %zu bytes, equal bit for bit: result=%s\n", snapshot.len,
			hex_of(d->result.bytes, HASH_SIZE, hex));
	buf_free(&snapshot);
	return e;
}

int verb_audit(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct runtime *r;
	int64_t last = 0;
	cli_begin(&c, argc, argv);
	cli_number(&c, "--last", 1, INT32_MAX, &last);
	const char *dir = path_data(&c, NULL), *what = cli_need(&c, "list or replay");
	bool replay = what && strcmp(what, "replay") == 0;
	const char *id = replay ? cli_need(&c, "the id of a decision") : NULL;
	if (cli_end(&c) == ERR_OK && !replay && strcmp(what, "list") != 0)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is neither list nor replay", what);
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	enum err e = open_read(dir, &r, &fault);
	if (e != ERR_OK)
		return cli_fail(&c, &fault);
	if (replay) {
		e = audit_replay(r, id, &fault);
	} else {
		const struct tabs *tabs = engine_tabs(runtime_engine(r));
		size_t skip = tab_count(tabs, &DECISION_REC);
		skip = last && skip > (size_t)last ? skip - (size_t)last : 0;
		TAB_FOR(decision, d, tabs, &DECISION_REC, "") {
			if (skip)
				skip--;
			else
				audit_print(d);
		}
	}
	runtime_close(r);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}

/* --- ledger prove --------------------------------------------------------------------------------- */

struct found {
	struct journal_row row;
	struct envelope env;
	struct buf envelope;
	bool is;
};

static bool found_row(void *ctx, const struct journal_row *row)
{
	struct found *f = ctx;
	f->row = *row;
	buf_str(&f->envelope, row->entry.envelope);
	f->row.entry.envelope = buf_view(&f->envelope);
	f->is = envelope_decode(f->row.entry.envelope, &f->env, NULL) == ERR_OK;
	return false;
}

static void prove_text(const struct found *f, const struct merkle_proof *proof, uint64_t size, const struct hash *root)
{
	char hex[HASH_HEX_MAX], at[INSTANT_TEXT_MAX], did[KEY_DID_MAX];
	const struct event_kind *k = event_kind_of(f->env.kind);
	printf("entry   %llu of %llu, %s, %s\n", (unsigned long long)f->row.entry.number, (unsigned long long)size,
		k ? k->name : "?", f->row.entry.verdict);
	printf("stamp   %s\n", instant_format(f->row.entry.stamp, 6, at));
	printf("sender  %s%s%s\n", f->env.sender, f->env.deal[0] ? ", deal " : "", f->env.deal);
	for (size_t i = 0; i < f->env.signature_count; i++)
		printf("signed  %s\n", key_did_format(f->env.signatures[i].public_key, did));
	printf("content %s\n", hex_of(f->row.digests.content.bytes, HASH_SIZE, hex));
	printf("leaf    %s\n", hex_of(f->row.digests.leaf.bytes, HASH_SIZE, hex));
	for (size_t i = 0; i < proof->count; i++)
		printf("path    %s\n", hex_of(proof->hashes[i].bytes, HASH_SIZE, hex));
	printf("root    %s\n", hex_of(root->bytes, HASH_SIZE, hex));
	printf("proven: the leaf and %zu hashes lead to the root of %llu entries (RFC 6962)\n", proof->count,
		(unsigned long long)size);
}

static void json_hash(struct json_writer *w, const char *key, const struct hash *h)
{
	char hex[HASH_HEX_MAX];
	if (key)
		json_write_key(w, str_of(key));
	json_write_str(w, str_of(hex_of(h->bytes, HASH_SIZE, hex)));
}

static void prove_json(const struct found *f, const struct merkle_proof *proof, uint64_t size, const struct hash *root)
{
	struct buf out = { 0 }, leaf = { 0 }, text = { 0 };
	struct json_writer *w = json_write_begin(&out, true);
	entry_leaf_bytes(&f->row.entry, &f->row.digests, &leaf);
	base64_add(&text, leaf.ptr, leaf.len);
	json_write_open(w, '{');
	json_write_key(w, STR("entry"));
	json_write_i64(w, (int64_t)f->row.entry.number);
	json_write_key(w, STR("size"));
	json_write_i64(w, (int64_t)size);
	json_write_key(w, STR("verdict"));
	json_write_str(w, str_of(f->row.entry.verdict));
	json_write_key(w, STR("leaf_bytes"));
	json_write_str(w, buf_view(&text));
	json_hash(w, "leaf", &f->row.digests.leaf);
	json_write_key(w, STR("path"));
	json_write_open(w, '[');
	for (size_t i = 0; i < proof->count; i++)
		json_hash(w, NULL, &proof->hashes[i]);
	json_write_close(w, ']');
	json_hash(w, "root", root);
	buf_clear(&text);
	base64_add(&text, f->envelope.ptr, f->envelope.len);
	json_write_key(w, STR("envelope"));
	json_write_str(w, buf_view(&text));
	json_write_close(w, '}');
	json_write_end(w);
	fwrite(out.ptr, 1, out.len, stdout);
	buf_free(&out);
	buf_free(&leaf);
	buf_free(&text);
}

static enum err prove(struct runtime *r, uint64_t number, bool json, struct fault *fault)
{
	const struct merkle *tree = engine_tree(runtime_engine(r));
	uint64_t size = merkle_size(tree);
	struct found f = { .is = false };
	struct merkle_proof proof;
	if (number >= size)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no entry %llu; the ledger has %llu, from 0",
			(unsigned long long)number, (unsigned long long)size);
	enum err e = journal_tail(runtime_journal(r), number, number + 1, found_row, &f, fault);
	struct hash root = merkle_root(tree);
	struct entry_digests digests;
	if (e == ERR_OK && (!f.is || !entry_digest(&f.row.entry, NULL, &digests, NULL)
		|| !merkle_prove_inclusion(tree, number, size, &proof)
		|| !merkle_verify_inclusion(number, size, &digests.leaf, proof.hashes, proof.count, &root)))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "entry %llu as stored does not lead to the root; `wharf verify` says what was changed",
			(unsigned long long)number);
	if (e == ERR_OK)
		(json ? prove_json : prove_text)(&f, &proof, size, &root);
	buf_free(&f.envelope);
	return e;
}

int verb_ledger(int argc, char **argv)
{
	struct cli c;
	struct fault fault;
	struct runtime *r;
	int64_t number = -1;
	cli_begin(&c, argc, argv);
	bool json = cli_flag(&c, "--json");
	const char *dir = path_data(&c, NULL), *what = cli_need(&c, "prove"), *entry = what ? cli_need(&c, "ENTRY") : NULL;
	if (cli_end(&c) == ERR_OK && strcmp(what, "prove") != 0)
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is not prove", what);
	if (c.fault.code == ERR_OK && (!str_to_i64(str_of(entry), &number) || number < 0))
		fault_set(&c.fault, ERR_USAGE, 0, 0, "\"%.40s\" is no entry number", entry);
	if (c.fault.code != ERR_OK)
		return cli_fail_own(&c);
	enum err e = open_read(dir, &r, &fault);
	if (e != ERR_OK)
		return cli_fail(&c, &fault);
	e = prove(r, (uint64_t)number, json, &fault);
	runtime_close(r);
	return e == ERR_OK ? 0 : cli_fail(&c, &fault);
}
