/* Timers as state (see workflow/runtime.h).
 *
 * What must remain true: the first record of the table is the next due unless its key starts with
 * 'p'; one owner has one timer for a node; due times are not before 1970, so that the key, sixteen digits,
 * sorts like the number. */
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/instant.h"
#include "workflow/runtime.h"

#define PAUSED "paused"
#define DUE_MAX INT64_C(9999999999999999) /* sixteen digits: the year 2286 */

static void timer_key(const struct timer *x, char out[REC_KEY_MAX])
{
	char head[STR_DIGITS_MAX] = PAUSED;
	if (!x->paused)
		str_digits(head, x->due, 16);
	char whole[sizeof(head) + sizeof(x->owner) + sizeof(x->node) + 2];
	str_path(whole, sizeof(whole), head, x->owner);
	if (x->node[0])
		str_path(whole, sizeof(whole), whole, x->node);
	if (strlen(whole) < REC_KEY_MAX) {
		memcpy(out, whole, strlen(whole) + 1);
		return;
	}
	/* too long a pair of names: its digest stands for the node */
	struct hash h = hash_of(x->node, strlen(x->node));
	char hex[17];
	snprintf(out, REC_KEY_MAX, "%s/%s/%s", head, x->owner, hex_of(h.bytes, 6, hex));
}

static void timer_put(struct turn *t, struct timer *x)
{
	timer_key(x, x->id);
	tab_put(t->tabs, &TIMER_REC, x);
}

static struct timer timer_make(int64_t due, const char *kind, const char *owner, const char *node, const char *deal)
{
	struct timer x = { .due = due < 0 ? 0 : due > DUE_MAX ? DUE_MAX : due };
	bool fits = str_copy(x.owner, sizeof(x.owner), str_of(owner));
	fits = str_copy(x.node, sizeof(x.node), str_of(node)) && fits;
	fits = str_copy(x.kind, sizeof(x.kind), str_of(kind)) && fits;
	fits = str_copy(x.deal, sizeof(x.deal), str_of(deal)) && fits;
	CHECK(fits, "a timer's kind, owner, node and deal fit their fields");
	return x;
}

void timer_add(struct turn *t, int64_t due, const char *kind, const char *owner, const char *node,
	const char *deal)
{
	struct timer x = timer_make(due, kind, owner, node, deal);
	timer_put(t, &x);
}

void timer_set(struct turn *t, int64_t due, const char *kind, const char *owner, const char *node,
	const char *deal)
{
	struct timer x = timer_make(due, kind, owner, node, deal); /* owner may lie in the timer that goes */
	timer_clear(t, x.owner, x.node);
	timer_put(t, &x);
}

void timer_clear(struct turn *t, const char *owner, const char *node)
{
	char key[REC_KEY_MAX] = "", whose[sizeof(((struct timer *)0)->owner)]; /* owner may lie in the record that goes */
	snprintf(whose, sizeof(whose), "%s", owner);
	for (const struct timer *x; (x = tab_by(t->tabs, &TIMER_REC, whose, key));) {
		snprintf(key, sizeof(key), "%s", x->id);
		if (node && strcmp(x->node, node) != 0)
			continue;
		tab_delete(t->tabs, &TIMER_REC, key);
		if (node)
			return; /* there is one at most */
	}
}

bool timer_drop(struct turn *t, const char *id)
{
	char key[REC_KEY_MAX]; /* id may lie in the record that goes */
	snprintf(key, sizeof(key), "%s", id);
	return tab_delete(t->tabs, &TIMER_REC, key);
}

const struct timer *timer_next(const struct tabs *s)
{
	const struct timer *x = tab_first(s, &TIMER_REC, "");
	return x && !x->paused ? x : NULL;
}

void timer_pause(struct turn *t, const char *id)
{
	const struct timer *found = tab_get(t->tabs, &TIMER_REC, id);
	if (!found || found->paused)
		return;
	struct timer x = *found;
	timer_drop(t, id);
	x.due = x.due > t->stamp ? x.due - t->stamp : 0;
	x.paused = 1;
	timer_put(t, &x);
}

void timer_resume(struct turn *t, const char *id)
{
	const struct timer *found = tab_get(t->tabs, &TIMER_REC, id);
	if (!found || !found->paused)
		return;
	struct timer x = *found;
	timer_drop(t, id);
	x.due = x.due > DUE_MAX - t->stamp ? DUE_MAX : x.due + t->stamp;
	x.paused = 0;
	timer_put(t, &x);
}
