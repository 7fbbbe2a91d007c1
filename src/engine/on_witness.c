/* What others saw of this ledger, and what its node may not have said (see engine/witnessed.h).
 *
 * What must remain true: both events are judged by signatures, the register and this ledger's own tree alone, so every
 * replica comes to the same verdict; who sends them matters to neither. */
#include "engine/witnessed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"
#include "contract/call.h"
#include "engine_int.h"
#include "identity/keyring.h"
#include "ledger/merkle.h"
#include "ledger/policy.h"
#include "ledger/stop.h"
#include "on_identity_int.h"

#define REC_SELF struct witnessed
REC_TYPE(WITNESSED_REC, 60, "witnessed", WITNESSED_FIELDS)
#undef REC_SELF
#define REC_SELF struct equivocation
REC_TYPE(EQUIVOCATION_REC, 63, "equivocation", EQUIVOCATION_FIELDS)
#undef REC_SELF

/* --- what is known ------------------------------------------------------------------------------- */

size_t witnessed_node_keys(const struct tabs *s, struct note_key out[WITNESSED_NODE_KEYS_MAX])
{
	const struct meta *m = tab_get(s, &META_REC, "state");
	size_t n = 0;
	if (!m || note_key_make(str_of(m->origin), NOTE_ED25519, m->node_key.bytes, &out[n], NULL) != ERR_OK)
		return 0;
	n++;
	for (const struct keyrec *k = NULL; n < WITNESSED_NODE_KEYS_MAX && (k = keyring_of(s, KEY_OF_NODE, "node", k));) {
		struct hash key;
		if (keyrec_key(k, &key) && !hash_eq(&key, &m->node_key)
			&& note_key_make(str_of(m->origin), NOTE_ED25519, key.bytes, &out[n], NULL) == ERR_OK)
			n++;
	}
	return n;
}

uint64_t witnessed_size(const struct tabs *s)
{
	int64_t least = policy_int(s, "ledger.witnesses.least", 1), best = 0;
	/* The largest size that at least so many parties reach; there are few parties that witness. */
	TAB_FOR(witnessed, w, s, &WITNESSED_REC, "") {
		int64_t reach = 0;
		TAB_FOR(witnessed, other, s, &WITNESSED_REC, "")
			reach += other->size >= w->size;
		if (reach >= least && w->size > best)
			best = w->size;
	}
	return (uint64_t)best;
}

static struct hash tree_root(const struct event_in *in, uint64_t size)
{
	struct hash root = merkle_root_at(engine_tree(in->engine), size);
	/* A verdict that depends on which tiles can be read would not be the same everywhere. */
	CHECK(!hash_is_zero(&root), "the stored tiles of the tree cannot be read; restore them");
	return root;
}

static enum refusal origin_here(struct turn *t, const struct event_in *in, const char *origin)
{
	const struct meta *m = engine_meta(in->engine);
	return strcmp(m->origin, origin) == 0 ? REFUSED_NOT
		: turn_refuse(t, REFUSED_VALUE, "this ledger is %s, not \"%s\"", m->origin, origin);
}

/* --- ledger.witnessed ---------------------------------------------------------------------------- */

/* The party of a registered key that may witness; neither the keeper of the book nor who belongs to his group is his witness. */
static enum refusal witness_party(struct turn *t, const struct event_in *in, const struct hash *key, char out[16])
{
	const struct keyrec *k = keyring_find(t->tabs, key);
	bool waits = k && k->since_entry == KEYREC_PENDING;
	if (!k || !k->party[0] || (!waits && !keyrec_counts(k, t->stamp)))
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "the key of the witness is not in the register, has not begun or has ended");
	const struct party *p = tab_get(t->tabs, &PARTY_REC, k->party);
	if (!p || p->blocked || waits || !identity_settled(t->tabs, p))
		return turn_refuse(t, REFUSED_ROLE, "%s witnesses nothing before compliance has approved it", k->party);
	if (strcmp(party_group(t->tabs, k->party), party_group(t->tabs, engine_meta(in->engine)->book)) == 0)
		return turn_refuse(t, REFUSED_ROLE, "%s keeps this book, or belongs to who does, and cannot be its own witness", k->party);
	snprintf(out, 16, "%s", k->party);
	return REFUSED_NOT;
}

/* The cosignature of a key on a note; its time in *time_s. The name of its line is the witness's own choice. */
static bool cosigned_by(const struct note *note, const struct hash *key, uint64_t *time_s)
{
	for (size_t i = 0; i < note->count; i++) {
		struct note_key as;
		struct note_verdict v;
		if (note_key_make(note->signatures[i].name, NOTE_COSIGNATURE, key->bytes, &as, NULL) != ERR_OK
			|| as.id != note->signatures[i].key_id || note_verify(note, &as, 1, &v, NULL) != ERR_OK)
			continue;
		*time_s = v.time_s[i];
		return true;
	}
	return false;
}

/* A checkpoint that this ledger's node signed, whenever. */
static enum refusal node_note(struct turn *t, struct str bytes, struct checkpoint *out)
{
	struct note_key keys[WITNESSED_NODE_KEYS_MAX];
	struct fault fault;
	size_t count = witnessed_node_keys(t->tabs, keys);
	enum err e = checkpoint_open(bytes, keys, count, out, NULL, &fault);
	if (e != ERR_OK)
		return turn_refuse(t, e == ERR_SIGNATURE ? REFUSED_SIGNATURE : REFUSED_VALUE, "%.200s", fault.text);
	return out->size <= INT64_MAX ? REFUSED_NOT : turn_refuse(t, REFUSED_VALUE, "no ledger is that long");
}

static void witnessed_put(struct turn *t, const char *party, const struct checkpoint *c, uint64_t time_s, const struct hash *key)
{
	const struct witnessed *before = tab_get(t->tabs, &WITNESSED_REC, party);
	struct witnessed w = { .count = 0 };
	if (before)
		w = *before;
	str_copy(w.id, sizeof(w.id), str_of(party));
	w.count++;
	if ((int64_t)c->size > w.size) {
		w.size = (int64_t)c->size;
		w.root = c->root;
		w.at = time_s < (uint64_t)(INT64_MAX / 1000000) ? (int64_t)time_s * 1000000 : INT64_MAX;
		w.key = *key;
		w.entry = (int64_t)t->number;
	}
	tab_put(t->tabs, &WITNESSED_REC, &w);
	turn_news(t, NEWS_PROOF, party, "", "%s has seen the first %" PRIu64 " entries", party, c->size);
}

enum refusal on_witnessed(struct turn *t, const struct event_in *in)
{
	const struct ev_witnessed *b = in->body;
	struct checkpoint c;
	struct note note;
	uint64_t time_s = 0;
	char party[16];
	enum refusal r = origin_here(t, in, b->origin);
	if (r == REFUSED_NOT)
		r = witness_party(t, in, &b->witness, party);
	if (r == REFUSED_NOT)
		r = node_note(t, blob_str(b->note), &c);
	if (r != REFUSED_NOT)
		return r;
	if (c.size == 0 || c.size > t->number)
		return turn_refuse(t, REFUSED_VALUE, "the checkpoint speaks of %" PRIu64 " entries, this ledger has %" PRIu64, c.size, t->number);
	if (note_parse(blob_str(b->note), &note, NULL) != ERR_OK || !cosigned_by(&note, &b->witness, &time_s))
		return turn_refuse(t, REFUSED_SIGNATURE, "the note has no good cosignature of that key");
	struct hash root = tree_root(in, c.size);
	if (!hash_eq(&root, &c.root))
		return turn_refuse(t, REFUSED_VALUE, "the node signed another root of %" PRIu64 " entries than this ledger has: send the note "
			"as ledger.equivocation", c.size);
	witnessed_put(t, party, &c, time_s, &b->witness);
	return REFUSED_NOT;
}

/* --- ledger.equivocation ------------------------------------------------------------------------- */

/* Whether a note is not true of this ledger; false also while the ledger is too short to say. */
static bool denied(const struct event_in *in, uint64_t number, const struct checkpoint *c, struct hash *root)
{
	if (c->size > number)
		return false;
	*root = tree_root(in, c->size);
	return !hash_eq(root, &c->root);
}

/* Which two statements clash: the two notes, or one of them and this ledger. */
static enum refusal contradiction(struct turn *t, const struct event_in *in, const struct checkpoint *a, const struct checkpoint *b,
	struct equivocation *out)
{
	struct hash root;
	const struct checkpoint *one = NULL;
	out->itself = 0;
	if (b && a->size == b->size && !hash_eq(&a->root, &b->root)) {
		out->first_size = out->second_size = (int64_t)a->size;
		out->first_root = a->root;
		out->second_root = b->root;
		return REFUSED_NOT;
	}
	if (denied(in, t->number, a, &root))
		one = a;
	else if (b && denied(in, t->number, b, &root))
		one = b;
	if (!one && (a->size > t->number || (b && b->size > t->number)))
		return turn_refuse(t, REFUSED_VALUE, "this ledger is too short to tell; two notes of one size would need no ledger");
	if (!one)
		return turn_refuse(t, REFUSED_VALUE, "the notes do not contradict each other or this ledger");
	out->first_size = out->second_size = (int64_t)one->size;
	out->first_root = one->root;
	out->second_root = root;
	out->itself = 1;
	return REFUSED_NOT;
}

/* One record for the same contradiction, whatever bytes say it: a note has as many forms as there are lines to add, and each of
 * them would stop the outflow once more. The whole digest: who has the node's key could find two that begin alike, of which the first
 * would hide the second. */
static void equivocation_id(const struct equivocation *e, char out[68])
{
	struct buf b = { 0 };
	bool swapped = memcmp(e->first_root.bytes, e->second_root.bytes, HASH_SIZE) > 0;
	put_i64(&b, e->first_size);
	put_raw(&b, (swapped ? &e->second_root : &e->first_root)->bytes, HASH_SIZE);
	put_raw(&b, (swapped ? &e->first_root : &e->second_root)->bytes, HASH_SIZE);
	struct hash h = hash_of(b.ptr, b.len);
	buf_free(&b);
	hex_of(h.bytes, HASH_SIZE, out);
}

/* A key that is known to be in other hands speaks for nobody: its thief could stop the outflow with whatever he signs. What it
 * contradicted before the theft was known is on the ledger already. */
static enum refusal not_stolen(struct turn *t, struct str bytes)
{
	const struct meta *m = tab_get(t->tabs, &META_REC, "state");
	struct note_key key;
	struct checkpoint c;
	struct hash public;
	bool stolen = false;
	for (const struct keyrec *k = NULL; (k = keyring_of(t->tabs, KEY_OF_NODE, "node", k));)
		if (keyrec_key(k, &public) && note_key_make(str_of(m->origin), NOTE_ED25519, public.bytes, &key, NULL) == ERR_OK
			&& checkpoint_open(bytes, &key, 1, &c, NULL, NULL) == ERR_OK) {
			if (!k->compromised_from)
				return REFUSED_NOT;
			stolen = true;
		}
	return stolen ? turn_refuse(t, REFUSED_KEY_COMPROMISED, "the note is signed by a key of the node that others have") : REFUSED_NOT;
}

enum refusal on_equivocation(struct turn *t, const struct event_in *in)
{
	const struct ev_equivocation *body = in->body;
	struct str first = blob_str(body->first), second = blob_str(body->second);
	struct checkpoint a, b;
	struct equivocation rec = { .itself = 0 };
	char why[112];
	enum refusal r = origin_here(t, in, body->origin);
	if (r == REFUSED_NOT)
		r = node_note(t, first, &a);
	if (r == REFUSED_NOT && second.len)
		r = node_note(t, second, &b);
	if (r == REFUSED_NOT)
		r = not_stolen(t, first);
	if (r == REFUSED_NOT && second.len)
		r = not_stolen(t, second);
	if (r == REFUSED_NOT)
		r = contradiction(t, in, &a, second.len ? &b : NULL, &rec);
	if (r != REFUSED_NOT)
		return r;
	equivocation_id(&rec, rec.id);
	if (tab_get(t->tabs, &EQUIVOCATION_REC, rec.id))
		return turn_refuse(t, REFUSED_EXISTS, "this contradiction is on the ledger: equivocation %.16s", rec.id);
	str_copy(rec.by, sizeof(rec.by), str_of(t->actor));
	rec.at = t->stamp;
	rec.entry = (int64_t)t->number;
	tab_put(t->tabs, &EQUIVOCATION_REC, &rec);
	snprintf(why, sizeof(why), "the node signed two roots of %" PRId64 " entries; see equivocation %.16s", rec.first_size, rec.id);
	turn_news(t, NEWS_DANGER, "", "", "%s", why);
	stop_set(t, "", "equivocation", why, "");
	return REFUSED_NOT;
}
