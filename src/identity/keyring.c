/* Keys over time. See identity/keyring.h.
 *
 * What must remain true: a key is found by itself in one step; a record is only ever narrowed (an end comes nearer, never
 * recedes), so that what was refused stays refused; answers depend on records and the two instants alone. */
#include "identity/keyring.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/instant.h"

const char *const KEY_KIND_NAMES[] = { "node", "admin", "party", "person", "gateway", NULL };

#define REC_SELF struct keyrec
REC_TYPE(KEYREC_REC, 48, "keyrec", KEYREC_FIELDS)
#undef REC_SELF

enum { WHY_MAX = 160, SHORT_KEY = 8 };

const struct keyrec *keyring_find(const struct tabs *s, const struct hash *key)
{
	char id[HASH_HEX_MAX];
	return tab_get(s, &KEYREC_REC, hex_of(key->bytes, HASH_SIZE, id));
}

static const void *holder_of(const struct tabs *s, const struct hash *key, enum key_kind kind, const struct rec_type *type)
{
	const struct keyrec *k = keyring_find(s, key);
	return k && k->kind == (int64_t)kind ? tab_get(s, type, k->holder) : NULL;
}

const struct operator *operator_by_key(const struct tabs *s, const struct hash *key)
{
	return holder_of(s, key, KEY_OF_PERSON, &OPERATOR_REC);
}

const struct gateway *gateway_by_key(const struct tabs *s, const struct hash *key)
{
	return holder_of(s, key, KEY_OF_GATEWAY, &GATEWAY_REC);
}

const struct party *party_by_key(const struct tabs *s, const struct hash *key)
{
	return holder_of(s, key, KEY_OF_PARTY, &PARTY_REC);
}

bool keyrec_key(const struct keyrec *k, struct hash *out)
{
	return hex_parse(str_of(k->id), out->bytes, HASH_SIZE);
}

enum refusal keyring_add(struct turn *t, const struct hash *key, const struct keyrec *k)
{
	struct keyrec fresh = *k;
	if (hash_is_zero(key))
		return REFUSED_NOT;
	const struct keyrec *found = keyring_find(t->tabs, key);
	if (found)
		return turn_refuse(t, REFUSED_EXISTS, "the key of %s is in use", k->holder);
	hex_of(key->bytes, HASH_SIZE, fresh.id);
	str_copy(fresh.by, sizeof(fresh.by), str_of(t->actor));
	fresh.entry = (int64_t)t->number;
	if (fresh.since_entry != KEYREC_PENDING)
		fresh.since_entry = fresh.entry;
	tab_put(t->tabs, &KEYREC_REC, &fresh);
	return REFUSED_NOT;
}

/* Rare questions (a rotation, a compromise, an old checkpoint) walk the keys: an index would be state to keep. */
const struct keyrec *keyring_of(const struct tabs *s, enum key_kind kind, const char *holder, const struct keyrec *after)
{
	const struct keyrec *k = after ? tab_next(s, &KEYREC_REC, after->id) : tab_first(s, &KEYREC_REC, "");
	while (k && (k->kind != (int64_t)kind || strcmp(k->holder, holder) != 0))
		k = tab_next(s, &KEYREC_REC, k->id);
	return k;
}

const struct keyrec *keyring_current(const struct tabs *s, enum key_kind kind, const char *holder, uint64_t entry)
{
	const struct keyrec *best = NULL;
	for (const struct keyrec *k = keyring_of(s, kind, holder, NULL); k; k = keyring_of(s, kind, holder, k)) {
		if (k->since_entry == KEYREC_PENDING || (uint64_t)k->since_entry > entry)
			continue;
		if (!best || k->since_entry > best->since_entry)
			best = k;
	}
	return best;
}

bool keyring_in_scope(const char *scope, const char *event)
{
	struct str rest = str_of(scope);
	size_t group = strcspn(event, ".");
	if (!scope[0])
		return true;
	while (rest.len) {
		struct str word = str_cut(&rest, ' ');
		if (word.len && (str_is(word, event) || (word.len == group && memcmp(word.ptr, event, group) == 0)))
			return true;
	}
	return false;
}

enum refusal keyring_judge_time(int64_t signed_at, int64_t stamp, const struct key_bounds *b, char why[160])
{
	char at[INSTANT_TEXT_MAX];
	if (signed_at > stamp && (uint64_t)signed_at - (uint64_t)stamp > (uint64_t)b->ahead) {
		instant_format(signed_at, 0, at);
		snprintf(why, WHY_MAX, "It says it was signed at %s, ahead of the ledger by more than %lld minutes.", at,
			(long long)(b->ahead / INSTANT_MINUTE));
		return REFUSED_CLOCK_SKEW;
	}
	if (signed_at < stamp && (uint64_t)stamp - (uint64_t)signed_at > (uint64_t)b->window) {
		instant_format(signed_at, 0, at);
		snprintf(why, WHY_MAX, "It was signed at %s, more than %lld days ago.", at, (long long)(b->window / INSTANT_DAY));
		return REFUSED_SIGNATURE_STALE;
	}
	return REFUSED_NOT;
}

/* The first end that a key has, and by what name it refuses; INSTANT_NONE when it has none. */
static int64_t key_end(const struct keyrec *k, enum refusal *by)
{
	const struct {
		int64_t at;
		enum refusal by;
	} ends[] = { { k->revoked_from, REFUSED_SIGNER_REVOKED }, { k->retired_at, REFUSED_KEY_RETIRED },
		{ k->valid_until, REFUSED_KEY_EXPIRED } };
	int64_t end = INSTANT_NONE;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i].at && (end == INSTANT_NONE || ends[i].at < end)) {
			end = ends[i].at;
			*by = ends[i].by;
		}
	return end;
}

bool keyrec_counts(const struct keyrec *k, int64_t at)
{
	enum refusal by;
	int64_t end = key_end(k, &by);
	return k->since_entry != KEYREC_PENDING && !k->compromised_from && k->valid_from <= at && (end == INSTANT_NONE || at < end);
}

enum refusal keyring_judge(const struct keyrec *k, const char *event, int64_t signed_at, int64_t stamp,
	const struct key_bounds *b, char why[160])
{
	enum refusal r = keyring_judge_time(signed_at, stamp, b, why), by = REFUSED_NOT;
	int64_t end = key_end(k, &by);
	if (r != REFUSED_NOT)
		return r;
	if (k->compromised_from) {
		snprintf(why, WHY_MAX, "Key %.*s of %s is compromised.", SHORT_KEY, k->id, k->holder);
		return REFUSED_KEY_COMPROMISED;
	}
	/* Compared by difference: an end near the edge of the range must not wrap. */
	if (end != INSTANT_NONE && (signed_at >= end || (stamp >= end && (uint64_t)stamp - (uint64_t)end >= (uint64_t)b->overlap))) {
		snprintf(why, WHY_MAX, signed_at >= end ? "Key %.*s of %s had ended when this was signed."
			: "Key %.*s of %s ended too long ago for what it signed before.", SHORT_KEY, k->id, k->holder);
		return by;
	}
	/* Who was revoked may claim any time before: only the ledger says what came before it. */
	if (k->revoked_from && stamp > k->revoked_from && (uint64_t)stamp - (uint64_t)k->revoked_from > (uint64_t)b->ahead) {
		snprintf(why, WHY_MAX, "Key %.*s of %s was revoked before this came, whatever time it says.", SHORT_KEY, k->id, k->holder);
		return REFUSED_SIGNER_REVOKED;
	}
	if (signed_at < k->valid_from) {
		snprintf(why, WHY_MAX, "Key %.*s of %s did not count yet when this was signed.", SHORT_KEY, k->id, k->holder);
		return REFUSED_KEY_EARLY;
	}
	if (!keyring_in_scope(k->scope, event)) {
		snprintf(why, WHY_MAX, "Key %.*s of %s is for \"%s\", not for %s.", SHORT_KEY, k->id, k->holder, k->scope, event);
		return REFUSED_KEY_SCOPE;
	}
	return REFUSED_NOT;
}

const char *person_of(const struct tabs *s, const char *operator_id)
{
	const struct operator *o = *operator_id ? tab_get(s, &OPERATOR_REC, operator_id) : NULL;
	return !o ? operator_id : o->person[0] ? o->person : o->id;
}

const char *keyring_device(const struct tabs *s, const struct hash *key)
{
	const struct keyrec *k = hash_is_zero(key) ? NULL : keyring_find(s, key);
	return k ? k->device : "";
}
