/* Records: fields, encoding, JSON of every kind and unit. */
#include "unit.h"

#include "base/codec.h"
#include "base/instant.h"
#include "rec_model.h"

static const struct rec_field *field(const char *name)
{
	const struct rec_field *f = rec_field_find(&THING_REC, str_of(name));

	assert_non_null(f);
	return f;
}

static struct thing sample(struct arena *a)
{
	return (struct thing){ .id = "t/1", .currency = "USD", .face = 150000000, .day = 20528, .term = 36 * INSTANT_HOUR,
		.due = instant_of(2026, 3, 16, 14, 32, 7) + 120000, .share = 7692, .rate = 60000, .warm = -14800, .live = 1,
		.pieces = -3, .colour = 1, .digest = hash_of("abc", 3), .terms = blob_in(a, "two\nlines", 9) };
}

static void test_fields(void **state)
{
	struct arena a = { 0 };
	struct thing t = sample(&a);

	(void)state;
	assert_text(rec_key(&THING_REC, &t), "t/1");
	assert_null(rec_field_find(&THING_REC, STR("no")));
	assert_int_equal(field("currency")->size, 4);
	assert_true(rec_set_text(&t, field("currency"), STR("EUR")));
	assert_false(rec_set_text(&t, field("currency"), STR("EURO")));
	assert_false(rec_set_text(&t, field("currency"), (struct str){ "E\0R", 3 }));
	assert_true(str_is(rec_text(&THING_REC, &t, field("currency")), "EUR"));
	assert_true(rec_set_int(&t, field("colour"), 2));
	assert_false(rec_set_int(&t, field("colour"), 3) || rec_set_int(&t, field("colour"), -1));
	assert_int_equal(rec_int(&t, field("colour")), 2);
	assert_true(rec_set_int(&t, field("face"), INT64_MIN) && t.face == INT64_MIN);
	assert_ptr_equal(rec_blob(&t, field("terms")), t.terms);
	assert_null(blob_in(&a, "", 0));
	arena_free(&a);
}

/* Equal records are those that encode alike, whatever lies behind a NUL or where a blob lies. */
static void test_equal(void **state)
{
	struct arena a = { 0 };
	struct thing t = sample(&a), u = t;

	(void)state;
	assert_true(rec_equal(&THING_REC, &t, &u));
	u.id[20] = 'x';
	u.terms = blob_in(&a, "two\nlines", 9);
	assert_true(rec_equal(&THING_REC, &t, &u));
	for (size_t i = 0; i < THING_REC.field_count; i++) {
		const struct rec_field *f = &THING_REC.fields[i];

		u = t;
		if (f->kind == FIELD_BLOB)
			u.terms = blob_in(&a, "two\nlimes", 9);
		else
			((char *)&u)[f->offset] ^= 1;
		assert_false(rec_equal(&THING_REC, &t, &u));
	}
	u = t;
	u.terms = NULL;
	assert_false(rec_equal(&THING_REC, &t, &u));
	arena_free(&a);
}

static void test_encoding(void **state)
{
	struct arena a = { 0 };
	struct thing t = sample(&a), back;
	struct buf b = { 0 }, again = { 0 };

	(void)state;
	rec_encode(&THING_REC, &t, &b);
	assert_int_equal(b.ptr[0], 14);
	memset(&back, 0xEE, sizeof back);
	assert_true(rec_decode(&THING_REC, buf_view(&b), &back, &a));
	rec_encode(&THING_REC, &back, &again);
	assert_true(str_eq(buf_view(&b), buf_view(&again)));
	assert_true(back.face == t.face && back.colour == 1 && str_is(blob_str(back.terms), "two\nlines"));
	assert_int_equal(back.terms->bytes[back.terms->len], 0);
	for (size_t cut = 0; cut < b.len; cut++)
		assert_false(rec_decode(&THING_REC, (struct str){ b.ptr, cut }, &back, &a));
	buf_char(&b, 0);
	assert_false(rec_decode(&THING_REC, buf_view(&b), &back, &a)); /* a byte left over */
	buf_clear(&b);
	put_u64(&b, 2); /* an older record of two fields */
	put_str(&b, STR("old"));
	put_str(&b, STR("EUR"));
	memset(&back, 0xEE, sizeof back);
	assert_true(rec_decode(&THING_REC, buf_view(&b), &back, &a));
	assert_true(back.face == 0 && !back.terms && hash_is_zero(&back.digest));
	buf_clear(&b);
	rec_encode(&PAIR_REC, &(struct pair){ .id = "a pair" }, &b);
	b.ptr[0] = 5;
	put_u64(&b, 0);
	assert_false(rec_decode(&PAIR_REC, buf_view(&b), &(struct pair){ 0 }, &a)); /* more fields than known */
	buf_clear(&b);
	put_u64(&b, 2);
	put_str(&b, STR("old"));
	put_str(&b, STR("EURO")); /* too long */
	assert_false(rec_decode(&THING_REC, buf_view(&b), &back, &a));
	buf_free(&b);
	buf_free(&again);
	arena_free(&a);
}

static void to_json(const struct thing *t, struct buf *out)
{
	struct json_writer *w = json_write_begin(out, false);

	rec_to_json(&THING_REC, t, w);
	json_write_end(w);
}

static enum err from_json(struct arena *a, const char *text, struct thing *t, struct fault *f)
{
	struct json *root;

	assert_int_equal(json_parse(a, str_of(text), &root, f), ERR_OK);
	return rec_from_json(&THING_REC, root, t, a, f);
}

static void test_json_both_ways(void **state)
{
	struct arena a = { 0 };
	struct thing t = sample(&a), back = { 0 }, zero = { .id = "z" };
	struct buf b = { 0 }, one = { 0 }, two = { 0 };
	struct fault f;

	(void)state;
	to_json(&t, &b);
	assert_text(b.ptr, "{\"id\":\"t/1\",\"currency\":\"USD\",\"face\":1500000.00,\"due\":\"2026-03-16T14:32:07.120Z\","
		"\"day\":\"2026-03-16\",\"term\":\"P1DT12H\",\"share\":76.92,\"rate\":6.00,\"warm\":-14.8,\"live\":true,"
		"\"pieces\":-3,\"colour\":\"green\",\"digest\":"
		"\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"terms\":\"two\\nlines\"}");
	assert_int_equal(from_json(&a, b.ptr, &back, &f), ERR_OK);
	rec_encode(&THING_REC, &t, &one);
	rec_encode(&THING_REC, &back, &two);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	buf_clear(&b);
	to_json(&zero, &b);
	assert_text(b.ptr, "{\"id\":\"z\",\"currency\":\"\",\"face\":0.00,\"due\":null,\"day\":null,\"term\":\"PT0S\","
		"\"share\":0.00,\"rate\":0.00,\"warm\":0,\"live\":false,\"pieces\":0,\"colour\":\"red\",\"digest\":null,"
		"\"terms\":null}");
	assert_int_equal(from_json(&a, b.ptr, &back, &f), ERR_OK);
	buf_clear(&one);
	buf_clear(&two);
	rec_encode(&THING_REC, &zero, &one);
	rec_encode(&THING_REC, &back, &two);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	zero.terms = blob_in(&a, "\xFF\x00", 2);
	buf_clear(&b);
	to_json(&zero, &b);
	assert_true(str_ends(buf_view(&b), "\"terms\":\"/wA=\"}"));
	buf_free(&b);
	buf_free(&one);
	buf_free(&two);
	arena_free(&a);
}

static void test_json_forms(void **state)
{
	struct arena a = { 0 };
	struct thing t = { .id = "keep", .pieces = 9 };
	struct fault f;

	(void)state;
	/* the currency counts wherever it stands */
	assert_int_equal(from_json(&a, "{\"face\":\"1,500\",\"currency\":\"JPY\",\"term\":90000000,\"share\":\"5\","
		"\"rate\":5.1234,\"warm\":\"0.001\",\"terms\":{\"b\":[1,2.50]}}", &t, &f), ERR_OK);
	assert_true(t.face == 1500 && t.term == 90 * INSTANT_SECOND && t.share == 500 && t.rate == 51234 && t.warm == 1);
	assert_true(str_is(blob_str(t.terms), "{\"b\":[1,2.50]}"));
	assert_text(t.id, "keep");
	assert_int_equal(t.pieces, 9);
	assert_int_equal(from_json(&a, "{\"currency\":\"KWD\",\"face\":1.234,\"terms\":\"\"}", &t, &f), ERR_OK);
	assert_true(t.face == 1234 && !t.terms);
	assert_int_equal(from_json(&a, "{\"face\":1.5}", &t, &f), ERR_OK); /* the record's own currency */
	assert_int_equal(t.face, 1500);
	assert_int_equal(from_json(&a, "{\"currency\":null,\"face\":1.5,\"pieces\":null}", &t, &f), ERR_OK);
	assert_true(t.face == 150 && t.pieces == 0); /* none: EUR */
	arena_free(&a);
}

static void test_json_refused(void **state)
{
	static const struct {
		const char *text, *named;
	} ROWS[] = {
		{ "{\"nope\":1}", "\"nope\"" }, { "[]", "object" }, { "{\"face\":1.005}", "\"face\"" },
		{ "{\"face\":1e3}", "\"face\"" }, { "{\"face\":true}", "\"face\"" }, { "{\"face\":\"\"}", "\"face\"" },
		{ "{\"currency\":\"JPY\",\"face\":1.5}", "\"face\"" }, { "{\"currency\":\"EURO\"}", "\"currency\"" },
		{ "{\"id\":7}", "\"id\"" }, { "{\"due\":\"2026-03-16T14:32:07\"}", "\"due\"" }, { "{\"due\":5}", "\"due\"" },
		{ "{\"day\":\"16.03.2026\"}", "\"day\"" }, { "{\"term\":\"P1M\"}", "\"term\"" }, { "{\"share\":1.234}", "\"share\"" },
		{ "{\"rate\":1.23456}", "\"rate\"" }, { "{\"warm\":0.0001}", "\"warm\"" }, { "{\"live\":1}", "\"live\"" },
		{ "{\"live\":\"true\"}", "\"live\"" }, { "{\"pieces\":1.0}", "\"pieces\"" }, { "{\"colour\":\"pink\"}", "red, green, blue" },
		{ "{\"colour\":1}", "\"colour\"" }, { "{\"digest\":\"ab\"}", "\"digest\"" },
		{ "{\"face\":99999999999999999999}", "\"face\"" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
		struct thing t = { .id = "x" };
		struct fault f = { 0 };

		if (from_json(&a, ROWS[i].text, &t, &f) == ERR_OK || !strstr(f.text, ROWS[i].named))
			fail_msg("%s: %s", ROWS[i].text, f.text);
	}
	arena_free(&a);
}

static void test_print(void **state)
{
	struct arena a = { 0 };
	struct thing t = sample(&a);
	struct buf b = { 0 };

	(void)state;
	t.day = 0;
	t.due = INSTANT_NONE;
	t.digest = (struct hash){ 0 };
	t.rate = 51230;
	for (size_t i = 0; i < THING_REC.field_count; i++) {
		rec_field_print(&THING_REC, &t, &THING_REC.fields[i], &b);
		buf_char(&b, ';');
	}
	assert_text(b.ptr, "t/1;USD;1500000.00;;;P1DT12H;76.92;5.123;-14.8;true;-3;green;;two\nlines;");
	t.due = INT64_MAX; /* whatever an integer holds can be printed */
	t.day = INT64_MIN + 1;
	t.term = INT64_MIN;
	t.colour = 77;
	for (size_t i = 0; i < THING_REC.field_count; i++)
		rec_field_print(&THING_REC, &t, &THING_REC.fields[i], &b);
	buf_free(&b);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields), cmocka_unit_test(test_equal), cmocka_unit_test(test_encoding), cmocka_unit_test(test_json_both_ways),
		cmocka_unit_test(test_json_forms), cmocka_unit_test(test_json_refused), cmocka_unit_test(test_print),
	};

	return RUN_GROUP(tests);
}
