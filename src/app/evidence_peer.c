/* Evidence between hosts (see app/evidence_peer.h).
 *
 * Must remain true: who asks is judged by the ledger as it is now; what comes is compared with its name before it touches
 * the vault; one piece is in memory at a time (and the manifest, 32 bytes a mebibyte). */
#include "app/evidence_peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/clock.h"
#include "app_int.h"
#include "base/instant.h"
#include "identity/keyring.h"
#include "ledger/piece.h"

/* --- giving --------------------------------------------------------------------------------------- */

static void say(struct pieces_answer *a, unsigned status, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(struct pieces_answer *a, unsigned status, const char *format, ...)
{
	va_list args;
	a->status = status;
	va_start(args, format);
	vsnprintf(a->text, sizeof(a->text), format, args);
	va_end(args);
}

/* As a signature of that key is judged: the person's certificate and the standing of the party go along. */
static bool key_counts(const struct tabs *s, const struct keyrec *k, const struct operator *o, int64_t now)
{
	const struct party *p = k ? tab_get(s, &PARTY_REC, k->party) : NULL;
	return k && keyrec_counts(k, now) && (!o || operator_live_at(o, now)) && !(p && p->blocked);
}

/* The grant by which this key may have pieces of this item, or NULL and the answer. */
static const struct grant *may_have(const struct evidence_peer *p, const struct hash *manifest, const struct hash *key, struct pieces_answer *out)
{
	const struct tabs *s = engine_tabs(runtime_engine(p->runtime));
	const struct keyrec *k = keyring_find(s, key);
	const struct item *i = item_by_manifest(s, manifest);
	const struct operator *o = k && k->kind == KEY_OF_PERSON ? tab_get(s, &OPERATOR_REC, k->holder) : NULL;
	const struct grant *g = i && !i->shredded_at ? grant_of_key(s, i->id, key) : NULL;
	if (!key_counts(s, k, o, runtime_now(p->runtime)))
		say(out, 401, "the ledger here does not know this key, or it does not count any more\n");
	else if (!i)
		say(out, 404, "the ledger here has no such item\n");
	else if (i->shredded_at)
		say(out, 410, "evidence %s was destroyed by %s\n", id_tail(i->id), i->shredded_by);
	else if (!g)
		say(out, 403, "%s holds no grant of evidence %s; ask %s\n", k->holder, id_tail(i->id), i->owner);
	else if (reads_by_entry(s, o ? (enum role)o->role : ROLE_NONE, k->party) && !act_done_by(s, i->id, k->holder, "read"))
		say(out, 403, "an auditor's read is an entry first: `wharf send evidence.read object=%s reason=… --as %s`\n", i->id, k->holder);
	else
		return g;
	return NULL;
}

static void give(const struct evidence_peer *p, const struct piece *piece, const struct grant *g, struct pieces_answer *out)
{
	struct fault fault;
	enum err e;
	if (piece->kind == PIECE_BOX) {
		_Static_assert(sizeof(out->bytes) >= SEALED_BOX_SIZE, "a box fits an answer");
		e = vault_box_piece(p->vault, &piece->manifest, &g->key, &g->box, out->bytes, &fault);
		out->len = e == ERR_OK ? SEALED_BOX_SIZE : 0;
	} else {
		bool manifest = piece->kind == PIECE_MANIFEST;
		e = vault_piece_open(p->vault, manifest ? &piece->manifest : &piece->chunk, manifest, &out->fd, &out->size, &fault);
	}
	if (e == ERR_OK)
		out->status = 200;
	else
		say(out, e == ERR_NOT_FOUND ? 404 : 500, "%.200s\n", e == ERR_NOT_FOUND ? "the vault here does not have it" : fault.text);
}

void evidence_peer_answer(void *ctx, const char *path, const char *authorization, struct pieces_answer *out)
{
	struct evidence_peer *p = ctx;
	struct fault fault;
	struct piece piece;
	struct hash key;
	int64_t at, now = clock_wall() / INSTANT_SECOND;
	bool changed;
	if (!piece_path_parse(str_of(path), &piece))
		say(out, 404, "there are only pieces of evidence here\n");
	else if (!piece_word_verify(str_of(authorization), path, &key, &at))
		say(out, 401, "who asks? a piece is asked for with a signature over its path\n");
	else if (at > now + PIECE_WINDOW_S || at < now - PIECE_WINDOW_S)
		say(out, 401, "the request was signed %lld s from now by the clock here; %d are allowed\n", (long long)(at - now), PIECE_WINDOW_S);
	else if (runtime_poll(p->runtime, &changed, &fault) != ERR_OK)
		say(out, 503, "the ledger here cannot be read now\n");
	else {
		const struct grant *g = may_have(p, &piece.manifest, &key, out);
		if (g)
			give(p, &piece, g, out);
	}
	p->given += out->status == 200;
	p->refused += out->status != 200;
}

/* --- fetching ------------------------------------------------------------------------------------- */

struct fetch {
	const struct evidence_actor *actor;
	struct pieces_client *client;
	struct vault *vault;
	const struct item *item;
	struct buf bytes; /* of the piece that came last */
	struct evidence_fetched *out;
	struct fault *fault;
};

static enum err ask(struct fetch *f, const struct piece *piece, size_t most)
{
	char path[PIECE_PATH_MAX], word[PIECE_WORD_MAX];
	piece_path(piece, path);
	piece_word(path, clock_wall() / INSTANT_SECOND, f->actor->secret, word);
	enum err e = pieces_get(f->client, path, word, most, &f->bytes, f->fault);
	if (e == ERR_OK) {
		f->out->pieces++;
		f->out->bytes += f->bytes.len;
	}
	return e;
}

static enum err fetch_manifest(struct fetch *f, struct buf *bytes, struct sealed_manifest *m)
{
	struct piece piece = { .kind = PIECE_MANIFEST, .manifest = f->item->manifest };
	enum err e = vault_manifest(f->vault, &piece.manifest, bytes, m, f->fault);
	if (e == ERR_OK)
		f->out->kept++;
	if (e == ERR_NOT_FOUND || e == ERR_TAMPERED) {
		e = ask(f, &piece, sealed_manifest_bytes((uint64_t)f->item->size));
		if (e == ERR_OK)
			e = vault_piece_put(f->vault, &piece.manifest, true, buf_view(&f->bytes), f->fault);
		if (e == ERR_OK)
			e = vault_manifest(f->vault, &piece.manifest, bytes, m, f->fault);
	}
	if (e == ERR_OK && m->size != (uint64_t)f->item->size)
		e = fault_set(f->fault, ERR_TAMPERED, 0, 0, "evidence: the manifest lists %llu bytes, the ledger says %lld: whoever put it lied",
			(unsigned long long)m->size, (long long)f->item->size);
	return e;
}

static enum err fetch_chunk(struct fetch *f, const struct sealed_manifest *m, size_t i)
{
	struct piece piece = { .kind = PIECE_CHUNK, .manifest = f->item->manifest };
	struct fault why;
	memcpy(piece.chunk.bytes, m->chunks + i * HASH_SIZE, HASH_SIZE);
	enum err e = vault_chunk_has(f->vault, m, i, f->fault);
	f->out->kept += e == ERR_OK;
	if (e != ERR_NOT_FOUND && e != ERR_TAMPERED)
		return e;
	e = ask(f, &piece, sealed_chunk_size(m, i) + SEALED_CHUNK_EXTRA);
	if (e != ERR_OK)
		return e;
	e = vault_piece_put(f->vault, &piece.chunk, false, buf_view(&f->bytes), &why);
	return e == ERR_OK ? ERR_OK : fault_set(f->fault, e, 0, 0, "chunk %zu of %zu: %.300s", i + 1, m->count, why.text);
}

static enum err fetch_box(struct fetch *f, const struct grant *g)
{
	struct piece piece = { .kind = PIECE_BOX, .manifest = f->item->manifest };
	enum err e = vault_box_has(f->vault, &f->item->manifest, &g->key, &g->box, f->fault);
	f->out->kept += e == ERR_OK;
	if (e != ERR_NOT_FOUND && e != ERR_TAMPERED)
		return e;
	e = ask(f, &piece, SEALED_BOX_SIZE);
	return e != ERR_OK ? e : vault_box_take(f->vault, &f->item->manifest, &g->key, &g->box, buf_view(&f->bytes), f->fault);
}

/* The box comes last: until then nobody here could open what came. */
static enum err fetch_all(struct fetch *f, const struct grant *g)
{
	struct buf bytes = { 0 };
	struct sealed_manifest m = { 0 };
	enum err e = fetch_manifest(f, &bytes, &m);
	for (size_t i = 0; e == ERR_OK && i < m.count; i++)
		e = fetch_chunk(f, &m, i);
	if (e == ERR_OK)
		e = fetch_box(f, g);
	buf_free(&bytes);
	return e;
}

/* It may have been destroyed while it came: then it is forgotten again. */
static enum err fetch_still_there(struct fetch *f, const struct item *as_it_was)
{
	struct fault ignored;
	bool changed;
	enum err e = runtime_poll(f->actor->runtime, &changed, f->fault);
	const struct item *i = e == ERR_OK ? tab_get(engine_tabs(runtime_engine(f->actor->runtime)), &ITEM_REC, as_it_was->id) : NULL;
	if (e != ERR_OK || (i && !i->shredded_at))
		return e;
	(void)vault_shred(f->vault, &as_it_was->manifest, &ignored);
	return fault_set(f->fault, ERR_NOT_FOUND, 0, 0, "evidence %s was destroyed while it was fetched; what came was removed",
		id_tail(as_it_was->id));
}

enum err evidence_fetch(const struct evidence_actor *a, const char *url, const char *id, int timeout_ms, struct evidence_fetched *out,
	struct fault *fault)
{
	struct item item;
	struct grant grant = { .at = 0 };
	struct fetch f = { .actor = a, .item = &item, .out = out, .fault = fault };
	const struct tabs *s = engine_tabs(runtime_engine(a->runtime));
	memset(out, 0, sizeof(*out));
	enum err e = evidence_find(a, id, &item, fault);
	const struct grant *g = e == ERR_OK ? grant_of_key(s, item.id, &a->key) : NULL;
	if (e == ERR_OK && !g)
		e = fault_set(fault, ERR_DENIED, 0, 0, "%s may not read evidence %s; ask %s for a grant", a->id, id_tail(item.id), item.owner);
	if (g)
		grant = *g;
	if (e == ERR_OK)
		e = pieces_connect(url, timeout_ms, &f.client, fault);
	if (e == ERR_OK)
		e = vault_open(journal_dir(runtime_journal(a->runtime)), true, &f.vault, fault);
	if (e == ERR_OK)
		e = fetch_all(&f, &grant);
	if (f.vault && (e == ERR_OK || e == ERR_NOT_FOUND)) {
		enum err first = e;
		e = fetch_still_there(&f, &item);
		e = e == ERR_OK ? first : e;
	}
	vault_close(f.vault);
	pieces_disconnect(f.client);
	buf_free(&f.bytes);
	return e;
}
