/* Hashes against published vectors, hexadecimal, base64, the binary codec, ids. */
#include "unit.h"

#include "base/codec.h"
#include "base/hash.h"
#include "base/id.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" /* FIPS 180-4, "abc" */
#define NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void assert_hash(struct hash h, const char *hex)
{
	char out[HASH_HEX_MAX];

	assert_text(hex_of(h.bytes, HASH_SIZE, out), hex);
}

static void test_sha256(void **state)
{
	struct hash_stream *s = hash_begin(), *other = hash_begin();

	(void)state;
	hash_add(s, "a", 1);
	assert_hash(hash_of("abc", 3), ABC); /* a one-shot does not disturb a stream */
	hash_add(other, "xyz", 3);
	hash_add(s, "bc", 2);
	hash_drop(other);
	assert_hash(hash_end(s), ABC);
	assert_hash(hash_of(NULL, 0), NOTHING);
	assert_hash(hash_parts((struct part[]){ { "ab", 2 }, { NULL, 0 }, { "c", 1 } }, 3), ABC);
	hash_drop(NULL);
}

/* Short and long messages go different ways, and each length is padded differently: all agree with the stream. */
static void test_lengths(void **state)
{
	static uint8_t bytes[1300];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37 + 11);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		struct hash_stream *s = hash_begin();
		struct part parts[] = { { bytes, len / 3 }, { NULL, 0 }, { bytes + len / 3, len - len / 3 } };
		struct hash one = hash_of(bytes, len), two = hash_parts(parts, 3), want;

		for (size_t at = 0; at < len; at++)
			hash_add(s, bytes + at, 1);
		want = hash_end(s);
		assert_true(hash_eq(&one, &want) && hash_eq(&two, &want));
	}
}

static void test_hmac(void **state)
{
	uint8_t key[131];

	(void)state; /* RFC 4231, cases 2 and 6 */
	assert_hash(hash_hmac("Jefe", 4, "what do ya want for nothing?", 28),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xAA, sizeof key);
	assert_hash(hash_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	assert_hash(hash_hmac(NULL, 0, "", 0), /* the RFC's construction with an empty key */
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_hex(void **state)
{
	struct hash h = hash_of("abc", 3), back = { 0 };
	char out[16];
	uint8_t two[2] = { 7, 7 };

	(void)state;
	assert_true(hex_parse(STR(ABC), back.bytes, HASH_SIZE) && hash_eq(&h, &back) && !hash_is_zero(&back));
	assert_text(hash_short(&h, out), "ba78…15ad");
	assert_false(hex_parse(STR("aabbcc"), two, 2) || hex_parse(STR("aab"), two, 2) || hex_parse(STR("aabg"), two, 2));
	assert_int_equal(two[0], 7);
	assert_true(hex_parse(STR("FF0a"), two, 2) && two[0] == 255 && two[1] == 10);
	back.bytes[31] ^= 1;
	assert_false(hash_eq(&h, &back));
	assert_true(hash_is_zero(&(struct hash){ 0 }));
}

static void test_base64(void **state)
{
	static const char *const ROWS[][2] = { /* RFC 4648, section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char *const BAD[] = { "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm-v", "====",
		"Zg==Zg==", "Z" };
	struct buf b = { 0 }, big = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		buf_clear(&b);
		base64_add(&b, ROWS[i][0], strlen(ROWS[i][0]));
		assert_true(str_is(buf_view(&b), ROWS[i][1]));
		buf_clear(&b);
		assert_true(base64_parse(str_of(ROWS[i][1]), &b) && str_is(buf_view(&b), ROWS[i][0]));
	}
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		buf_clear(&b);
		assert_false(base64_parse(str_of(BAD[i]), &b));
		assert_int_equal(b.len, 0);
	}
	for (int i = 0; i < 1000; i++)
		buf_char(&big, (char)i);
	buf_clear(&b);
	base64_add(&b, big.ptr, big.len);
	assert_int_equal(b.len, 1336);
	buf_text(&big, ""); /* keeps its bytes */
	struct buf back = { 0 };
	assert_true(base64_parse(buf_view(&b), &back) && str_eq(buf_view(&back), buf_view(&big)));
	buf_free(&b);
	buf_free(&big);
	buf_free(&back);
}

static void test_codec(void **state)
{
	static const int64_t NUMBERS[] = { 0, -1, 1, 63, 64, -64, -65, 8191, 8192, INT64_MAX, INT64_MIN };
	struct buf b = { 0 };
	struct reader r;

	(void)state;
	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
		put_i64(&b, NUMBERS[i]);
		put_u64(&b, (uint64_t)NUMBERS[i]);
	}
	put_str(&b, STR("text"));
	put_raw(&b, "\x01\x02", 2);
	r = reader_of(b.ptr, b.len);
	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
		assert_true(get_i64(&r) == NUMBERS[i]);
		assert_true(get_u64(&r) == (uint64_t)NUMBERS[i]);
	}
	assert_true(str_is(get_bytes(&r), "text"));
	assert_false(reader_done(&r));
	assert_memory_equal(get_raw(&r, 2), "\x01\x02", 2);
	assert_true(reader_done(&r));
	assert_null(get_raw(&r, 1));
	assert_true(r.bad && !reader_done(&r));
	buf_clear(&b);
	put_u64(&b, 300);
	assert_memory_equal(b.ptr, "\xAC\x02", 3);
	buf_clear(&b);
	put_i64(&b, -1);
	assert_memory_equal(b.ptr, "\x01", 2);
	buf_free(&b);
}

static void test_codec_refuses(void **state)
{
	static const struct str BAD[] = {
		{ "\x80\x00", 2 },                             /* zero, longer than needed */
		{ "\xFF\x00", 2 },
		{ "\x80", 1 },                                 /* cut */
		{ "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", 10 }, /* 65 bits */
		{ "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x00", 11 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct reader r = reader_of(BAD[i].ptr, BAD[i].len);

		assert_true(get_u64(&r) == 0 && r.bad);
		assert_true(get_u64(&r) == 0 && r.bad);
	}
	struct reader r = reader_of("\x05" "abcd", 5);
	assert_int_equal(get_bytes(&r).len, 0);
	assert_true(r.bad);
	r = reader_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10);
	assert_true(get_u64(&r) == UINT64_MAX && reader_done(&r));
}

static void test_ids(void **state)
{
	struct hash ones, h = { { 0x08, 0x42, 0x10, 0x84, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21 } };
	char id[ID_MAX], later[ID_MAX], out[16];

	(void)state;
	memset(&ones, 0xFF, sizeof ones);
	id_make("DL", 0, &h, id);
	assert_text(id, "DL-00000000001111111111111111");
	id_make("PART", (INT64_C(1) << 48) * 1000 - 1, &ones, id);
	assert_text(id, "PART-7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
	assert_true(id_valid(str_of(id), NULL) && id_valid(str_of(id), "PART") && !id_valid(str_of(id), "PAR"));
	id_make("DL", INT64_C(1773671527123456), &ones, id);
	id_make("DL", INT64_C(1773671527124000), &h, later);
	assert_true(strcmp(id, later) < 0); /* a later millisecond sorts behind */
	assert_text(id_short(id, out), "DL-…ZZZZ");
	assert_text(id_tail(id), "ZZZZ");
	assert_text(id_tail("abc"), "");
	assert_text(id_short("DL-4QM7", out), "DL-4QM7");
	assert_text(id_short("no identifier at all", out), "… all");
	assert_false(id_valid(STR("DL-8ZZZZZZZZZZZZZZZZZZZZZZZZZ"), NULL)); /* more than 128 bits */
	assert_false(id_valid(STR("DL-0000000000111111111111111"), NULL));
	assert_false(id_valid(STR("DL-0000000000111111111111111U"), NULL));
	assert_false(id_valid(STR("DL-0000000000111111111111111i"), NULL));
	assert_false(id_valid(STR("-00000000001111111111111111"), NULL));
	assert_false(id_valid(STR("PARTS-00000000001111111111111111"), NULL));
	assert_false(id_valid(STR(""), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256), cmocka_unit_test(test_lengths), cmocka_unit_test(test_hmac), cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64), cmocka_unit_test(test_codec), cmocka_unit_test(test_codec_refuses),
		cmocka_unit_test(test_ids),
	};

	return RUN_GROUP(tests);
}
