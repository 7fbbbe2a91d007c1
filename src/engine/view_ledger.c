/* Entries, their proofs and the checkpoint. See engine/view_ledger.h.
 *
 * Must remain true: nothing is called verified that was not computed here from the stored bytes; a row in the
 * cache is used only while the tree still has the leaf that it was made with. */
#include "engine/view_ledger.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/instant.h"
#include "contract/state.h"
#include "engine/events.h"
#include "engine/retention.h"
#include "engine/witnessed.h"
#include "identity/keyring.h"
#include "identity/keys.h"
#include "ledger/envelope.h"
#include "ledger/period.h"
#include "ledger/sealed.h"
#include "schedule/task.h"
#include "view_keep.h"

enum { SAYS_MAX = 240, FILTER_WORDS = 8 };

struct cached {
	struct view_ledger_row row;
	struct hash leaf, computed;
	bool there;
};
struct view_ledger_cache {
	struct arena texts;
	struct cached *rows;
	size_t cap;
	uint64_t checked;
};

struct view_ledger_cache *view_ledger_cache_new(void)
{
	return calloc(1, sizeof(struct view_ledger_cache));
}

void view_ledger_cache_free(struct view_ledger_cache *c)
{
	if (!c)
		return;
	arena_free(&c->texts);
	free(c->rows);
	free(c);
}

/* --- one entry ------------------------------------------------------------------------------------ */

/* Whose key it is, as people say it. */
static const char *signer_name(struct arena *a, const struct tabs *s, const struct hash *key)
{
	const struct keyrec *k = keyring_find(s, key);
	const struct party *p = k && k->kind == KEY_OF_PARTY ? tab_get(s, &PARTY_REC, k->holder) : NULL;
	if (!k)
		return "unknown key";
	if (k->kind == KEY_OF_NODE)
		return "engine";
	if (k->kind == KEY_OF_PERSON)
		return keep_person(a, s, k->holder);
	if (k->kind == KEY_OF_GATEWAY)
		return arena_printf(a, "gateway %s", str_starts(str_of(k->holder), "GW-") ? k->holder + 3 : k->holder);
	return !p ? "administrator" : keep(a, p->short_name[0] ? p->short_name : p->id);
}

static const void *body_of(const struct envelope *e, struct arena *a)
{
	const struct event_kind *kind = event_kind_of(e->kind);
	if (!kind || e->sealed)
		return NULL;
	void *body = arena_zero(a, kind->body->size);
	return rec_decode(kind->body, e->body, body, a) ? body : NULL;
}

static const char *kind_words(struct arena *a, const struct envelope *e, const void *body)
{
	const struct event_kind *kind = event_kind_of(e->kind);
	if (!kind)
		return arena_printf(a, "kind %u", (unsigned)e->kind);
	if (body && e->kind == EVENT_TASK)
		return arena_printf(a, "task.%s", ((const struct ev_task *)body)->decision);
	if (body && (e->kind == EVENT_MESSAGE || e->kind == EVENT_REQUEST))
		return arena_printf(a, "%s", ((const struct ev_data *)body)->name);
	return kind->name;
}

/* The deal of an entry, also when only its body knows. */
static const char *entry_deal(struct arena *a, const struct tabs *s, const struct envelope *e, const void *body)
{
	if (e->deal[0] || !body)
		return keep(a, e->deal);
	if (e->kind == EVENT_TASK || e->kind == EVENT_CLAIM) {
		const struct task *t = tab_get(s, &TASK_REC, ((const struct ev_task *)body)->task);
		return t ? keep(a, t->deal) : "";
	}
	if (e->kind == EVENT_HOLD || e->kind == EVENT_LIFT || e->kind == EVENT_COMPENSATE) {
		const char *object = ((const struct ev_hold *)body)->object;
		return str_starts(str_of(object), "DL-") ? keep(a, object) : "";
	}
	return "";
}

static bool decode_row(const struct view_source *src, const struct view_entry *x, struct arena *texts,
	struct view_ledger_row *row, struct entry_digests *digests)
{
	struct envelope env;
	struct fault fault;
	struct arena scratch = { 0 };
	if (envelope_decode(x->entry.envelope, &env, &fault) != ERR_OK || !entry_digest(&x->entry, NULL, digests, &fault))
		return false;
	const void *body = body_of(&env, &scratch);
	struct hash key = { { 0 } };
	if (env.signature_count)
		memcpy(key.bytes, env.signatures[0].public_key, HASH_SIZE);
	*row = (struct view_ledger_row){ .number = x->entry.number, .at = x->entry.stamp, .read = true,
		.refused = strcmp(x->entry.verdict, "done") != 0 };
	row->kind = row->refused ? keep(texts, x->entry.verdict) : keep(texts, kind_words(&scratch, &env, body));
	/* ticks carry no signature of a person: the engine wrote them */
	row->who = keep(texts, env.signature_count ? signer_name(&scratch, src->tabs, &key) : "engine");
	row->deal = entry_deal(texts, src->tabs, &env, body);
	arena_free(&scratch);
	return true;
}

/* Row of an entry, decoded and checked once. */
static const struct view_ledger_row *ledger_row(const struct view_source *src, struct view_ledger_cache *c, uint64_t n)
{
	if (n >= c->cap) {
		size_t cap = (size_t)n + 1024;
		struct cached *rows = realloc(c->rows, cap * sizeof(*rows));
		if (!rows)
			return NULL;
		memset(rows + c->cap, 0, (cap - c->cap) * sizeof(*rows));
		c->rows = rows;
		c->cap = cap;
	}
	struct cached *row = &c->rows[n];
	struct hash leaf = merkle_leaf_at(src->tree, n);
	if (row->there && hash_eq(&row->leaf, &leaf))
		return &row->row;
	struct arena scratch = { 0 };
	struct view_entry x;
	struct entry_digests digests;
	c->checked -= row->there && row->row.read;
	*row = (struct cached){ .leaf = leaf, .there = true };
	row->row = (struct view_ledger_row){ .number = n, .kind = "not readable here", .who = "", .deal = "" };
	if (src->entry && src->entry(src->ctx, n, &scratch, &x) && decode_row(src, &x, &c->texts, &row->row, &digests)) {
		row->row.leaf_holds = hash_eq(&digests.leaf, &leaf);
		row->computed = digests.leaf;
		c->checked++;
	}
	arena_free(&scratch);
	return &row->row;
}

static enum view_proof row_proof(const struct view_ledger *v, const struct view_ledger_row *row)
{
	if (!row->read)
		return VIEW_UNREAD;
	if (!row->leaf_holds)
		return VIEW_BROKEN;
	return v->has_checkpoint && v->checkpoint_holds && row->number < v->checkpoint.size ? VIEW_VERIFIED : VIEW_UNSIGNED;
}

/* --- the filter ----------------------------------------------------------------------------------- */

static bool text_holds(const char *text, struct str word)
{
	for (; *text; text++) {
		size_t i = 0;
		while (i < word.len && text[i] &&
			tolower((unsigned char)text[i]) == tolower((unsigned char)word.ptr[i]))
			i++;
		if (i == word.len)
			return true;
	}
	return word.len == 0;
}

static bool row_likes(const struct view_ledger_row *row, const char *filter)
{
	struct str rest = str_of(filter);
	char number[24];
	struct buf b = { 0 };
	buf_printf(&b, "%llu", (unsigned long long)row->number);
	str_copy(number, sizeof(number), buf_view(&b));
	buf_free(&b);
	while (rest.len) {
		struct str word = str_cut(&rest, ' '), value = word, field = str_cut(&value, '=');
		bool likes;
		if (str_is(field, "kind") && value.len)
			likes = text_holds(row->kind, value);
		else if (str_is(field, "who") && value.len)
			likes = text_holds(row->who, value);
		else if (str_is(field, "deal") && value.len)
			likes = text_holds(row->deal, value);
		else
			likes = text_holds(row->kind, word) || text_holds(row->who, word) || text_holds(row->deal, word) ||
				text_holds(number, word) || (row->refused && text_holds("refused", word));
		if (!likes)
			return false;
	}
	return true;
}

/* Which deal an entry is of is said to those who may see the deal; that the entry is there, and its proof, to everybody. */
static struct view_ledger_row row_seen(const struct view_source *src, const struct view_ledger_row *row)
{
	struct view_ledger_row out = *row;
	if (src->viewer && row->deal[0] && !view_may_see(src->tabs, src->viewer->id, row->deal))
		out.deal = "hidden";
	return out;
}

static bool ledger_likes(const struct view_source *src, struct view_ledger_cache *c, uint64_t n, const char *filter)
{
	if (!filter[0])
		return true;
	const struct view_ledger_row *row = ledger_row(src, c, n);
	if (!row)
		return false;
	struct view_ledger_row seen = row_seen(src, row);
	return row_likes(&seen, filter);
}

uint64_t view_ledger_step(const struct view_source *src, struct view_ledger_cache *cache, const char *filter,
	uint64_t number, int64_t step)
{
	uint64_t size = merkle_size(src->tree), at = number, n = number;
	if (!size)
		return number;
	if (n >= size) { /* beyond the newest: the first step finds it */
		at = size - 1;
		n = step > 0 ? size : at;
	}
	while (step > 0 && n > 0)
		if (ledger_likes(src, cache, --n, filter)) {
			at = n;
			step--;
		}
	while (step < 0 && n + 1 < size)
		if (ledger_likes(src, cache, ++n, filter)) {
			at = n;
			step++;
		}
	return at;
}

uint64_t view_ledger_place(const struct view_source *src, struct view_ledger_cache *cache, const char *filter,
	uint64_t number)
{
	uint64_t size = merkle_size(src->tree), above = 0;
	if (number >= size)
		return 0;
	if (!filter[0])
		return size - 1 - number;
	for (uint64_t n = size; n-- > number + 1;)
		above += ledger_likes(src, cache, n, filter);
	return above;
}

/* --- the proof of one ------------------------------------------------------------------------------ */

static const char *body_says(struct arena *a, const struct envelope *e, const void *body)
{
	const struct event_kind *kind = event_kind_of(e->kind);
	struct buf b = { 0 };
	if (!kind || !body)
		return e->sealed ? "sealed: the ledger holds only its salted digest" : "";
	for (size_t i = 0; i < kind->body->field_count && b.len < SAYS_MAX; i++) {
		const struct rec_field *f = &kind->body->fields[i];
		size_t before = b.len;
		if (f->kind == FIELD_BLOB || f->kind == FIELD_HASH)
			continue;
		buf_printf(&b, "%s%s ", b.len ? "  " : "", f->name);
		size_t named = b.len;
		rec_field_print(kind->body, body, f, &b);
		if (b.len == named || str_is((struct str){ b.ptr + named, b.len - named }, "0"))
			b.len = before;
	}
	const char *text = keep(a, b.len ? str_dup(a, buf_view(&b)) : "");
	buf_free(&b);
	return text;
}

/* A body names terms and amounts: of a deal for those who may see them, else of the book. */
static const char *entry_says(struct arena *a, const struct view_source *src, const struct envelope *e, const void *body,
	const char *deal)
{
	const struct event_kind *kind = event_kind_of(e->kind);
	bool money = deal[0];
	for (size_t i = 0; kind && i < kind->body->field_count; i++)
		money = money || kind->body->fields[i].unit == UNIT_MONEY;
	if (src->viewer && money && !view_may_see_amounts(src->tabs, src->viewer->id, deal))
		return "masked: of a deal, or of the book, that is not yours to see";
	return body_says(a, e, body);
}

/* From when on a key counts no more, in words. */
static const char *key_since(struct arena *a, const struct keyrec *k)
{
	char day[INSTANT_TEXT_MAX];
	int64_t at = !k ? 0 : k->compromised_from ? k->compromised_from : k->revoked_from;
	if (!at)
		return "";
	instant_format(at, 0, day);
	return arena_printf(a, "%s since %.10s", k->compromised_from ? "stolen" : "revoked", day);
}

/* Who answers for a key: the party that certified it, of the node the one whose book it is. */
static const char *key_party(struct arena *a, const struct tabs *s, const struct keyrec *k)
{
	const struct meta *m = tab_get(s, &META_REC, "state");
	const char *party = !k ? "" : k->kind == KEY_OF_NODE ? (m ? m->book : "") : k->kind == KEY_OF_PARTY ? "" : k->party;
	return party[0] ? keep(a, view_party_name(s, party)) : "";
}

static void detail_signers(struct view_ledger_detail *d, struct arena *a, const struct tabs *s, const struct envelope *e)
{
	char hex[HASH_HEX_MAX], did[KEY_DID_SHORT_MAX];
	d->signer_total = e->signature_count;
	for (size_t i = 0; i < e->signature_count && d->signer_count < VIEW_ENTRY_SIGNERS; i++) {
		struct hash key;
		memcpy(key.bytes, e->signatures[i].public_key, HASH_SIZE);
		const struct keyrec *k = keyring_find(s, &key);
		d->signers[d->signer_count++] = (struct view_signer){ .name = signer_name(a, s, &key),
			.key = keep(a, hex_of(key.bytes, HASH_SIZE, hex)), .did = keep(a, key_did_short(key.bytes, did)),
			.party = key_party(a, s, k),
			.since = key_since(a, k), .at = e->signatures[i].signed_at };
	}
}

/* What became of the evidence that a body names. */
static void detail_digests(struct view_ledger_detail *d, const struct view_source *src, const struct envelope *e, const void *body)
{
	const struct event_kind *kind = event_kind_of(e->kind);
	struct arena scratch = { 0 };
	char prefix[REC_KEY_MAX];
	for (size_t i = 0; kind && body && i < kind->body->field_count; i++) {
		const struct rec_field *f = &kind->body->fields[i];
		const struct hash *h = (const struct hash *)(const void *)((const char *)body + f->offset);
		struct str bytes;
		if (f->kind != FIELD_HASH || f->unit == UNIT_KEY || hash_is_zero(h))
			continue;
		const struct item *item = item_by_manifest(src->tabs, h);
		d->digests.named++;
		d->digests.destroyed += item && item->shredded_at;
		d->digests.sealed += item && !item->shredded_at;
		d->digests.stored += !item && src->evidence && src->evidence(src->ctx, h, &scratch, &bytes);
		str_copy(prefix, sizeof(prefix), str_of(item ? arena_printf(&scratch, "%s/", item->id) : "-"));
		TAB_FOR(grant, g, src->tabs, &GRANT_REC, prefix)
			d->digests.readers += item && !item->shredded_at;
	}
	arena_free(&scratch);
}

static void detail_path(struct view_ledger_detail *d, const struct view_source *src, const struct view_ledger *v)
{
	struct merkle_proof proof;
	bool covered = v->has_checkpoint && v->checkpoint_holds && d->number < v->checkpoint.size;
	d->size = covered ? v->checkpoint.size : v->entries;
	if (!merkle_prove_inclusion(src->tree, d->number, d->size, &proof))
		return;
	d->hashes = proof.count;
	d->path_count = merkle_path_view(d->number, d->size, &d->computed, &proof, d->path);
	struct hash root = merkle_root_at(src->tree, d->size);
	d->root_equal = d->path_count > 0 && hash_eq(&d->path[0].hash, &root);
	d->checkpoint_equal = covered && d->path_count > 0 && hash_eq(&d->path[0].hash, &v->checkpoint.root);
}

static struct view_ledger_detail *ledger_detail(struct arena *a, const struct view_source *src,
	struct view_ledger_cache *cache, const struct view_ledger *v, uint64_t number)
{
	struct view_entry x;
	struct envelope env;
	struct entry_digests digests;
	struct fault fault;
	const struct view_ledger_row *row = ledger_row(src, cache, number);
	if (!row || !src->entry || !src->entry(src->ctx, number, a, &x) ||
		envelope_decode(x.entry.envelope, &env, &fault) != ERR_OK || !entry_digest(&x.entry, NULL, &digests, &fault))
		return NULL;
	struct view_ledger_detail *d = arena_zero(a, sizeof(*d));
	const struct event_kind *kind = event_kind_of(env.kind);
	const void *body = body_of(&env, a);
	*d = (struct view_ledger_detail){ .number = number, .kind = kind_words(a, &env, body), .words = kind ? kind->words : "",
		.says = entry_says(a, src, &env, body, row->deal), .who = keep(a, row->who), .verdict = keep(a, x.entry.verdict),
		.refused = row->refused, .envelope_bytes = x.entry.envelope.len, .sealed = env.sealed,
		.event_time = env.event_time, .stamp = x.entry.stamp, .epoch = x.entry.epoch, .content = digests.content,
		.prev = x.entry.prev, .leaf = merkle_leaf_at(src->tree, number), .computed = digests.leaf,
		.outcome = x.entry.outcome, .proof = row_proof(v, row) };
	detail_signers(d, a, src->tabs, &env);
	detail_digests(d, src, &env, body);
	detail_path(d, src, v);
	if (!d->root_equal)
		d->proof = VIEW_BROKEN;
	return d;
}

/* --- all ------------------------------------------------------------------------------------------ */

static void ledger_checkpoint(struct view_ledger *v, struct arena *a, const struct view_source *src)
{
	if (!src->checkpoint || !src->checkpoint(src->ctx, a, &v->checkpoint))
		return;
	v->has_checkpoint = true;
	struct view_entry last;
	/* A note of the log itself has no time: it speaks of its last entry. */
	if (!v->checkpoint.at && src->entry && v->checkpoint.size && src->entry(src->ctx, v->checkpoint.size - 1, a, &last))
		v->checkpoint.at = last.entry.stamp;
	if (v->checkpoint.size > v->entries || !v->checkpoint.size)
		return;
	struct hash root = merkle_root_at(src->tree, v->checkpoint.size);
	v->checkpoint_holds = hash_eq(&root, &v->checkpoint.root);
}

static enum view_seen signer_saw(const struct view_source *src, const struct view_cosigner *c, uint64_t entries, uint64_t focus)
{
	if (!c->verified || !c->size)
		return VIEW_SEEN_NOTHING;
	struct hash root = c->size <= entries ? merkle_root_at(src->tree, c->size) : c->root;
	if (c->size > entries || !hash_eq(&root, &c->root))
		return VIEW_SEEN_OTHER;
	return c->size > focus ? VIEW_SEEN_IT : VIEW_SEEN_LESS;
}

/* Who has seen the entry in focus, and whether that is a quorum. */
static void ledger_witnesses(struct view_ledger *v, const struct view_source *src, uint64_t focus)
{
	const struct view_checkpoint *c = &v->checkpoint;
	uint64_t bits = 0;
	v->consistent = true;
	for (size_t i = 0; i < c->signer_count; i++) {
		const struct view_cosigner *w = &c->signers[i];
		v->seen[i] = signer_saw(src, w, v->entries, focus);
		v->consistent = v->consistent && v->seen[i] != VIEW_SEEN_OTHER;
		v->witnesses += !w->log;
		v->saw += !w->log && v->seen[i] == VIEW_SEEN_IT;
		if (w->witness >= 0 && v->seen[i] == VIEW_SEEN_IT)
			bits |= UINT64_C(1) << w->witness;
	}
	v->quorum = c->policy && tlog_policy_quorum(c->policy, bits);
}

static void ledger_rows(struct view_ledger *v, const struct view_source *src, struct view_ledger_cache *cache,
	const struct view_ledger_want *want)
{
	size_t height = want->height < VIEW_LEDGER_ROWS ? want->height : VIEW_LEDGER_ROWS;
	uint64_t skipped = 0;
	uint64_t first = v->filtered ? v->entries : v->entries - (want->top < v->entries ? want->top : v->entries);
	v->above = want->top;
	for (uint64_t n = first; n-- > 0 && (v->count < height || v->filtered);) {
		if (!ledger_likes(src, cache, n, want->filter))
			continue;
		v->matching += v->filtered;
		if (v->filtered && skipped++ < want->top)
			continue;
		const struct view_ledger_row *row = v->count < height ? ledger_row(src, cache, n) : NULL;
		if (!row)
			continue;
		v->rows[v->count] = row_seen(src, row);
		v->proof[v->count++] = row_proof(v, row);
	}
}

/* The lowest entry that does not hold is told to whoever shows it. */
static void ledger_broken(struct view_ledger *v, const struct view_source *src, const struct view_ledger_cache *c)
{
	for (size_t i = 0; i < c->cap && i < v->entries && !v->broken; i++)
		if (c->rows[i].there && c->rows[i].row.read && !c->rows[i].row.leaf_holds) {
			v->broken = true;
			v->broken_at = i;
		}
	if (!src->broken || !v->broken)
		return;
	struct view_broken b = { .number = v->broken_at, .leaf = merkle_leaf_at(src->tree, v->broken_at),
		.computed = c->rows[v->broken_at].computed };
	src->broken(src->ctx, &b);
}

/* What was given up and what may be, and the books: all of it is state, so every replica says the same. */
static void ledger_kept(struct view_kept *k, const struct view_source *src)
{
	const struct tabs *s = src->tabs;
	uint64_t kept = retention_kept(s);
	*k = (struct view_kept){ .first = kept ? kept : 1, .seen = witnessed_size(s), .witnessed = tab_count(s, &WITNESSED_REC) > 0,
		.raw_given = retention_raw_given(s, "batch"), .raw_due = retention_raw_due(s, "batch", src->viewer ? src->viewer->now : 0),
		.raw_ruled = policy_int(s, "retention.batch_days", 0) > 0, .closed_until = policy_int(s, "book.closed_until", INT64_MIN),
		.journals = tab_count(s, &JOURNAL_REC), .masked = src->viewer && !view_may_see_amounts(s, src->viewer->id, "") };
	TAB_FOR(period, p, s, &PERIOD_REC, "") {
		k->postings += p->postings;
		k->accounts++;
		k->last_day = p->last_day > k->last_day ? p->last_day : k->last_day;
	}
}

struct view_ledger *view_ledger_build(struct arena *a, const struct view_source *src, struct view_ledger_cache *cache,
	const struct view_ledger_want *want)
{
	struct view_ledger *v = arena_zero(a, sizeof(*v));
	v->entries = merkle_size(src->tree);
	v->root = merkle_root(src->tree);
	v->filtered = want->filter[0] != '\0';
	v->matching = v->filtered ? 0 : v->entries;
	ledger_checkpoint(v, a, src);
	ledger_witnesses(v, src, want->focus);
	ledger_rows(v, src, cache, want);
	if (want->focus < v->entries)
		v->detail = ledger_detail(a, src, cache, v, want->focus);
	v->checked = cache->checked > src->checked ? cache->checked : src->checked;
	ledger_broken(v, src, cache);
	ledger_kept(&v->kept, src);
	return v;
}
