/* Envelopes: one spelling, signatures over the content alone, and no changed bit that passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sodium.h>
#include <string.h>

#include "base/codec.h"
#include "ledger/envelope.h"

static const uint8_t SALT[ENVELOPE_SALT_SIZE] = { 7, 7, 7 };

static void secret_of(uint8_t number, uint8_t secret[ENVELOPE_SECRET_SIZE])
{
	uint8_t seed[crypto_sign_SEEDBYTES] = { number }, public_key[ENVELOPE_PUBLIC_SIZE];

	crypto_sign_seed_keypair(public_key, secret, seed);
}

static void sign_by(struct envelope *e, uint8_t number)
{
	uint8_t secret[ENVELOPE_SECRET_SIZE];

	secret_of(number, secret);
	assert_int_equal(envelope_sign(e, secret, INT64_C(1773671527000000) + number, NULL), ERR_OK);
}

static struct envelope sample(int signatures)
{
	struct envelope e = { .ledger = { { 7, 8, 9, [31] = 255 } }, .kind = 301, .sender = "halvorsen", .deal = "DL-01K9ZZZZZZZZZZZZZZZZZZZZZZ",
		.audience = "bank,warehouse", .key = { 1, 2, 3 }, .event_time = INT64_C(1773671520123456),
		.value_date = 20528 };

	envelope_set_body(&e, STR("a body"));
	for (int i = 0; i < signatures; i++)
		sign_by(&e, (uint8_t)(i + 1));
	return e;
}

static struct buf encoded(const struct envelope *e)
{
	struct buf b = { 0 };

	assert_int_equal(envelope_encode(e, &b, NULL), ERR_OK);
	return b;
}

static void round_trip(void **state)
{
	(void)state;
	for (int n = 0; n <= ENVELOPE_SIGNATURES_MAX; n++) {
		struct envelope e = sample(n), back;
		struct buf b = encoded(&e), again = { 0 };
		struct hash h = envelope_content_hash(&e), g;

		assert_int_equal(envelope_decode(buf_view(&b), &back, NULL), ERR_OK);
		assert_true(hash_eq(&back.ledger, &e.ledger));
		assert_int_equal(back.kind, 301);
		assert_string_equal(back.sender, "halvorsen");
		assert_string_equal(back.deal, e.deal);
		assert_string_equal(back.audience, "bank,warehouse");
		assert_memory_equal(back.key, e.key, ENVELOPE_KEY_SIZE);
		assert_true(back.event_time == e.event_time && back.value_date == e.value_date);
		assert_true(str_is(back.body, "a body") && !back.sealed);
		assert_int_equal(back.signature_count, n);
		g = envelope_content_hash(&back);
		assert_true(hash_eq(&g, &h));
		memset(&g, 0, sizeof(g));
		assert_int_equal(envelope_decode_content(buf_view(&b), &back, &g, NULL), ERR_OK);
		assert_true(hash_eq(&g, &h));
		memset(&g, 0, sizeof(g));
		assert_true(envelope_decode_again_content(buf_view(&b), &back, &g) && hash_eq(&g, &h));
		assert_int_equal(envelope_encode(&back, &again, NULL), ERR_OK);
		assert_true(str_eq(buf_view(&again), buf_view(&b)));
		assert_int_equal(envelope_verify_signatures(&back, NULL),
			n == 0 ? REFUSED_SIGNATURE_MISSING : REFUSED_NOT);
		buf_free(&b);
		buf_free(&again);
	}
}

/* The name of the ledger stands before the kind: no byte of it may be read as one. */
static void the_kind_is_told_in_every_ledger(void **state)
{
	(void)state;
	for (unsigned first = 0; first <= UINT8_MAX; first++) {
		struct envelope e = sample(1);
		e.ledger.bytes[0] = (uint8_t)first;
		struct buf b = encoded(&e);

		assert_int_equal(envelope_kind(buf_view(&b)), e.kind);
		assert_int_equal(envelope_kind((struct str){ b.ptr, 20 }), -1);
		b.ptr[0] = ENVELOPE_VERSION + 1;
		assert_int_equal(envelope_kind(buf_view(&b)), -1);
		buf_free(&b);
	}
	assert_int_equal(envelope_kind(STR("")), -1);
}

/* Written out by hand: the format, not the code, decides. */
static void the_format_is_pinned(void **state)
{
	struct envelope e = { .ledger = { { 0xee, [31] = 0xef } }, .kind = 300, .sender = "a", .deal = "", .audience = "b", .event_time = -1,
		.value_date = 1 };
	struct buf want = { 0 }, got;
	static const uint8_t head[] = { 1, 0xee, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xef,
		0xac, 2, 0, 1, 'a', 0, 1, 'b', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 1, 2 };
	struct hash digest = hash_of("xy", 2), content, want_content;

	(void)state;
	envelope_set_body(&e, STR("xy"));
	got = encoded(&e);
	buf_text(&want, "wharf/envelope/v1");
	buf_add(&want, head, sizeof head);
	buf_add(&want, digest.bytes, HASH_SIZE);
	want_content = hash_of(want.ptr, want.len);
	content = envelope_content_hash(&e);
	assert_true(hash_eq(&content, &want_content));
	buf_add(&want, "\2xy\0", 4);
	assert_int_equal(got.len, want.len - 17);
	assert_memory_equal(got.ptr, want.ptr + 17, got.len);
	buf_free(&want);
	buf_free(&got);
}

static void the_signed_message_is_pinned(void **state)
{
	struct envelope e = sample(1);
	struct hash content = envelope_content_hash(&e);
	struct buf m = { 0 };
	uint64_t t = (uint64_t)e.signatures[0].signed_at;

	(void)state;
	buf_text(&m, "wharf/sign/v1");
	buf_add(&m, content.bytes, HASH_SIZE);
	for (int i = 7; i >= 0; i--)
		buf_char(&m, (char)(t >> (8 * i)));
	assert_int_equal(crypto_sign_verify_detached(e.signatures[0].signature, (const uint8_t *)m.ptr, m.len,
		e.signatures[0].public_key), 0);
	buf_free(&m);
}

static void signatures_do_not_change_the_content(void **state)
{
	struct envelope a = sample(1), b = sample(3), sealed = sample(0);
	struct hash ha = envelope_content_hash(&a), hb = envelope_content_hash(&b), hs;

	(void)state;
	assert_true(hash_eq(&ha, &hb));
	envelope_set_sealed(&sealed, SALT, STR("a body"));
	hs = envelope_content_hash(&sealed);
	assert_false(hash_eq(&ha, &hs));
}

static void every_bit_of_a_signature_counts(void **state)
{
	struct envelope e = sample(2);
	struct envelope_signature *s = &e.signatures[1];
	size_t bad;

	(void)state;
	for (int bit = 0; bit < 8 * ENVELOPE_SIGNATURE_SIZE; bit++) {
		bad = 99;
		s->signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(envelope_verify_signatures(&e, &bad), REFUSED_SIGNATURE);
		assert_int_equal(bad, 1);
		s->signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (int bit = 0; bit < 8 * ENVELOPE_PUBLIC_SIZE; bit++) {
		s->public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(envelope_verify_signatures(&e, NULL), REFUSED_SIGNATURE);
		s->public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (int bit = 0; bit < 64; bit++) {
		s->signed_at = (int64_t)((uint64_t)s->signed_at ^ UINT64_C(1) << bit);
		assert_int_equal(envelope_verify_signatures(&e, NULL), REFUSED_SIGNATURE);
		s->signed_at = (int64_t)((uint64_t)s->signed_at ^ UINT64_C(1) << bit);
	}
	assert_int_equal(envelope_verify_signatures(&e, NULL), REFUSED_NOT);
}

/* No changed bit of the bytes yields a valid envelope with the old content. */
static void every_bit_of_the_bytes_counts(void **state)
{
	struct envelope e = sample(2), back;
	struct buf b = encoded(&e);

	(void)state;
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ 1 << bit % 8);
		if (envelope_decode(buf_view(&b), &back, NULL) == ERR_OK)
			assert_int_equal(envelope_verify_signatures(&back, NULL), REFUSED_SIGNATURE);
		b.ptr[bit / 8] = (char)(b.ptr[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(envelope_decode((struct str){ b.ptr, len }, &back, NULL), ERR_OK);
	buf_char(&b, 0);
	assert_int_equal(envelope_decode(buf_view(&b), &back, NULL), ERR_SYNTAX);
	buf_free(&b);
}

/* The identity point and another of small order: a signature that anybody could make. */
static void small_order_keys_are_refused(void **state)
{
	struct envelope e = sample(0);

	(void)state;
	e.signature_count = 1;
	memset(&e.signatures[0], 0, sizeof e.signatures[0]);
	e.signatures[0].public_key[0] = 1;
	e.signatures[0].signature[0] = 1; /* R = identity, S = 0 */
	assert_int_equal(envelope_verify_signatures(&e, NULL), REFUSED_SIGNATURE);
	memset(e.signatures[0].public_key, 0, ENVELOPE_PUBLIC_SIZE);
	assert_int_equal(envelope_verify_signatures(&e, NULL), REFUSED_SIGNATURE);
}

/* Header bytes with one field written in a way that encode never does. */
static enum err decode_with(uint64_t version, uint64_t kind, uint64_t sealed, const char *sender,
	const char *deal, bool long_form, const char *body)
{
	struct buf b = { 0 };
	struct envelope out;
	struct hash digest = hash_of("xy", 2), ledger = { { 5 } };
	uint8_t key[ENVELOPE_KEY_SIZE] = { 0 };
	enum err e;

	put_u64(&b, version);
	put_raw(&b, ledger.bytes, HASH_SIZE);
	if (long_form)
		buf_add(&b, "\x81\x00", 2); /* 1 in two bytes */
	else
		put_u64(&b, kind);
	put_u64(&b, sealed);
	put_str(&b, str_of(sender));
	put_str(&b, str_of(deal));
	put_str(&b, STR(""));
	put_raw(&b, key, sizeof key);
	put_i64(&b, 0);
	put_i64(&b, 0);
	put_raw(&b, digest.bytes, HASH_SIZE);
	if (body != NULL)
		put_str(&b, str_of(body));
	put_u64(&b, 0);
	e = envelope_decode(buf_view(&b), &out, NULL);
	buf_free(&b);
	return e;
}

static void refuses_what_is_not_canonical(void **state)
{
	(void)state;
	assert_int_equal(decode_with(1, 1, 0, "a", "", false, "xy"), ERR_OK);
	assert_int_equal(decode_with(1, 1, 1, "a", "", false, NULL), ERR_OK);
	assert_int_equal(decode_with(1, 1, 0, "a", "", true, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(0, 1, 0, "a", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(2, 1, 0, "a", "", false, "xy"), ERR_VERSION);
	assert_int_equal(decode_with(1, 65536, 0, "a", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 2, "a", "", false, NULL), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 1, "a", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "a", "", false, NULL), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "a b", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "a", "x\n", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "12345678901234567890123456789012", "", false, "xy"), ERR_SYNTAX);
	assert_int_equal(decode_with(1, 1, 0, "a", "", false, "xz"), ERR_TAMPERED);
}

static void one_key_signs_once(void **state)
{
	struct envelope e = sample(2), back;
	uint8_t secret[ENVELOPE_SECRET_SIZE];
	struct buf one, two, b = { 0 };

	(void)state;
	secret_of(2, secret);
	assert_int_equal(envelope_sign(&e, secret, 5, NULL), ERR_REFUSED);
	assert_int_equal(e.signature_count, 2);
	two = encoded(&e);
	e.signature_count = 1;
	one = encoded(&e);
	/* in the bytes: the second signature overwritten with the first, which ends a one-signature encoding */
	size_t size = two.len - one.len;

	memcpy(two.ptr + two.len - size, one.ptr + one.len - size, size);
	assert_int_equal(envelope_decode(buf_view(&two), &back, NULL), ERR_SYNTAX);
	e.signature_count = 2;
	e.signatures[1] = e.signatures[0];
	assert_int_equal(envelope_encode(&e, &b, NULL), ERR_SYNTAX);
	e = sample(ENVELOPE_SIGNATURES_MAX);
	secret_of(99, secret);
	assert_int_equal(envelope_sign(&e, secret, 5, NULL), ERR_LIMIT);
	buf_free(&one);
	buf_free(&two);
	buf_free(&b);
}

static void signatures_made_elsewhere(void **state)
{
	struct envelope bank = sample(1), warehouse = sample(0), other = sample(0);

	(void)state;
	sign_by(&warehouse, 9);
	other.value_date++;
	assert_int_equal(envelope_add_signature(&bank, &warehouse.signatures[0], NULL), ERR_OK);
	assert_int_equal(envelope_verify_signatures(&bank, NULL), REFUSED_NOT);
	assert_int_equal(envelope_add_signature(&bank, &warehouse.signatures[0], NULL), ERR_REFUSED);
	assert_int_equal(envelope_add_signature(&other, &warehouse.signatures[0], NULL), ERR_SIGNATURE);
	assert_int_equal(other.signature_count, 0);
}

static void sealed_bodies(void **state)
{
	struct envelope e = sample(0), back;
	struct buf b;
	uint8_t salt[ENVELOPE_SALT_SIZE] = { 1 };

	(void)state;
	envelope_set_sealed(&e, SALT, STR("a body"));
	sign_by(&e, 1);
	b = encoded(&e);
	assert_int_equal(envelope_decode(buf_view(&b), &back, NULL), ERR_OK);
	assert_true(back.sealed && back.body.len == 0);
	assert_int_equal(envelope_verify_signatures(&back, NULL), REFUSED_NOT);
	assert_true(envelope_opens(&back, SALT, STR("a body")));
	assert_false(envelope_opens(&back, SALT, STR("a bodY")));
	assert_false(envelope_opens(&back, salt, STR("a body")));
	buf_free(&b);
}

static void keeps_within_its_size(void **state)
{
	static char big[ENVELOPE_BYTES_MAX + 1];
	struct envelope e = sample(1), back;
	struct buf b = { 0 };
	size_t over;

	(void)state;
	b = encoded(&e);
	over = b.len - e.body.len + 2; /* a longer length takes two bytes more */
	buf_clear(&b);
	envelope_set_body(&e, (struct str){ big, ENVELOPE_BYTES_MAX - over });
	assert_int_equal(envelope_encode(&e, &b, NULL), ERR_OK);
	assert_int_equal(b.len, ENVELOPE_BYTES_MAX);
	assert_int_equal(envelope_decode(buf_view(&b), &back, NULL), ERR_OK);
	envelope_set_body(&e, (struct str){ big, ENVELOPE_BYTES_MAX - over + 1 });
	buf_clear(&b);
	buf_text(&b, "kept");
	assert_int_equal(envelope_encode(&e, &b, NULL), ERR_LIMIT);
	assert_string_equal(b.ptr, "kept");
	assert_int_equal(envelope_decode((struct str){ big, sizeof big }, &back, NULL), ERR_LIMIT);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(the_kind_is_told_in_every_ledger),
		cmocka_unit_test(the_format_is_pinned),
		cmocka_unit_test(the_signed_message_is_pinned),
		cmocka_unit_test(signatures_do_not_change_the_content),
		cmocka_unit_test(every_bit_of_a_signature_counts),
		cmocka_unit_test(every_bit_of_the_bytes_counts),
		cmocka_unit_test(small_order_keys_are_refused),
		cmocka_unit_test(refuses_what_is_not_canonical),
		cmocka_unit_test(one_key_signs_once),
		cmocka_unit_test(signatures_made_elsewhere),
		cmocka_unit_test(sealed_bodies),
		cmocka_unit_test(keeps_within_its_size),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
