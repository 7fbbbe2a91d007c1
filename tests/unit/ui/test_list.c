/* The list model: no wrong target, ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/list.h"

enum { WORLD_MAX = 200 };

/* A book of deals that changes behind the list's back. */
struct world {
	char key[WORLD_MAX][16];
	uint64_t version[WORLD_MAX];
	struct list_row rows[WORLD_MAX];
	size_t count;
	uint64_t seed, made;
};

static uint64_t dice(struct world *w, uint64_t sides)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (w->seed >> 33) % sides;
}

static void refresh(struct world *w, struct list *l)
{
	for (size_t i = 0; i < w->count; i++)
		w->rows[i] = (struct list_row){ w->key[i], w->version[i] };
	list_refresh(l, w->rows, w->count, NULL);
}

static void insert(struct world *w, size_t at)
{
	if (w->count == WORLD_MAX)
		return;
	memmove(w->key + at + 1, w->key + at, (w->count - at) * sizeof(w->key[0]));
	memmove(w->version + at + 1, w->version + at, (w->count - at) * sizeof(w->version[0]));
	snprintf(w->key[at], sizeof(w->key[at]), "DL-%llu", (unsigned long long)++w->made);
	w->version[at] = 1;
	w->count++;
}

static void drop(struct world *w, size_t at)
{
	memmove(w->key + at, w->key + at + 1, (w->count - at - 1) * sizeof(w->key[0]));
	memmove(w->version + at, w->version + at + 1, (w->count - at - 1) * sizeof(w->version[0]));
	w->count--;
}

static void swap(struct world *w, size_t a, size_t b)
{
	char key[16];
	uint64_t version = w->version[a];
	memcpy(key, w->key[a], sizeof(key));
	memcpy(w->key[a], w->key[b], sizeof(key));
	memcpy(w->key[b], key, sizeof(key));
	w->version[a] = w->version[b];
	w->version[b] = version;
}

static void mutate(struct world *w)
{
	while (w->count < 10) /* a book that has run dry tests nothing, */
		insert(w, dice(w, w->count + 1));
	while (w->count > 80) /* and in a huge one nobody's row vanishes */
		drop(w, dice(w, w->count));
	for (uint64_t n = dice(w, 6); n > 0; n--)
		switch (dice(w, 4)) {
		case 0:
			insert(w, dice(w, w->count + 1));
			break;
		case 1:
			if (w->count > 0)
				drop(w, dice(w, w->count));
			break;
		case 2:
			if (w->count > 1)
				swap(w, dice(w, w->count), dice(w, w->count));
			break;
		default:
			if (w->count > 0)
				w->version[dice(w, w->count)]++;
			break;
		}
}

static void drop_key(struct world *w, const char *key)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->key[i], key) == 0) {
			drop(w, i);
			return;
		}
}

static bool world_has(const struct world *w, const char *key, uint64_t *version)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->key[i], key) == 0) {
			*version = w->version[i];
			return true;
		}
	return false;
}

/* The line that bears the cursor; -1 when none does. */
static int focus_line(const struct list *l, struct list_line *out)
{
	int found = -1;
	struct list_line line;
	for (int i = 0; list_line_at(l, i, &line); i++)
		if (line.focus) {
			assert_int_equal(found, -1); /* one cursor */
			found = i;
			*out = line;
		}
	return found;
}

static void move_somehow(struct world *w, struct list *l)
{
	switch (dice(w, 8)) {
	case 0:
		list_home(l);
		break;
	case 1:
		list_end(l);
		break;
	case 2:
		list_page(l, dice(w, 2) ? 1 : -1);
		break;
	case 3:
		list_mark(l);
		break;
	case 4:
		list_half(l, dice(w, 2) ? 1 : -1);
		break;
	default:
		list_move(l, dice(w, 2) ? 1 : -1);
		break;
	}
}

/* Between the key that chose a row and the action on it the world changes in every way; the action
 * must hit the identity that was under the cursor, or nothing when that is no more. */
static void no_wrong_target_in_10000_refreshes(void **state)
{
	(void)state;
	struct world *w = calloc(1, sizeof(*w));
	struct list *l = list_new();
	const char *seed = getenv("SEED");
	w->seed = seed ? strtoull(seed, NULL, 10) : 1;
	for (int i = 0; i < 40; i++)
		insert(w, 0);
	list_set_height(l, 12);
	refresh(w, l);
	size_t hits = 0, gone = 0;
	for (int i = 0; i < 10000; i++) {
		struct list_line seen, after, target;
		char key[LIST_KEY_MAX] = "";
		uint64_t version = 0;
		if (dice(w, 10) == 0)
			list_hold(l, dice(w, 2) != 0);
		move_somehow(w, l);
		bool had = list_target(l, &target);
		if (had)
			snprintf(key, sizeof(key), "%s", target.key);
		int before = focus_line(l, &seen);
		assert_true(before >= 0 || list_count(l) == 0); /* the cursor is always on the screen */
		if (had)
			assert_string_equal(seen.key, key); /* what is marked is what is hit */
		mutate(w);
		if (had && dice(w, 20) == 0)
			drop_key(w, key); /* the very row that the hand is about to act on */
		refresh(w, l);
		bool hit = list_target(l, &target);
		bool there = had && world_has(w, key, &version);
		if (!had)
			continue;
		assert_int_equal(hit, there);
		int line = focus_line(l, &after);
		assert_string_equal(after.key, key);
		assert_int_equal(after.gone, !there);
		if (list_held(l))
			assert_int_equal(line, before); /* nothing moves under a hand */
		if (hit) {
			assert_string_equal(target.key, key);
			assert_int_equal(target.version, version);
			assert_string_equal(w->key[target.row], key);
			hits++;
		} else {
			gone++;
		}
	}
	assert_true(hits > 5000 && gone > 200);
	list_free(l);
	free(w);
}

static struct list *letters(const char *order, struct list *l, bool asked)
{
	static char keys[64][2];
	struct list_row rows[64];
	size_t n = strlen(order);
	for (size_t i = 0; i < n; i++) {
		keys[i][0] = order[i];
		rows[i] = (struct list_row){ keys[i], 1 };
	}
	if (!l)
		l = list_new();
	if (asked)
		list_rearrange(l, rows, n, NULL);
	else
		list_refresh(l, rows, n, NULL);
	return l;
}

static void shown_is(const struct list *l, const char *want)
{
	char got[80] = "";
	struct list_line line;
	for (int i = 0; list_line_at(l, i, &line); i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s%s%s", line.focus ? ">" : "",
			line.marked ? "*" : "", line.key, line.gone ? "!" : "");
	assert_string_equal(got, want);
}

static void focus_keeps_its_line(void **state)
{
	(void)state;
	struct list *l = letters("abcdefghijklmnop", NULL, false);
	list_set_height(l, 5);
	list_focus(l, "h");
	shown_is(l, "defg>h");
	letters("XYabcdefghijklmnop", l, false);
	shown_is(l, "defg>h");
	letters("ponmhlkjigfedcba", l, false);
	shown_is(l, "ponm>h");
	letters("abcdefghijklmnop", l, false);
	shown_is(l, "defg>h");
	list_free(l);
}

static void gone_stays_until_left(void **state)
{
	(void)state;
	struct list *l = letters("abcde", NULL, false);
	struct list_line t;
	uint64_t version;
	list_set_height(l, 9);
	list_move(l, 2);
	letters("abde", l, false);
	shown_is(l, "ab>c!de");
	assert_false(list_target(l, &t)); /* nothing can be done to it */
	assert_false(list_version(l, "c", &version));
	list_mark(l);
	assert_int_equal(list_mark_count(l), 0);
	letters("eabd", l, false);
	shown_is(l, "eab>c!d");
	letters("eabcd", l, false); /* it came back */
	shown_is(l, "eab>cd");
	letters("eabd", l, false);
	list_move(l, 1);
	shown_is(l, "eab>d");
	letters("", l, false);
	shown_is(l, ">d!");
	letters("xy", l, false);
	shown_is(l, ">d!xy");
	list_move(l, -1); /* nowhere to go: it stays */
	shown_is(l, ">d!xy");
	list_move(l, 1);
	shown_is(l, ">xy");
	list_free(l);
}

static void held_lines_do_not_move(void **state)
{
	(void)state;
	struct list *l = letters("abcd", NULL, false);
	list_set_height(l, 9);
	list_move(l, 1);
	list_hold(l, true);
	letters("xydca", l, false);
	shown_is(l, "a>b!cd");
	assert_int_equal(list_waiting(l), 2);
	list_move(l, 1);
	shown_is(l, "ab!>cd"); /* even a gone row keeps its line now */
	letters("dcab", l, false);
	shown_is(l, "ab>cd");
	assert_int_equal(list_waiting(l), 1); /* only the order */
	list_hold(l, false);
	shown_is(l, "d>cab");
	assert_int_equal(list_waiting(l), 0);
	list_hold(l, true);
	letters("abcde", l, true); /* the person asked */
	shown_is(l, "ab>cde");
	list_free(l);
}

static void following_rides_on_the_newest(void **state)
{
	(void)state;
	struct list *l = letters("abc", NULL, false);
	list_set_height(l, 9);
	list_move(l, 2);
	list_follow(l, true);
	letters("xabc", l, false);
	shown_is(l, ">xabc");
	letters("yxabc", l, false);
	shown_is(l, ">yxabc");
	list_move(l, 1);
	assert_false(list_following(l));
	letters("zyxabc", l, false);
	shown_is(l, "zy>xabc");
	list_free(l);
}

static bool is_vowel(void *ctx, size_t row)
{
	const char *keys = ctx;
	return strchr("aeiou", keys[row]) != NULL;
}

static int backwards(void *ctx, size_t a, size_t b)
{
	const char *keys = ctx;
	return (keys[a] < keys[b]) - (keys[a] > keys[b]);
}

static void marks_survive_sort_and_filter(void **state)
{
	(void)state;
	char keys[] = "abcdefghi", text[9][2];
	struct list_row rows[9];
	bool shown, there;
	for (size_t i = 0; i < 9; i++) {
		text[i][0] = keys[i];
		text[i][1] = '\0';
		rows[i] = (struct list_row){ text[i], 1 };
	}
	struct list *l = list_new();
	list_set_height(l, 20);
	list_refresh(l, rows, 9, NULL);
	list_move(l, 1);
	list_mark(l);
	list_move(l, 3);
	list_mark(l);
	struct list_rules rules = { is_vowel, backwards, keys };
	list_rearrange(l, rows, 9, &rules);
	shown_is(l, "i>*ea");
	assert_int_equal(list_hidden(l), 6);
	assert_int_equal(list_mark_count(l), 2);
	assert_string_equal(list_mark_key(l, 0, &shown, &there), "b");
	assert_true(!shown && there);
	list_refresh(l, rows, 1, NULL);
	list_mark_key(l, 1, &shown, &there);
	assert_true(!shown && !there);
	list_rearrange(l, rows, 9, NULL);
	shown_is(l, "a*bcd>*efghi");
	assert_true(list_seek(l, 1, is_vowel, keys));
	shown_is(l, "a*bcd*efgh>i");
	assert_true(list_seek(l, 1, is_vowel, keys)); /* around the end */
	shown_is(l, ">a*bcd*efghi");
	assert_true(list_seek(l, -1, is_vowel, keys));
	shown_is(l, "a*bcd*efgh>i");
	list_mark_all(l);
	assert_int_equal(list_mark_count(l), 9);
	list_mark_all(l);
	assert_int_equal(list_mark_count(l), 0);
	list_free(l);
}

static void pages_and_ends(void **state)
{
	(void)state;
	struct list *l = letters("abcdefghijklmnopqrstuvwxyz", NULL, false);
	list_set_height(l, 6);
	list_page(l, 1);
	shown_is(l, ">ghijkl");
	list_move(l, 2);
	list_page(l, 1);
	shown_is(l, "mn>opqr");
	list_half(l, -1);
	shown_is(l, "jk>lmno");
	list_end(l);
	shown_is(l, "uvwxy>z");
	list_page(l, -9);
	shown_is(l, ">abcdef");
	list_end(l);
	list_set_height(l, 3);
	shown_is(l, "xy>z");
	list_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wrong_target_in_10000_refreshes),
		cmocka_unit_test(focus_keeps_its_line),
		cmocka_unit_test(gone_stays_until_left),
		cmocka_unit_test(held_lines_do_not_move),
		cmocka_unit_test(following_rides_on_the_newest),
		cmocka_unit_test(marks_survive_sort_and_filter),
		cmocka_unit_test(pages_and_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
