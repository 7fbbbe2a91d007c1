/* Sealed boxes, readers and names of files from any bytes: no crash, one spelling, nothing that a screen or a path
 * would obey. The first byte says which. */
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "ledger/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_readers(struct str bytes)
{
	struct sealed_grant list[SEALED_GRANTS_MAX];
	struct buf again = { 0 };
	size_t n;
	if (!sealed_grants_decode(bytes, list, &n))
		return;
	CHECK(n >= 1 && n <= SEALED_GRANTS_MAX, "there is a reader");
	sealed_grants_encode(list, n, &again);
	CHECK(str_eq(buf_view(&again), bytes), "readers have one spelling");
	buf_free(&again);
}

static void try_name(struct str bytes)
{
	char name[SEALED_NAME_MAX];
	sealed_name(bytes, name);
	CHECK(name[0] && sealed_name_valid(str_of(name)) && str_utf8_valid(str_of(name)), "a name stays itself");
	CHECK(!strchr(name, '/') && name[0] != '.' && name[0] != '-', "a name is no path and no option");
	for (const char *c = name; *c; c++)
		CHECK((unsigned char)*c >= 0x20 && *c != 0x7f, "a name has no control");
}

/* Nobody can make a box that opens but who knows what is in it: from the fuzzer none ever opens. */
static void try_box(struct str bytes)
{
	static uint8_t public_key[32], secret[64];
	static bool ready;
	struct sealed_key key;
	struct hash manifest = { { 0 } };
	struct fault fault;
	if (!ready) {
		uint8_t seed[32] = { 1 };
		ready = sodium_init() >= 0 && crypto_sign_seed_keypair(public_key, secret, seed) == 0;
	}
	CHECK(sealed_box_open(bytes, secret, &manifest, &key, &fault) != ERR_OK, "it was sealed by nobody");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(struct str bytes) = { try_readers, try_name, try_box };
	if (size)
		tries[data[0] % 3]((struct str){ (const char *)data + 1, size - 1 });
	return 0;
}
