/* Exports (see engine/export.h).
 *
 * What must remain true: nothing of the manifest is believed. It says what to look at; after everything was looked at, it is written
 * again from what was found and must be the same bytes. */
#include "engine/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/codec.h"
#include "base/num.h"

#define HEAD "wharf-export/v1\n"

/* --- writing -------------------------------------------------------------------------------------- */

char *export_name(uint64_t number, const char *what, char out[EXPORT_NAME_MAX])
{
	snprintf(out, EXPORT_NAME_MAX, "entries/%" PRIu64 ".%s", number, what);
	return out;
}

enum err export_key(const struct note_key *log, struct note_key *out, struct fault *fault)
{
	char name[NOTE_NAME_MAX + 16];
	snprintf(name, sizeof(name), "%s/export", log->name);
	return note_key_make(str_of(name), NOTE_ED25519, log->public_key, out, fault);
}

static void asked_line(const struct export *x, struct buf *out)
{
	if (x->kind == EXPORT_ENTRY)
		buf_printf(out, "asked entry %" PRIu64 "\n", x->from);
	else if (x->kind == EXPORT_DEAL)
		buf_printf(out, "asked deal %s\n", x->deal);
	else
		buf_printf(out, "asked range %" PRIu64 " %" PRIu64 "\n", x->from, x->to);
}

void export_manifest(const struct export *x, struct buf *out)
{
	buf_printf(out, HEAD "origin %s\nsize %" PRIu64 "\n", x->origin, x->size);
	asked_line(x, out);
	for (size_t i = 0; i < x->count; i++) {
		const struct export_item *item = &x->items[i];
		buf_printf(out, "entry %" PRIu64 " %s ", item->number, item->asked ? "asked" : "certificate");
		base64_add(out, item->leaf.bytes, HASH_SIZE);
		buf_char(out, '\n');
		buf_str(out, item->evidence);
	}
}

/* The body of an envelope as the record of its kind; NULL when it is sealed, unknown or does not decode. */
static const void *body_of(const struct envelope *env, struct arena *a, const struct event_kind **kind)
{
	*kind = env->sealed ? NULL : event_kind_of(env->kind);
	if (!*kind)
		return NULL;
	void *body = arena_zero(a, (*kind)->body->size);
	return rec_decode((*kind)->body, env->body, body, a) ? body : NULL;
}

void export_evidence(uint64_t number, const struct envelope *env, struct buf *out)
{
	struct arena a = { 0 };
	const struct event_kind *kind;
	const void *body = body_of(env, &a, &kind);
	char hex[HASH_HEX_MAX];
	for (size_t i = 0; body && i < kind->body->field_count; i++) {
		const struct rec_field *f = &kind->body->fields[i];
		const struct hash *h = (const struct hash *)(const void *)((const char *)body + f->offset);
		if (f->kind == FIELD_HASH && f->unit != UNIT_KEY && !hash_is_zero(h))
			buf_printf(out, "evidence %" PRIu64 " %s %s\n", number, f->name, hex_of(h->bytes, HASH_SIZE, hex));
	}
	arena_free(&a);
}

/* Kinds whose body names a key and that do not certify it. */
static bool names_only(int kind)
{
	return kind == EVENT_REVOKE || kind == EVENT_COMPROMISE || kind == EVENT_WITNESSED;
}

size_t export_certifies(const struct envelope *env, struct hash *out, size_t cap)
{
	struct arena a = { 0 };
	const struct event_kind *kind;
	const void *body = body_of(env, &a, &kind);
	size_t n = 0;
	for (size_t i = 0; body && !names_only(kind->number) && i < kind->body->field_count; i++) {
		const struct rec_field *f = &kind->body->fields[i];
		const struct hash *h = (const struct hash *)(const void *)((const char *)body + f->offset);
		/* The old key of a rotation is named, not certified. */
		if (f->kind == FIELD_HASH && f->unit == UNIT_KEY && strcmp(f->name, "old") != 0 && !hash_is_zero(h) && n < cap)
			out[n++] = *h;
	}
	arena_free(&a);
	return n;
}

/* --- reading the manifest ------------------------------------------------------------------------- */

static enum err bad_manifest(struct fault *fault, int line, const char *what)
{
	return fault_set(fault, ERR_SYNTAX, line, 1, "line %d of the manifest: %s. Fetch the export again.", line, what);
}

static bool cut_word(struct str *rest, const char *word)
{
	size_t len = strlen(word);
	if (!str_starts(*rest, word))
		return false;
	rest->ptr += len;
	rest->len -= len;
	return true;
}

static bool read_asked(struct str line, struct export *x)
{
	if (cut_word(&line, "asked entry ")) {
		x->kind = EXPORT_ENTRY;
		return num_parse_count(line, &x->from) && num_parse_count(line, &x->to);
	}
	if (cut_word(&line, "asked deal ")) {
		x->kind = EXPORT_DEAL;
		return envelope_text_valid(line) && str_copy(x->deal, sizeof(x->deal), line);
	}
	if (!cut_word(&line, "asked range "))
		return false;
	x->kind = EXPORT_RANGE;
	struct str from = str_cut(&line, ' ');
	return num_parse_count(from, &x->from) && num_parse_count(line, &x->to) && x->from <= x->to;
}

static enum err read_head(struct str *rest, struct export *x, struct fault *fault)
{
	if (!cut_word(rest, HEAD))
		return bad_manifest(fault, 1, "it does not begin with wharf-export/v1");
	struct str line = str_cut(rest, '\n');
	if (!cut_word(&line, "origin ") || !note_name_valid(line) || !str_copy(x->origin, sizeof(x->origin), line))
		return bad_manifest(fault, 2, "no origin");
	line = str_cut(rest, '\n');
	if (!cut_word(&line, "size ") || !num_parse_count(line, &x->size))
		return bad_manifest(fault, 3, "no size");
	return read_asked(str_cut(rest, '\n'), x) ? ERR_OK : bad_manifest(fault, 4, "not what was asked for");
}

/* One "entry" line; the hash in it is compared when the manifest is written again. */
static bool read_item(struct str line, struct export_item *out)
{
	memset(out, 0, sizeof(*out));
	if (!cut_word(&line, "entry "))
		return false;
	struct str number = str_cut(&line, ' '), role = str_cut(&line, ' ');
	out->asked = str_is(role, "asked");
	return num_parse_count(number, &out->number) && (out->asked || str_is(role, "certificate"));
}

static enum err add_item(struct export *x, const struct export_item *item, int line, struct fault *fault)
{
	const struct export_item *last = x->count ? &x->items[x->count - 1] : NULL;
	if (last && item->number == last->number)
		return fault_set(fault, ERR_TAMPERED, line, 1, "line %d of the manifest: entry %" PRIu64 " comes twice. Refuse the export.", line, item->number);
	if (last && item->number < last->number)
		return fault_set(fault, ERR_TAMPERED, line, 1, "line %d of the manifest: entry %" PRIu64 " stands after %" PRIu64 ". Refuse the export.", line,
			item->number, last->number);
	if (x->count == EXPORT_ENTRIES_MAX)
		return fault_set(fault, ERR_LIMIT, line, 1, "line %d of the manifest: more entries than are read", line);
	if ((x->count & (x->count - 1)) == 0) {
		x->items = realloc(x->items, (x->count ? 2 * x->count : 1) * sizeof(*x->items));
		CHECK(x->items, "out of memory");
	}
	x->items[x->count++] = *item;
	return ERR_OK;
}

static enum err read_manifest(struct str text, struct export *x, struct fault *fault)
{
	struct str rest = text;
	enum err e = read_head(&rest, x, fault);
	for (int line = 5; e == ERR_OK && rest.len; line++) {
		struct export_item item;
		struct str one = str_cut(&rest, '\n');
		if (str_starts(one, "evidence ") && x->count)
			continue;
		e = read_item(one, &item) ? add_item(x, &item, line, fault) : bad_manifest(fault, line, "neither an entry nor evidence");
	}
	return e == ERR_OK && !x->count ? bad_manifest(fault, 5, "no entry") : e;
}

/* --- checking ------------------------------------------------------------------------------------- */

struct certified {
	struct hash key;
};

struct check {
	export_read *read;
	void *ctx;
	struct fault *fault;
	struct export x;
	struct buf manifest, checkpoint, evidence; /* evidence: lines of the entry that is looked at */
	struct note note;             /* of the manifest */
	struct export_report *report;
	struct certified *keys;
	size_t key_count, key_cap;
	struct hash ledger;           /* content hash of the genesis entry */
	struct hash chain;            /* chain hash of the entry looked at last */
	struct buf again;             /* the manifest as it must be */
};

/* One entry that is being looked at. */
struct item_files {
	struct buf leaf, envelope, proof;
	struct envelope env;
	struct entry entry;           /* of the leaf: number, stamp, prev, verdict, outcome */
	struct hash content, bytes;   /* as the leaf says */
};

static enum err broken(struct check *c, uint64_t number, enum err code, const char *what)
{
	return fault_set(c->fault, code, 0, 0, "entry %" PRIu64 " of the export: %s. Refuse the export.", number, what);
}

/* The one encoding of leaf bytes (ledger/entry.h): what is read is written again and compared. */
static bool read_leaf(struct item_files *f)
{
	struct reader r = reader_of(f->leaf.ptr, f->leaf.len);
	struct entry_digests d;
	struct buf again = { 0 };
	if (get_u64(&r) != ENTRY_VERSION)
		return false;
	f->entry.number = get_u64(&r);
	f->entry.epoch = get_u64(&r);
	f->entry.stamp = get_i64(&r);
	const uint8_t *seed = get_raw(&r, HASH_SIZE), *content = get_raw(&r, HASH_SIZE), *bytes = get_raw(&r, HASH_SIZE);
	struct str verdict = get_bytes(&r);
	const uint8_t *outcome = get_raw(&r, HASH_SIZE), *prev = get_raw(&r, HASH_SIZE);
	if (!reader_done(&r) || !entry_verdict_valid(verdict) || !str_copy(f->entry.verdict, sizeof(f->entry.verdict), verdict))
		return false;
	memcpy(f->entry.seed.bytes, seed, HASH_SIZE);
	memcpy(f->content.bytes, content, HASH_SIZE);
	memcpy(f->bytes.bytes, bytes, HASH_SIZE);
	memcpy(f->entry.outcome.bytes, outcome, HASH_SIZE);
	memcpy(f->entry.prev.bytes, prev, HASH_SIZE);
	d.content = f->content;
	d.envelope = f->bytes;
	entry_leaf_bytes(&f->entry, &d, &again);
	bool same = str_eq(buf_view(&again), buf_view(&f->leaf));
	buf_free(&again);
	return same;
}

static enum err read_file(struct check *c, uint64_t number, const char *what, size_t most, struct buf *out)
{
	char name[EXPORT_NAME_MAX];
	return c->read(c->ctx, export_name(number, what, name), most, out, c->fault);
}

static enum err check_proof(struct check *c, struct export_item *item, const struct item_files *f)
{
	struct bundle b;
	struct fault why = { 0 };
	item->leaf = merkle_leaf(f->leaf.ptr, f->leaf.len);
	enum err e = bundle_parse(buf_view(&f->proof), &b, &why);
	if (e != ERR_OK)
		return broken(c, item->number, e, why.text);
	if (!str_eq(b.checkpoint, buf_view(&c->checkpoint)))
		return broken(c, item->number, ERR_TAMPERED, "its proof is of another checkpoint");
	if (b.index != item->number)
		return broken(c, item->number, ERR_TAMPERED, "its proof is of another entry");
	struct buf extra = { 0 };
	base64_add(&extra, f->leaf.ptr, f->leaf.len);
	bool same = !b.has_extra || str_eq(b.extra, buf_view(&extra));
	buf_free(&extra);
	if (!same)
		return broken(c, item->number, ERR_TAMPERED, "its proof carries another leaf");
	const struct checkpoint *cp = &c->report->verdict.checkpoint;
	if (!merkle_verify_inclusion(b.index, cp->size, &item->leaf, b.proof.hashes, b.proof.count, &cp->root))
		return broken(c, item->number, ERR_TAMPERED, "leaf and path do not lead to the signed root");
	return ERR_OK;
}

static bool key_known(const struct check *c, const uint8_t key[ENVELOPE_PUBLIC_SIZE])
{
	for (size_t i = 0; i < c->key_count; i++)
		if (memcmp(c->keys[i].key.bytes, key, ENVELOPE_PUBLIC_SIZE) == 0)
			return true;
	return false;
}

static void certify(struct check *c, const struct item_files *f)
{
	struct hash keys[8];
	size_t n = strcmp(f->entry.verdict, "done") == 0 ? export_certifies(&f->env, keys, 8) : 0;
	for (size_t i = 0; i < n; i++) {
		if (c->key_count == c->key_cap) {
			c->key_cap = c->key_cap ? 2 * c->key_cap : 16;
			c->keys = realloc(c->keys, c->key_cap * sizeof(*c->keys));
			CHECK(c->keys, "out of memory");
		}
		c->keys[c->key_count++].key = keys[i];
	}
}

static enum err check_signers(struct check *c, uint64_t number, const struct item_files *f)
{
	if (envelope_verify_signatures(&f->env, NULL) != REFUSED_NOT)
		return broken(c, number, ERR_SIGNATURE, "a signature of its envelope does not verify");
	/* Genesis certifies the key that signs it; every other key must have been certified before. */
	if (number == 0)
		certify(c, f);
	for (size_t i = 0; i < f->env.signature_count; i++)
		if (!key_known(c, f->env.signatures[i].public_key) && strcmp(f->entry.verdict, "done") == 0)
			return broken(c, number, ERR_TAMPERED, "the entry that certified the key of its signer is not in the export");
	if (number != 0)
		certify(c, f);
	c->report->signatures += f->env.signature_count;
	return ERR_OK;
}

/* Every envelope names the ledger that the genesis entry begins, but one that was refused for that. */
static bool check_ledger(struct check *c, uint64_t number, const struct item_files *f)
{
	if (number == 0)
		c->ledger = f->content;
	return number == 0 ? hash_is_zero(&f->env.ledger) : hash_eq(&f->env.ledger, &c->ledger)
		|| strcmp(f->entry.verdict, refusal_name(REFUSED_OTHER_LEDGER)) == 0;
}

static enum err check_envelope(struct check *c, uint64_t number, struct item_files *f)
{
	struct fault why = { 0 };
	struct hash bytes = hash_of(f->envelope.ptr, f->envelope.len);
	if (!read_leaf(f) || f->entry.number != number)
		return broken(c, number, ERR_TAMPERED, "its leaf bytes are not those of an entry of that number");
	if (!hash_eq(&bytes, &f->bytes))
		return broken(c, number, ERR_TAMPERED, "its envelope is not the one that the leaf names");
	if (envelope_decode(buf_view(&f->envelope), &f->env, &why) != ERR_OK)
		return broken(c, number, ERR_TAMPERED, why.text);
	struct hash content = envelope_content_hash(&f->env);
	if (!hash_eq(&content, &f->content))
		return broken(c, number, ERR_TAMPERED, "the content of its envelope is not what the leaf names");
	return check_ledger(c, number, f) ? check_signers(c, number, f)
		: broken(c, number, ERR_TAMPERED, "its envelope was signed for another ledger than the one that entry 0 begins");
}

/* Neighbours are chained; what was asked for is what it is called. */
static enum err check_place(struct check *c, const struct export_item *item, const struct export_item *before, const struct item_files *f)
{
	struct entry_digests d = { .content = f->content, .envelope = f->bytes };
	if (before && before->number + 1 == item->number && !hash_eq(&c->chain, &f->entry.prev))
		return broken(c, item->number, ERR_TAMPERED, "it is not chained to the entry before it");
	if (item->number == 0 && !hash_is_zero(&f->entry.prev))
		return broken(c, item->number, ERR_TAMPERED, "the first entry has none before it");
	if (item->asked && c->x.kind == EXPORT_DEAL && strcmp(f->env.deal, c->x.deal) != 0)
		return broken(c, item->number, ERR_TAMPERED, "it is not of the deal that was asked for");
	if (item->asked && c->x.kind != EXPORT_DEAL && (item->number < c->x.from || item->number > c->x.to))
		return broken(c, item->number, ERR_TAMPERED, "it was not asked for");
	struct entry e = f->entry;
	e.envelope = buf_view(&f->envelope);
	if (!entry_digest(&e, &d.content, &d, NULL))
		return broken(c, item->number, ERR_TAMPERED, "it cannot be digested");
	c->chain = d.chain;
	return ERR_OK;
}

static void count_lines(struct check *c, struct str lines)
{
	for (size_t i = 0; i < lines.len; i++)
		c->report->evidence += lines.ptr[i] == '\n';
}

/* The lines of the manifest that this entry must have. */
static void write_again(struct check *c, const struct export_item *item, const struct item_files *f)
{
	struct export one = c->x;
	struct export_item as = *item;
	size_t head;
	buf_clear(&c->evidence);
	export_evidence(item->number, &f->env, &c->evidence);
	count_lines(c, buf_view(&c->evidence));
	as.evidence = buf_view(&c->evidence);
	one.items = &as;
	one.count = 0;
	struct buf text = { 0 };
	export_manifest(&one, &text);
	head = text.len;
	buf_clear(&text);
	one.count = 1;
	export_manifest(&one, &text);
	if (!c->again.len)
		buf_add(&c->again, text.ptr, head);
	buf_add(&c->again, text.ptr + head, text.len - head);
	buf_free(&text);
}

static enum err check_item(struct check *c, size_t i)
{
	struct export_item *item = &c->x.items[i];
	struct item_files f;
	memset(&f, 0, sizeof(f));
	enum err e = read_file(c, item->number, "leaf", ENTRY_BYTES_MAX, &f.leaf);
	if (e == ERR_OK)
		e = read_file(c, item->number, "envelope", ENVELOPE_BYTES_MAX, &f.envelope);
	if (e == ERR_OK)
		e = read_file(c, item->number, "tlog-proof", BUNDLE_BYTES_MAX, &f.proof);
	if (e == ERR_OK)
		e = check_proof(c, item, &f);
	if (e == ERR_OK)
		e = check_envelope(c, item->number, &f);
	if (e == ERR_OK)
		e = check_place(c, item, i ? item - 1 : NULL, &f);
	if (e == ERR_OK) {
		write_again(c, item, &f);
		*(item->asked ? &c->report->asked : &c->report->certificates) += 1;
	}
	buf_free(&f.leaf);
	buf_free(&f.envelope);
	buf_free(&f.proof);
	return e;
}

/* Manifest and checkpoint, before any entry. */
static enum err check_head(struct check *c, const struct tlog_policy *policy)
{
	struct note_key key;
	struct tlog_verdict *v = &c->report->verdict;
	enum err e = c->read(c->ctx, EXPORT_CHECKPOINT, NOTE_BYTES_MAX, &c->checkpoint, c->fault);
	if (e == ERR_OK)
		e = tlog_policy_open(policy, buf_view(&c->checkpoint), v, c->fault);
	v->checkpoint.extensions = STR("");
	if (e == ERR_OK)
		e = c->read(c->ctx, EXPORT_MANIFEST, EXPORT_MANIFEST_MAX, &c->manifest, c->fault);
	if (e != ERR_OK)
		return e;
	/* Signed it is a note, else the text alone. */
	struct str text = buf_view(&c->manifest);
	c->report->is_signed = note_parse(text, &c->note, NULL) == ERR_OK;
	if (c->report->is_signed) {
		e = export_key(&policy->logs[v->log], &key, c->fault);
		if (e == ERR_OK)
			e = note_verify(&c->note, &key, 1, NULL, c->fault);
		text = c->note.text;
	}
	if (e == ERR_OK)
		e = read_manifest(text, &c->x, c->fault);
	if (e == ERR_OK && (strcmp(c->x.origin, v->checkpoint.origin) != 0 || c->x.size != v->checkpoint.size))
		e = fault_set(c->fault, ERR_TAMPERED, 0, 0, "The manifest is not of the checkpoint beside it. Refuse the export.");
	return e;
}

/* What was asked for is whole, as far as the numbers say, and begins with genesis. */
static enum err check_whole(struct check *c)
{
	uint64_t asked = 0;
	if (c->x.items[0].number != 0)
		return fault_set(c->fault, ERR_TAMPERED, 0, 0, "Entry 0 is not in the export: without it no key is certified. Refuse the export.");
	for (size_t i = 0; i < c->x.count; i++)
		asked += c->x.items[i].asked;
	if (c->x.kind != EXPORT_DEAL && asked != c->x.to - c->x.from + 1)
		return fault_set(c->fault, ERR_TAMPERED, 0, 0, "%" PRIu64 " of the %" PRIu64 " entries that were asked for are in the export. Refuse it.", asked,
			c->x.to - c->x.from + 1);
	return ERR_OK;
}

static void say_what(const struct export *x, struct export_report *out)
{
	out->kind = x->kind;
	if (x->kind == EXPORT_ENTRY)
		snprintf(out->what, sizeof(out->what), "entry %" PRIu64, x->from);
	else if (x->kind == EXPORT_DEAL)
		snprintf(out->what, sizeof(out->what), "deal %s", x->deal);
	else
		snprintf(out->what, sizeof(out->what), "entries %" PRIu64 " to %" PRIu64, x->from, x->to);
}

enum err export_check(export_read *read, void *ctx, const struct tlog_policy *policy, struct export_report *out, struct fault *fault)
{
	struct check *c = calloc(1, sizeof(*c));
	CHECK(c, "out of memory");
	*c = (struct check){ .read = read, .ctx = ctx, .fault = fault, .report = out };
	memset(out, 0, sizeof(*out));
	enum err e = check_head(c, policy);
	if (e == ERR_OK)
		e = check_whole(c);
	for (size_t i = 0; e == ERR_OK && i < c->x.count; i++)
		e = check_item(c, i);
	struct str text = out->is_signed ? c->note.text : buf_view(&c->manifest);
	if (e == ERR_OK && !str_eq(text, buf_view(&c->again)))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "The manifest does not say of the entries what they are (leaf or evidence). Refuse the export.");
	if (e == ERR_OK && !key_known(c, policy->logs[out->verdict.log].public_key))
		e = fault_set(fault, ERR_TAMPERED, 0, 0, "The key that signed the checkpoint is not one that the entries of the export certified. Refuse it, or "
			"ask for an export with the rotation of that key.");
	say_what(&c->x, out);
	free(c->x.items);
	free(c->keys);
	buf_free(&c->manifest);
	buf_free(&c->checkpoint);
	buf_free(&c->evidence);
	buf_free(&c->again);
	free(c);
	return e;
}
