/* Keys over time: rotation, revocation, compromise, recovery.
 *
 * Must remain true: a holder's next key never counts before the delay of the policy is over, unless the old one is known
 * to be compromised, so that a thief's rotation can be seen and taken back; an end of a key only comes nearer; what a
 * compromised key did is voided in the entry that says so, and every deal that rests on it is held there. */
#include "on_identity_int.h"

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "risk/watch.h"

enum { DELAY_HOURS = 24, RECOVER_OF = 3, TIMER_HEX = 40, OBJECT_HEX = 16 };

static const char *const ONE_ADMIN = "1 of ADM";

/* --- a key becomes current ------------------------------------------------------------------------------------- */

/* The copy of the current key in the holder's own record. */
static void holder_write(struct turn *t, const struct keyrec *k)
{
	struct hash key;
	keyrec_key(k, &key);
	if (k->kind == KEY_OF_PERSON) {
		struct operator o = *(const struct operator *)tab_get(t->tabs, &OPERATOR_REC, k->holder);
		o.key = key;
		memcpy(o.device, k->device, sizeof(o.device));
		tab_put(t->tabs, &OPERATOR_REC, &o);
	} else if (k->kind == KEY_OF_GATEWAY) {
		struct gateway g = *(const struct gateway *)tab_get(t->tabs, &GATEWAY_REC, k->holder);
		g.key = key;
		tab_put(t->tabs, &GATEWAY_REC, &g);
	} else if (k->kind == KEY_OF_PARTY) {
		struct party p = *(const struct party *)tab_get(t->tabs, &PARTY_REC, k->holder);
		p.key = key;
		memcpy(p.device, k->device, sizeof(p.device));
		tab_put(t->tabs, &PARTY_REC, &p);
	} else {
		struct meta m = *(const struct meta *)tab_get(t->tabs, &META_REC, "state");
		*(k->kind == KEY_OF_NODE ? &m.node_key : &m.admin_key) = key;
		tab_put(t->tabs, &META_REC, &m);
	}
}

static void end_nearer(int64_t *end, int64_t at)
{
	if (!*end || at < *end)
		*end = at;
}

static void key_activate(struct turn *t, const struct keyrec *next)
{
	struct keyrec k = *next;
	const struct keyrec *before = keyring_current(t->tabs, (enum key_kind)k.kind, k.holder, UINT64_MAX);
	if (before) {
		struct keyrec old = *before;
		end_nearer(&old.retired_at, t->stamp + signer_bounds(t->tabs).overlap);
		old.until_entry = (int64_t)t->number;
		tab_put(t->tabs, &KEYREC_REC, &old);
	}
	k.since_entry = (int64_t)t->number;
	tab_put(t->tabs, &KEYREC_REC, &k);
	holder_write(t, &k);
	turn_news(t, NEWS_NOTE, "engine", "", "%s %s signs with key %.8s from now on", KEY_KIND_NAMES[k.kind], k.holder, k.id);
}

static void timer_owner(const struct keyrec *k, char owner[48])
{
	snprintf(owner, 48, "key/%s/%s", KEY_KIND_NAMES[k->kind], k->holder);
}

bool identity_on_timer(struct turn *t, const struct timer *timer)
{
	if (strcmp(timer->kind, "kyc") == 0) {
		struct party p = *(const struct party *)tab_get(t->tabs, &PARTY_REC, timer->owner + strlen("kyc/"));
		p.status = STATUS_REVIEW_DUE;
		p.status_until = 0;
		tab_put(t->tabs, &PARTY_REC, &p);
		turn_news(t, NEWS_WARN, "engine", "", "%s is to be reviewed: its approval ran out", p.id);
		return true;
	}
	if (strcmp(timer->kind, "key") != 0)
		return false;
	const struct keyrec *k = tab_prefix_first(t->tabs, &KEYREC_REC, timer->node);
	if (k && k->since_entry == KEYREC_PENDING && !k->revoked_from && !k->compromised_from)
		key_activate(t, k);
	return true;
}

/* A next key of a holder: now, or when the delay is over. */
static enum refusal key_next(struct turn *t, const struct keyrec *old, const struct hash *key, struct keyrec *fresh, bool at_once)
{
	char owner[48], hex[TIMER_HEX + 1];
	int64_t delay = policy_int(t->tabs, "keys.delay_hours", DELAY_HOURS) * INSTANT_HOUR;
	int64_t soonest = at_once ? t->stamp : t->stamp + delay;
	for (const struct keyrec *k = keyring_of(t->tabs, (enum key_kind)old->kind, old->holder, NULL); k;
		k = keyring_of(t->tabs, (enum key_kind)old->kind, old->holder, k))
		if (k->since_entry == KEYREC_PENDING && !k->revoked_from && !k->compromised_from)
			return turn_refuse(t, REFUSED_EXISTS, "key %.8s of %s waits already; revoke it first", k->id, k->holder);
	if (hash_is_zero(key))
		return turn_refuse(t, REFUSED_VALUE, "a rotation names the new key");
	fresh->valid_from = fresh->valid_from > soonest ? fresh->valid_from : soonest;
	if (fresh->valid_until && fresh->valid_until <= fresh->valid_from)
		return turn_refuse(t, REFUSED_VALUE, "the new key would end before it begins");
	fresh->since_entry = KEYREC_PENDING;
	fresh->retired_at = fresh->revoked_from = fresh->compromised_from = fresh->until_entry = 0;
	enum refusal r = keyring_add(t, key, fresh);
	if (r != REFUSED_NOT)
		return r;
	const struct keyrec *k = keyring_find(t->tabs, key);
	if (k->valid_from <= t->stamp) {
		key_activate(t, k);
		return REFUSED_NOT;
	}
	timer_owner(k, owner);
	snprintf(hex, sizeof(hex), "%.*s", TIMER_HEX, k->id);
	timer_set(t, k->valid_from, "key", owner, hex, "");
	turn_news(t, NEWS_WARN, "", "", "key %.8s of %s waits and takes over in %lld h", k->id, k->holder,
		(long long)((k->valid_from - t->stamp) / INSTANT_HOUR));
	return REFUSED_NOT;
}

static const struct keyrec *key_named(struct turn *t, const struct hash *key, const char *holder, enum refusal *r)
{
	const struct keyrec *k = keyring_find(t->tabs, key);
	*r = REFUSED_NOT;
	if (!k)
		*r = turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "the key named for %.23s", holder);
	else if (strcmp(k->holder, holder) != 0)
		*r = turn_refuse(t, REFUSED_VALUE, "that key is %s's, not %.23s's", k->holder, holder);
	return *r == REFUSED_NOT ? k : NULL;
}

static void key_object(const struct keyrec *k, char object[64])
{
	snprintf(object, 64, "key/%.*s", OBJECT_HEX, k->id);
}

/* --- rotation -------------------------------------------------------------------------------------------------- */

static bool root_of(const struct turn *t, const struct event_in *in, const struct keyrec *k)
{
	return in->signed_as & SIGNER_PARTY && strcmp(t->actor_party, k->party) == 0;
}

static enum refusal rotate_may(struct turn *t, const struct event_in *in, const struct keyrec *old, bool *complete)
{
	char object[64];
	*complete = true;
	bool owned = old->kind == KEY_OF_PERSON || old->kind == KEY_OF_GATEWAY;
	struct hash key;
	keyrec_key(old, &key);
	bool itself = hash_eq(&key, &t->signer);
	/* The overlap is for what a key signed while it counted, not for the one who comes after it. */
	if (itself && old->revoked_from && old->revoked_from <= t->stamp)
		return turn_refuse(t, REFUSED_SIGNER_REVOKED, "key %.8s of %s was revoked and names no next one", old->id, old->holder);
	if (itself || (owned && root_of(t, in, old)))
		return REFUSED_NOT;
	if (!(in->signed_as & SIGNER_ADMIN) || old->kind == KEY_OF_PARTY)
		return turn_refuse(t, REFUSED_ROLE, "%s gives %s no new key: its old key does, or its party's, or administrators%s",
			t->actor, old->holder, old->kind == KEY_OF_PARTY ? "; a root key, the other parties (key.recover)" : "");
	key_object(old, object);
	struct pair_wanted w = { object, "rotate", old->holder, old->party,
		{ identity_two_admins(t) ? PAIR_OF_ADMINS : ONE_ADMIN, identity_admins(t) < 2 && old->party[0] ? ADMIN_AND_ROOT : NULL } };
	return identity_pair(t, in, &w, complete);
}

enum refusal on_rotate(struct turn *t, const struct event_in *in)
{
	const struct ev_rotate *b = in->body;
	bool complete = true;
	enum refusal r;
	const struct keyrec *old = key_named(t, &b->old, b->holder, &r);
	if (!old)
		return r;
	if (keyring_current(t->tabs, (enum key_kind)old->kind, old->holder, UINT64_MAX) != old)
		return turn_refuse(t, REFUSED_KEY_RETIRED, "%.8s is not the current key of %s", old->id, old->holder);
	r = rotate_may(t, in, old, &complete);
	if (r != REFUSED_NOT || !complete)
		return r;
	struct keyrec fresh = *old;
	memcpy(fresh.device, b->device, sizeof(fresh.device));
	fresh.valid_from = b->from;
	fresh.valid_until = b->until ? b->until : old->valid_until;
	return key_next(t, old, &b->key, &fresh, old->compromised_from != 0);
}

/* A person ends his own key alone, whoever holds it: that is the safe direction. */
static bool own_key(const struct turn *t, const struct keyrec *k)
{
	const struct keyrec *by = keyring_find(t->tabs, &t->signer);
	return by && by->kind == KEY_OF_PERSON && k->kind == KEY_OF_PERSON && strcmp(by->holder, k->holder) == 0;
}

/* --- revocation ------------------------------------------------------------------------------------------------ */

static void key_revoke(struct turn *t, const struct keyrec *found, int64_t from)
{
	struct keyrec k = *found;
	end_nearer(&k.revoked_from, from);
	tab_put(t->tabs, &KEYREC_REC, &k);
}

static enum refusal revoke_key(struct turn *t, const struct event_in *in, const struct ev_revoke *b, int64_t from)
{
	enum refusal r;
	const struct keyrec *k = key_named(t, &b->key, b->operator, &r);
	if (!k)
		return r;
	bool current = keyring_current(t->tabs, (enum key_kind)k->kind, k->holder, UINT64_MAX) == k;
	if (!root_of(t, in, k) && !(in->signed_as & SIGNER_ADMIN) && !own_key(t, k))
		return turn_refuse(t, REFUSED_ROLE, "%s revokes no key of %s", t->actor, k->holder);
	if (current && k->kind == KEY_OF_NODE)
		return turn_refuse(t, REFUSED_VALUE, "the node needs a key: rotate it");
	if (current && k->kind == KEY_OF_ADMIN && identity_admins(t) < 2)
		return turn_refuse(t, REFUSED_VALUE, "the root of trust goes when two administrators are certified");
	turn_news(t, NEWS_WARN, "", "", "key %.8s of %s revoked: %s", k->id, k->holder, b->reason);
	key_revoke(t, k, from);
	return REFUSED_NOT;
}

enum refusal on_revoke(struct turn *t, const struct event_in *in)
{
	const struct ev_revoke *b = in->body;
	int64_t from = b->from ? b->from : t->stamp;
	if (!hash_is_zero(&b->key))
		return revoke_key(t, in, b, from);
	const struct operator *found = tab_get(t->tabs, &OPERATOR_REC, b->operator);
	if (!found)
		return turn_refuse(t, REFUSED_SIGNER_UNKNOWN, "%s", b->operator);
	bool own = strcmp(t->actor, found->id) == 0;
	enum refusal r = own ? REFUSED_NOT : sender_own(t, in, found->party, "people");
	if (r == REFUSED_NOT && !own && !(in->signed_as & (SIGNER_ADMIN | SIGNER_PARTY)))
		r = turn_refuse(t, REFUSED_ROLE, "%s revokes his own key and nobody else's", t->actor);
	if (r != REFUSED_NOT)
		return r;
	struct operator o = *found;
	end_nearer(&o.revoked_at, from);
	tab_put(t->tabs, &OPERATOR_REC, &o);
	for (const struct keyrec *k = keyring_of(t->tabs, KEY_OF_PERSON, o.id, NULL); k;
		k = keyring_of(t->tabs, KEY_OF_PERSON, o.id, k)) {
		key_revoke(t, k, from);
		k = tab_get(t->tabs, &KEYREC_REC, k->id);
	}
	turn_news(t, NEWS_WARN, "", "", "key of %s revoked: %s", o.name, b->reason);
	return REFUSED_NOT;
}

/* --- compromise ------------------------------------------------------------------------------------------------ */

/* Deals that rest on what was voided, with the entries, as the case lists them. */
struct dependants {
	struct dependant {
		char deal[32], entries[64];
		int64_t acts;
	} *rows;
	size_t count, cap;
};

static struct dependant *dependant_of(struct turn *t, struct dependants *d, const char *deal)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->rows[i].deal, deal) == 0)
			return &d->rows[i];
	if (d->count == d->cap) {
		struct dependant *old = d->rows;
		d->cap = d->cap ? 2 * d->cap : 16;
		d->rows = arena_zero(t->scratch, d->cap * sizeof(*d->rows));
		if (d->count)
			memcpy(d->rows, old, d->count * sizeof(*old));
	}
	struct dependant *row = &d->rows[d->count++];
	str_copy(row->deal, sizeof(row->deal), str_of(deal));
	return row;
}

static void dependant_note(struct dependant *row, int64_t entry)
{
	size_t len = strlen(row->entries);
	if (len + 12 < sizeof(row->entries))
		snprintf(row->entries + len, sizeof(row->entries) - len, "%s%lld", len ? ", " : "", (long long)entry);
	row->acts++;
}

static bool deal_lives(const struct tabs *s, const char *deal)
{
	const struct deal *d = tab_get(s, &DEAL_REC, deal);
	return d && !deal_state_final(d->state);
}

/* What a person's key did from the instant on no longer counts (SOD-4). By the stamp: the time that a stolen key claims
 * says nothing. */
static int64_t void_acts(struct turn *t, const struct hash *key, int64_t from, struct dependants *d)
{
	int64_t voided = 0;
	TAB_FOR(act, a, t->tabs, &ACT_REC, "") {
		if (a->void_ || act_is_concern(a) || a->at < from || !hash_eq(&a->key, key))
			continue;
		struct act gone = *a;
		gone.void_ = 1;
		tab_put(t->tabs, &ACT_REC, &gone);
		voided++;
		const char *deal = sender_deal_of(t->tabs, gone.object);
		if (deal_lives(t->tabs, deal))
			dependant_note(dependant_of(t, d, deal), gone.entry);
		a = tab_get(t->tabs, &ACT_REC, gone.id);
	}
	return voided;
}

/* Messages and readings are no acts: every open deal of the party rests on them. */
static void deals_of_party(struct turn *t, const struct keyrec *k, struct dependants *d)
{
	TAB_FOR(deal, row, t->tabs, &DEAL_REC, "") {
		bool names = strcmp(row->party, k->party) == 0 || strcmp(row->obligor, k->party) == 0
			|| strcmp(row->warehouse, k->party) == 0 || strcmp(row->funder, k->party) == 0;
		if (!deal_state_final(row->state) && (k->kind == KEY_OF_GATEWAY ? strcmp(row->warehouse, k->party) == 0 : names))
			dependant_of(t, d, row->id);
	}
}

/* Whether that is known already; of a later instant it is not: whoever has a key could give it up late and cover what he did before. */
static bool known_compromised(const struct keyrec *k, int64_t from)
{
	return k->compromised_from && k->compromised_from <= from;
}

/* The next key that a key named itself at that instant or later, waiting or current; NULL when its party or administrators did. It
 * was named the delay before it began, or earlier. */
static const struct keyrec *own_successor(const struct turn *t, const struct keyrec *k, int64_t from)
{
	int64_t delay = policy_int(t->tabs, "keys.delay_hours", DELAY_HOURS) * INSTANT_HOUR;
	const char *own = signer_name(t->tabs, k);
	for (const struct keyrec *n = NULL; (n = keyring_of(t->tabs, (enum key_kind)k->kind, k->holder, n));) {
		bool next = k->until_entry ? n->since_entry == k->until_entry : n->since_entry == KEYREC_PENDING;
		if (next && !known_compromised(n, from) && strcmp(n->by, own) == 0 && n->valid_from - delay >= from)
			return n;
	}
	return NULL;
}

static void key_compromised(struct turn *t, const struct keyrec *found, int64_t from, const char *reason)
{
	struct keyrec k = *found;
	struct hash key;
	struct dependants d = { NULL, 0, 0 };
	char at[INSTANT_TEXT_MAX], title[64], why[112];
	keyrec_key(&k, &key);
	end_nearer(&k.compromised_from, from);
	tab_put(t->tabs, &KEYREC_REC, &k);
	int64_t voided = void_acts(t, &key, from, &d);
	if (k.kind == KEY_OF_GATEWAY || k.kind == KEY_OF_PARTY)
		deals_of_party(t, &k, &d);
	snprintf(title, sizeof(title), "key of %s in other hands", k.holder);
	instant_format(from, 0, at);
	for (size_t i = 0; i < d.count; i++) {
		const struct dependant *row = &d.rows[i];
		if (row->acts)
			snprintf(why, sizeof(why), "%lld acts since %s, entries %s", (long long)row->acts, at, row->entries);
		else
			snprintf(why, sizeof(why), "what it said since %s counts no more", at);
		alert_raise(t, "E17", row->deal, k.holder, 0, title, why, "", NULL);
	}
	if (!d.count) {
		snprintf(why, sizeof(why), "since %s: %.60s", at, reason);
		alert_raise(t, "E17", "", k.holder, 0, title, why, "", NULL);
	}
	turn_news(t, NEWS_DANGER, "", "", "key %.8s of %s compromised since %s: %lld acts voided, %zu deals held", k.id, k.holder,
		at, (long long)voided, d.count);
}

/* Whether an entry that left a line of news is of that instant or later. Lines that are no longer kept are older than those that are;
 * where none of those is older than the instant, nobody can tell, and the answer is `untold`. */
static bool entry_since(const struct tabs *s, int64_t entry, int64_t from, bool untold)
{
	const struct news *told = news_of(s, (uint64_t)entry, NULL), *oldest = tab_first(s, &NEWS_REC, "");
	return told ? told->at >= from : oldest && oldest->at < from ? false : untold;
}

static void keys_compromised(struct turn *t, const struct keyrec *k, int64_t from, const char *reason);

/* Whom a stolen root key certified since then, and whose key it replaced, with what those keys named next; also who may have been, where
 * nobody can tell. */
static void certified_compromised(struct turn *t, const struct keyrec *root, int64_t from, const char *reason)
{
	const char *own = signer_name(t->tabs, root);
	int64_t overlap = signer_bounds(t->tabs).overlap; /* behind the end of what a replaced key signed */
	TAB_FOR(keyrec, k, t->tabs, &KEYREC_REC, "") {
		struct keyrec at = *k;
		bool later = root->retired_at && entry_since(t->tabs, k->entry, root->retired_at + overlap, false);
		if ((k->kind != KEY_OF_PERSON && k->kind != KEY_OF_GATEWAY) || strcmp(k->party, root->party) != 0
			|| known_compromised(k, from) || strcmp(k->by, own) != 0 || later || !entry_since(t->tabs, k->entry, from, true))
			continue;
		keys_compromised(t, &at, from, reason);
		k = tab_get(t->tabs, &KEYREC_REC, at.id);
	}
}

/* Whoever has the key may have named the next one, or, with a root key, people: what it named since then is in the same hands. */
static void keys_compromised(struct turn *t, const struct keyrec *k, int64_t from, const char *reason)
{
	while (k) {
		struct keyrec at = *k;
		key_compromised(t, k, from, reason);
		if (at.kind == KEY_OF_PARTY)
			certified_compromised(t, &at, from, reason);
		k = own_successor(t, &at, from);
	}
}

enum refusal on_compromise(struct turn *t, const struct event_in *in)
{
	const struct ev_compromise *b = in->body;
	char object[64];
	bool complete;
	enum refusal r;
	const struct keyrec *k = key_named(t, &b->key, b->holder, &r);
	if (!k)
		return r;
	if (b->from <= 0 || b->from > t->stamp)
		return turn_refuse(t, REFUSED_VALUE, "a compromise names an instant in the past");
	if (known_compromised(k, b->from))
		return turn_refuse(t, REFUSED_KEY_COMPROMISED, "key %.8s of %s is known to be, from earlier on", k->id, k->holder);
	if (!b->reason[0])
		return REFUSED_REASON_MISSING;
	key_object(k, object);
	if (own_key(t, k)) {
		act_record(t, object, "compromise", "own");
		keys_compromised(t, k, b->from, b->reason);
		return REFUSED_NOT;
	}
	if (!(in->signed_as & (SIGNER_ADMIN | SIGNER_PARTY)))
		return turn_refuse(t, REFUSED_ROLE, "%s reports his own key and nobody else's", t->actor);
	struct pair_wanted w = { object, "compromise", k->holder, k->party,
		{ PAIR_OF_ADMINS, k->party[0] ? ADMIN_AND_ROOT : NULL, NULL } };
	if (!identity_two_admins(t))
		w.policies[0] = ONE_ADMIN;
	r = identity_pair(t, in, &w, &complete);
	if (r == REFUSED_NOT && complete)
		keys_compromised(t, k, b->from, b->reason);
	return r;
}

/* --- recovery -------------------------------------------------------------------------------------------------- */

/* Groups of the unblocked parties that are not affiliated with the one that lost its key. */
static int64_t other_groups(const struct turn *t, const struct party *lost)
{
	const char *own = party_group(t->tabs, lost->id);
	int64_t count = 0;
	TAB_FOR(party, p, t->tabs, &PARTY_REC, "") {
		const char *group = party_group(t->tabs, p->id);
		bool first = true;
		if (p->blocked || hash_is_zero(&p->key) || strcmp(group, own) == 0 || !identity_settled(t->tabs, p))
			continue;
		TAB_FOR(party, q, t->tabs, &PARTY_REC, "") {
			if (strcmp(q->id, p->id) >= 0)
				break;
			first = first && (q->blocked || hash_is_zero(&q->key) || !identity_settled(t->tabs, q)
				|| strcmp(party_group(t->tabs, q->id), group) != 0);
		}
		count += first;
	}
	return count;
}

/* Who was registered lately and whom compliance does not know has no voice. */
static enum refusal recover_voices(struct turn *t, const struct event_in *in)
{
	for (size_t i = 0; i < in->envelope->signature_count; i++) {
		struct hash key;
		memcpy(key.bytes, in->envelope->signatures[i].public_key, HASH_SIZE);
		const struct party *p = party_by_key(t->tabs, &key);
		if (p && !identity_settled(t->tabs, p))
			return turn_refuse(t, REFUSED_ROLE, "%s recovers no key before compliance has approved it", p->id);
	}
	return REFUSED_NOT;
}

enum refusal on_recover(struct turn *t, const struct event_in *in)
{
	const struct ev_recover *b = in->body;
	const struct party *p = tab_get(t->tabs, &PARTY_REC, b->party);
	const struct keyrec *old = p ? keyring_current(t->tabs, KEY_OF_PARTY, p->id, UINT64_MAX) : NULL;
	char object[64], policy[80];
	bool complete;
	if (!p || !old)
		return turn_refuse(t, REFUSED_PARTY_UNKNOWN, "%s", b->party);
	if (p->blocked)
		return turn_refuse(t, REFUSED_PARTY_BLOCKED, "%s gets no key while it is blocked", p->id);
	int64_t need = policy_int(t->tabs, "keys.recover_of", RECOVER_OF), majority = other_groups(t, p) / 2 + 1;
	need = need < 1 || need > majority ? majority : need;
	if (need > ENDORSE_NEED_MAX)
		need = ENDORSE_NEED_MAX;
	snprintf(object, sizeof(object), "party/%s", p->id);
	snprintf(policy, sizeof(policy), "%lld of PARTY@others, not affiliated", (long long)need);
	struct pair_wanted w = { object, "recover", p->id, p->id, { policy } };
	enum refusal r = recover_voices(t, in);
	if (r == REFUSED_NOT)
		r = identity_pair(t, in, &w, &complete);
	if (r != REFUSED_NOT || !complete)
		return r;
	struct keyrec fresh = *old;
	memcpy(fresh.device, b->device, sizeof(fresh.device));
	fresh.valid_from = 0;
	return key_next(t, old, &b->key, &fresh, old->compromised_from != 0);
}
