/* Keys over time. See engine/view_keys.h.
 *
 * Must remain true: a key is called valid only when keyring_judge would take a signature that is made with it now. */
#include "engine/view_keys.h"

#include <stdlib.h>
#include <string.h>

#include "identity/keyring.h"
#include "identity/keys.h"
#include "view_keep.h"

const char *const VIEW_KEY_WORDS[] = { "ends soon", "valid", "not yet", "retired", "expired", "revoked", "stolen", NULL };

/* The first of the ends that are known; 0 none. */
static int64_t key_end(const struct keyrec *k)
{
	const int64_t ends[] = { k->valid_until, k->retired_at, k->revoked_from, k->compromised_from };
	int64_t first = 0;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i] && (!first || ends[i] < first))
			first = ends[i];
	return first;
}

static enum view_key_state key_state(const struct keyrec *k, int64_t now)
{
	int64_t end = key_end(k);
	if (k->compromised_from)
		return VIEW_KEY_COMPROMISED;
	if (k->revoked_from && k->revoked_from <= now)
		return VIEW_KEY_REVOKED;
	if (k->since_entry == KEYREC_PENDING || k->valid_from > now)
		return VIEW_KEY_PENDING;
	if (k->retired_at && k->retired_at <= now)
		return VIEW_KEY_RETIRED;
	if (end && end <= now)
		return VIEW_KEY_EXPIRED;
	return end && end - now <= VIEW_KEYS_SOON ? VIEW_KEY_ENDS : VIEW_KEY_VALID;
}

static const char *key_name(struct arena *a, const struct tabs *s, const struct keyrec *k)
{
	if (k->kind == KEY_OF_PERSON)
		return keep(a, view_person(s, k->holder));
	if (k->kind == KEY_OF_PARTY)
		return keep(a, view_party_name(s, k->holder));
	if (k->kind == KEY_OF_GATEWAY)
		return arena_printf(a, "gateway %s", str_starts(str_of(k->holder), "GW-") ? k->holder + 3 : k->holder);
	return k->kind == KEY_OF_NODE ? "the node of this ledger" : "the root of trust";
}

static int key_order(const void *x, const void *y)
{
	const struct view_key *a = x, *b = y;
	int by = (int)a->state - (int)b->state;
	if (!by)
		by = strcmp(a->kind, b->kind);
	if (!by)
		by = strcmp(a->holder, b->holder);
	return by ? by : strcmp(a->id, b->id);
}

static void key_fill(struct view_key *v, struct arena *a, const struct tabs *s, const struct keyrec *k, int64_t now)
{
	char did[KEY_DID_SHORT_MAX];
	struct hash key;
	const struct keyrec *current = keyring_current(s, (enum key_kind)k->kind, k->holder, UINT64_MAX);
	*v = (struct view_key){ .id = k->id, .did = keyrec_key(k, &key) ? keep(a, key_did_short(key.bytes, did)) : "",
		.kind = KEY_KIND_NAMES[k->kind], .holder = k->holder, .name = key_name(a, s, k),
		.party = k->party[0] && k->kind != KEY_OF_PARTY ? keep(a, view_party_name(s, k->party)) : "",
		.role = k->role ? ROLE_NAMES[k->role] : "", .device = k->device, .scope = k->scope, .by = k->by, .state = key_state(k, now),
		.current = current == k, .from = k->valid_from, .until = key_end(k), .ceiling = k->ceiling, .entry = k->entry };
}

struct view_keys *view_keys_build(struct arena *a, const struct tabs *s, int64_t now)
{
	struct view_keys *v = arena_zero(a, sizeof(*v));
	size_t count = 0;
	const struct keyrec **all = (const struct keyrec **)view_all(s, &KEYREC_REC, a, &count);
	v->keys = arena_zero(a, (count + 1) * sizeof(*v->keys));
	for (size_t i = 0; i < count; i++) {
		struct view_key *k = &v->keys[v->count++];
		key_fill(k, a, s, all[i], now);
		v->valid += k->state <= VIEW_KEY_VALID;
		v->ends += k->state == VIEW_KEY_ENDS;
		v->gone += k->state >= VIEW_KEY_RETIRED;
	}
	qsort(v->keys, v->count, sizeof(*v->keys), key_order);
	return v;
}
