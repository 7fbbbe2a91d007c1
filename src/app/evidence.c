/* Evidence between the ledger and the vault. See app/evidence.h for the order that must not change. */
#include "app/evidence.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/command.h"
#include "app_int.h"
#include "base/check.h"
#include "base/instant.h"
#include "identity/keyring.h"
#include "ledger/envelope.h"

static const struct tabs *tabs_of(const struct evidence_actor *a)
{
	return engine_tabs(runtime_engine(a->runtime));
}

static const char *dir_of(const struct evidence_actor *a)
{
	return journal_dir(runtime_journal(a->runtime));
}

enum err evidence_actor(struct runtime *r, const uint8_t *secret, struct evidence_actor *out, struct fault *fault)
{
	const struct tabs *s = engine_tabs(runtime_engine(r));
	memset(out, 0, sizeof(*out));
	out->runtime = r;
	out->secret = secret;
	memcpy(out->key.bytes, secret + 32, HASH_SIZE);
	const struct keyrec *k = keyring_find(s, &out->key);
	if (!k || k->kind == KEY_OF_NODE || k->kind == KEY_OF_ADMIN)
		return fault_set(fault, ERR_DENIED, 0, 0, "the ledger does not know this key; have it certified by its party");
	const struct operator *o = k->kind == KEY_OF_PERSON ? tab_get(s, &OPERATOR_REC, k->holder) : NULL;
	memcpy(out->id, k->holder, sizeof(out->id));
	memcpy(out->party, k->party, sizeof(out->party));
	out->auditor = reads_by_entry(s, o ? (enum role)o->role : ROLE_NONE, k->party);
	return ERR_OK;
}

/* Every request is a new one: a read may be repeated, and a refused one tried again. */
enum err evidence_send(const struct evidence_actor *a, int kind, const char *deal, const void *body, uint64_t *entry,
	struct fault *fault)
{
	struct arena arena = { 0 };
	struct envelope env;
	struct runtime_item answer;
	uint8_t key[ENVELOPE_KEY_SIZE];
	randombytes_buf(key, sizeof(key));
	event_envelope(&arena, kind, a->party, deal, runtime_now(a->runtime), body, key, &env);
	enum err e = runtime_send(a->runtime, &env, a->secret, &answer, fault);
	arena_free(&arena);
	if (e != ERR_OK)
		return e;
	*entry = answer.number;
	char text[REFUSAL_TEXT_MAX];
	return answer.verdict == REFUSED_NOT ? ERR_OK
		: fault_set(fault, ERR_REFUSED, 0, 0, "%s", refusal_text(answer.verdict, answer.detail, text));
}

/* --- readers --------------------------------------------------------------------------------------- */

struct readers {
	struct sealed_grant list[SEALED_GRANTS_MAX];
	size_t count;
};

static enum err reader_add(struct readers *r, const char *id, const struct hash *key, struct fault *fault)
{
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->list[i].reader, id) || hash_eq(&r->list[i].key, key))
			return ERR_OK;
	if (r->count == SEALED_GRANTS_MAX)
		return fault_set(fault, ERR_LIMIT, 0, 0, "more than %d readers at once; name people instead of parties, or grant in steps",
			SEALED_GRANTS_MAX);
	struct sealed_grant *g = &r->list[r->count++];
	memset(g, 0, sizeof(*g));
	snprintf(g->reader, sizeof(g->reader), "%s", id);
	g->key = *key;
	return ERR_OK;
}

static enum err reader_current(const struct evidence_actor *a, struct readers *r, enum key_kind kind, const char *id,
	struct fault *fault)
{
	struct hash key;
	const struct keyrec *k = keyring_current(tabs_of(a), kind, id, UINT64_MAX);
	return k && keyrec_key(k, &key) ? reader_add(r, id, &key, fault)
		: fault_set(fault, ERR_REFUSED, 0, 0, "%s has no key that counts now", id);
}

/* A party's people are those that are certified now, without administrators and services: they see no business. */
static enum err reader_named(const struct evidence_actor *a, struct readers *r, const char *name, struct fault *fault)
{
	const struct tabs *s = tabs_of(a);
	int64_t now = runtime_now(a->runtime);
	const struct party *p = tab_get(s, &PARTY_REC, name);
	if (tab_get(s, &OPERATOR_REC, name))
		return reader_current(a, r, KEY_OF_PERSON, name, fault);
	if (!p)
		return fault_set(fault, ERR_NOT_FOUND, 0, 0, "there is no party or person %.40s; `wharf show party` lists parties", name);
	enum err e = hash_is_zero(&p->key) ? ERR_OK : reader_current(a, r, KEY_OF_PARTY, p->id, fault);
	TAB_FOR(operator, x, s, &OPERATOR_REC, "")
		if (e == ERR_OK && !strcmp(x->party, p->id) && x->role != ROLE_ADM && x->role != ROLE_SVC && !hash_is_zero(&x->key)
			&& operator_live_at(x, now))
			e = reader_current(a, r, KEY_OF_PERSON, x->id, fault);
	return e;
}

static enum err readers_named(const struct evidence_actor *a, struct readers *r, const char *names, struct fault *fault)
{
	struct str rest = str_of(names);
	enum err e = ERR_OK;
	while (rest.len && e == ERR_OK) {
		char name[64];
		struct str word = str_trim(str_cut(&rest, ','));
		if (word.len)
			e = str_copy(name, sizeof(name), word) ? reader_named(a, r, name, fault)
				: fault_set(fault, ERR_USAGE, 0, 0, "a reader's name is longer than any is");
	}
	return e;
}

static enum err readers_seal(struct vault *v, const struct sealed_key *key, struct readers *r, struct fault *fault)
{
	enum err e = ERR_OK;
	for (size_t i = 0; i < r->count && e == ERR_OK; i++)
		e = vault_box_put(v, key, &r->list[i].key, &r->list[i].box, fault);
	return e;
}

static const struct blob *readers_bytes(const struct readers *r, struct arena *a)
{
	struct buf b = { 0 };
	sealed_grants_encode(r->list, r->count, &b);
	const struct blob *out = blob_in(a, b.ptr, b.len);
	buf_free(&b);
	return out;
}

/* --- putting --------------------------------------------------------------------------------------- */

/* What a file is, by its first bytes: its name proves nothing. */
static const struct {
	const char *kind, *media;
	size_t at, len;
	const char *bytes;
} MAGIC[] = {
	{ "document", "application/pdf", 0, 5, "%PDF-" }, { "photo", "image/jpeg", 0, 3, "\xff\xd8\xff" },
	{ "photo", "image/png", 0, 8, "\x89PNG\r\n\x1a\n" }, { "photo", "image/tiff", 0, 4, "II*\0" },
	{ "photo", "image/webp", 8, 4, "WEBP" }, { "video", "video/mp4", 4, 4, "ftyp" },
	{ "document", "application/xml", 0, 5, "<?xml" }, { "archive", "application/zip", 0, 4, "PK\3\4" },
};

static void guess(int fd, struct ev_put *b)
{
	char head[16] = { 0 };
	size_t n = sizeof(MAGIC) / sizeof(MAGIC[0]), i = 0;
	ssize_t got = pread(fd, head, sizeof(head), 0);
	while (i < n && !(got >= (ssize_t)(MAGIC[i].at + MAGIC[i].len) && !memcmp(head + MAGIC[i].at, MAGIC[i].bytes, MAGIC[i].len)))
		i++;
	if (!b->kind[0])
		snprintf(b->kind, sizeof(b->kind), "%s", i < n ? MAGIC[i].kind : "document");
	if (!b->media[0])
		snprintf(b->media, sizeof(b->media), "%s", i < n ? MAGIC[i].media : "application/octet-stream");
}

static enum err add_body(const struct evidence_add *what, int fd, struct ev_put *b, struct fault *fault)
{
	const struct {
		const char *text, *called;
		char *to;
		size_t room;
	} texts[] = { { what->kind, "kind", b->kind, sizeof(b->kind) }, { what->media, "media type", b->media, sizeof(b->media) },
		{ what->device, "device", b->device, sizeof(b->device) }, { what->corroborates, "item", b->corroborates, sizeof(b->corroborates) } };
	struct stat st;
	memset(b, 0, sizeof(*b));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].text && !str_copy(texts[i].to, texts[i].room, str_of(texts[i].text)))
			return fault_set(fault, ERR_USAGE, 0, 0, "the %s is longer than %zu bytes", texts[i].called, texts[i].room - 1);
	sealed_name(str_of(what->path), b->name);
	guess(fd, b);
	b->captured_at = what->captured_at ? what->captured_at
		: fstat(fd, &st) == 0 ? (int64_t)st.st_mtim.tv_sec * INSTANT_SECOND : 0;
	b->valid_until = what->valid_until;
	b->confidence = what->confidence;
	return ERR_OK;
}

static enum err add_sealed(const struct evidence_actor *a, struct vault *v, const struct evidence_add *what, int fd,
	struct readers *r, char id[ID_MAX], uint64_t *entry, struct fault *fault)
{
	struct ev_put b;
	struct vault_put put;
	struct arena arena = { 0 };
	enum err e = add_body(what, fd, &b, fault);
	int64_t now = runtime_now(a->runtime);
	b.captured_at = b.captured_at > now ? now : b.captured_at; /* the clock of a recorded day lies behind that of its files */
	if (e == ERR_OK)
		e = vault_put(v, fd, b.name, &put, fault);
	if (e != ERR_OK)
		return e;
	e = readers_seal(v, &put.key, r, fault);
	b.size = (int64_t)put.size;
	b.digest = put.digest;
	b.manifest = put.key.manifest;
	b.grants = readers_bytes(r, &arena);
	bool sent = e == ERR_OK;
	if (sent)
		e = evidence_send(a, EVENT_PUT, what->deal, &b, entry, fault);
	/* Refused is certain: nothing names it. After any other failure the entry may be there all the same. */
	if (!sent || e == ERR_REFUSED)
		(void)vault_shred(v, &put.key.manifest, NULL);
	sealed_key_wipe(&put.key);
	arena_free(&arena);
	const struct item *i = e == ERR_OK ? item_by_manifest(tabs_of(a), &b.manifest) : NULL;
	snprintf(id, ID_MAX, "%s", i ? i->id : "");
	return e;
}

enum err evidence_add(const struct evidence_actor *a, const struct evidence_add *what, char id[ID_MAX], uint64_t *entry,
	struct fault *fault)
{
	struct readers r = { .count = 0 };
	struct vault *v = NULL;
	uint64_t size;
	int fd = -1;
	enum err e = reader_add(&r, a->id, &a->key, fault);
	if (e == ERR_OK && what->readers)
		e = readers_named(a, &r, what->readers, fault);
	if (e == ERR_OK && what->fd)
		fd = dup(what->fd);
	else if (e == ERR_OK)
		e = vault_source(what->path, &fd, &size, fault);
	if (e == ERR_OK)
		e = vault_open(dir_of(a), true, &v, fault);
	if (e == ERR_OK)
		e = add_sealed(a, v, what, fd, &r, id, entry, fault);
	if (fd >= 0)
		close(fd);
	vault_close(v);
	return e;
}

/* --- opening, granting ------------------------------------------------------------------------------ */

enum err evidence_find(const struct evidence_actor *a, const char *ref, struct item *out, struct fault *fault)
{
	char id[REC_KEY_MAX];
	enum err e = command_resolve(tabs_of(a), &ITEM_REC, str_of(ref), id, fault);
	if (e != ERR_OK)
		return e;
	*out = *(const struct item *)tab_get(tabs_of(a), &ITEM_REC, id);
	return out->shredded_at ? fault_set(fault, ERR_NOT_FOUND, 0, 0, "evidence %s was destroyed by %s: %s; its record and proofs are left",
		id_tail(out->id), out->shredded_by, out->reason) : ERR_OK;
}

static enum err unlock(const struct evidence_actor *a, struct vault *v, const struct item *i, struct sealed_key *key,
	struct fault *fault)
{
	const struct grant *g = grant_of_key(tabs_of(a), i->id, &a->key);
	if (g)
		return vault_box_open(v, &i->manifest, &g->box, a->secret, key, fault);
	return fault_set(fault, ERR_DENIED, 0, 0, "%s may not read evidence %s; ask %s for a grant", a->id, id_tail(i->id), i->owner);
}

enum err evidence_grant(const struct evidence_actor *a, const char *id, const char *readers, uint64_t *entry,
	struct fault *fault)
{
	struct readers r = { .count = 0 };
	struct vault *v = NULL;
	struct item i;
	struct sealed_key key;
	struct ev_grant b;
	struct arena arena = { 0 };
	char had[64];
	enum err e = evidence_find(a, id, &i, fault);
	if (e == ERR_OK)
		e = readers_named(a, &r, readers, fault);
	for (size_t k = 0; k < r.count;) { /* who reads it already stays as he is */
		snprintf(had, sizeof(had), "%s/%s", i.id, r.list[k].reader);
		const struct grant *g = tab_get(tabs_of(a), &GRANT_REC, had);
		if (g && hash_eq(&g->key, &r.list[k].key))
			r.list[k] = r.list[--r.count];
		else
			k++;
	}
	if (e == ERR_OK && !r.count)
		e = fault_set(fault, ERR_USAGE, 0, 0, "everybody named may read evidence %s already", id_tail(i.id));
	if (e == ERR_OK)
		e = vault_open(dir_of(a), false, &v, fault);
	if (e == ERR_OK)
		e = unlock(a, v, &i, &key, fault);
	if (e == ERR_OK) {
		e = readers_seal(v, &key, &r, fault);
		sealed_key_wipe(&key);
		memset(&b, 0, sizeof(b));
		memcpy(b.item, i.id, sizeof(b.item));
		b.grants = readers_bytes(&r, &arena);
		if (e == ERR_OK)
			e = evidence_send(a, EVENT_GRANT, i.deal, &b, entry, fault);
		for (size_t k = 0; k < r.count && e == ERR_REFUSED; k++)
			vault_box_drop(v, &i.manifest, &r.list[k].key);
	}
	vault_close(v);
	arena_free(&arena);
	return e;
}

/* --- destroying, reading ---------------------------------------------------------------------------- */

static enum err object_send(const struct evidence_actor *a, int kind, const char *object, const char *deal, const char *reason,
	uint64_t *entry, struct fault *fault)
{
	struct ev_object b;
	memset(&b, 0, sizeof(b));
	if (!str_copy(b.object, sizeof(b.object), str_of(object)) || !str_copy(b.reason, sizeof(b.reason), str_trim(str_of(reason))))
		return fault_set(fault, ERR_USAGE, 0, 0, "the reason is longer than %zu bytes", sizeof(b.reason) - 1);
	return evidence_send(a, kind, deal, &b, entry, fault);
}

static enum err forget(struct runtime *r, const struct hash *manifest, struct fault *fault)
{
	struct vault *v;
	enum err e = vault_open(journal_dir(runtime_journal(r)), false, &v, fault);
	if (e != ERR_OK)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* this host keeps none */
	e = vault_shred(v, manifest, fault);
	vault_close(v);
	return e;
}

enum err evidence_forget(const char *dir, const struct tabs *s, uint64_t *from, struct fault *fault)
{
	char key[REC_KEY_MAX];
	struct vault *v = NULL;
	enum err e = ERR_OK;
	snprintf(key, sizeof(key), PLACE_DESTROYED "%020llu", (unsigned long long)*from);
	for (const struct item_place *p = tab_first(s, &ITEM_PLACE_REC, key); p && e == ERR_OK && str_starts(str_of(p->id), PLACE_DESTROYED);
		p = tab_next(s, &ITEM_PLACE_REC, p->id)) {
		const struct item *i = tab_get(s, &ITEM_REC, p->item);
		e = v ? ERR_OK : vault_open(dir, false, &v, fault);
		if (e == ERR_NOT_FOUND)
			return ERR_OK;
		if (e == ERR_OK && i && vault_left(v, &i->manifest))
			e = vault_shred(v, &i->manifest, fault);
		if (e == ERR_OK)
			*from = strtoull(p->id + 2, NULL, 10) + 1;
	}
	vault_close(v);
	return e;
}

enum err evidence_after(struct runtime *r, const struct envelope *done, struct fault *fault)
{
	struct arena a = { 0 };
	struct ev_object b;
	bool shreds = done->kind == EVENT_SHRED && rec_decode(&EV_OBJECT_REC, done->body, &b, &a);
	arena_free(&a);
	const struct item *i = shreds ? tab_get(engine_tabs(runtime_engine(r)), &ITEM_REC, b.object) : NULL;
	return i && i->shredded_at ? forget(r, &i->manifest, fault) : ERR_OK;
}

enum err evidence_shred(const struct evidence_actor *a, const char *id, const char *reason, uint64_t *entry,
	struct fault *fault)
{
	struct item i;
	enum err e = evidence_find(a, id, &i, fault);
	if (e == ERR_OK)
		e = object_send(a, EVENT_SHRED, i.id, i.deal, reason, entry, fault);
	return e == ERR_OK ? forget(a->runtime, &i.manifest, fault) : e;
}

enum err evidence_read(const struct evidence_actor *a, const char *object, const char *deal, const char *reason,
	uint64_t *entry, struct fault *fault)
{
	return object_send(a, EVENT_READ, object, deal, reason, entry, fault);
}

/* An item whose content its reader takes out. */
struct opened {
	struct item item;
	struct vault *vault;
	struct sealed_key key;
};

/* Unlocks it, then says so on the ledger when `logs`: a read that could not be is none. */
static enum err item_open(const struct evidence_actor *a, const char *id, bool logs, const char *reason, struct opened *o, uint64_t *entry,
	struct fault *fault)
{
	memset(o, 0, sizeof(*o));
	*entry = 0;
	enum err e = evidence_find(a, id, &o->item, fault);
	if (e == ERR_OK)
		e = vault_open(dir_of(a), false, &o->vault, fault);
	if (e == ERR_OK)
		e = unlock(a, o->vault, &o->item, &o->key, fault);
	return e == ERR_OK && logs ? evidence_read(a, o->item.id, o->item.deal, reason, entry, fault) : e;
}

static void item_close(struct opened *o)
{
	sealed_key_wipe(&o->key);
	vault_close(o->vault);
}

enum err evidence_save(const struct evidence_actor *a, const char *id, const char *path, const char *reason, uint64_t *entry,
	struct fault *fault)
{
	struct opened o;
	struct file_new f;
	struct stat st;
	*entry = 0;
	if (lstat(path, &st) == 0)
		return fault_set(fault, ERR_USAGE, 0, 0, "%.200s exists; name a file that does not", path);
	enum err e = item_open(a, id, a->auditor || reason, reason ? reason : "content taken out", &o, entry, fault);
	if (e == ERR_OK)
		e = file_begin(&f, path, 0600, fault);
	if (e == ERR_OK)
		e = file_end(&f, false, vault_get(o.vault, &o.key, &o.item.digest, f.fd, fault), fault);
	item_close(&o);
	return e;
}

enum err evidence_take(const struct evidence_actor *a, const char *id, const char *reason, int fd, uint64_t *entry, struct fault *fault)
{
	struct opened o;
	enum err e = item_open(a, id, a->auditor, reason, &o, entry, fault);
	if (e == ERR_OK)
		e = vault_get(o.vault, &o.key, &o.item.digest, fd, fault);
	item_close(&o);
	return e;
}

/* --- looking after it ------------------------------------------------------------------------------- */

static bool check_named(void *ctx, const struct hash *manifest, const struct hash *reader)
{
	const struct item *i = item_by_manifest(ctx, manifest);
	return i && !i->shredded_at && (!reader || grant_of_key(ctx, i->id, reader));
}

static void check_item(const struct tabs *s, struct vault *v, const struct item *i, bool deep, struct evidence_check *out)
{
	struct fault why;
	char prefix[40];
	enum err e = vault_has(v, &i->manifest, deep, NULL, &why);
	out->items++;
	out->absent += e == ERR_NOT_FOUND;
	snprintf(prefix, sizeof(prefix), "%s/", i->id);
	for (const struct grant *g = tab_prefix_first(s, &GRANT_REC, prefix); g && e == ERR_OK; g = tab_prefix_after(s, &GRANT_REC, prefix, g)) {
		e = vault_box_has(v, &i->manifest, &g->key, &g->box, &why);
		out->boxes_absent += e == ERR_NOT_FOUND;
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	out->broken += e != ERR_OK && e != ERR_NOT_FOUND;
	if (e != ERR_OK && !out->first[0])
		snprintf(out->first, sizeof(out->first), "%s %.60s: %.250s", id_tail(i->id), i->name, why.text);
}

enum err evidence_check(struct runtime *r, const char *dir, bool deep, int64_t grace_s, bool remove,
	struct evidence_check *out, struct fault *fault)
{
	const struct tabs *s = engine_tabs(runtime_engine(r));
	struct vault *v;
	memset(out, 0, sizeof(*out));
	enum err e = vault_open(dir, false, &v, fault);
	if (e == ERR_NOT_FOUND && !tab_count(s, &ITEM_REC))
		return ERR_OK;
	if (e != ERR_OK)
		return e;
	TAB_FOR(item, i, s, &ITEM_REC, "") {
		if (!i->shredded_at) {
			check_item(s, v, i, deep, out);
			continue;
		}
		out->shredded++;
		if (remove && vault_left(v, &i->manifest) && e == ERR_OK && (e = vault_shred(v, &i->manifest, fault)) == ERR_OK)
			out->finished++;
	}
	if (e == ERR_OK)
		e = vault_sweep(v, check_named, (void *)(uintptr_t)s, grace_s, remove, &out->vault, fault);
	vault_close(v);
	return e;
}

/* --- before ordering -------------------------------------------------------------------------------- */

static enum err ready_boxes(struct vault *v, const struct hash *manifest, struct str grants, struct fault *fault)
{
	struct sealed_grant list[SEALED_GRANTS_MAX];
	size_t n;
	if (!sealed_grants_decode(grants, list, &n))
		return ERR_OK; /* the handler refuses it by its own name */
	for (size_t i = 0; i < n; i++) {
		enum err e = vault_box_has(v, manifest, &list[i].key, &list[i].box, fault);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum refusal evidence_ready(const char *dir, const struct tabs *tabs, struct str envelope, char detail[TURN_DETAIL_MAX])
{
	struct arena a = { 0 };
	struct envelope env;
	struct ev_put put;
	struct ev_grant grant;
	struct vault *v = NULL;
	struct fault fault = { 0 };
	uint64_t size = 0;
	int kind = envelope_kind(envelope);
	if ((kind != EVENT_PUT && kind != EVENT_GRANT) || !envelope_decode_again(envelope, &env))
		return REFUSED_NOT;
	enum err e = vault_open(dir, false, &v, &fault);
	if (e == ERR_OK && env.kind == EVENT_PUT && rec_decode(&EV_PUT_REC, env.body, &put, &a)) {
		e = vault_has(v, &put.manifest, false, &size, &fault);
		if (e == ERR_OK && size != (uint64_t)put.size)
			e = fault_set(&fault, ERR_TAMPERED, 0, 0, "the vault holds %llu bytes of it", (unsigned long long)size);
		if (e == ERR_OK)
			e = ready_boxes(v, &put.manifest, blob_str(put.grants), &fault);
	} else if (e == ERR_OK && env.kind == EVENT_GRANT && rec_decode(&EV_GRANT_REC, env.body, &grant, &a)) {
		const struct item *i = tab_get(tabs, &ITEM_REC, grant.item);
		if (i && !i->shredded_at)
			e = ready_boxes(v, &i->manifest, blob_str(grant.grants), &fault);
	}
	vault_close(v);
	arena_free(&a);
	if (e != ERR_OK)
		snprintf(detail, TURN_DETAIL_MAX, "%.200s", fault.text);
	return e == ERR_OK ? REFUSED_NOT : REFUSED_EVIDENCE;
}
