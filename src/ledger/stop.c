/* The outflow stop of a funder. See ledger/stop.h.
 *
 * Must remain true: a stop is never deleted; it stands while lifted_at is zero. */
#include "ledger/stop.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

#define REC_SELF struct stop
REC_TYPE(STOP_REC, 61, "stop", STOP_FIELDS)
#undef REC_SELF

static const struct stop *stop_under(const struct tabs *s, const char *funder)
{
	char prefix[24];
	snprintf(prefix, sizeof(prefix), "%.15s/", funder);
	TAB_FOR(stop, p, s, &STOP_REC, prefix)
		if (!p->lifted_at)
			return p;
	return NULL;
}

const struct stop *stop_standing(const struct tabs *s, const char *funder)
{
	const struct stop *all = stop_under(s, STOP_EVERYBODY);
	return all || !funder[0] ? all : stop_under(s, funder);
}

enum refusal stop_check(struct turn *t, const char *funder)
{
	const struct stop *p = stop_standing(t->tabs, funder);
	if (!p)
		return REFUSED_NOT;
	return turn_refuse(t, REFUSED_OUTFLOW_STOPPED, "%s since entry %lld: %s", p->id, (long long)p->entry, p->why);
}

static char *stop_id(const char *funder, const char *cause, char id[48])
{
	snprintf(id, 48, "%.15s/%.23s", funder[0] ? funder : STOP_EVERYBODY, cause);
	return id;
}

bool stop_knows(const struct tabs *s, const char *funder, const char *cause, const char *figure)
{
	char id[48];
	const struct stop *p = tab_get(s, &STOP_REC, stop_id(funder, cause, id));
	struct str rest = str_of(p ? p->figures : "");
	while (rest.len)
		if (str_is(str_cut(&rest, ';'), figure))
			return true;
	return false;
}

/* Puts a figure behind the others, in place of what its name had; when there is no room the oldest, which stand first, go. */
static void figures_put(char figures[96], const char *figure)
{
	char kept[96];
	const char *equals = strrchr(figure, '='); /* a name may hold one itself: "=/HALVORSEN/EUR" */
	size_t name = equals ? (size_t)(equals - figure) + 1 : 0, need = strlen(figure) + 1, len = 0, from = 0;
	struct str rest = str_of(figures);
	if (!name || need >= sizeof(kept))
		return;
	while (rest.len) {
		struct str one = str_cut(&rest, ';');
		if (one.len >= name && memcmp(one.ptr, figure, name) == 0)
			continue;
		memcpy(kept + len, one.ptr, one.len);
		kept[len + one.len] = ';';
		len += one.len + 1;
	}
	while (len - from + need >= sizeof(kept))
		from += strcspn(kept + from, ";") + 1;
	snprintf(figures, 96, "%.*s%s;", (int)(len - from), kept + from, figure);
}

void stop_set(struct turn *t, const char *funder, const char *cause, const char *why, const char *figure)
{
	struct stop p;
	char id[48];
	CHECK(cause[0] && !strchr(cause, '/') && strlen(cause) < sizeof(p.cause), "a stop has a cause that makes a key");
	stop_id(funder, cause, id);
	const struct stop *found = tab_get(t->tabs, &STOP_REC, id);
	memset(&p, 0, sizeof(p));
	if (found && !found->lifted_at) {
		p = *found;
		p.count++;
		p.told_at = t->stamp;
		str_copy(p.why, sizeof(p.why), str_of(why));
		figures_put(p.figures, figure);
		tab_put(t->tabs, &STOP_REC, &p);
		return;
	}
	if (found)
		memcpy(p.figures, found->figures, sizeof(p.figures));
	figures_put(p.figures, figure);
	str_copy(p.id, sizeof(p.id), str_of(id));
	snprintf(p.funder, sizeof(p.funder), "%.15s", funder[0] ? funder : STOP_EVERYBODY);
	snprintf(p.cause, sizeof(p.cause), "%s", cause);
	str_copy(p.why, sizeof(p.why), str_of(why));
	p.set_at = p.told_at = t->stamp;
	p.entry = (int64_t)t->number;
	p.count = 1;
	tab_put(t->tabs, &STOP_REC, &p);
	turn_news(t, NEWS_DANGER, "engine", "", "outflow of %s stopped, %s: %s", funder[0] ? funder : "everybody", cause, why);
	turn_signal(t, (struct signal){ .kind = SIGNAL_EVENT, .subject = p.id, .code = "outflow-stopped", .text = why });
}

enum refusal stop_lift(struct turn *t, const char *id, const char *by, const char *second, const char *reason)
{
	const struct stop *found = tab_get(t->tabs, &STOP_REC, id);
	if (!found || found->lifted_at)
		return turn_refuse(t, REFUSED_VALUE, "no stop \"%s\" stands", id);
	if (!reason[0])
		return turn_refuse(t, REFUSED_REASON_MISSING, "a stop is lifted for a reason");
	struct stop p = *found;
	p.lifted_at = t->stamp;
	str_copy(p.lifted_by, sizeof(p.lifted_by), str_of(by));
	str_copy(p.second, sizeof(p.second), str_of(second));
	str_copy(p.reason, sizeof(p.reason), str_of(reason));
	tab_put(t->tabs, &STOP_REC, &p);
	turn_news(t, NEWS_OK, "", "", "stop %s lifted by %s and %s: %s", id, by, second, reason);
	return REFUSED_NOT;
}
