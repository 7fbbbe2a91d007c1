/* See console_checkpoint.h.
 *
 * Must remain true: a signer is called verified only after its signature was checked here, or by every replica when the entry
 * that holds it was applied. */
#include "console_checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "app/checkpoint.h"
#include "app_int.h"
#include "base/instant.h"
#include "engine/witnessed.h"
#include "identity/keyring.h"

struct found {
	const struct engine *engine;
	const char *dir;
	struct arena *arena;
	struct note_key keys[WITNESSED_NODE_KEYS_MAX];
	size_t key_count;
	struct view_checkpoint *out;
};

static bool read_beside(const struct found *f, const char *name, size_t most, struct buf *out)
{
	char path[PATH_TEXT_MAX + 32];
	struct fault ignored;
	snprintf(path, sizeof(path), "%.1000s/%s", f->dir, name);
	return file_read(path, most, out, &ignored) == ERR_OK;
}

static bool open_note(const struct found *f, const char *name, struct buf *note, struct checkpoint *c)
{
	return read_beside(f, name, NOTE_BYTES_MAX, note)
		&& checkpoint_open(buf_view(note), f->keys, f->key_count, c, NULL, NULL) == ERR_OK;
}

static struct view_cosigner *signer_add(struct found *f, const char *name)
{
	struct view_checkpoint *c = f->out;
	struct view_cosigner *s = c->signer_count < VIEW_SIGNERS_MAX ? &c->signers[c->signer_count++] : NULL;
	if (s)
		*s = (struct view_cosigner){ .name = str_dup(f->arena, str_of(name)), .witness = -1 };
	return s;
}

/* The log signs as its node; who keeps it is the party whose book it is. */
static void add_log(struct found *f, const struct checkpoint *c)
{
	const struct meta *m = engine_meta(f->engine);
	const char *party = m && m->book[0] ? view_party_name(engine_tabs(f->engine), m->book) : "";
	struct view_cosigner *s = signer_add(f, party[0] ? party : c->origin);
	s->verified = s->log = true;
	s->size = c->size;
	s->root = c->root;
}

/* Whose key it is on the ledger; as the policy calls it when it is nobody's. */
static const char *witness_name(const struct found *f, const uint8_t *key, const char *name)
{
	struct hash h;
	memcpy(h.bytes, key, HASH_SIZE);
	const struct keyrec *k = keyring_find(engine_tabs(f->engine), &h);
	const char *party = k && k->party[0] ? view_party_name(engine_tabs(f->engine), k->party) : "";
	return party[0] ? party : name;
}

/* Witnesses of the policy, and what DIR/cosigned says of each. */
static void add_policy(struct found *f)
{
	struct buf text = { 0 }, note = { 0 };
	struct checkpoint c;
	struct note parsed;
	struct tlog_policy *p = arena_zero(f->arena, sizeof(*p));
	bool there = read_beside(f, "witnesses", TLOG_POLICY_BYTES_MAX, &text) && tlog_policy_parse(buf_view(&text), p, NULL) == ERR_OK;
	bool cosigned = there && open_note(f, "cosigned", &note, &c) && note_parse(buf_view(&note), &parsed, NULL) == ERR_OK;
	for (size_t i = 0; there && i < p->witness_count; i++) {
		struct view_cosigner *s = signer_add(f, witness_name(f, p->witnesses[i].key.public_key, p->witnesses[i].name));
		struct note_verdict verdict;
		if (!s)
			break;
		s->witness = (int)i;
		if (!cosigned || note_verify(&parsed, &p->witnesses[i].key, 1, &verdict, NULL) != ERR_OK)
			continue;
		s->verified = true;
		s->size = c.size;
		s->root = c.root;
		for (size_t k = 0; k < parsed.count; k++)
			if (verdict.key_index[k] == 0)
				s->at = (int64_t)verdict.time_s[k] * INSTANT_SECOND;
	}
	if (there)
		f->out->policy = p;
	buf_free(&text);
	buf_free(&note);
}

/* What the ledger knows of its witnesses: each was checked when its entry was applied. */
static void add_witnessed(struct found *f)
{
	const struct tlog_policy *p = f->out->policy;
	TAB_FOR(witnessed, w, engine_tabs(f->engine), &WITNESSED_REC, "") {
		struct view_cosigner *s = NULL;
		for (size_t i = 0; i < f->out->signer_count && !s; i++) {
			int at = f->out->signers[i].witness;
			if (at >= 0 && memcmp(p->witnesses[at].key.public_key, w->key.bytes, HASH_SIZE) == 0)
				s = &f->out->signers[i];
		}
		if (!s)
			s = signer_add(f, view_party_name(engine_tabs(f->engine), w->id));
		if (!s || (uint64_t)w->size <= s->size)
			continue;
		s->verified = true;
		s->size = (uint64_t)w->size;
		s->root = w->root;
		s->at = w->at;
	}
}

bool console_checkpoint(const char *dir, const struct engine *e, struct arena *a, struct view_checkpoint *out)
{
	struct found f = { .engine = e, .dir = dir, .arena = a, .out = out };
	struct buf note = { 0 };
	struct checkpoint c;
	memset(out, 0, sizeof(*out));
	f.key_count = witnessed_node_keys(engine_tabs(e), f.keys);
	bool good = f.key_count && open_note(&f, "checkpoint", &note, &c);
	if (good) {
		out->origin = str_dup(a, str_of(c.origin));
		out->size = c.size;
		out->root = c.root;
		add_log(&f, &c);
		add_policy(&f);
		add_witnessed(&f);
	}
	buf_free(&note);
	return good;
}
