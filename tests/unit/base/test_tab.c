/* Tables against a plain model: an array searched from end to end. */
#include "unit.h"

#include "base/codec.h"
#include "base/tab.h"
#include "rec_model.h"

enum { KEYS = 40 };

/* --- the model ---------------------------------------------------------------------------------- */

struct model {
	bool present[KEYS];
	int64_t value[KEYS];
	char left[KEYS][16];
};

static uint64_t dice_state;

static uint32_t dice(uint32_t sides)
{
	dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(dice_state >> 33) % sides;
}

static void key_of(int i, char out[16])
{
	snprintf(out, 16, "k%c%02d", 'a' + i % 3, i);
}

static const struct blob *blob_of(struct arena *a, const char *text)
{
	return blob_in(a, text, strlen(text));
}

static void put(struct tabs *s, struct arena *a, int i, int64_t value, const char *left)
{
	struct pair p = { .value = value, .left = blob_of(a, left) };

	key_of(i, p.id);
	tab_put(s, &PAIR_REC, &p);
}

static void assert_same(const struct tabs *s, const struct model *m)
{
	const struct pair *walk = tab_first(s, &PAIR_REC, ""), *back = tab_prev(s, &PAIR_REC, NULL);
	size_t count = 0;

	for (int letter = 0; letter < 3; letter++)
		for (int i = letter; i < KEYS; i += 3) {
			char key[16];
			const struct pair *p;

			key_of(i, key);
			p = tab_get(s, &PAIR_REC, key);
			assert_int_equal(p != NULL, m->present[i]);
			if (!p)
				continue;
			assert_ptr_equal(p, walk);
			assert_int_equal(p->value, m->value[i]);
			assert_true(str_is(blob_str(p->left), m->left[i]));
			walk = tab_next(s, &PAIR_REC, key);
			count++;
		}
	assert_null(walk);
	assert_int_equal(tab_count(s, &PAIR_REC), count);
	for (; back; back = tab_prev(s, &PAIR_REC, back->id))
		count--;
	assert_int_equal(count, 0);
}

/* What tab_changes_digest is by its definition. */
static struct hash expected_changes(const struct model *before, const struct model *now)
{
	struct buf out = { 0 };
	struct arena a = { 0 };
	struct hash h = { 0 };

	for (int letter = 0; letter < 3; letter++)
		for (int i = letter; i < KEYS; i += 3) {
			struct pair p = { .value = now->value[i], .left = blob_of(&a, now->left[i]) };

			if (before->present[i] == now->present[i] && (!now->present[i] ||
				(before->value[i] == now->value[i] && strcmp(before->left[i], now->left[i]) == 0)))
				continue;
			key_of(i, p.id);
			put_u64(&out, PAIR_REC.tag);
			put_str(&out, str_of(p.id));
			buf_char(&out, now->present[i] ? 1 : 0);
			if (now->present[i])
				rec_encode(&PAIR_REC, &p, &out);
		}
	if (out.len)
		h = hash_of(out.ptr, out.len);
	buf_free(&out);
	arena_free(&a);
	return h;
}

static void change_once(struct tabs *s, struct model *m, struct arena *a)
{
	int i = (int)dice(KEYS);
	char key[16];

	key_of(i, key);
	if (dice(3) == 0) {
		assert_int_equal(tab_delete(s, &PAIR_REC, key), m->present[i]);
		m->present[i] = false;
		return;
	}
	m->present[i] = true;
	m->value[i] = dice(3);
	snprintf(m->left[i], sizeof m->left[i], "%s", (const char *[]){ "", "x", "long text" }[dice(3)]);
	put(s, a, i, m->value[i], m->left[i]);
}

static void test_against_model(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	struct model committed = { 0 }, now = { 0 };
	struct arena a = { 0 };

	(void)state;
	dice_state = 20260316;
	for (int round = 0; round < 400; round++) {
		struct model marked;
		struct hash want, have;
		size_t mark;

		for (uint32_t n = dice(6); n > 0; n--)
			change_once(s, &now, &a);
		marked = now;
		mark = tab_mark(s);
		for (uint32_t n = dice(40); n > 0; n--)
			change_once(s, &now, &a);
		if (dice(2)) {
			tab_rollback(s, mark);
			now = marked;
		}
		assert_same(s, &now);
		want = expected_changes(&committed, &now);
		have = tab_changes_digest(s);
		assert_memory_equal(have.bytes, want.bytes, HASH_SIZE);
		if (dice(4) == 0) {
			tab_rollback(s, 0);
			now = committed;
			assert_same(s, &now);
		}
		tab_commit(s);
		committed = now;
		arena_reset(&a);
	}
	tabs_free(s);
	arena_free(&a);
}

/* --- order, prefixes ---------------------------------------------------------------------------- */

static void test_order(void **state)
{
	static const char *const KEYS_IN[] = { "b/2", "a", "b/10", "c", "b", "b0", "\xC3\xA9", "b/1" };
	static const char *const SORTED[] = { "a", "b", "b/1", "b/10", "b/2", "b0", "c", "\xC3\xA9" };
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	const struct pair *p;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		struct pair in = { .value = (int64_t)i };

		str_copy(in.id, sizeof in.id, str_of(KEYS_IN[i]));
		tab_put(s, &PAIR_REC, &in);
	}
	for (p = tab_first(s, &PAIR_REC, ""); p; p = tab_next(s, &PAIR_REC, p->id))
		assert_text(p->id, SORTED[n++]);
	assert_int_equal(n, 8);
	p = tab_first(s, &PAIR_REC, "b/11");
	assert_text(p->id, "b/2");
	assert_null(tab_first(s, &PAIR_REC, "\xFF"));
	p = tab_prev(s, &PAIR_REC, "b/11");
	assert_text(p->id, "b/10");
	assert_null(tab_prev(s, &PAIR_REC, "a"));
	p = tab_prev(s, &PAIR_REC, NULL);
	assert_text(p->id, "\xC3\xA9");
	n = 2;
	TAB_FOR(pair, each, s, &PAIR_REC, "b/")
		assert_text(each->id, SORTED[n++]);
	assert_int_equal(n, 5);
	assert_true(tab_delete(s, &PAIR_REC, "b/10"));
	p = tab_next(s, &PAIR_REC, "b/10"); /* a deleted key still has a next */
	assert_text(p->id, "b/2");
	assert_false(tab_delete(s, &PAIR_REC, "b/10"));
	tabs_free(s);
}

/* --- addresses and blobs ------------------------------------------------------------------------ */

static void test_in_place(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	struct arena a = { 0 };
	struct pair p = { .id = "one", .value = 1, .left = blob_of(&a, "L"), .right = blob_of(&a, "R") };
	const struct pair *at;
	const struct blob *left, *right;

	(void)state;
	tab_put(s, &PAIR_REC, &p);
	at = tab_get(s, &PAIR_REC, "one");
	left = at->left;
	right = at->right;
	assert_ptr_not_equal(left, p.left);
	assert_int_equal(left->bytes[1], 0);
	tab_commit(s);
	p = *at;
	p.value = 2;
	p.right = blob_of(&a, "other");
	tab_put(s, &PAIR_REC, &p);
	assert_ptr_equal(tab_get(s, &PAIR_REC, "one"), at);
	assert_ptr_equal(at->left, left); /* unchanged pointer: not copied */
	assert_true(str_is(blob_str(at->right), "other"));
	p.right = NULL;
	tab_put(s, &PAIR_REC, &p);
	assert_null(at->right);
	p.right = right; /* the pointer of before is another blob's by now */
	tab_put(s, &PAIR_REC, &p);
	assert_true(str_is(blob_str(at->right), "R"));
	tab_rollback(s, 0);
	assert_ptr_equal(tab_get(s, &PAIR_REC, "one"), at);
	assert_ptr_equal(at->right, right);
	assert_int_equal(at->value, 1);
	assert_true(str_is(blob_str(at->right), "R"));
	tab_delete(s, &PAIR_REC, "one");
	tab_rollback(s, 0);
	assert_ptr_equal(tab_get(s, &PAIR_REC, "one"), at);
	tab_put(s, &PAIR_REC, at); /* itself: nothing changes */
	assert_int_equal(tab_mark(s), 0);
	tabs_free(s);
	arena_free(&a);
}

/* --- archive ------------------------------------------------------------------------------------- */

struct archived {
	char text[200];
};

static void archived_note(void *ctx, const struct rec_type *t, const void *rec)
{
	struct archived *a = ctx;
	size_t len = strlen(a->text);

	snprintf(a->text + len, sizeof a->text - len, "%s:%s ", t->name, rec_key(t, rec));
}

static void archived_row(void *ctx, const struct rec_type *t, const char *key, const void *rec)
{
	struct archived *a = ctx;
	const struct pair *p = rec;
	size_t len = strlen(a->text);

	(void)t;
	snprintf(a->text + len, sizeof a->text - len, "%s=%lld,%.*s ", key, p ? (long long)p->value : -1LL,
		p ? (int)blob_str(p->left).len : 0, p ? blob_str(p->left).ptr : "");
}

/* What leaves is told with what it was last, and only if copies do not have that yet. */
static void test_archive(void **state)
{
	static const struct rec_type *const types[] = { &PAIR_REC };
	struct tabs *s = tabs_new(types, 1);
	struct arena a = { 0 };
	struct archived left = { "" }, rows = { "" };
	char key[16];

	(void)state;
	tabs_on_archive(s, archived_note, &left);
	for (int i = 0; i < 4; i++)
		put(s, &a, i, i, "old");
	tab_commit(s);
	tabs_dirty_clear(s);
	put(s, &a, 1, 11, "new");
	tab_commit(s);
	for (int i = 0; i < 3; i++) {
		key_of(i, key);
		assert_true(tab_archive(s, &PAIR_REC, key));
		assert_null(tab_get(s, &PAIR_REC, key));
	}
	assert_string_equal(left.text, ""); /* not before it is committed */
	size_t mark = tab_mark(s);
	key_of(3, key);
	tab_archive(s, &PAIR_REC, key);
	tab_rollback(s, mark);
	assert_non_null(tab_get(s, &PAIR_REC, key));
	assert_false(tab_archive(s, &PAIR_REC, "nothing"));
	tab_commit(s);
	assert_string_equal(left.text, "pair:ka00 pair:kb01 pair:kc02 ");
	tabs_dirty_each(s, archived_row, &rows);
	assert_string_equal(rows.text, "kb01=11,new "); /* the others did not change since they were written */
	tabs_dirty_clear(s);
	rows.text[0] = '\0';
	tabs_dirty_each(s, archived_row, &rows);
	assert_string_equal(rows.text, "");
	tabs_free(s);
	arena_free(&a);
}

/* --- dirty, versions ---------------------------------------------------------------------------- */

static void note(void *ctx, const struct rec_type *t, const char *key, const void *rec)
{
	buf_printf(ctx, "%s:%s%s ", t->name, key, rec ? "" : "-");
}

static const char *dirty_of(struct tabs *s, struct buf *b)
{
	buf_clear(b);
	tabs_dirty_each(s, note, b);
	return b->ptr ? b->ptr : "";
}

static void test_dirty(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	struct thing t = { .id = "t1" };
	struct arena a = { 0 };
	struct buf b = { 0 };

	(void)state;
	tab_put(s, &THING_REC, &t);
	put(s, &a, 2, 1, "");
	put(s, &a, 1, 1, "");
	tab_commit(s);
	put(s, &a, 2, 2, "");
	tab_delete(s, &PAIR_REC, "kb01");
	tab_commit(s);
	put(s, &a, 3, 1, "");
	tab_rollback(s, 0);
	assert_text(dirty_of(s, &b), "pair:kb01- pair:kc02 thing:t1 ");
	assert_int_equal(tabs_version(s, &THING_REC), 1);
	tabs_dirty_clear(s);
	assert_text(dirty_of(s, &b), "");
	put(s, &a, 2, 2, ""); /* as it is */
	tab_commit(s);
	assert_text(dirty_of(s, &b), "");
	tab_delete(s, &PAIR_REC, "kc02");
	tab_commit(s);
	put(s, &a, 2, 7, "");
	tab_commit(s);
	assert_text(dirty_of(s, &b), "pair:kc02 ");
	assert_int_equal(tabs_version(s, &THING_REC), 1);
	for (int i = 0; i < 20000; i++) { /* coming and going does not pile up keys */
		put(s, &a, 5, i, "");
		tab_commit(s);
		tab_delete(s, &PAIR_REC, "kc05");
		tab_commit(s);
	}
	assert_text(dirty_of(s, &b), "pair:kc02 pair:kc05- ");
	tabs_free(s);
	arena_free(&a);
	buf_free(&b);
}

/* --- snapshots ---------------------------------------------------------------------------------- */

static void test_snapshot(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2), *other = tabs_new(MODEL_TYPES, 2);
	struct arena a = { 0 };
	struct buf one = { 0 }, two = { 0 };
	struct thing t = { .id = "t1", .currency = "EUR", .face = -5, .colour = 2, .terms = blob_of(&a, "tt") };
	struct hash h, whole;

	(void)state;
	for (int i = KEYS - 1; i >= 0; i--)
		put(s, &a, i, i, i % 2 ? "odd" : "");
	tab_put(s, &THING_REC, &t);
	tab_commit(s);
	h = tabs_digest(s);
	tabs_snapshot(s, &one);
	whole = hash_of(one.ptr, one.len);
	assert_memory_equal(&h, &whole, sizeof h);
	put(other, &a, 1, 99, "left over");
	assert_true(tabs_restore(other, buf_view(&one)));
	tabs_snapshot(other, &two);
	assert_true(str_eq(buf_view(&one), buf_view(&two)));
	assert_int_equal(tab_mark(other), 0);
	assert_int_equal(((const struct thing *)tab_get(other, &THING_REC, "t1"))->colour, 2);
	for (size_t cut = 1; cut < one.len; cut++)
		if (tabs_restore(other, (struct str){ one.ptr, cut }))
			assert_true(tab_count(other, &PAIR_REC) + tab_count(other, &THING_REC) < KEYS + 1);
		else
			assert_int_equal(tab_count(other, &PAIR_REC), 0);
	buf_add(&one, two.ptr, two.len); /* the same again: out of order */
	assert_false(tabs_restore(other, buf_view(&one)));
	buf_clear(&one);
	put_u64(&one, 44); /* no such tag */
	put_str(&one, STR("x"));
	assert_false(tabs_restore(other, buf_view(&one)));
	assert_true(tabs_restore(other, STR("")));
	tabs_free(s);
	tabs_free(other);
	arena_free(&a);
	buf_free(&one);
	buf_free(&two);
}

static void test_digest_ignores_history(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2), *other = tabs_new(MODEL_TYPES, 2);
	struct arena a = { 0 };
	struct hash one, two;

	(void)state;
	for (int i = 0; i < KEYS; i++)
		put(s, &a, i, i, "t");
	for (int i = KEYS - 1; i >= 0; i--) {
		put(other, &a, i, 5, "u");
		tab_commit(other);
		tab_delete(other, &PAIR_REC, "ka00");
		put(other, &a, i, i, "t");
	}
	one = tabs_digest(s);
	two = tabs_digest(other);
	assert_memory_equal(&one, &two, sizeof one);
	put(other, &a, 7, 8, "t");
	two = tabs_digest(other);
	assert_memory_not_equal(&one, &two, sizeof one);
	tabs_free(s);
	tabs_free(other);
	arena_free(&a);
}

static void test_types(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, 2);
	size_t count;

	(void)state;
	assert_ptr_equal(tabs_types(s, &count), MODEL_TYPES);
	assert_int_equal(count, 2);
	assert_ptr_equal(tabs_type_named(s, STR("thing")), &THING_REC);
	assert_null(tabs_type_named(s, STR("thin")));
	assert_null(tab_first(s, &THING_REC, ""));
	assert_null(tab_prev(s, &THING_REC, NULL));
	assert_null(tab_get(s, &THING_REC, "x"));
	tabs_free(s);
}

/* What the body of a walk does to the record it stands on does not lose the walk its way. */
static void test_walk_while_changing(void **state)
{
	struct tabs *s = tabs_new(MODEL_TYPES, sizeof(MODEL_TYPES) / sizeof(MODEL_TYPES[0]));
	struct arena a = { 0 };
	size_t seen = 0, again = 0;

	(void)state;
	for (int i = 0; i < KEYS; i++)
		put(s, &a, i, i, "x");
	tab_commit(s);
	TAB_FOR(pair, p, s, &PAIR_REC, "") {
		struct pair changed = *p;
		size_t mark = tab_mark(s);

		seen++;
		changed.value += 1000;
		if (seen % 3 == 0) {
			tab_delete(s, &PAIR_REC, changed.id);
		} else if (seen % 3 == 1) {
			tab_put(s, &PAIR_REC, &changed);
		} else { /* deleted and back, by itself or by a rollback */
			tab_delete(s, &PAIR_REC, changed.id);
			if (seen % 2)
				tab_put(s, &PAIR_REC, &changed);
			else
				tab_rollback(s, mark);
		}
	}
	assert_int_equal(seen, KEYS);
	tab_commit(s);
	TAB_FOR(pair, p, s, &PAIR_REC, "ka")
		again += p->id[1] == 'a';
	assert_true(again > 0 && again < KEYS);
	assert_int_equal(tab_count(s, &PAIR_REC), KEYS - KEYS / 3);
	tabs_free(s);
	arena_free(&a);
}

/* --- the second way ----------------------------------------------------------------------------- */

enum { OWNED = 60, OWNERS = 5 };
static const char *const OWNER_NAMES[OWNERS] = { "", "a", "a\001", "a\001o0", "bb" }; /* with the separator of the way in it */

/* For every owner, from every key: the same as a walk over the whole table finds. */
static void assert_owned(const struct tabs *s)
{
	for (int o = 0; o < OWNERS; o++)
		for (int i = -1; i < OWNED; i += 7) {
			char after[16] = "";
			const struct owned *want = NULL;

			if (i >= 0)
				snprintf(after, sizeof after, "o%02d", i);
			TAB_FOR(owned, x, s, &OWNED_REC, "")
				if (!want && strcmp(x->id, after) > 0 && strcmp(x->owner, OWNER_NAMES[o]) == 0)
					want = x;
			assert_ptr_equal(tab_by(s, &OWNED_REC, OWNER_NAMES[o], after), want);
		}
	assert_null(tab_by(s, &OWNED_REC, "nobody", ""));
	assert_null(tab_by(s, &OWNED_REC, "b", ""));
}

static void owned_change(struct tabs *s)
{
	struct owned x = { .value = dice(2) };

	snprintf(x.id, sizeof x.id, "o%02u", dice(OWNED));
	snprintf(x.owner, sizeof x.owner, "%s", OWNER_NAMES[dice(OWNERS)]);
	if (dice(3))
		tab_put(s, &OWNED_REC, &x);
	else
		tab_delete(s, &OWNED_REC, x.id);
}

static void test_second_way(void **state)
{
	static const struct rec_type *const types[] = { &PAIR_REC, &OWNED_REC };
	struct tabs *s = tabs_new(types, 2), *again = tabs_new(types, 2);
	char too_long[300];

	(void)state;
	dice_state = 7;
	for (int round = 0; round < 300; round++) {
		struct buf bytes = { 0 };

		for (uint32_t n = dice(12); n > 0; n--)
			owned_change(s);
		size_t mark = tab_mark(s);
		for (uint32_t n = dice(20); n > 0; n--)
			owned_change(s);
		assert_owned(s);
		if (dice(2)) {
			tab_rollback(s, dice(3) ? mark : 0);
			assert_owned(s);
		}
		tab_commit(s);
		if (round % 30)
			continue;
		tabs_snapshot(s, &bytes);
		assert_true(tabs_restore(again, buf_view(&bytes)));
		for (int o = 0; o < OWNERS; o++)
			assert_int_equal(!tab_by(s, &OWNED_REC, OWNER_NAMES[o], ""), !tab_by(again, &OWNED_REC, OWNER_NAMES[o], ""));
		assert_owned(again);
		assert_false(tabs_restore(again, STR("x")));
		assert_owned(again);
		buf_free(&bytes);
	}
	memset(too_long, 'x', sizeof too_long - 1);
	too_long[sizeof too_long - 1] = '\0';
	assert_null(tab_by(s, &OWNED_REC, too_long, ""));
	tabs_free(s);
	tabs_free(again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_walk_while_changing),
		cmocka_unit_test(test_in_place),
		cmocka_unit_test(test_dirty),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_snapshot),
		cmocka_unit_test(test_digest_ignores_history),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_second_way),
	};

	return RUN_GROUP(tests);
}
