/* Messages that came before anything waited for them (see INBOX_REC in workflow/state.h).
 *
 * What must remain true: of one deal and name the oldest is taken first, each once; none outlives
 * fourteen days of ledger time once another message of its deal comes. */
#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "run_int.h"

#define KEPT (14 * INSTANT_DAY)

static void inbox_purge(struct turn *t, const char *deal)
{
	char prefix[40], key[REC_KEY_MAX] = "";
	snprintf(prefix, sizeof(prefix), "%s/", deal);
	for (const struct inbox *m = tab_prefix_first(t->tabs, &INBOX_REC, prefix); m;
	     m = tab_prefix_next(t->tabs, &INBOX_REC, prefix, key)) {
		snprintf(key, sizeof(key), "%s", m->id);
		if (m->at < t->stamp - KEPT)
			tab_delete(t->tabs, &INBOX_REC, key);
	}
}

void inbox_put(struct turn *t, const char *name, const char *deal, struct str data)
{
	struct inbox m = { .at = t->stamp };
	unsigned long long number = t->number * 100;
	inbox_purge(t, deal);
	str_copy(m.deal, sizeof(m.deal), str_of(deal));
	str_copy(m.name, sizeof(m.name), str_of(name));
	do
		snprintf(m.id, sizeof(m.id), "%s/%s/%012llu", m.deal, m.name, number++);
	while (tab_get(t->tabs, &INBOX_REC, m.id));
	m.data = blob_in(t->scratch, data.ptr, data.len);
	tab_put(t->tabs, &INBOX_REC, &m);
}

bool inbox_take(struct turn *t, const char *name, const char *deal, struct str *data)
{
	char prefix[80];
	snprintf(prefix, sizeof(prefix), "%.31s/%.31s/", deal, name);
	TAB_FOR(inbox, m, t->tabs, &INBOX_REC, prefix) {
		if (m->at < t->stamp - KEPT || strcmp(m->name, name) != 0)
			continue;
		struct str kept = blob_str(m->data);
		data->ptr = arena_copy(t->scratch, kept.ptr, kept.len + 1);
		data->len = kept.len;
		char key[REC_KEY_MAX];
		snprintf(key, sizeof(key), "%s", m->id);
		tab_delete(t->tabs, &INBOX_REC, key);
		return true;
	}
	return false;
}
