/* One event being applied: queues and marks. See base/turn.h.
 *
 * Must remain true: whatever turn_rollback takes back leaves no trace in tables, signals, evidence
 * or ids, so the outcome of an event is the same whether or not something was tried in between. */
#include "base/turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/codec.h"

#define X(c, n) n,
const char *const NEWS_STATUS_NAMES[] = { NEWS_STATUS_LIST(X) NULL };
#undef X

#define REC_SELF struct news
REC_TYPE(NEWS_REC, 1, "news", NEWS_FIELDS)
#undef REC_SELF

void turn_begin(struct turn *t, struct tabs *tabs, struct arena *scratch, uint64_t number,
	int64_t stamp, const struct hash *seed)
{
	memset(t, 0, sizeof(*t));
	t->tabs = tabs;
	t->scratch = scratch;
	t->number = number;
	t->stamp = stamp;
	t->seed = *seed;
}

struct turn_mark turn_mark(const struct turn *t)
{
	return (struct turn_mark){ tab_mark(t->tabs), t->signal_count, t->evidence, t->ids, t->lines };
}

void turn_rollback(struct turn *t, struct turn_mark mark)
{
	CHECK(mark.signals >= t->signal_next, "a signal that was handled cannot be taken back");
	tab_rollback(t->tabs, mark.tabs);
	t->signal_count = mark.signals;
	t->evidence = mark.evidence;
	t->ids = mark.ids;
	t->lines = mark.lines;
}

void turn_id(struct turn *t, const char *kind, char out[ID_MAX])
{
	uint32_t n = t->ids++;
	uint8_t counter[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
	struct part parts[3] = { { t->seed.bytes, HASH_SIZE }, { counter, sizeof(counter) },
		{ kind, strlen(kind) } };
	struct hash digest = hash_parts(parts, 3);
	id_make(kind, t->stamp, &digest, out);
}

enum refusal turn_refuse(struct turn *t, enum refusal r, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	vsnprintf(t->detail, sizeof(t->detail), format, ap);
	va_end(ap);
	return r;
}

static const char *turn_text(struct turn *t, const char *text)
{
	return text && *text ? str_dup(t->scratch, str_of(text)) : "";
}

void turn_signal(struct turn *t, struct signal s)
{
	if (t->signal_count >= TURN_SIGNALS_MAX)
		return;
	if (t->signal_count == t->signal_cap) {
		size_t cap = t->signal_cap ? t->signal_cap * 2 : 16;
		struct signal *grown = arena_alloc(t->scratch, cap * sizeof(*grown));
		if (t->signal_count)
			memcpy(grown, t->signals, t->signal_count * sizeof(*grown));
		t->signals = grown;
		t->signal_cap = cap;
	}
	s.subject = turn_text(t, s.subject);
	s.deal = turn_text(t, s.deal);
	s.code = turn_text(t, s.code);
	s.text = turn_text(t, s.text);
	s.extra = turn_text(t, s.extra);
	t->signals[t->signal_count++] = s;
}

bool turn_overrun(const struct turn *t)
{
	return t->signal_count >= TURN_SIGNALS_MAX;
}

const struct signal *turn_next_signal(struct turn *t)
{
	return t->signal_next < t->signal_count ? &t->signals[t->signal_next++] : NULL;
}

const struct news *news_of(const struct tabs *s, uint64_t entry, const struct news *after)
{
	char prefix[STR_DIGITS_MAX];
	str_digits(prefix, (int64_t)entry, 10);
	str_path(prefix, sizeof(prefix), prefix, "");
	return after ? tab_prefix_after(s, &NEWS_REC, prefix, after) : tab_prefix_first(s, &NEWS_REC, prefix);
}

void turn_news(struct turn *t, enum news_status status, const char *who, const char *deal,
	const char *format, ...)
{
	struct news n;
	memset(&n, 0, sizeof(n));
	if (t->lines > 99)
		return;
	char entry[STR_DIGITS_MAX];
	str_digits(entry, (int64_t)t->number, 10);
	str_key(n.id, sizeof(n.id), entry, t->lines++, 2);
	n.at = t->stamp;
	str_copy(n.who, sizeof(n.who), str_of(who && *who ? who : t->actor));
	n.status = status;
	str_copy(n.kind, sizeof(n.kind), str_of(t->kind));
	str_copy(n.deal, sizeof(n.deal), str_of(deal));
	char text[512];
	va_list ap;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	str_copy(n.text, sizeof(n.text), str_of(text));
	tab_put(t->tabs, &NEWS_REC, &n);
}

enum err turn_json(struct turn *t, struct str text, const struct json **out, struct fault *fault)
{
	struct json *root;
	for (size_t i = 0; i < TURN_READS && i < t->read_count; i++)
		if (str_eq(t->reads[i].text, text)) {
			*out = t->reads[i].root;
			return ERR_OK;
		}
	enum err e = json_parse(t->scratch, text, &root, fault);
	if (e != ERR_OK)
		return e;
	struct str kept = { arena_copy(t->scratch, text.ptr, text.len), text.len }; /* the caller's may be gone or changed by then */
	t->reads[t->read_count++ % TURN_READS] = (struct turn_read){ kept, root };
	*out = root;
	return ERR_OK;
}

struct hash turn_evidence(struct turn *t, const char *kind, struct str bytes)
{
	struct evidence *e = arena_alloc(t->scratch, sizeof(*e));
	e->digest = hash_of(bytes.ptr, bytes.len);
	e->bytes = (struct str){ arena_copy(t->scratch, bytes.ptr, bytes.len), bytes.len };
	e->kind = turn_text(t, kind);
	e->next = t->evidence;
	t->evidence = e;
	return e->digest;
}
