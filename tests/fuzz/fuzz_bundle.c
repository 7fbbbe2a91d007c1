/* Proofs of one entry and requests to witnesses from any bytes: no crash, and what parses has one spelling. */
#include <stdint.h>

#include "base/check.h"
#include "ledger/bundle.h"
#include "ledger/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_bundle(struct str bytes)
{
	static const struct tlog_policy nobody = { .quorum = TLOG_QUORUM_NONE };
	struct bundle b;
	struct fault fault;
	struct buf again = { 0 };
	struct hash leaf = merkle_empty();

	if (bundle_parse(bytes, &b, &fault) != ERR_OK)
		return;
	bundle_format(&b, &again);
	CHECK(str_eq(buf_view(&again), bytes), "a proof has one spelling");
	CHECK(bundle_verify(&b, &leaf, &nobody, NULL, &fault) != ERR_OK, "nobody is believed");
	buf_free(&again);
}

static void try_request(struct str bytes)
{
	static const struct note_key somebody = { .name = "log.example", .type = NOTE_ED25519 };
	struct witness_request r;
	struct checkpoint c;
	struct witness_seen seen = { 0 };
	struct fault fault;
	struct buf again = { 0 };

	if (witness_request_parse(bytes, &r, &fault) != ERR_OK)
		return;
	witness_request_format(&r, &again);
	CHECK(str_eq(buf_view(&again), bytes), "a request has one spelling");
	CHECK(witness_open(&r, &somebody, 1, &c, &fault) != WITNESS_SIGNED, "nobody signed it");
	c.size = r.old;
	c.root = merkle_empty();
	witness_judge(&r, &c, &seen);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };

	try_bundle(bytes);
	try_request(bytes);
	return 0;
}
