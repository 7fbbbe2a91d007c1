/* The list model.
 *
 * What must remain true: `focus` is a key; the place of the focus is looked up by that key after
 * every change, never carried over as a number; while the list is held, `shown` neither grows,
 * shrinks nor changes its order. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "ui/list.h"

struct entry {
	char key[LIST_KEY_MAX];
	uint64_t version;
	size_t row; /* of the last refresh; LIST_NO_ROW: gone */
};

/* Keys to places in an array of entries; rebuilt with the array. */
struct index {
	uint32_t *slot; /* place + 1; 0 empty */
	size_t mask;
};

struct entries {
	struct entry *at;
	size_t count, cap;
	struct index index;
};

struct list {
	struct entries shown;  /* what is on the screen, in its order */
	struct entries latest; /* what the last refresh wants to show */
	struct entries all;    /* every row of the last refresh, hidden ones too */
	char focus[LIST_KEY_MAX];
	bool has_focus, held, follow, refiltered;
	size_t top;
	int height;
	struct entries marks;  /* in the order they were set; only the keys count */
};

/* --- entries -------------------------------------------------------------------------------- */

static uint64_t hash_key(const char *key)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */
	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211u;
	return h ^ h >> 29;
}

static void entries_reserve(struct entries *e, size_t count)
{
	if (count <= e->cap)
		return;
	e->cap = count + count / 2 + 16;
	e->at = realloc(e->at, e->cap * sizeof(struct entry));
	CHECK(e->at, "memory for the rows of a list");
}

static void entries_index(struct entries *e)
{
	size_t want = 16;
	while (want < e->count * 2)
		want *= 2;
	if (!e->index.slot || want != e->index.mask + 1) {
		free(e->index.slot);
		e->index.slot = malloc(want * sizeof(uint32_t));
		CHECK(e->index.slot, "memory for the keys of a list");
		e->index.mask = want - 1;
	}
	memset(e->index.slot, 0, want * sizeof(uint32_t));
	for (size_t i = 0; i < e->count; i++) {
		size_t s = hash_key(e->at[i].key) & e->index.mask;
		while (e->index.slot[s])
			s = (s + 1) & e->index.mask;
		e->index.slot[s] = (uint32_t)i + 1;
	}
}

/* Place of a key, or e->count when it is not there. */
static size_t entries_find(const struct entries *e, const char *key)
{
	if (!e->index.slot)
		return e->count;
	for (size_t s = hash_key(key) & e->index.mask; e->index.slot[s]; s = (s + 1) & e->index.mask)
		if (strcmp(e->at[e->index.slot[s] - 1].key, key) == 0)
			return e->index.slot[s] - 1;
	return e->count;
}

static void entries_copy(struct entries *to, const struct entries *from)
{
	entries_reserve(to, from->count);
	if (from->count > 0)
		memcpy(to->at, from->at, from->count * sizeof(struct entry));
	to->count = from->count;
	entries_index(to);
}

/* At the end; the index grows with it, so that many appends stay cheap. */
static void entries_append(struct entries *e, const char *key)
{
	entries_reserve(e, e->count + 1);
	struct entry *last = &e->at[e->count++];
	*last = (struct entry){ .row = LIST_NO_ROW };
	memcpy(last->key, key, strlen(key) + 1);
	if (!e->index.slot || e->count * 2 > e->index.mask) {
		entries_index(e);
		return;
	}
	size_t s = hash_key(key) & e->index.mask;
	while (e->index.slot[s])
		s = (s + 1) & e->index.mask;
	e->index.slot[s] = (uint32_t)e->count;
}

static void entries_insert(struct entries *e, size_t place, const struct entry *entry)
{
	struct entry copy = *entry; /* it may lie in e itself */
	entries_reserve(e, e->count + 1);
	memmove(e->at + place + 1, e->at + place, (e->count - place) * sizeof(struct entry));
	e->at[place] = copy;
	e->count++;
	entries_index(e);
}

static void entries_remove(struct entries *e, size_t place)
{
	memmove(e->at + place, e->at + place + 1, (e->count - place - 1) * sizeof(struct entry));
	e->count--;
	entries_index(e);
}

static void entries_free(struct entries *e)
{
	free(e->at);
	free(e->index.slot);
}

/* --- birth and view ------------------------------------------------------------------------- */

struct list *list_new(void)
{
	struct list *l = calloc(1, sizeof(*l));
	CHECK(l, "memory for a list");
	l->height = 1;
	return l;
}

void list_free(struct list *l)
{
	if (!l)
		return;
	entries_free(&l->shown);
	entries_free(&l->latest);
	entries_free(&l->all);
	entries_free(&l->marks);
	free(l);
}

size_t list_count(const struct list *l)
{
	return l->shown.count;
}

size_t list_hidden(const struct list *l)
{
	return l->all.count - l->latest.count;
}

size_t list_top(const struct list *l)
{
	return l->top;
}

size_t list_place(const struct list *l)
{
	size_t place = l->has_focus ? entries_find(&l->shown, l->focus) : 0;
	return place < l->shown.count ? place : 0;
}

static void set_focus(struct list *l, size_t place)
{
	l->has_focus = place < l->shown.count;
	if (l->has_focus)
		memcpy(l->focus, l->shown.at[place].key, LIST_KEY_MAX);
}

/* The highest top that fills the screen. */
static size_t last_top(const struct list *l)
{
	size_t height = (size_t)l->height;
	return l->shown.count > height ? l->shown.count - height : 0;
}

/* Scrolls as little as needed to have the focus on the screen. */
static void keep_in_sight(struct list *l)
{
	size_t place = list_place(l), height = (size_t)l->height;
	if (l->top > last_top(l))
		l->top = last_top(l);
	if (place < l->top)
		l->top = place;
	else if (place >= l->top + height)
		l->top = place - height + 1;
}

void list_set_height(struct list *l, int lines)
{
	l->height = lines < 1 ? 1 : lines;
	keep_in_sight(l);
}

static bool is_marked(const struct list *l, const char *key)
{
	return entries_find(&l->marks, key) < l->marks.count;
}

static void fill_line(const struct list *l, size_t place, struct list_line *out)
{
	const struct entry *e = &l->shown.at[place];
	*out = (struct list_line){ e->key, e->version, e->row, e->row == LIST_NO_ROW,
		l->has_focus && strcmp(l->focus, e->key) == 0, is_marked(l, e->key) };
}

bool list_line_at(const struct list *l, int line, struct list_line *out)
{
	if (line < 0 || line >= l->height || l->top + (size_t)line >= l->shown.count)
		return false;
	fill_line(l, l->top + (size_t)line, out);
	return true;
}

/* --- refresh -------------------------------------------------------------------------------- */

static void take_rows(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules)
{
	entries_reserve(&l->all, count);
	entries_reserve(&l->latest, count);
	l->latest.count = 0;
	l->all.count = count;
	for (size_t i = 0; i < count; i++) {
		struct entry *e = &l->all.at[i];
		size_t n = strlen(rows[i].key);
		CHECK(n < LIST_KEY_MAX, "a key of a list is at most 63 bytes long");
		memcpy(e->key, rows[i].key, n + 1);
		e->version = rows[i].version;
		e->row = i;
		if (!rules || !rules->shows || rules->shows(rules->ctx, i))
			l->latest.at[l->latest.count++] = *e;
	}
	entries_index(&l->all);
}

static int compare_rows(const void *a, const void *b, void *ctx)
{
	const struct list_rules *rules = ctx;
	size_t x = ((const struct entry *)a)->row, y = ((const struct entry *)b)->row;
	int c = rules->order(rules->ctx, x, y);
	return c ? c : (x > y) - (x < y);
}

/* Where a vanished row belongs in the new order: behind the nearest row above it that is still
 * there. */
static size_t place_of_gone(const struct list *l, size_t old_place)
{
	for (size_t i = old_place; i-- > 0;) {
		size_t at = entries_find(&l->latest, l->shown.at[i].key);
		if (at < l->latest.count)
			return at + 1;
	}
	return 0;
}

/* Shows the latest order. The row in focus keeps its line where the list reaches so far. */
static void show_latest(struct list *l)
{
	size_t old_place = list_place(l);
	size_t line = old_place >= l->top ? old_place - l->top : 0;
	bool keep = l->has_focus && !l->follow && old_place < l->shown.count;
	if (l->refiltered) { /* from the first row on, as far as the focus allows */
		keep = keep && entries_find(&l->latest, l->focus) < l->latest.count;
		line = old_place + l->all.count;
	}
	l->refiltered = false;
	if (keep && entries_find(&l->latest, l->focus) == l->latest.count) {
		struct entry gone = l->shown.at[old_place];
		size_t place = place_of_gone(l, old_place);
		gone.row = LIST_NO_ROW;
		entries_copy(&l->shown, &l->latest);
		entries_insert(&l->shown, place, &gone);
	} else {
		entries_copy(&l->shown, &l->latest);
	}
	if (!keep)
		set_focus(l, 0);
	size_t place = list_place(l);
	l->top = place > line ? place - line : 0;
	keep_in_sight(l);
}

/* Held: the same lines in the same order, with what they say now. */
static void update_in_place(struct list *l)
{
	for (size_t i = 0; i < l->shown.count; i++) {
		struct entry *e = &l->shown.at[i];
		size_t at = entries_find(&l->latest, e->key);
		if (at == l->latest.count) {
			e->row = LIST_NO_ROW;
		} else {
			e->row = l->latest.at[at].row;
			e->version = l->latest.at[at].version;
		}
	}
}

static void refresh(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules, bool asked)
{
	take_rows(l, rows, count, rules);
	if (rules && rules->order && l->latest.count > 1) {
		struct list_rules copy = *rules;
		qsort_r(l->latest.at, l->latest.count, sizeof(struct entry), compare_rows, &copy);
	}
	entries_index(&l->latest);
	/* An empty list has no line that a hand could be on. */
	if (l->held && !asked && !l->refiltered && l->shown.count > 0)
		update_in_place(l);
	else
		show_latest(l);
}

void list_refresh(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules)
{
	refresh(l, rows, count, rules, false);
}

void list_rearrange(struct list *l, const struct list_row *rows, size_t count,
	const struct list_rules *rules)
{
	refresh(l, rows, count, rules, true);
}

void list_refilter(struct list *l)
{
	l->refiltered = true;
}

void list_hold(struct list *l, bool held)
{
	bool release = l->held && !held;
	l->held = held;
	if (release)
		show_latest(l);
}

bool list_held(const struct list *l)
{
	return l->held;
}

size_t list_waiting(const struct list *l)
{
	size_t fresh = 0, last = 0;
	bool moved = false;
	for (size_t i = 0; i < l->latest.count; i++) {
		size_t at = entries_find(&l->shown, l->latest.at[i].key);
		if (at == l->shown.count) {
			fresh++;
			continue;
		}
		moved = moved || at < last;
		last = at;
	}
	return fresh > 0 ? fresh : moved ? 1 : 0;
}

/* --- movement ------------------------------------------------------------------------------- */

/* Focus to a place; a gone row that is left goes away, unless lines are held still. */
static void go_to(struct list *l, size_t place)
{
	size_t old = list_place(l);
	l->follow = false;
	if (l->shown.count == 0)
		return;
	if (place >= l->shown.count)
		place = l->shown.count - 1;
	bool leaves_gone = !l->held && place != old && l->shown.at[old].row == LIST_NO_ROW;
	set_focus(l, place);
	if (leaves_gone) {
		entries_remove(&l->shown, old);
		if (old < l->top)
			l->top--;
	}
	keep_in_sight(l);
}

void list_move(struct list *l, int rows)
{
	size_t place = list_place(l);
	if (rows < 0)
		go_to(l, place > (size_t)-(int64_t)rows ? place - (size_t)-(int64_t)rows : 0);
	else
		go_to(l, place + (size_t)rows);
}

/* The picture moves by the same number of rows as the focus. */
static void scroll(struct list *l, int rows)
{
	int64_t top = (int64_t)l->top + rows;
	l->top = top < 0 ? 0 : (size_t)top;
	list_move(l, rows);
}

void list_page(struct list *l, int pages)
{
	scroll(l, pages * l->height);
}

void list_half(struct list *l, int halves)
{
	scroll(l, halves * (l->height > 1 ? l->height / 2 : 1));
}

void list_home(struct list *l)
{
	go_to(l, 0);
}

void list_end(struct list *l)
{
	go_to(l, l->shown.count);
}

bool list_focus(struct list *l, const char *key)
{
	size_t place = entries_find(&l->shown, key);
	if (place == l->shown.count)
		return false;
	go_to(l, place);
	return true;
}

bool list_seek(struct list *l, int dir, bool (*fn)(void *ctx, size_t row), void *ctx)
{
	size_t n = l->shown.count, place = list_place(l);
	for (size_t i = 1; i <= n; i++) {
		size_t at = (place + (dir < 0 ? n - i : i)) % n;
		if (l->shown.at[at].row == LIST_NO_ROW || !fn(ctx, l->shown.at[at].row))
			continue;
		go_to(l, at);
		return true;
	}
	return false;
}

void list_follow(struct list *l, bool on)
{
	if (on)
		go_to(l, 0);
	l->follow = on;
}

bool list_following(const struct list *l)
{
	return l->follow;
}

/* --- targets and marks ---------------------------------------------------------------------- */

bool list_target(const struct list *l, struct list_line *out)
{
	size_t place = l->has_focus ? entries_find(&l->shown, l->focus) : l->shown.count;
	if (place == l->shown.count || l->shown.at[place].row == LIST_NO_ROW)
		return false;
	fill_line(l, place, out);
	return true;
}

bool list_version(const struct list *l, const char *key, uint64_t *version)
{
	size_t at = entries_find(&l->all, key);
	if (at == l->all.count)
		return false;
	*version = l->all.at[at].version;
	return true;
}

void list_mark(struct list *l)
{
	struct list_line line;
	if (!list_target(l, &line))
		return;
	if (line.marked)
		entries_remove(&l->marks, entries_find(&l->marks, line.key));
	else
		entries_append(&l->marks, line.key);
}

void list_mark_all(struct list *l)
{
	size_t before = l->marks.count;
	for (size_t i = 0; i < l->shown.count; i++)
		if (l->shown.at[i].row != LIST_NO_ROW && !is_marked(l, l->shown.at[i].key))
			entries_append(&l->marks, l->shown.at[i].key);
	if (l->marks.count == before)
		list_mark_none(l);
}

void list_mark_none(struct list *l)
{
	l->marks.count = 0;
	entries_index(&l->marks);
}

size_t list_mark_count(const struct list *l)
{
	return l->marks.count;
}

const char *list_mark_key(const struct list *l, size_t i, bool *shown, bool *there)
{
	CHECK(i < l->marks.count, "a mark that was set");
	const char *key = l->marks.at[i].key;
	size_t at = entries_find(&l->shown, key);
	if (shown)
		*shown = at < l->shown.count && l->shown.at[at].row != LIST_NO_ROW;
	if (there)
		*there = entries_find(&l->all, key) < l->all.count;
	return key;
}
