/* Entries and their chain: every altered field is found, and the fault says where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "base/codec.h"
#include "ledger/entry.h"
#include "ledger/merkle.h"

enum { CHAIN = 6 };

struct chain {
	struct entry entries[CHAIN];
	struct entry_digests digests[CHAIN];
	struct buf envelopes[CHAIN];
};

static void make_envelope(uint8_t number, struct buf *out)
{
	struct envelope e = { .kind = 7, .sender = "noordzee", .key = { number } };
	uint8_t seed[crypto_sign_SEEDBYTES] = { 1 }, pk[ENVELOPE_PUBLIC_SIZE], sk[ENVELOPE_SECRET_SIZE];

	crypto_sign_seed_keypair(pk, sk, seed);
	envelope_set_body(&e, STR("body"));
	assert_int_equal(envelope_sign(&e, sk, number, NULL), ERR_OK);
	assert_int_equal(envelope_encode(&e, out, NULL), ERR_OK);
}

static int chain_setup(void **state)
{
	static struct chain c;
	struct entry_link link = entry_link_start();

	memset(&c, 0, sizeof c);
	for (uint8_t i = 0; i < CHAIN; i++) {
		struct entry *e = &c.entries[i];

		make_envelope(i, &c.envelopes[i]);
		*e = (struct entry){ .number = i, .epoch = 1 + i / 3, .stamp = 1000 + i, .prev = link.chain,
			.envelope = buf_view(&c.envelopes[i]), .outcome = hash_of(&i, 1) };
		e->seed.bytes[0] = i;
		strcpy(e->verdict, i == 4 ? "separation-of-duties" : "done");
		if (entry_check_link(&link, e, NULL, &link, &c.digests[i], NULL) != ENTRY_HOLDS)
			return 1;
	}
	*state = &c;
	return 0;
}

static int chain_teardown(void **state)
{
	struct chain *c = *state;

	for (int i = 0; i < CHAIN; i++)
		buf_free(&c->envelopes[i]);
	return 0;
}

/* Checks the whole chain; returns the break and the number of the entry where it is. */
static enum entry_break check_all(const struct chain *c, int *where, struct fault *fault)
{
	struct entry_link link = entry_link_start();

	for (int i = 0; i < CHAIN; i++) {
		enum entry_break b = entry_check_link(&link, &c->entries[i], &c->digests[i], &link, NULL, fault);

		*where = i;
		if (b != ENTRY_HOLDS)
			return b;
	}
	return ENTRY_HOLDS;
}

static void a_chain_holds(void **state)
{
	const struct chain *c = *state;
	int where;

	assert_int_equal(check_all(c, &where, NULL), ENTRY_HOLDS);
	assert_true(hash_eq(&c->entries[3].prev, &c->digests[2].chain));
}

static void round_trip(void **state)
{
	const struct chain *c = *state;

	for (int i = 0; i < CHAIN; i++) {
		const struct entry *e = &c->entries[i];
		struct entry back;
		struct buf b = { 0 }, again = { 0 };

		assert_int_equal(entry_encode(e, &b, NULL), ERR_OK);
		assert_int_equal(entry_decode(buf_view(&b), &back, NULL), ERR_OK);
		assert_true(back.number == e->number && back.epoch == e->epoch && back.stamp == e->stamp);
		assert_true(hash_eq(&back.seed, &e->seed) && hash_eq(&back.prev, &e->prev));
		assert_true(hash_eq(&back.outcome, &e->outcome) && str_eq(back.envelope, e->envelope));
		assert_string_equal(back.verdict, e->verdict);
		assert_int_equal(entry_encode(&back, &again, NULL), ERR_OK);
		assert_true(str_eq(buf_view(&b), buf_view(&again)));
		for (size_t len = 0; len < b.len; len++)
			assert_int_equal(entry_decode((struct str){ b.ptr, len }, &back, NULL), ERR_SYNTAX);
		buf_char(&b, 0);
		assert_int_equal(entry_decode(buf_view(&b), &back, NULL), ERR_SYNTAX);
		b.ptr[0] = 2;
		assert_int_equal(entry_decode(buf_view(&b), &back, NULL), ERR_VERSION);
		buf_free(&b);
		buf_free(&again);
	}
}

/* Leaf, chain and tree hash built by hand from the format in the header. */
static void the_format_is_pinned(void **state)
{
	const struct chain *c = *state;
	const struct entry *e = &c->entries[1];
	const struct entry_digests *d = &c->digests[1];
	struct hash envelope = hash_of(e->envelope.ptr, e->envelope.len), chain, leaf;
	struct envelope decoded;
	struct buf want = { 0 }, got = { 0 };

	put_u64(&want, 1);
	put_u64(&want, 1);
	put_u64(&want, 1);
	put_i64(&want, 1001);
	put_raw(&want, e->seed.bytes, HASH_SIZE);
	assert_int_equal(envelope_decode(e->envelope, &decoded, NULL), ERR_OK);
	struct hash content = envelope_content_hash(&decoded);

	put_raw(&want, content.bytes, HASH_SIZE);
	put_raw(&want, envelope.bytes, HASH_SIZE);
	put_str(&want, STR("done"));
	put_raw(&want, e->outcome.bytes, HASH_SIZE);
	put_raw(&want, e->prev.bytes, HASH_SIZE);
	entry_leaf_bytes(e, d, &got);
	assert_true(str_eq(buf_view(&want), buf_view(&got)));
	leaf = merkle_leaf(want.ptr, want.len);
	assert_true(hash_eq(&leaf, &d->leaf));
	buf_clear(&got);
	buf_text(&got, "wharf/chain/v1");
	buf_add(&got, e->prev.bytes, HASH_SIZE);
	buf_str(&got, buf_view(&want));
	chain = hash_of(got.ptr, got.len);
	assert_true(hash_eq(&chain, &d->chain));
	buf_free(&want);
	buf_free(&got);
}

static void a_known_content_hash_saves_decoding(void **state)
{
	const struct chain *c = *state;
	struct entry_digests d;

	assert_true(entry_digest(&c->entries[2], &c->digests[2].content, &d, NULL));
	assert_memory_equal(&d, &c->digests[2], sizeof d);
}

/* Alters one thing of entry 3, expects that break there, and puts it back. */
#define EXPECT_BREAK(change, which, number) \
	do { \
		struct chain saved = *c; \
		change; \
		assert_int_equal(check_all(c, &where, &fault), which); \
		assert_int_equal(where, number); \
		*c = saved; \
	} while (0)

static void every_alteration_is_found(void **state)
{
	struct chain *c = *state;
	struct entry *e = &c->entries[3];
	struct entry_digests *d = &c->digests[3];
	struct fault fault;
	int where;

	EXPECT_BREAK(e->number = 4, ENTRY_BREAK_NUMBER, 3);
	EXPECT_BREAK(e->prev.bytes[31] ^= 1, ENTRY_BREAK_PREV, 3);
	EXPECT_BREAK(e->stamp = 1002, ENTRY_BREAK_STAMP, 3);
	EXPECT_BREAK(e->epoch = 0, ENTRY_BREAK_EPOCH, 3);
	EXPECT_BREAK(e->envelope.len--, ENTRY_BREAK_ENVELOPE, 3);
	EXPECT_BREAK(e->epoch = 1, ENTRY_BREAK_LEAF, 3);
	EXPECT_BREAK(e->seed.bytes[9] ^= 1, ENTRY_BREAK_LEAF, 3);
	EXPECT_BREAK(e->outcome.bytes[0] ^= 1, ENTRY_BREAK_LEAF, 3);
	EXPECT_BREAK(strcpy(e->verdict, "limit-exceeded"), ENTRY_BREAK_LEAF, 3);
	EXPECT_BREAK(e->envelope = c->entries[2].envelope, ENTRY_BREAK_CONTENT, 3);
	EXPECT_BREAK(d->content.bytes[0] ^= 1, ENTRY_BREAK_CONTENT, 3);
	EXPECT_BREAK(d->envelope.bytes[0] ^= 1, ENTRY_BREAK_ENVELOPE, 3);
	EXPECT_BREAK(d->leaf.bytes[0] ^= 1, ENTRY_BREAK_LEAF, 3);
	EXPECT_BREAK(d->chain.bytes[0] ^= 1, ENTRY_BREAK_CHAIN, 3);
	/* with the digests beside it removed, the next entry's prev tells */
	EXPECT_BREAK(memset(d, 0, sizeof *d); e->seed.bytes[9] ^= 1, ENTRY_BREAK_PREV, 4);
	EXPECT_BREAK(*e = c->entries[4], ENTRY_BREAK_NUMBER, 3);
}

/* Any bit of a stored envelope, its signatures included. */
static void every_bit_of_an_envelope_counts(void **state)
{
	struct chain *c = *state;
	struct buf *b = &c->envelopes[3];
	struct fault fault;
	int where;

	for (size_t bit = 0; bit < 8 * b->len; bit++) {
		b->ptr[bit / 8] = (char)(b->ptr[bit / 8] ^ 1 << bit % 8);
		assert_int_not_equal(check_all(c, &where, &fault), ENTRY_HOLDS);
		assert_int_equal(where, 3);
		b->ptr[bit / 8] = (char)(b->ptr[bit / 8] ^ 1 << bit % 8);
	}
}

static void the_fault_names_entry_and_values(void **state)
{
	struct chain *c = *state;
	struct chain saved = *c;
	struct fault fault;
	char stored[HASH_HEX_MAX], computed[HASH_HEX_MAX];
	int where;

	hex_of(c->digests[3].leaf.bytes, HASH_SIZE, computed);
	c->digests[3].leaf.bytes[5] ^= 0x10;
	hex_of(c->digests[3].leaf.bytes, HASH_SIZE, stored);
	assert_int_equal(check_all(c, &where, &fault), ENTRY_BREAK_LEAF);
	assert_int_equal(fault.code, ERR_TAMPERED);
	assert_non_null(strstr(fault.text, "Entry 3"));
	assert_non_null(strstr(fault.text, stored));
	assert_non_null(strstr(fault.text, computed));
	assert_string_equal(entry_break_name(ENTRY_BREAK_LEAF), "leaf");
	*c = saved;
}

static void verdicts(void **state)
{
	struct chain *c = *state;
	struct entry e = c->entries[0];
	struct buf b = { 0 };

	assert_true(entry_verdict_valid(STR("done")));
	assert_false(entry_verdict_valid(STR("")));
	assert_false(entry_verdict_valid(STR("Done")));
	assert_false(entry_verdict_valid(STR("no way")));
	assert_false(entry_verdict_valid(STR("12345678901234567890123456789012")));
	memset(e.verdict, 'x', sizeof e.verdict);
	assert_int_equal(entry_encode(&e, &b, NULL), ERR_SYNTAX);
	assert_int_equal(b.len, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, chain_setup, chain_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_chain_holds),
		TEST(round_trip),
		TEST(the_format_is_pinned),
		TEST(a_known_content_hash_saves_decoding),
		TEST(every_alteration_is_found),
		TEST(every_bit_of_an_envelope_counts),
		TEST(the_fault_names_entry_and_values),
		TEST(verdicts),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
