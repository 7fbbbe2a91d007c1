/* What certifies keys, from any bytes: bodies of parties, people, gateways and devices, key records and the judgement over them,
 * names of keys, key files. No crash, no wrapped integer; what decodes has one spelling once it is written again. */
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "identity/keyring.h"
#include "identity/keystore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct rec_type *const BODIES[] = { &PARTY_REC, &OPERATOR_REC, &GATEWAY_REC, &DEVICE_REC, &KEYREC_REC };
enum { BODY_COUNT = sizeof(BODIES) / sizeof(BODIES[0]), FORMS = BODY_COUNT + 2 };

static union {
	struct party party;
	struct operator person;
	struct gateway gateway;
	struct device device;
	struct keyrec key;
} room, again;

/* Any key, at any two instants: an answer with words, and a key that has ended for good never comes back. */
static void judge(const struct keyrec *k)
{
	const struct key_bounds bounds = { 86400000000, 300000000, 1209600000000 };
	const int64_t times[] = { k->valid_from, k->valid_until, k->retired_at, k->revoked_from, 0, INT64_MIN, INT64_MAX };
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		for (size_t n = 0; n < sizeof(times) / sizeof(times[0]); n++) {
			char why[160] = "";
			enum refusal r = keyring_judge(k, "task.complete", times[i], times[n], &bounds, why);
			CHECK(r == REFUSED_NOT || why[0], "a refusal says why");
			CHECK(r != REFUSED_NOT || !k->compromised_from, "a compromised key never counts");
			CHECK(r != REFUSED_NOT || !k->revoked_from || times[i] < k->revoked_from, "nor a revoked one from then on");
		}
}

static void try_body(const struct rec_type *t, struct str bytes)
{
	struct arena a = { 0 };
	struct buf first = { 0 }, second = { 0 };
	memset(&room, 0, sizeof(room));
	memset(&again, 0, sizeof(again));
	if (rec_decode(t, bytes, &room, &a)) {
		rec_encode(t, &room, &first);
		CHECK(rec_decode(t, buf_view(&first), &again, &a), "what was written decodes");
		rec_encode(t, &again, &second);
		CHECK(str_eq(buf_view(&first), buf_view(&second)), "a certificate has one spelling");
		if (t == &KEYREC_REC)
			judge(&room.key);
	}
	buf_free(&first);
	buf_free(&second);
	arena_free(&a);
}

static void try_key_file(struct str text)
{
	struct keystore_info info;
	struct fault fault;
	uint8_t seed[KEY_SEED_SIZE];
	if (keystore_read(text, &info, &fault) == ERR_OK && info.ops == 1 && info.mem_bytes == 8192)
		(void)keystore_open(text, STR("demo"), &info, seed, &fault);
}

static void try_name(struct str text)
{
	uint8_t key[KEY_PUBLIC_SIZE];
	char did[KEY_DID_MAX];
	struct fault fault;
	if (key_did_parse(text, key, &fault) == ERR_OK)
		CHECK(str_is(text, key_did_format(key, did)), "a key has one name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	CHECK(sodium_init() >= 0, "sodium starts");
	struct str rest = { (const char *)data + 1, size - 1 };
	unsigned form = data[0] % FORMS;
	if (form < BODY_COUNT)
		try_body(BODIES[form], rest);
	else if (form == BODY_COUNT)
		try_key_file(rest);
	else
		try_name(rest);
	return 0;
}
