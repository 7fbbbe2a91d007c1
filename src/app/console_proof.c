/* Proofs from the screen: `:check` reads every entry again, `:export ENTRY [DIR]` writes what others check, `:compare HEAD [HEAD]` says whether one head of the
 * ledger extends another.
 *
 * Must remain true: nothing is said to be written that was not checked from the files, nothing to extend that was not computed
 * here; what does not hold is written as such, the stored bytes beside the digest that was signed. */
#include "console_job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "engine/witnessed.h"
#include "ledger/bundle.h"
#include "ledger_int.h"

enum { SAID_MAX = 240, SAME_NAMES_MAX = 99 };

static const struct engine *engine_of(const struct console *c)
{
	return runtime_engine(c->runtime);
}

/* --- export --------------------------------------------------------------------------------------- */

/* A directory that is not there yet: where the console was started, named after the entry. */
static void name_of(uint64_t number, char out[PATH_TEXT_MAX])
{
	struct stat st;
	snprintf(out, PATH_TEXT_MAX, "entry-%" PRIu64, number);
	for (int i = 2; i <= SAME_NAMES_MAX && lstat(out, &st) == 0; i++)
		snprintf(out, PATH_TEXT_MAX, "entry-%" PRIu64 "-%d", number, i);
}

static bool take_stored(void *ctx, const struct journal_row *row)
{
	buf_str(ctx, row->entry.envelope);
	return false;
}

/* An entry that does not hold: its bytes as they are stored, and both digests. */
static enum err export_broken(struct console *c, const struct view_broken *b, const char *dir, struct fault *fault)
{
	char path[PATH_TEXT_MAX + 32], leaf[HASH_HEX_MAX], computed[HASH_HEX_MAX];
	struct buf stored = { 0 }, text = { 0 };
	enum err e = mkdir(dir, 0755) == 0 ? ERR_OK : fault_set(fault, err_of_errno(errno), 0, 0, "%.300s cannot be made: %s", dir, strerror(errno));
	if (e == ERR_OK)
		e = journal_tail(runtime_journal(c->runtime), b->number, b->number + 1, take_stored, &stored, fault);
	snprintf(path, sizeof(path), "%.1000s/stored.envelope", dir);
	if (e == ERR_OK)
		e = file_write(path, buf_view(&stored), 0644, fault);
	buf_printf(&text, "entry %" PRIu64 "\nsigned leaf %s\nstored bytes give %s\n", b->number, hex_of(b->leaf.bytes, HASH_SIZE, leaf),
		hex_of(b->computed.bytes, HASH_SIZE, computed));
	snprintf(path, sizeof(path), "%.1000s/digests", dir);
	if (e == ERR_OK)
		e = file_write(path, buf_view(&text), 0644, fault);
	buf_free(&text);
	buf_free(&stored);
	return e;
}

/* What an auditor takes out is an entry first, like what he looks at: of the deal that the entry is of. */
static enum err export_looked(struct console *c, uint64_t number, struct fault *fault)
{
	struct ledger_entry entry;
	char deal[ID_MAX] = "", reason[64];
	struct fault ignored;
	if (c->viewer.role != ROLE_AUD)
		return ERR_OK;
	if (ledger_entry_read(c->runtime, number, &entry, &ignored) == ERR_OK && tab_get(engine_tabs(engine_of(c)), &DEAL_REC, entry.envelope.deal))
		snprintf(deal, sizeof(deal), "%s", entry.envelope.deal);
	ledger_entry_free(&entry);
	snprintf(reason, sizeof(reason), "entry %" PRIu64 " exported", number);
	return console_reads(c, deal[0] ? deal : "list/export", reason, fault);
}

static void export_word(struct console *c, struct str rest, char said[SAID_MAX], enum ui_status *status)
{
	char dir[PATH_TEXT_MAX], number_text[UI_TEXT_MAX];
	struct fault fault = { 0 };
	uint64_t number;
	struct str word = str_cut(&rest, ' '), where = str_trim(rest);
	*status = UI_STATUS_REFUSED;
	if (!num_parse_count(word, &number)) {
		snprintf(said, SAID_MAX, "export ENTRY [DIR]: which entry?");
		return;
	}
	if (!where.len)
		name_of(number, dir);
	else if (!str_copy(dir, sizeof(dir), where))
		snprintf(dir, sizeof(dir), "-");
	ui_count((int64_t)number, number_text);
	if (export_looked(c, number, &fault) != ERR_OK) {
		snprintf(said, SAID_MAX, "%.239s", fault.text);
		return;
	}
	if (c->broken && c->break_at.number == number) {
		if (export_broken(c, &c->break_at, dir, &fault) == ERR_OK)
			snprintf(said, SAID_MAX, "entry %.20s does not hold: its stored bytes and both digests are in %.140s", number_text, dir);
		else
			snprintf(said, SAID_MAX, "%.239s", fault.text);
		return;
	}
	console_export_begin(c, number, dir, said, status);
}

/* --- compare -------------------------------------------------------------------------------------- */

/* A head: a tree of ours by its number of entries, or what a checkpoint file says. */
struct head {
	char name[80];
	uint64_t size;
	struct hash root;
};

static enum err head_read(struct console *c, struct str word, struct head *out, struct fault *fault)
{
	struct note_key keys[WITNESSED_NODE_KEYS_MAX];
	struct checkpoint says;
	struct buf note = { 0 };
	char path[PATH_TEXT_MAX];
	const struct merkle *tree = engine_tree(engine_of(c));
	memset(out, 0, sizeof(*out));
	if (num_parse_count(word, &out->size)) {
		if (out->size > merkle_size(tree))
			return fault_set(fault, ERR_NOT_FOUND, 0, 0, "the ledger has %" PRIu64 " entries", merkle_size(tree));
		out->root = merkle_root_at(tree, out->size);
		return ERR_OK;
	}
	if (!str_copy(path, sizeof(path), word))
		return fault_set(fault, ERR_LIMIT, 0, 0, "the name of the file is too long");
	snprintf(out->name, sizeof(out->name), "%.79s", path);
	enum err e = file_read(path, NOTE_BYTES_MAX, &note, fault);
	if (e == ERR_OK)
		e = checkpoint_open(buf_view(&note), keys, witnessed_node_keys(engine_tabs(engine_of(c)), keys), &says, NULL, fault);
	if (e == ERR_OK) {
		out->size = says.size;
		out->root = says.root;
	}
	buf_free(&note);
	return e;
}

static const char *short_root(const struct hash *h, char out[UI_TEXT_MAX])
{
	char hex[HASH_HEX_MAX];
	return ui_digest(str_of(hex_of(h->bytes, HASH_SIZE, hex)), out);
}

/* Whether a head is a beginning of our own tree; said when not. */
static bool head_ours(const struct console *c, const struct head *h, char said[SAID_MAX])
{
	const struct merkle *tree = engine_tree(engine_of(c));
	char n[UI_TEXT_MAX], here[UI_TEXT_MAX], theirs[UI_TEXT_MAX];
	if (h->size > merkle_size(tree)) {
		snprintf(said, SAID_MAX, "%s speaks of %s entries, this ledger has %s: it is an old copy, or that is another ledger", h->name,
			ui_count((int64_t)h->size, n), ui_count((int64_t)merkle_size(tree), here));
		return false;
	}
	struct hash ours = merkle_root_at(tree, h->size);
	if (hash_eq(&ours, &h->root))
		return true;
	snprintf(said, SAID_MAX, "%s is another tree of %s entries: %s there, %s here. Keep both; `wharf ledger accuse` puts it on the ledger", h->name,
		ui_count((int64_t)h->size, n), short_root(&h->root, theirs), short_root(&ours, here));
	return false;
}

static void heads_compare(const struct console *c, const struct head *a, const struct head *b, char said[SAID_MAX], enum ui_status *status)
{
	const struct head *old = a->size <= b->size ? a : b, *new = old == a ? b : a;
	struct merkle_proof proof;
	char m[UI_TEXT_MAX], n[UI_TEXT_MAX], x[UI_TEXT_MAX], y[UI_TEXT_MAX];
	ui_count((int64_t)old->size, m);
	ui_count((int64_t)new->size, n);
	*status = UI_STATUS_DANGER;
	if (!head_ours(c, old, said) || !head_ours(c, new, said))
		return;
	if (!merkle_prove_consistency(engine_tree(engine_of(c)), old->size, new->size, &proof)
		|| !merkle_verify_consistency(old->size, new->size, &old->root, &new->root, proof.hashes, proof.count)) {
		snprintf(said, SAID_MAX, "the tree of %s entries does not extend that of %s; `wharf verify` says what was changed", n, m);
		return;
	}
	*status = UI_STATUS_VERIFIED;
	if (old->size == new->size)
		snprintf(said, SAID_MAX, "the same tree of %s entries, root %s", n, short_root(&new->root, x));
	else
		snprintf(said, SAID_MAX, "%s entries (%s) extend %s (%s): a proof of %zu hashes leads to both roots", n, short_root(&new->root, x), m,
			short_root(&old->root, y), proof.count);
}

static void compare_word(struct console *c, struct str rest, char said[SAID_MAX], enum ui_status *status)
{
	struct head heads[2];
	struct fault fault = { 0 };
	struct str first = str_cut(&rest, ' '), second = str_trim(rest);
	const struct merkle *tree = engine_tree(engine_of(c));
	*status = UI_STATUS_REFUSED;
	if (!first.len) {
		snprintf(said, SAID_MAX, "compare HEAD [HEAD]: a checkpoint file or a number of entries; without the second, with what the ledger is now");
		return;
	}
	enum err e = head_read(c, first, &heads[0], &fault);
	if (e == ERR_OK && second.len)
		e = head_read(c, second, &heads[1], &fault);
	else
		heads[1] = (struct head){ .size = merkle_size(tree), .root = merkle_root(tree) };
	if (e == ERR_OK)
		heads_compare(c, &heads[0], &heads[1], said, status);
	else
		snprintf(said, SAID_MAX, "%.239s", fault.text);
}

bool console_proof_word(struct console *c, const char *line, char said[SAID_MAX], enum ui_status *status)
{
	struct str rest = str_trim(str_of(line)), name = str_cut(&rest, ' ');
	rest = str_trim(rest);
	if (str_is(name, "export"))
		export_word(c, rest, said, status);
	else if (str_is(name, "check"))
		console_check_word(c, said, status);
	else if (str_is(name, "compare"))
		compare_word(c, rest, said, status);
	else
		return false;
	return true;
}
