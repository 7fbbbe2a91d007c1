/* wharf ledger export: entries with proofs and certificates, to be checked anywhere (engine/export.h).
 *
 * Must remain true: what is written was checked as its receiver will check it, from the files, before this says that it is there. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/checkpoint.h"
#include "base/check.h"
#include "base/num.h"
#include "engine/export.h"
#include "ledger_int.h"
#include "store/prune.h"
#include "ledger_files.h"

/* An entry that certifies a key. */
struct certificate {
	struct hash key;
	uint64_t number;
};

struct exporting {
	struct runtime *runtime;
	const char *dir;
	struct export x;
	size_t cap;
	struct certificate *certs;
	size_t cert_count, cert_cap;
	struct buf note;
	struct fault *fault;
	enum err err;
};

/* --- which entries -------------------------------------------------------------------------------- */

static void add(struct exporting *x, uint64_t number, bool asked)
{
	size_t at = x->x.count;
	while (at > 0 && x->x.items[at - 1].number > number)
		at--;
	if (at > 0 && x->x.items[at - 1].number == number) {
		x->x.items[at - 1].asked |= asked;
		return;
	}
	if (x->x.count == x->cap) {
		x->cap = x->cap ? 2 * x->cap : 64;
		x->x.items = realloc(x->x.items, x->cap * sizeof(*x->x.items));
		CHECK(x->x.items, "out of memory");
	}
	memmove(x->x.items + at + 1, x->x.items + at, (x->x.count - at) * sizeof(*x->x.items));
	x->x.items[at] = (struct export_item){ .number = number, .asked = asked };
	x->x.count++;
}

static void add_certificate(struct exporting *x, const struct hash *key, uint64_t number)
{
	if (x->cert_count == x->cert_cap) {
		x->cert_cap = x->cert_cap ? 2 * x->cert_cap : 64;
		x->certs = realloc(x->certs, x->cert_cap * sizeof(*x->certs));
		CHECK(x->certs, "out of memory");
	}
	x->certs[x->cert_count++] = (struct certificate){ *key, number };
}

/* One pass over the journal: what was asked for, and who certified which key where. */
static bool scan_row(void *ctx, const struct journal_row *row)
{
	struct exporting *x = ctx;
	struct envelope env;
	struct hash keys[8];
	uint64_t n = row->entry.number;
	if (!envelope_decode_again(row->entry.envelope, &env))
		return true; /* said when it is read as an entry */
	if (x->x.kind == EXPORT_DEAL ? strcmp(env.deal, x->x.deal) == 0 : n >= x->x.from && n <= x->x.to)
		add(x, n, true);
	size_t count = strcmp(row->entry.verdict, "done") == 0 ? export_certifies(&env, keys, 8) : 0;
	for (size_t i = 0; i < count; i++)
		add_certificate(x, &keys[i], n);
	return x->x.count < EXPORT_ENTRIES_MAX;
}

/* In the order of the numbers. */
static enum err scan(struct exporting *x, uint64_t size)
{
	struct journal *j = runtime_journal(x->runtime);
	enum err e = journal_tail(j, 0, 1, scan_row, x, x->fault);
	if (e == ERR_OK)
		e = journal_certificates(j, 1, size, scan_row, x, x->fault);
	return e == ERR_OK ? journal_tail(j, 1, size, scan_row, x, x->fault) : e;
}

/* The first entry that certified a key; genesis certifies itself. */
static bool find_certificate(const struct exporting *x, const uint8_t *key, uint64_t *number)
{
	for (size_t i = 0; i < x->cert_count; i++)
		if (memcmp(x->certs[i].key.bytes, key, HASH_SIZE) == 0) {
			*number = x->certs[i].number;
			return true;
		}
	return false;
}

/* Certificates of the signers, and of theirs, until no new one is found. New ones have lower numbers, so walking down is enough. */
static enum err add_certificates(struct exporting *x)
{
	struct note_key log;
	enum err e = checkpoint_key(runtime_engine(x->runtime), &log, x->fault);
	uint64_t number;
	add(x, 0, false);
	if (e == ERR_OK && find_certificate(x, log.public_key, &number))
		add(x, number, false);
	for (uint64_t below = UINT64_MAX; e == ERR_OK;) {
		size_t i = x->x.count;
		while (i > 0 && x->x.items[i - 1].number >= below)
			i--;
		if (i == 0)
			break;
		below = x->x.items[i - 1].number;
		struct ledger_entry entry;
		e = ledger_entry_read(x->runtime, below, &entry, x->fault);
		for (size_t s = 0; e == ERR_OK && s < entry.envelope.signature_count; s++) {
			bool found = find_certificate(x, entry.envelope.signatures[s].public_key, &number);
			if (found && number < below)
				add(x, number, false);
			else if (!found && strcmp(entry.row.entry.verdict, "done") == 0 && prune_base(runtime_journal(x->runtime)))
				e = fault_set(x->fault, ERR_NOT_FOUND, 0, 0, "the entry that certified a signer of entry %" PRIu64 " was given up (`wharf prune`): take "
					"the export from a copy that has it", below);
		}
		ledger_entry_free(&entry);
	}
	return e;
}

/* --- writing -------------------------------------------------------------------------------------- */

static enum err put(struct exporting *x, const char *name, struct str bytes)
{
	char path[PATH_TEXT_MAX + EXPORT_NAME_MAX + 8];
	snprintf(path, sizeof(path), "%.1000s/%s", x->dir, name);
	return file_write(path, bytes, 0644, x->fault);
}

static enum err put_entry(struct exporting *x, struct export_item *item, struct arena *a)
{
	struct ledger_entry entry;
	struct buf proof = { 0 }, lines = { 0 };
	char name[EXPORT_NAME_MAX];
	enum err e = ledger_entry_read(x->runtime, item->number, &entry, x->fault);
	if (e == ERR_OK)
		e = ledger_bundle(x->runtime, &entry, x->x.size, buf_view(&x->note), &proof, x->fault);
	if (e == ERR_OK)
		e = put(x, export_name(item->number, "leaf", name), buf_view(&entry.leaf));
	if (e == ERR_OK)
		e = put(x, export_name(item->number, "envelope", name), buf_view(&entry.bytes));
	if (e == ERR_OK)
		e = put(x, export_name(item->number, "tlog-proof", name), buf_view(&proof));
	if (e == ERR_OK) {
		item->leaf = entry.row.digests.leaf;
		export_evidence(item->number, &entry.envelope, &lines);
		item->evidence = (struct str){ arena_copy(a, lines.ptr, lines.len), lines.len };
	}
	buf_free(&lines);
	buf_free(&proof);
	ledger_entry_free(&entry);
	return e;
}

/* Asked before anything is written, and again with what the entries name. */
static enum err manifest_fits(struct exporting *x, const struct buf *text)
{
	size_t most = NOTE_BYTES_MAX - 4096;
	return text->len <= most ? ERR_OK : fault_set(x->fault, ERR_LIMIT, 0, 0, "an export of %zu entries is more than a signed manifest holds; "
		"export ranges of at most about %zu", x->x.count, x->x.count * most / text->len);
}

static enum err manifest_will_fit(struct exporting *x)
{
	struct buf text = { 0 };
	export_manifest(&x->x, &text);
	enum err e = manifest_fits(x, &text);
	buf_free(&text);
	return e;
}

/* The manifest, signed when the node's key is here; without it nobody says that the export is whole. */
static enum err put_manifest(struct exporting *x)
{
	struct buf text = { 0 }, note = { 0 };
	struct key node = { 0 };
	struct note_key log, key;
	struct fault ignored;
	export_manifest(&x->x, &text);
	enum err e = manifest_fits(x, &text);
	if (e == ERR_OK)
		e = checkpoint_key(runtime_engine(x->runtime), &log, x->fault);
	if (e == ERR_OK)
		e = export_key(&log, &key, x->fault);
	bool can = e == ERR_OK && keys_node_open(journal_dir(runtime_journal(x->runtime)), &node, &ignored) == ERR_OK
		&& memcmp(node.secret + NOTE_KEY_SIZE, log.public_key, NOTE_KEY_SIZE) == 0;
	if (can && (e = note_begin(buf_view(&text), &note, x->fault)) == ERR_OK)
		note_sign(buf_view(&text), &key, node.secret, 0, &note);
	if (e == ERR_OK)
		e = put(x, EXPORT_MANIFEST, buf_view(can ? &note : &text));
	key_close(&node);
	buf_free(&text);
	buf_free(&note);
	return e;
}

/* The receiver's policy: that of DIR/witnesses, or the log alone. */
static enum err put_policy(struct exporting *x)
{
	char path[PATH_TEXT_MAX + 32];
	struct buf text = { 0 };
	struct note_key log;
	struct fault ignored;
	enum err e = checkpoint_key(runtime_engine(x->runtime), &log, x->fault);
	snprintf(path, sizeof(path), "%.1000s/witnesses", journal_dir(runtime_journal(x->runtime)));
	if (e == ERR_OK && file_read(path, TLOG_POLICY_BYTES_MAX, &text, &ignored) != ERR_OK) {
		buf_text(&text, "log ");
		note_key_format(&log, &text);
		buf_text(&text, "\nquorum none\n");
	}
	if (e == ERR_OK)
		e = put(x, "policy", buf_view(&text));
	buf_free(&text);
	return e;
}

static enum err export_write(struct exporting *x)
{
	char path[PATH_TEXT_MAX + 32];
	struct arena a = { 0 };
	snprintf(path, sizeof(path), "%.1000s/entries", x->dir);
	enum err e = manifest_will_fit(x);
	if (e != ERR_OK)
		return e;
	if (mkdir(x->dir, 0755) != 0)
		e = fault_set(x->fault, err_of_errno(errno), 0, 0, "%.300s cannot be made: %s; name a directory that is not there yet", x->dir, strerror(errno));
	else if (mkdir(path, 0755) != 0)
		e = fault_set(x->fault, err_of_errno(errno), 0, 0, "%.300s cannot be made: %s", path, strerror(errno));
	for (size_t i = 0; e == ERR_OK && i < x->x.count; i++)
		e = put_entry(x, &x->x.items[i], &a);
	if (e == ERR_OK)
		e = put(x, EXPORT_CHECKPOINT, buf_view(&x->note));
	if (e == ERR_OK)
		e = put_policy(x);
	if (e == ERR_OK)
		e = put_manifest(x);
	arena_free(&a);
	return e;
}

/* A range is exported whole or not at all; of a deal what is here, and it is said what may be missing. */
static enum err given_up(struct exporting *x)
{
	uint64_t base = prune_base(runtime_journal(x->runtime));
	if (x->x.kind == EXPORT_RANGE && x->x.from < base && x->x.to > 0)
		return fault_set(x->fault, ERR_NOT_FOUND, 0, 0, "entries 1 to %" PRIu64 " were given up (`wharf prune`): their leaves are in the tree, their text "
			"is not here; ask for a range from %" PRIu64 " on, or another copy", base - 1, base);
	if (x->x.kind == EXPORT_DEAL && base)
		fprintf(stderr, "entries 1 to %" PRIu64 " were given up: what they said of %s is not in this export\n", base - 1, x->x.deal);
	return ERR_OK;
}

/* --- the verb ------------------------------------------------------------------------------------- */

/* Writes what x asks for into x->dir and checks it there. */
static enum err export_run(struct exporting *x, bool cosigned, struct export_report *report)
{
	struct checkpoint says;
	struct note_key log;
	struct tlog_policy policy;
	enum err e = ledger_note(x->runtime, cosigned, &x->note, &says, x->fault);
	if (e != ERR_OK)
		return e;
	snprintf(x->x.origin, sizeof(x->x.origin), "%s", says.origin);
	x->x.size = says.size;
	if (x->x.kind != EXPORT_DEAL && x->x.to >= says.size)
		return fault_set(x->fault, ERR_NOT_FOUND, 0, 0, "the checkpoint has %" PRIu64 " entries, from 0", says.size);
	e = given_up(x);
	if (e == ERR_OK)
		e = scan(x, says.size);
	if (e == ERR_OK && !x->x.count)
		e = x->x.kind == EXPORT_DEAL ? fault_set(x->fault, ERR_NOT_FOUND, 0, 0, "no entry is of deal %s", x->x.deal)
			: fault_set(x->fault, ERR_NOT_FOUND, 0, 0, "these entries were given up (`wharf prune`); only their leaves are here");
	if (e == ERR_OK)
		e = add_certificates(x);
	if (e == ERR_OK)
		e = export_write(x);
	if (e == ERR_OK)
		e = checkpoint_key(runtime_engine(x->runtime), &log, x->fault);
	if (e != ERR_OK)
		return e;
	tlog_policy_of_key(&log, &policy);
	return ledger_check_export(x->dir, &policy, report, x->fault);
}

static void export_free(struct exporting *x)
{
	free(x->x.items);
	free(x->certs);
	buf_free(&x->note);
}

enum err ledger_export_entry(struct runtime *r, uint64_t number, const char *dir, struct export_report *report, struct fault *fault)
{
	struct exporting x = { .runtime = r, .dir = dir, .fault = fault, .x = { .kind = EXPORT_ENTRY, .from = number, .to = number } };
	struct checkpoint says;
	struct buf note = { 0 };
	struct fault ignored;
	/* What witnesses saw says more than what the node says alone. */
	bool cosigned = ledger_note(r, true, &note, &says, &ignored) == ERR_OK && number < says.size;
	buf_free(&note);
	enum err e = export_run(&x, cosigned, report);
	export_free(&x);
	return e;
}

static bool read_ask(struct cli *c, const char *entry, const char *deal, const char *from, const char *to, struct export *x)
{
	x->kind = deal ? EXPORT_DEAL : from ? EXPORT_RANGE : EXPORT_ENTRY;
	bool good = (entry != NULL) + (deal != NULL) + (from != NULL) == 1;
	if (good && deal)
		good = envelope_text_valid(str_of(deal)) && str_copy(x->deal, sizeof(x->deal), str_of(deal));
	else if (good && from)
		good = to && num_parse_count(str_of(from), &x->from) && num_parse_count(str_of(to), &x->to) && x->from <= x->to;
	else if (good)
		good = num_parse_count(str_of(entry), &x->from) && num_parse_count(str_of(entry), &x->to);
	if (!good)
		fault_set(&c->fault, ERR_USAGE, 0, 0, "say what: --entry N, --deal ID, or --range A B");
	return good;
}

/* Who says who he is takes out what an auditor's entry says first; the directory's owner needs no program of ours. */
static enum err export_audited(const char *dir, const char *as, const char *passphrase, const struct export *x, struct fault *fault)
{
	char reason[96] = "entries of the deal exported";
	if (x->kind != EXPORT_DEAL)
		snprintf(reason, sizeof(reason), "entries %" PRIu64 " to %" PRIu64 " exported", x->from, x->to);
	struct audited what = { .deal = x->kind == EXPORT_DEAL ? x->deal : "", .list = "list/export", .reason = reason };
	return audited_read(dir, as, passphrase, &what, fault);
}

enum err ledger_export(struct cli *c, struct fault *fault)
{
	struct exporting x = { .fault = fault };
	const char *as = cli_value(c, "--as"), *passphrase = cli_value(c, "--passphrase-file");
	bool cosigned = cli_flag(c, "--cosigned");
	const char *entry = cli_value(c, "--entry"), *deal = cli_value(c, "--deal"), *from = cli_value(c, "--range"), *dir = path_data(c, NULL);
	/* --range takes two words; the second one stands behind it and before or after DIR. */
	const char *first = cli_need(c, "DIR"), *second = from ? cli_need(c, "the end of --range") : NULL;
	uint64_t number;
	if (from && first && second && num_parse_count(str_of(first), &number)) {
		const char *swap = first;
		first = second;
		second = swap;
	}
	if (cli_end(c) != ERR_OK || !read_ask(c, entry, deal, from, second, &x.x))
		return ERR_USAGE;
	x.dir = first;
	enum err e = as ? export_audited(dir, as, passphrase, &x.x, fault) : ERR_OK;
	if (e == ERR_OK)
		e = open_read(dir, &x.runtime, fault);
	if (e != ERR_OK)
		return e;
	struct export_report report;
	e = export_run(&x, cosigned, &report);
	if (e == ERR_OK)
		printf("%s: %s: %zu entries and %zu certificates under a checkpoint of %" PRIu64 " entries, checked%s\n", x.dir, report.what, report.asked,
			report.certificates, x.x.size, report.is_signed ? "" : "; the manifest is not signed: the node's key is not here");
	runtime_close(x.runtime);
	export_free(&x);
	return e;
}
