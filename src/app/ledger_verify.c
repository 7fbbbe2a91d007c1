/* wharf ledger verify: checks what somebody was handed, without a ledger, and names the first thing that does not hold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/instant.h"
#include "ledger/bundle.h"
#include "ledger/witness.h"
#include "ledger_files.h"
#include "ledger_int.h"

enum { FILES_MAX = 256 };

/* A checkpoint that held, for comparing it with the others. */
struct seen_note {
	const char *file;
	struct checkpoint says;
};

struct verifying {
	struct tlog_policy policy;
	bool own_policy;     /* nobody said whom to believe: an export's own is taken */
	const char *leaf;    /* --leaf */
	struct seen_note notes[FILES_MAX];
	size_t count;
	struct fault *fault;
};

/* A fault of a file, with the file's name in front. */
static enum err in_file(struct verifying *v, const char *file, enum err e)
{
	char text[FAULT_TEXT_MAX];
	if (e == ERR_OK)
		return e;
	snprintf(text, sizeof(text), "%s", v->fault->text);
	return strncmp(text, file, strlen(file)) == 0 ? e : fault_set(v->fault, e, v->fault->line, 0, "%.100s: %.290s", file, text);
}

static void say_cosigned(const struct tlog_verdict *v)
{
	char at[INSTANT_TEXT_MAX];
	if (v->cosignatures && v->oldest_s < (uint64_t)(INT64_MAX / INSTANT_SECOND))
		printf(", %zu cosignatures, the oldest of %s", v->cosignatures, instant_format((int64_t)v->oldest_s * INSTANT_SECOND, 0, at));
	printf("\n");
}

/* Two checkpoints of one log and one size with different roots: whoever signed both told two histories. */
static enum err remember(struct verifying *v, const char *file, const struct checkpoint *c)
{
	for (size_t i = 0; i < v->count; i++) {
		const struct seen_note *o = &v->notes[i];
		if (strcmp(o->says.origin, c->origin) == 0 && witness_compare(&o->says, c) == WITNESS_SAME_SIZE)
			return fault_set(v->fault, ERR_TAMPERED, 0, 0, "%.100s and %.100s: %.60s signed two roots of %" PRIu64 " entries, which cannot both be true. "
				"Keep both and show them to the others (`wharf ledger accuse`)", o->file, file, c->origin, c->size);
	}
	if (v->count < FILES_MAX) {
		v->notes[v->count] = (struct seen_note){ file, *c };
		v->notes[v->count++].says.extensions = STR("");
	}
	return ERR_OK;
}

static enum err verify_note(struct verifying *v, const char *file, struct str bytes)
{
	struct tlog_verdict d;
	struct note note;
	struct note_verdict signatures;
	enum err e = note_parse(bytes, &note, v->fault);
	if (e == ERR_OK && checkpoint_parse(note.text, &d.checkpoint, NULL) != ERR_OK) {
		e = note_verify(&note, v->policy.logs, v->policy.log_count, &signatures, v->fault);
		if (e == ERR_OK)
			printf("%s: a note, not a checkpoint; %zu signatures of known keys hold\n", word_shown(file), signatures.verified);
		return e;
	}
	if (e == ERR_OK)
		e = tlog_policy_open(&v->policy, bytes, &d, v->fault);
	if (e == ERR_OK)
		e = remember(v, file, &d.checkpoint);
	if (e != ERR_OK)
		return e;
	printf("%s: checkpoint of %s, %" PRIu64 " entries", word_shown(file), d.checkpoint.origin, d.checkpoint.size);
	say_cosigned(&d);
	return ERR_OK;
}

static enum err bundle_leaf(struct verifying *v, const struct bundle *b, struct hash *out)
{
	struct buf bytes = { 0 };
	enum err e = ERR_OK;
	if (v->leaf)
		e = file_read(v->leaf, BUNDLE_BYTES_MAX, &bytes, v->fault);
	else if (!b->has_extra || !base64_parse(b->extra, &bytes))
		e = fault_set(v->fault, ERR_USAGE, 0, 0, "the proof does not carry its leaf: give --leaf FILE");
	if (e == ERR_OK)
		*out = merkle_leaf(bytes.ptr, bytes.len);
	buf_free(&bytes);
	return e;
}

static enum err verify_bundle(struct verifying *v, const char *file, struct str bytes)
{
	struct bundle b;
	struct hash leaf;
	struct tlog_verdict d;
	char hex[HASH_HEX_MAX];
	enum err e = bundle_parse(bytes, &b, v->fault);
	if (e == ERR_OK)
		e = bundle_leaf(v, &b, &leaf);
	if (e == ERR_OK)
		e = bundle_verify(&b, &leaf, &v->policy, &d, v->fault);
	if (e == ERR_OK)
		e = remember(v, file, &d.checkpoint);
	if (e != ERR_OK)
		return e;
	printf("%s: entry %" PRIu64 " of %s, leaf %s, under a checkpoint of %" PRIu64 " entries", word_shown(file), b.index, d.checkpoint.origin,
		hex_of(leaf.bytes, HASH_SIZE, hex), d.checkpoint.size);
	say_cosigned(&d);
	return ERR_OK;
}

/* A proof of consistency needs the older checkpoint: one that was named before it. */
static enum err verify_request(struct verifying *v, const char *file, struct str bytes)
{
	struct witness_request r;
	struct tlog_verdict d;
	const struct checkpoint *old = NULL;
	enum err e = witness_request_parse(bytes, &r, v->fault);
	if (e == ERR_OK)
		e = tlog_policy_open(&v->policy, r.checkpoint, &d, v->fault);
	for (size_t i = 0; e == ERR_OK && i < v->count; i++)
		if (v->notes[i].says.size == r.old && strcmp(v->notes[i].says.origin, d.checkpoint.origin) == 0)
			old = &v->notes[i].says;
	if (e == ERR_OK && !old && r.old > 0)
		e = fault_set(v->fault, ERR_USAGE, 0, 0, "name a checkpoint of %" PRIu64 " entries before it, to compare with", r.old);
	if (e == ERR_OK && old && !merkle_verify_consistency(r.old, d.checkpoint.size, &old->root, &d.checkpoint.root, r.proof.hashes, r.proof.count))
		e = fault_set(v->fault, ERR_TAMPERED, 0, 0, "its tree of %" PRIu64 " entries is not shown to extend the %" PRIu64 " of the earlier checkpoint. "
			"Keep both", d.checkpoint.size, r.old);
	if (e == ERR_OK)
		e = remember(v, file, &d.checkpoint);
	if (e == ERR_OK) {
		printf("%s: %" PRIu64 " entries of %s begin with the %" PRIu64 " of the earlier checkpoint", word_shown(file),
			d.checkpoint.size, d.checkpoint.origin, r.old);
		say_cosigned(&d);
	}
	return e;
}

static enum err verify_export(struct verifying *v, const char *dir)
{
	char path[PATH_TEXT_MAX + 32];
	struct export_report report;
	struct tlog_policy own;
	snprintf(path, sizeof(path), "%.1000s/policy", dir);
	enum err e = v->own_policy ? ledger_policy(path, NULL, 0, &own, v->fault) : ERR_OK;
	if (e == ERR_OK)
		e = ledger_check_export(dir, v->own_policy ? &own : &v->policy, &report, v->fault);
	if (e == ERR_OK)
		e = remember(v, dir, &report.verdict.checkpoint);
	if (e != ERR_OK)
		return e;
	printf("%s: %s of %s: %zu entries, %zu certificates, %zu signatures, %zu digests of evidence, under a checkpoint of %" PRIu64 " entries",
		word_shown(dir), report.what, report.verdict.checkpoint.origin, report.asked, report.certificates, report.signatures, report.evidence,
		report.verdict.checkpoint.size);
	say_cosigned(&report.verdict);
	if (!report.is_signed)
		printf("%s: the manifest is not signed by the node: nothing shows that these are all\n", word_shown(dir));
	if (v->own_policy)
		printf("%s: believed by the policy that lies in it; that it is the right log, only --policy or --vkey from elsewhere shows\n",
			word_shown(dir));
	return ERR_OK;
}

static enum err verify_tiles(struct verifying *v, const char *dir)
{
	struct tiles_report report;
	enum err e = ledger_check_tiles(dir, &v->policy, &report, v->fault);
	if (e == ERR_OK)
		e = remember(v, dir, &report.verdict.checkpoint);
	if (e != ERR_OK)
		return e;
	printf("%s: %" PRIu64 " tiles and %" PRIu64 " bundles of entries (%" PRIu64 " pruned) of %s, %" PRIu64 " entries", word_shown(dir),
		report.tiles, report.bundles, report.pruned, report.verdict.checkpoint.origin, report.verdict.checkpoint.size);
	say_cosigned(&report.verdict);
	return ERR_OK;
}

static bool is_there(const char *dir, const char *name)
{
	char path[PATH_TEXT_MAX + 32];
	struct stat st;
	snprintf(path, sizeof(path), "%.1000s/%s", dir, name);
	return stat(path, &st) == 0;
}

static enum err verify_one(struct verifying *v, const char *file)
{
	struct buf bytes = { 0 };
	struct stat st;
	bool folder = stat(file, &st) == 0 && S_ISDIR(st.st_mode);
	if (v->own_policy && !(folder && is_there(file, EXPORT_MANIFEST)))
		return fault_set(v->fault, ERR_USAGE, 0, 0, "whom to believe is missing: --policy FILE or --vkey KEY");
	if (folder && is_there(file, EXPORT_MANIFEST))
		return verify_export(v, file);
	if (folder && is_there(file, "wharf.db"))
		return fault_set(v->fault, ERR_USAGE, 0, 0, "%.300s is a ledger: `wharf verify` checks it", file);
	if (folder && !is_there(file, "checkpoint"))
		return fault_set(v->fault, ERR_USAGE, 0, 0, "%.300s is neither an export (it has no %s) nor tiles (no checkpoint); name what was handed out",
			file, EXPORT_MANIFEST);
	if (folder)
		return verify_tiles(v, file);
	enum err e = file_read(file, BUNDLE_BYTES_MAX, &bytes, v->fault);
	struct str text = buf_view(&bytes);
	if (e == ERR_OK)
		e = bundle_is(text) ? verify_bundle(v, file, text) : str_starts(text, "old ") ? verify_request(v, file, text) : verify_note(v, file, text);
	buf_free(&bytes);
	return e;
}

enum err ledger_verify(struct cli *c, struct fault *fault)
{
	const char *vkeys[LEDGER_VKEYS_MAX], *files[FILES_MAX], *file;
	size_t count = ledger_vkeys(c, vkeys), named = 0;
	const char *policy = cli_value(c, "--policy"), *leaf = cli_value(c, "--leaf");
	while (named < FILES_MAX && (file = cli_word(c)))
		files[named++] = file;
	if (cli_end(c) == ERR_OK && !named)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "FILE is missing");
	if (c->fault.code != ERR_OK)
		return ERR_USAGE;
	struct verifying *v = calloc(1, sizeof(*v));
	CHECK(v, "out of memory");
	v->fault = fault;
	v->leaf = leaf;
	v->own_policy = !policy && !count;
	enum err e = v->own_policy ? ERR_OK : ledger_policy(policy, vkeys, count, &v->policy, fault);
	for (size_t i = 0; e == ERR_OK && i < named; i++)
		e = in_file(v, files[i], verify_one(v, files[i]));
	free(v);
	return e;
}
