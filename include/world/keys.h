/* The cast of a demonstration: who takes part, and every key of it derived from one seed.
 *
 * A demo directory has no secrets: whoever knows the recording's seed (it is in demo/cast.json) can make
 * every key again. That is what lets the world sign for parties, devices and people, and why its genesis is
 * marked demo. Labels of key_derive_seed: "node", "admin", "party/ID", "operator/ID", "gateway/ID". */
#ifndef WHARF_WORLD_KEYS_H
#define WHARF_WORLD_KEYS_H

#include "base/arena.h"
#include "base/err.h"
#include "contract/state.h"
#include "identity/keys.h"
#include "identity/registry.h"

#define WORLD_ORIGIN "noordzee.example/desk"
#define WORLD_PASSPHRASE "demo"

/* What a person does at a step of one deal, where it is not what anybody sensible would do: the recorded
 * hand. Texts are "" and numbers 0 where nothing is said. */
struct hand {
	char deal[8];          /* last four characters of the deal's id; "" every deal */
	char step[8];          /* "B05", "E06" */
	char form[16];         /* of the task; "" any */
	char by[24];           /* operator; "" anybody who may */
	char decision[16];
	char reason[96];
	int64_t at;            /* not before, instant */
	const struct blob *data; /* JSON of the form */
};
/* What a simulated party answers to an effect of one deal instead of the usual. */
struct answer_hand {
	char deal[8], kind[24];
	int64_t minutes;         /* delay; 0 the seeded one */
	char code[24];           /* "ok", or why it fails; "" the usual */
	const struct blob *data; /* JSON; NULL the usual */
};

struct cast {
	uint64_t seed;
	int64_t begins;         /* instant of the genesis */
	int64_t day_from, day_to; /* the recorded day */
	struct party *parties;
	struct operator *operators;
	struct site *sites;
	struct gateway *gateways;
	struct device *devices;
	struct limit *limits;
	struct offer *offers;
	struct profile *profiles;
	struct hand *hands;
	struct answer_hand *answers;
	int party_count, operator_count, site_count, gateway_count, device_count, limit_count, offer_count, profile_count,
		hand_count, answer_count;
};

/* The seed of one key. */
void world_key_seed(uint64_t seed, const char *label, uint8_t out[KEY_SEED_SIZE]);
/* The pair of a label made of kind and id: ("operator", "i.vermeer"), ("node", ""). */
void world_key(uint64_t seed, const char *kind, const char *id, struct key_pair *out);

/* Builds the cast of the tables in src/world/cast.c for a seed, in the arena: identifiers with valid check
 * digits, keys, limits, offers, profiles. Pure. */
struct cast *cast_build(struct arena *a, uint64_t seed);
/* demo/cast.json, and back. Reading refuses what it does not know, with its place in fault. */
void cast_write(const struct cast *c, struct buf *out);
enum err cast_read(struct arena *a, struct str json, struct cast **out, struct fault *fault);

const struct operator *cast_operator(const struct cast *c, const char *id); /* or NULL */
const struct party *cast_party(const struct cast *c, const char *id);
const struct device *cast_device(const struct cast *c, const char *id);

#endif
